//! PDF/A: to be kept for decades, tagged for screen readers, text selectable.

use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use super::Artifact;
use crate::diagnostic::Failed;
use crate::typeset::Pages;

/// The PDF standard does not admit what a template or its layout library made.
#[derive(Debug, thiserror::Error)]
#[error("PDF 没有写成，模板或排版库有误：\n{}", .0.join("\n"))]
struct StandardRefusal(Vec<String>);

pub(super) const EXTENSION: &str = "pdf";
pub(super) const MEDIA_TYPE: &str = "application/pdf";

pub(super) fn write(pages: &Pages, standard: PdfStandard) -> Result<Artifact, Failed> {
    let standards = PdfStandards::new(&[standard]).expect("one standard does not contradict itself");
    // No timestamp: the document bears its own date, and the same input makes the same bytes.
    let options = PdfOptions {
        creator: typst::foundations::Smart::Custom(Some("nianbao".into())),
        standards,
        ..PdfOptions::default()
    };
    let bytes = typst_pdf::pdf(&pages.document, &options).map_err(|errors| {
        Failed::Program(Box::new(StandardRefusal(
            errors.iter().map(|error| error.message.to_string()).collect(),
        )))
    })?;
    Ok(Artifact { bytes, extension: EXTENSION, pages: Some(pages.count()) })
}
