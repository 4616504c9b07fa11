//! Which paragraph of a document is which of those that it was printed of: by the fields that its controls
//! name, and where they name none by what it says.

use std::collections::{HashMap, HashSet, VecDeque};

use super::super::format::docx::WordParagraph;
use super::printed::{PrintedDocument, PrintedParagraph, cell, skeleton};
use crate::difference::Bag;
use crate::report::FieldPath;

/// A paragraph of the document, and what its controls say.
pub(super) struct DocumentParagraph<'a> {
    pub word: &'a WordParagraph,
    pub text: String,
    pub pieces: Vec<DocumentPiece>,
    /// Up to where each part of the text goes, in bytes, and whether it is set as an opening.
    pub leads: Vec<(usize, bool)>,
    /// The printed paragraph that it is.
    pub home: Option<usize>,
    /// Whether it is the rest of that one, cut from the paragraph before.
    pub is_rest: bool,
}

/// Text within a control that names a field, or outside of any.
#[derive(Clone)]
pub(super) struct DocumentPiece {
    pub field: Option<FieldPath>,
    /// Which control it is.
    pub control: usize,
    pub text: String,
}

impl<'a> DocumentParagraph<'a> {
    /// The paragraph as its controls have it. What a control names that was not printed is no field, and noted.
    pub(super) fn new(
        word: &'a WordParagraph,
        printed: &PrintedDocument,
        is_lead: impl Fn(&str) -> bool,
        unknown: &mut Vec<String>,
    ) -> Self {
        let mut made =
            Self { word, text: word.text(), pieces: vec![], leads: vec![], home: None, is_rest: false };
        let mut end = 0;
        for piece in &word.pieces {
            let path = piece.tag.as_deref().map(FieldPath::from);
            let field = path.filter(|path| printed.fields.contains_key(path));
            if let (None, Some(tag)) = (&field, &piece.tag) {
                unknown.push(tag.to_string());
            }
            end += piece.text.len();
            made.leads.push((end, piece.style.as_deref().is_some_and(&is_lead)));
            let control = if field.is_some() { piece.control } else { 0 };
            match made.pieces.last_mut() {
                Some(last) if last.control == control => last.text.push_str(&piece.text),
                _ => made.pieces.push(DocumentPiece { field, control, text: piece.text.clone() }),
            }
        }
        made
    }

    /// Whether the text at this place, in bytes, is set as an opening.
    pub(super) fn is_lead(&self, at: usize) -> bool {
        let next = self.leads.partition_point(|(end, _)| *end <= at);
        self.leads.get(next).is_some_and(|(_, is_lead)| *is_lead)
    }

    fn fields(&self) -> impl Iterator<Item = &FieldPath> {
        self.pieces.iter().filter_map(|piece| piece.field.as_ref())
    }
}

/// How much of two paragraphs must be the same, in thousandths, that one came of the other.
const ALIKE: u32 = 450;

/// The same of two that stand alone between the same neighbours.
const ALIKE_IN_PLACE: u32 = 200;

/// How many pairs of characters are counted at most to find which paragraph came of which.
const STEPS: usize = 8_000_000;

/// Texts up to this many bytes, all together, are held against each other at all.
const LONGEST: usize = 8 << 20;

/// So many paragraphs ahead one is looked for where all would take too long.
const AHEAD: usize = 4;

/// Finds the home of each paragraph.
pub(super) fn pair(document: &mut [DocumentParagraph], printed: &PrintedDocument) {
    by_controls(document, printed);
    let named: HashSet<FieldPath> = document.iter().flat_map(|one| one.fields().cloned()).collect();
    let homes: HashSet<usize> = document.iter().filter_map(|one| one.home).collect();
    let is_open = |(at, paragraph): &(usize, &PrintedParagraph)| {
        let mut fields = paragraph.pieces.iter().filter_map(|run| run.field.as_ref());
        let is_cell = paragraph.pieces.iter().any(|run| run.field.as_ref().and_then(cell).is_some());
        !is_cell
            && !homes.contains(at)
            && !paragraph.text.trim().is_empty()
            && fields.all(|field| !named.contains(field))
    };
    let mut open: Vec<usize> =
        printed.paragraphs.iter().enumerate().filter(is_open).map(|(at, _)| at).collect();
    let mut left: Vec<usize> = (0..document.len())
        .filter(|at| document[*at].home.is_none() && !document[*at].text.trim().is_empty())
        .collect();
    equal(document, printed, &mut left, &mut open);
    similar(document, printed, &mut left, &mut open);
    lonely(document, printed, &left, &open);
    rests(document, printed, &left);
}

/// The shortest beginning by which a text is known, in pairs of characters.
const BEGINNING: usize = 12;

/// How much of two texts is the same, in thousandths. A few characters are no beginning of another text.
fn alike(one: &Bag, other: &Bag) -> u32 {
    if one.size().min(other.size()) < BEGINNING {
        let sum = (one.size() + other.size()).max(1);
        return u32::try_from(one.common(other) * 2000 / sum).unwrap_or_default();
    }
    one.alike(other)
}

/// So many places in which a field was printed are looked at for one with the same words around it.
const HOMES: usize = 4;

/// The n-th paragraph with a control of a field is the n-th that it was printed in, unless other words stand around
/// it: a copy belongs to what it was copied of.
fn by_controls(document: &mut [DocumentParagraph], printed: &PrintedDocument) {
    let mut seen: HashMap<FieldPath, usize> = HashMap::new();
    for paragraph in document.iter_mut() {
        let Some(first) = paragraph.fields().next().cloned() else { continue };
        let homes = &printed.fields[&first].paragraphs;
        let count = seen.entry(first).or_default();
        let next = homes.get(*count).or(homes.last());
        let outside = paragraph.pieces.iter().filter(|piece| piece.field.is_none());
        let outside = skeleton(&outside.map(|piece| piece.text.as_str()).collect::<String>());
        let is_like = |home: &&usize| {
            let runs = printed.paragraphs[**home].pieces.iter().filter(|run| run.field.is_none());
            skeleton(&runs.map(|run| run.text.as_str()).collect::<String>()) == outside
        };
        let like = next.into_iter().chain(homes.iter().take(HOMES)).find(is_like);
        paragraph.home = like.or(next).copied();
        *count += 1;
    }
}

fn equal(
    document: &mut [DocumentParagraph],
    printed: &PrintedDocument,
    left: &mut Vec<usize>,
    open: &mut Vec<usize>,
) {
    let mut places: HashMap<&str, VecDeque<usize>> = HashMap::new();
    for at in open.iter() {
        places.entry(&printed.paragraphs[*at].text).or_default().push_back(*at);
    }
    let mut taken = HashSet::new();
    left.retain(|at| {
        let home = places.get_mut(document[*at].text.as_str()).and_then(VecDeque::pop_front);
        document[*at].home = home;
        taken.extend(home);
        home.is_none()
    });
    open.retain(|at| !taken.contains(at));
}

/// Those that say nearly the same, the likeliest first.
fn similar(
    document: &mut [DocumentParagraph],
    printed: &PrintedDocument,
    left: &mut Vec<usize>,
    open: &mut Vec<usize>,
) {
    let length: usize = left.iter().map(|at| document[*at].text.len()).sum();
    let old_length: usize = open.iter().map(|at| printed.paragraphs[*at].text.len()).sum();
    if length + old_length > LONGEST {
        return;
    }
    let new: Vec<(usize, Bag)> = left.iter().map(|at| (*at, Bag::of_text(&document[*at].text))).collect();
    let old: Vec<(usize, Bag)> =
        open.iter().map(|at| (*at, Bag::of_text(&printed.paragraphs[*at].text))).collect();
    let (mut before, mut scanned) = (0, 0);
    let size = |bags: &[(usize, Bag)]| bags.iter().map(|(_, bag)| bag.size() + 1).sum::<usize>();
    let is_quick = old.len() * size(&new) + new.len() * size(&old) <= STEPS;
    let mut steps = STEPS;
    let mut pairs = vec![];
    for (place, (at, bag)) in new.iter().enumerate() {
        let window = if is_quick {
            0..old.len()
        } else {
            // Where it would stand if nothing else had come or gone.
            while scanned < *at {
                before = document[scanned].home.map_or(before, |home| home + 1);
                scanned += 1;
            }
            let start = old.partition_point(|(home, _)| *home < before);
            start..(start + AHEAD).min(old.len())
        };
        for (home, other) in &old[window] {
            let cost = bag.size().min(other.size()) + 1;
            if cost > steps {
                break;
            }
            steps -= cost;
            let alike = alike(bag, other);
            if alike >= ALIKE {
                pairs.push((1000 - alike, place.abs_diff(*home), *at, *home));
            }
        }
    }
    pairs.sort_unstable();
    let mut taken = HashSet::new();
    for (_, _, at, home) in pairs {
        if document[at].home.is_none() && taken.insert(home) {
            document[at].home = Some(home);
        }
    }
    left.retain(|at| document[*at].home.is_none());
    open.retain(|at| !taken.contains(at));
}

/// One that is left between two neighbours, and one that was printed between the same.
fn lonely(document: &mut [DocumentParagraph], printed: &PrintedDocument, left: &[usize], open: &[usize]) {
    for (place, at) in left.iter().enumerate() {
        let is_alone = place.checked_sub(1).is_none_or(|before| left[before] + 1 != *at)
            && left.get(place + 1).is_none_or(|next| *at + 1 != *next);
        let before = at.checked_sub(1).and_then(|before| document[before].home);
        let after = document.get(at + 1).and_then(|after| after.home);
        let start = before.map_or(0, |before| before + 1);
        let end = after.unwrap_or(printed.paragraphs.len());
        let first = open.partition_point(|home| *home < start);
        if let (true, [home, rest @ ..]) = (is_alone, &open[first..])
            && *home < end
            && rest.first().is_none_or(|next| *next >= end)
        {
            let old = &printed.paragraphs[*home].text;
            if alike(&Bag::of_text(old), &Bag::of_text(&document[*at].text)) >= ALIKE_IN_PLACE {
                document[*at].home = Some(*home);
            }
        }
    }
}

/// How much of a paragraph must stand in a printed one, in thousandths, to be cut from it.
const WITHIN: usize = 700;

/// Those that were cut from the paragraph before them.
fn rests(document: &mut [DocumentParagraph], printed: &PrintedDocument, left: &[usize]) {
    let mut steps = STEPS;
    for at in left.iter().copied() {
        let Some(before) = at.checked_sub(1).filter(|_| document[at].home.is_none()) else { continue };
        let Some(home) = document[before].home else { continue };
        let old = &printed.paragraphs[home].text;
        let cost = old.len() + document[at].text.len() + document[before].text.len();
        if document[before].text.len() >= old.len() || cost > steps {
            continue;
        }
        steps -= cost;
        let (old, new) = (Bag::of_text(old), Bag::of_text(&document[at].text));
        let (kept, rest) = (Bag::of_text(&document[before].text).common(&old), new.common(&old));
        let is_within = rest * 1000 >= new.size() * WITHIN;
        if is_within && (kept + rest) * 10 <= old.size() * 11 {
            document[at].home = Some(home);
            document[at].is_rest = true;
        }
    }
}

/// How much of the document is what was printed, in thousandths.
pub(super) fn agreement(document: &[DocumentParagraph], printed: &PrintedDocument) -> u32 {
    let (mut same, mut all, mut steps) = (0usize, 0usize, STEPS);
    for paragraph in document {
        let size = paragraph.text.len();
        all += size;
        let Some(home) = paragraph.home else { continue };
        let old = &printed.paragraphs[home].text;
        let cost = size + old.len();
        if *old == paragraph.text || cost > steps {
            same += size;
        } else {
            steps -= cost;
            same += size * Bag::of_text(old).alike(&Bag::of_text(&paragraph.text)) as usize / 1000;
        }
    }
    u32::try_from(same * 1000 / all.max(1)).unwrap_or_default()
}
