//! Links of one use: whoever holds one becomes the first administrator, takes up an account, or sets a password
//! anew. To look at one does nothing, for mail programs and scanners follow links; it is used when what it is
//! for is done, and of two who do so at once only one is let.

use std::collections::BTreeSet;
use std::net::IpAddr;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyPool, Row};
use ulid::Ulid;

use super::people::{self, NewAccount, UserAccount};
use super::rights::Role;
use super::sessions::NewSession;
use super::{AccountFailure, AccountFault, Accounts, logins, names, passwords, secrets, tokens};
use crate::audit::{Act, Deed, Doer, note};

/// For how many seconds a link may be good at most.
const LONGEST_SPAN: i64 = 90 * 86_400;

/// For how many seconds a link is remembered once it has ended.
const MEMORY: i64 = 30 * 86_400;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    FirstAdministrator,
    Invitation,
    PasswordReset,
}

/// A link that was made, with its secret, which is shown this once.
#[derive(Clone, Debug)]
pub struct NewLink {
    pub id: String,
    pub token: String,
}

/// A link that is still good, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenLink {
    pub id: String,
    pub purpose: LinkPurpose,
    /// Whose password it resets.
    pub account: Option<String>,
    /// Whom it is for.
    pub name: String,
    pub role: Option<Role>,
    pub units: BTreeSet<String>,
    pub made_at: i64,
    pub ends_at: i64,
}

/// As whom somebody is invited.
#[derive(Clone, Debug)]
pub struct Invitation {
    pub name: String,
    pub role: Role,
    pub units: BTreeSet<String>,
}

/// What somebody says who takes up an account.
#[derive(Clone, Debug)]
pub struct Newcomer {
    pub login_name: String,
    pub name: String,
    pub password: String,
}

/// What is kept of a link.
struct LinkRow<'a> {
    purpose: LinkPurpose,
    account: Option<&'a str>,
    name: &'a str,
    role: Option<Role>,
    units: &'a BTreeSet<String>,
}

macro_rules! columns {
    () => {
        "id, purpose, account, name, role, units, made_at, ends_at"
    };
}

impl LinkPurpose {
    pub fn code(self) -> &'static str {
        match self {
            Self::FirstAdministrator => "first_administrator",
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::FirstAdministrator => "首个管理员",
            Self::Invitation => "邀请",
            Self::PasswordReset => "重设密码",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [Self::FirstAdministrator, Self::Invitation, Self::PasswordReset]
            .into_iter()
            .find(|purpose| purpose.code() == code)
    }
}

impl Accounts {
    /// Makes the link for the first administrator, where there is no account yet. It takes the place of the one
    /// before: whoever starts the service sees the one that is good.
    pub async fn first_link(&self, ends_at: i64, now: i64) -> Result<Option<NewLink>, AccountFailure> {
        demand_end(ends_at, now)?;
        let mut changes = people::begin(&self.pool).await?;
        if 0 < count(&mut changes).await? {
            return Ok(None);
        }
        let replaced = replace(&mut changes, LinkPurpose::FirstAdministrator, None).await?;
        let row = LinkRow {
            purpose: LinkPurpose::FirstAdministrator,
            account: None,
            name: "",
            role: Some(Role::Administrator),
            units: &BTreeSet::new(),
        };
        let link = insert(&mut changes, &row, ends_at, now).await?;
        let doer = Doer { name: "本机".into(), account: None, on_behalf: None, from: String::new() };
        note_link(&mut changes, &doer, made_or(replaced), &link.id, row.purpose, "", now).await?;
        changes.commit().await?;
        Ok(Some(link))
    }

    /// Invites somebody to take up an account with a certain role.
    pub async fn invite(
        &self,
        doer: &Doer,
        invitation: &Invitation,
        ends_at: i64,
        now: i64,
    ) -> Result<NewLink, AccountFailure> {
        let mut faults = people::units_faults(invitation.role, &invitation.units);
        let name = names::person_name(&invitation.name).map_err(|fault| faults.push(fault.into()));
        if let Err(AccountFailure::Faults(end)) = demand_end(ends_at, now) {
            faults.extend(end);
        }
        let Some(name) = name.ok().filter(|_| faults.is_empty()) else {
            return Err(AccountFailure::Faults(faults));
        };
        let row = LinkRow {
            purpose: LinkPurpose::Invitation,
            account: None,
            name: &name,
            role: Some(invitation.role),
            units: &invitation.units,
        };
        let detail = format!("{name}，{}", people::rights(invitation.role, &invitation.units));
        let mut changes = self.pool.begin().await?;
        let link = insert(&mut changes, &row, ends_at, now).await?;
        note_link(&mut changes, doer, Act::LinkMaking, &link.id, row.purpose, &detail, now).await?;
        changes.commit().await?;
        Ok(link)
    }

    /// Makes a link by which the owner of an account sets a password anew, or for the first time. It takes the
    /// place of the one before.
    pub async fn reset_link(
        &self,
        doer: &Doer,
        account: &str,
        ends_at: i64,
        now: i64,
    ) -> Result<NewLink, AccountFailure> {
        demand_end(ends_at, now)?;
        let mut changes = people::begin(&self.pool).await?;
        let known = usable(&mut changes, account).await?;
        let replaced = replace(&mut changes, LinkPurpose::PasswordReset, Some(account)).await?;
        let row = LinkRow {
            purpose: LinkPurpose::PasswordReset,
            account: Some(account),
            name: &known.name,
            role: None,
            units: &BTreeSet::new(),
        };
        let link = insert(&mut changes, &row, ends_at, now).await?;
        note_link(&mut changes, doer, made_or(replaced), &link.id, row.purpose, &known.name, now).await?;
        changes.commit().await?;
        Ok(link)
    }

    /// What a link is for, if it is good. Changes nothing.
    pub async fn look_at_link(&self, token: &str, now: i64) -> Result<Option<OpenLink>, sqlx::Error> {
        sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM nianbao_links WHERE digest = $1 AND state = 'open' AND ends_at > $2"
        ))
        .bind(secrets::digest("link", token))
        .bind(now)
        .try_map(|row| link(&row))
        .fetch_optional(&self.pool)
        .await
    }

    /// The links that are still good, the newest first.
    pub async fn links(&self, now: i64) -> Result<Vec<OpenLink>, sqlx::Error> {
        sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM nianbao_links WHERE state = 'open' AND ends_at > $1 ORDER BY id DESC LIMIT 1000"
        ))
        .bind(now)
        .try_map(|row| link(&row))
        .fetch_all(&self.pool)
        .await
    }

    /// Takes a link back. Says whether it was still there.
    pub async fn revoke_link(&self, doer: &Doer, id: &str, now: i64) -> Result<bool, sqlx::Error> {
        if !names::is_code(id) {
            return Ok(false);
        }
        let mut changes = self.pool.begin().await?;
        let revoked = sqlx::query(concat!(
            "UPDATE nianbao_links SET state = 'revoked' WHERE id = $1 AND state = 'open' RETURNING ",
            columns!()
        ))
        .bind(id)
        .try_map(|row| link(&row))
        .fetch_optional(&mut *changes)
        .await?;
        let Some(revoked) = revoked else { return Ok(false) };
        let purpose = revoked.purpose;
        note_link(&mut changes, doer, Act::LinkRevocation, id, purpose, &revoked.name, now).await?;
        changes.commit().await?;
        Ok(true)
    }

    /// Takes up an account by a link for the first administrator or an invitation, and lets its owner in. The
    /// link is used only if all of it succeeds.
    pub async fn take_up(
        &self,
        token: &str,
        newcomer: &Newcomer,
        from: IpAddr,
        now: i64,
    ) -> Result<NewSession, AccountFailure> {
        // Without a link nobody has the machine reckon.
        let open = self.look_at_link(token, now).await?.ok_or(AccountFailure::DeadLink)?;
        let Some(role) = open.role else { return Err(AccountFailure::DeadLink) };
        let (name, units) = (newcomer.name.clone(), open.units.clone());
        let new = NewAccount { login_name: newcomer.login_name.clone(), name, role, units };
        let (login_name, name) = checked(&new, &newcomer.password)?;
        let new = NewAccount { login_name, name, ..new };
        let hash = self.hasher.hash(&newcomer.password).await?;

        let mut changes = people::begin(&self.pool).await?;
        use_up(&mut changes, token, now).await?;
        let is_first = open.purpose == LinkPurpose::FirstAdministrator;
        if is_first && 0 < count(&mut changes).await? {
            return Err(AccountFailure::DeadLink);
        }
        let id = people::insert(&mut changes, &new, Some(&hash), now).await?;
        let doer = logins::doer(&id, &new.name, from);
        note_link(&mut changes, &doer, Act::LinkUse, &open.id, open.purpose, &open.name, now).await?;
        people::note_making(&mut changes, &doer, &id, &new, now).await?;
        let session = logins::let_in(&mut changes, &id, &new.name, from, open.purpose.words(), now).await?;
        changes.commit().await?;
        Ok(session)
    }

    /// Sets a password anew by a link. All sessions and tokens of the account end, for nobody knows who had
    /// them; a new session begins.
    pub async fn reset_password(
        &self,
        token: &str,
        password: &str,
        from: IpAddr,
        now: i64,
    ) -> Result<NewSession, AccountFailure> {
        let open = self.look_at_link(token, now).await?.ok_or(AccountFailure::DeadLink)?;
        let Some(account) = open.account else { return Err(AccountFailure::DeadLink) };
        let known = usable(&mut *self.pool.acquire().await?, &account).await?;
        let faults = passwords::faults(password, &known.login_name);
        if !faults.is_empty() {
            return Err(AccountFailure::Faults(faults.into_iter().map(AccountFault::from).collect()));
        }
        let hash = self.hasher.hash(password).await?;

        let mut changes = people::begin(&self.pool).await?;
        use_up(&mut changes, token, now).await?;
        let known = usable(&mut changes, &account).await?;
        logins::set_password(&mut changes, &account, &hash).await?;
        tokens::revoke_all(&mut changes, &account).await?;
        let (doer, of) = (logins::doer(&account, &known.name, from), format!("account/{account}"));
        note_link(&mut changes, &doer, Act::LinkUse, &open.id, open.purpose, &open.name, now).await?;
        note(&mut changes, &Deed { doer: &doer, act: Act::Password, of: &of, detail: "" }, now).await?;
        let by = open.purpose.words();
        let session = logins::let_in(&mut changes, &account, &known.name, from, by, now).await?;
        changes.commit().await?;
        Ok(session)
    }
}

/// Forgets links that ended long ago; what was done by them stands in the record.
pub(super) async fn sweep(pool: &AnyPool, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM nianbao_links WHERE ends_at < $1").bind(now - MEMORY).execute(pool).await?;
    Ok(())
}

/// Demands an end that is yet to come and not too far away.
fn demand_end(ends_at: i64, now: i64) -> Result<(), AccountFailure> {
    match ends_at.checked_sub(now) {
        Some(1..=LONGEST_SPAN) => Ok(()),
        _ => Err(AccountFault::End(LONGEST_SPAN).into()),
    }
}

/// All that is wrong with a newcomer; or the names in their one form.
fn checked(new: &NewAccount, password: &str) -> Result<(String, String), AccountFailure> {
    let names = people::of_new(new);
    let login_name = names::folded(&new.login_name);
    let mut faults: Vec<_> =
        passwords::faults(password, &login_name).into_iter().map(AccountFault::from).collect();
    match names {
        Ok(names) if faults.is_empty() => Ok(names),
        Err(AccountFailure::Faults(mut all)) => {
            all.append(&mut faults);
            Err(AccountFailure::Faults(all))
        }
        Err(other) => Err(other),
        Ok(_) => Err(AccountFailure::Faults(faults)),
    }
}

/// An account that may be used.
async fn usable(connection: &mut AnyConnection, account: &str) -> Result<UserAccount, AccountFailure> {
    let known = people::known(connection, account).await?;
    if known.is_disabled { Err(AccountFailure::DisabledAccount) } else { Ok(known) }
}

/// Uses a link, once.
pub(super) async fn use_up(changes: &mut AnyConnection, token: &str, now: i64) -> Result<(), AccountFailure> {
    let used = sqlx::query(
        "UPDATE nianbao_links SET state = 'used' WHERE digest = $1 AND state = 'open' AND ends_at > $2",
    )
    .bind(secrets::digest("link", token))
    .bind(now)
    .execute(changes)
    .await?;
    if used.rows_affected() == 0 { Err(AccountFailure::DeadLink) } else { Ok(()) }
}

/// Ends the open links of a purpose (and an account). Says whether there was one.
async fn replace(
    changes: &mut AnyConnection,
    purpose: LinkPurpose,
    account: Option<&str>,
) -> Result<bool, sqlx::Error> {
    let replaced = sqlx::query(
        "UPDATE nianbao_links SET state = 'replaced'
         WHERE purpose = $1 AND state = 'open' AND COALESCE(account, '') = $2",
    )
    .bind(purpose.code())
    .bind(account.unwrap_or_default())
    .execute(changes)
    .await?;
    Ok(0 < replaced.rows_affected())
}

fn made_or(replaced: bool) -> Act {
    if replaced { Act::LinkReplacement } else { Act::LinkMaking }
}

async fn insert(
    changes: &mut AnyConnection,
    row: &LinkRow<'_>,
    ends_at: i64,
    now: i64,
) -> Result<NewLink, sqlx::Error> {
    let link = NewLink { id: Ulid::generate().to_string(), token: secrets::token() };
    sqlx::query(
        "INSERT INTO nianbao_links
             (id, digest, purpose, state, account, name, role, units, made_at, ends_at)
         VALUES ($1, $2, $3, 'open', $4, $5, $6, $7, $8, $9)",
    )
    .bind(&link.id)
    .bind(secrets::digest("link", &link.token))
    .bind(row.purpose.code())
    .bind(row.account)
    .bind(row.name)
    .bind(row.role.map(Role::code))
    .bind(serde_json::to_string(row.units).expect("texts can always be written"))
    .bind(now)
    .bind(ends_at)
    .execute(changes)
    .await?;
    Ok(link)
}

pub(super) async fn note_link(
    changes: &mut AnyConnection,
    doer: &Doer,
    act: Act,
    id: &str,
    purpose: LinkPurpose,
    detail: &str,
    now: i64,
) -> Result<(), sqlx::Error> {
    let detail =
        if detail.is_empty() { purpose.words().into() } else { format!("{}：{detail}", purpose.words()) };
    note(changes, &Deed { doer, act, of: &format!("link/{id}"), detail: &detail }, now).await
}

/// How many accounts there are.
async fn count(changes: &mut AnyConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT COUNT(*) FROM nianbao_accounts").fetch_one(changes).await
}

fn link(row: &AnyRow) -> Result<OpenLink, sqlx::Error> {
    let purpose: String = row.try_get("purpose")?;
    let units: String = row.try_get("units")?;
    Ok(OpenLink {
        id: row.try_get("id")?,
        purpose: LinkPurpose::from_code(&purpose)
            .ok_or_else(|| sqlx::Error::Decode(format!("no purpose {purpose}").into()))?,
        account: row.try_get("account")?,
        name: row.try_get("name")?,
        role: row.try_get::<Option<String>, _>("role")?.map(|code| people::role(&code)).transpose()?,
        units: serde_json::from_str(&units).map_err(|error| sqlx::Error::Decode(error.into()))?,
        made_at: row.try_get("made_at")?,
        ends_at: row.try_get("ends_at")?,
    })
}
