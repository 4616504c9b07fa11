//! The automatic numbers of a document.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::xml::{self, LEVELS, attribute, next};
use crate::diagnostic::Failed;
use crate::language::numerals::in_chinese;

/// The greatest number that a list may begin with.
const MAX_START: usize = 32_767;

/// The automatic numbers: each list's levels, and how far each list has counted.
#[derive(Clone, Default)]
pub(super) struct Numbering {
    /// The list of each number's name.
    lists: HashMap<String, String>,
    levels: HashMap<(String, usize), ListLevel>,
    counts: HashMap<String, Vec<usize>>,
}

#[derive(Clone, Default)]
struct ListLevel {
    format: String,
    /// （%1）
    text: String,
    start: usize,
}

impl Numbering {
    pub(super) fn read(xml: &str) -> Result<Self, Failed> {
        let mut reader = Reader::from_str(xml);
        let mut numbering = Self::default();
        let (mut list, mut number, mut level) = (String::new(), None::<String>, 0usize);
        loop {
            match next(&mut reader)? {
                Event::Start(element) | Event::Empty(element) => {
                    let value = || attribute(&element, "val").unwrap_or_default();
                    let mut here = |change: &dyn Fn(&mut ListLevel)| {
                        if level < LEVELS {
                            change(numbering.levels.entry((list.clone(), level)).or_default());
                        }
                    };
                    match element.local_name().as_ref() {
                        "abstractNum" => list = attribute(&element, "abstractNumId").unwrap_or_default(),
                        "lvl" => {
                            level = xml::level(attribute(&element, "ilvl")).unwrap_or_default();
                            if level < LEVELS {
                                let start = ListLevel { start: 1, ..ListLevel::default() };
                                numbering.levels.insert((list.clone(), level), start);
                            }
                        }
                        "num" => number = attribute(&element, "numId"),
                        "abstractNumId" => {
                            if let Some(number) = &number {
                                numbering.lists.insert(number.clone(), value());
                            }
                        }
                        "numFmt" => here(&|level| level.format = value()),
                        "lvlText" => here(&|level| level.text = value()),
                        "start" => here(&|level| {
                            let start = value().parse().ok().filter(|start| *start <= MAX_START);
                            level.start = start.unwrap_or(1);
                        }),
                        _ => {}
                    }
                }
                Event::Eof => return Ok(numbering),
                _ => {}
            }
        }
    }

    /// The number of the next paragraph of this list and level, as it is printed. A bullet is none.
    pub(super) fn next(&mut self, number: &str, level: usize) -> String {
        let Some(list) = self.lists.get(number).cloned() else { return String::new() };
        let Some(own) = self.levels.get(&(list.clone(), level)).cloned() else { return String::new() };
        // Only levels that Word has are known, so that there are no more counts than those.
        let counts = self.counts.entry(list.clone()).or_default();
        counts.truncate(level + 1);
        while counts.len() < level {
            let start = self.levels.get(&(list.clone(), counts.len())).map_or(1, |level| level.start);
            counts.push(start);
        }
        match counts.get_mut(level) {
            Some(count) => *count = count.saturating_add(1),
            None => counts.push(own.start),
        }
        if own.format == "bullet" || own.format == "none" {
            return String::new();
        }
        let mut text = own.text.clone();
        for (at, count) in counts.iter().enumerate() {
            let format = self.levels.get(&(list.clone(), at)).map_or("", |level| level.format.as_str());
            text = text.replace(&format!("%{}", at + 1), &numeral(*count, format));
        }
        text
    }
}

/// A number in the numerals of a format of lists.
fn numeral(number: usize, format: &str) -> String {
    let is_chinese =
        ["chinese", "japanese", "ideograph", "taiwanese"].iter().any(|kind| format.starts_with(kind));
    if is_chinese { in_chinese(number) } else { number.to_string() }
}
