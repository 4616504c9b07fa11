//! Comments for programs: listed, written, answered, attended to.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::faults::bad_json;
use super::paging::{ListPart, wanted};
use crate::accounts::Visitor;
use crate::collections::{CollectionRefusal, Comment, NewComment, SubmissionPlace};
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::Refusal;
use crate::web::collections::Errand;
use crate::web::tags::tagged;

/// A comment as it comes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "批注")]
pub(in crate::web) struct WrittenComment {
    #[schemars(description = "栏目的路径，如 measures[0].body[1]；不写的是整份报告")]
    #[serde(default)]
    pub path: String,
    pub text: String,
}

/// A comment that was made.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "写下的批注")]
pub(in crate::web) struct CommentReceipt {
    #[schemars(description = "批注的编号")]
    number: i64,
}

/// A page of the comments of a submission.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "批注和答复的一页，最早的在前")]
pub(in crate::web) struct CommentList {
    comments: Vec<Comment>,
    #[schemars(description = "一共多少条")]
    total: usize,
}

/// 一份报送的批注
#[utoipa::path(
    get, path = "/api/collections/{collection}/units/{unit}/comments", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码"), ListPart),
    responses(
        (status = 200, description = "这一页的批注和答复", body = ref("#/components/schemas/CommentList")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这份报送，或者不归您管", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn comments(
    State(service): State<Arc<Service>>,
    Path((collection, unit)): Path<(String, String)>,
    headers: HeaderMap,
    part: Result<Query<ListPart>, QueryRejection>,
) -> Result<Response, Refusal> {
    let ListPart { offset, limit } = wanted(part)?;
    let place = SubmissionPlace { collection: &collection, unit: &unit };
    let collections = &service.office()?.collections;
    collections.submission(&place).await?;
    let (comments, total) = collections.comments_part(&place, Some(offset), limit).await?;
    tagged(&headers, &CommentList { comments, total })
}

/// 批注
#[utoipa::path(
    post, path = "/api/collections/{collection}/units/{unit}/versions/{version}/comments", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码"), ("version" = i64, Path, description = "第几稿")),
    request_body(content = ref("#/components/schemas/WrittenComment"), content_type = "application/json"),
    responses(
        (status = 201, description = "批注的编号", body = ref("#/components/schemas/CommentReceipt")),
        (status = 400, description = "内容读不懂", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这一稿，或者不归您管", body = ref("#/components/schemas/Said")),
        (status = 422, description = "没有写内容，或者栏目不对", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn comment(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path((collection, unit, version)): Path<(String, String, String)>,
    written: Result<Json<WrittenComment>, JsonRejection>,
) -> Result<Response, Refusal> {
    let collections = &service.office()?.collections;
    let Json(written) = written.map_err(bad_json)?;
    let place = SubmissionPlace { collection: &collection, unit: &unit };
    let version = version.parse().map_err(|_| Refusal::not_found())?;
    let new = NewComment { path: &written.path, text: &written.text };
    let errand = Errand::of(&visitor, access.from)?;
    let number = collections.comment(&place, version, &new, &errand.occasion()).await?;
    Ok((StatusCode::CREATED, Json(CommentReceipt { number })).into_response())
}

/// An answer as it comes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "对一条批注的答复")]
pub(in crate::web) struct WrittenAnswer {
    text: String,
}

/// 答复批注
#[utoipa::path(
    post, path = "/api/collections/{collection}/units/{unit}/comments/{comment}/answers", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码"), ("comment" = i64, Path, description = "批注的编号")),
    request_body(content = ref("#/components/schemas/WrittenAnswer"), content_type = "application/json"),
    responses(
        (status = 201, description = "答复的编号", body = ref("#/components/schemas/CommentReceipt")),
        (status = 400, description = "内容读不懂", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这条批注，或者不归您管", body = ref("#/components/schemas/Said")),
        (status = 422, description = "没有写内容，或者太长", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn answer(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path((collection, unit, comment)): Path<(String, String, String)>,
    written: Result<Json<WrittenAnswer>, JsonRejection>,
) -> Result<Response, Refusal> {
    let collections = &service.office()?.collections;
    let Json(WrittenAnswer { text }) = written.map_err(bad_json)?;
    let place = SubmissionPlace { collection: &collection, unit: &unit };
    let comment = comment.parse().map_err(|_| Refusal::not_found())?;
    let errand = Errand::of(&visitor, access.from)?;
    let number = collections.answer(&place, comment, &text, &errand.occasion()).await?;
    Ok((StatusCode::CREATED, Json(CommentReceipt { number })).into_response())
}

/// Whether a comment is attended to.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "一条批注处理了没有")]
pub(in crate::web) struct CommentPatch {
    #[schemars(description = "true 已处理，false 改为未处理")]
    is_resolved: bool,
}

/// 标明批注处理了没有
#[utoipa::path(
    patch, path = "/api/collections/{collection}/units/{unit}/comments/{comment}", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码"), ("comment" = i64, Path, description = "批注的编号")),
    request_body(content = ref("#/components/schemas/CommentPatch"), content_type = "application/json"),
    responses(
        (status = 200, description = "现在的批注", body = ref("#/components/schemas/Comment")),
        (status = 400, description = "内容读不懂", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这条批注，或者不归您管", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn resolve(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path((collection, unit, comment)): Path<(String, String, String)>,
    patch: Result<Json<CommentPatch>, JsonRejection>,
) -> Result<Json<Comment>, Refusal> {
    let collections = &service.office()?.collections;
    let Json(CommentPatch { is_resolved }) = patch.map_err(bad_json)?;
    let place = SubmissionPlace { collection: &collection, unit: &unit };
    let comment = comment.parse().map_err(|_| Refusal::not_found())?;
    let errand = Errand::of(&visitor, access.from)?;
    collections.resolve(&place, comment, is_resolved, &errand.occasion()).await?;
    let known = collections.comments(&place).await?.into_iter().find(|one| one.number == comment);
    Ok(Json(known.ok_or(CollectionRefusal::Unknown("批注"))?))
}
