//! Headings, told by how they begin (7.3.3).

use super::pattern::pattern;

pattern!(LEVEL_1 = r"^[一二三四五六七八九十]{1,3}、");
pattern!(LEVEL_2 = r"^（[一二三四五六七八九十]{1,3}）");
pattern!(LEVEL_3 = r"^\d{1,2}\.\D");
pattern!(LEVEL_4 = r"^（\d{1,2}）");
// Numbers that are written otherwise.
pattern!(
    STRANGE = r"^(\d{1,2}、|\([一二三四五六七八九十\d]{1,3}\)|（[一二三四五六七八九十\d]{1,3}）、|[一二三四五六七八九十]{1,3}[.．]|\d{1,2}．)"
);

/// 一、 （一） 1. （1）
pub(super) fn level(text: &str) -> Option<usize> {
    [&LEVEL_1, &LEVEL_2, &LEVEL_3, &LEVEL_4]
        .iter()
        .position(|pattern| pattern.is_match(text))
        .map(|at| at + 1)
}

/// 一、 and （一） are headings, in faces of their own; one that is numbered otherwise is one too.
pub(super) fn is_heading(text: &str) -> bool {
    level(text).is_some_and(|level| level <= 2) || STRANGE.is_match(text)
}

/// A number as it is not to be written.
pub(super) fn strange_number(text: &str) -> Option<&str> {
    STRANGE.find(text).map(|found| found.as_str())
}
