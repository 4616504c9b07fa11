//! What stands behind the last paragraph: closing, signature, date, notes, attachments.

use std::sync::LazyLock;

use regex::Regex;

use super::dates;
use super::document::Style;
use super::head::{is_signature, is_unit};
use super::marker::Marker;
use super::outline::SourceLine;
use crate::language::lists;
use crate::report::Date;

/// The ending of a document, each part with its line.
#[derive(Debug, Default)]
pub(super) struct Ending<'a> {
    pub closing: Option<(usize, String)>,
    pub names: Vec<(usize, String)>,
    pub date: Option<(usize, Date)>,
    /// The line of the date as it was written, with whatever name stands before it.
    pub date_line: String,
    /// A date that names no day, as it was written.
    pub month: Option<(usize, String)>,
    /// The lines whose names bear a label or the word for a seal, which is left away.
    pub labelled: Vec<usize>,
    pub notes: Option<(usize, String)>,
    /// Titles of attachments.
    pub attachments: Vec<(usize, String)>,
    /// What follows the date and is none of these.
    pub rest: &'a [SourceLine],
    /// Where there is no date: the last lines, if they say nothing as prose does.
    pub odd: &'a [SourceLine],
}

/// A line that dates a document: who signs, if it stands there as well, and the date.
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    let label = "(?:(?:成文|报告|填报|报送|上报|印发)?(?:日期|时间)：)?";
    let day = r"(?:20\d\d|二[〇○零OＯo0]..)年\d{0,2}[一二三四五六七八九十]{0,2}月(?:[\d一二三四五六七八九十]{1,3}日)?";
    lists::pattern(&format!(
        r"\A[（(]?([^。，；]{{0,40}}?){label}({day}|20\d\d[-./]\d{{1,2}}[-./]\d{{1,2}})[）)]?(印发)?\z"
    ))
});

static CLOSING: LazyLock<Regex> = LazyLock::new(|| {
    lists::pattern(
        r"\A(?:(?:特此|专此|谨此|现此)(?:报告|汇报|呈报|上报|函报|报送|函告)(?:[，,][^。]{0,20})?|以上报告[^。]{0,20}|此报告)[。！]?\z",
    )
});

static NOTES: LazyLock<Regex> =
    LazyLock::new(|| lists::pattern(r"\A（((?:此件|本件|此文|联系)[^）]{2,80})）\z"));

/// What may stand before and behind the name of a unit that signs.
static LABELLED: LazyLock<Regex> = LazyLock::new(|| {
    lists::pattern(
        r"\A(?:(?:报告|填报|报送|上报|发文|署名)?(?:单位|机关|部门)(?:（[^）]{1,6}）)?：)?(.*?)(?:（(?:盖章|公章|印章|章|印)）)?\z",
    )
});

/// Two that sign together, in one line.
static JOINT: LazyLock<Regex> = LazyLock::new(|| {
    lists::pattern(r"\A(中共[一-龥]{2,30}?(?:委员会|委))([一-龥]{2,30}(?:人民政府|政府|办事处))\z")
});

/// How many units sign together at most.
const MOST_NAMES: usize = 20;

/// How far from the end a date of issue may stand, in lines: attachments follow it.
const FARTHEST: usize = 4000;

/// Whether a sentence closes a report: 特此报告。
pub(super) fn is_closing(text: &str) -> bool {
    CLOSING.is_match(text)
}

/// Whether a text closes as a report does.
pub(super) fn is_reporting(lines: &[SourceLine]) -> bool {
    let closes = |line: &SourceLine| is_closing(&line.written) && line.written.contains("此报告");
    lines.iter().rev().take(LAST).any(closes)
}

/// Whether a text ends with a unit and a date.
pub(super) fn is_signed(lines: &[SourceLine]) -> bool {
    let (_, ending) = take(lines);
    (ending.date.is_some() || ending.month.is_some()) && !ending.names.is_empty()
}

/// Among how many last lines a report closes.
const LAST: usize = 12;

/// Takes the ending off; what is left are the lines of the sections.
pub(super) fn take(lines: &[SourceLine]) -> (&[SourceLine], Ending<'_>) {
    let mut ending = Ending::default();
    let mut body = lines;
    if let Some((at, name, date)) = dated(lines) {
        let line = &lines[at];
        ending.date_line = line.written.clone();
        match date {
            Some(date) => ending.date = Some((line.line, date)),
            None => ending.month = Some((line.line, line.written.clone())),
        }
        ending.rest = &lines[at + 1..];
        body = &lines[..at];
        if !name.is_empty() {
            ending.sign(line.line, name);
        }
    }
    let has_date = !ending.date_line.is_empty();
    if !has_date {
        let end = body.len() - odd_tail(body);
        (body, ending.odd) = body.split_at(end);
    }
    while let Some((last, before)) = body.split_last().filter(|(last, _)| last.table.is_none()) {
        let text = last.written.as_str();
        let is_name = is_unit(text) || has_date && is_signature(unlabelled(text));
        if last.style != Style::Title
            && last.marker.is_none()
            && ending.closing.is_none()
            && ending.names.len() < MOST_NAMES
            && is_name
        {
            ending.sign(last.line, text);
        } else if ending.closing.is_none() && is_closing(text) {
            ending.closing = Some((last.line, text.to_owned()));
        } else if let Some(notes) = NOTES.captures(text).filter(|_| ending.notes.is_none()) {
            ending.notes = Some((last.line, notes[1].to_owned()));
        } else if let Some(at) = attachment_list(body) {
            // From the last to the first, as all that is taken off the end.
            let titles = body[at..].iter().rev().map(|line| (line.line, listed_title(&line.written)));
            ending.attachments.extend(titles.filter(|(_, title)| !title.is_empty()));
            body = &body[..at];
            continue;
        } else {
            break;
        }
        body = before;
    }
    if let Some((first, others)) = ending.rest.split_first()
        && ending.names.is_empty()
        && is_unit(&first.written)
    {
        ending.sign(first.line, &first.written);
        ending.rest = others;
    }
    if let Some((first, others)) = ending.rest.split_first()
        && let Some(notes) = NOTES.captures(&first.written)
    {
        ending.notes = Some((first.line, notes[1].to_owned()));
        ending.rest = others;
    }
    (body, ending)
}

/// How long a list of attachments is at most, in lines, and each of their titles in characters.
const MOST_LISTED: usize = 30;
const LONGEST_LISTED: usize = 60;

/// Where a list of attachments begins with which a text ends: 附件：1.…, 2.….
fn attachment_list(lines: &[SourceLine]) -> Option<usize> {
    let is_listed = |line: &&SourceLine| {
        let text = line.written.as_str();
        line.table.is_none()
            && !matches!(line.marker, Some(Marker::Part | Marker::Chapter | Marker::Section))
            && !text.contains('。')
            && text.chars().nth(LONGEST_LISTED).is_none()
    };
    let last = lines.iter().rev().take(MOST_LISTED).take_while(is_listed);
    let back = last.map(|line| line.written.as_str()).position(|text| text.starts_with("附件："))?;
    let at = lines.len() - 1 - back;
    // Alone it lists nothing.
    (back > 0 || lines[at].written != "附件：").then_some(at)
}

/// The title in a line of such a list.
fn listed_title(written: &str) -> String {
    let title = written.strip_prefix("附件：").unwrap_or(written).trim_start();
    let digits = title.trim_start_matches(|c: char| c.is_ascii_digit());
    let title = if digits.starts_with(['.', '．', '、']) {
        &digits[digits.chars().next().map_or(0, char::len_utf8)..]
    } else {
        title
    };
    title.trim().to_owned()
}

/// The number and the title, if it stands there, of a line that marks what is attached: 附件1 统计表.
pub(super) fn attachment_mark(text: &str) -> Option<(usize, &str)> {
    static MARK: LazyLock<Regex> = LazyLock::new(|| {
        lists::pattern(r"\A附\s?件\s?(?:(\d{1,2})\s*[：:.．、]?|[：:]|\s|\z)\s*([^。；，]{0,60})\z")
    });
    let mark = MARK.captures(text.trim())?;
    let number = mark.get(1).map_or(Ok(1), |number| number.as_str().parse()).ok()?;
    (number > 0).then_some((number, mark.get(2).map_or("", |title| title.as_str().trim())))
}

/// How many last lines are short and no sentences, as a site has them: not what stands below a heading, and
/// nothing that belongs to an ending.
fn odd_tail(lines: &[SourceLine]) -> usize {
    const LONGEST: usize = 20;
    let is_odd = |line: &SourceLine| {
        let text = line.written.as_str();
        line.marker.is_none()
            && line.style != Style::Title
            && line.table.is_none()
            && text.chars().nth(LONGEST).is_none()
            && !text.contains(['。', '；', '！', '？', '：', '，', '）'])
            && !is_unit(text)
            && !is_closing(text)
    };
    let count = lines.iter().rev().take_while(|line| is_odd(line)).count();
    let is_below_heading = lines.len() > count && lines[lines.len() - count - 1].marker.is_some();
    if is_below_heading { count.saturating_sub(1) } else { count }
}

impl Ending<'_> {
    /// Adds who signs before those known; two of one line are two.
    fn sign(&mut self, line: usize, written: &str) {
        let name = unlabelled(written);
        if name != written {
            self.labelled.push(line);
        }
        match JOINT.captures(name) {
            Some(both) => {
                self.names.insert(0, (line, both[2].to_owned()));
                self.names.insert(0, (line, both[1].to_owned()));
            }
            None => self.names.insert(0, (line, name.to_owned())),
        }
    }
}

fn unlabelled(written: &str) -> &str {
    let name = LABELLED.captures(written).and_then(|labelled| labelled.get(1));
    name.map_or(written, |name| name.as_str()).trim()
}

/// The line that dates the document, who signs on it, and the date, if it names a day. The colophon says
/// when it was printed, and counts where nothing else does.
fn dated(lines: &[SourceLine]) -> Option<(usize, &str, Option<Date>)> {
    let earliest = lines.len().saturating_sub(FARTHEST);
    let mut printed = None;
    for (at, line) in lines.iter().enumerate().skip(earliest).rev() {
        let Some(capture) = DATE.captures(&line.written).filter(|_| line.marker.is_none()) else { continue };
        let (Some(name), Some(written)) = (capture.get(1), capture.get(2)) else { continue };
        let name = name.as_str().trim();
        let is_named = name.is_empty() || is_signature(unlabelled(name));
        let date = dates::date(written.as_str());
        if !is_named || date.is_none() && !written.as_str().ends_with('月') {
            continue;
        }
        if capture.get(3).is_none() {
            return Some((at, name, date));
        }
        printed = printed.or(Some((at, name, date)));
    }
    printed
}
