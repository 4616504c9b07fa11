//! What is told of a Word document: the comments and tracked changes in it, and of one of ours what was changed.

use schemars::JsonSchema;
use serde::Serialize;

use super::fault::{LEFT_COMMENTS, TRACKED_EDITS};
use super::format::TrackedChanges;
use crate::diagnostic::Diagnostic;
use crate::difference::{Alteration, FieldDifference, Stretch, StretchKind};
use crate::report::{Choice, FieldPath, contract};

/// What people did to a Word document.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(description = "Word 文档的批注、修订和改动")]
pub struct WordAccount {
    /// Nothing where the document is none of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(description = "本程序生成的 Word 文档：各栏目的标记还在不在；别的文档没有这一项")]
    pub controls: Option<ControlState>,
    /// Whether it is one of ours for the public.
    #[schemars(description = "是不是公开版：报送版才有的版头、抄送机关、印发机关和印发日期不在文档里")]
    pub is_public: bool,
    #[schemars(description = "修订有几处")]
    pub tracked: usize,
    #[schemars(description = "修订是接受了还是拒绝了")]
    pub tracked_changes: TrackedChanges,
    #[schemars(description = "批注")]
    pub comments: Vec<WordComment>,
    #[schemars(description = "分开、合并、移动了什么")]
    pub deeds: Vec<WordRemark>,
    #[schemars(description = "和文档里带的原稿相比改了什么，逐个栏目")]
    pub differences: Vec<FieldDifference>,
}

/// Whether the controls that name the fields are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(description = "各栏目的标记：kept 还在，lost 丢了")]
pub enum ControlState {
    Kept,
    /// A program that saved the file has dropped them: paragraphs are known by what they say.
    Lost,
}

/// What somebody has written beside the text.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(description = "一条批注")]
pub struct WordComment {
    #[schemars(description = "作者")]
    pub author: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(description = "日期，如 2025-02-20")]
    pub day: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(description = "在文档的第几段")]
    pub line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", description = "说的是哪个字段：它的路径")]
    pub path: Option<FieldPath>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(description = "字段的名称")]
    pub label: Option<String>,
    #[schemars(description = "批注所指的文字")]
    pub quoted: String,
    #[schemars(description = "批注的内容")]
    pub text: String,
}

/// Something that was understood of what somebody did.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(description = "一处分开、合并或者移动")]
pub struct WordRemark {
    #[schemars(description = "在文档的第几段")]
    pub line: usize,
    #[schemars(description = "做了什么")]
    pub message: String,
}

/// How many differences are told to a person; JSON has all.
const MAX_TOLD: usize = 200;

/// How much is shown of a text that came or went, and of what stands around a change, in characters.
const LONGEST: usize = 60;
const AROUND: usize = 8;

/// How many comments and differences a reviewer of many is told.
const FIRST: usize = 3;

impl WordAccount {
    /// What a reviewer of many should know of it: comments that nobody has dealt with, and changes that nobody has
    /// accepted.
    pub(super) fn findings(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        if self.tracked > 0 {
            let message =
                format!("Word 文档里有{}处修订，已全部{}", self.tracked, self.tracked_changes.label());
            let hint = "请核对取的是不是定稿；逐处取舍的，请在 Word 里接受或拒绝后再报来";
            found.push(TRACKED_EDITS.at(FieldPath::root(), message, hint));
        }
        if let Some(first) = self.comments.first() {
            let told: Vec<String> = self.comments.iter().take(FIRST).map(WordComment::text).collect();
            let and_more = if self.comments.len() > FIRST { "；等等" } else { "" };
            let message =
                format!("Word 文档里有{}条批注：{}{and_more}", self.comments.len(), told.join("；"));
            let path = first.path.clone().filter(|_| self.comments.len() == 1).unwrap_or_default();
            let hint = "请看过批注再定稿；全部批注用 nianbao import 单独导入可以看到";
            found.push(LEFT_COMMENTS.at(path, message, hint));
        }
        found
    }

    /// What was changed against the report that a document of ours bears, in short.
    pub(super) fn of_differences(&self) -> Option<String> {
        let labels: Vec<&str> = self.differences.iter().take(FIRST).map(|one| one.label.as_str()).collect();
        let and_more = if self.differences.len() > FIRST { "等" } else { "" };
        let of_ours = self.controls.is_some();
        match self.differences.len() {
            0 => of_ours.then(|| "；和文档里带的原稿相比没有改动".to_owned()),
            count => Some(format!("；和文档里带的原稿相比改了{count}处：{}{and_more}", labels.join("、"))),
        }
    }

    /// The account for people.
    pub(super) fn text(&self) -> String {
        let mut text = match self.controls {
            Some(ControlState::Kept) => {
                "这是本程序生成的 Word 文档，文档里带着原稿，各栏目的文字按标记取出。\n".to_owned()
            }
            Some(ControlState::Lost) => {
                "这是本程序生成的 Word 文档，但另存它的软件没有保留各栏目的标记，文字是和文档里带的原稿对照着取的，请仔细核对。\n"
                    .to_owned()
            }
            None => String::new(),
        };
        if self.is_public {
            text += "文档是公开版：报送版才有的版头和版记（抄送机关、印发机关、印发日期）不在文档里，导入的结果里也没有。\n";
        }
        if self.tracked > 0 {
            let other = match self.tracked_changes {
                TrackedChanges::Accept => TrackedChanges::Reject,
                TrackedChanges::Reject => TrackedChanges::Accept,
            };
            let (done, wish, word) = (self.tracked_changes.label(), other.label(), other.word());
            text += &format!("修订：{}处，已全部{done}（要{wish}请加 --changes {word}）。\n", self.tracked);
        }
        if self.controls.is_some() && self.differences.is_empty() {
            text += "和文档里带的原稿相比，没有改动。\n";
        }
        if !self.differences.is_empty() {
            text += "\n和文档里带的原稿相比（【原来的→现在的】）：\n";
        }
        for one in self.differences.iter().take(MAX_TOLD) {
            text += &format!("  {}\n", told(one));
        }
        if self.differences.len() > MAX_TOLD {
            text += &format!("  另有{}处没有列出\n", self.differences.len() - MAX_TOLD);
        }
        if !self.deeds.is_empty() {
            text += "\n看出来的：\n";
        }
        for deed in &self.deeds {
            text += &format!("  第{}段：{}\n", deed.line, deed.message);
        }
        if !self.comments.is_empty() {
            text += "\n批注：\n";
        }
        for one in &self.comments {
            let said = one.text.replace('\n', " ");
            text += &format!("  {} {}：{said}\n", one.writer(), one.place(&one.quoted));
        }
        text
    }
}

impl WordComment {
    /// Who wrote it, and when.
    fn writer(&self) -> String {
        let day = self.day.as_deref().map(|day| format!("（{day}）")).unwrap_or_default();
        format!("{}{day}", self.author)
    }

    /// What it is about, with these words of it.
    fn place(&self, quoted: &str) -> String {
        let place = self.label.clone().or_else(|| self.line.map(|line| format!("第{line}段")));
        let place = place.unwrap_or_else(|| "不知道说的是哪一处".to_owned());
        if quoted.is_empty() { place } else { format!("{place}“{quoted}”") }
    }

    /// The comment in short.
    fn text(&self) -> String {
        let (writer, place) = (shown(&self.writer()), self.place(&shown(&self.quoted)));
        format!("{writer}在{place}：{}", shown(&self.text))
    }
}

fn told(one: &FieldDifference) -> String {
    let label = &one.label;
    match &one.alteration {
        Alteration::Addition { text } => format!("增加 {label}：{}", shown(text)),
        Alteration::Removal { text } => format!("删除 {label}：{}", shown(text)),
        Alteration::Move { from } => format!("移动 {label}：原来是{}", contract::label(from)),
        Alteration::Rewording { stretches } => format!("改写 {label}：{}", marked(stretches)),
    }
}

fn shown(text: &str) -> String {
    let text = text.replace('\n', " ");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}……", &text[..end]),
        None => text,
    }
}

/// The changed words with a little of what stands around them.
fn marked(stretches: &[Stretch]) -> String {
    let mut marked = String::new();
    let mut at = 0;
    while let Some(one) = stretches.get(at) {
        let text = one.text.replace('\n', " ");
        at += 1;
        match one.kind {
            StretchKind::Both => {
                let characters: Vec<char> = text.chars().collect();
                let head = if at == 1 { 0 } else { AROUND };
                let tail = if at == stretches.len() { 0 } else { AROUND };
                if characters.len() <= head + tail + 2 {
                    marked += &text;
                } else {
                    marked.extend(&characters[..head]);
                    marked += "…";
                    marked.extend(&characters[characters.len() - tail..]);
                }
            }
            StretchKind::Old => {
                let new = stretches.get(at).filter(|next| next.kind == StretchKind::New);
                at += usize::from(new.is_some());
                let new = new.map(|new| new.text.replace('\n', " ")).unwrap_or_default();
                marked += &format!("【{}→{}】", shown(&text), shown(&new));
            }
            StretchKind::New => marked += &format!("【→{}】", shown(&text)),
        }
    }
    marked
}
