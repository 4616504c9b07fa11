//! What is known of a batch besides its reports: with which settings they are checked, who is expected, and whose
//! reports a collection does not have.

use serde::{Deserialize, Serialize};

use crate::checks::{self, WrittenSettings};
use crate::import::TrackedChanges;
use crate::roster::RosterUnit;

/// What a batch is expected to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    /// Settings of the checks on top of the program's.
    #[serde(flatten)]
    pub checks: WrittenSettings,
    /// The units that were asked and of which there is no report.
    pub missing: Vec<MissingReport>,
    /// The units that are expected; empty where nobody said.
    #[serde(default)]
    pub roster: Vec<RosterUnit>,
    /// What is to be said of the list that they come from, in words.
    #[serde(default)]
    pub roster_remarks: Vec<String>,
    /// What is done to the tracked changes of Word documents.
    #[serde(default)]
    pub tracked_changes: TrackedChanges,
    /// Whether its reports were filled in here, and no file of theirs was ever seen by anybody: where in a text
    /// something stands tells nobody anything then.
    #[serde(default)]
    pub is_filled_in: bool,
}

/// A unit that has no report in a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingReport {
    pub code: String,
    pub name: String,
    /// How far it is, as people read it: 未报送（未开始）, 未通过（等待审核）, 无需报送.
    pub state: String,
    /// Why, where somebody said so.
    pub reason: String,
}

impl Expectation {
    /// The settings of the checks, on top of the program's. What an older program kept and this one does not
    /// understand changes nothing.
    pub(super) fn on_top_of(&self, checks: &checks::Settings) -> checks::Settings {
        self.checks.on_top_of(checks).unwrap_or_else(|_| checks.clone())
    }
}
