//! 7.5: page numbers; 8: where the sheet lies across.

use super::face;
use super::figures::{BOTTOM, LEFT, NUMBER_DISTANCE, RIGHT, RULER, SIZE_TOLERANCE, SMALL_SIZE, millimetres};
use super::judgement::{Evidence, Judgement};
use super::line::TextLine;
use super::paper::lower_edge;
use super::parts::Parts;
use super::pattern::pattern;

pattern!(WRITTEN = r"^([—―─－])(\d+)([—―─－])$");
pattern!(FIGURES = r"\d+");

/// 一字 of a page number is one of its own size; the ruler cannot tell it from one of the text.
const CHARACTER: f64 = millimetres(SMALL_SIZE);
/// A dash that is a 字 long fills at least this share of it.
const DASH: f64 = 0.7;

/// 4号半角宋体 between two 一字线
pub(super) fn writing(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    for line in numbers(document) {
        let text = line.text();
        if !WRITTEN.is_match(&text) {
            tally.fault(
                line.page,
                format!("页码写作“{text}”，应为“— {} —”", figure(line).unwrap_or(line.page)),
            );
            continue;
        }
        for dash in
            line.glyphs.iter().filter(|glyph| glyph.is_full_width() || !glyph.character().is_ascii_digit())
        {
            let length = dash.ink.map_or(dash.advance, |ink| ink[2] - ink[0]);
            tally.expect(length >= DASH * dash.em(), line.page, || {
                format!("页码的横线长 {length:.1} mm，不足一字")
            });
        }
        let size = line.size();
        tally.expect((size - SMALL_SIZE).abs() <= SIZE_TOLERANCE, line.page, || {
            format!("页码为 {size:.1} 磅，应为4号（{SMALL_SIZE:.0} 磅）")
        });
    }
    let digits = numbers(document).flat_map(|line| line.glyphs.iter().map(|glyph| (line.page, glyph)));
    face::expect_glyphs(&mut tally, "宋体", digits.filter(|(_, glyph)| glyph.character().is_ascii_digit()));
    measured(document, tally, "一字线夹阿拉伯数字，4号")
}

/// The dashes 7 mm below the text block
pub(super) fn distance(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let mut distances: Vec<f64> = Vec::new();
    let bottom = lower_edge(document);
    for line in bound(document) {
        let dash = line.glyphs.first().and_then(|glyph| glyph.ink);
        let distance = dash.map_or(line.top(), |ink| ink[1]) - bottom;
        tally.expect((distance - NUMBER_DISTANCE).abs() <= RULER, line.page, || {
            format!("一字线上缘距版心下缘 {distance:.1} mm，应为 {NUMBER_DISTANCE:.0} mm")
        });
        distances.push(distance);
    }
    let told = distances
        .first()
        .map_or_else(String::new, |distance| format!("一字线上缘距版心下缘 {distance:.1} mm"));
    measured(document, tally, &told)
}

/// Odd ones at the right, even ones at the left, one character in
pub(super) fn side(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    for line in bound(document) {
        let is_odd = line.page % 2 == 1;
        let inset = if is_odd { RIGHT - line.right() } else { line.left() - LEFT };
        let side = if is_odd { "右" } else { "左" };
        tally.expect((inset - CHARACTER).abs() <= RULER + CHARACTER / 8.0, line.page, || {
            format!("页码{side}空 {:.1} 字（{inset:.1} mm），应居{side}空一字", inset / CHARACTER)
        });
    }
    measured(document, tally, "单页居右、双页居左，各空一字")
}

/// Every sheet counts; only a blank one before the 版记 and then the 版记's own have none.
pub(super) fn sequence(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let colophon = document.colophon.as_ref().map(|colophon| colophon.page);
    let mut counted = 0;
    for (index, sheet) in document.sheets.iter().enumerate() {
        let page = sheet.page.number;
        let is_of_colophon = colophon == Some(page) && sheet.lines.is_empty();
        let is_before = colophon == Some(page + 1) && sheet.is_blank();
        let follows_blank = is_of_colophon && index > 0 && document.sheets[index - 1].is_blank();
        match &sheet.number {
            Some(_) if is_before => tally.fault(page, "是版记前的空白页，不编页码"),
            Some(_) if follows_blank => tally.fault(page, "前有空白页的版记页不编页码"),
            Some(number) => {
                let figure = figure(number);
                counted += 1;
                tally.expect(figure == Some(page), page, || format!("页码为 {}", figure.unwrap_or_default()));
            }
            None => tally.expect(is_of_colophon || is_before, page, || "没有页码".into()),
        }
    }
    tally.measure(format!("共 {} 页，编码 {counted} 页，连续", document.sheets.len()));
    tally.judge()
}

/// 8: a sheet that lies across bears its number where the others do, with its head at the left.
pub(super) fn across(document: &Parts) -> Judgement {
    let sheets: Vec<_> = document.sheets.iter().filter(|sheet| sheet.page.is_across()).collect();
    if sheets.is_empty() {
        return Judgement::absent("没有横排的页");
    }
    let mut tally = Evidence::default();
    for sheet in &sheets {
        let page = sheet.page.number;
        match &sheet.number {
            None => tally.fault(page, "横排页没有页码"),
            Some(number) => {
                let is_at_foot = !sheet.is_number_astray
                    && number.baseline > BOTTOM
                    && number.baseline < BOTTOM + 3.0 * NUMBER_DISTANCE;
                let is_within = number.left() > LEFT && number.right() < RIGHT;
                tally.expect(is_at_foot && is_within, page, || "横排页的页码不在竖排页的位置".into());
            }
        }
    }
    tally.measure(format!("横排 {} 页，页码位置与其他页一致，表头在订口一侧", sheets.len()));
    tally.judge()
}

/// Those that stand where they are bound; the others are blamed by clause 8.
fn bound(document: &Parts) -> impl Iterator<Item = &TextLine> {
    document.sheets.iter().filter(|sheet| !sheet.is_number_astray).filter_map(|sheet| sheet.number.as_ref())
}

fn numbers(document: &Parts) -> impl Iterator<Item = &TextLine> {
    document.sheets.iter().filter_map(|sheet| sheet.number.as_ref())
}

fn figure(line: &TextLine) -> Option<usize> {
    FIGURES.find(&line.text())?.as_str().parse().ok()
}

fn measured(document: &Parts, mut tally: Evidence, told: &str) -> Judgement {
    if numbers(document).next().is_none() {
        return Judgement::missing("没有页码");
    }
    tally.measure(told);
    tally.judge()
}
