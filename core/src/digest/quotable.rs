//! The sentences of a report that its digest may quote, below the headings that they stand under, and how much
//! each of them says.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::{Quotation, QuotedStretch};
use crate::language::figures;
use crate::language::numerals;
use crate::language::sentences::sentences;
use crate::language::standalone::{distinctions, formulas, is_standalone};
use crate::report::{FieldPath, Indicator, Paragraph, Report, Unplaced, contract};

/// What stands below one heading.
pub(super) struct Topic {
    pub heading: Option<String>,
    pub sentences: Vec<QuotableSentence>,
    /// Whether at least one of its sentences is proposed, whatever they weigh.
    pub is_section: bool,
}

/// A sentence that can be understood by itself, whole.
pub(super) struct QuotableSentence {
    pub at: FieldPath,
    pub lead: Option<String>,
    pub text: String,
    pub weight: i32,
}

/// A sentence says less by being so long, in characters: a glance does not hold it.
const LONG: usize = 70;
const LONGER: usize = 110;

/// A line of an article that is no longer, and ends in no mark, is a heading of it.
const LONGEST_HEADING: usize = 40;

/// The topics of a report in its order.
pub(super) fn topics(report: &Report) -> Vec<Topic> {
    let scale = Scale::new(&report.indicators);
    let mut topics = vec![opening(report, &scale)];
    for (number, measure) in report.measures.iter().enumerate() {
        let place = crate::path!["measures", number];
        let heading = measure.heading.as_deref().filter(|heading| !heading.trim().is_empty());
        let heading = heading.map_or_else(|| name_of("measures"), str::to_owned);
        topics.push(Topic {
            heading: Some(heading),
            sentences: scale.of_body(&place, &measure.body),
            is_section: true,
        });
    }
    topics.push(problems(report, &scale));
    let duties = report.duties.iter().enumerate();
    topics.push(Topic {
        heading: Some(name_of("duties")),
        sentences: duties
            .flat_map(|(number, duty)| scale.of_body(&crate::path!["duties", number], &duty.body))
            .collect(),
        is_section: true,
    });
    topics.push(plans(report, &scale));
    topics.push(other(report, &scale));
    if topics.iter().all(|topic| topic.sentences.is_empty()) {
        topics = article(&report.unplaced, &scale);
    }
    topics.retain(|topic| !topic.sentences.is_empty());
    topics
}

/// As the contract names a section.
fn name_of(section: &str) -> String {
    contract::label(&crate::path![section])
}

fn opening(report: &Report, scale: &Scale) -> Topic {
    let paragraphs = report.preface.iter().enumerate();
    let sentences =
        paragraphs.flat_map(|(number, text)| scale.of_text(&crate::path!["preface", number], None, text));
    Topic { heading: None, sentences: sentences.collect(), is_section: false }
}

/// The problems, each as it is named.
fn problems(report: &Report, scale: &Scale) -> Topic {
    let problems = report.problems.iter().enumerate();
    let sentences = problems.flat_map(|(number, problem)| {
        scale.of_name(&crate::path!["problems", number, "problem"], &problem.problem)
    });
    Topic { heading: Some(name_of("problems")), sentences: sentences.collect(), is_section: true }
}

/// The plans: a heading says in a line what is planned.
fn plans(report: &Report, scale: &Scale) -> Topic {
    let mut sentences = Vec::new();
    for (number, plan) in report.plans.iter().enumerate() {
        let place = crate::path!["plans", number];
        if let Some(heading) = &plan.heading {
            sentences.extend(scale.of_name(&place.key("heading"), heading));
        }
        sentences.extend(scale.of_body(&place, &plan.body));
    }
    Topic { heading: Some(name_of("plans")), sentences, is_section: true }
}

fn other(report: &Report, scale: &Scale) -> Topic {
    let paragraphs = report.other.iter().enumerate();
    let sentences =
        paragraphs.flat_map(|(number, text)| scale.of_text(&crate::path!["other", number], None, text));
    Topic { heading: Some(name_of("other")), sentences: sentences.collect(), is_section: false }
}

/// The topics of an article that was imported and is no report: all of its text is unplaced, and its headings are
/// the short lines that end in no mark.
fn article(unplaced: &[Unplaced], scale: &Scale) -> Vec<Topic> {
    let mut topics = vec![Topic { heading: None, sentences: vec![], is_section: false }];
    for (number, one) in unplaced.iter().enumerate() {
        let at = crate::path!["unplaced", number, "text"];
        let text = one.text.trim();
        let is_heading = text.chars().count() <= LONGEST_HEADING && !text.ends_with(ENDS);
        let last = topics.last_mut().expect("there is one from the beginning on");
        // A heading below a heading says what comes, as a sentence does.
        let is_first = last.heading.is_none() || !last.sentences.is_empty();
        if is_heading && is_first {
            topics.push(Topic { heading: Some(text.to_owned()), sentences: vec![], is_section: true });
        } else {
            last.sentences.extend(scale.of_text(&at, None, &one.text));
        }
    }
    topics
}

const ENDS: [char; 8] = ['。', '！', '？', '；', '：', '，', '、', '…'];

/// What the name of a problem or plan weighs more than a sentence.
const NAME: i32 = 6;

/// A sentence that so near to its beginning speaks of what was said before, in characters, needs that.
const BEGINNING: usize = 6;

/// Weighs sentences.
struct Scale {
    /// The values of the report's indicators.
    indicators: HashSet<Decimal>,
}

impl Scale {
    fn new(indicators: &[Indicator]) -> Self {
        let values = indicators.iter().filter_map(|one| one.value.number());
        Self { indicators: values.map(|value| value.normalize()).collect() }
    }

    /// The sentences of a body; the first of each point stands with its lead.
    fn of_body(&self, place: &FieldPath, body: &[Paragraph]) -> Vec<QuotableSentence> {
        let mut found = Vec::new();
        for (number, paragraph) in body.iter().enumerate() {
            let at = place.key("body").index(number);
            let lead = paragraph.lead.as_deref().map(|lead| unnumbered(lead).trim());
            let lead = lead.filter(|lead| !lead.is_empty());
            match (lead, paragraph.text.trim().is_empty()) {
                (Some(lead), true) => found.extend(self.of_text(&at.key("lead"), None, lead)),
                (Some(lead), false) => {
                    found.extend(self.of_text(&at.key("text"), Some(lead), &paragraph.text))
                }
                (None, _) => found.extend(self.of_text(&at.key("text"), None, &paragraph.text)),
            }
        }
        found
    }

    /// The sentences of a text that says in a line what is meant.
    fn of_name(&self, at: &FieldPath, name: &str) -> Vec<QuotableSentence> {
        let heavier = |one: QuotableSentence| QuotableSentence { weight: one.weight + NAME, ..one };
        self.of_text(at, None, name).into_iter().map(heavier).collect()
    }

    fn of_text(&self, at: &FieldPath, lead: Option<&str>, text: &str) -> Vec<QuotableSentence> {
        let mut found = Vec::new();
        let (mut read, mut depth) = (0, 0);
        for (number, range) in sentences(text).enumerate() {
            depth += depth_of(&text[read..range.start]);
            read = range.start;
            let mark = text[range.end..].chars().next().filter(|c| matches!(c, '。' | '！' | '？'));
            let said = &text[range.start..range.end + mark.map_or(0, char::len_utf8)];
            // What leads a point leads its first sentence.
            let lead = lead.filter(|_| number == 0);
            let said = if lead.is_some() { said } else { unnumbered(said) };
            // What somebody else said, or what is only added in brackets, is nothing that the report says.
            let is_whole =
                is_standalone(said.trim_end_matches(['。', '！', '？'])) && !speaks_of_before(said);
            if depth == 0 && is_whole {
                found.push(QuotableSentence {
                    at: at.clone(),
                    lead: lead.map(str::to_owned),
                    weight: self.weigh(said) + if lead.is_some() { LEAD } else { 0 },
                    text: said.to_owned(),
                });
            }
        }
        found
    }

    /// How much a sentence says: figures, those more that are indicators, honours; less where it is long, and for
    /// words that every report has.
    fn weigh(&self, text: &str) -> i32 {
        let read = figures::sentences(text);
        let figures = read.iter().flat_map(|sentence| &sentence.figures).filter(|figure| !figure.is_lone);
        let values: Vec<Decimal> = figures.map(|figure| figure.value.normalize()).collect();
        let listed = values.iter().filter(|value| self.indicators.contains(value)).count();
        let length = text.chars().count();
        2 * values.len().min(3) as i32 + 3 * listed.min(2) as i32 + (2 * distinctions(text)).min(4)
            - 2 * formulas(text)
            - if length > LONG { 2 } else { 0 }
            - if length > LONGER { 4 } else { 0 }
    }
}

/// Whether a sentence speaks of something before it: 立足这一区情，…….
fn speaks_of_before(said: &str) -> bool {
    said.chars().take(BEGINNING).any(|c| matches!(c, '这' | '该'))
}

/// How many more quotations and brackets open in a text than close.
fn depth_of(text: &str) -> i32 {
    let step = |c| i32::from(matches!(c, '“' | '‘' | '（')) - i32::from(matches!(c, '”' | '’' | '）'));
    text.chars().map(step).sum()
}

/// What the first sentence of a point weighs more.
const LEAD: i32 = 2;

/// A text without the number of its point: 一是厘清权责边界。 says 厘清权责边界。
fn unnumbered(text: &str) -> &str {
    let text = text.trim_start();
    numerals::leading(text).and_then(|(_, rest)| rest.strip_prefix('是')).unwrap_or(text)
}

impl QuotableSentence {
    /// The sentence with its figures apart.
    pub(super) fn quoted(&self) -> Quotation {
        let mut stretches = Vec::new();
        let mut push = |text: &str, is_figure: bool| {
            if !text.is_empty() {
                stretches.push(QuotedStretch { text: text.to_owned(), is_figure });
            }
        };
        let read = figures::sentences(&self.text);
        let mut end = 0;
        for figure in read.iter().flat_map(|sentence| &sentence.figures).filter(|figure| !figure.is_lone) {
            push(&self.text[end..figure.range.start], false);
            push(&self.text[figure.range.clone()], true);
            end = figure.range.end;
        }
        push(&self.text[end..], false);
        let Self { at, lead, weight, .. } = self;
        Quotation { at: at.clone(), lead: lead.clone(), stretches, weight: *weight }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let scale = Scale { indicators: HashSet::new() };
        scale.of_text(&FieldPath::root(), None, text).into_iter().map(|one| one.text).collect()
    }

    #[test]
    fn sentences_are_quoted_whole_and_without_the_number_of_their_point() {
        let text = "一是新建中心12个，服务群众。其中新增7个。立足这一区情，推出措施9项。他说：“好。再建法律服务中心八个。还要多建几个。”培训骨干。全年培训骨干300人！尚有一句没有写完";
        let quoted = ["新建中心12个，服务群众。", "全年培训骨干300人！", "尚有一句没有写完"];
        assert_eq!(told(text), quoted);
        assert!(told("").is_empty());
    }

    #[test]
    fn figures_and_those_that_are_indicators_weigh_more() {
        let scale = Scale { indicators: HashSet::from([Decimal::from(386)]) };
        let ranked = [
            "受理行政复议案件386件，办结350件。",
            "受理行政复议案件386件。",
            "受理行政复议案件385件。",
            "受理了一批行政复议案件。",
            "坚持以习近平法治思想为指导，扎实推进法治政府建设。",
        ];
        let weights: Vec<i32> = ranked.iter().map(|text| scale.weigh(text)).collect();
        assert!(weights.is_sorted_by(|one, next| one > next), "{weights:?}");
    }

    #[test]
    fn a_sentence_is_all_of_its_stretches() {
        let text = "受理<b>案件约1.2万余件，办结率98.5%。";
        let one = QuotableSentence { at: FieldPath::root(), lead: None, text: text.into(), weight: 0 };
        let quoted = one.quoted();
        assert_eq!(quoted.text(), text);
        let figures: Vec<&str> =
            quoted.stretches.iter().filter(|one| one.is_figure).map(|one| one.text.as_str()).collect();
        assert_eq!(figures, ["约1.2万余件", "98.5%"]);
    }
}
