//! A table of an attachment as templates see it laid out: in PDF and Word the same.

use minijinja::{Error, Value, context};

use super::field::of_same_field;
use crate::language::columns::{CellSide, TableCell, TableLayout};

/// The text block in twips, upright and across (GB/T 9704-2012, 5.2.1).
const WIDTHS: [u32; 2] = [8844, 12756];

/// The layout of a table with its `columns` and `rows`: its `size`, `inset`, `widths`, `head` and `rows`. Each line
/// of a cell is of the cell's field; its `side` is one of CSS, and a figure stands so far from the `right` rule.
pub(super) fn layout(table: &Value, is_landscape: bool) -> Result<Value, Error> {
    let cells = |row: Value| row.try_iter().map(|cells| cells.collect::<Vec<Value>>());
    let head = cells(table.get_attr("columns")?)?;
    let rows = table.get_attr("rows")?.try_iter()?.map(cells).collect::<Result<Vec<_>, _>>()?;
    let texts = |row: &Vec<Value>| row.iter().map(Value::to_string).collect::<Vec<String>>();
    let text_rows: Vec<Vec<String>> = rows.iter().map(texts).collect();
    let layout = TableLayout::new(&texts(&head), &text_rows, WIDTHS[usize::from(is_landscape)]);
    let cells = |cells: Vec<TableCell>, row: &[Value]| -> Vec<Value> {
        let empty = Value::from("");
        cells.into_iter().enumerate().map(|(index, it)| cell(it, row.get(index).unwrap_or(&empty))).collect()
    };
    let head = cells(layout.head, &head);
    let rows = layout.rows.into_iter().zip(&rows);
    let rows: Vec<Value> =
        rows.map(|(row, of)| context! { is_whole => row.is_whole, cells => cells(row.cells, of) }).collect();
    Ok(context! { size => layout.size, inset => layout.inset, widths => layout.widths, head, rows })
}

fn cell(cell: TableCell, of: &Value) -> Value {
    let lines: Vec<Value> = cell.lines.into_iter().map(|line| of_same_field(of, line)).collect();
    let (side, right) = match cell.side {
        CellSide::Centre => ("center", 0),
        CellSide::Left => ("left", 0),
        CellSide::Right(right) => ("right", right),
    };
    context! { lines, side, right }
}
