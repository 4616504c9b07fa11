//! The draft of a unit in a collection, in the form: for people with and without scripts, and for programs.
//! Whatever is posted is saved first, merged with what others saved meanwhile; only then the rest is done.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, JsonRejection, QueryRejection};
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::task::spawn_blocking;

use super::desk::{DraftBase, UnitDesk, UnitPath};
use super::entries::cut_to;
use super::review::is_refusal;
use super::signers::{self, lacks_signer};
use crate::accounts::Visitor;
use crate::collections::SubmissionState;
use crate::collections::drafts::{
    ConflictChoice, DraftConflict, DraftError, DraftRevision, DraftState, DraftTag, DraftWriter,
};
use crate::diagnostic::Severity;
use crate::difference::{Conflict, merge, normal, shown};
use crate::file_name::file_name;
use crate::import::write_yaml;
use crate::input::Format;
use crate::intake::DocumentForm;
use crate::preview::Glance;
use crate::report::{Choice, contract};
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::{Refusal, understood};
use crate::web::form::{
    FIGURES, FilledForm, FormNotice, SharedDraft, ShownConflict, change, findings_workbook, look, own, wish,
    with_stated,
};
use crate::web::frame::{RefusalPage, page};
use crate::web::reports::{attachment, made_file, readable_form, wanted};
use crate::web::tags::{demand_unchanged, tagged_by};
use crate::web::times::day_in_words;
use crate::workers::{Assignment, Outcome, Question};

/// How much of the words about warnings is shown again, in bytes: more than is ever taken.
const MAX_ECHO: usize = 14_000;

/// What a redirection says of what was done.
#[derive(Default, Deserialize)]
pub(in crate::web) struct DraftNews {
    #[serde(default)]
    done: String,
}

impl DraftNews {
    fn in_words(&self) -> Option<FormNotice> {
        let message = match self.done.as_str() {
            "saved" => "已保存。",
            "merged" => "已保存，并合并了别人写的内容。",
            "conflict" => "已保存。有的地方别人同时写了不一样的，两种写法都在，请在下面选定。",
            "settled" => "已选定。",
            "restored" => "已恢复；先前的还在“以前的修订”里。",
            "taken" => "文件已经读入草稿，请核对一遍；先前写的在“以前的修订”里。",
            _ => return None,
        };
        Some(FormNotice { message: message.into(), ..FormNotice::default() })
    }
}

/// The form with the unit's draft.
pub(in crate::web) async fn show(
    State(service): State<Arc<Service>>,
    Path(path): Path<UnitPath>,
    visitor: Extension<Visitor>,
    access: Access,
    news: Result<Query<DraftNews>, QueryRejection>,
) -> Result<Response, RefusalPage> {
    let desk = UnitDesk::open(&service, &path, &visitor, access).await?;
    let state = desk.draft().await?;
    let base = DraftBase::of(&state);
    let stored = Some(state.tree.clone());
    let glance = Glance { tree: state.tree, ..Glance::default() };
    let notice = news.ok().and_then(|Query(news)| news.in_words());
    Ok(FormView { notice, stored, ..FormView::of(&desk, base) }.page(&service, glance).await?)
}

/// The form as it is to be shown.
pub(super) struct FormView<'a> {
    pub desk: &'a UnitDesk<'a>,
    pub status: StatusCode,
    /// What stands in the form was written on from it.
    pub base: DraftBase,
    /// What the draft says there, where it may be left out of a page that cannot bear it.
    pub stored: Option<Value>,
    pub notice: Option<FormNotice>,
    pub cursor: Option<String>,
    pub warning_reason: String,
}

impl<'a> FormView<'a> {
    pub(super) fn of(desk: &'a UnitDesk<'a>, base: DraftBase) -> Self {
        let (notice, cursor, warning_reason) = (None, None, String::new());
        Self { desk, status: StatusCode::OK, base, stored: None, notice, cursor, warning_reason }
    }

    /// What was not done, and why.
    pub(super) fn refused(self, refusal: &Refusal) -> Self {
        let (status, message, hint) = refusal.words();
        let message = if hint.is_empty() { message } else { format!("{message}。{hint}") };
        let notice = match refusal {
            Refusal::Report(found) if found.len() > 1 => FormNotice {
                message: format!("文件里有 {} 处问题，没有读入。改正以后再报送", found.len()),
                is_error: true,
                ..FormNotice::default()
            }
            .with(found),
            _ => FormNotice { message, is_error: true, ..FormNotice::default() },
        };
        Self { status, notice: Some(notice), ..self }
    }

    pub(super) async fn page(self, service: &Service, glance: Glance) -> Result<Response, Refusal> {
        let desk = self.desk;
        let comments = desk.office.collections.comments(&desk.place()).await?;
        let (submission, place) = (&desk.submission, desk.draft_place());
        let current: Vec<_> =
            comments.into_iter().filter(|one| one.version == submission.last_version).collect();
        let writers = desk.office.drafts.writers(place, desk.at()).await?;
        let last = desk.office.collections.last_move(&desk.place()).await?;
        let came_back = match submission.state {
            SubmissionState::Returned => "已退回",
            SubmissionState::Writing if last.as_ref().is_some_and(is_refusal) => "审签没有同意",
            _ => "",
        };
        let reason = if came_back.is_empty() { String::new() } else { submission.reason.clone() };
        let lacks_signer = lacks_signer(desk.office, &desk.collection, submission).await?;
        let has_last_year = desk.attachments().await?.last_report.is_some();
        let back = desk.address();
        let (conflicts, more_conflicts) = ShownConflict::first_of(desk.office.drafts.conflicts(place).await?);
        let shared = SharedDraft {
            address: format!("{back}/draft"),
            api: format!("/api{back}/draft"),
            submission: format!("{back}/submit"),
            back,
            unit: submission.name.clone(),
            collection: desk.collection.plan.title.clone(),
            collection_id: submission.collection.clone(),
            state: submission.state.label(),
            due: day_in_words(submission.extended_to.unwrap_or(desk.collection.plan.due_on)),
            came_back,
            reason,
            has_last_year,
            signer: lacks_signer.then(|| signers::words(submission.state, desk.visitor)),
            revision: self.base.revision,
            beginning: self.base.beginning,
            version: submission.last_version,
            lock: desk.lock(),
            parts: desk.open_parts_in_words(),
            writers: writers.into_iter().map(|one| one.name).filter(|name| *name != desk.by).collect(),
            conflicts,
            more_conflicts,
            notice: self.notice,
            warning_reason: cut_to(&self.warning_reason, MAX_ECHO),
        };
        let form = FilledForm::new(&glance, &service.guide, &service.indicators, self.cursor.as_deref());
        let stored = self.stored.unwrap_or_default();
        let form = form.shared(shared, &current, &glance.tree, &stored);
        Ok(page(self.status, "form.html", "/collections", form))
    }
}

/// What was filled in, posted: saved, and then what its button says.
pub(in crate::web) async fn write(
    State(service): State<Arc<Service>>,
    Path(path): Path<UnitPath>,
    visitor: Extension<Visitor>,
    access: Access,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, RefusalPage> {
    let bytes = readable_form(&headers, body)?;
    let mut desk = UnitDesk::open(&service, &path, &visitor, access).await?;
    let current = desk.draft().await?;
    let wish = wish(&bytes);
    if desk.lock().is_some() && ANSWERED.contains(&wish.as_str()) {
        // Nothing of a form that is locked is sent.
        return answer(&service, &desk, &wish, current).await;
    }
    let (base, mut tree) = posted(&service, &desk, &bytes).await?;
    let mut cursor = None;
    let (how, which) = wish.split_once(' ').unwrap_or((&wish, ""));
    if how == FIGURES
        && let Ok(with) = with_stated(&service, tree.clone()).await
    {
        tree = with;
        cursor = Some("indicators".to_owned());
    }
    if ["remove", "up", "down"].contains(&how) {
        cursor = Some(change(&mut tree, how, which).ok_or_else(Refusal::bad_form)?);
    }
    let saved = match desk.save_again(&base, &tree).await {
        Ok(saved) => saved,
        Err(refusal) => return Ok(unsaved(&service, &desk, base, tree, &refusal).await?),
    };
    match how {
        "add" => {
            // What is still empty is not kept, and stands in the form all the same; unless somebody else has
            // written meanwhile, for then the form shows what came of both.
            let DraftState { revision, tree: kept, .. } = saved;
            let stored = Some(kept.clone());
            let mut tree = if kept == normal(&tree) { tree } else { kept };
            let cursor = change(&mut tree, how, which).ok_or_else(Refusal::bad_form)?;
            let base = DraftBase { revision, beginning: None };
            let view = FormView { cursor: Some(cursor), stored, ..FormView::of(&desk, base) };
            Ok(view.page(&service, Glance { tree, ..Glance::default() }).await?)
        }
        "remove" | "up" | "down" | FIGURES => {
            let base = DraftBase::of(&saved);
            let stored = Some(saved.tree.clone());
            let view = FormView { cursor, stored, ..FormView::of(&desk, base) };
            let tree = saved.tree;
            Ok(view.page(&service, Glance { tree, ..Glance::default() }).await?)
        }
        "mine" | "theirs" => {
            let choice = if how == "mine" { ConflictChoice::Mine } else { ConflictChoice::Theirs };
            match desk.settle(which, choice).await {
                Ok(_) => Ok(Redirect::to(&format!("{}/draft?done=settled", desk.address())).into_response()),
                Err(refusal) => {
                    let base = DraftBase::of(&saved);
                    Ok(unsaved(&service, &desk, base, saved.tree, &refusal).await?)
                }
            }
        }
        how if wanted(how).is_some() || ANSWERED.contains(&how) => answer(&service, &desk, how, saved).await,
        _ => {
            let done = match (saved.conflicts.is_empty(), saved.tree == normal(&tree)) {
                (false, _) => "conflict",
                (true, false) => "merged",
                (true, true) => "saved",
            };
            Ok(Redirect::to(&format!("{}/draft?done={done}", desk.address())).into_response())
        }
    }
}

/// What is answered besides files, without anything being changed.
const ANSWERED: [&str; 3] = ["check", "findings", "content"];

/// What was posted: from what it was written on, and the report. What the page could not bear is as it
/// was there.
pub(super) async fn posted(
    service: &Service,
    desk: &UnitDesk<'_>,
    bytes: &Bytes,
) -> Result<(DraftBase, Value), Refusal> {
    let revision = own(bytes, "_base").parse().map_err(|_| Refusal::bad_form())?;
    let beginning = Some(own(bytes, "_beginning")).filter(|shown| !shown.is_empty());
    let base = DraftBase { revision, beginning };
    let read = service.ask(Question::read(Format::Form), bytes.clone(), None).await?;
    let mut tree: Value = understood(&read)?;
    let kept = own(bytes, "_kept");
    if !kept.is_empty() {
        let stored = desk.tree_at(&base).await?;
        let entries = tree.as_object_mut().ok_or_else(Refusal::bad_form)?;
        for key in kept.split_whitespace() {
            if let Some(value) = stored.get(key) {
                entries.insert(key.to_owned(), value.clone());
            }
        }
    }
    Ok((base, tree))
}

/// The form with what was entered and could not be saved.
async fn unsaved(
    service: &Service,
    desk: &UnitDesk<'_>,
    base: DraftBase,
    tree: Value,
    refusal: &Refusal,
) -> Result<Response, Refusal> {
    let stored = desk.tree_at(&base).await.ok();
    if is_beyond_a_page(service, &tree, stored.as_ref()) {
        return Ok(as_file(desk, &tree, refusal));
    }
    let view = FormView { stored, ..FormView::of(desk, base).refused(refusal) };
    view.page(service, Glance { tree, ..Glance::default() }).await
}

/// Whether what somebody wrote on from the draft is more than a page bears.
fn is_beyond_a_page(service: &Service, tree: &Value, stored: Option<&Value>) -> bool {
    let entries = tree.as_object().into_iter().flatten();
    let is_changed =
        |(key, value): &(&String, &Value)| stored.is_none_or(|stored| stored[key.as_str()] != **value);
    let changed: Map<String, Value> =
        entries.filter(is_changed).map(|(key, value)| (key.clone(), value.clone())).collect();
    let glance = Glance { tree: changed.into(), ..Glance::default() };
    FilledForm::is_too_long(&glance, &service.guide, &service.indicators)
}

/// What could not be saved and no page bears, as a file: the page from which it was sent stays as it is, and so does
/// what stands there.
fn as_file(desk: &UnitDesk<'_>, tree: &Value, refusal: &Refusal) -> Response {
    let (_, message, hint) = refusal.words();
    let name = file_name(Some(&desk.submission.name), desk.collection.plan.year, "没有保存的草稿", "yaml");
    let text = write_yaml(tree, &format!("没有保存：{message}。{hint}。下面是这一次写的全部内容"));
    attachment(&name, "yaml", "application/yaml", text.into_bytes())
}

/// What is made of a draft that is saved: its PDF, or the form with what is found in it.
async fn answer(
    service: &Service,
    desk: &UnitDesk<'_>,
    wish: &str,
    draft: DraftState,
) -> Result<Response, RefusalPage> {
    let bytes = Bytes::from(draft.tree.to_string());
    let settings = desk.collection.plan.checks();
    let Some((purpose, target)) = wanted(wish) else {
        if wish == "content" {
            let title = "法治政府建设年度报告草稿";
            let name = file_name(Some(&desk.submission.name), desk.collection.plan.year, title, "yaml");
            let text = write_yaml(&draft.tree, "草稿的全部内容");
            return Ok(attachment(&name, "yaml", "application/yaml", text.into_bytes()));
        }
        let glance = look(service, bytes, Format::Json, settings).await?;
        if wish == "findings" {
            return Ok(findings_workbook(&glance.findings)?);
        }
        let base = DraftBase::of(&draft);
        let stored = Some(draft.tree);
        return Ok(FormView { stored, ..FormView::of(desk, base) }.page(service, glance).await?);
    };
    let format = Format::Json;
    let task = Assignment {
        purpose,
        target,
        settings: settings.clone().into(),
        ..Assignment::of(DocumentForm::Contract(format))
    };
    let Outcome { told, bytes: file, .. } = service.make(task, bytes.clone()).await?;
    if let Some(made) = told.made {
        return Ok(made_file(&made.name, target, file));
    }
    let glance = look(service, bytes, Format::Json, settings).await?;
    match glance.findings.iter().any(|finding| finding.severity == Severity::Error) {
        true => {
            let view = FormView::of(desk, DraftBase::of(&draft));
            let stored = Some(draft.tree);
            let view = FormView { status: StatusCode::UNPROCESSABLE_ENTITY, stored, ..view };
            Ok(view.page(service, glance).await?)
        }
        false => Err(Refusal::Report(told.findings).into()),
    }
}

/// A draft for programs.
#[derive(Serialize, JsonSchema)]
pub(in crate::web) struct DraftAnswer {
    /// 0 before anybody has written.
    revision: i64,
    /// Of revision 0: by what it is known again when somebody saves what he wrote on from it.
    beginning: Option<String>,
    tree: Value,
    /// Of a save, what came of it; of the draft, all that is to be chosen between.
    conflicts: Vec<DraftConflict>,
    /// Who else writes.
    writers: Vec<DraftWriter>,
    /// Why it cannot be written at.
    lock: Option<&'static str>,
}

impl DraftAnswer {
    async fn of(desk: &UnitDesk<'_>, state: DraftState) -> Result<Json<Self>, Refusal> {
        let mut writers = desk.office.drafts.writers(desk.draft_place(), desk.at()).await?;
        writers.retain(|one| one.name != desk.by);
        let DraftBase { revision, beginning } = DraftBase::of(&state);
        let DraftState { tree, conflicts, .. } = state;
        Ok(Json(Self { revision, beginning, tree, conflicts, writers, lock: desk.lock() }))
    }
}

/// What a program saves.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct DraftSave {
    base: i64,
    /// Of base 0: the `beginning` that was read with it.
    beginning: Option<String>,
    tree: Map<String, Value>,
    key: String,
}

/// 单位的草稿
///
/// 回答现在的修订、内容、还没有选定的写得不同之处，和谁在写。还没有人写过的，revision 是 0，内容是现在开始填写会得到的
/// （上年的报告，没有的是单位名称和年度），beginning 是它的标识；读不会开始填写，第一次保存才开始。
#[utoipa::path(
    get, path = "/api/collections/{collection}/units/{unit}/draft", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码")),
    responses(
        (status = 200, description = "草稿", body = ref("#/components/schemas/DraftAnswer")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 404, description = "没有这个征集或单位", body = ref("#/components/schemas/Said")),
        (status = 409, description = "现在不能填写", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn load(
    State(service): State<Arc<Service>>,
    Path(path): Path<UnitPath>,
    visitor: Extension<Visitor>,
    access: Access,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let desk = UnitDesk::open(&service, &path, &visitor, access).await?;
    let state = desk.draft().await?;
    let conflicts = desk.office.drafts.conflicts(desk.draft_place()).await?;
    let ids = conflicts.iter().map(|conflict| conflict.id.clone()).collect();
    let DraftBase { revision, beginning } = DraftBase::of(&state);
    let stand = DraftStand { read: DraftTag { revision, conflicts: ids }, beginning, lock: desk.lock() };
    let Json(answer) = DraftAnswer::of(&desk, DraftState { conflicts, ..state }).await?;
    tagged_by(&headers, &stand, &answer)
}

/// How a draft stands: what its tag tells. Who else writes does not count.
#[derive(Serialize)]
struct DraftStand {
    #[serde(flatten)]
    read: DraftTag,
    beginning: Option<String>,
    lock: Option<&'static str>,
}

/// Refuses a change by whoever has read another draft than there is now, or than there will be when it is made.
async fn demand_same(desk: &mut UnitDesk<'_>, headers: &HeaderMap) -> Result<(), Refusal> {
    if !headers.contains_key(header::IF_MATCH) {
        return Ok(());
    }
    let (read, beginning) = match desk.office.drafts.tag(desk.draft_place()).await {
        Err(DraftError::Unknown) => {
            let DraftBase { revision, beginning } = DraftBase::of(&desk.draft().await?);
            (DraftTag { revision, conflicts: vec![] }, beginning)
        }
        found => (found?, None),
    };
    let stand = DraftStand { read, beginning, lock: desk.lock() };
    if demand_unchanged(headers, &stand)? {
        desk.demand_read(stand.read);
    }
    Ok(())
}

/// 保存草稿
///
/// 请求的内容：base 是由哪一次修订写起（还没有人写过的写 0，并写读到的 beginning），tree 是报告的内容（没有写完的也可以），key 是由发送者取的一个名字，重复发送时不变。
/// 别人在这之后保存的，与它合并；两人写得不同的一处，先保存的留着，另一种写法记在 conflicts 里，等人选定。
#[utoipa::path(
    put, path = "/api/collections/{collection}/units/{unit}/draft", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码")),
    request_body(content = ref("#/components/schemas/DraftSave"), content_type = "application/json"),
    responses(
        (status = 200, description = "已保存：新的修订、合并后的内容、写得不同之处，和谁在写", body = ref("#/components/schemas/DraftAnswer")),
        (status = 400, description = "内容不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这个征集或单位", body = ref("#/components/schemas/Said")),
        (status = 409, description = "现在不能填写，或者改了退回时没有开放的部分", body = ref("#/components/schemas/Said")),
        (status = 412, description = "If-Match 不是现在的 ETag", body = ref("#/components/schemas/Said")),
        (status = 413, description = "超过 8 MiB", body = ref("#/components/schemas/Said")),
        (status = 422, description = "内容嵌套太深，或 key 不对", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn save(
    State(service): State<Arc<Service>>,
    Path(path): Path<UnitPath>,
    visitor: Extension<Visitor>,
    access: Access,
    headers: HeaderMap,
    sent: Result<Json<DraftSave>, JsonRejection>,
) -> Result<Json<DraftAnswer>, Refusal> {
    let Json(sent) = sent.map_err(unread)?;
    let mut desk = UnitDesk::open(&service, &path, &visitor, access).await?;
    demand_same(&mut desk, &headers).await?;
    let base = DraftBase { revision: sent.base, beginning: sent.beginning };
    let state = desk.save(&base, &Value::Object(sent.tree), &sent.key).await?;
    DraftAnswer::of(&desk, state).await
}

/// Three trees: what two wrote on from, and what each made of it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct MergeWish {
    base: Value,
    mine: Value,
    theirs: Value,
}

/// What comes of two, and where both wrote something else.
#[derive(Serialize, JsonSchema)]
pub(in crate::web) struct MergeAnswer {
    tree: Value,
    conflicts: Vec<MergeConflict>,
}

/// Such a place with both texts as a reader sees them.
#[derive(Serialize, JsonSchema)]
struct MergeConflict {
    label: String,
    mine_shown: String,
    theirs_shown: String,
    #[serde(flatten)]
    conflict: Conflict,
}

/// 合并两种内容
///
/// 请求的内容：base 是原来的，mine 和 theirs 是由它各自写成的。回答合并后的内容和写得不同之处（内容里留着 theirs）；什么也不保存。
/// 保存还在路上时又写了的，用它与保存的回答合并。
#[utoipa::path(
    post, path = "/api/collections/{collection}/units/{unit}/draft/merge", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码")),
    request_body(content = ref("#/components/schemas/MergeWish"), content_type = "application/json"),
    responses(
        (status = 200, description = "合并后的内容，和写得不同之处", body = ref("#/components/schemas/MergeAnswer")),
        (status = 400, description = "内容不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这个征集或单位", body = ref("#/components/schemas/Said")),
        (status = 413, description = "超过 8 MiB", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn combine(
    State(service): State<Arc<Service>>,
    Path(path): Path<UnitPath>,
    visitor: Extension<Visitor>,
    access: Access,
    sent: Result<Json<MergeWish>, JsonRejection>,
) -> Result<Json<MergeAnswer>, Refusal> {
    let Json(MergeWish { base, mine, theirs }) = sent.map_err(unread)?;
    UnitDesk::open(&service, &path, &visitor, access).await?;
    // What anybody sends may be long.
    let merged = spawn_blocking(move || merge(&base, &mine, &theirs)).await.map_err(|_| Refusal::broken())?;
    let conflicts = merged.conflicts.into_iter().map(|conflict| MergeConflict {
        label: contract::label(&conflict.path),
        mine_shown: shown(&conflict.path, &conflict.mine),
        theirs_shown: shown(&conflict.path, &conflict.theirs),
        conflict,
    });
    Ok(Json(MergeAnswer { tree: merged.tree, conflicts: conflicts.collect() }))
}

/// Which revisions of the history.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct HistoryWishes {
    /// 列这一次以前的修订
    before: Option<i64>,
    /// 最多列多少次，1 至 200
    #[serde(default = "all")]
    #[param(default = 200, minimum = 1, maximum = 200)]
    limit: i64,
}

fn all() -> i64 {
    crate::collections::drafts::PAGE
}

/// 草稿的修订
///
/// 新的在前：谁在什么时候改了哪些栏目。
#[utoipa::path(
    get, path = "/api/collections/{collection}/units/{unit}/draft/history", tag = "征集",
    params(HistoryWishes, ("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码")),
    responses(
        (status = 200, description = "各次修订", body = ref("#/components/schemas/DraftRevisions")),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这个征集或单位", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn history(
    State(service): State<Arc<Service>>,
    Path(path): Path<UnitPath>,
    visitor: Extension<Visitor>,
    access: Access,
    wishes: Result<Query<HistoryWishes>, QueryRejection>,
) -> Result<Json<Vec<DraftRevision>>, Refusal> {
    let Query(wishes) = wishes.map_err(Refusal::of_query)?;
    if !(1..=all()).contains(&wishes.limit) {
        return Err(Refusal::bad_parameter("limit", format!("1 到 {}", all())));
    }
    let desk = UnitDesk::open(&service, &path, &visitor, access).await?;
    let place = desk.draft_place();
    Ok(Json(desk.office.drafts.history(place, wishes.before, wishes.limit).await?))
}

/// Which revision is to be brought back, by whom who has which before him.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct RestoreWish {
    revision: i64,
    base: i64,
}

/// 恢复以前的修订
///
/// 请求的内容：revision 是要恢复的修订，base 是现在看着的修订；在 base 之后别人保存的，与它合并。
#[utoipa::path(
    post, path = "/api/collections/{collection}/units/{unit}/draft/restore", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码")),
    request_body(content = ref("#/components/schemas/RestoreWish"), content_type = "application/json"),
    responses(
        (status = 200, description = "恢复以后的草稿", body = ref("#/components/schemas/DraftAnswer")),
        (status = 400, description = "内容不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这个征集或单位", body = ref("#/components/schemas/Said")),
        (status = 409, description = "现在不能填写，或者没有这一次修订", body = ref("#/components/schemas/Said")),
        (status = 412, description = "If-Match 不是现在的 ETag", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn restore(
    State(service): State<Arc<Service>>,
    Path(path): Path<UnitPath>,
    visitor: Extension<Visitor>,
    access: Access,
    headers: HeaderMap,
    sent: Result<Json<RestoreWish>, JsonRejection>,
) -> Result<Json<DraftAnswer>, Refusal> {
    let Json(sent) = sent.map_err(unread)?;
    let mut desk = UnitDesk::open(&service, &path, &visitor, access).await?;
    demand_same(&mut desk, &headers).await?;
    let state = desk.restore(sent.revision, sent.base).await?;
    DraftAnswer::of(&desk, state).await
}

/// What is chosen of a conflict: `mine`, `theirs`, or another value.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", tag = "choice", content = "value")]
pub(in crate::web) enum ConflictAnswer {
    Mine,
    Theirs,
    Another(Value),
}

/// 选定写得不同之处
///
/// 请求的内容：choice 写 theirs（留着现在的）、mine（换成另一种写法）或 another（另写，内容在 value 里）。
#[utoipa::path(
    post, path = "/api/collections/{collection}/units/{unit}/draft/conflicts/{id}", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码"), ("id" = String, Path, description = "写得不同之处的编号")),
    request_body(content = ref("#/components/schemas/ConflictAnswer"), content_type = "application/json"),
    responses(
        (status = 200, description = "选定以后的草稿", body = ref("#/components/schemas/DraftAnswer")),
        (status = 400, description = "内容不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这一处", body = ref("#/components/schemas/Said")),
        (status = 409, description = "现在不能填写，或者已经由别人选定", body = ref("#/components/schemas/Said")),
        (status = 412, description = "If-Match 不是现在的 ETag", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn settle(
    State(service): State<Arc<Service>>,
    Path((collection, unit, id)): Path<(String, String, String)>,
    visitor: Extension<Visitor>,
    access: Access,
    headers: HeaderMap,
    sent: Result<Json<ConflictAnswer>, JsonRejection>,
) -> Result<Json<DraftAnswer>, Refusal> {
    let Json(sent) = sent.map_err(unread)?;
    let mut desk = UnitDesk::open(&service, &UnitPath { collection, unit }, &visitor, access).await?;
    demand_same(&mut desk, &headers).await?;
    let choice = match sent {
        ConflictAnswer::Mine => ConflictChoice::Mine,
        ConflictAnswer::Theirs => ConflictChoice::Theirs,
        ConflictAnswer::Another(value) => ConflictChoice::Another(value),
    };
    let state = desk.settle(&id, choice).await?;
    DraftAnswer::of(&desk, state).await
}

/// What a body in JSON is refused for.
fn unread(rejection: JsonRejection) -> Refusal {
    let message = match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => "内容超过 8 MiB",
        _ => "内容不对",
    };
    let status = match rejection.status() {
        StatusCode::UNPROCESSABLE_ENTITY => StatusCode::BAD_REQUEST,
        status => status,
    };
    Refusal::other(status, message, "请发送 application/json，写法见 /api/openapi.json")
}
