//! The attachments of the draft: every indicator of every unit, and every problem in its unit's own words.

use serde_json::{Value, json};

use super::SentenceOrigin;
use super::problems::Problems;
use super::totals::{Contribution, Total, Totals};
use super::units::UnitNames;
use super::utterances::Listener;
use crate::language::numerals::in_chinese;
use crate::report::FieldPath;

/// So many indicators stand side by side on a page.
const COLUMNS: usize = 6;

/// The attachments, and where their cells are from.
pub(super) struct AttachmentPart {
    pub items: Vec<Value>,
    pub origins: Vec<SentenceOrigin>,
}

pub(super) fn attachments(
    names: &UnitNames,
    totals: &Totals,
    problems: &Problems,
    listener: &mut Listener,
) -> AttachmentPart {
    let mut attached = AttachmentPart { items: vec![], origins: vec![] };
    let tables = columns(totals, listener);
    let count = tables.len();
    for (number, columns) in tables.into_iter().enumerate() {
        let title = match count {
            1 => "各单位指标汇总表".to_owned(),
            _ => format!("各单位指标汇总表（{}）", in_chinese(number + 1)),
        };
        let place = crate::path!["attachments", attached.items.len(), "table", "rows"];
        let table = table(names, &columns, &place, &mut attached.origins);
        attached.items.push(json!({ "title": title, "table": table }));
    }
    if !problems.rows.is_empty() {
        let place = crate::path!["attachments", attached.items.len(), "table", "rows"];
        for (row, (unit, source, text)) in problems.sources.iter().enumerate() {
            attached.origins.push(SentenceOrigin {
                path: place.index(row).index(2),
                written: text.clone(),
                unit: *unit,
                name: names.name(*unit).to_owned(),
                source: source.clone(),
                text: text.clone(),
            });
        }
        let columns = ["归并后的不足", "单位", "单位的表述"];
        let table = json!({ "columns": columns, "rows": problems.rows });
        attached.items.push(json!({ "title": "各单位提出的不足", "table": table }));
    }
    attached
}

/// The indicators table by table: those of one group of matters together, small groups in one table.
fn columns<'t, 'a>(totals: &'t Totals<'a>, listener: &mut Listener) -> Vec<Vec<&'t Total<'a>>> {
    let mut sorted: Vec<(Option<usize>, &Total)> =
        totals.list.iter().map(|total| (listener.matter(total.name).1, total)).collect();
    // What belongs nowhere comes last.
    sorted.sort_by_key(|(group, _)| (group.is_none(), *group));
    let mut tables: Vec<Vec<&Total>> = Vec::new();
    for group in sorted.chunk_by(|one, other| one.0 == other.0) {
        let fits = tables.last().is_some_and(|last| last.len() + group.len() <= COLUMNS);
        if fits && let Some(last) = tables.last_mut() {
            last.extend(group.iter().map(|(_, total)| *total));
        } else {
            tables.extend(group.chunks(COLUMNS).map(|part| part.iter().map(|(_, total)| *total).collect()));
        }
    }
    tables
}

fn table(
    names: &UnitNames,
    totals: &[&Total],
    place: &FieldPath,
    origins: &mut Vec<SentenceOrigin>,
) -> Value {
    let heading = |total: &&Total| match total.unit.as_str() {
        "" => total.name.to_owned(),
        unit => format!("{}（{unit}）", total.name),
    };
    let columns: Vec<String> = std::iter::once("单位".to_owned()).chain(totals.iter().map(heading)).collect();
    let mut rows: Vec<Vec<String>> = (0..names.len()).map(|unit| vec![names.name(unit).to_owned()]).collect();
    for (column, total) in totals.iter().enumerate() {
        for one in &total.contributions {
            let cell = cell(total, one);
            origins.push(SentenceOrigin {
                path: place.index(one.unit).index(column + 1),
                written: cell.clone(),
                unit: one.unit,
                name: names.name(one.unit).to_owned(),
                source: crate::path!["indicators", one.index, "value"],
                text: one.indicator.value.to_string(),
            });
            rows[one.unit].push(cell);
        }
        rows.iter_mut().filter(|row| row.len() < column + 2).for_each(|row| row.push("未报".into()));
    }
    if names.len() > 1 {
        let sum = |total: &&Total| match (total.ratio, total.sum()) {
            (Some(ratio), _) => ratio.percent.normalize().to_string(),
            (None, Some(sum)) => format!("{}{}", about(total.is_approximate()), total.shown(sum)),
            (None, None) => "——".into(),
        };
        rows.push(std::iter::once("合计".to_owned()).chain(totals.iter().map(sum)).collect());
    }
    json!({ "columns": columns, "rows": rows })
}

/// A value as its unit wrote it, with its unit of measure where the column has another.
fn cell(total: &Total, one: &Contribution) -> String {
    let unit = one.indicator.unit.as_deref().unwrap_or_default().trim();
    let unit = if unit == total.unit || one.indicator.value.number().is_none() { "" } else { unit };
    let about = about(one.indicator.approximate);
    format!("{about}{}{unit}", one.indicator.value)
}

fn about(is_approximate: bool) -> &'static str {
    if is_approximate { "约" } else { "" }
}
