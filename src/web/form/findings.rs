//! Diagnostics as the form shows them.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Serialize;

use super::aside::{cut, escaped};
use crate::diagnostic::{Diagnostic, Severity};
use crate::report::FieldPath;

/// How many findings a form tells beside its fields. All can be taken along as a workbook.
pub(super) const TOLD: usize = 60;

/// How much of a message, or of a hint, is told, in characters.
const LONGEST_WORDS: usize = 300;

/// The paths of all controls and items of a form, each with which it is as one reads them.
pub(super) type Places = HashMap<String, usize>;

/// A diagnostic as the page shows it.
#[derive(Clone, Serialize)]
pub(in crate::web) struct Finding {
    pub(super) code: Cow<'static, str>,
    pub(super) severity: Severity,
    word: &'static str,
    message: String,
    pub(super) hint: String,
    /// The control to go to; empty where it is about the whole report.
    pub(super) place: String,
}

impl Finding {
    pub(super) fn weight(&self) -> usize {
        200 + escaped(&self.message) + escaped(&self.hint) + 2 * escaped(&self.place)
    }

    /// The findings of a file that is not in the form, as far as they are told, each with where in the file it is.
    pub(in crate::web) fn of_file(found: &[Diagnostic]) -> Vec<Self> {
        let told = found.iter().take(TOLD).map(|one| {
            let told = finding(one, &Places::new());
            match one.whereabouts() {
                Some(place) => Self { message: format!("{place}：{}", told.message), ..told },
                None => told,
            }
        });
        told.collect()
    }
}

/// What a form with these places shows of a diagnostic.
pub(super) fn finding(one: &Diagnostic, places: &Places) -> Finding {
    // The label says where; the path is for files.
    let message = one.message.replace(&format!("（{}）", one.path), "");
    Finding {
        code: one.code.clone(),
        severity: one.severity,
        word: one.severity.label(),
        message: cut(&message, LONGEST_WORDS),
        hint: cut(&one.hint, LONGEST_WORDS),
        place: nearest(&one.path, places),
    }
}

/// The control of a path, or the nearest place around it that the form has; empty for the whole report.
pub(super) fn nearest(path: &FieldPath, places: &Places) -> String {
    let around = (0..path.segments().len())
        .rev()
        .map(|last| path.segments()[..=last].iter().cloned().collect::<FieldPath>().to_string());
    around.into_iter().find(|path| places.contains_key(path)).unwrap_or_default()
}
