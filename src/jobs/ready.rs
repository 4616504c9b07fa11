//! Whether batches can be attended to now: the database and the store answer, and the disk has room.

use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::time::timeout;

use super::{Cause, INCOMING, JobFailure, Jobs, blocking};

/// How long each of them may take to answer.
const DEADLINE: Duration = Duration::from_secs(2);

/// How long an answer holds, so that whoever asks without end burdens nobody.
const HOLDS: Duration = Duration::from_secs(1);

/// How much room there must be on a disk, in bytes; less is not worth a try.
const ROOM: usize = 64 << 10;

/// What was found last, and when.
#[derive(Default)]
pub(super) struct Readiness(Mutex<Option<(Instant, Option<Cause>)>>);

impl Jobs {
    /// What is away, if anything is. One at a time looks; the others have its answer.
    pub async fn away(&self) -> Option<Cause> {
        let mut last = self.readiness.0.lock().await;
        match *last {
            Some((since, found)) if since.elapsed() < HOLDS => found,
            _ => {
                let found = self.look_around().await;
                *last = Some((Instant::now(), found));
                found
            }
        }
    }

    async fn look_around(&self) -> Option<Cause> {
        let data = self.settings.data.join(INCOMING);
        let (database, store, data) = tokio::join!(
            timeout(DEADLINE, async { self.records.reach().await.map_err(JobFailure::from) }),
            timeout(DEADLINE, async { self.store.reach().await.map_err(JobFailure::from) }),
            timeout(DEADLINE, async { blocking(move || has_room(&data)).await.map_err(JobFailure::from) }),
        );
        let found = [(data, Cause::Store), (database, Cause::Database), (store, Cause::Store)];
        found.into_iter().find_map(|(answer, place)| match answer {
            Ok(Ok(())) => None,
            Ok(Err(error)) => {
                tracing::warn!(%error, ?place, "not ready");
                Some(if error.cause() == Cause::DiskFull { Cause::DiskFull } else { place })
            }
            Err(_) => {
                tracing::warn!(?place, "not ready: no answer in time");
                Some(place)
            }
        })
    }
}

/// Fails where nothing could be written into a folder now.
pub(super) fn has_room(folder: &Path) -> io::Result<()> {
    // Without a name, so that nobody finds it.
    tempfile::tempfile_in(folder)?.write_all(&[0; ROOM])
}
