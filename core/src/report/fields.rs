//! The contract as someone who fills in a form meets it: each field with its label, its hint, and
//! how it is entered. All of it is read from the schema, so a form asks for nothing else.

use std::sync::LazyLock;

use serde::Serialize;
use serde_json::Value;

use super::contract::{schema, shapes};
use super::path::Segment;
use super::{DocumentKind, FieldPath};

/// A field of the report, of a group of its, or of an item of a list.
#[derive(Debug, Serialize)]
pub struct Field {
    pub key: &'static str,
    /// In Chinese: 报告年度.
    pub title: &'static str,
    /// What to write there, in Chinese; may be empty.
    pub hint: &'static str,
    /// Whether there is no report without it.
    pub is_required: bool,
    /// The text that stands there unless the writer says otherwise; may be empty.
    pub default: &'static str,
    pub entry: Entry,
}

/// How a field is entered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    Line,
    /// Text of several lines.
    Text,
    Number,
    Date,
    /// Yes or no.
    Mark,
    /// One of these values, each with its Chinese name.
    Choice(Vec<(&'static str, &'static str)>),
    /// A list of one-line texts, a line each.
    Lines,
    /// A list of paragraphs, a line each.
    Paragraphs,
    /// A list of numbers in one line.
    Numbers,
    /// Columns and rows as a spreadsheet copies them: a line a row, tabs between cells.
    Table,
    Group(Vec<Field>),
    /// A list, each item of these fields.
    Items(Vec<Field>),
}

/// A whole document of this kind: a group of its fields, in the order of the contract.
pub fn of(kind: DocumentKind) -> &'static Entry {
    static REPORT: LazyLock<Entry> = LazyLock::new(|| whole(DocumentKind::Report));
    static PLAN: LazyLock<Entry> = LazyLock::new(|| whole(DocumentKind::WorkPlan));
    match kind {
        DocumentKind::Report => &REPORT,
        DocumentKind::WorkPlan => &PLAN,
    }
}

fn whole(kind: DocumentKind) -> Entry {
    Entry::Group(of_object(schema(kind), schema(kind)))
}

/// The fields of a report, in the order of the contract.
pub fn fields() -> &'static [Field] {
    of(DocumentKind::Report).fields()
}

/// The field of a report that a path leads to; that of an item's list, where the path ends at an item.
pub fn find(path: &FieldPath) -> Option<&'static Field> {
    find_of(DocumentKind::Report, path)
}

/// The same of a document of this kind.
pub fn find_of(kind: DocumentKind, path: &FieldPath) -> Option<&'static Field> {
    let mut known = of(kind).fields();
    let mut found = None;
    for segment in path.segments() {
        match (segment, found.map(|field: &Field| &field.entry)) {
            (Segment::Key(key), _) => {
                let field = known.iter().find(|field| field.key == *key)?;
                known = field.fields();
                found = Some(field);
            }
            (
                Segment::Index(_),
                Some(Entry::Items(_) | Entry::Lines | Entry::Paragraphs | Entry::Numbers),
            ) => {}
            _ => return None,
        }
    }
    found
}

impl Field {
    /// The fields within it.
    pub fn fields(&self) -> &[Field] {
        self.entry.fields()
    }

    fn new(root: &'static Value, key: &'static str, place: &'static Value, is_required: bool) -> Self {
        let text = |key: &str| place[key].as_str().unwrap_or_default();
        let entry = Entry::of(root, place);
        let is_one = !matches!(entry, Entry::Lines | Entry::Paragraphs | Entry::Numbers | Entry::Items(_));
        Self {
            key,
            title: text("title"),
            // The names of the choices say it already.
            hint: if matches!(entry, Entry::Choice(_)) { "" } else { text("description") },
            is_required: is_required && is_one,
            default: text("default"),
            entry,
        }
    }
}

impl Entry {
    /// The fields within it.
    pub fn fields(&self) -> &[Field] {
        match self {
            Self::Group(fields) | Self::Items(fields) => fields,
            _ => &[],
        }
    }

    /// What is entered in the field `key` within it. What the contract does not know is text, and so is
    /// what stands in a table.
    pub fn within(&self, key: &str) -> &Self {
        self.fields().iter().find(|field| field.key == key).map_or(&Self::Text, |field| &field.entry)
    }

    /// Whether a string that stands there is a writer's own words.
    pub fn is_text(&self) -> bool {
        !matches!(self, Self::Choice(_) | Self::Number | Self::Numbers | Self::Date)
    }

    fn of(root: &'static Value, place: &'static Value) -> Self {
        let shapes = shapes(root, place);
        let find = |key: &str| shapes.iter().map(|one| &one[key]).find(|found| !found.is_null());
        let is = |kind: &str| shapes.iter().any(|one| is_of(&one["type"], kind));
        if let Some(items) = find("items") {
            return Self::of_list(root, items);
        }
        if let Some(choices) = find("oneOf").and_then(Value::as_array) {
            let choice = |one: &'static Value| Some((one["const"].as_str()?, one["description"].as_str()?));
            return Self::Choice(choices.iter().filter_map(choice).collect());
        }
        if let Some(object) = shapes.iter().find(|one| !one["properties"].is_null()) {
            let fields = of_object(root, object);
            let is_table = ["columns", "rows"].iter().all(|key| fields.iter().any(|field| field.key == *key));
            return if is_table { Self::Table } else { Self::Group(fields) };
        }
        if is("boolean") {
            Self::Mark
        } else if is("integer") {
            Self::Number
        } else if shapes.iter().any(|one| one["format"] == "date") {
            Self::Date
        } else if find("pattern").is_some() {
            Self::Line
        } else {
            Self::Text
        }
    }

    fn of_list(root: &'static Value, items: &'static Value) -> Self {
        // A paragraph may be written as a bare text; a form always asks for both of its parts.
        let object = shapes(root, items).into_iter().find(|one| !one["properties"].is_null());
        match (object, Self::of(root, items)) {
            (Some(object), _) => Self::Items(of_object(root, object)),
            (None, Self::Number) => Self::Numbers,
            (None, Self::Text) => Self::Paragraphs,
            _ => Self::Lines,
        }
    }
}

fn of_object(root: &'static Value, schema: &'static Value) -> Vec<Field> {
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties
        .map(|(key, place)| Field::new(root, key, place, required.iter().any(|one| one == key)))
        .collect()
}

fn is_of(kinds: &Value, kind: &str) -> bool {
    kinds == kind || kinds.as_array().is_some_and(|all| all.iter().any(|one| one == kind))
}
