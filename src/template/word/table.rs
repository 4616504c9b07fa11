//! A table of an attachment in Word, as in gongwen/attachment.typ: columns share the width by how long their
//! cells are; the more columns, the smaller the type, and so small that no figure is wider than its column.

use minijinja::{Error, Value, context};

/// The widths of the columns of a table, in twips, together `width`; and the size of its type, in half points.
pub(super) fn layout(table: &Value, width: u32) -> Result<Value, Error> {
    let texts = |row: &Value| -> Result<Vec<String>, Error> {
        Ok(row.try_iter()?.map(|cell| cell.to_string()).collect())
    };
    let columns = texts(&table.get_attr("columns")?)?;
    let rows: Vec<Vec<String>> =
        table.get_attr("rows")?.try_iter()?.map(|row| texts(&row)).collect::<Result<_, _>>()?;
    let cells = |index: usize| rows.iter().chain([&columns]).filter_map(move |row| row.get(index));
    let weight = |index: usize| {
        let longest = cells(index).map(|cell| cell.chars().count()).max().unwrap_or_default();
        longest.clamp(2, 24) as f64
    };
    let weights: Vec<f64> = (0..columns.len()).map(weight).collect();
    let of_all = weights.iter().sum::<f64>().max(1.0);
    let widths: Vec<u32> = weights.iter().map(|weight| (f64::from(width) * weight / of_all) as u32).collect();
    let usual = match columns.len() {
        17.. => 15,
        11.. => 18,
        7.. => 24,
        _ => 28,
    };
    // A digit is half as wide as it is high; the rest is for the insets.
    let fitting = |index: usize| {
        let figures =
            cells(index).flat_map(|cell| cell.split(|c: char| !c.is_ascii_digit() && !".,%".contains(c)));
        let longest = figures.map(|figure| figure.len().min(20)).max().unwrap_or_default();
        (f64::from(widths[index]) / 10.0 / (longest as f64 / 2.0 + 0.5)) as u32
    };
    let size = (0..columns.len()).map(fitting).fold(usual, u32::min).max(2);
    Ok(context! { widths, size })
}
