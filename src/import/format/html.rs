//! A saved page of the web. Content extraction tells where the article begins and ends; what stands
//! between is taken from the page itself, so that nothing within is lost, and what stands around it is
//! a site's.

use std::collections::HashSet;

use dom_query::{Document as Page, NodeRef};
use dom_smoothie::{Config, Readability};
use encoding_rs::Encoding;

use super::super::document::{Block, Content, Document, Style};
use super::super::{fault, head};
use crate::diagnostic::Failed;
use crate::input::decode;

/// The largest page, in bytes: its tree takes many times as much.
const MAX_BYTES: usize = 16 << 20;

/// How deep elements may nest. A page of a site has some thirty levels.
const MAX_DEPTH: usize = 256;

/// How many elements a page may have for its article to be looked for.
const MAX_ELEMENTS: usize = 50_000;

/// The longest cell of a table that is one, and not the frame of a page, in bytes.
const LONGEST_CELL: usize = 1500;

pub(super) fn read(bytes: &[u8]) -> Result<Document, Failed> {
    if bytes.len() > MAX_BYTES {
        return Err(fault::page_too_large().into());
    }
    let (html, mut remarks) = text(bytes)?;
    if !is_tame(&html) {
        return Err(fault::broken("网页的标签太多，或者套得太深").into());
    }
    let page = Page::from(html.as_str());
    let blocks = blocks(&page)?;
    let article = article(&html).unwrap_or_default();
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
    Ok(Document { blocks: kept, outside, remarks })
}

/// Whether a page can be parsed in time and memory that grow with its length. A parser of HTML looks
/// through all open elements at each tag, and opens what formats text again in each paragraph.
fn is_tame(html: &str) -> bool {
    /// What has no end, or one that need not be written.
    const ENDLESS: [&str; 24] = [
        "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta",
        "option", "p", "param", "rp", "rt", "source", "td", "th", "tr", "track", "wbr",
    ];
    const FORMATS: [&str; 14] =
        ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
    let (mut tags, mut open, mut formats) = (0usize, 0usize, 0usize);
    for (at, _) in html.match_indices('<') {
        let rest = &html[at + 1..];
        let (is_end, rest) = rest.strip_prefix('/').map_or((false, rest), |rest| (true, rest));
        let length = rest.bytes().take(10).take_while(u8::is_ascii_alphanumeric).count();
        let name = rest[..length].to_ascii_lowercase();
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        tags += 1;
        let depth = match name.as_str() {
            name if ENDLESS.contains(&name) => continue,
            name if FORMATS.contains(&name) => &mut formats,
            _ => &mut open,
        };
        *depth = if is_end { depth.saturating_sub(1) } else { *depth + 1 };
        if tags > MAX_TAGS || open > MAX_OPEN || formats > MAX_FORMATS {
            return false;
        }
    }
    true
}

/// How many tags a page may have, and how many elements open at once. Saved pages have some thousands
/// and some dozens; pages that Word has saved ten times as many.
const MAX_TAGS: usize = 200_000;
const MAX_OPEN: usize = 1000;
const MAX_FORMATS: usize = 32;

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

/// The paragraphs of the article, as far as extraction finds one.
fn article(html: &str) -> Option<HashSet<String>> {
    let config = Config { max_elements_to_parse: MAX_ELEMENTS, ..Config::default() };
    let article = Readability::new(html, None, Some(config)).ok()?.parse().ok()?;
    let blocks = blocks(&Page::from(&*article.content)).ok()?;
    Some(blocks.iter().filter_map(|block| block.words().map(|(_, text)| packed(text))).collect())
}

/// From which block to which the article goes: to its title above, to its signature below.
fn bounds(blocks: &[Block], article: &HashSet<String>) -> (usize, usize) {
    let is_of_article =
        |block: &Block| block.words().is_some_and(|(_, text)| article.contains(&packed(text)));
    let Some(mut start) = blocks.iter().position(is_of_article) else { return (0, blocks.len()) };
    let mut end = blocks.iter().rposition(is_of_article).map_or(blocks.len(), |last| last + 1);
    let is_title = |block: &Block| {
        block.words().is_some_and(|(style, text)| style == Style::Title || head::is_title(text.trim()))
    };
    start = blocks[..start].iter().rposition(is_title).unwrap_or(start);
    while let Some((_, text)) = blocks.get(end).and_then(Block::words) {
        let text = text.trim();
        if !(head::is_unit(text)
            || text.ends_with('日') && head::year(text).is_some() && text.chars().count() < 30)
        {
            break;
        }
        end += 1;
    }
    (start, end)
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
            "script" | "style" | "noscript" | "template" | "head" | "select" | "button" | "iframe"
            | "svg" => continue,
            "br" | "hr" => {
                flush(&mut text, Style::Plain, &mut blocks);
                continue;
            }
            "table" => {
                if let Some(rows) = rows(&node) {
                    flush(&mut text, Style::Plain, &mut blocks);
                    blocks.push(Block { line: blocks.len() + 1, content: Content::Table(rows) });
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
                let text = node.text();
                if text.len() > LONGEST_CELL {
                    return None;
                }
                rows.last_mut()?.push(text.trim().to_owned());
            }
            _ => {}
        }
    }
    (rows.len() > 1 && rows[0].len() > 1).then_some(rows)
}
