use std::sync::LazyLock;

use super::Texts;
use super::paired_marks::{Pair, lone};
use super::reading::{MOST, Passage};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::lists::Pattern;

code! {
    /// 书名号用错
    ///
    /// 书名号要成对；书名号里面再用书名号，里面的用单书名号〈〉（GB/T 15834—2011 第 4.15 条）。
    ///
    /// 错误：印发《贯彻〈行政复议法〉工作方案。制定《贯彻《行政复议法》工作方案》。
    ///
    /// 正确：制定《贯彻〈行政复议法〉工作方案》。
    ///
    /// 用“<<”“>>”代替书名号的也算。看不出：该用书名号、却没有用的；书名号成对、括住的字多了或少了的。
    pub(super) BOOK_TITLE_MARKS = "book-title-marks", Error
}

const PAIRS: [Pair; 2] = [Pair { open: '《', close: '》' }, Pair { open: '〈', close: '〉' }];

/// Signs of comparison in the place of the marks.
pub(super) static MAKESHIFT: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(
        r"(?:<<|＜＜|≪)[^<>＜＞≪≫。]{1,80}(?:>>|＞＞|≫)|[<＜][一-龥][^<>＜＞。]{1,80}(?:法|法典|条例|规定|办法|意见|方案|通知|纲要|规划|决定|细则)[>＞]",
    )
});

pub(super) fn find(texts: &Texts) -> Vec<Diagnostic> {
    let marked = texts
        .passages
        .iter()
        .filter(|passage| passage.has_mark(|mark| matches!(mark, '《' | '》' | '〈' | '〉')));
    let makeshift = texts.rare_passages(&MAKESHIFT).filter_map(|passage| {
        let spot = MAKESHIFT.find(&passage.text)?;
        let message = format!("“{}”里的“{}”没有用书名号", passage.label(), spot.as_str());
        Some(passage.at(&BOOK_TITLE_MARKS, spot.range(), message, "请改为《》"))
    });
    marked.flat_map(in_passage).chain(makeshift).collect()
}

fn in_passage(passage: &Passage) -> Vec<Diagnostic> {
    let alone = lone(passage, &PAIRS, |mark| mark);
    let mut found: Vec<Diagnostic> = alone
        .iter()
        .take(MOST)
        .map(|one| {
            let pair = &PAIRS[usize::from(matches!(one.mark, '〈' | '〉'))];
            let partner = if one.is_opening { pair.close } else { pair.open };
            let message = format!("“{}”里的“{}”没有与它成对的“{partner}”", passage.label(), one.mark);
            let hint = format!("请补上“{partner}”，或者删除多余的“{}”", one.mark);
            passage.at(&BOOK_TITLE_MARKS, one.byte..one.byte + one.mark.len_utf8(), message, hint)
        })
        .collect();
    // Where a mark is missing, nobody can tell what lies within what.
    if alone.is_empty() {
        found.extend(nested(passage));
    }
    found
}

/// A 《 within a 《 》.
fn nested(passage: &Passage) -> Option<Diagnostic> {
    let mut open = Vec::new();
    for (byte, mark) in passage.marks().iter().copied() {
        match mark {
            '《' if open.last() == Some(&'《') => {
                let end = passage.text[byte..]
                    .find('》')
                    .map_or(passage.text.len(), |end| byte + end + mark.len_utf8());
                let message = format!("“{}”里书名号套书名号，里面的应为〈〉", passage.label());
                return Some(passage.at(&BOOK_TITLE_MARKS, byte..end, message, "请把里面的《》改为〈〉"));
            }
            '《' | '〈' => open.push(mark),
            '》' | '〉' => drop(open.pop()),
            _ => {}
        }
    }
    None
}
