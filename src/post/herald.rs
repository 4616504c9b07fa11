//! What is to be told: what has happened in collections, and who is to be reminded.

use nianbao_office::Office;
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::DispatchFailure;
use super::words::{self, MailText};
use crate::audit::{Act, Doer};
use crate::collections::{
    Collection, CollectionEvent, CollectionRefusal, CollectionState, DueReminder, KnownUnit, Occasion,
    Straggler,
};
use crate::jobs::{Batch, BatchState};
use crate::outbox::{MessageKind, NewMessage, Webhook};
use crate::report::Date;

/// How many collections are looked at, the newest, and how many events of one at a time.
const COLLECTIONS: usize = 50;
const EVENTS: usize = 500;

/// Of what is older than this, in seconds, no mail is sent: a service that begins to send mail does not begin
/// with last year.
const OLDEST: i64 = 3 * 86_400;

/// For how many seconds nobody is reminded who was.
const PEACE: i64 = 20 * 3600;

/// Who reminds where nobody asked for it.
const BY_ITSELF: &str = "系统";

/// How a reminder went, as it is noted.
const BY_MAIL: &str = "邮件";

/// What came of writing to many units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailRun {
    /// How many are written to.
    pub count: usize,
    /// How many had been today.
    pub known: usize,
    /// The names of those without an address.
    pub without_address: Vec<String>,
}

/// Puts in what has happened since the last time.
pub(super) async fn tell_events(
    office: &Office,
    has_mail: bool,
    address: &str,
    now: i64,
) -> Result<(), DispatchFailure> {
    let mut hooks = office.outbox.webhooks().await?;
    hooks.retain(|hook| !hook.is_off);
    for collection in office.collections.collections(None, COLLECTIONS).await? {
        loop {
            let behind = office.outbox.seen(&collection.id).await?;
            let events = office.collections.events(&collection.id, behind, EVENTS).await?;
            let Some(last) = events.last().map(|event| event.number) else { break };
            let mut messages = Vec::new();
            for event in &events {
                let unit = match &event.unit {
                    Some(code) => known(office, code).await?,
                    None => None,
                };
                let calls = hooks.iter().filter(|hook| wants(hook, event));
                messages.extend(calls.map(|hook| call(hook, &collection, event, unit.as_ref())));
                if let Some(unit) = unit.filter(|_| has_mail && event.at > now - OLDEST) {
                    messages.extend(notice(&collection, event, &unit, address));
                }
            }
            office.outbox.put_of_events(&collection.id, (behind, last), &messages, now).await?;
        }
    }
    Ok(())
}

/// Puts in what has become of batches, each round of one once, whichever machine looks.
pub(super) async fn tell_batches(
    office: &Office,
    batches: &[Batch],
    now: i64,
) -> Result<(), DispatchFailure> {
    let mut hooks = office.outbox.webhooks().await?;
    hooks.retain(|hook| !hook.is_off);
    let ended = batches.iter().filter_map(|batch| Some((batch, batch.ended_at?, act_of(batch)?)));
    let messages: Vec<NewMessage> = ended
        .filter(|(_, at, _)| *at > now - OLDEST)
        .flat_map(|(batch, at, act)| {
            let told = hooks.iter().filter(move |hook| at >= hook.made_at && hook.acts.contains(&act));
            told.map(move |hook| call_of_batch(hook, batch, at, act))
        })
        .collect();
    if !messages.is_empty() {
        office.outbox.put(&messages, None, now).await?;
    }
    Ok(())
}

/// What is told of a batch, if it has ended by itself.
fn act_of(batch: &Batch) -> Option<Act> {
    match batch.state {
        BatchState::Completed => Some(Act::BatchCompletion),
        BatchState::CompletedWithFailures => Some(Act::BatchFailures),
        BatchState::Uploaded | BatchState::Running | BatchState::Cancelled => None,
    }
}

/// What a program is told of a batch.
fn call_of_batch(hook: &Webhook, batch: &Batch, at: i64, act: Act) -> NewMessage {
    let counts = &batch.counts;
    let body = json!({
        "id": format!("{}-{}", batch.id, batch.round),
        "event": act.code(),
        "time": written(at),
        "batch": {
            "id": batch.id,
            "name": batch.name,
            "counts": {
                "total": counts.total,
                "made": counts.made,
                "made_with_warnings": counts.made_with_warnings,
                "failed": counts.failed,
            },
        },
    });
    NewMessage {
        purpose: format!("webhook/{}/{}/{}", hook.id, batch.id, batch.round),
        kind: MessageKind::Webhook,
        // In the place of a collection, whose id none of them has.
        collection: batch.id.clone(),
        unit: String::new(),
        recipient: hook.id.clone(),
        subject: act.code().to_owned(),
        body: body.to_string(),
        asked_by: BY_ITSELF.to_owned(),
    }
}

/// A time as it is told.
fn written(at: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(at).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    time.format(&Rfc3339).unwrap_or_default()
}

/// A unit of the roster; none that is not there.
async fn known(office: &Office, code: &str) -> Result<Option<KnownUnit>, DispatchFailure> {
    match office.collections.unit(code).await {
        Err(CollectionRefusal::Unknown(_)) => Ok(None),
        found => Ok(Some(found?)),
    }
}

/// Whether a program is told of an event: what was before it is not.
fn wants(hook: &Webhook, event: &CollectionEvent) -> bool {
    event.at >= hook.made_at && hook.acts.iter().any(|act| act.code() == event.act)
}

/// What a program is told.
fn call(
    hook: &Webhook,
    collection: &Collection,
    event: &CollectionEvent,
    unit: Option<&KnownUnit>,
) -> NewMessage {
    let body = json!({
        "id": format!("{}-{}", collection.id, event.number),
        "event": event.act,
        "time": written(event.at),
        "collection": {
            "id": collection.id,
            "title": collection.plan.title,
            "year": collection.plan.year.number(),
        },
        "unit": unit.map(|known| json!({ "code": known.unit.code.as_str(), "name": known.unit.name })),
        "version": event.version,
        "from": event.from,
        "to": event.to,
        "reason": event.reason,
    });
    NewMessage {
        purpose: format!("webhook/{}/{}/{}", hook.id, collection.id, event.number),
        kind: MessageKind::Webhook,
        collection: collection.id.clone(),
        unit: event.unit.clone().unwrap_or_default(),
        recipient: hook.id.clone(),
        subject: event.act.clone(),
        body: body.to_string(),
        asked_by: event.by.clone(),
    }
}

/// The mail to a unit about what became of its version.
fn notice(
    collection: &Collection,
    event: &CollectionEvent,
    known: &KnownUnit,
    address: &str,
) -> Option<NewMessage> {
    let unit = (known.unit.code.as_str(), known.unit.name.as_str());
    let MailText { subject, body } = match Act::from_code(&event.act)? {
        Act::Return => words::returned(collection, event, unit, address),
        Act::Acceptance => words::accepted(collection, event, unit, address),
        _ => return None,
    };
    let recipient = known.unit.contact.mail.clone();
    (!recipient.is_empty()).then(|| NewMessage {
        purpose: format!("notice/{}/{}", collection.id, event.number),
        kind: MessageKind::Mail,
        collection: collection.id.clone(),
        unit: unit.0.to_owned(),
        recipient,
        subject,
        body,
        asked_by: event.by.clone(),
    })
}

/// Puts in the reminders that are due in all collections. Tells how many.
pub(super) async fn remind(
    office: &Office,
    address: &str,
    now: i64,
    today: Date,
) -> Result<usize, DispatchFailure> {
    let doer = Doer { name: BY_ITSELF.into(), account: None, on_behalf: None, from: String::new() };
    let occasion = Occasion { doer: &doer, at: now, today };
    let mut count = 0;
    for collection in office.collections.collections(None, COLLECTIONS).await? {
        if collection.state == CollectionState::Planned {
            continue;
        }
        for due in office.collections.due_reminders(&collection.id, today).await? {
            if !due.to.contact.mail.is_empty() && !is_at_peace(&due.to, now) {
                count += usize::from(remind_one(office, &collection, &due, address, &occasion).await?);
            }
        }
    }
    Ok(count)
}

/// Puts in a reminder to each unit that is behind its day.
pub(super) async fn remind_overdue(
    office: &Office,
    address: &str,
    id: &str,
    occasion: &Occasion<'_>,
) -> Result<MailRun, DispatchFailure> {
    let collection = office.collections.collection(id).await?;
    let mut came = MailRun::default();
    for to in office.collections.overdue(id, occasion.today).await? {
        if to.contact.mail.is_empty() {
            came.without_address.push(to.name);
            continue;
        }
        if is_at_peace(&to, occasion.at) {
            came.known += 1;
            continue;
        }
        let days = -to.days_left;
        match remind_one(office, &collection, &DueReminder { to, days }, address, occasion).await? {
            true => came.count += 1,
            false => came.known += 1,
        }
    }
    Ok(came)
}

/// Whether a unit was reminded lately.
fn is_at_peace(unit: &Straggler, now: i64) -> bool {
    unit.reminded_at.is_some_and(|at| at <= now && now - at < PEACE)
}

/// Puts a reminder in, and notes it. If the program dies between the two the message is there, and the next
/// who finds the reminder due only notes it.
async fn remind_one(
    office: &Office,
    collection: &Collection,
    due: &DueReminder,
    address: &str,
    occasion: &Occasion<'_>,
) -> Result<bool, DispatchFailure> {
    let MailText { subject, body } = words::reminder(collection, &due.to, address);
    let Straggler { unit, due_on, contact, .. } = &due.to;
    let message = NewMessage {
        purpose: format!("reminder/{}/{unit}/{due_on}/{}", collection.id, due.days),
        kind: MessageKind::Mail,
        collection: collection.id.clone(),
        unit: unit.clone(),
        recipient: contact.mail.clone(),
        subject,
        body,
        asked_by: occasion.doer.name.clone(),
    };
    office.outbox.put(&[message], None, occasion.at).await?;
    Ok(office.collections.note_reminder(&collection.id, due, BY_MAIL, occasion).await?)
}
