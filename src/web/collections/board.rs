//! The board: all units of a collection at a glance, and what can be done with the collection.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::entries::{FormEntries, cut_to};
use super::{Errand, PLACE, demand, is_bureau, plans, signers, today, told};
use crate::accounts::{Right, Scope, UnitReach, Visitor, scope};
use crate::collections::{
    BoardOrder, BoardRow, BoardWish, Collection, CollectionRefusal, CollectionState, Collections,
    SubmissionState, UnitNow,
};
use crate::report::Choice;
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::Refusal;
use crate::web::frame::{RefusalPage, page};
use crate::web::times::{day_in_words, end_of, in_words};

/// How many units a page of the board has.
const UNITS: usize = 100;

/// How much of a reason that was refused is shown again, in bytes.
const ECHO: usize = 24_000;

/// How many of the missing are named on the page.
const NAMED: usize = 30;

/// The columns by which the board can be ordered, by the words that stand in addresses.
pub(super) const ORDERS: [(&str, &str, BoardOrder); 8] = [
    ("code", "代码", BoardOrder::Code),
    ("name", "单位", BoardOrder::Name),
    ("state", "状态", BoardOrder::State),
    ("since", "状态时间", BoardOrder::Since),
    ("due", "期限", BoardOrder::Due),
    ("findings", "问题", BoardOrder::Findings),
    ("size", "字数", BoardOrder::Characters),
    ("comments", "批注", BoardOrder::Comments),
];

/// What of the board is looked at.
#[derive(Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct BoardQuery {
    /// 只看这个状态的：状态的代码，或者 owing 没有报送的
    state: String,
    /// 名称或者代码里有这几个字的
    text: String,
    /// 按什么排：code、name、state、since、due、findings、size、comments
    order: String,
    /// 倒着排
    descending: bool,
    #[param(ignore)]
    page: usize,
}

impl BoardQuery {
    /// All in a state.
    pub(super) fn of_state(state: &str) -> Self {
        Self { state: state.to_owned(), ..Self::default() }
    }

    /// The states that are looked at; none for all.
    pub(super) fn states(&self) -> Vec<SubmissionState> {
        match self.state.as_str() {
            "owing" => SubmissionState::OWING.to_vec(),
            word => SubmissionState::of_word(word).into_iter().collect(),
        }
    }

    /// The same for the database, of these states.
    pub(super) fn wish<'a>(&'a self, states: &'a [SubmissionState]) -> BoardWish<'a> {
        BoardWish {
            states,
            kind: None,
            text: Some(&self.text),
            order: self.order(),
            is_descending: self.descending,
            offset: self.page.saturating_mul(UNITS),
            limit: UNITS,
        }
    }

    fn order(&self) -> BoardOrder {
        ORDERS.iter().find(|(word, ..)| *word == self.order).map_or(BoardOrder::Code, |(.., order)| *order)
    }

    /// The address of the board, looked at like this.
    fn address(&self, id: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("state", &self.state), ("text", &self.text), ("order", &self.order)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if self.descending {
            query.append_pair("descending", "true");
        }
        if self.page > 0 {
            query.append_pair("page", &self.page.to_string());
        }
        match query.finish() {
            query if query.is_empty() => format!("{PLACE}/{id}"),
            query => format!("{PLACE}/{id}?{query}"),
        }
    }
}

/// A collection: its board, for the bureau; for a unit, its own part.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    Path(id): Path<String>,
    looking: Result<Query<BoardQuery>, QueryRejection>,
) -> Result<Response, RefusalPage> {
    let looking = looking.map(|Query(looking)| looking).unwrap_or_default();
    if let UnitReach::Only(units) = &visitor.units {
        return own(&service, &visitor, &id, units.iter().map(String::as_str)).await;
    }
    shown(&service, &visitor, &id, &looking, None, None).await
}

/// The part of somebody's own units.
async fn own<'a>(
    service: &Service,
    visitor: &Visitor,
    id: &str,
    units: impl Iterator<Item = &'a str> + Clone,
) -> Result<Response, RefusalPage> {
    let mut found = plans::of_units(&service.office()?.collections, visitor, units).await?;
    found.retain(|one| one["collection"] == id);
    match &found[..] {
        [] => Err(Refusal::from(CollectionRefusal::Unknown("征集")).into()),
        [one] => {
            let unit = one["unit"].as_str().unwrap_or_default();
            Ok(Redirect::to(&format!("{PLACE}/{id}/units/{unit}")).into_response())
        }
        [first, ..] => {
            let title = first["title"].clone();
            let content = json!({ "submissions": found, "title": title });
            Ok(page(axum::http::StatusCode::OK, "submissions.html", PLACE, content))
        }
    }
}

async fn shown(
    service: &Service,
    visitor: &Visitor,
    id: &str,
    looking: &BoardQuery,
    entered: Option<&FormEntries>,
    refused: Option<CollectionRefusal>,
) -> Result<Response, RefusalPage> {
    let collections = &service.office()?.collections;
    let collection = collections.collection(id).await.map_err(Refusal::from)?;
    let (status, notice) = told(refused)?;
    let states = looking.states();
    let wish = looking.wish(&states);
    let mut board = collections.board(id, &wish, today()?).await.map_err(Refusal::from)?;
    signers::mark(service.office()?, id, &mut board).await?;
    let siblings = collections.siblings(&collection).await.map_err(Refusal::from)?;
    let counts = collections.state_counts(id).await.map_err(Refusal::from)?;
    let total: i64 = counts.iter().map(|(_, count)| count).sum();
    let owing: i64 = counts.iter().filter(|(state, _)| state.is_owing()).map(|(_, count)| count).sum();
    let (asked, missing) = match collection.state {
        CollectionState::Planned => (collections.asked_count(id).await.map_err(Refusal::from)?, vec![]),
        _ => (total, collections.owing_names(id, NAMED).await.map_err(Refusal::from)?),
    };
    let can = |right| scope(visitor.role, right) == Scope::All;
    let at_page = |page: usize| BoardQuery { page, ..looking.clone() }.address(id);
    let last = (looking.page + 1) * UNITS;
    let content = json!({
        "collection": view(&collection),
        "siblings": siblings.iter().map(view).collect::<Vec<_>>(),
        "place": format!("{PLACE}/{id}"),
        "events": collection.events,
        "notice": notice,
        "asked": asked,
        "total": total,
        "owing": owing,
        "counts": tabs(looking, id, &counts, total, owing),
        "columns": columns(looking, id),
        "rows": board.rows.iter().map(row).collect::<Vec<_>>(),
        "found": board.total,
        "text": looking.text,
        "state": looking.state,
        "order": looking.order,
        "descending": looking.descending,
        "previous": (looking.page > 0).then(|| at_page(looking.page - 1)),
        "next": ((last as i64) < board.total).then(|| at_page(looking.page + 1)),
        "more_missing": missing.len() < usize::try_from(owing).unwrap_or_default(),
        "missing": missing,
        "plan": entered.map_or_else(|| plans::shown(&collection.plan), |form| form.shown(plans::MAX_ECHO)),
        "revision": collection.revision,
        "reason": entered.map_or_else(String::new, |form| cut_to(form.one("reason"), ECHO)),
        "is_edited": entered.is_some_and(|form| form.wish() == "change"),
        "templates": plans::templates(service),
        "editions": plans::editions(),
        "can_change": can(Right::ChangeCollection),
        "can_open": can(Right::OpenCollection),
        "can_close": can(Right::CloseCollection),
        "can_let_in": can(Right::GiveEntrances),
        "can_remind": can(Right::Remind),
        "can_export": can(Right::Export),
    });
    Ok(page(status, "collection.html", PLACE, content))
}

/// A collection as its pages show it.
pub(super) fn view(collection: &Collection) -> Value {
    let plan = &collection.plan;
    json!({
        "id": collection.id,
        "title": plan.title,
        "year": plan.year.number(),
        "state": collection.state.word(),
        "label": collection.state.label(),
        "due": day_in_words(plan.due_on),
        "closes": plan.closes_at.map(|at| in_words(at - 60)),
        "edition": plan.edition.label(),
        "needs_sign_off": plan.needs_sign_off,
        "instructions": plan.instructions.lines().collect::<Vec<_>>(),
        "opened": collection.opened_at.map(in_words),
        "closed": collection.closed_at.map(in_words),
        "close_reason": collection.close_reason,
    })
}

/// How many are in each state, each a way to look at these alone.
fn tabs(
    looking: &BoardQuery,
    id: &str,
    counts: &[(SubmissionState, i64)],
    total: i64,
    owing: i64,
) -> Vec<Value> {
    let tab = |word: &str, label: &str, count: i64| {
        let wish = BoardQuery { state: word.to_owned(), page: 0, ..looking.clone() };
        json!({
            "word": word, "label": label, "count": count, "address": wish.address(id), "is_chosen": looking.state == word,
        })
    };
    let mut tabs = vec![tab("", "全部", total), tab("owing", "没有报送", owing)];
    tabs.extend(
        counts
            .iter()
            .filter(|(state, count)| *count > 0 || looking.state == state.word())
            .map(|(state, count)| tab(state.word(), state.label(), *count)),
    );
    tabs
}

/// The headings, each a way to order by it; by the one that it is ordered by, the other way round.
fn columns(looking: &BoardQuery, id: &str) -> Vec<Value> {
    let current = looking.order();
    let column = |(word, label, order): &(&str, &str, BoardOrder)| {
        let is_current = *order == current;
        let wish = BoardQuery {
            order: (*word).to_owned(),
            descending: is_current && !looking.descending,
            page: 0,
            ..looking.clone()
        };
        let sorted = is_current.then_some(if looking.descending { "descending" } else { "ascending" });
        json!({ "label": label, "address": wish.address(id), "sorted": sorted })
    };
    ORDERS.iter().map(column).collect()
}

fn row(row: &BoardRow) -> Value {
    json!({
        "unit": row.unit,
        "name": row.name,
        "now": row.now.as_ref().map(UnitNow::words),
        "kind": row.kind,
        "state": row.state.word(),
        "label": row.state.label(),
        "since": in_words(row.since),
        "due": day_in_words(row.due_on),
        "is_extended": row.is_extended,
        "left": row.state.is_owing().then_some(row.days_left),
        "version": row.version,
        "errors": row.errors,
        "warnings": row.warnings,
        "notes": row.notes,
        "characters": row.characters,
        "comments": row.comments,
        "lacks_signer": row.lacks_signer,
    })
}

/// What is done with a collection.
pub(super) async fn act(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    form: FormEntries,
) -> Result<Response, RefusalPage> {
    if !is_bureau(&visitor) {
        return Err(Refusal::not_for_you().into());
    }
    let right = match form.wish() {
        "change" => Right::ChangeCollection,
        "open" => Right::OpenCollection,
        "close" | "reopen" => Right::CloseCollection,
        _ => return Err(Refusal::bad_form().into()),
    };
    demand(&visitor, right)?;
    let collections = &service.office()?.collections;
    match done(collections, &Errand::of(&visitor, access.from)?, &id, &form).await {
        Ok(()) => Ok(Redirect::to(&format!("{PLACE}/{id}")).into_response()),
        Err(refused) => {
            let looking = BoardQuery::default();
            shown(&service, &visitor, &id, &looking, Some(&form), Some(refused)).await
        }
    }
}

async fn done(
    collections: &Collections,
    errand: &Errand,
    id: &str,
    form: &FormEntries,
) -> Result<(), CollectionRefusal> {
    let occasion = errand.occasion();
    match form.wish() {
        "open" => collections.open_collection(id, &occasion).await.map(|_| ()),
        "close" => collections.close(id, form.one("reason"), &occasion).await,
        "reopen" => {
            let until = plans::optional_day(form, "until", "截止日期")?;
            collections.reopen(id, form.one("reason"), until.map(end_of), &occasion).await
        }
        _ => {
            let collection = collections.collection(id).await?;
            let mut plan = plans::plan(form, Some(&collection.plan))?;
            // An empty text is meant here, for the form showed what there was.
            form.one("instructions").clone_into(&mut plan.instructions);
            let revision = form.one("revision").parse().unwrap_or_default();
            collections.change(id, revision, &plan, &occasion).await
        }
    }
}
