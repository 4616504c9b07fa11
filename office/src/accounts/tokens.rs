//! Tokens of the interface: what a program logs in with in the stead of an account's owner. A token may what
//! its account may, as long as neither has ended.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use ulid::Ulid;

use super::{AccountFailure, AccountFault, Accounts, Visitor, names, people, secrets, sessions};
use crate::audit::{Act, Deed, Doer, note};

/// How many an account may have, and for how many seconds one may be good.
pub(super) const MOST_TOKENS: i64 = 20;
const LONGEST_SPAN: i64 = 400 * 86_400;

/// How often a use is noted, in seconds.
const NOTED_EVERY: i64 = 60;

/// A token that was made, with its secret, which is shown this once.
#[derive(Clone, Debug)]
pub struct NewApiToken {
    pub id: String,
    pub token: String,
}

/// A token that is still good, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    pub id: String,
    /// What it is for, as its owner said.
    pub name: String,
    pub made_at: i64,
    pub ends_at: i64,
    /// To the minute.
    pub used_at: Option<i64>,
}

impl Accounts {
    /// Makes a token for an account.
    pub async fn make_token(
        &self,
        doer: &Doer,
        account: &str,
        name: &str,
        ends_at: i64,
        now: i64,
    ) -> Result<NewApiToken, AccountFailure> {
        let mut faults: Vec<AccountFault> = Vec::new();
        let name = names::person_name(name).map_err(|fault| faults.push(fault.into()));
        if !matches!(ends_at.checked_sub(now), Some(1..=LONGEST_SPAN)) {
            faults.push(AccountFault::End(LONGEST_SPAN));
        }
        let Some(name) = name.ok().filter(|_| faults.is_empty()) else {
            return Err(AccountFailure::Faults(faults));
        };
        let mut changes = people::begin(&self.pool).await?;
        if people::known(&mut changes, account).await?.is_disabled {
            return Err(AccountFailure::DisabledAccount);
        }
        let count: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM nianbao_tokens WHERE account = $1 AND is_revoked = 0 AND ends_at > $2",
        )
        .bind(account)
        .bind(now)
        .fetch_one(&mut *changes)
        .await?;
        if MOST_TOKENS <= count {
            return Err(AccountFailure::ManyTokens);
        }
        // What it begins with tells whoever finds one what it is of.
        let token = format!("nianbao_{}", secrets::token());
        let new = NewApiToken { id: Ulid::generate().to_string(), token };
        sqlx::query(
            "INSERT INTO nianbao_tokens (id, digest, account, name, made_at, ends_at, used_at, is_revoked)
             VALUES ($1, $2, $3, $4, $5, $6, NULL, 0)",
        )
        .bind(&new.id)
        .bind(secrets::digest("token", &new.token))
        .bind(account)
        .bind(&name)
        .bind(now)
        .bind(ends_at)
        .execute(&mut *changes)
        .await?;
        let of = format!("account/{account}/token/{}", new.id);
        note(&mut changes, &Deed { doer, act: Act::TokenMaking, of: &of, detail: &name }, now).await?;
        changes.commit().await?;
        Ok(new)
    }

    /// The tokens of an account that are still good.
    pub async fn tokens(&self, account: &str, now: i64) -> Result<Vec<ApiToken>, sqlx::Error> {
        if !names::is_code(account) {
            return Ok(Vec::new());
        }
        sqlx::query(
            "SELECT id, name, made_at, ends_at, used_at FROM nianbao_tokens
             WHERE account = $1 AND is_revoked = 0 AND ends_at > $2 ORDER BY id",
        )
        .bind(account)
        .bind(now)
        .try_map(|row: AnyRow| {
            Ok(ApiToken {
                id: row.try_get(0)?,
                name: row.try_get(1)?,
                made_at: row.try_get(2)?,
                ends_at: row.try_get(3)?,
                used_at: row.try_get(4)?,
            })
        })
        .fetch_all(&self.pool)
        .await
    }

    /// Revokes a token of an account. Says whether it was still there.
    pub async fn revoke_token(
        &self,
        doer: &Doer,
        account: &str,
        id: &str,
        now: i64,
    ) -> Result<bool, sqlx::Error> {
        if ![account, id].into_iter().all(names::is_code) {
            return Ok(false);
        }
        let mut changes = self.pool.begin().await?;
        let name: Option<String> = sqlx::query_scalar(
            "UPDATE nianbao_tokens SET is_revoked = 1 WHERE id = $1 AND account = $2 AND is_revoked = 0
             RETURNING name",
        )
        .bind(id)
        .bind(account)
        .fetch_optional(&mut *changes)
        .await?;
        let Some(name) = name else { return Ok(false) };
        let of = format!("account/{account}/token/{id}");
        note(&mut changes, &Deed { doer, act: Act::TokenRevocation, of: &of, detail: &name }, now).await?;
        changes.commit().await?;
        Ok(true)
    }

    /// Whose token it is, if it is good.
    pub async fn visitor_of_token(&self, token: &str, now: i64) -> Result<Option<Visitor>, sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        let row = sqlx::query(
            "SELECT t.id, t.used_at, a.id, a.name, a.role FROM nianbao_tokens t
                 JOIN nianbao_accounts a ON a.id = t.account
             WHERE t.digest = $1 AND t.is_revoked = 0 AND t.ends_at > $2 AND a.is_disabled = 0",
        )
        .bind(secrets::digest("token", token))
        .bind(now)
        .fetch_optional(&mut *connection)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (account, name): (String, String) = (row.try_get(2)?, row.try_get(3)?);
        let role = people::role(row.try_get(4)?)?;
        let units = sessions::reach(&mut connection, role, &account).await?;
        let used_at: Option<i64> = row.try_get(1)?;
        if used_at.is_none_or(|used_at| NOTED_EVERY <= (now - used_at).abs()) {
            // Where nothing can be written, one may still read.
            let _ = sqlx::query("UPDATE nianbao_tokens SET used_at = $1 WHERE id = $2")
                .bind(now)
                .bind(row.try_get::<String, _>(0)?)
                .execute(&mut *connection)
                .await;
        }
        Ok(Some(Visitor { name, account: Some(account), role, units, collection: None, session: None }))
    }
}

/// Revokes all tokens of an account, as a part of what demands it.
pub(super) async fn revoke_all(changes: &mut AnyConnection, account: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE nianbao_tokens SET is_revoked = 1 WHERE account = $1")
        .bind(account)
        .execute(changes)
        .await?;
    Ok(())
}
