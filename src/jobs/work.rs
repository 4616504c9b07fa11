//! What is done about a job. A job that meets a fault which passes (a database that restarts, a store out
//! of reach) waits and tries again; it is given up only when the program stops, and done by the next. One that
//! meets a fault which does not pass is given up after a few tries, and its unit or batch ends with a reason.

use std::io;
use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use apalis::prelude::BoxDynError;
use axum::body::Bytes;
use futures_util::future::FutureExt;
use futures_util::stream::{self, StreamExt};
use tokio::sync::mpsc;

use super::database::{DoneUnit, KeptUnit, Seal};
use super::desk::{LAST_YEAR, PLAN, UPLOAD, ending, place};
use super::faults::of_io;
use super::queue::{ArchiveJob, Hands, UnitJob};
use super::store::Store;
use super::{
    Batch, BatchState, BatchTerms, Cause, EnclosedFile, JobFailure, Jobs, OPENED, OpenedUpload, blocking, now,
};
use crate::batch::{
    self, Archive, CompanionShelf, Companions, Intake, Ledger, Unit, UnitTask, UnreadUnit, visible,
};
use crate::diagnostic::Diagnostic;
use crate::intake::BatchRefusal;
use crate::workers::{Post, Question, UnitRecord};

/// How long a job waits after a fault, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LAST_PAUSE: Duration = Duration::from_secs(30);

/// How many results are fetched ahead while an archive is written.
const AHEAD: usize = 4;

/// How often a job is tried that meets a fault which does not pass.
const TRIES: usize = 5;

/// How often a unit is made again because its result was lost or changed. Where that happens so often it is
/// the store that loses them.
const REMAKES: usize = 3;

impl Hands for Jobs {
    async fn make(&self, job: UnitJob) -> Result<(), BoxDynError> {
        match self.patiently("unit", || self.make_unit(&job)).await? {
            None => Ok(()),
            Some(error) => self.in_the_end("unit", || self.fail_unit(&job, &error)).await,
        }
    }

    async fn assemble(&self, job: ArchiveJob) -> Result<(), BoxDynError> {
        match self.patiently("archive", || self.write_archive(&job.batch)).await? {
            None => Ok(()),
            Some(_) => self.in_the_end("archive", || self.give_up(&job.batch, NO_ARCHIVE)).await,
        }
    }
}

const NO_ARCHIVE: &str = "各份报告做好了，但试了几次都没能汇成压缩包。请告诉管理员；解决以后请重新上传";
const NO_UPLOAD: &str = "上传的文件在存放处不见了，没有做完。请重新上传";
const UNOPENED_UPLOAD: &str =
    "试了几次都打不开上传的文件，没有做完。请检查文件，重新上传；一直这样的请告诉管理员";
const DAMAGED_UPLOAD: &str = "上传的文件在存放处损坏了，没有做完。请重新上传";

impl Jobs {
    /// Tries until it is done, as long as what keeps it passes. Of what does not pass the last fault is
    /// returned.
    async fn patiently<F: Future<Output = Result<(), JobFailure>>>(
        &self,
        what: &str,
        work: impl Fn() -> F,
    ) -> Result<Option<JobFailure>, BoxDynError> {
        let (mut pause, mut tries) = (FIRST_PAUSE, 0);
        loop {
            // The engine would try what panics at once and often.
            let done = AssertUnwindSafe(work()).catch_unwind().await;
            let error = match done.unwrap_or_else(|_| Err(io::Error::other("it panicked").into())) {
                Ok(()) => return Ok(None),
                Err(JobFailure::Ended(_)) => return Ok(None),
                Err(error) => error,
            };
            let cause = error.cause();
            self.faults[cause as usize].fetch_add(1, Ordering::Relaxed);
            if cause == Cause::Unknown {
                tries += 1;
                if tries == TRIES {
                    tracing::error!(%error, what, tries, "a job is given up");
                    return Ok(Some(error));
                }
            }
            tracing::warn!(%error, ?cause, what, pause_seconds = pause.as_secs(), "a job waits and tries again");
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stopped() => return Err(error.into()),
            }
            pause = (pause * 2).min(LAST_PAUSE);
        }
    }

    /// Notes what became of a job that was given up.
    async fn in_the_end<F: Future<Output = Result<(), JobFailure>>>(
        &self,
        what: &str,
        work: impl Fn() -> F,
    ) -> Result<(), BoxDynError> {
        match self.patiently(what, work).await? {
            None => Ok(()),
            Some(error) => Err(error.into()),
        }
    }

    async fn make_unit(&self, job: &UnitJob) -> Result<(), JobFailure> {
        let Some(batch) = self.running(&job.batch).await? else { return Ok(()) };
        if self.records.is_done(&batch.id, job.number).await? {
            return self.assemble_if_done(&batch).await;
        }
        let opened = self.open_upload(&batch).await?;
        let intake = opened.intake.clone();
        let unit = intake.units().get(job.number - 1).cloned();
        let unit = unit.ok_or_else(|| io::Error::other(format!("no unit {} in the upload", job.number)))?;
        let settings = self.settings_of(&batch, &opened);
        let read = {
            let (intake, unit, settings) = (intake.clone(), unit.clone(), settings.clone());
            blocking(move || Ok(batch::UnitTask::of(&intake, &unit, &settings))).await?
        };
        let task = match read {
            Ok(read) => read,
            Err(UnreadUnit::Failed(error)) if of_io(&error) != Cause::Unknown => return Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, batch = batch.id, unit = unit.number, "a report cannot be read");
                return self.note_failure(&batch, &unit, &error.to_string()).await;
            }
        };
        let task = self.beside(task, &opened).await?;
        let key = task.key(&settings);
        let known = self.store.made(&batch.id, &key).await?;
        let mut told = match known {
            Some(told) => told,
            None => {
                self.store
                    .keep(
                        &batch.id,
                        &key,
                        self.staff.presses().make_patiently(task.assignment, task.body).await?,
                    )
                    .await?
            }
        };
        intake.tell(&unit, &mut told.findings)?;
        let name = told.unit.as_deref().map(visible);
        let message = told.findings.first().map(Diagnostic::in_one_line);
        let message = message.as_deref().map(visible);
        let code = told.findings.first().map(|finding| finding.code.as_ref());
        let done = DoneUnit {
            number: unit.number,
            result: batch::UnitResult::of(&told),
            key: &key,
            source: &visible(&unit.source),
            unit: name.as_deref(),
            code,
            message: message.as_deref(),
        };
        if self.records.done(&batch.id, &done, now()).await? {
            self.queue.assemble(&batch.id).await?;
        }
        Ok(())
    }

    /// Notes that a unit was given up.
    async fn fail_unit(&self, job: &UnitJob, error: &JobFailure) -> Result<(), JobFailure> {
        let Some(batch) = self.running(&job.batch).await? else { return Ok(()) };
        let reason = format!("试了{TRIES}次都没有做成（{error}）");
        let intake = match self.open_upload(&batch).await {
            Ok(opened) => opened.intake,
            Err(error @ JobFailure::Ended(_)) => return Err(error),
            // Then none of its units can be made.
            Err(error) if error.cause() == Cause::Unknown => {
                return self.give_up(&batch.id, UNOPENED_UPLOAD).await;
            }
            Err(error) => return Err(error),
        };
        match intake.units().get(job.number.wrapping_sub(1)) {
            Some(unit) => self.note_failure(&batch, unit, &reason).await,
            // There is no such unit, and nobody waits for it.
            None => Ok(()),
        }
    }

    /// Notes that a unit has no report, for a reason that is none of its own. It has nothing in the store.
    async fn note_failure(&self, batch: &Batch, unit: &Unit, reason: &str) -> Result<(), JobFailure> {
        let done = DoneUnit {
            number: unit.number,
            result: batch::UnitResult::Failed,
            key: "",
            source: &visible(&unit.source),
            unit: None,
            code: None,
            message: Some(reason),
        };
        if self.records.done(&batch.id, &done, now()).await? {
            self.queue.assemble(&batch.id).await?;
        }
        Ok(())
    }

    /// Ends a batch that cannot be made.
    async fn give_up(&self, id: &str, reason: &str) -> Result<(), JobFailure> {
        if self.records.give_up(id, &[BatchState::Running, BatchState::Uploaded], reason, now()).await? {
            tracing::error!(batch = id, reason, "a batch was given up");
        }
        Ok(())
    }

    /// A job may be given anew whose program died between the last unit and the archive.
    async fn assemble_if_done(&self, batch: &Batch) -> Result<(), JobFailure> {
        if batch.done() == batch.counts.total {
            self.queue.assemble(&batch.id).await?;
        }
        Ok(())
    }

    async fn write_archive(&self, id: &str) -> Result<(), JobFailure> {
        let Some(batch) = self.running(id).await? else { return Ok(()) };
        let units = self.records.units(id).await?;
        if units.len() < batch.counts.total {
            return Ok(());
        }
        let lost = self.lost_of(&batch, &units).await?;
        if !lost.is_empty() {
            return self.make_again(&batch, &lost).await;
        }
        let opened = self.open_upload(&batch).await?;
        let intake = opened.intake.clone();
        let writing = self.store.write_archive(&batch).await?;
        let (send, mut results) = mpsc::channel(AHEAD);
        let fetching = {
            let (store, id) = (self.store.clone(), id.to_owned());
            tokio::spawn(async move {
                let mut fetched = stream::iter(units)
                    .map(|unit| {
                        let (store, id) = (store.clone(), id.clone());
                        async move { kept(&store, &id, unit).await }
                    })
                    .buffered(AHEAD);
                while let Some(result) = fetched.next().await {
                    if send.send(result).await.is_err() {
                        return;
                    }
                }
            })
        };
        let settings = self.settings_of(&batch, &opened);
        let crew = self.staff.presses().crew().clone();
        let scratch = self.settings.data.clone();
        let written = blocking(move || -> io::Result<Result<(Ledger, Seal), Vec<usize>>> {
            let mut out = io::BufWriter::new(writing);
            let mut archive = Archive::new(&intake, &settings, &scratch, &mut out)?;
            let mut changed = vec![];
            for unit in intake.units() {
                let result = results.blocking_recv();
                match result.ok_or_else(|| io::Error::other("no more results"))?? {
                    Some((told, file)) if changed.is_empty() => archive.add(told, &file)?,
                    // All others are looked at, so that they are made again together.
                    Some(_) => {}
                    None => changed.push(unit.number),
                }
            }
            if !changed.is_empty() {
                return Ok(Err(changed));
            }
            let ledger = archive.finish(&mut crew.worker())?;
            let seal = out.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?;
            Ok(Ok((ledger, seal)))
        });
        let written = written.await;
        fetching.abort();
        let (ledger, seal) = match written? {
            Ok(written) => written,
            Err(changed) => return self.make_again(&batch, &changed).await,
        };
        self.records.end(id, batch.round, &ledger, seal, now()).await?;
        self.opened.lock().await.remove(id);
        self.lost_results.lock().await.remove(id);
        Ok(())
    }

    /// The numbers of the units whose results are gone, for whatever reason.
    async fn lost_of(&self, batch: &Batch, units: &[KeptUnit]) -> Result<Vec<usize>, JobFailure> {
        let there = self.store.of_units(&batch.id).await?;
        let has = |unit: &KeptUnit, extension: &str| there.contains(&format!("{}.{extension}", unit.key));
        let is_lost = |unit: &&KeptUnit| {
            // Whether one that was not made has other papers is seen when it is read.
            !unit.key.is_empty() && (!has(unit, "json") || unit.is_made && !has(unit, "pdf"))
        };
        Ok(units.iter().filter(is_lost).map(|unit| unit.number).collect())
    }

    /// Has units made again whose results are gone or changed; those to which that happened too often have
    /// failed.
    async fn make_again(&self, batch: &Batch, lost: &[usize]) -> Result<(), JobFailure> {
        tracing::warn!(
            batch = batch.id,
            units = lost.len(),
            "results are gone or changed, and are made again"
        );
        let hopeless: Vec<usize> = {
            let mut times = self.lost_results.lock().await;
            let times = times.entry(batch.id.clone()).or_default();
            lost.iter().for_each(|number| *times.entry(*number).or_default() += 1);
            lost.iter().copied().filter(|number| times[number] > REMAKES).collect()
        };
        let intake = self.open_upload(batch).await?.intake;
        for number in lost {
            self.records.forget(&batch.id, *number).await?;
        }
        for number in &hopeless {
            let reason = format!("做好了{REMAKES}次，每次在存放处都丢失或损坏了");
            self.note_failure(batch, &intake.units()[*number - 1], &reason).await?;
        }
        let again: Vec<usize> = lost.iter().copied().filter(|number| !hopeless.contains(number)).collect();
        Ok(self.queue.make(&batch.id, &again).await?)
    }

    async fn running(&self, id: &str) -> Result<Option<Batch>, JobFailure> {
        let batch = self.records.batch(id).await?;
        Ok(batch.filter(|batch| batch.state == BatchState::Running))
    }

    /// The upload of a batch, opened. On a machine that it did not come to it is fetched first.
    pub(super) async fn open_upload(&self, batch: &Batch) -> Result<OpenedUpload, JobFailure> {
        let mut all = self.opened.lock().await;
        if let Some(opened) = all.get(&batch.id) {
            return Ok(opened.clone());
        }
        let BatchTerms { expectation, also, last_year, plan } = self.records.terms(&batch.id).await?;
        let intake = self.fetched(batch, &place(UPLOAD, &batch.kind), &batch.digest).await?;
        let last_year = self.shelf(batch, LAST_YEAR, last_year).await?;
        let plan = self.shelf(batch, PLAN, plan).await?;
        let opened = OpenedUpload {
            intake: Arc::new(intake.expecting(expectation)),
            companions: Arc::new(Companions { last_year, plan }),
            also,
        };
        all.insert(batch.id.clone(), opened.clone());
        Ok(opened)
    }

    /// What came with the upload to hold its reports against, if it did.
    async fn shelf(
        &self,
        batch: &Batch,
        what: &str,
        enclosed: Option<EnclosedFile>,
    ) -> Result<Option<CompanionShelf>, JobFailure> {
        let Some(EnclosedFile { name, digest }) = enclosed else { return Ok(None) };
        let intake = self.fetched(batch, &place(what, &ending(&name)), &digest).await?;
        let crew = self.staff.at(Post::Readers).crew().clone();
        Ok(Some(blocking(move || CompanionShelf::of(intake, &mut crew.worker())).await?))
    }

    /// A file of a batch, taken apart.
    async fn fetched(&self, batch: &Batch, name: &str, digest: &str) -> Result<Intake, JobFailure> {
        let file = self.settings.data.join(OPENED).join(format!("{}-{name}", batch.id));
        if let Err(error) = self.store.fetch_upload(&batch.id, name, digest, &file).await {
            // What there is of it takes room.
            let _ = std::fs::remove_file(&file);
            let reason = match error.kind() {
                // Said by the store, and not of a folder of ours.
                io::ErrorKind::NotFound if error.raw_os_error().is_none() => NO_UPLOAD,
                io::ErrorKind::InvalidData => DAMAGED_UPLOAD,
                _ => return Err(error.into()),
            };
            // Nobody can make it any more, and others wait.
            self.give_up(&batch.id, reason).await?;
            return Err(JobFailure::Ended(reason.to_owned()));
        }
        let intake = self.unpacked(&file, &file).await?.map_err(io::Error::other)?;
        std::fs::remove_file(&file)?;
        Ok(intake)
    }

    /// The task with what its report is held against.
    async fn beside(&self, task: UnitTask, opened: &OpenedUpload) -> Result<UnitTask, JobFailure> {
        if opened.companions.is_empty() {
            return Ok(task);
        }
        let body = Bytes::from(task.body.clone());
        let told = self.staff.at(Post::Readers).ask_patiently(task.whose(), body).await?;
        let told = told.map(|answer| answer.record()).unwrap_or_default();
        let companions = opened.companions.clone();
        Ok(blocking(move || Ok(task.beside(&companions, &told))).await?)
    }

    /// What is in a file, taken apart by a worker. The plain file stays open, and its place on the disk is
    /// free once nobody needs it.
    pub(super) async fn unpacked(
        &self,
        file: &Path,
        name: &Path,
    ) -> Result<Result<Intake, BatchRefusal>, JobFailure> {
        let plain = tempfile::NamedTempFile::new_in(self.settings.data.join(OPENED))?;
        let question = Question::unpack(file, name, plain.path());
        let answer = self.staff.at(Post::Readers).ask_patiently(question, Bytes::new()).await?;
        let plain = plain.into_file();
        let lost = |found: Vec<Diagnostic>| {
            let why = found.iter().map(|one| one.message.as_str()).collect();
            BatchRefusal::Lost { path: name.to_owned(), why }
        };
        Ok(answer.map_err(lost).and_then(|answer| Intake::of_answer(&answer.bytes, plain, name)))
    }

    fn settings_of(&self, batch: &Batch, opened: &OpenedUpload) -> batch::BatchSettings {
        batch::BatchSettings {
            edition: batch.edition,
            also: opened.also.clone(),
            companions: opened.companions.clone(),
            workers: NonZeroUsize::MIN,
            fingerprint: self.settings.fingerprint.clone(),
            checks: self.settings.checks.clone(),
            retry_failed: false,
        }
    }
}

/// What was made of a unit, and its file; nothing where it is lost or changed.
async fn kept(store: &Store, id: &str, unit: KeptUnit) -> io::Result<Option<(UnitRecord, Bytes)>> {
    if unit.key.is_empty() {
        let told = UnitRecord { unit: unit.unit, ..batch::not_made(unit.message.unwrap_or_default()) };
        return Ok(Some((told, Bytes::new())));
    }
    store.result(id, &unit.key).await
}
