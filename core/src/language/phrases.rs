//! Phrases that must be written so, and the places of a text that are a slip away from one.

use std::collections::HashMap;
use std::ops::Range;

use super::alike::is_alike;

/// Phrases to be searched for, all at once and in time that grows with the text.
pub(crate) struct Phrases {
    /// Those of which a slip is told, and behind them what is right as well.
    phrases: Vec<Vec<char>>,
    /// How many of them are of the first kind.
    told: usize,
    /// The number of an anchor, from 1 on, and its tag, where its hash says, or behind; 0 for none.
    slots: Vec<(u16, u16)>,
    anchors: Vec<Anchor>,
}

/// Two characters and the phrases that have them one behind the other. A phrase has an anchor in each of its
/// parts: a single slip leaves one of them whole.
struct Anchor {
    pair: [char; 2],
    places: Vec<AnchorPlace>,
}

/// One of 63 bits for a character, and the bit that is always there.
fn sieve(c: char) -> u64 {
    2 << (u32::from(c).wrapping_mul(0x9E37_79B1) % 63)
}

const ALWAYS: u64 = 1;

/// The [`sieve`] of what stands around the anchor at a character, as far as others of a phrase may.
fn around(text: &[(usize, char)], at: usize) -> u64 {
    const FURTHEST: usize = 3;
    let mut around = ALWAYS;
    for (_, c) in &text[at.saturating_sub(FURTHEST)..at] {
        around |= sieve(*c);
    }
    for (_, c) in text[at + 2..].iter().take(FURTHEST - 1) {
        around |= sieve(*c);
    }
    around
}

/// Where a phrase has an anchor.
struct AnchorPlace {
    /// The [`sieve`] of the others.
    sieve: u64,
    /// Which phrase.
    number: usize,
    offset: usize,
    /// Two of its other characters, with their places from the anchor on: one of them must be there, in
    /// either place, or more than one is wrong. Of a short word the anchor itself.
    others: [(isize, char); 2],
}

/// A place that is a slip away from a phrase.
#[derive(Debug, PartialEq)]
pub(crate) struct Slip {
    /// In bytes, with the marks that stand within.
    pub range: Range<usize>,
    pub meant: String,
}

/// How many slots there are: 2 to this power, several times as many as anchors.
const SLOT_BITS: u32 = 13;

/// How many of the phrases found last may still have anchors to come.
const JUST_FOUND: usize = 8;

/// Shorter phrases are too near to others.
const SHORTEST: usize = 4;

/// From this length on a phrase is known though a character is missing, doubled or has changed places.
const LONG: usize = 6;

/// What of a text differs from a phrase.
#[derive(Debug, PartialEq)]
enum Difference {
    Nothing,
    /// The characters of the text that a slip has touched, and how many stand for the phrase.
    Slip(Range<usize>, usize),
}

impl Phrases {
    /// Phrases of which a slip shall be told, and words that are right though they are near to one.
    pub(crate) fn new<'a>(
        told: impl IntoIterator<Item = &'a str>,
        also_right: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let characters = |phrase: &str| phrase.chars().filter(|c| !is_skipped(*c)).collect::<Vec<char>>();
        let mut phrases: Vec<_> =
            told.into_iter().map(characters).filter(|one| one.len() >= SHORTEST).collect();
        phrases.sort_unstable();
        phrases.dedup();
        let told = phrases.len();
        phrases.extend(also_right.into_iter().map(characters).filter(|one| one.len() > 1));

        let mut often: HashMap<[char; 2], usize> = HashMap::new();
        for pair in phrases.iter().flat_map(|phrase| phrase.windows(2)) {
            *often.entry([pair[0], pair[1]]).or_default() += 1;
        }
        let mut index = Self { told, slots: vec![(0, 0); 1 << SLOT_BITS], anchors: vec![], phrases: vec![] };
        for (number, phrase) in phrases.iter().enumerate() {
            // A right word has one anchor. Two characters that have changed places may lie in two parts.
            let parts = match phrase.len() {
                _ if number >= told => 1,
                LONG.. => 3,
                _ => 2,
            };
            for part in 0..parts {
                // The rarest pair has the fewest phrases to be compared.
                let pairs = phrase.len() * part / parts..phrase.len() * (part + 1) / parts - 1;
                let rarest = pairs.min_by_key(|at| often[&[phrase[*at], phrase[at + 1]]]);
                if let Some(at) = rarest {
                    index.add(number, phrase, at);
                }
            }
        }
        Self { phrases, ..index }
    }

    fn add(&mut self, number: usize, phrase: &[char], offset: usize) {
        let half = phrase.len() / 2;
        let others = match phrase.len() {
            // What is missing or doubled moves what is behind it by one place only.
            LONG.. if offset + 3 < phrase.len() => [offset + 2, offset + 3],
            LONG.. => [offset - 2, offset - 1],
            ..=3 => [offset, offset],
            _ if offset < half => [half, half + 1],
            _ => [0, 1],
        };
        let others = others.map(|at| (at as isize - offset as isize, phrase[at]));
        let sieve = match others[0].0 {
            // It is there, with the anchor.
            0 => ALWAYS,
            _ => sieve(others[0].1) | sieve(others[1].1),
        };
        let pair = [phrase[offset], phrase[offset + 1]];
        let (slot, tag) = self.slot(pair);
        if self.slots[slot].0 == 0 {
            self.anchors.push(Anchor { pair, places: vec![] });
            assert!(self.anchors.len() < self.slots.len() / 2, "more anchors need more slots");
            self.slots[slot] = (self.anchors.len() as u16, tag);
        }
        let anchor = usize::from(self.slots[slot].0) - 1;
        self.anchors[anchor].places.push(AnchorPlace { sieve, number, offset, others });
    }

    /// The slot of two characters, or the empty one where they would be, and their tag: most pairs of a text
    /// are no anchor, and their tags tell without a look at one.
    fn slot(&self, pair: [char; 2]) -> (usize, u16) {
        let [one, other] = pair.map(u32::from);
        let hash = one.wrapping_mul(0x9E37_79B1) ^ other.wrapping_mul(0x85EB_CA6B);
        let mut slot = (hash >> (u32::BITS - SLOT_BITS)) as usize;
        let tag = hash as u16;
        loop {
            let (anchor, other) = self.slots[slot];
            if anchor == 0 || other == tag && self.anchors[usize::from(anchor) - 1].pair == pair {
                return (slot, tag);
            }
            slot = (slot + 1) % self.slots.len();
        }
    }

    /// The places that are a slip away from a phrase, in their order, and are not right as they are.
    pub(crate) fn slips(&self, text: &str) -> Vec<Slip> {
        let mut characters: Vec<(usize, char)> = Vec::with_capacity(text.len() / '字'.len_utf8() + 1);
        for (at, c) in text.char_indices() {
            if !is_skipped(c) {
                characters.push((at, c));
            }
        }
        let mut found = Marks::default();
        for at in 1..characters.len() {
            let places = self.places([characters[at - 1].1, characters[at].1]);
            if places.is_empty() {
                continue;
            }
            // Dozens of phrases may share a pair; few of them have a character around it.
            let around = around(&characters, at - 1);
            for place in places {
                if place.sieve & around != 0 && place.is_near(&characters, at - 1) {
                    self.compare(place, &characters, at - 1, &mut found);
                }
            }
        }
        let Marks { slips: mut found, right } = found;
        if found.is_empty() {
            return vec![];
        }
        let right = Reach::new(right.into_iter().map(|(range, _)| range).collect());
        found.retain(|(touched, _, place)| !right.overrules(touched, place));
        // Of several phrases the longest is meant.
        found.sort_by_key(|(touched, _, place)| (touched.start, std::cmp::Reverse(place.len())));
        found.dedup_by_key(|(touched, ..)| touched.start);
        let slip = |(_, number, place): &(Range<usize>, usize, Range<usize>)| {
            let (last, c) = characters[place.end - 1];
            Slip {
                range: characters[place.start].0..last + c.len_utf8(),
                meant: self.phrases[*number].iter().collect(),
            }
        };
        found.iter().map(slip).collect()
    }

    /// Holds a phrase against the text around its anchor, which stands `at` this character.
    fn compare(&self, place: &AnchorPlace, text: &[(usize, char)], at: usize, found: &mut Marks) {
        let (number, phrase) = (place.number, &self.phrases[place.number]);
        let Some(start) = at.checked_sub(place.offset) else { return };
        // A phrase that is right has all its anchors; the first has told.
        let mut last = found.right.iter().rev().take(JUST_FOUND);
        if last.any(|(range, of)| *of == number && range.start == start) {
            return;
        }
        let is_told = number < self.told;
        // What is missing or doubled before the anchor moves the beginning.
        let may_move = is_told && phrase.len() >= LONG && place.offset >= phrase.len() / 3;
        let begins = |start: &usize| may_move && text.get(*start).is_some_and(|(_, c)| *c == phrase[0]);
        let moved = [start.checked_sub(1), Some(start + 1)].into_iter().flatten().filter(begins);
        for start in [start].into_iter().chain(moved) {
            match difference(phrase, text, start, is_told) {
                Some(Difference::Nothing) => {
                    found.right.push((start..start + phrase.len(), number));
                    break;
                }
                Some(Difference::Slip(touched, length)) => {
                    found.slips.push((touched, number, start..start + length));
                }
                None => {}
            }
        }
    }

    fn places(&self, pair: [char; 2]) -> &[AnchorPlace] {
        let anchor = usize::from(self.slots[self.slot(pair).0].0).checked_sub(1);
        anchor.map_or(&[], |anchor| &self.anchors[anchor].places)
    }
}

/// What was found in a text, by the places of its characters.
#[derive(Default)]
struct Marks {
    /// Where what was touched begins, with the phrase and all of its place.
    slips: Vec<(Range<usize>, usize, Range<usize>)>,
    /// What is right, and which phrase it is.
    right: Vec<(Range<usize>, usize)>,
}

impl AnchorPlace {
    /// Whether one of the others is there where the anchor stands `at` this character.
    fn is_near(&self, text: &[(usize, char)], at: usize) -> bool {
        let [(one, first), (other, second)] = self.others;
        let is_one = |from: isize| {
            let there = at.checked_add_signed(from).and_then(|at| text.get(at));
            there.is_some_and(|(_, c)| *c == first || *c == second)
        };
        is_one(one) || is_one(other)
    }
}

/// Ranges that others are held against.
struct Reach {
    /// The beginnings in their order, each with the furthest end of those up to it.
    ends: Vec<(usize, usize)>,
}

impl Reach {
    fn new(mut ranges: Vec<Range<usize>>) -> Self {
        ranges.sort_unstable_by_key(|range| range.start);
        let furthest = ranges.iter().scan(0, |furthest, range| {
            *furthest = range.end.max(*furthest);
            Some((range.start, *furthest))
        });
        Self { ends: furthest.collect() }
    }

    /// Whether one of the ranges holds all of what a slip has touched, and says more than the phrase around
    /// it: what is right in part, 检查机关 of 检查机关提起公益诉讼, does not make the whole right.
    fn overrules(&self, touched: &Range<usize>, phrase: &Range<usize>) -> bool {
        let furthest = |from: usize| {
            let before = self.ends.partition_point(|(start, _)| *start < from);
            before.checked_sub(1).map_or(0, |last| self.ends[last].1)
        };
        furthest(phrase.start + 1) >= phrase.end
            || furthest(phrase.start) >= touched.end
            || furthest(touched.start + 1) > phrase.end
    }
}

/// Marks that may stand within a phrase: “放管服”改革.
fn is_skipped(c: char) -> bool {
    // 汉字 are most of a text.
    !matches!(c, '\u{4E00}'..='\u{9FFF}') && is_mark(c)
}

fn is_mark(c: char) -> bool {
    matches!(c, '“' | '”' | '‘' | '’' | '"' | '\'' | '「' | '」' | '《' | '》' | '〈' | '〉')
        || c.is_whitespace()
}

/// What the text from `start` on differs in from a phrase; nothing where it is another text altogether.
fn difference(phrase: &[char], text: &[(usize, char)], start: usize, slips: bool) -> Option<Difference> {
    let text = text.get(start..)?;
    let is = |at: usize, c: char| text.get(at).is_some_and(|(_, other)| *other == c);
    let goes_on = |at: usize, rest: &[char]| rest.iter().enumerate().all(|(more, c)| is(at + more, *c));
    let same = phrase.iter().enumerate().take_while(|(at, c)| is(*at, **c)).count();
    if same == phrase.len() {
        return Some(Difference::Nothing);
    }
    if !slips {
        return None;
    }
    let touched = start + same;
    if goes_on(same + 1, &phrase[same + 1..]) && is_alike(text.get(same)?.1, phrase[same]) {
        return Some(Difference::Slip(touched..touched + 1, phrase.len()));
    }
    if phrase.len() < LONG || same == 0 || same + 1 == phrase.len() {
        return None;
    }
    if is(same, phrase[same + 1]) && is(same + 1, phrase[same]) && goes_on(same + 2, &phrase[same + 2..]) {
        return Some(Difference::Slip(touched..touched + 2, phrase.len()));
    }
    // What is left of a word at either end may belong to another: 行政执法体制, 推行执法责任制.
    // 和 and 的 may be left out by right.
    let is_needed = !matches!(phrase[same], '和' | '与' | '及' | '或' | '的' | '地' | '之' | '、');
    let is_inside = same > 1 && same + 2 < phrase.len() && is_needed;
    if is_inside && goes_on(same, &phrase[same + 1..]) {
        return Some(Difference::Slip(touched - 1..touched + 1, phrase.len() - 1));
    }
    let doubled = same > 1 && is(same, phrase[same - 1]) && goes_on(same + 1, &phrase[same..]);
    doubled.then_some(Difference::Slip(touched..touched + 1, phrase.len() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(text: &str) -> Vec<(String, String)> {
        let phrases = Phrases::new(
            ["依法行政", "法治政府建设", "“放管服”改革", "法制审核"],
            ["法制政府采购", "以法行文", "审核法"],
        );
        phrases.slips(text).into_iter().map(|slip| (text[slip.range].to_owned(), slip.meant)).collect()
    }

    #[test]
    fn a_slip_is_told_with_what_was_meant() {
        for (text, written, right) in [
            ("推进法制政府建设。", "法制政府建设", "法治政府建设"),
            ("法治政府建没", "法治政府建没", "法治政府建设"),
            ("依法行正", "依法行正", "依法行政"),
            ("深化“放官服”改革", "放官服”改革", "放管服改革"),
            ("法治府政建设", "法治府政建设", "法治政府建设"),
            ("法治政建设", "法治政建设", "法治政府建设"),
            ("法法治政府建设法治政政府建设", "法治政政府建设", "法治政府建设"),
            ("法治审核", "法治审核", "法制审核"),
        ] {
            assert_eq!(meant(text), [(written.to_owned(), right.to_owned())], "{text}");
        }
    }

    #[test]
    fn what_is_right_is_let_alone() {
        for text in
            ["", "法", "依法行政", "法治政府", "法制审核", "法制政府采购", "以法行文", "依法依规", "建设政府"]
        {
            assert_eq!(meant(text), [], "{text}");
        }
    }
}
