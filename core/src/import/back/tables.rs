//! The tables of attachments, read as grids: rows and columns may have come and gone.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::super::format::MAX_PARTS;
use super::super::format::docx::{CellPosition, WordParagraph, WordText};
use super::fields::clean;
use super::printed::{PrintedDocument, cell};
use crate::difference::{Bag, at};
use crate::report::FieldPath;

/// A table as it stands in the document, the names of its columns first.
pub(super) struct GridTable {
    pub line: usize,
    pub rows: Vec<Vec<GridCell>>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct GridCell {
    pub text: String,
    /// The cell that it was printed as.
    pub field: Option<FieldPath>,
}

/// Which tables are those of attachments.
#[derive(Default)]
pub(super) struct TableHomes {
    /// The attachment of each table, by the table's number.
    pub attachments: BTreeMap<usize, usize>,
    /// Those that were never printed, or stand there twice.
    pub strays: Vec<usize>,
    /// How many rows and columns each attachment's table had.
    sizes: HashMap<usize, (usize, usize)>,
}

impl TableHomes {
    /// Whether a table of this attachment was printed.
    pub(super) fn had_table(&self, attachment: usize) -> bool {
        self.sizes.contains_key(&attachment)
    }

    fn note(&mut self, (attachment, row, column): (usize, usize, usize)) {
        let (rows, columns) = self.sizes.entry(attachment).or_default();
        (*rows, *columns) = ((*rows).max(row + 1), (*columns).max(column.saturating_add(1)));
    }
}

/// How much of two tables must be the same, in thousandths, that one came of the other.
const ALIKE: u32 = 300;

/// How many pairs of characters are counted at most to find which table came of which.
const STEPS: usize = 20_000_000;

/// So many pairs of tables are held against each other.
const MAX_PAIRS: usize = 100_000;

/// Finds the attachment of each table. A table that has other fields, or stands in the place of one that has, is
/// part of the text.
pub(super) fn homes(text: &WordText, printed: &PrintedDocument) -> TableHomes {
    let mut homes = TableHomes::default();
    let mut texts: BTreeMap<usize, String> = BTreeMap::new();
    for field in printed.fields.keys() {
        if let Some(place) = cell(field) {
            texts.entry(place.0).or_default();
            homes.note(place);
        }
    }
    for run in printed.paragraphs.iter().flat_map(|paragraph| &paragraph.pieces) {
        if let Some(text) = run.field.as_ref().and_then(cell).and_then(|(at, ..)| texts.get_mut(&at)) {
            text.push_str(&run.text);
            text.push('\n');
        }
    }
    let mut taken: HashMap<usize, usize> = HashMap::new();
    let mut untagged: Vec<usize> = vec![];
    for (number, table) in text.tables.iter().enumerate() {
        let pieces = text.paragraphs[table.paragraphs.clone()].iter().flat_map(|paragraph| &paragraph.pieces);
        let fields = pieces.filter_map(|piece| piece.tag.as_deref().map(FieldPath::from));
        let fields: Vec<FieldPath> = fields.filter(|field| printed.fields.contains_key(field)).collect();
        match fields.iter().find_map(cell) {
            Some((attachment, ..)) if !taken.contains_key(&attachment) => {
                taken.insert(attachment, number);
            }
            Some(_) => homes.strays.push(number),
            None if fields.is_empty() => untagged.push(number),
            // Within the control of a text.
            None if is_pasted(&fields, printed) => homes.strays.push(number),
            None => {}
        }
    }
    texts.retain(|attachment, _| !taken.contains_key(attachment));
    let words: Vec<&str> = printed.paragraphs.iter().map(|paragraph| paragraph.text.as_str()).collect();
    let words: std::collections::HashSet<&str> = words.into_iter().collect();
    let mut bags: Vec<(usize, Bag)> =
        texts.iter().map(|(attachment, text)| (*attachment, Bag::of_text(text))).collect();
    let mut steps = STEPS;
    if untagged.len().saturating_mul(bags.len()) > MAX_PAIRS {
        bags.clear();
    }
    for number in untagged {
        let paragraphs = &text.paragraphs[text.tables[number].paragraphs.clone()];
        let said: String = paragraphs.iter().map(|paragraph| paragraph.text() + "\n").collect();
        let bag = Bag::of_text(&said);
        let likely = bags.iter().enumerate().filter_map(|(place, (_, other))| {
            let cost = bag.size().min(other.size()) + 1;
            steps = steps.checked_sub(cost)?;
            Some((bag.alike(other), std::cmp::Reverse(place)))
        });
        match likely.max().filter(|(alike, _)| *alike >= ALIKE) {
            Some((_, std::cmp::Reverse(place))) => {
                taken.insert(bags.remove(place).0, number);
            }
            // Part of the text is a table whose words were printed.
            None if paragraphs.iter().any(|one| words.contains(one.text().as_str())) => {}
            None => homes.strays.push(number),
        }
    }
    homes.attachments = taken.into_iter().map(|(attachment, number)| (number, attachment)).collect();
    homes
}

/// Whether all cells of a table bear the name of one text that was printed in one paragraph.
fn is_pasted(fields: &[FieldPath], printed: &PrintedDocument) -> bool {
    let (first, others) = (&fields[0], &fields[1..]);
    !others.is_empty()
        && others.iter().all(|field| field == first)
        && printed.fields[first].paragraphs.len() == 1
}

/// The most columns that a table may have: as many as one of Word.
const MAX_COLUMNS: usize = 63;

/// A table as a grid. A cell that is wider than a column leaves the others empty.
pub(super) fn grid(text: &WordText, number: usize, printed: &PrintedDocument) -> GridTable {
    let table = &text.tables[number];
    let mut rows: Vec<Vec<GridCell>> = vec![vec![]; table.rows.len()];
    let mut last: Option<CellPosition> = None;
    let mut cells = 0;
    for paragraph in &text.paragraphs[table.paragraphs.clone()] {
        let Some(place) = paragraph.cell else { continue };
        let Some(row) = rows.get_mut(place.row) else { continue };
        let is_wide = cells > MAX_PARTS;
        let column = if is_wide { place.place } else { place.column }.min(MAX_COLUMNS - 1);
        cells += (column + 1).saturating_sub(row.len());
        if row.len() <= column {
            row.resize(column + 1, GridCell::default());
        }
        let cell = &mut row[column];
        if last == Some(place) {
            cell.text.push('\n');
        }
        cell.text.push_str(&clean(&paragraph.text()));
        cell.field = cell.field.take().or_else(|| field(paragraph, printed));
        last = Some(place);
    }
    // Cells that say nothing count as well.
    for (row, count) in rows.iter_mut().zip(&table.rows) {
        row.resize(row.len().max((*count).min(MAX_COLUMNS)), GridCell::default());
    }
    rows.retain(|row| !row.is_empty());
    // One wide row among very many is no table of ours.
    let width = rows.iter().map(Vec::len).max().unwrap_or_default();
    if rows.len().saturating_mul(width) > MAX_PARTS {
        rows.iter_mut().for_each(|row| row.truncate(1));
    }
    GridTable { line: table.line, rows }
}

fn field(paragraph: &WordParagraph, printed: &PrintedDocument) -> Option<FieldPath> {
    let fields = paragraph.pieces.iter().filter_map(|piece| piece.tag.as_deref().map(FieldPath::from));
    fields.into_iter().find(|field| cell(field).is_some() && printed.fields.contains_key(field))
}

/// A table that was not printed.
pub(super) fn of_new(grid: &GridTable) -> Value {
    let width = grid.rows.iter().map(Vec::len).max().unwrap_or_default();
    let cells = |row: &Vec<GridCell>| -> Vec<String> {
        (0..width).map(|at| row.get(at).map_or("", |cell| cell.text.trim()).to_owned()).collect()
    };
    let mut rows = grid.rows.iter().map(cells);
    let columns = rows.next().unwrap_or_default();
    let columns: Vec<String> = columns.iter().map(|name| name.replace('\n', " ")).collect();
    json!({"columns": columns, "rows": rows.collect::<Vec<_>>()})
}

/// The table of an attachment as it is now; nothing where it is the printed one.
pub(super) fn changed(
    grid: &GridTable,
    attachment: usize,
    homes: &TableHomes,
    printed: &PrintedDocument,
) -> Option<Value> {
    let path = |row: usize, column: usize| {
        let table = FieldPath::root().key("attachments").index(attachment).key("table");
        match row.checked_sub(1) {
            None => table.key("columns").index(column),
            Some(row) => table.key("rows").index(row).index(column),
        }
    };
    let said = |path: &FieldPath| printed.fields.get(path).map(|homes| clean(&homes.texts[0].0));
    let width = grid.rows.iter().map(Vec::len).max().unwrap_or_default();
    let is_same = grid.rows.iter().enumerate().all(|(row, cells)| {
        (0..width).all(|column| {
            let text = cells.get(column).map(|cell| cell.text.as_str());
            said(&path(row, column)).as_deref() == text
        })
    });
    let (rows, columns) = homes.sizes.get(&attachment).copied().unwrap_or_default();
    let is_whole = rows <= grid.rows.len() && columns <= width;
    if is_same && is_whole {
        return None;
    }
    let value = |row: usize, column: usize, cell: Option<&GridCell>| -> String {
        let Some(cell) = cell else { return String::new() };
        let origin = cell.field.clone().unwrap_or_else(|| path(row, column));
        let is_printed = said(&origin).as_deref() == Some(&cell.text);
        let own = at(&printed.report, &origin).and_then(Value::as_str).filter(|_| is_printed);
        own.map_or_else(|| cell.text.trim().to_owned(), str::to_owned)
    };
    let mut rows = grid.rows.iter().enumerate().map(|(row, cells)| {
        let cells = (0..width).map(|column| value(row, column, cells.get(column)));
        cells.collect::<Vec<String>>()
    });
    let columns = rows.next().unwrap_or_default();
    let columns: Vec<String> = columns.iter().map(|name| name.replace('\n', " ")).collect();
    Some(json!({"columns": columns, "rows": rows.collect::<Vec<_>>()}))
}
