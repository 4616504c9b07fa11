//! The indicators of a batch as the overview tells them: what they come to, who is where, and what one unit alone
//! reports.

use std::collections::HashMap;

use super::brevity::{LONGEST_NAME, cut, in_short};
use crate::compilation::{RankedIndicator, RankedLine};
use crate::template::overview::{Bar, Comparison, LoneFigure, OverviewUnit, RankRow, RankTable, TotalLine};

/// How many totals are told, and how many indicators are compared bar by bar: of few units, of many.
const MAX_TOTALS: usize = 40;
const MAX_COMPARED: usize = 30;
const MAX_COMPARED_OF_MANY: usize = 12;

/// Up to so many units each has its bar; of more, the first and the last of them.
const ALL_BARS: usize = 30;
const FIRST_BARS: usize = 15;
const LAST_BARS: usize = 5;

/// How many indicators have a column of ranks.
const RANK_COLUMNS: usize = 8;

/// How many of what one unit alone reports is told, and how many of what is counted in something else.
const MAX_LONE: usize = 40;
const MAX_APART: usize = 6;

/// How long the names of some units may be together.
const LONGEST_LIST: usize = 240;

/// What an overview says of indicators.
pub(super) struct Comparisons {
    pub totals: Vec<TotalLine>,
    pub more_totals: usize,
    pub compared: Vec<Comparison>,
    pub more_compared: usize,
    pub ranks: Option<RankTable>,
    pub lone: Vec<LoneFigure>,
    pub more_lone: usize,
}

impl Comparisons {
    pub(super) fn new(ranked: &[RankedIndicator], units: &[OverviewUnit]) -> Self {
        // What is prescribed is told whoever reports it.
        let (shared, lone): (Vec<_>, Vec<_>) =
            ranked.iter().partition(|one| one.reported() > 1 || one.is_prescribed);
        let made = units.iter().filter(|unit| unit.is_counted).count();
        let most = if made > ALL_BARS { MAX_COMPARED_OF_MANY } else { MAX_COMPARED };
        Self {
            totals: shared.iter().take(MAX_TOTALS).map(|one| total(one)).collect(),
            more_totals: shared.len().saturating_sub(MAX_TOTALS),
            compared: shared.iter().take(most).map(|one| comparison(one, units)).collect(),
            more_compared: shared.len().saturating_sub(most),
            ranks: ranks(&shared, units).filter(|_| made <= ALL_BARS),
            lone: lone.iter().take(MAX_LONE).filter_map(|one| lone_figure(one, units)).collect(),
            more_lone: lone.len().saturating_sub(MAX_LONE),
        }
    }
}

fn total(one: &RankedIndicator) -> TotalLine {
    let about = if one.is_approximate() { "约" } else { "" };
    let year = one.year_on_year();
    let is_part = year.as_ref().is_some_and(|year| year.units < one.lines.len());
    let mark = if is_part { "＊" } else { "" };
    TotalLine {
        name: cut(&one.label(), LONGEST_NAME),
        unit: cut(&one.unit, LONGEST_NAME),
        reported: one.reported(),
        missing: one.missing.len(),
        sum: one.sum().map(|sum| format!("{about}{sum}")).unwrap_or_default(),
        is_partial: !one.apart.is_empty(),
        before: year.as_ref().map(|year| format!("{}{mark}", year.before.normalize())).unwrap_or_default(),
        growth: year.map(|year| year.growth()).unwrap_or_default(),
        median: one.median().map(|median| median.to_string()).unwrap_or_default(),
    }
}

fn comparison(one: &RankedIndicator, units: &[OverviewUnit]) -> Comparison {
    let name_of = |unit: usize| units[unit].name.clone();
    let bar = |line: &RankedLine| Bar {
        rank: one.rank(line).map(|rank| rank.to_string()).unwrap_or_default(),
        name: name_of(line.unit),
        value: cut(&line.shown(), 2 * LONGEST_NAME),
        growth: line.growth().unwrap_or_default(),
        share: line.value.and_then(|value| one.share(value)).unwrap_or_default(),
    };
    let (mut bars, mut left_out) = (vec![], 0);
    if one.lines.len() > ALL_BARS {
        left_out = one.lines.len() - FIRST_BARS - LAST_BARS;
        bars.extend(one.lines[..FIRST_BARS].iter().map(bar));
        bars.extend(one.lines[one.lines.len() - LAST_BARS..].iter().map(bar));
    } else {
        bars.extend(one.lines.iter().map(bar));
        if one.lines.len() + one.missing.len() <= ALL_BARS {
            let unreported =
                |unit: &usize| Bar { name: name_of(*unit), value: "未报".into(), ..Bar::default() };
            bars.extend(one.missing.iter().map(unreported));
        }
    }
    let apart = one.apart.iter().take(MAX_APART);
    let apart: Vec<String> =
        apart.map(|line| format!("{}{}{}", name_of(line.unit), line.written, line.written_unit)).collect();
    let and_more =
        if one.apart.len() > MAX_APART { format!("等{}个", one.apart.len()) } else { String::new() };
    let missing = one.missing.iter().map(|unit| units[*unit].name.as_str());
    Comparison {
        name: cut(&one.label(), 2 * LONGEST_NAME),
        unit: cut(&one.unit, LONGEST_NAME),
        reported: one.reported(),
        missing: one.missing.len(),
        missing_names: in_short(missing, one.missing.len()),
        apart: cut(&format!("{}{and_more}", apart.join("、")), LONGEST_LIST),
        median: one.median().map(|median| median.to_string()).unwrap_or_default(),
        median_share: one.median().and_then(|value| one.share(value)).unwrap_or_default(),
        bars,
        left_out,
        left_out_behind: if left_out > 0 { FIRST_BARS } else { 0 },
    }
}

/// The places of few units in the first indicators.
fn ranks(shared: &[&RankedIndicator], units: &[OverviewUnit]) -> Option<RankTable> {
    let ranked = |one: &&&RankedIndicator| one.lines.iter().filter(|line| line.value.is_some()).count() > 1;
    let columns: Vec<&RankedIndicator> = shared.iter().filter(ranked).take(RANK_COLUMNS).copied().collect();
    let places: Vec<HashMap<usize, usize>> = columns
        .iter()
        .map(|one| one.lines.iter().filter_map(|line| Some((line.unit, one.rank(line)?))).collect())
        .collect();
    let row = |(at, unit): (usize, &OverviewUnit)| RankRow {
        name: unit.name.clone(),
        ranks: places.iter().map(|of| of.get(&at).map(usize::to_string).unwrap_or_default()).collect(),
    };
    let made = units.iter().enumerate().filter(|(_, unit)| unit.is_counted);
    let rows: Vec<RankRow> = made.map(row).collect();
    let median = |one: &&RankedIndicator| one.median().map(|median| median.to_string()).unwrap_or_default();
    let medians = columns.iter().map(median).collect();
    let names = columns.iter().map(|one| cut(&one.label(), LONGEST_NAME)).collect();
    (!columns.is_empty() && rows.len() > 1).then_some(RankTable { names, rows, medians })
}

fn lone_figure(one: &RankedIndicator, units: &[OverviewUnit]) -> Option<LoneFigure> {
    let line = one.lines.iter().chain(&one.apart).next()?;
    Some(LoneFigure {
        name: cut(&one.label(), LONGEST_NAME),
        unit: units[line.unit].name.clone(),
        value: cut(&format!("{}{}", line.shown(), one.unit), 2 * LONGEST_NAME),
        growth: line.growth().unwrap_or_default(),
    })
}
