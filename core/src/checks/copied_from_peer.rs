use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::{Deserialize, Serialize};

use super::copied_from_last_year::paragraphs;
use super::reading::Passage;
use super::{Reading, Settings};
use crate::code;
use crate::diagnostic::{Diagnostic, Severity};
use crate::language::sentences::shortened;
use crate::language::shingles::shingles;
use crate::report::FieldPath;

code! {
    /// 与别的单位雷同
    ///
    /// 成批检查时，整段与同一批里另一个单位的报告几乎一样，只换了地名和数字：读的人看不出这个单位做了什么。
    ///
    /// 错误：两个区的报告都写“深化‘放管服’改革，持续优化营商环境……”，一段一百多字，一字不改。
    ///
    /// 正确：写本单位的举措、本单位的问题。
    ///
    /// 不满 60 个字的段落不检查；数字的不同不算不同。先出现的单位不提，只提后面的。
    ///
    /// 看不出：谁抄谁；逐句换了说法的；与不在这一批里的单位雷同的。
    pub COPIED_FROM_PEER = "copied-from-peer", Warning
}

/// How many shingles stand for a paragraph: the least of its hashes, which two texts share as often
/// as they share shingles (Broder, On the resemblance and containment of documents, 1997).
const SAMPLE: usize = 16;

/// So many of them in common make two paragraphs nearly the same: three names changed in 150
/// characters leave about ten of sixteen.
const NEARLY_ALL: usize = 10;

/// A paragraph reduced to what tells whether another is nearly the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sketch {
    path: String,
    opening: String,
    shingles: Vec<u32>,
    /// The reason for which its report lets it pass.
    allowed: Option<String>,
}

/// The sketches of a report's paragraphs.
pub(super) fn sketches(reading: &Reading) -> Vec<Sketch> {
    let sketch = |passage: &Passage| {
        let exception = reading.report.allow.iter().find(|one| {
            let place = FieldPath::from(one.path.as_deref().unwrap_or_default().trim());
            *one.code == *COPIED_FROM_PEER.name && place.holds(&passage.path)
        });
        Sketch {
            path: passage.path.to_string(),
            opening: shortened(&passage.text, 20),
            shingles: least(shingles(&passage.text)),
            allowed: exception.map(|exception| exception.reason.to_string()),
        }
    };
    paragraphs(&reading.passages).map(sketch).collect()
}

/// The least of a paragraph's shingles, by their upper halves: ten of sixteen do not agree by chance.
fn least(shingles: Vec<u64>) -> Vec<u32> {
    let mut halves: Vec<u32> = shingles.into_iter().map(|shingle| (shingle >> 32) as u32).collect();
    halves.sort_unstable();
    halves.dedup();
    halves.truncate(SAMPLE);
    halves
}

/// Copied paragraphs that are not told one by one, as one finding that weighs as much as the most serious of
/// them.
fn together(untold: &[(&Sketch, u32)], severity: Severity) -> Option<Diagnostic> {
    let worst = untold.iter().map(|(sketch, _)| *sketch).max_by_key(|sketch| sketch.weight(severity))?;
    let message = format!("另有{}段也与别的单位几乎相同，没有逐一列出", untold.len());
    let told = COPIED_FROM_PEER.at(FieldPath::root(), message, "请通读全文，改写成本单位的情况");
    Some(Diagnostic { severity: worst.weight(severity), allowed: worst.allowed.clone(), ..told })
}

impl Sketch {
    /// How serious a copy of its paragraph is; what the report allows itself is a note.
    fn weight(&self, severity: Severity) -> Severity {
        if self.allowed.is_some() { Severity::Note } else { severity }
    }
}

/// The paragraphs of the units seen so far.
pub struct Peers {
    /// None if this is not looked for.
    severity: Option<Severity>,
    units: Vec<String>,
    /// Of each paragraph its unit and its place.
    seen: Vec<(u32, String)>,
    /// The first paragraph of each shingle. Nearly all stand in one only and need no list.
    first: HashMap<u32, u32>,
    /// The others of those that stand in several.
    further: HashMap<u32, Vec<u32>>,
}

/// So many copied paragraphs of a unit are told one by one; whoever has to mend more looks at all.
const TOLD: usize = 10;

/// A shingle that stands in more paragraphs than this is a phrase of the trade.
const COMMON: usize = 64;

impl Peers {
    /// Nobody yet; `settings` may switch this check off or have it matter more or less.
    pub fn new(settings: &Settings) -> Self {
        let severity = settings.severity(COPIED_FROM_PEER.name, COPIED_FROM_PEER.severity);
        Self { severity, units: vec![], seen: vec![], first: HashMap::new(), further: HashMap::new() }
    }

    /// Holds a unit's paragraphs against those of all units before it, and adds them.
    pub fn compare(&mut self, unit: &str, sketches: &[Sketch]) -> Vec<Diagnostic> {
        let Some(severity) = self.severity else { return vec![] };
        let own = self.units.len() as u32;
        self.units.push(unit.to_owned());
        let mut copied = Vec::new();
        for sketch in sketches.iter().filter(|sketch| sketch.shingles.len() == SAMPLE) {
            let mut shared: HashMap<u32, usize> = HashMap::new();
            for other in sketch.shingles.iter().flat_map(|shingle| self.paragraphs_of(*shingle)) {
                *shared.entry(other).or_default() += 1;
            }
            let nearest = shared
                .into_iter()
                .filter(|(other, count)| *count >= NEARLY_ALL && self.seen[*other as usize].0 != own)
                // The most alike, and of these the first.
                .max_by_key(|(other, count)| (*count, std::cmp::Reverse(*other)));
            if let Some((other, _)) = nearest {
                copied.push((sketch, other));
                continue;
            }
            let number = self.seen.len() as u32;
            self.seen.push((own, sketch.path.clone()));
            for shingle in &sketch.shingles {
                self.note(*shingle, number);
            }
        }
        let (told, untold) = copied.split_at(copied.len().min(TOLD));
        let told = told.iter().map(|(sketch, other)| self.told(sketch, *other, severity));
        told.chain(together(untold, severity)).collect()
    }

    /// The paragraphs in which a shingle has been seen.
    fn paragraphs_of(&self, shingle: u32) -> impl Iterator<Item = u32> {
        let further = self.further.get(&shingle).into_iter().flatten();
        self.first.get(&shingle).into_iter().chain(further).copied()
    }

    fn note(&mut self, shingle: u32, paragraph: u32) {
        match self.first.entry(shingle) {
            Entry::Vacant(first) => {
                first.insert(paragraph);
            }
            Entry::Occupied(_) => {
                let further = self.further.entry(shingle).or_default();
                if further.len() + 1 < COMMON {
                    further.push(paragraph);
                }
            }
        }
    }

    fn told(&self, sketch: &Sketch, other: u32, severity: Severity) -> Diagnostic {
        let (unit, place) = &self.seen[other as usize];
        let (path, place) = (FieldPath::from(sketch.path.as_str()), FieldPath::from(place.as_str()));
        let label = crate::report::contract::label;
        let message = format!(
            "“{}”的“{}”与{}的“{}”几乎相同",
            label(&path),
            sketch.opening,
            self.units[*unit as usize],
            label(&place)
        );
        Diagnostic {
            severity: sketch.weight(severity),
            allowed: sketch.allowed.clone(),
            ..COPIED_FROM_PEER.at(path, message, "请改写成本单位的情况")
        }
    }
}
