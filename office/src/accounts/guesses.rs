//! How often somebody guessed wrong of late. It is in the database, so that machines which share it count
//! together.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyPool, Row};

use super::secrets;

/// How many wrong guesses there are without a wait, and the longest wait, in seconds.
const FREE: i64 = 5;
const LONGEST_WAIT: i64 = 300;

/// For how many seconds after the last a count is kept.
const MEMORY: i64 = 3600;

/// From how many wrong guesses at one thing, or from one network, on answers are put off; by one second more
/// for as many again, to so many.
const MANY: i64 = 100;
const LONGEST_PAUSE: i64 = 5;

/// What is guessed at, and from where.
pub(super) struct Guess {
    both: String,
    subject: String,
    network: String,
}

impl Guess {
    pub(super) fn at(subject: &str, from: IpAddr) -> Self {
        let network = network(from);
        Self {
            both: secrets::digest("guess", &format!("both {network} {subject}")),
            subject: secrets::digest("guess", &format!("subject {subject}")),
            network: secrets::digest("guess", &format!("network {network}")),
        }
    }

    /// Counts a guess that is to be tried, as if it were wrong; or says for how many seconds none is.
    pub(super) async fn count(&self, pool: &AnyPool, now: i64) -> Result<Option<i64>, sqlx::Error> {
        let mut changes = pool.begin().await?;
        let (wrong, last, until) = sqlx::query(
            "INSERT INTO nianbao_guesses (subject, wrong, last_at, until_at) VALUES ($1, 0, $2, 0)
             ON CONFLICT (subject) DO UPDATE SET subject = excluded.subject
             RETURNING wrong, last_at, until_at",
        )
        .bind(&self.both)
        .bind(now)
        .try_map(|row: AnyRow| {
            Ok((row.try_get::<i64, _>(0)?, row.try_get::<i64, _>(1)?, row.try_get::<i64, _>(2)?))
        })
        .fetch_one(&mut *changes)
        .await?;
        // A wait that was noted by a clock which has been set back since is over.
        if now < until && last <= now {
            changes.rollback().await?;
            return Ok(Some(until - now));
        }
        let wrong = if now - last.max(until) <= MEMORY { wrong + 1 } else { 1 };
        let wait = if wrong <= FREE { 0 } else { (1 << (wrong - FREE - 1).min(16)).min(LONGEST_WAIT) };
        sqlx::query("UPDATE nianbao_guesses SET wrong = $1, last_at = $2, until_at = $3 WHERE subject = $4")
            .bind(wrong)
            .bind(now)
            .bind(if wait == 0 { 0 } else { now + wait })
            .bind(&self.both)
            .execute(&mut *changes)
            .await?;
        // Always in this order, so that no two wait for each other.
        for subject in [&self.subject, &self.network] {
            sqlx::query(
                "INSERT INTO nianbao_guesses (subject, wrong, last_at, until_at) VALUES ($1, 1, $2, 0)
                 ON CONFLICT (subject) DO UPDATE SET
                     wrong = CASE WHEN excluded.last_at - nianbao_guesses.last_at > $3
                         THEN 1 ELSE nianbao_guesses.wrong + 1 END,
                     last_at = excluded.last_at",
            )
            .bind(subject)
            .bind(now)
            .bind(MEMORY)
            .execute(&mut *changes)
            .await?;
        }
        changes.commit().await?;
        Ok(None)
    }

    /// It was right: nothing is counted of it, and what was wrong before is forgotten here.
    pub(super) async fn take_back(&self, changes: &mut AnyConnection) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM nianbao_guesses WHERE subject = $1")
            .bind(&self.both)
            .execute(&mut *changes)
            .await?;
        for subject in [&self.subject, &self.network] {
            sqlx::query("UPDATE nianbao_guesses SET wrong = wrong - 1 WHERE subject = $1 AND wrong > 0")
                .bind(subject)
                .execute(&mut *changes)
                .await?;
        }
        Ok(())
    }

    /// It could not be tried: nothing is counted of it.
    pub(super) async fn uncount(&self, pool: &AnyPool) -> Result<(), sqlx::Error> {
        let mut changes = pool.begin().await?;
        for subject in [&self.both, &self.subject, &self.network] {
            sqlx::query(
                "UPDATE nianbao_guesses SET wrong = wrong - 1, until_at = 0 WHERE subject = $1 AND wrong > 0",
            )
            .bind(subject)
            .execute(&mut *changes)
            .await?;
        }
        changes.commit().await
    }

    /// For how long the next answer is to be put off.
    pub(super) async fn pause(&self, pool: &AnyPool, now: i64) -> Result<Duration, sqlx::Error> {
        let most: Option<i64> = sqlx::query_scalar(
            "SELECT MAX(wrong) FROM nianbao_guesses WHERE (subject = $1 OR subject = $2) AND last_at >= $3",
        )
        .bind(&self.subject)
        .bind(&self.network)
        .bind(now - MEMORY)
        .fetch_one(pool)
        .await?;
        let seconds = (most.unwrap_or_default() / MANY).clamp(0, LONGEST_PAUSE);
        Ok(Duration::from_secs(seconds.unsigned_abs()))
    }
}

/// Forgets what was long ago, or was noted by a clock that has been set back since.
pub(super) async fn sweep(pool: &AnyPool, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM nianbao_guesses WHERE last_at < $1 OR last_at > $2")
        .bind(now - MEMORY - LONGEST_WAIT)
        .bind(now + MEMORY)
        .execute(pool)
        .await?;
    Ok(())
}

/// The network of an address: of the newer kind everyone has very many.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        older => older,
    }
}
