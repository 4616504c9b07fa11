//! Accounts, for administrators: who has one, who is invited, with which role, for which units. A link is shown
//! on the page that answers the request for it, and never again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Extension, Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::admission::{Access, OwnAddress};
use super::answer::Refusal;
use super::frame::{RefusalPage, page};
use super::own_account::identity;
use super::times::{days_from_now, in_words};
use super::{Service, now};
use crate::accounts::{AccountEdit, AccountFailure, Invitation, NewLink, Role, UserAccount, Visitor};
use crate::collections::KnownUnit;

/// Where the pages stand.
const PLACE: &str = "/accounts";

/// How many accounts a page shows.
const PAGE: usize = 50;

/// For how many days a link is good, where nobody says otherwise.
const DAYS: &str = "7";

/// How many units of an account a list names.
const NAMED_UNITS: usize = 3;

#[derive(Deserialize)]
pub(super) struct PeopleQuery {
    after: Option<String>,
}

/// What an administrator enters.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct PersonForm {
    /// The button that was pressed.
    #[serde(rename = "_do")]
    what: String,
    name: String,
    role: String,
    /// Of each unit its code or name, a line each.
    units: String,
    days: String,
    /// What another service calls the owner, from which the account is unlinked.
    identity: String,
    /// The link that is taken back.
    link: String,
}

/// The units of the roster, by code and by name.
struct UnitIndex {
    names: BTreeMap<String, String>,
    codes: BTreeMap<String, String>,
}

impl UnitIndex {
    async fn of(service: &Service) -> Result<Self, Refusal> {
        let units = service.office()?.collections.units().await.map_err(|error| {
            tracing::error!(%error, "the roster cannot be read");
            Refusal::away(crate::jobs::Cause::Database)
        })?;
        let pair = |known: &KnownUnit| (known.unit.code.to_string(), known.unit.name.clone());
        let names: BTreeMap<_, _> = units.iter().map(pair).collect();
        let codes = names.iter().map(|(code, name)| (name.clone(), code.clone())).collect();
        Ok(Self { names, codes })
    }

    /// The codes of what was entered, or what of it is not in the roster.
    fn read(&self, entered: &str) -> Result<BTreeSet<String>, String> {
        let mut codes = BTreeSet::new();
        for line in entered.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let code = self.names.get_key_value(line).map(|(code, _)| code).or(self.codes.get(line));
            let Some(code) = code else {
                let line: String = line.chars().take(50).collect();
                return Err(format!("名录里没有“{line}”这个单位，请写名录里的代码或名称，每行一个"));
            };
            codes.insert(code.clone());
        }
        Ok(codes)
    }

    fn named(&self, code: &str) -> String {
        self.names.get(code).cloned().unwrap_or_else(|| code.to_owned())
    }

    /// Some of them, and how many there are.
    fn told(&self, codes: &BTreeSet<String>) -> String {
        let named: Vec<_> = codes.iter().take(NAMED_UNITS).map(|code| self.named(code)).collect();
        match codes.len() {
            0..=NAMED_UNITS => named.join("、"),
            count => format!("{}等 {count} 个单位", named.join("、")),
        }
    }
}

/// All accounts, the links that are open, and where somebody is invited.
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    wishes: Result<Query<PeopleQuery>, QueryRejection>,
) -> Result<Response, RefusalPage> {
    let after = wishes.ok().and_then(|Query(wishes)| wishes.after);
    let form = PersonForm { role: Role::Reviewer.code().into(), days: DAYS.into(), ..PersonForm::default() };
    listed(&service, StatusCode::OK, after.as_deref(), &form, None).await
}

async fn listed(
    service: &Service,
    status: StatusCode,
    after: Option<&str>,
    form: &PersonForm,
    notice: Option<Value>,
) -> Result<Response, RefusalPage> {
    let accounts = &service.office()?.accounts;
    let units = UnitIndex::of(service).await?;
    let mut found = accounts.accounts(after, PAGE + 1).await?;
    let next = (found.len() > PAGE).then(|| found[PAGE - 1].id.clone());
    found.truncate(PAGE);
    let links = accounts.links(now()).await?;
    let links: Vec<Value> = links
        .iter()
        .map(|link| {
            json!({
                "id": link.id, "purpose": link.purpose.words(), "name": link.name,
                "role": link.role.map(Role::words), "units": units.told(&link.units),
                "ends_at": in_words(link.ends_at),
            })
        })
        .collect();
    let content = json!({
        "accounts": found.iter().map(|account| row(account, &units)).collect::<Vec<_>>(),
        "next": next,
        "is_first": after.is_none(),
        "links": links,
        "roles": roles(&form.role),
        "form": { "name": form.name, "units": form.units, "days": form.days },
        "notice": notice,
    });
    Ok(page(status, "people.html", PLACE, content))
}

fn row(account: &UserAccount, units: &UnitIndex) -> Value {
    json!({
        "id": account.id, "name": account.name, "login_name": account.login_name,
        "role": account.role.words(), "units": units.told(&account.units),
        "is_disabled": account.is_disabled, "can_log_in": account.has_password || account.has_identity,
    })
}

fn roles(chosen: &str) -> Vec<Value> {
    let role = |role: &Role| {
        json!({
            "code": role.code(), "words": role.words(), "is_of_units": role.is_of_units(),
            "is_chosen": role.code() == chosen,
        })
    };
    Role::ALL.iter().map(role).collect()
}

/// Invites somebody, or takes a link back.
pub(super) async fn act(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    address: OwnAddress,
    form: Result<Form<PersonForm>, FormRejection>,
) -> Result<Response, RefusalPage> {
    let accounts = &service.office()?.accounts;
    let Form(form) = form.map_err(|_| Refusal::bad_form())?;
    let doer = visitor.doer(access.from);
    match form.what.as_str() {
        "invite" => {
            let ends_at = days_from_now(&form.days);
            let made = match invitation(&service, &form).await? {
                Ok(invitation) => accounts.invite(&doer, &invitation, ends_at, now()).await,
                Err(said) => return listed_again(&service, &form, &said).await,
            };
            match made {
                Ok(link) => {
                    let form = PersonForm { role: form.role.clone(), days: form.days, ..Default::default() };
                    let notice = shown_once(&address, &link, ends_at);
                    listed(&service, StatusCode::CREATED, None, &form, Some(notice)).await
                }
                Err(failure) => listed_again(&service, &form, &told(failure)?).await,
            }
        }
        "revoke" => {
            accounts.revoke_link(&doer, &form.link, now()).await?;
            Ok(Redirect::to(PLACE).into_response())
        }
        _ => Err(Refusal::bad_form().into()),
    }
}

async fn listed_again(service: &Service, form: &PersonForm, said: &str) -> Result<Response, RefusalPage> {
    listed(service, StatusCode::UNPROCESSABLE_ENTITY, None, form, Some(complaint(said))).await
}

async fn invitation(service: &Service, form: &PersonForm) -> Result<Result<Invitation, String>, Refusal> {
    let Some(role) = Role::from_code(&form.role) else { return Ok(Err(NO_ROLE.to_owned())) };
    let units = UnitIndex::of(service).await?.read(&form.units);
    Ok(units.map(|units| Invitation { name: form.name.clone(), role, units }))
}

const NO_ROLE: &str = "没有选角色，请选一个";

/// One account, to be changed.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
) -> Result<Response, RefusalPage> {
    let account = known(&service, &id).await?;
    let form = form_of(&account);
    shown(&service, StatusCode::OK, &account, &form, None).await
}

async fn known(service: &Service, id: &str) -> Result<UserAccount, Refusal> {
    let found = service.office()?.accounts.account(id).await?;
    found.ok_or_else(|| AccountFailure::NoAccount.into())
}

async fn shown(
    service: &Service,
    status: StatusCode,
    account: &UserAccount,
    form: &PersonForm,
    notice: Option<Value>,
) -> Result<Response, RefusalPage> {
    let units = UnitIndex::of(service).await?;
    let accounts = &service.office()?.accounts;
    let sessions = accounts.sessions(&account.id, now()).await?;
    let identities = accounts.identities(&account.id).await?;
    let content = json!({
        "account": row(account, &units),
        "units": account.units.iter().map(|code| json!({ "code": code, "name": units.named(code) })).collect::<Vec<_>>(),
        "made_at": in_words(account.made_at),
        "sessions": sessions.len(),
        "identities": identities.iter().map(identity).collect::<Vec<_>>(),
        "roles": roles(&form.role),
        "form": { "name": form.name, "units": form.units, "days": form.days },
        "notice": notice,
    });
    Ok(page(status, "person.html", PLACE, content))
}

/// Changes an account, or makes a link by which its owner sets a password.
pub(super) async fn change(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    address: OwnAddress,
    form: Result<Form<PersonForm>, FormRejection>,
) -> Result<Response, RefusalPage> {
    let accounts = &service.office()?.accounts;
    let account = known(&service, &id).await?;
    let Form(form) = form.map_err(|_| Refusal::bad_form())?;
    let doer = visitor.doer(access.from);
    let done = match form.what.as_str() {
        "change" => match invitation(&service, &form).await? {
            Ok(Invitation { name, role, units }) => {
                accounts.change_account(&doer, &id, &AccountEdit { name, role, units }, now()).await
            }
            Err(said) => return shown_again(&service, &account, &form, &said).await,
        },
        "disable" => accounts.disable_account(&doer, &id, now()).await,
        "enable" => accounts.enable_account(&doer, &id, now()).await,
        "end" => accounts.end_sessions(&doer, &id, None, now()).await.map(drop).map_err(Into::into),
        "unlink" => accounts.unlink_identity(&doer, &id, &form.identity, now()).await.map(drop),
        "reset" => {
            let ends_at = days_from_now(&form.days);
            match accounts.reset_link(&doer, &id, ends_at, now()).await {
                Ok(link) => {
                    let notice = shown_once(&address, &link, ends_at);
                    return shown(&service, StatusCode::CREATED, &account, &form_of(&account), Some(notice))
                        .await;
                }
                Err(failure) => Err(failure),
            }
        }
        _ => return Err(Refusal::bad_form().into()),
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("{PLACE}/{id}")).into_response()),
        Err(failure) => {
            let form = if form.what == "change" { form } else { form_of(&account) };
            shown_again(&service, &account, &form, &told(failure)?).await
        }
    }
}

fn form_of(account: &UserAccount) -> PersonForm {
    PersonForm {
        name: account.name.clone(),
        role: account.role.code().into(),
        units: account.units.iter().cloned().collect::<Vec<_>>().join("\n"),
        days: DAYS.into(),
        ..PersonForm::default()
    }
}

async fn shown_again(
    service: &Service,
    account: &UserAccount,
    form: &PersonForm,
    said: &str,
) -> Result<Response, RefusalPage> {
    shown(service, StatusCode::UNPROCESSABLE_ENTITY, account, form, Some(complaint(said))).await
}

fn shown_once(OwnAddress(address): &OwnAddress, link: &NewLink, ends_at: i64) -> Value {
    json!({ "is_error": false, "link": format!("{address}/welcome/{}", link.token), "ends_at": in_words(ends_at) })
}

fn complaint(said: &str) -> Value {
    json!({ "is_error": true, "message": said })
}

/// What a page says of a failure that whoever reads it can mend.
fn told(failure: AccountFailure) -> Result<String, Refusal> {
    match failure {
        AccountFailure::Faults(_)
        | AccountFailure::LastAdministrator
        | AccountFailure::LastWayIn
        | AccountFailure::DisabledAccount => Ok(failure.to_string()),
        _ => Err(failure.into()),
    }
}
