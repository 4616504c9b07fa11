use super::Reading;
use super::reading::{Passage, is_chinese};
use crate::code;
use crate::diagnostic::Diagnostic;

code! {
    /// 半角标点
    ///
    /// 中文里的标点用全角；半角的逗号、括号排出来贴着字，直引号分不出前后。从网页上复制的文字常有这种毛病。
    ///
    /// 错误：受理案件386件,审结359件(含结转)。推行"综合查一次"。
    ///
    /// 正确：受理案件386件，审结359件（含结转）。推行“综合查一次”。
    ///
    /// 数字里的（1,234、9:30、1:50）、网址里的、西文里的不算。一段只提一次，并说明共有几处。
    pub(super) HALF_WIDTH_MARK = "half-width-mark", Warning
}

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    reading.passages.iter().filter_map(in_passage).collect()
}

fn in_passage(passage: &Passage) -> Option<Diagnostic> {
    let stray = stray(&passage.text);
    let &(byte, mark) = stray.first()?;
    let count = stray.len();
    let label = passage.label();
    let message = match count {
        1 => format!("“{label}”里有半角的“{mark}”"),
        _ => format!("“{label}”里有半角标点{count}处，第一处是“{mark}”"),
    };
    let hint = format!("请改为全角的{}", full_width(mark));
    Some(passage.at(&HALF_WIDTH_MARK, byte..byte + mark.len_utf8(), message, hint))
}

/// The half-width marks of a Chinese text and where each stands, in bytes. Those of numbers, of
/// addresses and of Western words are none of them.
pub(crate) fn stray(text: &str) -> Vec<(usize, char)> {
    let mut found = Vec::new();
    if !text.bytes().any(|byte| is_half_width(char::from(byte))) {
        return found;
    }
    let mut before = None;
    let mut in_address = false;
    let mut in_entity = false;
    let mut characters = text.char_indices().peekable();
    while let Some((byte, mark)) = characters.next() {
        let after = characters.peek().map(|(_, next)| *next);
        if text[byte..].starts_with("://") {
            in_address = true;
        } else if !mark.is_ascii_graphic() {
            in_address = false;
        }
        // &nbsp; is debris, and its ; no mark.
        in_entity = mark == '&' || in_entity && (mark.is_ascii_alphanumeric() || matches!(mark, '#' | ';'));
        let touches_chinese = before.is_some_and(is_chinese) || after.is_some_and(is_chinese);
        let is_between_digits =
            before.is_some_and(|c: char| c.is_ascii_digit()) && after.is_some_and(|c| c.is_ascii_digit());
        if is_half_width(mark) && touches_chinese && !is_between_digits && !in_address && !in_entity {
            found.push((byte, mark));
        }
        if !mark.is_whitespace() {
            before = Some(mark);
        }
    }
    found
}

fn is_half_width(mark: char) -> bool {
    matches!(mark, ',' | ':' | ';' | '(' | ')' | '!' | '?' | '"' | '\'')
}

fn full_width(mark: char) -> &'static str {
    match mark {
        ',' => "，",
        ':' => "：",
        ';' => "；",
        '(' | ')' => "（）",
        '!' => "！",
        '?' => "？",
        _ => "“”",
    }
}
