//! What indicators come to in all units: the folders below `cases/indicators/`.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use nianbao_core::compilation::{IndicatorBoard, IndicatorRecord, IndicatorStanding, StandingLine};
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

fn told(standing: &IndicatorStanding, units: &[String], text: &mut String) {
    let about = |is: bool| if is { "约" } else { "" };
    write!(text, "{}（{}）", standing.name, standing.unit).unwrap();
    if standing.is_namesake {
        write!(text, "〔{}〕", standing.key).unwrap();
    }
    if let Some(sum) = standing.sum() {
        write!(text, " {}合计{sum}", about(standing.is_approximate())).unwrap();
    }
    if let Some(year) = standing.year_on_year() {
        let of = match year.units == standing.lines.len() {
            true => String::new(),
            false => format!("（{}个单位，本年{}）", year.units, year.now),
        };
        write!(text, " 上年{}{of} {}", year.before, year.growth()).unwrap();
    }
    if let Some(median) = standing.median() {
        write!(text, " 中位数{}", median.normalize()).unwrap();
    }
    text.push('\n');
    for line in &standing.lines {
        let rank = standing.rank(line).map_or("－".to_owned(), |rank| rank.to_string());
        let growth = line.growth().map(|growth| format!(" {growth}")).unwrap_or_default();
        let value = line.shown();
        writeln!(text, "  {rank} {} {value}{growth}", units[line.unit]).unwrap();
    }
    let named = |lines: &[StandingLine]| -> Vec<String> {
        lines.iter().map(|line| format!("{} {}{}", units[line.unit], line.written, line.written_unit)).collect()
    };
    if !standing.apart.is_empty() {
        writeln!(text, "  另计：{}", named(&standing.apart).join("、")).unwrap();
    }
    let missing: Vec<&str> = standing.missing.iter().map(|unit| units[*unit].as_str()).collect();
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
        board.standings(&all).iter().for_each(|standing| told(standing, &names, &mut text));
        let expected = fs::read_to_string(folder.join("expected.txt")).unwrap();
        if text != expected {
            write!(wrong, "\n{}\n{text}", folder.display()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
