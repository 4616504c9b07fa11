//! What a service keeps is kept: the record gone through from the command line, all of it in one file and back.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output};

use nianbao::collections::{CollectionPlan, Occasion};
use nianbao::database::DatabasePlace;
use nianbao::outbox::{MessageKind, MessageState, NewMessage, OutboxFilter};
use nianbao::report::{Choice, Edition};
use nianbao_office::Office;
use serde_json::Value;
use sqlx::AssertSqlSafe;

use crate::accounts::{PASSWORD, first_link, form, now, somebody, status, told};
use crate::http::{Served, answer_of};
use crate::postgres::Postgres;
use crate::workbench::of_tests;

fn nianbao(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nianbao")).args(arguments).current_dir(folder).output().unwrap()
}

fn words(output: &Output) -> (Option<i32>, String) {
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

fn database(data: &Path) -> DatabasePlace {
    DatabasePlace::File(data.join("nianbao.db"))
}

fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

/// Makes the first administrator. Gives the cookie.
fn first_administrator(served: &mut Served) -> String {
    let link = first_link(served);
    let fields = [("login_name", "wang"), ("name", "王某"), ("password", PASSWORD), ("again", PASSWORD)];
    let (head, _) = told(served, "POST", &link, "localhost", &form(&fields));
    assert_eq!(status(&head), "303", "{head}");
    let cookie = head.lines().find_map(|line| line.split_once("nianbao=")).unwrap().1;
    format!("nianbao={}", cookie.split(';').next().unwrap())
}

/// Logs in. Gives the cookie.
fn log_in(served: &Served) -> String {
    let fields = form(&[("name", "wang"), ("password", PASSWORD)]);
    let (head, _) = told(served, "POST", "/login", "localhost", &fields);
    assert_eq!(status(&head), "303", "{head}");
    let cookie = head.lines().find_map(|line| line.split_once("nianbao=")).unwrap().1;
    format!("nianbao={}", cookie.split(';').next().unwrap())
}

/// Makes a collection in the database of a service.
fn collection(place: &DatabasePlace) -> String {
    block(async {
        let office = Office::open(place).await.unwrap();
        let somebody = somebody();
        let occasion = Occasion { doer: &somebody, at: now(), today: "2026-01-05".parse().unwrap() };
        let plan = CollectionPlan {
            year: "2025".parse().unwrap(),
            title: TITLE.into(),
            template: "annual-report".into(),
            settings: "{}".into(),
            edition: Edition::of_word("formal").unwrap(),
            instructions: String::new(),
            needs_sign_off: true,
            opens_at: None,
            due_on: "2026-02-28".parse().unwrap(),
            closes_at: None,
        };
        office.collections.make(&plan, &occasion).await.unwrap()
    })
}

/// Fails where the collection is not there.
fn assert_kept(place: &DatabasePlace, collection: &str) {
    let title = block(async {
        let office = Office::open(place).await.unwrap();
        office.collections.collection(collection).await.unwrap().plan.title
    });
    assert_eq!(title, TITLE);
}

const TITLE: &str = "征集<b>'\"\\";

fn asked(served: &Served, method: &str, path: &str, cookie: &str, body: &[u8]) -> (String, Vec<u8>) {
    let mut stream = served.open();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nContent-Type: application/zip\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    answer_of(stream)
}

#[test]
fn the_record_is_gone_through_beside_a_running_service() {
    let folder = tempfile::tempdir().unwrap();
    let verify = |more: &[&str]| words(&nianbao(folder.path(), &[&["audit", "verify"], more].concat()));
    let (code, said) = verify(&[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("没有数据库") && !folder.path().join("data").exists(), "{said}");

    let mut served = Served::start(folder.path(), &["--accounts"]);
    first_administrator(&mut served);
    let (code, said) = verify(&[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("操作记录完好"), "{said}");
    let head = words(&nianbao(folder.path(), &["audit", "head"])).1;
    let head = head.trim();
    assert!(
        told(&served, "POST", "/login", "localhost", &form(&[("name", "wang"), ("password", PASSWORD)]))
            .0
            .contains("303")
    );
    let (code, said) = verify(&["--head", head]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("也在里面"), "{said}");
    for wrong in ["1", "1:2", "x:y", ""] {
        assert_eq!(verify(&["--head", wrong]).0, Some(2), "{wrong}");
    }
    let made_up = format!("1:{}", "0".repeat(64));
    assert_eq!(verify(&["--head", &made_up]).0, Some(1));

    // Past the program, while it runs.
    let change = |statement: &str| {
        block(async {
            let pool = database(&folder.path().join("data")).open().await.unwrap();
            sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&pool).await.unwrap();
        });
    };
    change("UPDATE nianbao_record SET doer = '张某' WHERE number = 2");
    let (code, said) = verify(&[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("第2条被改动过") && said.contains("处不对"), "{said}");
    change("DELETE FROM nianbao_record WHERE number = 2");
    let (code, said) = verify(&[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("第2条不见了"), "{said}");
}

#[test]
fn a_service_without_accounts_has_no_record_and_gets_none() {
    let folder = tempfile::tempdir().unwrap();
    drop(Served::start(folder.path(), &[]));
    let (code, said) = words(&nianbao(folder.path(), &["audit", "verify"]));
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("没有操作记录"), "{said}");
    let (code, said) = words(&nianbao(folder.path(), &["backup", "b.zip"]));
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = words(&nianbao(folder.path(), &["restore", "b.zip", "--data", "new"]));
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(words(&nianbao(folder.path(), &["audit", "verify", "--data", "new"])).0, Some(2));
}

#[test]
fn a_backup_beside_a_running_service_comes_back_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut served = Served::start(folder.path(), &["--accounts"]);
    let cookie = first_administrator(&mut served);
    let batch = crate::batches::reports(2, None);
    let (head, batch) = asked(&served, "POST", "/api/batches?name=x.zip", &cookie, &batch);
    assert_eq!(status(&head), "202", "{head}");
    let batch: Value = serde_json::from_slice(&batch).unwrap();
    let archive = format!("/api/batches/{}/result.zip", batch["id"].as_str().unwrap());
    let since = std::time::Instant::now();
    let expected = loop {
        let (head, bytes) = asked(&served, "GET", &archive, &cookie, b"");
        if status(&head) == "200" {
            break bytes;
        }
        assert!(since.elapsed() < crate::batches::PATIENCE, "{head}");
        std::thread::sleep(std::time::Duration::from_millis(100));
    };
    let collection = collection(&database(&folder.path().join("data")));

    let waiting = |data: &str| {
        let place = database(&folder.path().join(data));
        block(async {
            let outbox = Office::open(&place).await.unwrap().outbox;
            let found = outbox.messages(&collection, &OutboxFilter::default(), 10).await.unwrap();
            found.into_iter().map(|one| (one.state, one.fault)).collect::<Vec<_>>()
        })
    };
    block(async {
        let outbox = Office::open(&database(&folder.path().join("data"))).await.unwrap().outbox;
        let message = NewMessage {
            purpose: "test".into(),
            kind: MessageKind::Mail,
            collection: collection.clone(),
            unit: String::new(),
            recipient: "a@example.cn".into(),
            subject: "催报".into(),
            body: "请报送".into(),
            asked_by: "周某".into(),
        };
        outbox.put(&[message], None, 1).await.unwrap();
    });

    let (code, said) = words(&nianbao(folder.path(), &["backup", "backup.zip"]));
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(waiting("data")[0].0, MessageState::Waiting);
    let mode = {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(folder.path().join("backup.zip")).unwrap().permissions().mode()
    };
    assert_eq!(mode & 0o077, 0, "it is its owner's alone");
    assert_eq!(status(&asked(&served, "GET", "/account", &cookie, b"").0), "200", "the service goes on");
    drop(served);
    fs::remove_dir_all(folder.path().join("data")).unwrap();

    let (code, said) = words(&nianbao(folder.path(), &["restore", "backup.zip", "--data", "new"]));
    assert_eq!(code, Some(0), "{said}");
    // What waited then is not sent twice.
    assert!(said.contains("1 条邮件和通知没有自动发出"), "{said}");
    let (state, fault) = &waiting("new")[0];
    assert!(*state == MessageState::GivenUp && fault.contains("请核对后再发"), "{fault}");
    let (code, said) = words(&nianbao(folder.path(), &["audit", "verify", "--data", "new"]));
    assert_eq!(code, Some(0), "{said}");
    let served = Served::start(folder.path(), &["--accounts", "--data", "new"]);
    assert_eq!(status(&asked(&served, "GET", "/account", &cookie, b"").0), "303", "all log in again");
    let cookie = log_in(&served);
    let (head, bytes) = asked(&served, "GET", &archive, &cookie, b"");
    assert_eq!(status(&head), "200", "{head}");
    assert_eq!(bytes, expected, "the archive has the same bytes");
    drop(served);
    assert_kept(&database(&folder.path().join("new")), &collection);

    // Not over what is there, and not what was changed.
    let (code, said) = words(&nianbao(folder.path(), &["restore", "backup.zip", "--data", "new"]));
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("已经有东西"), "{said}");
    let whole = fs::read(folder.path().join("backup.zip")).unwrap();
    let restored = |bytes: &[u8]| {
        fs::write(folder.path().join("changed.zip"), bytes).unwrap();
        let said = words(&nianbao(folder.path(), &["restore", "changed.zip", "--data", "other"]));
        assert!(!folder.path().join("other").exists(), "{said:?}");
        said
    };
    for at in middles(&whole) {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        let (code, said) = restored(&changed);
        assert_eq!(code, Some(1), "{at}: {said}");
    }
    for cut in [0, 10, whole.len() / 2, whole.len() - 10] {
        let (code, said) = restored(&whole[..cut]);
        assert_eq!(code, Some(1), "{cut}: {said}");
        assert!(said.contains("什么都没有恢复"), "{said}");
    }
    // A place outside the folder, and a file that the manifest does not know.
    let manifest = |name: &str| {
        let files = serde_json::json!({ name: { "bytes": 1, "sha256": sha("x") } });
        let said = serde_json::json!({
            "kind": "nianbao-backup", "form": 1, "version": "1", "made_at": 0, "files": files,
        });
        crate::batches::zip_of([(name, &b"x"[..]), ("manifest.json", said.to_string().as_bytes())])
    };
    for name in ["../outside", "/tmp/outside", "store/../../outside", "lock", "store\\x", "store"] {
        let (code, said) = restored(&manifest(name));
        assert_eq!(code, Some(1), "{name}: {said}");
        assert!(said.contains("写到文件夹外面"), "{name}: {said}");
    }
    let left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(".nianbao"))
        .collect();
    assert!(left.is_empty(), "nothing is left lying: {left:?}");
    let mut entries =
        zip::ZipArchive::new(fs::File::open(folder.path().join("backup.zip")).unwrap()).unwrap();
    let mut text = String::new();
    entries.by_name("manifest.json").unwrap().read_to_string(&mut text).unwrap();
    assert!(text.contains("\"nianbao.db\"") && text.contains("result-1.zip"), "{text}");
}

#[test]
fn a_backup_goes_from_postgresql_to_sqlite_and_back() {
    let postgres = Postgres::start();
    let folder = tempfile::tempdir().unwrap();
    let said = |arguments: &[&str]| words(&nianbao(folder.path(), arguments));
    let url = postgres.url("postgres");
    let mut served = Served::start(folder.path(), &["--accounts", "--database", &url]);
    first_administrator(&mut served);
    let collection = collection(&DatabasePlace::Url(url.clone()));
    let (code, text) = said(&["backup", "one.zip", "--database", &url]);
    assert_eq!(code, Some(0), "{text}");
    drop(served);

    let (code, text) = said(&["restore", "one.zip", "--data", "new"]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(said(&["audit", "verify", "--data", "new"]).0, Some(0));
    let served = Served::start(folder.path(), &["--accounts", "--data", "new"]);
    log_in(&served);
    let (code, text) = said(&["backup", "two.zip", "--data", "new"]);
    assert_eq!(code, Some(0), "{text}");
    drop(served);
    assert_kept(&database(&folder.path().join("new")), &collection);

    let head = said(&["audit", "head", "--data", "new"]).1;
    let (code, text) = said(&["restore", "two.zip", "--data", "third", "--database", &url]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("已经有服务用过") && !folder.path().join("third").exists(), "{text}");
    block(async {
        let pool = DatabasePlace::Url(url).open().await.unwrap();
        sqlx::query("CREATE DATABASE other").execute(&pool).await.unwrap();
    });
    let other = postgres.url("other");
    let (code, text) = said(&["restore", "two.zip", "--data", "third", "--database", &other]);
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = said(&["audit", "verify", "--database", &other, "--head", head.trim()]);
    assert_eq!(code, Some(0), "{text}");
    let served = Served::start(folder.path(), &["--accounts", "--data", "third", "--database", &other]);
    log_in(&served);
    assert_kept(&DatabasePlace::Url(other), &collection);
}

/// Where the middle of each of the first files lies.
fn middles(zip: &[u8]) -> Vec<usize> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    let middle = |index| {
        let entry = zip.by_index_raw(index).unwrap();
        (entry.data_start().unwrap() + entry.compressed_size() / 2) as usize
    };
    (0..3).map(middle).collect()
}

fn sha(text: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(text))
}

/// What the release 0.1.0 left behind, with a batch of two units of which one was made.
fn unpack_old_release(folder: &Path) {
    let packed = fs::File::open(of_tests("data/release-0.1.0.zip")).unwrap();
    zip::ZipArchive::new(packed).unwrap().extract(folder).unwrap();
}

#[test]
fn what_an_older_release_kept_is_there_after_the_upgrade() {
    const BATCH: &str = "/api/batches/01M8BXH595FRXAT2ES3MVVPJSD";
    let folder = tempfile::tempdir().unwrap();
    unpack_old_release(folder.path());
    let store = folder.path().join("data/store").join(BATCH.trim_start_matches("/api/"));
    let made = fs::read(store.join("result-1.zip")).unwrap();

    let served = Served::start(folder.path(), &["--keep", "36500"]);
    let progress = served.progress(BATCH);
    assert_eq!(progress["state"], "completed_with_failures", "{progress}");
    assert_eq!((&progress["counts"]["made"], &progress["counts"]["failed"]), (&1.into(), &1.into()));
    assert_eq!(progress["failures"][0]["source"], "坏的.yaml", "{progress}");
    assert!(served.archive(BATCH) == made, "the archive is the one that was made");
    // What failed is tried again by the new release.
    let (head, _) = served.ask("POST", &format!("{BATCH}/retry"), "", b"");
    assert_eq!(status(&head), "202", "{head}");
    let progress = served.wait(BATCH, u64::MAX);
    assert_eq!((&progress["counts"]["made"], &progress["counts"]["failed"]), (&1.into(), &1.into()));
    drop(served);

    // And it can be shared from now on.
    let mut served = Served::start(folder.path(), &["--accounts", "--keep", "36500"]);
    let cookie = first_administrator(&mut served);
    let (head, progress) = asked(&served, "GET", BATCH, &cookie, b"");
    assert_eq!(status(&head), "200", "{head}");
    let progress: Value = serde_json::from_slice(&progress).unwrap();
    assert_eq!(progress["counts"]["made"], 1, "{progress}");
}
