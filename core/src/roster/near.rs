//! Names that are probably one unit's: asked about, and never made one by the program.

use std::collections::{BTreeMap, HashMap};

use super::shape::{is_like, is_office, shape, stem, without_superiors};

/// Two names that are probably one unit's, by their places in the list, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearPair {
    pub one: usize,
    pub other: usize,
    pub why: Likeness,
}

/// Why two names are probably one unit's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    Same,
    /// But for white space, marks, width, case or script.
    Script,
    /// 东阳区, 东阳区人民政府.
    Suffix,
    /// 东阳区, 云州市东阳区.
    Superior,
    /// But for one character that sounds or looks like the other: 东阳区, 东杨区.
    Character(char, char),
    /// But for one character that is easily left out: 卫生和健康局, 卫生健康局.
    Dropped(char),
}

impl Likeness {
    /// As the person who is asked reads it.
    pub fn words(self) -> String {
        match self {
            Self::Same => "名称相同".into(),
            Self::Script => "只差空格、标点、全角半角或者繁体简体".into(),
            Self::Suffix => "只差“人民政府”“本级”一类的字样".into(),
            Self::Superior => "只差上级的名称".into(),
            Self::Character(one, other) => format!("只差一个音近或者形近的字：“{one}”和“{other}”"),
            Self::Dropped(one) => format!("只差一个“{one}”字"),
        }
    }
}

/// Where more names than these differ in one and the same place, that place is what tells them apart.
const MAX_ALIKE: usize = 40;

/// How many pairs of each kind one name is told in.
const MAX_PAIRS: usize = 3;

/// The pairs among names that a person should look at, the likeliest first for each name, each pair once. Takes
/// time by the length of the list and not by its square.
pub fn near(names: &[&str]) -> Vec<NearPair> {
    let shapes: Vec<Vec<char>> = names.iter().map(|name| shape(name)).collect();
    let stems: Vec<Vec<char>> = shapes.iter().map(|shape| stem(shape)).collect();
    let mut pairs = Pairs::default();
    // Of those that are written alike, all are told with the first, and only it is held against the others.
    let mut firsts: HashMap<&[char], usize> = HashMap::new();
    for (index, shape) in shapes.iter().enumerate().filter(|(_, shape)| !shape.is_empty()) {
        match firsts.get(shape.as_slice()) {
            Some(first) => {
                let is_same = names[*first].trim() == names[index].trim();
                // No limit here: each further one is a row of its own.
                pairs.found.insert((*first, index), if is_same { Likeness::Same } else { Likeness::Script });
            }
            None => drop(firsts.insert(shape, index)),
        }
    }
    let mut of_stem: HashMap<&[char], Vec<usize>> = HashMap::new();
    for (index, stem) in stems.iter().enumerate() {
        if firsts.get(shapes[index].as_slice()) == Some(&index) {
            of_stem.entry(stem).or_default().push(index);
        }
    }
    for same in of_stem.values() {
        // A government and its office may both report.
        for offices in [true, false] {
            let same: Vec<usize> =
                same.iter().copied().filter(|name| is_office(&shapes[*name]) == offices).collect();
            same.windows(2).for_each(|two| pairs.add(two[0], two[1], Likeness::Suffix));
        }
    }
    // A name that is another's without its superior. Where several have it, it is nobody's.
    let mut owners: HashMap<usize, Vec<usize>> = HashMap::new();
    for (index, stem) in stems.iter().enumerate() {
        let bare = without_superiors(stem).find_map(|bare| of_stem.get(bare));
        if let Some(bare) = bare.and_then(|bare| bare.first()) {
            owners.entry(*bare).or_default().push(index);
        }
    }
    for (bare, longer) in owners {
        if let [longer] = longer[..] {
            pairs.add(bare, longer, Likeness::Superior);
        }
    }
    dropped(&stems, &of_stem, &mut pairs);
    differing(&stems, &of_stem, &mut pairs);
    pairs.found.into_iter().map(|((one, other), why)| NearPair { one, other, why }).collect()
}

/// What is easily left out of a name, or put into it: 和 between two, and what kind of place it is.
const DROPPED: &str = "和与及暨省市州盟区县旗乡镇";

/// Stems that are others' without one such character.
fn dropped(stems: &[Vec<char>], of_stem: &HashMap<&[char], Vec<usize>>, pairs: &mut Pairs) {
    let mut firsts: Vec<usize> = of_stem.values().map(|same| same[0]).collect();
    firsts.sort_unstable();
    for longer in firsts {
        let stem = &stems[longer];
        for (at, c) in stem.iter().enumerate().filter(|(_, c)| stem.len() > 2 && DROPPED.contains(**c)) {
            let rest = [&stem[..at], &stem[at + 1..]].concat();
            if let Some(shorter) = of_stem.get(rest.as_slice()) {
                pairs.add(shorter[0], longer, Likeness::Dropped(*c));
            }
        }
    }
}

/// Stems that differ in one character: they agree where it is left out.
fn differing(stems: &[Vec<char>], of_stem: &HashMap<&[char], Vec<usize>>, pairs: &mut Pairs) {
    let mut gaps: Vec<(u64, u16, usize)> = Vec::new();
    for first in of_stem.values().map(|same| same[0]) {
        let length = stems[first].len();
        // Of two characters, one is no likeness.
        for at in (0..length).filter(|_| length > 2) {
            gaps.push((left_out(&stems[first], at), at as u16, first));
        }
    }
    gaps.sort_unstable();
    for alike in gaps.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1)) {
        if alike.len() > MAX_ALIKE {
            continue;
        }
        for (index, (_, at, one)) in alike.iter().enumerate() {
            for (_, _, other) in &alike[index + 1..] {
                let (a, b) = (stems[*one][usize::from(*at)], stems[*other][usize::from(*at)]);
                let rest = |stem: &[char]| left_out(stem, usize::from(*at));
                let is_one =
                    stems[*one].len() == stems[*other].len() && rest(&stems[*one]) == rest(&stems[*other]);
                if is_one && is_like(a, b) {
                    let (a, b) = if one < other { (a, b) } else { (b, a) };
                    pairs.add(*one, *other, Likeness::Character(a, b));
                }
            }
        }
    }
}

/// A number for a stem without the character at a place. Two that share it by chance are no harm: a person
/// is asked.
fn left_out(stem: &[char], at: usize) -> u64 {
    let kept =
        stem.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, c)| u64::from(u32::from(*c)));
    kept.fold(0xCBF2_9CE4_8422_2325, |sum, c| (sum ^ c).wrapping_mul(0x0100_0000_01B3).rotate_left(23))
}

#[derive(Default)]
struct Pairs {
    found: BTreeMap<(usize, usize), Likeness>,
    counts: HashMap<usize, usize>,
}

impl Pairs {
    fn add(&mut self, one: usize, other: usize, why: Likeness) {
        let is_told = [one, other].iter().any(|name| self.counts.get(name).is_some_and(|n| *n >= MAX_PAIRS));
        let pair = (one.min(other), one.max(other));
        if one == other || is_told || self.found.contains_key(&pair) {
            return;
        }
        self.found.insert(pair, why);
        for name in [one, other] {
            *self.counts.entry(name).or_default() += 1;
        }
    }
}
