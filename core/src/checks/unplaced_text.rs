use super::Texts;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::sentences::shortened;
use crate::path;

code! {
    /// 还有未归类的文字
    ///
    /// 导入时没有认出位置的文字放在“未归类的文字”里。它不属于任何部分，正式的报告里不排，草稿里排在最后。
    ///
    /// 错误：“未归类的文字”里还有“下面汇报几点体会。”
    ///
    /// 正确：把它移到该在的部分；确实不要的，从“未归类的文字”里删除。
    ///
    /// 看不出：导入时归到了别的部分的文字。
    pub(super) UNPLACED_TEXT = "unplaced-text", Error
}

/// How much of a text is quoted, in characters.
const QUOTED: usize = 20;

pub(super) fn find(texts: &Texts) -> Vec<Diagnostic> {
    let texts = texts.unplaced.iter().enumerate();
    texts.map(|(index, one)| diagnostic(index, &one.text)).collect()
}

/// Says that a text of a document has no place.
pub(super) fn diagnostic(index: usize, text: &str) -> Diagnostic {
    let message = format!("“{}”没有归到任何部分", shortened(text, QUOTED));
    let hint = "请移到相应的部分；确实不要的，请删除";
    UNPLACED_TEXT.at(path!["unplaced", index, "text"], message, hint)
}
