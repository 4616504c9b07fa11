//! What a bureau does on the way of a collection, for programs: it is changed, units are taken out, given ways in
//! and more time, and those behind are listed.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::interface::collection::{collection_as_read, counted};
use super::interface::faults::bad_json;
use super::interface::paging::{ListPart, wanted};
use super::interface::submission::{submission_as_read, submission_view};
use super::tables::{NewEntrances, new_entrances, stragglers};
use super::{Errand, plans};
use crate::accounts::{NewEntrance, Visitor};
use crate::collections::{CollectionRefusal, Straggler, SubmissionPlace};
use crate::report::{Choice, Date, Edition, Unfit};
use crate::roster::UnitCode;
use crate::web::Service;
use crate::web::admission::{Access, OwnAddress};
use crate::web::answer::Refusal;
use crate::web::repeats::SecretAnswer;
use crate::web::tags::{tagged, tagged_by};

/// What is to be changed of a collection; what is not named stays.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "征集要修改的地方；没有写的不变")]
pub(in crate::web) struct CollectionPatch {
    #[schemars(description = "读到的 revision；别人已经改过的，不改")]
    revision: i64,
    #[schemars(description = "报告年度；开始以后不能再改，模板、版本和审签的要求也一样")]
    year: Option<u16>,
    #[schemars(description = "名称")]
    title: Option<String>,
    #[schemars(description = "模板的名称")]
    template: Option<String>,
    #[schemars(description = "报送期限，如 2026-01-31")]
    due_on: Option<String>,
    #[schemars(description = "截止日期；空的，到手动结束为止")]
    closes_on: Option<String>,
    #[schemars(description = "版本：public 或 formal")]
    edition: Option<String>,
    #[schemars(description = "报送前要不要审签")]
    needs_sign_off: Option<bool>,
    #[schemars(description = "填报说明")]
    instructions: Option<String>,
}

/// 修改征集
#[utoipa::path(
    patch, path = "/api/collections/{collection}", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号")),
    request_body(content = ref("#/components/schemas/CollectionPatch"), content_type = "application/json"),
    responses(
        (status = 200, description = "现在的征集", body = ref("#/components/schemas/CountedCollection")),
        (status = 400, description = "内容读不懂", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这次征集", body = ref("#/components/schemas/Said")),
        (status = 409, description = "别人刚刚改过，或者开始以后不能再改", body = ref("#/components/schemas/Said")),
        (status = 412, description = "If-Match 不是现在的 ETag", body = ref("#/components/schemas/Said")),
        (status = 422, description = "写的不对", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn change(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    headers: HeaderMap,
    patch: Result<Json<CollectionPatch>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Json(patch) = patch.map_err(bad_json)?;
    let collections = &collection_as_read(&service, &id, &headers).await?;
    if patch.edition.as_deref().is_some_and(|word| Edition::of_word(word).is_none()) {
        return Err(Refusal::bad_body());
    }
    let before = collections.collection(&id).await?.plan;
    let shown = plans::shown(&before);
    let was = |name: &str| shown[name].as_str().unwrap_or_default().to_owned();
    let sign_off = patch.needs_sign_off.map(|needs| if needs { "yes".to_owned() } else { String::new() });
    let entered = [
        ("year", patch.year.map(|year| year.to_string())),
        ("title", patch.title),
        ("template", patch.template),
        ("due_on", patch.due_on),
        ("closes_on", patch.closes_on),
        ("edition", patch.edition),
        ("needs_sign_off", sign_off),
    ];
    let entered = entered.into_iter().map(|(name, value)| (name, value.unwrap_or_else(|| was(name))));
    let mut plan = plans::plan(&entered.collect(), Some(&before))?;
    plan.instructions = patch.instructions.unwrap_or(before.instructions);
    plan.opens_at = before.opens_at;
    collections.change(&id, patch.revision, &plan, &Errand::of(&visitor, access.from)?.occasion()).await?;
    tagged(&HeaderMap::new(), &counted(collections, &id).await?)
}

/// 不再问一个单位
///
/// 只在开始以前；开始以后，不用报送的单位请办“无需报送”。
#[utoipa::path(
    delete, path = "/api/collections/{collection}/units/{unit}", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码")),
    responses(
        (status = 204, description = "不再问了"),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这次征集，或者没有问这个单位", body = ref("#/components/schemas/Said")),
        (status = 409, description = "征集已经开始", body = ref("#/components/schemas/Said")),
        (status = 412, description = "If-Match 不是征集现在的 ETag", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn unask(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path((id, unit)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let unit: UnitCode = unit.parse().map_err(|_| CollectionRefusal::Unknown("单位"))?;
    let collections = &collection_as_read(&service, &id, &headers).await?;
    let taken = collections.unask(&id, &[unit], &Errand::of(&visitor, access.from)?.occasion()).await?;
    match taken {
        0 => Err(CollectionRefusal::Unknown("单位").into()),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}

/// For which units ways in are made.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "给哪些单位发入口")]
pub(in crate::web) struct EntranceWish {
    #[schemars(description = "单位的代码；不写的给全部单位")]
    #[schemars(with = "Option<Vec<String>>")]
    units: Option<Vec<UnitCode>>,
}

/// The ways in that were made.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "单位入口，只给这一次")]
pub(in crate::web) struct EntranceList {
    entrances: Vec<EntranceView>,
    #[schemars(description = "有效到什么时候，自 1970 年起的秒数")]
    ends_at: i64,
}

/// A way in.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "一个单位的入口")]
struct EntranceView {
    #[schemars(description = "单位代码")]
    unit: String,
    #[schemars(description = "单位名称")]
    name: String,
    #[schemars(description = "链接")]
    link: String,
    #[schemars(description = "验证码")]
    code: String,
}

/// 发放单位入口
///
/// 重新生成各单位的链接和验证码，只回答这一次；以前发的随即失效。
#[utoipa::path(
    post, path = "/api/collections/{collection}/entrances", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号")),
    request_body(content = ref("#/components/schemas/EntranceWish"), content_type = "application/json"),
    responses(
        (status = 201, description = "新的入口", body = ref("#/components/schemas/EntranceList")),
        (status = 400, description = "内容读不懂", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这次征集，或者没有问这个单位", body = ref("#/components/schemas/Said")),
        (status = 409, description = "征集还没有开始", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn entrances(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(id): Path<String>,
    OwnAddress(address): OwnAddress,
    wish: Result<Json<EntranceWish>, JsonRejection>,
) -> Result<Response, Refusal> {
    service.office()?;
    let Json(wish) = wish.map_err(bad_json)?;
    let errand = Errand::of(&visitor, access.from)?;
    let NewEntrances { ends_at, made, .. } =
        new_entrances(&service, &id, wish.units.as_deref(), &errand).await?;
    let view = |one: NewEntrance| EntranceView {
        link: format!("{address}/enter/{}", one.link),
        unit: one.unit,
        name: one.unit_name,
        code: one.code,
    };
    let list = EntranceList { entrances: made.into_iter().map(view).collect(), ends_at };
    Ok((StatusCode::CREATED, Extension(SecretAnswer), Json(list)).into_response())
}

/// More time for a unit.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "给一个单位延期")]
pub(in crate::web) struct ExtensionWish {
    #[schemars(description = "延期到哪一天，如 2026-02-10")]
    until: String,
    #[schemars(description = "原因")]
    reason: String,
}

/// Why an extension is taken back.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct ExtensionReason {
    /// 原因
    reason: String,
}

/// 延期
#[utoipa::path(
    put, path = "/api/collections/{collection}/units/{unit}/extension", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码")),
    request_body(content = ref("#/components/schemas/ExtensionWish"), content_type = "application/json"),
    responses(
        (status = 200, description = "现在的报送", body = ref("#/components/schemas/SubmissionView")),
        (status = 400, description = "内容读不懂", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这份报送", body = ref("#/components/schemas/Said")),
        (status = 409, description = "已经通过，或者征集还没有开始", body = ref("#/components/schemas/Said")),
        (status = 412, description = "If-Match 不是报送现在的 ETag", body = ref("#/components/schemas/Said")),
        (status = 422, description = "日期已经过去，或者没有写原因", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn extend(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path((collection, unit)): Path<(String, String)>,
    headers: HeaderMap,
    wish: Result<Json<ExtensionWish>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Json(wish) = wish.map_err(bad_json)?;
    let place = SubmissionPlace { collection: &collection, unit: &unit };
    let collections = &submission_as_read(&service, &visitor, &place, &headers).await?;
    let until: Date = wish.until.trim().parse().map_err(not_a_day)?;
    let errand = Errand::of(&visitor, access.from)?;
    collections.extend(&place, until, &wish.reason, &errand.occasion()).await?;
    let view = submission_view(service.office()?, &visitor, &place).await?;
    tagged_by(&HeaderMap::new(), &view.stand(), &view)
}

fn not_a_day(fault: Unfit) -> CollectionRefusal {
    CollectionRefusal::Unfit(vec![format!("延期的日期{fault}")])
}

/// 取消延期
#[utoipa::path(
    delete, path = "/api/collections/{collection}/units/{unit}/extension", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ("unit" = String, Path, description = "单位代码"), ExtensionReason),
    responses(
        (status = 200, description = "现在的报送", body = ref("#/components/schemas/SubmissionView")),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这份报送", body = ref("#/components/schemas/Said")),
        (status = 412, description = "If-Match 不是报送现在的 ETag", body = ref("#/components/schemas/Said")),
        (status = 422, description = "没有延期，或者没有写原因", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn take_back_extension(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path((collection, unit)): Path<(String, String)>,
    headers: HeaderMap,
    reason: Result<Query<ExtensionReason>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(ExtensionReason { reason }) = reason.map_err(Refusal::of_query)?;
    let place = SubmissionPlace { collection: &collection, unit: &unit };
    let collections = &submission_as_read(&service, &visitor, &place, &headers).await?;
    let errand = Errand::of(&visitor, access.from)?;
    collections.take_back_extension(&place, &reason, &errand.occasion()).await?;
    let view = submission_view(service.office()?, &visitor, &place).await?;
    tagged_by(&HeaderMap::new(), &view.stand(), &view)
}

/// A page of those who are behind.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "逾期没有报送的单位，逾期最久的在前")]
pub(in crate::web) struct OverdueList {
    units: Vec<Straggler>,
    #[schemars(description = "一共多少个")]
    total: usize,
}

/// 催报名单
#[utoipa::path(
    get, path = "/api/collections/{collection}/overdue", tag = "征集",
    params(("collection" = String, Path, description = "征集的编号"), ListPart),
    responses(
        (status = 200, description = "逾期没有报送的单位和联系人", body = ref("#/components/schemas/OverdueList")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 400, description = "网址里的参数不对", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "没有这次征集", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn overdue(
    State(service): State<Arc<Service>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    part: Result<Query<ListPart>, QueryRejection>,
) -> Result<Response, Refusal> {
    let part = wanted(part)?;
    let (_, late) = stragglers(&service, &id).await?;
    let total = late.len();
    let units = late.into_iter().skip(part.offset).take(part.limit).collect();
    tagged(&headers, &OverdueList { units, total })
}
