//! What is done now and then: results that were kept long enough are removed, and work that stands still
//! is given anew.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::{BatchState, JobFailure, Jobs, now};

/// How often it is looked after at most; where results are kept for a shorter time, as often as that.
const EVERY: Duration = Duration::from_secs(60);

/// After how many seconds in which no unit of any batch was done the queue is taken to stand still. A unit
/// takes two minutes at most.
const STANDSTILL: i64 = 15 * 60;

/// How many seconds in the future something may have happened, for the clocks of two machines differ.
const LATEST: i64 = 24 * 60 * 60;

impl Jobs {
    pub(super) async fn keep_up(self: Arc<Self>) {
        let every = EVERY.min(self.settings.keep).max(Duration::from_secs(1));
        loop {
            if let Err(error) = self.look_after().await {
                tracing::warn!(%error, "the batches could not be looked after");
            }
            tokio::time::sleep(every).await;
        }
    }

    async fn look_after(&self) -> Result<(), JobFailure> {
        self.records.set_right(now(), now() + LATEST).await?;
        let before = |kept: Duration| now().saturating_sub_unsigned(kept.as_secs());
        let too_old = self.records.expired(before(self.settings.keep), before(self.wait())).await?;
        for batch in &too_old {
            self.remove(&batch.id).await?;
            tracing::info!(batch = batch.id, "removed, for its results were kept long enough");
        }
        self.queue.clean().await?;

        let running = self.records.of_state(BatchState::Running).await?;
        let ids: HashSet<&str> = running.iter().map(|batch| batch.id.as_str()).collect();
        self.opened.lock().await.retain(|id, _| ids.contains(id.as_str()));
        self.lost_results.lock().await.retain(|id, _| ids.contains(id.as_str()));

        // A program may also have died between the noting of a batch and its jobs.
        // What moved later than now moved before the clock was set back.
        let has_stood = |moved: i64| now().saturating_sub(moved).saturating_abs() > STANDSTILL;
        let stands_still = self.records.last_moved().await?.is_some_and(has_stood);
        if stands_still || self.queue.is_empty().await? {
            self.records.moved(now()).await?;
            for batch in running {
                let done: HashSet<usize> =
                    self.records.units(&batch.id).await?.into_iter().map(|unit| unit.number).collect();
                let waiting: Vec<usize> =
                    (1..=batch.counts.total).filter(|number| !done.contains(number)).collect();
                tracing::warn!(batch = batch.id, waiting = waiting.len(), "stood still, and is given anew");
                match waiting.is_empty() {
                    true => self.queue.assemble(&batch.id).await?,
                    false => self.queue.make(&batch.id, &waiting).await?,
                }
            }
        }
        Ok(())
    }
}
