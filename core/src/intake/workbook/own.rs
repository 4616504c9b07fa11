//! The rows of a workbook one by one, as units return them filled in.

use std::io::Cursor;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::report::Notes;
use super::table::Workbook;
use crate::code;
use crate::diagnostic::{Code, Diagnostic};
use crate::input::{Format, Manuscript};
use crate::report::FieldPath;

code! {
    /// 征集表里有几个单位
    ///
    /// 报送的征集表里不只有本单位的一行。程序按单位代码或者名称取了本单位的，别的单位的没有读。
    ///
    /// 请核对取的是不是这一行。
    pub(super) ONE_OF_MANY = "one-of-many", Note
}

code! {
    /// 征集表里有不知道是谁的行
    ///
    /// 报送的征集表里，有的行没有填“报告单位”，或者写的单位“报告单位”表里没有，例如写在表下面的说明。程序取了本单位的行，这些行没有读。
    ///
    /// 是说明一类的，不用管，报送时写明原因就可以；是本单位的内容的，请在那一行的“报告单位”里填上本单位，再报送一次。
    pub(super) NOBODYS_ROWS = "nobodys-rows", Warning
}

/// How many rows of nobody are told one by one.
const TOLD: usize = 10;

/// The rows of all units in a workbook, and what is said of those that are nobody's.
pub struct UnitRows {
    pub rows: Vec<UnitRow>,
    strays: Vec<String>,
}

/// The report of a unit in a workbook.
#[derive(Debug, Serialize, Deserialize)]
pub struct UnitRow {
    /// As the row has it; empty where it has none.
    pub name: String,
    /// What its rows are keyed by.
    pub key: String,
    /// Where it stands, for people.
    pub source: String,
    /// What was written, as [`Manuscript::tree`] has it.
    pub report: Value,
    pub notes: Notes,
    /// How many units there are besides.
    others: usize,
    /// What is said of the first rows that are nobody's, and how many there are.
    strays: Vec<String>,
    stray_count: usize,
}

impl UnitRow {
    /// Says of findings about the report in which cell each stands, and that there were others.
    pub fn tell(&self, findings: &mut Vec<Diagnostic>) {
        self.notes.tell(findings);
        if self.others > 0 {
            let message = format!("征集表里有 {} 个单位，取的是{}", self.others + 1, self.source);
            findings.push(ONE_OF_MANY.at(FieldPath::root(), message, "请核对取的是不是本单位的"));
        }
        if !self.strays.is_empty() {
            let message = format!("有 {}", told(&self.strays, self.stray_count));
            let hint = "不是本单位的内容的，写明原因就可以报送；是的，请填上“报告单位”，再报送一次";
            findings.push(NOBODYS_ROWS.at(FieldPath::root(), message, hint));
        }
    }
}

impl UnitRows {
    /// The row of the unit that was found; it tells what lay beside it.
    pub fn take(mut self, at: usize) -> UnitRow {
        let others = self.rows.len() - 1;
        let stray_count = self.strays.len();
        self.strays.truncate(TOLD);
        UnitRow { others, stray_count, strays: self.strays, ..self.rows.swap_remove(at) }
    }

    /// What else may keep a unit's row from being found; empty where nothing is.
    pub fn strangers(&self) -> String {
        match self.strays.len() {
            0 => String::new(),
            count => {
                let first = &self.strays[..count.min(TOLD)];
                format!("有 {}", told(first, count))
            }
        }
    }
}

fn told(first: &[String], count: usize) -> String {
    let and_more = if count > first.len() { "；等等" } else { "" };
    format!("{count} 行不知道是哪个单位的，没有读：{}{and_more}", first.join("；"))
}

/// The reports of all units in a workbook, or why it is none.
pub fn rows(bytes: &[u8]) -> Result<UnitRows, String> {
    let workbook = Workbook::read(Cursor::new(bytes))?;
    let strays = workbook.units.iter().filter(|unit| unit.is_stray).flat_map(|unit| &unit.faults);
    let strays: Vec<String> = strays.map(|one| format!("{}：{}", one.place, one.message)).collect();
    let row = |unit: usize| {
        let (json, notes) = workbook.report(unit);
        let read = Manuscript::parse(&json, Format::Json).and_then(|manuscript| manuscript.tree());
        let report: Value = read.map_err(|_| "有一行嵌套太深".to_owned())?;
        let name = report["issuer"]["name"].as_str().unwrap_or_default().to_owned();
        Ok(UnitRow {
            name,
            key: workbook.key(unit).to_owned(),
            source: workbook.source(unit),
            report,
            notes,
            others: 0,
            strays: vec![],
            stray_count: 0,
        })
    };
    let known = (0..workbook.len()).filter(|unit| !workbook.units[*unit].is_stray);
    let rows: Vec<UnitRow> = known.map(row).collect::<Result<_, String>>()?;
    match rows.is_empty() && strays.is_empty() {
        true => Err("里没有单位：标着“示例”的行不算".into()),
        false => Ok(UnitRows { rows, strays }),
    }
}

/// Every code that this file can raise.
pub(super) const CODES: [&Code; 2] = [&ONE_OF_MANY, &NOBODYS_ROWS];
