//! What each paragraph of a document says of fields now: the words of the template set aside, and what was typed
//! beside the controls given to the field next to it.

use std::collections::HashSet;

use super::super::marker::{Marker, numbered};
use super::division::{self, PieceBefore, divide};
use super::fields::FieldRole;
use super::pairing::DocumentParagraph;
use super::printed::{PrintedDocument, PrintedRun, skeleton};
use crate::report::FieldPath;

/// A paragraph, read.
#[derive(Debug, Default)]
pub(super) struct ReadParagraph {
    pub entries: Vec<FieldPassage>,
    /// The parts of its text in their order, each with where it ends, in bytes, and the field it is of.
    pub parts: Vec<(usize, Option<FieldPath>)>,
    /// What was typed in where nothing is a field's.
    pub rest: String,
    /// What was changed of the template's own words.
    pub reworded: Vec<(String, String)>,
}

/// What a paragraph says of one field.
#[derive(Debug)]
pub(super) struct FieldPassage {
    pub field: FieldPath,
    /// The words of the template that stand before it.
    pub before: String,
    pub text: String,
}

/// Part of a paragraph: a field's text, or words in the place of those of the template.
struct TypedPiece<'a> {
    field: Option<FieldPath>,
    expected: Option<&'a str>,
    text: String,
}

/// Reads paragraphs that have a home, one after the other.
pub(super) struct ParagraphReader<'a> {
    printed: &'a PrintedDocument,
    /// The fields that controls of the document name.
    named: HashSet<FieldPath>,
    steps: usize,
}

impl<'a> ParagraphReader<'a> {
    pub(super) fn new(printed: &'a PrintedDocument, document: &[DocumentParagraph]) -> Self {
        let pieces = document.iter().flat_map(|paragraph| &paragraph.pieces);
        let named = pieces.filter_map(|piece| piece.field.clone()).collect();
        Self { printed, named, steps: division::STEPS }
    }

    pub(super) fn read(&mut self, paragraph: &DocumentParagraph, home: usize) -> ReadParagraph {
        let typed = self.typed(paragraph, home);
        let mut end = 0;
        let part = |piece: &TypedPiece| {
            end += piece.text.len();
            (end, piece.field.clone())
        };
        let parts = typed.iter().map(part).collect();
        let mut read = ReadParagraph { parts, ..absorbed(typed) };
        for entry in &mut read.entries {
            self.set_number_aside(entry);
        }
        read
    }

    /// Headings number themselves: a number that somebody typed, or a program that saved the file, is none of theirs.
    fn set_number_aside(&self, entry: &mut FieldPassage) {
        if FieldRole::of(&entry.field) != FieldRole::Heading {
            return;
        }
        let is_numbered = |text: &str| matches!(numbered(text), Some((Marker::Chapter | Marker::Section, _)));
        let was_numbered = self.printed.fields[&entry.field].texts.iter().any(|(text, _)| is_numbered(text));
        if let Some((_, rest)) = numbered(&entry.text).filter(|_| is_numbered(&entry.text) && !was_numbered) {
            entry.text = rest.to_owned();
        }
    }

    /// The paragraph in the pieces that it was printed of.
    fn typed(&mut self, paragraph: &DocumentParagraph, home: usize) -> Vec<TypedPiece<'a>> {
        let printed = self.printed;
        let mut typed: Vec<TypedPiece<'a>> = vec![];
        let (mut home, mut next) = (home, 0);
        let (mut gap, mut gap_start, mut at) = (String::new(), 0, 0);
        for piece in &paragraph.pieces {
            let Some(field) = &piece.field else {
                if gap.is_empty() {
                    gap_start = at;
                }
                gap.push_str(&piece.text);
                at += piece.text.len();
                continue;
            };
            let place = |home: usize| printed.fields[field].place(home);
            let mut between: Vec<&'a PrintedRun> = vec![];
            match place(home) {
                Some(place) => {
                    if !gap.is_empty() {
                        between.extend(printed.paragraphs[home].pieces.get(next..place).unwrap_or_default());
                    }
                    next = place + 1;
                }
                // Another paragraph goes on in this one.
                None => {
                    between.extend(&printed.paragraphs[home].pieces[next..]);
                    home = printed.fields[field].paragraphs[0];
                    let place = place(home).unwrap_or_default();
                    between.extend(&printed.paragraphs[home].pieces[..place]);
                    next = place + 1;
                }
            }
            // Fields that stand now far ahead, now far behind, cost no more than others.
            match self.steps.checked_sub(between.len()) {
                Some(steps) => self.steps = steps,
                None => between.clear(),
            }
            self.fill(&mut typed, &std::mem::take(&mut gap), gap_start, &between, paragraph);
            typed.push(TypedPiece { field: Some(field.clone()), expected: None, text: piece.text.clone() });
            at += piece.text.len();
        }
        let rest: Vec<&PrintedRun> = printed.paragraphs[home].pieces[next..].iter().collect();
        self.fill(&mut typed, &gap, gap_start, &rest, paragraph);
        typed
    }

    /// Text outside of controls, among the pieces that were printed in its place.
    fn fill(
        &mut self,
        typed: &mut Vec<TypedPiece<'a>>,
        gap: &str,
        start: usize,
        printed: &[&'a PrintedRun],
        paragraph: &DocumentParagraph,
    ) {
        if gap.is_empty() {
            return;
        }
        // What a control names stands there.
        let is_open = |run: &&&PrintedRun| {
            paragraph.is_rest || run.field.as_ref().is_none_or(|field| !self.named.contains(field))
        };
        let printed: Vec<&PrintedRun> = printed.iter().filter(is_open).copied().collect();
        if printed.is_empty() {
            typed.push(TypedPiece { field: None, expected: None, text: gap.to_owned() });
            return;
        }
        let is_same = printed.iter().map(|run| run.text.len()).sum::<usize>() == gap.len()
            && printed
                .iter()
                .try_fold(gap, |rest, run| rest.strip_prefix(run.text.as_str()))
                .is_some_and(str::is_empty);
        let texts: Vec<String> = if is_same {
            printed.iter().map(|run| run.text.clone()).collect()
        } else {
            let before: Vec<PieceBefore> = printed
                .iter()
                .map(|run| PieceBefore {
                    text: &run.text,
                    is_field: run.field.is_some(),
                    is_lead: run.field.as_ref().is_some_and(super::fields::is_lead),
                })
                .collect();
            divide(gap, &before, |at| paragraph.is_lead(start + at), &mut self.steps)
        };
        for (run, text) in printed.into_iter().zip(texts) {
            if !text.is_empty() || run.text.is_empty() && run.field.is_some() {
                let expected = run.field.is_none().then_some(run.text.as_str());
                typed.push(TypedPiece { field: run.field.clone(), expected, text });
            }
        }
    }
}

/// The fields' texts, with what was added to the words between them.
fn absorbed(typed: Vec<TypedPiece>) -> ReadParagraph {
    let mut read = ReadParagraph::default();
    // What is to stand before the next field: of the template, and of whoever typed it.
    let (mut words, mut front) = (String::new(), String::new());
    let mut is_followed: Vec<bool> = vec![];
    let mut follows = false;
    for piece in typed.iter().rev() {
        is_followed.push(follows);
        follows |= piece.field.is_some();
    }
    is_followed.reverse();
    for (piece, is_followed) in typed.into_iter().zip(is_followed) {
        let Some(field) = piece.field else {
            let added = WordAddition::of(piece.expected, &piece.text);
            if added.is_reworded {
                read.reworded.push((piece.expected.unwrap_or_default().to_owned(), piece.text.clone()));
            }
            let is_mark = !added.kept.chars().any(char::is_alphanumeric);
            match read.entries.last_mut() {
                Some(last) => last.text.push_str(added.before),
                None => front.push_str(added.before),
            }
            match read.entries.last_mut() {
                _ if added.behind.is_empty() => words.push_str(added.kept),
                // Another sentence, behind the mark that the template sets.
                Some(last) if is_mark || !is_followed => {
                    last.text.push_str(&std::mem::take(&mut words));
                    if is_mark {
                        last.text.push_str(added.kept);
                    }
                    last.text.push_str(added.behind);
                }
                _ => {
                    words.push_str(added.kept);
                    front.push_str(added.behind);
                }
            }
            continue;
        };
        let text = std::mem::take(&mut front) + &piece.text;
        read.entries.push(FieldPassage { field, before: std::mem::take(&mut words), text });
    }
    match read.entries.last_mut() {
        Some(last) => last.text.push_str(&front),
        None => read.rest = front,
    }
    read
}

/// What was added to words of the template.
struct WordAddition<'a> {
    before: &'a str,
    kept: &'a str,
    behind: &'a str,
    /// Whether some of the words are gone.
    is_reworded: bool,
}

impl<'a> WordAddition<'a> {
    fn of(expected: Option<&str>, actual: &'a str) -> Self {
        let all_kept = Self { before: "", kept: actual, behind: "", is_reworded: false };
        let Some(expected) = expected else { return Self { kept: "", behind: actual, ..all_kept } };
        // Numbers count themselves anew.
        if actual.trim().is_empty() || expected == actual || skeleton(expected) == skeleton(actual) {
            return all_kept;
        }
        if let Some(at) = actual.find(expected).filter(|_| !expected.is_empty()) {
            let (before, rest) = actual.split_at(at);
            let (kept, behind) = rest.split_at(expected.len());
            return Self { before, kept, behind, is_reworded: false };
        }
        let is_same = |(one, other): &(char, char)| one == other;
        let length = |(one, _): (char, char)| one.len_utf8();
        let start: usize = expected.chars().zip(actual.chars()).take_while(is_same).map(length).sum();
        let (rest, new) = (&expected[start..], &actual[start..]);
        let end: usize = rest.chars().rev().zip(new.chars().rev()).take_while(is_same).map(length).sum();
        let new = &new[..new.len() - end];
        let (before, behind) = if start == 0 { (new, "") } else { ("", new) };
        Self { before, kept: &actual[..start], behind, is_reworded: true }
    }
}
