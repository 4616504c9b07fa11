//! The side of the worker: takes a report, makes it, answers, until its master hangs up.

use std::io::{self, Read, Write};

use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};

use super::{BROKE_DOWN, Made, Order, Outcome, Reported, Task, Told, append, frames};
use crate::diagnostic::{Diagnostic, Failed, Warned};
use crate::export::Target;
use crate::pipeline::{Job, Press, Rendered, overview, render};
use crate::report::{Document, FieldPath};
use crate::template::Overview;
use crate::typeset::work_alone;

/// How deep the stack of a worker is, in bytes: what typst does is recursive.
const STACK_BYTES: usize = 16 << 20;

/// Makes reports until `tasks` ends. `memory` is the most that this process may take, in bytes of
/// address space; it does not outlive its master.
pub fn work(
    press: &Press,
    memory: u64,
    tasks: impl Read + Send,
    answers: impl Write + Send,
) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    setrlimit(Resource::As, Rlimit { current: Some(memory), maximum: Some(memory) })?;
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, || answer(press, tasks, answers))?;
        worker.join().unwrap_or_else(|_| Err(io::Error::other("a report made the worker panic")))
    })
}

fn answer(press: &Press, mut tasks: impl Read, mut answers: impl Write) -> io::Result<()> {
    work_alone().map_err(io::Error::other)?;
    // Says that faces and templates are read.
    frames::write(&mut answers, &Outcome::default(), &[])?;
    while let Some((order, body)) = frames::read::<Order>(&mut tasks)? {
        let (mut outcome, onto) = match order {
            Order::Report { task, onto } => (outcome(task, &body, press), onto),
            Order::Overview => (of_all(&body, press), None),
        };
        // What cannot be appended goes to the master, who tries too and can say why.
        outcome.at = onto.and_then(|onto| append(&outcome.bytes, &onto).ok());
        let beside = if outcome.at.is_some() { &[] } else { &outcome.bytes[..] };
        frames::write(&mut answers, &outcome, beside)?;
    }
    Ok(())
}

/// The overview of a batch. Its name is the batch's own.
fn of_all(body: &[u8], press: &Press) -> Outcome {
    let made = serde_json::from_slice::<Overview>(body).map_err(|error| Failed::Program(Box::new(error)));
    match made.and_then(|data| overview(&data, Target::Pdf, press)) {
        Ok(artifact) => {
            let made = Made::new(String::new(), &artifact);
            Outcome::new(Told { made: Some(made), ..Told::default() }, artifact.bytes)
        }
        Err(failed) => Outcome::new(Told::refused(findings(failed)), vec![]),
    }
}

fn outcome(task: Task, bytes: &[u8], press: &Press) -> Outcome {
    let Task { format, edition, purpose, target } = task;
    let job = Job { bytes, format, edition, purpose, target };
    let findings = match render(&job, press) {
        Ok(Warned { value: Rendered { document, made, sketches }, warnings }) => {
            let told = Told {
                unit: document.unit().map(str::to_owned),
                year: Some(document.year().number()),
                made: Some(Made::new(made.name, &made.artifact)),
                findings: bare(warnings),
                indicators: indicators(&document),
                sketches,
            };
            return Outcome::new(told, made.artifact.bytes);
        }
        Err(failed) => bare(findings(failed)),
    };
    Outcome::new(Told::failed(bytes, format, findings), vec![])
}

/// What a document reports in figures.
fn indicators(document: &Document) -> Vec<Reported> {
    match document {
        Document::Report(report) => report.indicators.iter().map(Reported::from).collect(),
        Document::Plan(_) => vec![],
    }
}

fn findings(failed: Failed) -> Vec<Diagnostic> {
    match failed {
        Failed::Report(found) => found,
        Failed::Program(error) => {
            vec![BROKE_DOWN.at(FieldPath::root(), error.to_string(), "请把这份报告交给程序的维护者")]
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
