//! Lines of 28 cells (GB/T 9704-2012, 5.2.3).
//!
//! Typst squeezes Chinese marks at the edges of a line and beside each other, and no setting stops
//! it. On the grid every mark is one cell. So running text is broken into lines here, in one pass,
//! and a space as narrow as the tracking stands wherever typst would see a mark to squeeze. The
//! layout library calls this as a function; each piece of text keeps the span of its source.

#![expect(clippy::too_many_arguments, reason = "those of a function of typst have names")]

use std::cell::OnceCell;

use ttf_parser::GlyphId;
use typst::World;
use typst::diag::{At, HintedStrResult, SourceResult};
use typst::engine::Engine;
use typst::foundations::{Content, NativeElement, SequenceElem, StyledElem, Value, func};
use typst::layout::{Abs, Em, HElem, Length, Rel, Spacing};
use typst::syntax::{Span, Spanned};
use typst::text::{FontFamily, FontInstance, FontList, FontVariant, LinebreakElem, SpaceElem, TextElem};

use super::last_pages::{LinePitch, number};
use crate::language::breaking::{Atom, GridLine, GridRoom, HAIR, gaps, is_closing, is_gap, is_opening};

/// Between a letter and the mark above it, in ems.
const ABOVE_LETTER: f64 = 0.04;
/// What hides a mark from typst.
const HIDING: Abs = Abs::raw(HAIR);

/// Breaks the text of `parts`, which follow one another, into lines of the grid. Gives back one
/// content for each part, so that each can be dressed in its own way: of the lines before those that are apart, and of
/// these, where there are any.
///
/// Lines of Chinese alone keep their cells; lines with figures or Latin in them, which have widths
/// of their own, are justified. A line holds so many `cells`, and the first one less its `indent`;
/// `font` and `size` are the text's, which is set so close that a character takes a `cell`.
///
/// Apart are the last lines, so many as are `kept` with what is next, or of a text that may be `parted` those that the
/// document's [`LastPages`] has set closer or wider.
#[func]
pub(super) fn set_on_grid(
    engine: &mut Engine,
    parts: Vec<Content>,
    font: Spanned<Value>,
    size: Length,
    cell: Length,
    #[named]
    #[default(0)]
    indent: i64,
    #[named]
    #[default(28)]
    cells: i64,
    #[named]
    #[default(0)]
    kept: i64,
    #[named]
    #[default(false)]
    parted: bool,
) -> SourceResult<Vec<Vec<Content>>> {
    let runs = runs(&parts);
    let places = runs.iter().map(|run| run.span);
    let pitch = if parted { LinePitch::of(engine, places).at(Span::detached())? } else { None };
    let (size, cell) = (size.abs, cell.abs.to_pt());
    let faces =
        families(font.v).at(font.span)?.into_iter().map(|family| (family.clone(), OnceCell::new())).collect();
    let measure = CharacterWidths { engine, faces, size, cell, tracking: cell - size.to_pt() };
    let atoms = atoms(&runs, &measure);
    let lines = GridRoom { cell, cells: cells as f64, indent: indent as f64 }.lines(&atoms);
    let torn = match usize::try_from(kept) {
        Ok(kept @ 1..) => lines.len().saturating_sub(kept),
        _ => pitch.map_or(lines.len(), |pitch| pitch.begins(&runs, &atoms, &lines)),
    };
    let mut composed = compose(&parts, &runs, &atoms, &lines, torn, &measure);
    let behind = composed.split_off(parts.len());
    let filled = |contents, has_lines: bool| if has_lines { contents } else { vec![] };
    let is_empty = lines.is_empty();
    Ok(vec![filled(composed, torn > 0 || is_empty), filled(behind, torn < lines.len())])
}

/// What a set rule takes as a font. Each paragraph asks, of a handful, and patterns of characters take long to read.
#[comemo::memoize]
fn families(font: Value) -> HintedStrResult<FontList> {
    font.cast()
}

impl LinePitch {
    /// The first of the lines that is part of it.
    fn begins(self, runs: &[Run], atoms: &[Atom], lines: &[GridLine]) -> usize {
        let place = |run: &Run| number(run.span);
        let Some(last) = runs.iter().map(place).filter(|place| self.is_of_source(*place)).max() else {
            return lines.len();
        };
        let has_begun = |line: &GridLine| {
            atoms[line.atoms.clone()].iter().any(|atom| place(&runs[atom.run]) == self.from)
        };
        if let Some(first) = lines.iter().position(has_begun) {
            return lines.len().min(first + self.lines);
        }
        let is_within = last > self.from && self.until.is_none_or(|until| last < until);
        if is_within { 0 } else { lines.len() }
    }
}

/// A stretch of text from one place of the source.
struct Run<'a> {
    part: usize,
    text: &'a str,
    span: Span,
}

fn runs(parts: &[Content]) -> Vec<Run<'_>> {
    fn collect<'a>(content: &'a Content, part: usize, runs: &mut Vec<Run<'a>>) {
        if let Some(text) = content.to_packed::<TextElem>() {
            runs.push(Run { part, text: &text.text, span: content.span() });
        } else if content.is::<SpaceElem>() {
            runs.push(Run { part, text: " ", span: content.span() });
        } else if let Some(sequence) = content.to_packed::<SequenceElem>() {
            for child in &sequence.children {
                collect(child, part, runs);
            }
        } else if let Some(styled) = content.to_packed::<StyledElem>() {
            collect(&styled.child, part, runs);
        }
    }
    let mut runs = Vec::new();
    for (part, content) in parts.iter().enumerate() {
        collect(content, part, &mut runs);
    }
    runs
}

fn atoms(runs: &[Run], measure: &CharacterWidths) -> Vec<Atom> {
    let mut atoms: Vec<Atom> = Vec::new();
    // Typst drops the tracking where the script changes, before a word and behind it. A line
    // that counts on it would be pressed together, and its marks with it.
    let lost = measure.tracking * -2.0;
    for (index, run) in runs.iter().enumerate() {
        let mut word: Vec<Atom> = Vec::new();
        for (start, character) in run.text.char_indices() {
            let is_cell = is_full_width(character);
            let atom = Atom {
                run: index,
                range: start..start + character.len_utf8(),
                width: if is_cell { measure.cell } else { measure.width(character) },
                is_cell,
                first: character,
                last: character,
            };
            if is_letter(character) || is_combining(character) && !word.is_empty() {
                word.push(atom);
                continue;
            }
            push_word(&mut atoms, &mut word, measure.cell, lost);
            match atoms.last_mut() {
                // —— and …… are one mark each.
                Some(one) if is_pair(one, &atom) => {
                    one.range.end = atom.range.end;
                    one.width += atom.width;
                }
                _ => atoms.push(if is_cell { atom } else { Atom { width: atom.width + lost, ..atom } }),
            }
        }
        push_word(&mut atoms, &mut word, measure.cell, lost);
    }
    atoms
}

fn is_pair(one: &Atom, other: &Atom) -> bool {
    let is_alone = one.range.len() == one.first.len_utf8();
    one.run == other.run && one.first == other.first && is_alone && is_dash(other.first)
}

/// They are marks of two cells, and typst gives no room behind them.
fn is_dash(character: char) -> bool {
    matches!(character, '—' | '…')
}

/// A letter or figure of a word, or one of its marks; Chinese characters are none.
fn is_letter(character: char) -> bool {
    character.is_ascii_graphic() || !is_full_width(character) && character.is_alphanumeric()
}

/// What stands above or below the letter before it.
fn is_combining(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}')
}

/// A word is one atom; an address has several, and what is longer than a line each of its letters.
fn push_word(atoms: &mut Vec<Atom>, word: &mut Vec<Atom>, cell: f64, lost: f64) {
    let letters = std::mem::take(word);
    let is_address = letters.len() > LONG_WORD && letters.iter().any(|letter| letter.first.is_alphabetic());
    let ends_part = |at: usize| {
        let next = letters.get(at + 1).map(|next| next.first);
        is_address
            && match letters[at].first {
                '/' => next != Some('/'),
                '?' | '&' => true,
                '.' => next.is_some_and(char::is_alphabetic),
                _ => false,
            }
    };
    let mut start = 0;
    for end in (0..letters.len()).filter(|at| at + 1 == letters.len() || ends_part(*at)).map(|at| at + 1) {
        push_part(atoms, &letters[start..end], cell, lost);
        start = end;
    }
}

fn push_part(atoms: &mut Vec<Atom>, letters: &[Atom], cell: f64, lost: f64) {
    let width = letters.iter().map(|letter| letter.width).sum::<f64>() + lost;
    if width > cell * LONGEST_PART {
        atoms.extend_from_slice(letters);
    } else if let [first, ..] = letters {
        let last = &letters[letters.len() - 1];
        atoms.push(Atom {
            range: first.range.start..last.range.end,
            width,
            last: last.last,
            ..first.clone()
        });
    }
}

/// A word of more letters may be an address.
const LONG_WORD: usize = 10;
/// In cells: what is longer has no line of its own.
const LONGEST_PART: f64 = 20.0;

/// The content of each part: its text in lines, with the spaces that keep marks at a cell; then the same of the lines
/// from `torn` on.
fn compose(
    parts: &[Content],
    runs: &[Run],
    atoms: &[Atom],
    lines: &[GridLine],
    torn: usize,
    measure: &CharacterWidths,
) -> Vec<Content> {
    let tracking = Abs::pt(measure.tracking);
    let mut all: Vec<Vec<Content>> = vec![Vec::new(); parts.len() * 2];
    for (number, line) in lines.iter().enumerate() {
        let composed = &mut all[if number < torn { 0 } else { parts.len() }..];
        let is_torn = torn == number + 1;
        let mut manner = Manner::of(line, atoms, measure.cell, number + 1 == lines.len());
        if is_torn {
            manner.spread_by_hand();
        }
        let atoms = &atoms[line.atoms.clone()];
        let (Some(first), Some(last)) = (atoms.first(), atoms.last()) else { continue };
        if number > 0 && is_opening(first.first) {
            composed[runs[first.run].part].push(space(HIDING));
        }
        let mut from = 0;
        for index in 0..atoms.len() {
            let (atom, after) = (&atoms[index], atoms.get(index + 1));
            let run = &runs[atom.run];
            let parts_here = after.is_some_and(|after| runs[after.run].part != run.part);
            let is_squeezed = after.is_some_and(|after| is_mark(atom.last) && is_mark(after.first));
            let is_end = after.is_none_or(|after| after.run != atom.run);
            // Typst gives room behind Chinese characters only.
            let gap = after.filter(|after| is_gap(atom, after)).and_then(|after| manner.gap(atom, after));
            if is_end || is_squeezed || gap.is_some() {
                let text = &run.text[atoms[from].range.start..atom.range.end];
                let is_dressed = atoms[from..=index].iter().all(|atom| atom.is_cell);
                let dress = |text| if is_dressed { manner.dress(text, tracking) } else { text };
                composed[run.part].extend(measure.text(text, run.span).into_iter().map(dress));
                from = index + 1;
            }
            // The tracking behind a run's last character is typst's to drop, and ours to put back.
            if parts_here || is_squeezed {
                composed[run.part].push(space(tracking + manner.pressed));
            }
            composed[run.part].extend(gap.map(space));
        }
        let ending = &mut composed[runs[last.run].part];
        if !manner.is_justified || is_closing(last.last) {
            ending.push(space(tracking - HIDING));
        }
        if number + 1 < lines.len() && !is_torn {
            ending.push(LinebreakElem::new().with_justify(manner.is_justified).pack());
        }
    }
    all.into_iter().map(Content::sequence).collect()
}

/// How the characters of a line share its room.
struct Manner {
    is_justified: bool,
    /// What each gap is given.
    given: Abs,
    /// The same, where the characters themselves are set closer for it, or further apart.
    pressed: Abs,
}

impl Manner {
    fn of(line: &GridLine, atoms: &[Atom], cell: f64, is_last: bool) -> Self {
        let is_chinese = atoms[line.atoms.clone()].iter().all(|atom| atom.is_cell);
        let given = line.room / gaps(atoms, line).max(1.0);
        // What cannot be broken is wider than that, and stays as it is.
        if line.room < -HAIR && line.room > -cell - HAIR {
            let given = Abs::pt(given);
            return Self { is_justified: false, given, pressed: given };
        }
        let is_justified = !is_last && (!is_chinese || line.is_spread);
        let given = Abs::pt(if is_justified { given.max(0.0) } else { 0.0 });
        Self { is_justified, given, pressed: Abs::zero() }
    }

    /// Typst justifies no line that a paragraph ends with.
    fn spread_by_hand(&mut self) {
        if self.is_justified {
            *self = Self { is_justified: false, pressed: self.given, ..*self };
        }
    }

    /// The room behind an atom that typst does not give by itself: behind a word or a dash, and on both sides of one in a
    /// line that is pressed.
    fn gap(&self, atom: &Atom, after: &Atom) -> Option<Abs> {
        let is_word = !atom.is_cell && !atom.is_blank();
        let is_ours = is_word || is_dash(atom.last) || self.pressed != Abs::zero() && !after.is_cell;
        (is_ours && self.given != Abs::zero()).then_some(self.given)
    }

    fn dress(&self, text: Content, tracking: Abs) -> Content {
        match self.pressed != Abs::zero() {
            true => text.set(TextElem::tracking, Length::from(tracking + self.pressed)),
            false => text,
        }
    }
}

fn space(width: Abs) -> Content {
    HElem::new(Spacing::Rel(Rel::from(width))).pack()
}

fn is_mark(character: char) -> bool {
    is_opening(character) || is_closing(character)
}

/// Whether a character takes one cell: Chinese characters, kana, full-width forms, and the marks
/// that Chinese shares with other scripts.
fn is_full_width(character: char) -> bool {
    matches!(character,
        '\u{3000}'..='\u{30FF}' | '\u{31A0}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE4F}' | '\u{FF01}'..='\u{FF60}' | '\u{FFE0}'..='\u{FFE6}'
        | '\u{20000}'..='\u{3FFFF}' | '—' | '…' | '“' | '”' | '‘' | '’')
}

/// How wide characters are in the faces of the text.
struct CharacterWidths<'a, 'e> {
    engine: &'a mut Engine<'e>,
    /// The families to try, each with its face where one was asked for.
    faces: Vec<(FontFamily, OnceCell<Option<FontInstance>>)>,
    size: Abs,
    /// In points.
    cell: f64,
    tracking: f64,
}

impl CharacterWidths<'_, '_> {
    /// The advance of a character in the first face that may and can draw it. Kerning makes words
    /// a little narrower, never wider.
    fn width(&self, character: char) -> f64 {
        let advance = self.face(character, |face, glyph| face.x_advance(glyph.0));
        advance.unwrap_or(Em::one()).at(self.size).to_pt() + self.tracking
    }

    fn face<T>(&self, character: char, what: impl Fn(&FontInstance, GlyphId) -> Option<T>) -> Option<T> {
        self.faces.iter().find_map(|(family, face)| {
            let mut buffer = [0; 4];
            let may =
                family.covers().is_none_or(|covers| covers.is_match(character.encode_utf8(&mut buffer)));
            let face = may.then(|| face.get_or_init(|| self.instance(family)).as_ref())??;
            let glyph = face.ttf().glyph_index(character)?;
            what(face, glyph)
        })
    }

    fn instance(&self, family: &FontFamily) -> Option<FontInstance> {
        let variant = FontVariant::default();
        let index = self.engine.world.book().select(family.as_str(), variant)?;
        Some(self.engine.world.font(index)?.instantiate(variant, self.size, &Default::default()))
    }

    /// A text as content. A letter and the mark above it are glyphs of one cluster where no font has both as one,
    /// and a PDF would say the cluster twice; so the mark stands by itself, shifted back over its letter.
    fn text(&self, text: &str, span: Span) -> Vec<Content> {
        let packed = |text: &str| TextElem::packed(text).spanned(span);
        let mut composed = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(is_combining) {
            let (before, behind) = rest.split_at(at);
            let mark = behind.chars().next().unwrap_or_default();
            let marked = &behind[..mark.len_utf8()];
            rest = &behind[mark.len_utf8()..];
            composed.extend(Some(before).filter(|before| !before.is_empty()).map(packed));
            let (back, raised, advance) = self.over(before.chars().next_back(), mark);
            composed.push(space(back));
            let mark = packed(marked).set(TextElem::baseline, Length::from(-raised));
            composed.push(mark.set(TextElem::tracking, Length::zero()));
            composed.push(space(-back - advance));
        }
        composed.extend(Some(rest).filter(|rest| !rest.is_empty()).map(packed));
        composed
    }

    /// How far a mark is to be shifted and raised to stand over its letter, and how far it goes on itself.
    fn over(&self, letter: Option<char>, mark: char) -> (Abs, Abs, Abs) {
        let boxed = |character| {
            self.face(character, |face, glyph| {
                let em = f64::from(face.ttf().units_per_em());
                let bounds = face.ttf().glyph_bounding_box(glyph)?;
                let middle = f64::from(bounds.x_min + bounds.x_max) / 2.0 / em;
                let (low, high) = (f64::from(bounds.y_min) / em, f64::from(bounds.y_max) / em);
                Some((middle, low, high, face.x_advance(glyph.0)?.get()))
            })
        };
        let (Some(letter), Some(mark)) = (letter.and_then(boxed), boxed(mark)) else {
            return Default::default();
        };
        let back = letter.0 - letter.3 - mark.0;
        let raised = if mark.1 > 0.3 { (letter.2 + ABOVE_LETTER - mark.1).max(0.0) } else { 0.0 };
        let at = |em: f64| Em::new(em).at(self.size);
        (at(back), at(raised), at(mark.3))
    }
}
