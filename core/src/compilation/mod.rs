//! 汇编: from the reports of many units the beginning of the report of the bureau that asked for them, to be
//! written on by a person. Nothing is invented: what the draft says is a sum, with the values that it is of,
//! or a sentence of a unit, with its place; both stand among the [origins](Compilation::origins). What only a
//! person can write is left out and named. Words are counted, not understood, so that everybody can see why
//! a sentence stands where it does.

mod board;
mod book;
mod chooser;
mod measures;
mod plans;
mod problems;
mod ranked;
mod rows;
mod tables;
mod totals;
mod units;
mod utterances;
mod wording;

pub use board::{IndicatorBoard, IndicatorRecord};
pub use book::{BookUnit, IndicatorBook};
pub use problems::{ProblemSketch, SharedProblem, problem_sketches, shared_problems};
pub use ranked::{RankedIndicator, RankedLine};
pub use rows::{IndicatorRow, UnwritableRows, indicator_rows, indicator_workbook};
pub use totals::YearOnYear;

use serde_json::{Map, Value, json};

use crate::guide::Guide;
use crate::language::invisible::is_invisible;
use crate::report::{Date, FieldPath, Issuer, Report, Year};
use chooser::Desk;
use totals::{Total, Totals};
use units::UnitNames;
use utterances::Listener;

/// What is to be compiled, and for whom.
pub struct Commission<'a> {
    /// Whose report it will be.
    pub issuer: &'a Issuer,
    /// The year that is reported on; reports of others are left out and named.
    pub year: Year,
    /// The date that stands in it until a person writes another.
    pub date: Option<Date>,
    /// By which sentences are sorted.
    pub guide: &'a Guide,
    /// The names of units whose reports are not there.
    pub missing: &'a [String],
    pub limits: CompilationLimits,
}

/// How much of what units write goes into the draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompilationLimits {
    /// Paragraphs of section 1 in one area.
    pub paragraphs_per_area: usize,
    /// Sentences of units in one paragraph.
    pub sentences_per_paragraph: usize,
    /// Problems that several units state.
    pub shared_problems: usize,
    /// Problems that one unit states.
    pub single_problems: usize,
}

impl Default for CompilationLimits {
    fn default() -> Self {
        Self { paragraphs_per_area: 4, sentences_per_paragraph: 3, shared_problems: 12, single_problems: 6 }
    }
}

/// The report of one unit, with that of the year before where there is one.
#[derive(Clone, Copy)]
pub struct UnitReport<'a> {
    pub report: &'a Report,
    pub last_year: Option<&'a Report>,
}

/// The beginning of a bureau's own report.
#[derive(Clone, Debug, PartialEq)]
pub struct Compilation {
    /// A document of the contract that is not finished: it has no preface, and no date but the one that was given.
    pub report: Value,
    /// Where what the draft says is from, in the order of the parts.
    pub origins: Vec<SentenceOrigin>,
    /// What was left out, converted or not added, and why; in Chinese, for whoever writes on.
    pub remarks: Vec<String>,
}

/// Where a sentence or a value of the draft is from. A sum has one for each value that it is of.
#[derive(Clone, Debug, PartialEq)]
pub struct SentenceOrigin {
    /// The field of the draft.
    pub path: FieldPath,
    /// As it stands there.
    pub written: String,
    /// The place of its unit in the list that was given, from 0.
    pub unit: usize,
    /// The unit as the draft calls it.
    pub name: String,
    /// The field of the unit's report.
    pub source: FieldPath,
    /// As it stands there.
    pub text: String,
}

/// The year that reports are about; plans are for the one after.
#[derive(Clone, Copy)]
struct YearSpan {
    of: u16,
}

/// Compiles the reports of these units. Takes time in proportion to what they say.
pub fn compile(commission: &Commission, units: &[UnitReport]) -> Compilation {
    let year = commission.year.number();
    let mut remarks = Vec::new();
    let (kept, places) = of_the_year(year, units, &mut remarks);
    let issuers: Vec<&Issuer> = kept.iter().map(|one| &one.report.issuer).collect();
    let names = UnitNames::of(&issuers);
    tell_coverage(commission, &names, &kept, &mut remarks);
    let desk = Desk {
        units: &kept,
        names: &names,
        guide: commission.guide,
        limits: &commission.limits,
        years: YearSpan { of: year },
    };
    let mut listener = Listener::new(commission.guide);
    let totals = Totals::of(&kept, &names);
    let measures = measures::measures(&desk, &totals, &mut listener);
    let problems = problems::problems(&desk, &mut listener);
    let duties = measures::duties(&desk, &mut listener);
    let plans = plans::plans(&desk, &problems.numbers, &mut listener);
    let attached = tables::attachments(&names, &totals, &problems, &mut listener);
    let (indicators, of_indicators) = indicators(&totals, &names, &mut remarks);

    let mut report = Map::new();
    report.insert("year".into(), year.into());
    report.insert("issuer".into(), tidied(json!(commission.issuer)));
    let parts = [("measures", measures), ("problems", problems.part), ("duties", duties), ("plans", plans)];
    let mut origins = Vec::new();
    remarks.extend(totals.remarks);
    for (key, part) in parts {
        if !part.items.is_empty() {
            report.insert(key.into(), tidied(Value::Array(part.items)));
        }
        origins.extend(part.origins);
        remarks.extend(part.remarks.into_iter().filter(|_| !kept.is_empty()));
    }
    for (key, items) in [("indicators", indicators), ("attachments", attached.items)] {
        if !items.is_empty() {
            report.insert(key.into(), Value::Array(items));
        }
    }
    let mut signature = json!({ "names": [commission.issuer.name] });
    if let Some(date) = commission.date {
        signature["date"] = date.to_string().into();
        remarks.push(format!("落款日期先写作{date}，请改成实际的成文日期。"));
    }
    report.insert("signature".into(), signature);
    origins.extend(of_indicators);
    origins.extend(attached.origins);
    origins.iter_mut().for_each(|origin| origin.unit = places[origin.unit]);
    let missing = if commission.date.is_some() {
        "导语、主送机关"
    } else {
        "导语、主送机关、落款日期"
    };
    remarks.push(format!("{missing}和本级自己的举措要由人写，草稿里没有。"));
    Compilation { report: Value::Object(report), origins, remarks }
}

/// The units whose reports are of this year, and their places in the list.
fn of_the_year<'a>(
    year: u16,
    units: &[UnitReport<'a>],
    remarks: &mut Vec<String>,
) -> (Vec<UnitReport<'a>>, Vec<usize>) {
    let (mut kept, mut places) = (Vec::new(), Vec::new());
    for (place, one) in units.iter().enumerate() {
        let name = one.report.short_name();
        let of = one.report.year.number();
        if of != year {
            remarks.push(format!("{name}的报告是{of}年度的，没有汇入。"));
            continue;
        }
        let last_year = one.last_year.filter(|last| last.year.number() + 1 == year);
        if let Some(last) = one.last_year.filter(|_| last_year.is_none()) {
            let of = last.year.number();
            remarks.push(format!("{name}的上年报告是{of}年度的，没有用来比较。"));
        }
        kept.push(UnitReport { report: one.report, last_year });
        places.push(place);
    }
    (kept, places)
}

fn tell_coverage(commission: &Commission, names: &UnitNames, kept: &[UnitReport], remarks: &mut Vec<String>) {
    let year = commission.year.number();
    let first = match kept.len() {
        0 => format!("没有{year}年度的报告可以汇编。"),
        count => {
            let all: Vec<usize> = (0..count).collect();
            format!("本草稿由{count}个单位{year}年度的报告汇编：{}。", names.listed(&all))
        }
    };
    remarks.insert(0, first);
    if !commission.missing.is_empty() {
        let visible = |name: &String| name.chars().filter(|c| !is_invisible(*c)).collect::<String>();
        let missing: Vec<String> = commission.missing.iter().map(visible).collect();
        remarks.insert(1, format!("{}个单位的报告没有收进来：{}。", missing.len(), missing.join("、")));
    }
    let without = |is_missing: fn(&UnitReport) -> bool| -> Vec<usize> {
        (0..kept.len()).filter(|at| is_missing(&kept[*at])).collect()
    };
    let no_indicators = without(|one| one.report.indicators.is_empty());
    if !no_indicators.is_empty() {
        remarks.push(format!("{}没有填报指标。", names.listed(&no_indicators)));
    }
    let no_last_year = without(|one| one.last_year.is_none());
    if !no_last_year.is_empty() && no_last_year.len() < kept.len() {
        remarks.push(format!("{}没有上年报告，上年数只按本年报告所写。", names.listed(&no_last_year)));
    }
}

/// The sums as indicators of the draft.
fn indicators(
    totals: &Totals,
    names: &UnitNames,
    remarks: &mut Vec<String>,
) -> (Vec<Value>, Vec<SentenceOrigin>) {
    let (mut items, mut origins) = (Vec::new(), Vec::new());
    let (mut partly, mut alone) = (Vec::new(), Vec::new());
    for total in &totals.list {
        // What one of many reports says nothing of all.
        if total.contributions.len() == 1 && names.len() > 1 {
            alone.push(total.label());
            continue;
        }
        let value = match (total.ratio, total.sum()) {
            (Some(ratio), _) => ratio.percent.normalize().to_string(),
            (None, Some(sum)) => total.shown(sum),
            (None, None) => continue,
        };
        let mut item = json!({ "key": total.key, "name": total.label(), "value": value });
        if !total.unit.is_empty() {
            item["unit"] = total.unit.as_str().into();
        }
        if let Some(compared) = total.year_on_year() {
            if compared.units == total.counted() {
                item["previous"] = total.shown(compared.before).into();
            } else {
                partly.push(total.label());
            }
        }
        if total.is_approximate() {
            item["approximate"] = true.into();
        }
        item["source"] = format!("{}个单位报送", total.counted()).into();
        let place = crate::path!["indicators", items.len(), "value"];
        origins.extend(origins_of_total(names, total, &place, &value));
        items.push(item);
    }
    if !alone.is_empty() {
        let alone = alone.join("”“");
        remarks.push(format!("只有一个单位报送的“{alone}”没有写入指标，见附件。"));
    }
    if !partly.is_empty() {
        let partly = partly.join("”“");
        remarks.push(format!(
            "“{partly}”只有部分单位有上年数，指标里没有写上年数值，增减只比较两年都有数的单位。"
        ));
    }
    (items, origins)
}

/// The values that a sum is of.
fn origins_of_total(
    names: &UnitNames,
    total: &Total,
    place: &FieldPath,
    written: &str,
) -> Vec<SentenceOrigin> {
    let origin = |one: &totals::Contribution| SentenceOrigin {
        path: place.clone(),
        written: written.to_owned(),
        unit: one.unit,
        name: names.name(one.unit).to_owned(),
        source: crate::path!["indicators", one.index, "value"],
        text: one.indicator.value.to_string(),
    };
    total.contributions.iter().map(origin).collect()
}

/// Without what says nothing.
fn tidied(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(fields.map(|(key, value)| (key, tidied(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(tidied).collect(),
        other => other,
    }
}
