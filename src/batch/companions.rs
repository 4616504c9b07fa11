//! What the reports of a batch are held against, unit by unit: the reports of the year before, and the plans of the
//! year.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use super::intake::{Intake, Unit, UnreadUnit};
use crate::intake::{BatchRefusal, DocumentForm};
use crate::roster::NameIndex;
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
    of_code: HashMap<String, usize>,
    names: NameIndex,
    /// Of each name the place of its document.
    places: Vec<usize>,
}

impl CompanionShelf {
    /// Looks through a folder, archive or workbook of documents. Those whose unit nobody can tell are nobody's.
    pub fn open(path: &Path, reader: &mut Worker, scratch: &Path) -> Result<Self, BatchRefusal> {
        let intake = Intake::open(path, &[], reader, scratch)?;
        let lost = |error: io::Error| BatchRefusal::Lost { path: path.to_owned(), why: error.to_string() };
        let (mut of_code, mut names, mut places) = (HashMap::new(), Vec::new(), Vec::new());
        for (place, unit) in intake.units().iter().enumerate() {
            let Ok((bytes, form)) = intake.read(unit) else { continue };
            let told = reader.identify(&bytes, form, unit.file_name()).map_err(lost)?;
            if let Some(code) = told.code {
                of_code.entry(code).or_insert(place);
            }
            for name in [told.full_name, told.unit].into_iter().flatten() {
                if !names.contains(&name) {
                    names.push(name);
                    places.push(place);
                }
            }
        }
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        let names = NameIndex::new(&known);
        Ok(Self { intake, of_code, names, places })
    }

    /// The document of the unit whose report this is.
    fn of(&self, told: &UnitRecord) -> Option<&Unit> {
        let by_code = told.code.as_ref().and_then(|code| self.of_code.get(code)).copied();
        let by_name = || {
            let names = [told.full_name.as_deref(), told.unit.as_deref()].into_iter().flatten();
            let near = names.filter_map(|name| self.names.nearest(name)).find(|near| near.is_sure);
            near.map(|near| self.places[near.index])
        };
        by_code.or_else(by_name).map(|place| &self.intake.units()[place])
    }

    /// Its form and bytes.
    pub(super) fn read(&self, told: &UnitRecord) -> Result<Option<(DocumentForm, Vec<u8>)>, UnreadUnit> {
        let read = self.of(told).map(|unit| self.intake.read(unit)).transpose()?;
        Ok(read.map(|(bytes, form)| (form, bytes)))
    }
}

impl Companions {
    pub(super) fn is_empty(&self) -> bool {
        self.last_year.is_none() && self.plan.is_none()
    }
}
