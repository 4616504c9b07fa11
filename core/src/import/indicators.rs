//! The figures of running text that recur from year to year, as indicators. Each is told with the
//! sentence it comes from, so that a person can see whether it is what it is taken for.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::account::Recognition;
use super::outline::fit;
use super::report::Builder;
use crate::language::figures::{self, Dimension, Figure};
use crate::language::lists;
use crate::report::recurring::of_key;
use crate::report::{self, Indicator};

/// How a sentence states an indicator.
struct IndicatorRule {
    key: String,
    before: Option<Regex>,
    after: Option<Regex>,
    sentence: Option<Regex>,
    without: Option<Regex>,
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
    recognise(builder, is_told, |_, _, _| None);
}

/// The figures of an article that is no report: all that say what they count.
pub(super) fn of_digest(builder: &mut Builder) {
    recognise(
        builder,
        |_| true,
        |before, after, unit| {
            let name = subject(before, after)?;
            Some((name.clone(), name, unit.to_owned()))
        },
    );
}

/// What to call a figure that no rule knows: key, name and unit, from the words around it.
type Naming = fn(&str, &str, &str) -> Option<(String, String, String)>;

fn recognise(builder: &mut Builder, is_told: impl Fn(&report::FieldPath) -> bool, otherwise: Naming) {
    let texts: Vec<(usize, String)> = builder
        .placed
        .iter()
        .filter(|placed| is_told(&placed.path))
        .map(|placed| (placed.line, placed.text.clone()))
        .collect();
    for (line, text) in texts {
        for sentence in figures::sentences(&text) {
            for figure in &sentence.figures {
                let said = around(&text, &sentence.range, &figure.range);
                // 一次办好 counts nothing.
                if !text[figure.range.clone()].contains(|c: char| c.is_ascii_digit()) {
                    continue;
                }
                let [before, after] = figure.words(&text).map(str::trim);
                let unit = unit(figure, &text);
                let rule = RULES.iter().find(|rule| {
                    let has_unit = of_key(&rule.key).is_some_and(|known| known.units.contains(&unit));
                    has_unit && rule.fits(before, after, said)
                });
                let known = rule.and_then(|rule| of_key(&rule.key));
                let known = known.map(|known| (known.key.clone(), known.name.clone(), unit.clone()));
                let Some((key, name, unit)) = known.or_else(|| otherwise(before, after, &unit)) else {
                    continue;
                };
                add(
                    builder,
                    Recognition {
                        key,
                        name,
                        value: figure.value.normalize().to_string(),
                        unit,
                        approximate: figure.is_approximate,
                        sentence: said.to_owned(),
                        line,
                    },
                );
            }
        }
    }
}

/// The sentence of a figure; of one that never ends, what stands around the figure.
fn around<'a>(text: &'a str, sentence: &Range<usize>, figure: &Range<usize>) -> &'a str {
    const AROUND: usize = 600;
    let start = text.ceil_char_boundary(sentence.start.max(figure.start.saturating_sub(AROUND)));
    let end = text.floor_char_boundary(sentence.end.min(figure.end + AROUND));
    &text[start..end]
}

/// How many indicators are taken from a text; an article with more is a table.
const MOST: usize = 500;

/// Adds an indicator; the first sentence that states one counts, another value is a doubt.
fn add(builder: &mut Builder, found: Recognition) {
    if let Some(known) = builder.indicators.iter().find(|known| known.key == found.key) {
        if known.value != found.value {
            let message = format!(
                "指标“{}”另有一个数{}{}，已取第{}行的{}{}，请核对",
                found.name, found.value, found.unit, known.line, known.value, known.unit
            );
            builder.doubt(Some(found.line), message);
        }
        return;
    }
    if builder.indicators.len() == MOST {
        return;
    }
    builder.draft.indicators.push(Indicator {
        key: fit(&found.key),
        name: fit(&found.name),
        value: fit(&found.value),
        unit: Some(fit(&found.unit)),
        previous: None,
        approximate: found.approximate,
        source: None,
    });
    builder.indicators.push(found);
}

/// The unit as it is written behind the number.
fn unit(figure: &Figure, text: &str) -> String {
    let written = &text[figure.range.clone()];
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
