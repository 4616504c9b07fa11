//! The input contract as a JSON Schema, and the Chinese label of every place in it. Both come
//! from the attributes of the types in [`super`], so neither can say what the other does not.

use std::collections::HashSet;
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
    static CHOICES: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let mut choices = HashSet::new();
        collect_choices(schema(), &FieldPath::root(), &mut choices);
        choices
    });
    CHOICES.contains(&path.pattern())
}

fn collect_choices(place: &Value, path: &FieldPath, choices: &mut HashSet<String>) {
    for shape in shapes(place) {
        let constants = shape["oneOf"].as_array();
        if constants.is_some_and(|all| all.iter().all(|one| one.get("const").is_some())) {
            choices.insert(path.pattern());
        }
        for (key, property) in shape["properties"].as_object().into_iter().flatten() {
            collect_choices(property, &path.key(key), choices);
        }
        if let Some(item) = shape.get("items") {
            collect_choices(item, path, choices);
        }
    }
}

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
