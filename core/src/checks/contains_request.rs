use std::sync::LazyLock;

use regex::Regex;

use super::Reading;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::lists;

code! {
    /// 报告夹带请示
    ///
    /// 《党政机关公文处理工作条例》第十五条规定，不得在报告等非请示性公文中夹带请示事项。上级对报告不作答复，夹在里面的请求也就落空。
    ///
    /// 错误：以上方案妥否，请批示。恳请市政府在编制上给予支持。
    ///
    /// 正确：报告里只陈述情况；要请求的事另用“请示”行文。
    ///
    /// “申请批准”“提请审议”一类对工作的叙述不算；“请审阅”不算。
    pub(super) CONTAINS_REQUEST = "contains-request", Error
}

static REQUEST: LazyLock<Regex> = LazyLock::new(|| lists::any_of(include_str!("data/requests.txt")));

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for passage in reading.passages_with(&REQUEST).iter().filter(|passage| passage.is_prose()) {
        for sentence in passage.sentences() {
            if let Some(request) = REQUEST.find(&passage.text[sentence.clone()]) {
                let words = request.as_str().trim_start_matches(|c: char| "。；，！：、“ ".contains(c));
                let end = sentence.start + request.end();
                let message = format!("“{}”里有请示的话“{words}”", passage.label());
                let hint = "报告不得夹带请示事项：请删去，另用“请示”行文";
                found.push(passage.at(&CONTAINS_REQUEST, end - words.len()..end, message, hint));
            }
        }
    }
    found
}
