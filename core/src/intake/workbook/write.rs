//! From reports to a workbook that can be filled in, printed and read again. Every cell is a text and
//! stays one, whatever it begins with. The same reports give the same bytes.

use std::collections::HashSet;

use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DocProperties, ExcelDateTime, Format, FormatAlign,
    FormatBorder, Formula, Workbook as Xlsx, Worksheet, XlsxError,
};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::cells::Cell;
use super::directory::{self, DIRECTORY, IndicatorDirectory};
use super::sheet_rows::{SheetRow, SheetTable, WorkbookUnit};
use super::sheets::{CellTarget, Column, ColumnRole, KEY, RowForm, SHEETS, Sheet, TABLE_COLUMNS, UNITS};
use super::table::Workbook;
use super::{EMPTY, EXAMPLE, EXAMPLE_NAME, HINTS, MAX_ROWS, TASKS};
use crate::indicators::IndicatorList;
use crate::input::{self, Format as InputFormat};
use crate::intake::MAX_UNITS;
use crate::report::contract;
use crate::report::fields::Entry;
use crate::report::path::Segment;
use crate::report::{FieldPath, Report, WorkPlan};

/// How long a cell may be, in the units that Excel counts (UTF-16).
const LONGEST_CELL: usize = 32_767;

/// Why reports do not go into a workbook.
#[derive(Debug, thiserror::Error)]
#[error("征集表装不下下列内容，没有写出：\n{}", told(.units, .whole))]
pub struct Unwritable {
    /// Of those that do not, the place among all, from 0, and what the workbook cannot carry: without them it can be
    /// written.
    pub units: Vec<(usize, String)>,
    /// What is wrong with all of them together.
    pub whole: Vec<String>,
}

fn told(units: &[(usize, String)], whole: &[String]) -> String {
    let units = units.iter().map(|(at, lost)| format!("第{}份{lost}", at + 1));
    units.chain(whole.iter().cloned()).collect::<Vec<_>>().join("\n")
}

/// The workbook to be filled in, with the rows of a made-up unit that show how, taken from a full
/// `sample`.
pub fn blank(sample: &Report, list: &IndicatorList) -> Vec<u8> {
    let mut example = sample.clone();
    let name = || EXAMPLE_NAME.parse().expect("a constant name is fit");
    example.issuer.name = name();
    example.issuer.short_name = None;
    example.title = None;
    example.preface.truncate(1);
    example.measures.truncate(2);
    example.measures.iter_mut().for_each(|measure| measure.body.truncate(2));
    example.problems.truncate(2);
    example.duties.truncate(1);
    example.plans.truncate(2);
    example.other.truncate(1);
    example.indicators.truncate(3);
    example.signature.names = vec![name()];
    example.attachments.truncate(1);
    example.attachments.iter_mut().flat_map(|one| &mut one.table).for_each(|table| table.rows.truncate(2));
    let json = serde_json::to_value(&example).expect("a report is made of texts, numbers, lists and maps");
    let mut rows: Vec<Rows> = SHEETS.iter().map(|sheet| rows(sheet, &json, EXAMPLE)).collect();
    leave_keys(&mut rows, &IndicatorDirectory::of_list(list));
    xlsx(&[(rows, true)], &[], list).expect("the example fits into the sheets")
}

/// A workbook that holds these reports.
pub fn write(reports: &[Report], list: &IndicatorList) -> Result<Vec<u8>, Unwritable> {
    let tree =
        |report| serde_json::to_value(report).expect("a report is made of texts, numbers, lists and maps");
    let trees: Vec<Value> = reports.iter().map(tree).collect();
    write_trees(&trees.iter().collect::<Vec<_>>(), list)
}

/// The same of what was written, be it whole or not.
pub fn write_trees(trees: &[&Value], list: &IndicatorList) -> Result<Vec<u8>, Unwritable> {
    write_begun(&trees.iter().map(|tree| (*tree, None)).collect::<Vec<_>>(), list)
}

/// The same of reports that were begun from the year before, each beside what was planned there.
pub fn write_begun(
    begun: &[(&Value, Option<&WorkPlan>)],
    list: &IndicatorList,
) -> Result<Vec<u8>, Unwritable> {
    let directory = IndicatorDirectory::of_list(list);
    let mut filled = Vec::new();
    let (mut units, mut whole) = (Vec::new(), Vec::new());
    let mut keys = HashSet::new();
    let mut tasks = Vec::new();
    for (index, (tree, plan)) in begun.iter().enumerate() {
        let mut tree = settled(tree);
        let name = |key: &str| tree["issuer"][key].as_str().map(str::trim).filter(|name| !name.is_empty());
        let name = name("short_name").or_else(|| name("name")).unwrap_or(NAMELESS).to_owned();
        // The key may have to be another.
        if tree["issuer"].is_object() {
            tree["issuer"]["short_name"] = name.as_str().into();
        }
        let key = key(&name, &mut keys);
        let mut rows: Vec<Rows> = SHEETS.iter().map(|sheet| rows(sheet, &tree, &key)).collect();
        leave_keys(&mut rows, &directory);
        if let Some(lost) = lost(&tree, &rows, &key, &directory) {
            units.push((index, format!("（{name}）：{lost}")));
        }
        let planned = plan.iter().flat_map(|plan| &plan.sections).flat_map(|section| &section.tasks);
        tasks.extend(planned.map(|task| {
            let lead: Vec<&str> = task.lead.iter().map(|unit| &**unit).collect();
            [key.clone(), task.text.to_string(), lead.join("、")]
        }));
        filled.push((rows, false));
    }
    let count = |sheet: usize| filled.iter().map(|(rows, _)| rows[sheet].len()).sum::<usize>();
    if (0..SHEETS.len()).map(count).sum::<usize>() > MAX_ROWS {
        whole.push(format!("合计超过 {MAX_ROWS} 行，请分成几个工作簿"));
    }
    if begun.len() > MAX_UNITS {
        whole.push(format!("一个工作簿最多 {MAX_UNITS} 个单位，请分成几个工作簿"));
    }
    if units.is_empty() && whole.is_empty() {
        Ok(xlsx(&filled, &tasks, list).expect("what fits was made sure of"))
    } else {
        Err(Unwritable { units, whole })
    }
}

/// What the rows of a unit are keyed by that has not said its name.
const NAMELESS: &str = "未写名称";

/// The rows of a unit on one sheet, each a text by column.
type Rows = Vec<Vec<String>>;

/// What the rows of a report are keyed by: its short name, with a number where another has it too.
fn key(name: &str, taken: &mut HashSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}（{number}）"));
    let mut keys = std::iter::once(name.to_owned()).chain(numbered);
    let key = keys.find(|key| ![EXAMPLE, HINTS].contains(&key.as_str()) && !taken.contains(key));
    let key = key.expect("there is no end of numbers");
    taken.insert(key.clone());
    key
}

/// The rows of a report on a sheet, each with its place among them.
fn rows(sheet: &Sheet, report: &Value, key: &str) -> Rows {
    let mut rows = bare_rows(sheet, report, key);
    if let Some(order) = sheet.column_of(|role| matches!(role, ColumnRole::Order)) {
        for (index, row) in rows.iter_mut().enumerate() {
            row[order] = (index + 1).to_string();
        }
    }
    rows
}

fn bare_rows(sheet: &Sheet, report: &Value, key: &str) -> Rows {
    let list = |path: &FieldPath| at(report, path).as_array().map(Vec::as_slice).unwrap_or_default();
    match sheet.form {
        RowForm::Units => vec![row(sheet, key, None, Some(report), None)],
        RowForm::Records => {
            list(&sheet.field).iter().map(|item| row(sheet, key, None, Some(item), None)).collect()
        }
        RowForm::Items => {
            let mut rows = Vec::new();
            for (index, item) in list(&sheet.field).iter().enumerate() {
                let body = item["body"].as_array().map(Vec::as_slice).unwrap_or_default();
                let speaking: Vec<&Value> =
                    body.iter().filter(|one| !is_nothing(&canonical(one, ""))).collect();
                let number = Some(index + 1);
                rows.push(row(sheet, key, number, Some(item), speaking.first().copied()));
                rows.extend(speaking.iter().skip(1).map(|one| row(sheet, key, number, None, Some(one))));
            }
            rows
        }
        RowForm::Tables => {
            let mut rows = Vec::new();
            for (index, item) in list(&crate::path!["attachments"]).iter().enumerate() {
                let table = &item["table"];
                let lines = table["rows"].as_array().into_iter().flatten();
                for line in table.get("columns").into_iter().chain(lines) {
                    let cells = line.as_array().into_iter().flatten();
                    let cells = cells.map(|cell| cell.as_str().unwrap_or_default().to_owned());
                    let mut row = vec![key.to_owned(), (index + 1).to_string()];
                    row.extend(cells);
                    // Its place stands behind the last cell that there may be.
                    row.resize(row.len().max(sheet.columns.len() - 1), String::new());
                    row.push(String::new());
                    rows.push(row);
                }
            }
            rows
        }
    }
}

fn row(
    sheet: &Sheet,
    key: &str,
    number: Option<usize>,
    item: Option<&Value>,
    paragraph: Option<&Value>,
) -> Vec<String> {
    let filled = |of: Option<&Value>, target: &CellTarget| {
        of.map(|of| written(target, at(of, &target.path))).unwrap_or_default()
    };
    let cell = |column: &Column| match &column.role {
        ColumnRole::Key => key.to_owned(),
        ColumnRole::Number => number.map(|number| number.to_string()).unwrap_or_default(),
        ColumnRole::Field(target) => filled(item, target),
        ColumnRole::Paragraph(target) => filled(paragraph, target),
        ColumnRole::Order | ColumnRole::Cell => String::new(),
    };
    sheet.columns.iter().map(cell).collect()
}

/// Leaves out the keys of indicators that follow from their names, so that nobody sees them beside another name.
fn leave_keys(rows: &mut [Rows], directory: &IndicatorDirectory) {
    let Some((sheet, rows)) =
        SHEETS.iter().zip(rows).find(|(sheet, _)| sheet.field == crate::path!["indicators"])
    else {
        return;
    };
    let place = |path: &str| {
        sheet
            .columns
            .iter()
            .position(|one| one.target().is_some_and(|target| target.path == FieldPath::from(path)))
    };
    let (Some(key), Some(name), Some(unit)) = (place("key"), place("name"), place("unit")) else { return };
    for cells in rows {
        let follows = directory.of_name(&cells[name]);
        if follows.key == cells[key].trim() && (!cells[unit].is_empty() || follows.unit.is_none()) {
            cells[key].clear();
        }
    }
}

/// A field's value as its cell has it.
fn written(target: &CellTarget, value: &Value) -> String {
    match (value, target.entry) {
        (Value::Bool(true), _) => "是".into(),
        (Value::String(text), Entry::Choice(choices)) => {
            let word = choices.iter().find(|(value, _)| value == text).map(|(_, word)| *word);
            word.unwrap_or(text).to_owned()
        }
        (Value::String(text), _) if text.is_empty() && !target.default.is_empty() => EMPTY.into(),
        (Value::String(text), _) => text.clone(),
        (Value::Number(number), _) => number.to_string(),
        (Value::Array(items), Entry::Numbers) => {
            items.iter().map(ToString::to_string).collect::<Vec<_>>().join("、")
        }
        (Value::Array(items), _) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

/// What stands at a path; nothing where it leads nowhere.
fn at<'a>(value: &'a Value, path: &FieldPath) -> &'a Value {
    path.segments().iter().fold(value, |value, segment| match segment {
        Segment::Key(key) => &value[key.as_str()],
        Segment::Index(index) => &value[*index],
    })
}

/// What a report would lose in these rows, if anything: they are read, as they would be, and held
/// against it.
fn lost(report: &Value, rows: &[Rows], key: &str, directory: &IndicatorDirectory) -> Option<String> {
    for (sheet, rows) in SHEETS.iter().zip(rows) {
        for cells in rows {
            if cells.len() > sheet.columns.len() {
                return Some(format!("“{}”的表格超过 {TABLE_COLUMNS} 列", sheet.name));
            }
            for (column, text) in sheet.columns.iter().zip(cells) {
                let length = text.encode_utf16().count();
                if length > LONGEST_CELL {
                    let heading = &column.heading;
                    return Some(format!(
                        "“{}”表“{heading}”一格有 {length} 字，Excel 的一格最多 {LONGEST_CELL} 字",
                        sheet.name
                    ));
                }
                // XML has no way to write these.
                if text.contains(['\u{FFFE}', '\u{FFFF}']) {
                    return Some(format!(
                        "“{}”表“{}”一格里有 Excel 不能保存的字符",
                        sheet.name, column.heading
                    ));
                }
            }
        }
    }
    let json = in_memory(rows, key, directory).report(0).0;
    let difference = match (whole(report.to_string().as_bytes()), whole(&json)) {
        (Some(report), Some(read)) => {
            difference(&canonical(&report, ""), &canonical(&read, ""), &FieldPath::root())?
        }
        // What is not whole is held against what was written.
        _ => {
            let read: Value = serde_json::from_slice(&json).expect("it was written above");
            difference(&spelt(report), &spelt(&read), &FieldPath::root())?
        }
    };
    Some(format!("“{}”的内容在表里写不出来（{difference}）", contract::label(&difference)))
}

/// The tree of a report, if this is a whole one.
fn whole(json: &[u8]) -> Option<Value> {
    let read = input::read::<Report>(json, InputFormat::Json).ok()?;
    Some(serde_json::to_value(&read.value).expect("a report is made of texts, numbers, lists and maps"))
}

/// What was written, each part in the one way that a report itself has it: a paragraph may be a text alone, and a
/// number the text of one.
fn settled(tree: &Value) -> Value {
    fn parts(value: &Value, key: &str) -> Value {
        let one = |item: &Value| match (key, item) {
            ("body", Value::String(text)) => serde_json::json!({ "text": text }),
            ("answers", Value::String(text)) => {
                text.trim().parse::<u64>().map_or_else(|_| item.clone(), Value::from)
            }
            _ => parts(item, ""),
        };
        match value {
            Value::Array(items) => items.iter().map(one).collect(),
            Value::Object(fields) => {
                fields.iter().map(|(key, value)| (key.clone(), parts(value, key))).collect()
            }
            other => other.clone(),
        }
    }
    whole(tree.to_string().as_bytes()).unwrap_or_else(|| parts(tree, ""))
}

/// What was written, with every number and truth as its text, and without what makes no difference.
fn spelt(tree: &Value) -> Value {
    fn texts(value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(texts).collect(),
            Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), texts(value))).collect(),
            Value::Number(number) => number.to_string().into(),
            Value::Bool(true) => "true".into(),
            Value::Bool(false) => Value::Null,
            other => other.clone(),
        }
    }
    canonical(&texts(tree), "")
}

/// The workbook that would be read of these rows.
fn in_memory(rows: &[Rows], key: &str, directory: &IndicatorDirectory) -> Workbook {
    let table = |(sheet, rows): (&Sheet, &Rows)| SheetTable {
        columns: (0..sheet.columns.len() as u32).map(Some).collect(),
        rows: rows
            .iter()
            .map(|cells| {
                let cells = cells.iter().map(|text| Cell::text(text)).chain(std::iter::repeat(None));
                SheetRow { number: 0, cells: cells.take(sheet.columns.len()).collect() }
            })
            .collect(),
    };
    let unit = WorkbookUnit {
        key: key.to_owned(),
        at: (UNITS, 0),
        rows: rows.iter().map(|rows| (0..rows.len()).collect()).collect(),
        faults: vec![],
        remarks: vec![],
        is_stray: false,
    };
    let tables = SHEETS.iter().zip(rows).map(table).collect();
    Workbook { units: vec![unit], tables, remarks: vec![], directory: directory.clone() }
}

/// A report without what makes no difference: white space around a text, what is empty, the short name
/// that only repeats the full one. `key` is the field that it stands in.
fn canonical(value: &Value, key: &str) -> Value {
    match value {
        Value::String(text) => text.trim().into(),
        Value::Array(items) => {
            let items = items.iter().map(|item| canonical(item, ""));
            let drops_nothing = matches!(key, "body" | "preface" | "other");
            items.filter(|item| !drops_nothing || !is_nothing(item)).collect()
        }
        Value::Object(fields) => {
            let mut fields: serde_json::Map<String, Value> = fields
                .iter()
                .map(|(key, value)| (key.clone(), canonical(value, key)))
                .filter(|(_, value)| !is_nothing(value))
                .collect();
            if key == "issuer" && fields.get("short_name") == fields.get("name") {
                fields.remove("short_name");
            }
            fields.into()
        }
        other => other.clone(),
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// The first place where two values are not the same.
fn difference(one: &Value, other: &Value, path: &FieldPath) -> Option<FieldPath> {
    match (one, other) {
        (Value::Object(these), Value::Object(those)) => these
            .keys()
            .chain(those.keys())
            .find_map(|key| difference(&one[key.as_str()], &other[key.as_str()], &path.key(key))),
        (Value::Array(these), Value::Array(those)) => (0..these.len().max(those.len()))
            .find_map(|index| difference(&one[index], &other[index], &path.index(index))),
        _ if one == other => None,
        _ => Some(path.clone()),
    }
}

/// What the first sheet says.
const GUIDE: &[&str] = &[
    "一、“报告单位”表每个单位填一行。第一列是单位的名称（如：临江区），各单位不能相同；其余各表都用它认单位，请从列表中选。",
    "二、“导语”“主要举措和成效”等表，一行写一段。“项”说明这一段属于本单位的第几项：从 1 起逐一编号，一项有几段就写几行，各行写同一个数，标题等只在第一行写。",
    "三、“存在的不足和原因”一行写一条；“下一年度主要安排”的“对应的不足”写它的“项”，几条之间用顿号，如：1、3。",
    "四、“指标”一行写一个，名称从列表（“指标目录”表）里选，代码和计量单位由名称得出，不用填；用了别的计量单位的请写上。目录里没有的也可以自己写名称。数值只填数，如 1604；没有的写“无”，不适用的写“不适用”。写成“1,604”“1604项”“约1600”的，只能是一个意思时照样读入，并逐格说明。",
    "五、“附件”写标题和文字；附件里的表格写在“附件表格”，每张表格的第一行是表头，空着的列不排。",
    "六、表头为深红色的列必填。有下拉列表的从列表中选；空着的按默认办理。日期写成 2025-02-18。",
    "七、章节和标题的序号由程序编排，不要自己写；文字都按原样排印，不识别任何标记，格首、格尾的空格不算。",
    "八、标着“示例”的行不会生成报告，可以删除。不要改动表头和工作表的名称；自己加的列、“合计”一类的行和别的工作表不会读。用不着的列、隐藏的行和工作表照样会读，请删除而不是隐藏。",
    "九、不要合并单元格，最好不要排序：“序号”一列填了的，排过序也能还原次序。公式按算出的结果读；出错的公式、被 Excel 当成日期的内容会被指出来，改为文本格式重填即可。",
    "十、填好后存为 .xlsx，用“nianbao batch 征集表.xlsx -o 年报.zip”一次生成全部报告。有问题的，会指出是哪个工作表第几行哪一列、怎么改。",
];

/// How wide they stand, in characters of Latin: a page of A4.
const GUIDE_WIDTH: f64 = 72.0;

/// The formats of the cells.
struct CellFormats {
    heading: Format,
    required: Format,
    hint: Format,
    example: Format,
    text: Format,
}

impl CellFormats {
    fn new() -> Self {
        // Text, so that Excel takes 1-2 for no date and 0012 for no number.
        let cell = Format::new()
            .set_font_name("宋体")
            .set_font_size(TEXT_SIZE)
            .set_num_format("@")
            .set_text_wrap()
            .set_align(FormatAlign::Top)
            .set_border(FormatBorder::Thin)
            .set_border_color(0xBFBFBF);
        let heading =
            cell.clone().set_font_name("黑体").set_background_color(0xDDE6F0).set_align(FormatAlign::Center);
        let heading = heading.set_align(FormatAlign::VerticalCenter);
        Self {
            required: heading.clone().set_font_color(0xA61C1C),
            heading,
            hint: cell
                .clone()
                .set_font_size(HINT_SIZE)
                .set_font_color(0x595959)
                .set_background_color(0xF5F7FA),
            example: cell.clone().set_italic().set_font_color(0x7F7F7F),
            text: cell,
        }
    }
}

/// Writes the workbook: for each unit its rows by sheet, and whether they are the example.
fn xlsx(
    units: &[(Vec<Rows>, bool)],
    tasks: &[[String; 3]],
    list: &IndicatorList,
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Xlsx::new();
    let look = CellFormats::new();
    // No date of today: the same reports, the same bytes.
    let properties = DocProperties::new()
        .set_title("法治政府建设年度报告征集表")
        .set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?);
    workbook.set_properties(&properties);
    guide(workbook.add_worksheet(), &look)?;
    for (index, sheet) in SHEETS.iter().enumerate() {
        if sheet.is_of_leftovers() && units.iter().all(|(rows, _)| rows[index].is_empty()) {
            continue;
        }
        let worksheet = workbook.add_worksheet();
        frame(worksheet, sheet, &look, list)?;
        let mut at = FIRST_ROW;
        for (rows, is_example) in units {
            let format = if *is_example { &look.example } else { &look.text };
            for cells in &rows[index] {
                for (column, text) in cells.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
                    worksheet.write_string_with_format(at, column as u16, text, format)?;
                }
                worksheet.set_row_height(at, height(sheet, cells.iter().map(String::as_str), TEXT_SIZE))?;
                at += 1;
            }
        }
        if index == UNITS {
            worksheet.set_active(true);
        }
    }
    if !tasks.is_empty() {
        remind(workbook.add_worksheet(), tasks, &look)?;
    }
    offer(workbook.add_worksheet(), list, &look)?;
    workbook.save_to_buffer()
}

/// The sheet of what was planned the year before.
fn remind(worksheet: &mut Worksheet, tasks: &[[String; 3]], look: &CellFormats) -> Result<(), XlsxError> {
    worksheet.set_name(TASKS)?;
    let columns =
        [(KEY, 16.0), ("上年的安排，今年要逐项报告（这个表不用填，也不读）", 80.0), ("牵头单位", 24.0)];
    for (at, (heading, width)) in columns.into_iter().enumerate() {
        worksheet.set_column_width(at as u16, width)?;
        worksheet.write_string_with_format(0, at as u16, heading, &look.heading)?;
    }
    for (row, cells) in tasks.iter().enumerate() {
        for (at, text) in cells.iter().enumerate() {
            let text: String = text.chars().take(LONGEST_CELL / 2).collect();
            worksheet.write_string_with_format(row as u32 + 1, at as u16, text, &look.text)?;
        }
        let lines = (cells[1].width() as f64 / 78.0).ceil().max(1.0);
        worksheet.set_row_height(row as u32 + 1, (lines * TEXT_SIZE * 1.35 + 4.0).min(HIGHEST_ROW))?;
    }
    worksheet.set_freeze_panes(1, 1)?;
    worksheet.set_landscape();
    worksheet.set_paper_size(9);
    worksheet.set_print_fit_to_pages(1, 0);
    worksheet.set_repeat_rows(0, 0)?;
    Ok(())
}

/// The first row below headings and hints, from 0.
const FIRST_ROW: u32 = 2;

/// How large the words of a row are, and of the hints, in points.
const TEXT_SIZE: f64 = 11.0;
const HINT_SIZE: f64 = 9.0;

/// How high a row must be to show its cells, in points. Excel itself measures only the rows that it
/// is made to touch.
fn height<'a>(sheet: &Sheet, cells: impl Iterator<Item = &'a str>, size: f64) -> f64 {
    let lines = |(column, text): (&Column, &'a str)| -> f64 {
        let width = column.width * TEXT_SIZE / size - 1.0;
        text.lines().map(|line| (line.width() as f64 / width).ceil().max(1.0)).sum()
    };
    let lines = sheet.columns.iter().zip(cells).map(lines).fold(1.0, f64::max);
    (lines * size * 1.35 + 4.0).min(HIGHEST_ROW)
}

/// Excel has no higher row, in points.
const HIGHEST_ROW: f64 = 409.0;

/// Everything of a sheet but its rows.
fn frame(
    worksheet: &mut Worksheet,
    sheet: &Sheet,
    look: &CellFormats,
    list: &IndicatorList,
) -> Result<(), XlsxError> {
    worksheet.set_name(sheet.name)?;
    let is_units = sheet.form == RowForm::Units;
    let last = FIRST_ROW + if is_units { MAX_UNITS as u32 } else { MAX_ROWS as u32 } - 1;
    for (index, column) in sheet.columns.iter().enumerate() {
        let at = index as u16;
        worksheet.set_column_width(at, column.width)?;
        worksheet.set_column_format(at, &look.text)?;
        let heading = if column.is_required { &look.required } else { &look.heading };
        worksheet.write_string_with_format(0, at, &column.heading, heading)?;
        let hint = if index == 0 { HINTS } else { &column.hint };
        worksheet.write_string_with_format(1, at, hint, &look.hint)?;
        let is_name = column.target().is_some_and(|target| target.path == FieldPath::from("name"));
        let rule = match sheet.field == crate::path!["indicators"] && is_name {
            true => of_directory(column, list)?,
            false => validation(column, is_units)?,
        };
        worksheet.add_data_validation(FIRST_ROW, at, last, at, &rule)?;
    }
    worksheet.set_row_height(0, 24)?;
    let hints = sheet.columns.iter().map(|column| column.hint.as_str());
    let hints = std::iter::once(HINTS).chain(hints.skip(1));
    worksheet.set_row_height(1, height(sheet, hints, HINT_SIZE))?;
    let keys = sheet
        .columns
        .iter()
        .filter(|column| matches!(column.role, ColumnRole::Key | ColumnRole::Number))
        .count();
    worksheet.set_freeze_panes(FIRST_ROW, keys as u16)?;
    worksheet.set_landscape();
    // A3 for the many columns of the units, A4 for the rest.
    worksheet.set_paper_size(if is_units { 8 } else { 9 });
    worksheet.set_print_fit_to_pages(if is_units { 2 } else { 1 }, 0);
    worksheet.set_repeat_rows(0, 0)?;
    worksheet.set_repeat_columns(0, keys as u16 - 1)?;
    worksheet.set_header("&C&A");
    worksheet.set_footer("&C第 &P 页，共 &N 页");
    Ok(())
}

/// What Excel says of a cell when it is chosen, and what it takes.
fn validation(column: &Column, is_units: bool) -> Result<DataValidation, XlsxError> {
    let choices = column.choices();
    let rule = DataValidation::new();
    let rule = match &column.role {
        ColumnRole::Key if !is_units => {
            let keys = format!("='{KEY}'!$A${}:$A${}", FIRST_ROW + 1, FIRST_ROW + MAX_UNITS as u32);
            rule.allow_list_formula(Formula::new(keys))
        }
        _ if !choices.is_empty() => rule.allow_list_strings(&choices)?,
        _ => rule.allow_any_value(),
    };
    rule.set_input_title(column.heading.chars().take(32).collect::<String>())?
        .set_input_message(column.hint.chars().take(255).collect::<String>())?
        .set_error_title("请从列表中选")?
        .set_error_message("这一格只能填列表里有的内容。")
}

/// The names of the list, to choose from. Others may be written; where a list is prescribed Excel asks first.
fn of_directory(column: &Column, list: &IndicatorList) -> Result<DataValidation, XlsxError> {
    let (first, last) = (directory::HEADINGS + 2, directory::HEADINGS + 1 + list.offered().len() as u32);
    let names = format!("='{DIRECTORY}'!$A${first}:$A${last}");
    let is_prescribed = !list.prescribed().is_empty();
    DataValidation::new()
        .allow_list_formula(Formula::new(names))
        .set_error_style(DataValidationErrorStyle::Warning)
        .show_error_message(is_prescribed)
        .set_error_title("目录里没有")?
        .set_error_message("指标目录里没有这个名称。确实要报别的指标，请选“是”。")?
        .set_input_title(column.heading.chars().take(32).collect::<String>())?
        .set_input_message(column.hint.chars().take(255).collect::<String>())
}

/// The sheet of the indicators that are offered.
fn offer(worksheet: &mut Worksheet, list: &IndicatorList, look: &CellFormats) -> Result<(), XlsxError> {
    worksheet.set_name(DIRECTORY)?;
    let title = format!("{}（{}）", &*list.name, &*list.source);
    worksheet.write_string_with_format(0, 0, title, &look.hint)?;
    for (at, (heading, width)) in directory::COLUMNS.iter().enumerate() {
        worksheet.set_column_width(at as u16, *width)?;
        worksheet.write_string_with_format(directory::HEADINGS, at as u16, *heading, &look.heading)?;
    }
    for (row, one) in list.offered().iter().enumerate() {
        let text = |text: &Option<crate::report::Name>| text.as_deref().unwrap_or_default().to_owned();
        let may_lack = if one.optional { "是" } else { "" };
        let unit = one.unit().unwrap_or_default().to_owned();
        let cells = [
            one.name.to_string(),
            unit,
            text(&one.meaning),
            may_lack.into(),
            text(&one.source),
            one.key.to_string(),
        ];
        for (at, cell) in cells.iter().enumerate() {
            worksheet.write_string_with_format(
                directory::HEADINGS + 1 + row as u32,
                at as u16,
                cell,
                &look.text,
            )?;
        }
    }
    worksheet.set_freeze_panes(directory::HEADINGS + 1, 1)?;
    worksheet.set_landscape();
    worksheet.set_paper_size(9);
    worksheet.set_print_fit_to_pages(1, 0);
    Ok(())
}

fn guide(worksheet: &mut Worksheet, look: &CellFormats) -> Result<(), XlsxError> {
    worksheet.set_name(HINTS)?;
    worksheet.set_column_width(0, GUIDE_WIDTH)?;
    worksheet.write_string_with_format(0, 0, "法治政府建设年度报告征集表填写说明", &look.heading)?;
    worksheet.set_row_height(0, 30)?;
    for (index, line) in GUIDE.iter().enumerate() {
        let at = index as u32 + 1;
        worksheet.write_string_with_format(at, 0, *line, &look.text)?;
        let lines = (line.width() as f64 / (GUIDE_WIDTH - 2.0)).ceil();
        worksheet.set_row_height(at, lines * TEXT_SIZE * 1.35 + 6.0)?;
    }
    worksheet.set_paper_size(9);
    Ok(())
}
