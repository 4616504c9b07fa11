//! Who comes in: the visitor of each request, by a session's cookie or a token, and whether the route is for
//! such a one. A service without accounts has one visitor, who may do everything. Here, too, pages are drawn:
//! what stands at their head depends on who looks.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::addresses::PublicAddress;
use super::answer::Refusal;
use super::door::Arrival;
use super::frame::{self, RefusalPage};
use super::guard::bearer;
use super::rights::{Need, may_change_rights, need};
use super::{Service, now, unsent};
use crate::accounts::{NewSession, Scope, Visitor, WHOLE_SECONDS, may, may_in, scope};
use crate::jobs::{Cause, JobFailure};

/// Where people come in.
pub(super) const LOGIN: &str = "/login";

/// The zero character in an address.
const ZERO: &str = "%00";

/// The cookie of a session.
const COOKIE: CookieName = CookieName { by_https: "__Host-nianbao", plain: "nianbao" };

/// What a cookie is called where the service is reached by https, and where it is not: a browser takes the
/// first by https alone, and keeps it from everybody else's pages.
pub(super) struct CookieName {
    pub by_https: &'static str,
    pub plain: &'static str,
}

/// Lets a request pass whose visitor may, and draws the page that it is answered with.
pub(super) async fn admit(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    let is_page = !request.uri().path().starts_with("/api/");
    let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str()).to_owned();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let changes_rights = !reads && changes_rights(&request);
    let (visitor, answer) = match entry(&service, request).await {
        Ok((visitor, request)) => {
            let answer = next.run(request).await;
            if changes_rights {
                service.rights_changes.send_replace(());
            }
            (visitor, answer)
        }
        Err(Rebuff::Unknown(_)) if is_page && reads => (None, to_login(&wanted)),
        Err(Rebuff::Unknown(request)) if is_page => {
            let given_back = unsent::given_back(*request, service.room.clone()).await;
            (None, given_back.unwrap_or_else(|| to_login("/")))
        }
        Err(Rebuff::Unknown(_)) => (None, Refusal::unknown_visitor().into_response()),
        Err(Rebuff::Refused(visitor, refused)) if is_page => {
            (visitor, RefusalPage::from(refused).into_response())
        }
        Err(Rebuff::Refused(visitor, refused)) => (visitor, refused.into_response()),
    };
    frame::draw(answer, visitor.as_ref(), service.office.is_some())
}

/// Whether what is asked for may end sessions or change rights.
fn changes_rights(request: &Request) -> bool {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    route.is_some_and(|route| may_change_rights(route, need(request.method(), route)))
}

/// Why a request does not pass.
enum Rebuff {
    /// Nobody knows who comes with this.
    Unknown(Box<Request>),
    Refused(Option<Visitor>, Refusal),
}

/// The visitor, if there is one, and the request with it.
async fn entry(service: &Service, request: Request) -> Result<(Option<Visitor>, Request), Rebuff> {
    let (mut parts, body) = request.into_parts();
    let visitor = visitor(service, &parts.headers).await.map_err(|refused| Rebuff::Refused(None, refused))?;
    let route = parts.extensions.get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let row = route.as_deref().and_then(|route| need(&parts.method, route));
    let refused = |visitor: &Visitor, refused| Rebuff::Refused(Some(visitor.clone()), refused);
    match (row, &visitor) {
        (None, _) => {
            tracing::error!(route, method = %parts.method, "a route without a row in the table of rights");
            return Err(Rebuff::Refused(None, Refusal::not_found()));
        }
        (Some(Need::Nothing), _) | (Some(Need::Visitor), Some(_)) => {}
        (Some(_), None) => return Err(Rebuff::Unknown(Box::new(Request::from_parts(parts, body)))),
        (Some(Need::May(right)), Some(visitor)) => {
            if scope(visitor.role, right) == Scope::Nothing {
                return Err(refused(visitor, Refusal::not_for_you()));
            }
            let Ok(places) = RawPathParams::from_request_parts(&mut parts, &()).await else {
                return Err(refused(visitor, Refusal::not_found()));
            };
            let place = |name| places.iter().find(|(of, _)| *of == name).map(|(_, place)| place);
            let unit = place("unit");
            let is_allowed = match place("collection") {
                // Of a whole collection each sees what is for him.
                Some(collection) if unit.is_none() => {
                    visitor.collection.as_deref().is_none_or(|own| own == collection)
                }
                Some(collection) => may_in(visitor, right, collection, unit),
                None => unit.is_none() || may(visitor, right, unit),
            };
            if !is_allowed {
                return Err(refused(visitor, Refusal::not_found()));
            }
        }
    }
    // Nothing is called so, and not every database takes such a text.
    if parts.uri.path_and_query().is_some_and(|asked| asked.as_str().contains(ZERO)) {
        return Err(Rebuff::Refused(visitor, Refusal::not_found()));
    }
    if let Some(visitor) = &visitor {
        parts.extensions.insert(visitor.clone());
    }
    Ok((visitor, Request::from_parts(parts, body)))
}

/// Whose session or token these headers bear, of somebody who is here already: looking whether he still is does not
/// count as a use of his session.
pub(super) async fn present(service: &Service, headers: &HeaderMap) -> Result<Option<Visitor>, Refusal> {
    match (&service.office, cookie(headers)) {
        (Some(office), Some(token)) if bearer(headers).is_none() => {
            Ok(office.accounts.present(&token, now()).await?)
        }
        _ => visitor(service, headers).await,
    }
}

/// Who comes: whose session or token the request bears.
async fn visitor(service: &Service, headers: &HeaderMap) -> Result<Option<Visitor>, Refusal> {
    let Some(office) = &service.office else { return Ok(Some(Visitor::at_the_desk())) };
    if let Some(token) = bearer(headers) {
        return Ok(office.accounts.visitor_of_token(&token, now()).await?);
    }
    let Some(token) = cookie(headers) else { return Ok(None) };
    Ok(office.accounts.visitor(&token, now()).await?)
}

/// The secret of the session whose cookie a request bears.
fn cookie(headers: &HeaderMap) -> Option<String> {
    value(headers, COOKIE.by_https).or_else(|| value(headers, COOKIE.plain))
}

/// The value of a cookie that a request bears.
fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    let written = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = written.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(of, _)| *of == name).map(|(_, value)| value.to_owned())
}

impl CookieName {
    fn name(&self, access: Access) -> &'static str {
        if access.by_https { self.by_https } else { self.plain }
    }

    /// What a browser has kept by this name, and nobody else has put there.
    pub(super) fn of(&self, headers: &HeaderMap, access: Access) -> Option<String> {
        value(headers, self.name(access))
    }

    /// Has a browser keep a value for so many seconds.
    pub(super) fn set(&self, response: &mut Response, value: &str, seconds: i64, access: Access) {
        let (name, secure) = (self.name(access), if access.by_https { "; Secure" } else { "" });
        let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}

/// Whether the service is reached by https, as whoever runs it has said.
fn is_by_https(headers: &HeaderMap, public: &[PublicAddress]) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.is_some_and(|host| public.iter().any(|address| address.is_https_of(host)))
}

/// How a request came: its address, and whether by https.
#[derive(Clone, Copy)]
pub(super) struct Access {
    pub from: IpAddr,
    pub by_https: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Access {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        _: &S,
    ) -> Result<Self, Self::Rejection> {
        let arrival = parts.extensions.get::<Arrival>();
        Ok(Self {
            from: arrival.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |arrival| arrival.from(&parts.headers)),
            by_https: arrival.is_some_and(|arrival| is_by_https(&parts.headers, &arrival.names.public)),
        })
    }
}

/// The service's address as it stands in links that are sent to others: the one that whoever runs it has told,
/// else the one by which it was reached.
pub(super) struct OwnAddress(pub String);

impl<S: Send + Sync> FromRequestParts<S> for OwnAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        _: &S,
    ) -> Result<Self, Self::Rejection> {
        let told = parts
            .extensions
            .get::<Arrival>()
            .and_then(|arrival| Some(arrival.names.public.first()?.origin()));
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let reached = || host.map(|host| format!("http://{host}")).unwrap_or_default();
        Ok(Self(told.unwrap_or_else(reached)))
    }
}

/// The secret of the session that a browser has while somebody begins another.
pub(super) struct FormerSession(Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for FormerSession {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        _: &S,
    ) -> Result<Self, Self::Rejection> {
        Ok(Self(cookie(&parts.headers)))
    }
}

/// Has the browser keep a session that has just begun in place of its former one, which ends: at a desk that several
/// share nobody is left behind.
pub(super) async fn change_over(
    service: &Service,
    former: FormerSession,
    session: &NewSession,
    access: Access,
    to: &str,
) -> Result<Response, Refusal> {
    if let (Some(office), FormerSession(Some(token))) = (&service.office, former)
        && let Some(visitor) = office.accounts.present(&token, now()).await?
    {
        office.accounts.logout(&visitor, access.from, now()).await?;
    }
    Ok(keep(session, access, to))
}

/// Has the browser keep a session, and go on to another page.
pub(super) fn keep(session: &NewSession, access: Access, to: &str) -> Response {
    set_cookie(&session.token, WHOLE_SECONDS, access, to)
}

/// Has the browser forget its session.
pub(super) fn forget(access: Access, to: &str) -> Response {
    set_cookie("", 0, access, to)
}

fn set_cookie(token: &str, seconds: i64, access: Access, to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    COOKIE.set(&mut response, token, seconds, access);
    response
}

fn to_login(wanted: &str) -> Response {
    let wanted = utf8_percent_encode(wanted, NON_ALPHANUMERIC);
    Redirect::to(&format!("{LOGIN}?to={wanted}")).into_response()
}

/// What is refused here.
impl Refusal {
    fn unknown_visitor() -> Self {
        Self::other(
            StatusCode::UNAUTHORIZED,
            "还没有登录，或登录已过期",
            "程序请在 Authorization 请求头里写 Bearer 和访问令牌；用浏览器的请重新登录",
        )
    }

    pub(super) fn not_for_you() -> Self {
        Self::other(StatusCode::FORBIDDEN, "您的角色不能做这一项", "需要的话，请管理员调整您的角色")
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        tracing::error!(%error, "the database does not answer as it should");
        Self::away(match JobFailure::Database(error).cause() {
            Cause::DiskFull => Cause::DiskFull,
            _ => Cause::Database,
        })
    }
}
