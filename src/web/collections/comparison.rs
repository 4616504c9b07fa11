//! A version field by field, and in what it differs from another, as the review shows it.

use serde::Serialize;
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

/// What a page has for a report at least, whatever else stands on it, in bytes.
const LEAST_ROOM: usize = 20_000;

/// How many bytes a character takes at most.
const CHARACTER: usize = 6;

/// Which page of a report is wanted, and how much it may weigh, in bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct PartsWish {
    /// The first part, from 0 on.
    pub from: usize,
    /// The field that is to be on it, where no part is named.
    pub field: String,
    pub room: usize,
}

/// What a page shows of a report.
#[derive(Serialize)]
pub(super) struct ShownParts {
    pub parts: Vec<Value>,
    /// The number of the first of them, from 0 on, and how many there are in all.
    pub from: usize,
    pub total: usize,
    /// Where the pages before and behind this one begin.
    pub previous: Option<usize>,
    pub next: Option<usize>,
}

/// Each field that says something, with the comments at it.
pub(super) fn of_fields(report: &Value, comments: &[Comment], wish: &PartsWish) -> ShownParts {
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
    paged(leaves.into_iter().map(part).collect(), wish)
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
pub(super) fn of_changes(before: &Value, report: &Value, wish: &PartsWish) -> ShownParts {
    paged(differences(before, report).into_iter().map(part).collect(), wish)
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

/// A page of the parts, as many as there is room for; the next begins behind it, so that none is on no page.
fn paged(mut parts: Vec<Value>, wish: &PartsWish) -> ShownParts {
    let room = wish.room.max(LEAST_ROOM);
    parts.iter_mut().for_each(|part| shorten(part, room));
    let weights: Vec<usize> = parts.iter().map(|part| AROUND + weight_of(part)).collect();
    // What fits, one part at least.
    let fitting = |weights: &mut dyn Iterator<Item = &usize>| {
        let mut bytes = 0;
        let fit = weights.take_while(|weight| {
            bytes += *weight;
            bytes <= room
        });
        fit.count().max(1)
    };
    let total = parts.len();
    let of_field = || parts.iter().position(|part| is_at(part, &wish.field)).unwrap_or_default();
    let from = if wish.from == 0 && !wish.field.is_empty() { of_field() } else { wish.from };
    let from = from.min(total.saturating_sub(1));
    let end = (from + fitting(&mut weights[from..].iter())).min(total);
    let before = fitting(&mut weights[..from].iter().rev());
    ShownParts {
        parts: parts.drain(from..end).collect(),
        from,
        total,
        previous: (from > 0).then(|| from.saturating_sub(before)),
        next: (end < total).then_some(end),
    }
}

/// Whether a part is of this field, or within it.
fn is_at(part: &Value, field: &str) -> bool {
    let rest = part["path"].as_str().and_then(|path| path.strip_prefix(field));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Leaves of a part that is longer than a page what a page bears of it. All of it stands in the report's pages.
fn shorten(part: &mut Value, room: usize) {
    part["is_cut"] = (AROUND + weight_of(part) > room).into();
    if part["is_cut"] == false {
        return;
    }
    let mut left = room / CHARACTER / 2;
    let mut cut_at = |text: &mut Value| {
        let written = text.as_str().unwrap_or_default();
        let kept: String = written.chars().take(left).collect();
        left -= kept.chars().count();
        *text = kept.into();
    };
    match part["stretches"].as_array_mut() {
        Some(stretches) => {
            stretches.iter_mut().for_each(|one| cut_at(&mut one["text"]));
            stretches.retain(|one| one["text"] != "");
        }
        None => cut_at(&mut part["text"]),
    }
}
