use std::sync::LazyLock;

use regex::Regex;

use super::Reading;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::lists;
use crate::report::{DutyHolder, IssuerKind};

code! {
    /// 只写了党政一方的主要负责人
    ///
    /// 第一责任人是党委和政府两方的主要负责人（《党政主要负责人履行推进法治建设第一责任人职责规定》）。第三部分只写一方，另一方的履职情况就没有报告。
    ///
    /// 错误：第三部分各项的 `holder` 都是 government；或者通篇只有“区长”“区政府常务会议”，没有一处说到区委。
    ///
    /// 正确：两方各写一项，或者合写并都说到。
    ///
    /// “区政府党组书记、区长”“区委副书记、区长”说的都是政府一方。部门的报告不检查：党组书记和局长往往是同一个人。
    ///
    /// 看不出：只写姓名、不写职务的；提到了区委、说的却不是它的主要负责人的。
    pub(super) DUTY_HOLDER_MISSING = "duty-holder-missing", Warning
}

/// Words by which a text speaks of one of the two.
static PARTY: LazyLock<Regex> = LazyLock::new(|| lists::any_of(include_str!("data/party_principal.txt")));
static GOVERNMENT: LazyLock<Regex> =
    LazyLock::new(|| lists::any_of(include_str!("data/government_principal.txt")));

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let report = reading.report;
    let has_both = report.issuer.kind != IssuerKind::Department;
    if !has_both || report.duties.is_empty() || reading.regulation().is_none() {
        return vec![];
    }
    let all_of = |holder| report.duties.iter().all(|duty| duty.holder == holder);
    let mentions = |words: &Regex| {
        let texts = reading.passages.iter().filter(|passage| passage.section() == "duties");
        texts.into_iter().any(|passage| words.is_match(&passage.text))
    };
    let (party, government) = (mentions(&PARTY), mentions(&GOVERNMENT));
    let missing = if all_of(DutyHolder::Government) || (government && !party) {
        "党委主要负责人"
    } else if all_of(DutyHolder::Party) || (party && !government) {
        "政府主要负责人"
    } else {
        return vec![];
    };
    let message = format!("第一责任人履职情况里没有说到{missing}");
    vec![DUTY_HOLDER_MISSING.at(crate::path!["duties"], message, format!("请补写{missing}的履职情况"))]
}
