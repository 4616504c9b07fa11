//! Where the true value of a figure may lie.

use rust_decimal::Decimal;

/// From `low` to `high`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub low: Decimal,
    pub high: Decimal,
}

impl Interval {
    pub(crate) fn between(one: Decimal, other: Decimal) -> Self {
        Self { low: one.min(other), high: one.max(other) }
    }

    /// The interval of a figure written with so many decimal places, a 万 or 亿 behind it, and words
    /// of approximation around it.
    pub(super) fn of(
        value: Decimal,
        places: u32,
        scale: Decimal,
        many: bool,
        lead: &str,
        tail: &str,
        is_percent: bool,
    ) -> Option<Self> {
        // One of the last place as it is written: 0.01 of 98.04, 1000 of 1.2万.
        let last_place = Decimal::new(1, places).checked_mul(scale)?;
        let rough = || magnitude(value).max(last_place);
        let tenth = || value.checked_div(Decimal::TEN);
        let (below, above) = match (many, lead, tail) {
            (true, ..) => (Decimal::ZERO, rough()),
            (_, "超" | "超过" | "逾" | "突破" | "不少于" | "不低于" | "至少", _) | (_, _, "以上") => {
                (Decimal::ZERO, value.max(rough()))
            }
            (_, "近" | "将近" | "接近" | "不足" | "不到", _) | (_, _, "以下" | "以内") => {
                (rough().max(tenth()?.checked_mul(Decimal::TWO)?), Decimal::ZERO)
            }
            (_, "约" | "大约", _) | (_, _, "左右" | "上下") => {
                let about = tenth()?.max(rough());
                (about, about)
            }
            // A percentage may have been cut off instead of rounded: one of its last place.
            _ if is_percent => (last_place, last_place),
            // 1.2万 was rounded, too.
            _ if scale > Decimal::ONE => {
                let half = last_place.checked_div(Decimal::TWO)?;
                (half, half)
            }
            _ => (Decimal::ZERO, Decimal::ZERO),
        };
        Some(Self { low: value.checked_sub(below)?, high: value.checked_add(above)? })
    }

    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.low <= other.high && other.low <= self.high
    }

    pub(crate) fn plus(&self, other: &Self) -> Option<Self> {
        Some(Self { low: self.low.checked_add(other.low)?, high: self.high.checked_add(other.high)? })
    }

    pub(crate) fn minus(&self, other: &Self) -> Option<Self> {
        Some(Self { low: self.low.checked_sub(other.high)?, high: self.high.checked_sub(other.low)? })
    }

    /// The middle half of it.
    pub(crate) fn halved(&self) -> Option<Self> {
        let quarter = self.high.checked_sub(self.low)?.checked_div(Decimal::from(4))?;
        Some(Self { low: self.low.checked_add(quarter)?, high: self.high.checked_sub(quarter)? })
    }

    /// So many percent as a multiple: 250 % are 2.5.
    pub(crate) fn hundredth(&self) -> Option<Self> {
        let hundredth = |end: Decimal| end.checked_div(Decimal::ONE_HUNDRED);
        Some(Self { low: hundredth(self.low)?, high: hundredth(self.high)? })
    }

    /// This as a percentage of `whole`; nothing for a whole that may be 0.
    pub(crate) fn percent_of(&self, whole: &Self) -> Option<Self> {
        let percent =
            |part: Decimal, whole: Decimal| part.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(whole);
        if whole.low <= Decimal::ZERO {
            return None;
        }
        Some(Self { low: percent(self.low, whole.high)?, high: percent(self.high, whole.low)? })
    }

    /// By how many percent this is more than `base`.
    pub(crate) fn growth_from(&self, base: &Self) -> Option<Self> {
        let ratio = self.percent_of(base)?;
        let less = |percent: Decimal| percent.checked_sub(Decimal::ONE_HUNDRED);
        Some(Self { low: less(ratio.low)?, high: less(ratio.high)? })
    }

    /// The same with the other sign.
    pub(crate) fn negated(&self) -> Self {
        Self { low: -self.high, high: -self.low }
    }
}

/// One of the last place that is not 0: 1000 of 7000, 10 of 8360.
fn magnitude(value: Decimal) -> Decimal {
    let mut place = Decimal::ONE;
    let mut rest = value.trunc();
    while !rest.is_zero() && (rest % Decimal::TEN).is_zero() {
        rest /= Decimal::TEN;
        place *= Decimal::TEN;
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str, scale: u32, more: bool, lead: &str, tail: &str) -> [String; 2] {
        let value: Decimal = value.parse().unwrap();
        let interval = Interval::of(value, 0, scale.into(), more, lead, tail, false).unwrap();
        [interval.low, interval.high].map(|end| end.normalize().to_string())
    }

    #[test]
    fn words_of_approximation_widen_a_figure() {
        assert_eq!(of("386", 1, false, "", ""), ["386", "386"]);
        assert_eq!(of("300", 1, true, "", ""), ["300", "400"]);
        assert_eq!(of("12000", 10_000, false, "", ""), ["7000", "17000"]);
        assert_eq!(of("300", 1, false, "近", ""), ["200", "300"]);
        assert_eq!(of("300", 1, false, "", "以上"), ["300", "600"]);
        assert_eq!(of("300", 1, false, "约", ""), ["200", "400"]);
    }

    #[test]
    fn nothing_is_divided_by_nothing_and_no_bound_is_crossed() {
        let zero = Interval::between(Decimal::ZERO, Decimal::ZERO);
        let most = Interval::between(Decimal::MAX, Decimal::ONE);
        assert_eq!(zero.percent_of(&zero), None);
        assert_eq!(most.plus(&most), None);
        assert_eq!(most.percent_of(&most), None);
        assert_eq!(most.growth_from(&zero), None);
        assert_eq!(Interval::of(Decimal::MAX, 0, Decimal::ONE, true, "", "", false), None);
        assert_eq!(most.negated().low, Decimal::MIN);
        assert!(most.meets(&most) && !zero.meets(&most));
    }
}
