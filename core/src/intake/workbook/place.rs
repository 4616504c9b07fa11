//! How a place in a workbook is named, as Excel itself counts: 工作表“主要举措和成效”第12行C列.

use super::sheets::Sheet;

/// A row, from 1.
pub(super) fn row_name(sheet: &Sheet, row: u32) -> String {
    format!("工作表“{}”第{row}行", sheet.name)
}

/// A cell: its row from 1, its column from 0.
pub(super) fn cell_name(sheet: &Sheet, row: u32, column: u32) -> String {
    format!("{}{}列", row_name(sheet, row), column_name(column))
}

/// The letters of a column, from 0: A, B, …, Z, AA.
pub(crate) fn column_name(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    letters.iter().rev().collect()
}
