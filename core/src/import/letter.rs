//! A letter that hands a report in, in one file with it: 关于报送……的函, its own unit and date, and then the
//! report. What is the letter's is not the report's.

use std::sync::LazyLock;

use regex::Regex;

use super::ending::{self, Ending};
use super::head;
use super::outline::SourceLine;
use crate::language::lists;

/// Words with which a letter hands something in.
static HANDING_IN: LazyLock<Regex> = LazyLock::new(|| {
    lists::pattern("报送|上报|呈报|呈送|报上|呈上|印送|随文|随函|请(?:予)?(?:审阅|审示|查收|审定|审议|收悉)")
});

/// The lines before the first heading, parted where the report begins; the letter may be empty.
pub(super) fn part(lines: &[SourceLine]) -> (&[SourceLine], &[SourceLine]) {
    let is_title = |line: &SourceLine| line.marker.is_none() && head::is_title(&line.written);
    let begin = lines.iter().rposition(is_title).filter(|at| {
        let (before, title) = (&lines[..*at], &lines[*at].written);
        let is_other = before.iter().all(|line| line.written != *title);
        let hands_in = before.iter().any(|line| HANDING_IN.is_match(&line.written));
        let is_ended = before.iter().any(|line| is_mark(&line.written)) || ending::is_signed(before);
        is_other && hands_in && is_ended && !HANDING_IN.is_match(title)
    });
    // 中共……委 on the line above belongs to the title.
    let is_unit = |at: usize| head::is_unit(&lines[at].written) && lines[at + 1].written.starts_with("关于");
    let begin = begin.map(|at| if at > 0 && is_unit(at - 1) { at - 1 } else { at });
    lines.split_at(begin.unwrap_or_default())
}

/// Who signs the letter, when, and to whom it goes.
pub(super) fn told(letter: &[SourceLine]) -> (Option<String>, Ending<'_>) {
    let end = letter.iter().rposition(|line| !is_mark(&line.written)).map_or(0, |last| last + 1);
    let (_, ending) = ending::take(&letter[..end]);
    let addressees = letter.iter().find_map(|line| head::addressees(&line.written));
    (addressees.map(str::to_owned), ending)
}

/// 附件, alone on the line above what is attached.
fn is_mark(text: &str) -> bool {
    let rest = text.strip_prefix("附件").or_else(|| text.strip_prefix('附'));
    rest.is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || matches!(c, '：' | '一')))
}
