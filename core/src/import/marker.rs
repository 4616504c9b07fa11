//! The numbers that headings and points bear: 一、 （一） 1. （1） 一是.

use crate::language::numerals::{is_place, leading};

/// A kind of number, from the outermost inward (GB/T 9704-2012, 7.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Marker {
    /// 第一部分
    Part,
    /// 一、
    Chapter,
    /// （一）
    Section,
    /// 1.
    Item,
    /// （1）
    SubItem,
}

/// The number that a text begins with, and the text behind it.
pub(super) fn numbered(text: &str) -> Option<(Marker, &str)> {
    let text = text.trim_start();
    if let Some(rest) = text.strip_prefix('第') {
        let (number, rest) = leading(rest)?;
        let rest = rest.strip_prefix("部分")?;
        return (number > 0).then(|| (Marker::Part, rest.trim_start_matches(['、', '：', ':', ' ', '，'])));
    }
    if let Some(rest) = text.strip_prefix(['（', '(']) {
        let (marker, rest) = match leading(rest) {
            Some((_, rest)) => (Marker::Section, rest),
            None => (Marker::SubItem, arabic(rest)?),
        };
        return rest
            .strip_prefix(['）', ')'])
            .map(|rest| (marker, rest.trim_start_matches('、').trim_start()));
    }
    if let Some((_, rest)) = leading(text) {
        return rest
            .trim_start()
            .strip_prefix(['、', '.', '．'])
            .map(|rest| (Marker::Chapter, rest.trim_start()));
    }
    let rest = arabic(text)?.strip_prefix(['.', '．', '、'])?;
    // 5.0 is a number, and 1. a place in a list.
    (!rest.starts_with(|c: char| c.is_ascii_digit())).then(|| (Marker::Item, rest.trim_start()))
}

/// Where the points of a paragraph begin: 一是, 二是, 三是, each after the one before, at the beginning
/// of the paragraph or of a sentence.
pub(super) fn points(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut from = 0;
    let is_start =
        |at: usize| text[..at].is_empty() || text[..at].ends_with(['。', '；', '！', '？', '\n', '”']);
    while let Some(at) = text[from..].find('是').map(|at| from + at) {
        from = at + '是'.len_utf8();
        let numeral: usize = text[..at].chars().rev().take_while(|c| is_place(*c)).map(char::len_utf8).sum();
        let start = at - numeral;
        if leading(&text[start..at]).is_some_and(|(number, _)| number == found.len() + 1) && is_start(start) {
            found.push(start);
        }
    }
    // One alone is no list.
    if found.len() > 1 || text.starts_with("一是") { found } else { vec![] }
}

/// Whether a text begins with 一是 or another of them.
pub(super) fn is_point(text: &str) -> bool {
    leading(text).is_some_and(|(_, rest)| rest.starts_with('是'))
}

/// What stands behind a number of one or two digits.
fn arabic(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (1..=2).contains(&end).then(|| &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_headings_are_known_by_their_form() {
        for (text, expected) in [
            ("第一部分：举措", Some((Marker::Part, "举措"))),
            ("二、存在的不足", Some((Marker::Chapter, "存在的不足"))),
            ("（十二）规范执法", Some((Marker::Section, "规范执法"))),
            ("3．普法", Some((Marker::Item, "普法"))),
            ("（4）普法", Some((Marker::SubItem, "普法"))),
            ("5.0版", None),
            ("2024年", None),
            ("一是普法", None),
            ("第一", None),
            ("（）", None),
            ("（一", None),
            ("", None),
        ] {
            assert_eq!(numbered(text), expected, "{text}");
        }
    }

    #[test]
    fn points_follow_one_another() {
        assert_eq!(points("一是学法。二是用法。"), [0, "一是学法。".len()]);
        assert_eq!(points("一是学法。"), [0]);
        for none in [
            "",
            "是",
            "这是。",
            "是是是",
            "统一是关键",
            "学法：一是",
            "二是用法。三是守法。",
            "二是用法。一是学法。",
        ] {
            assert_eq!(points(none), [0usize; 0], "{none}");
        }
    }
}
