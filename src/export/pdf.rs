//! PDF/A: to be kept for decades, text selectable; and PDF/UA-1 beside it: for everyone, read aloud or seen.

use typst::foundations::NativeElement;
use typst::introspection::Introspector;
use typst::model::HeadingElem;
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

/// `archival` is the kind of PDF/A. PDF/UA-1 asks for bookmarks (Matterhorn protocol, 06): what has no headings,
/// as a letter or a sheet, does not declare it.
pub(super) fn write(pages: &Pages, archival: PdfStandard) -> Result<Artifact, Failed> {
    let has_headings = !pages.document.introspector().query(&HeadingElem::ELEM.select()).is_empty();
    let accessible = has_headings.then_some(PdfStandard::Ua_1);
    let standards: Vec<PdfStandard> = [archival].into_iter().chain(accessible).collect();
    let standards = PdfStandards::new(&standards).expect("these two do not contradict each other");
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
