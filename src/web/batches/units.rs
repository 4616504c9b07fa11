//! The units of a batch as they are looked at before it is begun: what is found in each.

use std::io;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LARGEST_PAGE, PAGE};
use crate::batch::{self, Expectation, Unit, visible};
use crate::diagnostic::Diagnostic;
use crate::jobs::{Batch, JobFailure};
use crate::web::Service;
use crate::web::answer::Refusal;
use crate::workers::Question;

/// Which units are looked at.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct UnitWishes {
    /// 从第几个单位看起
    #[serde(default = "first")]
    #[param(default = 1, minimum = 1)]
    from: usize,
    /// 看多少个，最多 100
    #[serde(default = "page")]
    #[param(default = 20, minimum = 1, maximum = 100)]
    limit: usize,
}

fn first() -> usize {
    1
}

fn page() -> usize {
    PAGE
}

/// A unit of a batch, and what is found in its report.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "一个单位的报告和其中的问题")]
pub(in crate::web) struct CheckedUnit {
    #[schemars(description = "在这一批里的序号")]
    pub number: usize,
    #[schemars(description = "来自哪个文件或哪一行")]
    pub source: String,
    #[schemars(description = "报告单位，读得出时才有")]
    pub unit: Option<String>,
    pub findings: Vec<Diagnostic>,
}

/// 检查一批报告里的单位
///
/// 分段检查各单位的报告，开始生成之前就看到问题。
#[utoipa::path(
    get, path = "/api/batches/{id}/units", tag = "成批",
    params(("id" = String, Path, description = "这一批的编号"), UnitWishes),
    responses(
        (status = 200, description = "这一段的单位", body = ref("#/components/schemas/CheckedUnits")),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这一批，或已删除", body = ref("#/components/schemas/Said")),
        (status = 409, description = "上传的文件丢失或损坏了，这一批已取消", body = ref("#/components/schemas/Said")),
        (status = 503, description = "正在生成的报告太多，或者数据库、存放成果的地方用不了；Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
        (status = 507, description = "服务器的磁盘已满", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn units(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    wishes: Result<Query<UnitWishes>, QueryRejection>,
) -> Result<Json<Vec<CheckedUnit>>, Refusal> {
    let Query(UnitWishes { from, limit }) = wishes.map_err(Refusal::of_query)?;
    if from == 0 {
        return Err(Refusal::bad_parameter("from", "从 1 起的整数"));
    }
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(Refusal::bad_parameter("limit", format_args!("1 至 {LARGEST_PAGE} 的整数")));
    }
    let batch = super::find(service.jobs()?, &id).await?;
    Ok(Json(checked(&service, &batch, from, limit).await?))
}

/// Checks some of a batch's units.
pub(super) async fn checked(
    service: &Service,
    batch: &Batch,
    from: usize,
    limit: usize,
) -> Result<Vec<CheckedUnit>, Refusal> {
    let intake = service.jobs()?.opened(batch).await?;
    let mut checked = Vec::new();
    for unit in intake.units().iter().skip(from - 1).take(limit) {
        let (bytes, form) = match intake.read(unit) {
            Ok(read) => read,
            Err(error) => {
                let told = batch::not_made(error.to_string());
                checked.push(CheckedUnit::new(unit, None, told.findings));
                continue;
            }
        };
        let Expectation { checks, tracked_changes, .. } = intake.expectation();
        let (name, tracked_changes) = (unit.file_name().to_owned(), *tracked_changes);
        let question = Question::Review { form, name, edition: batch.edition, tracked_changes };
        let question = question.under(checks.clone());
        let (name, mut findings) = match service.ask(question, bytes.into(), None).await {
            Ok(answer) => {
                serde_json::from_slice(&answer.bytes).map_err(io::Error::other).map_err(JobFailure::from)?
            }
            Err(Refusal::Report(found)) => (None, found),
            Err(refusal) => return Err(refusal),
        };
        intake.tell(unit, &mut findings).map_err(JobFailure::from)?;
        checked.push(CheckedUnit::new(unit, name, findings));
    }
    Ok(checked)
}

impl CheckedUnit {
    fn new(unit: &Unit, name: Option<String>, findings: Vec<Diagnostic>) -> Self {
        let name = name.map(|name| visible(&name).into_owned());
        Self { number: unit.number, source: visible(&unit.source).into_owned(), unit: name, findings }
    }
}
