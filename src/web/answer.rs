//! What the service answers when it does not answer with what was asked for.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::presses::Undone;
use crate::conform::Unreadable;
use crate::diagnostic::{Diagnostic, Failed};
use crate::input;

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
}

/// A sentence on what happened, and one on what to do.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(description = "发生了什么，接下来怎么办")]
pub(super) struct Said {
    message: &'static str,
    hint: &'static str,
}

impl Refusal {
    pub fn busy() -> Self {
        Self::other(StatusCode::SERVICE_UNAVAILABLE, "正在生成的报告太多", "请过几秒再试")
    }

    pub fn broken() -> Self {
        Self::other(
            StatusCode::INTERNAL_SERVER_ERROR,
            "程序出错，没有完成",
            "请把响应头里的 x-request-id 告诉管理员",
        )
    }

    pub fn without_token() -> Self {
        Self::other(
            StatusCode::UNAUTHORIZED,
            "没有访问令牌，或令牌不对",
            "程序请在 Authorization 请求头里写 Bearer 和令牌；用浏览器的请刷新页面，把令牌填作密码",
        )
    }

    pub fn from_elsewhere() -> Self {
        Self::other(
            StatusCode::FORBIDDEN,
            "不接受其他网站的页面发来的内容",
            "请在本服务自己的页面上填写；程序请直接调用接口",
        )
    }

    pub fn not_found() -> Self {
        Self::other(StatusCode::NOT_FOUND, "没有这个地址", "可用的地址见 /api/openapi.json")
    }

    pub fn method_not_allowed() -> Self {
        Self::other(
            StatusCode::METHOD_NOT_ALLOWED,
            "这个地址不接受这种请求",
            "可用的请求见 /api/openapi.json",
        )
    }

    pub fn unsupported_media_type() -> Self {
        let hint = "请在 Content-Type 里写 application/json、application/yaml 或 application/toml";
        Self::other(StatusCode::UNSUPPORTED_MEDIA_TYPE, "不认识内容的格式", hint)
    }

    pub fn not_pdf_media_type() -> Self {
        let hint = "请在 Content-Type 里写 application/pdf";
        Self::other(StatusCode::UNSUPPORTED_MEDIA_TYPE, "不认识内容的格式", hint)
    }

    pub fn pdf_too_large() -> Self {
        Self::other(StatusCode::PAYLOAD_TOO_LARGE, "PDF 文件太大", "请只检查一份报告，不超过 8 MiB")
    }

    pub fn unreadable_pdf(why: Unreadable) -> Self {
        Self::other(StatusCode::BAD_REQUEST, why.message(), why.hint())
    }

    pub fn bad_query() -> Self {
        Self::other(StatusCode::BAD_REQUEST, "网址里的参数不对", "可用的参数见 /api/openapi.json")
    }

    pub fn bad_form() -> Self {
        let hint = "请用 multipart/form-data 发送 report，需要时加上 last_year 和 plan，各一份";
        Self::other(StatusCode::BAD_REQUEST, "表单的内容不对", hint)
    }

    pub fn without_report() -> Self {
        Self::other(StatusCode::BAD_REQUEST, "表单里没有报告", "请把报告放在名为 report 的一项里")
    }

    pub fn interrupted() -> Self {
        Self::other(StatusCode::BAD_REQUEST, "内容没有传完", "请重新发送")
    }

    fn other(status: StatusCode, message: &'static str, hint: &'static str) -> Self {
        Self::Other(status, Said { message, hint })
    }
}

impl From<Undone> for Refusal {
    fn from(undone: Undone) -> Self {
        match undone {
            Undone::Busy => Self::busy(),
            Undone::Broken => Self::broken(),
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
            Self::Report(diagnostics) => {
                let status = if diagnostics.iter().any(|diagnostic| input::is_too_large(diagnostic.code)) {
                    StatusCode::PAYLOAD_TOO_LARGE
                } else if diagnostics.iter().any(|diagnostic| input::is_unreadable(diagnostic.code)) {
                    StatusCode::BAD_REQUEST
                } else {
                    StatusCode::UNPROCESSABLE_ENTITY
                };
                (status, Json(diagnostics)).into_response()
            }
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
        }
    }
}
