//! The indicators of all units by what they measure: their values, their sums where adding makes sense, and
//! the year before of the same units.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rust_decimal::Decimal;

use super::UnitReport;
use super::units::UnitNames;
use crate::indicators::{IndicatorList, ListedIndicator};
use crate::language::quantity::{CountedIn, MeasuredIn, is_additive, percent_more};
use crate::report::{Indicator, IndicatorValue};

/// One indicator of all units that report it, in one unit of measure and its multiples.
pub(super) struct Total<'a> {
    pub key: String,
    pub name: &'a str,
    /// In which the sum and the span are told: the unit of measure that most units write.
    pub unit: String,
    scale: Decimal,
    /// Whether another total has its name and another unit of measure.
    is_apart: bool,
    pub is_additive: bool,
    /// Of each unit at most one, in the order of the units.
    pub contributions: Vec<Contribution<'a>>,
    /// Of shares: that it is one total over another, by their places among the totals.
    pub ratio: Option<Ratio>,
}

/// What one unit reports of an indicator.
pub(super) struct Contribution<'a> {
    pub unit: usize,
    /// Its place among the unit's indicators.
    pub index: usize,
    pub indicator: &'a Indicator,
    /// In the unit of measure without its multiple; nothing of 不适用 and of what no decimal holds.
    pub value: Option<Decimal>,
    pub before: Option<Decimal>,
}

/// A share of all units, computed again from two totals.
#[derive(Clone, Copy)]
pub(super) struct Ratio {
    pub numerator: usize,
    pub denominator: usize,
    pub percent: Decimal,
}

/// The sum of some units, and of the same ones a year before.
pub struct YearOnYear {
    pub units: usize,
    pub now: Decimal,
    pub before: Decimal,
}

/// All indicators of all units.
pub(super) struct Totals<'a> {
    pub list: Vec<Total<'a>>,
    pub remarks: Vec<String>,
}

/// The most totals among which a share's numerator and denominator are looked for.
const MOST_TRIED: usize = 40;

/// By what an indicator is the same as another.
fn key_of(indicator: &Indicator) -> Cow<'_, str> {
    IndicatorList::built_in().key_of(indicator.key(), &indicator.name)
}

/// What it is called: as the list has it.
fn name_of<'a>(indicator: &'a Indicator, key: &str) -> &'a str {
    IndicatorList::built_in().of_key(key).map_or(indicator.name.trim(), |known| &known.name)
}

/// The unit of measure that an indicator is written in; of a known one that has none the usual one.
fn unit_of<'a>(indicator: &'a Indicator, key: &str) -> &'a str {
    let written = indicator.unit.as_deref().map(str::trim).unwrap_or_default();
    let usual = || IndicatorList::built_in().of_key(key).and_then(ListedIndicator::unit);
    if written.is_empty() { usual().unwrap_or_default() } else { written }
}

impl<'a> Totals<'a> {
    pub(super) fn of(units: &[UnitReport<'a>], names: &UnitNames) -> Self {
        let mut remarks = Vec::new();
        let mut place: HashMap<(Cow<'a, str>, MeasuredIn), usize> = HashMap::new();
        let mut list: Vec<Total<'a>> = Vec::new();
        for (unit, one) in units.iter().enumerate() {
            let before = last_values(one);
            let (mut twice, mut differing) = (Vec::new(), Vec::new());
            for (index, indicator) in one.report.indicators.iter().enumerate() {
                let key = key_of(indicator);
                let written = unit_of(indicator, &key);
                let CountedIn { scale, measured } = CountedIn::of(written);
                let base = |value: &IndicatorValue| value.number()?.checked_mul(scale);
                let told_before = indicator.previous.as_ref().and_then(base);
                let known_before = before.get(&(key.clone(), measured.clone())).copied();
                if let (Some(told), Some(known)) = (told_before, known_before)
                    && told != known
                {
                    differing.push(indicator.name.trim());
                }
                let number = list.len();
                let at = *place.entry((key.clone(), measured)).or_insert(number);
                if at == number {
                    list.push(Total {
                        name: name_of(indicator, &key),
                        key: key.into_owned(),
                        unit: written.to_owned(),
                        scale,
                        is_apart: false,
                        is_additive: is_additive(&indicator.name, written),
                        contributions: vec![],
                        ratio: None,
                    });
                }
                let total = &mut list[at];
                if total.contributions.last().is_some_and(|last| last.unit == unit) {
                    twice.push(indicator.name.trim());
                    continue;
                }
                let value = base(&indicator.value);
                let before = known_before.or(told_before);
                total.contributions.push(Contribution { unit, index, indicator, value, before });
            }
            let name = names.name(unit);
            if !twice.is_empty() {
                remarks.push(format!("{name}的指标“{}”写了不止一次，按第一次计。", twice.join("”“")));
            }
            if !differing.is_empty() {
                let differing = differing.join("”“");
                remarks.push(format!("{name}本年报告里“{differing}”的上年数与上年报告不同，按上年报告计。"));
            }
        }
        list.iter_mut().for_each(Total::choose_unit);
        let mut totals = Self { list, remarks };
        totals.name_apart();
        totals.compute_shares();
        totals.tell(names);
        totals
    }

    /// Totals of one key in several units of measure get keys and names of their own.
    fn name_apart(&mut self) {
        let mut of_key: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, total) in self.list.iter().enumerate() {
            of_key.entry(&total.key).or_default().push(at);
        }
        let mut renamed = Vec::new();
        for (_, mut places) in of_key.into_iter().filter(|(_, places)| places.len() > 1) {
            places.sort_by_key(|at| (std::cmp::Reverse(self.list[*at].contributions.len()), *at));
            let told = |at: &usize| {
                let total = &self.list[*at];
                let unit = if total.unit.is_empty() { "没有写计量单位" } else { total.unit.as_str() };
                format!("{unit}（{}个单位）", total.contributions.len())
            };
            let told: Vec<String> = places.iter().map(told).collect();
            let remark = format!(
                "“{}”的计量单位不一致：{}，不能换算，分别汇总。",
                self.list[places[0]].name,
                told.join("、")
            );
            renamed.push((places, remark));
        }
        renamed.sort_by_key(|(places, _)| places.iter().min().copied());
        for (places, remark) in renamed {
            for (number, at) in places.into_iter().enumerate() {
                self.list[at].is_apart = true;
                if number == 0 {
                    continue;
                }
                self.list[at].key = format!("{}.{}", self.list[at].key, number + 1);
            }
            self.remarks.push(remark);
        }
    }

    /// Finds shares that are one total over another in every unit that has all three: those of all units
    /// are computed again.
    fn compute_shares(&mut self) {
        let counts: Vec<usize> = (0..self.list.len())
            .filter(|at| self.list[*at].is_additive && self.list[*at].contributions.len() > 1)
            .take(MOST_TRIED)
            .collect();
        let values: HashMap<usize, HashMap<usize, Decimal>> =
            counts.iter().map(|at| (*at, self.list[*at].values())).collect();
        for at in 0..self.list.len() {
            if CountedIn::of(&self.list[at].unit) != CountedIn::of("%") {
                continue;
            }
            let ratio = |numerator: usize, denominator: usize| {
                let (above, below) = (&values[&numerator], &values[&denominator]);
                self.list[at].ratio_of(above, below).map(|percent| Ratio { numerator, denominator, percent })
            };
            let pairs = counts.iter().flat_map(|one| counts.iter().map(move |other| (*one, *other)));
            let found = pairs.filter(|(one, other)| one != other).find_map(|(one, other)| ratio(one, other));
            self.list[at].ratio = found;
        }
    }

    fn tell(&mut self, names: &UnitNames) {
        let all: Vec<usize> = (0..names.len()).collect();
        // The indicators that the same units report, told together.
        let mut of_same: Vec<(Vec<usize>, Vec<usize>, Vec<String>)> = Vec::new();
        for total in &self.list {
            let name = total.label();
            let reporting: Vec<usize> = total.contributions.iter().map(|one| one.unit).collect();
            let missing: Vec<usize> =
                all.iter().copied().filter(|unit| reporting.binary_search(unit).is_err()).collect();
            if reporting.len() > 1 && !missing.is_empty() {
                match of_same.iter_mut().find(|(known, ..)| *known == reporting) {
                    Some((.., labels)) => labels.push(name.clone()),
                    None => of_same.push((reporting.clone(), missing, vec![name.clone()])),
                }
            }
            let without = |is: fn(&Contribution) -> bool| -> Vec<usize> {
                total.contributions.iter().filter(|one| is(one)).map(|one| one.unit).collect()
            };
            let not_applicable = without(|one| one.indicator.value == IndicatorValue::NotApplicable);
            if !not_applicable.is_empty() {
                self.remarks.push(format!("“{name}”对{}不适用，没有计入。", names.listed(&not_applicable)));
            }
            let too_long =
                without(|one| one.value.is_none() && one.indicator.value != IndicatorValue::NotApplicable);
            if !too_long.is_empty() {
                self.remarks
                    .push(format!("{}报送的“{name}”数值过大，不能计算，没有计入。", names.listed(&too_long)));
            }
            let scaled = total.contributions.iter().filter(|one| {
                let written = one.indicator.unit.as_deref().unwrap_or_default().trim();
                !written.is_empty() && CountedIn::of(written).scale != total.scale
            });
            let scaled: Vec<usize> = scaled.map(|one| one.unit).collect();
            if !scaled.is_empty() && total.is_additive {
                let listed = names.listed(&scaled);
                self.remarks.push(format!("{listed}报送的“{name}”换算成了“{}”。", total.unit));
            }
            if !total.is_additive && total.ratio.is_none() && total.unit.is_empty() && reporting.len() > 1 {
                self.remarks.push(format!("“{name}”没有写计量单位，没有合计。"));
            }
            if total.is_additive && total.sum().is_none() && reporting.len() > 1 && too_long.is_empty() {
                self.remarks.push(format!("“{name}”没有可以合计的数，或者合计过大。"));
            }
        }
        for (reporting, missing, labels) in of_same {
            let labels = labels.join("”“");
            self.remarks.push(if reporting.len() <= missing.len() {
                format!("“{labels}”只有{}报送。", names.listed(&reporting))
            } else {
                format!("{}没有报送“{labels}”。", names.listed(&missing))
            });
        }
    }
}

impl Total<'_> {
    /// The unit of measure that most write, of equal ones the first.
    fn choose_unit(&mut self) {
        let mut counts: Vec<(&str, usize)> = Vec::new();
        for one in &self.contributions {
            let written = unit_of(one.indicator, &self.key);
            match counts.iter_mut().find(|(unit, _)| *unit == written) {
                Some((_, count)) => *count += 1,
                None => counts.push((written, 1)),
            }
        }
        let most = counts.iter().map(|(_, count)| *count).max();
        if let Some((unit, _)) = counts.iter().find(|(_, count)| Some(*count) == most) {
            self.unit = (*unit).to_owned();
            self.scale = CountedIn::of(unit).scale;
        }
    }

    /// As it is called among others: with its unit of measure where the name alone is not enough.
    pub(super) fn label(&self) -> String {
        if self.is_apart && !self.unit.is_empty() {
            return format!("{}（{}）", self.name, self.unit);
        }
        self.name.to_owned()
    }

    fn values(&self) -> HashMap<usize, Decimal> {
        self.contributions.iter().filter_map(|one| Some((one.unit, one.value?))).collect()
    }

    /// A value as it is told, without its unit of measure.
    pub(super) fn shown(&self, value: Decimal) -> String {
        value.checked_div(self.scale).unwrap_or(value).normalize().to_string()
    }

    /// The sum over all units that report a number.
    pub(super) fn sum(&self) -> Option<Decimal> {
        let mut values = self.contributions.iter().filter_map(|one| one.value);
        let first = values.next()?;
        self.is_additive.then_some(())?;
        values.try_fold(first, Decimal::checked_add)
    }

    /// Whether a part of it is: 余, 约, or rounded in a larger multiple.
    pub(super) fn is_approximate(&self) -> bool {
        let is_rounded = |one: &Contribution| {
            let written = one.indicator.unit.as_deref().unwrap_or_default();
            CountedIn::of(written).scale > self.scale && one.value.is_some_and(|value| !value.is_zero())
        };
        self.contributions.iter().any(|one| one.indicator.approximate || is_rounded(one))
    }

    /// How many units report a number.
    pub(super) fn counted(&self) -> usize {
        self.contributions.iter().filter(|one| one.value.is_some()).count()
    }

    /// The sums of those units that have both years.
    pub(super) fn year_on_year(&self) -> Option<YearOnYear> {
        let both = self.contributions.iter().filter_map(|one| Some((one.value?, one.before?)));
        let mut year = YearOnYear { units: 0, now: Decimal::ZERO, before: Decimal::ZERO };
        for (now, before) in both {
            year.units += 1;
            year.now = year.now.checked_add(now)?;
            year.before = year.before.checked_add(before)?;
        }
        (self.is_additive && year.units > 0).then_some(year)
    }

    /// Whether every unit that reports a share reports it as one value over another, as exactly as it is
    /// written; then the share of their sums. Two units at least must say more than 0 or 100.
    fn ratio_of(&self, above: &HashMap<usize, Decimal>, below: &HashMap<usize, Decimal>) -> Option<Decimal> {
        let (mut telling, mut sum_above, mut sum_below) = (0, Decimal::ZERO, Decimal::ZERO);
        for one in &self.contributions {
            let Some(share) = one.value else { continue };
            let (above, below) = (above.get(&one.unit)?, below.get(&one.unit)?);
            (sum_above, sum_below) = (sum_above.checked_add(*above)?, sum_below.checked_add(*below)?);
            if below.is_zero() {
                continue;
            }
            let computed = above.checked_div(*below)?.checked_mul(Decimal::ONE_HUNDRED)?;
            let last_place = Decimal::new(1, share.scale().min(20));
            if computed.checked_sub(share)?.abs() >= last_place {
                return None;
            }
            telling += usize::from(!share.is_zero() && share != Decimal::ONE_HUNDRED);
        }
        let percent = sum_above.checked_div(sum_below)?.checked_mul(Decimal::ONE_HUNDRED)?;
        (telling > 1).then(|| percent.round_dp(2))
    }

    /// The total as a sentence without its mark; nothing where one unit alone has a number.
    pub(super) fn told(&self, all: &[Total], names: &UnitNames) -> Option<String> {
        let counted = self.counted();
        if counted < 2 {
            return None;
        }
        let unit = &self.unit;
        if let Some(ratio) = self.ratio {
            return Some(format!(
                "{}综合为{}%，由{counted}个单位的“{}”和“{}”合计数算得",
                self.name,
                ratio.percent.normalize(),
                all[ratio.numerator].name,
                all[ratio.denominator].name
            ));
        }
        if !self.is_additive {
            return self.told_span(names);
        }
        let about = if self.is_approximate() { "约" } else { "" };
        let sum = self.shown(self.sum()?);
        let start = format!("{}合计{about}{sum}{unit}（{counted}个单位报送）", self.name);
        let Some(year) = self.year_on_year().filter(|year| year.units > 1) else { return Some(start) };
        let growth = growth(year.now, year.before);
        let before = format!("{}{unit}", self.shown(year.before));
        Some(if year.units == counted {
            format!("{start}，上年为{before}，{growth}")
        } else {
            let now = self.shown(year.now);
            format!(
                "{start}，其中两年都有数据的{}个单位合计{now}{unit}，上年为{before}，{growth}",
                year.units
            )
        })
    }

    /// From where to where the values lie, and whose they are.
    fn told_span(&self, names: &UnitNames) -> Option<String> {
        let (name, unit) = (self.name, &self.unit);
        let values = || self.contributions.iter().filter_map(|one| Some((one.value?, one.unit)));
        let (lowest, _) = values().min()?;
        let (highest, _) = values().max()?;
        let counted = self.counted();
        let written = |value| format!("{}{unit}", self.shown(value));
        if lowest == highest {
            return Some(format!("{counted}个单位的{name}均为{}", written(lowest)));
        }
        let of = |value: Decimal| -> Vec<usize> {
            values().filter(|(one, _)| *one == value).map(|(_, unit)| unit).collect()
        };
        Some(format!(
            "{counted}个单位的{name}在{}（{}）到{}（{}）之间",
            written(lowest),
            names.first(&of(lowest), 3),
            written(highest),
            names.first(&of(highest), 3)
        ))
    }
}

/// How much more or less than the year before.
pub(super) fn growth(now: Decimal, before: Decimal) -> String {
    if now == before {
        return "与上年持平".into();
    }
    let Some(share) = percent_more(now, before) else { return "不计算增幅".into() };
    let word = if share > Decimal::ZERO { "增长" } else { "下降" };
    let rounded = share.abs().round_dp(2);
    if rounded.is_zero() {
        return "与上年基本持平".into();
    }
    format!("{word}{:.2}%", rounded)
}

/// What a unit reported last year, by key and what it is measured in.
fn last_values<'a>(unit: &UnitReport<'a>) -> HashMap<(Cow<'a, str>, MeasuredIn), Decimal> {
    let mut values = HashMap::new();
    for indicator in unit.last_year.iter().flat_map(|report| &report.indicators) {
        let key = key_of(indicator);
        let CountedIn { scale, measured } = CountedIn::of(unit_of(indicator, &key));
        let value = indicator.value.number().and_then(|value| value.checked_mul(scale));
        if let (Entry::Vacant(vacant), Some(value)) = (values.entry((key, measured)), value) {
            vacant.insert(value);
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_told_where_there_is_something_to_grow_from() {
        let told = |now: &str, before: &str| growth(now.parse().unwrap(), before.parse().unwrap());
        for (now, before, said) in [
            ("109", "100", "增长9.00%"),
            ("98.10", "100", "下降1.90%"),
            ("0", "3", "下降100.00%"),
            ("3", "0", "不计算增幅"),
            ("3", "-1", "不计算增幅"),
            ("0", "0", "与上年持平"),
            ("1000001", "1000000", "与上年基本持平"),
            ("79228162514264337593543950335", "1", "不计算增幅"),
        ] {
            assert_eq!(told(now, before), said, "{now} {before}");
        }
    }
}
