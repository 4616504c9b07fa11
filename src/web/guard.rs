//! Who may come in: whoever bears the token and comes by the front door, and no page of another site on
//! somebody's behalf.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tokio::time::Instant;

use super::Service;
use super::addresses::{PublicAddress, is_ours, is_own_page};
use super::answer::Refusal;
use super::answer::Said;
use super::door::Arrival;
use axum::http::StatusCode;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id of a request that a client may choose, in bytes.
const LONGEST_ID: usize = 64;

/// How many wrong tokens may come from one place within a minute before its next is put off, and for how
/// long at most; how many places are remembered.
const GUESSES: u32 = 5;
const MEMORY: Duration = Duration::from_secs(60);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
const PLACES: usize = 1024;

/// Takes away an id that is none: it stands in every line of the log.
pub(super) async fn demand_short_id(mut request: Request) -> Request {
    let mut ids = request.headers().get_all(REQUEST_ID).iter();
    let is_fit = ids.next().is_none_or(is_id) && ids.next().is_none();
    if !is_fit {
        request.headers_mut().remove(REQUEST_ID);
    }
    request
}

fn is_id(value: &HeaderValue) -> bool {
    let is_fit = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    (1..=LONGEST_ID).contains(&value.len()) && value.as_bytes().iter().all(is_fit)
}

/// Lets a request pass that names this service: a page elsewhere may give its own name the address of
/// this one, and its browser then takes the two for one site. Where all places are taken it is only told
/// of the service's health.
pub(super) async fn demand_own_name(request: Request, next: Next) -> Response {
    let Some(arrival) = request.extensions().get::<Arrival>() else { return next.run(request).await };
    if let Err(refusal) = own_name(&request, arrival) {
        return refusal.into_response();
    }
    if arrival.is_beyond && !request.uri().path().starts_with("/health/") {
        return Refusal::full().into_response();
    }
    next.run(request).await
}

fn own_name(request: &Request, arrival: &Arrival) -> Result<(), Refusal> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let named = match (hosts.next(), hosts.next()) {
        (None, _) if request.version() == Version::HTTP_10 => None,
        (None, _) | (_, Some(_)) => return Err(Refusal::without_host()),
        (Some(host), None) => Some(host.to_str().map_err(|_| Refusal::misdirected())?),
    };
    let in_target = request.uri().authority().map(|authority| authority.as_str());
    let is_ours = |host| is_ours(host, arrival.at, &arrival.names.public);
    match [named, in_target].into_iter().flatten().all(is_ours) {
        true => Ok(()),
        false => Err(Refusal::misdirected()),
    }
}

/// Lets a request pass that bears the token, if there is one. A program writes it behind `Bearer`;
/// a browser asks its user, and sends it as the password of any name. The right one passes whatever came
/// before it, for behind a proxy all come from one place.
pub(super) async fn demand_token(
    State(service): State<Arc<Service>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(token) = &service.token else { return next.run(request).await };
    let borne = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(borne) = borne.and_then(token_of) else { return Refusal::without_token().into_response() };
    if is_same(&borne, token.as_bytes()) {
        return next.run(request).await;
    }
    let from = request.extensions().get::<Arrival>().map(|arrival| arrival.from(request.headers()));
    match from.and_then(|from| service.guesses.wrong(from)) {
        Some(wait) => Refusal::guessed(wait).into_response(),
        None => Refusal::without_token().into_response(),
    }
}

/// Where wrong tokens came from of late.
#[derive(Default)]
pub(super) struct Guesses {
    places: Mutex<HashMap<IpAddr, Guesser>>,
}

struct Guesser {
    wrong: u32,
    last: Instant,
    /// Until when its tokens are put off.
    until: Instant,
}

impl Guesses {
    /// Notes a wrong token, and says how long to wait for the next, if need be: twice as long each time.
    fn wrong(&self, from: IpAddr) -> Option<Duration> {
        let now = Instant::now();
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let from = network(from);
        if PLACES <= places.len() && !places.contains_key(&from) {
            forget(&mut places, now);
        }
        let guesser = places.entry(from).or_insert(Guesser { wrong: 0, last: now, until: now });
        if now < guesser.until {
            return Some(guesser.until - now);
        }
        if MEMORY < now - guesser.last.max(guesser.until) {
            guesser.wrong = 0;
        }
        (guesser.wrong, guesser.last) = (guesser.wrong.saturating_add(1), now);
        let beyond = guesser.wrong.checked_sub(GUESSES + 1)?;
        if beyond == 0 {
            tracing::warn!(%from, "many wrong tokens");
        }
        let wait = Duration::from_secs(1 << beyond.min(16)).min(LONGEST_WAIT);
        guesser.until = now + wait;
        Some(wait)
    }
}

/// Forgets those of whom nothing was heard for a while, or else the one of whom it is longest.
fn forget(places: &mut HashMap<IpAddr, Guesser>, now: Instant) {
    places.retain(|_, guesser| now - guesser.last <= MEMORY);
    if PLACES <= places.len() {
        let longest = places.iter().min_by_key(|(_, guesser)| guesser.last).map(|(from, _)| *from);
        longest.and_then(|from| places.remove(&from));
    }
}

/// The place of an address: of the newer kind everyone has very many.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        older => older,
    }
}

/// The token that a program writes behind `Bearer`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<String> {
    let written = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = written.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| token.trim().to_owned())
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
    let names = request.extensions().get::<Arrival>().map(|arrival| arrival.names.clone());
    if only_reads || is_of_own_page(request.headers(), names.as_ref().map_or(&[], |names| &names.public)) {
        next.run(request).await
    } else {
        Refusal::from_elsewhere().into_response()
    }
}

/// Demands the same of something that is only looked up, and begins something all the same.
pub(super) fn demand_own_link(headers: &HeaderMap, arrival: Option<&Arrival>) -> Result<(), Refusal> {
    let public = arrival.map(|arrival| &*arrival.names.public).unwrap_or_default();
    if is_of_own_page(headers, public) { Ok(()) } else { Err(Refusal::from_elsewhere()) }
}

fn is_of_own_page(headers: &HeaderMap, public: &[PublicAddress]) -> bool {
    // What cannot be read was written by nobody's own page.
    let text = |name: &HeaderName| {
        let values: Vec<_> =
            headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?")).collect();
        (!values.is_empty()).then(|| values.join(", "))
    };
    if let Some(site) = text(&FETCH_SITE) {
        return matches!(&*site, "same-origin" | "none");
    }
    // Browsers send the first only to addresses they trust; the second to all but the oldest, which
    // send the third.
    let page = text(&header::ORIGIN).or_else(|| text(&header::REFERER));
    page.is_none_or(|page| is_own_page(&page, text(&header::HOST).as_deref(), public))
}

/// What is refused here.
impl Refusal {
    fn without_token() -> Self {
        Self::other(
            StatusCode::UNAUTHORIZED,
            "没有访问令牌，或令牌不对",
            "程序请在 Authorization 请求头里写 Bearer 和令牌；用浏览器的请刷新页面，把令牌填作密码",
        )
    }

    fn from_elsewhere() -> Self {
        Self::other(
            StatusCode::FORBIDDEN,
            "不接受其他网站的页面发来的内容",
            "请在本服务自己的页面上填写；程序请直接调用接口",
        )
    }

    fn guessed(wait: Duration) -> Self {
        let hint = "请核对令牌，过一会儿再试；令牌正确的不受影响";
        Self::Later(StatusCode::TOO_MANY_REQUESTS, Said { message: "不对的访问令牌太多".into(), hint }, wait)
    }

    fn misdirected() -> Self {
        Self::other(
            StatusCode::MISDIRECTED_REQUEST,
            "网址里的主机名不是本服务的",
            "请用启动时显示的地址打开；要用别的域名或端口的，请管理员启动时用 --public-address 写明",
        )
    }

    fn without_host() -> Self {
        Self::other(
            StatusCode::BAD_REQUEST,
            "请求里没有主机名，或不止一个",
            "请在 Host 请求头里写明主机名和端口",
        )
    }

    fn full() -> Self {
        Self::other(StatusCode::SERVICE_UNAVAILABLE, "同时的连接太多", "请过几秒再试")
    }
}
