//! A version field by field, and in what it differs from another, as the review shows it.

use serde_json::{Value, json};

use crate::collections::Comment;
use crate::difference::{Alteration, FieldDifference, StretchKind, differences, normal, shown};
use crate::report::fields::{self, Entry};
use crate::report::{FieldPath, contract};

/// How much of a report a page shows, in characters. The rest stands in its pages.
const CHARACTERS: usize = 30_000;

/// What a page shows of a report.
pub(super) struct ShownParts {
    pub parts: Vec<Value>,
    /// Whether there is more.
    pub is_cut: bool,
}

/// Each field that says something, with the comments at it.
pub(super) fn of_fields(report: &Value, comments: &[Comment]) -> ShownParts {
    let mut leaves = Vec::new();
    walk(&normal(report), FieldPath::root(), &mut leaves);
    let part = |(path, text): (FieldPath, String)| {
        let written = path.to_string();
        let own = comments.iter().filter(|one| one.path == written && one.answers.is_none());
        let own: Vec<&str> =
            own.filter(|one| one.resolved_at.is_none()).map(|one| one.text.as_str()).collect();
        let length = text.chars().count();
        let part = json!({
            "label": contract::label(&path), "path": written, "at": in_address(&written), "text": text,
            "comments": own,
        });
        (part, length)
    };
    bounded(leaves.into_iter().map(part))
}

/// The values of a tree, each where it stands; a table is one.
fn walk(value: &Value, path: FieldPath, leaves: &mut Vec<(FieldPath, String)>) {
    let is_table = fields::find(&path).is_some_and(|field| matches!(field.entry, Entry::Table));
    match value {
        Value::Object(entries) if !is_table => {
            entries.iter().for_each(|(key, value)| walk(value, path.key(key), leaves));
        }
        Value::Array(items) if !is_table => {
            items.iter().enumerate().for_each(|(at, value)| walk(value, path.index(at), leaves));
        }
        _ => {
            let text = shown(&path, value);
            if !text.is_empty() {
                leaves.push((path, text));
            }
        }
    }
}

/// In what a report differs from another, the changed words marked.
pub(super) fn of_changes(before: &Value, report: &Value) -> ShownParts {
    bounded(differences(before, report).into_iter().map(part))
}

fn part(difference: FieldDifference) -> (Value, usize) {
    let stretch = |kind: &str, text: &str| json!({ "kind": kind, "text": text });
    let stretches: Vec<Value> = match &difference.alteration {
        Alteration::Addition { text } => vec![stretch("new", text)],
        Alteration::Removal { text } => vec![stretch("old", text)],
        Alteration::Move { from } => vec![stretch("moved", &format!("原在：{}", contract::label(from)))],
        Alteration::Rewording { stretches } => {
            let kind = |kind| match kind {
                StretchKind::Both => "both",
                StretchKind::Old => "old",
                StretchKind::New => "new",
            };
            stretches.iter().map(|one| stretch(kind(one.kind), &one.text)).collect()
        }
    };
    let length =
        stretches.iter().filter_map(|one| one["text"].as_str()).map(|text| text.chars().count()).sum();
    let path = difference.path.to_string();
    // What was taken out stands on no page.
    let is_there = !matches!(difference.alteration, Alteration::Removal { .. });
    let part = json!({
        "label": difference.label, "path": if is_there { path.as_str() } else { "" }, "at": in_address(&path),
        "stretches": stretches,
    });
    (part, length)
}

/// A path as a value in an address.
fn in_address(path: &str) -> String {
    url::form_urlencoded::byte_serialize(path.as_bytes()).collect()
}

fn bounded(parts: impl Iterator<Item = (Value, usize)>) -> ShownParts {
    let (mut shown, mut characters, mut is_cut) = (Vec::new(), 0, false);
    for (part, length) in parts {
        // What is around each text counts as well.
        characters += length + 40;
        if characters > CHARACTERS {
            is_cut = true;
            break;
        }
        shown.push(part);
    }
    ShownParts { parts: shown, is_cut }
}
