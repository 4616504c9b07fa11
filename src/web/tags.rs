//! Tags of what was read (ETag): whoever has it asks only whether it is still so, and changes it only if it is.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::answer::Refusal;

/// An answer as JSON with its tag; without its content where the asker has that already.
pub(super) fn tagged(headers: &HeaderMap, content: &impl Serialize) -> Result<Response, Refusal> {
    tagged_by(headers, content, content)
}

/// The same where not all of it counts: the tag is that of `state`.
pub(super) fn tagged_by(
    headers: &HeaderMap,
    state: &impl Serialize,
    content: &impl Serialize,
) -> Result<Response, Refusal> {
    let tag = tag(state)?;
    if names(headers, header::IF_NONE_MATCH, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let content = serde_json::to_vec(content).map_err(|_| Refusal::broken())?;
    let media_type = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, media_type), (header::ETAG, tag)], content).into_response())
}

/// The tag of a file.
pub(super) struct FileTag(HeaderValue);

impl FileTag {
    pub(super) fn of(bytes: &[u8]) -> Result<Self, Refusal> {
        tag(&hex::encode(Sha256::digest(bytes))).map(Self)
    }

    /// What is answered to whoever has the file already.
    pub(super) fn known(&self, headers: &HeaderMap) -> Option<Response> {
        let is_known = names(headers, header::IF_NONE_MATCH, &self.0);
        is_known.then(|| (StatusCode::NOT_MODIFIED, [(header::ETAG, self.0.clone())]).into_response())
    }

    /// The file with its tag.
    pub(super) fn on(self, mut file: Response) -> Response {
        file.headers_mut().insert(header::ETAG, self.0);
        file
    }
}

/// Refuses a change by whoever has read something else than what is there now. Who does not say what he has read
/// is not asked.
/// Tells whether this very state was named: then it must be the same still when the change is made.
pub(super) fn demand_unchanged(headers: &HeaderMap, state: &impl Serialize) -> Result<bool, Refusal> {
    let any = HeaderValue::from_static("*");
    if !headers.contains_key(header::IF_MATCH) || names(headers, header::IF_MATCH, &any) {
        return Ok(false);
    }
    match names(headers, header::IF_MATCH, &tag(state)?) {
        true => Ok(true),
        false => Err(Refusal::changed_meanwhile()),
    }
}

fn tag(state: &impl Serialize) -> Result<HeaderValue, Refusal> {
    let state = serde_json::to_vec(state).map_err(|_| Refusal::broken())?;
    let digest = hex::encode(&Sha256::digest(state)[..16]);
    HeaderValue::from_str(&format!("\"{digest}\"")).map_err(|_| Refusal::broken())
}

/// Whether a header names a tag, alone, among others or as any.
fn names(headers: &HeaderMap, header: HeaderName, tag: &HeaderValue) -> bool {
    let written = headers.get_all(header).iter().filter_map(|value| value.to_str().ok());
    let mut named = written.flat_map(|value| value.split(',')).map(|one| one.trim().trim_start_matches("W/"));
    named.any(|one| one == "*" || one.as_bytes() == tag.as_bytes())
}

/// What is refused here.
impl Refusal {
    pub(super) fn changed_meanwhile() -> Self {
        let hint = "请重新读取，核对以后再改";
        Self::other(StatusCode::PRECONDITION_FAILED, "您读过以后，它已经改了", hint)
    }
}
