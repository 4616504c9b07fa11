//! What goes out: one ZIP with every file that was made, the reasons for those that were not, two lists
//! that account for every unit, and an overview of all. The same input gives the same bytes.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::mem;
use std::path::Path;

use serde::ser::{Error, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::attendance::{ArrivalNote, Attendance, AttendanceAccount, AttendanceTally};
use super::entry::{ArchiveEntry, COLUMNS, ResultCounts, UnitResult, missing_line, sha256};
use super::expectation::{Expectation, MissingReport};
use super::harmless::{as_cell, visible};
use super::intake::Intake;
use super::overview::{ExpectedUnits, Survey, UnitContent};
use super::settings::BatchSettings;
use crate::checks::Peers;
use crate::compilation::IndicatorBook;
use crate::diagnostic::Diagnostic;
use crate::indicators::IndicatorList;
use crate::roster::{Contact, RosterUnit, TableColumn, table_workbook};
use crate::workers::{Answer, Outcome, Question, UnitRecord, Worker};

/// The name of the overview in the archive.
const OVERVIEW: &str = "overview.pdf";

/// The name of the workbook of all indicators, where units report any.
const WORKBOOK: &str = "指标.xlsx";
/// The name of the list of units to call, where a roster is known.
const CALLS: &str = "催报名单.xlsx";

/// The name of the table of matters by units, where a guide was chosen.
const MATRIX: &str = "事项.csv";

/// The overview in an archive; nothing where none could be made.
pub fn overview_in(archive: File) -> io::Result<Option<Vec<u8>>> {
    let mut archive = ZipArchive::new(BufReader::new(archive))?;
    let Some(at) = archive.index_for_name(OVERVIEW) else { return Ok(None) };
    let mut bytes = Vec::new();
    archive.by_index(at)?.read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// What was made of a batch.
pub struct Ledger {
    pub state: Completeness,
    pub counts: ResultCounts,
    pub overview: Summary,
    pub attendance: AttendanceTally,
}

impl Ledger {
    /// Whether every unit that was expected has its report, and no other.
    pub fn is_whole(&self) -> bool {
        let Self { state, counts, attendance, .. } = self;
        let AttendanceTally { repeated, unlisted, .. } = *attendance;
        *state == Completeness::Completed && [counts.missing, repeated, unlisted] == [0; 3]
    }
}

/// Whether every unit has its report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Completeness {
    Completed,
    CompletedWithFailures,
}

/// The account of the workbook of indicators.
#[derive(Clone, Debug, Serialize)]
struct WorkbookSummary {
    file: Option<&'static str>,
    sha256: Option<String>,
    /// Why there is none.
    findings: Vec<Diagnostic>,
}

/// The account of the overview.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The file in the archive, if it could be made.
    pub file: Option<&'static str>,
    pub pages: Option<usize>,
    pub sha256: Option<String>,
    /// Why there is none.
    pub findings: Vec<Diagnostic>,
}

/// An archive that is being written. It takes the units in their order, and holds of each only what the overview and
/// a comparison with others will need.
pub struct Archive<'a, W: Write> {
    intake: &'a Intake,
    settings: &'a BatchSettings,
    attendance: Attendance<'a>,
    zip: ZipWriter<StreamWriter<W>>,
    peers: Peers,
    survey: Survey,
    counts: ResultCounts,
    entries: BufWriter<File>,
}

impl<'a, W: Write> Archive<'a, W> {
    /// An archive without units. Until it is finished, a file without a name in the folder `scratch`
    /// keeps what is to be told of them.
    pub fn new(intake: &'a Intake, settings: &'a BatchSettings, scratch: &Path, out: W) -> io::Result<Self> {
        let checks = intake.expectation().on_top_of(&settings.checks);
        let indicators = checks.indicators.clone().unwrap_or_else(|| IndicatorList::built_in().clone());
        Ok(Self {
            intake,
            settings,
            attendance: Attendance::new(&intake.expectation().roster),
            zip: ZipWriter::new_stream(out),
            peers: Peers::new(&checks),
            survey: Survey::new(indicators),
            counts: ResultCounts::default(),
            entries: BufWriter::new(tempfile::tempfile_in(scratch)?),
        })
    }

    /// Adds what came of the next unit, and its files end to end. Files that are not those that were made
    /// are never added.
    pub fn add(&mut self, mut told: UnitRecord, files: &[u8]) -> io::Result<()> {
        if !told.is_made_of(files) {
            let changed = "一份做好的报告在磁盘上变了，接着做时会重新生成";
            return Err(io::Error::new(io::ErrorKind::InvalidData, changed));
        }
        let units = self.intake.units();
        let unit = &units[self.counts.total];
        self.intake.tell(unit, &mut told.findings)?;
        let ArrivalNote { found, unit: called, is_again } =
            self.attendance.note(unit.number, &unit.source, &told);
        told.unit = told.unit.or(called);
        if !is_again {
            let name = told.unit.as_deref().unwrap_or(&unit.source);
            let copied = self.peers.compare(name, &told.sketches);
            told.findings.extend(copied);
        }
        told.findings.extend(found);
        let (matters, problems) = (mem::take(&mut told.matters), mem::take(&mut told.problems));
        let (indicators, last_year) = (mem::take(&mut told.indicators), mem::take(&mut told.last_year));
        let lengths: Vec<usize> = told.files(files).iter().map(|(_, bytes)| bytes.len()).collect();
        let entry = ArchiveEntry::new(unit, told, files, units.len().to_string().len().max(3), self.settings);
        if entry.result == UnitResult::Failed {
            begin(&mut self.zip, &entry.file, CompressionMethod::Deflated)?;
            self.zip.write_all(reasons(&entry).as_bytes())?;
        }
        let report = (entry.result != UnitResult::Failed).then_some(&entry.file);
        let names = report.into_iter().chain(entry.papers.iter().map(|paper| &paper.file));
        let mut rest = files;
        for (name, length) in names.zip(lengths) {
            let (file, behind) = rest.split_at(length);
            // All others are packed already.
            let is_page = name.ends_with(".html");
            let method = if is_page { CompressionMethod::Deflated } else { CompressionMethod::Stored };
            begin(&mut self.zip, name, method)?;
            self.zip.write_all(file)?;
            rest = behind;
        }
        self.counts.count(entry.result);
        let content = UnitContent { indicators: &indicators, last_year: &last_year, matters, problems };
        self.survey.add(&entry, content);
        serde_json::to_writer(&mut self.entries, &entry)?;
        self.entries.write_all(b"\n")
    }

    /// Adds what tells of all units, and returns the account. The `worker` typesets the overview.
    pub fn finish(self, worker: &mut Worker) -> io::Result<Ledger> {
        let Self { intake, attendance, mut zip, mut survey, mut counts, entries, .. } = self;
        let Expectation { missing, roster, .. } = intake.expectation();
        let AttendanceAccount { missing: absent, to_call, counted, without, tally } = attendance.finish();
        let missing: Vec<MissingReport> = missing.iter().cloned().chain(absent).collect();
        counts.missing = missing.len();
        survey.settle(&counted);
        let state =
            if counts.failed > 0 { Completeness::CompletedWithFailures } else { Completeness::Completed };
        let entries = entries.into_inner().map_err(io::IntoInnerError::into_error)?;
        let matrix = survey.matrix();
        let expected = match (roster.len(), missing.len()) {
            (0, 0) => ExpectedUnits::default(),
            // As a collection has them: those that came, and the others.
            (0, missing) => ExpectedUnits { all: counts.total + missing, without: counts.failed + missing },
            (roster, _) => ExpectedUnits { all: roster, without },
        };
        let (overview, book) = survey.overview(counts, &missing, expected, tally);
        let begun = worker.begin_overview(&overview)?;

        begin(&mut zip, "manifest.json", CompressionMethod::Deflated)?;
        // It comes in crumbs; the packer gets it by the buffer.
        let mut out = BufWriter::new(&mut zip);
        let mut json = serde_json::Serializer::pretty(&mut out);
        let mut manifest = json.serialize_map(None)?;
        manifest.serialize_entry("program", concat!("nianbao ", env!("CARGO_PKG_VERSION")))?;
        manifest.serialize_entry("state", &state)?;
        manifest.serialize_entry("counts", &counts)?;
        let accounts = UnitAccounts { entries, counted: &counted, list: RefCell::new(for_excel()) };
        accounts.list.borrow_mut().write_record(COLUMNS)?;
        manifest.serialize_entry("units", &accounts)?;
        let mut list = accounts.list.into_inner();
        for unit in &missing {
            list.write_record(missing_line(unit))?;
        }
        manifest.serialize_entry("missing", &missing)?;
        manifest.serialize_entry("repeated", &tally.repeated)?;
        manifest.serialize_entry("unlisted", &tally.unlisted)?;
        let is_missing = |(_, one): &(usize, MissingReport)| missing.contains(one);
        let unmade: Vec<&MissingReport> =
            to_call.iter().filter(|one| !is_missing(one)).map(|(_, one)| one).collect();
        manifest.serialize_entry("unmade", &unmade)?;
        // While all of them were written down, the worker was at it.
        let Outcome { told, bytes, .. } = worker.finish(begun)?;
        let overview = Summary::of(told, &bytes);
        manifest.serialize_entry("overview", &overview)?;
        let workbook = book.map(|book| workbook(&book, worker)).transpose()?;
        manifest.serialize_entry("indicators", &workbook.as_ref().map(|(told, _)| told))?;
        SerializeMap::end(manifest)?;
        out.flush()?;
        drop(out);

        begin(&mut zip, "清单.csv", CompressionMethod::Deflated)?;
        zip.write_all(&finished(list)?)?;
        if let Some(rows) = matrix {
            begin(&mut zip, MATRIX, CompressionMethod::Deflated)?;
            let mut matrix = for_excel();
            for row in rows {
                matrix.write_record(row.iter().map(|text| as_cell(text)))?;
            }
            zip.write_all(&finished(matrix)?)?;
        }
        if !to_call.is_empty() {
            begin(&mut zip, CALLS, CompressionMethod::Stored)?;
            zip.write_all(&calls(roster, to_call)?)?;
        }
        if let Some((WorkbookSummary { file: Some(name), .. }, bytes)) = &workbook {
            begin(&mut zip, name, CompressionMethod::Stored)?;
            zip.write_all(bytes)?;
        }
        if let Some(name) = overview.file {
            begin(&mut zip, name, CompressionMethod::Stored)?;
            zip.write_all(&bytes)?;
        }
        zip.finish()?.flush()?;
        Ok(Ledger { state, counts, overview, attendance: tally })
    }
}

/// The workbook of all indicators, by a worker, who alone needs the memory.
fn workbook(book: &IndicatorBook, worker: &mut Worker) -> io::Result<(WorkbookSummary, Vec<u8>)> {
    Ok(match worker.ask(&Question::IndicatorBook, &serde_json::to_vec(book)?)? {
        Ok(Answer { bytes, .. }) => {
            let digest = sha256(&bytes);
            (WorkbookSummary { file: Some(WORKBOOK), sha256: Some(digest), findings: vec![] }, bytes)
        }
        // As without an overview, the batch is no less complete.
        Err(findings) => (WorkbookSummary { file: None, sha256: None, findings }, vec![]),
    })
}

/// The accounts of all units, on the disk, so that findings do not fill the memory. As they are told, which of them
/// count is added, and each gets its line in the list.
struct UnitAccounts<'a> {
    entries: File,
    counted: &'a BTreeSet<usize>,
    list: RefCell<csv::Writer<Vec<u8>>>,
}

impl Serialize for UnitAccounts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut file = &self.entries;
        file.rewind().map_err(S::Error::custom)?;
        let mut all = serializer.serialize_seq(None)?;
        for line in BufReader::new(file).split(b'\n') {
            let entry: serde_json::Result<ArchiveEntry> =
                serde_json::from_slice(&line.map_err(S::Error::custom)?);
            let mut entry = entry.map_err(S::Error::custom)?;
            entry.counted = self.counted.contains(&entry.number);
            self.list.borrow_mut().write_record(entry.line()).map_err(S::Error::custom)?;
            all.serialize_element(&entry)?;
        }
        all.end()
    }
}

impl Summary {
    /// A batch without an overview is told of, and is no less complete.
    fn of(told: UnitRecord, bytes: &[u8]) -> Self {
        Self {
            file: told.is_made().then_some(OVERVIEW),
            pages: told.made.as_ref().and_then(|made| made.pages),
            sha256: told.made.map(|_| sha256(bytes)),
            findings: told.findings,
        }
    }
}

fn begin<W: Write>(
    zip: &mut ZipWriter<StreamWriter<W>>,
    name: &str,
    method: CompressionMethod,
) -> io::Result<()> {
    // No date of today and no rights of this machine: the same input, the same bytes.
    let options = SimpleFileOptions::default()
        .compression_method(method)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    Ok(zip.start_file(name, options)?)
}

/// Why a unit has no report, for its writer. The lines end as Windows has them.
fn reasons(entry: &ArchiveEntry) -> String {
    let mut text = format!("来源：{}\r\n", entry.source);
    if let Some(unit) = &entry.unit {
        text += &format!("报告单位：{unit}\r\n");
    }
    text += "这份报告没有生成。改正以下问题后，只需重新生成这一份。\r\n";
    for finding in &entry.findings {
        let (label, message) = (finding.severity.label(), visible(&finding.message));
        text += &format!("\r\n{label}〔{}〕{message}\r\n", finding.code);
        if let Some(place) = finding.whereabouts() {
            text += &format!("    位置：{}\r\n", visible(&place));
        }
        text += &format!("    建议：{}\r\n", visible(&finding.hint));
    }
    // Notepad takes a text for UTF-8 by its mark.
    format!("\u{FEFF}{text}")
}

/// Whom to call, as a workbook.
fn calls(roster: &[RosterUnit], to_call: Vec<(usize, MissingReport)>) -> io::Result<Vec<u8>> {
    let columns = [
        ("单位代码", 14.0),
        ("单位名称", 30.0),
        ("状态", 16.0),
        ("原因", 24.0),
        ("联系人", 12.0),
        ("电话", 18.0),
        ("邮箱", 24.0),
        ("上级单位", 24.0),
    ];
    let columns = columns.map(|(heading, width)| TableColumn { heading, width });
    let superior = |unit: &RosterUnit| {
        let code = unit.superior.as_ref()?;
        let above = roster.iter().find(|other| other.code == *code);
        Some(above.map_or_else(|| code.to_string(), |above| above.name.clone()))
    };
    let row = |(place, report): (usize, MissingReport)| {
        let unit = &roster[place];
        let Contact { name, phone, mail } = unit.contact.clone();
        let superior = superior(unit).unwrap_or_default();
        vec![report.code, report.name, report.state, report.reason, name, phone, mail, superior]
    };
    table_workbook("催报名单", &columns, to_call.into_iter().map(row)).map_err(io::Error::other)
}

/// A table for Excel, which takes a text for UTF-8 by its mark.
fn for_excel() -> csv::Writer<Vec<u8>> {
    let mark = "\u{FEFF}".as_bytes().to_vec();
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(mark)
}

fn finished(table: csv::Writer<Vec<u8>>) -> io::Result<Vec<u8>> {
    table.into_inner().map_err(|error| io::Error::other(error.to_string()))
}
