//! The indicators of many units side by side, as they come in one by one. Of a unit no more is held than so many
//! numbers; what one indicator comes to in all units is a [`RankedIndicator`].

use std::collections::HashMap;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::ranked::{RankedIndicator, RankedLine};
use crate::indicators::{IndicatorList, ListedIndicator, plain_name};
use crate::language::quantity::{CountedIn, MeasuredIn};
use crate::report::{Indicator, IndicatorValue};

/// An indicator of a report as data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IndicatorRecord {
    /// By which it is the same in all units and years; empty where it has none.
    #[serde(default)]
    pub key: String,
    pub name: String,
    pub unit: Option<String>,
    /// As it was written: a number, 无 or 不适用.
    pub value: String,
    /// The value of the year before, as the report has it.
    #[serde(default)]
    pub previous: Option<String>,
    pub approximate: bool,
}

/// So many indicators of one unit are held at most, and so many different ones in all; so many characters of a key,
/// name or unit of measure.
const MOST_PER_UNIT: usize = 200;
const MOST_DIFFERENT: usize = 20_000;
const LONGEST_TEXT: usize = 60;

/// The indicators of the units so far.
pub struct IndicatorBoard {
    list: Arc<IndicatorList>,
    entries: Vec<BoardEntry>,
    by_key: HashMap<String, usize>,
    left_out: usize,
}

/// One indicator, and what the units report of it.
#[derive(Default)]
struct BoardEntry {
    key: String,
    name: String,
    /// Whether only its name stands for it.
    is_keyless: bool,
    measures: Vec<MeasureTally>,
    reported: Vec<ReportedFigure>,
}

/// What units count an indicator in, whatever its multiple: as each of them writes it, and how many do.
struct MeasureTally {
    of: MeasuredIn,
    written: Vec<(String, Decimal, usize)>,
}

/// What one unit reports of one indicator.
#[derive(Clone)]
struct ReportedFigure {
    unit: u32,
    /// Its measure, and how the unit writes it.
    measure: u16,
    written: u16,
    value: HeldValue,
    /// The year before, in the unit of measure without its multiple.
    before: Option<Decimal>,
    approximate: bool,
}

/// A value as it is held: of bounded size.
#[derive(Clone, Copy, PartialEq)]
enum HeldValue {
    Number(Decimal),
    Nil,
    NotApplicable,
    /// No decimal holds it.
    TooLong,
}

impl From<&Indicator> for IndicatorRecord {
    fn from(indicator: &Indicator) -> Self {
        Self {
            key: indicator.key().to_string(),
            name: indicator.name.to_string(),
            unit: indicator.unit.as_ref().map(|unit| unit.to_string()),
            value: indicator.value.to_string(),
            previous: indicator.previous.as_ref().map(|value| value.to_string()),
            approximate: indicator.approximate,
        }
    }
}

impl IndicatorBoard {
    /// Nothing yet. What the list prescribes is told also where no unit reports it.
    pub fn new(list: Arc<IndicatorList>) -> Self {
        let mut board = Self { list, entries: vec![], by_key: HashMap::new(), left_out: 0 };
        for one in board.list.clone().prescribed().iter().filter(|one| !one.optional) {
            board.entry(one.key.to_string(), &one.name);
        }
        board
    }

    /// Adds what a unit reports, and what it reported the year before where that is known. Units come with their
    /// numbers rising; where one has the same indicator twice, the first counts.
    pub fn add(&mut self, unit: usize, indicators: &[IndicatorRecord], last_year: &[IndicatorRecord]) {
        self.left_out += indicators.len().saturating_sub(MOST_PER_UNIT);
        let before = self.values(last_year);
        for one in indicators.iter().take(MOST_PER_UNIT) {
            let key = self.key(one);
            let written = self.written_unit(one, &key);
            let counted = CountedIn::of(&written);
            let told = one.previous.as_deref().map(HeldValue::of).and_then(HeldValue::number);
            let told = told.and_then(|told| told.checked_mul(counted.scale));
            let known = before.get(&(key.clone(), counted.measured.clone())).copied();
            if self.entries.len() >= MOST_DIFFERENT && !self.by_key.contains_key(&key) {
                self.left_out += 1;
                continue;
            }
            let at = self.entry(key, &one.name);
            let entry = &mut self.entries[at];
            if entry.reported.last().is_some_and(|last| last.unit == unit as u32) {
                continue;
            }
            let (measure, written) = entry.measure(counted, written);
            let value = HeldValue::of(&one.value);
            let (before, approximate) = (known.or(told), one.approximate);
            entry.reported.push(ReportedFigure {
                unit: unit as u32,
                measure,
                written,
                value,
                before,
                approximate,
            });
        }
    }

    /// How many values were left out, of units with very many indicators.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// What each indicator comes to in the `units` that have a report: first what is prescribed, then what most
    /// units report. What a unit reports without a key goes to the one indicator that others call so.
    /// Of the others nothing counts.
    pub fn ranked(mut self, units: &[usize]) -> Vec<RankedIndicator> {
        self.entries.iter_mut().for_each(|entry| entry.keep(units));
        self.join_keyless();
        let Self { list, mut entries, .. } = self;
        let prescribed = |entry: &BoardEntry| list.prescribed().iter().position(|one| *one.key == *entry.key);
        entries.retain(|entry| !entry.reported.is_empty() || prescribed(entry).is_some());
        let order = |entry: &BoardEntry| {
            (prescribed(entry).unwrap_or(usize::MAX), std::cmp::Reverse(entry.reported.len()))
        };
        entries.sort_by_cached_key(order);
        let mut count: HashMap<String, usize> = HashMap::new();
        let ranked: Vec<RankedIndicator> = entries
            .into_iter()
            .map(|entry| {
                let known = list.of_key(&entry.key);
                let (is_prescribed, unit) =
                    (prescribed(&entry).is_some(), known.and_then(ListedIndicator::unit));
                let name = known.map_or_else(|| entry.name.clone(), |known| known.name.to_string());
                *count.entry(name.clone()).or_default() += 1;
                entry.ranked(name, is_prescribed, unit.unwrap_or_default(), units)
            })
            .collect();
        let told_apart = |ranked: RankedIndicator| {
            let is_namesake = count[&ranked.name] > 1;
            RankedIndicator { is_namesake, ..ranked }
        };
        ranked.into_iter().map(told_apart).collect()
    }

    /// The values of the year before by what they are values of, without their multiples.
    fn values(&self, records: &[IndicatorRecord]) -> HashMap<(String, MeasuredIn), Decimal> {
        let mut values = HashMap::new();
        for one in records.iter().take(MOST_PER_UNIT) {
            let key = self.key(one);
            let CountedIn { scale, measured } = CountedIn::of(&self.written_unit(one, &key));
            if let Some(value) = HeldValue::of(&one.value).number().and_then(|value| value.checked_mul(scale))
            {
                values.entry((key, measured)).or_insert(value);
            }
        }
        values
    }

    fn key(&self, one: &IndicatorRecord) -> String {
        cut(&self.list.key_of(&one.key, &one.name))
    }

    /// The unit of measure as it is written; of a known indicator without one the usual one.
    fn written_unit(&self, one: &IndicatorRecord, key: &str) -> String {
        let written = one.unit.as_deref().map(str::trim).unwrap_or_default();
        let usual = || self.list.of_key(key).and_then(ListedIndicator::unit).unwrap_or_default();
        cut(if written.is_empty() { usual() } else { written })
    }

    fn entry(&mut self, key: String, name: &str) -> usize {
        if let Some(at) = self.by_key.get(&key) {
            return *at;
        }
        let is_keyless = self.list.of_key(&key).is_none() && key == cut(&plain_name(name));
        self.by_key.insert(key.clone(), self.entries.len());
        let name = cut(name.trim());
        self.entries.push(BoardEntry { key, name, is_keyless, measures: vec![], reported: vec![] });
        self.entries.len() - 1
    }

    /// What came without a key goes to the only indicator with a key that is called so.
    fn join_keyless(&mut self) {
        let mut of_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, entry) in self.entries.iter().enumerate().filter(|(_, entry)| !entry.is_keyless) {
            of_name.entry(plain_name(&entry.name)).or_default().push(at);
        }
        for at in 0..self.entries.len() {
            if !self.entries[at].is_keyless {
                continue;
            }
            if let Some([only]) = of_name.get(&plain_name(&self.entries[at].name)).map(Vec::as_slice) {
                let BoardEntry { measures, reported, .. } = std::mem::take(&mut self.entries[at]);
                self.entries[*only].take_in(&measures, reported);
            }
        }
    }
}

impl BoardEntry {
    /// The place of a measure and of the way in which it is written.
    fn measure(&mut self, counted: CountedIn, written: String) -> (u16, u16) {
        let at = self.measures.iter().position(|one| one.of == counted.measured).unwrap_or_else(|| {
            self.measures.push(MeasureTally { of: counted.measured, written: vec![] });
            self.measures.len() - 1
        });
        let ways = &mut self.measures[at].written;
        let way = ways.iter().position(|(known, ..)| *known == written).unwrap_or_else(|| {
            ways.push((written, counted.scale, 0));
            ways.len() - 1
        });
        ways[way].2 += 1;
        (at as u16, way as u16)
    }

    /// Keeps what these units report, in their order.
    fn keep(&mut self, units: &[usize]) {
        let measures = &mut self.measures;
        self.reported.retain(|figure| {
            let is_kept = units.binary_search(&(figure.unit as usize)).is_ok();
            if !is_kept {
                measures[usize::from(figure.measure)].written[usize::from(figure.written)].2 -= 1;
            }
            is_kept
        });
    }

    /// Takes in what units reported under another entry, but for those that report this one, too.
    fn take_in(&mut self, measures: &[MeasureTally], reported: Vec<ReportedFigure>) {
        for figure in reported {
            if self.reported.binary_search_by_key(&figure.unit, |one| one.unit).is_ok() {
                continue;
            }
            let (written, ..) = &measures[usize::from(figure.measure)].written[usize::from(figure.written)];
            let (measure, written) = self.measure(CountedIn::of(written), written.clone());
            let at = self.reported.partition_point(|one| one.unit < figure.unit);
            self.reported.insert(at, ReportedFigure { measure, written, ..figure });
        }
    }

    fn ranked(self, name: String, is_prescribed: bool, usual: &str, units: &[usize]) -> RankedIndicator {
        // The measure of most, in the way of most; of equal ones the first.
        let most = |ways: &[(String, Decimal, usize)]| ways.iter().map(|(.., count)| count).sum::<usize>();
        let main = (0..self.measures.len()).rev().max_by_key(|at| most(&self.measures[*at].written));
        let way = main.map(|at| &self.measures[at].written);
        let way = way.and_then(|ways| ways.iter().rev().max_by_key(|(.., count)| *count));
        let (unit, scale) = way.map_or((usual, Decimal::ONE), |(unit, scale, _)| (unit.as_str(), *scale));
        let (mut lines, mut apart) = (vec![], vec![]);
        for one in &self.reported {
            let (written, own, _) =
                &self.measures[usize::from(one.measure)].written[usize::from(one.written)];
            let is_main = Some(usize::from(one.measure)) == main;
            let common = |value: Decimal| in_scale(value, *own, scale);
            let line = RankedLine {
                unit: one.unit as usize,
                written: one.value.to_string(),
                written_unit: written.clone(),
                is_converted: is_main && *own != scale,
                value: one.value.number().filter(|_| is_main).and_then(common),
                before: one.before.and_then(|before| before.checked_div(if is_main { scale } else { *own })),
                approximate: one.approximate,
            };
            if is_main { lines.push(line) } else { apart.push(line) }
        }
        let missing = units
            .iter()
            .filter(|unit| self.reported.binary_search_by_key(&(**unit as u32), |one| one.unit).is_err());
        let missing = missing.copied().collect();
        RankedIndicator::new(self.key, name, unit.to_owned(), is_prescribed, lines, apart, missing)
    }
}

/// A value of one multiple in another.
fn in_scale(value: Decimal, own: Decimal, scale: Decimal) -> Option<Decimal> {
    if own == scale {
        return Some(value);
    }
    value.checked_mul(own)?.checked_div(scale)
}

impl HeldValue {
    fn of(written: &str) -> Self {
        match written.parse() {
            Ok(IndicatorValue::Nil) => Self::Nil,
            Ok(IndicatorValue::NotApplicable) => Self::NotApplicable,
            Ok(value @ IndicatorValue::Number(_)) => value.number().map_or(Self::TooLong, Self::Number),
            Err(_) => Self::TooLong,
        }
    }

    /// Nothing of the kind is 0.
    fn number(self) -> Option<Decimal> {
        match self {
            Self::Number(value) => Some(value),
            Self::Nil => Some(Decimal::ZERO),
            Self::NotApplicable | Self::TooLong => None,
        }
    }
}

impl std::fmt::Display for HeldValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(value) => value.fmt(f),
            Self::Nil => f.write_str("无"),
            Self::NotApplicable => f.write_str("不适用"),
            Self::TooLong => f.write_str("数值过大"),
        }
    }
}

/// The beginning of a text.
fn cut(text: &str) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}
