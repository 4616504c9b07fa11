use rust_decimal::Decimal;

use super::Reading;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::report::{Indicator, IndicatorValue};

code! {
    /// 百分数多半填成了小数
    ///
    /// 计量单位是“%”，数值却是 0.9548 一类不到 1 的小数：多半是把 95.48% 写成了小数。Excel 里百分比格式的一格，改成“常规”以后就是这样。
    ///
    /// 错误：行政机关负责人出庭应诉率，数值 0.9548，计量单位 %
    ///
    /// 正确：行政机关负责人出庭应诉率，数值 95.48，计量单位 %
    ///
    /// 三位以上的小数、与上年数值差一百倍的、出庭应诉率和满意度这类一般不会不到 1% 的，才提示；确实不到 1% 的不用改。
    ///
    /// 看不出：纠错率 0.86 是 0.86% 还是 86%。
    pub(super) FRACTION_FOR_PERCENT = "fraction-for-percent", Warning
}

/// Words of rates that nobody reports who has not nearly all.
const HIGH: [&str; 14] = [
    "出庭", "应诉", "满意", "办结", "合格", "覆盖", "审结", "完成", "办复", "采纳", "履行", "公开", "参与",
    "通过",
];

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (index, indicator) in reading.report.indicators.iter().enumerate() {
        let is_percent = indicator.unit.as_deref().is_some_and(|unit| matches!(unit.trim(), "%" | "％"));
        let value = indicator.value.number();
        let previous = indicator.previous.as_ref().and_then(IndicatorValue::number);
        for (field, value, other) in [("value", value, previous), ("previous", previous, value)] {
            let Some(value) = value.filter(|value| is_percent && is_fraction(indicator, *value, other))
            else {
                continue;
            };
            let meant = (value * Decimal::ONE_HUNDRED).normalize();
            let message = format!("指标“{}”写的是{value}%，多半是{meant}%", &*indicator.name);
            let hint = format!("是{meant}%的，填 {meant}；确实是{value}%的，不用改");
            let path = crate::path!["indicators", index, field];
            found.push(FRACTION_FOR_PERCENT.at(path, message, hint));
        }
    }
    found
}

/// Whether a value below 1 is a share of 1, as far as its digits, the value of the other year and the name tell.
fn is_fraction(indicator: &Indicator, value: Decimal, other: Option<Decimal>) -> bool {
    if value <= Decimal::ZERO || value > Decimal::ONE {
        return false;
    }
    let is_far = |other: Decimal| {
        let times = other / value;
        times > Decimal::from(50) && times < Decimal::from(200)
    };
    let is_high = HIGH.iter().any(|word| indicator.name.contains(word)) && !indicator.name.contains('不');
    value.normalize().scale() > 2 || other.is_some_and(is_far) || is_high
}
