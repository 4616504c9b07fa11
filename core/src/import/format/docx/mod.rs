//! A Word document: the text of its body, its styles and its automatic numbers. Nothing that it points
//! to is fetched, no entity of its own is resolved, and no more is unpacked than a document has.

mod blocks;
mod body;
mod notes;
mod numbering;
mod oddities;
mod styles;
mod xml;

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

pub use body::TrackedChanges;
pub(in crate::import) use body::{CellPosition, CommentEdge, WordParagraph, WordText, body};
pub(in crate::import) use notes::WordNote;
use notes::{notes, root_text};
use numbering::Numbering;
use styles::{Styles, styles_of};

use super::super::document::SourceDocument;
use super::super::fault;
use crate::diagnostic::{Diagnostic, Failed};
use crate::packed::is_bomb;

/// The largest part of a document, unpacked, in bytes.
const MAX_UNPACKED: u64 = 64 << 20;

/// A Word document, as far as it says something.
#[derive(Default)]
pub(in crate::import) struct WordFile {
    pub text: WordText,
    pub comments: Vec<WordNote>,
    pub footnotes: Vec<WordNote>,
    pub endnotes: Vec<WordNote>,
    /// What stands above and below the text of pages, besides their numbers.
    pub margins: Vec<String>,
    /// What the part says that our own documents have. One that was put together of several may have more of them.
    pub sources: Vec<String>,
    styles: Styles,
    numbering: Numbering,
}

/// The name and namespace of the root of the part that our own documents have.
pub(in crate::import) const SOURCE: (&str, &str) = ("nianbao", "urn:nianbao:report");

/// How many reports a document may bear that are held against what stands in it.
const MAX_SOURCES: usize = 3;

/// How many parts of others a document may have that are looked at.
const MAX_OTHERS: usize = 32;

pub(in crate::import) fn open(bytes: &[u8], changes: TrackedChanges) -> Result<WordFile, Failed> {
    if bytes.starts_with(super::OLE) {
        return Err(of_ole(bytes).into());
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| fault::broken("压缩包不完整"))?;
    if archive.index_for_name("xl/workbook.xml").is_some() {
        return Err(fault::workbook().into());
    }
    let body = part(&mut archive, "word/document.xml")?
        .ok_or_else(|| fault::broken("压缩包里没有 Word 文档的正文"))?;
    let styles = part(&mut archive, "word/styles.xml")?;
    let numbering = part(&mut archive, "word/numbering.xml")?;
    let styles = styles.map(|xml| styles_of(&xml)).transpose()?.unwrap_or_default();
    let numbering = numbering.map(|xml| Numbering::read(&xml)).transpose()?.unwrap_or_default();
    let mut file = WordFile { text: self::body(&body, changes)?, styles, numbering, ..WordFile::default() };
    let mut notes_of = |name: &str, element: &str| {
        let part = part(&mut archive, name)?;
        Ok::<_, Failed>(part.map(|xml| notes(&xml, element)).transpose()?.unwrap_or_default())
    };
    file.comments = notes_of("word/comments.xml", "comment")?;
    file.footnotes = notes_of("word/footnotes.xml", "footnote")?;
    file.endnotes = notes_of("word/endnotes.xml", "endnote")?;
    file.sources = sources(&mut archive)?;
    file.margins = margins(&mut archive, changes)?;
    Ok(file)
}

/// What stands above and below the text of pages, each once.
fn margins(archive: &mut ZipArchive<Cursor<&[u8]>>, changes: TrackedChanges) -> Result<Vec<String>, Failed> {
    let is_margin = |name: &str| name.starts_with("word/header") || name.starts_with("word/footer");
    let mut found: Vec<String> = vec![];
    for name in names(archive, is_margin) {
        let Some(xml) = part(archive, &name)? else { continue };
        let text = self::body(&xml, changes)?;
        let words = text.paragraphs.iter().filter(|one| !one.is_boxed).map(WordParagraph::text);
        let words = words.filter(|words| !is_page_number(words)).collect::<Vec<_>>().join("；");
        if !words.is_empty() && !found.contains(&words) {
            found.push(words);
        }
    }
    Ok(found)
}

/// Whether a line has nothing but the number of its page: — 3 —, 第3页 共15页.
fn is_page_number(words: &str) -> bool {
    !words.chars().any(|c| c.is_alphabetic() && !"第共页".contains(c))
}

/// The names of those parts, in their order, as many as are looked at.
fn names(archive: &ZipArchive<Cursor<&[u8]>>, is_wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let names = archive.file_names().flatten().map(|name| name.into_owned());
    let mut names: Vec<String> = names.filter(|name| is_wanted(name) && name.ends_with(".xml")).collect();
    names.sort();
    names.truncate(MAX_OTHERS);
    names
}

/// What the part says that our own documents have, whatever a program that saved the file calls it.
fn sources(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<Vec<String>, Failed> {
    let mut found = vec![];
    let is_other = |name: &str| name.starts_with("customXml/item") && !name.contains("Props");
    for name in names(archive, is_other) {
        let Some(xml) = part(archive, &name)? else { continue };
        if xml.contains(SOURCE.1)
            && let Some(text) = root_text(&xml, SOURCE.0, SOURCE.1)?
        {
            found.push(text);
        }
        if found.len() == MAX_SOURCES {
            break;
        }
    }
    Ok(found)
}

impl WordFile {
    /// The document as the recogniser sees it.
    pub(in crate::import) fn document(&self) -> Result<SourceDocument, Failed> {
        blocks::document(&self.text, &self.margins, &self.styles, self.numbering.clone())
    }

    /// The level of a heading, from 1.
    pub(in crate::import) fn level(&self, paragraph: &WordParagraph) -> Option<usize> {
        styles::resolved(&self.styles, paragraph.style.as_ref()).level.map(|level| level + 1)
    }

    /// Whether a style is the one of this name, or comes of it.
    pub(in crate::import) fn is_styled(&self, style: Option<&str>, name: &str) -> bool {
        let Some(style) = style else { return false };
        let plain = |name: &str| name.replace(' ', "").to_lowercase();
        plain(style) == plain(name)
            || self.styles.get(style).is_some_and(|known| plain(&known.name) == plain(name))
    }
}

/// An old document, or a new one that is encrypted: both come in a container of OLE, whose folder
/// names its streams in UTF-16.
fn of_ole(bytes: &[u8]) -> Diagnostic {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if bytes.windows(name.len()).any(|window| window == name) {
        fault::encrypted()
    } else {
        fault::old_word()
    }
}

fn part(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Option<String>, Failed> {
    let entry = match archive.by_name(name) {
        Ok(entry) => entry,
        Err(ZipError::FileNotFound) => return Ok(None),
        Err(ZipError::UnsupportedArchive(why)) if why == ZipError::PASSWORD_REQUIRED => {
            return Err(fault::encrypted().into());
        }
        Err(_) => return Err(fault::broken("压缩包不完整").into()),
    };
    let (size, packed) = (entry.size(), entry.compressed_size());
    if size > MAX_UNPACKED || is_bomb(size, packed) {
        return Err(fault::bomb().into());
    }
    // What an archive says of its sizes may be a lie.
    let mut xml = Vec::new();
    entry.take(MAX_UNPACKED + 1).read_to_end(&mut xml).map_err(|_| fault::broken("压缩包不完整"))?;
    if xml.len() as u64 > MAX_UNPACKED || is_bomb(xml.len() as u64, packed) {
        return Err(fault::bomb().into());
    }
    let text = String::from_utf8(xml).map_err(|_| fault::broken("文档的正文不是 UTF-8 编码"))?;
    Ok(Some(text))
}
