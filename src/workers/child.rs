//! The side of the worker: takes a report, makes it, answers, until its master hangs up.

use std::io::{self, Read, Write};

use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};

use super::{BROKE_DOWN, Finding, Made, Outcome, Task, Told, frames};
use crate::checks::sketches;
use crate::diagnostic::{Failed, Warned};
use crate::export::Target;
use crate::pipeline::{Job, Press, Rendered, render};
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
    frames::write(&mut answers, &Told::default(), &[])?;
    while let Some((task, report)) = frames::read::<Task>(&mut tasks)? {
        let Outcome { told, bytes } = outcome(task, &report, press);
        frames::write(&mut answers, &told, &bytes)?;
    }
    Ok(())
}

fn outcome(task: Task, bytes: &[u8], press: &Press) -> Outcome {
    let Task { format, edition, purpose } = task;
    let job = Job { bytes, format, edition, purpose, target: Target::Pdf };
    let findings = match render(&job, press) {
        Ok(Warned { value: Rendered { report, made }, warnings }) => {
            let told = Told {
                unit: Some(report.short_name().to_owned()),
                year: Some(report.year.number()),
                made: Some(Made { name: made.name, pages: made.artifact.pages }),
                findings: warnings.iter().map(Finding::from).collect(),
                sketches: sketches(&report),
            };
            return Outcome { told, bytes: made.artifact.bytes };
        }
        Err(Failed::Report(found)) => found.iter().map(Finding::from).collect(),
        Err(Failed::Program(error)) => {
            vec![Finding::of_all(&BROKE_DOWN, error.to_string(), "请把这份报告交给程序的维护者")]
        }
    };
    Outcome { told: Told::failed(bytes, format, findings), bytes: vec![] }
}
