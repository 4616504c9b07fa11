//! What the units are called where a report tells of many: each by a name of its own.

use std::collections::HashMap;

use crate::report::Issuer;

/// How many units are named before the rest are only counted.
pub(super) const MOST_NAMED: usize = 12;

/// The names of the units, by their places in the list.
pub(super) struct UnitNames(Vec<String>);

impl UnitNames {
    /// Short names; where two units share one, the full names; where they share these, too, with the code,
    /// else with the place in the list.
    pub(super) fn of(issuers: &[&Issuer]) -> Self {
        let short: Vec<String> = issuers.iter().map(|one| spoken(one).to_owned()).collect();
        let full: Vec<String> = issuers.iter().map(|one| one.name.trim().to_owned()).collect();
        let coded: Vec<String> = issuers
            .iter()
            .zip(&full)
            .map(|(one, full)| match one.code.as_deref() {
                Some(code) => format!("{full}（{}）", code.trim()),
                None => full.clone(),
            })
            .collect();
        let numbered: Vec<String> =
            full.iter().enumerate().map(|(at, full)| format!("{full}（第{}份）", at + 1)).collect();
        let counts = [&short, &full, &coded].map(|names| counted(names));
        let name = |at: usize| {
            let candidates = [&short[at], &full[at], &coded[at]];
            let own = candidates.into_iter().zip(&counts).find(|(name, counts)| counts[name.as_str()] == 1);
            own.map_or(&numbered[at], |(name, _)| name).clone()
        };
        Self((0..issuers.len()).map(name).collect())
    }

    pub(super) fn name(&self, unit: usize) -> &str {
        &self.0[unit]
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// 临江区、望渡区; of many the first with their number: 临江区、望渡区等60个单位.
    pub(super) fn listed(&self, units: &[usize]) -> String {
        self.first(units, MOST_NAMED)
    }

    /// The same of no more than so many.
    pub(super) fn first(&self, units: &[usize], most: usize) -> String {
        let named: Vec<&str> = units.iter().take(most).map(|unit| self.name(*unit)).collect();
        let rest = if units.len() > most { format!("等{}个单位", units.len()) } else { String::new() };
        format!("{}{rest}", named.join("、"))
    }
}

/// What a unit is called in running text: its short name, else its full one without 人民政府.
pub(super) fn spoken(issuer: &Issuer) -> &str {
    let full = issuer.name.trim();
    let place = full.strip_suffix("人民政府").filter(|place| !place.is_empty());
    issuer.short_name.as_deref().map(str::trim).or(place).unwrap_or(full)
}

fn counted(names: &[String]) -> HashMap<&str, usize> {
    let mut counts = HashMap::new();
    names.iter().for_each(|name| *counts.entry(name.as_str()).or_default() += 1);
    counts
}
