//! 审核意见表: what the checks found in a report, for a reviewer to print and sign.

use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use super::{Filled, Templates};
use crate::diagnostic::{Diagnostic, Failed, Severity};
use crate::guide::{Coverage, CoveredMatter};
use crate::report::{Choice, Report};

/// Its minijinja file. No manifest stands beside it, so no report can name it as its template.
pub(super) const SOURCE: &str = "review-sheet/sheet.typ.jinja";

/// How many places of a matter are told: enough to look it up.
const MAX_PLACES: usize = 2;

/// A finding as the sheet shows it.
#[derive(Serialize)]
struct FindingRow {
    severity: &'static str,
    code: String,
    label: String,
    before: String,
    words: String,
    after: String,
    message: String,
    hint: String,
    /// The reason for which the report lets it pass.
    reason: String,
}

/// What a report says of the matters of a guide, as the sheet shows it.
#[derive(Serialize)]
struct CoverageTable {
    guide: String,
    source: String,
    remark: String,
    count: usize,
    untouched: usize,
    matters: Vec<MatterRow>,
}

#[derive(Serialize)]
struct MatterRow {
    number: String,
    name: String,
    is_group: bool,
    /// In words, with what stands there; none where it is not touched.
    places: Vec<[String; 2]>,
}

/// Fills the sheet with what was found in a report, and with what it says of the matters of a guide. `drawable` makes a text one that the face of
/// the sheet can draw.
pub fn fill_review_sheet(
    templates: &Templates,
    report: &Report,
    found: &[Diagnostic],
    coverage: Option<&Coverage>,
    drawable: &dyn Fn(&str) -> String,
) -> Result<Filled, Failed> {
    let (allowed, findings): (Vec<_>, Vec<_>) = found.iter().partition(|one| one.allowed.is_some());
    let count = |severity| findings.iter().filter(|one| one.severity == severity).count();
    let rows = |of: &[&Diagnostic]| of.iter().map(|one| FindingRow::new(one, drawable)).collect::<Vec<_>>();
    templates.review_sheet.fill(context! {
        issuer => drawable(&report.issuer.name),
        year => report.year.number(),
        edition => report.edition.label(),
        // PDF/A wants a date, and no room knows today's: the report's own.
        date => report.signature.date.to_string(),
        errors => count(Severity::Error),
        warnings => count(Severity::Warning),
        notes => count(Severity::Note),
        findings => Value::from(Serde(rows(&findings))),
        allowed => Value::from(Serde(rows(&allowed))),
        coverage => coverage.map(|coverage| Value::from(Serde(CoverageTable::new(coverage, drawable)))),
    })
}

impl CoverageTable {
    fn new(coverage: &Coverage, drawable: &dyn Fn(&str) -> String) -> Self {
        let row = |matter: &CoveredMatter| MatterRow {
            number: matter.number.clone(),
            name: drawable(&matter.name),
            is_group: matter.is_group,
            places: matter
                .touches
                .iter()
                .take(MAX_PLACES)
                .map(|touch| [&touch.label, &touch.words].map(|text| drawable(text)))
                .collect(),
        };
        Self {
            guide: drawable(&coverage.guide),
            source: drawable(&coverage.source),
            remark: coverage.remark.clone().unwrap_or_default(),
            count: coverage.lowest().count(),
            untouched: coverage.untouched().count(),
            matters: coverage.matters.iter().map(row).collect(),
        }
    }
}

impl FindingRow {
    fn new(finding: &Diagnostic, drawable: &dyn Fn(&str) -> String) -> Self {
        let quotation = finding.span.as_ref().map(|span| span.quotation()).unwrap_or_default();
        let [before, words, after] = quotation.map(|text| drawable(&text));
        Self {
            severity: finding.severity.label(),
            code: finding.code.to_string(),
            label: drawable(&finding.label()),
            before,
            words,
            after,
            message: drawable(&finding.message),
            hint: drawable(&finding.hint),
            reason: drawable(finding.allowed.as_deref().unwrap_or_default()),
        }
    }
}
