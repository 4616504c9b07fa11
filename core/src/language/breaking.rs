//! Where lines of the grid end: what stays together, and what a paragraph's last line may not be.
//!
//! Lines are filled one after the other. A figure keeps its unit, a range its ends, a date its parts, an address
//! its words, as long as that leaves no hole in the line. A last line of one character is pulled into the lines
//! above it, or another pushed down to it (GB/T 9704-2012, 5.2.3; GB/T 15834-2011, 5.1).

use std::ops::Range;

const OPENING_MARKS: &str = "《〈（“‘「『【〖〔［｛";
const CLOSING_MARKS: &str = "，。、：；？！．》〉）”’』」】〗〕］｝";
/// What may not begin a line besides closing marks (GB/T 15834-2011, 5.1).
const NEVER_FIRST: &str = "·％‰℃℉°′″²³㎡㎥";
/// 连接号: they may end a line and never begin one.
const CONNECTORS: &str = "—–～~－-";

/// Rather than leave a hole of more cells, a line ends within what should stay together. The ends of a range
/// of years take somewhat less, a day of a month as much.
const HOLE: f64 = 6.6;

/// A line that marks made shorter by so many cells stays on the grid; one that is shorter still, for a figure that
/// keeps its unit, would look as if a paragraph ended there, and is spread to the edge.
const RAGGED: f64 = 2.5;

/// By how much of a cell each gap of a line may be set closer for the sake of a last line of one character: of 28
/// cells one more has room then, of the 26 of an indented line none has.
const CLOSER: f64 = 1.0 / 28.0;

/// So many of the last lines take a character more, or the one before the last so many fewer, before one is alone.
const MOST_MOVED: usize = 3;

/// Narrower than anything that shows: what rounding may cost.
pub const HAIR: f64 = 0.001;

/// What a line cannot end within: a character of its own, or a word of Latin letters and figures. Widths are in
/// points.
#[derive(Clone, Debug)]
pub struct Atom {
    pub run: usize,
    pub range: Range<usize>,
    pub width: f64,
    /// Whether it keeps to the cells.
    pub is_cell: bool,
    pub first: char,
    pub last: char,
}

/// What the lines of a text have room for.
#[derive(Clone, Copy)]
pub struct GridRoom {
    pub cell: f64,
    /// How many cells a line holds, and the first one less, or more.
    pub cells: f64,
    pub indent: f64,
}

/// A line: its atoms, how much room it leaves (less than none where it is pressed), and whether it reaches the
/// edge all the same.
#[derive(Debug, PartialEq)]
pub struct GridLine {
    pub atoms: Range<usize>,
    pub room: f64,
    pub is_spread: bool,
}

impl Atom {
    pub fn is_blank(&self) -> bool {
        self.first.is_whitespace()
    }

    /// 连接号; two together are another mark.
    fn is_dash(&self) -> bool {
        self.is_short() && is_connector(self.first)
    }

    fn is_word(&self) -> bool {
        !self.is_cell && !self.is_blank()
    }

    fn is_number(&self) -> bool {
        self.is_word() && self.last.is_ascii_digit()
    }

    /// Whether it is a single character.
    fn is_short(&self) -> bool {
        self.range.len() == self.first.len_utf8()
    }
}

pub fn is_opening(character: char) -> bool {
    is_among(OPENING_MARKS, character)
}

pub fn is_closing(character: char) -> bool {
    is_among(CLOSING_MARKS, character)
}

pub fn is_connector(character: char) -> bool {
    is_among(CONNECTORS, character)
}

/// Most of a text is no mark and told from them at a glance.
fn is_among(marks: &str, character: char) -> bool {
    !matches!(character, '\u{3400}'..='\u{9FFF}') && marks.contains(character)
}

/// Whether a line may begin with a character; of a dash it depends on what stands beside it.
pub fn may_begin_line(character: char) -> bool {
    !is_closing(character) && !is_among(NEVER_FIRST, character) && !is_connector(character)
}

impl GridRoom {
    fn room(self, line: usize) -> f64 {
        self.cell * if line == 0 { self.cells - self.indent } else { self.cells }
    }

    /// The lines of a paragraph.
    pub fn lines(self, atoms: &[Atom]) -> Vec<GridLine> {
        let ends = self.ends(atoms, |_| 0.0);
        if !ends_alone(atoms, &ends) {
            return self.set(atoms, &ends, None);
        }
        let last = ends.len() - 1;
        // Each of the lines above takes one character more, where that shows least.
        let pulled = (1..=last.min(MOST_MOVED)).find_map(|pressed| {
            let more = |line: usize| if line + pressed >= last { self.cell } else { 0.0 };
            let lines = self.set(atoms, &self.ends(atoms, more), None);
            let is_pressed = |line: &GridLine| -line.room > self.cell * CLOSER * gaps(atoms, line) + HAIR;
            (lines.len() == last && !lines.iter().any(is_pressed)).then_some(lines)
        });
        // Or the line above some fewer, which go to the last one; it ends early, as one does for the sake of a mark.
        let pushed = || {
            (1..=MOST_MOVED).find_map(|pushed| {
                let less = |line: usize| if line + 1 == last { -self.cell * pushed as f64 } else { 0.0 };
                let ends = self.ends(atoms, less);
                (ends.len() == last + 1 && !ends_alone(atoms, &ends))
                    .then(|| self.set(atoms, &ends, Some(last - 1)))
            })
        };
        pulled.or_else(pushed).unwrap_or_else(|| self.set(atoms, &ends, None))
    }

    /// Where each line ends, if it has so much more room than usual.
    fn ends(self, atoms: &[Atom], more: impl Fn(usize) -> f64) -> Vec<usize> {
        let mut ends: Vec<usize> = Vec::new();
        let (mut start, mut next) = (0, 0);
        let mut room = self.room(0) + more(0);
        while next < atoms.len() {
            let atom = &atoms[next];
            if atom.width <= room + HAIR || next == start || atom.is_blank() {
                room -= atom.width;
                next += 1;
                continue;
            }
            let end = self.end(atoms, start, next, room);
            ends.push(end);
            (start, next) = (end, end);
            room = self.room(ends.len()) + more(ends.len());
        }
        if start < atoms.len() {
            ends.push(atoms.len());
        }
        ends
    }

    /// Where a line ends that begins at `start`, and is full before `next`. If it may end nowhere, it ends there
    /// all the same.
    fn end(self, atoms: &[Atom], start: usize, next: usize, mut room: f64) -> usize {
        let (mut seam, mut torn, mut free) = (None, None, None);
        for end in (start + 1..=next).rev() {
            let is_hole = room > self.cell * HOLE;
            match Bond::at(atoms, end) {
                Bond::Free if !is_hole => return end,
                Bond::Free => free = free.or(Some(end)),
                Bond::Seam if !is_hole => seam = seam.or(Some(end)),
                Bond::Seam | Bond::Close => torn = torn.or(Some(end)),
                Bond::Never => {}
            }
            room += atoms[end - 1].width;
        }
        seam.or(torn).or(free).unwrap_or(next)
    }

    /// The lines that end there; one of them may be `pushed`, and ends early without reaching the edge.
    fn set(self, atoms: &[Atom], ends: &[usize], pushed: Option<usize>) -> Vec<GridLine> {
        let starts = std::iter::once(&0).chain(ends);
        let lines = starts.zip(ends).enumerate().map(|(number, (start, end))| {
            // Blanks at the end of a line are nothing.
            let blanks = atoms[*start..*end].iter().rev().take_while(|atom| atom.is_blank()).count();
            let atoms_of_line = *start..*end - blanks;
            let taken: f64 = atoms[atoms_of_line.clone()].iter().map(|atom| atom.width).sum();
            let room = self.room(number) - taken;
            let is_last = number + 1 == ends.len();
            let ragged = if pushed == Some(number) { MOST_MOVED as f64 + HAIR } else { RAGGED };
            let is_spread = !is_last && room > self.cell * ragged;
            GridLine { atoms: atoms_of_line, room, is_spread }
        });
        lines.collect()
    }
}

/// Between how many characters of a line there may be a little more or less room.
pub fn gaps(atoms: &[Atom], line: &GridLine) -> f64 {
    line.atoms.clone().skip(1).filter(|at| is_gap(&atoms[at - 1], &atoms[*at])).count() as f64
}

/// Blanks have their own width, and nothing more before them; a word has no room within it.
pub fn is_gap(before: &Atom, after: &Atom) -> bool {
    before.is_blank() || !after.is_blank() && !is_one_word(before, after)
}

/// Whether the last of several lines is a character alone, with its mark or without.
fn ends_alone(atoms: &[Atom], ends: &[usize]) -> bool {
    let &[.., start, end] = ends else { return false };
    let mut said = atoms[start..end].iter().filter(|atom| atom.first.is_alphanumeric());
    said.next().is_none_or(Atom::is_short) && said.next().is_none()
}

/// How closely an atom is bound to the one before it.
#[derive(Clone, Copy, PartialEq)]
enum Bond {
    Free,
    /// Together where the line allows it: the ends of a range, the parts of a date or of an address.
    Seam,
    /// The same of a figure and its unit: sooner the others part.
    Close,
    Never,
}

impl Bond {
    /// Between the atoms before `end` and at it.
    fn at(atoms: &[Atom], end: usize) -> Self {
        let Some(after) = atoms.get(end) else { return Self::Free };
        let before = &atoms[end - 1];
        if is_opening(before.last)
            || is_closing(after.first)
            || NEVER_FIRST.contains(after.first)
            || after.is_dash()
        {
            return Self::Never;
        }
        let earlier = end.checked_sub(2).and_then(|at| atoms.get(at));
        if before.is_dash()
            || is_one_word(before, after)
            || is_date(earlier, before, after, atoms.get(end + 1))
        {
            return Self::Seam;
        }
        if is_with_unit(earlier, before, after) { Self::Close } else { Self::Free }
    }
}

/// Parts of an address or of another long word.
fn is_one_word(before: &Atom, after: &Atom) -> bool {
    before.is_word() && after.is_word() && before.run == after.run
}

/// 1604|项, 3.5万|元, 64人|次, 第|3, 〕|6.
fn is_with_unit(earlier: Option<&Atom>, before: &Atom, after: &Atom) -> bool {
    let is_unit = after.is_cell && after.first.is_alphabetic();
    let is_scaled = |atom: &Atom| atom.is_number() || "万亿".contains(atom.last);
    before.is_number() && is_unit
        || "第〕".contains(before.last) && after.is_word() && after.first.is_ascii_digit()
        || "余多万亿".contains(before.last) && is_unit && earlier.is_some_and(is_scaled)
        || "人户场批班车".contains(before.last) && after.first == '次' && earlier.is_some_and(Atom::is_number)
}

/// 2025年|2月, 2月|18日.
fn is_date(earlier: Option<&Atom>, before: &Atom, after: &Atom, later: Option<&Atom>) -> bool {
    let goes_on = |mark: char| later.is_some_and(|later| later.first == mark);
    earlier.is_some_and(Atom::is_number)
        && after.is_number()
        && (before.last == '年' && goes_on('月') || before.last == '月' && goes_on('日'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELL: f64 = 16.0;

    /// Words of half cells, and all others a cell.
    fn atoms(text: &str) -> Vec<Atom> {
        let mut atoms: Vec<Atom> = Vec::new();
        for (at, c) in text.char_indices() {
            let is_letter = c.is_ascii_graphic();
            match atoms.last_mut() {
                Some(word) if is_letter && word.is_word() && !"/?".contains(word.last) => {
                    (word.range.end, word.last) = (at + 1, c);
                    word.width += CELL / 2.0;
                }
                Some(pair) if c == '—' && pair.last == c => {
                    pair.range.end = at + 3;
                    pair.width += CELL;
                }
                _ => atoms.push(Atom {
                    run: 0,
                    range: at..at + c.len_utf8(),
                    width: if is_letter { CELL / 2.0 } else { CELL },
                    is_cell: !c.is_ascii(),
                    first: c,
                    last: c,
                }),
            }
        }
        atoms
    }

    fn lines(text: &str, cells: f64) -> Vec<&str> {
        let atoms = atoms(text);
        let measure = GridRoom { cell: CELL, cells, indent: 0.0 };
        let lines = measure.lines(&atoms).into_iter();
        let of =
            |line: GridLine| &text[atoms[line.atoms.start].range.start..atoms[line.atoms.end - 1].range.end];
        lines.map(of).collect()
    }

    #[test]
    fn what_belongs_together_stays_in_a_line() {
        for (text, first) in [
            ("甲乙丙丁戊己庚辛2021—2025年甲乙丙丁", "甲乙丙丁戊己庚辛"),
            ("甲乙丙丁戊己庚辛壬30%—40%甲乙丙丁", "甲乙丙丁戊己庚辛壬"),
            ("甲乙丙丁戊己临政发〔2025〕6号甲乙丙", "甲乙丙丁戊己临政发"),
            ("甲乙丙丁戊己庚辛壬癸子16项甲乙丙", "甲乙丙丁戊己庚辛壬癸子"),
            ("甲乙丙丁戊己庚辛壬3万余元甲乙丙丁", "甲乙丙丁戊己庚辛壬"),
            ("甲乙丙丁戊己庚2025年2月18日甲乙丙", "甲乙丙丁戊己庚"),
            ("甲乙丙丁戊己庚辛壬癸子—上海甲乙丙", "甲乙丙丁戊己庚辛壬癸"),
            ("甲乙丙丁戊己庚辛壬癸子丑²甲乙丙", "甲乙丙丁戊己庚辛壬癸子"),
            ("甲乙丙丁戊己庚辛壬癸子丑——甲乙丙", "甲乙丙丁戊己庚辛壬癸子丑"),
        ] {
            assert_eq!(lines(text, 12.0)[0], first, "{text}");
        }
        // Where that would leave a hole, it is torn behind its mark, and not before its unit.
        assert_eq!(lines("甲乙《（12345678—2025年）》", 11.0)[0], "甲乙《（12345678—");
        assert_eq!(lines("甲乙12345678—12345678年甲乙丙丁", 9.0)[0], "甲乙12345678—");
        assert_eq!(
            lines("见https://www.example.gov.cn/index?name=abc的公告", 12.0),
            ["见https://", "www.example.gov.cn/", "index?name=abc的公告"]
        );
    }

    #[test]
    fn a_line_that_a_figure_makes_short_reaches_the_edge() {
        let measure = GridRoom { cell: CELL, cells: 12.0, indent: 0.0 };
        for (text, is_spread) in [
            ("甲乙丙丁戊己庚辛壬12345678年甲乙丙丁", true),
            ("甲乙丙丁戊己庚辛壬癸12345项甲乙丙丁", false),
            ("甲乙丙丁戊己庚辛壬癸子丑甲乙丙丁", false),
            ("甲乙丙丁戊己", false),
        ] {
            assert_eq!(measure.lines(&atoms(text))[0].is_spread, is_spread, "{text}");
        }
        // The last line never does.
        let lines = measure.lines(&atoms("甲乙丙丁戊己庚辛壬12345678年甲乙丙丁"));
        assert!(!lines.last().unwrap().is_spread);
    }

    #[test]
    fn no_last_line_is_a_character_alone() {
        let text = |count: usize| "甲乙丙丁戊己庚辛壬癸".chars().cycle().take(count).collect::<String>();
        // One is pulled in, two are where two whole lines are above them, and otherwise one is pushed.
        let pulled = text(57);
        assert_eq!(
            lines(&pulled, 28.0).iter().map(|line| line.chars().count()).collect::<Vec<_>>(),
            [28, 29]
        );
        let pulled = text(57) + "。";
        assert_eq!(
            lines(&pulled, 28.0).iter().map(|line| line.chars().count()).collect::<Vec<_>>(),
            [29, 29]
        );
        let pushed = text(29) + "。";
        assert_eq!(lines(&pushed, 28.0).iter().map(|line| line.chars().count()).collect::<Vec<_>>(), [27, 3]);
        for count in 1..200 {
            for end in ["", "。", "。”"] {
                let text = text(count) + end;
                let lines = lines(&text, 28.0);
                assert_eq!(lines.concat(), text);
                let last = lines.last().unwrap().chars().filter(|c| c.is_alphanumeric()).count();
                assert!(lines.len() == 1 || last > 1, "{lines:?}");
            }
        }
    }

    #[test]
    fn no_gap_gives_more_than_a_28th_of_a_cell_for_a_last_line() {
        for (count, end) in (1..200).flat_map(|count| ["", "。", "。”"].map(|end| (count, end))) {
            let text = "甲乙丙丁戊己庚辛壬癸".chars().cycle().take(count).collect::<String>() + end;
            let atoms = atoms(&text);
            let lines = GridRoom { cell: CELL, cells: 28.0, indent: 2.0 }.lines(&atoms);
            for line in &lines {
                let given = line.room / gaps(&atoms, line).max(1.0);
                assert!(given > -CELL / 28.0 - HAIR && !line.is_spread, "{text}: {lines:?}");
            }
            let last = lines.last().unwrap().atoms.clone();
            let said = atoms[last].iter().filter(|atom| atom.first.is_alphanumeric()).count();
            assert!(lines.len() == 1 || said > 1, "{text}: {lines:?}");
        }
    }
}
