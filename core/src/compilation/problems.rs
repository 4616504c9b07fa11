//! Section 2 of the draft: problems that several units state, grouped by matter and by words in common, those
//! of most units first.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use super::SentenceOrigin;
use super::chooser::{Desk, DraftPart, in_one};
use super::utterances::{Listener, is_standalone, weigh};
use super::wording::{attributed, unattributed};
use crate::language::pairs::telling_pairs;
use crate::language::sentences::sentences;
use crate::report::{FieldPath, Problem, Text};

/// What share of the words of the shorter of two problems the other must have, in percent: where both are
/// about one matter, where that of one is not known, where they are about different ones.
const OF_ONE_MATTER: usize = 40;
const OF_UNKNOWN_MATTER: usize = 50;
const OF_OTHER_MATTER: usize = 70;

/// So many pairs of characters they must have in common in any case.
const LEAST_IN_COMMON: usize = 3;

/// A pair that stands in more problems than this share, in percent, tells none from another; looked at where
/// there are so many problems.
const EVERYWHERE: usize = 20;
const MANY_PROBLEMS: usize = 20;

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
    pairs: HashSet<[char; 2]>,
}

/// Problems that say the same, by their places; the first one that was seen leads.
struct ProblemGroup {
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
    let mut groups = grouped(&stated);
    groups.sort_by_key(|group| (Reverse(group.units.len()), group.members[0]));
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
        let lead = representative(group, &stated);
        let text = plain(desk, &stated[lead], &stated[lead].problem.problem);
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
            let item = item(desk, group, lead, &stated, text, &mut all.part);
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
            let pairs = telling_pairs(&problem.problem);
            stated.push(StatedProblem { unit, index, problem, matter, pairs });
        }
    }
    leave_out_everywhere(&mut stated);
    stated
}

/// 执法 among problems that are nearly all about 执法 tells none from another.
fn leave_out_everywhere(stated: &mut [StatedProblem]) {
    if stated.len() < MANY_PROBLEMS {
        return;
    }
    let mut counts: HashMap<[char; 2], usize> = HashMap::new();
    stated.iter().flat_map(|one| &one.pairs).for_each(|pair| *counts.entry(*pair).or_default() += 1);
    let most = stated.len() * EVERYWHERE / 100;
    for one in stated {
        let telling: HashSet<[char; 2]> =
            one.pairs.iter().copied().filter(|pair| counts[pair] <= most).collect();
        // A problem that would have no words left keeps them.
        if telling.len() >= LEAST_IN_COMMON {
            one.pairs = telling;
        }
    }
}

/// Each problem goes to the group whose first problem it has most words in common with, if enough.
fn grouped(stated: &[StatedProblem]) -> Vec<ProblemGroup> {
    let mut groups: Vec<ProblemGroup> = Vec::new();
    let mut by_pair: HashMap<[char; 2], Vec<usize>> = HashMap::new();
    for (at, one) in stated.iter().enumerate() {
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for group in one.pairs.iter().filter_map(|pair| by_pair.get(pair)).flatten() {
            *shared.entry(*group).or_default() += 1;
        }
        let fits = |(group, count): &(usize, usize)| {
            let first = &stated[groups[*group].members[0]];
            *count >= needed(first, one)
        };
        let nearest = shared.into_iter().filter(fits).max_by_key(|(group, count)| (*count, Reverse(*group)));
        match nearest {
            Some((group, _)) => {
                groups[group].members.push(at);
                if groups[group].units.last() != Some(&one.unit) {
                    groups[group].units.push(one.unit);
                }
            }
            None => {
                for pair in &one.pairs {
                    let places = by_pair.entry(*pair).or_default();
                    if places.len() < COMMON {
                        places.push(groups.len());
                    }
                }
                groups.push(ProblemGroup { members: vec![at], units: vec![one.unit] });
            }
        }
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

/// The member whose words most others have, too; rather one that does not say 我.
fn representative(group: &ProblemGroup, stated: &[StatedProblem]) -> usize {
    let mut counts: HashMap<[char; 2], usize> = HashMap::new();
    let pairs = group.members.iter().flat_map(|at| &stated[*at].pairs);
    pairs.for_each(|pair| *counts.entry(*pair).or_default() += 1);
    let score = |at: usize| {
        let one = &stated[at];
        let sum: usize = one.pairs.iter().map(|pair| counts[pair]).sum();
        (!one.problem.problem.contains('我'), sum * 1000 / one.pairs.len().max(1), Reverse(at))
    };
    group.members.iter().copied().max_by_key(|at| score(*at)).unwrap_or(group.members[0])
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
    lead: usize,
    stated: &[StatedProblem],
    text: String,
    part: &mut DraftPart,
) -> Value {
    let place = crate::path!["problems", part.items.len()];
    let names = desk.names;
    let lead = &stated[lead];
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
    let mut detail = match group.units.len() {
        1 => format!("{}提出。", names.name(lead.unit)),
        count if count > 12 => format!("{}提出。", names.listed(&group.units)),
        count => format!("{}{count}个单位提出。", names.all(&group.units)),
    };
    for (one, said, written) in &examples {
        part.origins.push(origin(one, "detail", written, said));
    }
    let written: Vec<String> = examples.into_iter().map(|(.., written)| written).collect();
    detail.push_str(&in_one(&written));
    let causes = causes(desk, group, lead, stated);
    for (one, cause) in &causes {
        let said = one.problem.cause.as_deref().unwrap_or_default();
        part.origins.push(origin(one, "cause", cause, said));
    }
    if causes.is_empty() {
        part.remarks.push(format!("“{text}”没有单位写明原因，请补写。"));
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
    let mut seen = HashSet::new();
    found.retain(|(_, one, _)| seen.insert(one.unit));
    found.truncate(MOST_EXAMPLES);
    let written = |one: &StatedProblem, said| {
        let issuer = &desk.units[one.unit].report.issuer;
        attributed(desk.names.name(one.unit), issuer, said, desk.years)
    };
    found.into_iter().map(|(_, one, said)| (one, said, written(one, said))).collect()
}

/// The causes that units give, that of the one whose words stand there first, none twice.
fn causes<'a, 's>(
    desk: &Desk,
    group: &ProblemGroup,
    lead: &'s StatedProblem<'a>,
    stated: &'s [StatedProblem<'a>],
) -> Vec<(&'s StatedProblem<'a>, String)> {
    let mut causes: Vec<(&StatedProblem, String, HashSet<[char; 2]>)> = Vec::new();
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
