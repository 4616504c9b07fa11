use std::sync::LazyLock;

use regex::Regex;

use super::Reading;
use super::reading::{Passage, PassageKind};
use crate::code;
use crate::diagnostic::Diagnostic;

code! {
    /// 年份前后不一
    ///
    /// 标题和导语开头的年份应与报告年度一致，下一年度的安排应写报告年度的后一年。沿用上年的文稿时最容易漏改。
    ///
    /// 错误：报告年度是 2024，标题写“2023年法治政府建设年度报告”，或者安排的开头写“2024年，我们将……”。
    ///
    /// 正确：标题写 2024 年，安排写 2025 年。
    ///
    /// “2021—2025年”一类的年限、“2023年以来”一类的起点不算。
    pub(super) YEAR_MISMATCH = "year-mismatch", Error
}

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let (year, next) = (reading.report.year.number(), reading.report.year.next());
    let mismatch = |passage: &Passage| {
        let is_heading = passage.kind == PassageKind::Heading;
        let (expected, meaning) = match passage.section() {
            "title" => (year, "报告年度"),
            "plans" => (next, "下一年度"),
            "preface" if passage.path == crate::path!["preface", 0] => (year, "报告年度"),
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
