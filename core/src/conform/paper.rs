//! 5.1, 5.2: paper, margins, colour.

use super::figures::{
    BLOCK_HEIGHT, BLOCK_WIDTH, BODY_SIZE, BOTTOM, LEFT, MARGIN_TOLERANCE, PAGE_HEIGHT, PAGE_WIDTH, RIGHT,
    SHEET_TOLERANCE, TITLE_SIZE, TOP, millimetres,
};
use super::judgement::{Evidence, Judgement};
use super::line::{CLOSING, OPENING, TextLine, is_black, is_red};
use super::page::Glyph;
use super::parts::Parts;
use super::sheet::BodySheet;
use super::{block, spacing};

/// A sheet with fewer lines than this need not have one that reaches an edge.
const FEW: usize = 4;
/// What has this much of each colour, of 255, is light.
const LIGHT: u8 = 160;

/// 5.1: A4
pub(super) fn size(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let mut sizes: Vec<String> = Vec::new();
    for sheet in &document.sheets {
        let (width, height) = sheet.paper;
        let (short, long) = (width.min(height), width.max(height));
        let told = format!("{width:.1} × {height:.1} mm");
        let is_a4 =
            (short - PAGE_WIDTH).abs() <= SHEET_TOLERANCE && (long - PAGE_HEIGHT).abs() <= SHEET_TOLERANCE;
        tally.expect(is_a4, sheet.page.number, || format!("为 {told}，不是 A4"));
        if !sizes.contains(&told) {
            sizes.push(told);
        }
    }
    tally.measure(format!("{}，共 {} 页", sizes.join("、"), document.sheets.len()));
    tally.judge()
}

/// 5.2.1: 天头. Of a sheet that lies across the upper edge is the binding edge.
pub(super) fn top(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let mut range = Range::default();
    for sheet in document.sheets.iter().filter(|sheet| !sheet.page.is_across()) {
        let Some(first) = sheet.lines.first() else { continue };
        // The first sheet of a 报送版 begins with elements that have places of their own.
        if first.page == 1 && document.is_formal() {
            continue;
        }
        // A signature that stands alone is blamed for that.
        let signature = document.signature.iter().flat_map(|signature| &signature.names);
        if signature.clone().any(|name| name.page == first.page && name.baseline == first.baseline) {
            continue;
        }
        let edges = if first.is_tabular { [table_top(sheet); 2] } else { upper_edges(first) };
        let edges = edges.map(|edge| edge + sheet.block.down_by);
        let top = edges[0];
        range.add(top);
        let is_right = edges.iter().any(|edge| (edge - TOP).abs() <= MARGIN_TOLERANCE);
        tally.expect(is_right, first.page, || format!("首行上缘距纸边 {top:.1} mm，应为 {TOP:.0} ± 1 mm"));
    }
    range.judge(tally, "首行上缘距纸边")
}

/// 5.2.1: 订口. For duplex printing the margins of even sheets may be mirrored.
pub(super) fn left(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let mut range = Range::default();
    let mirrored = PAGE_WIDTH - RIGHT;
    let mut is_mirrored = false;
    for sheet in &document.sheets {
        let number = sheet.page.number;
        let place = if sheet.page.is_across() {
            sheet.lines.first().map(|line| if line.is_tabular { table_top(sheet) } else { line.top() })
        } else {
            lefts(sheet, document)
        };
        let Some(place) = place else { continue };
        let left = place + sheet.block.right_by;
        let is_right = (left - LEFT).abs() <= MARGIN_TOLERANCE;
        let is_turned = number % 2 == 0 && (left - mirrored).abs() <= MARGIN_TOLERANCE;
        is_mirrored |= is_turned && !is_right;
        range.add(left);
        tally.expect(is_right || is_turned, number, || {
            format!("文字左缘距纸边 {left:.1} mm，应为 {LEFT:.0} ± 1 mm")
        });
    }
    if is_mirrored {
        tally.measure("双面印刷，偶数页订口在右");
    }
    range.judge(tally, "文字左缘距纸边")
}

/// 5.2.1: the width of 版心, which lines show that had to end where they do.
pub(super) fn width(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let mut range = Range::default();
    // A mark that hangs out is blamed for that (5.2.3).
    let right =
        |line: &TextLine| if CLOSING.contains(line.last()) { line.right().min(RIGHT) } else { line.right() };
    let broken = |number| {
        let lines = document
            .paragraphs()
            .flat_map(|paragraph| paragraph.lines.split_last().map_or(&[][..], |it| it.1));
        lines.filter(move |line| line.page == number).map(right).reduce(f64::max)
    };
    for sheet in document.sheets.iter().filter(|sheet| !sheet.page.is_across()) {
        let (Some(left), Some(right)) = (lefts(sheet, document), broken(sheet.page.number)) else { continue };
        let width = (right - left) * sheet.block.width;
        range.add(width);
        tally.expect((width - BLOCK_WIDTH).abs() <= MARGIN_TOLERANCE, sheet.page.number, || {
            format!("版心宽 {width:.1} mm，应为 {BLOCK_WIDTH:.0} mm")
        });
    }
    range.judge(tally, "版心宽")
}

/// 5.2.1: the height of 版心, where a sheet is full
pub(super) fn height(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let mut range = Range::default();
    for sheet in &document.sheets {
        let lines: Vec<&TextLine> = of_sheet(document, sheet.page.number);
        let Some(last) = lines.last() else { continue };
        let number = sheet.page.number;
        tally.expect(last.bottom() <= BOTTOM + MARGIN_TOLERANCE, number, || {
            format!("末行下缘距版心上缘 {:.1} mm，超出版心", last.bottom() - TOP)
        });
        if is_full(document, sheet) {
            let is_whole = (last.bottom() - BOTTOM).abs() <= MARGIN_TOLERANCE;
            if !is_whole && last.bottom() < BOTTOM && spacing::may_end_early(document, number) {
                continue;
            }
            range.add(last.bottom() - TOP);
            tally.expect(is_whole, number, || {
                format!("版心高 {:.1} mm，应为 {BLOCK_HEIGHT:.0} mm", last.bottom() - TOP)
            });
        }
    }
    if range.is_empty() {
        tally.measure(format!("没有排满的页，正文都在 {BLOCK_HEIGHT:.0} mm 之内"));
        return tally.judge();
    }
    range.judge(tally, "版心高")
}

/// 5.2.4: black; red for 发文机关标志 and the rule below it alone (7.2.4, 7.2.7)
pub(super) fn colour(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    for sheet in &document.sheets {
        let page = &sheet.page;
        let strange = page.glyphs.iter().filter(|glyph| glyph.ink.is_some() && !is_black(glyph.colour));
        let strange = strange.filter(|glyph| !is_watermark(glyph));
        let is_mark = |glyph: &Glyph| page.number == 1 && document.is_formal() && is_red(glyph.colour);
        let strange: Vec<_> = strange.filter(|glyph| !is_mark(glyph)).collect();
        if let Some(first) = strange.first() {
            let text: String = strange.iter().take(8).map(|glyph| glyph.text.as_str()).collect();
            let [red, green, blue] = first.colour;
            tally.fault(page.number, format!("“{text}”不是黑色（RGB {red}, {green}, {blue}）"));
        }
    }
    tally.measure(if document.is_formal() {
        "除发文机关标志和红线外全为黑色"
    } else {
        "全为黑色"
    });
    tally.judge()
}

/// Whether a character is behind the text and no part of it: large, light and aslant.
fn is_watermark(glyph: &Glyph) -> bool {
    let (along, down) = glyph.direction;
    let is_aslant = along.abs().min(down.abs()) > 0.1;
    let is_light = glyph.colour.iter().all(|part| *part >= LIGHT);
    is_aslant && is_light && glyph.size > 2.0 * TITLE_SIZE
}

/// The lines of running text on a sheet.
pub(super) fn of_sheet(document: &Parts, number: usize) -> Vec<&TextLine> {
    document.running().filter(|line| line.page == number).collect()
}

/// Whether running text goes on from this sheet to the next, without a heading that would take
/// its last line along.
pub(super) fn is_full(document: &Parts, sheet: &BodySheet) -> bool {
    let number = sheet.page.number;
    let in_paragraphs = document.paragraphs().any(|paragraph| {
        let pages = paragraph.lines.iter().map(|line| line.page);
        let (mut on, mut next) = (false, false);
        pages.for_each(|page| {
            on |= page == number;
            next |= page == number + 1;
        });
        on && next
    });
    let ends_with_table = sheet.lines.last().is_some_and(|line| line.is_tabular);
    in_paragraphs && !ends_with_table
}

/// Where the lines of a sheet begin furthest left, if it has lines enough for that.
fn lefts(sheet: &BodySheet, document: &Parts) -> Option<f64> {
    let lines = of_sheet(document, sheet.page.number);
    let is_enough = lines.len() >= FEW && lines.iter().any(|line| line.indent() < 1.0);
    // The blank half of an opening mark may be dropped: then it begins further left than its line.
    let left = |line: &TextLine| {
        let is_dropped = OPENING.contains(line.first()) && line.left() < LEFT - line.em() / 4.0;
        line.left() + if is_dropped { line.em() / 2.0 } else { 0.0 }
    };
    lines.into_iter().filter(|_| is_enough).map(left).reduce(f64::min)
}

/// The upper edge of a line, and where it would be for text: a larger character may stand on its line with its
/// middle.
fn upper_edges(line: &TextLine) -> [f64; 2] {
    [line.top(), line.middle() - millimetres(BODY_SIZE) / 2.0]
}

/// The lower edge of the text block, as full sheets show it.
pub(super) fn lower_edge(document: &Parts) -> f64 {
    let is_told =
        |sheet: &&BodySheet| is_full(document, sheet) && !spacing::is_respaced(document, sheet.page.number);
    let full = document.sheets.iter().filter(is_told);
    block::lower_edge(
        full.filter_map(|sheet| of_sheet(document, sheet.page.number).last().map(|line| line.bottom())),
    )
}

fn table_top(sheet: &BodySheet) -> f64 {
    sheet.page.rules.iter().map(|rule| rule.top).fold(f64::INFINITY, f64::min)
}

/// The least and the greatest of some lengths.
#[derive(Default)]
struct Range(Option<(f64, f64)>);

impl Range {
    fn add(&mut self, value: f64) {
        self.0 =
            Some(self.0.map_or((value, value), |(least, greatest)| (least.min(value), greatest.max(value))));
    }

    fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    fn judge(self, mut tally: Evidence, name: &str) -> Judgement {
        let Some((least, greatest)) = self.0 else {
            return Judgement::absent("没有可供测量的正文");
        };
        if greatest - least < 0.1 {
            tally.measure(format!("{name} {least:.1} mm"));
        } else {
            tally.measure(format!("{name} {least:.1}—{greatest:.1} mm"));
        }
        tally.judge()
    }
}

/// Where the text block begins on the left of a sheet: of one that lies across at its lower edge.
pub(super) fn left_edge(document: &Parts, is_across: bool) -> f64 {
    if is_across { PAGE_HEIGHT - lower_edge(document) } else { LEFT }
}
