//! To the provider and back.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::attempt::{AttemptPurpose, LoginAttempt, SPAN};
use super::provider::{OpenIdProvider, ProviderFailure};
use crate::accounts::{AccountFailure, LinkPurpose, NewSession, Visitor};
use crate::language::invisible::is_invisible;
use crate::web::admission::{Access, CookieName, FormerSession, change_over};
use crate::web::answer::{Refusal, Said};
use crate::web::door::Arrival;
use crate::web::frame::RefusalPage;
use crate::web::guard::demand_own_link;
use crate::web::logins::{Destination, HOME, login_page};
use crate::web::{Service, now};

/// What a browser keeps of a login that it has begun.
const COOKIE: CookieName = CookieName { by_https: "__Host-nianbao-openid", plain: "nianbao-openid" };

/// Where one's own account is shown.
const ACCOUNT: &str = "/account";

/// How much of what a provider says is shown, in characters.
const SHOWN: usize = 200;

/// What somebody wants to log in for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct OpenIdWishes {
    to: String,
    /// Of whoever links an account: this session, which other pages do not know.
    session: Option<String>,
    /// Of whoever takes one up: the invitation.
    link: Option<String>,
}

/// What a provider answers.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct OpenIdAnswer {
    state: String,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Sends somebody to the provider.
pub(in crate::web) async fn begin(
    State(service): State<Arc<Service>>,
    visitor: Option<Extension<Visitor>>,
    access: Access,
    arrival: Option<Extension<Arrival>>,
    headers: HeaderMap,
    wishes: Result<Query<OpenIdWishes>, QueryRejection>,
) -> Result<Response, RefusalPage> {
    let provider = service.openid()?;
    let Query(wishes) = wishes.map_err(Refusal::of_query)?;
    if wishes.link.is_some() || wishes.session.is_some() {
        demand_own_link(&headers, arrival.as_deref())?;
    }
    let purpose = match (wishes.link, wishes.session) {
        (Some(link), _) => {
            let open = service.office()?.accounts.look_at_link(&link, now()).await.map_err(Refusal::from)?;
            let is_invitation = open.is_some_and(|open| open.purpose == LinkPurpose::Invitation);
            if !is_invitation {
                return Err(Refusal::from(AccountFailure::DeadLink).into());
            }
            AttemptPurpose::Invitation { link }
        }
        (None, Some(session)) => {
            linking(visitor.as_deref(), &session)?;
            AttemptPurpose::Linking { session }
        }
        (None, None) => AttemptPurpose::Login { to: Destination::to(wishes.to).page() },
    };
    let attempt = LoginAttempt::new(purpose, HOME, now());
    match provider.address(&attempt).await {
        Ok(address) => {
            let mut response = Redirect::to(address.as_str()).into_response();
            COOKIE.set(&mut response, &attempt.cookie(), SPAN, access);
            Ok(response)
        }
        Err(failure) => refused(&service, &attempt.purpose, refusal(failure, provider)),
    }
}

/// Takes somebody in whom the provider has sent back.
pub(in crate::web) async fn finish(
    State(service): State<Arc<Service>>,
    visitor: Option<Extension<Visitor>>,
    access: Access,
    former: FormerSession,
    headers: HeaderMap,
    answer: Result<Query<OpenIdAnswer>, QueryRejection>,
) -> Result<Response, RefusalPage> {
    let provider = service.openid()?;
    let answer = answer.map(|Query(answer)| answer).unwrap_or_default();
    let attempt = COOKIE.of(&headers, access).and_then(|cookie| LoginAttempt::of_cookie(&cookie, now()));
    // Of whoever did not begin here nothing is believed, nor shown.
    let begun = attempt.filter(|attempt| attempt.is_answered_by(&answer.state));
    let mut response = match begun {
        Some(attempt) => match let_in(&service, provider, &attempt, answer, visitor.as_deref(), access).await
        {
            Ok((session, to)) => match session {
                Some(session) => change_over(&service, former, &session, access, &to).await?,
                None => Redirect::to(&to).into_response(),
            },
            Err(refusal) => refused(&service, &attempt.purpose, refusal)?,
        },
        None => {
            let purpose = AttemptPurpose::Login { to: HOME.to_owned() };
            refused(&service, &purpose, Refusal::not_begun_here(provider))?
        }
    };
    COOKIE.set(&mut response, "", 0, access);
    Ok(response)
}

/// What was wanted is done; gives the new session, if one begins, and where to go on.
async fn let_in(
    service: &Service,
    provider: &OpenIdProvider,
    attempt: &LoginAttempt,
    answer: OpenIdAnswer,
    visitor: Option<&Visitor>,
    access: Access,
) -> Result<(Option<NewSession>, String), Refusal> {
    let accounts = &service.office()?.accounts;
    if answer.iss.is_some_and(|iss| iss != provider.issuer()) {
        return Err(refusal(ProviderFailure::Untrue, provider));
    }
    if let Some(error) = answer.error {
        return Err(Refusal::denied(provider, &error, answer.error_description.as_deref()));
    }
    let code = answer.code.ok_or_else(|| refusal(ProviderFailure::Refused, provider))?;
    let proof = provider.proof(code, attempt).await.map_err(|failure| refusal(failure, provider))?;
    match &attempt.purpose {
        AttemptPurpose::Login { to } => {
            let session = accounts.login_by_identity(&proof, access.from, now()).await?;
            Ok((Some(session), Destination::to(to.clone()).page()))
        }
        AttemptPurpose::Linking { session } => {
            let (visitor, account) = linking(visitor, session)?;
            accounts.link_identity(&visitor.doer(access.from), account, &proof, now()).await?;
            Ok((None, ACCOUNT.to_owned()))
        }
        AttemptPurpose::Invitation { link } => {
            let session = accounts.take_up_by_identity(link, &proof, access.from, now()).await?;
            Ok((Some(session), HOME.to_owned()))
        }
    }
}

/// Who links an account, and which: who has come in by this very session.
fn linking<'a>(visitor: Option<&'a Visitor>, session: &str) -> Result<(&'a Visitor, &'a str), Refusal> {
    let visitor = visitor.filter(|visitor| visitor.session.as_deref() == Some(session));
    visitor
        .and_then(|visitor| Some((visitor, visitor.account.as_deref()?)))
        .ok_or_else(Refusal::not_linked_here)
}

/// Who came to log in sees the page for it again, with what happened.
fn refused(service: &Service, purpose: &AttemptPurpose, refusal: Refusal) -> Result<Response, RefusalPage> {
    let AttemptPurpose::Login { to } = purpose else { return Err(refusal.into()) };
    let (status, message, hint) = refusal.words();
    Ok(login_page(service, status, "", to, Some(format!("{message}\n{hint}"))))
}

fn refusal(failure: ProviderFailure, provider: &OpenIdProvider) -> Refusal {
    let name = provider.name();
    let (status, message, hint) = match failure {
        ProviderFailure::Away => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("“{name}”暂时用不了：连不上，或者回答得不对"),
            "请过一会儿再试；有密码的，可以用登录名和密码登录。一直这样的，请管理员查看本服务的日志",
        ),
        ProviderFailure::Refused => (
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("“{name}”不认这一次登录：它可能已经用过，或者过了期"),
            "请重新登录",
        ),
        ProviderFailure::Untrue => (
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("“{name}”的回答核对不上，没有登录"),
            "请重新登录；一直这样的，请管理员查看本服务的日志",
        ),
    };
    Refusal::Other(status, Said { message: message.into(), hint })
}

impl Service {
    /// The provider, where there is one.
    fn openid(&self) -> Result<&OpenIdProvider, Refusal> {
        self.openid.as_ref().ok_or_else(Refusal::not_found)
    }
}

/// What is refused here.
impl Refusal {
    fn not_begun_here(provider: &OpenIdProvider) -> Self {
        let address = provider.own_address();
        let message =
            format!("登录没有完成：它不是在这个浏览器里刚刚开始的，或者已经过了 {} 分钟", SPAN / 60);
        let message = format!("{message}。本服务的地址是 {address}/，请用它打开");
        Self::Other(StatusCode::BAD_REQUEST, Said { message: message.into(), hint: "请从头登录一次" })
    }

    fn not_linked_here() -> Self {
        Self::other(StatusCode::BAD_REQUEST, "登录已经换过，没有关联", "请登录以后，在“我的账号”里关联")
    }

    /// What the provider says, as data.
    fn denied(provider: &OpenIdProvider, error: &str, description: Option<&str>) -> Self {
        let name = provider.name();
        let said = description.unwrap_or(error).chars().filter(|c| !is_invisible(*c));
        let said: String = said.take(SHOWN).collect();
        let message = match error {
            "access_denied" => format!("“{name}”没有同意登录，或者您取消了登录（{said}）"),
            _ => format!("“{name}”没有让登录完成（{said}）"),
        };
        let hint = "请重新登录；一直这样的，请把括号里的话告诉管理员";
        Self::Other(StatusCode::UNPROCESSABLE_ENTITY, Said { message: message.into(), hint })
    }
}
