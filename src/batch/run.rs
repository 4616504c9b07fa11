//! Makes every unit of a batch, some at a time, each in a worker process.

use std::io;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use sha2::{Digest, Sha256};

use super::intake::{Intake, Unit};
use super::spool::{Record, Spool};
use crate::checks;
use crate::export::Target;
use crate::report::Edition;
use crate::template::Purpose;
use crate::workers::{Begun, Crew, Outcome, Task, Worker};

/// How a batch is made.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Makes this edition of all, whichever the reports ask for.
    pub edition: Option<Edition>,
    /// How many reports are made at once.
    pub workers: NonZeroUsize,
    /// Stands for faces, templates and settings: results made with others are not taken over.
    pub fingerprint: String,
    /// What was changed about the checks.
    pub checks: checks::Settings,
    /// Whether reports that failed before are tried again.
    pub retry_failed: bool,
}

/// One unit is done.
pub struct Progress<'a> {
    pub unit: &'a Unit,
    pub record: &'a Record,
    /// How many are done, this one included, and of how many.
    pub done: usize,
    pub of: usize,
}

/// Why a batch has no end.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// As it was asked to.
    #[error("已按要求停止")]
    Asked,
    #[error("{0}")]
    Failed(#[from] io::Error),
}

/// Makes what the spool does not hold yet, and tells `progress` of each unit as it is done. `stop`
/// lets the units that are being made come to their end, and begins no other. Returns one of the workers,
/// warm, for the overview.
pub fn run(
    intake: &Intake,
    settings: &Settings,
    crew: &Crew,
    spool: &Spool,
    stop: &AtomicBool,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Worker, Stopped> {
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let failed = Mutex::new(None);
    let units = intake.units();
    let lane = |worker: Worker| -> Worker {
        let mut lane = Lane { intake, settings, spool, worker };
        let begin = |lane: &mut Lane| -> io::Result<Option<(&Unit, Step)>> {
            let unit = match stop.load(Ordering::Relaxed) {
                true => None,
                false => units.get(next.fetch_add(1, Ordering::Relaxed)),
            };
            unit.map(|unit| Ok((unit, lane.begin(unit)?))).transpose()
        };
        let mut work = || -> io::Result<()> {
            let mut current = begin(&mut lane)?;
            while let Some((unit, step)) = current {
                let mut record = match step {
                    Step::Known(record) => {
                        current = begin(&mut lane)?;
                        record
                    }
                    Step::Begun(key, begun) => {
                        let outcome = lane.worker.finish(begun)?;
                        // The worker goes on while its result is written.
                        let following = begin(&mut lane);
                        let record = lane.keep(&key, outcome)?;
                        current = following?;
                        record
                    }
                };
                intake.tell(unit, &mut record.told.findings);
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                progress(Progress { unit, record: &record, done, of: units.len() });
            }
            Ok(())
        };
        if let Err(error) = work() {
            // A full disk fails all; the first failure says why.
            stop.store(true, Ordering::Relaxed);
            failed.lock().unwrap_or_else(|lock| lock.into_inner()).get_or_insert(error);
        }
        lane.worker
    };
    let worker = thread::scope(|scope| {
        for _ in 1..settings.workers.get().min(units.len()) {
            scope.spawn(|| drop(lane(crew.worker())));
        }
        // In this thread and not in one of its own, with which the worker would end.
        lane(crew.worker())
    });
    if let Some(error) = failed.into_inner().unwrap_or_else(|lock| lock.into_inner()) {
        return Err(error.into());
    }
    if done.into_inner() < units.len() { Err(Stopped::Asked) } else { Ok(worker) }
}

/// What is to be made of a unit: its report, the task, and the key of the result.
pub fn task(intake: &Intake, unit: &Unit, settings: &Settings) -> io::Result<(Vec<u8>, Task, String)> {
    let (report, format) = intake.read(unit)?;
    let task = Task { format, edition: settings.edition, purpose: Purpose::Issue, target: Target::Pdf };
    let key = key(&report, task, settings);
    Ok((report, task, key))
}

/// One worker, and what it works on.
struct Lane<'a> {
    intake: &'a Intake,
    settings: &'a Settings,
    spool: &'a Spool,
    worker: Worker,
}

/// A unit on its way.
enum Step {
    /// An earlier run has made it.
    Known(Record),
    /// The worker is at it; its result will have this key.
    Begun(String, Begun),
}

impl Lane<'_> {
    fn begin(&mut self, unit: &Unit) -> io::Result<Step> {
        let (report, task, key) = task(self.intake, unit, self.settings)?;
        let known = self.spool.record(&key);
        match known.filter(|record| record.is_made() || !self.settings.retry_failed) {
            Some(record) => Ok(Step::Known(record)),
            None => Ok(Step::Begun(key, self.worker.begin(task, report)?)),
        }
    }

    fn keep(&self, key: &str, outcome: Outcome) -> io::Result<Record> {
        let (record, file) = Record::of(outcome);
        self.spool.keep(key, &record, &file)?;
        Ok(record)
    }
}

/// The digest of all that a unit's result depends on.
fn key(report: &[u8], task: Task, settings: &Settings) -> String {
    let mut digest = Sha256::new();
    for part in [env!("CARGO_PKG_VERSION"), &settings.fingerprint, &format!("{task:?}")] {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    digest.update(report);
    hex::encode(digest.finalize())
}
