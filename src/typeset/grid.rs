//! Lines of 28 cells (GB/T 9704-2012, 5.2.3).
//!
//! Typst squeezes Chinese marks at the edges of a line and beside each other, and no setting stops
//! it. On the grid every mark is one cell. So running text is broken into lines here, in one pass,
//! and a space as narrow as the tracking stands wherever typst would see a mark to squeeze. The
//! layout library calls this as a function; each piece of text keeps the span of its source.

use std::ops::Range;

use typst::World;
use typst::comemo::Tracked;
use typst::diag::{At, SourceResult};
use typst::engine::Engine;
use typst::foundations::{Content, Context, NativeElement, SequenceElem, StyleChain, StyledElem, func};
use typst::layout::{Abs, Em, HElem, Length, Rel, Spacing};
use typst::syntax::Span;
use typst::text::{LinebreakElem, SpaceElem, TextElem, families, variant};

const CELLS_PER_LINE: usize = 28;

const OPENING_MARKS: &str = "《〈（“‘『「【〖〔［｛";
const CLOSING_MARKS: &str = "，。、：；？！．》〉）”’』」】〗〕］｝";
/// What may not begin a line besides closing marks (GB/T 15834-2011, 5.1).
const NEVER_FIRST: &str = "·％‰℃";
/// What may not be split from its like: —— and ……
const NEVER_SPLIT: &str = "—…";

/// Narrower than anything that shows: what rounding may cost, and what hides a mark from typst.
const HAIR: Abs = Abs::raw(0.001);

/// Breaks the text of `parts`, which follow one another, into lines of the grid. Gives back one
/// content for each part, so that each can be dressed in its own way.
///
/// Lines of Chinese alone keep their cells; lines with figures or Latin in them, which have widths
/// of their own, are justified. `indent` is that of the first line, in cells; `tracking` is the
/// text's.
#[func(contextual)]
pub(super) fn set_on_grid(
    engine: &mut Engine,
    context: Tracked<Context>,
    span: Span,
    parts: Vec<Content>,
    cell: Length,
    tracking: Length,
    #[named]
    #[default(0)]
    indent: i64,
) -> SourceResult<Vec<Content>> {
    let styles = context.styles().at(span)?;
    let runs = runs(&parts);
    let mut measure = CharacterWidths {
        engine,
        styles,
        size: styles.resolve(TextElem::size),
        cell: cell.abs,
        tracking: tracking.abs,
    };
    let atoms = atoms(&runs, &mut measure);
    let lines = lines(&atoms, cell.abs, usize::try_from(indent).unwrap_or(0));
    Ok(compose(&parts, &runs, &atoms, &lines, tracking.abs))
}

/// A stretch of text from one place of the source.
struct Run<'a> {
    part: usize,
    text: &'a str,
    span: Span,
}

/// What a line cannot end within: a character of its own, or a word of Latin letters and figures.
struct Atom {
    run: usize,
    range: Range<usize>,
    width: Abs,
    /// Whether it takes exactly one cell.
    is_cell: bool,
    first: char,
    last: char,
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

fn atoms(runs: &[Run], measure: &mut CharacterWidths) -> Vec<Atom> {
    let mut atoms: Vec<Atom> = Vec::new();
    for (index, run) in runs.iter().enumerate() {
        let mut word: Vec<Atom> = Vec::new();
        // Typst drops the tracking where the script changes, before a word and behind it. A line
        // that counts on it would be pressed together, and its marks with it.
        let lost = measure.tracking * -2.0;
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
            if character.is_ascii_graphic() {
                word.push(atom);
            } else {
                push_word(&mut atoms, &mut word, measure.cell, lost);
                atoms.push(if is_cell { atom } else { Atom { width: atom.width + lost, ..atom } });
            }
        }
        push_word(&mut atoms, &mut word, measure.cell, lost);
    }
    atoms
}

/// A word is one atom, unless it is longer than a line, as an address may be.
fn push_word(atoms: &mut Vec<Atom>, word: &mut Vec<Atom>, cell: Abs, lost: Abs) {
    let width = word.iter().map(|letter| letter.width).sum::<Abs>() + lost;
    if width > cell * CELLS_PER_LINE as f64 {
        atoms.append(word);
    } else if let (Some(first), Some(last)) = (word.first(), word.last()) {
        atoms.push(Atom {
            run: first.run,
            range: first.range.start..last.range.end,
            width,
            is_cell: false,
            first: first.first,
            last: last.last,
        });
        word.clear();
    }
}

/// The atoms of each line.
fn lines(atoms: &[Atom], cell: Abs, indent: usize) -> Vec<Range<usize>> {
    let full = cell * CELLS_PER_LINE as f64;
    let mut lines = Vec::new();
    let mut start = 0;
    let mut room = full - cell * indent as f64;
    let mut next = 0;
    while next < atoms.len() {
        let atom = &atoms[next];
        if atom.width <= room + HAIR || next == start || atom.first.is_whitespace() {
            room -= atom.width;
            next += 1;
            continue;
        }
        // The line is full. If it may not end here, its last atoms go with the next one; if it
        // may end nowhere, it ends here all the same.
        let end =
            (start + 1..=next).rev().find(|end| may_break(&atoms[end - 1], &atoms[*end])).unwrap_or(next);
        lines.push(start..end);
        (start, next) = (end, end);
        room = full;
    }
    if start < atoms.len() {
        lines.push(start..atoms.len());
    }
    lines
}

/// Whether a line may end between two atoms.
fn may_break(before: &Atom, after: &Atom) -> bool {
    let splits = before.last == after.first && NEVER_SPLIT.contains(after.first);
    !splits
        && !OPENING_MARKS.contains(before.last)
        && !CLOSING_MARKS.contains(after.first)
        && !NEVER_FIRST.contains(after.first)
}

/// The content of each part: its text in lines, with the spaces that keep marks at a cell.
fn compose(
    parts: &[Content],
    runs: &[Run],
    atoms: &[Atom],
    lines: &[Range<usize>],
    tracking: Abs,
) -> Vec<Content> {
    let mut composed: Vec<Vec<Content>> = parts.iter().map(|_| Vec::new()).collect();
    for (number, line) in lines.iter().enumerate() {
        let atoms = &atoms[line.clone()];
        let (Some(first), Some(last)) = (atoms.first(), atoms.last()) else { continue };
        let is_last = number + 1 == lines.len();
        let is_chinese = atoms.iter().all(|atom| atom.is_cell);
        if number > 0 && OPENING_MARKS.contains(first.first) {
            composed[runs[first.run].part].push(space(HAIR));
        }
        let mut from = 0;
        for index in 0..atoms.len() {
            let (atom, after) = (&atoms[index], atoms.get(index + 1));
            let run = &runs[atom.run];
            let parts_here = after.is_some_and(|after| runs[after.run].part != run.part);
            let is_squeezed = after.is_some_and(|after| is_mark(atom.last) && is_mark(after.first));
            let is_end = after.is_none_or(|after| after.run != atom.run);
            if is_end || is_squeezed {
                let text = &run.text[atoms[from].range.start..atom.range.end];
                composed[run.part].push(TextElem::packed(text).spanned(run.span));
                from = index + 1;
            }
            // The tracking behind a run's last character is typst's to drop, and ours to put back.
            if parts_here || is_squeezed {
                composed[run.part].push(space(tracking));
            }
        }
        let ending = &mut composed[runs[last.run].part];
        if is_chinese || is_last || CLOSING_MARKS.contains(last.last) {
            ending.push(space(tracking - HAIR));
        }
        if !is_last {
            ending.push(LinebreakElem::new().with_justify(!is_chinese).pack());
        }
    }
    composed.into_iter().map(Content::sequence).collect()
}

fn space(width: Abs) -> Content {
    HElem::new(Spacing::Rel(Rel::from(width))).pack()
}

fn is_mark(character: char) -> bool {
    OPENING_MARKS.contains(character) || CLOSING_MARKS.contains(character)
}

/// Whether a character takes one cell: Chinese characters, kana, full-width forms, and the marks
/// that Chinese shares with other scripts.
fn is_full_width(character: char) -> bool {
    matches!(character,
        '\u{3000}'..='\u{30FF}' | '\u{31A0}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE4F}' | '\u{FF01}'..='\u{FF60}' | '\u{FFE0}'..='\u{FFE6}'
        | '\u{20000}'..='\u{3FFFF}' | '—' | '…' | '“' | '”' | '‘' | '’')
}

/// How wide characters are in the faces of the text around.
struct CharacterWidths<'a, 'e> {
    engine: &'a mut Engine<'e>,
    styles: StyleChain<'a>,
    size: Abs,
    cell: Abs,
    tracking: Abs,
}

impl CharacterWidths<'_, '_> {
    /// The advance of a character in the first face that may and can draw it. Kerning makes words
    /// a little narrower, never wider.
    fn width(&mut self, character: char) -> Abs {
        let variant = variant(self.styles);
        let advance = families(self.styles).find_map(|family| {
            let mut buffer = [0; 4];
            let may =
                family.covers().is_none_or(|covers| covers.is_match(character.encode_utf8(&mut buffer)));
            let index = self.engine.world.book().select(family.as_str(), variant).filter(|_| may)?;
            let font = self.engine.world.font(index)?;
            let face = font.instantiate(variant, self.size, &Default::default());
            face.x_advance(face.ttf().glyph_index(character)?.0)
        });
        advance.unwrap_or(Em::one()).at(self.size) + self.tracking
    }
}
