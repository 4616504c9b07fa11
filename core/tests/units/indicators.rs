//! What indicators come to in all units: the folders below `cases/indicators/`.

use std::fmt::Write;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use calamine::{Reader, Xlsx, open_workbook_from_rs};
use nianbao_core::compilation::{
    BookUnit, IndicatorBoard, IndicatorBook, IndicatorRecord, ProblemSketch, RankedIndicator, RankedLine,
    shared_problems,
};
use nianbao_core::indicators::IndicatorList;
use nianbao_core::input::{Format, Manuscript};
use serde_json::{Map, Value};

use crate::desk::{files_in, of_tests};

/// What each unit reports, in the order of the file; none without the file.
fn units_of(file: &Path) -> Vec<(String, Vec<IndicatorRecord>)> {
    let Ok(bytes) = fs::read(file) else { return vec![] };
    let tree = Manuscript::parse(&bytes, Format::Yaml).unwrap().tree().unwrap();
    let Value::Object(units) = tree else { panic!("{}", file.display()) };
    let records = |value: Value| -> Vec<IndicatorRecord> {
        value.as_array().unwrap().iter().map(|one| record(one.as_object().unwrap())).collect()
    };
    units.into_iter().map(|(unit, value)| (unit, records(value))).collect()
}

fn record(one: &Map<String, Value>) -> IndicatorRecord {
    let text = |key: &str| one.get(key).and_then(Value::as_str).map(str::to_owned);
    IndicatorRecord {
        key: text("key").unwrap_or_default(),
        name: text("name").unwrap(),
        unit: text("unit"),
        value: text("value").unwrap(),
        previous: text("previous"),
        approximate: one.get("approximate").is_some(),
    }
}

fn list_of(folder: &Path) -> Arc<IndicatorList> {
    match fs::read_to_string(folder.join("list.toml")) {
        Ok(text) => Arc::new(IndicatorList::read(&text).unwrap()),
        Err(_) => IndicatorList::built_in().clone(),
    }
}

fn told(ranked: &RankedIndicator, units: &[String], text: &mut String) {
    let about = |is: bool| if is { "约" } else { "" };
    write!(text, "{}（{}）", ranked.name, ranked.unit).unwrap();
    if ranked.is_namesake {
        write!(text, "〔{}〕", ranked.key).unwrap();
    }
    if let Some(sum) = ranked.sum() {
        write!(text, " {}合计{sum}", about(ranked.is_approximate())).unwrap();
    }
    if let Some(year) = ranked.year_on_year() {
        let of = match year.units == ranked.lines.len() {
            true => String::new(),
            false => format!("（{}个单位，本年{}）", year.units, year.now),
        };
        write!(text, " 上年{}{of} {}", year.before, year.growth()).unwrap();
    }
    if let Some(median) = ranked.median() {
        write!(text, " 中位数{}", median.normalize()).unwrap();
    }
    text.push('\n');
    for line in &ranked.lines {
        let rank = ranked.rank(line).map_or("－".to_owned(), |rank| rank.to_string());
        let growth = line.growth().map(|growth| format!(" {growth}")).unwrap_or_default();
        let value = line.shown();
        writeln!(text, "  {rank} {} {value}{growth}", units[line.unit]).unwrap();
    }
    let named = |lines: &[RankedLine]| -> Vec<String> {
        lines
            .iter()
            .map(|line| format!("{} {}{}", units[line.unit], line.written, line.written_unit))
            .collect()
    };
    if !ranked.apart.is_empty() {
        writeln!(text, "  另计：{}", named(&ranked.apart).join("、")).unwrap();
    }
    let missing: Vec<&str> = ranked.missing.iter().map(|unit| units[*unit].as_str()).collect();
    if !missing.is_empty() {
        writeln!(text, "  未报：{}", missing.join("、")).unwrap();
    }
}

#[test]
fn each_case_stands_as_stated() {
    let folders = files_in(&of_tests("cases/indicators"));
    assert!(folders.len() > 5, "the cases are found");
    let mut wrong = String::new();
    for folder in folders {
        let units = units_of(&folder.join("units.yaml"));
        let last_year = units_of(&folder.join("last-year.yaml"));
        let mut board = IndicatorBoard::new(list_of(&folder));
        for (number, (unit, records)) in units.iter().enumerate() {
            let last_year = last_year.iter().find(|(other, _)| other == unit);
            board.add(number, records, last_year.map_or(&[], |(_, records)| records));
        }
        let names: Vec<String> = units.into_iter().map(|(unit, _)| unit).collect();
        let all: Vec<usize> = (0..names.len()).collect();
        let mut text = String::new();
        board.ranked(&all).iter().for_each(|ranked| told(ranked, &names, &mut text));
        let expected = fs::read_to_string(folder.join("expected.txt")).unwrap();
        if text != expected {
            write!(wrong, "\n{}\n{text}", folder.display()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What stands in the workbook of a batch, hostile words included, is what was reported; the same gives the same bytes.
#[test]
fn the_workbook_of_a_batch_holds_every_value_of_both_years() {
    let hostile = "=cmd|' /C calc'!A0";
    let record = |key: &str, name: &str, value: &str, unit: &str, previous: Option<&str>| IndicatorRecord {
        key: key.into(),
        name: name.into(),
        unit: Some(unit.into()),
        value: value.into(),
        previous: previous.map(str::to_owned),
        approximate: false,
    };
    let mut board = IndicatorBoard::new(IndicatorList::built_in().clone());
    board.add(
        0,
        &[record("a", hostile, "1.2", "万户", Some("1")), record("b", "培训", "无", "期", None)],
        &[],
    );
    board.add(2, &[record("a", hostile, "9000", "户", None), record("b", "培训", "3", "人", None)], &[]);
    let ranked = board.ranked(&[0, 2]);
    let unit = |number: usize, name: &str| BookUnit { number, name: name.into(), year: Some(2024) };
    let book = IndicatorBook::new(vec![unit(0, "@甲区"), unit(2, "丙区")], &ranked);
    let bytes = book.write().unwrap();
    assert_eq!(bytes, book.write().unwrap());
    let mut read: Xlsx<Cursor<Vec<u8>>> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    assert_eq!(read.sheet_names(), ["汇总", "图", "本年", "上年", "排序", "指标"]);
    let rows = |read: &mut Xlsx<Cursor<Vec<u8>>>, sheet: &str| -> Vec<String> {
        let range = read.worksheet_range(sheet).unwrap();
        range.rows().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|")).collect()
    };
    let label = format!("{hostile}（万户）");
    assert_eq!(
        rows(&mut read, "本年"),
        [format!("序号|单位|{label}|培训（期）"), "1|@甲区|1.2|无".into(), "3|丙区|0.9|3人".into()]
    );
    assert_eq!(
        rows(&mut read, "上年"),
        [format!("序号|单位|{label}|培训（期）"), "1|@甲区|1|".into(), "3|丙区||".into()]
    );
    let all = rows(&mut read, "指标");
    assert!(all.contains(&format!("@甲区|2023|a|{hostile}|1|万户|")), "{all:?}");
    assert!(all.contains(&format!("丙区|2024|a|{hostile}|9000|户|")), "{all:?}");
    assert!(rows(&mut read, "汇总")[1].starts_with(&format!("{hostile}|万户|2|0|2.1|1|1.2|1|增长20.00%|")));
}

/// Problems that units state in other words are one, each unit once, those of most units first.
#[test]
fn problems_that_recur_across_units_are_told_once() {
    let sketch = |unit: usize, text: &str| (unit, ProblemSketch { text: text.into(), matter: None });
    let shared = shared_problems(&[
        sketch(0, "基层司法所力量薄弱"),
        sketch(0, "数据共享渠道不通"),
        sketch(1, "基层司法所人手不够"),
        sketch(2, "镇街司法所力量不足"),
        sketch(2, "镇街司法所力量薄弱"),
        sketch(3, "数据共享渠道还不通"),
        sketch(4, "普法宣传形式单一"),
    ]);
    let told: Vec<&[usize]> = shared.iter().map(|one| one.units.as_slice()).collect();
    assert_eq!(told, [&[0, 1, 2][..], &[0, 3]]);
}
