//! Words of others where they could be more than words: in a cell that a spreadsheet takes for a formula, in
//! the name of a file, in a line of a list.

use std::borrow::Cow;

use crate::language::invisible::is_invisible;

/// Whether a character leaves no trace, but changes what is seen or where a line ends. Those that fill a place
/// with nothing are among them.
fn is_hidden(c: char) -> bool {
    is_invisible(c)
        || matches!(c, '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{2800}')
        || matches!(c, '\u{3164}' | '\u{FFA0}' | '\u{1D173}'..='\u{1D17A}')
}

/// A text in one line that shows all that is in it: what leaves no trace is told by its number.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 10);
    for c in text.chars() {
        match is_hidden(c) {
            true => shown += &format!("〔U+{:04X}〕", c as u32),
            false => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// A text as a part of a file's name: what some system takes for more than a name is a low line.
pub fn in_file_name(text: &str) -> String {
    let is_more = |c: char| is_hidden(c) || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
    text.chars().map(|c| if is_more(c) { '_' } else { c }).collect()
}

/// A cell that a spreadsheet shows and never computes. Some pass over white space, and take the wide forms of
/// the marks for the marks.
pub fn as_cell(text: &str) -> String {
    let shown = visible(text);
    match shown.trim_start().starts_with(begins_formula) {
        true => format!("'{shown}"),
        false => shown.into_owned(),
    }
}

/// The marks that begin a formula, with their wide, small, raised and lowered forms.
fn begins_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '﹦' | '﹢' | '﹣' | '﹫')
        || matches!(c, '\u{2212}' | '⁺' | '⁻' | '⁼' | '₊' | '₋' | '₌' | '\u{2795}' | '\u{2796}')
}
