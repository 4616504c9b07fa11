//! Times and days as people in China read and write them: the whole country has one time.

use time::{OffsetDateTime, UtcOffset};

use super::now;
use crate::report::Date;

fn of_china(seconds: i64) -> OffsetDateTime {
    let hour = UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC);
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH).to_offset(hour)
}

/// A time, given in seconds since 1970, in words: 2026年3月5日 09:30.
pub(super) fn in_words(seconds: i64) -> String {
    let time = of_china(seconds);
    format!(
        "{}年{}月{}日 {:02}:{:02}",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute()
    )
}

/// 2026-03-05 09:30:07
pub(super) fn to_the_second(seconds: i64) -> String {
    let time = of_china(seconds);
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// The hour of the day that it is then.
pub(super) fn hour_of(seconds: i64) -> u8 {
    of_china(seconds).hour()
}

/// The day that it is then; none before and behind the years that reports have.
pub(super) fn day_of(seconds: i64) -> Option<Date> {
    let time = of_china(seconds);
    format!("{:04}-{:02}-{:02}", time.year(), u8::from(time.month()), time.day()).parse().ok()
}

/// A day in words.
pub(super) fn day_in_words(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// The last day before a time, in words.
pub(super) fn last_day(end: i64) -> String {
    day_of(end - 1).map(day_in_words).unwrap_or_default()
}

/// When a day ends, in seconds since 1970.
pub(super) fn end_of(day: Date) -> i64 {
    let since = day_of(BEGINNING).map_or(0, |first| first.days_until(day));
    BEGINNING + (since + 1) * DAY
}

/// When a day begins that was written as 2026-03-05.
pub(super) fn beginning_of(day: &str) -> Option<i64> {
    Some(end_of(day.trim().parse().ok()?) - DAY)
}

/// The time in so many days; one that there is not is over, which whoever asks then says.
pub(super) fn in_days(days: i64) -> i64 {
    days.checked_mul(DAY).and_then(|span| now().checked_add(span)).unwrap_or_default()
}

/// The same, as somebody wrote it.
pub(super) fn days_from_now(days: &str) -> i64 {
    days.trim().parse().map_or(0, in_days)
}

/// When the first of all days began: 1 January 2000; and how long one is, in seconds.
const BEGINNING: i64 = 946_656_000;
const DAY: i64 = 86_400;
