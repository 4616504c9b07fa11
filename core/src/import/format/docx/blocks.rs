//! The text of a document as the recogniser sees it: paragraphs with their automatic numbers and what their
//! styles say, tables as rows of cells.

use super::super::super::document::{Block, BlockContent, SourceDocument, Style};
use super::super::super::fault;
use super::super::{MAX_PARTS, MAX_TEXT};
use super::body::{WordParagraph, WordTable, WordText};
use super::numbering::Numbering;
use super::oddities::excerpt;
use super::styles::{ResolvedStyle, Styles, resolved};
use crate::diagnostic::Failed;

pub(super) fn document(
    text: &WordText,
    margins: &[String],
    styles: &Styles,
    numbering: Numbering,
) -> Result<SourceDocument, Failed> {
    let mut list = BlockList { styles, numbering, blocks: vec![], length: 0 };
    let mut tables = text.tables.iter().peekable();
    for (at, paragraph) in text.paragraphs.iter().enumerate() {
        while let Some(table) = tables.next_if(|table| table.paragraphs.end <= at) {
            list.table(text, table);
        }
        if paragraph.cell.is_none() && !paragraph.is_boxed {
            list.paragraph(paragraph);
        }
        if list.length > MAX_TEXT || list.blocks.len() > MAX_PARTS {
            return Err(fault::too_much_text().into());
        }
    }
    tables.for_each(|table| list.table(text, table));
    let mut remarks = text.oddities.remarks(false);
    if let Some((_, hidden)) = text.hidden.iter().find(|(_, hidden)| !hidden.trim().is_empty()) {
        let count = text.hidden.len();
        let said = excerpt(hidden);
        remarks.push(format!("文档里有隐藏的文字{count}处，没有导入，如“{said}”，请核对"));
    }
    for words in margins {
        remarks.push(format!("页眉或页脚里的文字“{}”没有导入，请核对", excerpt(words)));
    }
    if text.boxes > 0 {
        remarks.push(format!("文档里有文本框{}个，其中的文字没有导入，请核对", text.boxes));
    }
    if !text.notes.is_empty() {
        remarks.push(format!("文档里有脚注或尾注{}处，没有导入，请核对", text.notes.len()));
    }
    Ok(SourceDocument { blocks: list.blocks, outside: vec![], remarks })
}

/// The blocks as they are made.
struct BlockList<'a> {
    styles: &'a Styles,
    numbering: Numbering,
    blocks: Vec<Block>,
    /// How long the text of them is, in bytes.
    length: usize,
}

impl BlockList<'_> {
    fn table(&mut self, text: &WordText, table: &WordTable) {
        let mut rows: Vec<Vec<String>> = table.rows.iter().map(|cells| vec![String::new(); *cells]).collect();
        if rows.is_empty() {
            return;
        }
        for paragraph in &text.paragraphs[table.paragraphs.clone()] {
            let cell = paragraph.cell.and_then(|cell| rows.get_mut(cell.row)?.get_mut(cell.place));
            if let Some(cell) = cell {
                cell.extend(paragraph.pieces.iter().map(|piece| piece.text.as_str()));
                cell.push('\n');
            }
        }
        for cell in rows.iter_mut().flatten() {
            *cell = cell.trim().replace('\n', " ");
            self.length += cell.len();
        }
        self.blocks.push(Block { line: table.line, content: BlockContent::Table(rows) });
    }

    /// A paragraph: its automatic number before its text. A line that was broken by hand begins another, without
    /// number or style.
    fn paragraph(&mut self, paragraph: &WordParagraph) {
        let text = paragraph.text();
        let mut lines = text.split('\n').map(str::trim).filter(|line| !line.is_empty());
        let Some(first) = lines.next() else { return };
        let (style, number) = self.style(paragraph);
        self.push(paragraph.line, style, format!("{number}{first}"));
        lines.for_each(|line| self.push(paragraph.line, Style::Indented, line.to_owned()));
    }

    fn push(&mut self, line: usize, style: Style, text: String) {
        self.length += text.len();
        self.blocks.push(Block::text(line, style, text));
    }

    /// What its style says of a paragraph, and its number.
    fn style(&mut self, paragraph: &WordParagraph) -> (Style, String) {
        let ResolvedStyle { level, number, is_title } = resolved(self.styles, paragraph.style.as_ref());
        let level = paragraph.outline.or(level);
        let (id, own_level) = &paragraph.number;
        let own = |level: usize| id.clone().map(|id| (id, own_level.unwrap_or(level)));
        let number = own(number.as_ref().map_or(0, |(_, level)| *level))
            .or(number)
            .filter(|(id, _)| id != "0" && !id.is_empty());
        let number = number.map(|(id, level)| self.numbering.next(&id, level)).unwrap_or_default();
        let style = match level {
            _ if is_title => Style::Title,
            Some(level @ 0..9) => Style::Heading(level + 1),
            _ => Style::Indented,
        };
        (style, number)
    }
}
