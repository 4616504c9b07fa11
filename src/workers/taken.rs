//! A document of whatever form, in the words of the contract.

use std::borrow::Cow;

use crate::diagnostic::{Diagnostic, Failed};
use crate::import::{Particulars, TrackedChanges, import};
use crate::input::{Format, GlimpsedIssuer, Manuscript, glimpse};
use crate::intake::DocumentForm;
use crate::report::{Report, WorkPlan, Year};
use crate::workers::UnitRecord;

/// A document that was taken in.
pub(super) struct TakenDocument<'a> {
    pub bytes: Cow<'a, [u8]>,
    pub format: Format,
    /// What is to be said of the way that it came, if it was imported.
    pub remarks: Vec<Diagnostic>,
    is_imported: bool,
}

impl<'a> TakenDocument<'a> {
    /// Takes the document in a file of this name.
    pub(super) fn of(bytes: &'a [u8], form: DocumentForm, name: &str) -> Result<Self, Failed> {
        Self::with(bytes, form, name, TrackedChanges::default())
    }

    /// The same, where this is done to the tracked changes of a Word document.
    pub(super) fn with(
        bytes: &'a [u8],
        form: DocumentForm,
        name: &str,
        tracked_changes: TrackedChanges,
    ) -> Result<Self, Failed> {
        match form {
            DocumentForm::Contract(format) => {
                Ok(Self { bytes: bytes.into(), format, remarks: vec![], is_imported: false })
            }
            DocumentForm::Foreign => {
                let file_name = Some(name.to_owned());
                let given = Particulars { file_name, tracked_changes, ..Particulars::default() };
                let made = import(bytes, &given)?;
                let bytes =
                    serde_json::to_vec(&made.document).map_err(|error| Failed::Program(Box::new(error)))?;
                let remarks = made.account.findings();
                Ok(Self { bytes: bytes.into(), format: Format::Json, remarks, is_imported: true })
            }
            DocumentForm::Workbook => Err(Failed::Program("a workbook that was not taken apart".into())),
        }
    }

    /// Findings about it, with what is to be said of the way that it came. Lines are those of the file that was
    /// sent, or none.
    pub(super) fn told(&self, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
        if self.is_imported {
            found.iter_mut().for_each(|one| one.position = None);
        }
        found.extend(self.remarks.iter().cloned());
        found
    }

    pub(super) fn report(&self) -> Result<Report, Failed> {
        Ok(Manuscript::parse(&self.bytes, self.format)?.read()?.value)
    }

    pub(super) fn plan(&self) -> Result<WorkPlan, Failed> {
        Ok(Manuscript::parse(&self.bytes, self.format)?.read()?.value)
    }

    /// Of which unit and year it is, as far as it can be read: also one that is refused has a name, as a rule.
    pub(super) fn record(&self) -> UnitRecord {
        let manuscript = match Manuscript::parse(&self.bytes, self.format) {
            Ok(manuscript) => manuscript,
            Err(_) => {
                let GlimpsedIssuer { unit, code, year } = glimpse(&self.bytes);
                return UnitRecord { unit, code, year: year.map(Year::number), ..UnitRecord::default() };
            }
        };
        UnitRecord {
            unit: manuscript.unit().map(|unit| unit.to_string()),
            year: manuscript.year().map(Year::number),
            full_name: manuscript.full_name().map(|name| name.to_string()),
            code: manuscript.code().map(|code| code.to_string()),
            ..UnitRecord::default()
        }
    }
}
