//! OFD (GB/T 33190-2016), the national format of what is laid out: to be exchanged, sealed and kept. Text is text,
//! with the faces that draw it; the pages are those of the PDF.

mod container;
mod document;
mod faces;
mod outline;
mod page;
mod truetype;
mod xml;

use std::collections::BTreeMap;

use super::Artifact;
use crate::diagnostic::Failed;
use crate::typeset::{Fonts, Pages};
use faces::Faces;

pub(super) const EXTENSION: &str = "ofd";
/// What readers register; there is none at IANA.
pub(super) const MEDIA_TYPE: &str = "application/ofd";

/// What a template made that this export does not write.
#[derive(Debug, thiserror::Error)]
enum UnwritableContent {
    #[error("图片")]
    Picture,
    #[error("裁剪过的内容")]
    Clip,
    #[error("渐变或者图案的颜色")]
    Gradient,
}

/// A document that cannot be written as OFD.
#[derive(Debug, thiserror::Error)]
enum OfdRefusal {
    #[error("OFD 文件没有写成：模板里有{0}，还不能写进 OFD。请改用 PDF，或者请模板的维护者去掉它")]
    Template(UnwritableContent),
    #[error("OFD 文件没有写成：{0}。请换用别的字体文件，或者改用 PDF")]
    Face(truetype::UnfitFace),
    #[error("OFD 文件没有写成：{0}")]
    Container(zip::result::ZipError),
}

/// The numbers by which the parts of a document refer to one another, each once.
#[derive(Default)]
struct Ids(u32);

impl Ids {
    fn next(&mut self) -> u32 {
        self.0 += 1;
        self.0
    }
}

/// What pages share.
#[derive(Default)]
struct Resources {
    ids: Ids,
    faces: Faces,
    /// Widths of the pens that go round characters, in thousandths of a millimetre.
    pens: BTreeMap<u32, u32>,
}

impl Resources {
    /// The pen of this width in millimetres.
    fn pen(&mut self, width: f64) -> u32 {
        let ids = &mut self.ids;
        *self.pens.entry((width * 1000.0).round() as u32).or_insert_with(|| ids.next())
    }
}

/// The same pages make the same bytes: nothing in them bears the time.
pub(super) fn write(pages: &Pages, fonts: &Fonts) -> Result<Artifact, Failed> {
    let parts = document::parts(pages, fonts).map_err(|refusal| Failed::Program(Box::new(refusal)))?;
    let packed =
        container::pack(&parts).map_err(|error| Failed::Program(Box::new(OfdRefusal::Container(error))))?;
    Ok(Artifact { bytes: packed, extension: EXTENSION, pages: Some(pages.count()) })
}
