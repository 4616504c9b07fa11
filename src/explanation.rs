//! Every code that the program can give, for `explain` in the terminal, over HTTP and in the form.

use crate::diagnostic::Code;
use crate::{
    batch, checks, conform, digest, import, input, intake, roster, sheets, template, typeset, workers,
};

/// All codes: of the writing, of imported documents, of the template, of making many, of what the report
/// says.
pub fn all() -> impl Iterator<Item = &'static Code> {
    input::CODES
        .into_iter()
        .chain(import::CODES)
        .chain(conform::CODES)
        .chain(template::CODES)
        .chain(typeset::CODES)
        .chain(sheets::CODES)
        .chain(digest::CODES)
        .chain(workers::CODES)
        .chain(intake::CODES)
        .chain(roster::CODES)
        .chain(batch::CODES)
        .chain(checks::codes())
}

/// The code of this name.
pub fn find(name: &str) -> Option<&'static Code> {
    all().find(|code| code.name == name)
}

/// The name that was most likely meant.
pub fn nearest(written: &str) -> Option<&'static str> {
    let written: String = written.chars().take(100).collect();
    all()
        .map(|code| (strsim::jaro_winkler(&written, code.name), code.name))
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, name)| name)
}
