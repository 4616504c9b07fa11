//! What the reports of a batch are held against, unit by unit: the reports of the year before, and the plans of the
//! year.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use super::intake::{Intake, Unit};
use crate::input::Format;
use crate::intake::{BatchRefusal, DocumentForm};
use crate::roster::bare_name;
use crate::workers::{Enclosure, UnitRecord, Worker};

/// Last year's reports and the plans of the year, if there are any.
#[derive(Default)]
pub struct Companions {
    pub last_year: Option<CompanionShelf>,
    pub plan: Option<CompanionShelf>,
}

/// Documents of one kind, to be found by their unit.
pub struct CompanionShelf {
    intake: Intake,
    /// By the code, and by the bare name, of their units.
    by_code: HashMap<String, Vec<CompanionEntry>>,
    by_name: HashMap<String, Vec<CompanionEntry>>,
    /// What could not be read, or does not say whose it is.
    pub unknown: Vec<String>,
}

/// A document, by its place in the intake, and whose it is.
#[derive(Clone)]
struct CompanionEntry {
    place: usize,
    code: Option<String>,
    year: Option<u16>,
}

impl CompanionShelf {
    /// Looks through a folder, archive or workbook of documents.
    pub fn open(path: &Path, reader: &mut Worker, scratch: &Path) -> Result<Self, BatchRefusal> {
        let intake = Intake::open(path, &[], reader, scratch)?;
        let lost = |error: io::Error| BatchRefusal::Lost { path: path.to_owned(), why: error.to_string() };
        Self::of(intake, reader).map_err(lost)
    }

    /// Asks a worker whose documents these are. Those whose unit nobody can tell are nobody's.
    pub fn of(intake: Intake, reader: &mut Worker) -> io::Result<Self> {
        let (mut by_code, mut by_name) = (HashMap::<String, Vec<_>>::new(), HashMap::<String, Vec<_>>::new());
        let mut unknown = Vec::new();
        for (place, unit) in intake.units().iter().enumerate() {
            let told = match intake.read(unit) {
                Ok((bytes, form)) => reader.identify(&bytes, form, unit.file_name())?,
                Err(_) => UnitRecord::default(),
            };
            let entry = CompanionEntry { place, code: told.code.clone(), year: told.year };
            let names = bare_names(&told);
            if names.is_empty() && told.code.is_none() {
                unknown.push(unit.source.clone());
            }
            told.code.into_iter().for_each(|code| by_code.entry(code).or_default().push(entry.clone()));
            names.into_iter().for_each(|name| by_name.entry(name).or_default().push(entry.clone()));
        }
        Ok(Self { intake, by_code, by_name, unknown })
    }

    /// The document of this year of the unit whose report this is. One that has another code is another's,
    /// whatever it is called; and where several are called so, nobody knows.
    fn one_of(&self, told: &UnitRecord, year: Option<u16>) -> Option<&Unit> {
        let is_of_year = |one: &&CompanionEntry| one.year.is_none() || year.is_none() || one.year == year;
        let of_code = told.code.as_ref().and_then(|code| self.by_code.get(code));
        let of_code = of_code.and_then(|known| known.iter().find(is_of_year));
        let of_name = || {
            let is_free = |one: &&CompanionEntry| one.code.is_none() || told.code.is_none();
            let known = bare_names(told).into_iter().filter_map(|name| self.by_name.get(&name));
            let mut fit =
                known.map(|known| known.iter().filter(is_free).filter(is_of_year).collect::<Vec<_>>());
            match fit.find(|fit| !fit.is_empty())?[..] {
                [one] => Some(one),
                _ => None,
            }
        };
        of_code.or_else(of_name).map(|one| &self.intake.units()[one.place])
    }

    /// What goes with the report of a unit: how it lies there, and its bytes. One that has become unreadable since
    /// goes along empty, and the worker says so.
    pub(super) fn read(&self, told: &UnitRecord, year: Option<u16>) -> Option<(Enclosure, Vec<u8>)> {
        let unit = self.one_of(told, year)?;
        let (bytes, form) = self.intake.read(unit).unwrap_or((vec![], DocumentForm::Contract(Format::Json)));
        let enclosure = Enclosure { form, name: unit.file_name().to_owned(), length: bytes.len() };
        Some((enclosure, bytes))
    }
}

/// The full name and the short one, without the ways of writing them.
fn bare_names(told: &UnitRecord) -> Vec<String> {
    let mut names: Vec<String> =
        [told.full_name.as_deref(), told.unit.as_deref()].into_iter().flatten().map(bare_name).collect();
    names.dedup();
    names.retain(|name| !name.is_empty());
    names
}

impl Companions {
    pub fn is_empty(&self) -> bool {
        self.last_year.is_none() && self.plan.is_none()
    }
}
