//! The way in of a unit for a collection: a link and a code, for as many persons as the unit has. Each says a
//! name. A new one takes the place of the old, which ends at once with all its sessions.
//!
//! The code alone is short; so what is kept is the hash of link and code together, which nobody finds who has
//! not the link, and wrong codes are limited like wrong passwords.

use std::collections::BTreeMap;
use std::net::IpAddr;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use ulid::Ulid;

use super::guesses::Guess;
use super::sessions::{self, NewSession, SessionOwner};
use super::{AccountFailure, AccountFault, Accounts, names, secrets};
use crate::audit::{Act, Deed, Doer, note};

/// For how many seconds an entrance may be open at most.
const LONGEST_SPAN: i64 = 400 * 86_400;

/// A unit that is to be let in.
#[derive(Clone, Debug)]
pub struct EntranceUnit {
    pub code: String,
    pub name: String,
}

/// What a unit is sent: it is shown this once.
#[derive(Clone, Debug)]
pub struct NewEntrance {
    pub unit: String,
    pub unit_name: String,
    /// The secret of the link.
    pub link: String,
    /// What is typed behind it: `7K2QF-XM04A`.
    pub code: String,
}

/// An entrance as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitEntrance {
    pub collection: String,
    pub unit: String,
    pub unit_name: String,
    pub made_at: i64,
    pub ends_at: i64,
}

/// An entrance with what is not shown.
struct EntranceRow {
    shown: UnitEntrance,
    id: String,
    code_digest: String,
}

impl Accounts {
    /// Makes entrances for units of a collection, all or none. Where a unit has one, the new one replaces it.
    pub async fn make_entrances(
        &self,
        doer: &Doer,
        collection: &str,
        units: &[EntranceUnit],
        ends_at: i64,
        now: i64,
    ) -> Result<Vec<NewEntrance>, AccountFailure> {
        let made = Self::draw_entrances(collection, units, ends_at, now)?;
        self.open_entrances(doer, collection, &made, ends_at, now).await?;
        Ok(made)
    }

    /// Links and codes for units of a collection, that let nobody in before they are
    /// [opened](Self::open_entrances): what the units have is good until then.
    pub fn draw_entrances(
        collection: &str,
        units: &[EntranceUnit],
        ends_at: i64,
        now: i64,
    ) -> Result<Vec<NewEntrance>, AccountFailure> {
        let mut faults = Vec::new();
        if !matches!(ends_at.checked_sub(now), Some(1..=LONGEST_SPAN)) {
            faults.push(AccountFault::End(LONGEST_SPAN));
        }
        let codes = units.iter().map(|unit| &*unit.code);
        if !codes.chain([collection]).all(names::is_code) {
            faults.push(names::NameFault::UnitCode.into());
        }
        if !faults.is_empty() {
            return Err(AccountFailure::Faults(faults));
        }
        // In one order, so that two who do this at once do not wait for each other; each unit once.
        let units: BTreeMap<&str, String> =
            units.iter().map(|unit| (&*unit.code, unit_name(&unit.name))).collect();
        let entrance = |(unit, unit_name): (&str, String)| NewEntrance {
            unit: unit.to_owned(),
            unit_name,
            link: secrets::short_token(),
            code: secrets::code(),
        };
        Ok(units.into_iter().map(entrance).collect())
    }

    /// Opens entrances that were drawn, all or none, in the place of those that the units have.
    pub async fn open_entrances(
        &self,
        doer: &Doer,
        collection: &str,
        drawn: &[NewEntrance],
        ends_at: i64,
        now: i64,
    ) -> Result<(), sqlx::Error> {
        let mut replaced = 0;
        let mut changes = self.pool.begin().await?;
        for unit in drawn {
            replaced += usize::from(put(&mut changes, collection, unit, ends_at, now).await?);
        }
        note_making(&mut changes, doer, collection, drawn, replaced, now).await?;
        changes.commit().await
    }

    /// The entrances of a collection that are open, by unit.
    pub async fn entrances(&self, collection: &str, now: i64) -> Result<Vec<UnitEntrance>, sqlx::Error> {
        if !names::is_code(collection) {
            return Ok(Vec::new());
        }
        sqlx::query(
            "SELECT collection, unit, unit_name, made_at, ends_at FROM nianbao_entrances
             WHERE collection = $1 AND is_revoked = 0 AND ends_at > $2 ORDER BY unit",
        )
        .bind(collection)
        .bind(now)
        .try_map(|row| entrance(&row))
        .fetch_all(&self.pool)
        .await
    }

    /// Closes the entrance of a unit, or of all units of a collection where none is named; all sessions by it
    /// end at once. Says how many were closed.
    pub async fn revoke_entrances(
        &self,
        doer: &Doer,
        collection: &str,
        unit: Option<&str>,
        now: i64,
    ) -> Result<u64, sqlx::Error> {
        if ![Some(collection), unit].into_iter().flatten().all(names::is_code) {
            return Ok(0);
        }
        let mut changes = self.pool.begin().await?;
        let revoked = sqlx::query(
            "UPDATE nianbao_entrances SET is_revoked = 1
             WHERE collection = $1 AND ($2 = '' OR unit = $2) AND is_revoked = 0",
        )
        .bind(collection)
        .bind(unit.unwrap_or_default())
        .execute(&mut *changes)
        .await?
        .rows_affected();
        if revoked == 0 {
            return Ok(0);
        }
        let (of, detail) = (path(collection, unit), format!("{revoked}个"));
        let deed = Deed { doer, act: Act::EntranceRevocation, of: &of, detail: &detail };
        note(&mut changes, &deed, now).await?;
        changes.commit().await?;
        Ok(revoked)
    }

    /// Which unit a link is for, if it is good. Changes nothing, and lets nobody in.
    pub async fn look_at_entrance(&self, link: &str, now: i64) -> Result<Option<UnitEntrance>, sqlx::Error> {
        Ok(self.of_link(link, now).await?.map(|row| row.shown))
    }

    /// Lets somebody in who has a unit's link and code, under the name that they say.
    pub async fn enter(
        &self,
        link: &str,
        code: &str,
        name: &str,
        from: IpAddr,
        now: i64,
    ) -> Result<NewSession, AccountFailure> {
        let entrance = self.of_link(link, now).await?.ok_or(AccountFailure::DeadEntrance)?;
        // A name that is wrong is no guess.
        let name = names::person_name(name)?;
        let guess = Guess::at(&format!("entrance {}", entrance.id), from);
        if let Some(wait) = guess.count(&self.pool, now).await? {
            return Err(AccountFailure::Wait(wait));
        }
        let UnitEntrance { collection, unit, unit_name, .. } = &entrance.shown;
        let doer = Doer {
            name: format!("{name}（{unit_name}）"),
            account: None,
            on_behalf: None,
            from: from.to_string(),
        };
        let of = path(collection, Some(unit));
        let mut changes = self.pool.begin().await?;
        if !secrets::is_same(&code_digest(link, code), &entrance.code_digest) {
            let deed = Deed { doer: &doer, act: Act::LoginRefusal, of: &of, detail: "验证码不对" };
            note(&mut changes, &deed, now).await?;
            changes.commit().await?;
            return Err(AccountFailure::WrongCode);
        }
        // It may have been replaced meanwhile: then the session would be of nothing.
        let held = sqlx::query("UPDATE nianbao_entrances SET id = id WHERE id = $1 AND is_revoked = 0")
            .bind(&entrance.id)
            .execute(&mut *changes)
            .await?;
        if held.rows_affected() == 0 {
            return Err(AccountFailure::DeadEntrance);
        }
        guess.take_back(&mut changes).await?;
        let owner = SessionOwner::Entrance(&entrance.id);
        let session = sessions::begin(&mut changes, owner, &name, from, now).await?;
        note(&mut changes, &Deed { doer: &doer, act: Act::EntranceUse, of: &of, detail: "" }, now).await?;
        changes.commit().await?;
        Ok(session)
    }

    async fn of_link(&self, link: &str, now: i64) -> Result<Option<EntranceRow>, sqlx::Error> {
        sqlx::query(
            "SELECT collection, unit, unit_name, made_at, ends_at, id, code_digest FROM nianbao_entrances
             WHERE link_digest = $1 AND is_revoked = 0 AND ends_at > $2",
        )
        .bind(link_digest(link))
        .bind(now)
        .try_map(|row: AnyRow| {
            Ok(EntranceRow {
                shown: entrance(&row)?,
                id: row.try_get("id")?,
                code_digest: row.try_get("code_digest")?,
            })
        })
        .fetch_optional(&self.pool)
        .await
    }
}

/// Puts an entrance in the place of the one before. Says whether there was one that was open.
async fn put(
    changes: &mut AnyConnection,
    collection: &str,
    new: &NewEntrance,
    ends_at: i64,
    now: i64,
) -> Result<bool, sqlx::Error> {
    let replaced = sqlx::query(
        "UPDATE nianbao_entrances SET is_revoked = 1 WHERE collection = $1 AND unit = $2 AND is_revoked = 0",
    )
    .bind(collection)
    .bind(&new.unit)
    .execute(&mut *changes)
    .await?;
    sqlx::query(
        "INSERT INTO nianbao_entrances
             (collection, unit, unit_name, id, link_digest, code_digest, made_at, ends_at, is_revoked)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)
         ON CONFLICT (collection, unit) DO UPDATE SET unit_name = excluded.unit_name, id = excluded.id,
             link_digest = excluded.link_digest, code_digest = excluded.code_digest,
             made_at = excluded.made_at, ends_at = excluded.ends_at, is_revoked = 0",
    )
    .bind(collection)
    .bind(&new.unit)
    .bind(&new.unit_name)
    .bind(Ulid::generate().to_string())
    .bind(link_digest(&new.link))
    .bind(code_digest(&new.link, &new.code))
    .bind(now)
    .bind(ends_at)
    .execute(changes)
    .await?;
    Ok(replaced.rows_affected() == 1)
}

/// One entry for a unit; one for a whole list, which names them.
async fn note_making(
    changes: &mut AnyConnection,
    doer: &Doer,
    collection: &str,
    made: &[NewEntrance],
    replaced: usize,
    now: i64,
) -> Result<(), sqlx::Error> {
    let act = if replaced == 0 { Act::EntranceMaking } else { Act::EntranceReplacement };
    let (of, detail) = match made {
        [] => return Ok(()),
        [one] => (path(collection, Some(&one.unit)), one.unit_name.clone()),
        many => {
            let units: Vec<&str> = many.iter().map(|one| &*one.unit).collect();
            let detail = format!("{}个单位，其中更换{replaced}个：{}", many.len(), units.join("、"));
            (path(collection, None), detail)
        }
    };
    note(changes, &Deed { doer, act, of: &of, detail: &detail }, now).await
}

fn path(collection: &str, unit: Option<&str>) -> String {
    match unit {
        Some(unit) => format!("collection/{collection}/unit/{unit}"),
        None => format!("collection/{collection}"),
    }
}

/// A unit's name as it stands behind a person's.
fn unit_name(name: &str) -> String {
    names::shown(name).chars().take(names::LONGEST_CODE).collect()
}

/// Links are typed from letters too, so case and spaces do not matter.
fn link_digest(link: &str) -> String {
    secrets::digest("entrance", &secrets::typed_code(link))
}

fn code_digest(link: &str, code: &str) -> String {
    secrets::digest("code", &format!("{}\n{}", secrets::typed_code(link), secrets::typed_code(code)))
}

fn entrance(row: &AnyRow) -> Result<UnitEntrance, sqlx::Error> {
    Ok(UnitEntrance {
        collection: row.try_get("collection")?,
        unit: row.try_get("unit")?,
        unit_name: row.try_get("unit_name")?,
        made_at: row.try_get("made_at")?,
        ends_at: row.try_get("ends_at")?,
    })
}
