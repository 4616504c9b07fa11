//! The tree of a page, parsed within bounds. At each tag a parser of HTML looks through the elements
//! that are open, and it opens again in each paragraph what formats text: a page of half a megabyte can
//! ask for hours. What the parser does on its tree is counted here, step by step, and ended where it is
//! too much. What it does before that is counted beforehand, on the tags as they are written.

use std::cell::Cell;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use dom_query::{Document as Page, NodeId};
use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{Attribute, ParseOpts, QualName, parse_document};

/// How many steps a parser may take on its tree. A page of a site takes some hundred thousand, a long
/// report that Word saved a few millions.
const MAX_STEPS: u64 = 60_000_000;

/// How many nodes a page may have.
const MAX_NODES: u64 = 1_000_000;

/// How many pairs of attributes of one element, or of elements that format text, may be compared.
const MAX_COMPARED: u64 = 20_000_000;

/// Parses a page; nothing where it would take too long.
pub(super) fn parse(html: &str) -> Option<Page> {
    if !is_quickly_split(html) {
        return None;
    }
    let options = ParseOpts {
        tree_builder: TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() },
        ..ParseOpts::default()
    };
    let sink =
        BoundedPage { page: Page::default(), steps: Cell::new(MAX_STEPS), nodes: Cell::new(MAX_NODES) };
    let parse = || parse_document(sink, options).one(html);
    // A parser cannot be told to stop.
    catch_unwind(AssertUnwindSafe(parse))
        .map_or_else(|thrown| if thrown.is::<TooMuch>() { None } else { resume_unwind(thrown) }, Some)
}

/// What ends a parser.
struct TooMuch;

/// A page as it grows, and how much more may be done to it.
struct BoundedPage {
    page: Page,
    steps: Cell<u64>,
    nodes: Cell<u64>,
}

impl BoundedPage {
    fn step(&self, count: usize) {
        let left = self.steps.get().checked_sub(count as u64);
        self.steps.set(left.unwrap_or_else(|| resume_unwind(Box::new(TooMuch))));
    }

    fn node(&self) {
        let left = self.nodes.get().checked_sub(1);
        self.nodes.set(left.unwrap_or_else(|| resume_unwind(Box::new(TooMuch))));
    }

    /// Counts what is inserted; a text may be a node.
    fn child(&self, child: &NodeOrText<NodeId>) {
        self.step(4);
        if matches!(child, NodeOrText::AppendText(_)) {
            self.node();
        }
    }
}

impl TreeSink for BoundedPage {
    type Handle = NodeId;
    type Output = Page;
    type ElemName<'a> = <Page as TreeSink>::ElemName<'a>;

    fn finish(self) -> Page {
        self.page
    }

    // Nobody reads them, and a bad page has a million.
    fn parse_error(&self, _: std::borrow::Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        self.page.get_document()
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Self::ElemName<'a> {
        self.step(1);
        self.page.elem_name(target)
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> NodeId {
        self.node();
        self.step(8 + attributes.len());
        self.page.create_element(name, attributes, flags)
    }

    fn create_comment(&self, text: StrTendril) -> NodeId {
        self.node();
        self.page.create_comment(text)
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> NodeId {
        self.node();
        self.page.create_pi(target, data)
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        self.child(&child);
        self.page.append(parent, child);
    }

    fn append_based_on_parent_node(&self, element: &NodeId, before: &NodeId, child: NodeOrText<NodeId>) {
        self.child(&child);
        self.page.append_based_on_parent_node(element, before, child);
    }

    fn append_doctype_to_document(&self, name: StrTendril, public: StrTendril, system: StrTendril) {
        self.page.append_doctype_to_document(name, public, system);
    }

    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        self.page.get_template_contents(target)
    }

    fn same_node(&self, one: &NodeId, other: &NodeId) -> bool {
        self.step(1);
        self.page.same_node(one, other)
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.page.set_quirks_mode(mode);
    }

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        self.child(&child);
        self.page.append_before_sibling(sibling, child);
    }

    fn add_attrs_if_missing(&self, target: &NodeId, attributes: Vec<Attribute>) {
        let known = self.page.tree.get(target).map_or(0, |node| node.attrs().len());
        self.step((known + 1) * (attributes.len() + 1));
        self.page.add_attrs_if_missing(target, attributes);
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.step(4);
        self.page.remove_from_parent(target);
    }

    fn reparent_children(&self, node: &NodeId, parent: &NodeId) {
        self.step(self.page.tree.get(node).map_or(0, |node| node.children_it(false).count()));
        self.page.reparent_children(node, parent);
    }

    fn is_mathml_annotation_xml_integration_point(&self, handle: &NodeId) -> bool {
        self.page.is_mathml_annotation_xml_integration_point(handle)
    }
}

/// The elements that format text. A parser compares each new one with those of its kind that were not
/// closed.
const FORMATS: [&str; 14] =
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];

/// The elements that neither format nor hold others apart: behind them, what formats can be closed.
const NEUTRAL: [&str; 25] = [
    "abbr", "acronym", "bdi", "bdo", "br", "cite", "data", "del", "dfn", "embed", "hr", "img", "input",
    "ins", "kbd", "label", "link", "mark", "meta", "q", "samp", "span", "sub", "sup", "wbr",
];

/// The elements whose end need not be written, by the end of what they stand in.
const LOOSE: [&str; 6] = ["p", "li", "dd", "dt", "option", "optgroup"];
const LOOSE_IN_TABLES: [&str; 6] = ["tbody", "thead", "tfoot", "tr", "td", "th"];

/// Whether a page can be split into tags, and its formats told apart, in time that grows with its
/// length. Where it cannot be told whether an end tag closes a format, none is thought to.
fn is_quickly_split(html: &str) -> bool {
    let bytes = html.as_bytes();
    let mut compared = 0u64;
    let mut open = OpenFormats::default();
    let mut at = 0;
    let find = |from: usize, marks: &[u8]| {
        let found = bytes.get(from..)?.iter().position(|byte| marks.contains(byte))?;
        Some(from + found)
    };
    while let Some(next) = find(at, b"<]-") {
        at = next + 1;
        let rest = &bytes[next..];
        if rest.starts_with(b"<!--") {
            open.start("!--");
            at = next + 4;
        } else if rest.starts_with(b"-->") {
            open.end("!--", true);
        } else if rest.len() >= 9 && rest[..9].eq_ignore_ascii_case(b"<![cdata[") {
            open.start("[");
        } else if rest.starts_with(b"]]>") {
            open.end("[", true);
        } else if rest.starts_with(b"<!") || rest.starts_with(b"<?") {
            at = find(next, b">").unwrap_or(bytes.len());
        } else if rest[0] == b'<' {
            let is_end = rest.get(1) == Some(&b'/');
            let start = next + 1 + usize::from(is_end);
            let length = bytes[start..]
                .iter()
                .take_while(|byte| !matches!(byte, b'>' | b'/') && !byte.is_ascii_whitespace())
                .count();
            if !bytes.get(start).is_some_and(u8::is_ascii_alphabetic) {
                continue;
            }
            let name = bytes[start..start + length.min(16)].to_ascii_lowercase();
            let name = String::from_utf8_lossy(&name);
            let (end, attributes) = attributes(bytes, start + length);
            at = end;
            compared += attributes * attributes / 2;
            compared += if is_end {
                open.end(&name, false);
                0
            } else {
                open.start(&name)
            };
        }
        if compared > MAX_COMPARED {
            return false;
        }
    }
    true
}

/// Where a tag ends, whose attributes begin here, and how many it has.
fn attributes(bytes: &[u8], from: usize) -> (usize, u64) {
    let (mut at, mut count) = (from, 0);
    let (mut is_name, mut may_be_quoted) = (false, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'>' => break,
            b'"' | b'\'' if may_be_quoted => {
                let rest = &bytes[at + 1..];
                at += 1 + rest.iter().position(|other| other == byte).unwrap_or(rest.len());
                (is_name, may_be_quoted) = (false, false);
            }
            b'=' => may_be_quoted = true,
            b'/' => (is_name, may_be_quoted) = (false, false),
            byte if byte.is_ascii_whitespace() => is_name = false,
            _ => {
                count += u64::from(!is_name && !may_be_quoted);
                (is_name, may_be_quoted) = (true, false);
            }
        }
        at += 1;
    }
    (at, count)
}

/// The formats that are open, in layers: an element that is no format hides those before it until it is
/// closed itself.
#[derive(Default)]
struct OpenFormats {
    layers: Vec<(String, HashMap<String, u64>)>,
    formats: HashMap<String, u64>,
    count: u64,
}

impl OpenFormats {
    fn top(&mut self) -> &mut HashMap<String, u64> {
        self.layers.last_mut().map_or(&mut self.formats, |(_, formats)| formats)
    }

    /// A start tag: with how many formats it is compared.
    fn start(&mut self, name: &str) -> u64 {
        if FORMATS.contains(&name) {
            *self.top().entry(name.to_owned()).or_default() += 1;
            self.count += 1;
            return self.count;
        }
        if !NEUTRAL.contains(&name) {
            self.layers.push((name.to_owned(), HashMap::new()));
        }
        0
    }

    /// An end tag; `is_certain` where nothing stands in its way.
    fn end(&mut self, name: &str, is_certain: bool) {
        if FORMATS.contains(&name) {
            if let Some(count) = self.top().get_mut(name).filter(|count| **count > 0) {
                *count -= 1;
                self.count -= 1;
            }
            return;
        }
        let is_of_tables = name == "table" || LOOSE_IN_TABLES.contains(&name);
        let is_passed = |other: &str| {
            is_certain || LOOSE.contains(&other) || is_of_tables && LOOSE_IN_TABLES.contains(&other)
        };
        let found = self.layers.iter().rev().take_while(|(other, _)| other == name || is_passed(other));
        let depth = found.take(MAX_LOOKED).position(|(other, _)| other == name);
        for _ in 0..depth.map_or(0, |depth| depth + 1) {
            let Some((_, formats)) = self.layers.pop() else { break };
            for (format, count) in formats {
                *self.top().entry(format).or_default() += count;
            }
        }
    }
}

/// How far an end tag is looked for.
const MAX_LOOKED: usize = 64;
