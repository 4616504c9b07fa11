//! How far a text goes, before anybody sets it: on which page it ends, and what room it leaves there. 版记 stands on
//! an even page (GB/T 9704-2012, 7.4): where the text ends on one, at its foot. Word does not say where that is
//! before it has opened the document, so the lines are counted here, and a line or two may be wrong.

use minijinja::{Error, ErrorKind, Value, context};

use super::pieces::cells_of;
use nianbao_core::language::breaking::may_begin_line;

/// As in gongwen/word/figures.jinja.
const LINES_PER_PAGE: usize = 22;
const LINES_ACROSS: usize = 14;
const ATTACHMENT: &str = "<w:pStyle w:val=\"AttachmentMark\"/>";
const CELLS_PER_LINE: f64 = 28.0;
const LINE: usize = 592;

/// The `page` that a text ends on, from 1, and the lines that it leaves there, its `room`. `lines_before` is what stands
/// above it; a last sheet that lies across leaves no room.
pub(super) fn extent(text: &Value, lines_before: usize, is_across: bool) -> Result<Value, Error> {
    let xml = text
        .as_str()
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "extent takes what was captured"))?;
    // Each attachment begins on a page of its own.
    let parts: Vec<&str> = xml.split(ATTACHMENT).collect();
    let (mut pages, mut room) = (0, 0);
    for (index, part) in parts.iter().enumerate() {
        let is_last = index + 1 == parts.len();
        // The mark's own paragraph has begun before it.
        let part =
            if is_last { *part } else { part.rsplit_once("<w:p>").map_or(*part, |(before, _)| before) };
        let lies_across = if is_last { is_across } else { part.contains("w:orient=\"landscape\"") };
        let per_page = if lies_across { LINES_ACROSS } else { LINES_PER_PAGE };
        let before = if index == 0 { lines_before } else { 1 };
        let lines = (before + lines_of(part)).max(1);
        pages += lines.div_ceil(per_page);
        room = if lies_across { 0 } else { pages_end(lines, per_page) };
    }
    Ok(context! { page => pages, room })
}

/// How many lines the last page has left.
fn pages_end(lines: usize, per_page: usize) -> usize {
    per_page - ((lines - 1) % per_page + 1)
}

/// How many lines what stands there takes, tables included.
fn lines_of(xml: &str) -> usize {
    let mut lines = 0;
    let mut rest = xml;
    while let Some((text, table)) = rest.split_once("<w:tbl>") {
        let (table, behind) = table.split_once("</w:tbl>").unwrap_or((table, ""));
        lines += lines_of_paragraphs(text);
        // The mark is counted with what stands around it.
        if !table.contains("AgencyMark") {
            let height: usize = table.split("<w:tr>").skip(1).map(height_of_row).sum();
            lines += height.div_ceil(LINE);
        }
        rest = behind;
    }
    lines + lines_of_paragraphs(rest)
}

fn lines_of_paragraphs(xml: &str) -> usize {
    xml.split("<w:p>").skip(1).map(lines_of_paragraph).sum()
}

/// How high a row of a table is, in twips: as its highest cell, each of whose lines is 1.4 times as high as its type
/// and leaves 0.4 of a character at both ends.
fn height_of_row(row: &str) -> usize {
    let of_cell = |cell: &str| {
        let number = |name| attribute(cell, name).and_then(|number| number.parse::<usize>().ok());
        let (width, size) = (number("<w:tcW w:w=").unwrap_or(1), number("<w:sz w:val=").unwrap_or(28));
        let cells_per_line = (width.saturating_sub(size * 8) as f64 / (size as f64 * 10.0)).max(1.0);
        set(&text_of(cell), 0.0, cells_per_line) * size * 14 + size * 8
    };
    row.split("<w:tc>").skip(1).map(of_cell).max().unwrap_or_default() + 10
}

/// How many lines what was captured takes, where each has room for so many characters, and the first for `more` of them.
pub(super) fn lines_within(text: &Value, cells_per_line: f64, more: Option<f64>) -> usize {
    set(&text_of(text.as_str().unwrap_or_default()), -more.unwrap_or_default(), cells_per_line)
}

/// How many lines a paragraph takes, with the empty ones around it.
fn lines_of_paragraph(paragraph: &str) -> usize {
    let style = attribute(paragraph, "<w:pStyle w:val=").unwrap_or_default();
    // They are counted as one, with the rule below them; and nobody sees a hairline.
    if matches!(style, "HeaderEntry" | "AgencyMark" | "Hairline") {
        return 0;
    }
    let twips =
        |name| attribute(paragraph, name).and_then(|number| number.parse::<usize>().ok()).unwrap_or_default();
    let around = (twips("w:before=") + twips("w:after=")) / LINE;
    let of_style = usize::from(matches!(style, "Title" | "AttachmentTitle"));
    let indent = match style {
        "BodyText" | "Gap" => 2.0,
        // And the number.
        "Heading1" => 4.0,
        "Heading2" | "RunIn" => 5.0,
        _ => 0.0,
    };
    let cells_per_line = if style.ends_with("Title") { CELLS_PER_LINE * 16.0 / 22.0 } else { CELLS_PER_LINE };
    around + of_style + set(&text_of(paragraph), indent, cells_per_line)
}

/// How many lines a text takes.
fn set(text: &str, indent: f64, cells_per_line: f64) -> usize {
    let (mut lines, mut taken, mut last) = (1, indent, 0.0);
    for character in text.chars() {
        if character == '\n' {
            (lines, taken) = (lines + 1, 0.0);
            continue;
        }
        let width = cells_of(character);
        if taken + width > cells_per_line + 0.01 {
            lines += 1;
            // What may not begin a line takes the character before it along.
            taken = if may_begin_line(character) { 0.0 } else { last };
        }
        taken += width;
        last = width;
    }
    lines
}

/// The text of a paragraph as this program writes it.
fn text_of(paragraph: &str) -> String {
    let mut text = String::new();
    for run in paragraph.split("<w:r>").skip(1) {
        if run.contains("<w:br/>") {
            text.push('\n');
        }
        let words = run
            .split_once("<w:t")
            .and_then(|(_, rest)| rest.split_once('>'))
            .and_then(|(_, rest)| rest.split_once("</w:t>"));
        // What is escaped is one character; which does not matter.
        let mut rest = words.map_or("", |(words, _)| words);
        while let Some((before, behind)) = rest.split_once('&') {
            text.push_str(before);
            text.push('&');
            rest = behind.split_once(';').map_or("", |(_, behind)| behind);
        }
        text.push_str(rest);
    }
    text
}

fn attribute<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(name)?;
    rest.strip_prefix('"')?.split_once('"').map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraph(style: &str, text: &str) -> String {
        format!(
            "<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr><w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>"
        )
    }

    fn end(xml: &str) -> (usize, usize) {
        let end = extent(&Value::from(xml), 0, false).unwrap();
        let number = |key| usize::try_from(end.get_attr(key).unwrap()).unwrap();
        (number("page"), number("room"))
    }

    #[test]
    fn lines_are_counted_as_they_are_set() {
        assert_eq!(lines_of_paragraph(&paragraph("BodyText", &"字".repeat(26))), 1);
        assert_eq!(lines_of_paragraph(&paragraph("BodyText", &"字".repeat(27))), 2);
        assert_eq!(lines_of_paragraph(&paragraph("Title", "题")), 2);
        // A mark takes a character along, and figures are half as wide.
        assert_eq!(lines_of_paragraph(&paragraph("Normal", &format!("{}。", "字".repeat(56)))), 3);
        assert_eq!(lines_of_paragraph(&paragraph("Normal", &"12".repeat(28))), 1);
        assert_eq!(lines_of_paragraph(&paragraph("Normal", &"&lt;".repeat(28))), 1);
    }

    #[test]
    fn a_text_ends_on_a_page_with_room() {
        let page = paragraph("BodyText", "字").repeat(22);
        assert_eq!(end(&page), (1, 0));
        assert_eq!(end(&format!("{page}{}", paragraph("BodyText", "字"))), (2, 21));
        let attachment = format!("<w:p><w:pPr>{ATTACHMENT}</w:pPr></w:p>");
        assert_eq!(end(&format!("{page}{attachment}{}", paragraph("BodyText", "字"))), (2, 20));
        let cell = "<w:tc><w:tcPr><w:tcW w:w=\"1000\"/></w:tcPr><w:p><w:r><w:sz w:val=\"28\"/><w:t>字</w:t></w:r></w:p></w:tc>";
        let table = format!("<w:tbl><w:tr>{cell}</w:tr><w:tr>{cell}</w:tr></w:tbl>");
        assert_eq!(
            end(&format!("{attachment}{table}")),
            (2, 18),
            "two rows are a little more than two lines"
        );
    }
}
