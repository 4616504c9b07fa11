//! A tree as the form gives it, whoever made it: the one shape in which two are the same when they say the
//! same. The rules are those of `input/form.rs` and of the form in a browser.

use serde_json::{Map, Value};

use crate::report::DocumentKind;
use crate::report::fields::{self, Entry, Field};

/// The report that stands in a tree, as the form would give it: what is empty or stands as the contract would
/// have it anyway is left out, a number is its digits, a bare paragraph has its text under `text`, and the
/// groups that must be there are there. The contract's fields come in its order, others behind them by name.
pub fn normal(tree: &Value) -> Value {
    normal_of(DocumentKind::Report, tree)
}

/// The same of a document of this kind.
pub(super) fn normal_of(kind: DocumentKind, tree: &Value) -> Value {
    let whole = fields::of(kind);
    let mut normal = match said(tree, whole, "") {
        Some(Value::Object(entries)) => entries,
        _ => Map::new(),
    };
    let is_group = |field: &&Field| field.is_required && matches!(field.entry, Entry::Group(_));
    for field in whole.fields().iter().filter(is_group) {
        normal.entry(field.key).or_insert_with(|| Value::Object(Map::new()));
    }
    Value::Object(ordered(normal, whole))
}

/// What a value says in a field, if anything.
fn said(value: &Value, entry: &Entry, default: &str) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Bool(mark) if matches!(entry, Entry::Mark) => mark.then_some(Value::Bool(true)),
        Value::Bool(_) | Value::Number(_) => text_said(&value.to_string(), entry, default),
        Value::String(text) => text_said(text, entry, default),
        Value::Array(items) => list(items.iter().filter_map(|item| item_said(item, entry))),
        Value::Object(entries) if matches!(entry, Entry::Table) => table_said(entries),
        Value::Object(entries) => map_said(entries, entry),
    }
}

fn text_said(text: &str, entry: &Entry, default: &str) -> Option<Value> {
    let items = |parts: Vec<&str>| {
        list(parts.into_iter().filter(|part| !part.trim().is_empty()).map(|part| Value::String(part.into())))
    };
    match entry {
        Entry::Mark if text == "true" => Some(Value::Bool(true)),
        Entry::Mark if text == "false" => None,
        Entry::Lines | Entry::Paragraphs => items(text.split('\n').collect()),
        Entry::Numbers => items(text.split(|c: char| c.is_whitespace() || "、，,；;".contains(c)).collect()),
        _ if text.trim() == default => None,
        _ => Some(Value::String(text.replace("\r\n", "\n"))),
    }
}

fn item_said(item: &Value, entry: &Entry) -> Option<Value> {
    match (item, entry) {
        (Value::Object(entries), Entry::Items(_)) => map_said(entries, entry),
        // A bare text is a paragraph without a lead.
        (Value::String(_) | Value::Number(_), Entry::Items(fields))
            if fields.iter().any(|field| field.key == "text") =>
        {
            let text = said(item, &Entry::Text, "")?;
            Some(Value::Object(Map::from_iter([("text".to_owned(), text)])))
        }
        _ => said(item, &Entry::Text, ""),
    }
}

fn map_said(entries: &Map<String, Value>, entry: &Entry) -> Option<Value> {
    let default =
        |key: &str| entry.fields().iter().find(|field| field.key == key).map_or("", |it| it.default);
    let said = entries
        .iter()
        .filter_map(|(key, value)| Some((key.clone(), said(value, entry.within(key), default(key))?)));
    let said: Map<String, Value> = said.collect();
    (!said.is_empty()).then(|| Value::Object(ordered(said, entry)))
}

/// Of a table an empty cell is a cell: what stands behind it keeps its column.
fn table_said(entries: &Map<String, Value>) -> Option<Value> {
    let cells = |row: &Value| match row {
        Value::Array(cells) => Value::Array(cells.iter().map(cell).collect()),
        one => Value::Array(vec![cell(one)]),
    };
    let is_empty = |row: &Value| row.as_array().is_none_or(|cells| cells.iter().all(|cell| cell == ""));
    let mut table = Map::new();
    for (key, value) in entries {
        let value = match (key.as_str(), value) {
            ("columns", Value::Array(_)) => Some(cells(value)).filter(|row| !is_empty(row)),
            ("rows", Value::Array(rows)) => list(rows.iter().map(cells).filter(|row| !is_empty(row))),
            _ => said(value, &Entry::Text, ""),
        };
        table.extend(value.map(|value| (key.clone(), value)));
    }
    (!table.is_empty()).then(|| Value::Object(ordered(table, &Entry::Table)))
}

fn cell(cell: &Value) -> Value {
    match cell {
        Value::Null => Value::String(String::new()),
        Value::String(text) => Value::String(text.trim().replace("\r\n", "\n")),
        other => Value::String(other.to_string()),
    }
}

fn list(items: impl Iterator<Item = Value>) -> Option<Value> {
    let items: Vec<Value> = items.collect();
    (!items.is_empty()).then_some(Value::Array(items))
}

fn ordered(entries: Map<String, Value>, entry: &Entry) -> Map<String, Value> {
    let fields = entry.fields();
    let place = |key: &str| fields.iter().position(|field| field.key == key).unwrap_or(fields.len());
    let mut entries: Vec<(String, Value)> = entries.into_iter().collect();
    entries.sort_by(|(one, _), (other, _)| (place(one), one).cmp(&(place(other), other)));
    entries.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_says_the_same_is_the_same() {
        let form = json!({
            "year": "2024", "issuer": {"name": "云州市"},
            "measures": [{"body": [{"text": "甲"}, {"lead": "一是。", "text": "乙"}]}],
            "plans": [{"answers": ["1", "2"]}],
            "signature": {},
        });
        let typed = json!({
            "year": 2024, "title": null, "preface": [], "edition": "public", "closing": "特此报告。",
            "issuer": {"name": "云州市", "short_name": " "},
            "measures": [{"heading": "", "body": ["甲", "", {"lead": "一是。", "text": "乙"}]}, {"body": []}],
            "plans": [{"answers": [1, 2]}],
        });
        assert_eq!(normal(&typed), form);
        assert_eq!(normal(&form), form);
    }

    #[test]
    fn an_empty_text_says_something_where_the_contract_has_one() {
        assert_eq!(normal(&json!({"closing": ""}))["closing"], "");
    }

    #[test]
    fn an_empty_cell_keeps_its_column() {
        let tree =
            json!({"attachments": [{"table": {"columns": ["甲", "乙"], "rows": [["", 1], ["", ""]]}}]});
        let table = &normal(&tree)["attachments"][0]["table"];
        assert_eq!(*table, json!({"columns": ["甲", "乙"], "rows": [["", "1"]]}));
    }

    #[test]
    fn what_the_contract_does_not_know_stays() {
        let tree = json!({"b": {"x": [1, {"y": "z"}]}, "a": "甲", "year": {"odd": "x"}, "measures": "text"});
        let normal = normal(&tree);
        assert_eq!(normal["b"]["x"], json!(["1", {"y": "z"}]));
        assert_eq!((&normal["measures"], &normal["year"]["odd"]), (&json!("text"), &json!("x")));
        assert_eq!(super::normal(&json!(["no", "report"])), json!({"issuer": {}, "signature": {}}));
    }
}
