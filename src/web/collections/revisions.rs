//! A draft's history for people: who saved what and when, what a revision says against what stands there now, and
//! the way back to it. Nothing is lost by that: what was brought back is one revision more.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::PLACE;
use super::comparison::{PartsWish, of_changes, of_fields};
use super::desk::{UnitDesk, UnitPath};
use super::entries::FormEntries;
use crate::accounts::Visitor;
use crate::collections::drafts::{DraftError, DraftRevision, DraftState};
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::Refusal;
use crate::web::form::cut;
use crate::web::frame::{RefusalPage, page};
use crate::web::times::in_words;

/// How many revisions a page has.
const REVISIONS: i64 = 50;

/// How much of the names of its fields is told with a revision, in characters.
const LONGEST_FIELDS: usize = 300;

/// What of a revision a page shows at most, in bytes.
pub(super) const ROOM: usize = 125_000;

/// Which revisions: those before this one, or the last ones.
#[derive(Default, Deserialize)]
pub(in crate::web) struct RevisionQuery {
    before: Option<i64>,
}

/// How a revision is looked at.
#[derive(Default, Deserialize)]
pub(in crate::web) struct RevisionView {
    /// `whole` for all that it says, else what is different now.
    #[serde(default)]
    pub(super) view: String,
    /// The part with which the page begins.
    #[serde(default)]
    pub(super) from: usize,
}

/// The revisions, the newest first.
pub(in crate::web) async fn list(
    State(service): State<Arc<Service>>,
    Path(path): Path<UnitPath>,
    visitor: Extension<Visitor>,
    access: Access,
    looking: Result<Query<RevisionQuery>, QueryRejection>,
) -> Result<Response, RefusalPage> {
    let before = looking.ok().and_then(|Query(looking)| looking.before);
    let desk = UnitDesk::open(&service, &path, &visitor, access).await?;
    let place = desk.draft_place();
    let found = desk.office.drafts.history(place, before, REVISIONS).await.map_err(Refusal::from)?;
    let oldest = found.last().map(|one| one.revision).filter(|oldest| *oldest > 1);
    let now = current(&desk).await?.map(|draft| draft.revision);
    let mut content = head(&desk, now);
    content["revisions"] = found.iter().map(revision_view).collect();
    content["older"] = oldest.into();
    content["is_last"] = before.is_none().into();
    Ok(page(StatusCode::OK, "draft_history.html", PLACE, content))
}

/// One revision against what stands there now.
pub(in crate::web) async fn show(
    State(service): State<Arc<Service>>,
    Path((collection, unit, revision)): Path<(String, String, String)>,
    visitor: Extension<Visitor>,
    access: Access,
    looking: Result<Query<RevisionView>, QueryRejection>,
) -> Result<Response, RefusalPage> {
    let looking = looking.map(|Query(looking)| looking).unwrap_or_default();
    let desk = UnitDesk::open(&service, &UnitPath { collection, unit }, &visitor, access).await?;
    Ok(shown(&desk, number(&revision)?, &looking, None).await?)
}

/// Brings a revision back, as one more.
pub(in crate::web) async fn bring_back(
    State(service): State<Arc<Service>>,
    Path((collection, unit, revision)): Path<(String, String, String)>,
    visitor: Extension<Visitor>,
    access: Access,
    form: FormEntries,
) -> Result<Response, RefusalPage> {
    let revision = number(&revision)?;
    let base = number(form.one("base"))?;
    let desk = UnitDesk::open(&service, &UnitPath { collection, unit }, &visitor, access).await?;
    match desk.restore(revision, base).await {
        Ok(draft) => {
            let done = if draft.conflicts.is_empty() { "restored" } else { "conflict" };
            Ok(Redirect::to(&format!("{}/draft?done={done}", desk.address())).into_response())
        }
        Err(refusal) => Ok(shown(&desk, revision, &RevisionView::default(), Some(&refusal)).await?),
    }
}

async fn shown(
    desk: &UnitDesk<'_>,
    revision: i64,
    looking: &RevisionView,
    refused: Option<&Refusal>,
) -> Result<Response, Refusal> {
    let drafts = &desk.office.drafts;
    let now = current(desk).await?.ok_or(DraftError::Unknown)?;
    let old = drafts.revision(desk.draft_place(), revision).await.map_err(|error| match error {
        // A page that is not there, rather than a wish that comes too late.
        DraftError::UnknownRevision { .. } => Refusal::not_found(),
        error => error.into(),
    })?;
    let of_it = drafts.history(desk.draft_place(), Some(revision.saturating_add(1)), 1).await?;
    let tree = now.tree;
    let is_whole = looking.view == "whole";
    let wish = PartsWish { from: looking.from, room: ROOM, ..PartsWish::default() };
    // Long reports take a moment to be held against each other.
    let parts = spawn_blocking(move || match is_whole {
        true => of_fields(&old, &[], &wish),
        false => of_changes(&old, &tree, &wish),
    });
    let parts = parts.await.map_err(|_| Refusal::broken())?;
    let status = refused.map_or(StatusCode::OK, |refusal| refusal.words().0);
    let mut content = head(desk, Some(now.revision));
    content["one"] = of_it.first().map(revision_view).into();
    content["shown"] = serde_json::to_value(parts).map_err(|_| Refusal::broken())?;
    content["is_whole"] = is_whole.into();
    content["is_now"] = (revision == now.revision).into();
    content["notice"] = refused.map(notice).into();
    Ok(page(status, "draft_revision.html", PLACE, content))
}

fn notice(refusal: &Refusal) -> Value {
    let (_, message, hint) = refusal.words();
    json!({ "messages": [message], "hint": hint })
}

/// What stands at the head of both pages.
fn head(desk: &UnitDesk<'_>, now: Option<i64>) -> Value {
    json!({
        "name": desk.submission.name,
        "collection": desk.collection.plan.title,
        "back": desk.address(),
        "place": format!("{}/draft", desk.address()),
        "now": now,
        "lock": desk.lock(),
    })
}

/// The draft; None where nobody has begun it.
async fn current(desk: &UnitDesk<'_>) -> Result<Option<DraftState>, Refusal> {
    match desk.office.drafts.current(desk.draft_place()).await {
        Err(DraftError::Unknown) => Ok(None),
        found => Ok(Some(found?)),
    }
}

fn number(written: &str) -> Result<i64, Refusal> {
    written.parse().map_err(|_| Refusal::not_found())
}

fn revision_view(one: &DraftRevision) -> Value {
    json!({
        "revision": one.revision,
        "kind": one.kind.label(),
        "by": one.by,
        "at": in_words(one.at),
        "fields": cut(&one.fields.join("、"), LONGEST_FIELDS),
        "more": (one.field_count > one.fields.len() as i64).then_some(one.field_count),
        "added": one.added,
        "removed": one.removed,
    })
}
