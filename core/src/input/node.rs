//! A parsed document before anyone knows what it means: the one shape that all formats become.

use std::collections::HashSet;

use deserr::{IntoValue, Map, Value, ValueKind};

use crate::diagnostic::Position;
use crate::report::FieldPath;
use crate::report::path::Segment;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub at: At,
    pub content: NodeContent,
}

/// What a value is. A scalar is the characters that were written, whatever a format would make
/// of them: `370214`, `98.10` and `2025-02-28` keep their form, and the field decides.
#[derive(Clone, Debug)]
pub(super) enum NodeContent {
    Null,
    Boolean(bool),
    Scalar(String),
    Sequence(Vec<Node>),
    Map(Vec<MapEntry>),
}

/// A key of a map, where it stands, and its value.
#[derive(Clone, Debug)]
pub(super) struct MapEntry {
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
    pub(super) fn nothing() -> Self {
        Self { at: At::Byte(0), content: NodeContent::Null }
    }

    /// The value of a key, the last of equal ones.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let NodeContent::Map(entries) = &self.content else { return None };
        entries.iter().rfind(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The characters of a scalar.
    pub(super) fn characters(&self) -> Option<&str> {
        match &self.content {
            NodeContent::Scalar(characters) => Some(characters),
            _ => None,
        }
    }

    /// The value at `path`.
    pub(super) fn at_mut(&mut self, path: &FieldPath) -> Option<&mut Self> {
        path.segments().iter().try_fold(self, |node, segment| match (segment, &mut node.content) {
            (Segment::Key(key), NodeContent::Map(entries)) => {
                entries.iter_mut().rfind(|entry| entry.key == *key).map(|entry| &mut entry.value)
            }
            (Segment::Index(index), NodeContent::Sequence(items)) => items.get_mut(*index),
            _ => None,
        })
    }

    /// Takes away what a later entry of the same key says again.
    pub(super) fn keep_last_of_equals(&mut self) {
        match &mut self.content {
            NodeContent::Map(entries) => {
                let mut seen = HashSet::new();
                let mut kept: Vec<MapEntry> = std::mem::take(entries)
                    .into_iter()
                    .rev()
                    .filter(|entry| seen.insert(entry.key.clone()))
                    .collect();
                kept.reverse();
                kept.iter_mut().for_each(|entry| entry.value.keep_last_of_equals());
                *entries = kept;
            }
            NodeContent::Sequence(items) => items.iter_mut().for_each(Self::keep_last_of_equals),
            _ => {}
        }
    }

    /// Where the value at `path` stands, or the nearest thing around it that exists. `key` asks
    /// for the last key's own place rather than its value's.
    pub(super) fn locate(&self, path: &FieldPath, key: bool) -> At {
        let mut node = self;
        let mut at = node.at;
        for segment in path.segments() {
            let found = match (segment, &node.content) {
                // The last of equal keys: that is the one to take away.
                (Segment::Key(name), NodeContent::Map(entries)) => entries
                    .iter()
                    .rfind(|entry| entry.key == *name)
                    .map(|entry| (&entry.value, if key { entry.at } else { entry.value.at })),
                (Segment::Index(index), NodeContent::Sequence(items)) => {
                    items.get(*index).map(|item| (item, item.at))
                }
                _ => None,
            };
            let Some((next, place)) = found else { return at };
            (node, at) = (next, place);
        }
        at
    }
}

impl MapEntry {
    /// One that nobody wrote.
    pub(super) fn new(key: &str, content: NodeContent) -> Self {
        Self { at: At::Byte(0), key: key.to_owned(), value: Node { content, ..Node::nothing() } }
    }
}

impl From<&Node> for serde_json::Value {
    fn from(node: &Node) -> Self {
        match &node.content {
            NodeContent::Null => Self::Null,
            NodeContent::Boolean(value) => Self::Bool(*value),
            NodeContent::Scalar(characters) => Self::String(characters.clone()),
            NodeContent::Sequence(items) => items.iter().map(Self::from).collect(),
            NodeContent::Map(entries) => {
                entries.iter().map(|entry| (entry.key.clone(), Self::from(&entry.value))).collect()
            }
        }
    }
}

impl At {
    /// The line and column of this place in `text`.
    pub(super) fn position(self, text: &str) -> Position {
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
    type Map = MapEntries<'a>;

    fn kind(&self) -> ValueKind {
        match self.content {
            NodeContent::Null => ValueKind::Null,
            NodeContent::Boolean(_) => ValueKind::Boolean,
            NodeContent::Scalar(_) => ValueKind::String,
            NodeContent::Sequence(_) => ValueKind::Sequence,
            NodeContent::Map(_) => ValueKind::Map,
        }
    }

    fn into_value(self) -> Value<Self> {
        match &self.content {
            NodeContent::Null => Value::Null,
            NodeContent::Boolean(value) => Value::Boolean(*value),
            NodeContent::Scalar(characters) => Value::String(characters.clone()),
            NodeContent::Sequence(items) => Value::Sequence(items.iter().collect()),
            NodeContent::Map(entries) => Value::Map(MapEntries(entries.iter().collect())),
        }
    }
}

/// The entries of a map, for deserr.
#[derive(Debug)]
pub(super) struct MapEntries<'a>(Vec<&'a MapEntry>);

impl<'a> Map for MapEntries<'a> {
    type Value = &'a Node;
    type Iter = std::iter::Map<std::vec::IntoIter<&'a MapEntry>, fn(&'a MapEntry) -> (String, &'a Node)>;

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
