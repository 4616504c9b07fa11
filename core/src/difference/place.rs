//! A place of a tree, looked up and written.

use serde_json::{Map, Value};

use crate::report::FieldPath;
use crate::report::path::Segment;

/// What stands there.
pub fn at<'a>(tree: &'a Value, path: &FieldPath) -> Option<&'a Value> {
    path.segments().iter().try_fold(tree, |place, segment| match segment {
        Segment::Key(key) => place.get(key.as_str()),
        Segment::Index(index) => place.get(index),
    })
}

/// The tree with a value in this place, as one side of a conflict would have it: nothing (`null`) takes away
/// what stands there. `is_new` puts an item of a list before the one that stands there.
pub fn put(tree: &mut Value, path: &FieldPath, value: &Value, is_new: bool) {
    let Some((last, around)) = path.segments().split_last() else {
        *tree = value.clone();
        return;
    };
    let mut place = tree;
    for segment in around {
        place = match segment {
            Segment::Key(key) => map(place).entry(key.as_str()).or_insert(Value::Null),
            Segment::Index(index) => {
                let items = list(place);
                let index = (*index).min(items.len());
                if index == items.len() {
                    items.push(Value::Null);
                }
                &mut items[index]
            }
        };
    }
    match last {
        Segment::Key(key) if value.is_null() => drop(map(place).shift_remove(key.as_str())),
        Segment::Key(key) => drop(map(place).insert(key.to_string(), value.clone())),
        Segment::Index(index) => {
            let items = list(place);
            let is_there = *index < items.len();
            match (value.is_null(), is_there) {
                (true, true) => drop(items.remove(*index)),
                (true, false) => {}
                (false, true) if !is_new => items[*index] = value.clone(),
                (false, _) => items.insert((*index).min(items.len()), value.clone()),
            }
        }
    }
}

fn map(place: &mut Value) -> &mut Map<String, Value> {
    if !place.is_object() {
        *place = Value::Object(Map::new());
    }
    place.as_object_mut().expect("it is made one")
}

fn list(place: &mut Value) -> &mut Vec<Value> {
    if !place.is_array() {
        *place = Value::Array(vec![]);
    }
    place.as_array_mut().expect("it is made one")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_is_put_where_its_path_leads() {
        let mut tree = json!({"preface": ["甲", "乙"]});
        put(&mut tree, &"preface[1]".into(), &json!("丙"), false);
        put(&mut tree, &"preface[1]".into(), &json!("丁"), true);
        put(&mut tree, &"preface[0]".into(), &Value::Null, false);
        put(&mut tree, &"measures[0].body[3].text".into(), &json!("戊"), false);
        put(&mut tree, &"preface[99]".into(), &json!("己"), false);
        put(&mut tree, &"title".into(), &Value::Null, false);
        assert_eq!(tree, json!({"preface": ["丁", "丙", "己"], "measures": [{"body": [{"text": "戊"}]}]}));
        assert_eq!(at(&tree, &"preface[1]".into()), Some(&json!("丙")));
        assert_eq!(at(&tree, &"preface.x".into()), None);
    }
}
