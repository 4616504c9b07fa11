use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::reading::{MOST, Passage, PassageKind};
use super::{Texts, misquoted_title};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::lists::{self, Pattern};
use crate::language::phrases::{Phrases, Slip};
use crate::language::titles;

code! {
    /// 错别字
    ///
    /// 形近、音近而误的字：显着（显著）、建全（健全）、法制政府（法治政府）、违法必纠（违法必究）。拼写检查往往放过它们，读的人不会。
    ///
    /// 有固定写法的名称和提法（文件名称、制度、机构、方针），报告里写的与它只差一个音近或形近的字，就提出来；六个字以上的，漏一字、多一字、颠倒两字也提出来。
    ///
    /// 错误：取得了显着成效。
    ///
    /// 正确：取得了显著成效。
    ///
    /// 碰巧相邻的字不算，如“建全市首个”“彰显着”“法制审核”。固定的名称和提法在 checks/data/phrases.txt，与它们相近但也对的词在 also_right.txt，其他错别字在 typos.toml，可以在配置里增补。
    ///
    /// 看不出：字字是词、放在一起不通的；人名、地名、单位名称里的错字；词表和固定说法以外的错字。
    pub(super) TYPO = "typo", Warning
}

#[derive(Deserialize)]
struct Typos {
    typo: Vec<Typo>,
}

/// A known confusion, and the neighbours with which the same characters are right.
#[derive(Deserialize)]
struct Typo {
    wrong: String,
    right: String,
    #[serde(default)]
    not_after: String,
    #[serde(default)]
    not_before: String,
}

static TYPOS: LazyLock<BTreeMap<String, Typo>> = LazyLock::new(|| {
    let typos = lists::table::<Typos>(include_str!("data/typos.toml")).typo;
    typos.into_iter().map(|typo| (typo.wrong.clone(), typo)).collect()
});

pub(super) static WRONG: LazyLock<Pattern> = LazyLock::new(|| any_of(TYPOS.keys()));

/// What must be written so: names, fixed phrases, titles without their years.
static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let words = |text| lists::lines(text).flat_map(str::split_whitespace);
    let titles = lists::lines(include_str!("data/titles.txt"));
    let titles = titles.map(|title| title.split(['（', '(']).next().unwrap_or(title));
    let told: Vec<&str> = words(include_str!("data/phrases.txt")).chain(titles).collect();
    Phrases::new(told, words(include_str!("data/also_right.txt")))
});

/// Marks that stand twice or one upon the other.
pub(super) static MARKS: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(r"，，+|。。|；；+|、、+|：：+|[，、；：][。]|。[，、；]|[，、；][，、；：]")
});

pub(super) fn find(texts: &Texts) -> Vec<Diagnostic> {
    let more = &texts.context.settings.typos;
    let more_wrong = (!more.is_empty()).then(|| any_of(more.keys()));
    let texts_with =
        |pattern| texts.passages_with(pattern).filter(|passage| passage.kind != PassageKind::Name);
    let mut found = Vec::new();
    for passage in texts.passages.iter().filter(|passage| passage.kind != PassageKind::Name) {
        let slips: Vec<Slip> = slips(passage, &texts.context.settings.titles).take(MOST).collect();
        if texts.may_have(passage, &WRONG) {
            found.extend(known(passage, &slips).take(MOST));
        }
        found.extend(slips.into_iter().map(|slip| told(passage, slip.range, &slip.meant)));
    }
    if let Some(more_wrong) = &more_wrong {
        for passage in texts_with(more_wrong) {
            let typos = more_wrong.find_iter(&passage.text);
            found.extend(typos.take(MOST).map(|wrong| told(passage, wrong.range(), &more[wrong.as_str()])));
        }
    }
    for passage in texts.rare_passages(&MARKS).filter(|passage| passage.kind != PassageKind::Name) {
        found.extend(MARKS.find_iter(&passage.text).take(MOST).map(|marks| {
            let message = format!("“{}”里的标点“{}”重复了", passage.label(), marks.as_str());
            let found = passage.at(&TYPO, marks.range(), message, "请只留一个");
            // Of different ones it is the writer's to say which.
            let mark = marks.as_str().chars().next().unwrap_or_default();
            match marks.as_str().chars().all(|one| one == mark) {
                true => passage.amended(found, &[(marks.range(), mark.to_string())]),
                false => found,
            }
        }));
    }
    found
}

/// The known confusions in a passage, but for those that a slip has told already.
fn known(passage: &Passage, slips: &[Slip]) -> impl Iterator<Item = Diagnostic> {
    WRONG.find_iter(&passage.text).filter_map(|wrong| {
        let typo = &TYPOS[wrong.as_str()];
        let is_told =
            slips.iter().any(|slip| slip.range.start < wrong.end() && wrong.start() < slip.range.end);
        let is_wrong = !is_told && !touches(passage, wrong.range(), &typo.not_after, &typo.not_before);
        is_wrong.then(|| told(passage, wrong.range(), &typo.right))
    })
}

/// What is a slip away from a phrase. Titles between 《 and 》 are another check's where they are near to a
/// known one.
fn slips(passage: &Passage, more: &[String]) -> impl Iterator<Item = Slip> {
    let slips = PHRASES.slips(&passage.text);
    let quoted: Vec<_> = match slips.is_empty() {
        true => vec![],
        false => titles::cited(passage.marks().iter().copied())
            .filter(|title| misquoted_title::is_told(&passage.text[title.clone()], more))
            .collect(),
    };
    let is_told = move |slip: &Slip| {
        quoted.iter().any(|title| title.start <= slip.range.start && slip.range.end <= title.end)
    };
    slips.into_iter().filter(move |slip| !is_told(slip))
}

/// Whether one of these characters stands directly before or after.
fn touches(passage: &Passage, range: std::ops::Range<usize>, before: &str, after: &str) -> bool {
    let previous = passage.text[..range.start].chars().next_back();
    let next = passage.text[range.end..].chars().next();
    previous.is_some_and(|c| before.contains(c)) || next.is_some_and(|c| after.contains(c))
}

fn told(passage: &Passage, range: std::ops::Range<usize>, right: &str) -> Diagnostic {
    let wrong = &passage.text[range.clone()];
    let message = format!("“{}”里的“{wrong}”应为“{right}”", passage.label());
    let found = passage.at(&TYPO, range.clone(), message, format!("请改为“{right}”"));
    // What is meant is told without the marks that stand within; which of them stay a person must say.
    match wrong.contains(['“', '”', '‘', '’', '"', '《', '》', '〈', '〉', '「', '」']) {
        true => found,
        false => passage.amended(found, &[(range, right.to_owned())]),
    }
}

fn any_of<'a>(words: impl Iterator<Item = &'a String>) -> Pattern {
    let words: Vec<String> = words.map(|word| regex::escape(word)).collect();
    Pattern::new(&words.join("|"))
}
