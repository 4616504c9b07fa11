//! A file of many reports, taken apart: a ZIP of report files, JSON Lines, or a [`workbook`]. Whoever sent
//! it may mean ill, so this is a worker's work; what it leaves behind is a plain file, report after report,
//! and a [`Listing`] that says where each begins. Everybody else reads only those.

mod lines;
pub mod workbook;
mod zipped;

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::diagnostic::Code;
use crate::input::{self, Format};
use crate::system::in_words;
use workbook::{Notes, Workbook};

/// Every code that this room can raise.
pub const CODES: [&Code; 7] = workbook::CODES;

/// The most units of one batch. A province has about 3,000.
pub const MAX_UNITS: usize = 20_000;

/// The largest folder, archive or file of a batch that is read, in bytes, unpacked.
pub const MAX_INPUT_BYTES: u64 = 2 << 30;

/// How many names an error tells.
const MAX_TOLD: usize = 10;

/// What was in a file, and where it lies in the plain one.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Listing {
    /// In the order of the batch.
    pub reports: Vec<ListedReport>,
    /// Files that are no reports by their names.
    pub passed_over: Vec<String>,
}

/// A report in the plain file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListedReport {
    /// The file, line or row that it comes from, for people.
    pub source: String,
    pub format: Format,
    /// None where it is damaged.
    pub report: Option<Extent>,
    /// Where its [`Notes`] lie, as JSON, if it comes from a workbook.
    pub notes: Option<Extent>,
}

/// Bytes of the plain file: from which one on, and how many.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Extent {
    pub offset: u64,
    pub length: u64,
}

/// Why a batch is not begun.
#[derive(Clone, Debug, Serialize, Deserialize, thiserror::Error)]
pub enum BatchRefusal {
    #[error("读不了 {}：{why}", .path.display())]
    Unreadable { path: PathBuf, why: String },
    #[error("{} 不是完整的 ZIP 文件，请重新打包", .0.display())]
    NotAZip(PathBuf),
    #[error("{} 既不是文件夹，也不是 .zip、.jsonl 或 .xlsx 文件", .0.display())]
    UnknownKind(PathBuf),
    #[error("{} {fault}", .path.display())]
    Workbook { path: PathBuf, fault: String },
    #[error("{} 里没有报告。报告文件应为 JSON、YAML 或 TOML；征集表里每个单位填一行，标着“示例”的不算", .0.display())]
    Empty(PathBuf),
    #[error("一批最多 {MAX_UNITS} 份报告，这里有 {0} 份，请分批生成")]
    TooMany(usize),
    #[error("全部报告合计超过 {} GiB，请分批生成", MAX_INPUT_BYTES >> 30)]
    TooLarge,
    #[error("压缩包里的文件名不安全：{}。请去掉“..”、盘符、开头的斜线和链接，重新打包", .0.join("、"))]
    UnsafeNames(Vec<String>),
    #[error("压缩包里有同名的文件：{}。同名的只能留下一个，请改名后重新打包", .0.join("、"))]
    SameNames(Vec<String>),
    #[error("压缩包里的文件解开后大得反常：{}。请检查压缩包", .0.join("、"))]
    Bomb(Vec<String>),
    #[error("压缩包里的文件加了密码：{}。请去掉密码，重新打包", .0.join("、"))]
    Encrypted(Vec<String>),
    /// What was at it broke down, or took too long.
    #[error("{} 处理不了：{why}。请核对是不是选错了文件；没有选错的，请重新打包，或分成几批", .path.display())]
    Lost { path: PathBuf, why: String },
}

/// Takes a `.zip`, `.jsonl` or `.xlsx` apart into the plain file. It was called `name` before it was
/// received; its faults are told with that.
pub fn unpack(file: &Path, name: &Path, into: &Path) -> Result<Listing, BatchRefusal> {
    let unreadable =
        |error: io::Error| BatchRefusal::Unreadable { path: name.to_owned(), why: in_words(&error) };
    let source = File::open(file).map_err(unreadable)?;
    let file = File::options().write(true).truncate(true).open(into).map_err(unreadable)?;
    let mut plain = Plain::new(file, input::MAX_BYTES);
    let extension = name.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    match extension.as_str() {
        "zip" => zipped::unpack(source, name, &mut plain, format_of)?,
        "jsonl" | "ndjson" => lines::unpack(source, &mut plain).map_err(unreadable)?,
        "xlsx" | "xls" | "et" => of_workbook(source, name, &mut plain)?,
        _ => return Err(BatchRefusal::UnknownKind(name.to_owned())),
    }
    let listing = plain.finish().map_err(unreadable)?;
    match listing.reports.len() {
        0 => Err(BatchRefusal::Empty(name.to_owned())),
        count if count > MAX_UNITS => Err(BatchRefusal::TooMany(count)),
        _ => Ok(listing),
    }
}

/// Takes a ZIP of whatever may hold a report apart into the plain file, of each file no more than `most` bytes and
/// one. Of a file that is no report by its name the format says nothing.
pub fn unpack_all(file: &Path, name: &Path, into: &Path, most: usize) -> Result<Listing, BatchRefusal> {
    let unreadable =
        |error: io::Error| BatchRefusal::Unreadable { path: name.to_owned(), why: in_words(&error) };
    let source = File::open(file).map_err(unreadable)?;
    let file = File::options().write(true).truncate(true).open(into).map_err(unreadable)?;
    let mut plain = Plain::new(file, most);
    zipped::unpack(source, name, &mut plain, importable)?;
    let listing = plain.finish().map_err(unreadable)?;
    match listing.reports.len() {
        count if count > MAX_UNITS => Err(BatchRefusal::TooMany(count)),
        _ => Ok(listing),
    }
}

/// What a file is for whoever imports.
fn importable(source: &str) -> FileKind {
    match format_of(source) {
        FileKind::PassedOver => {
            let extension =
                source.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
            match IMPORTABLE.contains(&extension.as_str()) {
                true => FileKind::Report(Format::Json),
                false => FileKind::PassedOver,
            }
        }
        other => other,
    }
}

/// The endings of what may hold a report besides report files.
const IMPORTABLE: [&str; 9] = ["docx", "html", "htm", "mht", "txt", "pdf", "xlsx", "xls", "et"];

fn of_workbook(file: File, name: &Path, plain: &mut Plain) -> Result<(), BatchRefusal> {
    let workbook = Workbook::read(BufReader::new(file));
    let workbook = workbook.map_err(|fault| BatchRefusal::Workbook { path: name.to_owned(), fault })?;
    let unreadable =
        |error: io::Error| BatchRefusal::Unreadable { path: name.to_owned(), why: in_words(&error) };
    for unit in 0..workbook.len() {
        let (json, notes) = workbook.report(unit);
        plain.add(workbook.source(unit), Format::Json, &mut json.as_slice()).map_err(unreadable)?;
        plain.note(&notes).map_err(unreadable)?;
    }
    Ok(())
}

/// The format of a file among the reports, if its name says that it is one. Nothing of what a system leaves
/// beside files of its own accord.
pub fn format_of(source: &str) -> FileKind {
    let name = source.rsplit('/').next().unwrap_or_default();
    if name.starts_with('.') || name == "Thumbs.db" || source.starts_with("__MACOSX/") {
        return FileKind::Left;
    }
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    Format::from_extension(extension).map_or(FileKind::PassedOver, FileKind::Report)
}

/// What a file is by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Report(Format),
    /// Told of, and not made.
    PassedOver,
    /// Not even told of.
    Left,
}

/// The plain file while it is written.
struct Plain {
    out: BufWriter<File>,
    length: u64,
    listing: Listing,
    /// How much of a file is kept, but for one byte that says that there was more.
    most: usize,
}

impl Plain {
    fn new(file: File, most: usize) -> Self {
        Self { out: BufWriter::new(file), length: 0, listing: Listing::default(), most }
    }

    /// Adds a report: of one that is too large one byte more than may be, which is enough to say so.
    fn add(&mut self, source: String, format: Format, report: &mut impl Read) -> io::Result<()> {
        let length = io::copy(&mut report.take(self.most as u64 + 1), &mut self.out)?;
        let report = Some(self.grown(length));
        self.listing.reports.push(ListedReport { source, format, report, notes: None });
        Ok(())
    }

    /// Notes a report that cannot be read.
    fn add_damaged(&mut self, source: String, format: Format) {
        self.listing.reports.push(ListedReport { source, format, report: None, notes: None });
    }

    /// Adds what is to be said of the report that was added last.
    fn note(&mut self, notes: &Notes) -> io::Result<()> {
        let notes = serde_json::to_vec(notes)?;
        self.out.write_all(&notes)?;
        let extent = self.grown(notes.len() as u64);
        if let Some(last) = self.listing.reports.last_mut() {
            last.notes = Some(extent);
        }
        Ok(())
    }

    fn grown(&mut self, length: u64) -> Extent {
        let offset = self.length;
        self.length += length;
        Extent { offset, length }
    }

    fn finish(mut self) -> io::Result<Listing> {
        self.out.flush()?;
        Ok(self.listing)
    }
}
