//! Links and codes by mail. In the outbox lies only that a unit is to be sent its own; they are made when the
//! mail is sent, so that they are kept nowhere. A mail that is tried again bears new ones, and the newest count.

use std::collections::HashMap;

use nianbao_office::Office;
use serde::{Deserialize, Serialize};

use super::DispatchFailure;
use super::herald::MailRun;
use super::words::{self, EntranceWords};
use crate::accounts::{AccountFailure, EntranceUnit};
use crate::audit::{Act, Deed, Doer};
use crate::collections::{
    BoardWish, Collection, CollectionRefusal, CollectionState, KnownUnit, Occasion, SubmissionPlace,
    SubmissionState,
};
use crate::outbox::{MessageKind, NewMessage, OutboxMessage};

/// How long beyond the due day a unit can come in, in seconds, for what is returned afterwards; and how long at
/// most.
const BEYOND: i64 = 90 * 86_400;
const LONGEST: i64 = 390 * 86_400;

/// Which units are to be sent their entrances, and for how long these are good.
#[derive(Clone, Copy, Debug)]
pub struct EntranceMails<'a> {
    pub collection: &'a str,
    /// Only those that have not begun.
    pub only_new: bool,
    /// Tells this asking from others: the same twice is once.
    pub key: &'a str,
    pub ends_at: i64,
    /// The same, in words.
    pub until: &'a str,
}

/// What lies in the outbox.
#[derive(Serialize, Deserialize)]
struct EntranceErrand {
    ends_at: i64,
    until: String,
}

/// Until when the entrances of a collection are good, whose due day ends at a time.
pub fn entrance_end(collection: &Collection, due: i64, now: i64) -> i64 {
    let ends_at = collection.plan.closes_at.unwrap_or(due).max(due).max(now) + BEYOND;
    ends_at.min(now + LONGEST)
}

/// Puts in that units are to be sent their entrances.
pub(super) async fn put(
    office: &Office,
    wish: &EntranceMails<'_>,
    occasion: &Occasion<'_>,
) -> Result<MailRun, DispatchFailure> {
    let collection = office.collections.collection(wish.collection).await?;
    let known: HashMap<String, KnownUnit> = office
        .collections
        .units()
        .await?
        .into_iter()
        .map(|known| (known.unit.code.as_str().to_owned(), known))
        .collect();
    let errand = EntranceErrand { ends_at: wish.ends_at, until: wish.until.to_owned() };
    let body = serde_json::to_string(&errand).expect("numbers and texts can be written");
    let mut came = MailRun::default();
    let mut messages = Vec::new();
    let states: &[SubmissionState] = if wish.only_new { &[SubmissionState::NotStarted] } else { &[] };
    let asked = BoardWish { states, ..BoardWish::default() };
    for row in office.collections.whole_board(wish.collection, &asked, occasion.today).await? {
        let (unit, name) = (row.unit, row.name);
        let recipient = known.get(&unit).map(|known| known.unit.contact.mail.clone()).unwrap_or_default();
        if recipient.is_empty() {
            came.without_address.push(name);
            continue;
        }
        messages.push(NewMessage {
            purpose: format!("entrance/{}/{unit}/{}", wish.collection, wish.key),
            kind: MessageKind::Entrance,
            collection: wish.collection.to_owned(),
            unit,
            recipient,
            subject: words::entrance_subject(&collection),
            body: body.clone(),
            asked_by: occasion.doer.name.clone(),
        });
    }
    let (of, detail) = (format!("collection/{}", wish.collection), format!("{} 个单位", messages.len()));
    let deed = Deed { doer: occasion.doer, act: Act::EntranceMailing, of: &of, detail: &detail };
    came.count = office.outbox.put(&messages, Some(&deed), occasion.at).await?;
    came.known = messages.len() - came.count;
    Ok(came)
}

/// Makes a unit's entrance, and the text of the mail with it; or says why there is no use in it any more.
pub(super) async fn letter(
    office: &Office,
    message: &OutboxMessage,
    address: &str,
    now: i64,
) -> Result<Result<String, &'static str>, DispatchFailure> {
    let NewMessage { collection, unit, body, asked_by, .. } = &message.message;
    let Ok(errand) = serde_json::from_str::<EntranceErrand>(body) else { return Ok(Err("内容损坏")) };
    let place = SubmissionPlace { collection, unit };
    let submission = match office.collections.submission(&place).await {
        Err(CollectionRefusal::Unknown(_)) => return Ok(Err("没有这个单位")),
        found => found?,
    };
    let collection = office.collections.collection(collection).await?;
    if collection.state != CollectionState::Open {
        return Ok(Err("征集已经结束"));
    }
    let doer =
        Doer { name: "系统".into(), account: None, on_behalf: Some(asked_by.clone()), from: String::new() };
    let let_in = [EntranceUnit { code: unit.clone(), name: submission.name.clone() }];
    let made = office.accounts.make_entrances(&doer, &collection.id, &let_in, errand.ends_at, now).await;
    let made = match made {
        Ok(made) => made,
        Err(AccountFailure::Database(error)) => return Err(error.into()),
        Err(_) => return Ok(Err("有效期已经过去")),
    };
    let Some(entrance) = made.first() else { return Ok(Err("没有这个单位")) };
    Ok(Ok(words::entrance(&EntranceWords {
        collection: &collection,
        name: &submission.name,
        due_on: submission.extended_to.unwrap_or(collection.plan.due_on),
        link: &format!("{address}/enter/{}", entrance.link),
        code: &entrance.code,
        until: &errand.until,
    })))
}
