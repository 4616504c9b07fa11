//! The account of an import: what went where, what was cleaned, what is unsure, and whether every
//! sentence of the source is in the result. The last is not taken on trust: the result is read again
//! and each sentence looked for in it.

use std::collections::{BTreeMap, HashSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::cleaning::{Change, Debris};
use super::fault::{IMPORTED, UNSURE_IMPORT};
use super::word::WordAccount;
use crate::diagnostic::Diagnostic;
use crate::report::{DocumentKind, FieldPath};

/// What a document was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(description = "文件的性质：report 年度报告，work-plan 工作计划，digest 新闻稿一类的文章")]
pub enum SourceKind {
    /// 年度报告
    Report,
    /// 工作计划
    WorkPlan,
    /// 新闻稿一类的文章，不是报告
    Digest,
}

impl From<DocumentKind> for SourceKind {
    fn from(kind: DocumentKind) -> Self {
        match kind {
            DocumentKind::Report => Self::Report,
            DocumentKind::WorkPlan => Self::WorkPlan,
        }
    }
}

impl SourceKind {
    /// The words that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Report => "年度报告",
            Self::WorkPlan => "工作计划",
            Self::Digest => "新闻稿一类的文章，不是报告",
        }
    }
}

/// How sure the program is of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(description = "把握：high 高，medium 中，low 低")]
pub enum Confidence {
    Low,
    Medium,
    High,
}

impl Confidence {
    /// The word that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::High => "高",
            Self::Medium => "中",
            Self::Low => "低",
        }
    }
}

/// One text of the source, and the field it came to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(description = "一段文字的去处")]
pub struct Placement {
    #[schemars(description = "在来源的第几行（段），从 1 数起")]
    pub line: usize,
    #[schemars(description = "文字；标题改用规定写法的，是原来的标题")]
    pub text: String,
    /// The field; of a heading that the template words itself, the section.
    #[schemars(with = "String", description = "去处：字段的路径")]
    pub path: FieldPath,
    #[schemars(description = "去处：字段的名称")]
    pub label: String,
    #[schemars(description = "把握")]
    pub confidence: Confidence,
}

/// Something that a person should look at.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(description = "一处需要核对的地方")]
pub struct Doubt {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(description = "在来源的第几行（段）")]
    pub line: Option<usize>,
    #[schemars(description = "哪里没有把握，该核对什么")]
    pub message: String,
}

/// A figure of the running text that became an indicator, and the sentence it comes from.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(description = "从文字里认出的一个指标")]
pub struct Recognition {
    #[schemars(description = "指标代码")]
    pub key: String,
    #[schemars(description = "指标名称")]
    pub name: String,
    #[schemars(description = "数值")]
    pub value: String,
    #[schemars(description = "计量单位")]
    pub unit: String,
    #[schemars(description = "是不是约数")]
    pub approximate: bool,
    #[schemars(description = "所在的句子")]
    pub sentence: String,
    #[schemars(description = "在来源的第几行（段）")]
    pub line: usize,
}

/// How many sentences there are, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(description = "句子的去处")]
pub struct Sentences {
    #[schemars(description = "来源里的句子")]
    pub all: usize,
    #[schemars(description = "结果里找得到的")]
    pub kept: usize,
    #[schemars(description = "归到了字段里的，不算“未归类的文字”")]
    pub placed: usize,
}

/// What an import did.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(description = "导入的报告")]
pub struct Account {
    pub kind: SourceKind,
    pub sentences: Sentences,
    #[schemars(description = "什么文字去了哪里，按来源的次序")]
    pub placed: Vec<Placement>,
    #[schemars(description = "清理了什么，按来源的次序")]
    pub cleaned: Vec<Change>,
    #[schemars(description = "需要核对的地方")]
    pub doubts: Vec<Doubt>,
    #[schemars(description = "从文字里认出的指标")]
    pub indicators: Vec<Recognition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(description = "Word 文档的批注、修订，以及本程序生成的 Word 文档改了什么")]
    pub word: Option<WordAccount>,
}

/// How many places of one kind of change are told to a person; JSON has all.
const MAX_TOLD: usize = 5;

impl Account {
    /// The account for people.
    pub fn text(&self) -> String {
        let Sentences { all, kept, placed } = self.sentences;
        let mut text = format!(
            "文件性质：{}。\n句子：共 {all} 句，保留 {kept} 句，归到字段 {placed} 句。\n",
            self.kind.label()
        );
        if let Some(word) = &self.word {
            text += &word.text();
        }
        if !self.placed.is_empty() {
            text += "\n去处（来源的行或段 → 字段）：\n";
            for one in &self.placed {
                let sure = match one.confidence {
                    Confidence::High => String::new(),
                    other => format!("（把握：{}）", other.label()),
                };
                text += &format!("  第{}行 → {}{sure}：{}\n", one.line, one.label, beginning(&one.text));
            }
        }
        let mut kinds: BTreeMap<Debris, Vec<&Change>> = BTreeMap::new();
        for change in &self.cleaned {
            kinds.entry(change.kind).or_default().push(change);
        }
        if !kinds.is_empty() {
            text += "\n清理：\n";
        }
        for (kind, changes) in kinds {
            text += &format!("  {} {} 处\n", kind.label(), changes.len());
            for change in changes.iter().take(MAX_TOLD) {
                let around = if change.around.is_empty() { &change.original } else { &change.around };
                let to = match change.replacement.as_str() {
                    "" => "删除".to_owned(),
                    replacement => format!("改为“{}”", beginning(replacement)),
                };
                text += &format!("    第{}行 {} {to}\n", change.line, beginning(around));
            }
            if changes.len() > MAX_TOLD {
                text += "    ……\n";
            }
        }
        if !self.indicators.is_empty() {
            text += "\n指标：\n";
        }
        for one in &self.indicators {
            let about = if one.approximate { "（约数）" } else { "" };
            text += &format!("  第{}行 {} {}{}{about}\n", one.line, one.name, one.value, one.unit);
        }
        if !self.doubts.is_empty() {
            text += "\n请核对：\n";
        }
        for doubt in &self.doubts {
            let line = doubt.line.map(|line| format!("第{line}行：")).unwrap_or_default();
            text += &format!("  {line}{}\n", doubt.message);
        }
        text
    }
}

/// How many places that are not sure are told as findings.
const MAX_UNSURE: usize = 20;

impl Account {
    /// What a reviewer of many should know of it: that it was imported, and what is not sure.
    pub fn findings(&self) -> Vec<Diagnostic> {
        let Sentences { all, kept, placed } = self.sentences;
        let mut message =
            format!("由{}导入：共 {all} 句，保留 {kept} 句，归到字段 {placed} 句", self.kind.label());
        message.extend(self.word.as_ref().and_then(WordAccount::of_differences));
        let mut found = vec![IMPORTED.at(FieldPath::root(), message, "请对照原来的文件核对一遍")];
        found.extend(self.word.iter().flat_map(WordAccount::findings));
        let doubts = self.doubts.iter().map(|doubt| {
            let line = doubt.line.map(|line| format!("第{line}行："));
            (FieldPath::root(), format!("{}{}", line.unwrap_or_default(), doubt.message))
        });
        let unsure = self.placed.iter().filter(|one| one.confidence == Confidence::Low).map(|one| {
            let message =
                format!("第{}行“{}”归到了“{}”，没有把握", one.line, beginning(&one.text), one.label);
            (one.path.clone(), message)
        });
        let unsure: Vec<_> = doubts.chain(unsure).collect();
        let untold = unsure.len().saturating_sub(MAX_UNSURE);
        let hint = "请对照原来的文件核对；放错了地方的，请改好后用报告文件报来";
        let told = unsure.into_iter().take(MAX_UNSURE);
        found.extend(told.map(|(path, message)| UNSURE_IMPORT.at(path, message, hint)));
        if untold > 0 {
            let message = format!("另有 {untold} 处没有把握，没有列出");
            found.push(UNSURE_IMPORT.at(
                FieldPath::root(),
                message,
                "请用 nianbao import 单独导入，看完整的导入情况",
            ));
        }
        found
    }
}

/// The beginning of a text on one line.
fn beginning(text: &str) -> String {
    const LENGTH: usize = 40;
    let line = text.replace('\n', " ");
    match line.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}……", &line[..end]),
        None => line,
    }
}

/// Looks for the sentences of the source in the finished document.
pub(super) fn sentences<'a>(source: impl Iterator<Item = &'a str>, document: &Value) -> Sentences {
    let (mut all, mut placed) = (FinishedWords::default(), FinishedWords::default());
    read(document, true, &mut |text, is_placed| {
        all.add(text);
        if is_placed {
            placed.add(text);
        }
    });
    let mut counted = Sentences::default();
    for words in source.flat_map(|text| text.split(ENDS)).map(words).filter(|words| !words.is_empty()) {
        counted.all += 1;
        counted.kept += usize::from(all.has(&words));
        counted.placed += usize::from(placed.has(&words));
    }
    counted
}

/// The shortest sentence, in characters; 版权所有。 is none.
const SHORTEST: usize = 8;

/// The sentences of a text that was left out, each with the mark that ends it.
pub(super) fn whole_sentences(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split_inclusive(ENDS).map(str::trim);
    parts.filter(|part| part.ends_with(['。', '！', '？']) && part.chars().count() >= SHORTEST)
}

/// What ends a sentence.
const ENDS: [char; 4] = ['。', '！', '？', '\n'];

/// Gives each text of a finished document that the source can have said, and whether it has a place.
fn read(value: &Value, is_placed: bool, give: &mut impl FnMut(&str, bool)) {
    match value {
        Value::String(text) => give(text, is_placed),
        Value::Array(items) => items.iter().for_each(|item| read(item, is_placed, give)),
        Value::Object(fields) => {
            // A problem is told with its detail before its cause.
            let (last, first): (Vec<_>, Vec<_>) = fields.iter().partition(|(key, _)| *key == "cause");
            for (key, value) in first.into_iter().chain(last) {
                if !is_own_words(key) {
                    read(value, is_placed && key != "unplaced", give);
                }
            }
        }
        _ => {}
    }
}

/// Whether a field holds what the program itself says and not what the source said.
pub(super) fn is_own_words(key: &str) -> bool {
    matches!(key, "note" | "template" | "indicators" | "kind" | "level" | "layout")
}

/// The words of a finished document, to look sentences up in.
#[derive(Default)]
struct FinishedWords {
    text: String,
    /// Its sentences. Nearly all of the source's are among them, in time that does not grow.
    sentences: HashSet<String>,
    /// Where the last one was found; the next most likely follows it.
    at: usize,
    /// How many sentences were looked for from end to end.
    searched: usize,
}

/// How many sentences are looked for from end to end: those that were cut in two. More than these
/// would be a fault, and cost time by the square of the length.
const MAX_SEARCHED: usize = 500;

impl FinishedWords {
    fn add(&mut self, text: &str) {
        for sentence in text.split(ENDS).map(words).filter(|words| !words.is_empty()) {
            self.text.push_str(&sentence);
            self.sentences.insert(sentence);
        }
    }

    fn has(&mut self, words: &str) -> bool {
        let ahead = &self.text[self.at..self.text.floor_char_boundary(self.at + NEAR)];
        let near = if ahead.starts_with(words) { Some(0) } else { ahead.find(words) };
        let place = near.map(|place| self.at + place).or_else(|| {
            // Elsewhere: told by the set without a search, or cut in two and searched for.
            let is_cut = !self.sentences.contains(words) && self.searched < MAX_SEARCHED;
            self.searched += usize::from(is_cut);
            is_cut.then(|| self.text.find(words)).flatten()
        });
        if let Some(place) = place {
            self.at = place + words.len();
        }
        place.is_some() || self.sentences.contains(words)
    }
}

/// How far ahead the next sentence is looked for, in bytes.
const NEAR: usize = 1 << 12;

/// Letters and figures only. The names of two fields stand in the source as words.
fn words(text: &str) -> String {
    let plain = text.replace("牵头单位", "").replace("责任单位", "");
    plain.chars().filter(|c| c.is_alphanumeric()).collect()
}
