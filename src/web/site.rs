//! What the service says of itself: schema, templates, interface, health.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::Service;
use super::answer::Refusal;
use super::frame::{self, RefusalPage};
use super::reports::workbook_attachment;
use crate::input::{self, Format};
use crate::intake::workbook;
use crate::jobs;
use crate::report::{DocumentKind, Report, contract};
use crate::template::Template;
use crate::workers::Question;
use axum::http::StatusCode;

/// 报告格式的 JSON Schema
#[utoipa::path(get, path = "/api/schema", tag = "格式", responses((status = 200, description = "JSON Schema（draft 2020-12）", content_type = "application/schema+json", body = serde_json::Value)))]
pub(super) async fn schema() -> Response {
    schema_of(DocumentKind::Report)
}

/// 模板所排文种的 JSON Schema
#[utoipa::path(
    get, path = "/api/templates/{name}/schema", tag = "格式",
    params(("name" = String, Path, description = "模板的名称")),
    responses(
        (status = 200, description = "JSON Schema（draft 2020-12）", content_type = "application/schema+json", body = serde_json::Value),
        (status = 404, description = "没有这个模板", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn template_schema(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let template = service.templates.find(&name).ok_or_else(Refusal::not_found)?;
    Ok(schema_of(template.manifest.document))
}

fn schema_of(kind: DocumentKind) -> Response {
    ([(header::CONTENT_TYPE, "application/schema+json")], contract::schema(kind).to_string()).into_response()
}

/// A template, as it is told of.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "一个模板")]
pub(super) struct TemplateView {
    name: String,
    title: String,
    description: String,
    #[schemars(description = "样例的地址")]
    sample: String,
    #[schemars(description = "写法的地址")]
    schema: String,
}

/// How the service is.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "服务的情况")]
pub(super) struct HealthView {
    #[schemars(description = "live 在运行，ready 能接受报告")]
    status: &'static str,
}

/// 可用的模板
#[utoipa::path(get, path = "/api/templates", tag = "格式", responses((status = 200, description = "模板的列表", body = ref("#/components/schemas/Templates"))))]
pub(super) async fn templates(State(service): State<Arc<Service>>) -> Json<Vec<TemplateView>> {
    let all = service.templates.iter();
    let view = |template: &Template| TemplateView {
        name: template.manifest.name.clone(),
        title: template.manifest.title.clone(),
        description: template.manifest.description.clone(),
        sample: format!("/api/templates/{}/sample", template.manifest.name),
        schema: format!("/api/templates/{}/schema", template.manifest.name),
    };
    Json(all.map(view).collect())
}

/// 模板的样例报告（YAML）
#[utoipa::path(
    get, path = "/api/templates/{name}/sample", tag = "格式",
    params(("name" = String, Path, description = "模板的名称")),
    responses(
        (status = 200, description = "一份完整的报告", content_type = "application/yaml", body = String),
        (status = 404, description = "没有这个模板", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn sample(
    State(service): State<Arc<Service>>,
    Path(name): Path<String>,
) -> Result<Response, Refusal> {
    let template = service.templates.find(&name).ok_or_else(Refusal::not_found)?;
    Ok(([(header::CONTENT_TYPE, "application/yaml; charset=utf-8")], template.sample.clone()).into_response())
}

/// The workbook that units fill in, to take along.
pub(super) async fn blank_workbook(State(service): State<Arc<Service>>) -> Result<Response, Refusal> {
    let template = service.templates.find("annual-report").ok_or_else(Refusal::not_found)?;
    let sample = input::read::<Report>(template.sample.as_bytes(), Format::Yaml)?.value;
    let list = service.indicators.clone();
    let made = tokio::task::spawn_blocking(move || workbook::blank(&sample, &list)).await;
    let bytes = made.map_err(|_| Refusal::broken())?;
    Ok(workbook_attachment("法治政府建设年度报告征集表.xlsx", bytes))
}

/// 本接口的 OpenAPI 3.1 说明
#[utoipa::path(get, path = "/api/openapi.json", tag = "格式", responses((status = 200, description = "OpenAPI 3.1", body = ref("#/components/schemas/OpenApiDocument"))))]
pub(super) async fn openapi(State(service): State<Arc<Service>>) -> Json<Value> {
    Json(service.openapi.clone())
}

/// 服务是否在运行
#[utoipa::path(get, path = "/health/live", tag = "运行", security(()), responses((status = 200, description = "在运行", body = ref("#/components/schemas/HealthView"))))]
pub(super) async fn live() -> Json<HealthView> {
    Json(HealthView { status: "live" })
}

/// 服务能否接受报告
#[utoipa::path(
    get, path = "/health/ready", tag = "运行", security(()),
    responses(
        (status = 200, description = "能", body = ref("#/components/schemas/HealthView")),
        (status = 503, description = "正在生成的报告太多，磁盘已满，或者数据库、存放成果的地方用不了", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn ready(State(service): State<Arc<Service>>) -> Result<Json<HealthView>, Refusal> {
    // A worker that answers is the proof: it has read faces and templates when it started.
    let question = Question::read(Format::Json);
    service.ask(question, Bytes::from_static(b"{\"year\": 2024}"), None).await?;
    if let Some(jobs) = &service.jobs
        && let Some(cause) = jobs.away().await
    {
        return Err(Refusal::not_ready(cause));
    }
    Ok(Json(HealthView { status: "ready" }))
}

/// Nothing has this address. Programs ask below `/api`, people everywhere else.
pub(super) async fn not_found(State(service): State<Arc<Service>>, address: Uri) -> Response {
    if address.path() == "/api" || address.path().starts_with("/api/") {
        return Refusal::not_found().into_response();
    }
    frame::draw(RefusalPage::from(Refusal::no_such_page()).into_response(), None, service.office.is_some())
}

pub(super) async fn method_not_allowed() -> Refusal {
    Refusal::method_not_allowed()
}

/// What is refused here.
impl Refusal {
    fn no_such_page() -> Self {
        let hint = "请核对网址有没有抄错，或者点左上角的“年报”，从首页重新打开";
        Self::other(StatusCode::NOT_FOUND, "没有这个页面", hint)
    }

    fn method_not_allowed() -> Self {
        Self::other(
            StatusCode::METHOD_NOT_ALLOWED,
            "这个地址不接受这种请求",
            "可用的请求见 /api/openapi.json",
        )
    }

    /// The same for whoever asks whether the service is ready.
    fn not_ready(cause: jobs::Cause) -> Self {
        match Self::away(cause) {
            Self::Later(_, said, seconds) => Self::Later(StatusCode::SERVICE_UNAVAILABLE, said, seconds),
            refused => refused,
        }
    }
}
