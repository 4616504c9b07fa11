//! What each request waited for and what was done for it, for a collector of traces where one is set.

use axum::extract::{MatchedPath, Request};
use axum::http::HeaderName;
use axum::middleware::Next;
use axum::response::Response;

use super::metrics::known_method;
use crate::traces::{FutureExt, TracedWork};

/// Answers a request as a part of what its caller does. Of the request nothing is told but its method, the route of the
/// program that it came to, and its id.
pub(super) async fn trace(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let caller = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    let work = TracedWork::answering(
        known_method(request.method()).unwrap_or("HTTP"),
        route.as_ref().map(MatchedPath::as_str),
        caller,
    );
    let response = next.run(request).with_context(work.context()).await;
    let status = response.status();
    work.note("http.response.status_code", i64::from(status.as_u16()));
    let id = response.headers().get(HeaderName::from_static("x-request-id"));
    if let Some(id) = id.and_then(|id| id.to_str().ok()) {
        work.note("nianbao.request_id", id.to_owned());
    }
    if status.is_server_error() {
        work.fail("the service is at fault");
    }
    response
}
