//! What people have written beside the text, and of which field each speaks.

use std::collections::HashMap;

use super::super::format::docx::{CommentEdge, WordFile, WordNote, WordParagraph};
use super::super::word::WordComment;
use super::arrangement::{Arrangement, WalkedParagraph};
use super::fields::{clean, item};
use crate::report::{FieldPath, contract};

/// The longest quotation, in characters.
const LONGEST: usize = 60;

/// Where a comment begins and ends: paragraphs, and places in their texts, in bytes.
#[derive(Clone, Copy)]
struct CommentSpan {
    start: (usize, usize),
    end: (usize, usize),
}

/// The comments of a document that is none of ours.
pub(in crate::import) fn of_foreign(file: &WordFile) -> Vec<WordComment> {
    let paragraphs: Vec<&WordParagraph> = file.text.paragraphs.iter().collect();
    let spans = spans(&paragraphs);
    let mut texts = HashMap::new();
    let comment = |note| comment(note, &paragraphs, &mut texts, spans.get(&note.id), None);
    file.comments.iter().map(comment).collect()
}

/// The comments of a document of ours, each with the field that it stands at.
pub(super) fn of_ours(
    file: &WordFile,
    walked: &[WalkedParagraph],
    arranged: &Arrangement,
    paths: &HashMap<usize, FieldPath>,
) -> Vec<WordComment> {
    let paragraphs: Vec<&WordParagraph> = file.text.paragraphs.iter().collect();
    let spans = spans(&paragraphs);
    // Those of grids are not walked.
    let of_line: HashMap<*const WordParagraph, usize> =
        walked.iter().enumerate().map(|(at, one)| (std::ptr::from_ref(one.source.word), at)).collect();
    let field = |span: &CommentSpan| -> Option<FieldPath> {
        let paragraph = paragraphs[span.start.0];
        let Some(at) = of_line.get(&std::ptr::from_ref(paragraph)) else {
            let tags = paragraph.pieces.iter().find_map(|piece| piece.tag.as_deref());
            return tags.map(FieldPath::from);
        };
        let Some(read) = &walked[*at].read else {
            return arranged.of_paragraph.get(at).and_then(|node| paths.get(node)).cloned();
        };
        let field = field_at(&read.parts, span.start.1)?;
        let item = item(field);
        let node = arranged.by_origin.get(&item)?;
        let path = if item.is_root() { FieldPath::root() } else { paths.get(node)?.clone() };
        let rest = &field.segments()[item.segments().len()..];
        Some(path.segments().iter().chain(rest).cloned().collect())
    };
    let mut texts = HashMap::new();
    let told = file.comments.iter().map(|note| {
        let span = spans.get(&note.id);
        comment(note, &paragraphs, &mut texts, span, span.and_then(field))
    });
    told.collect()
}

/// The field at this place of a paragraph, else the next one, else the one before.
fn field_at(parts: &[(usize, Option<FieldPath>)], at: usize) -> Option<&FieldPath> {
    let (before, behind) = parts.split_at(parts.partition_point(|(end, _)| *end <= at));
    let of = |(_, field): &'_ (usize, Option<FieldPath>)| field.is_some();
    let found = behind.iter().find(|part| of(part)).or_else(|| before.iter().rev().find(|part| of(part)));
    found.and_then(|(_, field)| field.as_ref())
}

fn spans(paragraphs: &[&WordParagraph]) -> HashMap<String, CommentSpan> {
    let mut spans: HashMap<String, CommentSpan> = HashMap::new();
    for (index, paragraph) in paragraphs.iter().enumerate() {
        for mark in &paragraph.comments {
            let here = (index, mark.at);
            let span = spans.entry(mark.id.clone()).or_insert(CommentSpan { start: here, end: here });
            if mark.edge == CommentEdge::End {
                span.end = here;
            }
        }
    }
    spans
}

fn comment(
    note: &WordNote,
    paragraphs: &[&WordParagraph],
    texts: &mut HashMap<usize, String>,
    span: Option<&CommentSpan>,
    path: Option<FieldPath>,
) -> WordComment {
    WordComment {
        author: clean(&note.author),
        day: note.day.as_deref().map(clean),
        line: span.map(|span| paragraphs[span.start.0].line),
        label: path.as_ref().map(contract::label),
        path,
        quoted: span.map(|span| quoted(paragraphs, texts, span)).unwrap_or_default(),
        text: clean(&note.text),
    }
}

/// So many paragraphs of those that a comment is about are quoted at most.
const QUOTED: usize = 8;

/// The words that a comment is about.
fn quoted(paragraphs: &[&WordParagraph], texts: &mut HashMap<usize, String>, span: &CommentSpan) -> String {
    let (first, last) = (span.start.0, span.end.0);
    let mut quoted = String::new();
    for index in (first..=last).take(QUOTED) {
        let text = texts.entry(index).or_insert_with(|| paragraphs[index].text());
        let start = if index == first { span.start.1 } else { 0 };
        let end = if index == last { span.end.1 } else { text.len() };
        let said = text.get(start..end).unwrap_or_default();
        quoted.extend(said.chars().take(LONGEST + 1));
    }
    let quoted = clean(&quoted).replace('\n', " ");
    match quoted.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}……", &quoted[..end]),
        None => quoted,
    }
}
