//! Documents over HTTP: any document in, one of the contract out, with an account of how.

use std::str::FromStr;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Service;
use super::answer::Refusal;
use crate::import::{Account, Given, import, too_large};

/// What the one who imports knows and the document need not say.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Known {
    /// 报告年度，文件里没有写时填
    year: Option<String>,
    /// 单位全称，文件里没有写时填
    issuer: Option<String>,
    /// 成文日期，文件里没有写时填，如 2025-02-20
    date: Option<String>,
}

/// A document of the contract, and how it was made.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(description = "导入的结果")]
pub(super) struct Made {
    /// 报告或工作计划；文件里没有说的字段，这里也没有
    document: Value,
    account: Account,
}

/// 导入文件
///
/// 请求的内容是一份文件：文本（UTF-8 或 GB18030）、网页（HTML）、Word 文档（.docx），或者生成时附带了内容的 PDF；
/// 是哪一种看内容，不看 Content-Type。回答报告（或工作计划）和导入的情况。
#[utoipa::path(
    post, path = "/api/import", tag = "报告", params(Known),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "报告或工作计划，和导入的情况", body = ref("#/components/schemas/Made")),
        (status = 400, description = "读不懂：加密、损坏，或者没有附带内容的 PDF", body = ref("#/components/schemas/Diagnostics")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 413, description = "超过 32 MiB，或展开后大得不正常", body = ref("#/components/schemas/Diagnostics")),
        (status = 422, description = "不是报告、计划或有关的文章", body = ref("#/components/schemas/Diagnostics")),
        (status = 503, description = "正在生成的报告太多，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn take(
    State(service): State<Arc<Service>>,
    known: Result<Query<Known>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Made>, Refusal> {
    let Query(known) = known.map_err(|_| Refusal::bad_query())?;
    let given = Given { year: value(known.year)?, issuer: value(known.issuer)?, date: value(known.date)? };
    let bytes = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::Report(vec![too_large()]),
        _ => Refusal::interrupted(),
    })?;
    let imported = service.presses.run(move |_| import(&bytes, &given)).await??;
    Ok(Json(Made { document: imported.document, account: imported.account }))
}

/// A value of the report from the query.
fn value<T: FromStr>(written: Option<String>) -> Result<Option<T>, Refusal> {
    written.map(|written| written.parse()).transpose().map_err(|_| Refusal::bad_query())
}
