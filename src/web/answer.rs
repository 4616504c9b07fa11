//! What the service answers when it does not answer with what was asked for.

use std::borrow::Cow;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::diagnostic::{Class, Diagnostic, Failed, class_of};
use crate::intake::BatchRefusal;
use crate::jobs;
use crate::workers::{Answer, Rejection};

/// Seconds after which a full line has most likely moved on.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("2");

/// How the token may be borne; a browser asks its user for the second.
const CHALLENGE: HeaderValue = HeaderValue::from_static(r#"Bearer, Basic realm="nianbao", charset="UTF-8""#);

/// Why a request is not fulfilled.
pub(super) enum Refusal {
    /// The report is at fault; the body is the array of its diagnostics.
    Report(Vec<Diagnostic>),
    /// Anything else; the body says what and what next.
    Other(StatusCode, Said),
    /// The same of what passes; the program tells after how long it may be tried again.
    Later(StatusCode, Said, Duration),
}

/// A sentence on what happened, and one on what to do.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(description = "发生了什么，接下来怎么办")]
pub(super) struct Said {
    pub(super) message: Cow<'static, str>,
    pub(super) hint: &'static str,
}

impl Refusal {
    pub(super) fn busy() -> Self {
        Self::other(StatusCode::SERVICE_UNAVAILABLE, "正在生成的报告太多", "请过几秒再试")
    }

    pub(super) fn broken() -> Self {
        Self::other(
            StatusCode::INTERNAL_SERVER_ERROR,
            "程序出错，没有完成",
            "请把响应头里的 x-request-id 告诉管理员",
        )
    }

    pub(super) fn not_found() -> Self {
        Self::other(StatusCode::NOT_FOUND, "没有这个地址", "可用的地址见 /api/openapi.json")
    }

    /// A form that is none of the page's.
    pub(super) fn bad_form() -> Self {
        Self::other(StatusCode::BAD_REQUEST, "表单的内容不对", "请刷新页面，再填一次")
    }

    /// JSON that is not what was asked for.
    pub(super) fn bad_json() -> Self {
        let hint = "请在 Content-Type 里写 application/json；各栏见 /api/openapi.json";
        Self::other(StatusCode::BAD_REQUEST, "内容不是所要的 JSON", hint)
    }

    pub(super) fn interrupted() -> Self {
        Self::other(StatusCode::BAD_REQUEST, "内容没有传完", "请重新发送")
    }

    /// What keeps the service from attending to batches, and passes when a person has mended it.
    pub(super) fn away(cause: jobs::Cause) -> Self {
        let (status, message, hint) = match cause {
            jobs::Cause::DiskFull => (
                StatusCode::INSUFFICIENT_STORAGE,
                "服务器的磁盘已满，没有收下",
                "请管理员清理磁盘，腾出地方后再试；已经收下的会自动接着做",
            ),
            jobs::Cause::Database => (
                StatusCode::SERVICE_UNAVAILABLE,
                "数据库暂时用不了：连不上，或者正被别的程序占着",
                "请过一会儿再试；一直这样的，请管理员检查数据库。已经收下的会自动接着做",
            ),
            jobs::Cause::Store | jobs::Cause::Unknown => (
                StatusCode::SERVICE_UNAVAILABLE,
                "存放成果的地方暂时用不了：连不上，或者不让读写",
                "请过一会儿再试；一直这样的，请管理员检查存放成果的地方。已经收下的会自动接着做",
            ),
        };
        Self::Later(status, Said { message: message.into(), hint }, Duration::from_secs(10))
    }

    pub(super) fn other(status: StatusCode, message: &'static str, hint: &'static str) -> Self {
        Self::Other(status, Said { message: message.into(), hint })
    }
}

impl From<BatchRefusal> for Refusal {
    fn from(refused: BatchRefusal) -> Self {
        let (status, hint) = match &refused {
            BatchRefusal::Unreadable { .. } | BatchRefusal::NotAZip(_) => {
                (StatusCode::BAD_REQUEST, "请检查文件是否完整，再重新上传")
            }
            BatchRefusal::TooMany(_) | BatchRefusal::TooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, "请分成几批上传")
            }
            BatchRefusal::Bomb(_) => (StatusCode::PAYLOAD_TOO_LARGE, "请检查这些文件，改好后重新打包上传"),
            _ => (StatusCode::UNPROCESSABLE_ENTITY, "请改好后重新上传"),
        };
        Self::Other(status, Said { message: refused.to_string().into(), hint })
    }
}

impl From<jobs::JobFailure> for Refusal {
    fn from(error: jobs::JobFailure) -> Self {
        if let jobs::JobFailure::Ended(reason) = error {
            let said = Said { message: reason.into(), hint: "请回到“成批生成”，重新上传" };
            return Self::Other(StatusCode::CONFLICT, said);
        }
        tracing::error!(%error, "a batch could not be attended to");
        match error.cause() {
            jobs::Cause::Unknown => Self::broken(),
            cause => Self::away(cause),
        }
    }
}

/// For pages.
impl Refusal {
    /// The status, what happened, and what to do.
    pub(super) fn words(&self) -> (StatusCode, String, String) {
        match self {
            Self::Report(found) => {
                let first = found.first().map(|one| (one.message.clone(), one.hint.clone()));
                let (message, hint) = first.unwrap_or_default();
                (status(class_of(found)), message, hint)
            }
            Self::Other(status, said) | Self::Later(status, said, _) => {
                (*status, said.message.to_string(), said.hint.to_owned())
            }
        }
    }
}

/// What is to be known of a file beside it.
const FINDINGS: HeaderName = HeaderName::from_static("nianbao-findings");

/// Tells what was found beside a file that was made all the same, as the list that a refusal would be. A header
/// bears nothing but ASCII, and few of them: so it is for what the program says of its own work.
pub(super) fn tell_along(response: &mut Response, found: &[Diagnostic]) -> Result<(), Refusal> {
    if !found.is_empty() {
        let list = serde_json::to_string(found).map_err(|_| Refusal::broken())?;
        let list = HeaderValue::try_from(in_ascii(&list)).map_err(|_| Refusal::broken())?;
        response.headers_mut().insert(FINDINGS, list);
    }
    Ok(())
}

/// The same JSON, in which only what stands within texts can be otherwise.
fn in_ascii(json: &str) -> String {
    let mut plain = String::with_capacity(json.len() * 2);
    for character in json.chars() {
        match character.is_ascii() {
            true => plain.push(character),
            false => {
                let mut units = [0; 2];
                let units = character.encode_utf16(&mut units).iter();
                units.for_each(|unit| plain += &format!("\\u{unit:04x}"));
            }
        }
    }
    plain
}

/// What a worker answered, which is JSON already.
pub(super) fn json(answer: Answer) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], answer.bytes).into_response()
}

/// What a worker answered, to go on with.
pub(super) fn understood<T: DeserializeOwned>(answer: &Answer) -> Result<T, Refusal> {
    serde_json::from_slice(&answer.bytes).map_err(|error| {
        tracing::error!(%error, "a worker's answer is not understood");
        Refusal::broken()
    })
}

impl From<Rejection> for Refusal {
    fn from(turned: Rejection) -> Self {
        match turned {
            Rejection::Away => Self::busy(),
            Rejection::Failed(error) => {
                tracing::error!(%error, "there is no worker");
                Self::broken()
            }
        }
    }
}

impl From<Failed> for Refusal {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Report(diagnostics) => Self::Report(diagnostics),
            Failed::Program(error) => {
                tracing::error!(%error, "a report could not be made");
                Self::broken()
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Report(found) => (status(class_of(&found)), Json(found)).into_response(),
            Self::Other(status, said) => {
                let mut response = (status, Json(said)).into_response();
                match status {
                    StatusCode::SERVICE_UNAVAILABLE => {
                        response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
                    }
                    StatusCode::UNAUTHORIZED => {
                        response.headers_mut().insert(header::WWW_AUTHENTICATE, CHALLENGE);
                    }
                    _ => {}
                }
                response
            }
            Self::Later(status, said, wait) => {
                // Rounded up, or the client comes too early.
                let seconds = wait.as_secs() + u64::from(0 < wait.subsec_nanos());
                (status, [(header::RETRY_AFTER, seconds.to_string())], Json(said)).into_response()
            }
        }
    }
}

/// The status of an answer that tells what was found.
pub(super) fn status(class: Class) -> StatusCode {
    match class {
        Class::Unreadable => StatusCode::BAD_REQUEST,
        Class::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Class::Wrong | Class::Broken => StatusCode::UNPROCESSABLE_ENTITY,
        Class::Late => StatusCode::GATEWAY_TIMEOUT,
        Class::Program => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
