//! A version for programs: its files, what was found in it, and in what it differs from others.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::paging::{ListPart, demand_limit, usual, wanted};
use crate::accounts::Visitor;
use crate::collections::{Collections, SubmissionPlace};
use crate::diagnostic::Diagnostic;
use crate::difference::{FieldDifference, differences};
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::Refusal;
use crate::web::collections::desk::{UnitDesk, UnitPath};
use crate::web::collections::review::tree;
use crate::web::collections::version_files::{VersionFile, number_of};
use crate::web::tags::{FileTag, tagged};

/// What a version is held against, where it is last year's report.
const LAST_YEAR: &str = "last-year";

/// 一稿
///
/// 怎样来的、谁报送的、检查的结果有多少、文件的 SHA-256、审签。
#[utoipa::path(
    get, path = "/api/collections/{collection}/units/{unit}/versions/{version}", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码"), ("version" = i64, Path, description = "第几稿")),
    responses(
        (status = 200, description = "这一稿", body = ref("#/components/schemas/Version")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 404, description = "没有这一稿，或者不归您管", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn version(
    State(service): State<Arc<Service>>,
    Path((collection, unit, version)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let place = SubmissionPlace { collection: &collection, unit: &unit };
    tagged(&headers, &service.office()?.collections.version(&place, number_of(&version)?).await?)
}

/// 一稿的文件
///
/// 报送的内容（input，JSON），和两种版本的 PDF（public、formal）；发出以前与报送时记下的 SHA-256 核对。
#[utoipa::path(
    get, path = "/api/collections/{collection}/units/{unit}/versions/{version}/files/{file}", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码"), ("version" = i64, Path, description = "第几稿"), ("file" = String, Path, description = "input 报送的内容，public 公开版，formal 报送版")),
    responses(
        (status = 200, description = "文件", content((Vec<u8> = "application/pdf"), (ref("#/components/schemas/ReportTree") = "application/json"))),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 404, description = "没有这一稿或者这种文件，或者不归您管", body = ref("#/components/schemas/Said")),
        (status = 422, description = "这种版本没有存，现在也不能生成：问题的列表", body = ref("#/components/schemas/Diagnostics")),
    )
)]
pub(in crate::web) async fn version_file(
    State(service): State<Arc<Service>>,
    Path((collection, unit, version, file)): Path<(String, String, String, String)>,
    visitor: Extension<Visitor>,
    access: Access,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let number = number_of(&version)?;
    let desk = UnitDesk::open(&service, &UnitPath { collection, unit }, &visitor, access).await?;
    let file = VersionFile::find(&service, &desk, number, &file).await?;
    let tag = FileTag::of(&file.bytes)?;
    match tag.known(&headers) {
        Some(known) => Ok(known),
        None => Ok(tag.on(file.handed_over(&desk, &method, number).await?)),
    }
}

/// A page of what was found in a version.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "报送时检查的结果的一页")]
pub(in crate::web) struct FindingList {
    findings: Vec<Diagnostic>,
    #[schemars(description = "一共多少处")]
    total: usize,
}

/// 一稿的检查结果
///
/// 报送的时候查出的问题；警告为什么保留，见这一稿的 warning_reason。
#[utoipa::path(
    get, path = "/api/collections/{collection}/units/{unit}/versions/{version}/findings", tag = "征集",
    params(ListPart, ("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码"), ("version" = i64, Path, description = "第几稿")),
    responses(
        (status = 200, description = "这一页的问题", body = ref("#/components/schemas/FindingList")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这一稿，或者不归您管", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn findings(
    State(service): State<Arc<Service>>,
    Path((collection, unit, version)): Path<(String, String, String)>,
    headers: HeaderMap,
    part: Result<Query<ListPart>, QueryRejection>,
) -> Result<Response, Refusal> {
    let ListPart { offset, limit } = wanted(part)?;
    let place = SubmissionPlace { collection: &collection, unit: &unit };
    let found = service.office()?.collections.findings(&place, number_of(&version)?).await?;
    let found: Vec<Diagnostic> = serde_json::from_str(&found).map_err(|error| {
        tracing::error!(%error, "the findings of a version are no JSON");
        Refusal::broken()
    })?;
    let total = found.len();
    tagged(&headers, &FindingList { findings: found.into_iter().skip(offset).take(limit).collect(), total })
}

/// With what a version is compared, and which part of the differences is asked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct DifferenceWish {
    /// 与哪一份比较：第几稿，或者 last-year 上年的报告；不写的与前一稿
    with: Option<String>,
    /// 跳过前面多少个
    #[serde(default)]
    offset: usize,
    /// 一页多少个，最多 500
    #[serde(default = "usual")]
    #[param(default = 100, minimum = 1, maximum = 500)]
    limit: usize,
}

/// A page of the differences.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "不同之处的一页，依报告的次序")]
pub(in crate::web) struct VersionDifferences {
    differences: Vec<FieldDifference>,
    #[schemars(description = "一共多少处")]
    total: usize,
}

/// 一稿与别的有什么不同
///
/// 与前一稿、指明的一稿或者上年的报告相比，逐个栏目的不同，改写的标出改了哪些字。
#[utoipa::path(
    get, path = "/api/collections/{collection}/units/{unit}/versions/{version}/differences", tag = "征集",
    params(DifferenceWish, ("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码"), ("version" = i64, Path, description = "第几稿")),
    responses(
        (status = 200, description = "这一页的不同之处", body = ref("#/components/schemas/VersionDifferences")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这一稿，或者没有可比的，或者不归您管", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn version_differences(
    State(service): State<Arc<Service>>,
    Path((collection, unit, version)): Path<(String, String, String)>,
    headers: HeaderMap,
    wish: Result<Query<DifferenceWish>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(DifferenceWish { with, offset, limit }) = wish.map_err(Refusal::of_query)?;
    demand_limit(limit)?;
    let place = SubmissionPlace { collection: &collection, unit: &unit };
    let collections = &service.office()?.collections;
    let number = number_of(&version)?;
    let report = collections.input(&place, number).await?;
    let before = before(collections, &place, number, with.as_deref()).await?;
    // Long reports take a moment to be held against each other.
    let found = spawn_blocking(move || Ok::<_, Refusal>(differences(&tree(&before)?, &tree(&report)?)));
    let found = found.await.map_err(|_| Refusal::broken())??;
    let total = found.len();
    let differences = found.into_iter().skip(offset).take(limit).collect();
    tagged(&headers, &VersionDifferences { differences, total })
}

/// What a version is held against.
async fn before(
    collections: &Collections,
    place: &SubmissionPlace<'_>,
    number: i64,
    with: Option<&str>,
) -> Result<String, Refusal> {
    let other = match with {
        Some(LAST_YEAR) => {
            let last = collections.attachments(place.collection, place.unit).await?.last_report;
            return last.map(|file| file.document).ok_or_else(Refusal::without_last_year);
        }
        Some(written) => written.parse().map_err(|_| {
            Refusal::bad_parameter("with", format_args!("稿次（一个整数），或者 {LAST_YEAR}"))
        })?,
        None if number <= 1 => return Err(Refusal::without_version_before()),
        None => number - 1,
    };
    Ok(collections.input(place, other).await?)
}

/// What is refused here.
impl Refusal {
    fn without_version_before() -> Self {
        let hint = "与上年的报告比较，请写 with=last-year";
        Self::other(StatusCode::NOT_FOUND, "这是第一稿，没有前一稿可比", hint)
    }
}
