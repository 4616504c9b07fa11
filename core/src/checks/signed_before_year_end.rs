use super::Reading;
use crate::code;
use crate::diagnostic::Diagnostic;

code! {
    /// 成文日期早于年底
    ///
    /// 年度报告说的是全年的事，在报告年度结束以前成文，年底的工作和数据就不可能在里面；更常见的是年份写错了。
    ///
    /// 错误：2024 年度的报告，成文日期写 2024-02-18。
    ///
    /// 正确：成文日期写 2025-02-18。报告年度的 12 月 31 日不算早。
    ///
    /// 看不出：日期对、文字却是提前起草的（“数据没有到年底”一条查截至的日期）。
    pub(super) SIGNED_BEFORE_YEAR_END = "signed-before-year-end", Warning
}

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let (date, year) = (reading.report.signature.date, reading.report.year.number());
    if (date.year(), date.month(), date.day()) >= (year.into(), 12, 31) {
        return vec![];
    }
    let message = format!("成文日期{date}早于报告年度的最后一天{year}-12-31");
    vec![SIGNED_BEFORE_YEAR_END.at(
        crate::path!["signature", "date"],
        message,
        "请核对成文日期的年份；报告应在年度结束以后成文",
    )]
}
