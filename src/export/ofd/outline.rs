//! The outline of a glyph as TrueType has it, whatever its face is.

use kurbo::{BezPath, CubicBez, PathEl, Point};
use ttf_parser::{Face, GlyphId, OutlineBuilder, Rect, loca};
use write_fonts::tables::glyf::SimpleGlyph;

/// How far a curve may lie from that of the face, in its units: less than a reader can show.
const ACCURACY: f64 = 0.5;

/// A glyph of a face, moved by so much, in the face's units.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct GlyphPart {
    pub(super) glyph: u16,
    pub(super) x: i32,
    pub(super) y: i32,
}

impl GlyphPart {
    /// A glyph where it is.
    pub(super) fn whole(glyph: u16) -> Self {
        Self { glyph, x: 0, y: 0 }
    }
}

/// The bytes of an outline, as they stand in `glyf`. A glyph without ink has none.
pub(super) struct TrueTypeOutline(pub(super) Vec<u8>);

/// How many contours a glyph has and what it covers, in bytes.
const HEAD: usize = 10;

impl TrueTypeOutline {
    /// Of the glyph that these parts make over one another.
    pub(super) fn of(ttf: &Face, parts: &[GlyphPart]) -> Result<Self, String> {
        let own = match parts {
            [GlyphPart { glyph, x: 0, y: 0 }] => copied(ttf, GlyphId(*glyph)),
            _ => None,
        };
        own.map_or_else(|| drawn(ttf, parts), Ok).map(Self)
    }

    /// What it covers, in the face's units.
    pub(super) fn ink(&self) -> Option<Rect> {
        let [x_min, y_min, x_max, y_max] = [2, 4, 6, 8].map(|at| number(&self.0, at));
        Some(Rect { x_min: x_min?, y_min: y_min?, x_max: x_max?, y_max: y_max? })
    }

    pub(super) fn contours(&self) -> u16 {
        number(&self.0, 0).unwrap_or_default() as u16
    }

    pub(super) fn points(&self) -> u16 {
        let last = usize::from(self.contours()).checked_sub(1);
        let last = last.and_then(|contour| number(&self.0, HEAD + 2 * contour));
        last.map_or(0, |point| (point as u16).saturating_add(1))
    }
}

fn number(outline: &[u8], at: usize) -> Option<i16> {
    Some(i16::from_be_bytes(outline.get(at..at + 2)?.try_into().ok()?))
}

/// A glyph as the face has it, if it is one by itself: without instructions, for they would want tables that do not
/// come along. None of a face of PostScript outlines, nor of one whose outlines are moved.
fn copied(ttf: &Face, glyph: GlyphId) -> Option<Vec<u8>> {
    let table = |tag| ttf.raw_face().table(ttf_parser::Tag::from_bytes(tag));
    let (tables, glyf) = (ttf.tables(), table(b"glyf")?);
    let count = tables.maxp.number_of_glyphs;
    let places = loca::Table::parse(count, tables.head.index_to_location_format, table(b"loca")?)?;
    let outline = glyf.get(places.glyph_range(glyph)?).filter(|_| !ttf.is_variable())?;
    // What is put together of others has no contours of its own.
    let contours = usize::try_from(number(outline, 0)?).ok()?;
    let instructions = HEAD + 2 * contours;
    let points = instructions + 2 + usize::from(number(outline, instructions)? as u16);
    Some([outline.get(..instructions)?, &[0, 0], outline.get(points..)?].concat())
}

/// A glyph drawn anew, of quadratic curves.
fn drawn(ttf: &Face, parts: &[GlyphPart]) -> Result<Vec<u8>, String> {
    let mut pen = OutlinePen::default();
    for part in parts {
        pen.origin = Point::new(part.x.into(), part.y.into());
        // A glyph without an outline is a space.
        ttf.outline_glyph(GlyphId(part.glyph), &mut pen);
    }
    if pen.path.elements().is_empty() {
        return Ok(vec![]);
    }
    let outline = SimpleGlyph::from_bezpath(&pen.path).map_err(|fault| format!("{fault:?}"))?;
    write_fonts::dump_table(&outline).map_err(|fault| fault.to_string())
}

#[derive(Default)]
struct OutlinePen {
    path: BezPath,
    origin: Point,
    at: Point,
}

impl OutlinePen {
    fn point(&self, x: f32, y: f32) -> Point {
        Point::new(self.origin.x + f64::from(x), self.origin.y + f64::from(y))
    }
}

impl OutlineBuilder for OutlinePen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.at = self.point(x, y);
        self.path.move_to(self.at);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.at = self.point(x, y);
        self.path.line_to(self.at);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.at = self.point(x, y);
        self.path.quad_to(self.point(x1, y1), self.at);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let cubic = CubicBez::new(self.at, self.point(x1, y1), self.point(x2, y2), self.point(x, y));
        for (_, _, quadratic) in cubic.to_quads(ACCURACY) {
            self.path.quad_to(quadratic.p1, quadratic.p2);
        }
        self.at = cubic.p3;
    }

    fn close(&mut self) {
        self.path.push(PathEl::ClosePath);
    }
}
