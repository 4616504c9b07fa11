//! The contract, its schema, the template's manifest and the pages of `explain`: what people and
//! editors read must be there and in Chinese.

use std::collections::BTreeSet;

use nianbao::checks;
use nianbao::explanation;
use nianbao::report::{DocumentKind, FieldPath, contract};
use nianbao::typeset::Role;
use serde_json::{Value, json};

use crate::json_schema;
use crate::workbench::{press, project, read, sample};

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c))
}

/// Every property of the schema: the type that has it, its name, its own schema.
fn properties() -> Vec<(String, String, &'static Value)> {
    let schema = contract::schema(DocumentKind::Report);
    let types = schema["$defs"].as_object().unwrap().iter().map(|(name, one)| (name.clone(), one));
    std::iter::once(("Report".to_owned(), schema))
        .chain(types)
        .flat_map(|(owner, one)| {
            let properties = one["properties"].as_object().into_iter().flatten();
            properties.map(move |(name, property)| (owner.clone(), name.clone(), property))
        })
        .collect()
}

#[test]
fn every_field_has_a_chinese_title() {
    assert!(properties().len() > 60);
    for (owner, name, property) in properties() {
        let title = property["title"].as_str().unwrap_or_default();
        assert!(is_chinese(title), "{owner}.{name} has the title {title:?}");
    }
}

#[test]
fn every_choice_is_described_in_chinese() {
    let types = contract::schema(DocumentKind::Report)["$defs"].as_object().unwrap();
    let choices = types.values().filter_map(|one| one["oneOf"].as_array()).flatten();
    let mut count = 0;
    for choice in choices {
        count += 1;
        let description = choice["description"].as_str().unwrap_or_default();
        assert!(is_chinese(description), "{choice}");
    }
    assert!(count >= 20, "{count}");
}

#[test]
fn the_sample_is_of_the_schema() {
    let sample = serde_json::to_value(read(sample())).unwrap();
    let faults = json_schema::faults(contract::schema(DocumentKind::Report), &sample);
    // A figure is written as a number or in digits; what the program reads, the schema admits.
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_schema_refuses_what_the_program_refuses() {
    let good = serde_json::to_value(read(sample())).unwrap();
    let refused = |pointer: &str, value: Value| {
        let mut bad = good.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        bad.pointer_mut(parent).unwrap()[key] = value;
        assert!(
            !json_schema::faults(contract::schema(DocumentKind::Report), &bad).is_empty(),
            "the schema admits {pointer}"
        );
        let read = nianbao::input::read::<nianbao::report::Report>(
            bad.to_string().as_bytes(),
            nianbao::input::Format::Json,
        );
        assert!(read.is_err(), "the program admits {pointer}");
    };
    refused("/year", json!(99999));
    refused("/year", json!("二〇二四"));
    refused("/issuer/name", json!(""));
    refused("/issuer/naem", json!("云州"));
    refused("/issuer/kind", json!("goverment"));
    refused("/measurs", json!([]));
    refused("/preface", json!("一段"));
    refused("/signature/date", json!("2025年2月40日"));
    refused("/indicators", json!([{"key": "a", "name": "b", "value": "386件"}]));
}

#[test]
fn the_sample_uses_every_field() {
    let mut used = BTreeSet::new();
    collect_keys(&serde_json::to_value(read(sample())).unwrap(), &mut used);
    // What is for a fault that is meant to stay, and for what an import left over: the sample has none.
    let of_faults = |owner: &str| matches!(owner, "Exception" | "Unplaced");
    for (owner, name, _) in properties().into_iter().filter(|(owner, ..)| !of_faults(owner)) {
        assert!(used.contains(&name), "the sample does not use {owner}.{name}");
    }
}

fn collect_keys(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_keys(item, keys)),
        Value::Object(entries) => entries.iter().for_each(|(key, value)| {
            keys.insert(key.clone());
            collect_keys(value, keys);
        }),
        _ => {}
    }
}

#[test]
fn manifests_speak_of_fields_and_roles_that_exist() {
    for template in press().templates.iter() {
        let manifest = serde_json::to_value(&template.manifest).unwrap();
        for (field, role) in manifest["faces"].as_object().unwrap() {
            let role = role.as_str().unwrap();
            assert!(Role::all().any(|known| known.name() == role), "{field}: no role {role}");
            // A field that the contract does not know keeps its key as its label.
            let label = contract::label(&FieldPath::from(items(field).as_str()));
            let is_field = field == "other" || label.split(" › ").all(is_chinese);
            assert!(is_field, "{field} is no field: {label}");
        }
    }
}

/// `measures.heading` as a place: `measures[0].heading`, where the contract has a list.
fn items(pattern: &str) -> String {
    let mut path = String::new();
    for key in pattern.split('.') {
        let inner = format!("{path}.{key}");
        let item = format!("{path}[0].{key}");
        let is_field =
            |path: &str| is_chinese(contract::label(&FieldPath::from(path)).rsplit(" › ").next().unwrap());
        path = if is_field(&inner) || path.is_empty() { inner } else { item };
    }
    path.trim_start_matches('.').to_owned()
}

#[test]
fn every_code_has_its_page() {
    let mut names = BTreeSet::new();
    for code in explanation::all() {
        assert!(names.insert(code.name), "{} stands twice", code.name);
        let is_plain = code.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        assert!(is_plain, "{}", code.name);
        assert!(is_chinese(code.summary()), "{}: {}", code.name, code.summary());
        let page = code.page();
        let text = page.strip_prefix(code.summary()).unwrap().trim();
        assert!(text.chars().filter(|c| is_chinese(&c.to_string())).count() >= 15, "{}: {text}", code.name);
        assert!(std::ptr::eq(explanation::find(code.name).unwrap(), code));
    }
    for check in &checks::ALL {
        let page = check.code.page();
        let has_example = page.contains("错误") && page.contains("正确");
        assert!(has_example, "{} shows what is wrong and what is right", check.code.name);
    }
}

#[test]
fn each_check_lies_in_a_file_of_its_name() {
    for check in &checks::ALL {
        let path = project().join("core/src/checks").join(check.code.name.replace('-', "_") + ".rs");
        assert!(path.is_file(), "{}", path.display());
    }
}
