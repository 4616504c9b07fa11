//! Sentences, and texts as far as they are shown.

use std::ops::Range;

/// The sentences of a text as ranges of bytes, without the marks that end them.
pub(crate) fn sentences(text: &str) -> impl Iterator<Item = Range<usize>> {
    split(text, &['。', '！', '？', '\n'])
}

/// The same, ended by a semicolon as well.
pub(crate) fn half_sentences(text: &str) -> impl Iterator<Item = Range<usize>> {
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
pub(crate) fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}……", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sentence_stands_where_it_says() {
        let text = "　依法行政。 建设；法治！\n\n。";
        let said = |parts: Vec<Range<usize>>| parts.into_iter().map(|part| &text[part]).collect::<Vec<_>>();
        assert_eq!(said(sentences(text).collect()), ["依法行政", "建设；法治"]);
        assert_eq!(said(half_sentences(text).collect()), ["依法行政", "建设", "法治"]);
        assert_eq!(sentences("。！\n　").count(), 0);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(shortened("𬀩家湾", 1), "𬀩……");
        assert_eq!(shortened("𬀩家湾", 3), "𬀩家湾");
        assert_eq!(shortened("", 0), "");
    }
}
