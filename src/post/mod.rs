//! What goes out of the service (催报与通知). What happens in collections, and the days on which units are to be
//! reminded, become messages of the [`outbox`](crate::outbox) ([`Dispatch::gather`]); mails are sent by one line to
//! the server, other programs are called each by itself. Who does not answer is cut off, and tried again later;
//! the rest goes on.

mod calls;
mod entrances;
mod herald;
mod mail;
mod words;

use std::collections::BTreeSet;
use std::sync::Arc;

use nianbao_office::Office;

use crate::collections::{CollectionRefusal, Occasion};
use crate::jobs::Batch;
use crate::outbox::{MessageKind, OutboxMessage, TRIAL};
use crate::report::Date;
use calls::Caller;
pub use calls::{AddressFault, is_public, signature, webhook_address};
pub use entrances::{EntranceMails, entrance_end};
pub use herald::MailRun;
use mail::Mailer;
pub use mail::{MailFault, MailSettings, PATIENCE, SmtpSecurity, reach};

/// How many mails are sent in a row, and how many calls to one program are made.
const IN_A_ROW: usize = 200;

/// How long nothing is sent to who did not answer, in seconds.
const PAUSE: i64 = 60;

/// For how many seconds what has gone out is kept.
const KEPT: i64 = 400 * 86_400;

/// With what the service reaches others.
#[derive(Clone, Debug, Default)]
pub struct DispatchSettings {
    pub mail: Option<MailSettings>,
    /// Whether other programs may be called that lie in this network.
    pub calls_private: bool,
    /// Where the service is reached: https://… without a slash.
    pub address: String,
}

/// What sends.
pub struct Dispatch {
    office: Office,
    mailer: Option<Mailer>,
    caller: Caller,
    address: String,
    /// The time, in seconds since 1970.
    clock: fn() -> i64,
}

/// Why nothing was sent or put in. What becomes of a single message stands with it.
#[derive(Debug, thiserror::Error)]
pub enum DispatchFailure {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Refusal(#[from] CollectionRefusal),
}

impl Dispatch {
    pub fn new(
        office: Office,
        settings: &DispatchSettings,
        clock: fn() -> i64,
    ) -> Result<Arc<Self>, MailFault> {
        Ok(Arc::new(Self {
            office,
            mailer: settings.mail.as_ref().map(Mailer::new).transpose()?,
            caller: Caller::new(settings.calls_private),
            address: settings.address.clone(),
            clock,
        }))
    }

    /// Whether mails can be sent.
    pub fn has_mail(&self) -> bool {
        self.mailer.is_some()
    }

    /// Whether other programs may be called that lie in this network.
    pub fn calls_private(&self) -> bool {
        self.caller.calls_private
    }

    /// Puts into the outbox what has happened and is to be told.
    pub async fn gather(&self) -> Result<(), DispatchFailure> {
        herald::tell_events(&self.office, self.has_mail(), &self.address, (self.clock)()).await
    }

    /// Puts into the outbox what is to be told of batches that have ended.
    pub async fn tell_batches(&self, batches: &[Batch]) -> Result<(), DispatchFailure> {
        herald::tell_batches(&self.office, batches, (self.clock)()).await
    }

    /// Puts the reminders that are due into the outbox; none where there is no mail. What has been there long
    /// enough goes.
    pub async fn remind(&self, today: Date) -> Result<usize, DispatchFailure> {
        self.office.outbox.sweep((self.clock)() - KEPT).await?;
        match self.has_mail() {
            true => herald::remind(&self.office, &self.address, (self.clock)(), today).await,
            false => Ok(0),
        }
    }

    /// Has all be reminded that are behind their day, once a day.
    pub async fn remind_overdue(
        &self,
        collection: &str,
        occasion: &Occasion<'_>,
    ) -> Result<MailRun, DispatchFailure> {
        herald::remind_overdue(&self.office, &self.address, collection, occasion).await
    }

    /// Has units be sent their links and codes.
    pub async fn mail_entrances(
        &self,
        wish: &EntranceMails<'_>,
        occasion: &Occasion<'_>,
    ) -> Result<MailRun, DispatchFailure> {
        entrances::put(&self.office, wish, occasion).await
    }

    /// Sends the mails that are due, over one connection; whether there are more. A server that cannot be
    /// reached ends it.
    pub async fn send_mails(&self) -> Result<bool, DispatchFailure> {
        let Some(mailer) = &self.mailer else { return Ok(false) };
        let kinds = [MessageKind::Mail, MessageKind::Entrance];
        let mut line = None;
        for _ in 0..IN_A_ROW {
            let Some(message) = self.office.outbox.take(&kinds, None, (self.clock)()).await? else {
                mail::hang_up(line).await;
                return Ok(false);
            };
            let sent = match self.mail(mailer, &mut line, &message).await {
                Ok(sent) => sent,
                Err(failure) => {
                    mail::hang_up(line).await;
                    return Err(failure);
                }
            };
            if let Err(fault) = sent {
                self.note_failure(&message, &fault.to_string(), fault.is_lasting()).await?;
                // A line on which something went wrong is not used again.
                mail::hang_up(line.take()).await;
                if !fault.is_of_message() {
                    for kind in kinds {
                        self.office.outbox.put_off(kind, None, (self.clock)() + PAUSE).await?;
                    }
                    return Ok(false);
                }
            }
        }
        mail::hang_up(line).await;
        Ok(true)
    }

    /// Sends one mail. What a unit had of an entrance is good until the server has taken the mail with the new one.
    /// If the program dies between the two the mail is sent again, with another.
    async fn mail(
        &self,
        mailer: &Mailer,
        line: &mut Option<mail::MailLine>,
        message: &OutboxMessage,
    ) -> Result<Result<(), MailFault>, DispatchFailure> {
        if line.is_none() {
            match mailer.connect().await {
                Ok(connected) => *line = Some(connected),
                Err(fault) => return Ok(Err(fault)),
            }
        }
        let letter = match message.message.kind {
            MessageKind::Entrance => {
                match entrances::letter(&self.office, message, &self.address, (self.clock)()).await? {
                    Ok(letter) => Some(letter),
                    Err(why) => return Ok(Err(MailFault::Needless(why))),
                }
            }
            _ => None,
        };
        let body = letter.as_ref().map_or(&message.message.body, |letter| &letter.body).clone();
        let Some(connected) = line else { return Ok(Ok(())) };
        let sent = mailer.send(connected, message, body, (self.clock)()).await;
        if sent.is_ok() {
            if let Some(letter) = &letter
                && let Err(why) = entrances::open(&self.office, message, letter, (self.clock)()).await?
            {
                return Ok(Err(MailFault::Needless(why)));
            }
            self.office.outbox.sent(message, (self.clock)()).await?;
        }
        Ok(sent)
    }

    /// Calls the programs that are to be told something, each beside the others.
    pub async fn call(&self) -> Result<(), DispatchFailure> {
        let hooks: BTreeSet<String> =
            self.office.outbox.webhooks().await?.into_iter().map(|hook| hook.id).collect();
        let calls = hooks.iter().map(|hook| self.call_one(hook));
        for called in futures_util::future::join_all(calls).await {
            called?;
        }
        Ok(())
    }

    /// Tells one program what waits for it, until it fails to answer.
    async fn call_one(&self, hook: &str) -> Result<(), DispatchFailure> {
        let outbox = &self.office.outbox;
        let webhook = [MessageKind::Webhook];
        for _ in 0..IN_A_ROW {
            let Some(message) = outbox.take(&webhook, Some(hook), (self.clock)()).await? else { break };
            let Some((program, secret)) = outbox.webhook_to_call(hook).await? else {
                self.note_failure(&message, "通知接口已经停用", true).await?;
                continue;
            };
            match self.caller.call(&program.address, &secret, &message, (self.clock)()).await {
                Ok(()) => outbox.sent(&message, (self.clock)()).await?,
                Err(fault) => {
                    let is_trial = message.message.subject == TRIAL;
                    self.note_failure(&message, &fault.to_string(), is_trial).await?;
                    outbox.put_off(MessageKind::Webhook, Some(hook), (self.clock)() + PAUSE).await?;
                    break;
                }
            }
        }
        Ok(())
    }

    /// What it was about is not told to the log, for it names people.
    async fn note_failure(
        &self,
        message: &OutboxMessage,
        fault: &str,
        is_lasting: bool,
    ) -> Result<(), DispatchFailure> {
        let state = self.office.outbox.failed(message, fault, is_lasting, (self.clock)()).await?;
        let (id, kind) = (&message.id, message.message.kind.code());
        tracing::warn!(
            id,
            kind,
            attempts = message.attempts,
            state = state.code(),
            "a message did not go out"
        );
        Ok(())
    }
}
