//! The accounts themselves: whose they are, with which role, for which units.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::any::AnyRow;
use sqlx::{Any, AnyConnection, AnyPool, Row, Transaction};
use ulid::Ulid;

use super::names::{self, NameFault};
use super::rights::Role;
use super::{AccountFailure, AccountFault, Accounts};
use crate::audit::{Act, Deed, Doer, note};

/// How many units an account may be for.
pub(super) const MOST_UNITS: usize = 500;

/// An account as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserAccount {
    pub id: String,
    pub login_name: String,
    pub name: String,
    pub role: Role,
    /// Codes of units; none where the role is for all.
    pub units: BTreeSet<String>,
    pub is_disabled: bool,
    pub has_password: bool,
    /// Whether another service's word opens it.
    pub has_identity: bool,
    pub made_at: i64,
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub login_name: String,
    pub name: String,
    pub role: Role,
    pub units: BTreeSet<String>,
}

/// What an account is to be from now on.
#[derive(Clone, Debug)]
pub struct AccountEdit {
    pub name: String,
    pub role: Role,
    pub units: BTreeSet<String>,
}

impl Accounts {
    /// The accounts in the order of their making, behind a certain one if its id is named.
    pub async fn accounts(&self, after: Option<&str>, limit: usize) -> Result<Vec<UserAccount>, sqlx::Error> {
        let mut accounts: Vec<UserAccount> = sqlx::query(concat!(
            "SELECT id, login_name, name, role, is_disabled, CASE WHEN password IS NULL THEN 0 ELSE 1 END, made_at, ",
            "CASE WHEN EXISTS (SELECT 1 FROM nianbao_identities i WHERE i.account = nianbao_accounts.id) THEN 1 ELSE 0 END ",
            "FROM nianbao_accounts WHERE id > $1 ORDER BY id LIMIT $2"
        ))
        .bind(after.unwrap_or_default())
        .bind(limit.min(1000) as i64)
        .try_map(|row| account(&row))
        .fetch_all(&self.pool)
        .await?;
        let Some(last) = accounts.last() else { return Ok(accounts) };
        let pairs = sqlx::query(
            "SELECT account, unit FROM nianbao_account_units WHERE account > $1 AND account <= $2",
        )
        .bind(after.unwrap_or_default())
        .bind(&last.id)
        .try_map(|row: AnyRow| Ok((row.try_get::<String, _>(0)?, row.try_get::<String, _>(1)?)))
        .fetch_all(&self.pool)
        .await?;
        let mut units: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (account, unit) in pairs {
            units.entry(account).or_default().insert(unit);
        }
        for account in &mut accounts {
            account.units = units.remove(&account.id).unwrap_or_default();
        }
        Ok(accounts)
    }

    pub async fn account(&self, id: &str) -> Result<Option<UserAccount>, sqlx::Error> {
        if !names::is_code(id) {
            return Ok(None);
        }
        find(&mut *self.pool.acquire().await?, id).await
    }

    /// Makes an account without a password: one is set by a link, or another service tells who somebody is.
    /// Gives its id.
    pub async fn make_account(
        &self,
        doer: &Doer,
        new: &NewAccount,
        now: i64,
    ) -> Result<String, AccountFailure> {
        let (login_name, name) = of_new(new)?;
        let mut changes = begin(&self.pool).await?;
        let checked = NewAccount { login_name, name, ..new.clone() };
        let id = insert(&mut changes, &checked, None, now).await?;
        note_making(&mut changes, doer, &id, &checked, now).await?;
        changes.commit().await?;
        Ok(id)
    }

    /// Changes name, role and units. What the account's sessions may do changes with their next request.
    pub async fn change_account(
        &self,
        doer: &Doer,
        id: &str,
        edit: &AccountEdit,
        now: i64,
    ) -> Result<(), AccountFailure> {
        let mut faults = units_faults(edit.role, &edit.units);
        let name = names::person_name(&edit.name).map_err(|fault| faults.push(fault.into())).ok();
        let Some(name) = name.filter(|_| faults.is_empty()) else {
            return Err(AccountFailure::Faults(faults));
        };
        let mut changes = begin(&self.pool).await?;
        let old = known(&mut changes, id).await?;
        if edit.role != Role::Administrator {
            demand_another_administrator(&mut changes, &old).await?;
        }
        sqlx::query("UPDATE nianbao_accounts SET name = $1, role = $2 WHERE id = $3")
            .bind(&name)
            .bind(edit.role.code())
            .bind(id)
            .execute(&mut *changes)
            .await?;
        sqlx::query("DELETE FROM nianbao_account_units WHERE account = $1")
            .bind(id)
            .execute(&mut *changes)
            .await?;
        insert_units(&mut changes, id, &edit.units).await?;
        let of = format!("account/{id}");
        if old.name != name {
            let detail = format!("姓名：{} → {name}", old.name);
            note(&mut changes, &Deed { doer, act: Act::AccountChange, of: &of, detail: &detail }, now)
                .await?;
        }
        if (old.role, &old.units) != (edit.role, &edit.units) {
            let detail = format!("{} → {}", rights(old.role, &old.units), rights(edit.role, &edit.units));
            note(&mut changes, &Deed { doer, act: Act::RoleChange, of: &of, detail: &detail }, now).await?;
        }
        changes.commit().await?;
        Ok(())
    }

    /// Lets nobody in by it any more, and ends all its sessions. It stays, for it has done things.
    pub async fn disable_account(&self, doer: &Doer, id: &str, now: i64) -> Result<(), AccountFailure> {
        let mut changes = begin(&self.pool).await?;
        let old = known(&mut changes, id).await?;
        if old.is_disabled {
            return Ok(());
        }
        demand_another_administrator(&mut changes, &old).await?;
        sqlx::query("UPDATE nianbao_accounts SET is_disabled = 1 WHERE id = $1")
            .bind(id)
            .execute(&mut *changes)
            .await?;
        sqlx::query("DELETE FROM nianbao_sessions WHERE account = $1")
            .bind(id)
            .execute(&mut *changes)
            .await?;
        let of = format!("account/{id}");
        let deed = Deed { doer, act: Act::AccountDisabling, of: &of, detail: &old.name };
        note(&mut changes, &deed, now).await?;
        changes.commit().await?;
        Ok(())
    }

    pub async fn enable_account(&self, doer: &Doer, id: &str, now: i64) -> Result<(), AccountFailure> {
        let mut changes = begin(&self.pool).await?;
        let old = known(&mut changes, id).await?;
        if !old.is_disabled {
            return Ok(());
        }
        sqlx::query("UPDATE nianbao_accounts SET is_disabled = 0 WHERE id = $1")
            .bind(id)
            .execute(&mut *changes)
            .await?;
        let of = format!("account/{id}");
        let deed = Deed { doer, act: Act::AccountEnabling, of: &of, detail: &old.name };
        note(&mut changes, &deed, now).await?;
        changes.commit().await?;
        Ok(())
    }

    /// The units that somebody can sign for, who is not disabled.
    pub async fn signed_units(&self) -> Result<BTreeSet<String>, sqlx::Error> {
        let units: Vec<String> = sqlx::query_scalar(
            "SELECT DISTINCT u.unit FROM nianbao_account_units u JOIN nianbao_accounts a ON a.id = u.account
             WHERE a.role = $1 AND a.is_disabled = 0",
        )
        .bind(Role::Signer.code())
        .fetch_all(&self.pool)
        .await?;
        Ok(units.into_iter().collect())
    }

    /// Gives the accounts of a unit to another, where one was merged into it. Says how many there were.
    pub async fn move_unit(
        &self,
        doer: &Doer,
        from: &str,
        to: &str,
        now: i64,
    ) -> Result<u64, AccountFailure> {
        if ![from, to].into_iter().all(names::is_code) {
            return Err(NameFault::UnitCode.into());
        }
        if from == to {
            return Ok(0);
        }
        let mut changes = begin(&self.pool).await?;
        sqlx::query(
            "INSERT INTO nianbao_account_units (account, unit)
             SELECT account, $1 FROM nianbao_account_units WHERE unit = $2
             ON CONFLICT (account, unit) DO NOTHING",
        )
        .bind(to)
        .bind(from)
        .execute(&mut *changes)
        .await?;
        let moved = sqlx::query("DELETE FROM nianbao_account_units WHERE unit = $1")
            .bind(from)
            .execute(&mut *changes)
            .await?
            .rows_affected();
        if moved == 0 {
            return Ok(0);
        }
        let (of, detail) = (format!("unit/{from}"), format!("{moved}个账号改属{to}"));
        note(&mut changes, &Deed { doer, act: Act::RoleChange, of: &of, detail: &detail }, now).await?;
        changes.commit().await?;
        Ok(moved)
    }
}

/// Begins a change of who may administer the service; of two the second waits, and then sees the first.
pub(super) async fn begin(pool: &AnyPool) -> Result<Transaction<'static, Any>, sqlx::Error> {
    let mut changes = pool.begin().await?;
    sqlx::query("UPDATE nianbao_account_order SET changes = changes + 1 WHERE id = 1")
        .execute(&mut *changes)
        .await?;
    Ok(changes)
}

/// An account that must be there.
pub(super) async fn known(changes: &mut AnyConnection, id: &str) -> Result<UserAccount, AccountFailure> {
    match names::is_code(id) {
        true => find(changes, id).await?.ok_or(AccountFailure::NoAccount),
        false => Err(AccountFailure::NoAccount),
    }
}

/// All that is wrong with a new account; or its names in their one form.
pub(super) fn of_new(new: &NewAccount) -> Result<(String, String), AccountFailure> {
    let mut faults: Vec<AccountFault> = Vec::new();
    let mut keep = |name: Result<String, NameFault>| {
        name.unwrap_or_else(|fault| {
            faults.push(fault.into());
            String::new()
        })
    };
    let (login_name, name) = (keep(names::login_name(&new.login_name)), keep(names::person_name(&new.name)));
    faults.extend(units_faults(new.role, &new.units));
    match faults.is_empty() {
        true => Ok((login_name, name)),
        false => Err(AccountFailure::Faults(faults)),
    }
}

/// What is wrong with the units of a role.
pub(super) fn units_faults(role: Role, units: &BTreeSet<String>) -> Vec<AccountFault> {
    let mut faults = Vec::new();
    match (role.is_of_units(), units.is_empty()) {
        (true, true) => faults.push(AccountFault::NoUnits(role)),
        (false, false) => faults.push(AccountFault::NeedlessUnits(role)),
        _ => {}
    }
    if MOST_UNITS < units.len() {
        faults.push(AccountFault::ManyUnits);
    }
    if !units.iter().all(|unit| names::is_code(unit)) {
        faults.push(NameFault::UnitCode.into());
    }
    faults
}

/// Puts an account in whose names are in their one form, within a change that was begun here. Gives its id.
pub(super) async fn insert(
    changes: &mut AnyConnection,
    new: &NewAccount,
    password: Option<&str>,
    now: i64,
) -> Result<String, AccountFailure> {
    let id = Ulid::generate().to_string();
    let inserted = sqlx::query(
        "INSERT INTO nianbao_accounts (id, login_name, name, role, is_disabled, password, made_at)
         VALUES ($1, $2, $3, $4, 0, $5, $6) ON CONFLICT (login_name) DO NOTHING",
    )
    .bind(&id)
    .bind(&new.login_name)
    .bind(&new.name)
    .bind(new.role.code())
    .bind(password)
    .bind(now)
    .execute(&mut *changes)
    .await?;
    if inserted.rows_affected() == 0 {
        return Err(AccountFault::LoginName.into());
    }
    insert_units(changes, &id, &new.units).await?;
    Ok(id)
}

/// Notes that an account was made.
pub(super) async fn note_making(
    changes: &mut AnyConnection,
    doer: &Doer,
    id: &str,
    new: &NewAccount,
    now: i64,
) -> Result<(), sqlx::Error> {
    let detail = format!("{}（{}），{}", new.name, new.login_name, rights(new.role, &new.units));
    let deed = Deed { doer, act: Act::AccountMaking, of: &format!("account/{id}"), detail: &detail };
    note(changes, &deed, now).await
}

/// A role and its units, for the record.
pub(super) fn rights(role: Role, units: &BTreeSet<String>) -> String {
    match units.is_empty() {
        true => role.words().to_owned(),
        false => {
            format!("{}（{}）", role.words(), units.iter().map(String::as_str).collect::<Vec<_>>().join("、"))
        }
    }
}

async fn insert_units(
    changes: &mut AnyConnection,
    id: &str,
    units: &BTreeSet<String>,
) -> Result<(), sqlx::Error> {
    for unit in units {
        sqlx::query("INSERT INTO nianbao_account_units (account, unit) VALUES ($1, $2)")
            .bind(id)
            .bind(unit)
            .execute(&mut *changes)
            .await?;
    }
    Ok(())
}

/// Refuses to take the last administrator away.
async fn demand_another_administrator(
    changes: &mut AnyConnection,
    leaver: &UserAccount,
) -> Result<(), AccountFailure> {
    if leaver.role != Role::Administrator || leaver.is_disabled {
        return Ok(());
    }
    let others: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM nianbao_accounts
         WHERE role = 'administrator' AND is_disabled = 0 AND password IS NOT NULL AND id <> $1",
    )
    .bind(&leaver.id)
    .fetch_one(changes)
    .await?;
    if others == 0 { Err(AccountFailure::LastAdministrator) } else { Ok(()) }
}

async fn find(connection: &mut AnyConnection, id: &str) -> Result<Option<UserAccount>, sqlx::Error> {
    let found = sqlx::query(concat!(
        "SELECT id, login_name, name, role, is_disabled, CASE WHEN password IS NULL THEN 0 ELSE 1 END, made_at, ",
            "CASE WHEN EXISTS (SELECT 1 FROM nianbao_identities i WHERE i.account = nianbao_accounts.id) THEN 1 ELSE 0 END ",
        "FROM nianbao_accounts WHERE id = $1"
    ))
    .bind(id)
    .try_map(|row| account(&row))
    .fetch_optional(&mut *connection)
    .await?;
    let Some(mut found) = found else { return Ok(None) };
    found.units = units(connection, id).await?;
    Ok(Some(found))
}

/// The units of an account.
pub(super) async fn units(connection: &mut AnyConnection, id: &str) -> Result<BTreeSet<String>, sqlx::Error> {
    let units: Vec<String> = sqlx::query_scalar("SELECT unit FROM nianbao_account_units WHERE account = $1")
        .bind(id)
        .fetch_all(connection)
        .await?;
    Ok(units.into_iter().collect())
}

/// A row of the table, without the units.
fn account(row: &AnyRow) -> Result<UserAccount, sqlx::Error> {
    Ok(UserAccount {
        id: row.try_get(0)?,
        login_name: row.try_get(1)?,
        name: row.try_get(2)?,
        role: role(row.try_get(3)?)?,
        units: BTreeSet::new(),
        is_disabled: row.try_get::<i64, _>(4)? != 0,
        has_password: row.try_get::<i64, _>(5)? != 0,
        made_at: row.try_get(6)?,
        has_identity: row.try_get::<i64, _>(7)? != 0,
    })
}

/// The role of a column.
pub(super) fn role(code: &str) -> Result<Role, sqlx::Error> {
    Role::from_code(code).ok_or_else(|| sqlx::Error::Decode(format!("no role {code}").into()))
}
