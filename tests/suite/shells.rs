//! The shells say the same: what the command line finds, the service finds, and neither has a rule that the
//! other lacks.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use axum::Router;
use serde_json::Value;

use crate::http::{Answer, post, router};
use crate::workbench::{files_in, minimal, of_tests, project, sample, sample_pdf_bytes};

/// What the command line says: the exit code, and what it writes as JSON.
fn typed(folder: &Path, arguments: &[&str]) -> (i32, Option<Value>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nianbao"));
    command.current_dir(folder).args(arguments).arg("--fonts").arg(project().join("fonts"));
    let output = command.output().unwrap();
    (output.status.code().expect("it ends by itself"), serde_json::from_slice(&output.stdout).ok())
}

/// What both say of a report: its findings, and whether they are a refusal.
async fn assert_agree(
    router: &Router,
    folder: &Path,
    name: &str,
    bytes: &[u8],
    media_type: &str,
) -> (i32, Answer) {
    fs::write(folder.join(name), bytes).unwrap();
    let (code, said) = typed(folder, &["check", name, "--format", "json"]);
    let answer = post(router, "/api/check", media_type, bytes.to_vec()).await;
    assert_eq!(said.as_ref(), Some(&answer.json()), "{name}");
    let has_errors = answer.json().as_array().unwrap().iter().any(|one| one["severity"] == "error");
    assert_eq!(code, i32::from(has_errors), "{name}");
    (code, answer)
}

#[tokio::test]
async fn both_find_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let router = router(1, 8, None);
    let templates = project().join("report-templates");
    let plan = fs::read(templates.join("work-plan/sample.yaml")).unwrap();
    let (code, answer) = assert_agree(&router, folder.path(), "plan.yaml", &plan, "application/yaml").await;
    assert_eq!((code, answer.text().as_str()), (0, "[]"), "a plan of work is checked as one");
    let of_plan = String::from_utf8(plan).unwrap();
    let unlike = [
        of_plan.replace("lead: 区司法局", "leader: 区司法局"),
        of_plan.replace("结合本区实际，", "结合本区XX件实际,"),
        of_plan.replace("template: work-plan", "template: work-plans"),
        of_plan.clone() + "unplaced:\n  - text: 下面是附注。\n",
        minimal().replace("cause:", "detail:"),
        minimal().replace("2024年", "2023年"),
    ];
    for (number, yaml) in unlike.iter().enumerate() {
        let name = format!("{number}.yaml");
        let (_, answer) =
            assert_agree(&router, folder.path(), &name, yaml.as_bytes(), "application/yaml").await;
        assert_ne!(answer.text(), "[]", "{yaml}");
    }
    let read: Vec<PathBuf> = files_in(&of_tests("cases/input"));
    for path in read.iter().filter(|path| path.extension().is_some_and(|ending| ending == "yaml")) {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert_agree(&router, folder.path(), name, &fs::read(path).unwrap(), "application/yaml").await;
    }
    assert_agree(&router, folder.path(), "sample.yaml", sample().as_bytes(), "application/yaml").await;
}

/// A document beside the report that cannot be read is told with its findings by both.
#[tokio::test]
async fn both_refuse_a_faulty_document_beside_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let router = router(1, 8, None);
    fs::write(folder.path().join("report.yaml"), minimal()).unwrap();
    for (flag, field, faulty) in [
        ("--last-year", "last_year", "yaer: 2023\n"),
        ("--last-year", "last_year", "year: [\n"),
        ("--plan", "plan", "year: 2024\nsection: []\n"),
    ] {
        fs::write(folder.path().join("beside.yaml"), faulty).unwrap();
        let arguments = ["check", "report.yaml", flag, "beside.yaml", "--format", "json"];
        let (code, said) = typed(folder.path(), &arguments);
        let part = |name: &str, text: &str| {
            format!(
                "--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\
                 Content-Type: application/yaml\r\n\r\n{text}\r\n"
            )
        };
        let body = format!("{}{}--edge--\r\n", part("report", &minimal()), part(field, faulty));
        let answer = post(&router, "/api/check", "multipart/form-data; boundary=edge", body).await;
        assert!(answer.status.is_client_error(), "{}", answer.text());
        assert_eq!((code, said), (1, Some(answer.json())), "{faulty}");
    }
}

#[tokio::test]
async fn both_measure_the_same_pdf() {
    let folder = tempfile::tempdir().unwrap();
    let router = router(1, 8, None);
    // What follows the end of a PDF is nobody's page; with it the file is larger than any report.
    let mut padded = sample_pdf_bytes().to_vec();
    padded.resize(nianbao::input::MAX_BYTES + 1, b'\n');
    for (name, bytes) in [("good.pdf", sample_pdf_bytes()), ("large.pdf", &padded)] {
        fs::write(folder.path().join(name), bytes).unwrap();
        let (code, said) = typed(folder.path(), &["conform", name, "--format", "json"]);
        let answer = post(&router, "/api/conform", "application/pdf", bytes.to_vec()).await;
        assert_eq!((code, said), (0, Some(answer.json())), "{name}");
    }
}

#[tokio::test]
async fn both_refuse_a_review_sheet_of_a_plan() {
    let folder = tempfile::tempdir().unwrap();
    let router = router(1, 8, None);
    let plan = fs::read(project().join("report-templates/work-plan/sample.yaml")).unwrap();
    fs::write(folder.path().join("plan.yaml"), &plan).unwrap();
    let (code, _) = typed(folder.path(), &["check", "plan.yaml", "--sheet", "sheet.pdf"]);
    assert_eq!(code, 1);
    assert!(!folder.path().join("sheet.pdf").exists());
    let answer = post(&router, "/api/check?format=sheet", "application/yaml", plan).await;
    assert_eq!((answer.status.as_u16(), answer.codes()), (422, vec!["no-review-sheet".to_owned()]));
}
