//! From the lines of a list to units, and all that is wrong with it at once. A line that is right is kept
//! whatever is wrong with others.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::columns::{self, ColumnPlan, UnitPart};
use super::lines::{RosterLine, RosterPage, pages};
use super::near::{NearPair, near};
use super::refusal::RosterRefusal;
use super::unit::{address, narrow, short, telephone, unit_name};
use super::{Contact, MAX_ROSTER, RosterUnit, UnitCode};
use crate::intake::workbook::column_name;
use crate::language::asides::is_aside;

/// What a list came to.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct RosterSheet {
    /// In the order of the list, without those of whom something is wrong.
    pub units: Vec<RosterUnit>,
    /// In the order of the list.
    pub faults: Vec<RosterFault>,
    /// Columns that were not read, by their headings.
    pub ignored: Vec<String>,
    /// Sheets and rows that were not read, or not as they may have been meant, in words.
    #[serde(default)]
    pub remarks: Vec<String>,
}

/// How many names that are probably one unit's are told.
const MAX_NEAR: usize = 10;

impl RosterSheet {
    /// What whoever gave the list should know of how it was read: rows and sheets that are hidden or no units',
    /// columns that are not read, names that are probably one unit's.
    pub fn remarks(&self) -> Vec<String> {
        let mut told = self.remarks.clone();
        if !self.ignored.is_empty() {
            let headings: Vec<String> =
                self.ignored.iter().map(|heading| heading.escape_debug().to_string()).collect();
            told.push(format!("没有读的列：{}", headings.join("、")));
        }
        let names: Vec<&str> = self.units.iter().map(|unit| unit.name.as_str()).collect();
        // Two with codes of their own are two.
        let is_doubtful =
            |pair: &NearPair| [pair.one, pair.other].iter().any(|at| self.units[*at].code.is_of_number());
        let pairs: Vec<NearPair> = near(&names).into_iter().filter(is_doubtful).collect();
        told.extend(pairs.iter().take(MAX_NEAR).map(|pair| {
            let (one, other) = (names[pair.one].escape_debug(), names[pair.other].escape_debug());
            format!("“{one}”和“{other}”可能是同一个单位：{}", pair.why.words())
        }));
        if pairs.len() > MAX_NEAR {
            told.push(format!("另有 {} 对名称相近的没有列出", pairs.len() - MAX_NEAR));
        }
        told
    }
}

/// What is wrong with one cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterFault {
    /// The sheet, where several are read.
    #[serde(default)]
    pub sheet: String,
    /// The row of the workbook, or the line of the text, from 1.
    pub row: u32,
    /// The heading of the column; empty where there is none.
    pub heading: String,
    /// The letters of the column, as a spreadsheet has them.
    pub column: String,
    pub message: String,
}

impl std::fmt::Display for RosterFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let heading = match self.heading.is_empty() {
            true => String::new(),
            false => format!("“{}”", self.heading.escape_debug()),
        };
        if !self.sheet.is_empty() {
            write!(f, "工作表“{}”", self.sheet.escape_debug())?;
        }
        write!(f, "第{}行{}列{heading}：{}", self.row, self.column, self.message)
    }
}

/// Reads a list of units: a workbook (`.xlsx`), every sheet of it that has its headings; separated values in UTF-8 or
/// GB18030; or a pasted text. A unit that comes without a code has that of the unit of its name in `known`, else one
/// by its number.
pub fn read(bytes: &[u8], known: &[RosterUnit]) -> Result<RosterSheet, RosterRefusal> {
    let mut remarks = Vec::new();
    let pages = chosen(pages(bytes)?, &mut remarks)?;
    match pages.iter().map(|page| page.lines().len()).sum() {
        0 => return Err(RosterRefusal::Empty),
        count if count > MAX_ROSTER => return Err(RosterRefusal::TooMany),
        _ => {}
    }
    let mut faults = Vec::new();
    let mut rows: Vec<RosterRow> = Vec::new();
    let mut seen: HashSet<(String, String)> = HashSet::new();
    for (at, page) in pages.iter().enumerate() {
        let told = if page.name.is_empty() {
            String::new()
        } else {
            format!("工作表“{}”", page.name.escape_debug())
        };
        remarks.extend(page.plan.remarks.iter().map(|remark| format!("{told}{remark}")));
        let (mut again, mut of_page) = (0, HashSet::new());
        for line in page.lines() {
            if let Some(words) = page.aside(line) {
                remarks.push(format!(
                    "{told}第{}行写的是“{}”，不是单位，没有读",
                    line.number,
                    words.escape_debug()
                ));
                continue;
            }
            if page.sheet.hidden.contains(&line.number) {
                remarks.push(format!("{told}第{}行是隐藏的，照样读了", line.number));
            }
            let Some(row) = row(line, at, page, &mut faults) else { continue };
            let own =
                (if row.has_code { row.unit.code.to_string() } else { String::new() }, row.unit.name.clone());
            // One sheet may be of all, and others of some of them.
            if seen.contains(&own) {
                again += 1;
                continue;
            }
            of_page.insert(own);
            rows.push(row);
        }
        seen.extend(of_page);
        if again > 0 {
            remarks.push(format!("{told}有 {again} 个单位在前面的工作表里已经有了，没有重复读"));
        }
    }
    codes(&mut rows, known, &pages, &mut faults);
    superiors(&mut rows, known, &pages, &mut faults);
    let known: HashMap<&UnitCode, &RosterUnit> = known.iter().map(|unit| (&unit.code, unit)).collect();
    for row in &mut rows {
        if let Some(before) = known.get(&row.unit.code) {
            keep(&mut row.unit, before, &pages[row.page].plan);
        }
    }
    let place = |fault: &RosterFault| pages.iter().position(|page| page.name == fault.sheet);
    faults.sort_by_key(|fault| (place(fault), fault.row));
    let units = rows.into_iter().filter(|row| row.is_right).map(|row| row.unit).collect();
    let ignored = pages.iter().flat_map(|page| page.plan.ignored.iter().cloned());
    let mut ignored: Vec<String> = ignored.collect();
    ignored.dedup();
    remarks.truncate(MAX_REMARKS);
    Ok(RosterSheet { units, faults, ignored, remarks })
}

/// How much is said of what was not read.
const MAX_REMARKS: usize = 20;

/// A sheet of the list, and what its columns say.
struct ReadPage {
    sheet: RosterPage,
    /// What it is called where there are several.
    name: String,
    plan: ColumnPlan,
}

impl ReadPage {
    fn lines(&self) -> &[RosterLine] {
        &self.sheet.lines[self.plan.skipped..]
    }

    /// What a line says that is no unit's: a sum, or a remark below them.
    fn aside<'a>(&self, line: &'a RosterLine) -> Option<&'a str> {
        let named = self.plan.columns.get(&UnitPart::Name).and_then(|(at, _)| line.cells.get(at));
        let text = named.or_else(|| line.cells.values().next())?.as_deref().ok()?;
        is_aside(text).then_some(text)
    }

    fn fault(&self, row: u32, part: UnitPart, message: String) -> RosterFault {
        let (at, heading) = self.plan.columns.get(&part).cloned().unwrap_or_default();
        RosterFault { sheet: self.name.clone(), row, heading, column: column_name(at), message }
    }
}

/// The sheets that are lists of units. What is said of the others goes to the remarks.
fn chosen(pages: Vec<RosterPage>, remarks: &mut Vec<String>) -> Result<Vec<ReadPage>, RosterRefusal> {
    let mut plans: Vec<Option<ColumnPlan>> = pages.iter().map(|page| columns::headed(&page.lines)).collect();
    let is_named = |page: &RosterPage| page.name.contains("名录");
    let of_units = |at: usize| plans[at].is_some() && !pages[at].is_hidden;
    let places = || (0..pages.len()).filter(|at| of_units(*at));
    let main = places().find(|at| is_named(&pages[*at])).or_else(|| places().next());
    let read: Vec<usize> = match main {
        Some(main) => {
            let heading = |at: usize| {
                plans[at].as_ref().and_then(|plan| plan.columns.get(&UnitPart::Name)).map(|(_, name)| name)
            };
            let is_same = |at: &usize| {
                *at == main
                    || plans[*at].as_ref().is_some_and(|plan| plan.is_sure)
                    || heading(*at) == heading(main)
            };
            places().filter(is_same).collect()
        }
        None => {
            let at = pages
                .iter()
                .position(is_named)
                .or_else(|| pages.iter().position(|page| !page.is_hidden))
                .unwrap_or(0);
            let plan = plans[at].take().or_else(|| columns::headless(&pages[at].lines));
            plans[at] = Some(plan.ok_or(RosterRefusal::NoName)?);
            vec![at]
        }
    };
    let is_one = read.len() == 1;
    let mut chosen = Vec::new();
    for (at, (sheet, plan)) in pages.into_iter().zip(plans).enumerate() {
        let name = sheet.name.escape_debug();
        match plan.filter(|_| read.contains(&at)) {
            Some(plan) => {
                let name = if is_one { String::new() } else { sheet.name.clone() };
                chosen.push(ReadPage { name, sheet, plan });
            }
            None if sheet.is_hidden => remarks.push(format!("工作表“{name}”是隐藏的，没有读")),
            None => remarks.push(format!("工作表“{name}”的表头里没有“单位名称”，没有读")),
        }
    }
    Ok(chosen)
}

/// A unit as far as its own line tells.
struct RosterRow {
    /// Its sheet, among those that are read.
    page: usize,
    number: u32,
    unit: RosterUnit,
    has_code: bool,
    superior: String,
    /// Whether nothing is wrong with it.
    is_right: bool,
}

fn row(line: &RosterLine, at: usize, page: &ReadPage, faults: &mut Vec<RosterFault>) -> Option<RosterRow> {
    let count = faults.len();
    let mut cell = |part: UnitPart, check: &dyn Fn(&str) -> Result<String, String>| {
        let at = page.plan.columns.get(&part).map(|(at, _)| at)?;
        let read = match line.cells.get(at) {
            Some(Ok(text)) => check(text),
            Some(Err(why)) => Err((*why).to_owned()),
            None => check(""),
        };
        read.map_err(|message| faults.push(page.fault(line.number, part, message))).ok()
    };
    let name = cell(UnitPart::Name, &|text| unit_name(text).map_err(|unfit| unfit.0));
    let code = cell(UnitPart::Code, &|text| match narrow(text).trim() {
        "" => Ok(String::new()),
        text => text.parse().map(|code: UnitCode| code.to_string()).map_err(|unfit| unfit.0),
    });
    let mut words =
        |part, what: &str| cell(part, &|text| short(text, what).map_err(|unfit| unfit.0)).unwrap_or_default();
    let (kind, level) = (words(UnitPart::Kind, "单位类别"), words(UnitPart::Level, "层级"));
    let person = words(UnitPart::Person, "联系人");
    let phone = cell(UnitPart::Phone, &|text| telephone(text).map_err(|unfit| unfit.0)).unwrap_or_default();
    let mail = cell(UnitPart::Mail, &|text| address(text).map_err(|unfit| unfit.0)).unwrap_or_default();
    let superior = cell(UnitPart::Superior, &|text| Ok(text.trim().to_owned())).unwrap_or_default();
    let is_right = faults.len() == count;
    let code = code.filter(|code| !code.is_empty()).and_then(|code| code.parse().ok());
    // A line without a name names nobody that others could mean.
    let (has_code, code) = (code.is_some(), code.unwrap_or_else(|| UnitCode::of_number(0)));
    let contact = Contact { name: person, phone, mail };
    let unit = RosterUnit { kind, level, contact, ..RosterUnit::new(code, &name?) };
    Some(RosterRow { page: at, number: line.number, unit, has_code, superior, is_right })
}

/// Gives each unit that came without a code its own, and tells of codes that came twice.
fn codes(rows: &mut [RosterRow], known: &[RosterUnit], pages: &[ReadPage], faults: &mut Vec<RosterFault>) {
    let mut first: HashMap<UnitCode, (usize, u32)> = HashMap::new();
    for row in rows.iter_mut().filter(|row| row.has_code) {
        match first.get(&row.unit.code) {
            Some((other_page, other)) => {
                let sheet = match row.page == *other_page {
                    true => String::new(),
                    false => format!("工作表“{}”", pages[*other_page].name.escape_debug()),
                };
                let message = format!(
                    "单位代码 {} 与{sheet}第{other}行相同。代码不能重复，请改正其中一个",
                    row.unit.code
                );
                faults.push(pages[row.page].fault(row.number, UnitPart::Code, message));
                row.is_right = false;
            }
            None => drop(first.insert(row.unit.code.clone(), (row.page, row.number))),
        }
    }
    let mut of_name: HashMap<&str, Vec<&UnitCode>> = HashMap::new();
    known.iter().for_each(|unit| of_name.entry(&unit.name).or_default().push(&unit.code));
    let mut taken: HashSet<UnitCode> =
        first.into_keys().chain(known.iter().map(|unit| unit.code.clone())).collect();
    let mut used: HashSet<UnitCode> = HashSet::new();
    let mut number = 0;
    for (index, row) in rows.iter_mut().enumerate().filter(|(_, row)| !row.has_code) {
        if let Some([code]) = of_name.get(row.unit.name.as_str()).map(Vec::as_slice)
            && used.insert((*code).clone())
        {
            row.unit.code = (*code).clone();
            continue;
        }
        let own = UnitCode::of_number(index + 1);
        row.unit.code = match taken.contains(&own) {
            false => own,
            true => loop {
                number += 1;
                let next = UnitCode::of_number(rows_beyond(number));
                if !taken.contains(&next) {
                    break next;
                }
            },
        };
        taken.insert(row.unit.code.clone());
    }
}

/// What a list has no column for stays as it is known of the unit: who pastes names only takes no telephone number
/// away. A cell that is empty below a heading does.
fn keep(unit: &mut RosterUnit, before: &RosterUnit, plan: &ColumnPlan) {
    let lacks = |part: UnitPart| !plan.columns.contains_key(&part);
    let Contact { name, phone, mail } = &mut unit.contact;
    for (part, now, was) in [
        (UnitPart::Kind, &mut unit.kind, &before.kind),
        (UnitPart::Level, &mut unit.level, &before.level),
        (UnitPart::Person, name, &before.contact.name),
        (UnitPart::Phone, phone, &before.contact.phone),
        (UnitPart::Mail, mail, &before.contact.mail),
    ] {
        if lacks(part) {
            now.clone_from(was);
        }
    }
    if lacks(UnitPart::Superior) {
        unit.superior.clone_from(&before.superior);
    }
}

/// Numbers that no line of any list has.
fn rows_beyond(number: usize) -> usize {
    MAX_ROSTER + number
}

/// Finds each unit's superior by its code or its name, in the list or among the known.
fn superiors(
    rows: &mut [RosterRow],
    known: &[RosterUnit],
    pages: &[ReadPage],
    faults: &mut Vec<RosterFault>,
) {
    // Of two with one code the first has it.
    let listed = rows.iter().rev().map(|row| (&row.unit.code, row.unit.name.as_str()));
    let all: BTreeMap<UnitCode, String> = known
        .iter()
        .map(|unit| (&unit.code, unit.name.as_str()))
        .chain(listed)
        .map(|(code, name)| (code.clone(), name.to_owned()))
        .collect();
    let mut of_name: HashMap<&str, Vec<&UnitCode>> = HashMap::new();
    all.iter().for_each(|(code, name)| of_name.entry(name).or_default().push(code));
    for row in rows.iter_mut().filter(|row| !row.superior.is_empty()) {
        let code = row.superior.parse().ok().filter(|code| all.contains_key(code));
        let named = of_name.get(row.superior.as_str()).map_or(&[][..], Vec::as_slice);
        let message = match (code, named) {
            (Some(code), _) if code == row.unit.code => "上级单位是它自己，请改正，或者空着".to_owned(),
            (None, [code]) if **code == row.unit.code => "上级单位是它自己，请改正，或者空着".to_owned(),
            (Some(code), _) => {
                row.unit.superior = Some(code);
                continue;
            }
            (None, [code]) => {
                row.unit.superior = Some((*code).clone());
                continue;
            }
            (None, []) => {
                let written: String = row.superior.chars().take(40).collect();
                format!(
                    "名录里没有上级单位“{}”，请填名录里有的代码或者名称，或者空着",
                    written.escape_debug()
                )
            }
            (None, _) => "名录里有几个这个名称的上级单位，请改填它的代码".to_owned(),
        };
        faults.push(pages[row.page].fault(row.number, UnitPart::Superior, message));
        row.is_right = false;
    }
    circles(rows, known, pages, faults);
}

/// Tells of units that are their own superiors by way of others.
fn circles(rows: &mut [RosterRow], known: &[RosterUnit], pages: &[ReadPage], faults: &mut Vec<RosterFault>) {
    let listed = rows.iter().rev().map(|row| &row.unit);
    let above: HashMap<UnitCode, UnitCode> = known
        .iter()
        .chain(listed)
        .filter_map(|unit| Some((unit.code.clone(), unit.superior.clone()?)))
        .collect();
    // Each unit is gone through once: what leads to a unit that is done leads to no new circle.
    let mut done: HashSet<&UnitCode> = HashSet::new();
    let mut around: HashSet<&UnitCode> = HashSet::new();
    for start in above.keys() {
        let mut way: Vec<&UnitCode> = Vec::new();
        let mut places: HashMap<&UnitCode, usize> = HashMap::new();
        let mut at = Some(start);
        while let Some(unit) = at.filter(|unit| !done.contains(unit)) {
            if let Some(place) = places.get(unit) {
                around.extend(&way[*place..]);
                break;
            }
            places.insert(unit, way.len());
            way.push(unit);
            at = above.get(unit);
        }
        done.extend(way);
    }
    for row in rows.iter_mut() {
        if !around.remove(&row.unit.code) {
            continue;
        }
        let message = "上级单位绕了一圈又回到它自己，请改正".to_owned();
        faults.push(pages[row.page].fault(row.number, UnitPart::Superior, message));
        row.is_right = false;
    }
}
