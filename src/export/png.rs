//! A page as a picture of pixels, for what shows nothing else: a point of the page is a pixel.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use super::Artifact;
use super::svg::{draw, picture};
use crate::diagnostic::Failed;
use crate::typeset::Pages;

const EXTENSION: &str = "png";

/// Our own drawing was not understood, or is larger than a picture can be.
#[derive(Debug, thiserror::Error)]
#[error("图片没有画成：{0}")]
struct UndrawablePage(String);

/// The page of this number, from 0.
pub(super) fn write(pages: &Pages, number: usize) -> Result<Artifact, Failed> {
    let undrawable = |why: String| Failed::Program(Box::new(UndrawablePage(why)));
    let drawing = draw(pages, number);
    let svg = picture(pages, number, &drawing);
    let tree = Tree::from_str(&svg, &Options::default()).map_err(|error| undrawable(error.to_string()))?;
    let size = tree.size().to_int_size();
    let (width, height) = (size.width(), size.height());
    let mut pixels =
        Pixmap::new(width, height).ok_or_else(|| undrawable(format!("{width} × {height} 像素")))?;
    resvg::render(&tree, Transform::identity(), &mut pixels.as_mut());
    let bytes = pixels.encode_png().map_err(|error| undrawable(error.to_string()))?;
    Ok(Artifact { bytes, extension: EXTENSION, pages: None })
}
