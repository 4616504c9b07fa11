//! The rows of a workbook on their way from its sheets to its units.

use super::cells::Cell;
use super::place::column_name;

/// How much is told of one unit.
const MAX_TOLD: usize = 50;

/// A unit, and where its rows stand among those of each table.
pub(super) struct WorkbookUnit {
    pub key: String,
    /// The sheet and the row that it stands in, or that made it a unit.
    pub at: (usize, u32),
    pub rows: Vec<Vec<usize>>,
    /// What keeps its report from being made.
    pub faults: Vec<RowNotice>,
    pub remarks: Vec<RowNotice>,
    /// Whether it is only what rows call themselves that are no unit's.
    pub is_stray: bool,
}

/// What is to be said of a row or a cell.
#[derive(Clone)]
pub(super) struct RowNotice {
    pub sheet: usize,
    pub place: String,
    pub message: String,
    pub hint: String,
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

/// A sheet as it was read: its rows, what each says of its unit, and what is to be said of it.
#[derive(Default)]
pub(super) struct ReadSheet {
    pub table: SheetTable,
    /// By row of the table.
    pub keys: Vec<Option<String>>,
    pub notices: Vec<SheetNotice>,
}

/// What is to be said to the unit of a row: of the row itself, or of one that was left out below it.
pub(super) struct SheetNotice {
    /// Its place among those of the table; none where there is none above.
    pub row: Option<usize>,
    pub is_fault: bool,
    pub notice: RowNotice,
}

impl WorkbookUnit {
    pub(super) fn fault(&mut self, notice: RowNotice) {
        if self.faults.len() < MAX_TOLD {
            self.faults.push(notice);
        }
    }

    pub(super) fn remark(&mut self, notice: RowNotice) {
        if self.remarks.len() < MAX_TOLD {
            self.remarks.push(notice);
        }
    }
}

impl SheetTable {
    /// The column of the file that holds this column of the sheet, by its letters.
    pub(super) fn letters(&self, column: usize) -> Option<String> {
        self.columns.get(column).copied().flatten().map(column_name)
    }
}

/// A text of others as a message quotes it.
pub(super) fn shortened(text: &str) -> String {
    const LONGEST: usize = 30;
    let short: String = text.chars().take(LONGEST).collect();
    let more = if text.chars().nth(LONGEST).is_some() { "……" } else { "" };
    format!("{}{more}", short.escape_debug())
}
