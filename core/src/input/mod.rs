//! From bytes to a document of the contract: one file an outside format, parsed once, and all faults told
//! at once, each with its field, line and column. Whether what was written is right is for the checks to
//! say.

mod encoding;
mod fault;
mod form;
mod glimpse;
mod json;
mod manuscript;
mod node;
mod table;
mod toml;
mod unfinished;
mod yaml;

pub(crate) use encoding::decode;

pub use fault::{CODES, Fault, Faults, too_large};
pub(crate) use fault::{empty, nearest};
pub use glimpse::{GlimpsedIssuer, glimpse};
pub use manuscript::Manuscript;
pub use table::Dictionary;
pub use unfinished::{UnfinishedDocument, UnfinishedReport};

use deserr::Deserr;
use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, Failed, Warned};

/// The largest input that is read, in bytes. The longest report seen has 21,000; a report with a
/// table of a thousand rows stays under a tenth of this.
pub const MAX_BYTES: usize = 8 << 20;

/// How deep lists and maps may nest. The contract itself needs six.
const MAX_DEPTH: usize = 64;

/// A format that a report can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    Json,
    Yaml,
    Toml,
    /// As a browser posts it.
    Form,
}

impl Format {
    pub const ALL: [Self; 4] = [Self::Json, Self::Yaml, Self::Toml, Self::Form];

    /// As people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Yaml => "YAML",
            Self::Toml => "TOML",
            Self::Form => "表单",
        }
    }

    /// The endings of its files, the usual one first. Nobody keeps a form in a file.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Json => &["json"],
            Self::Yaml => &["yaml", "yml"],
            Self::Toml => &["toml"],
            Self::Form => &[],
        }
    }

    /// Its media types, the registered one first.
    pub fn media_types(self) -> &'static [&'static str] {
        match self {
            Self::Json => &["application/json"],
            Self::Yaml => &["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"],
            Self::Toml => &["application/toml", "text/x-toml", "text/toml"],
            Self::Form => &["application/x-www-form-urlencoded"],
        }
    }

    /// The format whose files end so, without the dot and in any case.
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|format| format.extensions().contains(&extension.to_ascii_lowercase().as_str()))
    }

    /// The format of a `Content-Type`, its parameters set aside.
    pub fn from_media_type(content_type: &str) -> Option<Self> {
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        Self::ALL.into_iter().find(|format| format.media_types().contains(&essence.as_str()))
    }

    /// What an input without a name most likely is: nothing but JSON begins with a brace, and
    /// what is not a table of TOML is YAML.
    pub fn guess(bytes: &[u8]) -> Self {
        let start = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        let first_line = bytes
            .split(|byte| *byte == b'\n')
            .find(|line| !line.trim_ascii().is_empty() && !line.starts_with(b"#"));
        match (start, first_line) {
            (Some(b'{'), _) => Self::Json,
            (_, Some(line))
                if line.starts_with(b"[")
                    || line.split(|byte| *byte == b':').next().is_some_and(|key| key.contains(&b'=')) =>
            {
                Self::Toml
            }
            _ => Self::Yaml,
        }
    }
}

/// Reads a document of the contract, a [`Report`](crate::report::Report) or a
/// [`WorkPlan`](crate::report::WorkPlan). Fails with every fault found in it; a remark about the encoding
/// may come along.
pub fn read<T: Deserr<Faults>>(bytes: &[u8], format: Format) -> Result<Warned<T>, Failed> {
    Manuscript::parse(bytes, format)?.read()
}

/// Reads a file in TOML that is no document: an operator's settings, a template's manifest. `verify`
/// finds what its form leaves open. The error tells every fault with its line and column, a line each.
pub fn read_settings<T: Deserr<Faults>>(text: &str, verify: fn(&T) -> Vec<Fault>) -> Result<T, String> {
    let read = Manuscript::of_text(text.to_owned(), Format::Toml);
    read.and_then(|manuscript| manuscript.build(verify)).map_err(in_lines)
}

fn in_lines(found: Vec<Diagnostic>) -> String {
    let line = |one: &Diagnostic| {
        let place = one.position.map(|at| format!("第{}行第{}列：", at.line, at.column)).unwrap_or_default();
        // What a value should be is said already; the sample is one of a report.
        let hint = if one.is(&fault::WRONG_TYPE) { "请改正" } else { &one.hint };
        format!("{place}{}。{hint}", one.message)
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_known_by_its_name_and_guessed_without_one() {
        assert_eq!(Format::from_extension("YML"), Some(Format::Yaml));
        assert_eq!(Format::from_extension(""), None);
        assert_eq!(Format::from_extension("docx"), None);
        assert_eq!(Format::from_media_type("Application/JSON; charset=utf-8"), Some(Format::Json));
        assert_eq!(Format::from_media_type(";"), None);
        for (bytes, format) in [
            (b" \n{\"year\": 2024}".as_slice(), Format::Json),
            (b"# a=b\nyear = 2024", Format::Toml),
            (b"[issuer]", Format::Toml),
            (b"year: 2024", Format::Yaml),
            (b"title: a=b", Format::Yaml),
            (b"", Format::Yaml),
            (b"\xFF\xFE\0", Format::Yaml),
        ] {
            assert_eq!(Format::guess(bytes), format, "{bytes:?}");
        }
    }
}
