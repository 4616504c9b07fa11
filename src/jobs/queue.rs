//! The job engine. Everything that is known of apalis stands here.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use apalis::prelude::*;
use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use futures_util::future::{BoxFuture, FutureExt, join};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};
use tokio::sync::watch;
use ulid::Ulid;

use super::JobsUnusable;
use super::paced::{Look, PacedBackend};
use crate::database::{DatabasePlace, PATIENCE, is_fit};
use crate::intake::MAX_UNITS;

const UNITS: &str = "nianbao-units";
const ARCHIVES: &str = "nianbao-archives";

/// How long a worker that the engine has ended waits before the next takes its place, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LAST_PAUSE: Duration = Duration::from_secs(8);

/// How many missed beats are the end of a program.
const MISSED: usize = 3;

/// How many archives are written at once; one that meets a fault does not keep the others.
const ARCHIVES_AT_ONCE: usize = 4;

/// One unit of a batch is to be made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct UnitJob {
    pub batch: String,
    pub number: usize,
}

/// The archive of a batch is to be written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ArchiveJob {
    pub batch: String,
}

#[derive(Clone)]
pub(super) enum Queue {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// What is done about a job.
pub(super) trait Hands: Send + Sync + 'static {
    fn make(&self, job: UnitJob) -> impl Future<Output = Result<(), BoxDynError>> + Send;
    fn assemble(&self, job: ArchiveJob) -> impl Future<Output = Result<(), BoxDynError>> + Send;
}

impl Queue {
    pub(super) async fn open(place: &DatabasePlace) -> Result<Self, JobsUnusable> {
        match place {
            DatabasePlace::File(path) => {
                // The engine's own setup would not wait for the disk.
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(PATIENCE);
                let pool = SqlitePoolOptions::new().max_connections(4);
                let pool = pool.after_release(|connection, _| Box::pin(is_fit(connection)));
                let pool = pool.connect_with(options).await?;
                SqliteStorage::migrations().run(&pool).await.map_err(sqlx::Error::from)?;
                // Nobody else works on the file: whatever is taken was taken by a program that is gone,
                // and need not wait until its beats are missed.
                sqlx::query(
                    "UPDATE Jobs SET status = 'Pending', attempts = attempts + 1, lock_by = NULL, lock_at = NULL
                     WHERE status IN ('Queued', 'Running')",
                )
                .execute(&pool)
                .await?;
                Ok(Self::Sqlite(pool))
            }
            DatabasePlace::Url(url) => {
                let pool = PgPool::connect(url).await?;
                PostgresStorage::setup(&pool)
                    .await
                    .map_err(|error| JobsUnusable::Engine(error.to_string()))?;
                Ok(Self::Postgres(pool))
            }
        }
    }

    /// Queues units of a batch. The first units of every batch come before the second of any, so that a
    /// small batch does not wait for a large one.
    pub(super) async fn make(&self, batch: &str, numbers: &[usize]) -> Result<(), BoxDynError> {
        let tasks = numbers.iter().map(|number| {
            let job = UnitJob { batch: batch.to_owned(), number: *number };
            Ok(at_once(TaskBuilder::new(serde_json::to_vec(&job)?))
                .priority(MAX_UNITS.saturating_sub(*number))
                .build())
        });
        self.push(UNITS, tasks.collect::<Result<_, serde_json::Error>>()?).await
    }

    pub(super) async fn assemble(&self, batch: &str) -> Result<(), BoxDynError> {
        let job = ArchiveJob { batch: batch.to_owned() };
        self.push(ARCHIVES, vec![at_once(TaskBuilder::new(serde_json::to_vec(&job)?)).build()]).await
    }

    async fn push(&self, queue: &str, tasks: Vec<Task<Vec<u8>>>) -> Result<(), BoxDynError> {
        match self {
            Self::Sqlite(pool) => {
                let mut changes = pool.begin().await?;
                apalis_sqlite::queries::push_tasks(&mut *changes, queue, &tasks).await?;
                changes.commit().await?;
            }
            Self::Postgres(pool) => {
                let mut changes = pool.begin().await?;
                apalis_postgres::queries::push_tasks(&mut *changes, queue, tasks).await?;
                changes.commit().await?;
            }
        }
        Ok(())
    }

    /// Does jobs until `stop` says so, then lets those under way come to their end.
    pub(super) fn work<H: Hands>(
        &self,
        hands: &Arc<H>,
        units_at_once: usize,
        heartbeat: Duration,
        stop: &watch::Receiver<bool>,
    ) -> BoxFuture<'static, ()> {
        // One job at a time from the engine: while it holds jobs in reserve it does not beat.
        macro_rules! working {
            ($storage:ident, $config:path, $pool:expr, $queue:expr, $at_once:expr, $job:ty, $method:ident) => {{
                let (pool, hands, stop) = ($pool.clone(), hands.clone(), stop.clone());
                let (look, queue) = (self.look($queue), self.clone());
                let working = async move {
                    let mut pause = FIRST_PAUSE;
                    while !*stop.borrow() {
                        let since = Instant::now();
                        // A worker that ended with an error leaves its jobs to its name; the next one
                        // has another, so that it misses the beats of the first and takes them over.
                        let name = format!("{}-{}", $queue, Ulid::generate());
                        let context = WorkerContext::new(&name);
                        let config = <$config>::default()
                            .queue($queue)
                            .batch_size(1)
                            .lock_tasks(false)
                            .heartbeat_interval(heartbeat)
                            .missed_heartbeats(MISSED);
                        let backend = $storage::<$job>::new(&pool).with_config(config);
                        let hands = hands.clone();
                        let worker = WorkerBuilder::new(&context)
                            .backend(PacedBackend::new(backend, look.clone()))
                            .concurrency($at_once)
                            .catch_panic()
                            .build(move |job: $job| {
                                let hands = hands.clone();
                                async move { hands.$method(job).await }
                            });
                        let ending = tokio::spawn(stop_worker(context, stop.clone()));
                        let outcome = worker.run().boxed().await;
                        ending.abort();
                        if !*stop.borrow() {
                            tracing::warn!(?outcome, queue = $queue, "the job engine ended a worker");
                            pause = if since.elapsed() > LAST_PAUSE { FIRST_PAUSE } else { pause };
                            tokio::time::sleep(pause).await;
                            pause = (pause * 2).min(LAST_PAUSE);
                            queue.give_back(&name).await;
                        }
                    }
                };
                working.boxed()
            }};
        }
        let (units, archives) = match self {
            Self::Sqlite(pool) => {
                use apalis_sqlite::Config;
                (
                    working!(SqliteStorage, Config, pool, UNITS, units_at_once, UnitJob, make),
                    working!(SqliteStorage, Config, pool, ARCHIVES, ARCHIVES_AT_ONCE, ArchiveJob, assemble),
                )
            }
            Self::Postgres(pool) => {
                use apalis_postgres::Config;
                (
                    working!(PostgresStorage, Config, pool, UNITS, units_at_once, UnitJob, make),
                    working!(PostgresStorage, Config, pool, ARCHIVES, ARCHIVES_AT_ONCE, ArchiveJob, assemble),
                )
            }
        };
        join(units, archives).map(drop).boxed()
    }

    /// Tells whether the engine has a job to give.
    fn look(&self, queue: &'static str) -> Look {
        match self.clone() {
            Self::Sqlite(pool) => Arc::new(move || {
                let pool = pool.clone();
                async move {
                    let found = sqlx::query_scalar(
                        "SELECT EXISTS(SELECT 1 FROM Jobs WHERE job_type = ?
                         AND (status = 'Pending' OR status = 'Failed' AND attempts < max_attempts)
                         AND (run_at IS NULL OR run_at <= unixepoch()))",
                    );
                    found.bind(queue).fetch_one(&pool).await.unwrap_or(true)
                }
                .boxed()
            }),
            Self::Postgres(pool) => Arc::new(move || {
                let pool = pool.clone();
                async move {
                    let found = sqlx::query_scalar(
                        "SELECT EXISTS(SELECT 1 FROM apalis.jobs WHERE job_type = $1
                         AND (status = 'Pending' OR status = 'Failed' AND attempts < max_attempts)
                         AND run_at <= now())",
                    );
                    found.bind(queue).fetch_one(&pool).await.unwrap_or(true)
                }
                .boxed()
            }),
        }
    }

    /// Lets the jobs wait again that an ended worker was at, so that nobody waits until its beats are missed;
    /// where the clock was set back that could take long.
    async fn give_back(&self, worker: &str) {
        let given = match self {
            Self::Sqlite(pool) => {
                let jobs = sqlx::query(
                    "UPDATE Jobs SET status = 'Pending', lock_by = NULL, lock_at = NULL
                     WHERE lock_by = ? AND status IN ('Queued', 'Running')",
                );
                jobs.bind(worker).execute(pool).await.map(drop)
            }
            Self::Postgres(pool) => {
                let jobs = sqlx::query(
                    "UPDATE apalis.jobs SET status = 'Pending', lock_by = NULL, lock_at = NULL
                     WHERE lock_by = $1 AND status IN ('Queued', 'Running')",
                );
                jobs.bind(worker).execute(pool).await.map(drop)
            }
        };
        if let Err(error) = given {
            tracing::warn!(%error, worker, "its jobs wait until its beats are missed");
        }
    }

    /// Removes what the engine remembers of jobs that are done, or were tried too often.
    pub(super) async fn clean(&self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(pool) => {
                let ended = "DELETE FROM Jobs
                     WHERE status IN ('Done', 'Killed') OR status = 'Failed' AND attempts >= max_attempts";
                sqlx::query(ended).execute(pool).await?;
            }
            Self::Postgres(pool) => {
                let ended = "DELETE FROM apalis.jobs
                     WHERE status IN ('Done', 'Killed') OR status = 'Failed' AND attempts >= max_attempts";
                sqlx::query(ended).execute(pool).await?;
            }
        }
        Ok(())
    }

    /// Whether nothing is to be done. Asked after [`clean`](Self::clean).
    pub(super) async fn is_empty(&self) -> Result<bool, sqlx::Error> {
        let left: i64 = match self {
            Self::Sqlite(pool) => sqlx::query_scalar("SELECT COUNT(*) FROM Jobs").fetch_one(pool).await?,
            Self::Postgres(pool) => {
                sqlx::query_scalar("SELECT COUNT(*) FROM apalis.jobs").fetch_one(pool).await?
            }
        };
        Ok(left == 0)
    }
}

/// A job that may be done whatever the clock says: of one that was queued before the clock was set back the
/// time would yet have to come.
fn at_once(job: TaskBuilder<Vec<u8>>) -> TaskBuilder<Vec<u8>> {
    job.run_at_timestamp(0)
}

async fn stop_worker(worker: WorkerContext, mut stop: watch::Receiver<bool>) {
    // Who would say so has gone: that is a stop as well.
    let _ = stop.wait_for(|stop| *stop).await;
    // One that has not started yet cannot be stopped yet.
    while worker.stop().is_err() && !worker.is_terminated() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
