//! Advertising that a hacked site has put in the place of a name. The same foreign string, again and
//! again, stands for one name; where the rest of the text reveals it, it is proposed.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::document::SourceDocument;
use crate::language::foreign::ADVERTISING;
use crate::language::lists;

/// What a document has of advertising, and what most likely stood in its stead.
#[derive(Debug, Default)]
pub(super) struct Spam {
    /// The string that stands for a name.
    string: Option<String>,
    /// The name as far as the text reveals it: 丹东市.
    pub name: Option<String>,
}

/// From how many times on a foreign string stands for a name.
const OFTEN: usize = 3;

/// The longest string that stands for a name, in bytes.
const LONGEST: usize = 200;

/// What two pieces of advertising in one string may have between them, in bytes.
const GAP: usize = 16;

/// The blank that the check for placeholders finds, where no name is revealed.
const BLANK: &str = "××";

impl Spam {
    pub(super) fn find(document: &SourceDocument) -> Self {
        let texts = || document.blocks.iter().filter_map(|block| block.words().map(|(_, text)| text));
        // From each piece on: what they share goes on behind the words of the list.
        let mut strings: Vec<&str> = Vec::new();
        for text in texts() {
            let end = |start: usize| text.floor_char_boundary(start + LONGEST);
            strings.extend(clusters(text).into_iter().map(|range| &text[range.start..end(range.start)]));
        }
        let Some(string) = repeated(&strings) else { return Self::default() };
        let name = revealed(texts(), &string);
        Self { string: Some(string), name }
    }

    /// The parts of a text to be replaced, and by what.
    pub(super) fn parts<'a>(&'a self, text: &str) -> Vec<(Range<usize>, &'a str)> {
        let mut parts = Vec::new();
        if let Some(string) = &self.string {
            for (at, _) in text.match_indices(string.as_str()) {
                let range = at..at + string.len();
                // Behind the last sentence of a paragraph no name has its place.
                let is_added = range.end == text.len() && text[..at].ends_with(['。', '！', '？', '.']);
                let name = self.name.as_deref().unwrap_or(BLANK);
                parts.push((range, if is_added { "" } else { name }));
            }
        }
        let of_string: Vec<Range<usize>> = parts.iter().map(|(range, _)| range.clone()).collect();
        let is_apart = |range: &Range<usize>| {
            let next = of_string.partition_point(|known| known.end <= range.start);
            of_string.get(next).is_none_or(|known| range.end <= known.start)
        };
        parts.extend(clusters(text).into_iter().filter(is_apart).map(|range| (range, "")));
        parts.sort_by_key(|(range, _)| range.start);
        parts
    }
}

/// The advertising of a text; pieces that nearly touch are one.
fn clusters(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for piece in ADVERTISING.find_iter(text) {
        match found.last_mut() {
            Some(last)
                if piece.start() <= last.end + GAP
                    && !text[last.end..piece.start()].contains(['，', '。', ',']) =>
            {
                last.end = piece.end();
            }
            _ => found.push(piece.range()),
        }
    }
    found
}

/// What all texts of the commonest beginning share, if there are enough of them.
fn repeated(strings: &[&str]) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let beginning = |string: &str| string.chars().take(12).collect::<String>();
    for string in strings {
        *counts.entry(beginning(string)).or_default() += 1;
    }
    let (start, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    if count < OFTEN {
        return None;
    }
    let alike = strings.iter().filter(|string| beginning(string) == start);
    let shared = alike.copied().reduce(|one, other| {
        let same = one.char_indices().zip(other.chars()).find(|((_, a), b)| a != b);
        let end = same.map_or(one.len().min(other.len()), |((at, _), _)| at);
        &one[..end]
    })?;
    Some(shared.to_owned())
}

/// The name of the place as the rest of the text has it, from at least two of its turns of phrase.
fn revealed<'a>(texts: impl Iterator<Item = &'a str>, string: &str) -> Option<String> {
    static TURNS: LazyLock<Vec<Regex>> =
        LazyLock::new(|| lists::lines(include_str!("data/names.txt")).map(lists::pattern).collect());
    static RANK: LazyLock<Regex> = LazyLock::new(|| lists::pattern("[全我本]([市区县省])"));
    let mut votes: BTreeMap<String, usize> = BTreeMap::new();
    let mut ranks: BTreeMap<String, usize> = BTreeMap::new();
    for text in texts {
        for capture in TURNS.iter().flat_map(|turn| turn.captures_iter(text)) {
            *votes.entry(capture[1].to_owned()).or_default() += 1;
        }
        for capture in RANK.captures_iter(text) {
            *ranks.entry(capture[1].to_owned()).or_default() += 1;
        }
    }
    votes.retain(|name, _| !string.contains(name.as_str()));
    let most = |counts: BTreeMap<String, usize>| counts.into_iter().max_by_key(|(_, count)| *count);
    let (name, count) = most(votes)?;
    let rank = most(ranks).map(|(rank, _)| rank).unwrap_or_default();
    (count > 1).then(|| format!("{name}{rank}"))
}
