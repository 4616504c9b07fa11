//! How a batch is made.

use std::num::NonZeroUsize;
use std::sync::Arc;

use super::companions::Companions;
use crate::checks;
use crate::report::Edition;
use crate::workers::PaperKind;

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
