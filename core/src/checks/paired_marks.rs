//! How marks that come in pairs are followed through a text.

use super::reading::Passage;
use crate::language::numerals::begins_number;

/// A pair of marks.
pub(super) struct Pair {
    pub open: char,
    pub close: char,
}

/// A mark that has no partner, and whether it opens.
pub(super) struct Lone {
    pub byte: usize,
    pub mark: char,
    pub is_opening: bool,
}

/// How many pairs a check follows at most.
const MOST_PAIRS: usize = 16;

/// The marks of these pairs that have no partner in a text. An opening mark that is still open
/// when an outer pair closes is alone; one look at each character.
pub(super) fn lone(passage: &Passage, pairs: &[Pair], same_width: fn(char) -> char) -> Vec<Lone> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut open_of = [0_usize; MOST_PAIRS];
    let mut lone = Vec::new();
    // What is most of the rest opens and closes nothing.
    let may_pair = |c: &char| !matches!(c, '，' | '。' | '、' | '；' | '：') && !begins_number(*c);
    for (byte, written) in passage.marks().iter().copied().filter(|(_, c)| may_pair(c)) {
        let mark = same_width(written);
        if let Some(kind) = pairs.iter().position(|pair| pair.open == mark) {
            open.push((byte, written));
            open_of[kind] += 1;
        } else if let Some(kind) = pairs.iter().position(|pair| pair.close == mark) {
            if open_of[kind] == 0 {
                lone.push(Lone { byte, mark: written, is_opening: false });
                continue;
            }
            // Whatever was opened later than its partner stays without one.
            while let Some((start, opened)) = open.pop() {
                let inner = pairs.iter().position(|pair| pair.open == same_width(opened)).unwrap_or(kind);
                open_of[inner] -= 1;
                if inner == kind {
                    break;
                }
                lone.push(Lone { byte: start, mark: opened, is_opening: true });
            }
        }
    }
    lone.extend(open.into_iter().map(|(byte, mark)| Lone { byte, mark, is_opening: true }));
    lone.sort_by_key(|one| one.byte);
    lone
}
