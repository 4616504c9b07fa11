//! What comes out of a collection: the reports that were accepted, and the names of those who sent none.

use nianbao_core::report::Choice;
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Row};

use super::Collections;
use super::faults::CollectionRefusal;
use super::states::SubmissionState;
use super::submissions::{state, word};

/// How many reports are held at a time.
const PAGE: i64 = 50;

/// A version that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedVersion {
    pub unit: String,
    /// As the unit was called when it was accepted.
    pub name: String,
    pub version: i64,
    /// The report, as JSON of the contract.
    pub input: String,
}

/// A unit of which there is no accepted version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MissingUnit {
    pub unit: String,
    pub name: String,
    #[serde(serialize_with = "word")]
    #[schemars(with = "String")]
    pub state: SubmissionState,
    /// Why, of one that need not report.
    pub reason: String,
}

/// The accepted versions of a collection, by code, a page of them in memory at a time.
pub struct AcceptedVersions {
    pool: AnyPool,
    collection: String,
    /// The code of the last one that was read.
    last: String,
    page: std::vec::IntoIter<AcceptedVersion>,
}

impl Collections {
    /// The accepted versions with their reports, for the archive.
    pub fn accepted(&self, collection: &str) -> AcceptedVersions {
        AcceptedVersions {
            pool: self.pool.clone(),
            collection: collection.to_owned(),
            last: String::new(),
            page: vec![].into_iter(),
        }
    }

    /// The units of which there is no accepted version, by code: those who owe it, those whose version waits, and
    /// those who need not report.
    pub async fn not_accepted(&self, collection: &str) -> Result<Vec<MissingUnit>, CollectionRefusal> {
        let units = sqlx::query(
            "SELECT s.unit, s.name, s.state, s.reason FROM nianbao_submissions s
             WHERE s.collection = $1 AND s.accepted_version = 0 ORDER BY s.unit",
        )
        .bind(collection)
        .try_map(|row| unit(&row))
        .fetch_all(&self.pool)
        .await?;
        Ok(units)
    }

    /// The names of the first few units that owe their reports, by code.
    pub async fn owing_names(
        &self,
        collection: &str,
        limit: usize,
    ) -> Result<Vec<String>, CollectionRefusal> {
        let words: Vec<String> =
            SubmissionState::OWING.iter().map(|state| format!("'{}'", state.word())).collect();
        let statement = format!(
            "SELECT name FROM nianbao_submissions
             WHERE collection = $1 AND state IN ({}) ORDER BY unit LIMIT {limit}",
            words.join(", ")
        );
        Ok(sqlx::query_scalar(AssertSqlSafe(statement)).bind(collection).fetch_all(&self.pool).await?)
    }

    /// How many units are asked.
    pub async fn asked_count(&self, collection: &str) -> Result<i64, CollectionRefusal> {
        let count = sqlx::query_scalar("SELECT COUNT(*) FROM nianbao_collection_units WHERE collection = $1");
        Ok(count.bind(collection).fetch_one(&self.pool).await?)
    }
}

impl AcceptedVersions {
    /// The next one; None behind the last.
    pub async fn next(&mut self) -> Result<Option<AcceptedVersion>, CollectionRefusal> {
        if self.page.len() == 0 {
            let page = sqlx::query(
                "SELECT s.unit, s.name, s.accepted_version, v.input
                 FROM nianbao_submissions s
                 JOIN nianbao_versions v
                     ON v.collection = s.collection AND v.unit = s.unit AND v.number = s.accepted_version
                 WHERE s.collection = $1 AND s.unit > $2
                 ORDER BY s.unit LIMIT $3",
            )
            .bind(&self.collection)
            .bind(&self.last)
            .bind(PAGE)
            .try_map(|row: AnyRow| {
                Ok(AcceptedVersion {
                    unit: row.try_get("unit")?,
                    name: row.try_get("name")?,
                    version: row.try_get("accepted_version")?,
                    input: row.try_get("input")?,
                })
            })
            .fetch_all(&self.pool)
            .await?;
            self.page = page.into_iter();
        }
        let next = self.page.next();
        if let Some(version) = &next {
            self.last.clone_from(&version.unit);
        }
        Ok(next)
    }
}

/// The units of a collection that owe their reports, within a transaction.
pub(super) async fn missing(
    changes: &mut AnyConnection,
    collection: &str,
) -> Result<Vec<MissingUnit>, CollectionRefusal> {
    let units = sqlx::query(
        "SELECT s.unit, s.name, s.state, s.reason FROM nianbao_submissions s
         WHERE s.collection = $1 AND s.accepted_version = 0 ORDER BY s.unit",
    )
    .bind(collection)
    .try_map(|row| unit(&row))
    .fetch_all(changes)
    .await?;
    Ok(units.into_iter().filter(|unit| unit.state.is_owing()).collect())
}

fn unit(row: &AnyRow) -> Result<MissingUnit, sqlx::Error> {
    Ok(MissingUnit {
        unit: row.try_get("unit")?,
        name: row.try_get("name")?,
        state: state(row.try_get("state")?)?,
        reason: row.try_get("reason")?,
    })
}
