//! The boundary between the program and what it reads: what comes in may be anything, and costs only
//! itself. The bounds of each format are in `bounds.rs`; here stands what holds where they fail.

use std::io::{Cursor, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use nianbao::input::Format;
use nianbao::installation::Installation;
use nianbao::intake::DocumentForm;
use nianbao::workers::{Assignment, Crew, Limits, Pool, Question, Rejection};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::http::{Served, answer_of};
use crate::workbench::{installation, minimal, of_tests, sample};

const TASK: Assignment = Assignment::of(DocumentForm::Contract(Format::Yaml));

/// An installation whose templates misbehave on purpose.
fn misbehaving() -> Installation {
    Installation { templates: Some(of_tests("cases/batch/templates")), ..installation() }
}

fn program() -> PathBuf {
    env!("CARGO_BIN_EXE_nianbao").into()
}

/// One worker and a line of one.
fn pool(deadline: u64) -> Pool {
    let limits = Limits { deadline: Duration::from_secs(deadline), memory: 700 << 20 };
    Pool::start(Crew::new(program(), &misbehaving(), limits), NonZeroUsize::MIN, 1)
}

fn hanging() -> String {
    format!("template: hanging\n{}", minimal())
}

/// One at work and one in line: the third is turned away at once.
#[tokio::test]
async fn the_line_is_as_long_as_it_was_made() {
    let pool = pool(5);
    let (first, second) = (pool.make(TASK, hanging()), pool.make(TASK, minimal()));
    let (mut first, mut second) = (Box::pin(first), Box::pin(second));
    // Polled once each, they stand in line in this order.
    tokio::select! {
        biased;
        _ = &mut first => panic!("it hangs"),
        _ = &mut second => panic!("it waits"),
        () = std::future::ready(()) => {}
    }
    let third = pool.make(TASK, minimal()).await;
    assert!(matches!(third, Err(Rejection::Away)), "{third:?}");
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first.unwrap().told.findings[0].code, "too-slow");
    assert!(second.unwrap().told.is_made());
}

/// Whoever asked and has left keeps nobody from the worker: not for a deadline of ten minutes, at any rate.
#[tokio::test]
async fn who_leaves_frees_the_worker() {
    let pool = pool(600);
    let left = pool.make(TASK, hanging());
    tokio::select! {
        biased;
        _ = left => panic!("it hangs"),
        () = std::future::ready(()) => {}
    }
    let next = tokio::time::timeout(Duration::from_secs(300), pool.make(TASK, minimal())).await;
    assert!(next.expect("long before the deadline").unwrap().told.is_made());
}

/// A worker that dies of what it was given dies alone, whatever it was asked.
#[tokio::test]
async fn a_worker_without_faces_says_so_and_goes_on() {
    let readers = Pool::start(Crew::of_readers(program(), Limits::default()), NonZeroUsize::MIN, 1);
    let question = Question::Look { format: Format::Yaml };
    let refused = readers.ask(question, sample().to_owned(), None).await.unwrap().unwrap_err();
    assert_eq!(refused[0].code, "broke-down");
    let read = readers.ask(Question::read(Format::Yaml), sample().to_owned(), None).await;
    assert!(read.unwrap().unwrap().bytes.starts_with(b"{"));
}

/// Workers read what others wrote: they are told no secrets.
#[test]
fn workers_inherit_nothing_of_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("in")).unwrap();
    std::fs::write(folder.path().join("in/a.yaml"), hanging()).unwrap();
    let templates = of_tests("cases/batch/templates");
    let mut batch = Command::new(program())
        .args(["batch", "in", "-o", "never.zip"])
        .arg("--templates")
        .arg(templates)
        .arg("--fonts")
        .arg(installation().fonts)
        .current_dir(folder.path())
        .env("AWS_SECRET_ACCESS_KEY", "a-secret-of-the-store")
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let seen = loop {
        let child = children(batch.id()).into_iter().find_map(|child| {
            let arguments = std::fs::read(format!("/proc/{child}/cmdline")).ok()?;
            let is_worker = arguments.split(|byte| *byte == 0).any(|word| word == b"--memory");
            is_worker.then(|| std::fs::read(format!("/proc/{child}/environ")).ok()).flatten()
        });
        match child {
            Some(environment) => break environment,
            None => assert!(batch.try_wait().unwrap().is_none(), "it ended without a worker"),
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    batch.kill().unwrap();
    batch.wait().unwrap();
    let seen = String::from_utf8_lossy(&seen);
    assert!(!seen.contains("a-secret-of-the-store") && seen.contains("MIMALLOC"), "{seen}");
}

/// The processes that a process has started.
pub fn children(parent: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<u32>>())
        .collect()
}

/// The same on the command line: a sentence and an exit code, never a signal.
#[test]
fn what_brings_the_program_down_is_told_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("报告.yaml");
    std::fs::write(&report, format!("template: bottomless\n{}", minimal())).unwrap();
    let output = Command::new(program())
        .args(["render", "报告.yaml", "-o", "report.pdf", "--templates"])
        .arg(of_tests("cases/batch/templates"))
        .arg("--fonts")
        .arg(installation().fonts)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("错误〔broke-down〕") && said.contains("建议："), "{said}");
    assert!(!folder.path().join("report.pdf").exists());
}

/// Of two files of one name an archive gives only the last: both shells refuse it, and name them.
#[tokio::test]
async fn two_files_of_one_name_are_told() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [("区县/甲.yaml", sample().to_owned()), ("区县/乙.yaml", minimal())] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let mut bytes = zip.finish().unwrap().into_inner();
    let (other, same) = ("乙.yaml".as_bytes(), "甲.yaml".as_bytes());
    for at in 0..bytes.len() - other.len() {
        if bytes[at..].starts_with(other) {
            bytes[at..at + same.len()].copy_from_slice(same);
        }
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("各区.zip"), &bytes).unwrap();
    let output = Command::new(program())
        .args(["batch", "各区.zip", "-o", "年报.zip", "--fonts"])
        .arg(installation().fonts)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("同名的文件：区县/甲.yaml"), "{said}");

    let served = Served::start(folder.path(), &[]);
    let mut stream = served.open();
    let head = format!(
        "POST /api/batches HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/zip\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        bytes.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&bytes).unwrap();
    let (head, body) = answer_of(stream);
    assert!(head.starts_with("HTTP/1.1 422"), "{head}");
    assert!(String::from_utf8(body).unwrap().contains("区县/甲.yaml"));
}
