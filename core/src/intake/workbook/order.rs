//! In which order the rows of a unit were written. Excel sorts a sheet at a touch, and a paragraph does not say
//! where it stood: the column of their numbers does, and where it is empty what the rows themselves betray.

use std::collections::{HashMap, HashSet};

use super::cells::Cell;
use super::sheet_rows::SheetRow;
use super::sheets::{ColumnRole, ORDER, RowForm, Sheet};
use crate::diagnostic::Severity;
use crate::language::entries;

/// What is to be said of an order, and of which row.
pub(super) struct OrderFault {
    pub row: u32,
    pub severity: Severity,
    pub message: String,
    pub hint: String,
}

/// Whether a row says anything but whose it is and where it stands.
pub(super) fn says_something(sheet: &Sheet, row: &SheetRow) -> bool {
    let says = |role: &ColumnRole| !matches!(role, ColumnRole::Key | ColumnRole::Order);
    sheet.columns.iter().zip(&row.cells).any(|(column, cell)| says(&column.role) && cell.is_some())
}

/// The rows of a unit on a sheet in the order of their numbers; without them as they stand.
pub(super) fn in_order<'a>(
    sheet: &Sheet,
    mut rows: Vec<&'a SheetRow>,
) -> (Vec<&'a SheetRow>, Vec<OrderFault>) {
    let mut told = Vec::new();
    let Some(column) = sheet.column_of(|role| matches!(role, ColumnRole::Order)) else { return (rows, told) };
    rows.retain(|row| says_something(sheet, row));
    let numbers: Vec<Option<usize>> = rows.iter().map(|row| place(row, column)).collect();
    if numbers.iter().all(Option::is_none) {
        told.extend(scattered(sheet, &rows));
        return (rows, told);
    }
    let mut tell = |row: &SheetRow, severity, message: String, hint: &str| {
        told.push(OrderFault { row: row.number, severity, message, hint: hint.to_owned() });
    };
    let written: Vec<usize> = numbers.iter().flatten().copied().collect();
    if !written.is_sorted() {
        let unknown = rows.iter().zip(&numbers).find(|(_, number)| number.is_none());
        match unknown {
            Some((row, _)) => tell(
                row,
                Severity::Warning,
                format!("这张表排过序，这一行没有填“{ORDER}”，不知道原来在哪里，排在了它上面一行的后面"),
                "请填上它的序号，或者核对次序",
            ),
            None => tell(
                rows[0],
                Severity::Note,
                format!("这张表排过序，各行的次序已按“{ORDER}”还原"),
                "不用改；次序不对的，请改正序号",
            ),
        }
    }
    let mut seen = HashSet::new();
    for (row, number) in rows.iter().zip(&numbers) {
        if let Some(number) = number
            && !seen.insert(*number)
        {
            let message = format!("“{ORDER}”{number} 写了两次，这一行排在了后面");
            tell(row, Severity::Warning, message, "请核对次序，各行的序号写成不同的数");
        }
    }
    let numbered = || rows.iter().zip(&numbers).filter_map(|(row, number)| Some(((*number)?, *row)));
    let first = numbered().map(|(number, _)| number).min().unwrap_or(0);
    if let Some((number, row)) = numbered()
        .filter(|(number, _)| *number > first && !seen.contains(&(number - 1)))
        .min_by_key(|(number, _)| *number)
    {
        let before = seen.iter().filter(|one| **one < number).max().map_or(0, |one| one + 1);
        let message = format!("“{ORDER}”缺了 {before}，不知道是不是少了一行");
        tell(row, Severity::Note, message, "删除的不用管；不该少的，请补上这一行");
    }
    // A new row stays behind the one above it.
    let mut above = 0;
    let mut placed: Vec<(usize, &SheetRow)> = Vec::new();
    for (row, number) in rows.iter().zip(&numbers) {
        above = number.unwrap_or(above);
        placed.push((above, row));
    }
    placed.sort_by_key(|(place, _)| *place);
    (placed.into_iter().map(|(_, row)| row).collect(), told)
}

fn place(row: &SheetRow, column: usize) -> Option<usize> {
    match &row.cells[column] {
        Some(Cell::Text(written)) => entries::place(written),
        _ => None,
    }
}

/// What shows that rows without numbers were sorted: the heading of an item stands in its first row.
fn scattered(sheet: &Sheet, rows: &[&SheetRow]) -> Option<OrderFault> {
    if sheet.form != RowForm::Items {
        return None;
    }
    let number = sheet.column_of(|role| matches!(role, ColumnRole::Number))?;
    let of_item = sheet.columns.iter().position(|column| matches!(column.role, ColumnRole::Field(_)))?;
    let mut last = 0;
    // Of each item whether its first row has the heading.
    let mut begun: HashMap<usize, bool> = HashMap::new();
    for row in rows {
        let Some(item) = place(row, number) else { continue };
        let has_heading = row.cells[of_item].is_some();
        let is_headed = *begun.entry(item).or_insert(has_heading);
        if item < last || (has_heading && !is_headed) {
            return Some(OrderFault {
                row: row.number,
                severity: Severity::Warning,
                message: format!(
                    "第{item}项的各行不在一起，或者标题不在它的第一行：这张表可能排过序，各段的次序不一定对"
                ),
                hint: format!("请核对各项的各段，按原来的次序排好；填上“{ORDER}”的，排过序也能还原"),
            });
        }
        last = item;
    }
    None
}
