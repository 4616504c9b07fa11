//! How the lines at the end of the text would flow, if they were set closer, reckoned from the pages as they are: to set
//! a document anew only to see that it does not help costs as much as half of a report.

use typst::foundations::{Array, NativeElement, Selector};
use typst::introspection::{Introspector, MetadataElem};
use typst::layout::Abs;
use typst::model::HeadingElem;
use typst_layout::PagedDocument;

use super::frames::{baselines, elements, marked, place};

/// On how many of the last pages, `most` of them at most, 23 lines rather than 22 are needed at least for a signature
/// that stands on the page `signed` to stand on the one before; none where so many do not do. What was not reckoned
/// with, the pages themselves will show.
pub(super) fn fewest_closer(document: &PagedDocument, signed: usize, most: usize) -> Option<usize> {
    let flow = Flow { document, headings: headings(document), kept: marked(document, "kept-with-next") };
    let Some(last) = flow.last_page(signed) else { return Some(1) };
    let mut lines = last;
    (1..=most).find(|pages| {
        lines.splice(0..0, flow.lines(signed - pages, None));
        pages_of(&lines) <= *pages
    })
}

/// The pages as they are.
struct Flow<'a> {
    document: &'a PagedDocument,
    /// Where headings begin.
    headings: Vec<(usize, Abs)>,
    /// Where that begins which stays with the signature.
    kept: Option<(usize, Abs)>,
}

/// A line of the text.
struct FlowLine {
    /// How many lines of the page it takes, with the empty ones above it.
    height: usize,
    /// Whether the line behind it is on the same page.
    is_kept: bool,
}

/// How many pages of 23 lines the lines fill.
fn pages_of(lines: &[FlowLine]) -> usize {
    let (mut pages, mut taken) = (1, 0);
    for group in lines.chunk_by(|line, _| line.is_kept) {
        let height = group.iter().map(|line| line.height).sum::<usize>();
        if taken + height > LINES {
            // Above the first line of a page none is empty.
            (pages, taken) = (pages + 1, height - group[0].height + 1);
        } else {
            taken += height;
        }
    }
    pages
}

impl Flow<'_> {
    /// The lines above the signature on its page, its own as one, and the first of what stays with it: 附注.
    fn last_page(&self, signed: usize) -> Option<Vec<FlowLine>> {
        let signature = elements(self.document, "signed").into_iter().next()?;
        let told = signature.to_packed::<MetadataElem>()?.value.clone().cast::<Array>().ok()?;
        let mut told = told.into_iter().filter_map(|lines| lines.cast::<usize>().ok());
        let (above, own) = (told.next()?, told.next()?);
        let place = place(self.document, &signature)?;
        let mut lines = self.lines(signed, Some(place.point.y));
        let end = place.point.y + own as f64 * Abs::mm(PITCH);
        let is_followed = self.lines(signed, None).len() > self.lines(signed, Some(end)).len();
        lines.push(FlowLine { height: above + own, is_kept: is_followed });
        lines.extend(is_followed.then_some(FlowLine { height: 1, is_kept: false }));
        Some(lines)
    }

    /// The lines of a page, from 1, or those of it above a height.
    fn lines(&self, page: usize, above: Option<Abs>) -> Vec<FlowLine> {
        let Some(frame) = page.checked_sub(1).and_then(|page| self.document.pages().get(page)) else {
            return vec![];
        };
        let bottom = Abs::mm(BOTTOM);
        let is_text = |line: &Abs| *line < above.unwrap_or(bottom);
        let mut before: Option<Abs> = None;
        let line = |baseline: Abs| {
            let apart = before.replace(baseline).map_or(1.0, |before| (baseline - before) / Abs::mm(PITCH));
            let top = baseline - Abs::pt(ASCENT);
            let begins = |(on, at): &(usize, Abs)| *on == page && (*at - top).abs() < Abs::pt(ASCENT / 2.0);
            let is_behind = |(on, at): (usize, Abs)| (page, baseline) > (on, at);
            let is_kept = self.headings.iter().any(begins) || self.kept.is_some_and(is_behind);
            FlowLine { height: (apart.round() as usize).max(1), is_kept }
        };
        baselines(&frame.frame, |_| true).into_iter().filter(is_text).map(line).collect()
    }
}

fn headings(document: &PagedDocument) -> Vec<(usize, Abs)> {
    let found = document.introspector().query(&Selector::Elem(HeadingElem::ELEM, None));
    let places = found.iter().filter_map(|heading| place(document, heading));
    places.map(|place| (place.page.get(), place.point.y)).collect()
}

/// A page that is set closer holds so many (5.2.3).
const LINES: usize = 23;
/// Of the text block, in millimetres from the page's upper edge.
const BOTTOM: f64 = 262.0;
/// From line to line of the usual 22, in millimetres.
const PITCH: f64 = (225.0 - 16.0 * 25.4 / 72.0) / 21.0;
/// What a character of 三号 has above its baseline, in points.
const ASCENT: f64 = 0.88 * 16.0;
