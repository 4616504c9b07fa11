//! What was answered to requests that bear a key of their sender's (Idempotency-Key): one that comes again, for
//! its answer was lost on the way, gets the same answer and is done once. Kept for a day.
//!
//! A key is taken before anything is done, and its answer noted afterwards. Where the program ends in between,
//! the key stays taken: whether it was done only what is there now can tell, and its sender is told so.

use sqlx::AnyPool;

use crate::database;

/// How long an answer is kept, in seconds.
pub const KEPT: i64 = 86_400;

/// The most keys of one sender that are kept, and the most bytes of an answer.
pub const MAX_KEYS: i64 = 10_000;
pub const MAX_ANSWER: usize = 256 << 10;

/// The longest key, in characters.
pub const MAX_KEY: usize = 200;

/// A request that bears a key.
#[derive(Clone, Debug)]
pub struct KeyedRequest {
    /// Who sends it.
    pub who: String,
    pub key: String,
    /// Of what is asked.
    pub digest: String,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    pub status: u16,
    /// Where what was made is; empty for nowhere.
    pub location: String,
    /// None of an answer that is given once.
    pub body: Option<String>,
}

/// What is known of a request when it comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repetition {
    /// Nothing: it is to be done, and its key is taken.
    New,
    Known(KeptAnswer),
    /// It is being done, or the program ended while it was.
    Begun,
    /// The key stands for something else.
    Another,
    /// Its sender has used too many keys of late.
    TooMany,
}

/// The answers that are kept.
#[derive(Clone, Debug)]
pub struct Answers {
    pool: AnyPool,
}

impl Answers {
    pub async fn open(pool: &AnyPool) -> Result<Self, sqlx::Error> {
        let changes = [("answers", include_str!("tables.sql"))];
        database::migrate(pool, "nianbao_migrations_answers", &changes).await?;
        Ok(Self { pool: pool.clone() })
    }

    /// Takes the key of a request, unless it is taken.
    pub async fn begin(&self, request: &KeyedRequest, now: i64) -> Result<Repetition, sqlx::Error> {
        let mut changes = self.pool.begin().await?;
        sqlx::query("DELETE FROM nianbao_answers WHERE who = $1 AND key = $2 AND at <= $3")
            .bind(&request.who)
            .bind(&request.key)
            .bind(now - KEPT)
            .execute(&mut *changes)
            .await?;
        let taken = sqlx::query(
            "INSERT INTO nianbao_answers (who, key, digest, status, location, at)
             SELECT $1, $2, $3, 0, '', CAST($4 AS BIGINT) WHERE (SELECT COUNT(*) FROM nianbao_answers WHERE who = $1) < $5
             ON CONFLICT (who, key) DO NOTHING",
        )
        .bind(&request.who)
        .bind(&request.key)
        .bind(&request.digest)
        .bind(now)
        .bind(MAX_KEYS)
        .execute(&mut *changes)
        .await?;
        changes.commit().await?;
        if taken.rows_affected() == 1 {
            return Ok(Repetition::New);
        }
        let known: Option<(String, i64, String, Option<String>)> = sqlx::query_as(
            "SELECT digest, status, location, body FROM nianbao_answers WHERE who = $1 AND key = $2",
        )
        .bind(&request.who)
        .bind(&request.key)
        .fetch_optional(&self.pool)
        .await?;
        Ok(match known {
            None => Repetition::TooMany,
            Some((digest, ..)) if digest != request.digest => Repetition::Another,
            Some((_, 0, ..)) => Repetition::Begun,
            Some((_, status, location, body)) => {
                Repetition::Known(KeptAnswer { status: u16::try_from(status).unwrap_or(500), location, body })
            }
        })
    }

    /// Notes what was answered to a request whose key is taken.
    pub async fn finish(&self, request: &KeyedRequest, answer: &KeptAnswer) -> Result<(), sqlx::Error> {
        sqlx::query(
            "UPDATE nianbao_answers SET status = $3, location = $4, body = $5 WHERE who = $1 AND key = $2",
        )
        .bind(&request.who)
        .bind(&request.key)
        .bind(i64::from(answer.status))
        .bind(&answer.location)
        .bind(&answer.body)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Gives a key free whose request was refused: nothing was done.
    pub async fn forget(&self, request: &KeyedRequest) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM nianbao_answers WHERE who = $1 AND key = $2 AND status = 0")
            .bind(&request.who)
            .bind(&request.key)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Takes away what has been kept long enough.
    pub async fn sweep(&self, now: i64) -> Result<(), sqlx::Error> {
        let old = sqlx::query("DELETE FROM nianbao_answers WHERE at <= $1").bind(now - KEPT);
        old.execute(&self.pool).await?;
        Ok(())
    }
}
