//! What is to go out of the house (催报与通知): mails to units, and calls to other programs. A message is put
//! here in a transaction, and sent afterwards by whoever takes it; so none is lost, and a server that does not
//! answer keeps nobody waiting.
//!
//! Each has a purpose, and for one purpose there is one message: two machines that find the same due make it
//! once. Who takes a message has it for a while ([`LEASE`]); if he dies, another takes it. So a message is sent
//! at least once, and what it bears tells the recipient that it is the same.

mod messages;
mod webhooks;

use sqlx::AnyPool;

use crate::database;

pub use messages::{
    GIVES_UP_AFTER, LEASE, MessageCounts, MessageKind, MessageState, NewMessage, OutboxFilter, OutboxMessage,
};
pub use webhooks::{MOST_WEBHOOKS, NewWebhook, TOLD_ACTS, TRIAL, Webhook, WebhookFailure};

/// The messages of a service, and whom it calls.
#[derive(Clone, Debug)]
pub struct Outbox {
    pool: AnyPool,
}

impl Outbox {
    /// Brings the tables to today's form. The record's must be there.
    pub async fn open(pool: &AnyPool) -> Result<Self, sqlx::Error> {
        let changes = [("outbox", include_str!("tables.sql"))];
        database::migrate(pool, "nianbao_migrations_outbox", &changes).await?;
        Ok(Self { pool: pool.clone() })
    }
}
