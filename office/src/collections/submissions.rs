//! A submission (报送), one unit's part in a collection, and its way from state to state.

use nianbao_core::report::{Choice, Date};
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::comments::{self, NewComment};
use super::faults::CollectionRefusal;
use super::ledger::{self, Occurrence, Openness};
use super::states::{MoveRule, SubmissionMove, SubmissionState};
use super::texts::{Remarks, name};
use super::units::UnitNow;
use super::{Collections, Occasion, SubmissionPlace};
use crate::audit::Act;

/// The most characters of a reason.
pub const MAX_REASON: usize = 2000;

/// A submission.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Submission {
    pub collection: String,
    pub unit: String,
    /// As the unit was called when this was done; until then, as it is called now.
    pub name: String,
    /// What has become of it since.
    pub now: Option<UnitNow>,
    #[serde(serialize_with = "word")]
    #[schemars(with = "String")]
    pub state: SubmissionState,
    pub since: i64,
    /// Why it is in this state: of a return, a reopening, an acceptance with a note.
    pub reason: String,
    /// The parts that were returned, as paths; none for the whole.
    pub parts: Vec<String>,
    /// The numbers of its newest version and of the one that was accepted; 0 for none.
    pub last_version: i64,
    pub accepted_version: i64,
    pub extended_to: Option<Date>,
    pub extension_reason: String,
}

/// What belongs to a move besides who and when.
#[derive(Clone, Debug, Default)]
pub struct MoveWish<'a> {
    /// Why; of an acceptance, a note.
    pub reason: &'a str,
    /// The version that was looked at.
    pub version: Option<i64>,
    /// Of a return: the parts that may be changed, as paths; none for the whole.
    pub parts: &'a [&'a str],
    /// Of a return: comments on that version.
    pub comments: &'a [NewComment<'a>],
}

impl Collections {
    pub async fn submission(&self, place: &SubmissionPlace<'_>) -> Result<Submission, CollectionRefusal> {
        let found = sqlx::query(
            "SELECT s.collection, s.unit, s.name, n.name AS name_now, r.merged_into, s.state, s.since, s.reason,
                 s.parts, s.last_version, s.accepted_version, s.extended_to, s.extension_reason
             FROM nianbao_submissions s JOIN nianbao_roster r ON r.code = s.unit
             JOIN nianbao_roster n ON n.code = COALESCE(r.merged_into, r.code)
             WHERE s.collection = $1 AND s.unit = $2",
        )
        .bind(place.collection)
        .bind(place.unit)
        .try_map(|row| submission(&row))
        .fetch_optional(&self.pool)
        .await?;
        found.ok_or(CollectionRefusal::Unknown("报送"))
    }

    /// Takes a submission from one state to another, as the table of moves has it; `Submit` is
    /// [`submit`](Self::submit)'s. Beginning what has begun changes nothing. Tells the state it is in now.
    pub async fn step(
        &self,
        place: &SubmissionPlace<'_>,
        step: SubmissionMove,
        wish: &MoveWish<'_>,
        occasion: &Occasion<'_>,
    ) -> Result<SubmissionState, CollectionRefusal> {
        let rule = step.rule();
        let (reason, parts) = check(rule, wish)?;
        let mut changes = self.pool.begin().await?;
        let Some(change) =
            pass(&mut changes, place, rule, rule.to, wish.version, None, &reason, &parts, occasion).await?
        else {
            changes.rollback().await?;
            self.demand_read(place.collection, place.unit).await?;
            let now = self.submission(place).await?;
            if step == SubmissionMove::Begin && now.state == SubmissionState::Writing {
                return Ok(now.state);
            }
            return Err(refusal(&now, rule, wish.version));
        };
        let openness = change.openness(rule, occasion.today);
        let number =
            ledger::number(&mut changes, place.collection, openness, rule.label, occasion.at).await?;
        ledger::demand_read(&mut changes, place.collection, place.unit, self.read_until).await?;
        if step == SubmissionMove::Sign {
            sign(&mut changes, place, change.version, occasion).await?;
        }
        // Their rows have numbers of their own, behind that of the return.
        for comment in wish.comments {
            comments::add(&mut changes, place, change.version, comment, occasion).await?;
        }
        if step == SubmissionMove::Return
            && reason.is_empty()
            && !comments::has_open(&mut changes, place, change.version).await?
        {
            return Err(CollectionRefusal::Unreasoned);
        }
        let occurrence = Occurrence {
            states: Some((change.from, rule.to)),
            version: change.version,
            reason: &reason,
            parts: &parts,
            ..Occurrence::new(place.collection, place.unit, rule.act)
        };
        ledger::enter(&mut changes, number, &occurrence, occasion).await?;
        changes.commit().await?;
        Ok(rule.to)
    }

    /// Gives a unit time until the end of a day, in a collection that is open or closed.
    pub async fn extend(
        &self,
        place: &SubmissionPlace<'_>,
        until: Date,
        reason: &str,
        occasion: &Occasion<'_>,
    ) -> Result<(), CollectionRefusal> {
        let mut remarks = Remarks::default();
        let reason = remarks.required("延期的原因", reason, MAX_REASON);
        if until < occasion.today {
            remarks.add(format!("延期到 {until}，已经过去了"));
        }
        remarks.end()?;
        let mut changes = self.pool.begin().await?;
        let changed = sqlx::query(
            "UPDATE nianbao_submissions SET extended_to = $3, extension_reason = $4
             WHERE collection = $1 AND unit = $2 AND state NOT IN ('accepted', 'published', 'nil')",
        )
        .bind(place.collection)
        .bind(place.unit)
        .bind(until.to_string())
        .bind(&reason)
        .execute(&mut *changes)
        .await?;
        if changed.rows_affected() == 0 {
            changes.rollback().await?;
            self.demand_read(place.collection, place.unit).await?;
            let state = self.submission(place).await?.state;
            return Err(CollectionRefusal::NotNow { state, wanted: "延期" });
        }
        let number =
            ledger::number(&mut changes, place.collection, Openness::Begun, "延期", occasion.at).await?;
        ledger::demand_read(&mut changes, place.collection, place.unit, self.read_until).await?;
        let reason = format!("延期到 {until}：{reason}");
        let occurrence =
            Occurrence { reason: &reason, ..Occurrence::new(place.collection, place.unit, Act::Extension) };
        ledger::enter(&mut changes, number, &occurrence, occasion).await?;
        Ok(changes.commit().await?)
    }
}

impl Collections {
    /// Takes the extension of a unit back: its day is that of the others again.
    pub async fn take_back_extension(
        &self,
        place: &SubmissionPlace<'_>,
        reason: &str,
        occasion: &Occasion<'_>,
    ) -> Result<(), CollectionRefusal> {
        let mut remarks = Remarks::default();
        let reason = remarks.required("取消延期的原因", reason, MAX_REASON);
        remarks.end()?;
        let mut changes = self.pool.begin().await?;
        let changed = sqlx::query(
            "UPDATE nianbao_submissions SET extended_to = NULL, extension_reason = ''
             WHERE collection = $1 AND unit = $2 AND extended_to IS NOT NULL",
        )
        .bind(place.collection)
        .bind(place.unit)
        .execute(&mut *changes)
        .await?;
        if changed.rows_affected() == 0 {
            changes.rollback().await?;
            self.demand_read(place.collection, place.unit).await?;
            self.submission(place).await?;
            return Err(CollectionRefusal::Unfit(vec!["这个单位没有延期，不用取消".into()]));
        }
        let number =
            ledger::number(&mut changes, place.collection, Openness::Begun, "取消延期", occasion.at).await?;
        ledger::demand_read(&mut changes, place.collection, place.unit, self.read_until).await?;
        let reason = format!("取消延期：{reason}");
        let occurrence =
            Occurrence { reason: &reason, ..Occurrence::new(place.collection, place.unit, Act::Extension) };
        ledger::enter(&mut changes, number, &occurrence, occasion).await?;
        Ok(changes.commit().await?)
    }
}

/// All that is wrong with a wish; its reason and its parts as they are kept.
fn check(rule: &MoveRule, wish: &MoveWish<'_>) -> Result<(String, Vec<String>), CollectionRefusal> {
    let mut remarks = Remarks::default();
    let reason = remarks.text(&format!("“{}”的原因", rule.label), wish.reason, MAX_REASON);
    if rule.needs_reason && wish.reason.trim().is_empty() {
        remarks.add(format!("“{}”要写明原因", rule.label));
    }
    if rule.needs_version && wish.version.is_none() {
        remarks.add(format!("“{}”要说明是第几稿", rule.label));
    }
    if rule.step == SubmissionMove::Submit {
        remarks.add("报送要交报告");
    }
    let has_parts = !wish.parts.is_empty() || !wish.comments.is_empty();
    if has_parts && rule.step != SubmissionMove::Return {
        remarks.add("只有退回才写明退回的部分和批注");
    }
    if wish.parts.len() > 200 || wish.comments.len() > 500 {
        remarks.add("一次最多退回 200 处、写 500 条批注");
    } else {
        wish.parts.iter().for_each(|part| comments::check_path(part, &mut remarks));
        wish.comments.iter().for_each(|comment| comment.check(&mut remarks));
    }
    remarks.end()?;
    Ok((reason, wish.parts.iter().map(|part| (*part).to_owned()).collect()))
}

/// A change of state that was made.
pub(super) struct StateChange {
    pub from: SubmissionState,
    pub version: i64,
    pub extended_to: Option<Date>,
}

impl StateChange {
    /// Whether the collection must be open for it: not where the unit has time beyond that.
    pub(super) fn openness(&self, rule: &MoveRule, today: Date) -> Openness {
        let is_extended = self.extended_to.is_some_and(|until| until >= today);
        if rule.is_units && !is_extended { Openness::Open } else { Openness::Begun }
    }
}

/// What the board shows of a new version: errors, warnings, notes, characters.
pub(super) type VersionFigures = [i64; 4];

/// Makes the change of a submission's state, with a new version where that has figures: None where it is in none
/// that the move begins from, or its newest version is not that which was looked at.
#[expect(clippy::too_many_arguments, reason = "each is a column")]
pub(super) async fn pass(
    changes: &mut AnyConnection,
    place: &SubmissionPlace<'_>,
    rule: &MoveRule,
    to: SubmissionState,
    version: Option<i64>,
    figures: Option<VersionFigures>,
    reason: &str,
    parts: &[String],
    occasion: &Occasion<'_>,
) -> Result<Option<StateChange>, CollectionRefusal> {
    let from: Vec<String> = rule.from.iter().map(|state| format!("'{}'", state.word())).collect();
    let submits = i64::from(figures.is_some());
    let [errors, warnings, notes, characters] = figures.unwrap_or_default();
    let statement = format!(
        "UPDATE nianbao_submissions
         SET was = state, state = $3, since = $4, reason = $5, parts = $6, last_version = last_version + $8,
             errors = CASE WHEN $8 = 1 THEN $9 ELSE errors END,
             warnings = CASE WHEN $8 = 1 THEN $10 ELSE warnings END,
             notes = CASE WHEN $8 = 1 THEN $11 ELSE notes END,
             characters = CASE WHEN $8 = 1 THEN $12 ELSE characters END,
             accepted_version = CASE $3 WHEN 'accepted' THEN last_version WHEN 'published' THEN accepted_version
                 ELSE 0 END
         WHERE collection = $1 AND unit = $2 AND state IN ({}) AND ($7 < 0 OR last_version = $7)
         RETURNING was, last_version, extended_to",
        from.join(", ")
    );
    let change = sqlx::query(AssertSqlSafe(statement))
        .bind(place.collection)
        .bind(place.unit)
        .bind(to.word())
        .bind(occasion.at)
        .bind(reason)
        .bind(ledger::list(parts))
        .bind(version.unwrap_or(-1))
        .bind(submits)
        .bind(errors)
        .bind(warnings)
        .bind(notes)
        .bind(characters)
        .try_map(|row: AnyRow| {
            Ok(StateChange {
                from: state(row.try_get("was")?)?,
                version: row.try_get("last_version")?,
                extended_to: day(row.try_get("extended_to")?)?,
            })
        })
        .fetch_optional(changes)
        .await?;
    Ok(change)
}

/// Why a move was not made.
pub(super) fn refusal(now: &Submission, rule: &MoveRule, version: Option<i64>) -> CollectionRefusal {
    match version {
        Some(base) if rule.from.contains(&now.state) => {
            CollectionRefusal::Stale { base, newest: now.last_version }
        }
        _ => CollectionRefusal::NotNow { state: now.state, wanted: rule.label },
    }
}

async fn sign(
    changes: &mut AnyConnection,
    place: &SubmissionPlace<'_>,
    version: i64,
    occasion: &Occasion<'_>,
) -> Result<(), CollectionRefusal> {
    // Each version comes to its sign-off once: who withdraws one submits another.
    sqlx::query(
        "INSERT INTO nianbao_sign_offs (collection, unit, version, at, by_name, by_account, on_behalf)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(place.collection)
    .bind(place.unit)
    .bind(version)
    .bind(occasion.at)
    .bind(name(&occasion.doer.name))
    .bind(&occasion.doer.account)
    .bind(occasion.doer.on_behalf.as_deref().map(name))
    .execute(changes)
    .await?;
    Ok(())
}

fn submission(row: &AnyRow) -> Result<Submission, sqlx::Error> {
    Ok(Submission {
        collection: row.try_get("collection")?,
        unit: row.try_get("unit")?,
        name: row.try_get("name")?,
        now: UnitNow::of(row)?,
        state: state(row.try_get("state")?)?,
        since: row.try_get("since")?,
        reason: row.try_get("reason")?,
        parts: parts(row.try_get("parts")?)?,
        last_version: row.try_get("last_version")?,
        accepted_version: row.try_get("accepted_version")?,
        extended_to: day(row.try_get("extended_to")?)?,
        extension_reason: row.try_get("extension_reason")?,
    })
}

pub(super) fn state(word: String) -> Result<SubmissionState, sqlx::Error> {
    SubmissionState::of_word(&word).ok_or_else(|| sqlx::Error::Decode(format!("state {word}").into()))
}

pub(super) fn day(written: Option<String>) -> Result<Option<Date>, sqlx::Error> {
    let day =
        |written: String| written.parse().map_err(|_| sqlx::Error::Decode(format!("day {written}").into()));
    written.map(day).transpose()
}

pub(super) fn parts(json: String) -> Result<Vec<String>, sqlx::Error> {
    serde_json::from_str(&json).map_err(|error| sqlx::Error::Decode(error.into()))
}

pub(super) fn word<S: serde::Serializer>(state: &SubmissionState, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(state.word())
}
