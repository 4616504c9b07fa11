use super::Reading;
use crate::code;
use crate::diagnostic::Diagnostic;

code! {
    /// 事项指引里有没有写到的事项
    ///
    /// 选了事项指引（`--guide`）才检查：指引里适用于这个单位的事项，报告的导语、第一、三、五部分、指标和附件里，有哪几项一处也没有写到。
    ///
    /// 错误：指引列了“政务公开”，全年主动公开了信息，报告里没有一处说到。
    ///
    /// 正确：写明做了什么；没有做、不适用的，不用写，也不必为此凑字数。
    ///
    /// 写没写到，是看指引为每个事项列的词，换了说法的可能认不出，所以只作提示，不影响生成。只在不足、下一年度安排里提到的不算写到。
    ///
    /// 每个事项写在了哪里，见审核意见表（`--sheet`）。内置的指引由《法治政府建设实施纲要（2021—2025年）》编成；本单位另有指引的，用 `nianbao guide` 取一份来改。
    ///
    /// 看不出：写到了、写得够不够；用了指引词表以外的话写的。
    pub(super) MATTER_UNTOUCHED = "matter-untouched", Note
}

/// One finding for all of them: each for itself would bury the others.
pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let Some(guide) = &reading.context.settings.guide else { return vec![] };
    let coverage = guide.coverage(reading.report);
    let Some(message) = coverage.untouched_in_one_line() else { return vec![] };
    let hint = "做了的请补写；没有做、不适用的不用写".to_owned();
    let hint = coverage.remark.into_iter().fold(hint, |hint, remark| format!("{hint}。{remark}"));
    vec![MATTER_UNTOUCHED.at(crate::path!["measures"], message, hint)]
}
