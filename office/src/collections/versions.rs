//! Versions (稿次): what was submitted, unchangeable. No statement here changes one.

use std::collections::HashSet;

use nianbao_core::diagnostic::{Diagnostic, Severity};
use nianbao_core::input::MAX_BYTES;
use nianbao_core::report::Choice;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::drafts::{self, DraftError, DraftPlace};
use super::faults::CollectionRefusal;
use super::ledger::{self, Occurrence};
use super::states::{SubmissionMove, SubmissionState};
use super::submissions::{self, MAX_REASON};
use super::texts::{Remarks, name};
use super::{Collections, Occasion, SubmissionPlace};

/// How a version came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionWay {
    Form,
    File,
    Workbook,
    Word,
    Interface,
}

impl Choice for VersionWay {
    const ALL: &'static [Self] = &[Self::Form, Self::File, Self::Workbook, Self::Word, Self::Interface];

    fn word(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::File => "file",
            Self::Workbook => "workbook",
            Self::Word => "word",
            Self::Interface => "interface",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Form => "网页填报",
            Self::File => "上传报告文件",
            Self::Workbook => "上传征集表",
            Self::Word => "上传 Word 文档",
            Self::Interface => "接口报送",
        }
    }
}

/// A file in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StoredFile {
    pub place: String,
    /// In hexadecimal digits.
    pub sha256: String,
}

/// The files of a version, as far as its editions were made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VersionFiles {
    pub public: Option<StoredFile>,
    pub formal: Option<StoredFile>,
}

/// A version that is to be submitted.
#[derive(Clone, Copy, Debug)]
pub struct NewVersion<'a> {
    /// The report, as JSON of the contract.
    pub input: &'a str,
    /// The newest version when this was begun; 0 for none. A later one is not overwritten unseen.
    pub base: i64,
    pub way: VersionWay,
    /// The account of the import, as JSON, if it was imported.
    pub import: Option<&'a str>,
    pub findings: &'a [Diagnostic],
    /// Why warnings stand.
    pub warning_reason: &'a str,
    pub characters: i64,
    pub files: &'a VersionFiles,
}

/// What became of a version that was to be submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionArrival {
    New {
        number: i64,
        state: SubmissionState,
    },
    /// The same came before, on the same base: nothing was done.
    Known {
        number: i64,
        state: SubmissionState,
    },
}

/// A version.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Version {
    pub number: i64,
    pub base: i64,
    /// SHA-256 of the input.
    pub digest: String,
    #[serde(serialize_with = "way")]
    #[schemars(with = "String")]
    pub way: VersionWay,
    pub errors: i64,
    pub warnings: i64,
    pub notes: i64,
    pub characters: i64,
    pub warning_reason: String,
    pub files: VersionFiles,
    pub at: i64,
    pub by: String,
    pub account: Option<String>,
    pub on_behalf: Option<String>,
    pub sign_off: Option<SignOff>,
}

/// That a version was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SignOff {
    pub at: i64,
    pub by: String,
    pub on_behalf: Option<String>,
}

macro_rules! versions {
    ($behind:literal) => {
        concat!(
            "SELECT v.number, v.base, v.digest, v.way, v.errors, v.warnings, v.notes, v.characters,
                 v.warning_reason, v.public_place, v.public_sha256, v.formal_place, v.formal_sha256, v.at,
                 v.by_name, v.by_account, v.on_behalf, o.at AS signed_at, o.by_name AS signed_by,
                 o.on_behalf AS signed_for
             FROM nianbao_versions v
             LEFT JOIN nianbao_sign_offs o
                 ON o.collection = v.collection AND o.unit = v.unit AND o.version = v.number
             WHERE v.collection = $1 AND v.unit = $2 ",
            $behind
        )
    };
}

impl Collections {
    /// Submits a report: it becomes the unit's next version. Refused where it has errors, or warnings and no
    /// reason, where the draft has two texts for one field, where the state or the time does not allow it, or a newer
    /// version came meanwhile. The same report on the same base is taken once, however often it is sent.
    pub async fn submit(
        &self,
        place: &SubmissionPlace<'_>,
        version: &NewVersion<'_>,
        occasion: &Occasion<'_>,
    ) -> Result<VersionArrival, CollectionRefusal> {
        let counts = check(version)?;
        let digest = hex::encode(Sha256::digest(version.input));
        let rule = SubmissionMove::Submit.rule();
        let to = match self.collection(place.collection).await?.plan.needs_sign_off {
            true => rule.to,
            false => SubmissionState::AwaitingReview,
        };
        let mut changes = self.pool.begin().await?;
        let base = Some(version.base);
        let [errors, warnings, notes] = counts;
        let figures = [errors, warnings, notes, version.characters];
        let change =
            submissions::pass(&mut changes, place, rule, to, base, Some(figures), "", &[], occasion).await?;
        let Some(change) = change else {
            changes.rollback().await?;
            let now = self.submission(place).await?;
            return match self.known(place, version.base, &digest).await? {
                Some(number) => Ok(VersionArrival::Known { number, state: now.state }),
                None => Err(submissions::refusal(&now, rule, base)),
            };
        };
        // From here on nobody writes in the draft.
        demand_settled(&mut changes, place).await?;
        // `pass` counted it.
        let number = change.version;
        let openness = change.openness(rule, occasion.today);
        let event = ledger::number(&mut changes, place.collection, openness, rule.label, occasion.at).await?;
        insert(&mut changes, place, number, &digest, counts, version, occasion).await?;
        let occurrence = Occurrence {
            states: Some((change.from, to)),
            version: number,
            ..Occurrence::new(place.collection, place.unit, rule.act)
        };
        ledger::enter(&mut changes, event, &occurrence, occasion).await?;
        changes.commit().await?;
        Ok(VersionArrival::New { number, state: to })
    }

    async fn known(
        &self,
        place: &SubmissionPlace<'_>,
        base: i64,
        digest: &str,
    ) -> Result<Option<i64>, CollectionRefusal> {
        let number = sqlx::query_scalar(
            "SELECT number FROM nianbao_versions
             WHERE collection = $1 AND unit = $2 AND base = $3 AND digest = $4",
        )
        .bind(place.collection)
        .bind(place.unit)
        .bind(base)
        .bind(digest)
        .fetch_optional(&self.pool)
        .await?;
        Ok(number)
    }

    /// All versions of a submission, the first one first, without their long parts.
    pub async fn versions(&self, place: &SubmissionPlace<'_>) -> Result<Vec<Version>, CollectionRefusal> {
        let found = sqlx::query(versions!("ORDER BY v.number"))
            .bind(place.collection)
            .bind(place.unit)
            .try_map(|row| of_row(&row))
            .fetch_all(&self.pool)
            .await?;
        Ok(found)
    }

    /// The places of all files of a collection's versions.
    pub async fn file_places(&self, collection: &str) -> Result<HashSet<String>, CollectionRefusal> {
        let places: Vec<String> = sqlx::query_scalar(
            "SELECT public_place FROM nianbao_versions WHERE collection = $1 AND public_place IS NOT NULL
             UNION SELECT formal_place FROM nianbao_versions WHERE collection = $1 AND formal_place IS NOT NULL",
        )
        .bind(collection)
        .fetch_all(&self.pool)
        .await?;
        Ok(places.into_iter().collect())
    }

    pub async fn version(
        &self,
        place: &SubmissionPlace<'_>,
        number: i64,
    ) -> Result<Version, CollectionRefusal> {
        let found = sqlx::query(versions!("AND v.number = $3"))
            .bind(place.collection)
            .bind(place.unit)
            .bind(number)
            .try_map(|row| of_row(&row))
            .fetch_optional(&self.pool)
            .await?;
        found.ok_or(CollectionRefusal::Unknown("稿次"))
    }

    /// The report of a version, as JSON of the contract.
    pub async fn input(&self, place: &SubmissionPlace<'_>, number: i64) -> Result<String, CollectionRefusal> {
        let part = "SELECT input FROM nianbao_versions WHERE collection = $1 AND unit = $2 AND number = $3";
        self.part(part, place, number).await
    }

    /// What was found in a version, as a JSON list of diagnostics.
    pub async fn findings(
        &self,
        place: &SubmissionPlace<'_>,
        number: i64,
    ) -> Result<String, CollectionRefusal> {
        let part =
            "SELECT findings FROM nianbao_versions WHERE collection = $1 AND unit = $2 AND number = $3";
        self.part(part, place, number).await
    }

    /// The account of a version's import, as JSON; empty where it was not imported.
    pub async fn import_account(
        &self,
        place: &SubmissionPlace<'_>,
        number: i64,
    ) -> Result<String, CollectionRefusal> {
        let part = "SELECT COALESCE(import, '') FROM nianbao_versions
                    WHERE collection = $1 AND unit = $2 AND number = $3";
        self.part(part, place, number).await
    }

    async fn part(
        &self,
        statement: &'static str,
        place: &SubmissionPlace<'_>,
        number: i64,
    ) -> Result<String, CollectionRefusal> {
        let found = sqlx::query_scalar(statement)
            .bind(place.collection)
            .bind(place.unit)
            .bind(number)
            .fetch_optional(&self.pool)
            .await?;
        found.ok_or(CollectionRefusal::Unknown("稿次"))
    }
}

/// Refuses what is submitted beside a draft in which nobody has chosen between two texts: whichever it says, somebody's
/// was thrown away unseen.
async fn demand_settled(
    changes: &mut AnyConnection,
    place: &SubmissionPlace<'_>,
) -> Result<(), CollectionRefusal> {
    let place = DraftPlace { collection: place.collection, unit: place.unit };
    match drafts::unsettled(changes, place).await {
        Ok(open) if open.is_empty() => Ok(()),
        Ok(open) => Err(CollectionRefusal::Unsettled(open)),
        Err(DraftError::Database(error)) => Err(error.into()),
        Err(damaged) => Err(sqlx::Error::Decode(damaged.into()).into()),
    }
}

/// How many errors, warnings and notes there are.
type FindingCounts = [i64; 3];

/// All that keeps a version from being submitted, apart from time and state.
fn check(version: &NewVersion<'_>) -> Result<FindingCounts, CollectionRefusal> {
    let mut remarks = Remarks::default();
    remarks.json("报告", version.input, MAX_BYTES);
    remarks.json("导入情况", version.import.unwrap_or("null"), MAX_BYTES);
    remarks.text("保留警告的原因", version.warning_reason, MAX_REASON);
    remarks.end()?;
    let count = |severity| version.findings.iter().filter(|found| found.severity == severity).count() as i64;
    let counts = [Severity::Error, Severity::Warning, Severity::Note].map(count);
    let [errors, warnings, _] = counts;
    if errors > 0 {
        return Err(CollectionRefusal::Errors { errors });
    }
    if warnings > 0 && version.warning_reason.trim().is_empty() {
        return Err(CollectionRefusal::Unexplained { warnings });
    }
    Ok(counts)
}

async fn insert(
    changes: &mut AnyConnection,
    place: &SubmissionPlace<'_>,
    number: i64,
    digest: &str,
    [errors, warnings, notes]: FindingCounts,
    version: &NewVersion<'_>,
    occasion: &Occasion<'_>,
) -> Result<(), CollectionRefusal> {
    let stored = |file: &Option<StoredFile>| match file {
        Some(file) => (Some(file.place.clone()), Some(file.sha256.clone())),
        None => (None, None),
    };
    let (public, formal) = (stored(&version.files.public), stored(&version.files.formal));
    // PostgreSQL's texts hold no NUL; in JSON one is written as an escape.
    let findings = serde_json::to_string(version.findings).expect("what was found can be written");
    sqlx::query(
        "INSERT INTO nianbao_versions
             (collection, unit, number, base, digest, way, errors, warnings, notes, characters, warning_reason,
              public_place, public_sha256, formal_place, formal_sha256, at, by_name, by_account, on_behalf,
              findings, import, input)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
             $21, $22)",
    )
    .bind(place.collection)
    .bind(place.unit)
    .bind(number)
    .bind(version.base)
    .bind(digest)
    .bind(version.way.word())
    .bind(errors)
    .bind(warnings)
    .bind(notes)
    .bind(version.characters)
    .bind(version.warning_reason.trim())
    .bind(public.0)
    .bind(public.1)
    .bind(formal.0)
    .bind(formal.1)
    .bind(occasion.at)
    .bind(name(&occasion.doer.name))
    .bind(&occasion.doer.account)
    .bind(occasion.doer.on_behalf.as_deref().map(name))
    .bind(findings)
    .bind(version.import)
    .bind(version.input)
    .execute(changes)
    .await?;
    Ok(())
}

fn of_row(row: &AnyRow) -> Result<Version, sqlx::Error> {
    let file = |place: &str, sha256: &str| {
        let place: Option<String> = row.try_get(place)?;
        let sha256: Option<String> = row.try_get(sha256)?;
        Ok::<_, sqlx::Error>(place.map(|place| StoredFile { place, sha256: sha256.unwrap_or_default() }))
    };
    let way: String = row.try_get("way")?;
    let signed_at: Option<i64> = row.try_get("signed_at")?;
    let signed_by: Option<String> = row.try_get("signed_by")?;
    let signed_for: Option<String> = row.try_get("signed_for")?;
    Ok(Version {
        number: row.try_get("number")?,
        base: row.try_get("base")?,
        digest: row.try_get("digest")?,
        way: VersionWay::of_word(&way).ok_or_else(|| sqlx::Error::Decode(format!("way {way}").into()))?,
        errors: row.try_get("errors")?,
        warnings: row.try_get("warnings")?,
        notes: row.try_get("notes")?,
        characters: row.try_get("characters")?,
        warning_reason: row.try_get("warning_reason")?,
        files: VersionFiles {
            public: file("public_place", "public_sha256")?,
            formal: file("formal_place", "formal_sha256")?,
        },
        at: row.try_get("at")?,
        by: row.try_get("by_name")?,
        account: row.try_get("by_account")?,
        on_behalf: row.try_get("on_behalf")?,
        sign_off: signed_at.map(|at| SignOff {
            at,
            by: signed_by.unwrap_or_default(),
            on_behalf: signed_for,
        }),
    })
}

fn way<S: Serializer>(way: &VersionWay, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(way.word())
}
