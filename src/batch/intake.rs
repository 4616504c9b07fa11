//! What a batch is made of: a folder or a ZIP of report files, JSON Lines, or a workbook. Only the list
//! is held, of a workbook its cells; each report is read when its turn comes.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use encoding_rs::GB18030;
use zip::ZipArchive;
use zip::result::ZipError;

use super::workbook::Workbook;
use super::{MAX_INPUT_BYTES, MAX_RATIO, MAX_UNITS};
use crate::diagnostic::Diagnostic;
use crate::input::{self, Format};

/// The units of a batch, in a fixed order.
pub struct Intake {
    units: Vec<Unit>,
    /// Files beside the reports that are none, to be named in the end.
    passed_over: Vec<String>,
    store: Store,
}

/// One report to be made.
#[derive(Clone, Debug)]
pub struct Unit {
    /// From 1, in the order of the batch.
    pub number: usize,
    /// The file or line that it comes from, for people.
    pub source: String,
    format: Format,
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    File(PathBuf),
    Zipped(usize),
    Line {
        offset: u64,
        length: u64,
    },
    /// By its place among the units of a workbook.
    Rows(usize),
}

enum Store {
    /// With its true path.
    Folder(PathBuf),
    Zip(Mutex<ZipArchive<File>>),
    Lines(Mutex<File>),
    Workbook(Box<Workbook>),
}

/// Why a batch is not begun.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("读不了 {}：{source}", .path.display())]
    Unreadable { path: PathBuf, source: io::Error },
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
    #[error("压缩包里的文件解开后大得反常：{}。请检查压缩包", .0.join("、"))]
    Bomb(Vec<String>),
    #[error("压缩包里的文件加了密码：{}。请去掉密码，重新打包", .0.join("、"))]
    Encrypted(Vec<String>),
}

/// How many names an error tells.
const MAX_TOLD: usize = 10;

/// How deep folders are followed.
const MAX_DEPTH: usize = 8;

impl Intake {
    /// Lists what is in a folder, a `.zip`, a `.jsonl` or a `.xlsx`.
    pub fn open(path: &Path) -> Result<Self, Refused> {
        Self::received(path, path)
    }

    /// The same of a file that was called otherwise before it was received. Its faults are told with
    /// that name.
    pub fn received(file: &Path, name: &Path) -> Result<Self, Refused> {
        let path = name;
        let unreadable = |source| Refused::Unreadable { path: path.to_owned(), source };
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let mut intake = if fs::metadata(file).map_err(unreadable)?.is_dir() {
            Self::of_folder(file)?
        } else {
            let file = File::open(file).map_err(unreadable)?;
            match extension.as_str() {
                "zip" => Self::of_zip(path, file)?,
                "jsonl" | "ndjson" => Self::of_lines(file).map_err(unreadable)?,
                "xlsx" | "xls" | "et" => Self::of_workbook(path, file)?,
                _ => return Err(Refused::UnknownKind(path.to_owned())),
            }
        };
        match intake.units.len() {
            0 => return Err(Refused::Empty(path.to_owned())),
            count if count > MAX_UNITS => return Err(Refused::TooMany(count)),
            _ => {}
        }
        for (index, unit) in intake.units.iter_mut().enumerate() {
            unit.number = index + 1;
        }
        Ok(intake)
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
        let Store::Folder(folder) = &self.store else { return false };
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        fs::canonicalize(parent.unwrap_or(Path::new("."))).is_ok_and(|parent| parent.starts_with(folder))
    }

    /// Says of findings about a unit where in the input they stand, as far as its bytes alone did not.
    /// Said twice it is the same.
    pub fn tell(&self, unit: &Unit, findings: &mut Vec<Diagnostic>) {
        if let (Store::Workbook(workbook), Place::Rows(rows)) = (&self.store, &unit.place) {
            workbook.tell(*rows, findings);
        }
    }

    /// The bytes of a unit's report: of one that is too large one more than may be, which is enough
    /// to say so.
    pub fn read(&self, unit: &Unit) -> io::Result<(Vec<u8>, Format)> {
        let limit = input::MAX_BYTES as u64 + 1;
        // Room for an ordinary report at once.
        let mut bytes = Vec::with_capacity(64 << 10);
        match (&self.store, &unit.place) {
            (Store::Zip(archive), Place::Zipped(index)) => {
                let mut archive = archive.lock().unwrap_or_else(PoisonError::into_inner);
                let file = archive.by_index(*index).map_err(io::Error::other)?;
                file.take(limit).read_to_end(&mut bytes)?;
            }
            (Store::Lines(file), Place::Line { offset, length }) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(*offset))?;
                file.by_ref().take(limit.min(*length)).read_to_end(&mut bytes)?;
            }
            (Store::Workbook(workbook), Place::Rows(unit)) => {
                bytes = workbook.json(*unit);
                bytes.truncate(limit as usize);
            }
            (_, Place::File(path)) => {
                File::open(path)?.take(limit).read_to_end(&mut bytes)?;
            }
            _ => unreachable!("a unit is read from the intake that it came from"),
        }
        Ok((bytes, unit.format))
    }

    fn new(store: Store) -> Self {
        Self { units: vec![], passed_over: vec![], store }
    }

    /// Notes a file: a unit if its name says so.
    fn add(&mut self, source: String, place: Place) {
        let name = source.rsplit('/').next().unwrap_or_default();
        if name.starts_with('.') || name == "Thumbs.db" || source.starts_with("__MACOSX/") {
            return;
        }
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        match Format::from_extension(extension) {
            Some(format) => self.units.push(Unit { number: 0, source, format, place }),
            None => self.passed_over.push(source),
        }
    }

    fn of_folder(folder: &Path) -> Result<Self, Refused> {
        fn walk(below: &Path, depth: usize, found: &mut Vec<(PathBuf, u64)>) -> Result<(), Refused> {
            let unreadable = |source| Refused::Unreadable { path: below.to_owned(), source };
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
        let mut found = Vec::new();
        walk(folder, 0, &mut found)?;
        found.sort();
        if found.iter().map(|(_, length)| length).sum::<u64>() > MAX_INPUT_BYTES {
            return Err(Refused::TooLarge);
        }
        let truly = fs::canonicalize(folder)
            .map_err(|source| Refused::Unreadable { path: folder.to_owned(), source })?;
        let mut intake = Self::new(Store::Folder(truly));
        for (path, _) in found {
            let below = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            intake.add(below, Place::File(path));
        }
        Ok(intake)
    }

    fn of_zip(path: &Path, file: File) -> Result<Self, Refused> {
        let broken = |error| match error {
            ZipError::Io(source) => Refused::Unreadable { path: path.to_owned(), source },
            _ => Refused::NotAZip(path.to_owned()),
        };
        let mut archive = ZipArchive::new(file).map_err(broken)?;
        let (mut unsafe_names, mut bombs, mut encrypted) = (vec![], vec![], vec![]);
        let mut total = 0;
        let mut files = Vec::new();
        if archive.len() > 4 * MAX_UNITS {
            return Err(Refused::TooMany(archive.len()));
        }
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index).map_err(broken)?;
            let name = readable_name(entry.name_raw());
            total += entry.size();
            let is_unsafe = !is_safe(&name) || entry.is_symlink();
            let is_bomb = entry.size() > 1 << 20 && entry.size() / entry.compressed_size().max(1) > MAX_RATIO;
            if is_unsafe {
                unsafe_names.push(name);
            } else if is_bomb {
                bombs.push(name);
            } else if entry.encrypted() {
                encrypted.push(name);
            } else if entry.is_file() {
                files.push((name, index));
            }
        }
        for (names, refused) in [
            (unsafe_names, Refused::UnsafeNames as fn(Vec<String>) -> Refused),
            (bombs, Refused::Bomb),
            (encrypted, Refused::Encrypted),
        ] {
            if !names.is_empty() {
                return Err(refused(names.into_iter().take(MAX_TOLD).collect()));
            }
        }
        if total > MAX_INPUT_BYTES {
            return Err(Refused::TooLarge);
        }
        files.sort();
        let mut intake = Self::new(Store::Zip(Mutex::new(archive)));
        for (name, index) in files {
            intake.add(name, Place::Zipped(index));
        }
        Ok(intake)
    }

    fn of_workbook(path: &Path, file: File) -> Result<Self, Refused> {
        let workbook = Workbook::read(BufReader::new(file));
        let workbook = workbook.map_err(|fault| Refused::Workbook { path: path.to_owned(), fault })?;
        let unit = |rows| Unit {
            number: 0,
            source: workbook.source(rows),
            format: Format::Json,
            place: Place::Rows(rows),
        };
        let units = (0..workbook.len()).map(unit).collect();
        Ok(Self { units, passed_over: vec![], store: Store::Workbook(Box::new(workbook)) })
    }

    fn of_lines(mut file: File) -> io::Result<Self> {
        let mut units = Vec::new();
        let (mut offset, mut line_number) = (0, 0usize);
        let mut lines = BufReader::new(&mut file);
        loop {
            let (length, is_blank) = measure_line(&mut lines)?;
            if length == 0 {
                break;
            }
            line_number += 1;
            if !is_blank {
                let source = format!("第{line_number}行");
                let place = Place::Line { offset, length };
                units.push(Unit { number: 0, source, format: Format::Json, place });
            }
            offset += length;
        }
        Ok(Self { units, passed_over: vec![], store: Store::Lines(Mutex::new(file)) })
    }
}

/// How long the next line is, its end included, and whether there is nothing in it. It is not kept.
fn measure_line(lines: &mut impl BufRead) -> io::Result<(u64, bool)> {
    let (mut length, mut is_blank) = (0, true);
    loop {
        let buffer = lines.fill_buf()?;
        let end = buffer.iter().position(|byte| *byte == b'\n').map(|end| end + 1);
        let part = end.unwrap_or(buffer.len());
        is_blank &= buffer[..part].iter().all(u8::is_ascii_whitespace);
        lines.consume(part);
        length += part as u64;
        if end.is_some() || part == 0 {
            return Ok((length, is_blank));
        }
    }
}

/// A name in an archive. Chinese Windows writes GBK there and does not say so.
fn readable_name(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => GB18030.decode(raw).0.into_owned(),
    }
    .replace('\\', "/")
}

/// Whether a name stays below the folder that an archive would be unpacked in. Nothing is unpacked
/// here; but who sends such a name has made a mistake, or worse.
fn is_safe(name: &str) -> bool {
    let has_drive = name.as_bytes().get(1) == Some(&b':');
    !name.starts_with('/') && !has_drive && !name.contains('\0') && name.split('/').all(|part| part != "..")
}
