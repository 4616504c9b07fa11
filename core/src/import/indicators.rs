//! The figures of running text that recur from year to year, as indicators. Each is told with the
//! sentence it comes from, so that a person can see whether it is what it is taken for.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::account::Recognition;
use super::outline::fit;
use super::report::Builder;
use crate::indicators::IndicatorList;
use crate::language::figures::{self, Dimension, Figure};
use crate::language::lists;
use crate::language::periods::{Period, periods};
use crate::language::relations::{Moment, Sum, sums};
use crate::report::{self, FieldPath, Indicator, Report};

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

/// A figure that a report states in its text, as the indicator that it is.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "正文里写到的一个指标")]
pub struct StatedIndicator {
    #[schemars(description = "指标代码")]
    pub key: String,
    #[schemars(description = "指标名称")]
    pub name: String,
    #[schemars(description = "数值")]
    pub value: String,
    #[schemars(description = "计量单位")]
    pub unit: String,
    #[schemars(description = "是不是约数")]
    pub approximate: bool,
    #[schemars(description = "所在的句子")]
    pub sentence: String,
    #[schemars(with = "String", description = "所在的字段")]
    pub path: FieldPath,
}

/// The indicators whose figures a report states for certain, each with where it does.
pub fn stated_indicators(report: &Report) -> Vec<StatedIndicator> {
    let texts: Vec<_> = report.texts().into_iter().filter(|(path, _)| is_told(path)).collect();
    let numbered = texts.iter().enumerate().map(|(number, (_, text))| (number, text.as_str()));
    let found = recognise(numbered, Some(report.year.number()), |_, _, _| None);
    let stated = settle(found, true).certain.into_iter().map(|one| StatedIndicator {
        path: texts[one.line].0.clone(),
        key: one.key,
        name: one.name,
        value: one.value,
        unit: one.unit,
        approximate: one.approximate,
        sentence: one.sentence,
    });
    stated.collect()
}

/// Whether a report says there what was done, and not what is planned.
fn is_told(path: &FieldPath) -> bool {
    matches!(path.first_key(), "preface" | "measures" | "duties")
}

/// The recurring indicators of a report.
pub(super) fn of_report(builder: &mut Builder) {
    let texts = builder.placed.iter().filter(|placed| is_told(&placed.path));
    let texts = texts.map(|placed| (placed.line, placed.text.as_str()));
    let found = recognise(texts, builder.draft.year.map(report::Year::number), |_, _, _| None);
    settle(found, true).enter(builder);
}

/// The figures of an article that is no report: all that say what they count. What time an article speaks of
/// nobody knows.
pub(super) fn of_digest(builder: &mut Builder) {
    let texts = builder.placed.iter().map(|placed| (placed.line, placed.text.as_str()));
    let found = recognise(texts, None, |before, after, unit| {
        let name = subject(before, after)?;
        Some((name.clone(), name, unit.to_owned()))
    });
    settle(found, false).enter(builder);
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

/// The figures of texts, each with the number of its line.
fn recognise<'a>(
    texts: impl Iterator<Item = (usize, &'a str)>,
    year: Option<u16>,
    otherwise: Naming,
) -> Vec<LikelyIndicator> {
    let mut candidates = Vec::new();
    for (line, text) in texts {
        for sentence in figures::sentences(text) {
            let mut previous = sentence.range.start;
            let sums = sums(text, &sentence.figures);
            for figure in &sentence.figures {
                // 一次办好 counts nothing.
                if text[figure.range.clone()].contains(|c: char| c.is_ascii_digit()) {
                    let said = said(text, &sentence.range, previous, figure);
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
    candidates
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

/// The indicators of a text, and of which figures a person should say what they are, by lines.
#[derive(Default)]
struct SettledFigures {
    certain: Vec<Recognition>,
    doubts: Vec<(usize, String)>,
}

impl SettledFigures {
    /// Enters them into a draft.
    fn enter(self, builder: &mut Builder) {
        self.doubts.into_iter().for_each(|(line, message)| builder.doubt(Some(line), message));
        builder.draft.indicators.extend(self.certain.iter().map(|one| Indicator {
            key: Some(fit(&one.key)),
            name: fit(&one.name),
            value: fit(&one.value),
            unit: Some(fit(&one.unit)),
            previous: None,
            approximate: one.approximate,
            source: None,
        }));
        builder.indicators.extend(self.certain);
    }
}

/// Takes of each indicator the figure that is sure; one that is not, or that is told in two ways, is a doubt.
fn settle(candidates: Vec<LikelyIndicator>, is_report: bool) -> SettledFigures {
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
    let mut settled = SettledFigures::default();
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
                settled.doubts.push((*line, message));
            }
            (None, Some(other)) if is_report => {
                let (line_of_other, value_of_other) = (other.found.line, &other.found.value);
                let message = format!(
                    "“{name}”有两个数，第{line}行的{value}{unit}和第{line_of_other}行的{value_of_other}{unit}，没有列为指标，请核对后填写"
                );
                settled.doubts.push((*line, message));
            }
            (None, other) => {
                if let Some(other) = other.map(|other| &other.found) {
                    let message = format!(
                        "指标“{name}”另有一个数{}{}，已取第{line}行的{value}{unit}，请核对",
                        other.value, other.unit
                    );
                    settled.doubts.push((other.line, message));
                }
                settled.certain.push(first.found);
            }
        }
    }
    settled
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
