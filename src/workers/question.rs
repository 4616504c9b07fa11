//! What a worker can be asked besides making a report: to look into bytes from outside. The answer is what
//! the shells hand on.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::UnitRecord;
use super::gathering::gather;
use super::taken::TakenDocument;
use crate::checks::{Settings, WrittenSettings};
use crate::compilation::{self, Commission, Compilation, CompilationLimits, IndicatorBook, UnitReport};
use crate::conform::{Strictness, conform};
use crate::diagnostic::{Diagnostic, Failed, Warned};
use crate::difference::differences;
use crate::guide::Guide;
use crate::import::{Particulars, TrackedChanges, carry, import, stated_indicators, write_yaml};
use crate::indicators::IndicatorList;
use crate::input::{self, Format, Manuscript, UnfinishedReport};
use crate::intake::{self, DocumentForm};
use crate::pipeline::{Paper, Papers, Press, findings, review};
use crate::preview::{cover, look, page_outlines, page_picture, preview};
use crate::report::{Edition, Issuer, Report, contract};
use crate::roster::{self, RosterSheet, RosterUnit, own_row};
use crate::sheets::{DigestForm, digest_offer, letters, report_digest, review_sheet};
use crate::template::{Letters, leave_out};

/// This year's report, begun from last year's: the answer to [`Question::Carry`].
#[derive(Serialize, JsonSchema)]
pub struct BegunReport {
    #[schemars(description = "下一年度报告的开头，没有写完")]
    report: Value,
    #[schemars(description = "上年的安排，是一份工作计划")]
    tasks: Value,
}

/// A question about bytes, which come beside it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Question {
    /// What is wrong with a document: a list of diagnostics.
    Check { papers: Enclosures, edition: Option<Edition> },
    /// The name of a unit, and what is wrong with its report in a file of this name.
    Review { form: DocumentForm, name: String, edition: Option<Edition>, tracked_changes: TrackedChanges },
    /// What is wrong with a report, as a sheet to print: a PDF.
    Sheet { papers: Enclosures, edition: Option<Edition> },
    /// Letters to units, as they stand in the body in JSON: a PDF.
    Letters,
    /// The pages of a report that is being written. Those whose hash is known are not drawn again.
    Preview { format: Format, known: Vec<String> },
    /// The pages of an edition of a report as they are issued, each with where which field stands: a list.
    Pages { format: Format, edition: Edition },
    /// What there is to see of the page of this name, as SVG; nothing where there is no such page.
    PagePicture { format: Format, edition: Edition, name: String },
    /// What a report that is being written says of the matters of the guide.
    Cover { format: Format },
    /// The indicators whose figures a report that is being written states in its text: a list.
    Stated { format: Format },
    /// What a report offers for its digest, with what is proposed ticked: a choice.
    DigestOffer { format: Format },
    /// The digest of a report: a file. In the body lie the report, so many bytes, and what was chosen of it.
    Digest { format: Format, length: usize, choice: Option<Format>, form: DigestForm },
    /// In what two reports differ that are being written, `before` and `report` of one document: a list.
    Compare { format: Format },
    /// What was written, and what is wrong with it, as far as it goes.
    Look { format: Format },
    /// What was written in a file of this name: text, lists and maps.
    Read { form: DocumentForm, name: String },
    /// What a report leaves to that of the year after: its beginning, and what was planned.
    Carry { format: Format },
    /// Of which unit and year a document in a file of this name is, as far as it can be read: a record.
    Identify { form: DocumentForm, name: String },
    /// A document of the contract, and how it was made.
    Import {
        year: Option<String>,
        issuer: Option<String>,
        date: Option<String>,
        file_name: Option<String>,
        tracked_changes: TrackedChanges,
    },
    /// Whether a PDF is laid out as the standard asks.
    Conform { strictness: Strictness },
    /// The units of a list, and what is wrong with it, or why it is none. Before the list lie the units that
    /// are known, so many bytes of JSON.
    Roster { known: usize },
    /// From the reports of many units the beginning of the bureau's own. In the body they lie one behind the
    /// other.
    Compile(CompilationTask),
    /// The indicators of a batch, as they stand in the body in JSON, as a workbook.
    IndicatorBook,
    /// The report of one unit in a workbook that it has returned, or why there is none.
    OwnRow { code: String, names: Vec<String> },
    /// What is wrong with settings of the checks, if anything is.
    Settings,
    /// What is wrong with a list of the indicators that are prescribed, if anything is.
    Indicators,
    /// Another question, where the checks have settings of their own.
    Under { settings: WrittenSettings, question: Box<Question> },
    /// What is in a file of many reports. By the bytes of their names, which need not be text.
    Unpack { file: Vec<u8>, name: Vec<u8>, into: Vec<u8> },
    /// Which files are in a ZIP.
    UnpackFiles { file: Vec<u8>, name: Vec<u8>, into: Vec<u8> },
    /// The reports and plans in a file of this name, whatever it is, or why there are none.
    Gather { name: String },
}

/// The documents that lie one behind the other in a body: a report, and what it is held against.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Enclosures {
    pub document: (Format, usize),
    pub last_year: Option<(Format, usize)>,
    pub plan: Option<(Format, usize)>,
}

/// What is to be compiled, from reports in JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CompilationTask {
    /// Whose report it will be.
    pub issuer: String,
    pub year: u16,
    /// The date that stands in it until a person writes another.
    pub date: String,
    /// The names of units whose reports are not there.
    pub missing: Vec<String>,
    /// How long each report is, in bytes, and that of the year before; 0 where there is none.
    pub lengths: Vec<(usize, usize)>,
    /// Whether it is to be a workbook of all indicators.
    pub of_indicators: bool,
}

/// What a worker says to a question.
#[derive(Debug, Default)]
pub struct Answer {
    /// What it is called, if it is a file.
    pub name: String,
    /// JSON, unless it is a file.
    pub bytes: Vec<u8>,
    /// What is to be known of a file.
    pub findings: Vec<Diagnostic>,
}

impl Answer {
    /// What was said of whose document it is.
    pub fn record(&self) -> UnitRecord {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }
}

impl Question {
    /// Asks what was written in the words of the contract.
    pub fn read(format: Format) -> Self {
        Self::Read { form: DocumentForm::Contract(format), name: String::new() }
    }

    /// Asks what is in a `file` that was called `name` before it was received; the reports go `into` another.
    pub fn unpack(file: &Path, name: &Path, into: &Path) -> Self {
        let bytes = |path: &Path| path.as_os_str().as_bytes().to_vec();
        Self::Unpack { file: bytes(file), name: bytes(name), into: bytes(into) }
    }

    /// The same of a ZIP, whose workbooks stay whole.
    pub fn unpack_files(file: &Path, name: &Path, into: &Path) -> Self {
        let bytes = |path: &Path| path.as_os_str().as_bytes().to_vec();
        Self::UnpackFiles { file: bytes(file), name: bytes(name), into: bytes(into) }
    }

    /// The same question, where the checks have these settings on top.
    pub fn under(self, settings: impl Into<WrittenSettings>) -> Self {
        let settings = settings.into();
        match settings == WrittenSettings::NONE {
            true => self,
            false => Self::Under { settings, question: Box::new(self) },
        }
    }

    /// Answers with faces and templates.
    pub(super) fn answer(self, body: &[u8], press: &Press) -> Result<Answer, Failed> {
        match self {
            Self::Check { papers, edition } => json(&findings(&papers.open(body)?, edition, press)?),
            Self::Sheet { papers, edition } => {
                let Warned { value: document, warnings } = review(&papers.open(body)?, edition, press)?;
                let made = review_sheet(&document, &warnings, press)?;
                Ok(Answer { name: made.name, bytes: made.artifact.bytes, ..Answer::default() })
            }
            Self::Letters => {
                let wanted: Letters =
                    serde_json::from_slice(body).map_err(|error| Failed::Program(Box::new(error)))?;
                Ok(Answer { bytes: letters(&wanted, press)?.bytes, ..Answer::default() })
            }
            Self::Preview { format, known } => {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                json(&preview(body, format, &known, press)?)
            }
            Self::Pages { format, edition } => json(&page_outlines(body, format, edition, press)?),
            Self::PagePicture { format, edition, name } => {
                let picture = page_picture(body, format, edition, &name, press)?;
                Ok(Answer { bytes: picture.unwrap_or_default().into_bytes(), ..Answer::default() })
            }
            Self::Review { form, name, edition, tracked_changes } => {
                let taken = TakenDocument::with(body, form, &name, tracked_changes)?;
                let paper = Paper { bytes: &taken.bytes, format: taken.format };
                match review(&paper.alone(), edition, press) {
                    Ok(Warned { value: document, warnings }) => {
                        json(&(document.unit(), taken.told(warnings)))
                    }
                    Err(Failed::Report(found)) => Err(Failed::Report(taken.told(found))),
                    Err(failed) => Err(failed),
                }
            }
            Self::Cover { format } => json(&cover(body, format, press)?),
            Self::DigestOffer { format } => json(&digest_offer(Paper { bytes: body, format }, press)?),
            Self::Digest { format, length, choice, form } => {
                let (report, chosen) =
                    body.split_at_checked(length).ok_or_else(|| program("a body is cut off"))?;
                let choice = choice.map(|format| Paper { bytes: chosen, format });
                let document = Paper { bytes: report, format };
                let Warned { value: made, warnings: findings } =
                    report_digest(document, choice, form, press)?;
                Ok(Answer { name: made.name, bytes: made.artifact.bytes, findings })
            }
            Self::Under { settings, question } => question.answer(body, &press.under(&settings)?),
            Self::Look { format } => json(&look(body, format, press)?),
            other => other.answer_alone(body),
        }
    }

    /// Answers what takes neither.
    pub(super) fn answer_alone(self, body: &[u8]) -> Result<Answer, Failed> {
        match self {
            Self::Read { form, name } => {
                let taken = TakenDocument::of(body, form, &name)?;
                json(&Manuscript::parse(&taken.bytes, taken.format)?.tree()?)
            }
            Self::Carry { format } => {
                let UnfinishedReport { report, stood_in, .. } =
                    Manuscript::parse(body, format)?.unfinished()?;
                // After the last year that can be written there is none.
                let year = report.year.next().to_string().parse().unwrap_or(report.year);
                let next = carry(&report, year);
                let tasks = next.plan();
                let mut begun = next.report;
                stood_in.iter().for_each(|path| leave_out(&mut begun, path));
                json(&BegunReport { report: begun, tasks })
            }
            Self::Stated { format } => {
                json(&stated_indicators(&Manuscript::parse(body, format)?.unfinished()?.report))
            }
            Self::Compare { format } => {
                let both = Manuscript::parse(body, format)?.tree()?;
                let nothing = Value::Object(Map::new());
                let one = |key: &str| both.get(key).filter(|one| one.is_object()).unwrap_or(&nothing);
                json(&differences(one("before"), one("report")))
            }
            Self::Identify { form, name } => {
                let taken = TakenDocument::of(body, form, &name);
                json(&taken.map(|taken| taken.record()).unwrap_or_default())
            }
            Self::Import { year, issuer, date, file_name, tracked_changes } => {
                let (year, issuer, date) = (value(year), value(issuer), value(date));
                let given = Particulars { year, issuer, date, file_name, tracked_changes };
                json(&import(body, &given)?)
            }
            Self::Conform { strictness } => json(&conform(body, strictness)?),
            Self::Roster { known } => json(&units(body, known)?),
            Self::OwnRow { code, names } => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                json(&own_row(body, &code, &names))
            }
            Self::Settings => {
                let text = str::from_utf8(body).map_err(|_| program("settings that are no text"))?;
                json(&Settings::read(text).map(drop))
            }
            Self::Indicators => {
                let text = str::from_utf8(body).map_err(|_| program("a list that is no text"))?;
                json(&IndicatorList::read(text).map(drop))
            }
            Self::Compile(task) => compiled(&task, body),
            Self::IndicatorBook => {
                let book: IndicatorBook =
                    serde_json::from_slice(body).map_err(|error| Failed::Program(Box::new(error)))?;
                let bytes = book.write().map_err(|error| Failed::Program(Box::new(error)))?;
                Ok(Answer { bytes, ..Answer::default() })
            }
            Self::Unpack { file, name, into } => {
                let path = |bytes: Vec<u8>| PathBuf::from(OsStr::from_bytes(&bytes));
                json(&intake::unpack(&path(file), &path(name), &path(into)))
            }
            Self::UnpackFiles { file, name, into } => {
                let path = |bytes: Vec<u8>| PathBuf::from(OsStr::from_bytes(&bytes));
                json(&intake::unpack_files(&path(file), &path(name), &path(into)))
            }
            Self::Gather { name } => json(&gather(body, &name)?),
            _ => Err(program("this worker has neither faces nor templates")),
        }
    }
}

impl Enclosures {
    /// The documents in a body.
    fn open<'a>(&self, body: &'a [u8]) -> Result<Papers<'a>, Failed> {
        let mut rest = body;
        let mut paper = |(format, length): (Format, usize)| {
            let (bytes, behind) =
                rest.split_at_checked(length).ok_or_else(|| program("a body is cut off"))?;
            rest = behind;
            Ok::<_, Failed>(Paper { bytes, format })
        };
        Ok(Papers {
            document: paper(self.document)?,
            last_year: self.last_year.map(&mut paper).transpose()?,
            plan: self.plan.map(&mut paper).transpose()?,
        })
    }
}

/// The units of a list, or why it is none, in words.
fn units(body: &[u8], known: usize) -> Result<Result<RosterSheet, String>, Failed> {
    let (known, list) = body.split_at_checked(known).ok_or_else(|| program("a body is cut off"))?;
    let known: Vec<RosterUnit> =
        serde_json::from_slice(known).map_err(|error| Failed::Program(Box::new(error)))?;
    Ok(roster::read(list, &known).map_err(|refused| refused.to_string()))
}

/// The beginning of a bureau's own report, in YAML with what was left out as remarks before it; or a workbook.
fn compiled(task: &CompilationTask, body: &[u8]) -> Result<Answer, Failed> {
    let mut rest = body;
    let mut report = |length: usize| -> Result<Option<Report>, Failed> {
        let (bytes, behind) = rest.split_at_checked(length).ok_or_else(|| program("a body is cut off"))?;
        rest = behind;
        match length {
            0 => Ok(None),
            // What an older program took need not be a report to this one.
            _ => Ok(input::read::<Report>(bytes, Format::Json).ok().map(|read| read.value)),
        }
    };
    let mut reports = Vec::new();
    for (of_year, last_year) in &task.lengths {
        let (of_year, last_year) = (report(*of_year)?, report(*last_year)?);
        reports.extend(of_year.map(|of_year| (of_year, last_year)));
    }
    if task.of_indicators {
        let units: Vec<Vec<&Report>> =
            reports.iter().map(|(of_year, last)| last.iter().chain([of_year]).collect()).collect();
        let workbook = compilation::indicator_workbook(&compilation::indicator_rows(&units));
        let bytes = workbook.map_err(|error| Failed::Program(Box::new(error)))?;
        return Ok(Answer { bytes, ..Answer::default() });
    }
    let issuer = json!({ "name": task.issuer }).to_string();
    let issuer: Issuer = input::read(issuer.as_bytes(), Format::Json)?.value;
    let year = task.year.to_string().parse().map_err(|_| program("a year that is none"))?;
    let units: Vec<UnitReport> = reports
        .iter()
        .map(|(report, last_year)| UnitReport { report, last_year: last_year.as_ref() })
        .collect();
    let commission = Commission {
        issuer: &issuer,
        year,
        date: task.date.parse().ok(),
        guide: &Guide::built_in(),
        missing: &task.missing,
        limits: CompilationLimits::default(),
    };
    let bytes = in_yaml(&compilation::compile(&commission, &units)).into_bytes();
    Ok(Answer { bytes, ..Answer::default() })
}

/// The draft to be written on, with what was left out before it, and where each sentence is from behind it.
fn in_yaml(draft: &Compilation) -> String {
    let mut text = String::new();
    draft.remarks.iter().for_each(|remark| comment(&mut text, remark));
    text.push_str(&write_yaml(&draft.report, "由各单位通过的报告汇编的草稿，请核对、补写后使用"));
    text.push_str("\n# 出处\n");
    for origin in &draft.origins {
        let source = contract::label(&origin.source);
        let line = format!("{}：{}，{source}：{}", contract::label(&origin.path), origin.name, origin.text);
        comment(&mut text, &line);
    }
    text
}

/// A line that no reader of YAML takes for more than a comment.
fn comment(text: &mut String, line: &str) {
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.push_str("# ");
    text.extend(line.chars().map(|c| if is_break(c) { ' ' } else { c }));
    text.push('\n');
}

/// A value of the report. Whoever asks has seen that it is one.
fn value<T: FromStr>(written: Option<String>) -> Option<T> {
    written.and_then(|written| written.parse().ok())
}

fn json(answer: &impl Serialize) -> Result<Answer, Failed> {
    let bytes = serde_json::to_vec(answer).map_err(|error| Failed::Program(Box::new(error)))?;
    Ok(Answer { bytes, ..Answer::default() })
}

fn program(why: &'static str) -> Failed {
    Failed::Program(why.into())
}
