//! Which section of the mandated outline a heading names.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use crate::language::lists;

/// A section of the mandated outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Section {
    Measures,
    Problems,
    Duties,
    Plans,
    Other,
}

impl Section {
    /// Its field of the contract.
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Measures => "measures",
            Self::Problems => "problems",
            Self::Duties => "duties",
            Self::Plans => "plans",
            Self::Other => "other",
        }
    }
}

/// What a heading names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeadingName {
    /// A section by its own name: the template words it.
    Section(Section),
    /// Problems and plans in one: the paragraphs have to be told apart.
    ProblemsAndPlans,
    /// A topic with words of this section.
    Topic(Section),
    /// A topic of its own.
    Nothing,
}

struct Heading {
    section: Section,
    sure: Regex,
    maybe: Option<Regex>,
}

static HEADINGS: LazyLock<Vec<Heading>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        section: Vec<Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        field: Section,
        sure: Vec<String>,
        maybe: Vec<String>,
    }
    let any = |patterns: &[String]| lists::pattern(&patterns.join("|"));
    lists::table::<File>(include_str!("data/sections.toml"))
        .section
        .into_iter()
        .map(|entry| Heading {
            section: entry.field,
            sure: any(&entry.sure),
            maybe: (!entry.maybe.is_empty()).then(|| any(&entry.maybe)),
        })
        .collect()
});

/// What a heading names, its number set aside.
pub(super) fn named(heading: &str) -> HeadingName {
    let sure = |section| HEADINGS.iter().any(|one| one.section == section && one.sure.is_match(heading));
    if sure(Section::Problems) && sure(Section::Plans) {
        return HeadingName::ProblemsAndPlans;
    }
    if let Some(one) = HEADINGS.iter().find(|one| one.sure.is_match(heading)) {
        return HeadingName::Section(one.section);
    }
    let maybe = HEADINGS.iter().find(|one| one.maybe.as_ref().is_some_and(|words| words.is_match(heading)));
    maybe.map_or(HeadingName::Nothing, |one| HeadingName::Topic(one.section))
}
