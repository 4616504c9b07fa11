//! Where the text block (版心) lies on the sheets. What is in it is measured from its own edges, so that a block
//! that lies wrong is blamed for that alone (5.2.1), and not on every element that stands in it.

use super::figures::{
    BLOCK_WIDTH, BODY_SIZE, BOTTOM, CELL, CELLS, LEFT, MARGIN_TOLERANCE, PAGE_HEIGHT, PITCH, TOP,
};
use super::line::TextLine;
use super::page::Page;

/// A line that takes this much of the text block goes from edge to edge, but for indents and marks.
const LONG: f64 = 0.85 * BLOCK_WIDTH;
/// Type that differs by no more, in points, is that of the text.
const TEXT_SIZE: f64 = 1.5;
/// Further to the right of its place a line is indented, in millimetres.
const FARTHEST_RIGHT: f64 = 1.5 * CELL;
/// Further away than this the text block is no text block, in millimetres.
const FARTHEST: f64 = 25.0;
/// One line in so many may stand further left than it should without being the edge.
const FEW: usize = 5;
/// Edges that differ by no more are one, in millimetres.
const ONE_EDGE: f64 = 0.3;

/// Where the text block of a sheet lies instead of where it should: (0, 0) and as wide as it should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BlockPlace {
    pub right_by: f64,
    pub down_by: f64,
    /// How many times as wide as it should be.
    pub width: f64,
}

impl Default for BlockPlace {
    fn default() -> Self {
        Self { right_by: 0.0, down_by: 0.0, width: 1.0 }
    }
}

impl BlockPlace {
    /// Where something would stand if the text block lay where it should.
    fn place(&self, x: f64, y: f64) -> (f64, f64) {
        (LEFT + (x - self.right_by - LEFT) / self.width, y - self.down_by)
    }

    /// The same on a sheet that lies across: its head is at the binding edge.
    fn place_across(&self, page_width: f64, x: f64, y: f64) -> (f64, f64) {
        let (bound_x, bound_y) = self.place(y, page_width - x);
        (PAGE_HEIGHT - bound_y, bound_x)
    }

    pub(super) fn moved(&self, page: &Page) -> Page {
        let point = |x: f64, y: f64| {
            if page.is_across() { self.place_across(page.width, x, y) } else { self.place(x, y) }
        };
        let mut page = page.clone();
        for glyph in &mut page.glyphs {
            (glyph.x, glyph.y) = point(glyph.x, glyph.y);
            glyph.ink = glyph.ink.map(|[left, top, right, bottom]| {
                let ((left, top), (right, bottom)) = (point(left, top), point(right, bottom));
                [left, top, right, bottom]
            });
        }
        for rule in &mut page.rules {
            (rule.left, rule.top) = point(rule.left, rule.top);
            (rule.right, rule.bottom) = point(rule.right, rule.bottom);
        }
        if page.is_across() {
            page.width = PAGE_HEIGHT;
        }
        page
    }
}

/// The lower edge of the text block: where most full sheets end, or where it should be. A sheet by itself that ends
/// whole lines sooner has given them to the signature behind it.
pub(super) fn lower_edge(ends: impl Iterator<Item = f64>) -> f64 {
    let lacks_lines = |end: f64| {
        let lines = (BOTTOM - end) / PITCH;
        lines > 0.5 && (lines - lines.round()).abs() * PITCH <= MARGIN_TOLERANCE
    };
    let shown = most_common(ends.collect()).filter(|(end, count)| *count > 1 || !lacks_lines(*end));
    let end = shown.map_or(BOTTOM, |(end, _)| end);
    if (end - BOTTOM).abs() <= MARGIN_TOLERANCE { BOTTOM } else { end }
}

/// By how much the first lines of sheets stand too low. The first sheet may begin with elements of other sizes.
pub(super) fn down_by<'a>(firsts: impl Iterator<Item = &'a TextLine>) -> f64 {
    let tops = firsts.filter(|line| is_text(line)).map(|line| line.top() - TOP);
    most_common(tops.filter(|off| off.abs() <= FARTHEST).collect()).map_or(0.0, |(off, _)| off)
}

/// By how much the long ones of these lines begin too far right, and how many times as wide as they should be they
/// are; none where there are no such lines.
pub(super) fn sideways<'a>(lines: impl Iterator<Item = &'a TextLine>) -> Option<(f64, f64)> {
    // Names that wait for seals side by side are no such line, however far apart they stand.
    let is_whole = |line: &TextLine| line.parts().len() == 1;
    let is_long = |line: &&TextLine| is_text(line) && line.right() - line.left() > LONG && is_whole(line);
    let long: Vec<&TextLine> = lines.filter(is_long).collect();
    let offsets = long.iter().map(|line| line.left() - LEFT);
    let mut offsets: Vec<f64> = offsets.filter(|off| (-FARTHEST..FARTHEST_RIGHT).contains(off)).collect();
    let (mut off, mut count) = most_common(offsets.clone())?;
    // First lines of paragraphs are indented, and may be many: what stands left of them tells the edge.
    offsets.retain(|other| *other < off - CELL);
    if let Some((left, share)) = most_common(offsets).filter(|(_, share)| *share >= 2 && share * FEW > count)
    {
        (off, count) = (left, share);
    }
    if count < 2 {
        return None;
    }
    let flush = || long.iter().filter(|line| (line.left() - LEFT - off).abs() <= ONE_EDGE);
    // Another width is one if 28 characters fill it; with fewer of them lines end before the edge.
    let whole = flush().filter(|line| line.is_pure() && line.glyphs.len() == CELLS);
    let width =
        most_common(whole.map(|line| line.right() - line.left()).collect()).map_or(BLOCK_WIDTH, |(it, _)| it);
    let is_right = (width - BLOCK_WIDTH).abs() <= MARGIN_TOLERANCE;
    Some((off, if is_right { 1.0 } else { width / BLOCK_WIDTH }))
}

fn is_text(line: &TextLine) -> bool {
    !line.is_tabular && (line.size() - BODY_SIZE).abs() <= TEXT_SIZE
}

/// The edge that most of these share, and how many do; of several the first.
fn most_common(mut edges: Vec<f64>) -> Option<(f64, usize)> {
    edges.sort_by(f64::total_cmp);
    let near = |edge: f64| edges.iter().filter(|other| (**other - edge).abs() <= ONE_EDGE).count();
    let most = edges.iter().map(|edge| near(*edge)).max()?;
    let of_most: Vec<f64> = edges.iter().copied().filter(|edge| near(*edge) == most).collect();
    Some((of_most[of_most.len() / 2], most))
}
