//! The figures of GB/T 9704-2012, each named once with its clause; everything else is derived.
//! Lengths are in millimetres, sizes of type in points.

/// 5.1
pub(super) const PAGE_WIDTH: f64 = 210.0;
pub(super) const PAGE_HEIGHT: f64 = 297.0;
/// 5.2.1
pub(super) const TOP_MARGIN: f64 = 37.0;
pub(super) const BINDING_MARGIN: f64 = 28.0;
pub(super) const MARGIN_TOLERANCE: f64 = 1.0;
pub(super) const BLOCK_WIDTH: f64 = 156.0;
pub(super) const BLOCK_HEIGHT: f64 = 225.0;
/// 5.2.2: 3号
pub(super) const BODY_SIZE: f64 = 16.0;
/// 7.3.1: 2号
pub(super) const TITLE_SIZE: f64 = 22.0;
/// 7.4.2, 7.4.3, 7.5: 4号
pub(super) const SMALL_SIZE: f64 = 14.0;
/// 5.2.3
pub(super) const LINES: usize = 22;
/// The clause lets the figure be adjusted where need be: so many where the first sheet would show
/// no text otherwise.
pub(super) const SQUEEZED_LINES: usize = 23;
pub(super) const CELLS: usize = 28;
/// 7.2.4
pub(super) const MARK_TOP: f64 = 35.0;
/// 7.2.5, 7.3.1: 空二行
pub(super) const TWO_LINES: f64 = 2.0;
/// 7.2.7
pub(super) const RULE_DISTANCE: f64 = 4.0;
/// 7.3.3
pub(super) const INDENT: f64 = 2.0;
/// 7.3.5.1
pub(super) const SEALED_DATE_INSET: f64 = 4.0;
/// 7.3.5.2
pub(super) const SIGNATURE_INSET: f64 = 2.0;
/// 7.3.7
pub(super) const ATTACHMENT_TITLE_LINE: f64 = 3.0;
/// 7.4.1
pub(super) const OUTER_RULE: f64 = 0.35;
pub(super) const INNER_RULE: f64 = 0.25;
/// 7.5
pub(super) const NUMBER_DISTANCE: f64 = 7.0;

/// What a ruler on paper tells apart, where the standard gives no tolerance.
pub(super) const RULER: f64 = 0.5;
/// The same for spaces of whole lines, in lines: an eye tells two from two and a half.
pub(super) const LINES_TOLERANCE: f64 = 0.3;
/// What a lens with a scale tells apart: the thickness of rules.
pub(super) const LENS: f64 = 0.04;
/// By how much places on a line differ for rounding alone.
pub(super) const ROUNDING: f64 = 0.05;
/// By how much a size may differ that is called by the same 号, in points.
pub(super) const SIZE_TOLERANCE: f64 = 0.3;
/// ISO 216 lets a sheet of this length differ so much.
pub(super) const SHEET_TOLERANCE: f64 = 2.0;

/// The edges of the text block (版心), from the sheet's upper left corner.
pub(super) const LEFT: f64 = BINDING_MARGIN;
pub(super) const RIGHT: f64 = BINDING_MARGIN + BLOCK_WIDTH;
pub(super) const TOP: f64 = TOP_MARGIN;
pub(super) const BOTTOM: f64 = TOP_MARGIN + BLOCK_HEIGHT;
/// The same where the sheet lies across, its head at the binding edge.
pub(super) const ACROSS_TOP: f64 = BINDING_MARGIN;

/// The width of a 字 on the grid: 28 fill the text block.
pub(super) const CELL: f64 = BLOCK_WIDTH / CELLS as f64;
/// From line to line: 22 lines reach from the upper edge of the first one's characters to the
/// lower edge of the last one's.
pub(super) const PITCH: f64 = pitch(LINES);

/// The same for another number of lines.
pub(super) const fn pitch(lines: usize) -> f64 {
    (BLOCK_HEIGHT - millimetres(BODY_SIZE)) / (lines - 1) as f64
}

/// Points as millimetres.
pub(super) const fn millimetres(points: f64) -> f64 {
    points * 25.4 / 72.0
}
