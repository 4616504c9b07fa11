//! The manifests of the templates and the pages of `explain`: what people read must be there and in
//! Chinese.

use std::collections::BTreeSet;

use nianbao::checks;
use nianbao::explanation;
use nianbao::report::{FieldPath, contract};
use nianbao::typeset::FaceRole;

use crate::workbench::press;

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c))
}

#[test]
fn manifests_speak_of_fields_and_roles_that_exist() {
    for template in press().templates.iter() {
        let manifest = serde_json::to_value(&template.manifest).unwrap();
        for (field, role) in manifest["faces"].as_object().unwrap() {
            let role = role.as_str().unwrap();
            assert!(FaceRole::all().any(|known| known.name() == role), "{field}: no role {role}");
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
