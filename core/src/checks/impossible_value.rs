use std::sync::LazyLock;

use regex::Regex;
use rust_decimal::Decimal;

use super::Reading;
use super::indicators::pairs;
use super::reading::{MOST, Passage};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::figures::{Dimension, Figure};
use crate::language::lists::{self, Pattern};
use crate::language::relations::{Moment, RELATIONS, WordList, against_its_verb, counts_before, direction};
use crate::report::Date;

code! {
    /// 不可能的数值
    ///
    /// 比率超过 100%，审结多于受理，一部分多于全部，件数是负的，日期不在日历上：这样的数不必核对原始数据就知道错了。
    ///
    /// 错误：受理行政复议案件386件，审结395件。负责人出庭应诉率102%。
    ///
    /// 正确：受理行政复议案件386件，审结359件。负责人出庭应诉率97.87%。
    ///
    /// 增长率、任务完成率可以超过 100%；句中或报告里说明含上年结转的，审结可以多于受理。
    ///
    /// 看不出：合情理却填错了的数；几个部门口径不同、放在一起才说不通的数。
    pub(super) IMPOSSIBLE_VALUE = "impossible-value", Error
}

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let has_left_over = reading.has_word("结转");
    let mut found = in_indicators(reading, has_left_over);
    let signed = reading.rare_passages(&NEGATIVE).filter(|passage| passage.is_prose());
    found.extend(signed.flat_map(negative));
    let dated = reading.prose().filter(|passage| passage.text.contains('月'));
    found.extend(dated.flat_map(no_such_day));
    for passage in reading.prose().filter(|passage| passage.section() != "plans") {
        for sentence in passage.figures() {
            for (index, figure) in sentence.figures.iter().enumerate() {
                found.extend(above_whole(passage, figure));
                found.extend(other_way(passage, &sentence.figures, index));
                let concluded =
                    || more_concluded(passage, &sentence.figures, index).filter(|_| !has_left_over);
                found.extend(more_than_whole(passage, &sentence.figures, index).or_else(concluded));
            }
        }
    }
    found
}

/// A rate or share above 100 %.
fn above_whole(passage: &Passage, figure: &Figure) -> Option<Diagnostic> {
    let is_above = figure.dimension == Dimension::Percent && figure.interval.low > Decimal::ONE_HUNDRED;
    if !is_above || figure.is_approximate {
        return None;
    }
    let before = &passage.text[figure.clause.start..figure.range.start];
    let rates = ["率", "占", "比例", "比重", "满意度", "安全感", "知晓度", "覆盖面", "公信力指数"];
    let is_rate = rates.iter().any(|rate| before.contains(rate));
    // 占计划的103%，超额完成任务: what follows in the sentence may say so, too.
    let behind = passage.text[figure.range.end..].split(['。', '；']).next().unwrap_or_default();
    let may_exceed = RELATIONS.unbounded.is_in(before) || behind.contains("超额");
    if !is_rate || may_exceed || direction(before).is_some() {
        return None;
    }
    let said = passage.text[figure.range.clone()].trim();
    let message = format!("“{}”里的比率{said}超过了100%", passage.label());
    Some(passage.at(&IMPOSSIBLE_VALUE, figure.range.clone(), message, "请核对这个比率"))
}

/// A minus before a count, behind a word: 3-5名 is a span.
pub(super) static NEGATIVE: LazyLock<Pattern> = LazyLock::new(|| {
    Pattern::new(r"[^\x00-\x7F％℃～—－−](\s*[-－−][0-9]+(?:件|宗|起|人|名|次|个|项|家|户|条|份|处))")
});

fn negative(passage: &Passage) -> Vec<Diagnostic> {
    let counts = NEGATIVE.captures_iter(&passage.text).filter_map(|count| count.get(1));
    let told = counts.take(MOST).map(|count| {
        let message = format!("“{}”里的{}是负数", passage.label(), count.as_str().trim());
        passage.at(&IMPOSSIBLE_VALUE, count.range(), message, "请核对；没有发生的写 0 或“无”")
    });
    told.collect()
}

static DAY: LazyLock<Regex> =
    LazyLock::new(|| lists::pattern(r"(?:((?:19|20)[0-9][0-9])年)?([0-9]{1,2})月([0-9]{1,2})[日号]"));

/// 3月5日至1日, 3月5日—3月1日.
static DAYS: LazyLock<Regex> = LazyLock::new(|| {
    lists::pattern(r"([0-9]{1,2})月([0-9]{1,2})日?\s*[-－—–−~～至]+\s*(?:([0-9]{1,2})月)?([0-9]{1,2})日")
});

/// 2月30日, 13月5日; and 3月5日至1日.
fn no_such_day(passage: &Passage) -> Vec<Diagnostic> {
    let wrong = DAY.captures_iter(&passage.text).filter(|day| {
        // Any leap year where none is said.
        let year = day.get(1).map_or("2024", |year| year.as_str());
        format!("{year}-{:0>2}-{:0>2}", &day[2], &day[3]).parse::<Date>().is_err()
    });
    let told = wrong.filter_map(|day| day.get(0)).take(MOST).map(|day| {
        let message = format!("“{}”里的{}不在日历上", passage.label(), day.as_str());
        passage.at(&IMPOSSIBLE_VALUE, day.range(), message, "请核对日期")
    });
    let backwards = DAYS.captures_iter(&passage.text).filter(|days| {
        let number = |at: usize| days.get(at).and_then(|written| written.as_str().parse::<u8>().ok());
        // From one year into the next, 12月20日至1月10日, nothing is backwards.
        number(3).is_none_or(|month| Some(month) == number(1)) && number(4) < number(2)
    });
    let backwards = backwards.filter_map(|days| days.get(0)).take(MOST).map(|days| {
        let message = format!("“{}”里的{}，后一天在前一天之前", passage.label(), days.as_str());
        passage.at(&IMPOSSIBLE_VALUE, days.range(), message, "请核对日期")
    });
    told.chain(backwards).collect()
}

/// 由1250件上升到1000件.
fn other_way(passage: &Passage, figures: &[Figure], index: usize) -> Option<Diagnostic> {
    let (base, is_up) = against_its_verb(&passage.text, figures, index)?;
    let said = |figure: &Figure| passage.text[figure.range.clone()].trim().to_owned();
    let verb = if is_up { "升" } else { "降" };
    let (from, to) = (said(base), said(&figures[index]));
    let message = format!("“{}”里说从{from}{verb}到{to}，升降写反了", passage.label());
    Some(passage.at(&IMPOSSIBLE_VALUE, figures[index].range.clone(), message, "请核对这两个数和升降"))
}

/// A part that exceeds its whole: 受理386件，其中调解395件; 应出庭94件，实际出庭95件; 审结9件，败诉12件.
fn more_than_whole(passage: &Passage, figures: &[Figure], index: usize) -> Option<Diagnostic> {
    let text = &passage.text;
    let part = &figures[index];
    let mut before = counts_before(figures, index);
    let whole = before
        .find(|one| one.is_like(part) && one.bracket == part.bracket)
        .filter(|whole| part.interval.low > whole.interval.high)?;
    let between = &text[whole.range.end..part.range.start];
    if between.contains('；')
        || ["累计", "另", "结转", "上年", "去年", "往年"].iter().any(|word| between.contains(word))
    {
        return None;
    }
    let is_of = |figure: &Figure, words: &WordList| words.is_in(&text[figure.before.clone()]);
    let stages = &RELATIONS.stages;
    let is_told_part = text[part.clause.start..part.range.start].contains("其中")
        || text[whole.after.clone()].trim_end().ends_with('中');
    let is_actual = is_of(whole, &stages.due) && is_of(part, &stages.actual);
    let is_outcome = is_of(part, &stages.outcomes) && is_of(whole, &stages.concluded)
        || is_of(part, &stages.taken_up) && is_of(whole, &stages.received)
        || is_of(part, &stages.found) && is_of(whole, &stages.checked);
    (is_told_part || is_actual || is_outcome).then(|| {
        let said = |figure: &Figure| text[figure.range.clone()].trim().to_owned();
        let message = format!("“{}”里的{}多于它所属的{}", passage.label(), said(part), said(whole));
        passage.at(&IMPOSSIBLE_VALUE, part.range.clone(), message, "请核对总数和其中的一部分")
    })
}

/// More concluded than there was to conclude.
fn more_concluded(passage: &Passage, figures: &[Figure], index: usize) -> Option<Diagnostic> {
    let text = &passage.text;
    let stages = &RELATIONS.stages;
    let concluded = &figures[index];
    let is_of = |figure: &Figure, words: &WordList| words.is_in(&text[figure.before.clone()]);
    let received = counts_before(figures, index).next().filter(|one| one.is_like(concluded))?;
    // Figures are compared sooner than words.
    if concluded.interval.low <= received.interval.high
        || !is_of(concluded, &stages.concluded)
        || is_of(concluded, &stages.received)
        || !is_of(received, &stages.received)
    {
        return None;
    }
    let between = &text[received.clause.start..concluded.clause.end];
    let is_excused = stages.left_over.is_in(between) || between.contains("累计");
    let moment = |figure: &Figure| Moment::of(&text[figure.before.clone()]);
    let is_excused = is_excused || moment(received).is_before(moment(concluded));
    (!between.contains('；') && !is_excused).then(|| {
        let said = |figure: &Figure| text[figure.range.clone()].trim().to_owned();
        let message = format!("“{}”里办结的{}多于受理的{}", passage.label(), said(concluded), said(received));
        passage.at(&IMPOSSIBLE_VALUE, concluded.range.clone(), message, "请核对；含上年结转的，请写明")
    })
}

fn in_indicators(reading: &Reading, has_left_over: bool) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let indicators = &reading.report.indicators;
    for (index, indicator) in indicators.iter().enumerate() {
        let Some(value) = indicator.value.number() else { continue };
        let path = crate::path!["indicators", index, "value"];
        let unit = indicator.unit.as_deref().unwrap_or_default();
        let may_exceed = RELATIONS.unbounded.is_in(&indicator.name);
        if matches!(unit, "%" | "％") {
            if value > Decimal::ONE_HUNDRED && !may_exceed {
                let message = format!("指标“{}”是{value}%，超过了100%", &*indicator.name);
                found.push(IMPOSSIBLE_VALUE.at(path, message, "请核对这个比率"));
            }
        } else if value < Decimal::ZERO {
            let message = format!("指标“{}”是负数{value}", &*indicator.name);
            found.push(IMPOSSIBLE_VALUE.at(path, message, "请核对；没有发生的写 0 或“无”"));
        }
    }
    if !has_left_over {
        for (index, part, whole) in pairs(indicators) {
            if part.value.number() > whole.value.number() {
                let path = crate::path!["indicators", index, "value"];
                let message =
                    format!("指标“{}”{}多于“{}”{}", &*part.name, part.value, &*whole.name, whole.value);
                found.push(IMPOSSIBLE_VALUE.at(path, message, "请核对；含上年结转的，请在报告里写明"));
            }
        }
    }
    found
}
