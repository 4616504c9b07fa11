//! How far a batch has come, as programs are told.

use schemars::JsonSchema;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::batch::UnitResult;
use crate::jobs::{Batch, JobFailure, Jobs, UnitRemark};

/// How far a batch has come.
#[derive(Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(description = "一批报告和它的进度")]
pub(in crate::web) struct Progress {
    #[schemars(description = "这一批的编号")]
    id: String,
    #[schemars(description = "上传时的文件名")]
    name: String,
    #[schemars(
        description = "状态：uploaded 待开始，running 正在生成，completed 已完成，completed_with_failures 已结束，有单位没有生成，cancelled 已取消"
    )]
    state: &'static str,
    counts: Counts,
    #[schemars(description = "何时上传（UTC）")]
    created_at: String,
    #[schemars(description = "何时做完或取消（UTC）")]
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    #[schemars(description = "用了多少秒")]
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<i64>,
    #[schemars(description = "何时删除成果（UTC）")]
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[schemars(description = "由程序取消的，为什么")]
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[schemars(description = "成果（ZIP）的地址，做完了才有")]
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<String>,
    #[schemars(description = "给了名录的：名录里要知道的，如隐藏的行、没有读的列、名称相近的单位")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roster_remarks: Vec<String>,
    #[schemars(description = "没有生成的单位，最多列出前一百个；全部的见成果里的清单")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failures: Vec<Unmade>,
}

#[derive(Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(description = "各有多少份")]
struct Counts {
    #[schemars(description = "共有")]
    total: usize,
    #[schemars(description = "还没有生成")]
    waiting: usize,
    #[schemars(description = "已生成")]
    made: usize,
    #[schemars(description = "已生成，有警告")]
    made_with_warnings: usize,
    #[schemars(description = "未生成")]
    failed: usize,
    #[schemars(description = "没有报告的单位：征集里没有通过的，或名录里没有报的；不在总数里")]
    missing: usize,
    #[schemars(description = "给了名录的：已经报过的单位又报的，做完了才知道")]
    repeated: usize,
    #[schemars(description = "给了名录的：单位不在名录里的，做完了才知道")]
    unlisted: usize,
}

#[derive(Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(description = "没有生成的一个单位")]
struct Unmade {
    #[schemars(description = "在这一批里的序号")]
    number: usize,
    #[schemars(description = "来自哪个文件或哪一行")]
    source: String,
    #[schemars(description = "报告单位，读得出时才有")]
    unit: Option<String>,
    #[schemars(description = "第一处问题")]
    message: String,
}

impl Progress {
    /// As a list has it, and whoever follows it.
    pub(crate) fn of(batch: &Batch, jobs: &Jobs) -> Self {
        let counts = batch.counts;
        Self {
            id: batch.id.clone(),
            name: batch.name.clone(),
            state: batch.state.name(),
            counts: Counts {
                total: counts.total,
                waiting: counts.total - batch.done(),
                made: counts.made,
                made_with_warnings: counts.made_with_warnings,
                failed: counts.failed,
                missing: counts.missing,
                repeated: batch.repeated,
                unlisted: batch.unlisted,
            },
            created_at: written(batch.created_at),
            ended_at: batch.ended_at.map(written),
            seconds: batch.seconds(),
            expires_at: jobs.expires_at(batch).map(written),
            reason: batch.reason.clone(),
            result: batch.state.has_archive().then(|| format!("{}/result.zip", place(&batch.id))),
            roster_remarks: vec![],
            failures: vec![],
        }
    }

    /// With the units that were not made, and what is to be said of the roster.
    pub(super) async fn in_full(self, jobs: &Jobs) -> Result<Self, JobFailure> {
        let told = |remark: UnitRemark| {
            let UnitRemark { number, source, unit, message, .. } = remark;
            Unmade { number, source, unit, message }
        };
        let failed = jobs.remarks(&self.id, UnitResult::Failed).await?;
        let failures = failed.into_iter().map(told).collect();
        Ok(Self { roster_remarks: jobs.roster_remarks(&self.id).await?, failures, ..self })
    }
}

/// Where it is told.
pub(super) fn place(id: &str) -> String {
    format!("/api/batches/{id}")
}

/// A time as RFC 3339 writes it.
fn written(seconds: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    time.format(&Rfc3339).expect("a year of four digits")
}
