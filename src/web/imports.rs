//! Documents over HTTP: any document in, one of the contract out, with an account of how.

use std::str::FromStr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::Service;
use super::answer::{Refusal, json};
use crate::import::{TrackedChanges, too_large};
use crate::report::{Choice, Date, Name, Unfit, Year};
use crate::workers::Question;

/// The longest name of a file that is looked at, in bytes.
const LONGEST_NAME: usize = 1000;

/// What the one who imports knows and the document need not say.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ImportWishes {
    /// 报告年度，文件里没有写时填
    #[param(pattern = "^(20[0-9]{2})?$")]
    year: Option<String>,
    /// 单位全称，文件里没有写时填
    issuer: Option<String>,
    /// 成文日期，文件里没有写时填，如 2025-02-20
    #[param(pattern = "^(20[0-9]{2}-[0-9]{2}-[0-9]{2})?$")]
    date: Option<String>,
    /// 文件名，里面可能写着文字里没有的标题和年度，如 临江区2024年法治政府建设年度报告.docx
    #[param(max_length = 300)]
    file_name: Option<String>,
    /// Word 文档里的修订：accept 接受（默认），reject 拒绝
    #[param(pattern = "^(accept|reject)?$")]
    changes: Option<String>,
}

/// 导入文件
///
/// 请求的内容是一份文件：文本（UTF-8 或 GB18030）、网页（HTML）、Word 文档（.docx），或者生成时附带了内容的 PDF、OFD；
/// 是哪一种看内容，不看 Content-Type。回答报告（或工作计划）和导入的情况。
#[utoipa::path(
    post, path = "/api/import", tag = "报告", params(ImportWishes),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "报告或工作计划，和导入的情况", body = ref("#/components/schemas/Made")),
        (status = 400, description = "读不懂：加密、损坏，或者没有附带内容的 PDF、OFD", body = ref("#/components/schemas/Diagnostics")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 413, description = "超过 32 MiB，或展开后大得不正常", body = ref("#/components/schemas/Diagnostics")),
        (status = 422, description = "不是报告、计划或有关的文章，或者处理时程序中断", body = ref("#/components/schemas/Diagnostics")),
        (status = 503, description = "正在生成的报告太多，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
        (status = 504, description = "在规定的时间内没有处理完", body = ref("#/components/schemas/Diagnostics")),
    )
)]
pub(super) async fn take(
    State(service): State<Arc<Service>>,
    known: Result<Query<ImportWishes>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let Query(known) = known.map_err(Refusal::of_query)?;
    // What is left empty in a form is not known.
    let written = |value: Option<String>| value.filter(|value| !value.is_empty());
    let known = ImportWishes {
        year: written(known.year),
        issuer: written(known.issuer),
        date: written(known.date),
        file_name: written(known.file_name),
        changes: written(known.changes),
    };
    demand::<Year>("year", &known.year)?;
    demand::<Name>("issuer", &known.issuer)?;
    demand::<Date>("date", &known.date)?;
    let bytes = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::Report(vec![too_large()]),
        _ => Refusal::interrupted(),
    })?;
    let ImportWishes { year, issuer, date, file_name, changes } = known;
    let tracked_changes = match changes.as_deref().map(TrackedChanges::of_word) {
        None => TrackedChanges::default(),
        Some(Some(wished)) => wished,
        Some(None) => return Err(Refusal::of_address("网址里的参数 changes 应为 accept 或 reject")),
    };
    let file_name = file_name.filter(|name| name.len() <= LONGEST_NAME);
    let question = Question::Import { year, issuer, date, file_name, tracked_changes };
    Ok(json(service.ask(question, bytes, None).await?))
}

/// Refuses what is no value of the report.
fn demand<T: FromStr<Err = Unfit>>(name: &str, written: &Option<String>) -> Result<(), Refusal> {
    match written.as_ref().map(|written| written.parse::<T>()) {
        Some(Err(Unfit(why))) => Err(Refusal::of_address(&format!("网址里的参数 {name} {why}"))),
        _ => Ok(()),
    }
}
