//! The unit that somebody meant by a name.

use std::collections::HashMap;

use super::shape::{is_like, shape, stem, without_superiors};
use crate::language::alike::{distance, is_near};

/// Names, ready to be asked which of them is meant.
pub struct NameIndex {
    stems: Vec<Vec<char>>,
    of_shape: HashMap<Vec<char>, Vec<usize>>,
    of_stem: HashMap<Vec<char>, Vec<usize>>,
    /// The names that have a character, or two beside each other, at which end too.
    of_part: HashMap<StemPart, Vec<usize>>,
}

/// The name that was probably meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NearName {
    /// Its place in the list.
    pub index: usize,
    /// Whether it is the same but for the ways of writing it, and no other is.
    pub is_sure: bool,
}

/// How many names are held against the one that is meant, character by character.
const MAX_COMPARED: usize = 50;

/// How many names are looked at for having one part or another.
const MAX_LOOKED_AT: usize = 40_000;

impl NameIndex {
    pub fn new(names: &[&str]) -> Self {
        let shapes: Vec<Vec<char>> = names.iter().map(|name| shape(name)).collect();
        let mut index = Self {
            stems: shapes.iter().map(|shape| stem(shape)).collect(),
            of_shape: HashMap::new(),
            of_stem: HashMap::new(),
            of_part: HashMap::new(),
        };
        for (place, (shape, stem)) in shapes.into_iter().zip(&index.stems).enumerate() {
            index.of_shape.entry(shape).or_default().push(place);
            index.of_stem.entry(stem.clone()).or_default().push(place);
            for part in parts(stem) {
                let places = index.of_part.entry(part).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
            }
        }
        index
    }

    /// The name that is nearest to this one by shape and sound; None where nothing is near. 东杨区 is nearest
    /// to 东阳区, and not to 东川区.
    pub fn nearest(&self, name: &str) -> Option<NearName> {
        let shape = shape(name);
        if shape.is_empty() {
            return None;
        }
        if let Some(places) = self.of_shape.get(&shape) {
            return Some(NearName { index: places[0], is_sure: places.len() == 1 });
        }
        let stem = stem(&shape);
        let with_less = without_superiors(&stem).find_map(|bare| self.of_stem.get(bare));
        if let Some(places) = self.of_stem.get(&stem).or(with_less) {
            let is_sure = places.len() == 1 && self.stems[places[0]] == stem;
            return Some(NearName { index: places[0], is_sure });
        }
        let mut best: Option<(usize, usize)> = None;
        for place in self.candidates(&stem) {
            let distance = distance(&stem, &self.stems[place], is_like);
            if best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, place));
            }
        }
        let (distance, index) = best?;
        is_near(distance, stem.len(), self.stems[index].len()).then_some(NearName { index, is_sure: false })
    }

    /// The names that have most in common with a stem, what is rare counting for more.
    fn candidates(&self, stem: &[char]) -> Vec<usize> {
        let mut postings: Vec<&Vec<usize>> =
            parts(stem).into_iter().filter_map(|part| self.of_part.get(&part)).collect();
        postings.sort_by_key(|places| places.len());
        let mut weights = vec![0.0; self.stems.len()];
        let (mut found, mut looked_at) = (Vec::new(), 0);
        for (rank, places) in postings.iter().enumerate() {
            // 区 and 局 stand in most names, and tell little where rarer ones tell much.
            looked_at += places.len();
            if looked_at > MAX_LOOKED_AT && rank > 0 {
                break;
            }
            let weight = 1.0 / (places.len() as f64).ln_1p().max(0.5);
            for place in places.iter() {
                if weights[*place] == 0.0 {
                    found.push(*place);
                }
                weights[*place] += weight;
            }
        }
        let close = |place: usize| self.stems[place].len().abs_diff(stem.len());
        found.sort_by(|one, other| {
            let by_weight = weights[*other].total_cmp(&weights[*one]);
            by_weight.then_with(|| close(*one).cmp(&close(*other))).then(one.cmp(other))
        });
        found.truncate(MAX_COMPARED);
        found
    }
}

/// A character with the one before it, or alone.
type StemPart = (Option<char>, char);

/// What stands before the first character.
const START: char = '\0';

fn parts(stem: &[char]) -> Vec<StemPart> {
    let before = std::iter::once(&START).chain(stem);
    let pairs = before.zip(stem).map(|(one, other)| (Some(*one), *other));
    pairs.chain(stem.iter().map(|c| (None, *c))).collect()
}
