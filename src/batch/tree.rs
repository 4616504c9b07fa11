//! What a unit has written, be it whole or not, for commands that make no pages of it.

use std::io;

use serde_json::Value;

use super::intake::{Intake, Unit, UnreadUnit};
use super::not_made;
use crate::diagnostic::{Diagnostic, Failed, Severity};
use crate::input::{Format, Manuscript, UnfinishedReport};
use crate::path;
use crate::report::{FieldPath, Report};
use crate::workers::{Question, Worker};

/// What a unit has written, as a worker reads it.
pub struct UnitTree {
    /// None where nobody can read it, or a cell says what no field can take.
    pub tree: Option<Value>,
    /// What is wrong with it, and what is to be said of how it was read; by its place in what came.
    pub found: Vec<Diagnostic>,
}

/// A report to begin the next from: whole but for texts and the day, which must be new in any case, and perhaps for the
/// full name of its unit.
pub struct LastReport {
    pub report: Report,
    /// Whether something stands in for the full name.
    pub is_nameless: bool,
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

    /// The report to begin the next from; else all that keeps it from being one.
    pub fn last_report(
        self,
        intake: &Intake,
        unit: &Unit,
    ) -> io::Result<Result<LastReport, Vec<Diagnostic>>> {
        let Some(tree) = self.tree else { return Ok(Err(self.found)) };
        let read = Manuscript::parse(tree.to_string().as_bytes(), Format::Json);
        let full_name = path!["issuer", "name"];
        let is_known = |path: &FieldPath, report: &Report| {
            is_left_behind(path) || *path == full_name && report.issuer.short_name.is_some()
        };
        Ok(match read.and_then(|manuscript| manuscript.unfinished()) {
            Ok(UnfinishedReport { report, stood_in, .. })
                if stood_in.iter().all(|path| is_known(path, &report)) =>
            {
                Ok(LastReport { report, is_nameless: stood_in.contains(&full_name) })
            }
            Ok(UnfinishedReport { faults: mut found, .. }) | Err(Failed::Report(mut found)) => {
                // Lines of the tree are not those of what came.
                found.iter_mut().for_each(|one| one.position = None);
                intake.tell(unit, &mut found)?;
                Err(found)
            }
            Err(Failed::Program(error)) => return Err(io::Error::other(error.to_string())),
        })
    }
}

/// Whether nothing of this field goes on into the next year.
fn is_left_behind(path: &FieldPath) -> bool {
    let texts = ["preface", "measures", "problems", "duties", "other", "attachments", "allow", "printed_on"];
    [path!["signature"], path!["signature", "date"]].contains(path) || texts.contains(&path.first_key())
}
