//! Who may come in: whoever bears the token, and no page of another site on somebody's behalf.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::Service;
use super::answer::Refusal;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Lets a request pass that bears the token, if there is one. A program writes it behind `Bearer`;
/// a browser asks its user, and sends it as the password of any name.
pub(super) async fn demand_token(
    State(service): State<Arc<Service>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(token) = &service.token else { return next.run(request).await };
    let borne = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match borne.and_then(token_of) {
        Some(borne) if is_same(&borne, token.as_bytes()) => next.run(request).await,
        _ => Refusal::without_token().into_response(),
    }
}

fn token_of(authorization: &str) -> Option<Vec<u8>> {
    let (scheme, rest) = authorization.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("Bearer") {
        return Some(rest.as_bytes().to_vec());
    }
    let pair = BASE64_STANDARD.decode(rest.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("Basic"))?;
    let colon = pair.iter().position(|byte| *byte == b':')?;
    Some(pair[colon + 1..].to_vec())
}

/// Compares without telling by its duration how much of a guess was right.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
}

/// Refuses what another site's page has a browser send: the browser would add the password of
/// whoever sits before it. Programs send none of these headers, and pass.
pub(super) async fn demand_own_pages(request: Request, next: Next) -> Response {
    let only_reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if only_reads || is_of_own_page(request.headers()) {
        next.run(request).await
    } else {
        Refusal::from_elsewhere().into_response()
    }
}

fn is_of_own_page(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(&FETCH_SITE) {
        return matches!(site, "same-origin" | "none");
    }
    // Browsers send the first only to addresses they trust; the second to all.
    match (text(&header::ORIGIN), text(&header::HOST)) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, own)| own == host),
        (Some(_), None) => false,
        (None, _) => true,
    }
}
