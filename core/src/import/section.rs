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

    /// How its heading is set, behind the year: the words of the template of the annual report.
    pub(super) fn wording(self) -> &'static str {
        match self {
            Self::Measures => "推进法治政府建设的主要举措和成效",
            Self::Problems => "推进法治政府建设存在的不足和原因",
            Self::Duties => "党政主要负责人履行推进法治建设第一责任人职责，加强法治政府建设的有关情况",
            Self::Plans => "推进法治政府建设的主要安排",
            Self::Other => "其他需要报告的情况",
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
    never: Option<Regex>,
}

impl Heading {
    fn is_named(&self, heading: &str) -> bool {
        self.sure.is_match(heading) && !self.is_other(heading)
    }

    fn is_likely(&self, heading: &str) -> bool {
        self.maybe.as_ref().is_some_and(|words| words.is_match(heading)) && !self.is_other(heading)
    }

    fn is_other(&self, heading: &str) -> bool {
        self.never.as_ref().is_some_and(|words| words.is_match(heading))
    }
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
        never: Vec<String>,
    }
    let any = |patterns: &[String]| lists::pattern(&patterns.join("|"));
    let some = |patterns: &[String]| (!patterns.is_empty()).then(|| any(patterns));
    lists::table::<File>(include_str!("data/sections.toml"))
        .section
        .into_iter()
        .map(|entry| Heading {
            section: entry.field,
            sure: any(&entry.sure),
            maybe: some(&entry.maybe),
            never: some(&entry.never),
        })
        .collect()
});

/// What a heading names, its number set aside.
pub(super) fn named(heading: &str) -> HeadingName {
    let sure = |section| HEADINGS.iter().any(|one| one.section == section && one.is_named(heading));
    if sure(Section::Problems) && sure(Section::Plans) {
        return HeadingName::ProblemsAndPlans;
    }
    if let Some(one) = HEADINGS.iter().find(|one| one.is_named(heading)) {
        return HeadingName::Section(one.section);
    }
    let maybe = HEADINGS.iter().find(|one| one.is_likely(heading));
    maybe.map_or(HeadingName::Nothing, |one| HeadingName::Topic(one.section))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_name_their_sections_in_many_words() {
        use HeadingName::{Nothing, ProblemsAndPlans, Topic};
        let duties = HeadingName::Section(Section::Duties);
        let measures = HeadingName::Section(Section::Measures);
        let problems = HeadingName::Section(Section::Problems);
        let plans = HeadingName::Section(Section::Plans);
        for (heading, name) in [
            ("区政府主要负责同志履行推进法治建设第一责任人职责情况", duties),
            ("“一把手”履行法治建设职责情况", duties),
            ("主要领导履职情况", duties),
            ("党政主要负责人切实履行推进法治建设第一责任人职责", duties),
            ("党政负责同志履行法治建设第一责任人责任的有关情况", duties),
            ("落实法治建设第一责任人职责情况", duties),
            ("主要负责同志抓法治建设情况", duties),
            ("领导干部述法情况", duties),
            ("坚持党的领导，履行第一责任人职责", Topic(Section::Duties)),
            ("压实“一把手”法治建设责任", Topic(Section::Duties)),
            ("负责人出庭应诉情况", Nothing),
            ("2024年主要举措和突出成效", measures),
            ("经验做法", measures),
            ("工作亮点", measures),
            ("取得的显著成效", measures),
            ("主要做法及工作成效", measures),
            ("特色亮点工作", measures),
            ("2024年法治政府建设工作总体情况", measures),
            ("2024年度工作回顾", measures),
            ("存在的薄弱环节", problems),
            ("问题和短板", problems),
            ("主要不足及原因分析", problems),
            ("面临的困难和挑战", problems),
            ("不足之处", problems),
            ("补齐民生短板", Nothing),
            ("着力解决突出问题", Nothing),
            ("存在问题及下一步打算", ProblemsAndPlans),
            ("下一步工作计划", plans),
            ("2025年法治政府建设工作展望", plans),
            ("今后努力方向", plans),
            ("改进措施", plans),
            ("2024年重点工作完成情况", measures),
            ("全面推进依法行政", Nothing),
        ] {
            assert_eq!(named(heading), name, "{heading}");
        }
    }
}
