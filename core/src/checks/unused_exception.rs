use super::Reading;
use crate::code;
use crate::diagnostic::{Diagnostic, Severity};
use crate::report::FieldPath;

code! {
    /// 没有用处的例外
    ///
    /// 报告的 `allow` 列出的例外没有对应的问题：问题已经改好，或者代码、字段写错了。没有用处的例外留着，会在以后放过不该放过的问题。
    ///
    /// 错误：allow: [{code: typos, path: preface, reason: 原文如此}]（没有叫 typos 的代码，应为 typo）
    ///
    /// 正确：allow: [{code: typo, path: "preface[0]", reason: 引用原文}]
    ///
    /// 例外要写明理由，在检查结果里照样列出，只是不再作为错误或警告。不写 `path` 的例外管全篇。
    ///
    /// 看不出：理由是否站得住；管得太宽、放过了别处同样问题的例外。
    pub(super) UNUSED_EXCEPTION = "unused-exception", Note
}

/// Exceptions are told by [`apply`], which knows what the other checks found.
pub(super) fn find(_: &Reading) -> Vec<Diagnostic> {
    vec![]
}

/// Marks what the report allows itself: still told, with the reason, but as a note. Tells of
/// exceptions for which nothing was found.
pub(super) fn apply(reading: &Reading, found: &mut Vec<Diagnostic>) {
    let allow = &reading.report.allow;
    let places: Vec<FieldPath> =
        allow.iter().map(|one| FieldPath::from(one.path.as_deref().unwrap_or_default().trim())).collect();
    let mut is_used = vec![false; allow.len()];
    for diagnostic in found.iter_mut() {
        let fitting = (0..allow.len())
            .find(|index| *allow[*index].code == *diagnostic.code && places[*index].holds(&diagnostic.path));
        if let Some(index) = fitting {
            is_used[index] = true;
            diagnostic.allowed = Some(allow[index].reason.to_string());
            diagnostic.severity = Severity::Note;
        }
    }
    for (index, exception) in allow.iter().enumerate().filter(|(index, _)| !is_used[*index]) {
        let code = &*exception.code;
        // What only a batch can find cannot be missed in a report by itself.
        if code == super::COPIED_FROM_PEER.name {
            continue;
        }
        let path = crate::path!["allow", index];
        let message = if super::ALL.iter().any(|check| check.code.name == code) {
            format!("第{}项例外“{code}”没有对应的问题", index + 1)
        } else {
            format!("第{}项例外的代码“{code}”不存在", index + 1)
        };
        found.push(UNUSED_EXCEPTION.at(
            path,
            message,
            "请删除，或者核对代码和字段；全部代码见 nianbao explain",
        ));
    }
}
