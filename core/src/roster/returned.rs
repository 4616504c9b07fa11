//! A workbook as one unit returns it, filled in: its own row, of the many that may be in it.

use super::belonging::own_likeness;
use crate::intake::workbook::{UnitRow, rows};

/// How many units a refusal names, and how much of each name.
const NAMED: usize = 10;
const LONGEST_NAME: usize = 40;

/// Of a workbook the report of the unit that has this code and is called by one of these names, the one that it
/// has now first; or why there is none, in words.
pub fn own_row(bytes: &[u8], code: &str, names: &[&str]) -> Result<UnitRow, String> {
    let read = rows(bytes)?;
    let rows = &read.rows;
    let is_of_code = |row: &UnitRow| row.key == code || row.report["issuer"]["code"] == *code;
    let of_code: Vec<usize> = (0..rows.len()).filter(|at| is_of_code(&rows[*at])).collect();
    let likeness = |row: &UnitRow| own_likeness(&row.name, names).or_else(|| own_likeness(&row.key, names));
    let best = rows.iter().filter_map(&likeness).min();
    let of_name = || (0..rows.len()).filter(|at| best.is_some() && likeness(&rows[*at]) == best).collect();
    let found: Vec<usize> = if of_code.is_empty() { of_name() } else { of_code };
    let own = names.first().unwrap_or(&"");
    match found[..] {
        [at] => Ok(read.take(at)),
        [] => {
            let others = if rows.is_empty() {
                "没有别的单位".into()
            } else {
                format!("里面的单位是：{}", named(rows))
            };
            let more = read.strangers();
            let more = if more.is_empty() { more } else { format!("。另{more}") };
            Err(format!("里没有“{own}”（代码 {code}）的一行，{others}{more}"))
        }
        _ => Err(format!("里有 {} 行都像是“{own}”的，请只留一行", found.len())),
    }
}

/// The first units by their names.
fn named(rows: &[UnitRow]) -> String {
    let short = |row: &UnitRow| -> String {
        let name = if row.name.trim().is_empty() { &row.key } else { &row.name };
        name.chars().take(LONGEST_NAME).collect()
    };
    let names: Vec<String> = rows.iter().take(NAMED).map(short).collect();
    let and_more = if rows.len() > NAMED { format!("等 {} 个", rows.len()) } else { String::new() };
    format!("{}{and_more}", names.join("、"))
}
