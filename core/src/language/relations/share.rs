//! Shares: 1630人参加，1599人通过，合格率98.10%; 386件中213件，占55.18%; 占全部386件的55.18%.

use std::sync::LazyLock;

use regex::Regex;

use super::super::figures::{Dimension, Figure};
use super::growth::{run_before, run_start};
use super::{MEMORY, RELATIONS, counts_before};

/// What a sentence says a percentage to be the share of.
pub(crate) struct Share<'a> {
    pub part: &'a Figure,
    pub whole: &'a Figure,
}

/// What a percentage says it is the rate of: 合格率, or 占审结案件的. The words are whatever is no
/// mark; to say which characters are 汉字 would cost a page of ranges at each of twelve places.
static RATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"([^\x00-\x7F“”‘’《》〈〉—…·％]{2,12})(?:率|比例|比率)(?:[已也均]?(?:达到?了?|为|是|提高到|提升至|提升到|[:：]))?\s*$")
        .expect("a constant pattern")
});
static SHARED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"占([^\x00-\x7F“”‘’《》〈〉—…·％]{0,16}?)(?:总数|总量)?(?:的)?(?:比例|比重)?(?:达到?|为|[:：])?\s*$",
    )
    .expect("a constant pattern")
});

/// The counts that the percentage at `index` is said to follow from. Nothing where the sentence does not
/// say which: nobody guesses.
pub(crate) fn share<'a>(text: &str, figures: &'a [Figure], index: usize) -> Option<Share<'a>> {
    let percent = &figures[index];
    if percent.dimension != Dimension::Percent {
        return None;
    }
    let before = &text[percent.before.clone()];
    if let Some(pair) = of_respective(text, figures, index) {
        return Some(Share { part: pair.0, whole: pair.1 });
    }
    let pair = if let Some(rate) = RATE.captures(before).filter(|rate| !rate[1].contains('占')) {
        of_rate(text, figures, index, &rate[1])
            .or_else(|| of_rate_before(text, figures, index, &rate[1]))
            .or_else(|| in_bracket(text, figures, index))
    } else if let Some(pair) = of_named_whole(text, figures, index) {
        Some(pair)
    } else if let Some(share) = SHARED.captures(before) {
        of_share(text, figures, index, &share[1])
    } else {
        None
    };
    pair.map(|(part, whole)| Share { part, whole })
}

/// 1630人…, 1599人通过, 合格率: the nearest count must be of what the rate counts, and the one
/// before it of what it is counted among.
fn of_rate<'a>(
    text: &str,
    figures: &'a [Figure],
    index: usize,
    rate: &str,
) -> Option<(&'a Figure, &'a Figure)> {
    // 100 % is often said of something else; only what was due makes it doubtful.
    let is_all = figures[index].value == rust_decimal::Decimal::ONE_HUNDRED;
    let words = words_for(rate);
    let mut counts = counts_before(figures, index);
    let nearest = counts.next()?;
    // 合格案卷228卷，抽查总数240卷: the whole may come between, where it calls itself that.
    if !nearest.is_about(text, &words) {
        let part = counts.next().filter(|part| part.is_about(text, &words) && part.is_like(nearest))?;
        let is_total = nearest.is_about(text, &["总数", "总共", "总量", "合计"]);
        return (is_total && !is_all && part.value <= nearest.value).then_some((part, nearest));
    }
    let part = nearest;
    let whole = counts.find(|whole| whole.is_like(part))?;
    // 应出庭94件，实际出庭92件: both speak of it, and only one says that it should have been.
    let due: Vec<String> = words.iter().map(|word| format!("应{word}")).collect();
    let must = |one: &Figure| {
        one.is_about(text, &["应当", "应到", "需", "通知", "计划"]) || one.is_about(text, &due)
    };
    let is_due = |one: &Figure| must(one) || one.is_about(text, &["收到", "申请", "报名"]);
    let is_whole = whole.value >= part.value
        && match is_all {
            true => must(whole) && !must(part),
            false => !whole.is_about(text, &words) || is_due(whole) && !is_due(part),
        };
    is_whole.then_some((part, whole))
}

/// 援助1460件，民事1022件、刑事438件，分别占70%、30%: the part in the same place of the list before.
fn of_respective<'a>(text: &str, figures: &'a [Figure], index: usize) -> Option<(&'a Figure, &'a Figure)> {
    let start = run_start(text, figures, index);
    if !text[figures[start].before.clone()].ends_with("分别占") {
        return None;
    }
    let of_run = |at: &usize| *at < figures.len() && run_start(text, figures, *at) == start;
    let length = (start..start + MEMORY).take_while(of_run).count();
    if length < 2 {
        return None;
    }
    let parts = run_before(text, figures, start, length)?;
    let part = &parts[index - start];
    let whole = counts_before(figures, start - length).next()?;
    (part.is_like(whole) && part.value <= whole.value).then_some((part, whole))
}

/// 抽查案卷60卷，优秀率40%，优秀案卷24卷; 受理率88.35%，收到103件，受理91件: the part comes behind the rate.
fn of_rate_before<'a>(
    text: &str,
    figures: &'a [Figure],
    index: usize,
    rate: &str,
) -> Option<(&'a Figure, &'a Figure)> {
    let words = words_for(rate);
    let is_part = |part: &&Figure| part.is_count() && part.is_about(text, &words);
    let (part, whole) = match figures.get(index + 1..)? {
        [part, ..] if is_part(&part) => (part, counts_before(figures, index).next()?),
        [whole, part, ..] if is_part(&part) && counts_before(figures, index).next().is_none() => {
            (part, whole)
        }
        _ => return None,
    };
    let is_one =
        !text[whole.range.end.min(figures[index].range.end)..part.range.start].contains(['；', '、']);
    (is_one && part.is_like(whole) && part.value <= whole.value).then_some((part, whole))
}

/// The words by which a sentence may speak of what a rate counts.
fn words_for(rate: &str) -> Vec<String> {
    let stem = rate.char_indices().rev().nth(3).map_or(rate, |(at, _)| &rate[at..]);
    let mut words = pairs(stem);
    for (known, others) in &RELATIONS.rates {
        if rate.ends_with(known.as_str()) {
            words.extend(others.iter().cloned());
        }
    }
    words
}

/// The pairs of neighbouring characters of a word.
fn pairs(word: &str) -> Vec<String> {
    let characters: Vec<char> = word.chars().collect();
    characters.windows(2).map(|pair| pair.iter().collect()).collect()
}

/// 合格率98.04%（1630人参加，1599人合格）: the two counts of the bracket behind it.
fn in_bracket<'a>(text: &str, figures: &'a [Figure], index: usize) -> Option<(&'a Figure, &'a Figure)> {
    let percent = &figures[index];
    let [one, other] = figures.get(index + 1..index + 3)? else { return None };
    let bracket = one.bracket.filter(|_| one.bracket == other.bracket)?;
    let is_behind = text.get(percent.range.end..bracket)?.trim().is_empty();
    let is_alone = figures.get(index + 3).is_none_or(|next| next.bracket != Some(bracket));
    let is_pair = is_behind && is_alone && one.is_count() && one.is_like(other);
    is_pair.then(|| if one.value <= other.value { (one, other) } else { (other, one) })
}

/// 213件，占全部386件的55.18%: the whole stands between 占 and 的.
fn of_named_whole<'a>(text: &str, figures: &'a [Figure], index: usize) -> Option<(&'a Figure, &'a Figure)> {
    let mut counts = counts_before(figures, index);
    let is_named = |whole: &Figure| {
        let before = &text[whole.before.clone()];
        before.contains('占') || text[..figures[index].range.start].ends_with('的') && before.contains("完成")
    };
    let whole = counts.next().filter(|whole| is_named(whole))?;
    let is_share = text[whole.before.clone()].contains('占');
    if text[whole.range.end..figures[index].range.start].contains(['，', '；', '、']) {
        return None;
    }
    let part =
        counts.next().filter(|part| part.is_like(whole) && (!is_share || part.value <= whole.value))?;
    (!text[part.range.end..whole.range.start].contains('；')).then_some((part, whole))
}

/// …386件中, …213件, 占55.18%; …其中…1173件, 占27.12%; 审结359件…31件, 占审结案件的8.64%.
fn of_share<'a>(
    text: &str,
    figures: &'a [Figure],
    index: usize,
    name: &str,
) -> Option<(&'a Figure, &'a Figure)> {
    let mut counts = counts_before(figures, index);
    let part = counts.next()?;
    // 人社类约占四分之一 is of another part than the one before.
    let subject = text[figures[index].before.clone()].rsplit_once('占').map_or("", |(subject, _)| subject);
    let subject = subject.trim().trim_end_matches(['约', '仅', '只', '共', '均', '也', '已', '各']);
    if text[part.range.end..figures[index].range.start].contains('；') || subject.chars().count() > 1 {
        return None;
    }
    let rest: Vec<&Figure> =
        counts.filter(|whole| whole.is_like(part) && whole.value >= part.value).collect();
    let about = |words: &[String]| rest.iter().find(|whole| whole.is_about(text, words));
    let stage = RELATIONS.stages.words.first_in(name).map(str::to_owned);
    // 占抽查总数的, 占总数的: of what bears that name, or of the one before. 占执法人员的 may be of others.
    let is_of_all = text[..figures[index].range.start].trim_end().ends_with("总数的");
    let named = if is_of_all { pairs(name) } else { vec![] };
    let whole = match stage {
        Some(stage) => about(&[stage])?,
        None if let Some(whole) = about(&named) => whole,
        None if is_of_all && name.is_empty() => rest.first()?,
        None if name.chars().count() > 4 => return None,
        None => rest.first().filter(|whole| {
            let between = &text[whole.range.end..part.range.start];
            !between.contains('；') && (between.contains("其中") || text[whole.after.clone()].ends_with('中'))
        })?,
    };
    Some((part, whole))
}
