//! What a batch is made of: a folder of report files, or the plain file that came of a ZIP, JSON Lines or a
//! workbook. Only the list is held; each report is read when its turn comes.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::expectation::Expectation;
use crate::diagnostic::Diagnostic;
use crate::input::{self, Format};
use crate::intake::workbook::Notes;
use crate::intake::{BatchRefusal, Extent, FileKind, Listing, MAX_INPUT_BYTES, MAX_UNITS, format_of};
use crate::system::in_words;
use crate::workers::{Question, Worker};

/// The units of a batch, in a fixed order.
pub struct Intake {
    units: Vec<Unit>,
    /// Files beside the reports that are none, to be named in the end.
    passed_over: Vec<String>,
    origin: Origin,
    expectation: Expectation,
}

/// One report to be made.
#[derive(Clone, Debug)]
pub struct Unit {
    /// From 1, in the order of the batch.
    pub number: usize,
    /// The file, line or row that it comes from, for people.
    pub source: String,
    format: Format,
    place: UnitPlace,
}

#[derive(Clone, Debug)]
enum UnitPlace {
    File(PathBuf),
    /// A report without an extent is damaged.
    Plain {
        report: Option<Extent>,
        notes: Option<Extent>,
    },
}

enum Origin {
    /// With its true path.
    Folder(PathBuf),
    /// The plain file; it has no name any more.
    Plain(File),
}

/// How deep folders are followed.
const MAX_DEPTH: usize = 8;

impl Intake {
    /// Lists what is in a folder, or has a worker take a `.zip`, `.jsonl` or `.xlsx` apart into a file below
    /// `scratch`.
    pub fn open(path: &Path, reader: &mut Worker, scratch: &Path) -> Result<Self, BatchRefusal> {
        let unreadable =
            |error: io::Error| BatchRefusal::Unreadable { path: path.to_owned(), why: in_words(&error) };
        if fs::metadata(path).map_err(unreadable)?.is_dir() {
            return Self::of_folder(path);
        }
        let plain = tempfile::NamedTempFile::new_in(scratch)
            .map_err(|error| BatchRefusal::Unreadable { path: scratch.to_owned(), why: in_words(&error) })?;
        let lost = |why: String| BatchRefusal::Lost { path: path.to_owned(), why };
        let question = Question::unpack(path, path, plain.path());
        let answer = reader.ask(&question, &[]).map_err(unreadable)?;
        let answer = answer.map_err(|found| lost(found.iter().map(|one| one.message.as_str()).collect()))?;
        Self::of_answer(&answer.bytes, plain.into_file(), path)
    }

    /// What a worker answered who was to take a file apart, and the plain file.
    pub fn of_answer(answer: &[u8], plain: File, name: &Path) -> Result<Self, BatchRefusal> {
        let listing: Result<Listing, BatchRefusal> = serde_json::from_slice(answer)
            .map_err(|error| BatchRefusal::Lost { path: name.to_owned(), why: error.to_string() })?;
        let Listing { reports, passed_over } = listing?;
        let units = reports.into_iter().enumerate().map(|(index, one)| Unit {
            number: index + 1,
            source: one.source,
            format: one.format,
            place: UnitPlace::Plain { report: one.report, notes: one.notes },
        });
        let (units, origin) = (units.collect(), Origin::Plain(plain));
        Ok(Self { units, passed_over, origin, expectation: Expectation::default() })
    }

    /// The same as a batch of a collection, of which this is said.
    pub fn expecting(self, expectation: Expectation) -> Self {
        Self { expectation, ..self }
    }

    /// What a collection says of it.
    pub fn expectation(&self) -> &Expectation {
        &self.expectation
    }

    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// Files that are no reports by their names.
    pub fn passed_over(&self) -> &[String] {
        &self.passed_over
    }

    /// Whether a file at this path would be part of the batch itself.
    pub fn would_hold(&self, path: &Path) -> bool {
        let Origin::Folder(folder) = &self.origin else { return false };
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        fs::canonicalize(parent.unwrap_or(Path::new("."))).is_ok_and(|parent| parent.starts_with(folder))
    }

    /// Says of findings about a unit where in the input they stand, as far as its bytes alone did not.
    /// Said twice it is the same.
    pub fn tell(&self, unit: &Unit, findings: &mut Vec<Diagnostic>) -> io::Result<()> {
        if let UnitPlace::Plain { notes: Some(notes), .. } = unit.place {
            let notes: Notes = serde_json::from_slice(&self.part(notes)?)?;
            notes.tell(findings);
        }
        Ok(())
    }

    /// The bytes of a unit's report: of one that is too large one more than may be, which is enough
    /// to say so.
    pub fn read(&self, unit: &Unit) -> io::Result<(Vec<u8>, Format)> {
        let bytes = match &unit.place {
            UnitPlace::File(path) => {
                // Room for an ordinary report at once.
                let mut bytes = Vec::with_capacity(64 << 10);
                File::open(path)?.take(input::MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
                bytes
            }
            UnitPlace::Plain { report: Some(report), .. } => self.part(*report)?,
            UnitPlace::Plain { report: None, .. } => return Err(io::ErrorKind::InvalidData.into()),
        };
        Ok((bytes, unit.format))
    }

    /// A part of the plain file.
    fn part(&self, Extent { offset, length }: Extent) -> io::Result<Vec<u8>> {
        let Origin::Plain(file) = &self.origin else { return Err(io::ErrorKind::NotFound.into()) };
        let mut bytes = vec![0; length as usize];
        file.read_exact_at(&mut bytes, offset)?;
        Ok(bytes)
    }

    fn of_folder(folder: &Path) -> Result<Self, BatchRefusal> {
        let mut found = Vec::new();
        walk(folder, 0, &mut found)?;
        found.sort();
        if found.iter().map(|(_, length)| length).sum::<u64>() > MAX_INPUT_BYTES {
            return Err(BatchRefusal::TooLarge);
        }
        let truly = fs::canonicalize(folder)
            .map_err(|error| BatchRefusal::Unreadable { path: folder.to_owned(), why: in_words(&error) })?;
        let (mut units, mut passed_over) = (vec![], vec![]);
        for (path, _) in found {
            let source = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            match format_of(&source) {
                FileKind::Report(format) => {
                    units.push(Unit {
                        number: units.len() + 1,
                        source,
                        format,
                        place: UnitPlace::File(path),
                    });
                }
                FileKind::PassedOver => passed_over.push(source),
                FileKind::Left => {}
            }
        }
        match units.len() {
            0 => Err(BatchRefusal::Empty(folder.to_owned())),
            count if count > MAX_UNITS => Err(BatchRefusal::TooMany(count)),
            _ => {
                let (origin, expectation) = (Origin::Folder(truly), Expectation::default());
                Ok(Self { units, passed_over, origin, expectation })
            }
        }
    }
}

/// The files below a folder, with their lengths in bytes.
fn walk(below: &Path, depth: usize, found: &mut Vec<(PathBuf, u64)>) -> Result<(), BatchRefusal> {
    let unreadable =
        |error: io::Error| BatchRefusal::Unreadable { path: below.to_owned(), why: in_words(&error) };
    for entry in fs::read_dir(below).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let metadata = fs::metadata(&path).map_err(unreadable)?;
        if metadata.is_dir() && depth < MAX_DEPTH {
            walk(&path, depth + 1, found)?;
        } else if metadata.is_file() {
            found.push((path, metadata.len()));
        }
    }
    Ok(())
}
