//! Which units of the roster a collection asks.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::entries::FormEntries;
use super::{Errand, PLACE, board, told};
use crate::accounts::Visitor;
use crate::collections::{CollectionRefusal, CollectionState, KnownUnit};
use crate::roster::UnitCode;
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::Refusal;
use crate::web::frame::{RefusalPage, page};

/// How many units a page has.
const UNITS: usize = 200;

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct SelectionQuery {
    text: String,
    kind: String,
    page: usize,
}

/// The units of the roster, and which of them are asked.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    looking: Result<Query<SelectionQuery>, QueryRejection>,
) -> Result<Response, RefusalPage> {
    let looking = looking.map(|Query(looking)| looking).unwrap_or_default();
    shown(&service, &id, &looking, None).await
}

async fn shown(
    service: &Service,
    id: &str,
    looking: &SelectionQuery,
    refused: Option<CollectionRefusal>,
) -> Result<Response, RefusalPage> {
    let collections = &service.office()?.collections;
    let collection = collections.collection(id).await.map_err(Refusal::from)?;
    let (status, notice) = told(refused)?;
    let asked: HashSet<String> = collections.asked(id).await.map_err(Refusal::from)?.into_iter().collect();
    let known = collections.units().await.map_err(Refusal::from)?;
    let open: Vec<&KnownUnit> = known.iter().filter(|unit| is_open(unit)).collect();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for unit in open.iter().filter(|unit| !unit.unit.kind.is_empty()) {
        *kinds.entry(&unit.unit.kind).or_default() += 1;
    }
    let found: Vec<&&KnownUnit> = open
        .iter()
        .filter(|unit| looking.kind.is_empty() || unit.unit.kind == looking.kind)
        .filter(|unit| {
            let text = looking.text.trim();
            text.is_empty() || unit.unit.name.contains(text) || unit.unit.code.as_str().contains(text)
        })
        .collect();
    let start = looking.page.saturating_mul(UNITS);
    let rows: Vec<Value> = found
        .iter()
        .skip(start)
        .take(UNITS)
        .map(|unit| {
            let RosterView { code, name, kind } = RosterView::of(unit);
            json!({ "code": code, "name": name, "kind": kind, "is_asked": asked.contains(code) })
        })
        .collect();
    let at_page = |page: usize| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("text", &looking.text).append_pair("kind", &looking.kind);
        query.append_pair("page", &page.to_string());
        format!("{PLACE}/{id}/units?{}", query.finish())
    };
    let content = json!({
        "collection": board::view(&collection),
        "is_planned": collection.state == CollectionState::Planned,
        "is_closed": collection.state == CollectionState::Closed,
        "place": format!("{PLACE}/{id}"),
        "notice": notice,
        "asked": asked.len(),
        "known": open.len(),
        "kinds": kinds.into_iter().map(|(kind, count)| json!({ "kind": kind, "count": count })).collect::<Vec<_>>(),
        "text": looking.text,
        "kind": looking.kind,
        "rows": rows,
        "found": found.len(),
        "previous": (looking.page > 0).then(|| at_page(looking.page - 1)),
        "next": (start.saturating_add(UNITS) < found.len()).then(|| at_page(looking.page + 1)),
    });
    Ok(page(status, "selection.html", PLACE, content))
}

/// What is shown of a unit.
struct RosterView<'a> {
    code: &'a str,
    name: &'a str,
    kind: &'a str,
}

impl<'a> RosterView<'a> {
    fn of(unit: &'a KnownUnit) -> Self {
        let unit = &unit.unit;
        Self { code: unit.code.as_str(), name: &unit.name, kind: &unit.kind }
    }
}

/// Whether a unit can be asked.
fn is_open(unit: &KnownUnit) -> bool {
    unit.merged_into.is_none() && unit.disabled_at.is_none()
}

/// Asks units, all of them, those of a kind or those that were ticked; or asks some no longer.
pub(super) async fn choose(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    form: FormEntries,
) -> Result<Response, RefusalPage> {
    let collections = &service.office()?.collections;
    let errand = Errand::of(&visitor, access.from)?;
    let chosen = async {
        let ticked = |name: &'static str| -> Result<Vec<UnitCode>, CollectionRefusal> {
            let codes = form.all(name).map(str::parse);
            codes.collect::<Result<_, _>>().map_err(|_| CollectionRefusal::Unknown("单位"))
        };
        let (ask, unask) = match form.wish() {
            "all" | "kind" => {
                let is_chosen = |unit: &KnownUnit| form.wish() == "all" || unit.unit.kind == form.one("kind");
                let known = collections.units().await?;
                let chosen = known.into_iter().filter(|unit| is_open(unit) && is_chosen(unit));
                (chosen.map(|unit| unit.unit.code).collect(), vec![])
            }
            "none" => {
                let asked = collections.asked(&id).await?;
                (vec![], asked.iter().filter_map(|code| code.parse().ok()).collect())
            }
            _ => {
                let ticked_now = ticked("unit")?;
                let shown = ticked("shown")?;
                let gone = shown.into_iter().filter(|unit| !ticked_now.contains(unit)).collect();
                (ticked_now, gone)
            }
        };
        let asked: HashSet<String> = collections.asked(&id).await?.into_iter().collect();
        let unask: Vec<UnitCode> =
            unask.into_iter().filter(|unit: &UnitCode| asked.contains(unit.as_str())).collect();
        if !unask.is_empty() {
            collections.unask(&id, &unask, &errand.occasion()).await?;
        }
        if !ask.is_empty() {
            collections.ask(&id, &ask, &errand.occasion()).await?;
        }
        Ok(())
    };
    match chosen.await {
        Ok(()) => {
            let to =
                if form.wish() == "ticked" { format!("{PLACE}/{id}/units") } else { format!("{PLACE}/{id}") };
            Ok(Redirect::to(&to).into_response())
        }
        Err(refused) => shown(&service, &id, &SelectionQuery::default(), Some(refused)).await,
    }
}
