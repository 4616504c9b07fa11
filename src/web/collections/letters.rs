//! 通知书: a letter to each unit with its link and code, all in one PDF, or of very many in several, in a ZIP.

use std::collections::HashMap;
use std::io::{Cursor, Write};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::Errand;
use super::entries::FormEntries;
use super::tables::{NewEntrances, new_entrances};
use crate::accounts::{NewEntrance, Visitor};
use crate::collections::BoardWish;
use crate::language::invisible::is_invisible;
use crate::report::{Choice, Date};
use crate::template::Letters;
use crate::template::letter::LetterUnit;
use crate::web::Service;
use crate::web::admission::{Access, OwnAddress};
use crate::web::answer::Refusal;
use crate::web::frame::RefusalPage;
use crate::web::reports::attachment;
use crate::web::times::{day_in_words, last_day};
use crate::workers::Question;

/// How many letters are set at a time: far within what a worker may take.
const TOGETHER: usize = 100;

/// How many characters of what is entered stand in a letter.
const LONGEST: usize = 100;

/// Makes the ways in of all units, and a letter to each with its own.
pub(super) async fn make(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    OwnAddress(address): OwnAddress,
    form: FormEntries,
) -> Result<Response, RefusalPage> {
    let issuer = line(form.one("issuer"));
    if issuer.is_empty() {
        return Err(Refusal::without_sender().into());
    }
    let errand = Errand::of(&visitor, access.from)?;
    let NewEntrances { collection, made, ends_at } = new_entrances(&service, &id, None, &errand).await?;
    let plan = &collection.plan;
    let collections = &service.office()?.collections;
    let rows =
        collections.whole_board(&id, &BoardWish::default(), errand.today).await.map_err(Refusal::from)?;
    let due: HashMap<String, Date> = rows.into_iter().map(|row| (row.unit, row.due_on)).collect();
    let unit = |one: &NewEntrance| LetterUnit {
        name: one.unit_name.clone(),
        due: day_in_words(due.get(&one.unit).copied().unwrap_or(plan.due_on)),
        link: format!("{address}/enter/{}", one.link),
        code: one.code.clone(),
    };
    let common = Letters {
        issuer,
        year: plan.year.number(),
        document_number: line(form.one("document_number")),
        edition: plan.edition.label().to_owned(),
        needs_sign_off: plan.needs_sign_off,
        closes: plan.closes_at.map(last_day).unwrap_or_default(),
        instructions: plan.instructions.clone(),
        until: last_day(ends_at),
        contact: line(form.one("contact")),
        date: errand.today.to_string(),
        long_date: day_in_words(errand.today),
        units: Vec::new(),
    };
    let mut files = Vec::new();
    for some in made.chunks(TOGETHER) {
        let letters = Letters { units: some.iter().map(unit).collect(), ..common.clone() };
        let body = serde_json::to_vec(&letters).map_err(|_| Refusal::broken())?;
        files.push(service.ask(Question::Letters, Bytes::from(body), None).await?.bytes);
    }
    let name = format!("{}通知书", plan.title);
    match <[Vec<u8>; 1]>::try_from(files) {
        Ok([pdf]) => Ok(attachment(&format!("{name}.pdf"), "pdf", "application/pdf", pdf)),
        Err(files) => {
            let zip = packed(&files).map_err(|error| {
                tracing::error!(%error, "letters could not be packed");
                Refusal::broken()
            })?;
            Ok(attachment(&format!("{name}.zip"), "zip", "application/zip", zip))
        }
    }
}

/// The files as one; what they hold is packed already.
fn packed(files: &[Vec<u8>]) -> std::io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (number, pdf) in (1..).zip(files) {
        zip.start_file(format!("通知书{number:02}.pdf"), options)?;
        zip.write_all(pdf)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// What was entered, as one line of what can be seen.
fn line(entered: &str) -> String {
    let seen: String = entered.chars().filter(|c| !is_invisible(*c)).take(LONGEST).collect();
    seen.trim().to_owned()
}

/// What is refused here.
impl Refusal {
    fn without_sender() -> Self {
        let hint = "请回到征集的页面，填写发文单位后再生成；入口没有更换";
        Self::other(StatusCode::UNPROCESSABLE_ENTITY, "没有填发文单位，通知书没有落款", hint)
    }
}
