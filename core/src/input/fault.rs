//! What can be wrong with the writing of a report, before anyone asks what it says.

use std::ops::ControlFlow;

use deserr::{DeserializeError, ErrorKind, IntoValue, MergeWithError, Value, ValueKind, ValuePointerRef};

use super::node::{At, Node};
use crate::code;
use crate::diagnostic::{Code, Diagnostic};
use crate::report::FieldPath;
use crate::report::contract;

/// How many faults are told; a file that is not a report at all would have thousands.
const MAX_TOLD: usize = 200;

/// Every code that reading can raise.
pub const CODES: [&Code; 12] = [
    &EMPTY_FILE,
    &TOO_LARGE,
    &NOT_TEXT,
    &READ_AS_GB18030,
    &SYNTAX,
    &TOO_DEEP,
    &DUPLICATE_FIELD,
    &UNKNOWN_FIELD,
    &MISSING_FIELD,
    &WRONG_TYPE,
    &INVALID_VALUE,
    &TOO_MANY_FAULTS,
];

code! {
    /// 文件是空的
    ///
    /// 文件里没有任何内容。常见的原因是保存或上传中断。
    ///
    /// 请重新保存或上传，也可以用 `nianbao sample` 取一份样例来改。
    EMPTY_FILE = "empty-file", Error, Unreadable
}

code! {
    /// 文件太大
    ///
    /// 一份报告的文件不得超过 8 MiB。真实的报告只有几十 KiB，超出许多倍的通常是选错了文件。
    TOO_LARGE = "too-large", Error, TooLarge
}

code! {
    /// 文件不是文本
    ///
    /// 报告应为 UTF-8 或 GB18030 编码的文本文件（JSON、YAML 或 TOML）。Word 文档、PDF 和图片不能直接读入。
    ///
    /// 错误：把“报告.docx”改名为“报告.yaml”。
    ///
    /// 正确：按 `nianbao sample` 给出的样例另写一个文本文件。
    NOT_TEXT = "not-text", Error, Unreadable
}

code! {
    /// 文件按 GB18030 读入
    ///
    /// 文件不是 UTF-8 编码，程序按国家标准 GB 18030 读了进来。文字通常没有问题，但请核对一遍有无错乱。
    pub(super) READ_AS_GB18030 = "read-as-gb18030", Note
}

code! {
    /// 格式写法有误
    ///
    /// 文件不合 JSON、YAML 或 TOML 的写法，程序不知道哪些文字属于哪个字段。提示里的行号和列号指出读不下去的地方，毛病有时在它的前一行。
    ///
    /// 错误（YAML，冒号后面缺空格）：`year:2024`
    ///
    /// 正确：`year: 2024`
    SYNTAX = "syntax", Error, Unreadable
}

code! {
    /// 层次太深
    ///
    /// 列表和字段一层套一层，超过了 64 层。报告的字段至多六层，太深的文件不是一份报告。
    TOO_DEEP = "too-deep", Error, Unreadable
}

code! {
    /// 字段重复
    ///
    /// 同一个字段写了两次，程序不能替您决定要哪一个。
    ///
    /// 错误：`year: 2023` 之后又写 `year: 2024`
    ///
    /// 正确：只留一个。
    DUPLICATE_FIELD = "duplicate-field", Error
}

code! {
    /// 没有这个字段
    ///
    /// 报告里没有叫这个名字的字段，多半是拼写有误。为免漏排文字，不认识的字段一律不放过。
    ///
    /// 错误：`measure:`
    ///
    /// 正确：`measures:`
    ///
    /// 全部字段见 `nianbao schema`。
    pub(super) UNKNOWN_FIELD = "unknown-field", Error
}

code! {
    /// 缺少必填字段
    ///
    /// 报告年度、单位全称、成文日期等字段没有就不成其为报告。
    ///
    /// 全部字段和哪些必填见 `nianbao schema`。
    pub(super) MISSING_FIELD = "missing-field", Error
}

code! {
    /// 值的类型不对
    ///
    /// 该写文字的地方写了列表，或者该写列表的地方写了文字，等等。
    ///
    /// 错误：`preface: 2024年……`
    ///
    /// 正确（列表的每项前面加横线）：`preface: [2024年……]`
    pub(super) WRONG_TYPE = "wrong-type", Error
}

code! {
    /// 值不合要求
    ///
    /// 字段的值不在允许的范围内：没有的日期、不可能的年份、空的单位名称、看不见的控制字符，等等。
    ///
    /// 错误：`date: 2025-02-31`
    ///
    /// 正确：`date: 2025-02-28`
    pub(super) INVALID_VALUE = "invalid-value", Error
}

code! {
    /// 问题太多，没有全部列出
    ///
    /// 文件里的问题超过 200 处，只列出前 200 处。通常是选错了文件，或者整段的缩进错了。
    ///
    /// 请先改正列出的各处，再查一次。
    TOO_MANY_FAULTS = "too-many-faults", Error
}

/// One thing wrong with the writing. Its place is known by path, by position, or by both.
#[derive(Clone, Debug)]
pub struct Fault {
    pub(super) code: &'static Code,
    pub(super) path: FieldPath,
    at: Option<At>,
    /// Whether the key itself is wrong, and not its value.
    of_key: bool,
    message: String,
    hint: String,
}

/// All that is wrong with the writing: what is told of it, and how much more there is.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    told: Vec<Fault>,
    untold: usize,
}

impl Fault {
    pub(super) fn syntax(format: &str, at: At, said: &str) -> Self {
        Self::new(
            &SYNTAX,
            FieldPath::root(),
            format!("不合 {format} 的写法：{said}"),
            "请改正这里的写法；毛病有时在前一行",
        )
        .standing(at)
    }

    pub(super) fn too_deep(at: At) -> Self {
        let message = format!("列表和字段套得太深，超过 {} 层", super::MAX_DEPTH);
        Self::new(&TOO_DEEP, FieldPath::root(), message, "请核对文件是不是一份报告").standing(at)
    }

    pub fn duplicate(path: FieldPath) -> Self {
        let message = format!("“{}”写了两次", contract::label(&path));
        Self { of_key: true, ..Self::new(&DUPLICATE_FIELD, path, message, "请只保留一个") }
    }

    /// A key of `place` that is none of the known ones.
    pub fn unknown(place: &FieldPath, key: &str, message: String, known: &[&str], otherwise: &str) -> Self {
        let hint = nearest(key, known).map(|near| format!("是不是“{near}”？"));
        let hint = hint.unwrap_or_else(|| otherwise.to_owned());
        Self { of_key: true, ..Self::new(&UNKNOWN_FIELD, place.key(key), message, hint) }
    }

    /// A value that does not do.
    pub fn unfit(path: FieldPath, message: String, hint: impl Into<String>) -> Self {
        Self::new(&INVALID_VALUE, path, message, hint)
    }

    fn new(code: &'static Code, path: FieldPath, message: String, hint: impl Into<String>) -> Self {
        Self { code, path, at: None, of_key: false, message, hint: hint.into() }
    }

    fn standing(self, at: At) -> Self {
        Self { at: Some(at), ..self }
    }

    fn into_diagnostic(self, root: &Node, text: &str) -> Diagnostic {
        let at = self.at.unwrap_or_else(|| root.locate(&self.path, self.of_key));
        Diagnostic { position: Some(at.position(text)), ..self.code.at(self.path, self.message, self.hint) }
    }
}

impl Faults {
    pub fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// Those that are told.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.told.iter()
    }

    /// Notes a fault. It is put into words only if it is told: a file that is no report has more
    /// faults than anyone reads.
    pub fn push(&mut self, fault: impl FnOnce() -> Fault) {
        if self.told.len() < MAX_TOLD {
            self.told.push(fault());
        } else {
            self.untold += 1;
        }
    }

    pub fn extend(&mut self, more: Faults) {
        self.untold += more.untold;
        for fault in more.told {
            self.push(|| fault);
        }
    }

    /// As diagnostics with line and column, in the order in which they stand in the text.
    pub(super) fn into_diagnostics(self, root: &Node, text: &str) -> Vec<Diagnostic> {
        let mut told: Vec<_> = self.told.into_iter().map(|fault| fault.into_diagnostic(root, text)).collect();
        told.sort_by_key(|diagnostic| diagnostic.position);
        if self.untold > 0 {
            let message = format!("另有 {} 处问题没有列出", self.untold);
            told.push(TOO_MANY_FAULTS.at(FieldPath::root(), message, "请先改正以上各处，再查一次"));
        }
        told
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self { told: vec![fault], untold: 0 }
    }
}

impl FromIterator<Fault> for Faults {
    fn from_iter<I: IntoIterator<Item = Fault>>(faults: I) -> Self {
        let mut all = Self::default();
        faults.into_iter().for_each(|fault| all.push(|| fault));
        all
    }
}

impl MergeWithError<Faults> for Faults {
    fn merge(known: Option<Self>, more: Self, _: ValuePointerRef) -> ControlFlow<Self, Self> {
        let mut all = known.unwrap_or_default();
        all.extend(more);
        ControlFlow::Continue(all)
    }
}

impl DeserializeError for Faults {
    fn error<V: IntoValue>(
        known: Option<Self>,
        kind: ErrorKind<V>,
        location: ValuePointerRef,
    ) -> ControlFlow<Self, Self> {
        let mut all = known.unwrap_or_default();
        all.push(|| fault(kind, path(location)));
        ControlFlow::Continue(all)
    }
}

pub(crate) fn empty() -> Diagnostic {
    EMPTY_FILE.at(FieldPath::root(), "文件是空的", "请重新保存或上传；可用 nianbao sample 取一份样例")
}

/// Says that an input is larger than [`super::MAX_BYTES`].
pub fn too_large() -> Diagnostic {
    let message = format!("文件超过 {} MiB 的上限", super::MAX_BYTES >> 20);
    TOO_LARGE.at(FieldPath::root(), message, "请核对是不是选错了文件")
}

pub(super) fn not_text() -> Diagnostic {
    NOT_TEXT.at(
        FieldPath::root(),
        "文件不是 UTF-8 或 GB18030 编码的文本",
        "请用记事本等另存为 UTF-8 编码的 JSON、YAML 或 TOML 文件",
    )
}

fn fault<V: IntoValue>(kind: ErrorKind<V>, path: FieldPath) -> Fault {
    let label = contract::label(&path);
    match kind {
        ErrorKind::IncorrectValueKind { actual, accepted } => {
            let wanted: Vec<&str> = accepted.iter().copied().map(kind_name).collect();
            let now = match &actual {
                Value::String(written) if written.parse::<f64>().is_ok() => "数",
                other => kind_name(other.kind()),
            };
            let message = format!("“{label}”应为{}，现在是{now}", wanted.join("或"));
            let hint = match (actual.kind(), accepted) {
                (ValueKind::Boolean, [ValueKind::String, ..]) => "如果要的就是这几个字母，请加引号",
                (ValueKind::Null, _) => "请填写，或者去掉这个字段",
                _ => "请对照 nianbao sample 的样例改正",
            };
            Fault::new(&WRONG_TYPE, path, message, hint)
        }
        ErrorKind::MissingField { field } => {
            let field = path.key(field);
            let message = format!("缺少必填的“{}”（{field}）", contract::label(&field));
            Fault::new(&MISSING_FIELD, field, message, "请补上这个字段")
        }
        ErrorKind::UnknownKey { key, accepted } => {
            let hint = match nearest(key, accepted) {
                Some(known) => format!("是不是“{known}”（{}）？", contract::label(&path.key(known))),
                None => format!("这里可以有的字段：{}", accepted.join("、")),
            };
            let place = if path.is_root() { String::new() } else { format!("“{label}”里") };
            let message = format!("{place}没有叫“{}”的字段", key.escape_debug());
            Fault { of_key: true, ..Fault::new(&UNKNOWN_FIELD, path.key(key), message, hint) }
        }
        ErrorKind::UnknownValue { value, accepted } => {
            let hint = match nearest(value, accepted) {
                Some(known) => format!("是不是“{known}”？可以填：{}", accepted.join("、")),
                None => format!("可以填：{}", accepted.join("、")),
            };
            let message = format!("“{label}”不能是“{}”", value.escape_debug());
            Fault::new(&INVALID_VALUE, path, message, hint)
        }
        ErrorKind::BadSequenceLen { expected, .. } => Fault::new(
            &WRONG_TYPE,
            path,
            format!("“{label}”应有 {expected} 项"),
            "请对照 nianbao sample 的样例改正",
        ),
        ErrorKind::Unexpected { msg } => {
            Fault::new(&INVALID_VALUE, path, format!("“{label}”{msg}"), "请改正后再试")
        }
    }
}

/// The known word that was most likely meant.
pub(crate) fn nearest<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    // Comparing costs length times length: a key of a megabyte is nobody's slip of the pen.
    if written.len() > 100 {
        return None;
    }
    known
        .iter()
        .map(|word| (strsim::jaro_winkler(&written.to_lowercase(), word), *word))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, word)| word)
}

fn kind_name(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Null => "空值",
        ValueKind::Boolean => "true 或 false",
        ValueKind::Integer | ValueKind::NegativeInteger | ValueKind::Float => "数",
        ValueKind::String => "文字",
        ValueKind::Sequence => "列表",
        ValueKind::Map => "一组字段",
    }
}

fn path(location: ValuePointerRef) -> FieldPath {
    match location {
        ValuePointerRef::Origin => FieldPath::root(),
        ValuePointerRef::Key { key, prev } => path(*prev).key(key),
        ValuePointerRef::Index { index, prev } => path(*prev).index(index),
    }
}
