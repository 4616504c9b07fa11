use std::collections::HashMap;

use super::Reading;
use super::reading::{Passage, PassageKind};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::sentences::{half_sentences, shortened};

code! {
    /// 同一句话写了两遍
    ///
    /// 一模一样的句子出现两次，多半是复制粘贴时忘了删；同一件事在两个标题下各说一遍，也只需留一处。
    ///
    /// 错误：第一部分和第三部分各有一句“召开全区法治政府建设工作会议，部署年度重点任务和责任分工”。
    ///
    /// 正确：只在一处写，别处从略或换个角度说。
    ///
    /// 不满 20 个字的短句、指标和表格里的名称不算。
    pub(super) DUPLICATE_TEXT = "duplicate-text", Warning
}

/// Below this many characters a sentence may well be said twice.
const SHORTEST: usize = 20;

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let mut first: HashMap<String, &Passage> = HashMap::new();
    let mut found = Vec::new();
    for passage in reading.prose().filter(|passage| passage.kind == PassageKind::Prose) {
        for sentence in half_sentences(&passage.text) {
            let words = &passage.text[sentence.clone()];
            // Who is responsible is said of one task after another in the same words.
            let is_formula = words.starts_with("责任单位") || words.starts_with("牵头单位");
            if is_formula || words.len() < SHORTEST * '句'.len_utf8() {
                continue;
            }
            let mut key = String::with_capacity(words.len());
            let mut length = 0;
            for c in words.chars().filter(|c| is_han(*c) || c.is_ascii_alphanumeric()) {
                length += usize::from(!c.is_ascii());
                key.push(c);
            }
            if length < SHORTEST {
                continue;
            }
            let Some(earlier) = first.get(&key) else {
                first.insert(key, passage);
                continue;
            };
            let (opening, place) = (shortened(words, 20), earlier.label());
            let message = format!("“{}”里的“{opening}”与“{place}”里的一句相同", passage.label());
            found.push(passage.at(&DUPLICATE_TEXT, sentence, message, "请只留一处"));
        }
    }
    found
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{20000}'..='\u{3FFFF}')
}
