//! Batches over HTTP: uploaded, looked at, begun, followed, fetched, by programs ([`interface`]) and by
//! people ([`pages`]). What may be done with a batch, and why not, is said here for both.

pub(super) mod interface;
pub(super) mod pages;
mod progress;
pub(super) mod units;
mod uploads;

pub(super) use progress::Progress;

use super::answer::Refusal;
use crate::jobs::{Batch, BatchArrival, BatchState, Effect, Jobs, Upload};

/// How many batches or units a page has, as a rule and at most.
const PAGE: usize = 20;
const LARGEST_PAGE: usize = 100;

async fn find(jobs: &Jobs, id: &str) -> Result<Batch, Refusal> {
    jobs.batch(id).await?.ok_or_else(Refusal::no_such_batch)
}

async fn accept(jobs: &Jobs, upload: Upload) -> Result<Batch, Refusal> {
    match jobs.accept(upload).await? {
        BatchArrival::New(batch) | BatchArrival::Known(batch) => Ok(batch),
        BatchArrival::KeyTaken => Err(Refusal::key_taken()),
        BatchArrival::TooMany(state) => Err(Refusal::too_many_batches(state)),
        BatchArrival::Refused(refused) => Err(refused.into()),
    }
}

async fn start(jobs: &Jobs, id: &str) -> Result<Batch, Refusal> {
    match jobs.start(id).await? {
        Effect::Done(Some(batch)) => Ok(batch),
        Effect::Done(None) => Err(Refusal::too_many_batches(BatchState::Running)),
        Effect::Unknown => Err(Refusal::no_such_batch()),
        Effect::NotNow(state) => Err(Refusal::begun_already(state)),
    }
}

async fn retry(jobs: &Jobs, id: &str) -> Result<Batch, Refusal> {
    match jobs.retry(id).await? {
        Effect::Done(batch) => Ok(batch),
        Effect::Unknown => Err(Refusal::no_such_batch()),
        Effect::NotNow(state) => Err(Refusal::nothing_to_retry(state)),
    }
}

/// Cancels a batch that is not done, and removes one that is; gives back the cancelled one.
async fn delete(jobs: &Jobs, id: &str) -> Result<Option<Batch>, Refusal> {
    match jobs.delete(id).await? {
        Effect::Done(left) => Ok(left),
        Effect::Unknown | Effect::NotNow(_) => Err(Refusal::no_such_batch()),
    }
}
