//! A report that is still being written: shown as far as it goes, whatever is wrong with it.

use serde_json::{Map, Value};

use super::fault::{INVALID_VALUE, MISSING_FIELD, UNKNOWN_FIELD, WRONG_TYPE};
use super::node::{Content, Node};
use super::{Format, encoding, fault, parse, read};
use crate::diagnostic::{Class, Diagnostic, Failed, Warned, class_of};
use crate::report::fields::{self, Entry, Field};
use crate::report::path::Segment;
use crate::report::{FieldPath, Report};

/// How often a tree is mended and read again. What stands in for a value may lack one of its own.
const ROUNDS: usize = 8;

/// A report made whole.
#[derive(Debug)]
pub struct Unfinished {
    pub report: Report,
    /// The fields that something stands in for.
    pub stood_in: Vec<FieldPath>,
    /// What is wrong with the writing.
    pub faults: Vec<Diagnostic>,
}

/// The tree that was written, whatever it means: text, lists and maps. Fails only where nobody can
/// tell what was written.
pub fn read_loosely(bytes: &[u8], format: Format) -> Result<Value, Failed> {
    if bytes.len() > super::MAX_BYTES {
        return Err(fault::too_large().into());
    }
    let text = encoding::decode(bytes)?.value;
    match value(parse(&text, format).map_err(Failed::Report)?.0) {
        Value::Null => Err(fault::empty().into()),
        tree if tree.is_object() => Ok(tree),
        // What has no fields is no report, and reading it as one says so.
        _ => Err(read(bytes, format).err().unwrap_or_else(|| fault::empty().into())),
    }
}

/// Reads a report that may lack what it must have: where a value is missing or cannot be, its
/// field's name in brackets stands in for it. Fails where even that makes no report, as without
/// a year.
pub fn read_unfinished(bytes: &[u8], format: Format) -> Result<Unfinished, Failed> {
    let found = match read(bytes, format) {
        Ok(Warned { value: report, .. }) => {
            return Ok(Unfinished { report, stood_in: vec![], faults: vec![] });
        }
        Err(Failed::Report(found)) if class_of(&found) == Class::Wrong => found,
        Err(failed) => return Err(failed),
    };
    let mut tree = read_loosely(bytes, format)?;
    let (mut faults, mut stood_in) = (found.clone(), vec![]);
    for _ in 0..ROUNDS {
        for fault in &faults {
            let mended = mend(&mut tree, fault).filter(|path| !stood_in.contains(path));
            stood_in.extend(mended);
        }
        match read(tree.to_string().as_bytes(), Format::Json) {
            Ok(Warned { value: report, .. }) => {
                return Ok(Unfinished { report, stood_in, faults: found });
            }
            Err(Failed::Report(more)) => faults = more,
            Err(failed) => return Err(failed),
        }
    }
    Err(Failed::Report(found))
}

/// Puts something in the place of what is wrong, or takes it away. Tells the field that is shown
/// otherwise than it was written.
fn mend(tree: &mut Value, fault: &Diagnostic) -> Option<FieldPath> {
    let is = |code: &crate::diagnostic::Code| fault.is(code);
    if is(&UNKNOWN_FIELD) {
        take(tree, &fault.path);
        return None;
    }
    if !(is(&MISSING_FIELD) || is(&INVALID_VALUE) || is(&WRONG_TYPE)) {
        return None;
    }
    match fields::find(&fault.path).and_then(|field| stand_in(field, tree)) {
        Some(value) => put(tree, &fault.path, value),
        None if is(&MISSING_FIELD) => take(tree, &parent(&fault.path)),
        None if matches!(fault.path.segments().last(), Some(Segment::Index(_))) => {
            take(tree, &parent(&fault.path));
        }
        None => take(tree, &fault.path),
    }
    Some(fault.path.clone())
}

/// What shows that a value is missing. A number has no such thing.
fn stand_in(field: &Field, tree: &Value) -> Option<Value> {
    match &field.entry {
        Entry::Line if field.key == "value" => Some("不适用".into()),
        Entry::Line | Entry::Text | Entry::Lines | Entry::Paragraphs => {
            Some(format!("〔{}〕", field.title).into())
        }
        // The first day on which the report can be dated.
        Entry::Date => {
            let year: u32 = tree["year"].as_str()?.trim().parse().ok()?;
            Some(format!("{}-01-01", year + 1).into())
        }
        Entry::Group(_) => Some(Value::Object(Map::new())),
        _ => None,
    }
}

fn parent(path: &FieldPath) -> FieldPath {
    let segments = path.segments();
    segments[..segments.len().saturating_sub(1)].iter().cloned().collect()
}

fn place<'a>(tree: &'a mut Value, path: &FieldPath) -> Option<&'a mut Value> {
    path.segments().iter().try_fold(tree, |value, segment| match segment {
        Segment::Key(key) => value.get_mut(key.as_str()),
        Segment::Index(index) => value.get_mut(*index),
    })
}

fn put(tree: &mut Value, path: &FieldPath, value: Value) {
    match (place(tree, &parent(path)), path.segments().last()) {
        (Some(Value::Object(map)), Some(Segment::Key(key))) => drop(map.insert(key.to_string(), value)),
        (Some(Value::Array(items)), Some(Segment::Index(index))) => {
            if let Some(item) = items.get_mut(*index) {
                *item = value;
            }
        }
        _ => {}
    }
}

/// Takes a field away. An item of a list stays as an empty one, so that those behind it keep
/// their numbers.
fn take(tree: &mut Value, path: &FieldPath) {
    match (place(tree, &parent(path)), path.segments().last()) {
        (Some(Value::Object(map)), Some(Segment::Key(key))) => drop(map.shift_remove(key.as_str())),
        (Some(Value::Array(items)), Some(Segment::Index(index))) => {
            if let Some(item) = items.get_mut(*index) {
                *item = Value::Object(Map::new());
            }
        }
        _ => {}
    }
}

fn value(node: Node) -> Value {
    match node.content {
        Content::Null => Value::Null,
        Content::Boolean(value) => Value::Bool(value),
        Content::Scalar(characters) => Value::String(characters),
        Content::Sequence(items) => items.into_iter().map(value).collect(),
        Content::Map(entries) => entries.into_iter().map(|entry| (entry.key, value(entry.value))).collect(),
    }
}
