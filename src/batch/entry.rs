//! The account of one unit in the archive.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::attendance::CODES;
use super::expectation::MissingReport;
use super::harmless::{as_cell, in_file_name, visible};
use super::intake::Unit;
use super::settings::BatchSettings;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::import::WORD_CODES;
use crate::report::Choice;
use crate::workers::{MadeFile, PaperKind, UnitRecord};

/// The columns of the list of all units.
pub(super) const COLUMNS: [&str; 15] = [
    "序号",
    "来源",
    "报告单位",
    "年度",
    "结果",
    "文件",
    "页数",
    "错误",
    "警告",
    "提示",
    "第一处问题",
    "SHA-256",
    "对照名录",
    "计入汇总",
    "批注和修订",
];

/// The account of one unit.
#[derive(Serialize, Deserialize)]
pub(super) struct ArchiveEntry {
    pub number: usize,
    pub source: String,
    pub unit: Option<String>,
    pub year: Option<u16>,
    pub result: UnitResult,
    /// Whether it counts in what is told of all units: of a unit that came more than once one report does. Known once
    /// all have come.
    #[serde(default)]
    pub counted: bool,
    /// The file in the archive: the report, or the reasons why there is none.
    pub file: String,
    pub pages: Option<usize>,
    pub sha256: Option<String>,
    /// What was made besides.
    pub papers: Vec<PaperEntry>,
    pub findings: Vec<Diagnostic>,
}

/// The account of one paper that was made besides.
#[derive(Serialize, Deserialize)]
pub(super) struct PaperEntry {
    pub kind: PaperKind,
    pub file: String,
    /// Unknown of a Word file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<usize>,
    pub sha256: String,
}

/// What came of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitResult {
    Made,
    MadeWithWarnings,
    Failed,
}

impl UnitResult {
    pub fn of(told: &UnitRecord) -> Self {
        let is_warning =
            |finding: &Diagnostic| finding.severity > Severity::Note && finding.allowed.is_none();
        match told.made {
            None => Self::Failed,
            Some(_) if told.findings.iter().any(is_warning) => Self::MadeWithWarnings,
            Some(_) => Self::Made,
        }
    }

    /// The word that people read.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Made => "已生成",
            Self::MadeWithWarnings => "已生成，有警告",
            Self::Failed => "未生成",
        }
    }
}

/// How many units came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ResultCounts {
    pub total: usize,
    /// Without a remark.
    pub made: usize,
    pub made_with_warnings: usize,
    pub failed: usize,
    /// Units that a collection asked and of which there is no report: none of the total.
    pub missing: usize,
}

impl ResultCounts {
    pub(super) fn count(&mut self, result: UnitResult) {
        self.total += 1;
        *match result {
            UnitResult::Made => &mut self.made,
            UnitResult::MadeWithWarnings => &mut self.made_with_warnings,
            UnitResult::Failed => &mut self.failed,
        } += 1;
    }
}

impl ArchiveEntry {
    /// Of a unit that was made like this, with all its `files`. Where several papers are made of each unit, they
    /// lie in folders by their kinds.
    pub(super) fn new(
        unit: &Unit,
        told: UnitRecord,
        files: &[u8],
        width: usize,
        settings: &BatchSettings,
    ) -> Self {
        let result = UnitResult::of(&told);
        let number = format!("{:0width$}", unit.number);
        let within = |folder: &str, file: String| match settings.also.is_empty() {
            true => file,
            false => format!("{folder}/{file}"),
        };
        let named = |file: &MadeFile| format!("{number}-{}", in_file_name(&file.name));
        let (file, pages, sha256) = match &told.made {
            Some(made) => (
                within(settings.edition.map_or("报告", Choice::label), named(made)),
                made.pages,
                Some(sha256(told.files(files)[0].1)),
            ),
            None => {
                let unit = told.unit.as_deref().map(|unit| in_file_name(unit) + "-").unwrap_or_default();
                (within("未生成", format!("{number}-{unit}未生成-问题.txt")), None, None)
            }
        };
        let besides = told.files(files).into_iter().skip(usize::from(told.is_made()));
        let papers = told.papers.iter().zip(besides).map(|((kind, made), (_, bytes))| PaperEntry {
            kind: *kind,
            file: within(kind.label(), named(made)),
            pages: made.pages,
            sha256: self::sha256(bytes),
        });
        Self {
            number: unit.number,
            source: visible(&unit.source).into_owned(),
            papers: papers.collect(),
            unit: told.unit.map(|name| visible(&name).into_owned()),
            year: told.year,
            result,
            counted: false,
            file,
            pages,
            sha256,
            findings: told.findings,
        }
    }

    /// How many findings there are of this severity.
    pub(super) fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// What is to be said of its unit beside others and the roster.
    pub(super) fn attendance(&self) -> Vec<&str> {
        self.messages(&CODES)
    }

    fn messages(&self, codes: &[&Code]) -> Vec<&str> {
        let is_such = |finding: &&Diagnostic| codes.iter().any(|code| finding.is(code));
        self.findings.iter().filter(is_such).map(|finding| finding.message.as_str()).collect()
    }

    /// Its line in the list.
    pub(super) fn line(&self) -> [String; COLUMNS.len()] {
        let text = |text: Option<&str>| as_cell(text.unwrap_or_default());
        [
            self.number.to_string(),
            as_cell(&self.source),
            text(self.unit.as_deref()),
            self.year.map(|year| year.to_string()).unwrap_or_default(),
            self.result.label().to_owned(),
            as_cell(&self.file),
            self.pages.map(|pages| pages.to_string()).unwrap_or_default(),
            self.count(Severity::Error).to_string(),
            self.count(Severity::Warning).to_string(),
            self.count(Severity::Note).to_string(),
            text(self.findings.first().map(Diagnostic::in_one_line).as_deref()),
            text(self.sha256.as_deref()),
            text(Some(&self.attendance().join("；"))),
            if self.counted { "是".to_owned() } else { "否".to_owned() },
            text(Some(&self.messages(&WORD_CODES).join("；"))),
        ]
    }
}

/// The line of a unit that has no report in the list.
pub(super) fn missing_line(unit: &MissingReport) -> [String; COLUMNS.len()] {
    let mut line = [const { String::new() }; COLUMNS.len()];
    line[2] = as_cell(&visible(&unit.name));
    line[4] = as_cell(&unit.state);
    line[10] = as_cell(&visible(&unit.reason));
    line
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
