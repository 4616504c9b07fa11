//! Words that a title of an official document is made of, to see whether one was torn.

/// The words, one a line.
const WORDS: &str = include_str!("data/words.txt");

/// The word that lies across the end of a line and the beginning of the next.
pub fn torn<'a>(line: &str, next: &str) -> Option<&'a str> {
    let is_across = |word: &&str| {
        let cuts = word.char_indices().skip(1).map(|(at, _)| at);
        cuts.into_iter().any(|at| line.ends_with(&word[..at]) && next.starts_with(&word[at..]))
    };
    // The longest says best what was torn.
    WORDS.lines().filter(|word| !word.is_empty()).filter(is_across).max_by_key(|word| word.len())
}
