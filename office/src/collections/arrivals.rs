//! Files for many units at once, as last year's reports: they wait here until a person has confirmed which is
//! whose, and only then are given along. Of each collection one lot waits; the next takes its place.

use std::collections::{BTreeMap, BTreeSet};

use nianbao_core::input::MAX_BYTES;
use nianbao_core::report::Choice;
use nianbao_core::roster::UnitCode;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::faults::CollectionRefusal;
use super::ledger::{self, Occurrence, Openness};
use super::texts::Remarks;
use super::{Collections, Occasion};
use crate::audit::Act;

/// The most files of a lot, and the most bytes of all their documents.
pub const MAX_ARRIVALS: usize = 5000;
const MAX_ALL: usize = 256 << 20;

/// What a document is to a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttachmentKind {
    LastReport,
    Plan,
}

impl Choice for AttachmentKind {
    const ALL: &'static [Self] = &[Self::LastReport, Self::Plan];

    fn word(self) -> &'static str {
        match self {
            Self::LastReport => "last_report",
            Self::Plan => "plan",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::LastReport => "上年的报告",
            Self::Plan => "本年的工作计划",
        }
    }
}

/// A file that has come, read as far as it goes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(description = "一份文件，读到哪里算哪里")]
pub struct MaterialArrival {
    /// From 1, in the order of the lot.
    #[schemars(description = "序号，从 1 起")]
    pub number: i64,
    /// What the file is called.
    #[schemars(description = "文件名")]
    pub name: String,
    /// Nothing where it could not be read.
    #[serde(serialize_with = "word")]
    #[schemars(
        with = "Option<String>",
        description = "last_report 上年的报告、plan 本年的工作计划；读不了的没有"
    )]
    pub kind: Option<AttachmentKind>,
    /// The unit's name and the year that stand in it.
    #[schemars(description = "文件里写的单位名称；year 是文件里写的年度")]
    pub issuer: String,
    pub year: Option<i64>,
    /// Why it could not be read, or what is to be known of it.
    #[schemars(description = "读不了的原因，或者要说明的")]
    pub remark: String,
    /// The code of the unit that it is probably for.
    #[schemars(description = "大概是哪个单位的：单位代码")]
    pub unit: Option<String>,
    /// Whether the name in it is that unit's own.
    #[schemars(description = "文件里写的就是这个单位的名称")]
    pub is_sure: bool,
}

/// A lot that waits to be confirmed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(description = "等着确认的一批文件")]
pub struct ArrivalLot {
    #[schemars(description = "这一批的编号")]
    pub lot: String,
    #[schemars(description = "各份文件")]
    pub arrivals: Vec<MaterialArrival>,
}

/// What a unit of a collection was given along, by where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GivenMaterials {
    pub unit: String,
    pub name: String,
    pub last_report: Option<String>,
    pub plan: Option<String>,
}

impl Collections {
    /// Keeps a lot until it is confirmed; one that waited goes. Documents are JSON of the contract.
    pub async fn keep_arrivals(
        &self,
        id: &str,
        lot: &str,
        arrivals: &[(MaterialArrival, Option<String>)],
        occasion: &Occasion<'_>,
    ) -> Result<(), CollectionRefusal> {
        let mut remarks = Remarks::default();
        if arrivals.len() > MAX_ARRIVALS {
            remarks.add(format!("一次最多 {MAX_ARRIVALS} 份文件，请分成几次"));
        }
        for (arrival, document) in arrivals {
            remarks.json(&arrival.name, document.as_deref().unwrap_or("null"), MAX_BYTES);
        }
        if arrivals.iter().filter_map(|(_, document)| document.as_ref().map(String::len)).sum::<usize>()
            > MAX_ALL
        {
            remarks.add(format!("全部文件的内容合计超过 {} MiB，请分成几次", MAX_ALL >> 20));
        }
        remarks.end()?;
        let mut changes = self.pool.begin().await?;
        sqlx::query("DELETE FROM nianbao_arrivals WHERE collection = $1")
            .bind(id)
            .execute(&mut *changes)
            .await?;
        for (arrival, document) in arrivals {
            sqlx::query(
                "INSERT INTO nianbao_arrivals
                     (collection, lot, number, name, kind, document, issuer, year, remark, unit, is_sure)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            )
            .bind(id)
            .bind(lot)
            .bind(arrival.number)
            .bind(plain(&arrival.name))
            .bind(arrival.kind.map_or("", Choice::word))
            .bind(document)
            .bind(plain(&arrival.issuer))
            .bind(arrival.year)
            .bind(plain(&arrival.remark))
            .bind(&arrival.unit)
            .bind(i64::from(arrival.is_sure))
            .execute(&mut *changes)
            .await?;
        }
        let reason = format!("收到 {} 份文件，待核对", arrivals.len());
        let occurrence = Occurrence { reason: &reason, ..Occurrence::new(id, "", Act::CollectionChange) };
        ledger::note(&mut changes, &occurrence, occasion).await?;
        Ok(changes.commit().await?)
    }

    /// The lot that waits, if one does, without its documents.
    pub async fn arrivals(&self, id: &str) -> Result<Option<ArrivalLot>, CollectionRefusal> {
        let mut connection = self.pool.acquire().await?;
        Ok(waiting(&mut connection, id).await?)
    }

    /// Gives the files of a lot along, each to the unit that was confirmed; the others go. All or none. Tells how
    /// many there were.
    pub async fn give_arrivals(
        &self,
        id: &str,
        lot: &str,
        confirmed: &BTreeMap<i64, UnitCode>,
        occasion: &Occasion<'_>,
    ) -> Result<usize, CollectionRefusal> {
        let mut changes = self.pool.begin().await?;
        let number = ledger::number(&mut changes, id, Openness::Any, "附上年报告", occasion.at).await?;
        let waiting = waiting(&mut changes, id).await?.filter(|waiting| waiting.lot == lot);
        let waiting = waiting.ok_or(CollectionRefusal::Changed)?;
        let (mut remarks, mut given) = (Remarks::default(), BTreeSet::new());
        for arrival in &waiting.arrivals {
            let (Some(unit), Some(kind)) = (confirmed.get(&arrival.number), arrival.kind) else { continue };
            if !given.insert((kind, unit)) {
                remarks.add(format!("单位 {unit} 有两份{}，请只留一份，另一份的单位代码空着", kind.label()));
                continue;
            }
            let statement = match kind {
                AttachmentKind::LastReport => {
                    "UPDATE nianbao_collection_units SET last_report_from = $4, last_report =
                         (SELECT document FROM nianbao_arrivals WHERE collection = $1 AND number = $3)
                     WHERE collection = $1 AND unit = $2"
                }
                AttachmentKind::Plan => {
                    "UPDATE nianbao_collection_units SET plan_from = $4, plan =
                         (SELECT document FROM nianbao_arrivals WHERE collection = $1 AND number = $3)
                     WHERE collection = $1 AND unit = $2"
                }
            };
            let changed = sqlx::query(statement)
                .bind(id)
                .bind(unit.as_str())
                .bind(arrival.number)
                .bind(&arrival.name)
                .execute(&mut *changes)
                .await?;
            if changed.rows_affected() == 0 {
                remarks.add(format!("“{}”：征集里没有代码是 {unit} 的单位", arrival.name));
            }
        }
        remarks.end()?;
        sqlx::query("DELETE FROM nianbao_arrivals WHERE collection = $1")
            .bind(id)
            .execute(&mut *changes)
            .await?;
        let reason = format!("附上年报告或者计划，{} 份", given.len());
        let occurrence = Occurrence { reason: &reason, ..Occurrence::new(id, "", Act::CollectionChange) };
        ledger::enter(&mut changes, number, &occurrence, occasion).await?;
        changes.commit().await?;
        Ok(given.len())
    }

    /// What the units that are asked were given along, by code.
    pub async fn given_along(&self, id: &str) -> Result<Vec<GivenMaterials>, CollectionRefusal> {
        let units = sqlx::query(
            "SELECT c.unit, COALESCE(s.name, r.name) AS name, c.last_report_from, c.plan_from
             FROM nianbao_collection_units c JOIN nianbao_roster r ON r.code = c.unit
             LEFT JOIN nianbao_submissions s ON s.collection = c.collection AND s.unit = c.unit
             WHERE c.collection = $1 ORDER BY c.unit",
        )
        .bind(id)
        .try_map(|row: AnyRow| {
            Ok(GivenMaterials {
                unit: row.try_get("unit")?,
                name: row.try_get("name")?,
                last_report: row.try_get("last_report_from")?,
                plan: row.try_get("plan_from")?,
            })
        })
        .fetch_all(&self.pool)
        .await?;
        Ok(units)
    }
}

async fn waiting(connection: &mut AnyConnection, id: &str) -> Result<Option<ArrivalLot>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT lot, number, name, kind, issuer, year, remark, unit, is_sure FROM nianbao_arrivals
         WHERE collection = $1 ORDER BY number",
    )
    .bind(id)
    .try_map(|row: AnyRow| Ok((row.try_get::<String, _>("lot")?, arrival(&row)?)))
    .fetch_all(connection)
    .await?;
    let lot = rows.first().map(|(lot, _)| lot.clone());
    Ok(lot.map(|lot| ArrivalLot { lot, arrivals: rows.into_iter().map(|(_, one)| one).collect() }))
}

/// A text without what a database refuses, and no longer than a page can show.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(400).collect()
}

fn arrival(row: &AnyRow) -> Result<MaterialArrival, sqlx::Error> {
    let kind: String = row.try_get("kind")?;
    Ok(MaterialArrival {
        number: row.try_get("number")?,
        name: row.try_get("name")?,
        kind: AttachmentKind::of_word(&kind),
        issuer: row.try_get("issuer")?,
        year: row.try_get("year")?,
        remark: row.try_get("remark")?,
        unit: row.try_get("unit")?,
        is_sure: row.try_get::<i64, _>("is_sure")? == 1,
    })
}

fn word<S: Serializer>(kind: &Option<AttachmentKind>, serializer: S) -> Result<S::Ok, S::Error> {
    kind.map(Choice::word).serialize(serializer)
}
