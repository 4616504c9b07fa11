//! Lists of a collection's units to take along: the ways in for all of them, and whom to phone (催报).

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::board::{self, BoardQuery};
use super::{Errand, PLACE, today};
use crate::accounts::{EntranceUnit, NewEntrance, Visitor};
use crate::audit::{Act, Deed};
use crate::collections::{BoardWish, Collection, CollectionRefusal, CollectionState, Straggler};
use crate::post::entrance_end;
use crate::report::Choice;
use crate::roster::{TableColumn, UnitCode, table_workbook};
use crate::web::Service;
use crate::web::admission::{Access, OwnAddress};
use crate::web::answer::Refusal;
use crate::web::frame::{RefusalPage, page};
use crate::web::reports::{WORKBOOK, workbook_attachment};
use crate::web::times::{day_in_words, end_of, in_words};

/// Makes the ways in of all units, and gives them out this once: those there were before end.
pub(super) async fn entrances(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    OwnAddress(address): OwnAddress,
) -> Result<Response, RefusalPage> {
    let errand = Errand::of(&visitor, access.from)?;
    let NewEntrances { collection, made, ends_at } = new_entrances(&service, &id, None, &errand).await?;
    let columns =
        [("单位代码", 16.0), ("单位名称", 32.0), ("链接", 64.0), ("验证码", 16.0), ("有效到", 20.0)];
    let rows = made.into_iter().map(|one| {
        let link = format!("{address}/enter/{}", one.link);
        vec![one.unit, one.unit_name, link, one.code, in_words(ends_at)]
    });
    workbook(&format!("{}单位入口", collection.plan.title), "单位入口", &columns, rows)
}

/// 各单位的进度，作为工作簿
///
/// 与页面上的一样选择和排序；不分页。
#[utoipa::path(
    get, path = "/api/collections/{collection}/board.xlsx", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), BoardQuery),
    responses(
        (status = 200, description = "工作簿", content_type = WORKBOOK, body = Vec<u8>),
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
    let Query(looking) = looking.map_err(Refusal::of_query)?;
    let collections = &service.office()?.collections;
    let title = collections.collection(&id).await?.plan.title;
    let states = looking.states();
    let found = collections.whole_board(&id, &looking.wish(&states), today()?).await?;
    note_export(&service, &visitor, access, &id, "各单位的进度").await?;
    let columns = [
        ("单位代码", 16.0),
        ("单位名称", 32.0),
        ("类别", 12.0),
        ("状态", 12.0),
        ("状态时间", 20.0),
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

/// Entrances that were just made, for whoever hands them out.
pub(super) struct NewEntrances {
    pub collection: Collection,
    pub made: Vec<NewEntrance>,
    pub ends_at: i64,
}

/// Makes the entrances of these units of a collection, or of all. Those of them that wait to be mailed are not any
/// more: they would take the place of these.
pub(super) async fn new_entrances(
    service: &Service,
    id: &str,
    wanted: Option<&[UnitCode]>,
    errand: &Errand,
) -> Result<NewEntrances, Refusal> {
    let office = service.office()?;
    let collection = office.collections.collection(id).await?;
    if collection.state == CollectionState::Planned {
        return Err(Refusal::without_units());
    }
    let mut rows = office.collections.whole_board(id, &BoardWish::default(), errand.today).await?;
    if let Some(wanted) = wanted {
        let wanted: BTreeSet<&str> = wanted.iter().map(UnitCode::as_str).collect();
        rows.retain(|row| wanted.contains(&*row.unit));
        if rows.len() < wanted.len() {
            return Err(CollectionRefusal::Unknown("有的单位").into());
        }
    }
    let units: Vec<EntranceUnit> =
        rows.into_iter().map(|row| EntranceUnit { code: row.unit, name: row.name }).collect();
    let ends_at = entrance_end(&collection, end_of(collection.plan.due_on), errand.at);
    match wanted {
        None => drop(office.outbox.withdraw_entrances(id, None, errand.at).await?),
        Some(_) => {
            for unit in &units {
                office.outbox.withdraw_entrances(id, Some(&unit.code), errand.at).await?;
            }
        }
    }
    let made = office.accounts.make_entrances(&errand.doer, id, &units, ends_at, errand.at).await?;
    Ok(NewEntrances { collection, made, ends_at })
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
    Ok(workbook_attachment(&format!("{name}.xlsx"), bytes))
}

/// How many units the page names; all are in the workbook.
const NAMED: usize = 150;

/// Who has not sent a report, those behind their day first, and whom to phone.
pub(super) async fn overdue(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
) -> Result<Response, RefusalPage> {
    let (collection, awaited) = awaited(&service, &id).await?;
    let row = |one: &Straggler| -> Value {
        json!({
            "unit": one.unit, "name": one.name, "label": one.state.label(), "due": day_in_words(one.due_on),
            "left": one.days_left, "person": one.contact.name, "phone": one.contact.phone,
            "mail": one.contact.mail, "reminded": one.reminded_at.map(in_words),
        })
    };
    let content = json!({
        "collection": board::view(&collection),
        "place": format!("{PLACE}/{id}"),
        "count": awaited.len(),
        "late": awaited.iter().filter(|one| one.days_left < 0).count(),
        "rows": awaited.iter().take(NAMED).map(row).collect::<Vec<_>>(),
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
    let (collection, awaited) = awaited(&service, &id).await?;
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
    let rows = awaited.into_iter().map(|one| {
        vec![
            one.unit,
            one.name,
            one.state.label().to_owned(),
            day_in_words(one.due_on),
            (-one.days_left).max(0).to_string(),
            one.contact.name,
            one.contact.phone,
            one.contact.mail,
        ]
    });
    workbook(&format!("{}催报名单", collection.plan.title), "催报名单", &columns, rows)
}

async fn awaited(service: &Service, id: &str) -> Result<(Collection, Vec<Straggler>), Refusal> {
    let collections = &service.office()?.collections;
    Ok((collections.collection(id).await?, collections.awaited(id, today()?).await?))
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
