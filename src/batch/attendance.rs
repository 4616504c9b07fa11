//! Who came: of those on the roster who reported and who did not, who came twice, and who is not on it.

use std::collections::HashMap;

use super::expectation::MissingReport;
use super::harmless::visible;
use crate::code;
use crate::diagnostic::{Code, Diagnostic};
use crate::report::FieldPath;
use crate::roster::{NameIndex, RosterUnit, bare_name, own_names, unit_in_file_name};
use crate::workers::UnitRecord;

code! {
    /// 同一单位报了不止一份
    ///
    /// 这一批里有两份报告是同一个单位、同一年度的：单位代码相同，或者名称相同。程序都生成了，不替人挑选，汇总的数字会重复计算。
    ///
    /// 请核对以哪一份为准，把另一份移出去，重新生成。
    pub(super) SAME_UNIT_TWICE = "same-unit-twice", Warning
}

code! {
    /// 报告单位不在名录里
    ///
    /// 给了单位名录，而这份报告的单位名称和代码在名录里都找不到。可能是名称写错了，也可能是名录里漏了这个单位，或者收进了别处的报告。
    ///
    /// 错误：名录里是“东阳区”，报告里写成“东杨区”。
    ///
    /// 正确：单位名称与名录里的一致。
    pub(super) NOT_ON_ROSTER = "not-on-roster", Warning
}

/// What is known so far of who came.
pub(super) struct Attendance<'a> {
    /// Of every unit on the roster what came of it.
    came: Vec<Vec<ArrivedReport>>,
    roster: &'a [RosterUnit],
    of_code: HashMap<&'a str, usize>,
    names: NameIndex,
    /// The first report of a unit and year, by its code and by its name with its code.
    by_code: HashMap<(String, Option<u16>), usize>,
    by_name: HashMap<(String, Option<u16>), (usize, Option<String>)>,
    repeated: usize,
    unlisted: usize,
}

/// A report of a unit on the roster.
struct ArrivedReport {
    number: usize,
    year: Option<u16>,
    is_made: bool,
}

/// Why a report is of no unit on the roster.
enum StrangerKind {
    /// No name is the same; this one is the nearest.
    Unlisted(Option<usize>),
    /// Its code and its name are of two units, or the code is not that of the unit.
    Contradictory(usize),
}

/// What came of it.
pub(super) struct AttendanceAccount {
    /// Of whom there is no report, though one was expected.
    pub missing: Vec<MissingReport>,
    /// Whom to call: those, and those whose report could not be made; with their places on the roster.
    pub to_call: Vec<(usize, MissingReport)>,
    /// How many reports are of a unit that came before, and how many of units that nobody expected.
    pub repeated: usize,
    pub unlisted: usize,
}

impl<'a> Attendance<'a> {
    pub(super) fn new(roster: &'a [RosterUnit]) -> Self {
        let names: Vec<&str> = roster.iter().map(|unit| unit.name.as_str()).collect();
        Self {
            came: roster.iter().map(|_| vec![]).collect(),
            roster,
            of_code: roster.iter().enumerate().map(|(at, unit)| (unit.code.as_str(), at)).collect(),
            names: NameIndex::new(&names),
            by_code: HashMap::new(),
            by_name: HashMap::new(),
            repeated: 0,
            unlisted: 0,
        }
    }

    /// Notes a report, and says what is to be said of it. Of one that nobody could read the file's name may tell
    /// whose it is.
    pub(super) fn note(&mut self, number: usize, source: &str, told: &UnitRecord) -> Vec<Diagnostic> {
        let place = match self.roster.is_empty() {
            true => Ok(None),
            false => self.place(told, source),
        };
        let mut found = Vec::new();
        let of_row = |place: usize| {
            let same = self.came[place].iter().find(|one| one.year == told.year);
            same.map(|one| one.number)
        };
        let of_row = place.as_ref().ok().copied().flatten().and_then(of_row);
        if let Some(first) = self.first_of_unit(number, told).or(of_row) {
            self.repeated += 1;
            let message = format!("与第{first}份是同一个单位、同一年度的报告");
            let hint = "请核对以哪一份为准，把另一份移出去，重新生成";
            found.push(SAME_UNIT_TWICE.at(FieldPath::root(), message, hint));
        }
        let name = told.full_name.as_deref().or(told.unit.as_deref()).unwrap_or_default();
        match place {
            Ok(Some(place)) => {
                let is_made = told.is_made();
                self.came[place].push(ArrivedReport { number, year: told.year, is_made });
            }
            Ok(None) => {}
            Err(StrangerKind::Unlisted(nearest)) => {
                self.unlisted += 1;
                let near = nearest.map(|at| format!("，最接近的是“{}”", self.roster[at].name));
                let message = format!("名录里没有“{}”{}", visible(name), near.unwrap_or_default());
                let hint = "名称写错的，请按名录改正；名录里漏了的，请补进名录";
                found.push(NOT_ON_ROSTER.at(FieldPath::root(), message, hint));
            }
            Err(StrangerKind::Contradictory(at)) => {
                self.unlisted += 1;
                let listed = &self.roster[at];
                let code = told.code.as_deref().unwrap_or_default();
                let message = format!(
                    "“{}”的单位代码是 {}，与名录对不上：名录里 {} 是“{}”",
                    visible(name),
                    visible(code),
                    listed.code,
                    listed.name
                );
                let hint = "请核对名称和单位代码哪一个写错了；是另一个单位的，请补进名录";
                found.push(NOT_ON_ROSTER.at(FieldPath::root(), message, hint));
            }
        }
        found
    }

    /// The number of the report of the same unit and year that came first.
    fn first_of_unit(&mut self, number: usize, told: &UnitRecord) -> Option<usize> {
        let code = told.code.as_deref().map(|code| code.trim().to_lowercase());
        let of_code = code.clone().map(|code| *self.by_code.entry((code, told.year)).or_insert(number));
        let name = told.full_name.as_deref().or(told.unit.as_deref()).map(bare_name)?;
        let (of_name, their_code) =
            self.by_name.entry((name, told.year)).or_insert_with(|| (number, code.clone()));
        // Two of one name with codes of their own are two units, as the 城关区 of two cities.
        let are_two = matches!((&code, &*their_code), (Some(one), Some(other)) if one != other);
        let of_name = (!are_two).then_some(*of_name);
        of_code.into_iter().chain(of_name).find(|first| *first != number)
    }

    /// The place on the roster of the unit whose report it is. None where nobody can tell whose it is.
    fn place(&self, told: &UnitRecord, source: &str) -> Result<Option<usize>, StrangerKind> {
        let sure = |name: &str| self.names.nearest(name).filter(|near| near.is_sure).map(|near| near.index);
        let names: Vec<&str> =
            [told.full_name.as_deref(), told.unit.as_deref()].into_iter().flatten().collect();
        // A roster of one city need not say which.
        let by_name = names.iter().find_map(|name| sure(name)).or_else(|| {
            let own = names.iter().flat_map(|name| own_names(name));
            own.into_iter().find_map(|name| sure(&name))
        });
        let code = told.code.as_deref().map(str::trim).filter(|code| !code.is_empty());
        let by_code = code.and_then(|code| self.of_code.get(code)).copied();
        match (by_code, by_name) {
            (Some(one), Some(other)) if one != other => Err(StrangerKind::Contradictory(one)),
            (Some(place), _) => Ok(Some(place)),
            // A code of its own that the roster has given to nobody.
            (None, Some(place)) if code.is_some() && !self.roster[place].code.is_of_number() => {
                Err(StrangerKind::Contradictory(place))
            }
            (None, Some(place)) => Ok(Some(place)),
            (None, None) if names.is_empty() => {
                let file = unit_in_file_name(source);
                Ok(sure(file).or_else(|| self.within(file)))
            }
            (None, None) => {
                let nearest = names.iter().find_map(|name| self.names.nearest(name));
                Err(StrangerKind::Unlisted(nearest.map(|near| near.index)))
            }
        }
    }

    /// The place of the one unit that stands in a file's name among other words: 东阳区扫描件.
    fn within(&self, file: &str) -> Option<usize> {
        let file = bare_name(file);
        let stands = |name: &str| !name.is_empty() && file.contains(name);
        let names = self.roster.iter().map(|unit| bare_name(&unit.name)).enumerate();
        let mut found: Vec<(usize, String)> = names.filter(|(_, name)| stands(name)).collect();
        // 东阳区司法局 has 东阳区 in it, too.
        let longest = found.iter().map(|(_, name)| name.len()).max()?;
        found.retain(|(_, name)| name.len() == longest);
        match found[..] {
            [(place, _)] => Some(place),
            _ => None,
        }
    }

    /// The year that most reports are of.
    fn year(&self) -> Option<u16> {
        let mut years: HashMap<u16, usize> = HashMap::new();
        self.came
            .iter()
            .flatten()
            .filter_map(|one| one.year)
            .for_each(|year| *years.entry(year).or_default() += 1);
        years.into_iter().max_by_key(|(year, count)| (*count, *year)).map(|(year, _)| year)
    }

    /// The account, once all have come.
    pub(super) fn finish(self) -> AttendanceAccount {
        let year = self.year();
        let Self { came, roster, repeated, unlisted, .. } = self;
        let (mut missing, mut to_call) = (vec![], vec![]);
        for (place, (unit, came)) in roster.iter().zip(came).enumerate() {
            let report = |state: &str, reason: String| MissingReport {
                code: if unit.code.is_of_number() { String::new() } else { unit.code.to_string() },
                name: unit.name.clone(),
                state: state.to_owned(),
                reason,
            };
            let told = |of: &[&ArrivedReport]| -> String {
                let numbers = of.iter().map(|one| format!("第{}份", one.number));
                numbers.collect::<Vec<_>>().join("、")
            };
            let of_year: Vec<&ArrivedReport> =
                came.iter().filter(|one| one.year.is_none() || one.year == year).collect();
            if of_year.is_empty() {
                let others: Vec<&ArrivedReport> = came.iter().collect();
                let reason = match others.is_empty() {
                    true => String::new(),
                    false => format!("{}是别的年度的", told(&others)),
                };
                let absent = report("未报送", reason);
                missing.push(absent.clone());
                to_call.push((place, absent));
            } else if !of_year.iter().any(|one| one.is_made) {
                to_call.push((place, report("报来的没有生成", format!("见清单{}", told(&of_year)))));
            }
        }
        AttendanceAccount { missing, to_call, repeated, unlisted }
    }
}

/// Every code that this file can raise.
pub(super) const CODES: [&Code; 2] = [&SAME_UNIT_TWICE, &NOT_ON_ROSTER];
