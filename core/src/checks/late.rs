use super::Reading;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::report::{IssuerKind, Level};

code! {
    /// 报告晚于期限
    ///
    /// 《法治政府建设与责任落实督察工作规定》规定：县级以上政府和部门的年度报告每年 3 月 1 日前报送，省级党委和政府 4 月 1 日前报送；报告除涉及党和国家秘密的以外，4 月 1 日前公开。
    ///
    /// 错误：2024 年度的报告，成文日期写 2025-03-31。
    ///
    /// 正确：成文日期写 2025-02-28。
    ///
    /// 程序只知道成文日期；看不出：成文在期限以内、报送或公开在期限以外的；示范地区等另有更早期限的。
    pub(super) LATE = "late", Warning
}

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let report = reading.report;
    let Some(regulation) = reading.regulation() else { return vec![] };
    let is_province = report.issuer.level == Level::Province && report.issuer.kind != IssuerKind::Department;
    let (date, next) = (report.signature.date, report.year.next());
    let is_after = |month: u8| (date.year(), date.month(), date.day()) > (next.into(), month, 1);
    let published = regulation.published_before_month;
    let handed_in = match is_province {
        true => regulation.handed_in_by_provinces_before_month,
        false => regulation.handed_in_before_month,
    };
    let duty = if is_after(published) {
        format!("{published}月1日前公开")
    } else if is_after(handed_in) {
        format!("{handed_in}月1日前报送")
    } else {
        return vec![];
    };
    let message = format!("成文日期{date}晚于期限：{}年度的报告应在{next}年{duty}", report.year.number());
    vec![LATE.at(
        crate::path!["signature", "date"],
        message,
        "请核对成文日期；确已逾期的，请尽快报送并说明情况",
    )]
}
