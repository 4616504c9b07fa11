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
}

impl UnitRow {
    /// Says of findings about the report in which cell each stands, and that there were others.
    pub fn tell(&self, findings: &mut Vec<Diagnostic>) {
        self.notes.tell(findings);
        if self.others > 0 {
            let message = format!("征集表里有 {} 个单位，取的是{}", self.others + 1, self.source);
            findings.push(ONE_OF_MANY.at(FieldPath::root(), message, "请核对取的是不是本单位的"));
        }
    }
}

/// The reports of all units in a workbook, or why it is none.
pub fn rows(bytes: &[u8]) -> Result<Vec<UnitRow>, String> {
    let workbook = Workbook::read(Cursor::new(bytes))?;
    // What is nobody's may be the own unit's.
    let strays = workbook.units.iter().filter(|unit| unit.is_stray).flat_map(|unit| &unit.faults);
    let strays: Vec<String> =
        strays.map(|one| format!("{}：{}。{}", one.place, one.message, one.hint)).collect();
    if !strays.is_empty() {
        return Err(format!("有 {} 处要先改正：\n{}", strays.len(), strays.join("\n")));
    }
    let others = workbook.len().saturating_sub(1);
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
            others,
        })
    };
    match workbook.is_empty() {
        true => Err("里没有单位：标着“示例”的行不算".into()),
        false => (0..workbook.len()).map(row).collect(),
    }
}

/// Every code that this file can raise.
pub(super) const CODE: &Code = &ONE_OF_MANY;
