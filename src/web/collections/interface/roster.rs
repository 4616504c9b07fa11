//! The roster for programs.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Extension, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;

use super::faults::bad_json;
use super::paging::{ListPart, wanted};
use crate::accounts::Visitor;
use crate::collections::KnownUnit;
use crate::roster::RosterUnit;
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
