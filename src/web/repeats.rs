//! Requests of programs that may come again, for their answer was lost on the way: with an `Idempotency-Key` each
//! is done once, and answered as the first time. One that was begun is done to its end, whether or not somebody
//! waits for the answer.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::answer::Refusal;
use super::bodies::{InMemory, whole};
use super::{Service, now};
use crate::accounts::{UnitReach, Visitor};
use crate::answers::{Answers, KeptAnswer, KeyedRequest, MAX_ANSWER, MAX_KEY, Repetition};
use crate::import;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Of what is done below these a key is taken; batches have keys of their own.
const PLACES: [&str; 4] = ["/api/collections", "/api/roster", "/api/accounts", "/api/account/"];

/// What is answered before anything is done, though the fault is not the sender's.
const REFUSALS: [StatusCode; 3] =
    [StatusCode::SERVICE_UNAVAILABLE, StatusCode::GATEWAY_TIMEOUT, StatusCode::INSUFFICIENT_STORAGE];

/// Marks an answer that is given once: it bears secrets.
#[derive(Clone, Copy)]
pub(super) struct SecretAnswer;

/// Does once what bears a key.
pub(super) async fn do_once(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_here = is_keyed(request.uri().path());
    let (Some(office), true) = (&service.office, is_here && !reads && request.headers().contains_key(KEY))
    else {
        return next.run(request).await;
    };
    match keyed(&service, request).await {
        Ok((keyed, request)) => once(office.answers.clone(), keyed, request, next).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Whether what is done there may bear a key.
pub(super) fn is_keyed(path: &str) -> bool {
    PLACES.iter().any(|place| path.starts_with(place))
}

/// The request, its body in memory, and what tells it from others.
async fn keyed(service: &Service, request: Request) -> Result<(KeyedRequest, Request), Refusal> {
    let (parts, body) = request.into_parts();
    let key = key(&parts.headers).ok_or_else(Refusal::unfit_key)?;
    let place = InMemory { room: service.room.clone(), most: import::MAX_BYTES };
    let body: Bytes = whole(body, &parts.headers, &place).await?;
    let who = parts.extensions.get::<Visitor>().map(sender).unwrap_or_default();
    let asked = Sha256::new()
        .chain_update(parts.method.as_str())
        .chain_update(parts.uri.path_and_query().map_or("", |asked| asked.as_str()))
        .chain_update([0])
        .chain_update(&body);
    let digest = hex::encode(asked.finalize());
    Ok((KeyedRequest { who, key, digest }, Request::from_parts(parts, Body::from(body))))
}

fn key(headers: &HeaderMap) -> Option<String> {
    let key = headers.get(KEY)?.to_str().ok()?;
    let is_fit = (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    is_fit.then(|| key.to_owned())
}

/// Who sends it: keys of one are nothing to another.
fn sender(visitor: &Visitor) -> String {
    match (&visitor.account, &visitor.units) {
        (Some(account), _) => format!("account/{account}"),
        (None, UnitReach::Only(units)) => {
            let units: Vec<&str> = units.iter().map(String::as_str).collect();
            let collection = visitor.collection.as_deref().unwrap_or_default();
            format!("collection/{collection}/unit/{}/{}", units.join(","), visitor.name)
        }
        (None, UnitReach::All) => "desk".to_owned(),
    }
}

async fn once(answers: Answers, keyed: KeyedRequest, request: Request, next: Next) -> Response {
    let known = match answers.begin(&keyed, now()).await {
        Ok(known) => known,
        Err(error) => return Refusal::from(error).into_response(),
    };
    match known {
        Repetition::New => {}
        Repetition::Known(answer) => return again(answer),
        Repetition::Begun => return Refusal::begun_before().into_response(),
        Repetition::Another => return Refusal::used_key().into_response(),
        Repetition::TooMany => return Refusal::too_many_keys().into_response(),
    }
    // Whoever asked may hang up; what was begun is done and noted.
    let done = tokio::spawn(async move {
        let answer = next.run(request).await;
        noted(&answers, &keyed, answer).await
    });
    done.await.unwrap_or_else(|_| Refusal::broken().into_response())
}

/// Notes an answer, which goes on as it is.
async fn noted(answers: &Answers, keyed: &KeyedRequest, answer: Response) -> Response {
    let status = answer.status();
    if !status.is_success() {
        // Where the program is at fault nobody can say what was done, and the key stays taken.
        let was_refused = status.is_client_error() || REFUSALS.contains(&status);
        if was_refused && let Err(error) = answers.forget(keyed).await {
            tracing::warn!(%error, "a key could not be given free");
        }
        return answer;
    }
    let (parts, body) = answer.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else { return Refusal::broken().into_response() };
    let is_kept = parts.extensions.get::<SecretAnswer>().is_none() && body.len() <= MAX_ANSWER;
    let location = parts.headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
    let kept = KeptAnswer {
        status: parts.status.as_u16(),
        location: location.to_owned(),
        body: String::from_utf8(body.to_vec()).ok().filter(|_| is_kept),
    };
    if let Err(error) = answers.finish(keyed, &kept).await {
        tracing::warn!(%error, "an answer could not be kept");
    }
    Response::from_parts(parts, Body::from(body))
}

/// The answer of the first time.
fn again(answer: KeptAnswer) -> Response {
    let Some(body) = answer.body else { return Refusal::given_once().into_response() };
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    if let Ok(location) = answer.location.parse()
        && !answer.location.is_empty()
    {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// What is refused here.
impl Refusal {
    fn unfit_key() -> Self {
        let hint = "请用 1 到 200 个看得见的 ASCII 字符，每件事一个，重发时不变";
        Self::other(StatusCode::BAD_REQUEST, "Idempotency-Key 不对", hint)
    }

    fn begun_before() -> Self {
        let hint = "请过一会儿再发；一直这样的，是上一次做到一半服务停了，请先看现在的情况，再用新的 Idempotency-Key";
        Self::other(StatusCode::CONFLICT, "用这个 Idempotency-Key 的请求正在做，或者没有做完", hint)
    }

    fn used_key() -> Self {
        let hint = "请换一个新的；重发时内容要和第一次一样";
        Self::other(StatusCode::UNPROCESSABLE_ENTITY, "这个 Idempotency-Key 已经用于别的请求", hint)
    }

    fn given_once() -> Self {
        let hint = "上一次的回答没有收到的，请用新的 Idempotency-Key 再做一次，先前给出的随即失效";
        Self::other(StatusCode::CONFLICT, "这件事已经做过，它的回答只给一次", hint)
    }

    fn too_many_keys() -> Self {
        let hint = "每个 Idempotency-Key 留一天，请明天再试，或者不用它";
        Self::other(StatusCode::TOO_MANY_REQUESTS, "用过的 Idempotency-Key 太多", hint)
    }
}
