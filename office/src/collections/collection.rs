//! A collection itself: what is asked, and until when.

use nianbao_core::report::{Choice, Date, Edition, Year};
use serde::Serialize;
use sqlx::Row;
use sqlx::any::AnyRow;
use ulid::Ulid;

use super::faults::CollectionRefusal;
use super::ledger::{self, Occurrence, Openness};
use super::texts::Remarks;
use super::{Collections, Occasion};
use crate::audit::Act;

/// The most characters of a collection's instructions.
pub const MAX_INSTRUCTIONS: usize = 20_000;

/// The most bytes of the checks' settings.
const MAX_SETTINGS: usize = 1 << 20;

/// What a bureau says of a collection that it makes or changes.
#[derive(Clone, Debug)]
pub struct CollectionPlan {
    pub year: Year,
    pub title: String,
    pub template: String,
    /// The checks' settings, as JSON: a text of TOML, or an empty object for the program's own. Those with which
    /// a collection was opened stay.
    pub settings: String,
    /// The edition that is due.
    pub edition: Edition,
    pub instructions: String,
    pub needs_sign_off: bool,
    /// When it shall open, for whoever opens it then; it opens by being opened.
    pub opens_at: Option<i64>,
    pub due_on: Date,
    /// From when on nothing more is taken, but of units with an extension.
    pub closes_at: Option<i64>,
}

impl CollectionPlan {
    /// The checks' settings, in TOML; empty for the program's own.
    pub fn checks(&self) -> String {
        serde_json::from_str(&self.settings).unwrap_or_default()
    }
}

/// How far a collection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CollectionState {
    Planned,
    Open,
    Closed,
}

impl Choice for CollectionState {
    const ALL: &'static [Self] = &[Self::Planned, Self::Open, Self::Closed];

    fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Planned => "筹备中",
            Self::Open => "征集中",
            Self::Closed => "已结束",
        }
    }
}

/// A collection.
#[derive(Clone, Debug)]
pub struct Collection {
    /// Sorts by the time of its making.
    pub id: String,
    pub plan: CollectionPlan,
    pub state: CollectionState,
    pub opened_at: Option<i64>,
    pub closed_at: Option<i64>,
    /// Why it was closed though units were missing; empty where none were.
    pub close_reason: String,
    /// The one that it was begun from.
    pub previous: Option<String>,
    /// The number of its last event.
    pub events: i64,
    /// Counts the changes of its plan.
    pub revision: i64,
    pub made_at: i64,
}

macro_rules! columns {
    () => {
        "id, year, title, template, settings, edition, instructions, needs_sign_off, opens_at, due_on, \
         closes_at, state, opened_at, closed_at, close_reason, previous, events, revision, made_at"
    };
}

impl Collections {
    /// Makes a collection, which has neither units nor been opened. Tells its id.
    pub async fn make(
        &self,
        plan: &CollectionPlan,
        occasion: &Occasion<'_>,
    ) -> Result<String, CollectionRefusal> {
        let mut changes = self.pool.begin().await?;
        let id = insert(&mut changes, plan, None, occasion).await?;
        let occurrence = Occurrence { reason: "新建", ..Occurrence::new(&id, "", Act::CollectionChange) };
        ledger::enter(&mut changes, 1, &occurrence, occasion).await?;
        changes.commit().await?;
        Ok(id)
    }

    /// Changes what is said of a collection whose revision is still that which was read. With which template,
    /// settings, edition and sign-off it was opened is not changed any more.
    pub async fn change(
        &self,
        id: &str,
        revision: i64,
        plan: &CollectionPlan,
        occasion: &Occasion<'_>,
    ) -> Result<(), CollectionRefusal> {
        let (title, instructions) = faults(plan)?;
        let mut changes = self.pool.begin().await?;
        demand_own_title(&mut changes, id, plan, &title).await?;
        let changed = sqlx::query(
            "UPDATE nianbao_collections SET year = $3, title = $4, template = $5, settings = $6, edition = $7,
                 instructions = $8, needs_sign_off = $9, opens_at = $10, due_on = $11, closes_at = $12,
                 revision = revision + 1
             WHERE id = $1 AND revision = $2 AND (state = 'planned' OR (state = 'open' AND year = $3
                 AND template = $5 AND settings = $6 AND edition = $7 AND needs_sign_off = $9))",
        )
        .bind(id)
        .bind(revision)
        .bind(i64::from(plan.year.number()))
        .bind(title)
        .bind(&plan.template)
        .bind(&plan.settings)
        .bind(plan.edition.word())
        .bind(instructions)
        .bind(i64::from(plan.needs_sign_off))
        .bind(plan.opens_at)
        .bind(plan.due_on.to_string())
        .bind(plan.closes_at)
        .execute(&mut *changes)
        .await?;
        if changed.rows_affected() == 0 {
            changes.rollback().await?;
            self.demand_read(id, "").await?;
            let now = self.collection(id).await?;
            return Err(match now.revision == revision {
                true => CollectionRefusal::Begun("改年度、模板、检查设置、版本和审签的要求"),
                false => CollectionRefusal::Changed,
            });
        }
        let number = ledger::number(&mut changes, id, Openness::Any, "修改", occasion.at).await?;
        ledger::demand_read(&mut changes, id, "", self.read_until).await?;
        let occurrence = Occurrence::new(id, "", Act::CollectionChange);
        ledger::enter(&mut changes, number, &occurrence, occasion).await?;
        Ok(changes.commit().await?)
    }

    /// Which collections there are, in no order.
    pub async fn ids(&self) -> Result<Vec<String>, CollectionRefusal> {
        Ok(sqlx::query_scalar("SELECT id FROM nianbao_collections").fetch_all(&self.pool).await?)
    }

    pub async fn collection(&self, id: &str) -> Result<Collection, CollectionRefusal> {
        // PostgreSQL takes no text with a zero in it.
        if id.contains('\0') {
            return Err(CollectionRefusal::Unknown("征集"));
        }
        let found = sqlx::query(concat!("SELECT ", columns!(), " FROM nianbao_collections WHERE id = $1"))
            .bind(id)
            .try_map(|row| collection(&row))
            .fetch_optional(&self.pool)
            .await?;
        found.ok_or(CollectionRefusal::Unknown("征集"))
    }

    /// All collections, the newest first; those before a certain one, if one is named.
    pub async fn collections(
        &self,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Collection>, CollectionRefusal> {
        let found = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM nianbao_collections WHERE id < $1 ORDER BY id DESC LIMIT $2"
        ))
        // Greater than any id.
        .bind(before.unwrap_or("~"))
        .bind(limit.min(1000) as i64)
        .try_map(|row| collection(&row))
        .fetch_all(&self.pool)
        .await?;
        Ok(found)
    }

    /// The newest few other collections of the same year and template, of which this one is to be told apart.
    pub async fn siblings(&self, collection: &Collection) -> Result<Vec<Collection>, CollectionRefusal> {
        let found = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM nianbao_collections WHERE year = $1 AND template = $2 AND id <> $3 ORDER BY id DESC LIMIT 5"
        ))
        .bind(i64::from(collection.plan.year.number()))
        .bind(&collection.plan.template)
        .bind(&collection.id)
        .try_map(|row| self::collection(&row))
        .fetch_all(&self.pool)
        .await?;
        Ok(found)
    }

    /// Closes a collection. Where units still owe their reports it needs a reason.
    pub async fn close(
        &self,
        id: &str,
        reason: &str,
        occasion: &Occasion<'_>,
    ) -> Result<(), CollectionRefusal> {
        let mut remarks = Remarks::default();
        let reason = remarks.text("结束征集的原因", reason, super::MAX_REASON);
        remarks.end()?;
        let mut changes = self.pool.begin().await?;
        let closed = sqlx::query(
            "UPDATE nianbao_collections SET state = 'closed', closed_at = $2, close_reason = $3
             WHERE id = $1 AND state = 'open'",
        )
        .bind(id)
        .bind(occasion.at)
        .bind(&reason)
        .execute(&mut *changes)
        .await?;
        if closed.rows_affected() == 0 {
            changes.rollback().await?;
            self.demand_read(id, "").await?;
            return Err(match self.collection(id).await?.state {
                CollectionState::Planned => CollectionRefusal::NotOpen("结束"),
                _ => CollectionRefusal::Closed("再结束一次"),
            });
        }
        let missing = super::outcome::missing(&mut changes, id).await?;
        if !missing.is_empty() && reason.is_empty() {
            return Err(CollectionRefusal::Missing(missing.into_iter().map(|unit| unit.name).collect()));
        }
        let number = ledger::number(&mut changes, id, Openness::Any, "结束", occasion.at).await?;
        ledger::demand_read(&mut changes, id, "", self.read_until).await?;
        let occurrence = Occurrence { reason: &reason, ..Occurrence::new(id, "", Act::CollectionClosing) };
        ledger::enter(&mut changes, number, &occurrence, occasion).await?;
        Ok(changes.commit().await?)
    }

    /// Opens a closed collection again, until another time.
    pub async fn reopen(
        &self,
        id: &str,
        reason: &str,
        closes_at: Option<i64>,
        occasion: &Occasion<'_>,
    ) -> Result<(), CollectionRefusal> {
        let mut remarks = Remarks::default();
        let reason = remarks.required("重新开始的原因", reason, super::MAX_REASON);
        if closes_at.is_some_and(|closes_at| closes_at <= occasion.at) {
            remarks.add("截止日期已经过去，请写今天以后的日期，或者不写");
        }
        remarks.end()?;
        let mut changes = self.pool.begin().await?;
        let opened = sqlx::query(
            "UPDATE nianbao_collections SET state = 'open', closed_at = NULL, close_reason = '',
                 closes_at = $2, revision = revision + 1
             WHERE id = $1 AND state = 'closed'",
        )
        .bind(id)
        .bind(closes_at)
        .execute(&mut *changes)
        .await?;
        if opened.rows_affected() == 0 {
            changes.rollback().await?;
            self.demand_read(id, "").await?;
            self.collection(id).await?;
            return Err(CollectionRefusal::Unfit(vec!["征集没有结束，不用重新开始".into()]));
        }
        let number = ledger::number(&mut changes, id, Openness::Any, "重新开始", occasion.at).await?;
        ledger::demand_read(&mut changes, id, "", self.read_until).await?;
        let occurrence = Occurrence { reason: &reason, ..Occurrence::new(id, "", Act::CollectionReopening) };
        ledger::enter(&mut changes, number, &occurrence, occasion).await?;
        Ok(changes.commit().await?)
    }
}

/// Writes a new collection, whose first event comes with it.
pub(super) async fn insert(
    changes: &mut sqlx::AnyConnection,
    plan: &CollectionPlan,
    previous: Option<&str>,
    occasion: &Occasion<'_>,
) -> Result<String, CollectionRefusal> {
    let (title, instructions) = faults(plan)?;
    demand_own_title(changes, "", plan, &title).await?;
    let id = id(occasion.at)?;
    sqlx::query(
        "INSERT INTO nianbao_collections
             (id, year, title, template, settings, edition, instructions, needs_sign_off, opens_at, due_on,
              closes_at, state, previous, events, revision, made_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'planned', $12, 1, 1, $13)",
    )
    .bind(&id)
    .bind(i64::from(plan.year.number()))
    .bind(title)
    .bind(&plan.template)
    .bind(&plan.settings)
    .bind(plan.edition.word())
    .bind(instructions)
    .bind(i64::from(plan.needs_sign_off))
    .bind(plan.opens_at)
    .bind(plan.due_on.to_string())
    .bind(plan.closes_at)
    .bind(previous)
    .bind(occasion.at)
    .execute(changes)
    .await?;
    Ok(id)
}

/// Refuses a title that another collection of the year has: by it people tell them apart. One that has been there
/// before this was asked may stay.
async fn demand_own_title(
    changes: &mut sqlx::AnyConnection,
    id: &str,
    plan: &CollectionPlan,
    title: &str,
) -> Result<(), CollectionRefusal> {
    // Of two who make one at once the second sees the first's.
    sqlx::query("UPDATE nianbao_roster_head SET number = number WHERE id = 1").execute(&mut *changes).await?;
    let state: Option<String> = sqlx::query_scalar(
        "SELECT state FROM nianbao_collections WHERE year = $1 AND title = $2 AND id <> $3
             AND NOT EXISTS (SELECT 1 FROM nianbao_collections own
                 WHERE own.id = $3 AND own.year = $1 AND own.title = $2) LIMIT 1",
    )
    .bind(i64::from(plan.year.number()))
    .bind(title)
    .bind(id)
    .fetch_optional(changes)
    .await?;
    let Some(state) = state else { return Ok(()) };
    let state = CollectionState::of_word(&state).map_or("", Choice::label);
    let year = plan.year.number();
    Err(CollectionRefusal::Unfit(vec![format!(
        "{year}年度已经有一次征集叫“{title}”（{state}）。要接着办的，请打开那一次；同一年度确实要另开一次的，请写一个能区别开的名称"
    )]))
}

/// A new id.
fn id(at: i64) -> Result<String, CollectionRefusal> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| sqlx::Error::Io(error.into()))?;
    let milliseconds = u64::try_from(at).unwrap_or_default().saturating_mul(1000);
    Ok(Ulid::from_parts(milliseconds, u128::from_le_bytes(random)).to_string())
}

/// All that is wrong with a plan; its title and instructions as they are kept.
fn faults(plan: &CollectionPlan) -> Result<(String, String), CollectionRefusal> {
    let mut remarks = Remarks::default();
    let title = remarks.required("征集的名称", &plan.title, 200);
    remarks.required("模板", &plan.template, 200);
    let instructions = remarks.text("填报说明", &plan.instructions, MAX_INSTRUCTIONS);
    remarks.json("检查设置", &plan.settings, MAX_SETTINGS);
    if let (Some(opens), Some(closes)) = (plan.opens_at, plan.closes_at)
        && opens >= closes
    {
        remarks.add("截止时间要在开始时间之后");
    }
    remarks.end()?;
    Ok((title, instructions))
}

fn collection(row: &AnyRow) -> Result<Collection, sqlx::Error> {
    let unknown = |what: String| sqlx::Error::Decode(what.into());
    let word = |column: &str| row.try_get::<String, _>(column);
    let (edition, state, due_on) = (word("edition")?, word("state")?, word("due_on")?);
    let year: i64 = row.try_get("year")?;
    Ok(Collection {
        id: row.try_get("id")?,
        plan: CollectionPlan {
            year: year.to_string().parse().map_err(|_| unknown(format!("year {year}")))?,
            title: row.try_get("title")?,
            template: row.try_get("template")?,
            settings: row.try_get("settings")?,
            edition: Edition::of_word(&edition).ok_or_else(|| unknown(format!("edition {edition}")))?,
            instructions: row.try_get("instructions")?,
            needs_sign_off: row.try_get::<i64, _>("needs_sign_off")? == 1,
            opens_at: row.try_get("opens_at")?,
            due_on: due_on.parse().map_err(|_| unknown(format!("day {due_on}")))?,
            closes_at: row.try_get("closes_at")?,
        },
        state: CollectionState::of_word(&state).ok_or_else(|| unknown(format!("state {state}")))?,
        opened_at: row.try_get("opened_at")?,
        closed_at: row.try_get("closed_at")?,
        close_reason: row.try_get("close_reason")?,
        previous: row.try_get("previous")?,
        events: row.try_get("events")?,
        revision: row.try_get("revision")?,
        made_at: row.try_get("made_at")?,
    })
}

impl Serialize for CollectionState {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}
