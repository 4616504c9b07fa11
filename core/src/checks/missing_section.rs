use std::sync::LazyLock;

use regex::Regex;

use super::Reading;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::language::lists;
use crate::language::numerals::in_chinese;
use crate::report::{Paragraph, contract};

code! {
    /// 缺少规定的部分
    ///
    /// 《法治政府建设与责任落实督察工作规定》规定，年度报告要写四个部分：上一年度推进法治政府建设的主要举措和成效；存在的不足和原因；党政主要负责人履行推进法治建设第一责任人职责的有关情况；下一年度的主要安排。少一个部分，报告就会被退回。
    ///
    /// 错误：把第一责任人履职情况并入第一部分，不单独成篇（`duties` 是空的）。
    ///
    /// 正确：四个部分 `measures`、`problems`、`duties`、`plans` 各有内容。
    ///
    /// 只写“略”“无”“同上”的，也算没有写。看不出：写了文字、说的却是别的事。
    ///
    /// 2018 年度及以前的报告适用旧的纲要，不按这四个部分检查。从哪一年起、依据什么，登记在 checks/data/reporting.toml。
    pub(super) MISSING_SECTION = "missing-section", Error
}

/// What a text consists of that says nothing.
static EMPTY: LazyLock<Regex> = LazyLock::new(|| {
    let words: Vec<&str> = lists::lines(include_str!("data/empty_sections.txt")).collect();
    lists::pattern(&format!(r"\A(?:{})\z", words.join("|")))
});

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let Some(regulation) = reading.regulation() else { return vec![] };
    let report = reading.report;
    let says = |body: &[Paragraph]| body.iter().any(paragraph_says_something);
    let is_there = |section: &str| match section {
        "measures" => report.measures.iter().any(|measure| says(&measure.body)),
        "problems" => report.problems.iter().any(|problem| says_something(&problem.problem)),
        "duties" => report.duties.iter().any(|duty| says(&duty.body)),
        "plans" => report.plans.iter().any(|plan| says(&plan.body)),
        other => unreachable!("{other} is no section of a report"),
    };
    let missing = regulation.sections.iter().enumerate().filter(|(_, section)| !is_there(section));
    missing
        .map(|(index, section)| {
            let path = crate::path![section.as_str()];
            let ordinal = in_chinese(index + 1);
            let message = format!("规定的第{ordinal}部分“{}”没有内容", contract::label(&path));
            MISSING_SECTION.at(path, message, "请写出这一部分；它不能并入别的部分")
        })
        .collect()
}

/// A lead that announces a text says nothing if the text does not.
fn paragraph_says_something(paragraph: &Paragraph) -> bool {
    let text = if paragraph.text.trim().is_empty() {
        paragraph.lead.as_deref().unwrap_or_default()
    } else {
        &*paragraph.text
    };
    says_something(text)
}

/// Whether a text is more than marks and a word that stands for nothing.
fn says_something(text: &str) -> bool {
    let words = text.trim_matches(|c: char| !c.is_alphanumeric());
    !words.is_empty() && !EMPTY.is_match(words)
}
