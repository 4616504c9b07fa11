//! In what two reports differ, over HTTP.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::task::spawn_blocking;

use super::answer::Refusal;
use crate::difference::{FieldDifference, differences};

/// Two reports, as far as they are written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ComparisonWish {
    before: Map<String, Value>,
    report: Map<String, Value>,
}

/// 比较两份报告
///
/// 请求的内容：before 是原来的报告，report 是现在的，没有写完的都可以。回答逐个栏目的不同，改写的标出改了哪些字；什么也不保存。
#[utoipa::path(
    post, path = "/api/difference", tag = "报告",
    request_body(content = ref("#/components/schemas/ComparisonWish"), content_type = "application/json"),
    responses(
        (status = 200, description = "各处不同，依报告的次序", body = ref("#/components/schemas/FieldDifferences")),
        (status = 400, description = "内容不对", body = ref("#/components/schemas/Said")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 413, description = "超过 8 MiB", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn compare(
    sent: Result<Json<ComparisonWish>, JsonRejection>,
) -> Result<Json<Vec<FieldDifference>>, Refusal> {
    let Json(ComparisonWish { before, report }) = sent.map_err(unread)?;
    // What anybody sends may be long.
    let found = spawn_blocking(move || differences(&Value::Object(before), &Value::Object(report)));
    Ok(Json(found.await.map_err(|_| Refusal::broken())?))
}

/// What a body in JSON is refused for.
pub(super) fn unread(rejection: JsonRejection) -> Refusal {
    let message = match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => "内容超过 8 MiB",
        _ => "内容不对",
    };
    let status = match rejection.status() {
        StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
        status => status,
    };
    Refusal::other(status, message, "请发送 application/json，写法见 /api/openapi.json")
}
