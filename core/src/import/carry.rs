//! This year's report, begun from last year's: what stays stays, what must be new is empty, and what
//! was planned is the list of what to report on.

use serde_json::{Value, json};

use super::draft::tidy;
use crate::report::{Plan, PlanSection, Report, Task, WorkPlan, Year};

/// What last year's report leaves to this year's.
#[derive(Debug)]
pub struct Continuation {
    /// The report of this year, without its texts and its date.
    pub report: Value,
    /// Last year's plans as a plan of work, to hold the report against.
    pub tasks: WorkPlan,
}

/// Begins the report of `year` from an earlier one.
pub fn carry(last: &Report, year: Year) -> Continuation {
    let old = last.year.number().to_string();
    // 2024年 of the title becomes 2025年; a title without its year is the template's to make anew.
    let title = last.title.as_ref().filter(|title| title.contains(&old));
    let title = title.map(|title| title.replace(&old, &year.number().to_string()));
    let indicators = last.indicators.iter().map(|one| {
        json!({
            "key": one.key, "name": one.name, "unit": one.unit, "previous": one.value, "source": one.source,
        })
    });
    let header = last.header.as_ref().map(|header| {
        json!({ "agencies": header.agencies, "suffix": header.suffix, "signatories": header.signatories })
    });
    let report = json!({
        "template": last.template,
        "edition": last.edition,
        "year": year,
        "issuer": last.issuer,
        "title": title,
        "addressees": last.addressees,
        "indicators": indicators.collect::<Vec<_>>(),
        "closing": last.closing,
        "signature": { "names": last.signature.names, "seal": last.signature.seal },
        "notes": last.notes,
        "header": header,
        "copies_to": last.copies_to,
        "printed_by": last.printed_by,
        "layout": last.layout,
    });
    Continuation { report: tidy(&report), tasks: tasks(last, year) }
}

/// The plans as tasks: each paragraph that says what to do, with who is to do it.
fn tasks(last: &Report, year: Year) -> WorkPlan {
    let section = |plan: &Plan| {
        let paragraphs = plan.body.iter().filter(|paragraph| paragraph.says_something());
        let text = |lead: Option<&str>, text: &str| format!("{}{text}", lead.unwrap_or_default());
        let tasks = paragraphs.map(|paragraph| Task {
            text: text(paragraph.lead.as_deref(), &paragraph.text)
                .parse()
                .expect("texts of a report are fit"),
            lead: plan.lead.clone(),
            support: plan.support.clone(),
        });
        PlanSection { heading: plan.heading.clone(), tasks: tasks.collect() }
    };
    WorkPlan {
        template: "work-plan".parse().expect("a constant name is fit"),
        year,
        issuer: Some(last.issuer.clone()),
        title: None,
        preface: vec![],
        sections: last.plans.iter().map(section).filter(|section| !section.tasks.is_empty()).collect(),
        closing: None,
        unplaced: vec![],
    }
}

impl Continuation {
    /// The list of tasks as a document of the contract.
    pub fn plan(&self) -> Value {
        tidy(&self.tasks)
    }
}
