//! 成绩单: a report at a glance, for the press. Which of its figures and sentences stand in it is told by their
//! weight, by rules that anybody can look up (`docs/digest.md`), or by a person who ticks them. Nothing is
//! written here: a sentence is quoted whole, a figure is an indicator of the report, and only how much it grew
//! is reckoned, from two values that both stand there.

mod choice;
mod figures;
mod newspaper;
mod quotable;

use std::collections::HashSet;

use serde::Serialize;

pub use choice::{DigestChoice, FigureTick, SectionTicks, SentenceTick};
pub use figures::{DigestFigure, FigurePair, Rate, Tendency};
pub use newspaper::{MAX_CHARACTERS, NewspaperText, newspaper_text};

use crate::code;
use crate::diagnostic::{Code, Failed};
use crate::report::{FieldPath, Report};
use quotable::{QuotableSentence, Topic};

/// Every code that this room can raise.
pub const CODES: [&Code; 2] = [&EMPTY_DIGEST, &choice::UNKNOWN_CHOICE];

code! {
    /// 成绩单没有内容
    ///
    /// 成绩单由报告的指标和正文里的句子组成。报告里一项指标、一句完整的话也没有，或者一项也没有选，就做不出来。
    ///
    /// 改正：先写好报告的正文或者指标；用了选择文件的，至少选一项。
    pub(super) EMPTY_DIGEST = "empty-digest", Error
}

/// A report at a glance, ready to be set. Texts are the report's own.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Digest {
    pub issuer: String,
    pub short_name: String,
    pub year: u16,
    /// The day of the report, as `2025-02-18`.
    pub date: String,
    /// What the report is called, where it says so.
    pub source: Option<String>,
    /// The figures that are set large.
    pub headline: Vec<DigestFigure>,
    pub others: Vec<DigestFigure>,
    /// Counts of this year beside those of the last, and rates: what there is to draw.
    pub pairs: Vec<FigurePair>,
    pub rates: Vec<Rate>,
    pub sections: Vec<DigestSection>,
}

/// What stands below one heading of the report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DigestSection {
    /// None of what stands before the first heading.
    pub heading: Option<String>,
    pub quotations: Vec<Quotation>,
}

/// A sentence of the report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quotation {
    pub at: FieldPath,
    /// The opening of its point, without the number: 厘清权责边界。
    pub lead: Option<String>,
    pub stretches: Vec<QuotedStretch>,
    /// How much it says, as against others.
    #[serde(skip)]
    pub weight: i32,
}

/// A part of a sentence: a figure, or what stands between figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QuotedStretch {
    pub text: String,
    pub is_figure: bool,
}

impl Quotation {
    /// The whole sentence.
    pub fn text(&self) -> String {
        self.stretches.iter().map(|stretch| stretch.text.as_str()).collect()
    }
}

/// All that a report offers for its digest, with what is proposed ticked.
pub fn propose(report: &Report) -> DigestChoice {
    choice::proposal(report, &quotable::topics(report))
}

/// The digest of a report: of what was ticked, else of what is proposed. Fails where something is ticked that
/// the report does not say, and where there is nothing to show.
pub fn digest(report: &Report, choice: Option<&DigestChoice>) -> Result<Digest, Failed> {
    let topics = quotable::topics(report);
    let proposed;
    let choice = match choice {
        Some(choice) => {
            choice.verify(report, &topics)?;
            choice
        }
        None => {
            proposed = choice::proposal(report, &topics);
            &proposed
        }
    };
    let (headline, others) = choice.figures(report);
    let ticked = choice.sentences();
    let sections: Vec<DigestSection> = topics.iter().filter_map(|topic| section(topic, &ticked)).collect();
    if headline.is_empty() && others.is_empty() && sections.is_empty() {
        let hint = "请先写好报告的正文或者指标；用了选择文件的，请至少选一项";
        return Err(EMPTY_DIGEST.at(FieldPath::root(), "成绩单没有可以写的内容", hint).into());
    }
    let shown = || headline.iter().chain(&others);
    Ok(Digest {
        issuer: report.issuer.name.to_string(),
        short_name: report.short_name().to_owned(),
        year: report.year.number(),
        date: report.signature.date.to_string(),
        source: report.title.as_ref().map(|title| title.lines().map(str::trim).collect()),
        pairs: figures::pairs(shown()),
        rates: figures::rates(shown()),
        headline: headline.iter().map(|indicator| DigestFigure::of(indicator)).collect(),
        others: others.iter().map(|indicator| DigestFigure::of(indicator)).collect(),
        sections,
    })
}

/// What was ticked of a topic, if anything was.
fn section(topic: &Topic, ticked: &HashSet<(&str, &str)>) -> Option<DigestSection> {
    let is_ticked = |one: &&QuotableSentence| ticked.contains(&(&*one.at.to_string(), &*one.text));
    let quotations: Vec<Quotation> =
        topic.sentences.iter().filter(is_ticked).map(QuotableSentence::quoted).collect();
    (!quotations.is_empty()).then(|| DigestSection { heading: topic.heading.clone(), quotations })
}
