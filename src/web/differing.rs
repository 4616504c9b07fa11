//! In what two reports differ, over HTTP.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use schemars::JsonSchema;
use serde_json::{Map, Value};

use super::Service;
use super::answer::{Refusal, json};
use super::reports::readable;
use crate::workers::Question;

/// Two reports, as far as they are written. A worker reads them.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
pub(super) struct ComparisonWish {
    before: Map<String, Value>,
    report: Map<String, Value>,
}

/// 比较两份报告
///
/// 请求的内容：before 是原来的报告，report 是现在的，没有写完的都可以；少了一份的，按还没有写算。回答逐个栏目的不同，改写的标出改了哪些字；什么也不保存。
#[utoipa::path(
    post, path = "/api/difference", tag = "报告",
    request_body(content = ref("#/components/schemas/ComparisonWish"), content_type = "application/json"),
    responses(
        (status = 200, description = "各处不同，依报告的次序", body = ref("#/components/schemas/FieldDifferences")),
        (status = 400, description = "读不懂：不是文本，或不合格式的写法", body = ref("#/components/schemas/Diagnostics")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 413, description = "超过 8 MiB", body = ref("#/components/schemas/Diagnostics")),
        (status = 415, description = "不认识内容的格式", body = ref("#/components/schemas/Said")),
        (status = 422, description = "不是由字段组成的报告，或者处理时程序中断", body = ref("#/components/schemas/Diagnostics")),
        (status = 503, description = "正在处理的报告太多，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
        (status = 504, description = "在规定的时间内没有处理完", body = ref("#/components/schemas/Diagnostics")),
    )
)]
pub(super) async fn compare(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let (format, bytes) = readable(&headers, body)?;
    Ok(json(service.ask(Question::Compare { format }, bytes, None).await?))
}
