//! YAML 1.2, without references: an anchor that is called a thousand times is no report.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::fault::{Fault, Faults};
use super::node::{At, MapEntry, Node, NodeContent};
use crate::diagnostic::Position;

pub(super) fn parse(text: &str) -> Result<Node, Faults> {
    let mut open: Vec<OpenCollection> = Vec::new();
    let mut root = None;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let at = at(error.marker());
            if error.info().contains("recursion limit") {
                Fault::too_deep(at)
            } else {
                Fault::syntax("YAML", at, said(error.info()))
            }
        })?;
        let at = at(&span.start);
        let content = match event {
            Event::Scalar(characters, style, ..) => scalar(characters.into_owned(), style),
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                if open.len() >= super::MAX_DEPTH {
                    return Err(Fault::too_deep(at).into());
                }
                open.push(OpenCollection {
                    at,
                    is_map: matches!(event, Event::MappingStart(..)),
                    items: vec![],
                });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(closed) = open.pop() else { continue };
                let node = closed.close()?;
                match open.last_mut() {
                    Some(parent) => parent.items.push(node),
                    None => root = Some(node),
                }
                continue;
            }
            Event::Alias(_) => return Err(Fault::syntax("YAML", at, "不能用星号引用别处的内容").into()),
            Event::DocumentStart(_) if root.is_some() => {
                return Err(Fault::syntax("YAML", at, "一个文件只能写一份报告").into());
            }
            _ => continue,
        };
        let node = Node { at, content };
        match open.last_mut() {
            Some(parent) => parent.items.push(node),
            None => root = Some(node),
        }
    }
    Ok(root.unwrap_or_else(Node::nothing))
}

/// A list or map whose end has not come yet; a map's keys and values take turns.
struct OpenCollection {
    at: At,
    is_map: bool,
    items: Vec<Node>,
}

impl OpenCollection {
    fn close(self) -> Result<Node, Faults> {
        if !self.is_map {
            return Ok(Node { at: self.at, content: NodeContent::Sequence(self.items) });
        }
        let mut entries = Vec::with_capacity(self.items.len() / 2);
        let mut items = self.items.into_iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            let NodeContent::Scalar(name) = key.content else {
                return Err(Fault::syntax("YAML", key.at, "字段名应为一个词").into());
            };
            entries.push(MapEntry { at: key.at, key: name, value });
        }
        Ok(Node { at: self.at, content: NodeContent::Map(entries) })
    }
}

fn scalar(characters: String, style: ScalarStyle) -> NodeContent {
    match (style, characters.as_str()) {
        (ScalarStyle::Plain, "" | "~" | "null" | "Null" | "NULL") => NodeContent::Null,
        (ScalarStyle::Plain, "true" | "True" | "TRUE") => NodeContent::Boolean(true),
        (ScalarStyle::Plain, "false" | "False" | "FALSE") => NodeContent::Boolean(false),
        _ => NodeContent::Scalar(characters),
    }
}

fn at(marker: &Marker) -> At {
    At::Position(Position { line: marker.line(), column: marker.col() + 1 })
}

/// What the parser found, in words for the writer.
fn said(info: &str) -> &'static str {
    let about = |words: &[&str]| words.iter().any(|word| info.contains(word));
    if about(&["unprintable"]) {
        "含有看不见的控制字符，请删除"
    } else if about(&["tabs", " tab"]) {
        "缩进里有制表符，请改用空格"
    } else if about(&["indent", "block mapping", "block collection"]) {
        "缩进没有对齐，或者字段名后面缺少冒号和空格"
    } else if about(&["quoted scalar", "escape", "unicode", "hexdecimal", "hexadecimal"]) {
        "引号没有成对，或者引号里的反斜线写法不对"
    } else if about(&["flow", "',' or", "bracket"]) {
        "方括号或花括号没有成对，或者两项之间缺少逗号"
    } else if about(&["simple key", "mapping value", "':'"]) {
        "冒号的写法不对：文字里含有冒号加空格时，整句要加引号"
    } else {
        "这里的写法不对"
    }
}
