//! 7.4: 版记. A document without a 版头 (公开版) is not asked for it.

use super::face;
use super::figures::{
    BLOCK_WIDTH, INNER_RULE, LEFT, LENS, OUTER_RULE, RIGHT, RULER, SMALL_SIZE, millimetres,
};
use super::judgement::{Evidence, Judgement};
use super::line::TextLine;
use super::paper::lower_edge;
use super::parts::{Colophon, Parts};
use super::pattern::pattern;

pattern!(RECEIVED = r"^(抄送|主送)[:：]");
pattern!(PRINTED = r"\d{4}年([1-9]|1[0-2])月([1-9]|[12]\d|3[01])日印发$");

/// 一字 of 4号
const CHARACTER: f64 = millimetres(SMALL_SIZE);

/// 7.4.1: the rules
pub(super) fn rules(document: &Parts) -> Judgement {
    with_colophon(document, |tally, colophon| {
        let page = colophon.page;
        let rules = &colophon.rules;
        tally.expect(rules.len() >= 2, page, || format!("版记有 {} 条分隔线，应有首条、末条", rules.len()));
        let (received, printed) = split(colophon);
        let is_apart = received.is_empty() || printed.is_empty() || rules.len() > 2;
        tally.expect(is_apart, page, || "抄送机关与印发机关之间没有分隔线".into());
        for (index, rule) in rules.iter().enumerate() {
            let is_outer = index == 0 || index + 1 == rules.len();
            let wanted = if is_outer { OUTER_RULE } else { INNER_RULE };
            let thickness = rule.height();
            tally.expect((thickness - wanted).abs() <= LENS, page, || {
                format!("版记第 {} 条分隔线高 {thickness:.2} mm，应为 {wanted:.2} mm", index + 1)
            });
            tally.expect(
                (rule.left - LEFT).abs() <= RULER && (rule.width() - BLOCK_WIDTH).abs() <= RULER,
                page,
                || format!("版记第 {} 条分隔线宽 {:.1} mm，应与版心等宽", index + 1, rule.width()),
            );
        }
        let told: Vec<String> = rules.iter().map(|rule| format!("{:.2}", rule.height())).collect();
        tally.measure(format!("{} 条，各高 {} mm", rules.len(), told.join("、")));
    })
}

/// 7.4.1: on the last, even page, at the foot of the text block
pub(super) fn place(document: &Parts) -> Judgement {
    with_colophon(document, |tally, colophon| {
        let page = colophon.page;
        let last = document.sheets.len();
        tally.expect(page == last, page, || format!("有版记，不是最后一页（第{last}页）"));
        tally.expect(page % 2 == 0, page, || "有版记，不是偶数页".into());
        tally.measure(format!("在最后一页（第{page}页，偶数页）"));
        if let Some(rule) = colophon.rules.last() {
            let off = (rule.bottom - lower_edge(document)).abs();
            tally.expect(off <= RULER, page, || format!("末条分隔线距版心下缘 {off:.1} mm，应与之重合"));
            tally.measure("末条分隔线与版心下缘重合");
        }
    })
}

/// 7.4.2: 抄送, and 主送 where it was moved here
pub(super) fn received(document: &Parts) -> Judgement {
    let Some(colophon) = &document.colophon else { return absent(document) };
    let (lines, _) = split(colophon);
    if lines.is_empty() {
        return Judgement::absent("没有抄送机关");
    }
    let mut tally = Evidence::default();
    let page = colophon.page;
    let mut hang = 0.0;
    for (index, line) in lines.iter().enumerate() {
        let text = line.text();
        if RECEIVED.is_match(&text) {
            expect_inset(&mut tally, "左空", line.left() - LEFT, page);
            let label: String = text.chars().take(3).collect();
            tally.expect(text.contains('：'), page, || format!("“{label}”应用全角冒号"));
            hang = line.glyphs.get(3).map_or(line.left(), |glyph| glyph.x);
        } else {
            tally.expect((line.left() - hang).abs() <= 2.0 * RULER, page, || {
                format!("{}回行没有与冒号后的首字对齐", line.beginning())
            });
        }
        // Off the grid a mark at the end of a line may have lost its empty half.
        let squeezed = if ends_with_mark(line) { line.em() / 2.0 } else { 0.0 };
        let inset = RIGHT - line.right() + squeezed;
        tally.expect(inset > CHARACTER - 2.0 * RULER, page, || format!("{}右边不足一字", line.beginning()));
        let is_end = lines.get(index + 1).is_none_or(|next| RECEIVED.is_match(&next.text()));
        tally.expect(!is_end || line.last() == '。', page, || {
            format!("最后一个机关后用“{}”，应用句号", line.last())
        });
    }
    face::expect(&mut tally, "仿宋", lines);
    face::expect_size(&mut tally, "4号", SMALL_SIZE, lines);
    tally.judge()
}

/// 7.4.3: 印发机关, 印发日期
pub(super) fn printed(document: &Parts) -> Judgement {
    let Some(colophon) = &document.colophon else { return absent(document) };
    let page = colophon.page;
    let (_, lines) = split(colophon);
    let (Some(first), Some(line)) = (lines.first(), lines.last()) else {
        return Judgement::absent("没有印发机关和印发日期");
    };
    let mut tally = Evidence::default();
    expect_inset(&mut tally, "印发机关左空", first.left() - LEFT, page);
    let text = line.text();
    if text.ends_with("印发") || text.ends_with('日') {
        tally.expect(PRINTED.is_match(&text), page, || {
            let date = line.parts().last().map(TextLine::text).unwrap_or_default();
            format!("印发日期写作“{date}”，应如“2025年2月19日印发”")
        });
        expect_inset(&mut tally, "印发日期右空", RIGHT - line.right(), page);
    }
    face::expect(&mut tally, "仿宋", lines);
    face::expect_size(&mut tally, "4号", SMALL_SIZE, lines);
    tally.judge()
}

/// The lines of 抄送 and 主送, and those of 印发机关 and 印发日期, which a rule parts.
fn split(colophon: &Colophon) -> (&[TextLine], &[TextLine]) {
    let Colophon { lines, rules, .. } = colophon;
    let is_received = lines.first().is_some_and(|line| RECEIVED.is_match(&line.text()));
    let rule = rules.iter().rev().nth(1).filter(|_| rules.len() > 2);
    let end = match rule {
        _ if !is_received => 0,
        Some(rule) => lines.iter().take_while(|line| line.baseline < rule.top).count(),
        None => lines.iter().position(|line| PRINTED.is_match(&line.text())).unwrap_or(lines.len()),
    };
    lines.split_at(end)
}

fn with_colophon(document: &Parts, judge: impl Fn(&mut Evidence, &Colophon)) -> Judgement {
    let Some(colophon) = &document.colophon else { return absent(document) };
    let mut tally = Evidence::default();
    judge(&mut tally, colophon);
    tally.judge()
}

fn absent(document: &Parts) -> Judgement {
    if document.is_formal() {
        Judgement::missing("有版头，没有版记")
    } else {
        Judgement::absent("没有版记")
    }
}

fn ends_with_mark(line: &TextLine) -> bool {
    line.glyphs.last().is_some_and(|glyph| glyph.is_mark())
}

fn expect_inset(tally: &mut Evidence, name: &str, inset: f64, page: usize) {
    tally.expect_cells(name, inset / CHARACTER, 1.0, 0.25, page);
}
