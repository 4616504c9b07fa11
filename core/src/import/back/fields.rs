//! What kinds of fields there are for the way back: of which list's item each is, and what its text becomes.

use serde_json::Value;

use crate::language::invisible::is_invisible;
use crate::report::fields::{self, Entry};
use crate::report::path::Segment;
use crate::report::{Date, FieldPath, Ordinal, Year};

/// The lists whose items have a heading and paragraphs.
pub(super) const WITH_BODIES: [&str; 4] = ["measures", "duties", "plans", "attachments"];

/// The lists that one item stands behind the other of.
pub(super) const LISTS: [&str; 8] =
    ["preface", "measures", "problems", "duties", "plans", "other", "unplaced", "attachments"];

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
        let list = path.first_key();
        match path.segments() {
            _ if !LISTS.contains(&list) => Self::Single,
            [_, Segment::Index(_)] => Self::Bare,
            [_, Segment::Index(_), Segment::Key(key)] if key == "heading" => Self::Heading,
            [_, Segment::Index(_), Segment::Key(key), Segment::Index(_), Segment::Key(_)]
                if key == "body" && WITH_BODIES.contains(&list) =>
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

/// Whether a second paragraph of this field is another item.
pub(super) fn is_split(path: &FieldPath) -> bool {
    matches!(FieldRole::of(path), FieldRole::Body | FieldRole::Bare)
}

pub(super) fn is_lead(path: &FieldPath) -> bool {
    ends_in(path, "lead") && FieldRole::of(path) == FieldRole::Body
}

/// Whether a path leads to an item of a list of names; the list's own path.
pub(super) fn names(path: &FieldPath) -> Option<FieldPath> {
    let (last, list) = path.segments().split_last()?;
    last.index()?;
    let list: FieldPath = list.iter().cloned().collect();
    fields::find(&list).is_some_and(|field| matches!(field.entry, Entry::Lines)).then_some(list)
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
pub(super) fn value(path: &FieldPath, text: &str) -> Option<Value> {
    let line = || text.replace('\n', " ").trim().to_owned();
    let is_item = path.segments().last().is_some_and(|last| last.index().is_some());
    let entry = fields::find(path).map_or(&Entry::Text, |field| &field.entry);
    Some(match entry {
        Entry::Date => Value::String(line().parse::<Date>().ok()?.to_string()),
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
