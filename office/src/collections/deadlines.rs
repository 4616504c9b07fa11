//! The due day: who is behind it, to be phoned (催报), and who is to be reminded.

use std::collections::{HashMap, HashSet};

use nianbao_core::report::{Choice, Date};
use nianbao_core::roster::Contact;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::collection::CollectionState;
use super::faults::CollectionRefusal;
use super::ledger::{self, Occurrence, Openness};
use super::states::SubmissionState;
use super::submissions::{day, state, word};
use super::texts::name;
use super::{Collections, Occasion, SubmissionPlace};
use crate::audit::Act;

/// On which days a unit that owes its report is reminded, counted from its due day.
pub const REMINDER_DAYS: [i64; 4] = [-14, -3, 0, 1];

/// A unit that owes its report.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Straggler {
    pub unit: String,
    pub name: String,
    pub contact: Contact,
    #[serde(serialize_with = "word")]
    #[schemars(with = "String")]
    pub state: SubmissionState,
    /// Its own day, where it has an extension.
    pub due_on: Date,
    /// Negative behind that day.
    pub days_left: i64,
    /// When it was last reminded.
    pub reminded_at: Option<i64>,
}

/// A reminder that is due and was not sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DueReminder {
    pub to: Straggler,
    /// One of [`REMINDER_DAYS`].
    pub days: i64,
}

impl Collections {
    /// The units of an open collection that owe their reports, those first whose day is past or next, with whom to
    /// phone.
    pub async fn awaited(&self, collection: &str, today: Date) -> Result<Vec<Straggler>, CollectionRefusal> {
        let mut awaited = self.owing(collection, today).await?;
        awaited.sort_by_key(|unit| unit.days_left);
        Ok(awaited)
    }

    /// The units of an open collection that are behind their due day and owe their reports, the longest first,
    /// with whom to phone.
    pub async fn overdue(&self, collection: &str, today: Date) -> Result<Vec<Straggler>, CollectionRefusal> {
        let mut late = self.awaited(collection, today).await?;
        late.retain(|unit| unit.days_left < 0);
        Ok(late)
    }

    /// The reminders that are due today. Of those that a unit has missed only the latest: who is first asked two
    /// days before the end is reminded of these, and not of fourteen.
    pub async fn due_reminders(
        &self,
        collection: &str,
        today: Date,
    ) -> Result<Vec<DueReminder>, CollectionRefusal> {
        let sent: Vec<(String, String, i64)> =
            sqlx::query_as("SELECT unit, due_on, days FROM nianbao_reminders WHERE collection = $1")
                .bind(collection)
                .fetch_all(&self.pool)
                .await?;
        let sent: HashSet<_> = sent.into_iter().collect();
        let reminder = |to: Straggler| {
            let days = REMINDER_DAYS.into_iter().rev().find(|days| -to.days_left >= *days)?;
            let key = (to.unit.clone(), to.due_on.to_string(), days);
            (!sent.contains(&key)).then_some(DueReminder { to, days })
        };
        Ok(self.owing(collection, today).await?.into_iter().filter_map(reminder).collect())
    }

    /// Notes that a reminder is being sent, and how: whoever notes it first sends it. Whether it was not noted
    /// before.
    pub async fn note_reminder(
        &self,
        collection: &str,
        reminder: &DueReminder,
        way: &str,
        occasion: &Occasion<'_>,
    ) -> Result<bool, CollectionRefusal> {
        let place = SubmissionPlace { collection, unit: &reminder.to.unit };
        let mut changes = self.pool.begin().await?;
        let way = name(way);
        let inserted = sqlx::query(
            "INSERT INTO nianbao_reminders (collection, unit, due_on, days, sent_at, way)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (collection, unit, due_on, days) DO NOTHING",
        )
        .bind(collection)
        .bind(place.unit)
        .bind(reminder.to.due_on.to_string())
        .bind(reminder.days)
        .bind(occasion.at)
        .bind(&way)
        .execute(&mut *changes)
        .await?;
        if inserted.rows_affected() == 0 {
            return Ok(false);
        }
        let number = ledger::number(&mut changes, collection, Openness::Begun, "催报", occasion.at).await?;
        let occurrence =
            Occurrence { reason: &way, ..Occurrence::new(collection, place.unit, Act::Reminder) };
        ledger::enter(&mut changes, number, &occurrence, occasion).await?;
        changes.commit().await?;
        Ok(true)
    }

    /// The units of an open collection that owe their reports; none of one that is not open.
    async fn owing(&self, id: &str, today: Date) -> Result<Vec<Straggler>, CollectionRefusal> {
        let collection = self.collection(id).await?;
        let due_on = collection.plan.due_on;
        let words: Vec<String> =
            SubmissionState::OWING.iter().map(|state| format!("'{}'", state.word())).collect();
        let reminded: Vec<(String, i64)> = sqlx::query_as(
            "SELECT unit, MAX(sent_at) FROM nianbao_reminders WHERE collection = $1 GROUP BY unit",
        )
        .bind(id)
        .fetch_all(&self.pool)
        .await?;
        let reminded: HashMap<String, i64> = reminded.into_iter().collect();
        let statement = format!(
            "SELECT s.unit, s.name, r.contact, r.phone, r.mail, s.state, s.extended_to
             FROM nianbao_submissions s JOIN nianbao_roster r ON r.code = s.unit
             WHERE s.collection = $1 AND s.state IN ({})
             ORDER BY s.unit",
            words.join(", ")
        );
        let mut units = sqlx::query(AssertSqlSafe(statement))
            .bind(id)
            .try_map(|row| straggler(&row, due_on, today, &reminded))
            .fetch_all(&self.pool)
            .await?;
        // Of a closed collection only those are waited for that have time beyond that.
        if collection.state != CollectionState::Open {
            units.retain(|unit| unit.due_on != due_on && unit.due_on >= today);
        }
        Ok(units)
    }
}

fn straggler(
    row: &AnyRow,
    due_on: Date,
    today: Date,
    reminded: &HashMap<String, i64>,
) -> Result<Straggler, sqlx::Error> {
    let unit: String = row.try_get("unit")?;
    let due_on = day(row.try_get("extended_to")?)?.unwrap_or(due_on);
    Ok(Straggler {
        reminded_at: reminded.get(&unit).copied(),
        unit,
        name: row.try_get("name")?,
        contact: Contact {
            name: row.try_get("contact")?,
            phone: row.try_get("phone")?,
            mail: row.try_get("mail")?,
        },
        state: state(row.try_get("state")?)?,
        due_on,
        days_left: today.days_until(due_on),
    })
}
