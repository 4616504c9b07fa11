//! The items of a document in the order in which they stand now: which were there, which are new, and what each
//! says. Walked paragraph by paragraph with a cursor that knows where it is.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::super::format::docx::WordFile;
use super::super::marker::{self, Marker};
use super::super::outline::{self, SourceLine};
use super::super::plan::task;
use super::super::report::Builder;
use super::super::section::{HeadingName, Section, named};
use super::fields::{self, FieldRole, LISTS, clean, is_split, item, joinable, start};
use super::pairing::DocumentParagraph;
use super::printed::PrintedDocument;
use super::reading::{FieldPassage, ReadParagraph};
use crate::language::sentences::shortened;
use crate::report::{FieldPath, Paragraph, contract};

/// An item of a list, a paragraph of such an item, or (the first) the report itself.
#[derive(Debug)]
pub(super) struct ItemNode {
    /// The item that it was; nothing for a new one.
    pub origin: Option<FieldPath>,
    /// What it says beside its controls.
    pub fresh: Value,
    pub said: BTreeMap<FieldPath, SaidText>,
    pub body: Vec<usize>,
    /// Where it hangs: in a list of the report, or among the paragraphs of an item.
    pub parent: ItemParent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ItemParent {
    Report,
    List(&'static str),
    Item(usize),
}

/// What is said of a field, in each place where it stands whole.
#[derive(Debug, Default)]
pub(super) struct SaidText {
    /// When it was first said.
    pub order: usize,
    pub runs: Vec<String>,
}

/// A text that found no place, and why.
pub(super) struct StrayText {
    pub line: usize,
    pub text: String,
    pub why: &'static str,
}

/// A new text, and the item that it came to.
pub(super) struct NewText {
    pub line: usize,
    pub text: String,
    pub node: usize,
    pub key: &'static str,
}

/// The document as it is arranged now.
#[derive(Default)]
pub(super) struct Arrangement {
    pub nodes: Vec<ItemNode>,
    pub lists: BTreeMap<&'static str, Vec<usize>>,
    pub by_origin: HashMap<FieldPath, usize>,
    /// Items that were put to another one, with that one.
    pub joined: HashMap<FieldPath, usize>,
    pub strays: Vec<StrayText>,
    pub added: Vec<NewText>,
    /// The item that a paragraph without fields came to, by its place among all.
    pub of_paragraph: HashMap<usize, usize>,
    /// Paragraphs whose words the template sets in its own way, by their places among all.
    pub reworded: HashSet<usize>,
    /// What was done, and what a person should look at: each with its paragraph.
    pub told: Vec<(usize, String)>,
    pub doubts: Vec<(usize, String)>,
}

impl Arrangement {
    /// Keeps the attachments of which only the table is still there.
    pub(super) fn keep_attachments(&mut self, attachments: &[usize]) {
        for attachment in attachments {
            let origin = FieldPath::root().key("attachments").index(*attachment);
            if !self.by_origin.contains_key(&origin) {
                let node = self.nodes.len();
                self.by_origin.insert(origin.clone(), node);
                self.nodes.push(ItemNode {
                    origin: Some(origin),
                    fresh: Value::Null,
                    said: BTreeMap::new(),
                    body: vec![],
                    parent: ItemParent::List("attachments"),
                });
                self.lists.entry("attachments").or_default().push(node);
            }
        }
    }
}

/// Where the walk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cursor {
    /// Before the title.
    Head,
    Preface,
    /// Below the heading of a section, before its first item.
    Section(&'static str),
    Item(usize),
    Problems,
    Other,
    /// Behind the last section.
    Behind,
}

/// A paragraph and how it was read, if it had been printed.
pub(super) struct WalkedParagraph<'a, 'b> {
    pub source: &'b DocumentParagraph<'a>,
    pub read: Option<ReadParagraph>,
}

pub(super) fn arrange(
    file: &WordFile,
    printed: &PrintedDocument,
    paragraphs: &[WalkedParagraph],
) -> Arrangement {
    let entries = || paragraphs.iter().filter_map(|one| one.read.as_ref()).flat_map(|read| &read.entries);
    let headings = entries().filter(|entry| FieldRole::of(&entry.field) == FieldRole::Heading);
    let mut walk = ArrangementWalk {
        file,
        printed,
        headed: headings.map(|entry| start(&entry.field, 2)).collect(),
        cursor: Cursor::Head,
        runs: HashMap::new(),
        last: None,
        is_signed: false,
        headless: None,
        count: 0,
        made: Arrangement::default(),
    };
    let root = walk.node(Some(FieldPath::root()), ItemParent::Report);
    debug_assert_eq!(root, 0, "the report is the first");
    for (at, paragraph) in paragraphs.iter().enumerate() {
        walk.paragraph(at, paragraph);
    }
    walk.made
}

struct ArrangementWalk<'a> {
    file: &'a WordFile,
    printed: &'a PrintedDocument,
    /// The items whose heading is still there.
    headed: HashSet<FieldPath>,
    cursor: Cursor,
    /// In how many places each field was found so far.
    runs: HashMap<FieldPath, usize>,
    /// The field that the last paragraph ended in, and the item that it was said of.
    last: Option<(FieldPath, usize)>,
    is_signed: bool,
    /// An item without a heading that began with a new paragraph: the one whose paragraph comes next may be it.
    headless: Option<usize>,
    count: usize,
    made: Arrangement,
}

impl ArrangementWalk<'_> {
    fn paragraph(&mut self, at: usize, paragraph: &WalkedParagraph) {
        let source = paragraph.source;
        match &paragraph.read {
            Some(read) if !read.entries.is_empty() => {
                self.entries(source, &read.entries);
                for (words, text) in &read.reworded {
                    let message = format!(
                        "模板自带的文字“{}”在文档里改成了“{}”，排印时仍按模板，请核对",
                        words.trim(),
                        shortened(text.trim(), 30)
                    );
                    self.made.doubts.push((source.word.line, message));
                }
            }
            Some(read) => {
                self.last = None;
                self.words(at, source, read);
            }
            None if source.text.trim().is_empty() => {}
            None if source.word.is_boxed => {
                let (line, text) = (source.word.line, clean(&source.text));
                self.made.strays.push(StrayText { line, text, why: "文本框里的文字" });
            }
            None => {
                self.last = None;
                self.place(at, source, &source.text);
            }
        }
    }

    fn node(&mut self, origin: Option<FieldPath>, parent: ItemParent) -> usize {
        let node = self.made.nodes.len();
        if let Some(origin) = &origin {
            self.made.by_origin.insert(origin.clone(), node);
        }
        let fresh = Value::Null;
        self.made.nodes.push(ItemNode { origin, fresh, said: BTreeMap::new(), body: vec![], parent });
        node
    }

    /// A new item at the end of its list.
    fn append(&mut self, origin: Option<FieldPath>, parent: ItemParent) -> usize {
        let node = self.node(origin, parent);
        self.siblings(parent).push(node);
        node
    }

    fn siblings(&mut self, parent: ItemParent) -> &mut Vec<usize> {
        match parent {
            ItemParent::Report => self.made.lists.entry("").or_default(),
            ItemParent::List(list) => self.made.lists.entry(list).or_default(),
            ItemParent::Item(node) => &mut self.made.nodes[node].body,
        }
    }

    /// A new item right behind another.
    fn split(&mut self, node: usize) -> usize {
        let parent = self.made.nodes[node].parent;
        let new = self.node(None, parent);
        let siblings = self.siblings(parent);
        let at = siblings.iter().rposition(|one| *one == node).map_or(siblings.len(), |at| at + 1);
        siblings.insert(at, new);
        new
    }

    fn entries(&mut self, source: &DocumentParagraph, entries: &[FieldPassage]) {
        let line = source.word.line;
        // Which new item a copied or divided one is, within this paragraph.
        let mut redirect: HashMap<FieldPath, usize> = HashMap::new();
        let mut previous: Option<(FieldPath, usize)> = None;
        for (place, entry) in entries.iter().enumerate() {
            let field = &entry.field;
            if let Some((before, node)) = &previous
                && self.is_joined(before, field)
            {
                self.join(line, before.clone(), *node, entry);
                continue;
            }
            let last = self.last.take().filter(|(last, _)| place == 0 && last == field);
            let node = match (redirect.get(&item(field)), &previous, last) {
                // Two controls of one field in one paragraph are one text.
                (_, Some((before, node)), _) if before == field => {
                    let node = *node;
                    self.say(node, field, &entry.text, Some(""));
                    previous = Some((field.clone(), node));
                    continue;
                }
                (Some(node), ..) => *node,
                (None, _, Some((_, node))) => {
                    let has_lines = self.printed.fields[field].has_lines();
                    if !is_split(field) || has_lines {
                        self.say(node, field, &entry.text, Some("\n"));
                        previous = Some((field.clone(), node));
                        continue;
                    }
                    let new = self.split(node);
                    redirect.insert(item(field), new);
                    self.made.told.push((line, format!("“{}”分成了两段", contract::label(&item(field)))));
                    new
                }
                (None, ..) => match self.node_of(line, field, &entry.text) {
                    Some((node, is_copy)) => {
                        if is_copy {
                            redirect.insert(item(field), node);
                        }
                        node
                    }
                    None => continue,
                },
            };
            self.say(node, field, &entry.text, None);
            previous = Some((field.clone(), node));
        }
        self.last = previous;
        self.headless = None;
    }

    /// Whether this field goes on with the one before it in the paragraph, which was not so when it was printed.
    fn is_joined(&self, before: &FieldPath, field: &FieldPath) -> bool {
        let Some(first) = joinable(before) else { return false };
        let is_item = joinable(field).is_some() || FieldRole::of(field) == FieldRole::Heading;
        is_item && first != item(field) && !self.printed.are_together(before, field)
    }

    fn join(&mut self, line: usize, before: FieldPath, node: usize, entry: &FieldPassage) {
        self.say(node, &before, &format!("{}{}", entry.before, entry.text), Some(""));
        let joined = item(&entry.field);
        if self.made.joined.insert(joined.clone(), node).is_none() {
            let (one, other) = (contract::label(&joined), contract::label(&item(&before)));
            self.made.told.push((line, format!("“{one}”并入了“{other}”")));
        }
    }

    /// Notes what is said of a field: in another place, or going on behind what `between` says.
    fn say(&mut self, node: usize, field: &FieldPath, text: &str, between: Option<&str>) {
        let order = self.count;
        self.count += 1;
        let new = || SaidText { order, runs: vec![] };
        let said = self.made.nodes[node].said.entry(field.clone()).or_insert_with(new);
        match (said.runs.last_mut(), between) {
            (Some(last), Some(between)) => {
                last.push_str(between);
                last.push_str(text);
            }
            _ => said.runs.push(text.to_owned()),
        }
        match field.first_key() {
            "title" | "addressees" if self.cursor == Cursor::Head => self.cursor = Cursor::Preface,
            "closing" | "notes" | "copies_to" | "printed_by" | "printed_on" => self.cursor = Cursor::Behind,
            "signature" => (self.cursor, self.is_signed) = (Cursor::Behind, true),
            _ => {}
        }
    }

    /// The item of which a field is said here, and whether it is a copy of the one that was printed.
    fn node_of(&mut self, line: usize, field: &FieldPath, text: &str) -> Option<(usize, bool)> {
        let count = self.runs.entry(field.clone()).or_default();
        *count += 1;
        let is_copy = *count > self.printed.fields[field].texts.len();
        let list = LISTS.into_iter().find(|list| *list == field.first_key());
        match (FieldRole::of(field), list) {
            (FieldRole::Body, Some(list)) => {
                let parent = self.parent_of(line, list, field, is_copy);
                let origin = Some(item(field)).filter(|_| !is_copy);
                Some((self.known(origin, ItemParent::Item(parent)), is_copy))
            }
            (FieldRole::Bare, Some(list)) => {
                let origin = Some(item(field)).filter(|_| !is_copy);
                self.cursor = if list == "preface" { Cursor::Preface } else { Cursor::Other };
                Some((self.known(origin, ItemParent::List(list)), is_copy))
            }
            (FieldRole::Heading, Some(list)) => {
                let origin = Some(item(field)).filter(|_| !is_copy);
                let node = self.known(origin, ItemParent::List(list));
                self.cursor = Cursor::Item(node);
                Some((node, is_copy))
            }
            (FieldRole::Part, Some(list)) if !is_copy || matches!(list, "problems" | "unplaced") => {
                let origin = Some(item(field)).filter(|_| !is_copy);
                let node = self.known(origin, ItemParent::List(list));
                match list {
                    "problems" => self.cursor = Cursor::Problems,
                    "plans" => self.cursor = Cursor::Item(node),
                    "attachments" if self.is_signed => self.cursor = Cursor::Item(node),
                    _ => {}
                }
                Some((node, is_copy))
            }
            _ if !is_copy => Some((0, false)),
            _ => {
                let why = "它的栏目在别处已有";
                self.made.strays.push(StrayText { line, text: clean(text), why });
                None
            }
        }
    }

    /// The node of an item that was there, in its place if this is the first of it; a new one for none.
    fn known(&mut self, origin: Option<FieldPath>, parent: ItemParent) -> usize {
        let known = origin.as_ref().and_then(|origin| self.made.by_origin.get(origin));
        known.copied().unwrap_or_else(|| self.append(origin, parent))
    }

    /// The item that a paragraph of a body stands in now.
    fn parent_of(&mut self, line: usize, list: &'static str, field: &FieldPath, is_copy: bool) -> usize {
        let owner = start(field, 2);
        let known = self.made.by_origin.get(&owner).copied();
        let has_heading = self.headed.contains(&owner);
        let node = match (self.cursor, known) {
            // The list of attachments stands before their pages.
            _ if list == "attachments" => self.known(Some(owner.clone()), ItemParent::List(list)),
            (Cursor::Item(node), _) if is_copy || has_heading => node,
            (Cursor::Item(node), Some(known)) if node == known => node,
            (Cursor::Section(section), _) if has_heading && known.is_none() => {
                self.append(None, ItemParent::List(section))
            }
            (Cursor::Item(node), None) if self.headless == Some(node) && !has_heading => {
                self.made.nodes[node].origin = Some(owner.clone());
                self.made.by_origin.insert(owner.clone(), node);
                node
            }
            _ => self.known(Some(owner.clone()), ItemParent::List(list)),
        };
        self.cursor = Cursor::Item(node);
        if self.made.nodes[node].origin.as_ref() != Some(&owner) && !is_copy {
            let told = format!("“{}”移到了另一个标题下面", contract::label(&item(field)));
            if self.made.told.last().is_none_or(|(_, last)| *last != told) {
                self.made.told.push((line, told));
            }
        }
        node
    }

    /// A paragraph that was printed without fields, or holds none any more.
    fn words(&mut self, at: usize, source: &DocumentParagraph, read: &ReadParagraph) {
        let printed = source.home.map_or("", |home| self.printed.paragraphs[home].text.as_str());
        if let HeadingName::Section(section) = named(printed.trim()) {
            self.cursor = cursor_of(section);
        }
        for (words, text) in &read.reworded {
            let message = format!(
                "“{}”是模板排定的文字，在文档里改成了“{}”，没有采用，请核对",
                shortened(words.trim(), 30),
                shortened(text.trim(), 60)
            );
            self.made.doubts.push((source.word.line, message));
        }
        if !read.rest.trim().is_empty() && read.reworded.is_empty() {
            self.place(at, source, &read.rest);
        }
    }

    /// Finds a place for a new text.
    fn place(&mut self, at: usize, source: &DocumentParagraph, text: &str) {
        let whole = clean(text);
        for text in whole.split('\n').map(str::trim).filter(|text| !text.is_empty()) {
            let node = self.place_line(at, source, text, false);
            if let Some(node) = node {
                self.made.of_paragraph.insert(at, node);
            }
        }
    }

    fn place_line(
        &mut self,
        at: usize,
        source: &DocumentParagraph,
        text: &str,
        is_behind: bool,
    ) -> Option<usize> {
        let line = source.word.line;
        let level = source.word.outline.map(|level| level + 1).or(self.file.level(source.word));
        let level = level.filter(|_| !is_behind);
        let (number, rest) = match marker::numbered(text) {
            Some((number, rest)) => (Some(number), rest),
            None => (None, text),
        };
        let is_chapter = level == Some(1) || matches!(number, Some(Marker::Part | Marker::Chapter));
        let heading = outline::heading(rest);
        if let (true, HeadingName::Section(section)) = (is_chapter, named(heading.0.unwrap_or(rest))) {
            self.cursor = cursor_of(section);
            let message = format!("标题“{}”由模板排定，不必自己写", shortened(rest, 30));
            self.made.doubts.push((line, message));
            self.made.reworded.insert(at);
            let behind = heading.1;
            return if behind.is_empty() { None } else { self.place_line(at, source, behind, true) };
        }
        let is_run_in = self.file.is_styled(source.word.style.as_deref(), "RunIn");
        let is_heading = is_chapter || level == Some(2) || number == Some(Marker::Section) || is_run_in;
        let list = match self.cursor {
            Cursor::Section(list) => Some(list),
            Cursor::Item(node) => match self.made.nodes[node].parent {
                ItemParent::List(list) => Some(list),
                _ => None,
            },
            _ => None,
        };
        match (self.cursor, list) {
            (Cursor::Item(node), Some("attachments")) => Some(self.body(line, source, text, node)),
            (_, Some(list)) => match heading {
                (Some(heading), rest) if is_heading => {
                    let node = self.append(None, ItemParent::List(list));
                    self.made.nodes[node].fresh = json!({"heading": heading});
                    self.cursor = Cursor::Item(node);
                    self.add(line, heading, node, "heading");
                    if !rest.is_empty() {
                        self.body(line, source, rest, node);
                    }
                    Some(node)
                }
                _ => {
                    let node = match self.cursor {
                        Cursor::Item(node) => node,
                        _ => {
                            let node = self.append(None, ItemParent::List(list));
                            (self.cursor, self.headless) = (Cursor::Item(node), Some(node));
                            node
                        }
                    };
                    Some(self.body(line, source, text, node))
                }
            },
            (Cursor::Problems, _) => self.problem(line, text),
            (Cursor::Preface, _) => Some(self.bare(line, text, "preface")),
            (Cursor::Other, _) => Some(self.bare(line, text, "other")),
            _ => {
                let why = if self.cursor == Cursor::Head { "在标题之前" } else { "在正文之后" };
                self.made.strays.push(StrayText { line, text: text.to_owned(), why });
                None
            }
        }
    }

    fn add(&mut self, line: usize, text: &str, node: usize, key: &'static str) {
        self.made.added.push(NewText { line, text: text.to_owned(), node, key });
    }

    fn bare(&mut self, line: usize, text: &str, list: &'static str) -> usize {
        let node = self.append(None, ItemParent::List(list));
        self.made.nodes[node].fresh = Value::String(text.to_owned());
        self.add(line, text, node, "");
        node
    }

    /// New paragraphs of an item; the first of them.
    fn body(&mut self, line: usize, source: &DocumentParagraph, text: &str, item: usize) -> usize {
        let is_plan = self.made.nodes[item].parent == ItemParent::List("plans");
        let duty = task(text).filter(|_| is_plan && self.made.nodes[item].origin.is_none());
        let text = match &duty {
            Some(task) => {
                let lead = task.lead.as_ref().map(|name| name.to_string());
                let support: Vec<&str> = task.support.iter().map(|name| &**name).collect();
                let fresh = object(&mut self.made.nodes[item].fresh);
                fresh.insert("lead".into(), json!(lead));
                fresh.insert("support".into(), json!(support));
                &*task.text
            }
            None => text,
        };
        if text.is_empty() {
            return item;
        }
        let mut first = None;
        for Paragraph { lead, text } in paragraphs(source, text) {
            let node = self.append(None, ItemParent::Item(item));
            let said = format!("{}{}", lead.as_deref().unwrap_or_default(), &*text);
            self.made.nodes[node].fresh = json!({"lead": lead, "text": text});
            self.add(line, &said, node, "");
            first = first.or(Some(node));
        }
        first.unwrap_or(item)
    }

    fn problem(&mut self, line: usize, text: &str) -> Option<usize> {
        // A cause alone is that of the problem before it.
        let last = self.made.lists.get("problems").and_then(|list| list.last()).copied();
        if let Some(last) = last.filter(|last| super::super::report::is_cause(text) && !self.has_cause(*last))
        {
            object(&mut self.made.nodes[last].fresh).insert("cause".into(), text.into());
            self.add(line, text, last, "cause");
            return Some(last);
        }
        let mut builder = Builder::default();
        builder.problems_of(&SourceLine::plain(line, text));
        let problems = serde_json::to_value(&builder.draft.problems).unwrap_or_default();
        let mut first = None;
        for problem in problems.as_array().into_iter().flatten() {
            let node = self.append(None, ItemParent::List("problems"));
            self.made.nodes[node].fresh = problem.clone();
            for key in ["problem", "detail", "cause"] {
                if let Some(text) = problem[key].as_str() {
                    self.add(line, text, node, key);
                }
            }
            first = first.or(Some(node));
        }
        let told = builder.doubts.into_iter().map(|doubt| (line, doubt.message));
        self.made.doubts.extend(told);
        for stray in builder.draft.unplaced {
            let why = "第二部分开头的一段，没有说具体的不足";
            self.made.strays.push(StrayText { line, text: stray.text.to_string(), why });
        }
        first
    }

    fn has_cause(&self, node: usize) -> bool {
        let node = &self.made.nodes[node];
        node.fresh.get("cause").is_some_and(Value::is_string)
            || node.said.keys().any(|field| fields::ends_in(field, "cause"))
    }
}

fn cursor_of(section: Section) -> Cursor {
    match section {
        Section::Problems => Cursor::Problems,
        Section::Other => Cursor::Other,
        section => Cursor::Section(section.field()),
    }
}

/// The paragraphs that a new text makes: what is set as an opening is one.
fn paragraphs(source: &DocumentParagraph, text: &str) -> Vec<Paragraph> {
    let end = source.leads.iter().take_while(|(_, is_lead)| *is_lead).last().map_or(0, |(end, _)| *end);
    let is_whole = source.text.trim() == text;
    match source.text.get(..end).map(|lead| clean(lead).trim_start().to_owned()) {
        Some(lead) if is_whole && !lead.is_empty() && lead.len() < text.len() => {
            let rest = text.strip_prefix(lead.as_str()).unwrap_or_default();
            vec![outline::paragraph(Some(&lead), rest)]
        }
        _ => outline::paragraphs(text),
    }
}

/// A value as an object that can be written to.
pub(super) fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    value.as_object_mut().expect("it is made one")
}
