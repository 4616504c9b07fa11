//! Years and dates as documents write them.

use std::sync::LazyLock;

use regex::Regex;

use crate::language::{lists, numerals};
use crate::report::Date;

/// The first year that a text names: 2024年, 二〇二四年.
pub(super) fn year(text: &str) -> Option<u16> {
    static YEAR: LazyLock<Regex> =
        LazyLock::new(|| lists::pattern(r"(20\d\d)年|(二[〇○零0][〇○零0一二三四五六七八九]{2})年"));
    let capture = YEAR.captures(text)?;
    match (capture.get(1), capture.get(2)) {
        (Some(digits), _) => digits.as_str().parse().ok(),
        (_, Some(numerals)) => numerals::year(&numerals.as_str().replace('0', "〇")),
        _ => None,
    }
}

/// The year with which a text opens: 2024年，……; 2024年以来，…….
pub(super) fn opening_year(text: &str) -> Option<u16> {
    let start: String = text.chars().take(6).collect();
    text.starts_with(['2', '二']).then(|| year(&start)).flatten()
}

/// The year that a report of this date tells of: one that is signed in December is of the year that ends.
pub(super) fn year_told_of(date: Date) -> Option<u16> {
    let year = u16::try_from(date.year()).ok()?;
    Some(if date.month() >= 11 { year } else { year - 1 })
}

/// A date that is all that a line says: （2025年2月8日）.
pub(super) fn alone(text: &str) -> Option<Date> {
    let written = text.strip_prefix('（').and_then(|text| text.strip_suffix('）')).unwrap_or(text);
    (written.ends_with('日') && written.chars().count() <= LONGEST).then(|| date(written)).flatten()
}

/// The longest date, in characters: 二〇二五年十二月三十一日.
const LONGEST: usize = 12;

/// 2025年2月8日, 二〇二五年二月八日, 2025-02-08.
pub(super) fn date(written: &str) -> Option<Date> {
    if let Ok(date) = written.parse() {
        return Some(date);
    }
    let marks = ['-', '.', '/'];
    let (year, month, day) = if written.contains(marks) {
        let mut parts = written.split(marks);
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    } else {
        let (_, rest) = written.split_once('年')?;
        let (month, day) = rest.strip_suffix('日')?.split_once('月')?;
        (year(&written.replace(['O', 'Ｏ', 'o'], "〇"))?, number(month)?, number(day)?)
    };
    format!("{year}-{month:02}-{day:02}").parse().ok()
}

/// 12, 十二.
fn number(written: &str) -> Option<usize> {
    written.parse().ok().or_else(|| numerals::place(written))
}
