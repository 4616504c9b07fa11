//! Section 2 of the draft: problems that several units state, grouped by matter and by words in common, those
//! of most units first.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::chooser::{Desk, DraftPart, in_one, is_nearly_same};
use super::units::MOST_NAMED;
use super::units::spoken;
use super::utterances::{Listener, weigh};
use super::wording::{attributed, unattributed};
use super::{SentenceOrigin, YearSpan};
use crate::guide::Guide;
use crate::language::lists;
use crate::language::pairs::{CharacterPair, TellingPairs, telling_pairs};
use crate::language::sentences::sentences;
use crate::language::standalone::is_standalone;
use crate::report::{FieldPath, Problem, Report, Text};

/// What share of the words of the shorter of two problems the other must have, in percent: where both are
/// about one matter, where that of one is not known, where they are about different ones.
const OF_ONE_MATTER: usize = 40;
const OF_UNKNOWN_MATTER: usize = 50;
const OF_OTHER_MATTER: usize = 60;

/// So many pairs of characters they must have in common in any case.
const LEAST_IN_COMMON: usize = 3;

/// A pair leads to so many groups at most; further ones are found by their other pairs.
const COMMON: usize = 64;

/// How many causes and examples of a problem are told.
const MOST_CAUSES: usize = 2;
const MOST_EXAMPLES: usize = 2;

/// A problem as one unit states it.
struct StatedProblem<'a> {
    unit: usize,
    index: usize,
    problem: &'a Problem,
    matter: Option<usize>,
    pairs: TellingPairs,
}

/// A problem of one unit, short enough to be held for many.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProblemSketch {
    /// The beginning of what the unit says, without its name.
    pub text: String,
    /// Which matter of the program's own guide it is about.
    pub matter: Option<usize>,
}

/// A problem that several units state.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedProblem {
    /// The words of the unit that say best what all of them say.
    pub text: String,
    /// By their numbers in the list that was given, rising.
    pub units: Vec<usize>,
}

/// So many problems of one unit are sketched at most, and so many characters of one.
const MOST_SKETCHED: usize = 20;
const LONGEST_SKETCH: usize = 60;

/// The problems that a report states, short.
pub fn problem_sketches(report: &Report) -> Vec<ProblemSketch> {
    let guide = Guide::built_in();
    let mut reader = guide.reader();
    let (name, years) = (spoken(&report.issuer), YearSpan { of: report.year.number() });
    let stated = report.problems.iter().filter(|one| !one.problem.trim().is_empty());
    let sketch = |one: &Problem| {
        let bare =
            unattributed(name, &report.issuer, &one.problem, years).trim_end_matches(['。', '；', ';', '，']);
        let text = bare.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_SKETCH).collect();
        ProblemSketch { text, matter: reader.matter(&one.problem, None) }
    };
    stated.take(MOST_SKETCHED).map(sketch).collect()
}

/// What several of these units state, those of most units first. Takes time in proportion to the problems.
pub fn shared_problems(sketches: &[(usize, ProblemSketch)]) -> Vec<SharedProblem> {
    let problem = |(unit, sketch): &(usize, ProblemSketch)| {
        let problem = Problem { problem: sketch.text.parse().ok()?, cause: None, detail: None };
        Some((*unit, sketch.matter, problem))
    };
    let problems: Vec<(usize, Option<usize>, Problem)> = sketches.iter().filter_map(problem).collect();
    let mut stated = Vec::with_capacity(problems.len());
    for (unit, matter, problem) in &problems {
        let pairs = words(&problem.problem);
        stated.push(StatedProblem { unit: *unit, index: 0, problem, matter: *matter, pairs });
    }
    let shared = grouped(&stated).into_iter().filter(|group| group.units.len() > 1);
    let told = |group: ProblemGroup| SharedProblem {
        text: stated[group.lead].problem.problem.to_string(),
        units: group.units,
    };
    shared.map(told).collect()
}

/// Problems that say the same, by their places.
struct ProblemGroup {
    /// The one whose words stand for all.
    lead: usize,
    members: Vec<usize>,
    units: Vec<usize>,
}

/// The groups of the draft.
pub(super) struct Problems {
    pub part: DraftPart,
    /// All of them as a table: as the draft states it, who, in which words.
    pub rows: Vec<[String; 3]>,
    /// Where the words of each row are from, row by row.
    pub sources: Vec<(usize, FieldPath, String)>,
    /// Which problem of the draft, from 1, a unit's problem went into.
    pub numbers: HashMap<(usize, usize), usize>,
}

pub(super) fn problems(desk: &Desk, listener: &mut Listener) -> Problems {
    let stated = stated(desk, listener);
    let groups = grouped(&stated);
    let mut all =
        Problems { part: DraftPart::default(), rows: vec![], sources: vec![], numbers: HashMap::new() };
    let (mut shared, mut single) = (0, 0);
    for group in &groups {
        let (count, most) = if group.units.len() > 1 {
            (&mut shared, desk.limits.shared_problems)
        } else {
            (&mut single, desk.limits.single_problems)
        };
        *count += 1;
        let is_shown = *count <= most;
        let lead = &stated[group.lead];
        let text = plain(desk, lead, &lead.problem.problem);
        for member in &group.members {
            let one = &stated[*member];
            let path = crate::path!["problems", one.index, "problem"];
            all.rows.push([
                text.clone(),
                desk.names.name(one.unit).to_owned(),
                one.problem.problem.to_string(),
            ]);
            all.sources.push((one.unit, path, one.problem.problem.to_string()));
            if is_shown {
                all.numbers.insert((one.unit, one.index), all.part.items.len() + 1);
            }
        }
        if is_shown {
            let item = item(desk, group, &stated, text, &mut all.part);
            all.part.items.push(item);
        }
    }
    tell(desk, &mut all.part, &stated, shared, single);
    all
}

fn tell(desk: &Desk, part: &mut DraftPart, stated: &[StatedProblem], shared: usize, single: usize) {
    if !stated.is_empty() {
        part.remarks.insert(0, format!(
            "各单位共提出{}条不足，按事项和用词归并成{}条，其中{shared}条有两个以上单位提出；归并是否妥当，请对照附件核对。",
            stated.len(),
            shared + single
        ));
    }
    let is_without = |item: &&Value| item.get("cause").is_none();
    let without: Vec<usize> =
        (1..).zip(&part.items).filter(|(_, item)| is_without(item)).map(|(number, _)| number).collect();
    if !without.is_empty() {
        let numbers: Vec<String> = without.iter().map(usize::to_string).collect();
        part.remarks.push(format!("第二部分第{}条没有单位写明原因，请补写。", numbers.join("、")));
    }
    let limits = desk.limits;
    let hidden =
        shared.saturating_sub(limits.shared_problems) + single.saturating_sub(limits.single_problems);
    if hidden > 0 {
        part.remarks.push(format!("有{hidden}条不足只列在附件里，没有写入第二部分。"));
    }
    let without: HashSet<usize> = stated.iter().map(|one| one.unit).collect();
    let without: Vec<usize> = (0..desk.units.len()).filter(|unit| !without.contains(unit)).collect();
    if !without.is_empty() {
        part.remarks.push(format!("{}没有写存在的不足。", desk.names.listed(&without)));
    }
}

fn stated<'a>(desk: &Desk<'a>, listener: &mut Listener) -> Vec<StatedProblem<'a>> {
    let mut stated = Vec::new();
    for (unit, one) in desk.units.iter().enumerate() {
        for (index, problem) in one.report.problems.iter().enumerate() {
            if problem.problem.trim().is_empty() {
                continue;
            }
            let (mut matter, _) = listener.matter(&problem.problem);
            if matter.is_none() {
                matter = problem.detail.as_deref().and_then(|detail| listener.matter(detail).0);
            }
            let pairs = words(&problem.problem);
            stated.push(StatedProblem { unit, index, problem, matter, pairs });
        }
    }
    stated
}

/// The words of a problem, without those that tell none from another, each in the way that stands for all
/// ways to say it.
fn words(problem: &str) -> TellingPairs {
    static WORDS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
        let lines = lists::lines(include_str!("data/problem_words.txt")).map(|line| line.split(' '));
        let pairs = lines.flat_map(|mut words| {
            let stands = words.next().unwrap_or_default();
            words.map(move |word| (word, stands))
        });
        let mut pairs: Vec<(&str, &str)> = pairs.collect();
        pairs.sort_by_key(|(word, _)| Reverse(word.len()));
        pairs
    });
    let usual = WORDS.iter().fold(problem.to_owned(), |text, (word, stands)| text.replace(word, stands));
    let telling = telling_pairs(&usual);
    // Where nothing else is left, what is left out elsewhere tells.
    if telling.is_empty() { telling_pairs(problem) } else { telling }
}

/// The problems that say the same: first each put to those that were seen before it, then the groups by the
/// words that stand for them, those of most units first.
fn grouped(stated: &[StatedProblem]) -> Vec<ProblemGroup> {
    let alone = |at: usize| ProblemGroup { lead: at, members: vec![at], units: vec![stated[at].unit] };
    let mut groups = merged((0..stated.len()).map(alone).collect(), stated);
    groups.iter_mut().for_each(|group| group.lead = representative(group, stated));
    sort(&mut groups);
    let mut groups = merged(groups, stated);
    groups.iter_mut().for_each(|group| group.lead = representative(group, stated));
    sort(&mut groups);
    groups
}

fn sort(groups: &mut [ProblemGroup]) {
    groups.sort_by_key(|group| (Reverse(group.units.len()), group.members[0]));
}

/// Each group goes to the one before it whose lead it has most words in common with, if enough.
fn merged(seen: Vec<ProblemGroup>, stated: &[StatedProblem]) -> Vec<ProblemGroup> {
    let mut groups: Vec<ProblemGroup> = Vec::new();
    let mut by_pair: HashMap<CharacterPair, Vec<usize>> = HashMap::new();
    for next in seen {
        let one = &stated[next.lead];
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for group in one.pairs.iter().filter_map(|pair| by_pair.get(pair)).flatten() {
            *shared.entry(*group).or_default() += 1;
        }
        let fits = |(group, count): &(usize, usize)| *count >= needed(&stated[groups[*group].lead], one);
        let nearest = shared.into_iter().filter(fits).max_by_key(|(group, count)| (*count, Reverse(*group)));
        if let Some((group, _)) = nearest {
            let group = &mut groups[group];
            group.members.extend(next.members);
            group.units.extend(next.units);
            continue;
        }
        for pair in &one.pairs {
            let places = by_pair.entry(*pair).or_default();
            if places.len() < COMMON {
                places.push(groups.len());
            }
        }
        groups.push(next);
    }
    for group in &mut groups {
        group.members.sort_unstable();
        group.units.sort_unstable();
        group.units.dedup();
    }
    groups
}

/// How many pairs two problems must have in common to be one.
fn needed(one: &StatedProblem, other: &StatedProblem) -> usize {
    let least = one.pairs.len().min(other.pairs.len());
    let share = match (one.matter, other.matter) {
        (Some(one), Some(other)) if one == other => OF_ONE_MATTER,
        (Some(_), Some(_)) => OF_OTHER_MATTER,
        _ => OF_UNKNOWN_MATTER,
    };
    (least * share).div_ceil(100).max(LEAST_IN_COMMON.min(least)).max(1)
}

/// The member whose words most others have, too, of equal ones the shortest; rather one that does not say 我 and has no odd characters.
fn representative(group: &ProblemGroup, stated: &[StatedProblem]) -> usize {
    let mut counts: HashMap<CharacterPair, usize> = HashMap::new();
    let pairs = group.members.iter().flat_map(|at| &stated[*at].pairs);
    pairs.for_each(|pair| *counts.entry(*pair).or_default() += 1);
    let score = |at: usize| {
        let one = &stated[at];
        let sum: usize = one.pairs.iter().map(|pair| counts[pair]).sum();
        let is_clean = one.problem.problem.chars().all(is_plain) && !one.problem.problem.contains('我');
        (is_clean, sum * 1000 / one.pairs.len().max(1), Reverse(one.problem.problem.len()), Reverse(at))
    };
    group.members.iter().copied().max_by_key(|at| score(*at)).unwrap_or(group.members[0])
}

/// Whether a character is one of usual prose.
fn is_plain(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '0'..='9' | '%' | '，' | '。' | '、' | '；' | '：' | '“' | '”' | '《' | '》' | '（' | '）')
}

/// A text of a problem without what numbers it and the unit's own name.
fn plain(desk: &Desk, one: &StatedProblem, text: &Text) -> String {
    let issuer = &desk.units[one.unit].report.issuer;
    let bare = unattributed(desk.names.name(one.unit), issuer, text, desk.years);
    bare.trim_end_matches(['。', '；', ';', '，']).to_owned()
}

fn item(
    desk: &Desk,
    group: &ProblemGroup,
    stated: &[StatedProblem],
    text: String,
    part: &mut DraftPart,
) -> Value {
    let place = crate::path!["problems", part.items.len()];
    let names = desk.names;
    let lead = &stated[group.lead];
    let origin = |one: &StatedProblem, key: &str, written: &str, text: &str| SentenceOrigin {
        path: place.key(key),
        written: written.to_owned(),
        unit: one.unit,
        name: names.name(one.unit).to_owned(),
        source: crate::path!["problems", one.index, key],
        text: text.to_owned(),
    };
    part.origins.push(origin(lead, "problem", &text, &lead.problem.problem));
    let examples = examples(desk, group, stated);
    let named = match group.units.len() {
        // Its example begins with its name.
        1 if !examples.is_empty() => String::new(),
        count @ 3..=MOST_NAMED => format!("{}（{count}个单位）提出。", names.listed(&group.units)),
        _ => format!("{}提出。", names.listed(&group.units)),
    };
    for (one, said, written) in &examples {
        part.origins.push(origin(one, "detail", written, said));
    }
    let written: Vec<String> = examples.into_iter().map(|(.., written)| written).collect();
    let detail = named + &in_one(&written);
    let causes = causes(desk, group, lead, stated);
    for (one, cause) in &causes {
        let said = one.problem.cause.as_deref().unwrap_or_default();
        part.origins.push(origin(one, "cause", cause, said));
    }
    let causes: Vec<&str> = causes.iter().map(|(_, cause)| cause.as_str()).collect();
    let mut item = json!({ "problem": text, "detail": detail });
    if !causes.is_empty() {
        item["cause"] = causes.join("；").into();
    }
    item
}

/// Sentences with figures that show the problem, of different units.
fn examples<'a, 's>(
    desk: &Desk,
    group: &ProblemGroup,
    stated: &'s [StatedProblem<'a>],
) -> Vec<(&'s StatedProblem<'a>, &'a str, String)> {
    let nothing = HashSet::new();
    let mut found: Vec<(i32, &StatedProblem, &str)> = Vec::new();
    for one in group.members.iter().map(|at| &stated[*at]) {
        let Some(detail) = one.problem.detail.as_deref() else { continue };
        let said = sentences(detail).map(|range| &detail[range]).filter(|said| is_standalone(said));
        let best = said.map(|said| (weigh(said, &nothing), said)).max_by_key(|(weight, _)| *weight);
        found.extend(best.filter(|(weight, _)| *weight > 0).map(|(weight, said)| (weight, one, said)));
    }
    found.sort_by_key(|(weight, one, _)| (Reverse(*weight), one.unit));
    let mut chosen: Vec<(i32, &StatedProblem, &str)> = Vec::new();
    for (weight, one, said) in found {
        let is_new = |(_, known, other): &(i32, &StatedProblem, &str)| {
            known.unit != one.unit && !is_nearly_same(other, said)
        };
        if chosen.len() < MOST_EXAMPLES && chosen.iter().all(is_new) {
            chosen.push((weight, one, said));
        }
    }
    let written = |one: &StatedProblem, said| {
        let issuer = &desk.units[one.unit].report.issuer;
        attributed(desk.names.name(one.unit), issuer, said, desk.years)
    };
    chosen.into_iter().map(|(_, one, said)| (one, said, written(one, said))).collect()
}

/// The causes that units give, that of the one whose words stand there first, none twice.
fn causes<'a, 's>(
    desk: &Desk,
    group: &ProblemGroup,
    lead: &'s StatedProblem<'a>,
    stated: &'s [StatedProblem<'a>],
) -> Vec<(&'s StatedProblem<'a>, String)> {
    let mut causes: Vec<(&StatedProblem, String, TellingPairs)> = Vec::new();
    let members = group.members.iter().map(|at| &stated[*at]);
    for one in std::iter::once(lead).chain(members) {
        let Some(cause) = &one.problem.cause else { continue };
        let written = plain(desk, one, cause).replace('\n', "");
        let pairs = telling_pairs(&written);
        let is_new = causes.iter().all(|(_, _, known)| {
            let least = known.len().min(pairs.len()).max(1);
            known.intersection(&pairs).count() * 100 < least * OF_ONE_MATTER
        });
        let is_known = causes.iter().any(|(known, ..)| std::ptr::eq(*known, one));
        if !written.trim().is_empty() && is_new && !is_known && !written.contains('我') {
            causes.push((one, written, pairs));
        }
        if causes.len() == MOST_CAUSES {
            break;
        }
    }
    causes.into_iter().map(|(one, written, _)| (one, written)).collect()
}
