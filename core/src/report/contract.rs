//! The input contract as a JSON Schema, and the Chinese label of every place in it. Both come
//! from the attributes of the types in [`super`], so neither can say what the other does not.

use std::fmt::Write;
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
/// 「主要举措和成效第1项 › 正文第2项 › 段首句」. A key that the contract does not know stands as
/// it was written. The root is 「报告」.
pub fn label(path: &FieldPath) -> String {
    static LABELS: LazyLock<[PlaceLabel; 2]> = LazyLock::new(|| {
        [DocumentKind::Report, DocumentKind::WorkPlan].map(|kind| PlaceLabel::new(schema(kind), schema(kind)))
    });
    let [report, plan] = &*LABELS;
    // What a report does not have is a plan's: 各部分第1项 › 任务第2项.
    let is_plans = !path.is_root() && report.within(path.first_key()).is_none();
    let mut place = Some(if is_plans { plan } else { report });
    let mut words = String::new();
    for segment in path.segments() {
        match segment {
            Segment::Key(key) => {
                place = place.and_then(|place| place.within(key));
                if !words.is_empty() {
                    words.push_str(" › ");
                }
                words.push_str(place.and_then(|place| place.title).unwrap_or(key));
            }
            Segment::Index(index) => {
                place = place.and_then(|place| place.item.as_deref());
                let _ = write!(words, "第{}项", index + 1);
            }
        }
    }
    if words.is_empty() { "报告".into() } else { words }
}

/// What a place of the contract is called, and those within it: looked up for every control of a document.
struct PlaceLabel {
    title: Option<&'static str>,
    fields: Vec<(&'static str, Self)>,
    item: Option<Box<Self>>,
}

impl PlaceLabel {
    fn new(root: &'static Value, schema: &'static Value) -> Self {
        let shapes = shapes(root, schema);
        let properties = shapes.iter().filter_map(|shape| shape["properties"].as_object()).flatten();
        Self {
            title: schema["title"].as_str(),
            fields: properties.map(|(key, place)| (key.as_str(), Self::new(root, place))).collect(),
            item: shapes
                .iter()
                .find_map(|shape| shape.get("items"))
                .map(|item| Box::new(Self::new(root, item))),
        }
    }

    fn within(&self, key: &str) -> Option<&Self> {
        self.fields.iter().find(|(known, _)| *known == key).map(|(_, place)| place)
    }
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
