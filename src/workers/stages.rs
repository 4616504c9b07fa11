//! How long each stage of the way took that a worker has gone, for whoever watches its master. The stages say
//! themselves where they begin and end (spans in `pipeline`); here is the clock.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tracing::span::{Attributes, Id};
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use crate::traces::{Stage, StageKind};

/// How many stages of a piece of work are told. A report with all that is made besides has twenty.
const MOST: usize = 64;

/// Takes the time of the stages of one piece of work after the other.
#[derive(Clone)]
pub(super) struct StageClock(Arc<Mutex<StageTimes>>);

struct StageTimes {
    since: Instant,
    stages: Vec<Stage>,
}

/// When a stage began.
struct StageStart(Instant);

impl StageClock {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(StageTimes { since: Instant::now(), stages: vec![] })))
    }

    /// What has it looked at.
    pub(super) fn dispatch(&self) -> Dispatch {
        let is_stage =
            filter_fn(|metadata| metadata.is_span() && StageKind::named(metadata.name()).is_some());
        tracing_subscriber::registry().with(self.clone().with_filter(is_stage)).into()
    }

    /// The next piece of work begins.
    pub(super) fn start(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            StageTimes { since: Instant::now(), stages: vec![] };
    }

    /// The stages since then, in the order in which they ended.
    pub(super) fn stages(&self) -> Vec<Stage> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).stages)
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for StageClock {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(StageStart(Instant::now()));
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let begun = span.extensions().get::<StageStart>().map(|begun| begun.0);
        let (Some(begun), Some(kind)) = (begun, StageKind::named(span.name())) else { return };
        let mut timed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if timed.stages.len() < MOST {
            let after = begun.saturating_duration_since(timed.since);
            timed.stages.push(Stage { kind, after, took: begun.elapsed() });
        }
    }
}
