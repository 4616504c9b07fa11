//! A report as it grows: each text has a place, or is kept with the reason why it has none.

use std::collections::HashSet;

use super::super::account::{Confidence, Doubt, Placement, Recognition};
use super::super::draft::Draft;
use super::super::outline::{SourceLine, fit};
use crate::path;
use crate::report::{Attachment, FieldPath, HeadingLayout, Layout, PointLayout, Table, Unplaced, contract};

/// A report as it grows, and where each text went.
#[derive(Default)]
pub(in crate::import) struct Builder {
    pub draft: Draft,
    pub placed: Vec<Placement>,
    pub doubts: Vec<Doubt>,
    /// The lines whose words the template sets in its own way: headings of sections, dates.
    pub reworded: HashSet<usize>,
    pub indicators: Vec<Recognition>,
    /// Whether a heading of section 1 opened its own paragraph, and points ran on in one.
    pub(super) run_in: usize,
    pub(super) own_line: usize,
    pub(super) together: usize,
    pub(super) apart: usize,
}

impl Builder {
    /// Notes where a text went.
    pub(in crate::import) fn place(
        &mut self,
        line: usize,
        text: &str,
        path: FieldPath,
        confidence: Confidence,
    ) {
        let label = contract::label(&path);
        self.placed.push(Placement { line, text: text.to_owned(), path, label, confidence });
    }

    pub(in crate::import) fn doubt(&mut self, line: Option<usize>, message: impl Into<String>) {
        self.doubts.push(Doubt { line, message: message.into() });
    }

    /// Keeps a text that has no place, with the reason.
    pub(in crate::import) fn unplaced(&mut self, line: &SourceLine, why: &str) {
        if let Some(rows) = &line.table {
            self.table(line, rows, None);
            return;
        }
        let note = format!("来源第{}行：{why}", line.line);
        let path = path!["unplaced", self.draft.unplaced.len()];
        self.place(line.line, &line.written, path, Confidence::Low);
        self.draft.unplaced.push(Unplaced { text: fit(&line.written), note: Some(fit(&note)) });
    }

    pub(in crate::import) fn tables(&mut self, lines: &[SourceLine]) {
        let mut caption = None;
        for line in lines {
            match &line.table {
                Some(rows) => self.table(line, rows, caption.take()),
                None => caption = Some(line.written.clone()),
            }
        }
    }

    /// A table becomes an attachment, under the line above it if that is its caption.
    pub(in crate::import) fn table(
        &mut self,
        line: &SourceLine,
        all: &[Vec<String>],
        caption: Option<String>,
    ) {
        let Some(columns) = all.first() else { return };
        let caption = caption.filter(|text| text.ends_with('表') && text.chars().count() < 40);
        let index = self.draft.attachments.len();
        if caption.is_none() {
            self.doubt(Some(line.line), "表格没有名称，暂称“表格”，已列为附件，请改名");
        }
        let Some(table) = self::table(all) else { return };
        let text = columns.join(" ");
        self.place(line.line, &text, path!["attachments", index, "table"], Confidence::Medium);
        let title = fit(caption.as_deref().unwrap_or("表格"));
        self.draft.attachments.push(Attachment { title, body: vec![], table: Some(table) });
    }

    /// The source's own way of setting headings and points.
    pub(in crate::import) fn layout(&mut self) {
        self.draft.layout = Layout {
            headings: (self.run_in > self.own_line).then_some(HeadingLayout::RunIn),
            points: (self.together > self.apart).then_some(PointLayout::Together),
        };
    }
}

/// The rows of a source as a table, the first one its columns.
pub(super) fn table(rows: &[Vec<String>]) -> Option<Table> {
    let (columns, rows) = rows.split_first()?;
    let width = columns.len();
    // A row of another width still has all its cells.
    let row = |cells: &Vec<String>| {
        let mut row: Vec<_> = cells.iter().take(width).map(|cell| fit(cell)).collect();
        if cells.len() > width && width > 0 {
            row[width - 1] = fit(&cells[width - 1..].join(" "));
        }
        row.resize_with(width, Default::default);
        row
    };
    Some(Table {
        columns: columns.iter().map(|cell| fit(cell)).collect(),
        rows: rows.iter().map(row).collect(),
    })
}
