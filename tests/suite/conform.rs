//! What is measured of finished PDFs: documents that break the standard are refused on the right
//! clause, ours conform on every one. The cases are files; their README says how to add one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, OnceLock};

use nianbao::conform::{CLAUSES, Conformance, Strictness, Unreadable, Verdict, conform};
use nianbao::export::{Target, export};
use nianbao::input::Format;
use nianbao::installation::Installation;
use nianbao::pipeline::{Job, Press, demand_official_faces, render};
use nianbao::report::Edition;
use nianbao::template::{Filled, Purpose};
use nianbao::typeset::typeset;

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn cases(extension: &str) -> Vec<PathBuf> {
    let folder = fs::read_dir(project().join("tests/cases/conform")).unwrap();
    let mut paths: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|other| other == extension));
    paths.sort();
    assert!(!paths.is_empty(), "no cases .{extension}");
    paths
}

fn press() -> &'static Press {
    static PRESS: OnceLock<Press> = OnceLock::new();
    PRESS.get_or_init(|| {
        Installation { fonts: project().join("fonts"), templates: None, config: None }
            .open()
            .expect("fonts/fetch.sh was run")
    })
}

/// The PDF of a typst source that may import the layout library.
fn compiled(source: String) -> Vec<u8> {
    let library = fs::read_to_string(project().join("report-templates/gongwen.typ")).unwrap();
    let libraries = BTreeMap::from([("gongwen.typ".to_owned(), library)]);
    let pages = typeset(&Filled { source, libraries: Arc::new(libraries) }, &press().fonts).unwrap();
    export(&pages, Target::Pdf).unwrap().bytes
}

fn rendered(report: &str, edition: Edition) -> Vec<u8> {
    let job = Job {
        bytes: report.as_bytes(),
        format: Format::Yaml,
        edition: Some(edition),
        purpose: Purpose::Issue,
        target: Target::Pdf,
    };
    render(&job, press()).unwrap().value.made.artifact.bytes
}

fn sample() -> String {
    press().templates.find("annual-report").unwrap().sample.clone()
}

/// The sample with its first part so often that it fills more than sixty pages.
fn sixty_pages() -> String {
    let sample = sample();
    let start = sample.find("measures:\n").unwrap() + "measures:\n".len();
    let end = sample.find("problems:\n").unwrap();
    format!("{}{}{}", &sample[..start], sample[start..end].repeat(8), &sample[end..])
}

/// The findings of this verdict, each with clause and element.
fn named(found: &Conformance, verdict: Verdict) -> BTreeSet<String> {
    let of_verdict = found.findings.iter().filter(|finding| finding.verdict == verdict);
    of_verdict.map(|finding| format!("{} {}", finding.clause, finding.element)).collect()
}

fn stated(text: &str, mark: &str) -> BTreeSet<String> {
    text.lines().filter_map(|line| line.strip_prefix(mark)).map(str::to_owned).collect()
}

#[test]
fn each_trap_is_refused_on_its_clause() {
    let mut wrong = String::new();
    for case in cases("typ") {
        let source = fs::read_to_string(&case).unwrap();
        let expected = stated(&source, "// 不合格：");
        let found = conform(&compiled(source), Strictness::Usual).unwrap();
        let failing = named(&found, Verdict::Fails);
        if expected.is_empty() || failing != expected || !named(&found, Verdict::Undecided).is_empty() {
            wrong += &format!("{}: {failing:?}, expected {expected:?}\n", case.display());
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn ours_conform_on_every_clause() {
    let mut wrong = String::new();
    for case in cases("expected") {
        let name = case.file_stem().unwrap().to_string_lossy().into_owned();
        let (name, edition) = name.rsplit_once('.').unwrap();
        let report = match name {
            "sample" => sample(),
            "sixty-pages" => sixty_pages(),
            name => fs::read_to_string(case.with_file_name(format!("{name}.yaml"))).unwrap(),
        };
        let edition = if edition == "formal" { Edition::Formal } else { Edition::Public };
        let found = conform(&rendered(&report, edition), Strictness::Usual).unwrap();
        if name == "sixty-pages" {
            assert!(found.pages >= 60, "{} pages", found.pages);
        }
        let expected = stated(&fs::read_to_string(&case).unwrap(), "不适用 ");
        let absent = named(&found, Verdict::NotApplicable);
        if absent != expected {
            wrong += &format!("{}: 不适用 {absent:?}, expected {expected:?}\n", case.display());
        }
        for finding in &found.findings {
            if matches!(finding.verdict, Verdict::Fails | Verdict::Undecided) {
                wrong += &format!(
                    "{}: {} {}: {}\n",
                    case.display(),
                    finding.clause,
                    finding.element,
                    finding.measured
                );
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn each_clause_has_a_name_of_its_own() {
    let met = conform(&rendered(&sample(), Edition::Formal), Strictness::Usual).unwrap();
    assert_eq!(met.findings.len(), CLAUSES.len());
    let elements: BTreeSet<(&str, &str)> =
        CLAUSES.iter().map(|clause| (clause.number, clause.element)).collect();
    assert_eq!(elements.len(), CLAUSES.len(), "each clause has a name of its own");
}

#[test]
fn stand_ins_are_told_and_refused_where_asked() {
    let pdf = rendered(&sample(), Edition::Formal);
    let usual = conform(&pdf, Strictness::Usual).unwrap();
    let title = usual.findings.iter().find(|finding| finding.element == "标题字体字号").unwrap();
    assert_eq!(title.stand_ins, ["NotoSerifCJKsc-Bold"]);
    assert!(usual.conforms);
    let strict = conform(&pdf, Strictness::OfficialFaces).unwrap();
    assert!(named(&strict, Verdict::Fails).contains("7.3.1 标题字体字号"));
    // The free faces stand in for all roles.
    assert!(demand_official_faces(press()).is_err());
}

#[test]
fn what_is_no_pdf_is_told() {
    assert_eq!(conform(b"template: annual-report", Strictness::Usual).unwrap_err(), Unreadable::NotPdf);
    assert_eq!(conform(b"%PDF-1.7\nnothing", Strictness::Usual).unwrap_err(), Unreadable::Damaged);
    let whole = rendered(&sample(), Edition::Public);
    // A torn file is refused or read in part, and never the end of the program.
    for cut in [100, whole.len() / 3, whole.len() - 200] {
        let _ = conform(&whole[..cut], Strictness::Usual);
    }
}

#[test]
fn the_command_says_it_by_its_exit_code() {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("conform");
    fs::create_dir_all(&folder).unwrap();
    let run = |name: &str, bytes: &[u8], more: &[&str]| -> Output {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_nianbao"));
        command.arg("conform").arg(path).args(more).output().unwrap()
    };
    let good = rendered(&sample(), Edition::Formal);
    let text = run("good.pdf", &good, &[]);
    assert_eq!(text.status.code(), Some(0));
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.starts_with("条款") && text.contains("代用字体"), "{text}");
    assert_eq!(run("good.pdf", &good, &["--strict-fonts"]).status.code(), Some(1));
    let json = run("good.pdf", &good, &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["findings"][0]["verdict"], "conforms");
    let none = run("none.pdf", b"text", &[]);
    assert_eq!(none.status.code(), Some(2));
    assert!(String::from_utf8(none.stderr).unwrap().contains("不是 PDF 文件"));
}

#[test]
fn titles_break_where_a_person_would_break_them() {
    let cases = fs::read_to_string(project().join("tests/cases/titles.txt")).unwrap();
    let mut count = 0;
    for case in cases.split("\n\n") {
        let lines: Vec<&str> =
            case.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
        if !lines.is_empty() {
            count += 1;
            assert_eq!(nianbao::template::title::lines(&lines.concat()), lines);
        }
    }
    assert_eq!(count, 20);
    assert_eq!(nianbao::template::title::lines("作者\n自己回行"), ["作者", "自己回行"]);
}
