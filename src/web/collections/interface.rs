//! Collections for programs: what the pages do, with the tokens of accounts.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use nianbao_office::Office;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::board::BoardQuery;
use super::roster::{self, AlikeUnits};
use super::{Errand, demand, plans, review, signers, today};
use crate::accounts::{Right, UnitReach, Visitor, may_in};
use crate::collections::{
    Board, BoardWish, Collection, CollectionEvent, CollectionPlan, CollectionRefusal, Collections, Comment,
    KnownUnit, MoveWish, NewComment, Submission, SubmissionPlace, Version,
};
use crate::report::{Choice, Edition};
use crate::roster::{RosterUnit, UnitCode};
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::Refusal;
use crate::web::presence::Presence;
use crate::web::tags::{demand_unchanged, tagged, tagged_by};
use crate::web::times::end_of;

/// How many there are on a page, as a rule and at most.
const PAGE: usize = 100;
const LARGEST_PAGE: usize = 500;

/// How often it is looked for what happened.
const LOOK: Duration = Duration::from_secs(1);

/// After so many looks whoever follows must come again.
const LOOKS: usize = 60;

/// Which part of a list is asked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct ListPart {
    /// 跳过前面多少个
    #[serde(default)]
    pub offset: usize,
    /// 一页多少个，最多 500
    #[serde(default = "usual")]
    #[param(default = 100, minimum = 1, maximum = 500)]
    pub limit: usize,
}

fn usual() -> usize {
    PAGE
}

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

/// A move of a submission that is wished for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "对一份报送的办理")]
pub(in crate::web) struct WishedMove {
    #[schemars(
        description = "take 开始审核、release 放回待审核、return 退回、accept 通过、reopen 重新打开、publish 公开、sign 审签同意、decline 审签不同意、withdraw 撤回、waive 无需报送、revive 恢复报送"
    )]
    step: String,
    #[schemars(description = "原因，或者通过时的附言")]
    #[serde(default)]
    reason: String,
    #[schemars(description = "看的是第几稿")]
    version: Option<i64>,
    #[schemars(description = "退回的部分，如 measures；不写的整份退回")]
    #[serde(default)]
    parts: Vec<String>,
    #[schemars(description = "退回时一并写的批注")]
    #[serde(default)]
    comments: Vec<WrittenComment>,
}

/// A comment as it comes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "批注")]
pub(in crate::web) struct WrittenComment {
    #[schemars(description = "栏目的路径，如 measures[0].body[1]；不写的是整份报告")]
    #[serde(default)]
    path: String,
    text: String,
}

/// What became of units that were sent.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "名录里新增和修改了多少个单位")]
pub(in crate::web) struct RosterChanges {
    new: usize,
    changed: usize,
    #[schemars(description = "名称相近、可能是同一个单位的，请核对；已经照样保存")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alike: Vec<AlikeUnits>,
}

/// How many units are asked now that were not.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "新问了多少个单位")]
pub(in crate::web) struct AskedUnits {
    new: usize,
}

/// A comment that was made.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "写下的批注")]
pub(in crate::web) struct CommentReceipt {
    #[schemars(description = "批注的编号")]
    number: i64,
}

/// A page of the roster.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "名录的一页")]
pub(in crate::web) struct UnitList {
    units: Vec<KnownUnit>,
    #[schemars(description = "一共多少个")]
    total: usize,
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

/// 名录
///
/// 应当报送的单位，按代码排列。
#[utoipa::path(
    get, path = "/api/roster", tag = "征集", params(ListPart),
    responses(
        (status = 200, description = "units 是这一页的单位，total 是总数", body = ref("#/components/schemas/UnitList")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "这个服务没有账号和征集", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn roster(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    part: Result<Query<ListPart>, QueryRejection>,
) -> Result<Response, Refusal> {
    let ListPart { offset, limit } = wanted(part)?;
    let known = service.office()?.collections.units().await?;
    let total = known.len();
    tagged(&headers, &UnitList { units: known.into_iter().skip(offset).take(limit).collect(), total })
}

/// 保存名录里的单位
///
/// 新的加入，代码已有的更新；有一个不对就都不保存。名称与别的单位相近的，列在 alike 里。
#[utoipa::path(
    post, path = "/api/roster", tag = "征集",
    request_body(content = ref("#/components/schemas/RosterUnits"), content_type = "application/json"),
    responses(
        (status = 200, description = "新增和修改的个数", body = ref("#/components/schemas/RosterChanges")),
        (status = 400, description = "内容读不懂", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "这个服务没有账号和征集", body = ref("#/components/schemas/Said")),
        (status = 422, description = "单位有不对的地方，没有保存", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn save_roster(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    units: Result<Json<Vec<RosterUnit>>, JsonRejection>,
) -> Result<Json<RosterChanges>, Refusal> {
    let collections = &service.office()?.collections;
    let Json(units) = units.map_err(bad_json)?;
    let known = roster::units(collections).await?;
    let new = collections.save_units(&units, &Errand::of(&visitor, access.from)?.occasion()).await?;
    Ok(Json(RosterChanges { new, changed: units.len() - new, alike: roster::alike(&units, &known) }))
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
    if !(1..=LARGEST_PAGE).contains(&part.limit) {
        return Err(Refusal::bad_parameter("limit", format_args!("1 至 {LARGEST_PAGE} 的整数")));
    }
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
pub(super) async fn collection_as_read(
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

pub(super) async fn counted(collections: &Collections, id: &str) -> Result<CountedCollection, Refusal> {
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

/// What of the board is asked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct BoardPart {
    /// 只看这个状态的：状态的代码，或者 owing 没有报送的
    #[serde(default)]
    state: String,
    /// 名称或者代码里有这几个字的
    #[serde(default)]
    text: String,
    /// 跳过前面多少个
    #[serde(default)]
    offset: usize,
    /// 一页多少个，最多 500
    #[serde(default = "usual")]
    #[param(default = 100, minimum = 1, maximum = 500)]
    limit: usize,
}

/// 各单位的进度
#[utoipa::path(
    get, path = "/api/collections/{collection}/board", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), BoardPart),
    responses(
        (status = 200, description = "rows 是这一页的单位，total 是符合的总数", body = ref("#/components/schemas/Board")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这次征集", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn board(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    Path(id): Path<String>,
    headers: HeaderMap,
    part: Result<Query<BoardPart>, QueryRejection>,
) -> Result<Response, Refusal> {
    let collections = &service.office()?.collections;
    let Query(part) = part.map_err(Refusal::of_query)?;
    if !(1..=LARGEST_PAGE).contains(&part.limit) {
        return Err(Refusal::bad_parameter("limit", format_args!("1 至 {LARGEST_PAGE} 的整数")));
    }
    let states = BoardQuery::of_state(&part.state).states();
    if states.is_empty() && !part.state.is_empty() {
        return Err(Refusal::bad_parameter("state", "一种报送的状态"));
    }
    let wish = BoardWish {
        states: &states,
        text: Some(&part.text),
        offset: part.offset,
        limit: part.limit,
        ..BoardWish::default()
    };
    let Some(own) = own(collections, &visitor, &id).await? else {
        let mut board = collections.board(&id, &wish, today()?).await?;
        signers::mark(service.office()?, &id, &mut board).await?;
        return tagged(&headers, &board);
    };
    let mut rows = Vec::new();
    for unit in &own {
        let wish = BoardWish { text: Some(unit), offset: 0, limit: LARGEST_PAGE, ..wish.clone() };
        let found = collections.board(&id, &wish, today()?).await?.rows;
        rows.extend(found.into_iter().filter(|row| row.unit == *unit));
    }
    let total = rows.len() as i64;
    let rows = rows.into_iter().skip(part.offset).take(part.limit).collect();
    let mut board = Board { rows, total };
    signers::mark(service.office()?, &id, &mut board).await?;
    tagged(&headers, &board)
}

/// 一份报送
///
/// 一个单位在一次征集里的状态、各稿，和最后的批注和经过。
#[utoipa::path(
    get, path = "/api/collections/{collection}/units/{unit}", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码")),
    responses(
        (status = 200, description = "报送，和它的稿次、批注、经过", body = ref("#/components/schemas/SubmissionView")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 404, description = "没有这份报送，或者不归您管", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn submission(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    Path((collection, unit)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let place = SubmissionPlace { collection: &collection, unit: &unit };
    let view = submission_view(service.office()?, &visitor, &place).await?;
    tagged_by(&headers, &view.stand(), &view)
}

/// A submission with all that belongs to it.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "一份报送，和它的稿次、批注、经过")]
pub(in crate::web) struct SubmissionView {
    submission: Submission,
    #[schemars(description = "各稿，最早的在前")]
    versions: Vec<Version>,
    #[schemars(description = "批注和答复，最早的在前；只有最后 100 条，全部见 comments")]
    comments: Vec<Comment>,
    #[schemars(description = "批注和答复一共多少条")]
    comment_count: usize,
    #[schemars(description = "经过，最早的在前；只有最后 100 条，全部见 history")]
    history: Vec<CollectionEvent>,
    #[schemars(description = "经过一共多少条")]
    history_count: usize,
    #[schemars(description = "要审签而没有审签人的：是怎样，接下来怎么办")]
    hint: Option<String>,
}

impl SubmissionView {
    /// What its tag tells: each change has its event.
    pub(super) fn stand(&self) -> impl Serialize {
        let last = self.history.last().map(|event| event.number);
        (&self.submission, &self.versions, last, self.hint.is_some())
    }
}

/// The same for a change of a submission.
pub(super) async fn submission_as_read(
    service: &Service,
    visitor: &Visitor,
    place: &SubmissionPlace<'_>,
    headers: &HeaderMap,
) -> Result<Collections, Refusal> {
    let collections = &service.office()?.collections;
    // First the number: what happens while the rest is read is behind it.
    let events = collections.collection(place.collection).await?.events;
    match demand_unchanged(headers, &submission_view(service.office()?, visitor, place).await?.stand())? {
        true => Ok(collections.as_read(events)),
        false => Ok(collections.clone()),
    }
}

pub(super) async fn submission_view(
    office: &Office,
    visitor: &Visitor,
    place: &SubmissionPlace<'_>,
) -> Result<SubmissionView, Refusal> {
    let collections = &office.collections;
    let submission = collections.submission(place).await?;
    let versions = collections.versions(place).await?;
    let (comments, comment_count) = collections.comments_part(place, None, PAGE).await?;
    let (history, history_count) = collections.history_part(place, None, PAGE).await?;
    let asked = collections.collection(place.collection).await?;
    let is_stuck = signers::lacks_signer(office, &asked, &submission).await?;
    let hint = is_stuck.then(|| signers::words(submission.state, visitor));
    Ok(SubmissionView { submission, versions, comments, comment_count, history, history_count, hint })
}

/// A page of the comments of a submission.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "批注和答复的一页，最早的在前")]
pub(in crate::web) struct CommentList {
    comments: Vec<Comment>,
    #[schemars(description = "一共多少条")]
    total: usize,
}

/// 一份报送的批注
#[utoipa::path(
    get, path = "/api/collections/{collection}/units/{unit}/comments", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码"), ListPart),
    responses(
        (status = 200, description = "这一页的批注和答复", body = ref("#/components/schemas/CommentList")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这份报送，或者不归您管", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn comments(
    State(service): State<Arc<Service>>,
    Path((collection, unit)): Path<(String, String)>,
    headers: HeaderMap,
    part: Result<Query<ListPart>, QueryRejection>,
) -> Result<Response, Refusal> {
    let ListPart { offset, limit } = wanted(part)?;
    let place = SubmissionPlace { collection: &collection, unit: &unit };
    let collections = &service.office()?.collections;
    collections.submission(&place).await?;
    let (comments, total) = collections.comments_part(&place, Some(offset), limit).await?;
    tagged(&headers, &CommentList { comments, total })
}

/// A page of what happened to a submission.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "经过的一页，最早的在前")]
pub(in crate::web) struct EventList {
    events: Vec<CollectionEvent>,
    #[schemars(description = "一共多少条")]
    total: usize,
}

/// 一份报送的经过
#[utoipa::path(
    get, path = "/api/collections/{collection}/units/{unit}/history", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码"), ListPart),
    responses(
        (status = 200, description = "这一页的经过", body = ref("#/components/schemas/EventList")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这份报送，或者不归您管", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn history(
    State(service): State<Arc<Service>>,
    Path((collection, unit)): Path<(String, String)>,
    headers: HeaderMap,
    part: Result<Query<ListPart>, QueryRejection>,
) -> Result<Response, Refusal> {
    let ListPart { offset, limit } = wanted(part)?;
    let place = SubmissionPlace { collection: &collection, unit: &unit };
    let collections = &service.office()?.collections;
    collections.submission(&place).await?;
    let (events, total) = collections.history_part(&place, Some(offset), limit).await?;
    tagged(&headers, &EventList { events, total })
}

/// 办理一份报送
///
/// 开始审核、退回、通过等；现在不能办的，回答现在的状态和可以办的。
#[utoipa::path(
    post, path = "/api/collections/{collection}/units/{unit}/moves", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码")),
    request_body(content = ref("#/components/schemas/WishedMove"), content_type = "application/json"),
    responses(
        (status = 200, description = "办理以后的报送", body = ref("#/components/schemas/Submission")),
        (status = 400, description = "内容读不懂", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这份报送，或者不归您管", body = ref("#/components/schemas/Said")),
        (status = 409, description = "现在不能这样办，或者已有新的一稿", body = ref("#/components/schemas/Said")),
        (status = 412, description = "If-Match 不是现在的 ETag", body = ref("#/components/schemas/Said")),
        (status = 422, description = "没有写原因，或者栏目不对", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn step(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path((collection, unit)): Path<(String, String)>,
    headers: HeaderMap,
    wished: Result<Json<WishedMove>, JsonRejection>,
) -> Result<Json<Submission>, Refusal> {
    let collections = &service.office()?.collections;
    let Json(wished) = wished.map_err(bad_json)?;
    let place = SubmissionPlace { collection: &collection, unit: &unit };
    let (rule, right) = review::of_word(&wished.step).ok_or_else(Refusal::bad_body)?;
    if !may_in(&visitor, right, &collection, Some(&unit)) {
        return Err(Refusal::not_for_you());
    }
    let errand = review::errand(collections, &visitor, access, &place, right).await?;
    let collections = &submission_as_read(&service, &visitor, &place, &headers).await?;
    let parts: Vec<&str> = wished.parts.iter().map(String::as_str).collect();
    let comments: Vec<NewComment> =
        wished.comments.iter().map(|one| NewComment { path: &one.path, text: &one.text }).collect();
    let wish =
        MoveWish { reason: &wished.reason, version: wished.version, parts: &parts, comments: &comments };
    collections.step(&place, rule.step, &wish, &errand.occasion()).await?;
    Ok(Json(collections.submission(&place).await?))
}

/// 批注
#[utoipa::path(
    post, path = "/api/collections/{collection}/units/{unit}/versions/{version}/comments", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码"), ("version" = i64, Path, description = "第几稿")),
    request_body(content = ref("#/components/schemas/WrittenComment"), content_type = "application/json"),
    responses(
        (status = 201, description = "批注的编号", body = ref("#/components/schemas/CommentReceipt")),
        (status = 400, description = "内容读不懂", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这一稿，或者不归您管", body = ref("#/components/schemas/Said")),
        (status = 422, description = "没有写内容，或者栏目不对", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn comment(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path((collection, unit, version)): Path<(String, String, String)>,
    written: Result<Json<WrittenComment>, JsonRejection>,
) -> Result<Response, Refusal> {
    let collections = &service.office()?.collections;
    let Json(written) = written.map_err(bad_json)?;
    let place = SubmissionPlace { collection: &collection, unit: &unit };
    let version = version.parse().map_err(|_| Refusal::not_found())?;
    let new = NewComment { path: &written.path, text: &written.text };
    let errand = Errand::of(&visitor, access.from)?;
    let number = collections.comment(&place, version, &new, &errand.occasion()).await?;
    Ok((StatusCode::CREATED, Json(CommentReceipt { number })).into_response())
}

/// From where on a collection is followed.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct EventPart {
    /// 从这一条以后开始；有 Last-Event-ID 的以它为准，都没有的从现在开始
    after: Option<i64>,
}

/// 跟随征集里发生的事
///
/// 以服务器发送事件（Server-Sent Events）发来，一件事一条；每分钟断开一次，断开以后带上 Last-Event-ID 重新连接，不会漏掉。
/// 会话或者令牌一失效、权限一改动就断开：在同一台机器上随即，在别的机器上至多一秒。
#[utoipa::path(
    get, path = "/api/collections/{collection}/events", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("Last-Event-ID" = Option<String>, Header, description = "已经收到的最后一条的编号"), EventPart),
    responses(
        (status = 200, description = "一件事一条", content_type = "text/event-stream", body = String),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这次征集", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn events(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    Path(id): Path<String>,
    part: Result<Query<EventPart>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refusal> {
    let collections = service.office()?.collections.clone();
    let own = own(&collections, &visitor, &id).await?;
    let newest = collections.collection(&id).await?.events;
    let Query(EventPart { after }) = part.map_err(Refusal::of_query)?;
    let seen = headers.get("last-event-id").and_then(|seen| seen.to_str().ok()?.parse().ok());
    let start = EventStream {
        behind: seen.or(after).unwrap_or(newest),
        looks: LOOKS,
        own,
        waiting: vec![].into_iter(),
    };
    let presence = Presence::of(&service, &visitor, &headers)?;
    let start = (collections, id, presence, start);
    let stream = stream::unfold(start, |(collections, id, mut presence, mut at)| async move {
        loop {
            if let Some(event) = at.waiting.next() {
                at.behind = event.number;
                if !at.is_for(&event) {
                    continue;
                }
                let told = Event::default().id(event.number.to_string()).event("happened");
                let told = told.json_data(&event).unwrap_or_default();
                return Some((Ok(told), (collections, id, presence, at)));
            }
            at.looks = at.looks.checked_sub(1)?;
            if !presence.stays(LOOK).await {
                return None;
            }
            // What cannot be read ends the stream; whoever follows comes again.
            at.waiting = collections.events(&id, at.behind, PAGE).await.ok()?.into_iter();
        }
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()))
}

/// Where somebody is who follows a collection.
struct EventStream {
    behind: i64,
    /// How often it is still looked.
    looks: usize,
    /// The units whose events are told, where not all are.
    own: Option<Vec<String>>,
    waiting: std::vec::IntoIter<CollectionEvent>,
}

impl EventStream {
    fn is_for(&self, event: &CollectionEvent) -> bool {
        match (&self.own, &event.unit) {
            (Some(own), Some(unit)) => own.contains(unit),
            _ => true,
        }
    }
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
async fn own(collections: &Collections, visitor: &Visitor, id: &str) -> Result<Option<Vec<String>>, Refusal> {
    let UnitReach::Only(units) = &visitor.units else { return Ok(None) };
    let found = plans::of_units(collections, visitor, units.iter().map(String::as_str)).await?;
    let own = found.iter().filter(|one| one["collection"] == id);
    let own: Vec<String> = own.filter_map(|one| Some(one["unit"].as_str()?.to_owned())).collect();
    match own.is_empty() {
        true => Err(CollectionRefusal::Unknown("征集").into()),
        false => Ok(Some(own)),
    }
}

pub(super) fn wanted(part: Result<Query<ListPart>, QueryRejection>) -> Result<ListPart, Refusal> {
    let Query(part) = part.map_err(Refusal::of_query)?;
    match (1..=LARGEST_PAGE).contains(&part.limit) {
        true => Ok(part),
        false => Err(Refusal::bad_parameter("limit", format_args!("1 至 {LARGEST_PAGE} 的整数"))),
    }
}

pub(super) fn bad_json(rejection: JsonRejection) -> Refusal {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::large_body(),
        _ => Refusal::bad_body(),
    }
}

/// What is refused here.
impl Refusal {
    pub(super) fn bad_body() -> Self {
        let hint = "请用 application/json 发送，内容见 /api/openapi.json";
        Self::other(StatusCode::BAD_REQUEST, "内容读不懂", hint)
    }

    fn large_body() -> Self {
        let hint = "请分成几次发送；批注和原因请写短些，长的内容请另附文件";
        Self::other(StatusCode::PAYLOAD_TOO_LARGE, "内容超过 8 MiB", hint)
    }
}
