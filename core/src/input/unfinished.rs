//! A report that is still being written: shown as far as it goes, whatever is wrong with it.

use deserr::Deserr;

use super::fault::{Fault, Faults, INVALID_VALUE, MISSING_FIELD, UNKNOWN_FIELD, WRONG_TYPE};
use super::manuscript::Manuscript;
use super::node::{Node, NodeContent};
use crate::diagnostic::{Diagnostic, Failed};
use crate::report::fields::{self, Entry, Field};
use crate::report::path::Segment;
use crate::report::{Document, DocumentKind, FieldPath, Report, WorkPlan};

/// How often a tree is mended and read again. What stands in for a value may lack one of its own.
const ROUNDS: usize = 8;

/// A report made whole.
#[derive(Debug)]
pub struct UnfinishedReport {
    pub report: Report,
    /// The fields that something stands in for.
    pub stood_in: Vec<FieldPath>,
    /// What is wrong with the writing.
    pub faults: Vec<Diagnostic>,
}

/// A document of either kind made whole.
#[derive(Debug)]
pub struct UnfinishedDocument {
    pub document: Document,
    pub stood_in: Vec<FieldPath>,
    pub faults: Vec<Diagnostic>,
}

impl Manuscript {
    /// The report, which may lack what it must have: where a value is missing or cannot be, its field's
    /// name in brackets stands in for it. Fails where even that makes no report, as without a year.
    pub fn unfinished(&self) -> Result<UnfinishedReport, Failed> {
        let (report, stood_in, faults) = self.mended(DocumentKind::Report)?;
        Ok(UnfinishedReport { report, stood_in, faults })
    }

    /// The same of a report or a plan of work.
    pub fn unfinished_document(&self, kind: DocumentKind) -> Result<UnfinishedDocument, Failed> {
        let (document, stood_in, faults) = match kind {
            DocumentKind::Report => {
                let (report, stood_in, faults) = self.mended::<Report>(kind)?;
                (report.into(), stood_in, faults)
            }
            DocumentKind::WorkPlan => {
                let (plan, stood_in, faults) = self.mended::<WorkPlan>(kind)?;
                (plan.into(), stood_in, faults)
            }
        };
        Ok(UnfinishedDocument { document, stood_in, faults })
    }

    fn mended<T: Deserr<Faults>>(
        &self,
        kind: DocumentKind,
    ) -> Result<(T, Vec<FieldPath>, Vec<Diagnostic>), Failed> {
        let mut faults = match self.faultless::<T>() {
            Ok(document) => return Ok((document, vec![], vec![])),
            Err(faults) => faults,
        };
        let found = self.told(faults.clone());
        let mut root = self.root.clone();
        root.keep_last_of_equals();
        let mut stood_in = vec![];
        for _ in 0..ROUNDS {
            for fault in faults.iter() {
                let mended = mend(kind, &mut root, fault).filter(|path| !stood_in.contains(path));
                stood_in.extend(mended);
            }
            match deserr::deserialize::<T, _, _>(&root) {
                Ok(document) => return Ok((document, stood_in, found)),
                Err(more) => faults = more,
            }
        }
        Err(Failed::Report(found))
    }
}

/// Puts something in the place of what is wrong, or takes it away. Tells the field that is shown
/// otherwise than it was written.
fn mend(kind: DocumentKind, root: &mut Node, fault: &Fault) -> Option<FieldPath> {
    let path = &fault.path;
    let is = |code| std::ptr::eq(fault.code, code);
    if is(&UNKNOWN_FIELD) {
        take(root, path);
        return None;
    }
    if !(is(&MISSING_FIELD) || is(&INVALID_VALUE) || is(&WRONG_TYPE)) {
        return None;
    }
    match fields::find_of(kind, path).and_then(|field| stand_in(field, root)) {
        Some(value) => put(root, path, value),
        None if is(&MISSING_FIELD) => take(root, &parent(path)),
        None if matches!(path.segments().last(), Some(Segment::Index(_))) => take(root, &parent(path)),
        None => take(root, path),
    }
    Some(path.clone())
}

/// What shows that a value is missing. A number has no such thing, but a year that the document names elsewhere.
fn stand_in(field: &Field, root: &Node) -> Option<NodeContent> {
    match &field.entry {
        Entry::Line if field.key == "value" => Some(NodeContent::Scalar("不适用".into())),
        Entry::Line | Entry::Text | Entry::Lines | Entry::Paragraphs => {
            Some(NodeContent::Scalar(format!("〔{}〕", field.title)))
        }
        // The first day on which the report can be dated.
        Entry::Date => {
            let year: u32 = root.get("year")?.characters()?.trim().parse().ok()?;
            Some(NodeContent::Scalar(format!("{}-01-01", year + 1)))
        }
        Entry::Number if field.key == "year" => year_named(root).map(NodeContent::Scalar),
        Entry::Group(_) => Some(NodeContent::Map(vec![])),
        _ => None,
    }
}

/// The year that the title names, else the first text that names one.
fn year_named(node: &Node) -> Option<String> {
    let named = |text: &str| {
        let ends = text.match_indices('年').map(|(at, _)| at);
        let mut years = ends.filter_map(|at| text.get(at.checked_sub("2024".len())?..at));
        years
            .find(|year| year.starts_with("20") && year.bytes().all(|c| c.is_ascii_digit()))
            .map(str::to_owned)
    };
    let of_title = node.get("title").and_then(Node::characters).and_then(named);
    of_title.or_else(|| match &node.content {
        NodeContent::Scalar(text) => named(text),
        NodeContent::Sequence(items) => items.iter().find_map(year_named),
        NodeContent::Map(entries) => entries.iter().find_map(|entry| year_named(&entry.value)),
        NodeContent::Null | NodeContent::Boolean(_) => None,
    })
}

fn parent(path: &FieldPath) -> FieldPath {
    let segments = path.segments();
    segments[..segments.len().saturating_sub(1)].iter().cloned().collect()
}

fn put(root: &mut Node, path: &FieldPath, content: NodeContent) {
    match (root.at_mut(&parent(path)), path.segments().last()) {
        (Some(Node { content: NodeContent::Map(entries), .. }), Some(Segment::Key(key))) => {
            match entries.iter_mut().find(|entry| entry.key == *key) {
                Some(entry) => entry.value.content = content,
                None => entries.push(super::node::MapEntry::new(key, content)),
            }
        }
        (Some(Node { content: NodeContent::Sequence(items), .. }), Some(Segment::Index(index))) => {
            if let Some(item) = items.get_mut(*index) {
                item.content = content;
            }
        }
        _ => {}
    }
}

/// Takes a field away. An item of a list stays as an empty one, so that those behind it keep
/// their numbers.
fn take(root: &mut Node, path: &FieldPath) {
    match (root.at_mut(&parent(path)), path.segments().last()) {
        (Some(Node { content: NodeContent::Map(entries), .. }), Some(Segment::Key(key))) => {
            entries.retain(|entry| entry.key != *key);
        }
        (Some(Node { content: NodeContent::Sequence(items), .. }), Some(Segment::Index(index))) => {
            if let Some(item) = items.get_mut(*index) {
                item.content = NodeContent::Map(vec![]);
            }
        }
        _ => {}
    }
}
