//! 9: marks (GB/T 15834-2011), figures (GB/T 15835-2011), units (GB 3100).

use std::collections::BTreeSet;

use super::judgement::{Evidence, Judgement};
use super::line::{CLOSING, NEVER_FIRST, NEVER_SPLIT, OPENING, TextLine, is_han};
use super::page::Glyph;
use super::parts::Parts;
use super::pattern::pattern;

pattern!(OBSOLETE_UNIT = r"\d(公分|公尺|市尺|市里|华里|市斤|英尺|英寸|英里|马力|平米|立升)");

/// Marks that exist in Latin faces too and must be Chinese ones here.
const SHARED: &str = "“”‘’—…·";
/// Marks that have a full-width form of their own.
const HALF_WIDTH: &str = ",;:!?()\"'";
/// One that figures have too: behind a Chinese character it is none of theirs.
const POINT: char = '.';

/// GB/T 15834-2011, 5.1: which marks may begin and end a line
pub(super) fn edges(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let mut count = 0;
    let others = [&document.addressees, &document.attachment_list, &document.notes];
    let texts = document.paragraphs().map(|paragraph| &paragraph.lines).chain(others);
    for lines in texts {
        for (index, line) in lines.iter().enumerate() {
            count += 1;
            let before = index.checked_sub(1).map(|index| &lines[index]);
            if let Some(fault) = wrong_beginning(before, line) {
                tally.fault(line.page, fault);
            }
            let last = line.last();
            let is_divider = last == '/' && line.glyphs.iter().rev().nth(1).is_some_and(Glyph::is_han);
            let is_wrong = OPENING.contains(last) || is_divider && index + 1 < lines.len();
            tally.expect(!is_wrong, line.page, || format!("行末为“{last}”"));
        }
    }
    tally.measure(format!("{count} 行，行首没有后半标点、连接号，行末没有前半标点，破折号、省略号不拆"));
    tally.judge()
}

/// What is wrong with how a line begins. A 破折号, which is two dashes, may begin it; a 连接号, which is one, may
/// not, and neither may a divider.
pub(super) fn wrong_beginning(before: Option<&TextLine>, line: &TextLine) -> Option<String> {
    let (first, second) = (line.first(), line.glyphs.get(1).map_or(' ', Glyph::character));
    let last = before.map(TextLine::last);
    if last == Some(first) && NEVER_SPLIT.contains(first) {
        return Some(format!("“{first}{first}”拆在两行"));
    }
    let joins = last.is_some_and(|last| last.is_ascii_alphanumeric() || is_han(last));
    // That of a figure below zero is no joint, unless it stands behind another figure.
    let is_behind_figure =
        last.is_some_and(|last| last.is_ascii_alphanumeric() || "年月日时分号度".contains(last));
    let is_sign = first == '-' && second.is_ascii_digit() && !is_behind_figure;
    let is_joint = first == '—' && second != '—' || joins && !is_sign && matches!(first, '-' | '~' | '/');
    (NEVER_FIRST.contains(first) || is_joint).then(|| format!("行首为“{first}”"))
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
        for (index, character) in
            characters.iter().enumerate().filter(|(_, c)| HALF_WIDTH.contains(**c) || **c == POINT)
        {
            let is_chinese = |at: Option<usize>| {
                at.and_then(|at| characters.get(at))
                    .is_none_or(|c| is_han(*c) || CLOSING.contains(*c) || OPENING.contains(*c))
            };
            let before = index.checked_sub(1);
            let is_between = is_chinese(before) && is_chinese(Some(index + 1)) && characters.len() > 1;
            let is_behind = before.is_some_and(|before| is_han(characters[before]));
            let is_between = if *character == POINT { is_behind && is_between } else { is_between };
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
