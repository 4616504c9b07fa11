//! What came of one unit of a batch, for people: what was found in its report, and the files that were made of it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::interface::{archive, stem};
use super::pages::{PLACE, finding};
use crate::export::Target;
use crate::jobs::Batch;
use crate::web::Service;
use crate::web::answer::Refusal;
use crate::web::frame::{RefusalPage, page};
use crate::web::reports::made_file;
use crate::workers::UnitRecord;

/// What was found in the report of a unit, and the way to its files.
pub(in crate::web) async fn show(
    State(service): State<Arc<Service>>,
    Path((id, number)): Path<(String, String)>,
) -> Result<Response, RefusalPage> {
    let (batch, told, _) = unit(&service, &id, &number).await?;
    let files = told.made.iter().chain(told.papers.iter().map(|(_, file)| file));
    let content = json!({
        "batch": { "id": batch.id, "name": batch.name },
        "number": number,
        "unit": told.unit,
        "is_made": told.is_made(),
        "files": files.map(|file| &file.name).collect::<Vec<_>>(),
        "findings": told.findings.iter().map(finding).collect::<Vec<Value>>(),
    });
    Ok(page(StatusCode::OK, "batch_unit.html", PLACE, content))
}

/// One of its files: the report is the first, if it was made.
pub(in crate::web) async fn file(
    State(service): State<Arc<Service>>,
    Path((id, number, index)): Path<(String, String, String)>,
) -> Result<Response, RefusalPage> {
    let (_, told, bytes) = unit(&service, &id, &number).await?;
    let index: usize = index.parse().map_err(|_| Refusal::not_found())?;
    let files = told.files(&bytes);
    let (file, bytes) = files.get(index).ok_or_else(Refusal::not_found)?;
    Ok(made_file(&file.name, Target::of_file(&file.name), bytes.to_vec()))
}

/// The overview of the whole batch.
pub(in crate::web) async fn overview(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
) -> Result<Response, RefusalPage> {
    let (batch, download) = archive(&service, &id).await?;
    let bytes = service.jobs()?.overview(download).await?.ok_or_else(Refusal::without_overview)?;
    Ok(made_file(&format!("{}-汇总.pdf", stem(&batch)), Target::Pdf, bytes))
}

async fn unit(service: &Service, id: &str, number: &str) -> Result<(Batch, UnitRecord, Bytes), Refusal> {
    let jobs = service.jobs()?;
    let batch = super::find(jobs, id).await?;
    let number: usize = number.parse().map_err(|_| Refusal::not_found())?;
    let (told, bytes) = jobs.unit(id, number).await?.ok_or_else(Refusal::no_such_unit)?;
    Ok((batch, told, bytes))
}

/// What is refused here.
impl Refusal {
    fn without_overview() -> Self {
        Self::other(
            StatusCode::NOT_FOUND,
            "这一批没有汇总",
            "汇总没有生成，原因写在压缩包的 manifest.json 里",
        )
    }

    fn no_such_unit() -> Self {
        Self::other(
            StatusCode::NOT_FOUND,
            "这个单位还没有结果",
            "请回到这一批的页面看进度；做完了仍没有的，请重试",
        )
    }
}
