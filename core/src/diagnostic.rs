//! What can be wrong with a report, and how it is said: one currency for faults, which terminal,
//! form, JSON and batch manifest all show.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::FieldPath;
use crate::report::contract;

/// How much a fault matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(description = "严重程度")]
pub enum Severity {
    /// 提示: informs a reviewer.
    Note,
    /// 警告: the report can be issued, but someone should look.
    Warning,
    /// 错误: the report must not be issued.
    Error,
}

impl Severity {
    /// The word that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Error => "错误",
            Self::Warning => "警告",
            Self::Note => "提示",
        }
    }
}

/// What kind of thing went wrong, and so whose turn it is. A shell gives each class its status or exit
/// code, in one table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(
    description = "问题的类别，不写的是 wrong：unreadable 读不懂，too-large 太大，wrong 内容有误，late 超过时限，broken 处理时程序中断，program 程序或安装有误"
)]
pub enum Class {
    /// It can be read, and something in it is not as it should be.
    #[default]
    Wrong,
    /// Nobody can tell what was written.
    Unreadable,
    /// It is larger than what is read at all.
    TooLarge,
    /// It took longer than it may.
    Late,
    /// What was at it broke down, as from want of memory.
    Broken,
    /// The program or its installation is at fault, and not what it was given.
    Program,
}

impl Class {
    fn is_wrong(&self) -> bool {
        *self == Self::Wrong
    }
}

/// The stable name of a kind of fault, and its page for `nianbao explain`. Declared with
/// [`code!`](crate::code), which takes the page from the doc comment.
#[derive(Debug)]
pub struct Code {
    /// Names the fault, not the remedy: `missing-section`.
    pub name: &'static str,
    pub severity: Severity,
    pub class: Class,
    /// In Chinese: what it finds, why it matters, a wrong and a right example.
    pub explanation: &'static str,
}

/// Declares a [`Code`]; its doc comment is the page that users read, so it is in Chinese. Its class is
/// [`Class::Wrong`] where none is named.
#[macro_export]
macro_rules! code {
    ($(#[doc = $line:literal])+ $visibility:vis $constant:ident = $name:literal, $severity:ident) => {
        $crate::code! { $(#[doc = $line])+ $visibility $constant = $name, $severity, Wrong }
    };
    ($(#[doc = $line:literal])+ $visibility:vis $constant:ident = $name:literal, $severity:ident, $class:ident) => {
        $(#[doc = $line])+
        $visibility static $constant: $crate::diagnostic::Code = $crate::diagnostic::Code {
            name: $name,
            severity: $crate::diagnostic::Severity::$severity,
            class: $crate::diagnostic::Class::$class,
            explanation: concat!($($line, "\n"),+),
        };
    };
}

impl Code {
    /// Begins a diagnostic of this kind at `path`: what is wrong, and what to do next.
    pub fn at(
        &'static self,
        path: FieldPath,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic {
            code: self.name.into(),
            title: self.summary().into(),
            class: self.class,
            severity: self.severity,
            path,
            message: message.into(),
            hint: hint.into(),
            span: None,
            remedy: vec![],
            position: None,
            place: None,
            allowed: None,
        }
    }

    /// The page for people: paragraphs without the doc comment's indentation.
    pub fn page(&self) -> String {
        self.explanation.lines().map(str::trim).collect::<Vec<_>>().join("\n").trim().to_owned()
    }

    /// The page's first line: the code in a few words.
    pub fn summary(&self) -> &'static str {
        self.explanation.lines().next().unwrap_or_default().trim()
    }
}

/// A line and a column of a text, both from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "所在的行和列，从 1 数起")]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// Where in a field's text it stands, in characters from 0, the end not included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    pub start: usize,
    pub end: usize,
    /// The words that stand there.
    pub words: String,
    /// What stands before them, for the eye.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(description = "前面的几个字，给人看")]
    pub before: String,
    /// What stands after them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(description = "后面的几个字，给人看")]
    pub after: String,
}

/// What may stand in place of some words of a field's text. Its place is in characters from 0, the end not included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "栏目的文字里，哪几个字可以改成什么")]
pub struct Amendment {
    pub start: usize,
    pub end: usize,
    #[schemars(description = "现在的字")]
    pub words: String,
    #[schemars(description = "改成的字")]
    pub replacement: String,
}

/// How many characters of what a finding is about are shown.
const LONGEST_QUOTATION: usize = 60;

impl Span {
    /// For the eye, each in one line: what stands before the words, the words, what stands after
    /// them. Of a whole paragraph its beginning is enough to find it.
    pub fn quotation(&self) -> [String; 3] {
        let line = |text: &str| text.replace('\n', " ");
        let words = match self.words.char_indices().nth(LONGEST_QUOTATION) {
            Some((end, _)) => format!("{}……", &self.words[..end]),
            None => self.words.clone(),
        };
        [line(&self.before), line(&words), line(&self.after)]
    }
}

/// One thing that is wrong with a report, where, and what to do about it. Plain data: it is the same on
/// either side of a worker's pipe, in the terminal, over HTTP and in a manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "一处问题")]
pub struct Diagnostic {
    #[schemars(with = "String", description = "问题的代码，说明见 nianbao explain")]
    pub code: Cow<'static, str>,
    /// The code in a few words.
    #[serde(default)]
    #[schemars(with = "String", description = "问题的简短名称")]
    pub title: Cow<'static, str>,
    #[serde(default, skip_serializing_if = "Class::is_wrong")]
    pub class: Class,
    #[schemars(description = "严重程度：error 错误，warning 警告，note 提示")]
    pub severity: Severity,
    /// The field; the empty path is the whole report.
    #[schemars(with = "String", description = "字段的路径；空的表示整份报告")]
    pub path: FieldPath,
    /// What is wrong, in Chinese, with the field's label.
    #[schemars(description = "哪里不对")]
    pub message: String,
    /// What to do next, in Chinese.
    #[schemars(description = "接下来怎么办")]
    pub hint: String,
    /// Which words of the field's text it is about, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// How the text would be right, where it is plain enough to be offered to the writer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(description = "怎样改就对，明白的才有")]
    pub remedy: Vec<Amendment>,
    /// Where it stands in the input, when that was read from a text.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The cell of a workbook, in words, if the report comes from one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(description = "在征集表的哪一格")]
    pub place: Option<String>,
    /// The reason for which the report itself lets it pass (its `allow` field).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(description = "报告写明的放行理由")]
    pub allowed: Option<String>,
}

impl Diagnostic {
    /// The field's Chinese label: 「主要举措和成效第1项 › 标题」.
    pub fn label(&self) -> String {
        contract::label(&self.path)
    }

    /// Whether it is of this kind.
    pub fn is(&self, code: &Code) -> bool {
        self.code == code.name
    }

    /// Where in the input it stands, in words: a cell of a workbook, or line and column of a text. What is missing
    /// altogether has the beginning of the text for its place, which says nothing.
    pub fn whereabouts(&self) -> Option<String> {
        let told = self.position.filter(|at| (at.line, at.column) != (1, 1));
        let in_text = || told.map(|at| format!("第{}行第{}列", at.line, at.column));
        self.place.clone().or_else(in_text)
    }

    /// What is wrong and where, for a list with one line a finding.
    pub fn in_one_line(&self) -> String {
        match self.whereabouts() {
            Some(place) => format!("{}（{place}）", self.message),
            None => self.message.clone(),
        }
    }
}

/// The class that tells what became of a document with these findings: the first that is not merely wrong.
pub fn class_of(found: &[Diagnostic]) -> Class {
    found.iter().map(|one| one.class).find(|class| *class != Class::Wrong).unwrap_or_default()
}

/// A result, and what is to be said about it nonetheless.
#[derive(Debug)]
pub struct Warned<T> {
    pub value: T,
    pub warnings: Vec<Diagnostic>,
}

impl<T> Warned<T> {
    /// The same about another value.
    pub fn map<U>(self, map: impl FnOnce(T) -> U) -> Warned<U> {
        Warned { value: map(self.value), warnings: self.warnings }
    }
}

/// Why a stage has no result.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The report is at fault; its writer can mend it.
    #[error("报告有 {} 处问题", .0.len())]
    Report(Vec<Diagnostic>),
    /// The program or its installation is at fault; its operator can.
    #[error(transparent)]
    Program(#[from] Box<dyn std::error::Error + Send + Sync>),
}

impl From<Diagnostic> for Failed {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Report(vec![diagnostic])
    }
}
