use super::Reading;
use super::reading::Passage;
use crate::code;
use crate::diagnostic::Diagnostic;

code! {
    /// 部分写得太薄
    ///
    /// 不足和原因占全文不到 3%，或者第一责任人履职情况只有一句话，读的人会认为是应付。读到的报告里，不足和原因大约占 5%。
    ///
    /// 错误：全文 6000 字，不足和原因 90 字。
    ///
    /// 正确：每条不足写明表现和原因，合起来三四百字。
    ///
    /// 不满一千字的报告不检查。看不出：字数够了、说的却是套话的。
    pub(super) THIN_SECTION = "thin-section", Note
}

/// Below this length a report is itself a sketch.
const SHORTEST: usize = 1000;

/// What the problems take of the text at least, in percent.
const LEAST_SHARE: usize = 3;

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let whole = reading.length();
    if whole < SHORTEST {
        return vec![];
    }
    let mut found = Vec::new();
    let problems: usize = reading.prose_of("problems").map(Passage::length).sum();
    if problems > 0 && problems * 100 < whole * LEAST_SHARE {
        let message = format!("不足和原因只有{problems}字，占全文{whole}字的不到{LEAST_SHARE}%");
        found.push(THIN_SECTION.at(crate::path!["problems"], message, "请把不足的表现和原因写具体"));
    }
    let sentences: usize = reading.prose_of("duties").map(|passage| passage.sentences().count()).sum();
    if sentences == 1 {
        let message = "第一责任人履职情况只有一句话";
        found.push(THIN_SECTION.at(crate::path!["duties"], message, "请写明党政主要负责人各做了哪些事"));
    }
    found
}
