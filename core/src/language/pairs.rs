//! Pairs of neighbouring characters: the words by which two texts are seen to be about one thing.
//! Pairs need no dictionary, and a paraphrase keeps most of those that matter.

use std::sync::LazyLock;

use foldhash::HashSet;

use super::lists;

/// Pairs that tell nothing, because every report is full of them.
static COMMON: LazyLock<TellingPairs> = LazyLock::new(|| {
    let words = lists::lines(include_str!("data/common_pairs.txt")).flat_map(str::split_whitespace);
    let pairs = words.filter_map(|word| word.chars().collect::<Vec<_>>().try_into().ok());
    pairs.map(|[one, other]: [char; 2]| pair(one, other)).collect()
});

/// Two characters as one number, which is hashed at once.
pub(crate) type CharacterPair = u64;

fn pair(one: char, other: char) -> CharacterPair {
    u64::from(u32::from(one)) << u32::BITS | u64::from(u32::from(other))
}

/// Pairs of Chinese characters that tell something.
pub(crate) type TellingPairs = HashSet<CharacterPair>;

/// Those of a text.
pub(crate) fn telling_pairs(text: &str) -> TellingPairs {
    telling_pairs_of([text])
}

/// Those of several texts.
pub(crate) fn telling_pairs_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> TellingPairs {
    let is_han = |c: char| matches!(c, '\u{3400}'..='\u{9FFF}');
    let mut telling = TellingPairs::default();
    for text in texts {
        telling.reserve(text.len() / '字'.len_utf8());
        let mut before = None;
        for written in text.chars() {
            let han = is_han(written).then_some(written);
            if let (Some(before), Some(han)) = (before, han) {
                telling.insert(pair(before, han));
            }
            before = han;
        }
    }
    // Whichever are fewer are looked up among the others.
    if telling.len() > COMMON.len() {
        COMMON.iter().for_each(|common| {
            telling.remove(common);
        });
    } else {
        telling.retain(|pair| !COMMON.contains(pair));
    }
    telling
}
