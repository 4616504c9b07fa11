//! Who comes in by the network and how: clients that hold places, memory and answers; names that are
//! not the service's; what is left lying about for others. The hostile ones are plain sockets.

use std::collections::HashSet;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::Value;

use crate::http::{Answer, Served, answer_of, assert_said, get, only_for_its_owner, post, router};
use crate::workbench::{files_in, minimal, project};

/// How long something may take to happen before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(120);

fn until(what: &str, mut happens: impl FnMut() -> bool) {
    let start = Instant::now();
    while !happens() {
        assert!(start.elapsed() < PATIENCE, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A service with nothing special about it.
fn served(more: &[&str]) -> (tempfile::TempDir, Served) {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), more);
    (folder, served)
}

/// What is answered to this, and nothing else is sent. A service that wants to hear no more may break off
/// before all is sent.
fn say(served: &Served, head: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
    let mut stream = served.open();
    stream.write_all(head.as_bytes()).unwrap();
    let _ = stream.write_all(body);
    let (head, body) = answer_of(stream);
    (status(&head), head, body)
}

fn status(head: &str) -> u16 {
    head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{head}"))
}

/// The status of a request of this head, its lines without their ends.
fn status_of(served: &Served, lines: &str) -> u16 {
    let head = format!("{}\r\nConnection: close\r\n\r\n", lines.replace('\n', "\r\n"));
    say(served, &head, b"").0
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let named = head.lines().filter_map(|line| line.split_once(": "));
    named.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next().unwrap_or_default()
}

fn post_head(path: &str, content_type: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n"
    )
}

/// How long each of so many looks at the service's health takes, each by a connection of its own.
fn health(served: &Served, count: usize) -> Vec<Duration> {
    let mut taken: Vec<Duration> = (0..count)
        .map(|_| {
            let start = Instant::now();
            assert_eq!(status_of(served, "GET /health/live HTTP/1.1\nHost: localhost"), 200);
            start.elapsed()
        })
        .collect();
    taken.sort_unstable();
    taken
}

fn percentile(sorted: &[Duration], hundredth: usize) -> Duration {
    sorted[(sorted.len() * hundredth / 100).min(sorted.len() - 1)]
}

/// Whether the other side has ended a connection on which nothing is to be read.
fn is_over(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    match stream.read(&mut [0; 4096]) {
        Ok(0) => true,
        Ok(_) => false,
        Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "what was measured is to be seen")]
fn half_heads_make_nobody_deaf_and_end() {
    let (_folder, served) = served(&[]);
    let idle = health(&served, 300);
    let half = |_| {
        let mut stream = served.open();
        // Those who came first may be gone already.
        let _ = stream.write_all(b"POST /api/check HTTP/1.1\r\nHost: localhost\r\nX-A: ");
        stream
    };
    let mut many: Vec<TcpStream> = (0..1100).map(half).collect();
    let beside = health(&served, 300);
    let body = minimal();
    let (status, ..) =
        say(&served, &post_head("/api/check", "application/yaml", body.len()), body.as_bytes());
    assert_eq!(status, 200);
    // Of hundreds the slowest few tell of the machine as well.
    let usual = percentile(&idle, 99).max(Duration::from_millis(5));
    println!(
        "p99 of health: idle {:?}, beside 1,100 half heads {:?}",
        percentile(&idle, 99),
        percentile(&beside, 99)
    );
    assert!(percentile(&beside, 99) <= 10 * usual, "idle {usual:?}, then {:?}", percentile(&beside, 99));
    // None of them may wait for ever.
    until("all half heads are ended", || {
        many.retain_mut(|stream| !is_over(stream));
        many.is_empty()
    });
}

#[test]
fn where_all_places_are_at_work_health_is_told() {
    let (_folder, served) = served(&[]);
    // Requests under way: their bodies do not come.
    let head = post_head("/api/check", "application/yaml", 1000);
    let mut many: Vec<TcpStream> = Vec::new();
    let ask = |path: &str| {
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let mut stream = served.open();
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = [0; 2000];
        let length = stream.read(&mut answer).unwrap();
        (String::from_utf8_lossy(&answer[..length]).into_owned(), stream)
    };
    until("all places are taken", || {
        for _ in 0..20 {
            let mut stream = served.open();
            stream.write_all(head.as_bytes()).unwrap();
            many.push(stream);
        }
        ask("/api/templates").0.starts_with("HTTP/1.1 503")
    });
    let (answer, mut stream) = ask("/api/templates");
    assert_eq!(header(&answer, "connection"), "close");
    assert!(
        header(&answer, "retry-after").parse::<u32>().unwrap() > 0 && answer.contains("连接太多"),
        "{answer}"
    );
    until("it is closed", || is_over(&mut stream));
    for _ in 0..200 {
        assert!(ask("/health/live").0.starts_with("HTTP/1.1 200"));
    }
    // They are told that they are too slow, and then there is room again.
    let (answer, _) = answer_of(many.swap_remove(0));
    assert_eq!(status(&answer), 408, "{answer}");
    until("there is room again", || ask("/api/templates").0.starts_with("HTTP/1.1 200"));
    drop(many);
}

/// Every way in for a body ends one that stalls or trickles, and says why.
#[test]
fn a_body_that_stalls_is_ended() {
    let (_folder, served) = served(&[]);
    let form = "multipart/form-data; boundary=edge";
    let part =
        "--edge\r\nContent-Disposition: form-data; name=\"report\"; filename=\"a.yaml\"\r\n\r\nyear: 2024\n";
    let of_batch = part.replace("\"report\"", "\"batch\"").replace("a.yaml", "a.zip");
    let mut waiting = Vec::new();
    for (path, content_type, beginning) in [
        ("/api/reports", "application/yaml", "year: 2024\n"),
        ("/api/check", form, part),
        ("/api/preview", "application/yaml", "year: 2024\n"),
        ("/api/import", "text/plain", "年报"),
        ("/api/conform", "application/pdf", "%PDF-1.7\n"),
        ("/", "application/x-www-form-urlencoded", "year=2024"),
        ("/open", form, part),
        ("/api/batches", "application/zip", "PK\x03\x04"),
        ("/api/batches", form, &*of_batch),
        ("/batches", form, &*of_batch),
    ] {
        for trickles in [false, true] {
            let mut stream = served.open();
            stream.write_all(post_head(path, content_type, 1 << 20).as_bytes()).unwrap();
            stream.write_all(beginning.as_bytes()).unwrap();
            waiting.push((path, trickles, stream, false));
        }
    }
    until("all are ended", || {
        for (_, trickles, stream, is_ended) in waiting.iter_mut().filter(|one| !one.3) {
            if *trickles {
                let _ = stream.write_all(b"#");
            }
            stream.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
            *is_ended = stream.peek(&mut [0]).is_ok();
        }
        waiting.iter().all(|one| one.3)
    });
    for (path, trickles, stream, _) in waiting {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let (head, body) = answer_of(stream);
        assert_eq!(status(&head), 408, "{path}, trickles: {trickles}: {head}");
        let said: Value = serde_json::from_slice(&body).unwrap();
        assert!(said["message"].as_str().unwrap().contains("太慢"), "{said}");
    }
}

/// Bodies that are not whole hold no more than their bound together, and nothing when they are gone.
#[test]
#[expect(clippy::print_stdout, reason = "what was measured is to be seen")]
fn bodies_hold_a_bounded_memory_and_give_it_back() {
    const MIB: u64 = 1 << 20;
    let (_folder, served) = served(&[]);
    health(&served, 20);
    let before = served.resident();
    let length = 31 << 20;
    let part = vec![b'a'; 1 << 20];
    let (most, statuses) = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..60)
            .map(|number| {
                let (served, part) = (&served, &part);
                scope.spawn(move || {
                    let path = if number % 2 == 0 { "/api/import" } else { "/api/import?year=2024" };
                    let mut stream = served.open();
                    stream.set_write_timeout(Some(PATIENCE)).unwrap();
                    stream.write_all(post_head(path, "text/plain", length).as_bytes()).unwrap();
                    for _ in 0..30 {
                        if stream.write_all(part).is_err() {
                            break;
                        }
                    }
                    let _ = stream.write_all(&part[1..]);
                    let (head, _) = answer_of(stream);
                    assert!(status(&head) != 503 || !header(&head, "retry-after").is_empty(), "{head}");
                    status(&head)
                })
            })
            .collect();
        let mut most = 0;
        while !clients.iter().all(|client| client.is_finished()) {
            most = most.max(served.resident());
            assert_eq!(status_of(&served, "GET /health/live HTTP/1.1\nHost: localhost"), 200);
            std::thread::sleep(Duration::from_millis(5));
        }
        (most, clients.into_iter().map(|client| client.join().unwrap()).collect::<Vec<_>>())
    });
    let turned_away = statuses.iter().filter(|status| **status == 503).count();
    println!(
        "resident: {} MiB before, {} MiB at most, {turned_away} of 60 turned away",
        before / MIB,
        most / MIB
    );
    assert!(statuses.iter().all(|status| [408, 503].contains(status)), "{statuses:?}");
    assert!(turned_away > 0 && turned_away < 60, "{statuses:?}");
    assert!(most < before + 400 * MIB, "{} MiB, then {} MiB", before / MIB, most / MIB);
    until("the memory is given back", || served.resident() < before + 48 * MIB);
    println!("resident afterwards: {} MiB", served.resident() / MIB);
}

/// A form of an upload that never comes to its file is not kept in memory.
#[test]
fn the_head_of_an_upload_has_an_end() {
    let (_folder, served) = served(&[]);
    let form = "multipart/form-data; boundary=edge";
    for beginning in [
        "--edge\r\nContent-Disposition: form-data; name=\"batch\"; x=\"",
        "--edge\r\nContent-Disposition: form-data; name=\"edition\"\r\n\r\n",
        "",
    ] {
        let mut body = beginning.as_bytes().to_vec();
        body.resize(64 << 20, b'a');
        let (status, head, _) = say(&served, &post_head("/api/batches", form, body.len()), &body);
        assert_eq!(status, 400, "{beginning}: {head}");
    }
    assert!(served.resident() < 400 << 20, "{} bytes", served.resident());
}

/// Who asks for much and takes nothing, or next to nothing, loses the connection.
#[test]
fn a_slow_reader_is_ended() {
    let (_folder, served) = served(&[]);
    health(&served, 1);
    let before = served.connections();
    let body = format!("preface:\n- \"{}\"\n", "a".repeat(7 << 20));
    let ask = || {
        let mut stream = served.open();
        let head = post_head("/api/read", "application/yaml", body.len());
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        stream.read_exact(&mut [0; 12]).unwrap();
        stream
    };
    // One that reads is served whole, whatever comes of the others.
    let (mut nothing, mut little) = (ask(), ask());
    let mut whole = Vec::new();
    ask().read_to_end(&mut whole).unwrap();
    assert!(whole.len() > 7 << 20);
    until("both are ended", || {
        let _ = little.read(&mut [0; 10]);
        served.connections() <= before
    });
    let mut rest = Vec::new();
    let _ = nothing.read_to_end(&mut rest);
    assert!(rest.len() < 7 << 20, "all of it came: {}", rest.len());
}

#[test]
fn only_its_own_names_lead_to_the_service() {
    let (_folder, served) = served(&["--public-address", "https://报告.example.gov.cn"]);
    let port = served.address.rsplit(':').next().unwrap().to_owned();
    for host in ["localhost", "LOCALHOST", "127.0.0.1", "[::1]"] {
        assert_eq!(status_of(&served, &format!("GET /api/templates HTTP/1.1\nHost: {host}")), 200, "{host}");
    }
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        let host = format!("{host}:{port}");
        assert_eq!(status_of(&served, &format!("GET / HTTP/1.1\nHost: {host}")), 200, "{host}");
    }
    let public = url::Url::parse("https://报告.example.gov.cn").unwrap();
    let public = public.host_str().unwrap();
    for host in [public.to_owned(), format!("{public}:443")] {
        assert_eq!(status_of(&served, &format!("GET / HTTP/1.1\nHost: {host}")), 200, "{host}");
    }
    for host in [
        "evil.example",
        &format!("evil.example:{port}"),
        &format!("localhost.evil.example:{port}"),
        &format!("evil.localhost:{port}"),
        &format!("localhost@evil.example:{port}"),
        &format!("evil@localhost:{port}"),
        "localhost:1",
        "localhost:",
        "localhost:99999",
        &format!("127.0.0.2:{port}"),
        &format!("127.1:{port}"),
        &format!("2130706433:{port}"),
        &format!("0.0.0.0:{port}"),
        &format!("[::]:{port}"),
        &format!("{public}:80"),
        "报告.example.gov.cn",
        "",
        " ",
        "/",
        "localhost, evil.example",
    ] {
        for path in ["/", "/api/templates", "/api/batches", "/batches", "/health/live", "/nowhere"] {
            let status = status_of(&served, &format!("GET {path} HTTP/1.1\nHost: {host}"));
            assert!([400, 421].contains(&status), "{path} at {host:?}: {status}");
        }
    }
    let (status, _, body) =
        say(&served, "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", b"");
    assert_eq!(status, 421);
    assert!(String::from_utf8(body).unwrap().contains("--public-address"));
    // None, two, and one in the target that is another's.
    assert_eq!(status_of(&served, "GET / HTTP/1.1"), 400);
    assert_eq!(status_of(&served, "GET / HTTP/1.1\nHost: localhost\nHost: localhost"), 400);
    assert_eq!(status_of(&served, "GET http://evil.example/ HTTP/1.1\nHost: localhost"), 421);
    assert_eq!(status_of(&served, "GET http://localhost/ HTTP/1.1\nHost: evil.example"), 421);
    // Older clients name none; no page makes such a one speak.
    assert_eq!(status_of(&served, "GET /health/live HTTP/1.0"), 200);
}

#[test]
fn only_its_own_pages_post() {
    let (_folder, served) = served(&["--public-address", "https://report.example.gov.cn"]);
    let port = served.address.rsplit(':').next().unwrap().to_owned();
    let own = format!("http://localhost:{port}");
    let body = "year=2024&_do=check";
    let post = |lines: &[String]| {
        let head = format!(
            "POST / HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\nConnection: close\r\n{}\r\n",
            body.len(),
            lines.iter().map(|line| format!("{line}\r\n")).collect::<String>()
        );
        say(&served, &head, body.as_bytes()).0
    };
    for lines in [
        vec![],
        vec![format!("Origin: {own}")],
        vec![format!("Referer: {own}/?sample=annual-report")],
        // Behind a proxy that rewrites the host.
        vec!["Origin: https://report.example.gov.cn".into()],
        vec!["Referer: https://report.example.gov.cn/".into()],
        vec!["Sec-Fetch-Site: same-origin".into(), "Origin: https://report.example.gov.cn".into()],
    ] {
        assert_eq!(post(&lines), 200, "{lines:?}");
    }
    for lines in [
        vec!["Origin: http://evil.example".into()],
        vec!["Origin: null".into()],
        vec!["Origin: http://report.example.gov.cn".into()],
        vec!["Origin: https://report.example.gov.cn:444".into()],
        vec!["Origin: https://report.example.gov.cn.evil.example".into()],
        vec![format!("Origin: http://localhost:{}", port.parse::<u16>().unwrap() ^ 1)],
        vec!["Origin: 报告".into()],
        vec![format!("Origin: {own}"), "Origin: http://evil.example".into()],
        vec!["Referer: http://evil.example/page".into()],
        vec![format!("Referer: http://evil.example/?{own}/")],
        vec!["Referer: ".into()],
        vec![format!("Origin: {own}"), "Sec-Fetch-Site: cross-site".into()],
    ] {
        assert_eq!(post(&lines), 403, "{lines:?}");
    }
}

#[test]
fn what_is_no_public_address_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for address in [
        "report.example",
        "ftp://report.example",
        "https://report.example/reports",
        "https://a@b",
        "https://",
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_nianbao"))
            .args(["serve", "--listen", "127.0.0.1:0", "--public-address", address, "--fonts"])
            .arg(project().join("fonts"))
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{address}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("https://"), "{address}");
    }
}

#[test]
fn what_a_client_chose_does_not_fill_the_log() {
    let (_folder, served) = served(&[]);
    let ask = |line: &str, more: &str| {
        let head = format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\r\n\r\n");
        let (_, head, _) = say(&served, &head, b"");
        header(&head, "x-request-id").to_owned()
    };
    assert_eq!(ask("GET /health/live", "x-request-id: Abc-1.2_3"), "Abc-1.2_3");
    let long = "a".repeat(65);
    for id in [&*long, &"a".repeat(20_000), "a b", "标识", "\"", "{}", "a;b"] {
        let given = ask("GET /health/live", &format!("x-request-id: {id}"));
        assert!(given.len() == 36 && given != id, "{id}: {given}");
    }
    ask("GET /health/live", "x-request-id: one\r\nx-request-id: two");
    ask(&format!("GET /{}", "b".repeat(20_000)), "x-a: b");
    ask(&format!("{} /", "C".repeat(20_000)), "x-a: b");
    // A head beyond all measure is not even read.
    let (status, ..) = say(
        &served,
        &format!("GET / HTTP/1.1\r\nHost: localhost\r\nx-a: {}\r\n\r\n", "d".repeat(60_000)),
        b"",
    );
    assert_eq!(status, 431);
    served.terminate();
    let (_, log) = served.ended();
    for line in log.lines() {
        assert!(line.len() < 1000, "{} bytes: {}", line.len(), &line[..200]);
    }
    assert!(log.contains("Abc-1.2_3") && !log.contains(&long));
}

#[test]
fn wrong_tokens_are_put_off_and_the_right_one_passes() {
    const TOKEN: &str = "0123456789abcdef-token";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, TOKEN).unwrap();
    only_for_its_owner(&file);
    let served = Served::start(folder.path(), &["--token-file", "token"]);
    let ask = |token: &str| {
        let head = format!(
            "GET /api/templates HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Connection: close\r\n\r\n"
        );
        say(&served, &head, b"")
    };
    let mut statuses = Vec::new();
    let mut waits = Vec::new();
    until("the third wait", || {
        let (status, head, _) = ask("fedcba9876543210-token");
        statuses.push(status);
        if status == 429 {
            waits.push(header(&head, "retry-after").parse::<u64>().unwrap());
        }
        assert_eq!(ask(TOKEN).0, 200);
        // Nobody who bears none is put off: a browser asks without one first.
        assert_eq!(status_of(&served, "GET /api/templates HTTP/1.1\nHost: localhost"), 401);
        waits.iter().collect::<HashSet<_>>().len() >= 3
    });
    assert_eq!(statuses[..5], [401; 5]);
    assert!(statuses[5..].iter().all(|status| *status == 429), "{statuses:?}");
    assert!(waits.iter().all(|wait| *wait > 0));
    served.terminate();
    let (_, log) = served.ended();
    assert!(!log.contains("fedcba9876543210"), "the log has what was tried");
}

#[tokio::test]
async fn nothing_that_was_written_is_kept_by_a_browser() {
    let router = router(1, 1, None);
    let yaml = "application/yaml";
    let answers: Vec<Answer> = vec![
        get(&router, "/").await,
        get(&router, "/?sample=annual-report").await,
        get(&router, "/api/nowhere").await,
        get(&router, "/api/batches").await,
        post(&router, "/api/reports", yaml, minimal()).await,
        post(&router, "/api/reports", yaml, "year: [").await,
        post(&router, "/api/reports?draft=maybe", yaml, minimal()).await,
        post(&router, "/api/check", yaml, minimal()).await,
        post(&router, "/api/check?format=sheet", yaml, minimal()).await,
        post(&router, "/api/preview", yaml, minimal()).await,
        post(&router, "/api/read", yaml, minimal()).await,
        post(&router, "/api/import", "text/plain", Body::from("白菜两斤。")).await,
        post(&router, "/api/conform", "application/pdf", Body::from("no")).await,
    ];
    for answer in &answers {
        assert_eq!(answer.header("cache-control"), "no-store", "{}", answer.text());
    }
    let page = answers[0].text();
    let asset = page.split('"').find(|text| text.ends_with("/form.js")).unwrap();
    let asset = get(&router, asset).await;
    assert_eq!(asset.status, StatusCode::OK);
    assert!(asset.header("cache-control").contains("immutable"));
    assert_said(&answers[2]);
}

/// The modes of everything below a folder, that are open to others. What has gone meanwhile is open to nobody.
fn open_to_others(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in files_in(folder) {
        let Ok(file) = fs::symlink_metadata(&path) else { continue };
        let mode = file.mode() & 0o777;
        if mode & 0o077 != 0 {
            found.push(format!("{} {mode:o}", path.display()));
        }
        if path.is_dir() {
            found.extend(open_to_others(&path));
        }
    }
    found
}

#[test]
fn what_is_kept_is_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    // What an older program has left.
    let old = data.join("store/batches/A/units");
    fs::create_dir_all(&old).unwrap();
    fs::write(old.join("a.pdf"), "%PDF").unwrap();
    fs::write(data.join("nianbao.db"), "").unwrap();
    for path in [&data, &data.join("store"), &old] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    for path in [data.join("nianbao.db"), old.join("a.pdf")] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    }
    let served = Served::start(folder.path(), &[]);
    let line = serde_json::to_string(&crate::workbench::read(&minimal())).unwrap() + "\n";
    let (status, head, _) =
        say(&served, &post_head("/api/batches", "application/jsonl", line.len()), line.as_bytes());
    assert_eq!(status, 202, "{head}");
    let place = header(&head, "location").to_owned();
    until("the batch is made", || {
        assert_eq!(open_to_others(&data), [""; 0]);
        let head = format!("GET {place} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        say(&served, &head, b"").2.windows(9).any(|nine| nine == b"completed")
    });
    assert_eq!(open_to_others(&data), [""; 0]);
    assert_eq!(fs::metadata(&data).unwrap().mode() & 0o777, 0o700);
    assert!(data.join("nianbao.db").metadata().unwrap().len() > 0);
    served.terminate();
    assert_eq!(served.ended().0, Some(0));
    assert_eq!(open_to_others(&data), [""; 0]);
}

#[test]
fn a_token_that_others_can_read_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("my token");
    fs::write(&file, "0123456789abcdef-token").unwrap();
    for mode in [0o644, 0o640, 0o604, 0o660] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_nianbao"))
            .args(["serve", "--listen", "127.0.0.1:0", "--token-file", "my token", "--fonts"])
            .arg(project().join("fonts"))
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{mode:o}");
        assert!(said.contains("chmod 600 'my token'"), "{said}");
    }
}

/// Idle and half-open connections keep nobody at work who wants to stop.
#[test]
fn a_stop_does_not_wait_for_who_says_nothing() {
    let (_folder, served) = served(&[]);
    let silent = served.open();
    let mut half = served.open();
    half.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    let mut idle = served.open();
    idle.write_all(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    idle.read_exact(&mut [0; 12]).unwrap();
    served.terminate();
    assert_eq!(served.ended().0, Some(0));
    let _ = silent.shutdown(Shutdown::Both);
}
