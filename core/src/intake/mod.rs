//! A file of many reports, taken apart: a ZIP of whatever units return, JSON Lines, or a [`workbook`]. Whoever
//! sent it may mean ill, so this is a worker's work; what it leaves behind is a plain file, document after
//! document, and a [`Listing`] that says where each begins. Everybody else reads only those.

mod lines;
pub mod workbook;
mod zipped;

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::diagnostic::Code;
use crate::import;
use crate::input::{self, Format};
use crate::system::in_words;
use workbook::Workbook;

/// Every code that this room can raise.
pub const CODES: [&Code; 8] = workbook::CODES;

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
}

/// A file, line or row, and what of it lies in the plain file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListedReport {
    /// The file, line or row that it is, for people.
    pub source: String,
    pub content: ListedContent,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ListedContent {
    Document {
        form: DocumentForm,
        extent: Extent,
        /// Where its [`Notes`](workbook::Notes) lie, as JSON, if it comes from a workbook.
        notes: Option<Extent>,
    },
    /// Nobody can read it, for this reason.
    Unreadable(String),
}

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DocumentForm {
    /// In the words of the contract.
    Contract(Format),
    /// As whatever an import reads: Word, a page, a text.
    Foreign,
    /// As a workbook, whose rows were not taken apart.
    Workbook,
}

impl DocumentForm {
    /// The most that is read of one, in bytes.
    pub fn most(self) -> usize {
        match self {
            Self::Contract(_) => input::MAX_BYTES,
            Self::Foreign | Self::Workbook => import::MAX_BYTES,
        }
    }
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
    #[error("{} 里没有报告。可以放报告文件（JSON、YAML、TOML）、填好的征集表、Word 文档、网页，和附带内容的 PDF、OFD；征集表里标着“示例”的行不算", .0.display())]
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

impl BatchRefusal {
    /// The same of a file among others, whose name is told already.
    pub fn within(&self) -> String {
        match self {
            Self::Workbook { fault, .. } => in_one_line(fault),
            Self::Unreadable { why, .. } => format!("读不了：{why}"),
            Self::Lost { why, .. } => format!("处理不了：{why}"),
            Self::Empty(_) => "里没有报告；征集表里标着“示例”的行不算".into(),
            Self::NotAZip(_) => "不是完整的 ZIP 文件，请重新打包".into(),
            other => other.to_string(),
        }
    }
}

/// Takes a `.zip`, `.jsonl` or `.xlsx` apart, and adds what is in it to the plain file. It was called `name`
/// before it was received; its faults are told with that.
pub fn unpack(file: &Path, name: &Path, into: &Path) -> Result<Listing, BatchRefusal> {
    taken_apart(file, name, into, |source, plain| match kind_of(&name.to_string_lossy()) {
        FileKind::Archive => match zipped::office_document(&source) {
            // What is called an archive may be a document of an office program, which is one, too.
            Some(form) => plain.add_office_document(form, source).map_err(|error| unreadable(name, &error)),
            None => zipped::unpack(source, name, plain, true),
        },
        FileKind::Lines => lines::unpack("", source, plain).map_err(|error| unreadable(name, &error)),
        FileKind::Document(DocumentForm::Workbook) => plain
            .add_rows("", BufReader::new(source))
            .map_err(|error| unreadable(name, &error))?
            .map_err(|fault| BatchRefusal::Workbook { path: name.to_owned(), fault }),
        _ => Err(BatchRefusal::UnknownKind(name.to_owned())),
    })
}

/// Takes a ZIP apart into its files. Workbooks in it stay whole.
pub fn unpack_files(file: &Path, name: &Path, into: &Path) -> Result<Listing, BatchRefusal> {
    taken_apart(file, name, into, |source, plain| zipped::unpack(source, name, plain, false))
}

fn taken_apart(
    file: &Path,
    name: &Path,
    into: &Path,
    take: impl FnOnce(File, &mut Plain) -> Result<(), BatchRefusal>,
) -> Result<Listing, BatchRefusal> {
    let source = File::open(file).map_err(|error| unreadable(name, &error))?;
    let mut plain = Plain::at_the_end_of(into).map_err(|error| unreadable(name, &error))?;
    take(source, &mut plain)?;
    let listing = plain.finish().map_err(|error| unreadable(name, &error))?;
    match listing.reports.len() {
        0 => Err(BatchRefusal::Empty(name.to_owned())),
        count if count > MAX_UNITS => Err(BatchRefusal::TooMany(count)),
        _ => Ok(listing),
    }
}

fn unreadable(name: &Path, error: &io::Error) -> BatchRefusal {
    BatchRefusal::Unreadable { path: name.to_owned(), why: in_words(error) }
}

/// What a file is among the others, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Document(DocumentForm),
    /// Documents, a line each.
    Lines,
    Archive,
    /// Nothing that a text can be taken from; and what to ask for instead.
    Unfit(&'static str),
    /// What a system leaves beside files of its own accord: not even told of.
    Left,
}

/// What a file is, by its name.
pub fn kind_of(source: &str) -> FileKind {
    let name = source.rsplit('/').next().unwrap_or_default();
    let is_debris = name.starts_with('.') || name.starts_with("~$") || source.starts_with("__MACOSX/");
    if is_debris || matches!(name, "Thumbs.db" | "desktop.ini") {
        return FileKind::Left;
    }
    let extension = |name: &str| {
        name.rsplit_once('.').map_or_else(String::new, |(_, extension)| extension.to_ascii_lowercase())
    };
    // Some programs take a .docx for the ZIP that it is, and call it .docx.zip.
    let within = name.rsplit_once('.').map(|(stem, _)| extension(stem));
    let within = within.filter(|within| matches!(within.as_str(), "docx" | "xlsx" | "xlsm"));
    let extension = extension(name);
    let extension = within.filter(|_| extension == "zip").unwrap_or(extension);
    if is_of_a_saved_page(source, &extension) {
        return FileKind::Left;
    }
    match extension.as_str() {
        "xlsx" | "xlsm" | "xltx" | "xltm" | "xls" | "et" => FileKind::Document(DocumentForm::Workbook),
        "jsonl" | "ndjson" => FileKind::Lines,
        "zip" => FileKind::Archive,
        "rar" | "7z" | "gz" | "tar" => FileKind::Unfit(UNPACKED),
        "jpg" | "jpeg" | "png" | "gif" | "bmp" | "tif" | "tiff" | "webp" | "heic" => {
            FileKind::Unfit("是图片，取不出可靠的文字。请向这个单位要 Word 文档、征集表或报告文件")
        }
        "xlsb" | "ods" | "csv" => {
            FileKind::Unfit("是别的格式的表格。请在 Excel 或 WPS 里打开，另存为“Excel 工作簿（.xlsx）”")
        }
        "mht" | "mhtml" => {
            FileKind::Unfit("是网页存档（.mht）。请用浏览器或 Word 打开，另存为网页（.html）或 Word 文档")
        }
        "ceb" => FileKind::Unfit("是版式文件，取不出可靠的文字。请向这个单位要 Word 文档、征集表或报告文件"),
        // The import says what is wrong with whatever else there is.
        extension => FileKind::Document(
            Format::from_extension(extension).map_or(DocumentForm::Foreign, DocumentForm::Contract),
        ),
    }
}

/// Whether a file belongs to a page that a browser has saved: its pictures, styles and frames lie in a folder of
/// their own beside it.
fn is_of_a_saved_page(source: &str, extension: &str) -> bool {
    const PARTS: [&str; 25] = [
        "jpg", "jpeg", "png", "gif", "bmp", "webp", "svg", "ico", "css", "js", "html", "htm", "xml", "json",
        "thmx", "wmz", "emz", "mso", "woff", "woff2", "ttf", "swf", "txt", "download", "",
    ];
    let mut folders = source.rsplit('/').skip(1);
    let is_beside_a_page =
        |folder: &str| ["_files", ".files", "_文件"].iter().any(|end| folder.ends_with(end));
    folders.any(is_beside_a_page) && PARTS.contains(&extension)
}

/// Why an archive among the files is not taken.
const UNPACKED: &str = "是压缩包。请先解开，把里面的文件与别的放在一起";

/// The plain file while it is written.
struct Plain {
    out: BufWriter<File>,
    length: u64,
    listing: Listing,
}

impl Plain {
    fn at_the_end_of(path: &Path) -> io::Result<Self> {
        let file = File::options().append(true).open(path)?;
        let length = file.metadata()?.len();
        Ok(Self { out: BufWriter::new(file), length, listing: Listing::default() })
    }

    /// Adds a document: of one that is too large one byte more than may be, which is enough to say so.
    fn add(&mut self, source: String, form: DocumentForm, document: &mut impl Read) -> io::Result<()> {
        let length = io::copy(&mut document.take(form.most() as u64 + 1), &mut self.out)?;
        let extent = self.grown(length);
        self.list(source, ListedContent::Document { form, extent, notes: None });
        Ok(())
    }

    /// Adds the rows of a workbook that is called so. The inner error says, behind its name, why it is none.
    fn add_rows(&mut self, name: &str, file: impl Read + Seek) -> io::Result<Result<(), String>> {
        let workbook = match Workbook::read(file) {
            Ok(workbook) => workbook,
            Err(fault) => return Ok(Err(fault)),
        };
        for unit in 0..workbook.len() {
            let (json, notes) = workbook.report(unit);
            self.out.write_all(&json)?;
            let extent = self.grown(json.len() as u64);
            let notes = serde_json::to_vec(&notes)?;
            self.out.write_all(&notes)?;
            let notes = Some(self.grown(notes.len() as u64));
            let row = workbook.source(unit);
            let source = if name.is_empty() { row } else { format!("{name} {row}") };
            let form = DocumentForm::Contract(Format::Json);
            self.list(source, ListedContent::Document { form, extent, notes });
        }
        Ok(if workbook.is_empty() { Err(NO_UNIT.into()) } else { Ok(()) })
    }

    /// Adds the one document that the whole file is.
    fn add_office_document(&mut self, form: DocumentForm, file: File) -> io::Result<()> {
        match form {
            DocumentForm::Workbook => {
                if let Err(fault) = self.add_rows("", BufReader::new(file))? {
                    self.add_unreadable("征集表".into(), fault);
                }
            }
            form => self.add("文档".into(), form, &mut BufReader::new(file))?,
        }
        Ok(())
    }

    /// Lists what nobody can read, and why.
    fn add_unreadable(&mut self, source: String, why: impl Into<String>) {
        self.list(source, ListedContent::Unreadable(in_one_line(&why.into())));
    }

    fn list(&mut self, source: String, content: ListedContent) {
        self.listing.reports.push(ListedReport { source, content });
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

/// A list of faults among those of other files.
fn in_one_line(fault: &str) -> String {
    fault.replace("：\n", "：").replace('\n', "；")
}

/// What a workbook is told of that nobody has filled in.
const NO_UNIT: &str = "里没有单位：标着“示例”的行不算";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_name() {
        let document = |form| FileKind::Document(form);
        for (name, kind) in [
            ("东阳区.docx.zip", document(DocumentForm::Foreign)),
            ("东阳区.XLSX.zip", document(DocumentForm::Workbook)),
            ("各区.zip", FileKind::Archive),
            ("东阳区.xlsm", document(DocumentForm::Workbook)),
            ("报告_files/照片.jpg", FileKind::Left),
            ("甲/报告.files/image001.png", FileKind::Left),
            ("报告_文件/style.css", FileKind::Left),
            ("报告_files/东阳区.docx", document(DocumentForm::Foreign)),
            ("报告.html", document(DocumentForm::Foreign)),
            // One of ours may bear its report.
            ("东阳区.ofd", document(DocumentForm::Foreign)),
        ] {
            assert_eq!(kind_of(name), kind, "{name}");
        }
        for name in ["照片.jpg", "报告.mht", "名单.csv", "名单.ods", "报告.ceb"] {
            assert!(matches!(kind_of(name), FileKind::Unfit(_)), "{name}");
        }
    }
}
