//! From what came out on the pages back to the fields that it came from.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;
use typst::layout::{Abs, Frame, FrameItem, Point, Transform};
use typst::syntax::{LinkedNode, Source, Span, SyntaxKind};
use typst::text::TextItem;
use typst_layout::PagedDocument;

use crate::checks::unsupported_character;
use crate::diagnostic::Diagnostic;
use crate::report::FieldPath;

/// A stretch of a line and the field that it shows. In points, from the page's upper left corner.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(description = "一行里属于一个字段的文字；单位是磅，从页的左上角量起")]
pub struct Place {
    #[schemars(with = "String", description = "字段的路径")]
    pub path: FieldPath,
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    /// The text that stands there.
    #[schemars(description = "这里的文字")]
    pub text: String,
}

/// Where on each page the text of which field stands, line by line.
pub(super) fn places(document: &PagedDocument, main: &Source) -> Vec<Vec<Place>> {
    let mut fields = Fields { main, known: HashMap::new() };
    let of_page = |frame: &Frame| {
        let mut places = Vec::new();
        fields.collect(frame, Transform::identity(), &mut places);
        places
    };
    document.pages().iter().map(|page| &page.frame).map(of_page).collect()
}

/// From spans to fields; a line of text is many pieces of one span.
struct Fields<'a> {
    main: &'a Source,
    known: HashMap<Span, Option<FieldPath>>,
}

impl Fields<'_> {
    fn collect(&mut self, frame: &Frame, to_page: Transform, places: &mut Vec<Place>) {
        for (point, item) in frame.items() {
            let to_page = to_page.pre_concat(Transform::translate(point.x, point.y));
            match item {
                FrameItem::Group(group) => {
                    self.collect(&group.frame, to_page.pre_concat(group.transform), places);
                }
                FrameItem::Text(text) => self.collect_text(text, to_page, places),
                _ => {}
            }
        }
    }

    /// One run of text may show several fields, with a template's words between them.
    fn collect_text(&mut self, text: &TextItem, to_page: Transform, places: &mut Vec<Place>) {
        let size = text.size.to_pt();
        let mut start = Abs::zero();
        for glyphs in text.glyphs.chunk_by(|one, other| one.span.0 == other.span.0) {
            let width = glyphs.iter().map(|glyph| glyph.x_advance.at(text.size)).sum::<Abs>();
            let baseline = Point::with_x(start).transform(to_page);
            start += width;
            let Some(path) = self.field(glyphs[0].span.0) else { continue };
            let words = &text.text[glyphs[0].range().start..glyphs[glyphs.len() - 1].range().end];
            // Chinese characters stand in their em square, 0.88 of it above the baseline.
            let [x, y, width] =
                [baseline.x.to_pt(), baseline.y.to_pt() - 0.88 * size, width.to_pt()].map(rounded);
            match places.last_mut() {
                // The next piece of the same line.
                Some(last) if last.path == path && (last.y - y).abs() < 1.0 && x >= last.x => {
                    last.width = rounded(x + width - last.x);
                    last.text.push_str(words);
                }
                _ => places.push(Place { path, x, y, width, height: rounded(size), text: words.to_owned() }),
            }
        }
    }

    fn field(&mut self, span: Span) -> Option<FieldPath> {
        let main = self.main;
        let find = || {
            let node = main.find(span)?;
            let is_literal = node.kind() == SyntaxKind::Str;
            if is_literal { named(&node) } else { node.children().find_map(|child| named(&child)) }
        };
        self.known.entry(span).or_insert_with(find).clone()
    }
}

/// As fine as anyone can point.
fn rounded(points: f64) -> f64 {
    (points * 100.0).round() / 100.0
}

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
        fields.extend(named(node).filter(|path| !fields.contains(path)));
    }
    for child in node.children() {
        collect_fields(&child, character, fields);
    }
}

/// The field that the comment behind a literal names.
fn named(literal: &LinkedNode) -> Option<FieldPath> {
    let comment =
        literal.next_sibling_with_trivia().filter(|next| next.kind() == SyntaxKind::BlockComment)?;
    Some(FieldPath::from(comment.leaf_text().strip_prefix("/*")?.strip_suffix("*/")?))
}
