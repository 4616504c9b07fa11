//! A list of units for people, as a workbook of one sheet. What is a text stays one, whatever it begins with.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

/// Excel's longest cell, in UTF-16 units.
const LONGEST_CELL: usize = 32_767;

/// A column of such a list: its heading and its width in characters.
#[derive(Clone, Copy, Debug)]
pub struct TableColumn {
    pub heading: &'static str,
    pub width: f64,
}

/// The workbook of a list: a title for the sheet, columns, and a row for each unit. The same list gives the
/// same bytes.
pub fn table_workbook(
    title: &str,
    columns: &[TableColumn],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let properties =
        DocProperties::new().set_title(title).set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?);
    workbook.set_properties(&properties);
    let sheet = workbook.add_worksheet();
    sheet.set_name(title)?;
    let text = Format::new().set_num_format("@");
    let heading = Format::new().set_num_format("@").set_bold();
    for (at, column) in (0..).zip(columns) {
        sheet.set_column_width(at, column.width)?;
        sheet.write_string_with_format(0, at, column.heading, &heading)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (line, cells) in (1..).zip(rows) {
        for (at, cell) in (0..).zip(cells) {
            sheet.write_string_with_format(line, at, writable(&cell), &text)?;
        }
    }
    workbook.save_to_buffer()
}

/// A text without what no cell can hold.
fn writable(text: &str) -> String {
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= LONGEST_CELL
    };
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster;

    #[test]
    fn what_looks_like_a_formula_stays_a_text() {
        let columns = ["单位名称", "联系人"].map(|heading| TableColumn { heading, width: 20.0 });
        let rows = [vec!["=1+1临江区".to_owned(), "@甲\u{0}".to_owned()]];
        let workbook = table_workbook("名录", &columns, rows).unwrap();
        let read = roster::read(&workbook, &[]).unwrap();
        assert_eq!((read.units[0].name.as_str(), read.units[0].contact.name.as_str()), ("=1+1临江区", "@甲"));
    }
}
