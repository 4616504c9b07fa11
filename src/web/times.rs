//! Times as people in China read and write them: the whole country has one.

use time::{Date, Month, OffsetDateTime, UtcOffset};

use super::now;

fn here() -> UtcOffset {
    UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC)
}

fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH).to_offset(here())
}

/// 2026年3月5日 09:30
pub(super) fn in_words(seconds: i64) -> String {
    let time = at(seconds);
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
    let time = at(seconds);
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

/// When a day begins that was written as 2026-03-05.
pub(super) fn beginning_of(day: &str) -> Option<i64> {
    let mut parts = day.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    let date = Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()?;
    Some(date.midnight().assume_offset(here()).unix_timestamp())
}

/// The time in so many days, as somebody wrote them; what is no number is over, which whoever asks then says.
pub(super) fn days_from_now(days: &str) -> i64 {
    let span = days.trim().parse::<i64>().ok().and_then(|days| days.checked_mul(86_400));
    span.and_then(|span| now().checked_add(span)).unwrap_or_default()
}
