//! The figures of running text that recur from year to year, as indicators. Each is told with the
//! sentence it comes from, so that a person can see whether it is what it is taken for.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::account::Recognition;
use super::outline::fit;
use super::report::Builder;
use crate::indicators::IndicatorList;
use crate::language::figures::{self, Dimension, Figure};
use crate::language::lists;
use crate::language::periods::{Period, periods};
use crate::language::relations::{Moment, Sum, sums};
use crate::report::{self, Indicator};

/// How a sentence states an indicator.
struct IndicatorRule {
    key: String,
    before: Option<Regex>,
    after: Option<Regex>,
    sentence: Option<Regex>,
    without: Option<Regex>,
    /// Why what it finds may be something else.
    unsure: Option<String>,
}

static RULES: LazyLock<Vec<IndicatorRule>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        rule: Vec<Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        key: String,
        before: Option<String>,
        after: Option<String>,
        sentence: Option<String>,
        without: Option<String>,
        unsure: Option<String>,
    }
    let pattern = |written: Option<String>| written.map(|written| lists::pattern(&written));
    lists::table::<File>(include_str!("data/indicators.toml"))
        .rule
        .into_iter()
        .map(|entry| IndicatorRule {
            key: entry.key,
            before: pattern(entry.before),
            after: pattern(entry.after),
            sentence: pattern(entry.sentence),
            without: pattern(entry.without),
            unsure: entry.unsure,
        })
        .collect()
});

impl IndicatorRule {
    fn fits(&self, before: &str, after: &str, sentence: &str) -> bool {
        let fits =
            |pattern: &Option<Regex>, text: &str| pattern.as_ref().is_none_or(|one| one.is_match(text));
        let is_barred = self.without.as_ref().is_some_and(|one| one.is_match(sentence));
        fits(&self.before, before) && fits(&self.after, after) && fits(&self.sentence, sentence) && !is_barred
    }
}

/// The recurring indicators of a report: of what was done, not of what is planned.
pub(super) fn of_report(builder: &mut Builder) {
    let is_told = |path: &report::FieldPath| matches!(path.first_key(), "preface" | "measures" | "duties");
    recognise(builder, true, is_told, |_, _, _| None);
}

/// The figures of an article that is no report: all that say what they count.
pub(super) fn of_digest(builder: &mut Builder) {
    recognise(
        builder,
        false,
        |_| true,
        |before, after, unit| {
            let name = subject(before, after)?;
            Some((name.clone(), name, unit.to_owned()))
        },
    );
}

/// What to call a figure that no rule knows: key, name and unit, from the words around it.
type Naming = fn(&str, &str, &str) -> Option<(String, String, String)>;

/// A figure that may be an indicator.
struct LikelyIndicator {
    found: Recognition,
    /// The rule that found it; of several for one indicator the first says it best.
    rule: usize,
    /// Whether the sentence calls it a part: 其中…….
    is_part: bool,
    /// Why it may be something else.
    unsure: Option<String>,
}

fn recognise(
    builder: &mut Builder,
    is_report: bool,
    is_told: impl Fn(&report::FieldPath) -> bool,
    otherwise: Naming,
) {
    // What time an article speaks of nobody knows.
    let year = builder.draft.year.map(report::Year::number).filter(|_| is_report);
    let texts: Vec<(usize, String)> = builder
        .placed
        .iter()
        .filter(|placed| is_told(&placed.path))
        .map(|placed| (placed.line, placed.text.clone()))
        .collect();
    let mut candidates = Vec::new();
    for (line, text) in texts {
        for sentence in figures::sentences(&text) {
            let mut previous = sentence.range.start;
            let sums = sums(&text, &sentence.figures);
            for figure in &sentence.figures {
                // 一次办好 counts nothing.
                if text[figure.range.clone()].contains(|c: char| c.is_ascii_digit()) {
                    let said = said(&text, &sentence.range, previous, figure);
                    let is_part = |sum: &Sum| sum.parts.iter().any(|part| part.range == figure.range);
                    candidates.extend(candidate(&said, figure, line, year, otherwise).map(|candidate| {
                        let is_part = candidate.is_part || sums.iter().any(is_part);
                        LikelyIndicator { is_part, ..candidate }
                    }));
                }
                previous = figure.range.end;
            }
        }
    }
    settle(builder, is_report, candidates);
}

/// What a sentence says around one of its figures.
struct FigureContext<'a> {
    /// The figure as it is written.
    figure: &'a str,
    /// The whole sentence, or of one that never ends what stands around the figure.
    sentence: &'a str,
    /// The part of it between its semicolons, and where the figure begins there.
    half: &'a str,
    at: usize,
    /// The words up to the figure, from the mark or figure before it, across 、.
    lead: &'a str,
    /// The words of its clause on both sides, from mark to mark and from figure to figure.
    before: &'a str,
    after: &'a str,
}

fn said<'a>(text: &'a str, sentence: &Range<usize>, previous: usize, figure: &Figure) -> FigureContext<'a> {
    const MARKS: [char; 10] = ['，', '；', '：', '（', '）', ',', ';', ':', '(', ')'];
    let near = around(text, sentence, &figure.range);
    let start = text[near.start..figure.range.start].rfind(['；', ';']);
    let start = start.map_or(near.start, |at| text.ceil_char_boundary(near.start + at + 1));
    let end = text[figure.range.end..near.end].find(['；', ';']);
    let end = end.map_or(near.end, |at| figure.range.end + at);
    let open = previous.max(start);
    let lead = &text[open..figure.range.start];
    let lead = lead.rfind(MARKS).map_or(lead, |at| &lead[lead.ceil_char_boundary(at + 1)..]);
    let [before, after] = figure.words(text).map(str::trim);
    FigureContext {
        figure: &text[figure.range.clone()],
        sentence: &text[near],
        half: &text[start..end],
        at: figure.range.start - start,
        lead: lead.trim().trim_start_matches(['、', '和', '及']),
        before,
        after,
    }
}

fn candidate(
    said: &FigureContext,
    figure: &Figure,
    line: usize,
    year: Option<u16>,
    otherwise: Naming,
) -> Option<LikelyIndicator> {
    let list = IndicatorList::built_in();
    let unit = unit(figure, said.figure);
    let fits = |rule: &IndicatorRule| {
        let has_unit =
            list.of_key(&rule.key).is_some_and(|known| known.units.iter().any(|one| **one == *unit));
        has_unit && rule.fits(said.lead, said.after, said.half)
    };
    let rule = RULES.iter().position(fits).filter(|_| !grows(said.lead));
    let known = rule.and_then(|rule| list.of_key(&RULES[rule].key));
    let known = known.map(|known| (known.key.to_string(), known.name.to_string(), unit.clone()));
    let (key, name, unit) = known.or_else(|| otherwise(said.before, said.after, &unit))?;
    let of_rule =
        rule.and_then(|rule| RULES[rule].unsure.clone().or_else(|| joined(&RULES[rule], said.lead)));
    let found = Recognition {
        key,
        name,
        value: figure.value.normalize().to_string(),
        unit,
        approximate: figure.is_approximate,
        sentence: said.sentence.to_owned(),
        line,
    };
    Some(LikelyIndicator {
        found,
        rule: rule.unwrap_or(RULES.len()),
        is_part: said.half[..said.at].contains("其中"),
        unsure: of_rule.or_else(|| rule.and(year).and_then(|year| of_other_time(said, year))),
    })
}

/// Whether a figure says how much something grew, and not what it is.
fn grows(lead: &str) -> bool {
    static GROWS: LazyLock<Regex> = LazyLock::new(|| {
        lists::pattern(
            "(?:增长|提高|提升|上升|下降|减少|增加|降低|压减|增幅|降幅)(?:了|约|近|超)?$|(?:上年|去年|同期)的?$",
        )
    });
    GROWS.is_match(lead)
}

/// Why a figure may count more than its indicator: 法律顾问和公职律师30人.
fn joined(rule: &IndicatorRule, lead: &str) -> Option<String> {
    static JOINS: LazyLock<Regex> = LazyLock::new(|| lists::pattern("(?:、|和|以及|[^涉普]及|[^参]与)\\z"));
    let start = rule.before.as_ref()?.find(lead)?.start();
    let is_joined = JOINS.is_match(&lead[..start]);
    is_joined.then(|| "和别的数合在一起".to_owned())
}

/// Why a figure may be of another time than the year of the report.
fn of_other_time(said: &FigureContext, year: u16) -> Option<String> {
    static MANY: LazyLock<Regex> = LazyLock::new(|| {
        lists::pattern(
            r"累计|近年来|近[两二三四五六七八九十几]年|[两三四五]年来|历年|历来|成立以来|十[三四五]五|自20\d\d年|去年|上一?年(?:度)?(?:办|受|审|收|共)",
        )
    });
    let told = &said.half[..said.at];
    let clause = told.rfind(['，', ',']).map_or(told, |at| &told[at..]);
    // 截至12月31日 is the whole year.
    let is_of_part = || {
        let is_partial = |period: &Period| !period.end.is_year_end();
        ["下半年", "季度"].iter().any(|word| told.contains(word)) || periods(told).iter().any(is_partial)
    };
    match Moment::of(told) {
        Moment::Year(other) if other != year => Some(format!("说的是{other}年")),
        _ if MANY.is_match(clause) => Some("像是几年的累计数或者上年的数".to_owned()),
        _ if is_of_part() => Some("像是一年中一段时间的数".to_owned()),
        _ => None,
    }
}

/// The sentence of a figure; of one that never ends, what stands around the figure.
fn around(text: &str, sentence: &Range<usize>, figure: &Range<usize>) -> Range<usize> {
    const AROUND: usize = 600;
    let start = text.ceil_char_boundary(sentence.start.max(figure.start.saturating_sub(AROUND)));
    let end = text.floor_char_boundary(sentence.end.min(figure.end + AROUND));
    start..end
}

/// How many indicators are taken from a text; an article with more is a table.
const MOST: usize = 500;

/// Takes of each indicator the figure that is sure; one that is not, or that is told in two ways, is a doubt.
fn settle(builder: &mut Builder, is_report: bool, candidates: Vec<LikelyIndicator>) {
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut all: Vec<Vec<LikelyIndicator>> = Vec::new();
    for candidate in candidates {
        match known.get(&candidate.found.key) {
            Some(at) => all[*at].push(candidate),
            None if all.len() == MOST => {}
            None => {
                known.insert(candidate.found.key.clone(), all.len());
                all.push(vec![candidate]);
            }
        }
    }
    for mut of_one in all {
        let is_sure = |one: &LikelyIndicator| one.unsure.is_none();
        keep_if_any(&mut of_one, is_sure);
        let best = of_one.iter().map(|one| one.rule).min();
        of_one.retain(|one| Some(one.rule) == best);
        // A part is never the whole.
        keep_if_any(&mut of_one, |one| !one.is_part);
        let first = of_one.swap_remove(0);
        let other = of_one.iter().find(|one| one.found.value != first.found.value);
        let Recognition { name, value, unit, line, .. } = &first.found;
        match (&first.unsure, other) {
            (Some(why), _) => {
                let message = format!("“{name}”可能是{value}{unit}，但{why}，没有列为指标，请核对后填写");
                builder.doubt(Some(*line), message);
            }
            (None, Some(other)) if is_report => {
                let (line_of_other, value_of_other) = (other.found.line, &other.found.value);
                let message = format!(
                    "“{name}”有两个数，第{line}行的{value}{unit}和第{line_of_other}行的{value_of_other}{unit}，没有列为指标，请核对后填写"
                );
                builder.doubt(Some(*line), message);
            }
            (None, other) => {
                if let Some(other) = other.map(|other| &other.found) {
                    let message = format!(
                        "指标“{name}”另有一个数{}{}，已取第{line}行的{value}{unit}，请核对",
                        other.value, other.unit
                    );
                    builder.doubt(Some(other.line), message);
                }
                builder.draft.indicators.push(Indicator {
                    key: fit(&first.found.key),
                    name: fit(name),
                    value: fit(value),
                    unit: Some(fit(unit)),
                    previous: None,
                    approximate: first.found.approximate,
                    source: None,
                });
                builder.indicators.push(first.found);
            }
        }
    }
}

/// Keeps what fits, if anything does.
fn keep_if_any(candidates: &mut Vec<LikelyIndicator>, fits: impl Fn(&LikelyIndicator) -> bool) {
    if candidates.iter().any(&fits) {
        candidates.retain(fits);
    }
}

/// The unit as it is written behind the number.
fn unit(figure: &Figure, written: &str) -> String {
    if figure.dimension == Dimension::Percent {
        return "%".into();
    }
    let written = ["以上", "以下", "以内", "左右", "上下"]
        .iter()
        .fold(written, |text, tail| text.trim_end_matches(tail));
    let is_of_number = |c: char| {
        c.is_ascii_digit()
            || matches!(c, '.' | ',' | '余' | '多' | '几' | '来' | '万' | '亿' | '百' | '千' | '十')
            || c.is_whitespace()
    };
    written[written
        .rfind(is_of_number)
        .map_or(0, |at| at + written[at..].chars().next().map_or(0, char::len_utf8))..]
        .to_owned()
}

/// The words that say what is counted: those behind the figure with the verb before it, else those
/// before it; nothing if they are too many or too few.
fn subject(before: &str, after: &str) -> Option<String> {
    const VERB: usize = 5;
    let joins = ['和', '及', '与', '或'];
    let before = before.trim_end_matches(['达', '到', '为', '至', '共', '了', '约', '近', '超']).trim();
    let after = after.trim_start_matches('的').trim();
    let of_next = after.is_empty() || after.starts_with(joins);
    let name = match (of_next, before.ends_with(joins) || before.starts_with("以及")) {
        (true, false) => before.to_owned(),
        (true, true) => return None,
        (false, true) => after.to_owned(),
        (false, false) if before.chars().count() <= VERB => format!("{before}{after}"),
        (false, false) => before.to_owned(),
    };
    (3..=24).contains(&name.chars().count()).then_some(name)
}
