//! The items of a document in the order in which they stand now: which were there, which are new, and what each
//! says. Walked paragraph by paragraph with a cursor that knows where it is.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::ControlFlow;

use serde_json::{Map, Value, json};

use super::super::format::docx::WordFile;
use super::super::head::is_unit;
use super::super::marker::{self, Marker};
use super::super::outline::{self, SourceLine};
use super::super::plan::task;
use super::super::report::Builder;
use super::super::section::{HeadingName, Section, named};
use super::fields::{self, FieldRole, clean, is_split, item, joinable, list_of, start, text_of};
use super::pairing::DocumentParagraph;
use super::printed::PrintedDocument;
use super::reading::{FieldPassage, ReadParagraph};
use crate::difference::{Bag, at};
use crate::language::numerals::is_place;
use crate::language::sentences::shortened;
use crate::report::{DocumentKind, FieldPath, Paragraph, contract};

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
    /// From which paragraph on each attachment's pages go, and which it is.
    pub attachments: Vec<(usize, usize)>,
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

/// What stands above the title of an attachment.
struct AttachmentMark {
    line: usize,
    text: String,
    /// Whether somebody typed it.
    is_new: bool,
}

/// Whose a field of a paragraph is.
enum EntryHome {
    /// Of this item: of its own there, or going on behind what this says.
    Known(usize, Option<&'static str>),
    /// Of a new item behind this one, and whether that was divided.
    Behind(usize, bool),
    /// Of the item that was printed of it, if it is the first of it, else of a new one.
    Anew,
}

/// Whether a field makes its item by itself, so that a copy of it is another item.
fn is_whole_item(field: &FieldPath) -> bool {
    matches!(&*field.pattern(), "problems.problem" | "unplaced.text" | "attachments.title")
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
        announced: HashMap::new(),
        mark: None,
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
    if let Some(AttachmentMark { line, text, is_new: true }) = walk.mark.take() {
        walk.made.strays.push(StrayText { line, text, why: "后面没有附件的标题" });
    }
    walk.made
}

struct ArrangementWalk<'a> {
    file: &'a WordFile,
    printed: &'a PrintedDocument,
    /// The items whose heading is still there.
    headed: HashSet<FieldPath>,
    cursor: Cursor,
    /// In how many places each field was found so far, those behind the signature by themselves.
    runs: HashMap<(FieldPath, bool), usize>,
    /// New attachments whose pages did not come yet, by their titles.
    announced: HashMap<String, usize>,
    /// A mark 附件2 whose title comes next.
    mark: Option<AttachmentMark>,
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
                let last = self.last.take();
                if !self.name(source, last) {
                    self.place(at, source, &source.text);
                }
            }
        }
    }

    /// Takes a line below a name of who signs or is addressed for another.
    fn name(&mut self, source: &DocumentParagraph, last: Option<(FieldPath, usize)>) -> bool {
        let Some((field, node)) = last else { return false };
        let text = clean(source.text.trim());
        let name = match &*field.pattern() {
            "signature.names" => Some(&*text).filter(|name| is_unit(name)),
            "addressees" => text.strip_suffix('：').filter(|names| !names.contains(['。', '；', '\n'])),
            _ => None,
        };
        let Some(name) = name else { return false };
        let label = contract::label(&field);
        self.made.told.push((source.word.line, format!("“{name}”接在“{label}”后面")));
        self.say(node, &field, name, None);
        self.last = Some((field, node));
        true
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
            let last = self.last.take().filter(|_| place == 0);
            let known = redirect.get(&item(field)).copied();
            let (node, between) = match self.home_of(entry, known, previous.as_ref(), last.as_ref()) {
                EntryHome::Known(node, between) => (node, between),
                EntryHome::Behind(node, is_divided) => {
                    let new = self.split(node);
                    redirect.insert(item(field), new);
                    if is_divided {
                        let label = contract::label(&item(field));
                        self.made.told.push((line, format!("“{label}”分成了两段")));
                    }
                    (new, None)
                }
                EntryHome::Anew => match self.node_of(line, field, &entry.text) {
                    Some((node, is_copy)) => {
                        if is_copy {
                            redirect.insert(item(field), node);
                        }
                        (node, None)
                    }
                    None => continue,
                },
            };
            self.say(node, field, &entry.text, between);
            previous = Some((field.clone(), node));
        }
        self.last = previous;
        (self.headless, self.mark) = (None, None);
    }

    /// Whose a field is: of the item that a copy in this paragraph made, of what stands before it in the paragraph,
    /// of what the last paragraph ended in.
    fn home_of(
        &self,
        entry: &FieldPassage,
        copied: Option<usize>,
        previous: Option<&(FieldPath, usize)>,
        last: Option<&(FieldPath, usize)>,
    ) -> EntryHome {
        let field = &entry.field;
        let is_same = |one: &&(FieldPath, usize)| one.0 == *field;
        if fields::names(self.printed.kind, field).is_some() {
            let beside = previous.filter(|(before, _)| item(before) == item(field));
            let last = last.filter(is_same);
            let is_single = FieldRole::of(field) == FieldRole::Single;
            let node = beside.or(last).map(|(_, node)| *node).or(copied).or(is_single.then_some(0));
            // A name in two lines is one; a copy of it is another.
            let is_rest = |(_, node): &(FieldPath, usize)| self.completes(*node, field, &entry.text);
            let goes_on = beside.filter(is_same).or(last).is_some_and(is_rest);
            return node.map_or(EntryHome::Anew, |node| EntryHome::Known(node, goes_on.then_some("")));
        }
        // Two controls of one field in one paragraph are one text.
        if let Some((_, node)) = previous.filter(is_same) {
            return EntryHome::Known(*node, Some(""));
        }
        if let Some(node) = copied {
            return EntryHome::Known(node, None);
        }
        let Some((_, node)) = last.filter(is_same) else { return EntryHome::Anew };
        let is_repeated = self.is_said(*node, field);
        let is_task = fields::is_of_task(field);
        let is_lined = self.printed.fields[field].has_lines();
        match FieldRole::of(field) {
            FieldRole::Body if is_task && marker::numbered(&entry.before).is_some() => EntryHome::Anew,
            _ if is_split(field) && !is_lined => EntryHome::Behind(*node, !is_repeated),
            FieldRole::Single | FieldRole::Bare => EntryHome::Known(*node, Some("\n")),
            FieldRole::Part if !is_whole_item(field) => EntryHome::Known(*node, Some("\n")),
            _ if is_repeated && !is_lined => EntryHome::Anew,
            _ => EntryHome::Known(*node, Some("\n")),
        }
    }

    /// What was said of a field of an item so far, and what was printed.
    fn said_of(&self, node: usize, field: &FieldPath) -> (&str, &str) {
        let said = self.made.nodes[node].said.get(field).and_then(|said| said.runs.last());
        let printed = self.printed.fields[field].texts.first();
        (said.map_or("", String::as_str), printed.map_or("", |(text, _)| text))
    }

    /// Whether all of a field was said already: what follows under its name is a copy.
    fn is_said(&self, node: usize, field: &FieldPath) -> bool {
        let (said, printed) = self.said_of(node, field);
        said.len() * 10 >= printed.len() * 9
    }

    /// Whether this is the rest of what was printed.
    fn completes(&self, node: usize, field: &FieldPath, text: &str) -> bool {
        let (said, printed) = self.said_of(node, field);
        printed.strip_prefix(said).is_some_and(|rest| !rest.is_empty() && rest == text)
    }

    /// Whether this field goes on with the one before it in the paragraph, which was not so when it was printed.
    fn is_joined(&self, before: &FieldPath, field: &FieldPath) -> bool {
        let Some(first) = joinable(before) else { return false };
        let is_item = joinable(field).is_some() || FieldRole::of(field) == FieldRole::Heading;
        is_item && first != item(field) && !self.printed.are_together(before, field)
    }

    fn join(&mut self, line: usize, before: FieldPath, node: usize, entry: &FieldPassage) {
        self.say(node, &text_of(&before), &format!("{}{}", entry.before, entry.text), Some(""));
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
            "attachments" if !self.is_signed => self.cursor = Cursor::Behind,
            "issuer" if self.cursor != Cursor::Head => self.cursor = Cursor::Behind,
            _ => {}
        }
    }

    /// The item of which a field is said here, and whether it is a copy of the one that was printed.
    fn node_of(&mut self, line: usize, field: &FieldPath, text: &str) -> Option<(usize, bool)> {
        let list = list_of(field);
        // The titles of attachments stand before the signature and behind it.
        let is_title = list == Some("attachments") && fields::ends_in(field, "title");
        let count = self.runs.entry((field.clone(), is_title && self.is_signed)).or_default();
        *count += 1;
        let is_copy = *count > if is_title { 1 } else { self.printed.fields[field].texts.len() };
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
            (FieldRole::Part, Some("attachments")) if is_copy && is_title => {
                Some((self.attachment(line, &clean(text)), true))
            }
            (FieldRole::Part, Some("plans")) if is_copy && self.may_have_duty() => match self.cursor {
                Cursor::Item(node) => Some((node, true)),
                _ => None,
            },
            (FieldRole::Part, Some(list)) if !is_copy || matches!(list, "problems" | "unplaced") => {
                let origin = Some(item(field)).filter(|_| !is_copy);
                let node = self.known(origin, ItemParent::List(list));
                match list {
                    "problems" => self.cursor = Cursor::Problems,
                    "plans" => self.cursor = Cursor::Item(node),
                    "attachments" if self.is_signed => self.begin(line, node),
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
            // Under the title that it was copied with.
            (Cursor::Item(node), _) if is_copy && self.made.nodes[node].parent == ItemParent::List(list) => {
                node
            }
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
        if let Some(section) = self.section(printed.trim()) {
            self.cursor = cursor_of(section);
        }
        if self.is_signed && attachment_mark(printed) == Some("") {
            self.mark = Some(AttachmentMark { line: source.word.line, text: String::new(), is_new: false });
        }
        for (words, text) in &read.reworded {
            let message = format!(
                "“{}”是模板排定的文字，在文档里改成了“{}”，没有采用，请核对",
                shortened(words.trim(), 30),
                shortened(text.trim(), 60)
            );
            self.made.doubts.push((source.word.line, message));
        }
        let is_number = marker::numbered(&read.rest).is_some_and(|(_, behind)| behind.trim().is_empty());
        if !read.rest.trim().is_empty() && !is_number && read.reworded.is_empty() {
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
        if self.printed.kind == DocumentKind::WorkPlan {
            let (heading, behind) =
                (heading.0.unwrap_or(rest), if heading.0.is_some() { heading.1 } else { "" });
            let node = self.place_in_plan(line, text, is_chapter.then_some(heading));
            return match behind {
                behind if is_chapter && !behind.is_empty() => self.place_in_plan(line, behind, None),
                _ => node,
            };
        }
        if let ControlFlow::Break(node) = self.place_at_end(at, line, text) {
            return node;
        }
        if let (true, Some(section)) = (is_chapter, self.section(heading.0.unwrap_or(rest))) {
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
                self.stray(line, text);
                None
            }
        }
    }

    /// What stands at the end and is of an attachment: its line before the signature, its mark, its title.
    fn place_at_end(&mut self, at: usize, line: usize, text: &str) -> ControlFlow<Option<usize>> {
        let is_heading = |text: &str| outline::heading(text) == (Some(text), "");
        if let Some(mark) = self.mark.take() {
            if is_heading(text) {
                return ControlFlow::Break(Some(self.titled(line, text)));
            }
            if mark.is_new {
                self.titled(line, &mark.text);
            }
            return ControlFlow::Continue(());
        }
        let marked = attachment_mark(text);
        let is_listed = self.cursor == Cursor::Behind && !self.is_signed;
        let listed = |text| match marker::numbered(text) {
            Some((Marker::Item, rest)) => rest,
            _ => text,
        };
        let has_others = self.made.lists.contains_key("attachments");
        let title = match marked {
            Some("") if self.is_signed => {
                self.made.reworded.insert(at);
                self.mark = Some(AttachmentMark { line, text: text.to_owned(), is_new: true });
                return ControlFlow::Break(None);
            }
            Some(title) if self.is_signed => title,
            Some(title) if is_listed => listed(title),
            None if is_listed && has_others && listed(text) != text => listed(text),
            _ => return ControlFlow::Continue(()),
        };
        match is_heading(title) {
            true => ControlFlow::Break(Some(self.titled(line, title))),
            false => ControlFlow::Continue(()),
        }
    }

    /// The attachment of this title: one whose title has lost its control, or a new one.
    fn titled(&mut self, line: usize, title: &str) -> usize {
        if let Some(field) = self.unseen_title(title) {
            self.runs.insert((field.clone(), self.is_signed), 1);
            let node = self.known(Some(start(&field, 2)), ItemParent::List("attachments"));
            self.say(node, &field, title, None);
            if self.is_signed {
                self.begin(line, node);
            }
            return node;
        }
        let node = self.attachment(line, title);
        let known = &mut self.made.nodes[node];
        if known.said.is_empty() && known.fresh.is_null() {
            known.fresh = json!({"title": title});
            self.add(line, title, node, "title");
        }
        node
    }

    /// The title of an attachment, much like this one, that was not met yet where the walk is.
    fn unseen_title(&self, title: &str) -> Option<FieldPath> {
        let attachments = at(&self.printed.report, &FieldPath::root().key("attachments"));
        let titles = attachments.and_then(Value::as_array)?.iter().take(MOST_TITLES).enumerate();
        let titles = titles.filter_map(|(index, one)| {
            let field = FieldPath::root().key("attachments").index(index).key("title");
            let is_unseen = !self.runs.contains_key(&(field.clone(), self.is_signed));
            Some((field, one["title"].as_str()?)).filter(|_| is_unseen)
        });
        let bag = Bag::of_text(title);
        let alike = titles.map(|(field, known)| (bag.alike(&Bag::of_text(known)), field));
        let likeliest = alike.max_by_key(|(alike, _)| *alike);
        likeliest.filter(|(alike, _)| *alike >= ALIKE).map(|(_, field)| field)
    }

    /// The new attachment of this title: announced before the signature, or begun behind it.
    fn attachment(&mut self, line: usize, title: &str) -> usize {
        let parent = ItemParent::List("attachments");
        let title: String = title.split_whitespace().collect();
        if !self.is_signed {
            let node = self.append(None, parent);
            self.announced.insert(title, node);
            return node;
        }
        let node = match (self.announced.remove(&title), self.made.attachments.last()) {
            (Some(node), _) => node,
            (None, Some((_, last))) => self.split(*last),
            (None, None) => {
                let node = self.node(None, parent);
                self.siblings(parent).insert(0, node);
                node
            }
        };
        self.begin(line, node);
        node
    }

    /// Here the pages of an attachment begin.
    fn begin(&mut self, line: usize, attachment: usize) {
        self.cursor = Cursor::Item(attachment);
        self.made.attachments.push((line, attachment));
    }

    /// Whether an item of a report's plans stands here that does not say yet whose it is.
    fn may_have_duty(&self) -> bool {
        matches!(self.cursor, Cursor::Item(node) if self.is_without_duty(node))
    }

    fn is_without_duty(&self, node: usize) -> bool {
        let node = &self.made.nodes[node];
        let printed = node.origin.as_ref().and_then(|origin| at(&self.printed.report, origin));
        let has_units = |plan: &Value| {
            plan["lead"].is_string() || plan["support"].as_array().is_some_and(|names| !names.is_empty())
        };
        node.parent == ItemParent::List("plans")
            && !printed.is_some_and(has_units)
            && !has_units(&node.fresh)
            && !node.said.keys().any(|field| fields::ends_in(field, "lead"))
    }

    /// The section that a heading names. A plan has sections of its own.
    fn section(&self, heading: &str) -> Option<Section> {
        match named(heading) {
            HeadingName::Section(section) if self.printed.kind == DocumentKind::Report => Some(section),
            _ => None,
        }
    }

    /// A new text of a plan: a heading, a task, a paragraph before them.
    fn place_in_plan(&mut self, line: usize, text: &str, heading: Option<&str>) -> Option<usize> {
        let parent = ItemParent::List("sections");
        match (self.cursor, heading) {
            (Cursor::Head | Cursor::Behind, _) => {
                self.stray(line, text);
                None
            }
            (_, Some(heading)) => {
                let node = self.append(None, parent);
                self.made.nodes[node].fresh = json!({"heading": heading});
                self.cursor = Cursor::Item(node);
                self.add(line, heading, node, "heading");
                Some(node)
            }
            (Cursor::Item(section), None) => {
                let text = marker::numbered(text).map_or(text, |(_, rest)| rest);
                let node = self.append(None, ItemParent::Item(section));
                self.made.nodes[node].fresh = match task(text) {
                    Some(task) => json!(task),
                    None => json!({"text": text}),
                };
                self.add(line, text, node, "");
                Some(node)
            }
            _ => Some(self.bare(line, text, "preface")),
        }
    }

    fn stray(&mut self, line: usize, text: &str) {
        let why = if self.cursor == Cursor::Head { "在标题之前" } else { "在正文之后" };
        self.made.strays.push(StrayText { line, text: text.to_owned(), why });
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
        let duty = task(text).filter(|_| self.is_without_duty(item));
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

/// So many attachments are held against a title that was typed.
const MOST_TITLES: usize = 100;

/// How much of two titles must be the same, in thousandths, that one came of the other.
const ALIKE: u32 = 800;

/// What stands behind the mark of an attachment: 附件2, 附件：, 附件2：……
pub(super) fn attachment_mark(text: &str) -> Option<&str> {
    let rest = text.trim().strip_prefix("附件")?;
    let number = rest.trim_start();
    let end = number.find(|c: char| !c.is_ascii_digit() && !is_place(c)).unwrap_or(number.len());
    let rest = if end > 0 { &number[end..] } else { rest };
    let title = rest.trim_start_matches(['：', ':', '．', '.', '、', ' ', '　']);
    (title.is_empty() || title.len() < rest.len()).then_some(title.trim())
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
