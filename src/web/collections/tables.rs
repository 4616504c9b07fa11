//! Lists of a collection's units to take along: the ways in for all of them, and whom to phone (催报).

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::board::{self, BoardQuery};
use super::{Errand, PLACE, today};
use crate::accounts::{EntranceUnit, NewEntrance, Visitor};
use crate::audit::{Act, Deed};
use crate::collections::{BoardRow, BoardWish, Collection, CollectionRefusal, CollectionState, Straggler};
use crate::report::Choice;
use crate::roster::{TableColumn, UnitCode, table_workbook};
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::Refusal;
use crate::web::frame::{RefusalPage, page};
use crate::web::reports::attachment;
use crate::web::times::{day_in_words, end_of, in_words};

/// The media type of a workbook.
pub(super) const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// How many units are read at a time.
const PAGE: usize = 500;

/// How long beyond the due day a unit can come in, in seconds, for what is returned afterwards; and how long at
/// most.
const BEYOND: i64 = 90 * 86_400;
const LONGEST: i64 = 390 * 86_400;

/// Makes the ways in of all units, and gives them out this once: those there were before end.
pub(super) async fn entrances(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, RefusalPage> {
    let GivenEntrances { title, ends_at, made } = given(&service, &visitor, access, &id, None).await?;
    let columns =
        [("单位代码", 16.0), ("单位名称", 32.0), ("链接", 64.0), ("验证码", 16.0), ("有效到", 20.0)];
    let rows = made.into_iter().map(|one| {
        let link = address(&headers, access, &one.link);
        vec![one.unit, one.unit_name, link, one.code, in_words(ends_at)]
    });
    workbook(&format!("{title}单位入口"), "单位入口", &columns, rows)
}

/// Ways in that were just made.
pub(super) struct GivenEntrances {
    /// The collection's title.
    title: String,
    pub ends_at: i64,
    pub made: Vec<NewEntrance>,
}

/// Makes the ways in of these units, or of all.
pub(super) async fn given(
    service: &Service,
    visitor: &Visitor,
    access: Access,
    id: &str,
    wanted: Option<&[UnitCode]>,
) -> Result<GivenEntrances, Refusal> {
    let office = service.office()?;
    let collection = office.collections.collection(id).await?;
    if collection.state == CollectionState::Planned {
        return Err(Refusal::without_units());
    }
    let errand = Errand::of(visitor, access.from)?;
    let mut units = all_units(service, id).await?;
    if let Some(wanted) = wanted {
        units.retain(|(code, _)| wanted.iter().any(|unit| unit.as_str() == code));
        if units.len() < wanted.iter().collect::<BTreeSet<_>>().len() {
            return Err(CollectionRefusal::Unknown("有的单位").into());
        }
    }
    let units: Vec<EntranceUnit> =
        units.into_iter().map(|(code, name)| EntranceUnit { code, name }).collect();
    let due = end_of(collection.plan.due_on);
    let ends_at = collection.plan.closes_at.unwrap_or(due).max(due).max(errand.at) + BEYOND;
    let ends_at = ends_at.min(errand.at + LONGEST);
    let made = office.accounts.make_entrances(&errand.doer, id, &units, ends_at, errand.at).await?;
    Ok(GivenEntrances { title: collection.plan.title, ends_at, made })
}

/// Where a unit comes in.
pub(super) fn address(headers: &HeaderMap, access: Access, link: &str) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let scheme = if access.by_https { "https" } else { "http" };
    format!("{scheme}://{host}/enter/{link}")
}

/// 各单位的进度，作为工作簿
///
/// 与页面上的一样选择和排序；不分页。
#[utoipa::path(
    get, path = "/api/collections/{collection}/board.xlsx", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), BoardQuery),
    responses(
        (status = 200, description = "工作簿", content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = Vec<u8>),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这次征集", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn board_workbook(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    looking: Result<Query<BoardQuery>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(looking) = looking.map_err(|_| Refusal::bad_query())?;
    let collections = &service.office()?.collections;
    let title = collections.collection(&id).await?.plan.title;
    let states = looking.states();
    let mut found: Vec<BoardRow> = Vec::new();
    loop {
        let wish = BoardWish { offset: found.len(), limit: PAGE, ..looking.wish(&states) };
        let rows = collections.board(&id, &wish, today()?).await?.rows;
        let is_last = rows.len() < PAGE;
        found.extend(rows);
        if is_last {
            break;
        }
    }
    note_export(&service, &visitor, access, &id, "各单位的进度").await?;
    let columns = [
        ("单位代码", 16.0),
        ("单位名称", 32.0),
        ("类别", 12.0),
        ("状态", 12.0),
        ("时间", 20.0),
        ("期限", 16.0),
        ("稿次", 8.0),
        ("错误", 8.0),
        ("警告", 8.0),
        ("提示", 8.0),
        ("字数", 10.0),
        ("未处理批注", 12.0),
    ];
    let rows = found.into_iter().map(|row| {
        let numbers = [row.version, row.errors, row.warnings, row.notes, row.characters, row.comments];
        let words = [row.unit, row.name, row.kind, row.state.label().to_owned(), in_words(row.since)];
        let due = [day_in_words(row.due_on)];
        words.into_iter().chain(due).chain(numbers.map(|number| number.to_string())).collect()
    });
    table(&format!("{title}进度"), "进度", &columns, rows)
}

/// The codes and names of all units that have a part in a collection.
async fn all_units(service: &Service, id: &str) -> Result<Vec<(String, String)>, Refusal> {
    let collections = &service.office()?.collections;
    let mut units = Vec::new();
    loop {
        let wish = BoardWish { offset: units.len(), limit: PAGE, ..BoardWish::default() };
        let board = collections.board(id, &wish, today()?).await?;
        let count = board.rows.len();
        units.extend(board.rows.into_iter().map(|row| (row.unit, row.name)));
        if count < PAGE {
            return Ok(units);
        }
    }
}

/// A workbook to take along, its file called by this name.
pub(super) fn workbook(
    name: &str,
    sheet: &str,
    columns: &[(&'static str, f64)],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> Result<Response, RefusalPage> {
    Ok(table(name, sheet, columns, rows)?)
}

fn table(
    name: &str,
    sheet: &str,
    columns: &[(&'static str, f64)],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> Result<Response, Refusal> {
    let columns: Vec<TableColumn> =
        columns.iter().map(|(heading, width)| TableColumn { heading, width: *width }).collect();
    let bytes = table_workbook(sheet, &columns, rows).map_err(|error| {
        tracing::error!(%error, "a workbook could not be written");
        Refusal::broken()
    })?;
    Ok(attachment(&format!("{name}.xlsx"), "xlsx", WORKBOOK, bytes))
}

/// Who is behind the due day, and whom to phone.
pub(super) async fn overdue(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
) -> Result<Response, RefusalPage> {
    let (collection, late) = stragglers(&service, &id).await?;
    let row = |one: &Straggler| -> Value {
        json!({
            "unit": one.unit, "name": one.name, "label": one.state.label(), "due": day_in_words(one.due_on),
            "late": -one.days_left, "person": one.contact.name, "phone": one.contact.phone,
            "mail": one.contact.mail, "reminded": one.reminded_at.map(in_words),
        })
    };
    let content = json!({
        "collection": board::view(&collection),
        "place": format!("{PLACE}/{id}"),
        "rows": late.iter().map(row).collect::<Vec<_>>(),
    });
    Ok(page(StatusCode::OK, "overdue.html", PLACE, content))
}

/// The same as a workbook.
pub(super) async fn overdue_workbook(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
) -> Result<Response, RefusalPage> {
    let (collection, late) = stragglers(&service, &id).await?;
    note_export(&service, &visitor, access, &id, "催报名单").await?;
    let columns = [
        ("单位代码", 16.0),
        ("单位名称", 32.0),
        ("状态", 12.0),
        ("期限", 16.0),
        ("逾期天数", 10.0),
        ("联系人", 12.0),
        ("电话", 20.0),
        ("邮箱", 28.0),
    ];
    let rows = late.into_iter().map(|one| {
        vec![
            one.unit,
            one.name,
            one.state.label().to_owned(),
            day_in_words(one.due_on),
            (-one.days_left).to_string(),
            one.contact.name,
            one.contact.phone,
            one.contact.mail,
        ]
    });
    workbook(&format!("{}催报名单", collection.plan.title), "催报名单", &columns, rows)
}

pub(super) async fn stragglers(service: &Service, id: &str) -> Result<(Collection, Vec<Straggler>), Refusal> {
    let collections = &service.office()?.collections;
    Ok((collections.collection(id).await?, collections.overdue(id, today()?).await?))
}

/// Notes in the record that something was taken along.
pub(super) async fn note_export(
    service: &Service,
    visitor: &Visitor,
    access: Access,
    id: &str,
    what: &str,
) -> Result<(), Refusal> {
    let errand = Errand::of(visitor, access.from)?;
    let of = format!("collection/{id}");
    let deed = Deed { doer: &errand.doer, act: Act::Export, of: &of, detail: what };
    service.office()?.record.note(&deed, errand.at).await?;
    Ok(())
}

/// What is refused here.
impl Refusal {
    fn without_units() -> Self {
        let hint = "请先选好单位、开始征集，再发放单位入口";
        Self::other(StatusCode::CONFLICT, "征集还没有开始，还没有单位可以进入", hint)
    }
}
