//! What is wrong with the parameters of an address: which one it is, and what it may be.

use std::fmt::Display;

use axum::extract::rejection::QueryRejection;
use axum::http::StatusCode;

use super::answer::{Refusal, Said};

impl Refusal {
    /// What the reader of a query refused. It tells in English, in the words of serde.
    pub(super) fn of_query(rejection: QueryRejection) -> Self {
        Self::of_address(&in_words(&rejection.body_text()))
    }

    /// A parameter that is not what it may be.
    pub(super) fn bad_parameter(name: &str, allowed: impl Display) -> Self {
        Self::of_address(&format!("网址里的参数 {name} 不对，可以是：{allowed}"))
    }

    pub(super) fn of_address(message: &str) -> Self {
        let said = Said { message: message.to_owned().into(), hint: "可用的参数见 /api/openapi.json" };
        Self::Other(StatusCode::BAD_REQUEST, said)
    }
}

/// How much of what was sent is said again, in characters.
const LONGEST: usize = 40;

fn in_words(said: &str) -> String {
    let said = said.strip_prefix("Failed to deserialize query string: ").unwrap_or(said);
    let shown = |text: &str| text.chars().take(LONGEST).collect::<String>().escape_debug().to_string();
    let named = |before: &str| match before.trim_end_matches(": ") {
        "" => "参数".to_owned(),
        name => format!("参数 {} ", shown(name)),
    };
    let about = |kind: &str| {
        let (before, after) = said.split_once(kind)?;
        let (value, expected) = after.split_once('`').unwrap_or((after, ""));
        Some((named(before), shown(value), listed(expected)))
    };
    if let Some((_, field, known)) = about("unknown field `") {
        return format!("网址里没有参数“{field}”可填，可以填的是：{known}");
    }
    if let Some((_, field, _)) = about("missing field `") {
        return format!("网址里缺少参数 {field}");
    }
    if let Some((_, field, _)) = about("duplicate field `") {
        return format!("网址里的参数 {field} 写了两次");
    }
    if let Some((named, value, known)) = about("unknown variant `") {
        return format!("网址里的{named}不能是“{value}”，可以是：{known}");
    }
    let (name, why) = said.split_once(": ").unwrap_or(("", said));
    let named = named(name);
    if why.starts_with("provided string was not") {
        return format!("网址里的{named}不对，可以是：true、false");
    }
    if ["invalid digit", "number too", "cannot parse integer"].iter().any(|start| why.starts_with(start)) {
        return format!("网址里的{named}不对，应为一个整数");
    }
    format!("网址里的{}不对", named.trim_end())
}

/// What there may be, of ``expected one of `a`, `b` ``.
fn listed(expected: &str) -> String {
    expected.split('`').skip(1).step_by(2).collect::<Vec<_>>().join("、")
}
