//! What cannot be read of what a program sends.

use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;

use crate::web::answer::Refusal;

pub(in crate::web) fn bad_json(rejection: JsonRejection) -> Refusal {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::large_body(),
        _ => Refusal::bad_body(),
    }
}

/// What is refused here.
impl Refusal {
    pub(in crate::web) fn bad_body() -> Self {
        let hint = "请用 application/json 发送，内容见 /api/openapi.json";
        Self::other(StatusCode::BAD_REQUEST, "内容读不懂", hint)
    }

    fn large_body() -> Self {
        let hint = "请分成几次发送；批注和原因请写短些，长的内容请另附文件";
        Self::other(StatusCode::PAYLOAD_TOO_LARGE, "内容超过 8 MiB", hint)
    }
}
