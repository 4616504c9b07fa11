use std::sync::LazyLock;

use regex::Regex;

use super::Texts;
use super::reading::{MOST, Passage, PassageKind};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::foreign::REMAINS;
use crate::language::lists;
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
    /// 错误：发布时间：2025-01-07 来源：政策法规科（网页上的信息栏）；首页 信息公开 登录 注册（网页上的导航）
    ///
    /// 正文里写明的网址、“数据来源”不算。词表在 language/data/debris.txt，整行的在 checks/data/furniture.txt。
    ///
    /// 看不出：词表里没有的网站用语；看起来像正文的栏目名称、图片说明。
    pub(super) DEBRIS = "debris", Error
}

/// A whole line of what a site puts around an article.
static FURNITURE: LazyLock<Regex> = LazyLock::new(|| {
    let lines: Vec<&str> = lists::lines(include_str!("data/furniture.txt")).collect();
    // A word of a menu, and what stands between two.
    let lines =
        lines.join("|").replace("NAME", r"[一-龥A-Za-z]{2,8}").replace(" GAP", "GAP").replace("GAP ", "GAP");
    lists::pattern(&format!(r"\A(?:{})\z", lines.replace("GAP", r"[\s　|｜·•>＞»›/]+")))
});

pub(super) fn find(texts: &Texts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for passage in texts.rare_passages(&REMAINS) {
        let remains = REMAINS.find_iter(&passage.text).take(MOST);
        found.extend(remains.map(|remains| told(passage, remains.range())));
    }
    let is_text = |passage: &&Passage| !matches!(passage.kind, PassageKind::Cell | PassageKind::Name);
    for passage in texts.passages.iter().filter(is_text) {
        found.extend(furniture(passage).take(MOST));
    }
    found
}

/// The lines that a site puts around an article. A sentence is none, nor what is told already.
fn furniture(passage: &Passage) -> impl Iterator<Item = Diagnostic> {
    let text = &passage.text;
    let is_sentence = |line: &str| line.ends_with('。') || line.contains('。');
    let lines =
        text.lines().map(str::trim).filter(move |line| !is_sentence(line) && FURNITURE.is_match(line));
    lines.filter(|line| !REMAINS.is_match(line)).map(|line| {
        let start = line.as_ptr() as usize - text.as_ptr() as usize;
        told(passage, start..start + line.len())
    })
}

fn told(passage: &Passage, range: std::ops::Range<usize>) -> Diagnostic {
    let words = shortened(passage.text[range.clone()].trim(), 20);
    let message = format!("“{}”里有不属于报告的“{words}”", passage.label());
    passage.at(&DEBRIS, range, message, "请删除；乱码请从原稿重新复制")
}
