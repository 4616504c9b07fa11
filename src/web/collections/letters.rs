//! 通知书: a letter to each unit with its link and code, all in one PDF, or of very many in several, in a ZIP.

use std::collections::HashMap;
use std::io::{Cursor, Write};
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Deserialize;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::Errand;
use super::entries::FormEntries;
use super::interface::faults::bad_json;
use super::tables::{NewEntrances, new_entrances};
use crate::accounts::{NewEntrance, Visitor};
use crate::collections::{BoardWish, CollectionRefusal};
use crate::language::invisible::is_invisible;
use crate::report::{Choice, Date};
use crate::roster::UnitCode;
use crate::template::Letters;
use crate::template::letter::LetterUnit;
use crate::web::Service;
use crate::web::admission::{Access, OwnAddress};
use crate::web::answer::Refusal;
use crate::web::frame::RefusalPage;
use crate::web::repeats::SecretAnswer;
use crate::web::reports::attachment;
use crate::web::times::{day_in_words, last_day};
use crate::workers::Question;

/// How many letters are set at a time: far within what a worker may take.
const TOGETHER: usize = 100;

/// How many characters of what is entered stand in a letter.
const LONGEST: usize = 100;

/// What stands in all letters, as it comes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "通知书里写的")]
pub(in crate::web) struct LetterWish {
    #[schemars(description = "发文单位，也是落款")]
    issuer: String,
    #[schemars(description = "发文字号")]
    #[serde(default)]
    document_number: String,
    #[schemars(description = "联系人和电话")]
    #[serde(default)]
    contact: String,
}

/// Letters that were set: of which collection, and the files.
struct SetLetters {
    title: String,
    files: Vec<Vec<u8>>,
}

/// Makes the ways in of all units, and a letter to each with its own.
pub(super) async fn make(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    OwnAddress(address): OwnAddress,
    form: FormEntries,
) -> Result<Response, RefusalPage> {
    let wish = LetterWish {
        issuer: form.one("issuer").to_owned(),
        document_number: form.one("document_number").to_owned(),
        contact: form.one("contact").to_owned(),
    };
    let errand = Errand::of(&visitor, access.from)?;
    let SetLetters { title, files } = set(&service, &id, None, &wish, &address, &errand).await?;
    let name = format!("{title}通知书");
    match <[Vec<u8>; 1]>::try_from(files) {
        Ok([pdf]) => Ok(attachment(&format!("{name}.pdf"), "pdf", "application/pdf", pdf)),
        Err(files) => Ok(attachment(&format!("{name}.zip"), "zip", "application/zip", packed(&files)?)),
    }
}

/// 全部单位的通知书
///
/// 重新生成各单位的链接和验证码，写在各自的通知书里，只给这一次；以前发的随即失效。压缩包里是 PDF，一份最多 100 个单位。
#[utoipa::path(
    post, path = "/api/collections/{collection}/letters", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号")),
    request_body(content = ref("#/components/schemas/LetterWish"), content_type = "application/json"),
    responses(
        (status = 200, description = "压缩包", content_type = "application/zip", body = Vec<u8>),
        (status = 400, description = "内容读不懂", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这次征集", body = ref("#/components/schemas/Said")),
        (status = 409, description = "征集还没有开始", body = ref("#/components/schemas/Said")),
        (status = 422, description = "没有写发文单位", body = ref("#/components/schemas/Said")),
        (status = 503, description = "正在生成的太多，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn all(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    OwnAddress(address): OwnAddress,
    wish: Result<Json<LetterWish>, JsonRejection>,
) -> Result<Response, Refusal> {
    service.office()?;
    let Json(wish) = wish.map_err(bad_json)?;
    let errand = Errand::of(&visitor, access.from)?;
    let SetLetters { title, files } = set(&service, &id, None, &wish, &address, &errand).await?;
    let zip = attachment(&format!("{title}通知书.zip"), "zip", "application/zip", packed(&files)?);
    Ok((Extension(SecretAnswer), zip).into_response())
}

/// 一个单位的通知书
///
/// 重新生成这个单位的链接和验证码，写在通知书里，只给这一次；以前发的随即失效。
#[utoipa::path(
    post, path = "/api/collections/{collection}/units/{unit}/letter", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码")),
    request_body(content = ref("#/components/schemas/LetterWish"), content_type = "application/json"),
    responses(
        (status = 200, description = "通知书", content_type = "application/pdf", body = Vec<u8>),
        (status = 400, description = "内容读不懂", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这次征集，或者没有问这个单位", body = ref("#/components/schemas/Said")),
        (status = 409, description = "征集还没有开始", body = ref("#/components/schemas/Said")),
        (status = 422, description = "没有写发文单位", body = ref("#/components/schemas/Said")),
        (status = 503, description = "正在生成的太多，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn one(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path((id, unit)): Path<(String, String)>,
    OwnAddress(address): OwnAddress,
    wish: Result<Json<LetterWish>, JsonRejection>,
) -> Result<Response, Refusal> {
    service.office()?;
    let Json(wish) = wish.map_err(bad_json)?;
    let code: UnitCode = unit.parse().map_err(|_| CollectionRefusal::Unknown("单位"))?;
    let errand = Errand::of(&visitor, access.from)?;
    let SetLetters { title, mut files } = set(&service, &id, Some(&[code]), &wish, &address, &errand).await?;
    let letter = files.pop().ok_or(CollectionRefusal::Unknown("单位"))?;
    let pdf = attachment(&format!("{title}通知书{unit}.pdf"), "pdf", "application/pdf", letter);
    Ok((Extension(SecretAnswer), pdf).into_response())
}

/// Makes the ways in of these units of a collection, or of all, and sets a letter to each with its own.
async fn set(
    service: &Service,
    id: &str,
    units: Option<&[UnitCode]>,
    wish: &LetterWish,
    address: &str,
    errand: &Errand,
) -> Result<SetLetters, Refusal> {
    let issuer = line(&wish.issuer);
    if issuer.is_empty() {
        return Err(Refusal::without_sender());
    }
    let NewEntrances { collection, made, ends_at } = new_entrances(service, id, units, errand).await?;
    let plan = collection.plan;
    let collections = &service.office()?.collections;
    let rows = collections.whole_board(id, &BoardWish::default(), errand.today).await?;
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
        document_number: line(&wish.document_number),
        edition: plan.edition.label().to_owned(),
        needs_sign_off: plan.needs_sign_off,
        closes: plan.closes_at.map(last_day).unwrap_or_default(),
        instructions: plan.instructions.clone(),
        until: last_day(ends_at),
        contact: line(&wish.contact),
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
    Ok(SetLetters { title: plan.title, files })
}

/// The files as one; what they hold is packed already.
fn packed(files: &[Vec<u8>]) -> Result<Vec<u8>, Refusal> {
    zipped(files).map_err(|error| {
        tracing::error!(%error, "letters could not be packed");
        Refusal::broken()
    })
}

fn zipped(files: &[Vec<u8>]) -> std::io::Result<Vec<u8>> {
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
        let hint = "请填写发文单位后再生成；入口没有更换";
        Self::other(StatusCode::UNPROCESSABLE_ENTITY, "没有填发文单位，通知书没有落款", hint)
    }
}
