//! The ruler tried by what it is for: single changes of the layout, each of which must fail its clause and no
//! other, and sound reports, which must fail none. Both are files; `cases/conform/README.md` says how to add one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use nianbao::conform::{CLAUSES, Conformance, Strictness, Verdict, conform};
use nianbao::input::Format;
use nianbao::pipeline::Press;
use nianbao::report::Edition;
use nianbao::template::{Purpose, Templates};
use serde::Deserialize;
use unicode_width::UnicodeWidthStr;

use crate::desk::laid_over;
use crate::workbench::{files_in, minimal, of_tests, press, project, render_at, told};

/// Fewer than these would leave kinds of faults untried.
const CHANGES: usize = 60;
const SOUND_REPORTS: usize = 20;

/// A change of the layout: in one file of `report-templates` one passage becomes another.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    name: String,
    #[serde(default = "formal")]
    of: String,
    r#in: String,
    from: String,
    to: String,
    fails: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    change: Vec<Change>,
}

fn formal() -> String {
    "formal".into()
}

impl Change {
    fn all() -> Vec<Self> {
        let text = fs::read_to_string(of_tests("cases/conform/mutations/changes.toml")).unwrap();
        toml::from_str::<Changes>(&text).unwrap().change
    }

    /// What is measured of the report whose layout was changed, or why it could not be.
    fn measure(&self) -> Result<Conformance, String> {
        let layout = fs::read_to_string(project().join("report-templates").join(&self.r#in));
        let layout = layout.map_err(|error| format!("{}: {error}", self.r#in))?;
        let count = layout.matches(&self.from).count();
        if count != 1 {
            let from = &self.from;
            return Err(format!(
                "no longer applies: {} has it {count} times, and not once: {from}",
                self.r#in
            ));
        }
        let changed = BTreeMap::from([(self.r#in.clone(), layout.replace(&self.from, &self.to))]);
        let templates = Templates::new(changed).map_err(|error| error.to_string())?;
        let press = Press { templates: templates.into(), ..press().clone() };
        let report = report(&self.of);
        let made = render_at(&press, report.as_bytes(), Format::Yaml, None, Purpose::Issue);
        let made = made.map_err(|failed| told(&failed))?;
        conform(&made.value.artifact.bytes, Strictness::Usual).map_err(|why| why.to_string())
    }

    /// What fails and should not, and what should and does not.
    fn difference(&self, found: &Conformance) -> Option<String> {
        let failing = unkept(found);
        let measured = |clause: &String| {
            let finding =
                found.findings.iter().find(|finding| name(finding.clause, finding.element) == *clause);
            finding.map_or_else(|| "there is no such clause".into(), |finding| finding.measured.clone())
        };
        let blamed =
            failing.difference(&self.fails).map(|clause| format!("blames {clause}: {}", measured(clause)));
        let passed =
            self.fails.difference(&failing).map(|clause| format!("passes {clause}: {}", measured(clause)));
        let wrong: Vec<String> = blamed.chain(passed).collect();
        (!wrong.is_empty()).then(|| wrong.join("\n  "))
    }
}

fn report(name: &str) -> String {
    fs::read_to_string(of_tests(&format!("cases/conform/mutations/{name}.yaml"))).unwrap()
}

fn name(clause: &str, element: &str) -> String {
    format!("{clause} {element}")
}

/// The clauses that a document does not keep.
fn unkept(found: &Conformance) -> BTreeSet<String> {
    let is_unkept = |verdict| matches!(verdict, Verdict::Fails | Verdict::Undecided);
    let unkept = found.findings.iter().filter(|finding| is_unkept(finding.verdict));
    unkept.map(|finding| name(finding.clause, finding.element)).collect()
}

/// A row a change, a column a clause.
fn matrix(rows: &[(String, Conformance)]) -> String {
    let width = rows.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    let mark = |verdict| match verdict {
        Verdict::Conforms => '·',
        Verdict::NotApplicable => ' ',
        Verdict::Fails => '✗',
        Verdict::Undecided => '?',
    };
    let mut told = String::new();
    for (number, clause) in CLAUSES.iter().enumerate() {
        told += &format!("{:3} {} {}\n", number + 1, clause.number, clause.element);
    }
    let digit = |number: usize, of: usize| char::from_digit((number / of % 10) as u32, 10).unwrap();
    for of in [10, 1] {
        let digits: String = (1..=CLAUSES.len()).map(|number| digit(number, of)).collect();
        told += &format!("{}  {digits}\n", " ".repeat(width));
    }
    for (name, found) in rows {
        let marks: String = found.findings.iter().map(|finding| mark(finding.verdict)).collect();
        told += &format!("{name}{}  {marks}\n", " ".repeat(width - name.width()));
    }
    told + "· 合格  ✗ 不合格  ? 无法判断，空白为不适用\n"
}

/// `make conform` shows what this prints.
#[test]
#[expect(clippy::print_stdout, reason = "the matrix is there to be read")]
fn each_change_of_the_layout_fails_its_clause_alone() {
    let (mut rows, mut wrong) = (Vec::new(), String::new());
    let changes = Change::all();
    for change in &changes {
        match change.measure() {
            Ok(found) => {
                if let Some(difference) = change.difference(&found) {
                    wrong += &format!("{}:\n  {difference}\n", change.name);
                }
                rows.push((change.name.clone(), found));
            }
            Err(why) => wrong += &format!("{}:\n  {why}\n", change.name),
        }
    }
    println!("\n{}", matrix(&rows));
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(changes.iter().filter(|change| change.fails.len() == 1).count() >= CHANGES);
    // A clause that no change fails was never seen to fail.
    let failed: BTreeSet<&String> = changes.iter().flat_map(|change| &change.fails).collect();
    for clause in &CLAUSES {
        let clause = name(clause.number, clause.element);
        assert!(failed.contains(&clause), "no change fails {clause}");
    }
}

#[test]
fn a_change_that_no_longer_applies_says_so() {
    let mut change = Change::all().remove(0);
    change.from = "#let what-is-not-there = 1mm".into();
    let why = change.measure().unwrap_err();
    assert!(
        why.contains("no longer applies") && why.contains(&change.r#in) && why.contains(&change.from),
        "{why}"
    );
}

#[test]
fn unchanged_reports_keep_every_clause() {
    for of in ["formal", "sealed"] {
        let made = render_at(press(), report(of).as_bytes(), Format::Yaml, None, Purpose::Issue);
        let found = conform(
            &made.unwrap_or_else(|failed| panic!("{}", told(&failed))).value.artifact.bytes,
            Strictness::Usual,
        );
        assert_eq!(unkept(&found.unwrap()), BTreeSet::new(), "{of}");
    }
}

#[test]
fn sound_reports_keep_every_clause() {
    let (mut count, mut wrong) = (0, String::new());
    for path in files_in(&of_tests("cases/conform/sound")) {
        let overlay = fs::read_to_string(&path).unwrap();
        let has = |line: &str| overlay.lines().any(|other| other == line);
        let base = if has("# on: formal") { report("formal") } else { minimal() };
        let edition = if has("# edition: formal") { Edition::Formal } else { Edition::Public };
        let purpose = if has("# draft") { Purpose::Draft } else { Purpose::Issue };
        let report = laid_over(&base, &overlay);
        count += 1;
        match render_at(press(), report.as_bytes(), Format::Yaml, Some(edition), purpose) {
            Err(failed) => wrong += &format!("{}:\n{}\n", path.display(), told(&failed)),
            Ok(made) => {
                let found = conform(&made.value.artifact.bytes, Strictness::Usual).unwrap();
                let unkept = found
                    .findings
                    .iter()
                    .filter(|one| matches!(one.verdict, Verdict::Fails | Verdict::Undecided));
                for finding in unkept {
                    wrong += &format!(
                        "{}: {} {}: {}\n",
                        path.display(),
                        finding.clause,
                        finding.element,
                        finding.measured
                    );
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(count >= SOUND_REPORTS, "{count} sound reports");
}
