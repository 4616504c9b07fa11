//! The workers of a service: so many at a time, and whoever comes next has the next that is free.

use std::io;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::oneshot;

use super::{Crew, Outcome, Task, Worker};

/// A thread for each worker; it keeps its process from one report to the next.
#[derive(Clone)]
pub struct Pool {
    line: Sender<Order>,
    crew: Crew,
}

struct Order {
    task: Task,
    report: Vec<u8>,
    done: oneshot::Sender<io::Result<Outcome>>,
}

impl Pool {
    pub fn start(crew: Crew, workers: NonZeroUsize) -> Self {
        let (line, next) = channel();
        let next = Arc::new(Mutex::new(next));
        for number in 0..workers.get() {
            let (next, worker) = (next.clone(), crew.worker());
            thread::Builder::new()
                .name(format!("worker-{number}"))
                .spawn(move || work(&next, worker))
                .expect("the system gives a thread at the start");
        }
        Self { line, crew }
    }

    /// Has a report made, in its turn. It comes to its end also where nobody waits for it any more.
    pub async fn make(&self, task: Task, report: Vec<u8>) -> io::Result<Outcome> {
        let (done, outcome) = oneshot::channel();
        let gone = || io::Error::other("排版进程都停止了");
        self.line.send(Order { task, report, done }).map_err(|_| gone())?;
        outcome.await.map_err(|_| gone())?
    }

    /// How its workers are started.
    pub fn crew(&self) -> &Crew {
        &self.crew
    }
}

fn work(next: &Mutex<Receiver<Order>>, mut worker: Worker) {
    loop {
        let order = next.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Order { task, report, done }) = order else { return };
        let outcome = worker.begin(task, report, None).and_then(|begun| worker.finish(begun));
        // Whoever asked may have gone; then nobody hears.
        let _ = done.send(outcome);
    }
}
