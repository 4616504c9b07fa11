//! Sessions: who has come in and not gone. A session ends by itself when it was not used for a while, and
//! after a whole span however it is used.
//!
//! What is counted is the time between two uses, and what is left of the span, so that a clock that is set
//! back ends nothing; and whoever comes in first after that sets every session's last use to the new time, so
//! that none lasts longer for it than it would unused.

use std::collections::BTreeSet;
use std::net::IpAddr;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyPool, Row};
use ulid::Ulid;

use super::rights::{Role, UnitReach};
use super::{Accounts, Visitor, names, people, secrets};
use crate::audit::{Act, Deed, Doer, note};

/// For how long a session may lie unused, and how long it lasts at most, in seconds.
pub const IDLE_SECONDS: i64 = 2 * 3600;
pub const WHOLE_SECONDS: i64 = 16 * 3600;

/// How often a use is noted, and by how much the clocks of machines that share a database may differ.
const NOTED_EVERY: i64 = 60;
const SKEW: i64 = 300;

/// Whose a session is.
#[derive(Clone, Copy)]
pub(super) enum SessionOwner<'a> {
    Account(&'a str),
    Entrance(&'a str),
}

/// A session that was begun, with its secret, which is shown this once.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub id: String,
    pub token: String,
}

/// A session that has not ended, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSession {
    pub id: String,
    /// From which address it was begun.
    pub from: String,
    pub began_at: i64,
    pub used_at: i64,
}

impl Accounts {
    /// Whose session it is, if it has not ended, at the time `now`: it is used.
    pub async fn visitor(&self, token: &str, now: i64) -> Result<Option<Visitor>, sqlx::Error> {
        let Some((visitor, used_at)) = self.found(token, now).await? else { return Ok(None) };
        if let Some(id) = &visitor.session
            && !(-SKEW..NOTED_EVERY).contains(&(now - used_at))
        {
            // Where nothing can be written, one may still read: the next use is noted.
            let _ = self.note_use(id, used_at, now).await;
        }
        Ok(Some(visitor))
    }

    /// The same without its being used.
    pub async fn present(&self, token: &str, now: i64) -> Result<Option<Visitor>, sqlx::Error> {
        Ok(self.found(token, now).await?.map(|(visitor, _)| visitor))
    }

    /// Whose session it is, and when it was last used.
    async fn found(&self, token: &str, now: i64) -> Result<Option<(Visitor, i64)>, sqlx::Error> {
        let row = sqlx::query(
            "SELECT s.id, s.name, s.used_at, s.seconds_left, a.id, a.name, a.role, a.is_disabled,
                 e.collection, e.unit, e.unit_name, e.ends_at, e.is_revoked
             FROM nianbao_sessions s
                 LEFT JOIN nianbao_accounts a ON a.id = s.account
                 LEFT JOIN nianbao_entrances e ON e.id = s.entrance
             WHERE s.digest = $1",
        )
        .bind(secrets::digest("session", token))
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (id, said): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let (used_at, seconds_left): (i64, i64) = (row.try_get(2)?, row.try_get(3)?);
        let unused = now - used_at;
        if IDLE_SECONDS < unused || seconds_left <= unused {
            return Ok(None);
        }
        let account: Option<String> = row.try_get(4)?;
        let entrance: Option<String> = row.try_get(8)?;
        let visitor = match (account, entrance) {
            (Some(account), _) if row.try_get::<Option<i64>, _>(7)? == Some(0) => {
                let role = people::role(row.try_get(6)?)?;
                let mut connection = self.pool.acquire().await?;
                let units = reach(&mut connection, role, &account).await?;
                let (name, session) = (row.try_get(5)?, Some(id));
                Visitor { name, account: Some(account), role, units, collection: None, session }
            }
            (None, Some(collection)) if is_open(&row, now)? => {
                let (unit, unit_name): (String, String) = (row.try_get(9)?, row.try_get(10)?);
                Visitor {
                    name: format!("{said}（{unit_name}）"),
                    account: None,
                    role: Role::Writer,
                    units: UnitReach::Only(BTreeSet::from([unit])),
                    collection: Some(collection),
                    session: Some(id),
                }
            }
            _ => return Ok(None),
        };
        Ok(Some((visitor, used_at)))
    }

    /// Ends the session that a visitor has come by.
    pub async fn logout(&self, visitor: &Visitor, from: IpAddr, now: i64) -> Result<(), sqlx::Error> {
        let Some(id) = &visitor.session else { return Ok(()) };
        let mut changes = self.pool.begin().await?;
        let ended =
            sqlx::query("DELETE FROM nianbao_sessions WHERE id = $1").bind(id).execute(&mut *changes).await?;
        if ended.rows_affected() == 0 {
            return Ok(());
        }
        let of = visitor.account.as_ref().map_or(String::new(), |account| format!("account/{account}"));
        let deed = Deed { doer: &visitor.doer(from), act: Act::Logout, of: &of, detail: "" };
        note(&mut changes, &deed, now).await?;
        changes.commit().await
    }

    /// The sessions of an account that have not ended.
    pub async fn sessions(&self, account: &str, now: i64) -> Result<Vec<OpenSession>, sqlx::Error> {
        if !names::is_code(account) {
            return Ok(Vec::new());
        }
        sqlx::query(
            "SELECT id, origin, began_at, used_at FROM nianbao_sessions
             WHERE account = $1 AND used_at >= $2 AND seconds_left > $3 - used_at ORDER BY id",
        )
        .bind(account)
        .bind(now - IDLE_SECONDS)
        .bind(now)
        .try_map(|row: AnyRow| {
            Ok(OpenSession {
                id: row.try_get(0)?,
                from: row.try_get(1)?,
                began_at: row.try_get(2)?,
                used_at: row.try_get(3)?,
            })
        })
        .fetch_all(&self.pool)
        .await
    }

    /// Ends one session of an account, or all of them where none is named. Says how many were ended.
    pub async fn end_sessions(
        &self,
        doer: &Doer,
        account: &str,
        session: Option<&str>,
        now: i64,
    ) -> Result<u64, sqlx::Error> {
        if ![Some(account), session].into_iter().flatten().all(names::is_code) {
            return Ok(0);
        }
        let mut changes = self.pool.begin().await?;
        let ended = sqlx::query("DELETE FROM nianbao_sessions WHERE account = $1 AND ($2 = '' OR id = $2)")
            .bind(account)
            .bind(session.unwrap_or_default())
            .execute(&mut *changes)
            .await?
            .rows_affected();
        if ended == 0 {
            return Ok(0);
        }
        let (of, detail) = (format!("account/{account}"), format!("{ended}个"));
        note(&mut changes, &Deed { doer, act: Act::SessionsEnd, of: &of, detail: &detail }, now).await?;
        changes.commit().await?;
        Ok(ended)
    }

    /// Ends all sessions of everybody. Says how many there were.
    pub async fn end_all_sessions(&self) -> Result<u64, sqlx::Error> {
        Ok(sqlx::query("DELETE FROM nianbao_sessions").execute(&self.pool).await?.rows_affected())
    }

    async fn note_use(&self, id: &str, used_at: i64, now: i64) -> Result<(), sqlx::Error> {
        // Of two at once one counts the time.
        sqlx::query(
            "UPDATE nianbao_sessions SET used_at = $1, seconds_left = seconds_left - $2
             WHERE id = $3 AND used_at = $4",
        )
        .bind(now)
        .bind((now - used_at).max(0))
        .bind(id)
        .bind(used_at)
        .execute(&self.pool)
        .await?;
        follow_clock(&self.pool, now).await
    }
}

/// Begins a session, as a part of what lets somebody in.
pub(super) async fn begin(
    changes: &mut AnyConnection,
    owner: SessionOwner<'_>,
    name: &str,
    from: IpAddr,
    now: i64,
) -> Result<NewSession, sqlx::Error> {
    let session = NewSession { id: Ulid::generate().to_string(), token: secrets::token() };
    let (account, entrance) = match owner {
        SessionOwner::Account(account) => (Some(account), None),
        SessionOwner::Entrance(entrance) => (None, Some(entrance)),
    };
    sqlx::query(
        "INSERT INTO nianbao_sessions
             (id, digest, account, entrance, name, origin, began_at, used_at, seconds_left)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)",
    )
    .bind(&session.id)
    .bind(secrets::digest("session", &session.token))
    .bind(account)
    .bind(entrance)
    .bind(name)
    .bind(from.to_string())
    .bind(now)
    .bind(WHOLE_SECONDS)
    .execute(changes)
    .await?;
    Ok(session)
}

/// Ends all sessions of an account, as a part of what demands it.
pub(super) async fn end_all(changes: &mut AnyConnection, account: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM nianbao_sessions WHERE account = $1").bind(account).execute(changes).await?;
    Ok(())
}

/// The units that an account is for.
pub(super) async fn reach(
    connection: &mut AnyConnection,
    role: Role,
    account: &str,
) -> Result<UnitReach, sqlx::Error> {
    match role.is_of_units() {
        true => Ok(UnitReach::Only(people::units(connection, account).await?)),
        false => Ok(UnitReach::All),
    }
}

/// Takes away the sessions that have ended.
pub(super) async fn sweep(pool: &AnyPool, now: i64) -> Result<(), sqlx::Error> {
    follow_clock(pool, now).await?;
    sqlx::query(
        "DELETE FROM nianbao_sessions WHERE used_at < $1 OR seconds_left <= $2 - used_at
             OR (entrance IS NOT NULL AND entrance NOT IN (SELECT id FROM nianbao_entrances))",
    )
    .bind(now - IDLE_SECONDS)
    .bind(now)
    .execute(pool)
    .await?;
    Ok(())
}

/// Where the clock was set back, sessions last used in the future were last used now.
async fn follow_clock(pool: &AnyPool, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE nianbao_sessions SET used_at = $1 WHERE used_at > $2")
        .bind(now)
        .bind(now + SKEW)
        .execute(pool)
        .await?;
    Ok(())
}

/// Whether the entrance of a row still lets in.
fn is_open(row: &AnyRow, now: i64) -> Result<bool, sqlx::Error> {
    let (ends_at, is_revoked): (Option<i64>, Option<i64>) = (row.try_get(11)?, row.try_get(12)?);
    Ok(is_revoked == Some(0) && ends_at.is_some_and(|end| now < end))
}
