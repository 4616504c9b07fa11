//! What the service answers when it does not answer with what was asked for.

use std::borrow::Cow;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::diagnostic::{Class, Diagnostic, Failed, class_of};
use crate::intake::BatchRefusal;
use crate::jobs::{self, BatchState};
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
    message: Cow<'static, str>,
    hint: &'static str,
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

    pub(super) fn without_token() -> Self {
        Self::other(
            StatusCode::UNAUTHORIZED,
            "没有访问令牌，或令牌不对",
            "程序请在 Authorization 请求头里写 Bearer 和令牌；用浏览器的请刷新页面，把令牌填作密码",
        )
    }

    pub(super) fn from_elsewhere() -> Self {
        Self::other(
            StatusCode::FORBIDDEN,
            "不接受其他网站的页面发来的内容",
            "请在本服务自己的页面上填写；程序请直接调用接口",
        )
    }

    pub(super) fn guessed(wait: Duration) -> Self {
        let hint = "请核对令牌，过一会儿再试；令牌正确的不受影响";
        Self::Later(StatusCode::TOO_MANY_REQUESTS, Said { message: "不对的访问令牌太多".into(), hint }, wait)
    }

    pub(super) fn misdirected() -> Self {
        Self::other(
            StatusCode::MISDIRECTED_REQUEST,
            "网址里的主机名不是本服务的",
            "请用启动时显示的地址打开；要用别的域名或端口的，请管理员启动时用 --public-address 写明",
        )
    }

    pub(super) fn without_host() -> Self {
        Self::other(
            StatusCode::BAD_REQUEST,
            "请求里没有主机名，或不止一个",
            "请在 Host 请求头里写明主机名和端口",
        )
    }

    pub(super) fn full() -> Self {
        Self::other(StatusCode::SERVICE_UNAVAILABLE, "同时的连接太多", "请过几秒再试")
    }

    pub(super) fn not_found() -> Self {
        Self::other(StatusCode::NOT_FOUND, "没有这个地址", "可用的地址见 /api/openapi.json")
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::other(
            StatusCode::METHOD_NOT_ALLOWED,
            "这个地址不接受这种请求",
            "可用的请求见 /api/openapi.json",
        )
    }

    pub(super) fn unsupported_media_type() -> Self {
        let hint = "请在 Content-Type 里写 application/json、application/yaml 或 application/toml";
        Self::other(StatusCode::UNSUPPORTED_MEDIA_TYPE, "不认识内容的格式", hint)
    }

    pub(super) fn not_pdf_media_type() -> Self {
        let hint = "请在 Content-Type 里写 application/pdf";
        Self::other(StatusCode::UNSUPPORTED_MEDIA_TYPE, "不认识内容的格式", hint)
    }

    pub(super) fn pdf_too_large() -> Self {
        Self::other(StatusCode::PAYLOAD_TOO_LARGE, "PDF 文件太大", "请只检查一份报告，不超过 64 MiB")
    }

    pub(super) fn bad_query() -> Self {
        Self::other(StatusCode::BAD_REQUEST, "网址里的参数不对", "可用的参数见 /api/openapi.json")
    }

    pub(super) fn bad_form() -> Self {
        let hint = "请用 multipart/form-data 发送 report，需要时加上 last_year 和 plan，各一份";
        Self::other(StatusCode::BAD_REQUEST, "表单的内容不对", hint)
    }

    pub(super) fn without_report() -> Self {
        Self::other(StatusCode::BAD_REQUEST, "表单里没有报告", "请把报告放在名为 report 的一项里")
    }

    pub(super) fn interrupted() -> Self {
        Self::other(StatusCode::BAD_REQUEST, "内容没有传完", "请重新发送")
    }

    pub(super) fn too_slow() -> Self {
        let hint = "请检查网络，再重新发送；每秒不到 16 KiB 的，请换快一些的网络";
        Self::other(StatusCode::REQUEST_TIMEOUT, "内容传得太慢，没有收完", hint)
    }

    pub(super) fn no_room() -> Self {
        Self::other(StatusCode::SERVICE_UNAVAILABLE, "同时发来的内容太多，收不下", "请过几秒再试")
    }

    fn other(status: StatusCode, message: &'static str, hint: &'static str) -> Self {
        Self::Other(status, Said { message: message.into(), hint })
    }
}

/// About batches.
impl Refusal {
    pub(super) fn without_batches() -> Self {
        Self::other(StatusCode::NOT_FOUND, "这个服务不成批生成", "请用 nianbao batch，或请管理员启用成批生成")
    }

    pub(super) fn no_such_batch() -> Self {
        Self::other(
            StatusCode::NOT_FOUND,
            "没有这一批，或它已经删去",
            "各批报告见 /api/batches；保存期过了的请重新上传",
        )
    }

    pub(super) fn unsupported_batch_type() -> Self {
        let hint = "请在 Content-Type 里写 application/zip 或 application/jsonl，或让文件名以 .zip、.xlsx、.jsonl 结尾";
        Self::other(StatusCode::UNSUPPORTED_MEDIA_TYPE, "不认识内容的格式", hint)
    }

    pub(super) fn bad_batch_form() -> Self {
        let hint = "请用 multipart/form-data 发送，把压缩包放在名为 batch 的一项里";
        Self::other(StatusCode::BAD_REQUEST, "表单的内容不对", hint)
    }

    pub(super) fn bad_key() -> Self {
        let hint = "请用 1 到 255 个 ASCII 字符";
        Self::other(StatusCode::BAD_REQUEST, "Idempotency-Key 不对", hint)
    }

    pub(super) fn key_taken() -> Self {
        let hint = "重复发送同一批才用同一个 Idempotency-Key；这是另一批，请换一个";
        Self::other(StatusCode::UNPROCESSABLE_ENTITY, "这个 Idempotency-Key 已用于另一批", hint)
    }

    pub(super) fn upload_too_large() -> Self {
        Self::other(StatusCode::PAYLOAD_TOO_LARGE, "上传的文件超过 512 MiB", "请分成几批上传")
    }

    pub(super) fn too_many_uploads() -> Self {
        Self::other(StatusCode::SERVICE_UNAVAILABLE, "正在上传的文件太多", "请过几秒再试")
    }

    pub(super) fn too_many_batches(state: BatchState) -> Self {
        let (message, hint) = match state {
            BatchState::Uploaded => {
                ("待开始的批数已到上限", "请先开始或删去其中一批；一刻钟没有人查看的会自动让出位置")
            }
            _ => ("同时生成的批数已到上限", "请等其中一批做完，或取消不再需要的"),
        };
        Self::other(StatusCode::SERVICE_UNAVAILABLE, message, hint)
    }

    pub(super) fn begun_already(state: BatchState) -> Self {
        let hint = "进度见这一批的地址";
        match state {
            BatchState::Running => Self::other(StatusCode::CONFLICT, "这一批已经开始", hint),
            _ => Self::other(StatusCode::CONFLICT, "这一批已经结束", hint),
        }
    }

    pub(super) fn no_result(state: BatchState) -> Self {
        match state {
            BatchState::Uploaded => Self::other(StatusCode::CONFLICT, "这一批还没有开始", "请先开始生成"),
            BatchState::Cancelled => {
                Self::other(StatusCode::CONFLICT, "这一批已取消，没有成果", "需要的话请重新上传")
            }
            _ => Self::other(StatusCode::CONFLICT, "这一批还没有做完", "请做完后再取；进度见这一批的地址"),
        }
    }

    pub(super) fn nothing_to_retry(state: BatchState) -> Self {
        let (message, hint) = match state {
            BatchState::Uploaded => ("这一批还没有开始", "请先开始生成"),
            BatchState::Running => ("这一批还在生成", "请做完后再重试"),
            BatchState::Cancelled => ("这一批已取消", "需要的话请重新上传"),
            _ => ("这一批没有未生成的单位", "不需要重试；改了内容的请重新上传"),
        };
        Self::other(StatusCode::CONFLICT, message, hint)
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
            let said = Said { message: reason.into(), hint: "各批报告见 /api/batches" };
            return Self::Other(StatusCode::CONFLICT, said);
        }
        tracing::error!(%error, "a batch could not be attended to");
        match error.cause() {
            jobs::Cause::Unknown => Self::broken(),
            cause => Self::away(cause),
        }
    }
}

impl Refusal {
    /// What keeps the service from attending to batches, and passes when a person has mended it.
    pub(super) fn away(cause: jobs::Cause) -> Self {
        let (status, message, hint) = match cause {
            jobs::Cause::DiskFull => (
                StatusCode::INSUFFICIENT_STORAGE,
                "服务器的磁盘已满，没有收下",
                "请管理员清理磁盘，腾出地方后再试；已经收下的各批会自动接着做",
            ),
            jobs::Cause::Database => (
                StatusCode::SERVICE_UNAVAILABLE,
                "数据库暂时用不了：连不上，或者正被别的程序占着",
                "请过一会儿再试；一直这样的，请管理员检查数据库。已经收下的各批会自动接着做",
            ),
            jobs::Cause::Store | jobs::Cause::Unknown => (
                StatusCode::SERVICE_UNAVAILABLE,
                "存放成果的地方暂时用不了：连不上，或者不让读写",
                "请过一会儿再试；一直这样的，请管理员检查存放成果的地方。已经收下的各批会自动接着做",
            ),
        };
        Self::Later(status, Said { message: message.into(), hint }, Duration::from_secs(10))
    }

    /// The same for whoever asks whether the service is ready.
    pub(super) fn not_ready(cause: jobs::Cause) -> Self {
        match Self::away(cause) {
            Self::Later(_, said, seconds) => Self::Later(StatusCode::SERVICE_UNAVAILABLE, said, seconds),
            refused => refused,
        }
    }

    pub(super) fn remade() -> Self {
        let said = Said {
            message: "这一批的成果在存放处丢失或损坏了，正在重新生成".into(),
            hint: "请过几分钟再取；进度见这一批的地址",
        };
        Self::Later(StatusCode::SERVICE_UNAVAILABLE, said, Duration::from_secs(30))
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

/// What a worker answered, which is JSON already.
pub(super) fn json(answer: Answer) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], answer.bytes).into_response()
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
