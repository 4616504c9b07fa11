//! 7.3.3: the body: its indents, and headings of four levels.

use super::face;
use super::figures::{BODY_SIZE, INDENT};
use super::heading::{level, strange_number};
use super::judgement::{Evidence, Judgement};
use super::line::TextLine;
use super::parts::Parts;

/// A heading that opens its paragraph ends where its face does, at the latest here.
const LONGEST_HEADING: usize = 60;

/// Paragraphs are indented by two characters.
pub(super) fn indent(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let mut count = 0;
    for paragraph in document.paragraphs() {
        let Some(first) = paragraph.lines.first() else { continue };
        count += 1;
        tally.expect((first.indent() - INDENT).abs() <= 0.2, first.page, || {
            format!("{}左空 {:.1} 字", first.beginning(), first.indent())
        });
        for line in &paragraph.lines[1..] {
            tally.expect(line.indent().abs() <= 0.2, line.page, || format!("{}没有顶格", line.beginning()));
        }
    }
    if count == 0 {
        return Judgement::missing("没有正文");
    }
    tally.measure(format!("{count} 段，各左空二字，回行顶格"));
    tally.judge()
}

/// 一、 in 黑体
pub(super) fn level_1(document: &Parts) -> Judgement {
    headings(document, 1, "黑体")
}

/// （一） in 楷体
pub(super) fn level_2(document: &Parts) -> Judgement {
    headings(document, 2, "楷体")
}

/// 1. and （1） in 仿宋
pub(super) fn level_3_and_4(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let mut count = 0;
    for paragraph in document.paragraphs() {
        let text = paragraph.text();
        if matches!(level(&text), Some(3 | 4)) {
            count += 1;
            face::expect(&mut tally, "仿宋", &paragraph.lines[..1]);
        }
    }
    if count == 0 {
        return Judgement::absent("没有第三、四层标题");
    }
    let mut judgement = tally.judge();
    judgement.measured += &format!("；共 {count} 处");
    judgement
}

/// 一、 （一） 1. （1）: the numbers as they are to be written
pub(super) fn numbers(document: &Parts) -> Judgement {
    let mut tally = Evidence::default();
    let mut count = 0;
    for paragraph in document.paragraphs() {
        let text = paragraph.text();
        count += usize::from(level(&text).is_some());
        if let Some(found) = strange_number(&text) {
            tally.fault(paragraph.lines[0].page, format!("序数写作“{}”", found));
        }
    }
    tally.measure(format!("{count} 处序数依次用“一、”“（一）”“1.”“（1）”"));
    tally.judge()
}

fn headings(document: &Parts, wanted: usize, role: &str) -> Judgement {
    let mut tally = Evidence::default();
    let mut count = 0;
    for paragraph in document.paragraphs() {
        if level(&paragraph.text()) != Some(wanted) {
            continue;
        }
        count += 1;
        let glyphs =
            paragraph.lines.iter().flat_map(|line| line.glyphs.iter().map(|glyph| (line.page, glyph)));
        let glyphs: Vec<_> = glyphs.collect();
        // On a line of its own the whole of it is the heading; where it opens a paragraph, its
        // first sentence.
        let is_run_in = paragraph.lines.len() > 2 || ends_with_sentence(&paragraph.lines);
        let end = glyphs.iter().take(LONGEST_HEADING).position(|(_, glyph)| glyph.character() == '。');
        let end = if is_run_in { end.map_or(glyphs.len(), |end| end) } else { glyphs.len() };
        let heading = glyphs[..end].iter().copied().filter(|(_, glyph)| glyph.is_han());
        face::expect_glyphs(&mut tally, role, heading);
        face::expect_size(&mut tally, "3号", BODY_SIZE, &paragraph.lines);
    }
    if count == 0 {
        return Judgement::absent("没有这一层标题");
    }
    let mut judgement = tally.judge();
    judgement.measured += &format!("；共 {count} 处");
    judgement
}

fn ends_with_sentence(lines: &[TextLine]) -> bool {
    lines.last().is_some_and(|line| matches!(line.last(), '。' | '；' | '：' | '！' | '？'))
}
