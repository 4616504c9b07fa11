//! A version field by field, and in what it differs from another, as the review shows it.

use serde_json::{Value, json};

use crate::collections::Comment;
use crate::difference::{Alteration, FieldDifference, StretchKind, differences, normal, shown};
use crate::report::fields::{self, Entry};
use crate::report::{FieldPath, contract};
use crate::web::form::{cut, weight_of};

/// What a part of the page weighs besides its texts, in bytes.
const AROUND: usize = 170;

/// How many comments are shown at a field, and how much of each, in characters. All are in the list of them.
const COMMENTS: usize = 3;
const LONGEST_COMMENT: usize = 200;

/// What a page shows of a report.
pub(super) struct ShownParts {
    pub parts: Vec<Value>,
    /// Whether there is more.
    pub is_cut: bool,
}

/// Each field that says something, with the comments at it, as far as there is `room` for them in a page, in bytes. The
/// rest stands in the report's pages.
pub(super) fn of_fields(report: &Value, comments: &[Comment], room: usize) -> ShownParts {
    let mut leaves = Vec::new();
    walk(&normal(report), FieldPath::root(), &mut leaves);
    let part = |(path, text): (FieldPath, String)| {
        let written = path.to_string();
        let own = comments.iter().filter(|one| one.path == written && one.answers.is_none());
        let own: Vec<&Comment> = own.filter(|one| one.resolved_at.is_none()).collect();
        let shown = own.iter().take(COMMENTS).map(|one| cut(&one.text, LONGEST_COMMENT));
        json!({
            "label": contract::label(&path), "path": written, "at": in_address(&written), "text": text,
            "comments": shown.collect::<Vec<_>>(), "more_comments": own.len().saturating_sub(COMMENTS),
        })
    };
    bounded(leaves.into_iter().map(part), room)
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

/// In what a report differs from another, the changed words marked, as far as there is room.
pub(super) fn of_changes(before: &Value, report: &Value, room: usize) -> ShownParts {
    bounded(differences(before, report).into_iter().map(part), room)
}

fn part(difference: FieldDifference) -> Value {
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
    let path = difference.path.to_string();
    // What was taken out stands on no page.
    let is_there = !matches!(difference.alteration, Alteration::Removal { .. });
    json!({
        "label": difference.label, "path": if is_there { path.as_str() } else { "" }, "at": in_address(&path),
        "stretches": stretches,
    })
}

/// A path as a value in an address.
fn in_address(path: &str) -> String {
    url::form_urlencoded::byte_serialize(path.as_bytes()).collect()
}

fn bounded(parts: impl Iterator<Item = Value>, room: usize) -> ShownParts {
    let (mut shown, mut bytes, mut is_cut) = (Vec::new(), 0, false);
    for part in parts {
        bytes += AROUND + weight_of(&part);
        if bytes > room {
            is_cut = true;
            break;
        }
        shown.push(part);
    }
    ShownParts { parts: shown, is_cut }
}
