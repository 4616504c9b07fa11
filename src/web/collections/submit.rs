//! Submitting (报送): a report from the draft, or as a file, becomes the unit's next version. It is checked by a
//! worker and both editions are made by the presses; then the files go to the store, and last of all the version
//! into the database. Who is killed before that has left files that nobody speaks of, and no version.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Extension, FromRequest, Multipart, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use percent_encoding::percent_decode_str;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::desk::{DraftBase, UnitDesk, UnitPath};
use super::draft::{FormView, posted};
use super::interface::paging::{ListPart, wanted};
use crate::accounts::Visitor;
use crate::audit::{Act, Deed};
use crate::collections::drafts::{DraftError, DraftOrigin};
use crate::collections::{AttachedFile, NewVersion, StoredFile, VersionArrival, VersionFiles, VersionWay};
use crate::diagnostic::{Diagnostic, Severity};
use crate::difference::normal;
use crate::import;
use crate::input::Format;
use crate::intake::DocumentForm;
use crate::intake::workbook::UnitRow;
use crate::preview::Glance;
use crate::report::{Choice, Edition};
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::{Refusal, Said, understood};
use crate::web::form::{FilledForm, FormNotice, cut, look, own};
use crate::web::frame::RefusalPage;
use crate::web::reports::readable_form;
use crate::web::tags::tagged;
use crate::workers::{Assignment, Enclosures, Outcome, Question};

/// How much of the end of a ZIP is looked at for the names of its parts, in bytes.
const ZIP_END: usize = 64 << 10;

/// How much of what could not be placed is shown, in characters.
const LONGEST_BEGINNING: usize = 200;

/// The longest name of a file that is looked at, in bytes.
const LONGEST_NAME: usize = 1000;

/// A report that is to be submitted.
struct Delivery {
    tree: Value,
    way: VersionWay,
    /// The account of its import, as JSON.
    import: Option<String>,
    /// The newest version when it was begun.
    base: i64,
    /// Why warnings stand.
    reason: String,
    /// Of a workbook: the unit's row.
    row: Option<UnitRow>,
    /// Whether the file is called a Word document and is none.
    is_misnamed: bool,
}

impl Delivery {
    /// Of which nothing else is to be told.
    fn new(tree: Value, way: VersionWay, base: i64, reason: String) -> Self {
        Self { tree, way, import: None, base, reason, row: None, is_misnamed: false }
    }
}

/// Why a report was not submitted.
enum DeliveryFailure {
    /// What was found in it.
    Found(Vec<Diagnostic>),
    /// Warnings stand, and nobody said why.
    Unexplained(Vec<Diagnostic>),
    Refused(Refusal),
}

impl<T: Into<Refusal>> From<T> for DeliveryFailure {
    fn from(refusal: T) -> Self {
        Self::Refused(refusal.into())
    }
}

impl DeliveryFailure {
    fn words(&self) -> Refusal {
        let count = |found: &[Diagnostic], severity| {
            found.iter().filter(|finding| finding.severity == severity).count()
        };
        let (message, hint) = match self {
            Self::Found(found) => (
                format!("没有报送：有 {} 处错误", count(found, Severity::Error)),
                "请逐处改正后再报送；写的内容都在",
            ),
            Self::Unexplained(found) => (
                format!("没有报送：有 {} 处警告，请核对", count(found, Severity::Warning)),
                "核对无误的，请写明保留的原因，再报送",
            ),
            Self::Refused(refusal) => {
                let (status, message, hint) = refusal.words();
                let message = if hint.is_empty() { message } else { format!("{message}。{hint}") };
                return Refusal::Other(status, Said { message: message.into(), hint: "" });
            }
        };
        Refusal::Other(StatusCode::UNPROCESSABLE_ENTITY, Said { message: message.into(), hint })
    }
}

/// What was submitted, or what was before, word for word.
struct DeliveryReceipt {
    arrival: VersionArrival,
    findings: Vec<Diagnostic>,
}

/// Submits a report: the one way for all.
async fn deliver(
    service: &Service,
    desk: &mut UnitDesk<'_>,
    delivery: &Delivery,
) -> Result<DeliveryReceipt, DeliveryFailure> {
    let tree = normal(&delivery.tree);
    let input = tree.to_string();
    if let Some(arrival) = known(desk, delivery.base, &input).await? {
        return Ok(DeliveryReceipt { arrival, findings: vec![] });
    }
    if let Some(lock) = desk.lock() {
        return Err(Refusal::other(StatusCode::CONFLICT, lock, "").into());
    }
    desk.demand_settled().await?;
    demand_year(desk, &tree)?;
    demand_parts(desk, &tree).await?;
    let mut findings = check(service, desk, &input).await?;
    // Lines of the text that is kept are those of no file that anybody has seen; the fields have names.
    findings.iter_mut().for_each(|one| one.position = None);
    delivery.row.iter().for_each(|row| row.tell(&mut findings));
    findings.extend(desk.strangeness(&tree).await?);
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(DeliveryFailure::Found(findings));
    }
    let is_warned = findings.iter().any(|finding| finding.severity == Severity::Warning);
    if is_warned && delivery.reason.trim().is_empty() {
        return Err(DeliveryFailure::Unexplained(findings));
    }
    let files = keep(service, desk, &input).await?;
    if delivery.way != VersionWay::Form {
        take_over(desk, &tree).await?;
    }
    let version = NewVersion {
        input: &input,
        base: delivery.base,
        way: delivery.way,
        import: delivery.import.as_deref(),
        findings: &findings,
        warning_reason: &delivery.reason,
        characters: characters(&tree),
        files: &files,
    };
    let submitted = desk.office.collections.submit(&desk.place(), &version, &desk.occasion()).await;
    let arrival = submitted?;
    Ok(DeliveryReceipt { arrival, findings })
}

/// The version that came of the same report on the same base.
async fn known(desk: &UnitDesk<'_>, base: i64, input: &str) -> Result<Option<VersionArrival>, Refusal> {
    let digest = hex::encode(Sha256::digest(input));
    let versions = desk.office.collections.versions(&desk.place()).await?;
    let found = versions.iter().find(|version| version.base == base && version.digest == digest);
    let state = desk.submission.state;
    Ok(found.map(|version| VersionArrival::Known { number: version.number, state }))
}

/// Last year's file is easily taken for this year's.
fn demand_year(desk: &UnitDesk<'_>, tree: &Value) -> Result<(), Refusal> {
    let asked = desk.collection.plan.year.number();
    match tree["year"].as_str() {
        Some(year) if year.trim() != asked.to_string() => {
            let year: String = year.chars().take(20).collect();
            let message = format!("这份报告的年度是“{year}”，征集的是{asked}年的");
            let hint = "请核对是不是选错了文件；文件没有错的，请改正报告年度";
            Err(Refusal::Other(StatusCode::UNPROCESSABLE_ENTITY, Said { message: message.into(), hint }))
        }
        _ => Ok(()),
    }
}

/// What was returned in part comes again with nothing else changed.
async fn demand_parts(desk: &UnitDesk<'_>, tree: &Value) -> Result<(), Refusal> {
    if desk.open_parts().is_empty() {
        return Ok(());
    }
    let last = desk.submission.last_version;
    let before = desk.office.collections.input(&desk.place(), last).await?;
    let before: Value = serde_json::from_str(&before).map_err(|_| Refusal::broken())?;
    desk.demand_parts_since(&before, tree)
}

/// What is found in a report, held against what the unit was given along.
async fn check(service: &Service, desk: &UnitDesk<'_>, input: &str) -> Result<Vec<Diagnostic>, Refusal> {
    let attached = desk.held_against().await?;
    let edition = Some(desk.collection.plan.edition);
    let length = |file: &AttachedFile| (Format::Json, file.document.len());
    let document = (Format::Json, input.len());
    let papers = Enclosures {
        document,
        last_year: attached.last_report.as_ref().map(length),
        plan: attached.plan.as_ref().map(length),
    };
    let beside = [&attached.last_report, &attached.plan].into_iter().flatten();
    let body = beside.fold(input.to_owned(), |body, file| body + &file.document);
    let has_more = body.len() > input.len();
    let question = |papers| Question::Check { papers, edition }.under(desk.collection.plan.checks());
    match service.ask(question(papers), body.into(), None).await {
        Ok(answer) => understood(&answer),
        // What was given along cannot be read: the unit can do nothing about it.
        Err(Refusal::Report(found)) if has_more => {
            tracing::warn!(count = found.len(), "what a unit was given along cannot be read");
            let papers = Enclosures { document, last_year: None, plan: None };
            let body = Bytes::from(input.to_owned());
            understood(&service.ask(question(papers), body, None).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

/// Makes the editions and keeps them. The one that is due must be made; the other is, if it can be.
async fn keep(service: &Service, desk: &UnitDesk<'_>, input: &str) -> Result<VersionFiles, DeliveryFailure> {
    let mut files = VersionFiles::default();
    for &edition in Edition::ALL {
        let Outcome { told, bytes, .. } =
            service.make(issue_of(edition, desk), Bytes::from(input.to_owned())).await?;
        if told.made.is_none() {
            if edition == desk.collection.plan.edition {
                let mut found = told.findings;
                found.iter_mut().for_each(|one| one.position = None);
                return Err(DeliveryFailure::Found(found));
            }
            continue;
        }
        let (collection, unit) = (&desk.submission.collection, &desk.submission.unit);
        let kept = service.jobs()?.keep_document(collection, unit, bytes).await?;
        let file = Some(StoredFile { place: kept.place, sha256: kept.sha256 });
        match edition {
            Edition::Public => files.public = file,
            Edition::Formal => files.formal = file,
        }
    }
    Ok(files)
}

/// Has the draft say what a file says that is submitted: whoever writes on after a return begins there. What the
/// draft said before is in its history.
async fn take_over(desk: &mut UnitDesk<'_>, tree: &Value) -> Result<(), Refusal> {
    match desk.office.drafts.current(desk.draft_place()).await {
        Ok(draft) => desk.save_again(&DraftBase::of(&draft), tree).await.map(drop),
        Err(DraftError::Unknown) => {
            let place = desk.draft_place();
            desk.office.drafts.begin(place, DraftOrigin::Import(tree), &desk.by, desk.at()).await?;
            Ok(())
        }
        Err(failure) => Err(failure.into()),
    }
}

/// How long a report is: what was written in it, without white space.
fn characters(value: &Value) -> i64 {
    match value {
        Value::String(text) => text.chars().filter(|c| !c.is_whitespace()).count() as i64,
        Value::Array(items) => items.iter().map(characters).sum(),
        Value::Object(entries) => entries.values().map(characters).sum(),
        _ => 0,
    }
}

/// Submits what stands in the form, or a file. What is refused comes back in the form, with what was found at
/// its fields.
pub(in crate::web) async fn submit(
    State(service): State<Arc<Service>>,
    Path(path): Path<UnitPath>,
    visitor: Extension<Visitor>,
    access: Access,
    request: Request,
) -> Result<Response, RefusalPage> {
    let mut desk = UnitDesk::open(&service, &path, &visitor, access).await?;
    let headers = request.headers().clone();
    // What stands in the form where it comes back.
    let draft = desk.draft().await?;
    let mut standing = StandingDraft { base: DraftBase::of(&draft), tree: draft.tree };
    let mut stored = standing.clone();
    let mut is_taken = false;
    let read = if is_upload(&headers) {
        let upload = UploadedReport::of_form(request).await?;
        is_taken = upload.is_taken;
        upload.delivery(&service, &desk).await
    } else {
        let bytes = readable_form(&headers, Bytes::from_request(request, &()).await)?;
        let (base, tree) = posted(&service, &desk, &bytes).await?;
        standing = StandingDraft { base, tree: tree.clone() };
        let (base, reason) = (version_of(&own(&bytes, "_version"))?, own(&bytes, "_reason"));
        Ok(Delivery::new(tree, VersionWay::Form, base, reason))
    };
    let delivery = match read {
        Ok(delivery) => delivery,
        Err(refusal) => {
            let view = FormView::of(&desk, standing.base).refused(&refusal);
            let view = FormView { stored: Some(stored.tree), ..view };
            return Ok(view.page(&service, Glance { tree: standing.tree, ..Glance::default() }).await?);
        }
    };
    if is_taken {
        return take(&service, &mut desk, standing, &delivery).await;
    }
    let outcome = if delivery.way == VersionWay::Form {
        let outcome = from_draft(&service, &mut desk, &mut standing, &delivery).await;
        if stored.base.revision != standing.base.revision
            && let Ok(tree) = desk.tree_at(&standing.base).await
        {
            stored = StandingDraft { base: standing.base.clone(), tree };
        }
        outcome
    } else {
        standing.tree = normal(&delivery.tree);
        deliver(&service, &mut desk, &delivery).await
    };
    match outcome {
        Ok(_) => Ok(Redirect::to(&desk.address()).into_response()),
        Err(failure) => Ok(returned(&service, &desk, stored, standing, failure, delivery).await?),
    }
}

/// Has the draft say what a file says, and leads back to it.
async fn take(
    service: &Service,
    desk: &mut UnitDesk<'_>,
    standing: StandingDraft,
    delivery: &Delivery,
) -> Result<Response, RefusalPage> {
    let taken = async {
        demand_own(desk, delivery).await?;
        take_over(desk, &delivery.tree).await?;
        desk.begin().await
    };
    if let Err(refusal) = taken.await {
        let view = FormView::of(desk, standing.base).refused(&refusal);
        let stored = Some(standing.tree.clone());
        let view = FormView { warning_reason: delivery.reason.clone(), stored, ..view };
        return Ok(view.page(service, Glance { tree: standing.tree, ..Glance::default() }).await?);
    }
    let of = format!("collection/{}/unit/{}", desk.submission.collection, desk.submission.unit);
    let deed = Deed { doer: desk.doer(), act: Act::DraftIntake, of: &of, detail: delivery.reason.trim() };
    desk.office.record.note(&deed, desk.at()).await.map_err(Refusal::from)?;
    Ok(Redirect::to(&format!("{}/draft?done=taken", desk.address())).into_response())
}

/// A file of another unit goes into a draft only where somebody says why.
async fn demand_own(desk: &UnitDesk<'_>, delivery: &Delivery) -> Result<(), Refusal> {
    match desk.strangeness(&delivery.tree).await? {
        Some(found) if found.severity == Severity::Error => {
            let message = format!("没有读入草稿：{}。{}", found.message, found.hint);
            let said = Said { message: message.into(), hint: "" };
            Err(Refusal::Other(StatusCode::UNPROCESSABLE_ENTITY, said))
        }
        Some(found) if delivery.reason.trim().is_empty() => {
            let said = Said {
                message: format!("没有读入草稿：{}", found.message).into(),
                hint: "请核对是不是选错了文件；确实是本单位的，请写明原因，再选一次文件",
            };
            Err(Refusal::Other(StatusCode::UNPROCESSABLE_ENTITY, said))
        }
        _ => Ok(()),
    }
}

/// What stands in the form, or in the draft as it is kept.
#[derive(Clone)]
struct StandingDraft {
    base: DraftBase,
    tree: Value,
}

/// The form with what was not submitted, and why. A file that is too long for a page is told with what was found
/// in it, above the draft as it is.
async fn returned(
    service: &Service,
    desk: &UnitDesk<'_>,
    stored: StandingDraft,
    standing: StandingDraft,
    failure: DeliveryFailure,
    delivery: Delivery,
) -> Result<Response, Refusal> {
    let StandingDraft { base, tree } = standing;
    let revision = base.revision;
    let refusal = failure.words();
    let findings = match failure {
        DeliveryFailure::Found(found) | DeliveryFailure::Unexplained(found) => found,
        DeliveryFailure::Refused(_) => vec![],
    };
    let mut view = FormView { warning_reason: delivery.reason, ..FormView::of(desk, base).refused(&refusal) };
    let misnamed = delivery.is_misnamed.then(|| {
        "这个文件的名称是 Word 文档（.docx），内容却不是，是按文本读的；请核对是不是选错了文件，或者改了后缀".to_owned()
    });
    let glance = Glance { tree, findings, coverage: None };
    if delivery.way != VersionWay::Form
        && FilledForm::is_too_long(&glance, &service.guide, &service.indicators)
    {
        let (status, message, hint) = refusal.words();
        let message = format!("{message}。{hint}");
        let more = misnamed.into_iter().chain(too_long(&glance.tree)).collect();
        let notice = FormNotice { message, is_error: true, more, ..FormNotice::default() };
        let notice = Some(notice.with(&glance.findings));
        let before = Some(stored.tree.clone());
        let view = FormView { status, notice, base: stored.base, stored: before, ..view };
        return view.page(service, Glance { tree: stored.tree, ..Glance::default() }).await;
    }
    if let Some(notice) = &mut view.notice {
        notice.more.extend(misnamed);
    }
    let settings = desk.collection.plan.checks();
    let looked_at = look(service, glance.tree.to_string().into(), Format::Json, settings).await.ok();
    let coverage = looked_at.and_then(|looked_at| looked_at.coverage);
    // What stands in the form of a file is kept nowhere.
    let stored = (revision == stored.base.revision).then_some(stored.tree);
    FormView { stored, ..view }.page(service, Glance { coverage, ..glance }).await
}

/// What is said of a file that the form has no room for.
fn too_long(tree: &Value) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(unplaced) = tree["unplaced"].as_array().filter(|texts| !texts.is_empty()) {
        let text: Vec<&str> =
            unplaced.iter().filter_map(|one| one["text"].as_str().or(one.as_str())).collect();
        let text = text.join(" ");
        let (count, characters) = (unplaced.len(), text.chars().count());
        said.push(format!(
            "没有归类的文字有 {count} 段、{characters} 字，开头是：{}",
            cut(&text, LONGEST_BEGINNING)
        ));
    }
    said.push(
        "这份文件的内容很长，这一页放不下，下面仍是原来的草稿。要在这里改的，请再选一次文件，按“只读入草稿”：全部内容都会存进草稿，不会丢".to_owned(),
    );
    said
}

/// Saves what stands in the form, and submits the draft: also what others wrote in it.
async fn from_draft(
    service: &Service,
    desk: &mut UnitDesk<'_>,
    standing: &mut StandingDraft,
    delivery: &Delivery,
) -> Result<DeliveryReceipt, DeliveryFailure> {
    if desk.lock().is_some() {
        // It may be the same again, whose answer was lost.
        return deliver(service, desk, delivery).await;
    }
    let saved = desk.save_again(&standing.base, &delivery.tree).await?;
    let is_merged = saved.tree != normal(&delivery.tree);
    *standing = StandingDraft { base: DraftBase::of(&saved), tree: saved.tree };
    desk.demand_settled().await?;
    if is_merged {
        let hint = "请看一看合并后的内容，再报送一次";
        return Err(
            Refusal::other(StatusCode::CONFLICT, "没有报送：别人刚刚也改了这份草稿，已经合并", hint).into()
        );
    }
    deliver(service, desk, delivery).await
}

fn version_of(written: &str) -> Result<i64, Refusal> {
    written.parse().map_err(|_| Refusal::bad_form())
}

fn is_upload(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.to_ascii_lowercase().starts_with("multipart/form-data"))
}

/// A file that was uploaded to be submitted.
#[derive(Default)]
struct UploadedReport {
    name: String,
    /// Of a report; none of what is to be imported.
    format: Option<Format>,
    bytes: Bytes,
    base: i64,
    reason: String,
    /// Whether it is only for the draft.
    is_taken: bool,
}

impl UploadedReport {
    async fn of_form(request: Request) -> Result<Self, Refusal> {
        let mut form = Multipart::from_request(request, &()).await.map_err(|_| Refusal::bad_upload())?;
        let mut upload = Self::default();
        while let Some(field) = form.next_field().await.map_err(too_much)? {
            match field.name() {
                Some("report") => {
                    upload.name = field.file_name().unwrap_or_default().to_owned();
                    upload.bytes = field.bytes().await.map_err(too_much)?;
                }
                Some("_version") => upload.base = version_of(&field.text().await.map_err(too_much)?)?,
                Some("_do") => upload.is_taken = field.text().await.map_err(too_much)? == "take",
                Some("_reason") => upload.reason = field.text().await.map_err(too_much)?,
                _ => return Err(Refusal::bad_upload()),
            }
        }
        if upload.bytes.is_empty() {
            return Err(Refusal::other(StatusCode::BAD_REQUEST, "没有选择文件", "请选择要报送的文件"));
        }
        upload.format = upload.name.rsplit_once('.').and_then(|(_, ending)| Format::from_extension(ending));
        Ok(upload)
    }

    /// The report of the file, read by a worker.
    async fn delivery(self, service: &Service, desk: &UnitDesk<'_>) -> Result<Delivery, Refusal> {
        let is_workbook = self.is_workbook();
        let Self { name, format, bytes, base, reason, .. } = self;
        if is_workbook {
            let (code, names) = (desk.submission.unit.clone(), desk.own_names().await?);
            let answer = service.ask(Question::OwnRow { code, names }, bytes, None).await?;
            let read: Result<UnitRow, String> = understood(&answer)?;
            let row = read.map_err(unfit_workbook)?;
            let delivery = Delivery::new(row.report.clone(), VersionWay::Workbook, base, reason);
            return Ok(Delivery { row: Some(row), ..delivery });
        }
        if let Some(format) = format {
            let tree = understood(&service.ask(Question::read(format), bytes, None).await?)?;
            return Ok(Delivery::new(tree, VersionWay::File, base, reason));
        }
        let format = import::DocumentFormat::of(&bytes);
        let is_word = format == import::DocumentFormat::Docx;
        let way = if is_word { VersionWay::Word } else { VersionWay::File };
        let is_misnamed =
            format == import::DocumentFormat::Text && name.to_ascii_lowercase().ends_with(".docx");
        let file_name = Some(name).filter(|name| !name.is_empty() && name.len() <= LONGEST_NAME);
        let tracked_changes = import::TrackedChanges::Accept;
        let question = Question::Import { year: None, issuer: None, date: None, file_name, tracked_changes };
        let mut made: Value = understood(&service.ask(question, bytes, None).await?)?;
        let tree = made["document"].take();
        let import = Some(made["account"].to_string());
        Ok(Delivery { import, is_misnamed, ..Delivery::new(tree, way, base, reason) })
    }

    /// Whether it is a workbook, by its name or by what is in it.
    fn is_workbook(&self) -> bool {
        let ending = self.name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        // The names of its parts stand at the end of a ZIP.
        let end = &self.bytes[self.bytes.len().saturating_sub(ZIP_END)..];
        ending.is_some_and(|ending| ["xlsx", "xls", "et"].contains(&ending.as_str()))
            || self.bytes.starts_with(b"PK") && end.windows(15).any(|part| part == b"xl/workbook.xml")
    }
}

fn unfit_workbook(fault: String) -> Refusal {
    let said = Said {
        message: format!("征集表{fault}").into(),
        hint: "请核对是不是选错了文件；征集表用 nianbao workbook 或征集单位发的样表",
    };
    Refusal::Other(StatusCode::UNPROCESSABLE_ENTITY, said)
}

fn too_much(error: axum::extract::multipart::MultipartError) -> Refusal {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::Report(vec![import::too_large()]),
        _ => Refusal::bad_upload(),
    }
}

/// What a program says of a report that it submits.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct SubmissionWishes {
    /// 报送时最新的稿次，还没有的写 0；之后又有新的一稿时不覆盖
    base: i64,
    /// 有警告仍要报送的原因；也可以写在 Warning-Reason 请求头里（按百分号编码）
    #[serde(default)]
    reason: String,
    /// 文件名：不写 Content-Type 时由它的后缀看出格式
    #[serde(default)]
    name: String,
}

/// A version that was taken.
#[derive(Serialize, JsonSchema)]
pub(in crate::web) struct VersionReceipt {
    number: i64,
    state: &'static str,
    /// Whether it had come before.
    is_known: bool,
    findings: Vec<Diagnostic>,
}

/// 报送
///
/// 请求的内容是一份报告（JSON、YAML、TOML，由 Content-Type 说明），或者要导入的文件（Word 文档、网页、文本，附带内容的 PDF、OFD）。
/// 有错误的不收，回答全部问题；有警告的要写明原因。同一份报告在同一稿次上重复报送，只算一次。
#[utoipa::path(
    post, path = "/api/collections/{collection}/units/{unit}/versions", tag = "征集",
    params(SubmissionWishes, ("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码")),
    request_body(content((serde_json::Value = "application/json"), (serde_json::Value = "application/yaml"), (serde_json::Value = "application/toml"), (Vec<u8> = "application/octet-stream"))),
    responses(
        (status = 200, description = "同一份已经报送过", body = ref("#/components/schemas/VersionReceipt")),
        (status = 201, description = "已报送：稿次、状态和检查的结果", body = ref("#/components/schemas/VersionReceipt")),
        (status = 400, description = "读不懂，或参数不对", body = ref("#/components/schemas/Diagnostics")),
        (status = 404, description = "没有这个征集或单位", body = ref("#/components/schemas/Said")),
        (status = 409, description = "现在不能报送，或者已经有新的一稿", body = ref("#/components/schemas/Said")),
        (status = 413, description = "文件太大", body = ref("#/components/schemas/Diagnostics")),
        (status = 422, description = "有错误：问题的列表；或者有警告而没有写明原因", body = ref("#/components/schemas/Diagnostics")),
        (status = 503, description = "正在生成的报告太多，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn post_version(
    State(service): State<Arc<Service>>,
    Path(path): Path<UnitPath>,
    visitor: Extension<Visitor>,
    access: Access,
    wishes: Result<Query<SubmissionWishes>, QueryRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Refusal> {
    let Query(wishes) = wishes.map_err(Refusal::of_query)?;
    let mut desk = UnitDesk::open(&service, &path, &visitor, access).await?;
    let bytes = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::Report(vec![import::too_large()]),
        _ => Refusal::interrupted(),
    })?;
    let by_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let by_name = wishes.name.rsplit_once('.').and_then(|(_, ending)| Format::from_extension(ending));
    let format = by_type.and_then(Format::from_media_type).filter(|one| *one != Format::Form).or(by_name);
    let reason = if wishes.reason.is_empty() { reason_of(&headers) } else { wishes.reason };
    let upload =
        UploadedReport { name: wishes.name, format, bytes, base: wishes.base, reason, is_taken: false };
    let mut delivery = upload.delivery(&service, &desk).await?;
    if delivery.way == VersionWay::File && delivery.import.is_none() {
        delivery.way = VersionWay::Interface;
    }
    let DeliveryReceipt { arrival, findings } =
        deliver(&service, &mut desk, &delivery).await.map_err(|undelivered| match undelivered {
            DeliveryFailure::Found(found) | DeliveryFailure::Unexplained(found) => Refusal::Report(found),
            other => other.words(),
        })?;
    let (status, is_known, number, state) = match arrival {
        VersionArrival::New { number, state } => (StatusCode::CREATED, false, number, state),
        VersionArrival::Known { number, state } => (StatusCode::OK, true, number, state),
    };
    Ok((status, Json(VersionReceipt { number, state: state.word(), is_known, findings })).into_response())
}

fn reason_of(headers: &HeaderMap) -> String {
    let written = headers.get("warning-reason").and_then(|value| value.to_str().ok()).unwrap_or_default();
    percent_decode_str(written).decode_utf8_lossy().into_owned()
}

/// 各稿
///
/// 先报送的在前：怎样来的、谁报送的、检查的结果有多少、文件的 SHA-256、审签。
#[utoipa::path(
    get, path = "/api/collections/{collection}/units/{unit}/versions", tag = "征集",
    params(ListPart, ("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码")),
    responses(
        (status = 200, description = "各稿", body = ref("#/components/schemas/Versions")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这个征集或单位", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn versions(
    State(service): State<Arc<Service>>,
    Path(path): Path<UnitPath>,
    visitor: Extension<Visitor>,
    access: Access,
    headers: HeaderMap,
    part: Result<Query<ListPart>, QueryRejection>,
) -> Result<Response, Refusal> {
    let ListPart { offset, limit } = wanted(part)?;
    let desk = UnitDesk::open(&service, &path, &visitor, access).await?;
    let versions = desk.office.collections.versions(&desk.place()).await?;
    tagged(&headers, &versions.iter().skip(offset).take(limit).collect::<Vec<_>>())
}

/// The making of an edition from an input.
pub(super) fn issue_of(edition: Edition, desk: &UnitDesk<'_>) -> Assignment {
    let settings = desk.collection.plan.checks().into();
    let form = DocumentForm::Contract(Format::Json);
    Assignment { edition: Some(edition), settings, ..Assignment::of(form) }
}

/// What is refused here.
impl Refusal {
    fn bad_upload() -> Self {
        Self::other(StatusCode::BAD_REQUEST, "表单的内容不对", "请刷新页面，重新选择文件后再报送")
    }
}
