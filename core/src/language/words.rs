//! Words of official titles: where a line may end without tearing one.

use std::collections::HashSet;
use std::sync::LazyLock;

use jieba_rs::Jieba;

/// The words, one a line.
const WORDS: &str = include_str!("data/words.txt");

/// The longest word of the list, in characters.
const LONGEST: usize = 10;

/// What ends the name of a place: 云州市, 临江区.
const PLACE_ENDS: &str = "省市区县州盟旗镇乡";

/// The word that lies across the end of a line and the beginning of the next.
pub(crate) fn torn<'a>(line: &str, next: &str) -> Option<&'a str> {
    let is_across = |word: &&str| {
        let mut cuts = word.char_indices().skip(1).map(|(at, _)| at);
        cuts.any(|at| line.ends_with(&word[..at]) && next.starts_with(&word[at..]))
    };
    // The longest says best what was torn.
    KNOWN.iter().copied().filter(is_across).max_by_key(|word| (word.len(), *word))
}

/// The words of a title: those of the list first, the name of a place up to its 市 or 区, and for
/// what is left the words of the general language.
pub fn split(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut unknown = String::new();
    let mut start = 0;
    while start < characters.len() {
        let length = length_of_word(&characters[start..]);
        let word = &characters[start..start + length];
        start += length;
        if length == 1 && word[0].is_alphabetic() {
            unknown.extend(word);
        } else {
            words.extend(split_unknown(&unknown));
            unknown.clear();
            words.push(word.iter().collect());
        }
    }
    words.extend(split_unknown(&unknown));
    words
}

fn split_unknown(text: &str) -> Vec<String> {
    if text.chars().nth(1).is_none() {
        return Some(text.to_owned()).filter(|text| !text.is_empty()).into_iter().collect();
    }
    GENERAL.cut(text, false).iter().map(|token| token.word.to_owned()).collect()
}

/// Whether a word of a title is the name of a place.
pub fn is_place(word: &str) -> bool {
    word.chars().count() > 1 && word.ends_with(|end| PLACE_ENDS.contains(end))
}

fn length_of_word(rest: &[char]) -> usize {
    // A year with its 年 or 年度, a figure with the word behind it.
    let digits = rest.iter().take_while(|c| c.is_ascii_alphanumeric()).count();
    if digits > 0 {
        let is = |tail: &str| rest[digits..].iter().collect::<String>().starts_with(tail);
        return digits + if is("年度") { 2 } else { usize::from(is("年")) };
    }
    let word_at = |from: usize| {
        let most = LONGEST.min(rest.len() - from);
        (2..=most).rev().find(|length| {
            let text: String = rest[from..from + length].iter().collect();
            KNOWN.contains(text.as_str())
        })
    };
    if let Some(length) = word_at(0) {
        return length;
    }
    for (at, character) in rest.iter().enumerate().take(LONGEST) {
        // 云州市 does not end with its 州.
        let goes_on = rest.get(at + 1).is_some_and(|next| PLACE_ENDS.contains(*next));
        if at > 0 && PLACE_ENDS.contains(*character) && !goes_on {
            return at + 1;
        }
        if !character.is_alphabetic() || (at > 0 && word_at(at).is_some()) {
            break;
        }
    }
    1
}

static KNOWN: LazyLock<HashSet<&str>> =
    LazyLock::new(|| WORDS.lines().filter(|word| !word.is_empty()).collect());

/// The general language. Read when it is first needed, for that takes a fifth of a second; the
/// titles of the reports themselves do without.
static GENERAL: LazyLock<Jieba> = LazyLock::new(Jieba::new);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_cut_between_its_words_and_nothing_is_lost() {
        assert_eq!(split("云州市2024年法治政府建设")[..2], ["云州市", "2024年"]);
        for text in ["", "市", "2024", "“（", "云州市临江区人民政府", "𬀩家湾ABC12年度", "\u{202E}市"]
        {
            assert_eq!(split(text).concat(), text);
        }
    }

    #[test]
    fn a_word_across_two_lines_is_told() {
        assert_eq!(torn("云州市法治政", "府建设"), Some("法治政府"));
        assert_eq!(torn("云州市", "法治政府"), None);
        assert_eq!(torn("", ""), None);
    }
}
