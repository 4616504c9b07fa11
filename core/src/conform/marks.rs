//! 9: marks (GB/T 15834-2011), figures (GB/T 15835-2011), units (GB 3100).

use std::collections::BTreeSet;

use super::judgement::{Evidence, Judgement};
use super::line::{CLOSING, NEVER_FIRST, NEVER_SPLIT, OPENING, TextLine, is_han};
use super::parts::{Parts, pattern};

pattern!(OBSOLETE_UNIT = r"\d(公分|公尺|市尺|市里|华里|市斤|英尺|英寸|英里|马力|平米|立升)");

/// Marks that exist in Latin faces too and must be Chinese ones here.
const SHARED: &str = "“”‘’—…·";
/// Marks that have a full-width form of their own.
const HALF_WIDTH: &str = ",;:!?()\"'";

/// GB/T 15834-2011, 5.1: which marks may begin and end a line
pub(super) fn edges(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let mut count = 0;
    for paragraph in document.paragraphs() {
        for (index, line) in paragraph.lines.iter().enumerate() {
            count += 1;
            let is_first = index == 0;
            let (first, last) = (line.first(), line.last());
            tally.expect(!NEVER_FIRST.contains(first), line.page, || format!("行首为“{first}”"));
            tally.expect(!OPENING.contains(last), line.page, || format!("行末为“{last}”"));
            let before = (!is_first).then(|| paragraph.lines[index - 1].last());
            let is_torn = before == Some(first) && NEVER_SPLIT.contains(first);
            tally.expect(!is_torn, line.page, || format!("“{first}{first}”拆在两行"));
        }
    }
    tally.measure(format!("{count} 行，行首没有后半标点，行末没有前半标点，破折号、省略号不拆"));
    tally.judge()
}

/// “ ” —— …… in a Chinese face
pub(super) fn faces(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    // Page numbers are judged by 7.5, and hold no Chinese that would tell their face.
    let lines = || document.sheets.iter().flat_map(|sheet| &sheet.lines);
    let all = || lines().flat_map(|line| line.glyphs.iter().map(|glyph| (line.page, glyph)));
    let chinese: BTreeSet<&str> =
        all().filter(|(_, glyph)| glyph.is_han()).map(|(_, glyph)| &*glyph.face).collect();
    let latin: BTreeSet<&str> = all()
        .filter(|(_, glyph)| glyph.character().is_ascii_alphanumeric() && !chinese.contains(&*glyph.face))
        .map(|(_, glyph)| &*glyph.face)
        .collect();
    let mut count = 0;
    for (page, glyph) in all().filter(|(_, glyph)| SHARED.contains(glyph.character())) {
        count += 1;
        let is_narrow = glyph.character() != '·' && glyph.advance < 0.8 * glyph.em();
        tally.expect(!latin.contains(&*glyph.face) && !is_narrow, page, || {
            format!("“{}”用西文字体 {}", glyph.text, glyph.face)
        });
    }
    if count == 0 {
        return Judgement::absent("没有引号、破折号、省略号");
    }
    tally.measure(format!("引号、破折号、省略号 {count} 处，都用中文字体"));
    tally.judge()
}

/// Chinese text has full-width marks.
pub(super) fn widths(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    for (line, text) in texts(document) {
        let characters: Vec<char> = text.chars().collect();
        for (index, character) in characters.iter().enumerate().filter(|(_, c)| HALF_WIDTH.contains(**c)) {
            let is_chinese = |at: Option<usize>| {
                at.and_then(|at| characters.get(at))
                    .is_none_or(|c| is_han(*c) || CLOSING.contains(*c) || OPENING.contains(*c))
            };
            let before = index.checked_sub(1);
            let is_between = is_chinese(before) && is_chinese(Some(index + 1)) && characters.len() > 1;
            tally.expect(!is_between, line.page, || format!("{}中有半角“{character}”", line.beginning()));
        }
    }
    tally.measure("中文标点都是全角");
    tally.judge()
}

/// GB/T 15835-2011: figures are half-width Arabic ones.
pub(super) fn figures(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    for (line, text) in texts(document) {
        let is_wide = text.chars().any(|c| ('０'..='９').contains(&c));
        tally.expect(!is_wide, line.page, || format!("{}中有全角数字", line.beginning()));
    }
    tally.measure("数字用半角阿拉伯数字");
    tally.judge()
}

/// GB 3100: legal units. Whether a quantity wants a unit at all a ruler cannot tell.
pub(super) fn units(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    for (line, text) in texts(document) {
        if let Some(found) = OBSOLETE_UNIT.captures(&text) {
            tally.fault(line.page, format!("{}中的“{}”不是法定计量单位", line.beginning(), &found[1]));
        }
    }
    tally.measure("没有发现非法定计量单位");
    tally.judge()
}

fn texts(document: &Parts) -> impl Iterator<Item = (&TextLine, String)> {
    let heads = document.title.iter().chain(&document.addressees).chain(&document.attachment_list);
    heads.chain(document.running()).map(|line| (line, line.text()))
}
