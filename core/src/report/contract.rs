//! The input contract as a JSON Schema, and the Chinese label of every place in it. Both come
//! from the attributes of the types in [`super`], so neither can say what the other does not.

use std::sync::LazyLock;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::path::Segment;
use super::{DocumentKind, FieldPath, Report, WorkPlan};

/// The contract of a kind of document as JSON Schema (draft 2020-12), with Chinese titles and descriptions.
pub fn schema(kind: DocumentKind) -> &'static Value {
    static REPORT: LazyLock<Value> = LazyLock::new(generated::<Report>);
    static PLAN: LazyLock<Value> = LazyLock::new(generated::<WorkPlan>);
    match kind {
        DocumentKind::Report => &REPORT,
        DocumentKind::WorkPlan => &PLAN,
    }
}

fn generated<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value()
}

/// A place in words, as the form and the workbook call it:
/// 「主要举措和成效第1项 › 正文第2项 › 引导句」. A key that the contract does not know stands as
/// it was written. The root is 「报告」.
pub fn label(path: &FieldPath) -> String {
    // What a report does not have is a plan's: 各部分第1项 › 任务第2项.
    let report = schema(DocumentKind::Report);
    let is_plans = !path.is_root() && property(report, report, path.first_key()).is_none();
    let root = if is_plans { schema(DocumentKind::WorkPlan) } else { report };
    let mut words = String::new();
    let mut schema = Some(root);
    for segment in path.segments() {
        match segment {
            Segment::Key(key) => {
                schema = schema.and_then(|schema| property(root, schema, key));
                let title = schema.and_then(|schema| schema["title"].as_str());
                if !words.is_empty() {
                    words.push_str(" › ");
                }
                words.push_str(title.unwrap_or(key));
            }
            Segment::Index(index) => {
                schema = schema.and_then(|schema| item(root, schema));
                words.push_str(&format!("第{}项", index + 1));
            }
        }
    }
    if words.is_empty() { "报告".into() } else { words }
}

fn property<'a>(root: &'a Value, schema: &'a Value, key: &str) -> Option<&'a Value> {
    shapes(root, schema).into_iter().find_map(|shape| shape["properties"].get(key))
}

fn item<'a>(root: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    shapes(root, schema).into_iter().find_map(|shape| shape.get("items"))
}

/// The schemas that a value of this place may satisfy: itself, what it refers to, its alternatives.
pub(super) fn shapes<'a>(root: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    let mut shapes = vec![schema];
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix("#/$defs/")) {
        shapes.extend(self::shapes(root, &root["$defs"][name]));
    }
    for alternative in schema["anyOf"].as_array().into_iter().flatten() {
        shapes.extend(self::shapes(root, alternative));
    }
    shapes
}
