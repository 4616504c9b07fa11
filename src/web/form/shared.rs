//! What the form shows of a draft that several write: where it is kept, who writes, what is to be chosen
//! between, what a reviewer said of its fields.

use serde::Serialize;

use super::aside::{cut, escaped};
use super::findings::Finding;
use crate::collections::drafts::DraftConflict;
use crate::diagnostic::Diagnostic;

/// A draft of the service, beside what stands in the form.
#[derive(Serialize)]
pub(in crate::web) struct SharedDraft {
    /// Where it is posted, and where scripts save it.
    pub address: String,
    pub api: String,
    /// The unit's page of the collection, and where the report is submitted.
    pub back: String,
    pub submission: String,
    pub unit: String,
    pub collection: String,
    pub collection_id: String,
    pub state: &'static str,
    /// The day on which it is due, in words.
    pub due: String,
    /// How it came back to the unit (已退回, 审签没有同意), and why; empty where it did not.
    pub came_back: &'static str,
    pub reason: String,
    /// Whether last year's report was given along.
    pub has_last_year: bool,
    /// What is said where nobody can sign for the unit.
    pub signer: Option<String>,
    pub revision: i64,
    /// Before anybody has written: by what it is known again what was shown.
    pub beginning: Option<String>,
    /// The newest version when this was shown; 0 for none.
    pub version: i64,
    /// Why it cannot be written at.
    pub lock: Option<&'static str>,
    /// The parts that alone are open, as paths and in words; none for all.
    pub parts: Vec<(String, String)>,
    /// Who else writes.
    pub writers: Vec<String>,
    pub conflicts: Vec<ShownConflict>,
    /// How many there are besides.
    pub more_conflicts: usize,
    pub notice: Option<FormNotice>,
    /// Why warnings stand, as it was entered.
    pub warning_reason: String,
}

/// What is said of what was just done.
#[derive(Default, Serialize)]
pub(in crate::web) struct FormNotice {
    pub message: String,
    pub is_error: bool,
    /// What was found in a file that is not in the form, and how much there is in all.
    pub findings: Vec<Finding>,
    pub found: usize,
    /// What is said of the file besides.
    pub more: Vec<String>,
}

impl FormNotice {
    /// The same with what was found in a file.
    pub(in crate::web) fn with(self, found: &[Diagnostic]) -> Self {
        Self { findings: Finding::of_file(found), found: found.len(), ..self }
    }
}

/// A conflict as the form shows it.
#[derive(Serialize)]
pub(in crate::web) struct ShownConflict {
    id: String,
    label: String,
    by: String,
    others: Vec<String>,
    mine_shown: String,
    theirs_shown: String,
}

/// How many conflicts are shown at a time, and how much of either text, in characters.
const CONFLICTS: usize = 10;
const LONGEST_SHOWN: usize = 300;

impl ShownConflict {
    /// The first of many, and how many there are besides.
    pub(in crate::web) fn first_of(conflicts: Vec<DraftConflict>) -> (Vec<Self>, usize) {
        let more = conflicts.len().saturating_sub(CONFLICTS);
        let shown = conflicts.into_iter().take(CONFLICTS).map(|one| Self {
            id: one.id,
            label: one.label,
            by: one.by,
            others: one.others.into_iter().take(CONFLICTS).collect(),
            mine_shown: cut(&one.mine_shown, LONGEST_SHOWN),
            theirs_shown: cut(&one.theirs_shown, LONGEST_SHOWN),
        });
        (shown.collect(), more)
    }

    fn weight(&self) -> usize {
        let words = [&self.label, &self.by, &self.mine_shown, &self.theirs_shown];
        600 + words.into_iter().chain(&self.others).map(|text| escaped(text)).sum::<usize>()
    }
}

impl SharedDraft {
    /// What it adds to the page at most, in bytes.
    pub(super) fn weight(&self) -> usize {
        let words = [&self.unit, &self.collection, &self.reason, &self.warning_reason].into_iter();
        let words: usize = words.chain(&self.writers).map(|text| escaped(text)).sum();
        let notice = self.notice.as_ref().map_or(0, |notice| {
            let findings = notice.findings.iter().map(Finding::weight);
            escaped(&notice.message)
                + notice.more.iter().map(|text| escaped(text)).chain(findings).sum::<usize>()
        });
        // A reason stands in both forms.
        2 * words + notice + self.conflicts.iter().map(ShownConflict::weight).sum::<usize>()
    }
}

/// What a reviewer said of a field.
#[derive(Serialize)]
pub(super) struct FieldRemark {
    pub label: String,
    pub text: String,
    pub by: String,
    pub is_answer: bool,
}

impl FieldRemark {
    pub(super) fn weight(&self) -> usize {
        160 + escaped(&self.text) + escaped(&self.label) + escaped(&self.by)
    }
}
