//! Which figures of a sentence belong together: what is part of what, what grew from what, what a rate is
//! the rate of. It says what a sentence claims; whether that is true is for others. The words for it are in
//! `data/relations.toml`.

mod growth;
mod share;
mod sum;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::figures::Figure;
use super::lists;
pub(crate) use growth::{Trend, against_its_verb, direction, growth, is_compared};
pub(crate) use share::{Share, share};
pub(crate) use sum::{Breadth, Sum, sums};

#[derive(Deserialize)]
pub(crate) struct Relations {
    /// A rate, and other words for what it counts.
    pub rates: BTreeMap<String, Vec<String>>,
    pub stages: Stages,
    pub attributes: WordList,
    pub outcomes: Vec<Outcomes>,
    pub unbounded: WordList,
    /// What a report counts once for the whole year; other things may be counted again and again.
    pub recurring: WordList,
}

/// Words, of which one is looked for.
#[derive(Deserialize)]
#[serde(from = "Vec<String>")]
pub(crate) struct WordList {
    words: Vec<String>,
    any: Regex,
}

impl From<Vec<String>> for WordList {
    fn from(words: Vec<String>) -> Self {
        let any: Vec<String> = words.iter().map(|word| regex::escape(word)).collect();
        Self { any: lists::pattern(&any.join("|")), words }
    }
}

impl WordList {
    pub(crate) fn is_in(&self, text: &str) -> bool {
        self.any.is_match(text)
    }

    /// The first of them in a text.
    fn first_in<'a>(&self, text: &'a str) -> Option<&'a str> {
        self.any.find(text).map(|found| found.as_str())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }
}

/// Stages of a work, and which of them cannot exceed which.
#[derive(Deserialize)]
pub(crate) struct Stages {
    pub words: WordList,
    pub received: WordList,
    pub concluded: WordList,
    pub left_over: WordList,
    /// What should have been, and what was of it.
    pub due: WordList,
    pub actual: WordList,
    /// What was looked at, and what was found there.
    pub checked: WordList,
    pub found: WordList,
    /// What of the received was taken up.
    pub taken_up: WordList,
    /// How what is concluded may have ended.
    pub outcomes: WordList,
}

/// The outcomes of one whole. With a word of each list in `complete`, the parts are all of it.
#[derive(Deserialize)]
pub(crate) struct Outcomes {
    pub complete: Vec<Vec<String>>,
    pub others: Vec<String>,
    /// Whether some may go unnamed all the same: what was asked for is refused, taken up, or sent on.
    #[serde(default)]
    pub open: bool,
}

pub(crate) static RELATIONS: LazyLock<Relations> =
    LazyLock::new(|| lists::table(include_str!("../data/relations.toml")));

/// How many figures back a relation is looked for; a sentence of a thousand figures is a table.
const MEMORY: usize = 12;

/// The counts among the last figures before `index`, the nearest first; words such as 一次 are none.
pub(crate) fn counts_before(figures: &[Figure], index: usize) -> impl Iterator<Item = &Figure> {
    figures[..index].iter().rev().take(MEMORY).filter(|figure| figure.is_count() && !figure.is_lone)
}

/// Of what time a figure is, as far as the words before it say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Unsaid,
    /// 上年, 去年同期.
    Earlier,
    /// 2023年.
    Year(u16),
    /// 今年, 本年.
    ThisYear,
}

impl Moment {
    /// The last time that is named in the words before a figure.
    pub(crate) fn of(before: &str) -> Self {
        static TIME: LazyLock<Regex> = LazyLock::new(|| {
            lists::pattern(
                r"((?:19|20)[0-9][0-9])年|(上一?年|去年|前一?年|上一?年度|往年|同期|年初|年末的|年底的)|(今年|本年|当年)",
            )
        });
        // Most words before figures name no time at all.
        if !before.contains(['年', '期']) {
            return Self::Unsaid;
        }
        let Some(time) = TIME.captures_iter(before).last() else { return Self::Unsaid };
        match (time.get(1), time.get(2)) {
            // 2023年同期 is a year all the same.
            (Some(year), _) => year.as_str().parse().map_or(Self::Unsaid, Self::Year),
            (_, Some(words)) if words.as_str() == "同期" => {
                let year = TIME.captures_iter(before).filter_map(|time| time.get(1)).last();
                year.and_then(|year| year.as_str().parse().ok()).map_or(Self::Earlier, Self::Year)
            }
            (_, Some(_)) => Self::Earlier,
            _ => Self::ThisYear,
        }
    }

    /// Whether this is before that, where both are said or one of them calls itself the earlier.
    pub(crate) fn is_before(self, other: Self) -> bool {
        match (self, other) {
            (Self::Year(one), Self::Year(another)) => one < another,
            (Self::Earlier, Self::Earlier) => false,
            (one, _) => one == Self::Earlier,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::language::figures::{Sentence, sentences};

    fn first(text: &str) -> Sentence {
        sentences(text).into_iter().next().expect("a sentence with figures")
    }

    /// The base and the later value of what the last figure says.
    fn ends(text: &str) -> [String; 2] {
        let figures = first(text).figures;
        let growth = (0..figures.len())
            .rev()
            .find_map(|index| growth(text, &figures, index).filter(|growth| growth.base.is_some()));
        let growth = growth.expect("a change");
        [growth.base, growth.now]
            .map(|end| end.map_or(String::new(), |end| text[end.range.clone()].to_owned()))
    }

    /// Whoever compares counts looks a stage up by the two characters at either end of a name.
    #[test]
    fn a_stage_has_two_characters() {
        for stage in RELATIONS.stages.words.iter() {
            assert_eq!(stage.chars().count(), 2, "{stage}");
        }
    }

    #[test]
    fn a_change_has_its_ends_wherever_they_stand() {
        for text in [
            "受理386件，较上年的312件增长23.72%",
            "受理386件，同比增长23.72%（上年312件）",
            "由2023年的312件增至2024年的386件，增长23.72%",
            "上年受理312件，今年受理386件，增长23.72%",
            "2023年、2024年分别受理312件、386件，增长23.72%",
            "同比增长23.72%，比上年的312件增至386件",
            "受理386件，较上年的312件增加74件",
        ] {
            assert_eq!(ends(text), ["312件", "386件"], "{text}");
        }
        assert_eq!(ends("经费较上年的20万元增长150%"), ["20万元", ""]);
    }

    #[test]
    fn a_whole_has_its_parts_wherever_they_stand() {
        for text in [
            "出庭45件（正职25件，副职20件）",
            "出庭45件，其中正职25件、副职20件",
            "正职出庭25件、副职出庭20件，合计45件",
            "出庭45件，其中正职25件，其余20件",
        ] {
            let figures = first(text).figures;
            let sums = sums(text, &figures);
            let parts: Vec<&str> = sums[0].parts.iter().map(|part| &text[part.range.clone()]).collect();
            assert_eq!(
                (&text[sums[0].whole.range.clone()], &parts[..]),
                ("45件", &["25件", "20件"][..]),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn anything_is_related_within_its_text(
            text in "([0-9]{1,3}(件|%|人|倍|个百分点)|[，、；（）]|其中|合计|占|率|较上年的|增至|由|其余|2023年|分别|增长|中){0,30}"
        ) {
            for sentence in sentences(&text) {
                let figures = &sentence.figures;
                for index in 0..figures.len() {
                    let _ = (growth(&text, figures, index).is_some(), share(&text, figures, index).is_some());
                }
                for sum in sums(&text, figures) {
                    prop_assert!(!sum.parts.is_empty());
                }
            }
        }
    }
}
