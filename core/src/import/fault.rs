//! Why a document cannot be imported, and what is said of one that was.

use crate::code;
use crate::diagnostic::{Code, Diagnostic};
use crate::report::FieldPath;

/// Every code that an import can raise.
pub const CODES: [&Code; 11] = [
    &IMPORTED,
    &UNSURE_IMPORT,
    &LEFT_COMMENTS,
    &TRACKED_EDITS,
    &SOURCE_TOO_LARGE,
    &NOT_A_REPORT,
    &ENCRYPTED_SOURCE,
    &OLD_WORD,
    &BROKEN_SOURCE,
    &SOURCE_BOMB,
    &NO_ATTACHED_REPORT,
];

/// What people have left beside the text of a Word document.
pub const WORD_CODES: [&Code; 2] = [&LEFT_COMMENTS, &TRACKED_EDITS];

code! {
    /// Word 文档里还有批注
    ///
    /// 报来的 Word 文档里有批注：有人提了意见，还没有处理完。批注不是报告的内容，没有排进去。
    ///
    /// 请看过批注再定稿；全部批注和所指的文字，用 `nianbao import` 单独导入可以看到。
    pub(super) LEFT_COMMENTS = "left-comments", Warning
}

code! {
    /// Word 文档里还有修订
    ///
    /// 报来的 Word 文档里有修订（改动的痕迹）没有接受，也没有拒绝。程序没有停下来问：默认按接受处理，`--changes reject` 按拒绝处理，全文只有一种办法。
    ///
    /// 请核对取的是不是定稿；逐处取舍的，请在 Word 里处理完再报来。
    pub(super) TRACKED_EDITS = "tracked-edits", Warning
}

code! {
    /// 由 Word 文档、网页或文本导入
    ///
    /// 这份报告不是按字段填的，是程序从文档里认出来的。每句话都留着，放在哪个字段是程序判断的。
    ///
    /// 请对照原来的文件核对一遍。
    pub(super) IMPORTED = "imported", Note
}

code! {
    /// 导入时没有把握的地方
    ///
    /// 程序从文档里认报告时，这一处拿不准，或者有要人看一眼的情况。
    ///
    /// 请对照原来的文件核对；放错了地方的，改到该放的字段。
    pub(super) UNSURE_IMPORT = "unsure-import", Warning
}

code! {
    /// 要导入的文件太大
    ///
    /// 导入的文件不得超过 32 MiB，网页不得超过 16 MiB，其中的文字不得超过 16 MiB、20 万段。一份报告的文字只有几十 KiB，连同网页或 Word 的格式也不过几 MiB。
    ///
    /// 请核对是不是选错了文件；网页只保存正文，Word 文档去掉大图片再试。
    SOURCE_TOO_LARGE = "source-too-large", Error, TooLarge
}

code! {
    /// 文件不是报告
    ///
    /// 文件里既没有报告的标题和章节，也没有谈到法治政府建设，程序认不出该放到哪些字段里。
    ///
    /// 错误：导入一份购物清单。
    ///
    /// 正确：导入上年的年度报告、工作计划，或者关于法治政府建设的文章。
    NOT_A_REPORT = "not-a-report", Error
}

code! {
    /// 文件加了密
    ///
    /// 文件有打开密码，程序读不了里面的文字，也不会去猜密码。
    ///
    /// 请用原来的软件打开，去掉密码，另存后再导入。
    ENCRYPTED_SOURCE = "encrypted-source", Error, Unreadable
}

code! {
    /// 旧版 Word 文档
    ///
    /// 文件是 Word 97-2003 的 .doc 格式（或者是加了密的文档），程序只读 .docx。
    ///
    /// 请用 Word 或 WPS 打开，去掉密码，另存为 .docx 后再导入；也可以把文字全选、复制，存成文本文件。
    OLD_WORD = "old-word", Error, Unreadable
}

code! {
    /// 文件损坏
    ///
    /// 文件不完整，或者内容与它的格式不符：名为 .docx 而不是 Word 文档，压缩包断了一截，等等。
    ///
    /// 请用原来的软件打开，另存后再导入。
    BROKEN_SOURCE = "broken-source", Error, Unreadable
}

code! {
    /// 压缩包展开后太大
    ///
    /// .docx 是压缩包。这个文件展开以后比压缩时大几百倍，或者超过 64 MiB，不是正常的文档；为保护内存，没有展开。
    SOURCE_BOMB = "source-bomb", Error, TooLarge
}

code! {
    /// PDF 或者 OFD 里没有附带报告
    ///
    /// 只有用 `nianbao render --attach-source` 生成的 PDF 和 OFD 才带着报告的内容，可以原样导入。别的 PDF 和 OFD 只有排好的版面，扫描的只有图片，从中取不出可靠的文字。
    ///
    /// 请用 Word 文档、网页或文本文件导入；只有 PDF 或者 OFD 时，请打开它，复制全部文字，存成文本文件再导入。
    NO_ATTACHED_REPORT = "no-attached-report", Error, Unreadable
}

/// Says that a file is larger than [`super::MAX_BYTES`].
pub fn too_large() -> Diagnostic {
    let message = format!("文件超过 {} MiB 的上限", super::MAX_BYTES >> 20);
    SOURCE_TOO_LARGE.at(FieldPath::root(), message, "请核对是不是选错了文件")
}

pub(super) fn page_too_large() -> Diagnostic {
    SOURCE_TOO_LARGE.at(FieldPath::root(), "网页超过 16 MiB 的上限", "请只保存正文，或者复制文字存成文本文件")
}

pub(super) fn too_much_text() -> Diagnostic {
    SOURCE_TOO_LARGE.at(
        FieldPath::root(),
        "文件的文字太多，超过 16 MiB 或者 20 万段",
        "一份报告的文字只有几十 KiB，请核对是不是选错了文件",
    )
}

pub(super) fn not_a_report() -> Diagnostic {
    NOT_A_REPORT.at(
        FieldPath::root(),
        "认不出这是法治政府建设的报告、计划或文章",
        "请核对是不是选错了文件；从网页导入时，请保存正文所在的页面",
    )
}

pub(super) fn encrypted() -> Diagnostic {
    ENCRYPTED_SOURCE.at(FieldPath::root(), "文件加了密，读不了里面的文字", "请去掉密码，另存后再导入")
}

pub(super) fn old_word() -> Diagnostic {
    OLD_WORD.at(
        FieldPath::root(),
        "文件是旧版 Word 文档，或者是加了密的文档",
        "请用 Word 或 WPS 打开，去掉密码，另存为 .docx 后再导入",
    )
}

/// `why` says what was found instead.
pub(super) fn broken(why: &str) -> Diagnostic {
    let hint = "请用原来的软件打开，另存后再导入";
    BROKEN_SOURCE.at(FieldPath::root(), format!("文件读不了：{why}"), hint)
}

pub(super) fn workbook() -> Diagnostic {
    let hint = "填好的征集表请到“成批生成”里上传；要导入其中的文字，请复制到 Word 文档或文本文件里";
    BROKEN_SOURCE.at(FieldPath::root(), "文件是 Excel 工作簿，不是报告的文档", hint)
}

pub(super) fn page_archive() -> Diagnostic {
    let hint = "请用浏览器或 Word 打开，另存为网页（.html）或 Word 文档（.docx）后再导入";
    BROKEN_SOURCE.at(FieldPath::root(), "文件是网页存档（.mht），读不出文字", hint)
}

pub(super) fn bomb() -> Diagnostic {
    SOURCE_BOMB.at(FieldPath::root(), "文件展开后大得不正常，没有展开", "请核对是不是选错了文件")
}

pub(super) fn foreign_pdf() -> Diagnostic {
    NO_ATTACHED_REPORT.at(
        FieldPath::root(),
        "这个 PDF 没有附带报告的内容，从版面或扫描的图片里取不出可靠的文字",
        "请改用 Word 文档、网页或文本文件；只有 PDF 时，复制全部文字存成文本文件再导入",
    )
}

pub(super) fn foreign_ofd() -> Diagnostic {
    NO_ATTACHED_REPORT.at(
        FieldPath::root(),
        "这个 OFD 没有附带报告的内容，从版面或扫描的图片里取不出可靠的文字",
        "请改用 Word 文档、网页或文本文件；只有 OFD 时，复制全部文字存成文本文件再导入",
    )
}
