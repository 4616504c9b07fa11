//! The frame of every page: one base template, one stylesheet and a few ES modules, all embedded.
//! A page is a file in `pages/` that extends `base.html`; [`page`] fills it. What belongs to the
//! frame is served under a path that bears its hash, so a browser may keep it for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use include_dir::{Dir, include_dir};
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value, context};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::answer::Refusal;
use crate::accounts::{Right, Scope, Visitor, scope};

static FILES: Dir = include_dir!("$CARGO_MANIFEST_DIR/src/web/pages");

/// What the frame's navigation leads to: path, name, and what one must be allowed to; the last only where
/// there are accounts.
const NAVIGATION: [(&str, &str, Right); 2] =
    [("/", "填写报告", Right::MakeDocuments), ("/batches", "成批生成", Right::MakeBatches)];
const OF_ACCOUNTS: &[(&str, &str, Right)] = &[
    ("/collections", "征集", Right::ReadBoard),
    ("/roster", "名录", Right::EditRoster),
    ("/accounts", "账号", Right::ManageAccounts),
    ("/webhooks", "通知接口", Right::ManageWebhooks),
    ("/record", "操作记录", Right::ReadRecord),
];

/// Only what this service itself serves; pages of a report are pictures that a script made of
/// what the service answered.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

static PAGES: LazyLock<Environment> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
        .set_loader(|name| Ok(FILES.get_file(name).and_then(|file| file.contents_utf8()).map(str::to_owned)));
    environment.add_global("assets", Value::from_safe_string(format!("/assets/{}", *VERSION)));
    environment
});

/// Stands for everything that is embedded: it changes with any of it.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut digest = Sha256::new();
    for file in FILES.files() {
        digest.update(file.path().to_string_lossy().as_bytes());
        digest.update(Sha256::digest(file.contents()));
    }
    hex::encode(&digest.finalize()[..8])
});

/// A page that is still to be drawn.
#[derive(Clone)]
struct Blank {
    name: String,
    content: Value,
}

/// A page, filled; [`draw`] draws it.
pub(super) fn page(status: StatusCode, name: &str, path: &str, content: impl Serialize) -> Response {
    let content = context! { path, ..Value::from(Serde(content)) };
    let mut response = status.into_response();
    response.extensions_mut().insert(Blank { name: name.to_owned(), content });
    response
}

/// How many bytes a page of this content has, but for the navigation; none where it cannot be made.
pub(super) fn weight(name: &str, content: impl Serialize) -> Option<usize> {
    let content = context! { path => "", navigation => (), visitor => (), ..Value::from(Serde(content)) };
    let drawn = PAGES.get_template(name).and_then(|page| page.render(content));
    drawn
        .inspect_err(|error| tracing::error!(%error, "a page could not be weighed"))
        .ok()
        .map(|text| text.len())
}

/// Draws the page that a request is answered with, if it is one, for whoever looks at it.
pub(super) fn draw(mut response: Response, visitor: Option<&Visitor>, has_accounts: bool) -> Response {
    let Some(Blank { name, content }) = response.extensions_mut().remove::<Blank>() else { return response };
    let of_accounts = if has_accounts { OF_ACCOUNTS } else { &[] };
    let is_for = |right: Right| visitor.is_some_and(|visitor| scope(visitor.role, right) != Scope::Nothing);
    let links = NAVIGATION.iter().chain(of_accounts).filter(|(.., right)| is_for(*right));
    let navigation = Value::from_iter(links.map(|(path, name, _)| context! { path => *path, name => *name }));
    // At a desk of one's own nobody needs to be told who he is.
    let visitor = visitor.filter(|_| has_accounts).map(|visitor| visitor.name.as_str());
    let content = context! { navigation, visitor, ..content };
    match PAGES.get_template(&name).and_then(|page| page.render(content)) {
        Ok(text) => {
            let (mut parts, _) = response.into_parts();
            let (drawn, body) = Html(text).into_response().into_parts();
            parts.headers.extend(drawn.headers);
            Response::from_parts(parts, body)
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be made");
            Refusal::broken().into_response()
        }
    }
}

/// What is refused, as a page for people; programs get the same as JSON.
pub(super) struct RefusalPage(Refusal);

impl<T: Into<Refusal>> From<T> for RefusalPage {
    fn from(refused: T) -> Self {
        Self(refused.into())
    }
}

impl IntoResponse for RefusalPage {
    fn into_response(self) -> Response {
        let (status, message, hint) = self.0.words();
        let mut shown = page(status, "refused.html", "", context! { message, hint });
        // When to come again holds for people's browsers too.
        if let Some(wait) = self.0.into_response().headers_mut().remove(header::RETRY_AFTER) {
            shown.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        shown
    }
}

/// A part of the frame. A page of an older version asks in vain, and is reloaded.
pub(super) async fn asset(Path((version, name)): Path<(String, String)>) -> Result<Response, Refusal> {
    let file = FILES.get_file(&name).filter(|_| version == *VERSION).ok_or_else(Refusal::not_found)?;
    let media_type = match file.path().extension().and_then(|extension| extension.to_str()) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => return Err(Refusal::not_found()),
    };
    let headers =
        [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "private, max-age=31536000, immutable")];
    Ok(match file.contents_utf8() {
        Some(text) if !name.ends_with(".svg") => (headers, without_comments(text)).into_response(),
        _ => (headers, file.contents()).into_response(),
    })
}

/// A script or a stylesheet without its comments, which are for whoever reads the source. Those that take whole lines
/// are left out.
fn without_comments(text: &str) -> String {
    let mut is_within = false;
    let kept = text.lines().filter(|line| {
        let line = line.trim();
        let is_comment = is_within || line.starts_with("/*") || line.starts_with("//");
        if is_within || line.starts_with("/*") {
            is_within = !line.ends_with("*/");
        }
        !is_comment
    });
    kept.flat_map(|line| [line, "\n"]).collect()
}

/// What every answer tells the browser not to do. It may hold what someone wrote, so nobody keeps it; only
/// the parts of the frame say otherwise.
pub(super) async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(POLICY);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    response
}
