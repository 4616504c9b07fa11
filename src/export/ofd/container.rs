//! The file itself (GB/T 33190-2016, clause 6): a ZIP of parts.

use std::io::{Cursor, Write};

use zip::result::ZipResult;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A part of a file, by its path.
#[derive(Hash)]
pub(super) struct OfdPart {
    pub(super) path: String,
    pub(super) bytes: Vec<u8>,
}

impl OfdPart {
    pub(super) fn new(path: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { path: path.into(), bytes }
    }
}

/// The parts in their order; no part bears a time, so the same parts make the same bytes.
pub(super) fn pack(parts: &[OfdPart]) -> ZipResult<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // The least effort: the usual one takes three times as long and saves a tenth.
    let options =
        SimpleFileOptions::DEFAULT.compression_method(CompressionMethod::Deflated).compression_level(Some(1));
    for part in parts {
        archive.start_file(part.path.as_str(), options)?;
        archive.write_all(&part.bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}
