//! The roster for programs.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Extension, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::faults::bad_json;
use super::paging::{ListPart, wanted};
use crate::accounts::Visitor;
use crate::collections::{CollectionRefusal, FormerName, KnownUnit};
use crate::roster::{Contact, RosterUnit};
use crate::web::Service;
use crate::web::admission::Access;
use crate::web::answer::Refusal;
use crate::web::collections::Errand;
use crate::web::collections::roster::{self, AlikeUnits};
use crate::web::tags::tagged;

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

/// A page of the roster.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "名录的一页")]
pub(in crate::web) struct UnitList {
    units: Vec<KnownUnit>,
    #[schemars(description = "一共多少个")]
    total: usize,
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

/// A unit of the roster with what it was called before.
#[derive(Serialize, JsonSchema)]
#[schemars(description = "名录里的一个单位，和它以前的名称")]
pub(in crate::web) struct UnitView {
    #[serde(flatten)]
    unit: KnownUnit,
    #[schemars(description = "以前的名称，最早的在前；时间是自 1970 年起的秒数")]
    former_names: Vec<FormerName>,
    #[schemars(description = "刚刚更名的：名称相近、可能是同一个单位的，请核对；已经照样保存")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alike: Vec<AlikeUnits>,
}

/// What a program changes of a unit; what is not named stays.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "改动一个单位；不写的不变")]
pub(in crate::web) struct UnitPatch {
    #[schemars(description = "名称：更名，以前的名称留着")]
    name: Option<String>,
    #[schemars(description = "单位类别")]
    kind: Option<String>,
    #[schemars(description = "层级")]
    level: Option<String>,
    #[schemars(description = "上级单位的代码；空的没有上级")]
    superior: Option<String>,
    #[schemars(description = "联系人")]
    contact: Option<Contact>,
    #[schemars(description = "停用或恢复")]
    is_disabled: Option<bool>,
}

/// Into which unit another is merged.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(description = "并入哪个单位")]
pub(in crate::web) struct MergerWish {
    #[schemars(description = "并入的单位的代码")]
    into: String,
}

/// 名录里的一个单位
#[utoipa::path(
    get, path = "/api/roster/units/{unit}", tag = "征集",
    params(("unit" = String, Path, description = "单位代码")),
    responses(
        (status = 200, description = "单位，和它以前的名称", body = ref("#/components/schemas/UnitView")),
        (status = 304, description = "与 If-None-Match 的一样"),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "名录里没有这个单位", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn unit(
    State(service): State<Arc<Service>>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    tagged(&headers, &viewed(&service, &code).await?)
}

async fn viewed(service: &Service, code: &str) -> Result<UnitView, Refusal> {
    let collections = &service.office()?.collections;
    let unit = collections.unit(code).await?;
    Ok(UnitView { unit, former_names: collections.former_names(code).await?, alike: vec![] })
}

/// 修改、更名、停用、恢复一个单位
///
/// 更名的，没有办完的报送用新的名称，已经通过的和已经结束的征集里仍是那时的名称。
#[utoipa::path(
    patch, path = "/api/roster/units/{unit}", tag = "征集",
    params(("unit" = String, Path, description = "单位代码")),
    request_body(content = ref("#/components/schemas/UnitPatch"), content_type = "application/json"),
    responses(
        (status = 200, description = "改好的单位", body = ref("#/components/schemas/UnitView")),
        (status = 400, description = "内容读不懂", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "名录里没有这个单位，或者没有这个上级单位", body = ref("#/components/schemas/Said")),
        (status = 422, description = "写的不对，没有保存", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn change_unit(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(code): Path<String>,
    patch: Result<Json<UnitPatch>, JsonRejection>,
) -> Result<Json<UnitView>, Refusal> {
    let collections = &service.office()?.collections;
    let Json(patch) = patch.map_err(bad_json)?;
    let errand = Errand::of(&visitor, access.from)?;
    let before = collections.unit(&code).await?.unit;
    let superior = match &patch.superior {
        Some(written) => roster::superior(collections, written).await?,
        None => before.superior.clone(),
    };
    let unit = RosterUnit {
        code: before.code.clone(),
        name: before.name.clone(),
        kind: patch.kind.unwrap_or_else(|| before.kind.clone()),
        level: patch.level.unwrap_or_else(|| before.level.clone()),
        superior,
        contact: patch.contact.unwrap_or_else(|| before.contact.clone()),
    };
    // All that is wrong is said before anything is changed.
    let name = patch.name.unwrap_or_else(|| before.name.clone());
    let faults = RosterUnit { name: name.clone(), ..unit.clone() }.faults();
    if !faults.is_empty() {
        let faults = faults.iter().map(ToString::to_string).collect();
        return Err(CollectionRefusal::Unfit(faults).into());
    }
    if unit != before {
        collections.save_units(&[unit], &errand.occasion()).await?;
    }
    let mut alike = vec![];
    if name.trim() != before.name {
        let known = roster::units(collections).await?;
        alike = roster::alike(&roster::renamed(&code, &name, &known), &known);
        collections.rename_unit(&before.code, &name, &errand.occasion()).await?;
    }
    if let Some(is_disabled) = patch.is_disabled {
        collections.disable_unit(&before.code, is_disabled, &errand.occasion()).await?;
    }
    Ok(Json(UnitView { alike, ..viewed(&service, &code).await? }))
}

/// 并入别的单位
///
/// 并入以后不能撤销：这个单位的账号改属并入的单位，它以前的报送和记录都在。同样的再发一次，只算一次。
#[utoipa::path(
    post, path = "/api/roster/units/{unit}/merger", tag = "征集",
    params(("unit" = String, Path, description = "单位代码")),
    request_body(content = ref("#/components/schemas/MergerWish"), content_type = "application/json"),
    responses(
        (status = 200, description = "并入以后的单位", body = ref("#/components/schemas/UnitView")),
        (status = 400, description = "内容读不懂", body = ref("#/components/schemas/Said")),
        (status = 403, description = "角色不能做这一项", body = ref("#/components/schemas/Said")),
        (status = 404, description = "名录里没有这个单位，或者没有并入的单位，或者已经并入另一个单位", body = ref("#/components/schemas/Said")),
        (status = 422, description = "并入的是它自己，或者那个单位自己已经并入别的单位", body = ref("#/components/schemas/Said")),
    )
)]
pub(in crate::web) async fn merge_unit(
    State(service): State<Arc<Service>>,
    visitor: Extension<Visitor>,
    access: Access,
    Path(code): Path<String>,
    wish: Result<Json<MergerWish>, JsonRejection>,
) -> Result<Json<UnitView>, Refusal> {
    service.office()?;
    let Json(MergerWish { into }) = wish.map_err(bad_json)?;
    let errand = Errand::of(&visitor, access.from)?;
    roster::merged(&service, &errand, &code, &into).await??;
    Ok(Json(viewed(&service, &code).await?))
}
