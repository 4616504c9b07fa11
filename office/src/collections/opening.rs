//! Before and at the opening: which units are asked, what each is given along, a collection begun from last
//! year's.

use std::collections::BTreeSet;

use nianbao_core::input::MAX_BYTES;
use nianbao_core::roster::UnitCode;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::collection::{self, CollectionPlan, CollectionState};
use super::faults::CollectionRefusal;
use super::ledger::{self, Occurrence, Openness};
use super::texts::Remarks;
use super::{Collections, Occasion};
use crate::audit::Act;

/// A document that a unit is given along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachedFile {
    /// As JSON of the contract.
    pub document: String,
    /// Where it comes from, for people, or the version that it is: `collection/ID/unit/CODE/version/3`.
    pub from: String,
}

/// What a unit is given along.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachments {
    pub last_report: Option<AttachedFile>,
    pub plan: Option<AttachedFile>,
}

impl Collections {
    /// Asks these units too. Of an open collection each has its submission at once; one that is asked already is
    /// not asked twice. Units that are not in the roster, disabled or merged are refused, all together. Tells how
    /// many are new.
    pub async fn ask(
        &self,
        id: &str,
        units: &[UnitCode],
        occasion: &Occasion<'_>,
    ) -> Result<usize, CollectionRefusal> {
        let mut changes = self.pool.begin().await?;
        let number = ledger::number(&mut changes, id, Openness::Any, "增加单位", occasion.at).await?;
        ledger::demand_read(&mut changes, id, "", self.read_until).await?;
        let state = state(&mut changes, id).await?;
        if state == CollectionState::Closed {
            return Err(CollectionRefusal::Closed("增加单位"));
        }
        let (mut unfit, mut new) = (Remarks::default(), vec![]);
        for unit in units.iter().collect::<BTreeSet<_>>() {
            let inserted = sqlx::query(
                "INSERT INTO nianbao_collection_units (collection, unit)
                 SELECT $1, code FROM nianbao_roster
                 WHERE code = $2 AND merged_into IS NULL AND disabled_at IS NULL
                 ON CONFLICT (collection, unit) DO NOTHING",
            )
            .bind(id)
            .bind(unit.as_str())
            .execute(&mut *changes)
            .await?;
            if inserted.rows_affected() == 1 {
                new.push(unit.to_string());
            } else if !is_asked(&mut changes, id, unit).await? {
                unfit.add(format!("名录里没有单位 {unit}，或者它已经停用、并入别的单位"));
            }
        }
        unfit.end()?;
        if new.is_empty() {
            return Ok(0);
        }
        if state == CollectionState::Open {
            submissions(&mut changes, id, occasion.at).await?;
        }
        let reason = format!("增加 {} 个单位", new.len());
        let occurrence = Occurrence { reason: &reason, ..Occurrence::new(id, "", Act::CollectionChange) };
        ledger::enter(&mut changes, number, &occurrence, occasion).await?;
        changes.commit().await?;
        Ok(new.len())
    }

    /// Asks these units no longer: before the opening only. Later a unit that need not report is told so, with a
    /// reason. Tells how many were taken out.
    pub async fn unask(
        &self,
        id: &str,
        units: &[UnitCode],
        occasion: &Occasion<'_>,
    ) -> Result<usize, CollectionRefusal> {
        let mut changes = self.pool.begin().await?;
        let number = ledger::number(&mut changes, id, Openness::Any, "减少单位", occasion.at).await?;
        ledger::demand_read(&mut changes, id, "", self.read_until).await?;
        if state(&mut changes, id).await? != CollectionState::Planned {
            return Err(CollectionRefusal::Begun("减少单位；不用报送的单位，请改为“无需报送”"));
        }
        let mut count = 0;
        for unit in units {
            let deleted =
                sqlx::query("DELETE FROM nianbao_collection_units WHERE collection = $1 AND unit = $2")
                    .bind(id)
                    .bind(unit.as_str())
                    .execute(&mut *changes)
                    .await?;
            count += deleted.rows_affected() as usize;
        }
        if count == 0 {
            return Ok(0);
        }
        let reason = format!("减少 {count} 个单位");
        let occurrence = Occurrence { reason: &reason, ..Occurrence::new(id, "", Act::CollectionChange) };
        ledger::enter(&mut changes, number, &occurrence, occasion).await?;
        changes.commit().await?;
        Ok(count)
    }

    /// The codes of the units that are asked.
    pub async fn asked(&self, id: &str) -> Result<Vec<String>, CollectionRefusal> {
        let units = sqlx::query_scalar(
            "SELECT unit FROM nianbao_collection_units WHERE collection = $1 ORDER BY unit",
        )
        .bind(id)
        .fetch_all(&self.pool)
        .await?;
        Ok(units)
    }

    /// Opens a collection: each unit that is asked has exactly one submission from now on. One that is open stays
    /// as it is. Tells whether it was opened now.
    pub async fn open_collection(
        &self,
        id: &str,
        occasion: &Occasion<'_>,
    ) -> Result<bool, CollectionRefusal> {
        let mut changes = self.pool.begin().await?;
        let opened = sqlx::query(
            "UPDATE nianbao_collections SET state = 'open', opened_at = $2 WHERE id = $1 AND state = 'planned'",
        )
        .bind(id)
        .bind(occasion.at)
        .execute(&mut *changes)
        .await?;
        if opened.rows_affected() == 0 {
            changes.rollback().await?;
            self.demand_read(id, "").await?;
            return match self.collection(id).await?.state {
                CollectionState::Closed => Err(CollectionRefusal::Closed("开始")),
                _ => Ok(false),
            };
        }
        if submissions(&mut changes, id, occasion.at).await? == 0 {
            return Err(CollectionRefusal::NoUnits);
        }
        let number = ledger::number(&mut changes, id, Openness::Any, "开始", occasion.at).await?;
        ledger::demand_read(&mut changes, id, "", self.read_until).await?;
        ledger::enter(&mut changes, number, &Occurrence::new(id, "", Act::CollectionOpening), occasion)
            .await?;
        changes.commit().await?;
        Ok(true)
    }

    /// Gives a unit documents along; None leaves what there is.
    pub async fn attach(
        &self,
        id: &str,
        unit: &UnitCode,
        attachments: &Attachments,
        occasion: &Occasion<'_>,
    ) -> Result<(), CollectionRefusal> {
        let mut remarks = Remarks::default();
        for file in [&attachments.last_report, &attachments.plan].into_iter().flatten() {
            remarks.json("所附的文件", &file.document, MAX_BYTES);
            remarks.line("文件的来源", &file.from, 400);
        }
        remarks.end()?;
        let mut changes = self.pool.begin().await?;
        let number = ledger::number(&mut changes, id, Openness::Any, "附上年报告", occasion.at).await?;
        let document = |file: &Option<AttachedFile>| file.as_ref().map(|file| file.document.clone());
        let from = |file: &Option<AttachedFile>| file.as_ref().map(|file| file.from.clone());
        let changed = sqlx::query(
            "UPDATE nianbao_collection_units
             SET last_report = COALESCE($3, last_report), last_report_from = COALESCE($4, last_report_from),
                 plan = COALESCE($5, plan), plan_from = COALESCE($6, plan_from)
             WHERE collection = $1 AND unit = $2",
        )
        .bind(id)
        .bind(unit.as_str())
        .bind(document(&attachments.last_report))
        .bind(from(&attachments.last_report))
        .bind(document(&attachments.plan))
        .bind(from(&attachments.plan))
        .execute(&mut *changes)
        .await?;
        if changed.rows_affected() == 0 {
            return Err(CollectionRefusal::Unknown("单位"));
        }
        let occurrence = Occurrence {
            reason: "附上年报告或者计划",
            ..Occurrence::new(id, unit.as_str(), Act::CollectionChange)
        };
        ledger::enter(&mut changes, number, &occurrence, occasion).await?;
        Ok(changes.commit().await?)
    }

    /// What a unit was given along.
    pub async fn attachments(&self, id: &str, unit: &str) -> Result<Attachments, CollectionRefusal> {
        let file = |row: &AnyRow, document: &str, from: &str| {
            let document: Option<String> = row.try_get(document)?;
            let from: Option<String> = row.try_get(from)?;
            Ok::<_, sqlx::Error>(
                document.map(|document| AttachedFile { document, from: from.unwrap_or_default() }),
            )
        };
        let found = sqlx::query(
            "SELECT last_report, last_report_from, plan, plan_from FROM nianbao_collection_units
             WHERE collection = $1 AND unit = $2",
        )
        .bind(id)
        .bind(unit)
        .try_map(|row| {
            Ok(Attachments {
                last_report: file(&row, "last_report", "last_report_from")?,
                plan: file(&row, "plan", "plan_from")?,
            })
        })
        .fetch_optional(&self.pool)
        .await?;
        found.ok_or(CollectionRefusal::Unknown("单位"))
    }

    /// Begins a collection from an earlier one: the same units without those that were disabled since, one that was
    /// merged as the one that it became part of, and of one of an earlier year what was accepted then as last year's
    /// report; of one of the same year what its units were given along. What else is to be as then stands in `plan`,
    /// for whoever makes it has read that collection. Tells the new one's id.
    pub async fn begin_from(
        &self,
        last: &str,
        plan: &CollectionPlan,
        occasion: &Occasion<'_>,
    ) -> Result<String, CollectionRefusal> {
        let before = self.collection(last).await?.plan.year;
        if before > plan.year {
            return Err(CollectionRefusal::Unfit(vec![format!(
                "{}年的征集不能由{}年的开始，请选同一年度或者以前的",
                plan.year.number(),
                before.number()
            )]));
        }
        let (report, report_from, plan_along, plan_from) = match before == plan.year {
            true => ("u.last_report", "u.last_report_from", "u.plan", "u.plan_from"),
            false => (
                "v.input",
                "CASE WHEN v.input IS NULL THEN NULL
                     ELSE 'collection/' || s.collection || '/unit/' || s.unit || '/version/' || v.number END",
                "CAST(NULL AS TEXT)",
                "CAST(NULL AS TEXT)",
            ),
        };
        let mut changes = self.pool.begin().await?;
        let id = collection::insert(&mut changes, plan, Some(last), occasion).await?;
        // A unit's own report first: of those that were merged into one, it has none or that of the first.
        for units in ["r.merged_into IS NULL", "r.merged_into IS NOT NULL"] {
            let statement = format!(
                "INSERT INTO nianbao_collection_units
                     (collection, unit, last_report, last_report_from, plan, plan_from)
                 SELECT $1, n.code, {report}, {report_from}, {plan_along}, {plan_from}
                 FROM nianbao_submissions s
                 JOIN nianbao_collection_units u ON u.collection = s.collection AND u.unit = s.unit
                 JOIN nianbao_roster r ON r.code = s.unit
                 JOIN nianbao_roster n ON n.code = COALESCE(r.merged_into, r.code)
                 LEFT JOIN nianbao_versions v
                     ON v.collection = s.collection AND v.unit = s.unit AND v.number = s.accepted_version
                 WHERE s.collection = $2 AND n.disabled_at IS NULL AND {units}
                 ORDER BY s.unit
                 ON CONFLICT (collection, unit) DO NOTHING"
            );
            sqlx::query(sqlx::AssertSqlSafe(statement)).bind(&id).bind(last).execute(&mut *changes).await?;
        }
        let reason = format!("由 {last} 新建");
        let occurrence = Occurrence { reason: &reason, ..Occurrence::new(&id, "", Act::CollectionChange) };
        ledger::enter(&mut changes, 1, &occurrence, occasion).await?;
        changes.commit().await?;
        Ok(id)
    }
}

/// Gives each unit that is asked and has none its submission. Tells how many there are now.
async fn submissions(changes: &mut AnyConnection, id: &str, at: i64) -> Result<i64, CollectionRefusal> {
    sqlx::query(
        "INSERT INTO nianbao_submissions (collection, unit, name, state, since)
         SELECT u.collection, u.unit, r.name, 'not_started', $2
         FROM nianbao_collection_units u JOIN nianbao_roster r ON r.code = u.unit WHERE u.collection = $1
         ON CONFLICT (collection, unit) DO NOTHING",
    )
    .bind(id)
    .bind(at)
    .execute(&mut *changes)
    .await?;
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM nianbao_submissions WHERE collection = $1");
    Ok(count.bind(id).fetch_one(changes).await?)
}

async fn is_asked(changes: &mut AnyConnection, id: &str, unit: &UnitCode) -> Result<bool, CollectionRefusal> {
    let count: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM nianbao_collection_units WHERE collection = $1 AND unit = $2",
    )
    .bind(id)
    .bind(unit.as_str())
    .fetch_one(changes)
    .await?;
    Ok(count == 1)
}

/// The state of a collection that is held.
async fn state(changes: &mut AnyConnection, id: &str) -> Result<CollectionState, CollectionRefusal> {
    let state: String = sqlx::query_scalar("SELECT state FROM nianbao_collections WHERE id = $1")
        .bind(id)
        .fetch_one(changes)
        .await?;
    Ok(match state.as_str() {
        "planned" => CollectionState::Planned,
        "open" => CollectionState::Open,
        _ => CollectionState::Closed,
    })
}
