//! Phrases that must be written so, and the places of a text that are a slip away from one.

use std::collections::HashMap;
use std::ops::Range;

use super::alike::is_alike;

/// Phrases to be searched for, all at once and in time that grows with the text.
///
/// Small on purpose: what typesetting has pushed out of the processor's caches is fetched again for each report.
pub(crate) struct Phrases {
    /// The characters of those of which a slip is told, and behind them of what is right as well: side by
    /// side, for they are read all over.
    characters: Vec<Symbol>,
    /// Where among them each phrase begins, and where the last ends.
    starts: Vec<u32>,
    /// How many of them are of the first kind.
    told: usize,
    /// A bit for the hash of each anchor: most pairs of a text are none, and are looked at no further.
    known: Vec<u64>,
    /// Each anchor where its hash says, or behind; between them such without places.
    anchors: Vec<Anchor>,
    /// Where the phrases have anchors, those of an anchor side by side.
    places: Vec<AnchorPlace>,
    /// The [`sieve`] of the others of each place. By themselves, for most places are looked at no further.
    sieves: Vec<u64>,
}

/// A character in half its room. Those beyond the first plane are one, of which no phrase knows.
type Symbol = u16;

fn symbol(c: char) -> Symbol {
    Symbol::try_from(u32::from(c)).unwrap_or(Symbol::MAX)
}

fn character(symbol: Symbol) -> char {
    char::from_u32(symbol.into()).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Two characters, and which places have them one behind the other. A phrase has an anchor in each of its
/// parts: a single slip leaves one of them whole.
#[derive(Clone, Copy, Default)]
struct Anchor {
    pair: [Symbol; 2],
    begin: u16,
    end: u16,
}

/// One of 64 bits for a character, and the bit that is always there.
fn sieve(c: Symbol) -> u64 {
    1 << (u32::from(c).wrapping_mul(0x9E37_79B1) >> 26)
}

const ALWAYS: u64 = 1;

/// What stands before and behind every text, as far as a phrase is looked for around its anchor: no phrase has it.
const BLANKS: [Symbol; 3] = [0; 3];

/// The [`sieve`] of what stands around the anchor at a character, as far as others of a phrase may.
fn around(text: &[Symbol], at: usize) -> u64 {
    match text[at - BLANKS.len()..] {
        [one, two, three, _, _, four, five, ..] => {
            [one, two, three, four, five].iter().fold(ALWAYS, |all, one| all | sieve(*one))
        }
        _ => ALWAYS,
    }
}

/// Where a phrase has an anchor.
#[derive(Clone, Copy)]
struct AnchorPlace {
    /// Which phrase.
    number: u16,
    offset: u8,
    /// Two of its other characters, side by side so far from the anchor: one of them must be there, in either
    /// place, or more than one is wrong. Of a short word the anchor itself.
    others: [Symbol; 2],
    from: i8,
}

/// A place that is a slip away from a phrase.
#[derive(Debug, PartialEq)]
pub(crate) struct Slip {
    /// In bytes, with the marks that stand within.
    pub range: Range<usize>,
    pub meant: String,
}

/// How many slots there are for anchors: 2 to this power, about twice as many as anchors.
const SLOT_BITS: u32 = 12;

/// How many bits tell which anchors are known: 2 to this power, many times as many as anchors.
const KNOWN_BITS: u32 = 15;

/// Shorter phrases are too near to others.
const SHORTEST: usize = 4;

/// From this length on a phrase is known though a character is missing, doubled or has changed places.
const LONG: usize = 6;

impl Phrases {
    /// Phrases of which a slip shall be told, and words that are right though they are near to one.
    pub(crate) fn new<'a>(
        told: impl IntoIterator<Item = &'a str>,
        also_right: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let characters =
            |phrase: &str| phrase.chars().filter(|c| !is_skipped(*c)).map(symbol).collect::<Vec<Symbol>>();
        let mut phrases: Vec<_> =
            told.into_iter().map(characters).filter(|one| one.len() >= SHORTEST).collect();
        phrases.sort_unstable();
        phrases.dedup();
        let told = phrases.len();
        phrases.extend(also_right.into_iter().map(characters).filter(|one| one.len() > 1));

        let mut often: HashMap<[Symbol; 2], usize> = HashMap::new();
        for pair in phrases.iter().flat_map(|phrase| phrase.windows(2)) {
            *often.entry([pair[0], pair[1]]).or_default() += 1;
        }
        let mut found: Vec<([Symbol; 2], u64, AnchorPlace)> = vec![];
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
                found.extend(rarest.map(|at| {
                    let (sieve, place) = AnchorPlace::new(number, phrase, at);
                    ([phrase[at], phrase[at + 1]], sieve, place)
                }));
            }
        }
        found.sort_by_key(|(pair, ..)| *pair);
        let ends = phrases.iter().scan(0, |end, phrase| {
            *end += phrase.len() as u32;
            Some(*end)
        });
        let starts = [0].into_iter().chain(ends).collect();
        let mut index = Self {
            characters: phrases.concat(),
            starts,
            told,
            known: vec![0; 1 << (KNOWN_BITS - u64::BITS.trailing_zeros())],
            anchors: vec![Anchor::default(); 1 << SLOT_BITS],
            places: vec![],
            sieves: vec![],
        };
        for of_pair in found.chunk_by(|(one, ..), (other, ..)| one == other) {
            index.add(of_pair);
        }
        index
    }

    /// Adds an anchor, which was not there.
    fn add(&mut self, of_pair: &[([Symbol; 2], u64, AnchorPlace)]) {
        let pair = of_pair[0].0;
        let begin = self.places.len();
        self.places.extend(of_pair.iter().map(|(.., place)| *place));
        self.sieves.extend(of_pair.iter().map(|(_, sieve, _)| *sieve));
        let narrow = |place: usize| u16::try_from(place).expect("as many places as have a number");
        let hash = hash(pair);
        let (word, bit) = known(hash);
        self.known[word] |= bit;
        // Reading ends where there is none.
        let free = (0..self.anchors.len() - 1).map(|step| slot(hash, step));
        let free =
            free.into_iter().find(|at| self.anchors[*at].end == 0).expect("more anchors need more slots");
        self.anchors[free] = Anchor { pair, begin: narrow(begin), end: narrow(self.places.len()) };
    }

    /// The places that are a slip away from a phrase, in their order, and are not right as they are.
    pub(crate) fn slips(&self, text: &str) -> Vec<Slip> {
        let mut characters: Vec<Symbol> =
            Vec::with_capacity(text.len() / '字'.len_utf8() + 2 * BLANKS.len() + 1);
        characters.extend(BLANKS);
        for c in text.chars() {
            if !is_skipped(c) {
                characters.push(symbol(c));
            }
        }
        characters.extend(BLANKS);
        let mut found = Marks { slips: vec![], right: Vec::with_capacity(characters.len() / 4) };
        for (at, pair) in characters.windows(2).enumerate() {
            // The blanks are of none.
            let Some(places) = self.places([pair[0], pair[1]]) else { continue };
            // Dozens of phrases may share a pair; few of them have a character around it.
            let around = around(&characters, at);
            for (sieve, place) in self.sieves[places.clone()].iter().zip(&self.places[places]) {
                if sieve & around != 0 && place.is_near(&characters, at) {
                    self.compare(place, &characters, at, &mut found);
                }
            }
        }
        let Marks { slips: mut found, right } = found;
        if found.is_empty() {
            return vec![];
        }
        let right = Reach::new(right);
        found.retain(|(touched, _, place)| !right.overrules(touched, place));
        // Of several phrases the longest is meant.
        found.sort_by_key(|(touched, _, place)| (touched.start, std::cmp::Reverse(place.len())));
        found.dedup_by_key(|(touched, ..)| touched.start);
        let written: Vec<(usize, char)> = text.char_indices().filter(|(_, c)| !is_skipped(*c)).collect();
        let slip = |(_, number, place): &(Range<usize>, usize, Range<usize>)| {
            let (first, last) = (written[place.start - BLANKS.len()], written[place.end - 1 - BLANKS.len()]);
            Slip {
                range: first.0..last.0 + last.1.len_utf8(),
                meant: self.phrase(*number).iter().map(|c| character(*c)).collect(),
            }
        };
        found.iter().map(slip).collect()
    }

    /// Holds a phrase against the text around its anchor, which stands `at` this character.
    fn compare(&self, place: &AnchorPlace, text: &[Symbol], at: usize, found: &mut Marks) {
        let (number, offset) = (usize::from(place.number), usize::from(place.offset));
        let phrase = self.phrase(number);
        let Some(start) = at.checked_sub(offset) else { return };
        if self.is_right(number, text, start, found) {
            return;
        }
        // What is missing or doubled before the anchor moves the beginning.
        if number < self.told && phrase.len() >= LONG && offset >= phrase.len() / 3 {
            let begins = |start: usize| text.get(start) == Some(&phrase[0]);
            let is_before = start > 0 && begins(start - 1) && self.is_right(number, text, start - 1, found);
            if !is_before && begins(start + 1) {
                self.is_right(number, text, start + 1, found);
            }
        }
    }

    /// Whether a phrase stands at this character as it must be written. Notes it, or the slip that it is away.
    fn is_right(&self, number: usize, text: &[Symbol], start: usize, found: &mut Marks) -> bool {
        let phrase = self.phrase(number);
        let there = &text[start..];
        let same = phrase.iter().zip(there).take_while(|(phrase, text)| phrase == text).count();
        let is_right = same == phrase.len();
        if is_right {
            found.right.push(start..start + phrase.len());
        } else if number < self.told
            && let Some((touched, length)) = difference(phrase, there, same)
        {
            found.slips.push((start + touched.start..start + touched.end, number, start..start + length));
        }
        is_right
    }

    fn phrase(&self, number: usize) -> &[Symbol] {
        &self.characters[self.starts[number] as usize..self.starts[number + 1] as usize]
    }

    /// Which places have these two characters, if any has.
    fn places(&self, pair: [Symbol; 2]) -> Option<Range<usize>> {
        let hash = hash(pair);
        let (word, bit) = known(hash);
        if self.known[word] & bit == 0 {
            return None;
        }
        let anchors = (0..).map(|step| self.anchors[slot(hash, step)]).take_while(|anchor| anchor.end > 0);
        let anchor = anchors.into_iter().find(|anchor| anchor.pair == pair)?;
        Some(anchor.begin.into()..anchor.end.into())
    }
}

fn hash([one, other]: [Symbol; 2]) -> u32 {
    u32::from(one).wrapping_mul(0x9E37_79B1) ^ u32::from(other).wrapping_mul(0x85EB_CA6B)
}

/// In which word of those that are known, and which of its bits.
fn known(hash: u32) -> (usize, u64) {
    let bit = hash >> (u32::BITS - KNOWN_BITS);
    ((bit / u64::BITS) as usize, 1 << (bit % u64::BITS))
}

/// Where an anchor is looked for first, and after so many steps.
fn slot(hash: u32, step: usize) -> usize {
    ((hash >> (u32::BITS - SLOT_BITS)) as usize + step) % (1 << SLOT_BITS)
}

/// What was found in a text, by the places of its characters.
struct Marks {
    /// Where what was touched begins, with the phrase and all of its place.
    slips: Vec<(Range<usize>, usize, Range<usize>)>,
    /// What is right.
    right: Vec<Range<usize>>,
}

impl AnchorPlace {
    /// A phrase's anchor at this offset, and the [`sieve`] of the others.
    fn new(number: usize, phrase: &[Symbol], offset: usize) -> (u64, Self) {
        let half = phrase.len() / 2;
        let others = match phrase.len() {
            // What is missing or doubled moves what is behind it by one place only.
            LONG.. if offset + 3 < phrase.len() => offset + 2,
            LONG.. => offset - 2,
            ..=3 => offset,
            _ if offset < half => half,
            _ => 0,
        };
        let from = i8::try_from(others as isize - offset as isize).expect("a phrase of a line at most");
        let others = [phrase[others], phrase[others + 1]];
        let sieve = match from {
            // It is there, with the anchor.
            0 => ALWAYS,
            _ => sieve(others[0]) | sieve(others[1]),
        };
        let number = u16::try_from(number).expect("as many phrases as have a number");
        (sieve, Self { number, offset: offset.try_into().expect("a phrase of a line at most"), others, from })
    }

    /// Whether one of the others is there where the anchor stands `at` this character.
    fn is_near(&self, text: &[Symbol], at: usize) -> bool {
        let from = at.wrapping_add_signed(self.from as isize);
        text[from..from + 2].iter().any(|there| self.others.contains(there))
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

/// The slip that a text is away from a phrase, with which it has so many characters at the beginning in
/// common: the characters that it has touched, and how many stand for the phrase. Nothing where it is another
/// text altogether.
fn difference(phrase: &[Symbol], text: &[Symbol], same: usize) -> Option<(Range<usize>, usize)> {
    let is = |at: usize, c: Symbol| text.get(at) == Some(&c);
    // Most differ at once.
    let goes_on = |at: usize, rest: &[Symbol]| {
        text.len() >= at + rest.len() && rest.iter().zip(&text[at..]).all(|(phrase, text)| phrase == text)
    };
    if goes_on(same + 1, &phrase[same + 1..])
        && is_alike(character(*text.get(same)?), character(phrase[same]))
    {
        return Some((same..same + 1, phrase.len()));
    }
    if phrase.len() < LONG || same == 0 || same + 1 == phrase.len() {
        return None;
    }
    if is(same, phrase[same + 1]) && is(same + 1, phrase[same]) && goes_on(same + 2, &phrase[same + 2..]) {
        return Some((same..same + 2, phrase.len()));
    }
    // What is left of a word at either end may belong to another: 行政执法体制, 推行执法责任制.
    // 和 and 的 may be left out by right.
    let is_needed = !matches!(character(phrase[same]), '和' | '与' | '及' | '或' | '的' | '地' | '之' | '、');
    let is_inside = same > 1 && same + 2 < phrase.len() && is_needed;
    if is_inside && goes_on(same, &phrase[same + 1..]) {
        return Some((same - 1..same + 1, phrase.len() - 1));
    }
    let doubled = same > 1 && is(same, phrase[same - 1]) && goes_on(same + 1, &phrase[same..]);
    doubled.then_some((same..same + 1, phrase.len() + 1))
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
