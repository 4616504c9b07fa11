//! The end of every change: the number and the row of its event, and the entry of the record.

use nianbao_core::report::Choice;
use sqlx::AnyConnection;

use super::faults::CollectionRefusal;
use super::states::SubmissionState;
use super::texts::name;
use super::{Collections, Occasion};
use crate::audit::{self, Act, Deed};

/// Whether a collection must be open for a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Openness {
    /// Open or closed, but begun.
    Begun,
    Open,
    /// As it comes.
    Any,
}

/// What happened in a collection.
pub(super) struct Occurrence<'a> {
    pub collection: &'a str,
    /// Empty for the collection's own.
    pub unit: &'a str,
    pub act: Act,
    /// From which state to which, where one changed.
    pub states: Option<(SubmissionState, SubmissionState)>,
    pub version: i64,
    /// The comment that it is about; 0 for none.
    pub comment: i64,
    pub reason: &'a str,
    pub parts: &'a [String],
}

impl<'a> Occurrence<'a> {
    pub(super) fn new(collection: &'a str, unit: &'a str, act: Act) -> Self {
        Self { collection, unit, act, states: None, version: 0, comment: 0, reason: "", parts: &[] }
    }
}

/// Takes the next number of a collection's events. The collection is held until the transaction ends, so that
/// who reads events by number misses none. `wanted` is for people.
pub(super) async fn number(
    changes: &mut AnyConnection,
    collection: &str,
    openness: Openness,
    wanted: &'static str,
    at: i64,
) -> Result<i64, CollectionRefusal> {
    let number: Option<i64> = sqlx::query_scalar(
        "UPDATE nianbao_collections SET events = events + 1
         WHERE id = $1 AND ($2 = 'any' OR (state <> 'planned'
             AND ($2 = 'begun' OR (state = 'open' AND (closes_at IS NULL OR closes_at > $3)))))
         RETURNING events",
    )
    .bind(collection)
    .bind(match openness {
        Openness::Any => "any",
        Openness::Begun => "begun",
        Openness::Open => "open",
    })
    .bind(at)
    .fetch_optional(&mut *changes)
    .await?;
    if let Some(number) = number {
        return Ok(number);
    }
    let state: Option<String> = sqlx::query_scalar("SELECT state FROM nianbao_collections WHERE id = $1")
        .bind(collection)
        .fetch_optional(changes)
        .await?;
    Err(match state.as_deref() {
        None => CollectionRefusal::Unknown("征集"),
        Some("planned") => CollectionRefusal::NotOpen(wanted),
        Some(_) => CollectionRefusal::Closed(wanted),
    })
}

/// Refuses a change by whoever has not read of the last event of what he changes: of a submission, or where no
/// unit is named of the whole collection. It comes behind [`number`], which holds the collection.
pub(super) async fn demand_read(
    changes: &mut AnyConnection,
    collection: &str,
    unit: &str,
    read_until: Option<i64>,
) -> Result<(), CollectionRefusal> {
    let Some(read_until) = read_until else { return Ok(()) };
    let newer: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM nianbao_moves WHERE collection = $1 AND number > $2 AND ($3 = '' OR unit = $3)",
    )
    .bind(collection)
    .bind(read_until)
    .bind(unit)
    .fetch_one(changes)
    .await?;
    if newer == 0 { Ok(()) } else { Err(CollectionRefusal::ReadEarlier) }
}

impl Collections {
    /// The same for a change that was not made: whoever has read earlier is told that, and not why.
    pub(super) async fn demand_read(&self, collection: &str, unit: &str) -> Result<(), CollectionRefusal> {
        demand_read(&mut *self.pool.acquire().await?, collection, unit, self.read_until).await
    }
}

/// Writes what happened under its number, and notes it in the record. The last of a transaction.
pub(super) async fn enter(
    changes: &mut AnyConnection,
    number: i64,
    occurrence: &Occurrence<'_>,
    occasion: &Occasion<'_>,
) -> Result<(), CollectionRefusal> {
    write(changes, number, occurrence, occasion).await?;
    note(changes, occurrence, occasion).await
}

/// The event alone, where several are one deed.
pub(super) async fn write(
    changes: &mut AnyConnection,
    number: i64,
    occurrence: &Occurrence<'_>,
    occasion: &Occasion<'_>,
) -> Result<(), CollectionRefusal> {
    let doer = occasion.doer;
    sqlx::query(
        "INSERT INTO nianbao_moves
             (collection, number, unit, act, from_state, to_state, version, comment, reason, parts, at,
              by_name, by_account, on_behalf)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(occurrence.collection)
    .bind(number)
    .bind(occurrence.unit)
    .bind(occurrence.act.code())
    .bind(occurrence.states.map_or("", |(from, _)| from.word()))
    .bind(occurrence.states.map_or("", |(_, to)| to.word()))
    .bind(occurrence.version)
    .bind(occurrence.comment)
    .bind(occurrence.reason)
    .bind(list(occurrence.parts))
    .bind(occasion.at)
    .bind(name(&doer.name))
    .bind(&doer.account)
    .bind(doer.on_behalf.as_deref().map(name))
    .execute(changes)
    .await?;
    Ok(())
}

/// The entry of the record alone.
pub(super) async fn note(
    changes: &mut AnyConnection,
    occurrence: &Occurrence<'_>,
    occasion: &Occasion<'_>,
) -> Result<(), CollectionRefusal> {
    let mut of = format!("collection/{}", occurrence.collection);
    if !occurrence.unit.is_empty() {
        of.push_str(&format!("/unit/{}", occurrence.unit));
    }
    if occurrence.version > 0 {
        of.push_str(&format!("/version/{}", occurrence.version));
    }
    let deed = Deed { doer: occasion.doer, act: occurrence.act, of: &of, detail: occurrence.reason };
    Ok(audit::note(changes, &deed, occasion.at).await?)
}

/// Texts as a JSON list.
pub(super) fn list(texts: &[String]) -> String {
    serde_json::to_string(texts).expect("texts can be written")
}
