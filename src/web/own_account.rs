//! One's own account: where one is logged in, the tokens of one's programs, the password.

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Extension, Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::admission::{Access, keep};
use super::answer::Refusal;
use super::frame::{RefusalPage, page};
use super::logins::{TWO_PASSWORDS, put_off, told};
use super::times::{days_from_now, in_words};
use super::{OpenIdProvider, Service, now};
use crate::accounts::{AccountFailure, LinkedIdentity, Right, Scope, UnitReach, Visitor, scope};

/// Where one's own account is.
const ACCOUNT: &str = "/account";

/// For how many days a token is good, where nobody says otherwise.
const DAYS: &str = "90";

/// What somebody changes of his own account.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct OwnForm {
    /// The button that was pressed.
    #[serde(rename = "_do")]
    what: String,
    before: String,
    password: String,
    again: String,
    /// The session that is ended.
    session: String,
    /// What another service calls one, from which the account is unlinked.
    identity: String,
    /// The token that is revoked.
    token: String,
    /// What a new token is for, and for how many days it is good.
    name: String,
    days: String,
}

pub(super) async fn show(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
) -> Result<Response, RefusalPage> {
    shown(&service, StatusCode::OK, &visitor, &OwnForm::default(), None).await
}

async fn shown(
    service: &Service,
    status: StatusCode,
    visitor: &Visitor,
    form: &OwnForm,
    notice: Option<Value>,
) -> Result<Response, RefusalPage> {
    let accounts = &service.office()?.accounts;
    let (mut sessions, mut tokens, mut identities) = (vec![], vec![], vec![]);
    let mut own = None;
    if let Some(account) = &visitor.account {
        own = accounts.account(account).await?;
        identities = accounts.identities(account).await?;
        sessions = accounts.sessions(account, now()).await?;
        tokens = accounts.tokens(account, now()).await?;
    }
    let sessions: Vec<Value> = sessions
        .iter()
        .map(|session| {
            json!({
                "id": session.id, "from": session.from, "began_at": in_words(session.began_at),
                "used_at": in_words(session.used_at), "is_this": Some(&session.id) == visitor.session.as_ref(),
            })
        })
        .collect();
    let tokens: Vec<Value> = tokens
        .iter()
        .map(|token| {
            json!({
                "id": token.id, "name": token.name, "made_at": in_words(token.made_at),
                "ends_at": in_words(token.ends_at), "used_at": token.used_at.map(in_words),
            })
        })
        .collect();
    let identities: Vec<Value> = identities.iter().map(identity).collect();
    let units = match &visitor.units {
        UnitReach::All => vec![],
        UnitReach::Only(units) => units.iter().cloned().collect(),
    };
    let content = json!({
        "name": visitor.name,
        "role": visitor.role.words(),
        "units": units,
        "has_account": visitor.account.is_some(),
        "login_name": own.as_ref().map(|own| &own.login_name),
        "has_password": own.as_ref().is_some_and(|own| own.has_password),
        "may_use_tokens": may_use_tokens(visitor),
        "provider": service.openid.as_ref().map(OpenIdProvider::name),
        "session": visitor.session,
        "identities": identities,
        "sessions": sessions,
        "tokens": tokens,
        "form": { "name": form.name, "days": if form.days.is_empty() { DAYS } else { &form.days } },
        "notice": notice,
    });
    Ok(page(status, "account.html", ACCOUNT, content))
}

/// What another service calls somebody, as it is shown.
pub(super) fn identity(linked: &LinkedIdentity) -> Value {
    json!({
        "id": linked.id, "issuer": linked.issuer, "subject": linked.subject, "since": in_words(linked.since),
    })
}

fn may_use_tokens(visitor: &Visitor) -> bool {
    visitor.account.is_some() && scope(visitor.role, Right::UseTokens) != Scope::Nothing
}

pub(super) async fn act(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    form: Result<Form<OwnForm>, FormRejection>,
) -> Result<Response, RefusalPage> {
    let accounts = &service.office()?.accounts;
    let Form(form) = form.map_err(|_| Refusal::bad_form())?;
    let Some(account) = &visitor.account else { return Err(Refusal::without_account().into()) };
    // Whoever found a token must not make himself more of them.
    let Some(session) = &visitor.session else { return Err(Refusal::by_session_only().into()) };
    let doer = visitor.doer(access.from);
    let done = match form.what.as_str() {
        "password" => return change_password(&service, &visitor, account, access, &form).await,
        "end" => accounts.end_sessions(&doer, account, Some(&form.session), now()).await.map(drop),
        "end_others" => {
            let others = accounts.sessions(account, now()).await?;
            for other in others.iter().filter(|other| other.id != *session) {
                accounts.end_sessions(&doer, account, Some(&other.id), now()).await?;
            }
            Ok(())
        }
        "unlink" => match accounts.unlink_identity(&doer, account, &form.identity, now()).await {
            Err(failure @ AccountFailure::LastWayIn) => {
                let notice = json!({ "is_error": true, "message": failure.to_string() });
                return shown(&service, StatusCode::UNPROCESSABLE_ENTITY, &visitor, &form, Some(notice))
                    .await;
            }
            unlinked => {
                unlinked?;
                Ok(())
            }
        },
        "revoke" => accounts.revoke_token(&doer, account, &form.token, now()).await.map(drop),
        "token" if may_use_tokens(&visitor) => {
            return match accounts
                .make_token(&doer, account, &form.name, days_from_now(&form.days), now())
                .await
            {
                Ok(made) => {
                    let notice = json!({ "is_error": false, "token": made.token });
                    shown(&service, StatusCode::CREATED, &visitor, &OwnForm::default(), Some(notice)).await
                }
                Err(failure @ (AccountFailure::Faults(_) | AccountFailure::ManyTokens)) => {
                    let notice = json!({ "is_error": true, "message": failure.to_string() });
                    shown(&service, StatusCode::UNPROCESSABLE_ENTITY, &visitor, &form, Some(notice)).await
                }
                Err(failure) => Err(failure.into()),
            };
        }
        _ => return Err(Refusal::bad_form().into()),
    };
    done?;
    Ok(Redirect::to(ACCOUNT).into_response())
}

async fn change_password(
    service: &Service,
    visitor: &Visitor,
    account: &str,
    access: Access,
    form: &OwnForm,
) -> Result<Response, RefusalPage> {
    if form.password != form.again {
        let notice = json!({ "is_error": true, "message": TWO_PASSWORDS });
        return shown(service, StatusCode::UNPROCESSABLE_ENTITY, visitor, form, Some(notice)).await;
    }
    let accounts = &service.office()?.accounts;
    match accounts.change_password(account, &form.before, &form.password, access.from, now()).await {
        Ok(session) => Ok(keep(&session, access, ACCOUNT)),
        Err(failure) => {
            let failure = told(failure)?;
            let notice = json!({ "is_error": true, "message": failure.said });
            let page = shown(service, failure.status, visitor, form, Some(notice)).await?;
            Ok(put_off(page, failure.wait))
        }
    }
}

/// What is refused here.
impl Refusal {
    pub(super) fn without_account() -> Self {
        Self::other(
            StatusCode::UNPROCESSABLE_ENTITY,
            "由单位入口进入的没有账号",
            "需要账号的，请向征集单位的管理员要一个",
        )
    }

    pub(super) fn by_session_only() -> Self {
        Self::other(StatusCode::FORBIDDEN, "访问令牌不能用来改动账号", "请用浏览器登录后，在“我的账号”里改")
    }
}
