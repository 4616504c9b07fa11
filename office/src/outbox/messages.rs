//! Messages: put in, taken to be sent, done with or tried again.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use ulid::Ulid;

use super::Outbox;
use crate::audit::{Deed, note};

/// For how many seconds a message is his who has taken it. Longer than any sending lasts.
pub const LEASE: i64 = 5 * 60;

/// How many seconds it waits after each time it was tried in vain; after the last it is given up.
const WAITS: [i64; 7] = [60, 5 * 60, 30 * 60, 2 * 3600, 8 * 3600, 86_400, 86_400];

/// How often a message is tried.
pub const GIVES_UP_AFTER: usize = WAITS.len() + 1;

/// How many characters of a fault are kept.
const LONGEST_FAULT: usize = 300;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident $code:literal $label:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$of])* $variant,)*
        }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                }
            }

            /// What people call it.
            pub fn words(self) -> &'static str {
                match self {
                    $(Self::$variant => $label,)*
                }
            }

            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }
    };
}

words! {
    /// How a message goes out.
    MessageKind {
        Mail "mail" "邮件",
        /// A mail with a unit's link and code, which are made when it is sent: so they are kept nowhere.
        Entrance "entrance" "邮寄入口",
        Webhook "webhook" "通知接口",
    }
}

words! {
    /// What became of a message.
    MessageState {
        Waiting "waiting" "待发",
        Sent "sent" "已发出",
        GivenUp "given_up" "没有发出",
        Withdrawn "withdrawn" "已撤销",
    }
}

/// A message that is to go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// What it is for: of the same purpose there is one.
    pub purpose: String,
    pub kind: MessageKind,
    pub collection: String,
    /// Empty where it is of no unit.
    pub unit: String,
    /// An address of mail, or the id of a webhook.
    pub recipient: String,
    pub subject: String,
    pub body: String,
    /// Who has had it sent, as people read it.
    pub asked_by: String,
}

/// A message as it lies here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxMessage {
    pub id: String,
    pub message: NewMessage,
    pub state: MessageState,
    pub attempts: i64,
    pub next_at: i64,
    /// Why it did not go out the last time.
    pub fault: String,
    pub made_at: i64,
    pub done_at: Option<i64>,
}

/// Which messages of a collection are wanted; by default all.
#[derive(Clone, Copy, Debug, Default)]
pub struct OutboxFilter<'a> {
    pub state: Option<MessageState>,
    pub unit: Option<&'a str>,
    /// Those before this id.
    pub before: Option<&'a str>,
}

/// How many messages of a collection are in each state.
pub type MessageCounts = Vec<(MessageState, i64)>;

macro_rules! columns {
    () => {
        "id, purpose, kind, collection, unit, recipient, subject, body, state, attempts, next_at, fault, made_at,
         asked_by, done_at"
    };
}

impl Outbox {
    /// Puts messages in; those whose purpose is known are there already. What was asked for by somebody is
    /// noted. Tells how many are new.
    pub async fn put(
        &self,
        messages: &[NewMessage],
        deed: Option<&Deed<'_>>,
        now: i64,
    ) -> Result<usize, sqlx::Error> {
        let mut changes = self.pool.begin().await?;
        let new = put(&mut changes, messages, now).await?;
        if let Some(deed) = deed
            && new > 0
        {
            note(&mut changes, deed, now).await?;
        }
        changes.commit().await?;
        Ok(new)
    }

    /// Up to which event of a collection all that is to be told of it lies here.
    pub async fn seen(&self, collection: &str) -> Result<i64, sqlx::Error> {
        let number = sqlx::query_scalar("SELECT number FROM nianbao_outbox_seen WHERE collection = $1")
            .bind(collection)
            .fetch_optional(&self.pool)
            .await?;
        Ok(number.unwrap_or_default())
    }

    /// Puts in what the events of a collection behind one and up to another have to tell; nothing where another
    /// machine has done so meanwhile. Whether it was this one.
    pub async fn put_of_events(
        &self,
        collection: &str,
        (behind, last): (i64, i64),
        messages: &[NewMessage],
        now: i64,
    ) -> Result<bool, sqlx::Error> {
        let mut changes = self.pool.begin().await?;
        sqlx::query(
            "INSERT INTO nianbao_outbox_seen (collection, number) VALUES ($1, 0)
             ON CONFLICT (collection) DO NOTHING",
        )
        .bind(collection)
        .execute(&mut *changes)
        .await?;
        let moved =
            sqlx::query("UPDATE nianbao_outbox_seen SET number = $3 WHERE collection = $1 AND number = $2")
                .bind(collection)
                .bind(behind)
                .bind(last)
                .execute(&mut *changes)
                .await?;
        if moved.rows_affected() == 0 {
            return Ok(false);
        }
        put(&mut changes, messages, now).await?;
        changes.commit().await?;
        Ok(true)
    }

    /// Takes the message that has waited longest of these kinds, to one recipient or to any. It is nobody else's
    /// for a while.
    pub async fn take(
        &self,
        kinds: &[MessageKind],
        recipient: Option<&str>,
        now: i64,
    ) -> Result<Option<OutboxMessage>, sqlx::Error> {
        let kinds: Vec<String> = kinds.iter().map(|kind| kind.code().to_owned()).collect();
        let kind = |at: usize| kinds.get(at).or(kinds.first()).cloned().unwrap_or_default();
        loop {
            let id: Option<String> = sqlx::query_scalar(
                "SELECT id FROM nianbao_outbox
                 WHERE state = 'waiting' AND kind IN ($1, $2) AND next_at <= $3
                     AND ($4 = '' OR recipient = $4)
                 ORDER BY next_at, id LIMIT 1",
            )
            .bind(kind(0))
            .bind(kind(1))
            .bind(now)
            .bind(recipient.unwrap_or_default())
            .fetch_optional(&self.pool)
            .await?;
            let Some(id) = id else { return Ok(None) };
            let taken = sqlx::query(concat!(
                "UPDATE nianbao_outbox SET attempts = attempts + 1, next_at = $3
                 WHERE id = $1 AND state = 'waiting' AND next_at <= $2 RETURNING ",
                columns!()
            ))
            .bind(id)
            .bind(now)
            .bind(now + LEASE)
            .try_map(|row| message(&row))
            .fetch_optional(&self.pool)
            .await?;
            // Else another was quicker, and there may be more.
            if taken.is_some() {
                return Ok(taken);
            }
        }
    }

    /// Whether a message that was taken is still his who took it, and to go out.
    pub async fn is_wanted(&self, message: &OutboxMessage) -> Result<bool, sqlx::Error> {
        let count: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM nianbao_outbox WHERE id = $1 AND attempts = $2 AND state = 'waiting'",
        )
        .bind(&message.id)
        .bind(message.attempts)
        .fetch_one(&self.pool)
        .await?;
        Ok(count == 1)
    }

    /// Has all that waits not go out by itself, for this reason: somebody is to look at it first. Tells how many
    /// those are.
    pub async fn hold_back(&self, reason: &str, now: i64) -> Result<u64, sqlx::Error> {
        let held = sqlx::query(
            "UPDATE nianbao_outbox SET state = 'given_up', fault = $1, done_at = $2 WHERE state = 'waiting'",
        )
        .bind(short(reason))
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(held.rows_affected())
    }

    /// Notes that a message that was taken has gone out.
    pub async fn sent(&self, message: &OutboxMessage, now: i64) -> Result<(), sqlx::Error> {
        self.end(message, MessageState::Sent, "", now).await
    }

    /// Notes that a message that was taken has not gone out: it is tried again later, unless it was tried often
    /// enough or there is no use in it. Says what became of it.
    pub async fn failed(
        &self,
        message: &OutboxMessage,
        fault: &str,
        is_lasting: bool,
        now: i64,
    ) -> Result<MessageState, sqlx::Error> {
        let wait = usize::try_from(message.attempts - 1).ok().and_then(|tried| WAITS.get(tried));
        let Some(wait) = wait.filter(|_| !is_lasting) else {
            self.end(message, MessageState::GivenUp, fault, now).await?;
            return Ok(MessageState::GivenUp);
        };
        sqlx::query(
            "UPDATE nianbao_outbox SET next_at = $3, fault = $4
             WHERE id = $1 AND attempts = $2 AND state = 'waiting'",
        )
        .bind(&message.id)
        .bind(message.attempts)
        .bind(now + wait)
        .bind(short(fault))
        .execute(&self.pool)
        .await?;
        Ok(MessageState::Waiting)
    }

    async fn end(
        &self,
        message: &OutboxMessage,
        state: MessageState,
        fault: &str,
        now: i64,
    ) -> Result<(), sqlx::Error> {
        // Of another's that has it by now nothing is changed.
        sqlx::query(
            "UPDATE nianbao_outbox SET state = $3, fault = $4, done_at = $5
             WHERE id = $1 AND attempts = $2 AND state = 'waiting'",
        )
        .bind(&message.id)
        .bind(message.attempts)
        .bind(state.code())
        .bind(short(fault))
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Has what waits of a kind, to one recipient or to all, wait on until a time: who does not answer one will
    /// not answer the next. Nobody has tried these.
    pub async fn put_off(
        &self,
        kind: MessageKind,
        recipient: Option<&str>,
        until: i64,
    ) -> Result<(), sqlx::Error> {
        sqlx::query(
            "UPDATE nianbao_outbox SET next_at = $3
             WHERE state = 'waiting' AND kind = $1 AND ($2 = '' OR recipient = $2) AND next_at < $3",
        )
        .bind(kind.code())
        .bind(recipient.unwrap_or_default())
        .bind(until)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Has the entrances of a unit, or of all, that wait to be mailed not be sent, for they are made otherwise.
    pub async fn withdraw_entrances(
        &self,
        collection: &str,
        unit: Option<&str>,
        now: i64,
    ) -> Result<u64, sqlx::Error> {
        let withdrawn = sqlx::query(
            "UPDATE nianbao_outbox SET state = 'withdrawn', done_at = $2
             WHERE collection = $1 AND kind = 'entrance' AND state = 'waiting' AND ($3 = '' OR unit = $3)",
        )
        .bind(collection)
        .bind(now)
        .bind(unit.unwrap_or_default())
        .execute(&self.pool)
        .await?;
        Ok(withdrawn.rows_affected())
    }

    /// Has what was given up of a collection be tried anew. Tells how many those are.
    pub async fn try_again(&self, collection: &str, now: i64) -> Result<u64, sqlx::Error> {
        let again = sqlx::query(
            "UPDATE nianbao_outbox SET state = 'waiting', attempts = 0, next_at = $2, done_at = NULL
             WHERE collection = $1 AND state = 'given_up'",
        )
        .bind(collection)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(again.rows_affected())
    }

    /// Forgets what was done with before a time.
    pub async fn sweep(&self, before: i64) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM nianbao_outbox WHERE state <> 'waiting' AND done_at < $1")
            .bind(before)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The messages of a collection, the newest first.
    pub async fn messages(
        &self,
        collection: &str,
        filter: &OutboxFilter<'_>,
        limit: usize,
    ) -> Result<Vec<OutboxMessage>, sqlx::Error> {
        sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM nianbao_outbox
              WHERE collection = $1 AND ($2 = '' OR state = $2) AND ($3 = '' OR unit = $3)
                  AND ($4 = '' OR id < $4)
              ORDER BY id DESC LIMIT $5"
        ))
        .bind(collection)
        .bind(filter.state.map_or("", MessageState::code))
        .bind(filter.unit.unwrap_or_default())
        .bind(filter.before.unwrap_or_default())
        .bind(limit as i64)
        .try_map(|row| message(&row))
        .fetch_all(&self.pool)
        .await
    }

    /// The messages of a collection to one recipient, the newest first.
    pub(super) async fn messages_to(
        &self,
        recipient: &str,
        collection: &str,
        limit: i64,
    ) -> Result<Vec<OutboxMessage>, sqlx::Error> {
        sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM nianbao_outbox WHERE collection = $1 AND recipient = $2 ORDER BY id DESC LIMIT $3"
        ))
        .bind(collection)
        .bind(recipient)
        .bind(limit)
        .try_map(|row| message(&row))
        .fetch_all(&self.pool)
        .await
    }

    /// How many messages of a collection are in each state.
    pub async fn message_counts(&self, collection: &str) -> Result<MessageCounts, sqlx::Error> {
        let counts: Vec<(String, i64)> =
            sqlx::query_as("SELECT state, COUNT(*) FROM nianbao_outbox WHERE collection = $1 GROUP BY state")
                .bind(collection)
                .fetch_all(&self.pool)
                .await?;
        let count = |state: &MessageState| {
            let found = counts.iter().find(|(code, _)| code == state.code());
            (*state, found.map_or(0, |(_, count)| *count))
        };
        Ok(MessageState::ALL.iter().map(count).collect())
    }
}

async fn put(changes: &mut AnyConnection, messages: &[NewMessage], now: i64) -> Result<usize, sqlx::Error> {
    let mut new = 0;
    for message in messages {
        let inserted = sqlx::query(
            "INSERT INTO nianbao_outbox
                 (id, purpose, kind, collection, unit, recipient, subject, body, state, next_at, made_at, asked_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9, $9, $10)
             ON CONFLICT (purpose) DO NOTHING",
        )
        .bind(Ulid::generate().to_string())
        .bind(&message.purpose)
        .bind(message.kind.code())
        .bind(&message.collection)
        .bind(&message.unit)
        .bind(&message.recipient)
        .bind(&message.subject)
        .bind(&message.body)
        .bind(now)
        .bind(&message.asked_by)
        .execute(&mut *changes)
        .await?;
        new += inserted.rows_affected() as usize;
    }
    Ok(new)
}

fn short(fault: &str) -> String {
    fault.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_FAULT).collect()
}

fn message(row: &AnyRow) -> Result<OutboxMessage, sqlx::Error> {
    let unknown = |what: String| sqlx::Error::Decode(format!("{what} is no word of the outbox").into());
    let (kind, state): (String, String) = (row.try_get("kind")?, row.try_get("state")?);
    Ok(OutboxMessage {
        id: row.try_get("id")?,
        message: NewMessage {
            purpose: row.try_get("purpose")?,
            kind: MessageKind::from_code(&kind).ok_or_else(|| unknown(kind))?,
            collection: row.try_get("collection")?,
            unit: row.try_get("unit")?,
            recipient: row.try_get("recipient")?,
            subject: row.try_get("subject")?,
            body: row.try_get("body")?,
            asked_by: row.try_get("asked_by")?,
        },
        state: MessageState::from_code(&state).ok_or_else(|| unknown(state))?,
        attempts: row.try_get("attempts")?,
        next_at: row.try_get("next_at")?,
        fault: row.try_get("fault")?,
        made_at: row.try_get("made_at")?,
        done_at: row.try_get("done_at")?,
    })
}
