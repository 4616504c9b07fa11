//! How the files in `data/` are read. They are for legal officers: one entry a line, or plain TOML.

use std::ops::Deref;
use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};
use serde::de::DeserializeOwned;

/// The entries of a file with one a line; a line that begins with `# ` is a remark.
pub(crate) fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim_end).filter(|line| !line.is_empty() && *line != "#" && !line.starts_with("# "))
}

/// One expression that finds what any line of the file describes.
pub(crate) fn any_of(text: &'static str) -> Regex {
    pattern(&alternatives(text))
}

/// The same, not compiled.
pub(crate) fn alternatives(text: &'static str) -> String {
    lines(text).map(|line| format!("(?:{line})")).collect::<Vec<_>>().join("|")
}

/// A pattern of ours, whose `^` and `$` are the ends of a line.
pub(crate) fn pattern(pattern: &str) -> Regex {
    RegexBuilder::new(pattern).multi_line(true).build().expect("our own patterns are sound")
}

/// A pattern of ours that is compiled when a text is searched for it: most reports have nothing of what most look
/// for, and compiling takes longer than all of the checks.
pub(crate) struct Pattern {
    written: String,
    compiled: OnceLock<Regex>,
}

impl Pattern {
    pub(crate) fn new(written: &str) -> Self {
        Self { written: written.to_owned(), compiled: OnceLock::new() }
    }

    /// Of what any line of the file describes.
    pub(crate) fn any_of(text: &'static str) -> Self {
        Self::new(&alternatives(text))
    }

    pub(crate) fn written(&self) -> &str {
        &self.written
    }
}

impl Deref for Pattern {
    type Target = Regex;

    fn deref(&self) -> &Regex {
        self.compiled.get_or_init(|| pattern(&self.written))
    }
}

/// A file in TOML.
pub(crate) fn table<T: DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).unwrap_or_else(|error| panic!("a data file of ours is not sound: {error}"))
}
