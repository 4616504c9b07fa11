//! What a file is called, without what stands around the name of its unit: numbers, dates, 年度报告, 最终版.

use std::sync::LazyLock;

use regex::Regex;

use super::shape::is_called_as_a_unit;
use crate::language::lists;

/// What parts the words of a file's name: a date, a figure, a mark.
static BETWEEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:[0-9０-９]{1,4}|[〇零一二三四五六七八九十]{2,4})[年月日号]度?|[0-9A-Za-z０-９Ａ-Ｚａ-ｚ]+|[^\p{Han}]+")
        .expect("a constant pattern")
});

static AROUND: LazyLock<Vec<&str>> =
    LazyLock::new(|| lists::lines(include_str!("data/file_words.txt")).collect());

/// The longest ending of a file's name, in bytes.
const LONGEST_ENDING: usize = 5;

/// The words that are left of a file's or folder's name, in their order: of 03-东阳区 2024年….docx 东阳区.
pub(super) fn words_of(name: &str) -> Vec<&str> {
    BETWEEN.split(without_ending(name)).map(bare).filter(|word| !word.is_empty()).collect()
}

/// The unit that a path is called by; empty where its words are no unit's.
pub fn unit_in_file_name(path: &str) -> String {
    let named = |name: &str| words_of(name).concat();
    let mut names = file_and_folders(path).map(named);
    names.find(|name| is_called_as_a_unit(name)).unwrap_or_default()
}

/// The names of a file and of the folders that it lies in, the nearest first. Behind a workbook's stands the row.
pub(super) fn file_and_folders(path: &str) -> impl Iterator<Item = &str> {
    path.split(" 工作表“").next().unwrap_or_default().rsplit(['/', '\\'])
}

/// A name without .docx, and without .docx.zip.
fn without_ending(name: &str) -> &str {
    let mut stem = name;
    while let Some((before, ending)) = stem.rsplit_once('.')
        && (1..=LONGEST_ENDING).contains(&ending.len())
        && ending.bytes().all(|b| b.is_ascii_alphanumeric())
        && ending.bytes().any(|b| b.is_ascii_alphabetic())
    {
        stem = before;
    }
    stem
}

/// A word without what stands around the name of a unit.
fn bare(mut word: &str) -> &str {
    loop {
        let before = AROUND.iter().find_map(|around| word.strip_suffix(*around));
        // 新泉区 begins with a character that only stands behind others.
        let words = AROUND.iter().filter(|around| around.chars().count() > 1);
        match before.or_else(|| words.into_iter().find_map(|around| word.strip_prefix(*around))) {
            Some(rest) => word = rest,
            None => return word,
        }
    }
}
