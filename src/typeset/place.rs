//! From what came out on the pages back to the fields that it came from.

use typst::layout::{Frame, FrameItem};
use typst::syntax::{LinkedNode, Source, SyntaxKind};
use typst_layout::PagedDocument;

use crate::checks::unsupported_character;
use crate::diagnostic::Diagnostic;
use crate::report::FieldPath;

/// The characters that came out as the box of a missing glyph, with the fields that have them.
pub(super) fn undrawn(document: &PagedDocument, main: &Source) -> Vec<Diagnostic> {
    let mut characters = Vec::new();
    for page in document.pages() {
        collect_undrawn(&page.frame, &mut characters);
    }
    characters.sort_unstable();
    characters.dedup();
    let fields = |character: char| {
        let mut fields = Vec::new();
        collect_fields(&LinkedNode::new(main.root()), character, &mut fields);
        // The template's own words, then: no field to blame.
        if fields.is_empty() { vec![FieldPath::root()] } else { fields }
    };
    let diagnostics = |character: char| {
        fields(character).into_iter().map(move |path| unsupported_character::diagnostic(path, character))
    };
    characters.into_iter().flat_map(diagnostics).collect()
}

fn collect_undrawn(frame: &Frame, characters: &mut Vec<char>) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => collect_undrawn(&group.frame, characters),
            FrameItem::Text(text) => {
                let missing = text.glyphs.iter().filter(|glyph| glyph.id == 0);
                characters.extend(missing.filter_map(|glyph| text.text[glyph.range()].chars().next()));
            }
            _ => {}
        }
    }
}

/// The fields whose literals hold `character`: the comment behind a literal names its field.
fn collect_fields(node: &LinkedNode, character: char, fields: &mut Vec<FieldPath>) {
    if node.kind() == SyntaxKind::Str && node.leaf_text().contains(character) {
        let comment = node.next_sibling_with_trivia().filter(|next| next.kind() == SyntaxKind::BlockComment);
        let path = comment.and_then(|comment| {
            Some(FieldPath::from(comment.leaf_text().strip_prefix("/*")?.strip_suffix("*/")?))
        });
        fields.extend(path.filter(|path| !fields.contains(path)));
    }
    for child in node.children() {
        collect_fields(&child, character, fields);
    }
}
