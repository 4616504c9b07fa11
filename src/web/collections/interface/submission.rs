//! A submission for programs: how far it is, what was said of it, and what is done with it.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Extension, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use nianbao_office::Office;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::comment::WrittenComment;
use super::faults::bad_json;
use super::paging::{ListPart, PAGE, wanted};
use crate::accounts::{Visitor, may_in};
use crate::collections::{
    CollectionEvent, Collections, Comment, MoveWish, NewComment, Submission, SubmissionPlace, Version,
};
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::Refusal;
use crate::web::collections::{review, signers};
use crate::web::tags::{demand_unchanged, tagged, tagged_by};

/// A move of a submission that is wished for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "对一份报送的办理")]
pub(in crate::web) struct WishedMove {
    #[schemars(
        description = "take 开始审核、release 放回待审核、return 退回、accept 通过、reopen 重新打开、publish 公开、sign 审签同意、decline 审签不同意、withdraw 撤回、waive 无需报送、revive 恢复报送"
    )]
    step: String,
    #[schemars(description = "原因，或者通过时的附言")]
    #[serde(default)]
    reason: String,
    #[schemars(description = "看的是第几稿")]
    version: Option<i64>,
    #[schemars(description = "退回的部分，如 measures；不写的整份退回")]
    #[serde(default)]
    parts: Vec<String>,
    #[schemars(description = "退回时一并写的批注")]
    #[serde(default)]
    comments: Vec<WrittenComment>,
}

/// A submission with all that belongs to it.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "一份报送，和它的稿次、批注、经过")]
pub(in crate::web) struct SubmissionView {
    submission: Submission,
    #[schemars(description = "各稿，最早的在前")]
    versions: Vec<Version>,
    #[schemars(description = "批注和答复，最早的在前；只有最后 100 条，全部见 comments")]
    comments: Vec<Comment>,
    #[schemars(description = "批注和答复一共多少条")]
    comment_count: usize,
    #[schemars(description = "经过，最早的在前；只有最后 100 条，全部见 history")]
    history: Vec<CollectionEvent>,
    #[schemars(description = "经过一共多少条")]
    history_count: usize,
    #[schemars(description = "要审签而没有审签人的：是怎样，接下来怎么办")]
    hint: Option<String>,
}

impl SubmissionView {
    /// What its tag tells: each change has its event.
    pub(in crate::web) fn stand(&self) -> impl Serialize {
        let last = self.history.last().map(|event| event.number);
        (&self.submission, &self.versions, last, self.hint.is_some())
    }
}

/// A page of what happened to a submission.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "经过的一页，最早的在前")]
pub(in crate::web) struct EventList {
    events: Vec<CollectionEvent>,
    #[schemars(description = "一共多少条")]
    total: usize,
}

/// 一份报送
///
/// 一个单位在一次征集里的状态、各稿，和最后的批注和经过。
#[utoipa::path(
    get, path = "/api/collections/{collection}/units/{unit}", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码")),
    responses(
        (status = 200, description = "报送，和它的稿次、批注、经过", body = ref("#/components/schemas/SubmissionView")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 404, description = "没有这份报送，或者不归您管", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn submission(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    Path((collection, unit)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let place = SubmissionPlace { collection: &collection, unit: &unit };
    let view = submission_view(service.office()?, &visitor, &place).await?;
    tagged_by(&headers, &view.stand(), &view)
}

/// The same for a change of a submission.
pub(in crate::web) async fn submission_as_read(
    service: &Service,
    visitor: &Visitor,
    place: &SubmissionPlace<'_>,
    headers: &HeaderMap,
) -> Result<Collections, Refusal> {
    let collections = &service.office()?.collections;
    // First the number: what happens while the rest is read is behind it.
    let events = collections.collection(place.collection).await?.events;
    match demand_unchanged(headers, &submission_view(service.office()?, visitor, place).await?.stand())? {
        true => Ok(collections.as_read(events)),
        false => Ok(collections.clone()),
    }
}

pub(in crate::web) async fn submission_view(
    office: &Office,
    visitor: &Visitor,
    place: &SubmissionPlace<'_>,
) -> Result<SubmissionView, Refusal> {
    let collections = &office.collections;
    let submission = collections.submission(place).await?;
    let versions = collections.versions(place).await?;
    let (comments, comment_count) = collections.comments_part(place, None, PAGE).await?;
    let (history, history_count) = collections.history_part(place, None, PAGE).await?;
    let asked = collections.collection(place.collection).await?;
    let is_stuck = signers::lacks_signer(office, &asked, &submission).await?;
    let hint = is_stuck.then(|| signers::words(submission.state, visitor));
    Ok(SubmissionView { submission, versions, comments, comment_count, history, history_count, hint })
}

/// 一份报送的经过
#[utoipa::path(
    get, path = "/api/collections/{collection}/units/{unit}/history", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码"), ListPart),
    responses(
        (status = 200, description = "这一页的经过", body = ref("#/components/schemas/EventList")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这份报送，或者不归您管", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn history(
    State(service): State<Arc<Service>>,
    Path((collection, unit)): Path<(String, String)>,
    headers: HeaderMap,
    part: Result<Query<ListPart>, QueryRejection>,
) -> Result<Response, Refusal> {
    let ListPart { offset, limit } = wanted(part)?;
    let place = SubmissionPlace { collection: &collection, unit: &unit };
    let collections = &service.office()?.collections;
    collections.submission(&place).await?;
    let (events, total) = collections.history_part(&place, Some(offset), limit).await?;
    tagged(&headers, &EventList { events, total })
}

/// 办理一份报送
///
/// 开始审核、退回、通过等；现在不能办的，回答现在的状态和可以办的。
#[utoipa::path(
    post, path = "/api/collections/{collection}/units/{unit}/moves", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码")),
    request_body(content = ref("#/components/schemas/WishedMove"), content_type = "application/json"),
    responses(
        (status = 200, description = "办理以后的报送", body = ref("#/components/schemas/Submission")),
        (status = 400, description = "内容读不懂", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这份报送，或者不归您管", body = ref("#/components/schemas/Said")),
        (status = 409, description = "现在不能这样办，或者已有新的一稿", body = ref("#/components/schemas/Said")),
        (status = 412, description = "If-Match 不是现在的 ETag", body = ref("#/components/schemas/Said")),
        (status = 422, description = "没有写原因，或者栏目不对", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn step(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path((collection, unit)): Path<(String, String)>,
    headers: HeaderMap,
    wished: Result<Json<WishedMove>, JsonRejection>,
) -> Result<Json<Submission>, Refusal> {
    let collections = &service.office()?.collections;
    let Json(wished) = wished.map_err(bad_json)?;
    let place = SubmissionPlace { collection: &collection, unit: &unit };
    let (rule, right) = review::of_word(&wished.step).ok_or_else(Refusal::bad_body)?;
    if !may_in(&visitor, right, &collection, Some(&unit)) {
        return Err(Refusal::not_for_you());
    }
    let errand = review::errand(collections, &visitor, access, &place, right).await?;
    let collections = &submission_as_read(&service, &visitor, &place, &headers).await?;
    let parts: Vec<&str> = wished.parts.iter().map(String::as_str).collect();
    let comments: Vec<NewComment> =
        wished.comments.iter().map(|one| NewComment { path: &one.path, text: &one.text }).collect();
    let wish =
        MoveWish { reason: &wished.reason, version: wished.version, parts: &parts, comments: &comments };
    collections.step(&place, rule.step, &wish, &errand.occasion()).await?;
    Ok(Json(collections.submission(&place).await?))
}
