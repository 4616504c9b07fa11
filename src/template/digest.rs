//! 成绩单: a report at a glance, for paper and phones, and as a web page.

use minijinja::value::Serde;
use minijinja::{Value, context};

use super::html::stacks;
use super::{Filled, Templates};
use crate::diagnostic::Failed;
use crate::digest::Digest;

/// Its minijinja files. Like the review sheet it has no manifest.
pub(super) const SOURCE: &str = "digest/digest.typ.jinja";
pub(super) const PAGE: &str = "digest/page.html.jinja";

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
