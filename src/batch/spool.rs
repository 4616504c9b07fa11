//! What of a batch is done already: for each input what was made of it and told about it, in a folder
//! beside the output. A result is known by the digest of all that it depends on, so it is never
//! taken for that of another input. Its line is written after the file that it speaks of, and neither
//! is written over; whatever moment a run is broken off at, the next finds the truth.
//!
//! Whoever makes reports puts them into a tray: one file that holds the finished ones end to end, and one
//! with a line for each. A file for each report would be a thousand files to make and to remove; where
//! others were removed lately, ext4 takes a millisecond for a new one.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::sealed::{is_sealed, seal};
use crate::workers::{Outcome, UnitRecord, append};

/// The folder of a batch that is being made.
pub struct Spool {
    folder: PathBuf,
    /// Held as long as the folder is in use.
    lock: Option<File>,
    /// What earlier runs have kept, by the digest of the input.
    known: HashMap<String, TrayEntry>,
    /// The number of the next tray.
    next: AtomicUsize,
}

/// A new tray, which one at a time puts results into.
pub(super) struct Tray {
    paths: Arc<Paths>,
    lines: File,
    /// How long the lines are that count, in bytes.
    end: u64,
}

/// The two files of a tray. They are opened when they are needed: who has resumed a batch often has more
/// trays than a program may hold files.
struct Paths {
    finished: PathBuf,
    lines: PathBuf,
}

/// A result whose file is in a tray, and which has no line yet.
pub(super) struct PendingEntry {
    told: UnitRecord,
    file: (u64, usize),
}

/// A result in a tray: where its line and its file begin, and how long they are, in bytes.
#[derive(Clone)]
pub(super) struct TrayEntry {
    paths: Arc<Paths>,
    line: (u64, usize),
    file: (u64, usize),
}

/// One line of a tray.
#[derive(Serialize, Deserialize)]
struct TrayLine<T> {
    key: String,
    file: (u64, usize),
    told: T,
}

impl Spool {
    /// The folder for a batch whose output is to be `output`, there or not.
    pub fn beside(output: &Path) -> Self {
        let mut name = output.file_name().unwrap_or_default().to_owned();
        name.push(".未完成");
        let folder = output.with_file_name(name);
        Self { folder, lock: None, known: HashMap::new(), next: AtomicUsize::new(0) }
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
        let mut trays = BTreeSet::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with('.') {
                fs::remove_file(path)?;
            } else if let Some((tray, _)) = name.split_once('.')
                && let Ok(number) = tray.parse()
            {
                trays.insert(number);
            }
        }
        // What a later run says of an input counts.
        for number in &trays {
            self.known.extend(Arc::new(self.paths(*number)).kept()?);
        }
        *self.next.get_mut() = trays.last().map_or(0, |last: &usize| last + 1);
        Ok(())
    }

    /// A new tray.
    pub(super) fn tray(&self) -> io::Result<Tray> {
        let paths = self.paths(self.next.fetch_add(1, Ordering::Relaxed));
        let create = |path| OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        create(&paths.finished)?;
        let lines = create(&paths.lines)?;
        Ok(Tray { paths: Arc::new(paths), lines, end: 0 })
    }

    /// What an earlier run has kept of an input, unless it came to harm, as when the power failed.
    pub(super) fn known(&self, key: &str) -> Option<(UnitRecord, TrayEntry)> {
        let kept = self.known.get(key)?;
        let told = kept.told().ok()?;
        let mut file = Vec::new();
        kept.read(&mut file).ok()?;
        let is_whole = told.is_made_of(&file);
        is_whole.then(|| (told, kept.clone()))
    }

    /// Removes the folder: the batch is done, or not wanted.
    pub fn remove(self) -> io::Result<()> {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            outcome => outcome,
        }
    }

    fn paths(&self, number: usize) -> Paths {
        let path = |kind| self.folder.join(format!("{number}.{kind}"));
        Paths { finished: path("pdf"), lines: path("jsonl") }
    }
}

impl Paths {
    /// All results of a tray, by the digest of the input. What was broken off, or speaks of a file that is not
    /// there, is none.
    fn kept(self: Arc<Self>) -> io::Result<Vec<(String, TrayEntry)>> {
        let mut kept = Vec::new();
        let (Ok(finished), Ok(lines)) = (File::open(&self.finished), File::open(&self.lines)) else {
            return Ok(kept);
        };
        let length = finished.metadata()?.len();
        let mut lines = BufReader::new(lines);
        let (mut at, mut line) = (0, Vec::new());
        while lines.read_until(b'\n', &mut line)? > 0 {
            if is_sealed("", line.trim_ascii_end())
                && let Ok(TrayLine { key, file, .. }) = serde_json::from_slice::<TrayLine<IgnoredAny>>(&line)
                && file.0.checked_add(file.1 as u64).is_some_and(|end| end <= length)
            {
                kept.push((key, TrayEntry { paths: self.clone(), line: (at, line.len()), file }));
            }
            at += line.len() as u64;
            line.clear();
        }
        Ok(kept)
    }
}

impl Tray {
    /// The file that finished ones are appended to.
    pub(super) fn finished(&self) -> &Path {
        &self.paths.finished
    }

    /// Takes what came of an input, with its file where the worker could not append it.
    pub(super) fn take(&mut self, outcome: Outcome) -> io::Result<PendingEntry> {
        let Outcome { told, bytes, at } = outcome;
        let at = at.map_or_else(|| append(&bytes, &self.paths.finished), Ok)?;
        Ok(PendingEntry { file: (at, told.length()), told })
    }

    /// Keeps what was taken.
    pub(super) fn keep(
        &mut self,
        key: String,
        PendingEntry { told, file }: PendingEntry,
    ) -> io::Result<(UnitRecord, TrayEntry)> {
        let line = TrayLine { key, file, told };
        let mut text = seal("", &line)?;
        text.push(b'\n');
        self.lines.write_all_at(&text, self.end)?;
        let kept = TrayEntry { paths: self.paths.clone(), line: (self.end, text.len()), file };
        self.end += text.len() as u64;
        Ok((line.told, kept))
    }
}

impl TrayEntry {
    /// What was told of the input.
    pub(super) fn told(&self) -> io::Result<UnitRecord> {
        let mut line = vec![0; self.line.1];
        File::open(&self.paths.lines)?.read_exact_at(&mut line, self.line.0)?;
        if !is_sealed("", line.trim_ascii_end()) {
            return Err(io::Error::new(ErrorKind::InvalidData, "一份报告的记录在磁盘上变了"));
        }
        Ok(serde_json::from_slice::<TrayLine<UnitRecord>>(&line)?.told)
    }

    /// Reads the file that was made of the input, in place of what `file` holds.
    pub(super) fn read(&self, file: &mut Vec<u8>) -> io::Result<()> {
        file.resize(self.file.1, 0);
        File::open(&self.paths.finished)?.read_exact_at(file, self.file.0)
    }
}
