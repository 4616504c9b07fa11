//! Batches for people: uploaded, looked at, begun, followed, fetched. The pages work without scripts;
//! `batches.js` follows a batch without asking for the page again, takes a file that is dropped, and
//! counts the findings of all units.

use std::sync::Arc;

use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::PAGE;
use super::units::{CheckedUnit, checked};
use super::uploads::upload_of_form;
use crate::batch::{UnitResult, further_papers};
use crate::diagnostic::{Diagnostic, Severity};
use crate::import::TrackedChanges;
use crate::jobs::{self, Batch, UnitRemark, Upload};
use crate::report::{Choice, Edition};
use crate::web::Service;
use crate::web::answer::Refusal;
use crate::web::frame::{RefusalPage, page};
use crate::web::times::in_words;
use crate::workers::PaperKind;

/// How many units are looked at, at a time.
const UNITS: usize = 50;

/// Where the pages stand.
pub(super) const PLACE: &str = "/batches";

/// A batch as the pages show it.
#[derive(Serialize)]
struct BatchView {
    id: String,
    name: String,
    state: &'static str,
    label: &'static str,
    edition: Option<&'static str>,
    total: usize,
    done: usize,
    made: usize,
    made_with_warnings: usize,
    failed: usize,
    missing: usize,
    repeated: usize,
    unlisted: usize,
    has_result: bool,
    created_at: String,
    expires_at: Option<String>,
    seconds: Option<i64>,
    reason: Option<String>,
}

impl BatchView {
    fn of(batch: &Batch, jobs: &jobs::Jobs) -> Self {
        let counts = batch.counts;
        Self {
            id: batch.id.clone(),
            name: batch.name.clone(),
            state: batch.state.name(),
            label: match batch.state {
                jobs::BatchState::CompletedWithFailures if counts.failed == counts.total => {
                    "已结束，一份也没有生成"
                }
                state => state.label(),
            },
            edition: batch.edition.map(Choice::label),
            total: counts.total,
            done: batch.done(),
            made: counts.made,
            made_with_warnings: counts.made_with_warnings,
            failed: counts.failed,
            missing: counts.missing,
            repeated: batch.repeated,
            unlisted: batch.unlisted,
            has_result: batch.state.has_archive(),
            created_at: in_words(batch.created_at),
            expires_at: jobs.expires_at(batch).map(in_words),
            seconds: batch.seconds(),
            reason: batch.reason.clone(),
        }
    }
}

#[derive(Deserialize)]
pub(in crate::web) struct ListingQuery {
    after: Option<String>,
}

/// The list of batches, and where another is uploaded.
pub(in crate::web) async fn list(
    State(service): State<Arc<Service>>,
    wishes: Result<Query<ListingQuery>, QueryRejection>,
) -> Result<Response, RefusalPage> {
    let after = wishes.ok().and_then(|Query(listing)| listing.after);
    listed(&service, after.as_deref(), None).await
}

async fn listed(
    service: &Service,
    after: Option<&str>,
    refused: Option<Refusal>,
) -> Result<Response, RefusalPage> {
    let jobs = service.jobs()?;
    let mut found = jobs.list(after, PAGE + 1).await?;
    let next = (found.len() > PAGE).then(|| found[PAGE - 1].id.clone());
    found.truncate(PAGE);
    let (status, notice) = told(refused);
    let batches: Vec<BatchView> = found.iter().map(|batch| BatchView::of(batch, jobs)).collect();
    let editions: Vec<Value> =
        Edition::ALL.iter().map(|one| json!({ "word": one.word(), "label": one.label() })).collect();
    let papers: Vec<Value> =
        PaperKind::ALL.iter().map(|one| json!({ "word": one.word(), "label": one.label() })).collect();
    let changes: Vec<Value> =
        TrackedChanges::ALL.iter().map(|one| json!({ "word": one.word(), "label": one.label() })).collect();
    let content = json!({
        "batches": batches,
        "next": next,
        "is_first": after.is_none(),
        "notice": notice,
        "editions": editions,
        "papers": papers,
        "changes": changes,
    });
    Ok(page(status, "batches.html", PLACE, content))
}

/// What a page says of what was refused.
fn told(refused: Option<Refusal>) -> (StatusCode, Option<Value>) {
    let Some(refused) = refused else { return (StatusCode::OK, None) };
    let (status, message, hint) = refused.words();
    (status, Some(json!({ "message": message, "hint": hint })))
}

/// Takes an upload, and leads to its page, where it waits to be begun.
pub(in crate::web) async fn upload(
    State(service): State<Arc<Service>>,
    request: Request,
) -> Result<Response, RefusalPage> {
    let accepted = async {
        let jobs = service.jobs()?;
        let upload = upload_of_form(&service, request).await?;
        let also = further_papers(&upload.also, upload.edition);
        super::accept(jobs, Upload { start: false, also, ..upload }).await
    };
    match accepted.await {
        Ok(batch) => Ok(Redirect::to(&format!("{PLACE}/{}", batch.id)).into_response()),
        Err(refused) => listed(&service, None, Some(refused)).await,
    }
}

#[derive(Deserialize)]
pub(in crate::web) struct GlanceQuery {
    #[serde(default = "first")]
    from: usize,
}

fn first() -> usize {
    1
}

/// A unit as it is looked at before the start.
#[derive(Serialize)]
struct UnitGlance {
    number: usize,
    source: String,
    unit: Option<String>,
    errors: usize,
    warnings: usize,
    notes: usize,
    findings: Vec<Value>,
}

impl From<CheckedUnit> for UnitGlance {
    fn from(checked: CheckedUnit) -> Self {
        let count = |severity| checked.findings.iter().filter(|finding| finding.severity == severity).count();
        Self {
            number: checked.number,
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
            findings: checked.findings.iter().map(finding).collect(),
            source: checked.source,
            unit: checked.unit,
        }
    }
}

/// A batch: what is found in its units before it is begun, how far it is, what came of it.
pub(in crate::web) async fn show(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    looking: Result<Query<GlanceQuery>, QueryRejection>,
) -> Result<Response, RefusalPage> {
    shown(&service, &id, looking.map_or(1, |Query(looking)| looking.from.max(1)), None, false).await
}

async fn shown(
    service: &Service,
    id: &str,
    from: usize,
    refused: Option<Refusal>,
    is_asked: bool,
) -> Result<Response, RefusalPage> {
    let jobs = service.jobs()?;
    let Some(mut batch) = jobs.batch(id).await? else {
        return listed(service, None, Some(Refusal::no_such_batch())).await;
    };
    let mut units: Vec<UnitGlance> = vec![];
    if batch.state == jobs::BatchState::Uploaded {
        match checked(service, &batch, from, UNITS).await {
            Ok(checked) => units = checked.into_iter().map(Into::into).collect(),
            // Its upload may be gone, and the batch have ended with that; its page says so.
            Err(refused) => match jobs.batch(id).await? {
                Some(ended) if ended.state != jobs::BatchState::Uploaded => batch = ended,
                _ => return Err(refused.into()),
            },
        }
    }
    let failed = jobs.remarks(id, UnitResult::Failed).await?;
    let warned = jobs.remarks(id, UnitResult::MadeWithWarnings).await?;
    let made = jobs.remarks(id, UnitResult::Made).await?;
    // What is wrong with a report is wrong with it when it is tried again.
    let may_pass = failed.iter().any(|one| one.may_pass) || failed.len() < batch.counts.failed;
    let (status, notice) = told(refused);
    let last = (from + UNITS - 1).min(batch.counts.total);
    let content = json!({
        "batch": BatchView::of(&batch, jobs),
        "units": units,
        "with_errors": units.iter().filter(|unit| unit.errors > 0).count(),
        "from": from,
        "last": last,
        "previous": (from > 1).then(|| from.saturating_sub(UNITS).max(1)),
        "next": (last < batch.counts.total).then_some(last + 1),
        "failures": failed.iter().map(remark).collect::<Vec<_>>(),
        "warned": warned.iter().map(remark).collect::<Vec<_>>(),
        "made": made.iter().map(remark).collect::<Vec<_>>(),
        "may_pass": may_pass,
        "is_asked": is_asked,
        "roster_remarks": jobs.roster_remarks(id).await?,
        "notice": notice,
    });
    Ok(page(status, "batch.html", PLACE, content))
}

/// A finding as these pages show it. The label says where; the path is for files.
pub(super) fn finding(one: &Diagnostic) -> Value {
    json!({
        "code": one.code, "severity": one.severity, "word": one.severity.label(), "hint": one.hint,
        "message": one.message.replace(&format!("（{}）", one.path), ""), "place": one.whereabouts(),
    })
}

fn remark(one: &UnitRemark) -> Value {
    json!({ "number": one.number, "source": one.source, "unit": one.unit, "message": one.message })
}

/// The button that was pressed.
#[derive(Deserialize)]
pub(in crate::web) struct PageWish {
    #[serde(rename = "_do")]
    what: String,
}

pub(in crate::web) async fn act(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    wish: Result<Form<PageWish>, FormRejection>,
) -> Result<Response, RefusalPage> {
    let Form(wish) = wish.map_err(|_| Refusal::bad_form())?;
    let jobs = service.jobs()?;
    let left = match wish.what.as_str() {
        "start" => super::start(jobs, &id).await.map(Some),
        "retry" => super::retry(jobs, &id).await.map(Some),
        // What was made would be gone for good.
        "delete" if super::find(jobs, &id).await.is_ok_and(|batch| batch.state.has_archive()) => {
            return shown(&service, &id, 1, None, true).await;
        }
        "delete" | "delete-for-good" => super::delete(jobs, &id).await,
        _ => return Err(Refusal::bad_form().into()),
    };
    match left {
        Ok(Some(batch)) => Ok(Redirect::to(&format!("{PLACE}/{}", batch.id)).into_response()),
        Ok(None) => Ok(Redirect::to(PLACE).into_response()),
        Err(refused) => shown(&service, &id, 1, Some(refused), false).await,
    }
}
