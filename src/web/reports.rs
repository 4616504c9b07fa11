//! Reports over HTTP: one in, its PDF or its findings out.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::Service;
use super::answer::Refusal;
use crate::diagnostic::{Diagnostic, Failed};
use crate::export::Target;
use crate::input::{self, Format};
use crate::pipeline::{Job, Made, render, review};
use crate::report::Edition;
use crate::template::Purpose;

/// What a request for a report may ask for besides.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wishes {
    /// 有错误也生成，每页印上“草稿”，标出空缺
    #[serde(default)]
    #[param(default = false)]
    draft: bool,
    /// 生成哪种版本：public 公开版，formal 报送版；不写则按报告所写
    #[param(value_type = Option<String>)]
    edition: Option<Edition>,
}

/// 生成报告的 PDF
///
/// 请求的内容是一份报告，格式由 Content-Type 说明。报告有错误时不生成，回答全部问题。
#[utoipa::path(
    post, path = "/api/reports", tag = "报告", params(Wishes),
    request_body(content((ref("#/components/schemas/Report") = "application/json"), (ref("#/components/schemas/Report") = "application/yaml"), (ref("#/components/schemas/Report") = "application/toml"))),
    responses(
        (status = 200, description = "PDF 文件", content_type = "application/pdf", body = Vec<u8>),
        (status = 400, description = "读不懂：不是文本，或不合格式的写法", body = ref("#/components/schemas/Diagnostics")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 413, description = "超过 8 MiB", body = ref("#/components/schemas/Diagnostics")),
        (status = 415, description = "不认识内容的格式", body = ref("#/components/schemas/Said")),
        (status = 422, description = "报告有错误：问题的列表", body = ref("#/components/schemas/Diagnostics")),
        (status = 503, description = "正在生成的报告太多，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn make(
    State(service): State<Arc<Service>>,
    wishes: Result<Query<Wishes>, QueryRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let Query(wishes) = wishes.map_err(|_| Refusal::bad_query())?;
    let (format, bytes) = readable(&headers, body)?;
    let purpose = if wishes.draft { Purpose::Draft } else { Purpose::Issue };
    let edition = wishes.edition;
    let made = service.presses.run(move |press| {
        render(&Job { bytes: &bytes, format, edition, purpose, target: Target::Pdf }, press)
    });
    let Made { name, artifact } = made.await??.value.made;
    let disposition = content_disposition(&name, artifact.extension);
    Ok((
        [(header::CONTENT_TYPE, artifact.media_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)],
        artifact.bytes,
    )
        .into_response())
}

/// 检查报告
///
/// 回答全部问题的列表；没有问题时是空的列表。
#[utoipa::path(
    post, path = "/api/check", tag = "报告", params(Wishes),
    request_body(content((ref("#/components/schemas/Report") = "application/json"), (ref("#/components/schemas/Report") = "application/yaml"), (ref("#/components/schemas/Report") = "application/toml"))),
    responses(
        (status = 200, description = "问题的列表", body = ref("#/components/schemas/Diagnostics")),
        (status = 400, description = "读不懂：不是文本，或不合格式的写法", body = ref("#/components/schemas/Diagnostics")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 413, description = "超过 8 MiB", body = ref("#/components/schemas/Diagnostics")),
        (status = 415, description = "不认识内容的格式", body = ref("#/components/schemas/Said")),
        (status = 503, description = "正在生成的报告太多，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn check(
    State(service): State<Arc<Service>>,
    wishes: Result<Query<Wishes>, QueryRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Vec<Diagnostic>>, Refusal> {
    let Query(wishes) = wishes.map_err(|_| Refusal::bad_query())?;
    let (format, bytes) = readable(&headers, body)?;
    let reviewed = service.presses.run(move |press| review(&bytes, format, wishes.edition, press)).await?;
    match reviewed {
        Ok(reviewed) => Ok(Json(reviewed.warnings)),
        // Findings are what was asked for; only what cannot be read at all is refused.
        Err(Failed::Report(found))
            if !found.iter().any(|diagnostic| input::is_unreadable(diagnostic.code)) =>
        {
            Ok(Json(found))
        }
        Err(failed) => Err(failed.into()),
    }
}

/// The body and its format, or why it cannot be read.
fn readable(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<(Format, Bytes), Refusal> {
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let format = Format::from_media_type(content_type).ok_or_else(Refusal::unsupported_media_type)?;
    let bytes = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::Report(vec![input::too_large()]),
        _ => Refusal::interrupted(),
    })?;
    Ok((format, bytes))
}

/// A file name in Chinese for new clients, and one in ASCII for old ones (RFC 6266).
fn content_disposition(name: &str, extension: &str) -> String {
    const ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');
    format!(
        "attachment; filename=\"report.{extension}\"; filename*=UTF-8''{}",
        utf8_percent_encode(name, ATTRIBUTE)
    )
}
