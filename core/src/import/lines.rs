//! Lines that a page or a mail program broke inside a sentence, joined again.

use super::cleaning::{Changes, Debris};
use super::document::{Block, BlockContent, Style};
use super::ending;
use super::marker::{self, Marker};

/// What ends a paragraph, or closes one that has ended.
const ENDS: [char; 12] = ['。', '！', '？', '：', '；', '”', '）', '…', '!', '?', ':', ')'];

/// Shorter lines are titles, names and dates and stand for themselves.
const SHORT: usize = 15;

/// Nothing shorter is a title.
const SHORTEST_TITLE: usize = 4;

/// How much of a line tells what it is, in bytes.
const LOOKED_AT: usize = 4096;

/// Joins the lines of a plain text. What a document itself calls a heading stays one.
pub(super) fn join(blocks: Vec<Block>, changes: &mut Changes) -> Vec<Block> {
    let runs_on = sections_run_on(&blocks);
    let mut joined: Vec<Block> = Vec::with_capacity(blocks.len());
    for block in blocks {
        if let (Some(last), Some((style, text))) = (joined.last_mut(), block.words())
            && goes_on(last, style, text, runs_on)
            && let BlockContent::Text { text: open, .. } = &mut last.content
        {
            let end: String = open.chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect();
            let start: String = text.chars().take(8).collect();
            changes.note(Debris::BrokenLine, last.line, &format!("{end}↵{start}"), &format!("{end}{start}"));
            open.push_str(text);
            continue;
        }
        joined.push(block);
    }
    apart(joined)
}

/// Among how many last paragraphs a report closes.
const LAST: usize = 40;

/// With the closing on a line of its own, where it ends the last paragraph: ……。特此报告。
fn apart(mut blocks: Vec<Block>) -> Vec<Block> {
    let earliest = blocks.len().saturating_sub(LAST);
    let closing = blocks.iter().enumerate().skip(earliest).rev().find_map(|(at, block)| {
        let (_, text) = block.words()?;
        let end = text.trim_end_matches(['。', '！']).rfind(['。', '！', '？'])?;
        let start = end + text[end..].chars().next().map_or(0, char::len_utf8);
        ending::is_closing(&text[start..]).then_some((at, start))
    });
    if let Some((at, start)) = closing
        && let BlockContent::Text { text, .. } = &mut blocks[at].content
    {
        let closing = text.split_off(start);
        let line = blocks[at].line;
        blocks.insert(at + 1, Block::text(line, Style::Plain, closing));
    }
    blocks
}

fn goes_on(last: &Block, style: Style, text: &str, sections_run_on: bool) -> bool {
    let Some((last_style, open)) = last.words() else { return false };
    let is_of_document = |style| matches!(style, Style::Title | Style::Heading(_));
    if is_of_document(last_style) || is_of_document(style) || style == Style::Indented {
        return false;
    }
    // 附件, alone above what is attached.
    if open.starts_with('附') && open.chars().count() < SHORTEST_TITLE {
        return false;
    }
    if open.ends_with(ENDS) || marker::numbered(text).is_some() || marker::is_point(text) {
        return false;
    }
    // A paragraph shows early on what it is; of a text without breaks no more is looked at.
    let start = &open[..open.floor_char_boundary(LOOKED_AT)];
    match marker::numbered(start) {
        // A heading on its own line, unless all others of its kind go on behind it.
        Some((Marker::Section | Marker::Item, _)) => sections_run_on || start.contains('。'),
        Some((_, rest)) => rest.contains('。'),
        None => {
            let is_short = |most: usize| start.chars().nth(most).is_none();
            // One or two characters alone are neither a name nor a title.
            !is_short(SHORT) && start.contains(['。', '，', '、'])
                || is_short(2) && start.chars().all(char::is_alphabetic)
        }
    }
}

/// Whether the numbered paragraphs （一） of a text are whole paragraphs and not headings.
fn sections_run_on(blocks: &[Block]) -> bool {
    let texts = blocks.iter().filter_map(|block| block.words().map(|(_, text)| text));
    let sections = texts.filter(|text| matches!(marker::numbered(text), Some((Marker::Section, _))));
    let (ended, open): (Vec<&str>, Vec<&str>) =
        sections.partition(|text| text.ends_with(ENDS) || text.contains('。'));
    ended.len() > open.len()
}
