use super::Reading;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::report::FieldPath;

code! {
    /// 报告太长
    ///
    /// 报告的正文超过了模板的篇幅上限。读到的各地报告在 3100 字到 7000 字之间；长而无物的报告，是基层减负的文件点名批评的。
    ///
    /// 错误：正文 14000 字，各部门的总结逐个照录。
    ///
    /// 正确：只写全局性的举措和成效，数据列入附表。
    ///
    /// 上限在模板清单的 `[checks]` 或者配置里用 `characters` 设定；附件的表格不计。看不出：不超字数、内容却空泛的。
    pub(super) TOO_LONG = "too-long", Warning
}

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let Some(limit) = reading.context.settings.characters else { return vec![] };
    let limit = limit.number() as usize;
    let body = reading.prose().filter(|passage| passage.section() != "attachments");
    let length: usize = body.map(|passage| passage.length()).sum();
    if length <= limit {
        return vec![];
    }
    let message = format!("正文{length}字，超过{limit}字的上限");
    vec![TOO_LONG.at(FieldPath::root(), message, format!("请删除约{}字：数据可列入附件", length - limit))]
}
