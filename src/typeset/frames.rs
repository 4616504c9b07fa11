//! What stands where in the frames that typst laid out.

use typst::ecow::EcoVec;
use typst::foundations::{Content, Label, Selector};
use typst::introspection::{Introspector, PagedPosition};
use typst::layout::{Abs, Frame, FrameItem, Point};
use typst::syntax::Span;
use typst::text::TextItem;
use typst::utils::PicoStr;
use typst_layout::PagedDocument;

use super::main_file;

/// The baselines of the lines that have text of these places in the source, from above to below.
pub(super) fn baselines(frame: &Frame, is_of: impl Fn(Span) -> bool) -> Vec<Abs> {
    let mut lines = Vec::new();
    each_text(frame, Point::zero(), &mut |at, text| {
        if text.glyphs.iter().any(|glyph| is_of(glyph.span.0)) {
            lines.push(at.y);
        }
    });
    lines.sort();
    lines.dedup_by(|one, other| (*one - *other).abs() < SAME_LINE);
    lines
}

/// The baseline of the lowest text above a height.
pub(super) fn lowest_text(frame: &Frame, above: Abs) -> Option<Abs> {
    baselines(frame, |_| true).into_iter().rfind(|line| *line < above)
}

/// The place in the document's own source of the text at the top of a page: a heading's number is a library's.
pub(super) fn top_text(frame: &Frame) -> Option<Span> {
    let main = Some(main_file());
    let mut best: Option<(Point, Span)> = None;
    each_text(frame, Point::zero(), &mut |at, text| {
        let is_higher = best.is_none_or(|(other, _)| (at.y, at.x) < (other.y, other.x));
        let first = text.glyphs.first().filter(|glyph| glyph.span.0.id() == main);
        if let Some(glyph) = first.filter(|_| is_higher) {
            best = Some((at, glyph.span.0));
        }
    });
    best.map(|(_, span)| span)
}

/// Baselines no further apart are of one line, whose faces may differ.
const SAME_LINE: Abs = Abs::raw(1.0);

fn each_text(frame: &Frame, origin: Point, visit: &mut impl FnMut(Point, &TextItem)) {
    for (place, item) in frame.items() {
        match item {
            FrameItem::Group(group) => each_text(&group.frame, origin + *place, visit),
            FrameItem::Text(text) => visit(origin + *place, text),
            _ => {}
        }
    }
}

/// The page, and the height on it, of the last thing with this label.
pub(super) fn marked(document: &PagedDocument, label: &str) -> Option<(usize, Abs)> {
    let place = places(document, label).pop()?;
    Some((place.page.get(), place.point.y))
}

/// Where all things with this label are.
pub(super) fn places(document: &PagedDocument, label: &str) -> Vec<PagedPosition> {
    elements(document, label).iter().filter_map(|one| place(document, one)).collect()
}

pub(super) fn elements(document: &PagedDocument, label: &str) -> EcoVec<Content> {
    let label = Label::new(PicoStr::intern(label));
    label.map(|label| document.introspector().query(&Selector::Label(label))).unwrap_or_default()
}

pub(super) fn place(document: &PagedDocument, element: &Content) -> Option<PagedPosition> {
    document.introspector().position(element.location()?)
}
