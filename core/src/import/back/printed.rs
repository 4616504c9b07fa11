//! What a document was when it was written: the report, and its paragraphs with the fields that they were made of.

use std::collections::HashMap;

use serde_json::Value;

use super::super::embedded::EmbeddedDocument;
use super::super::format::{MAX_PARTS, MAX_TEXT};
use super::NotOurs;
use super::part::{DocumentSource, PrintedPiece};
use crate::difference::at;
use crate::language::numerals::is_place;
use crate::report::fields::{self, Entry};
use crate::report::path::Segment;
use crate::report::{DocumentKind, FieldPath};

/// A document as it was written.
pub(super) struct PrintedDocument {
    pub kind: DocumentKind,
    /// The report, or the plan, with all its fields, as the contract writes them.
    pub report: Value,
    pub paragraphs: Vec<PrintedParagraph>,
    /// Where each field stands.
    pub fields: HashMap<FieldPath, FieldHomes>,
}

/// Where a field stands.
#[derive(Default)]
pub(super) struct FieldHomes {
    /// Its paragraphs, in their order.
    pub paragraphs: Vec<usize>,
    /// Which piece of each of them it is.
    pieces: Vec<usize>,
    /// What it says in each of the places where it stands whole, and in how many paragraphs: a text of several
    /// lines takes paragraphs one behind the other.
    pub texts: Vec<(String, usize)>,
}

impl FieldHomes {
    fn add(&mut self, paragraph: usize, piece: usize, text: &str) {
        let last = self.paragraphs.last().copied();
        match self.texts.last_mut() {
            Some((said, _)) if last == Some(paragraph) => said.push_str(text),
            Some((said, lines)) if last.is_some_and(|last| last + 1 == paragraph) => {
                said.push('\n');
                said.push_str(text);
                *lines += 1;
            }
            _ => self.texts.push((text.to_owned(), 1)),
        }
        if last != Some(paragraph) {
            self.paragraphs.push(paragraph);
            self.pieces.push(piece);
        }
    }

    /// Which piece of a paragraph it is.
    pub(super) fn place(&self, paragraph: usize) -> Option<usize> {
        self.paragraphs.binary_search(&paragraph).ok().map(|at| self.pieces[at])
    }

    /// Whether it is a text of several lines.
    pub(super) fn has_lines(&self) -> bool {
        self.texts.iter().any(|(_, lines)| *lines > 1)
    }
}

pub(super) struct PrintedParagraph {
    pub pieces: Vec<PrintedRun>,
    pub text: String,
}

/// Text of one field, or of the template.
pub(super) struct PrintedRun {
    pub field: Option<FieldPath>,
    pub text: String,
}

/// The longest path of a field, in bytes.
const MAX_PATH: usize = 255;

/// Reads what the part says, if it holds together.
pub(super) fn read(source: &str) -> Result<PrintedDocument, NotOurs> {
    let source: DocumentSource = serde_json::from_str(source).map_err(|_| NotOurs::BrokenPart)?;
    let (kind, report) = report(&source.report)?;
    let (mut parts, mut length) = (0, 0);
    let mut paragraphs = Vec::with_capacity(source.printed.len());
    let mut fields: HashMap<FieldPath, FieldHomes> = HashMap::new();
    for (index, pieces) in source.printed.into_iter().enumerate() {
        let mut paragraph = PrintedParagraph { pieces: vec![], text: String::new() };
        for piece in pieces {
            let run = run(kind, piece, &report).ok_or(NotOurs::BrokenPart)?;
            parts += 1;
            length += run.text.len();
            // A short part may speak of a long text many times.
            if parts > MAX_PARTS || length > MAX_TEXT {
                return Err(NotOurs::BrokenPart);
            }
            paragraph.text.push_str(&run.text);
            if let Some(field) = &run.field {
                fields.entry(field.clone()).or_default().add(index, paragraph.pieces.len(), &run.text);
            }
            paragraph.pieces.push(run);
        }
        paragraphs.push(paragraph);
    }
    Ok(PrintedDocument { kind, report, paragraphs, fields })
}

/// The report as the contract has it, without what only stood in for what it lacks.
fn report(embedded: &Value) -> Result<(DocumentKind, Value), NotOurs> {
    let embedded = EmbeddedDocument::read(embedded).ok_or(NotOurs::BrokenPart)?;
    let fields = embedded.fields().ok_or(NotOurs::BrokenPart)?;
    Ok((embedded.document.kind(), fields))
}

fn run(kind: DocumentKind, piece: PrintedPiece, report: &Value) -> Option<PrintedRun> {
    let (tag, text) = match piece {
        PrintedPiece::Words { words } => return Some(PrintedRun { field: None, text: words }),
        PrintedPiece::Field { tag, text } => (tag, text),
    };
    let path = if tag.len() <= MAX_PATH { FieldPath::from(tag.as_str()) } else { FieldPath::root() };
    let text = match text {
        Some(text) => text,
        None => at(report, &path)?.as_str()?.to_owned(),
    };
    Some(PrintedRun { field: is_field(kind, &path).then_some(path), text })
}

/// Whether a path leads to something that is printed by itself.
fn is_field(kind: DocumentKind, path: &FieldPath) -> bool {
    if cell(path).is_some() {
        return kind == DocumentKind::Report;
    }
    let is_item = path.segments().last().is_some_and(|last| last.index().is_some());
    match fields::find_of(kind, path).map(|field| &field.entry) {
        Some(Entry::Lines | Entry::Paragraphs | Entry::Numbers) => is_item,
        Some(Entry::Group(_) | Entry::Items(_) | Entry::Table) | None => false,
        Some(_) => !is_item,
    }
}

/// The attachment, row (the columns' names are the first) and column of a cell, all from 0.
pub(super) fn cell(path: &FieldPath) -> Option<(usize, usize, usize)> {
    let [Segment::Key(list), Segment::Index(attachment), Segment::Key(table), rest @ ..] = path.segments()
    else {
        return None;
    };
    if list != "attachments" || table != "table" {
        return None;
    }
    match rest {
        [Segment::Key(key), Segment::Index(column)] if key == "columns" => Some((*attachment, 0, *column)),
        [Segment::Key(key), Segment::Index(row), Segment::Index(column)] if key == "rows" => {
            Some((*attachment, row.checked_add(1)?, *column))
        }
        _ => None,
    }
}

/// In so many places a field of ours stands at most.
const MAX_HOMES: usize = 100;

impl PrintedDocument {
    /// Whether both stand in one paragraph.
    pub(super) fn are_together(&self, one: &FieldPath, other: &FieldPath) -> bool {
        let homes = |path| self.fields.get(path).map(|homes| homes.paragraphs.as_slice()).unwrap_or_default();
        let others = homes(other);
        homes(one).iter().take(MAX_HOMES).any(|home| others.binary_search(home).is_ok())
    }
}

/// Words without the numbers in them.
pub(super) fn skeleton(words: &str) -> String {
    words.trim().chars().filter(|c| !is_place(*c) && !c.is_ascii_digit()).collect()
}
