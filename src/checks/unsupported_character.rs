use super::Context;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::report::{FieldPath, Report, contract};

code! {
    /// 字体里没有的字
    ///
    /// 所用的字体和备用字体都没有这个字，排出来会是一个空框。表情符号、少数民族文字和极少见的生僻字常有这种情况。
    ///
    /// 错误：标题里有表情符号“😀”。
    ///
    /// 正确：删去表情符号；生僻的人名、地名，请把含有该字的字体放进 fonts 文件夹。
    ///
    /// 各种字体的收字情况见 `nianbao fonts`。
    pub(super) UNSUPPORTED_CHARACTER = "unsupported-character", Error
}

pub(super) fn find(report: &Report, context: &Context) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (path, text) in report.texts() {
        let missing = (context.undrawable)(&path, &text);
        found.extend(missing.into_iter().map(|character| diagnostic(path.clone(), character)));
    }
    found
}

/// Says that no face can draw `character`, which stands in the field at `path`.
pub fn diagnostic(path: FieldPath, character: char) -> Diagnostic {
    let message = format!(
        "“{}”里的“{character}”（U+{:04X}）字体里没有，排不出来",
        contract::label(&path),
        character as u32
    );
    UNSUPPORTED_CHARACTER.at(path, message, "请换一个字，或把含有该字的字体文件放进 fonts 文件夹")
}
