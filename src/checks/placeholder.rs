use std::sync::LazyLock;

use regex::Regex;

use super::Context;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::report::{Report, contract};

code! {
    /// 占位符没有替换
    ///
    /// 文稿里还留着待填的记号，如 XX、×××、***、某某市、待补充。发出去的报告里有一处，全篇的可信就打了折扣。
    ///
    /// 错误：全年办理行政复议案件XX件。
    ///
    /// 正确：全年办理行政复议案件386件。
    ///
    /// “张某某诉某局”一类的化名、“3×5”里的乘号不算。
    pub(super) PLACEHOLDER = "placeholder", Error
}

/// A way in which a blank is marked, and where.
struct Mark {
    pattern: Regex,
    in_headings_only: bool,
}

/// One pattern a line; `标题:` before it means that it counts in titles and headings only.
static MARKS: LazyLock<Vec<Mark>> = LazyLock::new(|| {
    let lines = include_str!("data/placeholders.txt").lines();
    let patterns = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mark = |line: &str| {
        let heading = line.strip_prefix("标题:");
        let pattern =
            Regex::new(heading.unwrap_or(line)).expect("the patterns in placeholders.txt are sound");
        Mark { pattern, in_headings_only: heading.is_some() }
    };
    patterns.map(mark).collect()
});

pub(super) fn find(report: &Report, _: &Context) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (path, text) in report.texts() {
        let is_heading = matches!(path.pattern().rsplit('.').next(), Some("title" | "heading"));
        for mark in MARKS.iter().filter(|mark| is_heading || !mark.in_headings_only) {
            if let Some(blank) = mark.pattern.find(&text) {
                let message =
                    format!("“{}”里有没填完的“{}”", contract::label(&path), around(&text, blank.range()));
                found.push(PLACEHOLDER.at(path.clone(), message, "请填上真实的内容，或者删去这一处"));
                break;
            }
        }
    }
    found
}

/// The blank with a few characters on either side, for the eye.
fn around(text: &str, range: std::ops::Range<usize>) -> String {
    let before: Vec<char> = text[..range.start].chars().rev().take(6).collect();
    let after = text[range.end..].chars().take(6);
    before.into_iter().rev().chain(text[range].chars().take(12)).chain(after).collect()
}
