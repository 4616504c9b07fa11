use std::sync::LazyLock;

use super::Reading;
use super::reading::{Passage, PassageKind};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::lists::Pattern;
use crate::report::Edition;

code! {
    /// 公开版带有密级
    ///
    /// 标有密级的报告不能公开（《法治政府建设与责任落实督察工作规定》第二十四条：涉及党和国家秘密的除外）。要么不公开，要么先按程序解密。
    ///
    /// 错误：`edition: public`，同时 `header.secrecy: 秘密★1年`。
    ///
    /// 正确：公开版的密级留空；带密级的只作报送版。
    ///
    /// 正文里说到保密工作、国家秘密，不算。
    ///
    /// 看不出：没有标密级、内容却涉密的。
    pub(super) SECRECY_IN_PUBLIC = "secrecy-in-public", Error
}

/// A mark of secrecy: a grade with its star and term, behind 密级, in brackets at the front, or alone.
pub(super) static MARK: LazyLock<Pattern> = LazyLock::new(|| {
    const GRADE: &str = "(?:绝密|机密|秘密)";
    Pattern::new(&format!(
        r"{GRADE}\s*[★☆*]|密级\s*[：:]\s*{GRADE}|^\s*[【\[（(〔]\s*{GRADE}\s*[】\]）)〕]|^\s*{GRADE}\s*(?:[0-9]+\s*年|长期)?\s*$"
    ))
});

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    if reading.report.edition != Edition::Public {
        return vec![];
    }
    let hint = "有密级的报告不得公开：请改作报送版，或者按程序解密后删除密级";
    let header = reading.report.header.as_ref().and_then(|header| header.secrecy.as_ref());
    let in_header = header.map(|secrecy| {
        let message = format!("公开版的版头写了密级“{}”", &**secrecy);
        SECRECY_IN_PUBLIC.at(crate::path!["header", "secrecy"], message, hint)
    });
    // A table may count documents by their grades.
    let is_text = |passage: &&Passage| passage.section() != "header" && passage.kind != PassageKind::Cell;
    let texts = reading.rare_passages(&MARK).filter(is_text);
    let in_texts = texts.filter_map(|passage| {
        let mark = MARK.find(&passage.text)?;
        let message = format!("公开版的“{}”里有密级标志", passage.label());
        Some(passage.at(&SECRECY_IN_PUBLIC, mark.range(), message, hint))
    });
    in_header.into_iter().chain(in_texts).collect()
}
