//! 5.2.2, 5.2.3: 3号仿宋, 22 lines of 28 characters.

use super::face;
use super::figures::{
    BODY_SIZE, CELL, CELLS, LEFT, LINES, PITCH, RIGHT, ROUNDING, RULER, SQUEEZED_LINES, TOP, pitch,
};
use super::judgement::{Evidence, Judgement};
use super::line::{CLOSING, NEVER_FIRST, NEVER_SPLIT, OPENING, TextLine};
use super::page::Glyph;
use super::paper::{is_full, of_sheet};
use super::parts::{ParagraphLines, Parts};

/// How far the mean of all steps in a line may be from 1/28 of the text block: half a ruler's
/// reading over a whole line.
const STEP_TOLERANCE: f64 = RULER / (CELLS - 1) as f64;
/// The same for the distance of lines over a page.
const PITCH_TOLERANCE: f64 = RULER / (LINES - 1) as f64;
/// A mark that has lost more than this share of its cell was squeezed.
const SQUEEZED: f64 = 0.12;

/// 5.2.2
pub(super) fn body_type(document: &Parts) -> Judgement {
    let lines: Vec<&TextLine> =
        document.paragraphs().filter(|paragraph| !is_heading(paragraph)).flat_map(|it| &it.lines).collect();
    if lines.is_empty() {
        return Judgement::absent("没有正文");
    }
    let mut tally = Evidence::default();
    face::expect(&mut tally, "仿宋", lines.iter().copied());
    face::expect_size(&mut tally, "3号", BODY_SIZE, lines);
    tally.judge()
}

/// 5.2.3: 22 lines
pub(super) fn lines(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let mut fullest = 0;
    let (mut distance, mut count) = (0.0, 0.0);
    let adjusted = adjustment(document);
    let lines = if adjusted.is_some() { SQUEEZED_LINES } else { LINES };
    let pitch = pitch(lines);
    for sheet in &document.sheets {
        let here = of_sheet(document, sheet.page.number);
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
            distance += step;
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
    let mean = distance / count;
    tally.expect((mean - pitch).abs() <= PITCH_TOLERANCE, 1, || {
        format!("起行距平均 {mean:.2} mm，{lines} 行撑满版心应为 {pitch:.2} mm")
    });
    tally.measure(format!("行距 {mean:.2} mm"));
    if let Some(reason) = adjusted {
        tally.measure(format!("为使{reason}，收紧到每面 {lines} 行"));
    }
    tally.measure(match fullest {
        0 => "没有排满的页".into(),
        rows => format!("排满的页 {rows} 行"),
    });
    tally.judge()
}

/// What the lines were set closer for, if they are exactly as close as the standard's adjustment
/// has them and there was need of it.
fn adjustment(document: &Parts) -> Option<&'static str> {
    let body = || document.body.iter().flat_map(|paragraph| &paragraph.lines);
    let pairs = body().zip(body().skip(1)).filter(|(line, next)| line.page == next.page);
    let steps = pairs.map(|(line, next)| next.baseline - line.baseline).filter(|step| *step > 0.0);
    let closest = steps.fold(f64::INFINITY, f64::min);
    if (closest - PITCH).abs() <= (closest - pitch(SQUEEZED_LINES)).abs() {
        return None;
    }
    if body().filter(|line| line.page == 1).count() <= 2 {
        return Some("首页显示正文");
    }
    let date = &document.signature.as_ref()?.date;
    let row = |line: &TextLine| ((line.top() - TOP) / pitch(SQUEEZED_LINES)).round() as usize + 1;
    let last = body().rfind(|line| line.page == date.page)?;
    // As usual each sheet before it would hold a line less, and these lines would come here.
    let usual = (row(last) + date.page - 1 - 1) % LINES + 1;
    (usual + row(date) - row(last) > LINES).then_some("署名不单独在一页")
}

/// 5.2.3: 28 characters
pub(super) fn cells(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let (mut full, mut shorter, mut mixed) = (0, 0, 0);
    let mut fullest = 0;
    for paragraph in document.paragraphs() {
        let following = paragraph.lines.iter().skip(1).map(Some).chain([None]);
        for (line, next) in paragraph.lines.iter().zip(following) {
            let reach = line.right() - RIGHT;
            tally.expect(reach <= RULER, line.page, || {
                format!("{}超出版心右缘 {reach:.1} mm", line.beginning())
            });
            if line.is_pure() && line.glyphs.len() > 1 {
                let steps = line.glyphs.len() - 1;
                let step = (line.glyphs[steps].x - line.left()) / steps as f64;
                let held = ((RIGHT - LEFT + 0.1) / step).floor();
                // Nothing stretches the last line of a paragraph: it only must be one of which a line holds 28.
                let is_fit = (step - CELL).abs() <= STEP_TOLERANCE
                    || next.is_none() && held == CELLS as f64
                    || next.is_some_and(|next| is_stretched(line, next));
                tally.expect(is_fit, line.page, || {
                    format!(
                        "{}每字占 {step:.2} mm，一行 {held} 字；28 字撑满版心应为 {CELL:.2} mm",
                        line.beginning()
                    )
                });
            }
            let Some(next) = next else { continue };
            if line.is_pure() {
                let held =
                    ((line.glyphs.last().map_or(LEFT, |glyph| glyph.x) - LEFT) / CELL).round() as usize + 1;
                fullest = fullest.max(held);
                if held == CELLS {
                    full += 1;
                } else {
                    shorter += 1;
                    tally.expect(held < CELLS && is_broken_by_rule(line, next), line.page, || {
                        format!("{}一行 {held} 字，下一行的字排得下", line.beginning())
                    });
                }
            } else {
                mixed += 1;
                let is_short = reach < -RULER && !is_broken_by_rule(line, next);
                tally.expect(!is_short, line.page, || {
                    format!("{}距版心右缘 {:.1} mm", line.beginning(), -reach)
                });
            }
        }
    }
    if full + shorter + mixed == 0 {
        return Judgement::absent("没有排满的行");
    }
    tally.measure(format!("字距 {CELL:.2} mm，满行 {full} 行各 28 字"));
    if shorter > 0 {
        tally.measure(format!("{shorter} 行因行首行尾标点少排"));
    }
    if mixed > 0 {
        tally.measure(format!("含数字、字母的 {mixed} 行右缘对齐"));
    }
    tally.judge()
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

/// 一、 and （一） are headings, in faces of their own.
pub(super) fn is_heading(paragraph: &ParagraphLines) -> bool {
    super::body::level(&paragraph.text()).is_some_and(|level| level <= 2)
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
    line.right() >= RIGHT - RULER && had_no_room(line, next, end)
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

/// Whether a line may end between two characters.
fn may_part(before: &Glyph, after: &Glyph) -> bool {
    let (one, other) = (before.character(), after.character());
    let is_torn = one == other && NEVER_SPLIT.contains(one);
    let is_word = !before.is_full_width() && !after.is_full_width();
    !(is_torn || is_word || OPENING.contains(one) || NEVER_FIRST.contains(other) || CLOSING.contains(other))
}
