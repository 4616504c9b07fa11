//! Coming in with a name and a password, and changing it.

use std::net::IpAddr;
use std::time::Duration;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::guesses::Guess;
use super::passwords::{self, TooMany};
use super::sessions::{self, NewSession, SessionOwner};
use super::{AccountFailure, AccountFault, Accounts, names, people};
use crate::audit::{Act, Deed, Doer, note};

/// What a login needs of an account.
struct LoginRow {
    id: String,
    name: String,
    is_disabled: bool,
    password: Option<String>,
}

impl Accounts {
    /// For how long the answer to a login is to be put off, because many guess at this account or from this
    /// network. Whoever answers waits so long before calling [`Accounts::login`]; nothing is refused for it.
    pub async fn pause(&self, login_name: &str, from: IpAddr, now: i64) -> Result<Duration, sqlx::Error> {
        guess(&names::folded(login_name), from).pause(&self.pool, now).await
    }

    /// Lets somebody in who knows the password. The session is always a new one. That a name is unknown, an
    /// account disabled or a password wrong is told alike, and takes as long.
    pub async fn login(
        &self,
        login_name: &str,
        password: &str,
        from: IpAddr,
        now: i64,
    ) -> Result<NewSession, AccountFailure> {
        let login_name = names::folded(login_name);
        let guess = guess(&login_name, from);
        if let Some(wait) = guess.count(&self.pool, now).await? {
            return Err(AccountFailure::Wait(wait));
        }
        let account = self.of_login_name(&login_name).await?;
        let usable = account.as_ref().filter(|account| !account.is_disabled);
        let hash = usable.and_then(|account| account.password.as_deref());
        let is_right = self.unless_busy(&guess, self.hasher.is_right(password, hash).await).await?;
        let (Some(account), Some(hash), true) = (usable, hash, is_right) else {
            self.note_refusal(account.as_ref(), from, now).await?;
            return Err(AccountFailure::WrongPassword);
        };
        let mut changes = self.pool.begin().await?;
        // It may have been changed or disabled while this one was reckoned.
        demand_same(&mut changes, &account.id, hash).await?;
        guess.take_back(&mut changes).await?;
        let session = let_in(&mut changes, &account.id, &account.name, from, "", now).await?;
        changes.commit().await?;
        Ok(session)
    }

    /// Lets somebody in whom another service knows (`by` says which, for the record).
    pub async fn begin_session(
        &self,
        account: &str,
        by: &str,
        from: IpAddr,
        now: i64,
    ) -> Result<NewSession, AccountFailure> {
        let mut changes = people::begin(&self.pool).await?;
        let known = people::known(&mut changes, account).await?;
        if known.is_disabled {
            return Err(AccountFailure::DisabledAccount);
        }
        let session = let_in(&mut changes, account, &known.name, from, by, now).await?;
        changes.commit().await?;
        Ok(session)
    }

    /// Changes a password by who knows the one before. All sessions of the account end, and a new one begins.
    pub async fn change_password(
        &self,
        account: &str,
        before: &str,
        password: &str,
        from: IpAddr,
        now: i64,
    ) -> Result<NewSession, AccountFailure> {
        let known = people::known(&mut *self.pool.acquire().await?, account).await?;
        let faults = passwords::faults(password, &known.login_name);
        if !faults.is_empty() {
            return Err(AccountFailure::Faults(faults.into_iter().map(AccountFault::from).collect()));
        }
        let guess = guess(&known.login_name, from);
        if let Some(wait) = guess.count(&self.pool, now).await? {
            return Err(AccountFailure::Wait(wait));
        }
        let row = self.of_login_name(&known.login_name).await?.filter(|row| !row.is_disabled);
        let hash = row.as_ref().and_then(|row| row.password.as_deref());
        let is_right = self.unless_busy(&guess, self.hasher.is_right(before, hash).await).await?;
        let (Some(row), Some(hash), true) = (&row, hash, is_right) else {
            self.note_refusal(row.as_ref(), from, now).await?;
            return Err(AccountFailure::WrongPassword);
        };
        let new = self.unless_busy(&guess, self.hasher.hash(password).await).await?;
        let mut changes = self.pool.begin().await?;
        demand_same(&mut changes, account, hash).await?;
        guess.take_back(&mut changes).await?;
        set_password(&mut changes, account, &new).await?;
        let doer = doer(account, &row.name, from);
        let of = format!("account/{account}");
        let session =
            sessions::begin(&mut changes, SessionOwner::Account(account), &row.name, from, now).await?;
        note(&mut changes, &Deed { doer: &doer, act: Act::Password, of: &of, detail: "" }, now).await?;
        changes.commit().await?;
        Ok(session)
    }

    /// A guess that was not tried because too many are is none.
    async fn unless_busy<T>(&self, guess: &Guess, tried: Result<T, TooMany>) -> Result<T, AccountFailure> {
        if tried.is_err() {
            guess.uncount(&self.pool).await?;
        }
        Ok(tried?)
    }

    async fn of_login_name(&self, login_name: &str) -> Result<Option<LoginRow>, sqlx::Error> {
        // What has such characters in it is nobody's name, and PostgreSQL takes no NUL.
        let login_name = names::login_name(login_name).unwrap_or_default();
        sqlx::query("SELECT id, name, is_disabled, password FROM nianbao_accounts WHERE login_name = $1")
            .bind(login_name)
            .try_map(|row: AnyRow| {
                Ok(LoginRow {
                    id: row.try_get(0)?,
                    name: row.try_get(1)?,
                    is_disabled: row.try_get::<i64, _>(2)? != 0,
                    password: row.try_get(3)?,
                })
            })
            .fetch_optional(&self.pool)
            .await
    }

    /// Notes that somebody was not let in. The name that was typed is noted only if it is one: people type
    /// their passwords there.
    async fn note_refusal(
        &self,
        account: Option<&LoginRow>,
        from: IpAddr,
        now: i64,
    ) -> Result<(), sqlx::Error> {
        let doer =
            Doer { name: "未登录的人".into(), account: None, on_behalf: None, from: from.to_string() };
        let of = account.map_or_else(String::new, |account| format!("account/{}", account.id));
        let detail = match account {
            None => "没有这个登录名",
            Some(account) if account.is_disabled => "账号已停用",
            Some(_) => "密码不对",
        };
        let mut changes = self.pool.begin().await?;
        note(&mut changes, &Deed { doer: &doer, act: Act::LoginRefusal, of: &of, detail }, now).await?;
        changes.commit().await
    }
}

/// Sets a password and ends all sessions, as a part of what demands it.
pub(super) async fn set_password(
    changes: &mut AnyConnection,
    account: &str,
    hash: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE nianbao_accounts SET password = $1 WHERE id = $2")
        .bind(hash)
        .bind(account)
        .execute(&mut *changes)
        .await?;
    sessions::end_all(changes, account).await
}

/// Begins a session of an account, and notes the login.
pub(super) async fn let_in(
    changes: &mut AnyConnection,
    account: &str,
    name: &str,
    from: IpAddr,
    by: &str,
    now: i64,
) -> Result<NewSession, sqlx::Error> {
    let session = sessions::begin(changes, SessionOwner::Account(account), name, from, now).await?;
    let (doer, of) = (doer(account, name, from), format!("account/{account}"));
    note(changes, &Deed { doer: &doer, act: Act::Login, of: &of, detail: by }, now).await?;
    Ok(session)
}

/// Somebody with an account, as the record names them.
pub(super) fn doer(account: &str, name: &str, from: IpAddr) -> Doer {
    Doer { name: name.into(), account: Some(account.into()), on_behalf: None, from: from.to_string() }
}

fn guess(login_name: &str, from: IpAddr) -> Guess {
    Guess::at(&format!("account {login_name}"), from)
}

/// Demands that an account's password is still the one that was compared, and holds its row.
async fn demand_same(changes: &mut AnyConnection, account: &str, hash: &str) -> Result<(), AccountFailure> {
    let held = sqlx::query(
        "UPDATE nianbao_accounts SET password = password WHERE id = $1 AND password = $2 AND is_disabled = 0",
    )
    .bind(account)
    .bind(hash)
    .execute(changes)
    .await?;
    if held.rows_affected() == 0 { Err(AccountFailure::WrongPassword) } else { Ok(()) }
}
