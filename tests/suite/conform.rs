//! What is measured of finished PDFs: documents that break the standard are refused on the right
//! clause, ours conform on every one. The cases are files; their README says how to add one.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use nianbao::conform::{CLAUSES, ClauseFinding, Conformance, Strictness, Unreadable, Verdict, conform};
use nianbao::export;
use nianbao::input::Format;
use nianbao::pipeline::demand_official_faces;
use nianbao::report::Edition;
use nianbao::template::{Filled, Purpose};
use nianbao::typeset::{Pace, typeset};
use unicode_width::UnicodeWidthStr;

use crate::desk::{laid_over, real_reports};
use crate::workbench::{files_in, minimal, of_tests, press, project, render, sample, told};

fn cases(extension: &str) -> Vec<PathBuf> {
    let mut paths = files_in(&of_tests("cases/conform"));
    paths.retain(|path| path.extension().is_some_and(|other| other == extension));
    assert!(!paths.is_empty(), "no cases .{extension}");
    paths
}

/// The PDF of a typst source that may import the layout library.
fn compiled(source: String) -> Vec<u8> {
    let folder = project().join("report-templates");
    let mut paths = files_in(&folder.join("gongwen"));
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "typ"));
    paths.push(folder.join("gongwen.typ"));
    let below = |path: &PathBuf| path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
    let libraries = paths.iter().map(|path| (below(path), fs::read_to_string(path).unwrap())).collect();
    let pages =
        typeset(&Filled { source, libraries: Arc::new(libraries) }, &press().fonts, Pace::AtOnce).unwrap();
    export::pdf(&pages).unwrap().bytes
}

fn rendered(report: &str, edition: Edition, purpose: Purpose) -> Vec<u8> {
    match render(report.as_bytes(), Format::Yaml, Some(edition), purpose) {
        Ok(made) => made.value.artifact.bytes,
        Err(failed) => panic!("{}", told(&failed)),
    }
}

fn sample_of(edition: Edition) -> Vec<u8> {
    rendered(sample(), edition, Purpose::Issue)
}

/// The sample with its first part so often that it fills more than sixty pages.
fn sixty_pages() -> String {
    let sample = sample();
    let start = sample.find("measures:\n").unwrap() + "measures:\n".len();
    let end = sample.find("problems:\n").unwrap();
    format!("{}{}{}", &sample[..start], sample[start..end].repeat(8), &sample[end..])
}

/// A report in one edition, and what its case states of it.
pub struct Case {
    pub name: String,
    pub edition: Edition,
    pub purpose: Purpose,
    pub report: String,
    stated: String,
}

impl Case {
    /// All that can be measured here.
    pub fn all() -> Vec<Self> {
        cases("expected").iter().filter_map(|expected| Self::of(expected)).collect()
    }

    /// The case of `NAME.EDITION.expected`; none where it is of a real report that is not at hand.
    fn of(expected: &Path) -> Option<Self> {
        let name = expected.file_stem().unwrap().to_string_lossy().into_owned();
        let (name, edition) = name.rsplit_once('.').unwrap();
        let edition = if edition == "formal" { Edition::Formal } else { Edition::Public };
        let report = match name {
            "sample" => sample().to_owned(),
            "sixty-pages" => sixty_pages(),
            name => fs::read_to_string(expected.with_file_name(format!("{name}.yaml"))).unwrap(),
        };
        let is_draft = report.lines().any(|line| line == "# draft");
        let report = match report.lines().find_map(|line| line.strip_prefix("# on: ")) {
            None => report,
            Some("minimal") => laid_over(&minimal(), &report),
            Some(real) => {
                let path = real_reports(name)?.join(format!("samples/{real}.yaml"));
                laid_over(&fs::read_to_string(path).unwrap(), &report)
            }
        };
        let stated = fs::read_to_string(expected).unwrap();
        let purpose = if is_draft { Purpose::Draft } else { Purpose::Issue };
        Some(Self { name: name.to_owned(), edition, purpose, report, stated })
    }

    pub fn measure(&self) -> Conformance {
        conform(&rendered(&self.report, self.edition, self.purpose), Strictness::Usual).unwrap()
    }

    /// In which points this is not what the case states.
    fn difference(&self, found: &Conformance) -> String {
        let mut wrong = String::new();
        for verdict in [Verdict::NotApplicable, Verdict::Fails, Verdict::Undecided] {
            let stated = stated(&self.stated, &format!("{} ", verdict.label()));
            // What is issued conforms; a draft may show that it is one.
            assert!(verdict == Verdict::NotApplicable || stated.is_empty() || self.purpose == Purpose::Draft);
            let found = named(found, verdict);
            if found != stated {
                wrong += &format!("{}: {found:?}, expected {stated:?}\n", verdict.label());
            }
        }
        let counts = counts(found);
        if self.stated.lines().next() != Some(&format!("# {counts}。")) {
            wrong += &format!("the first line is to be “# {counts}。”\n");
        }
        for line in stated(&self.stated, "实测 ") {
            let (clause, measured) = line.split_once("：").unwrap();
            let finding = found.findings.iter().find(|finding| name(finding) == clause);
            let said = &finding.unwrap_or_else(|| panic!("{clause}: no such clause")).measured;
            if !said.contains(measured) {
                wrong += &format!("{clause}: {said}, expected {measured}\n");
            }
        }
        let of = format!("{}, {:?}: ", self.name, self.edition);
        wrong.lines().map(|line| format!("{of}{line}\n")).collect()
    }
}

/// How many clauses got each verdict that any of them got.
fn counts(found: &Conformance) -> String {
    let verdicts = [Verdict::Conforms, Verdict::NotApplicable, Verdict::Fails, Verdict::Undecided];
    let counted = verdicts.map(|verdict| (verdict.label(), found.count(verdict)));
    let told =
        counted.iter().filter(|(_, count)| *count > 0).map(|(label, count)| format!("{label} {count}"));
    told.collect::<Vec<_>>().join("，")
}

fn name(finding: &ClauseFinding) -> String {
    format!("{} {}", finding.clause, finding.element)
}

/// A row a clause, a column a document; below it what does not conform, with what was measured.
fn table(documents: &[(Case, Conformance)]) -> String {
    let mut table = String::new();
    for (number, (case, found)) in documents.iter().enumerate() {
        let edition = if case.edition == Edition::Formal { "报送版" } else { "公开版" };
        let draft = if case.purpose == Purpose::Draft { "草稿，" } else { "" };
        let (name, pages, counts) = (&case.name, found.pages, counts(found));
        table += &format!("{:3}  {name} {edition}：{draft}{pages} 页，{counts}\n", number + 1);
    }
    let width = CLAUSES.iter().map(|clause| clause.element.width()).max().unwrap();
    let padding = |text: &str, width: usize| " ".repeat(width - text.width());
    table += &format!("\n{}", " ".repeat(9 + width));
    (1..=documents.len()).for_each(|number| table += &format!("{number:3}"));
    let mut below = String::new();
    for (row, clause) in CLAUSES.iter().enumerate() {
        let (number, element) = (clause.number, clause.element);
        table += &format!("\n{number}{}{element}{}", padding(number, 9), padding(element, width));
        for (column, (_, found)) in documents.iter().enumerate() {
            let finding = &found.findings[row];
            table += match finding.verdict {
                Verdict::Conforms => "  ✓",
                Verdict::NotApplicable => "  –",
                Verdict::Fails => "  ✗",
                Verdict::Undecided => "  ?",
            };
            if matches!(finding.verdict, Verdict::Fails | Verdict::Undecided) {
                below += &format!("{number} {element}，第 {} 列：{}\n", column + 1, finding.measured);
            }
        }
    }
    format!("{table}\n✓ 合格  – 不适用  ✗ 不合格  ? 无法判断\n{below}")
}

/// The findings of this verdict, each with clause and element.
fn named(found: &Conformance, verdict: Verdict) -> BTreeSet<String> {
    let of_verdict = found.findings.iter().filter(|finding| finding.verdict == verdict);
    of_verdict.map(name).collect()
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

/// `make conform` shows what this prints.
#[test]
#[expect(clippy::print_stdout, reason = "the table is there to be read")]
fn ours_conform_on_every_clause() {
    let measured = |case: Case| {
        let found = case.measure();
        (case, found)
    };
    let documents: Vec<(Case, Conformance)> = Case::all().into_iter().map(measured).collect();
    println!("\n{}", table(&documents));
    let wrong: String = documents.iter().map(|(case, found)| case.difference(found)).collect();
    assert!(wrong.is_empty(), "\n{wrong}");
    let is_long = |(case, found): &&(Case, Conformance)| case.name == "sixty-pages" && found.pages >= 60;
    assert!(documents.iter().any(|document| is_long(&document)), "no report of sixty pages");
    // A clause that no document has anything for was never measured.
    for (row, clause) in CLAUSES.iter().enumerate() {
        let is_met = documents.iter().any(|(_, found)| found.findings[row].verdict == Verdict::Conforms);
        assert!(is_met, "no document has anything for {} {}", clause.number, clause.element);
    }
}

#[test]
fn each_clause_has_a_name_of_its_own() {
    let met = conform(&sample_of(Edition::Formal), Strictness::Usual).unwrap();
    assert_eq!(met.findings.len(), CLAUSES.len());
    let elements: BTreeSet<(&str, &str)> =
        CLAUSES.iter().map(|clause| (clause.number, clause.element)).collect();
    assert_eq!(elements.len(), CLAUSES.len(), "each clause has a name of its own");
}

#[test]
fn stand_ins_are_told_and_refused_where_asked() {
    let pdf = sample_of(Edition::Formal);
    let usual = conform(&pdf, Strictness::Usual).unwrap();
    let title = usual.findings.iter().find(|finding| finding.element == "标题字体字号").unwrap();
    assert_eq!(title.stand_ins, ["NotoSerifCJKscGB2312-Bold"]);
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
    let whole = sample_of(Edition::Public);
    // A torn file is refused or read in part, and never the end of the program.
    for cut in [100, whole.len() / 3, whole.len() - 200] {
        let _ = conform(&whole[..cut], Strictness::Usual);
    }
}

#[test]
fn the_command_says_it_by_its_exit_code() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("conform");
    fs::create_dir_all(&folder).unwrap();
    let run = |name: &str, bytes: &[u8], more: &[&str]| -> Output {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_nianbao"));
        command.arg("conform").arg(path).args(more).output().unwrap()
    };
    let good = sample_of(Edition::Formal);
    let text = run("good.pdf", &good, &[]);
    assert_eq!(text.status.code(), Some(0));
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.starts_with("条款") && text.contains("代用字体"), "{text}");
    assert_eq!(run("good.pdf", &good, &["--strict-fonts"]).status.code(), Some(1));
    let json = run("good.pdf", &good, &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["findings"][0]["verdict"], "conforms");
    let none = run("none.pdf", b"text", &[]);
    assert_eq!(none.status.code(), Some(1));
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
    assert_eq!(count, 22);
    assert_eq!(nianbao::template::title::lines("作者\n自己回行"), ["作者", "自己回行"]);
}
