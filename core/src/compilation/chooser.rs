//! Which of many sentences a part of the draft takes: those that say most, of many units, none twice.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::units::UnitNames;
use super::utterances::Utterance;
use super::wording::attributed;
use super::{CompilationLimits, SentenceOrigin, UnitReport, YearSpan};
use crate::guide::Guide;
use crate::language::sentences::shortened;
use crate::language::shingles::shingles;
use crate::report::FieldPath;

/// Sentences that share more of their shingles than this, in percent, say the same.
const NEARLY_THE_SAME: usize = 60;

/// So many sentences that others have nearly the same are told one by one.
const MOST_ALIKE: usize = 10;

/// A part of the draft: its items, where each sentence of theirs is from, and what is to be said of it.
#[derive(Default)]
pub(super) struct DraftPart {
    pub items: Vec<Value>,
    pub origins: Vec<SentenceOrigin>,
    pub remarks: Vec<String>,
}

/// What all parts are made from.
pub(super) struct Desk<'a> {
    pub units: &'a [UnitReport<'a>],
    pub names: &'a UnitNames,
    pub guide: &'a Guide,
    pub limits: &'a CompilationLimits,
    pub years: YearSpan,
}

/// Chooses sentences so that many units are heard.
pub(super) struct Chooser<'a> {
    pub desk: &'a Desk<'a>,
    said: &'a [Utterance<'a>],
    /// How often each unit was heard.
    heard: HashMap<usize, i32>,
    pub taken: usize,
    /// How often others said nearly the same.
    alike: usize,
}

impl<'a> Chooser<'a> {
    pub(super) fn new(desk: &'a Desk<'a>, said: &'a [Utterance<'a>]) -> Self {
        Self { desk, said, heard: HashMap::new(), taken: 0, alike: 0 }
    }

    pub(super) fn written(&self, one: &Utterance) -> String {
        let issuer = &self.desk.units[one.unit].report.issuer;
        attributed(self.desk.names.name(one.unit), issuer, one.text, self.desk.years)
    }

    /// The sentences that say most, each of another unit and none nearly the same as another.
    pub(super) fn choose(
        &mut self,
        sentences: &[usize],
        remarks: &mut Vec<String>,
    ) -> Vec<&'a Utterance<'a>> {
        let said = self.said;
        let mut candidates: Vec<&Utterance> =
            sentences.iter().map(|at| &said[*at]).filter(|one| one.weight > 0).collect();
        let heard = |unit: usize| self.heard.get(&unit).copied().unwrap_or_default();
        candidates.sort_by_key(|one| (Reverse(one.weight - heard(one.unit).min(4)), one.unit));
        let mut chosen: Vec<(&Utterance, HashSet<u64>, Vec<usize>)> = Vec::new();
        for one in candidates {
            let own: HashSet<u64> = shingles(one.text).into_iter().collect();
            let is_said = |known: &Utterance, shingles: &HashSet<u64>| {
                known.text == one.text || is_nearly(&own, shingles)
            };
            if let Some((.., alike)) = chosen.iter_mut().find(|(known, shingles, _)| is_said(known, shingles))
            {
                alike.push(one.unit);
                continue;
            }
            let is_full = chosen.len() == self.desk.limits.sentences_per_paragraph;
            if !is_full && chosen.iter().all(|(known, ..)| known.unit != one.unit) {
                chosen.push((one, own, vec![]));
            }
        }
        for (one, _, alike) in &mut chosen {
            *self.heard.entry(one.unit).or_default() += 1;
            alike.sort_unstable();
            alike.dedup();
            alike.retain(|unit| *unit != one.unit);
            if alike.is_empty() {
                continue;
            }
            self.alike += 1;
            if self.alike <= MOST_ALIKE {
                let (names, opening) = (self.desk.names, shortened(one.text, 20));
                let (own, others) = (names.name(one.unit), names.listed(alike));
                remarks.push(format!("{own}的“{opening}”与{others}的几乎相同，只取一处。"));
            } else if self.alike == MOST_ALIKE + 1 {
                remarks.push("另有几乎相同的句子只取一处，没有逐一列出。".into());
            }
        }
        self.taken += chosen.len();
        chosen.into_iter().map(|(one, ..)| one).collect()
    }
}

/// Whether two sentences say nearly the same.
pub(super) fn is_nearly_same(one: &str, other: &str) -> bool {
    let of = |text: &str| -> HashSet<u64> { shingles(text).into_iter().collect() };
    one == other || is_nearly(&of(one), &of(other))
}

fn is_nearly(one: &HashSet<u64>, other: &HashSet<u64>) -> bool {
    let least = one.len().min(other.len());
    least > 0 && one.intersection(other).count() * 100 >= least * NEARLY_THE_SAME
}

pub(super) fn origin(names: &UnitNames, place: &FieldPath, one: &Utterance, written: &str) -> SentenceOrigin {
    SentenceOrigin {
        path: place.clone(),
        written: written.to_owned(),
        unit: one.unit,
        name: names.name(one.unit).to_owned(),
        source: one.source.clone(),
        text: one.text.to_owned(),
    }
}

/// Sentences one after another, with semicolons between them where none has one of its own.
pub(super) fn in_one(sentences: &[String]) -> String {
    if sentences.is_empty() {
        return String::new();
    }
    let is_plain = !sentences.iter().any(|one| one.contains(['；', ';']));
    format!("{}。", sentences.join(if is_plain { "；" } else { "。" }))
}
