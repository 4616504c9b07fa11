//! The side of the master: starts workers, gives them work, and replaces those that are lost.

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

use super::{Answer, Assignment, BROKE_DOWN, Order, Outcome, Question, Reply, TOO_SLOW, UnitRecord, frames};
use crate::diagnostic::Diagnostic;
use crate::installation::Installation;
use crate::intake::DocumentForm;
use crate::report::FieldPath;
use crate::template::Overview;
use crate::traces::{self, Stage};

/// How often something is tried whose worker was lost: once more, for it may have been killed by
/// something else.
const TRIES: usize = 2;

/// How much a pipe takes before whoever writes must wait, in bytes: a whole report, where the system
/// allows it.
const PIPE_BYTES: usize = 1 << 20;

/// How long a worker may take to read its faces and templates.
const START: Duration = Duration::from_secs(60);

/// How often a worker's master looks whether anybody still waits for the answer.
const LOOK: Duration = Duration::from_millis(250);

/// How long a worker may go on when nobody waits any more. It is more than almost all take, for one that is
/// killed has lost what it remembered.
const LEFT_ALONE: Duration = Duration::from_secs(3);

/// What a worker does, as traces call it.
const WORK: &str = "worker";

/// What one piece of work may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Until it is done.
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
    counts: Counters,
}

/// What workers of a kind have done since the program started, as it is counted.
#[derive(Default)]
struct Counters {
    started: AtomicUsize,
    late: AtomicUsize,
    gone: AtomicUsize,
    made: AtomicUsize,
    pages: AtomicUsize,
}

/// What workers of a kind have done since the program started.
#[derive(Clone, Copy, Debug)]
pub struct Tally {
    pub started: usize,
    /// Killed, for they took too long.
    pub late: usize,
    /// Broken down, or killed by somebody else.
    pub gone: usize,
    /// Files that were made, and their pages.
    pub made: usize,
    pub pages: usize,
}

impl Tally {
    /// How many workers there are: one that is not lost stays.
    pub fn alive(&self) -> usize {
        self.started.saturating_sub(self.late + self.gone)
    }
}

/// A place for a worker, one at a time: it is started when first needed, and again when lost. It
/// stays in the thread that it was first used in, for a process ends with the thread that started it.
pub struct Worker {
    crew: Crew,
    at_work: Option<Process>,
}

struct Process {
    child: Child,
    orders: Option<BufWriter<ChildStdin>>,
    replies: BufReader<InTime>,
}

/// What a worker says, as long as it says it in time.
struct InTime {
    out: ChildStdout,
    /// None is for ever.
    until: Option<Instant>,
    patience: Patience,
}

/// Whether anybody still waits for what a worker is at.
pub(super) type Waits = Arc<dyn Fn() -> bool + Send + Sync>;

/// How long to wait for those who wait.
#[derive(Default)]
struct Patience {
    waits: Option<Waits>,
    /// Since when nobody waits.
    alone: Option<Instant>,
}

/// Why there is no answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Loss {
    Late,
    Gone,
}

impl Loss {
    /// As whoever watches the service knows it.
    fn name(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Gone => "gone",
        }
    }
}

impl Crew {
    /// Workers are this `program` with the hidden command `worker`, at the same installation.
    pub fn new(program: PathBuf, installation: &Installation, limits: Limits) -> Self {
        let mut arguments: Vec<OsString> = vec!["worker".into(), "--fonts".into()];
        arguments.push(installation.fonts.clone().into());
        for (name, path) in [
            ("--templates", &installation.templates),
            ("--config", &installation.config),
            ("--guide", &installation.guide),
            ("--indicators", &installation.indicators),
        ] {
            if let Some(path) = path {
                arguments.extend([name.into(), path.clone().into()]);
            }
        }
        Self::of(program, arguments, limits)
    }

    /// Workers without faces and templates, which only read.
    pub fn of_readers(program: PathBuf, limits: Limits) -> Self {
        Self::of(program, vec!["worker".into(), "--reader".into()], limits)
    }

    fn of(program: PathBuf, arguments: Vec<OsString>, limits: Limits) -> Self {
        Self(Arc::new(Terms { program, arguments, limits, counts: Counters::default() }))
    }

    /// The same with other limits.
    pub fn with(&self, limits: Limits) -> Self {
        Self::of(self.0.program.clone(), self.0.arguments.clone(), limits)
    }

    pub fn worker(&self) -> Worker {
        Worker { crew: self.clone(), at_work: None }
    }

    /// How many workers were lost so far.
    pub fn lost(&self) -> usize {
        let tally = self.tally();
        tally.late + tally.gone
    }

    pub fn tally(&self) -> Tally {
        let counts = &self.0.counts;
        let now = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        Tally {
            started: now(&counts.started),
            late: now(&counts.late),
            gone: now(&counts.gone),
            made: now(&counts.made),
            pages: now(&counts.pages),
        }
    }

    /// Counters what was made.
    fn count(&self, told: &UnitRecord) {
        for made in told.made.iter().chain(told.papers.iter().map(|(_, made)| made)) {
            self.0.counts.made.fetch_add(1, Ordering::Relaxed);
            self.0.counts.pages.fetch_add(made.pages.unwrap_or(0), Ordering::Relaxed);
        }
    }

    fn start(&self) -> io::Result<Process> {
        let mut child = Command::new(&self.0.program)
            .args(&self.0.arguments)
            .args(["--memory".into(), self.0.limits.memory.to_string()])
            // What reads other people's bytes is told no secret: no key of a store, no password of a database.
            .env_clear()
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
        let orders = child.stdin.take().expect("standard input is a pipe");
        let out = child.stdout.take().expect("standard output is a pipe");
        for pipe in [orders.as_fd(), out.as_fd()] {
            // Where it stays small, the two only wait more often for each other.
            let _ = fcntl_setpipe_size(pipe, PIPE_BYTES);
        }
        let replies = BufReader::new(InTime { out, until: None, patience: Patience::default() });
        let mut process = Process { child, orders: Some(BufWriter::new(orders)), replies };
        match process.reply(START, Patience::default()) {
            Ok(_) => {
                self.0.counts.started.fetch_add(1, Ordering::Relaxed);
                Ok(process)
            }
            Err(_) => Err(io::Error::other("排版进程没有启动起来")),
        }
    }
}

/// What a worker is at.
pub struct CurrentWork {
    order: Order,
    body: Vec<u8>,
    since: Instant,
}

impl Worker {
    /// Gives a report to make, and does not wait. The worker appends what it makes to the file `onto` if it
    /// can. Fails only where no worker can be started at all.
    pub fn begin(
        &mut self,
        task: Assignment,
        report: Vec<u8>,
        onto: Option<&Path>,
    ) -> io::Result<CurrentWork> {
        // A path that is no text cannot be told.
        let onto = onto.filter(|path| path.to_str().is_some()).map(Path::to_owned);
        self.begun(Order::Make { task, onto }, report)
    }

    /// Gives the overview of a batch to make, and does not wait either.
    pub fn begin_overview(&mut self, overview: &Overview) -> io::Result<CurrentWork> {
        self.begun(Order::Overview, serde_json::to_vec(overview)?)
    }

    fn begun(&mut self, order: Order, body: Vec<u8>) -> io::Result<CurrentWork> {
        self.order(&order, &body)?;
        Ok(CurrentWork { order, body, since: Instant::now() })
    }

    /// What became of it. A report whose worker was lost is tried again.
    pub fn finish(&mut self, begun: CurrentWork) -> io::Result<Outcome> {
        self.finish_for(begun, None)
    }

    pub(super) fn finish_for(&mut self, begun: CurrentWork, waits: Option<&Waits>) -> io::Result<Outcome> {
        let CurrentWork { order, body, since } = begun;
        match self.reply(&order, &body, since, TRIES, waits)? {
            Ok((Reply::Made(outcome), bytes)) => {
                self.crew.count(&outcome.told);
                Ok(Outcome { bytes, ..*outcome })
            }
            Ok(_) => Err(io::Error::other("a worker says what it was not asked")),
            Err(lost) => {
                let told = UnitRecord::refused(vec![self.said(lost, TRIES)]);
                Ok(Outcome::new(self.named(told, &order, &body)?, vec![]))
            }
        }
    }

    /// A report that costs its workers has no report, but as a rule it has a name; another worker reads it.
    fn named(&mut self, told: UnitRecord, order: &Order, body: &[u8]) -> io::Result<UnitRecord> {
        let Order::Make { task, .. } = order else { return Ok(told) };
        let before = [&task.last_year, &task.plan].into_iter().flatten().map(|one| one.length).sum();
        let named = self.identify(body.get(before..).unwrap_or_default(), task.form, &task.name)?;
        let UnitRecord { unit, year, full_name, code, .. } = named;
        Ok(UnitRecord { unit, year, full_name, code, ..told })
    }

    /// Of which unit and year a document is, in a file of this name.
    pub fn identify(&mut self, document: &[u8], form: DocumentForm, name: &str) -> io::Result<UnitRecord> {
        let answer = self.ask(&Question::Identify { form, name: name.to_owned() }, document)?;
        Ok(answer.map_or_else(|_| UnitRecord::default(), |answer| answer.record()))
    }

    /// Asks, and waits for the answer; or for what is wrong with that which it is about.
    pub fn ask(&mut self, question: &Question, body: &[u8]) -> io::Result<Result<Answer, Vec<Diagnostic>>> {
        self.ask_for(question, body, None)
    }

    pub(super) fn ask_for(
        &mut self,
        question: &Question,
        body: &[u8],
        waits: Option<&Waits>,
    ) -> io::Result<Result<Answer, Vec<Diagnostic>>> {
        let order = Order::Ask(question.clone());
        self.order(&order, body)?;
        match self.reply(&order, body, Instant::now(), TRIES, waits)? {
            Ok((Reply::Answered { name, findings }, bytes)) => Ok(Ok(Answer { name, bytes, findings })),
            Ok((Reply::Refused(found), _)) => Ok(Err(found)),
            Ok(_) => Err(io::Error::other("a worker says what it was not asked")),
            Err(lost) => Ok(Err(vec![self.said(lost, 1)])),
        }
    }

    /// Gives something to a worker, started for it if there is none.
    fn order(&mut self, order: &Order, body: &[u8]) -> io::Result<()> {
        let process = match &mut self.at_work {
            Some(process) => process,
            None => self.at_work.insert(self.crew.start()?),
        };
        process.ask(order, body);
        Ok(())
    }

    /// The reply to what was ordered; how the last worker was lost, where none of them gave one. What takes
    /// too long to look at is not looked at again; what is to be made is.
    fn reply(
        &mut self,
        order: &Order,
        body: &[u8],
        since: Instant,
        tries: usize,
        waits: Option<&Waits>,
    ) -> io::Result<Result<(Reply, Vec<u8>), Loss>> {
        let mut since = since;
        for tried in 1.. {
            let mut process = self.at_work.take().expect("something was ordered");
            let left = self.crew.0.limits.deadline.saturating_sub(since.elapsed());
            let patience = Patience { waits: waits.cloned(), alone: None };
            let lost = match process.reply(left, patience) {
                Ok((reply, stages, bytes)) => {
                    traces::tell(WORK, since.elapsed(), &stages, None);
                    self.at_work = Some(process);
                    return Ok(Ok((reply, bytes)));
                }
                Err(lost) => lost,
            };
            traces::tell(WORK, since.elapsed(), &[], Some(lost.name()));
            let counts = &self.crew.0.counts;
            let count = if lost == Loss::Late { &counts.late } else { &counts.gone };
            count.fetch_add(1, Ordering::Relaxed);
            drop(process);
            let is_only_looked_at = matches!(order, Order::Ask(_)) && lost == Loss::Late;
            if tried >= tries || is_only_looked_at || waits.is_some_and(|waits| !waits()) {
                return Ok(Err(lost));
            }
            self.order(order, body)?;
            since = Instant::now();
        }
        unreachable!("the tries come to an end")
    }

    /// That nobody could do it, in words.
    fn said(&self, lost: Loss, tries: usize) -> Diagnostic {
        let seconds = self.crew.0.limits.deadline.as_secs();
        let tried = if tries > 1 { format!("，试了{tries}次") } else { String::new() };
        match lost {
            Loss::Late => TOO_SLOW.at(
                FieldPath::root(),
                format!("{seconds}秒内没有处理完{tried}"),
                "请核对内容是不是多得出奇，来自文件的是不是选错了；确实很多的，请管理员放宽时限",
            ),
            Loss::Gone => BROKE_DOWN.at(
                FieldPath::root(),
                format!("处理这些内容时程序中断{tried}"),
                "内容来自文件的，请核对是不是选错了，用原来的软件打开、另存一次再试；没有异常的，请把它交给程序的维护者",
            ),
        }
    }
}

impl Process {
    fn ask(&mut self, order: &Order, body: &[u8]) {
        let orders = self.orders.as_mut().expect("the pipe is closed at the end only");
        // A worker that has gone and cannot be asked gives no answer either.
        let _ = frames::write(orders, order, body);
    }

    /// What it says, how long each stage took on the way to it, and what comes beside it.
    fn reply(
        &mut self,
        deadline: Duration,
        patience: Patience,
    ) -> Result<(Reply, Vec<Stage>, Vec<u8>), Loss> {
        let replies = self.replies.get_mut();
        (replies.until, replies.patience) = (Instant::now().checked_add(deadline), patience);
        match frames::read(&mut self.replies) {
            Ok(Some(((reply, stages), bytes))) => Ok((reply, stages, bytes)),
            Err(error) if error.kind() == ErrorKind::TimedOut => Err(Loss::Late),
            // It has hung up, or says what no worker of ours says.
            Ok(None) | Err(_) => Err(Loss::Gone),
        }
    }
}

impl Patience {
    /// Whether nobody has waited for so long that it is enough.
    fn is_over(&mut self) -> bool {
        let Some(waits) = &self.waits else { return false };
        if waits() {
            self.alone = None;
            return false;
        }
        self.alone.get_or_insert_with(Instant::now).elapsed() >= LEFT_ALONE
    }
}

impl Read for InTime {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let left = self.until.map(|until| until.saturating_duration_since(Instant::now()));
            let is_late = left.is_some_and(|left| left.is_zero()) || self.patience.is_over();
            let pause = if is_late { Some(Duration::ZERO) } else { left.map(|left| left.min(LOOK)) };
            let pause = pause.map(Timespec::try_from).transpose().map_err(io::Error::other)?;
            match poll(&mut [PollFd::new(&self.out, PollFlags::IN)], pause.as_ref()) {
                Ok(0) if is_late => return Err(ErrorKind::TimedOut.into()),
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => return self.out.read(buffer),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that is idle ends by itself when its pipe closes; any other must not be waited for.
        drop(self.orders.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
