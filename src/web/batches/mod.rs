//! Batches over HTTP: uploaded, looked at, begun, followed, fetched, by programs ([`interface`]) and by
//! people ([`pages`]). What may be done with a batch, and why not, is said here for both.

pub(super) mod interface;
pub(super) mod pages;
mod progress;
pub(super) mod unit_page;
pub(super) mod units;
mod uploads;

pub(super) use progress::Progress;

use super::answer::Refusal;
use crate::jobs::{Batch, BatchArrival, BatchState, Effect, Jobs, Upload};
use axum::http::StatusCode;

/// How many batches or units a page has, as a rule and at most.
const PAGE: usize = 20;
const LARGEST_PAGE: usize = 100;

async fn find(jobs: &Jobs, id: &str) -> Result<Batch, Refusal> {
    jobs.batch(id).await?.ok_or_else(Refusal::no_such_batch)
}

pub(super) async fn accept(jobs: &Jobs, upload: Upload) -> Result<Batch, Refusal> {
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

/// What is refused here.
impl Refusal {
    fn no_such_batch() -> Self {
        Self::other(
            StatusCode::NOT_FOUND,
            "没有这一批，或它已经删除",
            "请在“成批生成”的列表里找；保存期过了的请重新上传",
        )
    }

    fn key_taken() -> Self {
        let hint = "重复发送同一批才用同一个 Idempotency-Key；这是另一批，请换一个";
        Self::other(StatusCode::UNPROCESSABLE_ENTITY, "这个 Idempotency-Key 已用于另一批", hint)
    }

    fn too_many_batches(state: BatchState) -> Self {
        let (message, hint) = match state {
            BatchState::Uploaded => {
                ("待开始的批数已到上限", "请先开始或删除其中一批；一刻钟没有人查看的会自动让出位置")
            }
            _ => ("同时生成的批数已到上限", "请等其中一批做完，或取消不再需要的"),
        };
        Self::other(StatusCode::SERVICE_UNAVAILABLE, message, hint)
    }

    fn begun_already(state: BatchState) -> Self {
        let hint = "进度见这一批的地址";
        match state {
            BatchState::Running => Self::other(StatusCode::CONFLICT, "这一批已经开始", hint),
            _ => Self::other(StatusCode::CONFLICT, "这一批已经结束", hint),
        }
    }

    fn nothing_to_retry(state: BatchState) -> Self {
        let (message, hint) = match state {
            BatchState::Uploaded => ("这一批还没有开始", "请先开始生成"),
            BatchState::Running => ("这一批还在生成", "请做完后再重试"),
            BatchState::Cancelled => ("这一批已取消", "需要的话请重新上传"),
            _ => ("这一批没有未生成的单位", "不需要重试；改了内容的请重新上传"),
        };
        Self::other(StatusCode::CONFLICT, message, hint)
    }
}
