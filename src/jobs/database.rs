//! What is known of each batch, in SQLite or PostgreSQL. The same statements serve both. A unit has a
//! row once it is done, and never two; every change of a batch's state names the state it comes from,
//! so that of two programs that want to make it only one does.

use std::time::Duration;

use serde_json::json;
use sqlx::any::AnyRow;
use sqlx::{AnyPool, Row};

use super::{Batch, BatchState, BatchTerms, Census, UnitRemark};
use crate::batch::{self, Ledger, ResultCounts};
use crate::database::{self, DatabasePlace};
use crate::report::{Choice, Edition};
use crate::roster::unit_in_file_name;
use crate::workers::is_passing;

/// How many units of a kind a batch names; the list in its archive has them all.
const MAX_REMARKS: i64 = 100;

/// How long it is waited for a database that is only asked whether it is there.
const GLANCE: Duration = Duration::from_secs(1);

pub(super) struct Database {
    pool: AnyPool,
    /// One connection apart, for whoever asks whether the database is there: a statement that hangs holds
    /// this one and none of the others.
    glance: AnyPool,
}

/// A batch that is to be begun.
pub(super) struct NewBatch {
    pub id: String,
    pub name: String,
    pub kind: String,
    pub edition: Option<Edition>,
    pub digest: String,
    pub idempotency_key: Option<String>,
    pub total: usize,
    pub state: BatchState,
    pub terms: BatchTerms,
}

/// A unit that is done.
pub(super) struct DoneUnit<'a> {
    pub number: usize,
    pub result: batch::UnitResult,
    pub key: &'a str,
    pub source: &'a str,
    pub unit: Option<&'a str>,
    /// What was found first: its code, and what it says.
    pub code: Option<&'a str>,
    pub message: Option<&'a str>,
}

/// A unit that is done, as the store knows it.
pub(super) struct KeptUnit {
    pub number: usize,
    /// Empty where there is nothing in the store: it failed for a fault of which `message` tells.
    pub key: String,
    pub is_made: bool,
    pub unit: Option<String>,
    pub message: Option<String>,
}

/// What tells the archive of a batch from any other file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seal {
    pub bytes: u64,
    pub crc32: u32,
}

/// What became of a batch that was to be begun.
pub(super) enum Beginning {
    New,
    /// Its key is taken.
    Known(Box<Batch>),
    TooMany,
}

macro_rules! columns {
    () => {
        "id, name, kind, edition, digest, state, round, total, made, made_with_warnings, failed, \
         created_at, begun_at, ended_at, reason, remade, archive_bytes, archive_crc32, missing, \
         repeated, unlisted"
    };
}

impl Database {
    pub(super) async fn open(place: &DatabasePlace) -> Result<Self, sqlx::Error> {
        let (pool, glance) = (place.open().await?, place.apart(GLANCE)?);
        let changes = [
            ("batches", include_str!("tables.sql")),
            ("faults", include_str!("faults.sql")),
            ("expectation", include_str!("expectation.sql")),
            ("attendance", include_str!("attendance.sql")),
            ("codes", include_str!("codes.sql")),
        ];
        database::migrate(&pool, "nianbao_migrations", &changes).await?;
        Ok(Self { pool, glance })
    }

    /// Fails where nothing could be written now.
    pub(super) async fn reach(&self) -> Result<(), sqlx::Error> {
        // It wants the right to write, and changes nothing.
        sqlx::query("UPDATE nianbao_batches SET moved_at = moved_at WHERE 1 = 0")
            .execute(&self.glance)
            .await?;
        Ok(())
    }

    pub(super) async fn begin(&self, new: &NewBatch, max: usize, now: i64) -> Result<Beginning, sqlx::Error> {
        let inserted = sqlx::query(
            "INSERT INTO nianbao_batches
                 (id, name, kind, edition, digest, idempotency_key, state, round, total, made,
                  made_with_warnings, failed, created_at, begun_at, moved_at, expectation, missing)
             SELECT $1, $2, $3, $4, $5, $6, $7, 1, $8, 0, 0, 0, $9, $9, $9, $11, $12
             WHERE (SELECT COUNT(*) FROM nianbao_batches WHERE state = $7) < $10
             ON CONFLICT (idempotency_key) DO NOTHING",
        )
        .bind(&new.id)
        .bind(&new.name)
        .bind(&new.kind)
        .bind(new.edition.map(Choice::word))
        .bind(&new.digest)
        .bind(&new.idempotency_key)
        .bind(new.state.name())
        .bind(new.total as i64)
        .bind(now)
        .bind(max as i64)
        .bind((new.terms != BatchTerms::default()).then(|| json!(new.terms).to_string()))
        .bind(new.terms.expectation.missing.len() as i64)
        .execute(&self.pool)
        .await?;
        if inserted.rows_affected() == 1 {
            return Ok(Beginning::New);
        }
        let known = match &new.idempotency_key {
            Some(key) => self.of_key(key).await?,
            None => None,
        };
        Ok(known.map_or(Beginning::TooMany, |batch| Beginning::Known(Box::new(batch))))
    }

    /// What was wished of a batch.
    pub(super) async fn terms(&self, id: &str) -> Result<BatchTerms, sqlx::Error> {
        let kept: Option<Option<String>> =
            sqlx::query_scalar("SELECT expectation FROM nianbao_batches WHERE id = $1")
                .bind(id)
                .fetch_optional(&self.pool)
                .await?;
        let read = kept.flatten().map(|kept| serde_json::from_str(&kept)).transpose();
        Ok(read.map_err(|error| sqlx::Error::Decode(error.into()))?.unwrap_or_default())
    }

    pub(super) async fn of_key(&self, key: &str) -> Result<Option<Batch>, sqlx::Error> {
        sqlx::query(concat!("SELECT ", columns!(), " FROM nianbao_batches WHERE idempotency_key = $1"))
            .bind(key)
            .try_map(|row| batch(&row))
            .fetch_optional(&self.pool)
            .await
    }

    pub(super) async fn batch(&self, id: &str) -> Result<Option<Batch>, sqlx::Error> {
        sqlx::query(concat!("SELECT ", columns!(), " FROM nianbao_batches WHERE id = $1"))
            .bind(id)
            .try_map(|row| batch(&row))
            .fetch_optional(&self.pool)
            .await
    }

    pub(super) async fn census(&self, now: i64) -> Result<Census, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT state, COUNT(*), CAST(COALESCE(SUM(total - made - made_with_warnings - failed), 0) AS BIGINT),
                    MIN(CASE WHEN made + made_with_warnings + failed < total THEN begun_at END)
             FROM nianbao_batches GROUP BY state",
        )
        .fetch_all(&self.pool)
        .await?;
        let mut census =
            Census { batches: BatchState::ALL.map(|state| (state, 0)).into(), ..Census::default() };
        for row in rows {
            let Some(state) = BatchState::of(row.try_get(0)?) else { continue };
            for (known, count) in &mut census.batches {
                if *known == state {
                    *count = row.try_get(1)?;
                }
            }
            if state == BatchState::Running {
                census.waiting_units = row.try_get(2)?;
                let oldest: Option<i64> = row.try_get(3)?;
                census.oldest_seconds = oldest.map_or(0, |begun_at| (now - begun_at).max(0));
            }
        }
        Ok(census)
    }

    /// The newest first; those before a certain one, if one is named.
    pub(super) async fn list(&self, before: Option<&str>, limit: usize) -> Result<Vec<Batch>, sqlx::Error> {
        sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM nianbao_batches WHERE id < $1 ORDER BY id DESC LIMIT $2"
        ))
        // Greater than any id.
        .bind(before.unwrap_or("~"))
        .bind(limit as i64)
        .try_map(|row| batch(&row))
        .fetch_all(&self.pool)
        .await
    }

    pub(super) async fn of_state(&self, state: BatchState) -> Result<Vec<Batch>, sqlx::Error> {
        sqlx::query(concat!("SELECT ", columns!(), " FROM nianbao_batches WHERE state = $1"))
            .bind(state.name())
            .try_map(|row| batch(&row))
            .fetch_all(&self.pool)
            .await
    }

    /// Those that ended before a time, and those that came before another and nobody began.
    pub(super) async fn expired(&self, ended: i64, came: i64) -> Result<Vec<Batch>, sqlx::Error> {
        sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM nianbao_batches WHERE ended_at < $1 OR (state = 'uploaded' AND created_at < $2)"
        ))
        .bind(ended)
        .bind(came)
        .try_map(|row| batch(&row))
        .fetch_all(&self.pool)
        .await
    }

    /// When a unit of any running batch was last done, or such a batch begun.
    pub(super) async fn last_moved(&self) -> Result<Option<i64>, sqlx::Error> {
        sqlx::query_scalar("SELECT MAX(moved_at) FROM nianbao_batches WHERE state = 'running'")
            .fetch_one(&self.pool)
            .await
    }

    pub(super) async fn is_done(&self, id: &str, number: usize) -> Result<bool, sqlx::Error> {
        let row = sqlx::query("SELECT number FROM nianbao_units WHERE batch = $1 AND number = $2")
            .bind(id)
            .bind(number as i64)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some())
    }

    /// Notes that a unit is done, unless that is known. Tells whether it was the last of its batch.
    pub(super) async fn done(&self, id: &str, unit: &DoneUnit<'_>, now: i64) -> Result<bool, sqlx::Error> {
        let mut changes = self.pool.begin().await?;
        let inserted = sqlx::query(
            "INSERT INTO nianbao_units (batch, number, result, key, source, unit, message, code)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (batch, number) DO NOTHING",
        )
        .bind(id)
        .bind(unit.number as i64)
        .bind(result_name(unit.result))
        .bind(unit.key)
        .bind(unit.source)
        .bind(unit.unit)
        .bind(unit.message)
        .bind(unit.code)
        .execute(&mut *changes)
        .await?;
        let is = |result| i64::from(inserted.rows_affected() == 1 && unit.result == result);
        let counts: Option<(i64, i64)> = sqlx::query_as(
            "UPDATE nianbao_batches SET made = made + $2, made_with_warnings = made_with_warnings + $3,
                 failed = failed + $4, moved_at = $5
             WHERE id = $1 RETURNING made + made_with_warnings + failed, total",
        )
        .bind(id)
        .bind(is(batch::UnitResult::Made))
        .bind(is(batch::UnitResult::MadeWithWarnings))
        .bind(is(batch::UnitResult::Failed))
        .bind(now)
        .fetch_optional(&mut *changes)
        .await?;
        changes.commit().await?;
        Ok(counts.is_some_and(|(done, total)| done == total))
    }

    /// The units that are done, by number.
    pub(super) async fn units(&self, id: &str) -> Result<Vec<KeptUnit>, sqlx::Error> {
        type UnitRow = (i64, String, String, Option<String>, Option<String>);
        let rows: Vec<UnitRow> = sqlx::query_as(
            "SELECT number, key, result, unit, message FROM nianbao_units WHERE batch = $1 ORDER BY number",
        )
        .bind(id)
        .fetch_all(&self.pool)
        .await?;
        let failed = result_name(batch::UnitResult::Failed);
        let unit = |(number, key, result, unit, message): UnitRow| KeptUnit {
            number: number as usize,
            key,
            is_made: result != failed,
            unit,
            message,
        };
        Ok(rows.into_iter().map(unit).collect())
    }

    /// The first units that came to this, each with what was found first.
    pub(super) async fn remarks(
        &self,
        id: &str,
        result: batch::UnitResult,
    ) -> Result<Vec<UnitRemark>, sqlx::Error> {
        type RemarkRow = (i64, String, String, Option<String>, Option<String>, Option<String>);
        let rows: Vec<RemarkRow> = sqlx::query_as(
            "SELECT number, key, source, unit, message, code FROM nianbao_units
             WHERE batch = $1 AND result = $2 ORDER BY number LIMIT $3",
        )
        .bind(id)
        .bind(result_name(result))
        .bind(MAX_REMARKS)
        .fetch_all(&self.pool)
        .await?;
        let remark = |(number, key, source, unit, message, code): RemarkRow| {
            // Of what nobody can read its file's name may say whose it is.
            let unit = unit.or_else(|| Some(unit_in_file_name(&source)).filter(|unit| !unit.is_empty()));
            let message = message.unwrap_or_default();
            let may_pass = key.is_empty() || code.is_some_and(|code| is_passing(&code));
            UnitRemark { number: number as usize, source, unit, message, may_pass }
        };
        Ok(rows.into_iter().map(remark).collect())
    }

    /// Where in the store lies what came of a unit that is done; nothing of one that is not, or has nothing there.
    pub(super) async fn key_of(&self, id: &str, number: usize) -> Result<Option<String>, sqlx::Error> {
        let key: Option<String> =
            sqlx::query_scalar("SELECT key FROM nianbao_units WHERE batch = $1 AND number = $2")
                .bind(id)
                .bind(number as i64)
                .fetch_optional(&self.pool)
                .await?;
        Ok(key.filter(|key| !key.is_empty()))
    }

    /// Ends a round of a batch; not where it was cancelled, or begun anew, in the meantime.
    pub(super) async fn end(
        &self,
        id: &str,
        round: i64,
        ledger: &Ledger,
        seal: Seal,
        now: i64,
    ) -> Result<(), sqlx::Error> {
        let counts = ledger.counts;
        sqlx::query(
            "UPDATE nianbao_batches SET state = $3, made = $4, made_with_warnings = $5, failed = $6,
                 ended_at = $7, archive_bytes = $8, archive_crc32 = $9, missing = $10, repeated = $11,
                 unlisted = $12
             WHERE id = $1 AND round = $2 AND state = 'running'",
        )
        .bind(id)
        .bind(round)
        .bind(BatchState::from(ledger.state).name())
        .bind(counts.made as i64)
        .bind(counts.made_with_warnings as i64)
        .bind(counts.failed as i64)
        .bind(now)
        .bind(seal.bytes as i64)
        .bind(i64::from(seal.crc32))
        .bind(counts.missing as i64)
        .bind(ledger.attendance.repeated as i64)
        .bind(ledger.attendance.unlisted as i64)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Whether it waited until now, and there is room for it.
    pub(super) async fn start(&self, id: &str, max: usize, now: i64) -> Result<bool, sqlx::Error> {
        let updated = sqlx::query(
            "UPDATE nianbao_batches SET state = 'running', begun_at = $2, moved_at = $2
             WHERE id = $1 AND state = 'uploaded'
                 AND (SELECT COUNT(*) FROM nianbao_batches WHERE state = 'running') < $3",
        )
        .bind(id)
        .bind(now)
        .bind(max as i64)
        .execute(&self.pool)
        .await?;
        Ok(updated.rows_affected() == 1)
    }

    /// Whether it was running until now. Its key is free again: who sends the same once more wants it made.
    pub(super) async fn cancel(&self, id: &str, now: i64) -> Result<bool, sqlx::Error> {
        let updated = sqlx::query(
            "UPDATE nianbao_batches SET state = 'cancelled', ended_at = $2, idempotency_key = NULL
             WHERE id = $1 AND state = 'running'",
        )
        .bind(id)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(updated.rows_affected() == 1)
    }

    /// Ends a batch that is running, or waits in this state, for a reason that a person is told. Whether it
    /// was so until now.
    pub(super) async fn give_up(
        &self,
        id: &str,
        states: &[BatchState],
        reason: &str,
        now: i64,
    ) -> Result<bool, sqlx::Error> {
        for state in states {
            let updated = sqlx::query(
                "UPDATE nianbao_batches SET state = 'cancelled', ended_at = $2, idempotency_key = NULL,
                     reason = $3
                 WHERE id = $1 AND state = $4",
            )
            .bind(id)
            .bind(now)
            .bind(reason)
            .bind(state.name())
            .execute(&self.pool)
            .await?;
            if updated.rows_affected() == 1 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Lets a batch run again whose archive is gone. Whether it had ended with one until now.
    pub(super) async fn remake(&self, id: &str, round: i64, now: i64) -> Result<bool, sqlx::Error> {
        let updated = sqlx::query(
            "UPDATE nianbao_batches SET state = 'running', remade = remade + 1, begun_at = $3,
                 moved_at = $3, ended_at = NULL
             WHERE id = $1 AND round = $2 AND state IN ('completed', 'completed_with_failures')",
        )
        .bind(id)
        .bind(round)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(updated.rows_affected() == 1)
    }

    /// Notes that someone looks at a batch that waits to be begun.
    pub(super) async fn looked_at(&self, id: &str, now: i64) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE nianbao_batches SET moved_at = $2 WHERE id = $1 AND state = 'uploaded'")
            .bind(id)
            .bind(now)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The batch that waits to be begun and was not looked at for the longest time, if that was before
    /// this one.
    pub(super) async fn forgotten(&self, before: i64) -> Result<Option<Batch>, sqlx::Error> {
        sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM nianbao_batches WHERE state = 'uploaded' AND moved_at < $1 ORDER BY moved_at LIMIT 1"
        ))
        .bind(before)
        .try_map(|row| batch(&row))
        .fetch_optional(&self.pool)
        .await
    }

    /// Takes for now what lies later than anything can: it comes from a clock that was set back since.
    pub(super) async fn set_right(&self, now: i64, latest: i64) -> Result<(), sqlx::Error> {
        for statement in [
            "UPDATE nianbao_batches SET ended_at = $1 WHERE ended_at > $2",
            "UPDATE nianbao_batches SET created_at = $1 WHERE state = 'uploaded' AND created_at > $2",
            "UPDATE nianbao_batches SET moved_at = $1 WHERE state = 'uploaded' AND moved_at > $2",
        ] {
            sqlx::query(statement).bind(now).bind(latest).execute(&self.pool).await?;
        }
        Ok(())
    }

    /// Lets the failed units of a batch wait again. Gives their numbers; none where it has not ended
    /// with failures.
    pub(super) async fn retry(&self, id: &str, now: i64) -> Result<Vec<usize>, sqlx::Error> {
        let mut changes = self.pool.begin().await?;
        let updated = sqlx::query(
            "UPDATE nianbao_batches SET state = 'running', failed = 0, round = round + 1,
                 remade = 0, begun_at = $2, moved_at = $2, ended_at = NULL
             WHERE id = $1 AND state = 'completed_with_failures'",
        )
        .bind(id)
        .bind(now)
        .execute(&mut *changes)
        .await?;
        if updated.rows_affected() == 0 {
            return Ok(vec![]);
        }
        let failed: Vec<(i64,)> = sqlx::query_as(
            "DELETE FROM nianbao_units WHERE batch = $1 AND result = 'failed' RETURNING number",
        )
        .bind(id)
        .fetch_all(&mut *changes)
        .await?;
        changes.commit().await?;
        Ok(failed.into_iter().map(|(number,)| number as usize).collect())
    }

    /// Lets a unit wait again whose result is gone.
    pub(super) async fn forget(&self, id: &str, number: usize) -> Result<(), sqlx::Error> {
        let mut changes = self.pool.begin().await?;
        let deleted: Option<(String,)> =
            sqlx::query_as("DELETE FROM nianbao_units WHERE batch = $1 AND number = $2 RETURNING result")
                .bind(id)
                .bind(number as i64)
                .fetch_optional(&mut *changes)
                .await?;
        let was =
            |result| i64::from(deleted.as_ref().is_some_and(|(deleted,)| *deleted == result_name(result)));
        sqlx::query(
            "UPDATE nianbao_batches SET made = made - $2, made_with_warnings = made_with_warnings - $3,
                 failed = failed - $4
             WHERE id = $1",
        )
        .bind(id)
        .bind(was(batch::UnitResult::Made))
        .bind(was(batch::UnitResult::MadeWithWarnings))
        .bind(was(batch::UnitResult::Failed))
        .execute(&mut *changes)
        .await?;
        changes.commit().await
    }

    /// Puts off the moment at which the queue is taken to stand still.
    pub(super) async fn moved(&self, now: i64) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE nianbao_batches SET moved_at = $1 WHERE state = 'running'")
            .bind(now)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Removes a batch that is not running.
    pub(super) async fn remove(&self, id: &str) -> Result<(), sqlx::Error> {
        let mut changes = self.pool.begin().await?;
        let deleted = sqlx::query("DELETE FROM nianbao_batches WHERE id = $1 AND state <> 'running'")
            .bind(id)
            .execute(&mut *changes)
            .await?;
        if deleted.rows_affected() == 1 {
            sqlx::query("DELETE FROM nianbao_units WHERE batch = $1").bind(id).execute(&mut *changes).await?;
        }
        changes.commit().await
    }
}

/// Connections to the database, each of which waits so long for whoever writes the same file.
fn batch(row: &AnyRow) -> Result<Batch, sqlx::Error> {
    let count = |name: &str| Ok::<_, sqlx::Error>(row.try_get::<i64, _>(name)? as usize);
    let total = count("total")?;
    let counts = ResultCounts {
        total,
        made: count("made")?,
        made_with_warnings: count("made_with_warnings")?,
        failed: count("failed")?,
        missing: count("missing")?,
    };
    let state: String = row.try_get("state")?;
    let edition: Option<String> = row.try_get("edition")?;
    Ok(Batch {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        kind: row.try_get("kind")?,
        edition: edition.as_deref().and_then(Choice::of_word),
        digest: row.try_get("digest")?,
        state: BatchState::of(&state)
            .ok_or_else(|| sqlx::Error::Decode(format!("no state: {state}").into()))?,
        round: row.try_get("round")?,
        counts,
        repeated: count("repeated")?,
        unlisted: count("unlisted")?,
        created_at: row.try_get("created_at")?,
        begun_at: row.try_get("begun_at")?,
        ended_at: row.try_get("ended_at")?,
        reason: row.try_get("reason")?,
        is_remade: row.try_get::<i64, _>("remade")? > 0,
        seal: seal(row.try_get("archive_bytes")?, row.try_get("archive_crc32")?),
    })
}

/// What is known of an archive; nothing of those of earlier versions.
fn seal(bytes: Option<i64>, crc32: Option<i64>) -> Option<Seal> {
    Some(Seal { bytes: u64::try_from(bytes?).ok()?, crc32: u32::try_from(crc32?).ok()? })
}

fn result_name(result: batch::UnitResult) -> &'static str {
    match result {
        batch::UnitResult::Made => "made",
        batch::UnitResult::MadeWithWarnings => "made_with_warnings",
        batch::UnitResult::Failed => "failed",
    }
}
