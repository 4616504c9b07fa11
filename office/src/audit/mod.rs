//! The record (操作记录): what was done, by whom, when, from where, to what. It is append-only, each entry
//! chained to the one before by its hash, so that what is changed, taken out or put in by other ways is told.
//! It is never asked whether something may happen.
//!
//! The chain shows every change but one: who may write in the database can reckon all of it anew from some
//! entry on. Against that one prints the newest entry's number and hash now and then ([`RecordHead`]) and
//! keeps it elsewhere; [`Record::verify`] holds the record against it.

mod act;
mod chain;
mod verification;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyPool, Row};

use crate::database;
use chain::EntryText;
use nianbao_core::language::invisible::is_invisible;

pub use act::Act;
pub use verification::{RecordFault, Verification};

/// How many characters of each text of an entry are kept at most.
pub const LONGEST_NAME: usize = 200;
pub const LONGEST_SUBJECT: usize = 400;
pub const LONGEST_DETAIL: usize = 4000;

/// How many entries [`Record::entries`] gives at most.
pub const MOST_ENTRIES: usize = 1000;

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doer {
    /// As people read it: 王某（临江区司法局）.
    pub name: String,
    /// The account's id; `None` for somebody who came by a unit's code.
    pub account: Option<String>,
    /// For whom it was done: 乙代甲.
    pub on_behalf: Option<String>,
    /// The address it came from.
    pub from: String,
}

/// What is to be noted.
#[derive(Clone, Copy, Debug)]
pub struct Deed<'a> {
    pub doer: &'a Doer,
    pub act: Act,
    /// What it was done to, as a path: `collection/ID/unit/CODE/version/3`.
    pub of: &'a str,
    pub detail: &'a str,
}

/// Notes a deed in the transaction that does it, so that none is done without being noted.
///
/// All who note something wait for each other here. So this comes last in a transaction: who held this and
/// then waited for a row that another holds, who waits here, would wait for ever.
pub async fn note(changes: &mut AnyConnection, deed: &Deed<'_>, now: i64) -> Result<(), sqlx::Error> {
    let (number, previous) =
        sqlx::query("UPDATE nianbao_record_head SET number = number + 1 WHERE id = 1 RETURNING number, hash")
            .try_map(|row: AnyRow| Ok((row.try_get::<i64, _>(0)?, row.try_get::<String, _>(1)?)))
            .fetch_one(&mut *changes)
            .await?;
    let (doer, of) = (deed.doer, clean(deed.of, LONGEST_SUBJECT));
    let (name, from) = (clean(&doer.name, LONGEST_NAME), clean(&doer.from, LONGEST_NAME));
    let short = |text: &Option<String>| text.as_deref().map(|text| clean(text, LONGEST_NAME));
    let (account, on_behalf) = (short(&doer.account), short(&doer.on_behalf));
    let detail = clean(deed.detail, LONGEST_DETAIL);
    let entry = EntryText {
        previous: &previous,
        number,
        at: now,
        doer: &name,
        account: account.as_deref(),
        on_behalf: on_behalf.as_deref(),
        origin: &from,
        act: deed.act.code(),
        subject: &of,
        detail: &detail,
    };
    let hash = entry.hash();
    sqlx::query(
        "INSERT INTO nianbao_record
             (number, at, doer, account, on_behalf, origin, act, subject, detail, previous, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(number)
    .bind(now)
    .bind(&name)
    .bind(&account)
    .bind(&on_behalf)
    .bind(&from)
    .bind(deed.act.code())
    .bind(&of)
    .bind(&detail)
    .bind(&previous)
    .bind(&hash)
    .execute(&mut *changes)
    .await?;
    sqlx::query("UPDATE nianbao_record_head SET hash = $1 WHERE id = 1").bind(&hash).execute(changes).await?;
    Ok(())
}

/// A text as it is kept: what nobody sees is shown to have been there, and what is too long ends in `…`.
fn clean(text: &str, longest: usize) -> String {
    let mut characters = text.chars();
    let seen = |c: char| if is_invisible(c) && c != '\n' { char::REPLACEMENT_CHARACTER } else { c };
    let mut clean: String = characters.by_ref().take(longest).map(seen).collect();
    if characters.next().is_some() {
        clean.pop();
        clean.push('…');
    }
    clean
}

/// The record, to be read.
#[derive(Clone, Debug)]
pub struct Record {
    pool: AnyPool,
}

/// What stands in the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordEntry {
    /// 1 for the first that was ever done.
    pub number: i64,
    pub at: i64,
    pub doer: Doer,
    /// The act's code. A later release of the program may have noted one that this does not know.
    pub act: String,
    pub of: String,
    pub detail: String,
    pub hash: String,
}

/// The newest entry, by its number (0 where there is none) and hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordHead {
    pub number: i64,
    pub hash: String,
}

/// Which entries are wanted; by default all.
#[derive(Clone, Debug, Default)]
pub struct RecordFilter<'a> {
    pub act: Option<Act>,
    /// The id of the account that did it.
    pub account: Option<&'a str>,
    /// What it was done to: this, and all below it (`collection/ID`).
    pub of: Option<&'a str>,
    /// From this second on, and before that one.
    pub since: Option<i64>,
    pub until: Option<i64>,
}

impl RecordEntry {
    /// What people call the act.
    pub fn words(&self) -> &str {
        match Act::from_code(&self.act) {
            Some(act) => act.words(),
            None => &self.act,
        }
    }
}

impl Record {
    /// Brings its tables to today's form.
    pub async fn open(pool: &AnyPool) -> Result<Self, sqlx::Error> {
        let changes = [("record", include_str!("tables.sql"))];
        database::migrate(pool, "nianbao_migrations_audit", &changes).await?;
        Ok(Self { pool: pool.clone() })
    }

    /// Notes what was done where nothing else changes with it: that something was taken along.
    pub async fn note(&self, deed: &Deed<'_>, now: i64) -> Result<(), sqlx::Error> {
        let mut changes = self.pool.begin().await?;
        note(&mut changes, deed, now).await?;
        changes.commit().await
    }

    /// The newest first; those before the entry of a certain number, if one is named. At most `limit`, and
    /// never more than [`MOST_ENTRIES`].
    pub async fn entries(
        &self,
        filter: &RecordFilter<'_>,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<RecordEntry>, sqlx::Error> {
        let wanted = |text: Option<&str>, longest| text.map(|text| clean(text, longest)).unwrap_or_default();
        sqlx::query(
            "SELECT number, at, doer, account, on_behalf, origin, act, subject, detail, hash
             FROM nianbao_record
             WHERE number < $1
                 AND ($2 = '' OR act = $2)
                 AND ($3 = '' OR account = $3)
                 AND ($4 = '' OR subject = $4 OR substr(subject, 1, length($4) + 1) = $4 || '/')
                 AND at >= $5 AND at < $6
             ORDER BY number DESC LIMIT $7",
        )
        .bind(before.unwrap_or(i64::MAX))
        .bind(filter.act.map_or("", Act::code))
        .bind(wanted(filter.account, LONGEST_NAME))
        .bind(wanted(filter.of, LONGEST_SUBJECT))
        .bind(filter.since.unwrap_or(i64::MIN))
        .bind(filter.until.unwrap_or(i64::MAX))
        .bind(limit.min(MOST_ENTRIES) as i64)
        .try_map(|row| entry(&row))
        .fetch_all(&self.pool)
        .await
    }

    /// The newest entry, to be printed and kept elsewhere.
    pub async fn head(&self) -> Result<RecordHead, sqlx::Error> {
        sqlx::query("SELECT number, hash FROM nianbao_record_head WHERE id = 1")
            .try_map(|row: AnyRow| Ok(RecordHead { number: row.try_get(0)?, hash: row.try_get(1)? }))
            .fetch_one(&self.pool)
            .await
    }

    /// Reckons the whole chain again, and says what is wrong with it, entry by entry. A head that was printed
    /// once must still stand in it.
    pub async fn verify(&self, printed: Option<&RecordHead>) -> Result<Verification, sqlx::Error> {
        verification::verify(&self.pool, printed.map(|head| (head.number, &*head.hash))).await
    }
}

fn entry(row: &AnyRow) -> Result<RecordEntry, sqlx::Error> {
    Ok(RecordEntry {
        number: row.try_get("number")?,
        at: row.try_get("at")?,
        doer: Doer {
            name: row.try_get("doer")?,
            account: row.try_get("account")?,
            on_behalf: row.try_get("on_behalf")?,
            from: row.try_get("origin")?,
        },
        act: row.try_get("act")?,
        of: row.try_get("subject")?,
        detail: row.try_get("detail")?,
        hash: row.try_get("hash")?,
    })
}
