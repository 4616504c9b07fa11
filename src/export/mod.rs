//! From pages to a file: one file an output format.

mod pdf;
mod svg;

pub use svg::{Drawing, Glyphs, draw, new_glyphs, picture};

use serde::{Deserialize, Serialize};
use typst_pdf::PdfStandard;

use crate::diagnostic::Failed;
use crate::typeset::Pages;

/// A format that pages can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    Pdf,
    /// The same, with the report that it was made of attached to it.
    PdfWithSource,
}

/// A finished file.
pub struct Artifact {
    pub bytes: Vec<u8>,
    pub media_type: &'static str,
    /// Without the dot.
    pub extension: &'static str,
    pub pages: usize,
}

/// Writes pages in the format of `target`.
pub fn export(pages: &Pages, target: Target) -> Result<Artifact, Failed> {
    match target {
        Target::Pdf => pdf::write(pages, PdfStandard::A_2a),
        // Only PDF/A-3 allows to attach what is no PDF/A itself.
        Target::PdfWithSource => pdf::write(pages, PdfStandard::A_3a),
    }
}
