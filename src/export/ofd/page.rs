//! A page as the standard has it: the items of a typst frame, one by one, as text and path objects. All lengths
//! are in millimetres, from the upper left corner.

use std::fmt::Write;

use typst::layout::{Abs, Em, Frame, FrameItem, Point, Size, Transform};
use typst::text::{Glyph, TextItem};
use typst::visualize::{Curve, CurveItem, FillRule, FixedStroke, Geometry, LineCap, LineJoin, Paint, Shape};
use typst_layout::Page;

use super::faces::EmbeddedFace;
use super::outline::GlyphPart;
use super::xml::{Attributes, Xml, borrowed};
use super::{Resources, UnwritableContent};

/// How far characters reach above and below their baseline at least, for a reader to mark them: in parts of their
/// size.
const ABOVE: f64 = 0.88;
const BELOW: f64 = 0.12;

/// The content of a page. `usual` is how large the pages of the document are.
pub(super) fn write(
    page: &Page,
    usual: Size,
    resources: &mut Resources,
) -> Result<Vec<u8>, UnwritableContent> {
    let mut drawn = Ok(());
    let part = Xml::part("Page", &[], |xml| {
        if page.frame.size() != usual {
            xml.element("Area", &[], |xml| xml.text("PhysicalBox", &[], &physical_box(page.frame.size())));
        }
        xml.element("Content", &[], |xml| {
            let layer = resources.ids.next().to_string();
            xml.element("Layer", &[("ID", &layer), ("Type", "Body")], |xml| {
                let mut sheet = DrawnPage { xml, resources };
                drawn = sheet.background(page).and_then(|()| sheet.draw(&page.frame, Transform::identity()));
            });
        });
    });
    drawn.map(|()| part)
}

/// The area of a page of this size.
pub(super) fn physical_box(size: Size) -> String {
    format!("0 0 {} {}", millimetres(size.x), millimetres(size.y))
}

/// A length as the file has it: in millimetres, to a thousandth.
pub(super) fn millimetres(length: Abs) -> String {
    thousandths(micrometres(length.to_mm()))
}

/// A page that is being drawn.
struct DrawnPage<'a> {
    xml: &'a mut Xml,
    resources: &'a mut Resources,
}

/// What an object covers.
struct InkBounds {
    from: Point,
    to: Point,
}

/// A character where it stands: from the beginning of its run, in parts of its size, y downward.
struct PlacedCharacter {
    character: char,
    glyph: u16,
    x: f64,
    y: f64,
}

impl DrawnPage<'_> {
    fn background(&mut self, page: &Page) -> Result<(), UnwritableContent> {
        match page.fill_or_transparent() {
            None => Ok(()),
            Some(fill) => self.shape(&Geometry::Rect(page.frame.size()).filled(fill), Transform::identity()),
        }
    }

    fn draw(&mut self, frame: &Frame, to_page: Transform) -> Result<(), UnwritableContent> {
        for (point, item) in frame.items() {
            let to_page = to_page.pre_concat(Transform::translate(point.x, point.y));
            match item {
                FrameItem::Group(group) if group.clip.is_some() => return Err(UnwritableContent::Clip),
                FrameItem::Group(group) => self.draw(&group.frame, to_page.pre_concat(group.transform))?,
                FrameItem::Text(text) => self.text(text, to_page)?,
                FrameItem::Shape(shape, _) => self.shape(shape, to_page)?,
                FrameItem::Image(..) => return Err(UnwritableContent::Picture),
                // These have no looks.
                FrameItem::Link(..) | FrameItem::Tag(_) => {}
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &TextItem, to_page: Transform) -> Result<(), UnwritableContent> {
        let fill = colour(&text.fill)?;
        let pen = text.stroke.as_ref();
        let pen = pen.map(|pen| colour(&pen.paint).map(|colour| (pen.thickness, colour))).transpose()?;
        let Resources { ids, faces, .. } = &mut *self.resources;
        let face = faces.of(&text.font, ids);
        let characters = placed(text, face);
        if characters.is_empty() {
            return Ok(());
        }
        let extent = ink(text, &characters, face).moved(to_page);
        let stance = Stance::of(to_page, extent.from);
        let size = text.size.to_mm();
        let mut attributes = vec![
            ("ID", ids.next().to_string()),
            ("Boundary", extent.to_string()),
            ("Font", face.id.to_string()),
            ("Size", number(size * stance.high)),
        ];
        let unusual = characters.iter().enumerate();
        let unusual = unusual.filter(|(_, one)| !face.is_usual(one.character, one.glyph));
        let unusual: Vec<(usize, u16)> = unusual.map(|(at, one)| (at, one.glyph)).collect();
        attributes.extend(stance.attributes());
        if let Some((thickness, _)) = pen {
            attributes.push(("Stroke", "true".into()));
            attributes.push(("DrawParam", self.resources.pen(thickness.to_mm() * stance.high).to_string()));
        }
        self.xml.element("TextObject", &borrowed(&attributes), |xml| {
            if fill != BLACK {
                fill.write("FillColor", xml);
            }
            if let Some((_, colour)) = pen {
                colour.write("StrokeColor", xml);
            }
            for (at, glyph) in unusual {
                let at = at.to_string();
                let attributes = [("CodePosition", at.as_str()), ("CodeCount", "1"), ("GlyphCount", "1")];
                xml.element("CGTransform", &attributes, |xml| xml.text("Glyphs", &[], &glyph.to_string()));
            }
            let words: String = characters.iter().map(|one| one.character).collect();
            xml.text("TextCode", &borrowed(&stance.places(&characters, size)), &words);
        });
        Ok(())
    }

    fn shape(&mut self, shape: &Shape, to_page: Transform) -> Result<(), UnwritableContent> {
        let fill = shape.fill.as_ref().map(colour).transpose()?;
        let stroke = shape.stroke.as_ref();
        let stroke = stroke.map(|pen| colour(&pen.paint).map(|colour| (pen, colour))).transpose()?;
        if fill.is_none() && stroke.is_none() {
            return Ok(());
        }
        let path = PagePath::of(&shape.geometry, to_page);
        // A pen under a matrix that squeezes would have to be squeezed itself; no template squeezes a rule.
        let scale = (to_page.sx.get() * to_page.sy.get() - to_page.kx.get() * to_page.ky.get()).abs().sqrt();
        let pen = stroke.as_ref().map(|(stroke, _)| stroke.thickness * scale);
        let Some(extent) = path.extent(pen.unwrap_or_default()) else { return Ok(()) };
        let id = self.resources.ids.next().to_string();
        let mut attributes = vec![("ID", id), ("Boundary", extent.to_string())];
        match (&stroke, pen) {
            (Some((stroke, _)), Some(pen)) => attributes.extend(pen_of(stroke, pen, scale)),
            _ => attributes.push(("Stroke", "false".into())),
        }
        if fill.is_some() {
            attributes.push(("Fill", "true".into()));
        }
        if fill.is_some() && shape.fill_rule == FillRule::EvenOdd {
            attributes.push(("Rule", "Even-Odd".into()));
        }
        self.xml.element("PathObject", &borrowed(&attributes), |xml| {
            if let Some((_, colour)) = &stroke {
                colour.write("StrokeColor", xml);
            }
            if let Some(colour) = &fill {
                colour.write("FillColor", xml);
            }
            xml.text("AbbreviatedData", &[], &path.written(extent.from));
        });
        Ok(())
    }
}

/// How a run lies on the page: straight, and at most squeezed; or by a matrix.
struct Stance {
    /// How much wider and higher it is than it was set.
    wide: f64,
    high: f64,
    /// Where it begins, from the corner of what it covers.
    origin: Point,
    matrix: Option<String>,
}

impl Stance {
    /// `corner` is that of what the run covers.
    fn of(to_page: Transform, corner: Point) -> Self {
        let (wide, high) = (to_page.sx.get(), to_page.sy.get());
        if to_page.kx.is_zero() && to_page.ky.is_zero() && wide > 0.0 && high > 0.0 {
            let origin = Point::new(to_page.tx, to_page.ty) - corner;
            return Self { wide, high, origin, matrix: None };
        }
        Self { wide: 1.0, high: 1.0, origin: Point::zero(), matrix: Some(matrix(to_page, corner)) }
    }

    fn attributes(&self) -> Option<(&'static str, String)> {
        let squeezed = number(self.wide / self.high);
        let squeezed = (squeezed != "1").then_some(("HScale", squeezed));
        self.matrix.clone().map(|matrix| ("CTM", matrix)).or(squeezed)
    }

    /// Where the characters of a run of this size stand, as a text says it.
    fn places(&self, characters: &[PlacedCharacter], size: f64) -> Vec<(&'static str, String)> {
        let (x, y) = (self.origin.x.to_mm(), self.origin.y.to_mm());
        let across = characters.iter().map(|one| micrometres(x + one.x * size * self.wide));
        let down = characters.iter().map(|one| micrometres(y + one.y * size * self.high));
        let (across, down): (Vec<i64>, Vec<i64>) = (across.collect(), down.collect());
        let mut places = vec![("X", thousandths(across[0])), ("Y", thousandths(down[0]))];
        if characters.len() > 1 {
            places.push(("DeltaX", steps(&across)));
        }
        if down.iter().any(|one| *one != down[0]) {
            places.push(("DeltaY", steps(&down)));
        }
        places
    }
}

/// The characters of a run with the glyphs that draw them. Where some glyphs make some characters together, as a
/// letter and its accent do, they are one glyph of the first of these characters.
fn placed(text: &TextItem, face: &mut EmbeddedFace) -> Vec<PlacedCharacter> {
    let units = text.font.units_per_em();
    let mut characters = Vec::with_capacity(text.glyphs.len());
    let mut pen = (0.0, 0.0);
    for cluster in text.glyphs.chunk_by(|one, next| one.range == next.range) {
        let written: Vec<char> = text.text[cluster[0].range()].chars().collect();
        let starts: Vec<(f64, f64)> = cluster.iter().map(|glyph| advance(&mut pen, glyph)).collect();
        let mut place = |character, glyph, (x, y): (f64, f64)| {
            characters.push(PlacedCharacter { character, glyph, x, y: -y });
        };
        if written.len() == cluster.len() {
            for ((character, glyph), start) in written.iter().zip(cluster).zip(&starts) {
                place(*character, face.number(glyph.id), *start);
            }
            continue;
        }
        let whole = (starts[0].0, starts[0].1);
        let in_units = |distance: f64| (distance * units).round() as i32;
        let parts = cluster.iter().zip(&starts).map(|(glyph, start)| GlyphPart {
            glyph: glyph.id,
            x: in_units(start.0 - whole.0),
            y: in_units(start.1 - whole.1),
        });
        let mut glyph = face.number_of_parts(parts.collect());
        for character in written {
            place(character, glyph, whole);
            glyph = face.number_of_parts(vec![]);
        }
    }
    characters
}

/// Where a glyph begins, y upward; and moves on to the next.
fn advance(pen: &mut (f64, f64), glyph: &Glyph) -> (f64, f64) {
    let start = (pen.0 + em(glyph.x_offset), pen.1 + em(glyph.y_offset));
    *pen = (pen.0 + em(glyph.x_advance), pen.1 + em(glyph.y_advance));
    start
}

fn em(length: Em) -> f64 {
    length.get()
}

/// What a run covers, from its beginning: its characters' squares, and whatever of their ink stands out.
fn ink(text: &TextItem, characters: &[PlacedCharacter], face: &EmbeddedFace) -> InkBounds {
    let units = text.font.units_per_em();
    let of = |units_of: i16| f64::from(units_of) / units;
    let mut around = (0.0f64, -ABOVE, em_width(text), BELOW);
    for one in characters {
        let Some(ink) = face.glyphs[usize::from(one.glyph)].ink else { continue };
        around.0 = around.0.min(one.x + of(ink.x_min));
        around.1 = around.1.min(one.y - of(ink.y_max));
        around.2 = around.2.max(one.x + of(ink.x_max));
        around.3 = around.3.max(one.y - of(ink.y_min));
    }
    let pen = text.stroke.as_ref().map_or(Abs::zero(), |stroke| stroke.thickness / 2.0);
    let at = |x: f64, y: f64| Point::new(text.size * x, text.size * y);
    InkBounds {
        from: at(around.0, around.1) - Point::splat(pen),
        to: at(around.2, around.3) + Point::splat(pen),
    }
}

fn em_width(text: &TextItem) -> f64 {
    text.glyphs.iter().map(|glyph| em(glyph.x_advance)).sum()
}

impl InkBounds {
    fn of(points: impl Iterator<Item = Point>) -> Option<Self> {
        let corners = points.map(|point| (point, point));
        let (from, to) = corners.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))?;
        Some(Self { from, to })
    }

    fn moved(&self, to_page: Transform) -> Self {
        let Self { from, to } = self;
        let corners = [*from, *to, Point::new(from.x, to.y), Point::new(to.x, from.y)];
        Self::of(corners.into_iter().map(|corner| corner.transform(to_page))).expect("there are corners")
    }
}

impl std::fmt::Display for InkBounds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let size = self.to - self.from;
        // A rule has a height, too: where a box is flat, there is nothing in it.
        let side = |length: Abs| number(length.to_mm().max(0.001));
        write!(
            f,
            "{} {} {} {}",
            millimetres(self.from.x),
            millimetres(self.from.y),
            side(size.x),
            side(size.y)
        )
    }
}

/// A path on the page.
struct PagePath(Vec<PathStep>);

enum PathStep {
    Move(Point),
    Line(Point),
    Cubic(Point, Point, Point),
    Close,
}

impl PagePath {
    fn of(geometry: &Geometry, to_page: Transform) -> Self {
        let at = |point: &Point| point.transform(to_page);
        let steps = match geometry {
            Geometry::Line(to) => vec![PathStep::Move(at(&Point::zero())), PathStep::Line(at(to))],
            Geometry::Rect(size) => return Self::of(&Geometry::Curve(Curve::rect(*size)), to_page),
            Geometry::Curve(curve) => {
                let step = |item: &CurveItem| match item {
                    CurveItem::Move(to) => PathStep::Move(at(to)),
                    CurveItem::Line(to) => PathStep::Line(at(to)),
                    CurveItem::Cubic(one, two, to) => PathStep::Cubic(at(one), at(two), at(to)),
                    CurveItem::Close => PathStep::Close,
                };
                curve.0.iter().map(step).collect()
            }
        };
        Self(steps)
    }

    fn extent(&self, pen: Abs) -> Option<InkBounds> {
        let points = self.0.iter().flat_map(|step| match step {
            PathStep::Move(to) | PathStep::Line(to) => vec![*to],
            PathStep::Cubic(one, two, to) => vec![*one, *two, *to],
            PathStep::Close => vec![],
        });
        let InkBounds { from, to } = InkBounds::of(points)?;
        Some(InkBounds { from: from - Point::splat(pen / 2.0), to: to + Point::splat(pen / 2.0) })
    }

    /// From this corner, in the standard's letters.
    fn written(&self, corner: Point) -> String {
        let mut path = String::new();
        let mut put = |letter: char, points: &[Point]| {
            path.push(letter);
            for point in points {
                let at = *point - corner;
                write!(path, " {} {}", millimetres(at.x), millimetres(at.y)).expect("a string takes all");
            }
            path.push(' ');
        };
        for step in &self.0 {
            match step {
                PathStep::Move(to) => put('M', &[*to]),
                PathStep::Line(to) => put('L', &[*to]),
                PathStep::Cubic(one, two, to) => put('B', &[*one, *two, *to]),
                PathStep::Close => put('C', &[]),
            }
        }
        path.truncate(path.trim_end().len());
        path
    }
}

/// A colour that a file can have.
#[derive(Clone, Copy, PartialEq)]
struct Colour {
    rgb: [u8; 3],
    opacity: u8,
}

/// What text has unasked.
const BLACK: Colour = Colour { rgb: [0; 3], opacity: u8::MAX };

impl Colour {
    fn write(self, name: &str, xml: &mut Xml) {
        let [red, green, blue] = self.rgb;
        let (value, alpha) = (format!("{red} {green} {blue}"), self.opacity.to_string());
        let attributes: Attributes = &[("Value", &value), ("Alpha", &alpha)];
        // Opaque is what it is unasked.
        xml.empty(name, &attributes[..if self.opacity == u8::MAX { 1 } else { 2 }]);
    }
}

fn colour(paint: &Paint) -> Result<Colour, UnwritableContent> {
    let Paint::Solid(color) = paint else { return Err(UnwritableContent::Gradient) };
    let color = color.to_rgb().into_format::<u8, u8>();
    Ok(Colour { rgb: [color.red, color.green, color.blue], opacity: color.alpha })
}

/// The attributes of a pen.
fn pen_of(stroke: &FixedStroke, pen: Abs, scale: f64) -> Vec<(&'static str, String)> {
    let mut attributes = vec![("LineWidth", millimetres(pen))];
    match stroke.cap {
        LineCap::Butt => {}
        LineCap::Round => attributes.push(("Cap", "Round".into())),
        LineCap::Square => attributes.push(("Cap", "Square".into())),
    }
    match stroke.join {
        LineJoin::Miter => attributes.push(("MiterLimit", number(stroke.miter_limit.get()))),
        LineJoin::Round => attributes.push(("Join", "Round".into())),
        LineJoin::Bevel => attributes.push(("Join", "Bevel".into())),
    }
    if let Some(dash) = &stroke.dash {
        let lengths = dash.array.iter().map(|length| millimetres(*length * scale));
        attributes.push(("DashPattern", lengths.collect::<Vec<_>>().join(" ")));
        attributes.push(("DashOffset", millimetres(dash.phase * scale)));
    }
    attributes
}

/// The matrix that leads from an object to the page, from the object's corner there.
fn matrix(to_page: Transform, corner: Point) -> String {
    let linear =
        [to_page.sx, to_page.ky, to_page.kx, to_page.sy].map(|ratio| trimmed(format!("{:.6}", ratio.get())));
    let at = Point::new(to_page.tx, to_page.ty) - corner;
    format!("{} {} {}", linear.join(" "), millimetres(at.x), millimetres(at.y))
}

/// The steps between places in micrometres: `g 3 5.5` are three of the same.
fn steps(places: &[i64]) -> String {
    let steps: Vec<i64> = places.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let alike = steps.chunk_by(|one, other| one == other).map(|alike| match alike {
        [one] => thousandths(*one),
        [one, _] => [thousandths(*one), thousandths(*one)].join(" "),
        _ => format!("g {} {}", alike.len(), thousandths(alike[0])),
    });
    alike.collect::<Vec<_>>().join(" ")
}

/// As fine as a file has it.
fn micrometres(millimetres: f64) -> i64 {
    (millimetres * 1000.0).round() as i64
}

/// A number to a thousandth.
fn number(number: f64) -> String {
    thousandths(micrometres(number))
}

fn thousandths(number: i64) -> String {
    let (sign, number) = (if number < 0 { "-" } else { "" }, number.unsigned_abs());
    match (number / 1000, number % 1000) {
        (whole, 0) => format!("{sign}{whole}"),
        (whole, part) => trimmed(format!("{sign}{whole}.{part:03}")),
    }
}

fn trimmed(number: String) -> String {
    let number = number.trim_end_matches('0').trim_end_matches('.');
    if number == "-0" { "0".into() } else { number.to_owned() }
}
