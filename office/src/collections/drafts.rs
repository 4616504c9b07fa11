//! What a unit is writing, where several of its people can write at it: a draft has revisions, and whoever
//! saves says from which one they wrote on. What was saved since then is merged with it; where both wrote
//! something else the first stays, and the other is kept as a conflict until somebody has chosen. A revision
//! that was answered is there for ever.
//!
//! A client sends a save again, with the same key, until it is answered, and writes on from the tree of the
//! answer.

mod refusal;
mod step;

use nianbao_core::difference::{Alteration, Conflict, Merge, StretchKind, differences, merge, normal, put};
use nianbao_core::input::MAX_BYTES;
use nianbao_core::report::{Choice, Report, Year, contract};
use nianbao_core::{difference, import};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe};
use tokio::task::spawn_blocking;
use ulid::Ulid;

use super::states::SubmissionState;
use crate::database::{SchemaChange, migrate};
pub use refusal::DraftError;
use step::{pack, step_back, stepped_back, unpack};

const CHANGES: [SchemaChange; 1] = [("drafts", include_str!("drafts.sql"))];

/// How long a writer counts as writing after a save, in seconds.
pub const WRITING: i64 = 120;

/// The most characters of a writer's name, and of a key, a collection's id or a unit's code.
pub const MAX_NAME: usize = 60;
pub const MAX_KEY: usize = 100;

/// How many conflicts of a draft may wait to be chosen between.
pub const MAX_CONFLICTS: usize = 1_000;

/// The most revisions on a page of the history.
pub const PAGE: i64 = 200;

/// How deep a tree may nest, as in `input`.
const MAX_DEPTH: usize = 64;

/// So many revisions are a whole tree and steps back from it.
const WHOLE_EVERY: i64 = 64;

/// How many of the changed fields a revision names, each in how many characters.
const FIELDS: usize = 20;
const FIELD_CHARACTERS: usize = 80;

/// Which draft: that of a unit in a collection.
#[derive(Clone, Copy, Debug)]
pub struct DraftPlace<'a> {
    pub collection: &'a str,
    /// The unit's code.
    pub unit: &'a str,
}

/// What a draft begins with.
pub enum DraftOrigin<'a> {
    Nothing,
    /// What is known before anybody has written: whose report of which year.
    Known(&'a Value),
    /// Last year's report, carried over into this year.
    LastYear {
        report: &'a Report,
        year: Year,
    },
    /// The tree of an imported file.
    Import(&'a Value),
}

impl DraftOrigin<'_> {
    /// The tree that the draft begins with.
    pub fn tree(&self) -> Result<Value, DraftError> {
        match self {
            Self::Nothing => Ok(normal(&Value::Null)),
            Self::Known(tree) | Self::Import(tree) => checked(tree),
            Self::LastYear { report, year } => Ok(normal(&import::carry(report, *year).report)),
        }
    }

    fn kind(&self) -> RevisionKind {
        match self {
            Self::Nothing | Self::Known(_) => RevisionKind::FromNothing,
            Self::LastYear { .. } => RevisionKind::FromLastYear,
            Self::Import(_) => RevisionKind::FromImport,
        }
    }
}

/// By what a beginning that somebody was shown is known again: what a draft would begin with is kept nowhere.
pub fn beginning_of(tree: &Value) -> String {
    hex::encode(&Sha256::digest(tree.to_string())[..16])
}

/// What a writer saves.
#[derive(Clone, Copy, Debug)]
pub struct DraftChange<'a> {
    /// The sender's own name for this save; the same again is the same save.
    pub key: &'a str,
    /// The revision from which the writer wrote on.
    pub base: i64,
    pub tree: &'a Value,
    /// The writer's name.
    pub by: &'a str,
}

/// What a draft begins with, and what of it a writer was shown before anybody had written.
#[derive(Clone, Copy)]
pub struct ShownOrigin<'a> {
    /// What the draft begins with now.
    pub origin: &'a DraftOrigin<'a>,
    /// What it would have begun with before anything was given along.
    pub known: &'a Value,
    /// The beginning that the writer was shown, as [`beginning_of`] names it; None for this one.
    pub shown: Option<&'a str>,
}

/// A draft as it is now, or as it was at a revision.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DraftState {
    pub revision: i64,
    pub tree: Value,
    /// What came of a save and has to be chosen between. Of a draft that is only looked at, none.
    pub conflicts: Vec<DraftConflict>,
}

/// A place where two wrote something else, kept until somebody has chosen, and afterwards.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DraftConflict {
    pub id: String,
    /// The path leads to it in the tree of this revision.
    pub revision: i64,
    #[serde(flatten)]
    pub conflict: Conflict,
    /// The place in words, and both texts as a reader sees them.
    pub label: String,
    pub mine_shown: String,
    pub theirs_shown: String,
    /// Who wrote `mine`.
    pub by: String,
    /// Who saved since the base: one of them wrote `theirs`.
    pub others: Vec<String>,
    pub at: i64,
}

/// What somebody chooses of a conflict.
#[derive(Clone, Debug)]
pub enum ConflictChoice {
    /// It stays as it stands.
    Theirs,
    Mine,
    /// Something of both, or something else.
    Another(Value),
}

/// Why there is a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RevisionKind {
    FromNothing,
    FromLastYear,
    FromImport,
    Save,
    /// An older revision was brought back.
    Restoration,
    /// A conflict was settled.
    Choice,
}

/// A revision in a draft's history.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DraftRevision {
    pub revision: i64,
    pub kind: RevisionKind,
    pub by: String,
    pub at: i64,
    /// From which revision its writer had written on.
    pub base: i64,
    /// The first of the fields that it changed, in words, and how many there are.
    pub fields: Vec<String>,
    pub field_count: i64,
    /// Characters.
    pub added: i64,
    pub removed: i64,
}

/// Who is writing.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DraftWriter {
    pub name: String,
    /// When they last saved.
    pub at: i64,
}

/// All drafts.
#[derive(Clone, Debug)]
pub struct Drafts {
    pool: AnyPool,
    read: Option<DraftTag>,
    stage: Option<DraftStage>,
}

/// In which states a submission may be written at, and after which version: what whoever writes has read of it.
#[derive(Clone, Copy, Debug)]
struct DraftStage {
    states: &'static [SubmissionState],
    version: i64,
}

/// What tells a draft that somebody has read from another: its revision, and what was to be chosen between.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DraftTag {
    pub revision: i64,
    /// The ids of the conflicts.
    pub conflicts: Vec<String>,
}

impl Drafts {
    pub async fn open(pool: AnyPool) -> Result<Self, sqlx::Error> {
        migrate(&pool, "nianbao_migrations_drafts", &CHANGES).await?;
        Ok(Self { pool, read: None, stage: None })
    }

    /// The same for whoever has read this: where the draft is another by now, a save, a choice or a restoration
    /// is refused as [`DraftError::ReadEarlier`], in its own transaction.
    pub fn as_read(&self, read: DraftTag) -> Self {
        Self { read: Some(read), ..self.clone() }
    }

    /// The same for whoever has read that the submission stands so, after this version, and may be written at:
    /// where it was submitted, returned or withdrawn since, nothing is written, which is found out in the
    /// transaction that would write ([`DraftError::Elsewhere`]).
    pub fn at_stage(&self, state: SubmissionState, version: i64) -> Self {
        let states: &[SubmissionState] = match state {
            SubmissionState::Returned => &[SubmissionState::Returned],
            // Whoever writes first makes the one the other.
            _ => &[SubmissionState::NotStarted, SubmissionState::Writing],
        };
        Self { stage: Some(DraftStage { states, version }), ..self.clone() }
    }

    /// The draft as it is now, for a tag.
    pub async fn tag(&self, place: DraftPlace<'_>) -> Result<DraftTag, DraftError> {
        tag(&mut *self.pool.acquire().await?, place).await
    }

    /// Begins the draft of a unit. One that is there already stays as it is, and is the answer.
    pub async fn begin(
        &self,
        place: DraftPlace<'_>,
        origin: DraftOrigin<'_>,
        by: &str,
        now: i64,
    ) -> Result<DraftState, DraftError> {
        let mut transaction = self.pool.begin().await?;
        let state = begin(&mut transaction, place, origin, by, now).await?;
        transaction.commit().await?;
        Ok(state)
    }

    /// The draft as it is now.
    pub async fn current(&self, place: DraftPlace<'_>) -> Result<DraftState, DraftError> {
        let (revision, text) = current(&mut *self.pool.acquire().await?, place).await?;
        Ok(DraftState { revision, tree: parsed(&text, revision)?, conflicts: vec![] })
    }

    /// Saves what a writer has, merged with what was saved since its base.
    pub async fn save(
        &self,
        place: DraftPlace<'_>,
        change: DraftChange<'_>,
        now: i64,
    ) -> Result<DraftState, DraftError> {
        let mut transaction = self.pool.begin().await?;
        self.demand_read(&mut transaction, place, now).await?;
        let state = save(&mut transaction, place, change, now).await?;
        transaction.commit().await?;
        Ok(state)
    }

    /// Saves what a writer has written on from what he was shown before the draft was begun: the draft begins, and
    /// this is merged with what it begins with, in one transaction. Where it has begun meanwhile, that stays. What was
    /// written on from another beginning (last year's report was given along since then) loses nothing of either.
    pub async fn save_first(
        &self,
        place: DraftPlace<'_>,
        beginning: ShownOrigin<'_>,
        change: DraftChange<'_>,
        now: i64,
    ) -> Result<DraftState, DraftError> {
        let mut transaction = self.pool.begin().await?;
        let is_new = begun(&mut transaction, place, beginning.origin, change.by, now).await?;
        let read = self.read.clone().filter(|read| !(is_new && read.revision == 0));
        Self { read, ..self.clone() }.demand_read(&mut transaction, place, now).await?;
        let last = current(&mut transaction, place).await?;
        let first = parsed(&text_at(&mut transaction, place, last, 1).await?, 1)?;
        let base = match beginning.shown {
            Some(shown) if shown == beginning_of(beginning.known) => WorkBase::Tree(beginning.known.clone()),
            Some(shown) if shown != beginning_of(&first) => WorkBase::Tree(normal(&Value::Null)),
            _ => WorkBase::Revision(1),
        };
        let state = save_on(&mut transaction, place, change, base, now).await?;
        transaction.commit().await?;
        Ok(state)
    }

    /// The tree as it was at a revision.
    pub async fn revision(&self, place: DraftPlace<'_>, revision: i64) -> Result<Value, DraftError> {
        let mut connection = self.pool.acquire().await?;
        let last = current(&mut connection, place).await?;
        parsed(&text_at(&mut connection, place, last, revision).await?, revision)
    }

    /// The history, the newest first: the revisions before this one, or the last ones.
    pub async fn history(
        &self,
        place: DraftPlace<'_>,
        before: Option<i64>,
        most: i64,
    ) -> Result<Vec<DraftRevision>, DraftError> {
        known(place)?;
        let rows: Vec<RevisionRow> = sqlx::query_as(
            "SELECT revision, kind, writer, at, base, fields, field_count, added, removed \
             FROM nianbao_draft_revisions WHERE collection = $1 AND unit = $2 AND revision < $3 \
             ORDER BY revision DESC LIMIT $4",
        )
        .bind(place.collection)
        .bind(place.unit)
        .bind(before.unwrap_or(i64::MAX))
        .bind(most.clamp(1, PAGE))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(told).collect()
    }

    /// Brings an old revision back as a new one. What others saved after `base`, the revision that
    /// whoever asks has before them, is merged with it.
    pub async fn restore(
        &self,
        place: DraftPlace<'_>,
        revision: i64,
        base: i64,
        by: &str,
        now: i64,
    ) -> Result<DraftState, DraftError> {
        let by = name(by)?;
        let mut transaction = self.pool.begin().await?;
        self.demand_read(&mut transaction, place, now).await?;
        let last = current(&mut transaction, place).await?;
        let old = parsed(&text_at(&mut transaction, place, last.clone(), revision).await?, revision)?;
        let work = Work { kind: RevisionKind::Restoration, base: WorkBase::Revision(base), tree: old, by };
        let state = apply(&mut transaction, place, last, work, now).await?;
        transaction.commit().await?;
        Ok(state)
    }

    /// Who saved something in the last two minutes, the latest first.
    pub async fn writers(&self, place: DraftPlace<'_>, now: i64) -> Result<Vec<DraftWriter>, DraftError> {
        known(place)?;
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT name, at FROM nianbao_draft_writers \
             WHERE collection = $1 AND unit = $2 AND at > $3 ORDER BY at DESC, name LIMIT 100",
        )
        .bind(place.collection)
        .bind(place.unit)
        .bind(now - WRITING)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|(name, at)| DraftWriter { name, at }).collect())
    }

    /// What is to be chosen between, the oldest first.
    pub async fn conflicts(&self, place: DraftPlace<'_>) -> Result<Vec<DraftConflict>, DraftError> {
        known(place)?;
        let mut connection = self.pool.acquire().await?;
        let ids = open_conflicts(&mut connection, place).await?;
        conflicts_of(&mut connection, place, &ids).await
    }

    /// Settles a conflict. What is chosen is put where the conflict is, wherever that has moved to; if it was
    /// written on since, this may come to a conflict of its own.
    pub async fn resolve(
        &self,
        place: DraftPlace<'_>,
        id: &str,
        choice: ConflictChoice,
        by: &str,
        now: i64,
    ) -> Result<DraftState, DraftError> {
        let by = name(by)?;
        let mut transaction = self.pool.begin().await?;
        self.demand_read(&mut transaction, place, now).await?;
        let state = resolve(&mut transaction, place, id, choice, by, now).await?;
        transaction.commit().await?;
        Ok(state)
    }
}

impl Drafts {
    /// Takes a draft until the end of the transaction, if it is still what was read of it.
    async fn demand_read(
        &self,
        changes: &mut AnyConnection,
        place: DraftPlace<'_>,
        now: i64,
    ) -> Result<(), DraftError> {
        hold(changes, place, now).await?;
        if let Some(stage) = self.stage {
            demand_stage(changes, place, stage).await?;
        }
        match &self.read {
            Some(read) if *read != tag(changes, place).await? => Err(DraftError::ReadEarlier),
            _ => Ok(()),
        }
    }
}

/// Takes a submission until the end of the transaction, if it still stands as it was read: nobody submits meanwhile.
async fn demand_stage(
    changes: &mut AnyConnection,
    place: DraftPlace<'_>,
    stage: DraftStage,
) -> Result<(), DraftError> {
    let words: Vec<String> = stage.states.iter().map(|state| format!("'{}'", state.word())).collect();
    let statement = format!(
        "UPDATE nianbao_submissions SET state = state
         WHERE collection = $1 AND unit = $2 AND last_version = $3 AND state IN ({})",
        words.join(", ")
    );
    let held = sqlx::query(AssertSqlSafe(statement))
        .bind(place.collection)
        .bind(place.unit)
        .bind(stage.version)
        .execute(changes)
        .await?;
    (held.rows_affected() == 1).then_some(()).ok_or(DraftError::Elsewhere)
}

async fn tag(connection: &mut AnyConnection, place: DraftPlace<'_>) -> Result<DraftTag, DraftError> {
    let (revision, _) = current(connection, place).await?;
    Ok(DraftTag { revision, conflicts: open_conflicts(connection, place).await? })
}

async fn open_conflicts(
    connection: &mut AnyConnection,
    place: DraftPlace<'_>,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT id FROM nianbao_draft_conflicts \
         WHERE collection = $1 AND unit = $2 AND choice IS NULL ORDER BY at, id",
    )
    .bind(place.collection)
    .bind(place.unit)
    .fetch_all(connection)
    .await
}

/// Where two texts stand for one field and nobody has chosen, in words, the oldest first.
pub(super) async fn unsettled(
    connection: &mut AnyConnection,
    place: DraftPlace<'_>,
) -> Result<Vec<String>, DraftError> {
    let ids = open_conflicts(connection, place).await?;
    Ok(conflicts_of(connection, place, &ids).await?.into_iter().map(|one| one.label).collect())
}

/// The same as [`Drafts::begin`] within the caller's transaction.
pub async fn begin(
    changes: &mut AnyConnection,
    place: DraftPlace<'_>,
    origin: DraftOrigin<'_>,
    by: &str,
    now: i64,
) -> Result<DraftState, DraftError> {
    begun(changes, place, &origin, by, now).await?;
    let (revision, text) = current(changes, place).await?;
    Ok(DraftState { revision, tree: parsed(&text, revision)?, conflicts: vec![] })
}

/// Begins a draft where there is none; whether there was none.
async fn begun(
    changes: &mut AnyConnection,
    place: DraftPlace<'_>,
    origin: &DraftOrigin<'_>,
    by: &str,
    now: i64,
) -> Result<bool, DraftError> {
    is_plain(place.collection, MAX_KEY).then_some(()).ok_or(DraftError::BadPlace)?;
    is_plain(place.unit, MAX_KEY).then_some(()).ok_or(DraftError::BadPlace)?;
    let by = name(by)?;
    let tree = origin.tree()?;
    let text = written(&tree)?;
    let nothing = normal(&Value::Null);
    let empty = nothing.to_string();
    let inserted = sqlx::query(
        "INSERT INTO nianbao_drafts (collection, unit, revision, tree, saved_at) VALUES ($1, $2, 0, $3, $4) \
         ON CONFLICT DO NOTHING",
    )
    .bind(place.collection)
    .bind(place.unit)
    .bind(&empty)
    .bind(now)
    .execute(&mut *changes)
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(false);
    }
    let base = WorkBase::Tree(nothing.clone());
    let work = Work { kind: origin.kind(), base, tree: tree.clone(), by };
    append(changes, place, &work, (0, &nothing, &empty), (&tree, &text), now).await?;
    Ok(true)
}

/// The same as [`Drafts::save`] within the caller's transaction.
pub async fn save(
    changes: &mut AnyConnection,
    place: DraftPlace<'_>,
    change: DraftChange<'_>,
    now: i64,
) -> Result<DraftState, DraftError> {
    save_on(changes, place, change, WorkBase::Revision(change.base), now).await
}

/// The same on from whatever there was.
async fn save_on(
    changes: &mut AnyConnection,
    place: DraftPlace<'_>,
    change: DraftChange<'_>,
    base: WorkBase,
    now: i64,
) -> Result<DraftState, DraftError> {
    let by = name(change.by)?;
    let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !is_plain(change.key, MAX_KEY) || !change.key.chars().all(is_key) {
        return Err(DraftError::BadKey);
    }
    let tree = checked(change.tree)?;
    let sent = written(&tree)?;
    let digest = hex::encode(Sha256::new().chain_update(format!("{}\n{by}\n{sent}", change.base)).finalize());
    hold(changes, place, now).await?;
    let answered: Option<(String, i64, String)> = sqlx::query_as(
        "SELECT digest, revision, conflicts FROM nianbao_draft_saves \
         WHERE collection = $1 AND unit = $2 AND key = $3",
    )
    .bind(place.collection)
    .bind(place.unit)
    .bind(change.key)
    .fetch_optional(&mut *changes)
    .await?;
    let last = current(changes, place).await?;
    if let Some((known, revision, ids)) = answered {
        if known != digest {
            return Err(DraftError::UsedKey);
        }
        let ids: Vec<String> = serde_json::from_str(&ids).map_err(|_| DraftError::Broken { revision })?;
        let tree = parsed(&text_at(changes, place, last, revision).await?, revision)?;
        return Ok(DraftState { revision, tree, conflicts: conflicts_of(changes, place, &ids).await? });
    }
    let work = Work { kind: RevisionKind::Save, base, tree, by };
    let state = apply(changes, place, last, work, now).await?;
    let ids: Vec<&str> = state.conflicts.iter().map(|one| one.id.as_str()).collect();
    sqlx::query(
        "INSERT INTO nianbao_draft_saves (collection, unit, key, digest, revision, conflicts) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(place.collection)
    .bind(place.unit)
    .bind(change.key)
    .bind(digest)
    .bind(state.revision)
    .bind(Value::from(ids).to_string())
    .execute(changes)
    .await?;
    Ok(state)
}

/// Takes a draft until the end of the caller's transaction: nobody else saves meanwhile. What a submission is
/// made of is read behind it.
pub async fn hold(changes: &mut AnyConnection, place: DraftPlace<'_>, now: i64) -> Result<(), DraftError> {
    known(place)?;
    let held = sqlx::query("UPDATE nianbao_drafts SET saved_at = $3 WHERE collection = $1 AND unit = $2")
        .bind(place.collection)
        .bind(place.unit)
        .bind(now)
        .execute(changes)
        .await?;
    (held.rows_affected() == 1).then_some(()).ok_or(DraftError::Unknown)
}

/// The last revision's number and its tree as JSON.
pub async fn current(
    connection: &mut AnyConnection,
    place: DraftPlace<'_>,
) -> Result<(i64, String), DraftError> {
    known(place)?;
    sqlx::query_as("SELECT revision, tree FROM nianbao_drafts WHERE collection = $1 AND unit = $2")
        .bind(place.collection)
        .bind(place.unit)
        .fetch_optional(connection)
        .await?
        .ok_or(DraftError::Unknown)
}

/// What somebody has written on from: a revision, or a tree that is none.
enum WorkBase {
    Revision(i64),
    Tree(Value),
}

impl WorkBase {
    /// 0 for what is none.
    fn number(&self) -> i64 {
        match self {
            Self::Revision(number) => *number,
            Self::Tree(_) => 0,
        }
    }
}

/// What somebody wants to make of a draft.
struct Work<'a> {
    kind: RevisionKind,
    base: WorkBase,
    tree: Value,
    by: &'a str,
}

/// Merges it with what was saved since its base, and writes down what came of it.
async fn apply(
    changes: &mut AnyConnection,
    place: DraftPlace<'_>,
    last: (i64, String),
    work: Work<'_>,
    now: i64,
) -> Result<DraftState, DraftError> {
    let (revision, text) = last;
    let theirs = parsed(&text, revision)?;
    let merged = if work.base.number() == revision {
        Merge { tree: work.tree.clone(), conflicts: vec![] }
    } else {
        let base = match &work.base {
            WorkBase::Tree(tree) => tree.clone(),
            WorkBase::Revision(base) => {
                parsed(&text_at(changes, place, (revision, text.clone()), *base).await?, *base)?
            }
        };
        let (mine, theirs) = (work.tree.clone(), theirs.clone());
        aside(move || merge(&base, &mine, &theirs)).await
    };
    let mut now_at = revision;
    if merged.tree != theirs {
        let new = written(&merged.tree)?;
        append(changes, place, &work, (revision, &theirs, &text), (&merged.tree, &new), now).await?;
        now_at += 1;
    }
    let ids = keep(changes, place, &work, &merged.conflicts, now_at, now).await?;
    note_writer(changes, place, work.by, now).await?;
    let conflicts = conflicts_of(changes, place, &ids).await?;
    Ok(DraftState { revision: now_at, tree: merged.tree, conflicts })
}

/// Writes a revision behind the one before.
async fn append(
    changes: &mut AnyConnection,
    place: DraftPlace<'_>,
    work: &Work<'_>,
    (before, old, old_text): (i64, &Value, &str),
    (tree, text): (&Value, &str),
    now: i64,
) -> Result<(), DraftError> {
    let revision = before + 1;
    let extent = {
        let (old, new) = (old.clone(), tree.clone());
        aside(move || RevisionExtent::of(&old, &new)).await
    };
    let RevisionExtent { fields, field_count, added, removed } = extent;
    sqlx::query(
        "INSERT INTO nianbao_draft_revisions (collection, unit, revision, kind, writer, at, base, fields, \
         field_count, added, removed, step, whole) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(place.collection)
    .bind(place.unit)
    .bind(revision)
    .bind(work.kind.code())
    .bind(work.by)
    .bind(now)
    .bind(work.base.number())
    .bind(Value::from(fields).to_string())
    .bind(field_count)
    .bind(added)
    .bind(removed)
    .bind(step_back(text, old_text))
    .bind((revision % WHOLE_EVERY == 0).then(|| pack(text)))
    .execute(&mut *changes)
    .await?;
    sqlx::query("UPDATE nianbao_drafts SET revision = $3, tree = $4 WHERE collection = $1 AND unit = $2")
        .bind(place.collection)
        .bind(place.unit)
        .bind(revision)
        .bind(text)
        .execute(changes)
        .await?;
    Ok(())
}

/// A revision's tree as JSON, from the nearest whole one back.
async fn text_at(
    connection: &mut AnyConnection,
    place: DraftPlace<'_>,
    (last, text): (i64, String),
    revision: i64,
) -> Result<String, DraftError> {
    if !(1..=last).contains(&revision) {
        return Err(DraftError::UnknownRevision { revision, last });
    }
    let next_whole = (revision + WHOLE_EVERY - 1) / WHOLE_EVERY * WHOLE_EVERY;
    let (from, mut text) = if next_whole >= last {
        (last, text)
    } else {
        let whole: Option<String> = sqlx::query_scalar(
            "SELECT whole FROM nianbao_draft_revisions WHERE collection = $1 AND unit = $2 AND revision = $3",
        )
        .bind(place.collection)
        .bind(place.unit)
        .bind(next_whole)
        .fetch_one(&mut *connection)
        .await?;
        let whole = whole.as_deref().and_then(unpack);
        (next_whole, whole.ok_or(DraftError::Broken { revision: next_whole })?)
    };
    let steps: Vec<(i64, String)> = sqlx::query_as(
        "SELECT revision, step FROM nianbao_draft_revisions WHERE collection = $1 AND unit = $2 \
         AND revision > $3 AND revision <= $4 ORDER BY revision DESC",
    )
    .bind(place.collection)
    .bind(place.unit)
    .bind(revision)
    .bind(from)
    .fetch_all(connection)
    .await?;
    for (revision, step) in steps {
        text = stepped_back(&text, &step).ok_or(DraftError::Broken { revision })?;
    }
    Ok(text)
}

/// Keeps conflicts until somebody has chosen. One that the same writer left open already is the same one.
async fn keep(
    changes: &mut AnyConnection,
    place: DraftPlace<'_>,
    work: &Work<'_>,
    found: &[Conflict],
    revision: i64,
    now: i64,
) -> Result<Vec<String>, DraftError> {
    if found.is_empty() {
        return Ok(vec![]);
    }
    let open: Vec<(String, String, String, String)> = sqlx::query_as(
        "SELECT id, path, mine, writer FROM nianbao_draft_conflicts \
         WHERE collection = $1 AND unit = $2 AND choice IS NULL ORDER BY at, id",
    )
    .bind(place.collection)
    .bind(place.unit)
    .fetch_all(&mut *changes)
    .await?;
    let others: Vec<String> = sqlx::query_scalar(
        "SELECT writer FROM nianbao_draft_revisions WHERE collection = $1 AND unit = $2 AND revision > $3 \
         GROUP BY writer ORDER BY writer LIMIT 10",
    )
    .bind(place.collection)
    .bind(place.unit)
    .bind(work.base.number())
    .fetch_all(&mut *changes)
    .await?;
    let mut ids = vec![];
    let mut count = open.len();
    for conflict in found {
        let path = Value::from(conflict.path.to_string()).to_string();
        let mine = conflict.mine.to_string();
        let known = open.iter().find(|(_, at, text, by)| (at, text, by.as_str()) == (&path, &mine, work.by));
        if let Some((id, ..)) = known {
            ids.push(id.clone());
            continue;
        }
        count += 1;
        if count > MAX_CONFLICTS {
            return Err(DraftError::TooManyConflicts);
        }
        let id = fresh_id(now);
        sqlx::query(
            "INSERT INTO nianbao_draft_conflicts \
             (id, collection, unit, revision, path, base, mine, theirs, writer, others, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(&id)
        .bind(place.collection)
        .bind(place.unit)
        .bind(revision)
        .bind(path)
        .bind(conflict.base.to_string())
        .bind(mine)
        .bind(conflict.theirs.to_string())
        .bind(work.by)
        .bind(Value::from(others.clone()).to_string())
        .bind(now)
        .execute(&mut *changes)
        .await?;
        ids.push(id);
    }
    Ok(ids)
}

async fn resolve(
    changes: &mut AnyConnection,
    place: DraftPlace<'_>,
    id: &str,
    choice: ConflictChoice,
    by: &str,
    now: i64,
) -> Result<DraftState, DraftError> {
    if !is_plain(id, MAX_KEY) {
        return Err(DraftError::UnknownConflict);
    }
    let chosen: Option<(Option<String>,)> = sqlx::query_as(
        "SELECT chosen_by FROM nianbao_draft_conflicts WHERE id = $1 AND collection = $2 AND unit = $3",
    )
    .bind(id)
    .bind(place.collection)
    .bind(place.unit)
    .fetch_optional(&mut *changes)
    .await?;
    if let Some(by) = chosen.ok_or(DraftError::UnknownConflict)?.0 {
        return Err(DraftError::Settled { by });
    }
    let conflict = conflicts_of(changes, place, &[id.to_owned()]).await?.pop();
    let DraftConflict { conflict, revision: base, .. } = conflict.ok_or(DraftError::UnknownConflict)?;
    let (code, value) = match choice {
        ConflictChoice::Theirs => ("theirs", None),
        ConflictChoice::Mine => ("mine", Some(conflict.mine.clone())),
        ConflictChoice::Another(value) => ("another", Some(value)),
    };
    sqlx::query(
        "UPDATE nianbao_draft_conflicts SET choice = $2, chosen_by = $3, chosen_at = $4 WHERE id = $1",
    )
    .bind(id)
    .bind(code)
    .bind(by)
    .bind(now)
    .execute(&mut *changes)
    .await?;
    let last = current(changes, place).await?;
    let Some(value) = value else {
        note_writer(changes, place, by, now).await?;
        return Ok(DraftState { revision: last.0, tree: parsed(&last.1, last.0)?, conflicts: vec![] });
    };
    let mut tree = parsed(&text_at(changes, place, last.clone(), base).await?, base)?;
    put(&mut tree, &conflict.path, &value, conflict.is_new_item());
    let work = Work { kind: RevisionKind::Choice, base: WorkBase::Revision(base), tree: checked(&tree)?, by };
    apply(changes, place, last, work, now).await
}

async fn conflicts_of(
    connection: &mut AnyConnection,
    place: DraftPlace<'_>,
    ids: &[String],
) -> Result<Vec<DraftConflict>, DraftError> {
    let mut all = vec![];
    for id in ids {
        let row: ConflictRow = sqlx::query_as(
            "SELECT revision, path, base, mine, theirs, writer, others, at FROM nianbao_draft_conflicts \
             WHERE id = $1 AND collection = $2 AND unit = $3",
        )
        .bind(id)
        .bind(place.collection)
        .bind(place.unit)
        .fetch_one(&mut *connection)
        .await?;
        let (revision, path, base, mine, theirs, by, others, at) = row;
        let broken = |_| DraftError::Broken { revision };
        let conflict = Conflict {
            path: serde_json::from_str(&path).map_err(broken)?,
            base: serde_json::from_str(&base).map_err(broken)?,
            mine: serde_json::from_str(&mine).map_err(broken)?,
            theirs: serde_json::from_str(&theirs).map_err(broken)?,
        };
        all.push(DraftConflict {
            id: id.clone(),
            revision,
            label: contract::label(&conflict.path),
            mine_shown: difference::shown(&conflict.path, &conflict.mine),
            theirs_shown: difference::shown(&conflict.path, &conflict.theirs),
            conflict,
            by,
            others: serde_json::from_str(&others).map_err(broken)?,
            at,
        });
    }
    Ok(all)
}

async fn note_writer(
    changes: &mut AnyConnection,
    place: DraftPlace<'_>,
    name: &str,
    now: i64,
) -> Result<(), DraftError> {
    sqlx::query(
        "INSERT INTO nianbao_draft_writers (collection, unit, name, at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (collection, unit, name) DO UPDATE SET at = excluded.at",
    )
    .bind(place.collection)
    .bind(place.unit)
    .bind(name)
    .bind(now)
    .execute(&mut *changes)
    .await?;
    // Who has gone is in the history.
    sqlx::query("DELETE FROM nianbao_draft_writers WHERE collection = $1 AND unit = $2 AND at <= $3")
        .bind(place.collection)
        .bind(place.unit)
        .bind(now - WRITING)
        .execute(changes)
        .await?;
    Ok(())
}

/// Compares whole reports beside everything else: for one of megabytes that takes a moment, in which others are
/// to be answered.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    spawn_blocking(work).await.expect("comparing does not panic")
}

/// What a revision changed.
struct RevisionExtent {
    fields: Vec<String>,
    field_count: i64,
    added: i64,
    removed: i64,
}

impl RevisionExtent {
    fn of(old: &Value, new: &Value) -> Self {
        let found = differences(old, new);
        let (mut added, mut removed) = (0, 0);
        let length = |text: &str| i64::try_from(text.chars().count()).expect("a tree is bounded");
        for one in &found {
            match &one.alteration {
                Alteration::Addition { text } => added += length(text),
                Alteration::Removal { text } => removed += length(text),
                Alteration::Move { .. } => {}
                Alteration::Rewording { stretches } => {
                    for stretch in stretches {
                        match stretch.kind {
                            StretchKind::New => added += length(&stretch.text),
                            StretchKind::Old => removed += length(&stretch.text),
                            StretchKind::Both => {}
                        }
                    }
                }
            }
        }
        let short = |label: &String| label.chars().take(FIELD_CHARACTERS).collect();
        Self {
            fields: found.iter().map(|one| &one.label).take(FIELDS).map(short).collect(),
            field_count: i64::try_from(found.len()).expect("a tree is bounded"),
            added,
            removed,
        }
    }
}

impl RevisionKind {
    const ALL: [Self; 6] = [
        Self::FromNothing,
        Self::FromLastYear,
        Self::FromImport,
        Self::Save,
        Self::Restoration,
        Self::Choice,
    ];

    fn code(self) -> &'static str {
        match self {
            Self::FromNothing => "from-nothing",
            Self::FromLastYear => "from-last-year",
            Self::FromImport => "from-import",
            Self::Save => "save",
            Self::Restoration => "restoration",
            Self::Choice => "choice",
        }
    }

    /// In Chinese, for the history.
    pub fn label(self) -> &'static str {
        match self {
            Self::FromNothing => "开始填写",
            Self::FromLastYear => "由上年报告开始",
            Self::FromImport => "由文件开始",
            Self::Save => "保存",
            Self::Restoration => "恢复以前的修订",
            Self::Choice => "选定写得不同之处",
        }
    }
}

type RevisionRow = (i64, String, String, i64, i64, String, i64, i64, i64);
type ConflictRow = (i64, String, String, String, String, String, String, i64);

fn told(row: RevisionRow) -> Result<DraftRevision, DraftError> {
    let (revision, kind, by, at, base, fields, field_count, added, removed) = row;
    let broken = DraftError::Broken { revision };
    let Some(kind) = RevisionKind::ALL.into_iter().find(|one| one.code() == kind) else { return Err(broken) };
    let fields = serde_json::from_str(&fields).map_err(|_| broken)?;
    Ok(DraftRevision { revision, kind, by, at, base, fields, field_count, added, removed })
}

/// A tree as it is kept, if it may be.
fn checked(tree: &Value) -> Result<Value, DraftError> {
    if is_deeper(tree, MAX_DEPTH) {
        return Err(DraftError::TooDeep { most: MAX_DEPTH });
    }
    let tree = normal(tree);
    // What the form makes of a tree nests no deeper by more than one.
    written(&tree)?;
    Ok(tree)
}

fn is_deeper(tree: &Value, levels: usize) -> bool {
    match tree {
        Value::Array(items) => levels == 0 || items.iter().any(|item| is_deeper(item, levels - 1)),
        Value::Object(entries) => levels == 0 || entries.values().any(|value| is_deeper(value, levels - 1)),
        _ => false,
    }
}

fn written(tree: &Value) -> Result<String, DraftError> {
    let text = tree.to_string();
    if text.len() > MAX_BYTES {
        return Err(DraftError::TooLarge { found: text.len(), most: MAX_BYTES });
    }
    Ok(text)
}

fn parsed(text: &str, revision: i64) -> Result<Value, DraftError> {
    serde_json::from_str(text).map_err(|_| DraftError::Broken { revision })
}

fn name(by: &str) -> Result<&str, DraftError> {
    let by = by.trim();
    is_plain(by, MAX_NAME).then_some(by).ok_or(DraftError::BadName)
}

/// What no database could hold is the name of no draft.
fn known(place: DraftPlace<'_>) -> Result<(), DraftError> {
    let is_known = is_plain(place.collection, MAX_KEY) && is_plain(place.unit, MAX_KEY);
    is_known.then_some(()).ok_or(DraftError::Unknown)
}

fn is_plain(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.chars().take(most + 1).count()) && !text.contains(char::is_control)
}

/// Sorts by the time of its making.
fn fresh_id(now: i64) -> String {
    let mut random = [0; 16];
    getrandom::fill(&mut random).expect("the system gives random bytes");
    let milliseconds = u64::try_from(now).unwrap_or_default().saturating_mul(1000);
    Ulid::from_parts(milliseconds, u128::from_be_bytes(random)).to_string()
}
