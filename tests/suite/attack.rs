//! The service under attack: while hostile files of every kind are posted, four at a time, whoever asks for
//! the health of the service or has a report checked is answered as before, the memory of service and
//! workers stays under its bound, and afterwards the same bytes are made.

use std::fs;
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::bounds;
use crate::http::{Served, answer_of};
use crate::workbench::sample;

/// How much longer the slowest of a hundred answers may take than in peace.
const SLOWER: f64 = 10.0;

/// What service and workers may have in memory together, in MiB, as docs/operations.md publishes it.
const MEMORY_MIB: usize = 4096;

/// How many answers a percentile is taken of, at least.
const ANSWERS: usize = 200;

/// What a person waits for anyway; below it a ratio says nothing.
const UNNOTICED: Duration = Duration::from_millis(10);

fn request(path: &str, media_type: &str, body: &[u8]) -> Vec<u8> {
    let method = if body.is_empty() { "GET" } else { "POST" };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn ask(served: &Served, request: &[u8]) -> (String, Vec<u8>) {
    let mut stream = served.open();
    stream.write_all(request).unwrap();
    answer_of(stream)
}

/// The 99th percentile of answers to each of these, asked in turn for as long as is wanted.
fn slowest(served: &Served, requests: [&[u8]; 2], go_on: impl Fn() -> bool) -> [Duration; 2] {
    let mut times = [vec![], vec![]];
    while times[0].len() < ANSWERS || go_on() {
        for (request, times) in requests.iter().zip(&mut times) {
            let start = Instant::now();
            let (head, _) = ask(served, request);
            assert!(head.starts_with("HTTP/1.1 200"), "{head}");
            times.push(start.elapsed());
        }
    }
    times.map(|mut times| {
        times.sort();
        times[times.len() * 99 / 100 - 1]
    })
}

/// Resident memory of the service and its workers, in MiB.
fn resident(served: &Served) -> usize {
    let of = |id: u32| {
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok()).unwrap_or_default() / 1024
    };
    of(served.id()) + crate::boundary::children(served.id()).into_iter().map(of).sum::<usize>()
}

#[test]
#[expect(clippy::print_stdout, reason = "what was measured is to be seen")]
fn nobody_waits_for_who_attacks() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), &[]);
    let report = sample().as_bytes();
    let health = request("/health/live", "text/plain", b"");
    let check = request("/api/check", "application/yaml", report);
    let make = request("/api/reports", "application/yaml", report);
    let (_, before) = ask(&served, &make);
    assert!(before.starts_with(b"%PDF"));
    ask(&served, &check);
    let in_peace = slowest(&served, [&health, &check], || false);

    let files: Vec<Vec<u8>> = bounds::hostile_files()
        .into_iter()
        .map(|(path, bytes)| {
            request(
                path,
                if path == "/api/conform" { "application/pdf" } else { "application/octet-stream" },
                &bytes,
            )
        })
        .collect();
    let (next, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (mut under_attack, mut largest) = ([Duration::ZERO; 2], 0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    // At least once through all of them, and on until enough was measured.
                    if index >= files.len() && is_over.load(Ordering::Relaxed) {
                        return;
                    }
                    let (head, _) = ask(&served, &files[index % files.len()]);
                    assert!(!head.starts_with("HTTP/1.1 500"), "{head}");
                }
            });
        }
        let memory = scope.spawn(|| {
            let mut largest = 0;
            while !is_over.load(Ordering::Relaxed) {
                largest = largest.max(resident(&served));
                thread::sleep(Duration::from_millis(100));
            }
            largest
        });
        under_attack = slowest(&served, [&health, &check], || next.load(Ordering::Relaxed) < files.len());
        is_over.store(true, Ordering::Relaxed);
        largest = memory.join().unwrap();
    });

    let mut wrong = Vec::new();
    for (name, peace, attack) in
        [("health", in_peace[0], under_attack[0]), ("check", in_peace[1], under_attack[1])]
    {
        println!("{name}: {peace:?} in peace, {attack:?} under attack (99th percentiles)");
        if attack.as_secs_f64() > SLOWER * peace.max(UNNOTICED).as_secs_f64() {
            wrong.push(format!("{name}: {attack:?} instead of {peace:?}"));
        }
    }
    println!("memory of service and workers: at most {largest} MiB");
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(largest < MEMORY_MIB, "{largest} MiB");
    let (_, after) = ask(&served, &make);
    assert!(before == after, "the same bytes afterwards");
}
