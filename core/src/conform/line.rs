//! Characters that share a baseline, and what can be measured of them.

use super::figures::{CELL, LEFT, RIGHT, millimetres};
use super::page::{Glyph, Page};

/// The part of a character's size that stands above its baseline, and below it: a Chinese
/// character is as high as its size.
const ABOVE: f64 = 0.88;
const BELOW: f64 = 0.12;
/// Characters whose baselines differ by no more stand in one line: accents are set above their letters, exponents
/// raised.
const SAME_LINE: f64 = 2.0;

/// Marks that open, marks that close, and marks that may not be torn apart (GB/T 15834-2011).
pub(super) const OPENING: &str = "《〈（“‘『「【〖〔［｛";
pub(super) const CLOSING: &str = "，。、：；？！．》〉）”’』」】〗〕］｝";
pub(super) const NEVER_FIRST: &str = "，。、：；？！．》〉）”’』」】〗〕］｝·％%‰℃℉°′″²³㎡㎥～–";
pub(super) const NEVER_SPLIT: &str = "—…";

/// A line of text.
#[derive(Clone, Debug)]
pub(super) struct TextLine {
    /// The sheet it stands on, from 1.
    pub page: usize,
    pub baseline: f64,
    /// From left to right, without spaces.
    pub glyphs: Vec<Glyph>,
    /// Whether it stands in a table.
    pub is_tabular: bool,
}

impl Glyph {
    /// The width of a full-width character of its size.
    pub(super) fn em(&self) -> f64 {
        millimetres(self.size)
    }

    /// What it means, when that is one character.
    pub(super) fn character(&self) -> char {
        let mut characters = self.text.chars();
        characters.next().unwrap_or('\u{FFFD}')
    }

    pub(super) fn is_space(&self) -> bool {
        !self.text.is_empty() && self.text.chars().all(char::is_whitespace)
    }

    pub(super) fn is_full_width(&self) -> bool {
        is_full_width(self.character())
    }

    pub(super) fn is_han(&self) -> bool {
        is_han(self.character())
    }

    pub(super) fn is_mark(&self) -> bool {
        OPENING.contains(self.character()) || CLOSING.contains(self.character())
    }

    /// Where it ends: a full-width one with its cell, however it is spaced.
    pub(super) fn end(&self) -> f64 {
        self.x + if self.is_full_width() { self.em() } else { self.advance }
    }

    pub(super) fn is_red(&self) -> bool {
        is_red(self.colour)
    }

    pub(super) fn is_upright(&self) -> bool {
        self.direction.0 > 0.99
    }
}

impl TextLine {
    /// The lines of a sheet, from top to bottom. What does not run from left to right is none.
    pub(super) fn of(page: &Page) -> Vec<Self> {
        let mut glyphs: Vec<&Glyph> =
            page.glyphs.iter().filter(|glyph| glyph.is_upright() && !glyph.is_space()).collect();
        glyphs.sort_by(|one, other| one.y.total_cmp(&other.y));
        let mut lines: Vec<Self> = Vec::new();
        for glyph in glyphs {
            match lines.last_mut() {
                Some(line) if glyph.y - line.baseline < SAME_LINE => line.glyphs.push(glyph.clone()),
                _ => lines.push(Self {
                    page: page.number,
                    baseline: glyph.y,
                    glyphs: vec![glyph.clone()],
                    is_tabular: false,
                }),
            }
        }
        for line in &mut lines {
            line.glyphs.sort_by(|one, other| one.x.total_cmp(&other.x));
            let baselines = line.glyphs.iter().map(|glyph| glyph.y);
            line.baseline = most_common(baselines.map(|y| (y * 100.0).round())) / 100.0;
        }
        lines
    }

    pub(super) fn text(&self) -> String {
        self.glyphs.iter().map(|glyph| glyph.text.as_str()).collect()
    }

    /// The first characters, for messages.
    pub(super) fn beginning(&self) -> String {
        let text = self.text();
        let beginning: String = text.chars().take(10).collect();
        if beginning.len() < text.len() {
            format!("“{beginning}……”")
        } else {
            format!("“{beginning}”")
        }
    }

    /// The size of most of it, in points.
    pub(super) fn size(&self) -> f64 {
        most_common(self.glyphs.iter().map(|glyph| (glyph.size * 20.0).round())) / 20.0
    }

    pub(super) fn em(&self) -> f64 {
        millimetres(self.size())
    }

    pub(super) fn left(&self) -> f64 {
        self.glyphs.first().map_or(0.0, |glyph| glyph.x)
    }

    pub(super) fn right(&self) -> f64 {
        self.glyphs.last().map_or(0.0, Glyph::end)
    }

    pub(super) fn centre(&self) -> f64 {
        (self.left() + self.right()) / 2.0
    }

    /// How far its middle is from `middle`: that of its characters or that of what is printed. A mark at an end of
    /// the line is half blank, and typesetters may drop that half.
    pub(super) fn off_centre(&self, middle: f64) -> f64 {
        let edge =
            |glyph: Option<&Glyph>, side: usize| glyph.and_then(|glyph| glyph.ink).map(|ink| ink[side]);
        let printed = edge(self.glyphs.first(), 0).zip(edge(self.glyphs.last(), 2));
        let printed = printed.map_or(self.centre(), |(left, right)| (left + right) / 2.0);
        (self.centre() - middle).abs().min((printed - middle).abs())
    }

    /// The upper edge of its characters.
    pub(super) fn top(&self) -> f64 {
        self.baseline - ABOVE * self.em()
    }

    /// The lower edge of its characters.
    pub(super) fn bottom(&self) -> f64 {
        self.baseline + BELOW * self.em()
    }

    pub(super) fn middle(&self) -> f64 {
        (self.top() + self.bottom()) / 2.0
    }

    /// How many 字 it begins to the right of the text block's left edge.
    pub(super) fn indent(&self) -> f64 {
        (self.left() - LEFT) / CELL
    }

    /// How many 字 it ends before the text block's right edge.
    pub(super) fn inset(&self) -> f64 {
        (RIGHT - self.right()) / CELL
    }

    pub(super) fn first(&self) -> char {
        self.glyphs.first().map_or(' ', Glyph::character)
    }

    pub(super) fn last(&self) -> char {
        self.glyphs.last().map_or(' ', Glyph::character)
    }

    /// Whether full-width characters alone stand in it.
    pub(super) fn is_pure(&self) -> bool {
        self.glyphs.iter().all(Glyph::is_full_width)
    }
}

pub(super) fn is_full_width(character: char) -> bool {
    matches!(character,
        '\u{3000}'..='\u{30FF}' | '\u{31A0}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE4F}' | '\u{FF01}'..='\u{FF60}' | '\u{FFE0}'..='\u{FFE6}' | '\u{20000}'..='\u{323AF}'
        | '—' | '…' | '“' | '”' | '‘' | '’')
}

pub(super) fn is_han(character: char) -> bool {
    matches!(character,
        '〇' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

/// Whether a colour is seen as black.
pub(super) fn is_black([red, green, blue]: [u8; 3]) -> bool {
    red.max(green).max(blue) <= 64
}

/// Whether a colour is seen as red.
pub(super) fn is_red([red, green, blue]: [u8; 3]) -> bool {
    red >= 150 && green <= 100 && blue <= 100
}

/// The value that occurs most often; of several the first.
fn most_common(values: impl Iterator<Item = f64>) -> f64 {
    let mut counts: Vec<(f64, usize)> = Vec::new();
    for value in values {
        match counts.iter_mut().find(|(known, _)| *known == value) {
            Some((_, count)) => *count += 1,
            None => counts.push((value, 1)),
        }
    }
    let best = counts.iter().map(|(_, count)| *count).max();
    counts.iter().find(|(_, count)| Some(*count) == best).map_or(0.0, |(value, _)| *value)
}
