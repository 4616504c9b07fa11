//! An embedded face as a TrueType file, whatever it was before. Readers leave faces of PostScript outlines aside
//! (ofdrw #10) and stumble over such as lack their usual tables (ofdrw #169, #271): so all are TrueType here, with
//! the tables that a face of a system has.

use ttf_parser::{Face, PlatformId, name_id};
use write_fonts::FontBuilder;
use write_fonts::tables::cmap::Cmap;
use write_fonts::tables::head::Head;
use write_fonts::tables::hhea::Hhea;
use write_fonts::tables::hmtx::Hmtx;
use write_fonts::tables::maxp::Maxp;
use write_fonts::tables::name::{Name, NameRecord};
use write_fonts::tables::os2::Os2;
use write_fonts::tables::post::Post;
use write_fonts::tables::vmtx::LongMetric;
use write_fonts::types::{FWord, NameId, Tag, UfWord, Version16Dot16};

use super::faces::EmbeddedFace;
use super::outline::TrueTypeOutline;

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
    let ttf = face.font.ttf();
    let mut glyphs = Outlines::default();
    let mut metrics = Vec::new();
    for glyph in &face.glyphs {
        glyphs.add(glyph.outline.as_ref()?);
        let side_bearing = glyph.ink.map_or(0, |ink| ink.x_min);
        metrics.push(LongMetric { advance: glyph.advance, side_bearing });
    }
    let count = u16::try_from(metrics.len()).map_err(told)?;
    let (x_min, y_min, x_max, y_max) = glyphs.ink;
    // Places of glyphs are written in four bytes.
    let units_per_em = ttf.units_per_em();
    let head = Head { units_per_em, x_min, y_min, x_max, y_max, index_to_loc_format: 1, ..Head::default() };
    let hhea = Hhea {
        ascender: FWord::new(ttf.ascender()),
        descender: FWord::new(ttf.descender()),
        line_gap: FWord::new(ttf.line_gap()),
        advance_width_max: UfWord::new(metrics.iter().map(|one| one.advance).max().unwrap_or_default()),
        caret_slope_rise: 1,
        number_of_h_metrics: count,
        ..Hhea::default()
    };
    // Without names of glyphs.
    let post = Post { version: Version16Dot16::VERSION_3_0, ..Post::default() };
    let characters = face.characters.iter();
    let characters = characters.map(|(character, number)| (*character, u32::from(*number).into()));
    let cmap = Cmap::from_mappings(characters).map_err(told)?;
    let mut file = FontBuilder::new();
    file.add_table(&head).map_err(told)?;
    file.add_table(&hhea).map_err(told)?;
    file.add_table(&glyphs.maxp(count)).map_err(told)?;
    file.add_table(&Hmtx::new(metrics, vec![])).map_err(told)?;
    file.add_table(&cmap).map_err(told)?;
    file.add_table(&names(ttf)).map_err(told)?;
    file.add_table(&post).map_err(told)?;
    file.add_raw(Tag::new(b"loca"), glyphs.places());
    file.add_raw(Tag::new(b"glyf"), glyphs.glyf);
    match ttf.raw_face().table(ttf_parser::Tag::from_bytes(b"OS/2")) {
        Some(table) => _ = file.add_raw(Tag::new(b"OS/2"), table),
        None => _ = file.add_table(&Os2::default()).map_err(told)?,
    }
    Ok(file.build())
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// The outlines of a face, one behind the other, and what is said of all of them.
#[derive(Default)]
struct Outlines {
    glyf: Vec<u8>,
    /// Where each begins.
    starts: Vec<u32>,
    ink: (i16, i16, i16, i16),
    points: u16,
    contours: u16,
}

impl Outlines {
    fn add(&mut self, outline: &TrueTypeOutline) {
        self.starts.push(self.end());
        self.glyf.extend_from_slice(&outline.0);
        self.glyf.resize(self.glyf.len().next_multiple_of(4), 0);
        if let Some(ink) = outline.ink() {
            let all = self.ink;
            self.ink =
                (all.0.min(ink.x_min), all.1.min(ink.y_min), all.2.max(ink.x_max), all.3.max(ink.y_max));
        }
        self.points = self.points.max(outline.points());
        self.contours = self.contours.max(outline.contours());
    }

    fn end(&self) -> u32 {
        u32::try_from(self.glyf.len()).expect("a face of four gigabytes was not read")
    }

    /// Where each begins and the last one ends, as `loca` has it.
    fn places(&self) -> Vec<u8> {
        self.starts.iter().copied().chain([self.end()]).flat_map(u32::to_be_bytes).collect()
    }

    fn maxp(&self, glyphs: u16) -> Maxp {
        Maxp {
            num_glyphs: glyphs,
            max_points: Some(self.points),
            max_contours: Some(self.contours),
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

/// The names that the face has for Windows, which every system reads.
fn names(ttf: &Face) -> Name {
    let records = ttf.names().into_iter();
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
