//! The table that writer and reader share: which sheet and column holds which field. Headings,
//! hints and lists of choices are the contract's own, so a sheet cannot say what it does not.

use std::sync::LazyLock;

use super::EMPTY;
use crate::path;
use crate::report::FieldPath;
use crate::report::fields::{self, Entry, Field};

/// The key of the first column: what tells the units of a workbook apart.
pub(super) const KEY: &str = "报告单位";

/// The column that says which item of a unit a row belongs to.
pub(super) const NUMBER: &str = "项";

/// The column that says where a row stands among those of its unit, so that a sheet that was sorted is put right.
pub(super) const ORDER: &str = "序号";

/// The most columns of an attachment's table.
pub(super) const TABLE_COLUMNS: usize = 16;

/// How the rows of a sheet make up a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowForm {
    /// One row a unit.
    Units,
    /// A list, one row an item.
    Records,
    /// A list whose items are numbered, for the rows of one item are its paragraphs.
    Items,
    /// The tables of the numbered items, the first row of each its head.
    Tables,
}

/// A sheet of the workbook.
pub(super) struct Sheet {
    pub name: &'static str,
    /// The list that its rows make up; of the units' sheet, the report itself.
    pub field: FieldPath,
    pub form: RowForm,
    /// From the left, the key first.
    pub columns: Vec<Column>,
}

/// A column of a sheet.
pub(super) struct Column {
    pub heading: String,
    /// What to write here, in a sentence or two.
    pub hint: String,
    pub role: ColumnRole,
    pub is_required: bool,
    /// In characters of Latin.
    pub width: f64,
}

/// What a column's cells are for.
#[derive(Clone, Debug)]
pub(super) enum ColumnRole {
    Key,
    Number,
    Order,
    /// A field of the report, or of the item.
    Field(CellTarget),
    /// A field of the paragraph that a row adds to the item's body.
    Paragraph(CellTarget),
    /// A cell of an attachment's table.
    Cell,
}

/// The field that a cell fills, from where the row stands.
#[derive(Clone, Debug)]
pub(super) struct CellTarget {
    pub path: FieldPath,
    pub entry: &'static Entry,
    pub default: &'static str,
}

type SheetDescription = (&'static str, RowForm, &'static [(&'static str, f64)]);

/// Field, form, and the columns with their widths. A list of texts has one column without a name.
const TABLE: [SheetDescription; 12] = [
    (
        "",
        RowForm::Units,
        &[
            ("issuer.name", 28.0),
            ("issuer.short_name", 12.0),
            ("issuer.kind", 12.0),
            ("issuer.level", 9.0),
            ("issuer.code", 11.0),
            ("year", 9.0),
            ("edition", 9.0),
            ("title", 36.0),
            ("addressees", 24.0),
            ("closing", 14.0),
            ("signature.names", 28.0),
            ("signature.date", 13.0),
            ("signature.seal", 14.0),
            ("notes", 16.0),
            ("header.copy_number", 8.0),
            ("header.secrecy", 12.0),
            ("header.urgency", 10.0),
            ("header.agencies", 28.0),
            ("header.suffix", 10.0),
            ("header.document_number.agency", 12.0),
            ("header.document_number.year", 9.0),
            ("header.document_number.number", 11.0),
            ("header.signatories", 12.0),
            ("copies_to", 28.0),
            ("printed_by", 28.0),
            ("printed_on", 13.0),
            ("layout.headings", 14.0),
            ("layout.points", 14.0),
            ("template", 16.0),
        ],
    ),
    ("preface", RowForm::Records, &[("", 100.0)]),
    (
        "measures",
        RowForm::Items,
        &[("heading", 30.0), ("area", 20.0), ("body.lead", 22.0), ("body.text", 80.0)],
    ),
    ("problems", RowForm::Items, &[("problem", 40.0), ("cause", 50.0), ("detail", 50.0)]),
    (
        "duties",
        RowForm::Items,
        &[("heading", 30.0), ("holder", 18.0), ("body.lead", 22.0), ("body.text", 80.0)],
    ),
    (
        "plans",
        RowForm::Items,
        &[
            ("heading", 30.0),
            ("answers", 11.0),
            ("lead", 18.0),
            ("support", 24.0),
            ("body.lead", 22.0),
            ("body.text", 70.0),
        ],
    ),
    ("other", RowForm::Records, &[("", 100.0)]),
    (
        "indicators",
        RowForm::Records,
        &[
            ("name", 34.0),
            ("value", 12.0),
            ("unit", 10.0),
            ("previous", 12.0),
            ("approximate", 8.0),
            ("source", 20.0),
            ("key", 28.0),
        ],
    ),
    ("attachments", RowForm::Items, &[("title", 36.0), ("body.lead", 22.0), ("body.text", 80.0)]),
    ("attachments.table", RowForm::Tables, &[]),
    ("allow", RowForm::Records, &[("code", 22.0), ("path", 24.0), ("reason", 50.0)]),
    ("unplaced", RowForm::Records, &[("text", 100.0), ("note", 40.0)]),
];

/// Every sheet that carries something of a report, in its order.
pub(super) static SHEETS: LazyLock<Vec<Sheet>> =
    LazyLock::new(|| TABLE.iter().map(|(field, form, columns)| Sheet::new(field, *form, columns)).collect());

/// The place of the units' sheet among all.
pub(super) const UNITS: usize = 0;

impl Sheet {
    fn new(field: &str, form: RowForm, fields: &[(&str, f64)]) -> Self {
        let field = FieldPath::from(field);
        let titled = if form == RowForm::Units { path!["issuer"] } else { field.clone() };
        let mut columns = vec![Column::key(form)];
        if matches!(form, RowForm::Items | RowForm::Tables) {
            columns.push(Column::number(form));
        }
        columns.extend(fields.iter().map(|(path, width)| Column::of_field(&field, path, *width)));
        if form == RowForm::Tables {
            columns.extend((0..TABLE_COLUMNS).map(Column::cell));
        }
        if form != RowForm::Units {
            columns.push(Column::order());
        }
        let name = match form {
            RowForm::Tables => "附件表格",
            _ => fields::find(&titled).expect("a field of the contract").title,
        };
        Self { name, field, form, columns }
    }

    /// Whether it is only there where it holds something: what an import found no field for, and nobody enters.
    pub(super) fn is_of_leftovers(&self) -> bool {
        self.field == path!["unplaced"]
    }

    /// The path of one item of the list, or of the report.
    pub(super) fn item(&self, index: usize) -> FieldPath {
        match self.form {
            RowForm::Units => FieldPath::root(),
            RowForm::Tables => path!["attachments", index, "table"],
            RowForm::Records | RowForm::Items => self.field.index(index),
        }
    }

    /// Where the column of this role stands, of those that a sheet has once.
    pub(super) fn column_of(&self, is_it: fn(&ColumnRole) -> bool) -> Option<usize> {
        self.columns.iter().position(|column| is_it(&column.role))
    }

    /// Where the column of this heading stands.
    pub(super) fn column(&self, heading: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.heading == heading)
    }
}

impl Column {
    fn key(form: RowForm) -> Self {
        let hint = match form {
            RowForm::Units => "各表用它认单位：每个单位一行，互不相同，如：临江区。",
            _ => "从列表中选单位，与“报告单位”表里写的一样。",
        };
        Self { heading: KEY.into(), hint: hint.into(), role: ColumnRole::Key, is_required: true, width: 14.0 }
    }

    fn number(form: RowForm) -> Self {
        let hint = match form {
            RowForm::Tables => "“附件”表的第几项；第一行写表头。",
            _ => "从 1 编起；同一项的各段写同一个数。",
        };
        Self {
            heading: NUMBER.into(),
            hint: hint.into(),
            role: ColumnRole::Number,
            is_required: true,
            width: 9.0,
        }
    }

    fn order() -> Self {
        let hint = "可以不填。填了的，表格排过序也能还原各行的次序；中间新加的行不填。";
        Self {
            heading: ORDER.into(),
            hint: hint.into(),
            role: ColumnRole::Order,
            is_required: false,
            width: 9.0,
        }
    }

    fn cell(index: usize) -> Self {
        let heading = format!("第{}列", index + 1);
        Self {
            heading, hint: "一行一格。".into(), role: ColumnRole::Cell, is_required: false, width: 14.0
        }
    }

    fn of_field(list: &FieldPath, written: &str, width: f64) -> Self {
        let whole: FieldPath =
            list.segments().iter().chain(FieldPath::from(written).segments()).cloned().collect();
        let field = fields::find(&whole).expect("a field of the contract");
        // One line of a list of texts is a text.
        let entry = if written.is_empty() { &Entry::Text } else { &field.entry };
        let hint = match whole.to_string().as_str() {
            "indicators.name" => OF_NAME.to_owned(),
            "indicators.key" => OF_KEY.to_owned(),
            _ => hint(written, field, entry),
        };
        let target = |path: &str| CellTarget { path: path.into(), entry, default: field.default };
        let role = match written.strip_prefix("body.") {
            Some(path) => ColumnRole::Paragraph(target(path)),
            None => ColumnRole::Field(target(written)),
        };
        // The key of an indicator follows from its name.
        let is_required = field.is_required && whole != path!["indicators", "key"];
        Self { heading: field.title.into(), hint, role, is_required, width }
    }

    pub(super) fn target(&self) -> Option<&CellTarget> {
        match &self.role {
            ColumnRole::Field(target) | ColumnRole::Paragraph(target) => Some(target),
            ColumnRole::Key | ColumnRole::Number | ColumnRole::Order | ColumnRole::Cell => None,
        }
    }

    /// The words that a cell can be chosen from.
    pub(super) fn choices(&self) -> Vec<&'static str> {
        match self.target().map(|target| target.entry) {
            Some(Entry::Choice(choices)) => choices.iter().map(|(_, word)| *word).collect(),
            Some(Entry::Mark) => vec!["是", "否"],
            _ => vec![],
        }
    }
}

/// What is said of the columns of an indicator that a list helps with.
const OF_NAME: &str = "从“指标目录”里选，目录里没有的也可以自己写。";
const OF_KEY: &str = "不用填：由名称得出。原来有的请保留。";

/// What the contract says of a field, as whoever fills in a sheet has to know it.
fn hint(written: &str, field: &Field, entry: &Entry) -> String {
    let mut said = Vec::new();
    if field.is_required {
        said.push("必填".to_owned());
    }
    match entry {
        Entry::Choice(choices) => {
            let word = choices.iter().find(|(value, _)| *value == field.default).map(|(_, word)| *word);
            said.push("从列表中选".into());
            said.extend(word.map(|word| format!("不选则为“{word}”")));
        }
        Entry::Mark => said.push(field.hint.replace("填 true", "选“是”")),
        _ if !field.hint.is_empty() => said.push(field.hint.trim_end_matches('。').to_owned()),
        _ => {}
    }
    match (entry, written) {
        (_, "issuer.short_name") => said.push("与第一列相同的可以不填".into()),
        (_, "closing" | "header.suffix") => said.push(format!("要空着请写{EMPTY}")),
        (Entry::Lines | Entry::Paragraphs, _) => said.push("有几个就在格里写几行（Alt+Enter 换行）".into()),
        (Entry::Numbers, _) => said.push("几条之间用顿号，如：1、3".into()),
        (Entry::Date, _) => said.push("如：2025-02-18".into()),
        (_, "body.text") => said.push("一行写一段".into()),
        _ => {}
    }
    said.retain(|one| !one.is_empty());
    if said.is_empty() { String::new() } else { format!("{}。", said.join("；")) }
}
