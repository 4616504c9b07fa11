//! What is known of the indicators of a report, and which of them belong together.

use crate::indicators::IndicatorList;
use crate::report::Indicator;

/// Each indicator that is part of another one here, with its index, and that other one. Both are
/// exact numbers.
pub(super) fn pairs(indicators: &[Indicator]) -> Vec<(usize, &Indicator, &Indicator)> {
    let is_exact = |one: &Indicator| !one.approximate && one.value.number().is_some();
    let parts = indicators.iter().enumerate().filter(|(_, part)| is_exact(part));
    parts
        .filter_map(|(index, part)| {
            let whole = IndicatorList::built_in().of_key(part.key())?.part_of.as_deref()?;
            let whole = indicators.iter().find(|one| one.key() == whole && is_exact(one))?;
            (part.unit == whole.unit).then_some((index, part, whole))
        })
        .collect()
}
