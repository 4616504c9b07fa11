//! The values of a report's fields. Each is checked once, when it is built, and cannot be wrong
//! afterwards. In the input every scalar is the characters that were written; only the field's
//! type says what they mean, so an unquoted `370214` is as good a code as a quoted one.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use deserr::{
    DeserializeError, Deserr, ErrorKind, IntoValue, Value, ValueKind, ValuePointerRef, take_cf_content,
};
use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use crate::language::entries::{self, NumberEntry};
use crate::language::invisible;

/// Why a value cannot be built: a Chinese sentence for the writer of the report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unfit(pub String);

/// Text of any length. A line feed in it begins a new line (in a title) or paragraph (in a body).
/// It holds no control, bidirectional or otherwise invisible characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Text(String);

/// Text of one line; may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Line(String);

/// Text of one line that says something: a name, a title of an attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Name(String);

/// A year that a report can be about or dated in: 2000 to 2099.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Year(u16);

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(time::Date);

/// A positive whole number of at most six digits: a copy's, a document's, a problem's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Ordinal(u32);

/// The value of an indicator, in the digits it was written in. 0, 无 and 不适用 are three
/// different things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndicatorValue {
    /// A decimal number as it was written: `98.10` stays `98.10`.
    Number(String),
    /// 无: there was nothing of the kind.
    Nil,
    /// 不适用: the indicator does not apply to this unit.
    NotApplicable,
}

impl IndicatorValue {
    /// The value as a number that can be computed with: nothing of the kind is 0.
    pub fn number(&self) -> Option<Decimal> {
        match self {
            Self::Number(digits) => Decimal::from_str(digits).ok(),
            Self::Nil => Some(Decimal::ZERO),
            Self::NotApplicable => None,
        }
    }
}

impl FromStr for Text {
    type Err = Unfit;

    fn from_str(written: &str) -> Result<Self, Unfit> {
        // A block scalar of YAML ends in a line feed that nobody meant, and a Windows desk ends
        // its lines in two characters.
        let text = written.replace("\r\n", "\n");
        let text = text.trim_end_matches('\n');
        match text.chars().find(|c| *c != '\n' && invisible::is_invisible(*c)) {
            Some(c) => Err(Unfit(format!(
                "含有看不见的字符 U+{:04X}（{}），请删除后重新输入",
                c as u32,
                invisible::name(c)
            ))),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl FromStr for Line {
    type Err = Unfit;

    fn from_str(written: &str) -> Result<Self, Unfit> {
        let text = Text::from_str(written)?;
        if text.contains('\n') {
            return Err(Unfit("只能写一行，请去掉其中的换行".into()));
        }
        Ok(Self(text.0))
    }
}

impl FromStr for Name {
    type Err = Unfit;

    fn from_str(written: &str) -> Result<Self, Unfit> {
        let line = Line::from_str(written)?;
        if line.trim().is_empty() {
            return Err(Unfit("不能为空，请填写".into()));
        }
        Ok(Self(line.0))
    }
}

impl FromStr for Year {
    type Err = Unfit;

    fn from_str(written: &str) -> Result<Self, Unfit> {
        match entries::year(written) {
            Some(year @ 2000..=2099) => Ok(Self(year)),
            _ => Err(Unfit(format!("应为 2000 至 2099 之间的四位年份，现在是{}", quoted(written)))),
        }
    }
}

impl FromStr for Date {
    type Err = Unfit;

    /// Reads `2025-02-28`, `2025年2月28日` and whatever else can only be that day: 2025/2/28, 20250228.
    fn from_str(written: &str) -> Result<Self, Unfit> {
        let day = entries::day(written).and_then(|day| {
            let mut parts = day.split('-');
            let year = Year::from_str(parts.next()?).ok()?;
            let month = time::Month::try_from(whole::<u8>(parts.next()?)?).ok()?;
            time::Date::from_calendar_date(year.0.into(), month, whole(parts.next()?)?).ok()
        });
        day.map(Self).ok_or_else(|| {
            Unfit(format!("应为日历上有的日期，如 2025-02-28 或 2025年2月28日，现在是{}", quoted(written)))
        })
    }
}

impl FromStr for Ordinal {
    type Err = Unfit;

    fn from_str(written: &str) -> Result<Self, Unfit> {
        match whole(written) {
            Some(number @ 1..=999_999) => Ok(Self(number)),
            _ => Err(Unfit(format!("应为 1 至 999999 的整数，现在是{}", quoted(written)))),
        }
    }
}

impl FromStr for IndicatorValue {
    type Err = Unfit;

    fn from_str(written: &str) -> Result<Self, Unfit> {
        let entry = match written {
            "无" => return Ok(Self::Nil),
            "不适用" => return Ok(Self::NotApplicable),
            number if is_decimal(number) => return Ok(Self::Number(number.to_owned())),
            other => entries::number(other),
        };
        let advice = match entry {
            // １６０４, 1,604: another writing of the same.
            Some(NumberEntry { digits, unit, is_approximate: false }) if unit.is_empty() => {
                return Ok(Self::Number(digits));
            }
            Some(NumberEntry { digits, is_approximate: true, .. }) => {
                format!("；是约数的，请填 {digits}，并标明是约数")
            }
            Some(NumberEntry { digits, unit, .. }) => format!("；请填 {digits}，“计量单位”填“{unit}”"),
            None => String::new(),
        };
        Err(Unfit(format!(
            "应为数（如 666 或 98.10，不带单位）、“无”或“不适用”，现在是{}{advice}",
            quoted(written)
        )))
    }
}

impl Year {
    pub fn number(self) -> u16 {
        self.0
    }

    /// The year that follows, to which the plans belong.
    pub fn next(self) -> u16 {
        self.0 + 1
    }
}

impl Date {
    pub fn year(self) -> i32 {
        self.0.year()
    }

    pub fn month(self) -> u8 {
        self.0.month().into()
    }

    pub fn day(self) -> u8 {
        self.0.day()
    }

    /// How many days there are to another; negative where that has passed.
    pub fn days_until(self, other: Self) -> i64 {
        (other.0 - self.0).whole_days()
    }
}

impl Ordinal {
    pub fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year(), self.month(), self.day())
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for IndicatorValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number(digits) => digits,
            Self::Nil => "无",
            Self::NotApplicable => "不适用",
        })
    }
}

impl Serialize for IndicatorValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

macro_rules! deref_to_str {
    ($($type:ty),*) => {$(
        impl Deref for $type {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }
    )*};
}
deref_to_str!(Text, Line, Name);

macro_rules! read_from_characters {
    ($($type:ty),*) => {$(
        impl<E: DeserializeError> Deserr<E> for $type {
            fn deserialize_from_value<V: IntoValue>(
                value: Value<V>,
                location: ValuePointerRef,
            ) -> Result<Self, E> {
                let fault = match value {
                    Value::String(written) => match written.parse() {
                        Ok(built) => return Ok(built),
                        Err(Unfit(msg)) => ErrorKind::Unexpected { msg },
                    },
                    actual => ErrorKind::IncorrectValueKind { actual, accepted: &[ValueKind::String] },
                };
                Err(take_cf_content(E::error(None, fault, location)))
            }
        }
    )*};
}
read_from_characters!(Text, Line, Name, Year, Date, Ordinal, IndicatorValue);

macro_rules! schema {
    ($($type:ty => $name:literal $schema:tt),* $(,)?) => {$(
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}
schema! {
    Text => "Text" { "type": "string" },
    Line => "Line" { "type": "string", "pattern": "^[^\\n]*$" },
    Name => "Name" { "type": "string", "pattern": "^[^\\n]*\\S[^\\n]*$" },
    Year => "Year" { "type": "integer", "minimum": 2000, "maximum": 2099 },
    Date => "Date" { "type": "string", "anyOf": [
        { "format": "date", "pattern": "^20\\d\\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$" },
        { "pattern": "^20\\d\\d年(0?[1-9]|1[0-2])月(0?[1-9]|[12]\\d|3[01])日$" },
    ] },
    Ordinal => "Ordinal" { "type": "integer", "minimum": 1, "maximum": 999999 },
    IndicatorValue => "IndicatorValue" { "anyOf": [
        { "type": "number" },
        { "type": "string", "pattern": "^-?\\d+(\\.\\d+)?$" },
        { "type": "string", "enum": ["无", "不适用"] },
    ] },
}

/// A whole number in digits alone: Rust would read a plus before them.
fn whole<T: FromStr>(written: &str) -> Option<T> {
    written.bytes().all(|byte| byte.is_ascii_digit()).then(|| written.parse().ok())?
}

fn is_decimal(written: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match written.strip_prefix('-').unwrap_or(written).split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(written.strip_prefix('-').unwrap_or(written)),
    }
}

/// A value as a message quotes it: no longer than a glance.
fn quoted(written: &str) -> String {
    match written.chars().count() {
        0 => "空的".into(),
        1..=40 => format!("“{}”", written.escape_debug()),
        _ => format!("“{}……”", written.chars().take(40).collect::<String>().escape_debug()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is<T: FromStr>(written: &str) -> bool {
        written.parse::<T>().is_ok()
    }

    #[test]
    fn days_of_the_calendar_are_dates_and_no_others() {
        for written in
            ["2025-02-28", "2024-02-29", "2025年2月28日", "2025/2/28", "20250228", "2000-01-01", "2099-12-31"]
        {
            assert!(is::<Date>(written), "{written}");
        }
        for written in [
            "",
            "2025",
            "2025-02",
            "2025-02-29",
            "2025-02-31",
            "2025-13-01",
            "2025-00-10",
            "1999-12-31",
            "2100-01-01",
            "2025/02",
            "2025-02-28T00:00:00Z",
            "2025-2月28日",
            "+2025-02-28",
            "2025-+2-28",
            "日",
            "年月日",
            "99999-01-01",
            "-2025-01-01",
        ] {
            assert!(!is::<Date>(written), "{written}");
        }
        assert_eq!("2025年2月8日".parse::<Date>().unwrap().to_string(), "2025-02-08");
        let day = |written: &str| written.parse::<Date>().unwrap();
        assert_eq!(day("2024-02-28").days_until(day("2024-03-01")), 2);
        assert_eq!(day("2025-01-01").days_until(day("2024-12-31")), -1);
    }

    #[test]
    fn numbers_are_digits_within_their_bounds() {
        assert!(is::<Year>("2024年") && is::<Year>("２０２４"));
        assert!(is::<Year>("2000") && is::<Year>("2099") && is::<Ordinal>("1") && is::<Ordinal>("999999"));
        for written in
            ["", "1999", "2100", "+2024", "-2024", "2024.0", "24年", "二〇二四", "9".repeat(99).as_str()]
        {
            assert!(!is::<Year>(written), "{written}");
        }
        for written in ["", "0", "-1", "+1", "1000000", "1.0", "１"] {
            assert!(!is::<Ordinal>(written), "{written}");
        }
        assert_eq!("2099".parse::<Year>().unwrap().next(), 2100);
    }

    #[test]
    fn an_indicator_keeps_its_digits() {
        for written in ["0", "98.10", "-3", "0012", "无", "不适用"] {
            assert_eq!(written.parse::<IndicatorValue>().unwrap().to_string(), written);
        }
        assert_eq!("１,604".parse::<IndicatorValue>().unwrap().to_string(), "1604");
        for written in ["", "-", ".5", "5.", "16,04", "1e5", "386件", "98%", "--1", "约1", "nan"] {
            assert!(!is::<IndicatorValue>(written), "{written}");
        }
        assert_eq!("无".parse::<IndicatorValue>().unwrap().number(), Some(Decimal::ZERO));
        assert_eq!("不适用".parse::<IndicatorValue>().unwrap().number(), None);
    }

    #[test]
    fn texts_say_what_is_seen() {
        assert_eq!(&*"甲\r\n乙\n\n".parse::<Text>().unwrap(), "甲\n乙");
        for hidden in ["甲\u{202E}乙", "\u{200B}", "甲\u{FEFF}", "\0", "甲\t乙", "甲\r乙", "\u{E0041}"]
        {
            assert!(!is::<Text>(hidden), "{hidden:?}");
        }
        assert!(!is::<Line>("甲\n乙") && is::<Line>("") && is::<Line>("甲\n"));
        assert!(!is::<Name>("") && !is::<Name>(" 　") && is::<Name>("#read(\"/etc/passwd\")"));
    }

    #[test]
    fn a_message_quotes_no_more_than_a_glance() {
        let Unfit(message) = "9".repeat(1_000_000).parse::<Year>().unwrap_err();
        assert!(message.len() < 200, "{message}");
        let Unfit(message) = "\u{202E}2024".parse::<Year>().unwrap_err();
        assert!(!message.contains('\u{202E}'), "{message}");
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_as_it_was(written in "20[0-9]{2}-[0-9]{2}-[0-9]{2}") {
            if let Ok(date) = written.parse::<Date>() {
                prop_assert_eq!(date.to_string(), written);
            }
        }
    }
}
