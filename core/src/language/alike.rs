//! Characters that are taken for one another: by whoever types by sound, and by whoever reads a worn page.

use std::sync::LazyLock;

use foldhash::HashSet;
use pinyin::ToPinyinMulti;

use super::lists;

/// Whether one character may stand where the other was meant.
pub(crate) fn is_alike(one: char, other: char) -> bool {
    sounds_alike(one, other) || looks_alike(one, other)
}

/// Whether the usual reading of one character is a reading of the other, whatever its tone, as far as people
/// and input methods tell syllables apart: those of the south have neither zh nor ing.
fn sounds_alike(one: char, other: char) -> bool {
    // The usual one first. Two rare readings say nothing: 能 is also tai, as 大 is.
    let readings = |c: char| c.to_pinyin_multi().into_iter().flatten().map(|reading| reading.plain());
    let is_of = |usual: Option<&str>, c| {
        usual.is_some_and(|usual| readings(c).any(|reading| is_heard_as(usual, reading)))
    };
    is_of(readings(one).next(), other) || is_of(readings(other).next(), one)
}

/// Whether two syllables are one, without what is often not heard.
fn is_heard_as(one: &str, other: &str) -> bool {
    let initial =
        |syllable: &str| syllable.bytes().next().map(|letter| if letter == b'n' { b'l' } else { letter });
    // By their first letters most are told apart.
    initial(one) == initial(other) && blurred(one) == blurred(other)
}

/// What is heard of a syllable behind its first letter: en of zheng, in of ning.
fn blurred(syllable: &str) -> Option<&str> {
    let rest = syllable.get(1..)?;
    let rest = match syllable.starts_with(['z', 'c', 's']) {
        true => rest.strip_prefix('h').unwrap_or(rest),
        false => rest,
    };
    Some(rest.strip_suffix('g').filter(|rest| rest.ends_with('n')).unwrap_or(rest))
}

/// Whether two characters stand in one group of the list.
fn looks_alike(one: char, other: char) -> bool {
    static LOOKS: LazyLock<HashSet<(char, char)>> = LazyLock::new(|| {
        let groups = lists::lines(include_str!("data/looks.txt")).flat_map(str::split_whitespace);
        groups
            .flat_map(|group| group.chars().flat_map(|one| group.chars().map(move |other| (one, other))))
            .collect()
    });
    LOOKS.contains(&(one, other))
}

/// What a character that is another counts, and one that is only taken for it.
const WHOLE: usize = 3;
const ALIKE: usize = 1;

/// What it takes to make one name of another, where characters that are `like` each other are taken for one another.
pub(crate) fn distance(one: &[char], other: &[char], like: fn(char, char) -> bool) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).map(|count| count * WHOLE).collect();
    for (line, a) in one.iter().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], (line + 1) * WHOLE);
        for (at, b) in other.iter().enumerate() {
            let change = match a == b {
                true => 0,
                false if like(*a, *b) => ALIKE,
                false => WHOLE,
            };
            let least = (corner + change).min(row[at] + WHOLE).min(row[at + 1] + WHOLE);
            corner = std::mem::replace(&mut row[at + 1], least);
        }
    }
    row[other.len()]
}

/// Whether names of such lengths, so far apart, may be meant for each other: a third of a name may be another one,
/// or all of it only sound or look so.
pub(crate) fn is_near(distance: usize, one: usize, other: usize) -> bool {
    distance * 3 <= one.max(other) * WHOLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_mistaken_for_one_another_is_alike() {
        for (one, other) in [
            ('治', '制'),
            ('究', '纠'),
            ('示', '式'),
            ('政', '争'),
            ('行', '形'),
            ('重', '众'),
            ('民', '明'),
            ('理', '你'),
            ('冶', '治'),
            ('末', '未'),
            ('准', '淮'),
        ] {
            assert!(is_alike(one, other) && is_alike(other, one), "{one} {other}");
        }
        for (one, other) in
            [('法', '政'), ('能', '大'), ('国', '理'), ('查', '核'), ('府', 'f'), ('，', '。'), ('1', '一')]
        {
            assert!(!is_alike(one, other), "{one} {other}");
        }
    }
}
