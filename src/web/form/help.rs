//! What the form tells of each part: what belongs there, and an example; and by when a report is due. The texts are a
//! file that a legal officer can edit.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::input::{Format, Manuscript};

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HelpFile {
    deadline: String,
    part: BTreeMap<String, PartHelp>,
}

/// What belongs into a part of a report.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartHelp {
    text: String,
    example: String,
}

static HELP: LazyLock<HelpFile> = LazyLock::new(|| {
    let written = Manuscript::parse(include_bytes!("help.toml"), Format::Toml);
    let tree = written.and_then(|written| written.tree()).expect("the program's own file is well formed");
    serde_json::from_value(tree).expect("the program's own file has its texts")
});

/// The help of the form's section of this id, where there is any.
pub(super) fn help(section: &str) -> Option<&'static PartHelp> {
    HELP.part.get(section)
}

/// By when a report is due.
pub(super) fn deadline() -> &'static str {
    &HELP.deadline
}
