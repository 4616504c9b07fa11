//! How the lines at the end of the text would flow, if they were set closer or wider, reckoned from the pages as they
//! are: to set a document anew only to see that it does not help costs as much as half of a report.

use typst::foundations::{Array, NativeElement, Selector};
use typst::introspection::{Introspector, MetadataElem};
use typst::layout::Abs;
use typst::model::HeadingElem;
use typst_layout::PagedDocument;

use super::frames::{baselines, elements, marked, place};

/// The pages as they are.
pub(super) struct Flow<'a> {
    document: &'a PagedDocument,
    /// On which page the signature stands, from 1.
    signed: usize,
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

/// The last pages before that of the signature, set otherwise.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trial {
    /// How many of them.
    pub(super) pages: usize,
    /// How many lines each holds.
    pub(super) per_page: usize,
    /// How many lines of the last paragraph go along with the signature, if not all.
    pub(super) kept: usize,
}

impl<'a> Flow<'a> {
    pub(super) fn of(document: &'a PagedDocument, signed: usize) -> Self {
        Self { document, signed, headings: headings(document), kept: marked(document, "kept-with-next") }
    }

    /// Whether so many pages would do: closer ones, for the signature to stand on the page before its own; wider ones,
    /// for the page before it to leave no more than so many lines `empty`. What was not reckoned with, the pages
    /// themselves will show.
    pub(super) fn fits(&self, trial: Trial, empty: usize) -> bool {
        let Trial { pages, per_page, kept } = trial;
        let Some(mut last) = self.last_page() else { return per_page > LINES };
        if kept > 0 {
            // Behind the paragraph a line is empty.
            let paragraph = last.iter().take_while(|line| line.height == 1).count();
            last[..paragraph.saturating_sub(kept)].iter_mut().for_each(|line| line.is_kept = false);
        }
        let first = self.signed - pages;
        let lines: Vec<FlowLine> =
            (first..self.signed).flat_map(|page| self.lines(page, None)).chain(last).collect();
        let filled = filled(&lines, per_page);
        if per_page > LINES {
            return filled.len() <= pages;
        }
        filled.len() == pages + 1 && filled[pages - 1] + empty >= per_page
    }

    /// The lines above the signature on its page, its own as one, and the first of what stays with it: 附注.
    fn last_page(&self) -> Option<Vec<FlowLine>> {
        let signature = elements(self.document, "signed").into_iter().next()?;
        let told = signature.to_packed::<MetadataElem>()?.value.clone().cast::<Array>().ok()?;
        let mut told = told.into_iter().filter_map(|lines| lines.cast::<usize>().ok());
        let (above, own) = (told.next()?, told.next()?);
        let place = place(self.document, &signature)?;
        let mut lines = self.lines(self.signed, Some(place.point.y));
        let end = place.point.y + own as f64 * Abs::mm(PITCH);
        let is_followed = self.lines(self.signed, None).len() > self.lines(self.signed, Some(end)).len();
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
        // Where a line above the page's first one would stand.
        let mut before = Abs::mm(TOP - PITCH) + Abs::pt(ASCENT);
        let line = |baseline: Abs| {
            let apart = (baseline - std::mem::replace(&mut before, baseline)) / Abs::mm(PITCH);
            let top = baseline - Abs::pt(ASCENT);
            let begins = |(on, at): &(usize, Abs)| *on == page && (*at - top).abs() < Abs::pt(ASCENT / 2.0);
            let is_behind = |(on, at): (usize, Abs)| (page, baseline) > (on, at);
            let is_kept = self.headings.iter().any(begins) || self.kept.is_some_and(is_behind);
            FlowLine { height: (apart.round() as usize).max(1), is_kept }
        };
        baselines(&frame.frame, |_| true).into_iter().filter(is_text).map(line).collect()
    }
}

/// How many lines are taken on each of the pages that the lines fill.
fn filled(lines: &[FlowLine], per_page: usize) -> Vec<usize> {
    let mut pages = vec![0];
    for group in lines.chunk_by(|line, _| line.is_kept) {
        let height = group.iter().map(|line| line.height).sum::<usize>();
        match pages.last_mut() {
            Some(taken) if *taken + height <= per_page => *taken += height,
            // Above the first line of a page none is empty.
            _ => pages.push(height - group[0].height + 1),
        }
    }
    pages
}

fn headings(document: &PagedDocument) -> Vec<(usize, Abs)> {
    let found = document.introspector().query(&Selector::Elem(HeadingElem::ELEM, None));
    let places = found.iter().filter_map(|heading| place(document, heading));
    places.map(|place| (place.page.get(), place.point.y)).collect()
}

/// A page holds so many (5.2.3); one that is set closer more.
const LINES: usize = 22;
/// The edges of the text block, in millimetres from the page's upper edge.
const TOP: f64 = 37.0;
const BOTTOM: f64 = 262.0;
/// From line to line of the usual 22, in millimetres.
const PITCH: f64 = (225.0 - 16.0 * 25.4 / 72.0) / 21.0;
/// What a character of 三号 has above its baseline, in points.
const ASCENT: f64 = 0.88 * 16.0;
