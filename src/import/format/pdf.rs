//! Our own PDF: the report that was attached to it when it was made, exactly. Of any other PDF the
//! pages are set and their text cannot be trusted.

use serde_json::Value;

use super::super::draft::tidy;
use super::super::fault;
use crate::diagnostic::{Diagnostic, Failed};
use crate::input::{self, Format};
use crate::pdf::{Dict, File, Object, Refused};
use crate::report::ATTACHED_REPORT;

/// The report that a PDF bears.
pub(in super::super) fn attached(bytes: &[u8]) -> Result<Value, Failed> {
    let json = report(bytes).map_err(refused)?.ok_or_else(fault::foreign_pdf)?;
    if json.len() > input::MAX_BYTES {
        return Err(input::too_large().into());
    }
    // Whoever attached it: it is a report of ours, or it is refused as any other input.
    Ok(tidy(&input::read(&json, Format::Json)?.value))
}

fn refused(refused: Refused) -> Diagnostic {
    match refused {
        Refused::Encrypted => fault::encrypted(),
        Refused::TooMuch => fault::bomb(),
        Refused::NotPdf | Refused::Damaged => fault::broken("PDF 不完整"),
    }
}

/// The bytes of the associated file that bears our name (PDF/A-3, ISO 19005-3, 6.8).
fn report(bytes: &[u8]) -> Result<Option<Vec<u8>>, Refused> {
    let file = File::open(bytes)?;
    let files = file.get(&file.catalog()?, "AF")?;
    for one in files.array().unwrap_or_default() {
        let one = file.resolved(one)?;
        let Some(dict) = one.dict() else { continue };
        if first(&file, dict, ["UF", "F"])?.text().map(text).as_deref() != Some(ATTACHED_REPORT) {
            continue;
        }
        let streams = file.get(dict, "EF")?;
        let Some(streams) = streams.dict() else { continue };
        if let Object::Stream(stream) = first(&file, streams, ["F", "UF"])? {
            return file.unpacked(&stream);
        }
    }
    Ok(None)
}

/// The first of two entries that there is.
fn first(file: &File, dict: &Dict, names: [&str; 2]) -> Result<Object, Refused> {
    match file.get(dict, names[0])? {
        Object::Null => file.get(dict, names[1]),
        object => Ok(object),
    }
}

/// A name in a PDF: ASCII, or UTF-16 behind its mark.
fn text(bytes: &[u8]) -> String {
    match bytes.strip_prefix(b"\xfe\xff") {
        Some(wide) => {
            let units: Vec<u16> =
                wide.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        None => String::from_utf8_lossy(bytes).into_owned(),
    }
}
