//! What of a batch is done already: for each input what was made of it and told about it, in a folder
//! beside the output. A result is known by the digest of all that it depends on, so it is never
//! taken for that of another input. A record is written after the file it speaks of, and each is
//! there whole or not at all; whatever moment a run is broken off at, the next finds the truth.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::workers::{Outcome, Told};

/// The folder of a batch that is being made.
pub struct Spool {
    folder: PathBuf,
    /// Held as long as the folder is in use.
    lock: Option<File>,
}

/// What came of one unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The digest of the finished file.
    pub sha256: Option<String>,
    pub told: Told,
}

impl Record {
    /// What a worker answered, as it is kept: the record, and the file.
    pub fn of(outcome: Outcome) -> (Self, Vec<u8>) {
        let Outcome { told, bytes } = outcome;
        let sha256 = told.made.is_some().then(|| hex::encode(Sha256::digest(&bytes)));
        (Self { sha256, told }, bytes)
    }

    pub fn is_made(&self) -> bool {
        self.told.made.is_some()
    }
}

impl Spool {
    /// The folder for a batch whose output is to be `output`, there or not.
    pub fn beside(output: &Path) -> Self {
        let mut name = output.file_name().unwrap_or_default().to_owned();
        name.push(".未完成");
        Self { folder: output.with_file_name(name), lock: None }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn exists(&self) -> bool {
        self.folder.is_dir()
    }

    /// Makes the folder, or takes up one that is there, without what a run has left that was broken off
    /// while it wrote. Fails where another program is at work in it.
    pub fn create(&mut self) -> io::Result<()> {
        match fs::create_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            outcome => outcome?,
        }
        let lock = File::create(self.folder.join("lock"))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::new(ErrorKind::ResourceBusy, "另一个程序正在做这一批"),
            TryLockError::Error(error) => error,
        })?;
        self.lock = Some(lock);
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// What came of an input before.
    pub fn record(&self, key: &str) -> Option<Record> {
        serde_json::from_slice(&fs::read(self.path(key, "json")).ok()?).ok()
    }

    /// Keeps what came of an input, with its file.
    pub fn keep(&self, key: &str, record: &Record, file: &[u8]) -> io::Result<()> {
        if record.is_made() {
            self.write(&self.path(key, "pdf"), file)?;
        }
        self.write(&self.path(key, "json"), &serde_json::to_vec(record)?)
    }

    /// The file that was made of an input.
    pub fn file(&self, key: &str) -> io::Result<Vec<u8>> {
        fs::read(self.path(key, "pdf"))
    }

    /// Removes the folder: the batch is done, or not wanted.
    pub fn remove(self) -> io::Result<()> {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            outcome => outcome,
        }
    }

    fn path(&self, key: &str, extension: &str) -> PathBuf {
        self.folder.join(format!("{key}.{extension}"))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(bytes)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }
}
