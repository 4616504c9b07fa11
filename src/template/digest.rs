//! 成绩单: a report at a glance, for paper and phones, as a web page, and for Word.

use minijinja::value::Serde;
use minijinja::{Value, context};

use super::html::stacks;
use super::word::Part;
use super::{Families, Filled, Package, Templates};
use crate::diagnostic::Failed;
use crate::digest::Digest;

/// Its minijinja files. Like the review sheet it has no manifest.
pub(super) const SOURCE: &str = "digest/digest.typ.jinja";
pub(super) const PAGE: &str = "digest/page.html.jinja";

/// The folder of its words, and within it the file of its document for Word.
pub(super) const FOLDER: &str = "digest";
pub(super) const WORD: &str = "word/document.xml.jinja";

/// What its package for Word holds: it looks otherwise than an office's document does, and bears no report.
pub(super) const WORD_PARTS: [Part; 11] = [
    Part::new("[Content_Types].xml", "digest/word/content-types"),
    Part::new("_rels/.rels", "gongwen/word/package-links"),
    Part::new("docProps/core.xml", "gongwen/word/properties").of_document(),
    Part::new("docProps/app.xml", "gongwen/word/application"),
    Part::new("word/_rels/document.xml.rels", "digest/word/document-links"),
    Part::new("word/styles.xml", "digest/word/styles"),
    Part::new("word/settings.xml", "gongwen/word/settings"),
    Part::new("word/fontTable.xml", "gongwen/word/faces"),
    Part::new("word/theme.xml", "gongwen/word/theme"),
    Part::new("word/footer-odd.xml", "gongwen/word/footer"),
    Part::new("word/footer-even.xml", "gongwen/word/footer").on_even_pages(),
];

/// On what a digest is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestPaper {
    /// A sheet of A4.
    Sheet,
    /// One long page, 1080 pixels wide.
    Phone,
}

/// Fills the digest.
pub fn fill_digest(templates: &Templates, digest: &Digest, paper: DigestPaper) -> Result<Filled, Failed> {
    let is_phone = paper == DigestPaper::Phone;
    templates.digest.fill(context! { digest => Value::from(Serde(digest)), is_phone })
}

/// Fills the digest as a web page.
pub fn fill_digest_page(templates: &Templates, digest: &Digest) -> Result<String, Failed> {
    let digest = Value::from(Serde(digest));
    let filled = templates.digest_page.fill(context! { digest, stacks => stacks() })?;
    Ok(format!("{}\n", filled.source.trim()))
}

/// Fills the digest for Word.
pub fn fill_digest_word(
    templates: &Templates,
    digest: &Digest,
    families: &Families,
) -> Result<Package, Failed> {
    templates.digest_word.package(families, context! { digest => Value::from(Serde(digest)) })
}
