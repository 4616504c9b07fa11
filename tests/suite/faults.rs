//! What goes wrong around a batch and heals: a full disk, a database or a store that is away or held by
//! another, results that are lost or changed, a clock set back. Every batch ends, complete or with its
//! failures named, and nobody has to lend a hand.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use nianbao::jobs::{self, MAX_UPLOADED, StorePlace};
use nianbao::workers::Limits;
use serde_json::Value;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use zip::ZipArchive;

use crate::batch::{batch, report, said, unpacked};
use crate::batches::{PATIENCE, Service, by_command, reports, zip_of};
use crate::bucket::Bucket;
use crate::http::{Answer, Served, ask, assert_said, get, post, request};
use crate::postgres::Postgres;
use crate::workbench::{files_in, installation, minimal};

/// Waits for what must come.
fn wait_for(what: &str, mut has_come: impl FnMut() -> bool) {
    let since = Instant::now();
    while !has_come() {
        assert!(since.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(100));
    }
}

/// What a service says of its being ready: the status and the message.
fn readiness(served: &Served) -> (u16, String) {
    let (head, body) = served.ask("GET", "/health/ready", "", b"");
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let said: Value = serde_json::from_slice(&body).unwrap();
    (status, said["message"].as_str().unwrap_or_default().to_owned())
}

async fn database(data: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(data.join("nianbao.db"));
    let options = options.busy_timeout(Duration::from_secs(60));
    SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap()
}

/// Where the results of a batch lie that a folder holds.
fn shelf(data: &Path, place: &str) -> PathBuf {
    data.join("store").join(place.trim_start_matches("/api/"))
}

fn with_ending(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let is_one = |path: &PathBuf| path.extension().is_some_and(|extension| extension == ending);
    files_in(folder).into_iter().filter(is_one).collect()
}

fn spoil(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// A disk of its own, gone with the test.
pub struct Disk(PathBuf);

impl Disk {
    pub fn mount(at: PathBuf, size: &str) -> Option<Self> {
        fs::create_dir_all(&at).unwrap();
        let options = format!("size={size},mode=0700");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&at).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(at))
    }

    /// Leaves no byte of it free.
    pub fn fill(&self) {
        let mut filler =
            fs::OpenOptions::new().append(true).create(true).open(self.0.join("filler")).unwrap();
        while filler.write_all(&[0; 512]).is_ok() {}
    }

    /// Gives back what was filled.
    pub fn free(&self) {
        fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "that a test was skipped must be seen")]
fn a_disk_that_was_full_and_has_room_again() {
    const UNITS: usize = 30;
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(folder.path().join("data"), "12m") else {
        println!("skipped: no file system can be mounted here, so none can be filled");
        return;
    };
    let zip = reports(UNITS, Some(7));
    for done in [1, 9, 17] {
        let served = Served::start(folder.path(), &["--heartbeat", "1"]);
        let place = served.begin(&zip);
        served.wait(&place, done);
        disk.fill();
        wait_for("it says that the disk is full", || {
            disk.fill();
            let (status, message) = readiness(&served);
            status == 503 && message.contains("磁盘已满")
        });
        let (head, body) = served.ask("POST", "/api/batches", "application/zip", &reports(40, None));
        let answer = String::from_utf8_lossy(&body).into_owned();
        assert!(head.starts_with("HTTP/1.1 507") && answer.contains("磁盘已满"), "{head}{answer}");
        assert!(head.to_lowercase().contains("retry-after"), "{head}");
        // Long enough for statements to fail in each of its connections.
        for _ in 0..40 {
            disk.fill();
            thread::sleep(Duration::from_millis(100));
        }
        disk.free();
        assert!(served.archive(&place) == by_command(&zip), "the same archive, filled after {done}");
        wait_for("it is ready again", || readiness(&served).0 == 200);
        served.ask("DELETE", &place, "", b"");
        served.kill();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_another_program_holds() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &["--heartbeat", "1"]);
    let zip = reports(30, None);
    let place = served.begin(&zip);
    served.wait(&place, 3);
    let other = database(&folder.path().join("data")).await;
    let mut held = other.acquire().await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut *held).await.unwrap();
    wait_for("it says that the database is held", || {
        let (status, message) = readiness(&served);
        status == 503 && message.contains("数据库")
    });
    // Longer than any statement waits.
    thread::sleep(Duration::from_secs(40));
    sqlx::query("ROLLBACK").execute(&mut *held).await.unwrap();
    assert!(served.archive(&place) == by_command(&zip), "the same archive");
    wait_for("it is ready again", || readiness(&served).0 == 200);
}

#[test]
fn a_database_server_that_is_restarted_in_the_middle() {
    let mut postgres = Postgres::start();
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &["--database", &postgres.url("postgres"), "--heartbeat", "1"]);
    let zip = reports(40, Some(7));
    let place = served.begin(&zip);
    served.wait(&place, 5);
    postgres.stop();
    wait_for("it says that the database is away", || {
        let (status, message) = readiness(&served);
        status == 503 && message.contains("数据库")
    });
    // People are told on a page, whatever they wanted.
    let page = place.trim_start_matches("/api");
    const BUTTON: &str = "application/x-www-form-urlencoded";
    for (method, path, body) in [("GET", "/batches", ""), ("GET", page, ""), ("POST", page, "_do=delete")] {
        let (head, body) = served.ask(method, path, BUTTON, body.as_bytes());
        let (head, text) = (head.to_lowercase(), String::from_utf8_lossy(&body).into_owned());
        assert!(
            head.starts_with("http/1.1 503") && head.contains("retry-after: 10"),
            "{method} {path}: {head}"
        );
        assert!(text.contains("<html lang=\"zh-CN\">") && text.contains("数据库暂时用不了"), "{head}{text}");
    }
    postgres.go_on();
    assert!(served.archive(&place) == by_command(&zip), "the same archive");
    wait_for("it is ready again", || readiness(&served).0 == 200);
}

#[test]
fn a_store_that_is_away_for_a_while() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &["--store", "shelf"]);
    let zip = reports(30, None);
    let place = served.begin(&zip);
    served.wait(&place, 3);
    let (shelf, aside) = (folder.path().join("shelf"), folder.path().join("aside"));
    for is_in_its_place in [false, true] {
        fs::rename(&shelf, &aside).unwrap();
        if is_in_its_place {
            // Whoever was about to write has made it anew, and takes that back.
            wait_for("a file in its place", || {
                let _ = fs::remove_dir(&shelf);
                fs::write(&shelf, "").is_ok()
            });
        }
        wait_for("it says that the store is away", || {
            let (status, message) = readiness(&served);
            status == 503 && message.contains("存放成果的地方")
        });
        let (head, body) = served.ask("POST", "/api/batches", "application/zip", &reports(1, None));
        let answer = String::from_utf8_lossy(&body).into_owned();
        assert!(head.starts_with("HTTP/1.1 503") && answer.contains("存放成果的地方"), "{head}{answer}");
        thread::sleep(Duration::from_secs(2));
        if is_in_its_place {
            fs::remove_file(&shelf).unwrap();
        }
        // Nobody has made another in its place.
        fs::rename(&aside, &shelf).unwrap();
        wait_for("it is ready again", || readiness(&served).0 == 200);
    }
    assert!(served.archive(&place) == by_command(&zip), "the same archive");
    assert_eq!(readiness(&served).0, 200);
}

/// Whoever asks without end is answered from memory.
#[tokio::test(flavor = "multi_thread")]
async fn being_ready_costs_the_database_little() {
    let service = Service::idle(installation(), Limits::default(), |_| {}).await;
    let data = service.folder.path().join("data");
    let other = database(&data).await;
    let mut held = other.acquire().await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut *held).await.unwrap();
    let since = Instant::now();
    let asked = (0..40).map(|_| get(&service.router, "/health/ready"));
    let answers: Vec<Answer> = futures_util::future::join_all(asked).await;
    let one = answers.iter().filter(|answer| answer.status == StatusCode::SERVICE_UNAVAILABLE).count();
    assert!(one >= 1, "the line of presses may be full for some");
    // Each on its own would have taken a second.
    assert!(since.elapsed() < Duration::from_secs(20), "{:?}", since.elapsed());
    sqlx::query("ROLLBACK").execute(&mut *held).await.unwrap();
}

/// The archive of a batch, once it is there again. Meanwhile it is said that it is made.
async fn fetched(service: &Service, place: &str) -> Vec<u8> {
    let since = Instant::now();
    loop {
        let answer = get(&service.router, &format!("{place}/result.zip")).await;
        if answer.status == StatusCode::OK {
            return answer.body;
        }
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.text());
        assert_said(&answer);
        assert!(answer.text().contains("正在重新生成"), "{}", answer.text());
        assert!(!answer.header("retry-after").is_empty());
        assert!(since.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_is_lost_or_changed_is_made_again() {
    let service = Service::start().await;
    let data = service.folder.path().join("data");
    let zip = reports(6, Some(2));
    let place = service.begin(&zip).await;
    let right = by_command(&zip);
    service.ended(&place).await;
    assert!(fetched(&service, &place).await == right);
    let shelf = shelf(&data, &place);
    let archive = || with_ending(&shelf, "zip").into_iter().find(|path| path.ends_with("result-1.zip"));
    let harms: [(&str, &dyn Fn()); 8] = [
        ("lost", &|| fs::remove_file(archive().unwrap()).unwrap()),
        ("changed", &|| spoil(&archive().unwrap())),
        ("cut short", &|| {
            File::options().write(true).open(archive().unwrap()).unwrap().set_len(100).unwrap()
        }),
        ("empty", &|| fs::write(archive().unwrap(), "").unwrap()),
        ("lost with a file and a record", &|| {
            fs::remove_file(archive().unwrap()).unwrap();
            fs::remove_file(&with_ending(&shelf.join("units"), "pdf")[0]).unwrap();
            fs::remove_file(&with_ending(&shelf.join("units"), "json")[1]).unwrap();
        }),
        ("lost, and files changed", &|| {
            fs::remove_file(archive().unwrap()).unwrap();
            with_ending(&shelf.join("units"), "pdf").iter().take(3).for_each(|path| spoil(path));
        }),
        ("lost, and letters of records changed", &|| {
            fs::remove_file(archive().unwrap()).unwrap();
            let records = with_ending(&shelf.join("units"), "json");
            for path in &records[..3] {
                let record = fs::read_to_string(path).unwrap();
                fs::write(path, record.replace("2024", "2023")).unwrap();
            }
            // One in another's place.
            fs::copy(&records[3], &records[4]).unwrap();
        }),
        ("lost, and records of another form", &|| {
            fs::remove_file(archive().unwrap()).unwrap();
            let records = with_ending(&shelf.join("units"), "json");
            fs::write(&records[0], "{\"told\": \"by another version\"}").unwrap();
            fs::write(&records[1], "{\"unit\": ").unwrap();
            fs::write(&records[2], [0xFF, 0xFE, 0]).unwrap();
            fs::write(&records[3], "").unwrap();
        }),
    ];
    for (harm, does_harm) in harms {
        does_harm();
        assert!(fetched(&service, &place).await == right, "{harm}: the same bytes");
        assert_eq!(service.ended(&place).await["counts"]["failed"], 1, "{harm}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_upload_is_gone_ends_with_a_reason() {
    let service = Service::idle(installation(), Limits::default(), |_| {}).await;
    let data = service.folder.path().join("data");
    let zip = reports(3, None);
    let upload = |place: &str| shelf(&data, place).join("upload.zip");
    let lost = service.begin(&zip).await;
    fs::remove_file(upload(&lost)).unwrap();
    let changed = service.begin(&reports(4, None)).await;
    spoil(&upload(&changed));
    let kept = service.begin(&reports(5, None)).await;
    // One that waits is told of where it is looked at.
    let answer = post(&service.router, "/api/batches?start=false", "application/zip", zip.clone()).await;
    let waiting = answer.header("location").to_owned();
    fs::remove_file(upload(&waiting)).unwrap();
    let looked = get(&service.router, &format!("{waiting}/units")).await;
    assert_eq!(looked.status, StatusCode::CONFLICT, "{}", looked.text());
    assert_said(&looked);
    let page = get(&service.router, waiting.trim_start_matches("/api")).await;
    assert!(page.status == StatusCode::OK && page.text().contains("请重新上传"), "{}", page.text());

    tokio::spawn(service.jobs.clone().work());
    for place in [&lost, &changed, &waiting] {
        let progress = service.ended(place).await;
        assert_eq!(progress["state"], "cancelled", "{progress:#}");
        assert!(progress["reason"].as_str().unwrap().contains("请重新上传"), "{progress:#}");
    }
    assert_eq!(service.ended(&kept).await["state"], "completed");
    // One that had ended well, and of which nothing is left.
    let shelf = shelf(&data, &kept);
    fs::remove_dir_all(&shelf).unwrap();
    let again = get(&service.router, &format!("{kept}/result.zip")).await;
    assert_eq!(again.status, StatusCode::SERVICE_UNAVAILABLE, "{}", again.text());
    assert_eq!(service.ended(&kept).await["state"], "cancelled");
}

/// A report that is damaged in its ZIP costs itself only, by both shells, and both say the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_cannot_be_read_is_a_failed_unit() {
    let mut zip = reports(5, None);
    let at = {
        let mut archive = ZipArchive::new(Cursor::new(&zip)).unwrap();
        let file = archive.by_name("002.yaml").unwrap();
        file.data_start().unwrap() as usize + file.compressed_size() as usize / 2
    };
    zip[at..at + 8].fill(0x55);
    let service = Service::start().await;
    let answer = post(&service.router, "/api/batches?start=false", "application/zip", zip.clone()).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    let place = answer.header("location").to_owned();
    let looked = get(&service.router, &format!("{place}/units")).await.json();
    assert_eq!(looked[2]["findings"][0]["code"], "not-made", "{looked:#}");
    service.send("POST", &format!("{place}/start")).await;
    let progress = service.ended(&place).await;
    assert_eq!((&progress["counts"]["made"], &progress["counts"]["failed"]), (&4.into(), &1.into()));
    assert_eq!(progress["failures"][0]["source"], "002.yaml");
    assert!(progress["failures"][0]["message"].as_str().unwrap().contains("读不出"), "{progress:#}");
    let result = get(&service.router, &format!("{place}/result.zip")).await;
    assert!(result.body == by_command(&zip), "the same bytes");
}

/// A store that never gives back what was put into it.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_store_changes_each_time_fails_in_the_end() {
    for ending in [".pdf", ".json"] {
        let bucket = Bucket::open().await;
        bucket.spoil(ending);
        let place = StorePlace::Bucket { url: "s3://bucket".into(), options: bucket.options() };
        let service =
            Service::with(installation(), Limits::default(), |settings| settings.store = place).await;
        let place = service.begin(&reports(2, None)).await;
        let progress = service.ended(&place).await;
        assert_eq!(progress["state"], "completed_with_failures", "{progress:#}");
        assert!(progress["failures"][0]["message"].as_str().unwrap().contains("存放处"), "{progress:#}");
        let result = get(&service.router, &format!("{place}/result.zip")).await;
        assert_eq!(result.status, StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_set_back() {
    const YEAR: i64 = 365 * 24 * 60 * 60;
    let service = Service::idle(installation(), Limits::default(), |_| {}).await;
    let database = database(&service.folder.path().join("data")).await;
    let change = async |statement: &'static str, by: i64| {
        sqlx::query(statement).bind(by).execute(&database).await.unwrap();
    };
    let zip = reports(4, None);
    let place = service.begin(&zip).await;
    // Taken by a program that is dead, and whose last beat is yet to come; begun in a year.
    change("UPDATE nianbao_batches SET begun_at = begun_at + $1, moved_at = moved_at + $1, created_at = created_at + $1", YEAR).await;
    change(
        "INSERT INTO Workers (id, worker_type, storage_name, layers, last_seen, started_at)
         VALUES ('gone', 'nianbao-units', 'x', 'x', unixepoch() + $1, 0)",
        YEAR,
    )
    .await;
    change("UPDATE Jobs SET status = 'Running', lock_by = 'gone', lock_at = unixepoch() + $1", YEAR).await;
    // A job that may be done at once may be done whatever the clock says.
    let times: Vec<i64> = sqlx::query_scalar("SELECT run_at FROM Jobs").fetch_all(&database).await.unwrap();
    assert!(times.iter().all(|time| *time == 0), "{times:?}");
    tokio::spawn(service.jobs.clone().work());
    let progress = service.ended(&place).await;
    assert_eq!(progress["state"], "completed", "{progress:#}");
    assert_eq!(progress["seconds"], 0);
    assert!(get(&service.router, &format!("{place}/result.zip")).await.body == by_command(&zip));

    // What ended, or came, in a year is kept for as long as anything else.
    let keep = |settings: &mut jobs::JobSettings| settings.keep = Duration::from_secs(3);
    let service = Service::with(installation(), Limits::default(), keep).await;
    let database = self::database(&service.folder.path().join("data")).await;
    for query in ["", "?start=false"] {
        let path = format!("/api/batches{query}");
        let place = post(&service.router, &path, "application/zip", reports(1, None)).await;
        let place = place.header("location").to_owned();
        if query.is_empty() {
            service.ended(&place).await;
        }
        sqlx::query("UPDATE nianbao_batches SET ended_at = ended_at + $1, created_at = created_at + $1")
            .bind(YEAR)
            .execute(&database)
            .await
            .unwrap();
        let since = Instant::now();
        while get(&service.router, &place).await.status == StatusCode::OK {
            assert!(since.elapsed() < PATIENCE);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_a_cancelled_batch_is_free() {
    let service = Service::idle(installation(), Limits::default(), |_| {}).await;
    let zip = reports(3, None);
    let send = async || {
        let mut asked = request("POST", "/api/batches", "application/zip", zip.clone());
        asked.headers_mut().insert("idempotency-key", "once".parse().unwrap());
        let answer = ask(&service.router, asked).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
        answer.header("location").to_owned()
    };
    let first = send().await;
    assert_eq!(send().await, first);
    service.send("DELETE", &first).await;
    let second = send().await;
    assert_ne!(second, first, "another batch is begun");
    assert_eq!(send().await, second, "and that one once");
    tokio::spawn(service.jobs.clone().work());
    assert_eq!(service.ended(&second).await["state"], "completed");
    assert_eq!(send().await, second, "also when it has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_that_nobody_looks_at_give_way() {
    let service = Service::idle(installation(), Limits::default(), |_| {}).await;
    let database = database(&service.folder.path().join("data")).await;
    let zip = reports(1, None);
    let send =
        async || post(&service.router, "/api/batches?start=false", "application/zip", zip.clone()).await;
    let mut places = Vec::new();
    for _ in 0..MAX_UPLOADED {
        let answer = send().await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
        places.push(answer.header("location").to_owned());
    }
    // Somebody may be looking at each of them.
    let refused = send().await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_said(&refused);
    // An hour later someone looks at the first again; of the others the second is the oldest.
    let later = "UPDATE nianbao_batches SET moved_at = moved_at - 3600 - (id = $1)";
    let second = places[1].trim_start_matches("/api/batches/").to_owned();
    sqlx::query(later).bind(second).execute(&database).await.unwrap();
    get(&service.router, &format!("{}/units", places[0])).await;
    assert_eq!(send().await.status, StatusCode::ACCEPTED);
    let states = async |place: &String| get(&service.router, place).await.json();
    assert_eq!(states(&places[0]).await["state"], "uploaded");
    let gone = states(&places[1]).await;
    assert_eq!(gone["state"], "cancelled");
    assert!(gone["reason"].as_str().unwrap().contains("让出了位置"), "{gone:#}");
    let page = get(&service.router, places[1].trim_start_matches("/api")).await.text();
    assert!(page.contains("让出了位置"), "{page}");
    assert!(!shelf(&service.folder.path().join("data"), &places[1]).join("upload.zip").exists());
}

/// What others write is words, in the cells of the list, in the names of files, and to the eye.
#[test]
fn hostile_names_are_words() {
    let names = [
        "=1+1",
        "＝1+1",
        " =1+1",
        "\u{3000}＝1+1",
        "\u{A0}=1+1",
        "+1",
        "＋1",
        "-1",
        "－1",
        "@SUM(1)",
        "＠SUM(1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\u{FEFF}=1",
        "\u{200B}=1",
        "\u{202E}fdp.exe",
        "\u{2066}=1",
        "a\r\nb",
        "a\u{2028}b",
        "\u{AD}=1",
        "\u{2212}1",
        "﹦1",
        "\u{3164}=1",
    ];
    let files: Vec<(String, String)> = names
        .iter()
        .enumerate()
        .map(|(number, name)| (format!("{name}.{number:02}.yaml"), report(number)))
        .collect();
    let zip = zip_of(files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("in.zip"), zip).unwrap();
    let output = batch(folder.path(), &["in.zip", "-o", "out.zip"]);
    assert_ne!(output.status.code(), Some(2), "{}", said(&output));
    let files = unpacked(&folder.path().join("out.zip"));
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{AD}' | '\u{FEFF}' | '\u{3164}' | '\u{200B}'..='\u{200F}')
            || matches!(c, '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
    };
    let list = files["清单.csv"].strip_prefix("\u{FEFF}".as_bytes()).unwrap();
    let mut list = csv::ReaderBuilder::new().from_reader(list);
    let mut rows = 0;
    for row in list.records() {
        let row = row.unwrap();
        rows += 1;
        for cell in &row {
            assert!(!cell.contains(hidden), "{cell:?}");
            let first = cell.trim_start().chars().next().unwrap_or(' ');
            assert!(!"=+-@＝＋－＠\u{2212}﹦".contains(first), "{cell:?}");
        }
    }
    assert_eq!(rows, names.len());
    for name in files.keys() {
        assert!(!name.contains(hidden), "{name:?}");
    }
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    for unit in manifest["units"].as_array().unwrap() {
        for key in ["source", "unit", "file"] {
            assert!(!unit[key].as_str().unwrap_or_default().contains(hidden), "{unit:#}");
        }
    }
    assert!(manifest.to_string().contains("〔U+202E〕fdp.exe"), "it is shown");
}

/// The same sequence each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % bound
    }
}

/// `NIANBAO_FAULTS` is the seed of another twenty.
#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "which faults there are is said from outside")]
async fn twenty_faults_in_turn_end_in_the_same_bytes() {
    const FAULTS: usize = 20;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let start = || Served::start(folder.path(), &["--heartbeat", "1"]);
    let zip = reports(60, Some(7));
    let mut served = start();
    let place = served.begin(&zip);
    served.wait(&place, 2);
    let shelf = shelf(&data, &place);
    let database = database(&data).await;
    let seed = std::env::var("NIANBAO_FAULTS").map_or(15, |seed| seed.parse().expect("a number"));
    let mut chance = Chance(seed);
    let mut told = BTreeMap::<&str, usize>::new();
    let all = |below: &Path| if below.is_dir() { files_in(below) } else { vec![] };
    for number in 0..FAULTS {
        let units = all(&shelf.join("units"));
        let unit = units.get(chance.below(units.len().max(1)));
        let archives: Vec<_> =
            all(&shelf).into_iter().filter(|path| path.ends_with("result-1.zip")).collect();
        let fault = match chance.below(9) {
            0 => {
                unit.iter().for_each(|path| fs::remove_file(path).unwrap());
                "a result is lost"
            }
            1 => {
                unit.iter().for_each(|path| spoil(path));
                "a result is changed"
            }
            2 => {
                unit.iter()
                    .for_each(|path| File::options().write(true).open(path).unwrap().set_len(10).unwrap());
                "a result is cut short"
            }
            3 => {
                archives.iter().for_each(|path| fs::remove_file(path).unwrap());
                sqlx::query("DELETE FROM Jobs WHERE rowid % 3 = 0").execute(&database).await.unwrap();
                "jobs are lost"
            }
            4 => {
                let mut held = database.acquire().await.unwrap();
                sqlx::query("BEGIN EXCLUSIVE").execute(&mut *held).await.unwrap();
                thread::sleep(Duration::from_millis(700));
                sqlx::query("ROLLBACK").execute(&mut *held).await.unwrap();
                "the database is held"
            }
            5 => {
                let broken =
                    "CREATE TRIGGER broken BEFORE UPDATE ON Workers BEGIN SELECT RAISE(ABORT, 'x'); END";
                sqlx::query(broken).execute(&database).await.unwrap();
                thread::sleep(Duration::from_millis(1500));
                sqlx::query("DROP TRIGGER broken").execute(&database).await.unwrap();
                "the engine's statements fail"
            }
            6 => {
                sqlx::query("UPDATE nianbao_batches SET moved_at = moved_at + 9999999")
                    .execute(&database)
                    .await
                    .unwrap();
                "the clock is set back"
            }
            7 => {
                served.kill();
                served = start();
                "the service is killed"
            }
            _ => {
                let (store, aside) = (data.join("store"), data.join("aside"));
                fs::rename(&store, &aside).unwrap();
                fs::write(&store, "").unwrap();
                thread::sleep(Duration::from_millis(700));
                fs::remove_file(&store).unwrap();
                fs::rename(&aside, &store).unwrap();
                "the store is away"
            }
        };
        *told.entry(fault).or_default() += 1;
        // What is asked for in the middle is either right or not there.
        let (head, body) = served.ask("GET", &format!("{place}/result.zip"), "", b"");
        assert!(!head.starts_with("HTTP/1.1 200") || body == by_command(&zip), "fault {number}, {fault}");
        thread::sleep(Duration::from_millis(chance.below(300) as u64));
    }
    let since = Instant::now();
    let archive = loop {
        let (head, body) = served.ask("GET", &format!("{place}/result.zip"), "", b"");
        if head.starts_with("HTTP/1.1 200") {
            break body;
        }
        assert!(since.elapsed() < PATIENCE * 3, "{head}{}\n{told:#?}", String::from_utf8_lossy(&body));
        thread::sleep(Duration::from_millis(200));
    };
    assert!(archive == by_command(&zip), "the same archive after {told:#?}");
}

/// One whole report, for what is asked of a service beside its batches.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_waits_keeps_nobody_else() {
    let service = Service::idle(installation(), Limits::default(), |_| {}).await;
    let database = database(&service.folder.path().join("data")).await;
    let mut held = database.acquire().await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut *held).await.unwrap();
    let made = post(&service.router, "/api/reports", "application/yaml", minimal()).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    sqlx::query("ROLLBACK").execute(&mut *held).await.unwrap();
}
