use std::collections::HashMap;

use super::Reading;
use super::reading::Passage;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::figures::{Dimension, Figure, Interval};
use crate::language::relations::{counts_before, growth, is_compared};
use crate::report::{Indicator, IndicatorValue};

code! {
    /// 增长没有基数
    ///
    /// “同比增长130%”如果不说从多少增长，读的人无从核对：从 1 件到 2 件也是增长一倍。有上年数值的，还要与它对得上。
    ///
    /// 错误：行政机关负责人出庭应诉83件，比上一年增长130%。
    ///
    /// 正确：行政机关负责人出庭应诉83件，较上年的36件增长130.56%；或者在指标里填上年数值 36。
    ///
    /// 基数写在前面、写在后面（“比上年的21亿元增至45.9亿元”）、写在括号里，或者写明增减多少件，都算有基数。
    ///
    /// 给出上年报告（--last-year）时，也与它的指标核对。
    ///
    /// 看不出：没有写出幅度的“明显增长”“大幅下降”；基数写在另一段里的（这时会误提）。
    pub(super) GROWTH_WITHOUT_BASE = "growth-without-base", Warning
}

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let mut found = other_than_last_year(reading);
    for passage in reading.prose().filter(|passage| passage.section() != "plans") {
        for sentence in passage.figures() {
            for index in 0..sentence.figures.len() {
                found.extend(in_figure(reading, passage, &sentence.figures, index));
            }
        }
    }
    found
}

fn in_figure(reading: &Reading, passage: &Passage, figures: &[Figure], index: usize) -> Option<Diagnostic> {
    let text = &passage.text;
    let change = &figures[index];
    if !matches!(change.dimension, Dimension::Percent | Dimension::Times) {
        return None;
    }
    let clause = &text[change.clause.start..change.range.end];
    // A rate grows by percentage points, from a rate; that is another matter.
    if !is_compared(text, change) || clause.contains('率') {
        return None;
    }
    let growth = growth(text, figures, index)?;
    // 增加74件，增长23.72% says from how many.
    let is_of_rate = figures[..index]
        .last()
        .is_some_and(|rate| rate.dimension == Dimension::Percent && text[rate.clause.clone()].contains('率'));
    if growth.base.is_some() || growth.by.is_some() || growth.has_bases || is_of_rate {
        return None;
    }
    let said = text[change.range.clone()].trim();
    let now = counts_before(figures, index).next();
    let bases: Vec<Interval> = now.map_or(vec![], |now| known_bases(reading, now));
    let Some(base) = bases.first() else {
        let is_whole = said.starts_with(['翻', '减']);
        let verb = [["下降", "增长"][usize::from(growth.is_up)], ""][usize::from(is_whole)];
        let message = format!("“{}”里说{verb}{said}，没有说从多少", passage.label());
        let hint = "请写明上年的数，如“较上年的312件增长23.72%”，或者在指标里填上年数值";
        return Some(passage.at(&GROWTH_WITHOUT_BASE, change.range.clone(), message, hint));
    };
    let agrees = |base: &Interval| {
        let change_from = growth.follows(change.dimension, base, &now?.interval)?;
        Some(change_from.meets(&change.interval))
    };
    if bases.iter().any(|base| agrees(base).unwrap_or(true)) {
        return None;
    }
    let message = format!("“{}”里说变化{said}，与指标里的上年数值{}不符", passage.label(), base.low);
    Some(passage.at(&GROWTH_WITHOUT_BASE, change.range.clone(), message, "请核对本年、上年的数和增幅"))
}

/// 上年数值 that are not what last year's report says.
fn other_than_last_year(reading: &Reading) -> Vec<Diagnostic> {
    let Some(last_year) = reading.context.last_year else { return vec![] };
    let known: HashMap<&str, &Indicator> = last_year.indicators.iter().map(|one| (one.key(), one)).collect();
    let mut found = Vec::new();
    for (index, indicator) in reading.report.indicators.iter().enumerate() {
        let (Some(previous), Some(last)) = (&indicator.previous, known.get(indicator.key())) else {
            continue;
        };
        let is_exact = !last.approximate && last.unit == indicator.unit;
        if is_exact && previous.number() != last.value.number() {
            let path = crate::path!["indicators", index, "previous"];
            let message =
                format!("指标“{}”的上年数值是{previous}，上年报告里是{}", &*indicator.name, last.value);
            found.push(GROWTH_WITHOUT_BASE.at(path, message, "请核对；口径有变的，请在报告里说明"));
        }
    }
    found
}

/// Last year's values of the indicators whose value is this figure.
fn known_bases(reading: &Reading, now: &Figure) -> Vec<Interval> {
    let exact = |value| Interval::between(value, value);
    let same = reading.report.indicators.iter().filter(|one| one.value.number() == Some(now.value));
    let before = |one: &Indicator| {
        let own = one.previous.as_ref().and_then(IndicatorValue::number);
        own.or_else(|| {
            let last = reading.context.last_year?.indicators.iter().find(|last| last.key() == one.key())?;
            last.value.number()
        })
    };
    same.filter_map(before).map(exact).collect()
}
