//! What the form shows of a draft that several write: where it is kept, who writes, what is to be chosen
//! between, what a reviewer said of its fields.

use serde::Serialize;

use crate::collections::drafts::DraftConflict;

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
    pub is_returned: bool,
    /// Why it was returned.
    pub reason: String,
    pub revision: i64,
    /// The newest version when this was shown; 0 for none.
    pub version: i64,
    /// Why it cannot be written at.
    pub lock: Option<&'static str>,
    /// The parts that alone are open, as paths and in words; none for all.
    pub parts: Vec<(String, String)>,
    /// Who else writes.
    pub writers: Vec<String>,
    pub conflicts: Vec<DraftConflict>,
    pub notice: Option<FormNotice>,
    /// Why warnings stand, as it was entered.
    pub warning_reason: String,
}

/// What is said of what was just done.
#[derive(Serialize)]
pub(in crate::web) struct FormNotice {
    pub message: String,
    pub is_error: bool,
}

/// What a reviewer said of a field.
#[derive(Serialize)]
pub(super) struct FieldRemark {
    pub label: String,
    pub text: String,
    pub by: String,
    pub is_answer: bool,
}
