//! 5.1, 5.2: paper, margins, colour.

use super::figures::{
    ACROSS_LEFT, ACROSS_TOP, BLOCK_HEIGHT, BLOCK_WIDTH, BOTTOM, LEFT, MARGIN_TOLERANCE, PAGE_HEIGHT,
    PAGE_WIDTH, RIGHT, SHEET_TOLERANCE, TOP,
};
use super::judgement::{Evidence, Judgement};
use super::line::{TextLine, is_black, is_red};
use super::parts::{BodySheet, Parts};

/// A sheet with fewer lines than this need not have one that reaches an edge.
const FEW: usize = 4;

/// 5.1: A4
pub(super) fn size(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let mut sizes: Vec<String> = Vec::new();
    for sheet in &document.sheets {
        let page = &sheet.page;
        let (short, long) = (page.width.min(page.height), page.width.max(page.height));
        let told = format!("{:.1} × {:.1} mm", page.width, page.height);
        let is_a4 =
            (short - PAGE_WIDTH).abs() <= SHEET_TOLERANCE && (long - PAGE_HEIGHT).abs() <= SHEET_TOLERANCE;
        tally.expect(is_a4, page.number, || format!("为 {told}，不是 A4"));
        if !sizes.contains(&told) {
            sizes.push(told);
        }
    }
    tally.measure(format!("{}，共 {} 页", sizes.join("、"), document.sheets.len()));
    tally.judge()
}

/// 5.2.1: 天头
pub(super) fn top(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let mut range = Range::default();
    for sheet in &document.sheets {
        let Some(first) = sheet.lines.first() else { continue };
        // The first sheet of a 报送版 begins with elements that have places of their own.
        if first.page == 1 && document.is_formal() {
            continue;
        }
        let edge = if sheet.page.is_across() { ACROSS_TOP } else { TOP };
        let top = if first.is_tabular { table_top(sheet) } else { first.top() };
        let margin = top - edge + TOP;
        range.add(margin);
        tally.expect((margin - TOP).abs() <= MARGIN_TOLERANCE, first.page, || {
            format!("首行上缘距纸边 {top:.1} mm，应为 {edge:.0} ± 1 mm")
        });
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
        let Some(left) = outermost(sheet, document).map(TextLine::left).reduce(f64::min) else { continue };
        let number = sheet.page.number;
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

/// 5.2.1: the width of 版心
pub(super) fn width(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let mut range = Range::default();
    for sheet in &document.sheets {
        let left = outermost(sheet, document).map(TextLine::left).reduce(f64::min);
        let right = outermost(sheet, document).map(TextLine::right).reduce(f64::max);
        let (Some(left), Some(right)) = (left, right) else { continue };
        range.add(right - left);
        tally.expect((right - left - BLOCK_WIDTH).abs() <= MARGIN_TOLERANCE, sheet.page.number, || {
            format!("版心宽 {:.1} mm，应为 {BLOCK_WIDTH:.0} mm", right - left)
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
            range.add(last.bottom() - TOP);
            tally.expect((last.bottom() - BOTTOM).abs() <= MARGIN_TOLERANCE, number, || {
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
        let is_mark =
            |glyph: &super::page::Glyph| page.number == 1 && document.is_formal() && is_red(glyph.colour);
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

/// The lines that show where the text block's sides are: of a sheet with a few of them.
fn outermost<'a>(sheet: &BodySheet, document: &'a Parts) -> impl Iterator<Item = &'a TextLine> + use<'a> {
    let lines = of_sheet(document, sheet.page.number);
    let is_enough = lines.len() >= FEW && lines.iter().any(|line| line.indent() < 1.0);
    lines.into_iter().filter(move |_| is_enough)
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

/// Where the text block begins on the left of a sheet.
pub(super) fn left_edge(is_across: bool) -> f64 {
    if is_across { ACROSS_LEFT } else { LEFT }
}
