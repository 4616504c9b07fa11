//! 7.2: 版头. A document without one (公开版) is not asked for it.

use super::face;
use super::figures::{
    BLOCK_WIDTH, BODY_SIZE, CELL, LEFT, LINES_TOLERANCE, MARK_TOP, PITCH, RIGHT, RULE_DISTANCE, RULER, TOP,
    TWO_LINES,
};
use super::judgement::{Evidence, Judgement};
use super::line::{TextLine, is_red};
use super::page::Glyph;
use super::parts::{Letterhead, Parts};
use super::pattern::pattern;

pattern!(COPY_NUMBER = r"^\d+$");
pattern!(SECRECY = r"^(绝密|机密|秘密)");
pattern!(SECRECY_WRITTEN = r"^(绝密|机密|秘密)(★(\d+(年|个月|天|日)|长期))?$");
pattern!(URGENCY = r"^(特急|加急|特提|平急)");
pattern!(NUMBER_WRITTEN = r"^[^〔〕第]+〔\d{4}〕[1-9]\d*号$");

/// How far ink may stay away from the edge of its character, as a share of the size.
const SIDE_BEARING: f64 = 0.12;

/// What stands below each other differs by no more than this, in 字.
const ALIGNED: f64 = 0.2;

/// 7.2.1: 份号
pub(super) fn copy_number(document: &Parts) -> Judgement {
    above(
        document,
        "没有份号",
        |line| COPY_NUMBER.is_match(&line.text()),
        |tally, line| {
            let digits = line.glyphs.len();
            tally.expect(digits == 6, line.page, || format!("份号 {digits} 位，应为 6 位"));
            expect_place(tally, line, 0);
            face::expect_size(tally, "3号", BODY_SIZE, [line]);
        },
    )
}

/// 7.2.2: 密级和保密期限
pub(super) fn secrecy(document: &Parts) -> Judgement {
    let row = usize::from(has(document, |line| COPY_NUMBER.is_match(&line.text())));
    above(
        document,
        "没有密级",
        |line| SECRECY.is_match(&line.text()),
        |tally, line| {
            let text = line.text();
            tally.expect(SECRECY_WRITTEN.is_match(&text), line.page, || {
                format!("写作“{text}”，应如“秘密★1年”")
            });
            expect_place(tally, line, row);
            face::expect(tally, "黑体", [line]);
            face::expect_size(tally, "3号", BODY_SIZE, [line]);
        },
    )
}

/// 7.2.3: 紧急程度
pub(super) fn urgency(document: &Parts) -> Judgement {
    let above_it = [
        has(document, |line| COPY_NUMBER.is_match(&line.text())),
        has(document, |line| SECRECY.is_match(&line.text())),
    ];
    let row = above_it.into_iter().filter(|is| *is).count();
    above(
        document,
        "没有紧急程度",
        |line| URGENCY.is_match(&line.text()),
        |tally, line| {
            expect_place(tally, line, row);
            face::expect(tally, "黑体", [line]);
            face::expect_size(tally, "3号", BODY_SIZE, [line]);
        },
    )
}

/// 7.2.4: where 发文机关标志 stands
pub(super) fn mark_place(document: &Parts) -> Judgement {
    with_mark(document, |tally, letterhead| {
        let first = &letterhead.mark[0];
        let ink = |line: &TextLine, side: usize| {
            line.glyphs.iter().filter_map(move |glyph| glyph.ink.map(|ink| ink[side])).collect::<Vec<_>>()
        };
        let top = ink(first, 1).into_iter().fold(f64::INFINITY, f64::min) - TOP;
        // A ruler is laid on what is printed; a typesetter on the edge of the character.
        let edges = [top, first.top() - TOP];
        let is_right = edges.iter().any(|edge| (edge - MARK_TOP).abs() <= 2.0 * RULER);
        tally.expect(is_right, first.page, || {
            format!("发文机关标志上缘距版心上缘 {top:.1} mm，应为 {MARK_TOP:.0} mm")
        });
        tally.measure(format!("上缘距版心上缘 {top:.1} mm"));
        let left = letterhead.mark.iter().flat_map(|line| ink(line, 0)).fold(f64::INFINITY, f64::min);
        let right = letterhead.mark.iter().flat_map(|line| ink(line, 2)).fold(0.0, f64::max);
        let off = (left + right) / 2.0 - (LEFT + RIGHT) / 2.0;
        let bearing = SIDE_BEARING * first.em();
        tally.expect(off.abs() <= bearing.max(2.0 * RULER), first.page, || {
            format!("发文机关标志偏离中线 {:.1} mm", off.abs())
        });
        tally.expect(left >= LEFT - RULER && right <= RIGHT + RULER, first.page, || {
            format!("发文机关标志宽 {:.1} mm，超出版心", right - left)
        });
        tally.measure(format!("居中，宽 {:.1} mm", right - left));
    })
}

/// 7.2.4: its face and colour
pub(super) fn mark_type(document: &Parts) -> Judgement {
    with_mark(document, |tally, letterhead| {
        face::expect(tally, "小标宋", &letterhead.mark);
        for line in &letterhead.mark {
            let is_red = line.glyphs.iter().all(|glyph| is_red(glyph.colour));
            tally.expect(is_red, line.page, || format!("{}不全是红色", line.beginning()));
        }
        tally.measure("红色");
    })
}

/// 7.2.5: how 发文字号 is written
pub(super) fn number_writing(document: &Parts) -> Judgement {
    with_number(document, |tally, _, line| {
        let text = line.text();
        let expected = "年份用全称并括以六角括号〔〕，序号不加“第”、不编虚位";
        tally.expect(NUMBER_WRITTEN.is_match(&text), line.page, || format!("写作“{text}”：{expected}"));
        tally.measure(text);
        face::expect(tally, "仿宋", [line]);
        face::expect_size(tally, "3号", BODY_SIZE, [line]);
    })
}

/// 7.2.5: where it stands
pub(super) fn number_place(document: &Parts) -> Judgement {
    with_number(document, |tally, letterhead, line| {
        if letterhead.signatories.is_empty() {
            let off = line.centre() - (LEFT + RIGHT) / 2.0;
            tally.expect(off.abs() <= 2.0 * RULER, line.page, || {
                format!("发文字号偏离中线 {:.1} mm", off.abs())
            });
            tally.measure("居中");
        } else {
            tally.expect_cells("左空", line.indent(), 1.0, 0.2, line.page);
            let last = letterhead.signatories.iter().map(|line| line.baseline).fold(0.0, f64::max);
            tally.expect((last - line.baseline).abs() <= RULER, line.page, || {
                "发文字号与最后一个签发人不在一行".into()
            });
        }
        if let Some(mark) = letterhead.mark.last() {
            let rows = letterhead.signatories.iter().map(TextLine::top).fold(line.top(), f64::min);
            let ink = mark.glyphs.iter().filter_map(|glyph| glyph.ink.map(|ink| ink[3])).fold(0.0, f64::max);
            // From what is printed, or from the edge of the character.
            let gaps = [ink, mark.bottom()].map(|bottom| (rows - bottom) / PITCH);
            let gap = gaps[0];
            tally.expect(
                gaps.iter().any(|gap| (gap - TWO_LINES).abs() <= LINES_TOLERANCE),
                line.page,
                || format!("发文字号在发文机关标志下 {gap:.1} 行，应空二行"),
            );
            tally.measure(format!("在发文机关标志下空 {gap:.1} 行"));
        }
    })
}

/// 7.2.6: 签发人
pub(super) fn signatories(document: &Parts) -> Judgement {
    let Some(letterhead) = &document.letterhead else { return Judgement::absent("没有版头") };
    let Some(first) = letterhead.signatories.first() else { return Judgement::absent("没有签发人") };
    let mut tally = Evidence::default();
    let text = first.text();
    tally
        .expect(text.starts_with("签发人："), first.page, || format!("写作“{text}”，应以“签发人：”开头"));
    // The label in 仿宋, the names in 楷体.
    let mut label = first.clone();
    let colon = label.glyphs.iter().position(|glyph| matches!(glyph.character(), '：' | ':'));
    let names = label.glyphs.split_off(colon.map_or(0, |colon| colon + 1));
    face::expect(&mut tally, "仿宋", [&label]);
    let names = TextLine { glyphs: names, ..first.clone() };
    face::expect(&mut tally, "楷体", [&names].into_iter().chain(&letterhead.signatories[1..]));
    face::expect_size(&mut tally, "3号", BODY_SIZE, &letterhead.signatories);
    expect_rows(&mut tally, &letterhead.signatories, names.left());
    let hole = (names.left() - label.right()) / CELL;
    tally.expect(hole <= 0.5, first.page, || format!("冒号与姓名之间空 {hole:.1} 字"));
    let right = letterhead.signatories.iter().map(TextLine::inset).fold(f64::INFINITY, f64::min);
    tally.expect_cells("右空", right, 1.0, 0.2, first.page);
    tally.judge()
}

/// Two names a row, those of further rows below the first one.
fn expect_rows(tally: &mut Evidence, rows: &[TextLine], first_name: f64) {
    for (index, row) in rows.iter().enumerate() {
        let count = count_names(row);
        tally
            .expect(count <= 2, row.page, || format!("签发人第 {} 行有 {count} 个姓名，应为两个", index + 1));
        let off = (row.left() - first_name) / CELL;
        tally.expect(index == 0 || off.abs() <= ALIGNED, row.page, || {
            format!("签发人“{}”与第一个姓名错开 {:.1} 字，应对齐", row.text(), off.abs())
        });
    }
    if rows.len() > 1 {
        tally.measure(format!("{} 行，姓名对齐", rows.len()));
    }
}

/// How many names stand in a row. One of two characters may be spread to three.
fn count_names(row: &TextLine) -> usize {
    let colon = row.glyphs.iter().position(|glyph| matches!(glyph.character(), '：' | ':'));
    let names = &row.glyphs[colon.map_or(0, |colon| colon + 1)..];
    let is_apart = |one: &Glyph, next: &Glyph| next.x - one.end() > one.em() / 2.0;
    let groups = names.chunk_by(|one, next| !is_apart(one, next));
    let (single, whole): (Vec<_>, Vec<_>) = groups.partition(|group| group.len() == 1);
    whole.len() + single.len().div_ceil(2)
}

/// 7.2.7: the red rule
pub(super) fn rule(document: &Parts) -> Judgement {
    let Some(letterhead) = &document.letterhead else { return Judgement::absent("没有版头") };
    let Some(rule) = letterhead.rule else { return Judgement::missing("没有红色分隔线") };
    let mut tally = Evidence::default();
    tally.expect((rule.width() - BLOCK_WIDTH).abs() <= RULER && (rule.left - LEFT).abs() <= RULER, 1, || {
        format!("红线自 {:.1} 至 {:.1} mm，应与版心等宽", rule.left, rule.right)
    });
    tally.measure(format!("宽 {:.1} mm", rule.width()));
    if let Some(number) = &letterhead.number {
        let ink = number.glyphs.iter().filter_map(|glyph| glyph.ink.map(|ink| ink[3])).fold(0.0, f64::max);
        let distances = [rule.top - number.bottom(), rule.top - ink];
        let is_right = distances.iter().any(|distance| (distance - RULE_DISTANCE).abs() <= RULER);
        let told = format!("在发文字号下 {:.1} mm", distances[0]);
        tally.expect(is_right, 1, || format!("红线{told}，应为 {RULE_DISTANCE:.0} mm"));
        tally.measure(told);
    }
    tally.judge()
}

fn has(document: &Parts, is: impl Fn(&TextLine) -> bool) -> bool {
    document.letterhead.as_ref().is_some_and(|letterhead| letterhead.above.iter().any(is))
}

fn above(
    document: &Parts,
    absent: &str,
    is: impl Fn(&TextLine) -> bool,
    judge: impl Fn(&mut Evidence, &TextLine),
) -> Judgement {
    let Some(letterhead) = &document.letterhead else { return Judgement::absent("没有版头") };
    let Some(line) = letterhead.above.iter().find(|line| is(line)) else { return Judgement::absent(absent) };
    let mut tally = Evidence::default();
    judge(&mut tally, line);
    tally.judge()
}

/// Flush left on a line of the text block, from 0.
fn expect_place(tally: &mut Evidence, line: &TextLine, row: usize) {
    let at = (line.top() - TOP) / PITCH;
    tally.expect((at - row as f64).abs() <= 0.2, line.page, || {
        format!("{}在版心第 {:.1} 行，应在第 {} 行", line.beginning(), at + 1.0, row + 1)
    });
    tally.expect((line.left() - LEFT).abs() <= CELL / 5.0, line.page, || {
        format!("{}没有顶格", line.beginning())
    });
    tally.measure(format!("版心第 {} 行顶格", row + 1));
}

fn with_mark(document: &Parts, judge: impl Fn(&mut Evidence, &Letterhead)) -> Judgement {
    let Some(letterhead) = &document.letterhead else { return Judgement::absent("没有版头") };
    if letterhead.mark.is_empty() {
        return Judgement::missing("没有红色的发文机关标志");
    }
    let mut tally = Evidence::default();
    judge(&mut tally, letterhead);
    tally.judge()
}

fn with_number(document: &Parts, judge: impl Fn(&mut Evidence, &Letterhead, &TextLine)) -> Judgement {
    let Some(letterhead) = &document.letterhead else { return Judgement::absent("没有版头") };
    let Some(number) = &letterhead.number else { return Judgement::missing("没有发文字号") };
    let mut tally = Evidence::default();
    judge(&mut tally, letterhead, number);
    tally.judge()
}
