//! A report as a template sees it: maps and lists of plain values, except that each text a
//! writer entered knows its field.

use std::fmt;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Object, ObjectRepr, Serde};
use serde::Serialize;

use crate::report::FieldPath;
use crate::report::fields::Entry;

/// A text and the field it was entered in. A template can print it, test it for being empty and
/// split it into lines, and nothing else.
#[derive(Debug)]
pub(super) struct FieldText {
    pub path: FieldPath,
    pub text: String,
}

impl Object for FieldText {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.text.is_empty()
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FieldText {
    /// The same field with another text: a line of it, its date written out.
    pub(super) fn with(&self, text: impl Into<String>) -> Value {
        Value::from_object(Self { path: self.path.clone(), text: text.into() })
    }
}

/// A part of a value, of the same field if it is of one.
pub(super) fn of_same_field(value: &Value, part: String) -> Value {
    match value.downcast_object_ref::<FieldText>() {
        Some(field) => field.with(part),
        None => Value::from(part),
    }
}

/// A document for a template's context; `entry` says which of its values are choices.
pub(super) fn value(document: &impl Serialize, entry: &Entry) -> Value {
    let json = serde_json::to_value(document).expect("a document is made of texts, numbers, lists and maps");
    convert(json, FieldPath::root(), entry)
}

fn convert(json: serde_json::Value, path: FieldPath, entry: &Entry) -> Value {
    match json {
        // Templates compare choices: `report.issuer.kind == "department"`.
        serde_json::Value::String(choice) if matches!(entry, Entry::Choice(_)) => choice.into(),
        serde_json::Value::String(text) => Value::from_object(FieldText { path, text }),
        serde_json::Value::Array(items) => {
            let items = items.into_iter().enumerate();
            items.map(|(index, item)| convert(item, path.index(index), entry)).collect()
        }
        serde_json::Value::Object(entries) => {
            let convert = |(key, value): (String, serde_json::Value)| {
                let (path, entry) = (path.key(&key), entry.within(&key));
                (key, convert(value, path, entry))
            };
            Value::from_pairs(entries.into_iter().map(convert))
        }
        plain => Value::from(Serde(plain)),
    }
}
