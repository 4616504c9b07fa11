//! What stands behind the last paragraph: closing, signature, date, notes, attachments.

use std::sync::LazyLock;

use regex::Regex;

use super::document::Style;
use super::head::{is_unit, year};
use super::outline::SourceLine;
use crate::language::{lists, numerals};
use crate::report::Date;

/// The ending of a document, each part with its line.
#[derive(Debug, Default)]
pub(super) struct Ending<'a> {
    pub closing: Option<(usize, String)>,
    pub names: Vec<(usize, String)>,
    pub date: Option<(usize, Date)>,
    /// The line of the date as it was written, with whatever name stands before it.
    pub date_line: String,
    pub notes: Option<(usize, String)>,
    /// Titles of attachments.
    pub attachments: Vec<(usize, String)>,
    /// What follows the date and is none of these.
    pub rest: &'a [SourceLine],
}

static DATE: LazyLock<Regex> = LazyLock::new(|| {
    lists::pattern(
        r"\A([^。，；]{0,40}?)((?:20\d\d|二[〇○零]..)年(?:[\d一二三四五六七八九十]{1,2})月(?:[\d一二三四五六七八九十]{1,3})日)(?:印发)?\z",
    )
});

static CLOSING: LazyLock<Regex> =
    LazyLock::new(|| lists::pattern(r"\A(?:特此报告|专此报告|以上报告[^。]{0,20}|此报告)[。！]?\z"));

static NOTES: LazyLock<Regex> =
    LazyLock::new(|| lists::pattern(r"\A（((?:此件|本件|此文|联系)[^）]{2,80})）\z"));

/// How many units sign together at most.
const MOST_NAMES: usize = 20;

/// How far from the end a date of issue may stand, in lines: attachments follow it.
const FARTHEST: usize = 4000;

/// Takes the ending off; what is left are the lines of the sections.
pub(super) fn take(lines: &[SourceLine]) -> (&[SourceLine], Ending<'_>) {
    let mut ending = Ending::default();
    let earliest = lines.len().saturating_sub(FARTHEST);
    let place =
        lines[earliest..].iter().rposition(|line| line.marker.is_none() && DATE.is_match(&line.written));
    let mut body = lines;
    if let Some(at) = place.map(|at| earliest + at)
        && let Some(capture) = DATE.captures(&lines[at].written)
        && let Some(date) = date(&capture[2])
    {
        ending.date = Some((lines[at].line, date));
        ending.date_line = lines[at].written.clone();
        ending.rest = &lines[at + 1..];
        body = &lines[..at];
        if !capture[1].is_empty() {
            ending.names.push((lines[at].line, capture[1].trim().to_owned()));
        }
    }
    while let Some((last, before)) = body.split_last().filter(|(last, _)| last.table.is_none()) {
        let text = last.written.as_str();
        if last.style != Style::Title
            && last.marker.is_none()
            && ending.closing.is_none()
            && ending.names.len() < MOST_NAMES
            && is_unit(text)
        {
            ending.names.insert(0, (last.line, text.to_owned()));
        } else if ending.closing.is_none() && CLOSING.is_match(text) {
            ending.closing = Some((last.line, text.to_owned()));
        } else if let Some(title) = text.strip_prefix("附件：").filter(|title| !title.is_empty()) {
            let title =
                title.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches(['.', '．', '、']);
            ending.attachments.push((last.line, title.to_owned()));
        } else if let Some(notes) = NOTES.captures(text).filter(|_| ending.notes.is_none()) {
            ending.notes = Some((last.line, notes[1].to_owned()));
        } else {
            break;
        }
        body = before;
    }
    if let Some((first, others)) = ending.rest.split_first()
        && let Some(notes) = NOTES.captures(&first.written)
    {
        ending.notes = Some((first.line, notes[1].to_owned()));
        ending.rest = others;
    }
    (body, ending)
}

/// 2025年2月8日, 二〇二五年二月八日.
fn date(written: &str) -> Option<Date> {
    if let Ok(date) = written.parse() {
        return Some(date);
    }
    let (_, rest) = written.split_once('年')?;
    let (month, day) = rest.strip_suffix('日')?.split_once('月')?;
    format!("{}-{}-{}", year(written)?, numerals::place(month)?, numerals::place(day)?).parse().ok()
}
