//! What a text must have in it for an expression to find something there, read off the expression itself. To look for
//! words takes less than an automaton that is built as it runs, and most texts have nothing of what most checks look for.

use std::collections::BTreeSet;
use std::iter;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Hir, HirKind, Repetition};

/// In bytes, for the last character of a long one may be cut.
type TellingWords = BTreeSet<Vec<u8>>;

/// How many parts of an expression are looked at for a word.
const FURTHEST: usize = 4;

/// What a word weighs of which the rest need not be looked for: four Chinese characters, six letters, a mark that is rare
/// in prose and a character.
const ENOUGH: usize = 12;

/// Marks that every text has.
const COMMON: &str = "，。、；：“”（）《》—～-.,:;()";

/// What is in everything that the expression finds: one of these words at least, or what the expression beside them finds,
/// where some of its alternatives are told by no word. A word that tells something is of two characters, or a mark that is
/// rare in prose; figures tell nothing.
pub(crate) fn signs(written: &str) -> (TellingWords, Option<String>) {
    let mut parser = ParserBuilder::new().multi_line(true).build();
    let expression = parser.parse(written).expect("our own patterns are sound");
    let (mut words, mut wordless) = (TellingWords::new(), vec![]);
    for alternative in alternatives(&expression) {
        match of_sequence(&parts(alternative)) {
            Some(more) => words.extend(more),
            None => wordless.push(alternative.clone()),
        }
    }
    // What has another word in its beginning is found by that.
    let mut shortest: Option<Vec<u8>> = None;
    words.retain(|word| {
        let is_longer = shortest.as_ref().is_some_and(|shortest| word.starts_with(shortest));
        if !is_longer {
            shortest = Some(word.clone());
        }
        !is_longer
    });
    (words, (!wordless.is_empty()).then(|| Hir::alternation(wordless).to_string()))
}

fn alternatives(expression: &Hir) -> Vec<&Hir> {
    match bare(expression).kind() {
        HirKind::Alternation(each) => each.iter().flat_map(alternatives).collect(),
        _ => vec![expression],
    }
}

/// What follows what in it; of what is repeated, the first ones by themselves.
fn parts(expression: &Hir) -> Vec<Hir> {
    match bare(expression).kind() {
        HirKind::Concat(each) => each.iter().flat_map(parts).collect(),
        HirKind::Repetition(repetition @ Repetition { min: 1..=3, max: None, sub, .. }) => {
            let more = Hir::repetition(Repetition { min: 0, ..repetition.clone() });
            iter::repeat_n(parts(sub), repetition.min as usize).flatten().chain([more]).collect()
        }
        _ => vec![expression.clone()],
    }
}

fn joined(mut all: TellingWords, more: Option<TellingWords>) -> Option<TellingWords> {
    all.extend(more?);
    Some(all)
}

/// The first part that tells something with those behind it; where a part is alternatives, of each of them. What may be
/// left out tells nothing.
fn of_sequence(sequence: &[Hir]) -> Option<TellingWords> {
    let may_be_empty = |at: &usize| sequence[*at].properties().minimum_len() == Some(0);
    (0..sequence.len()).filter(|at| !may_be_empty(at)).find_map(|at| {
        beginnings(&sequence[at..]).or_else(|| {
            let HirKind::Alternation(each) = bare(&sequence[at]).kind() else { return None };
            let with = |one: &Hir| of_sequence(&[&sequence[..at], &parts(one), &sequence[at + 1..]].concat());
            each.iter().map(with).try_fold(TellingWords::new(), joined)
        })
    })
}

/// Without the groups around it.
fn bare(expression: &Hir) -> &Hir {
    match expression.kind() {
        HirKind::Capture(capture) => bare(&capture.sub),
        _ => expression,
    }
}

/// With what the sequence begins, if that tells anything.
fn beginnings(sequence: &[Hir]) -> Option<TellingWords> {
    let mut extractor = Extractor::new();
    // Not the 25 of \s, which would make of each word 25.
    extractor.limit_class(24).limit_literal_len(4 * '字'.len_utf8()).limit_total(1000);
    let found = extractor.extract(&Hir::concat(sequence[..sequence.len().min(FURTHEST)].to_vec()));
    found.literals()?.iter().map(|word| telling(&word.as_bytes().to_ascii_lowercase())).collect()
}

/// As much of a word as tells where to look, if it tells anything: two characters at least that are no figures, or a mark
/// that is rare in prose.
fn telling(word: &[u8]) -> Option<Vec<u8>> {
    // Only the last character can be cut, so that all others stand at the same places.
    let text = String::from_utf8_lossy(word);
    let is_figure = |c: char| matches!(c, '0'..='9' | '０'..='９' | '-');
    let is_rare = |c: char| {
        let is_of_prose = c.is_ascii_alphanumeric() || matches!(c, '\u{3400}'..='\u{9FFF}');
        !is_of_prose && !is_figure(c) && !c.is_whitespace() && !COMMON.contains(c)
    };
    let tells = text.chars().any(is_rare) || text.chars().filter(|c| !is_figure(*c)).count() > 1;
    let mut weight = 0;
    let begins_behind = text.char_indices().find_map(|(at, character)| {
        let is_enough = weight >= ENOUGH;
        weight += match character {
            _ if is_rare(character) => 9,
            'a'..='z' => 2,
            _ => 3,
        };
        is_enough.then_some(at)
    });
    tells.then(|| word[..begins_behind.unwrap_or(word.len())].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_told_by_the_words_it_needs() {
        let told = |expression: &str| {
            let (words, wordless) = signs(expression);
            let words: Vec<String> = words.into_iter().map(|word| String::from_utf8(word).unwrap()).collect();
            (words.join(" "), wordless.is_some())
        };
        for (expression, words, is_wordless_too) in [
            ("撤消|签定", "撤消 签定", false),
            (r"[妥当可]否[，,]?\s*请[^，；]{1,8}", "可否 妥否 当否", false),
            (r"(?:^|[。；])\s*(?:一是)?(?:请|恳请)(?:[^，]{0,9}批转|予以考虑)", "恳请 批转 请予以考", false),
            ("×{2,}", "××", false),
            ("[XxＸ]{2,}", "xx xＸ Ｘx ＸＸ", false),
            ("(?i:Bet365)", "bet36", false),
            ("贷款(?:秒到账)?|贷款秒", "贷款", false),
            (r"\s*[-－−][0-9]+(?:件|人)", "", true),
            ("[0-9][0-9 ]{9,26}[0-9]|绝密", "绝密", true),
            ("[，。]", "", true),
        ] {
            assert_eq!(told(expression), (words.to_owned(), is_wordless_too), "{expression}");
        }
    }
}
