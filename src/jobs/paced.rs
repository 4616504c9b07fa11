//! A source of jobs that rests while there are none. Left to itself the engine (apalis 1.0) asks its
//! database anew whenever anything wakes its worker, and what the database's answer leaves behind wakes
//! it again: an idle program would ask a thousand times a second and keep a core busy.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use apalis_core::backend::{Backend, BackendConfig, WireFormatBackend};
use apalis_core::worker::context::WorkerContext;
use futures_util::future::{BoxFuture, FutureExt};
use tokio::time::{Sleep, sleep};

/// How long an idle program waits before it looks for jobs again.
const REST: Duration = Duration::from_millis(500);

/// How long the engine may fetch before it rests again. Only where another program took the last job
/// first does it come to that.
const LONGEST_FETCH: Duration = Duration::from_secs(2);

/// Says whether there is a job to be fetched. Where that cannot be told, the engine is to try, and to
/// say what is wrong.
pub(super) type Look = Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

/// A backend of the engine that is only asked when there is a job.
pub(super) struct PacedBackend<B> {
    backend: B,
    look: Look,
    state: State,
}

enum State {
    Looking(BoxFuture<'static, bool>),
    Fetching(Pin<Box<Sleep>>),
    Resting(Pin<Box<Sleep>>),
}

impl<B> PacedBackend<B> {
    pub(super) fn new(backend: B, look: Look) -> Self {
        let state = State::Looking(look());
        Self { backend, look, state }
    }
}

impl<B: Backend> Backend for PacedBackend<B> {
    type Task = B::Task;
    type Error = B::Error;

    fn poll_ready(
        &mut self,
        context: &mut Context<'_>,
        worker: &WorkerContext,
    ) -> Poll<Result<(), Self::Error>> {
        self.backend.poll_ready(context, worker)
    }

    fn poll_next(
        &mut self,
        context: &mut Context<'_>,
        worker: &WorkerContext,
    ) -> Poll<Option<Result<Self::Task, Self::Error>>> {
        loop {
            self.state = match &mut self.state {
                State::Looking(look) => match ready!(look.poll_unpin(context)) {
                    true => State::Fetching(Box::pin(sleep(LONGEST_FETCH))),
                    false => State::Resting(Box::pin(sleep(REST))),
                },
                State::Fetching(end) => match self.backend.poll_next(context, worker) {
                    Poll::Ready(task) => {
                        self.state = State::Looking((self.look)());
                        return Poll::Ready(task);
                    }
                    Poll::Pending => {
                        ready!(end.poll_unpin(context));
                        State::Resting(Box::pin(sleep(REST)))
                    }
                },
                State::Resting(end) => {
                    ready!(end.poll_unpin(context));
                    State::Looking((self.look)())
                }
            };
        }
    }

    fn poll_close(
        &mut self,
        context: &mut Context<'_>,
        worker: &WorkerContext,
    ) -> Poll<Result<(), Self::Error>> {
        self.backend.poll_close(context, worker)
    }
}

impl<B: BackendConfig> BackendConfig for PacedBackend<B> {
    type Args = B::Args;
    type Id = B::Id;
    type Kind = B::Kind;
    type Config = B::Config;
    type Layer = B::Layer;

    fn config(&self) -> &Self::Config {
        self.backend.config()
    }

    fn middleware(&mut self, worker: &mut WorkerContext) -> Self::Layer {
        self.backend.middleware(worker)
    }
}

impl<B: WireFormatBackend> WireFormatBackend for PacedBackend<B> {
    type Compact = B::Compact;
    type Codec = B::Codec;

    fn codec(&self) -> &Self::Codec {
        self.backend.codec()
    }
}
