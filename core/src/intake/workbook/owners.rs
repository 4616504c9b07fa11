//! Which row is whose. A slip in a name keeps the report of the unit from being made that was probably meant; rows
//! of a unit that is not there are told as a unit of their own that is not made.

use std::collections::HashMap;

use super::EXAMPLE;
use super::cells::Cell;
use super::place::row_name;
use super::sheet_rows::{ReadSheet, RowNotice, SheetRow, WorkbookUnit, shortened};
use super::sheets::{KEY, SHEETS, UNITS};
use crate::language::alike::{distance, is_alike, is_near};

/// How many unknown names are held against those of all units.
const MAX_COMPARED: usize = 200;

/// Whose a row is.
#[derive(Clone, Copy)]
enum Owner {
    Unit(usize),
    /// Called by its full name.
    Named(usize),
    /// Probably meant.
    Near(usize),
    /// Nobody's that is known.
    Stray(usize),
}

/// The units, each with its rows and what is to be said of them.
pub(super) fn units(read: &[ReadSheet]) -> Vec<WorkbookUnit> {
    let mut units = Vec::new();
    let mut owners = HashMap::new();
    let first: Vec<usize> = read[UNITS]
        .table
        .rows
        .iter()
        .zip(&read[UNITS].keys)
        .enumerate()
        .map(|(index, (row, key))| of_row(index, row, key.as_deref(), read.len(), &mut units, &mut owners))
        .collect();
    name_units(&read[UNITS], &first, &units, &mut owners);
    let known = units.len();
    let mut of_rows: Vec<Vec<usize>> = vec![first];
    let mut compared = 0;
    for (sheet, one) in read.iter().enumerate().skip(UNITS + 1) {
        let mut found: Vec<usize> = Vec::new();
        for (index, (row, key)) in one.table.rows.iter().zip(&one.keys).enumerate() {
            let notice = |message: String, hint: &str| RowNotice {
                sheet,
                place: row_name(&SHEETS[sheet], row.number),
                message,
                hint: hint.into(),
            };
            let at = (sheet, row.number);
            let unit = match key.as_deref() {
                Some(key) => {
                    let owner = *owners.entry(key.to_owned()).or_insert_with(|| {
                        compared += 1;
                        let near = if compared > MAX_COMPARED { None } else { nearest(key, &units[..known]) };
                        near.map_or_else(
                            || Owner::Stray(add(&mut units, key, at, read.len(), true)),
                            Owner::Near,
                        )
                    });
                    let (Owner::Unit(unit) | Owner::Named(unit) | Owner::Near(unit) | Owner::Stray(unit)) =
                        owner;
                    let name = shortened(key);
                    match owner {
                        Owner::Unit(_) => {}
                        Owner::Named(_) => {
                            let message = format!("“{KEY}”写的是“{name}”，按“{}”读入", units[unit].key);
                            units[unit].remark(notice(message, "读得对的不用改；不对的，请改正这一格"));
                        }
                        Owner::Near(_) => {
                            let message = format!("“{KEY}”表里没有“{name}”。是不是“{}”？", units[unit].key);
                            let hint = format!("请与“{KEY}”表的第一列写得一样，或者删除这一行");
                            units[unit].fault(notice(message, &hint));
                        }
                        Owner::Stray(_) => {
                            let message = format!("“{KEY}”表里没有“{name}”");
                            let hint =
                                format!("请在“{KEY}”表里补上这个单位；写错了的，请与那里的第一列写得一样");
                            units[unit].fault(notice(message, &hint));
                        }
                    }
                    unit
                }
                None if known == 1 => {
                    let message = format!("没有填“{KEY}”，按“{}”读入：表里只有这一个单位", units[0].key);
                    units[0].remark(notice(message, "读得对的不用改；不对的，请填上“报告单位”"));
                    0
                }
                None => {
                    let unit = found.last().copied().unwrap_or_else(|| {
                        add(
                            &mut units,
                            &format!("{}第{}行", SHEETS[sheet].name, row.number),
                            at,
                            read.len(),
                            true,
                        )
                    });
                    let message = format!("没有填“{KEY}”，不知道这一行是哪个单位的");
                    units[unit].fault(notice(message, "请从列表中选，或者删除这一行"));
                    unit
                }
            };
            units[unit].rows[sheet].push(index);
            found.push(unit);
        }
        of_rows.push(found);
    }
    for (one, of_rows) in read.iter().zip(&of_rows) {
        for told in &one.notices {
            let unit =
                told.row.and_then(|row| of_rows.get(row).copied()).or((!units.is_empty()).then_some(0));
            let Some(unit) = unit.and_then(|unit| units.get_mut(unit)) else { continue };
            match told.is_fault {
                true => unit.fault(told.notice.clone()),
                false => unit.remark(told.notice.clone()),
            }
        }
    }
    units
}

/// The unit that a row of the units' sheet makes.
fn of_row(
    index: usize,
    row: &SheetRow,
    key: Option<&str>,
    sheets: usize,
    units: &mut Vec<WorkbookUnit>,
    owners: &mut HashMap<String, Owner>,
) -> usize {
    let at = (UNITS, row.number);
    let notice = |message: String, hint: &str| RowNotice {
        sheet: UNITS,
        place: row_name(&SHEETS[UNITS], row.number),
        message,
        hint: hint.into(),
    };
    let known = key.and_then(|key| owners.get(key).copied());
    let unit = match (key, known) {
        (None, _) => {
            let name = called(row, "单位全称").unwrap_or_else(|| format!("第{}行", row.number));
            let unit = add(units, &name, at, sheets, true);
            let message = format!("没有填“{KEY}”");
            units[unit].fault(notice(message, "请填上单位的名称，或者删除这一行"));
            unit
        }
        (Some(EXAMPLE), _) => {
            let name = called(row, "单位全称").unwrap_or_else(|| EXAMPLE.to_owned());
            let unit = add(units, &name, at, sheets, true);
            let message = format!("标着“{EXAMPLE}”的行不会生成报告，这一行却改过");
            units[unit].fault(notice(message, "要生成，请在第一列写单位的名称；不要，请删除这一行"));
            unit
        }
        (Some(key), Some(Owner::Unit(first))) => {
            let unit = add(units, key, at, sheets, true);
            let hint = "各单位不能同名，请改成不同的名称，如加上所属的市；重复的请删除一行";
            let name = shortened(key);
            let message = format!("“{name}”与第{}行相同", units[first].at.1);
            units[unit].fault(notice(message, hint));
            let message = format!("“{name}”与第{}行相同", row.number);
            let place = row_name(&SHEETS[UNITS], units[first].at.1);
            units[first].fault(RowNotice { place, ..notice(message, hint) });
            unit
        }
        (Some(key), _) => {
            let unit = add(units, key, at, sheets, false);
            owners.insert(key.to_owned(), Owner::Unit(unit));
            unit
        }
    };
    units[unit].rows[UNITS].push(index);
    unit
}

/// Lets rows call a unit by its full or its short name, where no other is called so.
fn name_units(
    read: &ReadSheet,
    of_rows: &[usize],
    units: &[WorkbookUnit],
    owners: &mut HashMap<String, Owner>,
) {
    let mut names: HashMap<String, Vec<usize>> = HashMap::new();
    for (row, unit) in read.table.rows.iter().zip(of_rows).filter(|(_, unit)| !units[**unit].is_stray) {
        for name in ["单位全称", "单位简称"].iter().filter_map(|heading| called(row, heading)) {
            let of_name = names.entry(name).or_default();
            if of_name.last() != Some(unit) {
                of_name.push(*unit);
            }
        }
    }
    for (name, of_name) in names {
        if let [unit] = of_name[..] {
            owners.entry(name).or_insert(Owner::Named(unit));
        }
    }
}

/// What a row of the units' sheet says in a column.
fn called(row: &SheetRow, heading: &str) -> Option<String> {
    match &row.cells[SHEETS[UNITS].column(heading)?] {
        Some(Cell::Text(name)) => Some(name.clone()),
        _ => None,
    }
}

fn add(units: &mut Vec<WorkbookUnit>, key: &str, at: (usize, u32), sheets: usize, is_stray: bool) -> usize {
    let (key, rows) = (key.to_owned(), vec![vec![]; sheets]);
    units.push(WorkbookUnit { key, at, rows, faults: vec![], remarks: vec![], is_stray });
    units.len() - 1
}

/// The unit whose key a name was probably meant to be.
fn nearest(name: &str, units: &[WorkbookUnit]) -> Option<usize> {
    let written: Vec<char> = name.chars().take(LONGEST_NAME).collect();
    let distances = units.iter().enumerate().filter(|(_, unit)| !unit.is_stray).map(|(at, unit)| {
        let key: Vec<char> = unit.key.chars().take(LONGEST_NAME).collect();
        (distance(&written, &key, is_alike), key.len(), at)
    });
    let (least, length, unit) = distances.min()?;
    is_near(least, length, written.len()).then_some(unit)
}

const LONGEST_NAME: usize = 60;
