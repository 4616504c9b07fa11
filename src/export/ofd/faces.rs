//! The faces that a document brings along: which glyphs of each, and by which characters they are found.

use std::collections::{BTreeMap, HashMap};

use ttf_parser::{GlyphId, Rect};
use typst::text::FontInstance;

use super::Ids;
use super::outline::{GlyphPart, TrueTypeOutline};

/// A glyph of an embedded face: one of the face's own, or some of them over one another where several make one
/// character.
pub(super) struct EmbeddedGlyph {
    /// Or why it cannot be drawn.
    pub(super) outline: Result<TrueTypeOutline, String>,
    pub(super) advance: u16,
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
    /// The number of each glyph of the face that stands by itself: 0 of what has none yet, as of what stands first.
    own: Vec<u16>,
    /// The numbers of those that are made of several parts, or of none.
    made: HashMap<Vec<GlyphPart>, u16>,
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
        let own = vec![0; usize::from(font.ttf().number_of_glyphs())];
        let mut face =
            Self { id, font, glyphs: vec![], characters: BTreeMap::new(), own, made: HashMap::new() };
        face.add(&[GlyphPart::whole(0)]);
        face
    }

    /// The number of a glyph of the face.
    pub(super) fn number(&mut self, glyph: u16) -> u16 {
        match self.own.get(usize::from(glyph)) {
            Some(0) if glyph != 0 => {
                let number = self.add(&[GlyphPart::whole(glyph)]);
                self.own[usize::from(glyph)] = number;
                number
            }
            Some(number) => *number,
            None => 0,
        }
    }

    /// The number of the glyph that these parts make.
    pub(super) fn number_of_parts(&mut self, parts: Vec<GlyphPart>) -> u16 {
        if let [GlyphPart { glyph, x: 0, y: 0 }] = parts[..] {
            return self.number(glyph);
        }
        if let Some(number) = self.made.get(&parts) {
            return *number;
        }
        let number = self.add(&parts);
        self.made.insert(parts, number);
        number
    }

    fn add(&mut self, parts: &[GlyphPart]) -> u16 {
        let number = u16::try_from(self.glyphs.len()).expect("a face has no more glyphs than that");
        let ttf = self.font.ttf();
        let advance = parts.first().and_then(|part| ttf.glyph_hor_advance(GlyphId(part.glyph)));
        let outline = TrueTypeOutline::of(ttf, parts);
        let ink = outline.as_ref().ok().and_then(TrueTypeOutline::ink);
        self.glyphs.push(EmbeddedGlyph { outline, advance: advance.unwrap_or_default(), ink });
        number
    }

    /// Whether a character is drawn by this glyph without its text saying so: as the face itself has it.
    pub(super) fn is_usual(&mut self, character: char, number: u16) -> bool {
        if let Some(usual) = self.characters.get(&character) {
            return *usual == number;
        }
        let own = self.font.ttf().glyph_index(character);
        let usual = own.map_or(number, |glyph| self.number(glyph.0));
        self.characters.insert(character, usual);
        usual == number
    }
}
