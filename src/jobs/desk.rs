//! What may be wished for: to begin a batch, to see how far it is, to have what came of it, to be rid of it.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use tempfile::NamedTempFile;
use tokio::runtime::Handle;
use ulid::Ulid;

use super::database::{Beginning, NewBatch};
use super::store::Download;
use super::{Batch, BatchState, BatchTerms, EnclosedFile, JobFailure, Jobs, UnitRemark, now};
use crate::batch::{Expectation, Intake, UnitResult, visible};
use crate::intake::BatchRefusal;
use crate::report::Edition;
use crate::workers::{PaperKind, UnitRecord};

/// How many batches may run at once; the next is refused.
pub const MAX_RUNNING: usize = 16;

/// How many batches may wait to be begun, and for how long. Where so many wait and another comes, the one that
/// nobody has looked at for the longest time gives way, if that is long enough.
pub const MAX_UPLOADED: usize = 64;
const UNATTENDED: Duration = Duration::from_secs(15 * 60);
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// A file that has come.
pub struct ReceivedFile {
    pub file: NamedTempFile,
    /// What it was called; its ending says how to read it.
    pub name: String,
    /// SHA-256, in hexadecimal digits.
    pub digest: String,
}

/// A batch that has come.
pub struct Upload {
    pub batch: ReceivedFile,
    pub edition: Option<Edition>,
    pub idempotency_key: Option<String>,
    /// Whether it is begun at once.
    pub start: bool,
    pub expectation: Expectation,
    /// What is made of each report besides.
    pub also: Vec<PaperKind>,
    /// The reports of the year before, and the plans of the year, if they came along.
    pub last_year: Option<ReceivedFile>,
    pub plan: Option<ReceivedFile>,
}

impl Upload {
    /// One of which nothing is wished but that it is made at once.
    pub fn of(batch: ReceivedFile) -> Self {
        Self {
            batch,
            edition: None,
            idempotency_key: None,
            start: true,
            expectation: Expectation::default(),
            also: vec![],
            last_year: None,
            plan: None,
        }
    }
}

/// What became of a batch that has come.
pub enum BatchArrival {
    New(Batch),
    /// The same has come before under the same key.
    Known(Batch),
    /// Another has come before under the same key.
    KeyTaken,
    /// So many are in this state that another would be one too many.
    TooMany(BatchState),
    Refused(BatchRefusal),
}

/// What there is of an archive.
pub enum Availability {
    Archive(Box<Batch>, Download),
    /// It was lost, and is being made again.
    Remade,
}

/// What became of a wish about a batch.
#[derive(Debug)]
pub enum Effect<T> {
    Done(T),
    /// There is no such batch, or no longer.
    Unknown,
    /// Its state does not allow it.
    NotNow(BatchState),
}

impl Jobs {
    /// Begins a batch, if it can be read and there is room for it.
    pub async fn accept(&self, upload: Upload) -> Result<BatchArrival, JobFailure> {
        let Upload { batch, edition, idempotency_key, start, expectation, also, last_year, plan } = upload;
        let ReceivedFile { file, name, digest } = batch;
        let name = visible(&name).into_owned();
        let enclosed = |file: &Option<ReceivedFile>| {
            let file = file.as_ref()?;
            Some(EnclosedFile { name: visible(&file.name).into_owned(), digest: file.digest.clone() })
        };
        let terms = BatchTerms { expectation, also, last_year: enclosed(&last_year), plan: enclosed(&plan) };
        let known = async |batch: Batch| -> Result<BatchArrival, JobFailure> {
            let is_same = batch.digest == digest && batch.edition == edition;
            Ok(match is_same && self.records.terms(&batch.id).await? == terms {
                true => BatchArrival::Known(batch),
                false => BatchArrival::KeyTaken,
            })
        };
        if let Some(key) = &idempotency_key
            && let Some(batch) = self.records.of_key(key).await?
        {
            return known(batch).await;
        }
        let state = if start { BatchState::Running } else { BatchState::Uploaded };
        if self.records.of_state(state).await?.len() >= most(state) && !self.make_room(state).await? {
            return Ok(BatchArrival::TooMany(state));
        }
        let intake = match self.unpacked(file.path(), Path::new(&name)).await? {
            Ok(intake) => intake,
            Err(refused) => return Ok(BatchArrival::Refused(refused)),
        };
        let beside = [(LAST_YEAR, &terms.last_year, &last_year), (PLAN, &terms.plan, &plan)];
        for (_, _, received) in beside {
            let Some(ReceivedFile { file, name, .. }) = received else { continue };
            if let Err(refused) = self.unpacked(file.path(), Path::new(name)).await? {
                return Ok(BatchArrival::Refused(refused));
            }
        }
        let new = NewBatch {
            id: Ulid::generate().to_string(),
            kind: ending(&name),
            total: intake.units().len(),
            name,
            edition,
            digest: digest.clone(),
            idempotency_key,
            state,
            terms: terms.clone(),
        };
        // Whoever finds the batch in the database finds its upload in the store.
        for (what, enclosed, received) in beside {
            let (Some(enclosed), Some(received)) = (enclosed, received) else { continue };
            self.store
                .keep_upload(&new.id, &place(what, &ending(&enclosed.name)), received.file.path())
                .await?;
        }
        self.store.keep_upload(&new.id, &place(UPLOAD, &new.kind), file.path()).await?;
        let begun = self.records.begin(&new, most(state), now()).await;
        if begun.is_err() && matches!(self.records.batch(&new.id).await, Ok(None)) {
            // Nobody would find it again; and it takes room on a disk that may be full.
            self.store.remove(&new.id).await?;
        }
        match begun? {
            Beginning::New => {}
            other => {
                self.store.remove(&new.id).await?;
                return Ok(match other {
                    Beginning::Known(batch) => known(*batch).await?,
                    _ => BatchArrival::TooMany(state),
                });
            }
        }
        if start {
            self.give(&new.id, &all(new.total)).await;
        }
        let batch = self.records.batch(&new.id).await?;
        Ok(BatchArrival::New(batch.ok_or_else(|| io::Error::other("a batch is gone that has just begun"))?))
    }

    /// Has units of a batch made that has begun. That is noted, so where they cannot be queued now the upkeep
    /// gives them.
    async fn give(&self, id: &str, numbers: &[usize]) {
        if let Err(error) = self.queue.make(id, numbers).await {
            tracing::warn!(%error, batch = id, "its units are queued later");
        }
    }

    /// Ends the batch that waits to be begun and seems forgotten, if there is one. Whoever comes back to it
    /// is told why.
    async fn make_room(&self, state: BatchState) -> Result<bool, JobFailure> {
        let before = now().saturating_sub_unsigned(UNATTENDED.as_secs());
        if state != BatchState::Uploaded {
            return Ok(false);
        }
        let Some(batch) = self.records.forgotten(before).await? else { return Ok(false) };
        let reason = "待开始的批数到了上限，这一批最久没有人查看，让出了位置。需要的话请重新上传";
        if self.records.give_up(&batch.id, &[BatchState::Uploaded], reason, now()).await? {
            self.opened.lock().await.remove(&batch.id);
            self.store.remove(&batch.id).await?;
        }
        Ok(true)
    }

    /// The batch that has come under a key.
    pub async fn batch_of_key(&self, key: &str) -> Result<Option<Batch>, JobFailure> {
        Ok(self.records.of_key(key).await?)
    }

    pub async fn batch(&self, id: &str) -> Result<Option<Batch>, JobFailure> {
        Ok(self.records.batch(id).await?)
    }

    /// The units of a batch that came to this, the first hundred of them.
    pub async fn remarks(&self, id: &str, result: UnitResult) -> Result<Vec<UnitRemark>, JobFailure> {
        Ok(self.records.remarks(id, result).await?)
    }

    /// What was told of a unit of a batch, and its files end to end; nothing of one that is not done.
    pub async fn unit(&self, id: &str, number: usize) -> Result<Option<(UnitRecord, Bytes)>, JobFailure> {
        match self.records.key_of(id, number).await? {
            Some(key) => Ok(self.store.result(id, &key).await?),
            None => Ok(None),
        }
    }

    /// What is to be said of the roster that a batch is held against.
    pub async fn roster_remarks(&self, id: &str) -> Result<Vec<String>, JobFailure> {
        Ok(self.records.terms(id).await?.expectation.roster_remarks)
    }

    /// The newest first; those before a certain one, if one is named.
    pub async fn list(&self, before: Option<&str>, limit: usize) -> Result<Vec<Batch>, JobFailure> {
        Ok(self.records.list(before, limit).await?)
    }

    /// When the results of a batch are removed.
    pub fn expires_at(&self, batch: &Batch) -> Option<i64> {
        match batch.state {
            BatchState::Uploaded => Some(batch.created_at.saturating_add_unsigned(self.wait().as_secs())),
            _ => batch.ended_at.map(|ended| ended.saturating_add_unsigned(self.settings.keep.as_secs())),
        }
    }

    /// Begins a batch that waits for it. Nothing where as many as may be are running.
    pub async fn start(&self, id: &str) -> Result<Effect<Option<Batch>>, JobFailure> {
        let has_started = self.records.start(id, most(BatchState::Running), now()).await?;
        let Some(batch) = self.records.batch(id).await? else { return Ok(Effect::Unknown) };
        if has_started {
            self.give(id, &all(batch.counts.total)).await;
            return Ok(Effect::Done(Some(batch)));
        }
        match batch.state {
            BatchState::Uploaded => Ok(Effect::Done(None)),
            state => Ok(Effect::NotNow(state)),
        }
    }

    /// The upload of a batch, opened, to look at what is in it.
    pub async fn opened(&self, batch: &Batch) -> Result<Arc<Intake>, JobFailure> {
        if let Err(error) = self.records.looked_at(&batch.id, now()).await {
            tracing::warn!(%error, batch = batch.id, "that it was looked at is not noted");
        }
        Ok(self.open_upload(batch).await?.intake)
    }

    /// Cancels a batch that is running; removes any other, with its results.
    pub async fn delete(&self, id: &str) -> Result<Effect<Option<Batch>>, JobFailure> {
        let was_running = self.records.cancel(id, now()).await?;
        let Some(batch) = self.records.batch(id).await? else { return Ok(Effect::Unknown) };
        self.opened.lock().await.remove(id);
        if was_running {
            return Ok(Effect::Done(Some(batch)));
        }
        self.remove(id).await?;
        Ok(Effect::Done(None))
    }

    pub(super) async fn remove(&self, id: &str) -> Result<(), JobFailure> {
        // The row is the last to go, so that whatever is left is found again.
        self.store.remove(id).await?;
        self.records.remove(id).await?;
        Ok(())
    }

    /// Makes the failed units of a batch again.
    pub async fn retry(&self, id: &str) -> Result<Effect<Batch>, JobFailure> {
        let failed = self.records.retry(id, now()).await?;
        let Some(batch) = self.records.batch(id).await? else { return Ok(Effect::Unknown) };
        if failed.is_empty() {
            return Ok(Effect::NotNow(batch.state));
        }
        self.give(id, &failed).await;
        Ok(Effect::Done(batch))
    }

    /// The archive of a batch that has ended. One that is lost, or came to harm in the store, is made again.
    pub async fn archive(self: &Arc<Self>, id: &str) -> Result<Effect<Availability>, JobFailure> {
        let Some(batch) = self.records.batch(id).await? else { return Ok(Effect::Unknown) };
        match batch.state {
            BatchState::Running if batch.is_remade => return Ok(Effect::Done(Availability::Remade)),
            state if !state.has_archive() => return Ok(Effect::NotNow(state)),
            _ => {}
        }
        let damaged = {
            let (jobs, batch, runtime) = (self.clone(), batch.clone(), Handle::current());
            move || drop(runtime.spawn(async move { jobs.remake(&batch).await }))
        };
        if let Some(download) = self.store.read_archive(&batch, damaged).await? {
            return Ok(Effect::Done(Availability::Archive(Box::new(batch), download)));
        }
        self.remake(&batch).await?;
        Ok(Effect::Done(Availability::Remade))
    }

    async fn remake(&self, batch: &Batch) -> Result<(), JobFailure> {
        tracing::warn!(batch = batch.id, "its archive is lost or damaged, and is made again");
        if self.records.remake(&batch.id, batch.round, now()).await? {
            self.queue.assemble(&batch.id).await?;
        }
        Ok(())
    }

    /// How long a batch may wait to be begun.
    pub(super) fn wait(&self) -> Duration {
        LONGEST_WAIT.min(self.settings.keep)
    }
}

/// What the store calls what came.
pub(super) const UPLOAD: &str = "upload";
pub(super) const LAST_YEAR: &str = "last-year";
pub(super) const PLAN: &str = "plan";

pub(super) fn place(what: &str, ending: &str) -> String {
    format!("{what}.{ending}")
}

/// How a file of this name ends, in small letters.
pub(super) fn ending(name: &str) -> String {
    Path::new(name).extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase()
}

/// How many batches may be in a state.
fn most(state: BatchState) -> usize {
    if state == BatchState::Uploaded { MAX_UPLOADED } else { MAX_RUNNING }
}

fn all(total: usize) -> Vec<usize> {
    (1..=total).collect()
}
