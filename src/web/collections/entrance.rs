//! The way in of one unit, made anew where its link or code was lost: shown this once, and never again.

use std::sync::Arc;

use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::entries::FormEntries;
use super::tables::{NewEntrances, new_entrances};
use super::{Errand, PLACE};
use crate::accounts::Visitor;
use crate::collections::CollectionRefusal;
use crate::roster::UnitCode;
use crate::web::Service;
use crate::web::admission::{Access, OwnAddress};
use crate::web::answer::Refusal;
use crate::web::frame::{RefusalPage, page};
use crate::web::times::in_words;

/// Makes it, and shows it. What the unit had before lets nobody in any more.
pub(super) async fn renew(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path((id, unit)): Path<(String, String)>,
    OwnAddress(address): OwnAddress,
    _: FormEntries,
) -> Result<Response, RefusalPage> {
    let code: UnitCode = unit.parse().map_err(|_| Refusal::from(CollectionRefusal::Unknown("单位")))?;
    let errand = Errand::of(&visitor, access.from)?;
    let NewEntrances { collection, made, ends_at } =
        new_entrances(&service, &id, Some(&[code]), &errand).await?;
    let one = made.into_iter().next().ok_or_else(Refusal::broken)?;
    let content = json!({
        "title": collection.plan.title,
        "back": format!("{PLACE}/{id}/units/{unit}"),
        "name": one.unit_name,
        "link": format!("{address}/enter/{}", one.link),
        "code": one.code,
        "until": in_words(ends_at),
    });
    Ok(page(StatusCode::CREATED, "entrance_new.html", PLACE, content).into_response())
}
