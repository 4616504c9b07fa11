//! Titles of documents between 《 and 》.

use std::ops::Range;

/// The titles that a text with these marks cites, also those within others, as ranges of bytes without their
/// own marks.
pub(crate) fn cited(marks: impl Iterator<Item = (usize, char)>) -> impl Iterator<Item = Range<usize>> {
    let mut begin = None;
    marks.filter_map(move |(at, mark)| {
        match mark {
            '《' | '〈' => begin = Some(at + mark.len_utf8()),
            '》' | '〉' => return begin.take().map(|begin| begin..at).filter(|title| !title.is_empty()),
            '\n' => begin = None,
            _ => {}
        }
        None
    })
}

/// A title without what does not count: widths, kinds of dash and of inner marks, spaces.
pub(crate) fn plain(title: &str) -> String {
    let usual = |c: char| match c {
        '（' | '〔' | '［' => '(',
        '）' | '〕' | '］' => ')',
        '－' | '—' | '–' | '−' | '～' | '~' => '-',
        '＋' => '+',
        '“' | '”' | '‘' | '’' | '「' | '」' | '『' | '』' | '\'' => '"',
        '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
        other => other,
    };
    let mut plain = String::with_capacity(title.len());
    for c in title.chars().filter(|c| !c.is_whitespace()).map(usual) {
        // —— and — are the same dash here.
        if !(c == '-' && plain.ends_with('-')) {
            plain.push(c);
        }
    }
    plain
}

/// A plain title without the years or the (试行) at its end.
pub(crate) fn without_years(plain: &str) -> &str {
    match plain.rfind('(') {
        Some(start) if plain.ends_with(')') && start > 0 => &plain[..start],
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::marks::marks;

    #[test]
    fn titles_are_found_within_one_another_and_not_without_their_marks() {
        let found = |text| {
            cited(marks(text).into_iter()).map(|range| text[range].to_owned()).collect::<Vec<String>>()
        };
        assert_eq!(found("《甲》和〈乙〉"), ["甲", "乙"]);
        assert_eq!(found("《关于〈甲〉的决定》"), ["甲"]);
        assert_eq!(found("《《》》《《未完\n》"), Vec::<String>::new());
    }

    #[test]
    fn what_does_not_count_is_set_aside() {
        assert_eq!(plain("法治 政府（２０２１——2025年）"), "法治政府(2021-2025年)");
        assert_eq!(without_years("法治政府(2021-2025年)"), "法治政府");
        // Nothing is left of these, so nothing is taken away.
        for kept in ["(试行)", "法治)", "法治(", "", "("] {
            assert_eq!(without_years(kept), kept);
        }
    }
}
