//! Plain text: a line a paragraph, unless it was broken inside a sentence.

use super::super::document::{Block, SourceDocument, Style};
use crate::diagnostic::Failed;
use crate::input::decode;

pub(super) fn read(bytes: &[u8]) -> Result<SourceDocument, Failed> {
    let decoded = decode(bytes)?;
    let remarks = decoded.warnings.into_iter().map(|warning| warning.message).collect();
    let lines = decoded.value;
    let blocks = lines
        .split('\n')
        .enumerate()
        .filter(|(_, text)| !text.trim().is_empty())
        .take(super::MAX_PARTS + 1)
        .map(|(at, text)| {
            let style = if text.starts_with(['\u{3000}', '\t']) || text.starts_with("  ") {
                Style::Indented
            } else {
                Style::Plain
            };
            Block::text(at + 1, style, text.trim_end_matches('\r'))
        })
        .collect();
    Ok(SourceDocument { blocks, outside: vec![], remarks })
}
