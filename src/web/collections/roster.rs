//! The roster (名录): the units, and what becomes of them. A list that comes is shown with all that is wrong with
//! it, and with the names that are probably one unit's; nothing is kept before somebody has confirmed it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Multipart, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::entries::{FormEntries, cut_to};
use super::{Errand, told};
use crate::accounts::Visitor;
use crate::collections::{CollectionRefusal, Collections, KnownUnit};
use crate::roster::{Contact, Likeness, MAX_ROSTER_BYTES, RosterSheet, RosterUnit, UnitCode, near};
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::{Refusal, Said, understood};
use crate::web::frame::{RefusalPage, page};
use crate::web::times::in_words;
use crate::workers::Question;

/// Where the page stands.
const PLACE: &str = "/roster";

/// How many units a page has, how many of a list are shown, and how many of its faults and likenesses.
const UNITS: usize = 100;
const LISTED: usize = 100;
const FAULTS: usize = 200;
const PAIRS: usize = 100;

/// How much of what was entered and refused is shown again, in bytes: of a field, and of a list.
const ECHO: usize = 2_000;
const LIST_ECHO: usize = 60_000;

/// The most bytes of a list that waits to be confirmed, unpacked.
const MOST: u64 = 64 << 20;

/// What is typed of one unit: the heading in a list, and the name in the form.
const TYPED: [(&str, &str); 8] = [
    ("单位名称", "name"),
    ("单位代码", "code"),
    ("单位类别", "kind"),
    ("层级", "level"),
    ("上级单位", "superior"),
    ("联系人", "person"),
    ("联系电话", "phone"),
    ("电子邮箱", "mail"),
];

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct RosterQuery {
    text: String,
    page: usize,
}

pub(super) async fn show(
    State(service): State<Arc<Service>>,
    looking: Result<Query<RosterQuery>, QueryRejection>,
) -> Result<Response, RefusalPage> {
    let looking = looking.map(|Query(looking)| looking).unwrap_or_default();
    shown(&service, &looking, &ReceivedList::default(), None).await
}

async fn shown(
    service: &Service,
    looking: &RosterQuery,
    entered: &ReceivedList,
    refused: Option<CollectionRefusal>,
) -> Result<Response, RefusalPage> {
    let collections = &service.office()?.collections;
    let (status, notice) = told(refused)?;
    let known = collections.units().await.map_err(Refusal::from)?;
    let names: HashMap<&str, &str> =
        known.iter().map(|one| (one.unit.code.as_str(), one.unit.name.as_str())).collect();
    let text = looking.text.trim();
    let list = cut_to(&entered.text, LIST_ECHO);
    let is_cut = list.len() < entered.text.len();
    let found: Vec<&KnownUnit> = known
        .iter()
        .filter(|one| {
            text.is_empty() || one.unit.name.contains(text) || one.unit.code.as_str().contains(text)
        })
        .collect();
    let start = looking.page.saturating_mul(UNITS);
    let rows: Vec<Value> = found.iter().skip(start).take(UNITS).map(|one| row(one, &names)).collect();
    let at_page = |page: usize| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        format!("{PLACE}?{}", query.append_pair("text", text).append_pair("page", &page.to_string()).finish())
    };
    let content = json!({
        "rows": rows,
        "found": found.len(),
        "known": known.len(),
        "text": text,
        "notice": notice,
        "list": list,
        "is_cut": is_cut,
        "typed": entered.typed,
        "previous": (looking.page > 0).then(|| at_page(looking.page - 1)),
        "next": (start.saturating_add(UNITS) < found.len()).then(|| at_page(looking.page + 1)),
    });
    Ok(page(status, "roster.html", PLACE, content))
}

fn row(known: &KnownUnit, names: &HashMap<&str, &str>) -> Value {
    let RosterUnit { code, name, kind, level, superior, contact } = &known.unit;
    let named = |code: &UnitCode| names.get(code.as_str()).copied().unwrap_or(code.as_str()).to_owned();
    let state = match (&known.merged_into, known.disabled_at) {
        (Some(into), _) => Some(format!("已并入{}", named(into))),
        (None, Some(_)) => Some("已停用".to_owned()),
        (None, None) => None,
    };
    json!({
        "code": code, "name": name, "kind": kind, "level": level, "superior": superior.as_ref().map(named),
        "person": contact.name, "phone": contact.phone, "mail": contact.mail, "state": state,
    })
}

/// A list as it came: a file, a text, or one unit that was typed.
#[derive(Default)]
pub(super) struct ReceivedList {
    file: Bytes,
    text: String,
    typed: BTreeMap<String, String>,
}

impl ReceivedList {
    async fn of(mut form: Multipart) -> Result<Self, Refusal> {
        let mut received = Self::default();
        while let Some(field) = form.next_field().await.map_err(unread)? {
            let name = field.name().unwrap_or_default().to_owned();
            let bytes = field.bytes().await.map_err(unread)?;
            let text = || String::from_utf8(bytes.to_vec()).map_err(|_| Refusal::bad_form());
            match name.as_str() {
                "file" => received.file = bytes,
                "list" => received.text = text()?,
                name if TYPED.iter().any(|(_, known)| *known == name) => {
                    received.typed.insert(name.to_owned(), text()?.trim().to_owned());
                }
                _ => return Err(Refusal::bad_form()),
            }
        }
        Ok(received)
    }

    /// As one list. What was typed is a list of one, and has no column for what was left empty: that stays as it
    /// is known.
    fn bytes(&self) -> Bytes {
        if !self.file.is_empty() {
            return self.file.clone();
        }
        if !self.text.trim().is_empty() || self.typed.is_empty() {
            return self.text.clone().into();
        }
        let mut writer = csv::WriterBuilder::new().delimiter(b'\t').from_writer(Vec::new());
        let typed =
            TYPED.iter().filter_map(|(heading, name)| Some((*heading, self.typed.get(*name)?.as_str())));
        let typed: Vec<(&str, &str)> = typed.filter(|(_, cell)| !cell.is_empty()).collect();
        let written = writer.write_record(typed.iter().map(|(heading, _)| heading));
        let written = written.and_then(|()| writer.write_record(typed.iter().map(|(_, cell)| cell)));
        let bytes = writer.into_inner().unwrap_or_default();
        if written.is_ok() { bytes.into() } else { Bytes::new() }
    }
}

fn unread(error: MultipartError) -> Refusal {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::large_roster(),
        _ => Refusal::bad_form(),
    }
}

/// Reads a list, and shows what it comes to.
pub(super) async fn read(
    State(service): State<Arc<Service>>,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<Response, RefusalPage> {
    let received = ReceivedList::of(form.map_err(|_| Refusal::bad_form())?).await?;
    let list = received.bytes();
    if list.len() > MAX_ROSTER_BYTES {
        return Err(Refusal::large_roster().into());
    }
    let known = units(&service.office()?.collections).await?;
    let mut body = serde_json::to_vec(&known).map_err(|_| Refusal::broken())?;
    let question = Question::Roster { known: body.len() };
    body.extend_from_slice(&list);
    let answer = service.ask(question, body.into(), None).await?;
    let read: Result<RosterSheet, String> = understood(&answer)?;
    match read {
        Ok(sheet) => reading(&sheet, &known, StatusCode::OK, None),
        Err(why) => {
            let refused = CollectionRefusal::Unfit(vec![why]);
            shown(&service, &RosterQuery::default(), &received, Some(refused)).await
        }
    }
}

/// The units that are not part of others.
pub(super) async fn units(collections: &Collections) -> Result<Vec<RosterUnit>, Refusal> {
    let known = collections.units().await?;
    Ok(known.into_iter().filter(|one| one.merged_into.is_none()).map(|one| one.unit).collect())
}

/// Two units whose names are probably one unit's.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "名称相近的两个单位")]
pub(in crate::web) struct AlikeUnits {
    #[schemars(description = "发送的单位的代码和名称")]
    pub unit: String,
    pub name: String,
    #[schemars(description = "另一个单位的代码和名称")]
    pub other: String,
    pub other_name: String,
    #[schemars(description = "为什么相近")]
    pub why: String,
}

/// A unit of a list, and another whose name is like its own.
struct LikePair<'a> {
    listed: &'a RosterUnit,
    other: &'a RosterUnit,
    /// Whether the other is in the roster, and not in the list.
    is_known: bool,
    why: Likeness,
}

impl LikePair<'_> {
    /// What the answer about it is called in a form.
    fn question(&self) -> String {
        format!("like {} {}", self.listed.code, self.other.code)
    }

    fn shown(&self) -> Value {
        json!({
            "question": self.question(), "listed_name": self.listed.name, "other": self.other.code,
            "other_name": self.other.name, "is_known": self.is_known, "why": self.why.words(),
        })
    }
}

/// The names that are probably one unit's.
fn likenesses<'a>(listed: &'a [RosterUnit], known: &'a [RosterUnit]) -> Vec<LikePair<'a>> {
    // What is in the list stands in the place of what is known under its code.
    let in_list: HashSet<&UnitCode> = listed.iter().map(|unit| &unit.code).collect();
    let old: HashSet<(&UnitCode, &str)> = known.iter().map(|unit| (&unit.code, unit.name.as_str())).collect();
    let others: Vec<&RosterUnit> = known.iter().filter(|unit| !in_list.contains(&unit.code)).collect();
    let all: Vec<&RosterUnit> = others.iter().copied().chain(listed).collect();
    let names: Vec<&str> = all.iter().map(|unit| unit.name.as_str()).collect();
    let is_new = |unit: &RosterUnit| !old.contains(&(&unit.code, unit.name.as_str()));
    let pairs = near(&names).into_iter().filter_map(|pair| {
        // The later one stands in the list, if either does.
        let (other, at) = (pair.one.min(pair.other), pair.one.max(pair.other));
        let is_known = other < others.len();
        let is_asked = others.len() <= at && (is_new(all[at]) || (!is_known && is_new(all[other])));
        // The listed one is named first.
        let why = match pair.why {
            Likeness::Character(one, other) => Likeness::Character(other, one),
            why => why,
        };
        is_asked.then(|| LikePair { listed: all[at], other: all[other], is_known, why })
    });
    pairs.collect()
}

/// The same for a program: told, for it cannot be asked.
pub(super) fn alike(listed: &[RosterUnit], known: &[RosterUnit]) -> Vec<AlikeUnits> {
    let told = |pair: LikePair<'_>| AlikeUnits {
        unit: pair.listed.code.to_string(),
        name: pair.listed.name.clone(),
        other: pair.other.code.to_string(),
        other_name: pair.other.name.clone(),
        why: pair.why.words(),
    };
    likenesses(listed, known).into_iter().take(PAIRS).map(told).collect()
}

fn reading(
    sheet: &RosterSheet,
    known: &[RosterUnit],
    status: StatusCode,
    notice: Option<Value>,
) -> Result<Response, RefusalPage> {
    let of_code: HashMap<&UnitCode, &RosterUnit> = known.iter().map(|unit| (&unit.code, unit)).collect();
    let change = |unit: &RosterUnit| match of_code.get(&unit.code) {
        None => "新增",
        Some(known) if **known == *unit => "不变",
        Some(known) if known.name != unit.name => "更名",
        Some(_) => "修改",
    };
    let count = |word: &str| sheet.units.iter().filter(|unit| change(unit) == word).count();
    let names: HashMap<&str, &str> =
        known.iter().chain(&sheet.units).map(|unit| (unit.code.as_str(), unit.name.as_str())).collect();
    let rows: Vec<Value> = sheet
        .units
        .iter()
        .take(LISTED)
        .map(|unit| {
            let superior = unit.superior.as_ref().map(|code| names.get(code.as_str()).copied());
            json!({
                "change": change(unit), "code": unit.code, "name": unit.name, "kind": unit.kind,
                "superior": superior, "person": unit.contact.name, "phone": unit.contact.phone,
            })
        })
        .collect();
    let pairs: Vec<Value> = likenesses(&sheet.units, known).iter().take(PAIRS).map(LikePair::shown).collect();
    let faults: Vec<String> = sheet.faults.iter().take(FAULTS).map(ToString::to_string).collect();
    let content = json!({
        "notice": notice,
        "total": sheet.units.len(),
        "new": count("新增"),
        "changed": count("修改") + count("更名"),
        "same": count("不变"),
        "rows": rows,
        "more": sheet.units.len().saturating_sub(LISTED),
        "faults": faults,
        "wrong": sheet.faults.len(),
        "ignored": sheet.ignored,
        "remarks": sheet.remarks,
        "pairs": pairs,
        "packed": pack(&sheet.units)?,
    });
    Ok(page(status, "roster_reading.html", PLACE, content))
}

/// Keeps a list that was looked at, with what was answered about its likenesses.
pub(super) async fn save(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    form: FormEntries,
) -> Result<Response, RefusalPage> {
    let collections = &service.office()?.collections;
    let listed = unpack(form.one("packed"))?;
    let known = units(collections).await?;
    let sheet = |units| RosterSheet { units, ..RosterSheet::default() };
    let chosen = match chosen(&form, &listed, &known) {
        Ok(chosen) => chosen,
        Err(pair) => {
            let message = format!("还没有回答“{pair}”是不是同一个单位，请选一项");
            let notice = json!({ "messages": [message], "hint": "选好后再保存" });
            return reading(&sheet(listed), &known, StatusCode::UNPROCESSABLE_ENTITY, Some(notice));
        }
    };
    let errand = Errand::of(&visitor, access.from)?;
    match collections.save_units(&chosen, &errand.occasion()).await {
        Ok(_) => Ok(Redirect::to(PLACE).into_response()),
        Err(refused) => {
            let (status, notice) = told(Some(refused))?;
            reading(&sheet(listed), &known, status, notice)
        }
    }
}

/// The units that are to be kept; or the names that nobody has answered about.
fn chosen(
    form: &FormEntries,
    listed: &[RosterUnit],
    known: &[RosterUnit],
) -> Result<Vec<RosterUnit>, String> {
    let mut left_out: HashSet<&UnitCode> = HashSet::new();
    let mut renumbered: HashMap<&UnitCode, &UnitCode> = HashMap::new();
    for pair in likenesses(listed, known).iter().take(PAIRS) {
        let (own, other) = (&pair.listed.code, &pair.other.code);
        match form.one(&pair.question()) {
            "two" => {}
            "same" if pair.is_known => drop(renumbered.insert(own, other)),
            "same" | "none" => drop(left_out.insert(own)),
            _ => return Err(format!("{}”和“{}", pair.listed.name, pair.other.name)),
        }
    }
    let mut taken: HashSet<UnitCode> = HashSet::new();
    let code = |code: &UnitCode| renumbered.get(code).copied().unwrap_or(code).clone();
    let kept = listed.iter().filter(|unit| !left_out.contains(&unit.code)).map(|unit| RosterUnit {
        code: code(&unit.code),
        superior: unit.superior.as_ref().map(code),
        ..unit.clone()
    });
    // Two of the list that were said to be one and the same known unit: the first is kept.
    Ok(kept.filter(|unit| taken.insert(unit.code.clone())).collect())
}

/// A list on its way through a page.
fn pack(units: &[RosterUnit]) -> Result<String, Refusal> {
    let json = serde_json::to_vec(units).map_err(|_| Refusal::broken())?;
    let mut packed = Vec::new();
    let read = DeflateEncoder::new(&json[..], Compression::default()).read_to_end(&mut packed);
    read.map_err(|_| Refusal::broken())?;
    Ok(BASE64_STANDARD.encode(packed))
}

fn unpack(packed: &str) -> Result<Vec<RosterUnit>, Refusal> {
    let bytes = BASE64_STANDARD.decode(packed).map_err(|_| Refusal::bad_form())?;
    let mut json = Vec::new();
    let read = DeflateDecoder::new(&bytes[..]).take(MOST).read_to_end(&mut json);
    read.map_err(|_| Refusal::bad_form())?;
    serde_json::from_slice(&json).map_err(|_| Refusal::bad_form())
}

/// A unit of the roster, and what becomes of it.
pub(super) async fn unit(
    State(service): State<Arc<Service>>,
    Path(code): Path<String>,
) -> Result<Response, RefusalPage> {
    unit_shown(&service, &code, None, None).await
}

async fn unit_shown(
    service: &Service,
    code: &str,
    entered: Option<&FormEntries>,
    refused: Option<CollectionRefusal>,
) -> Result<Response, RefusalPage> {
    let collections = &service.office()?.collections;
    let known = collections.units().await.map_err(Refusal::from)?;
    let names: HashMap<&str, &str> =
        known.iter().map(|one| (one.unit.code.as_str(), one.unit.name.as_str())).collect();
    let unit = known.iter().find(|one| one.unit.code.as_str() == code);
    let unit = unit.ok_or(CollectionRefusal::Unknown("单位")).map_err(Refusal::from)?;
    let former = collections.former_names(code).await.map_err(Refusal::from)?;
    let (status, notice) = told(refused)?;
    let former: Vec<Value> = former
        .iter()
        .map(|one| json!({ "name": one.name, "since": in_words(one.since), "until": in_words(one.until) }))
        .collect();
    let mut view = row(unit, &names);
    view["superior_code"] = unit.unit.superior.as_ref().map(UnitCode::as_str).into();
    if let Some(form) = entered.filter(|form| form.wish() == "change") {
        for (_, name) in TYPED.iter().filter(|(_, name)| !matches!(*name, "code" | "name" | "superior")) {
            view[*name] = cut_to(form.one(name), ECHO).into();
        }
        view["superior_code"] = cut_to(form.one("superior"), ECHO).into();
    }
    let wish = entered.filter(|form| form.wish() == "rename");
    let of_itself: Vec<RosterUnit> =
        known.iter().filter(|one| one.merged_into.is_none()).map(|one| one.unit.clone()).collect();
    let listed = wish.map_or_else(Vec::new, |form| renamed(code, form.one("name"), &of_itself));
    let pairs: Vec<Value> = likenesses(&listed, &of_itself).iter().take(PAIRS).map(LikePair::shown).collect();
    let into = entered.map_or("", |form| form.one("into")).trim();
    let target = entered.filter(|form| form.wish() == "merge" && into != code).and_then(|_| names.get(into));
    let content = json!({
        "unit": view,
        "pairs": pairs,
        "target": target,
        "is_merged": unit.merged_into.is_some(),
        "is_disabled": unit.disabled_at.is_some(),
        "former": former,
        "notice": notice,
        "name": wish.map_or_else(|| unit.unit.name.clone(), |form| cut_to(form.one("name"), ECHO)),
        "into": cut_to(into, ECHO),
    });
    Ok(page(status, "roster_unit.html", PLACE, content))
}

pub(super) async fn change(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(code): Path<String>,
    form: FormEntries,
) -> Result<Response, RefusalPage> {
    let collections = &service.office()?.collections;
    let errand = Errand::of(&visitor, access.from)?;
    if form.wish() == "rename"
        && let Some(pair) = unanswered(&form, &code, &units(collections).await?)
    {
        let message = format!("没有更名：“{pair}”可能是同一个单位，请在下面选一项");
        let refused = Some(CollectionRefusal::Unfit(vec![message]));
        return unit_shown(&service, &code, Some(&form), refused).await;
    }
    // What cannot be undone is done when it has been read once more.
    let into = form.one("into").trim();
    let is_asked_back = form.wish() == "merge" && into != code && form.one("confirmed") != into;
    if is_asked_back && collections.unit(into).await.is_ok() {
        return unit_shown(&service, &code, Some(&form), None).await;
    }
    let done = match form.wish() {
        "merge" => merged(&service, &errand, &code, into).await?,
        _ => changed(collections, &errand, &code, &form).await,
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("{PLACE}/units/{code}")).into_response()),
        Err(refused) => unit_shown(&service, &code, Some(&form), Some(refused)).await,
    }
}

/// Makes a unit part of another, and its people that one's. Where the service ended between the two, the second is
/// done when the same is asked for again.
pub(super) async fn merged(
    service: &Service,
    errand: &Errand,
    code: &str,
    into: &str,
) -> Result<Result<(), CollectionRefusal>, Refusal> {
    let office = service.office()?;
    let merged = async {
        let (own, into) = (parsed(code, "单位")?, parsed(into, "并入的单位，请写名录里有的代码")?);
        match office.collections.unit(own.as_str()).await?.merged_into {
            Some(known) if known == into => Ok(()),
            _ => office.collections.merge_unit(&own, &into, &errand.occasion()).await,
        }
    };
    if let Err(refused) = merged.await {
        return Ok(Err(refused));
    }
    office.accounts.move_unit(&errand.doer, code, into.trim(), errand.at).await?;
    Ok(Ok(()))
}

/// A code as it was written; what is none is no unit's.
pub(super) fn parsed(code: &str, what: &'static str) -> Result<UnitCode, CollectionRefusal> {
    code.trim().parse().map_err(|_| CollectionRefusal::Unknown(what))
}

/// The unit above another, by its code; none where nothing is written.
pub(super) async fn superior(
    collections: &Collections,
    written: &str,
) -> Result<Option<UnitCode>, CollectionRefusal> {
    if written.trim().is_empty() {
        return Ok(None);
    }
    let superior = parsed(written, "上级单位，请写名录里有的代码")?;
    collections.unit(superior.as_str()).await?;
    Ok(Some(superior))
}

/// A unit as it would be under another name, as a list of one.
pub(super) fn renamed(code: &str, name: &str, known: &[RosterUnit]) -> Vec<RosterUnit> {
    let unit = known.iter().find(|unit| unit.code.as_str() == code);
    unit.map(|unit| RosterUnit { name: name.trim().to_owned(), ..unit.clone() }).into_iter().collect()
}

/// The names that nobody has said are those of two units, of a unit that is to be renamed.
fn unanswered(form: &FormEntries, code: &str, known: &[RosterUnit]) -> Option<String> {
    let renamed = renamed(code, form.one("name"), known);
    let pairs = likenesses(&renamed, known);
    let pair = pairs.iter().take(PAIRS).find(|pair| form.one(&pair.question()) != "two")?;
    Some(format!("{}”和“{}", pair.listed.name, pair.other.name))
}

async fn changed(
    collections: &Collections,
    errand: &Errand,
    code: &str,
    form: &FormEntries,
) -> Result<(), CollectionRefusal> {
    let occasion = errand.occasion();
    let own = parsed(code, "单位")?;
    match form.wish() {
        "rename" => collections.rename_unit(&own, form.one("name"), &occasion).await,
        "disable" | "enable" => collections.disable_unit(&own, form.wish() == "disable", &occasion).await,
        "change" => {
            let line = |name| form.one(name).trim().to_owned();
            let unit = RosterUnit {
                kind: line("kind"),
                level: line("level"),
                superior: superior(collections, form.one("superior")).await?,
                contact: Contact { name: line("person"), phone: line("phone"), mail: line("mail") },
                ..collections.unit(code).await?.unit
            };
            collections.save_units(&[unit], &occasion).await.map(|_| ())
        }
        _ => Err(CollectionRefusal::Unfit(vec!["表单的内容不对，请刷新页面".into()])),
    }
}

/// What is refused here.
impl Refusal {
    pub(in crate::web) fn large_roster() -> Self {
        let message = format!("名录文件最大 {} MiB，这个文件超过了", MAX_ROSTER_BYTES >> 20);
        Self::Other(
            StatusCode::PAYLOAD_TOO_LARGE,
            Said { message: message.into(), hint: "请核对是不是选错了文件" },
        )
    }
}
