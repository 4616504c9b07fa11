//! What can be wrong with a report, and how it is said: one currency for faults, which terminal,
//! form, JSON and batch manifest all show.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

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

/// The stable name of a kind of fault, and its page for `nianbao explain`. Declared with
/// [`code!`](crate::code), which takes the page from the doc comment.
#[derive(Debug)]
pub struct Code {
    /// Names the fault, not the remedy: `missing-section`.
    pub name: &'static str,
    pub severity: Severity,
    /// In Chinese: what it finds, why it matters, a wrong and a right example.
    pub explanation: &'static str,
}

/// Declares a [`Code`]; its doc comment is the page that users read, so it is in Chinese.
#[macro_export]
macro_rules! code {
    ($(#[doc = $line:literal])+ $visibility:vis $constant:ident = $name:literal, $severity:ident) => {
        $(#[doc = $line])+
        $visibility static $constant: $crate::diagnostic::Code = $crate::diagnostic::Code {
            name: $name,
            severity: $crate::diagnostic::Severity::$severity,
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
            code: self,
            severity: self.severity,
            path,
            message: message.into(),
            hint: hint.into(),
            span: None,
            allowed: None,
            position: None,
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

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

/// A line and a column of a text, both from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
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
    #[serde(skip)]
    pub before: String,
    /// What stands after them.
    #[serde(skip)]
    pub after: String,
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

/// One thing that is wrong with a report, where, and what to do about it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(description = "一处问题")]
pub struct Diagnostic {
    #[schemars(with = "String", description = "问题的代码，说明见 nianbao explain")]
    pub code: &'static Code,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// The reason for which the report itself lets it pass (its `allow` field).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<String>,
    /// Where it stands in the input, when that was read from a text.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

impl Diagnostic {
    /// The field's Chinese label: 「主要举措和成效第1项 › 标题」.
    pub fn label(&self) -> String {
        contract::label(&self.path)
    }
}

/// A result, and what is to be said about it nonetheless.
#[derive(Debug)]
pub struct Warned<T> {
    pub value: T,
    pub warnings: Vec<Diagnostic>,
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
