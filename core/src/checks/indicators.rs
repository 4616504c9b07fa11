//! The indicators that recur in these reports: their units, which are expected, which is part of
//! which. From `data/indicators.toml`.

use std::str::FromStr;
use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::data;
use crate::report::{Figure, Indicator};

#[derive(Deserialize)]
pub(crate) struct Known {
    pub key: String,
    pub name: String,
    /// The units that it may have.
    pub units: Vec<String>,
    /// Whether a report of a government should have it.
    #[serde(default)]
    pub expected: bool,
    /// Words by which a sentence with a figure speaks of it.
    #[serde(default)]
    pub words: Vec<String>,
    /// The key of the indicator that it can never exceed.
    #[serde(default)]
    pub part_of: Option<String>,
}

#[derive(Deserialize)]
struct File {
    indicator: Vec<Known>,
}

static KNOWN: LazyLock<Vec<Known>> =
    LazyLock::new(|| data::table::<File>(include_str!("data/indicators.toml")).indicator);

pub(crate) fn all() -> &'static [Known] {
    &KNOWN
}

pub(crate) fn of_key(key: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.key == key)
}

/// The value as a number, if it is one that can be computed with.
pub(super) fn number(figure: &Figure) -> Option<Decimal> {
    match figure {
        Figure::Number(digits) => Decimal::from_str(digits).ok(),
        Figure::Nil => Some(Decimal::ZERO),
        Figure::NotApplicable => None,
    }
}

/// Each indicator that is part of another one here, with its index, and that other one. Both are
/// exact numbers.
pub(super) fn pairs(indicators: &[Indicator]) -> Vec<(usize, &Indicator, &Indicator)> {
    let is_exact = |one: &Indicator| !one.approximate && number(&one.value).is_some();
    let parts = indicators.iter().enumerate().filter(|(_, part)| is_exact(part));
    parts
        .filter_map(|(index, part)| {
            let whole = of_key(&part.key)?.part_of.as_deref()?;
            let whole = indicators.iter().find(|one| *one.key == *whole && is_exact(one))?;
            (part.unit == whole.unit).then_some((index, part, whole))
        })
        .collect()
}
