//! The digest of a report over HTTP: what it offers, and what was made of it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::header;
use axum::response::Response;
use serde::Deserialize;

use super::Service;
use super::answer::{Refusal, json, tell_along};
use super::reports::{ALONE, attachment, report_and_choice};
use crate::sheets::DigestForm;
use crate::workers::Question;

/// What a request for a digest may ask for besides.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DigestWishes {
    /// 做成什么：pdf 一页纸（A4），png、svg 手机长图（宽 1080 像素），html 网页，docx 供修改的 Word 文件，txt 见报的文字，list 列出可用的句子和数字（JSON），标明选了哪些
    #[serde(default)]
    #[param(value_type = Option<String>, default = "pdf", pattern = "^(pdf|png|svg|html|docx|txt|list)$")]
    format: DigestFormat,
}

/// A file, by the ending of its name, or the list of what there is to choose from.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
enum DigestFormat {
    File(DigestForm),
    List,
}

impl Default for DigestFormat {
    fn default() -> Self {
        Self::File(DigestForm::Pdf)
    }
}

impl TryFrom<String> for DigestFormat {
    type Error = String;

    /// What is none of them is told in the words of serde, which `parameters` knows.
    fn try_from(word: String) -> Result<Self, String> {
        match DigestForm::from_extension(&word) {
            Some(form) => Ok(Self::File(form)),
            None if word == "list" => Ok(Self::List),
            None => {
                let known = DigestForm::ALL.map(|form| format!("`{}`", form.extension())).join(", ");
                Err(format!("unknown variant `{word}`, expected one of {known}, `list`"))
            }
        }
    }
}

/// A report and what was chosen of it, for the interface's description.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only described; the form is read part by part")]
pub(super) struct DigestOrder {
    /// 报告
    #[schema(value_type = String, format = Binary)]
    report: Vec<u8>,
    /// 选择：format=list 列出、改好的；不写就用程序提议的
    #[schema(value_type = Option<String>, format = Binary)]
    choice: Option<Vec<u8>>,
}

/// 由报告做成绩单
///
/// 请求的内容是一份报告；要自己选句子和数字的，先用 `format=list` 列出，改好 chosen 和 headline，再用
/// multipart/form-data 把报告（report）和选择（choice）一起发来，合计不超过 8 MiB。句子和数字都取自报告，不会改写。
/// 报告可以有缺项；有密级标志、个人信息的不做。
#[utoipa::path(
    post, path = "/api/digest", tag = "报告", params(DigestWishes),
    request_body(content((ref("#/components/schemas/Report") = "application/json"), (ref("#/components/schemas/Report") = "application/yaml"), (ref("#/components/schemas/Report") = "application/toml"), (DigestOrder = "multipart/form-data"))),
    responses(
        (status = 200, description = "成绩单，或者可用的句子和数字", headers(
            ("Nianbao-Findings" = Option<String>, description = "有要说明的（如见报的文字放不下全部句子）：问题的列表（JSON，只有 ASCII 字符）"),
        ), content(
            (Vec<u8> = "application/pdf"),
            (Vec<u8> = "image/png"),
            (String = "image/svg+xml"),
            (String = "text/html"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (String = "text/plain"),
            (ref("#/components/schemas/DigestChoice") = "application/json"),
        )),
        (status = 400, description = "读不懂：不是文本，或不合格式的写法", body = ref("#/components/schemas/Diagnostics")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 413, description = "超过 8 MiB", body = ref("#/components/schemas/Diagnostics")),
        (status = 415, description = "不认识内容的格式", body = ref("#/components/schemas/Said")),
        (status = 422, description = "报告读不进来、不能公开，选择的内容不在报告里，或者处理时程序中断", body = ref("#/components/schemas/Diagnostics")),
        (status = 500, description = "程序或模板有误", body = ref("#/components/schemas/Diagnostics")),
        (status = 503, description = "正在处理的报告太多，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
        (status = 504, description = "在规定的时间内没有处理完", body = ref("#/components/schemas/Diagnostics")),
    )
)]
pub(super) async fn make(
    State(service): State<Arc<Service>>,
    wishes: Result<Query<DigestWishes>, QueryRejection>,
    request: Request,
) -> Result<Response, Refusal> {
    let Query(DigestWishes { format }) = wishes.map_err(Refusal::of_query)?;
    let (report, choice) = report_and_choice(request).await?;
    let DigestFormat::File(form) = format else {
        return Ok(json(
            service.ask(Question::DigestOffer { format: report.format }, report.bytes, None).await?,
        ));
    };
    let (format, length) = (report.format, report.bytes.len());
    let question =
        Question::Digest { format, length, choice: choice.as_ref().map(|choice| choice.format), form };
    let body = match choice {
        Some(choice) => Bytes::from([report.bytes, choice.bytes].concat()),
        None => report.bytes,
    };
    let made = service.ask(question, body, None).await?;
    let mut response = attachment(&made.name, form.extension(), form.media_type(), made.bytes);
    if matches!(form, DigestForm::Html | DigestForm::Svg) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, ALONE);
    }
    tell_along(&mut response, &made.findings)?;
    Ok(response)
}
