//! What comes out of a collection, for programs: the archive of what was accepted, and what is compiled of it.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::paging::{ListPart, wanted};
use crate::accounts::Visitor;
use crate::collections::MissingUnit;
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::Refusal;
use crate::web::batches::Progress;
use crate::web::collections::outcome::{CompiledFile, archived, found};
use crate::web::tags::{FileTag, tagged};

/// What there is to take out, and a page of those whose reports are missing.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "通过了多少份，还缺哪些单位的")]
pub(in crate::web) struct OutcomeView {
    #[schemars(description = "通过了多少份")]
    accepted: usize,
    #[schemars(description = "问了多少个单位")]
    asked: usize,
    #[schemars(description = "没有通过的报告的单位，这一页的")]
    missing: Vec<MissingUnit>,
    #[schemars(description = "没有通过的报告的单位一共多少个")]
    total: usize,
}

/// 通过了的报告
///
/// 通过了多少份；没有通过的报告的单位，按代码排列，分页列出。
#[utoipa::path(
    get, path = "/api/collections/{collection}/archive", tag = "征集",
    params(ListPart, ("collection" = String, Path, description = "征集的编号")),
    responses(
        (status = 200, description = "份数，和这一页的单位", body = ref("#/components/schemas/OutcomeView")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这次征集", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn outcome(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    part: Result<Query<ListPart>, QueryRejection>,
) -> Result<Response, Refusal> {
    let ListPart { offset, limit } = wanted(part)?;
    let collections = &service.office()?.collections;
    found(&service, &id).await?;
    let counts = collections.state_counts(&id).await?;
    let asked = counts.iter().map(|(_, count)| usize::try_from(*count).unwrap_or_default()).sum();
    let missing = collections.not_accepted(&id).await?;
    let total = missing.len();
    let accepted = usize::saturating_sub(asked, total);
    let missing = missing.into_iter().skip(offset).take(limit).collect();
    tagged(&headers, &OutcomeView { accepted, asked, missing, total })
}

/// 生成全部通过的报告
///
/// 作为一批在后台生成，没有报送的单位列在清单里；进度和成果（ZIP）见 Location 所指的地址。正在生成的时候再要同样的，回答同一批。
#[utoipa::path(
    post, path = "/api/collections/{collection}/archive", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号")),
    responses(
        (status = 202, description = "正在生成", body = ref("#/components/schemas/Progress"), headers(("Location" = String, description = "这一批的地址"))),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这次征集，或者这个服务不成批生成", body = ref("#/components/schemas/Said")),
        (status = 409, description = "还没有通过的报告", body = ref("#/components/schemas/Said")),
        (status = 503, description = "正在生成的批数太多，或者数据库、存放成果的地方用不了；Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
        (status = 507, description = "服务器的磁盘已满", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn archive(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let batch = archived(&service, &visitor, access, &id).await?;
    let headers = [(header::LOCATION, format!("/api/batches/{}", batch.id))];
    Ok((StatusCode::ACCEPTED, headers, Json(Progress::of(&batch, service.jobs()?))).into_response())
}

/// Whose report is begun.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct CompilationWish {
    /// 汇编成谁的报告：本级单位的全称
    issuer: String,
}

/// 汇编草稿
///
/// 由各单位通过的报告汇编的本级报告的草稿（YAML）：指标合计和同比、各领域的举措、多个单位都有的问题，每句注明出处。
#[utoipa::path(
    get, path = "/api/collections/{collection}/compilation.yaml", tag = "征集",
    params(CompilationWish, ("collection" = String, Path, description = "征集的编号")),
    responses(
        (status = 200, description = "草稿", content_type = "application/yaml", body = String),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这次征集", body = ref("#/components/schemas/Said")),
        (status = 409, description = "还没有通过的报告", body = ref("#/components/schemas/Said")),
        (status = 413, description = "报告合起来太长", body = ref("#/components/schemas/Said")),
        (status = 422, description = "没有写本级单位的全称", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn compilation(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    headers: HeaderMap,
    wish: Result<Query<CompilationWish>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(CompilationWish { issuer }) = wish.map_err(Refusal::of_query)?;
    let file = CompiledFile::draft(&service, &id, &issuer).await?;
    handed_over(&service, &visitor, access, &id, &headers, file).await
}

/// 指标汇总
///
/// 各单位通过的报告里的指标，按单位和年度，一个 Excel 文件。
#[utoipa::path(
    get, path = "/api/collections/{collection}/compilation.xlsx", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号")),
    responses(
        (status = 200, description = "指标汇总", content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这次征集", body = ref("#/components/schemas/Said")),
        (status = 409, description = "还没有通过的报告", body = ref("#/components/schemas/Said")),
        (status = 413, description = "报告合起来太长", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn indicators(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let file = CompiledFile::indicators(&service, &id).await?;
    handed_over(&service, &visitor, access, &id, &headers, file).await
}

/// Hands a file over to whoever does not have it yet.
async fn handed_over(
    service: &Service,
    visitor: &Visitor,
    access: Access,
    id: &str,
    headers: &HeaderMap,
    file: CompiledFile,
) -> Result<Response, Refusal> {
    let tag = FileTag::of(&file.bytes)?;
    match tag.known(headers) {
        Some(known) => Ok(known),
        None => Ok(tag.on(file.handed_over(service, visitor, access, id).await?)),
    }
}
