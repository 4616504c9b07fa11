//! What the checks find in the real documents, finding by finding, each judged by hand. The
//! documents are read from the folder that `NIANBAO_REAL_REPORTS` names; those that nobody has
//! entered by hand are entered here as an import would: headings, paragraphs, marks in full width.
//! What is not in these lists would be a false alarm; by hand there was counted none.

use std::fs;

use nianbao_core::input::Format;
use serde_json::{Value, json};

use crate::desk::{Beside, findings_beside, read, real_reports, sample, seed};

/// Each code, how often, and why that is right.
type Expected = [(&'static str, usize)];

fn assert_finds(json: &Value, beside: &Beside, expected: &Expected) {
    let found = findings_beside(json.to_string().as_bytes(), Format::Json, beside);
    let count = |code: &str| found.iter().filter(|one| one.code == code).count();
    for (code, times) in expected {
        assert_eq!(count(code), *times, "{code}: {found:#?}");
    }
    let all: usize = expected.iter().map(|(_, times)| times).sum();
    assert_eq!(found.len(), all, "{found:#?}");
}

#[test]
fn chengyang_has_what_its_readers_saw() {
    let Some(folder) = real_reports("城阳 reviewed") else { return };
    let yaml = fs::read(folder.join("samples/chengyang-2024.yaml")).unwrap();
    let found: Vec<_> = findings_beside(&yaml, Format::Yaml, &Beside::default())
        .iter()
        .map(|one| format!("{} {}", one.code, one.path))
        .collect();
    // 「（三）是注重督促考核」; no word of 应诉 in figures, though the report has a list of them.
    assert_eq!(found, ["numbering duties[2].heading", "nil-unstated indicators"]);
}

#[test]
fn jinan_has_what_its_readers_saw() {
    let Some(folder) = real_reports("济南 reviewed") else { return };
    let mut report = entered(&seed(&folder, "002_"), 2020, "济南市人民政府", "city");
    let measures = report["measures"].as_array_mut().unwrap();
    let (plans, problems) = (measures.pop().unwrap(), measures.pop().unwrap());
    let problems = problems["body"].as_array().unwrap().iter().map(|one| json!({ "problem": one }));
    report["problems"] = problems.collect();
    report["plans"] = json!([{ "body": plans["body"] }]);
    assert_finds(
        &report,
        &Beside::default(),
        &[
            // Nothing on the first responsible person.
            ("missing-section", 1),
            ("problem-without-cause", 3),
            // 《法治政府建设实施纲要（2021-2025）》, without 年.
            ("misquoted-title", 1),
            // #p#分页标题#e# twice; the crawler's address and date before the first sentence.
            ("debris", 3),
        ],
    );
}

#[test]
fn dandong_has_what_its_readers_saw() {
    let Some(folder) = real_reports("丹东 reviewed") else { return };
    let mut report = entered(&seed(&folder, "003_"), 2021, "丹东市人民政府", "city");
    let mut last = report["measures"].as_array_mut().unwrap().pop().unwrap()["body"].take();
    report["problems"] = json!([{ "problem": last[0].take() }]);
    report["plans"] = json!([{ "body": [last[1].take()] }]);
    assert_finds(
        &report,
        &Beside::default(),
        &[
            // The first responsible person is a heading of section 1.
            ("missing-section", 1),
            ("problem-without-cause", 1),
            // 1599 of 1630 is 98.10 %, printed 98.04 %.
            ("ratio-mismatch", 1),
            // 比上一年增长130%: from how many?
            ("growth-without-base", 1),
            // The city's name, in ten paragraphs.
            ("spam", 10),
            // 显着成效
            ("typo", 1),
        ],
    );
}

#[test]
fn qingdao_has_what_its_readers_saw() {
    let Some(folder) = real_reports("青岛 reviewed") else { return };
    let mut digest = entered(&seed(&folder, "000_"), 2020, "青岛市人民政府", "city");
    // A press digest without sections: all of it stands before the first heading.
    digest["year"] = json!(2020);
    assert_finds(
        &digest,
        &Beside::default(),
        &[
            ("missing-section", 4),
            // 原文链接, 上一篇, 下一篇
            ("debris", 3),
            // 截至今年3月2日, 截至2020年11月底
            ("partial-year", 2),
            // 建全
            ("typo", 1),
            // Two sentences of the summary come again below it.
            ("duplicate-text", 2),
        ],
    );
}

#[test]
fn the_plan_of_jimo_is_held_against_a_report() {
    let Some(folder) = real_reports("即墨's plan") else { return };
    let plan = plan(&seed(&folder, "001_"));
    let sections = plan["sections"].as_array().unwrap().clone();
    let count: usize = sections.iter().map(|one| one["tasks"].as_array().unwrap().len()).sum();
    assert_eq!(count, 34);
    // A report that tells of every task but two.
    let told = sections.iter().flat_map(|one| one["tasks"].as_array().unwrap());
    let told = told.map(|task| task["text"].as_str().unwrap().to_owned());
    let is_left_out = |task: &String| task.contains("经济责任情况审计") || task.contains("财政事权");
    let body: Vec<String> = told.filter(|task| !is_left_out(task)).collect();
    let mut report = entered("", 2020, "青岛市即墨区人民政府", "county");
    report["measures"] = json!([{ "body": body }]);
    let beside = Beside { plan: Some(plan.to_string().into_bytes()), ..Beside::default() };
    let found = findings_beside(report.to_string().as_bytes(), Format::Json, &beside);
    let unfinished: Vec<&str> = found
        .iter()
        .filter(|one| one.code == "unfinished-task-unexplained")
        .map(|one| one.message.as_str())
        .collect();
    assert_eq!(unfinished.len(), 2, "{unfinished:#?}");
    assert!(unfinished.iter().any(|one| one.contains("国有资产")), "{unfinished:#?}");
    assert!(unfinished.iter().any(|one| one.contains("逐步推进区与镇")), "{unfinished:#?}");
}

/// The sample is well made: whatever is found in it is a false alarm.
#[test]
fn the_sample_has_no_finding() {
    let report = serde_json::to_vec(&read(sample())).unwrap();
    let found = findings_beside(&report, Format::Json, &Beside::default());
    assert!(found.is_empty(), "{found:#?}");
}

/// A text as a report: what stands before 一、 is the preface, each 一、 a heading of section 1.
fn entered(text: &str, year: u16, name: &str, level: &str) -> Value {
    let mut preface: Vec<String> = Vec::new();
    let mut measures: Vec<Value> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()).skip(1) {
        let line = in_full_width(line);
        match (numbered(&line), measures.last_mut()) {
            (Some(heading), _) => measures.push(json!({ "heading": heading, "body": [] })),
            (None, Some(measure)) => {
                let text =
                    line.strip_prefix('（').and_then(|rest| rest.split_once('）')).filter(|(number, _)| {
                        number.chars().count() <= 2
                            && number.chars().all(|c| "一二三四五六七八九十".contains(c))
                    });
                let text = text.map_or(line.as_str(), |(_, text)| text);
                measure["body"].as_array_mut().unwrap().push(json!(text));
            }
            (None, None) => preface.push(line),
        }
    }
    json!({
        "year": year,
        "issuer": { "name": name, "level": level },
        "title": format!("{name}{year}年法治政府建设年度报告"),
        "preface": preface,
        "measures": measures,
        "signature": { "names": [name], "date": format!("{}-02-20", year + 1) },
    })
}

/// A plan of work: its headings, and its tasks without the units that are to do them.
fn plan(text: &str) -> Value {
    let mut sections: Vec<Value> = Vec::new();
    for line in text.lines().map(|line| in_full_width(line.trim())) {
        if let Some(heading) = numbered(&line) {
            sections.push(json!({ "heading": heading, "tasks": [] }));
        } else if let (Some(section), Some((_, task))) =
            (sections.last_mut(), line.strip_prefix('（').and_then(|rest| rest.split_once('）')))
        {
            let task = task.split("（牵头单位").next().unwrap().split("[责任单位").next().unwrap();
            section["tasks"].as_array_mut().unwrap().push(json!({ "text": task }));
        }
    }
    json!({ "template": "work-plan", "year": 2020, "sections": sections })
}

/// 一、依法全面履行政府职能: the heading behind the number.
fn numbered(line: &str) -> Option<&str> {
    let (number, heading) = line.split_once('、')?;
    let is_number = number.chars().count() == 1 && number.chars().all(|c| "一二三四五六七八九十".contains(c));
    is_number.then_some(heading)
}

/// The crawler made all marks half-width; those between digits stay.
fn in_full_width(line: &str) -> String {
    let characters: Vec<char> = line.chars().collect();
    let is_digit = |index: Option<usize>| {
        index.and_then(|index| characters.get(index)).is_some_and(char::is_ascii_digit)
    };
    let is_address = |index: usize| characters.get(index + 1) == Some(&'/');
    let full = characters.iter().enumerate().map(|(index, c)| {
        let full = match c {
            ',' => '，',
            ':' => '：',
            ';' => '；',
            '(' => '（',
            ')' => '）',
            _ => return *c,
        };
        let is_in_number =
            matches!(c, ',' | ':') && is_digit(index.checked_sub(1)) && is_digit(Some(index + 1));
        if is_in_number || is_address(index) { *c } else { full }
    });
    full.collect()
}
