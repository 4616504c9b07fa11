use std::sync::LazyLock;

use regex::Regex;

use super::Reading;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::numerals::scale;
use crate::language::quantity::MULTIPLES;

code! {
    /// 计量单位不统一
    ///
    /// 指标用了不常用的计量单位，汇总时就不能相加；同一份报告里案件有的用“件”、有的用“宗”，也让人疑心是两种东西。
    ///
    /// 错误：行政机关负责人出庭应诉率的单位写“件”；一处写“复议案件386件”，另一处写“诉讼案件128宗”。
    ///
    /// 正确：比率的单位写“%”；案件一律用“件”。
    ///
    /// “3宗土地”是地块的单位，不算。各指标的单位在指标目录里（nianbao indicators），可以在配置里改，或者用 --indicators 换成自己的目录。
    ///
    /// 看不出：程序不知道的指标用了什么单位；“万元”“亿元”写错一级的。
    pub(super) UNIT = "unit", Warning
}

/// Cases counted in 宗; a piece of land is counted in 宗 by right.
static BY_ZONG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:案件?|复议|诉讼|纠纷|调解|立案|办结|审结)[^，。；、地]{0,10}?([0-9]+(?:余|多)?宗)|([0-9]+(?:余|多)?宗)(?:行政|民事|刑事)?(?:案|复议|诉讼|纠纷)")
        .expect("a constant pattern")
});
static BY_JIAN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:案件|复议|诉讼|纠纷|立案|办结|审结)[^，。；、]{0,10}?[0-9]+(?:余|多)?件|[0-9]+(?:余|多)?件(?:行政|民事|刑事)?(?:案|复议|诉讼|纠纷)")
        .expect("a constant pattern")
});

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (index, indicator) in reading.report.indicators.iter().enumerate() {
        let Some(unit) = indicator.unit.as_deref() else { continue };
        let usual = usual(reading, indicator.key(), &indicator.name);
        if !usual.is_empty() && !usual.iter().any(|one| is_counted_in(unit, one)) {
            let path = crate::path!["indicators", index, "unit"];
            let message = format!("指标“{}”的单位是“{unit}”，通常是{}", &*indicator.name, usual.join("、"));
            found.push(UNIT.at(path, message, "请核对单位；确实不同的，请在名称里说明"));
        }
    }
    found.extend(mixed(reading));
    found
}

/// Whether a unit is this one, or a multiple of it that says how many times: 万件 of 件.
fn is_counted_in(unit: &str, one: &str) -> bool {
    let multiple = unit.strip_suffix(one).unwrap_or("?");
    multiple.is_empty() || (multiple.chars().all(|c| MULTIPLES.contains(c)) && scale(multiple).is_some())
}

/// The units that an indicator may have; none if nothing is known about it.
fn usual(reading: &Reading, key: &str, name: &str) -> Vec<String> {
    if let Some(own) = reading.context.settings.units.get(key) {
        return own.clone();
    }
    if let Some(known) = reading.context.settings.list().of_key(key).filter(|known| !known.units.is_empty()) {
        // ％ is the same sign.
        let also = known.units.iter().filter(|unit| &***unit == "%").map(|_| "％".to_owned());
        return known.units.iter().map(|unit| unit.to_string()).chain(also).collect();
    }
    let is_rate = key.ends_with("_rate")
        || (name.ends_with('率') && !name.ends_with("频率") && !name.ends_with("效率"));
    if is_rate { ["%", "％", "‰"].map(str::to_owned).to_vec() } else { vec![] }
}

/// Cases counted in 宗 where others are counted in 件.
fn mixed(reading: &Reading) -> Option<Diagnostic> {
    let mut prose = reading.prose().filter(|passage| passage.text.contains('宗'));
    prose.find_map(|passage| {
        let spots = BY_ZONG.captures_iter(&passage.text).filter_map(|zong| zong.get(1).or(zong.get(2)));
        let spot = spots.filter(|spot| !is_land(&passage.text[spot.end()..])).find(|_| has_jian(reading))?;
        let message = format!("“{}”里的“{}”用“宗”，别处的案件用“件”", passage.label(), spot.as_str());
        Some(passage.at(&UNIT, spot.range(), message, "请统一用“件”"))
    })
}

/// Whether what was counted is a piece of land: 12宗国有建设用地, whatever stands before it.
fn is_land(behind: &str) -> bool {
    let named = behind.split(['，', '。', '；', '、', '（', '\n']).next().unwrap_or_default();
    let named: String = named.chars().take(10).collect();
    ["土地", "用地", "地块", "宅基地", "耕地", "林地", "海域", "矿权"].iter().any(|land| named.contains(land))
}

fn has_jian(reading: &Reading) -> bool {
    reading.prose().any(|passage| BY_JIAN.is_match(&passage.text))
}
