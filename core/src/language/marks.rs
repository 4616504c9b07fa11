//! Chinese writing and its marks.

use std::ops::Range;

use super::numerals::begins_number;

/// What gives a text its shape, with the places in bytes: all but the common 汉字, which are most of it, and of
/// these the numerals.
pub(crate) fn marks(text: &str) -> Vec<(usize, char)> {
    // About one in six.
    let mut marks = Vec::with_capacity(text.len() / (6 * '字'.len_utf8()) + 1);
    for (at, c) in text.char_indices() {
        if !matches!(c, '\u{4000}'..='\u{9FFF}') || begins_number(c) {
            marks.push((at, c));
        }
    }
    marks
}

/// Those of a text's marks that stand in a part of it.
pub(crate) fn within(marks: &[(usize, char)], part: Range<usize>) -> &[(usize, char)] {
    let index = |place: usize| marks.partition_point(|(at, _)| *at < place);
    &marks[index(part.start)..index(part.end)]
}

/// Whether a character is Chinese writing: 汉字 or one of its marks.
pub(crate) fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3001}'..='\u{3003}' | '\u{3005}'..='\u{3015}' | '\u{3400}'..='\u{9FFF}')
        || matches!(c, '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
        || matches!(c, '，' | '：' | '；' | '！' | '？' | '（' | '）' | '“' | '”' | '‘' | '’' | '—' | '…')
}

/// The half-width marks of a Chinese text and where each stands, in bytes. Those of numbers, of
/// addresses and of Western words are none of them.
pub(crate) fn half_width(text: &str) -> Vec<(usize, char)> {
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

/// The half-width full stops that end a Chinese sentence, in bytes; those of numbers, of numbered headings
/// (一.) and of Western words are none of them.
pub(crate) fn half_width_stops(text: &str) -> impl Iterator<Item = usize> {
    let is_word = |c: char| is_chinese(c) && !"〇一二三四五六七八九十（）".contains(c);
    let stops = text.match_indices('.').map(|(byte, _)| byte);
    stops.filter(move |byte| {
        let (before, after) = (&text[..*byte], &text[byte + 1..]);
        let mut own = before.chars().rev().take_while(|c| !c.is_whitespace() && !"，。；：、".contains(*c));
        let is_sentence = before.ends_with(|c| is_chinese(c) || ")）”》".contains(c)) && own.any(is_word);
        let goes_on = after.trim_start().chars().next();
        is_sentence && goes_on.is_none_or(is_chinese)
    })
}

fn is_half_width(mark: char) -> bool {
    matches!(mark, ',' | ':' | ';' | '(' | ')' | '!' | '?' | '"' | '\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_chinese_text_are_found_and_others_let_alone() {
        assert_eq!(half_width("依法,行政"), [(6, ',')]);
        assert_eq!(half_width("(甲)"), [(0, '('), (4, ')')]);
        for western in
            ["1,234件", "9:30开会", "见http://a.cn/b?c=1,d", "甲&nbsp;乙", "Open, Office", "", ",,,"]
        {
            assert_eq!(half_width(western), [], "{western}");
        }
    }

    #[test]
    fn a_half_width_stop_ends_a_chinese_sentence() {
        assert_eq!(half_width_stops("办结案件.规范执法.").collect::<Vec<_>>(), [12, 25]);
        assert_eq!(half_width_stops("加强工作(试点).").collect::<Vec<_>>(), [20]);
        for other in [
            "（1）.规范执法",
            "Open (Office).",
            "一.规范执法",
            "（十一）.规范执法",
            "得93.5分",
            "见a.cn",
            "服务号No.5",
            "依法行政...",
        ] {
            assert_eq!(half_width_stops(other).count(), 0, "{other}");
        }
    }
}
