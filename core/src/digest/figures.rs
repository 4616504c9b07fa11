//! Indicators as a digest shows them: how a value is written, by how much it grew, and what there is to draw.

use rust_decimal::Decimal;
use serde::Serialize;

use crate::language::quantity::{MULTIPLES, is_additive, percent_more};
use crate::report::{Indicator, IndicatorValue};

/// An indicator as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DigestFigure {
    pub name: String,
    /// 约, where it is approximate.
    pub about: &'static str,
    /// As 15800, 30.36亿, 无.
    pub value: String,
    pub unit: String,
    /// The value of the year before, with its unit.
    pub previous: Option<String>,
    /// How much more or less than that: 增长23.72%, 提高4.35个百分点.
    pub growth: Option<String>,
    pub tendency: Tendency,
}

/// Which way a value went since the year before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tendency {
    Up,
    Down,
    Level,
    /// Nothing is known of the year before.
    Unknown,
}

/// A count of this year beside that of the last, as bars from 0.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FigurePair {
    pub figure: DigestFigure,
    /// Of the longer of both, as `0.4567`.
    pub share: String,
    pub share_before: String,
}

/// A rate as a bar of a hundred.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rate {
    pub figure: DigestFigure,
    /// As `0.9787`.
    pub share: String,
    /// That of the year before.
    pub share_before: Option<String>,
}

/// The most bars in a chart: a glance holds no more.
const MAX_PAIRS: usize = 6;
const MAX_RATES: usize = 5;

impl DigestFigure {
    pub(super) fn of(indicator: &Indicator) -> Self {
        let unit = unit_of(indicator);
        let growth = growth(indicator);
        let previous = indicator.previous.as_ref().filter(|value| is_shown(value));
        Self {
            name: indicator.name.to_string(),
            about: if indicator.approximate { "约" } else { "" },
            value: written(&indicator.value, unit),
            unit: if indicator.value == IndicatorValue::Nil { String::new() } else { unit.to_owned() },
            previous: previous.map(|value| match value {
                IndicatorValue::Number(_) => format!("{}{unit}", written(value, unit)),
                nil => nil.to_string(),
            }),
            tendency: growth.as_ref().map_or(Tendency::Unknown, |(tendency, _)| *tendency),
            growth: growth.map(|(_, words)| words),
        }
    }
}

/// Whether a value says something at a glance.
pub(super) fn is_shown(value: &IndicatorValue) -> bool {
    *value != IndicatorValue::NotApplicable
}

fn unit_of(indicator: &Indicator) -> &str {
    indicator.unit.as_deref().unwrap_or_default().trim()
}

fn is_percent(unit: &str) -> bool {
    matches!(unit, "%" | "％")
}

/// The counts with those of the year before.
pub(super) fn pairs<'a>(shown: impl Iterator<Item = &'a &'a Indicator>) -> Vec<FigurePair> {
    let pair = |indicator: &&Indicator| {
        let now = number(&indicator.value)?;
        let before = number(indicator.previous.as_ref()?)?;
        let longer = now.max(before);
        if longer.is_zero() || !is_additive(&indicator.name, unit_of(indicator)) {
            return None;
        }
        let share = |value: Decimal| Some(value.checked_div(longer)?.round_dp(4).normalize().to_string());
        let figure = DigestFigure::of(indicator);
        Some(FigurePair { figure, share: share(now)?, share_before: share(before)? })
    };
    shown.filter_map(pair).take(MAX_PAIRS).collect()
}

/// The rates of a hundred.
pub(super) fn rates<'a>(shown: impl Iterator<Item = &'a &'a Indicator>) -> Vec<Rate> {
    let rate = |indicator: &&Indicator| {
        let of_hundred = |value: &IndicatorValue| {
            let value = number(value).filter(|value| *value <= Decimal::ONE_HUNDRED)?;
            Some(value.checked_div(Decimal::ONE_HUNDRED)?.round_dp(4).normalize().to_string())
        };
        let share = of_hundred(&indicator.value).filter(|_| is_percent(unit_of(indicator)))?;
        let share_before = indicator.previous.as_ref().and_then(of_hundred);
        Some(Rate { figure: DigestFigure::of(indicator), share, share_before })
    };
    shown.filter_map(rate).take(MAX_RATES).collect()
}

/// A number that can be drawn.
fn number(value: &IndicatorValue) -> Option<Decimal> {
    value.number().filter(|value| *value >= Decimal::ZERO)
}

/// Which way a value went, and by how much in words. Of what is only about so much nothing is reckoned.
fn growth(indicator: &Indicator) -> Option<(Tendency, String)> {
    let (now, before) = (indicator.value.number()?, indicator.previous.as_ref()?.number()?);
    if indicator.approximate {
        return None;
    }
    if now == before {
        return Some((Tendency::Level, "与上年持平".into()));
    }
    let tendency = if now > before { Tendency::Up } else { Tendency::Down };
    if is_percent(unit_of(indicator)) {
        let points = now.checked_sub(before)?.abs().normalize();
        let word = if tendency == Tendency::Up { "提高" } else { "下降" };
        return Some((tendency, format!("{word}{points}个百分点")));
    }
    let share = percent_more(now, before)?.abs().round_dp(2);
    let word = if tendency == Tendency::Up { "增长" } else { "下降" };
    (!share.is_zero()).then(|| (tendency, format!("{word}{share:.2}%")))
}

/// The smallest numbers that are told in 万: those that end in it, and others.
const WHOLE_MYRIADS: i64 = 100_000;
const MYRIADS: i64 = 1_000_000;
const HUNDRED_MILLIONS: i64 = 100_000_000;

/// A value as people write it: 3036000000 are 30.36亿 where that says the same.
fn written(value: &IndicatorValue, unit: &str) -> String {
    let IndicatorValue::Number(digits) = value else { return value.to_string() };
    let Some(number) = value.number() else { return digits.clone() };
    // 万元 would be told as 万万元.
    if unit.starts_with(|c| MULTIPLES.contains(c)) {
        return digits.clone();
    }
    let in_scale = |scale: i64, name: &str, places: u32| {
        let scaled = number.checked_div(Decimal::from(scale))?.normalize();
        let is_same = scaled.scale() <= places && scaled.checked_mul(Decimal::from(scale)) == Some(number);
        (number >= Decimal::from(scale) && is_same).then(|| format!("{scaled}{name}"))
    };
    let most = |least: i64, scale: i64, name: &str, places: u32| {
        (number >= Decimal::from(least)).then(|| in_scale(scale, name, places)).flatten()
    };
    most(HUNDRED_MILLIONS, HUNDRED_MILLIONS, "亿", 2)
        .or_else(|| most(WHOLE_MYRIADS, 10_000, "万", 0))
        .or_else(|| most(MYRIADS, 10_000, "万", 2))
        .unwrap_or_else(|| digits.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn indicator(value: &str, unit: &str, previous: Option<&str>) -> Indicator {
        Indicator {
            key: "k".parse().ok(),
            name: "受理案件".parse().unwrap(),
            value: value.parse().unwrap(),
            unit: unit.parse().ok(),
            previous: previous.map(|value| value.parse().unwrap()),
            approximate: false,
            source: None,
        }
    }

    #[test]
    fn large_numbers_are_told_in_ten_thousands_where_that_says_the_same() {
        let told = |value: &str, unit: &str| written(&value.parse().unwrap(), unit);
        for (value, unit, said) in [
            ("386", "件", "386"),
            ("98.10", "%", "98.10"),
            ("15800", "人次", "15800"),
            ("120000", "人次", "12万"),
            ("123456", "件", "123456"),
            ("2919000", "件", "291.9万"),
            ("1234567", "件", "1234567"),
            ("3036000000", "元", "30.36亿"),
            ("276000", "万元", "276000"),
            ("-5", "件", "-5"),
            ("无", "件", "无"),
            ("79228162514264337593543950336", "件", "79228162514264337593543950336"),
        ] {
            assert_eq!(told(value, unit), said, "{value}{unit}");
        }
    }

    #[test]
    fn growth_is_told_where_there_is_something_to_grow_from() {
        let told = |value: &str, unit: &str, previous: &str| {
            DigestFigure::of(&indicator(value, unit, Some(previous))).growth
        };
        assert_eq!(told("386", "件", "312").as_deref(), Some("增长23.72%"));
        assert_eq!(told("128", "件", "149").as_deref(), Some("下降14.09%"));
        assert_eq!(told("97.87", "%", "93.52").as_deref(), Some("提高4.35个百分点"));
        assert_eq!(told("5", "件", "5.0").as_deref(), Some("与上年持平"));
        assert_eq!(told("5", "件", "0"), None);
        assert_eq!(told("5", "件", "不适用"), None);
        assert_eq!(told("1000001", "件", "1000000"), None);
        let about = Indicator { approximate: true, ..indicator("386", "件", Some("312")) };
        assert_eq!(DigestFigure::of(&about).growth, None);
        assert_eq!(DigestFigure::of(&about).previous.as_deref(), Some("312件"));
    }

    #[test]
    fn bars_begin_at_zero_and_only_what_can_be_drawn_is() {
        let all = [
            indicator("386", "件", Some("193")),
            indicator("0", "件", Some("0")),
            indicator("-3", "件", Some("3")),
            indicator("7", "件", None),
            indicator("97.87", "%", Some("93.52")),
            indicator("130", "%", None),
        ];
        let shown: Vec<&Indicator> = all.iter().collect();
        let pairs = pairs(shown.iter());
        assert_eq!(pairs.len(), 1);
        assert_eq!((pairs[0].share.as_str(), pairs[0].share_before.as_str()), ("1", "0.5"));
        let rates = rates(shown.iter());
        assert_eq!(rates.len(), 1);
        assert_eq!(rates[0].share_before.as_deref(), Some("0.9352"));
    }
}
