//! The threads that check and measure, which takes no time worth a process of its own: as many as may
//! work at once, a bounded line before them. They are plain threads that typeset by themselves, and have
//! a deep stack, for what typst does is recursive.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::oneshot;

use crate::pipeline::Press;
use crate::typeset::work_alone;

const STACK_BYTES: usize = 16 << 20;

type Work = Box<dyn FnOnce(&Press) + Send>;

pub struct Presses {
    line: SyncSender<Work>,
    pub press: Arc<Press>,
}

/// Why a piece of work was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undone {
    #[error("正在生成的报告太多")]
    Busy,
    /// It panicked; the panic hook has logged what happened.
    #[error("程序出错，没有完成")]
    Broken,
}

impl Presses {
    /// Starts `count` threads; `waiting` pieces of work may stand in line.
    pub fn start(press: Arc<Press>, count: usize, waiting: usize) -> Self {
        let (line, next) = sync_channel::<Work>(waiting);
        let next = Arc::new(Mutex::new(next));
        for number in 0..count {
            let (next, press) = (next.clone(), press.clone());
            thread::Builder::new()
                .name(format!("press-{number}"))
                .stack_size(STACK_BYTES)
                .spawn(move || work(&next, &press))
                .expect("the system gives a thread at the start");
        }
        Self { line, press }
    }

    /// Has a piece of work done. Refuses at once if the line is full.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Press) -> T + Send + 'static,
    ) -> Result<T, Undone> {
        let (done, outcome) = oneshot::channel();
        let work: Work = Box::new(move |press| {
            // Whoever asked may have gone; then nobody hears.
            let _ = done.send(catch_unwind(AssertUnwindSafe(|| work(press))));
        });
        match self.line.try_send(work) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(Undone::Busy),
            Err(TrySendError::Disconnected(_)) => return Err(Undone::Broken),
        }
        match outcome.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(_)) | Err(_) => Err(Undone::Broken),
        }
    }
}

fn work(next: &Mutex<Receiver<Work>>, press: &Press) {
    work_alone().expect("the thread is new");
    loop {
        let work = next.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = work else { return };
        work(press);
    }
}
