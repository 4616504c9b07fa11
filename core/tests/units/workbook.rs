//! The workbook: what is written into it is what is read, and whatever else hands, Excel and worse
//! leave in it is taken for what it is or refused by sheet, row and column. `cases/workbook/`.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::sync::LazyLock;

use nianbao_core::diagnostic::{Diagnostic, Failed};
use nianbao_core::indicators::IndicatorList;
use nianbao_core::input::{self, Format as InputFormat};
use nianbao_core::intake::{DocumentForm, Extent, ListedContent, unpack, workbook};
use nianbao_core::report::{DocumentKind, Report, contract};
use nianbao_core::roster::own_row;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::desk::{files_in, of_tests, read, real_reports, sample};

/// How many workbooks the property is tried on.
const CASES: u32 = 64;

/// What each unit of a workbook says, or why the whole is refused.
pub fn read_workbook(bytes: &[u8]) -> Result<Vec<Unit>, String> {
    let folder = tempfile::tempdir().unwrap();
    let (path, plain) = (folder.path().join("征集表.xlsx"), folder.path().join("plain"));
    fs::write(&path, bytes).unwrap();
    fs::write(&plain, "").unwrap();
    let listing = unpack(&path, &path, &plain).map_err(|refused| refused.to_string())?;
    let plain = fs::read(&plain).unwrap();
    let part = |extent: Extent| &plain[extent.offset as usize..][..extent.length as usize];
    let units = listing.reports.into_iter().map(|listed| {
        let ListedContent::Document { form: DocumentForm::Contract(format), extent, notes } = listed.content
        else {
            panic!("a row is a document of the contract: {listed:?}")
        };
        let (report, mut findings) = match input::read(part(extent), format) {
            Ok(read) => (Some(read.value), vec![]),
            Err(Failed::Report(found)) => (None, found),
            Err(Failed::Program(error)) => panic!("{error}"),
        };
        let notes: workbook::Notes = serde_json::from_slice(part(notes.unwrap())).unwrap();
        notes.tell(&mut findings);
        Unit { source: listed.source, report, findings }
    });
    Ok(units.collect())
}

#[derive(Debug)]
pub struct Unit {
    source: String,
    pub report: Option<Report>,
    pub findings: Vec<Diagnostic>,
}

pub fn reports(bytes: &[u8]) -> Vec<Report> {
    let units = read_workbook(bytes).unwrap_or_else(|refused| panic!("{refused}"));
    units.into_iter().map(|unit| unit.report.unwrap_or_else(|| panic!("{:#?}", unit.findings))).collect()
}

/// A report with something in every field that the contract has.
pub fn full() -> Report {
    let mut json = serde_json::to_value(read(sample())).unwrap();
    json["edition"] = "formal".into();
    json["closing"] = "".into();
    json["header"]["secrecy"] = "内部".into();
    json["header"]["urgency"] = "特急".into();
    json["header"]["suffix"] = "".into();
    json["signature"]["seal"] = "space".into();
    for list in ["duties", "plans", "attachments"] {
        json[list][1]["body"][0] = json!({"lead": "一是带头。", "text": "全部做到。"});
    }
    json["allow"] = json!([{"code": "typo", "path": "measures[0]", "reason": "原文如此"}]);
    json["unplaced"] = json!([{"text": "下面汇报几点体会。", "note": "第9行"}]);
    read(&json.to_string())
}

/// Every field of the contract, by its path without indices, as far as a report has it.
fn fields(json: &Value, path: &str, found: &mut Vec<String>) {
    match json {
        Value::Null => {}
        Value::Object(fields) => {
            for (key, value) in fields {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                self::fields(value, &path, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fields(item, path, found)),
        _ => found.push(path.to_owned()),
    }
}

/// The same of the schema.
fn fields_of_schema(place: &Value, root: &Value, path: &str, found: &mut Vec<String>) {
    if let Some(reference) = place["$ref"].as_str() {
        return fields_of_schema(&root["$defs"][reference.trim_start_matches("#/$defs/")], root, path, found);
    }
    let mut is_leaf = true;
    for alternative in place["anyOf"].as_array().into_iter().flatten() {
        is_leaf &= alternative["$ref"].is_null() && alternative["properties"].is_null();
        if !alternative["$ref"].is_null() {
            fields_of_schema(alternative, root, path, found);
        }
    }
    if !place["items"].is_null() {
        return fields_of_schema(&place["items"], root, path, found);
    }
    for (key, field) in place["properties"].as_object().into_iter().flatten() {
        is_leaf = false;
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        fields_of_schema(field, root, &path, found);
    }
    if is_leaf {
        found.push(path.to_owned());
    }
}

#[test]
fn every_field_of_the_contract_has_its_column() {
    let report = full();
    let (mut known, mut filled) = (vec![], vec![]);
    let schema = contract::schema(DocumentKind::Report);
    fields_of_schema(schema, schema, "", &mut known);
    fields(&serde_json::to_value(&report).unwrap(), "", &mut filled);
    assert!(known.len() > 50, "{known:?}");
    let missing: Vec<&String> = known.iter().filter(|field| !filled.contains(field)).collect();
    assert!(missing.is_empty(), "the full report says nothing in {missing:?}");
    let bytes = workbook::write(std::slice::from_ref(&report), IndicatorList::built_in()).unwrap();
    assert_eq!(reports(&bytes), [report]);
}

#[test]
fn what_is_read_is_what_was_written() {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, random)
        .run(&prop::collection::vec(report(), 1..4), |written| {
            let written: Vec<Report> = written.iter().map(|json| read(&json.to_string())).collect();
            let bytes = match workbook::write(&written, IndicatorList::built_in()) {
                Ok(bytes) => bytes,
                Err(error) => return Err(TestCaseError::fail(error.to_string())),
            };
            prop_assert_eq!(reports(&bytes), written);
            Ok(())
        })
        .unwrap();
}

/// A text as hands and worse write it, without white space around it.
fn text() -> impl Strategy<Value = String> {
    const PIECES: [&str; 33] = [
        "依法行政",
        "386件",
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "_x0041_",
        "_x000D_",
        "&amp;",
        "<c>",
        "]]>",
        "\"",
        "'",
        "{{ x }}",
        "#read(\"/etc/passwd\")",
        "、",
        "；",
        "一\n二",
        "示例",
        "填写说明",
        "（空）年",
        "𠮷",
        "1-2",
        "2025-02-18",
        "0012",
        "1e5",
        "TRUE",
        "#REF!",
        "null",
        "~",
        "‘",
        " ",
        "　",
    ];
    let text =
        prop::collection::vec(prop::sample::select(&PIECES[..]), 1..5).prop_map(|pieces| pieces.concat());
    text.prop_map(|text| text.trim().to_owned()).prop_filter("says something", |text| !text.is_empty())
}

/// The same in one line.
fn line() -> impl Strategy<Value = String> {
    text().prop_map(|text| text.replace('\n', ""))
}

fn maybe<T: std::fmt::Debug + serde::Serialize>(
    strategy: impl Strategy<Value = T>,
) -> impl Strategy<Value = Value> {
    prop::option::of(strategy).prop_map(|value| json!(value))
}

fn list<T: std::fmt::Debug + serde::Serialize>(
    strategy: impl Strategy<Value = T>,
) -> impl Strategy<Value = Value> {
    prop::collection::vec(strategy, 0..4).prop_map(|values| json!(values))
}

fn body() -> impl Strategy<Value = Value> {
    list((maybe(line()), text()).prop_map(|(lead, text)| json!({"lead": lead, "text": text})))
}

fn figure() -> impl Strategy<Value = String> {
    prop::sample::select(&["0", "98.10", "-3", "15800", "无", "不适用", "0012"][..]).prop_map(str::to_owned)
}

fn table() -> impl Strategy<Value = Value> {
    (1usize..5, 0usize..4).prop_flat_map(|(width, height)| {
        let cell = prop_oneof![text(), Just(String::new())];
        let row = prop::collection::vec(cell, width);
        (prop::collection::vec(line(), width), prop::collection::vec(row, height))
            .prop_map(|(columns, rows)| json!({"columns": columns, "rows": rows}))
    })
}

fn report() -> impl Strategy<Value = Value> {
    let choice = |values: &'static [&'static str]| prop::sample::select(values).prop_map(Value::from);
    let measures = list(
        (maybe(line()), maybe(choice(&["decisions", "digital", "leadership"])), body())
            .prop_map(|(heading, area, body)| json!({"heading": heading, "area": area, "body": body})),
    );
    let problems =
        list((text(), maybe(text()), maybe(text())).prop_map(
            |(problem, cause, detail)| json!({"problem": problem, "cause": cause, "detail": detail}),
        ));
    let duties = list(
        (maybe(line()), choice(&["party", "government", "both"]), body())
            .prop_map(|(heading, holder, body)| json!({"heading": heading, "holder": holder, "body": body})),
    );
    let plans = list((maybe(line()), list(1..99u32), maybe(line()), list(line()), body()).prop_map(
        |(heading, answers, lead, support, body)| {
            json!({"heading": heading, "answers": answers, "lead": lead, "support": support, "body": body})
        },
    ));
    let indicators = list(
        (line(), line(), figure(), maybe(line()), maybe(figure()), any::<bool>(), maybe(line())).prop_map(
            |(key, name, value, unit, previous, approximate, source)| {
                json!({"key": key, "name": name, "value": value, "unit": unit, "previous": previous,
                       "approximate": approximate, "source": source})
            },
        ),
    );
    let attachments = list(
        (line(), body(), maybe(table()))
            .prop_map(|(title, body, table)| json!({"title": title, "body": body, "table": table})),
    );
    let number = maybe(
        (line(), 2000..2100u16, 1..999_999u32)
            .prop_map(|(agency, year, number)| json!({"agency": agency, "year": year, "number": number})),
    );
    let header = maybe(
        (maybe(1..999_999u32), maybe(line()), list(line()), prop_oneof![Just(String::new()), line()], number)
            .prop_map(|(copy, secrecy, agencies, suffix, number)| {
                json!({"copy_number": copy, "secrecy": secrecy, "agencies": agencies, "suffix": suffix,
                       "document_number": number, "signatories": ["李明远"]})
            }),
    );
    let names = prop::collection::vec(line(), 1..3);
    let unit = (line(), maybe(line()), choice(&["government", "department"]), maybe(line()));
    (
        (unit, 2000..2100u16, maybe(text()), list(text()), list(line())),
        (measures, problems, duties, plans, list(text())),
        (indicators, attachments, header, names, prop_oneof![Just(String::new()), line()]),
    )
        .prop_map(|(first, second, third)| {
            let ((name, short_name, kind, code), year, title, preface, addressees) = first;
            let (measures, problems, duties, plans, other) = second;
            let (indicators, attachments, header, names, closing) = third;
            // One that repeats the full name says no more than none.
            let short_name = if short_name == json!(name) { Value::Null } else { short_name };
            json!({
                "year": year, "title": title, "preface": preface, "addressees": addressees,
                "issuer": {"name": name, "short_name": short_name, "kind": kind, "code": code},
                "measures": measures, "problems": problems, "duties": duties, "plans": plans, "other": other,
                "indicators": indicators, "attachments": attachments, "header": header, "closing": closing,
                "signature": {"names": names, "date": "2025-02-18"},
            })
        })
}

#[test]
fn what_a_workbook_cannot_carry_is_refused_when_it_is_written() {
    let with = |path: &str, value: Value| {
        let mut json = serde_json::to_value(full()).unwrap();
        *json.pointer_mut(path).unwrap() = value;
        read(&json.to_string())
    };
    let wide: Vec<String> = (0..17).map(|column| format!("{column}列")).collect();
    for (report, words) in [
        (with("/measures/0/body/0/text", "长".repeat(32_768).into()), "“文字”一格有 32768 字"),
        (with("/attachments/0/table", json!({"columns": wide, "rows": []})), "超过 16 列"),
        (
            with("/attachments/0/table", json!({"columns": ["甲", ""], "rows": []})),
            "“附件第1项 › 表格 › 表头",
        ),
        (with("/closing", "（空）".into()), "“结束语”的内容在表里写不出来"),
        (with("/preface/0", "不是\u{FFFF}字符".into()), "Excel 不能保存的字符"),
    ] {
        let refused = workbook::write(&[full(), report], IndicatorList::built_in()).unwrap_err().to_string();
        assert!(refused.contains("第2份（临江区）") && refused.contains(words), "{refused}");
        assert!(!refused.contains("第1份"), "{refused}");
    }
}

#[test]
fn what_makes_no_difference_is_not_carried_and_nothing_else_is_lost() {
    let mut json = serde_json::to_value(full()).unwrap();
    let plain = read(&json.to_string());
    json["measures"][0]["body"][0]["text"] =
        format!("　　{} ", json["measures"][0]["body"][0]["text"].as_str().unwrap()).into();
    json["measures"][0]["body"].as_array_mut().unwrap().push(json!({"lead": "", "text": " "}));
    json["problems"][0]["detail"] = "".into();
    let mut without = serde_json::to_value(&plain).unwrap();
    without["problems"][0]["detail"] = Value::Null;
    let bytes = workbook::write(&[read(&json.to_string())], IndicatorList::built_in()).unwrap();
    assert_eq!(reports(&bytes), [read(&without.to_string())]);
}

#[test]
fn the_blank_workbook_is_the_same_each_time_and_holds_no_report() {
    let sample = read(sample());
    let bytes = workbook::blank(&sample, IndicatorList::built_in());
    assert!(bytes == workbook::blank(&sample, IndicatorList::built_in()));
    assert_eq!(read_workbook(&bytes).unwrap_err().lines().count(), 1, "no unit, and no other fault");
}

#[test]
fn units_that_share_a_name_are_kept_apart() {
    let written = vec![full(), full(), full()];
    let bytes = workbook::write(&written, IndicatorList::built_in()).unwrap();
    assert_eq!(reports(&bytes), written);
    let sources: Vec<String> = read_workbook(&bytes).unwrap().into_iter().map(|unit| unit.source).collect();
    assert_eq!(sources[1], "工作表“报告单位”第4行（临江区（2））");
}

#[test]
fn rows_of_nobody_are_told_and_passed_over() {
    let text = "[报告单位]
报告单位 | 单位全称 | 报告年度 | 发文机关署名 | 成文日期
临江区 | 云州市临江区人民政府 | 2024 | 云州市临江区人民政府 | 2025-02-18
 | 云州市无名区人民政府 | 2024 | 云州市无名区人民政府 | 2025-02-18
[主要举措和成效]
报告单位 | 项 | 标题 | 文字
请按行填写，一段一行 | | | 这是说明。
临江区 | 1 | 甲 | 一。
别处的 | 1 | 乙 | 二。
";
    let bytes = of_case(text);
    let row = own_row(&bytes, "A1", &["临江区"]).unwrap();
    assert_eq!(row.report["measures"][0]["body"][0]["text"], "一。", "{row:?}");
    let mut found = vec![];
    row.tell(&mut found);
    let told: Vec<&Diagnostic> = found.iter().filter(|one| one.code == "nobodys-rows").collect();
    assert_eq!(told.len(), 1, "{found:#?}");
    for words in ["3 行", "第3行", "“请按行填写，一段一行”", "“别处的”"] {
        assert!(told[0].message.contains(words), "{words}: {}", told[0].message);
    }
    // Whose own row is not there is told of them too: it may be one of them.
    let refused = own_row(&bytes, "B2", &["西山县"]).unwrap_err();
    assert!(
        refused.contains("里面的单位是：云州市临江区人民政府") && refused.contains("“别处的”"),
        "{refused}"
    );
}

#[test]
fn each_workbook_is_told_as_its_case_states() {
    let mut wrong = String::new();
    let cases = files_in(&of_tests("cases/workbook"));
    assert!(cases.len() >= 9, "{cases:?}");
    for case in cases {
        let text = fs::read_to_string(&case).unwrap();
        let outcome = read_workbook(&of_case(&text));
        for fault in faults_of_case(&text, &outcome) {
            wrong += &format!("{}: {fault}\n", case.display());
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// What a case states and is not so.
fn faults_of_case(text: &str, outcome: &Result<Vec<Unit>, String>) -> Vec<String> {
    let stated = text.lines().filter_map(|line| line.strip_prefix("# ")?.split_once(": "));
    let stated: Vec<(&str, &str)> = stated.collect();
    assert!(!stated.is_empty(), "a case states something");
    let units = match outcome {
        Ok(units) => units,
        Err(refused) => {
            let is_stated = |(unit, words): &&(&str, &str)| *unit == "refused" && refused.contains(words);
            let wrong = stated.iter().filter(|one| !is_stated(one));
            return wrong.map(|(_, words)| format!("not told: {words}\n{refused}")).collect();
        }
    };
    let mut wrong = Vec::new();
    let mut told = 0;
    for (name, what) in stated {
        // Two rows may call themselves the same.
        let of_name = || units.iter().filter(|unit| unit.source.ends_with(&format!("（{name}）")));
        let Some(unit) = of_name().next() else {
            wrong.push(format!("there is no {name} among {units:?}"));
            continue;
        };
        if what == "nothing" {
            if unit.report.is_none() {
                wrong.push(format!("{name}: {:#?}", unit.findings));
            }
        } else if let Some((path, value)) = what.split_once(" =") {
            let json = serde_json::to_value(unit.report.as_ref()).unwrap();
            let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
            let found =
                json.pointer(&pointer).map(|value| value.as_str().map_or(value.to_string(), str::to_owned));
            if found.as_deref() != Some(value.trim()) {
                wrong.push(format!("{name}: {path} is {found:?}"));
            }
        } else {
            told += 1;
            let (place, words) = what.split_once(" | ").unwrap_or((what, ""));
            let is_it = |one: &Diagnostic| {
                let said = format!("{} {}", one.code, one.place.as_deref().unwrap_or_default());
                let all = format!("{}；{}", one.message, one.hint);
                said == place && words.split('；').all(|word| all.contains(word))
            };
            if !of_name().flat_map(|unit| &unit.findings).any(is_it) {
                wrong.push(format!("{name}: not told: {what}\n{:#?}", unit.findings));
            }
        }
    }
    let found: usize = units.iter().map(|unit| unit.findings.len()).sum();
    if found != told && wrong.is_empty() {
        wrong.push(format!("{found} findings, {told} stated: {units:#?}"));
    }
    wrong
}

/// The workbook that a case draws: `[sheet]`, then its rows, cells divided by bars.
fn of_case(text: &str) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let mut row = 0;
    let mut lines = text.lines().filter(|line| !line.starts_with('#')).peekable();
    while let Some(line) = lines.next() {
        let name = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'))
            .expect("a case begins with a sheet");
        let sheet = workbook.add_worksheet();
        let (name, is_hidden) = name.split_once(" hidden").map_or((name, false), |(name, _)| (name, true));
        sheet.set_name(name).unwrap().set_hidden(is_hidden);
        row = 0;
        while let Some(line) = lines.next_if(|line| !line.starts_with('[')) {
            let line = match line.strip_prefix("{hidden}") {
                Some(line) => {
                    sheet.set_row_hidden(row).unwrap();
                    line
                }
                None => line,
            };
            for (column, cell) in line.split('|').enumerate() {
                draw(sheet, row, column as u16, cell);
            }
            row += 1;
        }
    }
    assert!(row > 0 || text.contains("Sheet1"), "a case has rows");
    workbook.save_to_buffer().unwrap()
}

fn draw(sheet: &mut Worksheet, row: u32, column: u16, cell: &str) {
    let Some(kind) = cell.trim().strip_prefix('{').and_then(|cell| cell.strip_suffix('}')) else {
        if !cell.trim_matches(' ').is_empty() {
            sheet.write_string(row, column, cell.replace("\\n", "\n")).unwrap();
        }
        return;
    };
    let (kind, rest) = kind.split_once(' ').unwrap_or((kind, ""));
    match kind {
        "number" => {
            let (number, format) = rest.split_once(' ').unwrap_or((rest, "General"));
            let format = Format::new().set_num_format(format);
            sheet.write_number_with_format(row, column, number.parse::<f64>().unwrap(), &format)
        }
        "date" => {
            let format = Format::new().set_num_format("yyyy/m/d");
            sheet.write_datetime_with_format(
                row,
                column,
                ExcelDateTime::parse_from_str(rest).unwrap(),
                &format,
            )
        }
        "true" => sheet.write_boolean(row, column, true),
        "formula" => {
            let (formula, result) = rest.split_once(' ').unwrap();
            sheet.write_formula(row, column, Formula::new(formula).set_result(result))
        }
        "merge" => {
            let (rows, text) = rest.split_once(' ').unwrap();
            let last = row + rows.parse::<u32>().unwrap() - 1;
            sheet.merge_range(row, column, last, column, text, &Format::new())
        }
        other => panic!("a cell cannot be {{{other}}}"),
    }
    .unwrap();
}

/// A workbook with one of its parts changed.
fn with_part(bytes: &[u8], name: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut changed = ZipWriter::new(Cursor::new(Vec::new()));
    let mut found = false;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let of = part.name().unwrap().into_owned();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        if of == name {
            content = change(content);
            found = true;
        }
        changed.start_file(of, SimpleFileOptions::default()).unwrap();
        changed.write_all(&content).unwrap();
    }
    assert!(found, "no part {name}");
    changed.finish().unwrap().into_inner()
}

fn replaced(bytes: &[u8], part: &str, what: &str, with: &str) -> Vec<u8> {
    with_part(bytes, part, |content| {
        let text = String::from_utf8(content).unwrap();
        assert!(text.contains(what), "{part} has no {what}: {text}");
        text.replacen(what, with, 1).into_bytes()
    })
}

/// A small workbook with one unit.
static SMALL: LazyLock<Vec<u8>> = LazyLock::new(|| {
    of_case(
        "[报告单位]\n报告单位 | 单位全称 | 报告年度 | 发文机关署名 | 成文日期 | 单位代码\n\
         临江区 | 云州市临江区人民政府 | {number 2024} | 云州市临江区人民政府 | 2025-02-18 | {formula =1+1 7777}\n",
    )
});

const SHEET: &str = "xl/worksheets/sheet1.xml";
/// The place of a string that is added to those of the small workbook.
const LAST_STRING: usize = 9;
const STRINGS: &str = "xl/sharedStrings.xml";

#[test]
fn a_formula_that_was_never_worked_out_is_told() {
    let units = read_workbook(&replaced(&SMALL, SHEET, "<v>7777</v>", "")).unwrap();
    let finding = &units[0].findings[0];
    assert_eq!(finding.place.as_deref(), Some("工作表“报告单位”第2行F列“单位代码”"));
    assert!(finding.message.contains("没有算出结果的公式"), "{finding:?}");
}

#[test]
fn a_file_that_is_more_than_it_seems_is_refused() {
    let refused = |bytes: &[u8], words: &str| {
        let said = read_workbook(bytes).unwrap_err();
        assert!(said.contains(words), "{said}");
    };
    refused(b"", "不是完整的 .xlsx 工作簿");
    refused(b"PK\x03\x04 torn", "不是完整的 .xlsx 工作簿");
    refused(&SMALL[..SMALL.len() / 2], "不是完整的 .xlsx 工作簿");
    refused(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and more", "加了密码，或者是旧的 .xls 格式");
    // A bomb: blanks without end, in a part that nobody reads.
    refused(&with_part(&SMALL, "docProps/app.xml", |_| vec![b' '; 32 << 20]), "大得反常");
    // A list of strings that says it has room for all the memory there is.
    refused(
        &replaced(&SMALL, STRINGS, "uniqueCount=\"", "uniqueCount=\"99999999999"),
        "不是完整的 .xlsx 工作簿",
    );
    let rows: String = (0..200_001)
        .map(|row| format!("<row r=\"{0}\"><c r=\"A{0}\"><v>{0}</v></c></row>", row + 9))
        .collect();
    refused(&replaced(&SMALL, SHEET, "</sheetData>", &format!("{rows}</sheetData>")), "超过 200000 行");
    // One long string in cells without end.
    let text: String = (0..6000).map(|number| format!("{number}，")).collect();
    let long = replaced(&SMALL, STRINGS, "</sst>", &format!("<si><t>{text}</t></si></sst>"));
    let cells: String = (10..12_010)
        .map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>{LAST_STRING}</v></c></row>"))
        .collect();
    refused(&replaced(&long, SHEET, "</sheetData>", &format!("{cells}</sheetData>")), "超过 256 MiB");
}

#[test]
fn the_last_cell_of_all_takes_no_more_memory_than_the_first() {
    let far = "<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row></sheetData>";
    let units = read_workbook(&replaced(&SMALL, SHEET, "</sheetData>", far)).unwrap();
    let finding = &units[0].findings[0];
    assert_eq!(finding.place.as_deref(), Some("工作表“报告单位”第1048576行XFD列"));
    assert!(finding.message.contains("这一列没有表头"), "{finding:?}");
}

#[test]
fn no_damage_makes_the_reader_panic() {
    const PARTS: [&str; 6] = [
        SHEET,
        STRINGS,
        "xl/workbook.xml",
        "xl/styles.xml",
        "xl/_rels/workbook.xml.rels",
        "[Content_Types].xml",
    ];
    let whole = workbook::blank(&read(sample()), IndicatorList::built_in());
    let config = Config { cases: 300, failure_persistence: None, ..Config::default() };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let damage = (prop::sample::select(&PARTS[..]), any::<prop::sample::Index>(), 0usize..40, "[ -~]{0,12}");
    TestRunner::new_with_rng(config, random)
        .run(&(damage, any::<bool>()), |((part, at, length, with), is_small)| {
            let bytes = with_part(if is_small { &SMALL } else { &whole }, part, |mut content| {
                let start = at.index(content.len());
                let end = (start + length).min(content.len());
                content.splice(start..end, with.bytes());
                content
            });
            // Read or refused; only not broken down.
            drop(read_workbook(&bytes));
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_real_report_goes_through_the_workbook_whole() {
    let Some(folder) = real_reports("the workbook of real reports") else { return };
    let files = files_in(&folder.join("samples"));
    let written: Vec<Report> = files
        .iter()
        .map(|path| input::read(&fs::read(path).unwrap(), InputFormat::Yaml).unwrap().value)
        .collect();
    assert!(written.len() >= 2);
    let bytes = workbook::write(&written, IndicatorList::built_in()).unwrap();
    assert_eq!(reports(&bytes), written);
}
