//! Every route under attack: a row for each operation of the OpenAPI document, each attack on each row. A
//! route without a row fails. Whatever comes, the answer says what was wrong and what next, nothing is
//! answered with 500, and the service goes on.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::http::Served;
use crate::workbench::sample;

/// What a route takes.
#[derive(Clone, Copy, PartialEq)]
enum Takes {
    Nothing,
    Report,
    Document,
    Pdf,
    Batch,
    Form,
    Json,
}
use Takes::*;

/// An operation, the path to try it at, and what it takes. `{id}` is a batch that there is.
const ROWS: &[(&str, &str, &str, Takes)] = &[
    ("post", "/api/reports", "/api/reports", Report),
    ("post", "/api/check", "/api/check", Report),
    ("post", "/api/preview", "/api/preview", Report),
    ("post", "/api/coverage", "/api/coverage", Report),
    ("post", "/api/figures", "/api/figures", Report),
    ("post", "/api/difference", "/api/difference", Json),
    ("post", "/api/digest", "/api/digest", Report),
    ("post", "/api/read", "/api/read", Report),
    ("post", "/api/carry", "/api/carry", Report),
    ("get", "/api/conform", "/api/conform", Nothing),
    ("post", "/api/conform", "/api/conform", Pdf),
    ("post", "/api/import", "/api/import", Document),
    ("get", "/api/schema", "/api/schema", Nothing),
    ("get", "/api/templates", "/api/templates", Nothing),
    ("get", "/api/templates/{name}/sample", "/api/templates/annual-report/sample", Nothing),
    ("get", "/api/templates/{name}/schema", "/api/templates/work-plan/schema", Nothing),
    ("get", "/api/openapi.json", "/api/openapi.json", Nothing),
    ("get", "/health/live", "/health/live", Nothing),
    ("get", "/health/ready", "/health/ready", Nothing),
    ("post", "/api/batches", "/api/batches", Batch),
    ("get", "/api/batches", "/api/batches", Nothing),
    ("get", "/api/batches/{id}", "/api/batches/{id}", Nothing),
    ("delete", "/api/batches/{id}", "/api/batches/01ARZ3NDEKTSV4RRFFQ69G5FAV", Nothing),
    ("get", "/api/batches/{id}/units", "/api/batches/{id}/units", Nothing),
    ("post", "/api/batches/{id}/start", "/api/batches/{id}/start", Nothing),
    ("get", "/api/batches/{id}/events", "/api/batches/{id}/events", Nothing),
    ("get", "/api/batches/{id}/result.zip", "/api/batches/{id}/result.zip", Nothing),
    ("post", "/api/batches/{id}/retry", "/api/batches/{id}/retry", Nothing),
    ("get", "/api/roster", "/api/roster", Nothing),
    ("post", "/api/roster", "/api/roster", Json),
    ("get", "/api/roster/units/{unit}", "/api/roster/units/U", Nothing),
    ("patch", "/api/roster/units/{unit}", "/api/roster/units/U", Json),
    ("post", "/api/roster/units/{unit}/merger", "/api/roster/units/U/merger", Json),
    ("get", "/api/collections/{collection}/archive", "/api/collections/NONE/archive", Nothing),
    ("post", "/api/collections/{collection}/archive", "/api/collections/NONE/archive", Nothing),
    (
        "get",
        "/api/collections/{collection}/compilation.yaml",
        "/api/collections/NONE/compilation.yaml?issuer=x",
        Nothing,
    ),
    (
        "get",
        "/api/collections/{collection}/compilation.xlsx",
        "/api/collections/NONE/compilation.xlsx",
        Nothing,
    ),
    ("get", "/api/collections", "/api/collections", Nothing),
    ("post", "/api/collections", "/api/collections", Json),
    ("get", "/api/collections/{collection}", "/api/collections/NONE", Nothing),
    ("post", "/api/collections/{collection}/state", "/api/collections/NONE/state", Json),
    ("post", "/api/collections/{collection}/units", "/api/collections/NONE/units", Json),
    ("get", "/api/collections/{collection}/board", "/api/collections/NONE/board", Nothing),
    ("patch", "/api/collections/{collection}", "/api/collections/NONE", Json),
    ("delete", "/api/collections/{collection}/units/{unit}", "/api/collections/NONE/units/U", Nothing),
    ("post", "/api/collections/{collection}/entrances", "/api/collections/NONE/entrances", Json),
    (
        "put",
        "/api/collections/{collection}/units/{unit}/extension",
        "/api/collections/NONE/units/U/extension",
        Json,
    ),
    (
        "delete",
        "/api/collections/{collection}/units/{unit}/extension",
        "/api/collections/NONE/units/U/extension?reason=x",
        Nothing,
    ),
    ("get", "/api/collections/{collection}/overdue", "/api/collections/NONE/overdue", Nothing),
    ("get", "/api/collections/{collection}/board.xlsx", "/api/collections/NONE/board.xlsx", Nothing),
    ("get", "/api/collections/{collection}/events", "/api/collections/NONE/events", Nothing),
    ("get", "/api/collections/{collection}/units/{unit}", "/api/collections/NONE/units/U", Nothing),
    (
        "get",
        "/api/collections/{collection}/units/{unit}/comments",
        "/api/collections/NONE/units/U/comments",
        Nothing,
    ),
    (
        "post",
        "/api/collections/{collection}/units/{unit}/comments/{comment}/answers",
        "/api/collections/NONE/units/U/comments/1/answers",
        Json,
    ),
    (
        "patch",
        "/api/collections/{collection}/units/{unit}/comments/{comment}",
        "/api/collections/NONE/units/U/comments/1",
        Json,
    ),
    (
        "get",
        "/api/collections/{collection}/units/{unit}/history",
        "/api/collections/NONE/units/U/history",
        Nothing,
    ),
    ("post", "/api/collections/{collection}/letters", "/api/collections/NONE/letters", Json),
    (
        "post",
        "/api/collections/{collection}/units/{unit}/letter",
        "/api/collections/NONE/units/U/letter",
        Json,
    ),
    ("post", "/api/collections/{collection}/units/{unit}/moves", "/api/collections/NONE/units/U/moves", Json),
    (
        "post",
        "/api/collections/{collection}/units/{unit}/versions/{version}/comments",
        "/api/collections/NONE/units/U/versions/1/comments",
        Json,
    ),
    ("post", "/api/collections/{collection}/materials", "/api/collections/NONE/materials?name=a.zip", Pdf),
    ("put", "/api/collections/{collection}/materials", "/api/collections/NONE/materials", Json),
    ("get", "/api/collections/{collection}/checks", "/api/collections/NONE/checks", Nothing),
    ("put", "/api/collections/{collection}/checks", "/api/collections/NONE/checks", Json),
    ("get", "/api/collections/{collection}/messages", "/api/collections/NONE/messages", Nothing),
    ("post", "/api/collections/{collection}/reminders", "/api/collections/NONE/reminders", Nothing),
    ("post", "/api/collections/{collection}/entrances/mails", "/api/collections/NONE/entrances/mails", Json),
    ("get", "/api/webhooks", "/api/webhooks", Nothing),
    ("post", "/api/webhooks", "/api/webhooks", Json),
    ("patch", "/api/webhooks/{webhook}", "/api/webhooks/01ARZ3NDEKTSV4RRFFQ69G5FAV", Json),
    ("delete", "/api/webhooks/{webhook}", "/api/webhooks/01ARZ3NDEKTSV4RRFFQ69G5FAV", Nothing),
    ("post", "/api/webhooks/{webhook}/trials", "/api/webhooks/01ARZ3NDEKTSV4RRFFQ69G5FAV/trials", Nothing),
    ("get", "/api/record", "/api/record", Nothing),
    ("get", "/api/accounts", "/api/accounts", Nothing),
    ("post", "/api/accounts/invitations", "/api/accounts/invitations", Form),
    ("get", "/api/accounts/{account}", "/api/accounts/01ARZ3NDEKTSV4RRFFQ69G5FAV", Nothing),
    (
        "delete",
        "/api/accounts/{account}/sessions",
        "/api/accounts/01ARZ3NDEKTSV4RRFFQ69G5FAV/sessions",
        Nothing,
    ),
    ("post", "/api/accounts/{account}/resets", "/api/accounts/01ARZ3NDEKTSV4RRFFQ69G5FAV/resets", Json),
    ("get", "/api/accounts/links", "/api/accounts/links", Nothing),
    ("delete", "/api/accounts/links/{link}", "/api/accounts/links/01ARZ3NDEKTSV4RRFFQ69G5FAV", Nothing),
    ("get", "/api/account/tokens", "/api/account/tokens", Nothing),
    ("post", "/api/account/tokens", "/api/account/tokens", Json),
    ("delete", "/api/account/tokens/{token}", "/api/account/tokens/01ARZ3NDEKTSV4RRFFQ69G5FAV", Nothing),
    ("patch", "/api/accounts/{account}", "/api/accounts/01ARZ3NDEKTSV4RRFFQ69G5FAV", Form),
    ("get", "/api/collections/{collection}/units/{unit}/draft", "/api/collections/x/units/y/draft", Nothing),
    ("put", "/api/collections/{collection}/units/{unit}/draft", "/api/collections/x/units/y/draft", Report),
    (
        "get",
        "/api/collections/{collection}/units/{unit}/draft/sources",
        "/api/collections/x/units/y/draft/sources",
        Nothing,
    ),
    (
        "post",
        "/api/collections/{collection}/units/{unit}/draft/merge",
        "/api/collections/x/units/y/draft/merge",
        Report,
    ),
    (
        "get",
        "/api/collections/{collection}/units/{unit}/draft/history",
        "/api/collections/x/units/y/draft/history",
        Nothing,
    ),
    (
        "post",
        "/api/collections/{collection}/units/{unit}/draft/restore",
        "/api/collections/x/units/y/draft/restore",
        Report,
    ),
    (
        "post",
        "/api/collections/{collection}/units/{unit}/draft/conflicts/{id}",
        "/api/collections/x/units/y/draft/conflicts/z",
        Report,
    ),
    (
        "post",
        "/api/collections/{collection}/units/{unit}/versions",
        "/api/collections/x/units/y/versions",
        Document,
    ),
    (
        "get",
        "/api/collections/{collection}/units/{unit}/versions",
        "/api/collections/x/units/y/versions",
        Nothing,
    ),
    (
        "get",
        "/api/collections/{collection}/units/{unit}/versions/{version}",
        "/api/collections/x/units/y/versions/1",
        Nothing,
    ),
    (
        "get",
        "/api/collections/{collection}/units/{unit}/versions/{version}/files/{file}",
        "/api/collections/x/units/y/versions/1/files/input",
        Nothing,
    ),
    (
        "get",
        "/api/collections/{collection}/units/{unit}/versions/{version}/findings",
        "/api/collections/x/units/y/versions/1/findings",
        Nothing,
    ),
    (
        "get",
        "/api/collections/{collection}/units/{unit}/versions/{version}/differences",
        "/api/collections/x/units/y/versions/1/differences",
        Nothing,
    ),
    // Pages are not in the document; they take the same.
    ("post", "", "/", Form),
    ("post", "", "/open", Report),
    ("post", "", "/batches", Batch),
    ("post", "", "/batches/{id}", Form),
    ("post", "", "/roster", Form),
    ("post", "", "/roster/list", Form),
    ("post", "", "/roster/units/U", Form),
    ("post", "", "/collections", Form),
    ("post", "", "/collections/NONE", Form),
    ("post", "", "/collections/NONE/units", Form),
    ("post", "", "/collections/NONE/units/U", Form),
    ("post", "", "/collections/NONE/units/U/entrance", Form),
    ("post", "", "/collections/x/units/y/draft", Form),
    ("post", "", "/collections/x/units/y/draft/history/1", Form),
    ("post", "", "/collections/x/units/y/submit", Document),
];

impl Takes {
    fn media_type(self) -> &'static str {
        match self {
            Nothing => "text/plain",
            Report => "application/yaml",
            Document => "application/octet-stream",
            Pdf => "application/pdf",
            Batch => "application/zip",
            Form => "application/x-www-form-urlencoded",
            Json => "application/json",
        }
    }

    /// The most that is taken, in bytes.
    fn most(self) -> usize {
        match self {
            Document => 32 << 20,
            Pdf => 64 << 20,
            Batch => 512 << 20,
            _ => 8 << 20,
        }
    }
}

/// A request as a client of ours would send it, but for what is wrong with it.
fn request(method: &str, path: &str, media_type: &str, length: usize) -> String {
    format!(
        "{} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n",
        method.to_uppercase()
    )
}

/// The status and the body; nothing where the service hung up without a word.
fn answer(mut stream: TcpStream) -> Option<(u16, Vec<u8>)> {
    stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
    let mut answer = Vec::new();
    let mut part = [0; 16 << 10];
    loop {
        if is_whole(&answer) {
            break;
        }
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(length) => answer.extend_from_slice(&part[..length]),
            // What was not read of an upload comes back as a reset, behind the answer or before it.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("no answer: {error}"),
        }
    }
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let status = std::str::from_utf8(&answer[9..12]).ok()?.parse().ok()?;
    Some((status, answer[end..].to_vec()))
}

/// Whether an answer has all that it announced. The service waits a moment for whoever is still sending.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    length.is_some_and(|length| answer.len() >= end + 4 + length)
}

fn send(served: &Served, head: &str, body: &[u8]) -> Option<(u16, Vec<u8>)> {
    let mut stream = served.open();
    stream.write_all(head.as_bytes()).unwrap();
    // Refused on its head, it may be closed before all has come.
    let _ = stream.write_all(body);
    answer(stream)
}

/// What is wrong with an answer, if anything.
fn fault(answer: Option<(u16, Vec<u8>)>, is_closing_fine: bool) -> Option<String> {
    let Some((status, body)) = answer else {
        return (!is_closing_fine).then(|| "it hung up without a word".to_owned());
    };
    if status == 500 {
        return Some(format!("500: {}", String::from_utf8_lossy(&body)));
    }
    let text = String::from_utf8_lossy(&body).into_owned();
    // Pages say it in HTML; the interface in JSON with a message and a hint, or as diagnostics.
    let says =
        status < 400 || text.contains("<html") || text.contains("\"message\"") && text.contains("\"hint\"");
    (!says).then(|| format!("{status} says nothing: {text}"))
}

#[test]
fn every_operation_has_a_row() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &[]);
    let (_, document) = send(&served, &request("get", "/api/openapi.json", "text/plain", 0), b"").unwrap();
    let document: Value = serde_json::from_slice(&document).unwrap();
    let mut missing = Vec::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            if !ROWS.iter().any(|(one, known, ..)| one == method && known == path) {
                missing.push(format!("{method} {path}"));
            }
        }
    }
    assert!(missing.is_empty(), "routes without a row: {missing:?}");
}

#[test]
fn no_route_is_brought_down() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &[]);
    let id = begun(&served);
    let rows: Vec<(&str, String, Takes)> =
        ROWS.iter().map(|(method, _, path, takes)| (*method, path.replace("{id}", &id), *takes)).collect();
    let wrong: Vec<String> = thread::scope(|scope| {
        let parts = rows.chunks(rows.len().div_ceil(4)).map(|rows| scope.spawn(|| attacked(&served, rows)));
        parts.collect::<Vec<_>>().into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let report = sample().as_bytes();
    let head = request("post", "/api/reports", "application/yaml", report.len());
    let (status, pdf) = send(&served, &head, report).unwrap();
    assert!(status == 200 && pdf.starts_with(b"%PDF"), "afterwards it makes reports: {status}");
}

/// All that is wrong with the answers of these routes.
fn attacked(served: &Served, rows: &[(&str, String, Takes)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (method, path, takes) in rows {
        for (attack, media_type, body) in attacks(*takes) {
            let head = request(method, path, media_type, body.len());
            let found = fault(send(served, &head, &body), body.len() > takes.most());
            wrong.extend(found.map(|found| format!("{method} {path}, {attack}: {found}")));
        }
        // A length that is too large is refused before anything of it has come.
        if *takes != Nothing {
            let head = request(method, path, takes.media_type(), takes.most() + (1 << 20));
            let found = fault(send(served, &head, b"year: 2024"), true);
            wrong.extend(found.map(|found| format!("{method} {path}, announced too large: {found}")));
        }
        // Cut off in the middle: nobody is there to be told, and nothing may be left hanging.
        let mut stream = served.open();
        stream.write_all(request(method, path, takes.media_type(), 1000).as_bytes()).unwrap();
        stream.write_all(b"year: 20").unwrap();
        drop(stream);
    }
    wrong
}

/// Whoever sends a part and then nothing is ended by the service, on every route that waits for a body.
#[test]
fn who_stalls_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &[]);
    let id = begun(&served);
    thread::scope(|scope| {
        let stalled = ROWS.iter().filter(|(.., takes)| *takes != Nothing).map(|(method, _, path, takes)| {
            let (served, path) = (&served, path.replace("{id}", &id));
            scope.spawn(move || {
                let mut stream = served.open();
                stream.write_all(request(method, &path, takes.media_type(), 100_000).as_bytes()).unwrap();
                stream.write_all(b"year: 2024\n").unwrap();
                (path, answer(stream))
            })
        });
        for stalled in stalled.collect::<Vec<_>>() {
            let (path, answer) = stalled.join().unwrap();
            // It may say so or just hang up; it does not wait for ever.
            assert!(answer.as_ref().is_none_or(|(status, _)| *status >= 400), "{path}: {answer:?}");
        }
    });
}

/// A batch to try the routes of batches at.
fn begun(served: &Served) -> String {
    let body = crate::batches::reports(1, None);
    let head = request("post", "/api/batches?start=false", "application/zip", body.len());
    let (status, answer) = send(served, &head, &body).unwrap();
    assert_eq!(status, 202, "{}", String::from_utf8_lossy(&answer));
    let batch: Value = serde_json::from_slice(&answer).unwrap();
    batch["id"].as_str().unwrap().to_owned()
}

/// What is sent to a route: what it is called, of which type, and the bytes.
fn attacks(takes: Takes) -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let own = takes.media_type();
    let mut attacks = vec![
        ("nothing", own, vec![]),
        ("another type", "image/png", b"\x89PNG\r\n\x1a\n".to_vec()),
        ("a type that is none", "\u{ff}/;;;=", b"x".to_vec()),
        ("zeros", own, vec![0; 4096]),
        ("what is no text", own, (0..=255).cycle().take(4096).collect()),
        (
            "half a form",
            "multipart/form-data; boundary=edge",
            b"--edge\r\nContent-Disposition: form".to_vec(),
        ),
        ("a form without an edge", "multipart/form-data", b"--\r\n\r\n".to_vec()),
        ("a form of many parts", "multipart/form-data; boundary=e", parts(10_000)),
        ("deep lists", "application/json", vec![b'['; 1 << 20]),
        ("deep maps", "application/yaml", "{a: ".repeat(100_000).into_bytes()),
        ("anchors", "application/yaml", b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n".to_vec()),
        (
            "markup",
            "application/json",
            br#"{"year": "<script>", "issuer": {"name": "=cmd|' /C calc'!A0"}}"#.to_vec(),
        ),
    ];
    let broken = |start: &[u8]| [start, &[b'x'; 500][..]].concat();
    attacks.extend(match takes {
        Pdf => vec![("a broken PDF", own, broken(b"%PDF-1.7\n"))],
        Document => vec![
            ("a broken PDF", own, broken(b"%PDF-1.7\n")),
            ("a broken Word document", own, broken(b"PK\x03\x04")),
            ("an old Word document", own, broken(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")),
            ("a page of open tags", own, [b"<html>", &b"<b>".repeat(300_000)[..]].concat()),
        ],
        Batch => vec![
            ("a broken ZIP", own, broken(b"PK\x03\x04")),
            ("lines that are none", "application/jsonl", b"{\n}\n[\n".to_vec()),
            (
                "what goes along and is none of it",
                "multipart/form-data; boundary=e",
                ["roster", "indicators", "last_year", "plan", "also", "batch"]
                    .map(|name| {
                        let head = format!(
                            "--e\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.zip\""
                        );
                        [head.as_bytes(), b"\r\n\r\nPK\x03\x04\xff\xff\r\n"].concat()
                    })
                    .concat(),
            ),
            (
                "a workbook that is none",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                broken(b"PK\x03\x04"),
            ),
        ],
        _ => vec![],
    });
    if takes.most() <= 32 << 20 && takes != Nothing {
        attacks.push(("more than is taken", own, vec![b'a'; takes.most() + 1]));
    }
    attacks
}

fn parts(count: usize) -> Vec<u8> {
    let part = "--e\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n";
    [part.repeat(count).as_bytes(), b"--e--\r\n"].concat()
}
