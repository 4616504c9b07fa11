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
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::admission::Access;
use super::answer::{Refusal, Said};
use super::frame::{RefusalPage, page};
use super::times::in_words;
use super::{Service, now};
use crate::accounts::Visitor;
use crate::audit::{Act, Doer};
use crate::outbox::{
    MessageState, NewWebhook, Outbox, OutboxMessage, TOLD_ACTS, TRIAL, Webhook, WebhookFailure,
};
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
    let outbox = &service.office()?.outbox;
    let hooks = outbox.webhooks().await.map_err(Refusal::from)?;
    let act = |act: &Act, chosen: &[Act]| json!({ "code": act.code(), "words": act.words(), "is_chosen": chosen.contains(act) });
    let acts = |chosen: &[Act]| TOLD_ACTS.iter().map(|one| act(one, chosen)).collect::<Vec<_>>();
    let mut rows = Vec::new();
    for hook in &hooks {
        let trial = outbox.last_trial(&hook.id).await.map_err(Refusal::from)?;
        // What was entered and refused stays.
        let is_entered = form.what == "change" && form.webhook == hook.id;
        let (name, address, chosen) = match is_entered {
            true => (&form.name, &form.address, form.acts()),
            false => (&hook.name, &hook.address, hook.acts.clone()),
        };
        rows.push(json!({
            "id": hook.id, "name": hook.name, "address": hook.address, "is_off": hook.is_off,
            "made": in_words(hook.made_at),
            "acts": hook.acts.iter().map(|act| act.words()).collect::<Vec<_>>().join("、"),
            "trial": trial.as_ref().map(trial_words),
            "entry": json!({
                "is_open": is_entered, "name": name, "address": address, "acts": acts(&chosen),
            }),
        }));
    }
    let is_new = form.what == "add";
    let content = json!({
        "notice": notice,
        "hooks": rows,
        "acts": acts(&if is_new { form.acts() } else { Vec::new() }),
        "name": if is_new { &form.name } else { "" },
        "address": if is_new { &form.address } else { "" },
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
        "change" => {
            let new = NewWebhook {
                name: form.name.clone(),
                address: form.address.clone(),
                secret: form.secret.trim().to_owned(),
                acts: form.acts(),
            };
            changed(&service, &doer, &form.webhook, new).await
        }
        "try" => tried(outbox, &doer, &form.webhook).await,
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

/// What came of a trial, for people.
fn trial_words(trial: &OutboxMessage) -> String {
    match trial.state {
        MessageState::Waiting => {
            format!("在 {} 试发，等着发出；过几秒刷新这一页，看结果", in_words(trial.made_at))
        }
        MessageState::Sent => format!("在 {} 试发，对方已经收下", in_words(trial.made_at)),
        _ => format!("在 {} 试发，没有成：{}", in_words(trial.made_at), trial.fault),
    }
}

/// Calls a webhook once, to see what comes of it.
async fn tried(outbox: &Outbox, doer: &Doer, id: &str) -> Result<(), Refusal> {
    let at = now();
    let time = OffsetDateTime::from_unix_timestamp(at).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let body = json!({
        "id": format!("{id}-{at}"), "event": TRIAL, "time": time.format(&Rfc3339).unwrap_or_default(),
        "collection": null, "unit": null, "version": null, "from": null, "to": null, "reason": "试发",
    });
    Ok(outbox.try_webhook(doer, id, &body.to_string(), at).await?)
}

/// Makes one another, if that may be called.
async fn changed(service: &Service, doer: &Doer, id: &str, new: NewWebhook) -> Result<(), Refusal> {
    let new = callable(service, new.faults_of_change(), new)?;
    Ok(service.office()?.outbox.change_webhook(doer, id, &new, now()).await?)
}

/// Keeps a new one, if it may be called; its id.
async fn add(
    service: &Service,
    visitor: &Visitor,
    access: Access,
    new: NewWebhook,
) -> Result<String, Refusal> {
    let new = callable(service, new.faults(), new)?;
    Ok(service.office()?.outbox.add_webhook(&visitor.doer(access.from), &new, now()).await?)
}

/// One with its address as it is called; refused with all that is wrong with it.
fn callable(service: &Service, faults: Vec<WebhookFailure>, new: NewWebhook) -> Result<NewWebhook, Refusal> {
    let calls_private = service.dispatch.as_ref().is_some_and(|dispatch| dispatch.calls_private());
    let mut faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let address = match webhook_address(&new.address, calls_private) {
        Ok(address) if faults.is_empty() => address,
        found => {
            faults.extend(found.err().map(|fault| fault.to_string()));
            let said = Said { message: faults.join("。").into(), hint: "请改好后再试" };
            return Err(Refusal::Other(StatusCode::UNPROCESSABLE_ENTITY, said));
        }
    };
    Ok(NewWebhook { address: address.into(), ..new })
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
    #[schemars(description = "最近一次试发；没有试过的没有")]
    trial: Option<WebhookTrial>,
}

/// What came of a trial.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "试发的结果")]
pub(super) struct WebhookTrial {
    #[schemars(description = "waiting 等着发出、sent 对方已经收下、given_up 没有成")]
    state: &'static str,
    #[schemars(description = "没有成的原因")]
    fault: String,
    #[schemars(description = "试发的时间，自 1970 年起的秒数")]
    made_at: i64,
    #[schemars(description = "有结果的时间")]
    done_at: Option<i64>,
}

impl From<OutboxMessage> for WebhookTrial {
    fn from(trial: OutboxMessage) -> Self {
        let OutboxMessage { state, fault, made_at, done_at, .. } = trial;
        Self { state: state.code(), fault, made_at, done_at }
    }
}

/// What a program changes of a webhook; what is not named stays.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "通知接口要修改的地方；没有写的不变")]
pub(super) struct WebhookPatch {
    #[schemars(description = "名称")]
    name: Option<String>,
    #[schemars(description = "网址；不能指向本机和内网，运维人员允许的除外")]
    address: Option<String>,
    #[schemars(description = "密钥，16 至 200 位的字母、数字和符号")]
    secret: Option<String>,
    #[schemars(description = "通知哪些事项")]
    events: Option<Vec<String>>,
    #[schemars(description = "是否停用")]
    is_off: Option<bool>,
}

/// A webhook that was added.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "新增的通知接口")]
pub(super) struct WebhookReceipt {
    #[schemars(description = "编号")]
    id: String,
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
    let outbox = &service.office()?.outbox;
    let mut views = Vec::new();
    for hook in outbox.webhooks().await? {
        views.push(view(outbox, hook).await?);
    }
    Ok(Json(views))
}

async fn view(outbox: &Outbox, hook: Webhook) -> Result<WebhookView, Refusal> {
    let trial = outbox.last_trial(&hook.id).await?.map(WebhookTrial::from);
    let events = hook.acts.iter().map(|act| act.code()).collect();
    let Webhook { id, name, address, is_off, .. } = hook;
    Ok(WebhookView { id, name, address, events, is_off, trial })
}

async fn found(outbox: &Outbox, id: &str) -> Result<Webhook, Refusal> {
    let hook = outbox.webhooks().await?.into_iter().find(|hook| hook.id == id);
    Ok(hook.ok_or(WebhookFailure::Unknown)?)
}

/// The acts of these codes.
fn acts_of(codes: &[String]) -> Result<Vec<Act>, Refusal> {
    let told = |code: &String| TOLD_ACTS.into_iter().find(|act| act.code() == code);
    codes.iter().map(told).collect::<Option<_>>().ok_or_else(Refusal::unknown_event)
}

/// 修改通知接口
#[utoipa::path(
    patch, path = "/api/webhooks/{webhook}", tag = "通知接口",
    params(("webhook" = String, Path, description = "通知接口的编号")),
    request_body(content((ref("#/components/schemas/WebhookPatch") = "application/json"))),
    responses(
        (status = 200, description = "现在的通知接口", body = ref("#/components/schemas/WebhookView")),
        (status = 400, description = "内容读不懂", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这个通知接口", body = ref("#/components/schemas/Said")),
        (status = 422, description = "名称、网址、密钥或事项不对", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn change(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    patch: Result<Json<WebhookPatch>, JsonRejection>,
) -> Result<Json<WebhookView>, Refusal> {
    let outbox = &service.office()?.outbox;
    let Json(patch) = patch.map_err(|_| Refusal::bad_json())?;
    let doer = visitor.doer(access.from);
    let Webhook { name, address, acts, is_off, .. } = found(outbox, &id).await?;
    if patch.secret.as_ref().is_some_and(String::is_empty) {
        return Err(WebhookFailure::Secret.into());
    }
    let is_other =
        patch.name.is_some() || patch.address.is_some() || patch.secret.is_some() || patch.events.is_some();
    if is_other {
        let new = NewWebhook {
            name: patch.name.unwrap_or(name),
            address: patch.address.unwrap_or(address),
            secret: patch.secret.unwrap_or_default(),
            acts: patch.events.map_or(Ok(acts), |codes| acts_of(&codes))?,
        };
        changed(&service, &doer, &id, new).await?;
    }
    if let Some(off) = patch.is_off.filter(|off| *off != is_off) {
        outbox.turn_webhook(&doer, &id, off, now()).await?;
    }
    Ok(Json(view(outbox, found(outbox, &id).await?).await?))
}

/// 试发一次
///
/// 放入待发，马上向这个网址发一份事项为 trial 的 JSON，不成的不再试；结果见 GET /api/webhooks 的 trial。
#[utoipa::path(
    post, path = "/api/webhooks/{webhook}/trials", tag = "通知接口",
    params(("webhook" = String, Path, description = "通知接口的编号")),
    responses(
        (status = 202, description = "放入待发了", body = ref("#/components/schemas/WebhookView")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这个通知接口", body = ref("#/components/schemas/Said")),
        (status = 422, description = "已经停用", body = ref("#/components/schemas/Said")),
    )
)]
pub(super) async fn attempt(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let outbox = &service.office()?.outbox;
    tried(outbox, &visitor.doer(access.from), &id).await?;
    let hook = view(outbox, found(outbox, &id).await?).await?;
    Ok((StatusCode::ACCEPTED, Json(hook)).into_response())
}

/// 新增通知接口
///
/// 有事时程序向这个网址 POST 一份 JSON，请求头 nianbao-signature 是 sha256= 加
/// HMAC-SHA256（nianbao-timestamp 的值、一个点、内容）。
#[utoipa::path(
    post, path = "/api/webhooks", tag = "通知接口",
    request_body(content((ref("#/components/schemas/WebhookWish") = "application/json"))),
    responses(
        (status = 201, description = "id 是它的编号", body = ref("#/components/schemas/WebhookReceipt")),
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
    let Json(wish) = wish.map_err(|_| Refusal::bad_json())?;
    let acts = acts_of(&wish.events)?;
    let new = NewWebhook { name: wish.name, address: wish.address, secret: wish.secret, acts };
    let id = add(&service, &visitor, access, new).await?;
    Ok((StatusCode::CREATED, Json(WebhookReceipt { id })).into_response())
}

/// 删除通知接口
#[utoipa::path(
    delete, path = "/api/webhooks/{webhook}", tag = "通知接口",
    params(("webhook" = String, Path, description = "通知接口的编号")),
    responses(
        (status = 204, description = "删除了"),
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
