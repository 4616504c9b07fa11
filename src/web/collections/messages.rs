//! 催报与通知: to whom was written of a collection, what came of it, and what can be sent now.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ulid::Ulid;

use super::entries::FormEntries;
use super::{Errand, PLACE, board, demand, today};
use crate::accounts::{Right, Scope, Visitor, scope};
use crate::collections::{BoardRow, BoardWish, CollectionState};
use crate::outbox::{MessageKind, MessageState, OutboxFilter, OutboxMessage};
use crate::post::{Dispatch, DispatchFailure, EntranceMails, MailRun, entrance_end};
use crate::web::admission::Access;
use crate::web::answer::Refusal;
use crate::web::frame::{RefusalPage, page};
use crate::web::times::{day_in_words, end_of, in_words, last_day};
use crate::web::{Service, now};

/// How many messages a page has.
const PAGE: usize = 100;

/// How many units without an address are named.
const NAMED: usize = 200;

/// Which messages are looked at.
#[derive(Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct MessageWishes {
    /// 只看一种状态的：waiting 待发、sent 已发出、given_up 没有发出、withdrawn 已撤销
    state: Option<String>,
    /// 从哪一条之前列起：上一页最后一条的编号
    before: Option<String>,
    /// 刚才做了什么、有几条：只用于页面
    #[param(ignore)]
    done: Option<String>,
    #[param(ignore)]
    count: Option<usize>,
    #[param(ignore)]
    known: Option<usize>,
}

impl MessageWishes {
    fn state(&self) -> Option<MessageState> {
        self.state.as_deref().and_then(MessageState::from_code)
    }
}

/// The page.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    Path(id): Path<String>,
    wishes: Result<Query<MessageWishes>, QueryRejection>,
) -> Result<Response, RefusalPage> {
    let wishes = wishes.map(|Query(wishes)| wishes).unwrap_or_default();
    let office = service.office()?;
    let collection = office.collections.collection(&id).await.map_err(Refusal::from)?;
    let mut found = found(&service, &id, &wishes).await?;
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    let counts = office.outbox.message_counts(&id).await.map_err(Refusal::from)?;
    let late = office.collections.overdue(&id, today()?).await.map_err(Refusal::from)?;
    let rows =
        office.collections.whole_board(&id, &BoardWish::default(), today()?).await.map_err(Refusal::from)?;
    let without = without_address(&service, &rows).await?;
    let names: HashMap<&str, &str> = rows.iter().map(|row| (&*row.unit, &*row.name)).collect();
    let hooks = office.outbox.webhooks().await.map_err(Refusal::from)?;
    let row = |one: &OutboxMessage| -> Value {
        let message = &one.message;
        let recipient = match message.kind {
            MessageKind::Webhook => hooks
                .iter()
                .find(|hook| hook.id == message.recipient)
                .map_or("已删除的通知接口", |hook| hook.name.as_str()),
            _ => message.recipient.as_str(),
        };
        json!({
            "at": in_words(one.made_at),
            "unit": message.unit,
            "name": names.get(&*message.unit),
            "kind": message.kind.words(),
            "is_call": message.kind == MessageKind::Webhook,
            "subject": message.subject,
            "recipient": recipient,
            "state": one.state.code(),
            "label": one.state.words(),
            "fault": one.fault,
            "attempts": one.attempts,
            "next": (one.state == MessageState::Waiting && one.attempts > 0).then(|| in_words(one.next_at)),
            "done": one.done_at.map(in_words),
            "by": message.asked_by,
        })
    };
    let place = format!("{PLACE}/{id}");
    let tab = |(state, count): &(MessageState, i64)| {
        json!({
            "label": state.words(), "count": count, "is_chosen": wishes.state() == Some(*state),
            "address": format!("{place}/messages?state={}", state.code()),
        })
    };
    let given_up = counts.iter().find(|(state, _)| *state == MessageState::GivenUp).map_or(0, |(_, n)| *n);
    let state = wishes.state().map(|state| format!("&state={}", state.code())).unwrap_or_default();
    let next = found.last().filter(|_| has_more);
    let content = json!({
        "collection": board::view(&collection),
        "place": place,
        "is_open": collection.state == CollectionState::Open,
        "has_mail": service.dispatch.as_ref().is_some_and(|dispatch| dispatch.has_mail()),
        "can_let_in": scope(visitor.role, Right::GiveEntrances) == Scope::All,
        "late": late.len(),
        "reachable": late.iter().filter(|unit| !unit.contact.mail.is_empty()).count(),
        "asked": rows.len(),
        "without": without.iter().take(NAMED).collect::<Vec<_>>(),
        "without_count": without.len(),
        "total": counts.iter().map(|(_, count)| count).sum::<i64>(),
        "is_all": wishes.state().is_none(),
        "tabs": counts.iter().filter(|(_, count)| *count > 0).map(tab).collect::<Vec<_>>(),
        "given_up": given_up,
        "rows": found.iter().map(row).collect::<Vec<_>>(),
        "next": next.map(|last| format!("{place}/messages?before={}{state}", last.id)),
        "key": Ulid::generate().to_string(),
        "done": wishes.done,
        "count": wishes.count.unwrap_or_default(),
        "known": wishes.known.unwrap_or_default(),
        "today": day_in_words(today()?),
    });
    Ok(page(StatusCode::OK, "messages.html", PLACE, content))
}

async fn found(service: &Service, id: &str, wishes: &MessageWishes) -> Result<Vec<OutboxMessage>, Refusal> {
    let filter = OutboxFilter { state: wishes.state(), unit: None, before: wishes.before.as_deref() };
    Ok(service.office()?.outbox.messages(id, &filter, PAGE + 1).await?)
}

/// The names of those that cannot be written to.
async fn without_address<'a>(service: &Service, rows: &'a [BoardRow]) -> Result<Vec<&'a str>, Refusal> {
    let known = service.office()?.collections.units().await?;
    let reachable: HashSet<&str> = known
        .iter()
        .filter(|one| !one.unit.contact.mail.is_empty())
        .map(|one| one.unit.code.as_str())
        .collect();
    Ok(rows.iter().filter(|row| !reachable.contains(&*row.unit)).map(|row| &*row.name).collect())
}

/// What is sent, or tried again.
pub(super) async fn act(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    form: FormEntries,
) -> Result<Response, RefusalPage> {
    let errand = Errand::of(&visitor, access.from)?;
    let (done, came) = match form.wish() {
        "remind" => ("reminded", remind_all(&service, &id, &errand).await?),
        "entrances" => {
            demand(&visitor, Right::GiveEntrances)?;
            let only_new = form.one("which") != "all";
            ("mailed", mail_all(&service, &id, only_new, form.one("key"), &errand).await?)
        }
        "again" => {
            let again = service.office()?.outbox.try_again(&id, now()).await.map_err(Refusal::from)?;
            ("again", MailRun { count: again as usize, ..MailRun::default() })
        }
        _ => return Err(Refusal::bad_form().into()),
    };
    let MailRun { count, known, .. } = came;
    let place = format!("{PLACE}/{id}/messages?done={done}&count={count}&known={known}");
    Ok(Redirect::to(&place).into_response())
}

async fn remind_all(service: &Service, id: &str, errand: &Errand) -> Result<MailRun, Refusal> {
    Ok(with_mail(service)?.remind_overdue(id, &errand.occasion()).await?)
}

async fn mail_all(
    service: &Service,
    id: &str,
    only_new: bool,
    key: &str,
    errand: &Errand,
) -> Result<MailRun, Refusal> {
    let dispatch = with_mail(service)?;
    let collection = service.office()?.collections.collection(id).await?;
    if collection.state != CollectionState::Open {
        return Err(Refusal::not_open());
    }
    // So that it is a purpose of its own, and no longer than one.
    let key = key.parse::<Ulid>().map_err(|_| Refusal::bad_form())?.to_string();
    let ends_at = entrance_end(&collection, end_of(collection.plan.due_on), errand.at);
    let wish = EntranceMails { collection: id, only_new, key: &key, ends_at, until: &last_day(ends_at) };
    Ok(dispatch.mail_entrances(&wish, &errand.occasion()).await?)
}

fn with_mail(service: &Service) -> Result<&Dispatch, Refusal> {
    let dispatch = service.dispatch.as_deref().filter(|dispatch| dispatch.has_mail());
    dispatch.ok_or_else(Refusal::without_mail)
}

/// A message as programs see it.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "一条催报或通知")]
pub(in crate::web) struct MessageView {
    #[schemars(description = "编号")]
    id: String,
    #[schemars(description = "mail 邮件、entrance 邮寄入口、webhook 通知接口")]
    kind: &'static str,
    #[schemars(description = "单位代码；不关某个单位的没有")]
    unit: Option<String>,
    #[schemars(description = "收件地址，或者通知接口的编号")]
    recipient: String,
    #[schemars(description = "主题，或者事项的代码")]
    subject: String,
    #[schemars(description = "waiting 待发、sent 已发出、given_up 没有发出、withdrawn 已撤销")]
    state: &'static str,
    #[schemars(description = "试过几次")]
    attempts: i64,
    #[schemars(description = "上一次没有发出的原因")]
    fault: String,
    #[schemars(description = "放入的时间，自 1970 年起的秒数")]
    made_at: i64,
    #[schemars(description = "发出或者作罢的时间")]
    done_at: Option<i64>,
}

/// A page of the messages.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "催报和通知，新的在前")]
pub(in crate::web) struct MessageList {
    messages: Vec<MessageView>,
    #[schemars(description = "下一页的地址，没有更多时为空")]
    next: Option<String>,
}

/// What came of writing to many units.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "向多少个单位发了邮件")]
pub(in crate::web) struct MailRunView {
    #[schemars(description = "新放入待发的")]
    count: usize,
    #[schemars(description = "刚发过、这次不再发的")]
    known: usize,
    #[schemars(description = "名录里没有邮箱的单位")]
    without_address: Vec<String>,
}

impl From<MailRun> for MailRunView {
    fn from(came: MailRun) -> Self {
        Self { count: came.count, known: came.known, without_address: came.without_address }
    }
}

/// Which entrances a program has mailed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "邮寄单位入口")]
pub(in crate::web) struct EntranceOrder {
    #[schemars(description = "这一次的编号，自己定的 ULID：同一个编号只寄一次")]
    key: String,
    #[schemars(description = "只寄给还没有开始填写的单位")]
    #[serde(default)]
    only_new: bool,
}

/// 催报和通知
///
/// 已经发出和等着发出的，新的在前。
#[utoipa::path(
    get, path = "/api/collections/{collection}/messages", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), MessageWishes),
    responses(
        (status = 200, description = "一页，最多 100 条", body = ref("#/components/schemas/MessageList")),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这次征集", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn list(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    wishes: Result<Query<MessageWishes>, QueryRejection>,
) -> Result<Json<MessageList>, Refusal> {
    let Query(wishes) = wishes.map_err(Refusal::of_query)?;
    if wishes.state.is_some() && wishes.state().is_none() {
        return Err(Refusal::bad_parameter("state", "一种通知的状态"));
    }
    service.office()?.collections.collection(&id).await?;
    let mut found = found(&service, &id, &wishes).await?;
    let has_more = found.len() > PAGE;
    found.truncate(PAGE);
    let state = wishes.state().map(|state| format!("&state={}", state.code())).unwrap_or_default();
    let next = found.last().filter(|_| has_more);
    let next = next.map(|last| format!("/api/collections/{id}/messages?before={}{state}", last.id));
    let view = |one: OutboxMessage| MessageView {
        id: one.id,
        kind: one.message.kind.code(),
        unit: Some(one.message.unit).filter(|unit| !unit.is_empty()),
        recipient: one.message.recipient,
        subject: one.message.subject,
        state: one.state.code(),
        attempts: one.attempts,
        fault: one.fault,
        made_at: one.made_at,
        done_at: one.done_at,
    };
    Ok(Json(MessageList { messages: found.into_iter().map(view).collect(), next }))
}

/// 催报
///
/// 给逾期的单位各发一封邮件；一天之内催过的不再催。
#[utoipa::path(
    post, path = "/api/collections/{collection}/reminders", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号")),
    responses(
        (status = 200, description = "发给了多少个单位", body = ref("#/components/schemas/MailRunView")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这次征集", body = ref("#/components/schemas/Said")),
        (status = 409, description = "没有设置邮件服务器", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn remind(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
) -> Result<Json<MailRunView>, Refusal> {
    let errand = Errand::of(&visitor, access.from)?;
    Ok(Json(remind_all(&service, &id, &errand).await?.into()))
}

/// 邮寄单位入口
///
/// 给各单位的邮箱寄新的链接和验证码；寄出时旧的随即失效。
#[utoipa::path(
    post, path = "/api/collections/{collection}/entrances/mails", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号")),
    request_body(content((ref("#/components/schemas/EntranceOrder") = "application/json"))),
    responses(
        (status = 200, description = "寄给了多少个单位", body = ref("#/components/schemas/MailRunView")),
        (status = 400, description = "内容读不懂", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这次征集", body = ref("#/components/schemas/Said")),
        (status = 409, description = "没有设置邮件服务器，或者征集没有开始", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn mail_entrances(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    mailing: Result<Json<EntranceOrder>, JsonRejection>,
) -> Result<Json<MailRunView>, Refusal> {
    let Json(mailing) = mailing.map_err(|_| Refusal::bad_form())?;
    let errand = Errand::of(&visitor, access.from)?;
    Ok(Json(mail_all(&service, &id, mailing.only_new, &mailing.key, &errand).await?.into()))
}

impl From<DispatchFailure> for Refusal {
    fn from(failure: DispatchFailure) -> Self {
        match failure {
            DispatchFailure::Database(error) => error.into(),
            DispatchFailure::Refusal(refused) => refused.into(),
        }
    }
}

/// What is refused here.
impl Refusal {
    fn without_mail() -> Self {
        let hint =
            "请运维人员启动服务时用 --smtp-host 指明邮件服务器；没有的，可以下载催报名单、单位入口和通知书";
        Self::other(StatusCode::CONFLICT, "没有设置邮件服务器，不能发邮件", hint)
    }

    fn not_open() -> Self {
        Self::other(StatusCode::CONFLICT, "征集没有开始，或者已经结束", "征集进行中才能邮寄单位入口")
    }
}
