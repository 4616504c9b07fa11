use foldhash::HashSet;

use super::Reading;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::pairs::{TellingPairs, telling_pairs, telling_pairs_of};
use crate::language::sentences::shortened;
use crate::report::{Paragraph, Problem};

code! {
    /// 不足没有对应的安排
    ///
    /// 第二部分说了不足，第四部分就要有对应的安排，否则问题会原样出现在下一年的报告里。每项安排用 `answers` 注明它针对第几条不足（从 1 数起）。
    ///
    /// 错误：不足有 3 条，各项安排的 `answers` 合起来只有 1 和 2。
    ///
    /// 正确：每条不足的序号都在某项安排的 `answers` 里。
    ///
    /// 各项安排都没有写 `answers` 的，程序就看文字：一条不足的用词在安排里几乎一个也找不到，才提出来。看不出：换了一套说法的安排；写明针对这一条、说的却是另一件事的安排。
    pub(super) PROBLEM_WITHOUT_PLAN = "problem-without-plan", Warning
}

/// How many words a problem and the plans must have in common before they can be about one thing; of a problem
/// in few words, this share of them in percent.
const WORDS_IN_COMMON: usize = 2;
const SHARE_IN_COMMON: usize = 20;

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let report = reading.report;
    // Plans that say nothing are the fault that is told.
    let is_planned = report.plans.iter().any(|plan| plan.body.iter().any(Paragraph::says_something));
    if !is_planned {
        return vec![];
    }
    let answered: HashSet<usize> =
        report.plans.iter().flat_map(|plan| &plan.answers).map(|number| number.number() as usize).collect();
    let is_linked = !answered.is_empty();
    let planned = if is_linked { HashSet::default() } else { planned_words(reading) };
    let open = report.problems.iter().enumerate().filter(|(index, problem)| {
        let is_answered = if is_linked {
            answered.contains(&(index + 1))
        } else {
            let said = telling_pairs(&problem.problem);
            said.intersection(&planned).count() * 100 >= said.len().max(1) * SHARE_IN_COMMON
                || words_of(problem).intersection(&planned).count() >= WORDS_IN_COMMON
        };
        !problem.problem.trim().is_empty() && !is_answered
    });
    let open = open.map(|(index, problem)| {
        let opening = shortened(&problem.problem, 20);
        let message = format!("第{}条不足“{opening}”在下一年度的安排里没有着落", index + 1);
        let hint = "请写出针对它的安排，并在那项安排的“对应的不足”里写上它的序号";
        PROBLEM_WITHOUT_PLAN.at(crate::path!["problems", index], message, hint)
    });
    open.chain(unknown_numbers(reading)).collect()
}

/// Plans that answer a problem which does not exist.
fn unknown_numbers(reading: &Reading) -> Vec<Diagnostic> {
    let count = reading.report.problems.len();
    let mut found = Vec::new();
    for (index, plan) in reading.report.plans.iter().enumerate() {
        for (place, number) in plan.answers.iter().enumerate() {
            if number.number() as usize > count {
                let path = crate::path!["plans", index, "answers", place];
                let message =
                    format!("第{}项安排说针对第{}条不足，但不足只有{count}条", index + 1, number.number());
                found.push(PROBLEM_WITHOUT_PLAN.at(path, message, "请核对序号，从 1 数起"));
            }
        }
    }
    found
}

fn words_of(problem: &Problem) -> TellingPairs {
    let parts = [Some(&problem.problem), problem.detail.as_ref(), problem.cause.as_ref()];
    telling_pairs_of(parts.into_iter().flatten().map(|text| &**text))
}

fn planned_words(reading: &Reading) -> TellingPairs {
    telling_pairs_of(reading.report.plans.iter().flat_map(|plan| {
        let body = plan.body.iter().flat_map(|one| [one.lead.as_deref(), Some(&*one.text)]);
        body.chain([plan.heading.as_deref()]).flatten()
    }))
}
