//! A plan of work for a year: the tasks that the report of that year must report on or explain.

use deserr::Deserr;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Issuer, Line, Name, Text, Unplaced, Year};

/// A year's plan of 法治政府建设, as last year's unit issued it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(title = "法治政府建设工作计划", deny_unknown_fields)]
pub struct WorkPlan {
    #[deserr(default = default_template())]
    #[schemars(default = "default_template", title = "模板", description = "work-plan")]
    pub template: Name,
    #[schemars(title = "计划年度", description = "计划管的那一年，与报告年度相同")]
    pub year: Year,
    #[deserr(default)]
    #[schemars(title = "制定单位")]
    pub issuer: Option<Issuer>,
    #[deserr(default)]
    #[schemars(title = "标题")]
    pub title: Option<Text>,
    #[deserr(default)]
    #[schemars(default, title = "导语")]
    pub preface: Vec<Text>,
    #[deserr(default)]
    #[schemars(default, title = "各部分")]
    pub sections: Vec<PlanSection>,
    #[deserr(default)]
    #[schemars(title = "结束语")]
    pub closing: Option<Line>,
    #[deserr(default)]
    #[schemars(
        default,
        title = "未归类的文字",
        description = "导入时没有认出位置的文字；请移到相应的部分，或者删除"
    )]
    pub unplaced: Vec<Unplaced>,
}

/// One heading of a plan and its tasks.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(title = "部分", deny_unknown_fields)]
pub struct PlanSection {
    #[deserr(default)]
    #[schemars(title = "标题")]
    pub heading: Option<Line>,
    #[deserr(default)]
    #[schemars(default, title = "任务")]
    pub tasks: Vec<Task>,
}

/// One task and who is to do it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(title = "任务", deny_unknown_fields)]
pub struct Task {
    #[schemars(title = "任务内容")]
    pub text: Text,
    #[deserr(default)]
    #[schemars(title = "牵头单位")]
    pub lead: Option<Name>,
    #[deserr(default)]
    #[schemars(default, title = "责任单位")]
    pub support: Vec<Name>,
}

/// The template of a plan that names none.
fn default_template() -> Name {
    "work-plan".parse().expect("a constant name is fit")
}
