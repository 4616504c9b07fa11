//! 7.3.1, 7.3.2: title and 主送机关.

use super::face;
use super::figures::{BODY_SIZE, CELL, LEFT, LINES_TOLERANCE, PITCH, RIGHT, RULER, TITLE_SIZE, TWO_LINES};
use super::judgement::{Evidence, Judgement};
use super::line::{OPENING, TextLine};
use super::marks;
use super::parts::Parts;
use super::pattern::pattern;
use crate::language::words;

pattern!(BEFORE = r"[0-9.年月日号%％—～~\-–至]{1,12}$");
pattern!(AFTER = r"^[0-9.年月日号%％—～~\-–至]{1,12}");

/// A line is clearly shorter than another from so many characters on; marks at its ends may have lost half of theirs.
const WAIST: f64 = 1.5;

/// 7.3.1: 2号小标宋
pub(super) fn face_and_size(document: &Parts) -> Judgement {
    with_title(document, |tally| {
        face::expect(tally, "小标宋", &document.title);
        face::expect_size(tally, "2号", TITLE_SIZE, &document.title);
    })
}

/// 7.3.1: centred, two lines below the red rule
pub(super) fn place(document: &Parts) -> Judgement {
    with_title(document, |tally| {
        for line in &document.title {
            let off = line.off_centre((LEFT + RIGHT) / 2.0);
            tally.expect(off <= 2.0 * RULER, line.page, || {
                format!("{}偏离中线 {off:.1} mm", line.beginning())
            });
        }
        tally.measure("居中");
        if let Some(rule) = document.letterhead.as_ref().and_then(|letterhead| letterhead.rule) {
            let gap = (document.title[0].top() - rule.bottom) / PITCH;
            tally.expect((gap - TWO_LINES).abs() <= LINES_TOLERANCE, 1, || {
                format!("标题在红线下 {gap:.1} 行，应空二行")
            });
            tally.measure(format!("在红线下空 {gap:.1} 行"));
        }
    })
}

/// 7.3.1: words whole, lines in a trapezium or a diamond
pub(super) fn lines(document: &Parts) -> Judgement {
    with_title(document, |tally| {
        let title = &document.title;
        let texts: Vec<String> = title.iter().map(TextLine::text).collect();
        for (line, pair) in title.iter().zip(texts.windows(2)) {
            if let Some(word) =
                words::torn(&pair[0], &pair[1]).map(str::to_owned).or_else(|| torn(&pair[0], &pair[1]))
            {
                tally.fault(line.page, format!("标题把“{word}”拆在两行"));
            }
        }
        for (line, next) in title.iter().zip(&title[1..]) {
            if let Some(fault) = marks::wrong_beginning(Some(line), next) {
                tally.fault(next.page, format!("标题{fault}"));
            }
            let last = line.last();
            tally.expect(!OPENING.contains(last), line.page, || format!("标题行末为“{last}”"));
        }
        let counts: Vec<usize> = texts.iter().map(|text| text.chars().count()).collect();
        let last = *counts.last().expect("a title has a line");
        tally.expect(counts.len() == 1 || last > 1, 1, || "标题末行只有一个字".into());
        // 梯形 or 菱形: never a line shorter than both those around it.
        let widths: Vec<f64> = title.iter().map(|line| (line.right() - line.left()) / line.em()).collect();
        let is_waisted =
            widths.windows(3).any(|lines| lines[1] + WAIST < lines[0] && lines[1] + WAIST < lines[2]);
        tally.expect(!is_waisted, 1, || format!("标题各行 {} 字，中间短、上下长", join(&counts)));
        tally.measure(format!("{} 行，各 {} 字，词语完整", counts.len(), join(&counts)));
    })
}

/// A figure, a figure with its unit, or a range, that lies across the end of a line and the beginning of the next.
fn torn(line: &str, next: &str) -> Option<String> {
    let (end, start) = (BEFORE.find(line)?.as_str(), AFTER.find(next)?.as_str());
    let (last, first) = (end.chars().next_back()?, start.chars().next()?);
    let is_joint = |c: char| "—～~-–至".contains(c);
    let is_figure = last.is_ascii_digit() && (first.is_ascii_digit() || "年月日号%％".contains(first));
    let is_range = last.is_ascii_digit() && is_joint(first)
        || is_joint(last) && first.is_ascii_digit()
        || "年月日号%％".contains(last) && is_joint(first) && first != '至';
    (is_figure || is_range).then(|| format!("{end}{start}"))
}

/// 7.3.2: 主送机关
pub(super) fn addressees(document: &Parts) -> Judgement {
    let Some(first) = document.addressees.first() else {
        let moved = document
            .colophon
            .iter()
            .flat_map(|colophon| &colophon.lines)
            .any(|line| line.text().starts_with("主送"));
        let why = if moved {
            "主送机关移到了版记（为使首页显示正文）"
        } else {
            "没有主送机关"
        };
        return Judgement::absent(why);
    };
    let mut tally = Evidence::default();
    for line in &document.addressees {
        tally.expect((line.left() - LEFT).abs() <= CELL / 5.0, line.page, || {
            format!("{}没有顶格", line.beginning())
        });
    }
    tally.measure("顶格");
    let last = document.addressees.last().map_or(' ', TextLine::last);
    tally.expect(last == '：', first.page, || format!("主送机关后用“{last}”，应用全角冒号"));
    if let Some(title) = document.title.last() {
        // From edge to edge, for the two lines differ in size; or from middle to middle, where each stands so in its line.
        let gap = (first.top() - title.bottom()) / PITCH;
        let gaps = [gap, (first.middle() - title.middle()) / PITCH - 1.0];
        let is_right = gaps.iter().any(|gap| (gap - 1.0).abs() <= LINES_TOLERANCE);
        tally.expect(is_right, first.page, || format!("在标题下空 {gap:.1} 行，应空一行"));
        tally.measure(format!("在标题下空 {gap:.1} 行"));
    }
    face::expect(&mut tally, "仿宋", &document.addressees);
    face::expect_size(&mut tally, "3号", BODY_SIZE, &document.addressees);
    tally.judge()
}

/// 7.3.3: the first sheet shows body text
pub(super) fn first_page(document: &Parts) -> Judgement {
    let shown =
        document.body.iter().flat_map(|paragraph| &paragraph.lines).filter(|line| line.page == 1).count();
    if shown == 0 {
        return Judgement::missing("首页没有正文");
    }
    let mut tally = Evidence::default();
    tally.measure(format!("首页有正文 {shown} 行"));
    tally.judge()
}

fn with_title(document: &Parts, judge: impl Fn(&mut Evidence)) -> Judgement {
    if document.title.is_empty() {
        return Judgement::missing("首页没有2号字的标题");
    }
    let mut tally = Evidence::default();
    judge(&mut tally);
    tally.judge()
}

fn join(counts: &[usize]) -> String {
    counts.iter().map(usize::to_string).collect::<Vec<_>>().join("、")
}
