//! What comes out of a collection: a batch of all reports that were accepted, with those named that are missing,
//! and the beginning of the bureau's own report.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use super::entries::FormEntries;
use super::tables::note_export;
use super::{PLACE, board};
use crate::accounts::Visitor;
use crate::batch::{Expectation, MissingReport};
use crate::collections::{Collection, MissingUnit, SubmissionState};
use crate::input::Format;
use crate::jobs::{Batch, BatchState, JobFailure, Jobs, ReceivedFile, Upload};
use crate::report::{Choice, Name};
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::{Refusal, Said};
use crate::web::batches;
use crate::web::form::opened;
use crate::web::frame::{RefusalPage, page};
use crate::web::reports::{WORKBOOK, attachment};
use crate::workers::{CompilationTask, Question};
use axum::http::StatusCode;

/// How much of reports is compiled at a time, in bytes.
const MOST: usize = 256 << 20;

/// How many units without an accepted report the page names, and how much of why, in characters.
const NAMED: usize = 150;
const LONGEST_REASON: usize = 100;

/// What there is to take out, and whose reports are missing.
pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
) -> Result<Response, RefusalPage> {
    let collections = &service.office()?.collections;
    let collection = collections.collection(&id).await.map_err(Refusal::from)?;
    let counts = collections.state_counts(&id).await.map_err(Refusal::from)?;
    let missing = collections.not_accepted(&id).await.map_err(Refusal::from)?;
    let total: i64 = counts.iter().map(|(_, count)| count).sum();
    let rows: Vec<_> = missing
        .iter()
        .take(NAMED)
        .map(|one| {
            let reason: String = one.reason.chars().take(LONGEST_REASON).collect();
            let is_cut = reason.len() < one.reason.len();
            json!({
                "unit": one.unit, "name": one.name, "label": one.state.label(), "reason": reason,
                "is_cut": is_cut,
            })
        })
        .collect();
    let content = json!({
        "collection": board::view(&collection),
        "place": format!("{PLACE}/{id}"),
        "accepted": total - missing.len() as i64,
        "total": total,
        "missing": rows,
        "missing_count": missing.len(),
        "has_batches": service.jobs.is_some(),
    });
    Ok(page(StatusCode::OK, "outcome.html", PLACE, content))
}

/// Has the reports that were accepted made as a batch, and leads to it.
pub(super) async fn make(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    _: FormEntries,
) -> Result<Response, RefusalPage> {
    let batch = archived(&service, &visitor, access, &id).await?;
    Ok(Redirect::to(&format!("/batches/{}", batch.id)).into_response())
}

/// The batch of the reports that were accepted. Who asks while it is being made gets the same.
pub(super) async fn archived(
    service: &Service,
    visitor: &Visitor,
    access: Access,
    id: &str,
) -> Result<Batch, Refusal> {
    let collection = found(service, id).await?;
    let jobs = service.jobs()?;
    let upload = upload(service, &collection).await?;
    let idempotency_key = Some(free_key(jobs, &collection, &upload).await?);
    let batch = batches::accept(jobs, Upload { idempotency_key, ..upload }).await?;
    note_export(service, visitor, access, id, &format!("全部通过的报告，第 {} 批", batch.id)).await?;
    Ok(batch)
}

/// Under what a batch of just this is known, of which there is none yet, or one that is still being made. Nobody can
/// send such a key: a header has none of its characters.
async fn free_key(jobs: &Jobs, collection: &Collection, upload: &Upload) -> Result<String, Refusal> {
    let said = serde_json::to_vec(&(&upload.expectation, upload.edition.map(Choice::word)));
    let told =
        Sha256::new().chain_update(&upload.batch.digest).chain_update(said.map_err(|_| Refusal::broken())?);
    let start = format!("征集 {} {}", collection.id, hex::encode(told.finalize()));
    let mut number = 1;
    loop {
        let key = format!("{start} {number}");
        match jobs.batch_of_key(&key).await? {
            Some(batch) if batch.state != BatchState::Running => number += 1,
            _ => return Ok(key),
        }
    }
}

pub(super) async fn found(service: &Service, id: &str) -> Result<Collection, Refusal> {
    Ok(service.office()?.collections.collection(id).await?)
}

/// The reports that were accepted, a line each.
async fn upload(service: &Service, collection: &Collection) -> Result<Upload, Refusal> {
    let file = service.jobs()?.incoming().map_err(JobFailure::from)?;
    let mut into = tokio::fs::File::from_std(file.reopen().map_err(JobFailure::from)?);
    let mut digest = Sha256::new();
    let mut accepted = service.office()?.collections.accepted(&collection.id);
    let mut count = 0;
    while let Some(version) = accepted.next().await? {
        // In JSON the end of a line stands between values alone.
        let line = format!("{}\n", version.input.replace(['\n', '\r'], " "));
        digest.update(line.as_bytes());
        into.write_all(line.as_bytes()).await.map_err(JobFailure::from)?;
        count += 1;
    }
    if count == 0 {
        return Err(Refusal::nothing_accepted());
    }
    into.flush().await.map_err(JobFailure::from)?;
    let name = format!("{}.jsonl", collection.plan.title);
    Ok(Upload {
        edition: Some(collection.plan.edition),
        expectation: expectation(service, collection).await?,
        ..Upload::of(ReceivedFile { file, name, digest: hex::encode(digest.finalize()) })
    })
}

/// What the batch is to say of those that are missing, and how its reports are checked: as they were when they
/// were submitted.
async fn expectation(service: &Service, collection: &Collection) -> Result<Expectation, Refusal> {
    let missing = service.office()?.collections.not_accepted(&collection.id).await?;
    let closing = collection.close_reason.trim();
    let reason = |one: &MissingUnit| match one.state.is_owing() && !closing.is_empty() {
        true if one.reason.is_empty() => format!("征集结束时的说明：{closing}"),
        true => format!("{}；征集结束时的说明：{closing}", one.reason),
        false => one.reason.clone(),
    };
    let missing = missing.into_iter().map(|one| MissingReport {
        reason: reason(&one),
        state: absence(one.state),
        code: one.unit,
        name: one.name,
    });
    Ok(Expectation {
        checks: collection.plan.checks().into(),
        missing: missing.collect(),
        is_filled_in: true,
        ..Expectation::default()
    })
}

/// Why there is no report of a unit that is so far.
fn absence(state: SubmissionState) -> String {
    match state {
        SubmissionState::Nil => state.label().to_owned(),
        owing if owing.is_owing() => format!("未报送（{}）", owing.label()),
        waiting => format!("未通过（{}）", waiting.label()),
    }
}

#[derive(Deserialize)]
pub(super) struct CompilationQuery {
    /// Whose report it will be.
    #[serde(default)]
    issuer: String,
}

/// The beginning of the bureau's own report, to be written on in the form.
pub(super) async fn compilation(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    wishes: Result<Query<CompilationQuery>, QueryRejection>,
) -> Result<Response, RefusalPage> {
    let Query(wishes) = wishes.map_err(Refusal::of_query)?;
    let file = CompiledFile::draft(&service, &id, &wishes.issuer).await?;
    Ok(file.handed_over(&service, &visitor, access, &id).await?)
}

/// The same, opened in the form.
pub(super) async fn open(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    form: FormEntries,
) -> Result<Response, RefusalPage> {
    let file = CompiledFile::draft(&service, &id, form.one("issuer")).await?;
    note_export(&service, &visitor, access, &id, file.kind).await?;
    Ok(opened(&service, file.bytes.into(), Format::Yaml).await?)
}

/// All indicators by unit and year.
pub(super) async fn indicators(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
) -> Result<Response, RefusalPage> {
    let file = CompiledFile::indicators(&service, &id).await?;
    Ok(file.handed_over(&service, &visitor, access, &id).await?)
}

/// What is made of all reports that were accepted together.
pub(super) struct CompiledFile {
    /// What it is called when it is saved, ending and all.
    name: String,
    extension: &'static str,
    media_type: &'static str,
    /// What the record calls it.
    kind: &'static str,
    pub bytes: Vec<u8>,
}

impl CompiledFile {
    /// The beginning of the report of whoever is named, in YAML.
    pub(super) async fn draft(service: &Service, id: &str, issuer: &str) -> Result<Self, Refusal> {
        let collection = found(service, id).await?;
        let issuer: Name = issuer.trim().parse().map_err(Refusal::without_issuer)?;
        let bytes = compiled(service, &collection, &issuer, false).await?;
        let name = format!("{}年法治政府建设年度报告汇编草稿.yaml", collection.plan.year.number());
        Ok(Self { name, extension: "yaml", media_type: "application/yaml", kind: "汇编草稿", bytes })
    }

    /// All indicators by unit and year, as a workbook.
    pub(super) async fn indicators(service: &Service, id: &str) -> Result<Self, Refusal> {
        let collection = found(service, id).await?;
        let bytes = compiled(service, &collection, "", true).await?;
        let name = format!("{}年法治政府建设指标汇总.xlsx", collection.plan.year.number());
        Ok(Self { name, extension: "xlsx", media_type: WORKBOOK, kind: "指标汇总", bytes })
    }

    /// Hands it over, and notes that.
    pub(super) async fn handed_over(
        self,
        service: &Service,
        visitor: &Visitor,
        access: Access,
        id: &str,
    ) -> Result<Response, Refusal> {
        note_export(service, visitor, access, id, self.kind).await?;
        Ok(attachment(&self.name, self.extension, self.media_type, self.bytes))
    }
}

/// Has the reports that were accepted compiled by a worker.
async fn compiled(
    service: &Service,
    collection: &Collection,
    issuer: &str,
    of_indicators: bool,
) -> Result<Vec<u8>, Refusal> {
    let collections = &service.office()?.collections;
    let mut accepted = collections.accepted(&collection.id);
    let (mut body, mut lengths) = (Vec::new(), Vec::new());
    while let Some(version) = accepted.next().await? {
        let last = collections.attachments(&collection.id, &version.unit).await?.last_report;
        let last = last.map(|file| file.document).unwrap_or_default();
        lengths.push((version.input.len(), last.len()));
        body.extend_from_slice(version.input.as_bytes());
        body.extend_from_slice(last.as_bytes());
        if MOST < body.len() {
            return Err(Refusal::too_much_to_compile());
        }
    }
    if lengths.is_empty() {
        return Err(Refusal::nothing_accepted());
    }
    let missing = collections.not_accepted(&collection.id).await?;
    let task = CompilationTask {
        issuer: issuer.to_owned(),
        year: collection.plan.year.number(),
        date: super::today()?.to_string(),
        missing: missing.into_iter().map(|one| format!("{}（{}）", one.name, one.state.label())).collect(),
        lengths,
        of_indicators,
    };
    Ok(service.ask(Question::Compile(task), body.into(), None).await?.bytes)
}

/// What is refused here.
impl Refusal {
    fn nothing_accepted() -> Self {
        Self::other(StatusCode::CONFLICT, "还没有通过的报告", "请先审核；有通过的以后再来")
    }

    fn too_much_to_compile() -> Self {
        Self::other(StatusCode::PAYLOAD_TOO_LARGE, "报告太长，合起来超过 256 MiB", "请下载全部报告，分批汇总")
    }

    fn without_issuer(fault: crate::report::Unfit) -> Self {
        let said = Said {
            message: format!("本级单位的全称{fault}").into(), hint: "请写明汇编成谁的报告"
        };
        Self::Other(StatusCode::UNPROCESSABLE_ENTITY, said)
    }
}
