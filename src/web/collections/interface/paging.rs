//! Lists by pages, as they are asked for.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use serde::Deserialize;

use crate::web::answer::Refusal;

/// How many there are on a page, as a rule and at most.
pub(super) const PAGE: usize = 100;
pub(super) const LARGEST_PAGE: usize = 500;

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

pub(super) fn usual() -> usize {
    PAGE
}

/// The part of a list that is asked for.
pub(in crate::web) fn wanted(part: Result<Query<ListPart>, QueryRejection>) -> Result<ListPart, Refusal> {
    let Query(part) = part.map_err(Refusal::of_query)?;
    demand_limit(part.limit)?;
    Ok(part)
}

/// Refuses a page that is none, or too large.
pub(super) fn demand_limit(limit: usize) -> Result<(), Refusal> {
    match (1..=LARGEST_PAGE).contains(&limit) {
        true => Ok(()),
        false => Err(Refusal::bad_parameter("limit", format_args!("1 至 {LARGEST_PAGE} 的整数"))),
    }
}
