//! Batches over HTTP: taken in, followed, fetched, cancelled, tried again, removed; and whatever is
//! killed in the middle, every unit once and the same bytes in the end.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Cursor, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use nianbao::guide::Guide;
use nianbao::indicators::IndicatorList;
use nianbao::installation::Installation;
use nianbao::intake::{MAX_UNITS, workbook};
use nianbao::jobs::{self, Jobs, MAX_RUNNING, MAX_UPLOAD_BYTES, StorePlace};
use nianbao::web::{self, ServiceSettings};
use nianbao::workers::Limits;
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::batch::{batch, report, said, unpacked};
use crate::bucket::Bucket;
use crate::http::{Answer, Served, answer_of, ask, assert_said, get, post, request, staff};
use crate::postgres::Postgres;
use crate::workbench::{files_in, installation, minimal, of_tests, read};

/// How long a test waits for what must happen.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A service with batches, in a folder of its own.
pub struct Service {
    pub router: Router,
    pub jobs: Arc<Jobs>,
    pub folder: tempfile::TempDir,
}

impl Service {
    /// One that makes what it takes.
    pub async fn start() -> Self {
        Self::with(installation(), Limits::default(), |_| {}).await
    }

    pub async fn with(
        installation: Installation,
        limits: Limits,
        change: impl FnOnce(&mut jobs::JobSettings),
    ) -> Self {
        let service = Self::idle(installation, limits, change).await;
        tokio::spawn(service.jobs.clone().work());
        service
    }

    /// One that takes batches and never begins.
    pub async fn idle(
        installation: Installation,
        limits: Limits,
        change: impl FnOnce(&mut jobs::JobSettings),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let fingerprint = installation.fingerprint().unwrap();
        let mut settings =
            jobs::JobSettings::below(folder.path().join("data"), NonZeroUsize::MIN, fingerprint);
        change(&mut settings);
        let staff = staff(&installation, limits, 1, 4);
        let jobs = Jobs::open(settings, staff.clone()).await.unwrap();
        let settings = ServiceSettings {
            token: None,
            staff,
            jobs: Some(jobs.clone()),
            guide: Guide::built_in(),
            indicators: nianbao::indicators::IndicatorList::built_in().clone(),
            office: None,
            openid: None,
            dispatch: None,
        };
        Self { router: web::router(installation.open_templates().unwrap(), settings), jobs, folder }
    }

    /// What lies in the store, but for the mark that it is one.
    fn stored(&self) -> Vec<std::path::PathBuf> {
        let all = files_in(&self.folder.path().join("data/store"));
        all.into_iter().filter(|path| !path.ends_with("nianbao-store")).collect()
    }

    pub async fn begin(&self, zip: &[u8]) -> String {
        let answer = post(&self.router, "/api/batches?name=各区.zip", "application/zip", zip.to_vec()).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
        let place = answer.header("location").to_owned();
        assert_eq!(place, format!("/api/batches/{}", answer.json()["id"].as_str().unwrap()));
        place
    }

    pub async fn send(&self, method: &str, path: &str) -> Answer {
        ask(&self.router, request(method, path, "", Body::empty())).await
    }

    /// The state of a batch once it has ended.
    pub async fn ended(&self, place: &str) -> Value {
        let since = Instant::now();
        loop {
            let progress = get(&self.router, place).await.json();
            if progress["state"] != "running" {
                return progress;
            }
            assert!(since.elapsed() < PATIENCE, "{progress:#}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

pub fn zip_of<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// So many reports; that of `wrong` lacks something, if there is such a number.
pub fn reports(count: usize, wrong: Option<usize>) -> Vec<u8> {
    let reports: Vec<(String, String)> = (0..count)
        .map(|number| {
            let text = report(number);
            let text = if Some(number) == wrong { text.replace("cause:", "detail:") } else { text };
            (format!("{number:03}.yaml"), text)
        })
        .collect();
    zip_of(reports.iter().map(|(name, text)| (name.as_str(), text.as_bytes())))
}

/// What the command line makes of the same upload.
pub fn by_command(zip: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("in.zip"), zip).unwrap();
    let output = batch(folder.path(), &["in.zip", "-o", "out.zip"]);
    assert_ne!(output.status.code(), Some(2), "{}", said(&output));
    fs::read(folder.path().join("out.zip")).unwrap()
}

/// The data of the events of an answer, by their names.
fn events(answer: &str) -> Vec<(String, Value)> {
    let events = answer.split("\n\n").filter(|event| event.contains("data:"));
    let field = |event: &str, name: &str| {
        let line = event.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name} in {event}")).trim().to_owned()
    };
    events
        .map(|event| (field(event, "event:"), serde_json::from_str(&field(event, "data:")).unwrap()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_taken_followed_and_fetched() {
    let service = Service::start().await;
    let zip = reports(5, Some(2));
    let place = service.begin(&zip).await;
    let early = get(&service.router, &format!("{place}/result.zip")).await;
    assert_eq!(early.status, StatusCode::CONFLICT, "{}", early.text());
    assert_said(&early);

    // Whoever follows it sees it grow, and its end.
    let followed = get(&service.router, &format!("{place}/events")).await;
    assert_eq!(followed.header("content-type"), "text/event-stream");
    let events = events(&followed.text());
    let done: Vec<u64> =
        events.iter().map(|(_, data)| 5 - data["counts"]["waiting"].as_u64().unwrap()).collect();
    assert!(done.is_sorted() && done.last() == Some(&5), "{done:?}");
    assert!(events[..events.len() - 1].iter().all(|(name, _)| name == "progress"));
    let (name, end) = events.last().unwrap();
    assert_eq!((name.as_str(), &end["state"]), ("end", &"completed_with_failures".into()));

    let progress = get(&service.router, &place).await.json();
    assert_eq!(progress["name"], "各区.zip");
    assert_eq!(progress["counts"]["total"], 5);
    assert_eq!(progress["counts"]["failed"], 1);
    assert_eq!(progress["failures"][0]["number"], 3);
    assert_eq!(progress["failures"][0]["source"], "002.yaml");
    assert_eq!(progress["failures"][0]["unit"], "临江区");
    assert!(!progress["failures"][0]["message"].as_str().unwrap().is_empty());
    assert!(progress["expires_at"].as_str() > progress["ended_at"].as_str());

    let result = get(&service.router, progress["result"].as_str().unwrap()).await;
    assert_eq!(result.status, StatusCode::OK);
    assert_eq!(result.header("content-type"), "application/zip");
    assert_eq!(result.header("content-length"), result.body.len().to_string());
    let name = percent_encoding::percent_decode_str(result.header("content-disposition"));
    assert!(name.decode_utf8().unwrap().ends_with("各区-法治政府建设年度报告.zip"));
    assert!(result.body == by_command(&zip), "the same bytes as the command line's");
}

#[tokio::test(flavor = "multi_thread")]
async fn json_lines_and_forms_are_taken_as_well() {
    let service = Service::start().await;
    let lines: String = [minimal(), minimal().replace("cause:", "detail:")]
        .iter()
        .map(|yaml| serde_json::to_string(&read(yaml)).unwrap() + "\n")
        .collect();
    let form = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"batch\"; filename=\"C:\\各区.jsonl\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n{lines}\r\n--edge--\r\n"
    );
    for (content_type, body) in
        [("application/jsonl", lines.clone()), ("multipart/form-data; boundary=edge", form)]
    {
        let answer = post(&service.router, "/api/batches?edition=formal", content_type, body).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
        let progress = service.ended(answer.header("location")).await;
        let counts = &progress["counts"];
        let made = counts["made"].as_u64().unwrap() + counts["made_with_warnings"].as_u64().unwrap();
        assert_eq!((made, counts["failed"].as_u64()), (1, Some(1)), "{progress:#}");
        assert_eq!(progress["failures"][0]["source"], "第2行");
    }
    assert_eq!(get(&service.router, "/api/batches").await.json()["batches"][0]["name"], "各区.jsonl");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_can_be_looked_at_before_it_is_begun() {
    let service = Service::start().await;
    let answer =
        post(&service.router, "/api/batches?start=false", "application/zip", reports(5, Some(3))).await;
    assert_eq!((answer.status, &answer.json()["state"]), (StatusCode::ACCEPTED, &"uploaded".into()));
    let place = answer.header("location").to_owned();
    let units = get(&service.router, &format!("{place}/units?from=3&limit=2")).await;
    assert_eq!(units.status, StatusCode::OK, "{}", units.text());
    let units = units.json();
    let told: Vec<_> =
        units.as_array().unwrap().iter().map(|unit| (&unit["number"], &unit["source"])).collect();
    assert_eq!(told, [(&3.into(), &"002.yaml".into()), (&4.into(), &"003.yaml".into())]);
    assert_eq!(units[0]["unit"], "临江区");
    assert_eq!(units[0]["findings"], Value::Array(vec![]));
    assert_eq!(units[1]["findings"][0]["code"], "problem-without-cause");
    assert_eq!(get(&service.router, &format!("{place}/units?from=6")).await.json(), Value::Array(vec![]));
    for query in ["from=0", "limit=0", "limit=101", "page=2"] {
        let refused = get(&service.router, &format!("{place}/units?{query}")).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{query}");
        assert_said(&refused);
    }
    assert_eq!(get(&service.router, &format!("{place}/result.zip")).await.status, StatusCode::CONFLICT);
    assert_eq!(get(&service.router, &place).await.json()["counts"]["waiting"], 5);

    let started = service.send("POST", &format!("{place}/start")).await;
    assert_eq!((started.status, &started.json()["state"]), (StatusCode::ACCEPTED, &"running".into()));
    let again = service.send("POST", &format!("{place}/start")).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_said(&again);
    assert_eq!(service.ended(&place).await["counts"]["failed"], 1);
    // One that nobody wants is removed.
    let answer = post(&service.router, "/api/batches?start=false", "application/zip", reports(1, None)).await;
    let place = answer.header("location").to_owned();
    assert_eq!(service.send("DELETE", &place).await.status, StatusCode::NO_CONTENT);
    assert_eq!(service.send("POST", &format!("{place}/start")).await.status, StatusCode::NOT_FOUND);
}

/// A workbook is told of by its cells, before and after.
#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_is_a_batch_and_its_faults_have_their_cells() {
    let (right, mut wrong) = (read(&report(0)), read(&report(1)));
    wrong.problems[0].cause = None;
    let workbook = workbook::write(&[right, wrong], IndicatorList::built_in()).unwrap();
    let service = Service::start().await;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let answer = post(&service.router, "/api/batches?start=false", kind, workbook).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    let place = answer.header("location").to_owned();
    let units = get(&service.router, &format!("{place}/units")).await.json();
    assert_eq!(units[0]["findings"], Value::Array(vec![]));
    let finding = &units[1]["findings"][0];
    assert_eq!(finding["code"], "problem-without-cause");
    let cell = finding["place"].as_str().unwrap();
    assert!(cell.contains("存在的不足和原因”第4行"), "{cell}");
    assert_eq!((&finding["line"], &finding["column"]), (&Value::Null, &Value::Null));

    service.send("POST", &format!("{place}/start")).await;
    let progress = service.ended(&place).await;
    assert_eq!((&progress["counts"]["made"], &progress["counts"]["failed"]), (&1.into(), &1.into()));
    let told = progress["failures"][0]["message"].as_str().unwrap();
    assert!(told.ends_with(&format!("（{cell}）")), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_again_under_its_key_is_made_once() {
    let service = Service::idle(installation(), Limits::default(), |_| {}).await;
    let send = async |key: &str, query: &str, zip: Vec<u8>| {
        let mut asked = request("POST", &format!("/api/batches{query}"), "application/zip", zip);
        asked.headers_mut().insert("idempotency-key", key.parse().unwrap());
        ask(&service.router, asked).await
    };
    let first = send("2024-各区".escape_unicode().to_string().as_str(), "", reports(2, None)).await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{}", first.text());
    let key = "2024-各区".escape_unicode().to_string();
    let again = send(&key, "", reports(2, None)).await;
    assert_eq!((again.status, &again.json()["id"]), (StatusCode::ACCEPTED, &first.json()["id"]));
    for (query, zip) in [("", reports(3, None)), ("?edition=formal", reports(2, None))] {
        let other = send(&key, query, zip).await;
        assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert_said(&other);
    }
    for key in ["", &"k".repeat(256)] {
        let refused = send(key, "", reports(2, None)).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert_said(&refused);
    }
    let other = send("another", "", reports(2, None)).await;
    assert_ne!(other.json()["id"], first.json()["id"]);
    assert_eq!(get(&service.router, "/api/batches").await.json()["batches"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_batch_stops_and_one_that_has_ended_is_removed() {
    let service = Service::start().await;
    let place = service.begin(&reports(60, None)).await;
    let other = service.begin(&reports(1, None)).await;
    let cancelled = service.send("DELETE", &place).await;
    assert_eq!((cancelled.status, &cancelled.json()["state"]), (StatusCode::OK, &"cancelled".into()));
    for (method, path) in [("GET", "/result.zip"), ("POST", "/retry")] {
        let refused = service.send(method, &format!("{place}{path}")).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{path}");
        assert_said(&refused);
    }
    // The other is made, and of the first nothing more than was under way.
    assert_eq!(service.ended(&other).await["state"], "completed");
    assert!(get(&service.router, &place).await.json()["counts"]["waiting"].as_u64().unwrap() > 50);

    for place in [&place, &other] {
        assert_eq!(service.send("DELETE", place).await.status, StatusCode::NO_CONTENT);
        for (method, path) in
            [("GET", ""), ("GET", "/events"), ("GET", "/result.zip"), ("POST", "/retry"), ("DELETE", "")]
        {
            let gone = service.send(method, &format!("{place}{path}")).await;
            assert_eq!(gone.status, StatusCode::NOT_FOUND, "{method} {path}");
            assert_said(&gone);
        }
    }
    assert_eq!(service.stored(), Vec::<std::path::PathBuf>::new());
}

/// The writer of a template has made it endless by mistake, and mends it.
#[tokio::test(flavor = "multi_thread")]
async fn a_retry_makes_the_failed_units_only() {
    let templates = tempfile::tempdir().unwrap();
    let endless = templates.path().join("endless");
    fs::create_dir(&endless).unwrap();
    for file in files_in(&of_tests("cases/batch/templates/hanging")) {
        let text = fs::read_to_string(&file).unwrap().replace("\"hanging\"", "\"endless\"");
        fs::write(endless.join(file.file_name().unwrap()), text).unwrap();
    }
    let installation = Installation { templates: Some(templates.path().to_owned()), ..installation() };
    let limits = Limits { deadline: Duration::from_secs(4), ..Limits::default() };
    let service = Service::with(installation, limits, |_| {}).await;
    let text = format!("template: endless\n{}", minimal());
    let zip = zip_of([
        ("1.yaml", minimal().as_bytes()),
        ("2.yaml", text.as_bytes()),
        ("3.yaml", report(3).as_bytes()),
    ]);
    let place = service.begin(&zip).await;
    let progress = service.ended(&place).await;
    assert_eq!(progress["state"], "completed_with_failures", "{progress:#}");
    assert_eq!(progress["failures"][0]["source"], "2.yaml");
    assert!(service.jobs.lost() >= 2, "its worker was killed, twice");

    let store =
        service.folder.path().join("data/store").join(place.trim_start_matches("/api/")).join("units");
    let kept = |extension: &str| -> BTreeSet<_> {
        let files = files_in(&store).into_iter().filter(|path| path.extension().unwrap() == extension);
        files.map(|path| (path.clone(), fs::metadata(path).unwrap().modified().unwrap())).collect()
    };
    let made = kept("pdf");
    assert_eq!(made.len(), 2);
    let mended = "#set document(title: \"好了\", date: datetime(year: 2025, month: 1, day: 1))\n好了。";
    fs::write(endless.join("report.typ.jinja"), mended).unwrap();
    let retried = service.send("POST", &format!("{place}/retry")).await;
    assert_eq!(retried.status, StatusCode::ACCEPTED, "{}", retried.text());
    assert_eq!(retried.json()["counts"]["waiting"], 1);
    assert_eq!(service.ended(&place).await["state"], "completed");
    let now_made = kept("pdf");
    assert!(now_made.len() == 3 && now_made.is_superset(&made), "the two are those of before");
    let again = service.send("POST", &format!("{place}/retry")).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_said(&again);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_has_pages() {
    let service = Service::idle(installation(), Limits::default(), |_| {}).await;
    let mut places = Vec::new();
    for _ in 0..5 {
        places.insert(0, service.begin(&reports(1, None)).await);
        // Ids sort by the millisecond of their making.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let mut listed = Vec::new();
    let mut next = Some("/api/batches?limit=2".to_owned());
    let mut pages = 0;
    while let Some(path) = next {
        let page = get(&service.router, &path).await.json();
        let batches = page["batches"].as_array().unwrap();
        assert!((1..=2).contains(&batches.len()));
        listed.extend(batches.iter().map(|one| format!("/api/batches/{}", one["id"].as_str().unwrap())));
        next = page["next"].as_str().map(str::to_owned);
        pages += 1;
    }
    assert_eq!((pages, listed), (3, places));
    for (query, words) in [
        ("limit=0", "参数 limit 不对，可以是：1 至 100 的整数"),
        ("limit=101", "参数 limit 不对，可以是：1 至 100 的整数"),
        ("limit=x", "参数 limit 不对，应为一个整数"),
        ("limit=-1", "参数 limit 不对，应为一个整数"),
        ("page=2", "没有参数“page”可填，可以填的是：limit、after"),
    ] {
        let refused = get(&service.router, &format!("/api/batches?{query}")).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{query}");
        assert_said(&refused);
        assert!(refused.text().contains(words), "{query}: {}", refused.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_removed_when_they_were_kept_long_enough() {
    let keep = |settings: &mut jobs::JobSettings| settings.keep = Duration::from_secs(2);
    let service = Service::with(installation(), Limits::default(), keep).await;
    let place = service.begin(&reports(1, None)).await;
    let since = Instant::now();
    while get(&service.router, &place).await.status == StatusCode::OK {
        assert!(since.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(since.elapsed() > Duration::from_secs(2));
    assert_eq!(get(&service.router, "/api/batches").await.json()["batches"], Value::Array(vec![]));
    assert_eq!(service.stored(), Vec::<std::path::PathBuf>::new());
    assert_eq!(files_in(&service.folder.path().join("data/opened")), Vec::<std::path::PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_batch_is_refused() {
    let service = Service::idle(installation(), Limits::default(), |_| {}).await;
    let many = "{}\n".repeat(MAX_UNITS + 1).into_bytes();
    for (content_type, body, status, words) in [
        ("application/zip", zip_of([("../a.yaml", &b"year: 2024"[..])]), 422, "文件名不安全：../a.yaml"),
        ("application/zip", zip_of([("C:\\a.yaml", &b"year: 2024"[..])]), 422, "文件名不安全：C:/a.yaml"),
        ("application/zip", zip_of([("a.yaml", &vec![b' '; 32 << 20][..])]), 413, "解开后大得反常：a.yaml"),
        ("application/zip", zip_of([("Thumbs.db", &b""[..])]), 422, "报告.zip 里没有报告"),
        ("application/zip", b"PK\x03\x04 torn".to_vec(), 400, "报告.zip 不是完整的 ZIP 文件"),
        ("application/zip", vec![], 400, "不是完整的 ZIP 文件"),
        ("application/jsonl", b"\n\n".to_vec(), 422, "里没有报告"),
        ("application/jsonl", many, 413, "20001 份"),
        ("application/yaml", minimal().into_bytes(), 415, "不认识内容的格式"),
        ("", reports(1, None), 415, "不认识内容的格式"),
        ("multipart/form-data; boundary=edge", b"--edge--\r\n".to_vec(), 400, "表单的内容不对"),
        ("multipart/form-data", reports(1, None), 400, "表单的内容不对"),
    ] {
        let answer = post(&service.router, "/api/batches", content_type, body).await;
        assert_eq!(answer.status.as_u16(), status, "{content_type}: {}", answer.text());
        assert_said(&answer);
        assert!(answer.text().contains(words), "{}", answer.text());
        assert!(!answer.text().contains("incoming"), "no path of the service: {}", answer.text());
    }
    for (length, status) in [(MAX_UPLOAD_BYTES + 1, 413), (MAX_UPLOAD_BYTES, 400)] {
        let mut asked = request("POST", "/api/batches", "application/zip", Body::empty());
        asked.headers_mut().insert("content-length", length.into());
        let answer = ask(&service.router, asked).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
        assert_said(&answer);
    }
    // Nothing of it was kept.
    assert_eq!(get(&service.router, "/api/batches").await.json()["batches"], Value::Array(vec![]));
    assert_eq!(files_in(&service.folder.path().join("data/incoming")), Vec::<std::path::PathBuf>::new());
    assert_eq!(service.stored(), Vec::<std::path::PathBuf>::new());

    for _ in 0..MAX_RUNNING {
        service.begin(&reports(1, None)).await;
    }
    let answer = post(&service.router, "/api/batches", "application/zip", reports(1, None)).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.header("retry-after").is_empty());
    assert_said(&answer);
    // Where there are no batches at all it is said.
    let without = ServiceSettings {
        token: None,
        staff: staff(&installation(), Limits::default(), 1, 1),
        jobs: None,
        guide: Guide::built_in(),
        indicators: nianbao::indicators::IndicatorList::built_in().clone(),
        office: None,
        openid: None,
        dispatch: None,
    };
    let router = web::router(installation().open_templates().unwrap(), without);
    assert_said(&post(&router, "/api/batches", "application/zip", reports(1, None)).await);
}

/// A service that has nothing to do leaves the machine to others. What a machine under load gives it is
/// only less, so that this cannot fail for want of speed.
#[test]
fn an_idle_service_rests() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &[]);
    thread::sleep(Duration::from_secs(1));
    let before = served.ticks();
    thread::sleep(Duration::from_secs(3));
    let ticks = served.ticks() - before;
    assert!(ticks < 30, "{ticks} hundredths of a second of work in three seconds");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_has_one_program() {
    let service = Service::idle(installation(), Limits::default(), |_| {}).await;
    let settings =
        jobs::JobSettings::below(service.folder.path().join("data"), NonZeroUsize::MIN, String::new());
    let taken = Jobs::open(settings, staff(&installation(), Limits::default(), 1, 1)).await;
    let error = taken.err().expect("it is taken").to_string();
    assert!(error.contains("正由另一个程序使用") && error.contains("--data"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_report_has_a_deadline_that_holds() {
    let templates = of_tests("cases/batch/templates");
    let installation = Installation { templates: Some(templates), ..installation() };
    let limits = Limits { deadline: Duration::from_secs(4), memory: 700 << 20 };
    let service = Service::with(installation, limits, |_| {}).await;
    for (template, status, code) in [
        ("hanging", StatusCode::GATEWAY_TIMEOUT, "too-slow"),
        ("bottomless", StatusCode::UNPROCESSABLE_ENTITY, "broke-down"),
    ] {
        let text = format!("template: {template}\n{}", minimal());
        let answer = post(&service.router, "/api/reports", "application/yaml", text).await;
        assert_eq!((answer.status, answer.codes()), (status, vec![code.to_owned()]), "{}", answer.text());
        let next = post(&service.router, "/api/reports", "application/yaml", minimal()).await;
        assert_eq!(next.status, StatusCode::OK, "{}", next.text());
    }
}

/// The way of someone with a browser that runs no scripts.
#[tokio::test(flavor = "multi_thread")]
async fn the_pages_lead_from_the_upload_to_the_archive() {
    let service = Service::start().await;
    let page = async |method: &str, path: &str, content_type: &str, body: &[u8]| {
        ask(&service.router, request(method, path, content_type, body.to_vec())).await
    };
    let form = |name: &str, file: &[u8]| {
        let head = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"edition\"\r\n\r\nformal\r\n--edge\r\n\
             Content-Disposition: form-data; name=\"batch\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        [head.as_bytes(), file, b"\r\n--edge--\r\n"].concat()
    };
    const FORM: &str = "multipart/form-data; boundary=edge";
    const BUTTON: &str = "application/x-www-form-urlencoded";
    assert!(page("GET", "/batches", "", b"").await.text().contains("还没有"));
    // What is refused is told on the page, and hostile words are words.
    for (name, file, status, words) in [
        ("a.docx", &b"x"[..], 415, "不认识内容的格式"),
        ("<b>&amp;.zip", b"PK\x03\x04 torn", 400, "&lt;b&gt;&amp;amp;.zip 不是完整的 ZIP 文件"),
    ] {
        let refused = page("POST", "/batches", FORM, &form(name, file)).await;
        assert_eq!(refused.status.as_u16(), status, "{}", refused.text());
        assert!(refused.header("content-type").starts_with("text/html"));
        assert!(refused.text().contains(words), "{}", refused.text());
    }
    let sent = page("POST", "/batches", FORM, &form("<i>各区.zip", &reports(52, Some(1)))).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    let place = sent.header("location").to_owned();
    let looked = page("GET", &place, "", b"").await.text();
    for words in
        ["&lt;i&gt;各区.zip", "待开始", "共 52 份报告，报送版", "有错误的 1 个", "problem-without-cause"]
    {
        assert!(looked.contains(words), "{words}: {looked}");
    }
    assert!(!looked.contains("<i>") && !looked.contains("051.yaml"));
    assert!(page("GET", &format!("{place}?from=51"), "", b"").await.text().contains("051.yaml"));

    let started = page("POST", &place, BUTTON, b"_do=start").await;
    assert_eq!((started.status, started.header("location")), (StatusCode::SEE_OTHER, place.as_str()));
    let again = page("POST", &place, BUTTON, b"_do=start").await;
    assert!(
        again.status == StatusCode::CONFLICT && again.text().contains("这一批已经开始"),
        "{}",
        again.text()
    );
    let cancelled = page("POST", &place, BUTTON, b"_do=delete").await;
    assert_eq!(cancelled.status, StatusCode::SEE_OTHER);
    assert!(page("GET", &place, "", b"").await.text().contains("已取消"));

    let sent = page("POST", "/batches", FORM, &form("二.zip", &reports(2, Some(1)))).await;
    let place = sent.header("location").to_owned();
    page("POST", &place, BUTTON, b"_do=start").await;
    service.ended(&format!("/api{place}")).await;
    let ended = page("GET", &place, "", b"").await.text();
    for words in ["已结束，有单位没有生成", "没有生成的单位", "001.yaml", "没有写原因"]
    {
        assert!(ended.contains(words), "{words}: {ended}");
    }
    assert!(ended.contains(&format!("href=\"/api{place}/result.zip\"")));
    assert!(page("GET", "/batches", "", b"").await.text().contains("二.zip"));
    // What is wrong with a report is wrong with it again.
    assert!(!ended.contains("value=\"retry\""));
    // Each unit by itself: what was found, and the file.
    let failed = page("GET", &format!("{place}/units/2"), "", b"").await.text();
    assert!(failed.contains("没有生成") && failed.contains("problem-without-cause"), "{failed}");
    let made = page("GET", &format!("{place}/units/1"), "", b"").await.text();
    assert!(made.contains(&format!("href=\"{place}/units/1/files/0\"")), "{made}");
    let file = page("GET", &format!("{place}/units/1/files/0"), "", b"").await;
    assert!(file.body.starts_with(b"%PDF"), "{}", file.status);
    // What was made without a warning is led to as well, and the overview is there without the ZIP.
    assert!(ended.contains(&format!("href=\"{place}/units/1\"")), "{ended}");
    let overview = page("GET", &format!("{place}/overview.pdf"), "", b"").await;
    assert!(overview.body.starts_with(b"%PDF"), "{}: {}", overview.status, overview.text());
    for nothing in ["units/3", "units/x", "units/2/files/0", "units/1/files/1", "units/1/files/x"] {
        let answer = page("GET", &format!("{place}/{nothing}"), "", b"").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{nothing}");
    }
    // What was made is not gone by one slip.
    let asked = page("POST", &place, BUTTON, b"_do=delete").await;
    assert!(asked.text().contains("要删除这一批和全部成果吗"), "{}", asked.text());
    assert_eq!(page("GET", &place, "", b"").await.status, StatusCode::OK);
    let removed = page("POST", &place, BUTTON, b"_do=delete-for-good").await;
    assert_eq!((removed.status, removed.header("location")), (StatusCode::SEE_OTHER, "/batches"));
    let gone = page("GET", &place, "", b"").await;
    assert!(gone.status == StatusCode::NOT_FOUND && gone.text().contains("没有这一批"), "{}", gone.text());
    assert_eq!(page("POST", &place, BUTTON, b"_do=dance").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn results_may_lie_in_a_bucket() {
    let bucket = Bucket::open().await;
    let place = StorePlace::Bucket { url: "s3://bucket/nianbao/here".into(), options: bucket.options() };
    let service = Service::with(installation(), Limits::default(), |settings| settings.store = place).await;
    let zip = reports(4, Some(2));
    let place = service.begin(&zip).await;
    assert_eq!(service.ended(&place).await["counts"]["failed"], 1);
    let result = get(&service.router, &format!("{place}/result.zip")).await;
    assert!(result.body == by_command(&zip), "the same bytes");
    let keys = bucket.keys();
    let of_batch = format!("nianbao/here/{}", place.trim_start_matches("/api/"));
    assert!(keys.contains(&format!("{of_batch}/upload.zip")), "{keys:?}");
    assert!(keys.iter().all(|key| key.starts_with(&of_batch)), "{keys:?}");
    // An upload, an archive, three files and four records.
    assert_eq!(keys.len(), 9, "{keys:?}");
    assert_eq!(service.send("DELETE", &place).await.status, StatusCode::NO_CONTENT);
    assert_eq!(bucket.keys(), Vec::<String>::new());
    assert_eq!(files_in(&service.folder.path().join("data/incoming")), Vec::<std::path::PathBuf>::new());
}

/// Results that are gone, for whatever reason, are made again before the archive is written.
#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_is_gone_is_made_again() {
    let bucket = Bucket::open().await;
    let place = StorePlace::Bucket { url: "s3://bucket".into(), options: bucket.options() };
    let service = Service::with(installation(), Limits::default(), |settings| settings.store = place).await;
    let zip = reports(12, None);
    let place = service.begin(&zip).await;
    let mut lost = Vec::new();
    for ending in [".json", ".pdf"] {
        lost.push(loop {
            match bucket.lose(ending) {
                Some(key) => break key,
                None => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        });
    }
    assert_eq!(service.ended(&place).await["state"], "completed");
    let result = get(&service.router, &format!("{place}/result.zip")).await;
    assert!(result.body == by_command(&zip), "the same bytes");
    let keys = bucket.keys();
    assert!(lost.iter().all(|key| keys.contains(key)), "they were made again");
}

/// What apalis-sqlite #58 comes to: a statement fails, and the engine ends the worker for good.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_the_engine_ends_is_replaced() {
    let heartbeat = |settings: &mut jobs::JobSettings| settings.heartbeat = Duration::from_secs(1);
    let service = Service::with(installation(), Limits::default(), heartbeat).await;
    let zip = reports(60, None);
    let place = service.begin(&zip).await;
    let file = service.folder.path().join("data/nianbao.db");
    let database = sqlx::SqlitePool::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    let broken = "CREATE TRIGGER broken BEFORE UPDATE ON Workers BEGIN SELECT RAISE(ABORT, 'broken'); END";
    sqlx::query(broken).execute(&database).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    sqlx::query("DROP TRIGGER broken").execute(&database).await.unwrap();
    let workers: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM Workers").fetch_one(&database).await.unwrap();
    assert!(workers > 2, "those of the beginning were replaced: {workers}");
    assert_eq!(service.ended(&place).await["state"], "completed");
    let result = get(&service.router, &format!("{place}/result.zip")).await;
    assert!(result.body == by_command(&zip), "the same bytes");
}

/// So many trivial jobs; `NIANBAO_SOAK` says how many, 94000 for an hour's worth of two workers.
#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "how long it soaks is said from outside")]
#[expect(clippy::print_stdout, reason = "what was measured is for who reads the test's output")]
async fn no_job_is_lost_or_left_lying() {
    let jobs: usize =
        std::env::var("NIANBAO_SOAK").map_or(600, |jobs| jobs.parse().expect("a number of jobs"));
    let service = Service::start().await;
    let mut left = jobs;
    let (since, mut batches) = (Instant::now(), 0);
    while left > 0 {
        // Several at a time, so that they overtake each other.
        let mut places = Vec::new();
        for _ in 0..3 {
            let count = left.min(jobs.div_ceil(3)).min(MAX_UNITS);
            if count == 0 {
                continue;
            }
            left -= count;
            let lines: String = (0..count).map(|number| format!("{{\"year\": {number}}}\n")).collect();
            let answer = post(&service.router, "/api/batches", "application/jsonl", lines).await;
            assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
            places.push((answer.header("location").to_owned(), count));
        }
        for (place, count) in places {
            let mut done = (0, Instant::now());
            let progress = loop {
                let progress = get(&service.router, &place).await.json();
                if progress["state"] != "running" {
                    break progress;
                }
                let failed = progress["counts"]["failed"].as_u64().unwrap();
                if failed != done.0 {
                    done = (failed, Instant::now());
                }
                assert!(done.1.elapsed() < PATIENCE * 4, "it stands still: {progress:#}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            };
            assert_eq!(progress["state"], "completed_with_failures", "{progress:#}");
            assert_eq!(progress["counts"]["failed"], count, "{progress:#}");
            batches += 1;
        }
    }
    let seconds = since.elapsed().as_secs_f64();
    println!("{jobs} jobs of {batches} batches in {seconds:.0} s, {:.0} a second", jobs as f64 / seconds);
}

impl Served {
    /// An answer of a service that is another process.
    pub fn ask(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> (String, Vec<u8>) {
        let mut stream = self.open();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        answer_of(stream)
    }

    pub fn progress(&self, place: &str) -> Value {
        let (head, body) = self.ask("GET", place, "", b"");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        serde_json::from_slice(&body).unwrap()
    }

    pub fn begin(&self, zip: &[u8]) -> String {
        let (head, body) = self.ask("POST", "/api/batches", "application/zip", zip);
        assert!(head.starts_with("HTTP/1.1 202"), "{head}{}", String::from_utf8_lossy(&body));
        head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap().to_owned()
    }

    /// Waits until so many units are done, or the batch has ended.
    pub fn wait(&self, place: &str, done: u64) -> Value {
        let since = Instant::now();
        loop {
            let progress = self.progress(place);
            let counts = &progress["counts"];
            let waiting = counts["waiting"].as_u64().unwrap();
            if counts["total"].as_u64().unwrap() - waiting >= done && waiting > 0
                || progress["state"] != "running"
            {
                return progress;
            }
            assert!(since.elapsed() < PATIENCE, "{progress:#}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The archive of a batch, once it has ended.
    pub fn archive(&self, place: &str) -> Vec<u8> {
        let progress = self.wait(place, u64::MAX);
        let (head, bytes) = self.ask("GET", progress["result"].as_str().unwrap(), "", b"");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        bytes
    }
}

#[test]
fn killed_at_any_moment_a_service_ends_in_the_same_bytes() {
    const UNITS: usize = 30;
    let folder = tempfile::tempdir().unwrap();
    let zip = reports(UNITS, Some(7));
    let served = Served::start(folder.path(), &["--heartbeat", "1"]);
    let place = served.begin(&zip);
    served.kill();
    for run in 1..8 {
        let served = Served::start(folder.path(), &["--heartbeat", "1"]);
        served.wait(&place, run * 3);
        thread::sleep(Duration::from_millis(run * 7919 % 60));
        served.kill();
    }
    let served = Served::start(folder.path(), &["--heartbeat", "1"]);
    assert!(served.archive(&place) == by_command(&zip), "the same archive");
}

#[test]
fn a_service_that_is_asked_to_stop_goes_on_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let zip = reports(30, None);
    let served = Served::start(folder.path(), &[]);
    let place = served.begin(&zip);
    // Someone follows it, and does not keep it from stopping.
    let mut follower = served.open();
    follower.write_all(format!("GET {place}/events HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).unwrap();
    served.wait(&place, 3);
    let since = Instant::now();
    served.terminate();
    let (exit, log) = served.ended();
    assert_eq!(exit, Some(0), "{log}");
    assert!(since.elapsed() < Duration::from_secs(30));
    assert!(!log.contains("\"level\":\"ERROR\""), "{log}");

    let served = Served::start(folder.path(), &[]);
    let left = served.progress(&place);
    assert_eq!(left["state"], "running", "{left:#}");
    assert!(
        left["counts"]["made"].as_u64().unwrap() + left["counts"]["made_with_warnings"].as_u64().unwrap()
            >= 3
    );
    assert!(served.archive(&place) == by_command(&zip), "the same archive");
}

#[test]
fn two_services_share_a_queue_and_one_may_die() {
    const UNITS: usize = 40;
    let postgres = Postgres::start();
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let url = postgres.url("postgres");
    let start = |name: &str| {
        let folder = folder.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        let store = store.to_str().unwrap();
        Served::start(&folder, &["--database", &url, "--store", store, "--heartbeat", "1"])
    };
    let (one, other) = (start("one"), start("other"));
    let zip = reports(UNITS, Some(7));
    let place = one.begin(&zip);
    // Both know it, and the one that took it is killed in the middle.
    other.wait(&place, 8);
    one.kill();
    let archive = other.archive(&place);
    assert!(archive == by_command(&zip), "the same archive");

    let path = folder.path().join("result.zip");
    fs::write(&path, archive).unwrap();
    let manifest: Value = serde_json::from_slice(&unpacked(&path)["manifest.json"]).unwrap();
    let sources: Vec<&str> =
        manifest["units"].as_array().unwrap().iter().map(|unit| unit["source"].as_str().unwrap()).collect();
    let expected: Vec<String> = (0..UNITS).map(|number| format!("{number:03}.yaml")).collect();
    assert_eq!(sources, expected, "every unit, once");
    // Each was kept once, whoever made it.
    let units = store.join(place.trim_start_matches("/api/")).join("units");
    assert_eq!(files_in(&units).iter().filter(|file| is_record(file)).count(), UNITS);
}

fn is_record(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "json")
}
