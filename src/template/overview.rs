//! 汇总: what came of a batch, for whoever answers for all of it.

use minijinja::Value;
use minijinja::value::Serde;
use serde::{Deserialize, Serialize};

use super::{Filled, Templates};
use crate::diagnostic::Failed;

/// Its minijinja file. Like the review sheet it has no manifest.
pub(super) const SOURCE: &str = "overview/overview.typ.jinja";

/// What is told of a batch. Every text is short; the whole lists are data beside it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Overview {
    /// As 2024.
    pub years: Vec<u16>,
    /// The day that the document bears, as `2024-12-31`.
    pub date: String,
    pub total: usize,
    /// How many units were expected, if anybody said; 0 else.
    #[serde(default)]
    pub expected: usize,
    /// How many of these have no report that counts.
    #[serde(default)]
    pub without: usize,
    /// How many units something came of, and how many reports are of units that nobody expected.
    #[serde(default)]
    pub came: usize,
    #[serde(default)]
    pub unlisted: usize,
    /// Reports that count in nothing that is told of several units.
    #[serde(default)]
    pub uncounted: usize,
    /// Units that sent nothing but what nobody can read, and files of which nobody can tell whose they are.
    #[serde(default)]
    pub unread: usize,
    #[serde(default)]
    pub unknown: usize,
    pub made: usize,
    pub made_with_warnings: usize,
    pub failed: usize,
    pub pages: usize,
    /// The units without a report, and why.
    pub failures: Vec<OverviewFailure>,
    /// How many more there are.
    pub more_failures: usize,
    /// The units that a collection asked and that have no report here, and how many more there are.
    #[serde(default)]
    pub missing: Vec<OverviewAbsence>,
    #[serde(default)]
    pub more_missing: usize,
    /// Reports of units that came before or that nobody expected, and how many more there are.
    #[serde(default)]
    pub strangers: Vec<OverviewFailure>,
    #[serde(default)]
    pub more_strangers: usize,
    /// All units, or of very many those with the most findings.
    pub units: Vec<OverviewUnit>,
    /// How many more there are.
    pub more_units: usize,
    /// The findings by kind, most serious and most frequent first.
    pub kinds: Vec<FindingKind>,
    /// Problems that several units state, those of most units first; and how many more there are.
    #[serde(default)]
    pub shared: Vec<SharedLine>,
    #[serde(default)]
    pub more_shared: usize,
    /// What the indicators come to, and how many more there are.
    #[serde(default)]
    pub totals: Vec<TotalLine>,
    #[serde(default)]
    pub more_totals: usize,
    /// The place of each unit in the first indicators, where they are few.
    #[serde(default)]
    pub ranks: Option<RankTable>,
    /// The matters of the guide in all units, where one was chosen.
    #[serde(default)]
    pub matters: Vec<MatterLine>,
    /// The numbers of the units, where they are few enough for a column each.
    #[serde(default)]
    pub columns: Vec<usize>,
    pub indicators: Vec<Comparison>,
    pub more_indicators: usize,
    /// What one unit alone reports, and how much more of it there is.
    #[serde(default)]
    pub lone: Vec<LoneFigure>,
    #[serde(default)]
    pub more_lone: usize,
    /// How many values of units with very many indicators are left out.
    #[serde(default)]
    pub left_out: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OverviewFailure {
    pub number: usize,
    pub name: String,
    pub reason: String,
}

/// A unit that was asked and has no report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OverviewAbsence {
    pub name: String,
    /// How far it is.
    pub state: String,
    pub reason: String,
}

/// A line of the list of all units.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OverviewUnit {
    pub number: usize,
    pub name: String,
    pub year: String,
    pub result: String,
    /// None if it has no report.
    pub pages: Option<usize>,
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
    /// Whether it counts in what is told of several units.
    #[serde(default)]
    pub is_counted: bool,
}

/// One kind of finding in all units.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FindingKind {
    pub severity: String,
    pub title: String,
    pub code: String,
    pub count: usize,
    pub units: usize,
    /// The units with the most of it.
    #[serde(default)]
    pub worst: String,
}

/// A problem that several units state.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SharedLine {
    pub text: String,
    pub units: usize,
    /// Some of them.
    pub names: String,
}

/// What one indicator comes to; what cannot be told is empty.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TotalLine {
    pub name: String,
    pub unit: String,
    pub reported: usize,
    pub missing: usize,
    pub sum: String,
    /// Whether some units count it in something else, so that the sum is without them.
    #[serde(default)]
    pub is_partial: bool,
    /// The year before of the units that have both years.
    pub before: String,
    pub growth: String,
    pub median: String,
}

/// The places of units among all, from 1 for the highest value.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RankTable {
    /// The indicators, a column each.
    pub names: Vec<String>,
    pub rows: Vec<RankRow>,
    /// The value in the middle of each column.
    pub medians: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RankRow {
    pub name: String,
    pub ranks: Vec<String>,
}

/// An indicator that one unit alone reports.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoneFigure {
    pub name: String,
    pub unit: String,
    pub value: String,
    pub growth: String,
}

/// One matter of the guide in all units.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MatterLine {
    pub number: String,
    pub name: String,
    /// How many units it concerns; none where it only sorts others.
    pub concerned: usize,
    pub touched: usize,
    /// Some of those that do not touch it.
    pub missing_names: String,
    /// What each column says of it.
    pub marks: Vec<String>,
}

/// One indicator in all units.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Comparison {
    pub name: String,
    /// What it is counted in.
    pub unit: String,
    pub reported: usize,
    pub missing: usize,
    /// Some of those that reported none.
    pub missing_names: String,
    /// What is counted in something else and stands in no bar.
    #[serde(default)]
    pub apart: String,
    pub median: String,
    /// Its share of the highest, as `0.4567`.
    #[serde(default)]
    pub median_share: String,
    /// From the highest value down; where there are many units, first and last ones.
    pub bars: Vec<Bar>,
    /// How many are left out between the first and the last.
    pub left_out: usize,
    /// Behind which bar they are left out.
    pub left_out_behind: usize,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Bar {
    /// Its place among all, from 1 for the highest.
    #[serde(default)]
    pub rank: String,
    pub name: String,
    /// As it was reported, with 约 where it is approximate.
    pub value: String,
    /// How much more or less than the year before.
    #[serde(default)]
    pub growth: String,
    /// Its share of the highest, as `0.4567`; empty where there is nothing to draw.
    pub share: String,
}

/// Fills the overview. `drawable` makes a text one that the face of the document can draw.
pub fn fill_overview(
    templates: &Templates,
    overview: &Overview,
    drawable: &dyn Fn(&str) -> String,
) -> Result<Filled, Failed> {
    let mut data = serde_json::to_value(overview).map_err(|error| Failed::Program(Box::new(error)))?;
    each_text(&mut data, drawable);
    templates.overview.fill(Value::from(Serde(data)))
}

/// Changes every text in data.
pub(super) fn each_text(data: &mut serde_json::Value, change: &dyn Fn(&str) -> String) {
    match data {
        serde_json::Value::String(text) => *text = change(text),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, change)),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(|field| each_text(field, change)),
        _ => {}
    }
}
