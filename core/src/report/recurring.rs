//! The indicators that recur in these reports: their units, which are expected, which is part of
//! which. From `data/indicators.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::language::lists;

/// An indicator that recurs, and what is known about it.
#[derive(Deserialize)]
pub(crate) struct RecurringIndicator {
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
    indicator: Vec<RecurringIndicator>,
}

static KNOWN: LazyLock<Vec<RecurringIndicator>> =
    LazyLock::new(|| lists::table::<File>(include_str!("data/indicators.toml")).indicator);

/// All of them, in the order of the file.
pub(crate) fn all() -> &'static [RecurringIndicator] {
    &KNOWN
}

/// The one of this key.
pub(crate) fn of_key(key: &str) -> Option<&'static RecurringIndicator> {
    KNOWN.iter().find(|known| known.key == key)
}
