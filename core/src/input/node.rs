//! A parsed document before anyone knows what it means: the one shape that all formats become.

use std::collections::HashSet;

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

    /// The value of a key, the last of equal ones.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Content::Map(entries) = &self.content else { return None };
        entries.iter().rfind(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The characters of a scalar.
    pub fn characters(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(characters) => Some(characters),
            _ => None,
        }
    }

    /// The value at `path`.
    pub fn at_mut(&mut self, path: &FieldPath) -> Option<&mut Self> {
        path.segments().iter().try_fold(self, |node, segment| match (segment, &mut node.content) {
            (Segment::Key(key), Content::Map(entries)) => {
                entries.iter_mut().rfind(|entry| entry.key == *key).map(|entry| &mut entry.value)
            }
            (Segment::Index(index), Content::Sequence(items)) => items.get_mut(*index),
            _ => None,
        })
    }

    /// Takes away what a later entry of the same key says again.
    pub fn keep_last_of_equals(&mut self) {
        match &mut self.content {
            Content::Map(entries) => {
                let mut seen = HashSet::new();
                let mut kept: Vec<Entry> = std::mem::take(entries)
                    .into_iter()
                    .rev()
                    .filter(|entry| seen.insert(entry.key.clone()))
                    .collect();
                kept.reverse();
                kept.iter_mut().for_each(|entry| entry.value.keep_last_of_equals());
                *entries = kept;
            }
            Content::Sequence(items) => items.iter_mut().for_each(Self::keep_last_of_equals),
            _ => {}
        }
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
                let mut seen = HashSet::new();
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

impl Entry {
    /// One that nobody wrote.
    pub fn new(key: &str, content: Content) -> Self {
        Self { at: At::Byte(0), key: key.to_owned(), value: Node { content, ..Node::nothing() } }
    }
}

impl From<&Node> for serde_json::Value {
    fn from(node: &Node) -> Self {
        match &node.content {
            Content::Null => Self::Null,
            Content::Boolean(value) => Self::Bool(*value),
            Content::Scalar(characters) => Self::String(characters.clone()),
            Content::Sequence(items) => items.iter().map(Self::from).collect(),
            Content::Map(entries) => {
                entries.iter().map(|entry| (entry.key.clone(), Self::from(&entry.value))).collect()
            }
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

/// What was written is only looked at, so that the same tree answers whatever is asked next.
impl<'a> IntoValue for &'a Node {
    type Sequence = Vec<&'a Node>;
    type Map = Entries<'a>;

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
        match &self.content {
            Content::Null => Value::Null,
            Content::Boolean(value) => Value::Boolean(*value),
            Content::Scalar(characters) => Value::String(characters.clone()),
            Content::Sequence(items) => Value::Sequence(items.iter().collect()),
            Content::Map(entries) => Value::Map(Entries(entries.iter().collect())),
        }
    }
}

/// The entries of a map, for deserr.
#[derive(Debug)]
pub(super) struct Entries<'a>(Vec<&'a Entry>);

impl<'a> Map for Entries<'a> {
    type Value = &'a Node;
    type Iter = std::iter::Map<std::vec::IntoIter<&'a Entry>, fn(&'a Entry) -> (String, &'a Node)>;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn remove(&mut self, key: &str) -> Option<&'a Node> {
        let index = self.0.iter().position(|entry| entry.key == key)?;
        Some(&self.0.remove(index).value)
    }

    fn into_iter(self) -> Self::Iter {
        self.0.into_iter().map(|entry| (entry.key.clone(), &entry.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(text: &str, offset: usize) -> (usize, usize) {
        let at = At::Byte(offset).position(text);
        (at.line, at.column)
    }

    #[test]
    fn places_are_counted_in_lines_and_characters() {
        let text = "年: 甲\n𬀩b\n";
        assert_eq!(position(text, 0), (1, 1));
        assert_eq!(position(text, "年: ".len()), (1, 4));
        assert_eq!(position(text, text.find('b').unwrap()), (2, 2));
        assert_eq!(position(text, text.len()), (3, 1));
        // Within a character, and beyond the end.
        assert_eq!(position(text, 1), (1, 1));
        assert_eq!(position(text, 999), (3, 1));
        assert_eq!(position("", 5), (1, 1));
    }
}
