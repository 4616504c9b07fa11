//! 通知接口: other programs that are told what happens in collections, for administrators; as a page and for
//! programs. Their secrets are never shown.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{FormRejection, JsonRejection};
use axum::extract::{Extension, Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::admission::Access;
use super::answer::{Refusal, Said};
use super::frame::{RefusalPage, page};
use super::times::in_words;
use super::{Service, now};
use crate::accounts::Visitor;
use crate::audit::Act;
use crate::outbox::{NewWebhook, TOLD_ACTS, Webhook, WebhookFailure};
use crate::post::webhook_address;

/// Where the page stands.
const PLACE: &str = "/webhooks";

/// What an administrator enters. Which acts are to be told stands in a field each.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WebhookForm {
    /// The button that was pressed.
    #[serde(rename = "_do")]
    what: String,
    webhook: String,
    name: String,
    address: String,
    secret: String,
    submitted: String,
    returned: String,
    accepted: String,
    reminded: String,
    collection_opened: String,
    collection_closed: String,
}

impl WebhookForm {
    fn acts(&self) -> Vec<Act> {
        let marked = [
            (Act::Submission, &self.submitted),
            (Act::Return, &self.returned),
            (Act::Acceptance, &self.accepted),
            (Act::Reminder, &self.reminded),
            (Act::CollectionOpening, &self.collection_opened),
            (Act::CollectionClosing, &self.collection_closed),
        ];
        marked.into_iter().filter(|(_, mark)| !mark.is_empty()).map(|(act, _)| act).collect()
    }
}

/// The page.
pub(super) async fn show(State(service): State<Arc<Service>>) -> Result<Response, RefusalPage> {
    shown(&service, StatusCode::OK, &WebhookForm::default(), None).await
}

async fn shown(
    service: &Service,
    status: StatusCode,
    form: &WebhookForm,
    notice: Option<Value>,
) -> Result<Response, RefusalPage> {
    let hooks = service.office()?.outbox.webhooks().await.map_err(Refusal::from)?;
    let row = |hook: &Webhook| {
        json!({
            "id": hook.id, "name": hook.name, "address": hook.address, "is_off": hook.is_off,
            "made": in_words(hook.made_at),
            "acts": hook.acts.iter().map(|act| act.words()).collect::<Vec<_>>().join("、"),
        })
    };
    let chosen = form.acts();
    let act =
        |act: &Act| json!({ "code": act.code(), "words": act.words(), "is_chosen": chosen.contains(act) });
    let content = json!({
        "notice": notice,
        "hooks": hooks.iter().map(row).collect::<Vec<_>>(),
        "acts": TOLD_ACTS.iter().map(act).collect::<Vec<_>>(),
        "name": form.name,
        "address": form.address,
    });
    Ok(page(status, "webhooks.html", PLACE, content))
}

/// What an administrator does.
pub(super) async fn act(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    form: Result<Form<WebhookForm>, FormRejection>,
) -> Result<Response, RefusalPage> {
    let Form(form) = form.map_err(|_| Refusal::bad_form())?;
    let outbox = &service.office()?.outbox;
    let doer = visitor.doer(access.from);
    let done = match form.what.as_str() {
        "add" => {
            let new = NewWebhook {
                name: form.name.clone(),
                address: form.address.clone(),
                secret: form.secret.trim().to_owned(),
                acts: form.acts(),
            };
            add(&service, &visitor, access, new).await.map(|_| ())
        }
        "off" => outbox.turn_webhook(&doer, &form.webhook, true, now()).await.map_err(Refusal::from),
        "on" => outbox.turn_webhook(&doer, &form.webhook, false, now()).await.map_err(Refusal::from),
        "remove" => outbox.remove_webhook(&doer, &form.webhook, now()).await.map_err(Refusal::from),
        _ => return Err(Refusal::bad_form().into()),
    };
    let Err(refused) = done else { return Ok(Redirect::to(PLACE).into_response()) };
    let (status, message, hint) = refused.words();
    if status != StatusCode::UNPROCESSABLE_ENTITY {
        return Err(refused.into());
    }
    shown(&service, status, &form, Some(json!({ "messages": [message], "hint": hint }))).await
}

/// Keeps a new one, if it may be called; its id.
async fn add(
    service: &Service,
    visitor: &Visitor,
    access: Access,
    new: NewWebhook,
) -> Result<String, Refusal> {
    let calls_private = service.dispatch.as_ref().is_some_and(|dispatch| dispatch.calls_private());
    let mut faults: Vec<String> = new.faults().iter().map(ToString::to_string).collect();
    let address = match webhook_address(&new.address, calls_private) {
        Ok(address) if faults.is_empty() => address,
        found => {
            faults.extend(found.err().map(|fault| fault.to_string()));
            let said = Said { message: faults.join("。").into(), hint: "请改好后再试" };
            return Err(Refusal::Other(StatusCode::UNPROCESSABLE_ENTITY, said));
        }
    };
    let new = NewWebhook { address: address.into(), ..new };
    Ok(service.office()?.outbox.add_webhook(&visitor.doer(access.from), &new, now()).await?)
}

/// A webhook as programs see it.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "一个通知接口；密钥不再显示")]
pub(super) struct WebhookView {
    #[schemars(description = "编号")]
    id: String,
    #[schemars(description = "名称")]
    name: String,
    #[schemars(description = "网址")]
    address: String,
    #[schemars(
        description = "通知哪些事项：submitted、returned、accepted、reminded、collection_opened、collection_closed"
    )]
    events: Vec<&'static str>,
    #[schemars(description = "是否停用")]
    is_off: bool,
}

/// A webhook that a program adds.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "新的通知接口")]
pub(super) struct WebhookWish {
    #[schemars(description = "名称")]
    name: String,
    #[schemars(description = "网址；不能指向本机和内网，运维人员允许的除外")]
    address: String,
    #[schemars(description = "密钥，16 至 200 位的字母、数字和符号，用来核对签名")]
    secret: String,
    #[schemars(description = "通知哪些事项")]
    events: Vec<String>,
}

/// 通知接口
#[utoipa::path(
    get, path = "/api/webhooks", tag = "通知接口",
    responses(
        (status = 200, description = "全部通知接口，最多 10 个", body = ref("#/components/schemas/WebhookList")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "这个服务没有账号和征集", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn list(State(service): State<Arc<Service>>) -> Result<Json<Vec<WebhookView>>, Refusal> {
    let view = |hook: Webhook| WebhookView {
        id: hook.id,
        name: hook.name,
        address: hook.address,
        events: hook.acts.iter().map(|act| act.code()).collect(),
        is_off: hook.is_off,
    };
    Ok(Json(service.office()?.outbox.webhooks().await?.into_iter().map(view).collect()))
}

/// 新增通知接口
///
/// 有事时程序向这个网址 POST 一份 JSON，请求头 nianbao-signature 是 sha256= 加
/// HMAC-SHA256（nianbao-timestamp 的值、一个点、内容）。
#[utoipa::path(
    post, path = "/api/webhooks", tag = "通知接口",
    request_body(content((ref("#/components/schemas/WebhookWish") = "application/json"))),
    responses(
        (status = 201, description = "id 是它的编号", body = ref("#/components/schemas/AnyObject")),
        (status = 400, description = "内容读不懂", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "这个服务没有账号和征集", body = ref("#/components/schemas/Said")),
        (status = 422, description = "名称、网址、密钥或事项不对，或者太多", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn make(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    wish: Result<Json<WebhookWish>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Json(wish) = wish.map_err(|_| Refusal::bad_form())?;
    let told = |code: &String| TOLD_ACTS.into_iter().find(|act| act.code() == code);
    let acts: Option<Vec<Act>> = wish.events.iter().map(told).collect();
    let acts = acts.ok_or_else(Refusal::unknown_event)?;
    let new = NewWebhook { name: wish.name, address: wish.address, secret: wish.secret, acts };
    let id = add(&service, &visitor, access, new).await?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id }))).into_response())
}

/// 删去通知接口
#[utoipa::path(
    delete, path = "/api/webhooks/{webhook}", tag = "通知接口",
    params(("webhook" = String, Path, description = "通知接口的编号")),
    responses(
        (status = 204, description = "删去了"),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这个通知接口", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn remove(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
) -> Result<StatusCode, Refusal> {
    service.office()?.outbox.remove_webhook(&visitor.doer(access.from), &id, now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<WebhookFailure> for Refusal {
    fn from(failure: WebhookFailure) -> Self {
        let status = match failure {
            WebhookFailure::Database(error) => return error.into(),
            WebhookFailure::Unknown => StatusCode::NOT_FOUND,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::Other(status, Said { message: failure.to_string().into(), hint: "请改好后再试" })
    }
}

/// What is refused here.
impl Refusal {
    fn unknown_event() -> Self {
        let hint = "可以通知的事项见 /api/openapi.json";
        Self::other(StatusCode::UNPROCESSABLE_ENTITY, "没有这样的事项", hint)
    }
}
