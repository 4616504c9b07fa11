//! A sheet without its page number, put as if its text block lay where it should.

use super::block::{self, BlockPlace};
use super::figures::{BOTTOM, PAGE_HEIGHT, ROUNDING};
use super::line::TextLine;
use super::page::{Page, StraightLine};
use super::pattern::pattern;

/// How near to the lower edge of the text block a page number may be, in millimetres.
const FOOT: f64 = BOTTOM - 10.0;
/// A sheet with fewer lines than this has a beginning of its own.
const SCANT: usize = 5;

pattern!(PAGE_NUMBER = r"^[—―─－–\-~·.第共/页]*\d{1,4}[—―─－–\-~·.第共/页\d]*$");

/// A sheet without its page number and its share of the 版记.
pub(super) struct BodySheet {
    pub page: Page,
    pub lines: Vec<TextLine>,
    /// Its page number, as the sheet is bound.
    pub number: Option<TextLine>,
    /// Whether the number of a sheet that lies across stands where one would read it, and not where it is bound.
    pub is_number_astray: bool,
    /// How wide and high it is.
    pub paper: (f64, f64),
    /// Where its text block lay before all was put as if it lay where it should.
    pub block: BlockPlace,
}

/// Puts every sheet as if its text block lay where it should, and notes where it lies. Odd and even sheets may
/// have their block at different places, for duplex printing.
pub(super) fn settle(pages: Vec<Page>) -> Vec<BodySheet> {
    let sheets: Vec<BodySheet> = pages.iter().cloned().map(BodySheet::of).collect();
    let upright = || sheets.iter().filter(|sheet| !sheet.page.is_across());
    let begun = upright().filter(|sheet| sheet.lines.len() >= SCANT);
    let down_by = block::down_by(begun.filter_map(|sheet| sheet.lines.first()));
    let sideways = |parity: Option<usize>| {
        let sheets = upright().filter(|sheet| parity.is_none_or(|parity| sheet.page.number % 2 == parity));
        block::sideways(sheets.flat_map(|sheet| &sheet.lines))
    };
    let all = sideways(None).unwrap_or((0.0, 1.0));
    let [even, odd] = [0, 1].map(|parity| sideways(Some(parity)).unwrap_or(all));
    let settled = pages.into_iter().zip(sheets).map(|(page, sheet)| {
        let (right_by, width) = if page.number % 2 == 0 { even } else { odd };
        let place = BlockPlace { right_by, down_by, width };
        let is_short = page.is_across() && (page.width - PAGE_HEIGHT).abs() > ROUNDING;
        if place == BlockPlace::default() && !is_short {
            return sheet;
        }
        BodySheet { block: place, paper: (page.width, page.height), ..BodySheet::of(place.moved(&page)) }
    });
    settled.collect()
}

impl BodySheet {
    fn of(page: Page) -> Self {
        let mut lines = TextLine::of(&page);
        mark_tables(&page, &mut lines);
        let is_number = |line: &TextLine| PAGE_NUMBER.is_match(&line.text()) && !line.is_tabular;
        let (mut number, mut is_number_astray) = (None, false);
        if page.is_across() {
            number = TextLine::of(&page.turned()).pop().filter(is_number);
        }
        // A sheet that lies across may bear its number as if it stood.
        if number.is_none()
            && lines.last().is_some_and(|line| is_number(line) && (page.is_across() || line.baseline > FOOT))
        {
            number = lines.pop();
            is_number_astray = page.is_across();
        }
        Self {
            paper: (page.width, page.height),
            page,
            lines,
            number,
            is_number_astray,
            block: BlockPlace::default(),
        }
    }

    pub(super) fn is_blank(&self) -> bool {
        self.lines.is_empty() && self.page.rules.is_empty() && self.page.pictures == 0
    }
}

/// Lines between upright rules belong to a table.
fn mark_tables(page: &Page, lines: &mut [TextLine]) {
    let upright: Vec<&StraightLine> = page.rules.iter().filter(|rule| !rule.is_level()).collect();
    if upright.len() < 2 {
        return;
    }
    let top = upright.iter().map(|rule| rule.top).fold(f64::INFINITY, f64::min);
    let bottom = upright.iter().map(|rule| rule.bottom).fold(0.0, f64::max);
    for line in lines {
        line.is_tabular = top < line.baseline && line.baseline < bottom;
    }
}
