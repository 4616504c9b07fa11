//! From bytes to numbered lines of cells: a workbook, a table of separated values, a pasted text.

use std::collections::BTreeMap;
use std::io::Cursor;

use super::refusal::RosterRefusal;
use super::{MAX_ROSTER, MAX_ROSTER_BYTES};
use crate::input::decode;
use crate::intake::workbook::{PlainCell, PlainSheet, plain};

/// A line that says something.
pub(super) struct RosterLine {
    /// As the file counts, from 1.
    pub number: u32,
    /// By column, from 0. Cells that say nothing are left out.
    pub cells: BTreeMap<u32, PlainCell>,
}

/// The lines of a sheet, or of a text.
pub(super) struct RosterPage {
    /// What the sheet is called; empty of a text.
    pub name: String,
    pub is_hidden: bool,
    /// Those of its lines that are hidden.
    pub hidden: Vec<u32>,
    pub lines: Vec<RosterLine>,
}

/// How many lines are read: a title, headings and notes besides the units.
const MAX_LINES: usize = MAX_ROSTER + 100;

/// Columns beyond these are not read.
const MAX_COLUMNS: u32 = 200;

/// Reads a list, every sheet of it that says something.
pub(super) fn pages(bytes: &[u8]) -> Result<Vec<RosterPage>, RosterRefusal> {
    if bytes.len() > MAX_ROSTER_BYTES {
        return Err(RosterRefusal::TooLarge);
    }
    let is_workbook = bytes.starts_with(b"PK") || bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]);
    let pages = match is_workbook {
        true => of_workbook(bytes)?,
        false => {
            let lines = of_text(&decode(bytes).map_err(|_| RosterRefusal::NotText)?.value);
            vec![RosterPage { name: String::new(), is_hidden: false, hidden: vec![], lines }]
        }
    };
    match pages.iter().map(|page| page.lines.len()).max() {
        None | Some(0) => Err(RosterRefusal::Empty),
        Some(most) if most > MAX_LINES => Err(RosterRefusal::TooMany),
        _ => Ok(pages),
    }
}

fn of_workbook(bytes: &[u8]) -> Result<Vec<RosterPage>, RosterRefusal> {
    let sheets = plain(Cursor::new(bytes)).map_err(RosterRefusal::Workbook)?;
    let line = |(number, cells): (u32, BTreeMap<u32, PlainCell>)| RosterLine {
        number,
        cells: cells.into_iter().filter(|(at, _)| *at < MAX_COLUMNS).collect(),
    };
    let page = |PlainSheet { name, is_hidden, hidden, rows }: PlainSheet| RosterPage {
        name,
        is_hidden,
        hidden,
        lines: rows.into_iter().map(line).collect(),
    };
    Ok(sheets.into_iter().map(page).collect())
}

fn of_text(text: &str) -> Vec<RosterLine> {
    // The reader counts the ends of lines that are one character; browsers send two.
    let text = &text.replace("\r\n", "\n").replace('\r', "\n");
    let wide;
    let (text, delimiter) = match delimiter(text) {
        Some(delimiter) => (text.as_str(), delimiter),
        // Typed with the marks of Chinese.
        None => {
            wide = text.replace(['，', '；'], "\t");
            (wide.as_str(), b'\t')
        }
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut lines = Vec::new();
    for record in reader.records().map_while(Result::ok) {
        let number = record.position().map_or(0, |position| position.line());
        let cells = (0..MAX_COLUMNS).zip(&record).map(|(at, cell)| (at, cell.trim()));
        let cells: BTreeMap<u32, PlainCell> =
            cells.filter(|(_, cell)| !cell.is_empty()).map(|(at, cell)| (at, Ok(cell.to_owned()))).collect();
        if !cells.is_empty() {
            lines.push(RosterLine { number: u32::try_from(number).unwrap_or(u32::MAX), cells });
        }
        if lines.len() > MAX_LINES {
            break;
        }
    }
    lines
}

/// What stands between the cells: of tab, comma and semicolon the one that most of the first lines have.
fn delimiter(text: &str) -> Option<u8> {
    let count = |mark: u8| text.lines().take(20).filter(|line| line.as_bytes().contains(&mark)).count();
    let best = [b'\t', b';', b','].into_iter().max_by_key(|mark| (count(*mark), *mark == b'\t'))?;
    (count(best) > 0).then_some(best)
}
