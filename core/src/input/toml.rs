//! TOML 1.1. Its own parser tells all faults of the writing at once.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::{Fault, Faults};
use super::node::{At, MapEntry, Node, NodeContent};

pub(super) fn parse(text: &str) -> Result<Node, Faults> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(Node { at: At::Byte(0), content: map(table.into_inner()) });
    }
    Err(errors
        .iter()
        .map(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let is_control = text.as_bytes().get(start).is_some_and(|byte| byte.is_ascii_control());
            if error.message().contains("recursion") {
                return Fault::too_deep(At::Byte(start));
            }
            let said = match error.message() {
                _ if is_control && !matches!(text.as_bytes()[start], b'\n' | b'\r' | b'\t') => {
                    "含有看不见的控制字符，请删除"
                }
                message => said(message),
            };
            Fault::syntax("TOML", At::Byte(start), said)
        })
        .collect())
}

fn node(value: Spanned<DeValue>) -> Node {
    let at = At::Byte(value.span().start);
    let content = match value.into_inner() {
        DeValue::String(characters) => NodeContent::Scalar(characters.into_owned()),
        DeValue::Integer(number) => NodeContent::Scalar(number.to_string()),
        DeValue::Float(number) => NodeContent::Scalar(number.to_string()),
        DeValue::Datetime(moment) => NodeContent::Scalar(moment.to_string()),
        DeValue::Boolean(value) => NodeContent::Boolean(value),
        DeValue::Array(items) => NodeContent::Sequence(items.into_iter().map(node).collect()),
        DeValue::Table(table) => map(table),
    };
    Node { at, content }
}

fn map(table: DeTable) -> NodeContent {
    NodeContent::Map(
        table
            .into_iter()
            .map(|(key, value)| MapEntry {
                at: At::Byte(key.span().start),
                key: key.into_inner().into_owned(),
                value: node(value),
            })
            .collect(),
    )
}

/// What the parser found, in words for the writer.
fn said(message: &str) -> &'static str {
    let about = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if about(&["duplicate", "redefin"]) {
        "同一个字段写了两次"
    } else if about(&["date", "month", "day"]) {
        "日期的写法不对，或者日历上没有这一天"
    } else if about(&["unicode", "scalar value"]) {
        "\\u 后面的编码不是一个字符"
    } else if about(&["string", "quote", "escape"]) {
        "文字要加引号，引号要成对，引号里的反斜线写法要对"
    } else if about(&["array", "inline table", "comma", "table"]) {
        "方括号或花括号没有成对，或者两项之间缺少逗号"
    } else if about(&["key", "equals", "="]) {
        "字段名后面应有等号和值"
    } else {
        "这里的写法不对"
    }
}
