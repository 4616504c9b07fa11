//! From a place in the typeset pages back to the field whose text stands there.

use typst::layout::{Frame, FrameItem};
use typst::syntax::{LinkedNode, Source, Span, SyntaxKind};
use typst_layout::PagedDocument;

use crate::checks::unsupported_character;
use crate::diagnostic::Diagnostic;
use crate::report::FieldPath;

/// The characters that came out as the box of a missing glyph, each once a field.
pub(super) fn undrawn(document: &PagedDocument, main: &Source) -> Vec<Diagnostic> {
    let mut found: Vec<(FieldPath, char)> = Vec::new();
    for page in document.pages() {
        visit(&page.frame, &mut |span, character| {
            let path = field(main, span).unwrap_or_default();
            if !found.contains(&(path.clone(), character)) {
                found.push((path, character));
            }
        });
    }
    found.into_iter().map(|(path, character)| unsupported_character::diagnostic(path, character)).collect()
}

fn visit(frame: &Frame, report: &mut impl FnMut(Span, char)) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => visit(&group.frame, report),
            FrameItem::Text(text) => {
                for glyph in text.glyphs.iter().filter(|glyph| glyph.id == 0) {
                    let character = text.text[glyph.range()].chars().next().unwrap_or('\u{FFFD}');
                    report(glyph.span.0, character);
                }
            }
            _ => {}
        }
    }
}

/// The field that filled the literal at `span`: the comment behind it says so.
fn field(main: &Source, span: Span) -> Option<FieldPath> {
    let literal: LinkedNode = main.find(span)?;
    let siblings = literal.parent()?.children();
    let comment = siblings.into_iter().find(|node| node.kind() == SyntaxKind::BlockComment)?;
    let path = comment.leaf_text().strip_prefix("/*")?.strip_suffix("*/")?;
    Some(FieldPath::from(path))
}
