//! A submission: how far it is, its versions with what was found in them, comments, in what a version differs
//! from others, and what can be done now by whoever looks. The same page serves units and the bureau.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use nianbao_office::Office;
use serde::Deserialize;
use serde_json::{Value, json};

use super::comparison::{PartsWish, ShownParts, of_changes, of_fields};
use super::entries::{FormEntries, cut_to};
use super::{Errand, PLACE, board, is_bureau, plans, signers, told};
use crate::accounts::{Right, Scope, Visitor, may_in, scope};
use crate::audit::Act;
use crate::collections::{
    Collection, CollectionEvent, CollectionRefusal, CollectionState, Collections, Comment, MoveRule,
    MoveWish, NewComment, Submission, SubmissionMove, SubmissionPlace, SubmissionState, UnitNow, Version,
};
use crate::diagnostic::Diagnostic;
use crate::report::{Choice, DocumentKind, FieldPath, contract, fields};
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::Refusal;
use crate::web::form::{cut, weight_of};
use crate::web::frame::{RefusalPage, page};
use crate::web::times::{day_in_words, in_words};

/// How many comments can be written along with a return.
const COMMENTS: usize = 3;

/// What of a submission is looked at.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ReviewQuery {
    version: Option<i64>,
    /// `fields`, `changes` since the version before, or `last` for last year's report.
    view: String,
    /// The field that is to be commented on.
    at: String,
    /// Which page of the comments, and of what happened; the first is 1.
    comments: usize,
    history: usize,
    /// The same of the versions, and of what was found in the one that is looked at.
    versions: usize,
    findings: usize,
    /// The part of the report with which the page of it begins, or a field that is to be on that.
    from: usize,
    field: String,
}

/// How many comments, events, versions and findings there are on a page; of how many characters comments with their
/// answers are, how many answers are told with a comment at a time, and how much of it then; how much of a reason.
const THREADS: usize = 20;
const EVENTS: usize = 30;
const VERSIONS: usize = 20;
const FINDINGS: usize = 30;
const THREAD_CHARACTERS: usize = 6_000;
const ANSWERS: usize = 10;
const LONGEST_AGAIN: usize = 60;
const LONGEST_REASON: usize = 200;

/// How much of what was entered and refused is shown again, in bytes: more than is ever taken.
const MAX_ECHO: usize = 26_000;

/// What the page weighs at most, in bytes, and what it is without what it lists.
const MAX_BYTES: usize = 145_000;
const FRAME: usize = 20_000;

/// A page of a list that a query names, and of how many: from 1 on.
fn page_of(wanted: usize, size: usize, total: usize) -> (usize, usize) {
    let pages = total.div_ceil(size).max(1);
    (wanted.clamp(1, pages), pages)
}

pub(super) async fn show(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    Path((collection, unit)): Path<(String, String)>,
    looking: Result<Query<ReviewQuery>, QueryRejection>,
) -> Result<Response, RefusalPage> {
    let looking = looking.map(|Query(looking)| looking).unwrap_or_default();
    let place = SubmissionPlace { collection: &collection, unit: &unit };
    shown(&service, &visitor, &place, &looking, None, None).await
}

async fn shown(
    service: &Service,
    visitor: &Visitor,
    place: &SubmissionPlace<'_>,
    looking: &ReviewQuery,
    entered: Option<&FormEntries>,
    refused: Option<CollectionRefusal>,
) -> Result<Response, RefusalPage> {
    let (status, mut notice) = told(refused)?;
    if let (Some(notice), Some(cut)) = (&mut notice, entered.and_then(|form| form.cut(MAX_ECHO)))
        && let Some(messages) = notice["messages"].as_array_mut()
    {
        messages.push(cut.into());
    }
    let content = content(service.office()?, visitor, place, looking, entered, notice).await?;
    Ok(page(status, "submission.html", PLACE, content))
}

async fn content(
    office: &Office,
    visitor: &Visitor,
    place: &SubmissionPlace<'_>,
    looking: &ReviewQuery,
    entered: Option<&FormEntries>,
    notice: Option<Value>,
) -> Result<Value, Refusal> {
    let collections = &office.collections;
    let submission = collections.submission(place).await?;
    let collection = collections.collection(place.collection).await?;
    let last = collections.last_move(place).await?;
    let lacks_signer = signers::lacks_signer(office, &collection, &submission).await?;
    let versions = collections.versions(place).await?;
    let comments = collections.comments(place).await?;
    let mut threads = pages_of(threads(&comments));
    let (comments_page, comments_pages) = page_of(looking.comments, 1, threads.len());
    let threads = if threads.is_empty() { vec![] } else { threads.swap_remove(comments_page - 1) };
    let (versions_page, versions_pages) = page_of(looking.versions, VERSIONS, versions.len());
    let shown_versions = versions.iter().rev().skip((versions_page - 1) * VERSIONS).take(VERSIONS);
    let (_, events) = collections.history_part(place, None, 1).await?;
    // The newest are on the first page.
    let (history_page, history_pages) = page_of(looking.history, EVENTS, events);
    let end = events - (history_page - 1) * EVENTS;
    let begin = end.saturating_sub(EVENTS);
    let (history, _) = collections.history_part(place, Some(begin), end - begin).await?;
    let number = looking.version.unwrap_or(submission.last_version);
    let version = versions.iter().find(|one| one.number == number);
    let history: Vec<Value> = history.iter().rev().map(event_view).collect();
    let versions_view: Vec<Value> = shown_versions.map(version_view).collect();
    let echo = entered.map_or_else(|| json!({}), |form| form.shown(MAX_ECHO));
    let rows = rows(entered);
    let echoed = weight_of(&echo) + weight_of(&rows.clone().into());
    let listed = echoed + weight(&threads, 900) + weight(&history, 120) + weight(&versions_view, 300);
    let room = MAX_BYTES.saturating_sub(FRAME + listed);
    let looked_at = match version {
        Some(version) => Some(looked_at(collections, place, version, looking, &comments, room).await?),
        None => None,
    };
    let is_newest = number == submission.last_version;
    let moves: Vec<&MoveRule> = moves(visitor, &collection, &submission)?;
    let can = |right| may_in(visitor, right, place.collection, Some(place.unit));
    let entrance = match can(Right::GiveEntrances) && collection.state != CollectionState::Planned {
        true => Some(entrance(office, place).await?),
        false => None,
    };
    let is_writable = matches!(
        submission.state,
        SubmissionState::NotStarted | SubmissionState::Writing | SubmissionState::Returned
    );
    let is_done = matches!(
        submission.state,
        SubmissionState::Accepted | SubmissionState::Published | SubmissionState::Nil
    );
    let mut content = json!({
        "collection": board::view(&collection),
        "events": collection.events,
        "is_bureau": is_bureau(visitor),
        "place": format!("{PLACE}/{}/units/{}", place.collection, place.unit),
        "name": submission.name,
        "unit": submission.unit,
        "state": submission.state.word(),
        "label": submission.state.label(),
        "since": in_words(submission.since),
        "words": words(&submission, last.as_ref(), &moves, can(Right::WriteDraft) && !is_bureau(visitor)),
        "reason": submission.reason,
        "parts": submission.parts.iter().map(|part| contract::label(&part.as_str().into())).collect::<Vec<_>>(),
        "due": day_in_words(submission.extended_to.unwrap_or(collection.plan.due_on)),
        "extension": submission.extended_to.map(|_| &submission.extension_reason),
        "notice": notice,
        "moves": if is_newest { moves.iter().map(|rule| move_view(rule)).collect() } else { vec![] },
        "number": number,
        "newest": submission.last_version,
        "accepted": submission.accepted_version,
        "versions": versions_view,
        "versions_page": versions_page,
        "versions_pages": versions_pages,
        "version": looked_at,
        "comments": threads,
        "comments_page": comments_page,
        "comments_pages": comments_pages,
        "open_comments": comments.iter().filter(|one| one.answers.is_none() && one.resolved_at.is_none()).count(),
        "history": history,
        "history_page": history_page,
        "history_pages": history_pages,
        "can_comment": can(Right::Comment) && submission.last_version > 0,
        "can_extend": can(Right::Extend) && !is_done && collection.state != CollectionState::Planned,
        "can_write": can(Right::WriteDraft) && is_writable,
        "at": looking.at,
        "at_label": label_of(&looking.at),
        "fields": top_fields(),
        "entered": echo,
    });
    content["rows"] = rows.into();
    content["returned"] = entered
        .filter(|form| form.wish() == "return")
        .map_or_else(|| json!([]), |form| form.all("part").collect());
    content["signer"] = lacks_signer.then(|| signers::words(submission.state, visitor)).into();
    content["can_manage"] = (scope(visitor.role, Right::ManageAccounts) == Scope::All).into();
    content["entrance"] = entrance.into();
    content["now"] = submission.now.as_ref().map(UnitNow::words).into();
    Ok(content)
}

/// How a unit comes in, for whoever gives out the ways in.
async fn entrance(office: &Office, place: &SubmissionPlace<'_>) -> Result<Value, Refusal> {
    let open = office.accounts.entrances(place.collection, crate::web::now()).await?;
    let own = open.iter().find(|one| one.unit == place.unit);
    Ok(json!({
        "made": own.map(|one| in_words(one.made_at)),
        "until": own.map(|one| in_words(one.ends_at)),
    }))
}

/// A version with what was found in it and what it says.
async fn looked_at(
    collections: &Collections,
    place: &SubmissionPlace<'_>,
    version: &Version,
    looking: &ReviewQuery,
    comments: &[Comment],
    room: usize,
) -> Result<Value, Refusal> {
    let report = collections.input(place, version.number).await?;
    let findings = collections.findings(place, version.number).await?;
    let last_year = collections.attachments(place.collection, place.unit).await?.last_report;
    let before = match looking.view.as_str() {
        "changes" if version.number > 1 => Some(collections.input(place, version.number - 1).await?),
        "last" => last_year.as_ref().map(|file| file.document.clone()),
        _ => None,
    };
    let view = if before.is_some() { looking.view.as_str() } else { "fields" };
    let has_last_year = last_year.is_some();
    let findings: Vec<Diagnostic> = serde_json::from_str(&findings).unwrap_or_default();
    let (findings_page, findings_pages) = page_of(looking.findings, FINDINGS, findings.len());
    let found = findings.len();
    let findings: Vec<Value> = findings
        .iter()
        .skip((findings_page - 1) * FINDINGS)
        .take(FINDINGS)
        .map(|finding| {
            json!({
                "code": finding.code, "severity": finding.severity, "word": finding.severity.label(),
                "message": finding.message, "hint": finding.hint, "place": finding.place,
                "path": finding.path.to_string(),
            })
        })
        .collect();
    let room = room.saturating_sub(weight(&findings, 250));
    let wish = PartsWish { from: looking.from, field: looking.field.clone(), room };
    let own: Vec<Comment> = comments.iter().filter(|one| one.version == version.number).cloned().collect();
    // Long reports take a moment to be held against each other.
    let parts = tokio::task::spawn_blocking(move || {
        let report = tree(&report)?;
        Ok::<ShownParts, Refusal>(match before {
            Some(before) => of_changes(&tree(&before)?, &report, &wish),
            None => of_fields(&report, &own, &wish),
        })
    });
    let shown = parts.await.map_err(|_| Refusal::broken())??;
    Ok(json!({
        "number": version.number,
        "view": view,
        "has_before": version.number > 1,
        "has_last_year": has_last_year,
        "shown": shown,
        "findings": findings,
        "found": found,
        "findings_page": findings_page,
        "findings_pages": findings_pages,
        "warning_reason": version.warning_reason,
        "digest": version.digest,
        "has_formal": version.files.formal.is_some(),
    }))
}

/// A report as it was kept.
pub(super) fn tree(report: &str) -> Result<Value, Refusal> {
    serde_json::from_str(report).map_err(|error| {
        tracing::error!(%error, "a version is no JSON");
        Refusal::broken()
    })
}

/// What can be done now by whoever looks, apart from writing and submitting, which have pages of their own.
fn moves(
    visitor: &Visitor,
    collection: &Collection,
    submission: &Submission,
) -> Result<Vec<&'static MoveRule>, Refusal> {
    let today = super::today()?;
    let is_closed = collection.plan.closes_at.is_some_and(|at| at <= crate::web::now());
    let is_open = collection.state == CollectionState::Open && !is_closed
        || submission.extended_to.is_some_and(|until| until >= today);
    let moves = SubmissionMove::of(submission.state).filter(|rule| {
        right(rule.step).is_some_and(|right| {
            may_in(visitor, right, &submission.collection, Some(&submission.unit))
                && (is_open || !rule.is_units)
        })
    });
    let mut moves: Vec<&MoveRule> = moves.collect();
    // What is somebody's own to do stands before what he does in a unit's stead, and what he comes for first.
    moves.sort_by_key(|rule| (rule.is_units, !is_main(rule.step)));
    Ok(moves)
}

/// The right to a move; none of those that are not made here.
fn right(step: SubmissionMove) -> Option<Right> {
    Some(match step {
        SubmissionMove::Begin | SubmissionMove::Submit => return None,
        SubmissionMove::Sign | SubmissionMove::Decline => Right::SignOff,
        SubmissionMove::Withdraw => Right::Withdraw,
        SubmissionMove::Take | SubmissionMove::Release => Right::BeginReview,
        SubmissionMove::Return => Right::Return,
        SubmissionMove::Accept => Right::Accept,
        SubmissionMove::Publish => Right::Publish,
        SubmissionMove::Reopen => Right::Reopen,
        SubmissionMove::Waive | SubmissionMove::Revive => Right::ReturnNil,
    })
}

/// What a move is called in a form.
fn word(step: SubmissionMove) -> &'static str {
    match step {
        SubmissionMove::Begin => "begin",
        SubmissionMove::Submit => "submit",
        SubmissionMove::Sign => "sign",
        SubmissionMove::Decline => "decline",
        SubmissionMove::Withdraw => "withdraw",
        SubmissionMove::Take => "take",
        SubmissionMove::Release => "release",
        SubmissionMove::Return => "return",
        SubmissionMove::Accept => "accept",
        SubmissionMove::Publish => "publish",
        SubmissionMove::Reopen => "reopen",
        SubmissionMove::Waive => "waive",
        SubmissionMove::Revive => "revive",
    }
}

/// The move that is called so, and the right to it.
pub(super) fn of_word(wish: &str) -> Option<(&'static MoveRule, Right)> {
    let rule = crate::collections::MOVES.iter().find(|rule| word(rule.step) == wish)?;
    Some((rule, right(rule.step)?))
}

fn move_view(rule: &MoveRule) -> Value {
    let takes_reason =
        rule.needs_reason || matches!(rule.step, SubmissionMove::Return | SubmissionMove::Accept);
    json!({
        "word": word(rule.step),
        "label": rule.label,
        "needs_reason": rule.needs_reason,
        "takes_reason": takes_reason,
        "is_return": rule.step == SubmissionMove::Return,
        "is_main": is_main(rule.step),
        "reason_label": match rule.step {
            SubmissionMove::Accept => "附言（可以不写）".to_owned(),
            SubmissionMove::Return => "退回的原因（写了批注的可以不写）".to_owned(),
            _ => format!("{}的原因", rule.label),
        },
    })
}

/// Whether it is what one usually comes for.
fn is_main(step: SubmissionMove) -> bool {
    matches!(step, SubmissionMove::Take | SubmissionMove::Accept | SubmissionMove::Sign)
}

/// How it stands, and what follows for whoever looks.
fn words(
    submission: &Submission,
    last: Option<&CollectionEvent>,
    moves: &[&MoveRule],
    is_writer: bool,
) -> String {
    let is_declined = last.is_some_and(is_refusal);
    let state = match submission.state {
        SubmissionState::Writing if is_declined && is_writer => "审签没有同意，请修改后重新报送",
        SubmissionState::Writing if is_declined => "审签没有同意，等单位修改后重新报送",
        SubmissionState::NotStarted => "还没有开始填写",
        SubmissionState::Writing => "正在填写，还没有报送",
        SubmissionState::AwaitingSignOff => "等待单位负责人审签，不能修改",
        SubmissionState::AwaitingReview => "等待审核，不能修改",
        SubmissionState::InReview => "正在审核，不能修改，也不能撤回",
        SubmissionState::Returned if is_writer => "已退回，请对照批注修改后重新报送",
        SubmissionState::Returned => "已退回，等单位修改后重新报送",
        SubmissionState::Accepted => "已通过，不能修改",
        SubmissionState::Published => "已公开，不能修改",
        SubmissionState::Nil => "无需报送",
    };
    let label = |rule: &&MoveRule| match rule.step {
        SubmissionMove::Waive => "改为无需报送",
        _ => rule.label,
    };
    let labels: Vec<&str> = moves.iter().map(label).collect();
    match labels[..] {
        [] => state.to_owned(),
        _ => format!("{state}；可以{}", labels.join("、")),
    }
}

/// Whether it brought a submission back because a leader would not sign.
pub(super) fn is_refusal(event: &CollectionEvent) -> bool {
    event.act == Act::SignOffRefusal.code()
}

/// The rows for comments along with a return, as they were filled in.
fn rows(entered: Option<&FormEntries>) -> Vec<Value> {
    let entered = entered.filter(|form| form.wish() == "return");
    let nth = |name: &str, at: usize| {
        let written = entered.and_then(|form| form.all(name).nth(at)).unwrap_or_default();
        cut_to(written, MAX_ECHO)
    };
    let row = |at| json!({ "path": nth("comment_path", at), "text": nth("comment_text", at) });
    (0..COMMENTS).map(row).collect()
}

fn version_view(version: &Version) -> Value {
    json!({
        "number": version.number,
        "at": in_words(version.at),
        "by": version.by,
        "on_behalf": version.on_behalf,
        "way": version.way.label(),
        "errors": version.errors,
        "warnings": version.warnings,
        "notes": version.notes,
        "characters": version.characters,
        "signed": version.sign_off.as_ref().map(|one| format!("{}，{}", one.by, in_words(one.at))),
    })
}

/// The comments, those that nobody has attended to first, each with its answers.
fn threads(comments: &[Comment]) -> Vec<Value> {
    let mut firsts: Vec<&Comment> = comments.iter().filter(|one| one.answers.is_none()).collect();
    firsts.sort_by_key(|one| (one.resolved_at.is_some(), one.number));
    let view = |one: &Comment| {
        json!({
            "number": one.number, "version": one.version, "label": one.label, "path": one.path,
            "text": one.text, "at": in_words(one.at), "by": one.by, "on_behalf": one.on_behalf,
        })
    };
    let mut threads = Vec::new();
    for first in firsts {
        let answers = comments.iter().filter(|one| one.answers == Some(first.number));
        let answers: Vec<Value> = answers.map(view).collect();
        let mut rest = answers.chunks(ANSWERS);
        let mut thread = view(first);
        thread["answers"] = rest.next().unwrap_or_default().into();
        thread["resolved"] = first.resolved_by.clone().into();
        let further = rest.map(|answers| {
            let mut further = thread.clone();
            further["text"] = cut(&first.text, LONGEST_AGAIN).into();
            further["answers"] = answers.into();
            further
        });
        let further: Vec<Value> = further.collect();
        threads.push(thread);
        threads.extend(further);
    }
    threads
}

/// The comments by pages, so that none is more than a page bears.
fn pages_of(threads: Vec<Value>) -> Vec<Vec<Value>> {
    let length = |text: &Value| text.as_str().map_or(0, |text| text.chars().count());
    let mut pages: Vec<Vec<Value>> = Vec::new();
    let mut characters = 0;
    for thread in threads {
        let answers = thread["answers"].as_array().into_iter().flatten();
        let own = length(&thread["text"]) + answers.map(|one| length(&one["text"])).sum::<usize>();
        match pages.last_mut() {
            Some(page) if page.len() < THREADS && characters + own <= THREAD_CHARACTERS => {
                characters += own;
                page.push(thread);
            }
            _ => {
                characters = own;
                pages.push(vec![thread]);
            }
        }
    }
    pages
}

fn event_view(event: &CollectionEvent) -> Value {
    let label =
        |word: &Option<String>| word.as_deref().and_then(SubmissionState::of_word).map(|state| state.label());
    json!({
        "words": Act::from_code(&event.act).map_or(event.act.as_str(), |act| act.words()),
        "to": label(&event.to),
        "version": event.version,
        "reason": cut(&event.reason, LONGEST_REASON),
        "at": in_words(event.at),
        "by": event.by,
        "on_behalf": event.on_behalf,
    })
}

/// What a list adds to the page at most, in bytes: its texts, and what is around each row.
fn weight(rows: &[Value], around: usize) -> usize {
    rows.iter().map(|row| around + weight_of(row)).sum()
}

/// The parts of a report that can be returned by themselves.
fn top_fields() -> Vec<Value> {
    let fields = fields::of(DocumentKind::Report).fields().iter();
    fields.map(|field| json!({ "path": field.key, "label": field.title })).collect()
}

/// A field in words; nothing of what is none.
fn label_of(path: &str) -> Option<String> {
    let parsed = FieldPath::from(path);
    (!path.is_empty() && fields::find(&parsed).is_some()).then(|| contract::label(&parsed))
}

/// What is done with a submission.
pub(super) async fn act(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path((collection, unit)): Path<(String, String)>,
    form: FormEntries,
) -> Result<Response, RefusalPage> {
    let place = SubmissionPlace { collection: &collection, unit: &unit };
    let found = of_word(form.wish());
    let right = match (found, form.wish()) {
        (Some((_, right)), _) => right,
        (None, "comment" | "answer" | "resolve" | "revisit") => Right::Comment,
        (None, "extend" | "unextend") => Right::Extend,
        _ => return Err(Refusal::bad_form().into()),
    };
    if !may_in(&visitor, right, &collection, Some(&unit)) {
        return Err(Refusal::not_for_you().into());
    }
    let collections = &service.office()?.collections;
    let errand = errand(collections, &visitor, access, &place, right).await?;
    match done(collections, &errand, &place, found.map(|(rule, _)| rule), &form).await {
        Ok(()) => {
            let place = format!("{PLACE}/{collection}/units/{unit}");
            let to = if right == Right::Comment { format!("{place}#comments") } else { place };
            Ok(Redirect::to(&to).into_response())
        }
        Err(refused) => {
            let number = |name: &str| form.one(name).parse::<i64>().ok();
            let looking = ReviewQuery {
                at: form.one("path").to_owned(),
                version: number("version").filter(|_| form.wish() == "comment"),
                from: number("from").and_then(|from| from.try_into().ok()).unwrap_or_default(),
                comments: number("comments").and_then(|page| page.try_into().ok()).unwrap_or_default(),
                ..ReviewQuery::default()
            };
            shown(&service, &visitor, &place, &looking, Some(&form), Some(refused)).await
        }
    }
}

/// Who makes a move. What is the unit's to do, somebody else does in its stead.
pub(super) async fn errand(
    collections: &Collections,
    visitor: &Visitor,
    access: Access,
    place: &SubmissionPlace<'_>,
    right: Right,
) -> Result<Errand, Refusal> {
    let mut errand = Errand::of(visitor, access.from)?;
    if is_bureau(visitor) && matches!(right, Right::Withdraw | Right::ReturnNil) {
        errand.doer.on_behalf = Some(collections.submission(place).await?.name);
    }
    Ok(errand)
}

async fn done(
    collections: &Collections,
    errand: &Errand,
    place: &SubmissionPlace<'_>,
    rule: Option<&MoveRule>,
    form: &FormEntries,
) -> Result<(), CollectionRefusal> {
    let occasion = errand.occasion();
    let number = |name: &str| form.one(name).parse::<i64>().ok();
    let comment = number("comment").unwrap_or_default();
    if let Some(rule) = rule {
        let parts: Vec<&str> = form.all("part").collect();
        let written = form.all("comment_path").zip(form.all("comment_text"));
        let comments: Vec<NewComment> = written
            .filter(|(_, text)| !text.trim().is_empty())
            .map(|(path, text)| NewComment { path, text })
            .collect();
        let is_return = rule.step == SubmissionMove::Return;
        let wish = MoveWish {
            reason: form.one("reason"),
            version: number("version"),
            parts: if is_return { &parts } else { &[] },
            comments: if is_return { &comments } else { &[] },
        };
        return collections.step(place, rule.step, &wish, &occasion).await.map(|_| ());
    }
    match form.wish() {
        "comment" => {
            let new = NewComment { path: form.one("path"), text: form.one("text") };
            let version = number("version").unwrap_or_default();
            collections.comment(place, version, &new, &occasion).await.map(|_| ())
        }
        "answer" => collections.answer(place, comment, form.one("text"), &occasion).await.map(|_| ()),
        "unextend" => collections.take_back_extension(place, form.one("reason"), &occasion).await,
        "extend" => match plans::optional_day(form, "until", "延期的日期")? {
            Some(until) => collections.extend(place, until, form.one("reason"), &occasion).await,
            None => Err(CollectionRefusal::Unfit(vec!["没有填延期到哪一天，请选一天".into()])),
        },
        wish => collections.resolve(place, comment, wish == "resolve", &occasion).await,
    }
}
