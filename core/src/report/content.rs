//! What a report says: the sections of the mandated outline, paragraph by paragraph.

use deserr::{
    DeserializeError, Deserr, ErrorKind, IntoValue, Value, ValueKind, ValuePointerRef, take_cf_content,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use super::{Area, DutyHolder, IndicatorValue, Line, Name, Ordinal, Text};

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
    #[schemars(default, title = "正文", description = "逐段书写；一段可以只是文字，也可以在前面另写段首句")]
    pub body: Vec<Paragraph>,
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
    #[schemars(default, title = "责任人")]
    pub holder: DutyHolder,
    #[deserr(default)]
    #[schemars(default, title = "正文")]
    pub body: Vec<Paragraph>,
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
#[schemars(title = "段落", description = "段首句另写的段落", deny_unknown_fields)]
struct Point {
    #[deserr(default)]
    #[schemars(title = "段首句", description = "突出排印的段首第一句，如：一是优化审批流程。")]
    lead: Option<Line>,
    #[deserr(default)]
    #[schemars(default, title = "文字")]
    text: Text,
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

/// A figure worth a table and an overview.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "一个指标", deny_unknown_fields)]
pub struct Indicator {
    #[deserr(default)]
    #[schemars(
        title = "指标代码",
        description = "如：reconsideration.accepted；各年、各单位的同一指标用同一代码；不写的按名称认"
    )]
    pub key: Option<Name>,
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

impl Indicator {
    /// By what it is the same as another year's or unit's: its key, or its name where it has none.
    pub fn key(&self) -> &str {
        self.key.as_ref().unwrap_or(&self.name)
    }
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
