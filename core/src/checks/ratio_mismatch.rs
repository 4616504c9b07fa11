use rust_decimal::Decimal;

use super::Reading;
use super::reading::Passage;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::figures::{Dimension, Figure, Interval, Sentence};
use crate::language::relations::{Share, Trend, counts_before, growth, share};

code! {
    /// 百分比与数字不符
    ///
    /// 一句话里同时写了两个数和它们的百分比，可是算出来的不是这个百分比。读的人会拿计算器核一遍，错一处就怀疑全部数据。
    ///
    /// 错误：1630人参加考试，1599人通过，合格率达到98.04%。（应为98.10%）
    ///
    /// 正确：1630人参加考试，1599人通过，合格率达到98.10%。
    ///
    /// 百分比、百分点、倍数、几成、几分之几、翻番、减半，以及“较上年的312件增加74件”，都这样核对；“由150件增至450件”“（上年160件）”写在前后都认得。
    ///
    /// 末位上四舍五入和舍去都算对；带“余”“近”“约”的数，只要可能对得上就不提。句子没有说明是哪两个数之比的，不猜。
    ///
    /// 看不出：两个数相隔几句的；没有写明是哪两个数之比的；口径不同、不能相除的。
    pub(super) RATIO_MISMATCH = "ratio-mismatch", Error
}

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
                let Some(claim) = claim(&passage.text, &sentence.figures, index) else { continue };
                let around = around(sentences, number, index);
                if !claim.holds() && !has_other_reading(&claim, &around) {
                    found.push(told(passage, &claim));
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

/// What a sentence says: that a figure of it follows from two others.
struct Claim<'a> {
    /// The part, or what was reached.
    part: &'a Figure,
    /// The whole, or what it was before: at face value, as it may be, and in words.
    whole: Interval,
    whole_at_most: Interval,
    whole_said: String,
    said: &'a Figure,
    growth: Option<Trend<'a>>,
}

impl<'a> Claim<'a> {
    fn of(
        text: &str,
        part: &'a Figure,
        whole: &'a Figure,
        said: &'a Figure,
        growth: Option<Trend<'a>>,
    ) -> Self {
        let whole_said = text[whole.range.clone()].trim().to_owned();
        Self { part, whole: exact(whole), whole_at_most: whole.interval, whole_said, said, growth }
    }

    fn follows(&self, part: &Interval, whole: &Interval) -> Option<Interval> {
        match &self.growth {
            None => part.percent_of(whole),
            Some(growth) => growth.follows(self.said.dimension, whole, part),
        }
    }

    fn fits(&self, part: &Interval, whole: &Interval) -> bool {
        self.follows(part, whole).is_some_and(|span| span.meets(&self.said.interval))
    }

    /// Whether the figure can follow from the two; what cannot be computed is not disputed.
    fn holds(&self) -> bool {
        self.follows(&self.part.interval, &self.whole_at_most)
            .is_none_or(|span| span.meets(&self.said.interval))
    }
}

fn claim<'a>(text: &str, figures: &'a [Figure], index: usize) -> Option<Claim<'a>> {
    let said = &figures[index];
    let Some(growth) = growth(text, figures, index) else {
        let Share { part, whole } = share(text, figures, index)?;
        return Some(Claim::of(text, part, whole, said, None));
    };
    if let Some((whole, part)) = growth.base.zip(growth.now) {
        return Some(Claim::of(text, part, whole, said, Some(growth)));
    }
    // 受理386件，同比增加74件，增长23.72%: what it was before is what is left without them.
    let by = growth.by.filter(|_| said.dimension == Dimension::Percent)?;
    let at = figures.iter().position(|one| one.range == by.range)?;
    let part = counts_before(figures, at).next().filter(|part| part.is_like(by))?;
    let before = |part: Interval, by: Interval| if growth.is_up { part.minus(&by) } else { part.plus(&by) };
    Some(Claim {
        part,
        whole: before(exact(part), exact(by))?,
        whole_at_most: before(part.interval, by.interval)?,
        whole_said: format!("上年的{}", by.written_like(before(exact(part), exact(by))?.low)),
        said,
        growth: Some(growth),
    })
}

/// A figure at face value.
fn exact(figure: &Figure) -> Interval {
    Interval::between(figure.value, figure.value)
}

/// Whether two other figures nearby give what is said: then the sentence may well mean them.
fn has_other_reading(claim: &Claim, around: &[&Figure]) -> bool {
    let like: Vec<&&Figure> = around
        .iter()
        .filter(|figure| figure.is_count() || figure.dimension == claim.part.dimension)
        .collect();
    let pairs = like.iter().flat_map(|part| like.iter().map(move |whole| (part, whole)));
    let is_other = |part: &Figure, whole: &Figure| {
        let is_said = part.range == claim.said.range || whole.range == claim.said.range;
        part.range != whole.range && !is_said && (part.is_like(whole) || part.dimension == whole.dimension)
    };
    let mut pairs = pairs.filter(|(part, whole)| is_other(part, whole));
    // 受理60件、50件, 办结100件: the whole may be the sum of what was named before.
    let before =
        || like.iter().filter(|one| one.is_like(claim.part) && one.range.start < claim.part.range.start);
    let sum = before().try_fold(Interval::between(0.into(), 0.into()), |sum, one| sum.plus(&one.interval));
    pairs.any(|(part, whole)| claim.fits(&part.interval, &whole.interval))
        || sum.is_some_and(|sum| claim.fits(&claim.part.interval, &sum))
}

fn told(passage: &Passage, claim: &Claim) -> Diagnostic {
    let said = |figure: &Figure| passage.text[figure.range.clone()].trim().to_owned();
    let (part, whole) = (said(claim.part), &claim.whole_said);
    let right = claim.follows(&exact(claim.part), &claim.whole).map_or(Decimal::ZERO, |span| span.low);
    let is_other_way = claim.growth.is_some() && right.is_sign_negative();
    let right = right.abs();
    let right = claim.said.written_like(right);
    let relation = match &claim.growth {
        None => format!("{part}占{whole}的{right}"),
        Some(growth) if growth.is_multiple => format!("{part}是{whole}的{right}"),
        Some(growth) if growth.is_up != is_other_way => format!("从{whole}到{part}增长{right}"),
        Some(_) => format!("从{whole}到{part}下降{right}"),
    };
    let message = format!("“{}”里写的是{}，按句中的数算，{relation}", passage.label(), said(claim.said));
    passage.at(
        &RATIO_MISMATCH,
        claim.said.range.clone(),
        message,
        if is_other_way {
            "请核对这三个数，升降写反了".to_owned()
        } else {
            format!("请核对这三个数；如果前两个数没错，应为{right}")
        },
    )
}
