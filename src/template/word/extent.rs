//! How far a text goes, before anybody sets it: on which page it ends, and what room it leaves there. 版记 stands on
//! an even page (GB/T 9704-2012, 7.4): where the text ends on one, at its foot. Word does not say where that is
//! before it has opened the document, so the lines are counted here, and a line or two may be wrong.

use minijinja::{Error, ErrorKind, Value, context};

use super::pieces::cells_of;

/// As in gongwen/word/figures.jinja.
const LINES_PER_PAGE: usize = 22;
const CELLS_PER_LINE: f64 = 28.0;
const LINE: usize = 592;

/// What may not begin a line: it takes the character before it along.
const NEVER_FIRST: &str = "，。、：；？！．》〉）”’』」】〗〕］｝·％";

/// The `page` that a text ends on, from 1, and the lines that it leaves there, its `room`; neither where it has
/// tables or pages of another kind, whose lines nobody can count.
pub(super) fn extent(text: &Value, lines_before: usize) -> Result<Value, Error> {
    let xml = text
        .as_str()
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "extent takes what was captured"))?;
    if xml.contains("<w:tbl>") && lines_before == 0
        || xml.contains("<w:sectPr>")
        || xml.contains("AttachmentMark")
    {
        return Ok(context! { page => 0, room => 0 });
    }
    let lines: usize = lines_before + xml.split("<w:p>").skip(1).map(lines_of).sum::<usize>();
    let on_last = (lines.max(1) - 1) % LINES_PER_PAGE + 1;
    Ok(context! { page => lines.max(1).div_ceil(LINES_PER_PAGE), room => LINES_PER_PAGE - on_last })
}

/// How many lines of so many characters what was captured takes.
pub(super) fn lines_within(text: &Value, cells_per_line: f64) -> usize {
    // Lines after the first begin below the first name.
    set(&text_of(text.as_str().unwrap_or_default()), 0.0, cells_per_line)
}

/// How many lines a paragraph takes, with the empty ones around it.
fn lines_of(paragraph: &str) -> usize {
    let style = attribute(paragraph, "<w:pStyle w:val=").unwrap_or_default();
    // They are counted as one, with the rule below them.
    if matches!(style, "HeaderEntry" | "AgencyMark") {
        return 0;
    }
    let twips =
        |name| attribute(paragraph, name).and_then(|number| number.parse::<usize>().ok()).unwrap_or_default();
    let around = (twips("w:before=") + twips("w:after=")) / LINE;
    let of_style = usize::from(style == "Title");
    let indent = match style {
        "BodyText" | "Gap" => 2.0,
        // And the number.
        "Heading1" => 4.0,
        "Heading2" | "RunIn" => 5.0,
        _ => 0.0,
    };
    let cells_per_line = if style == "Title" { CELLS_PER_LINE * 16.0 / 22.0 } else { CELLS_PER_LINE };
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
            taken = if NEVER_FIRST.contains(character) { last } else { 0.0 };
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
        let end = extent(&Value::from(xml), 0).unwrap();
        let number = |key| usize::try_from(end.get_attr(key).unwrap()).unwrap();
        (number("page"), number("room"))
    }

    #[test]
    fn lines_are_counted_as_they_are_set() {
        assert_eq!(lines_of(&paragraph("BodyText", &"字".repeat(26))), 1);
        assert_eq!(lines_of(&paragraph("BodyText", &"字".repeat(27))), 2);
        assert_eq!(lines_of(&paragraph("Title", "题")), 2);
        // A mark takes a character along, and figures are half as wide.
        assert_eq!(lines_of(&paragraph("Normal", &format!("{}。", "字".repeat(56)))), 3);
        assert_eq!(lines_of(&paragraph("Normal", &"12".repeat(28))), 1);
        assert_eq!(lines_of(&paragraph("Normal", &"&lt;".repeat(40))), 1);
    }

    #[test]
    fn a_text_ends_on_a_page_with_room() {
        let page = paragraph("BodyText", "字").repeat(22);
        assert_eq!(end(&page), (1, 0));
        assert_eq!(end(&format!("{page}{}", paragraph("BodyText", "字"))), (2, 21));
        assert_eq!(end("<w:tbl></w:tbl>"), (0, 0));
    }
}
