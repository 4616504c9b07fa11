//! Traditional characters: a document that is written in them becomes one in simplified ones, in which
//! official documents are written, and that is told. A name with one such character stays as it is.

use super::cleaning::{Changes, Debris};
use super::document::{BlockContent, SourceDocument};
use crate::language::traditional::simplified;

/// How many traditional characters, and how many of a hundred, make a document one of theirs.
const FEWEST: usize = 4;
const SHARE: usize = 5;

/// Writes a document in simplified characters, if it is in traditional ones.
pub(super) fn simplify(document: &mut SourceDocument, changes: &mut Changes) {
    let (mut all, mut traditional) = (0, 0);
    for c in texts(document).flat_map(|(_, text)| text.chars()).filter(|c| !c.is_ascii()) {
        all += 1;
        traditional += usize::from(simplified(c).is_some());
    }
    if traditional < FEWEST || traditional * 100 < all * SHARE {
        return;
    }
    for (line, text) in texts(document) {
        let written: String = text.chars().map(|c| simplified(c).unwrap_or(c)).collect();
        if written != *text {
            changes.note(Debris::TraditionalCharacter, line, text, &written);
            *text = written;
        }
    }
    document.remarks.push("原文是繁体字，已经改为简体字，请核对".into());
}

/// Each text of a document with its line.
fn texts(document: &mut SourceDocument) -> impl Iterator<Item = (usize, &mut String)> {
    let blocks = document.blocks.iter_mut().flat_map(|block| {
        let texts: Vec<&mut String> = match &mut block.content {
            BlockContent::Text { text, .. } => vec![text],
            BlockContent::Table(rows) => rows.iter_mut().flatten().collect(),
        };
        let line = block.line;
        texts.into_iter().map(move |text| (line, text))
    });
    blocks.chain(document.outside.iter_mut().map(|(line, text)| (*line, text)))
}
