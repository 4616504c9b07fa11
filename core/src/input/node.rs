//! A parsed document before anyone knows what it means: the one shape that all formats become.

use deserr::{IntoValue, Map, Value, ValueKind};

use super::fault::{Fault, Faults};
use crate::diagnostic::Position;
use crate::report::FieldPath;
use crate::report::path::Segment;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub at: At,
    pub content: Content,
}

/// What a value is. A scalar is the characters that were written, whatever a format would make
/// of them: `370214`, `98.10` and `2025-02-28` keep their form, and the field decides.
#[derive(Clone, Debug)]
pub(super) enum Content {
    Null,
    Boolean(bool),
    Scalar(String),
    Sequence(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key of a map, where it stands, and its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub at: At,
    pub key: String,
    pub value: Node,
}

/// A place in the text, as the format's parser counts. Lines and columns are worked out only for
/// the places that a message names.
#[derive(Clone, Copy, Debug)]
pub(super) enum At {
    Byte(usize),
    Position(Position),
}

impl Node {
    pub fn nothing() -> Self {
        Self { at: At::Byte(0), content: Content::Null }
    }

    /// Where the value at `path` stands, or the nearest thing around it that exists. `key` asks
    /// for the last key's own place rather than its value's.
    pub fn locate(&self, path: &FieldPath, key: bool) -> At {
        let mut node = self;
        let mut at = node.at;
        for segment in path.segments() {
            let found = match (segment, &node.content) {
                // The last of equal keys: that is the one to take away.
                (Segment::Key(name), Content::Map(entries)) => entries
                    .iter()
                    .rfind(|entry| entry.key == *name)
                    .map(|entry| (&entry.value, if key { entry.at } else { entry.value.at })),
                (Segment::Index(index), Content::Sequence(items)) => {
                    items.get(*index).map(|item| (item, item.at))
                }
                _ => None,
            };
            let Some((next, place)) = found else { return at };
            (node, at) = (next, place);
        }
        at
    }

    /// Reports each key that a map has more than once. `trail` leads here.
    pub fn find_duplicates(&self, trail: &mut Vec<Segment>, faults: &mut Faults) {
        match &self.content {
            Content::Map(entries) => {
                let mut seen = std::collections::HashSet::new();
                for Entry { key, value, .. } in entries {
                    trail.push(Segment::Key(key.into()));
                    if !seen.insert(key) {
                        faults.push(|| Fault::duplicate(trail.iter().cloned().collect()));
                    }
                    value.find_duplicates(trail, faults);
                    trail.pop();
                }
            }
            Content::Sequence(items) => {
                for (index, item) in items.iter().enumerate() {
                    trail.push(Segment::Index(index));
                    item.find_duplicates(trail, faults);
                    trail.pop();
                }
            }
            _ => {}
        }
    }
}

impl At {
    /// The line and column of this place in `text`.
    pub fn position(self, text: &str) -> Position {
        match self {
            Self::Position(position) => position,
            Self::Byte(offset) => {
                let before = &text[..text.floor_char_boundary(offset)];
                let line_start = before.rfind('\n').map_or(0, |feed| feed + 1);
                Position {
                    line: before.matches('\n').count() + 1,
                    column: before[line_start..].chars().count() + 1,
                }
            }
        }
    }
}

impl IntoValue for Node {
    type Sequence = Vec<Node>;
    type Map = Entries;

    fn kind(&self) -> ValueKind {
        match self.content {
            Content::Null => ValueKind::Null,
            Content::Boolean(_) => ValueKind::Boolean,
            Content::Scalar(_) => ValueKind::String,
            Content::Sequence(_) => ValueKind::Sequence,
            Content::Map(_) => ValueKind::Map,
        }
    }

    fn into_value(self) -> Value<Self> {
        match self.content {
            Content::Null => Value::Null,
            Content::Boolean(value) => Value::Boolean(value),
            Content::Scalar(characters) => Value::String(characters),
            Content::Sequence(items) => Value::Sequence(items),
            Content::Map(entries) => Value::Map(Entries(entries)),
        }
    }
}

/// The entries of a map, for deserr.
#[derive(Debug)]
pub(super) struct Entries(Vec<Entry>);

impl Map for Entries {
    type Value = Node;
    type Iter = std::iter::Map<std::vec::IntoIter<Entry>, fn(Entry) -> (String, Node)>;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn remove(&mut self, key: &str) -> Option<Node> {
        let index = self.0.iter().position(|entry| entry.key == key)?;
        Some(self.0.remove(index).value)
    }

    fn into_iter(self) -> Self::Iter {
        self.0.into_iter().map(|entry| (entry.key, entry.value))
    }
}
