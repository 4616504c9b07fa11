//! Which item of one list is which of another: by what they say, wherever they stand.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde_json::Value;
use similar::DiffOp;

use super::sequence::compared;

/// How much of two items must be the same, in thousandths, that one came of the other.
const ALIKE: u32 = 450;

/// The same of two that stand alone between the same neighbours.
const ALIKE_IN_PLACE: u32 = 200;

/// How many pairs of characters are counted at most to find which item came of which. Beyond, only those that
/// stand in the same place are held against each other.
const STEPS: usize = 20_000_000;

/// Two lists, item by item.
pub(super) struct Alignment {
    /// For each new item the old one that it came of.
    pub(super) old_of: Vec<Option<usize>>,
    /// For each old item the new one that came of it.
    pub(super) new_of: Vec<Option<usize>>,
}

impl Alignment {
    pub(super) fn new(old: &[Value], new: &[Value]) -> Self {
        let mut found = Self { old_of: vec![None; new.len()], new_of: vec![None; old.len()] };
        found.pair_equals(old, new);
        found.pair_named(old, new);
        found.pair_similar(old, new);
        found.pair_lonely(old, new);
        found
    }

    /// Whether each new item stays in the order that it has among the old ones.
    pub(super) fn stay(&self) -> Vec<bool> {
        // The longest rising run of old places: for each length the new item that ends it at the lowest place.
        let mut ends: Vec<usize> = vec![];
        let mut before: Vec<Option<usize>> = vec![None; self.old_of.len()];
        for (at, old) in self.old_of.iter().enumerate().filter_map(|(at, old)| Some((at, (*old)?))) {
            let length = ends.partition_point(|end| self.old_of[*end].is_some_and(|place| place < old));
            before[at] = length.checked_sub(1).map(|shorter| ends[shorter]);
            ends.truncate(length.max(ends.len()));
            if length == ends.len() {
                ends.push(at);
            } else {
                ends[length] = at;
            }
        }
        let mut stay = vec![false; self.old_of.len()];
        let mut end = ends.last().copied();
        while let Some(at) = end {
            stay[at] = true;
            end = before[at];
        }
        stay
    }

    fn pair(&mut self, old: usize, new: usize) {
        self.old_of[new] = Some(old);
        self.new_of[old] = Some(new);
    }

    /// Equal items: those that keep their order, then those that moved.
    fn pair_equals(&mut self, old: &[Value], new: &[Value]) {
        let (before, after) = (prints(old), prints(new));
        for op in compared(&before, &after) {
            if let DiffOp::Equal { old_index, new_index, len } = op {
                (0..len).for_each(|step| self.pair(old_index + step, new_index + step));
            }
        }
        self.pair_moved(&before, &after);
    }

    /// Those of the same name in the contract: an indicator is the same whatever its value.
    fn pair_named(&mut self, old: &[Value], new: &[Value]) {
        let names = |items: &[Value]| -> Vec<String> {
            let name = |item: &Value| item.get("key").and_then(Value::as_str).unwrap_or_default().to_owned();
            items.iter().map(name).collect()
        };
        self.pair_moved(&names(old), &names(new));
    }

    fn pair_moved(&mut self, before: &[String], after: &[String]) {
        let mut free: HashMap<&str, VecDeque<usize>> = HashMap::new();
        for (index, print) in before.iter().enumerate() {
            if self.new_of[index].is_none() && !print.is_empty() {
                free.entry(print).or_default().push_back(index);
            }
        }
        for (index, print) in after.iter().enumerate() {
            if self.old_of[index].is_none()
                && let Some(old) = free.get_mut(print.as_str()).and_then(VecDeque::pop_front)
            {
                self.pair(old, index);
            }
        }
    }

    /// Those that are left and say nearly the same, the likeliest first.
    fn pair_similar(&mut self, old: &[Value], new: &[Value]) {
        let olds: Vec<(usize, Bag)> = self.left(&self.new_of, old);
        let news: Vec<(usize, Bag)> = self.left(&self.old_of, new);
        let size = |bags: &[(usize, Bag)]| bags.iter().map(|(_, bag)| bag.size + 1).sum::<usize>();
        if olds.len() * size(&news) + news.len() * size(&olds) > STEPS {
            return;
        }
        let mut pairs = vec![];
        for (old_at, old_bag) in &olds {
            for (new_at, new_bag) in &news {
                let alike = old_bag.alike(new_bag);
                if alike >= ALIKE {
                    pairs.push((1000 - alike, old_at.abs_diff(*new_at), *old_at, *new_at));
                }
            }
        }
        pairs.sort_unstable();
        for (_, _, old, new) in pairs {
            if self.new_of[old].is_none() && self.old_of[new].is_none() {
                self.pair(old, new);
            }
        }
    }

    /// One that is left between two neighbours in the old list, and one between the same in the new.
    fn pair_lonely(&mut self, old: &[Value], new: &[Value]) {
        let mut at = 0;
        while at < new.len() {
            let end = (at..new.len()).find(|index| self.old_of[*index].is_some()).unwrap_or(new.len());
            let start = match at {
                0 => Some(0),
                _ => self.old_of[at - 1].map(|before| before + 1),
            };
            let stop = self.old_of.get(end).copied().flatten().unwrap_or(old.len());
            if let Some(start) = start
                && end == at + 1
                && stop == start + 1
                && self.new_of[start].is_none()
                && is_one_in_place(&old[start], &new[at])
            {
                self.pair(start, at);
            }
            at = end + 1;
        }
    }

    fn left(&self, pairs: &[Option<usize>], items: &[Value]) -> Vec<(usize, Bag)> {
        let left = pairs.iter().zip(items).enumerate().filter(|(_, (pair, _))| pair.is_none());
        left.map(|(index, (_, item))| (index, Bag::of(item))).collect()
    }
}

/// What stands in the same place is the same paragraph, however much of it was rewritten; a measure of several
/// parts that has nothing of the other is another.
fn is_one_in_place(old: &Value, new: &Value) -> bool {
    let names = |item: &Value| item.get("key").and_then(Value::as_str).map(str::to_owned);
    match (names(old), names(new)) {
        (Some(one), Some(other)) => one == other,
        _ if has_one_text(old) && has_one_text(new) => true,
        _ => Bag::of(old).alike(&Bag::of(new)) >= ALIKE_IN_PLACE,
    }
}

fn has_one_text(item: &Value) -> bool {
    match item {
        Value::Object(entries) => entries.values().all(Value::is_string) && entries.contains_key("text"),
        item => !item.is_array(),
    }
}

fn prints(items: &[Value]) -> Vec<String> {
    // The trees are in one order, so equal ones are equal here too.
    items.iter().map(Value::to_string).collect()
}

/// The characters of an item, two by two, and how often each pair stands there.
pub(crate) struct Bag {
    pairs: BTreeMap<(char, char), u32>,
    size: usize,
    text: String,
}

impl Bag {
    fn of(item: &Value) -> Self {
        let mut text = String::new();
        gather(item, &mut text);
        Self::of_text(&text)
    }

    /// The bag of a text.
    pub(crate) fn of_text(text: &str) -> Self {
        let mut pairs = BTreeMap::new();
        let mut last = '\n';
        for next in text.chars() {
            if next != '\n' || last != '\n' {
                *pairs.entry((last, next)).or_default() += 1;
            }
            last = next;
        }
        let size = pairs.values().map(|count| *count as usize).sum();
        Self { pairs, size, text: text.to_owned() }
    }

    /// How many pairs there are.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// How much of both is the same, in thousandths.
    pub(crate) fn alike(&self, other: &Self) -> u32 {
        // What was begun and is written on.
        let (short, long) = if self.size < other.size { (self, other) } else { (other, self) };
        if short.size > 1 && long.text.starts_with(short.text.trim_end()) {
            return 950;
        }
        let sum = (self.size + other.size).max(1);
        u32::try_from(self.common(other) * 2000 / sum).expect("no more than 1000")
    }

    /// How many pairs both have.
    pub(crate) fn common(&self, other: &Self) -> usize {
        let (short, long) = if self.size < other.size { (self, other) } else { (other, self) };
        let both = |(pair, count): (&(char, char), &u32)| Some(*count.min(long.pairs.get(pair)?) as usize);
        short.pairs.iter().filter_map(both).sum()
    }
}

fn gather(item: &Value, text: &mut String) {
    match item {
        Value::String(one) => {
            text.push_str(one);
            text.push('\n');
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, text)),
        Value::Object(entries) => entries.values().for_each(|value| gather(value, text)),
        Value::Bool(_) | Value::Number(_) | Value::Null => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn old_of(old: Value, new: Value) -> Vec<Option<usize>> {
        Alignment::new(old.as_array().unwrap(), new.as_array().unwrap()).old_of
    }

    #[test]
    fn items_are_known_by_what_they_say() {
        let (a, b, c) = ("加强行政执法监督", "推进政务公开工作", "健全依法决策机制");
        assert_eq!(old_of(json!([a, b]), json!([c, a, b])), [None, Some(0), Some(1)]);
        assert_eq!(old_of(json!([a, b, c]), json!([c, a, b])), [Some(2), Some(0), Some(1)]);
        assert_eq!(old_of(json!([a, b]), json!([c, "加强行政执法监督工作"])), [None, Some(0)]);
        // Rewritten in its place.
        assert_eq!(old_of(json!([a, b, c]), json!([a, "完全另写", c])), [Some(0), Some(1), Some(2)]);
        assert_eq!(old_of(json!(["一"]), json!(["一是加强法治", "二是"])), [Some(0), None]);
        assert_eq!(old_of(json!([]), json!([a])), [None]);
        assert_eq!(old_of(json!([a, a]), json!([a, b, a])), [Some(0), None, Some(1)]);
        let indicator = |key: &str, value: &str| json!({"key": key, "name": "受理案件", "value": value});
        assert_eq!(
            old_of(
                json!([indicator("x.a", "1"), indicator("x.b", "2")]),
                json!([indicator("x.b", "1"), indicator("x.a", "2")])
            ),
            [Some(1), Some(0)]
        );
    }

    #[test]
    fn what_moved_is_as_little_as_can_be() {
        let stay = |old_of: Vec<Option<usize>>| Alignment { old_of, new_of: vec![] }.stay();
        assert_eq!(stay(vec![Some(3), Some(0), None, Some(1), Some(2)]), [false, true, false, true, true]);
        assert_eq!(stay(vec![]), [false; 0]);
    }
}
