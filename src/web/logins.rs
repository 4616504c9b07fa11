//! Coming in and going: with a name and a password, by a link that was sent, by a unit's entrance. Looking at
//! a link changes nothing; only what is sent from its page does.

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Extension, Form, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::json;
use tokio::time::sleep;
use url::{Position, Url};

use super::admission::{Access, FormerSession, LOGIN, change_over, forget};
use super::answer::{Refusal, Said};
use super::frame::{RefusalPage, page};
use super::{OpenIdProvider, Service, now};
use crate::accounts::{AccountFailure, LinkPurpose, Newcomer, OpenLink, UnitEntrance, Visitor};

/// Where somebody goes on who has come in.
pub(super) const HOME: &str = "/collections";

/// Where somebody wanted to go.
#[derive(Default, Deserialize)]
pub(super) struct Destination {
    #[serde(default)]
    to: String,
}

impl Destination {
    pub(super) fn to(to: String) -> Self {
        Self { to }
    }

    /// A page of this service, whatever was asked for, as a browser would read it.
    pub(super) fn page(&self) -> String {
        let here = Url::parse("http://here.invalid").ok();
        let asked = here.as_ref().and_then(|here| here.join(&self.to).ok());
        let page = asked.filter(|asked| here.as_ref().is_some_and(|here| asked.origin() == here.origin()));
        let page = page.map(|page| page[Position::BeforePath..].to_owned());
        let is_fit =
            |page: &String| self.to.starts_with('/') && !page.starts_with("//") && !page.starts_with(LOGIN);
        page.filter(is_fit).unwrap_or_else(|| HOME.to_owned())
    }
}

#[derive(Deserialize)]
pub(super) struct LoginForm {
    name: String,
    password: String,
    #[serde(flatten)]
    to: Destination,
}

/// What somebody enters who takes up an account, or sets a password anew.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WelcomeForm {
    login_name: String,
    name: String,
    password: String,
    again: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct EntranceForm {
    code: String,
    name: String,
}

/// Where people enter name and password.
pub(super) async fn login(
    State(service): State<Arc<Service>>,
    to: Query<Destination>,
) -> Result<Response, RefusalPage> {
    service.office()?;
    Ok(login_page(&service, StatusCode::OK, "", &to.page(), None))
}

pub(super) fn login_page(
    service: &Service,
    status: StatusCode,
    name: &str,
    to: &str,
    notice: Option<String>,
) -> Response {
    let way = utf8_percent_encode(to, NON_ALPHANUMERIC);
    let content = json!({
        "name": name,
        "to": to,
        "provider": service.openid.as_ref().map(OpenIdProvider::name),
        "way": format!("{LOGIN}/openid?to={way}"),
        "notice": notice,
    });
    page(status, "login.html", LOGIN, content)
}

pub(super) async fn log_in(
    State(service): State<Arc<Service>>,
    access: Access,
    former: FormerSession,
    form: Result<Form<LoginForm>, FormRejection>,
) -> Result<Response, RefusalPage> {
    let accounts = &service.office()?.accounts;
    let Form(form) = form.map_err(|_| Refusal::bad_form())?;
    sleep(accounts.pause(&form.name, access.from, now()).await.map_err(Refusal::from)?).await;
    match accounts.login(&form.name, &form.password, access.from, now()).await {
        Ok(session) => Ok(change_over(&service, former, &session, access, &form.to.page()).await?),
        Err(failure) => {
            let failure = told(failure)?;
            Ok(put_off(
                login_page(&service, failure.status, &form.name, &form.to.page(), Some(failure.said)),
                failure.wait,
            ))
        }
    }
}

pub(super) async fn log_out(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
) -> Result<Response, RefusalPage> {
    let accounts = &service.office()?.accounts;
    accounts.logout(&visitor, access.from, now()).await.map_err(Refusal::from)?;
    Ok(forget(access, LOGIN))
}

/// What a link that was sent is for.
pub(super) async fn welcome(
    State(service): State<Arc<Service>>,
    Path(link): Path<String>,
) -> Result<Response, RefusalPage> {
    let open = service.office()?.accounts.look_at_link(&link, now()).await.map_err(Refusal::from)?;
    let open = open.ok_or_else(|| Refusal::from(AccountFailure::DeadLink))?;
    Ok(welcome_page(&service, StatusCode::OK, &link, &open, &WelcomeForm::default(), None))
}

fn welcome_page(
    service: &Service,
    status: StatusCode,
    token: &str,
    link: &OpenLink,
    form: &WelcomeForm,
    notice: Option<String>,
) -> Response {
    let provider = service.openid.as_ref().filter(|_| link.purpose == LinkPurpose::Invitation);
    let name = if form.name.is_empty() { &link.name } else { &form.name };
    let content = json!({
        "is_reset": link.purpose == LinkPurpose::PasswordReset,
        "is_first": link.purpose == LinkPurpose::FirstAdministrator,
        "role": link.role.map(|role| role.words()),
        "login_name": form.login_name,
        "name": name,
        "token": token,
        "provider": provider.map(OpenIdProvider::name),
        "notice": notice,
    });
    private(page(status, "welcome.html", "", content))
}

pub(super) async fn take_up(
    State(service): State<Arc<Service>>,
    Path(link): Path<String>,
    access: Access,
    former: FormerSession,
    form: Result<Form<WelcomeForm>, FormRejection>,
) -> Result<Response, RefusalPage> {
    let accounts = &service.office()?.accounts;
    let Form(form) = form.map_err(|_| Refusal::bad_form())?;
    let open = accounts.look_at_link(&link, now()).await.map_err(Refusal::from)?;
    let open = open.ok_or_else(|| Refusal::from(AccountFailure::DeadLink))?;
    if form.password != form.again {
        return Ok(welcome_page(
            &service,
            StatusCode::UNPROCESSABLE_ENTITY,
            &link,
            &open,
            &form,
            Some(TWO_PASSWORDS.to_owned()),
        ));
    }
    let taken = match open.purpose {
        LinkPurpose::PasswordReset => {
            accounts.reset_password(&link, &form.password, access.from, now()).await
        }
        _ => {
            let newcomer = Newcomer {
                login_name: form.login_name.clone(),
                name: form.name.clone(),
                password: form.password.clone(),
            };
            accounts.take_up(&link, &newcomer, access.from, now()).await
        }
    };
    match taken {
        Ok(session) => Ok(change_over(&service, former, &session, access, HOME).await?),
        Err(failure) => {
            let failure = told(failure)?;
            Ok(welcome_page(&service, failure.status, &link, &open, &form, Some(failure.said)))
        }
    }
}

/// A unit's entrance.
pub(super) async fn entrance(
    State(service): State<Arc<Service>>,
    Path(link): Path<String>,
) -> Result<Response, RefusalPage> {
    let found = service.office()?.accounts.look_at_entrance(&link, now()).await.map_err(Refusal::from)?;
    let entrance = found.ok_or_else(|| Refusal::from(AccountFailure::DeadEntrance))?;
    Ok(entrance_page(StatusCode::OK, &entrance, &EntranceForm::default(), None))
}

fn entrance_page(
    status: StatusCode,
    entrance: &UnitEntrance,
    form: &EntranceForm,
    notice: Option<String>,
) -> Response {
    let content = json!({ "unit": entrance.unit_name, "name": form.name, "notice": notice });
    private(page(status, "entrance.html", "", content))
}

pub(super) async fn enter(
    State(service): State<Arc<Service>>,
    Path(link): Path<String>,
    access: Access,
    former: FormerSession,
    form: Result<Form<EntranceForm>, FormRejection>,
) -> Result<Response, RefusalPage> {
    let accounts = &service.office()?.accounts;
    let Form(form) = form.map_err(|_| Refusal::bad_form())?;
    let found = accounts.look_at_entrance(&link, now()).await.map_err(Refusal::from)?;
    let entrance = found.ok_or_else(|| Refusal::from(AccountFailure::DeadEntrance))?;
    match accounts.enter(&link, &form.code, &form.name, access.from, now()).await {
        // At what the unit is asked for.
        Ok(session) => {
            let UnitEntrance { collection, unit, .. } = &entrance;
            let to = format!("{HOME}/{collection}/units/{unit}");
            Ok(change_over(&service, former, &session, access, &to).await?)
        }
        Err(failure) => {
            let failure = told(failure)?;
            let page = entrance_page(failure.status, &entrance, &form, Some(failure.said));
            Ok(put_off(page, failure.wait))
        }
    }
}

pub(super) const TWO_PASSWORDS: &str = "两次输入的密码不一样，请重新输入";

/// What was refused, as a page says it beside what was entered.
pub(super) struct Complaint {
    pub status: StatusCode,
    pub said: String,
    /// After how many seconds it may be tried again.
    pub wait: Option<i64>,
}

/// What a page says of a failure; what no page can mend is told by itself.
pub(super) fn told(failure: AccountFailure) -> Result<Complaint, Refusal> {
    let (status, wait) = match &failure {
        AccountFailure::Faults(_) => (StatusCode::UNPROCESSABLE_ENTITY, None),
        AccountFailure::WrongPassword | AccountFailure::WrongCode => (StatusCode::UNAUTHORIZED, None),
        AccountFailure::Wait(seconds) => (StatusCode::TOO_MANY_REQUESTS, Some(*seconds)),
        AccountFailure::Busy => (StatusCode::SERVICE_UNAVAILABLE, Some(5)),
        _ => return Err(failure.into()),
    };
    Ok(Complaint { status, said: failure.to_string(), wait })
}

pub(super) fn put_off(mut response: Response, wait: Option<i64>) -> Response {
    if let Some(wait) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, wait.into());
    }
    response
}

/// A page whose address is a secret: no other is told where its reader came from.
fn private(mut response: Response) -> Response {
    let no_referrer = axum::http::HeaderValue::from_static("no-referrer");
    response.headers_mut().insert(header::REFERRER_POLICY, no_referrer);
    response
}

impl From<AccountFailure> for Refusal {
    fn from(failure: AccountFailure) -> Self {
        let failure = match failure {
            AccountFailure::Database(error) => return error.into(),
            failure => failure,
        };
        let (status, hint) = match &failure {
            AccountFailure::NoAccount => (StatusCode::NOT_FOUND, "全部账号见“账号”一页"),
            AccountFailure::DeadLink | AccountFailure::DeadEntrance => {
                (StatusCode::NOT_FOUND, "链接只发给了您一个人，请不要转给别人")
            }
            AccountFailure::WrongPassword | AccountFailure::WrongCode => (StatusCode::UNAUTHORIZED, ""),
            AccountFailure::Wait(_) => (StatusCode::TOO_MANY_REQUESTS, ""),
            AccountFailure::Busy => (StatusCode::SERVICE_UNAVAILABLE, ""),
            AccountFailure::DisabledAccount => (StatusCode::FORBIDDEN, ""),
            AccountFailure::UnknownIdentity => {
                (StatusCode::FORBIDDEN, "账号不按姓名或邮箱自动对应，要由您本人关联一次")
            }
            AccountFailure::UsedProof | AccountFailure::TakenIdentity | AccountFailure::SecondIdentity => {
                (StatusCode::CONFLICT, "")
            }
            _ => (StatusCode::UNPROCESSABLE_ENTITY, "请改好后再试"),
        };
        Self::Other(status, Said { message: failure.to_string().into(), hint })
    }
}
