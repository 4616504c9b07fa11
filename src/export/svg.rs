//! A page for a screen, as SVG with its glyphs apart: pages share them, and a browser that has a
//! glyph need not be sent it again. A page with all outlines of its own, as typst-svg writes it,
//! has 900 KB; this has 25, and the glyphs of a whole report 2,000.

use std::collections::BTreeMap;
use std::fmt::Write;

use ttf_parser::{GlyphId, OutlineBuilder};
use typst::layout::{Abs, Frame, FrameItem, Point, Ratio, Transform};
use typst::text::{FontInstance, TextItem};
use typst::visualize::{CurveItem, FixedStroke, Geometry, Paint, Shape};

use crate::typeset::Pages;

/// A page as it is drawn.
pub struct Drawing {
    /// In points.
    pub width: f64,
    pub height: f64,
    /// SVG elements; `<use href="#…">` refers to glyphs by name.
    pub body: String,
}

/// Outlines by name, in the units of their face, y upward: the `d` of an SVG path.
pub type Glyphs = BTreeMap<String, String>;

/// Draws the page of this number, from 0.
pub fn draw(pages: &Pages, number: usize) -> Drawing {
    let frame = &pages.document.pages()[number].frame;
    let mut body = String::new();
    draw_frame(frame, Transform::identity(), &mut body).expect("a string takes all that is written");
    Drawing { width: frame.width().to_pt(), height: frame.height().to_pt(), body }
}

/// The drawing of the page of this number, from 0, as a picture by itself.
pub fn picture(pages: &Pages, number: usize, drawing: &Drawing) -> String {
    let Drawing { width, height, body } = drawing;
    let mut glyphs = BTreeMap::new();
    collect(&pages.document.pages()[number].frame, &mut |font, id| {
        glyphs.entry((name(font), id)).or_insert_with(|| font.clone());
    });
    let outlines = glyphs.into_iter().map(|((name, id), font)| {
        let outline = outline(&font, id);
        format!(r#"<path id="{name}-{id}" d="{outline}"/>"#)
    });
    let outlines: String = outlines.collect();
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"><rect width="100%" height="100%" fill="#fff"/><defs>{outlines}</defs>{body}</svg>"##
    )
}

/// The glyphs of the pages that `is_new` tells, without those that the other pages have.
pub fn new_glyphs(pages: &Pages, is_new: impl Fn(usize) -> bool) -> Glyphs {
    let mut glyphs = BTreeMap::new();
    let pages = || pages.document.pages().iter().map(|page| &page.frame).enumerate();
    for (_, frame) in pages().filter(|(number, _)| is_new(*number)) {
        collect(frame, &mut |font, id| {
            glyphs.entry((name(font), id)).or_insert_with(|| font.clone());
        });
    }
    for (_, frame) in pages().filter(|(number, _)| !is_new(*number)) {
        collect(frame, &mut |font, id| {
            glyphs.remove(&(name(font), id));
        });
    }
    let outlined = glyphs.into_iter().map(|((name, id), font)| (format!("{name}-{id}"), outline(&font, id)));
    outlined.collect()
}

fn collect(frame: &Frame, see: &mut impl FnMut(&FontInstance, u16)) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => collect(&group.frame, see),
            FrameItem::Text(text) => text.glyphs.iter().for_each(|glyph| see(&text.font, glyph.id)),
            _ => {}
        }
    }
}

/// A name for a face that the next process gives it too.
fn name(font: &FontInstance) -> String {
    format!("g{:x}", typst::utils::hash128(font) as u32)
}

fn outline(font: &FontInstance, id: u16) -> String {
    let mut outline = GlyphOutline::default();
    // A glyph without an outline is a space.
    font.ttf().outline_glyph(GlyphId(id), &mut outline);
    outline.path
}

/// The `d` of a path, each point from the one before it: so its numbers are short.
#[derive(Default)]
struct GlyphOutline {
    path: String,
    /// The command before, which need not be written again.
    command: Option<char>,
    at: [i32; 2],
    /// Where this contour began, and closing leads back to.
    start: [i32; 2],
}

impl GlyphOutline {
    fn push<const COUNT: usize>(&mut self, command: char, points: [[f32; 2]; COUNT]) {
        let is_again = self.command == Some(command);
        if !is_again {
            self.path.push(command);
        }
        let from = self.at;
        for (position, number) in points.iter().flat_map(|point| point.iter().zip(from)).enumerate() {
            let (number, from) = number;
            let step = number.round() as i32 - from;
            if (is_again || position > 0) && step >= 0 {
                self.path.push(' ');
            }
            self.path.push_str(&step.to_string());
        }
        self.at = points[COUNT - 1].map(|number| number.round() as i32);
        self.command = Some(command);
    }
}

impl OutlineBuilder for GlyphOutline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.push('m', [[x, y]]);
        self.start = self.at;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.push('l', [[x, y]]);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.push('q', [[x1, y1], [x, y]]);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.push('c', [[x1, y1], [x2, y2], [x, y]]);
    }

    fn close(&mut self) {
        self.path.push('z');
        (self.at, self.command) = (self.start, None);
    }
}

type WrittenGlyph = std::fmt::Result;

fn draw_frame(frame: &Frame, to_page: Transform, svg: &mut String) -> WrittenGlyph {
    for (point, item) in frame.items() {
        let to_page = to_page.pre_concat(Transform::translate(point.x, point.y));
        match item {
            FrameItem::Group(group) => draw_frame(&group.frame, to_page.pre_concat(group.transform), svg)?,
            FrameItem::Text(text) => draw_text(text, to_page, svg)?,
            FrameItem::Shape(shape, _) => draw_shape(shape, to_page, svg)?,
            // Links have no looks; pictures do not occur in what a template can be given.
            _ => {}
        }
    }
    Ok(())
}

fn draw_text(text: &TextItem, to_page: Transform, svg: &mut String) -> WrittenGlyph {
    let units = text.font.units_per_em();
    let scale = text.size.to_pt() / units;
    let to_page = to_page.pre_concat(Transform::scale(Ratio::new(scale), Ratio::new(-scale)));
    write!(svg, "<g{}{}", transform(to_page), paint("fill", Some(&text.fill)))?;
    if let Some(stroke) = &text.stroke {
        write!(svg, "{}", outlined(stroke, scale))?;
    }
    svg.push('>');
    let name = name(&text.font);
    let mut x = 0.0;
    for glyph in &text.glyphs {
        let at = ((x + glyph.x_offset.get()) * units).round();
        write!(svg, "<use href=\"#{name}-{}\" x=\"{at}\"", glyph.id)?;
        let y = (glyph.y_offset.get() * units).round();
        if y != 0.0 {
            write!(svg, " y=\"{y}\"")?;
        }
        svg.push_str("/>");
        x += glyph.x_advance.get();
    }
    svg.push_str("</g>");
    Ok(())
}

fn draw_shape(shape: &Shape, to_page: Transform, svg: &mut String) -> WrittenGlyph {
    write!(svg, "<path{}{}", transform(to_page), paint("fill", shape.fill.as_ref()))?;
    if let Some(stroke) = &shape.stroke {
        write!(svg, "{}", outlined(stroke, 1.0))?;
    }
    svg.push_str(" d=\"");
    let point = |point: &Point| format!("{} {}", short(point.x), short(point.y));
    match &shape.geometry {
        Geometry::Line(to) => write!(svg, "M0 0L{}", point(to))?,
        Geometry::Rect(size) => {
            let (width, height) = (short(size.x), short(size.y));
            write!(svg, "M0 0H{width}V{height}H0Z")?;
        }
        Geometry::Curve(curve) => {
            for item in &curve.0 {
                match item {
                    CurveItem::Move(to) => write!(svg, "M{}", point(to))?,
                    CurveItem::Line(to) => write!(svg, "L{}", point(to))?,
                    CurveItem::Cubic(one, two, to) => {
                        write!(svg, "C{} {} {}", point(one), point(two), point(to))?;
                    }
                    CurveItem::Close => svg.push('Z'),
                }
            }
        }
    }
    svg.push_str("\"/>");
    Ok(())
}

/// Black is what SVG fills with unasked.
fn paint(attribute: &str, paint: Option<&Paint>) -> String {
    match paint {
        Some(Paint::Solid(color)) if attribute == "fill" && color.to_hex() == "#000000" => String::new(),
        Some(Paint::Solid(color)) => format!(" {attribute}=\"{}\"", color.to_hex()),
        _ => format!(" {attribute}=\"none\""),
    }
}

fn outlined(stroke: &FixedStroke, scale: f64) -> String {
    let width = short(Abs::pt(stroke.thickness.to_pt() / scale));
    format!("{} stroke-width=\"{width}\"", paint("stroke", Some(&stroke.paint)))
}

fn transform(to: Transform) -> String {
    let linear = [to.sx, to.ky, to.kx, to.sy].map(|ratio| trimmed(format!("{:.6}", ratio.get())));
    format!(" transform=\"matrix({} {} {})\"", linear.join(" "), short(to.tx), short(to.ty))
}

/// In points, as fine as a screen can show.
fn short(length: Abs) -> String {
    trimmed(format!("{:.2}", length.to_pt()))
}

fn trimmed(number: String) -> String {
    let number = number.trim_end_matches('0').trim_end_matches('.');
    if number == "-0" { "0".into() } else { number.to_owned() }
}
