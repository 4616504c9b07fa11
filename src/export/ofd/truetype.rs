//! An embedded face as a TrueType file, whatever it was before. Readers leave faces of PostScript outlines aside
//! (ofdrw #10) and stumble over such as lack their usual tables (ofdrw #169, #271): so all are TrueType here, with
//! the tables that a face of a system has.

use kurbo::{BezPath, CubicBez, PathEl, Point};
use ttf_parser::{GlyphId, OutlineBuilder, PlatformId, Tag, name_id};
use typst::text::FontInstance;
use write_fonts::FontBuilder;
use write_fonts::tables::cmap::Cmap;
use write_fonts::tables::glyf::{GlyfLocaBuilder, Glyph as Outline, SimpleGlyph};
use write_fonts::tables::head::Head;
use write_fonts::tables::hhea::Hhea;
use write_fonts::tables::hmtx::Hmtx;
use write_fonts::tables::loca::LocaFormat;
use write_fonts::tables::maxp::Maxp;
use write_fonts::tables::name::{Name, NameRecord};
use write_fonts::tables::os2::Os2;
use write_fonts::tables::post::Post;
use write_fonts::tables::vmtx::LongMetric;
use write_fonts::types::{FWord, NameId, UfWord};

use super::faces::{EmbeddedFace, EmbeddedGlyph};

/// How far a curve may lie from that of the face, in its units: less than a reader can show.
const ACCURACY: f64 = 0.5;

/// The records of a face's names that come along: whose it is, what it is called, and on what terms.
const NAMES: [u16; 8] = [
    name_id::COPYRIGHT_NOTICE,
    name_id::FAMILY,
    name_id::SUBFAMILY,
    name_id::UNIQUE_ID,
    name_id::FULL_NAME,
    name_id::POST_SCRIPT_NAME,
    name_id::LICENSE,
    name_id::LICENSE_URL,
];

/// A face that cannot be brought along.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnfitFace {
    #[error("字体“{0}”只有点阵，没有轮廓")]
    WithoutOutlines(String),
    #[error("字体“{0}”的文件有损坏：{1}")]
    Broken(String, String),
}

pub(super) fn write(face: &EmbeddedFace) -> Result<Vec<u8>, UnfitFace> {
    let font = &face.font;
    let family = || font.info().family.clone();
    let tables = font.ttf().tables();
    if tables.glyf.is_none() && tables.cff.is_none() && tables.cff2.is_none() {
        return Err(UnfitFace::WithoutOutlines(family()));
    }
    build(face).map_err(|detail| UnfitFace::Broken(family(), detail))
}

fn build(face: &EmbeddedFace) -> Result<Vec<u8>, String> {
    let (font, ttf) = (&face.font, face.font.ttf());
    let mut builder = GlyfLocaBuilder::new();
    let mut metrics = Vec::new();
    let mut most = FaceExtremes::default();
    for glyph in &face.glyphs {
        let outline = outline(font, glyph)?;
        let left = most.take(&outline);
        builder.add_glyph(&outline).map_err(told)?;
        let advance = glyph.parts.first().and_then(|part| ttf.glyph_hor_advance(GlyphId(part.glyph)));
        metrics.push(LongMetric { advance: advance.unwrap_or_default(), side_bearing: left });
    }
    let (glyf, loca, format) = builder.build();
    let count = u16::try_from(metrics.len()).map_err(told)?;
    let mut head = Head {
        units_per_em: ttf.units_per_em(),
        index_to_loc_format: i16::from(format == LocaFormat::Long),
        ..Head::default()
    };
    (head.x_min, head.y_min, head.x_max, head.y_max) = most.ink;
    let hhea = Hhea {
        ascender: FWord::new(ttf.ascender()),
        descender: FWord::new(ttf.descender()),
        line_gap: FWord::new(ttf.line_gap()),
        advance_width_max: UfWord::new(metrics.iter().map(|one| one.advance).max().unwrap_or_default()),
        caret_slope_rise: 1,
        number_of_h_metrics: count,
        ..Hhea::default()
    };
    let characters = face.characters.iter();
    let characters = characters.map(|(character, number)| (*character, u32::from(*number).into()));
    let mut file = FontBuilder::new();
    file.add_table(&head).map_err(told)?;
    file.add_table(&hhea).map_err(told)?;
    file.add_table(&most.maxp(count)).map_err(told)?;
    file.add_table(&Hmtx::new(metrics, vec![])).map_err(told)?;
    file.add_table(&Cmap::from_mappings(characters).map_err(told)?).map_err(told)?;
    file.add_table(&glyf).map_err(told)?;
    file.add_table(&loca).map_err(told)?;
    file.add_table(&names(font)).map_err(told)?;
    // Without names of glyphs.
    file.add_table(&Post { version: write_fonts::types::Version16Dot16::VERSION_3_0, ..Post::default() })
        .map_err(told)?;
    const OS_2: Tag = Tag::from_bytes(b"OS/2");
    match ttf.raw_face().table(OS_2) {
        Some(table) => _ = file.add_raw(write_fonts::types::Tag::new(b"OS/2"), table),
        None => _ = file.add_table(&Os2::default()).map_err(told)?,
    }
    Ok(file.build())
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// What `head` and `maxp` say of all glyphs.
#[derive(Default)]
struct FaceExtremes {
    ink: (i16, i16, i16, i16),
    points: usize,
    contours: usize,
}

impl FaceExtremes {
    /// Counts a glyph in, and says where its ink begins.
    fn take(&mut self, outline: &Outline) -> i16 {
        let Outline::Simple(outline) = outline else { return 0 };
        let (ink, all) = (outline.bbox, self.ink);
        self.ink = (all.0.min(ink.x_min), all.1.min(ink.y_min), all.2.max(ink.x_max), all.3.max(ink.y_max));
        self.points = self.points.max(outline.contours.iter().map(|contour| contour.len()).sum());
        self.contours = self.contours.max(outline.contours.len());
        ink.x_min
    }

    fn maxp(&self, glyphs: u16) -> Maxp {
        let bounded = |number: usize| Some(u16::try_from(number).unwrap_or(u16::MAX));
        Maxp {
            num_glyphs: glyphs,
            max_points: bounded(self.points),
            max_contours: bounded(self.contours),
            max_composite_points: Some(0),
            max_composite_contours: Some(0),
            max_zones: Some(1),
            max_twilight_points: Some(0),
            max_storage: Some(0),
            max_function_defs: Some(0),
            max_instruction_defs: Some(0),
            max_stack_elements: Some(0),
            max_size_of_instructions: Some(0),
            max_component_elements: Some(0),
            max_component_depth: Some(0),
        }
    }
}

/// A glyph of quadratic curves.
fn outline(font: &FontInstance, glyph: &EmbeddedGlyph) -> Result<Outline, String> {
    let mut pen = OutlinePen::default();
    for part in &glyph.parts {
        pen.origin = Point::new(part.x.into(), part.y.into());
        // A glyph without an outline is a space.
        font.ttf().outline_glyph(GlyphId(part.glyph), &mut pen);
    }
    if pen.path.elements().is_empty() {
        return Ok(Outline::Empty);
    }
    let outline = SimpleGlyph::from_bezpath(&pen.path).map_err(|fault| format!("{fault:?}"))?;
    Ok(Outline::Simple(outline))
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

/// The names that the face has for Windows, which every system reads.
fn names(font: &FontInstance) -> Name {
    let records = font.ttf().names().into_iter();
    let records = records
        .filter(|name| name.platform_id == PlatformId::Windows && NAMES.contains(&name.name_id))
        .filter_map(|name| {
            let text = name.to_string()?;
            let (platform, encoding, language) = (3, name.encoding_id, name.language_id);
            Some(NameRecord::new(platform, encoding, language, NameId::new(name.name_id), text.into()))
        });
    let mut records: Vec<NameRecord> = records.collect();
    records.sort();
    Name::new(records)
}
