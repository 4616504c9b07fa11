//! Batches that outlive the program: taken in, made unit by unit, put together, kept for a while. What
//! [`batch`](crate::batch) does in one run of the command line is here done by whichever program is there, on one
//! machine or several, and goes on where it stopped.
//!
//! Three things are kept in three places. The **database** knows the batches and which of their units
//! are done; the **queue**, in the same database, says what is to be done next; the **store** holds
//! uploads, results and archives. Only the first and the last count: a job is a hint, done twice it
//! changes nothing, and one that is lost is given again by the upkeep. A unit is a job, so that
//! machines share a batch; its result lies in the store under the digest of all that it depends on, and is
//! noted once. The archive is a job of its own, written by the one who finds every unit done.
//!
//! # What goes wrong
//!
//! What passes (a full disk, a database or a store that is away) is waited for, however long it takes, and
//! told by [`ready`](Jobs::away). What does not pass is tried a few times; then the unit is named as failed, or
//! the batch ends, with a reason. What is read back from the store is held against what was written there:
//! a result that is gone or changed is made again, and so is an archive.
//!
//! # Why this engine
//!
//! apalis speaks SQLite and PostgreSQL with the same workers, so that one program needs no server beside
//! it and several share one; it gives jobs of the dead to the living when their beats are missed; and it
//! is maintained. It has an open report of jobs left lying in a long-running server (apalis-sqlite #58).
//! What its source (1.0.0) has that would do so: one statement that fails, such as on a file that another
//! writer holds for too long, ends a worker for good, and what it was at stays with its name; a successor of
//! that name is refused as long as the last beat is fresh; and while a worker holds jobs in reserve it does
//! not beat, so that others take them to be orphans. So here a statement waits longer for the file than any
//! writer takes, a worker that ended is replaced by one with another name, jobs are taken one at a time, none
//! fails for a reason that passes, and what has not moved for a quarter of an hour, or has no job at all, is
//! given anew. The suite soaks it: `NIANBAO_SOAK=94000` is what two workers make in an hour.

mod database;
mod desk;
mod documents;
mod faults;
mod known;
mod overview;
mod paced;
mod queue;
mod ready;
mod store;
mod upkeep;
mod work;

use std::collections::HashMap;
use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::num::NonZeroUsize;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tempfile::NamedTempFile;
use tokio::sync::{Mutex, watch};

use crate::batch::{Companions, Intake};
use crate::checks;
use crate::database::DatabasePlace;
use crate::workers::{PaperKind, Staff};
use database::Database;
pub use desk::{Availability, BatchArrival, Effect, MAX_RUNNING, MAX_UPLOADED, ReceivedFile, Upload};
pub use documents::KeptDocument;
pub use faults::{Cause, JobFailure};
pub use known::{Batch, BatchState, BatchTerms, Census, EnclosedFile, UnitRemark};
use queue::Queue;
use ready::Readiness;
use store::Store;
pub use store::{Download, StorePlace};

/// The largest upload, in bytes.
pub const MAX_UPLOAD_BYTES: u64 = 512 << 20;

/// How long the units under way have to come to their end when the program stops. What does not is made
/// anew.
const GRACE: Duration = Duration::from_secs(20);

/// Where the batches are kept, and how.
#[derive(Clone, Debug)]
pub struct JobSettings {
    /// A folder for what comes in and, where nothing else is named, for everything. One program at a time.
    pub data: PathBuf,
    pub database: DatabasePlace,
    pub store: StorePlace,
    /// How long results are kept.
    pub keep: Duration,
    /// How often a program says that it is alive; one that has been silent for three times as long is
    /// taken to be dead. In whole seconds.
    pub heartbeat: Duration,
    /// How many units are made at once.
    pub workers: NonZeroUsize,
    /// Stands for faces, templates and settings, as for a batch of the command line.
    pub fingerprint: String,
    /// What was changed about the checks.
    pub checks: checks::Settings,
}

/// Makes the tables of batches in a database, where they are not there; the queue makes its own.
pub async fn make_tables(place: &DatabasePlace) -> Result<(), sqlx::Error> {
    Database::open(place).await.map(drop)
}

/// Fails where a store does not answer, or nothing could be written there now.
pub async fn reach_store(place: &StorePlace) -> Result<(), JobFailure> {
    let store = Store::open(place).map_err(|error| JobFailure::Ended(error.to_string()))?;
    Ok(store.reach().await?)
}

impl JobSettings {
    /// The usual: all below one folder.
    pub fn below(data: PathBuf, workers: NonZeroUsize, fingerprint: String) -> Self {
        Self {
            database: DatabasePlace::File(data.join("nianbao.db")),
            store: StorePlace::Folder(data.join("store")),
            keep: Duration::from_secs(30 * 24 * 60 * 60),
            heartbeat: Duration::from_secs(10),
            workers,
            fingerprint,
            checks: checks::Settings::default(),
            data,
        }
    }
}

/// Why batches cannot be kept here.
#[derive(Debug, thiserror::Error)]
pub enum JobsUnusable {
    #[error("不能使用数据文件夹 {}：{source}", .folder.display())]
    Folder { folder: PathBuf, source: io::Error },
    #[error("数据文件夹 {} 正由另一个程序使用，请用 --data 另指一个", .0.display())]
    Taken(PathBuf),
    #[error("不能使用数据库：{0}")]
    Database(#[from] sqlx::Error),
    #[error("不能使用数据库里的任务队列：{0}")]
    Engine(String),
    #[error("不能使用成果的存放处：{0}")]
    Store(String),
}

/// The batches of a service.
pub struct Jobs {
    settings: JobSettings,
    records: Database,
    store: Store,
    queue: Queue,
    staff: Staff,
    /// The uploads that are being made, opened.
    opened: Mutex<HashMap<String, OpenedUpload>>,
    /// How often a unit of a batch was made again because its result was lost, by their numbers.
    lost_results: Mutex<HashMap<String, HashMap<usize, usize>>>,
    readiness: Readiness,
    /// How often a job met a fault, by [`Cause`].
    faults: [AtomicUsize; Cause::ALL.len()],
    stop: watch::Sender<bool>,
    /// Held as long as the folder is in use.
    _lock: File,
}

/// An upload that is being made, with what its reports are held against.
#[derive(Clone)]
struct OpenedUpload {
    intake: Arc<Intake>,
    companions: Arc<Companions>,
    also: Vec<PaperKind>,
}

impl Jobs {
    pub async fn open(settings: JobSettings, staff: Staff) -> Result<Arc<Self>, JobsUnusable> {
        let folder = |source| JobsUnusable::Folder { folder: settings.data.clone(), source };
        own_folder(&settings.data).map_err(folder)?;
        for below in [INCOMING, OPENED] {
            own_folder(&settings.data.join(below)).map_err(folder)?;
        }
        if let DatabasePlace::File(path) = &settings.database {
            close_database(path).map_err(folder)?;
        }
        let lock = File::create(settings.data.join("lock")).map_err(folder)?;
        lock.try_lock().map_err(|_| JobsUnusable::Taken(settings.data.clone()))?;
        // What a program left that was killed.
        for below in [INCOMING, OPENED] {
            for entry in fs::read_dir(settings.data.join(below)).map_err(folder)? {
                fs::remove_file(entry.map_err(folder)?.path()).map_err(folder)?;
            }
        }
        if let StorePlace::Folder(store) = &settings.store {
            let unusable = |source| JobsUnusable::Folder { folder: store.clone(), source };
            close_store(store).map_err(unusable)?;
        }
        let queue = Queue::open(&settings.database).await?;
        let records = Database::open(&settings.database).await?;
        let store = Store::open(&settings.store)?;
        Ok(Arc::new(Self {
            settings,
            records,
            store,
            queue,
            staff,
            opened: Mutex::default(),
            lost_results: Mutex::default(),
            readiness: Readiness::default(),
            faults: Default::default(),
            stop: watch::channel(false).0,
            _lock: lock,
        }))
    }

    /// Makes what is to be made until it is told to stop.
    pub async fn work(self: Arc<Self>) {
        let stop = self.stop.subscribe();
        // One more than there are workers, so that none waits while a result is written.
        let at_once = self.settings.workers.get() + 1;
        let upkeep = tokio::spawn(self.clone().keep_up());
        let work = self.queue.work(&self, at_once, self.settings.heartbeat, &stop);
        let mut stopped = stop;
        let in_time = async {
            let _ = stopped.wait_for(|stop| *stop).await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            () = work => {}
            () = in_time => tracing::warn!("some units were not finished and will be made anew"),
        }
        upkeep.abort();
    }

    /// Begins no other unit, and ends what watches.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Resolves when it is told to stop.
    pub async fn stopped(&self) {
        let _ = self.stop.subscribe().wait_for(|stop| *stop).await;
    }

    /// A file for what comes in. Dropped, it is gone.
    pub fn incoming(&self) -> io::Result<NamedTempFile> {
        NamedTempFile::new_in(self.settings.data.join(INCOMING))
    }

    /// How often a job met a fault of this cause so far, and waited or was given up.
    pub fn faults(&self, cause: Cause) -> usize {
        self.faults[cause as usize].load(Ordering::Relaxed)
    }

    /// How many batches there are, and what of them waits.
    pub async fn census(&self) -> Result<Census, JobFailure> {
        Ok(self.records.census(now()).await?)
    }

    /// How many workers were lost so far.
    pub fn lost(&self) -> usize {
        self.staff.lost()
    }
}

/// Below the data folder: what is coming in, and uploads that are being made.
const INCOMING: &str = "incoming";
const OPENED: &str = "opened";

#[expect(clippy::disallowed_methods, reason = "when a batch came and ended is told, and stands in no file")]
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}

/// What whoever does not own a file may do with it.
const OTHERS: u32 = 0o077;

/// Makes a folder that only its owner may enter.
fn own_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    close_to_others(folder).map(|_| ())
}

/// Keeps a file or folder for its owner; says whether it was open to others. What belongs to somebody else
/// stays as it is.
fn close_to_others(path: &Path) -> io::Result<bool> {
    let status = fs::symlink_metadata(path)?;
    let is_ours = status.uid() == rustix::process::geteuid().as_raw();
    let is_open = !status.is_symlink() && status.mode() & OTHERS != 0;
    if is_ours && is_open {
        fs::set_permissions(path, Permissions::from_mode(status.mode() & !OTHERS))?;
    }
    Ok(is_ours && is_open)
}

/// Older programs left the database open to others, with what stands beside it.
fn close_database(path: &Path) -> io::Result<()> {
    for ending in ["", "-wal", "-shm"] {
        let mut path = path.as_os_str().to_owned();
        path.push(ending);
        match close_to_others(path.as_ref()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Makes the store's folder. One that an older program left open is closed with all that lies in it.
fn close_store(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    if !close_to_others(folder)? {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => close_store(&entry.path())?,
            false => close_to_others(&entry.path()).map(|_| ())?,
        }
    }
    Ok(())
}

/// Does what may take a while beside everything else.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
