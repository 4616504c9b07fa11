//! Documents that nobody names: who ends between the store and the database has left them. What is being kept just now
//! is named by nobody yet either, so that only what has lain there for a while is taken away; for how long tells the
//! store's own clock, for this machine's may be wrong.

use std::collections::HashSet;
use std::fs::{self, DirEntry};
use std::io;
use std::path;
use std::time::{Duration, UNIX_EPOCH};

use axum::body::Bytes;
use futures_util::stream::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStoreExt};

use super::{Folder, Store};
use crate::jobs::blocking;

impl Store {
    /// Removes what is kept of a collection beside the batches, has lain there for so long, and is none of these. Tells
    /// how many files that were.
    pub(in crate::jobs) async fn remove_leftovers(
        &self,
        collection: &str,
        named: &HashSet<String>,
        grace: Duration,
    ) -> io::Result<usize> {
        let named: HashSet<Path> =
            named.iter().map(|place| self.of_document(place)).collect::<io::Result<_>>()?;
        let place = self.of_document(&format!("collections/{collection}"))?;
        let before = self.clock().await? - grace.as_secs() as i64;
        let is_left =
            |file: &ObjectMeta| file.last_modified.timestamp() <= before && !named.contains(&file.location);
        let objects = self.objects().await?;
        let found: Vec<ObjectMeta> = objects.list(Some(&place)).try_collect().await?;
        let mut removed = 0;
        for file in found.into_iter().filter(is_left) {
            // Somebody may have kept the same again just now.
            let removal = match objects.head(&file.location).await {
                Ok(now) if is_left(&now) => objects.delete(&file.location).await,
                Ok(_) => continue,
                Err(error) => Err(error),
            };
            match removal {
                Ok(()) => removed += 1,
                Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if let Some(folder) = self.folder.clone() {
            removed += blocking(move || folder.remove_unfinished(&place, before)).await?;
        }
        Ok(removed)
    }

    /// The time by which the store dates its files, in seconds since 1970.
    async fn clock(&self) -> io::Result<i64> {
        let place = self.prefix.clone().join("clock");
        self.put(&place, Bytes::new()).await?;
        Ok(self.objects().await?.head(&place).await?.last_modified.timestamp())
    }
}

impl Folder {
    /// Removes what was written of files below a place and never became one, by that time: while it is written a file
    /// is called by its name, `#` and a number, and no list of the store tells of it.
    fn remove_unfinished(&self, place: &Path, before: i64) -> io::Result<usize> {
        fn walk(folder: &path::Path, before: i64) -> io::Result<usize> {
            let entries = match fs::read_dir(folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
                entries => entries?,
            };
            let mut removed = 0;
            for entry in entries {
                let entry = entry?;
                match entry.file_type()?.is_dir() {
                    true => removed += walk(&entry.path(), before)?,
                    false if is_unfinished(&entry) && since(&entry)? <= before => {
                        match fs::remove_file(entry.path()) {
                            // Another machine was faster.
                            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                            done => removed += done.map(|()| 1)?,
                        }
                    }
                    false => {}
                }
            }
            Ok(removed)
        }
        walk(&self.0.join(place.as_ref()), before)
    }
}

fn is_unfinished(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    let number = name.to_str().and_then(|name| name.rsplit_once('#')).map(|(_, number)| number);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// When it was last written, in seconds since 1970.
fn since(entry: &DirEntry) -> io::Result<i64> {
    let written = entry.metadata()?.modified()?;
    Ok(written.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64))
}
