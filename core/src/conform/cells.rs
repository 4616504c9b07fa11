//! 5.2.3: 28 characters a line. Lines of Chinese alone are counted, those with figures in them measured.

use super::figures::{CELL, CELLS, LEFT, MARGIN_TOLERANCE, RIGHT, ROUNDING, RULER};
use super::judgement::{Evidence, Judgement};
use super::line::{CLOSING, NEVER_FIRST, NEVER_SPLIT, OPENING, TextLine};
use super::page::Glyph;
use super::parts::{ParagraphLines, Parts};

/// How far the mean of all steps in a line may be from 1/28 of the text block: what the text block's width may
/// differ by, over a whole line. Of 27 characters each takes twice as much more at the least, of 29 five times as much less.
const STEP_TOLERANCE: f64 = MARGIN_TOLERANCE / (CELLS - 1) as f64;
/// By how much the step between two characters may differ in lines that are set closer or wider so that no
/// character is left alone: a cell over all steps of a line that is indented, and rounding.
const ADJUSTED: f64 = CELL / (CELLS - 3) as f64 + 0.02;
/// So many lines of a paragraph may be; more are of another grid.
const ADJUSTED_LINES: usize = 2;
/// So many of a document may be besides two for each that is full without that.
const SOME: usize = 4;
/// The last line has at most so many characters and marks if some were pushed there, and leaves at most so many 字
/// empty if it took one in.
const PUSHED: usize = 4;
const PULLED: f64 = 2.5;
/// A line with quotation marks may end so many cells early, where one of so many full lines does, and one in any case.
const QUOTED: f64 = 3.0;
const FEW: usize = 8;
/// So many steps from character to character show how wide the cells are.
const ENOUGH_STEPS: usize = 40;
/// Marks that join two figures or words.
const JOINING: &str = "—～–-/";

/// 5.2.3: 28 characters
pub(super) fn of_lines(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let mut counts = FullLines::default();
    for paragraph in document.paragraphs() {
        for (number, line) in paragraph.lines.iter().enumerate() {
            let next = paragraph.lines.get(number + 1);
            let reach = line.right() - RIGHT;
            // A mark that hangs out is blamed as one.
            let is_out = reach > RULER && !CLOSING.contains(line.last());
            tally.expect(!is_out, line.page, || format!("{}超出版心右缘 {reach:.1} mm", line.beginning()));
            if line.is_pure() {
                let is_pushed = number + 2 == paragraph.lines.len() && next.is_some_and(may_have_come);
                expect_cells_of(&mut tally, &mut counts, line, next, is_pushed);
            } else if let Some(next) = next {
                counts.mixed += 1;
                expect_edge_of(&mut tally, &mut counts, line, next);
            }
        }
        counts.end_paragraph(&mut tally, paragraph);
    }
    if counts.full == 0 {
        expect_usual_step(&mut tally, document);
        if let Some((page, told)) = counts.last.take() {
            tally.fault(page, told);
        }
    }
    // Some lines may be set closer or wider; where it is the rule, it is another grid.
    if let Some((page, told)) =
        counts.adjusted.first().filter(|_| counts.adjusted.len() > 2 * counts.full + SOME)
    {
        tally.fault(*page, told.clone());
    }
    if let Some((page, told)) = counts.loose.first().filter(|_| counts.loose.len() * FEW > counts.full + FEW)
    {
        tally.fault(*page, told.clone());
    }
    if counts.full + counts.shorter + counts.mixed + counts.adjusted.len() == 0 {
        return Judgement::absent("没有排满的行");
    }
    counts.tell(&mut tally);
    tally.judge()
}

/// How many lines are full, and how.
#[derive(Default)]
struct FullLines {
    full: usize,
    shorter: usize,
    mixed: usize,
    /// The first last line of a paragraph that is not of the grid; nothing stretches such lines, and so they tell
    /// something only where no others do.
    last: Option<(usize, String)>,
    /// Each with its sheet and what would be wrong with it.
    adjusted: Vec<(usize, String)>,
    /// Those with quotation marks that end early, in the same way. Off the grid these are narrower or wider than a
    /// cell, and so a line may end early for them.
    loose: Vec<(usize, String)>,
    /// How many adjusted ones there were before this paragraph.
    adjusted_before: usize,
}

impl FullLines {
    /// Judges those of its lines that are set closer or wider.
    fn end_paragraph(&mut self, tally: &mut Evidence, paragraph: &ParagraphLines) {
        let here = &self.adjusted[self.adjusted_before..];
        // Then its last line is full, for it took the character in, or has that one and those pushed there.
        let is_reason = |line: &TextLine| may_have_come(line) || line.inset() < PULLED;
        let is_needed = here.len() <= ADJUSTED_LINES && paragraph.lines.last().is_some_and(is_reason);
        if let Some((page, told)) = here.first().filter(|_| !is_needed) {
            tally.fault(*page, told.clone());
        }
        self.adjusted_before = self.adjusted.len();
    }

    fn tell(&self, tally: &mut Evidence) {
        tally.measure(format!("字距 {CELL:.2} mm，满行 {} 行各 28 字", self.full));
        if self.shorter > 0 {
            tally.measure(format!("{} 行因行首行尾标点少排", self.shorter));
        }
        if self.mixed > 0 {
            tally.measure(format!("含数字、字母的 {} 行右缘对齐", self.mixed));
        }
        if !self.adjusted.is_empty() {
            tally.measure(format!("{} 行为避免末行只剩一字调整了字距", self.adjusted.len()));
        }
    }
}

/// Whether characters of the line above may have gone to a last line, so that none is alone there.
fn may_have_come(last: &TextLine) -> bool {
    last.glyphs.len() <= PUSHED
}

/// A line of full-width characters: 28 cells, unless what follows cannot be parted from it, or came from it.
fn expect_cells_of(
    tally: &mut Evidence,
    counts: &mut FullLines,
    line: &TextLine,
    next: Option<&TextLine>,
    is_pushed: bool,
) {
    let steps = line.glyphs.len() - 1;
    if steps == 0 {
        return;
    }
    let step = (line.glyphs[steps].x - line.left()) / steps as f64;
    let held = ((RIGHT - LEFT + 0.1) / step).floor();
    let told = || {
        let beginning = line.beginning();
        format!("{beginning}每字占 {step:.2} mm，一行 {held} 字；28 字撑满版心应为 {CELL:.2} mm")
    };
    let is_of_grid = (step - CELL).abs() <= STEP_TOLERANCE;
    let is_fit = is_of_grid
        || next.is_none() && held == CELLS as f64
        || next.is_some_and(|next| is_stretched(line, next));
    let fills = (line.right() - RIGHT).abs() <= RULER;
    let is_wider = step > CELL && next.is_some();
    if !is_fit && fills && is_wider && is_quoting(line) && (step - CELL) * steps as f64 <= QUOTED * CELL {
        return counts.loose.push((line.page, told()));
    }
    if !is_fit && fills && (step - CELL).abs() <= ADJUSTED {
        return counts.adjusted.push((line.page, told()));
    }
    let Some(next) = next else {
        if !is_fit {
            counts.last.get_or_insert_with(|| (line.page, told()));
        }
        return;
    };
    tally.expect(is_fit, line.page, told);
    let held = ((line.glyphs[steps].x - LEFT) / CELL).round() as usize + 1;
    if held == CELLS {
        counts.full += 1;
        return;
    }
    counts.shorter += 1;
    // In whole cells: of one that is as good as empty a hair may be missing.
    let end = LEFT + held as f64 * CELL;
    let is_needed = had_no_room(line, next, end) || is_pushed && held + PUSHED > CELLS;
    tally.expect(held < CELLS && is_needed, line.page, || {
        format!("{}一行 {held} 字，下一行的字排得下", line.beginning())
    });
}

/// A line with figures or Latin in it, which have widths of their own: it ends at the edge, and not because it was
/// stretched.
fn expect_edge_of(tally: &mut Evidence, counts: &mut FullLines, line: &TextLine, next: &TextLine) {
    let reach = line.right() - RIGHT;
    let is_short = reach < -RULER && !is_broken_by_rule(line, next);
    tally.expect(!is_short, line.page, || format!("{}距版心右缘 {:.1} mm", line.beginning(), -reach));
    // So that the last line is not one of a single character it may be set wider.
    if next.inset() > 1.0 {
        return;
    }
    // Word leaves a quarter of a character between figures and Chinese.
    let joints =
        line.glyphs.windows(2).filter(|pair| pair[0].is_full_width() != pair[1].is_full_width()).count();
    let end = line.left() + line.glyphs.iter().map(width).sum::<f64>() + joints as f64 * CELL / 4.0;
    if !is_short && !had_no_room(line, next, end + 2.0 * ROUNDING) {
        let told = format!("{}下一行的字排得下", line.beginning());
        if is_quoting(line) {
            counts.loose.push((line.page, told));
        } else {
            tally.fault(line.page, told);
        }
    }
}

fn is_quoting(line: &TextLine) -> bool {
    line.glyphs.iter().any(|glyph| "“”‘’".contains(glyph.character()))
}

/// Where no line of Chinese alone is full the steps between its characters still show the grid. Lines with figures
/// are stretched to the edge; the tenth of the steps that are least are those of lines that are not.
fn expect_usual_step(tally: &mut Evidence, document: &Parts) {
    let pairs = document.running().flat_map(|line| line.glyphs.windows(2).map(move |pair| (line, pair)));
    let pairs = pairs.filter(|(_, pair)| pair[0].is_han() && pair[1].is_han());
    let mut steps: Vec<(f64, usize)> = pairs.map(|(line, pair)| (pair[1].x - pair[0].x, line.page)).collect();
    if steps.len() < ENOUGH_STEPS {
        return;
    }
    let tenth = steps.len() / 10;
    let (_, (step, page), _) = steps.select_nth_unstable_by(tenth, |one, other| one.0.total_cmp(&other.0));
    tally.expect((*step - CELL).abs() <= STEP_TOLERANCE, *page, || {
        format!("字距 {step:.2} mm，28 字撑满版心应为 {CELL:.2} mm")
    });
}

/// Whether a line had to end where it does, for what follows could not be parted from it or does
/// not fit (GB/T 15834-2011, 5.1: marks that may not begin or end a line, or be torn apart).
fn is_broken_by_rule(line: &TextLine, next: &TextLine) -> bool {
    let end = line.glyphs.last().map_or(0.0, |last| last.x + width(last));
    had_no_room(line, next, end)
}

/// Whether a line that a rule made shorter was stretched to the right edge.
fn is_stretched(line: &TextLine, next: &TextLine) -> bool {
    let end = line.left() + line.glyphs.iter().map(width).sum::<f64>();
    line.right() >= RIGHT - RULER && end <= RIGHT + ROUNDING && had_no_room(line, next, end)
}

/// What a character takes on the grid.
fn width(glyph: &Glyph) -> f64 {
    if glyph.is_full_width() { CELL } else { glyph.advance }
}

/// Whether nothing of the next line up to where it may be parted had room in a line that would end there.
fn had_no_room(line: &TextLine, next: &TextLine, end: f64) -> bool {
    let Some(mut before) = line.glyphs.last() else { return true };
    let mut room = RIGHT + ROUNDING - end;
    let mut rest = next.glyphs.iter().peekable();
    // 2.3万余条: a figure has its unit behind what it counts in.
    let mut is_figure = false;
    while let Some(glyph) = rest.next() {
        room -= width(glyph);
        if room < 0.0 {
            return true;
        }
        before = glyph;
        let Some(after) = rest.peek() else { break };
        let character = before.character();
        is_figure = character.is_ascii_digit() || is_figure && "万亿余多".contains(character);
        if !(is_figure && after.is_han()) && may_part(before, after) {
            return false;
        }
    }
    !before.is_full_width()
}

/// Whether a line may end between two characters. Dates, ranges and document numbers need not be parted.
fn may_part(before: &Glyph, after: &Glyph) -> bool {
    let (one, other) = (before.character(), after.character());
    let is_torn = one == other && NEVER_SPLIT.contains(one);
    let is_word = !before.is_full_width() && !after.is_full_width();
    let is_date = "年月第〕".contains(one) && other.is_ascii_digit();
    let is_counted = "人户场批班车".contains(one) && other == '次';
    let is_range = JOINING.contains(one) || JOINING.contains(other);
    let is_mark = OPENING.contains(one) || NEVER_FIRST.contains(other) || CLOSING.contains(other);
    !(is_torn || is_word || is_date || is_counted || is_range || is_mark)
}
