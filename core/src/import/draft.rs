//! The document that an import makes: a report or a plan of work in which anything may still be
//! missing. What the source does not say is not in it; reading it tells what that is.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::report::{
    Attachment, Date, Duty, Indicator, IssuerKind, Layout, Level, Line, Measure, Name, Plan, PlanSection,
    Problem, Text, Unplaced, Year,
};

/// A report, as far as the source has it. The fields are the contract's.
#[derive(Default, Serialize)]
pub(super) struct Draft {
    pub year: Option<Year>,
    pub issuer: DraftIssuer,
    pub title: Option<Text>,
    pub addressees: Vec<Name>,
    pub preface: Vec<Text>,
    pub measures: Vec<Measure>,
    pub problems: Vec<Problem>,
    pub duties: Vec<Duty>,
    pub plans: Vec<Plan>,
    pub other: Vec<Text>,
    pub unplaced: Vec<Unplaced>,
    pub indicators: Vec<Indicator>,
    /// Empty where the source has none: the contract's own would be an invention.
    pub closing: Line,
    pub signature: DraftSignature,
    pub notes: Option<Line>,
    pub attachments: Vec<Attachment>,
    pub layout: Layout,
}

#[derive(Default, Serialize)]
pub(super) struct DraftIssuer {
    pub name: Option<Name>,
    pub short_name: Option<Name>,
    pub kind: Option<IssuerKind>,
    pub level: Option<Level>,
}

#[derive(Default, Serialize)]
pub(super) struct DraftSignature {
    pub names: Vec<Name>,
    pub date: Option<Date>,
}

/// A plan of work, as far as the source has it.
#[derive(Default, Serialize)]
pub(super) struct DraftPlan {
    pub template: &'static str,
    pub year: Option<Year>,
    pub issuer: Option<DraftIssuer>,
    pub title: Option<Text>,
    pub preface: Vec<Text>,
    pub sections: Vec<PlanSection>,
    pub closing: Option<Line>,
    pub unplaced: Vec<Unplaced>,
}

/// A document of the contract without what says nothing, as a person would write it: no empty lists,
/// and a paragraph without a lead as its bare text.
pub(super) fn tidy(document: &impl Serialize) -> Value {
    let document =
        serde_json::to_value(document).expect("a document is made of texts, numbers, lists and maps");
    let Value::Object(fields) = document else { return document };
    Value::Object(fields.into_iter().filter_map(|(key, value)| Some((key, tidied(value)?))).collect())
}

fn tidied(value: Value) -> Option<Value> {
    match value {
        Value::Null | Value::Bool(false) => None,
        Value::Array(items) => {
            // A cell or an item that says nothing still has its place.
            let tidied = |item: Value| {
                let nothing = match item {
                    Value::Object(_) => Value::Object(Map::new()),
                    _ => Value::String(String::new()),
                };
                tidied(item).unwrap_or(nothing)
            };
            let items: Vec<Value> = items.into_iter().map(tidied).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Object(fields) => {
            let is_paragraph =
                fields.len() == 2 && fields.contains_key("lead") && fields.contains_key("text");
            let mut fields: Map<String, Value> =
                fields.into_iter().filter_map(|(key, value)| Some((key, tidied(value)?))).collect();
            if is_paragraph && !fields.contains_key("lead") {
                return fields.remove("text");
            }
            (!fields.is_empty()).then_some(Value::Object(fields))
        }
        other => Some(other),
    }
}
