//! A digest as plain text in topic headings, no longer than a newspaper has room for.

use std::cmp::Reverse;

use super::{Digest, DigestFigure, Quotation};

/// The most characters, line ends and all.
pub const MAX_CHARACTERS: usize = 1_200;

/// The text, and how many of the chosen sentences it has no room for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewspaperText {
    pub text: String,
    pub left_out: usize,
}

/// How a paragraph begins.
const INDENT: &str = "　　";

/// The digest as text. What says most is taken first, from each heading one sentence before a second of any.
pub fn newspaper_text(digest: &Digest) -> NewspaperText {
    let title = format!("{}{}年法治政府建设成绩单\n", digest.issuer, digest.year);
    let mut room = MAX_CHARACTERS.saturating_sub(length(&title));
    let figures = figures(&digest.headline, room);
    room -= length(&figures);

    let mut order: Vec<(usize, usize, usize)> = Vec::new();
    for (section, part) in digest.sections.iter().enumerate() {
        let mut best: Vec<usize> = (0..part.quotations.len()).collect();
        best.sort_by_key(|number| Reverse(part.quotations[*number].weight));
        order.extend(best.into_iter().enumerate().map(|(turn, number)| (turn, section, number)));
    }
    order.sort_by_key(|(turn, section, number)| {
        (*turn, Reverse(digest.sections[*section].quotations[*number].weight))
    });
    let mut taken: Vec<(usize, usize)> = Vec::new();
    for (_, section, number) in &order {
        let part = &digest.sections[*section];
        let is_new = taken.iter().all(|(known, _)| known != section);
        let heading = part.heading.as_deref().map_or(0, |heading| length(heading) + 1);
        let around = if is_new { heading + length(INDENT) + 1 } else { 0 };
        let needed = around + length(&said(&part.quotations[*number]));
        if needed <= room {
            room -= needed;
            taken.push((*section, *number));
        }
    }
    taken.sort_unstable();
    let left_out = order.len() - taken.len();

    let mut text = title + &figures;
    for (at, part) in digest.sections.iter().enumerate() {
        let own: Vec<String> = taken
            .iter()
            .filter(|(known, _)| *known == at)
            .map(|(_, number)| said(&part.quotations[*number]))
            .collect();
        if own.is_empty() {
            continue;
        }
        if let Some(heading) = &part.heading {
            text.push_str(heading);
            text.push('\n');
        }
        text.push_str(INDENT);
        text.push_str(&own.concat());
        text.push('\n');
    }
    NewspaperText { text, left_out }
}

/// The figures that are set large, as far as there is room, in a paragraph.
fn figures(headline: &[DigestFigure], room: usize) -> String {
    let mut text = String::new();
    for figure in headline {
        let DigestFigure { name, about, value, unit, previous, .. } = figure;
        let before = previous.as_ref().map(|previous| format!("（上年{previous}）")).unwrap_or_default();
        let one = format!("{name}{about}{value}{unit}{before}");
        let mark = if text.is_empty() { INDENT } else { "；" };
        // The mark at the end and the line end.
        if length(&text) + length(mark) + length(&one) + 2 > room {
            break;
        }
        text.push_str(mark);
        text.push_str(&one);
    }
    if text.is_empty() { text } else { text + "。\n" }
}

/// A sentence with its lead, each ended: a problem is named without a mark.
fn said(one: &Quotation) -> String {
    let ended = |text: &str| match text.trim_end_matches('”').ends_with(['。', '！', '？', '；', '：'])
    {
        true => text.to_owned(),
        false => format!("{text}。"),
    };
    format!("{}{}", one.lead.as_deref().map(ended).unwrap_or_default(), ended(&one.text()))
}

fn length(text: &str) -> usize {
    text.chars().count()
}
