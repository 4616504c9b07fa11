//! The program as people start it.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::bench::{files_in, minimal, project};

/// Runs the program in `folder`, with the project's faces, and `input` on its standard input.
fn run(folder: &Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_nianbao"))
        .args(arguments)
        .arg("--fonts")
        .arg(project().join("fonts"))
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        // A program that refuses its input need not read it to the end.
        scope.spawn(move || drop(stdin.write_all(input)));
        child.wait_with_output().unwrap()
    })
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("an exit, not a signal")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn names_in(folder: &Path) -> Vec<String> {
    files_in(folder).iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

#[test]
fn render_writes_the_pdf_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("report.yaml"), minimal()).unwrap();
    let output = run(folder.path(), &["render", "report.yaml", "-o", "报告.pdf"], b"");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stderr(&output).contains("已生成 报告.pdf"), "{}", stderr(&output));
    assert!(fs::read(folder.path().join("报告.pdf")).unwrap().starts_with(b"%PDF-1.7"));
    assert_eq!(names_in(folder.path()), ["report.yaml", "报告.pdf"]);
}

#[test]
fn standard_input_and_output_carry_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let piped = run(folder.path(), &["render", "-", "-o", "-"], minimal().as_bytes());
    assert_eq!(code(&piped), 0, "{}", stderr(&piped));
    let filed = run(folder.path(), &["render", "-", "--from", "yaml", "-o", "out.pdf"], minimal().as_bytes());
    assert_eq!(code(&filed), 0, "{}", stderr(&filed));
    assert!(piped.stdout == fs::read(folder.path().join("out.pdf")).unwrap());
}
