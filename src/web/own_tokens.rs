//! The tokens of one's own programs, for programs: listed, made, revoked. Who comes with one makes no other.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::admission::Access;
use super::answer::Refusal;
use super::repeats::SecretAnswer;
use super::tags::tagged;
use super::times::in_days;
use super::{Service, now};
use crate::accounts::{ApiToken, Visitor};

/// A token as it is told: never its secret.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "自己的一个访问令牌；令牌本身只在做的时候给一次")]
pub(super) struct TokenView {
    #[schemars(description = "编号")]
    id: String,
    #[schemars(description = "做什么用")]
    name: String,
    #[schemars(description = "做的时间，自 1970 年起的秒数")]
    made_at: i64,
    #[schemars(description = "有效期到")]
    ends_at: i64,
    #[schemars(description = "最近一次使用的时间，精确到分钟；没有用过的没有")]
    used_at: Option<i64>,
}

impl From<ApiToken> for TokenView {
    fn from(token: ApiToken) -> Self {
        let ApiToken { id, name, made_at, ends_at, used_at } = token;
        Self { id, name, made_at, ends_at, used_at }
    }
}

/// What a new token is for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "做一个访问令牌")]
pub(super) struct TokenWish {
    #[schemars(description = "做什么用")]
    name: String,
    #[serde(default = "quarter")]
    #[schemars(description = "几天内有效，1 至 400", range(min = 1, max = 400))]
    days: i64,
}

fn quarter() -> i64 {
    90
}

/// A token that was made.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "新的访问令牌，只给这一次")]
pub(super) struct TokenReceipt {
    #[schemars(description = "编号")]
    id: String,
    #[schemars(description = "令牌，放在 Authorization: Bearer 之后")]
    token: String,
    #[schemars(description = "有效期到，自 1970 年起的秒数")]
    ends_at: i64,
}

/// 自己的访问令牌
///
/// 还有效的，先做的在前。
#[utoipa::path(
    get, path = "/api/account/tokens", tag = "账号",
    responses(
        (status = 200, description = "全部，最多 20 个", body = ref("#/components/schemas/TokenList")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "这个服务没有账号", body = ref("#/components/schemas/Said")),
        (status = 422, description = "由单位入口进入的没有账号", body = ref("#/components/schemas/Said")),
        (status = 503, description = "数据库用不了，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn list(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let accounts = &service.office()?.accounts;
    let tokens = accounts.tokens(own(&visitor)?, now()).await?;
    tagged(&headers, &tokens.into_iter().map(TokenView::from).collect::<Vec<_>>())
}

/// 做一个访问令牌
///
/// 要登录以后的会话：用访问令牌不能再做访问令牌，谁拿到了一个也不能多做几个。
#[utoipa::path(
    post, path = "/api/account/tokens", tag = "账号",
    request_body(content((ref("#/components/schemas/TokenWish") = "application/json"))),
    responses(
        (status = 201, description = "令牌，只给这一次", body = ref("#/components/schemas/TokenReceipt")),
        (status = 400, description = "内容不是所要的 JSON", body = ref("#/components/schemas/Said")),
        (status = 401, description = "没有登录", body = ref("#/components/schemas/Said")),
        (status = 403, description = "带来的是访问令牌，不是会话；或者账号已停用", body = ref("#/components/schemas/Said")),
        (status = 404, description = "这个服务没有账号", body = ref("#/components/schemas/Said")),
        (status = 422, description = "名称或有效期不对，令牌太多，或者由单位入口进入的没有账号", body = ref("#/components/schemas/Said")),
        (status = 503, description = "数据库用不了，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn make(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    wish: Result<Json<TokenWish>, JsonRejection>,
) -> Result<Response, Refusal> {
    let accounts = &service.office()?.accounts;
    let account = own(&visitor)?;
    if visitor.session.is_none() {
        return Err(Refusal::by_session_only());
    }
    let Json(TokenWish { name, days }) = wish.map_err(|_| Refusal::bad_json())?;
    let ends_at = in_days(days);
    let made = accounts.make_token(&visitor.doer(access.from), account, &name, ends_at, now()).await?;
    let receipt = TokenReceipt { id: made.id, token: made.token, ends_at };
    Ok((StatusCode::CREATED, Extension(SecretAnswer), Json(receipt)).into_response())
}

/// 收回一个访问令牌
#[utoipa::path(
    delete, path = "/api/account/tokens/{token}", tag = "账号", params(("token" = String, Path, description = "令牌的编号")),
    responses(
        (status = 204, description = "已经失效"),
        (status = 401, description = "没有访问令牌，或令牌不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "您没有这个访问令牌，或者它已经失效；或者这个服务没有账号", body = ref("#/components/schemas/Said")),
        (status = 422, description = "由单位入口进入的没有账号", body = ref("#/components/schemas/Said")),
        (status = 503, description = "数据库用不了，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn revoke(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let accounts = &service.office()?.accounts;
    match accounts.revoke_token(&visitor.doer(access.from), own(&visitor)?, &id, now()).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Refusal::no_such_token()),
    }
}

/// One's own account.
fn own(visitor: &Visitor) -> Result<&str, Refusal> {
    visitor.account.as_deref().ok_or_else(Refusal::without_account)
}

/// What is refused here.
impl Refusal {
    fn no_such_token() -> Self {
        let hint = "还有效的见 GET /api/account/tokens";
        Self::other(StatusCode::NOT_FOUND, "您没有这个访问令牌，或者它已经失效", hint)
    }
}
