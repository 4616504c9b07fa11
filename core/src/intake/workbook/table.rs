//! From the sheets of a file to those of the table: which column is which, which row is whose. What belongs to no
//! column, unit or sheet is told with the unit that it stands with, and what would be lost to a unit for a slip
//! keeps that unit's report from being made, and no other.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use super::cells::{self, BrokenWorkbook, Cell, Raw, UnfitCell};
use super::directory::{DIRECTORY, IndicatorDirectory};
use super::owners::units;
use super::place::{cell_name, row_name};
use super::sheet_rows::{ReadSheet, RowNotice, SheetNotice, SheetRow, SheetTable, WorkbookUnit, shortened};
use super::sheets::{ColumnRole, KEY, RowForm, SHEETS, Sheet, UNITS};
use super::{EXAMPLE, EXAMPLE_NAME, HINTS, TASKS};
use crate::input::nearest;
use crate::language::asides::is_aside;

/// A workbook that was read: the rows of every unit.
pub struct Workbook {
    pub(super) units: Vec<WorkbookUnit>,
    /// In the order of [`SHEETS`].
    pub(super) tables: Vec<SheetTable>,
    /// What is to be said of sheets, to every unit.
    pub(super) remarks: Vec<RowNotice>,
    /// Which indicators it offered.
    pub(super) directory: IndicatorDirectory,
}

/// How many rows down the headings may stand: someone may have put a title above them.
const HEADINGS_WITHIN: u32 = 20;

/// How many of what is wrong is told.
const MAX_TOLD: usize = 50;

/// What else the column of units is called.
const KEY_NAMES: [&str; 6] = ["单位", "单位名称", "报送单位", "填报单位", "报告单位名称", "单位简称"];

impl Workbook {
    /// Reads a workbook. Fails with all that keeps its rows from being given to units at all, a line each.
    pub fn read(file: impl Read + Seek) -> Result<Self, String> {
        let raw = cells::read(file).map_err(BrokenWorkbook::words)?;
        let mut faults = Vec::new();
        let workbook = Self::sorted(raw, &mut faults);
        match faults.len() {
            0 => Ok(workbook),
            count => Err(format!("有 {count} 处要先改正：\n{}", faults.join("\n"))),
        }
    }

    fn sorted(mut raw: Vec<Raw>, faults: &mut Vec<String>) -> Self {
        let offered = raw.iter().position(|raw| raw.name.trim() == DIRECTORY).map(|at| raw.remove(at));
        let directory = offered.as_ref().map(IndicatorDirectory::of_sheet).unwrap_or_default();
        let mut read = Vec::new();
        let mut remarks = Vec::new();
        for (index, sheet) in SHEETS.iter().enumerate() {
            let found = take(&mut raw, sheet);
            if found.is_none() && index == UNITS {
                faults.push(format!("没有工作表“{}”。空白的征集表可用 nianbao workbook 取得", sheet.name));
            }
            if let Some(raw) = found.as_ref().filter(|raw| !raw.rows.is_empty()) {
                remarks.extend(oddity(raw, index));
            }
            read.push(found.and_then(|raw| table(raw, index, faults)).unwrap_or_default());
        }
        let is_stray = |raw: &&Raw| ![HINTS, TASKS].contains(&raw.name.as_str()) && !raw.rows.is_empty();
        remarks.extend(raw.iter().filter(is_stray).map(left_sheet));
        remarks.truncate(MAX_TOLD);
        let units = units(&read);
        Self { units, tables: read.into_iter().map(|read| read.table).collect(), remarks, directory }
    }

    pub fn len(&self) -> usize {
        self.units.len()
    }

    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// What a unit's rows are keyed by.
    pub(super) fn key(&self, unit: usize) -> &str {
        &self.units[unit].key
    }

    /// Where a unit comes from, for people.
    pub fn source(&self, unit: usize) -> String {
        let WorkbookUnit { key, at: (sheet, row), .. } = &self.units[unit];
        format!("{}（{key}）", row_name(&SHEETS[*sheet], *row))
    }
}

/// The sheet of a name; else one whose name comes near and whose columns are all of that sheet.
fn take(raw: &mut Vec<Raw>, sheet: &Sheet) -> Option<Raw> {
    let is_near = |raw: &Raw| {
        let name = raw.name.trim();
        let is_named_so = sheet.name.starts_with(name) || nearest(name, &[sheet.name]).is_some();
        is_named_so && !SHEETS.iter().any(|other| other.name == name) && is_of(raw, sheet)
    };
    let same = raw.iter().position(|raw| raw.name.trim() == sheet.name);
    let near = || {
        let mut near = raw.iter().enumerate().filter(|(_, raw)| is_near(raw));
        near.next().filter(|_| near.next().is_none()).map(|(at, _)| at)
    };
    same.or_else(near).map(|at| raw.remove(at))
}

/// Whether a sheet has the columns of another, at least two of them and none besides.
fn is_of(raw: &Raw, sheet: &Sheet) -> bool {
    let Some((_, cells)) = headings(raw, sheet) else { return false };
    let named: Vec<String> = cells.values().map(heading).filter(|name| !name.is_empty()).collect();
    named.len() >= 2 && named.iter().all(|name| sheet.column(name).is_some())
}

/// What is to be said of a sheet that was read all the same.
fn oddity(raw: &Raw, index: usize) -> Vec<RowNotice> {
    let sheet = &SHEETS[index];
    let mut told = Vec::new();
    let mut tell = |message: String| {
        let hint = "读得对的不用改；不对的，请改正工作表的名称，或者删除它".to_owned();
        told.push(RowNotice {
            sheet: index,
            place: format!("工作表“{}”", raw.name.trim().escape_debug()),
            message,
            hint,
        });
    };
    if raw.name.trim() != sheet.name {
        tell(format!("工作表“{}”按“{}”读入", raw.name.escape_debug(), sheet.name));
    }
    if raw.is_hidden {
        tell(format!("工作表“{}”是隐藏的，照样读了", sheet.name));
    }
    told
}

fn left_sheet(raw: &Raw) -> RowNotice {
    let names: Vec<&str> = SHEETS.iter().map(|sheet| sheet.name).collect();
    let near =
        nearest(&raw.name, &names).map(|near| format!("是“{near}”的，请改正名称；")).unwrap_or_default();
    let hidden = if raw.is_hidden { "隐藏的" } else { "" };
    let name = raw.name.escape_debug();
    RowNotice {
        sheet: UNITS,
        place: format!("工作表“{name}”"),
        message: format!("{hidden}工作表“{name}”不是征集表的，没有读"),
        hint: format!("{near}与报告无关的不用管，要写进报告的请填到征集表的各表里"),
    }
}

/// What columns were called in workbooks that went out before, and what they are called now.
const FORMER: [(&str, &str); 2] = [("引导句", "段首句"), ("标志后缀", "标志后面的字")];

/// A heading without white space and the star that marks what is required.
fn heading(cell: &Cell) -> String {
    let Cell::Text(text) = cell else { return String::new() };
    let name: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '*' | '＊')).collect();
    FORMER.iter().find(|(former, _)| *former == name).map_or(name, |(_, now)| (*now).to_owned())
}

/// The row of the headings, and its cells. Where no column is called as it should be, one of units.
fn headings<'a>(raw: &'a Raw, sheet: &Sheet) -> Option<(u32, &'a BTreeMap<u32, Cell>)> {
    let first = || raw.rows.range(..HEADINGS_WITHIN).map(|(row, cells)| (*row, cells));
    let named = first().find(|(_, cells)| cells.values().any(|cell| heading(cell) == KEY));
    named.or_else(|| {
        first().find(|(_, cells)| {
            let names: Vec<String> = cells.values().map(heading).collect();
            let is_known = |name: &&String| sheet.column(name).is_some();
            names.iter().any(|name| KEY_NAMES.contains(&name.as_str()) && sheet.column(name).is_none())
                && names.iter().any(|name| is_known(&name))
        })
    })
}

/// What a column of the file is that is none of the sheet's.
enum StrangeColumn {
    /// A slip in the heading of this one, most likely.
    Slip(&'static str),
    Twice(usize),
    Other,
}

/// A sheet's columns and the rows that say something, with the key of each.
fn table(raw: Raw, index: usize, faults: &mut Vec<String>) -> Option<ReadSheet> {
    let sheet = &SHEETS[index];
    let Some((first, cells)) = headings(&raw, sheet) else {
        if !raw.rows.is_empty() {
            faults.push(format!(
                "工作表“{}”没有“{KEY}”一列，不知道各行是哪个单位的。请照空白的征集表补上表头",
                sheet.name
            ));
        }
        return None;
    };
    let mut columns = vec![None; sheet.columns.len()];
    let mut known = BTreeMap::new();
    let mut strange = BTreeMap::new();
    let has_key = cells.values().any(|cell| heading(cell) == KEY);
    for (&at, cell) in cells {
        let mut name = heading(cell);
        if !has_key && columns[0].is_none() && KEY_NAMES.contains(&name.as_str()) {
            name = KEY.into();
        }
        match sheet.column(&name) {
            Some(column) if columns[column].is_none() => {
                columns[column] = Some(at);
                known.insert(at, column);
            }
            Some(column) => drop(strange.insert(at, (name, StrangeColumn::Twice(column)))),
            None => drop(strange.insert(at, (name, StrangeColumn::Other))),
        }
    }
    for (name, of) in strange.values_mut().filter(|(_, of)| matches!(of, StrangeColumn::Other)) {
        let missing = sheet.columns.iter().enumerate().filter(|(column, _)| columns[*column].is_none());
        let missing: Vec<&str> = missing.map(|(_, column)| column.heading.as_str()).collect();
        if let Some(near) = nearest(name, &missing) {
            *of = StrangeColumn::Slip(near);
        }
    }
    let key = columns[0]?;
    let mut read = ReadSheet { table: SheetTable { columns, rows: vec![] }, ..ReadSheet::default() };
    for (row, cells) in raw.rows.range(first + 1..) {
        let number = row + 1;
        let is_note = |name: &str| cells.get(&key) == Some(&Cell::Text(name.into()));
        if is_note(HINTS) || (sheet.form != RowForm::Units && is_note(EXAMPLE)) {
            continue;
        }
        if let Some(words) = aside(cells, key) {
            let message = format!("这一行写的是“{}”，不是单位的内容，没有读", shortened(words));
            let hint = "合计由程序汇总，不用填；要写进报告的，请写成某个单位的一行".to_owned();
            let notice = RowNotice { sheet: index, place: row_name(sheet, number), message, hint };
            read.notices.push(SheetNotice { row: read.keys.len().checked_sub(1), is_fault: false, notice });
            continue;
        }
        let mut one = SheetRow { number, cells: vec![None; sheet.columns.len()] };
        let mut strays = Vec::new();
        for (at, cell) in cells {
            match known.get(at) {
                Some(column) => one.cells[*column] = Some(cell.clone()),
                None => strays.push((*at, cell)),
            }
        }
        unmerge(&raw, sheet, &read.table.columns, *row, &mut one);
        let says_something = one.cells.iter().any(Option::is_some);
        let at = if says_something { Some(read.keys.len()) } else { read.keys.len().checked_sub(1) };
        for (column, cell) in strays {
            let of = strange.get(&column).map(|(name, of)| (name.as_str(), of));
            let stray = stray(cell, of, &one, cell_name(sheet, number, column));
            read.notices.extend(stray.map(|(is_fault, place, message, hint)| SheetNotice {
                row: at,
                is_fault,
                notice: RowNotice { sheet: index, place, message, hint },
            }));
        }
        if !says_something {
            continue;
        }
        if raw.hidden.contains(row) {
            read.notices.push(SheetNotice {
                row: at,
                is_fault: false,
                notice: RowNotice {
                    sheet: index,
                    place: row_name(sheet, number),
                    message: "这一行是隐藏的，照样读了".into(),
                    hint: "不要的，请取消隐藏或筛选，删除这一行".into(),
                },
            });
        }
        let key = match &one.cells[0] {
            Some(Cell::Text(key)) => Some(key.clone()),
            _ => None,
        };
        if key.as_deref() == Some(EXAMPLE) {
            let name = sheet.column("单位全称").and_then(|column| one.cells[column].as_ref());
            if name == Some(&Cell::Text(EXAMPLE_NAME.into())) {
                continue;
            }
        }
        read.table.rows.push(one);
        read.keys.push(key);
    }
    Some(read)
}

/// What a row says that is no unit's: a sum, or a remark below the rows.
fn aside(cells: &BTreeMap<u32, Cell>, key: u32) -> Option<&str> {
    let first = match cells.get(&key) {
        Some(cell) => cell,
        None => cells.values().next()?,
    };
    let Cell::Text(text) = first else { return None };
    is_aside(text).then_some(text.as_str())
}

/// What is to be said of a cell that is in no column of the sheet: whether it keeps the report from being made,
/// its place, what it is and what to do.
fn stray(
    cell: &Cell,
    column: Option<(&str, &StrangeColumn)>,
    row: &SheetRow,
    place: String,
) -> Option<(bool, String, String, String)> {
    let words = match cell {
        Cell::Text(text) | Cell::Date(text) => shortened(text),
        Cell::Boolean(_) | Cell::Unfit(_) => "……".into(),
    };
    let name = column.map(|(name, _)| name).filter(|name| !name.is_empty());
    let place = name.map_or_else(|| place.clone(), |name| format!("{place}“{}”", shortened(name)));
    Some(match (name, column.map(|(_, of)| of)) {
        (Some(_), Some(StrangeColumn::Twice(first))) if row.cells[*first].as_ref() == Some(cell) => {
            return None;
        }
        (Some(name), Some(StrangeColumn::Twice(_))) => {
            let message = format!("“{name}”一列写了两次，不知道以哪一列为准");
            (true, place, message, "请只保留一列".into())
        }
        (Some(name), Some(StrangeColumn::Slip(near))) => {
            let message = format!("没有叫“{}”的列。是不是“{near}”？", shortened(name));
            (true, place, message, "请改正表头，或者删除这一列".into())
        }
        (Some(name), _) => {
            let message = format!("“{}”一列不是征集表的，没有读：“{words}”", shortened(name));
            (false, place, message, "与报告无关的不用管；要写进报告的，请填到已有的列里".into())
        }
        (None, _) => {
            let message = format!("这一列没有表头，不知道写的是什么，没有读：“{words}”");
            (false, place, message, "与报告无关的不用管；要写进报告的，请填到已有的列里".into())
        }
    })
}

/// Gives the key and number of merged rows to each of them; any other merging leaves it open whose
/// a cell is.
fn unmerge(raw: &Raw, sheet: &Sheet, columns: &[Option<u32>], row: u32, read: &mut SheetRow) {
    let until = raw.merged.partition_point(|[start, _]| start.0 <= row);
    // Merged areas do not overlap; whoever makes a file where they do gets the nearest.
    for [start, end] in raw.merged[..until].iter().rev().take(64).filter(|[_, end]| end.0 >= row) {
        for (column, _) in
            columns.iter().enumerate().filter(|(_, at)| at.is_some_and(|at| (start.1..=end.1).contains(&at)))
        {
            let role = &sheet.columns[column].role;
            let is_one_column = start.1 == end.1;
            match role {
                ColumnRole::Key | ColumnRole::Number if is_one_column && sheet.form != RowForm::Units => {
                    let above = raw.rows.get(&start.0).and_then(|cells| cells.get(&start.1));
                    read.cells[column] = above.cloned();
                }
                // Of an item's own fields the first row is enough.
                ColumnRole::Field(_) if is_one_column && sheet.form == RowForm::Items => {}
                _ if start.0 == row => read.cells[column] = Some(Cell::Unfit(UnfitCell::Merged)),
                _ => {}
            }
        }
    }
}
