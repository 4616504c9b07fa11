//! What a finished file bears of itself, for an import to read.

use crate::report::path::Segment;
use crate::report::{Document, FieldPath};

/// The document as it is shown, without the fields that something `stood_in` for: nothing that nobody has written
/// comes back.
pub(super) fn embedded(document: &Document, stood_in: &[FieldPath]) -> serde_json::Value {
    let mut shown = serde_json::to_value(document.as_shown())
        .expect("a document is made of texts, numbers, lists and maps");
    stood_in.iter().for_each(|path| leave_out(&mut shown, path));
    shown
}

/// Takes the field of this path away.
pub fn leave_out(document: &mut serde_json::Value, path: &FieldPath) {
    let Some((Segment::Key(last), before)) = path.segments().split_last() else { return };
    let parent = before.iter().try_fold(document, |value, segment| match segment {
        Segment::Key(key) => value.get_mut(key.as_str()),
        Segment::Index(index) => value.get_mut(*index),
    });
    if let Some(entries) = parent.and_then(serde_json::Value::as_object_mut) {
        entries.remove(last.as_str());
    }
}
