//! The workers of one kind in a service: so many at a time, and whoever comes next has the next that is
//! free, or the one that knows what it is about.

use std::collections::VecDeque;
use std::io;
use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use axum::body::Bytes;
use tokio::sync::oneshot;

use super::crew::Waits;
use super::{Answer, Assignment, Crew, Outcome, Question, Worker};
use crate::diagnostic::Diagnostic;
use crate::traces::{self, TracedWork};

/// How many things a pool remembers who was at them last.
const REMEMBERED: usize = 64;

/// A thread for each worker; it keeps its process from one piece of work to the next.
#[derive(Clone)]
pub struct Pool(Arc<PoolDesk>);

struct PoolDesk {
    line: Arc<WaitingLine>,
    crew: Crew,
    /// How many may wait or be at work.
    most: usize,
}

/// Why something is not done.
#[derive(Debug, thiserror::Error)]
pub enum Rejection {
    #[error("too many wait")]
    Away,
    #[error(transparent)]
    Failed(#[from] io::Error),
}

/// How busy a pool is.
#[derive(Clone, Copy, Debug)]
pub struct Occupancy {
    /// How many workers are at something, and how many pieces of work wait for one.
    pub at_work: usize,
    pub waiting: usize,
}

/// What waits for a worker.
#[derive(Default)]
struct WaitingLine {
    state: Mutex<PoolState>,
    /// Something has come, a worker is free, or it is closed.
    changed: Condvar,
}

#[derive(Default)]
struct PoolState {
    waiting: VecDeque<Piece>,
    /// Which workers are at something, by number.
    at_work: Vec<bool>,
    /// Who was last at what, the latest last.
    known: VecDeque<(u64, usize)>,
    is_closed: bool,
}

/// A piece of work.
struct Piece {
    /// What it is about, where a worker that was at it before is quicker.
    about: Option<u64>,
    body: Bytes,
    wish: Wish,
    /// What is told of it, and since when it waits.
    told: TracedWork,
    since: Instant,
}

enum Wish {
    Make(Assignment, oneshot::Sender<io::Result<Outcome>>),
    Ask(Question, oneshot::Sender<io::Result<Result<Answer, Vec<Diagnostic>>>>),
}

impl Pool {
    /// Starts so many workers; besides what they are at, `waiting` pieces of work may stand in line.
    pub fn start(crew: Crew, workers: NonZeroUsize, waiting: usize) -> Self {
        let line = Arc::new(WaitingLine::default());
        line.state().at_work = vec![false; workers.get()];
        for number in 0..workers.get() {
            let (line, worker) = (line.clone(), crew.worker());
            thread::Builder::new()
                .name(format!("worker-{number}"))
                .spawn(move || work(&line, number, worker))
                .expect("the system gives a thread at the start");
        }
        Self(Arc::new(PoolDesk { line, crew, most: workers.get().saturating_add(waiting) }))
    }

    /// Has a report made, in its turn. Whoever stops waiting leaves the worker alone, who then soon stops.
    pub async fn make(&self, task: Assignment, report: impl Into<Bytes>) -> Result<Outcome, Rejection> {
        let (done, outcome) = oneshot::channel();
        self.put(Piece::new(report, Wish::Make(task, done)))?;
        Ok(outcome.await.map_err(|_| gone())??)
    }

    /// The same, however many wait.
    pub async fn make_patiently(&self, task: Assignment, report: impl Into<Bytes>) -> io::Result<Outcome> {
        let (done, outcome) = oneshot::channel();
        self.push(Piece::new(report, Wish::Make(task, done)));
        outcome.await.map_err(|_| gone())?
    }

    /// Has a question answered, in its turn; by the worker that was `about` the same before, if it is free.
    pub async fn ask(
        &self,
        question: Question,
        body: impl Into<Bytes>,
        about: Option<u64>,
    ) -> Result<Result<Answer, Vec<Diagnostic>>, Rejection> {
        let (done, answer) = oneshot::channel();
        self.put(Piece { about, ..Piece::new(body, Wish::Ask(question, done)) })?;
        Ok(answer.await.map_err(|_| gone())??)
    }

    /// The same, however many wait.
    pub async fn ask_patiently(
        &self,
        question: Question,
        body: impl Into<Bytes>,
    ) -> io::Result<Result<Answer, Vec<Diagnostic>>> {
        let (done, answer) = oneshot::channel();
        self.push(Piece::new(body, Wish::Ask(question, done)));
        answer.await.map_err(|_| gone())?
    }

    fn put(&self, piece: Piece) -> Result<(), Rejection> {
        let mut state = self.0.line.state();
        // Those who have gone do not keep others away.
        state.waiting.retain(|piece| piece.wish.is_wanted());
        if state.busy() + state.waiting.len() >= self.0.most {
            piece.told.fail("too many wait");
            return Err(Rejection::Away);
        }
        drop(state);
        self.push(piece);
        Ok(())
    }

    fn push(&self, piece: Piece) {
        self.0.line.state().waiting.push_back(piece);
        self.0.line.changed.notify_all();
    }

    pub fn line(&self) -> Occupancy {
        let mut state = self.0.line.state();
        state.waiting.retain(|piece| piece.wish.is_wanted());
        Occupancy { at_work: state.busy(), waiting: state.waiting.len() }
    }

    /// How its workers are started.
    pub fn crew(&self) -> &Crew {
        &self.0.crew
    }
}

fn gone() -> io::Error {
    io::Error::other("the workers have stopped")
}

impl Drop for PoolDesk {
    fn drop(&mut self) {
        self.line.state().is_closed = true;
        self.line.changed.notify_all();
    }
}

impl WaitingLine {
    fn state(&self) -> MutexGuard<'_, PoolState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that a worker is free, before its answer goes out: who asks again at once is to find the same.
    fn rest(&self, worker: usize) {
        self.state().at_work[worker] = false;
    }

    /// The next piece for this worker; nothing when there will be none.
    fn next(&self, worker: usize) -> Option<Piece> {
        let mut state = self.state();
        // Who left a piece to this worker may have it now, and who waits behind it the next.
        self.changed.notify_all();
        loop {
            state.waiting.retain(|piece| piece.wish.is_wanted());
            if let Some(piece) = state.take(worker) {
                state.at_work[worker] = true;
                return Some(piece);
            }
            if state.is_closed {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl PoolState {
    fn busy(&self) -> usize {
        self.at_work.iter().filter(|at_work| **at_work).count()
    }

    /// The first piece that is not better left to another worker who is free.
    fn take(&mut self, worker: usize) -> Option<Piece> {
        let is_for_another = |piece: &Piece| {
            let known = piece.about.and_then(|about| self.known.iter().find(|(one, _)| *one == about));
            known.is_some_and(|(_, other)| *other != worker && !self.at_work[*other])
        };
        let place = self.waiting.iter().position(|piece| !is_for_another(piece))?;
        let piece = self.waiting.remove(place)?;
        if let Some(about) = piece.about {
            self.known.retain(|(one, _)| *one != about);
            self.known.push_back((about, worker));
            if self.known.len() > REMEMBERED {
                self.known.pop_front();
            }
        }
        Some(piece)
    }
}

impl Piece {
    fn new(body: impl Into<Bytes>, wish: Wish) -> Self {
        let told = TracedWork::begin(wish.name());
        Self { about: None, body: body.into(), wish, told, since: Instant::now() }
    }
}

impl Wish {
    fn name(&self) -> &'static str {
        match self {
            Self::Make(..) => "make",
            Self::Ask(question, _) => question.name(),
        }
    }

    fn is_wanted(&self) -> bool {
        match self {
            Self::Make(_, done) => !done.is_closed(),
            Self::Ask(_, done) => !done.is_closed(),
        }
    }
}

fn work(line: &WaitingLine, number: usize, mut worker: Worker) {
    while let Some(Piece { body, wish, told, since, .. }) = line.next(number) {
        let within = told.within();
        traces::tell("wait", since.elapsed(), &[], None);
        // Whoever asked may have gone; then nobody hears.
        match wish {
            Wish::Make(task, done) => {
                let done = Arc::new(done);
                let outcome = worker
                    .begin(task, body.into(), None)
                    .and_then(|begun| worker.finish_for(begun, Some(&waits(&done))));
                line.rest(number);
                drop((within, told));
                if let Some(done) = Arc::into_inner(done) {
                    let _ = done.send(outcome);
                }
            }
            Wish::Ask(question, done) => {
                let done = Arc::new(done);
                let answer = worker.ask_for(&question, &body, Some(&waits(&done)));
                line.rest(number);
                drop((within, told));
                if let Some(done) = Arc::into_inner(done) {
                    let _ = done.send(answer);
                }
            }
        }
    }
}

/// Whether somebody waits at the other end.
fn waits<T: Send + 'static>(done: &Arc<oneshot::Sender<T>>) -> Waits {
    let done = Arc::downgrade(done);
    Arc::new(move || done.upgrade().is_some_and(|done| !done.is_closed()))
}
