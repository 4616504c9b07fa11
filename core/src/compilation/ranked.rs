//! What one indicator comes to in all units: who is where, the sum where adding makes sense, the middle, and the
//! year before.

use rust_decimal::Decimal;

use super::totals::{YearOnYear, growth};
use crate::language::quantity::is_additive;

/// One indicator in all units.
#[derive(Clone, Debug, PartialEq)]
pub struct RankedIndicator {
    pub key: String,
    pub name: String,
    /// Whether another indicator has its name, and another key.
    pub is_namesake: bool,
    /// What it is told in: the unit of measure that most units write.
    pub unit: String,
    pub is_prescribed: bool,
    /// From the highest value down; those without a number last. Equal ones in the order of the units.
    pub lines: Vec<RankedLine>,
    /// What is counted in something else, so that it cannot be compared.
    pub apart: Vec<RankedLine>,
    /// The units with a report that do not report it.
    pub missing: Vec<usize>,
}

/// What one unit reports of it.
#[derive(Clone, Debug, PartialEq)]
pub struct RankedLine {
    pub unit: usize,
    /// The value as it was written, and its unit of measure.
    pub written: String,
    pub written_unit: String,
    /// Whether it was written in another multiple than it is told in.
    pub is_converted: bool,
    /// In what all are told in; nothing of 不适用 and of what is counted in something else.
    pub value: Option<Decimal>,
    /// The year before.
    pub before: Option<Decimal>,
    pub approximate: bool,
}

impl RankedIndicator {
    pub(super) fn new(
        key: String,
        name: String,
        unit: String,
        is_prescribed: bool,
        mut lines: Vec<RankedLine>,
        apart: Vec<RankedLine>,
        missing: Vec<usize>,
    ) -> Self {
        lines.sort_by_key(|line| (std::cmp::Reverse(line.value), line.unit));
        Self { key, name, is_namesake: false, unit, is_prescribed, lines, apart, missing }
    }

    /// As it is called among others: with its key where another is called so, too.
    pub fn label(&self) -> String {
        if self.is_namesake { format!("{}〔代码 {}〕", self.name, self.key) } else { self.name.clone() }
    }

    /// How many units report it, in whatever it is counted.
    pub fn reported(&self) -> usize {
        self.lines.len() + self.apart.len()
    }

    fn values(&self) -> impl DoubleEndedIterator<Item = Decimal> {
        self.lines.iter().filter_map(|line| line.value)
    }

    /// The place of a line among all, from 1 for the highest; equal values share it.
    pub fn rank(&self, line: &RankedLine) -> Option<usize> {
        let value = line.value?;
        Some(1 + self.lines.partition_point(|other| other.value > Some(value)))
    }

    /// The value in the middle; of an even number that between the two of the middle.
    pub fn median(&self) -> Option<Decimal> {
        let values: Vec<Decimal> = self.values().collect();
        let (low, high) = (values.len().checked_sub(1)? / 2, values.len() / 2);
        if low == high {
            return Some(values[low]);
        }
        let sum = values[low].checked_add(values[high])?;
        Some(sum.checked_div(Decimal::TWO)?.round_dp(4).normalize())
    }

    pub fn highest(&self) -> Option<Decimal> {
        self.values().next()
    }

    pub fn lowest(&self) -> Option<Decimal> {
        self.values().next_back()
    }

    /// How much of the highest a value is, in four places; nothing where there is nothing to draw.
    pub fn share(&self, value: Decimal) -> Option<String> {
        let highest = self.values().map(|value| value.abs()).max().filter(|highest| !highest.is_zero())?;
        let share = value.checked_div(highest)?;
        (share > Decimal::ZERO).then(|| share.round_dp(4).to_string())
    }

    pub fn is_additive(&self) -> bool {
        is_additive(&self.name, &self.unit)
    }

    /// The sum over all units that report a number in what all are told in.
    pub fn sum(&self) -> Option<Decimal> {
        let mut values = self.values();
        let first = values.next().filter(|_| self.is_additive())?;
        Some(values.try_fold(first, Decimal::checked_add)?.normalize())
    }

    /// Whether a part of it is about.
    pub fn is_approximate(&self) -> bool {
        self.lines.iter().any(|line| line.approximate)
    }

    /// The sums of the units that have both years.
    pub fn year_on_year(&self) -> Option<YearOnYear> {
        let both = self.lines.iter().filter_map(|line| Some((line.value?, line.before?)));
        let mut year = YearOnYear { units: 0, now: Decimal::ZERO, before: Decimal::ZERO };
        for (now, before) in both {
            year.units += 1;
            year.now = year.now.checked_add(now)?;
            year.before = year.before.checked_add(before)?;
        }
        (self.is_additive() && year.units > 0).then_some(year)
    }
}

impl RankedLine {
    /// The value in what all are told in, with what was written where that is another multiple: 约0.3（3千户）.
    pub fn shown(&self) -> String {
        let about = if self.approximate { "约" } else { "" };
        match self.value {
            Some(value) if self.is_converted => {
                format!("{about}{}（{}{}）", value.round_dp(6).normalize(), self.written, self.written_unit)
            }
            _ => format!("{about}{}", self.written),
        }
    }

    /// How much more or less than the year before: 增长9.00%.
    pub fn growth(&self) -> Option<String> {
        Some(growth(self.value?, self.before?))
    }
}

impl YearOnYear {
    /// How much more or less than the year before: 增长9.00%.
    pub fn growth(&self) -> String {
        growth(self.now, self.before)
    }
}
