//! What a button of the form does to the report that stands in it, where no script does it.

use serde_json::{Map, Value, json};

use crate::import::StatedIndicator;
use crate::report::FieldPath;
use crate::report::fields::{self, Entry};
use crate::report::path::Segment;

/// Changes a list: `add` an item to the list at `path`; `remove` the item there, or move it `up` or
/// `down`. Tells the control to go on with: the item's first, or the list that it was in.
pub(in crate::web) fn change(tree: &mut Value, change: &str, path: &str) -> Option<String> {
    let path = FieldPath::from(path);
    let (last, before) = path.segments().split_last()?;
    if change == "add" {
        let Entry::Items(_) = fields::find(&path)?.entry else { return None };
        let list = reach(tree, path.segments())?;
        if list.is_null() {
            *list = Value::Array(vec![]);
        }
        let items = list.as_array_mut()?;
        items.push(Value::Object(Map::new()));
        return first_control(&path.index(items.len() - 1));
    }
    let index = last.index()?;
    let list: FieldPath = before.iter().cloned().collect();
    let items = reach(tree, before)?.as_array_mut()?;
    match change {
        "remove" if index < items.len() => {
            items.remove(index);
            Some(list.to_string())
        }
        "up" if (1..items.len()).contains(&index) => {
            items.swap(index, index - 1);
            first_control(&list.index(index - 1))
        }
        "down" if index + 1 < items.len() => {
            items.swap(index, index + 1);
            first_control(&list.index(index + 1))
        }
        "up" | "down" if index < items.len() => first_control(&path),
        _ => None,
    }
}

fn first_control(item: &FieldPath) -> Option<String> {
    Some(item.key(fields::find(item)?.fields().first()?.key).to_string())
}

/// The value at a path, if the contract knows the path; maps on the way are made.
fn reach<'a>(tree: &'a mut Value, path: &[Segment]) -> Option<&'a mut Value> {
    fields::find(&path.iter().cloned().collect())?;
    path.iter().try_fold(tree, |value, segment| match segment {
        Segment::Key(key) => {
            if value.is_null() {
                *value = Value::Object(Map::new());
            }
            Some(value.as_object_mut()?.entry(key.as_str()).or_insert(Value::Null))
        }
        Segment::Index(index) => value.get_mut(*index),
    })
}

/// Enters the indicators that a text states: those that are not listed, and the figure of those that have none.
pub(super) fn enter_stated(tree: &mut Value, stated: Vec<StatedIndicator>) {
    let Some(report) = tree.as_object_mut() else { return };
    let listed = report.entry("indicators").or_insert_with(|| json!([]));
    let Some(listed) = listed.as_array_mut() else { return };
    for one in stated {
        let is_it =
            |known: &&mut Value| known["key"] == one.key.as_str() || known["name"] == one.name.as_str();
        match listed.iter_mut().find(is_it).map(|known| known.as_object_mut()) {
            Some(Some(known)) if known.get("value").is_none_or(|value| value == "") => {
                known.insert("value".into(), one.value.into());
            }
            Some(_) => {}
            None => {
                let mut entry =
                    json!({ "key": one.key, "name": one.name, "value": one.value, "unit": one.unit });
                if one.approximate {
                    entry["approximate"] = true.into();
                }
                listed.push(entry);
            }
        }
    }
}
