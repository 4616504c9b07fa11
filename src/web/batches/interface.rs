//! Batches for programs: uploaded, followed, fetched.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream, StreamExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::progress::{Progress, place};
use super::uploads::{BatchForm, changes, idempotency_key, is_form, papers, upload_of_body, upload_of_form};
use super::{LARGEST_PAGE, PAGE};
use crate::accounts::Visitor;
use crate::batch::further_papers;
use crate::jobs::{Availability, Batch, BatchState, Download, Effect, Upload};
use crate::report::Edition;
use crate::web::Service;
use crate::web::answer::Refusal;
use crate::web::answer::Said;
use crate::web::presence::Presence;
use crate::web::reports::content_disposition;

/// How often the state of a batch is looked at for those who follow it.
const LOOK: Duration = Duration::from_millis(300);

/// A page of the list of batches.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "成批的报告，新的在前")]
pub(in crate::web) struct BatchList {
    batches: Vec<Progress>,
    #[schemars(description = "下一页的地址，没有更多时为空")]
    next: Option<String>,
}

/// What an upload may ask for besides.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct BeginWishes {
    /// 全部生成哪种版本：public 公开版，formal 报送版；不写则按各报告所写
    #[param(value_type = Option<String>, pattern = "^(public|formal)$")]
    edition: Option<Edition>,
    /// 每份报告另外还做：formal 报送版、public 公开版、review-sheet 审核意见表、draft 有错误的先出草稿、word Word 文件、html 网页、ofd OFD 文件；几种用逗号隔开
    also: Option<String>,
    /// Word 文档里的修订：accept 接受（默认），reject 拒绝
    #[param(pattern = "^(accept|reject)$")]
    changes: Option<String>,
    /// 文件名，给人看；不写 Content-Type 时也由它的后缀看出格式
    name: Option<String>,
    /// 写 false 则先不生成，查看各单位的问题之后再开始；一天之内没有开始的会删除
    #[serde(default = "at_once")]
    #[param(default = true)]
    start: bool,
}

fn at_once() -> bool {
    true
}

/// 成批生成
///
/// 请求的内容是一个 ZIP 压缩包（里面是各单位报来的：报告文件、填好的征集表、Word 文档、网页、附带内容的 PDF 和 OFD，可以混放）、每行一份报告的 JSON Lines 文件，或填好的征集表；
/// 也可以用 multipart/form-data 发来，放在名为 batch 的一项里；名录、上年的报告、工作计划和指标目录也各放一项，
/// 结果与 nianbao batch 的 --roster、--last-year、--plan、--indicators 相同。先检查能不能生成，随后在后台生成，
/// 进度见 Location 所指的地址。重复发送时请带同一个 Idempotency-Key，就不会生成两批。
#[utoipa::path(
    post, path = "/api/batches", tag = "成批",
    params(BeginWishes, ("Idempotency-Key" = Option<String>, Header, description = "由发送者取的一个名字，重复发送时不变，最长 255 个字符")),
    request_body(content((Vec<u8> = "application/zip"), (String = "application/jsonl"), (BatchForm = "multipart/form-data"))),
    responses(
        (status = 202, description = "已收下，正在生成；同一个 Idempotency-Key 已经收下过的，回答那一批", body = ref("#/components/schemas/Progress"), headers(("Location" = String, description = "这一批的地址"))),
        (status = 400, description = "没有传完，或不是完整的压缩包", body = ref("#/components/schemas/Said")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "这个服务不成批生成", body = ref("#/components/schemas/Said")),
        (status = 413, description = "超过 512 MiB，或解开后太大、太多", body = ref("#/components/schemas/Said")),
        (status = 415, description = "不认识内容的格式", body = ref("#/components/schemas/Said")),
        (status = 422, description = "里面没有报告，文件名不安全，名录或指标目录有误，或 Idempotency-Key 已用于另一批", body = ref("#/components/schemas/Said")),
        (status = 503, description = "正在生成的批数太多，或者数据库、存放成果的地方用不了；Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
        (status = 507, description = "服务器的磁盘已满", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn begin(
    State(service): State<Arc<Service>>,
    wishes: Result<Query<BeginWishes>, QueryRejection>,
    request: Request,
) -> Result<Response, Refusal> {
    let Query(wishes) = wishes.map_err(Refusal::of_query)?;
    let jobs = service.jobs()?;
    let idempotency_key = idempotency_key(request.headers())?;
    let upload = match is_form(request.headers()) {
        true => upload_of_form(&service, request).await?,
        false => upload_of_body(jobs, wishes.name.as_deref(), request).await?,
    };
    let edition = wishes.edition.or(upload.edition);
    let also = wishes.also.as_deref().map(|words| papers(words.as_bytes())).transpose()?.unwrap_or_default();
    let also = further_papers(&[also, upload.also].concat(), edition);
    let mut upload = Upload { edition, also, idempotency_key, start: wishes.start, ..upload };
    if let Some(word) = &wishes.changes {
        upload.expectation.tracked_changes = changes(word.as_bytes())?;
    }
    let batch = super::accept(jobs, upload).await?;
    let progress = Progress::of(&batch, jobs);
    let headers = [(header::LOCATION, place(&batch.id))];
    Ok((StatusCode::ACCEPTED, headers, Json(progress)).into_response())
}

/// Where the list begins and how long it is.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct ListWishes {
    /// 一页多少批，最多 100
    #[serde(default = "page")]
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: usize,
    /// 从哪一批之后列起：上一页最后一批的编号
    after: Option<String>,
}

fn page() -> usize {
    PAGE
}

/// 成批的报告
///
/// 新的在前，分页列出。
#[utoipa::path(
    get, path = "/api/batches", tag = "成批", params(ListWishes),
    responses(
        (status = 200, description = "一页", body = ref("#/components/schemas/BatchList")),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "这个服务不成批生成", body = ref("#/components/schemas/Said")),
        (status = 503, description = "数据库或存放成果的地方用不了，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn list(
    State(service): State<Arc<Service>>,
    wishes: Result<Query<ListWishes>, QueryRejection>,
) -> Result<Json<BatchList>, Refusal> {
    let Query(ListWishes { limit, after }) = wishes.map_err(Refusal::of_query)?;
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(Refusal::bad_parameter("limit", format_args!("1 至 {LARGEST_PAGE} 的整数")));
    }
    let jobs = service.jobs()?;
    // One more than is shown tells whether there are more.
    let mut found = jobs.list(after.as_deref(), limit + 1).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more);
    Ok(Json(BatchList {
        next: next.map(|last| format!("/api/batches?limit={limit}&after={}", last.id)),
        batches: found.iter().map(|batch| Progress::of(batch, jobs)).collect(),
    }))
}

/// 一批报告的进度
#[utoipa::path(
    get, path = "/api/batches/{id}", tag = "成批", params(("id" = String, Path, description = "这一批的编号")),
    responses(
        (status = 200, description = "状态和份数", body = ref("#/components/schemas/Progress")),
        (status = 404, description = "没有这一批，或已删除", body = ref("#/components/schemas/Said")),
        (status = 503, description = "数据库或存放成果的地方用不了，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn show(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
) -> Result<Json<Progress>, Refusal> {
    let jobs = service.jobs()?;
    let batch = super::find(jobs, &id).await?;
    Ok(Json(Progress::of(&batch, jobs).in_full(jobs).await?))
}

/// 跟随一批报告的进度
///
/// 以服务器推送事件（SSE）发来：进度有变化时发 progress，做完或取消时发 end，内容都与进度的回答相同。
#[utoipa::path(
    get, path = "/api/batches/{id}/events", tag = "成批", params(("id" = String, Path, description = "这一批的编号")),
    responses(
        (status = 200, description = "事件", content_type = "text/event-stream", body = String),
        (status = 404, description = "没有这一批，或已删除", body = ref("#/components/schemas/Said")),
        (status = 503, description = "数据库或存放成果的地方用不了，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn events(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refusal> {
    let jobs = service.jobs()?.clone();
    super::find(&jobs, &id).await?;
    let stopped = {
        let jobs = jobs.clone();
        async move { jobs.stopped().await }
    };
    let presence = Presence::of(&service, &visitor, &headers)?;
    let events = stream::unfold(Some((jobs, id, presence, None)), async |state| {
        let (jobs, id, mut presence, last) = state?;
        let (event, progress) = loop {
            if last.is_some() && !presence.stays(LOOK).await {
                return None;
            }
            // One that was removed meanwhile, and a database that is gone, end it; the client asks anew.
            let batch = jobs.batch(&id).await.ok()??;
            let progress = Progress::of(&batch, &jobs);
            match batch.ended_at {
                Some(_) => break ("end", progress),
                None if last.as_ref() != Some(&progress) => break ("progress", progress),
                None => {}
            }
        };
        let sent = Event::default().event(event).json_data(&progress).unwrap_or_default();
        let state = (event != "end").then_some((jobs, id, presence, Some(progress)));
        Some((Ok(sent), state))
    });
    Ok(Sse::new(events.take_until(Box::pin(stopped))).keep_alive(KeepAlive::default()))
}

/// 一批报告的成果
///
/// 一个 ZIP：各单位的 PDF，没有生成的单位的原因，清单.csv 和 manifest.json。
#[utoipa::path(
    get, path = "/api/batches/{id}/result.zip", tag = "成批", params(("id" = String, Path, description = "这一批的编号")),
    responses(
        (status = 200, description = "ZIP 文件", content_type = "application/zip", body = Vec<u8>),
        (status = 404, description = "没有这一批，或已删除", body = ref("#/components/schemas/Said")),
        (status = 409, description = "还没有做完，或已取消", body = ref("#/components/schemas/Said")),
        (status = 503, description = "成果丢失或损坏了，正在重新生成，或者数据库、存放成果的地方用不了；Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn result(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let (batch, download) = archive(&service, &id).await?;
    let stem = stem(&batch);
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_LENGTH, download.length.to_string()),
        (
            header::CONTENT_DISPOSITION,
            content_disposition(&format!("{stem}-法治政府建设年度报告.zip"), "zip"),
        ),
    ];
    Ok((headers, Body::from_stream(download.parts)).into_response())
}

/// The archive of a batch, or why it has none now.
pub(super) async fn archive(service: &Service, id: &str) -> Result<(Box<Batch>, Download), Refusal> {
    match service.jobs()?.archive(id).await? {
        Effect::Done(Availability::Archive(batch, download)) => Ok((batch, download)),
        Effect::Done(Availability::Remade) => Err(Refusal::remade()),
        Effect::Unknown => Err(Refusal::no_such_batch()),
        Effect::NotNow(state) => Err(Refusal::no_result(state)),
    }
}

/// What files of a batch are called after.
pub(super) fn stem(batch: &Batch) -> &str {
    batch.name.rsplit_once('.').map_or(batch.name.as_str(), |(stem, _)| stem)
}

/// 取消或删除一批报告
///
/// 正在生成的，取消；已经做完或取消的，连同成果一起删除。
#[utoipa::path(
    delete, path = "/api/batches/{id}", tag = "成批", params(("id" = String, Path, description = "这一批的编号")),
    responses(
        (status = 200, description = "已取消", body = ref("#/components/schemas/Progress")),
        (status = 204, description = "已删除"),
        (status = 404, description = "没有这一批，或已删除", body = ref("#/components/schemas/Said")),
        (status = 503, description = "数据库或存放成果的地方用不了，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
        (status = 507, description = "服务器的磁盘已满", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn delete(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let jobs = service.jobs()?;
    match super::delete(jobs, &id).await? {
        Some(cancelled) => Ok(Json(Progress::of(&cancelled, jobs)).into_response()),
        None => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}

/// 开始生成
///
/// 上传时写了 start=false 的，由此开始。
#[utoipa::path(
    post, path = "/api/batches/{id}/start", tag = "成批", params(("id" = String, Path, description = "这一批的编号")),
    responses(
        (status = 202, description = "正在生成", body = ref("#/components/schemas/Progress")),
        (status = 404, description = "没有这一批，或已删除", body = ref("#/components/schemas/Said")),
        (status = 409, description = "已经开始或结束", body = ref("#/components/schemas/Said")),
        (status = 503, description = "正在生成的批数太多，或者数据库、存放成果的地方用不了；Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
        (status = 507, description = "服务器的磁盘已满", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn start(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let jobs = service.jobs()?;
    let batch = super::start(jobs, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(Progress::of(&batch, jobs))).into_response())
}

/// 重试没有生成的单位
///
/// 只重新生成没有生成的；已经生成的不动。
#[utoipa::path(
    post, path = "/api/batches/{id}/retry", tag = "成批", params(("id" = String, Path, description = "这一批的编号")),
    responses(
        (status = 202, description = "正在重试", body = ref("#/components/schemas/Progress")),
        (status = 404, description = "没有这一批，或已删除", body = ref("#/components/schemas/Said")),
        (status = 409, description = "没有可重试的：还在生成，已取消，或全部已经生成", body = ref("#/components/schemas/Said")),
        (status = 503, description = "数据库或存放成果的地方用不了，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
        (status = 507, description = "服务器的磁盘已满", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn retry(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let jobs = service.jobs()?;
    let batch = super::retry(jobs, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(Progress::of(&batch, jobs))).into_response())
}

/// What is refused here.
impl Refusal {
    fn no_result(state: BatchState) -> Self {
        match state {
            BatchState::Uploaded => Self::other(StatusCode::CONFLICT, "这一批还没有开始", "请先开始生成"),
            BatchState::Cancelled => {
                Self::other(StatusCode::CONFLICT, "这一批已取消，没有成果", "需要的话请重新上传")
            }
            _ => Self::other(StatusCode::CONFLICT, "这一批还没有做完", "请做完后再取；进度见这一批的地址"),
        }
    }

    fn remade() -> Self {
        let said = Said {
            message: "这一批的成果在存放处丢失或损坏了，正在重新生成".into(),
            hint: "请过几分钟再取；进度见这一批的地址",
        };
        Self::Later(StatusCode::SERVICE_UNAVAILABLE, said, Duration::from_secs(30))
    }
}
