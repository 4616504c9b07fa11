//! What goes out: one ZIP with every file that was made, the reasons for those that were not, two lists
//! that account for every unit, and an overview of all. The same input gives the same bytes.

use std::io::{self, BufWriter, Write};
use std::mem;

use serde::Serialize;
use sha2::{Digest, Sha256};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::intake::{Intake, Unit};
use super::overview::overview;
use super::run::{Settings, task};
use super::spool::{Record, Spool};
use crate::checks::{self, Peers};
use crate::diagnostic::Severity;
use crate::template::Overview;
use crate::workers::{Finding, Outcome, Worker};

/// The name of the overview in the archive.
const OVERVIEW: &str = "overview.pdf";

/// What was made of a batch: `manifest.json`.
#[derive(Clone, Debug, Serialize)]
pub struct Ledger {
    pub program: String,
    pub state: State,
    pub counts: Counts,
    pub units: Vec<Entry>,
    pub overview: Summary,
    /// Files of the input that are no reports.
    pub passed_over: Vec<String>,
}

/// Whether every unit has its report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Completed,
    CompletedWithFailures,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub total: usize,
    /// Without a remark.
    pub made: usize,
    pub made_with_warnings: usize,
    pub failed: usize,
}

/// The account of the overview.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The file in the archive, if it could be made.
    pub file: Option<&'static str>,
    pub pages: Option<usize>,
    pub sha256: Option<String>,
    /// Why there is none.
    pub findings: Vec<Finding>,
}

/// The account of one unit.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    pub number: usize,
    pub source: String,
    pub unit: Option<String>,
    pub year: Option<u16>,
    pub result: Result,
    /// The file in the archive: the report, or the reasons why there is none.
    pub file: String,
    pub pages: Option<usize>,
    pub sha256: Option<String>,
    pub findings: Vec<Finding>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Result {
    Made,
    MadeWithWarnings,
    Failed,
}

impl Result {
    /// The word that people read.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Made => "已生成",
            Self::MadeWithWarnings => "已生成，有提醒",
            Self::Failed => "未生成",
        }
    }
}

/// Writes the archive of a batch whose units are all in the spool, and returns the account. The `worker`
/// typesets the overview.
pub fn archive(
    intake: &Intake,
    settings: &Settings,
    spool: &Spool,
    worker: &mut Worker,
    out: impl Write,
) -> io::Result<Ledger> {
    let mut results = |unit: &Unit| {
        let (_, _, key) = task(intake, unit, settings)?;
        let record = spool.record(&key);
        let record = record.ok_or_else(|| io::Error::other(format!("{} 在生成后又变了", unit.source)))?;
        let file = if record.is_made() { spool.file(&key)? } else { vec![] };
        Ok((record, file))
    };
    archive_of(intake, &settings.checks, &mut results, worker, out)
}

/// Writes the archive of a batch from the first byte to the last, and returns the account. `results`
/// is asked once for each unit, in their order, for what came of it and its file; the `worker` typesets
/// the overview.
pub fn archive_of<F: AsRef<[u8]>>(
    intake: &Intake,
    checks: &checks::Settings,
    results: &mut dyn FnMut(&Unit) -> io::Result<(Record, F)>,
    worker: &mut Worker,
    out: impl Write,
) -> io::Result<Ledger> {
    let mut zip = ZipWriter::new_stream(out);
    let width = intake.units().len().to_string().len().max(3);
    let (mut units, mut indicators) = (Vec::new(), Vec::new());
    let mut peers = Peers::new(checks);
    for unit in intake.units() {
        let (mut record, file) = results(unit)?;
        intake.tell(unit, &mut record.told.findings);
        let name = record.told.unit.as_deref().unwrap_or(&unit.source);
        let copied = peers.compare(name, &record.told.sketches);
        record.told.findings.extend(copied.iter().map(Finding::from));
        indicators.push(mem::take(&mut record.told.indicators));
        let entry = entry(unit, record, width);
        if entry.result == Result::Failed {
            begin(&mut zip, &entry.file, CompressionMethod::Deflated)?;
            zip.write_all(reasons(&entry).as_bytes())?;
        } else {
            // A PDF is packed already.
            begin(&mut zip, &entry.file, CompressionMethod::Stored)?;
            zip.write_all(file.as_ref())?;
        }
        units.push(entry);
    }
    let counts = counts(&units);
    let summary = summary(&overview(&units, &indicators, counts), worker, &mut zip)?;
    let ledger = Ledger {
        program: concat!("nianbao ", env!("CARGO_PKG_VERSION")).into(),
        counts,
        state: match units.iter().any(|unit| unit.result == Result::Failed) {
            true => State::CompletedWithFailures,
            false => State::Completed,
        },
        units,
        overview: summary,
        passed_over: intake.passed_over().to_vec(),
    };
    begin(&mut zip, "manifest.json", CompressionMethod::Deflated)?;
    // It comes in crumbs; the packer gets it by the buffer.
    let mut manifest = BufWriter::new(&mut zip);
    serde_json::to_writer_pretty(&mut manifest, &ledger)?;
    manifest.flush()?;
    drop(manifest);
    begin(&mut zip, "清单.csv", CompressionMethod::Deflated)?;
    zip.write_all(&list(&ledger)?)?;
    zip.finish()?.flush()?;
    Ok(ledger)
}

/// Adds the overview. A batch without one is told of, and is no less complete.
fn summary<W: Write>(
    overview: &Overview,
    worker: &mut Worker,
    zip: &mut ZipWriter<StreamWriter<W>>,
) -> io::Result<Summary> {
    let Outcome { told, bytes } = worker.overview(overview)?;
    let made = told.made.is_some();
    if made {
        begin(zip, OVERVIEW, CompressionMethod::Stored)?;
        zip.write_all(&bytes)?;
    }
    Ok(Summary {
        file: made.then_some(OVERVIEW),
        pages: told.made.map(|made| made.pages),
        sha256: made.then(|| hex::encode(Sha256::digest(&bytes))),
        findings: told.findings,
    })
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

fn entry(unit: &Unit, record: Record, width: usize) -> Entry {
    let result = record.result();
    let told = record.told;
    let number = format!("{:0width$}", unit.number);
    let (file, pages) = match &told.made {
        Some(made) => (format!("{number}-{}", made.name), Some(made.pages)),
        None => (format!("{number}-未生成-问题.txt"), None),
    };
    Entry {
        number: unit.number,
        source: unit.source.clone(),
        unit: told.unit,
        year: told.year,
        result,
        file,
        pages,
        sha256: record.sha256,
        findings: told.findings,
    }
}

impl Record {
    pub fn result(&self) -> Result {
        let is_warning = |finding: &Finding| finding.severity > Severity::Note && finding.allowed.is_none();
        match self.told.made {
            None => Result::Failed,
            Some(_) if self.told.findings.iter().any(is_warning) => Result::MadeWithWarnings,
            Some(_) => Result::Made,
        }
    }
}

fn counts(units: &[Entry]) -> Counts {
    let of = |result| units.iter().filter(|unit| unit.result == result).count();
    Counts {
        total: units.len(),
        made: of(Result::Made),
        made_with_warnings: of(Result::MadeWithWarnings),
        failed: of(Result::Failed),
    }
}

/// Why a unit has no report, for its writer. The lines end as Windows has them.
fn reasons(entry: &Entry) -> String {
    let mut text = format!("来源：{}\r\n", entry.source);
    if let Some(unit) = &entry.unit {
        text += &format!("报告单位：{unit}\r\n");
    }
    text += "这份报告没有生成。改正以下问题后，只需重新生成这一份。\r\n";
    for finding in &entry.findings {
        text += &format!("\r\n{}〔{}〕{}\r\n", finding.severity.label(), finding.code, finding.message);
        if let Some(place) = finding.whereabouts() {
            text += &format!("    位置：{place}\r\n");
        }
        text += &format!("    建议：{}\r\n", finding.hint);
    }
    // Notepad takes a text for UTF-8 by its mark.
    format!("\u{FEFF}{text}")
}

/// The list of all units for Excel, which takes a text for UTF-8 by its mark.
fn list(ledger: &Ledger) -> io::Result<Vec<u8>> {
    let mut csv = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{FEFF}".as_bytes().to_vec());
    csv.write_record([
        "序号",
        "来源",
        "报告单位",
        "年度",
        "结果",
        "文件",
        "页数",
        "错误",
        "警告",
        "提示",
        "第一处问题",
        "SHA-256",
    ])?;
    for unit in &ledger.units {
        let count = |severity| {
            unit.findings.iter().filter(|finding| finding.severity == severity).count().to_string()
        };
        let text = |text: Option<&str>| harmless(text.unwrap_or_default());
        csv.write_record([
            unit.number.to_string(),
            harmless(&unit.source),
            text(unit.unit.as_deref()),
            unit.year.map(|year| year.to_string()).unwrap_or_default(),
            unit.result.label().to_owned(),
            harmless(&unit.file),
            unit.pages.map(|pages| pages.to_string()).unwrap_or_default(),
            count(Severity::Error),
            count(Severity::Warning),
            count(Severity::Note),
            text(unit.findings.first().map(Finding::in_one_line).as_deref()),
            text(unit.sha256.as_deref()),
        ])?;
    }
    csv.into_inner().map_err(|error| io::Error::other(error.to_string()))
}

/// A cell that Excel shows and never computes.
fn harmless(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}
