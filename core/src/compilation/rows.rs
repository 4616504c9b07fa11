//! The indicators of many units and years as rows of a workbook. What is a text stays one, whatever it begins
//! with; the same rows give the same bytes.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::units::UnitNames;
use crate::report::{Indicator, IndicatorValue, Issuer, Report};

/// One indicator of one unit in one year.
#[derive(Clone, Debug, PartialEq)]
pub struct IndicatorRow {
    pub unit: String,
    pub year: u16,
    pub key: String,
    pub name: String,
    pub value: IndicatorValue,
    /// The unit of measure: 件.
    pub counted_in: Option<String>,
    pub approximate: bool,
}

/// Why rows do not go into a workbook.
#[derive(Debug, thiserror::Error)]
pub enum UnwritableRows {
    #[error("指标有 {0} 行，Excel 的一个工作表最多 1048575 行，请分年度或者分批导出")]
    TooMany(usize),
    #[error(
        "{unit}{year}年的指标“{opening}……”有一格超过 32767 字或者含有 Excel 不能保存的字符，请改短后再导出"
    )]
    Cell { unit: String, year: u16, opening: String },
    #[error("工作簿没有写成，请再试一次：{0}")]
    Writer(#[from] XlsxError),
}

/// Excel's rows without the heading, and its longest cell in UTF-16 units.
const MOST_ROWS: usize = 1_048_575;
const LONGEST_CELL: usize = 32_767;

/// Headings and widths of the columns.
const COLUMNS: [(&str, f64); 7] = [
    ("单位", 24.0),
    ("年度", 8.0),
    ("指标代码", 28.0),
    ("指标名称", 36.0),
    ("数值", 16.0),
    ("计量单位", 12.0),
    ("约数", 8.0),
];

/// The indicators of these units, of each the reports of its years; units that share a name are told apart.
pub fn indicator_rows(units: &[Vec<&Report>]) -> Vec<IndicatorRow> {
    let units: Vec<&Vec<&Report>> = units.iter().filter(|reports| !reports.is_empty()).collect();
    let issuers: Vec<&Issuer> = units.iter().map(|reports| &reports[0].issuer).collect();
    let names = UnitNames::of(&issuers);
    let row = |unit: usize, report: &Report, one: &Indicator| IndicatorRow {
        unit: names.name(unit).to_owned(),
        year: report.year.number(),
        key: one.key().to_string(),
        name: one.name.to_string(),
        value: one.value.clone(),
        counted_in: one.unit.as_deref().map(str::to_owned),
        approximate: one.approximate,
    };
    let mut rows = Vec::new();
    for (unit, reports) in units.into_iter().enumerate() {
        for report in reports {
            rows.extend(report.indicators.iter().map(|one| row(unit, report, one)));
        }
    }
    rows
}

/// A workbook of one sheet, 指标.
pub fn indicator_workbook(rows: &[IndicatorRow]) -> Result<Vec<u8>, UnwritableRows> {
    if rows.len() > MOST_ROWS {
        return Err(UnwritableRows::TooMany(rows.len()));
    }
    if let Some(row) = rows.iter().find(|row| !row.is_writable()) {
        return Err(UnwritableRows::Cell {
            unit: row.unit.chars().take(20).collect(),
            year: row.year,
            opening: row.name.chars().take(20).collect(),
        });
    }
    let mut workbook = Workbook::new();
    // No date of today: the same rows, the same bytes.
    let properties = DocProperties::new()
        .set_title("法治政府建设年度报告指标")
        .set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?);
    workbook.set_properties(&properties);
    row_sheet(workbook.add_worksheet(), rows)?;
    Ok(workbook.save_to_buffer()?)
}

/// The sheet 指标: a row for each.
pub(super) fn row_sheet(sheet: &mut Worksheet, rows: &[IndicatorRow]) -> Result<(), XlsxError> {
    sheet.set_name("指标")?;
    let text = Format::new().set_num_format("@");
    let heading = Format::new().set_num_format("@").set_bold();
    for (at, (title, width)) in COLUMNS.iter().enumerate() {
        sheet.set_column_width(at as u16, *width)?;
        sheet.write_string_with_format(0, at as u16, *title, &heading)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (at, row) in rows.iter().enumerate() {
        write(sheet, at as u32 + 1, row, &text)?;
    }
    sheet.autofilter(0, 0, rows.len() as u32, COLUMNS.len() as u16 - 1)?;
    Ok(())
}

fn write(sheet: &mut Worksheet, at: u32, row: &IndicatorRow, text: &Format) -> Result<(), XlsxError> {
    sheet.write_string_with_format(at, 0, &row.unit, text)?;
    sheet.write_number(at, 1, row.year)?;
    sheet.write_string_with_format(at, 2, &row.key, text)?;
    sheet.write_string_with_format(at, 3, &row.name, text)?;
    write_value(sheet, (at, 4), &row.value, text)?;
    sheet.write_string_with_format(at, 5, row.counted_in.as_deref().unwrap_or_default(), text)?;
    sheet.write_string_with_format(at, 6, if row.approximate { "是" } else { "" }, text)?;
    Ok(())
}

/// A value as a number with its places, else as a text; in the `look` of its neighbours.
pub(super) fn write_value(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    value: &IndicatorValue,
    look: &Format,
) -> Result<(), XlsxError> {
    match plain_number(value) {
        Some((number, places)) => {
            let shown = if places == 0 { "0".to_owned() } else { format!("0.{}", "0".repeat(places)) };
            sheet.write_number_with_format(row, column, number, &look.clone().set_num_format(shown))?;
        }
        None => {
            sheet.write_string_with_format(row, column, value.to_string(), look)?;
        }
    }
    Ok(())
}

/// The value as Excel keeps it, and its places; nothing where it would lose digits, which stay as a text.
fn plain_number(value: &IndicatorValue) -> Option<(f64, usize)> {
    let IndicatorValue::Number(written) = value else { return None };
    let digits = written.bytes().filter(u8::is_ascii_digit).count();
    let decimal: Decimal = written.parse().ok()?;
    (digits <= 15).then_some(())?;
    Some((decimal.to_f64()?, decimal.scale() as usize))
}

impl IndicatorRow {
    fn is_writable(&self) -> bool {
        let texts = [&self.unit, &self.key, &self.name].into_iter().chain(&self.counted_in);
        let value = self.value.to_string();
        texts.chain([&value]).all(|text| {
            text.encode_utf16().count() <= LONGEST_CELL && !text.contains(['\u{FFFE}', '\u{FFFF}'])
        })
    }
}
