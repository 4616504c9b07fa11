use std::sync::LazyLock;

use regex::Regex;

use super::Reading;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::lists;
use crate::language::sentences::shortened;

code! {
    /// 不足没有写原因
    ///
    /// 第二部分的题目是“存在的不足和原因”。只列不足、不讲原因，等于没有写完这一部分，也说不清下一年度的安排为什么有用。
    ///
    /// 错误：部分单位学法用法不够经常。
    ///
    /// 正确：部分单位学法用法不够经常。主要原因是学法内容与业务结合不紧，考核没有跟上。
    ///
    /// 原因写进了不足本身（“主要原因是……”“由于……”）的，不算没有写。写“无”“略”“同上”“见上文”“待补充”的，也算没有写。这些词在 checks/data/empty_causes.txt。
    ///
    /// 2018 年度及以前的报告适用旧的纲要，不检查这一点。
    ///
    /// 看不出：写了原因、却与不足不相干的；把不足换个说法再说一遍的。
    pub(super) PROBLEM_WITHOUT_CAUSE = "problem-without-cause", Error
}

/// What may stand around it; other marks are those of a blank.
const MARKS: &str = r"[\s。，、；：:,.…/／—－~～（）()【】\[\]“”-]*";

/// What stands where a cause should, and is none.
static EMPTY: LazyLock<Regex> = LazyLock::new(|| {
    let any: Vec<&str> = lists::lines(include_str!("data/empty_causes.txt")).collect();
    lists::pattern(&format!(
        r"\A{MARKS}(?:(?:主要|具体)?(?:原因|成因)(?:分析)?[是为]?)?{MARKS}(?:{})?{MARKS}\z",
        any.join("|")
    ))
});

/// Whether a text says why: in the words of the problem itself, or of its detail.
fn tells_cause(text: &str) -> bool {
    ["原因", "由于", "缘于", "源于", "归因于", "究其", "是因为", "主要因"]
        .iter()
        .any(|word| text.contains(word))
}

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    if reading.regulation().is_none() {
        return vec![];
    }
    let without_cause = reading.report.problems.iter().enumerate().filter(|(_, problem)| {
        let is_empty = EMPTY.is_match(problem.cause.as_deref().unwrap_or_default());
        let elsewhere = [Some(&problem.problem), problem.detail.as_ref()];
        let is_told_elsewhere = || elsewhere.into_iter().flatten().any(|text| tells_cause(text));
        !problem.problem.trim().is_empty() && is_empty && !is_told_elsewhere()
    });
    without_cause
        .map(|(index, problem)| {
            let message = format!("第{}条不足“{}”没有写原因", index + 1, shortened(&problem.problem, 20));
            PROBLEM_WITHOUT_CAUSE.at(
                crate::path!["problems", index, "cause"],
                message,
                "请写明造成这条不足的原因",
            )
        })
        .collect()
}
