//! What is done about a job. A job that meets a fault which passes (a database that restarts, a store out
//! of reach) waits and tries again; it is given up only when the program stops, and done by the next.

use std::io;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use apalis::prelude::BoxDynError;
use axum::body::Bytes;
use futures_util::stream::{self, StreamExt};
use tokio::sync::mpsc;

use super::database::{DoneUnit, KeptUnit};
use super::queue::{ArchiveJob, Hands, UnitJob};
use super::{Batch, Failed, Jobs, OPENED, State, blocking, now};
use crate::batch::{self, Archive, Intake, Ledger};
use crate::diagnostic::Diagnostic;
use crate::intake::Refused;
use crate::workers::Question;

/// How long a job waits after a fault, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LAST_PAUSE: Duration = Duration::from_secs(30);

/// How many results are fetched ahead while an archive is written.
const AHEAD: usize = 4;

impl Hands for Jobs {
    async fn make(&self, job: UnitJob) -> Result<(), BoxDynError> {
        self.patiently("unit", || self.make_unit(&job)).await
    }

    async fn assemble(&self, job: ArchiveJob) -> Result<(), BoxDynError> {
        self.patiently("archive", || self.write_archive(&job.batch)).await
    }
}

impl Jobs {
    async fn patiently<F: Future<Output = Result<(), Failed>>>(
        &self,
        what: &str,
        work: impl Fn() -> F,
    ) -> Result<(), BoxDynError> {
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match work().await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            tracing::warn!(%error, what, pause_seconds = pause.as_secs(), "a job waits and tries again");
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stopped() => return Err(error.into()),
            }
            pause = (pause * 2).min(LAST_PAUSE);
        }
    }

    async fn make_unit(&self, job: &UnitJob) -> Result<(), Failed> {
        let Some(batch) = self.running(&job.batch).await? else { return Ok(()) };
        if self.records.is_done(&batch.id, job.number).await? {
            return self.assemble_if_done(&batch).await;
        }
        let intake = self.intake(&batch).await?;
        let unit = intake.units().get(job.number - 1).cloned();
        let unit = unit.ok_or_else(|| io::Error::other(format!("no unit {} in the upload", job.number)))?;
        let settings = self.settings_of(&batch);
        let (report, task, key) = {
            let (intake, unit) = (intake.clone(), unit.clone());
            blocking(move || batch::task(&intake, &unit, &settings)).await?
        };
        let known = self.store.made(&batch.id, &key).await?;
        let mut told = match known {
            Some(told) => told,
            None => {
                self.store
                    .keep(&batch.id, &key, self.staff.presses().make_patiently(task, report).await?)
                    .await?
            }
        };
        intake.tell(&unit, &mut told.findings)?;
        let message = told.findings.first().map(Diagnostic::in_one_line);
        let done = DoneUnit {
            number: unit.number,
            result: batch::Result::of(&told),
            key: &key,
            source: &unit.source,
            unit: told.unit.as_deref(),
            message: message.as_deref(),
        };
        if self.records.done(&batch.id, &done, now()).await? {
            self.queue.assemble(&batch.id).await?;
        }
        Ok(())
    }

    /// A job may be given anew whose program died between the last unit and the archive.
    async fn assemble_if_done(&self, batch: &Batch) -> Result<(), Failed> {
        if batch.done() == batch.counts.total {
            self.queue.assemble(&batch.id).await?;
        }
        Ok(())
    }

    async fn write_archive(&self, id: &str) -> Result<(), Failed> {
        let Some(batch) = self.running(id).await? else { return Ok(()) };
        let units = self.records.units(id).await?;
        if units.len() < batch.counts.total || self.forget_lost(&batch, &units).await? {
            return Ok(());
        }
        let intake = self.intake(&batch).await?;
        let writing = self.store.write_archive(&batch).await?;
        let (send, mut results) = mpsc::channel(AHEAD);
        let fetching = {
            let (store, id) = (self.store.clone(), id.to_owned());
            tokio::spawn(async move {
                let mut fetched = stream::iter(units)
                    .map(|unit| {
                        let (store, id) = (store.clone(), id.clone());
                        async move { store.result(&id, &unit.key).await }
                    })
                    .buffered(AHEAD);
                while let Some(result) = fetched.next().await {
                    if send.send(result).await.is_err() {
                        return;
                    }
                }
            })
        };
        let checks = self.settings.checks.clone();
        let crew = self.staff.presses().crew().clone();
        let scratch = self.settings.data.clone();
        let written = blocking(move || -> io::Result<Ledger> {
            let mut out = io::BufWriter::new(writing);
            let mut archive = Archive::new(&intake, &checks, &scratch, &mut out)?;
            for _ in intake.units() {
                let result = results.blocking_recv();
                let (told, file) = result.ok_or_else(|| io::Error::other("no more results"))??;
                archive.add(told, &file)?;
            }
            let ledger = archive.finish(&mut crew.worker())?;
            out.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?;
            Ok(ledger)
        });
        let ledger = written.await;
        fetching.abort();
        let ledger = ledger?;
        self.records.end(id, batch.round, State::from(ledger.state), ledger.counts, now()).await?;
        self.intakes.lock().await.remove(id);
        Ok(())
    }

    /// Has units made again whose results are gone, for whatever reason. Tells whether there are any.
    async fn forget_lost(&self, batch: &Batch, units: &[KeptUnit]) -> Result<bool, Failed> {
        let there = self.store.of_units(&batch.id).await?;
        let has = |unit: &KeptUnit, extension: &str| there.contains(&format!("{}.{extension}", unit.key));
        let is_lost = |unit: &&KeptUnit| !has(unit, "json") || unit.is_made && !has(unit, "pdf");
        let lost: Vec<usize> = units.iter().filter(is_lost).map(|unit| unit.number).collect();
        for number in &lost {
            self.records.forget(&batch.id, *number).await?;
        }
        if !lost.is_empty() {
            self.queue.make(&batch.id, &lost).await?;
        }
        Ok(!lost.is_empty())
    }

    async fn running(&self, id: &str) -> Result<Option<Batch>, Failed> {
        let batch = self.records.batch(id).await?;
        Ok(batch.filter(|batch| batch.state == State::Running))
    }

    /// The upload of a batch, opened. On a machine that it did not come to it is fetched first.
    pub(super) async fn intake(&self, batch: &Batch) -> Result<Arc<Intake>, Failed> {
        let mut intakes = self.intakes.lock().await;
        if let Some(intake) = intakes.get(&batch.id) {
            return Ok(intake.clone());
        }
        let file = self.settings.data.join(OPENED).join(format!("{}.{}", batch.id, batch.kind));
        if let Err(error) = self.store.fetch_upload(batch, &file).await {
            if error.kind() == io::ErrorKind::NotFound {
                // Nobody can make it any more, and others wait.
                tracing::error!(batch = batch.id, "cancelled, for its upload is gone from the store");
                self.records.cancel(&batch.id, now()).await?;
            }
            return Err(error.into());
        }
        let intake = self.unpacked(&file, &file).await?.map_err(io::Error::other)?;
        let intake = Arc::new(intake);
        std::fs::remove_file(&file)?;
        intakes.insert(batch.id.clone(), intake.clone());
        Ok(intake)
    }

    /// What is in a file, taken apart by a worker. The plain file stays open, and its place on the disk is
    /// free once nobody needs it.
    pub(super) async fn unpacked(&self, file: &Path, name: &Path) -> Result<Result<Intake, Refused>, Failed> {
        let plain = tempfile::NamedTempFile::new_in(self.settings.data.join(OPENED))?;
        let question = Question::unpack(file, name, plain.path());
        let answer = self.staff.ask(question, Bytes::new(), None).await.map_err(io::Error::other)?;
        let plain = plain.into_file();
        let lost = |found: Vec<Diagnostic>| {
            let why = found.iter().map(|one| one.message.as_str()).collect();
            Refused::Lost { path: name.to_owned(), why }
        };
        Ok(answer.map_err(lost).and_then(|answer| Intake::of_answer(&answer.bytes, plain, name)))
    }

    fn settings_of(&self, batch: &Batch) -> batch::Settings {
        batch::Settings {
            edition: batch.edition,
            workers: NonZeroUsize::MIN,
            fingerprint: self.settings.fingerprint.clone(),
            checks: self.settings.checks.clone(),
            retry_failed: false,
        }
    }
}
