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
mod hidden;
mod order;
mod own;
mod owners;
mod place;
mod plain;
mod reading;
mod report;
mod sheet_rows;
mod sheets;
mod table;
mod write;

pub use own::{UnitRow, UnitRows, rows};
pub(crate) use place::column_name;
pub(crate) use plain::{PlainCell, PlainSheet, plain};
pub use reading::READ_AS;
pub use report::Notes;
pub use table::Workbook;
pub use write::{Unwritable, blank, write, write_begun, write_trees};

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

/// The sheet of what each unit planned the year before, for its writer to look at. It is not read.
const TASKS: &str = "上年安排";

/// What stands for an empty text where a cell left empty means the usual one.
const EMPTY: &str = "（空）";

/// Every code that reading a workbook can raise.
pub const CODES: [&Code; 8] = [
    &UNFIT_CELL,
    &MISNUMBERED_ROW,
    &MISPLACED_ROW,
    &ROWS_OUT_OF_ORDER,
    &LEFT_OUT,
    &reading::READ_AS,
    own::CODES[0],
    own::CODES[1],
];

code! {
    /// 单元格里的内容不能用
    ///
    /// 征集表里的这一格不是它看上去的样子，或者不在可选的范围里：公式出错或没有算出结果，Excel 把“1-2”当成了日期，合并了单元格，没有从列表中选，写的可以是几个意思，等等。程序不猜，请改正这一格。
    ///
    /// 错误：在“数值”一格填“1604项”，“计量单位”却是“件”
    ///
    /// 正确：填 1604，“计量单位”填“项”
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

code! {
    /// 不知道这一行是哪个单位的
    ///
    /// 征集表里有一行没有写单位，写的单位“报告单位”表里没有，或者与别的行重复。它的内容不能丢掉，所以最可能的那个单位的报告先不生成，别的单位不受影响。
    ///
    /// 错误：“报告单位”表里是“东阳区”，“导语”表里写成“东杨区”
    ///
    /// 正确：各表的“报告单位”一列写得一样
    MISPLACED_ROW = "misplaced-row", Error
}

code! {
    /// 征集表的行排过序
    ///
    /// 同一项的各行分在几处，或者写着标题的一行不是它的第一行：这张表多半排过序，段落已经不是原来的次序，程序只能照表里的次序排。
    ///
    /// 请核对各段的次序。“序号”一列填了的，排过序也能还原；由 nianbao workbook 写出的征集表都编了序号。
    ROWS_OUT_OF_ORDER = "rows-out-of-order", Warning
}

code! {
    /// 征集表里有没有读的内容
    ///
    /// 征集表里有不是它的列、行或者工作表，如“备注”一列、“合计”一行。程序没有读，别的内容不受影响。
    ///
    /// 与报告无关的不用管；要写进报告的，请填到征集表已有的列里。
    LEFT_OUT = "left-out", Note
}
