//! This year's report over HTTP, begun from last year's.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::Response;

use super::Service;
use super::answer::{Refusal, json};
use super::reports::readable;
use crate::workers::Question;

/// 由上年的报告开始
///
/// 请求的内容是上年的报告，没有写完的也可以。回答下一年度报告的开头（report：单位、版式、指标的上年数值等，各部分的文字空着），和上年的安排（tasks：一份工作计划，要逐项报告的）。
#[utoipa::path(
    post, path = "/api/carry", tag = "报告",
    request_body(content((serde_json::Value = "application/json"), (serde_json::Value = "application/yaml"), (serde_json::Value = "application/toml")), description = "上年的报告"),
    responses(
        (status = 200, description = "下一年度报告的开头，和上年的安排", body = ref("#/components/schemas/BegunReport")),
        (status = 400, description = "读不懂：不是文本，或不合格式的写法", body = ref("#/components/schemas/Diagnostics")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 413, description = "超过 8 MiB", body = ref("#/components/schemas/Diagnostics")),
        (status = 415, description = "不认识内容的格式", body = ref("#/components/schemas/Said")),
        (status = 422, description = "还不成其为报告：没有报告年度；或者处理时程序中断", body = ref("#/components/schemas/Diagnostics")),
        (status = 503, description = "正在处理的报告太多，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
        (status = 504, description = "在规定的时间内没有处理完", body = ref("#/components/schemas/Diagnostics")),
    )
)]
pub(super) async fn carry(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let (format, bytes) = readable(&headers, body)?;
    Ok(json(service.ask(Question::Carry { format }, bytes, None).await?))
}
