use super::Texts;
use super::reading::MOST;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::foreign::REMAINS;
use crate::language::sentences::shortened;

code! {
    /// 网页残渣和乱码
    ///
    /// 从网页复制的文字里夹着分页代码、标签、实体、导航文字，或者编码错乱留下的“锟斤拷”。它们不是报告的内容。
    ///
    /// 错误：#p#分页标题#e#（五）聚焦推进严格规范公正文明执法
    ///
    /// 正确：聚焦推进严格规范公正文明执法
    ///
    /// 正文里写明的网址、“数据来源”不算。词表在 language/data/debris.txt。
    pub(super) DEBRIS = "debris", Error
}

pub(super) fn find(texts: &Texts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for passage in texts.passages_with(&REMAINS) {
        for remains in REMAINS.find_iter(&passage.text).take(MOST) {
            let words = shortened(remains.as_str().trim(), 20);
            let message = format!("“{}”里有不属于报告的“{words}”", passage.label());
            found.push(passage.at(&DEBRIS, remains.range(), message, "请删去；乱码请从原稿重新复制"));
        }
    }
    found
}
