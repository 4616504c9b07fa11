//! Who came: of those on the roster who reported and who did not, who came more than once, and who is not on it. Of
//! a unit that came more than once one report counts in all that tells of all units: of the newest year, the first
//! that could be made.

use std::collections::{BTreeSet, HashMap};

use super::expectation::MissingReport;
use super::harmless::visible;
use crate::code;
use crate::diagnostic::{Code, Diagnostic};
use crate::report::FieldPath;
use crate::roster::{RosterIndex, RosterUnit, bare_name, unit_in_file_name};
use crate::workers::UnitRecord;

code! {
    /// 同一单位报了不止一份
    ///
    /// 这一批里有两份报告是同一个单位、同一年度的：单位代码相同，或者名称相同。程序都生成了，不替人挑选；汇总、指标、共有的不足和事项对照里只算一份：先到的、生成了的那一份。清单的“计入汇总”一列写着算的是哪一份。
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
    roster: &'a [RosterUnit],
    of_code: HashMap<&'a str, usize>,
    names: RosterIndex,
    /// What came, unit by unit.
    groups: Vec<Vec<ArrivedReport>>,
    /// The unit of each place on the roster that somebody came for, of each code, and of each name with its code.
    by_place: HashMap<usize, usize>,
    by_code: HashMap<String, usize>,
    by_name: HashMap<String, (usize, Option<String>)>,
    /// Of a place on the roster the first report that is perhaps meant for it, and is of nobody.
    perhaps: HashMap<usize, usize>,
    repeated: usize,
    unlisted: usize,
    unknown: usize,
}

/// A report of a unit.
struct ArrivedReport {
    number: usize,
    year: Option<u16>,
    is_made: bool,
    /// Whether it says whose it is; else the file's name does.
    is_named: bool,
    /// Whether it is of the unit on the roster, and does not only bear its code.
    is_of_roster: bool,
}

/// Why a report is of no unit on the roster.
enum StrangerKind {
    /// No name is the same; this one is the nearest.
    Unlisted(Option<usize>),
    /// Its code and its name are of two units, or the code is not that of the unit.
    Contradictory(usize),
}

/// What there is to say of a report beside the others.
#[derive(Default)]
pub(super) struct ArrivalNote {
    pub found: Vec<Diagnostic>,
    /// Whose it probably is, where it does not say so itself.
    pub unit: Option<String>,
    /// Whether a report of the same unit, of whatever year, was made before.
    pub is_again: bool,
}

/// What came of it.
pub(super) struct AttendanceAccount {
    /// Of whom there is no report, though one was expected.
    pub missing: Vec<MissingReport>,
    /// Whom to call: those, and those whose report could not be read or made; with their places on the roster.
    pub to_call: Vec<(usize, MissingReport)>,
    /// The reports that count, one of each unit at most.
    pub counted: BTreeSet<usize>,
    /// How many units on the roster have no report that counts.
    pub without: usize,
    pub tally: AttendanceTally,
}

/// How many came more than once, unexpected, or so that nobody can read it.
#[derive(Clone, Copy, Debug, Default)]
pub struct AttendanceTally {
    /// Units that something came of.
    pub units: usize,
    /// Reports of a unit and year that came before, and of units that nobody expected.
    pub repeated: usize,
    pub unlisted: usize,
    /// Units that sent what nobody can read, and nothing else.
    pub unread: usize,
    /// Files that nobody can read, nor tell whose they are.
    pub unknown: usize,
}

impl<'a> Attendance<'a> {
    pub(super) fn new(roster: &'a [RosterUnit]) -> Self {
        let names: Vec<&str> = roster.iter().map(|unit| unit.name.as_str()).collect();
        Self {
            roster,
            of_code: roster.iter().enumerate().map(|(at, unit)| (unit.code.as_str(), at)).collect(),
            names: RosterIndex::new(&names),
            groups: vec![],
            by_place: HashMap::new(),
            by_code: HashMap::new(),
            by_name: HashMap::new(),
            perhaps: HashMap::new(),
            repeated: 0,
            unlisted: 0,
            unknown: 0,
        }
    }

    /// Notes a report, and says what is to be said of it. Of one that nobody could read the file's name may tell
    /// whose it is.
    pub(super) fn note(&mut self, number: usize, source: &str, told: &UnitRecord) -> ArrivalNote {
        let is_named = told.unit.is_some() || told.full_name.is_some() || told.code.is_some();
        let place = match self.roster.is_empty() {
            true => Ok(None),
            false => self.place(told, source),
        };
        let mut note = ArrivalNote::default();
        if told.unit.is_none() {
            let listed = place.as_ref().ok().copied().flatten().map(|at| self.roster[at].name.clone());
            note.unit = listed.or_else(|| Some(unit_in_file_name(source)).filter(|name| !name.is_empty()));
        }
        if !self.roster.is_empty() && matches!(place, Ok(None)) {
            self.unknown += 1;
        }
        note.found.extend(place.as_ref().err().map(|why| self.stranger(told, why)));
        if let Err(StrangerKind::Unlisted(Some(at)) | StrangerKind::Contradictory(at)) = place {
            self.perhaps.entry(at).or_insert(number);
        }
        self.unlisted += usize::from(place.is_err());
        // A code that is another's is no sign of a unit.
        let is_own_code = !matches!(place, Err(StrangerKind::Contradictory(_)));
        let place = place.ok().flatten();
        let group = self.group(told, place, is_own_code);
        let group = &mut self.groups[group];
        let is_made = told.is_made();
        note.is_again = group.iter().any(|one| one.is_made);
        let of_year = |one: &&ArrivedReport| is_named && one.is_named && one.year == told.year;
        if let Some(first) = group.iter().find(of_year) {
            self.repeated += 1;
            let counted = group.iter().filter(of_year).find(|one| one.is_made);
            note.found.push(repetition(first.number, counted.map(|one| one.number), is_made));
        }
        let is_of_roster = place.is_some();
        group.push(ArrivedReport { number, year: told.year, is_made, is_named, is_of_roster });
        note
    }

    /// The unit whose report it is, among those that came.
    fn group(&mut self, told: &UnitRecord, place: Option<usize>, is_own_code: bool) -> usize {
        let code =
            told.code.as_deref().map(|code| code.trim().to_lowercase()).filter(|code| !code.is_empty());
        let name = told.full_name.as_deref().or(told.unit.as_deref()).map(bare_name);
        let of_place = place.and_then(|place| self.by_place.get(&place)).copied();
        let own_code = code.as_ref().filter(|_| is_own_code);
        let of_code = || own_code.and_then(|code| self.by_code.get(code)).copied();
        let of_name = || {
            let (group, theirs) = self.by_name.get(name.as_ref()?)?;
            // Two of one name with codes of their own are two units, as the 城关区 of two cities.
            let are_two = matches!((&code, theirs), (Some(one), Some(other)) if one != other);
            (!are_two).then_some(*group)
        };
        let group = of_place.or_else(of_code).or_else(of_name).unwrap_or_else(|| {
            self.groups.push(vec![]);
            self.groups.len() - 1
        });
        if let Some(place) = place {
            self.by_place.entry(place).or_insert(group);
        }
        if let Some(code) = own_code {
            self.by_code.entry(code.clone()).or_insert(group);
        }
        if let Some(name) = name {
            self.by_name.entry(name).or_insert((group, code));
        }
        group
    }

    /// The place on the roster of the unit whose report it is. None where nobody can tell whose it is.
    fn place(&self, told: &UnitRecord, source: &str) -> Result<Option<usize>, StrangerKind> {
        let names: Vec<&str> =
            [told.full_name.as_deref(), told.unit.as_deref()].into_iter().flatten().collect();
        let by_name = self.names.of_names(&names);
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
            (None, None) if names.is_empty() => Ok(self.names.of_path(source)),
            (None, None) => Err(StrangerKind::Unlisted(self.names.nearest(&names))),
        }
    }

    /// What is to be said of a report that is of nobody on the roster.
    fn stranger(&self, told: &UnitRecord, why: &StrangerKind) -> Diagnostic {
        let name = visible(told.full_name.as_deref().or(told.unit.as_deref()).unwrap_or_default());
        let (message, hint) = match why {
            StrangerKind::Unlisted(nearest) => {
                let near = nearest.map(|at| format!("，最接近的是“{}”", self.roster[at].name));
                let message = format!("名录里没有“{name}”{}", near.unwrap_or_default());
                (message, "名称写错的，请按名录改正；名录里漏了的，请补进名录")
            }
            StrangerKind::Contradictory(at) => {
                let listed = &self.roster[*at];
                let code = visible(told.code.as_deref().unwrap_or_default());
                let message = format!(
                    "“{name}”的单位代码是 {code}，与名录对不上：名录里 {} 是“{}”",
                    listed.code, listed.name
                );
                (message, "请核对名称和单位代码哪一个写错了；是另一个单位的，请补进名录")
            }
        };
        NOT_ON_ROSTER.at(FieldPath::root(), message, hint)
    }

    /// The year that most reports are of.
    fn year(&self) -> Option<u16> {
        let mut years: HashMap<u16, usize> = HashMap::new();
        let of_roster = self.groups.iter().flatten().filter(|one| one.is_of_roster);
        of_roster.filter_map(|one| one.year).for_each(|year| *years.entry(year).or_default() += 1);
        years.into_iter().max_by_key(|(year, count)| (*count, *year)).map(|(year, _)| year)
    }

    /// The account, once all have come.
    pub(super) fn finish(self) -> AttendanceAccount {
        let year = self.year();
        let Self { roster, groups, by_place, perhaps, repeated, unlisted, unknown, .. } = self;
        let is_of_year = |one: &&ArrivedReport| one.year.is_none() || one.year == year;
        let counted: Vec<Option<usize>> = groups
            .iter()
            .map(|group| {
                let made = group.iter().filter(|one| one.is_made);
                // A roster is of one year.
                let made: Vec<_> = made.filter(|one| roster.is_empty() || is_of_year(one)).collect();
                let newest = made.iter().map(|one| one.year).max();
                made.iter().find(|one| Some(one.year) == newest).map(|one| one.number)
            })
            .collect();
        let (mut missing, mut to_call, mut unread, mut without) = (vec![], vec![], 0, 0);
        for (place, unit) in roster.iter().enumerate() {
            let group = by_place.get(&place).copied();
            let came = group.map(|group| groups[group].as_slice()).unwrap_or_default();
            let came: Vec<&ArrivedReport> = came.iter().filter(|one| one.is_of_roster).collect();
            without += usize::from(group.and_then(|group| counted[group]).is_none());
            let report = |state: &str, reason: String| MissingReport {
                code: if unit.code.is_of_number() { String::new() } else { unit.code.to_string() },
                name: unit.name.clone(),
                state: state.to_owned(),
                reason,
            };
            let of_year: Vec<&ArrivedReport> = came.iter().copied().filter(is_of_year).collect();
            if of_year.is_empty() {
                let reason = match perhaps.get(&place) {
                    _ if !came.is_empty() => format!("{}是别的年度的", numbers(&came)),
                    Some(number) => format!("第{number}份可能是它的，名称或代码与名录不一致"),
                    None => String::new(),
                };
                let absent = report("未报送", reason);
                missing.push(absent.clone());
                to_call.push((place, absent));
            } else if !of_year.iter().any(|one| one.is_made) {
                let is_unread = !of_year.iter().any(|one| one.is_named);
                unread += usize::from(is_unread);
                let state = if is_unread { "报来但读不了" } else { "报来的没有生成" };
                to_call.push((place, report(state, format!("见清单{}", numbers(&of_year)))));
            }
        }
        let tally = AttendanceTally { units: groups.len(), repeated, unlisted, unread, unknown };
        AttendanceAccount {
            missing,
            to_call,
            counted: counted.into_iter().flatten().collect(),
            without,
            tally,
        }
    }
}

/// Says that a unit came before, and which of its reports counts.
fn repetition(first: usize, counted: Option<usize>, is_made: bool) -> Diagnostic {
    let which = match (counted, is_made) {
        (Some(counted), true) => format!("，汇总里只算第{counted}份"),
        (None, true) => format!("，第{first}份没有生成，汇总里算的是这一份"),
        (_, false) => String::new(),
    };
    let message = format!("与第{first}份是同一个单位、同一年度的报告{which}");
    let hint = "请核对以哪一份为准，把另一份移出去，重新生成";
    SAME_UNIT_TWICE.at(FieldPath::root(), message, hint)
}

fn numbers(of: &[&ArrivedReport]) -> String {
    of.iter().map(|one| format!("第{}份", one.number)).collect::<Vec<_>>().join("、")
}

/// Every code that this file can raise.
pub(super) const CODES: [&Code; 2] = [&SAME_UNIT_TWICE, &NOT_ON_ROSTER];
