//! The faces that a document brings along: which glyphs of each, and by which characters they are found.

use std::collections::{BTreeMap, HashMap};

use ttf_parser::{GlyphId, Rect};
use typst::text::FontInstance;

use super::Ids;

/// A glyph of a face, moved by so much, in the face's units.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct GlyphPart {
    pub(super) glyph: u16,
    pub(super) x: i32,
    pub(super) y: i32,
}

/// A glyph of an embedded face: one of the face's own, or some of them over one another where several make one
/// character. None of them is a glyph without ink.
pub(super) struct EmbeddedGlyph {
    pub(super) parts: Vec<GlyphPart>,
    /// What it covers, in the face's units.
    pub(super) ink: Option<Rect>,
}

/// A face with the glyphs of it that a document shows.
pub(super) struct EmbeddedFace {
    pub(super) id: u32,
    pub(super) font: FontInstance,
    /// By their numbers in the embedded face. The first is what stands for a character that it does not have.
    pub(super) glyphs: Vec<EmbeddedGlyph>,
    /// By which glyph each character is drawn where its text names no other.
    pub(super) characters: BTreeMap<char, u16>,
    numbers: HashMap<Vec<GlyphPart>, u16>,
}

/// The faces of a document, in the order in which they are met.
#[derive(Default)]
pub(super) struct Faces(pub(super) Vec<EmbeddedFace>);

impl Faces {
    pub(super) fn of(&mut self, font: &FontInstance, ids: &mut Ids) -> &mut EmbeddedFace {
        let known = self.0.iter().position(|face| face.font == *font);
        let at = known.unwrap_or_else(|| {
            self.0.push(EmbeddedFace::new(font.clone(), ids.next()));
            self.0.len() - 1
        });
        &mut self.0[at]
    }
}

impl EmbeddedFace {
    fn new(font: FontInstance, id: u32) -> Self {
        let mut face =
            Self { id, font, glyphs: vec![], characters: BTreeMap::new(), numbers: HashMap::new() };
        face.number(&[GlyphPart { glyph: 0, x: 0, y: 0 }]);
        face
    }

    /// The number of the glyph that these parts make.
    pub(super) fn number(&mut self, parts: &[GlyphPart]) -> u16 {
        if let Some(number) = self.numbers.get(parts) {
            return *number;
        }
        let number = u16::try_from(self.glyphs.len()).expect("a face has no more glyphs than that");
        let boxes = parts.iter().filter_map(|part| {
            let ink = self.font.ttf().glyph_bounding_box(GlyphId(part.glyph))?;
            let (x, y) = (clamped(part.x), clamped(part.y));
            Some(Rect {
                x_min: ink.x_min.saturating_add(x),
                y_min: ink.y_min.saturating_add(y),
                x_max: ink.x_max.saturating_add(x),
                y_max: ink.y_max.saturating_add(y),
            })
        });
        let ink = boxes.reduce(|one, other| Rect {
            x_min: one.x_min.min(other.x_min),
            y_min: one.y_min.min(other.y_min),
            x_max: one.x_max.max(other.x_max),
            y_max: one.y_max.max(other.y_max),
        });
        self.glyphs.push(EmbeddedGlyph { parts: parts.to_vec(), ink });
        self.numbers.insert(parts.to_vec(), number);
        number
    }

    /// Whether a character is drawn by this glyph without its text saying so: as the face itself has it.
    pub(super) fn is_usual(&mut self, character: char, number: u16) -> bool {
        if let Some(usual) = self.characters.get(&character) {
            return *usual == number;
        }
        let own = self.font.ttf().glyph_index(character);
        let usual = own.map_or(number, |glyph| self.number(&[GlyphPart { glyph: glyph.0, x: 0, y: 0 }]));
        self.characters.insert(character, usual);
        usual == number
    }
}

fn clamped(distance: i32) -> i16 {
    distance.clamp(i16::MIN.into(), i16::MAX.into()) as i16
}
