//! The annual report as a whole.

use deserr::Deserr;
use schemars::JsonSchema;
use serde::Serialize;

use super::fields;
use super::texts::texts;
use super::{
    Attachment, Date, DocumentKind, Duty, Edition, FieldPath, Header, HeadingLayout, Indicator, Issuer, Line,
    Measure, Name, Plan, PointLayout, Problem, Signature, Text, Unplaced, Year,
};

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
    #[schemars(default, title = "版本", description = "公开版在网站公布，报送版带版头和版记")]
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
        description = "导入时没有认出位置的文字；请移到相应的部分，或者删除"
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

/// How level-2 headings and points are set; what is not said here the template's manifest says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "排版的选择", deny_unknown_fields)]
pub struct Layout {
    #[deserr(default)]
    #[schemars(title = "二级标题")]
    pub headings: Option<HeadingLayout>,
    #[deserr(default)]
    #[schemars(title = "要点")]
    pub points: Option<PointLayout>,
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
        texts(self, fields::of(DocumentKind::Report))
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
