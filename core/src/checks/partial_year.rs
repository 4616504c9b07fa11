use super::Reading;
use super::reading::{MOST, Passage};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::periods::{Period, PeriodYear, periods};

code! {
    /// 数据没有到年底
    ///
    /// 年度报告说的是全年。截至 11 月底、“截至目前”或者上半年的数据，多半是提前起草时填的，定稿时没有更新。
    ///
    /// 错误：截至2024年11月底，全区受理行政复议案件350件。
    ///
    /// 正确：全年受理行政复议案件386件。
    ///
    /// 只看写了数字的句子。“截至2024年12月31日”“截至年底”不算；同时说到下半年或全年的“上半年”不算。
    ///
    /// 看不出：没有写明时段、数据却停在年中的；表格里的数据是哪一时段的。
    pub(super) PARTIAL_YEAR = "partial-year", Warning
}

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let year = reading.report.year.number();
    let of_the_year = reading.prose().filter(|passage| passage.section() != "plans");
    of_the_year.flat_map(|passage| in_passage(passage, year)).collect()
}

fn in_passage(passage: &Passage, year: u16) -> Vec<Diagnostic> {
    // Half a year has its place where the other half or the whole comes too.
    let is_complete = || ["下半年", "全年", "四季度"].iter().any(|word| passage.text.contains(word));
    let mut found = Vec::new();
    // Only what is told in figures must be told to the year's end.
    for sentence in passage.figures() {
        let text = &passage.text[sentence.range.clone()];
        let partial = periods(text).into_iter().filter(|period| {
            let is_of_the_year = match period.year {
                Some(PeriodYear::Written(named)) => named == year,
                Some(PeriodYear::Last) => false,
                None => true,
            };
            let is_dated =
                text[period.range.clone()].starts_with('截') || text[period.range.clone()].contains('月');
            // 1—11月办理132件，12月办理12件.
            let is_told_to_the_end = !text[period.range.clone()].starts_with('截')
                && ["全年", "12月"].iter().any(|rest| text[period.range.end..].contains(rest));
            is_of_the_year
                && !is_told_to_the_end
                && !period.end.is_year_end()
                && (is_dated || stands_for_the_year(text, period) && !is_complete())
        });
        for period in partial.take(MOST) {
            let words = &text[period.range.clone()];
            let range = sentence.range.start + period.range.start..sentence.range.start + period.range.end;
            let message = format!("“{}”里的数据只到“{words}”，没有到年底", passage.label());
            found.push(passage.at(&PARTIAL_YEAR, range, message, "请换成全年的数据"));
        }
    }
    found
}

/// Whether 上半年 says of when the figures are, and not what was held then: 上半年工作会议.
fn stands_for_the_year(text: &str, period: &Period) -> bool {
    let before = text[..period.range.start].trim_end();
    let behind = &text[period.range.end..];
    let names_what_was_held = [
        "的",
        "工作",
        "会议",
        "总结",
        "调度",
        "述",
        "考核",
        "通报",
        "检查",
        "督察",
        "推进会",
        "相比",
        "同期",
    ];
    let is_opening = before.is_empty()
        || before.ends_with(['，', '；', '。', '、', '！', '？', '件', '次'])
        || ["全省", "全市", "全区", "全县", "我市", "我区", "我县", "我局", "我镇", "我街道"]
            .iter()
            .any(|word| before.ends_with(word));
    is_opening && !names_what_was_held.iter().any(|word| behind.starts_with(word))
}
