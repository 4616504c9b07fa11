use std::sync::LazyLock;

use super::Texts;
use super::reading::{Passage, PassageKind};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::lists::{self, Pattern};

code! {
    /// 占位符没有替换
    ///
    /// 文稿里还留着待填的记号，如 XX、×××、***、某某市、待补充、上一年度（在标题里）。发出去的报告里有一处，全篇的可信就打了折扣。
    ///
    /// 错误：全年办理行政复议案件XX件。
    ///
    /// 正确：全年办理行政复议案件386件。
    ///
    /// “张某某诉某局”一类的化名、“3×5”里的乘号不算。
    ///
    /// 看不出：编造的示例数字；留着空白、没有任何记号的地方。
    pub(super) PLACEHOLDER = "placeholder", Error
}

/// A way in which a blank is marked, and where.
struct Mark {
    pattern: Pattern,
    in_headings_only: bool,
}

/// One pattern a line; `标题:` before it means that it counts in titles and headings only.
static MARKS: LazyLock<Vec<Mark>> = LazyLock::new(|| {
    let mark = |line: &str| {
        let heading = line.strip_prefix("标题:");
        Mark { pattern: Pattern::new(heading.unwrap_or(line)), in_headings_only: heading.is_some() }
    };
    lists::lines(include_str!("data/placeholders.txt")).map(mark).collect()
});

/// All of them at once: most passages have none.
pub(super) static BLANK: LazyLock<Pattern> = LazyLock::new(|| {
    let patterns: Vec<&str> = MARKS.iter().map(|mark| mark.pattern.written()).collect();
    Pattern::new(&patterns.join("|"))
});

pub(super) fn find(texts: &Texts) -> Vec<Diagnostic> {
    let marked = texts.rare_passages(&BLANK).filter(|passage| BLANK.is_match(&passage.text));
    marked.filter_map(in_passage).collect()
}

/// The first blank of a passage: whoever fills it sees the others.
fn in_passage(passage: &Passage) -> Option<Diagnostic> {
    let is_heading = passage.kind == PassageKind::Heading;
    let marks = MARKS.iter().filter(|mark| is_heading || !mark.in_headings_only);
    let blanks = marks.filter_map(|mark| {
        // What only bounds the blank is not part of it.
        let captures = mark.pattern.captures(&passage.text)?;
        Some(captures.get(1).or(captures.get(0))?.range())
    });
    let blank = blanks.min_by_key(|blank| blank.start)?;
    let message = format!("“{}”里有没填完的“{}”", passage.label(), around(&passage.text, &blank));
    Some(passage.at(&PLACEHOLDER, blank, message, "请填上真实的内容，或者删除这一处"))
}

/// The blank with a few characters on either side, for the eye.
fn around(text: &str, blank: &std::ops::Range<usize>) -> String {
    let before: Vec<char> = text[..blank.start].chars().rev().take(6).collect();
    let after = text[blank.end..].chars().take(6);
    before.into_iter().rev().chain(text[blank.clone()].chars().take(12)).chain(after).collect()
}
