//! The report as the arranged document has it: the one that was printed, with what was changed. What is not
//! printed stays as it was, and so does a field whose text was left alone.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::super::plan::task;
use super::super::units;
use super::arrangement::{Arrangement, SaidText, object};
use super::division::{self, PieceBefore, divide};
use super::fields::{self, body_of, clean, item, value};
use super::printed::{PrintedDocument, cell};
use crate::difference::{at, put};
use crate::report::fields::{Entry, find_of};
use crate::report::path::Segment;
use crate::report::{DocumentKind, FieldPath, Task, contract};

/// The report of an arranged document.
#[derive(Default)]
pub(super) struct ArrangedReport {
    pub report: Value,
    /// Where each node stands in it.
    pub paths: HashMap<usize, FieldPath>,
    /// Texts that do not fit their fields: the field, and the text.
    pub unfit: Vec<(FieldPath, String)>,
    /// Texts of fields that were changed to something else in another place.
    pub rivals: Vec<(FieldPath, String)>,
    /// What a person should look at.
    pub doubts: Vec<String>,
}

pub(super) fn build(printed: &PrintedDocument, arranged: &Arrangement) -> ArrangedReport {
    let mut of_item: HashMap<FieldPath, Vec<&FieldPath>> = HashMap::new();
    for field in printed.fields.keys().filter(|field| cell(field).is_none()) {
        of_item.entry(item(field)).or_default().push(field);
    }
    let mut builder =
        ReportBuilder { printed, arranged, of_item, made: ArrangedReport::default(), steps: division::STEPS };
    builder.build();
    builder.made
}

struct ReportBuilder<'a> {
    printed: &'a PrintedDocument,
    arranged: &'a Arrangement,
    /// The printed fields of each item.
    of_item: HashMap<FieldPath, Vec<&'a FieldPath>>,
    made: ArrangedReport,
    steps: usize,
}

impl ReportBuilder<'_> {
    fn build(&mut self) {
        let mut report = self.own(0, &FieldPath::root());
        for list in fields::lists(self.printed.kind) {
            let path = FieldPath::root().key(list);
            let nodes = self.arranged.lists.get(*list).map(Vec::as_slice).unwrap_or_default();
            let items = self.items(&path, &path, nodes);
            object(&mut report).insert((*list).into(), Value::Array(items));
        }
        self.made.report = report;
        self.renumber();
    }

    /// The items of a list: those that stand in the document, and those that were never printed where they were.
    fn items(&mut self, old: &FieldPath, new: &FieldPath, nodes: &[usize]) -> Vec<Value> {
        let arranged = self.arranged;
        let count = at(&self.printed.report, old).and_then(Value::as_array).map_or(0, Vec::len);
        let place = |node: usize| {
            let origin = arranged.nodes[node].origin.as_ref()?;
            let (last, list) = origin.segments().split_last()?;
            (list == old.segments()).then(|| last.index()).flatten()
        };
        let mut known: Vec<usize> = nodes.iter().filter_map(|node| place(*node)).collect();
        known.sort_unstable();
        // What was never printed stays behind the one that it stood behind.
        let mut followers: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
        for index in 0..count {
            let path = old.index(index);
            if !self.is_printed(&path) && !arranged.by_origin.contains_key(&path) {
                let before = known[..known.partition_point(|place| *place < index)].last().copied();
                followers.entry(before).or_default().push(index);
            }
        }
        let mut order: Vec<Result<usize, usize>> = vec![];
        order.extend(followers.remove(&None).into_iter().flatten().map(Err));
        for node in nodes {
            order.push(Ok(*node));
            let behind = place(*node).and_then(|place| followers.remove(&Some(place)));
            order.extend(behind.into_iter().flatten().map(Err));
        }
        let mut items = vec![];
        for one in order {
            let path = new.index(items.len());
            match one {
                Ok(node) => {
                    let made = self.item(node, &path);
                    let was =
                        arranged.nodes[node].origin.as_ref().and_then(|path| at(&self.printed.report, path));
                    if says_something(&made) || was.is_some_and(|was| !says_something(was)) {
                        items.push(made);
                    }
                }
                Err(index) => {
                    items.extend(at(&self.printed.report, &old.index(index)).cloned());
                }
            }
        }
        items
    }

    /// Whether anything of an item was printed.
    fn is_printed(&self, path: &FieldPath) -> bool {
        let has = |path: &FieldPath| self.of_item.contains_key(path);
        if has(path) {
            return true;
        }
        let body = path.key(body_of(path.first_key()).unwrap_or_default());
        let count = at(&self.printed.report, &body).and_then(Value::as_array).map_or(0, Vec::len);
        let has_table = at(&self.printed.report, &path.key("table")).is_some_and(Value::is_object);
        has_table || (0..count).any(|index| has(&body.index(index)))
    }

    fn item(&mut self, node: usize, path: &FieldPath) -> Value {
        self.made.paths.insert(node, path.clone());
        let mut made = self.own(node, path);
        let arranged = self.arranged;
        let origin = arranged.nodes[node].origin.as_ref();
        let is_item = path.segments().len() == 2;
        if let Some(key) = body_of(path.first_key()).filter(|_| is_item) {
            let nothing = FieldPath::root().key("");
            let old = origin.map_or(nothing, |origin| origin.key(key));
            let body = self.items(&old, &path.key(key), &arranged.nodes[node].body);
            object(&mut made).insert(key.into(), Value::Array(body));
        }
        if is_item && path.first_key() == "plans" || fields::is_of_task(&path.key("text")) {
            settle_duty(&mut made, origin.and_then(|origin| at(&self.printed.report, origin)));
        }
        made
    }

    /// What an item says of its own, without the paragraphs below it.
    fn own(&mut self, node: usize, path: &FieldPath) -> Value {
        let node = &self.arranged.nodes[node];
        let old = node.origin.as_ref().and_then(|origin| at(&self.printed.report, origin));
        // A new item has what the copy of another says, and what was typed.
        let mut made = old.cloned().unwrap_or_else(|| empty(path));
        let printed = node.origin.as_ref().and_then(|origin| self.of_item.get(origin)).cloned();
        let printed: Vec<&FieldPath> = printed.unwrap_or_default();
        let mut lists: BTreeMap<FieldPath, Vec<(usize, FieldPath)>> = BTreeMap::new();
        for (field, said) in &node.said {
            match fields::names(self.printed.kind, field) {
                Some(list) => lists.entry(list).or_default().push((said.order, field.clone())),
                None => self.field(&mut made, node.origin.as_ref(), field, said),
            }
        }
        for field in printed.iter().filter(|field| !node.said.contains_key(*field)) {
            match fields::names(self.printed.kind, field) {
                Some(list) => drop(lists.entry(list).or_default()),
                None => remove(self.printed.kind, &mut made, &below(node.origin.as_ref(), field), field),
            }
        }
        for (list, mut said) in lists {
            said.sort();
            let said: Vec<&FieldPath> = said.iter().map(|(_, field)| field).collect();
            let mut old: Vec<&FieldPath> = printed
                .iter()
                .copied()
                .filter(|field| fields::names(self.printed.kind, field).as_ref() == Some(&list))
                .collect();
            old.sort();
            self.names(&mut made, &below(node.origin.as_ref(), &list), &said, &old, &node.said);
        }
        match &node.fresh {
            Value::Object(fresh) => {
                for (key, value) in fresh.iter().filter(|(_, value)| says_something(value)) {
                    add(object(&mut made), key, value);
                }
            }
            Value::Null => {}
            fresh => made = fresh.clone(),
        }
        made
    }

    /// Writes what is said of a field, if it is not what was printed.
    fn field(&mut self, made: &mut Value, origin: Option<&FieldPath>, field: &FieldPath, said: &SaidText) {
        let place = below(origin, field);
        let Some(text) = self.changed(field, &said.runs, origin.is_some_and(|origin| origin.holds(field)))
        else {
            return;
        };
        if text.trim().is_empty() {
            return remove(self.printed.kind, made, &place, field);
        }
        match value(self.printed.kind, field, &self.in_lines(field, text.clone())) {
            Some(value) => put(made, &place, &value, false),
            None => self.made.unfit.push((field.clone(), text)),
        }
    }

    /// A changed text in the lines that it had in the report, where it was printed as one.
    fn in_lines(&mut self, field: &FieldPath, text: String) -> String {
        let own = at(&self.printed.report, field).and_then(Value::as_str).unwrap_or_default();
        let lines: Vec<&str> = own.split('\n').collect();
        let is_one = |(printed, _): &(String, usize)| !printed.contains('\n');
        // Where a title was broken to be set, it is one line all the same.
        if lines.len() < 2 && self.printed.fields[field].texts.iter().any(|(text, _)| text.contains('\n')) {
            let is_line =
                find_of(self.printed.kind, field).is_some_and(|field| matches!(field.entry, Entry::Line));
            return if is_line { text.replace('\n', "") } else { text };
        }
        if lines.len() < 2 || text.contains('\n') || !self.printed.fields[field].texts.iter().all(is_one) {
            return text;
        }
        let lines: Vec<PieceBefore> =
            lines.iter().map(|text| PieceBefore { text, is_field: true, is_lead: false }).collect();
        let divided = divide(&text, &lines, |_| false, &mut self.steps);
        divided.into_iter().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
    }

    /// The text of a field where it is not the printed one. Of several places the one that was changed counts.
    fn changed(&mut self, field: &FieldPath, runs: &[String], is_known: bool) -> Option<String> {
        let printed = &self.printed.fields[field].texts;
        if !is_known {
            return runs.first().map(|text| clean(text));
        }
        let runs = runs.iter().enumerate();
        let is_other = |(at, text): &(usize, &String)| {
            printed.get(*at).is_none_or(|(printed, _)| printed != *text && clean(printed) != clean(text))
        };
        let mut changed = runs.filter(is_other).map(|(_, text)| clean(text));
        let first = changed.next()?;
        let others: Vec<String> = changed.filter(|other| *other != first).collect();
        if !others.is_empty() {
            let label = contract::label(field);
            self.made.doubts.push(format!("“{label}”在两处改得不一样，取了前一处，其余列在“未归类的文字”里"));
        }
        self.made.rivals.extend(others.into_iter().map(|other| (field.clone(), other)));
        Some(first)
    }

    /// Writes a list of names, if it is not what was printed. Names that were typed behind one are names, too, and
    /// so is a copy of one.
    fn names(
        &mut self,
        made: &mut Value,
        place: &FieldPath,
        said: &[&FieldPath],
        printed: &[&FieldPath],
        texts: &BTreeMap<FieldPath, SaidText>,
    ) {
        let mut changes = vec![];
        for field in said {
            let runs = &texts[*field].runs;
            let (first, copies) = runs.split_at(self.printed.fields[*field].texts.len().min(runs.len()));
            changes.push((self.changed(field, first, true), copies));
        }
        let is_left_alone =
            |(change, copies): &(Option<String>, &[String])| change.is_none() && copies.is_empty();
        if said == printed && changes.iter().all(is_left_alone) {
            return;
        }
        let names_in = |text: &str| -> Vec<String> {
            let text = clean(text).replace('\n', " ");
            units(&text, &['、', '，', '；']).iter().map(|name| name.to_string()).collect()
        };
        let mut names: Vec<String> = vec![];
        for (field, (change, copies)) in said.iter().zip(changes) {
            match change {
                Some(text) => names.extend(names_in(&text)),
                None => {
                    let own = at(&self.printed.report, field).and_then(Value::as_str).map(str::to_owned);
                    let text = || self.printed.fields[*field].texts[0].0.clone();
                    names.push(own.unwrap_or_else(text));
                }
            }
            names.extend(copies.iter().flat_map(|text| names_in(text)));
        }
        put(made, place, &json!(names), false);
    }

    /// The problems that plans answer have new numbers.
    fn renumber(&mut self) {
        let mut new_of: HashMap<usize, usize> = HashMap::new();
        let index = |path: &FieldPath| path.segments().get(1).and_then(Segment::index);
        let nodes = self.arranged.lists.get("problems").map(Vec::as_slice).unwrap_or_default();
        for node in nodes {
            let new = self.made.paths.get(node).and_then(index);
            let old = self.arranged.nodes[*node].origin.as_ref().and_then(index);
            new_of.extend(old.zip(new));
        }
        for (joined, node) in &self.arranged.joined {
            let new = self.made.paths.get(node).filter(|path| path.first_key() == "problems").and_then(index);
            if let (Some(old), Some(new), "problems") = (index(joined), new, joined.first_key()) {
                new_of.entry(old).or_insert(new);
            }
        }
        let plans = self.made.report.get_mut("plans").and_then(Value::as_array_mut).into_iter().flatten();
        for answers in plans.filter_map(|plan| plan.get_mut("answers")?.as_array_mut()) {
            let mut seen = HashSet::new();
            let answered = answers.iter().filter_map(|answer| {
                let old = usize::try_from(answer.as_u64()?).ok()?.checked_sub(1)?;
                let count = self.printed.report["problems"].as_array().map_or(0, Vec::len);
                // What answered nothing goes on doing so.
                let new = if old < count { new_of.get(&old).copied()? } else { old };
                seen.insert(new).then(|| Value::from(new + 1))
            });
            *answers = answered.collect();
        }
    }
}

/// Puts the units that were typed into a text, or behind others, where they belong: （牵头单位：……；责任单位：……）.
fn settle_duty(made: &mut Value, old: Option<&Value>) {
    let is_changed = |key: &str| old.map(|old| &old[key]) != Some(&made[key]);
    let text = made["text"].as_str().unwrap_or_default();
    let lead = made["lead"].as_str().unwrap_or_default();
    let support = made["support"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let named: Vec<&str> = std::iter::once(lead).chain(support).filter(|name| !name.is_empty()).collect();
    let is_labelled = || named.iter().flat_map(|name| name.split('；')).any(|part| label(part).is_some());
    let (text, lead, support) = if named.is_empty() && is_changed("text") {
        let Some(Task { text, lead, support }) = task(text) else { return };
        (Some(text.to_string()), lead.map(|name| name.to_string()), json!(support))
    } else if let Some((text, names)) = opened_duty(text).filter(|_| lead.is_empty() && is_changed("text")) {
        (Some(text.to_owned()), Some(names.to_owned()), json!(named))
    } else if is_labelled() && (is_changed("lead") || is_changed("support")) {
        let (lead, support) = labelled(!lead.is_empty(), &named);
        (None, lead, json!(support))
    } else {
        return;
    };
    // Behind the text, who leads before who supports.
    let key = |key: &str| FieldPath::root().key(key);
    for (name, value) in [("lead", json!(lead)), ("support", support)] {
        put(made, &key(name), &Value::Null, false);
        put(made, &key(name), &value, false);
    }
    if let Some(text) = text {
        put(made, &key("text"), &json!(text), false);
    }
}

/// A text at whose end somebody began to say who leads, where the template goes on with who supports; and who does.
fn opened_duty(text: &str) -> Option<(&str, &str)> {
    let (before, duty) = text.rsplit_once('（')?;
    let (leads, names) = label(duty)?;
    let names = names.strip_suffix('；')?;
    (leads && !names.is_empty()).then_some((before, names))
}

/// What stands behind a label that names units, and whether those lead.
fn label(text: &str) -> Option<(bool, &str)> {
    let labels = [
        ("牵头单位：", true),
        ("牵头部门：", true),
        ("责任单位：", false),
        ("责任部门：", false),
        ("配合单位：", false),
    ];
    labels.iter().find_map(|(label, leads)| Some((*leads, text.strip_prefix(label)?)))
}

/// The units of a duty among which labels were typed: who leads, who supports.
fn labelled(has_lead: bool, named: &[&str]) -> (Option<String>, Vec<String>) {
    let (mut leads, mut support): (Vec<&str>, Vec<&str>) = (vec![], vec![]);
    for (at, name) in named.iter().enumerate() {
        let mut is_lead = has_lead && at == 0;
        for part in name.split('；') {
            let part = match label(part) {
                Some((leads, rest)) => {
                    is_lead = leads;
                    rest
                }
                None => part,
            };
            if is_lead { leads.push(part) } else { support.push(part) }
        }
    }
    let names = |names: &[&str]| -> Vec<String> {
        names.iter().flat_map(|names| units(names, &['、', '，'])).map(|name| name.to_string()).collect()
    };
    let leads = names(&leads);
    ((!leads.is_empty()).then(|| leads.join("、")), names(&support))
}

/// Adds what was typed to what an item says already: of whom it names, none gives way to another.
fn add(item: &mut Map<String, Value>, key: &str, typed: &Value) {
    match (item.get_mut(key), typed) {
        (Some(Value::Array(own)), Value::Array(typed)) => own.extend(typed.iter().cloned()),
        (Some(Value::String(own)), Value::String(typed))
            if key == "lead" && own != typed && !own.is_empty() =>
        {
            *own = format!("{own}、{typed}");
        }
        _ => drop(item.insert(key.to_owned(), typed.clone())),
    }
}

/// Whether an item says anything that is printed.
fn says_something(item: &Value) -> bool {
    match item {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => items.iter().any(says_something),
        Value::Object(fields) => fields.iter().any(|(key, value)| {
            !matches!(key.as_str(), "area" | "holder" | "answers") && says_something(value)
        }),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// A new item before anything is said of it.
fn empty(path: &FieldPath) -> Value {
    match path.segments() {
        [_, _, _, _] if path.first_key() == "sections" => json!({"text": "", "lead": null, "support": []}),
        [_, _, _, _] => json!({"lead": null, "text": ""}),
        _ => match path.first_key() {
            "preface" | "other" => Value::String(String::new()),
            "problems" => json!({"problem": ""}),
            "unplaced" => json!({"text": ""}),
            _ => Value::Object(Map::new()),
        },
    }
}

/// A field's path within its item. A copy of another item has the same fields.
fn below(origin: Option<&FieldPath>, field: &FieldPath) -> FieldPath {
    let steps = origin.map_or_else(|| item(field), Clone::clone).segments().len();
    field.segments().iter().skip(steps).cloned().collect()
}

/// Takes away what is not said any more. Where the contract has a text of its own for what is missing, nothing is
/// said in so many words.
fn remove(kind: DocumentKind, made: &mut Value, place: &FieldPath, field: &FieldPath) {
    let has_default =
        crate::report::fields::find_of(kind, field).is_some_and(|field| !field.default.is_empty());
    match place.segments().last() {
        _ if at(made, place).is_none() => {}
        None => *made = Value::String(String::new()),
        Some(_) if has_default || fields::ends_in(field, "text") || field.pattern() == "problems.problem" => {
            put(made, place, &Value::String(String::new()), false);
        }
        Some(_) => put(made, place, &Value::Null, false),
    }
}
