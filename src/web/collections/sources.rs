//! What a draft is written from: last year's report and what was planned for this year, for scripts that show them
//! beside the form, and as a page.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::PLACE;
use super::comparison::{PartsWish, of_changes, of_fields};
use super::desk::{UnitDesk, UnitPath};
use super::revisions::{ROOM, RevisionView};
use crate::accounts::Visitor;
use crate::collections::{AttachedFile, Attachments};
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::Refusal;
use crate::web::frame::{RefusalPage, page};

/// How many of last year's plans the page lists, and how much of each, in characters.
const TASKS: usize = 60;
const LONGEST_TASK: usize = 200;

/// What a draft is written from.
#[derive(Serialize, JsonSchema)]
pub(in crate::web) struct DraftSources {
    report: Option<Value>,
    tasks: Option<Value>,
}

/// 上年的报告和本年的计划
///
/// 征集附给这个单位的上年报告（report），和本年要逐项报告的安排（tasks：附给的工作计划，没有的取上年报告里的安排）；没有的是 null。
#[utoipa::path(
    get, path = "/api/collections/{collection}/units/{unit}/draft/sources", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码")),
    responses(
        (status = 200, description = "上年的报告和本年的计划", body = ref("#/components/schemas/DraftSources")),
        (status = 404, description = "没有这个征集或单位", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn sources(
    State(service): State<Arc<Service>>,
    Path(path): Path<UnitPath>,
    visitor: Extension<Visitor>,
    access: Access,
) -> Result<Json<DraftSources>, Refusal> {
    let desk = UnitDesk::open(&service, &path, &visitor, access).await?;
    Ok(Json(DraftSources::of(&desk).await?))
}

impl DraftSources {
    async fn of(desk: &UnitDesk<'_>) -> Result<Self, Refusal> {
        let Attachments { last_report, plan } = desk.held_against().await?;
        let tree = |file: Option<AttachedFile>| file.and_then(|one| serde_json::from_str(&one.document).ok());
        Ok(Self { report: tree(last_report), tasks: tree(plan) })
    }
}

/// Last year's report as a page, or in what the draft differs from it.
pub(in crate::web) async fn show(
    State(service): State<Arc<Service>>,
    Path(path): Path<UnitPath>,
    visitor: Extension<Visitor>,
    access: Access,
    looking: Result<Query<RevisionView>, QueryRejection>,
) -> Result<Response, RefusalPage> {
    let RevisionView { view, from } = looking.map(|Query(looking)| looking).unwrap_or_default();
    let desk = UnitDesk::open(&service, &path, &visitor, access).await?;
    let DraftSources { report, tasks } = DraftSources::of(&desk).await?;
    let report = report.ok_or_else(Refusal::without_last_year)?;
    let draft = desk.draft().await?.tree;
    let is_whole = view != "difference";
    let year = report["year"].clone();
    let wish = PartsWish { from, room: ROOM / 2, ..PartsWish::default() };
    // Long reports take a moment to be held against each other.
    let parts = spawn_blocking(move || match is_whole {
        true => of_fields(&report, &[], &wish),
        false => of_changes(&report, &draft, &wish),
    });
    let parts = parts.await.map_err(|_| Refusal::broken())?;
    let content = json!({
        "name": desk.submission.name,
        "collection": desk.collection.plan.title,
        "back": desk.address(),
        "place": format!("{}/draft", desk.address()),
        "year": year,
        "tasks": tasks.map(|tasks| tasks_of(&tasks)).unwrap_or_default(),
        "is_whole": is_whole,
        "shown": serde_json::to_value(parts).map_err(|_| Refusal::broken())?,
    });
    Ok(page(StatusCode::OK, "last_year.html", PLACE, content))
}

/// What is refused here.
impl Refusal {
    pub(super) fn without_last_year() -> Self {
        Self::other(StatusCode::NOT_FOUND, "没有上年的报告", "征集没有给这个单位附上年的报告")
    }
}

/// What was planned: the heading, and what stands below it.
fn tasks_of(plan: &Value) -> Vec<Value> {
    let sections = plan["sections"].as_array().into_iter().flatten().take(TASKS);
    let task = |one: &Value| crate::web::form::cut(one["text"].as_str().unwrap_or_default(), LONGEST_TASK);
    let section = |section: &Value| {
        let tasks = section["tasks"].as_array().into_iter().flatten().take(TASKS / 10);
        json!({ "heading": section["heading"], "tasks": tasks.map(task).collect::<Vec<_>>() })
    };
    sections.map(section).collect()
}
