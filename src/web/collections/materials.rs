//! What units are given along (材料): last year's reports and the plans of the year. They come as one file or a ZIP
//! of any that can be read, are held against the units by name, and shown; nothing counts before a person has
//! confirmed which is whose.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path as FilePath;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::rejection::{BytesRejection, JsonRejection, QueryRejection};
use axum::extract::{Extension, Multipart, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use futures_util::StreamExt;
use futures_util::stream;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use ulid::Ulid;

use super::entries::FormEntries;
use super::interface::faults::bad_json;
use super::{Errand, PLACE, board, told};
use crate::accounts::Visitor;
use crate::collections::{
    ArrivalLot, AttachmentKind, Collection, CollectionRefusal, Collections, GivenMaterials, MaterialArrival,
};
use crate::diagnostic::Diagnostic;
use crate::intake::{BatchRefusal, Extent, ListedContent, ListedReport, Listing};
use crate::jobs::JobFailure;
use crate::report::Choice;
use crate::roster::{NameIndex, UnitCode, unit_in_file_name};
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::{Refusal, Said};
use crate::web::frame::{RefusalPage, page};
use crate::workers::{GatheredDocument, Post, Question};

/// The largest file, in bytes.
pub(in crate::web) const MAX_BYTES: usize = 64 << 20;

/// How many files are read at a time.
const AT_ONCE: usize = 2;

/// How many rows and how many names a page has.
const ROWS: usize = 200;
const NAMED: usize = 50;

pub(super) async fn show(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
) -> Result<Response, RefusalPage> {
    Ok(shown(&service, &id, None, None).await?)
}

async fn shown(
    service: &Service,
    id: &str,
    entered: Option<&FormEntries>,
    refused: Option<CollectionRefusal>,
) -> Result<Response, Refusal> {
    let collections = &service.office()?.collections;
    let collection = collections.collection(id).await?;
    let (status, notice) = told(refused)?;
    let given = collections.given_along(id).await?;
    let without = |is_there: fn(&GivenMaterials) -> bool| {
        let missing: Vec<&str> =
            given.iter().filter(|one| !is_there(one)).map(|one| one.name.as_str()).collect();
        json!({ "count": missing.len(), "names": missing.iter().take(NAMED).collect::<Vec<_>>() })
    };
    let lot = collections.arrivals(id).await?;
    let content = json!({
        "collection": board::view(&collection),
        "place": format!("{PLACE}/{id}"),
        "notice": notice,
        "asked": given.len(),
        "last_year": collection.plan.year.number() - 1,
        "without_last": without(|one| one.last_report.is_some()),
        "without_plan": without(|one| one.plan.is_some()),
        "lot": lot.as_ref().map(|lot| table(lot, &given, entered)),
    });
    Ok(page(status, "materials.html", PLACE, content))
}

/// A lot as a table to be confirmed: first what somebody must look at.
fn table(lot: &ArrivalLot, given: &[GivenMaterials], entered: Option<&FormEntries>) -> Value {
    let of_code: HashMap<&str, &GivenMaterials> = given.iter().map(|one| (one.unit.as_str(), one)).collect();
    let (unread, read): (Vec<&MaterialArrival>, Vec<&MaterialArrival>) =
        lot.arrivals.iter().partition(|arrival| arrival.kind.is_none());
    let mut rows = read.clone();
    rows.sort_by_key(|arrival| (arrival.is_sure && arrival.remark.is_empty(), arrival.number));
    let row = |arrival: &&MaterialArrival| {
        let unit = arrival.unit.as_deref().unwrap_or_default();
        let known = of_code.get(unit);
        let has = known.and_then(|one| match arrival.kind {
            Some(AttachmentKind::Plan) => one.plan.as_ref(),
            _ => one.last_report.as_ref(),
        });
        let name = format!("unit {}", arrival.number);
        json!({
            "number": arrival.number,
            "name": arrival.name,
            "issuer": arrival.issuer,
            "year": arrival.year,
            "kind": arrival.kind.map(Choice::label),
            "remark": arrival.remark,
            "is_sure": arrival.is_sure,
            "replaces": has.is_some(),
            "code": entered.map_or(unit, |form| form.one(&name)),
            "unit_name": known.map(|one| &one.name),
        })
    };
    let unread: Vec<Value> =
        unread.iter().take(ROWS).map(|one| json!({ "name": one.name, "why": one.remark })).collect();
    json!({
        "lot": lot.lot,
        "total": read.len(),
        "rows": rows.iter().take(ROWS).map(row).collect::<Vec<_>>(),
        "more": rows.len().saturating_sub(ROWS),
        "unread": unread,
        "unread_count": lot.arrivals.len() - read.len(),
    })
}

/// Reads what came, and shows it.
pub(super) async fn receive(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<Response, RefusalPage> {
    let mut form = form.map_err(|_| Refusal::bad_form())?;
    let (mut name, mut bytes) = (String::new(), Bytes::new());
    while let Some(field) = form.next_field().await.map_err(unread)? {
        if field.name() != Some("file") {
            return Err(Refusal::bad_form().into());
        }
        name = field.file_name().unwrap_or_default().to_owned();
        bytes = field.bytes().await.map_err(unread)?;
    }
    let errand = Errand::of(&visitor, access.from)?;
    match taken(&service, &errand, &id, &name, bytes).await? {
        Ok(()) => Ok(Redirect::to(&format!("{PLACE}/{id}/materials")).into_response()),
        Err(refused) => Ok(shown(&service, &id, None, Some(refused)).await?),
    }
}

fn unread(error: MultipartError) -> Refusal {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::large_material(),
        _ => Refusal::bad_form(),
    }
}

/// Keeps what came until it is confirmed.
async fn taken(
    service: &Service,
    errand: &Errand,
    id: &str,
    name: &str,
    bytes: Bytes,
) -> Result<Result<(), CollectionRefusal>, Refusal> {
    let collections = &service.office()?.collections;
    let collection = collections.collection(id).await?;
    let read = match files(service, name, bytes).await? {
        Ok(files) => gathered(service, files).await?,
        Err(why) => return Ok(Err(CollectionRefusal::Unfit(vec![why]))),
    };
    if read.is_empty() {
        let why =
            "里面没有能读的文件：报告文件、Word 文档、网页、文本、征集表，附带内容的 PDF、OFD".to_owned();
        return Ok(Err(CollectionRefusal::Unfit(vec![why])));
    }
    let arrivals = matched(collections, &collection, read).await?;
    let lot = Ulid::generate().to_string();
    Ok(collections.keep_arrivals(id, &lot, &arrivals, &errand.occasion()).await)
}

/// A file of those that came; without bytes one that cannot be read, and why.
struct MaterialFile {
    name: String,
    content: MaterialContent,
}

enum MaterialContent {
    Whole(Bytes),
    /// In the plain file of a ZIP.
    Part(Arc<File>, Extent),
    Unread(String),
}

/// The files that came: one, or those of a ZIP, taken apart by a worker; or why there are none.
async fn files(
    service: &Service,
    name: &str,
    bytes: Bytes,
) -> Result<Result<Vec<MaterialFile>, String>, Refusal> {
    if bytes.is_empty() {
        return Ok(Err("没有选择文件，请选择上年报告或者工作计划的文件，或者它们的压缩包".into()));
    }
    if !name.to_ascii_lowercase().ends_with(".zip") {
        let content = MaterialContent::Whole(bytes);
        return Ok(Ok(vec![MaterialFile { name: name.to_owned(), content }]));
    }
    let jobs = service.jobs()?;
    let (packed, plain) =
        (jobs.incoming().map_err(JobFailure::from)?, jobs.incoming().map_err(JobFailure::from)?);
    let mut into = packed.reopen().map_err(JobFailure::from)?;
    let kept = spawn_blocking(move || into.write_all(&bytes)).await.map_err(|_| Refusal::broken())?;
    kept.map_err(JobFailure::from)?;
    let question = Question::unpack_files(packed.path(), FilePath::new(name), plain.path());
    let answer = service.ask(question, Bytes::new(), None).await?;
    let listing: Result<Listing, BatchRefusal> =
        serde_json::from_slice(&answer.bytes).map_err(|_| Refusal::broken())?;
    let listing = match listing {
        Ok(listing) => listing,
        Err(refused) => return Ok(Err(refused.to_string())),
    };
    let plain = Arc::new(plain.into_file());
    let file = |one: ListedReport| MaterialFile {
        content: match one.content {
            ListedContent::Document { extent, .. } => MaterialContent::Part(plain.clone(), extent),
            ListedContent::Unreadable(why) => MaterialContent::Unread(why),
        },
        name: one.source,
    };
    Ok(Ok(listing.reports.into_iter().map(file).collect()))
}

/// What each file holds, read by workers; or why it could not be read.
type ReadMaterial = (String, Result<Vec<GatheredDocument>, String>);

async fn gathered(service: &Service, files: Vec<MaterialFile>) -> Result<Vec<ReadMaterial>, Refusal> {
    let readers = service.staff.at(Post::Readers);
    let read = async |MaterialFile { name, content }: MaterialFile| -> Result<ReadMaterial, Refusal> {
        let bytes = match content {
            MaterialContent::Unread(why) => return Ok((name, Err(why))),
            MaterialContent::Whole(bytes) => bytes,
            MaterialContent::Part(file, Extent { offset, length }) => {
                let part = spawn_blocking(move || {
                    let mut bytes = vec![0; length as usize];
                    file.read_exact_at(&mut bytes, offset).map(|()| bytes)
                });
                part.await.map_err(|_| Refusal::broken())?.map_err(JobFailure::from)?.into()
            }
        };
        let own = name.rsplit('/').next().unwrap_or_default().to_owned();
        let answer = readers.ask_patiently(Question::Gather { name: own }, bytes).await;
        // One that costs its worker costs itself alone.
        let found = match answer.map_err(JobFailure::from)? {
            Ok(answer) => serde_json::from_slice(&answer.bytes).map_err(|_| Refusal::broken())?,
            Err(found) => Err(found.iter().map(Diagnostic::in_one_line).collect()),
        };
        Ok((name, found))
    };
    let mut found = stream::iter(files).map(read).buffered(AT_ONCE);
    let mut all = Vec::new();
    while let Some(one) = found.next().await {
        all.push(one?);
    }
    Ok(all)
}

/// Holds what was read against the units of a collection, by name.
async fn matched(
    collections: &Collections,
    collection: &Collection,
    read: Vec<ReadMaterial>,
) -> Result<Vec<(MaterialArrival, Option<String>)>, Refusal> {
    let units = collections.given_along(&collection.id).await?;
    let names: Vec<&str> = units.iter().map(|one| one.name.as_str()).collect();
    let index = NameIndex::new(&names);
    let mut arrivals = Vec::new();
    for (name, found) in read {
        let documents = match found {
            Ok(documents) => documents,
            Err(why) => {
                arrivals.push((arrival(arrivals.len(), name, String::new(), why), None));
                continue;
            }
        };
        for one in documents {
            let label = if one.source.is_empty() { name.clone() } else { format!("{name} {}", one.source) };
            let mut arrival = arrival(arrivals.len(), label, one.issuer, String::new());
            let kind = if one.is_plan { AttachmentKind::Plan } else { AttachmentKind::LastReport };
            let wanted = collection.plan.year.number() - u16::from(!one.is_plan);
            arrival.kind = Some(kind);
            arrival.year = one.year.map(i64::from);
            let mut remarks = Vec::new();
            let meant = match arrival.issuer.is_empty() {
                true => unit_in_file_name(&name),
                false => arrival.issuer.clone(),
            };
            let near = index.nearest(&meant);
            arrival.is_sure = near.is_some_and(|near| near.is_sure) && one.year == Some(wanted);
            arrival.unit = near.map(|near| units[near.index].unit.clone());
            match near {
                None => remarks.push("征集里没有名称相近的单位".to_owned()),
                Some(near) if !near.is_sure => remarks.push(format!("名称只是与“{}”相近", names[near.index])),
                Some(_) => {}
            }
            if one.year != Some(wanted) {
                // Whoever means it writes the unit's code himself.
                arrival.unit = None;
                remarks.push(format!("年度不是{wanted}年"));
            }
            if let Some(fault) = one.fault {
                remarks.push(format!("不完整，只能对照，不能由它开始草稿：{fault}"));
            }
            arrival.remark = remarks.join("；");
            arrivals.push((arrival, Some(one.document)));
        }
    }
    keep_one_each(&mut arrivals);
    Ok(arrivals)
}

/// Of several files for one unit the first that is surely its own stays so; the others are nobody's until somebody
/// says whose.
fn keep_one_each(arrivals: &mut [(MaterialArrival, Option<String>)]) {
    let mut taken = HashSet::new();
    for is_sure in [true, false] {
        for (arrival, _) in arrivals.iter_mut().filter(|(arrival, _)| arrival.is_sure == is_sure) {
            let Some(unit) = arrival.unit.clone() else { continue };
            if !taken.insert((arrival.kind, unit)) {
                let before = if arrival.remark.is_empty() { "" } else { "；" };
                arrival.remark += &format!("{before}这个单位另有一份");
                (arrival.unit, arrival.is_sure) = (None, false);
            }
        }
    }
}

/// What is known of a file before it is held against the units.
fn arrival(before: usize, name: String, issuer: String, remark: String) -> MaterialArrival {
    let number = before as i64 + 1;
    MaterialArrival { number, name, kind: None, issuer, year: None, remark, unit: None, is_sure: false }
}

/// Gives along what was confirmed, or throws the lot away.
pub(super) async fn confirm(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    form: FormEntries,
) -> Result<Response, RefusalPage> {
    let errand = Errand::of(&visitor, access.from)?;
    let written =
        |number: i64| form.has(&format!("unit {number}")).then(|| form.one(&format!("unit {number}")));
    let is_kept = form.wish() == "confirm";
    match confirmed(
        &service,
        &errand,
        &id,
        form.one("lot"),
        |number| if is_kept { written(number) } else { Some("") },
    )
    .await?
    {
        Ok(_) => Ok(Redirect::to(&format!("{PLACE}/{id}/materials")).into_response()),
        Err(refused) => Ok(shown(&service, &id, Some(&form), Some(refused)).await?),
    }
}

/// Gives each file along to the unit whose code is written for it; where nothing is, to its own if that is sure.
async fn confirmed<'a>(
    service: &Service,
    errand: &Errand,
    id: &str,
    lot: &str,
    written: impl Fn(i64) -> Option<&'a str>,
) -> Result<Result<usize, CollectionRefusal>, Refusal> {
    let collections = &service.office()?.collections;
    let waiting = collections.arrivals(id).await?.map(|waiting| waiting.arrivals).unwrap_or_default();
    let (mut units, mut unfit) = (BTreeMap::new(), Vec::new());
    for arrival in &waiting {
        let own = arrival.unit.as_deref().filter(|_| arrival.is_sure).unwrap_or_default();
        let code = written(arrival.number).map_or(own, str::trim);
        match code.parse::<UnitCode>() {
            _ if code.is_empty() => {}
            Ok(code) => drop(units.insert(arrival.number, code)),
            Err(fault) => unfit.push(format!("“{}”：{fault}", arrival.name)),
        }
    }
    if !unfit.is_empty() {
        return Ok(Err(CollectionRefusal::Unfit(unfit)));
    }
    Ok(collections.give_arrivals(id, lot, &units, &errand.occasion()).await)
}

/// What a file that is sent is called.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct MaterialName {
    /// 文件名；压缩包以 .zip 结尾
    name: String,
}

/// Which file is whose.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "确认哪份文件是哪个单位的")]
pub(in crate::web) struct ConfirmedMaterials {
    #[schemars(description = "这一批文件的编号")]
    lot: String,
    #[schemars(description = "文件的序号和单位代码；空的不附，没有写到的按名称确定的附")]
    #[serde(default)]
    units: BTreeMap<i64, String>,
}

/// How many were given along.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "附上了几份文件")]
pub(in crate::web) struct GivenCount {
    given: usize,
}

/// 读入上年的报告和工作计划
///
/// 请求的内容是一份文件，或者一个压缩包：报告文件、Word 文档、网页、文本、征集表，附带内容的 PDF、OFD。各份按名称对到征集的单位，
/// 还没有附上；确认用 PUT。读不了的也列出来，写明原因。
#[utoipa::path(
    post, path = "/api/collections/{collection}/materials", tag = "征集",
    params(MaterialName, ("collection" = String, Path, description = "征集的编号")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "lot 是这一批的编号，arrivals 是各份文件", body = ref("#/components/schemas/ArrivalLot")),
        (status = 400, description = "网址里的参数不对，或者没有传完", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这个征集", body = ref("#/components/schemas/Said")),
        (status = 413, description = "超过 64 MiB", body = ref("#/components/schemas/Said")),
        (status = 422, description = "压缩包不能用，或者里面没有能读的文件", body = ref("#/components/schemas/Said")),
        (status = 503, description = "正在处理的太多，Retry-After 秒后再试", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn send(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    name: Result<Query<MaterialName>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<ArrivalLot>, Refusal> {
    let Query(MaterialName { name }) = name.map_err(Refusal::of_query)?;
    let bytes = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::large_material(),
        _ => Refusal::interrupted(),
    })?;
    let errand = Errand::of(&visitor, access.from)?;
    taken(&service, &errand, &id, &name, bytes).await??;
    let lot = service.office()?.collections.arrivals(&id).await?;
    Ok(Json(lot.ok_or(CollectionRefusal::Unknown("这一批文件"))?))
}

/// 附上确认了的报告和计划
///
/// 附上以后，这一批里其余的不再保留。
#[utoipa::path(
    put, path = "/api/collections/{collection}/materials", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号")),
    request_body(content((ref("#/components/schemas/ConfirmedMaterials") = "application/json"))),
    responses(
        (status = 200, description = "附上了几份", body = ref("#/components/schemas/GivenCount")),
        (status = 400, description = "内容不对", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这个征集", body = ref("#/components/schemas/Said")),
        (status = 409, description = "这一批已经换了，或者已经确认过", body = ref("#/components/schemas/Said")),
        (status = 422, description = "单位代码不对，或者一个单位有两份", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn give(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    sent: Result<Json<ConfirmedMaterials>, JsonRejection>,
) -> Result<Json<GivenCount>, Refusal> {
    let Json(ConfirmedMaterials { lot, units }) = sent.map_err(bad_json)?;
    let errand = Errand::of(&visitor, access.from)?;
    let written = |number: i64| units.get(&number).map(String::as_str);
    let given = confirmed(&service, &errand, &id, &lot, written).await??;
    Ok(Json(GivenCount { given }))
}

/// What is refused here.
impl Refusal {
    fn large_material() -> Self {
        let message = format!("文件最大 {} MiB，这个文件超过了", MAX_BYTES >> 20);
        let said = Said { message: message.into(), hint: "请分成几个压缩包，一次放一个" };
        Self::Other(StatusCode::PAYLOAD_TOO_LARGE, said)
    }
}
