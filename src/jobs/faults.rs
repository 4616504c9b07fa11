//! What went wrong when a batch could not be attended to, as far as a person can mend it, and whether it
//! passes: a disk that is full, a database or a store that is away. What is none of these is tried a few
//! times and then told.

use std::error::Error;
use std::io::{self, ErrorKind};

use sqlx::error::DatabaseError;

/// Why the service could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum JobFailure {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Store(#[from] io::Error),
    #[error(transparent)]
    Queue(#[from] Box<dyn Error + Send + Sync>),
    /// Something that the batch needs is gone for good, and the batch has ended. Says why, in Chinese.
    #[error("{0}")]
    Ended(String),
}

/// What a fault comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    DiskFull,
    /// It cannot be reached, is held by another program, or is damaged.
    Database,
    /// The same of the store or the data folder.
    Store,
    /// No cause outside the program that is known; it does not pass.
    Unknown,
}

impl Cause {
    pub const ALL: [Self; 4] = [Self::DiskFull, Self::Database, Self::Store, Self::Unknown];

    /// As whoever watches the service knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::DiskFull => "disk_full",
            Self::Database => "database",
            Self::Store => "store",
            Self::Unknown => "unknown",
        }
    }
}

impl JobFailure {
    pub fn cause(&self) -> Cause {
        match self {
            Self::Database(error) => of_database(error),
            Self::Store(error) => of_io(error),
            Self::Queue(error) => of_any(error.as_ref()),
            Self::Ended(_) => Cause::Unknown,
        }
    }
}

/// Follows an error to whatever raised it.
fn of_any(error: &(dyn Error + 'static)) -> Cause {
    if let Some(error) = error.downcast_ref::<sqlx::Error>() {
        return of_database(error);
    }
    // The engine's own errors hide what they hold.
    if let Some(apalis_sqlite::Error::Database(error)) = error.downcast_ref() {
        return of_database(error);
    }
    if let Some(apalis_postgres::Error::Database(error)) = error.downcast_ref() {
        return of_database(error);
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return of_io(error);
    }
    let inner = error.source().map_or(Cause::Unknown, of_any);
    match (inner, error.downcast_ref::<object_store::Error>()) {
        (Cause::Unknown, Some(error)) => of_store(error),
        _ => inner,
    }
}

fn of_database(error: &sqlx::Error) -> Cause {
    match error {
        sqlx::Error::Database(error) if is_full(error.as_ref()) => Cause::DiskFull,
        sqlx::Error::Database(error) if error.is_unique_violation() => Cause::Unknown,
        sqlx::Error::Database(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => Cause::Database,
        sqlx::Error::Io(error) => match of_io(error) {
            Cause::DiskFull => Cause::DiskFull,
            _ => Cause::Database,
        },
        _ => Cause::Unknown,
    }
}

/// SQLite's code of a full disk, and PostgreSQL's.
fn is_full(error: &dyn DatabaseError) -> bool {
    matches!(error.code().as_deref(), Some("13" | "53100"))
}

fn of_store(error: &object_store::Error) -> Cause {
    match error {
        object_store::Error::NotFound { .. } => Cause::Unknown,
        _ => Cause::Store,
    }
}

pub(super) fn of_io(error: &io::Error) -> Cause {
    match (error.kind(), error.get_ref()) {
        (ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge, _) => Cause::DiskFull,
        (ErrorKind::Other, Some(inner)) => of_any(inner),
        // A disk that cannot be read in one place will not be read the next time.
        (ErrorKind::Other | ErrorKind::InvalidData | ErrorKind::UnexpectedEof, _) => Cause::Unknown,
        _ if error.raw_os_error() == Some(EIO) => Cause::Unknown,
        // A file that the store does not have; a folder of ours that is gone is another matter.
        (ErrorKind::NotFound, Some(_)) => Cause::Unknown,
        // Whatever else the system says of a file or a network, a person mends it.
        _ => Cause::Store,
    }
}

/// The system's number for an input or output that failed.
const EIO: i32 = 5;
