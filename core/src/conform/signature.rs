//! 7.3.5, 7.3.6: 署名, 成文日期, 附注.

use super::figures::{CELL, INDENT, LINES_TOLERANCE, RULER, SEALED_DATE_INSET, SIGNATURE_INSET};
use super::judgement::{Evidence, Judgement};
use super::line::TextLine;
use super::parts::{Parts, SignatureLines};
use super::pattern::pattern;
use super::spacing::pitch_on;

pattern!(DATE_WRITTEN = r"^\d{4}年([1-9]|1[0-2])月([1-9]|[12]\d|3[01])日$");

/// A 字 of 3号 and one of the grid differ by a tenth of a millimetre; several of them by more.
const CELLS_TOLERANCE: f64 = 0.25;

/// A seal of 4.5 cm, the largest that there is, reaches two lines above the middle of its name, and stands within one of
/// the text.
const LINES_ABOVE_SEALED: f64 = 3.0;

/// 7.3.5.1: with a seal the date is four 字 from the right and the 署名 centred on it.
pub(super) fn with_seal(document: &Parts) -> Judgement {
    let Some(signature) = &document.signature else { return Judgement::absent("没有署名") };
    if !is_sealed(document, signature) {
        return Judgement::absent("按不加盖印章编排");
    }
    let mut tally = Evidence::default();
    let Some(name) = signature.names.last() else { return Judgement::missing("没有署名") };
    let date = &signature.date;
    // Of several side by side the last has the date.
    let parts = name.parts();
    let is_long = signature.names.iter().any(|name| name.inset().abs() <= CELLS_TOLERANCE);
    if is_long && date.inset() > SEALED_DATE_INSET {
        // Centred on it a name reaches the edge, and draws the date with it.
        tally.measure(format!("署名长，排到版心右缘，成文日期右空 {:.1} 字", date.inset()));
    } else {
        tally.expect_cells("成文日期右空", date.inset(), SEALED_DATE_INSET, CELLS_TOLERANCE, date.page);
    }
    let centre = parts.last().map_or(0.0, TextLine::centre);
    let off = (centre - date.centre()).abs();
    tally.expect(off <= 2.0 * RULER, date.page, || format!("署名与成文日期中线相差 {off:.1} mm"));
    tally.measure("署名以成文日期为准居中");
    // The seal's top is within a line of the text; it reaches no further up than its own half above the name.
    if let Some(gap) = gap_above(document, &signature.names[0]) {
        tally.expect(gap <= LINES_ABOVE_SEALED + LINES_TOLERANCE, date.page, || {
            format!("署名在正文下空 {gap:.1} 行，印章顶端距正文应在一行之内")
        });
    }
    tally.judge()
}

/// 7.3.5.2: without a seal
pub(super) fn without_seal(document: &Parts) -> Judgement {
    let Some(signature) = &document.signature else { return Judgement::missing("没有成文日期") };
    if is_sealed(document, signature) {
        return Judgement::absent("按加盖印章编排");
    }
    let Some(name) = signature.names.first() else { return Judgement::missing("没有署名") };
    let mut tally = Evidence::default();
    let date = &signature.date;
    let left = signature.names.iter().map(TextLine::left).fold(f64::INFINITY, f64::min);
    let inset = signature.names.iter().map(TextLine::inset).fold(f64::INFINITY, f64::min);
    tally.expect_cells("成文日期比署名右移", (date.left() - left) / CELL, INDENT, CELLS_TOLERANCE, date.page);
    // The longer of the two is two 字 from the edge.
    let right = signature.names.iter().map(TextLine::right).fold(0.0, f64::max);
    let is_date_longer = date.right() - date.left() > right - left + RULER;
    let (told, longer) =
        if is_date_longer { ("成文日期右空", date.inset()) } else { ("署名右空", inset) };
    tally.expect_cells(told, longer, SIGNATURE_INSET, CELLS_TOLERANCE, date.page);
    tally.expect(date.inset() > -CELLS_TOLERANCE, date.page, || "成文日期超出版心".into());
    let last = signature.names.last().expect("there is a first name");
    if last.page == date.page {
        let rows = (date.baseline - last.baseline) / pitch_on(document, date.page);
        tally.expect((rows - 1.0).abs() <= CELLS_TOLERANCE, date.page, || {
            format!("成文日期在署名下 {rows:.1} 行，应在下一行")
        });
    }
    if let Some(gap) = gap_above(document, name) {
        tally.expect((gap - 1.0).abs() <= LINES_TOLERANCE, name.page, || {
            format!("署名在正文下空 {gap:.1} 行，应空一行")
        });
        tally.measure(format!("在正文下空 {gap:.1} 行"));
    }
    tally.judge()
}

/// 7.3.5.4: 成文日期
pub(super) fn date(document: &Parts) -> Judgement {
    let Some(signature) = &document.signature else { return Judgement::missing("没有成文日期") };
    let text = signature.date.text();
    let mut tally = Evidence::default();
    tally.expect(DATE_WRITTEN.is_match(&text), signature.date.page, || {
        format!("写作“{text}”：用阿拉伯数字，年份标全称，月、日不编虚位")
    });
    tally.measure(text);
    tally.judge()
}

/// 7.3.5.5: the signature never stands alone.
pub(super) fn company(document: &Parts) -> Judgement {
    let Some(signature) = &document.signature else { return Judgement::absent("没有署名") };
    let page = signature.date.page;
    let text =
        document.body.iter().flat_map(|paragraph| &paragraph.lines).filter(|line| line.page == page).count();
    let tables = document.sheets[page - 1].lines.iter().filter(|line| line.is_tabular).count();
    // So does a list of attachments: nothing can be written between it and the signature.
    let listed = document.attachment_list.iter().filter(|line| line.page == page).count();
    let mut tally = Evidence::default();
    tally.expect(text + tables + listed > 0, page, || "只有署名和成文日期，没有正文".into());
    tally.expect(signature.names.iter().all(|name| name.page == page), page, || {
        "署名和成文日期不在一页".into()
    });
    tally.measure(match text + tables {
        0 => format!("第{page}页，同页有附件说明 {listed} 行"),
        lines => format!("第{page}页，同页有正文 {lines} 行"),
    });
    tally.judge()
}

/// 7.3.6: 附注
pub(super) fn notes(document: &Parts) -> Judgement {
    let (Some(signature), Some(first)) = (&document.signature, document.notes.first()) else {
        return Judgement::absent("没有附注");
    };
    let mut tally = Evidence::default();
    tally.expect_cells("左空", first.indent(), INDENT, CELLS_TOLERANCE, first.page);
    let last = document.notes.last().map_or(' ', TextLine::last);
    tally.expect(first.first() == '（' && last == '）', first.page, || {
        format!("{}没有用全角圆括号括起", first.beginning())
    });
    let rows = (first.baseline - signature.date.baseline) / pitch_on(document, first.page);
    if first.page == signature.date.page {
        tally.expect((rows - 1.0).abs() <= CELLS_TOLERANCE, first.page, || {
            format!("在成文日期下 {rows:.1} 行，应在下一行")
        });
        tally.measure("在成文日期下一行");
    }
    tally.judge()
}

/// Which of the two ways was meant. A name may happen to be centred on its date and stand as one without a seal
/// does; then the room above it tells, for one line has none for the seal. So it does where a signature stands in
/// neither way.
fn is_sealed(document: &Parts, signature: &SignatureLines) -> bool {
    let Some(name) = signature.names.last() else { return false };
    let parts = name.parts();
    let Some(name) = parts.last() else { return false };
    let date = &signature.date;
    let shift = (date.left() - name.left()) / CELL;
    let is_shifted = (shift - INDENT).abs() <= CELLS_TOLERANCE;
    let is_inset = |line: &TextLine| (line.inset() - SIGNATURE_INSET).abs() <= CELLS_TOLERANCE;
    let may_be_without = is_shifted && (is_inset(name) || is_inset(date));
    let may_be_sealed = (name.centre() - date.centre()).abs() <= 4.0 * RULER;
    match gap_above(document, &signature.names[0]) {
        None => may_be_sealed && !may_be_without,
        Some(gap) if gap > 1.0 + LINES_TOLERANCE => may_be_sealed || !may_be_without,
        Some(_) => may_be_sealed && !is_shifted,
    }
}

/// How many lines are left empty between the text and the first name, on one sheet.
fn gap_above(document: &Parts, name: &TextLine) -> Option<f64> {
    let lines = document.body.iter().flat_map(|paragraph| &paragraph.lines).chain(&document.attachment_list);
    let above = lines.filter(|line| line.page == name.page).map(|line| line.baseline).reduce(f64::max)?;
    Some((name.baseline - above) / pitch_on(document, name.page) - 1.0)
}
