//! Reads a finished PDF back: its text by page as a reader gets it, where each character stands
//! and in which face, and what the file says of itself.

use std::collections::BTreeSet;

use hayro_interpret::font::Glyph as Drawn;
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, GlyphDrawMode, Image, InterpreterCache, InterpreterSettings, Paint,
    PathDrawMode, SoftMask, interpret_page,
};
use hayro_syntax::Pdf;
use hayro_syntax::content::ops::TypedInstruction;
use hayro_syntax::object::dict_or_stream;
use hayro_syntax::object::{Dict, Name, Object, String as PdfString};
use kurbo::{Affine, BezPath, Point, Rect};

const MM_PER_PT: f64 = 25.4 / 72.0;

pub struct Document {
    pub pages: Vec<Page>,
    /// The names of the embedded faces, without the tag of their subset.
    pub faces: BTreeSet<String>,
    pub title: String,
    pub author: String,
    /// The bookmarks, level by level: depth from 0, and text.
    pub bookmarks: Vec<(usize, String)>,
    /// Which keys the catalog has.
    pub catalog: BTreeSet<String>,
    pub is_marked: bool,
    pub language: String,
    /// The XMP packet.
    pub metadata: String,
    /// The tags of the structure tree, each once.
    pub tags: BTreeSet<String>,
}

/// One page; lengths in millimetres from its upper left corner.
pub struct Page {
    pub width: f64,
    pub height: f64,
    /// In the order in which they are drawn, which is the order of reading.
    pub characters: Vec<Character>,
    /// How often something is drawn that is neither of the document nor of the page, and how often one of the two
    /// begins within the other.
    pub nowhere: usize,
    pub mixed: usize,
}

#[derive(Clone, Debug)]
pub struct Character {
    pub text: String,
    /// The left end of the character's width.
    pub x: f64,
    pub right: f64,
    /// The baseline.
    pub y: f64,
    pub size_pt: f64,
    pub face: String,
    /// Not of the document but of the page: its number, the mark of a draft.
    pub is_artifact: bool,
}

/// Characters on one baseline, from left to right.
#[derive(Debug)]
pub struct Line {
    pub y: f64,
    pub characters: Vec<Character>,
}

impl Document {
    pub fn read(bytes: Vec<u8>) -> Self {
        let pdf = Pdf::new(bytes).expect("a PDF");
        let cache = InterpreterCache::new();
        let pages = pdf
            .pages()
            .iter()
            .map(|page| {
                let (width, height) = page.render_dimensions();
                let mut reader = Reader {
                    height: height.into(),
                    spans: actual_texts(page),
                    spans_seen: 0,
                    open: vec![],
                    characters: vec![],
                    nowhere: 0,
                    mixed: 0,
                };
                let bbox = Rect::new(0.0, 0.0, width.into(), height.into());
                let settings = InterpreterSettings::default();
                let mut context = Context::new(Affine::IDENTITY, bbox, &cache, pdf.xref(), settings);
                interpret_page(page, &mut context, &mut reader);
                Page {
                    width: f64::from(width) * MM_PER_PT,
                    height: f64::from(height) * MM_PER_PT,
                    characters: reader.characters,
                    nowhere: reader.nowhere,
                    mixed: reader.mixed,
                }
            })
            .collect();

        let catalog: Dict = pdf.xref().get(pdf.xref().root_id()).expect("a catalog");
        let mut bookmarks = Vec::new();
        if let Some(outlines) = catalog.get::<Dict>("Outlines") {
            collect_bookmarks(&outlines, 0, &mut bookmarks);
        }
        let dicts = || {
            pdf.objects().into_iter().filter_map(|object| match object {
                Object::Dict(dict) => Some(dict),
                Object::Stream(stream) => Some(stream.dict().clone()),
                _ => None,
            })
        };
        let named = |dict: &Dict, key: &str| dict.get::<Name>(key).map(|name| name.as_str().to_owned());
        let metadata = catalog.get::<hayro_syntax::object::Stream>("Metadata");
        let metadata = metadata.and_then(|stream| Some(stream.decoded().ok()?.into_owned()));
        let info = pdf.metadata();
        Self {
            pages,
            faces: dicts()
                .filter_map(|dict| named(&dict, "BaseFont"))
                .map(|name| name.split_once('+').map_or(name.clone(), |(_, face)| face.to_owned()))
                .collect(),
            title: decode(info.title.as_deref().unwrap_or_default()),
            author: decode(info.author.as_deref().unwrap_or_default()),
            bookmarks,
            catalog: catalog.keys().map(|key| key.as_str().to_owned()).collect(),
            is_marked: catalog.get::<Dict>("MarkInfo").and_then(|info| info.get::<bool>("Marked"))
                == Some(true),
            language: catalog
                .get::<PdfString>("Lang")
                .map(|text| decode(text.as_bytes()))
                .unwrap_or_default(),
            metadata: String::from_utf8(metadata.unwrap_or_default()).expect("XMP in UTF-8"),
            tags: dicts()
                .filter(|dict| dict.contains_key("S") && dict.contains_key("P"))
                .filter_map(|dict| named(&dict, "S"))
                .collect(),
        }
    }

    /// The text of the document without white space, page after page.
    pub fn text(&self) -> String {
        self.pages.iter().map(Page::text).collect()
    }
}

impl Page {
    /// The text of the page without white space, its artifacts left out.
    pub fn text(&self) -> String {
        let of_document = self.characters.iter().filter(|character| !character.is_artifact);
        crate::workbench::packed(&of_document.map(|character| character.text.as_str()).collect::<String>())
    }

    /// What belongs to the page and not to the document.
    pub fn artifacts(&self) -> String {
        let of_page = self.characters.iter().filter(|character| character.is_artifact);
        of_page.map(|character| character.text.as_str()).collect()
    }

    /// The lines of the document's text from top to bottom, white space left out.
    pub fn lines(&self) -> Vec<Line> {
        let mut characters: Vec<_> = self
            .characters
            .iter()
            .filter(|character| !character.is_artifact && !character.text.trim().is_empty())
            .cloned()
            .collect();
        characters.sort_by(|one, other| one.y.total_cmp(&other.y));
        let mut lines: Vec<Line> = Vec::new();
        for character in characters {
            match lines.last_mut().filter(|line| (line.y - character.y).abs() < 0.5) {
                Some(line) => line.characters.push(character),
                None => lines.push(Line { y: character.y, characters: vec![character] }),
            }
        }
        for line in &mut lines {
            line.characters.sort_by(|one, other| one.x.total_cmp(&other.x));
        }
        lines
    }
}

impl Line {
    pub fn text(&self) -> String {
        self.characters.iter().map(|character| character.text.as_str()).collect()
    }
}

/// Takes down what an interpreter of the PDF would draw.
struct Reader {
    /// Of the page, in points.
    height: f64,
    /// The text that each marked sequence stands for, where it says so.
    spans: Vec<Option<String>>,
    spans_seen: usize,
    open: Vec<Span>,
    characters: Vec<Character>,
    nowhere: usize,
    mixed: usize,
}

struct Span {
    is_artifact: bool,
    is_content: bool,
    /// Taken by the first glyph of the sequence.
    actual_text: Option<String>,
    replaces: bool,
}

impl Device<'_> for Reader {
    fn begin_marked_content(&mut self, tag: &[u8], content: Option<i32>) {
        let actual_text = self.spans.get_mut(self.spans_seen).and_then(Option::take);
        self.spans_seen += 1;
        let (is_artifact, is_content) = (tag == b"Artifact", content.is_some());
        let is_other =
            |span: &Span| span.is_artifact && is_content || span.is_content && (is_artifact || is_content);
        self.mixed += usize::from(self.open.iter().any(is_other));
        self.open.push(Span { is_artifact, is_content, replaces: actual_text.is_some(), actual_text });
    }

    fn end_marked_content(&mut self) {
        self.open.pop();
    }

    fn draw_glyph(
        &mut self,
        glyph: &Drawn<'_>,
        transform: Affine,
        glyph_transform: Affine,
        _: &Paint<'_>,
        mode: &GlyphDrawMode,
    ) {
        // What is filled and stroked, to look bolder, comes twice.
        if matches!(mode, GlyphDrawMode::Stroke(_)) {
            return;
        }
        let mut text = match glyph.as_unicode() {
            Some(BfString::Char(character)) => character.to_string(),
            Some(BfString::String(text)) => text,
            None => "\u{FFFD}".into(),
        };
        if let Some(span) = self.open.iter_mut().rfind(|span| span.replaces) {
            text = span.actual_text.take().unwrap_or_default();
        }
        let (face, advance) = match glyph {
            Drawn::Outline(outline) => (
                outline.font_data().and_then(|font| font.postscript_name).unwrap_or_default(),
                outline.advance_width().unwrap_or(0.0),
            ),
            Drawn::Type3(_) => (String::new(), 0.0),
        };
        let whole = transform * glyph_transform;
        let origin = whole * Point::ORIGIN;
        let end = whole * Point::new(advance.into(), 0.0);
        self.characters.push(Character {
            text,
            x: origin.x * MM_PER_PT,
            right: end.x * MM_PER_PT,
            y: (self.height - origin.y) * MM_PER_PT,
            // A glyph's space has a thousand units to the size.
            size_pt: (whole * Point::new(0.0, 1000.0) - origin).hypot(),
            face,
            is_artifact: self.open.iter().any(|span| span.is_artifact),
        });
        self.expect_place();
    }

    fn set_soft_mask(&mut self, _: Option<SoftMask<'_>>) {}
    fn set_blend_mode(&mut self, _: BlendMode) {}
    fn draw_path(&mut self, _: &BezPath, _: Affine, _: &Paint<'_>, _: &PathDrawMode) {
        self.expect_place();
    }
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'_, '_>, _: Affine) {
        self.expect_place();
    }
    fn pop_clip_path(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

impl Reader {
    fn expect_place(&mut self) {
        self.nowhere += usize::from(!self.open.iter().any(|span| span.is_artifact || span.is_content));
    }
}

/// The `ActualText` of each marked sequence of a page, in the order of their beginnings.
fn actual_texts(page: &hayro_syntax::page::Page) -> Vec<Option<String>> {
    let mut texts = Vec::new();
    let mut instructions = page.typed_operations();
    while let Some(instruction) = instructions.next() {
        match instruction {
            TypedInstruction::BeginMarkedContent(_) => texts.push(None),
            TypedInstruction::BeginMarkedContentWithProperties(begin) => {
                let text = dict_or_stream(begin.1).and_then(|(dict, _)| dict.get::<PdfString>("ActualText"));
                texts.push(text.map(|text| decode(text.as_bytes())));
            }
            _ => {}
        }
    }
    texts
}

fn collect_bookmarks(parent: &Dict, depth: usize, bookmarks: &mut Vec<(usize, String)>) {
    let mut next = parent.get::<Dict>("First");
    while let Some(item) = next {
        let title = item.get::<PdfString>("Title").map(|text| decode(text.as_bytes())).unwrap_or_default();
        bookmarks.push((depth, title));
        collect_bookmarks(&item, depth + 1, bookmarks);
        next = item.get::<Dict>("Next");
    }
}

/// A text string of PDF: UTF-16 behind its mark, else Latin.
fn decode(bytes: &[u8]) -> String {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => {
            let units: Vec<u16> =
                rest.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16(&units).expect("UTF-16")
        }
        latin => latin.iter().map(|byte| char::from(*byte)).collect(),
    }
}
