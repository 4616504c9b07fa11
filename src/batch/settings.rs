//! How a batch is made.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::companions::Companions;
use crate::checks;
use crate::report::Edition;
use crate::workers::PaperKind;

/// What is made of each report besides, each once; the edition that is made in any case is not.
pub fn further_papers(also: &[PaperKind], edition: Option<Edition>) -> Vec<PaperKind> {
    let mut kinds: Vec<PaperKind> = Vec::new();
    let is_further = |kind: &&PaperKind| kind.edition().is_none() || kind.edition() != edition;
    for kind in also.iter().filter(is_further) {
        if !kinds.contains(kind) {
            kinds.push(*kind);
        }
    }
    kinds
}

/// How a batch is made.
#[derive(Clone)]
pub struct BatchSettings {
    /// Makes this edition of all, whichever the reports ask for.
    pub edition: Option<Edition>,
    /// What is made of each besides.
    pub also: Vec<PaperKind>,
    /// What each is held against.
    pub companions: Arc<Companions>,
    /// How many reports are made at once.
    pub workers: NonZeroUsize,
    /// Stands for faces, templates and settings: results made with others are not taken over.
    pub fingerprint: String,
    /// What was changed about the checks.
    pub checks: checks::Settings,
    /// Whether reports that failed before are tried again.
    pub retry_failed: bool,
}
