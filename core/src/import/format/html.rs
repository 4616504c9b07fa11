//! A saved page of the web. Content extraction tells where the article begins and ends; what stands
//! between is taken from the page itself, so that nothing within is lost, and what stands around it is
//! a site's.

use std::collections::HashSet;

use dom_query::{Document as Page, NodeRef};
use dom_smoothie::{Config, Readability};
use encoding_rs::Encoding;

use super::super::document::{Block, BlockContent, SourceDocument, Style};
use super::super::marker::{self, Marker};
use super::super::{dates, ending, fault, head};
use super::tree;
use crate::diagnostic::Failed;
use crate::input::decode;

/// The largest page, in bytes: its tree takes many times as much.
const MAX_BYTES: usize = 16 << 20;

/// How deep elements may nest. A page of a site has some thirty levels.
const MAX_DEPTH: usize = 256;

/// How many elements a page may have for its article to be looked for.
const MAX_ELEMENTS: usize = 50_000;

/// How much extraction may go through, in bytes, and how many of them an element counts for. A page of a
/// site has some hundred kilobytes, some dozen deep.
const MAX_WEIGHT: usize = 64 << 20;
const ELEMENT: usize = 32;

/// The longest cell of a table that is one, and not the frame of a page, in bytes.
const LONGEST_CELL: usize = 1500;

/// A saved page, parsed.
pub(in crate::import) struct SavedPage {
    page: Page,
    /// What is to be said of its encoding.
    remarks: Vec<String>,
}

impl SavedPage {
    pub(in crate::import) fn open(bytes: &[u8]) -> Result<Self, Failed> {
        if bytes.len() > MAX_BYTES {
            return Err(fault::page_too_large().into());
        }
        let (html, remarks) = text(bytes)?;
        let page = parse(&html)?;
        Ok(Self { page, remarks })
    }

    /// The page of a text that is one.
    pub(in crate::import) fn of_text(html: &str) -> Result<Self, Failed> {
        Ok(Self { page: parse(html)?, remarks: vec![] })
    }

    /// The data blocks of this media type, in their order.
    pub(in crate::import) fn data_blocks(&self, media_type: &str) -> Vec<String> {
        let is_one = |node: &NodeRef| {
            node.has_name("script")
                && node.attr("type").is_some_and(|own| own.trim().eq_ignore_ascii_case(media_type))
        };
        self.page
            .root()
            .descendants_it()
            .filter(is_one)
            .take(MAX_DATA_BLOCKS)
            .map(|node| node.text().to_string())
            .collect()
    }

    /// All that can be read on it, without the blanks.
    pub(in crate::import) fn words(&self) -> String {
        let mut words = String::new();
        let mut open = vec![self.page.body().unwrap_or_else(|| self.page.root())];
        while let Some(node) = open.pop() {
            if node.is_text() {
                words.extend(node.text().chars().filter(|c| !c.is_whitespace()));
            } else if !node.node_name().is_some_and(|name| is_silent(&name)) {
                open.extend(node.children_it(true));
            }
        }
        words
    }
}

fn parse(html: &str) -> Result<Page, Failed> {
    tree::parse(html).ok_or_else(|| fault::broken("网页的标签太多、套得太深，或者没有关闭").into())
}

/// How many data blocks of a page are looked at.
const MAX_DATA_BLOCKS: usize = 32;

pub(super) fn read(saved: SavedPage) -> Result<SourceDocument, Failed> {
    let SavedPage { page, mut remarks } = saved;
    let blocks = blocks(&page)?;
    let article = article(page).unwrap_or_default();
    let (start, end) = bounds(&blocks, &article);
    let mut outside = Vec::new();
    let mut kept = Vec::new();
    for (at, block) in blocks.into_iter().enumerate() {
        match (start..end).contains(&at) {
            true => kept.push(block),
            false => outside.push(block),
        }
    }
    if kept.is_empty() {
        return Err(crate::input::empty().into());
    }
    let outside: Vec<(usize, String)> = outside
        .iter()
        .filter_map(|block| block.words().map(|(_, text)| (block.line, text.to_owned())))
        .collect();
    if !outside.is_empty() {
        remarks
            .push(format!("网页正文以外的文字有{}段，没有导入；清单见清理的“网页页眉页脚”", outside.len()));
    }
    Ok(SourceDocument { blocks: kept, outside, remarks })
}

/// The page as text, in the encoding that it declares.
fn text(bytes: &[u8]) -> Result<(String, Vec<String>), Failed> {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(super::HEAD)]).to_ascii_lowercase();
    let label = start.split_once("charset=").map(|(_, rest)| {
        rest.trim_start_matches(['"', '\'', ' '])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_')
    });
    let declared = label.and_then(|label| Encoding::for_label(label.collect::<String>().as_bytes()));
    match declared {
        Some(encoding)
            if encoding.name() != "UTF-8" && encoding.name() != "GBK" && encoding.name() != "gb18030" =>
        {
            let (text, _, _) = encoding.decode(bytes);
            Ok((text.into_owned(), vec![]))
        }
        _ => {
            let decoded = decode(bytes)?;
            Ok((decoded.value, decoded.warnings.into_iter().map(|warning| warning.message).collect()))
        }
    }
}

/// The paragraphs of the article, as far as extraction finds one. A page for which that would take too
/// long has none, and is taken whole.
fn article(page: Page) -> Option<HashSet<String>> {
    if weight(&page) > MAX_WEIGHT {
        return None;
    }
    let config = Config { max_elements_to_parse: MAX_ELEMENTS, ..Config::default() };
    let article = Readability::with_document(page, None, Some(config)).ok()?.parse().ok()?;
    let blocks = blocks(&tree::parse(&article.content)?).ok()?;
    Some(blocks.iter().filter_map(|block| block.words().map(|(_, text)| packed(text))).collect())
}

/// What extraction goes through, over and over: for each element the text that stands in it, in bytes.
fn weight(page: &Page) -> usize {
    let mut weight = 0usize;
    let mut open = vec![(page.root(), 1usize)];
    while let Some((node, depth)) = open.pop() {
        let own = if node.is_text() {
            written(&node.text())
        } else {
            ELEMENT + node.attrs().iter().map(|attribute| written(&attribute.value)).sum::<usize>()
        };
        weight = weight.saturating_add(depth.saturating_mul(own));
        open.extend(node.children_it(true).map(|child| (child, depth + 1)));
    }
    weight
}

/// What it takes to write a text into a page again, in bytes: html5ever looks through the whole rest
/// behind each mark that it escapes.
fn written(text: &str) -> usize {
    let escaped = text.matches(['&', '<', '>', '"', '\u{a0}']).count();
    text.len().saturating_mul(1 + escaped / ESCAPED)
}

/// How many times a rest is looked through in the time that its bytes take otherwise.
const ESCAPED: usize = 64;

/// From which block to which the article goes: to its title above, to its signature below.
fn bounds(blocks: &[Block], article: &HashSet<String>) -> (usize, usize) {
    let is_of_article =
        |block: &Block| block.words().is_some_and(|(_, text)| article.contains(&packed(text)));
    let Some(mut start) = blocks.iter().position(is_of_article) else { return (0, blocks.len()) };
    let mut end = blocks.iter().rposition(is_of_article).map_or(blocks.len(), |last| last + 1);
    let is_title = |block: &Block| {
        block.words().is_some_and(|(style, text)| style == Style::Title || head::is_title(text.trim()))
    };
    // Extraction may miss a part of a report, but a heading with its number, a point or a signature is never
    // a site's.
    let is_of_report = |at: &usize| is_structure(blocks, *at);
    start = (0..start).find(is_of_report).unwrap_or(start);
    end = (end..blocks.len()).rev().find(is_of_report).map_or(end, |last| last + 1);
    start = blocks[..start].iter().rposition(is_title).unwrap_or(start);
    while let Some((_, text)) = blocks.get(end).and_then(Block::words) {
        let text = text.trim();
        if !(head::is_unit(text)
            || text.ends_with('日') && dates::year(text).is_some() && text.chars().count() < 30)
        {
            break;
        }
        end += 1;
    }
    (start, end)
}

/// Whether a block can only be a report's: a heading 一、 or （一）, a point, a closing, a name above its date.
fn is_structure(blocks: &[Block], at: usize) -> bool {
    let text = |at: usize| blocks.get(at).and_then(Block::words).map_or("", |(_, text)| text.trim());
    let written = text(at);
    let is_ended = written.contains('。');
    match marker::numbered(written) {
        Some((Marker::Part | Marker::Chapter | Marker::Section, rest)) => !rest.is_empty(),
        Some(_) => is_ended,
        None if marker::is_point(written) => is_ended,
        None if ending::is_closing(written) => true,
        None => {
            let is_dated = dates::alone(&packed(text(at + 1))).is_some();
            is_dated && head::is_signature(&packed(written))
                || dates::alone(&packed(written)).is_some()
                    && at > 0
                    && head::is_signature(&packed(text(at - 1)))
        }
    }
}

fn packed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

enum Visit<'a> {
    Enter(NodeRef<'a>, usize),
    /// The end of an element that stands on lines of its own.
    End(Style),
}

/// The paragraphs, headings and tables of a page in their order.
fn blocks(page: &Page) -> Result<Vec<Block>, Failed> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut text = String::new();
    let mut open = vec![Visit::Enter(page.body().unwrap_or_else(|| page.root()), 0)];
    let flush = |text: &mut String, style: Style, blocks: &mut Vec<Block>| {
        let written = std::mem::take(text);
        let written = written.replace(['\n', '\r', '\t'], " ");
        if !written.trim().is_empty() {
            let style = settled(style, written.trim(), blocks);
            blocks.push(Block::text(blocks.len() + 1, style, written.trim()));
        }
    };
    while let Some(visit) = open.pop() {
        let (node, depth) = match visit {
            Visit::End(style) => {
                flush(&mut text, style, &mut blocks);
                continue;
            }
            Visit::Enter(node, depth) => (node, depth),
        };
        if depth > MAX_DEPTH {
            return Err(fault::broken("网页的标签套得太深").into());
        }
        if node.is_text() {
            text.push_str(&node.text());
            continue;
        }
        let name = node.node_name().unwrap_or_default();
        match &*name {
            silent if is_silent(silent) => continue,
            "br" | "hr" => {
                flush(&mut text, Style::Plain, &mut blocks);
                continue;
            }
            "table" => {
                if let Some(rows) = rows(&node) {
                    flush(&mut text, Style::Plain, &mut blocks);
                    let captions = node.children_it(false).filter(|child| child.has_name("caption"));
                    captions.for_each(|caption| text.push_str(&caption.text()));
                    flush(&mut text, Style::Plain, &mut blocks);
                    blocks.push(Block { line: blocks.len() + 1, content: BlockContent::Table(rows) });
                    continue;
                }
            }
            _ => {}
        }
        if let Some(style) = style(&name) {
            flush(&mut text, Style::Plain, &mut blocks);
            open.push(Visit::End(style));
        }
        open.extend(node.children_it(true).map(|child| Visit::Enter(child, depth + 1)));
    }
    flush(&mut text, Style::Plain, &mut blocks);
    Ok(blocks)
}

/// How a text is set whatever a site calls it: its title need not be an `h1`, and what marks an attachment is no
/// part of the outline.
fn settled(style: Style, text: &str, before: &[Block]) -> Style {
    let is_set = |block: &Block| matches!(block.words(), Some((Style::Title | Style::Heading(_), _)));
    match style {
        Style::Heading(_) if ending::attachment_mark(text).is_some() => Style::Plain,
        Style::Heading(_)
            if head::is_title(text) && head::is_of_matter(text) && !before.iter().any(is_set) =>
        {
            Style::Title
        }
        style => style,
    }
}

/// Whether an element says nothing that is read on a page.
fn is_silent(name: &str) -> bool {
    matches!(
        name,
        "script" | "style" | "noscript" | "template" | "head" | "select" | "button" | "iframe" | "svg"
    )
}

/// How an element that stands on lines of its own is set; nothing for one that runs in a line.
fn style(name: &str) -> Option<Style> {
    match name {
        "h1" => Some(Style::Title),
        "h2" | "h3" | "h4" | "h5" | "h6" => Some(Style::Heading(usize::from(name.as_bytes()[1] - b'0'))),
        "p" | "div" | "section" | "article" | "main" | "header" | "footer" | "nav" | "aside" | "ul"
        | "ol" | "li" | "dl" | "dt" | "dd" | "table" | "tbody" | "thead" | "tr" | "td" | "th"
        | "blockquote" | "pre" | "form" | "center" | "body" | "html" | "figure" | "figcaption"
        | "fieldset" => Some(Style::Plain),
        _ => None,
    }
}

/// The rows of a table of data. A table that frames a page has none.
fn rows(table: &NodeRef) -> Option<Vec<Vec<String>>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for node in table.descendants_it() {
        match node.node_name().as_deref() {
            Some("table" | "h1" | "h2" | "form") => return None,
            Some("tr") => rows.push(Vec::new()),
            Some("td" | "th") => {
                let text = cell(&node)?;
                rows.last_mut()?.push(text.trim().to_owned());
            }
            _ => {}
        }
    }
    (rows.len() > 1 && rows[0].len() > 1).then_some(rows)
}

/// The text of a cell, unless it is too long for one.
fn cell(node: &NodeRef) -> Option<String> {
    let mut text = String::new();
    for part in node.descendants_it() {
        // A table in a cell makes it a frame, however little it says.
        if part.has_name("table") {
            return None;
        }
        if part.is_text() {
            text.push_str(&part.text());
        }
        if text.len() > LONGEST_CELL {
            return None;
        }
    }
    Some(text)
}
