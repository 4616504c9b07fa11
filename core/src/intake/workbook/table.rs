//! From the sheets of a file to those of the table: which column is which, which row is whose. What
//! belongs to no unit, no column or no sheet is refused with everything else of its kind, so that
//! nothing is lost for a slip in a name.

use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Seek};

use super::cells::{self, BrokenWorkbook, Cell, Raw, UnfitCell};
use super::directory::{DIRECTORY, IndicatorDirectory};
use super::place::{cell_name, column_name, row_name};
use super::sheets::{ColumnRole, KEY, RowForm, SHEETS, Sheet, UNITS};
use super::{EXAMPLE, EXAMPLE_NAME, HINTS};
use crate::input::nearest;

/// A workbook that was read: the rows of every unit.
pub struct Workbook {
    pub(super) units: Vec<WorkbookUnit>,
    /// In the order of [`SHEETS`].
    pub(super) tables: Vec<SheetTable>,
    /// Which indicators it offered.
    pub(super) directory: IndicatorDirectory,
}

/// A unit, and where its rows stand among those of each table.
pub(super) struct WorkbookUnit {
    pub key: String,
    pub rows: Vec<Vec<usize>>,
}

/// The rows of a sheet.
#[derive(Default)]
pub(super) struct SheetTable {
    /// Where each column of the sheet stands in the file, from 0.
    pub columns: Vec<Option<u32>>,
    pub rows: Vec<SheetRow>,
}

/// A row that belongs to a unit.
pub(super) struct SheetRow {
    /// As Excel counts, from 1.
    pub number: u32,
    /// By column of the sheet.
    pub cells: Vec<Option<Cell>>,
}

/// How many rows down the headings may stand: someone may have put a title above them.
const HEADINGS_WITHIN: u32 = 20;

/// How many of what is wrong is told.
const MAX_TOLD: usize = 50;

impl Workbook {
    /// Reads a workbook. Fails with all that keeps its rows from being given to their units, a line each.
    pub fn read(file: impl Read + Seek) -> Result<Self, String> {
        let raw = cells::read(file).map_err(BrokenWorkbook::words)?;
        let mut faults = Vec::new();
        let workbook = Self::sorted(raw, &mut faults);
        match faults.len() {
            0 => Ok(workbook),
            count => {
                let untold = count.saturating_sub(MAX_TOLD);
                faults.truncate(MAX_TOLD);
                if untold > 0 {
                    faults.push(format!("另有 {untold} 处没有列出，请先改正以上各处"));
                }
                Err(format!("有 {count} 处要先改正：\n{}", faults.join("\n")))
            }
        }
    }

    fn sorted(mut raw: Vec<Raw>, faults: &mut Vec<String>) -> Self {
        let offered = raw.iter().position(|raw| raw.name.trim() == DIRECTORY).map(|at| raw.remove(at));
        let directory = offered.as_ref().map(IndicatorDirectory::of_sheet).unwrap_or_default();
        let mut tables = Vec::new();
        let mut keyed = Vec::new();
        for (index, sheet) in SHEETS.iter().enumerate() {
            let found = raw.iter().position(|raw| raw.name.trim() == sheet.name).map(|at| raw.remove(at));
            if found.is_none() && index == UNITS {
                faults.push(format!("没有工作表“{}”。空白的征集表可用 nianbao workbook 取得", sheet.name));
            }
            let (table, keys) = found.and_then(|raw| table(raw, sheet, faults)).unwrap_or_default();
            tables.push(table);
            keyed.push(keys);
        }
        for stray in raw.iter().filter(|raw| raw.name != HINTS && !raw.rows.is_empty()) {
            let names: Vec<&str> = SHEETS.iter().map(|sheet| sheet.name).collect();
            faults.push(format!(
                "没有叫“{}”的工作表。{}它的内容不能丢掉，请改正名称；与报告无关的，请删去这个工作表",
                stray.name.escape_debug(),
                nearest(&stray.name, &names).map(|near| format!("是不是“{near}”？")).unwrap_or_default()
            ));
        }
        let units = units(&tables, &keyed, faults);
        Self { units, tables, directory }
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
        let row = self.tables[UNITS].rows[self.units[unit].rows[UNITS][0]].number;
        format!("{}（{}）", row_name(&SHEETS[UNITS], row), self.units[unit].key)
    }
}

/// A sheet's columns and the rows that say something, with the key of each.
fn table(raw: Raw, sheet: &Sheet, faults: &mut Vec<String>) -> Option<(SheetTable, Vec<Option<String>>)> {
    let text = |cell: &Cell| match cell {
        Cell::Text(text) => text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '*' | '＊')).collect(),
        _ => String::new(),
    };
    let mut first = raw.rows.range(..HEADINGS_WITHIN);
    let Some((&headings, cells)) = first.find(|(_, cells)| cells.values().any(|cell| text(cell) == KEY))
    else {
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
    for (&at, cell) in cells {
        let heading = text(cell);
        let place = cell_name(sheet, headings + 1, at);
        match sheet.column(&heading) {
            Some(column) if columns[column].is_none() => {
                columns[column] = Some(at);
                known.insert(at, column);
            }
            Some(_) => faults.push(format!("{place}：“{heading}”一列写了两次，请只保留一列")),
            None => {
                let names: Vec<&str> = sheet.columns.iter().map(|column| column.heading.as_str()).collect();
                let near =
                    nearest(&heading, &names).map(|near| format!("是不是“{near}”？")).unwrap_or_default();
                faults.push(format!(
                    "{place}：没有叫“{}”的列。{near}请改正表头，或者删去这一列",
                    heading.escape_debug()
                ));
            }
        }
    }
    let key = columns[0]?;
    let mut table = SheetTable { columns, rows: vec![] };
    let mut keys = Vec::new();
    for (row, cells) in raw.rows.range(headings + 1..) {
        let number = row + 1;
        let is_note = |name: &str| cells.get(&key) == Some(&Cell::Text(name.into()));
        if is_note(HINTS) || (sheet.form != RowForm::Units && is_note(EXAMPLE)) {
            continue;
        }
        let mut read = SheetRow { number, cells: vec![None; sheet.columns.len()] };
        for (at, cell) in cells {
            match known.get(at) {
                Some(column) => read.cells[*column] = Some(cell.clone()),
                None if cells_have_heading(&raw.rows, headings, *at) => {}
                None => faults.push(format!(
                    "{}：这一列没有表头，不知道写的是什么。请补上表头，或者删去这一格",
                    cell_name(sheet, number, *at)
                )),
            }
        }
        unmerge(&raw, sheet, &table.columns, *row, &mut read);
        let key = match &read.cells[0] {
            Some(Cell::Text(key)) => Some(key.clone()),
            _ => None,
        };
        if key.as_deref() == Some(EXAMPLE) {
            let name = sheet.column("单位全称").and_then(|column| read.cells[column].as_ref());
            if name != Some(&Cell::Text(EXAMPLE_NAME.into())) {
                faults.push(format!(
                    "{}：标着“{EXAMPLE}”的行不会生成报告，这一行却改过。要生成，请在第一列写单位的名称；不要，请删去这一行",
                    row_name(sheet, number)
                ));
            }
            continue;
        }
        table.rows.push(read);
        keys.push(key);
    }
    Some((table, keys))
}

/// Whether the fault of a column was told already, with its heading.
fn cells_have_heading(rows: &BTreeMap<u32, BTreeMap<u32, Cell>>, headings: u32, column: u32) -> bool {
    rows[&headings].contains_key(&column)
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

/// The units, each with its rows; faults of rows that are no unit's.
fn units(
    tables: &[SheetTable],
    keyed: &[Vec<Option<String>>],
    faults: &mut Vec<String>,
) -> Vec<WorkbookUnit> {
    let mut units: Vec<WorkbookUnit> = Vec::new();
    let mut by_key: HashMap<&str, usize> = HashMap::new();
    for (index, (row, key)) in tables[UNITS].rows.iter().zip(&keyed[UNITS]).enumerate() {
        let place = row_name(&SHEETS[UNITS], row.number);
        match key {
            None => faults.push(format!("{place}：没有填“{KEY}”。请填上单位的名称，或者删去这一行")),
            Some(key) => {
                match by_key.get(key.as_str()) {
                    Some(unit) => {
                        let other = tables[UNITS].rows[units[*unit].rows[UNITS][0]].number;
                        faults.push(format!("{place}：“{}”与第{other}行相同。各单位不能同名，请改成不同的名称，如加上所属的市", key.escape_debug()));
                    }
                    None => {
                        by_key.insert(key, units.len());
                        let mut rows = vec![vec![]; tables.len()];
                        rows[UNITS].push(index);
                        units.push(WorkbookUnit { key: key.clone(), rows });
                    }
                }
            }
        }
    }
    let names: Vec<&str> = units.iter().map(|unit| unit.key.as_str()).collect();
    let mut owners = Vec::new();
    for (sheet, (table, keys)) in tables.iter().zip(keyed).enumerate().skip(UNITS + 1) {
        for (index, (row, key)) in table.rows.iter().zip(keys).enumerate() {
            let place = row_name(&SHEETS[sheet], row.number);
            match key.as_deref().map(|key| (key, by_key.get(key))) {
                Some((_, Some(unit))) => owners.push((*unit, sheet, index)),
                Some((key, None)) => {
                    let near = match faults.len() < MAX_TOLD {
                        true => nearest(key, &names).map(|near| format!("是不是“{near}”？")),
                        false => None,
                    };
                    faults.push(format!(
                        "{place}：“{KEY}”表里没有“{}”。{}请与“{KEY}”表的第一列写得一样",
                        key.escape_debug(),
                        near.unwrap_or_default()
                    ));
                }
                None => {
                    faults.push(format!("{place}：没有填“{KEY}”，不知道这一行是哪个单位的。请从列表中选"))
                }
            }
        }
    }
    for (unit, sheet, index) in owners {
        units[unit].rows[sheet].push(index);
    }
    units
}

impl SheetTable {
    /// The column of the file that holds this column of the sheet, by its letters.
    pub(super) fn letters(&self, column: usize) -> Option<String> {
        self.columns.get(column).copied().flatten().map(column_name)
    }
}
