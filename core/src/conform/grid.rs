//! 5.2.2, 5.2.3: 3号仿宋, 22 lines, a cell for each mark.

use super::face;
use super::figures::{BODY_SIZE, LEFT, LINES, PITCH, RIGHT, RULER, TOP, pitch};
use super::heading::is_heading;
use super::judgement::{Evidence, Judgement};
use super::line::TextLine;
use super::paper::{is_full, of_sheet};
use super::parts::Parts;
use super::spacing::{Adjustment, adjustment, may_end_early, per_sheet};

/// How far the distance of lines may be from what it should be, on average: half a ruler's reading over a page.
const PITCH_TOLERANCE: f64 = RULER / (LINES - 1) as f64;
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
        let is_adjusted =
            |it: &&Adjustment| it.sheets.contains(&sheet.page.number) && per_sheet(&here) == Some(it.lines);
        let lines = adjusted.as_ref().filter(is_adjusted).map_or(LINES, |it| it.lines);
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
                let is_short = rows < lines && may_end_early(document, last.page);
                tally.expect(rows == lines || is_short, last.page, || {
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
    let told = adjusted.as_ref().filter(is_everywhere).map_or(mean, |it| mean * pitch(it.lines) / PITCH);
    tally.measure(format!("行距 {told:.2} mm"));
    if let Some(Adjustment { reason, sheets, lines }) = adjusted {
        let (first, last) = (sheets.start(), sheets.end());
        let place = if *first == 1 { "每面".into() } else { format!("第{first}至{last}页每面") };
        let manner = if lines > LINES { "收紧" } else { "放宽" };
        tally.measure(format!("为使{reason}，{manner}到{place} {lines} 行"));
    }
    tally.measure(match fullest {
        0 => "没有排满的页".into(),
        rows => format!("排满的页 {rows} 行"),
    });
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
