//! The service, over its router and over a real socket.

use std::fs::{File, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use nianbao::guide::Guide;
use nianbao::input::MAX_BYTES;
use nianbao::installation::Installation;
use nianbao::web::{self, NEEDS, ServiceSettings};
use nianbao::workers::{Crew, Limits, Staff};
use serde_json::Value;
use tower::ServiceExt;

use crate::json_schema;
use crate::pdf::Document;
use crate::workbench::{installation, minimal, of_tests, project, sample};

/// An answer, its body read to the end.
pub struct Answer {
    pub status: StatusCode,
    headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// All of one name.
    pub fn headers(&self, name: &str) -> Vec<&str> {
        self.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn codes(&self) -> Vec<String> {
        let found = self.json();
        let found = found.as_array().unwrap_or_else(|| panic!("no findings: {found}"));
        found.iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
    }
}

pub fn router(presses: usize, waiting: usize, token: Option<&str>) -> Router {
    let staff = staff(&installation(), Limits::default(), presses, waiting);
    let templates = installation().open_templates().unwrap();
    web::router(
        templates,
        ServiceSettings {
            token: token.map(str::to_owned),
            staff,
            jobs: None,
            guide: Guide::built_in(),
            indicators: nianbao::indicators::IndicatorList::built_in().clone(),
            office: None,
            openid: None,
            dispatch: None,
        },
    )
}

/// Workers as the service starts them.
pub fn staff(installation: &Installation, limits: Limits, presses: usize, waiting: usize) -> Staff {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_nianbao"));
    let readers = Crew::of_readers(program.clone(), limits);
    let presses = NonZeroUsize::new(presses).unwrap();
    Staff::start(Crew::new(program, installation, limits), readers, presses, waiting)
}

pub fn request(method: &str, path: &str, content_type: &str, body: impl Into<Body>) -> Request<Body> {
    let builder = Request::builder().method(method).uri(path);
    let builder =
        if content_type.is_empty() { builder } else { builder.header("content-type", content_type) };
    builder.body(body.into()).unwrap()
}

pub async fn ask(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    assert!(parts.headers.contains_key("x-request-id"), "every answer has an id");
    Answer { status: parts.status, headers: parts.headers, body }
}

pub async fn post(router: &Router, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
    ask(router, request("POST", path, content_type, body)).await
}

pub async fn get(router: &Router, path: &str) -> Answer {
    ask(router, request("GET", path, "", Body::empty())).await
}

#[tokio::test]
async fn a_report_comes_back_as_pdf_with_its_name() {
    let router = router(1, 1, None);
    let json = serde_json::to_vec(&crate::workbench::read(&minimal())).unwrap();
    let toml = std::fs::read(of_tests("cases/input/whole.toml")).unwrap();
    for (content_type, body) in [
        ("application/yaml; charset=utf-8", minimal().into_bytes()),
        ("application/json", json),
        ("application/toml", toml),
    ] {
        let answer = post(&router, "/api/reports", content_type, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{content_type}: {}", answer.text());
        assert_eq!(answer.header("content-type"), "application/pdf");
        let disposition = answer.header("content-disposition").to_owned();
        let name: String = disposition.split("filename*=UTF-8''").nth(1).unwrap().to_owned();
        let name = percent_encoding::percent_decode_str(&name).decode_utf8().unwrap().into_owned();
        assert_eq!(name, "临江区-2024年法治政府建设年度报告.pdf");
        assert!(disposition.starts_with("attachment; filename=\"report.pdf\"; "), "{disposition}");
        assert!(disposition.is_ascii());
        assert!(Document::read(answer.body).text().contains("临江区依法行政。"));
    }
}

/// What is made follows from what is accepted most; a web page of a report is nobody's on this origin.
#[tokio::test]
async fn a_web_page_a_word_file_and_an_ofd_can_be_asked_for() {
    let router = router(1, 1, None);
    const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    for (accept, media_type) in [
        ("text/html", "text/html; charset=utf-8"),
        ("Text/HTML;charset=utf-8", "text/html; charset=utf-8"),
        (WORD, WORD),
        ("application/ofd", "application/ofd"),
        ("*/*", "application/pdf"),
        ("", "application/pdf"),
        ("image/png, text/html;q=0", "application/pdf"),
        ("application/pdf, text/html", "application/pdf"),
        ("application/pdf;q=0.2, text/html;level=1;q=0.5, */*;q=0.1", "text/html; charset=utf-8"),
        ("text/html;q=x", "application/pdf"),
    ] {
        let mut asked = request("POST", "/api/reports", "application/yaml", minimal());
        asked.headers_mut().insert("accept", accept.parse().unwrap());
        let answer = ask(&router, asked).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, media_type), "{accept}");
        assert!(answer.header("content-disposition").starts_with("attachment; "), "{accept}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let policy = answer.header("content-security-policy");
        let is_page = media_type.starts_with("text/html");
        assert_eq!(policy.starts_with("sandbox; default-src 'none'; "), is_page, "{policy}");
        assert_eq!(answer.body.starts_with(b"<!DOCTYPE html>"), is_page, "{accept}");
        assert_eq!(answer.header("content-disposition").contains(".html"), is_page);
    }
}

#[tokio::test]
async fn the_edition_and_a_draft_can_be_asked_for() {
    let router = router(1, 1, None);
    let formal = post(&router, "/api/reports?edition=formal", "application/yaml", sample()).await;
    assert!(Document::read(formal.body).text().contains("临政发〔2025〕6号"));
    let wrong = minimal().replace("cause:", "detail:");
    let draft = post(&router, "/api/reports?draft=true", "application/yaml", wrong).await;
    assert_eq!(draft.status, StatusCode::OK);
    assert!(Document::read(draft.body).text().contains("〔此处缺："));
}

#[tokio::test]
async fn faults_have_their_status() {
    let router = router(1, 1, None);
    let yaml = "application/yaml";
    let wrong = minimal().replace("cause:", "detail:");

    let answer = post(&router, "/api/reports", yaml, wrong.clone()).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.codes(), ["problem-without-cause"]);
    let answer = post(&router, "/api/check", yaml, wrong).await;
    assert_eq!((answer.status, answer.codes()), (StatusCode::OK, vec!["problem-without-cause".into()]));
    let answer = post(&router, "/api/check", yaml, minimal()).await;
    assert_eq!((answer.status, answer.codes()), (StatusCode::OK, vec![]));
    let answer = post(&router, "/api/reports", yaml, minimal().replace("year: 2024", "year: 99999")).await;
    assert_eq!(
        (answer.status, answer.codes()),
        (StatusCode::UNPROCESSABLE_ENTITY, vec!["invalid-value".into()])
    );

    for path in ["/api/reports", "/api/check"] {
        for (content_type, body, code) in [
            ("application/json", b"{\"year\": ".to_vec(), "syntax"),
            (yaml, vec![], "empty-file"),
            (yaml, b"\xff\xff\x80".to_vec(), "not-text"),
            ("application/json", "[".repeat(10_000).into_bytes(), "too-deep"),
        ] {
            let answer = post(&router, path, content_type, body).await;
            assert_eq!(
                (answer.status, answer.codes()),
                (StatusCode::BAD_REQUEST, vec![code.into()]),
                "{path}"
            );
        }
        let answer = post(&router, path, yaml, vec![b' '; 64 << 20]).await;
        assert_eq!(
            (answer.status, answer.codes()),
            (StatusCode::PAYLOAD_TOO_LARGE, vec!["too-large".into()])
        );
        // A form is what curl calls a file of which it was told nothing.
        let form = "application/x-www-form-urlencoded";
        for content_type in ["", "text/plain", "application/pdf", "multipart/mixed; boundary=x", form] {
            let answer = post(&router, path, content_type, minimal()).await;
            assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{content_type}");
            assert_said(&answer);
        }
        for query in ["?draft=maybe", "?edition=secret", "?editoin=formal"] {
            let answer = post(&router, &format!("{path}{query}"), yaml, minimal()).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
            assert_said(&answer);
        }
        let answer = get(&router, path).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_said(&answer);
    }
    for path in ["/api/nowhere", "/api", "/api/templates/nowhere/sample"] {
        let answer = get(&router, path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_said(&answer);
    }
    // People get a page.
    for path in ["/favicon.ico", "/nowhere", "/../etc/passwd"] {
        let answer = get(&router, path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.header("content-type").starts_with("text/html"), "{path}");
    }
    // The largest that is allowed is still looked at.
    let mut largest = minimal().into_bytes();
    largest.resize(MAX_BYTES, b'\n');
    assert_eq!(post(&router, "/api/check", yaml, largest).await.status, StatusCode::OK);
}

/// A form of documents: the name of each part, its file's name, its content.
fn form(parts: &[(&str, &str, &str)]) -> String {
    let part = |(name, file, content): &(&str, &str, &str)| {
        format!(
            "--edge\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n{content}\r\n"
        )
    };
    parts.iter().map(part).collect::<String>() + "--edge--\r\n"
}

const FORM: &str = "multipart/form-data; boundary=edge";

fn beside(name: &str) -> String {
    std::fs::read_to_string(of_tests("cases/beside").join(name)).unwrap()
}

#[tokio::test]
async fn a_report_is_held_against_the_documents_sent_with_it() {
    let router = router(1, 1, None);
    let (report, last_year, plan) = (minimal(), beside("last-year.yaml"), beside("plan.yaml"));
    let json = serde_json::to_string(&crate::workbench::read(&report)).unwrap();
    // What curl sends names no type that is known here: the file's name tells it, or its look.
    for (file, text) in [("report.yaml", &report), ("report.json", &json), ("report", &report), ("r", &json)]
    {
        let all = [("report", file, &**text), ("last_year", "a.yaml", &last_year), ("plan", "p.yml", &plan)];
        let alone = post(&router, "/api/check", FORM, form(&all[..1])).await;
        assert_eq!((alone.status, alone.codes()), (StatusCode::OK, vec![]), "{file}");
        let beside = post(&router, "/api/check", FORM, form(&all)).await;
        assert_eq!(beside.status, StatusCode::OK, "{}", beside.text());
        assert!(beside.codes().contains(&"unfinished-task-unexplained".into()), "{}", beside.text());
    }
    let copied = last_year.replace("year: 2023", "year: 2024");
    let all = [("last_year", "a.yaml", &*last_year), ("report", "b.yaml", &copied)];
    let answer = post(&router, "/api/check", FORM, form(&all)).await;
    assert!(answer.codes().contains(&"copied-from-last-year".into()), "{}", answer.text());
}

#[tokio::test]
async fn a_form_that_is_wrong_is_refused() {
    let router = router(1, 1, None);
    let report = minimal();
    let part = |name, text| (name, "a.yaml", text);
    for parts in [
        vec![],
        vec![part("plan", "year: 2024")],
        vec![part("report", &*report), part("report", &*report)],
        vec![part("raport", &*report)],
    ] {
        let answer = post(&router, "/api/check", FORM, form(&parts)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{parts:?}");
        assert_said(&answer);
    }
    for (content_type, body) in [("multipart/form-data", form(&[])), (FORM, "--edge\r\nnothing".into())] {
        let answer = post(&router, "/api/check", content_type, body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_said(&answer);
    }
    // A fault of a document beside the report is told with its name.
    for (name, label) in [("last_year", "上年的报告"), ("plan", "工作计划")] {
        let answer =
            post(&router, "/api/check", FORM, form(&[part("report", &report), part(name, "yaer: 1")])).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
        let message = answer.json()[0]["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with(&format!("{label}：")), "{message}");
    }
    let large = " ".repeat(MAX_BYTES);
    let answer = post(&router, "/api/check", FORM, form(&[part("report", &large)])).await;
    assert_eq!((answer.status, answer.codes()), (StatusCode::PAYLOAD_TOO_LARGE, vec!["too-large".into()]));
}

#[tokio::test]
async fn the_findings_can_be_asked_for_as_a_sheet() {
    let router = router(1, 1, None);
    let wrong = minimal().replace("cause:", "detail:");
    for (content_type, body) in
        [("application/yaml", wrong.clone()), (FORM, form(&[("report", "a.yaml", &wrong)]))]
    {
        let answer = post(&router, "/api/check?format=sheet", content_type, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert_eq!(answer.header("content-type"), "application/pdf");
        let name = percent_encoding::percent_decode_str(answer.header("content-disposition"));
        assert!(name.decode_utf8().unwrap().ends_with("临江区-2024年审核意见表.pdf"));
        assert!(Document::read(answer.body).text().contains("〔problem-without-cause〕"));
    }
    // Where there is no report to tell of there is no sheet.
    let unread = post(&router, "/api/check?format=sheet", "application/yaml", "year: 2024").await;
    assert_eq!(unread.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unread.codes().contains(&"missing-field".into()));
    let unknown = post(&router, "/api/check?format=xml", "application/yaml", minimal()).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    assert_said(&unknown);
}

#[tokio::test]
async fn the_matters_of_the_guide_are_told_with_their_places() {
    let router = router(1, 1, None);
    let covered = post(&router, "/api/coverage", "application/yaml", sample()).await;
    assert_eq!(covered.status, StatusCode::OK, "{}", covered.text());
    let matters = covered.json()["matters"].as_array().unwrap().clone();
    let of = |number: &str| matters.iter().find(|one| one["number"] == number).unwrap().clone();
    assert_eq!(of("6.3")["touches"][0]["path"], "measures[4].body[1].lead");
    assert_eq!((&of("4.3")["touches"], &of("4")["is_group"]), (&serde_json::json!([]), &Value::Bool(true)));
    // Also of a report that is only begun.
    let begun = post(&router, "/api/coverage", "application/json", "{\"year\": 2024}").await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.text());
    let empty = post(&router, "/api/coverage", "application/json", "{}").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// What is refused for another reason than the report says what and what next, in Chinese.
pub fn assert_said(answer: &Answer) {
    let said = answer.json();
    for key in ["message", "hint"] {
        let words = said[key].as_str().unwrap_or_default();
        assert!(words.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c)), "{key}: {said}");
    }
}

#[tokio::test]
async fn what_the_service_has_is_shown() {
    let router = router(1, 1, None);
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(get(&router, path).await.status, StatusCode::OK, "{path}");
    }
    let schema = get(&router, "/api/schema").await;
    assert_eq!(schema.header("content-type"), "application/schema+json");
    assert_eq!(&schema.json(), nianbao::report::contract::schema(nianbao::report::DocumentKind::Report));
    let templates = get(&router, "/api/templates").await.json();
    assert_eq!(templates[0]["name"], "annual-report");
    assert_eq!(templates[0]["title"], "法治政府建设年度报告");
    let shown = get(&router, templates[0]["sample"].as_str().unwrap()).await;
    assert_eq!(shown.text(), sample());
    let workbook = get(&router, "/workbook.xlsx").await;
    assert_eq!(workbook.status, StatusCode::OK);
    assert!(workbook.header("content-disposition").contains("attachment"));
    assert!(
        workbook.body
            == nianbao::intake::workbook::blank(
                &crate::workbench::read(sample()),
                nianbao::indicators::IndicatorList::built_in()
            )
    );
    assert!(get(&router, "/").await.text().contains("/workbook.xlsx"));
}

#[tokio::test]
async fn a_wrong_parameter_is_named() {
    let router = router(1, 1, None);
    for (address, words) in [
        ("/api/reports?edition=both", "edition 不能是“both”，可以是：public、formal"),
        ("/api/check?edition=both", "edition 不能是“both”，可以是：public、formal"),
        ("/api/reports?draft=maybe", "draft 不对，可以是：true、false"),
        ("/api/check?edtion=public", "没有参数“edtion”可填，可以填的是：edition"),
        ("/api/import?year=1850", "year 应为 2000 至 2099"),
    ] {
        let answer = post(&router, address, "application/yaml", sample()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{address}");
        assert_said(&answer);
        let said = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(said.contains(words), "{address}: {said}");
    }
}

#[tokio::test]
async fn the_interface_is_valid_openapi_and_lists_every_route() {
    let router = router(1, 1, None);
    let openapi = get(&router, "/api/openapi.json").await.json();
    assert!(openapi["openapi"].as_str().unwrap().starts_with("3.1."));
    let schema = std::fs::read_to_string(of_tests("data/openapi-3.1-schema.json")).unwrap();
    let schema: &'static Value = Box::leak(Box::new(serde_json::from_str(&schema).unwrap()));
    let faults = json_schema::faults(schema, &openapi);
    assert!(faults.is_empty(), "{faults:#?}");
    // The schema is no rubber stamp.
    for (pointer, value) in [
        ("/openapi", "2.0".into()),
        ("/info/title", Value::Null),
        ("/paths/~1api~1reports/post/responses/200", Value::Bool(true)),
    ] {
        let mut broken = openapi.clone();
        *broken.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
        assert!(!json_schema::faults(schema, &broken).is_empty(), "{pointer}");
    }

    let mut references = Vec::new();
    collect_references(&openapi, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("within the document");
        assert!(openapi.pointer(pointer).is_some(), "{reference} leads nowhere");
    }

    // Every route that is listed answers, and every one that answers is listed.
    let paths = openapi["paths"].as_object().unwrap();
    let mut listed: Vec<&str> = paths.keys().map(String::as_str).collect();
    listed.sort_unstable();
    let rows = NEEDS.iter().map(|(_, path, _)| *path).filter(|path| path.starts_with("/api/"));
    let mut expected: Vec<&str> = rows.chain(["/health/live", "/health/ready"]).collect();
    expected.sort_unstable();
    expected.dedup();
    assert_eq!(listed, expected);
    for (path, methods) in paths {
        let path = path.replace("{name}", "annual-report");
        for (method, operation) in methods.as_object().unwrap() {
            let answer = post_or_get(&router, method, &path).await;
            let status = answer.status.as_u16().to_string();
            assert!(operation["responses"].get(&status).is_some(), "{method} {path} answers {status}");
        }
    }
}

async fn post_or_get(router: &Router, method: &str, path: &str) -> Answer {
    match method {
        "post" => post(router, path, "application/yaml", minimal()).await,
        "get" => get(router, path).await,
        other => {
            ask(router, request(&other.to_uppercase(), path, "application/json", Body::from("{}"))).await
        }
    }
}

fn collect_references(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, references)),
        Value::Object(entries) => {
            for (key, value) in entries {
                match value.as_str().filter(|_| key == "$ref") {
                    Some(reference) => references.push(reference.to_owned()),
                    None => collect_references(value, references),
                }
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn a_token_is_demanded_where_there_is_one() {
    const TOKEN: &str = "0123456789abcdef-token";
    let router = router(1, 1, Some(TOKEN));
    for path in ["/api/schema", "/api/templates", "/api/openapi.json", "/", "/api/nowhere"] {
        let answer = get(&router, path).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(answer.header("www-authenticate").starts_with("Bearer, Basic realm="));
        assert_said(&answer);
    }
    assert_eq!(
        post(&router, "/api/reports", "application/yaml", minimal()).await.status,
        StatusCode::UNAUTHORIZED
    );
    for path in ["/health/live", "/health/ready"] {
        assert_eq!(get(&router, path).await.status, StatusCode::OK, "{path}");
    }
    for (bearer, status) in [
        (format!("Bearer {TOKEN}"), StatusCode::OK),
        (format!("Bearer {TOKEN}x"), StatusCode::UNAUTHORIZED),
        (format!("Bearer {}", &TOKEN[1..]), StatusCode::UNAUTHORIZED),
        (TOKEN.to_owned(), StatusCode::UNAUTHORIZED),
        // What a browser sends: any name, the token as its password.
        (format!("Basic {}", BASE64_STANDARD.encode(format!("科长:{TOKEN}"))), StatusCode::OK),
        (format!("Basic {}", BASE64_STANDARD.encode(TOKEN)), StatusCode::UNAUTHORIZED),
        (format!("Basic {}", BASE64_STANDARD.encode(format!("{TOKEN}:x"))), StatusCode::UNAUTHORIZED),
        ("Basic ???".to_owned(), StatusCode::UNAUTHORIZED),
        ("Bearer ".to_owned(), StatusCode::UNAUTHORIZED),
    ] {
        let mut asked = request("GET", "/api/schema", "", Body::empty());
        asked.headers_mut().insert("authorization", bearer.parse().unwrap());
        assert_eq!(ask(&router, asked).await.status, status, "{bearer}");
    }
}

/// One press and one place in line: of many that come at once, at most a few are served and the
/// others are told to come again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_line_is_told_to_come_again() {
    let router = router(1, 1, None);
    let many = (0..12).map(|_| {
        let router = router.clone();
        tokio::spawn(async move { post(&router, "/api/reports", "application/yaml", sample()).await })
    });
    let mut answers = Vec::new();
    for answer in many.collect::<Vec<_>>() {
        answers.push(answer.await.unwrap());
    }
    let (served, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == StatusCode::OK);
    assert!(!served.is_empty() && !refused.is_empty(), "{} served", served.len());
    for answer in refused {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
        assert_said(&answer);
    }
    // Afterwards it serves again.
    assert_eq!(post(&router, "/api/reports", "application/yaml", minimal()).await.status, StatusCode::OK);
}

/// `nianbao serve` on a port of this machine; ended with the test.
pub struct Served {
    child: Child,
    said: BufReader<ChildStdout>,
    pub address: String,
    log: PathBuf,
}

impl Served {
    pub fn start(folder: &Path, more: &[&str]) -> Self {
        Self::start_at(folder, "127.0.0.1:0", more)
    }

    pub fn start_at(folder: &Path, address: &str, more: &[&str]) -> Self {
        Self::start_in(folder, address, more, &[])
    }

    /// With variables of its environment.
    pub fn start_in(folder: &Path, address: &str, more: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nianbao"));
        command.stdin(Stdio::null()).envs(environment.iter().copied());
        Self::started(command, folder, address, more)
    }

    /// As systemd starts a service whose socket it holds: that is its first handle behind the usual three.
    pub fn start_behind(folder: &Path, socket: &TcpListener, more: &[&str]) -> Self {
        let mut command = Command::new("sh");
        let hand_on = "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\" 3<&0 0</dev/null";
        command.args(["-c", hand_on, "sh", env!("CARGO_BIN_EXE_nianbao")]);
        command.stdin(OwnedFd::from(socket.try_clone().unwrap()));
        Self::started(command, folder, &socket.local_addr().unwrap().to_string(), more)
    }

    fn started(mut command: Command, folder: &Path, address: &str, more: &[&str]) -> Self {
        let log = folder.join("log");
        let mut child = command
            .args(["serve", "--listen", address, "--jobs", "1", "--fonts"])
            .arg(project().join("fonts"))
            .args(more)
            .current_dir(folder)
            .stdout(Stdio::piped())
            // A pipe that nobody reads would fill up.
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut line).unwrap();
        // Where people find it stands before where it listens.
        let address = line.rsplit("http://").next().filter(|rest| *rest != line);
        let address = address.and_then(|rest| rest.split('/').next());
        let address = address.unwrap_or_else(|| panic!("no address in {line:?}")).to_owned();
        assert!(line.contains("年报已启动"), "{line}");
        Self { child, said, address, log }
    }

    /// The next line that it says.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line
    }

    /// The next few of these, as far as the one that has this in it.
    pub fn line_with(&mut self, text: &str) -> String {
        let next = std::iter::repeat_with(|| self.line()).take(4).find(|line| line.contains(text));
        next.unwrap_or_else(|| panic!("it says nothing of {text}"))
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn open(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// How much of the machine's memory it has, in bytes.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        resident.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
    }

    /// How many connections it has.
    pub fn connections(&self) -> usize {
        let handles = std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap();
        let targets = handles.filter_map(|handle| std::fs::read_link(handle.unwrap().path()).ok());
        targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
    }

    /// How long its threads have worked, in hundredths of a second.
    pub fn ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        // User and system time, the 14th and 15th of all fields.
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }

    pub fn terminate(&self) {
        let killed = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(killed.unwrap().success());
    }

    /// As a power cut ends it.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end; gives the exit code and what it logged.
    pub fn ended(mut self) -> (Option<i32>, String) {
        let exit = self.child.wait().unwrap().code();
        (exit, std::fs::read_to_string(&self.log).unwrap())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Where a test failed half-way. One that has ended cannot be killed, and need not be.
        let _ = self.child.kill();
        // What it held, its port and its folder, is free only when it is gone.
        let _ = self.child.wait();
    }
}

fn head(path: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/yaml\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )
}

pub fn answer_of(mut stream: TcpStream) -> (String, Vec<u8>) {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
    (String::from_utf8(answer[..end].to_vec()).unwrap(), answer[end..].to_vec())
}

#[test]
fn a_running_request_is_finished_before_the_service_stops() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &[]);
    let body = sample().as_bytes();
    // The request is under way: its head and half its body have come.
    let mut stream = served.open();
    stream.write_all(head("/api/reports", body.len()).as_bytes()).unwrap();
    stream.write_all(&body[..body.len() / 2]).unwrap();
    // A second one, answered, shows that the first has been accepted.
    let mut other = served.open();
    other.write_all(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    assert!(answer_of(other).0.starts_with("HTTP/1.1 200"));
    served.terminate();
    // It takes nobody new.
    while TcpStream::connect(&served.address).is_ok() {
        std::thread::yield_now();
    }
    stream.write_all(&body[body.len() / 2..]).unwrap();
    let (head, pdf) = answer_of(stream);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(pdf.starts_with(b"%PDF-"));
    let (exit, _) = served.ended();
    assert_eq!(exit, Some(0));
}

#[test]
fn the_log_has_one_line_a_request_and_no_text_of_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &[]);
    let wrong = minimal().replace("cause:", "detail:").replace("临江区依法行政", "机密之事甲乙丙");
    let bodies =
        [minimal().replace("临江区依法行政", "机密之事甲乙丙"), wrong, "机密之事甲乙丙: [".to_owned()];
    let mut ids = Vec::new();
    for body in &bodies {
        let mut stream = served.open();
        stream.write_all(head("/api/reports?draft=false", body.len()).as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let (head, _) = answer_of(stream);
        let id = head.lines().find_map(|line| line.strip_prefix("x-request-id: "));
        ids.push(id.expect("an id").to_owned());
    }
    served.terminate();
    let (_, log) = served.ended();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let requests: Vec<&Value> = lines.iter().filter(|line| line["message"] == "request").collect();
    let of = |key: &str| requests.iter().map(|line| line[key].clone()).collect::<Vec<_>>();
    assert_eq!(of("request_id"), ids);
    assert_eq!(of("status"), [200, 422, 400]);
    assert_eq!(of("path"), ["/api/reports"; 3]);
    assert_eq!(of("method"), ["POST"; 3]);
    assert!(of("duration_ms").iter().all(Value::is_u64));
    for words in ["机密", "甲乙丙", "临江区", "行政复议"] {
        assert!(!log.contains(words), "the log has {words}: {log}");
    }
}

#[test]
fn listening_for_others_demands_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let serve = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_nianbao"))
            .args(["serve", "--fonts"])
            .arg(project().join("fonts"))
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let (exit, said) = serve(&["--listen", address]);
        assert_eq!(exit, Some(2));
        assert!(said.contains("访问令牌") && said.contains("--token-file"), "{said}");
    }
    std::fs::write(folder.path().join("short"), "secret\n").unwrap();
    for (file, words) in [("short", "至少 16 位"), ("nowhere", "读不了令牌文件")] {
        let (exit, said) = serve(&["--listen", "127.0.0.1:0", "--token-file", file]);
        assert_eq!(exit, Some(2));
        assert!(said.contains(words), "{said}");
    }
    // An address that nobody can have.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (exit, said) = serve(&["--listen", &taken.local_addr().unwrap().to_string()]);
    assert_eq!(exit, Some(2));
    assert!(said.contains("不能监听"), "{said}");
}

/// As `chmod 600` leaves a file.
pub fn only_for_its_owner(file: &Path) {
    std::fs::set_permissions(file, Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_token_from_a_file_guards_the_service() {
    const TOKEN: &str = "0123456789abcdef-token";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), format!("{TOKEN}\n")).unwrap();
    only_for_its_owner(&folder.path().join("token"));
    let served = Served::start(folder.path(), &["--token-file", "token"]);
    let ask = |authorization: &str| {
        let mut stream = served.open();
        let head = format!(
            "GET /api/templates HTTP/1.1\r\nHost: localhost\r\n{authorization}Connection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        answer_of(stream).0
    };
    assert!(ask("").starts_with("HTTP/1.1 401"));
    assert!(ask(&format!("Authorization: Bearer {TOKEN}\r\n")).starts_with("HTTP/1.1 200"));
    served.terminate();
    let (_, log) = served.ended();
    assert!(!log.contains(TOKEN), "the log has the token");
}

#[tokio::test]
async fn a_pdf_is_measured_clause_by_clause() {
    let router = router(1, 1, None);
    let made = post(&router, "/api/reports?edition=formal", "application/yaml", sample()).await;
    let found = post(&router, "/api/conform", "application/pdf", made.body.clone()).await;
    assert_eq!(found.status, StatusCode::OK);
    assert_eq!(found.json()["conforms"], true);
    let clauses = get(&router, "/api/conform").await.json();
    assert_eq!(clauses.as_array().unwrap().len(), found.json()["findings"].as_array().unwrap().len());
    let strict = post(&router, "/api/conform?strict_fonts=true", "application/pdf", made.body).await;
    assert_eq!(strict.json()["conforms"], false);

    let no_pdf = post(&router, "/api/conform", "application/pdf", "no PDF").await;
    assert_eq!((no_pdf.status, no_pdf.codes()), (StatusCode::BAD_REQUEST, vec!["unreadable-pdf".into()]));
    let no_type = post(&router, "/api/conform", "text/plain", "no PDF").await;
    assert_eq!(no_type.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_said(&no_type);
}

#[tokio::test]
async fn a_document_is_imported_with_its_account() {
    let router = router(1, 1, None);
    let text = std::fs::read(of_tests("cases/import/4-run-in-only.txt")).unwrap();
    let path =
        "/api/import?issuer=%E8%8A%A6%E6%B9%BE%E5%8C%BA%E4%BA%BA%E6%B0%91%E6%94%BF%E5%BA%9C&date=2025-02-20";
    let answer = post(&router, path, "text/plain", text).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let made = answer.json();
    assert_eq!(made["account"]["kind"], "report");
    assert_eq!(made["account"]["sentences"]["kept"], made["account"]["sentences"]["all"]);
    // What comes out can be sent on as it is.
    let checked = post(&router, "/api/check", "application/json", made["document"].to_string()).await;
    assert_eq!(checked.status, StatusCode::OK, "{}", checked.text());
    assert!(!checked.codes().iter().any(|code| code == "missing-field"), "{}", checked.text());
    // The PDF that bears its report gives it back.
    let pdf = post(&router, "/api/reports?attach_source=true", "application/yaml", minimal()).await;
    let back = post(&router, "/api/import", "application/pdf", pdf.body).await;
    assert_eq!(back.json()["document"]["preface"], serde_json::json!(["2024年，临江区依法行政。"]));
}

#[tokio::test]
async fn what_cannot_be_imported_has_its_status() {
    let router = router(1, 1, None);
    for (body, status, code) in [
        (b"".to_vec(), StatusCode::BAD_REQUEST, "empty-file"),
        (b"PK\x03\x04".to_vec(), StatusCode::BAD_REQUEST, "broken-source"),
        ("白菜两斤。".into(), StatusCode::UNPROCESSABLE_ENTITY, "not-a-report"),
        (vec![b'a'; nianbao::import::MAX_BYTES + 1], StatusCode::PAYLOAD_TOO_LARGE, "source-too-large"),
    ] {
        let answer = post(&router, "/api/import", "application/octet-stream", body).await;
        assert_eq!((answer.status, answer.codes()), (status, vec![code.to_owned()]));
    }
    let answer = post(&router, "/api/import?year=1850", "text/plain", "x").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}
