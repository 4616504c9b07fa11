//! Two real reports, read from the folder that `NIANBAO_REAL_REPORTS` names.

use std::fs;
use std::path::Path;

use nianbao::diagnostic::Failed;
use nianbao::input::Format;
use nianbao::report::{Edition, Paragraph, Report};
use nianbao::template::Purpose;

use crate::desk::{real_reports, seed};
use crate::pdf::Document;
use crate::workbench::{assert_same_text, assert_says_all, packed, pdf, read, render, told};

/// 城阳's report, which has lost half a number in one heading, allowed to be set as it was published.
fn chengyang(folder: &Path) -> String {
    let yaml = fs::read_to_string(folder.join("samples/chengyang-2024.yaml")).unwrap();
    yaml + "allow: [{code: numbering, path: 'duties[2].heading', reason: 原文如此}]\n"
}

#[test]
fn chengyang_is_set_whole_and_nothing_is_added() {
    let Some(folder) = real_reports("chengyang") else { return };
    let yaml = chengyang(&folder);
    assert_same_text(&pdf(&yaml, None).text(), &packed(&as_set(&read(&yaml))));
}

#[test]
fn chengyang_says_what_was_published() {
    let Some(folder) = real_reports("chengyang against its source") else { return };
    let yaml = chengyang(&folder);
    let published = without_marks(&seed(&folder, "004_"));
    let made = without_marks(&pdf(&yaml, None).text());
    // Section 2 was one paragraph there; the preface stands before the first heading.
    for (from, opening, to) in [
        ("一2024年推进法治政府建设的主要举措和", "成效", "二2024年"),
        ("三2024年党政主要负责人", "情况", "四2025年"),
        ("四2025年", "安排", "特此报告"),
    ] {
        // What stands below the heading: the heading itself is the template's.
        let part = |text: &str| {
            let start = text.find(from).unwrap_or_else(|| panic!("no “{from}”"));
            let text = &text[start..];
            let text = &text[text.find(opening).unwrap() + opening.len()..];
            text[..text.find(to).unwrap_or(text.len())].to_owned()
        };
        assert_same_text(&part(&made), &part(&published));
    }
}

#[test]
fn jinan_is_refused_for_what_it_lacks() {
    let Some(folder) = real_reports("jinan") else { return };
    let yaml = fs::read(folder.join("samples/jinan-2020.yaml")).unwrap();
    let refused = render(&yaml, Format::Yaml, None, Purpose::Issue);
    let Err(Failed::Report(found)) = refused else { panic!("it was not refused") };
    let found: Vec<_> = found.iter().map(|one| format!("{} at {}", one.code, one.path)).collect();
    assert_eq!(
        found,
        [
            "missing-section at duties",
            "problem-without-cause at problems[0].cause",
            "problem-without-cause at problems[1].cause",
            "problem-without-cause at problems[2].cause",
            "misquoted-title at plans[1].body[0].text",
            "late at signature.date",
        ]
    );
}

#[test]
fn jinan_is_drafted_with_its_gaps() {
    let Some(folder) = real_reports("jinan as a draft") else { return };
    let yaml = fs::read(folder.join("samples/jinan-2020.yaml")).unwrap();
    let drafted = render(&yaml, Format::Yaml, None, Purpose::Draft)
        .unwrap_or_else(|failed| panic!("{}", told(&failed)));
    let document = Document::read(drafted.value.artifact.bytes);
    for page in &document.pages {
        assert!(page.artifacts().contains("草稿"), "a page without 草稿: {}", page.artifacts());
    }
    let text = document.text();
    assert_eq!(text.matches("〔此处缺：这条不足的原因〕").count(), 3);
    assert_eq!(text.matches("〔此处缺：第三部分“第一责任人履职情况”〕").count(), 1);
    assert_eq!(text.matches("〔此处缺：").count(), 4);
    assert_says_all(&text, &read(std::str::from_utf8(&yaml).unwrap()), Edition::Public);
}

/// The text of a public report as it must be set, word for word: what its writer wrote, and the
/// numbers, section headings and connecting words that the template is there to add.
fn as_set(report: &Report) -> String {
    let year = report.year.number();
    let mut text = report.title.as_deref().unwrap().to_owned();
    let mut add = |part: &str| text += part;
    report.preface.iter().for_each(|paragraph| add(paragraph));
    add(&format!("一、{year}年推进法治政府建设的主要举措和成效"));
    for (index, measure) in report.measures.iter().enumerate() {
        add(&format!("（{}）{}", NUMERALS[index], measure.heading.as_deref().unwrap()));
        measure.body.iter().for_each(|paragraph| add(&paragraph_text(paragraph)));
    }
    add(&format!("二、{year}年推进法治政府建设存在的不足和原因"));
    for (index, problem) in report.problems.iter().enumerate() {
        let cause = problem.cause.as_deref().unwrap();
        add(&format!("{}是{}。主要原因是{cause}。", NUMERALS[index], &*problem.problem));
    }
    add(&format!("三、{year}年党政主要负责人履行推进法治建设第一责任人职责，加强法治政府建设的有关情况"));
    for (index, duty) in report.duties.iter().enumerate() {
        add(&format!("（{}）{}", NUMERALS[index], duty.heading.as_deref().unwrap()));
        duty.body.iter().for_each(|paragraph| add(&paragraph_text(paragraph)));
    }
    add(&format!("四、{}年推进法治政府建设的主要安排", report.year.next()));
    for plan in &report.plans {
        assert!(plan.heading.is_none() && plan.lead.is_none() && plan.support.is_empty());
        plan.body.iter().for_each(|paragraph| add(&paragraph_text(paragraph)));
    }
    add(&report.closing);
    report.signature.names.iter().for_each(|name| add(name));
    let date = report.signature.date;
    add(&format!("{}年{}月{}日", date.year(), date.month(), date.day()));
    assert!(report.other.is_empty() && report.attachments.is_empty() && report.notes.is_none());
    text
}

const NUMERALS: [&str; 10] = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];

fn paragraph_text(paragraph: &Paragraph) -> String {
    format!("{}{}", paragraph.lead.as_deref().unwrap_or_default(), &*paragraph.text)
}

/// Words and figures only: the source has its marks half-width, and 。 after run-in headings.
fn without_marks(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}
