//! From bytes to a [`Report`]: one file an outside format, and all faults told at once, each with
//! its field, line and column. Whether what was written is right is for the checks to say.

mod encoding;
mod fault;
mod form;
mod json;
mod node;
mod table;
mod toml;
mod unfinished;
mod yaml;

pub(crate) use encoding::decode;

pub use fault::{CODES, Fault, Faults, too_large};
pub(crate) use fault::{empty, nearest};
pub use table::Table;
pub use unfinished::{Unfinished, read_loosely, read_unfinished};

use deserr::Deserr;
use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, Failed, Warned};
use crate::report::{Report, WorkPlan};
use node::{Content, Node};

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

/// Reads a report. Fails with every fault found in it; a remark about the encoding may come along.
pub fn read(bytes: &[u8], format: Format) -> Result<Warned<Report>, Failed> {
    read_as(bytes, format)
}

/// Reads a plan of work in the same way.
pub fn read_plan(bytes: &[u8], format: Format) -> Result<Warned<WorkPlan>, Failed> {
    read_as(bytes, format)
}

fn read_as<T: Deserr<Faults>>(bytes: &[u8], format: Format) -> Result<Warned<T>, Failed> {
    if bytes.len() > MAX_BYTES {
        return Err(too_large().into());
    }
    let Warned { value: text, warnings } = encoding::decode(bytes)?;
    if text.trim().is_empty() {
        return Err(fault::empty().into());
    }
    let value = build(&text, format, |_| vec![]).map_err(Failed::Report)?;
    Ok(Warned { value, warnings })
}

/// Reads a file in TOML that is no report: an operator's settings, a template's manifest. `verify`
/// finds what its form leaves open. The error tells every fault with its line and column, a line each.
pub fn read_settings<T: Deserr<Faults>>(text: &str, verify: fn(&T) -> Vec<Fault>) -> Result<T, String> {
    build(text, Format::Toml, verify).map_err(in_lines)
}

/// What the text says, or all that is wrong with it. `verify` finds what the form of a `T` leaves open.
fn build<T: Deserr<Faults>>(
    text: &str,
    format: Format,
    verify: fn(&T) -> Vec<Fault>,
) -> Result<T, Vec<Diagnostic>> {
    let (node, mut faults) = parse(text, format)?;
    if matches!(node.content, Content::Null) {
        return Err(vec![fault::empty()]);
    }
    match deserr::deserialize::<T, Node, Faults>(node) {
        Ok(value) => {
            faults.extend(verify(&value).into_iter().collect());
            if faults.is_empty() {
                return Ok(value);
            }
        }
        Err(more) => faults.extend(more),
    }
    // The tree has become the value; only a fault needs another to be placed in.
    let (node, _) = parse(text, format)?;
    Err(faults.into_diagnostics(&node, text))
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

/// Findings about a report that was read from these bytes, with the line and column of each.
pub fn located(mut diagnostics: Vec<Diagnostic>, bytes: &[u8], format: Format) -> Vec<Diagnostic> {
    if diagnostics.is_empty() {
        return diagnostics;
    }
    let text = encoding::decode(bytes).map(|decoded| decoded.value).unwrap_or_default();
    if let Ok((root, _)) = parse(&text, format) {
        for diagnostic in diagnostics.iter_mut().filter(|diagnostic| !diagnostic.path.is_root()) {
            diagnostic.position = Some(root.locate(&diagnostic.path, false).position(&text));
        }
    }
    diagnostics
}

/// The text as a tree, with the faults that leave a tree: keys that stand twice.
fn parse(text: &str, format: Format) -> Result<(Node, Faults), Vec<Diagnostic>> {
    let parsed = match format {
        Format::Json => json::parse(text),
        Format::Yaml => yaml::parse(text),
        Format::Toml => toml::parse(text),
        Format::Form => form::parse(text),
    };
    let node = parsed.map_err(|syntax| syntax.into_diagnostics(&Node::nothing(), text))?;
    let mut faults = Faults::default();
    node.find_duplicates(&mut vec![], &mut faults);
    Ok((node, faults))
}
