//! Accounts for programs: listed, invited, changed, and let in again who forgot the password. A link is answered to
//! the request for it, and never again.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::admission::{Access, OwnAddress};
use super::answer::Refusal;
use super::repeats::SecretAnswer;
use super::tags::tagged;
use super::times::in_days;
use super::{Service, now};
use crate::accounts::{
    AccountEdit, AccountFailure, Accounts, Invitation, OpenLink, Role, UserAccount, Visitor,
};

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
    let view = InvitationView { id: made.id, link, ends_at };
    Ok((StatusCode::CREATED, Extension(SecretAnswer), Json(view)).into_response())
}

/// For how long a link to a new password is good.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "重设密码的链接")]
pub(super) struct ResetWish {
    #[serde(default = "week")]
    #[schemars(description = "链接几天内有效，1 至 90", range(min = 1, max = 90))]
    days: i64,
}

/// 重设密码
///
/// 回答一个链接，由您发给本人；本人打开链接，重新设密码，随后原有的会话和访问令牌都失效。以前发的重设密码的链接随即失效。
#[utoipa::path(
    post, path = "/api/accounts/{account}/resets", tag = "账号", params(("account" = String, Path, description = "账号的编号")),
    request_body(content((ref("#/components/schemas/ResetWish") = "application/json"))),
    responses(
        (status = 201, description = "链接，只给这一次", body = ref("#/components/schemas/InvitationView")),
        (status = 400, description = "内容不是所要的 JSON", body = ref("#/components/schemas/Said")),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 403, description = "您的角色不能管理账号，或者账号已停用", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这个账号", body = ref("#/components/schemas/Said")),
        (status = 422, description = "有效期不对", body = ref("#/components/schemas/Said")),
        (status = 503, description = "数据库用不了，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn reset(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    OwnAddress(address): OwnAddress,
    Path(id): Path<String>,
    wish: Result<Json<ResetWish>, JsonRejection>,
) -> Result<Response, Refusal> {
    let accounts = &service.office()?.accounts;
    known(accounts, &id).await?;
    let Json(ResetWish { days }) = wish.map_err(|_| Refusal::bad_json())?;
    let ends_at = in_days(days);
    let made = accounts.reset_link(&visitor.doer(access.from), &id, ends_at, now()).await?;
    let link = format!("{address}/welcome/{}", made.token);
    let view = InvitationView { id: made.id, link, ends_at };
    Ok((StatusCode::CREATED, Extension(SecretAnswer), Json(view)).into_response())
}

/// A link that is still good.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "还有效的一个链接；链接本身只在发的时候给一次")]
pub(super) struct LinkView {
    #[schemars(description = "编号")]
    id: String,
    #[schemars(
        description = "做什么用：first_administrator 首个管理员，invitation 邀请，password_reset 重设密码"
    )]
    purpose: &'static str,
    #[schemars(description = "给谁的")]
    name: String,
    #[schemars(description = "重设哪个账号的密码")]
    account: Option<String>,
    #[schemars(description = "邀请的角色")]
    role: Option<&'static str>,
    #[schemars(description = "邀请的单位的代码")]
    units: BTreeSet<String>,
    #[schemars(description = "发的时间，自 1970 年起的秒数")]
    made_at: i64,
    #[schemars(description = "有效期到")]
    ends_at: i64,
}

impl From<OpenLink> for LinkView {
    fn from(link: OpenLink) -> Self {
        Self {
            id: link.id,
            purpose: link.purpose.code(),
            name: link.name,
            account: link.account,
            role: link.role.map(Role::code),
            units: link.units,
            made_at: link.made_at,
            ends_at: link.ends_at,
        }
    }
}

/// 还有效的链接
///
/// 邀请和重设密码的，新的在前。
#[utoipa::path(
    get, path = "/api/accounts/links", tag = "账号",
    responses(
        (status = 200, description = "全部，最多 1000 个", body = ref("#/components/schemas/LinkList")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 403, description = "您的角色不能管理账号", body = ref("#/components/schemas/Said")),
        (status = 404, description = "这个服务没有账号", body = ref("#/components/schemas/Said")),
        (status = 503, description = "数据库用不了，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn links(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let open = service.office()?.accounts.links(now()).await?;
    tagged(&headers, &open.into_iter().map(LinkView::from).collect::<Vec<_>>())
}

/// 收回一个链接
#[utoipa::path(
    delete, path = "/api/accounts/links/{link}", tag = "账号", params(("link" = String, Path, description = "链接的编号")),
    responses(
        (status = 204, description = "已经失效"),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 403, description = "您的角色不能管理账号", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这个链接，或者它已经失效", body = ref("#/components/schemas/Said")),
        (status = 503, description = "数据库用不了，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn revoke_link(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let accounts = &service.office()?.accounts;
    match accounts.revoke_link(&visitor.doer(access.from), &id, now()).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Refusal::no_such_link()),
    }
}

/// 一个账号
#[utoipa::path(
    get, path = "/api/accounts/{account}", tag = "账号", params(("account" = String, Path, description = "账号的编号")),
    responses(
        (status = 200, description = "账号", body = ref("#/components/schemas/AccountView")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 403, description = "您的角色不能管理账号", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这个账号", body = ref("#/components/schemas/Said")),
        (status = 503, description = "数据库用不了，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let account = known(&service.office()?.accounts, &id).await?;
    tagged(&headers, &AccountView::from(account))
}

/// 结束一个账号的全部会话
///
/// 本人要重新登录；访问令牌还有效，要一并失效的请停用账号。
#[utoipa::path(
    delete, path = "/api/accounts/{account}/sessions", tag = "账号", params(("account" = String, Path, description = "账号的编号")),
    responses(
        (status = 204, description = "已经全部结束"),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 403, description = "您的角色不能管理账号", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这个账号", body = ref("#/components/schemas/Said")),
        (status = 503, description = "数据库用不了，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn end_sessions(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let accounts = &service.office()?.accounts;
    known(accounts, &id).await?;
    accounts.end_sessions(&visitor.doer(access.from), &id, None, now()).await?;
    Ok(StatusCode::NO_CONTENT)
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
    fn no_such_link() -> Self {
        let hint = "还有效的见 GET /api/accounts/links";
        Self::other(StatusCode::NOT_FOUND, "没有这个链接，或者它已经失效", hint)
    }

    fn not_yours_to_link() -> Self {
        Self::other(
            StatusCode::UNPROCESSABLE_ENTITY,
            "统一登录只能由本人关联",
            "本人登录以后在“我的账号”里关联，或由邀请链接关联",
        )
    }
}
