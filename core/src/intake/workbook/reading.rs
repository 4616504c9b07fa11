//! What people write into a cell, as its field takes it: 1604项 is 1604, 2025.2.18 is a day, √ is yes. Understood
//! where it can mean one thing only, and told; else refused with what to write instead.

use std::str::FromStr;

use serde_json::{Value, json};

use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::entries::{self, NumberEntry};
use crate::language::lists;
use crate::report::fields::{self, Entry, Field};
use crate::report::path::Segment;
use crate::report::{Date, FieldPath, IndicatorValue, Ordinal, Year, contract};

code! {
    /// 按意思读入
    ///
    /// 征集表里写的不是规定的写法，但只能是一个意思，程序就按这个意思读了进来，并在这里说明：全角数字、分节号、带计量单位的数、“约”“余”、2025.2.18 一类的日期、√ 等等。
    ///
    /// 如：“数值”写的是“1,604项”，按 1604 读入
    ///
    /// 读得对的不用改；不对的，请改正这一格。
    pub READ_AS = "read-as", Note
}

/// What an entry comes to.
pub(super) enum EntryVerdict {
    /// The contract says whether it does.
    AsWritten,
    /// It can only mean this.
    Meant(EntrySense),
    /// It can mean several things: why, and what to write instead.
    Unclear(String, String),
}

/// What somebody meant.
pub(super) struct EntrySense {
    /// As the contract has it; null where nothing was meant.
    pub value: Value,
    /// What it says of fields beside it.
    pub beside: Vec<(&'static str, Value)>,
    /// For people.
    pub words: String,
}

impl EntrySense {
    /// The note that says how an entry was read.
    pub(super) fn told(&self, path: FieldPath, written: &str) -> Diagnostic {
        let written: String = written.chars().take(LONGEST_TOLD).collect();
        let label = contract::label(&path);
        let message = format!("“{label}”写的是“{}”，{}", written.escape_debug(), self.words);
        READ_AS.at(path, message, "读得对的不用改；不对的，请改正这一格")
    }

    fn of(value: impl Into<Value>, words: impl Into<String>) -> EntryVerdict {
        EntryVerdict::Meant(Self { value: value.into(), beside: vec![], words: words.into() })
    }
}

/// How much of an entry a message quotes, in characters.
const LONGEST_TOLD: usize = 40;

/// What an entry of a report's field comes to; `beside` has the entries of the fields beside it.
pub(super) fn reading(
    path: &FieldPath,
    written: &str,
    beside: &dyn Fn(&str) -> Option<String>,
) -> EntryVerdict {
    let Some(field) = fields::find(path) else { return EntryVerdict::AsWritten };
    let written = written.trim();
    let is_plain = |kind: &EntryKind| match kind {
        EntryKind::Figure => {
            IndicatorValue::from_str(written).is_ok_and(|value| value.to_string() == written)
        }
        EntryKind::Year | EntryKind::Ordinal => written.bytes().all(|byte| byte.is_ascii_digit()),
        EntryKind::Date => {
            let is_usual = |c: char| c.is_ascii_digit() || matches!(c, '-' | '年' | '月' | '日');
            written.contains(['-', '日']) && written.chars().all(is_usual)
        }
        EntryKind::Mark | EntryKind::Choice | EntryKind::Ordinals | EntryKind::Line | EntryKind::Text => {
            written.is_empty()
        }
    };
    let Some(kind) = kind(path, field).filter(|kind| !is_plain(kind)) else { return EntryVerdict::AsWritten };
    if let Some(nothing) = nothing(kind, field, written) {
        return nothing;
    }
    match kind {
        EntryKind::Figure => figure(path, written, beside),
        EntryKind::Year => match Year::from_str(written) {
            Ok(year) => as_number(year.number().into()),
            Err(_) => EntryVerdict::AsWritten,
        },
        EntryKind::Ordinal => match entries::place(written) {
            Some(place) => as_number(place),
            None => EntryVerdict::AsWritten,
        },
        EntryKind::Ordinals => ordinals(written),
        EntryKind::Date => match Date::from_str(written) {
            Ok(day) => EntrySense::of(day.to_string(), format!("按 {day} 读入")),
            Err(_) => EntryVerdict::AsWritten,
        },
        EntryKind::Mark => mark(written),
        EntryKind::Choice => choice(field, written),
        EntryKind::Line | EntryKind::Text => EntryVerdict::AsWritten,
    }
}

/// What a field takes, as far as it matters here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum EntryKind {
    Figure,
    Year,
    Ordinal,
    Ordinals,
    Date,
    Mark,
    Choice,
    Line,
    Text,
}

fn kind(path: &FieldPath, field: &Field) -> Option<EntryKind> {
    let is_indicator = path.first_key() == "indicators";
    Some(match (&field.entry, field.key) {
        (_, "value" | "previous") if is_indicator => EntryKind::Figure,
        (Entry::Number, "year") => EntryKind::Year,
        (Entry::Number, _) => EntryKind::Ordinal,
        (Entry::Numbers, _) => EntryKind::Ordinals,
        (Entry::Date, _) => EntryKind::Date,
        (Entry::Mark, _) => EntryKind::Mark,
        (Entry::Choice(_), _) => EntryKind::Choice,
        (Entry::Line | Entry::Lines, _) => EntryKind::Line,
        (Entry::Text, _) => EntryKind::Text,
        _ => return None,
    })
}

/// What a stroke means, or 无: in a field that need not be filled in, nothing.
fn nothing(kind: EntryKind, field: &Field, written: &str) -> Option<EntryVerdict> {
    let is_stroke = entries::is_stroke(written);
    let says_nothing = if kind == EntryKind::Text { is_stroke } else { entries::is_nothing(written) };
    if !says_nothing || kind == EntryKind::Mark {
        return None;
    }
    // Of a figure 无 is a value of its own.
    Some(match (field.is_required, kind) {
        (true, EntryKind::Figure) => EntryVerdict::Unclear(
            format!("写的是“{written}”，不知道是没有、不适用，还是没有填"),
            "没有的填“无”，不适用的填“不适用”，有的填数，如 1604".into(),
        ),
        (true, _) => return None,
        (false, _) if field.default.is_empty() => EntrySense::of(Value::Null, "按没有填读入"),
        (false, EntryKind::Line) => EntrySense::of("", "按空着读入"),
        (false, _) => EntrySense::of(Value::Null, "按没有填读入，用默认的"),
    })
}

fn as_number(number: usize) -> EntryVerdict {
    EntrySense::of(number.to_string(), format!("按 {number} 读入"))
}

fn figure(path: &FieldPath, written: &str, beside: &dyn Fn(&str) -> Option<String>) -> EntryVerdict {
    let bare = entries::narrow(written);
    let bare = bare.trim_end_matches('。');
    if let Ok(value) = IndicatorValue::from_str(bare) {
        return EntrySense::of(value.to_string(), format!("按 {value} 读入"));
    }
    let Some(NumberEntry { digits, unit, is_approximate }) = entries::number(written) else {
        return EntryVerdict::Unclear(
            format!("写的是“{}”，不是一个数", shortened(written)),
            "只填一个数，如 1604、98.10；说明写到正文里。没有的填“无”，不适用的填“不适用”".into(),
        );
    };
    let said = |key| beside(key).map(|text| entries::narrow(&text)).filter(|text| !text.is_empty());
    let mut meaning =
        EntrySense { value: digits.as_str().into(), beside: vec![], words: format!("按 {digits} 读入") };
    match said("unit") {
        Some(known) if !unit.is_empty() && known != unit => {
            return EntryVerdict::Unclear(
                format!("写的是“{}”，“计量单位”却是“{known}”", shortened(written)),
                format!("只填数：要么数值填 {digits}、计量单位填“{unit}”，要么换算成“{known}”的数"),
            );
        }
        None if !unit.is_empty() => {
            meaning.beside.push(("unit", json!(unit)));
            meaning.words += &format!("，计量单位按“{unit}”");
        }
        _ => {}
    }
    if is_approximate {
        let is_previous = matches!(path.segments().last(), Some(Segment::Key(key)) if &**key == "previous");
        let is_denied = said("approximate").is_some_and(|text| entries::mark(&text) == Some(false));
        if is_previous || is_denied {
            return EntryVerdict::Unclear(
                format!("写的是约数“{}”", shortened(written)),
                match is_previous {
                    true => format!("“上年数值”要填确数；只有约数的填 {digits}，并在正文里说明"),
                    false => format!("是约数的，“约数”选“是”，数值填 {digits}；不是的，填确数"),
                },
            );
        }
        meaning.beside.push(("approximate", json!(true)));
        meaning.words += "，记作约数";
    }
    EntryVerdict::Meant(meaning)
}

fn shortened(written: &str) -> String {
    written.chars().take(LONGEST_TOLD).collect::<String>().escape_debug().to_string()
}

/// 第1条、第3条; 一、三.
fn ordinals(written: &str) -> EntryVerdict {
    let parts =
        written.split(|c: char| c.is_whitespace() || matches!(c, '、' | '，' | ',' | '；' | ';' | '和'));
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    if parts.iter().all(|part| Ordinal::from_str(part).is_ok()) {
        return EntryVerdict::AsWritten;
    }
    let places: Option<Vec<String>> =
        parts.iter().map(|part| entries::place(part).map(|place| place.to_string())).collect();
    match places {
        Some(places) if !places.is_empty() => {
            EntrySense::of(places.clone(), format!("按 {} 读入", places.join("、")))
        }
        _ => EntryVerdict::AsWritten,
    }
}

fn mark(written: &str) -> EntryVerdict {
    let read = match entries::is_nothing(written) {
        true => Some(false),
        false => entries::mark(written),
    };
    match read {
        Some(_) if matches!(written, "是" | "否" | "true") => EntryVerdict::AsWritten,
        Some(yes) => EntrySense::of(yes, format!("按“{}”读入", if yes { "是" } else { "否" })),
        None => EntryVerdict::AsWritten,
    }
}

/// A choice by another of its names (区级 for 县级), or by the beginning of its own.
fn choice(field: &Field, written: &str) -> EntryVerdict {
    let Entry::Choice(choices) = &field.entry else { return EntryVerdict::AsWritten };
    let entry = entries::narrow(written);
    if choices.iter().any(|(value, word)| *value == written || *word == written) {
        return EntryVerdict::AsWritten;
    }
    let named = || {
        lists::lines(include_str!("choices.txt")).find_map(|line| {
            let mut names = line.split_whitespace();
            let word = names.next()?;
            let (value, _) = choices.iter().find(|(_, known)| *known == word)?;
            names.any(|name| name == entry).then_some((*value, word))
        })
    };
    let same = choices.iter().find(|(_, word)| *word == entry).copied();
    let mut begun = choices.iter().filter(|(_, word)| entry.chars().count() >= 2 && word.starts_with(&entry));
    let begun = begun.next().filter(|_| begun.next().is_none()).copied();
    match same.or_else(named).or(begun) {
        Some((value, word)) => EntrySense::of(value, format!("按“{word}”读入")),
        None => EntryVerdict::AsWritten,
    }
}
