//! What the reports of a batch are held against, unit by unit: the reports of the year before, and the plans of the
//! year.

use std::io;
use std::path::Path;

use super::intake::{Intake, Unit, UnreadUnit};
use crate::intake::{BatchRefusal, DocumentForm};
use crate::roster::{NameIndex, bare_name};
use crate::workers::{UnitRecord, Worker};

/// Last year's reports and the plans of the year, if there are any.
#[derive(Default)]
pub struct Companions {
    pub last_year: Option<CompanionShelf>,
    pub plan: Option<CompanionShelf>,
}

/// Documents of one kind, to be found by their unit.
pub struct CompanionShelf {
    intake: Intake,
    /// Of each document that says whose it is.
    known: Vec<CompanionEntry>,
    names: NameIndex,
    /// Of each name the place among the known.
    places: Vec<usize>,
    /// What could not be read, or does not say whose it is.
    pub unknown: Vec<String>,
}

/// Whose a document is.
struct CompanionEntry {
    unit: usize,
    code: Option<String>,
    year: Option<u16>,
    name: String,
}

impl CompanionShelf {
    /// Looks through a folder, archive or workbook of documents. Those whose unit nobody can tell are nobody's.
    pub fn open(path: &Path, reader: &mut Worker, scratch: &Path) -> Result<Self, BatchRefusal> {
        let intake = Intake::open(path, &[], reader, scratch)?;
        let lost = |error: io::Error| BatchRefusal::Lost { path: path.to_owned(), why: error.to_string() };
        let (mut known, mut unknown): (Vec<CompanionEntry>, Vec<String>) = (vec![], vec![]);
        let (mut names, mut places): (Vec<String>, Vec<usize>) = (vec![], vec![]);
        for (unit, one) in intake.units().iter().enumerate() {
            let told = match intake.read(one) {
                Ok((bytes, form)) => reader.identify(&bytes, form, one.file_name()).map_err(lost)?,
                Err(_) => UnitRecord::default(),
            };
            let own: Vec<String> = [told.full_name, told.unit].into_iter().flatten().collect();
            let Some(name) = own.first().cloned() else {
                unknown.push(one.source.clone());
                continue;
            };
            known.push(CompanionEntry { unit, code: told.code, year: told.year, name: bare_name(&name) });
            for name in own.into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>() {
                names.push(name);
                places.push(known.len() - 1);
            }
        }
        let index: Vec<&str> = names.iter().map(String::as_str).collect();
        let names = NameIndex::new(&index);
        Ok(Self { intake, known, names, places, unknown })
    }

    /// The document of this year of the unit whose report this is. Of one that has another code it is another's,
    /// whatever it is called.
    fn of(&self, told: &UnitRecord, year: Option<u16>) -> Option<&Unit> {
        let names = [told.full_name.as_deref(), told.unit.as_deref()].into_iter().flatten();
        let near = names.filter_map(|name| self.names.nearest(name)).find(|near| near.is_sure);
        let name = near.map(|near| self.known[self.places[near.index]].name.as_str());
        let is_own = |one: &&CompanionEntry| match (&one.code, &told.code) {
            (Some(one), Some(own)) => one == own,
            _ => Some(one.name.as_str()) == name,
        };
        let is_of_year = |one: &&CompanionEntry| one.year.is_none() || year.is_none() || one.year == year;
        let found = self.known.iter().filter(is_own).find(is_of_year);
        found.map(|one| &self.intake.units()[one.unit])
    }

    /// Its form and bytes.
    pub(super) fn read(
        &self,
        told: &UnitRecord,
        year: Option<u16>,
    ) -> Result<Option<(DocumentForm, Vec<u8>)>, UnreadUnit> {
        let read = self.of(told, year).map(|unit| self.intake.read(unit)).transpose()?;
        Ok(read.map(|(bytes, form)| (form, bytes)))
    }
}

impl Companions {
    pub(super) fn is_empty(&self) -> bool {
        self.last_year.is_none() && self.plan.is_none()
    }
}
