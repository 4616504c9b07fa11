//! What the regulations ask of an annual report, year by year, from `data/reporting.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::language::lists;

/// A regulation on the annual report, in force from one year on until a later one.
#[derive(Deserialize)]
pub(super) struct Regulation {
    /// The first year whose report falls under it.
    first: u16,
    pub handed_in_before_month: u8,
    pub handed_in_by_provinces_before_month: u8,
    pub published_before_month: u8,
    /// The fields of the report that must say something, in their order.
    pub sections: Vec<String>,
}

/// The regulation that the report of a year falls under.
pub(super) fn of(year: u16) -> Option<&'static Regulation> {
    #[derive(Deserialize)]
    struct Regulations {
        regulation: Vec<Regulation>,
    }
    static KNOWN: LazyLock<Vec<Regulation>> =
        LazyLock::new(|| lists::table::<Regulations>(include_str!("data/reporting.toml")).regulation);
    KNOWN.iter().rev().find(|regulation| regulation.first <= year)
}
