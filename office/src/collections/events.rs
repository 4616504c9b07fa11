//! What happened in a collection, by increasing numbers, for whoever follows it.

use schemars::JsonSchema;
use serde::Serialize;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::faults::CollectionRefusal;
use super::submissions::parts;
use super::{Collections, SubmissionPlace};

/// The most events that are told at once.
const MAX_EVENTS: usize = 1000;

/// Something that happened in a collection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CollectionEvent {
    /// Greater than that of all before; each is seen once by whoever asks for those behind the last he saw.
    pub number: i64,
    /// None for the collection's own.
    pub unit: Option<String>,
    /// The code that it has in the record: `submitted`.
    pub act: String,
    /// The words of the states, where they changed.
    pub from: Option<String>,
    pub to: Option<String>,
    pub version: Option<i64>,
    pub comment: Option<i64>,
    pub reason: String,
    pub parts: Vec<String>,
    pub at: i64,
    pub by: String,
    pub on_behalf: Option<String>,
}

macro_rules! events {
    ($where:literal) => {
        concat!(
            "SELECT number, unit, act, from_state, to_state, version, comment, reason, parts, at, by_name,
                 on_behalf
             FROM nianbao_moves WHERE collection = $1 AND ",
            $where,
            " ORDER BY number"
        )
    };
}

impl Collections {
    /// The events behind this number, the first one first.
    pub async fn events(
        &self,
        collection: &str,
        behind: i64,
        limit: usize,
    ) -> Result<Vec<CollectionEvent>, CollectionRefusal> {
        let events = sqlx::query(concat!(events!("number > $2"), " LIMIT $3"))
            .bind(collection)
            .bind(behind)
            .bind(limit.min(MAX_EVENTS) as i64)
            .try_map(|row| event(&row))
            .fetch_all(&self.pool)
            .await?;
        Ok(events)
    }

    /// Some of what happened to a submission, as it came, and how much there is. Without an offset the last of it.
    pub async fn history_part(
        &self,
        place: &SubmissionPlace<'_>,
        offset: Option<usize>,
        limit: usize,
    ) -> Result<(Vec<CollectionEvent>, usize), CollectionRefusal> {
        let total: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM nianbao_moves WHERE collection = $1 AND unit = $2")
                .bind(place.collection)
                .bind(place.unit)
                .fetch_one(&self.pool)
                .await?;
        let total = total as usize;
        let offset = offset.unwrap_or(total.saturating_sub(limit)).min(total);
        let events = sqlx::query(concat!(events!("unit = $2"), " LIMIT $3 OFFSET $4"))
            .bind(place.collection)
            .bind(place.unit)
            .bind(limit.min(MAX_EVENTS) as i64)
            .bind(offset as i64)
            .try_map(|row| event(&row))
            .fetch_all(&self.pool)
            .await?;
        Ok((events, total))
    }

    /// What brought a submission into the state that it is in; None where it was never moved.
    pub async fn last_move(
        &self,
        place: &SubmissionPlace<'_>,
    ) -> Result<Option<CollectionEvent>, CollectionRefusal> {
        let last = sqlx::query(
            "SELECT number, unit, act, from_state, to_state, version, comment, reason, parts, at, by_name,
                 on_behalf
             FROM nianbao_moves WHERE collection = $1 AND unit = $2 AND to_state <> ''
             ORDER BY number DESC LIMIT 1",
        )
        .bind(place.collection)
        .bind(place.unit)
        .try_map(|row| event(&row))
        .fetch_optional(&self.pool)
        .await?;
        Ok(last)
    }

    /// All that happened to one submission.
    pub async fn history(
        &self,
        place: &SubmissionPlace<'_>,
    ) -> Result<Vec<CollectionEvent>, CollectionRefusal> {
        let events = sqlx::query(events!("unit = $2"))
            .bind(place.collection)
            .bind(place.unit)
            .try_map(|row| event(&row))
            .fetch_all(&self.pool)
            .await?;
        Ok(events)
    }
}

fn event(row: &AnyRow) -> Result<CollectionEvent, sqlx::Error> {
    let word = |column: &str| {
        row.try_get::<String, _>(column).map(|word| Some(word).filter(|word| !word.is_empty()))
    };
    let number = |column: &str| row.try_get::<i64, _>(column).map(|number| Some(number).filter(|n| *n > 0));
    Ok(CollectionEvent {
        number: row.try_get("number")?,
        unit: word("unit")?,
        act: row.try_get("act")?,
        from: word("from_state")?,
        to: word("to_state")?,
        version: number("version")?,
        comment: number("comment")?,
        reason: row.try_get("reason")?,
        parts: parts(row.try_get("parts")?)?,
        at: row.try_get("at")?,
        by: row.try_get("by_name")?,
        on_behalf: row.try_get("on_behalf")?,
    })
}
