//! The side of the worker: takes what comes, does it, answers, until its master hangs up.

use std::io::{self, Read, Write};

use rustix::process::{Resource, Rlimit, Signal, nice, set_parent_process_death_signal, setrlimit};
use tracing::dispatcher::with_default;

use super::stages::StageClock;
use super::taken::TakenDocument;
use super::{
    Answer, Assignment, BROKE_DOWN, Enclosure, IndicatorRecord, MadeFile, MatterRecord, NOT_COMPARED, Order,
    Outcome, PaperKind, Question, Reply, UnitRecord, append, frames,
};
use crate::compilation::problem_sketches;
use crate::diagnostic::{Class, Diagnostic, Failed, Warned};
use crate::pipeline::{Beside, Job, Paper, Press, Product, Rendering, make, render, review_beside};
use crate::report::{Document, FieldPath};
use crate::sheets::{overview, review_sheet};
use crate::template::{Overview, Purpose};
use crate::typeset::work_alone;

/// How deep the stack of a worker is, in bytes: what typst does is recursive.
const STACK_BYTES: usize = 16 << 20;

/// By how much a worker that reads foreign documents stands back: whoever waits for a check or a page waits
/// beside a computer, whoever sent such a file can wait.
const COURTESY: i32 = 10;

/// Works until `orders` ends, with a `press` if there is one. `memory` is the most that this process may
/// take, in bytes of address space; it does not outlive its master.
pub fn work(
    press: Option<&Press>,
    memory: u64,
    orders: impl Read + Send,
    replies: impl Write + Send,
) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    setrlimit(Resource::As, Rlimit { current: Some(memory), maximum: Some(memory) })?;
    // One that breaks down costs its master a moment; an image of it would cost the disk a gigabyte.
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    if press.is_none() {
        // Where it is not allowed to stand back it is only less polite.
        let _ = nice(COURTESY);
    }
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, || {
            let clock = StageClock::new();
            with_default(&clock.dispatch(), || serve(press, orders, replies, &clock))
        })?;
        worker.join().unwrap_or_else(|_| Err(io::Error::other("what it was given made the worker panic")))
    })
}

fn serve(
    press: Option<&Press>,
    mut orders: impl Read,
    mut replies: impl Write,
    clock: &StageClock,
) -> io::Result<()> {
    work_alone().map_err(io::Error::other)?;
    // Says that faces and templates are read.
    frames::write(&mut replies, &(Reply::Ready, clock.stages()), &[])?;
    while let Some((order, body)) = frames::read::<Order>(&mut orders)? {
        clock.start();
        let (reply, bytes) = match (order, press) {
            (Order::Make { task, onto }, Some(press)) => {
                let mut outcome = outcome(task, &body, press);
                // What cannot be appended goes to the master, who tries too and can say why.
                outcome.at = onto.and_then(|onto| append(&outcome.bytes, &onto).ok());
                replied(outcome)
            }
            (Order::Overview, Some(press)) => replied(of_all(&body, press)),
            (Order::Ask(question), press) => answered(question, &body, press),
            (_, None) => return Err(io::Error::other("this worker has neither faces nor templates")),
        };
        frames::write(&mut replies, &(reply, clock.stages()), &bytes)?;
    }
    Ok(())
}

fn replied(mut outcome: Outcome) -> (Reply, Vec<u8>) {
    let bytes = std::mem::take(&mut outcome.bytes);
    let beside = if outcome.at.is_some() { vec![] } else { bytes };
    (Reply::Made(outcome.into()), beside)
}

fn answered(question: Question, body: &[u8], press: Option<&Press>) -> (Reply, Vec<u8>) {
    let answer = match press {
        Some(press) => question.answer(body, press),
        None => question.answer_alone(body),
    };
    match answer {
        Ok(Answer { name, bytes, findings }) => (Reply::Answered { name, findings }, bytes),
        Err(failed) => (Reply::Refused(findings(failed)), vec![]),
    }
}

/// The overview of a batch. Its name is the batch's own.
fn of_all(body: &[u8], press: &Press) -> Outcome {
    let made = serde_json::from_slice::<Overview>(body).map_err(|error| Failed::Program(Box::new(error)));
    match made.and_then(|data| overview(&data, press)) {
        Ok(artifact) => {
            let made = MadeFile::new(String::new(), &artifact);
            Outcome::new(UnitRecord { made: Some(made), ..UnitRecord::default() }, artifact.bytes)
        }
        Err(failed) => Outcome::new(UnitRecord::refused(findings(failed)), vec![]),
    }
}

/// What a report is held against, and what is to be said of what cannot be read of it; and behind it in the body
/// the report itself. None where the body is cut off.
fn beside<'a>(task: &Assignment, body: &'a [u8]) -> Option<(Beside, Vec<Diagnostic>, &'a [u8])> {
    let (mut rest, mut remarks) = (body, Vec::new());
    let mut part = |enclosure: &Option<Enclosure>| match enclosure {
        None => Some(None),
        Some(Enclosure { form, name, length }) => {
            let (bytes, behind) = rest.split_at_checked(*length)?;
            rest = behind;
            Some(Some(TakenDocument::of(bytes, *form, name)))
        }
    };
    let (last_year, plan) = (part(&task.last_year)?, part(&task.plan)?);
    let mut unread = |what: &str, failed: Failed| {
        let why = findings(failed).first().map(|one| one.message.clone()).unwrap_or_default();
        let message = format!("{what}读不进来，没有对照：{why}");
        let hint = "请把它改正后重新生成；没有它，这一份的其他检查照常";
        remarks.push(NOT_COMPARED.at(FieldPath::root(), message, hint));
    };
    let last_year = last_year.map(|taken| taken.and_then(|taken| taken.report()));
    let last_year = last_year.and_then(|read| read.map_err(|failed| unread("上年的报告", failed)).ok());
    let plan = plan.map(|taken| taken.and_then(|taken| taken.plan()));
    let plan = plan.and_then(|read| read.map_err(|failed| unread("工作计划", failed)).ok());
    Some((Beside { last_year, plan }, remarks, rest))
}

fn outcome(task: Assignment, body: &[u8], press: &Press) -> Outcome {
    let refused = |failed| Outcome::new(UnitRecord::refused(findings(failed)), vec![]);
    let press = match press.under(&task.settings) {
        Ok(press) => press,
        Err(failed) => return refused(failed),
    };
    let press = &Press { pace: press.pace.of_kinds(1 + task.also.len()), ..press };
    let Some((beside, remarks, document)) = beside(&task, body) else {
        return refused(Failed::Program("a body is cut off".into()));
    };
    let taken = match TakenDocument::with(document, task.form, &task.name, task.tracked_changes) {
        Ok(taken) => taken,
        Err(failed) => return refused(failed),
    };
    let paper = Paper { bytes: &taken.bytes, format: taken.format };
    let job =
        Job { paper, beside: &beside, edition: task.edition, purpose: task.purpose, target: task.target };
    let mut made = match editions(&job, &task.also, press) {
        Ok(made) => made,
        Err(failed) => UnitFiles {
            told: UnitRecord { findings: findings(failed), ..taken.record() },
            ..UnitFiles::default()
        },
    };
    if task.also.contains(&PaperKind::ReviewSheet) {
        made.add_sheet(&job, press);
    }
    if task.also.contains(&PaperKind::Draft) && !made.told.is_made() {
        made.add_draft(&job, press);
    }
    made.told.findings.extend(remarks);
    made.told.findings = bare(taken.told(made.told.findings));
    Outcome::new(made.told, made.bytes)
}

/// What is made of a unit's report, file behind file.
#[derive(Default)]
struct UnitFiles {
    told: UnitRecord,
    bytes: Vec<u8>,
    /// The document, if it is right.
    document: Option<Document>,
}

/// The report, and the further editions that are wanted: all, or none.
fn editions(job: &Job, also: &[PaperKind], press: &Press) -> Result<UnitFiles, Failed> {
    let Warned { value: Rendering { document, made, sketches }, warnings } = render(job, press)?;
    let own = document.report().map(|report| report.edition);
    let mut told = UnitRecord {
        unit: document.unit().map(str::to_owned),
        year: Some(document.year().number()),
        full_name: document.report().map(|report| report.issuer.name.to_string()),
        code: document.report().and_then(|report| report.issuer.code.as_ref()).map(|code| code.to_string()),
        made: Some(MadeFile::new(made.name, &made.artifact)),
        findings: warnings,
        indicators: indicators(&document),
        last_year: job
            .beside
            .last_year
            .iter()
            .flat_map(|last| &last.indicators)
            .map(IndicatorRecord::from)
            .collect(),
        problems: document.report().map(problem_sketches).unwrap_or_default(),
        matters: matters(&document, press),
        sketches,
        papers: vec![],
    };
    let mut bytes = made.artifact.bytes;
    for kind in also {
        if let Some(target) = kind.target() {
            let Warned { value: made, .. } = make(&document, job.purpose, target, press)?;
            told.papers.push((*kind, MadeFile::new(made.name, &made.artifact)));
            bytes.extend(made.artifact.bytes);
            continue;
        }
        let Some(edition) = kind.edition() else { continue };
        if Some(edition) == own {
            let same = told.made.clone().expect("it was made above");
            bytes.extend_from_within(..same.bytes);
            told.papers.push((*kind, same));
            continue;
        }
        let Warned { value: Rendering { made, .. }, warnings } =
            render(&Job { edition: Some(edition), ..*job }, press)?;
        told.papers.push((*kind, MadeFile::new(made.name, &made.artifact)));
        bytes.extend(made.artifact.bytes);
        let of_it_alone: Vec<Diagnostic> =
            warnings.into_iter().filter(|one| !told.findings.contains(one)).collect();
        told.findings.extend(of_it_alone);
    }
    Ok(UnitFiles { told, bytes, document: Some(document) })
}

impl UnitFiles {
    fn add(&mut self, kind: PaperKind, made: Product) {
        self.told.papers.push((kind, MadeFile::new(made.name, &made.artifact)));
        self.bytes.extend(made.artifact.bytes);
    }

    /// Adds the sheet of what was found, if the report is whole.
    fn add_sheet(&mut self, job: &Job, press: &Press) {
        let reviewed = match self.document.take() {
            Some(document) => Ok(Warned { value: document, warnings: self.told.findings.clone() }),
            None => review_beside(job.paper, job.beside, job.edition, press),
        };
        let made = reviewed
            .and_then(|Warned { value: document, warnings }| review_sheet(&document, &warnings, press));
        // What keeps it from being one stands among the findings already.
        if let Ok(made) = made {
            self.add(PaperKind::ReviewSheet, made);
        }
    }

    /// Adds the draft of a report that cannot be issued, if it can be typeset.
    fn add_draft(&mut self, job: &Job, press: &Press) {
        if let Ok(made) = render(&Job { purpose: Purpose::Draft, ..*job }, press) {
            self.add(PaperKind::Draft, made.value.made);
        }
    }
}

/// What a document reports in figures.
fn indicators(document: &Document) -> Vec<IndicatorRecord> {
    match document {
        Document::Report(report) => report.indicators.iter().map(IndicatorRecord::from).collect(),
        Document::Plan(_) => vec![],
    }
}

/// What a report says of the matters of the guide, where one was chosen.
fn matters(document: &Document, press: &Press) -> Vec<MatterRecord> {
    let coverage = press.coverage(document);
    coverage.iter().flat_map(|coverage| &coverage.matters).map(MatterRecord::from).collect()
}

fn findings(failed: Failed) -> Vec<Diagnostic> {
    match failed {
        Failed::Report(found) => found,
        Failed::Program(error) => {
            let told = BROKE_DOWN.at(FieldPath::root(), error.to_string(), "请把这份文件交给程序的维护者");
            vec![Diagnostic { class: Class::Program, ..told }]
        }
    }
}

/// Findings as a batch keeps them: what stands around the words they are about is for the eye of whoever
/// sees the report beside them.
fn bare(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    for span in found.iter_mut().filter_map(|one| one.span.as_mut()) {
        (span.before, span.after) = (String::new(), String::new());
    }
    found
}
