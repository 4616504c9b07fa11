use std::ops::Range;
use std::sync::LazyLock;

use foldhash::{HashMap, HashSet};
use rust_decimal::{Decimal, RoundingStrategy};

use super::Reading;
use super::reading::Passage;
use crate::code;
use crate::diagnostic::{Diagnostic, Severity};
use crate::language::figures::{Dimension, Figure};
use crate::language::numerals::digits;
use crate::language::quantity::CountedIn;
use crate::language::relations::{Moment, RELATIONS};
use crate::report::{Indicator, IndicatorValue};

code! {
    /// 同一指标前后两个数
    ///
    /// 同一件事在导语、正文、指标和附表里写了不同的数：改了一处，别处没有跟着改。
    ///
    /// 错误：导语写“审结行政复议案件359件”，第五部分写“审结行政复议案件358件”。
    ///
    /// 正确：各处都写359件。
    ///
    /// 名称要一字不差才算同一指标（“审结行政复议案件”和“行政复议案件审结”算同一个）；说的是上年、某一季度、某一地方的不算；带“余”“近”“约”的数，只要可能对得上就不提。
    ///
    /// 看不出：同一件事前后用了不同的名称；一处是总数、一处是分项，又没有写明范围的。
    pub(super) FIGURE_CONFLICT = "figure-conflict", Error
}

/// Below this many characters a name is too general to name one thing: 办理案件.
const SHORTEST: usize = 6;

/// How far before a figure its sentence may still narrow it, in bytes.
const FARTHEST: usize = 300;

/// What may stand before a name and does not change what it names.
const OPENINGS: [&str; 10] = ["全年", "共", "累计", "全区", "全市", "全县", "我区", "我市", "我县", "全省"];

/// What follows such an opening. Most names begin with none, and most characters begin none.
fn opening(name: &str) -> Option<&str> {
    let may_be = name.starts_with(['全', '共', '累', '我']);
    OPENINGS.iter().filter(|_| may_be).find_map(|word| name.strip_prefix(word))
}

/// Words that give a figure a smaller scope than the report's.
const SCOPES: [&str; 18] = [
    "本级",
    "其中",
    "季度",
    "半年",
    "截至",
    "月",
    "以来",
    "部门",
    "镇",
    "街道",
    "市级",
    "县级",
    "区级",
    "办理的",
    "涉及",
    "县",
    "历年",
    "分局",
];

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let mut found = in_indicators(&reading.report.indicators);
    found.extend(in_tables(reading));
    let mut told = HashMap::default();
    found.extend(in_texts(reading, &mut told));
    found.extend(tables_against(reading, &told));
    found
}

/// One key twice.
fn in_indicators(indicators: &[Indicator]) -> Vec<Diagnostic> {
    let mut first: HashMap<&str, &Indicator> = HashMap::default();
    let mut found = Vec::new();
    for (index, indicator) in indicators.iter().enumerate() {
        match first.get(indicator.key()) {
            Some(earlier) if earlier.value.number() != indicator.value.number() => {
                let message =
                    format!("指标{}有两个数：{}和{}", indicator.key(), earlier.value, indicator.value);
                let path = crate::path!["indicators", index, "value"];
                found.push(FIGURE_CONFLICT.at(path, message, "请核对，只留一个"));
            }
            Some(_) => {}
            None => drop(first.insert(indicator.key(), indicator)),
        }
    }
    found
}

/// A row of a table that names an indicator, in the columns of this year and the last.
fn in_tables(reading: &Reading) -> Vec<Diagnostic> {
    let report = reading.report;
    let named: HashMap<&str, &Indicator> = report.indicators.iter().map(|one| (&*one.name, one)).collect();
    let (this, last) = (format!("{}年", report.year.number()), format!("{}年", report.year.number() - 1));
    let mut found = Vec::new();
    for (number_of, attachment) in report.attachments.iter().enumerate() {
        let Some(table) = &attachment.table else { continue };
        let is_of_units = |name: &str| matches!(name.trim(), "单位" | "计量单位" | "计算单位");
        let unit_column = table.columns.iter().position(|name| is_of_units(name));
        for (row_number, row) in table.rows.iter().enumerate() {
            let Some(indicator) = row.iter().find_map(|cell| named.get(cell.trim())) else { continue };
            for (column, cell) in
                table.columns.iter().zip(row.iter()).enumerate().map(|(at, (name, cell))| ((at, name), cell))
            {
                let value = match column.1.trim() {
                    name if name == this => Some(&indicator.value),
                    name if name == last => indicator.previous.as_ref(),
                    _ => None,
                };
                let (Some(value), Ok(written)) =
                    (value.and_then(IndicatorValue::number), cell.trim().parse::<Decimal>())
                else {
                    continue;
                };
                let unit = indicator.unit.as_deref().unwrap_or_default();
                let of_row = unit_column.and_then(|at| row.get(at)).map_or(unit, |cell| cell.trim());
                if !is_same((value, unit), (written, of_row)) && !indicator.approximate {
                    let (of_row, unit) = if of_row == unit { ("", "") } else { (of_row, unit) };
                    let path = crate::path!["attachments", number_of, "table", "rows", row_number, column.0];
                    let message = format!(
                        "附表里“{}”的{}是{written}{of_row}，指标里是{value}{unit}",
                        &*indicator.name,
                        column.1.trim()
                    );
                    found.push(FIGURE_CONFLICT.at(path, message, "请核对，改成一致"));
                }
            }
        }
    }
    found
}

/// Whether two values in units of measure are one, as far as either is rounded: 1.23万件 and 12345件.
fn is_same((value, unit): (Decimal, &str), (other, other_unit): (Decimal, &str)) -> bool {
    let (one, two) = (CountedIn::of(unit), CountedIn::of(other_unit));
    if value == other || one.measured != two.measured || one.scale == two.scale {
        return value == other;
    }
    let rounded = |value: Decimal, from: &CountedIn, into: &CountedIn, like: Decimal| {
        let converted = value.checked_mul(from.scale)?.checked_div(into.scale)?;
        Some(converted.round_dp_with_strategy(like.scale(), RoundingStrategy::MidpointAwayFromZero))
    };
    rounded(other, &two, &one, value) == Some(value) || rounded(value, &one, &two, other) == Some(other)
}

/// A row of a table that tells in this year's column what the text tells with another count.
fn tables_against(reading: &Reading, told: &HashMap<Subject, Statement>) -> Vec<Diagnostic> {
    let this = format!("{}年", reading.report.year.number());
    let counts = told.iter().filter(|((_, dimension), _)| matches!(dimension, Dimension::Count(_)));
    let mut told_of: HashMap<[&str; 2], Vec<&Statement>> = HashMap::default();
    counts.for_each(|((of, _), statement)| told_of.entry(*of).or_default().push(statement));
    let mut found = Vec::new();
    for (index, attachment) in reading.report.attachments.iter().enumerate() {
        let Some(table) = &attachment.table else { continue };
        let Some(column) = table.columns.iter().position(|name| {
            let name = name.trim().trim_end_matches('度');
            name == this || name == "本年" || name == "数量" || name == "件数" || name == "数值"
        }) else {
            continue;
        };
        for (row_number, row) in table.rows.iter().enumerate() {
            let Some((name, written)) = row.first().map(|name| name.trim()).zip(row.get(column)) else {
                continue;
            };
            let Some((value, _)) = digits(written.trim()) else { continue };
            let subject = stage_and_object(name);
            let statements = told_of.get(&subject).filter(|_| name.chars().count() >= SHORTEST);
            // What is counted in two units may be told in either.
            let agrees =
                |told: &&Statement| told.figure.interval.low <= value && value <= told.figure.interval.high;
            let other =
                statements.filter(|all| !all.iter().any(|told| agrees(told) || told.is_of_a_part(reading)));
            let Some(told) = other.and_then(|all| all.iter().min_by_key(|told| told.said())) else {
                continue;
            };
            let path = crate::path!["attachments", index, "table", "rows", row_number, column];
            let (place, said) = (told.passage.label(), told.said());
            let message = format!("附表里的{name}是{value}，“{place}”里是{said}");
            found.push(FIGURE_CONFLICT.at(path, message, "请核对，改成一致"));
        }
    }
    found
}

/// What a count is of: the stage of a work, what is worked on, in what it is counted.
type Subject<'a> = ([&'a str; 2], Dimension);

/// A count in a text, by the words directly before it.
struct Statement<'a> {
    passage: &'a Passage,
    figure: &'a Figure,
    sentence: &'a Range<usize>,
}

impl Statement<'_> {
    fn said(&self) -> &str {
        self.passage.text[self.figure.range.clone()].trim()
    }

    /// Whether it says that it counts all: 全年共举办16期.
    fn is_total(&self) -> bool {
        let before = &self.passage.text[self.figure.before.clone()];
        ["共", "累计", "合计"].iter().any(|word| before.contains(word))
    }

    /// Whether a count is of a part of the unit or of the year, or of another year.
    fn is_of_a_part(&self, reading: &Reading) -> bool {
        let (text, start) = (&self.passage.text, self.figure.range.start);
        let earliest = text.floor_char_boundary(start.saturating_sub(FARTHEST)).max(self.sentence.start);
        let mut scope = text[earliest..start].to_owned();
        own_names(reading).for_each(|name| scope = scope.replace(name, ""));
        SCOPES.iter().any(|word| scope.contains(word))
            || Moment::of(text[self.figure.before.clone()].trim()) == Moment::Earlier
    }
}

/// The same words before a count, with another count; and an indicator's name before a count that
/// is not its own.
fn in_texts<'a>(reading: &'a Reading, first: &mut HashMap<Subject<'a>, Statement<'a>>) -> Vec<Diagnostic> {
    let indicators: HashMap<&str, &Indicator> = reading
        .report
        .indicators
        .iter()
        .filter(|one| one.name.chars().count() >= SHORTEST)
        .map(|one| (&*one.name, one))
        .collect();
    let mut found = Vec::new();
    for passage in reading.prose().filter(|passage| !matches!(passage.section(), "plans" | "attachments")) {
        for sentence in passage.figures() {
            for figure in &sentence.figures {
                let Some(name) = name_of(reading, passage, figure) else { continue };
                let statement = Statement { passage, figure, sentence: &sentence.range };
                if let Some(indicator) = indicators.get(name)
                    && let Some(told) = other_than_indicator(reading, &statement, name, indicator)
                {
                    found.push(told);
                    continue;
                }
                let subject = (stage_and_object(name), figure.dimension);
                let Some(earlier) = first.get(&subject) else {
                    first.insert(subject, statement);
                    continue;
                };
                // Only where two differ does it matter of what they are.
                if earlier.figure.interval.meets(&figure.interval) || statement.is_of_a_part(reading) {
                    continue;
                }
                if earlier.is_of_a_part(reading) {
                    first.insert(subject, statement);
                    continue;
                }
                found.extend(told_otherwise(&statement, name, earlier));
            }
        }
    }
    found
}

fn other_than_indicator(
    reading: &Reading,
    statement: &Statement,
    name: &str,
    indicator: &Indicator,
) -> Option<Diagnostic> {
    let Statement { passage, figure, .. } = statement;
    let value = indicator.value.number().filter(|_| !indicator.approximate)?;
    // A figure is of the whole: 1.23万件 is 12300.
    let unit = indicator.unit.as_deref().unwrap_or_default();
    let scale = if unit.starts_with(['万', '亿']) { CountedIn::of(unit).scale } else { Decimal::ONE };
    let whole = value.checked_mul(scale)?;
    let agrees = figure.interval.low <= whole && whole <= figure.interval.high;
    if agrees || !is_unit(passage, figure, indicator) || statement.is_of_a_part(reading) {
        return None;
    }
    let multiple = if scale == Decimal::ONE { "" } else { unit };
    let message = format!("“{}”里的{name}是{}，指标里是{value}{multiple}", passage.label(), statement.said());
    Some(passage.at(&FIGURE_CONFLICT, figure.range.clone(), message, "请核对，改成一致"))
}

/// Two counts of one thing: of what is told once for the year, or of what the preface sums up. Where one calls
/// itself a total, the other may be of less, and a person should look.
fn told_otherwise(statement: &Statement, name: &str, earlier: &Statement) -> Option<Diagnostic> {
    let passage = statement.passage;
    let recurs = RELATIONS.recurring.is_in(name);
    let is_summed_up = earlier.passage.section() == "preface" && passage.section() != "preface";
    let severity = if recurs || is_summed_up {
        Severity::Error
    } else if statement.is_total() || earlier.is_total() {
        Severity::Warning
    } else {
        return None;
    };
    let message = format!(
        "“{}”里的{name}是{}，“{}”里是{}",
        passage.label(),
        statement.said(),
        earlier.passage.label(),
        earlier.said()
    );
    let told = passage.at(&FIGURE_CONFLICT, statement.figure.range.clone(), message, "请核对，改成一致");
    Some(Diagnostic { severity, ..told })
}

/// What a count is of, if the words before it say so on their own.
fn name_of<'a>(reading: &Reading, passage: &'a Passage, figure: &Figure) -> Option<&'a str> {
    let text = &passage.text;
    let before = text[figure.before.clone()].trim();
    let is_rate =
        figure.dimension == Dimension::Percent && before.trim_end_matches(['达', '到', '为']).ends_with('率');
    if !figure.is_count() && !is_rate {
        return None;
    }
    // What follows may narrow it, 行政复议案件120件涉及…, or say something of all.
    let after = text[figure.after.clone()].trim();
    if !after.is_empty() && !["全部", "均", "都"].iter().any(|all| after.starts_with(all)) {
        return None;
    }
    let own = own_names(reading);
    let is_this = |written: &str| written.parse() == Ok(reading.report.year.number());
    let year = before.split_once('年').filter(|(year, _)| is_this(year));
    let before = year.map_or(before, |(_, rest)| rest.trim_start_matches('度'));
    let mut name = before.trim_end_matches(['共', '计', '达', '到', '为', '了']);
    // Too short for a name, whatever it begins with.
    name.chars().nth(SHORTEST - 1)?;
    while let Some(rest) = opening(name).or_else(|| own.clone().find_map(|word| name.strip_prefix(word))) {
        name = rest;
    }
    // 12348热线 is a name, 2023年 another year.
    let is_name = name.chars().count() >= SHORTEST
        && name.chars().all(char::is_alphanumeric)
        && !(name.contains(['年', '月', '日']) && name.contains(|c: char| c.is_ascii_digit()));
    is_name.then_some(name)
}

/// 审结行政复议案件 and 行政复议案件审结 are one: the stage of the work, and what is worked on.
fn stage_and_object(name: &str) -> [&str; 2] {
    static STAGES: LazyLock<HashSet<&str>> = LazyLock::new(|| RELATIONS.stages.words.iter().collect());
    // All of these words have two characters.
    let at = |length: Option<(usize, char)>| length.map_or(name.len(), |(at, _)| at);
    let (first, object) = name.split_at(at(name.char_indices().nth(2)));
    let (named, last) = name.split_at(at(name.char_indices().nth_back(1)));
    // Verbs that say no more than that something was done: 制发意见书 and 发出意见书 are one.
    if matches!(first, "制发" | "发出" | "下发" | "印发" | "举办" | "开展" | "组织") {
        ["", object]
    } else if STAGES.contains(first) {
        [first, object]
    } else if STAGES.contains(last) {
        [last, named]
    } else {
        ["", name]
    }
}

/// What the unit calls itself.
fn own_names<'a>(reading: &Reading<'a>) -> impl Iterator<Item = &'a str> + Clone {
    let issuer = &reading.report.issuer;
    [Some(&issuer.name), issuer.short_name.as_ref()].into_iter().flatten().map(|name| &**name)
}

fn is_unit(passage: &Passage, figure: &Figure, indicator: &Indicator) -> bool {
    let said = &passage.text[figure.range.clone()];
    indicator.unit.as_deref().is_some_and(|unit| said.trim_end().ends_with(unit))
}
