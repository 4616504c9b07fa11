//! A text in pieces, each of characters that Word takes from one face.

use minijinja::{Value, context};

/// Characters of the Latin face, as in gongwen/faces.typ.
fn is_latin(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | ',' | '%' | ' ')
}

/// Whether a character stands in Latin faces, too, so that Word asks those for it, and is to be Chinese all
/// the same: “ ” — … ·
fn is_mark(c: char) -> bool {
    c < '\u{2E80}' && !is_latin(c)
}

/// The pieces of a text: each with its `text`, and whether it `is_mark`.
pub(super) fn pieces(text: &Value) -> Vec<Value> {
    let text = text.to_string();
    let mut pieces = Vec::new();
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let is_mark = is_mark(first);
        let end = rest.find(|c| self::is_mark(c) != is_mark).unwrap_or(rest.len());
        pieces.push(context! { text => &rest[..end], is_mark });
        rest = &rest[end..];
    }
    pieces
}

/// How wide a text is, in characters: those of the Latin face are about half as wide.
pub(super) fn cells(text: &str) -> f64 {
    text.chars().map(cells_of).sum()
}

/// How wide a character is.
pub(super) fn cells_of(c: char) -> f64 {
    match c {
        '.' | ',' => 0.25,
        '%' => 0.83,
        c if is_latin(c) => 0.5,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_that_latin_faces_have_stand_by_themselves() {
        let cut = |text: &str| -> Vec<String> {
            let pieces = pieces(&Value::from(text));
            pieces.iter().map(|piece| piece.get_attr("text").unwrap().to_string()).collect()
        };
        assert_eq!(cut("在“码头”办结12.5%，"), ["在", "“", "码头", "”", "办结12.5%，"]);
        assert_eq!(cut("——一是"), ["——", "一是"]);
        assert_eq!(cut(""), [""; 0]);
        assert_eq!(cut("(a-b)"), ["(", "a", "-", "b", ")"]);
    }
}
