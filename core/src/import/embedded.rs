//! The document that a file of ours bears, as the contract has it.

use serde_json::Value;

use crate::difference::put;
use crate::input::{Format, Manuscript};
use crate::report::{Document, DocumentKind, FieldPath, Report, WorkPlan};

/// What a file bears, if that is a document of the contract.
pub(super) struct EmbeddedDocument {
    pub document: Document,
    /// The fields of it that only stand in for what it lacks.
    stood_in: Vec<FieldPath>,
}

impl EmbeddedDocument {
    /// Reads what was embedded: a report or a plan of work, whole or not yet.
    pub(super) fn read(embedded: &Value) -> Option<Self> {
        let bytes = serde_json::to_vec(embedded).ok()?;
        let manuscript = Manuscript::parse(&bytes, Format::Json).ok()?;
        let whole = |document: Document| Self { document, stood_in: vec![] };
        if let Ok(read) = manuscript.read::<Report>() {
            return Some(whole(read.value.into()));
        }
        if let Ok(read) = manuscript.read::<WorkPlan>() {
            return Some(whole(read.value.into()));
        }
        // Of the two, only a plan has sections.
        let is_plan = embedded.get("sections").is_some();
        let kind = if is_plan { DocumentKind::WorkPlan } else { DocumentKind::Report };
        let unfinished = manuscript.unfinished_document(kind).ok()?;
        Some(Self { document: unfinished.document, stood_in: unfinished.stood_in })
    }

    /// All its fields, without what only stood in for what it lacks.
    pub(super) fn fields(&self) -> Option<Value> {
        let mut fields = serde_json::to_value(&self.document).ok()?;
        let is_key = |path: &&FieldPath| path.segments().last().is_some_and(|last| last.index().is_none());
        for path in self.stood_in.iter().filter(is_key) {
            put(&mut fields, path, &Value::Null, false);
        }
        Some(fields)
    }
}
