//! A report as a reviewer reads it: its texts with their places, sentence by sentence. Taken from
//! the report once, so that forty checks do not each take it again.

use std::cell::OnceCell;
use std::ops::{Deref, Range};

use regex::Regex;

use super::Context;
use super::rarities::{Bits, Rarities, begins_in};
use super::regulation::{self, Regulation};
use crate::diagnostic::{Amendment, Code, Diagnostic, Span};
use crate::language::figures::{self, Sentence};
use crate::language::lists::Pattern;
use crate::language::marks;
use crate::language::sentences::{sentences_between, shortened};
use crate::report::path::Segment;
use crate::report::{FieldPath, Report, Unplaced, contract};

/// How many characters on either side of a finding are shown with it.
const AROUND: usize = 12;

/// The most that a finding quotes; a sentence of a megabyte is not read by anyone.
const MAX_QUOTED: usize = 200;

/// How many changes of a text are offered as one remedy at most.
const MOST_CHANGES: usize = 100;

/// A report and its texts.
pub(super) struct Reading<'a> {
    pub report: &'a Report,
    texts: Texts<'a>,
}

/// The texts of a document of either kind, and what may be known besides them.
pub(super) struct Texts<'a> {
    pub context: &'a Context<'a>,
    /// What an import found no place for.
    pub unplaced: &'a [Unplaced],
    /// Every text that a writer entered, in the order of the contract.
    pub passages: Vec<Passage>,
    /// All of them, one a line.
    whole: String,
    rarities: &'static Rarities,
}

/// One text of the report and its place.
pub(crate) struct Passage {
    pub path: FieldPath,
    pub text: String,
    pub kind: PassageKind,
    /// Which rarities it may have.
    pub(super) rarities: Bits,
    /// How many characters stand before every [`BLOCK`]th byte. This and the others are read when a check
    /// first asks.
    counts: OnceCell<Vec<usize>>,
    marks: OnceCell<Vec<(usize, char)>>,
    figures: OnceCell<Vec<Sentence>>,
    label: OnceCell<String>,
    length: OnceCell<usize>,
}

/// What part a text plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PassageKind {
    /// Sentences: paragraphs, problems, causes.
    Prose,
    /// The emphasised opening of a paragraph.
    Lead,
    /// A title or heading.
    Heading,
    /// A cell of a table.
    Cell,
    /// A name, a unit of measure, a key.
    Name,
}

const BLOCK: usize = 256;

/// The most findings of one kind in one passage: whoever mends these finds the others.
pub(super) const MOST: usize = 20;

impl<'a> Reading<'a> {
    pub(super) fn new(report: &'a Report, context: &'a Context<'a>, rarities: &'static Rarities) -> Self {
        Self { report, texts: Texts::new(report.texts(), &report.unplaced, context, rarities) }
    }

    /// What the regulation of its year asks of the report; nothing of those before the first one.
    pub(super) fn regulation(&self) -> Option<&'static Regulation> {
        regulation::of(self.report.year.number())
    }
}

impl<'a> Deref for Reading<'a> {
    type Target = Texts<'a>;

    fn deref(&self) -> &Texts<'a> {
        &self.texts
    }
}

impl<'a> Texts<'a> {
    pub(super) fn new(
        texts: Vec<(FieldPath, String)>,
        unplaced: &'a [Unplaced],
        context: &'a Context<'a>,
        rarities: &'static Rarities,
    ) -> Self {
        // What an exception says is not part of the document.
        let texts = texts.into_iter().filter(|(path, _)| path.first_key() != "allow");
        let mut passages: Vec<Passage> = texts.map(|(path, text)| Passage::new(path, text)).collect();
        let mut whole = String::with_capacity(passages.iter().map(|passage| passage.text.len() + 1).sum());
        for passage in &passages {
            whole.push_str(&passage.text);
            whole.push('\n');
        }
        let noted = rarities.noted(&whole, passages.iter().map(|passage| &*passage.text));
        for (passage, rarities) in passages.iter_mut().zip(noted) {
            passage.rarities = rarities;
        }
        Self { context, unplaced, passages, whole, rarities }
    }

    /// Another report, read beside this one.
    pub(super) fn beside<'b>(&self, report: &'b Report, context: &'b Context<'b>) -> Reading<'b> {
        Reading::new(report, context, self.rarities)
    }

    /// The texts to be searched for one of the rarities: few, or none.
    pub(super) fn rare_passages(&self, pattern: &'static Pattern) -> impl Iterator<Item = &Passage> {
        self.passages.iter().filter(|passage| self.may_have(passage, pattern))
    }

    /// Whether a text is to be searched for one of the rarities.
    pub(super) fn may_have(&self, passage: &Passage, pattern: &Pattern) -> bool {
        self.rarities.has_noted(passage.rarities, pattern)
    }

    /// The texts to be searched for a pattern, one of [`pattern`](crate::language::lists::pattern).
    pub(super) fn passages_with(&self, pattern: &Regex) -> impl Iterator<Item = &Passage> {
        let texts = self.passages.iter().map(|passage| &*passage.text);
        let begins = begins_in(pattern, &self.whole, texts);
        self.passages.iter().zip(begins).filter_map(|(passage, begins)| begins.then_some(passage))
    }

    /// Whether a word is anywhere in the texts.
    pub(super) fn has_word(&self, word: &str) -> bool {
        self.whole.contains(word)
    }

    /// The texts that consist of sentences: paragraphs and their openings.
    pub(super) fn prose(&self) -> impl Iterator<Item = &Passage> {
        self.passages.iter().filter(|passage| passage.is_prose())
    }

    /// The texts of one field of the report: `measures`, `plans`.
    pub(super) fn prose_of(&self, section: &str) -> impl Iterator<Item = &Passage> {
        self.prose().filter(move |passage| passage.section() == section)
    }

    /// How long the report is, in characters of its paragraphs and headings.
    pub(super) fn length(&self) -> usize {
        let is_body = |passage: &&Passage| !matches!(passage.kind, PassageKind::Cell | PassageKind::Name);
        self.passages.iter().filter(is_body).map(Passage::length).sum()
    }
}

impl Passage {
    pub(super) fn new(path: FieldPath, text: String) -> Self {
        Self {
            kind: PassageKind::of(&path),
            path,
            text,
            rarities: 0,
            counts: OnceCell::new(),
            marks: OnceCell::new(),
            figures: OnceCell::new(),
            label: OnceCell::new(),
            length: OnceCell::new(),
        }
    }

    /// Whether it consists of sentences.
    pub(super) fn is_prose(&self) -> bool {
        matches!(self.kind, PassageKind::Prose | PassageKind::Lead)
    }

    /// The field of the report that it belongs to: `measures`.
    pub(super) fn section(&self) -> &str {
        self.path.first_key()
    }

    /// The place in words: 「主要举措和成效第1项 › 标题」.
    pub(super) fn label(&self) -> &str {
        self.label.get_or_init(|| contract::label(&self.path))
    }

    /// How many characters it has.
    pub(super) fn length(&self) -> usize {
        *self.length.get_or_init(|| self.text.chars().count())
    }

    /// Its [`marks`](marks::marks) with their places in bytes: all but most of its 汉字.
    pub(super) fn marks(&self) -> &[(usize, char)] {
        self.marks.get_or_init(|| marks::marks(&self.text))
    }

    /// Whether one of its [`marks`](Self::marks) is such a one.
    pub(super) fn has_mark(&self, is_such: impl Fn(char) -> bool) -> bool {
        self.marks().iter().any(|(_, mark)| is_such(*mark))
    }

    /// Its sentences as ranges of bytes, without the marks that end them.
    pub(super) fn sentences(&self) -> impl Iterator<Item = Range<usize>> {
        sentences_between(&self.text, self.marks().iter().copied())
    }

    /// Its sentences that have figures.
    pub(super) fn figures(&self) -> &[Sentence] {
        self.figures.get_or_init(|| figures::sentences_between(&self.text, self.marks()))
    }

    /// Says that something is wrong at this range of bytes.
    pub(super) fn at(
        &self,
        code: &'static Code,
        range: Range<usize>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic { span: Some(self.span(range)), ..code.at(self.path.clone(), message, hint) }
    }

    /// The same with how it would be right: what to write in place of which bytes. Of very many none is offered.
    pub(super) fn amended(&self, found: Diagnostic, changes: &[(Range<usize>, String)]) -> Diagnostic {
        let amendment = |(range, replacement): &(Range<usize>, String)| Amendment {
            start: self.characters_before(range.start),
            end: self.characters_before(range.end),
            words: self.text[range.clone()].to_owned(),
            replacement: replacement.clone(),
        };
        let offered = if changes.len() <= MOST_CHANGES { changes } else { &[] };
        Diagnostic { remedy: offered.iter().map(amendment).collect(), ..found }
    }

    fn span(&self, range: Range<usize>) -> Span {
        let words = &self.text[range.clone()];
        let before: Vec<char> = self.text[..range.start].chars().rev().take(AROUND + 1).collect();
        let after: Vec<char> = self.text[range.end..].chars().take(AROUND + 1).collect();
        let shown = |characters: &[char]| characters.iter().take(AROUND).collect::<String>();
        let mut before_shown: String = before.iter().take(AROUND).rev().collect();
        if before.len() > AROUND {
            before_shown.insert(0, '…');
        }
        let mut after_shown = shown(&after);
        if after.len() > AROUND {
            after_shown.push('…');
        }
        Span {
            start: self.characters_before(range.start),
            end: self.characters_before(range.end),
            words: shortened(words, MAX_QUOTED),
            before: before_shown,
            after: after_shown,
        }
    }

    fn characters_before(&self, byte: usize) -> usize {
        let bytes = self.text.as_bytes();
        let counts = self.counts.get_or_init(|| {
            let blocks = bytes.chunks(BLOCK).scan(0, |before, block| {
                let here = *before;
                *before += characters(block);
                Some(here)
            });
            blocks.collect()
        });
        let block = (byte / BLOCK).min(counts.len().saturating_sub(1));
        counts.get(block).copied().unwrap_or_default() + characters(&bytes[(block * BLOCK).min(byte)..byte])
    }
}

/// How many characters begin among these bytes.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte as i8) >= -0x40).count()
}

impl PassageKind {
    fn of(path: &FieldPath) -> Self {
        let mut keys = path.segments().iter().filter_map(|segment| match segment {
            Segment::Key(key) => Some(key.as_str()),
            Segment::Index(_) => None,
        });
        match [keys.next(), keys.next(), keys.next(), keys.next()].map(Option::unwrap_or_default) {
            ["title", ..] | [_, "heading", ..] | ["attachments", "title", ..] => Self::Heading,
            ["attachments", "table", ..] => Self::Cell,
            [_, "body", "lead", ..] => Self::Lead,
            ["preface" | "problems" | "other" | "unplaced" | "closing" | "notes", ..] => Self::Prose,
            [_, "body", "text", ..] | ["sections", "tasks", "text", ..] => Self::Prose,
            _ => Self::Name,
        }
    }
}
