//! Our own OFD: the report that was attached to it when it was made, exactly. Of any other OFD the pages are set,
//! as those of a PDF are.

use std::io::{Cursor, Read};

use serde_json::Value;
use zip::ZipArchive;
use zip::result::ZipError;

use super::super::draft::tidy;
use super::super::fault;
use crate::diagnostic::Failed;
use crate::input::{self, Format};
use crate::packed::is_bomb;
use crate::report::{ATTACHED_IN_OFD, OFD_ENTRANCE, Report};

/// Whether an archive is an OFD, wherever in it the entrance stands.
pub(in super::super) fn is_packed_in(bytes: &[u8]) -> bool {
    ZipArchive::new(Cursor::new(bytes)).is_ok_and(|archive| archive.index_for_name(OFD_ENTRANCE).is_some())
}

/// The report that an OFD bears.
pub(in super::super) fn attached(bytes: &[u8]) -> Result<Value, Failed> {
    let damaged = |_| fault::broken("OFD 不完整");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let entry = match archive.by_name(ATTACHED_IN_OFD) {
        Ok(entry) => entry,
        Err(ZipError::FileNotFound) => return Err(fault::foreign_ofd().into()),
        Err(error) => return Err(damaged(error).into()),
    };
    let (most, packed) = (input::MAX_BYTES as u64, entry.compressed_size());
    // What an archive says of its sizes may be a lie: it is read no further than may be.
    let mut json = Vec::new();
    entry.take(most + 1).read_to_end(&mut json).map_err(|_| fault::broken("OFD 不完整"))?;
    if json.len() as u64 > most {
        return Err(input::too_large().into());
    }
    if is_bomb(json.len() as u64, packed) {
        return Err(fault::bomb().into());
    }
    // Whoever attached it: it is a report of ours, or it is refused as any other input.
    Ok(tidy(&input::read::<Report>(&json, Format::Json)?.value))
}
