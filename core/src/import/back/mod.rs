//! The way back from Word. A document of ours bears the report that it was made of, and how each of its
//! paragraphs was made of fields; whatever somebody then does to it, what the fields say now is read from it.
//!
//! ```text
//!  WordFile ──▶ pairing ──▶ reading ──▶ arrangement ──▶ result
//!               homes       fields      items           report
//! ```
//!
//! A paragraph is known by the controls in it, which name its fields; where a program that saved the file has
//! lost them, by what it says.

mod arrangement;
mod comments;
mod division;
mod fields;
mod identity;
mod pairing;
mod part;
mod printed;
mod reading;
mod result;
mod tables;

pub use part::source_part;

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::account::{self, Account, Confidence, Doubt, Placement};
use super::draft::tidy;
use super::format::docx::{CellPosition, WordFile, WordNote, WordParagraph};
use super::marker::numbered;
use super::word::{ControlState, WordAccount, WordRemark};
use super::{Import, Particulars};
use crate::difference::{at, differences_of, put};
use crate::language::sentences::shortened;
use crate::path;
use crate::report::fields::find_of;
use crate::report::{DocumentKind, FieldPath, contract};
use arrangement::{Arrangement, StrayText, WalkedParagraph, arrange, attachment_mark};
use pairing::{DocumentParagraph, agreement, pair};
use printed::PrintedDocument;
use reading::ParagraphReader;
use result::ArrangedReport;
use tables::{GridTable, TableHomes, grid};

pub(super) use comments::of_foreign;

/// Why a document is none of ours; of several reasons the last counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NotOurs {
    /// It bears no report.
    NoPart,
    /// It bears none any more: what its controls name are fields of a report.
    LostPart,
    /// The report that it bears cannot be read.
    BrokenPart,
    /// It bears the report of another document: of another unit, another year, or with hardly a word in common.
    OtherReport,
}

/// How much of a document must be what was printed, in thousandths: less, and it bears the report of another.
const AGREEING: u32 = 250;

/// Takes back a document of ours.
pub(super) fn take(file: &WordFile, given: &Particulars) -> Result<Import, NotOurs> {
    let mut why = if is_tagged(file) { NotOurs::LostPart } else { NotOurs::NoPart };
    for source in &file.sources {
        match take_with(file, source, given) {
            Ok(taken) => return Ok(taken),
            Err(other) => why = why.max(other),
        }
    }
    Err(why)
}

/// Takes back a document that may have been made of this.
fn take_with(file: &WordFile, source: &str, given: &Particulars) -> Result<Import, NotOurs> {
    let printed = printed::read(source)?;
    let homes = tables::homes(&file.text, &printed);
    let is_lead = |style: &str| file.is_styled(Some(style), "Lead");
    let mut unknown = vec![];
    let of_grid = |paragraph: &&WordParagraph| {
        let table = |cell: &CellPosition| cell.table;
        let table = paragraph.cell.as_ref().map(table);
        table.is_some_and(|table| homes.attachments.contains_key(&table) || homes.strays.contains(&table))
    };
    let paragraphs = file.text.paragraphs.iter().filter(|paragraph| !of_grid(paragraph));
    let mut paragraphs: Vec<DocumentParagraph> = paragraphs
        .map(|paragraph| DocumentParagraph::new(paragraph, &printed, is_lead, &mut unknown))
        .collect();
    pair(&mut paragraphs, &printed);
    let tagged = paragraphs.iter().flat_map(|one| &one.pieces).filter(|piece| piece.field.is_some()).count();
    if agreement(&paragraphs, &printed) < AGREEING {
        return Err(NotOurs::OtherReport);
    }
    let mut reader = ParagraphReader::new(&printed, &paragraphs);
    let walked: Vec<WalkedParagraph> = paragraphs
        .iter()
        .map(|source| WalkedParagraph { source, read: source.home.map(|home| reader.read(source, home)) })
        .collect();
    if identity::is_of_another(&printed, &walked) {
        return Err(NotOurs::OtherReport);
    }
    let returned = ReturnedDocument { file, printed: &printed, homes: &homes, walked: &walked };
    Ok(returned.import(given, tagged, &unknown))
}

/// Whether a control names what only our documents name: an item of one of the lists of a report or a plan.
fn is_tagged(file: &WordFile) -> bool {
    let tags =
        file.text.paragraphs.iter().flat_map(|one| &one.pieces).filter_map(|piece| piece.tag.as_deref());
    tags.map(FieldPath::from).any(|path| {
        path.segments().iter().any(|segment| segment.index().is_some())
            && [DocumentKind::Report, DocumentKind::WorkPlan]
                .iter()
                .any(|kind| find_of(*kind, &path).is_some())
    })
}

/// A document of ours that is taken back.
struct ReturnedDocument<'a> {
    file: &'a WordFile,
    printed: &'a PrintedDocument,
    homes: &'a TableHomes,
    walked: &'a [WalkedParagraph<'a, 'a>],
}

impl ReturnedDocument<'_> {
    fn import(&self, given: &Particulars, tagged: usize, unknown: &[String]) -> Import {
        let mut arranged = arrange(self.file, self.printed, self.walked);
        let attachments: Vec<usize> = self.homes.attachments.values().copied().collect();
        arranged.keep_attachments(&attachments);
        let ArrangedReport { mut report, paths, unfit, rivals, doubts } =
            result::build(self.printed, &arranged);
        let grids = self.tables(&mut report, &arranged, &paths);
        let strays = self.strays(&mut arranged, [&unfit, &rivals], &grids);
        let mut doubts: Vec<Doubt> =
            doubts.into_iter().map(|message| Doubt { line: None, message }).collect();
        doubts.extend(arranged.doubts.drain(..).map(|(line, message)| Doubt { line: Some(line), message }));
        let strange = grids.iter().filter(|(has_place, _)| !has_place).count();
        doubts.extend(self.remarks(unknown, strange));
        doubts.extend(unfit.iter().map(|(field, text)| Doubt {
            line: None,
            message: format!(
                "“{}”写成了“{}”，不是该栏目的写法，没有采用，原来的没有改",
                contract::label(field),
                shortened(text, 30)
            ),
        }));
        let mut placed = self.placed(&arranged, &paths);
        let mut unplaced: Vec<Value> = report["unplaced"].as_array().cloned().unwrap_or_default();
        for StrayText { line, text, why } in &strays {
            let path = path!["unplaced", unplaced.len()];
            let label = contract::label(&path);
            let note = format!("Word 文档第{line}段：{why}");
            unplaced.push(serde_json::json!({"text": text, "note": note}));
            placed.push(Placement {
                line: *line,
                text: text.clone(),
                path,
                label,
                confidence: Confidence::Low,
            });
        }
        report["unplaced"] = Value::Array(unplaced);
        overrule(self.printed.kind, &mut report, given);
        placed.sort_by_key(|placed| placed.line);
        doubts.sort_by_key(|doubt| doubt.line.unwrap_or_default());

        let before = tidy(&self.printed.report);
        let document = tidy(&report);
        let texts = self.texts(&arranged, &strays, &grids);
        let sentences = account::sentences(texts.iter().map(String::as_str), &document);
        let controls = if tagged > 0 { ControlState::Kept } else { ControlState::Lost };
        let word = WordAccount {
            controls: Some(controls),
            is_public: self.printed.report["edition"] == "public",
            tracked: self.file.text.tracked,
            tracked_changes: given.tracked_changes,
            comments: comments::of_ours(self.file, self.walked, &arranged, &paths),
            deeds: arranged.told.drain(..).map(|(line, message)| WordRemark { line, message }).collect(),
            differences: differences_of(self.printed.kind, &before, &document),
        };
        let account = Account {
            kind: self.printed.kind.into(),
            sentences,
            placed,
            cleaned: vec![],
            doubts,
            indicators: vec![],
            word: Some(word),
        };
        Import { document, account }
    }

    /// Puts the tables of attachments into the report; all grids that were read, and whether each has a place there.
    fn tables(
        &self,
        report: &mut Value,
        arranged: &Arrangement,
        paths: &HashMap<usize, FieldPath>,
    ) -> Vec<(bool, GridTable)> {
        let mut grids = vec![];
        for (number, attachment) in &self.homes.attachments {
            let grid = grid(&self.file.text, *number, self.printed);
            let origin = path!["attachments", *attachment];
            let path = arranged.by_origin.get(&origin).and_then(|node| paths.get(node));
            if let (Some(path), Some(table)) =
                (path, tables::changed(&grid, *attachment, self.homes, self.printed))
            {
                put(report, &path.key("table"), &table, false);
            }
            grids.push((true, grid));
        }
        // A table that stood there and is gone.
        let there: HashSet<usize> = self.homes.attachments.values().copied().collect();
        for node in arranged.lists.get("attachments").into_iter().flatten() {
            let origin = arranged.nodes[*node].origin.as_ref();
            let old = origin.and_then(|path| path.segments().get(1)?.index());
            if let (Some(old), Some(path)) = (old, paths.get(node))
                && !there.contains(&old)
                && self.homes.had_table(old)
            {
                put(report, &path.key("table"), &Value::Null, false);
            }
        }
        for number in &self.homes.strays {
            let grid = grid(&self.file.text, *number, self.printed);
            // One below the title of a new attachment is its table.
            let start = self.file.text.tables[*number].paragraphs.start;
            let line = self.file.text.paragraphs.get(start).map_or(grid.line, |first| first.line);
            let above = arranged.attachments.iter().rev().find(|(title, _)| *title < line);
            let new = above.filter(|(_, node)| arranged.nodes[*node].origin.is_none());
            let path = new.and_then(|(_, node)| paths.get(node)).map(|path| path.key("table"));
            let path = path.filter(|path| at(report, path).is_none_or(Value::is_null));
            if let Some(path) = &path {
                put(report, path, &tables::of_new(&grid), false);
            }
            grids.push((path.is_some(), grid));
        }
        grids
    }

    /// All that has no place in the report, in the order of the document.
    fn strays(
        &self,
        arranged: &mut Arrangement,
        [unfit, rivals]: [&[(FieldPath, String)]; 2],
        grids: &[(bool, GridTable)],
    ) -> Vec<StrayText> {
        let mut strays: Vec<StrayText> = arranged.strays.drain(..).collect();
        for (_, grid) in grids.iter().filter(|(has_place, _)| !has_place) {
            for row in &grid.rows {
                let cells: Vec<String> = row.iter().map(|cell| cell.text.replace('\n', " ")).collect();
                let text = cells.join(" | ");
                if text.chars().any(char::is_alphanumeric) {
                    strays
                        .push(StrayText { line: grid.line, text, why: "正文里的一张表格的一行" });
                }
            }
        }
        let entries = |one: &'_ WalkedParagraph| -> Vec<(FieldPath, usize)> {
            let entries = one.read.iter().flat_map(|read| &read.entries);
            entries.map(|entry| (entry.field.clone(), one.source.word.line)).collect()
        };
        let lines: HashMap<FieldPath, usize> = self.walked.iter().flat_map(entries).collect();
        let unfit = unfit.iter().map(|one| (one, "不是该栏目的写法"));
        let rivals = rivals.iter().map(|one| (one, "同一栏目在两处改得不一样，这是后一处"));
        for ((field, text), why) in unfit.chain(rivals) {
            let line = lines.get(field).copied().unwrap_or_default();
            strays.push(StrayText { line, text: text.clone(), why });
        }
        let hidden = self.file.text.hidden.iter().map(|(line, text)| (*line, fields::clean(text)));
        let hidden = hidden.filter(|(_, text)| text.chars().any(char::is_alphanumeric));
        strays.extend(hidden.map(|(line, text)| StrayText { line, text, why: "隐藏的文字" }));
        let margins = self.file.margins.iter().map(|text| fields::clean(text));
        let last = self.walked.last().map_or(0, |one| one.source.word.line);
        strays.extend(margins.map(|text| StrayText { line: last, text, why: "页眉或页脚里的文字" }));
        let of_id = |notes: &'_ [WordNote]| -> HashMap<String, WordNote> {
            notes.iter().map(|note| (note.id.clone(), note.clone())).collect()
        };
        let (footnotes, endnotes) = (of_id(&self.file.footnotes), of_id(&self.file.endnotes));
        for (line, mark) in &self.file.text.notes {
            let notes = if mark.is_endnote { &endnotes } else { &footnotes };
            if let Some(note) = notes.get(&mark.id).filter(|note| !note.text.is_empty()) {
                let why = if mark.is_endnote { "一条尾注" } else { "一条脚注" };
                strays.push(StrayText { line: *line, text: fields::clean(&note.text), why });
            }
        }
        strays.sort_by_key(|stray| stray.line);
        strays
    }

    /// What else should be looked at.
    fn remarks(&self, unknown: &[String], strange_tables: usize) -> Vec<Doubt> {
        let mut remarks = self.file.text.oddities.remarks(true);
        if strange_tables > 0 {
            remarks.push(format!(
                "文档里有{strange_tables}张不是附件的表格，逐行列在“未归类的文字”里，请移到附件或者删除"
            ));
        }
        if let Some(first) = unknown.first() {
            remarks.push(format!(
                "有{}个内容控件的标记不是报告里的栏目，如“{}”，按没有标记处理",
                unknown.len(),
                shortened(&fields::clean(first), 30)
            ));
        }
        remarks.into_iter().map(|message| Doubt { line: None, message }).collect()
    }

    /// Where the new texts went.
    fn placed(&self, arranged: &Arrangement, paths: &HashMap<usize, FieldPath>) -> Vec<Placement> {
        let place = |new: &arrangement::NewText| {
            let path = paths.get(&new.node)?;
            let path = if new.key.is_empty() { path.clone() } else { path.key(new.key) };
            let label = contract::label(&path);
            Some(Placement {
                line: new.line,
                text: new.text.clone(),
                path,
                label,
                confidence: Confidence::Medium,
            })
        };
        arranged.added.iter().filter_map(place).collect()
    }

    /// The texts that must be in the report.
    fn texts(
        &self,
        arranged: &Arrangement,
        strays: &[StrayText],
        grids: &[(bool, GridTable)],
    ) -> Vec<String> {
        let mut texts: Vec<String> = strays.iter().map(|stray| stray.text.clone()).collect();
        let cells = grids.iter().flat_map(|(_, grid)| grid.rows.iter().flatten());
        texts.extend(cells.map(|cell| cell.text.clone()));
        for (at_all, one) in self.walked.iter().enumerate() {
            let Some(read) = &one.read else {
                // The template counts headings itself.
                let lines = one.source.text.split('\n').filter(|_| !arranged.reworded.contains(&at_all));
                let unmarked = lines.map(|line| {
                    let line = attachment_mark(line).filter(|title| !title.is_empty()).unwrap_or(line);
                    numbered(line).map_or(line, |(_, rest)| rest)
                });
                texts.extend(unmarked.map(str::to_owned));
                continue;
            };
            for entry in &read.entries {
                let field = find_of(self.printed.kind, &entry.field);
                let is_text = field.is_some_and(|it| it.entry.is_text());
                let is_known = at(&self.printed.report, &entry.field).is_some_and(Value::is_string);
                let printed = &self.printed.fields[&entry.field].texts;
                let is_printed = printed.iter().any(|(text, _)| *text == entry.text);
                // Of a field that stands in two places, the one that was left alone may not count.
                if is_text && (!is_printed || is_known && printed.len() < 2) {
                    texts.push(entry.text.clone());
                }
            }
        }
        texts
    }
}

/// What the one who imports knows stands before what the file says.
pub(super) fn overrule(kind: DocumentKind, report: &mut Value, given: &Particulars) {
    if let Some(year) = given.year {
        report["year"] = year.number().into();
    }
    if let Some(name) = &given.issuer {
        report["issuer"]["name"] = name.to_string().into();
    }
    if let Some(date) = given.date.filter(|_| kind == DocumentKind::Report) {
        report["signature"]["date"] = date.to_string().into();
    }
}

impl NotOurs {
    /// What to say of it, if the document may be thought to be ours.
    pub(super) fn told(self) -> Option<&'static str> {
        match self {
            Self::NoPart => None,
            Self::LostPart => Some("文档里的栏目标记还在，带的报告内容不见了，按普通 Word 文档认的，请核对"),
            Self::BrokenPart => Some("文档里带的报告内容读不了，按普通 Word 文档认的，请核对"),
            Self::OtherReport => Some(
                "文档里带的是另一份报告的内容，和正文对不上（或者单位、年度不同），按普通 Word 文档认的，请核对",
            ),
        }
    }
}
