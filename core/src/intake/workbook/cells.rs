//! From the bytes of an `.xlsx` to the cells that say something: only what is written is held, never
//! the sheet around it, and nothing is taken before its size is known.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Seek};

use calamine::{DataRef, Reader, SheetVisible, Xlsx};
use zip::ZipArchive;

use super::hidden::hidden_rows;
use super::{MAX_ROWS, MAX_TEXT, MAX_UNPACKED};
use crate::packed::is_bomb;

/// One sheet as it stands in the file.
pub(super) struct Raw {
    pub name: String,
    pub is_hidden: bool,
    /// The rows that are hidden, from 0.
    pub hidden: BTreeSet<u32>,
    /// By row and column, both from 0. Cells that say nothing are left out.
    pub rows: BTreeMap<u32, BTreeMap<u32, Cell>>,
    /// Cells that were merged, sorted: first and last, each a row and a column.
    pub merged: Vec<[(u32, u32); 2]>,
}

/// What a cell says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// As it was written or as it is shown, without white space around it.
    Text(String),
    /// A day, as the contract writes it.
    Date(String),
    Boolean(bool),
    /// Something that is not what it looks like, and why.
    Unfit(UnfitCell),
}

/// Why a cell cannot be taken at its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnfitCell {
    /// `#REF!` and the like.
    Error,
    /// A formula that was never worked out.
    Formula,
    /// A number that is shown as another in a way of its own: 95 % for 0.95.
    Percent,
    /// A time of the day, or a length of time.
    Time,
    /// One of several that were merged.
    Merged,
}

/// Why a file is not read as a workbook.
pub(super) enum BrokenWorkbook {
    NotAWorkbook,
    Encrypted,
    TooLarge,
    TooManyRows,
}

impl BrokenWorkbook {
    /// What is wrong and what to do, behind the name of the file.
    pub(super) fn words(self) -> String {
        match self {
            Self::NotAWorkbook => {
                "不是完整的 .xlsx 工作簿，请在 Excel 或 WPS 里打开，另存为“Excel 工作簿（.xlsx）”".into()
            }
            Self::Encrypted => {
                "加了密码，或者是旧的 .xls 格式。请去掉密码，另存为“Excel 工作簿（.xlsx）”".into()
            }
            Self::TooLarge => format!(
                "解开后超过 {} MiB，或者大得反常。请去掉图片等多余的内容，或者分成几个工作簿",
                MAX_UNPACKED >> 20
            ),
            Self::TooManyRows => format!("超过 {MAX_ROWS} 行，请分成几个工作簿"),
        }
    }
}

/// Reads every sheet of a workbook.
pub(super) fn read(mut file: impl Read + Seek) -> Result<Vec<Raw>, BrokenWorkbook> {
    measure(&mut file)?;
    let mut hidden_rows = hidden_rows(&mut file);
    file.rewind().map_err(|_| BrokenWorkbook::NotAWorkbook)?;
    let mut workbook = Xlsx::new(file).map_err(broken)?;
    let (mut sheets, mut rows, mut text) = (Vec::new(), 0, 0);
    let hidden: Vec<bool> =
        workbook.sheets_metadata().iter().map(|sheet| sheet.visible != SheetVisible::Visible).collect();
    for (name, is_hidden) in workbook.sheet_names().into_iter().zip(hidden) {
        let hidden = hidden_rows.remove(&name).unwrap_or_default();
        let mut raw = Raw { name: name.clone(), is_hidden, hidden, rows: BTreeMap::new(), merged: vec![] };
        match cells(&mut workbook, &mut raw, &mut rows, &mut text) {
            // A sheet that holds a chart holds no rows.
            Err(calamine::XlsxError::NotAWorksheet(_)) => continue,
            outcome => outcome.map_err(broken)?,
        }
        if text > MAX_TEXT {
            return Err(BrokenWorkbook::TooLarge);
        }
        if rows > MAX_ROWS {
            return Err(BrokenWorkbook::TooManyRows);
        }
        let merged = workbook.merge_cells_by_sheet_name(&name).map_err(broken)?;
        raw.merged = merged.into_iter().map(|area| [area.start, area.end]).collect();
        raw.merged.sort_unstable();
        sheets.push(raw);
    }
    Ok(sheets)
}

/// Unpacks every part once and keeps nothing, so that neither a bomb nor a part that lies about
/// itself reaches the reader.
fn measure(file: &mut (impl Read + Seek)) -> Result<(), BrokenWorkbook> {
    let mut start = [0; 8];
    let length = file.read(&mut start).map_err(|_| BrokenWorkbook::NotAWorkbook)?;
    file.rewind().map_err(|_| BrokenWorkbook::NotAWorkbook)?;
    // With a password Excel wraps the workbook in its older container, which `.xls` is too.
    if start[..length] == [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] {
        return Err(BrokenWorkbook::Encrypted);
    }
    let mut archive = ZipArchive::new(&mut *file).map_err(|_| BrokenWorkbook::NotAWorkbook)?;
    let mut total = 0;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| BrokenWorkbook::NotAWorkbook)?;
        let packed = part.compressed_size();
        let counts_strings = part.name().is_ok_and(|name| name.ends_with("sharedStrings.xml"));
        let mut part = CountingReader { inner: part.take(MAX_UNPACKED + 1 - total), count: 0 };
        match counts_strings {
            true => check_count(&mut part)?,
            false => drop(io::copy(&mut part, &mut io::sink()).map_err(|_| BrokenWorkbook::NotAWorkbook)?),
        }
        total += part.count;
        if total > MAX_UNPACKED || is_bomb(part.count, packed) {
            return Err(BrokenWorkbook::TooLarge);
        }
    }
    file.rewind().map_err(|_| BrokenWorkbook::NotAWorkbook)
}

/// A reader that knows how much was read.
struct CountingReader<R> {
    inner: R,
    count: u64,
}

impl<R: Read> Read for CountingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.count += length as u64;
        Ok(length)
    }
}

/// Refuses a list of strings that says it has more of them than it has room for: calamine (0.38)
/// takes the memory for as many as it says.
fn check_count(part: &mut impl Read) -> Result<(), BrokenWorkbook> {
    const NAME: &[u8] = b"uniqueCount";
    let mut bytes = Vec::new();
    part.read_to_end(&mut bytes).map_err(|_| BrokenWorkbook::NotAWorkbook)?;
    let places = bytes.windows(NAME.len()).enumerate().filter(|(_, window)| *window == NAME);
    for (place, _) in places {
        let after = &bytes[place + NAME.len()..];
        let start = after.iter().position(u8::is_ascii_digit).unwrap_or(after.len());
        let digits = after[start..].iter().take_while(|byte| byte.is_ascii_digit()).take(20);
        let count =
            digits.fold(0u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
        if count > bytes.len() as u64 {
            return Err(BrokenWorkbook::NotAWorkbook);
        }
    }
    Ok(())
}

fn broken(error: calamine::XlsxError) -> BrokenWorkbook {
    match error {
        calamine::XlsxError::Password => BrokenWorkbook::Encrypted,
        _ => BrokenWorkbook::NotAWorkbook,
    }
}

fn cells<RS: Read + Seek>(
    workbook: &mut Xlsx<RS>,
    raw: &mut Raw,
    rows: &mut usize,
    text: &mut usize,
) -> Result<(), calamine::XlsxError> {
    // A number is known by how it is shown as well; formulas come in a second reading.
    let mut reader = workbook.worksheet_cells_reader(&raw.name)?;
    while let Some((cell, style)) = reader.next_cell_with_style_id()? {
        let shown = reader.styles().get(style).and_then(|style| style.number_format.as_ref());
        let Some(read) = Cell::of(cell.get_value(), shown.map_or("", |format| &format.format_code)) else {
            continue;
        };
        let (row, column) = cell.get_position();
        if let Cell::Text(read) = &read {
            *text += read.len();
        }
        let count = raw.rows.len();
        raw.rows.entry(row).or_default().insert(column, read);
        *rows += raw.rows.len() - count;
        if *rows > MAX_ROWS || *text > MAX_TEXT {
            return Ok(());
        }
    }
    drop(reader);
    let mut reader = workbook.worksheet_cells_reader(&raw.name)?;
    while let Some(record) = reader.next_cell_with_formula_metadata()? {
        let (row, column) = record.pos;
        let has_value = raw.rows.get(&row).is_some_and(|cells| cells.contains_key(&column));
        if record.formula.is_some() && !has_value && record.value == DataRef::Empty {
            raw.rows.entry(row).or_default().insert(column, Cell::Unfit(UnfitCell::Formula));
        }
    }
    Ok(())
}

impl Cell {
    /// What a cell says whose numbers are shown in this format; nothing if it says nothing.
    fn of(value: &DataRef, format: &str) -> Option<Self> {
        Some(match value {
            DataRef::Empty => return None,
            DataRef::String(text) => return Self::text(text),
            DataRef::SharedString(text) => return Self::text(text),
            DataRef::Int(number) => Self::Text(number.to_string()),
            DataRef::Float(number) => match format.strip_suffix('%') {
                Some(format) if is_plain(format) => Self::Text(format!("{}%", shown(number * 100.0, format))),
                _ if format.contains('%') => Self::Unfit(UnfitCell::Percent),
                _ => Self::Text(shown(*number, format)),
            },
            DataRef::Bool(value) => Self::Boolean(*value),
            DataRef::DateTime(moment) if moment.is_datetime() => {
                let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
                match (hour, minute, second) {
                    (0, 0, 0) => Self::Date(format!("{year:04}-{month:02}-{day:02}")),
                    _ => Self::Unfit(UnfitCell::Time),
                }
            }
            DataRef::DateTimeIso(moment) => match moment.split_once('T') {
                Some((_, time)) if time.contains(|c: char| c.is_ascii_digit() && c != '0') => {
                    Self::Unfit(UnfitCell::Time)
                }
                Some((day, _)) => Self::Date(day.to_owned()),
                None => Self::Date(moment.clone()),
            },
            DataRef::DateTime(_) | DataRef::DurationIso(_) => Self::Unfit(UnfitCell::Time),
            DataRef::Error(_) => Self::Unfit(UnfitCell::Error),
        })
    }

    /// A text without the white space that hands and other programs leave around it.
    pub(super) fn text(written: &str) -> Option<Self> {
        let text = written.trim();
        (!text.is_empty()).then(|| Self::Text(text.to_owned()))
    }
}

/// A number as Excel shows it: with the decimals that its format asks for, else with as many as
/// Excel itself keeps.
fn shown(number: f64, format: &str) -> String {
    if is_plain(format) {
        let decimals = format.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        return format!("{number:.decimals$}");
    }
    let kept: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    kept.to_string()
}

/// Whether a format asks for so many decimals and nothing else: 0.00, #,##0.
fn is_plain(format: &str) -> bool {
    let (whole, decimals) = format.split_once('.').unwrap_or((format, ""));
    whole.ends_with('0')
        && whole.chars().all(|c| matches!(c, '#' | ',' | '0'))
        && decimals.chars().all(|c| c == '0')
}
