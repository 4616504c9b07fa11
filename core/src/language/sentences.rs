//! Sentences, and texts as far as they are shown.

use std::ops::Range;

use super::marks::marks;

/// The sentences of a text as ranges of bytes, without the marks that end them.
pub(crate) fn sentences(text: &str) -> impl Iterator<Item = Range<usize>> {
    sentences_between(text, marks(text).into_iter())
}

/// The same, where the text's marks are known.
pub(crate) fn sentences_between(
    text: &str,
    marks: impl Iterator<Item = (usize, char)>,
) -> impl Iterator<Item = Range<usize>> {
    split(text, marks.filter(|(_, mark)| matches!(mark, '。' | '！' | '？' | '\n')))
}

/// The same, ended by a semicolon as well.
pub(crate) fn half_sentences(
    text: &str,
    marks: impl Iterator<Item = (usize, char)>,
) -> impl Iterator<Item = Range<usize>> {
    split(text, marks.filter(|(_, mark)| matches!(mark, '。' | '！' | '？' | '；' | ';' | '\n')))
}

/// The parts of `text` between these marks that say something, as ranges of bytes.
fn split(text: &str, marks: impl Iterator<Item = (usize, char)>) -> impl Iterator<Item = Range<usize>> {
    let ends = marks.map(|(at, mark)| (at, at + mark.len_utf8()));
    let mut start = 0;
    ends.chain([(text.len(), text.len())]).filter_map(move |(end, next)| {
        let part = &text[start..end];
        let begin = start + part.len() - part.trim_start().len();
        start = next;
        let part = part.trim();
        (!part.is_empty()).then(|| begin..begin + part.len())
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
        assert_eq!(
            said(half_sentences(text, marks(text).into_iter()).collect()),
            ["依法行政", "建设", "法治"]
        );
        assert_eq!(sentences("。！\n　").count(), 0);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(shortened("𬀩家湾", 1), "𬀩……");
        assert_eq!(shortened("𬀩家湾", 3), "𬀩家湾");
        assert_eq!(shortened("", 0), "");
    }
}
