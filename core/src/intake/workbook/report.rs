//! From the rows of a unit to its report: the JSON that `input` reads, and for each field the cell
//! that it comes from. What no field can take stands in the JSON as something that none does, so that
//! the contract refuses the report; why, only the cell knows.

use std::collections::BTreeMap;

use calamine::{ExcelDateTime, ExcelDateTimeType};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cells::{Cell, UnfitCell};
use super::directory::{IndicatorDirectory, IndicatorKey};
use super::order::{OrderFault, in_order, says_something};
use super::place::row_name;
use super::reading::{EntrySense, EntryVerdict, reading};
use super::sheet_rows::{RowNotice, SheetRow};
use super::sheets::{CellTarget, ColumnRole, RowForm, SHEETS, UNITS};
use super::table::Workbook;
use super::{EMPTY, LEFT_OUT, MISNUMBERED_ROW, MISPLACED_ROW, ROWS_OUT_OF_ORDER, UNFIT_CELL};
use crate::diagnostic::{Code, Diagnostic};
use crate::input::nearest;
use crate::language::entries;
use crate::path;
use crate::report::FieldPath;
use crate::report::contract;
use crate::report::fields::Entry;
use crate::report::path::Segment;

/// The serial numbers of the days that a report can name: from 2000-01-01 to 2099-12-31.
const SERIALS: std::ops::RangeInclusive<u32> = 36_526..=73_050;

/// How many unfit cells of one unit are told: as many as `input` tells faults.
const MAX_TOLD: usize = 200;

/// A report on its way.
#[derive(Default)]
pub(super) struct ReportDraft {
    pub json: Value,
    /// The cell of each field, those left empty included.
    places: Vec<(FieldPath, CellPlace)>,
    pub faults: Vec<Diagnostic>,
    /// What was understood though it was written in another way, each with its cell.
    meant: Vec<(Diagnostic, CellPlace)>,
}

#[derive(Clone, Copy)]
struct CellPlace {
    sheet: usize,
    row: u32,
    column: Option<usize>,
}

/// Why a cell does not do, and what to do about it.
type CellFault = (String, String);

/// What is to be said of findings about a unit's report, once the workbook is gone: the cell of each field,
/// and what is wrong with cells themselves.
#[derive(Debug, Serialize, Deserialize)]
pub struct Notes {
    faults: Vec<Diagnostic>,
    /// What does not keep the report from being made.
    #[serde(default)]
    remarks: Vec<Diagnostic>,
    cells: Vec<(FieldPath, String)>,
    /// The row of the unit itself.
    row: String,
    /// Whether there is no unit, and so no report of which more could be said.
    #[serde(default)]
    is_stray: bool,
}

impl Notes {
    /// Says of findings in which cell each stands, and adds what is wrong with cells themselves. Said twice
    /// it is the same.
    pub fn tell(&self, findings: &mut Vec<Diagnostic>) {
        let is_ours = |finding: &Diagnostic| self.remarks.contains(finding);
        // What stands for an unfit cell is at fault in a way that would help nobody.
        let is_fault = |finding: &Diagnostic| self.faults.iter().any(|fault| fault.path.holds(&finding.path));
        findings.retain(|finding| !self.is_stray && (!is_fault(finding) && !is_ours(finding)));
        for finding in findings.iter_mut() {
            finding.position = None;
            finding.place = Some(self.place(&finding.path));
        }
        findings.splice(..0, self.faults.iter().cloned());
        findings.extend(self.remarks.iter().cloned());
    }

    /// The cell of a field, else the nearest thing around it.
    fn place(&self, path: &FieldPath) -> String {
        if path.is_root() {
            return self.row.clone();
        }
        let around = self.cells.iter().filter(|(place, _)| place.holds(path));
        let around = around.max_by_key(|(place, _)| place.segments().len());
        let within = || self.cells.iter().find(|(place, _)| path.holds(place));
        let sheet = SHEETS[UNITS + 1..].iter().find(|sheet| sheet.field.first_key() == path.first_key());
        match (around.or_else(within), sheet) {
            (Some((_, cell)), _) => cell.clone(),
            (None, Some(sheet)) => format!("工作表“{}”", sheet.name),
            (None, None) => self.row.clone(),
        }
    }
}

impl Workbook {
    /// The report of a unit, in the words of the contract, and what is to be said of it.
    pub fn report(&self, unit: usize) -> (Vec<u8>, Notes) {
        let of = &self.units[unit];
        let mut draft = match of.is_stray {
            true => ReportDraft { json: json!({"issuer": {"short_name": of.key}}), ..ReportDraft::default() },
            false => self.draft(unit),
        };
        let mut faults = std::mem::take(&mut draft.faults);
        let cells: Vec<_> =
            draft.places.iter().map(|(path, place)| (path.clone(), self.cell(*place))).collect();
        let row = row_name(&SHEETS[of.at.0], of.at.1);
        let mut notes = Notes { faults: vec![], remarks: vec![], cells, row, is_stray: of.is_stray };
        for fault in &mut faults {
            fault.place = Some(notes.place(&fault.path));
        }
        faults.extend(of.faults.iter().map(|notice| draft.misplaced(notice)));
        let meant = draft.meant.into_iter();
        let meant = meant.map(|(one, place)| Diagnostic { place: Some(self.cell(place)), ..one });
        let left = |notice: &RowNotice| Diagnostic {
            place: Some(notice.place.clone()),
            ..LEFT_OUT.at(FieldPath::root(), notice.message.clone(), notice.hint.clone())
        };
        notes.remarks =
            meant.chain(of.remarks.iter().map(left)).chain(self.remarks.iter().map(left)).collect();
        notes.faults = faults;
        (draft.json.to_string().into_bytes(), notes)
    }

    /// A cell, in words.
    fn cell(&self, place: CellPlace) -> String {
        let sheet = &SHEETS[place.sheet];
        let column = place.column.and_then(|column| {
            let letters = self.tables[place.sheet].letters(column)?;
            Some(format!("{letters}列“{}”", sheet.columns[column].heading))
        });
        format!("{}{}", row_name(sheet, place.row), column.unwrap_or_default())
    }

    fn draft(&self, unit: usize) -> ReportDraft {
        let key = &self.units[unit].key;
        let mut draft =
            ReportDraft { json: json!({"issuer": {}, "signature": {}}), ..ReportDraft::default() };
        for (index, sheet) in SHEETS.iter().enumerate() {
            let rows: Vec<&SheetRow> =
                self.units[unit].rows[index].iter().map(|row| &self.tables[index].rows[*row]).collect();
            let rows = draft.ordered(index, rows);
            match sheet.form {
                RowForm::Units => draft.fields(index, &FieldPath::root(), &rows[..1]),
                RowForm::Records => {
                    for (item, row) in rows.iter().filter(|row| says_something(sheet, row)).enumerate() {
                        draft.fields(index, &sheet.item(item), &[row]);
                        if sheet.field == path!["indicators"] {
                            draft.follow_name(item, &self.directory);
                        }
                    }
                }
                RowForm::Items => draft.items(index, &rows),
                RowForm::Tables => draft.tables(index, &rows),
            }
        }
        // The key is the short name of those that write no other; the full name needs no shorter.
        let issuer = &mut draft.json["issuer"];
        if issuer.get("short_name").is_none() {
            issuer["short_name"] = key.as_str().into();
        }
        if issuer["short_name"] == issuer["name"] {
            issuer["short_name"] = Value::Null;
        }
        draft
    }
}

impl ReportDraft {
    /// Fills the fields of a report or an item. Of several rows the first that says something counts,
    /// and no other may say something else.
    fn fields(&mut self, sheet: usize, item: &FieldPath, rows: &[&SheetRow]) {
        for (column, described) in SHEETS[sheet].columns.iter().enumerate() {
            let ColumnRole::Field(target) = &described.role else { continue };
            let path = within(item, &target.path);
            let mut saying = rows.iter().filter(|row| row.cells[column].is_some());
            let row = saying.next().unwrap_or(&rows[0]);
            self.cell(path.clone(), target, sheet, row, column);
            if let Some(other) = saying.find(|other| other.cells[column] != row.cells[column]) {
                let message = format!("“{}”与第{}行写的不同", contract::label(&path), row.number);
                self.fault(
                    path,
                    CellPlace { sheet, row: other.number, column: Some(column) },
                    &UNFIT_CELL,
                    (message, "同一项的各行只在第一行填写，或者写得一样".into()),
                );
            }
        }
    }

    /// Fills in what follows from the name of an indicator that has no key.
    fn follow_name(&mut self, item: usize, directory: &IndicatorDirectory) {
        let indicator = self.json.get_mut("indicators").and_then(|list| list.get_mut(item));
        let Some(indicator) = indicator.filter(|one| one.get("key").is_none()) else { return };
        // Without a name it is that which is missing.
        let name = indicator["name"].as_str().unwrap_or("——").to_owned();
        let IndicatorKey { key, unit } = directory.of_name(&name);
        indicator["key"] = key.into();
        if indicator.get("unit").is_none()
            && let Some(unit) = unit
        {
            indicator["unit"] = unit.into();
        }
    }

    /// A list whose rows are numbered by item.
    fn items(&mut self, sheet: usize, rows: &[&SheetRow]) {
        let described = &SHEETS[sheet];
        let mut faults = Vec::new();
        let numbered = self.numbered(sheet, rows, &mut faults);
        let mut last = 0;
        for (index, (number, rows)) in numbered.iter().enumerate() {
            let item = described.item(index);
            set(&mut self.json, item.segments(), json!({}));
            self.fields(sheet, &item, rows);
            let paragraphs = described.columns.iter().enumerate().filter_map(|(column, described)| {
                match &described.role {
                    ColumnRole::Paragraph(target) => Some((column, target)),
                    _ => None,
                }
            });
            let paragraphs: Vec<_> = paragraphs.collect();
            let speaking =
                rows.iter().filter(|row| paragraphs.iter().any(|(column, _)| row.cells[*column].is_some()));
            for (paragraph, row) in speaking.enumerate() {
                for (column, target) in &paragraphs {
                    let path = within(&item.key("body").index(paragraph), &target.path);
                    self.cell(path, target, sheet, row, *column);
                }
            }
            if *number != last + 1 {
                let message = format!("“项”从第{last}项跳到了第{number}项");
                let hint = match last {
                    0 => "请从 1 起逐一编号".to_owned(),
                    _ => format!("请改成{}，以后的依次改正", last + 1),
                };
                faults.push((item, rows[0].number, (message, hint)));
            }
            last = *number;
        }
        self.misnumbered(sheet, numbered.len(), faults);
    }

    /// The tables of the attachments, each headed by its first row.
    fn tables(&mut self, sheet: usize, rows: &[&SheetRow]) {
        let attachments = self.json["attachments"].as_array().map_or(0, Vec::len);
        let mut faults = Vec::new();
        for (number, rows) in self.numbered(sheet, rows, &mut faults) {
            if number > attachments {
                let message = format!("“附件”表里这个单位没有第{number}项");
                faults.push((
                    FieldPath::root(),
                    rows[0].number,
                    (message, "请先在“附件”表里写上它的标题".into()),
                ));
                continue;
            }
            let table = SHEETS[sheet].item(number - 1);
            let cells = |row: &SheetRow| -> Vec<Option<Cell>> {
                let columns = SHEETS[sheet].columns.iter().zip(&row.cells);
                columns
                    .filter(|(column, _)| matches!(column.role, ColumnRole::Cell))
                    .map(|(_, cell)| cell.clone())
                    .collect()
            };
            let first = SHEETS[sheet].column_of(|role| matches!(role, ColumnRole::Cell)).unwrap_or_default();
            let width = cells(rows[0]).iter().rposition(Option::is_some).map_or(0, |last| last + 1);
            set(&mut self.json, table.segments(), json!({"columns": [], "rows": []}));
            for (index, row) in rows.iter().enumerate() {
                let line = match index {
                    0 => table.key("columns"),
                    _ => table.key("rows").index(index - 1),
                };
                set(&mut self.json, line.segments(), json!([]));
                for (at, cell) in cells(row).iter().enumerate() {
                    let place = CellPlace { sheet, row: row.number, column: Some(first + at) };
                    let path = line.index(at);
                    if at >= width && cell.is_some() {
                        let message = "表头没有这一列，这一格不知道排在哪里".into();
                        self.fault(
                            line.clone(),
                            place,
                            &UNFIT_CELL,
                            (message, "请在表格的第一行补上这一列的名称，或者删除这一格".into()),
                        );
                    } else if at < width {
                        let text = cell.as_ref().map_or(Ok(""), words);
                        self.places.push((path.clone(), place));
                        match text {
                            Ok(text) => set(&mut self.json, path.segments(), text.into()),
                            Err(fault) => self.fault(path, place, &UNFIT_CELL, fault),
                        }
                    }
                }
            }
        }
        self.misnumbered(sheet, attachments, faults);
    }

    /// The rows by the number of their item. Those without are told.
    fn numbered<'a>(
        &self,
        sheet: usize,
        rows: &[&'a SheetRow],
        faults: &mut Vec<(FieldPath, u32, CellFault)>,
    ) -> BTreeMap<usize, Vec<&'a SheetRow>> {
        let column =
            SHEETS[sheet].columns.iter().position(|column| matches!(column.role, ColumnRole::Number));
        let column = column.expect("a sheet of items has their numbers");
        let mut numbered: BTreeMap<usize, Vec<&SheetRow>> = BTreeMap::new();
        for row in rows.iter().filter(|row| says_something(&SHEETS[sheet], row)) {
            let written = match &row.cells[column] {
                Some(Cell::Text(written)) => {
                    entries::place(written).filter(|number| (1..=9999).contains(number))
                }
                _ => None,
            };
            match written {
                Some(number) => numbered.entry(number).or_default().push(row),
                None => {
                    let message = match &row.cells[column] {
                        None => "没有填“项”，不知道这一行属于第几项".into(),
                        Some(_) => "“项”应为从 1 起的整数".into(),
                    };
                    let hint = "请填上 1、2、3……；同一项的各段写同一个数".into();
                    faults.push((FieldPath::root(), row.number, (message, hint)));
                }
            }
        }
        numbered
    }

    /// Tells of rows whose item is not known. Each takes the place of an item, of the one it is in if
    /// that is known, else of one behind the last.
    fn misnumbered(&mut self, sheet: usize, items: usize, faults: Vec<(FieldPath, u32, CellFault)>) {
        let column =
            SHEETS[sheet].columns.iter().position(|column| matches!(column.role, ColumnRole::Number));
        let list = list_of(sheet);
        let mut behind = items;
        for (path, row, fault) in faults {
            let path = match path.is_root() {
                true => {
                    behind += 1;
                    list.index(behind - 1)
                }
                false => path,
            };
            self.fault(path, CellPlace { sheet, row, column }, &MISNUMBERED_ROW, fault);
        }
    }

    fn cell(&mut self, path: FieldPath, target: &CellTarget, sheet: usize, row: &SheetRow, column: usize) {
        let place = CellPlace { sheet, row: row.number, column: Some(column) };
        let Some(cell) = &row.cells[column] else { return self.places.push((path, place)) };
        let beside = |key: &str| {
            let columns = SHEETS[sheet].columns.iter().zip(&row.cells);
            let mut of_key = columns
                .filter(|(column, _)| column.target().is_some_and(|target| target.path.first_key() == key));
            of_key.find_map(|(_, cell)| cell.as_ref().and_then(|cell| words(cell).ok()).map(str::to_owned))
        };
        match value(&path, target, cell, &beside) {
            Ok(CellValue { value, meaning }) => {
                set(&mut self.json, path.segments(), value);
                if let Some((meaning, text)) = meaning {
                    for (key, value) in &meaning.beside {
                        let mut segments = path.segments().to_vec();
                        segments.pop();
                        segments.push(Segment::Key((*key).into()));
                        set(&mut self.json, &segments, value.clone());
                    }
                    if self.meant.len() < MAX_TOLD {
                        self.meant.push((meaning.told(path.clone(), &text), place));
                    }
                }
                self.places.push((path, place));
            }
            Err((what, hint)) => {
                let message = format!("“{}”{what}", contract::label(&path));
                self.fault(path, place, &UNFIT_CELL, (message, hint));
            }
        }
    }

    /// The rows of a sheet in the order that they were written in, as far as it is known.
    fn ordered<'a>(&mut self, sheet: usize, rows: Vec<&'a SheetRow>) -> Vec<&'a SheetRow> {
        let (rows, told) = in_order(&SHEETS[sheet], rows);
        let column = SHEETS[sheet].column_of(|role| matches!(role, ColumnRole::Order));
        self.meant.extend(told.into_iter().take(MAX_TOLD).map(
            |OrderFault { row, severity, message, hint }| {
                let told = ROWS_OUT_OF_ORDER.at(list_of(sheet), message, hint);
                (Diagnostic { severity, ..told }, CellPlace { sheet, row, column })
            },
        ));
        rows
    }

    /// A fault of a row that is not known to be this unit's: what takes a place in the report that is none.
    fn misplaced(&mut self, notice: &RowNotice) -> Diagnostic {
        let path = match notice.sheet {
            UNITS => path!["issuer", "code"],
            sheet => {
                let list = list_of(sheet);
                let length = list.segments().iter().fold(&self.json, |value, segment| match segment {
                    Segment::Key(key) => &value[key.as_str()],
                    Segment::Index(index) => &value[*index],
                });
                list.index(length.as_array().map_or(0, Vec::len))
            }
        };
        set(&mut self.json, path.segments(), json!([[]]));
        let told = MISPLACED_ROW.at(path, notice.message.clone(), notice.hint.clone());
        Diagnostic { place: Some(notice.place.clone()), ..told }
    }

    fn fault(&mut self, path: FieldPath, place: CellPlace, code: &'static Code, fault: CellFault) {
        // No field takes a list of lists.
        set(&mut self.json, path.segments(), json!([[]]));
        if self.faults.len() < MAX_TOLD {
            self.faults.push(code.at(path.clone(), fault.0, fault.1));
            self.places.push((path, place));
        }
    }
}

/// What a cell comes to, and how it was understood where it was written in another way.
struct CellValue {
    value: Value,
    meaning: Option<(EntrySense, String)>,
}

impl From<Value> for CellValue {
    fn from(value: Value) -> Self {
        Self { value, meaning: None }
    }
}

/// What a cell says, as its field wants it.
fn value(
    path: &FieldPath,
    target: &CellTarget,
    cell: &Cell,
    beside: &dyn Fn(&str) -> Option<String>,
) -> Result<CellValue, CellFault> {
    match (target.entry, cell) {
        (Entry::Date, Cell::Date(day)) => return Ok(Value::from(day.as_str()).into()),
        (Entry::Mark, Cell::Boolean(value)) => return Ok(Value::from(*value).into()),
        _ => {}
    }
    let text = words(cell)?;
    if !target.default.is_empty() && text == EMPTY {
        return Ok(Value::from("").into());
    }
    let read = match target.entry {
        Entry::Date => serial_day(text).map_or_else(|| reading(path, text, beside), EntryVerdict::Meant),
        _ => reading(path, text, beside),
    };
    Ok(match (read, target.entry) {
        (EntryVerdict::Meant(meaning), _) => {
            CellValue { value: meaning.value.clone(), meaning: Some((meaning, text.to_owned())) }
        }
        (EntryVerdict::Unclear(what, hint), _) => return Err((what, hint)),
        (_, Entry::Mark) => match text {
            "是" => Value::from(true).into(),
            "否" => Value::from(false).into(),
            _ => {
                let hint = "请从列表中选“是”或“否”";
                return Err((format!("不能是“{}”", text.escape_debug()), hint.into()));
            }
        },
        (_, Entry::Choice(choices)) => choice(choices, text)?.into(),
        (_, Entry::Lines | Entry::Paragraphs) => {
            text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Value>().into()
        }
        (_, Entry::Numbers) => {
            let numbers =
                text.split(|c: char| c.is_whitespace() || matches!(c, '、' | '，' | ',' | '；' | ';'));
            numbers.filter(|number| !number.is_empty()).collect::<Value>().into()
        }
        _ => Value::from(text).into(),
    })
}

/// The words of a cell.
fn words(cell: &Cell) -> Result<&str, CellFault> {
    let (what, hint) = match cell {
        Cell::Text(text) => return Ok(text),
        Cell::Date(day) => (format!("被 Excel 当成了日期 {day}"), "请把这一格的格式设为“文本”，再重新输入"),
        Cell::Boolean(value) => (
            format!("是逻辑值 {}", if *value { "TRUE" } else { "FALSE" }),
            "请把这一格的格式设为“文本”，再重新输入",
        ),
        Cell::Unfit(UnfitCell::Error) => {
            ("是一个错误值，如 #REF!、#N/A".into(), "请改正公式，或者直接填写内容")
        }
        Cell::Unfit(UnfitCell::Formula) => {
            ("是没有算出结果的公式".into(), "请在 Excel 里打开、保存一次，或者直接填写内容")
        }
        Cell::Unfit(UnfitCell::Percent) => (
            "是百分比格式，存的数与看到的不同".into(),
            "请把这一格的格式设为“文本”，填看到的数，如 95.48，“计量单位”填 %",
        ),
        Cell::Unfit(UnfitCell::Time) => ("带有钟点".into(), "请把这一格的格式设为“文本”，再重新输入"),
        Cell::Unfit(UnfitCell::Merged) => {
            ("是合并的单元格，不知道内容属于哪一格".into(), "请取消合并，在各格里分别填写")
        }
    };
    Err((what, hint.into()))
}

fn choice(choices: &[(&'static str, &'static str)], text: &str) -> Result<Value, CellFault> {
    let chosen = choices.iter().find(|(value, word)| *word == text || *value == text);
    chosen.map(|(value, _)| (*value).into()).ok_or_else(|| {
        let words: Vec<&str> = choices.iter().map(|(_, word)| *word).collect();
        let near = nearest(text, &words).map(|near| format!("是不是“{near}”？")).unwrap_or_default();
        let hint = format!("{near}请从列表中选：{}", words.join("、"));
        (format!("不能是“{}”", text.escape_debug()), hint)
    })
}

/// The day of a serial number, as Excel shows days in cells that were made for numbers.
fn serial_day(written: &str) -> Option<EntrySense> {
    let serial = written.parse::<u32>().ok().filter(|serial| SERIALS.contains(serial))?;
    let moment = ExcelDateTime::new(serial.into(), ExcelDateTimeType::DateTime, false);
    let (year, month, day, ..) = moment.to_ymd_hms_milli();
    let day = format!("{year:04}-{month:02}-{day:02}");
    let words = format!("是 Excel 的日期序号，按 {day} 读入");
    Some(EntrySense { value: day.into(), beside: vec![], words })
}

/// The list that the rows of a sheet make up.
fn list_of(sheet: usize) -> FieldPath {
    match SHEETS[sheet].form {
        RowForm::Tables => path!["attachments"],
        _ => SHEETS[sheet].field.clone(),
    }
}

fn within(item: &FieldPath, below: &FieldPath) -> FieldPath {
    item.segments().iter().chain(below.segments()).cloned().collect()
}

/// Puts a value at a path, and makes the maps and lists on the way.
fn set(at: &mut Value, path: &[Segment], value: Value) {
    match path.split_first() {
        None => *at = value,
        Some((Segment::Key(key), rest)) => {
            if !at.is_object() {
                *at = json!({});
            }
            set(&mut at[key.as_str()], rest, value);
        }
        Some((Segment::Index(index), rest)) => {
            if !at.is_array() {
                *at = json!([]);
            }
            let items = at.as_array_mut().expect("a list was made");
            if items.len() <= *index {
                items.resize(index + 1, Value::Null);
            }
            set(&mut items[*index], rest, value);
        }
    }
}
