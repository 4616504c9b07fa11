//! A Word document: the text of its body, its styles and its automatic numbers. Nothing that it points
//! to is fetched, no entity of its own is resolved, and no more is unpacked than a document has.

mod blocks;
mod body;
mod numbering;
mod styles;
mod xml;

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

pub(in crate::import) use body::TrackedChanges;
pub(in crate::import) use body::{WordText, body};
use numbering::Numbering;
use styles::styles_of;

use super::super::document::SourceDocument;
use super::super::fault;
use crate::diagnostic::{Diagnostic, Failed};
use crate::packed::is_bomb;

/// The largest part of a document, unpacked, in bytes.
const MAX_UNPACKED: u64 = 64 << 20;

pub(super) fn read(bytes: &[u8]) -> Result<SourceDocument, Failed> {
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
    let text = self::body(&body, TrackedChanges::Accept)?;
    blocks::document(&text, &styles, numbering)
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
