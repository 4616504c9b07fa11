//! The indicators of a batch as a workbook for whoever answers for all of it: what they come to, charts, units by
//! indicators for both years, units in their order, and all of it row by row. What is a text stays one, whatever
//! it begins with; the same indicators give the same bytes.

use rust_xlsxwriter::{
    Chart, ChartLegendPosition, ChartType, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder,
    Workbook, Worksheet, XlsxError,
};
use serde::{Deserialize, Serialize};

use super::ranked::{RankedIndicator, RankedLine};
use super::rows::{IndicatorRow, UnwritableRows, row_sheet, write_value};
use crate::report::IndicatorValue;

/// What the workbook tells, as it crosses to the process that writes it. Every text is short.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct IndicatorBook {
    pub units: Vec<BookUnit>,
    columns: Vec<BookColumn>,
    /// How many indicators there are besides.
    more: usize,
}

/// A unit with a report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BookUnit {
    /// Its number in the batch, by which the lines of an indicator know it.
    pub number: usize,
    pub name: String,
    pub year: Option<u16>,
}

/// One indicator in all units.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct BookColumn {
    key: String,
    name: String,
    unit: String,
    missing: usize,
    sum: Option<String>,
    /// Of the units that have both years: how many, this year, the year before, how much more or less.
    both: Option<(usize, String, String, String)>,
    median: Option<String>,
    /// From the highest down.
    lines: Vec<BookLine>,
    /// In another unit of measure.
    apart: Vec<BookLine>,
}

/// What one unit reports of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct BookLine {
    unit: usize,
    rank: Option<usize>,
    /// In what all are told in, or as it was written where that is no number.
    value: String,
    before: Option<String>,
    written: String,
    written_unit: String,
    approximate: bool,
}

/// So many indicators have columns, so many a chart, and so many units stand in one. Rows beyond so many are left
/// out, and that is said.
const MOST_COLUMNS: usize = 100;
const MOST_CHARTS: usize = 12;
const MOST_IN_CHART: usize = 30;
const MOST_ROWS: usize = 300_000;

impl IndicatorBook {
    /// What these indicators come to in these units.
    pub fn new(units: Vec<BookUnit>, ranked: &[RankedIndicator]) -> Self {
        let columns = ranked.iter().take(MOST_COLUMNS).map(BookColumn::new).collect();
        Self { units, columns, more: ranked.len().saturating_sub(MOST_COLUMNS) }
    }

    /// The bytes of the workbook.
    pub fn write(&self) -> Result<Vec<u8>, UnwritableRows> {
        let mut workbook = Workbook::new();
        // No date of today: the same indicators, the same bytes.
        let properties = DocProperties::new()
            .set_title("法治政府建设年度报告指标")
            .set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?);
        workbook.set_properties(&properties);
        let look = BookLook::new();
        self.summary(workbook.add_worksheet(), &look)?;
        let charted = self.charted();
        if !charted.is_empty() {
            charts(workbook.add_worksheet(), &charted)?;
        }
        for (name, of_last_year) in [("本年", false), ("上年", true)] {
            self.matrix(workbook.add_worksheet(), name, of_last_year, &look)?;
        }
        self.order(workbook.add_worksheet(), &look)?;
        let rows = self.rows();
        row_sheet(workbook.add_worksheet(), &rows[..rows.len().min(MOST_ROWS)])?;
        Ok(workbook.save_to_buffer()?)
    }

    /// What each indicator comes to.
    fn summary(&self, sheet: &mut Worksheet, look: &BookLook) -> Result<(), XlsxError> {
        const HEADS: [(&str, f64); 14] = [
            ("指标", 30.0),
            ("计量单位", 9.0),
            ("已报", 7.0),
            ("未报", 7.0),
            ("本年合计", 13.0),
            ("两年都有的单位", 15.0),
            ("其本年合计", 13.0),
            ("其上年合计", 13.0),
            ("增减", 15.0),
            ("中位数", 11.0),
            ("最高的单位", 24.0),
            ("最低的单位", 24.0),
            ("计量单位不同、没有比较的", 30.0),
            ("指标代码", 28.0),
        ];
        sheet.set_name("汇总")?;
        heads(sheet, &HEADS, look)?;
        sheet.set_freeze_panes(1, 1)?;
        for (at, column) in self.columns.iter().enumerate() {
            let row = at as u32 + 1;
            let text = |sheet: &mut Worksheet, at: u16, text: &str| {
                sheet.write_string_with_format(row, at, text, &look.text).map(drop)
            };
            text(sheet, 0, &column.name)?;
            text(sheet, 1, &column.unit)?;
            sheet.write_number_with_format(
                row,
                2,
                (column.lines.len() + column.apart.len()) as f64,
                &look.text,
            )?;
            sheet.write_number_with_format(row, 3, column.missing as f64, &look.text)?;
            self.number(sheet, (row, 4), column.sum.as_deref(), look)?;
            if let Some((units, now, before, growth)) = &column.both {
                sheet.write_number_with_format(row, 5, *units as f64, &look.text)?;
                self.number(sheet, (row, 6), Some(now), look)?;
                self.number(sheet, (row, 7), Some(before), look)?;
                text(sheet, 8, growth)?;
            }
            self.number(sheet, (row, 9), column.median.as_deref(), look)?;
            let ranked = || column.lines.iter().filter(|line| line.rank.is_some());
            if ranked().count() > 1 {
                for (at, line) in [(10, ranked().next()), (11, ranked().next_back())] {
                    let told = line.map(|line| format!("{} {}", self.name(line.unit), line.value));
                    text(sheet, at, &told.unwrap_or_default())?;
                }
            }
            let apart = column.apart.iter().take(10);
            let apart =
                apart.map(|line| format!("{} {}{}", self.name(line.unit), line.written, line.written_unit));
            text(sheet, 12, &apart.collect::<Vec<_>>().join("；"))?;
            text(sheet, 13, &column.key)?;
        }
        let below = self.columns.len() as u32 + 2;
        let mut said =
            vec!["“其本年合计”“其上年合计”和增减只比较两年都有数的单位；比率、均值不合计。".to_owned()];
        if self.more > 0 {
            said.push(format!("另有{}个指标未列。", self.more));
        }
        for (at, said) in said.iter().enumerate() {
            sheet.write_string(below + at as u32, 0, said)?;
        }
        sheet.set_landscape();
        sheet.set_paper_size(9);
        sheet.set_print_fit_to_pages(1, 0);
        Ok(())
    }

    /// Units by indicators, of one year.
    fn matrix(
        &self,
        sheet: &mut Worksheet,
        name: &str,
        of_last_year: bool,
        look: &BookLook,
    ) -> Result<(), XlsxError> {
        sheet.set_name(name)?;
        heads(sheet, &[("序号", 6.0), ("单位", 24.0)], look)?;
        sheet.set_freeze_panes(1, 2)?;
        for (row, unit) in self.units.iter().enumerate() {
            sheet.write_number_with_format(row as u32 + 1, 0, unit.number as f64 + 1.0, &look.text)?;
            sheet.write_string_with_format(row as u32 + 1, 1, &unit.name, &look.text)?;
        }
        for (at, column) in self.columns.iter().enumerate() {
            let at = at as u16 + 2;
            sheet.set_column_width(at, 14)?;
            sheet.write_string_with_format(0, at, column.label(), &look.heading)?;
            let mut is_missing = vec![!of_last_year; self.units.len()];
            for line in column.lines.iter().chain(&column.apart) {
                self.place(line.unit).into_iter().for_each(|row| is_missing[row] = false);
            }
            for (row, _) in is_missing.iter().enumerate().filter(|(_, is)| **is) {
                sheet.write_string_with_format(row as u32 + 1, at, "未报", &look.text)?;
            }
            for line in &column.lines {
                let Some(row) = self.place(line.unit) else { continue };
                let value = if of_last_year { line.before.as_deref() } else { Some(line.value.as_str()) };
                self.number(sheet, (row as u32 + 1, at), value, look)?;
            }
            for line in column.apart.iter().filter(|_| !of_last_year) {
                let Some(row) = self.place(line.unit) else { continue };
                let told = format!("{}{}", line.written, line.written_unit);
                sheet.write_string_with_format(row as u32 + 1, at, told, &look.text)?;
            }
        }
        sheet.set_row_height(0, 48)?;
        sheet.set_landscape();
        sheet.set_paper_size(9);
        sheet.set_print_fit_to_pages(1, 0);
        Ok(())
    }

    /// Under each indicator its units from the highest value down, with both years and the median: what the charts
    /// show.
    fn order(&self, sheet: &mut Worksheet, look: &BookLook) -> Result<(), XlsxError> {
        sheet.set_name(ORDER)?;
        sheet.set_freeze_panes(2, 0)?;
        for (at, column) in self.charted().into_iter().enumerate() {
            let left = at as u16 * ORDER_COLUMNS;
            sheet.write_string_with_format(0, left, column.label(), &look.heading)?;
            for (at, (head, width)) in
                [("单位", 20.0), ("本年", 11.0), ("上年", 11.0), ("中位数", 11.0), ("位次", 7.0)]
                    .iter()
                    .enumerate()
            {
                sheet.set_column_width(left + at as u16, *width)?;
                sheet.write_string_with_format(1, left + at as u16, *head, &look.heading)?;
            }
            for (row, line) in column.lines.iter().filter(|line| line.rank.is_some()).enumerate() {
                let row = row as u32 + 2;
                sheet.write_string_with_format(row, left, self.name(line.unit), &look.text)?;
                self.number(sheet, (row, left + 1), Some(&line.value), look)?;
                self.number(sheet, (row, left + 2), line.before.as_deref(), look)?;
                self.number(sheet, (row, left + 3), column.median.as_deref(), look)?;
                sheet.write_number_with_format(
                    row,
                    left + 4,
                    line.rank.unwrap_or_default() as f64,
                    &look.text,
                )?;
            }
        }
        Ok(())
    }

    /// The indicators that have a chart: those that two units at least report as numbers.
    fn charted(&self) -> Vec<&BookColumn> {
        let is_charted = |column: &&BookColumn| column.ranked() > 1;
        self.columns.iter().filter(is_charted).take(MOST_CHARTS).collect()
    }

    /// All of it row by row, as it was written.
    fn rows(&self) -> Vec<IndicatorRow> {
        // By unit, of each its indicators in their order.
        let mut of_unit: Vec<Vec<(&BookColumn, &BookLine, &str)>> = vec![vec![]; self.units.len()];
        for column in &self.columns {
            let main = column.lines.iter().map(|line| (line, column.unit.as_str()));
            let apart = column.apart.iter().map(|line| (line, line.written_unit.as_str()));
            for (line, told_in) in main.chain(apart) {
                if let Some(at) = self.place(line.unit) {
                    of_unit[at].push((column, line, told_in));
                }
            }
        }
        let mut rows = Vec::new();
        for (unit, lines) in self.units.iter().zip(of_unit) {
            let year = unit.year.unwrap_or_default();
            for (column, line, told_in) in lines {
                let row = |year: u16, value: &str, counted_in: &str, approximate: bool| {
                    // What no decimal holds stands in the other sheets, as a word.
                    Some(IndicatorRow {
                        unit: unit.name.clone(),
                        year,
                        key: column.key.clone(),
                        name: column.name.clone(),
                        value: value.parse().ok()?,
                        counted_in: Some(counted_in.to_owned()),
                        approximate,
                    })
                };
                let before = line.before.as_ref();
                rows.extend(before.and_then(|before| row(year.saturating_sub(1), before, told_in, false)));
                rows.extend(row(year, &line.written, &line.written_unit, line.approximate));
            }
        }
        rows
    }

    fn place(&self, unit: usize) -> Option<usize> {
        self.units.binary_search_by_key(&unit, |one| one.number).ok()
    }

    fn name(&self, unit: usize) -> &str {
        self.place(unit).map_or("", |at| &self.units[at].name)
    }

    /// A value as a number where it is one, else as it is.
    fn number(
        &self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        value: Option<&str>,
        look: &BookLook,
    ) -> Result<(), XlsxError> {
        match value.map(|value| (value, value.parse::<IndicatorValue>())) {
            None => Ok(()),
            Some((_, Ok(value))) => write_value(sheet, (row, column), &value, &look.text),
            Some((written, Err(_))) => {
                sheet.write_string_with_format(row, column, written, &look.text).map(drop)
            }
        }
    }
}

impl BookColumn {
    fn new(ranked: &RankedIndicator) -> Self {
        let line = |line: &RankedLine| BookLine {
            unit: line.unit,
            rank: ranked.rank(line),
            value: line
                .value
                .filter(|_| line.is_converted)
                .map_or_else(|| line.written.clone(), |value| value.round_dp(6).normalize().to_string()),
            before: line.before.map(|before| before.round_dp(6).normalize().to_string()),
            written: line.written.clone(),
            written_unit: line.written_unit.clone(),
            approximate: line.approximate,
        };
        let both = ranked.year_on_year().map(|year| {
            (year.units, year.now.normalize().to_string(), year.before.normalize().to_string(), year.growth())
        });
        Self {
            key: ranked.key.clone(),
            name: ranked.label(),
            unit: ranked.unit.clone(),
            missing: ranked.missing.len(),
            sum: ranked.sum().map(|sum| sum.to_string()),
            both,
            median: ranked.median().map(|median| median.to_string()),
            lines: ranked.lines.iter().map(line).collect(),
            apart: ranked.apart.iter().map(line).collect(),
        }
    }

    fn label(&self) -> String {
        if self.unit.is_empty() { self.name.clone() } else { format!("{}（{}）", self.name, self.unit) }
    }

    fn ranked(&self) -> usize {
        self.lines.iter().filter(|line| line.rank.is_some()).count()
    }
}

/// The sheet of units in their order, and how many columns an indicator takes there.
const ORDER: &str = "排序";
const ORDER_COLUMNS: u16 = 6;

/// The charts two by two, each of the units from the highest down, with the year before and the median.
fn charts(sheet: &mut Worksheet, columns: &[&BookColumn]) -> Result<(), XlsxError> {
    sheet.set_name("图")?;
    for (at, column) in columns.iter().enumerate() {
        let left = at as u16 * ORDER_COLUMNS;
        let last = column.ranked().min(MOST_IN_CHART) as u32 + 1;
        let range = |at: u16| (ORDER, 2, left + at, last, left + at);
        let mut chart = Chart::new(ChartType::Column);
        // A name that begins with = is a place in the workbook: it is never the words of a unit.
        chart.title().set_name((ORDER, 0, left, 0, left));
        let mut shown = vec![(1, 0x3A5F8A)];
        if column.lines.iter().any(|line| line.before.is_some()) {
            shown.insert(0, (2, 0xB8C7D9));
        }
        for (at, colour) in shown {
            chart
                .add_series()
                .set_name((ORDER, 1, left + at, 1, left + at))
                .set_categories(range(0))
                .set_values(range(at))
                .set_format(
                    rust_xlsxwriter::ChartFormat::new()
                        .set_solid_fill(rust_xlsxwriter::ChartSolidFill::new().set_color(colour)),
                );
        }
        let mut median = Chart::new(ChartType::Line);
        median
            .add_series()
            .set_name((ORDER, 1, left + 3, 1, left + 3))
            .set_categories(range(0))
            .set_values(range(3))
            .set_format(
                rust_xlsxwriter::ChartFormat::new()
                    .set_line(rust_xlsxwriter::ChartLine::new().set_color(0xA61C1C).set_width(1.5)),
            );
        chart.combine(&median);
        chart.legend().set_position(ChartLegendPosition::Bottom);
        let mut pale = rust_xlsxwriter::ChartLine::new();
        pale.set_color(0xD9D9D9).set_width(0.5);
        chart.y_axis().set_min(0).set_major_gridlines_line(&pale);
        chart.set_width(620).set_height(340);
        sheet.insert_chart(at as u32 / 2 * 18, at as u16 % 2 * 10, &chart)?;
    }
    // Four to a page.
    let pages = columns.len().div_ceil(4) as u32;
    sheet.set_page_breaks(&(1..pages).map(|page| page * 36).collect::<Vec<u32>>())?;
    sheet.set_landscape();
    sheet.set_paper_size(9);
    sheet.set_print_fit_to_pages(1, 0);
    Ok(())
}

/// The formats of the cells.
struct BookLook {
    heading: Format,
    text: Format,
}

impl BookLook {
    fn new() -> Self {
        let text = Format::new().set_border(FormatBorder::Thin).set_border_color(0xBFBFBF);
        let heading = text.clone().set_bold().set_text_wrap().set_background_color(0xDDE6F0);
        let heading = heading.set_align(FormatAlign::Center).set_align(FormatAlign::VerticalCenter);
        Self { heading, text }
    }
}

fn heads(sheet: &mut Worksheet, heads: &[(&str, f64)], look: &BookLook) -> Result<(), XlsxError> {
    for (at, (head, width)) in heads.iter().enumerate() {
        sheet.set_column_width(at as u16, *width)?;
        sheet.write_string_with_format(0, at as u16, *head, &look.heading)?;
    }
    Ok(())
}
