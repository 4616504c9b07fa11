//! The roster in the database. A unit is never taken out of it: it is renamed, merged into another, or
//! disabled, and keeps its history.

use nianbao_core::roster::{Contact, MAX_ROSTER, RosterUnit, UnitCode, unit_name};
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::faults::CollectionRefusal;
use super::texts::Remarks;
use super::{Collections, Occasion};
use crate::audit::{self, Act, Deed};

/// A unit of the roster, with what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct KnownUnit {
    #[serde(flatten)]
    pub unit: RosterUnit,
    /// Since when it is called so.
    pub named_at: i64,
    /// The unit that it became part of.
    #[schemars(with = "Option<String>")]
    pub merged_into: Option<UnitCode>,
    pub disabled_at: Option<i64>,
}

/// What a unit was called before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FormerName {
    pub name: String,
    pub since: i64,
    pub until: i64,
}

/// What became of a unit since its part in a collection was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UnitNow {
    /// Its name now, or that of the unit that it became part of.
    pub name: String,
    pub merged_into: Option<String>,
}

impl UnitNow {
    /// Of a row with `name`, the name of then, `name_now` and `merged_into`; None where nothing is different.
    pub(super) fn of(row: &AnyRow) -> Result<Option<Self>, sqlx::Error> {
        let (then, name): (String, String) = (row.try_get("name")?, row.try_get("name_now")?);
        let merged_into: Option<String> = row.try_get("merged_into")?;
        Ok((then != name || merged_into.is_some()).then_some(Self { name, merged_into }))
    }

    /// As people are told.
    pub fn words(&self) -> String {
        match self.merged_into {
            Some(_) => format!("已并入{}", self.name),
            None => format!("现名{}", self.name),
        }
    }
}

macro_rules! columns {
    () => {
        "code, name, named_at, kind, level, superior, contact, phone, mail, merged_into, disabled_at"
    };
}

impl Collections {
    /// The whole roster, by code.
    pub async fn units(&self) -> Result<Vec<KnownUnit>, CollectionRefusal> {
        let units = sqlx::query(concat!("SELECT ", columns!(), " FROM nianbao_roster ORDER BY code"))
            .try_map(|row| unit(&row))
            .fetch_all(&self.pool)
            .await?;
        Ok(units)
    }

    pub async fn unit(&self, code: &str) -> Result<KnownUnit, CollectionRefusal> {
        let found = sqlx::query(concat!("SELECT ", columns!(), " FROM nianbao_roster WHERE code = $1"))
            .bind(code)
            .try_map(|row| unit(&row))
            .fetch_optional(&self.pool)
            .await?;
        found.ok_or(CollectionRefusal::Unknown("单位"))
    }

    /// What a unit was called before, the oldest name first.
    pub async fn former_names(&self, code: &str) -> Result<Vec<FormerName>, CollectionRefusal> {
        let names = sqlx::query(
            "SELECT name, since, until FROM nianbao_roster_names WHERE unit = $1 ORDER BY number",
        )
        .bind(code)
        .try_map(|row: AnyRow| {
            Ok(FormerName {
                name: row.try_get("name")?,
                since: row.try_get("since")?,
                until: row.try_get("until")?,
            })
        })
        .fetch_all(&self.pool)
        .await?;
        Ok(names)
    }

    /// How often the roster was changed.
    pub async fn roster_number(&self) -> Result<i64, CollectionRefusal> {
        let number = sqlx::query_scalar("SELECT number FROM nianbao_roster_head WHERE id = 1");
        Ok(number.fetch_one(&self.pool).await?)
    }

    /// Adds units, and changes those whose codes are known; all or none. Who was disabled stays so. Tells how many
    /// are new.
    pub async fn save_units(
        &self,
        units: &[RosterUnit],
        occasion: &Occasion<'_>,
    ) -> Result<usize, CollectionRefusal> {
        let mut remarks = Remarks::default();
        for unit in units {
            unit.faults().iter().for_each(|fault| remarks.add(format!("单位 {}：{fault}", unit.code)));
        }
        remarks.end()?;
        let mut changes = self.pool.begin().await?;
        hold(&mut changes).await?;
        let mut new = 0;
        for unit in units {
            new += usize::from(save(&mut changes, unit, occasion.at).await?);
        }
        let count: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM nianbao_roster").fetch_one(&mut *changes).await?;
        if count > MAX_ROSTER as i64 {
            return Err(CollectionRefusal::TooManyUnits);
        }
        let detail = format!("新增 {new} 个单位，修改 {} 个", units.len() - new);
        note(&mut changes, Act::RosterChange, "roster", &detail, occasion).await?;
        changes.commit().await?;
        Ok(new)
    }

    /// Gives a unit another name; the one it had is kept with its dates.
    pub async fn rename_unit(
        &self,
        code: &UnitCode,
        name: &str,
        occasion: &Occasion<'_>,
    ) -> Result<(), CollectionRefusal> {
        let name = unit_name(name).map_err(|unfit| CollectionRefusal::Unfit(vec![unfit.0]))?;
        let mut changes = self.pool.begin().await?;
        hold(&mut changes).await?;
        let was: Option<String> = sqlx::query_scalar(
            "UPDATE nianbao_roster SET was = name, name = $2 WHERE code = $1 RETURNING was",
        )
        .bind(code.as_str())
        .bind(&name)
        .fetch_optional(&mut *changes)
        .await?;
        let was = was.ok_or(CollectionRefusal::Unknown("单位"))?;
        keep_name(&mut changes, code, &was, &name, occasion.at).await?;
        let detail = format!("{was} → {name}");
        note(&mut changes, Act::UnitRenaming, &format!("roster/{code}"), &detail, occasion).await?;
        Ok(changes.commit().await?)
    }

    /// Makes a unit part of another. It stays with all that it has, and points to that one.
    pub async fn merge_unit(
        &self,
        code: &UnitCode,
        into: &UnitCode,
        occasion: &Occasion<'_>,
    ) -> Result<(), CollectionRefusal> {
        if code == into {
            return Err(CollectionRefusal::Unfit(vec!["单位不能并入它自己".into()]));
        }
        let mut changes = self.pool.begin().await?;
        // Of two units that shall be merged into each other, the second finds the first merged.
        hold(&mut changes).await?;
        let target: Option<Option<String>> =
            sqlx::query_scalar("SELECT merged_into FROM nianbao_roster WHERE code = $1")
                .bind(into.as_str())
                .fetch_optional(&mut *changes)
                .await?;
        match target {
            None => return Err(CollectionRefusal::Unknown("并入的单位")),
            Some(Some(further)) => {
                let message = format!("单位 {into} 自己已经并入 {further}，请改为并入 {further}");
                return Err(CollectionRefusal::Unfit(vec![message]));
            }
            Some(None) => {}
        }
        let merged = sqlx::query(
            "UPDATE nianbao_roster SET merged_into = $2
             WHERE (code = $1 AND merged_into IS NULL) OR merged_into = $1",
        )
        .bind(code.as_str())
        .bind(into.as_str())
        .execute(&mut *changes)
        .await?;
        if merged.rows_affected() == 0 {
            return Err(CollectionRefusal::Unknown("单位，或者它已经并入别的单位"));
        }
        note(&mut changes, Act::UnitMerger, &format!("roster/{code}"), &format!("并入 {into}"), occasion)
            .await?;
        Ok(changes.commit().await?)
    }

    /// Takes a unit out of future collections, or back into them.
    pub async fn disable_unit(
        &self,
        code: &UnitCode,
        is_disabled: bool,
        occasion: &Occasion<'_>,
    ) -> Result<(), CollectionRefusal> {
        let mut changes = self.pool.begin().await?;
        hold(&mut changes).await?;
        let changed = sqlx::query(
            "UPDATE nianbao_roster SET disabled_at = CASE WHEN $2 = 1 THEN COALESCE(disabled_at, $3) END
             WHERE code = $1",
        )
        .bind(code.as_str())
        .bind(i64::from(is_disabled))
        .bind(occasion.at)
        .execute(&mut *changes)
        .await?;
        if changed.rows_affected() == 0 {
            return Err(CollectionRefusal::Unknown("单位"));
        }
        let detail = if is_disabled { "停用" } else { "恢复" };
        note(&mut changes, Act::RosterChange, &format!("roster/{code}"), detail, occasion).await?;
        Ok(changes.commit().await?)
    }
}

/// Holds the roster until the transaction ends.
async fn hold(changes: &mut AnyConnection) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE nianbao_roster_head SET number = number + 1 WHERE id = 1").execute(changes).await?;
    Ok(())
}

async fn note(
    changes: &mut AnyConnection,
    act: Act,
    of: &str,
    detail: &str,
    occasion: &Occasion<'_>,
) -> Result<(), CollectionRefusal> {
    Ok(audit::note(changes, &Deed { doer: occasion.doer, act, of, detail }, occasion.at).await?)
}

/// Saves a unit; whether it is new.
async fn save(changes: &mut AnyConnection, unit: &RosterUnit, at: i64) -> Result<bool, CollectionRefusal> {
    let superior = unit.superior.as_ref().map(UnitCode::as_str);
    let was: Option<String> = sqlx::query_scalar(
        "UPDATE nianbao_roster SET was = name, name = $2, kind = $3, level = $4, superior = $5, contact = $6,
             phone = $7, mail = $8
         WHERE code = $1 RETURNING was",
    )
    .bind(unit.code.as_str())
    .bind(unit.name.trim())
    .bind(&unit.kind)
    .bind(&unit.level)
    .bind(superior)
    .bind(&unit.contact.name)
    .bind(&unit.contact.phone)
    .bind(&unit.contact.mail)
    .fetch_optional(&mut *changes)
    .await?;
    if let Some(was) = was {
        keep_name(changes, &unit.code, &was, unit.name.trim(), at).await?;
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO nianbao_roster (code, name, named_at, kind, level, superior, contact, phone, mail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(unit.code.as_str())
    .bind(unit.name.trim())
    .bind(at)
    .bind(&unit.kind)
    .bind(&unit.level)
    .bind(superior)
    .bind(&unit.contact.name)
    .bind(&unit.contact.phone)
    .bind(&unit.contact.mail)
    .execute(changes)
    .await?;
    Ok(true)
}

/// Keeps the name that a unit had until now. What it still has to report it reports under its new one.
async fn keep_name(
    changes: &mut AnyConnection,
    code: &UnitCode,
    was: &str,
    name: &str,
    at: i64,
) -> Result<(), CollectionRefusal> {
    if was == name {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO nianbao_roster_names (unit, number, name, since, until)
         SELECT $1, (SELECT COUNT(*) + 1 FROM nianbao_roster_names WHERE unit = $1), $2, named_at, $3
         FROM nianbao_roster WHERE code = $1",
    )
    .bind(code.as_str())
    .bind(was)
    .bind(at)
    .execute(&mut *changes)
    .await?;
    sqlx::query("UPDATE nianbao_roster SET named_at = $2 WHERE code = $1")
        .bind(code.as_str())
        .bind(at)
        .execute(&mut *changes)
        .await?;
    sqlx::query(
        "UPDATE nianbao_submissions SET name = $2
         WHERE unit = $1 AND state NOT IN ('accepted', 'published')
             AND collection IN (SELECT id FROM nianbao_collections WHERE state <> 'closed')",
    )
    .bind(code.as_str())
    .bind(name)
    .execute(changes)
    .await?;
    Ok(())
}

fn unit(row: &AnyRow) -> Result<KnownUnit, sqlx::Error> {
    let code =
        |written: String| written.parse::<UnitCode>().map_err(|unfit| sqlx::Error::Decode(unfit.0.into()));
    Ok(KnownUnit {
        unit: RosterUnit {
            code: code(row.try_get("code")?)?,
            name: row.try_get("name")?,
            kind: row.try_get("kind")?,
            level: row.try_get("level")?,
            superior: row.try_get::<Option<String>, _>("superior")?.map(code).transpose()?,
            contact: Contact {
                name: row.try_get("contact")?,
                phone: row.try_get("phone")?,
                mail: row.try_get("mail")?,
            },
        },
        named_at: row.try_get("named_at")?,
        merged_into: row.try_get::<Option<String>, _>("merged_into")?.map(code).transpose()?,
        disabled_at: row.try_get("disabled_at")?,
    })
}
