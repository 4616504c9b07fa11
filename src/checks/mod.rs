//! What a reviewing 司法局 would find wrong with a report. One file a check: what it finds, and in
//! the doc comment of its code the page that `nianbao explain` shows. [`ALL`] is the table of them.

mod missing_section;
mod placeholder;
mod problem_without_cause;
pub mod unsupported_character;
mod year_mismatch;

use crate::diagnostic::{Code, Diagnostic};
use crate::report::{FieldPath, Report};

/// One check: the code of what it finds, and how it finds it.
pub struct Check {
    pub code: &'static Code,
    find: fn(&Report, &Context) -> Vec<Diagnostic>,
}

/// What a check may know besides the report.
pub struct Context<'a> {
    /// The characters of a field's text that no face can draw.
    pub undrawable: &'a dyn Fn(&FieldPath, &str) -> Vec<char>,
}

/// Every check, in the order of the report's parts that they look at.
pub static ALL: [Check; 5] = [
    Check { code: &missing_section::MISSING_SECTION, find: missing_section::find },
    Check { code: &problem_without_cause::PROBLEM_WITHOUT_CAUSE, find: problem_without_cause::find },
    Check { code: &year_mismatch::YEAR_MISMATCH, find: year_mismatch::find },
    Check { code: &placeholder::PLACEHOLDER, find: placeholder::find },
    Check { code: &unsupported_character::UNSUPPORTED_CHARACTER, find: unsupported_character::find },
];

/// All that is wrong with a report, most serious first.
pub fn check(report: &Report, context: &Context) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = ALL.iter().flat_map(|check| (check.find)(report, context)).collect();
    found.sort_by_key(|diagnostic| std::cmp::Reverse(diagnostic.severity));
    found
}
