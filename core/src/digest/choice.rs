//! What stands in a digest, by ticks: first those that are proposed, then those of a person.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use deserr::Deserr;
use schemars::JsonSchema;
use serde::Serialize;

use super::figures::is_shown;
use super::quotable::{QuotableSentence, Topic};
use crate::code;
use crate::diagnostic::{Diagnostic, Failed};
use crate::indicators::IndicatorList;
use crate::language::sentences::shortened;
use crate::report::{FieldPath, Indicator, IndicatorValue, Name, Report, Text};

code! {
    /// 选择的内容不在报告里
    ///
    /// 成绩单的句子和数字都是报告里的。选择文件里的一句话、一项指标，报告里找不到：多半是列出选择以后，报告又改过了。
    ///
    /// 改正：用 `nianbao digest 报告.yaml --list` 重新列出，再改选择。
    ///
    /// 句子要照原样写，不能改动；不要的句子、数字，把 `chosen` 改为 `false`，或者删除那一项。
    pub(super) UNKNOWN_CHOICE = "unknown-choice", Error
}

/// What a report offers for its digest, each with whether it is taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserr, JsonSchema)]
#[deserr(deny_unknown_fields)]
#[schemars(title = "成绩单的选择", deny_unknown_fields)]
pub struct DigestChoice {
    #[deserr(default)]
    #[schemars(default, title = "数字")]
    pub figures: Vec<FigureTick>,
    #[deserr(default)]
    #[schemars(default, title = "各部分的句子")]
    pub sections: Vec<SectionTicks>,
}

/// Whether an indicator is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserr, JsonSchema)]
#[deserr(deny_unknown_fields)]
#[schemars(title = "一项指标", deny_unknown_fields)]
pub struct FigureTick {
    #[deserr(default)]
    #[schemars(default, title = "选不选")]
    pub chosen: bool,
    #[deserr(default)]
    #[schemars(default, title = "是不是用大字")]
    pub headline: bool,
    #[schemars(title = "在报告的哪个字段")]
    pub at: Name,
    #[schemars(title = "指标名称")]
    pub name: Name,
    #[deserr(default)]
    #[schemars(default, title = "数值，只供看")]
    pub value: Text,
}

/// The sentences below one heading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserr, JsonSchema)]
#[deserr(deny_unknown_fields)]
#[schemars(title = "一个标题下的句子", deny_unknown_fields)]
pub struct SectionTicks {
    #[deserr(default)]
    #[schemars(default, title = "标题，只供看")]
    pub heading: Text,
    #[deserr(default)]
    #[schemars(default, title = "句子")]
    pub sentences: Vec<SentenceTick>,
}

/// Whether a sentence is quoted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserr, JsonSchema)]
#[deserr(deny_unknown_fields)]
#[schemars(title = "一句话", deny_unknown_fields)]
pub struct SentenceTick {
    #[deserr(default)]
    #[schemars(default, title = "选不选")]
    pub chosen: bool,
    #[schemars(title = "在报告的哪个字段")]
    pub at: Name,
    #[deserr(default)]
    #[schemars(default, title = "段首句，只供看")]
    pub lead: Text,
    #[schemars(title = "句子，照报告原样")]
    pub text: Name,
}

/// How many figures are set large, and how many are shown in all.
const HEADLINE: usize = 6;
const FIGURES: usize = 60;

/// Below one heading: so many sentences, and no second that makes more characters.
const SENTENCES: usize = 3;
const SECTION_CHARACTERS: usize = 110;

/// The characters of all sentences, so that a sheet holds them.
const CHARACTERS: usize = 1_000;

/// Above how much a sentence is proposed that need not be.
const SAYS_SOMETHING: i32 = 3;

/// What is proposed for a report.
pub(super) fn proposal(report: &Report, topics: &[Topic]) -> DigestChoice {
    let headline = headline(&report.indicators);
    let shown = report.indicators.iter().enumerate().filter(|(_, one)| is_shown(&one.value));
    let figures = shown.enumerate().map(|(position, (at, indicator))| FigureTick {
        chosen: headline.contains(&at) || position < FIGURES,
        headline: headline.contains(&at),
        at: name(&place_of(at)),
        name: indicator.name.clone(),
        value: text(&told(indicator)),
    });
    let chosen = chosen(topics);
    let sections = topics.iter().zip(chosen).map(|(topic, chosen)| SectionTicks {
        heading: text(topic.heading.as_deref().unwrap_or_default()),
        sentences: topic
            .sentences
            .iter()
            .enumerate()
            .map(|(number, one)| SentenceTick {
                chosen: chosen.contains(&number),
                at: name(&one.at.to_string()),
                lead: text(one.lead.as_deref().unwrap_or_default()),
                text: name(&one.text),
            })
            .collect(),
    });
    DigestChoice { figures: figures.collect(), sections: sections.collect() }
}

/// Texts of a report are fit to be texts again.
fn text(written: &str) -> Text {
    written.parse().expect("a part of a text is one")
}

fn name(written: &str) -> Name {
    written.parse().expect("a sentence is a line that says something")
}

/// A value as the list of choices tells it.
fn told(indicator: &Indicator) -> String {
    let unit = indicator.unit.as_deref().unwrap_or_default();
    let previous = indicator.previous.as_ref().filter(|value| is_shown(value));
    let previous = previous.map(|value| format!("（上年{value}{unit}）")).unwrap_or_default();
    match indicator.value {
        IndicatorValue::Number(_) => format!("{}{unit}{previous}", indicator.value),
        _ => format!("{}{previous}", indicator.value),
    }
}

/// The indicators that are set large: those that people know, with the year before, the first ones.
fn headline(indicators: &[Indicator]) -> Vec<usize> {
    let list = IndicatorList::built_in();
    let score = |one: &Indicator| {
        let is_known = list.of_key(one.key()).is_some() || list.of_name(&one.name).is_some();
        let has_base = one.previous.as_ref().is_some_and(is_shown);
        2 * i32::from(is_known) + 2 * i32::from(has_base) + i32::from(one.unit.as_deref() == Some("%"))
    };
    let is_number = |one: &Indicator| matches!(one.value, IndicatorValue::Number(_)) && !is_zero(one);
    let mut best: Vec<usize> = (0..indicators.len()).filter(|at| is_number(&indicators[*at])).collect();
    best.sort_by_key(|at| Reverse(score(&indicators[*at])));
    best.truncate(HEADLINE);
    best.sort_unstable();
    best
}

fn is_zero(indicator: &Indicator) -> bool {
    indicator.value.number().is_some_and(|value| value.is_zero())
}

/// Which sentences of each topic are proposed: those that say most, each of another point where there are some,
/// until their place is full; then the ones that say least give way, until all have room. A heading loses its last
/// sentence when no other has two.
fn chosen(topics: &[Topic]) -> Vec<Vec<usize>> {
    let mut chosen: Vec<Vec<usize>> = Vec::new();
    let mut said: HashSet<&str> = HashSet::new();
    for topic in topics {
        let own = of_topic(topic, &said);
        said.extend(own.iter().map(|number| topic.sentences[*number].text.as_str()));
        chosen.push(own);
    }
    let one = |at: usize, number: usize| &topics[at].sentences[number];
    let mut all: Vec<(usize, usize)> = Vec::new();
    for (at, own) in chosen.iter().enumerate() {
        all.extend(own.iter().map(|number| (at, *number)));
    }
    let mut length: usize = all.iter().map(|(at, number)| characters(one(*at, *number))).sum();
    all.sort_by_key(|(at, number)| (one(*at, *number).weight, Reverse((*at, *number))));
    for is_last_of_its_heading in [false, true] {
        for (at, number) in &all {
            let own = &mut chosen[*at];
            if length > CHARACTERS && own.contains(number) && (own.len() == 1) == is_last_of_its_heading {
                own.retain(|kept| kept != number);
                length -= characters(one(*at, *number));
            }
        }
    }
    chosen
}

fn of_topic(topic: &Topic, said: &HashSet<&str>) -> Vec<usize> {
    let sentences = &topic.sentences;
    let mut best: Vec<usize> =
        (0..sentences.len()).filter(|number| !said.contains(sentences[*number].text.as_str())).collect();
    best.sort_by_key(|number| Reverse(sentences[*number].weight));
    let mut own: Vec<usize> = Vec::new();
    let mut length = 0;
    let most = if topic.is_section { SENTENCES } else { 1 };
    for is_second_of_its_point in [false, true] {
        for number in &best {
            let one = &sentences[*number];
            let is_first = own.is_empty();
            let says_something = one.weight >= SAYS_SOMETHING || topic.is_section && is_first;
            let has_room = is_first || length + characters(one) <= SECTION_CHARACTERS;
            let is_heard = own.iter().any(|other| sentences[*other].at == one.at);
            if own.len() < most
                && says_something
                && has_room
                && is_heard == is_second_of_its_point
                && !own.iter().any(|other| sentences[*other].text == one.text)
            {
                own.push(*number);
                length += characters(one);
            }
        }
    }
    own.sort_unstable();
    own
}

fn characters(one: &QuotableSentence) -> usize {
    one.text.chars().count() + one.lead.as_deref().map_or(0, |lead| lead.chars().count())
}

impl DigestChoice {
    /// The sentences that are ticked: where each stands, and its text.
    pub(super) fn sentences(&self) -> HashSet<(&str, &str)> {
        let all = self.sections.iter().flat_map(|section| &section.sentences);
        all.filter(|one| one.chosen).map(|one| (&*one.at, &*one.text)).collect()
    }

    /// The indicators that are ticked: those that are set large, and the others.
    pub(super) fn figures<'r>(&self, report: &'r Report) -> (Vec<&'r Indicator>, Vec<&'r Indicator>) {
        let ticked = self.figures.iter().filter(|one| one.chosen).map(|one| (&*one.at, one.headline));
        let ticked: HashMap<&str, bool> = ticked.collect();
        let (mut headline, mut others) = (vec![], vec![]);
        for (at, indicator) in report.indicators.iter().enumerate() {
            match ticked.get(place_of(at).as_str()) {
                Some(true) => headline.push(indicator),
                Some(false) => others.push(indicator),
                None => {}
            }
        }
        (headline, others)
    }

    /// Refuses ticks of what the report does not say.
    pub(super) fn verify(&self, report: &Report, topics: &[Topic]) -> Result<(), Failed> {
        let offered = topics.iter().flat_map(|topic| &topic.sentences);
        let offered: HashSet<(String, &str)> = offered.map(|one| (one.at.to_string(), &*one.text)).collect();
        let reported = report.indicators.iter().enumerate();
        let reported: HashSet<(String, &str)> =
            reported.map(|(at, one)| (place_of(at), &*one.name)).collect();
        let is_known = |known: &HashSet<(String, &str)>, at: &Name, text: &Name| {
            known.contains(&(at.to_string(), &**text))
        };
        let figures =
            self.figures.iter().filter(|one| one.chosen && !is_known(&reported, &one.at, &one.name));
        let sentences = self.sections.iter().flat_map(|section| &section.sentences);
        let sentences = sentences.filter(|one| one.chosen && !is_known(&offered, &one.at, &one.text));
        let found: Vec<Diagnostic> = figures
            .map(|one| refused("指标", &one.name))
            .chain(sentences.map(|one| refused("句子", &one.text)))
            .take(MOST_REFUSED)
            .collect();
        if found.is_empty() { Ok(()) } else { Err(Failed::Report(found)) }
    }
}

/// More of them say nothing more: the choice is of another report.
const MOST_REFUSED: usize = 20;

fn refused(label: &str, words: &str) -> Diagnostic {
    let message = format!("选择里的{label}“{}”，报告里没有", shortened(words, 40));
    let hint = "请用 nianbao digest 报告 --list 重新列出选择；在网页里的，请重新打开成绩单";
    UNKNOWN_CHOICE.at(FieldPath::root(), message, hint)
}

/// Where an indicator stands.
fn place_of(indicator: usize) -> String {
    crate::path!["indicators", indicator].to_string()
}
