//! Traditional characters, and what stands for each in the simplified ones of official documents.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::lists;

/// What stands for a character in the simplified script, if it is of the traditional one alone.
pub(crate) fn simplified(c: char) -> Option<char> {
    static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
        let pairs = lists::lines(include_str!("data/traditional.txt")).flat_map(str::split_whitespace);
        pairs
            .filter_map(|pair| {
                let mut pair = pair.chars();
                Some((pair.next()?, pair.next()?))
            })
            .collect()
    });
    SIMPLIFIED.get(&c).copied()
}
