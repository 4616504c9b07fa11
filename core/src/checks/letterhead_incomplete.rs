use super::Reading;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::path;
use crate::report::Edition;

code! {
    /// 报送版的版头不全
    ///
    /// 报送版是正式公文。GB/T 9704—2012 要求版头有发文机关标志和发文字号，上行文还要有签发人。版头一项也没有填的，排出来没有红头；少填的，那一处空着。公开版不排版头，不用填。
    ///
    /// 错误：版本选“报送版”，“版头”空着；或者填了发文字号，没有填签发人。
    ///
    /// 正确：发文字号、签发人都填上；发文机关标志不填则用落款的署名。
    ///
    /// 看不出：字号、签发人填得对不对；应当标密级、紧急程度而没有标的。
    pub(super) LETTERHEAD_INCOMPLETE = "letterhead-incomplete", Warning
}

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let report = reading.report;
    if report.edition != Edition::Formal {
        return vec![];
    }
    let (message, path) = match &report.header {
        None => ("报送版没有版头：没有红头、发文字号和签发人".to_owned(), path!["header"]),
        Some(header) => match (&header.document_number, header.signatories.is_empty()) {
            (Some(_), false) => return vec![],
            (None, true) => ("报送版的版头没有发文字号和签发人".to_owned(), path!["header"]),
            (None, false) => ("报送版的版头没有发文字号".to_owned(), path!["header", "document_number"]),
            (Some(_), true) => ("报送版的版头没有签发人".to_owned(), path!["header", "signatories"]),
        },
    };
    vec![LETTERHEAD_INCOMPLETE.at(path, message, "请填写“版头”；只在网站公布的，版本请选“公开版”")]
}
