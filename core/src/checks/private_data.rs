use std::sync::LazyLock;

use super::Reading;
use super::reading::{MOST, Passage};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::lists::Pattern;
use crate::report::Edition;

code! {
    /// 个人信息
    ///
    /// 公开版里有身份证号、手机号或者银行卡号。公开的报告不得泄露个人信息（《政府信息公开条例》第十五条、《个人信息保护法》第二十五条）。
    ///
    /// 错误：联系人手机13800000000。
    ///
    /// 正确：咨询电话12348；或者写作138****0000。
    ///
    /// 身份证号、银行卡号要校验位对得上才算；后面跟着“元”“件”等单位的数不算；报送版不检查。
    ///
    /// 看不出：姓名、住址、车牌、护照号；校验位写错了的证件号。
    pub(super) PRIVATE_DATA = "private-data", Error
}

/// Digits as such numbers are written: in one piece, or with spaces or hyphens between groups.
pub(super) static DIGITS: LazyLock<Pattern> =
    LazyLock::new(|| Pattern::new(r"[0-9０-９][0-9０-９ \-]{9,26}[0-9０-９XxＸｘ]"));

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    if reading.report.edition != Edition::Public {
        return vec![];
    }
    reading.rare_passages(&DIGITS).flat_map(in_passage).collect()
}

fn in_passage(passage: &Passage) -> Vec<Diagnostic> {
    let text = &passage.text;
    let runs = DIGITS.find_iter(text).filter(|run| {
        let before = text[..run.start()].chars().next_back();
        let after = text[run.end()..].chars().next();
        let goes_on = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '.' || c == '*');
        let is_amount = after.is_some_and(|c| "元件人个次万亿条项户%".contains(c));
        !goes_on(before) && !goes_on(after) && !is_amount
    });
    runs.filter_map(|run| {
        // Two numbers may stand side by side.
        let kind = kind_of(&digits(run.as_str()))
            .or_else(|| run.as_str().split(' ').find_map(|piece| kind_of(&digits(piece))))?;
        let message = format!("“{}”里有{kind}", passage.label());
        Some(passage.at(&PRIVATE_DATA, run.range(), message, "请删除，或者用 * 遮去中间几位"))
    })
    .collect()
}

/// The digits of a number as it is written, half-width and without what stands between them.
fn digits(written: &str) -> String {
    let narrow = |c: char| match c {
        '０'..='９' | 'Ｘ' | 'ｘ' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        other => other,
    };
    written.chars().map(narrow).filter(char::is_ascii_alphanumeric).take(MOST).collect()
}

/// What such a number is, if it is one.
fn kind_of(digits: &str) -> Option<&'static str> {
    let values: Vec<u32> = digits.chars().map_while(|c| c.to_digit(10)).collect();
    match (digits.len(), values.len()) {
        (18, 17 | 18) if is_identity(digits, &values) => Some("身份证号"),
        (11, 11) if values[0] == 1 && values[1] >= 3 => Some("手机号"),
        // With the country's prefix.
        (13, 13) | (15, 15) => kind_of(digits.strip_prefix("00").unwrap_or(digits).strip_prefix("86")?),
        (16..=19, all) if all == digits.len() && matches!(values[0], 3..=6) && is_luhn(&values) => {
            Some("银行卡号")
        }
        _ => None,
    }
}

/// GB 11643-1999: a place, a day of birth, a sequence, and a check character.
fn is_identity(digits: &str, values: &[u32]) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = WEIGHTS.iter().zip(values).map(|(weight, value)| weight * value).sum();
    let check = b"10X98765432"[(sum % 11) as usize];
    let year = values[6] * 1000 + values[7] * 100 + values[8] * 10 + values[9];
    let month = values[10] * 10 + values[11];
    digits.as_bytes()[17].to_ascii_uppercase() == check
        && (1900..2100).contains(&year)
        && (1..=12).contains(&month)
}

/// The check digit of cards (ISO/IEC 7812-1).
fn is_luhn(values: &[u32]) -> bool {
    let doubled = |value: u32| if value > 4 { value * 2 - 9 } else { value * 2 };
    let sum: u32 = values
        .iter()
        .rev()
        .enumerate()
        .map(|(place, value)| if place % 2 == 1 { doubled(*value) } else { *value })
        .sum();
    sum.is_multiple_of(10)
}
