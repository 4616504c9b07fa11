//! The indicators that a workbook offers to choose from: a sheet of their names, from which key and unit of measure
//! follow, so that nobody types a key by hand.

use std::collections::HashMap;

use super::cells::{Cell, Raw};
use crate::indicators::{IndicatorList, plain_name};

/// The name of the sheet.
pub(super) const DIRECTORY: &str = "指标目录";

/// Its columns: heading and width.
pub(super) const COLUMNS: [(&str, f64); 6] =
    [(NAME, 34.0), (UNIT, 10.0), ("口径", 50.0), ("可不填", 9.0), ("依据", 50.0), (KEY, 28.0)];
const NAME: &str = "指标名称";
const UNIT: &str = "计量单位";
const KEY: &str = "指标代码";

/// The row of the headings, from 0: a title stands above them.
pub(super) const HEADINGS: u32 = 1;

/// How many rows down the headings may stand.
const HEADINGS_WITHIN: u32 = 20;

/// Which key and unit of measure follow from a name.
#[derive(Clone, Default)]
pub(super) struct IndicatorDirectory {
    by_name: HashMap<String, IndicatorKey>,
}

/// What follows from the name of an indicator.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct IndicatorKey {
    pub key: String,
    pub unit: Option<String>,
}

impl IndicatorDirectory {
    /// What such a sheet says. Where it says nothing the program's own list is asked.
    pub(super) fn of_sheet(raw: &Raw) -> Self {
        let text = |cells: &std::collections::BTreeMap<u32, Cell>, at: u32| match cells.get(&at) {
            Some(Cell::Text(text)) => Some(text.trim().to_owned()),
            _ => None,
        };
        let heading = raw.rows.range(..HEADINGS_WITHIN).find_map(|(row, cells)| {
            let column = |name: &str| {
                cells.iter().find(|(_, cell)| **cell == Cell::Text(name.to_owned())).map(|(at, _)| *at)
            };
            Some((*row, column(NAME)?, column(KEY)?, column(UNIT)))
        });
        let Some((headings, name, key, unit)) = heading else { return Self::default() };
        let mut by_name = HashMap::new();
        for cells in raw.rows.range(headings + 1..).map(|(_, cells)| cells) {
            if let (Some(name), Some(key)) = (text(cells, name), text(cells, key)) {
                let unit = unit.and_then(|unit| text(cells, unit));
                by_name.entry(plain_name(&name)).or_insert(IndicatorKey { key, unit });
            }
        }
        Self { by_name }
    }

    /// What a workbook offers that is made with this list.
    pub(super) fn of_list(list: &IndicatorList) -> Self {
        let one = |one: &crate::indicators::ListedIndicator| {
            let follows = IndicatorKey { key: one.key.to_string(), unit: one.unit().map(str::to_owned) };
            (plain_name(&one.name), follows)
        };
        Self { by_name: list.offered().iter().map(one).collect() }
    }

    /// What follows from a name: of one that nobody knows, that it is its own key.
    pub(super) fn of_name(&self, name: &str) -> IndicatorKey {
        let own = IndicatorList::built_in();
        let known = || {
            let one = own.of_name(name)?;
            Some(IndicatorKey { key: one.key.to_string(), unit: one.unit().map(str::to_owned) })
        };
        let offered = self.by_name.get(&plain_name(name)).cloned();
        offered.or_else(known).unwrap_or_else(|| IndicatorKey { key: name.trim().to_owned(), unit: None })
    }
}
