//! The unit that somebody meant by a name.

use std::collections::HashMap;

use super::shape::{is_number, shape, stem, without_superiors};
use crate::language::alike::is_alike;

/// Names, ready to be asked which of them is meant.
pub struct NameIndex {
    shapes: Vec<Vec<char>>,
    stems: Vec<Vec<char>>,
    of_shape: HashMap<Vec<char>, usize>,
    of_stem: HashMap<Vec<char>, Vec<usize>>,
    of_character: HashMap<char, Vec<usize>>,
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

impl NameIndex {
    pub fn new(names: &[&str]) -> Self {
        let shapes: Vec<Vec<char>> = names.iter().map(|name| shape(name)).collect();
        let stems: Vec<Vec<char>> = shapes.iter().map(|shape| stem(shape)).collect();
        let mut index = Self {
            of_shape: HashMap::new(),
            of_stem: HashMap::new(),
            of_character: HashMap::new(),
            shapes,
            stems,
        };
        for (place, (shape, stem)) in index.shapes.iter().zip(&index.stems).enumerate() {
            index.of_shape.entry(shape.clone()).or_insert(place);
            index.of_stem.entry(stem.clone()).or_default().push(place);
            for c in stem {
                let places = index.of_character.entry(*c).or_default();
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
        if let Some(index) = self.of_shape.get(&shape) {
            let is_sure = self.shapes.iter().filter(|other| **other == shape).nth(1).is_none();
            return Some(NearName { index: *index, is_sure });
        }
        let stem = stem(&shape);
        let with_less = without_superiors(&stem).find_map(|bare| self.of_stem.get(bare));
        for places in [self.of_stem.get(&stem), with_less].into_iter().flatten() {
            return Some(NearName {
                index: places[0],
                is_sure: places.len() == 1 && self.stems[places[0]] == stem,
            });
        }
        let mut best: Option<(usize, usize)> = None;
        for place in self.candidates(&stem) {
            let distance = distance(&stem, &self.stems[place]);
            if best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, place));
            }
        }
        // A third of the name may be another one, or half of it only sound so.
        let (distance, index) = best?;
        (distance * 3 <= stem.len().max(self.stems[index].len()) * WHOLE)
            .then_some(NearName { index, is_sure: false })
    }

    /// The names that have most characters in common with a stem, rare ones counting for more.
    fn candidates(&self, stem: &[char]) -> Vec<usize> {
        let mut weights: HashMap<usize, f64> = HashMap::new();
        let mut postings: Vec<&Vec<usize>> = stem.iter().filter_map(|c| self.of_character.get(c)).collect();
        postings.sort_by_key(|places| places.len());
        let enough = (self.stems.len() / 4).max(200);
        for (rank, places) in postings.iter().enumerate() {
            // 区 and 局 stand in most names, and tell nothing where rarer ones do.
            if places.len() > enough && rank > 0 {
                break;
            }
            let weight = 1.0 / (places.len() as f64).ln_1p().max(0.5);
            for place in places.iter() {
                *weights.entry(*place).or_default() += weight;
            }
        }
        let mut places: Vec<(usize, f64)> = weights.into_iter().collect();
        let close = |place: usize| self.stems[place].len().abs_diff(stem.len());
        places.sort_by(|(one, a), (other, b)| {
            b.total_cmp(a).then_with(|| close(*one).cmp(&close(*other))).then(one.cmp(other))
        });
        places.into_iter().take(MAX_COMPARED).map(|(place, _)| place).collect()
    }
}

/// What a character that is another counts, and one that only sounds or looks like it.
const WHOLE: usize = 3;
const ALIKE: usize = 1;

/// What it takes to make one stem of another.
fn distance(one: &[char], other: &[char]) -> usize {
    let is_like = |a: char, b: char| !(is_number(a) && is_number(b)) && is_alike(a, b);
    let mut row: Vec<usize> = (0..=other.len()).map(|count| count * WHOLE).collect();
    for (line, a) in one.iter().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], (line + 1) * WHOLE);
        for (at, b) in other.iter().enumerate() {
            let change = match a == b {
                true => 0,
                false if is_like(*a, *b) => ALIKE,
                false => WHOLE,
            };
            let least = (corner + change).min(row[at] + WHOLE).min(row[at + 1] + WHOLE);
            corner = std::mem::replace(&mut row[at + 1], least);
        }
    }
    row[other.len()]
}
