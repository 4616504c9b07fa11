//! What good reports have nothing of: most checks look for something of the kind. One look for words tells where any of it
//! may be, and only what may be there is searched for; expressions take longer to be made ready than all checks together.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use crate::language::lists::{self, Pattern};
use crate::language::signs::signs;

/// A bit for each pattern.
pub(super) type Bits = u16;

/// Patterns, and the words by which they are told.
pub(super) struct Rarities {
    patterns: Vec<&'static Pattern>,
    words: AhoCorasick,
    /// Of each word, the patterns whose findings may have it.
    of_words: Vec<Bits>,
    /// What no word tells of them, all in one; it finds something everywhere, and tells nothing, where there is none of it.
    wordless: Regex,
    of_wordless: Bits,
}

impl Rarities {
    pub(super) fn new(patterns: Vec<&'static Pattern>) -> Self {
        assert!(patterns.len() <= Bits::BITS as usize, "there is a bit for each pattern");
        let mut words = BTreeMap::<Vec<u8>, Bits>::new();
        let (mut wordless, mut of_wordless) = (vec![], 0);
        for (index, pattern) in patterns.iter().enumerate() {
            let (signs, rest) = signs(pattern.written());
            signs.into_iter().for_each(|sign| *words.entry(sign).or_default() |= 1 << index);
            if let Some(rest) = rest {
                wordless.push(rest);
                of_wordless |= 1 << index;
            }
        }
        let of_words = words.values().copied().collect();
        let words = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .build(words.into_keys());
        let words = words.expect("there are few words");
        Self { patterns, words, of_words, wordless: lists::pattern(&wordless.join("|")), of_wordless }
    }

    /// Which rarities each of these texts may have, which stand in `whole` one a line.
    pub(super) fn noted<'a>(
        &self,
        whole: &'a str,
        texts: impl Iterator<Item = &'a str> + Clone,
    ) -> Vec<Bits> {
        let mut words = self.words.find_iter(whole).peekable();
        let mut end = 0;
        let noted = texts.clone().zip(begins_in(&self.wordless, whole, texts)).map(|(text, is_wordless)| {
            end += text.len() + 1;
            let wordless = if is_wordless { self.of_wordless } else { 0 };
            // Most texts have none of the words. Where there is one, others may overlap with it.
            if words.next_if(|word| word.end() <= end).is_none() {
                return wordless;
            }
            while words.next_if(|word| word.end() <= end).is_some() {}
            let all = self.words.find_overlapping_iter(text);
            all.fold(wordless, |bits, word| bits | self.of_words[word.pattern()])
        });
        noted.collect()
    }

    /// Whether this one is among those that were noted.
    pub(super) fn has_noted(&self, noted: Bits, pattern: &Pattern) -> bool {
        let index = self.patterns.iter().position(|one| std::ptr::eq(*one, pattern));
        noted >> index.expect("the pattern is one of the rarities") & 1 == 1
    }
}

/// Whether a pattern begins in each of these texts, which stand in `whole` one a line. Most reports have
/// nothing of what most checks look for, and one look at the whole is cheaper than hundreds at its parts.
pub(super) fn begins_in<'a>(
    pattern: &Regex,
    whole: &'a str,
    texts: impl Iterator<Item = &'a str>,
) -> impl Iterator<Item = bool> {
    let (mut found, mut end) = (pattern.find(whole), 0);
    texts.map(move |text| {
        end += text.len() + 1;
        let begins = found.is_some_and(|found| found.start() < end);
        if begins {
            found = pattern.find_at(whole, end);
        }
        begins
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::iter;

    use proptest::prelude::*;
    use proptest::string::string_regex_parsed;
    use proptest::test_runner::{Config, TestRunner};
    use regex_syntax::ParserBuilder;
    use regex_syntax::hir::{Capture, Hir, HirKind, Repetition};

    use crate::checks::RARITIES;

    /// The same without what it asks of the places before and behind.
    fn without_looks(expression: &Hir) -> Hir {
        let each = |all: &[Hir]| all.iter().map(without_looks).collect();
        match expression.kind() {
            HirKind::Look(_) => Hir::empty(),
            HirKind::Repetition(one) => {
                Hir::repetition(Repetition { sub: Box::new(without_looks(&one.sub)), ..one.clone() })
            }
            HirKind::Capture(one) => {
                Hir::capture(Capture { sub: Box::new(without_looks(&one.sub)), ..one.clone() })
            }
            HirKind::Concat(all) => Hir::concat(each(all)),
            HirKind::Alternation(all) => Hir::alternation(each(all)),
            _ => expression.clone(),
        }
    }

    #[test]
    fn whatever_a_pattern_finds_is_where_it_may_be() {
        for pattern in &RARITIES.patterns {
            let expression = ParserBuilder::new().multi_line(true).build().parse(pattern.written()).unwrap();
            let texts = string_regex_parsed(&without_looks(&expression)).unwrap();
            let found = Cell::new(0);
            let around = ("(。|全年)?", "(。|，全年|3件)?");
            TestRunner::new(Config::with_cases(500))
                .run(&(around.0, texts, around.1), |(before, text, behind)| {
                    let text = format!("{before}{text}{behind}");
                    let is_found = pattern.is_match(&text);
                    let noted = RARITIES.noted(&format!("{text}\n"), iter::once(&*text));
                    prop_assert!(!is_found || RARITIES.has_noted(noted[0], pattern));
                    found.set(found.get() + usize::from(is_found));
                    Ok(())
                })
                .unwrap();
            assert!(found.get() > 50, "{} of {}", found.get(), pattern.written());
        }
    }
}
