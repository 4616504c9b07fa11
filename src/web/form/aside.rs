//! What is left out of a form because a page cannot bear it: a report of hundreds of thousands of characters, what an
//! import found no place for. It stays in the draft, and what is posted leaves it as it is there.

use serde::Serialize;
use serde_json::Value;

/// What a form weighs as a page at most, in bytes, and what it weighs without its controls.
pub(super) const MAX_BYTES: usize = 146_000;
pub(super) const FRAME: usize = 40_000;

/// What may weigh more is not drawn to see whether it does, in bytes.
pub(super) const DRAWN: usize = 600_000;

/// What a field must weigh to be left out.
pub(super) const LEAST: usize = 3_000;

/// How much of a field that is left out is shown, in characters.
const SHOWN: usize = 120;

/// What is told of a field that is left out.
#[derive(Serialize)]
pub(super) struct Aside {
    /// Of a list.
    items: usize,
    characters: usize,
    beginning: String,
}

impl Aside {
    pub(super) fn of(value: &Value) -> Self {
        let mut told =
            Self { items: value.as_array().map_or(0, Vec::len), characters: 0, beginning: String::new() };
        told.add(value);
        told
    }

    fn add(&mut self, value: &Value) {
        match value {
            Value::String(text) => {
                let room = SHOWN.saturating_sub(self.beginning.chars().count());
                self.characters += text.chars().count();
                self.beginning.extend(text.chars().take(room));
                if room > 0 {
                    self.beginning.push(' ');
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.add(item)),
            Value::Object(entries) => entries.values().for_each(|value| self.add(value)),
            _ => {}
        }
    }
}

/// How many bytes a text takes in a page at most.
pub(in crate::web) fn escaped(text: &str) -> usize {
    text.len() + 5 * text.bytes().filter(|byte| b"&<>\"'/".contains(byte)).count()
}

/// How many bytes the texts in a value take in a page at most, with what is around each of a list.
pub(in crate::web) fn weight_of(value: &Value) -> usize {
    match value {
        Value::String(text) => escaped(text),
        Value::Array(items) => items.iter().map(|item| 20 + weight_of(item)).sum(),
        Value::Object(entries) => entries.values().map(weight_of).sum(),
        other => other.to_string().len(),
    }
}

/// The beginning of a long text.
pub(in crate::web) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}……", &text[..end]),
        None => text.to_owned(),
    }
}
