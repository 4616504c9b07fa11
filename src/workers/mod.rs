//! The same pipeline, and every reader of other people's bytes, behind a process boundary. Neither typst
//! nor a parser can be stopped from inside its process; a worker can be killed from outside. A file that
//! takes for ever, wants all memory or brings the program down costs one worker, which is replaced, and
//! nobody else.

mod child;
mod crew;
mod frames;
mod gathering;
mod pool;
mod question;
mod staff;
mod stages;
mod taken;

pub use child::work;
pub use crew::{Crew, CurrentWork, Limits, Tally, Worker};
pub use gathering::GatheredDocument;
pub use pool::{Occupancy, Pool, Rejection};
pub use question::{Answer, BegunReport, CompilationTask, Enclosures, Question};
pub use staff::{Post, Staff};

use std::fs::OpenOptions;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::checks::{Sketch, WrittenSettings};
use crate::code;
pub use crate::compilation::{IndicatorRecord, ProblemSketch};
use crate::diagnostic::{Code, Diagnostic};
use crate::export::{Artifact, Target};
use crate::guide::CoveredMatter;
use crate::import::TrackedChanges;
use crate::intake::DocumentForm;
use crate::report::{Choice, Edition};
use crate::template::{Purpose, WordFaces};

/// Whether what was found of a report, by its code, may be otherwise when it is tried again.
pub fn is_passing(code: &str) -> bool {
    [&TOO_SLOW, &BROKE_DOWN].iter().any(|passing| passing.name == code)
}

/// Every code that this room can raise.
pub const CODES: [&Code; 3] = [&TOO_SLOW, &BROKE_DOWN, &NOT_COMPARED];

code! {
    /// 没有与上年的报告或者工作计划对照
    ///
    /// 给了这个单位上年的报告或者当年的工作计划，但是它读不进来，所以与它对照的检查都没有做。
    ///
    /// 请用 `nianbao check` 检查那一份，改正后重新生成。
    NOT_COMPARED = "not-compared", Warning
}

code! {
    /// 生成超时
    ///
    /// 这份报告在规定的时间内没有生成完，程序停止了它，别的报告不受影响。
    ///
    /// 通常是自备的模板有误，或者报告长得出奇。请先用 `nianbao render` 单独生成这一份看看；确实需要更长时间的，用 `--deadline` 放宽。
    pub TOO_SLOW = "too-slow", Error, Late
}

code! {
    /// 处理时程序中断
    ///
    /// 处理这份文件的进程没有做完就退出了，例如内存超出了上限，或者文件损坏得让程序无法继续。程序已换新的继续，别的文件不受影响。
    ///
    /// 请核对是不是选错了文件，用原来的软件打开、另存一次再试；报告没有异常的，请把它交给程序的维护者。
    pub BROKE_DOWN = "broke-down", Error, Broken
}

/// What a worker is asked to make. The documents' bytes come beside it: the report of the year before, the plan
/// of the year, and last the document itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Assignment {
    pub form: DocumentForm,
    /// What the file is called, for an import.
    pub name: String,
    /// What is done to the tracked changes of a Word document.
    pub tracked_changes: TrackedChanges,
    /// Makes this edition, whichever the report asks for.
    pub edition: Option<Edition>,
    pub purpose: Purpose,
    pub target: Target,
    /// Settings of the checks of its own.
    pub settings: WrittenSettings,
    /// What is made besides.
    pub also: Vec<PaperKind>,
    /// The report of the year before, and the plan of the year.
    pub last_year: Option<Enclosure>,
    pub plan: Option<Enclosure>,
}

/// A document that goes with a report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Enclosure {
    pub form: DocumentForm,
    /// What its file is called, for an import.
    pub name: String,
    /// In bytes.
    pub length: usize,
}

impl Assignment {
    /// To issue a report as it asks for, and nothing else.
    pub const fn of(form: DocumentForm) -> Self {
        Self {
            form,
            name: String::new(),
            tracked_changes: TrackedChanges::Accept,
            edition: None,
            purpose: Purpose::Issue,
            target: Target::Pdf,
            settings: WrittenSettings::NONE,
            also: vec![],
            last_year: None,
            plan: None,
        }
    }
}

/// A paper that is made of a unit's report besides the report itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaperKind {
    /// The report in this edition.
    Formal,
    Public,
    /// What was found in it, as a sheet to print.
    ReviewSheet,
    /// Of a report that cannot be issued.
    Draft,
    /// The report for Word, to be edited.
    Word,
    /// The report as a web page by itself.
    Html,
    /// Its pages as OFD.
    Ofd,
}

impl Choice for PaperKind {
    const ALL: &'static [Self] =
        &[Self::Formal, Self::Public, Self::ReviewSheet, Self::Draft, Self::Word, Self::Html, Self::Ofd];

    fn word(self) -> &'static str {
        match self {
            Self::Formal => Edition::Formal.word(),
            Self::Public => Edition::Public.word(),
            Self::ReviewSheet => "review-sheet",
            Self::Draft => "draft",
            Self::Word => "word",
            Self::Html => "html",
            Self::Ofd => "ofd",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Formal => Edition::Formal.label(),
            Self::Public => Edition::Public.label(),
            Self::ReviewSheet => "审核意见表",
            Self::Draft => "草稿",
            Self::Word => "Word",
            Self::Html => "网页",
            Self::Ofd => "OFD",
        }
    }
}

impl PaperKind {
    /// Of a report itself.
    pub fn edition(self) -> Option<Edition> {
        match self {
            Self::Formal => Some(Edition::Formal),
            Self::Public => Some(Edition::Public),
            Self::ReviewSheet | Self::Draft | Self::Word | Self::Html | Self::Ofd => None,
        }
    }

    /// What the report is made as, where it is made once more in the edition that it has.
    fn target(self) -> Option<Target> {
        match self {
            Self::Word => Some(Target::Word(WordFaces::default())),
            Self::Html => Some(Target::Html),
            Self::Ofd => Some(Target::Ofd),
            Self::Formal | Self::Public | Self::ReviewSheet | Self::Draft => None,
        }
    }
}

/// What a worker is asked. What it is about comes beside it.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Order {
    /// A report to make.
    Make {
        task: Assignment,
        /// The file that the finished one is appended to. Without one it comes back through the pipe.
        onto: Option<PathBuf>,
    },
    /// The overview of a batch, whose [`Overview`](crate::template::Overview) comes as JSON.
    Overview,
    Ask(Question),
}

/// What a worker says. A file or an answer comes beside it.
#[derive(Debug, Serialize, Deserialize)]
enum Reply {
    /// It has started.
    Ready,
    Made(Box<Outcome>),
    Answered {
        name: String,
        findings: Vec<Diagnostic>,
    },
    Refused(Vec<Diagnostic>),
}

/// What came of a task: the file, or the findings for which there is none. It crosses the pipe with the file
/// beside it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    pub told: UnitRecord,
    /// The finished file; empty if none was made, or if it was appended to another.
    #[serde(skip)]
    pub bytes: Vec<u8>,
    /// From which byte on it stands there.
    pub at: Option<u64>,
}

impl Outcome {
    fn new(told: UnitRecord, bytes: Vec<u8>) -> Self {
        Self { told, bytes, at: None }
    }
}

/// What a worker tells about a report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UnitRecord {
    /// The unit's name and the report's year, if it could be read.
    pub unit: Option<String>,
    pub year: Option<u16>,
    /// The unit's full name and its code, where the report has them.
    #[serde(default)]
    pub full_name: Option<String>,
    #[serde(default)]
    pub code: Option<String>,
    /// The file that was made, if one was.
    pub made: Option<MadeFile>,
    /// What was made besides. The files lie behind the first, end to end.
    #[serde(default)]
    pub papers: Vec<(PaperKind, MadeFile)>,
    pub findings: Vec<Diagnostic>,
    /// What it reports in figures.
    #[serde(default)]
    pub indicators: Vec<IndicatorRecord>,
    /// The problems that it states, short.
    #[serde(default)]
    pub problems: Vec<ProblemSketch>,
    /// What its report of the year before reports, where it was held against it.
    #[serde(default)]
    pub last_year: Vec<IndicatorRecord>,
    /// The matters of the guide that concern it, where one was chosen.
    #[serde(default)]
    pub matters: Vec<MatterRecord>,
    /// What tells whether another unit says nearly the same.
    #[serde(default)]
    pub sketches: Vec<Sketch>,
}

/// A finished file: the name that it suggests for itself, how many pages and bytes it has, and its CRC-32, by
/// which a copy that came to harm is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MadeFile {
    pub name: String,
    pub pages: Option<usize>,
    pub bytes: usize,
    pub crc32: u32,
}

/// A matter of a guide as data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MatterRecord {
    pub number: String,
    pub name: String,
    /// Whether the report touches it. Nothing of one that only sorts others.
    pub is_touched: Option<bool>,
}

impl From<&CoveredMatter> for MatterRecord {
    fn from(matter: &CoveredMatter) -> Self {
        Self {
            number: matter.number.clone(),
            name: matter.name.clone(),
            is_touched: (!matter.is_group).then_some(!matter.touches.is_empty()),
        }
    }
}

impl MadeFile {
    fn new(name: String, artifact: &Artifact) -> Self {
        let (bytes, crc32) = (artifact.bytes.len(), crc32fast::hash(&artifact.bytes));
        Self { name, pages: artifact.pages, bytes, crc32 }
    }

    /// Whether this is the file.
    pub fn is(&self, file: &[u8]) -> bool {
        file.len() == self.bytes && crc32fast::hash(file) == self.crc32
    }
}

/// Appends a finished file to another, and says from which byte on it stands there. One at a time may.
pub fn append(bytes: &[u8], onto: &Path) -> io::Result<u64> {
    let mut file = OpenOptions::new().write(true).open(onto)?;
    let at = file.seek(SeekFrom::End(0))?;
    file.write_all(bytes)?;
    Ok(at)
}

impl UnitRecord {
    pub fn is_made(&self) -> bool {
        self.made.is_some()
    }

    /// How long all its files are, in bytes.
    pub fn length(&self) -> usize {
        self.made.iter().chain(self.papers.iter().map(|(_, file)| file)).map(|file| file.bytes).sum()
    }

    /// Whether these are its files, end to end.
    pub fn is_made_of(&self, files: &[u8]) -> bool {
        files.len() == self.length() && self.files(files).iter().all(|(file, bytes)| file.is(bytes))
    }

    /// Its files with their bytes, which lie end to end: the first one, if there is one, and what was made besides.
    pub fn files<'a>(&'a self, mut bytes: &'a [u8]) -> Vec<(&'a MadeFile, &'a [u8])> {
        let files = self.made.iter().chain(self.papers.iter().map(|(_, file)| file));
        let part = |file: &'a MadeFile| {
            let (part, rest) = bytes.split_at(file.bytes.min(bytes.len()));
            bytes = rest;
            (file, part)
        };
        files.map(part).collect()
    }

    /// That something could not be made, and why.
    fn refused(findings: Vec<Diagnostic>) -> Self {
        Self { findings, ..Self::default() }
    }
}
