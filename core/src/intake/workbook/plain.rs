//! Any workbook as rows of texts, for lists that are no reports.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use super::cells::{self, BrokenWorkbook, Cell, UnfitCell};

/// A sheet that says something.
pub(crate) struct PlainSheet {
    pub name: String,
    pub is_hidden: bool,
    /// Rows that are hidden, from 1.
    pub hidden: Vec<u32>,
    /// By row, from 1 as Excel counts, and column, from 0. Only what says something.
    pub rows: BTreeMap<u32, BTreeMap<u32, PlainCell>>,
}

/// What a cell says, or what is wrong with it and what to do.
pub(crate) type PlainCell = Result<String, &'static str>;

/// Reads the sheets of a workbook. The error says what is wrong with the file, behind its name.
pub(crate) fn plain(file: impl Read + Seek) -> Result<Vec<PlainSheet>, String> {
    let sheets = cells::read(file).map_err(BrokenWorkbook::words)?;
    let sheet = |raw: cells::Raw| PlainSheet {
        name: raw.name,
        is_hidden: raw.is_hidden,
        hidden: raw.hidden.iter().filter(|row| raw.rows.contains_key(row)).map(|row| row + 1).collect(),
        rows: raw
            .rows
            .into_iter()
            .map(|(row, cells)| (row + 1, cells.into_iter().map(|(at, cell)| (at, text(cell))).collect()))
            .collect(),
    };
    Ok(sheets.into_iter().map(sheet).filter(|sheet| !sheet.rows.is_empty()).collect())
}

fn text(cell: Cell) -> PlainCell {
    match cell {
        Cell::Text(text) | Cell::Date(text) => Ok(text),
        Cell::Boolean(value) => Ok(if value { "是" } else { "否" }.into()),
        Cell::Unfit(UnfitCell::Error) => Err("是一个错误值，如 #REF!、#N/A，请改正公式，或者直接填写内容"),
        Cell::Unfit(UnfitCell::Formula) => {
            Err("是没有算出结果的公式，请在 Excel 里打开、保存一次，或者直接填写内容")
        }
        Cell::Unfit(UnfitCell::Percent | UnfitCell::Time | UnfitCell::Merged) => {
            Err("存的内容与看到的不同，请把这一格的格式设为“文本”，再重新输入")
        }
    }
}
