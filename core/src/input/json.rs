//! JSON, strictly as RFC 8259 has it.

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::{CollectOptions, ParseOptions, ParseStringErrorKind, parse_to_ast};

use super::fault::{Fault, Faults};
use super::node::{At, MapEntry, Node, NodeContent};

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

pub(super) fn parse(text: &str) -> Result<Node, Faults> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &STRICT).map_err(|error| {
        let at = At::Byte(error.range().start);
        Faults::from(match error.kind() {
            ParseErrorKind::NestingDepthExceeded => Fault::too_deep(at),
            kind => Fault::syntax("JSON", at, said(kind)),
        })
    })?;
    parsed.value.map_or_else(|| Ok(Node::nothing()), |value| node(value, 1))
}

fn node(value: Value, depth: usize) -> Result<Node, Faults> {
    let at = At::Byte(value.start());
    if depth > super::MAX_DEPTH {
        return Err(Fault::too_deep(at).into());
    }
    let content = match value {
        Value::NullKeyword(_) => NodeContent::Null,
        Value::BooleanLit(literal) => NodeContent::Boolean(literal.value),
        Value::NumberLit(literal) => NodeContent::Scalar(literal.value.to_owned()),
        Value::StringLit(literal) => NodeContent::Scalar(literal.value.into_owned()),
        Value::Array(array) => NodeContent::Sequence(
            array.elements.into_iter().map(|value| node(value, depth + 1)).collect::<Result<_, _>>()?,
        ),
        Value::Object(object) => {
            let entry = |property: jsonc_parser::ast::ObjectProp| {
                Ok(MapEntry {
                    at: At::Byte(property.name.start()),
                    key: property.name.into_string(),
                    value: node(property.value, depth + 1)?,
                })
            };
            NodeContent::Map(object.properties.into_iter().map(entry).collect::<Result<_, Faults>>()?)
        }
    };
    Ok(Node { at, content })
}

/// What the parser found, in words for the writer.
fn said(kind: &ParseErrorKind) -> &'static str {
    use ParseErrorKind::*;
    match kind {
        UnterminatedObject => "对象没有写完，缺少右花括号 }",
        UnterminatedArray => "数组没有写完，缺少右方括号 ]",
        String(ParseStringErrorKind::UnterminatedStringLiteral) => "字符串没有写完，缺少右引号",
        String(ParseStringErrorKind::InvalidUnicodeEscapeSequence(_)) => {
            "\\u 后面的编码不是一个字符（代理项必须成对）"
        }
        String(_) => "字符串里的反斜线写法不对",
        ExpectedComma => "两项之间缺少逗号",
        TrailingCommasNotAllowed => "最后一项后面多了逗号",
        ExpectedColonAfterObjectKey => "字段名后面缺少冒号",
        ExpectedObjectValue => "冒号后面没有值",
        ExpectedStringObjectProperty | UnexpectedWord => "文字和字段名都要加双引号",
        SingleQuotedStringsNotAllowed => "引号应为双引号",
        CommentsNotAllowed | UnterminatedCommentBlock => "不能写注释",
        MultipleRootJsonValues => "报告结束以后还有多余的内容",
        UnexpectedCloseBrace | UnexpectedCloseBracket => "多了一个右括号",
        UnexpectedComma => "多了一个逗号",
        UnexpectedColon => "多了一个冒号",
        ExpectedDigit
        | ExpectedDigitFollowingNegativeSign
        | ExpectedPlusMinusOrDigitInNumberLiteral
        | BareDecimalPointNumbersNotAllowed
        | HexadecimalNumbersNotAllowed
        | NonFiniteNumbersNotAllowed
        | UnaryPlusNumbersNotAllowed => "数的写法不对",
        _ => "这里的写法不对",
    }
}
