//! To a file: one file an output format.

mod html;
mod ofd;
mod pdf;
mod png;
mod svg;
mod word;

pub use svg::{Drawing, Glyphs, draw, new_glyphs, picture};

use serde::{Deserialize, Serialize};
use typst_pdf::PdfStandard;

use crate::diagnostic::Failed;
use crate::template::{Package, WordFaces};
use crate::typeset::{Fonts, Pages};

/// What a document is made as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    Pdf,
    /// The same, with the report that it was made of attached to it.
    PdfWithSource,
    /// The same pages in the national format, to be exchanged and sealed.
    Ofd,
    /// With the report attached.
    OfdWithSource,
    /// To be edited in Word or WPS, and taken in again.
    Word(WordFaces),
    /// A file by itself, to be read in a browser.
    Html,
    /// What a site's editor takes: bare elements.
    HtmlFragment,
}

impl Target {
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf | Self::PdfWithSource => pdf::MEDIA_TYPE,
            Self::Ofd | Self::OfdWithSource => ofd::MEDIA_TYPE,
            Self::Word(_) => word::MEDIA_TYPE,
            Self::Html | Self::HtmlFragment => html::MEDIA_TYPE,
        }
    }

    /// Whether the file bears the very report that it was made of.
    pub fn bears_source(self) -> bool {
        matches!(self, Self::PdfWithSource | Self::OfdWithSource)
    }

    /// The same where the report goes along with the pages.
    pub fn with_source(self) -> Self {
        match self {
            Self::Pdf => Self::PdfWithSource,
            Self::Ofd => Self::OfdWithSource,
            other => other,
        }
    }

    /// What a file was made as, by its name.
    pub fn of_file(name: &str) -> Self {
        let known = [Self::Word(WordFaces::default()), Self::Html, Self::Ofd];
        let is_so = |target: &Self| name.rsplit_once('.').is_some_and(|(_, end)| end == target.extension());
        known.into_iter().find(is_so).unwrap_or(Self::Pdf)
    }

    /// Without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Pdf | Self::PdfWithSource => pdf::EXTENSION,
            Self::Ofd | Self::OfdWithSource => ofd::EXTENSION,
            Self::Word(_) => word::EXTENSION,
            Self::Html | Self::HtmlFragment => html::EXTENSION,
        }
    }
}

/// A finished file.
pub struct Artifact {
    pub bytes: Vec<u8>,
    /// Without the dot.
    pub extension: &'static str,
    /// Not known of what is not typeset here.
    pub pages: Option<usize>,
}

/// Pages as PDF.
pub fn pdf(pages: &Pages) -> Result<Artifact, Failed> {
    pdf::write(pages, PdfStandard::A_2a)
}

/// The same of pages that have a report attached to them.
pub fn pdf_with_source(pages: &Pages) -> Result<Artifact, Failed> {
    // Only PDF/A-3 allows to attach what is no PDF/A itself.
    pdf::write(pages, PdfStandard::A_3a)
}

/// Pages as OFD, with what they have attached. Their faces are named as these name them.
pub fn ofd(pages: &Pages, fonts: &Fonts) -> Result<Artifact, Failed> {
    ofd::write(pages, fonts)
}

/// The first page as a drawing in a file of its own.
pub fn svg(pages: &Pages) -> Artifact {
    let drawn = picture(pages, 0, &draw(pages, 0));
    Artifact { bytes: drawn.into_bytes(), extension: "svg", pages: None }
}

/// The first page as a picture, a pixel for each point.
pub fn png(pages: &Pages) -> Result<Artifact, Failed> {
    png::write(pages, 0)
}

/// A text as a file.
pub fn text(text: String) -> Artifact {
    Artifact { bytes: text.into_bytes(), extension: "txt", pages: None }
}

/// A document as HTML.
pub fn html(filled: String) -> Artifact {
    html::write(filled)
}

/// A document for Word.
pub fn word(package: &Package) -> Result<Artifact, Failed> {
    word::write(package)
}
