//! A unit that writes and submits while the service is killed, and while its disk is full: what was answered is
//! there, what was not is there whole or not at all, and nothing happens twice.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nianbao::accounts::Role;
use nianbao::collections::SubmissionPlace;
use nianbao::collections::drafts::DraftPlace;
use nianbao::database::DatabasePlace;
use nianbao_office::Office;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::drafts::{collection, session, whole};
use crate::faults::Disk;
use crate::http::Served;
use crate::workbench::files_in;

/// How often the service is killed.
const KILLS: u64 = 20;

/// A unit's writer at a program.
struct Writer {
    address: String,
    cookie: String,
    /// Where the unit's part is.
    place: String,
}

/// What was answered with success.
#[derive(Default)]
struct Acknowledged {
    /// The trees of revisions.
    saves: Vec<(i64, Value)>,
    versions: Vec<i64>,
}

impl Writer {
    /// The status and the content; None where the service went away.
    fn ask(&self, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(120))).ok()?;
        let head = format!(
            "{method} /api{}{path} HTTP/1.1\r\nHost: localhost\r\nCookie: {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.place,
            self.cookie,
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
        let status = std::str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()?;
        Some((status, serde_json::from_slice(&answer[end..]).ok()?))
    }

    /// Saves, submits and withdraws until the service goes away.
    fn works(&self, said: &mut Acknowledged, number: &AtomicUsize) {
        while self.goes_round(said, number.fetch_add(1, Ordering::SeqCst)).is_some() {}
    }

    fn goes_round(&self, said: &mut Acknowledged, number: usize) -> Option<()> {
        let (_, now) = self.ask("GET", "", &Value::Null)?;
        if now["submission"]["state"] == "awaiting_review" {
            let withdrawn = self.ask("POST", "/moves", &json!({ "step": "withdraw", "reason": "再改" }))?;
            assert_eq!(withdrawn.0, 200, "{}", withdrawn.1);
        }
        let (status, draft) = self.ask("GET", "/draft", &Value::Null)?;
        assert_eq!(status, 200, "{draft}");
        let mut tree = whole();
        tree["notes"] = json!(format!("第{number}次写的"));
        let save = json!({ "base": draft["revision"], "key": format!("k{number}"), "tree": tree });
        let (status, saved) = self.ask("PUT", "/draft", &save)?;
        assert_eq!(status, 200, "{saved}");
        said.saves.push((saved["revision"].as_i64().unwrap(), saved["tree"].clone()));
        let base = &now["submission"]["last_version"];
        let (status, version) =
            self.ask("POST", &format!("/versions?base={base}&reason=x"), &saved["tree"])?;
        assert_eq!(status, 201, "{version}");
        said.versions.push(version["number"].as_i64().unwrap());
        Some(())
    }
}

async fn office(data: &Path) -> Office {
    std::fs::create_dir_all(data).unwrap();
    Office::open(&DatabasePlace::File(data.join("nianbao.db"))).await.unwrap()
}

/// A service's writer of the first unit, and the collection.
async fn writer(office: &Office) -> (Writer, String) {
    let collection = collection(office).await;
    let cookie = format!("nianbao={}", session(office, "甲某", Role::Writer, &["A1"]).await);
    let place = format!("/collections/{collection}/units/A1");
    (Writer { address: String::new(), cookie, place }, collection)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_killed_while_a_unit_submits_loses_nothing_that_it_answered() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(&folder.path().join("data")).await;
    let (mut writer, collection) = writer(&office).await;
    let (mut said, number) = (Acknowledged::default(), AtomicUsize::new(0));
    let mut seed = 7_u64;
    for run in 0..KILLS {
        let served = Served::start(folder.path(), &["--accounts"]);
        writer.address.clone_from(&served.address);
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Its first round makes the workers ready, which takes longest.
        let moment = Duration::from_millis((seed >> 33) % if run.is_multiple_of(4) { 4000 } else { 800 });
        thread::scope(|scope| {
            let begun = number.load(Ordering::SeqCst);
            let working = scope.spawn(|| writer.works(&mut said, &number));
            while number.load(Ordering::SeqCst) == begun {
                thread::sleep(Duration::from_millis(1));
            }
            thread::sleep(moment);
            served.kill();
            working.join().unwrap();
        });
    }
    // And one that is let.
    let served = Served::start(folder.path(), &["--accounts"]);
    writer.address.clone_from(&served.address);
    assert!(writer.goes_round(&mut said, number.load(Ordering::SeqCst)).is_some());
    assert!(said.saves.len() >= 5 && !said.versions.is_empty(), "something was answered");

    let draft = DraftPlace { collection: &collection, unit: "A1" };
    for (revision, tree) in &said.saves {
        assert_eq!(&office.drafts.revision(draft, *revision).await.unwrap(), tree, "revision {revision}");
    }
    let place = SubmissionPlace { collection: &collection, unit: "A1" };
    let versions = office.collections.versions(&place).await.unwrap();
    let numbers: Vec<i64> = versions.iter().map(|version| version.number).collect();
    let last = office.collections.submission(&place).await.unwrap().last_version;
    assert_eq!(numbers, (1..=last).collect::<Vec<_>>(), "each version once");
    assert!(said.versions.iter().all(|version| numbers.contains(version)), "{:?}", said.versions);
    for version in &versions {
        let input = office.collections.input(&place, version.number).await.unwrap();
        assert_eq!(hex::encode(Sha256::digest(&input)), version.digest, "version {}", version.number);
        for part in ["public", "input"] {
            let path = format!("/collections/{collection}/units/A1/versions/{}/{part}", version.number);
            let (head, body) = page(&served, &writer.cookie, &path);
            assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
            if part == "public" {
                let kept = version.files.public.as_ref().expect("the pages of a version");
                assert_eq!(hex::encode(Sha256::digest(&body)), kept.sha256, "{path}");
            }
        }
    }
    // Each state comes of the one before, and each version was submitted once.
    let history = office.collections.history(&place).await.unwrap();
    let moves: Vec<_> =
        history.iter().filter_map(|event| event.from.as_ref().zip(event.to.as_ref())).collect();
    assert!(moves.windows(2).all(|two| two[0].1 == two[1].0), "{moves:#?}");
    let submitted = history.iter().filter(|event| event.act == "submitted").filter_map(|event| event.version);
    assert_eq!(submitted.collect::<Vec<_>>(), numbers);
    assert!(office.record.verify(None).await.unwrap().is_sound());

    served.terminate();
    served.ended();
    nothing_is_left_over(folder.path(), &office, &collection, &place).await;
}

/// The files in which a run was killed are gone when they have lain there for a day, and no other.
async fn nothing_is_left_over(folder: &Path, office: &Office, collection: &str, place: &SubmissionPlace<'_>) {
    let store = folder.join("data/store");
    let own = store.join("collections").join(collection).join(place.unit);
    let named = office.collections.file_places(collection).await.unwrap();
    let named: BTreeSet<PathBuf> = named.iter().map(|place| store.join(place)).collect();
    assert!(!named.is_empty() && named.iter().all(|file| file.is_file()), "{named:?}");
    // Some in which a run is killed for certain: before the version, and while the file is written.
    for name in ["0000.pdf", "1111.pdf#2"] {
        std::fs::write(own.join(name), "%PDF-1.7").unwrap();
    }
    let unknown = store.join("collections/01ARZ3NDEKTSV4RRFFQ69G5FAV/A1/0000.pdf");
    std::fs::create_dir_all(unknown.parent().unwrap()).unwrap();
    std::fs::write(&unknown, "%PDF-1.7").unwrap();
    #[expect(clippy::disallowed_methods, reason = "files of two days ago are wanted")]
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(2 * 24 * 60 * 60);
    for file in files_in(&own).into_iter().chain([unknown.clone()]) {
        std::fs::File::options().write(true).open(file).unwrap().set_modified(long_ago).unwrap();
    }
    // And one that comes just now.
    let new = own.join("2222.pdf");
    std::fs::write(&new, "%PDF-1.7").unwrap();
    let left: BTreeSet<PathBuf> = named.iter().cloned().chain([new]).collect();

    let served = Served::start(folder, &["--accounts"]);
    let since = Instant::now();
    while files_in(&own).into_iter().collect::<BTreeSet<_>>() != left {
        assert!(since.elapsed() < Duration::from_secs(120), "{:?}", files_in(&own));
        thread::sleep(Duration::from_millis(20));
    }
    assert!(unknown.is_file(), "what another database may know stays");
    drop(served);
}

fn page(served: &Served, cookie: &str, path: &str) -> (String, Vec<u8>) {
    let mut stream = served.open();
    let head =
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    crate::http::answer_of(stream)
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "that a test was skipped must be seen")]
async fn a_disk_that_is_full_takes_nothing_by_halves_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(folder.path().join("data"), "16m") else {
        println!("skipped: no file system can be mounted here, so none can be filled");
        return;
    };
    let office = office(&folder.path().join("data")).await;
    let (mut writer, collection) = writer(&office).await;
    let served = Served::start(folder.path(), &["--accounts"]);
    writer.address.clone_from(&served.address);
    let (_, draft) = writer.ask("GET", "/draft", &Value::Null).unwrap();
    let mut long = whole();
    long["notes"] = json!("字".repeat(100_000));
    let save = |key: &str, base: &Value, tree: &Value| json!({ "base": base, "key": key, "tree": tree });
    let (status, saved) = writer.ask("PUT", "/draft", &save("a", &draft["revision"], &whole())).unwrap();
    assert_eq!(status, 200, "{saved}");

    disk.fill();
    // What the database holds in reserve it may still use up.
    let since = Instant::now();
    let (mut said, mut taken, mut base) = (Value::Null, vec![], saved["revision"].clone());
    for number in 0.. {
        assert!(since.elapsed() < Duration::from_secs(60), "it never says that the disk is full");
        long["title"] = json!(format!("第{number}次"));
        let key = format!("b{number}");
        let (status, answer) = writer.ask("PUT", "/draft", &save(&key, &base, &long)).unwrap();
        if status != 200 {
            assert_eq!(status, 507, "{answer}");
            said = answer;
            break;
        }
        base = answer["revision"].clone();
        taken.push((answer["revision"].as_i64().unwrap(), answer["tree"].clone()));
        disk.fill();
    }
    assert!(said["message"].as_str().unwrap().contains("磁盘已满"), "{said}");
    let (status, refused) = writer.ask("POST", "/versions?base=0&reason=x", &whole()).unwrap();
    assert_eq!(status, 507, "{refused}");
    assert!(refused["message"].as_str().unwrap().contains("磁盘已满"), "{refused}");

    disk.free();
    let (_, now) = writer.ask("GET", "", &Value::Null).unwrap();
    assert_eq!((&now["submission"]["state"], &now["versions"]), (&json!("writing"), &json!([])), "{now}");
    let place = DraftPlace { collection: &collection, unit: "A1" };
    for (revision, tree) in &taken {
        assert_eq!(&office.drafts.revision(place, *revision).await.unwrap(), tree, "revision {revision}");
    }
    let (_, draft) = writer.ask("GET", "/draft", &Value::Null).unwrap();
    let kept = taken.last().map_or(saved["revision"].as_i64().unwrap(), |last| last.0);
    assert_eq!(draft["revision"], kept, "what was refused is not there");
    let (status, again) = writer.ask("PUT", "/draft", &save("c", &draft["revision"], &whole())).unwrap();
    assert_eq!(status, 200, "{again}");
    let (status, version) = writer.ask("POST", "/versions?base=0&reason=x", &whole()).unwrap();
    assert_eq!(status, 201, "{version}");
    assert!(office.record.verify(None).await.unwrap().is_sound());
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_of_a_million_characters_are_refused_and_leave_no_trace_in_memory() {
    const MIB: u64 = 1 << 20;
    let folder = tempfile::tempdir().unwrap();
    let office = office(&folder.path().join("data")).await;
    let (mut writer, _) = writer(&office).await;
    let served = Served::start(folder.path(), &["--accounts"]);
    writer.address.clone_from(&served.address);
    assert!(writer.goes_round(&mut Acknowledged::default(), 0).is_some());
    let cookie = format!("nianbao={}", session(&office, "审核人", Role::Reviewer, &[]).await);
    let reviewer = Writer { cookie, ..writer };
    let comments = "/versions/1/comments";
    let before = served.resident();
    let long = json!({ "text": "字".repeat(1_000_000) });
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let (status, said) = reviewer.ask("POST", comments, &long).unwrap();
                    assert_eq!(status, 422, "{said}");
                    assert!(said["message"].as_str().unwrap().contains("4000"), "{said}");
                }
            });
        }
    });
    let after = served.resident();
    assert!(after < before + 128 * MIB, "{} MiB, then {} MiB", before / MIB, after / MIB);
    let (status, made) = reviewer.ask("POST", comments, &json!({ "text": "短的" })).unwrap();
    assert_eq!(status, 201, "{made}");
    let (_, now) = reviewer.ask("GET", "", &Value::Null).unwrap();
    assert_eq!(now["comment_count"], 1);
}
