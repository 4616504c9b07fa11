use super::Reading;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::path;
use crate::report::{Edition, IssuerKind, Level};

code! {
    /// 报送版没有主送机关
    ///
    /// 报送版是上行文，要写明报给哪个机关（GB/T 9704—2012 第 7.3.2 条：主送机关写全称、规范化简称或者同类型机关统称）。没有填的，排的是按层级拟的“市委、市政府”一类的字样，不一定是应当报给的机关；县级部门、乡镇（街道）报给哪个县（市、区），程序无从知道，就不排主送机关。公开版不排主送机关，不用填。
    ///
    /// 错误：版本选“报送版”，“主送机关”空着。
    ///
    /// 正确：主送机关写“云州市人民政府”。
    ///
    /// 看不出：填了的机关对不对；上行文主送了几个机关的。
    pub(super) ADDRESSEE_MISSING = "addressee-missing", Warning
}

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let report = reading.report;
    if report.edition != Edition::Formal || !report.addressees.is_empty() {
        return vec![];
    }
    let is_department = report.issuer.kind == IssuerKind::Department;
    // As in the template's wording.
    let is_guessed = match report.issuer.level {
        Level::Province | Level::City => true,
        Level::County => !is_department,
        Level::Township => false,
    };
    let message = match is_guessed {
        true => "报送版没有填主送机关，排的是按层级拟的字样",
        false => "报送版没有填主送机关，文中不排这一行",
    };
    let hint = "请填写“主送机关”；只在网站公布的，版本请选“公开版”";
    vec![ADDRESSEE_MISSING.at(path!["addressees"], message, hint)]
}
