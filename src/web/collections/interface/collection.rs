//! Collections for programs: made, listed, opened, closed, and whom they ask.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::faults::bad_json;
use super::paging::{demand_limit, usual};
use crate::accounts::{Right, UnitReach, Visitor};
use crate::collections::{Collection, CollectionPlan, CollectionRefusal, Collections};
use crate::report::{Choice, Edition};
use crate::roster::UnitCode;
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::Refusal;
use crate::web::collections::{Errand, demand, plans};
use crate::web::tags::{demand_unchanged, tagged};
use crate::web::times::end_of;

/// What is said of a collection that is to be made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "新建的征集")]
pub(in crate::web) struct PlannedCollection {
    #[schemars(description = "报告年度，如 2025")]
    year: u16,
    #[schemars(description = "名称；不写的按年度取名")]
    title: Option<String>,
    #[schemars(description = "报送期限，如 2026-01-31")]
    due_on: String,
    #[schemars(description = "截止日期，过后不再收；不写的到手动结束为止")]
    closes_on: Option<String>,
    #[schemars(description = "版本：public 或 formal")]
    edition: Option<String>,
    #[schemars(description = "报送前要不要审签；不写的与开始时所用的那次征集一样")]
    needs_sign_off: Option<bool>,
    #[schemars(description = "填报说明")]
    #[serde(default)]
    instructions: String,
    #[schemars(description = "由哪一次征集开始：它的编号")]
    previous: Option<String>,
}

/// What a collection is to become.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "开始、结束或者重新开始征集")]
pub(in crate::web) struct CollectionTurn {
    #[schemars(description = "open 开始，closed 结束，reopened 重新开始已经结束的")]
    state: String,
    #[schemars(description = "结束时还有单位没有报送的，要写原因；重新开始的，都要写")]
    #[serde(default)]
    reason: String,
    #[schemars(description = "重新开始以后的截止日期；不写的到手动结束为止")]
    closes_on: Option<String>,
}

/// How many units are asked now that were not.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "新问了多少个单位")]
pub(in crate::web) struct AskedUnits {
    new: usize,
}

/// Which collections: those before a certain one, or the newest.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct CollectionPart {
    /// 列这一次以前的：上一页最后一个的编号
    before: Option<String>,
    /// 一页多少个，最多 500
    #[serde(default = "usual")]
    #[param(default = 100, minimum = 1, maximum = 500)]
    limit: usize,
}

/// A collection for programs.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "一次征集")]
pub(in crate::web) struct CollectionView {
    #[schemars(description = "编号")]
    id: String,
    #[schemars(description = "报告年度")]
    year: u16,
    #[schemars(description = "名称")]
    title: String,
    #[schemars(description = "planned 筹备中，open 征集中，closed 已结束")]
    state: &'static str,
    #[schemars(description = "模板的名称")]
    template: String,
    #[schemars(description = "版本：public 或 formal")]
    edition: &'static str,
    #[schemars(description = "报送前要不要审签")]
    needs_sign_off: bool,
    #[schemars(description = "填报说明")]
    instructions: String,
    #[schemars(description = "报送期限")]
    due_on: String,
    #[schemars(description = "从什么时候起不再收，自 1970 年起的秒数；下面的时间都这样写")]
    closes_at: Option<i64>,
    #[schemars(description = "期限或者截止的时间")]
    ends_at: i64,
    opened_at: Option<i64>,
    closed_at: Option<i64>,
    #[schemars(description = "还有单位没有报送就结束的原因")]
    close_reason: String,
    #[schemars(description = "由哪一次征集开始")]
    previous: Option<String>,
    #[schemars(description = "改过多少次")]
    revision: i64,
    #[schemars(description = "最后一件事的编号，跟随时从它以后开始")]
    events: i64,
}

/// A collection with how many submissions are in each state.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "一次征集，和各状态的单位数")]
pub(in crate::web) struct CountedCollection {
    #[serde(flatten)]
    collection: CollectionView,
    #[schemars(description = "各状态的单位数，按状态的代码")]
    counts: BTreeMap<&'static str, i64>,
}

/// 各次征集
///
/// 新的在前；单位的账号只看到问过自己单位的。
#[utoipa::path(
    get, path = "/api/collections", tag = "征集", params(CollectionPart),
    responses(
        (status = 200, description = "各次征集；单位看到的是自己的各份报送", body = ref("#/components/schemas/CollectionList")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "这个服务没有账号和征集", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn list(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    headers: HeaderMap,
    part: Result<Query<CollectionPart>, QueryRejection>,
) -> Result<Response, Refusal> {
    let collections = &service.office()?.collections;
    let Query(part) = part.map_err(Refusal::of_query)?;
    demand_limit(part.limit)?;
    let before = part.before.as_deref();
    if let UnitReach::Only(units) = &visitor.units {
        let mut own = plans::of_units(collections, &visitor, units.iter().map(String::as_str)).await?;
        own.retain(|one| before.is_none_or(|before| one["collection"].as_str() < Some(before)));
        own.truncate(part.limit);
        return tagged(&headers, &own);
    }
    let found = collections.collections(before, part.limit).await?;
    tagged(&headers, &found.iter().map(told).collect::<Vec<_>>())
}

/// 新建征集
#[utoipa::path(
    post, path = "/api/collections", tag = "征集",
    request_body(content = ref("#/components/schemas/PlannedCollection"), content_type = "application/json"),
    responses(
        (status = 201, description = "新建的征集", body = ref("#/components/schemas/CollectionView"), headers(("Location" = String, description = "它的地址"))),
        (status = 400, description = "内容读不懂", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有 previous 所指的征集，或这个服务没有征集", body = ref("#/components/schemas/Said")),
        (status = 422, description = "写的不对", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn make(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    planned: Result<Json<PlannedCollection>, JsonRejection>,
) -> Result<Response, Refusal> {
    let collections = &service.office()?.collections;
    let Json(planned) = planned.map_err(bad_json)?;
    let errand = Errand::of(&visitor, access.from)?;
    let before = match &planned.previous {
        Some(id) => Some(collections.collection(id).await?),
        None => None,
    };
    let plan = planned.plan(before.as_ref().map(|one| &one.plan))?;
    let id = match &before {
        Some(before) => collections.begin_from(&before.id, &plan, &errand.occasion()).await?,
        None => collections.make(&plan, &errand.occasion()).await?,
    };
    let made = told(&collections.collection(&id).await?);
    let headers = [(header::LOCATION, format!("/api/collections/{id}"))];
    Ok((StatusCode::CREATED, headers, Json(made)).into_response())
}

impl PlannedCollection {
    fn plan(&self, before: Option<&CollectionPlan>) -> Result<CollectionPlan, Refusal> {
        let needs_sign_off = self.needs_sign_off.or(before.map(|plan| plan.needs_sign_off));
        let entered = [
            ("year", self.year.to_string()),
            ("title", self.title.clone().unwrap_or_default()),
            ("due_on", self.due_on.clone()),
            ("closes_on", self.closes_on.clone().unwrap_or_default()),
            ("edition", self.edition.clone().unwrap_or_default()),
            ("needs_sign_off", if needs_sign_off == Some(true) { "yes".into() } else { String::new() }),
            ("instructions", self.instructions.clone()),
        ];
        let is_edition = |word: &String| word.is_empty() || Edition::of_word(word).is_some();
        if !self.edition.as_ref().is_none_or(is_edition) {
            return Err(Refusal::bad_body());
        }
        Ok(plans::plan(&entered.into_iter().collect(), before)?)
    }
}

/// 一次征集
#[utoipa::path(
    get, path = "/api/collections/{collection}", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号")),
    responses(
        (status = 200, description = "征集，和各状态的单位数；单位的账号没有 counts", body = ref("#/components/schemas/CountedCollection")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 404, description = "没有这次征集", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn show(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let collections = &service.office()?.collections;
    match own(collections, &visitor, &id).await? {
        // How many others there are is the bureau's to know.
        Some(_) => tagged(&headers, &told(&collections.collection(&id).await?)),
        None => tagged(&headers, &counted(collections, &id).await?),
    }
}

/// The collections, for a change of this one by whoever has read what `If-Match` names.
pub(in crate::web) async fn collection_as_read(
    service: &Service,
    id: &str,
    headers: &HeaderMap,
) -> Result<Collections, Refusal> {
    let collections = &service.office()?.collections;
    let now = counted(collections, id).await?;
    match demand_unchanged(headers, &now)? {
        true => Ok(collections.as_read(now.collection.events)),
        false => Ok(collections.clone()),
    }
}

pub(in crate::web) async fn counted(
    collections: &Collections,
    id: &str,
) -> Result<CountedCollection, Refusal> {
    let collection = told(&collections.collection(id).await?);
    let counts = collections.state_counts(id).await?;
    let counts = counts.into_iter().map(|(state, count)| (state.word(), count)).collect();
    Ok(CountedCollection { collection, counts })
}

/// 开始、结束或者重新开始征集
#[utoipa::path(
    post, path = "/api/collections/{collection}/state", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号")),
    request_body(content = ref("#/components/schemas/CollectionTurn"), content_type = "application/json"),
    responses(
        (status = 200, description = "现在的征集", body = ref("#/components/schemas/CountedCollection")),
        (status = 400, description = "内容读不懂", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这次征集", body = ref("#/components/schemas/Said")),
        (status = 409, description = "现在不能这样做", body = ref("#/components/schemas/Said")),
        (status = 412, description = "If-Match 不是现在的 ETag", body = ref("#/components/schemas/Said")),
        (status = 422, description = "还没有选单位，或者还有单位没有报送而没有写原因", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn turn(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    headers: HeaderMap,
    turn: Result<Json<CollectionTurn>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Json(turn) = turn.map_err(bad_json)?;
    let collections = &collection_as_read(&service, &id, &headers).await?;
    let errand = Errand::of(&visitor, access.from)?;
    match turn.state.as_str() {
        "open" => {
            demand(&visitor, Right::OpenCollection)?;
            collections.open_collection(&id, &errand.occasion()).await?;
        }
        "closed" => {
            demand(&visitor, Right::CloseCollection)?;
            collections.close(&id, &turn.reason, &errand.occasion()).await?;
        }
        "reopened" => {
            demand(&visitor, Right::CloseCollection)?;
            let entered = [("until", turn.closes_on.unwrap_or_default())].into_iter().collect();
            let until = plans::optional_day(&entered, "until", "截止日期")?;
            collections.reopen(&id, &turn.reason, until.map(end_of), &errand.occasion()).await?;
        }
        _ => return Err(Refusal::bad_body()),
    }
    tagged(&HeaderMap::new(), &counted(collections, &id).await?)
}

/// 增加要问的单位
///
/// 请求的内容是单位代码的列表；有一个不在名录里就都不增加。
#[utoipa::path(
    post, path = "/api/collections/{collection}/units", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号")),
    request_body(content = ref("#/components/schemas/UnitCodes"), content_type = "application/json"),
    responses(
        (status = 200, description = "新增的个数", body = ref("#/components/schemas/AskedUnits")),
        (status = 400, description = "内容读不懂", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这次征集", body = ref("#/components/schemas/Said")),
        (status = 409, description = "已经结束", body = ref("#/components/schemas/Said")),
        (status = 412, description = "If-Match 不是现在的 ETag", body = ref("#/components/schemas/Said")),
        (status = 422, description = "有的单位不在名录里", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn ask(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    headers: HeaderMap,
    units: Result<Json<Vec<UnitCode>>, JsonRejection>,
) -> Result<Json<AskedUnits>, Refusal> {
    let Json(units) = units.map_err(bad_json)?;
    let collections = &collection_as_read(&service, &id, &headers).await?;
    let new = collections.ask(&id, &units, &Errand::of(&visitor, access.from)?.occasion()).await?;
    Ok(Json(AskedUnits { new }))
}

fn told(collection: &Collection) -> CollectionView {
    let plan = &collection.plan;
    CollectionView {
        id: collection.id.clone(),
        year: plan.year.number(),
        title: plan.title.clone(),
        state: collection.state.word(),
        template: plan.template.clone(),
        edition: plan.edition.word(),
        needs_sign_off: plan.needs_sign_off,
        instructions: plan.instructions.clone(),
        due_on: plan.due_on.to_string(),
        closes_at: plan.closes_at,
        ends_at: plan.closes_at.unwrap_or_else(|| end_of(plan.due_on)),
        opened_at: collection.opened_at,
        closed_at: collection.closed_at,
        close_reason: collection.close_reason.clone(),
        previous: collection.previous.clone(),
        revision: collection.revision,
        events: collection.events,
    }
}

/// The units of a collection that somebody belongs to; None for whom all are. Where none is asked, there is
/// no such collection for him.
pub(super) async fn own(
    collections: &Collections,
    visitor: &Visitor,
    id: &str,
) -> Result<Option<Vec<String>>, Refusal> {
    let UnitReach::Only(units) = &visitor.units else { return Ok(None) };
    let found = plans::of_units(collections, visitor, units.iter().map(String::as_str)).await?;
    let own = found.iter().filter(|one| one["collection"] == id);
    let own: Vec<String> = own.filter_map(|one| Some(one["unit"].as_str()?.to_owned())).collect();
    match own.is_empty() {
        true => Err(CollectionRefusal::Unknown("征集").into()),
        false => Ok(Some(own)),
    }
}
