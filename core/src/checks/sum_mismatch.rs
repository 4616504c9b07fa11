use rust_decimal::Decimal;

use super::Reading;
use super::reading::{MOST, Passage};
use crate::code;
use crate::diagnostic::{Diagnostic, Severity};
use crate::language::figures::Figure;
use crate::language::numerals::digits;
use crate::language::relations::{Breadth, Sum, sums};
use crate::report::{Report, Table, Text};

code! {
    /// 分项相加不等于总数
    ///
    /// 一句话里写了总数和分项，可是加起来不是总数：多半是改了一处、忘了另一处。
    ///
    /// 错误：共清理文件400件，拟继续有效320件，拟废止73件，拟修改8件。（合计401件）
    ///
    /// 正确：共清理文件400件，拟继续有效320件，拟废止73件，拟修改7件。
    ///
    /// 分项写在括号里、写在“合计”之前，以及附表的“合计”行和“合计”列，同样核对。
    ///
    /// “其中”后面可以只列一部分：合计超过总数才是错误，少而只差一点的作为警告提出。“受理、审结、答复”是几个环节，不是分项；带“余”“近”“约”的数，只要可能对得上就不提。
    ///
    /// 看不出：分项散在几句、几段里的；分项之间有交叉、没有写明的；总数和分项都写错、却凑得上的。
    pub(super) SUM_MISMATCH = "sum-mismatch", Error
}

/// A list that may be partial and falls short by so much at most, in percent, looks like a slip; one that
/// stands in a bracket behind its whole, by so much.
const NEARLY: u32 = 2;
const NEARLY_IN_BRACKET: u32 = 20;
/// And one that nothing announces.
const NEARLY_IMPLIED: u32 = 5;

pub(super) fn find(reading: &Reading) -> Vec<Diagnostic> {
    let mut found = in_tables(reading.report);
    for passage in reading.prose() {
        for sentence in passage.figures() {
            let sums = sums(&passage.text, &sentence.figures);
            found.extend(sums.iter().filter_map(|sum| judged(passage, sum)));
        }
    }
    found
}

/// The finding about parts that do not make up their whole.
fn judged(passage: &Passage, sum: &Sum) -> Option<Diagnostic> {
    let (total, whole) = (sum.total()?, sum.whole);
    if total.meets(&whole.interval) {
        return None;
    }
    let is_less = total.high < whole.interval.low;
    let missing = if is_less {
        whole.interval.low.checked_sub(total.high)?
    } else {
        whole.interval.high.checked_sub(total.low)?
    };
    let is_within =
        |percent: u32| Some(missing.checked_mul(100.into())? <= whole.value.checked_mul(percent.into())?);
    let is_doubtful = match sum.breadth {
        Breadth::Implied => {
            let is_slip = missing.abs() <= Decimal::ONE
                || missing.abs().checked_mul(100.into())?
                    <= whole.value.checked_mul(NEARLY_IMPLIED.into())?;
            if !is_slip
                || whole.value < Decimal::TEN
                || !sum.parts.iter().all(|part| part.value < whole.value)
            {
                return None;
            }
            true
        }
        _ if !is_less => false,
        Breadth::Complete => false,
        Breadth::Bracketed if is_within(NEARLY_IN_BRACKET)? => !is_within(NEARLY)? && missing > Decimal::ONE,
        Breadth::Partial if is_within(NEARLY)? => true,
        Breadth::Bracketed | Breadth::Partial | Breadth::Examples => return None,
    };
    let mut found = told(passage, whole, &sum.parts, is_less);
    if is_doubtful {
        // It may be meant otherwise.
        found.severity = Severity::Warning;
    }
    Some(found)
}

fn told(passage: &Passage, whole: &Figure, parts: &[&Figure], is_less: bool) -> Diagnostic {
    let said = |figure: &Figure| passage.text[figure.range.clone()].trim().to_owned();
    let list: Vec<String> = parts.iter().map(|part| said(part)).collect();
    let sum = parts.iter().try_fold(rust_decimal::Decimal::ZERO, |sum, part| sum.checked_add(part.value));
    let sum = sum.map_or(String::new(), in_ten_thousands);
    let than = if is_less { "少于" } else { "多于" };
    let message =
        format!("“{}”里的分项{}合计{sum}，{than}总数{}", passage.label(), list.join("、"), said(whole));
    let ends = parts.iter().map(|part| part.range.clone()).chain([whole.range.clone()]);
    let range =
        ends.reduce(|all, one| all.start.min(one.start)..all.end.max(one.end)).expect("at least the whole");
    let hint = "请核对总数和各个分项；如果只列了一部分，请写明还有其他";
    passage.at(&SUM_MISMATCH, range, message, hint)
}

/// 310万 for what was written with 万.
fn in_ten_thousands(sum: Decimal) -> String {
    let ten_thousand = Decimal::from(10_000);
    let is_round = sum >= ten_thousand && (sum % Decimal::from(100)).is_zero();
    match sum.checked_div(ten_thousand).filter(|_| is_round) {
        Some(part) => format!("{}万", part.normalize()),
        None => sum.normalize().to_string(),
    }
}

/// Tables of attachments: the row 合计 is the sum of the rows, the column 合计 of the columns.
fn in_tables(report: &Report) -> Vec<Diagnostic> {
    let tables = report.attachments.iter().enumerate();
    tables
        .filter_map(|(index, attachment)| Some((index, attachment.table.as_ref()?)))
        .flat_map(|(index, table)| {
            let mut found = in_rows(index, table);
            found.extend(in_columns(index, table));
            found.truncate(MOST);
            found
        })
        .collect()
}

/// What a sum in a table calls itself.
fn is_total(cell: &str) -> bool {
    let name: String = cell.chars().filter(|c| !c.is_whitespace()).collect();
    matches!(name.as_str(), "合计" | "总计" | "共计" | "总数")
}

/// The number in a cell; what is left empty or struck out counts nothing.
fn number(cell: &str) -> Option<Decimal> {
    match cell.trim() {
        "" | "-" | "—" | "－" | "/" | "无" => Some(Decimal::ZERO),
        written => digits(written).map(|(value, _)| value),
    }
}

/// What cannot be added: rates, years, numbers of rows.
fn is_addable(column: &str) -> bool {
    !["率", "比", "%", "％", "均", "序号", "年份", "排名", "单价", "合格分"]
        .iter()
        .any(|word| column.contains(word))
}

fn in_rows(index: usize, table: &Table) -> Vec<Diagnostic> {
    let is_sum = |row: &Vec<Text>| row.iter().any(|cell| is_total(cell));
    let sums: Vec<usize> = (0..table.rows.len()).filter(|at| is_sum(&table.rows[*at])).collect();
    // A table of several sums has parts within parts.
    let &[at] = &sums[..] else { return vec![] };
    let says = |words: &[&str]| {
        table.rows.iter().any(|row| row.iter().any(|cell| words.iter().any(|word| cell.contains(word))))
    };
    if (at != 0 && at + 1 != table.rows.len()) || table.rows.len() < 3 || says(&["小计", "其中"]) {
        return vec![];
    }
    let column = |number_of: usize| {
        let cells = table.rows.iter().enumerate().filter(|(row, _)| *row != at);
        cells.map(|(_, row)| number(row.get(number_of)?)).collect::<Option<Vec<_>>>()
    };
    let mut found = Vec::new();
    for (number_of, name) in table.columns.iter().enumerate().filter(|(_, name)| is_addable(name)) {
        let stated = table.rows[at].get(number_of).filter(|cell| !cell.trim().is_empty());
        let (Some(parts), Some(stated)) = (column(number_of), stated.and_then(|cell| number(cell))) else {
            continue;
        };
        found.extend(unequal(index, at, number_of, &format!("“{}”一列", name.trim()), &parts, stated));
    }
    found
}

fn in_columns(index: usize, table: &Table) -> Vec<Diagnostic> {
    let Some(at) = table.columns.iter().position(|name| is_total(name)) else { return vec![] };
    let parts: Vec<usize> = (0..table.columns.len()).filter(|column| *column != at).collect();
    let parts_of = |row: &Vec<Text>| {
        let numbers = parts.iter().filter(|column| is_addable(&table.columns[**column]));
        // Names of rows are no numbers.
        let numbers: Vec<Decimal> =
            numbers.filter_map(|column| digits(row.get(*column)?.trim())).map(|(value, _)| value).collect();
        (numbers.len() > 1).then_some(numbers)
    };
    let judged: Vec<_> = table
        .rows
        .iter()
        .enumerate()
        .filter_map(|(row_number, row)| Some((row_number, parts_of(row)?, number(row.get(at)?)?)))
        .collect();
    let is_wrong = |parts: &[Decimal], stated: Decimal| total(parts).is_some_and(|total| total != stated);
    // Only where most rows add up is it certain what the columns add up to.
    let wrong = judged.iter().filter(|(_, parts, stated)| is_wrong(parts, *stated)).count();
    if wrong * 2 >= judged.len() {
        return vec![];
    }
    let told = judged.iter().filter_map(|(row_number, parts, stated)| {
        unequal(index, *row_number, at, &format!("第{}行", row_number + 1), parts, *stated)
    });
    told.collect()
}

fn total(parts: &[Decimal]) -> Option<Decimal> {
    parts.iter().try_fold(Decimal::ZERO, |sum, part| sum.checked_add(*part))
}

fn unequal(
    index: usize,
    row: usize,
    column: usize,
    place: &str,
    parts: &[Decimal],
    stated: Decimal,
) -> Option<Diagnostic> {
    let sum = total(parts).filter(|sum| *sum != stated)?;
    let path = crate::path!["attachments", index, "table", "rows", row, column];
    let message = format!("附表里{place}相加是{}，合计写的是{stated}", sum.normalize());
    Some(SUM_MISMATCH.at(path, message, "请核对合计和各个分项"))
}
