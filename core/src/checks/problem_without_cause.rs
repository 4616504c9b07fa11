use super::Reading;
use crate::code;
use crate::diagnostic::Diagnostic;
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
    /// 写“无”“略”“同上”的，也算没有写。
    ///
    /// 2018 年度及以前的报告适用旧的纲要，不检查这一点。
    pub(super) PROBLEM_WITHOUT_CAUSE = "problem-without-cause", Error
}

/// What stands where a cause should, and is none.
const EMPTY_WORDS: [&str; 11] =
    ["无", "暂无", "没有", "同上", "如上", "略", "见上文", "见上", "如前所述", "不详", "不适用"];

/// Whether a cause is left out, in whichever words.
fn says_nothing(cause: &str) -> bool {
    let words = cause.trim_matches(|c: char| !c.is_alphanumeric());
    let words = ["主要原因是", "原因是", "主要原因", "原因"]
        .iter()
        .find_map(|opening| words.strip_prefix(opening))
        .unwrap_or(words)
        .trim_matches(|c: char| !c.is_alphanumeric());
    cause.trim().is_empty() || EMPTY_WORDS.contains(&words)
}

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    if !reading.is_under_outline() {
        return vec![];
    }
    let without_cause = reading.report.problems.iter().enumerate().filter(|(_, problem)| {
        !problem.problem.trim().is_empty() && says_nothing(problem.cause.as_deref().unwrap_or_default())
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
