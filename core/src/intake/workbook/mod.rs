//! Many reports as one workbook: a sheet for the units, one for each part of their reports, the rows
//! keyed by unit. `sheets` is the table of what stands where, `write` fills it from reports,
//! [`read`](Workbook::read) makes reports of it. A report becomes the JSON that `input` reads, so that
//! the contract alone says what is wrong with it; its [`Notes`] say in which cell.
//!
//! A workbook carries every field of the contract. It does not carry white space around a text, nor the
//! difference between an optional text that is empty and one that was left out; paragraphs that say
//! nothing are dropped. What else it cannot carry (a text longer than a cell, a table wider than the
//! sheet) is refused when it is written.

mod cells;
mod directory;
mod own;
mod place;
mod plain;
mod report;
mod sheets;
mod table;
mod write;

pub use own::{UnitRow, rows};
pub(crate) use place::column_name;
pub(crate) use plain::{PlainCell, PlainSheet, plain};
pub use report::Notes;
pub use table::Workbook;
pub use write::{Unwritable, blank, write};

use crate::code;
use crate::diagnostic::Code;

/// The most rows of a workbook that say something, all sheets together.
pub const MAX_ROWS: usize = 200_000;

/// How large the parts of a workbook may be together, unpacked, in bytes.
pub const MAX_UNPACKED: u64 = 256 << 20;

/// How much text a workbook may hold, counted in each cell that shows it, in bytes.
const MAX_TEXT: usize = 256 << 20;

/// The key of the rows that show how a workbook is filled in. They are no report.
const EXAMPLE: &str = "示例";

/// The made-up unit of those rows.
const EXAMPLE_NAME: &str = "示例市示例区人民政府";

/// The key of the row that says what to write in each column.
const HINTS: &str = "填写说明";

/// What stands for an empty text where a cell left empty means the usual one.
const EMPTY: &str = "（空）";

/// Every code that reading a workbook can raise.
pub const CODES: [&Code; 3] = [&UNFIT_CELL, &MISNUMBERED_ROW, own::CODE];

code! {
    /// 单元格里的内容不能用
    ///
    /// 征集表里的这一格不是它看上去的样子，或者不在可选的范围里：公式出错或没有算出结果，Excel 把“1-2”当成了日期，百分数存成了小数，合并了单元格，没有从列表中选，等等。程序不猜，请改正这一格。
    ///
    /// 错误：在“数值”一格填 95.48%（Excel 存的是 0.9548）
    ///
    /// 正确：填 95.48，“计量单位”填 %
    UNFIT_CELL = "unfit-cell", Error
}

code! {
    /// 征集表的行没有编好号
    ///
    /// “主要举措和成效”等表里，“项”一列说明这一行属于本单位的第几项：从 1 起逐一编号，一项有几段就写几行，各行写同一个数。没有编号或者编号有跳跃，程序不知道这一行属于哪一项。
    ///
    /// 错误：1、1、3
    ///
    /// 正确：1、1、2
    MISNUMBERED_ROW = "misnumbered-row", Error
}
