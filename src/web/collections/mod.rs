//! Collections over HTTP, the bureau's side: the roster, what is asked of whom and until when, the board, the
//! review of what came, and what comes out of it. What each page does is a form, and each form works without
//! scripts.

mod board;
pub(super) mod checks;
mod comparison;
mod desk;
pub(super) mod draft;
mod entrance;
mod entries;
pub(super) mod interface;
pub(super) mod letters;
pub(super) mod materials;
pub(super) mod messages;
mod outcome;
mod pages;
mod plans;
mod review;
pub(super) mod revisions;
mod roster;
mod selection;
mod signers;
pub(super) mod sources;
pub(super) mod steering;
pub(super) mod submit;
mod tables;
pub(super) mod version_files;

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::routing::{get, post};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Refusal, Said};
use super::times::day_of;
use super::{Service, now};
use crate::accounts::{Right, Scope, UnitReach, Visitor, scope};
use crate::audit::Doer;
use crate::collections::{CollectionRefusal, Occasion};
use crate::report::Date;

/// Where the pages stand.
const PLACE: &str = "/collections";

/// The pages whose forms are short.
pub(super) fn bureau() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .route("/collections", get(plans::list).post(plans::make))
        .route("/collections/{collection}", get(board::show).post(board::act))
        .route("/collections/{collection}/units", get(selection::show).post(selection::choose))
        .route("/collections/{collection}/entrances", post(tables::entrances))
        .route("/collections/{collection}/letters", post(letters::make))
        .route("/collections/{collection}/messages", get(messages::show).post(messages::act))
        .route("/collections/{collection}/overdue", get(tables::overdue))
        .route("/collections/{collection}/overdue.xlsx", get(tables::overdue_workbook))
        .route("/collections/{collection}/units/{unit}", get(review::show).post(review::act))
        .route("/collections/{collection}/units/{unit}/entrance", post(entrance::renew))
        .route("/collections/{collection}/units/{unit}/versions/{version}/pages", get(pages::show))
        .route("/collections/{collection}/units/{unit}/versions/{version}/pages/{page}", get(pages::picture))
        .route("/collections/{collection}/archive", get(outcome::show).post(outcome::make))
        .route("/collections/{collection}/compilation.yaml", get(outcome::compilation))
        .route("/collections/{collection}/compilation.xlsx", get(outcome::indicators))
        .route("/collections/{collection}/compilation", post(outcome::open))
        .route("/collections/{collection}/materials/list", post(materials::confirm))
        .routes(routes!(materials::give))
        .route("/collections/{collection}/checks", get(checks::show).post(checks::save))
        .routes(routes!(checks::read, checks::write))
        .route("/roster/units/{unit}", get(roster::unit).post(roster::change))
        .routes(routes!(interface::roster::roster, interface::roster::save_roster))
        .routes(routes!(interface::roster::unit, interface::roster::change_unit))
        .routes(routes!(interface::roster::merge_unit))
        .routes(routes!(interface::outcome::outcome, interface::outcome::archive))
        .routes(routes!(interface::outcome::compilation))
        .routes(routes!(interface::outcome::indicators))
        .routes(routes!(interface::version::version))
        .routes(routes!(interface::version::version_file))
        .routes(routes!(interface::version::findings))
        .routes(routes!(interface::version::version_differences))
        .routes(routes!(interface::collection::list, interface::collection::make))
        .routes(routes!(interface::collection::show, steering::change))
        .routes(routes!(interface::collection::turn))
        .routes(routes!(interface::collection::ask))
        .routes(routes!(interface::board::board))
        .routes(routes!(interface::events::events))
        .routes(routes!(tables::board_workbook))
        .routes(routes!(interface::submission::submission, steering::unask))
        .routes(routes!(steering::entrances))
        .routes(routes!(steering::extend, steering::take_back_extension))
        .routes(routes!(steering::overdue))
        .routes(routes!(interface::submission::step))
        .routes(routes!(interface::comment::comment))
        .routes(routes!(interface::comment::comments))
        .routes(routes!(interface::comment::answer))
        .routes(routes!(interface::comment::resolve))
        .routes(routes!(interface::submission::history))
        .routes(routes!(letters::all))
        .routes(routes!(letters::one))
        .routes(routes!(messages::list))
        .routes(routes!(messages::remind))
        .routes(routes!(messages::mail_entrances))
}

/// The pages that take whole lists of units.
pub(super) fn lists() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .route("/roster", get(roster::show).post(roster::read))
        .route("/roster/list", post(roster::save))
}

/// Where files of many units come in.
pub(super) fn materials() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .route("/collections/{collection}/materials", get(materials::show).post(materials::receive))
        .routes(routes!(materials::send))
}

/// Who does something, from where and when.
struct Errand {
    doer: Doer,
    at: i64,
    today: Date,
}

impl Errand {
    fn of(visitor: &Visitor, from: IpAddr) -> Result<Self, Refusal> {
        let at = now();
        // A clock that is beside the century tells no day.
        let today = day_of(at).ok_or_else(Refusal::broken)?;
        Ok(Self { doer: visitor.doer(from), at, today })
    }

    fn occasion(&self) -> Occasion<'_> {
        Occasion { doer: &self.doer, at: self.at, today: self.today }
    }
}

/// Today's day.
fn today() -> Result<Date, Refusal> {
    day_of(now()).ok_or_else(Refusal::broken)
}

/// Refuses what somebody may not do to everybody's.
fn demand(visitor: &Visitor, right: Right) -> Result<(), Refusal> {
    match scope(visitor.role, right) {
        Scope::All => Ok(()),
        _ => Err(Refusal::not_for_you()),
    }
}

/// Whether all units are somebody's to look after.
fn is_bureau(visitor: &Visitor) -> bool {
    visitor.units == UnitReach::All
}

/// What a page says of what was refused; what no page can mend is told by itself.
fn told(refused: Option<CollectionRefusal>) -> Result<(StatusCode, Option<Value>), Refusal> {
    let Some(refused) = refused else { return Ok((StatusCode::OK, None)) };
    if matches!(refused, CollectionRefusal::Database(_)) {
        return Err(refused.into());
    }
    let (status, message, hint) = Refusal::from(refused).words();
    Ok((status, Some(json!({ "messages": message.split('；').collect::<Vec<_>>(), "hint": hint }))))
}

impl From<CollectionRefusal> for Refusal {
    fn from(refused: CollectionRefusal) -> Self {
        use CollectionRefusal::{
            Begun, Changed, Closed, Database, NotNow, NotOpen, ReadEarlier, Stale, Unknown, Unsettled,
        };
        let (status, hint) = match refused {
            Database(error) => return error.into(),
            ReadEarlier => return Self::changed_meanwhile(),
            Unknown(_) => (StatusCode::NOT_FOUND, "它可能已经改动，或者不归您管；请回到征集的列表里找"),
            NotNow { .. } | Stale { .. } | NotOpen(_) | Closed(_) | Begun(_) | Changed => {
                (StatusCode::CONFLICT, "这一页已经是现在的情况")
            }
            Unsettled(_) => (StatusCode::CONFLICT, "请先在草稿里选定，再报送"),
            _ => (StatusCode::UNPROCESSABLE_ENTITY, "请改好后再试"),
        };
        Self::Other(status, Said { message: refused.to_string().into(), hint })
    }
}
