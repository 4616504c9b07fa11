//! The side of the master: starts workers, gives them reports, and replaces those that are lost.

use std::ffi::OsString;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::pipe::fcntl_setpipe_size;

use super::{BROKE_DOWN, Order, Outcome, TOO_SLOW, Task, Told, frames};
use crate::installation::Installation;
use crate::report::FieldPath;
use crate::template::Overview;

/// How often a report is tried whose worker was lost: once more, for it may have been killed by
/// something else.
const TRIES: usize = 2;

/// How much a pipe takes before whoever writes must wait, in bytes: a whole report, where the system
/// allows it.
const PIPE_BYTES: usize = 1 << 20;

/// How long a worker may take to read its faces and templates.
const START: Duration = Duration::from_secs(60);

/// What one report may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Until a file is made.
    pub deadline: Duration,
    /// Of address space, in bytes.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        // A report of 100,000 characters took 0.94 s and 218 MiB by a cold worker.
        Self { deadline: Duration::from_secs(60), memory: 2 << 30 }
    }
}

/// How workers are started.
#[derive(Clone)]
pub struct Crew(Arc<Terms>);

struct Terms {
    program: PathBuf,
    arguments: Vec<OsString>,
    limits: Limits,
    lost: AtomicUsize,
}

/// A place for a worker, one at a time: it is started when first needed, and again when lost. It
/// stays in the thread that it was first used in, for a process ends with the thread that started it.
pub struct Worker {
    crew: Crew,
    at_work: Option<Process>,
}

struct Process {
    child: Child,
    tasks: Option<BufWriter<ChildStdin>>,
    answers: BufReader<InTime>,
}

/// What a worker says, as long as it says it in time.
struct InTime {
    out: ChildStdout,
    /// None is for ever.
    until: Option<Instant>,
}

/// Why there is no answer.
enum Lost {
    Late,
    Gone,
}

impl Crew {
    /// Workers are this `program` with the hidden command `worker`, at the same installation.
    pub fn new(program: PathBuf, installation: &Installation, limits: Limits) -> Self {
        let mut arguments: Vec<OsString> = vec!["worker".into(), "--fonts".into()];
        arguments.push(installation.fonts.clone().into());
        for (name, path) in [("--templates", &installation.templates), ("--config", &installation.config)] {
            if let Some(path) = path {
                arguments.extend([name.into(), path.clone().into()]);
            }
        }
        arguments.extend(["--memory".into(), limits.memory.to_string().into()]);
        Self(Arc::new(Terms { program, arguments, limits, lost: AtomicUsize::new(0) }))
    }

    pub fn worker(&self) -> Worker {
        Worker { crew: self.clone(), at_work: None }
    }

    /// How many workers were lost so far.
    pub fn lost(&self) -> usize {
        self.0.lost.load(Ordering::Relaxed)
    }

    fn start(&self) -> io::Result<Process> {
        let mut child = Command::new(&self.0.program)
            .args(&self.0.arguments)
            // What the allocator reserves ahead counts as taken; the default is half of what a worker may take.
            .env("MIMALLOC_ARENA_RESERVE", "64MiB")
            // In milliseconds: what one report leaves free the next takes up. Given back at once, as is usual,
            // it must each time be asked for anew.
            .env("MIMALLOC_PURGE_DELAY", "10000")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Ctrl-C is for the master, who lets its workers finish what they are at.
            .process_group(0)
            .spawn()?;
        let tasks = child.stdin.take().expect("standard input is a pipe");
        let out = child.stdout.take().expect("standard output is a pipe");
        for pipe in [tasks.as_fd(), out.as_fd()] {
            // Where it stays small, the two only wait more often for each other.
            let _ = fcntl_setpipe_size(pipe, PIPE_BYTES);
        }
        let answers = BufReader::new(InTime { out, until: None });
        let mut process = Process { child, tasks: Some(BufWriter::new(tasks)), answers };
        match process.answer(START) {
            Ok(_) => Ok(process),
            Err(_) => Err(io::Error::other("排版进程没有启动起来")),
        }
    }
}

/// What a worker is at.
pub struct Begun {
    order: Order,
    body: Vec<u8>,
    since: Instant,
}

impl Worker {
    /// Gives a report to make, and does not wait. The worker appends what it makes to the file `onto` if it
    /// can. Fails only where no worker can be started at all.
    pub fn begin(&mut self, task: Task, report: Vec<u8>, onto: Option<&Path>) -> io::Result<Begun> {
        // A path that is no text cannot be told.
        let onto = onto.filter(|path| path.to_str().is_some()).map(Path::to_owned);
        self.order(Order::Report { task, onto }, report)
    }

    /// Gives the overview of a batch to make, and does not wait either.
    pub fn begin_overview(&mut self, overview: &Overview) -> io::Result<Begun> {
        self.order(Order::Overview, serde_json::to_vec(overview)?)
    }

    fn order(&mut self, order: Order, body: Vec<u8>) -> io::Result<Begun> {
        let process = match &mut self.at_work {
            Some(process) => process,
            None => self.at_work.insert(self.crew.start()?),
        };
        process.ask(&order, &body);
        Ok(Begun { order, body, since: Instant::now() })
    }

    /// What became of it. A report whose worker was lost is tried again.
    pub fn finish(&mut self, begun: Begun) -> io::Result<Outcome> {
        let mut begun = begun;
        let mut tries = 1;
        let lost = loop {
            let mut process = self.at_work.take().expect("a report was begun");
            let left = self.crew.0.limits.deadline.saturating_sub(begun.since.elapsed());
            match process.answer(left) {
                Ok(outcome) => {
                    self.at_work = Some(process);
                    return Ok(outcome);
                }
                Err(lost) => {
                    self.crew.0.lost.fetch_add(1, Ordering::Relaxed);
                    if tries == TRIES {
                        break lost;
                    }
                }
            }
            drop(process);
            tries += 1;
            begun = self.order(begun.order, begun.body)?;
        };
        let seconds = self.crew.0.limits.deadline.as_secs();
        let finding = match lost {
            Lost::Late => TOO_SLOW.at(
                FieldPath::root(),
                format!("{seconds}秒内没有生成完，试了{TRIES}次"),
                "请单独生成这一份看看，或放宽时限",
            ),
            Lost::Gone => BROKE_DOWN.at(
                FieldPath::root(),
                format!("生成时程序中断，试了{TRIES}次都没有成功"),
                "请单独生成这一份看看；报告没有异常的，请把它交给程序的维护者",
            ),
        };
        let told = match begun.order {
            Order::Report { task, .. } => Told::failed(&begun.body, task.format, vec![finding]),
            Order::Overview => Told::refused(vec![finding]),
        };
        Ok(Outcome::new(told, vec![]))
    }
}

impl Process {
    fn ask(&mut self, order: &Order, body: &[u8]) {
        let tasks = self.tasks.as_mut().expect("the pipe is closed at the end only");
        // A worker that has gone and cannot be asked gives no answer either.
        let _ = frames::write(tasks, order, body);
    }

    fn answer(&mut self, deadline: Duration) -> Result<Outcome, Lost> {
        self.answers.get_mut().until = Instant::now().checked_add(deadline);
        match frames::read(&mut self.answers) {
            Ok(Some((outcome, bytes))) => Ok(Outcome { bytes, ..outcome }),
            Err(error) if error.kind() == ErrorKind::TimedOut => Err(Lost::Late),
            // It has hung up, or says what no worker of ours says.
            Ok(None) | Err(_) => Err(Lost::Gone),
        }
    }
}

impl Read for InTime {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let left = self.until.map(|until| until.saturating_duration_since(Instant::now()));
            let left = left.map(Timespec::try_from).transpose().map_err(io::Error::other)?;
            match poll(&mut [PollFd::new(&self.out, PollFlags::IN)], left.as_ref()) {
                Ok(0) => return Err(ErrorKind::TimedOut.into()),
                Ok(_) => return self.out.read(buffer),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that is idle ends by itself when its pipe closes; any other must not be waited for.
        drop(self.tasks.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
