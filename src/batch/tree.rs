//! What a unit has written, be it whole or not, for commands that make no pages of it.

use std::io;

use serde_json::Value;

use super::intake::{Intake, Unit, UnreadUnit};
use super::not_made;
use crate::diagnostic::{Diagnostic, Failed, Severity};
use crate::input::{self, Format};
use crate::report::Report;
use crate::workers::{Question, Worker};

/// What a unit has written, as a worker reads it.
pub struct UnitTree {
    /// None where nobody can read it, or a cell says what no field can take.
    pub tree: Option<Value>,
    /// What is wrong with it, and what is to be said of how it was read; by its place in what came.
    pub found: Vec<Diagnostic>,
}

impl UnitTree {
    pub fn read(intake: &Intake, unit: &Unit, reader: &mut Worker) -> io::Result<Self> {
        let (bytes, form) = match intake.read(unit) {
            Ok(read) => read,
            Err(UnreadUnit::Failed(error)) => return Err(error),
            Err(error) => return Ok(Self { tree: None, found: not_made(error.to_string()).findings }),
        };
        let question = Question::Read { form, name: unit.file_name().to_owned() };
        let (tree, mut found) = match reader.ask(&question, &bytes)? {
            Ok(answer) => (Some(serde_json::from_slice(&answer.bytes)?), vec![]),
            Err(found) => (None, found),
        };
        intake.tell(unit, &mut found)?;
        let is_sound = found.iter().all(|one| one.severity < Severity::Error);
        Ok(Self { tree: tree.filter(|_| is_sound), found })
    }

    /// The report, if it is a whole one; else all that keeps it from being one.
    pub fn report(self, intake: &Intake, unit: &Unit) -> io::Result<Result<Report, Vec<Diagnostic>>> {
        let Some(tree) = self.tree else { return Ok(Err(self.found)) };
        Ok(match input::read::<Report>(tree.to_string().as_bytes(), Format::Json) {
            Ok(read) => Ok(read.value),
            Err(Failed::Report(mut found)) => {
                // Lines of the tree are not those of what came.
                found.iter_mut().for_each(|one| one.position = None);
                intake.tell(unit, &mut found)?;
                Err(found)
            }
            Err(Failed::Program(error)) => return Err(io::Error::other(error.to_string())),
        })
    }
}
