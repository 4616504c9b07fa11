//! The file itself (GB/T 33190-2016, clause 6): a ZIP of parts.

use std::io::{Cursor, Write};

use zip::result::ZipResult;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The parts, each with its path; no part bears a time, so the same parts make the same bytes.
pub(super) fn pack(parts: &[(String, Vec<u8>)]) -> ZipResult<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // The least effort: the usual one takes three times as long and saves a tenth.
    let options =
        SimpleFileOptions::DEFAULT.compression_method(CompressionMethod::Deflated).compression_level(Some(1));
    for (path, part) in parts {
        archive.start_file(path.as_str(), options)?;
        archive.write_all(part)?;
    }
    Ok(archive.finish()?.into_inner())
}
