//! What stands on the pages of a PDF: characters, rules, pictures, each with its place.
//! Lengths are in millimetres from the upper left corner of the sheet as it is seen.

use std::collections::{BTreeSet, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use hayro_interpret::font::Glyph as PdfGlyph;
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::{
    BlendMode, CacheKey, ClipPath, Context, Device, FontResolverFn, GlyphDrawMode, Image, InterpreterCache,
    InterpreterSettings, Paint, PathDrawMode, SoftMask, interpret_page,
};
use hayro_syntax::object::{Dict, Name};
use kurbo::{Affine, BezPath, PathEl, Point, Rect, Shape};

use super::Unreadable;
use super::figures::millimetres;
use super::shown::ShownFaces;
use crate::pdf;

/// More characters than this make no report but a strain on the program.
const MAX_GLYPHS: usize = 2_000_000;
/// A filled area or a line no thicker than this, in millimetres, is a rule.
const MAX_RULE: f64 = 1.5;
/// And it is at least this long.
const MIN_RULE: f64 = 3.0;

/// A sheet and what is drawn on it.
#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    /// From 1.
    pub number: usize,
    pub width: f64,
    pub height: f64,
    pub glyphs: Vec<Glyph>,
    pub rules: Vec<StraightLine>,
    pub pictures: usize,
}

/// A character as it is drawn.
#[derive(Clone, Debug)]
pub(super) struct Glyph {
    /// What it means; empty where the PDF does not say.
    pub text: String,
    /// Where it begins on its baseline.
    pub x: f64,
    pub y: f64,
    /// Its size in points.
    pub size: f64,
    /// How far the next one is set.
    pub advance: f64,
    /// The way it runs: (1, 0) is from left to right.
    pub direction: (f64, f64),
    /// What is black of it: left, top, right, bottom. None for a space.
    pub ink: Option<[f64; 4]>,
    pub colour: [u8; 3],
    /// The PostScript name, without the tag of a subset.
    pub face: Arc<str>,
}

/// A straight line, drawn or filled.
#[derive(Clone, Copy, Debug)]
pub(super) struct StraightLine {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
    pub colour: [u8; 3],
}

impl StraightLine {
    pub(super) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    pub(super) fn is_level(&self) -> bool {
        self.width() > self.height()
    }
}

impl Page {
    /// Whether the sheet lies across.
    pub(super) fn is_across(&self) -> bool {
        self.width > self.height
    }

    /// The sheet a quarter turned to the left: what lay across then stands as it is bound.
    pub(super) fn turned(&self) -> Self {
        let point = |x: f64, y: f64| (y, self.width - x);
        let glyphs = self.glyphs.iter().map(|glyph| {
            let (x, y) = point(glyph.x, glyph.y);
            let (dx, dy) = glyph.direction;
            let ink = glyph.ink.map(|[left, top, right, bottom]| {
                let ((x0, y1), (x1, y0)) = (point(left, top), point(right, bottom));
                [x0, y0, x1, y1]
            });
            Glyph { x, y, ink, direction: (dy, -dx), ..glyph.clone() }
        });
        let rules = self.rules.iter().map(|rule| {
            let ((left, bottom), (right, top)) = (point(rule.left, rule.top), point(rule.right, rule.bottom));
            StraightLine { left, top, right, bottom, colour: rule.colour }
        });
        Self {
            number: self.number,
            width: self.height,
            height: self.width,
            glyphs: glyphs.collect(),
            rules: rules.collect(),
            pictures: self.pictures,
        }
    }
}

/// The pages of a PDF, and the faces whose characters it does not bring along. What they set
/// cannot be read.
pub(super) struct PdfPages {
    pub pages: Vec<Page>,
    pub not_embedded: BTreeSet<String>,
}

/// Reads the pages of a PDF.
pub(super) fn read(bytes: &[u8]) -> Result<PdfPages, Unreadable> {
    // A damaged file can take the reader by surprise; that is no fault of this program.
    catch_unwind(AssertUnwindSafe(|| interpret(bytes))).unwrap_or(Err(Unreadable::Damaged))
}

fn interpret(bytes: &[u8]) -> Result<PdfPages, Unreadable> {
    let pdf = pdf::open(bytes)?;
    // Nothing stands in for a face that is not there.
    let font_resolver: FontResolverFn = Arc::new(|_| None);
    let mut shown = ShownFaces::default();
    let settings =
        InterpreterSettings { render_annotations: false, font_resolver, ..InterpreterSettings::default() };
    let cache = InterpreterCache::new();
    let mut reader = Reader::default();
    let mut pages = Vec::new();
    for (index, page) in pdf.pages().iter().enumerate() {
        let (width, height) = page.render_dimensions();
        let matrix = page.initial_transform(true).as_coeffs();
        let to_sheet = Affine::scale(millimetres(1.0)) * Affine::new(matrix);
        let sheet = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let mut context = Context::new(to_sheet, sheet, &cache, pdf.xref(), settings.clone());
        reader.page = Page {
            number: index + 1,
            width: millimetres(f64::from(width)),
            height: millimetres(f64::from(height)),
            ..Page::default()
        };
        reader.note_names(&page.resources().fonts);
        shown.note(page);
        interpret_page(page, &mut context, &mut reader);
        if reader.glyphs > MAX_GLYPHS {
            return Err(Unreadable::TooMuch);
        }
        pages.push(std::mem::take(&mut reader.page));
    }
    if pages.is_empty() {
        return Err(Unreadable::Damaged);
    }
    Ok(PdfPages { pages, not_embedded: shown.not_embedded })
}

/// Notes what is drawn instead of drawing it.
#[derive(Default)]
struct Reader {
    page: Page,
    glyphs: usize,
    faces: HashMap<u128, Arc<str>>,
    /// What the pages call their faces; of some nothing else does.
    names: HashMap<u128, String>,
    /// The bounds of outlines, in thousandths of the size.
    bounds: HashMap<u128, Rect>,
}

impl Reader {
    /// Notes under which names a page refers to its faces. Faces of Type 1, which is what LibreOffice makes of those
    /// with PostScript outlines, have no other.
    fn note_names(&mut self, fonts: &Dict) {
        for key in fonts.keys() {
            let Some(font) = fonts.get::<Dict>(&*key) else { continue };
            let name = font.get::<Name>("BaseFont").map(|name| name.as_str().to_owned()).unwrap_or_default();
            // A part of a face is called ABCDEF+Name.
            let name = name.split_once('+').map_or(&*name, |(_, name)| name).to_owned();
            self.names.insert(font.cache_key(), name);
        }
    }

    fn face(&mut self, glyph: &PdfGlyph) -> Arc<str> {
        let PdfGlyph::Outline(outline) = glyph else { return "Type3".into() };
        let key = outline.font_cache_key();
        let name = || {
            let own = outline.font_data().and_then(|data| data.postscript_name);
            let name = own.or_else(|| self.names.get(&key).cloned()).unwrap_or_default();
            name.trim_end_matches("-Identity-H").into()
        };
        self.faces.entry(key).or_insert_with(name).clone()
    }

    fn bounds(&mut self, glyph: &PdfGlyph) -> Option<Rect> {
        let PdfGlyph::Outline(outline) = glyph else { return None };
        let key = outline.identifier().cache_key();
        let bounds = *self.bounds.entry(key).or_insert_with(|| outline.outline().bounding_box());
        (bounds.area() > 0.0).then_some(bounds)
    }

    fn add_rule(&mut self, area: Rect, colour: [u8; 3]) {
        let (thickness, length) = (area.width().min(area.height()), area.width().max(area.height()));
        if thickness <= MAX_RULE && length >= MIN_RULE {
            self.page.rules.push(StraightLine {
                left: area.x0,
                top: area.y0,
                right: area.x1,
                bottom: area.y1,
                colour,
            });
        }
    }
}

impl<'a> Device<'a> for Reader {
    fn draw_glyph(
        &mut self,
        glyph: &PdfGlyph<'a>,
        transform: Affine,
        glyph_transform: Affine,
        paint: &Paint<'a>,
        draw_mode: &GlyphDrawMode,
    ) {
        self.glyphs += 1;
        if self.glyphs > MAX_GLYPHS || matches!(draw_mode, GlyphDrawMode::Invisible) {
            return;
        }
        let place = transform * glyph_transform;
        let origin = place * Point::ZERO;
        // Emphasis by an outline draws the same character twice.
        let is_again = |last: &Glyph| (last.x - origin.x).abs() + (last.y - origin.y).abs() < 1e-6;
        if matches!(draw_mode, GlyphDrawMode::Stroke(_)) && self.page.glyphs.last().is_some_and(is_again) {
            return;
        }
        const EM: f64 = 1000.0;
        let (along, upward) = (place * Point::new(EM, 0.0) - origin, place * Point::new(0.0, EM) - origin);
        let width = match glyph {
            PdfGlyph::Outline(outline) => outline.advance_width().map_or(EM, f64::from),
            PdfGlyph::Type3(_) => EM,
        };
        let ink = self.bounds(glyph).map(|bounds| {
            let area = place.transform_rect_bbox(bounds);
            [area.x0, area.y0, area.x1, area.y1]
        });
        let text = match glyph.as_unicode() {
            Some(BfString::Char(character)) => character.to_string(),
            Some(BfString::String(text)) => text,
            None => String::new(),
        };
        let glyph = Glyph {
            text,
            x: origin.x,
            y: origin.y,
            size: upward.hypot() / millimetres(1.0),
            advance: along.hypot() * width / EM,
            direction: if along.hypot() > 0.0 {
                (along.x / along.hypot(), along.y / along.hypot())
            } else {
                (1.0, 0.0)
            },
            ink,
            colour: colour(paint),
            face: self.face(glyph),
        };
        self.page.glyphs.push(glyph);
    }

    fn draw_path(&mut self, path: &BezPath, transform: Affine, paint: &Paint<'a>, draw_mode: &PathDrawMode) {
        let path = transform * path.clone();
        let colour = colour(paint);
        match draw_mode {
            PathDrawMode::Fill(_) => self.add_rule(path.bounding_box(), colour),
            PathDrawMode::Stroke(stroke) => {
                let half = f64::from(stroke.line_width) * transform.determinant().abs().sqrt() / 2.0;
                for (from, to) in segments(&path) {
                    let area = Rect::from_points(from, to);
                    // Ends are cut where the line ends; only its sides have thickness.
                    let area = match (area.width() < half, area.height() < half) {
                        (false, true) => area.inflate(0.0, half),
                        (true, false) => area.inflate(half, 0.0),
                        _ => continue,
                    };
                    self.add_rule(area, colour);
                }
            }
        }
    }

    fn draw_image(&mut self, _: Image<'a, '_>, _: Affine) {
        self.page.pictures += 1;
    }

    fn set_soft_mask(&mut self, _: Option<SoftMask<'a>>) {}
    fn set_blend_mode(&mut self, _: BlendMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_clip_path(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// The straight pieces of a path.
fn segments(path: &BezPath) -> Vec<(Point, Point)> {
    let (mut start, mut last) = (Point::ZERO, Point::ZERO);
    let mut found = Vec::new();
    for element in path.elements() {
        let end = match *element {
            PathEl::MoveTo(point) => {
                (start, last) = (point, point);
                continue;
            }
            PathEl::LineTo(point) => point,
            PathEl::ClosePath => start,
            PathEl::QuadTo(_, point) | PathEl::CurveTo(_, _, point) => {
                last = point;
                continue;
            }
        };
        found.push((last, end));
        last = end;
    }
    found
}

/// The colour of a paint; a pattern is none, and so shows up as one that is not black.
fn colour(paint: &Paint) -> [u8; 3] {
    match paint {
        Paint::Color(colour) => {
            let [red, green, blue, _] = colour.to_rgba().to_rgba8();
            [red, green, blue]
        }
        Paint::Pattern(_) => [128, 128, 128],
    }
}
