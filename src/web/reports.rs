//! Reports over HTTP: one in, its PDF or its findings out.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Extension, FromRequest, Multipart, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::Service;
use super::answer::{Refusal, json};
use super::settings::settings_for;
use crate::accounts::Visitor;
use crate::export::Target;
use crate::input::{self, Format};
use crate::intake::DocumentForm;
use crate::report::Edition;
use crate::template::{Purpose, WordFaces};
use crate::workers::{Assignment, Enclosures, Outcome, Question};

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
    #[param(value_type = Option<String>, pattern = "^(public|formal)$")]
    edition: Option<Edition>,
    /// 把报告的内容附在 PDF（PDF/A-3）或者 OFD 里，以后可以原样导入
    #[serde(default)]
    #[param(default = false)]
    attach_source: bool,
    /// 按哪一次征集的检查设置：它的编号
    collection: Option<String>,
}

/// 生成报告的 PDF、OFD、Word 文件或网页
///
/// 请求的内容是一份报告，或者一份工作计划（template 写 work-plan），格式由 Content-Type 说明。Accept 写
/// application/vnd.openxmlformats-officedocument.wordprocessingml.document 的生成 Word 文件，写 text/html 的生成网页，
/// 写 application/ofd 的生成 OFD 文件，其他的生成 PDF；写了几种的，取最想要的一种。有错误时不生成，回答全部问题。
#[utoipa::path(
    post, path = "/api/reports", tag = "报告", params(Wishes),
    request_body(content((ref("#/components/schemas/Report") = "application/json"), (ref("#/components/schemas/Report") = "application/yaml"), (ref("#/components/schemas/Report") = "application/toml"))),
    responses(
        (status = 200, description = "PDF 文件，或者 OFD 文件、Word 文件、网页", content(
            (Vec<u8> = "application/pdf"),
            (Vec<u8> = "application/ofd"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (String = "text/html"),
        )),
        (status = 400, description = "读不懂：不是文本，或不合格式的写法", body = ref("#/components/schemas/Diagnostics")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这个征集", body = ref("#/components/schemas/Said")),
        (status = 413, description = "超过 8 MiB", body = ref("#/components/schemas/Diagnostics")),
        (status = 415, description = "不认识内容的格式", body = ref("#/components/schemas/Said")),
        (status = 422, description = "报告有错误，或者生成时程序中断：问题的列表", body = ref("#/components/schemas/Diagnostics")),
        (status = 500, description = "程序或模板有误", body = ref("#/components/schemas/Diagnostics")),
        (status = 503, description = "正在生成的报告太多，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
        (status = 504, description = "在规定的时间内没有生成完", body = ref("#/components/schemas/Diagnostics")),
    )
)]
pub(super) async fn make(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    wishes: Result<Query<Wishes>, QueryRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let Query(wishes) = wishes.map_err(Refusal::of_query)?;
    let (format, bytes) = readable(&headers, body)?;
    let purpose = if wishes.draft { Purpose::Draft } else { Purpose::Issue };
    let target = match accepted(&headers) {
        target if wishes.attach_source => target.with_source(),
        target => target,
    };
    let settings = settings_for(&service, &visitor, wishes.collection.as_deref()).await?;
    let task = Assignment {
        edition: wishes.edition,
        purpose,
        target,
        settings: settings.into(),
        ..Assignment::of(DocumentForm::Contract(format))
    };
    let Outcome { told, bytes, .. } = service.make(task, bytes).await?;
    match told.made {
        Some(made) => Ok(made_file(&made.name, target, bytes)),
        None => Err(Refusal::Report(told.findings)),
    }
}

/// What a request accepts most: of several, the first that it wants as much as any.
fn accepted(headers: &HeaderMap) -> Target {
    let known = [Target::Pdf, Target::Word(WordFaces::default()), Target::Html, Target::Ofd];
    let ranges = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let wanted = ranges.flat_map(|value| value.split(',')).filter_map(|range| {
        let (media_type, parameters) = range.split_once(';').unwrap_or((range, ""));
        let weight = parameters.split(';').find_map(|one| one.trim().strip_prefix("q="));
        let weight =
            weight.map_or(Some(1.0), |weight| weight.parse::<f64>().ok()).filter(|weight| *weight > 0.0)?;
        let target = known
            .into_iter()
            .find(|target| essence(target.media_type()).eq_ignore_ascii_case(media_type.trim()))?;
        Some((weight, target))
    });
    let most = wanted.reduce(|most, other| if other.0 > most.0 { other } else { most });
    most.map_or(Target::Pdf, |(_, target)| target)
}

/// A media type without its parameters.
fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default()
}

/// What a form asks to be made of what it holds, if it asks for that.
pub(super) fn wanted(wish: &str) -> Option<(Purpose, Target)> {
    let word = Target::Word(WordFaces::default());
    match wish {
        "pdf" => Some((Purpose::Issue, Target::Pdf)),
        "draft" => Some((Purpose::Draft, Target::Pdf)),
        "word" => Some((Purpose::Issue, word)),
        "word-draft" => Some((Purpose::Draft, word)),
        "html" => Some((Purpose::Issue, Target::Html)),
        "html-draft" => Some((Purpose::Draft, Target::Html)),
        "ofd" => Some((Purpose::Issue, Target::Ofd)),
        "ofd-draft" => Some((Purpose::Draft, Target::Ofd)),
        _ => None,
    }
}

/// A document that was made, to be kept as a file. Opened all the same, a web page is nobody's here: what a
/// report says never runs, nor asks for anything, in the name of this service.
pub(super) fn made_file(name: &str, target: Target, bytes: Vec<u8>) -> Response {
    let mut response = attachment(name, target.extension(), target.media_type(), bytes);
    if target == Target::Html {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, ALONE);
    }
    response
}

/// What a browser lets a document do that stands alone: show itself.
pub(super) const ALONE: HeaderValue = HeaderValue::from_static(
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
);

/// What a request to check may ask for besides.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CheckWishes {
    /// 按哪种版本检查：public 公开版，formal 报送版；不写则按报告所写
    #[param(value_type = Option<String>, pattern = "^(public|formal)$")]
    edition: Option<Edition>,
    /// 结果的形式：json 问题的列表，sheet 审核意见表（PDF）
    #[serde(default)]
    #[param(value_type = Option<String>, default = "json", pattern = "^(json|sheet)$")]
    format: Form,
    /// 按哪一次征集的检查设置：它的编号
    collection: Option<String>,
}

/// How the findings are shown.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    #[default]
    Json,
    Sheet,
}

/// The documents of a request to check.
#[derive(Default)]
pub(super) struct Documents {
    pub report: Option<PostedDocument>,
    last_year: Option<PostedDocument>,
    plan: Option<PostedDocument>,
}

/// A document as it was sent.
pub(super) struct PostedDocument {
    pub format: Format,
    pub bytes: Bytes,
}

/// The documents as a form has them, for the interface's description.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only described; the form is read part by part")]
pub(super) struct CheckForm {
    /// 要检查的报告
    #[schema(value_type = String, format = Binary)]
    report: Vec<u8>,
    /// 上年的报告：比对照抄的段落和上年数值
    #[schema(value_type = Option<String>, format = Binary)]
    last_year: Option<Vec<u8>>,
    /// 本年的工作计划：找出没有下文的任务
    #[schema(value_type = Option<String>, format = Binary)]
    plan: Option<Vec<u8>>,
}

/// 检查报告
///
/// 回答全部问题的列表；没有问题时是空的列表。`format=sheet` 回答审核意见表（PDF）。
/// 要与上年的报告、本年的工作计划比对，请用 multipart/form-data 一起发来，几份合计不超过 8 MiB；
/// 每份的格式看它的 Content-Type 或文件名。
#[utoipa::path(
    post, path = "/api/check", tag = "报告", params(CheckWishes),
    request_body(content((ref("#/components/schemas/Report") = "application/json"), (ref("#/components/schemas/Report") = "application/yaml"), (ref("#/components/schemas/Report") = "application/toml"), (CheckForm = "multipart/form-data"))),
    responses(
        (status = 200, description = "问题的列表，或审核意见表", content((ref("#/components/schemas/Diagnostics") = "application/json"), (Vec<u8> = "application/pdf"))),
        (status = 400, description = "读不懂：不是文本，或不合格式的写法", body = ref("#/components/schemas/Diagnostics")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这个征集", body = ref("#/components/schemas/Said")),
        (status = 413, description = "超过 8 MiB", body = ref("#/components/schemas/Diagnostics")),
        (status = 415, description = "不认识内容的格式", body = ref("#/components/schemas/Said")),
        (status = 422, description = "上年的报告或工作计划读不进来；或者要审核意见表，而报告读不进来；或者处理时程序中断", body = ref("#/components/schemas/Diagnostics")),
        (status = 503, description = "正在生成的报告太多，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
        (status = 504, description = "在规定的时间内没有处理完", body = ref("#/components/schemas/Diagnostics")),
    )
)]
pub(super) async fn check(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    wishes: Result<Query<CheckWishes>, QueryRejection>,
    request: Request,
) -> Result<Response, Refusal> {
    let Query(CheckWishes { edition, format, collection }) = wishes.map_err(Refusal::of_query)?;
    let settings = settings_for(&service, &visitor, collection.as_deref()).await?;
    let (papers, body) = documents(request).await?.enclosed()?;
    match format {
        Form::Json => {
            let question = Question::Check { papers, edition }.under(settings);
            Ok(json(service.ask(question, body, None).await?))
        }
        Form::Sheet => {
            let question = Question::Sheet { papers, edition }.under(settings);
            let sheet = service.ask(question, body, None).await?;
            Ok(attachment(&sheet.name, "pdf", "application/pdf", sheet.bytes))
        }
    }
}

impl Documents {
    /// All of them as one body, and how it is to be taken apart.
    fn enclosed(self) -> Result<(Enclosures, Bytes), Refusal> {
        let report = self.report.ok_or_else(Refusal::without_report)?;
        let length = |document: &PostedDocument| (document.format, document.bytes.len());
        let papers = Enclosures {
            document: length(&report),
            last_year: self.last_year.as_ref().map(length),
            plan: self.plan.as_ref().map(length),
        };
        let beside: Vec<PostedDocument> = [self.last_year, self.plan].into_iter().flatten().collect();
        if beside.is_empty() {
            return Ok((papers, report.bytes));
        }
        let mut body = report.bytes.to_vec();
        beside.iter().for_each(|document| body.extend_from_slice(&document.bytes));
        Ok((papers, body.into()))
    }
}

/// The documents of a request: a report as its body, or a form with up to three.
pub(super) async fn documents(request: Request) -> Result<Documents, Refusal> {
    let [report, last_year, plan] =
        parts(request, ["report", "last_year", "plan"], Refusal::bad_documents).await?;
    Ok(Documents { report, last_year, plan })
}

/// A report as the body of a request, or in a form with what was chosen of it.
pub(super) async fn report_and_choice(
    request: Request,
) -> Result<(PostedDocument, Option<PostedDocument>), Refusal> {
    let [report, choice] = parts(request, ["report", "choice"], Refusal::bad_choice).await?;
    Ok((report.ok_or_else(Refusal::without_report)?, choice))
}

/// The documents of a request by their names in a form; what is no form is the first of them.
async fn parts<const COUNT: usize>(
    request: Request,
    names: [&str; COUNT],
    unfit: fn() -> Refusal,
) -> Result<[Option<PostedDocument>; COUNT], Refusal> {
    let mut documents = [const { None }; COUNT];
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_form = content_type
        .and_then(|value| value.get(..FORM.len()))
        .is_some_and(|start| start.eq_ignore_ascii_case(FORM));
    if !is_form {
        let headers = request.headers().clone();
        let (format, bytes) = readable(&headers, Bytes::from_request(request, &()).await)?;
        documents[0] = Some(PostedDocument { format, bytes });
        return Ok(documents);
    }
    let unread = |error: MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::Report(vec![input::too_large()]),
        _ => unfit(),
    };
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| unfit())?;
    while let Some(field) = form.next_field().await.map_err(unread)? {
        let place = names.iter().position(|name| field.name() == Some(name)).ok_or_else(unfit)?;
        if documents[place].replace(document(field).await.map_err(unread)?).is_some() {
            return Err(unfit());
        }
    }
    Ok(documents)
}

const FORM: &str = "multipart/form-data";

/// A part of a form. What sent it may know no better type than a stream of bytes; then the file's
/// name tells the format, or else what it looks like.
async fn document(field: Field<'_>) -> Result<PostedDocument, MultipartError> {
    let extension = field.file_name().and_then(|name| Some(name.rsplit_once('.')?.1));
    let by_name = extension.and_then(Format::from_extension);
    let format = field.content_type().and_then(Format::from_media_type).or(by_name);
    let bytes = field.bytes().await?;
    Ok(PostedDocument { format: format.unwrap_or_else(|| Format::guess(&bytes)), bytes })
}

/// A finished file to be saved under its name.
pub(super) fn attachment(name: &str, extension: &str, media_type: &str, bytes: Vec<u8>) -> Response {
    let disposition = content_disposition(name, extension);
    ([(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes)
        .into_response()
}

/// The media type of a workbook.
pub(super) const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A workbook to be saved under its name, ending and all.
pub(super) fn workbook_attachment(name: &str, bytes: Vec<u8>) -> Response {
    attachment(name, "xlsx", WORKBOOK, bytes)
}

/// The body and its format, or why it cannot be read. A form is none: programs call their files so
/// where nobody told them the format.
pub(super) fn readable(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(Format, Bytes), Refusal> {
    let format = format(headers).filter(|format| *format != Format::Form);
    Ok((format.ok_or_else(Refusal::unsupported_media_type)?, whole(body)?))
}

/// The body of a posted form.
pub(super) fn readable_form(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Bytes, Refusal> {
    if is_form(headers) { whole(body) } else { Err(Refusal::bad_form()) }
}

/// Whether the entries of a form come.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    format(headers) == Some(Format::Form)
}

fn format(headers: &HeaderMap) -> Option<Format> {
    Format::from_media_type(headers.get(header::CONTENT_TYPE)?.to_str().ok()?)
}

fn whole(body: Result<Bytes, BytesRejection>) -> Result<Bytes, Refusal> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::Report(vec![input::too_large()]),
        _ => Refusal::interrupted(),
    })
}

/// A file name in Chinese for new clients, and one in ASCII for old ones (RFC 6266).
pub(super) fn content_disposition(name: &str, extension: &str) -> String {
    const ATTRIBUTE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');
    format!(
        "attachment; filename=\"report.{extension}\"; filename*=UTF-8''{}",
        utf8_percent_encode(name, ATTRIBUTE)
    )
}

/// What is refused here.
impl Refusal {
    fn unsupported_media_type() -> Self {
        let hint = "请在 Content-Type 里写 application/json、application/yaml 或 application/toml";
        Self::other(StatusCode::UNSUPPORTED_MEDIA_TYPE, "不认识内容的格式", hint)
    }

    fn bad_documents() -> Self {
        let hint = "请用 multipart/form-data 发送 report，需要时加上 last_year 和 plan，各一份";
        Self::other(StatusCode::BAD_REQUEST, "表单的内容不对", hint)
    }

    fn bad_choice() -> Self {
        let hint = "请用 multipart/form-data 发送 report，自己选的加上 choice，各一份";
        Self::other(StatusCode::BAD_REQUEST, "表单的内容不对", hint)
    }

    pub(super) fn without_report() -> Self {
        Self::other(StatusCode::BAD_REQUEST, "表单里没有报告", "请把报告放在名为 report 的一项里")
    }
}
