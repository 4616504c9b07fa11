//! From the reports of many units the beginning of the bureau's: the folders below `cases/compilation/`, and
//! what must hold whatever the reports are.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use nianbao_core::compilation::{
    Commission, Compilation, CompilationLimits, UnitReport, compile, indicator_rows, indicator_workbook,
};
use nianbao_core::diagnostic::Severity;
use nianbao_core::guide::Guide;
use nianbao_core::import::write_yaml;
use nianbao_core::input::{Format, Manuscript};
use nianbao_core::report::path::Segment;
use nianbao_core::report::{Date, FieldPath, Issuer, Report};
use serde_json::Value;

use crate::desk::{Beside, files_in, findings_beside, of_tests, read, real_reports, sample, told};

/// Units with their reports, as a case has them.
struct Roster {
    reports: Vec<Report>,
    last_year: Vec<Option<Report>>,
}

impl Roster {
    fn of(reports: Vec<Report>) -> Self {
        let last_year = vec![None; reports.len()];
        Self { reports, last_year }
    }

    fn in_folder(folder: &Path) -> Self {
        let text = |path: &Path| read(&fs::read_to_string(path).unwrap());
        let units = folder.join("units");
        let files = if units.exists() { files_in(&units) } else { vec![] };
        let last_year = files.iter().map(|file| folder.join("last-year").join(file.file_name().unwrap()));
        let last_year = last_year.map(|file| file.exists().then(|| text(&file))).collect();
        Self { reports: files.iter().map(|file| text(file)).collect(), last_year }
    }

    fn units(&self) -> Vec<UnitReport<'_>> {
        let pairs = self.reports.iter().zip(&self.last_year);
        pairs.map(|(report, last_year)| UnitReport { report, last_year: last_year.as_ref() }).collect()
    }

    fn compiled(&self, limits: CompilationLimits) -> Compilation {
        self.compiled_on(None, limits)
    }

    fn compiled_on(&self, date: Option<Date>, limits: CompilationLimits) -> Compilation {
        let guide = Guide::built_in();
        let missing = ["云州\u{202E}港区".to_owned()];
        let issuer = bureau();
        let year = "2024".parse().unwrap();
        let commission = Commission { issuer: &issuer, year, date, guide: &guide, missing: &missing, limits };
        compile(&commission, &self.units())
    }
}

fn bureau() -> Issuer {
    let mut issuer = unit("云州市人民政府", "云州市").issuer;
    issuer.code = None;
    issuer
}

fn unit(name: &str, short_name: &str) -> Report {
    read(&format!(
        "year: 2024\nissuer: {{name: {name:?}, short_name: {short_name:?}}}\nsignature: {{date: 2025-02-01}}\n"
    ))
}

/// What stands at a path, as text.
fn at(document: &Value, path: &FieldPath) -> Option<String> {
    let value = path.segments().iter().try_fold(document, |value, segment| match segment {
        Segment::Key(key) => value.get(key.as_str()),
        Segment::Index(index) => value.get(*index),
    })?;
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn json(report: &Report) -> Value {
    serde_json::to_value(report).unwrap()
}

/// The draft is read as a report that is not finished, and lacks nothing but its date.
fn unfinished(compilation: &Compilation) -> Report {
    let text = write_yaml(&compilation.report, "");
    let manuscript = Manuscript::parse(text.as_bytes(), Format::Yaml).unwrap();
    let whole = manuscript.unfinished().unwrap_or_else(|failed| panic!("{}\n{text}", told(&failed)));
    let missing: Vec<String> = whole.stood_in.iter().map(FieldPath::to_string).collect();
    assert_eq!(missing, ["signature.date"], "{text}");
    whole.report
}

/// Every sentence is ours or has its origin, and each origin is where it says.
fn origins_hold(compilation: &Compilation, units: &[UnitReport]) {
    let reports: Vec<Value> = units.iter().map(|unit| json(unit.report)).collect();
    for origin in &compilation.origins {
        let draft = at(&compilation.report, &origin.path).unwrap_or_else(|| panic!("{origin:?}"));
        assert!(draft.contains(&origin.written), "{origin:?}\n{draft}");
        let source = at(&reports[origin.unit], &origin.source).or_else(|| {
            // A paragraph that was written as its bare text.
            at(&reports[origin.unit], &origin.source.key("text"))
        });
        assert!(source.is_some_and(|source| source.contains(&origin.text)), "{origin:?}");
    }
    // Of what units said nothing is left where what has an origin is taken away, but what the program writes.
    for key in ["measures", "problems", "duties", "plans"] {
        for (path, text) in texts(&compilation.report[key], &FieldPath::root().key(key)) {
            let segments = path.segments();
            let field = segments.iter().rev().find_map(|one| match one {
                Segment::Key(key) => Some(key.as_str()),
                Segment::Index(_) => None,
            });
            if matches!(field, Some("heading" | "area" | "holder" | "answers" | "lead")) {
                continue;
            }
            let mut rest = text.clone();
            for origin in compilation.origins.iter().filter(|origin| origin.path == path) {
                rest = rest.replace(&origin.written, "");
            }
            let ours = rest.trim_matches(['。', '；']);
            let is_ours = ours.is_empty() || (field == Some("detail") && ours.ends_with("提出"));
            assert!(is_ours, "{path}: {ours}\n{text}");
        }
    }
}

fn texts(value: &Value, path: &FieldPath) -> Vec<(FieldPath, String)> {
    match value {
        Value::String(text) => vec![(path.clone(), text.clone())],
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(at, item)| texts(item, &path.index(at))).collect()
        }
        Value::Object(fields) => {
            fields.iter().flat_map(|(key, value)| texts(value, &path.key(key))).collect()
        }
        _ => vec![],
    }
}

#[test]
fn each_case_comes_to_what_it_states() {
    let mut wrong = String::new();
    let folders = files_in(&of_tests("cases/compilation"));
    assert!(folders.len() > 3, "the cases are found");
    for folder in folders {
        let roster = Roster::in_folder(&folder);
        let compilation = roster.compiled(CompilationLimits::default());
        unfinished(&compilation);
        origins_hold(&compilation, &roster.units());
        let draft = write_yaml(&compilation.report, "");
        let remarks = compilation.remarks.join("\n");
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        for line in fs::read_to_string(folder.join("expected.txt")).unwrap().lines() {
            let Some((kind, said)) = line.split_once(": ").filter(|_| !line.starts_with('#')) else {
                assert!(line.is_empty() || line.starts_with('#'), "{name}: {line}");
                continue;
            };
            let holds = match kind {
                "has" => draft.contains(said),
                "lacks" => !draft.contains(said),
                "remark" => remarks.contains(said),
                "no remark" => !remarks.contains(said),
                "field" => {
                    let (path, value) = said.split_once(" = ").expect("a field and its value");
                    at(&compilation.report, &FieldPath::from(path)).as_deref() == Some(value)
                }
                "order" => {
                    let places: Vec<Option<usize>> = said.split(" | ").map(|part| draft.find(part)).collect();
                    places.iter().all(Option::is_some) && places.is_sorted()
                }
                other => panic!("{name}: no such statement: {other}"),
            };
            if !holds {
                wrong += &format!("{name}: {line}\n");
            }
        }
        if !wrong.is_empty() {
            wrong += &format!("{draft}\n{remarks}\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// With a date nothing that the compiling does is an error to the checks. What no unit has written the bureau
/// writes, and what a unit has left open or left in it asks about.
#[test]
fn a_draft_passes_the_checks() {
    let mut wrong = String::new();
    for folder in files_in(&of_tests("cases/compilation")) {
        let date = "2025-02-20".parse().unwrap();
        let compilation = Roster::in_folder(&folder).compiled_on(Some(date), CompilationLimits::default());
        let text = write_yaml(&compilation.report, "");
        for found in findings_beside(text.as_bytes(), Format::Yaml, &Beside::default()) {
            let is_of_units = matches!(&*found.code, "missing-section" | "placeholder" | "debris");
            if found.severity == Severity::Error && !is_of_units {
                wrong += &format!("{}: {} {}: {}\n", folder.display(), found.code, found.path, found.message);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The same reports, the same draft; what the indicators say stands in the tables, unit by unit.
#[test]
fn nothing_of_the_indicators_is_lost() {
    let roster = Roster::in_folder(&of_tests("cases/compilation/yunzhou"));
    let compilation = roster.compiled(CompilationLimits::default());
    assert_eq!(compilation, roster.compiled(CompilationLimits::default()));
    let told: BTreeSet<(usize, String)> = compilation
        .origins
        .iter()
        .filter(|origin| origin.path.first_key() == "attachments")
        .map(|origin| (origin.unit, origin.source.to_string()))
        .collect();
    for (unit, report) in roster.reports.iter().enumerate() {
        for index in 0..report.indicators.len() {
            assert!(told.contains(&(unit, format!("indicators[{index}].value"))), "{unit} {index}");
        }
        for index in 0..report.problems.len() {
            assert!(told.contains(&(unit, format!("problems[{index}].problem"))), "{unit} {index}");
        }
    }
    let report = unfinished(&compilation);
    for attachment in &report.attachments {
        let table = attachment.table.as_ref().unwrap();
        assert!(table.columns.len() <= 7);
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()));
    }
}

#[test]
fn the_draft_is_no_longer_than_its_limits() {
    let roster = Roster::in_folder(&of_tests("cases/compilation/yunzhou"));
    let limits = CompilationLimits {
        paragraphs_per_area: 1,
        sentences_per_paragraph: 1,
        shared_problems: 1,
        single_problems: 0,
    };
    let compilation = roster.compiled(limits);
    origins_hold(&compilation, &roster.units());
    let report = unfinished(&compilation);
    assert!(report.measures.iter().all(|measure| measure.body.len() == 1));
    assert_eq!(report.problems.len(), 1);
    let none = CompilationLimits {
        paragraphs_per_area: 0,
        sentences_per_paragraph: 0,
        shared_problems: 0,
        single_problems: 0,
    };
    let report = unfinished(&roster.compiled(none));
    assert!(report.measures.is_empty() && report.problems.is_empty() && !report.indicators.is_empty());
}

/// Reports as others write them: nothing of them is taken for anything but text.
#[test]
fn any_reports_become_a_draft() {
    let mut reports: Vec<Report> = Vec::new();
    for path in files_in(&of_tests("cases/check")).iter().flat_map(|folder| files_in(folder)) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let Ok(manuscript) = Manuscript::parse(text.as_bytes(), Format::Yaml) else { continue };
        reports.extend(manuscript.unfinished().ok().map(|whole| whole.report));
    }
    reports.push(read(sample()));
    if let Some(folder) = real_reports("any_reports_become_a_draft") {
        let samples = files_in(&folder.join("samples"));
        reports.extend(samples.iter().map(|path| read(&fs::read_to_string(path).unwrap())));
    }
    reports.iter_mut().for_each(|report| report.year = "2024".parse().unwrap());
    assert!(reports.len() > 10, "reports are found: {}", reports.len());
    let roster = Roster::of(reports);
    let compilation = roster.compiled(CompilationLimits::default());
    unfinished(&compilation);
    origins_hold(&compilation, &roster.units());
}

/// Sums that no decimal holds, and values of every kind.
#[test]
fn what_cannot_be_added_is_told() {
    let with = |name: &str, value: &str, unit_of_measure: &str| {
        let mut report = unit(name, name);
        let indicator = format!(
            "year: 2024\nissuer: {{name: 甲}}\nindicators: [{{key: k, name: 案件, value: \"{value}\", unit: {unit_of_measure}}}]\nsignature: {{date: 2025-02-01}}\n"
        );
        report.indicators = read(&indicator).indicators;
        report
    };
    let most = "79228162514264337593543950335";
    let roster =
        Roster::of(vec![with("甲县", most, "件"), with("乙县", most, "亿件"), with("丙县", "1", "件")]);
    let compilation = roster.compiled(CompilationLimits::default());
    let report = unfinished(&compilation);
    assert!(report.indicators.is_empty(), "{:?}", report.indicators);
    let remarks = compilation.remarks.join("\n");
    assert!(remarks.contains("乙县报送的“案件”数值过大"), "{remarks}");
    assert!(serde_json::to_string(&compilation.report).unwrap().contains(most));
}

/// The workbook: what begins like a formula is a text, what is a number is one.
#[test]
fn rows_of_a_workbook_stay_what_they_are() {
    use calamine::{Data, Reader, Xlsx};
    let roster = Roster::in_folder(&of_tests("cases/compilation/yunzhou"));
    let years = roster.reports.iter().zip(&roster.last_year);
    let years: Vec<Vec<&Report>> = years.map(|(one, last)| [one].into_iter().chain(last).collect()).collect();
    let rows = indicator_rows(&years);
    let of_linjiang: Vec<u16> = rows
        .iter()
        .filter(|row| row.unit == "临江区" && row.key == "reconsideration.accepted")
        .map(|row| row.year)
        .collect();
    assert_eq!(of_linjiang, [2024, 2023]);
    let bytes = indicator_workbook(&rows).unwrap();
    assert_eq!(bytes, indicator_workbook(&rows).unwrap());
    let mut workbook: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let sheet = workbook.worksheet_range("指标").unwrap();
    assert_eq!(sheet.height(), rows.len() + 1);
    assert!(workbook.worksheet_formula("指标").unwrap().used_cells().next().is_none());
    for (row, cells) in rows.iter().zip(sheet.rows().skip(1)) {
        assert_eq!(cells[0], Data::String(row.unit.clone()));
        assert_eq!(cells[2], Data::String(row.key.clone()));
        assert_eq!(cells[3], Data::String(row.name.clone()));
        match row.value.number() {
            Some(number) if row.value.to_string() != "无" => {
                assert_eq!(
                    cells[4].to_string().parse::<f64>().unwrap(),
                    number.to_string().parse::<f64>().unwrap()
                );
            }
            _ => assert_eq!(cells[4], Data::String(row.value.to_string())),
        }
    }
    let hostile: Vec<&str> =
        rows.iter().map(|row| row.name.as_str()).filter(|name| name.starts_with(['=', '@'])).collect();
    assert_eq!(hostile, ["=cmd|' /C calc'!A0", "@高新指标"]);
    let mut long = rows[0].clone();
    long.name = "长".repeat(40_000);
    assert!(indicator_workbook(&[long]).unwrap_err().to_string().contains("32767"));
    assert!(!indicator_workbook(&[]).unwrap().is_empty());
}
