//! Accounts for programs: listed, invited, changed. What pages can do, beside the resetting of passwords, which
//! is between two people.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::admission::{Access, OwnAddress};
use super::answer::Refusal;
use super::times::in_days;
use super::{Service, now};
use crate::accounts::{AccountEdit, AccountFailure, Accounts, Invitation, Role, UserAccount, Visitor};

/// How many accounts a page has.
const PAGE: usize = 100;

/// An account as it is told.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "一个账号")]
pub(super) struct AccountView {
    #[schemars(description = "编号")]
    id: String,
    #[schemars(description = "登录名")]
    login_name: String,
    #[schemars(description = "姓名")]
    name: String,
    #[schemars(description = "角色：administrator、reviewer、writer、signer、observer")]
    role: String,
    #[schemars(description = "单位的代码；管全部单位的角色没有")]
    units: BTreeSet<String>,
    #[schemars(description = "是否已停用")]
    is_disabled: bool,
    #[schemars(description = "是否设了密码")]
    has_password: bool,
    #[schemars(description = "是否关联了统一登录")]
    has_identity: bool,
    #[schemars(description = "建立的时间，自 1970 年起的秒数")]
    made_at: i64,
}

impl From<UserAccount> for AccountView {
    fn from(account: UserAccount) -> Self {
        Self {
            id: account.id,
            login_name: account.login_name,
            name: account.name,
            role: account.role.code().to_owned(),
            units: account.units,
            is_disabled: account.is_disabled,
            has_password: account.has_password,
            has_identity: account.has_identity,
            made_at: account.made_at,
        }
    }
}

/// A page of the accounts.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "账号，先建立的在前")]
pub(super) struct AccountList {
    accounts: Vec<AccountView>,
    #[schemars(description = "下一页的地址，没有更多时为空")]
    next: Option<String>,
}

/// Where the list begins.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AccountWishes {
    /// 从哪个账号之后列起：上一页最后一个的编号
    after: Option<String>,
}

/// 全部账号
#[utoipa::path(
    get, path = "/api/accounts", tag = "账号", params(AccountWishes),
    responses(
        (status = 200, description = "一页，最多 100 个", body = ref("#/components/schemas/AccountList")),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 403, description = "您的角色不能管理账号", body = ref("#/components/schemas/Said")),
        (status = 404, description = "这个服务没有账号", body = ref("#/components/schemas/Said")),
        (status = 503, description = "数据库用不了，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    wishes: Result<Query<AccountWishes>, QueryRejection>,
) -> Result<Json<AccountList>, Refusal> {
    let Query(AccountWishes { after }) = wishes.map_err(Refusal::of_query)?;
    let mut found = service.office()?.accounts.accounts(after.as_deref(), PAGE + 1).await?;
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| has_more).map(|last| format!("/api/accounts?after={}", last.id));
    Ok(Json(AccountList { accounts: found.into_iter().map(Into::into).collect(), next }))
}

/// Whom a program invites.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "邀请一个人")]
pub(super) struct InvitationWish {
    #[schemars(description = "姓名")]
    name: String,
    #[schemars(description = "角色：administrator、reviewer、writer、signer、observer")]
    role: String,
    #[serde(default)]
    #[schemars(description = "单位的代码；管全部单位的角色不写")]
    units: BTreeSet<String>,
    #[serde(default = "week")]
    #[schemars(description = "链接几天内有效，1 至 90", range(min = 1, max = 90))]
    days: i64,
}

fn week() -> i64 {
    7
}

/// What comes of it.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "邀请的链接，只给这一次")]
pub(super) struct InvitationView {
    #[schemars(description = "链接的编号")]
    id: String,
    #[schemars(description = "发给本人的链接，只能用一次")]
    link: String,
    #[schemars(description = "有效期到，自 1970 年起的秒数")]
    ends_at: i64,
}

/// 邀请
///
/// 回答一个链接，由您发给本人；本人打开链接，自己定登录名和密码。
#[utoipa::path(
    post, path = "/api/accounts/invitations", tag = "账号",
    request_body(content((ref("#/components/schemas/InvitationWish") = "application/json"))),
    responses(
        (status = 201, description = "链接，只给这一次", body = ref("#/components/schemas/InvitationView")),
        (status = 400, description = "内容不是所要的 JSON", body = ref("#/components/schemas/Said")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 403, description = "您的角色不能管理账号", body = ref("#/components/schemas/Said")),
        (status = 404, description = "这个服务没有账号", body = ref("#/components/schemas/Said")),
        (status = 422, description = "姓名、角色、单位或有效期不对", body = ref("#/components/schemas/Said")),
        (status = 503, description = "数据库用不了，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn invite(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    OwnAddress(address): OwnAddress,
    wish: Result<Json<InvitationWish>, JsonRejection>,
) -> Result<Response, Refusal> {
    let accounts = &service.office()?.accounts;
    let Json(wish) = wish.map_err(|_| Refusal::bad_json())?;
    let ends_at = in_days(wish.days);
    let invitation = Invitation { name: wish.name, role: role(&wish.role)?, units: wish.units };
    let made = accounts.invite(&visitor.doer(access.from), &invitation, ends_at, now()).await?;
    let link = format!("{address}/welcome/{}", made.token);
    Ok((StatusCode::CREATED, Json(InvitationView { id: made.id, link, ends_at })).into_response())
}

/// What a program changes of an account; what is not named stays.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "改动一个账号；不写的不变")]
pub(super) struct AccountPatch {
    #[schemars(description = "姓名")]
    name: Option<String>,
    #[schemars(description = "角色")]
    role: Option<String>,
    #[schemars(description = "单位的代码")]
    units: Option<BTreeSet<String>>,
    #[schemars(description = "停用或恢复")]
    is_disabled: Option<bool>,
    #[schemars(description = "写 false 解除统一登录的关联；关联只能由本人做")]
    has_identity: Option<bool>,
}

/// 修改、停用、恢复一个账号
#[utoipa::path(
    patch, path = "/api/accounts/{account}", tag = "账号", params(("account" = String, Path, description = "账号的编号")),
    request_body(content((ref("#/components/schemas/AccountPatch") = "application/json"))),
    responses(
        (status = 200, description = "改好的账号", body = ref("#/components/schemas/AccountView")),
        (status = 400, description = "内容不是所要的 JSON", body = ref("#/components/schemas/Said")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 403, description = "您的角色不能管理账号", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这个账号", body = ref("#/components/schemas/Said")),
        (status = 422, description = "姓名、角色或单位不对，或这是最后一个管理员", body = ref("#/components/schemas/Said")),
        (status = 503, description = "数据库用不了，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn change(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    patch: Result<Json<AccountPatch>, JsonRejection>,
) -> Result<Json<AccountView>, Refusal> {
    let accounts = &service.office()?.accounts;
    let account = known(accounts, &id).await?;
    let Json(patch) = patch.map_err(|_| Refusal::bad_json())?;
    let doer = visitor.doer(access.from);
    let new_role = patch.role.as_deref().map(role).transpose()?;
    if patch.name.is_some() || new_role.is_some() || patch.units.is_some() {
        let edit = AccountEdit {
            name: patch.name.unwrap_or(account.name),
            role: new_role.unwrap_or(account.role),
            units: patch.units.unwrap_or(account.units),
        };
        accounts.change_account(&doer, &id, &edit, now()).await?;
    }
    match patch.has_identity {
        Some(true) => return Err(Refusal::not_yours_to_link()),
        Some(false) => {
            for identity in accounts.identities(&id).await? {
                accounts.unlink_identity(&doer, &id, &identity.id, now()).await?;
            }
        }
        None => {}
    }
    match patch.is_disabled {
        Some(true) => accounts.disable_account(&doer, &id, now()).await?,
        Some(false) => accounts.enable_account(&doer, &id, now()).await?,
        None => {}
    }
    Ok(Json(known(accounts, &id).await?.into()))
}

async fn known(accounts: &Accounts, id: &str) -> Result<UserAccount, Refusal> {
    accounts.account(id).await?.ok_or_else(|| AccountFailure::NoAccount.into())
}

fn role(code: &str) -> Result<Role, Refusal> {
    Role::from_code(code).ok_or_else(|| {
        Refusal::other(StatusCode::UNPROCESSABLE_ENTITY, "没有这种角色", "角色的代码见 /api/openapi.json")
    })
}

/// What is refused here.
impl Refusal {
    fn not_yours_to_link() -> Self {
        Self::other(
            StatusCode::UNPROCESSABLE_ENTITY,
            "统一登录只能由本人关联",
            "本人登录以后在“我的账号”里关联，或由邀请链接关联",
        )
    }
}
