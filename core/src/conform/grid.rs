//! 5.2.2, 5.2.3: 3号仿宋, 22 lines of 28 characters.

use std::ops::RangeInclusive;

use super::face;
use super::figures::{
    BODY_SIZE, CELL, CELLS, LEFT, LINES, MARGIN_TOLERANCE, PITCH, RIGHT, ROUNDING, RULER, SQUEEZED_LINES,
    TOP, pitch,
};
use super::heading::is_heading;
use super::judgement::{Evidence, Judgement};
use super::line::{CLOSING, NEVER_FIRST, NEVER_SPLIT, OPENING, TextLine};
use super::page::Glyph;
use super::paper::{is_full, of_sheet};
use super::parts::{ParagraphLines, Parts};

/// How far the mean of all steps in a line may be from 1/28 of the text block: what the text block's width may
/// differ by, over a whole line. Of 27 characters or 29 each takes three times as much more or less.
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
/// The same for the distance of lines over a page.
const PITCH_TOLERANCE: f64 = RULER / (LINES - 1) as f64;
/// So many sheets at the end of the text may be set closer for what stands there.
const LAST_SHEETS: usize = 4;
/// By how many lines it may be wrong what a text would take up that was set otherwise.
const GUESS: usize = 3;
/// Marks that join two figures or words.
const JOINING: &str = "—～–-/";
/// A mark that has lost more than this share of its cell was squeezed.
const SQUEEZED: f64 = 0.12;

/// 5.2.2
pub(super) fn body_type(document: &Parts) -> Judgement {
    let text =
        document.paragraphs().filter(|paragraph| !is_heading(&paragraph.text())).flat_map(|it| &it.lines);
    let mut lines: Vec<&TextLine> = text.collect();
    if lines.is_empty() {
        return Judgement::absent("没有正文");
    }
    // Elements of which nothing else is said.
    lines.extend(
        document.signature.iter().flat_map(|signature| signature.names.iter().chain([&signature.date])),
    );
    lines.extend(&document.notes);
    let mut tally = Evidence::default();
    face::expect(&mut tally, "仿宋", lines.iter().copied());
    face::expect_size(&mut tally, "3号", BODY_SIZE, lines);
    tally.judge()
}

/// 5.2.3: 22 lines
pub(super) fn lines(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let mut fullest = 0;
    // How often the pitch of its sheet each step is, against how often it should be.
    let (mut distance, mut count) = (0.0, 0.0);
    let adjusted = adjustment(document);
    for sheet in &document.sheets {
        let here = of_sheet(document, sheet.page.number);
        let may_be_close = adjusted.as_ref().is_some_and(|it| it.sheets.contains(&sheet.page.number));
        let lines = if may_be_close && is_close(&here) == Some(true) { SQUEEZED_LINES } else { LINES };
        let pitch = pitch(lines);
        for (line, next) in here.iter().zip(here.iter().skip(1)) {
            let step = next.baseline - line.baseline;
            let rows = (step / pitch).round().max(1.0);
            let has_between = sheet
                .lines
                .iter()
                .any(|other| line.baseline < other.baseline && other.baseline < next.baseline);
            if has_between {
                continue;
            }
            distance += step / pitch;
            count += rows;
            tally.expect((step / rows - pitch).abs() <= RULER / 2.0, line.page, || {
                format!("{}与下一行相距 {step:.2} mm", line.beginning())
            });
        }
        if let (Some(first), Some(last)) = (sheet.lines.first(), here.last()) {
            let is_whole = is_full(document, sheet) && !first.is_tabular;
            let rows = ((last.top() - TOP) / pitch).round().max(0.0) as usize + 1;
            if is_whole {
                fullest = fullest.max(rows);
                // The last lines may go to the next sheet so that its signature has company.
                let signed = document.signature.as_ref().map(|signature| signature.date.page);
                let goes_along = signed == Some(last.page + 1) && rows < lines;
                tally.expect(rows == lines || goes_along, last.page, || {
                    format!("排满 {rows} 行，应为 {lines} 行")
                });
            }
        }
    }
    if count == 0.0 {
        return Judgement::absent("正文不足两行");
    }
    let mean = distance / count * PITCH;
    tally.expect((mean - PITCH).abs() <= PITCH_TOLERANCE, 1, || {
        format!("起行距平均 {mean:.2} mm，{LINES} 行撑满版心应为 {PITCH:.2} mm")
    });
    let is_everywhere =
        |it: &&Adjustment| it.sheets.contains(&1) && it.sheets.contains(&document.sheets.len());
    let told = adjusted.as_ref().filter(is_everywhere).map_or(mean, |_| mean * pitch(SQUEEZED_LINES) / PITCH);
    tally.measure(format!("行距 {told:.2} mm"));
    if let Some(Adjustment { reason, sheets }) = adjusted {
        let (first, last) = (sheets.start(), sheets.end());
        let place = if *first == 1 { "每面".into() } else { format!("第{first}至{last}页每面") };
        tally.measure(format!("为使{reason}，收紧到{place} {SQUEEZED_LINES} 行"));
    }
    tally.measure(match fullest {
        0 => "没有排满的页".into(),
        rows => format!("排满的页 {rows} 行"),
    });
    tally.judge()
}

/// Sheets whose lines were set closer, as the standard lets one do where need be, and what for.
struct Adjustment {
    reason: &'static str,
    sheets: RangeInclusive<usize>,
}

/// What lines were set closer for, if they are exactly as close as the standard's adjustment has them and there was
/// need of it.
fn adjustment(document: &Parts) -> Option<Adjustment> {
    let body = || document.body.iter().flat_map(|paragraph| &paragraph.lines);
    let of_body = |number: usize| body().filter(|line| line.page == number).collect::<Vec<_>>();
    let numbers = document.sheets.iter().map(|sheet| sheet.page.number);
    let known: Vec<(usize, bool)> =
        numbers.filter_map(|number| Some((number, is_close(&of_body(number))?))).collect();
    let first = known.iter().find(|(_, is_close)| *is_close)?.0;
    let is_usual_after = known.iter().any(|(number, is_close)| *number > first && !is_close);
    if body().filter(|line| line.page == 1).count() <= 2 {
        let last = if is_usual_after { first } else { document.sheets.len() };
        return Some(Adjustment { reason: "首页显示正文", sheets: 1..=last });
    }
    let date = &document.signature.as_ref()?.date;
    let reason = "署名不单独在一页";
    if first > 1 {
        // The last sheets alone.
        let is_last = !is_usual_after && date.page < first + LAST_SHEETS;
        return is_last.then_some(Adjustment { reason, sheets: first..=document.sheets.len() });
    }
    let row = |line: &TextLine| ((line.top() - TOP) / pitch(SQUEEZED_LINES)).round() as usize + 1;
    let last = body().rfind(|line| line.page == date.page)?;
    // As usual each sheet before it would hold a line less, and these lines would come here. Headings that no line
    // may part from their text make that a guess.
    let usual = (row(last) + date.page - 1 - 1) % LINES + 1;
    let is_needed = usual + GUESS + row(date) - row(last) > LINES;
    is_needed.then_some(Adjustment { reason, sheets: 1..=document.sheets.len() })
}

/// Whether the lines of a sheet are closer than usual; none where they are too few to tell.
fn is_close(lines: &[&TextLine]) -> Option<bool> {
    let steps = lines.windows(2).map(|pair| pair[1].baseline - pair[0].baseline).filter(|step| *step > 0.0);
    let closest = steps.reduce(f64::min)?;
    Some((closest - PITCH).abs() > (closest - pitch(SQUEEZED_LINES)).abs())
}

/// 5.2.3: 28 characters
pub(super) fn cells(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let mut counts = FullLines::default();
    for paragraph in document.paragraphs() {
        let following = paragraph.lines.iter().skip(1).map(Some).chain([None]);
        for (line, next) in paragraph.lines.iter().zip(following) {
            let reach = line.right() - RIGHT;
            // A mark that hangs out is blamed as one.
            let is_out = reach > RULER && !CLOSING.contains(line.last());
            tally.expect(!is_out, line.page, || format!("{}超出版心右缘 {reach:.1} mm", line.beginning()));
            if line.is_pure() {
                expect_cells_of(&mut tally, &mut counts, line, next);
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
        let is_reason = |line: &TextLine| line.glyphs.len() <= PUSHED || line.inset() < PULLED;
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

/// A line of full-width characters: 28 cells, unless what follows cannot be parted from it.
fn expect_cells_of(tally: &mut Evidence, counts: &mut FullLines, line: &TextLine, next: Option<&TextLine>) {
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
    tally.expect(held < CELLS && had_no_room(line, next, end), line.page, || {
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

/// 5.2.3 with GB/T 15834: a mark takes a cell, as a character does.
pub(super) fn marks(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let mut marks = 0;
    for line in document.running() {
        let em = line.em();
        let first_of_all = line.glyphs.first().filter(|glyph| glyph.is_mark());
        if let Some(glyph) = first_of_all {
            tally.expect(glyph.x > LEFT - SQUEEZED * em, line.page, || {
                format!("{}的行首标点被压缩", line.beginning())
            });
        }
        if let Some(glyph) = line.glyphs.last().filter(|glyph| glyph.is_mark()) {
            tally.expect(glyph.end() < RIGHT + SQUEEZED * em + RULER, line.page, || {
                format!("{}的行尾标点悬出版心", line.beginning())
            });
        }
        let pairs = || {
            line.glyphs
                .iter()
                .zip(&line.glyphs[1..])
                .filter(|(one, next)| one.is_full_width() && next.is_full_width())
        };
        let steps =
            pairs().filter(|(one, next)| one.is_han() && next.is_han()).map(|(one, next)| next.x - one.x);
        let mut steps: Vec<f64> = steps.collect();
        steps.sort_by(f64::total_cmp);
        let Some(usual) = steps.get(steps.len() / 2) else { continue };
        for (one, next) in pairs().filter(|(one, next)| one.is_mark() || next.is_mark()) {
            marks += 1;
            let step = next.x - one.x;
            tally.expect(step > usual - SQUEEZED * em, line.page, || {
                format!("“{}{}”只占 {:.2} 字", one.text, next.text, step / usual)
            });
        }
    }
    if marks == 0 {
        return Judgement::absent("正文没有标点");
    }
    tally.measure(format!("量了 {marks} 处，各占一字"));
    tally.judge()
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
    while let Some(glyph) = rest.next() {
        room -= width(glyph);
        if room < 0.0 {
            return true;
        }
        before = glyph;
        let Some(after) = rest.peek() else { break };
        if may_part(before, after) {
            return false;
        }
    }
    !before.is_full_width()
}

/// Whether a line may end between two characters. Figures with their units, dates, ranges and document numbers
/// need not be parted.
fn may_part(before: &Glyph, after: &Glyph) -> bool {
    let (one, other) = (before.character(), after.character());
    let is_torn = one == other && NEVER_SPLIT.contains(one);
    let is_word = !before.is_full_width() && !after.is_full_width();
    let is_quantity =
        one.is_ascii_digit() && after.is_han() || "年月第〕".contains(one) && other.is_ascii_digit();
    let is_range = JOINING.contains(one) || JOINING.contains(other);
    let is_mark = OPENING.contains(one) || NEVER_FIRST.contains(other) || CLOSING.contains(other);
    !(is_torn || is_word || is_quantity || is_range || is_mark)
}
