//! What an overview tells of a batch: counts, failures, findings by kind, and the indicators of the
//! units side by side. Names are cut short and lists end somewhere, so that neither a hostile name nor
//! a province makes it endless; the whole lists are `manifest.json` and `清单.csv`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::archive::{Counts, Entry, Result};
use crate::diagnostic::Severity;
use crate::template::Overview;
use crate::template::overview::{Bar, Comparison, Failure, Kind, Unit};
use crate::workers::{Finding, Reported};

/// How many units are listed. A province has about 3,000.
const MAX_UNITS: usize = 3_000;

/// How many failures are told with their reasons.
const MAX_FAILURES: usize = 200;

/// How many indicators are compared.
const MAX_INDICATORS: usize = 40;

/// Up to so many units each has its bar; of more, the first and the last of them.
const ALL_BARS: usize = 30;
const FIRST_BARS: usize = 15;
const LAST_BARS: usize = 5;

/// How many of the units that did not report are named.
const MAX_NAMED: usize = 10;

/// How many characters of a name, and of a reason, are told.
const LONGEST_NAME: usize = 24;
const LONGEST_REASON: usize = 120;

/// What is told of these units, each with the indicators that it reports.
pub(super) fn overview(units: &[Entry], indicators: &[Vec<Reported>], counts: Counts) -> Overview {
    let years: BTreeSet<u16> = units.iter().filter_map(|unit| unit.year).collect();
    let failures: Vec<&Entry> = units.iter().filter(|unit| unit.result == Result::Failed).collect();
    let mut comparisons = comparisons(units, indicators);
    let more_indicators = comparisons.len().saturating_sub(MAX_INDICATORS);
    comparisons.truncate(MAX_INDICATORS);
    Overview {
        years: years.iter().map(|year| format!("{year}年")).collect::<Vec<_>>().join("、"),
        // PDF/A wants a day, and no day of today gives the same bytes tomorrow: the end of the year.
        date: format!("{}-12-31", years.last().unwrap_or(&2000)),
        total: counts.total,
        made: counts.made,
        made_with_warnings: counts.made_with_warnings,
        failed: counts.failed,
        pages: units.iter().filter_map(|unit| unit.pages).sum(),
        failures: failures.iter().take(MAX_FAILURES).map(|unit| failure(unit)).collect(),
        more_failures: failures.len().saturating_sub(MAX_FAILURES),
        units: units.iter().take(MAX_UNITS).map(line).collect(),
        more_units: units.len().saturating_sub(MAX_UNITS),
        kinds: kinds(units),
        indicators: comparisons,
        more_indicators,
    }
}

fn failure(unit: &Entry) -> Failure {
    let first_error = unit.findings.iter().find(|one| one.severity == Severity::Error);
    let reason = first_error.or(unit.findings.first()).map(Finding::in_one_line);
    Failure {
        number: unit.number,
        name: name(unit),
        reason: cut(&reason.unwrap_or_default(), LONGEST_REASON),
    }
}

fn line(unit: &Entry) -> Unit {
    let count = |severity| unit.findings.iter().filter(|finding| finding.severity == severity).count();
    Unit {
        number: unit.number,
        name: name(unit),
        year: unit.year.map(|year| year.to_string()).unwrap_or_default(),
        result: unit.result.label().to_owned(),
        pages: unit.pages.map(|pages| pages.to_string()).unwrap_or_default(),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        notes: count(Severity::Note),
    }
}

fn kinds(units: &[Entry]) -> Vec<Kind> {
    let mut kinds: BTreeMap<&str, (Severity, &str, usize, usize)> = BTreeMap::new();
    for unit in units {
        let mut seen = BTreeSet::new();
        for finding in &unit.findings {
            let kind = kinds.entry(&finding.code).or_insert((finding.severity, &finding.title, 0, 0));
            kind.0 = kind.0.max(finding.severity);
            kind.2 += 1;
            kind.3 += usize::from(seen.insert(&finding.code));
        }
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, (severity, _, count, _))| (Reverse(*severity), Reverse(*count)));
    let kind = |(code, (severity, title, count, units)): (&str, (Severity, &str, usize, usize))| Kind {
        severity: severity.label().to_owned(),
        title: title.to_owned(),
        code: code.to_owned(),
        count,
        units,
    };
    kinds.into_iter().map(kind).collect()
}

/// An indicator's name and unit of measure, by which reports have the same one.
type Key<'a> = (&'a str, &'a str);

/// The indicators that more than one unit reports, those of the most units first.
fn comparisons(units: &[Entry], indicators: &[Vec<Reported>]) -> Vec<Comparison> {
    let made: Vec<usize> = (0..units.len()).filter(|unit| units[*unit].result != Result::Failed).collect();
    // What is the same is known by name and unit; where a report has it twice, the first counts.
    let mut order: HashMap<Key, usize> = HashMap::new();
    let mut reported: Vec<(Key, BTreeMap<usize, &Reported>)> = Vec::new();
    for &unit in &made {
        for indicator in &indicators[unit] {
            let key = (indicator.name.trim(), indicator.unit.as_deref().unwrap_or_default().trim());
            let at = *order.entry(key).or_insert_with(|| {
                reported.push((key, BTreeMap::new()));
                reported.len() - 1
            });
            reported[at].1.entry(unit).or_insert(indicator);
        }
    }
    reported.retain(|(_, values)| values.len() > 1);
    reported.sort_by_key(|(_, values)| Reverse(values.len()));
    reported.into_iter().map(|(key, values)| comparison(key, &values, &made, units)).collect()
}

fn comparison(
    (indicator, counted_in): (&str, &str),
    values: &BTreeMap<usize, &Reported>,
    made: &[usize],
    units: &[Entry],
) -> Comparison {
    let number = |reported: &Reported| reported.value.parse::<f64>().ok().filter(|value| value.is_finite());
    let mut lines: Vec<(Option<f64>, &Reported, usize)> =
        values.iter().map(|(unit, reported)| (number(reported), *reported, *unit)).collect();
    // From the highest down, then those that have none; equal ones in the order of the batch.
    lines.sort_by(|(one, _, first), (other, _, second)| {
        let (one, other) = (one.unwrap_or(f64::NEG_INFINITY), other.unwrap_or(f64::NEG_INFINITY));
        other.total_cmp(&one).then(first.cmp(second))
    });
    let counted = lines.iter().filter(|(value, ..)| value.is_some()).count();
    let highest = lines.iter().filter_map(|(value, ..)| value.map(f64::abs)).fold(0.0, f64::max);
    let missing: Vec<usize> = made.iter().copied().filter(|unit| !values.contains_key(unit)).collect();
    let mut bars: Vec<Bar> = lines
        .iter()
        .map(|(value, reported, unit)| Bar {
            name: name(&units[*unit]),
            value: format!(
                "{}{}",
                if reported.approximate { "约" } else { "" },
                cut(&reported.value, LONGEST_NAME)
            ),
            share: value
                .filter(|value| *value > 0.0 && highest > 0.0)
                .map(|value| format!("{:.4}", value / highest))
                .unwrap_or_default(),
        })
        .collect();
    let mut left_out = 0;
    if bars.len() + missing.len() <= ALL_BARS {
        let unreported =
            |unit: &usize| Bar { name: name(&units[*unit]), value: "未报".into(), share: String::new() };
        bars.extend(missing.iter().map(unreported));
    } else if bars.len() > ALL_BARS {
        left_out = bars.len() - FIRST_BARS - LAST_BARS;
        bars.drain(FIRST_BARS..FIRST_BARS + left_out);
    }
    let named: Vec<String> = missing.iter().take(MAX_NAMED).map(|unit| name(&units[*unit])).collect();
    let and_more = if missing.len() > MAX_NAMED { "等" } else { "" };
    Comparison {
        name: cut(indicator, LONGEST_NAME),
        unit: cut(counted_in, LONGEST_NAME),
        reported: values.len(),
        missing: missing.len(),
        missing_names: format!("{}{and_more}", named.join("、")),
        median: if counted > 0 { lines[counted / 2].1.value.clone() } else { String::new() },
        bars,
        left_out,
        left_out_behind: if left_out > 0 { FIRST_BARS } else { 0 },
    }
}

/// What a unit is called, or where it comes from.
fn name(unit: &Entry) -> String {
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
