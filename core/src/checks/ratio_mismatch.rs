use std::sync::LazyLock;

use regex::Regex;

use super::Reading;
use super::reading::Passage;
use super::relations::{RELATIONS, counts_before, direction, is_of_last_year};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::figures::{Dimension, Figure, Interval, Sentence};

code! {
    /// 百分比与数字不符
    ///
    /// 一句话里同时写了两个数和它们的百分比，可是算出来的不是这个百分比。读的人会拿计算器核一遍，错一处就怀疑全部数据。
    ///
    /// 错误：1630人参加考试，1599人通过，合格率达到98.04%。（应为98.10%）
    ///
    /// 正确：1630人参加考试，1599人通过，合格率达到98.10%。
    ///
    /// 末位上四舍五入和舍去都算对；带“余”“近”“约”的数，只要可能对得上就不提。句子没有说明是哪两个数之比的，不猜。
    pub(super) RATIO_MISMATCH = "ratio-mismatch", Error
}

/// What a percentage says it is the rate of: 合格率, or 占审结案件的. The words are whatever is no
/// mark; to say which characters are 汉字 would cost a page of ranges at each of twelve places.
static RATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"([^\x00-\x7F“”‘’《》〈〉—…·％]{2,12})率(?:[已也均]?(?:达到?了?|为|是|提高到|提升至|提升到|[:：]))?\s*$")
        .expect("a constant pattern")
});
static SHARE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"占([^\x00-\x7F“”‘’《》〈〉—…·％]{0,16}?)(?:总数|总量)?(?:的)?(?:比例|比重)?(?:达到?|为|[:：])?\s*$",
    )
    .expect("a constant pattern")
});

/// How much of a passage before a sentence may still give a percentage its base.
const SENTENCES_BACK: usize = 3;

/// And how many figures, so that a sentence of a thousand is not read a thousand times.
const FIGURES_BACK: usize = 24;
const FIGURES_AHEAD: usize = 4;

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for passage in reading.prose() {
        let sentences = passage.figures();
        for (number, sentence) in sentences.iter().enumerate() {
            for index in 0..sentence.figures.len() {
                if sentence.figures[index].dimension != Dimension::Percent {
                    continue;
                }
                let Some(claim) = claim(&passage.text, &sentence.figures, index) else { continue };
                let around = around(sentences, number, index);
                if !claim.holds() && !has_other_reading(&claim, &around) {
                    found.push(told(passage, &sentence.figures[index], &claim));
                }
            }
        }
    }
    found
}

/// The figures around one, a sentence or three back and a few ahead.
fn around(sentences: &[Sentence], number: usize, index: usize) -> Vec<&Figure> {
    let here = &sentences[number].figures;
    let earlier = sentences[number.saturating_sub(SENTENCES_BACK)..number].iter().rev();
    let back = here[..index].iter().rev().chain(earlier.flat_map(|one| one.figures.iter().rev()));
    back.take(FIGURES_BACK).chain(here[index..].iter().take(FIGURES_AHEAD)).collect()
}

/// What a sentence says: that `stated` follows from the two counts.
struct Claim<'a> {
    part: &'a Figure,
    whole: &'a Figure,
    stated: Interval,
    /// Whether it is a growth from `whole` to `part`, and upwards.
    growth: Option<bool>,
}

impl Claim<'_> {
    fn follows(&self, part: &Interval, whole: &Interval) -> Option<Interval> {
        match self.growth {
            None => part.percent_of(whole),
            Some(true) => part.growth_from(whole),
            Some(false) => part.growth_from(whole).map(|span| span.negated()),
        }
    }

    /// Whether the percentage can follow from the two; what cannot be computed is not disputed.
    fn holds(&self) -> bool {
        self.follows(&self.part.interval, &self.whole.interval).is_none_or(|span| span.meets(&self.stated))
    }
}

fn claim<'a>(text: &str, figures: &'a [Figure], index: usize) -> Option<Claim<'a>> {
    let percent = &figures[index];
    let clause = &text[percent.clause.start..percent.range.start];
    let stated = percent.interval;
    if let Some(up) = direction(clause) {
        return growth(text, figures, index).map(|(part, whole)| Claim {
            part,
            whole,
            stated,
            growth: Some(up),
        });
    }
    let before = &text[percent.before.clone()];
    let (part, whole) = if let Some(rate) = RATE.captures(before) {
        of_rate(text, figures, index, &rate[1])?
    } else if let Some(share) = SHARE.captures(before) {
        of_share(text, figures, index, &share[1])?
    } else {
        return None;
    };
    Some(Claim { part, whole, stated, growth: None })
}

/// 较上年的312件增长23.72%: from the count of last year to the one before it.
fn growth<'a>(text: &str, figures: &'a [Figure], index: usize) -> Option<(&'a Figure, &'a Figure)> {
    let mut counts = counts_before(figures, index);
    let base = counts.next().filter(|base| is_of_last_year(&text[base.before.clone()]))?;
    // The base belongs to this clause or the one before, not to an earlier statement.
    let is_close = !text[base.range.end..figures[index].range.start].contains(['；', '、']);
    let now = counts.next().filter(|now| now.is_like(base) && !is_of_last_year(&text[now.before.clone()]))?;
    (is_close && now.dimension == base.dimension).then_some((now, base))
}

/// 1630人…, 1599人通过, 合格率: the nearest count must be of what the rate counts, and the one
/// before it of what it is counted among.
fn of_rate<'a>(
    text: &str,
    figures: &'a [Figure],
    index: usize,
    rate: &str,
) -> Option<(&'a Figure, &'a Figure)> {
    let is_all = figures[index].value == rust_decimal::Decimal::ONE_HUNDRED;
    if is_all {
        return None;
    }
    let words = words_for(rate);
    let mut counts = counts_before(figures, index);
    let part = counts.next().filter(|part| part.is_about(text, &words))?;
    let whole = counts.find(|whole| whole.is_like(part))?;
    let is_whole = whole.value >= part.value && !whole.is_about(text, &words);
    is_whole.then_some((part, whole))
}

/// The words by which a sentence may speak of what a rate counts.
fn words_for(rate: &str) -> Vec<String> {
    let characters: Vec<char> = rate.chars().collect();
    let stem = &characters[characters.len().saturating_sub(4)..];
    let mut words: Vec<String> = stem.windows(2).map(|pair| pair.iter().collect()).collect();
    for (known, others) in &RELATIONS.rates {
        if rate.ends_with(known.as_str()) {
            words.extend(others.iter().cloned());
        }
    }
    words
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
    if text[part.range.end..figures[index].range.start].contains('；') {
        return None;
    }
    let mut rest = counts.filter(|whole| whole.is_like(part) && whole.value >= part.value);
    let stage = RELATIONS.stages.words.iter().find(|word| name.contains(word.as_str()));
    let whole = match stage {
        Some(stage) => rest.find(|whole| whole.is_about(text, std::slice::from_ref(stage)))?,
        None if name.chars().count() > 4 => return None,
        None => rest.next().filter(|whole| {
            let between = &text[whole.range.end..part.range.start];
            !between.contains('；') && (between.contains("其中") || text[whole.after.clone()].ends_with('中'))
        })?,
    };
    Some((part, whole))
}

/// Whether two other counts nearby give the percentage: then the sentence may well mean them.
fn has_other_reading(claim: &Claim, around: &[&Figure]) -> bool {
    let counts: Vec<&&Figure> = around.iter().filter(|figure| figure.is_count()).collect();
    let fits = |part: &Interval, whole: &Interval| {
        claim.follows(part, whole).is_some_and(|span| span.meets(&claim.stated))
    };
    let pairs = counts.iter().flat_map(|part| counts.iter().map(move |whole| (part, whole)));
    let is_other = |part: &Figure, whole: &Figure| part.range != whole.range && part.is_like(whole);
    let mut pairs = pairs.filter(|(part, whole)| is_other(part, whole));
    // 受理60件、50件, 办结100件: the whole may be the sum of what was named before.
    let like =
        || counts.iter().filter(|one| one.is_like(claim.whole) && one.range.start <= claim.whole.range.start);
    let sum = like().try_fold(Interval::between(0.into(), 0.into()), |sum, one| sum.plus(&one.interval));
    pairs.any(|(part, whole)| fits(&part.interval, &whole.interval))
        || sum.is_some_and(|sum| fits(&claim.part.interval, &sum))
}

fn told(passage: &Passage, percent: &Figure, claim: &Claim) -> Diagnostic {
    let said = |figure: &Figure| passage.text[figure.range.clone()].trim().to_owned();
    let (part, whole) = (said(claim.part), said(claim.whole));
    let exact = claim.follows(
        &Interval::between(claim.part.value, claim.part.value),
        &Interval::between(claim.whole.value, claim.whole.value),
    );
    let places = percent.value.scale().max(2);
    let right =
        exact.map_or(String::new(), |span| format!("{:.*}%", places as usize, span.low.round_dp(places)));
    let relation = match claim.growth {
        None => format!("{part}占{whole}的{right}"),
        Some(true) => format!("从{whole}到{part}增长{right}"),
        Some(false) => format!("从{whole}到{part}下降{right}"),
    };
    let message = format!("“{}”里写的是{}，按句中的数算，{relation}", passage.label(), said(percent));
    passage.at(
        &RATIO_MISMATCH,
        percent.range.clone(),
        message,
        format!("请核对这三个数；如果前两个数没错，应为{right}"),
    )
}
