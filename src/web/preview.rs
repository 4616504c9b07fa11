//! The pages of a report while it is being written, and files read as far as they go.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Extension, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::Service;
use super::answer::{Refusal, json};
use super::reports::readable;
use super::settings::settings_for;
use crate::accounts::Visitor;
use crate::workers::Question;

/// What whoever asks for pages has already.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PreviewWishes {
    /// 已有的各页的 hash，用逗号隔开；这些页不再发送
    #[serde(default)]
    #[param(default = "")]
    known: String,
    /// 草稿的代号，由发送者取：同一份草稿前后的预览由同一个排版进程做，快得多
    draft: Option<String>,
    /// 按哪一次征集的检查设置：它的编号
    collection: Option<String>,
}

/// 预览报告
///
/// 请求的内容是一份报告，没有写完、写错了也可以：缺少的必填项用栏目名代替。回答各页的画面（SVG），和各栏目在页上的位置。
#[utoipa::path(
    post, path = "/api/preview", tag = "报告", params(PreviewWishes),
    request_body(content((serde_json::Value = "application/json"), (serde_json::Value = "application/yaml"), (serde_json::Value = "application/toml")), description = "一份报告，没有写完的也可以"),
    responses(
        (status = 200, description = "各页，已有的只有 hash", body = ref("#/components/schemas/Preview")),
        (status = 400, description = "读不懂：不是文本，或不合格式的写法", body = ref("#/components/schemas/Diagnostics")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这个征集", body = ref("#/components/schemas/Said")),
        (status = 413, description = "超过 8 MiB", body = ref("#/components/schemas/Diagnostics")),
        (status = 415, description = "不认识内容的格式", body = ref("#/components/schemas/Said")),
        (status = 422, description = "还不能预览：没有报告年度，或者没有这个模板", body = ref("#/components/schemas/Diagnostics")),
        (status = 503, description = "正在生成的报告太多，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
        (status = 504, description = "在规定的时间内没有排完", body = ref("#/components/schemas/Diagnostics")),
    )
)]
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    wishes: Result<Query<PreviewWishes>, QueryRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let Query(PreviewWishes { known, draft, collection }) = wishes.map_err(Refusal::of_query)?;
    let (format, bytes) = readable(&headers, body)?;
    let known = known.split(',').map(str::to_owned).collect();
    let about = draft.map(|draft| {
        let mut hasher = DefaultHasher::new();
        draft.hash(&mut hasher);
        hasher.finish()
    });
    let settings = settings_for(&service, &visitor, collection.as_deref()).await?;
    let question = Question::Preview { format, known }.under(settings);
    Ok(json(service.ask(question, bytes, about).await?))
}

/// 对照事项指引
///
/// 请求的内容是一份报告，没有写完的也可以。回答指引里适用于报告单位的事项，各写在报告的哪里。用的是服务启动时 --guide 指明的指引，没有指明的是内置的。
#[utoipa::path(
    post, path = "/api/coverage", tag = "报告",
    request_body(content((serde_json::Value = "application/json"), (serde_json::Value = "application/yaml"), (serde_json::Value = "application/toml")), description = "一份报告，没有写完的也可以"),
    responses(
        (status = 200, description = "各个事项，和写到它的地方", body = ref("#/components/schemas/Coverage")),
        (status = 400, description = "读不懂：不是文本，或不合格式的写法", body = ref("#/components/schemas/Diagnostics")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 413, description = "超过 8 MiB", body = ref("#/components/schemas/Diagnostics")),
        (status = 415, description = "不认识内容的格式", body = ref("#/components/schemas/Said")),
        (status = 422, description = "还不成其为报告：没有报告年度；或者处理时程序中断", body = ref("#/components/schemas/Diagnostics")),
        (status = 503, description = "正在处理的报告太多，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
        (status = 504, description = "在规定的时间内没有处理完", body = ref("#/components/schemas/Diagnostics")),
    )
)]
pub(super) async fn cover(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let (format, bytes) = readable(&headers, body)?;
    Ok(json(service.ask(Question::Cover { format }, bytes, None).await?))
}

/// 找出正文里写到的指标
///
/// 请求的内容是一份报告，没有写完的也可以。回答导语、举措和履职情况里写到、拿得准的指标，各在哪一句；写了两个数的、说的是别的时间的不算。与导入时认指标用的是同一套办法。
#[utoipa::path(
    post, path = "/api/figures", tag = "报告",
    request_body(content((serde_json::Value = "application/json"), (serde_json::Value = "application/yaml"), (serde_json::Value = "application/toml")), description = "一份报告，没有写完的也可以"),
    responses(
        (status = 200, description = "各个指标，和写到它的地方", body = ref("#/components/schemas/StatedIndicators")),
        (status = 400, description = "读不懂：不是文本，或不合格式的写法", body = ref("#/components/schemas/Diagnostics")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 413, description = "超过 8 MiB", body = ref("#/components/schemas/Diagnostics")),
        (status = 415, description = "不认识内容的格式", body = ref("#/components/schemas/Said")),
        (status = 422, description = "还不成其为报告：没有报告年度；或者处理时程序中断", body = ref("#/components/schemas/Diagnostics")),
        (status = 503, description = "正在处理的报告太多，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
        (status = 504, description = "在规定的时间内没有处理完", body = ref("#/components/schemas/Diagnostics")),
    )
)]
pub(super) async fn state(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let (format, bytes) = readable(&headers, body)?;
    Ok(json(service.ask(Question::Stated { format }, bytes, None).await?))
}

/// 读入报告的文件
///
/// 回答文件里所写的各个字段，不管对不对；文字都是文字，数也写成文字。
#[utoipa::path(
    post, path = "/api/read", tag = "报告",
    request_body(content((serde_json::Value = "application/json"), (serde_json::Value = "application/yaml"), (serde_json::Value = "application/toml")), description = "一份报告，没有写完的也可以"),
    responses(
        (status = 200, description = "文件里的字段", body = ref("#/components/schemas/ReportTree")),
        (status = 400, description = "读不懂：不是文本，或不合格式的写法", body = ref("#/components/schemas/Diagnostics")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 413, description = "超过 8 MiB", body = ref("#/components/schemas/Diagnostics")),
        (status = 415, description = "不认识内容的格式", body = ref("#/components/schemas/Said")),
        (status = 422, description = "不是由字段组成的报告，或者处理时程序中断", body = ref("#/components/schemas/Diagnostics")),
    )
)]
pub(super) async fn read(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let (format, bytes) = readable(&headers, body)?;
    Ok(json(service.ask(Question::read(format), bytes, None).await?))
}
