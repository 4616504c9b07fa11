use std::sync::LazyLock;

use regex::Regex;

use super::Reading;
use super::reading::{Passage, PassageKind};
use crate::code;
use crate::diagnostic::{Diagnostic, Severity};
use crate::language::lists;

code! {
    /// 年份前后不一
    ///
    /// 标题和导语开头的年份应与报告年度一致，下一年度的安排应写报告年度的后一年。沿用上年的文稿时最容易漏改。
    ///
    /// 错误：2024 年度的报告，举措的标题写“2023年规范行政执法情况”。
    ///
    /// 错误：报告年度是 2024，标题写“2023年法治政府建设年度报告”，或者安排的开头写“2024年，我们将……”。
    ///
    /// 正确：标题写 2024 年，安排写 2025 年。
    ///
    /// 正文一段开头说“2023年，……386件”、通篇没有提到报告年度的，作为警告提出。“2021—2025年”一类的年限、“2023年以来”一类的起点不算；“落实2023年审计整改”“对标2021年督察反馈”“筹备2025年立法”一类说的是别的年份的事，不算。
    ///
    /// 看不出：叙述里该是今年、写成别的年份，又说得通的；附件表格里的年份。
    pub(super) YEAR_MISMATCH = "year-mismatch", Error
}

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let (year, next) = (reading.report.year.number(), reading.report.year.next());
    let mismatch = |passage: &Passage| {
        let is_heading = passage.kind == PassageKind::Heading;
        if matches!(passage.section(), "measures" | "problems" | "duties") {
            return left_from_another_year(passage, year).or_else(|| told_as_last_years(passage, year));
        }
        let (expected, meaning) = match passage.section() {
            "title" => (year, "报告年度"),
            "plans" => (next, "下一年度"),
            "preface" => {
                let announced = announced(passage, year);
                if announced.is_some() || passage.path != crate::path!["preface", 0] {
                    return announced;
                }
                (year, "报告年度")
            }
            "attachments" if is_heading => return of_the_report(passage, year),
            _ => return None,
        };
        // Further on in a text other years have their place; it is the opening that is left from
        // last year's report.
        if is_heading {
            in_heading(passage, expected, meaning)
        } else {
            in_opening(passage, expected, meaning)
        }
    };
    reading.passages.iter().filter_map(mismatch).collect()
}

/// Says so if a heading of the report's own year, or a problem, is about another one: 2023年规范行政执法情况.
/// What is done about an earlier year's faults, 落实2023年审计整改, and what is prepared for a later one are right.
fn left_from_another_year(passage: &Passage, expected: u16) -> Option<Diagnostic> {
    static YEAR: LazyLock<Regex> = LazyLock::new(|| {
        lists::pattern(
            r"(?:^|[^0-9—\-－–~～至])((?:19|20)[0-9][0-9])年度?(?:(以来|以后|以前|之前|以|起|至|底|末|初|前|版|修[订正]|新修[订正]|[—\-－–~～]|[0-9])|)",
        )
    });
    let is_problem = passage.section() == "problems" && passage.path.pattern() == "problems.problem";
    if !(passage.kind == PassageKind::Heading || is_problem) {
        return None;
    }
    // Only what a problem begins with; further on it tells of what happened.
    let text = passage.text.split(['，', '。', '；', '：', '\n']).next().unwrap_or_default();
    let text = if is_problem { text } else { passage.text.as_str() };
    let has_digit = passage.has_mark(|mark| mark.is_ascii_digit());
    if !has_digit || !text.contains("20") && !text.contains("19") {
        return None;
    }
    if TOLD_OF_OTHER_YEARS.iter().any(|word| text.contains(word)) || text.contains(['《', '“']) {
        return None;
    }
    let years: Vec<_> = YEAR.captures_iter(text).collect();
    let number = |spot: &regex::Match| spot.as_str().parse::<u16>().ok();
    let spots: Vec<_> = years.iter().filter_map(|year| year.get(1)).collect();
    if spots.iter().any(|spot| number(spot) == Some(expected))
        || years.iter().any(|year| year.get(2).is_some())
    {
        return None;
    }
    let spot = spots.first()?;
    let begins = text[..spot.start()].trim().is_empty();
    let is_last_years = number(spot) == Some(expected - 1) && !is_problem;
    (begins || is_last_years).then(|| told(passage, spot.range(), expected, "报告年度"))
}

/// With these words a heading is right to name another year than its report's.
const TOLD_OF_OTHER_YEARS: [&str; 36] = [
    "整改",
    "反馈",
    "遗留",
    "结转",
    "督察",
    "督查",
    "审计",
    "巡视",
    "巡察",
    "回头看",
    "落实",
    "对标",
    "对照",
    "巩固",
    "总结",
    "回顾",
    "衔接",
    "承接",
    "谋划",
    "筹备",
    "准备",
    "计划",
    "安排",
    "规划",
    "考核",
    "评估",
    "评价",
    "较",
    "相比",
    "比",
    "延续",
    "接续",
    "积案",
    "旧案",
    "清理",
    "历史",
];

/// 现将2023年度法治政府建设情况报告如下.
fn announced(passage: &Passage, expected: u16) -> Option<Diagnostic> {
    static ANNOUNCED: LazyLock<Regex> = LazyLock::new(|| {
        lists::pattern(
            r"现[就将][^，。；《》]{0,16}?((?:19|20)[0-9][0-9])年度?[^，。；《》]{0,24}(?:如下|公布|公开)",
        )
    });
    let year = ANNOUNCED.captures(&passage.text)?.get(1)?;
    (year.as_str().parse() != Ok(expected)).then(|| told(passage, year.range(), expected, "报告年度"))
}

/// 2023年，全区办理案件386件: what is told of last year alone, in figures, as if it were this one's. It may be
/// meant.
fn told_as_last_years(passage: &Passage, expected: u16) -> Option<Diagnostic> {
    let last = format!("{}年", expected - 1);
    let rest = passage.text.trim_start().strip_prefix(&last)?.trim_start_matches('度');
    let says_other = [expected.to_string().as_str(), "今年", "本年", "以来", "增至", "目前"]
        .iter()
        .any(|word| rest.contains(word));
    let is_told =
        passage.is_prose() && rest.starts_with(['，', ',']) && !says_other && !passage.figures().is_empty();
    if !is_told || TOLD_OF_OTHER_YEARS.iter().any(|word| rest.contains(word)) {
        return None;
    }
    let start = passage.text.len() - passage.text.trim_start().len();
    let found = told(passage, start..start + 4, expected, "报告年度");
    Some(Diagnostic { severity: Severity::Warning, ..found })
}

/// The title of an attachment that is of the report's own figures: 2023年法治政府建设主要指标表.
fn of_the_report(passage: &Passage, expected: u16) -> Option<Diagnostic> {
    let is_own = ["法治政府", "主要指标", "年度报告"].iter().any(|word| passage.text.contains(word));
    let found = in_heading(passage, expected, "报告年度").filter(|_| is_own)?;
    Some(Diagnostic { severity: Severity::Warning, ..found })
}

/// Says so if a heading names years, but not the one that it should.
fn in_heading(passage: &Passage, expected: u16, meaning: &str) -> Option<Diagnostic> {
    // A span such as 2021—2025年 names no single year.
    static YEAR: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"([0-9][年]?\s*[-－—–~～至]+\s*)?((?:19|20)[0-9][0-9])年").expect("a constant pattern")
    });
    let years: Vec<_> = YEAR
        .captures_iter(&passage.text)
        .filter(|year| year.get(1).is_none())
        .filter_map(|year| year.get(2))
        .collect();
    let wrong = years.first()?;
    // A plan may look further ahead, 编制2026年立法计划, but not begin with such a year.
    let looks_ahead = |year: u16, start: usize| passage.section() == "plans" && year > expected && start > 0;
    let is_there = years.iter().any(|spot| {
        spot.as_str().parse().is_ok_and(|year| year == expected || looks_ahead(year, spot.start()))
    });
    (!is_there).then(|| told(passage, wrong.range(), expected, meaning))
}

fn in_opening(passage: &Passage, expected: u16, meaning: &str) -> Option<Diagnostic> {
    static OPENING: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^\s*((?:19|20)[0-9][0-9])年度?(.?)").expect("a constant pattern"));
    let opening = OPENING.captures(&passage.text)?;
    let year = opening.get(1)?;
    let begins_span = matches!(&opening[2], "以" | "起" | "至" | "底" | "末" | "—" | "-" | "来" | "初");
    let is_right = year.as_str().parse() == Ok(expected);
    (!begins_span && !is_right).then(|| told(passage, year.range(), expected, meaning))
}

fn told(passage: &Passage, year: std::ops::Range<usize>, expected: u16, meaning: &str) -> Diagnostic {
    let wrong = &passage.text[year.clone()];
    let message = format!("“{}”里写的是{wrong}年，{meaning}应为{expected}年", passage.label());
    passage.at(&YEAR_MISMATCH, year, message, "请核对年份；沿用上年文稿时容易漏改")
}
