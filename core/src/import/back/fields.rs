//! What kinds of fields there are for the way back: of which list's item each is, and what its text becomes.

use serde_json::Value;

use super::super::dates;
use crate::language::invisible::is_invisible;
use crate::report::fields::{self, Entry};
use crate::report::path::Segment;
use crate::report::{DocumentKind, FieldPath, Ordinal, Year};

/// The lists that one item stands behind the other of.
const OF_REPORTS: [&str; 8] =
    ["preface", "measures", "problems", "duties", "plans", "other", "unplaced", "attachments"];
const OF_PLANS: [&str; 3] = ["preface", "sections", "unplaced"];

/// Those of a document of this kind.
pub(super) fn lists(kind: DocumentKind) -> &'static [&'static str] {
    match kind {
        DocumentKind::Report => &OF_REPORTS,
        DocumentKind::WorkPlan => &OF_PLANS,
    }
}

/// The list that a path leads into.
pub(super) fn list_of(path: &FieldPath) -> Option<&'static str> {
    let mut all = OF_REPORTS.into_iter().chain(OF_PLANS);
    all.find(|list| *list == path.first_key())
}

/// What the paragraphs of the items of a list are called, where those have a heading and paragraphs.
pub(super) fn body_of(list: &str) -> Option<&'static str> {
    match list {
        "measures" | "duties" | "plans" | "attachments" => Some("body"),
        "sections" => Some("tasks"),
        _ => None,
    }
}

/// What a field is in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldRole {
    /// The heading of an item that has paragraphs.
    Heading,
    /// Of a paragraph of such an item.
    Body,
    /// Another field of an item.
    Part,
    /// A paragraph that is an item by itself.
    Bare,
    /// Of the report itself.
    Single,
}

impl FieldRole {
    pub(super) fn of(path: &FieldPath) -> Self {
        let Some(list) = list_of(path) else { return Self::Single };
        match path.segments() {
            [_, Segment::Index(_)] => Self::Bare,
            [_, Segment::Index(_), Segment::Key(key)] if key == "heading" => Self::Heading,
            [_, Segment::Index(_), Segment::Key(key), Segment::Index(_), Segment::Key(_), ..]
                if body_of(list) == Some(key) =>
            {
                Self::Body
            }
            [_, Segment::Index(_), ..] => Self::Part,
            _ => Self::Single,
        }
    }
}

/// The first so many steps of a path.
pub(super) fn start(path: &FieldPath, steps: usize) -> FieldPath {
    path.segments().iter().take(steps).cloned().collect()
}

/// The item that a field is of, down to a paragraph; the whole report for a field of its own.
pub(super) fn item(path: &FieldPath) -> FieldPath {
    match FieldRole::of(path) {
        FieldRole::Heading | FieldRole::Part | FieldRole::Bare => start(path, 2),
        FieldRole::Body => start(path, 4),
        FieldRole::Single => FieldPath::root(),
    }
}

/// The item that stands for itself in a paragraph, so that another one in the same paragraph is joined to it.
pub(super) fn joinable(path: &FieldPath) -> Option<FieldPath> {
    let is_paragraph = match FieldRole::of(path) {
        FieldRole::Body | FieldRole::Bare => true,
        FieldRole::Part => matches!(path.first_key(), "problems" | "unplaced"),
        FieldRole::Heading | FieldRole::Single => false,
    };
    is_paragraph.then(|| item(path))
}

/// Whether a second paragraph of this field is another item. A task bears a number; what has none is a line of it.
pub(super) fn is_split(path: &FieldPath) -> bool {
    matches!(FieldRole::of(path), FieldRole::Body | FieldRole::Bare) && !is_of_task(path)
}

/// Whether a field is what opens a paragraph; a task's `lead` is a unit.
pub(super) fn is_lead(path: &FieldPath) -> bool {
    ends_in(path, "lead") && FieldRole::of(path) == FieldRole::Body && !is_of_task(path)
}

/// Whether a field is of a task of a plan of work.
pub(super) fn is_of_task(path: &FieldPath) -> bool {
    path.first_key() == "sections" && FieldRole::of(path) == FieldRole::Body
}

/// The text of an item whose fields stand in one paragraph, which goes on with whatever is joined to it.
pub(super) fn text_of(path: &FieldPath) -> FieldPath {
    if is_of_task(path) { item(path).key("text") } else { path.clone() }
}

/// Whether a path leads to an item of a list of names; the list's own path.
pub(super) fn names(kind: DocumentKind, path: &FieldPath) -> Option<FieldPath> {
    let (last, list) = path.segments().split_last()?;
    last.index()?;
    let list: FieldPath = list.iter().cloned().collect();
    fields::find_of(kind, &list).is_some_and(|field| matches!(field.entry, Entry::Lines)).then_some(list)
}

/// A text without what no field can hold.
pub(super) fn clean(text: &str) -> String {
    let plain = |c: char| match c {
        '\n' => Some('\n'),
        '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        c if is_invisible(c) => None,
        c => Some(c),
    };
    text.chars().filter_map(plain).collect()
}

/// A text as the value of a field; nothing where it is none.
pub(super) fn value(kind: DocumentKind, path: &FieldPath, text: &str) -> Option<Value> {
    let line = || text.replace('\n', " ").trim().to_owned();
    let is_item = path.segments().last().is_some_and(|last| last.index().is_some());
    let entry = fields::find_of(kind, path).map_or(&Entry::Text, |field| &field.entry);
    Some(match entry {
        // 二〇二五年三月一日, too.
        Entry::Date => Value::String(dates::date(&line())?.to_string()),
        Entry::Number if path.segments().last() == Some(&Segment::from("year")) => {
            Value::from(line().parse::<Year>().ok()?.number())
        }
        Entry::Number | Entry::Numbers => {
            let digits = line();
            Value::from(digits.trim_start_matches('0').parse::<Ordinal>().ok()?.number())
        }
        Entry::Choice(choices) => {
            let line = line();
            let choice = choices.iter().find(|(word, label)| *word == line || *label == line)?;
            Value::String(choice.0.to_owned())
        }
        Entry::Line => Value::String(line()),
        Entry::Lines if is_item => Value::String(line()),
        _ => Value::String(text.trim_end_matches('\n').to_owned()),
    })
}

/// Whether the last step of a path is this field.
pub(super) fn ends_in(path: &FieldPath, key: &str) -> bool {
    matches!(path.segments().last(), Some(Segment::Key(last)) if last == key)
}
