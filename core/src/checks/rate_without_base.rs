use std::sync::LazyLock;

use regex::Regex;
use rust_decimal::Decimal;

use super::Reading;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::figures::{Dimension, Figure};
use crate::language::lists;
use crate::language::relations::direction;

code! {
    /// 比率没有件数
    ///
    /// 只写“败诉率5%”，读的人不知道是 20 件里的 1 件，还是 2000 件里的 100 件。
    ///
    /// 错误：行政机关败诉率5.26%。
    ///
    /// 正确：人民法院审结38件，行政机关败诉2件，败诉率5.26%。
    ///
    /// 句中有任何件数、人数的不提；0 和 100% 不提；下一年度的目标、利率和税率一类不提。
    ///
    /// 看不出：件数写在别的句子里的；不用“率”字说的比例，如“占三成”“满意度98%”。
    pub(super) RATE_WITHOUT_BASE = "rate-without-base", Note
}

/// Rates of nothing that is counted.
static UNCOUNTED: LazyLock<Regex> = LazyLock::new(|| lists::any_of(include_str!("data/uncounted_rates.txt")));

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for passage in reading.prose().filter(|passage| !matches!(passage.section(), "plans" | "attachments")) {
        for sentence in passage.figures() {
            // 一次办结率: no count.
            let is_word = |figure: &Figure| {
                figure.value == Decimal::ONE && passage.text[figure.range.clone()].starts_with('一')
            };
            let has_count = sentence.figures.iter().any(|figure| figure.is_count() && !is_word(figure));
            for figure in sentence.figures.iter().filter(|_| !has_count) {
                let before = words_before(&passage.text, figure);
                // 降至6.1% is a rate; 由9.1%降至6.1% says what it is held against.
                let is_reached = before.trim_end().ends_with(['至', '到', '为', '达'])
                    && sentence.figures.iter().filter(|one| one.dimension == Dimension::Percent).count() == 1;
                let is_rate = figure.dimension == Dimension::Percent
                    && before.contains('率')
                    && !UNCOUNTED.is_match(before)
                    && (direction(before).is_none() || is_reached)
                    && direction(&passage.text[figure.after.clone()]).is_none();
                let is_whole = figure.value == Decimal::ONE_HUNDRED || figure.value.is_zero();
                if is_rate && !is_whole {
                    let said = passage.text[figure.range.clone()].trim();
                    let message = format!("“{}”里的比率{said}没有写件数或人数", passage.label());
                    let hint = "请写明是多少之中的多少";
                    found.push(passage.at(&RATE_WITHOUT_BASE, figure.range.clone(), message, hint));
                }
            }
        }
    }
    found
}

/// The words before a figure, with those of the clause before where its own is only a verb: 成功率提高，达83.6%.
fn words_before<'a>(text: &'a str, figure: &Figure) -> &'a str {
    let own = &text[figure.before.clone()];
    if own.trim().chars().count() > 2 {
        return own;
    }
    let earlier = text[..figure.before.start].trim_end_matches(['，', ' ']);
    let start = earlier
        .rfind(['，', '。', '；', '：', '、', '\n'])
        .map_or(0, |mark| earlier.ceil_char_boundary(mark + 1));
    &text
        [text.floor_char_boundary(figure.range.start.saturating_sub(FARTHEST)).max(start)..figure.range.start]
}

/// How far before a figure its name may stand, in bytes.
const FARTHEST: usize = 120;
