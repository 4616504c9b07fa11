//! Sentences, and texts as far as they are shown.

use std::ops::Range;

/// The sentences of a text as ranges of bytes, without the marks that end them.
pub fn sentences(text: &str) -> impl Iterator<Item = Range<usize>> {
    split(text, &['。', '！', '？', '\n'])
}

/// The same, ended by a semicolon as well.
pub fn half_sentences(text: &str) -> impl Iterator<Item = Range<usize>> {
    split(text, &['。', '！', '？', '；', ';', '\n'])
}

/// The parts of `text` between these marks that say something, as ranges of bytes.
fn split<'a>(text: &'a str, marks: &'a [char]) -> impl Iterator<Item = Range<usize>> + 'a {
    let start = text.as_ptr() as usize;
    // 汉字 are most of a text and no marks.
    let is_mark = move |c: char| !matches!(c, '\u{4E00}'..='\u{9FFF}') && marks.contains(&c);
    text.split(is_mark).map(str::trim).filter(|part| !part.is_empty()).map(move |part| {
        let begin = part.as_ptr() as usize - start;
        begin..begin + part.len()
    })
}

/// The beginning of a text, for a message.
pub fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}……", &text[..end]),
        None => text.to_owned(),
    }
}
