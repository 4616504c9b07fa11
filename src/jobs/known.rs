//! What is known of a batch.

use serde::{Deserialize, Serialize};

use super::database::Seal;
use crate::batch::{self, Expectation, ResultCounts};
use crate::report::Edition;
use crate::workers::PaperKind;

/// Where a batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchState {
    /// It waits for someone who has looked at it to begin it.
    Uploaded,
    Running,
    Completed,
    CompletedWithFailures,
    Cancelled,
}

/// How many batches there are, and what of them waits.
#[derive(Clone, Debug, Default)]
pub struct Census {
    /// By state; a state that none has is told with 0.
    pub batches: Vec<(BatchState, i64)>,
    /// Units of running batches that are not done.
    pub waiting_units: i64,
    /// For how many seconds the batch that has been running longest has had such units; 0 where there is none.
    pub oldest_seconds: i64,
}

impl BatchState {
    pub(super) const ALL: [Self; 5] =
        [Self::Uploaded, Self::Running, Self::Completed, Self::CompletedWithFailures, Self::Cancelled];

    pub fn name(self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::CompletedWithFailures => "completed_with_failures",
            Self::Cancelled => "cancelled",
        }
    }

    /// The word that people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Uploaded => "待开始",
            Self::Running => "正在生成",
            Self::Completed => "已完成",
            Self::CompletedWithFailures => "已结束，有单位没有生成",
            Self::Cancelled => "已取消",
        }
    }

    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether there is an archive.
    pub fn has_archive(self) -> bool {
        matches!(self, Self::Completed | Self::CompletedWithFailures)
    }
}

impl From<batch::Completeness> for BatchState {
    fn from(state: batch::Completeness) -> Self {
        match state {
            batch::Completeness::Completed => Self::Completed,
            batch::Completeness::CompletedWithFailures => Self::CompletedWithFailures,
        }
    }
}

/// What was wished of a batch, and what it is held against.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchTerms {
    #[serde(flatten)]
    pub expectation: Expectation,
    /// What is made of each report besides.
    #[serde(default)]
    pub also: Vec<PaperKind>,
    /// The reports of the year before, and the plans of the year, which lie beside the upload.
    #[serde(default)]
    pub last_year: Option<EnclosedFile>,
    #[serde(default)]
    pub plan: Option<EnclosedFile>,
}

/// A file that came with an upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnclosedFile {
    /// What it was called; its ending says how to read it.
    pub name: String,
    /// SHA-256, in hexadecimal digits.
    pub digest: String,
}

/// What is known of a batch. Times are seconds since 1970.
#[derive(Clone, Debug)]
pub struct Batch {
    pub id: String,
    /// What the upload was called.
    pub name: String,
    pub(super) kind: String,
    pub edition: Option<Edition>,
    pub(super) digest: String,
    pub state: BatchState,
    /// How often it was begun: 1, and once more each time its failed units are tried again.
    pub round: i64,
    pub counts: ResultCounts,
    /// How many reports are of a unit that came before, and how many of units that nobody expected.
    pub repeated: usize,
    pub unlisted: usize,
    pub created_at: i64,
    pub(super) begun_at: i64,
    pub ended_at: Option<i64>,
    /// Why the program ended it, if it did and not a person.
    pub reason: Option<String>,
    /// Whether its archive was lost and is, or was, made again.
    pub(super) is_remade: bool,
    pub(super) seal: Option<Seal>,
}

impl Batch {
    /// How many units are done, made or not.
    pub fn done(&self) -> usize {
        self.counts.made + self.counts.made_with_warnings + self.counts.failed
    }

    /// How many seconds it took, the last round of several.
    pub fn seconds(&self) -> Option<i64> {
        // A clock that was set back meanwhile tells nothing.
        self.ended_at.map(|ended| (ended - self.begun_at).max(0))
    }
}

/// A unit of which something is to be said: why it has no report, or what was found first in one that it has.
#[derive(Clone, Debug)]
pub struct UnitRemark {
    pub number: usize,
    pub source: String,
    pub unit: Option<String>,
    pub message: String,
    /// Whether it may come to something when it is tried again: it is no fault of the report.
    pub may_pass: bool,
}
