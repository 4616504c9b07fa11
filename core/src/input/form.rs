//! A form as browsers post it (`application/x-www-form-urlencoded`). A control's name is the path of
//! its field, `measures[0].body[1].text`, and the contract tells how what stands there is meant.
//!
//! A form sends every control it has. One that is empty, or that stands as the contract would have
//! it anyway, says nothing; an item of a list that says nothing is none. Controls whose names begin
//! with an underscore are the form's own. Where one of them wishes that an item be moved or struck, items that
//! say nothing keep their places: it is counted among them.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use super::fault::{Fault, Faults};
use super::node::{At, MapEntry as Pair, Node, NodeContent};
use crate::report::FieldPath;
use crate::report::fields::{self, Entry, Field};
use crate::report::path::Segment;

pub(super) fn parse(text: &str) -> Result<Node, Faults> {
    let mut root = Tree::new(At::Byte(0));
    // What is done to an item is named with it: remove problems[1].
    let keeps_places = text
        .split('&')
        .any(|pair| pair.strip_prefix("_do=").is_some_and(|wish| wish.contains('+') || wish.contains("%20")));
    let mut start = 0;
    for pair in text.trim_end().split('&') {
        let at = At::Byte(start);
        start += pair.len() + 1;
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name, at)?, decode(value, at)?);
        if name.is_empty() || name.starts_with('_') {
            continue;
        }
        let path = FieldPath::from(name.as_str());
        if path.segments().len() > super::MAX_DEPTH {
            return Err(Fault::too_deep(at).into());
        }
        match content(fields::find(&path), &value, at) {
            Some(content) => root.place(path.segments(), at, content).map_err(|()| Fault::duplicate(path))?,
            None if keeps_places => root.hold(path.segments(), at),
            None => {}
        }
    }
    // Of what has to be there, the parts are asked for one by one.
    for field in fields::fields().iter().filter(|field| field.is_required) {
        if let Entry::Group(_) = field.entry {
            root.branch(Segment::Key(field.key.into()), At::Byte(0)).map_err(Fault::duplicate)?;
        }
    }
    Ok(root.into_node())
}

fn decode(written: &str, at: At) -> Result<String, Fault> {
    let spaced = written.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    decoded
        .map(|text| text.replace("\r\n", "\n"))
        .map_err(|_| Fault::syntax("表单", at, "文字不是 UTF-8 编码"))
}

/// What a control says, if anything.
fn content(field: Option<&Field>, value: &str, at: At) -> Option<NodeContent> {
    let scalar = |text: &str| Node { at, content: NodeContent::Scalar(text.to_owned()) };
    let list = |items: Vec<&str>| {
        let items: Vec<Node> = items.into_iter().filter(|item| !item.trim().is_empty()).map(scalar).collect();
        (!items.is_empty()).then_some(NodeContent::Sequence(items))
    };
    let default = field.map_or("", |field| field.default);
    match field.map(|field| &field.entry) {
        Some(Entry::Lines | Entry::Paragraphs) => list(value.split('\n').collect()),
        Some(Entry::Numbers) => {
            list(value.split(|c: char| c.is_whitespace() || "、，,；;".contains(c)).collect())
        }
        Some(Entry::Table) => table(value, at),
        Some(Entry::Mark) if value == "true" => Some(NodeContent::Boolean(true)),
        _ if value.trim() == default => None,
        _ => Some(NodeContent::Scalar(value.to_owned())),
    }
}

/// The columns and the rows of a table as a spreadsheet copies it: a line a row, tabs between
/// cells, a cell with a line feed or a quotation mark in quotation marks.
fn table(value: &str, at: At) -> Option<NodeContent> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(if value.contains('\t') { b'\t' } else { b'|' })
        .has_headers(false)
        .flexible(true)
        .from_reader(value.as_bytes());
    let row = |cells: csv::StringRecord| Node {
        at,
        content: NodeContent::Sequence(
            cells
                .iter()
                .map(|cell| Node { at, content: NodeContent::Scalar(cell.trim().to_owned()) })
                .collect(),
        ),
    };
    let mut rows = reader.records().filter_map(Result::ok).map(row);
    let columns = rows.next()?;
    let pair = |key: &str, value| Pair { at, key: key.to_owned(), value };
    let rows = Node { at, content: NodeContent::Sequence(rows.collect()) };
    Some(NodeContent::Map(vec![pair("columns", columns), pair("rows", rows)]))
}

/// A tree that grows control by control; lists may have holes until it is done.
struct Tree {
    at: At,
    growth: Growth,
}

enum Growth {
    Nothing,
    Leaf(NodeContent),
    Map(Vec<(String, Tree)>),
    List(BTreeMap<usize, Tree>),
}

impl Tree {
    fn new(at: At) -> Self {
        Self { at, growth: Growth::Nothing }
    }

    /// Puts content where the path leads from here, unless something else stands in the way.
    fn place(&mut self, path: &[Segment], at: At, content: NodeContent) -> Result<(), ()> {
        let Some((first, rest)) = path.split_first() else {
            let is_free = matches!(self.growth, Growth::Nothing);
            self.growth = if is_free { Growth::Leaf(content) } else { return Err(()) };
            return Ok(());
        };
        self.branch(first.clone(), at).map_err(drop)?.place(rest, at, content)
    }

    /// Keeps the places of the items that this path goes through.
    fn hold(&mut self, path: &[Segment], at: At) {
        let Some(last) = path.iter().rposition(|segment| segment.index().is_some()) else { return };
        let mut place = self;
        for segment in &path[..=last] {
            match place.branch(segment.clone(), at) {
                Ok(branch) => place = branch,
                Err(_) => return,
            }
        }
    }

    /// The branch of this name or number, grown if it is not there.
    fn branch(&mut self, segment: Segment, at: At) -> Result<&mut Self, FieldPath> {
        match (&self.growth, &segment) {
            (Growth::Nothing, Segment::Key(_)) => self.growth = Growth::Map(vec![]),
            (Growth::Nothing, Segment::Index(_)) => self.growth = Growth::List(BTreeMap::new()),
            _ => {}
        }
        match (&mut self.growth, segment) {
            (Growth::Map(branches), Segment::Key(key)) => {
                let known = branches.iter().position(|(name, _)| *name == *key);
                let index = known.unwrap_or_else(|| {
                    branches.push((key.to_string(), Self::new(at)));
                    branches.len() - 1
                });
                Ok(&mut branches[index].1)
            }
            (Growth::List(branches), Segment::Index(index)) => {
                Ok(branches.entry(index).or_insert_with(|| Self::new(at)))
            }
            (_, segment) => Err(FieldPath::from_iter([segment])),
        }
    }

    fn into_node(self) -> Node {
        let content = match self.growth {
            Growth::Nothing => NodeContent::Map(vec![]),
            Growth::Leaf(content) => content,
            Growth::Map(branches) => NodeContent::Map(
                branches
                    .into_iter()
                    .map(|(key, tree)| Pair { at: tree.at, key, value: tree.into_node() })
                    .collect(),
            ),
            Growth::List(branches) => {
                NodeContent::Sequence(branches.into_values().map(Self::into_node).collect())
            }
        };
        Node { at: self.at, content }
    }
}
