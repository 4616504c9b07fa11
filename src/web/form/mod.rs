//! The form: a report asked for field by field, in words that the contract has. It works without
//! scripts; what scripts add stands in `pages/`.

mod aside;
mod changes;
mod controls;
mod findings;
mod help;
mod shared;
mod standing;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use percent_encoding::{percent_decode, percent_decode_str};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Service;
use super::answer::{Refusal, status, understood};
use super::frame::{RefusalPage, page};
use super::reports::{documents, made_file, readable_form, wanted, workbook_attachment};
use standing::PostedForm;

use crate::diagnostic::{Diagnostic, Severity, class_of};
use crate::explanation;
use crate::input::{Format, Manuscript};
use crate::intake::DocumentForm;
use crate::preview::Glance;
use crate::report::DocumentKind;
use crate::roster::{TableColumn, table_workbook};
use crate::workers::{Assignment, Outcome, Question};
pub(super) use aside::{cut, escaped, weight_of};
pub(super) use changes::change;
use changes::enter_stated;
pub(super) use controls::FilledForm;
pub(super) use shared::{FormNotice, SharedDraft, ShownConflict};

/// How much a cell says at most, in characters.
const LONGEST_CELL: usize = 2_000;

/// What someone who opens the form may ask for.
#[derive(Deserialize)]
pub(super) struct Opening {
    /// Fills the form with the sample of this template.
    sample: Option<String>,
}

/// The form, empty or filled with a sample.
pub(super) async fn open(
    State(service): State<Arc<Service>>,
    opening: Result<Query<Opening>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, RefusalPage> {
    let sample = opening.ok().and_then(|Query(opening)| opening.sample);
    let Some(name) = sample else { return Ok(shown(&service, StatusCode::OK, Glance::default(), None)) };
    let template = service.templates.find(&name);
    let template = template.filter(|one| one.manifest.document == DocumentKind::Report);
    let template = template.ok_or_else(Refusal::not_found)?;
    let tree = Manuscript::parse(template.sample.as_bytes(), Format::Yaml)?.tree()?;
    Ok(shown(&service, StatusCode::OK, Glance { tree, ..Glance::default() }, None))
}

/// What was filled in, posted: its PDF, or the form again with what is to be said about it.
pub(super) async fn submit(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, RefusalPage> {
    let PostedForm { bytes, taken } = PostedForm::of(readable_form(&headers, body)?);
    let wish = wish(&bytes);
    let said = |status, glance, cursor: Option<&str>| {
        let form = filled(&service, &glance, cursor).with_taken(taken.clone());
        page(status, "form.html", "/", form)
    };
    if let Some((how, path)) = wish.split_once(' ') {
        let read = service.ask(Question::read(Format::Form), bytes, None).await?;
        let mut tree: Value = understood(&read)?;
        let changed = change(&mut tree, how, path).ok_or_else(Refusal::bad_form)?;
        return Ok(said(StatusCode::OK, Glance { tree, ..Glance::default() }, Some(&changed)));
    }
    if wish == FIGURES {
        let read = service.ask(Question::read(Format::Form), bytes.clone(), None).await?;
        match with_stated(&service, understood(&read)?).await {
            Ok(tree) => {
                return Ok(said(StatusCode::OK, Glance { tree, ..Glance::default() }, Some("indicators")));
            }
            // What is no report yet is told like any check of it.
            Err(Refusal::Report(_)) => {}
            Err(refusal) => return Err(refusal.into()),
        }
    }
    if wish == "findings" {
        let glance = look(&service, bytes, Format::Form, String::new()).await?;
        return Ok(findings_workbook(&glance.findings)?);
    }
    let Some((purpose, target)) = wanted(&wish) else {
        let glance = look(&service, bytes, Format::Form, String::new()).await?;
        return Ok(said(StatusCode::OK, glance, None));
    };
    let format = Format::Form;
    let task = Assignment { purpose, target, ..Assignment::of(DocumentForm::Contract(format)) };
    let Outcome { told, bytes: file, .. } = service.make(task, bytes.clone()).await?;
    if let Some(made) = told.made {
        return Ok(made_file(&made.name, target, file));
    }
    let glance = look(&service, bytes, Format::Form, String::new()).await?;
    match glance.findings.iter().any(|finding| finding.severity == Severity::Error) {
        true => Ok(said(StatusCode::UNPROCESSABLE_ENTITY, glance, None)),
        // Nothing is wrong with it but that it could not be made.
        false => Err(Refusal::Report(told.findings).into()),
    }
}

/// What the button says that has the figures of the text entered as indicators.
pub(super) const FIGURES: &str = "figures";

/// A report with the indicators that its text states, as far as they are not in it yet.
pub(super) async fn with_stated(service: &Service, mut tree: Value) -> Result<Value, Refusal> {
    let question = Question::Stated { format: Format::Json };
    let stated = understood(&service.ask(question, tree.to_string().into(), None).await?)?;
    enter_stated(&mut tree, stated);
    Ok(tree)
}

/// The form filled with a file.
pub(super) async fn open_file(
    State(service): State<Arc<Service>>,
    request: Request,
) -> Result<Response, RefusalPage> {
    let sent = documents(request).await?.report.ok_or_else(Refusal::without_report)?;
    Ok(opened(&service, sent.bytes, sent.format).await?)
}

/// The form filled with a report, and what is wrong with it.
pub(super) async fn opened(service: &Service, bytes: Bytes, format: Format) -> Result<Response, Refusal> {
    match look(service, bytes, format, String::new()).await {
        Ok(glance) => Ok(shown(service, StatusCode::OK, glance, None)),
        Err(Refusal::Report(findings)) => {
            let status = status(class_of(&findings));
            Ok(shown(service, status, Glance { findings, ..Glance::default() }, None))
        }
        Err(refusal) => Err(refusal),
    }
}

/// What was written, and what is wrong with it, as far as it goes, where the checks have these settings.
pub(super) async fn look(
    service: &Service,
    bytes: Bytes,
    format: Format,
    settings: String,
) -> Result<Glance, Refusal> {
    understood(&service.ask(Question::Look { format }.under(settings), bytes, None).await?)
}

/// All that was found, as a workbook: more than a page bears.
pub(super) fn findings_workbook(found: &[Diagnostic]) -> Result<Response, Refusal> {
    let columns = [("严重程度", 10.0), ("栏目", 36.0), ("问题", 60.0), ("怎样改", 60.0), ("代码", 24.0)];
    let columns = columns.map(|(heading, width)| TableColumn { heading, width });
    let rows = found.iter().map(|one| {
        let words = [one.severity.label(), &one.label(), &one.message, &one.hint, &one.code];
        words.map(|text| cut(text, LONGEST_CELL)).to_vec()
    });
    let bytes = table_workbook("检查结果", &columns, rows).map_err(|error| {
        tracing::error!(%error, "a workbook could not be written");
        Refusal::broken()
    })?;
    Ok(workbook_attachment("检查结果.xlsx", bytes))
}

/// The page of a code.
pub(super) async fn explain(Path(name): Path<String>) -> Result<Response, RefusalPage> {
    let code = explanation::find(&name).ok_or_else(Refusal::not_found)?;
    let text = code.page();
    let paragraphs: Vec<&str> = text.split("\n\n").skip(1).collect();
    let content = json!({
        "code": code.name,
        "severity": code.severity,
        "word": code.severity.label(),
        "summary": code.summary(),
        "paragraphs": paragraphs,
    });
    Ok(page(StatusCode::OK, "explain.html", "", content))
}

/// What the button says that was pressed: `pdf`, or `remove measures[0]`.
pub(super) fn wish(body: &[u8]) -> String {
    own(body, "_do")
}

/// What stands in a control of a posted form, such as `_do`; empty where there is none.
pub(super) fn own(body: &[u8], name: &str) -> String {
    let mut pairs = body.split(|byte| *byte == b'&');
    let written = pairs.find_map(|pair| value_of(pair, name));
    let written = written.map(|written| String::from_utf8_lossy(written).replace('+', " "));
    percent_decode_str(&written.unwrap_or_default()).decode_utf8_lossy().into_owned()
}

/// What a pair of a posted form has behind its name, if that is this one.
fn value_of<'a>(pair: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let (of, value) = pair.split_at(pair.iter().position(|byte| *byte == b'=')?);
    percent_decode(of).eq(name.bytes()).then(|| &value[1..])
}

/// The form as a page; the cursor stands in the item that was asked for.
fn shown(service: &Service, status: StatusCode, glance: Glance, cursor: Option<&str>) -> Response {
    page(status, "form.html", "/", filled(service, &glance, cursor)).into_response()
}

fn filled(service: &Service, glance: &Glance, cursor: Option<&str>) -> FilledForm {
    FilledForm::new(glance, &service.guide, &service.indicators, cursor)
}
