use std::sync::LazyLock;

use regex::Regex;

use super::Context;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::report::{FieldPath, Report, contract};

code! {
    /// 年份前后不一
    ///
    /// 标题里的年份应与报告年度一致，下一年度的安排应写报告年度的后一年。沿用上年的文稿时最容易漏改。
    ///
    /// 错误：报告年度是 2024，标题写“2023年法治政府建设年度报告”，或者安排的开头写“2024年，我们将……”。
    ///
    /// 正确：标题写 2024 年，安排写 2025 年。
    ///
    /// “2021—2025年”一类的年限、“2023年以来”一类的起点不算。
    pub(super) YEAR_MISMATCH = "year-mismatch", Error
}

pub(super) fn find(report: &Report, _: &Context) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let Some(title) = &report.title {
        found.extend(mismatch(crate::path!["title"], title, report.year.number(), "报告年度"));
    }
    for (index, plan) in report.plans.iter().enumerate() {
        let path = crate::path!["plans", index];
        if let Some(heading) = &plan.heading {
            found.extend(mismatch(path.key("heading"), heading, report.year.next(), "下一年度"));
        }
        for (number, paragraph) in plan.body.iter().enumerate() {
            // Further on in a plan other years have their place; it is the opening that is left
            // from last year's report.
            let opening: String = paragraph.text.chars().take("2025年".chars().count()).collect();
            let is_start_of_span = paragraph
                .text
                .chars()
                .nth(5)
                .is_some_and(|next| matches!(next, '以' | '起' | '至' | '底' | '末'));
            if !is_start_of_span {
                found.extend(mismatch(
                    path.key("body").index(number),
                    &opening,
                    report.year.next(),
                    "下一年度",
                ));
            }
        }
    }
    found
}

/// Says so if `text` names years, but not the one that it should.
fn mismatch(path: FieldPath, text: &str, expected: u16, meaning: &str) -> Option<Diagnostic> {
    let years = years(text);
    let wrong = years.first().filter(|_| !years.contains(&expected))?;
    let message = format!("“{}”里写的是{wrong}年，{meaning}应为{expected}年", contract::label(&path));
    Some(YEAR_MISMATCH.at(path, message, "请核对年份；沿用上年文稿时容易漏改"))
}

/// The single years that a text names; a span such as 2021—2025年 names none.
fn years(text: &str) -> Vec<u16> {
    static YEAR: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(\d[年]?\s*[-－—–~～至]+\s*)?((?:19|20)\d\d)年").expect("a constant pattern")
    });
    YEAR.captures_iter(text)
        .filter(|year| year.get(1).is_none())
        .filter_map(|year| year[2].parse().ok())
        .collect()
}
