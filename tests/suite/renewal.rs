//! A running service takes up anew what it serves, and turns nobody away.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::http::Served;
use crate::workbench::{minimal, project};

const TIMES: usize = 10;

/// The answer to a request on a connection of its own; why there is none.
fn ask(address: &str, head: &str, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    let length = body.len();
    write!(
        stream,
        "{head} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\nContent-Type: application/yaml\r\n\r\n{body}"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// A template of the operator's, that says of which version it is.
fn write_template(folder: &Path, version: &str) {
    let manifest = project().join("report-templates/annual-report/manifest.toml");
    let manifest = fs::read_to_string(manifest).unwrap();
    let line = manifest.lines().find(|line| line.starts_with("description")).unwrap();
    // As an editor saves it: a reader finds the old or the new, and never half of one.
    let (whole, half) = (folder.join("annual-report/manifest.toml"), folder.join("half"));
    fs::create_dir_all(whole.parent().unwrap()).unwrap();
    fs::write(&half, manifest.replace(line, &format!("description = {version}"))).unwrap();
    fs::rename(half, whole).unwrap();
}

fn renew(served: &Served) {
    let asked = Command::new("kill").args(["-HUP", &served.id().to_string()]).status();
    assert!(asked.unwrap().success());
}

/// How long what is expected may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(300);

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "in vain: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until the service says so.
fn wait_for(address: &str, words: &str) {
    wait_until(words, || ask(address, "GET /api/templates", "").unwrap().contains(words));
}

/// Waits until its log does.
fn wait_for_log(folder: &Path, words: &str) {
    wait_until(words, || fs::read_to_string(folder.join("log")).unwrap().contains(words));
}

/// Dead processes that it has not taken leave of.
fn zombies(served: &Served) -> usize {
    let parent = format!("PPid:\t{}\n", served.id());
    let processes = fs::read_dir("/proc").unwrap();
    let status = processes.filter_map(|one| fs::read_to_string(one.ok()?.path().join("status")).ok());
    status.filter(|status| status.contains(&parent) && status.contains("State:\tZ")).count()
}

#[test]
fn templates_are_taken_up_ten_times_under_load_and_nobody_is_turned_away() {
    let folder = tempfile::tempdir().unwrap();
    let templates = folder.path().join("templates");
    write_template(&templates, "\"第0版\"");
    fs::write(folder.path().join("nianbao.toml"), "keep = 7\n").unwrap();
    let served = Served::start(folder.path(), &["--templates", "templates", "--settings", "nianbao.toml"]);
    let address = served.address.clone();
    let (is_over, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let load = |head: &'static str, body: String| {
        let (address, is_over, answered) = (address.clone(), &is_over, &answered);
        move || {
            while !is_over.load(Ordering::Relaxed) {
                let answer = ask(&address, head, &body).unwrap_or_else(|error| panic!("{head}: {error}"));
                assert!(answer.starts_with("HTTP/1.1 200"), "{head}: {answer}");
                answered.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    thread::scope(|scope| {
        let clients = [
            scope.spawn(load("POST /api/reports", minimal())),
            scope.spawn(load("POST /api/check", minimal())),
            scope.spawn(load("GET /", String::new())),
            scope.spawn(load("GET /health/live", String::new())),
        ];
        for time in 1..=TIMES {
            write_template(&templates, &format!("\"第{time}版\""));
            renew(&served);
            wait_for(&address, &format!("第{time}版"));
        }
        // What is not sound is not taken up, and stops nothing.
        fs::write(folder.path().join("nianbao.toml"), "kepe = 7\n").unwrap();
        renew(&served);
        wait_for_log(folder.path(), "all stays as it was");
        wait_for(&address, &format!("第{TIMES}版"));
        is_over.store(true, Ordering::Relaxed);
        clients.into_iter().for_each(|client| client.join().unwrap());
    });
    assert!(answered.load(Ordering::Relaxed) > 4 * TIMES, "{answered:?}");
    // At most those of the last before it.
    assert!(zombies(&served) < 10, "{}", zombies(&served));
    served.terminate();
    let (exit, log) = served.ended();
    assert_eq!(exit, Some(0), "{log}");
    assert_eq!(log.matches("are taken up anew").count(), TIMES, "{log}");
}

/// Where the system holds the socket, as systemd does by `nianbao.socket`, even a service that is stopped and started turns
/// nobody away.
#[test]
fn who_comes_while_there_is_no_service_waits_for_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let served = Served::start_behind(folder.path(), &socket, &[]);
    assert_eq!(served.address, address);
    let (is_over, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let served = thread::scope(|scope| {
        let mut served = served;
        let clients = [(); 2].map(|()| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let answer = ask(&address, "GET /health/live", "");
                    let answer = answer.unwrap_or_else(|error| panic!("turned away: {error}"));
                    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        });
        for _ in 0..3 {
            served.terminate();
            assert_eq!(served.ended().0, Some(0));
            // Who comes now is let in by nobody yet.
            let before = answered.load(Ordering::Relaxed);
            served = Served::start_behind(folder.path(), &socket, &[]);
            wait_until("they are answered", || answered.load(Ordering::Relaxed) > before);
        }
        // It also becomes another at the same socket.
        let before = answered.load(Ordering::Relaxed);
        renew(&served);
        wait_for_log(folder.path(), "are taken up anew");
        wait_until("they are answered", || answered.load(Ordering::Relaxed) > before + 2);
        is_over.store(true, Ordering::Relaxed);
        clients.into_iter().for_each(|client| client.join().unwrap());
        served
    });
    served.terminate();
    assert_eq!(served.ended().0, Some(0));
}

/// Two places say where the service is; they say the same, or it says what to do.
#[test]
fn a_socket_at_another_address_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = socket.local_addr().unwrap();
    let refused = Command::new("sh")
        .args(["-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\" 3<&0 0</dev/null", "sh"])
        .args([env!("CARGO_BIN_EXE_nianbao"), "serve", "--listen", "127.0.0.1:1", "--fonts"])
        .arg(project().join("fonts"))
        .current_dir(folder.path())
        .stdin(OwnedFd::from(socket))
        .output()
        .unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(
        said.contains(&format!("nianbao.socket 监听的是 {at}")) && said.contains("127.0.0.1:1"),
        "{said}"
    );
}

/// Who asks to stop while a successor is being made room for is heard.
#[test]
fn a_service_that_is_being_renewed_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &[]);
    let report = minimal();
    let (first, rest) = report.as_bytes().split_at(report.len() / 2);
    let mut stream = served.open();
    write!(
        stream,
        "POST /api/check HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\nContent-Type: application/yaml\r\n\r\n",
        report.len()
    )
    .unwrap();
    stream.write_all(first).unwrap();
    // It is one of those that are waited for when another connection has been answered behind it.
    assert!(ask(&served.address, "GET /health/live", "").unwrap().starts_with("HTTP/1.1 200"));
    renew(&served);
    wait_for_log(folder.path(), "are taken up anew");
    served.terminate();
    stream.write_all(rest).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let (exit, log) = served.ended();
    assert_eq!(exit, Some(0), "{log}");
}
