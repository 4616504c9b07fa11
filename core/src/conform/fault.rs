//! Why a PDF cannot be measured, as a diagnostic.

use super::Unreadable;
use crate::code;
use crate::diagnostic::{Code, Failed};
use crate::report::FieldPath;

/// Every code that measuring can raise.
pub const CODES: [&Code; 2] = [&UNREADABLE_PDF, &PDF_TOO_LARGE];

code! {
    /// PDF 读不出来
    ///
    /// 文件不是 PDF，或者加了密码、已经损坏，程序读不出页面上的内容，不能检查版式。
    ///
    /// 错误：把“报告.docx”改名为“报告.pdf”。
    ///
    /// 正确：在 Word 或 WPS 里打开，导出为 PDF；有密码的先去掉密码。
    UNREADABLE_PDF = "unreadable-pdf", Error, Unreadable
}

code! {
    /// PDF 太大
    ///
    /// 文件太大，或者页数、内容多得不像一份报告。版式检查一次只检查一份报告。
    ///
    /// 请只检查一份报告；由许多份合成的，请先拆开。
    PDF_TOO_LARGE = "pdf-too-large", Error, TooLarge
}

impl From<Unreadable> for Failed {
    fn from(why: Unreadable) -> Self {
        let code = if why == Unreadable::TooMuch { &PDF_TOO_LARGE } else { &UNREADABLE_PDF };
        code.at(FieldPath::root(), why.message(), why.hint()).into()
    }
}
