//! The input contract as a JSON Schema, and the Chinese label of every place in it. Both come
//! from the attributes of the types in [`super`], so neither can say what the other does not.

use std::collections::HashMap;
use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::path::Segment;
use super::{FieldPath, Report};

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Report>().to_value()
});

/// The contract as JSON Schema (draft 2020-12), with Chinese titles and descriptions.
pub fn schema() -> &'static Value {
    &SCHEMA
}

/// A place in words, as the form and the workbook call it:
/// 「主要举措和成效第1项 › 正文第2项 › 引导句」. A key that the contract does not know stands as
/// it was written. The root is 「报告」.
pub fn label(path: &FieldPath) -> String {
    let mut words = String::new();
    let mut schema = Some(schema());
    for segment in path.segments() {
        match segment {
            Segment::Key(key) => {
                schema = schema.and_then(|schema| property(schema, key));
                let title = schema.and_then(|schema| schema["title"].as_str());
                if !words.is_empty() {
                    words.push_str(" › ");
                }
                words.push_str(title.unwrap_or(key));
            }
            Segment::Index(index) => {
                schema = schema.and_then(item);
                words.push_str(&format!("第{}项", index + 1));
            }
        }
    }
    if words.is_empty() { "报告".into() } else { words }
}

/// Whether the contract lists the values that this place may have.
pub fn is_choice(path: &FieldPath) -> bool {
    KINDS.get(&path.pattern()) == Some(&Kind::Choice)
}

/// Whether a writer's own words stand at this place, and not a choice, a number or a date.
pub fn is_text(path: &FieldPath) -> bool {
    !KINDS.contains_key(&path.pattern())
}

/// What stands at a place, if not text.
#[derive(PartialEq)]
enum Kind {
    Choice,
    NumberOrDate,
}

/// By the pattern of the place.
static KINDS: LazyLock<HashMap<String, Kind>> = LazyLock::new(|| {
    fn collect(place: &Value, path: &FieldPath, kinds: &mut HashMap<String, Kind>) {
        for shape in shapes(place) {
            let constants = shape["oneOf"].as_array();
            if constants.is_some_and(|all| all.iter().all(|one| one.get("const").is_some())) {
                kinds.insert(path.pattern(), Kind::Choice);
            } else if shape["type"] == "integer" || shape["type"] == "number" || shape["format"] == "date" {
                kinds.insert(path.pattern(), Kind::NumberOrDate);
            }
            for (key, property) in shape["properties"].as_object().into_iter().flatten() {
                collect(property, &path.key(key), kinds);
            }
            if let Some(item) = shape.get("items") {
                collect(item, path, kinds);
            }
        }
    }
    let mut kinds = HashMap::new();
    collect(schema(), &FieldPath::root(), &mut kinds);
    kinds
});

fn property<'a>(schema: &'a Value, key: &str) -> Option<&'a Value> {
    shapes(schema).into_iter().find_map(|shape| shape["properties"].get(key))
}

fn item(schema: &Value) -> Option<&Value> {
    shapes(schema).into_iter().find_map(|shape| shape.get("items"))
}

/// The schemas that a value of this place may satisfy: itself, what it refers to, its alternatives.
fn shapes(schema: &Value) -> Vec<&Value> {
    let mut shapes = vec![schema];
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix("#/$defs/")) {
        shapes.extend(self::shapes(&SCHEMA["$defs"][name]));
    }
    for alternative in schema["anyOf"].as_array().into_iter().flatten() {
        shapes.extend(self::shapes(alternative));
    }
    shapes
}
