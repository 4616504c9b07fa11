//! The input contract as a JSON Schema, and the Chinese label of every place in it. Both come
//! from the attributes of the types in [`super`], so neither can say what the other does not.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::path::Segment;
use super::{FieldPath, Report, WorkPlan};

static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Report>().to_value()
});

/// The contract of a plan of work.
static PLAN_SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<WorkPlan>().to_value()
});

/// The contract as JSON Schema (draft 2020-12), with Chinese titles and descriptions.
pub fn schema() -> &'static Value {
    &SCHEMA
}

/// A place in words, as the form and the workbook call it:
/// 「主要举措和成效第1项 › 正文第2项 › 引导句」. A key that the contract does not know stands as
/// it was written. The root is 「报告」.
pub fn label(path: &FieldPath) -> String {
    // What a report does not have is a plan's: 各部分第1项 › 任务第2项.
    let is_plans = !path.is_root() && property(&SCHEMA, &SCHEMA, path.first_key()).is_none();
    let root: &Value = if is_plans { &PLAN_SCHEMA } else { &SCHEMA };
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

/// What the contract says of a field, for whoever asks a writer to fill it in.
pub struct Field {
    pub title: &'static str,
    pub description: &'static str,
    /// Whether a report without it is none.
    pub is_required: bool,
    pub kind: FieldKind,
    /// What stands there where nothing is written, if that is a text.
    pub default: &'static str,
}

/// How a field is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Words, a number, a figure: the characters that were written.
    Text,
    Date,
    YesOrNo,
    /// One of these values, each with the word for it.
    Choice(Vec<(&'static str, &'static str)>),
    /// Several texts of one line.
    Lines,
    /// Several whole numbers.
    Numbers,
    /// A map or a list of maps.
    Group(Vec<&'static str>),
}

/// The field at a path, indices left out: `measures.body.lead`.
pub fn field(path: &FieldPath) -> Option<Field> {
    let (mut place, mut is_required) = (schema(), false);
    for segment in path.segments() {
        let Segment::Key(key) = segment else { continue };
        let here = shapes(schema(), place).into_iter();
        let mut holders =
            here.chain(item(schema(), place).into_iter().flat_map(|item| shapes(schema(), item)));
        let holder = holders.rfind(|shape| shape["properties"].get(key.as_str()).is_some())?;
        let required = holder["required"].as_array().into_iter().flatten();
        is_required = required.into_iter().any(|name| name == key.as_str());
        place = &holder["properties"][key.as_str()];
    }
    let text = |of: &'static Value| of.as_str().unwrap_or_default();
    Some(Field {
        title: text(&place["title"]),
        description: text(&place["description"]),
        is_required,
        kind: kind(place),
        default: text(&place["default"]),
    })
}

fn kind(place: &'static Value) -> FieldKind {
    if let Some(item) = item(schema(), place) {
        return match kind(item) {
            group @ FieldKind::Group(_) => group,
            _ if item["type"] == "integer" => FieldKind::Numbers,
            _ => FieldKind::Lines,
        };
    }
    let is_type = |shape: &Value, name: &str| shape["type"] == name || shape["type"][0] == name;
    let mut kind = FieldKind::Text;
    for shape in shapes(schema(), place) {
        let constants: Vec<_> = shape["oneOf"].as_array().into_iter().flatten().collect();
        let choice = |one: &&'static Value| Some((one["const"].as_str()?, one["description"].as_str()?));
        if let Some(fields) = shape["properties"].as_object() {
            kind = FieldKind::Group(fields.keys().map(String::as_str).collect());
        } else if !constants.is_empty() {
            kind = FieldKind::Choice(constants.iter().filter_map(choice).collect());
        } else if is_type(shape, "boolean") {
            kind = FieldKind::YesOrNo;
        } else if shape["format"] == "date" {
            kind = FieldKind::Date;
        }
    }
    kind
}

/// What the contract says of a place and of those within it, without the words.
pub struct Shape {
    pub kind: Kind,
    /// By key; the items of a list have the list's own shape.
    fields: Vec<(String, Shape)>,
}

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A writer's own words, or what holds them.
    Text,
    /// One of the values that the contract lists.
    Choice,
    NumberOrDate,
}

/// The shape of the whole report.
pub fn shape() -> &'static Shape {
    static SHAPE: LazyLock<Shape> = LazyLock::new(|| Shape::of(schema()));
    &SHAPE
}

impl Shape {
    /// What stands in the field `key`. What the contract does not know is text.
    pub fn field(&self, key: &str) -> &Self {
        static UNKNOWN: Shape = Shape { kind: Kind::Text, fields: vec![] };
        self.fields.iter().find(|(name, _)| name == key).map_or(&UNKNOWN, |(_, shape)| shape)
    }

    fn of(place: &Value) -> Self {
        let mut shape = Self { kind: Kind::Text, fields: vec![] };
        for one in shapes(&SCHEMA, place) {
            let constants = one["oneOf"].as_array();
            if constants.is_some_and(|all| all.iter().all(|one| one.get("const").is_some())) {
                shape.kind = Kind::Choice;
            } else if one["type"] == "integer" || one["type"] == "number" || one["format"] == "date" {
                shape.kind = Kind::NumberOrDate;
            }
            let fields = one["properties"].as_object().into_iter().flatten();
            shape.fields.extend(fields.map(|(key, field)| (key.clone(), Self::of(field))));
            if let Some(item) = one.get("items") {
                let item = Self::of(item);
                shape.fields.extend(item.fields);
                if item.kind != Kind::Text {
                    shape.kind = item.kind;
                }
            }
        }
        shape
    }
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
