//! The board for programs: how far each unit is.

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use super::collection::own;
use super::paging::{LARGEST_PAGE, demand_limit, usual};
use crate::accounts::Visitor;
use crate::collections::{Board, BoardWish};
use crate::web::Service;
use crate::web::answer::Refusal;
use crate::web::collections::board::BoardQuery;
use crate::web::collections::{signers, today};
use crate::web::tags::tagged;

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
    demand_limit(part.limit)?;
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
