//! From lines to a report: each text to the section that its heading names, in its order.

mod around;
mod builder;
mod chapters;
mod problems;

pub(super) use builder::Builder;
pub(super) use problems::is_cause;

use super::Particulars;
use super::ending::Ending;
use super::head::Head;
use super::outline::{SourceLine, groups};
use super::spam::Spam;

/// Builds the report of these chapters. `head` and `ending` stand around them, a letter that hands the report
/// in before it.
pub(super) fn build(
    letter: &[SourceLine],
    head: &Head,
    chapters: &[SourceLine],
    ending: &Ending,
    given: &Particulars,
    spam: &Spam,
) -> Builder {
    let mut builder = Builder::default();
    builder.head(head, given);
    let (intro, chapters) = groups(chapters);
    builder.year(head, &chapters, ending, given);
    match chapters[..] {
        [] => builder.paragraphs(intro),
        _ => intro.iter().for_each(|line| builder.unplaced(line, "第一个标题之前")),
    }
    builder.chapters(&chapters);
    builder.ending(ending, given);
    builder.letter(letter);
    builder.undated(head, ending);
    builder.issuer(head, given, spam);
    builder.layout();
    builder
}

/// Keeps an article that is no report: its title has a place, its paragraphs have none.
pub(super) fn digest(head: &Head, ending: &Ending, given: &Particulars) -> Builder {
    let mut builder = Builder::default();
    builder.doubt(None, "这不是年度报告，没有规定的章节；文字全部列在“未归类的文字”里，数字列为指标");
    builder.head(&Head { title: head.title.clone(), ..Head::default() }, given);
    builder.year(head, &[], ending, given);
    let mut lines = head.addressees.clone().into_iter().chain(head.units.clone()).chain(head.preface.clone());
    let mut lines = lines.by_ref().chain(head.odd.clone());
    let mut lines: Vec<(usize, String)> = lines.by_ref().collect();
    lines.sort_by_key(|(line, _)| *line);
    for (line, text) in lines {
        builder.unplaced(&SourceLine::plain(line, &text), "不是报告的文章");
    }
    builder.ending(ending, given);
    builder.undated(head, ending);
    builder.issuer(&Head { title: head.title.clone(), ..Head::default() }, given, &Spam::default());
    builder
}
