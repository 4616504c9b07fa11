//! Times and days as people in China read them: the whole country has one time.

use time::{OffsetDateTime, UtcOffset};

use crate::report::Date;

fn of_china(seconds: i64) -> OffsetDateTime {
    let hour = UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC);
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH).to_offset(hour)
}

/// A time, given in seconds since 1970, in words.
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

/// The day that it is then; none before and behind the years that reports have.
pub(super) fn day_of(seconds: i64) -> Option<Date> {
    let time = of_china(seconds);
    format!("{:04}-{:02}-{:02}", time.year(), u8::from(time.month()), time.day()).parse().ok()
}

/// A day in words.
pub(super) fn day_in_words(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// When a day ends, in seconds since 1970.
pub(super) fn end_of(day: Date) -> i64 {
    let since = day_of(BEGINNING).map_or(0, |first| first.days_until(day));
    BEGINNING + (since + 1) * 86_400
}

/// When the first of all days began: 1 January 2000.
const BEGINNING: i64 = 946_656_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_where_the_next_begins() {
        let day: Date = "2025-03-31".parse().unwrap();
        let end = end_of(day);
        assert_eq!((day_of(end - 1), day_of(end)), (Some(day), "2025-04-01".parse().ok()));
        assert_eq!((in_words(end), day_in_words(day)), ("2025年4月1日 00:00".into(), "2025年3月31日".into()));
    }
}
