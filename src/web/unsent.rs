//! What was posted from a page whose session has ended meanwhile. Nothing of it is kept here: it goes back to the
//! browser, in a page from which it is sent once more when somebody has come in again. So it is nobody's but the
//! one's who wrote it, and whoever sends it again is asked again what he may.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::bodies::{InMemory, Room, whole};
use super::frame::page;
use super::reports::is_form;

/// The most that is given back, in bytes and in entries: more than anybody writes by hand.
const MOST: usize = 1 << 20;
const MOST_ENTRIES: usize = 25_000;

/// The page with what was posted; None where there is nothing to be given back: no entries, files, secrets, more
/// than anybody writes.
pub(super) async fn given_back(request: Request, room: Arc<Room>) -> Option<Response> {
    let (parts, body) = request.into_parts();
    let wanted = parts.uri.path_and_query()?.as_str().to_owned();
    if !is_form(&parts.headers) {
        let is_upload = parts.headers.get(header::CONTENT_TYPE)?.as_bytes().starts_with(b"multipart/");
        return is_upload.then(|| shown(&wanted, &[]));
    }
    let body = whole(body, &parts.headers, &InMemory { room, most: MOST }).await.ok()?;
    let entries = url::form_urlencoded::parse(&body).take(MOST_ENTRIES + 1);
    let entries: Vec<Value> = entries.map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let has_secret = entries.iter().any(|entry| entry["name"] == "password");
    let is_fit = body.len() <= MOST && (1..=MOST_ENTRIES).contains(&entries.len()) && !has_secret;
    is_fit.then(|| shown(&wanted, &entries))
}

fn shown(wanted: &str, entries: &[Value]) -> Response {
    page(StatusCode::UNAUTHORIZED, "unsent.html", "", json!({ "wanted": wanted, "entries": entries }))
}
