//! The collections: all that there are, and where another is begun.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::entries::FormEntries;
use super::{Errand, PLACE, told};
use crate::accounts::{Right, Scope, UnitReach, Visitor, scope};
use crate::collections::{
    Collection, CollectionPlan, CollectionRefusal, CollectionState, Collections, SubmissionPlace,
};
use crate::report::{Choice, Date, DocumentKind, Edition, Year};
use crate::web::admission::Access;
use crate::web::answer::Refusal;
use crate::web::frame::{RefusalPage, page};
use crate::web::times::{day_in_words, day_of, end_of};
use crate::web::{Service, now};

/// How many collections a page has.
const COLLECTIONS: usize = 20;

/// How much of what was entered and refused is shown again, in bytes: more than the longest instructions.
pub(super) const MAX_ECHO: usize = 80_000;

/// The template of an ordinary report.
const USUAL_TEMPLATE: &str = "annual-report";

#[derive(Default, Deserialize)]
pub(super) struct CollectionQuery {
    before: Option<String>,
}

/// The list of collections, and where the next is begun.
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    looking: Result<Query<CollectionQuery>, QueryRejection>,
) -> Result<Response, RefusalPage> {
    let before = looking.ok().and_then(|Query(looking)| looking.before);
    listed(&service, &visitor, before.as_deref(), None, None).await
}

async fn listed(
    service: &Service,
    visitor: &Visitor,
    before: Option<&str>,
    entered: Option<&FormEntries>,
    refused: Option<CollectionRefusal>,
) -> Result<Response, RefusalPage> {
    let collections = &service.office()?.collections;
    let (status, notice) = told(refused)?;
    if let UnitReach::Only(units) = &visitor.units {
        let found = of_units(collections, visitor, units.iter().map(String::as_str)).await?;
        return Ok(page(status, "submissions.html", PLACE, json!({ "submissions": found, "title": null })));
    }
    let mut found = collections.collections(before, COLLECTIONS + 1).await.map_err(Refusal::from)?;
    let next = (found.len() > COLLECTIONS).then(|| found[COLLECTIONS - 1].id.clone());
    found.truncate(COLLECTIONS);
    let mut rows = Vec::new();
    for collection in &found {
        rows.push(row(collections, collection).await?);
    }
    let content = json!({
        "collections": rows,
        "is_first": before.is_none(),
        "next": next,
        "notice": notice,
        "can_make": scope(visitor.role, Right::OpenCollection) == Scope::All,
        "entered": entered.map_or_else(|| usual(found.first()), |form| form.shown(MAX_ECHO)),
        "templates": templates(service),
        "editions": editions(),
    });
    Ok(page(status, "collections.html", PLACE, content))
}

/// A collection in the list.
async fn row(collections: &Collections, collection: &Collection) -> Result<Value, Refusal> {
    let counts = match collection.state {
        CollectionState::Planned => vec![],
        _ => collections.state_counts(&collection.id).await?,
    };
    let of = |is_one: fn(crate::collections::SubmissionState) -> bool| -> i64 {
        counts.iter().filter(|(state, _)| is_one(*state)).map(|(_, count)| count).sum()
    };
    let total = match collection.state {
        CollectionState::Planned => collections.asked(&collection.id).await?.len() as i64,
        _ => of(|_| true),
    };
    use crate::collections::SubmissionState::{Accepted, AwaitingReview, InReview, Published};
    Ok(json!({
        "id": collection.id,
        "title": collection.plan.title,
        "year": collection.plan.year.number(),
        "state": collection.state.word(),
        "label": collection.state.label(),
        "due": day_in_words(collection.plan.due_on),
        "total": total,
        "owing": of(|state| state.is_owing()),
        "waiting": of(|state| matches!(state, AwaitingReview | InReview)),
        "accepted": of(|state| matches!(state, Accepted | Published)),
    }))
}

/// What is asked of units, the newest first.
pub(super) async fn of_units<'a>(
    collections: &Collections,
    visitor: &Visitor,
    units: impl Iterator<Item = &'a str> + Clone,
) -> Result<Vec<Value>, Refusal> {
    let mut found = Vec::new();
    for collection in collections.collections(None, 1000).await? {
        let is_own = visitor.collection.as_ref().is_none_or(|own| *own == collection.id);
        if !is_own || collection.state == CollectionState::Planned {
            continue;
        }
        for unit in units.clone() {
            match collections.submission(&SubmissionPlace { collection: &collection.id, unit }).await {
                Ok(one) => found.push(json!({
                    "collection": collection.id,
                    "title": collection.plan.title,
                    "unit": one.unit,
                    "name": one.name,
                    "state": one.state.word(),
                    "label": one.state.label(),
                    "due": day_in_words(one.extended_to.unwrap_or(collection.plan.due_on)),
                })),
                Err(CollectionRefusal::Unknown(_)) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
    }
    Ok(found)
}

/// Makes a collection, from nothing or from an earlier one, and leads to it.
pub(super) async fn make(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    form: FormEntries,
) -> Result<Response, RefusalPage> {
    let collections = &service.office()?.collections;
    let errand = Errand::of(&visitor, access.from)?;
    let made = async {
        let before = match form.one("previous") {
            "" => None,
            id => Some(collections.collection(id).await?),
        };
        let plan = plan(&form, before.as_ref().map(|before| &before.plan))?;
        match before {
            Some(before) => collections.begin_from(&before.id, &plan, &errand.occasion()).await,
            None => collections.make(&plan, &errand.occasion()).await,
        }
    };
    match made.await {
        Ok(id) => Ok(Redirect::to(&format!("{PLACE}/{id}")).into_response()),
        Err(refused) => listed(&service, &visitor, None, Some(&form), Some(refused)).await,
    }
}

/// The plan that was entered. What is left empty is as it was before, if there was one.
pub(super) fn plan(
    form: &FormEntries,
    before: Option<&CollectionPlan>,
) -> Result<CollectionPlan, CollectionRefusal> {
    let mut unfit = Vec::new();
    let mut day = |name: &str, what: &str| match optional_day(form, name, what) {
        Ok(day) => day,
        Err(fault) => {
            unfit.push(fault.to_string());
            None
        }
    };
    let due_on = day("due_on", "报送期限");
    let closes_on = day("closes_on", "截止日期");
    if due_on.is_none() && form.one("due_on").trim().is_empty() {
        unfit.push("没有填报送期限，请选一天".to_owned());
    }
    if let (Some(due), Some(closes)) = (due_on, closes_on)
        && closes < due
    {
        unfit.push("截止日期在报送期限之前，请改成同一天或者以后".to_owned());
    }
    let year = match form.one("year").trim().parse::<Year>() {
        Ok(year) => Some(year),
        Err(fault) => {
            unfit.push(format!("报告年度{}", fault.0));
            None
        }
    };
    let (Some(year), Some(due_on), true) = (year, due_on, unfit.is_empty()) else {
        return Err(CollectionRefusal::Unfit(unfit));
    };
    let title = match form.one("title").trim() {
        "" => format!("{}年度法治政府建设年度报告", year.number()),
        title => title.to_owned(),
    };
    let kept = |entered: &str, before: Option<&String>, usual: &str| match entered.trim() {
        "" => before.map_or_else(|| usual.to_owned(), Clone::clone),
        _ => entered.to_owned(),
    };
    Ok(CollectionPlan {
        year,
        title,
        template: kept(form.one("template"), before.map(|plan| &plan.template), USUAL_TEMPLATE),
        settings: before.map_or_else(|| "{}".to_owned(), |plan| plan.settings.clone()),
        edition: Edition::of_word(form.one("edition"))
            .or(before.map(|plan| plan.edition))
            .unwrap_or(Edition::ALL[0]),
        instructions: kept(form.one("instructions"), before.map(|plan| &plan.instructions), ""),
        needs_sign_off: form.one("needs_sign_off") == "yes",
        opens_at: None,
        due_on,
        closes_at: closes_on.map(end_of),
    })
}

/// A day that may be left empty.
pub(super) fn optional_day(
    form: &FormEntries,
    name: &str,
    what: &str,
) -> Result<Option<Date>, CollectionRefusal> {
    match form.one(name).trim() {
        "" => Ok(None),
        written => match written.parse() {
            Ok(day) => Ok(Some(day)),
            Err(fault) => Err(CollectionRefusal::Unfit(vec![format!("{what}{fault}")])),
        },
    }
}

/// A plan as its form shows it.
pub(super) fn shown(plan: &CollectionPlan) -> Value {
    let closes = plan.closes_at.and_then(|at| day_of(at - 1));
    json!({
        "year": plan.year.number().to_string(),
        "title": plan.title,
        "template": plan.template,
        "edition": plan.edition.word(),
        "instructions": plan.instructions,
        "needs_sign_off": if plan.needs_sign_off { "yes" } else { "" },
        "due_on": plan.due_on.to_string(),
        "closes_on": closes.map(|day| day.to_string()).unwrap_or_default(),
        "previous": "",
    })
}

/// What stands in the form of a new one: the year that has just gone, and else what was asked the last time.
fn usual(last: Option<&Collection>) -> Value {
    let year = day_of(now()).map_or(0, Date::year) - 1;
    let mut usual = match last {
        Some(last) => shown(&last.plan),
        None => json!({
            "template": USUAL_TEMPLATE, "edition": Edition::ALL[0].word(),
            "instructions": "", "needs_sign_off": "",
        }),
    };
    for (name, value) in
        [("year", &*year.to_string()), ("title", ""), ("due_on", ""), ("closes_on", ""), ("previous", "")]
    {
        usual[name] = value.into();
    }
    usual
}

/// The templates of reports, by name and title.
pub(super) fn templates(service: &Service) -> Vec<Value> {
    let reports = service.templates.iter().map(|one| &one.manifest);
    let reports = reports.filter(|manifest| manifest.document == DocumentKind::Report);
    reports.map(|manifest| json!({ "word": manifest.name, "label": manifest.title })).collect()
}

pub(super) fn editions() -> Vec<Value> {
    Edition::ALL.iter().map(|one| json!({ "word": one.word(), "label": one.label() })).collect()
}
