//! The lines of a document with their levels, and how they stand below one another.

use super::document::{Block, BlockContent, Style};
use super::marker::{self, Marker};
use super::section::{self, HeadingName};
use crate::report::Paragraph;

/// A block of the document as the recogniser sees it.
#[derive(Clone, Debug)]
pub(super) struct SourceLine {
    /// Where it stands in the source.
    pub line: usize,
    pub style: Style,
    /// Its level: by its number, or by what the document itself says.
    pub marker: Option<Marker>,
    /// The text behind the number.
    pub text: String,
    /// The whole text.
    pub written: String,
    /// The rows of a table; its text is empty.
    pub table: Option<Vec<Vec<String>>>,
}

impl SourceLine {
    /// A line that stands alone, without a level.
    pub(super) fn plain(line: usize, text: &str) -> Self {
        let text = text.to_owned();
        Self { line, style: Style::Plain, marker: None, text: text.clone(), written: text, table: None }
    }

    /// What it says as a heading: all of it, or the sentence that it begins with.
    pub(super) fn heading(&self) -> &str {
        heading(&self.text).0.unwrap_or(&self.text)
    }

    /// All that it says besides its number: its text, or the cells of its table.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let cells = self.table.iter().flatten().flatten().map(String::as_str);
        std::iter::once(self.text.as_str()).chain(cells)
    }
}

/// The longest text that is a heading, in characters.
const LONGEST_HEADING: usize = 60;

/// The longest opening of a paragraph that is emphasised.
const LONGEST_LEAD: usize = 45;

/// What ends a sentence and so cannot end a heading.
const SENTENCE_ENDS: [char; 7] = ['。', '！', '？', '；', '：', '，', '、'];

/// The blocks with their levels. Headings that bear no number are ranked by what the document says.
pub(super) fn lines(blocks: Vec<Block>) -> Vec<SourceLine> {
    let mut levels: Vec<usize> = blocks
        .iter()
        .filter_map(|block| match block.words()? {
            (Style::Heading(level), text) if marker::numbered(text).is_none() => Some(level),
            _ => None,
        })
        .collect();
    levels.sort_unstable();
    levels.dedup();
    let has_chapters = blocks.iter().any(|block| {
        let number = block.words().and_then(|(_, text)| marker::numbered(text));
        matches!(number, Some((Marker::Part | Marker::Chapter, _)))
    });
    let ranks: &[Marker] = if has_chapters {
        &[Marker::Section, Marker::Item]
    } else {
        &[Marker::Chapter, Marker::Section, Marker::Item]
    };
    let rank = |level: usize| {
        let place = levels.iter().position(|known| *known == level).unwrap_or_default();
        ranks[place.min(ranks.len() - 1)]
    };
    let is_bare = is_without_numbers(&blocks);
    blocks
        .into_iter()
        .map(|block| match block.content {
            BlockContent::Table(rows) => SourceLine {
                line: block.line,
                style: Style::Plain,
                marker: None,
                text: String::new(),
                written: String::new(),
                table: Some(rows),
            },
            BlockContent::Text { style, text } => {
                let (marker, rest) = match (marker::numbered(&text), style) {
                    (Some((marker, rest)), _) => (Some(marker), rest.to_owned()),
                    (None, Style::Heading(level)) => (Some(rank(level)), text.clone()),
                    (None, Style::Plain | Style::Indented) if is_bare && is_section(&text) => {
                        (Some(Marker::Chapter), text.clone())
                    }
                    (None, _) => (None, text.clone()),
                };
                SourceLine { line: block.line, style, marker, text: rest, written: text, table: None }
            }
        })
        .collect()
}

/// The longest line that is the heading of a section without its number, in bytes.
const LONGEST_BARE: usize = 120;

/// Whether a line is the heading of a section and nothing else.
fn is_section(text: &str) -> bool {
    let name = || section::named(text);
    text.len() <= LONGEST_BARE
        && heading(text) == (Some(text), "")
        && !text.contains(['，', '；'])
        && matches!(name(), HeadingName::Section(_) | HeadingName::ProblemsAndPlans)
}

/// Whether the chapters of a document have lost their numbers: it has none, but headings that name sections.
fn is_without_numbers(blocks: &[Block]) -> bool {
    let texts = || blocks.iter().filter_map(Block::words);
    let is_ranked = |(style, text): (Style, &str)| {
        let number = marker::numbered(text).map(|(marker, _)| marker);
        matches!(style, Style::Heading(_)) || matches!(number, Some(Marker::Part | Marker::Chapter))
    };
    !texts().any(is_ranked) && texts().filter(|(_, text)| is_section(text)).count() > 1
}

/// The lines before the first one of the outermost level among them, and those lines each with what
/// stands below it.
pub(super) fn groups(lines: &[SourceLine]) -> (&[SourceLine], Vec<&[SourceLine]>) {
    let Some(level) = lines.iter().filter_map(|line| line.marker).min() else { return (lines, vec![]) };
    let starts: Vec<usize> =
        lines.iter().enumerate().filter(|(_, line)| line.marker == Some(level)).map(|(at, _)| at).collect();
    let ends = starts.iter().skip(1).copied().chain([lines.len()]);
    let groups = starts.iter().zip(ends).map(|(start, end)| &lines[*start..end]).collect();
    (&lines[..starts[0]], groups)
}

/// The heading that a numbered text is or begins with, without its mark, and the text behind it.
pub(super) fn heading(text: &str) -> (Option<&str>, &str) {
    let short = |heading: &str| heading.chars().count() <= LONGEST_HEADING;
    match text.find(['。', '：']).filter(|at| text[*at..].starts_with('。')) {
        Some(at) if short(&text[..at]) => (Some(&text[..at]), text[at + '。'.len_utf8()..].trim_start()),
        None if short(text) && !text.ends_with(SENTENCE_ENDS) && !text.is_empty() => (Some(text), ""),
        _ => (None, text),
    }
}

/// The paragraphs that a text makes: its points each by itself, with what opens them.
pub(super) fn paragraphs(text: &str) -> Vec<Paragraph> {
    let points = marker::points(text);
    // A point that has a line of its own.
    if points.is_empty() && marker::is_point(text) {
        return vec![opened(text)];
    }
    let mut cuts = vec![0];
    cuts.extend(points.iter().copied().filter(|at| *at > 0));
    let ends = cuts.iter().skip(1).copied().chain([text.len()]);
    let parts = cuts.iter().zip(ends).map(|(start, end)| (*start, &text[*start..end]));
    parts
        .filter(|(_, part)| !part.is_empty())
        .map(|(start, part)| if points.contains(&start) { opened(part) } else { paragraph(None, part) })
        .collect()
}

/// A paragraph whose first sentence opens it, if it is short and not all.
pub(super) fn opened(text: &str) -> Paragraph {
    let end = text.find('。').map(|at| at + '。'.len_utf8());
    match end.filter(|end| *end < text.len() && text[..*end].chars().count() <= LONGEST_LEAD) {
        Some(end) => paragraph(Some(&text[..end]), text[end..].trim_start()),
        None => paragraph(None, text),
    }
}

/// The paragraphs below a heading: what goes on behind it, and the lines below.
pub(super) fn body(rest: &str, below: &[SourceLine]) -> Vec<(usize, Paragraph)> {
    let mut body: Vec<(usize, Paragraph)> = Vec::new();
    let first_line = below.first().map_or(0, |line| line.line);
    body.extend(paragraphs(rest).into_iter().map(|paragraph| (first_line, paragraph)));
    let mut lines = below.iter().filter(|line| line.table.is_none()).peekable();
    while let Some(line) = lines.next() {
        match line.marker {
            None => body.extend(paragraphs(&line.text).into_iter().map(|one| (line.line, one))),
            Some(_) => {
                let is_heading = heading(&line.text) == (Some(&line.text), "");
                let next = lines.peek().filter(|next| next.marker.is_none());
                match (is_heading, next) {
                    (true, Some(next)) => {
                        let lead = format!("{}。", line.written);
                        body.push((line.line, paragraph(Some(&lead), &next.text)));
                        lines.next();
                    }
                    _ => body.push((line.line, opened(&line.written))),
                }
            }
        }
    }
    body
}

pub(super) fn paragraph(lead: Option<&str>, text: &str) -> Paragraph {
    Paragraph { lead: lead.map(fit), text: fit(text) }
}

/// A cleaned text as a value of the report. Cleaning has taken out what no value can hold; where the text
/// breaks a line that the value cannot, a space stands for the break.
pub(super) fn fit<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().or_else(|_| text.replace('\n', " ").parse()).expect("a cleaned text is fit")
}
