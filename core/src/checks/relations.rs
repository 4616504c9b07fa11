//! Which figures of a sentence belong together: the words for it, from `data/relations.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::language::figures::Figure;
use crate::language::lists;

#[derive(Deserialize)]
pub(super) struct Relations {
    /// A rate, and other words for what it counts.
    pub rates: BTreeMap<String, Vec<String>>,
    pub stages: Stages,
    pub attributes: WordList,
    pub outcomes: Vec<Outcomes>,
    pub unbounded: WordList,
    /// What a report counts once for the whole year; other things may be counted again and again.
    pub recurring: WordList,
}

#[derive(Deserialize)]
pub(super) struct WordList {
    pub words: Vec<String>,
}

/// Stages of a work, and which of them cannot exceed which.
#[derive(Deserialize)]
pub(super) struct Stages {
    pub words: Vec<String>,
    pub received: Vec<String>,
    pub concluded: Vec<String>,
    pub left_over: Vec<String>,
}

/// The outcomes of one whole. With a word of each list in `complete`, the parts are all of it.
#[derive(Deserialize)]
pub(super) struct Outcomes {
    pub complete: Vec<Vec<String>>,
    pub others: Vec<String>,
}

pub(super) static RELATIONS: LazyLock<Relations> =
    LazyLock::new(|| lists::table(include_str!("data/relations.toml")));

/// How many figures back a relation is looked for; a sentence of a thousand figures is a table.
const MEMORY: usize = 12;

/// The counts among the last figures before `index`, the nearest first.
pub(super) fn counts_before(figures: &[Figure], index: usize) -> impl Iterator<Item = &Figure> {
    figures[..index].iter().rev().take(MEMORY).filter(|figure| figure.is_count())
}

/// Words of growth in a clause: whether it went up, or nothing if it speaks of no growth.
pub(super) fn direction(words: &str) -> Option<bool> {
    let last = |options: &[&str]| options.iter().filter_map(|word| words.rfind(word)).max();
    let up = last(&["增长", "上升", "增加", "提升", "提高", "增幅", "上涨"]);
    let down = last(&["下降", "减少", "降低", "压减", "缩短", "降幅", "下滑", "回落", "精简"]);
    match (up, down) {
        (None, None) => None,
        (up, down) => Some(up > down),
    }
}

/// Whether the words before a figure make it the value of an earlier time.
pub(super) fn is_of_last_year(before: &str) -> bool {
    ["上年", "去年", "上一年", "前一年", "同期", "年末的", "年底的"].iter().any(|word| before.contains(word))
        || ["较20", "比20", "由20", "从20"].iter().any(|word| before.contains(word))
}
