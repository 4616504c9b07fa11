//! A Word document: the text of its body, its styles and its automatic numbers. Nothing that it points
//! to is fetched, no entity of its own is resolved, and no more is unpacked than a document has.

mod blocks;
mod body;
mod notes;
mod numbering;
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
    /// What the part says that our own documents have.
    pub source: Option<String>,
    styles: Styles,
    numbering: Numbering,
}

/// The name and namespace of the root of the part that our own documents have.
pub(in crate::import) const SOURCE: (&str, &str) = ("nianbao", "urn:nianbao:report");

/// How many parts of others a document may have that are looked at.
const MAX_OTHERS: usize = 32;

pub(in crate::import) fn open(bytes: &[u8], changes: TrackedChanges) -> Result<WordFile, Failed> {
    if bytes.starts_with(super::OLE) {
        return Err(of_ole(bytes).into());
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| fault::broken("压缩包不完整"))?;
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
    file.source = source(&mut archive)?;
    Ok(file)
}

/// What the part says that our own documents have, whatever a program that saved the file calls it.
fn source(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<Option<String>, Failed> {
    let is_other = |name: &String| name.starts_with("customXml/item") && name.ends_with(".xml");
    let names = archive.file_names().flatten().map(|name| name.into_owned());
    let mut names: Vec<String> = names.filter(is_other).collect();
    names.sort();
    for name in names.iter().filter(|name| !name.contains("Props")).take(MAX_OTHERS) {
        let Some(xml) = part(archive, name)? else { continue };
        if xml.contains(SOURCE.1)
            && let Some(text) = root_text(&xml, SOURCE.0, SOURCE.1)?
        {
            return Ok(Some(text));
        }
    }
    Ok(None)
}

impl WordFile {
    /// The document as the recogniser sees it.
    pub(in crate::import) fn document(&self) -> Result<SourceDocument, Failed> {
        blocks::document(&self.text, &self.styles, self.numbering.clone())
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
