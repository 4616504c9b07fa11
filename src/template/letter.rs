//! 通知书: what is asked of units, to each a letter with its link and code.

use minijinja::Value;
use minijinja::value::Serde;
use serde::{Deserialize, Serialize};

use super::overview::each_text;
use super::{Filled, Templates};
use crate::diagnostic::Failed;

/// Its minijinja file. Like the review sheet it has no manifest.
pub(super) const SOURCE: &str = "letter/letter.typ.jinja";

/// What all letters say, and to whom each is. Every text is one line, but for the instructions.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Letters {
    /// Who writes.
    pub issuer: String,
    /// As 2024.
    pub year: u16,
    /// As 某司〔2025〕3号; empty for a letter without a head.
    pub document_number: String,
    pub edition: String,
    pub needs_sign_off: bool,
    /// Until when something is taken, in words; empty where nobody has said.
    pub closes: String,
    pub instructions: String,
    /// Until when the links are good, in words.
    pub until: String,
    /// Whom to ask; may be empty.
    pub contact: String,
    /// The day that they bear, as `2025-01-05`, and in words.
    pub date: String,
    pub long_date: String,
    pub units: Vec<LetterUnit>,
}

/// To whom a letter is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LetterUnit {
    pub name: String,
    /// In words.
    pub due: String,
    pub link: String,
    pub code: String,
}

/// Fills the letters. `drawable` makes a text one that the face of the document can draw.
pub fn fill_letters(
    templates: &Templates,
    letters: &Letters,
    drawable: &dyn Fn(&str) -> String,
) -> Result<Filled, Failed> {
    let mut data = serde_json::to_value(letters).map_err(|error| Failed::Program(Box::new(error)))?;
    each_text(&mut data, drawable);
    templates.letter.fill(Value::from(Serde(data)))
}
