//! 事项指引: the menu of matters that a report should cover, and what a report says of each. A guide is a file
//! in TOML; the program's own is `data/guide.toml`, made from the national outline, and an office reads its
//! own in its place. What is not touched is told, and never an error: whether a matter was there to be
//! reported on only the unit knows.
//!
//! ```toml
//! name = "云州市年度报告事项指引"
//! source = "云州市司法局，2026年试行"
//! first = 2026                       # 从哪一年度用起、用到哪一年度，都可以不写
//! [[matters]]
//! number = "1"                       # 有下一级的事项只是归类
//! name = "政务服务"
//! [[matters]]
//! number = "1.1"
//! name = "审批事项清单"
//! kinds = ["government", "department"]   # 哪几类单位要写；不写的都要写
//! levels = ["city", "county"]            # 哪几级单位要写
//! words = ["审批事项", "清单 审批"]        # 写到的标志；空格隔开的要在同一句里
//! ```

mod coverage;

pub use coverage::{Coverage, CoveredMatter, Touch};

use std::cmp::Reverse;
use std::sync::{Arc, LazyLock};

use deserr::Deserr;

use crate::input::{Fault, read_settings};
use crate::report::{FieldPath, IssuerKind, Level, Name, Report, Year};
use coverage::Signs;

/// What the program's own guide is called where one is chosen.
pub const BUILT_IN: &str = "内置";

/// The program's own guide, as it is stored.
pub const BUILT_IN_TEXT: &str = include_str!("data/guide.toml");

/// The most that is read of a guide. One of 135 matters has some 20 KiB.
pub const MAX_BYTES: usize = 256 << 10;

/// How many matters a guide may have, and how deep they may lie.
const MAX_MATTERS: usize = 1_000;
const MAX_LEVELS: usize = 4;

/// How many words show one matter, how many of them are wanted together, and how long one is.
const MAX_SIGNS: usize = 100;
const MAX_TOGETHER: usize = 4;
const WORD_LENGTH: std::ops::RangeInclusive<usize> = 2..=30;

/// A guide, ready to be held against reports.
#[derive(Debug)]
pub struct Guide {
    pub name: Name,
    /// Whose it is and since when.
    pub source: Name,
    first: Option<Year>,
    last: Option<Year>,
    /// Each behind the one that it lies in.
    matters: Vec<Matter>,
    signs: Signs,
}

/// One matter of a guide.
#[derive(Debug)]
struct Matter {
    number: MatterNumber,
    name: String,
    /// Whether others lie in it, so that it only sorts them.
    is_group: bool,
    /// Whom it concerns, itself and with those that it lies in; of an empty list all.
    kinds: Vec<IssuerKind>,
    levels: Vec<Level>,
    /// In which matter it lies.
    within: Option<usize>,
}

/// As 2.13: the place of a matter in its guide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct MatterNumber(Vec<u16>);

/// A guide as it is written.
#[derive(Deserr)]
#[deserr(deny_unknown_fields)]
struct WrittenGuide {
    name: Name,
    source: Name,
    #[deserr(default)]
    first: Option<Year>,
    #[deserr(default)]
    last: Option<Year>,
    matters: Vec<WrittenMatter>,
}

#[derive(Deserr)]
#[deserr(deny_unknown_fields)]
struct WrittenMatter {
    number: Name,
    name: Name,
    #[deserr(default)]
    kinds: Vec<IssuerKind>,
    #[deserr(default)]
    levels: Vec<Level>,
    #[deserr(default)]
    words: Vec<Name>,
}

impl Guide {
    /// Reads a guide. The error is for whoever wrote it: each fault with its place.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.len() > MAX_BYTES {
            return Err(format!("文件超过 {} KiB，请核对是不是选错了文件", MAX_BYTES >> 10));
        }
        Ok(read_settings(text, WrittenGuide::faults)?.into())
    }

    /// The program's own.
    pub fn built_in() -> Arc<Self> {
        static OWN: LazyLock<Arc<Guide>> =
            LazyLock::new(|| Arc::new(Guide::read(BUILT_IN_TEXT).expect("our own guide is sound")));
        OWN.clone()
    }

    /// What a report says of the matters that concern its unit. Takes time in proportion to its texts.
    pub fn coverage(&self, report: &Report) -> Coverage {
        let touches = self.signs.touches(&report.texts(), self.matters.len());
        self.told(report.issuer.kind, report.issuer.level, Some(report.year), touches)
    }

    /// The matters that concern such a unit, before anything is written.
    pub fn menu(&self, kind: IssuerKind, level: Level) -> Coverage {
        self.told(kind, level, None, vec![vec![]; self.matters.len()])
    }

    fn told(&self, kind: IssuerKind, level: Level, year: Option<Year>, touches: Vec<Vec<Touch>>) -> Coverage {
        let concerns: Vec<bool> = (0..self.matters.len()).map(|at| self.concerns(at, kind, level)).collect();
        let mut is_told = vec![false; self.matters.len()];
        for at in (0..self.matters.len()).filter(|at| concerns[*at] && !self.matters[*at].is_group) {
            // With all that it lies in: a group of which nothing concerns the unit is left out.
            std::iter::successors(Some(at), |at| self.matters[*at].within).for_each(|at| is_told[at] = true);
        }
        let matters = self.matters.iter().zip(touches).zip(is_told).filter(|(_, is_told)| *is_told);
        Coverage {
            guide: self.name.to_string(),
            source: self.source.to_string(),
            remark: year.and_then(|year| self.remark(year)),
            matters: matters.map(|((matter, touches), _)| CoveredMatter::new(matter, touches)).collect(),
        }
    }

    /// Whether a matter concerns such a unit. What a government reports on its party committee and it report
    /// on together.
    fn concerns(&self, at: usize, kind: IssuerKind, level: Level) -> bool {
        let is_of = |matter: &Matter| {
            let government = kind == IssuerKind::PartyAndGovernment;
            let is_kind = matter.kinds.is_empty()
                || matter.kinds.contains(&kind)
                || (government && matter.kinds.contains(&IssuerKind::Government));
            is_kind && (matter.levels.is_empty() || matter.levels.contains(&level))
        };
        std::iter::successors(Some(at), |at| self.matters[*at].within).all(|at| is_of(&self.matters[at]))
    }

    /// What is to be said where a guide was not made for reports of this year.
    fn remark(&self, year: Year) -> Option<String> {
        let year = year.number();
        let (first, last) = (self.first.map(Year::number), self.last.map(Year::number));
        let span = match (first, last) {
            (Some(first), _) if year < first => format!("从{first}年度用起"),
            (_, Some(last)) if last < year => format!("用到{last}年度"),
            _ => return None,
        };
        Some(format!("这份指引{span}，对{year}年度的报告只供参考"))
    }
}

/// Tells of one sentence after another which matter it is about.
pub(crate) struct MatterReader<'a> {
    guide: &'a Guide,
    number: usize,
    seen: Vec<usize>,
}

impl MatterReader<'_> {
    /// The matter that most of a sentence speaks of, of equal ones the first that lies in the `preferred`
    /// group, else the first.
    pub(crate) fn matter(&mut self, sentence: &str, preferred: Option<usize>) -> Option<usize> {
        self.number += 1;
        let shown = self.guide.signs.shown(sentence, self.number, &mut self.seen);
        let is_preferred = |matter: usize| Some(self.guide.group_of(matter)) == preferred;
        let most =
            shown.into_iter().max_by_key(|(matter, said)| (*said, is_preferred(*matter), Reverse(*matter)));
        most.map(|(matter, _)| matter)
    }
}

impl Guide {
    pub(crate) fn reader(&self) -> MatterReader<'_> {
        MatterReader { guide: self, number: 0, seen: self.signs.unseen() }
    }

    pub(crate) fn matter_name(&self, matter: usize) -> &str {
        &self.matters[matter].name
    }

    /// The outermost matter that one lies in.
    pub(crate) fn group_of(&self, matter: usize) -> usize {
        std::iter::successors(Some(matter), |at| self.matters[*at].within).last().unwrap_or(matter)
    }

    /// The outermost matters, in their order.
    pub(crate) fn groups(&self) -> impl Iterator<Item = usize> {
        (0..self.matters.len()).filter(|at| self.matters[*at].within.is_none())
    }
}

impl From<WrittenGuide> for Guide {
    fn from(written: WrittenGuide) -> Self {
        let number = |one: &WrittenMatter| MatterNumber::of(&one.number).expect("its faults are told");
        let numbers: Vec<MatterNumber> = written.matters.iter().map(number).collect();
        let place = |number: &MatterNumber| numbers.binary_search(number).ok();
        let mut signs = Signs::default();
        let mut matters = Vec::with_capacity(numbers.len());
        for (at, one) in written.matters.into_iter().enumerate() {
            for words in &one.words {
                signs.add(at, words.split_whitespace());
            }
            matters.push(Matter {
                number: numbers[at].clone(),
                name: one.name.to_string(),
                is_group: numbers.get(at + 1).is_some_and(|next| next.outer().as_ref() == Some(&numbers[at])),
                kinds: one.kinds,
                levels: one.levels,
                within: numbers[at].outer().as_ref().and_then(place),
            });
        }
        let WrittenGuide { name, source, first, last, .. } = written;
        Self { name, source, first, last, matters, signs }
    }
}

impl WrittenGuide {
    /// What the form of the file leaves open.
    fn faults(&self) -> Vec<Fault> {
        let list = FieldPath::root().key("matters");
        let mut faults = Vec::new();
        if self.matters.is_empty() || self.matters.len() > MAX_MATTERS {
            let message = format!("事项有{}项", self.matters.len());
            faults.push(Fault::unfit(list.clone(), message, format!("应有1至{MAX_MATTERS}项")));
        }
        if let (Some(first), Some(last)) = (self.first, self.last)
            && last < first
        {
            let hint = "first 是从哪一年度用起，last 是用到哪一年度";
            faults.push(Fault::unfit(FieldPath::root().key("last"), "年度前后颠倒".into(), hint));
        }
        let numbers: Vec<Option<MatterNumber>> =
            self.matters.iter().map(|one| MatterNumber::of(&one.number)).collect();
        for (at, matter) in self.matters.iter().enumerate() {
            let place = list.index(at);
            let before = numbers[..at].iter().rev().flatten().next();
            if let Some((message, hint)) = matter.misnumbered(numbers[at].as_ref(), before) {
                faults.push(Fault::unfit(place.key("number"), message, hint));
                continue;
            }
            let next = numbers.get(at + 1).and_then(Option::as_ref).and_then(MatterNumber::outer);
            matter.faults_of_words(&place.key("words"), next == numbers[at], &mut faults);
        }
        faults
    }
}

impl WrittenMatter {
    /// What is wrong with its number behind the last one, and what to do.
    fn misnumbered(
        &self,
        number: Option<&MatterNumber>,
        before: Option<&MatterNumber>,
    ) -> Option<(String, String)> {
        let written = self.number.escape_debug();
        let Some(number) = number else {
            let hint = format!("应写成 1、1.2 或 1.2.3，至多{MAX_LEVELS}级");
            return Some((format!("编号不能是“{written}”"), hint));
        };
        if before.is_some_and(|before| number <= before) {
            return Some((
                format!("编号“{written}”重复，或者排在了后面的编号之后"),
                "请按编号从小到大排".into(),
            ));
        }
        let outer = number.outer()?;
        let follows = before.is_some_and(|before| before.0.starts_with(&outer.0));
        (!follows).then(|| (format!("编号“{written}”前面没有它的上一级“{outer}”"), "请先写上一级".into()))
    }

    fn faults_of_words(&self, place: &FieldPath, is_group: bool, faults: &mut Vec<Fault>) {
        let name = self.name.escape_debug();
        let unfit = |message: String, hint: String| Fault::unfit(place.clone(), message, hint);
        match (is_group, self.words.len()) {
            (true, 1..) => {
                let hint = "请把这些词写到下一级里，或者把它自己也列为下一级的一项";
                faults.push(unfit(format!("“{name}”有下一级，只是归类，不用写 words"), hint.into()));
            }
            (false, 0) => {
                let hint = "请在 words 里写几个词，报告里有其中一个，就是写到了";
                // Where the key is missing there is only the matter to point at.
                let place: FieldPath = place.segments()[..2].iter().cloned().collect();
                faults.push(Fault::unfit(place, format!("没有说明什么词表示写到了“{name}”"), hint));
            }
            (_, count) if count > MAX_SIGNS => {
                faults.push(unfit(format!("“{name}”有{count}个词"), format!("至多{MAX_SIGNS}个")));
            }
            _ => {}
        }
        for (at, written) in self.words.iter().enumerate() {
            let words: Vec<&str> = written.split_whitespace().collect();
            let is_fit = words.len() <= MAX_TOGETHER
                && words.iter().all(|word| WORD_LENGTH.contains(&word.chars().count()));
            if !is_fit {
                let (least, most) = (WORD_LENGTH.start(), WORD_LENGTH.end());
                let hint =
                    format!("一个词应有{least}至{most}个字，空格隔开、要在同一句里的至多{MAX_TOGETHER}个");
                let message = format!("不能用“{}”来认事项", written.escape_debug());
                faults.push(Fault::unfit(place.index(at), message, hint));
            }
        }
    }
}

impl MatterNumber {
    fn of(written: &str) -> Option<Self> {
        let is_plain = |part: &str| !part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit());
        let parts = written.split('.').map(|part| part.parse().ok().filter(|_| is_plain(part)));
        let parts: Vec<u16> = parts.collect::<Option<_>>()?;
        (parts.len() <= MAX_LEVELS).then_some(Self(parts))
    }

    /// The number of the matter that it lies in.
    fn outer(&self) -> Option<Self> {
        let (_, outer) = self.0.split_last()?;
        (!outer.is_empty()).then(|| Self(outer.to_vec()))
    }

    /// 1 for the outermost.
    fn level(&self) -> usize {
        self.0.len()
    }
}

impl std::fmt::Display for MatterNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts: Vec<String> = self.0.iter().map(u16::to_string).collect();
        f.write_str(&parts.join("."))
    }
}
