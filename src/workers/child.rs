//! The side of the worker: takes what comes, does it, answers, until its master hangs up.

use std::io::{self, Read, Write};

use rustix::process::{Resource, Rlimit, Signal, nice, set_parent_process_death_signal, setrlimit};

use super::{
    Answer, Assignment, BROKE_DOWN, IndicatorRecord, MadeFile, MatterRecord, Order, Outcome, Question, Reply,
    UnitRecord, append, frames,
};
use crate::diagnostic::{Class, Diagnostic, Failed, Warned};
use crate::export::Target;
use crate::input::{Format, Manuscript, glimpse};
use crate::pipeline::{Job, Paper, Press, Rendering, render};
use crate::report::{Document, FieldPath, Year};
use crate::sheets::overview;
use crate::template::Overview;
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
        let worker = std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || serve(press, orders, replies))?;
        worker.join().unwrap_or_else(|_| Err(io::Error::other("what it was given made the worker panic")))
    })
}

fn serve(press: Option<&Press>, mut orders: impl Read, mut replies: impl Write) -> io::Result<()> {
    work_alone().map_err(io::Error::other)?;
    // Says that faces and templates are read.
    frames::write(&mut replies, &Reply::Ready, &[])?;
    while let Some((order, body)) = frames::read::<Order>(&mut orders)? {
        let (reply, bytes) = match (order, press) {
            (Order::Make { task, onto }, Some(press)) => {
                let mut outcome = outcome(task, &body, press);
                // What cannot be appended goes to the master, who tries too and can say why.
                outcome.at = onto.and_then(|onto| append(&outcome.bytes, &onto).ok());
                made(outcome)
            }
            (Order::Overview, Some(press)) => made(of_all(&body, press)),
            (Order::Identify { format }, _) => made(Outcome::new(UnitRecord::named(&body, format), vec![])),
            (Order::Ask(question), press) => answered(question, &body, press),
            (_, None) => return Err(io::Error::other("this worker has neither faces nor templates")),
        };
        frames::write(&mut replies, &reply, &bytes)?;
    }
    Ok(())
}

fn made(mut outcome: Outcome) -> (Reply, Vec<u8>) {
    let bytes = std::mem::take(&mut outcome.bytes);
    let beside = if outcome.at.is_some() { vec![] } else { bytes };
    (Reply::Made(outcome), beside)
}

fn answered(question: Question, body: &[u8], press: Option<&Press>) -> (Reply, Vec<u8>) {
    let answer = match press {
        Some(press) => question.answer(body, press),
        None => question.answer_alone(body),
    };
    match answer {
        Ok(Answer { name, bytes }) => (Reply::Answered { name }, bytes),
        Err(failed) => (Reply::Refused(findings(failed)), vec![]),
    }
}

/// The overview of a batch. Its name is the batch's own.
fn of_all(body: &[u8], press: &Press) -> Outcome {
    let made = serde_json::from_slice::<Overview>(body).map_err(|error| Failed::Program(Box::new(error)));
    match made.and_then(|data| overview(&data, Target::Pdf, press)) {
        Ok(artifact) => {
            let made = MadeFile::new(String::new(), &artifact);
            Outcome::new(UnitRecord { made: Some(made), ..UnitRecord::default() }, artifact.bytes)
        }
        Err(failed) => Outcome::new(UnitRecord::refused(findings(failed)), vec![]),
    }
}

fn outcome(task: Assignment, bytes: &[u8], press: &Press) -> Outcome {
    let Assignment { format, edition, purpose, target, settings } = task;
    let press = &match press.under(&settings) {
        Ok(press) => press,
        Err(failed) => return Outcome::new(UnitRecord::refused(findings(failed)), vec![]),
    };
    let job = Job { paper: Paper { bytes, format }, edition, purpose, target };
    let findings = match render(&job, press) {
        Ok(Warned { value: Rendering { document, made, sketches }, warnings }) => {
            let told = UnitRecord {
                unit: document.unit().map(str::to_owned),
                year: Some(document.year().number()),
                made: Some(MadeFile::new(made.name, &made.artifact)),
                findings: bare(warnings),
                indicators: indicators(&document),
                matters: matters(&document, press),
                sketches,
            };
            return Outcome::new(told, made.artifact.bytes);
        }
        Err(failed) => bare(findings(failed)),
    };
    Outcome::new(UnitRecord { findings, ..UnitRecord::named(bytes, format) }, vec![])
}

impl UnitRecord {
    /// Of which unit and year a report is, as far as it can be read: also one that is refused has a name, as
    /// a rule.
    fn named(bytes: &[u8], format: Format) -> Self {
        let (unit, year) = match Manuscript::parse(bytes, format) {
            Ok(manuscript) => (manuscript.unit().map(|unit| unit.to_string()), manuscript.year()),
            Err(_) => glimpse(bytes),
        };
        Self { unit, year: year.map(Year::number), ..Self::default() }
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
