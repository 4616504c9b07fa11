use std::collections::HashMap;

use rust_decimal::Decimal;

use super::Reading;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::indicators::{IndicatorList, ListedIndicator};
use crate::language::quantity::CountedIn;
use crate::report::Indicator;

code! {
    /// 指标之间对不上
    ///
    /// 指标目录说明了哪些指标之间有什么关系：受理一般不比申请多，建议、提案是人大代表建议和政协提案相加。填的数不合这些关系，多半填错了一处。
    ///
    /// 错误：收到行政复议申请386件，受理行政复议案件395件。
    ///
    /// 正确：收到行政复议申请415件，受理行政复议案件395件。
    ///
    /// 内置的关系见 nianbao indicators，用 --indicators 可以换成自己的目录。约数，和计量单位不能换算的，不比较；报告里说明含上年结转的，不查谁比谁多。
    ///
    /// 看不出：目录里没有写的关系；都填错了却凑得上的。
    pub(super) INDICATOR_RELATION = "indicator-relation", Warning
}

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let list = reading.context.settings.list();
    let mut figures: HashMap<String, ExactFigure> = HashMap::new();
    for (index, indicator) in reading.report.indicators.iter().enumerate() {
        let key = list.key_of(indicator.key(), &indicator.name);
        if let Some(figure) = ExactFigure::new(index, indicator, list.of_key(&key)) {
            figures.entry(key.into_owned()).or_insert(figure);
        }
    }
    let has_left_over = reading.has_word("结转");
    let mut found = Vec::new();
    for one in list.all() {
        let Some(figure) = figures.get(&*one.key) else { continue };
        if !has_left_over {
            let bounds = [(&one.part_of, "是它的一部分"), (&one.at_most, "一般不比它多")];
            for (bound, why) in bounds {
                let whole = bound.as_ref().and_then(|key| figures.get(&**key));
                found.extend(whole.and_then(|whole| exceeding(one, figure, whole, why)));
            }
        }
        found.extend(differing(one, figure, &figures));
    }
    found
}

/// An indicator whose value is exact.
struct ExactFigure<'a> {
    index: usize,
    indicator: &'a Indicator,
    counted: CountedIn,
    /// In the unit of measure without its multiple; and by how much it may be rounded.
    value: Decimal,
    rounding: Decimal,
}

impl<'a> ExactFigure<'a> {
    fn new(index: usize, indicator: &'a Indicator, known: Option<&ListedIndicator>) -> Option<Self> {
        let written = indicator.value.number().filter(|_| !indicator.approximate)?;
        let unit = indicator.unit.as_deref().or(known.and_then(ListedIndicator::unit)).unwrap_or_default();
        let counted = CountedIn::of(unit);
        // 386件 is a count; 1.2万件 lies between 11950 and 12050.
        let rounding = match counted.scale == Decimal::ONE && written.scale() == 0 {
            true => Decimal::ZERO,
            false => Decimal::new(5, written.scale().min(20) + 1).checked_mul(counted.scale)?,
        };
        let value = written.checked_mul(counted.scale)?;
        Some(Self { index, indicator, counted, value, rounding })
    }

    fn told(&self) -> String {
        format!(
            "“{}”{}{}",
            &*self.indicator.name,
            self.indicator.value,
            self.indicator.unit.as_deref().unwrap_or_default()
        )
    }

    fn at(&self, message: String, hint: &str) -> Diagnostic {
        INDICATOR_RELATION.at(crate::path!["indicators", self.index, "value"], message, hint)
    }
}

/// A figure that exceeds the one that it should not.
fn exceeding(
    one: &ListedIndicator,
    part: &ExactFigure,
    whole: &ExactFigure,
    why: &str,
) -> Option<Diagnostic> {
    if part.counted.measured != whole.counted.measured || is_impossible(one, part, whole) {
        return None;
    }
    let excess = part.value.checked_sub(whole.value)?;
    (excess > part.rounding + whole.rounding).then(|| {
        let message = format!("指标{}多于{}，按指标目录{why}", part.told(), whole.told());
        part.at(message, "请核对这两个数；含上年结转的，请在报告里写明")
    })
}

/// Whether the program's own list calls it impossible, which another check tells.
fn is_impossible(one: &ListedIndicator, part: &ExactFigure, whole: &ExactFigure) -> bool {
    let own = IndicatorList::built_in().of_key(&one.key).and_then(|own| own.part_of.as_deref());
    own == Some(whole.indicator.key())
        && part.indicator.key() == &*one.key
        && part.indicator.unit == whole.indicator.unit
}

/// A figure that is not the sum of its parts; where some are not reported, one that they exceed already.
fn differing(
    one: &ListedIndicator,
    total: &ExactFigure,
    figures: &HashMap<String, ExactFigure>,
) -> Option<Diagnostic> {
    let parts: Vec<&ExactFigure> = one.sum_of.iter().filter_map(|key| figures.get(&**key)).collect();
    if parts.is_empty() || parts.iter().any(|part| part.counted.measured != total.counted.measured) {
        return None;
    }
    let sum = parts.iter().try_fold(Decimal::ZERO, |sum, part| sum.checked_add(part.value))?;
    let rounding = parts.iter().try_fold(total.rounding, |sum, part| sum.checked_add(part.rounding))?;
    let difference = sum.checked_sub(total.value)?;
    let is_wrong = match parts.len() == one.sum_of.len() {
        true => difference.abs() > rounding,
        // A single part above its whole is told as such.
        false => difference > rounding && parts.len() > 1,
    };
    is_wrong.then(|| {
        let told: Vec<String> = parts.iter().map(|part| part.told()).collect();
        let message = format!("指标{}不等于{}相加", total.told(), told.join("、"));
        total.at(message, "请核对总数和各分项；口径不同的，请改用别的名称")
    })
}
