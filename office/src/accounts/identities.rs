//! Whom another service knows (OpenID Connect): an account is linked to what that service calls somebody, and
//! whoever comes with its word is let in. Nobody is linked by an e-mail address or a name: only whoever is
//! logged in, or holds an invitation, links an account. That the word is true has been made sure of before; what
//! is held here is that each is good once.

use std::net::IpAddr;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyPool, Row};
use ulid::Ulid;

use super::links::{self, LinkPurpose};
use super::people::{self, NewAccount};
use super::sessions::{self, NewSession};
use super::{AccountFailure, Accounts, logins, names, secrets};
use crate::audit::{Act, Deed, Doer, note};

/// How many characters such a service may call somebody by; the standard says it.
const LONGEST_SUBJECT: usize = 255;

/// For how many seconds a used answer is remembered: longer than any is waited for.
const MEMORY: i64 = 86_400;

/// Who somebody is, by the word of another service that was found to be true.
#[derive(Clone, Debug)]
pub struct IdentityProof {
    pub issuer: String,
    pub subject: String,
    /// What this answer was asked for with, and no other.
    pub nonce: String,
}

/// What another service calls the owner of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedIdentity {
    pub id: String,
    pub issuer: String,
    pub subject: String,
    pub since: i64,
}

impl Accounts {
    /// Lets somebody in whose account is linked.
    pub async fn login_by_identity(
        &self,
        proof: &IdentityProof,
        from: IpAddr,
        now: i64,
    ) -> Result<NewSession, AccountFailure> {
        let mut changes = people::begin(&self.pool).await?;
        use_up(&mut changes, proof, now).await?;
        let account = owner(&mut changes, proof).await?;
        let known = match &account {
            Some(account) => Some(people::known(&mut changes, account).await?),
            None => None,
        };
        let refusal = match known {
            Some(known) if !known.is_disabled => {
                let by = &proof.issuer;
                let session = logins::let_in(&mut changes, &known.id, &known.name, from, by, now).await?;
                changes.commit().await?;
                return Ok(session);
            }
            Some(_) => AccountFailure::DisabledAccount,
            None => AccountFailure::UnknownIdentity,
        };
        let doer =
            Doer { name: "未登录的人".into(), account: None, on_behalf: None, from: from.to_string() };
        let of = account.map_or_else(String::new, |account| format!("account/{account}"));
        let why = if of.is_empty() { "没有关联的账号" } else { "账号已停用" };
        let detail = format!("{why}：{}", told(&proof.issuer, &proof.subject));
        note(&mut changes, &Deed { doer: &doer, act: Act::LoginRefusal, of: &of, detail: &detail }, now)
            .await?;
        changes.commit().await?;
        Err(refusal)
    }

    /// Links an account, at the wish of its owner.
    pub async fn link_identity(
        &self,
        doer: &Doer,
        account: &str,
        proof: &IdentityProof,
        now: i64,
    ) -> Result<(), AccountFailure> {
        let mut changes = people::begin(&self.pool).await?;
        use_up(&mut changes, proof, now).await?;
        if people::known(&mut changes, account).await?.is_disabled {
            return Err(AccountFailure::DisabledAccount);
        }
        if owner(&mut changes, proof).await?.as_deref() != Some(account) {
            insert(&mut changes, account, proof, now).await?;
            note_linking(&mut changes, doer, account, proof, now).await?;
        }
        changes.commit().await?;
        Ok(())
    }

    /// Takes up an account by an invitation, without a password. The link is used only if all of it succeeds.
    pub async fn take_up_by_identity(
        &self,
        token: &str,
        proof: &IdentityProof,
        from: IpAddr,
        now: i64,
    ) -> Result<NewSession, AccountFailure> {
        let open = self.look_at_link(token, now).await?.ok_or(AccountFailure::DeadLink)?;
        let (LinkPurpose::Invitation, Some(role)) = (open.purpose, open.role) else {
            return Err(AccountFailure::DeadLink);
        };
        // Needed by whoever sets a password some day.
        let login_name = format!("openid-{}", &secrets::short_token()[..8]);
        let new = NewAccount { login_name, name: open.name.clone(), role, units: open.units.clone() };
        let mut changes = people::begin(&self.pool).await?;
        use_up(&mut changes, proof, now).await?;
        links::use_up(&mut changes, token, now).await?;
        let id = people::insert(&mut changes, &new, None, now).await?;
        insert(&mut changes, &id, proof, now).await?;
        let doer = logins::doer(&id, &new.name, from);
        links::note_link(&mut changes, &doer, Act::LinkUse, &open.id, open.purpose, &open.name, now).await?;
        people::note_making(&mut changes, &doer, &id, &new, now).await?;
        note_linking(&mut changes, &doer, &id, proof, now).await?;
        let session = logins::let_in(&mut changes, &id, &new.name, from, &proof.issuer, now).await?;
        changes.commit().await?;
        Ok(session)
    }

    /// What other services call the owner of an account.
    pub async fn identities(&self, account: &str) -> Result<Vec<LinkedIdentity>, sqlx::Error> {
        if !names::is_code(account) {
            return Ok(Vec::new());
        }
        sqlx::query(
            "SELECT id, issuer, subject, since FROM nianbao_identities WHERE account = $1 ORDER BY id",
        )
        .bind(account)
        .try_map(|row: AnyRow| identity(&row))
        .fetch_all(&self.pool)
        .await
    }

    /// Unlinks an account. Who does so with his own must have a password to come in by; where another does,
    /// all sessions end, for nobody knows who had them. Says whether it was linked.
    pub async fn unlink_identity(
        &self,
        doer: &Doer,
        account: &str,
        id: &str,
        now: i64,
    ) -> Result<bool, AccountFailure> {
        if !names::is_code(id) {
            return Ok(false);
        }
        let mut changes = people::begin(&self.pool).await?;
        let known = people::known(&mut changes, account).await?;
        let is_own = doer.account.as_deref() == Some(account);
        if is_own && !known.has_password {
            return Err(AccountFailure::LastWayIn);
        }
        let unlinked = sqlx::query(
            "DELETE FROM nianbao_identities WHERE id = $1 AND account = $2
             RETURNING id, issuer, subject, since",
        )
        .bind(id)
        .bind(account)
        .try_map(|row: AnyRow| identity(&row))
        .fetch_optional(&mut *changes)
        .await?;
        let Some(unlinked) = unlinked else { return Ok(false) };
        if !is_own {
            sessions::end_all(&mut changes, account).await?;
        }
        let of = format!("account/{account}");
        let detail = told(&unlinked.issuer, &unlinked.subject);
        note(&mut changes, &Deed { doer, act: Act::IdentityUnlinking, of: &of, detail: &detail }, now)
            .await?;
        changes.commit().await?;
        Ok(true)
    }
}

/// Forgets used answers that nobody waits for any more.
pub(super) async fn sweep(pool: &AnyPool, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM nianbao_identity_uses WHERE used_at < $1")
        .bind(now - MEMORY)
        .execute(pool)
        .await?;
    Ok(())
}

/// Uses an answer, once.
async fn use_up(changes: &mut AnyConnection, proof: &IdentityProof, now: i64) -> Result<(), AccountFailure> {
    let is_fit = |text: &str| text.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    if !(1..=LONGEST_SUBJECT).contains(&proof.subject.len()) || !is_fit(&proof.subject) {
        return Err(AccountFailure::UnfitIdentity);
    }
    let used = sqlx::query(
        "INSERT INTO nianbao_identity_uses (digest, used_at) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING",
    )
    .bind(secrets::digest("identity", &proof.nonce))
    .bind(now)
    .execute(changes)
    .await?;
    if used.rows_affected() == 0 { Err(AccountFailure::UsedProof) } else { Ok(()) }
}

/// The account that is linked, if one is.
async fn owner(changes: &mut AnyConnection, proof: &IdentityProof) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT account FROM nianbao_identities WHERE issuer = $1 AND subject = $2")
        .bind(&proof.issuer)
        .bind(&proof.subject)
        .fetch_optional(changes)
        .await
}

async fn insert(
    changes: &mut AnyConnection,
    account: &str,
    proof: &IdentityProof,
    now: i64,
) -> Result<(), AccountFailure> {
    let inserted = sqlx::query(
        "INSERT INTO nianbao_identities (id, issuer, subject, account, since) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
    )
    .bind(Ulid::generate().to_string())
    .bind(&proof.issuer)
    .bind(&proof.subject)
    .bind(account)
    .bind(now)
    .execute(&mut *changes)
    .await?;
    match (inserted.rows_affected(), owner(changes, proof).await?) {
        (1.., _) => Ok(()),
        (0, Some(_)) => Err(AccountFailure::TakenIdentity),
        (0, None) => Err(AccountFailure::SecondIdentity),
    }
}

async fn note_linking(
    changes: &mut AnyConnection,
    doer: &Doer,
    account: &str,
    proof: &IdentityProof,
    now: i64,
) -> Result<(), sqlx::Error> {
    let (of, detail) = (format!("account/{account}"), told(&proof.issuer, &proof.subject));
    note(changes, &Deed { doer, act: Act::IdentityLinking, of: &of, detail: &detail }, now).await
}

fn told(issuer: &str, subject: &str) -> String {
    format!("{issuer}，{subject}")
}

fn identity(row: &AnyRow) -> Result<LinkedIdentity, sqlx::Error> {
    Ok(LinkedIdentity {
        id: row.try_get(0)?,
        issuer: row.try_get(1)?,
        subject: row.try_get(2)?,
        since: row.try_get(3)?,
    })
}
