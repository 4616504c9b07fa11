use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::Texts;
use super::reading::{MOST, Passage, PassageKind};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::lists;

code! {
    /// 错别字
    ///
    /// 形近、音近而误的字：显着（显著）、建全（健全）、法制政府（法治政府）。拼写检查往往放过它们，读的人不会。
    ///
    /// 错误：取得了显着成效。
    ///
    /// 正确：取得了显著成效。
    ///
    /// 碰巧相邻的字不算，如“建全市首个”“彰显着”“法制审核”。词表在 checks/data/typos.toml，可以在配置里增补。
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

static WRONG: LazyLock<Regex> = LazyLock::new(|| any_of(TYPOS.keys()));

/// Marks that stand twice or one upon the other.
static MARKS: LazyLock<Regex> = LazyLock::new(|| {
    lists::pattern(r"，，+|。。|；；+|、、+|：：+|[，、；：][。]|。[，、；]|[，、；][，、；：]")
});

pub(super) fn find(texts: &Texts) -> Vec<Diagnostic> {
    let more = &texts.context.settings.typos;
    let more_wrong = (!more.is_empty()).then(|| any_of(more.keys()));
    let texts = |pattern| {
        let passages: &[Passage] = texts.passages_with(pattern);
        passages.iter().filter(|passage| passage.kind != PassageKind::Name)
    };
    let mut found = Vec::new();
    for passage in texts(&WRONG) {
        let typos = WRONG.find_iter(&passage.text).filter_map(|wrong| {
            let typo = &TYPOS[wrong.as_str()];
            let is_wrong = !touches(passage, wrong.range(), &typo.not_after, &typo.not_before);
            is_wrong.then(|| told(passage, wrong.range(), &typo.right))
        });
        found.extend(typos.take(MOST));
    }
    if let Some(more_wrong) = &more_wrong {
        for passage in texts(more_wrong) {
            let typos = more_wrong.find_iter(&passage.text);
            found.extend(typos.take(MOST).map(|wrong| told(passage, wrong.range(), &more[wrong.as_str()])));
        }
    }
    for passage in texts(&MARKS) {
        found.extend(MARKS.find_iter(&passage.text).take(MOST).map(|marks| {
            let message = format!("“{}”里的标点“{}”重复了", passage.label(), marks.as_str());
            passage.at(&TYPO, marks.range(), message, "请只留一个")
        }));
    }
    found
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
    passage.at(&TYPO, range, message, format!("请改为“{right}”"))
}

fn any_of<'a>(words: impl Iterator<Item = &'a String>) -> Regex {
    let words: Vec<String> = words.map(|word| regex::escape(word)).collect();
    lists::pattern(&words.join("|"))
}
