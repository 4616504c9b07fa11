//! Links and codes by mail. In the outbox lies only that a unit is to be sent its own; they are drawn when the
//! mail is sent, so that they are kept nowhere, and open the door once the server has taken it. A mail that is tried
//! again bears new ones.

use std::collections::HashMap;

use nianbao_office::Office;
use serde::{Deserialize, Serialize};

use super::DispatchFailure;
use super::herald::MailRun;
use super::words::{self, EntranceWords};
use crate::accounts::{Accounts, EntranceUnit, NewEntrance};
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

/// A mail with an entrance that is not open yet.
pub(super) struct EntranceLetter {
    pub body: String,
    drawn: Vec<NewEntrance>,
    ends_at: i64,
}

/// Draws a unit's entrance, and writes the mail with it; or says why there is no use in it any more.
pub(super) async fn letter(
    office: &Office,
    message: &OutboxMessage,
    address: &str,
    now: i64,
) -> Result<Result<EntranceLetter, &'static str>, DispatchFailure> {
    let NewMessage { collection, unit, body, .. } = &message.message;
    let Ok(EntranceErrand { ends_at, until }) = serde_json::from_str(body) else {
        return Ok(Err("内容损坏"));
    };
    let place = SubmissionPlace { collection, unit };
    let submission = match office.collections.submission(&place).await {
        Err(CollectionRefusal::Unknown(_)) => return Ok(Err("没有这个单位")),
        found => found?,
    };
    let collection = office.collections.collection(collection).await?;
    if collection.state != CollectionState::Open {
        return Ok(Err("征集已经结束"));
    }
    let let_in = [EntranceUnit { code: unit.clone(), name: submission.name.clone() }];
    let Ok(drawn) = Accounts::draw_entrances(&collection.id, &let_in, ends_at, now) else {
        return Ok(Err("有效期已经过去"));
    };
    let Some(entrance) = drawn.first() else { return Ok(Err("没有这个单位")) };
    let body = words::entrance(&EntranceWords {
        collection: &collection,
        name: &submission.name,
        due_on: submission.extended_to.unwrap_or(collection.plan.due_on),
        link: &format!("{address}/enter/{}", entrance.link),
        code: &entrance.code,
        until: &until,
    });
    Ok(Ok(EntranceLetter { body, drawn, ends_at }))
}

/// Opens the entrance of a mail that the server has taken; or says why not.
pub(super) async fn open(
    office: &Office,
    message: &OutboxMessage,
    letter: &EntranceLetter,
    now: i64,
) -> Result<Result<(), &'static str>, DispatchFailure> {
    // Who has made another meanwhile has handed that out.
    if !office.outbox.is_wanted(message).await? {
        return Ok(Err("已经另外发了入口"));
    }
    let NewMessage { collection, asked_by, .. } = &message.message;
    let on_behalf = Some(asked_by.clone());
    let doer = Doer { name: "系统".into(), account: None, on_behalf, from: String::new() };
    let EntranceLetter { drawn, ends_at, .. } = letter;
    office.accounts.open_entrances(&doer, collection, drawn, *ends_at, now).await?;
    Ok(Ok(()))
}
