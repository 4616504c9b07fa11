//! Units of measure: which are the same, by how much one is another's multiple, and of what adding makes
//! sense.

use std::sync::LazyLock;

use rust_decimal::Decimal;

use super::figures::class_of;
use super::lists;
use super::numerals::scale;

/// 万户: ten thousand times 户.
#[derive(Clone, Debug, PartialEq)]
pub struct CountedIn {
    pub scale: Decimal,
    pub measured: MeasuredIn,
}

/// What says before a unit how many times it is meant.
pub(crate) const MULTIPLES: &str = "十百千万亿";

/// What is counted, whatever its multiple.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MeasuredIn {
    /// One of a class of units that mean the same: 件, 起, 宗.
    Class(usize),
    /// One that no list has.
    Named(String),
    /// A number without a unit.
    Nothing,
}

impl CountedIn {
    pub fn of(written: &str) -> Self {
        let written = written.trim();
        if written.is_empty() {
            return Self { scale: Decimal::ONE, measured: MeasuredIn::Nothing };
        }
        let whole = |measured| Self { scale: Decimal::ONE, measured };
        if let Some((scale, base)) = multiple_of(written) {
            return Self { scale, measured: Self::of(base).measured };
        }
        if let Some(class) = class_of(written) {
            return whole(MeasuredIn::Class(class));
        }
        if is_share_unit(written) {
            return whole(MeasuredIn::Named(written.to_owned()));
        }
        let multiple = written.find(|c| !MULTIPLES.contains(c)).unwrap_or(written.len());
        let (multiple, base) = written.split_at(multiple);
        match (scale(multiple), class_of(base)) {
            (Some(scale), _) if multiple_of(base).is_some() => {
                let Self { scale: more, measured } = Self::of(base);
                Self { scale: scale.checked_mul(more).unwrap_or(scale), measured }
            }
            (Some(scale), Some(class)) => Self { scale, measured: MeasuredIn::Class(class) },
            (Some(scale), None) if base.is_empty() => Self { scale, measured: MeasuredIn::Nothing },
            (Some(scale), None) => Self { scale, measured: MeasuredIn::Named(base.to_owned()) },
            (None, _) => whole(MeasuredIn::Named(written.to_owned())),
        }
    }
}

/// What a unit is a multiple of that says it with a name of its own: ‰ a tenth of %, 公里 a thousand times 米.
fn multiple_of(unit: &str) -> Option<(Decimal, &'static str)> {
    static MULTIPLES: LazyLock<Vec<(&str, Decimal, &str)>> = LazyLock::new(|| {
        let lines = lists::lines(include_str!("data/multiples.txt")).map(|line| line.split(' '));
        lines
            .filter_map(|mut words| Some((words.next()?, words.next()?.parse().ok()?, words.next()?)))
            .collect()
    });
    MULTIPLES.iter().find(|(known, ..)| *known == unit).map(|(_, scale, base)| (*scale, *base))
}

/// What says that a value is a share, an average or a place in an order, of which no sum means anything.
const SHARES: [&str; 17] = [
    "率",
    "比例",
    "比重",
    "占比",
    "百分比",
    "指数",
    "平均",
    "人均",
    "均值",
    "满意度",
    "得分",
    "评分",
    "排名",
    "位次",
    "名次",
    "增幅",
    "万人比",
];

/// Time that something takes; a sum of averages or of limits says nothing.
const SPANS_OF_TIME: [&str; 9] = ["天", "日", "工作日", "个工作日", "小时", "分钟", "年", "月", "个月"];

fn is_share_unit(unit: &str) -> bool {
    ["%", "％", "‰", "个百分点", "百分点", "倍", "分", "成", "名次", "位次"].contains(&unit)
}

/// By how many percent a value is more than before; nothing where there is nothing to grow from.
pub(crate) fn percent_more(now: Decimal, before: Decimal) -> Option<Decimal> {
    let more = now.checked_sub(before).filter(|_| before > Decimal::ZERO)?;
    more.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(before)
}

/// Whether the values of units can be added: counts and sums of money, no shares, averages and times.
pub fn is_additive(name: &str, unit: &str) -> bool {
    // 复议纠错率 is a share; 率先 in a name says nothing.
    let name = name.replace("率先", "").replace("效率", "").replace("频率", "");
    let is_share = is_share_unit(unit.trim()) || SHARES.iter().any(|word| name.contains(word));
    !is_share && !unit.trim().is_empty() && !SPANS_OF_TIME.contains(&unit.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiples_of_one_unit_are_counted_in_it() {
        let same = |one: &str, other: &str| CountedIn::of(one).measured == CountedIn::of(other).measured;
        for (one, other) in [
            ("万户", "户"),
            ("万件", "起"),
            ("亿元", "万元"),
            ("万人次", "人次"),
            ("十万份", "份"),
            ("万门", "门"),
            ("公里", "米"),
            ("％", "‰"),
            ("万公顷", "平方米"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
        for (one, other) in [("件", "人"), ("人次", "人"), ("%", "件"), ("", "件"), ("%", "个百分点")]
        {
            assert!(!same(one, other), "{one} {other}");
        }
        assert_eq!(CountedIn::of("亿元").scale, Decimal::from(100_000_000));
        assert_eq!(CountedIn::of(" 万 ").scale, Decimal::from(10_000));
        assert_eq!(CountedIn::of("个百分点").scale, Decimal::ONE);
        // More than any number: a name.
        assert_eq!(CountedIn::of("亿亿亿元").scale, Decimal::ONE);
    }

    #[test]
    fn shares_and_times_are_never_added() {
        for (name, unit) in
            [("受理行政复议案件", "件"), ("罚没收入", "万元"), ("率先建成中心", "个"), ("公职律师", "名")]
        {
            assert!(is_additive(name, unit), "{name}");
        }
        for (name, unit) in [
            ("行政机关负责人出庭应诉率", "%"),
            ("群众满意度", "分"),
            ("平均办理时限", "天"),
            ("万人律师比", "%"),
            ("营商环境排名", "位"),
            ("人均办案量", "件"),
            ("网办率", ""),
            ("案件", ""),
        ] {
            assert!(!is_additive(name, unit), "{name}");
        }
    }
}
