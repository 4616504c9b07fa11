//! Other programs that are told what happens (通知接口): where they are, what they want to be told, and the
//! secret with which they know who calls.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use ulid::Ulid;

use super::Outbox;
use super::messages::{MessageKind, NewMessage, OutboxMessage};
use crate::audit::{Act, Deed, Doer, note};

/// How many there may be.
pub const MOST_WEBHOOKS: i64 = 10;

/// How many characters a name has at most.
const LONGEST_NAME: usize = 100;

/// How many characters a secret has.
const SHORTEST_SECRET: usize = 16;
const LONGEST_SECRET: usize = 200;

/// What a trial is called in the place of an act.
pub const TRIAL: &str = "trial";

/// What can be told.
pub const TOLD_ACTS: [Act; 8] = [
    Act::Submission,
    Act::Return,
    Act::Acceptance,
    Act::Reminder,
    Act::CollectionOpening,
    Act::CollectionClosing,
    Act::BatchCompletion,
    Act::BatchFailures,
];

/// A program that is to be told. Whether it may be called is asked by whoever calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWebhook {
    pub name: String,
    pub address: String,
    pub secret: String,
    pub acts: Vec<Act>,
}

/// A program that is told. Its secret is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    pub id: String,
    pub name: String,
    pub address: String,
    pub acts: Vec<Act>,
    pub made_at: i64,
    pub is_off: bool,
}

/// Why a webhook was not kept or changed.
#[derive(Debug, thiserror::Error)]
pub enum WebhookFailure {
    #[error("名称没有填，或者太长；请填写，不超过 {LONGEST_NAME} 个字")]
    Name,
    #[error("密钥太短或太长，或者有空白；请用 {SHORTEST_SECRET} 至 {LONGEST_SECRET} 位的字母、数字和符号")]
    Secret,
    #[error("没有选要通知的事项，请至少选一项")]
    NoActs,
    #[error("通知接口太多，最多 {MOST_WEBHOOKS} 个，请先删除不用的")]
    Many,
    #[error("通知接口已经停用，没有试发；请先恢复")]
    Off,
    #[error("没有这个通知接口，它可能已经删除；请刷新页面")]
    Unknown,
    #[error("数据库出了问题：{0}")]
    Database(#[from] sqlx::Error),
}

impl NewWebhook {
    /// What is wrong with it in the place of one that is there: an empty secret is the one that it has.
    pub fn faults_of_change(&self) -> Vec<WebhookFailure> {
        let mut faults = self.faults();
        faults.retain(|fault| !(self.secret.is_empty() && matches!(fault, WebhookFailure::Secret)));
        faults
    }

    /// What is wrong with it, all of it.
    pub fn faults(&self) -> Vec<WebhookFailure> {
        let name = self.name.trim();
        let is_named =
            (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        let is_secret = (SHORTEST_SECRET..=LONGEST_SECRET).contains(&self.secret.len())
            && self.secret.bytes().all(|byte| byte.is_ascii_graphic());
        let faults = [
            (!is_named).then_some(WebhookFailure::Name),
            (!is_secret).then_some(WebhookFailure::Secret),
            self.acts.is_empty().then_some(WebhookFailure::NoActs),
        ];
        faults.into_iter().flatten().collect()
    }
}

impl Outbox {
    /// The webhooks, the first made first.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, sqlx::Error> {
        sqlx::query("SELECT id, name, address, events, made_at, is_off FROM nianbao_webhooks ORDER BY id")
            .try_map(|row| webhook(&row))
            .fetch_all(&self.pool)
            .await
    }

    /// A webhook that is on, with its secret; none where there is no such one any more.
    pub async fn webhook_to_call(&self, id: &str) -> Result<Option<(Webhook, String)>, sqlx::Error> {
        sqlx::query(
            "SELECT id, name, address, events, made_at, is_off, secret FROM nianbao_webhooks
             WHERE id = $1 AND is_off = 0",
        )
        .bind(id)
        .try_map(|row| Ok((webhook(&row)?, row.try_get("secret")?)))
        .fetch_optional(&self.pool)
        .await
    }

    /// Keeps a new webhook; its id.
    pub async fn add_webhook(
        &self,
        doer: &Doer,
        new: &NewWebhook,
        now: i64,
    ) -> Result<String, WebhookFailure> {
        if let Some(fault) = new.faults().into_iter().next() {
            return Err(fault);
        }
        let name = new.name.trim();
        let id = Ulid::generate().to_string();
        let mut changes = self.pool.begin().await?;
        sqlx::query(
            "INSERT INTO nianbao_webhooks (id, name, address, secret, events, made_at, is_off)
             VALUES ($1, $2, $3, $4, $5, $6, 0)",
        )
        .bind(&id)
        .bind(name)
        .bind(&new.address)
        .bind(&new.secret)
        .bind(codes(&new.acts))
        .bind(now)
        .execute(&mut *changes)
        .await?;
        let count: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM nianbao_webhooks").fetch_one(&mut *changes).await?;
        if count > MOST_WEBHOOKS {
            return Err(WebhookFailure::Many);
        }
        noted(&mut changes, doer, &id, &format!("新增：{name} {}", new.address), now).await?;
        changes.commit().await?;
        Ok(id)
    }

    /// Makes a webhook another; an empty secret stays. What waits for it goes to its new address.
    pub async fn change_webhook(
        &self,
        doer: &Doer,
        id: &str,
        new: &NewWebhook,
        now: i64,
    ) -> Result<(), WebhookFailure> {
        if let Some(fault) = new.faults_of_change().into_iter().next() {
            return Err(fault);
        }
        let name = new.name.trim();
        let mut changes = self.pool.begin().await?;
        let changed = sqlx::query(
            "UPDATE nianbao_webhooks SET name = $2, address = $3, events = $4,
                 secret = CASE WHEN $5 = '' THEN secret ELSE $5 END
             WHERE id = $1",
        )
        .bind(id)
        .bind(name)
        .bind(&new.address)
        .bind(codes(&new.acts))
        .bind(&new.secret)
        .execute(&mut *changes)
        .await?;
        let detail = format!("修改：{name} {}", new.address);
        ended(&mut changes, changed.rows_affected(), doer, id, &detail, now).await?;
        Ok(changes.commit().await?)
    }

    /// Has a webhook be called once to see what comes of it. The message belongs to no collection, and is not
    /// tried again.
    pub async fn try_webhook(
        &self,
        doer: &Doer,
        id: &str,
        body: &str,
        now: i64,
    ) -> Result<(), WebhookFailure> {
        let hook = self.webhooks().await?.into_iter().find(|hook| hook.id == id);
        let hook = hook.ok_or(WebhookFailure::Unknown)?;
        if hook.is_off {
            return Err(WebhookFailure::Off);
        }
        let trial = NewMessage {
            purpose: format!("webhook/{id}/trial/{}", Ulid::generate()),
            kind: MessageKind::Webhook,
            collection: String::new(),
            unit: String::new(),
            recipient: id.to_owned(),
            subject: TRIAL.to_owned(),
            body: body.to_owned(),
            asked_by: doer.name.clone(),
        };
        let of = format!("webhook/{id}");
        let deed = Deed { doer, act: Act::WebhookChange, of: &of, detail: "试发" };
        self.put(&[trial], Some(&deed), now).await?;
        Ok(())
    }

    /// The last trial of a webhook.
    pub async fn last_trial(&self, id: &str) -> Result<Option<OutboxMessage>, sqlx::Error> {
        let trials = self.messages_to(id, "", 1).await?;
        Ok(trials.into_iter().next())
    }

    /// Stops calling a webhook, or begins again. What waits for it while it is off is given up when its turn comes.
    pub async fn turn_webhook(
        &self,
        doer: &Doer,
        id: &str,
        is_off: bool,
        now: i64,
    ) -> Result<(), WebhookFailure> {
        let mut changes = self.pool.begin().await?;
        let changed = sqlx::query("UPDATE nianbao_webhooks SET is_off = $2 WHERE id = $1")
            .bind(id)
            .bind(i64::from(is_off))
            .execute(&mut *changes)
            .await?;
        ended(&mut changes, changed.rows_affected(), doer, id, if is_off { "停用" } else { "恢复" }, now)
            .await?;
        Ok(changes.commit().await?)
    }

    /// Forgets a webhook.
    pub async fn remove_webhook(&self, doer: &Doer, id: &str, now: i64) -> Result<(), WebhookFailure> {
        let mut changes = self.pool.begin().await?;
        let removed =
            sqlx::query("DELETE FROM nianbao_webhooks WHERE id = $1").bind(id).execute(&mut *changes).await?;
        ended(&mut changes, removed.rows_affected(), doer, id, "删除", now).await?;
        Ok(changes.commit().await?)
    }
}

/// Acts as they are kept.
fn codes(acts: &[Act]) -> String {
    let codes: Vec<&str> = acts.iter().map(|act| act.code()).collect();
    serde_json::to_string(&codes).expect("texts can be written")
}

/// Notes a change of one row; there must have been one.
async fn ended(
    changes: &mut AnyConnection,
    rows: u64,
    doer: &Doer,
    id: &str,
    detail: &str,
    now: i64,
) -> Result<(), WebhookFailure> {
    match rows {
        0 => Err(WebhookFailure::Unknown),
        _ => Ok(noted(changes, doer, id, detail, now).await?),
    }
}

async fn noted(
    changes: &mut AnyConnection,
    doer: &Doer,
    id: &str,
    detail: &str,
    now: i64,
) -> Result<(), sqlx::Error> {
    let of = format!("webhook/{id}");
    note(changes, &Deed { doer, act: Act::WebhookChange, of: &of, detail }, now).await
}

fn webhook(row: &AnyRow) -> Result<Webhook, sqlx::Error> {
    let events: String = row.try_get("events")?;
    let codes: Vec<String> =
        serde_json::from_str(&events).map_err(|error| sqlx::Error::Decode(error.into()))?;
    Ok(Webhook {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        address: row.try_get("address")?,
        // A later release may have had one that this does not know.
        acts: codes.iter().filter_map(|code| Act::from_code(code)).collect(),
        made_at: row.try_get("made_at")?,
        is_off: row.try_get::<i64, _>("is_off")? != 0,
    })
}
