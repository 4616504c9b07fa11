//! Our own PDF: the report that was attached to it when it was made, exactly. Of any other PDF the
//! pages are set and their text cannot be trusted.

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, Stream, String as PdfString};
use serde_json::Value;

use super::super::draft::tidy;
use super::super::fault;
use crate::diagnostic::Failed;
use crate::input::{self, Format};
use crate::pdf::{self, Unreadable};
use crate::report::{ATTACHED_REPORT, Report};

/// The report that a PDF bears.
pub(in super::super) fn attached(bytes: &[u8]) -> Result<Value, Failed> {
    let pdf = pdf::open(bytes).map_err(|refused| match refused {
        Unreadable::Encrypted => fault::encrypted(),
        Unreadable::TooMuch => fault::bomb(),
        Unreadable::NotPdf | Unreadable::Damaged => fault::broken("PDF 不完整"),
    })?;
    let json = report(&pdf).ok_or_else(fault::foreign_pdf)?;
    if json.len() > input::MAX_BYTES {
        return Err(input::too_large().into());
    }
    // Whoever attached it: it is a report of ours, or it is refused as any other input.
    Ok(tidy(&input::read::<Report>(&json, Format::Json)?.value))
}

/// The bytes of the associated file that bears our name (PDF/A-3, ISO 19005-3, 6.8).
fn report(pdf: &Pdf) -> Option<Vec<u8>> {
    let catalog: Dict = pdf.xref().get(pdf.xref().root_id())?;
    let files: Array = catalog.get("AF")?;
    files.iter::<Dict>().find_map(|file| {
        let name: PdfString = file.get("UF").or_else(|| file.get("F"))?;
        if text(name.as_bytes()) != ATTACHED_REPORT {
            return None;
        }
        let streams: Dict = file.get("EF")?;
        let stream: Stream = streams.get("F").or_else(|| streams.get("UF"))?;
        stream.decoded().ok().map(|bytes| bytes.to_vec())
    })
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
