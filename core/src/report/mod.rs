//! The report as meaning: what a unit says about one year of 法治政府建设, field by field. The
//! field names are the input contract; each has one Chinese label, its `title` below, which every
//! message, form and workbook uses.

pub mod contract;
pub mod fields;
pub mod path;
mod plan;
pub mod recurring;
mod value;

pub use path::FieldPath;
pub use plan::{PlanSection, Task, WorkPlan};
pub use value::{Date, IndicatorValue, Line, Name, Ordinal, Text, Unfit, Year};

use deserr::{
    DeserializeError, Deserr, ErrorKind, IntoValue, Value, ValueKind, ValuePointerRef, take_cf_content,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The name under which a PDF bears the report that it was made of.
pub const ATTACHED_REPORT: &str = "report.json";

/// Either kind of document that the contract knows.
#[derive(Clone, Debug, PartialEq)]
pub enum Document {
    Report(Box<Report>),
    Plan(Box<WorkPlan>),
}

impl Document {
    /// Its unit as running text and file names call it. A plan may come without one.
    pub fn unit(&self) -> Option<&str> {
        match self {
            Self::Report(report) => Some(report.short_name()),
            Self::Plan(plan) => plan.issuer.as_ref().map(Issuer::short_name),
        }
    }

    pub fn year(&self) -> Year {
        match self {
            Self::Report(report) => report.year,
            Self::Plan(plan) => plan.year,
        }
    }
}

/// One annual report (《法治政府建设与责任落实督察工作规定》 article 24 and following).
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(
    title = "法治政府建设年度报告",
    description = "一份报告就是一个 JSON、YAML 或 TOML 文件。文字都按原样排印，不识别任何标记；章节和标题的序号由程序编排，不要自己写。",
    deny_unknown_fields
)]
pub struct Report {
    #[deserr(default = default_template())]
    #[schemars(
        default = "default_template",
        title = "模板",
        description = "报告所用的模板，默认 annual-report（法治政府建设年度报告）"
    )]
    pub template: Name,
    #[deserr(default)]
    #[schemars(
        default,
        title = "版本",
        description = "public 公开版（在网站公布），formal 报送版（带版头和版记）"
    )]
    pub edition: Edition,
    #[schemars(title = "报告年度", description = "报告所说的那一年，如 2024；下一年度安排即 2025 年的安排")]
    pub year: Year,
    #[schemars(title = "报告单位")]
    pub issuer: Issuer,
    #[deserr(default)]
    #[schemars(title = "标题", description = "不填则由模板按单位和年度拟定；可用换行指定回行处")]
    pub title: Option<Text>,
    #[deserr(default)]
    #[schemars(default, title = "主送机关", description = "如：青岛市人民政府；上行文原则上只主送一个机关")]
    pub addressees: Vec<Name>,
    #[deserr(default)]
    #[schemars(default, title = "导语", description = "第一个标题之前的段落")]
    pub preface: Vec<Text>,
    #[deserr(default)]
    #[schemars(
        default,
        title = "主要举措和成效",
        description = "第一部分：上一年度推进法治政府建设的主要举措和成效"
    )]
    pub measures: Vec<Measure>,
    #[deserr(default)]
    #[schemars(default, title = "存在的不足和原因", description = "第二部分：每条不足都要写明原因")]
    pub problems: Vec<Problem>,
    #[deserr(default)]
    #[schemars(
        default,
        title = "第一责任人履职情况",
        description = "第三部分：党政主要负责人履行推进法治建设第一责任人职责的有关情况"
    )]
    pub duties: Vec<Duty>,
    #[deserr(default)]
    #[schemars(
        default,
        title = "下一年度主要安排",
        description = "第四部分：下一年度推进法治政府建设的主要安排"
    )]
    pub plans: Vec<Plan>,
    #[deserr(default)]
    #[schemars(default, title = "其他需要报告的情况", description = "第五部分：确有需要时才写")]
    pub other: Vec<Text>,
    #[deserr(default)]
    #[schemars(
        default,
        title = "未归类的文字",
        description = "导入时没有认出位置的文字；请移到相应的部分，或者删去"
    )]
    pub unplaced: Vec<Unplaced>,
    #[deserr(default)]
    #[schemars(default, title = "指标", description = "值得列表和汇总的数字")]
    pub indicators: Vec<Indicator>,
    #[deserr(default = default_closing())]
    #[schemars(
        default = "default_closing",
        title = "结束语",
        description = "默认“特此报告。”；写成空的则不排"
    )]
    pub closing: Line,
    #[schemars(title = "落款")]
    pub signature: Signature,
    #[deserr(default)]
    #[schemars(title = "附注", description = "如：此件公开发布；圆括号由程序加")]
    pub notes: Option<Line>,
    #[deserr(default)]
    #[schemars(default, title = "附件")]
    pub attachments: Vec<Attachment>,
    #[deserr(default)]
    #[schemars(title = "版头", description = "只用于报送版")]
    pub header: Option<Header>,
    #[deserr(default)]
    #[schemars(default, title = "抄送机关", description = "只用于报送版的版记")]
    pub copies_to: Vec<Name>,
    #[deserr(default)]
    #[schemars(title = "印发机关", description = "只用于报送版的版记")]
    pub printed_by: Option<Name>,
    #[deserr(default)]
    #[schemars(title = "印发日期", description = "只用于报送版的版记")]
    pub printed_on: Option<Date>,
    #[deserr(default)]
    #[schemars(default, title = "排版", description = "二级标题和要点的排法")]
    pub layout: Layout,
    #[deserr(default)]
    #[schemars(
        default,
        title = "例外",
        description = "检查提出、但报告有理由保留的问题；列在检查结果里，不作为错误"
    )]
    pub allow: Vec<Exception>,
}

/// Whether the report goes up to the superior (报送版) or out to the public (公开版).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Deserr)]
#[serde(rename_all = "kebab-case")]
#[schemars(description = "版本")]
pub enum Edition {
    /// 公开版
    #[default]
    #[deserr(rename = "public")]
    Public,
    /// 报送版
    #[deserr(rename = "formal")]
    Formal,
}

/// The unit whose report it is.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "报告单位", deny_unknown_fields)]
pub struct Issuer {
    #[schemars(title = "单位全称", description = "用于标题和落款，如：青岛市城阳区人民政府")]
    pub name: Name,
    #[deserr(default)]
    #[schemars(title = "单位简称", description = "用于行文、文件名和汇总，如：城阳区")]
    pub short_name: Option<Name>,
    #[deserr(default)]
    #[schemars(
        default,
        title = "单位性质",
        description = "government 政府，department 部门，township 乡镇街道，party-and-government 党委和政府联合"
    )]
    pub kind: IssuerKind,
    #[deserr(default)]
    #[schemars(
        default,
        title = "层级",
        description = "province 省级，city 市级，county 县级，township 乡级"
    )]
    pub level: Level,
    #[deserr(default)]
    #[schemars(title = "单位代码", description = "批量办理时区分各单位，如：370214")]
    pub code: Option<Name>,
}

impl Issuer {
    /// Its short name, else its full one.
    pub fn short_name(&self) -> &str {
        self.short_name.as_deref().unwrap_or(&self.name)
    }
}

/// What kind of unit reports; the template's wording follows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema, Deserr)]
#[serde(rename_all = "kebab-case")]
#[schemars(description = "单位性质")]
pub enum IssuerKind {
    /// 政府
    #[default]
    #[deserr(rename = "government")]
    Government,
    /// 部门
    #[deserr(rename = "department")]
    Department,
    /// 乡镇街道
    #[deserr(rename = "township")]
    Township,
    /// 党委和政府联合
    #[deserr(rename = "party-and-government")]
    PartyAndGovernment,
}

/// The level of administration a unit stands on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema, Deserr)]
#[serde(rename_all = "kebab-case")]
#[schemars(description = "层级")]
pub enum Level {
    /// 省级
    #[deserr(rename = "province")]
    Province,
    /// 市级
    #[deserr(rename = "city")]
    City,
    /// 县级
    #[default]
    #[deserr(rename = "county")]
    County,
    /// 乡级
    #[deserr(rename = "township")]
    Township,
}

/// One heading of section 1 and what stands below it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "一项举措和成效", deny_unknown_fields)]
pub struct Measure {
    #[deserr(default)]
    #[schemars(title = "标题", description = "不写序号，末尾不加标点")]
    pub heading: Option<Line>,
    #[deserr(default)]
    #[schemars(title = "所属领域", description = "对应《法治政府建设实施纲要》的部分")]
    pub area: Option<Area>,
    #[deserr(default)]
    #[schemars(default, title = "正文", description = "逐段书写；一段可以是一句文字，也可以分引导句和文字")]
    pub body: Vec<Paragraph>,
}

/// A part of 《法治政府建设实施纲要(2021-2025年)》 under which a measure is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema, Deserr)]
#[serde(rename_all = "kebab-case")]
#[schemars(description = "所属领域：《法治政府建设实施纲要》的部分")]
pub enum Area {
    /// 政府机构职能体系
    #[deserr(rename = "functions")]
    Functions,
    /// 依法行政制度体系
    #[deserr(rename = "institutions")]
    Institutions,
    /// 行政决策制度体系
    #[deserr(rename = "decisions")]
    Decisions,
    /// 行政执法工作体系
    #[deserr(rename = "enforcement")]
    Enforcement,
    /// 突发事件应对体系
    #[deserr(rename = "emergencies")]
    Emergencies,
    /// 社会矛盾纠纷行政预防调处化解体系
    #[deserr(rename = "disputes")]
    Disputes,
    /// 行政权力制约和监督体系
    #[deserr(rename = "oversight")]
    Oversight,
    /// 法治政府建设科技保障体系
    #[deserr(rename = "digital")]
    Digital,
    /// 党的领导和推进机制
    #[deserr(rename = "leadership")]
    Leadership,
}

/// A paragraph, with or without an emphasised opening such as 「一是……。」. In the input a bare
/// string is a paragraph without one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Paragraph {
    pub lead: Option<Line>,
    pub text: Text,
}

/// The long form of a paragraph in the input.
#[derive(JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(title = "段落", description = "分引导句和文字的段落", deny_unknown_fields)]
struct Point {
    #[deserr(default)]
    #[schemars(title = "引导句", description = "突出排印的段首语，如：一是优化审批流程。")]
    lead: Option<Line>,
    #[deserr(default)]
    #[schemars(default, title = "文字")]
    text: Text,
}

/// A shortcoming with its cause: section 2 is 不足**和原因**.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "一条不足和它的原因", deny_unknown_fields)]
pub struct Problem {
    #[schemars(title = "不足")]
    pub problem: Text,
    #[deserr(default)]
    #[schemars(title = "原因")]
    pub cause: Option<Text>,
    #[deserr(default)]
    #[schemars(title = "具体表现")]
    pub detail: Option<Text>,
}

/// One heading of section 3: what the first responsible persons did.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "第一责任人的一方面履职情况", deny_unknown_fields)]
pub struct Duty {
    #[deserr(default)]
    #[schemars(title = "标题", description = "不写序号，末尾不加标点")]
    pub heading: Option<Line>,
    #[deserr(default)]
    #[schemars(
        default,
        title = "责任人",
        description = "party 党委（党组）主要负责人，government 政府（行政）主要负责人，both 两者"
    )]
    pub holder: DutyHolder,
    #[deserr(default)]
    #[schemars(default, title = "正文")]
    pub body: Vec<Paragraph>,
}

/// Whose duties a part of section 3 speaks of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema, Deserr)]
#[serde(rename_all = "kebab-case")]
#[schemars(description = "责任人")]
pub enum DutyHolder {
    /// 党委（党组）主要负责人
    #[deserr(rename = "party")]
    Party,
    /// 政府（行政）主要负责人
    #[deserr(rename = "government")]
    Government,
    /// 两者
    #[default]
    #[deserr(rename = "both")]
    Both,
}

/// One arrangement of section 4 for the year after.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "一项安排", deny_unknown_fields)]
pub struct Plan {
    #[deserr(default)]
    #[schemars(title = "标题", description = "不写序号，末尾不加标点")]
    pub heading: Option<Line>,
    #[deserr(default)]
    #[schemars(default, title = "正文")]
    pub body: Vec<Paragraph>,
    #[deserr(default)]
    #[schemars(default, title = "对应的不足", description = "这项安排针对第几条不足，从 1 数起")]
    pub answers: Vec<Ordinal>,
    #[deserr(default)]
    #[schemars(title = "牵头单位")]
    pub lead: Option<Name>,
    #[deserr(default)]
    #[schemars(default, title = "责任单位")]
    pub support: Vec<Name>,
}

/// A text of an imported document that found no place. It is no part of the report until somebody
/// has put it where it belongs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "一段未归类的文字", deny_unknown_fields)]
pub struct Unplaced {
    #[schemars(title = "文字")]
    pub text: Text,
    #[deserr(default)]
    #[schemars(title = "说明", description = "它在来源里的位置，为什么没有归类")]
    pub note: Option<Line>,
}

/// A figure worth a table and an overview.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "一个指标", deny_unknown_fields)]
pub struct Indicator {
    #[schemars(
        title = "指标代码",
        description = "如：reconsideration.accepted；各年、各单位的同一指标用同一代码"
    )]
    pub key: Name,
    #[schemars(title = "指标名称", description = "如：受理行政复议案件")]
    pub name: Name,
    #[schemars(title = "数值", description = "数，或“无”“不适用”")]
    pub value: IndicatorValue,
    #[deserr(default)]
    #[schemars(title = "计量单位", description = "如：件")]
    pub unit: Option<Name>,
    #[deserr(default)]
    #[schemars(title = "上年数值")]
    pub previous: Option<IndicatorValue>,
    #[deserr(default)]
    #[schemars(default, title = "约数", description = "余、近、约一类的数")]
    pub approximate: bool,
    #[deserr(default)]
    #[schemars(title = "数据来源", description = "提供数据的部门")]
    pub source: Option<Name>,
}

/// 署名 and 成文日期 (GB/T 9704-2012, 7.3.5).
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "落款：署名和成文日期", deny_unknown_fields)]
pub struct Signature {
    #[schemars(default, title = "发文机关署名", description = "不填时为发文机关全称；联合报告写多个")]
    #[deserr(default)]
    pub names: Vec<Name>,
    #[schemars(title = "成文日期")]
    pub date: Date,
    #[deserr(default)]
    #[schemars(default, title = "印章", description = "none 不加盖印章，space 留出盖章的位置")]
    pub seal: Seal,
}

/// Whether room is left for a seal over the signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema, Deserr)]
#[serde(rename_all = "kebab-case")]
#[schemars(description = "印章")]
pub enum Seal {
    /// 不加盖印章
    #[default]
    #[deserr(rename = "none")]
    None,
    /// 留出盖章的位置
    #[deserr(rename = "space")]
    Space,
}

/// An attachment (GB/T 9704-2012, 7.3.7): paragraphs, a table, or both.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "一个附件：段落、表格，或者两者", deny_unknown_fields)]
pub struct Attachment {
    #[schemars(title = "附件标题")]
    pub title: Name,
    #[deserr(default)]
    #[schemars(default, title = "正文")]
    pub body: Vec<Paragraph>,
    #[deserr(default)]
    #[schemars(title = "表格")]
    pub table: Option<Table>,
}

/// A table of an attachment.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "附件里的表格", deny_unknown_fields)]
pub struct Table {
    #[schemars(title = "表头", description = "各列的名称")]
    pub columns: Vec<Line>,
    #[deserr(default)]
    #[schemars(default, title = "各行", description = "每行的格数与表头相同")]
    pub rows: Vec<Vec<Text>>,
}

/// 版头 of the formal edition (GB/T 9704-2012, 7.2).
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "报送版的版头", deny_unknown_fields)]
pub struct Header {
    #[deserr(default)]
    #[schemars(title = "份号", description = "排成六位数字")]
    pub copy_number: Option<Ordinal>,
    #[deserr(default)]
    #[schemars(title = "密级和保密期限")]
    pub secrecy: Option<Name>,
    #[deserr(default)]
    #[schemars(title = "紧急程度")]
    pub urgency: Option<Name>,
    #[deserr(default)]
    #[schemars(default, title = "发文机关标志", description = "发文机关全称；不填则用落款的署名")]
    pub agencies: Vec<Name>,
    #[deserr(default = default_suffix())]
    #[schemars(default = "default_suffix", title = "标志后缀", description = "默认“文件”；写成空的则不加")]
    pub suffix: Line,
    #[deserr(default)]
    #[schemars(title = "发文字号")]
    pub document_number: Option<DocumentNumber>,
    #[deserr(default)]
    #[schemars(default, title = "签发人")]
    pub signatories: Vec<Name>,
}

/// 发文字号 in its parts, set as 城政发〔2025〕12号 (GB/T 9704-2012, 7.2.5).
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "发文字号的各部分", deny_unknown_fields)]
pub struct DocumentNumber {
    #[schemars(title = "机关代字", description = "如：城政发")]
    pub agency: Name,
    #[schemars(title = "年份")]
    pub year: Year,
    #[schemars(title = "发文顺序号")]
    pub number: Ordinal,
}

/// A finding that the report keeps, and why.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(title = "例外", deny_unknown_fields)]
pub struct Exception {
    #[schemars(title = "问题代码", description = "如：duplicate-text；全部代码见 nianbao explain")]
    pub code: Name,
    #[deserr(default)]
    #[schemars(title = "字段", description = "如：measures[0]，管它和它里面的全部；不填则管全篇")]
    pub path: Option<Line>,
    #[schemars(title = "理由")]
    pub reason: Name,
}

/// How level-2 headings and points are set; what is not said here the template's manifest says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "排版的选择", deny_unknown_fields)]
pub struct Layout {
    #[deserr(default)]
    #[schemars(title = "二级标题", description = "own-line 独占一行，run-in 与正文接排")]
    pub headings: Option<HeadingLayout>,
    #[deserr(default)]
    #[schemars(title = "要点", description = "apart 每点一段，together 各点接排成一段")]
    pub points: Option<PointLayout>,
}

/// Whether a level-2 heading has a line of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Deserr)]
#[serde(rename_all = "kebab-case")]
#[schemars(description = "二级标题的排法")]
pub enum HeadingLayout {
    /// 独占一行
    #[default]
    #[deserr(rename = "own-line")]
    OwnLine,
    /// 与正文接排
    #[deserr(rename = "run-in")]
    RunIn,
}

/// Whether each point of a body has a paragraph of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Deserr)]
#[serde(rename_all = "kebab-case")]
#[schemars(description = "要点的排法")]
pub enum PointLayout {
    /// 每点一段
    #[default]
    #[deserr(rename = "apart")]
    Apart,
    /// 各点接排成一段
    #[deserr(rename = "together")]
    Together,
}

impl<E: DeserializeError> Deserr<E> for Paragraph {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef) -> Result<Self, E> {
        match value {
            Value::String(_) => {
                Text::deserialize_from_value(value, location).map(|text| Self { lead: None, text })
            }
            Value::Map(_) => {
                Point::deserialize_from_value(value, location).map(|Point { lead, text }| Self { lead, text })
            }
            actual => {
                let accepted = &[ValueKind::String, ValueKind::Map];
                Err(take_cf_content(E::error(
                    None,
                    ErrorKind::IncorrectValueKind { actual, accepted },
                    location,
                )))
            }
        }
    }
}

impl JsonSchema for Paragraph {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Paragraph".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "title": "段落",
            "anyOf": [generator.subschema_for::<Text>(), generator.subschema_for::<Point>()],
        })
    }
}

impl Paragraph {
    pub fn says_something(&self) -> bool {
        let lead = self.lead.as_deref().unwrap_or_default();
        !lead.trim().is_empty() || !self.text.trim().is_empty()
    }
}

impl Report {
    /// The report without what its edition does not show: whoever publishes the public one does not publish
    /// who signed the other, its number, or why a finding was let pass.
    pub fn as_shown(&self) -> Self {
        match self.edition {
            Edition::Formal => self.clone(),
            Edition::Public => Self {
                header: None,
                copies_to: vec![],
                printed_by: None,
                printed_on: None,
                allow: vec![],
                ..self.clone()
            },
        }
    }

    /// Every text that a writer entered, with its place, in the order of the contract. Choices,
    /// numbers and dates are not among them.
    pub fn texts(&self) -> Vec<(FieldPath, String)> {
        fn collect(
            json: serde_json::Value,
            path: FieldPath,
            entry: &fields::Entry,
            texts: &mut Vec<(FieldPath, String)>,
        ) {
            match json {
                serde_json::Value::String(text) if !text.is_empty() && entry.is_text() => {
                    texts.push((path, text))
                }
                serde_json::Value::Array(items) => {
                    for (index, item) in items.into_iter().enumerate() {
                        collect(item, path.index(index), entry, texts);
                    }
                }
                serde_json::Value::Object(entries) => {
                    for (key, value) in entries {
                        collect(value, path.key(&key), entry.within(&key), texts);
                    }
                }
                _ => {}
            }
        }
        let json = serde_json::to_value(self).expect("a report is made of texts, numbers, lists and maps");
        let mut texts = Vec::new();
        collect(json, FieldPath::root(), fields::report(), &mut texts);
        texts
    }

    /// The unit as running text and file names call it.
    pub fn short_name(&self) -> &str {
        self.issuer.short_name()
    }
}

fn default_template() -> Name {
    "annual-report".parse().expect("a constant name is fit")
}

fn default_closing() -> Line {
    "特此报告。".parse().expect("a constant line is fit")
}

fn default_suffix() -> Line {
    "文件".parse().expect("a constant line is fit")
}
