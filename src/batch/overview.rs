//! What an overview tells of a batch: counts, failures, findings by kind, and the indicators of the
//! units side by side. Names are cut short and lists end somewhere, so that neither a hostile name nor
//! a province makes it endless; the whole lists are `manifest.json` and `清单.csv`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::entry::{ArchiveEntry, ResultCounts, UnitResult};
use super::expectation::MissingReport;
use super::harmless::visible;
use crate::diagnostic::{Diagnostic, Severity};
use crate::template::Overview;
use crate::template::overview::{
    Bar, Comparison, FindingKind, MatterLine, OverviewAbsence, OverviewFailure, OverviewUnit,
};
use crate::workers::{IndicatorRecord, MatterRecord};

/// Up to so many units are all listed, as those of a city; of more, as a province's 3,000, those with the
/// most findings.
const ALL_UNITS: usize = 300;
const WORST_UNITS: usize = 100;

/// How many failures are told with their reasons.
const MAX_FAILURES: usize = 200;

/// How many indicators are compared.
const MAX_INDICATORS: usize = 40;

/// Up to so many units each has its bar; of more, the first and the last of them.
const ALL_BARS: usize = 30;
const FIRST_BARS: usize = 15;
const LAST_BARS: usize = 5;

/// Up to so many units each has its column beside the matters of a guide.
const ALL_COLUMNS: usize = 12;

/// How many of the units that did not report are named.
const MAX_NAMED: usize = 10;

/// How many characters of a name, and of a reason, are told.
const LONGEST_NAME: usize = 24;
const LONGEST_REASON: usize = 120;

/// What an overview will tell of the units added so far.
#[derive(Default)]
pub(super) struct Survey {
    years: BTreeSet<u16>,
    pages: usize,
    /// The first failures.
    failures: Vec<OverviewFailure>,
    units: Vec<OverviewUnit>,
    kinds: BTreeMap<String, KindTally>,
    /// What is the same indicator is known by its name and unit of measure.
    indicators: HashMap<(String, String), IndicatorTally>,
    /// By the parts of their numbers, so that 2.10 stands behind 2.9.
    matters: BTreeMap<Vec<u16>, MatterTally>,
}

/// A kind of finding, in how many places and units.
struct KindTally {
    severity: Severity,
    title: String,
    places: usize,
    units: usize,
}

/// As which new indicator one was seen, and what each unit reports of it.
struct IndicatorTally {
    number: usize,
    values: BTreeMap<usize, Value>,
}

/// A matter of the guide in the units so far.
struct MatterTally {
    number: String,
    name: String,
    /// Of each unit, in their order, whether it touches it; nothing of those that it does not concern, and
    /// none of the last ones of these.
    marks: Vec<Option<bool>>,
}

/// What a unit reports of an indicator.
struct Value {
    text: String,
    is_approximate: bool,
}

impl Survey {
    /// Adds the next unit, what it reports in figures, and what it says of the guide's matters.
    pub(super) fn add(
        &mut self,
        entry: &ArchiveEntry,
        indicators: &[IndicatorRecord],
        matters: Vec<MatterRecord>,
    ) {
        let is_made = entry.result != UnitResult::Failed;
        self.years.extend(entry.year);
        self.pages += entry.pages.unwrap_or_default();
        if !is_made && self.failures.len() < MAX_FAILURES {
            self.failures.push(failure(entry));
        }
        self.count_kinds(&entry.findings);
        if is_made {
            indicators.iter().for_each(|indicator| self.note(self.units.len(), indicator));
            matters.into_iter().for_each(|matter| self.mark(self.units.len(), matter));
        }
        self.units.push(line(entry));
    }

    fn count_kinds(&mut self, findings: &[Diagnostic]) {
        let mut seen = BTreeSet::new();
        for finding in findings {
            let kind = self.kinds.entry(finding.code.to_string()).or_insert_with(|| KindTally {
                severity: finding.severity,
                title: finding.title.to_string(),
                places: 0,
                units: 0,
            });
            kind.severity = kind.severity.max(finding.severity);
            kind.places += 1;
            kind.units += usize::from(seen.insert(&finding.code));
        }
    }

    /// Where a report has the same indicator twice, the first counts.
    fn note(&mut self, unit: usize, indicator: &IndicatorRecord) {
        let name = indicator.name.trim().to_owned();
        let counted_in = indicator.unit.as_deref().unwrap_or_default().trim().to_owned();
        let new = IndicatorTally { number: self.indicators.len(), values: BTreeMap::new() };
        let seen = self.indicators.entry((name, counted_in)).or_insert(new);
        let value = Value { text: indicator.value.clone(), is_approximate: indicator.approximate };
        seen.values.entry(unit).or_insert(value);
    }

    fn mark(&mut self, unit: usize, matter: MatterRecord) {
        let MatterRecord { number, name, is_touched } = matter;
        let order = number.split('.').map(|part| part.parse().unwrap_or_default()).collect();
        let new = MatterTally { number, name, marks: vec![] };
        let marks = &mut self.matters.entry(order).or_insert(new).marks;
        marks.resize(unit, None);
        marks.push(is_touched);
    }

    /// Which unit touches which matter, as the rows of a table with its head; none without a guide.
    pub(super) fn matrix(&self) -> Option<Vec<Vec<String>>> {
        let lowest: Vec<&MatterTally> = self.matters.values().filter(|matter| !matter.is_group()).collect();
        if lowest.is_empty() {
            return None;
        }
        let head = ["序号", "报告单位"].map(str::to_owned).into_iter();
        let head = head.chain(lowest.iter().map(|matter| format!("{} {}", matter.number, matter.name)));
        let row = |(at, unit): (usize, &OverviewUnit)| {
            let words = |mark| match mark {
                _ if unit.pages.is_none() => "",
                Some(true) => "写到",
                Some(false) => "没有写到",
                None => "不适用",
            };
            let marks = lowest.iter().map(|matter| words(matter.mark(at)).to_owned());
            [unit.number.to_string(), unit.name.clone()].into_iter().chain(marks).collect()
        };
        Some([head.collect()].into_iter().chain(self.units.iter().enumerate().map(row)).collect())
    }

    /// The matters as they are told, and the numbers of the units that have a column each.
    fn matter_lines(&self) -> (Vec<MatterLine>, Vec<usize>) {
        let made: Vec<usize> = (0..self.units.len()).filter(|at| self.units[*at].pages.is_some()).collect();
        let columns = if made.len() <= ALL_COLUMNS { made } else { vec![] };
        let line = |matter: &MatterTally| {
            let missing: Vec<usize> =
                (0..matter.marks.len()).filter(|at| matter.marks[*at] == Some(false)).collect();
            let concerned = matter.marks.iter().flatten().count();
            let mark = |at: &usize| match matter.mark(*at) {
                _ if matter.is_group() => "",
                Some(true) => "●",
                Some(false) => "○",
                None => "——",
            };
            MatterLine {
                number: matter.number.clone(),
                name: cut(&matter.name, LONGEST_NAME),
                concerned,
                touched: concerned - missing.len(),
                missing_names: self.named(&missing),
                marks: columns.iter().map(|at| mark(at).to_owned()).collect(),
            }
        };
        let lines = self.matters.values().map(line).collect();
        (lines, columns.iter().map(|at| self.units[*at].number).collect())
    }

    /// Some of these units by their names.
    fn named(&self, units: &[usize]) -> String {
        let named: Vec<&str> = units.iter().take(MAX_NAMED).map(|at| self.units[*at].name.as_str()).collect();
        let and_more = if units.len() > MAX_NAMED { format!("等{}个", units.len()) } else { String::new() };
        format!("{}{and_more}", named.join("、"))
    }

    /// What is told of all units.
    pub(super) fn overview(self, counts: ResultCounts, missing: &[MissingReport]) -> Overview {
        let (indicators, more_indicators) = self.comparisons();
        let (matters, columns) = self.matter_lines();
        let mut units = self.units;
        if units.len() > ALL_UNITS {
            units.sort_by_key(|unit| Reverse((unit.errors, unit.warnings, unit.notes)));
            units.truncate(WORST_UNITS);
        }
        Overview {
            years: self.years.iter().copied().collect(),
            // PDF/A wants a day, and no day of today gives the same bytes tomorrow: the end of the year.
            date: format!("{}-12-31", self.years.last().unwrap_or(&2000)),
            total: counts.total,
            made: counts.made,
            made_with_warnings: counts.made_with_warnings,
            failed: counts.failed,
            missing: missing.iter().take(MAX_FAILURES).map(missing_line).collect(),
            more_missing: missing.len().saturating_sub(MAX_FAILURES),
            pages: self.pages,
            more_failures: counts.failed - self.failures.len(),
            failures: self.failures,
            more_units: counts.total - units.len(),
            units,
            kinds: kinds(self.kinds),
            matters,
            columns,
            indicators,
            more_indicators,
        }
    }

    /// The indicators that more than one unit reports, those of the most units first, and how many more
    /// there are.
    fn comparisons(&self) -> (Vec<Comparison>, usize) {
        let mut shared: Vec<_> = self.indicators.iter().filter(|(_, seen)| seen.values.len() > 1).collect();
        shared.sort_by_key(|(_, seen)| (Reverse(seen.values.len()), seen.number));
        let told = shared.iter().take(MAX_INDICATORS);
        let comparisons = told.map(|(key, seen)| comparison(key, &seen.values, &self.units)).collect();
        (comparisons, shared.len().saturating_sub(MAX_INDICATORS))
    }
}

impl MatterTally {
    /// Whether it only sorts others.
    fn is_group(&self) -> bool {
        self.marks.iter().flatten().next().is_none()
    }

    fn mark(&self, unit: usize) -> Option<bool> {
        self.marks.get(unit).copied().flatten()
    }
}

fn failure(unit: &ArchiveEntry) -> OverviewFailure {
    let first_error = unit.findings.iter().find(|one| one.severity == Severity::Error);
    let reason = first_error.or(unit.findings.first()).map(Diagnostic::in_one_line);
    OverviewFailure {
        number: unit.number,
        name: name(unit),
        reason: cut(&reason.unwrap_or_default(), LONGEST_REASON),
    }
}

fn missing_line(unit: &MissingReport) -> OverviewAbsence {
    OverviewAbsence {
        name: cut(&visible(&unit.name), LONGEST_NAME),
        state: unit.state.clone(),
        reason: cut(&visible(&unit.reason), LONGEST_REASON),
    }
}

fn line(unit: &ArchiveEntry) -> OverviewUnit {
    OverviewUnit {
        number: unit.number,
        name: name(unit),
        year: unit.year.map(|year| year.to_string()).unwrap_or_default(),
        result: unit.result.label().to_owned(),
        pages: unit.pages,
        errors: unit.count(Severity::Error),
        warnings: unit.count(Severity::Warning),
        notes: unit.count(Severity::Note),
    }
}

/// The most serious first, of these the most frequent.
fn kinds(seen: BTreeMap<String, KindTally>) -> Vec<FindingKind> {
    let mut kinds: Vec<_> = seen.into_iter().collect();
    kinds.sort_by_key(|(_, kind)| (Reverse(kind.severity), Reverse(kind.places)));
    let kind = |(code, seen): (String, KindTally)| FindingKind {
        severity: seen.severity.label().to_owned(),
        title: seen.title,
        code,
        count: seen.places,
        units: seen.units,
    };
    kinds.into_iter().map(kind).collect()
}

fn comparison(
    (name, unit): &(String, String),
    values: &BTreeMap<usize, Value>,
    units: &[OverviewUnit],
) -> Comparison {
    let number = |value: &Value| value.text.parse::<f64>().ok().filter(|value| value.is_finite());
    let name_of = |unit: usize| units[unit].name.clone();
    let mut lines: Vec<(Option<f64>, &Value, usize)> =
        values.iter().map(|(unit, value)| (number(value), value, *unit)).collect();
    // From the highest down, then those that have none; equal ones in the order of the batch.
    lines.sort_by(|(one, _, first), (other, _, second)| {
        let (one, other) = (one.unwrap_or(f64::NEG_INFINITY), other.unwrap_or(f64::NEG_INFINITY));
        other.total_cmp(&one).then(first.cmp(second))
    });
    let counted = lines.iter().filter(|(value, ..)| value.is_some()).count();
    let highest = lines.iter().filter_map(|(value, ..)| value.map(f64::abs)).fold(0.0, f64::max);
    let missing: Vec<usize> =
        (0..units.len()).filter(|unit| units[*unit].pages.is_some() && !values.contains_key(unit)).collect();
    let bar = |(number, value, unit): &(Option<f64>, &Value, usize)| {
        let about = if value.is_approximate { "约" } else { "" };
        let share = number.filter(|number| *number > 0.0 && highest > 0.0);
        Bar {
            name: name_of(*unit),
            value: format!("{about}{}", cut(&value.text, LONGEST_NAME)),
            share: share.map(|number| format!("{:.4}", number / highest)).unwrap_or_default(),
        }
    };
    let (mut bars, mut left_out) = (vec![], 0);
    if lines.len() > ALL_BARS {
        left_out = lines.len() - FIRST_BARS - LAST_BARS;
        bars.extend(lines[..FIRST_BARS].iter().map(bar));
        bars.extend(lines[lines.len() - LAST_BARS..].iter().map(bar));
    } else {
        bars.extend(lines.iter().map(bar));
        if lines.len() + missing.len() <= ALL_BARS {
            let unreported =
                |unit: &usize| Bar { name: name_of(*unit), value: "未报".into(), share: String::new() };
            bars.extend(missing.iter().map(unreported));
        }
    }
    let named: Vec<String> = missing.iter().take(MAX_NAMED).map(|unit| name_of(*unit)).collect();
    let and_more = if missing.len() > MAX_NAMED { "等" } else { "" };
    Comparison {
        name: cut(name, LONGEST_NAME),
        unit: cut(unit, LONGEST_NAME),
        reported: values.len(),
        missing: missing.len(),
        missing_names: format!("{}{and_more}", named.join("、")),
        median: if counted > 0 { lines[counted / 2].1.text.clone() } else { String::new() },
        bars,
        left_out,
        left_out_behind: if left_out > 0 { FIRST_BARS } else { 0 },
    }
}

/// What a unit is called, or where it comes from.
fn name(unit: &ArchiveEntry) -> String {
    cut(unit.unit.as_deref().unwrap_or(&unit.source), LONGEST_NAME)
}

/// The beginning of a text, in one line.
fn cut(text: &str, longest: usize) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(longest + 1).collect();
    match line.char_indices().nth(longest) {
        Some((end, _)) => format!("{}……", &line[..end]),
        None => line,
    }
}
