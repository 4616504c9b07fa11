//! What an overview tells of a batch: counts, failures, findings by kind, and the indicators of the
//! units side by side. Names are cut short and lists end somewhere, so that neither a hostile name nor
//! a province makes it endless; the whole lists are `manifest.json` and `清单.csv`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::attendance::{AttendanceTally, CODES};
use super::brevity::{LONGEST_NAME, cut, in_short};
use super::comparison::Comparisons;
use super::entry::{ArchiveEntry, ResultCounts, UnitResult};
use super::expectation::MissingReport;
use super::harmless::visible;
use crate::compilation::{BookUnit, IndicatorBoard, IndicatorBook, shared_problems};
use crate::diagnostic::{Diagnostic, Severity};
use crate::indicators::IndicatorList;
use crate::template::Overview;
use crate::template::overview::{
    FindingKind, MatterLine, OverviewAbsence, OverviewFailure, OverviewUnit, SharedLine,
};
use crate::workers::{IndicatorRecord, MatterRecord, ProblemSketch};

/// Up to so many units are all listed, as those of a city; of more, as a province's 3,000, those with the
/// most findings.
const ALL_UNITS: usize = 300;
const WORST_UNITS: usize = 100;

/// How many failures are told with their reasons.
const MAX_FAILURES: usize = 200;

/// Problems that several units state are told so far, and each with so many of them.
const MAX_SHARED: usize = 20;

/// How many units are named with a kind of finding.
const WORST_OF_KIND: usize = 3;

/// Up to so many units each has its column beside the matters of a guide.
const ALL_COLUMNS: usize = 12;

/// How many characters of a reason are told.
const LONGEST_REASON: usize = 120;

/// What an overview will tell of the units added so far.
pub(super) struct Survey {
    years: BTreeSet<u16>,
    pages: usize,
    /// The first failures.
    failures: Vec<OverviewFailure>,
    /// The first of those that came twice or unexpected, and how many there are.
    strangers: Vec<OverviewFailure>,
    strange: usize,
    units: Vec<OverviewUnit>,
    kinds: Vec<KindTally>,
    of_code: HashMap<String, usize>,
    /// Of each unit in how many places there is what of it.
    found: Vec<Vec<(usize, usize)>>,
    board: IndicatorBoard,
    /// Each with the place of its unit.
    problems: Vec<(usize, ProblemSketch)>,
    /// By the parts of their numbers, so that 2.10 stands behind 2.9.
    matters: BTreeMap<Vec<u16>, MatterTally>,
}

/// A kind of finding, in how many places and units.
#[derive(Default)]
struct KindTally {
    code: String,
    severity: Option<Severity>,
    title: String,
    places: usize,
    units: usize,
    /// The units with the most of it: how many, and the place of the unit.
    worst: Vec<(usize, usize)>,
}

/// A matter of the guide in the units so far.
struct MatterTally {
    number: String,
    name: String,
    /// Of each unit, in their order, whether it touches it; nothing of those that it does not concern, and
    /// none of the last ones of these.
    marks: Vec<Option<bool>>,
}

/// What a unit's report says, as far as it is held for all.
#[derive(Default)]
pub(super) struct UnitContent<'a> {
    pub indicators: &'a [IndicatorRecord],
    /// What its report of the year before said in figures, where that is known.
    pub last_year: &'a [IndicatorRecord],
    pub matters: Vec<MatterRecord>,
    pub problems: Vec<ProblemSketch>,
}

/// How many units were expected, and how many of these have no report that counts; 0 where nobody said.
#[derive(Clone, Copy, Default)]
pub(super) struct ExpectedUnits {
    pub all: usize,
    pub without: usize,
}

impl Survey {
    /// No unit yet. Indicators are known by this list.
    pub(super) fn new(list: Arc<IndicatorList>) -> Self {
        Self {
            years: BTreeSet::new(),
            pages: 0,
            failures: vec![],
            strangers: vec![],
            strange: 0,
            units: vec![],
            kinds: vec![],
            of_code: HashMap::new(),
            found: vec![],
            board: IndicatorBoard::new(list),
            problems: vec![],
            matters: BTreeMap::new(),
        }
    }

    /// Adds the next unit, and what its report says.
    pub(super) fn add(&mut self, entry: &ArchiveEntry, content: UnitContent) {
        let is_made = entry.result != UnitResult::Failed;
        self.years.extend(entry.year);
        self.pages += entry.pages.unwrap_or_default();
        if !is_made && self.failures.len() < MAX_FAILURES {
            self.failures.push(failure(entry));
        }
        let attendance = entry.attendance().join("；");
        if !attendance.is_empty() {
            self.strange += 1;
            if self.strangers.len() < MAX_FAILURES {
                let reason = cut(&attendance, LONGEST_REASON);
                self.strangers.push(OverviewFailure { number: entry.number, name: name(entry), reason });
            }
        }
        self.count_kinds(&entry.findings);
        if is_made {
            let unit = self.units.len();
            self.board.add(unit, content.indicators, content.last_year);
            self.problems.extend(content.problems.into_iter().map(|problem| (unit, problem)));
            content.matters.into_iter().for_each(|matter| self.mark(unit, matter));
        }
        self.units.push(line(entry));
    }

    fn count_kinds(&mut self, findings: &[Diagnostic]) {
        let mut here: BTreeMap<usize, usize> = BTreeMap::new();
        for finding in findings {
            let kind = *self.of_code.entry(finding.code.to_string()).or_insert_with(|| {
                let (code, title) = (finding.code.to_string(), finding.title.to_string());
                self.kinds.push(KindTally { code, title, ..KindTally::default() });
                self.kinds.len() - 1
            });
            let severity = &mut self.kinds[kind].severity;
            *severity = (*severity).max(Some(finding.severity));
            *here.entry(kind).or_default() += 1;
        }
        self.found.push(here.into_iter().collect());
    }

    fn mark(&mut self, unit: usize, matter: MatterRecord) {
        let MatterRecord { number, name, is_touched } = matter;
        let order = number.split('.').map(|part| part.parse().unwrap_or_default()).collect();
        let new = MatterTally { number, name, marks: vec![] };
        let marks = &mut self.matters.entry(order).or_insert(new).marks;
        marks.resize(unit, None);
        marks.push(is_touched);
    }

    /// Leaves out of all that is told of several units what does not count.
    pub(super) fn settle(&mut self, counted: &BTreeSet<usize>) {
        for unit in &mut self.units {
            unit.is_counted = counted.contains(&unit.number);
            if unit.pages.is_some() && !unit.is_counted {
                unit.result.push_str("，不计入汇总");
            }
        }
        let counts = |at: usize| self.units[at].is_counted;
        self.problems.retain(|(at, _)| counts(*at));
        for matter in self.matters.values_mut() {
            let left_out = matter.marks.iter_mut().enumerate().filter(|(at, _)| !counts(*at));
            left_out.for_each(|(_, mark)| *mark = None);
        }
    }

    /// The places of the units that count.
    fn counted(&self) -> Vec<usize> {
        (0..self.units.len()).filter(|at| self.units[*at].is_counted).collect()
    }

    /// Which unit touches which matter, as the rows of a table with its head; none without a guide.
    pub(super) fn matrix(&self) -> Option<Vec<Vec<String>>> {
        let lowest: Vec<&MatterTally> = self.matters.values().filter(|matter| !matter.is_group()).collect();
        if lowest.is_empty() {
            return None;
        }
        let head = ["序号", "报告单位"].map(str::to_owned).into_iter();
        let head = head.chain(lowest.iter().map(|matter| format!("{} {}", matter.number, matter.name)));
        let row = |(at, unit): (usize, &OverviewUnit)| {
            let words = |mark| match mark {
                _ if unit.pages.is_none() => "",
                _ if !unit.is_counted => "不计入",
                Some(true) => "写到",
                Some(false) => "没有写到",
                None => "不适用",
            };
            let marks = lowest.iter().map(|matter| words(matter.mark(at)).to_owned());
            [unit.number.to_string(), unit.name.clone()].into_iter().chain(marks).collect()
        };
        Some([head.collect()].into_iter().chain(self.units.iter().enumerate().map(row)).collect())
    }

    /// The matters as they are told, and the numbers of the units that have a column each.
    fn matter_lines(&self) -> (Vec<MatterLine>, Vec<usize>) {
        let counted = self.counted();
        let columns = if counted.len() <= ALL_COLUMNS { counted } else { vec![] };
        let line = |matter: &MatterTally| {
            let missing: Vec<usize> =
                (0..matter.marks.len()).filter(|at| matter.marks[*at] == Some(false)).collect();
            let concerned = matter.marks.iter().flatten().count();
            let mark = |at: &usize| match matter.mark(*at) {
                _ if matter.is_group() => "",
                Some(true) => "●",
                Some(false) => "○",
                None => "——",
            };
            MatterLine {
                number: matter.number.clone(),
                name: cut(&matter.name, LONGEST_NAME),
                concerned,
                touched: concerned - missing.len(),
                missing_names: self.named(&missing),
                marks: columns.iter().map(|at| mark(at).to_owned()).collect(),
            }
        };
        let lines = self.matters.values().map(line).collect();
        (lines, columns.iter().map(|at| self.units[*at].number).collect())
    }

    /// Some of these units by their names.
    fn named(&self, units: &[usize]) -> String {
        in_short(units.iter().map(|at| self.units[*at].name.as_str()), units.len())
    }

    /// What is told of all units, and the workbook of their indicators if they report any.
    pub(super) fn overview(
        mut self,
        counts: ResultCounts,
        missing: &[MissingReport],
        expected: ExpectedUnits,
        attendance: AttendanceTally,
    ) -> (Overview, Option<IndicatorBook>) {
        let counted = self.counted();
        let board =
            std::mem::replace(&mut self.board, IndicatorBoard::new(IndicatorList::built_in().clone()));
        let left_out = board.left_out();
        let ranked = board.ranked(&counted);
        let comparisons = Comparisons::new(&ranked, &self.units);
        let is_reported = ranked.iter().any(|one| one.reported() > 0);
        let book = is_reported
            .then(|| IndicatorBook::new(counted.iter().map(|at| self.book_unit(*at)).collect(), &ranked));
        drop(ranked);
        let (shared, more_shared) = self.shared();
        let kinds = self.kinds();
        let (matters, columns) = self.matter_lines();
        let uncounted = counts.made + counts.made_with_warnings - counted.len();
        let mut units = self.units;
        if units.len() > ALL_UNITS {
            units.sort_by_key(|unit| Reverse((unit.errors, unit.warnings, unit.notes)));
            units.truncate(WORST_UNITS);
        }
        let overview = Overview {
            years: self.years.iter().copied().collect(),
            // PDF/A wants a day, and no day of today gives the same bytes tomorrow: the end of the year.
            date: format!("{}-12-31", self.years.last().unwrap_or(&2000)),
            total: counts.total,
            expected: expected.all,
            without: expected.without,
            came: attendance.units,
            unlisted: attendance.unlisted,
            uncounted,
            unread: attendance.unread,
            unknown: attendance.unknown,
            more_strangers: self.strange - self.strangers.len(),
            strangers: self.strangers,
            made: counts.made,
            made_with_warnings: counts.made_with_warnings,
            failed: counts.failed,
            missing: missing.iter().take(MAX_FAILURES).map(missing_line).collect(),
            more_missing: missing.len().saturating_sub(MAX_FAILURES),
            pages: self.pages,
            more_failures: counts.failed - self.failures.len(),
            failures: self.failures,
            more_units: counts.total - units.len(),
            units,
            kinds,
            shared,
            more_shared,
            matters,
            columns,
            totals: comparisons.totals,
            more_totals: comparisons.more_totals,
            ranks: comparisons.ranks,
            indicators: comparisons.compared,
            more_indicators: comparisons.more_compared,
            lone: comparisons.lone,
            more_lone: comparisons.more_lone,
            left_out,
        };
        (overview, book)
    }

    fn book_unit(&self, at: usize) -> BookUnit {
        let unit = &self.units[at];
        BookUnit { number: at, name: unit.name.clone(), year: unit.year.parse().ok() }
    }

    /// The problems that several units state, and how many more there are.
    fn shared(&mut self) -> (Vec<SharedLine>, usize) {
        let shared = shared_problems(&std::mem::take(&mut self.problems));
        let line = |(text, units): (String, &[usize])| SharedLine {
            text: cut(&visible(&text), LONGEST_REASON),
            units: units.len(),
            names: self.named(units),
        };
        let more = shared.len().saturating_sub(MAX_SHARED);
        let told = shared.into_iter().take(MAX_SHARED);
        (told.map(|one| line((one.text, &one.units))).collect(), more)
    }

    /// The most serious first, of these the most frequent, each with the units that have the most of it. Of a report
    /// that does not count only that is told.
    fn kinds(&mut self) -> Vec<FindingKind> {
        let mut kinds = std::mem::take(&mut self.kinds);
        for (at, (unit, found)) in self.units.iter().zip(&self.found).enumerate() {
            let is_left_out = unit.pages.is_some() && !unit.is_counted;
            for (kind, places) in found {
                let kind = &mut kinds[*kind];
                if is_left_out && !CODES.iter().any(|code| code.name == kind.code) {
                    continue;
                }
                kind.places += places;
                kind.units += 1;
                kind.worst.push((*places, at));
                // Of equal ones the first of the batch.
                kind.worst.sort_by_key(|(places, _)| Reverse(*places));
                kind.worst.truncate(WORST_OF_KIND);
            }
        }
        kinds.retain(|kind| kind.units > 0);
        kinds.sort_by(|one, other| one.code.cmp(&other.code));
        kinds.sort_by_key(|kind| (Reverse(kind.severity), Reverse(kind.places)));
        let worst = |(places, at): &(usize, usize)| format!("{}{places}处", self.units[*at].name);
        let kind = |seen: KindTally| FindingKind {
            severity: seen.severity.map(Severity::label).unwrap_or_default().to_owned(),
            title: seen.title,
            code: seen.code,
            count: seen.places,
            units: seen.units,
            worst: seen.worst.iter().map(worst).collect::<Vec<_>>().join("、"),
        };
        kinds.into_iter().map(kind).collect()
    }
}

impl MatterTally {
    /// Whether it only sorts others.
    fn is_group(&self) -> bool {
        self.marks.iter().flatten().next().is_none()
    }

    fn mark(&self, unit: usize) -> Option<bool> {
        self.marks.get(unit).copied().flatten()
    }
}

fn failure(unit: &ArchiveEntry) -> OverviewFailure {
    let first_error = unit.findings.iter().find(|one| one.severity == Severity::Error);
    let reason = first_error.or(unit.findings.first()).map(Diagnostic::in_one_line);
    OverviewFailure {
        number: unit.number,
        name: name(unit),
        reason: cut(&reason.unwrap_or_default(), LONGEST_REASON),
    }
}

fn missing_line(unit: &MissingReport) -> OverviewAbsence {
    OverviewAbsence {
        name: cut(&visible(&unit.name), LONGEST_NAME),
        state: unit.state.clone(),
        reason: cut(&visible(&unit.reason), LONGEST_REASON),
    }
}

fn line(unit: &ArchiveEntry) -> OverviewUnit {
    OverviewUnit {
        number: unit.number,
        name: name(unit),
        year: unit.year.map(|year| year.to_string()).unwrap_or_default(),
        result: unit.result.label().to_owned(),
        pages: unit.pages,
        errors: unit.count(Severity::Error),
        warnings: unit.count(Severity::Warning),
        notes: unit.count(Severity::Note),
        is_counted: false,
    }
}

/// What a unit is called, or where it comes from.
fn name(unit: &ArchiveEntry) -> String {
    cut(unit.unit.as_deref().unwrap_or(&unit.source), LONGEST_NAME)
}
