//! The part of a year that a sentence speaks of: 2024年上半年, 前三季度, 1—10月, 一至十月份, 截至11月底, 截至目前.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::lists;
use super::numerals::{is_place, place};

/// A stretch of time from a year's first day on, as a sentence names it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Period {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// The year, if it is written; 去年 is a year of its own.
    pub year: Option<PeriodYear>,
    pub end: PeriodEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PeriodYear {
    Written(u16),
    Last,
}

/// Until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PeriodEnd {
    /// The last month, and the day if it is not the month's last.
    Month(u8, Option<u8>),
    /// 目前, 当前: whenever that was written.
    Now,
}

impl PeriodEnd {
    pub(crate) fn is_year_end(self) -> bool {
        matches!(self, Self::Month(12, None | Some(31)))
    }
}

const YEAR: &str = r"(?:((?:19|20)[0-9][0-9])年度?|(去年|上年度?)|今年|本年度?|当年)?";
const MONTH: &str = r"([0-9]{1,2}|十[一二]?|[一二三四五六七八九])月";

static UNTIL: LazyLock<Regex> = LazyLock::new(|| {
    lists::pattern(&format!(
        r"(?:截[至止](?:到|于|了)?|(?:年初|以来)[至到]|(?:^|[，。；！？])[到至])\s*{YEAR}{MONTH}(?:底|末|份|[上中下]旬|([0-9]{{1,2}})[日号])?"
    ))
});
static FROM_JANUARY: LazyLock<Regex> = LazyLock::new(|| {
    lists::pattern(&format!(
        r"(?:^|[^0-9年月十]){YEAR}(?:1|一)月?(?:份|1日|1号)?\s*[-－—–−~～至到]+\s*{MONTH}(?:底|末|份|([0-9]{{1,2}})[日号])?"
    ))
});
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    lists::pattern(&format!(
        r"{YEAR}(上半年|(?:前|上)三个?季度|(?:第?一|1)季?度?[-－—–~～至到]+第?(?:三|3)季度|一二三季度|(?:第?[一二三]|[123])季度末|一、二、三季度|(?:前|上)(?:两|二)个?季度|第?一季度|首季度?|[前头]([一二三四五六七八九十]{{1,2}}|[0-9]{{1,2}})个?月)"
    ))
});
static NOW: LazyLock<Regex> = LazyLock::new(|| {
    lists::pattern(
        r"截[至止][^，。；0-9]{0,6}(?:起草|成稿|定稿|撰稿|报送|上报)(?:之?[日时])?|截[至止](?:到|于)?(?:目前|当前|现在|日前|今日|发稿|报告(?:之)?日|本报告)(?:为止)?|(?:^|[，。；！？])(?:到目前为止|目前为止)",
    )
});

/// The periods of a text that begin with a year, in no particular order.
pub(crate) fn periods(text: &str) -> Vec<Period> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('月') {
        found.extend(until_month(text, at));
    }
    if ["上半年", "季度", "个月", "前十"].iter().any(|word| text.contains(word)) {
        found.extend(NAMED.captures_iter(text).filter_map(|written| {
            let name = written.get(3)?.as_str();
            let months = match written.get(4) {
                Some(months) => month(months.as_str())?,
                None if name.starts_with("上半") || name.contains("两") || name.contains("二个") => 6,
                None if name.ends_with("二季度末") || name.ends_with("2季度末") => 6,
                None if name.contains('三') || name.contains('3') => 9,
                None => 3,
            };
            Some(period(&written, PeriodEnd::Month(months, None)))
        }));
    }
    // 截至目前, 到目前为止.
    if text.contains('截') || text.contains("目前为止") {
        found.extend(NOW.captures_iter(text).map(|written| period(&written, PeriodEnd::Now)));
    }
    found
}

/// The period whose last month is written before this 月, if one is.
fn until_month(text: &str, at: usize) -> Option<Period> {
    // Most months are of a day: only 至, 截至 or a dash before the month and its year can make it an end.
    let before_number = text[..at].trim_end_matches(|c: char| c.is_ascii_digit() || is_place(c));
    let before_year = match before_number.trim_end_matches('度').strip_suffix('年') {
        Some(year) => year
            .trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '今' | '本' | '去' | '上' | '当')),
        None => before_number,
    };
    let ends = ['至', '止', '到', '于', '了', '-', '－', '—', '–', '−', '~', '～'];
    if before_number.len() == at || !before_year.trim_end().ends_with(ends) {
        return None;
    }
    let start = text.floor_char_boundary(at.saturating_sub(FARTHEST));
    let end = text.ceil_char_boundary((at + LONGEST_DAY).min(text.len()));
    let window = &text[start..end];
    [&UNTIL, &FROM_JANUARY].into_iter().find_map(|pattern| {
        let written = pattern
            .captures_iter(window)
            .find(|written| written.get(3).is_some_and(|month| start + month.end() == at))?;
        let month = month(&written[3]).filter(|month| (1..=12).contains(month))?;
        let day = written.get(4).and_then(|day| day.as_str().parse().ok());
        let is_middle = written[0].ends_with("上旬") || written[0].ends_with("中旬");
        let end = PeriodEnd::Month(month, day.or(is_middle.then_some(20)));
        let period = period(&written, end);
        Some(Period { range: start + period.range.start..start + period.range.end, ..period })
    })
}

/// How far before a month its period may begin, and how much may follow it, in bytes.
const FARTHEST: usize = 60;
const LONGEST_DAY: usize = 16;

fn period(written: &Captures, end: PeriodEnd) -> Period {
    let whole = written.get(0).expect("the whole");
    // One mark or character before it may be there only to say where it begins.
    let lead = whole.as_str().chars().next().filter(|c| is_lead(*c)).map_or(0, char::len_utf8);
    let year = match (written.get(1), written.get(2)) {
        (Some(year), _) => year.as_str().parse().ok().map(PeriodYear::Written),
        (_, Some(_)) => Some(PeriodYear::Last),
        _ => None,
    };
    Period { range: whole.start() + lead..whole.end(), year: year.filter(|_| end != PeriodEnd::Now), end }
}

fn is_lead(c: char) -> bool {
    !c.is_ascii_digit() && !"截今本当去上前头第一二三首到至目年以".contains(c)
}

fn month(written: &str) -> Option<u8> {
    written.parse().ok().or_else(|| place(written).and_then(|month| u8::try_from(month).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_year_is_read_however_it_is_written() {
        let until = |text: &str| {
            periods(text).first().map(|one| (text[one.range.clone()].to_owned(), one.year, one.end))
        };
        let month = |month| PeriodEnd::Month(month, None);
        for (text, words, end) in [
            ("上半年，办理120件", "上半年", month(6)),
            ("今年前三季度办理120件", "今年前三季度", month(9)),
            ("第一至第三季度办理120件", "第一至第三季度", month(9)),
            ("1—10月，办理120件", "1—10月", month(10)),
            ("全区1至10月份办理120件", "1至10月份", month(10)),
            ("一至十一月办理120件", "一至十一月", month(11)),
            ("前十个月办理120件", "前十个月", month(10)),
            ("截止12月3日办理120件", "截止12月3日", PeriodEnd::Month(12, Some(3))),
            ("截至到11月底办理120件", "截至到11月底", month(11)),
            ("截至目前，办理120件", "截至目前", PeriodEnd::Now),
            ("截至12月31日，办理120件", "截至12月31日", PeriodEnd::Month(12, Some(31))),
        ] {
            assert_eq!(until(text), Some((words.to_owned(), None, end)), "{text}");
        }
        let named = until("截至2023年6月的积案");
        assert_eq!(named, Some(("截至2023年6月".to_owned(), Some(PeriodYear::Written(2023)), month(6))));
        assert_eq!(until("去年上半年办理98件").unwrap().1, Some(PeriodYear::Last));
        for text in ["2021—2025年分步实施，11月召开会议", "11月至12月", "三季度", "截至年底", "下半年"]
        {
            assert_eq!(until(text), None, "{text}");
        }
    }
}
