//! Finished PDFs over HTTP: one in, what was measured out.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;

use super::Service;
use super::answer::{Refusal, json};
use crate::conform::{CLAUSES, Clause, Strictness};
use crate::workers::Question;

/// What a request to measure may ask for besides.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MeasureWishes {
    /// 用代用字体排的也算不合格
    #[serde(default)]
    #[param(default = false)]
    strict_fonts: bool,
}

/// 逐条检查 PDF 的版式
///
/// 请求的内容是一份 PDF，谁做的都可以。回答 GB/T 9704-2012 每一条的要求、实测和结论。
#[utoipa::path(
    post, path = "/api/conform", tag = "版式", params(MeasureWishes),
    request_body(content = Vec<u8>, content_type = "application/pdf"),
    responses(
        (status = 200, description = "每一条的实测和结论", body = ref("#/components/schemas/Conformance")),
        (status = 400, description = "不是 PDF 文件，或已加密、已损坏", body = ref("#/components/schemas/Diagnostics")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 413, description = "超过 64 MiB", body = ref("#/components/schemas/Said")),
        (status = 415, description = "Content-Type 不是 application/pdf", body = ref("#/components/schemas/Said")),
        (status = 422, description = "处理时程序中断，文件可能已损坏", body = ref("#/components/schemas/Diagnostics")),
        (status = 504, description = "在规定的时间内没有处理完", body = ref("#/components/schemas/Diagnostics")),
        (status = 503, description = "正在生成的报告太多，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn measure(
    State(service): State<Arc<Service>>,
    wishes: Result<Query<MeasureWishes>, QueryRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let Query(wishes) = wishes.map_err(Refusal::of_query)?;
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next()).map(str::trim);
    if media_type != Some("application/pdf") {
        return Err(Refusal::not_pdf_media_type());
    }
    let bytes = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::pdf_too_large(),
        _ => Refusal::interrupted(),
    })?;
    let strictness = if wishes.strict_fonts { Strictness::OfficialFaces } else { Strictness::Usual };
    Ok(json(service.ask(Question::Conform { strictness }, bytes, None).await?))
}

/// 版式检查的条款
#[utoipa::path(
    get, path = "/api/conform", tag = "版式",
    responses((status = 200, description = "GB/T 9704-2012 的条款和要求", body = ref("#/components/schemas/Clauses")))
)]
pub(super) async fn clauses() -> Json<&'static [Clause]> {
    Json(&CLAUSES)
}

/// What is refused here.
impl Refusal {
    fn not_pdf_media_type() -> Self {
        let hint = "请在 Content-Type 里写 application/pdf";
        Self::other(StatusCode::UNSUPPORTED_MEDIA_TYPE, "不认识内容的格式", hint)
    }

    fn pdf_too_large() -> Self {
        Self::other(StatusCode::PAYLOAD_TOO_LARGE, "PDF 文件太大", "请只检查一份报告，不超过 64 MiB")
    }
}
