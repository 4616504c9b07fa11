//! Makes every unit of a batch, some at a time, each in a worker process, and writes the archive meanwhile.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use sha2::{Digest, Sha256};

use super::archive::{Archive, Ledger};
use super::companions::{CompanionShelf, Companions};
use super::intake::{Intake, Unit, UnreadUnit};
use super::not_made;
use super::settings::BatchSettings;
use super::spool::{Spool, Tray, TrayEntry};
use crate::intake::DocumentForm;
use crate::workers::{Assignment, Crew, CurrentWork, Outcome, Question, UnitRecord, Worker};

/// One unit is done.
pub struct UnitProgress<'a> {
    pub unit: &'a Unit,
    pub told: &'a UnitRecord,
    /// How many are done, this one included, and of how many.
    pub done: usize,
    pub of: usize,
}

/// Why a batch has no end.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// As it was asked to.
    #[error("已按要求停止")]
    Asked,
    #[error("{0}")]
    Failed(#[from] io::Error),
}

/// Makes what the spool does not hold yet, tells `progress` of each unit as it is done, and writes the
/// archive to `out`. `stop` lets the units that are being made come to their end, and begins no other;
/// what was written then is of no use.
pub fn run(
    intake: &Intake,
    settings: &BatchSettings,
    crew: &Crew,
    spool: &Spool,
    stop: &AtomicBool,
    progress: &(dyn Fn(UnitProgress) + Sync),
    out: impl Write + Send,
) -> Result<Ledger, Stop> {
    let units = intake.units();
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let failed = Mutex::new(None);
    let lane = |mut worker: Worker, finished: Sender<FinishedUnit>| -> Worker {
        let mut work = || -> io::Result<()> {
            let mut lane = Lane { intake, settings, spool, tray: spool.tray()?, worker: &mut worker };
            let begin = |lane: &mut Lane| -> io::Result<Option<(usize, Step)>> {
                if stop.load(Ordering::Relaxed) {
                    return Ok(None);
                }
                let index = next.fetch_add(1, Ordering::Relaxed);
                let step = units.get(index).map(|unit| lane.begin(unit)).transpose()?;
                Ok(step.map(|step| (index, step)))
            };
            let mut current = begin(&mut lane)?;
            while let Some((index, step)) = current {
                let (mut told, kept) = match step {
                    Step::Known(told, kept) => {
                        current = begin(&mut lane)?;
                        (told, kept)
                    }
                    Step::Begun(key, begun) => {
                        let taken = lane.tray.take(lane.worker.finish(begun)?)?;
                        // The worker goes on while its result is kept.
                        let following = begin(&mut lane);
                        let kept = lane.tray.keep(key, taken)?;
                        current = following?;
                        kept
                    }
                };
                let unit = &units[index];
                intake.tell(unit, &mut told.findings)?;
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                progress(UnitProgress { unit, told: &told, done, of: units.len() });
                // Nobody takes it where the archive could not be written, and that says why.
                let _ = finished.send(FinishedUnit { index, kept, told });
            }
            Ok(())
        };
        if let Err(error) = work() {
            // A full disk fails all; the first failure says why.
            stop.store(true, Ordering::Relaxed);
            failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
        worker
    };
    let archive = Archive::new(intake, settings, spool.folder(), out)?;
    let (archive, mut worker) = thread::scope(|scope| {
        let (finished, results) = channel();
        let archivist = scope.spawn(|| {
            let added = add_in_order(archive, results);
            added.inspect_err(|_| stop.store(true, Ordering::Relaxed))
        });
        let lane = &lane;
        for _ in 1..settings.workers.get().min(units.len()) {
            let finished = finished.clone();
            scope.spawn(move || drop(lane(crew.worker(), finished)));
        }
        // In this thread and not in one of its own, with which the worker would end.
        let worker = lane(crew.worker(), finished);
        (archivist.join().unwrap_or_else(|panic| resume_unwind(panic)), worker)
    });
    if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error.into());
    }
    let archive = archive?;
    if done.into_inner() < units.len() {
        return Err(Stop::Asked);
    }
    // A worker that is warm makes the overview.
    Ok(archive.finish(&mut worker)?)
}

/// A unit that is done.
struct FinishedUnit {
    index: usize,
    kept: TrayEntry,
    told: UnitRecord,
}

/// What was told of so many units may wait for their turn in memory; of more, as behind a report that takes
/// its whole deadline, it is read again.
const WAITING: usize = 64;

/// Adds units to the archive as their turn comes, in whichever order they are done.
fn add_in_order<W: Write>(
    mut archive: Archive<W>,
    results: Receiver<FinishedUnit>,
) -> io::Result<Archive<W>> {
    let mut waiting = BTreeMap::new();
    let mut added = 0;
    // One for all: each new one of this size the system would have to make and to wipe.
    let mut file = Vec::new();
    for FinishedUnit { index, kept, told } in results {
        waiting.insert(index, (kept, (waiting.len() < WAITING).then_some(told)));
        while let Some((kept, told)) = waiting.remove(&added) {
            kept.read(&mut file)?;
            let told = told.map_or_else(|| kept.told(), Ok)?;
            archive.add(told, &file)?;
            added += 1;
        }
    }
    Ok(archive)
}

/// What is to be made of a unit: the task, and the documents that go with it.
pub struct UnitTask {
    pub assignment: Assignment,
    pub body: Vec<u8>,
}

impl UnitTask {
    /// The report alone.
    pub fn of(intake: &Intake, unit: &Unit, settings: &BatchSettings) -> Result<Self, UnreadUnit> {
        let (body, form) = intake.read(unit)?;
        let assignment = Assignment {
            name: match form {
                DocumentForm::Foreign => unit.file_name().to_owned(),
                _ => String::new(),
            },
            edition: settings.edition,
            settings: intake.expectation().checks.clone(),
            tracked_changes: intake.expectation().tracked_changes,
            also: settings.also.clone(),
            ..Assignment::of(form)
        };
        Ok(Self { assignment, body })
    }

    /// What a worker is asked who is to say whose report it is.
    pub fn whose(&self) -> Question {
        Question::Identify { form: self.assignment.form, name: self.assignment.name.clone() }
    }

    /// With what it is held against before it; `told` is whose report it is.
    pub fn beside(self, companions: &Companions, told: &UnitRecord) -> Self {
        let Self { mut assignment, body } = self;
        let mut before = Vec::new();
        let mut put = |shelf: &Option<CompanionShelf>, year| {
            let (enclosure, bytes) = shelf.as_ref()?.read(told, year)?;
            before.extend(bytes);
            Some(enclosure)
        };
        assignment.last_year = put(&companions.last_year, told.year.map(|year| year - 1));
        assignment.plan = put(&companions.plan, told.year);
        before.extend(body);
        Self { assignment, body: before }
    }

    /// The digest of all that the result depends on.
    pub fn key(&self, settings: &BatchSettings) -> String {
        let mut digest = Sha256::new();
        for part in [env!("CARGO_PKG_VERSION"), &settings.fingerprint, &format!("{:?}", self.assignment)] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        digest.update(&self.body);
        hex::encode(digest.finalize())
    }
}

/// One worker, and what it works on.
struct Lane<'a> {
    intake: &'a Intake,
    settings: &'a BatchSettings,
    spool: &'a Spool,
    tray: Tray,
    worker: &'a mut Worker,
}

/// A unit on its way.
enum Step {
    /// An earlier run has made it.
    Known(UnitRecord, TrayEntry),
    /// The worker is at it. Its result will have this key.
    Begun(String, CurrentWork),
}

impl Lane<'_> {
    fn begin(&mut self, unit: &Unit) -> io::Result<Step> {
        let task = match UnitTask::of(self.intake, unit, self.settings) {
            Ok(task) if self.settings.companions.is_empty() => task,
            Ok(task) => {
                let (form, name) = (task.assignment.form, task.assignment.name.as_str());
                let told = self.worker.identify(&task.body, form, name)?;
                task.beside(&self.settings.companions, &told)
            }
            Err(error) => return self.pass_over(unit, &error),
        };
        let key = task.key(self.settings);
        let is_wanted = |told: &UnitRecord| told.is_made() || !self.settings.retry_failed;
        Ok(match self.spool.known(&key).filter(|(told, _)| is_wanted(told)) {
            Some((told, kept)) => Step::Known(told, kept),
            None => {
                let onto = Some(self.tray.finished());
                Step::Begun(key, self.worker.begin(task.assignment, task.body, onto)?)
            }
        })
    }

    /// A unit whose report cannot be read is named as failed, and keeps none of the others.
    fn pass_over(&mut self, unit: &Unit, error: &UnreadUnit) -> io::Result<Step> {
        let outcome = Outcome { told: not_made(error.to_string()), ..Outcome::default() };
        let taken = self.tray.take(outcome)?;
        // Nobody looks for it by its key: in the next run it is read again.
        let (told, kept) = self.tray.keep(format!("{}-unreadable", unit.number), taken)?;
        Ok(Step::Known(told, kept))
    }
}
