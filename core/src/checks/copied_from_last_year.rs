use std::collections::HashMap;

use super::Reading;
use super::reading::{Passage, PassageKind};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::sentences::shortened;
use crate::language::shingles::shingles;

code! {
    /// 照抄上年的报告
    ///
    /// 整段与上年的报告几乎一样，只换了年份和数字：读的人看不出这一年做了什么。要给出上年的报告才能检查（--last-year）。
    ///
    /// 错误：两年的报告都写“坚持以……为指导，全面推进……”，一段一百多字，一字不改。
    ///
    /// 正确：写这一年的举措、这一年的问题。
    ///
    /// 不满 60 个字的段落不检查；数字的不同不算不同。看不出：逐句换了说法、意思照旧的；照抄再早几年的。
    pub(super) COPIED_FROM_LAST_YEAR = "copied-from-last-year", Warning
}

/// Below this length a paragraph may well be the same.
const SHORTEST: usize = 60;

/// The share of a paragraph's shingles that must come from last year, in percent.
const NEARLY_ALL: usize = 80;

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let Some(last_year) = reading.context.last_year else { return vec![] };
    let last = reading.beside(last_year, reading.context);
    let last: Vec<&Passage> = paragraphs(&last.passages).collect();
    let mut place_of: HashMap<u64, usize> = HashMap::new();
    for (number, passage) in last.iter().enumerate() {
        for shingle in shingles(&passage.text) {
            place_of.entry(shingle).or_insert(number);
        }
    }
    let mut found = Vec::new();
    for passage in paragraphs(&reading.passages) {
        let shingles = shingles(&passage.text);
        let mut known: HashMap<usize, usize> = HashMap::new();
        for place in shingles.iter().filter_map(|shingle| place_of.get(shingle)) {
            *known.entry(*place).or_default() += 1;
        }
        let is_copied = known.values().sum::<usize>() * 100 >= shingles.len() * NEARLY_ALL;
        let source = known.iter().max_by_key(|(place, count)| (**count, std::cmp::Reverse(**place)));
        if let Some((place, _)) = source.filter(|_| is_copied) {
            let opening = shortened(&passage.text, 20);
            let source = last[*place].label();
            let message = format!("“{}”的“{opening}”与上年报告的“{source}”几乎相同", passage.label());
            let hint = "请改写成这一年的情况；确实没有变化的，可以从略";
            found.push(passage.at(&COPIED_FROM_LAST_YEAR, 0..passage.text.len(), message, hint));
        }
    }
    found
}

/// The paragraphs in which a unit tells of itself.
pub(super) fn paragraphs(passages: &[Passage]) -> impl Iterator<Item = &Passage> {
    passages.iter().filter(|passage| {
        passage.kind == PassageKind::Prose
            && passage.section() != "attachments"
            && passage.length() >= SHORTEST
    })
}
