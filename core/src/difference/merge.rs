//! Two people have written on from the same report: one report that has what both wrote.

use std::collections::{HashMap, HashSet, VecDeque};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use similar::DiffOp;

use super::alignment::Alignment;
use super::normal::normal;
use super::sequence::compared;
use super::stretches::sentences;
use crate::report::fields::{self, Entry};
use crate::report::{DocumentKind, FieldPath};

/// What comes of two.
#[derive(Clone, Debug, PartialEq)]
pub struct Merge {
    pub tree: Value,
    /// Where both wrote something else. The tree has theirs.
    pub conflicts: Vec<Conflict>,
}

/// A field, or an item of a list, of which two have made different things. Nothing (`null`) is what is not
/// there: one has taken it away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Conflict {
    /// Where it stands in the merged tree; an item that `theirs` does not have, where it would stand.
    #[schemars(with = "String")]
    pub path: FieldPath,
    pub base: Value,
    pub mine: Value,
    pub theirs: Value,
}

impl Conflict {
    /// Whether choosing mine brings back an item, instead of changing the one that stands there.
    pub fn is_new_item(&self) -> bool {
        let is_item = self.path.segments().last().is_some_and(|last| last.index().is_some());
        is_item && self.theirs.is_null()
    }
}

/// Merges two reports that came of one. A field that only one side changed is as that side has it; lists are
/// merged item by item, and what both added is kept, theirs first; a text of which both changed sentences that
/// do not touch has the changes of both. What both changed in different ways is a conflict, and theirs stands.
/// Every text that one of the two wrote is in the tree or in a conflict.
pub fn merge(base: &Value, mine: &Value, theirs: &Value) -> Merge {
    let (base, mine, theirs) = (normal(base), normal(mine), normal(theirs));
    let mut conflicts = vec![];
    let whole = fields::of(DocumentKind::Report);
    let sides = Sides { base: Some(&base), mine: Some(&mine), theirs: Some(&theirs) };
    let merged = sides.merge(whole, &FieldPath::root(), &mut conflicts);
    // Groups that must be there came out empty, or keys in the order of their coming.
    let tree = normal(&merged.unwrap_or(Value::Null));
    Merge { tree, conflicts }
}

/// The same place in three trees.
#[derive(Clone, Copy)]
struct Sides<'a> {
    base: Option<&'a Value>,
    mine: Option<&'a Value>,
    theirs: Option<&'a Value>,
}

impl<'a> Sides<'a> {
    fn merge(self, entry: &Entry, path: &FieldPath, conflicts: &mut Vec<Conflict>) -> Option<Value> {
        let Self { base, mine, theirs } = self;
        if mine == base || mine == theirs {
            return theirs.cloned();
        }
        if theirs == base {
            return mine.cloned();
        }
        if let Some([base, mine, theirs]) = self.of_kind(Value::as_object) {
            return match entry {
                Entry::Table => self.merge_table(path, conflicts),
                _ => merge_maps([base, mine, theirs], entry, path, conflicts),
            };
        }
        if let Some([base, mine, theirs]) = self.of_kind(Value::as_array) {
            return merge_lists([base, mine, theirs], entry, path, conflicts);
        }
        if let (Some(Value::String(base)), Some(Value::String(mine)), Some(Value::String(theirs))) =
            (base, mine, theirs)
            && entry.is_text()
            && let Some(both) = merge_sentences(base, mine, theirs)
        {
            return Some(Value::String(both));
        }
        self.conflict(path, conflicts);
        theirs.cloned()
    }

    fn conflict(self, path: &FieldPath, conflicts: &mut Vec<Conflict>) {
        let value = |side: Option<&Value>| side.cloned().unwrap_or_default();
        let [base, mine, theirs] = [self.base, self.mine, self.theirs].map(value);
        conflicts.push(Conflict { path: path.clone(), base, mine, theirs });
    }

    /// All sides as maps or as lists; one that is not there is empty. The base may have been something else.
    fn of_kind<T: Default>(self, kind: fn(&'a Value) -> Option<&'a T>) -> Option<[Option<&'a T>; 3]> {
        let side = |value: Option<&'a Value>| match value {
            None => Some(None),
            Some(value) => kind(value).map(Some),
        };
        let [mine, theirs] = [side(self.mine)?, side(self.theirs)?];
        Some([self.base.and_then(kind), mine, theirs])
    }

    /// Cells are merged where all have the same columns; a table whose columns were changed by one and whose
    /// cells by the other would come out crooked.
    fn merge_table(self, path: &FieldPath, conflicts: &mut Vec<Conflict>) -> Option<Value> {
        let count = |side: Option<&'a Value>| side.map(|table| table["columns"].as_array().map(Vec::len));
        let has_same_columns = count(self.mine) == count(self.theirs) && count(self.mine) == count(self.base);
        match self.of_kind(Value::as_object) {
            Some(sides) if has_same_columns => merge_maps(sides, &Entry::Text, path, conflicts),
            _ => {
                self.conflict(path, conflicts);
                self.theirs.cloned()
            }
        }
    }
}

fn merge_maps(
    sides: [Option<&Map<String, Value>>; 3],
    entry: &Entry,
    path: &FieldPath,
    conflicts: &mut Vec<Conflict>,
) -> Option<Value> {
    let [base, mine, theirs] = sides;
    let mut keys: Vec<&String> = theirs.into_iter().chain(mine).flat_map(Map::keys).collect();
    let mut seen = HashSet::new();
    keys.retain(|key| seen.insert(*key));
    let mut merged = Map::new();
    for key in keys {
        let of = |side: Option<&'_ Map<String, Value>>| side.and_then(|map| map.get(key)).cloned();
        let values = [of(base), of(mine), of(theirs)];
        let sides = Sides { base: values[0].as_ref(), mine: values[1].as_ref(), theirs: values[2].as_ref() };
        let value = sides.merge(entry.within(key), &path.key(key), conflicts);
        merged.extend(value.map(|value| (key.clone(), value)));
    }
    (!merged.is_empty()).then_some(Value::Object(merged))
}

/// An item of the merged list, by where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum ItemOrigin {
    /// The base's item of this number, as far as it is left.
    Base(usize),
    /// What mine added, and what theirs did. What both added is theirs.
    Mine(usize),
    Theirs(usize),
}

fn merge_lists(
    sides: [Option<&Vec<Value>>; 3],
    entry: &Entry,
    path: &FieldPath,
    conflicts: &mut Vec<Conflict>,
) -> Option<Value> {
    let [base, mine, theirs] = sides.map(|side| side.map(Vec::as_slice).unwrap_or_default());
    // A row keeps its cells where they are.
    let is_row = path.segments().last().is_some_and(|last| last.index().is_some()) || is_header(path);
    if is_row {
        return merge_rows([base, mine, theirs], path, conflicts);
    }
    let (of_mine, of_theirs) = (Alignment::new(base, mine), Alignment::new(base, theirs));
    let mut merged = vec![];
    for origin in order(&of_mine, &of_theirs, mine, theirs) {
        let (base, mine, theirs) = match origin {
            ItemOrigin::Mine(index) => {
                merged.push(mine[index].clone());
                continue;
            }
            ItemOrigin::Theirs(index) => {
                merged.push(theirs[index].clone());
                continue;
            }
            ItemOrigin::Base(index) => {
                let mine = of_mine.new_of[index].map(|index| &mine[index]);
                (&base[index], mine, of_theirs.new_of[index].map(|index| &theirs[index]))
            }
        };
        let sides = Sides { base: Some(base), mine, theirs };
        let place = path.index(merged.len());
        merged.extend(match (mine, theirs) {
            (Some(_), Some(_)) => merge_items(sides, entry, &place, conflicts),
            // Taken away by one, and left alone by the other.
            (Some(left), None) | (None, Some(left)) if left == base => None,
            (None, None) => None,
            _ => {
                sides.conflict(&place, conflicts);
                theirs.cloned()
            }
        });
    }
    (!merged.is_empty()).then_some(Value::Array(merged))
}

/// An item of which nothing is left but conflicts would be none, and nobody could find them.
fn merge_items(
    sides: Sides<'_>,
    entry: &Entry,
    path: &FieldPath,
    conflicts: &mut Vec<Conflict>,
) -> Option<Value> {
    let entry = if matches!(entry, Entry::Items(_)) { entry } else { &Entry::Text };
    let before = conflicts.len();
    let merged = sides.merge(entry, path, conflicts);
    if merged.is_none() && conflicts.len() > before {
        conflicts.truncate(before);
        sides.conflict(path, conflicts);
        return sides.theirs.cloned();
    }
    merged
}

fn is_header(path: &FieldPath) -> bool {
    path.pattern().ends_with("table.columns")
}

fn merge_rows(sides: [&[Value]; 3], path: &FieldPath, conflicts: &mut Vec<Conflict>) -> Option<Value> {
    let [base, mine, theirs] = sides;
    if base.len() != mine.len() || base.len() != theirs.len() {
        let [base, mine, theirs] = sides.map(|side| Value::Array(side.to_vec()));
        conflicts.push(Conflict { path: path.clone(), base, mine, theirs: theirs.clone() });
        return Some(theirs);
    }
    let cells = (0..base.len()).map(|at| {
        let sides = Sides { base: Some(&base[at]), mine: Some(&mine[at]), theirs: Some(&theirs[at]) };
        sides.merge(&Entry::Line, &path.index(at), conflicts).unwrap_or_default()
    });
    Some(Value::Array(cells.collect()))
}

/// The order of the merged list. Whoever moved something leads, and theirs where both did or nobody; what the
/// other added comes behind what it stands behind in its own list.
fn order(of_mine: &Alignment, of_theirs: &Alignment, mine: &[Value], theirs: &[Value]) -> Vec<ItemOrigin> {
    let added_by_both = added_by_both(of_mine, of_theirs, mine, theirs);
    let mine: Vec<ItemOrigin> = of_mine
        .old_of
        .iter()
        .enumerate()
        .map(|(at, old)| match (old, added_by_both.get(&at)) {
            (Some(old), _) => ItemOrigin::Base(*old),
            (None, Some(theirs)) => ItemOrigin::Theirs(*theirs),
            (None, None) => ItemOrigin::Mine(at),
        })
        .collect();
    let theirs: Vec<ItemOrigin> = of_theirs
        .old_of
        .iter()
        .enumerate()
        .map(|(at, old)| old.map_or(ItemOrigin::Theirs(at), ItemOrigin::Base))
        .collect();
    let has_moved = |side: &Alignment| {
        side.old_of.iter().flatten().collect::<Vec<_>>().windows(2).any(|two| two[0] > two[1])
    };
    let do_i_lead = has_moved(of_mine) && !has_moved(of_theirs);
    let (leader, follower) = if do_i_lead { (&mine, &theirs) } else { (&theirs, &mine) };

    let led: HashSet<ItemOrigin> = leader.iter().copied().collect();
    let followed: HashSet<ItemOrigin> = follower.iter().copied().collect();
    // What only the follower has, by what it stands behind.
    let mut behind: HashMap<Option<ItemOrigin>, Vec<ItemOrigin>> = HashMap::new();
    let mut anchor = None;
    for origin in follower {
        if led.contains(origin) {
            anchor = Some(*origin);
        } else {
            behind.entry(anchor).or_default().push(*origin);
        }
    }
    let mut ordered = vec![];
    let mut rest = leader.as_slice();
    let mut anchor = None;
    loop {
        // What only the leader has, up to the next that both have.
        let (alone, next) =
            rest.split_at(rest.iter().position(|one| followed.contains(one)).unwrap_or(rest.len()));
        let follows = behind.remove(&anchor).unwrap_or_default();
        let (first, second) =
            if do_i_lead { (follows.as_slice(), alone) } else { (alone, follows.as_slice()) };
        ordered.extend(first.iter().chain(second));
        let Some((both, after)) = next.split_first() else { return ordered };
        ordered.push(*both);
        (anchor, rest) = (Some(*both), after);
    }
}

/// What mine added that theirs added, too, word for word.
fn added_by_both(
    of_mine: &Alignment,
    of_theirs: &Alignment,
    mine: &[Value],
    theirs: &[Value],
) -> HashMap<usize, usize> {
    fn added(side: &Alignment) -> impl Iterator<Item = usize> {
        side.old_of.iter().enumerate().filter(|(_, old)| old.is_none()).map(|(at, _)| at)
    }
    let mut free: HashMap<String, VecDeque<usize>> = HashMap::new();
    for at in added(of_theirs) {
        free.entry(theirs[at].to_string()).or_default().push_back(at);
    }
    let both = |at: usize| Some((at, free.get_mut(&mine[at].to_string())?.pop_front()?));
    added(of_mine).filter_map(both).collect()
}

/// A text of which each changed other sentences, with at least one between them that both left alone.
fn merge_sentences(base: &str, mine: &str, theirs: &str) -> Option<String> {
    let [base, mine, theirs] = [base, mine, theirs].map(sentences);
    // What stands in the place of which sentences of the base.
    let changes = |side: &[&str]| {
        let ops = compared(&base, side);
        let changes = ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
        changes.map(|op| (op.old_range(), side[op.new_range()].concat())).collect::<Vec<_>>()
    };
    let mut changes = [changes(&mine), changes(&theirs)].concat();
    changes.sort_by_key(|(range, _)| (range.start, range.end));
    changes.dedup();
    if changes.windows(2).any(|two| two[0].0.end >= two[1].0.start) {
        return None;
    }
    let mut merged = String::new();
    let mut told = 0;
    for (range, text) in changes {
        merged.push_str(&base[told..range.start].concat());
        merged.push_str(&text);
        told = range.end;
    }
    merged.push_str(&base[told..].concat());
    Some(merged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::difference::put;
    use proptest::prelude::*;
    use serde_json::json;

    fn body(paragraphs: &[&str]) -> Value {
        json!({"measures": [{"heading": "依法决策", "body": paragraphs}], "issuer": {}, "signature": {}})
    }

    fn merged_body(base: &[&str], mine: &[&str], theirs: &[&str]) -> (Vec<String>, Vec<Conflict>) {
        let Merge { tree, conflicts } = merge(&body(base), &body(mine), &body(theirs));
        let paragraphs = tree["measures"][0]["body"].as_array().cloned().unwrap_or_default();
        let text = |one: &Value| one["text"].as_str().unwrap().to_owned();
        (paragraphs.iter().map(text).collect(), conflicts)
    }

    const A: &str = "加强行政执法监督工作。";
    const B: &str = "推进政务公开，回应群众关切。";
    const C: &str = "健全依法决策机制。";
    const D: &str = "组织开展法治培训八次。";
    const E: &str = "办结行政复议案件十二件。";

    #[test]
    fn what_each_wrote_is_there() {
        let of = |base: &[&str], mine: &[&str], theirs: &[&str]| {
            let (merged, conflicts) = merged_body(base, mine, theirs);
            assert_eq!(conflicts, []);
            merged
        };
        // Added by both in one place, at the beginning, at the end.
        assert_eq!(of(&[A, B], &[A, C, B], &[A, D, B]), [A, D, C, B]);
        assert_eq!(of(&[], &[C], &[D, C]), [D, C]);
        assert_eq!(of(&[A], &[C, A], &[A, D]), [C, A, D]);
        // Moved by one, added by the other; taken away by one.
        assert_eq!(of(&[A, B, C], &[C, A, B], &[A, D, B, C]), [C, A, D, B]);
        assert_eq!(of(&[A, B, C], &[A, C], &[A, B, C, E]), [A, C, E]);
        assert_eq!(of(&[A, B], &[B], &[A]), [""; 0]);
        // Sentences that do not touch.
        let (one, two, three) = (format!("{A}{B}{C}"), format!("{D}{B}{C}"), format!("{A}{B}{C}{E}"));
        assert_eq!(of(&[&one], &[&two], &[&three]), [format!("{D}{B}{C}{E}")]);
    }

    #[test]
    fn what_both_wrote_differently_is_a_conflict() {
        let (merged, conflicts) =
            merged_body(&[A, B], &["加强行政执法全程监督。", B], &["加强行政执法案卷监督。", B]);
        assert_eq!(merged, ["加强行政执法案卷监督。", B]);
        assert_eq!(conflicts.len(), 1);
        assert_eq!(conflicts[0].path.to_string(), "measures[0].body[0].text");
        assert_eq!((&conflicts[0].mine, &conflicts[0].base), (&json!("加强行政执法全程监督。"), &json!(A)));

        // Taken away by one and written on by the other.
        let changed = "推进政务公开，及时回应群众关切。";
        let (merged, conflicts) = merged_body(&[A, B, C], &[A, changed, C], &[A, C]);
        assert_eq!((merged, conflicts.len()), (vec![A.into(), C.into()], 1));
        assert_eq!(
            (conflicts[0].path.to_string().as_str(), conflicts[0].is_new_item()),
            ("measures[0].body[1]", true)
        );
        let mut tree = body(&[A, C]);
        put(&mut tree, &conflicts[0].path, &conflicts[0].mine, true);
        assert_eq!(normal(&tree), normal(&body(&[A, changed, C])));
        let (merged, conflicts) = merged_body(&[A, B, C], &[A, C], &[A, changed, C]);
        assert_eq!((merged.len(), conflicts[0].mine.clone()), (3, Value::Null));
    }

    #[test]
    fn an_item_is_never_lost_with_its_conflicts() {
        let of = |item: Value| json!({"problems": [item]});
        let base = of(json!({"problem": A, "cause": B}));
        let mine = of(json!({"problem": "加强行政执法全程监督工作。"}));
        let theirs = of(json!({"cause": B}));
        let Merge { tree, conflicts } = merge(&base, &mine, &theirs);
        assert_eq!(tree["problems"], theirs["problems"]);
        assert_eq!(
            (conflicts[0].path.to_string().as_str(), &conflicts[0].mine),
            ("problems[0]", &mine["problems"][0])
        );
    }

    #[test]
    fn cells_are_merged_where_the_columns_are_the_same() {
        let table = |columns: &[&str], rows: &[&[&str]]| json!({"attachments": [{"title": "附件", "table": {"columns": columns, "rows": rows}}]});
        let base = table(&["项目", "数"], &[&["行政复议", "1"], &["行政诉讼", "2"]]);
        let mine = table(&["项目", "数"], &[&["行政复议", "9"], &["行政诉讼", "2"]]);
        let theirs = table(&["项目", "件数"], &[&["听证", ""], &["行政复议", "1"], &["行政诉讼", "3"]]);
        let merged = merge(&base, &mine, &theirs);
        let all = table(&["项目", "件数"], &[&["听证", ""], &["行政复议", "9"], &["行政诉讼", "3"]]);
        assert_eq!((merged.tree, merged.conflicts), (normal(&all), vec![]));

        let wider = table(&["项目", "上年", "数"], &[&["行政复议", "0", "1"], &["行政诉讼", "0", "2"]]);
        let merged = merge(&base, &mine, &wider);
        assert_eq!((merged.tree, merged.conflicts.len()), (normal(&wider), 1));
    }

    /// A million characters: every paragraph another, or moved, or one for all.
    #[test]
    fn the_longest_reports_are_merged_and_told_apart() {
        let of = |step: usize, add: &str| {
            let paragraphs = (0..70_000).map(|at| format!("第{}次办结案件{add}。", at * step % 69_997));
            json!({"preface": paragraphs.collect::<Vec<_>>()})
        };
        let (base, mine, theirs) = (of(1, ""), of(7, "甲"), of(1, "乙"));
        let merged = merge(&base, &mine, &theirs);
        let both = merged.tree["preface"].as_array().unwrap().len() + merged.conflicts.len();
        assert!(both >= 70_000);
        assert!(!super::super::differences(&mine, &theirs).is_empty());
        assert!(!super::super::differences(&of(1, ""), &of(3, "")).is_empty());
        let same = |count: usize| json!({"preface": vec!["办结案件。"; count]});
        assert_eq!(merge(&same(200_000), &same(100_000), &same(150_000)).conflicts, []);
        // Everything is everywhere.
        let shuffled = |step: usize| {
            let item = |at: usize| ["甲", "乙", "丙"][at * at / step % 3];
            json!({"preface": (0..200_000).map(item).collect::<Vec<_>>()})
        };
        assert_eq!(merge(&shuffled(7), &shuffled(11), &shuffled(13)).conflicts, []);
    }

    /// A report of a few texts that are often the same.
    fn tree() -> impl Strategy<Value = Value> {
        let word =
            || prop::sample::select(vec![A, B, C, D, E, "甲", "甲乙", "\u{202E}<b>", "", "一是加强法治。"]);
        let text = move || prop::collection::vec(word(), 0..4).prop_map(|words| words.concat());
        let paragraph = move || {
            prop_oneof![
                text().prop_map(Value::String),
                (text(), text()).prop_map(|(lead, text)| json!({"lead": lead, "text": text})),
            ]
        };
        let body = move || prop::collection::vec(paragraph(), 0..5);
        let measure = (text(), body()).prop_map(|(heading, body)| json!({"heading": heading, "body": body}));
        let problem =
            (text(), text()).prop_map(|(problem, cause)| json!({"problem": problem, "cause": cause}));
        let row = prop::collection::vec(word(), 2..3);
        let table =
            prop::collection::vec(row, 0..4).prop_map(|rows| json!({"columns": ["甲", "乙"], "rows": rows}));
        (
            prop::option::of(text()),
            prop::collection::vec(text(), 0..4),
            prop::collection::vec(measure, 0..4),
            prop::collection::vec(problem, 0..4),
            prop::option::of(table),
            prop::option::of(0..3u16),
        )
            .prop_map(|(title, preface, measures, problems, table, year)| {
                json!({
                    "title": title, "preface": preface, "measures": measures, "problems": problems,
                    "attachments": [{"table": table}], "year": year.map(|year| 2022 + year),
                })
            })
    }

    /// A tree and two that came of it: some of their fields are those of others.
    fn versions() -> impl Strategy<Value = [Value; 3]> {
        let change = || (tree(), prop::collection::vec(any::<bool>(), 6));
        (tree(), change(), change()).prop_map(|(base, mine, theirs)| {
            let changed = |(other, picks): (Value, Vec<bool>)| {
                let mut tree = base.clone();
                for ((key, value), _) in
                    other.as_object().unwrap().iter().zip(picks).filter(|(_, pick)| *pick)
                {
                    let kept = tree[key].as_array().cloned();
                    match (kept, value) {
                        // Some items stay.
                        (Some(mut items), Value::Array(others)) if others.len() % 2 == 1 => {
                            let at = others.len() % (items.len() + 1);
                            items.splice(at..at, others.iter().cloned());
                            tree[key] = items.into();
                        }
                        _ => tree[key] = value.clone(),
                    }
                }
                tree
            };
            [changed(mine), changed(theirs), base]
        })
    }

    fn sentences_of(value: &Value, into: &mut Vec<String>) {
        match value {
            Value::String(text) => into.extend(sentences(text).into_iter().map(str::to_owned)),
            Value::Array(items) => items.iter().for_each(|item| sentences_of(item, into)),
            Value::Object(entries) => entries.values().for_each(|value| sentences_of(value, into)),
            _ => {}
        }
    }

    fn all_sentences(value: &Value) -> Vec<String> {
        let mut all = vec![];
        sentences_of(value, &mut all);
        all.sort();
        all
    }

    proptest! {
        #[test]
        fn what_one_left_alone_is_as_the_other_has_it([mine, theirs, base] in versions()) {
            prop_assert_eq!(merge(&base, &mine, &base), Merge { tree: normal(&mine), conflicts: vec![] });
            prop_assert_eq!(merge(&base, &base, &theirs), Merge { tree: normal(&theirs), conflicts: vec![] });
            prop_assert_eq!(merge(&base, &mine, &mine), Merge { tree: normal(&mine), conflicts: vec![] });
        }

        #[test]
        fn nothing_that_was_written_is_lost([mine, theirs, base] in versions()) {
            let Merge { tree, conflicts } = merge(&base, &mine, &theirs);
            let mut there = all_sentences(&tree);
            there.extend(conflicts.iter().flat_map(|one| [all_sentences(&one.mine), all_sentences(&one.theirs)].concat()));
            let old = all_sentences(&normal(&base));
            for text in [all_sentences(&normal(&mine)), all_sentences(&normal(&theirs))].concat() {
                prop_assert!(old.contains(&text) || there.contains(&text), "{} is lost", text);
            }
        }

        #[test]
        fn it_does_not_matter_much_who_was_first([mine, theirs, base] in versions()) {
            let (one, other) = (merge(&base, &mine, &theirs), merge(&base, &theirs, &mine));
            prop_assert_eq!(one.conflicts.is_empty(), other.conflicts.is_empty());
            if one.conflicts.is_empty() {
                prop_assert_eq!(all_sentences(&one.tree), all_sentences(&other.tree));
            }
        }

        /// Whoever chooses mine gets what mine wrote, and nothing else moves.
        #[test]
        fn a_conflict_is_found_by_its_path([mine, theirs, base] in versions()) {
            let Merge { tree, conflicts } = merge(&base, &mine, &theirs);
            for conflict in conflicts {
                if !conflict.theirs.is_null() {
                    prop_assert_eq!(crate::difference::at(&tree, &conflict.path), Some(&conflict.theirs));
                }
                let mut chosen = tree.clone();
                put(&mut chosen, &conflict.path, &conflict.mine, conflict.is_new_item());
                for text in all_sentences(&conflict.mine) {
                    prop_assert!(all_sentences(&normal(&chosen)).contains(&text));
                }
            }
        }
    }
}
