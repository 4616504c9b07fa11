//! What a report says of the matters of a guide: where the words stand that show them.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::language::sentences::sentences;
use crate::report::path::Segment;
use crate::report::{FieldPath, contract};

/// The parts of a report that tell what was done in its year. What is only named among the problems or in
/// next year's plan was not reported on. The places that say most come first.
const PARTS: [&str; 6] = ["measures", "duties", "other", "preface", "indicators", "attachments"];

/// How many places are told of one matter; of an item of the report one is enough.
const MAX_TOLD: usize = 3;

/// How many matters are named in one line.
const MAX_NAMED: usize = 40;

/// The matters of a guide that concern a unit, and where its report touches them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "报告写到了事项指引的哪些事项")]
pub struct Coverage {
    #[schemars(description = "指引的名称")]
    pub guide: String,
    #[schemars(description = "指引的出处")]
    pub source: String,
    /// Where the guide was not made for the report's year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(description = "指引不是为报告的年度编的，这里说明")]
    pub remark: Option<String>,
    #[schemars(description = "适用于这个单位的事项，按编号排列，各级都在内")]
    pub matters: Vec<CoveredMatter>,
}

/// A matter of a guide, and where a report touches it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "一个事项")]
pub struct CoveredMatter {
    #[schemars(description = "编号，如 2.13")]
    pub number: String,
    #[schemars(description = "名称")]
    pub name: String,
    #[schemars(description = "第几级，从 1 数起")]
    pub level: usize,
    #[schemars(description = "是不是只作归类：它的下一级才是要写的事项")]
    pub is_group: bool,
    #[schemars(description = "写到的地方，至多三处；空的是没有写到")]
    pub touches: Vec<Touch>,
}

/// A place where a report touches a matter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "写到的一处")]
pub struct Touch {
    #[schemars(with = "String", description = "字段的路径")]
    pub path: FieldPath,
    #[schemars(description = "所在的栏目")]
    pub label: String,
    #[schemars(description = "报告里的词")]
    pub words: String,
}

impl Coverage {
    /// The matters that a report should touch; the others only sort them.
    pub fn lowest(&self) -> impl Iterator<Item = &CoveredMatter> {
        self.matters.iter().filter(|matter| !matter.is_group)
    }

    pub fn untouched(&self) -> impl Iterator<Item = &CoveredMatter> {
        self.lowest().filter(|matter| matter.touches.is_empty())
    }

    /// What is not touched, in one line; nothing where all is.
    pub fn untouched_in_one_line(&self) -> Option<String> {
        let names: Vec<String> =
            self.untouched().map(|matter| format!("{} {}", matter.number, matter.name)).collect();
        let more = if names.len() > MAX_NAMED { "等" } else { "" };
        let told = names[..names.len().min(MAX_NAMED)].join("；");
        let count = names.len();
        (count > 0).then(|| {
            format!("事项指引里适用的{}项，有{count}项没有写到：{told}{more}", self.lowest().count())
        })
    }
}

impl CoveredMatter {
    pub(super) fn new(matter: &super::Matter, touches: Vec<Touch>) -> Self {
        Self {
            number: matter.number.to_string(),
            name: matter.name.clone(),
            level: matter.number.level(),
            is_group: matter.is_group,
            touches,
        }
    }
}

/// The words that show the matters of a guide.
#[derive(Debug, Default)]
pub(super) struct Signs {
    words: Vec<String>,
    /// Words by their first two characters: hardly ever is there more than one to try.
    by_start: HashMap<[char; 2], Vec<usize>>,
    /// The signs that a word is the first of: how they go on, and the matter that each shows.
    of_word: Vec<Vec<(Vec<usize>, usize)>>,
}

impl Signs {
    /// These words together in one sentence show the matter. Each has two characters at least.
    pub(super) fn add<'a>(&mut self, matter: usize, words: impl Iterator<Item = &'a str>) {
        let words: Vec<usize> = words.map(|word| self.word(word)).collect();
        if let Some((first, others)) = words.split_first() {
            self.of_word[*first].push((others.to_vec(), matter));
        }
    }

    fn word(&mut self, word: &str) -> usize {
        let Some(start) = start(word) else { unreachable!("a word of a guide has two characters") };
        let alike = self.by_start.entry(start).or_default();
        if let Some(known) = alike.iter().find(|known| self.words[**known] == word) {
            return *known;
        }
        alike.push(self.words.len());
        self.words.push(word.to_owned());
        self.of_word.push(vec![]);
        self.words.len() - 1
    }

    /// Where the texts of a report touch each of so many matters.
    pub(super) fn touches(&self, texts: &[(FieldPath, String)], matters: usize) -> Vec<Vec<Touch>> {
        let mut touches: Vec<Vec<Touch>> = vec![vec![]; matters];
        // In which sentence each word was seen last.
        let mut seen = self.unseen();
        let mut number = 0;
        let of_part = |part: &'static str| texts.iter().filter(move |(path, _)| path.first_key() == part);
        for (path, text) in PARTS.into_iter().flat_map(of_part) {
            let item: FieldPath = path.segments().iter().take(2).cloned().collect();
            for sentence in sentences(text) {
                number += 1;
                let here = self.words_in(&text[sentence], number, &mut seen);
                for word in here {
                    for (others, matter) in &self.of_word[word] {
                        let told = &mut touches[*matter];
                        let is_new =
                            told.len() < MAX_TOLD && !told.iter().any(|touch| item.holds(&touch.path));
                        if is_new && others.iter().all(|other| seen[*other] == number) {
                            told.push(self.touch(path, word, others));
                        }
                    }
                }
            }
        }
        touches
    }

    /// The matters that a sentence shows, each with how many characters of it say so. `seen` is of
    /// [`Self::unseen`], the number another one for each sentence.
    pub(super) fn shown(&self, sentence: &str, number: usize, seen: &mut [usize]) -> Vec<(usize, usize)> {
        let length = |word: usize| self.words[word].chars().count();
        let mut shown: Vec<(usize, usize)> = Vec::new();
        for word in self.words_in(sentence, number, seen) {
            for (others, matter) in &self.of_word[word] {
                if others.iter().any(|other| seen[*other] != number) {
                    continue;
                }
                let said = length(word) + others.iter().map(|other| length(*other)).sum::<usize>();
                match shown.iter_mut().find(|(known, _)| known == matter) {
                    Some((_, known)) => *known = (*known).max(said),
                    None => shown.push((*matter, said)),
                }
            }
        }
        shown
    }

    /// In which sentence each word was seen last: in none.
    pub(super) fn unseen(&self) -> Vec<usize> {
        vec![0; self.words.len()]
    }

    /// The words that stand in a sentence, each once, in their order there; noted in `seen` with its number.
    fn words_in(&self, sentence: &str, number: usize, seen: &mut [usize]) -> Vec<usize> {
        let mut here = Vec::new();
        for (at, _) in sentence.char_indices() {
            let rest = &sentence[at..];
            let alike = start(rest).and_then(|start| self.by_start.get(&start));
            for word in alike.into_iter().flatten().copied() {
                if seen[word] != number && rest.starts_with(&self.words[word]) {
                    seen[word] = number;
                    here.push(word);
                }
            }
        }
        here
    }

    fn touch(&self, path: &FieldPath, word: usize, others: &[usize]) -> Touch {
        let words: Vec<&str> = [word].iter().chain(others).map(|word| self.words[*word].as_str()).collect();
        Touch { path: path.clone(), label: label(path), words: words.join("……") }
    }
}

/// A place in words. Which part of a paragraph it is nobody needs to be told.
fn label(path: &FieldPath) -> String {
    let paragraph = match path.segments() {
        [paragraph @ .., index, Segment::Key(key)]
            if index.index().is_some() && matches!(&**key, "lead" | "text") =>
        {
            [paragraph, std::slice::from_ref(index)].concat().into_iter().collect()
        }
        _ => path.clone(),
    };
    contract::label(&paragraph)
}

fn start(text: &str) -> Option<[char; 2]> {
    let mut characters = text.chars();
    Some([characters.next()?, characters.next()?])
}
