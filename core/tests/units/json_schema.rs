//! JSON Schema (draft 2020-12), as much of it as the contract and OpenAPI's own schema use. A
//! keyword that is not known here fails, so nothing is passed over. The crates that do this were tried
//! (jsonschema 0.61, boon 0.6): they ask `serde_json`, `hashbrown` or `idna` for more than the program does,
//! so typst would be built once more for the tests, and the tests would read numbers as the program does not.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

/// What in `value` is not as `schema` has it, each with its place.
pub fn faults(schema: &Value, value: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    Validator { root: schema }.check(schema, value, "", &mut faults);
    faults
}

struct Validator<'a> {
    root: &'a Value,
}

/// Keywords that say something to people, or are looked up by others.
const SILENT: [&str; 14] = [
    "$schema",
    "$id",
    "$anchor",
    "$dynamicAnchor",
    "$comment",
    "$defs",
    "title",
    "description",
    "default",
    "examples",
    "format",
    "then",
    "else",
    "deprecated",
];

impl<'a> Validator<'a> {
    /// Checks a value; gives the keys of it that were looked at.
    fn check(
        &self,
        schema: &'a Value,
        value: &Value,
        at: &str,
        faults: &mut Vec<String>,
    ) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let rules = match schema {
            Value::Bool(true) => return seen,
            Value::Bool(false) => {
                faults.push(format!("{at}: nothing may stand here"));
                return seen;
            }
            Value::Object(rules) => rules,
            _ => panic!("no schema: {schema}"),
        };
        let mut fault = |said: String| faults.push(format!("{at}: {said}"));
        let object = value.as_object();
        let mut inner = Vec::new();
        for (keyword, rule) in rules {
            match keyword.as_str() {
                "$ref" | "$dynamicRef" => {
                    let target = self.resolve(rule.as_str().unwrap());
                    seen.extend(self.check(target, value, at, &mut inner));
                }
                "type" => {
                    let allowed: Vec<&str> = match rule {
                        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
                        one => one.as_str().into_iter().collect(),
                    };
                    if !allowed.iter().any(|kind| is_of(value, kind)) {
                        fault(format!("{value} is not of type {allowed:?}"));
                    }
                }
                "const" if value != rule => fault(format!("{value} is not {rule}")),
                "enum" if !rule.as_array().unwrap().contains(value) => {
                    fault(format!("{value} is not in {rule}"))
                }
                "const" | "enum" => {}
                "minimum" | "maximum" => {
                    if let (Some(number), Some(limit)) = (value.as_f64(), rule.as_f64()) {
                        let is_within = if keyword == "minimum" { number >= limit } else { number <= limit };
                        if !is_within {
                            fault(format!("{number}: {keyword} {limit}"));
                        }
                    }
                }
                "minItems" | "maxItems" => {
                    let is_within = value.as_array().is_none_or(|items| {
                        let limit = rule.as_u64().unwrap() as usize;
                        if keyword == "minItems" { items.len() >= limit } else { items.len() <= limit }
                    });
                    if !is_within {
                        fault(format!("{keyword} {rule}"));
                    }
                }
                "minProperties" | "maxProperties" => {
                    let is_within = object.is_none_or(|entries| {
                        let limit = rule.as_u64().unwrap() as usize;
                        if keyword == "minProperties" {
                            entries.len() >= limit
                        } else {
                            entries.len() <= limit
                        }
                    });
                    if !is_within {
                        fault(format!("{keyword} {rule}"));
                    }
                }
                "uniqueItems" => {
                    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
                    if items.iter().enumerate().any(|(index, item)| items[..index].contains(item)) {
                        fault("an item stands twice".into());
                    }
                }
                "pattern" => {
                    if value
                        .as_str()
                        .is_some_and(|text| !Regex::new(rule.as_str().unwrap()).unwrap().is_match(text))
                    {
                        fault(format!("{value} does not match {rule}"));
                    }
                }
                "required" => {
                    for key in rule.as_array().unwrap().iter().filter_map(Value::as_str) {
                        if object.is_some_and(|entries| !entries.contains_key(key)) {
                            fault(format!("{key} is missing"));
                        }
                    }
                }
                "properties" => {
                    for (key, rule) in rule.as_object().unwrap() {
                        if let Some(value) = object.and_then(|entries| entries.get(key)) {
                            self.check(rule, value, &format!("{at}/{key}"), &mut inner);
                            seen.insert(key.clone());
                        }
                    }
                }
                "patternProperties" => {
                    for (pattern, rule) in rule.as_object().unwrap() {
                        let pattern = Regex::new(pattern).unwrap();
                        for (key, value) in
                            object.into_iter().flatten().filter(|(key, _)| pattern.is_match(key))
                        {
                            self.check(rule, value, &format!("{at}/{key}"), &mut inner);
                            seen.insert(key.clone());
                        }
                    }
                }
                "propertyNames" => {
                    for (key, _) in object.into_iter().flatten() {
                        self.check(rule, &Value::String(key.clone()), at, &mut inner);
                    }
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(rule, item, &format!("{at}/{index}"), &mut inner);
                    }
                }
                "allOf" => {
                    for rule in rule.as_array().unwrap() {
                        seen.extend(self.check(rule, value, at, &mut inner));
                    }
                }
                "anyOf" | "oneOf" => {
                    let mut met = 0;
                    for rule in rule.as_array().unwrap() {
                        if let Some(keys) = self.met(rule, value) {
                            met += 1;
                            seen.extend(keys);
                        }
                    }
                    if met == 0 || (keyword == "oneOf" && met > 1) {
                        fault(format!("{met} of the alternatives are met by {value}"));
                    }
                }
                "not" if self.met(rule, value).is_some() => fault(format!("{value} is excluded by {rule}")),
                "not" => {}
                "if" => {
                    let (keys, then) = match self.met(rule, value) {
                        Some(keys) => (keys, rules.get("then")),
                        None => (BTreeSet::new(), rules.get("else")),
                    };
                    seen.extend(keys);
                    if let Some(rule) = then {
                        seen.extend(self.check(rule, value, at, &mut inner));
                    }
                }
                "dependentSchemas" => {
                    for (key, rule) in rule.as_object().unwrap() {
                        if object.is_some_and(|entries| entries.contains_key(key)) {
                            seen.extend(self.check(rule, value, at, &mut inner));
                        }
                    }
                }
                // These see what the others have left, so they come last.
                "additionalProperties" | "unevaluatedProperties" => {}
                silent if SILENT.contains(&silent) => {}
                other => panic!("the keyword {other} is not known here"),
            }
        }
        let of_own: BTreeSet<&String> = rules
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(|all| all.keys())
            .collect();
        let patterns: Vec<Regex> = rules
            .get("patternProperties")
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(|all| all.keys().map(|pattern| Regex::new(pattern).unwrap()))
            .collect();
        for (key, value) in object.into_iter().flatten() {
            let is_own = of_own.contains(key) || patterns.iter().any(|pattern| pattern.is_match(key));
            let rule = match (rules.get("additionalProperties"), rules.get("unevaluatedProperties")) {
                (Some(rule), _) if !is_own => rule,
                (_, Some(rule)) if !seen.contains(key) => rule,
                _ => continue,
            };
            self.check(rule, value, &format!("{at}/{key}"), &mut inner);
            seen.insert(key.clone());
        }
        faults.extend(inner);
        seen
    }

    /// The keys that a schema looks at, if the value meets it.
    fn met(&self, schema: &'a Value, value: &Value) -> Option<BTreeSet<String>> {
        let mut faults = Vec::new();
        let seen = self.check(schema, value, "", &mut faults);
        faults.is_empty().then_some(seen)
    }

    fn resolve(&self, reference: &str) -> &'a Value {
        let name = reference.strip_prefix('#').unwrap_or_else(|| panic!("a schema elsewhere: {reference}"));
        if name.is_empty() || name.starts_with('/') {
            return self.root.pointer(name).unwrap_or_else(|| panic!("no {reference}"));
        }
        let anchors = self.root["$defs"].as_object().unwrap().values();
        let is_called = |one: &&Value| one["$dynamicAnchor"] == name || one["$anchor"] == name;
        anchors.into_iter().find(is_called).unwrap_or_else(|| panic!("no {reference}"))
    }
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no type {other}"),
    }
}
