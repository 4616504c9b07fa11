use std::ops::Range;
use std::sync::LazyLock;

use foldhash::HashMap;

use super::Reading;
use super::reading::{MOST, Passage, PassageKind};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::lists::Pattern;
use crate::language::numerals::leading;
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
    /// 错误：共清理积案5起，清理积案5起。（一句里的分句说了两遍）
    ///
    /// 隔开的两句不满 20 个字的不算，指标和表格里的名称、单位名称、排比句、“同比增长5%”一类没有主语的话不算。
    ///
    /// 看不出：意思相同、字句不同的重复；不满 20 个字的重复句子。
    pub(super) DUPLICATE_TEXT = "duplicate-text", Warning
}

/// Below this many characters a sentence may well be said twice.
const SHORTEST: usize = 20;

/// Words that stand twice at once have so many characters; shorter ones may be meant, as 一件一件,
/// or be parts of two words, 高等教育等教育机构.
const SHORTEST_WORD: usize = 4;
const LONGEST_WORD: usize = 10;

/// How many clauses back a clause is looked for.
const NEAR: usize = 32;

/// From this many characters on a clause is not said twice in a sentence for good reason, and from so many
/// not twice at once.
const SHORTEST_CLAUSE: usize = 7;
const SHORTEST_AT_ONCE: usize = 4;

/// What may be added to a clause or left out without its saying anything else.
const HARMLESS: [&str; 22] = [
    "共计", "累计", "总计", "一共", "合计", "先后", "同时", "其中", "全年", "今年", "全区", "全市", "全县",
    "我区", "我市", "我县", "我局", "共", "并", "还", "也", "已",
];

/// The characters that those begin with.
const BEGINNINGS: [char; 15] =
    ['共', '累', '总', '一', '合', '先', '同', '其', '全', '今', '我', '并', '还', '也', '已'];

/// What a clause without a subject begins with: it may well be said of two things.
const OF_ANOTHER: [&str; 22] = [
    "同比", "环比", "较", "比", "占", "达", "均", "分别", "经", "报", "由", "被", "得到", "受到", "取得",
    "深受", "增长", "下降", "按照", "根据", "依据", "依法",
];

/// What a list of units ends with.
const UNITS: [&str; 14] =
    ["局", "委", "办", "办公室", "政府", "部门", "单位", "街道", "办事处", "院", "会", "中心", "镇", "厅"];

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    // By how they begin without their marks; those that begin like another one by all they say. Each is a
    // number that hardly two share.
    let mut beginnings: HashMap<u64, (&Passage, Range<usize>)> = HashMap::default();
    let mut others: HashMap<u64, (&Passage, Range<usize>)> = HashMap::default();
    let mut found = Vec::new();
    found.extend(reading.rare_passages(&DOUBLED).filter(|one| one.is_prose()).filter_map(doubled));
    for passage in reading.prose() {
        found.extend(within_sentences(passage).into_iter().take(MOST));
        found.extend(at_once(passage));
        if passage.kind != PassageKind::Prose {
            continue;
        }
        for sentence in half_sentences(&passage.text, passage.marks().iter().copied()) {
            let words = &passage.text[sentence.clone()];
            // Who is responsible is said of one task after another in the same words.
            let is_formula = words.starts_with("责任单位") || words.starts_with("牵头单位");
            if is_formula || words.len() < SHORTEST * '句'.len_utf8() {
                continue;
            }
            let Some(beginning) = beginning(words) else { continue };
            let is_same = |(earlier, place): &(&Passage, Range<usize>)| {
                said(&earlier.text[place.clone()]).eq(said(words))
            };
            let Some(mut earlier) = beginnings.get(&beginning) else {
                beginnings.insert(beginning, (passage, sentence));
                continue;
            };
            if !is_same(earlier) {
                let all = said(words).fold(0, mixed);
                let Some(other) = others.get(&all) else {
                    others.insert(all, (passage, sentence));
                    continue;
                };
                if !is_same(other) {
                    continue;
                }
                earlier = other;
            }
            let (earlier, _) = earlier;
            let (opening, place) = (shortened(words, 20), earlier.label());
            let message = format!("“{}”里的“{opening}”与“{place}”里的一句相同", passage.label());
            found.push(passage.at(&DUPLICATE_TEXT, sentence, message, "请只留一处"));
        }
    }
    found
}

/// The beginning of a sentence that is long enough, as a number.
fn beginning(words: &str) -> Option<u64> {
    let (mut key, mut length) = (0, 0);
    for c in said(words) {
        key = mixed(key, c);
        length += usize::from(!c.is_ascii());
        if length == SHORTEST {
            return Some(key);
        }
    }
    None
}

fn mixed(key: u64, c: char) -> u64 {
    (key.rotate_left(5) ^ u64::from(u32::from(c))).wrapping_mul(0x517c_c1b7_2722_0a95)
}

/// What a sentence says, without its marks.
fn said(words: &str) -> impl Iterator<Item = char> {
    words.chars().filter(|c| is_han(*c) || c.is_ascii_alphanumeric())
}

/// The clauses that are said twice within a sentence, with other words between them or without. What 、
/// divides is no clause: a list may come again, but no item of it twice at once.
fn within_sentences(passage: &Passage) -> Vec<Diagnostic> {
    let text = passage.text.as_str();
    let mut found = Vec::new();
    let mut before: Vec<&str> = Vec::new();
    // Where the half sentence begins among those before, the clause and the item in the text.
    let (mut half, mut clause_start, mut item_start) = (0, 0, 0);
    // Where the marks before them are.
    let (mut clause_mark, mut item_mark) = (0, 0);
    let mut last_item = "";
    let ends = passage.marks().iter().copied().filter(|(_, c)| is_mark(*c));
    for (at, mark) in ends.chain([(text.len(), '。')]) {
        // Only an item may be the same as the last.
        let item = if mark == '、' || !last_item.is_empty() { text[item_start..at].trim() } else { "" };
        let is_twice = item == last_item && is_long(item, SHORTEST_AT_ONCE);
        item_start = at + mark.len_utf8();
        last_item = if mark == '、' { item } else { "" };
        // What stands twice at once would be right without its second, mark and all.
        let mut repeated = is_twice.then_some((item, Some(item_mark..at)));
        item_mark = at;
        if mark != '、' {
            let clause = plain(&text[clause_start..at]);
            clause_start = item_start;
            let is_at_once = before.last() == Some(&clause) && is_long(clause, SHORTEST_AT_ONCE);
            let near = before.len().saturating_sub(NEAR).max(half);
            let is_again = || before[near..].contains(&clause) && is_whole(clause);
            if is_at_once || is_again() {
                repeated = Some((clause, is_at_once.then_some(clause_mark..at)));
            }
            clause_mark = at;
            before.push(clause);
        }
        if matches!(mark, '；' | ';') {
            half = before.len();
        } else if !matches!(mark, '、' | '，' | ',' | '：' | ':') {
            before.clear();
            half = 0;
        }
        found.extend(repeated.map(|(words, left_out)| {
            let start = words.as_ptr() as usize - text.as_ptr() as usize;
            let range = start..start + words.len();
            match left_out {
                Some(left_out) => without(passage, range, left_out),
                None => twice(passage, range),
            }
        }));
    }
    found
}

/// Whether a character ends an item, a clause, half a sentence or a sentence.
fn is_mark(c: char) -> bool {
    matches!(c, '、' | '，' | ',' | '：' | ':' | '；' | ';' | '。' | '！' | '？' | '\n')
}

fn is_long(words: &str, least: usize) -> bool {
    words.chars().filter(|c| is_han(*c)).count() >= least
}

/// Whether a clause says all of it: whoever says it again says nothing new.
fn is_whole(clause: &str) -> bool {
    // A figure says more than words.
    let least = SHORTEST_CLAUSE - usize::from(clause.contains(|c: char| c.is_ascii_digit()));
    is_long(clause, least)
        && !clause.contains(['《', '》', '〈', '〉'])
        && !OF_ANOTHER.iter().any(|opening| clause.starts_with(opening))
        && !UNITS.iter().any(|end| clause.trim_end_matches(['）', ')']).ends_with(end))
}

/// A clause without its number and what may be added to it.
fn plain(clause: &str) -> &str {
    let mut plain = clause.trim();
    // Too short to be told.
    if plain.len() < SHORTEST_AT_ONCE * '句'.len_utf8() {
        return plain;
    }
    if let Some((_, rest)) = leading(plain) {
        plain = rest.strip_prefix('是').unwrap_or(plain);
    }
    // Most clauses begin with none of these, and most characters begin none.
    while plain.starts_with(BEGINNINGS)
        && let Some(rest) = HARMLESS.iter().find_map(|word| plain.strip_prefix(word))
    {
        plain = rest;
    }
    plain
}

/// Verbs that nobody says twice at once; 规范规范性文件 and 执法执法 may be parts of others.
pub(super) static DOUBLED: LazyLock<Pattern> = LazyLock::new(|| {
    let verbs = [
        "落实", "推进", "加强", "完善", "健全", "强化", "提升", "建立", "制定", "开展", "深化", "推动",
        "促进", "保障",
    ];
    Pattern::new(&verbs.map(|verb| format!("{verb}({verb})")).join("|"))
});

fn doubled(passage: &Passage) -> Option<Diagnostic> {
    let words = DOUBLED.captures(&passage.text)?;
    let second = words.iter().skip(1).flatten().next()?;
    Some(without(passage, second.range(), second.range()))
}

/// Words of four characters and more that stand twice without anything between them.
fn at_once(passage: &Passage) -> Option<Diagnostic> {
    let bytes = passage.text.as_bytes();
    (SHORTEST_WORD..=LONGEST_WORD).map(|length| length * '字'.len_utf8()).find_map(|period| {
        let ahead = bytes.get(period..)?;
        let is_same = |at: usize| bytes[at] == ahead[at];
        // So far apart, one of the places lies in each repetition with the byte before it. The last byte of a
        // character tells most.
        let mut place = '字'.len_utf8() - 1;
        while place < ahead.len() {
            if is_same(place)
                && is_same(place - 1)
                && let Some(second) = repetition(&passage.text, place, period)
            {
                return Some(without(passage, second.clone(), second));
            }
            place += period - 1;
        }
        None
    })
}

/// The second of two words of so many bytes that are the same and stand side by side about this place.
fn repetition(text: &str, place: usize, period: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let is_same = |at: &usize| bytes[*at] == bytes[*at + period];
    let back = (0..place).rev().take(period).take_while(is_same).count();
    let ahead = (place..bytes.len() - period).take(period).take_while(is_same).count();
    if back + ahead < period {
        return None;
    }
    let start = (place - back..=place).find(|start| text.is_char_boundary(*start))?;
    let word = text.get(start..start + period).filter(|_| place + ahead >= start + period)?;
    // 一个问题一个问题解决.
    let is_word = word.chars().all(is_han) && !word.starts_with(['一', '每', '逐']);
    is_word.then_some(start + period..start + 2 * period)
}

fn twice(passage: &Passage, range: Range<usize>) -> Diagnostic {
    let words = shortened(&passage.text[range.clone()], 20);
    let message = format!("“{}”里的“{words}”在同一句里说了两遍", passage.label());
    passage.at(&DUPLICATE_TEXT, range, message, "请只留一处")
}

/// The same of words that stand twice at once: without the second of them it would be right.
fn without(passage: &Passage, range: Range<usize>, left_out: Range<usize>) -> Diagnostic {
    passage.amended(twice(passage, range), &[(left_out, String::new())])
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{20000}'..='\u{3FFFF}')
}
