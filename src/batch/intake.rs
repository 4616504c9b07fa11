//! What a batch is made of: a folder of whatever units return, or a ZIP of it, JSON Lines, a workbook. What has
//! to be taken apart a worker has left in a plain file. Only the list is held; each document is read when its
//! turn comes.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::expectation::Expectation;
use crate::diagnostic::Diagnostic;
use crate::intake::workbook::Notes;
use crate::intake::{
    BatchRefusal, DocumentForm, Extent, FileKind, ListedContent, ListedReport, Listing, MAX_INPUT_BYTES,
    MAX_UNITS, kind_of,
};
use crate::system::in_words;
use crate::workers::{Question, Worker};

/// The units of a batch, in a fixed order.
pub struct Intake {
    units: Vec<Unit>,
    /// The true path, if it is a folder.
    folder: Option<PathBuf>,
    /// Documents end to end; the file has no name any more.
    plain: File,
    expectation: Expectation,
}

/// One report to be made.
#[derive(Clone, Debug)]
pub struct Unit {
    /// From 1, in the order of the batch.
    pub number: usize,
    /// The file, line or row that it comes from, for people.
    pub source: String,
    place: UnitPlace,
}

#[derive(Clone, Debug)]
enum UnitPlace {
    File(PathBuf, DocumentForm),
    Listed(ListedContent),
}

impl Unit {
    /// What its file is called, without its folder.
    pub fn file_name(&self) -> &str {
        self.source.rsplit('/').next().unwrap_or_default()
    }
}

/// Why a unit's document is not there.
#[derive(Debug, thiserror::Error)]
pub enum UnreadUnit {
    /// Whatever one tries, for this reason.
    #[error("读不出这份报告：{0}")]
    Unreadable(String),
    #[error("读不出这份报告：{}", why(.0))]
    Failed(#[from] io::Error),
}

/// How deep folders are followed.
const MAX_DEPTH: usize = 8;

impl Intake {
    /// Lists what is in a folder, has a worker take a `.zip`, `.jsonl` or `.xlsx` apart into a file below `scratch`,
    /// or takes a file for the report that it is. Of a folder all is taken but the files `beside`, which are no
    /// reports.
    pub fn open(
        path: &Path,
        beside: &[&Path],
        reader: &mut Worker,
        scratch: &Path,
    ) -> Result<Self, BatchRefusal> {
        let unreadable =
            |error: io::Error| BatchRefusal::Unreadable { path: path.to_owned(), why: in_words(&error) };
        let plain = tempfile::NamedTempFile::new_in(scratch)
            .map_err(|error| BatchRefusal::Unreadable { path: scratch.to_owned(), why: in_words(&error) })?;
        let mut unpacked = |file: &Path| -> Result<Listing, BatchRefusal> {
            let lost = |why: String| BatchRefusal::Lost { path: file.to_owned(), why };
            let answer = reader.ask(&Question::unpack(file, file, plain.path()), &[]).map_err(unreadable)?;
            let answer =
                answer.map_err(|found| lost(found.iter().map(|one| one.message.as_str()).collect()))?;
            serde_json::from_slice::<Result<_, _>>(&answer.bytes).map_err(|error| lost(error.to_string()))?
        };
        if fs::metadata(path).map_err(unreadable)?.is_dir() {
            let units = of_folder(path, beside, &mut unpacked)?;
            let folder = Some(fs::canonicalize(path).map_err(unreadable)?);
            return Ok(Self { units, folder, ..Self::of_plain(plain.into_file()) });
        }
        let source = path.file_name().unwrap_or_default().to_string_lossy();
        let place = match kind_of(&source) {
            FileKind::Document(form @ (DocumentForm::Contract(_) | DocumentForm::Foreign)) => {
                UnitPlace::File(path.to_owned(), form)
            }
            FileKind::Unfit(why) => UnitPlace::Listed(ListedContent::Unreadable(why.into())),
            FileKind::Document(DocumentForm::Workbook)
            | FileKind::Lines
            | FileKind::Archive
            | FileKind::Left => {
                let units = listed(unpacked(path)?);
                return Ok(Self { units, ..Self::of_plain(plain.into_file()) });
            }
        };
        let units = vec![Unit { number: 1, source: source.into_owned(), place }];
        Ok(Self { units, ..Self::of_plain(plain.into_file()) })
    }

    /// What a worker answered who was to take a file apart, and the plain file.
    pub fn of_answer(answer: &[u8], plain: File, name: &Path) -> Result<Self, BatchRefusal> {
        let listing: Result<Listing, BatchRefusal> = serde_json::from_slice(answer)
            .map_err(|error| BatchRefusal::Lost { path: name.to_owned(), why: error.to_string() })?;
        Ok(Self { units: listed(listing?), ..Self::of_plain(plain) })
    }

    fn of_plain(plain: File) -> Self {
        Self { units: vec![], folder: None, plain, expectation: Expectation::default() }
    }

    /// The same, of which this is known.
    pub fn expecting(self, expectation: Expectation) -> Self {
        Self { expectation, ..self }
    }

    /// What is known of it.
    pub fn expectation(&self) -> &Expectation {
        &self.expectation
    }

    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// Whether a file at this path would be part of the batch itself.
    pub fn would_hold(&self, path: &Path) -> bool {
        let Some(folder) = &self.folder else { return false };
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        fs::canonicalize(parent.unwrap_or(Path::new("."))).is_ok_and(|parent| parent.starts_with(folder))
    }

    /// Says of findings about a unit where in the input they stand, as far as its bytes alone did not.
    /// Said twice it is the same.
    pub fn tell(&self, unit: &Unit, findings: &mut Vec<Diagnostic>) -> io::Result<()> {
        if let UnitPlace::Listed(ListedContent::Document { notes: Some(notes), .. }) = unit.place {
            let notes: Notes = serde_json::from_slice(&self.part(notes)?)?;
            notes.tell(findings);
        }
        if self.expectation.is_filled_in {
            findings.iter_mut().for_each(|one| one.position = None);
        }
        Ok(())
    }

    /// The bytes of a unit's document: of one that is too large one more than may be, which is enough
    /// to say so.
    pub fn read(&self, unit: &Unit) -> Result<(Vec<u8>, DocumentForm), UnreadUnit> {
        match &unit.place {
            UnitPlace::File(path, form) => {
                // Room for an ordinary report at once.
                let mut bytes = Vec::with_capacity(64 << 10);
                File::open(path)?.take(form.most() as u64 + 1).read_to_end(&mut bytes)?;
                Ok((bytes, *form))
            }
            UnitPlace::Listed(ListedContent::Document { form, extent, .. }) => {
                Ok((self.part(*extent)?, *form))
            }
            UnitPlace::Listed(ListedContent::Unreadable(why)) => Err(UnreadUnit::Unreadable(why.clone())),
        }
    }

    /// A part of the plain file.
    fn part(&self, Extent { offset, length }: Extent) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length as usize];
        self.plain.read_exact_at(&mut bytes, offset)?;
        Ok(bytes)
    }
}

/// What a worker has taken apart.
fn listed(listing: Listing) -> Vec<Unit> {
    let unit = |(index, one): (usize, ListedReport)| Unit {
        number: index + 1,
        source: one.source,
        place: UnitPlace::Listed(one.content),
    };
    listing.reports.into_iter().enumerate().map(unit).collect()
}

/// What is in a folder, by the names of the files. Files of several units are taken apart.
fn of_folder(
    folder: &Path,
    beside: &[&Path],
    unpacked: &mut dyn FnMut(&Path) -> Result<Listing, BatchRefusal>,
) -> Result<Vec<Unit>, BatchRefusal> {
    let mut found = Vec::new();
    walk(folder, 0, &mut found)?;
    found.sort();
    if found.iter().map(|(_, length)| length).sum::<u64>() > MAX_INPUT_BYTES {
        return Err(BatchRefusal::TooLarge);
    }
    let beside: Vec<PathBuf> = beside.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
    let mut places = Vec::new();
    for (path, _) in found {
        let is_beside = || fs::canonicalize(&path).is_ok_and(|path| beside.contains(&path));
        let source = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let unreadable = |why: String| UnitPlace::Listed(ListedContent::Unreadable(why));
        match kind_of(&source) {
            FileKind::Left => {}
            _ if is_beside() => {}
            FileKind::Document(form @ (DocumentForm::Contract(_) | DocumentForm::Foreign)) => {
                places.push((source, UnitPlace::File(path, form)));
            }
            FileKind::Unfit(why) => places.push((source, unreadable(why.into()))),
            FileKind::Document(DocumentForm::Workbook) | FileKind::Lines | FileKind::Archive => {
                match unpacked(&path) {
                    Ok(listing) => places.extend(
                        listing
                            .reports
                            .into_iter()
                            .map(|one| (format!("{source} {}", one.source), UnitPlace::Listed(one.content))),
                    ),
                    Err(refused) => places.push((source, unreadable(refused.within()))),
                }
            }
        }
    }
    match places.len() {
        0 => Err(BatchRefusal::Empty(folder.to_owned())),
        count if count > MAX_UNITS => Err(BatchRefusal::TooMany(count)),
        _ => {
            let unit = |(index, (source, place))| Unit { number: index + 1, source, place };
            Ok(places.into_iter().enumerate().map(unit).collect())
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

/// Why a unit's document cannot be read, behind the words that it cannot.
fn why(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "它已经不在了",
        io::ErrorKind::PermissionDenied => "没有读取它的权限",
        _ => "它已经损坏，或者没有存完整",
    }
}
