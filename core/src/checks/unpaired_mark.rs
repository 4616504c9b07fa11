use super::Texts;
use super::paired_marks::{Lone, Pair, lone};
use super::reading::{MOST, Passage};
use crate::code;
use crate::diagnostic::Diagnostic;

code! {
    /// 引号、括号不成对
    ///
    /// 引号和括号要成对出现，缺一半就分不清引的、注的是哪几个字。
    ///
    /// 错误：推行“综合查一次，减少重复检查。
    ///
    /// 正确：推行“综合查一次”，减少重复检查。
    ///
    /// 全角半角混用的一对括号算成对（另有一条检查）；“1）”“a)”一类的序号不算；引文有几段、每段开头都用“、末段才用”的，也不算。
    ///
    /// 看不出：成对、却括错了地方的。
    pub(super) UNPAIRED_MARK = "unpaired-mark", Error
}

const PAIRS: [Pair; 8] = [
    Pair { open: '“', close: '”' },
    Pair { open: '‘', close: '’' },
    Pair { open: '（', close: '）' },
    Pair { open: '〔', close: '〕' },
    Pair { open: '[', close: ']' },
    Pair { open: '【', close: '】' },
    Pair { open: '「', close: '」' },
    Pair { open: '『', close: '』' },
];

pub(super) fn find(texts: &Texts) -> Vec<Diagnostic> {
    let following = texts.passages.iter().skip(1).map(Some).chain([None]);
    texts.passages.iter().zip(following).flat_map(|(passage, next)| in_passage(passage, next)).collect()
}

fn in_passage(passage: &Passage, next: Option<&Passage>) -> Vec<Diagnostic> {
    let alone = lone(passage, &PAIRS, full_width).into_iter();
    let alone = alone.filter(|one| {
        !is_enumeration(passage, one) && !is_apostrophe(passage, one) && !is_carried_on(passage, one, next)
    });
    alone
        .take(MOST)
        .map(|one| {
            let partner = partner(one.mark, one.is_opening);
            let message = format!("“{}”里的“{}”没有与它成对的“{partner}”", passage.label(), one.mark);
            let range = one.byte..one.byte + one.mark.len_utf8();
            passage.at(
                &UNPAIRED_MARK,
                range,
                message,
                format!("请补上“{partner}”，或者删除多余的“{}”", one.mark),
            )
        })
        .collect()
}

/// 1） and a) number an item and have no partner.
fn is_enumeration(passage: &Passage, one: &Lone) -> bool {
    let before = passage.text[..one.byte].trim_end_matches(|c: char| c.is_ascii_alphanumeric());
    let has_number = before.len() < one.byte;
    let is_start = before.is_empty() || before.ends_with(['。', '；', '：', '，', '\n', ';', ' ']);
    full_width(one.mark) == '）' && has_number && is_start
}

/// The ’ in O’Neill, or before a shortened year.
fn is_apostrophe(passage: &Passage, one: &Lone) -> bool {
    let next = passage.text[one.byte..].chars().nth(1);
    one.mark == '’' && next.is_some_and(|next| next.is_ascii_alphanumeric())
}

/// The “ of a quotation of several paragraphs: each of them opens with one, the last alone is closed
/// (GB/T 15834—2011, 4.8.3.5).
fn is_carried_on(passage: &Passage, one: &Lone, next: Option<&Passage>) -> bool {
    let before = passage.text[..one.byte].trim_end();
    one.mark == '“'
        && (before.is_empty() || before.ends_with('：'))
        && next.is_some_and(|next| next.kind == passage.kind && next.text.starts_with('“'))
}

fn partner(mark: char, is_opening: bool) -> char {
    let mark = full_width(mark);
    let pair = PAIRS.iter().find(|pair| pair.open == mark || pair.close == mark);
    pair.map_or(mark, |pair| if is_opening { pair.close } else { pair.open })
}

fn full_width(mark: char) -> char {
    match mark {
        '(' => '（',
        ')' => '）',
        '［' => '[',
        '］' => ']',
        other => other,
    }
}
