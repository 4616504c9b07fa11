//! From bytes to blocks: one file an outside format. What a file is shows in its bytes, never in its
//! name.

pub(super) mod docx;
pub(super) mod html;
pub(super) mod ofd;
pub(super) mod pdf;
mod text;
mod tree;

pub use docx::TrackedChanges;

use super::document::{BlockContent, SourceDocument};
use super::fault;
use crate::diagnostic::Failed;
use crate::report::OFD_ENTRANCE;

/// A format that documents are imported from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentFormat {
    Text,
    Html,
    Docx,
    Pdf,
    Ofd,
}

impl DocumentFormat {
    /// What these bytes are, by how they begin.
    pub fn of(bytes: &[u8]) -> Self {
        let start = bytes.trim_ascii_start();
        if start.starts_with(b"%PDF-") {
            return Self::Pdf;
        }
        // The first part of an archive has its name behind thirty bytes.
        let first = bytes.get(30..).unwrap_or_default();
        if bytes.starts_with(b"PK\x03\x04") && first.starts_with(OFD_ENTRANCE.as_bytes()) {
            return Self::Ofd;
        }
        // A ZIP archive; and the container of OLE, in which old and encrypted documents come.
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") || bytes.starts_with(OLE) {
            return Self::Docx;
        }
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        let start = &start[..start.len().min(HEAD)].to_ascii_lowercase();
        let is_html = HTML.iter().any(|tag| start.starts_with(tag.as_bytes()));
        let has_html = start.starts_with(b"<?xml") && start.windows(5).any(|tag| tag == b"<html");
        if is_html || has_html { Self::Html } else { Self::Text }
    }
}

/// How a page of the web begins, or a part of one.
const HTML: [&str; 19] = [
    "<!doctype html",
    "<html",
    "<head",
    "<body",
    "<div",
    "<p>",
    "<p ",
    "<!--",
    "<meta",
    "<h1",
    "<h2",
    "<h3",
    "<h4",
    "<table",
    "<article",
    "<section",
    "<main",
    "<ul>",
    "<ol>",
];

/// Whether it is a page with its pictures as a mail (.mht).
fn is_page_archive(bytes: &[u8]) -> bool {
    let start = bytes[..bytes.len().min(HEAD)].to_ascii_lowercase();
    let has = |words: &[u8]| start.windows(words.len()).any(|part| part == words);
    has(b"mime-version:") && has(b"multipart/related")
}

/// How an OLE compound file begins.
const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// How far a file is looked at to know its format, in bytes.
const HEAD: usize = 1024;

/// How long the text of a document may be, in bytes, and how many paragraphs and cells it may have. A
/// report of more is refused in any other format as well.
pub(super) const MAX_TEXT: usize = 16 << 20;
pub(super) const MAX_PARTS: usize = 200_000;

/// Reads the blocks of a document whose pages are not set.
pub(super) fn read(bytes: &[u8], format: DocumentFormat) -> Result<SourceDocument, Failed> {
    let document = match format {
        DocumentFormat::Text if is_page_archive(bytes) => Err(fault::page_archive().into()),
        DocumentFormat::Text => text::read(bytes),
        DocumentFormat::Html => html::read(html::SavedPage::open(bytes)?),
        DocumentFormat::Docx => docx::open(bytes, TrackedChanges::Accept)?.document(),
        DocumentFormat::Pdf => Err(fault::foreign_pdf().into()),
        DocumentFormat::Ofd => Err(fault::foreign_ofd().into()),
    }?;
    within_bounds(document)
}

/// A document of Word that is open already.
pub(super) fn of_word(file: &docx::WordFile) -> Result<SourceDocument, Failed> {
    within_bounds(file.document()?)
}

/// A page that is open already.
pub(super) fn of_page(page: html::SavedPage) -> Result<SourceDocument, Failed> {
    within_bounds(html::read(page)?)
}

fn within_bounds(document: SourceDocument) -> Result<SourceDocument, Failed> {
    let parts = |content: &BlockContent| match content {
        BlockContent::Text { text, .. } => (1, text.len()),
        BlockContent::Table(rows) => {
            let cells = || rows.iter().flatten();
            (rows.len() + cells().count(), cells().map(String::len).sum())
        }
    };
    let of_blocks = document.blocks.iter().map(|block| parts(&block.content));
    let all = of_blocks.chain(document.outside.iter().map(|(_, text)| (1, text.len())));
    let (parts, length) = all.fold((0, 0), |(parts, length), (more, longer)| (parts + more, length + longer));
    if parts > MAX_PARTS || length > MAX_TEXT {
        return Err(fault::too_much_text().into());
    }
    Ok(document)
}
