//! HTML, for browsers and for the editors of sites.

use super::Artifact;

pub(super) const EXTENSION: &str = "html";
pub(super) const MEDIA_TYPE: &str = "text/html; charset=utf-8";

pub(super) fn write(html: String) -> Artifact {
    Artifact { bytes: html.into_bytes(), extension: EXTENSION, pages: None }
}
