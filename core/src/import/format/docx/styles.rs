//! The styles of a document: what each says of its paragraphs.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::xml::{attribute, level, next};
use crate::diagnostic::Failed;

/// What a style says of its paragraphs.
#[derive(Clone, Default)]
pub(super) struct ParagraphStyle {
    pub name: String,
    pub level: Option<usize>,
    pub number: Option<(String, usize)>,
    pub based_on: Option<String>,
}

pub(super) type Styles = HashMap<String, ParagraphStyle>;

pub(super) fn styles_of(xml: &str) -> Result<Styles, Failed> {
    let mut reader = Reader::from_str(xml);
    let mut styles = Styles::new();
    let mut current: Option<(String, ParagraphStyle)> = None;
    loop {
        match next(&mut reader)? {
            Event::Start(element) | Event::Empty(element) => {
                let value = || attribute(&element, "val");
                match (element.local_name().as_ref(), &mut current) {
                    ("style", _) => {
                        current = attribute(&element, "styleId").map(|id| (id, ParagraphStyle::default()));
                    }
                    ("name", Some((_, style))) => style.name = value().unwrap_or_default().to_lowercase(),
                    ("basedOn", Some((_, style))) => style.based_on = value(),
                    ("outlineLvl", Some((_, style))) => style.level = level(value()),
                    ("numId", Some((_, style))) => {
                        let level = style.number.take().map_or(0, |(_, level)| level);
                        style.number = value().map(|id| (id, level));
                    }
                    ("ilvl", Some((_, style))) => {
                        let level = level(value()).unwrap_or_default();
                        let id = style.number.take().map(|(id, _)| id).unwrap_or_default();
                        style.number = Some((id, level));
                    }
                    _ => {}
                }
            }
            Event::End(element) if element.local_name().as_ref() == "style" => styles.extend(current.take()),
            Event::Eof => return Ok(styles),
            _ => {}
        }
    }
}

/// How far a style is followed to those that it is based on.
const MAX_BASES: usize = 10;

/// What a style says, with those that it is based on.
#[derive(Default)]
pub(super) struct ResolvedStyle {
    pub level: Option<usize>,
    pub number: Option<(String, usize)>,
    pub is_title: bool,
}

pub(super) fn resolved(styles: &Styles, style: Option<&String>) -> ResolvedStyle {
    let mut found = ResolvedStyle::default();
    let mut next = style;
    for _ in 0..MAX_BASES {
        let Some(style) = next.and_then(|id| styles.get(id)) else { break };
        found.is_title |= matches!(style.name.as_str(), "title" | "标题");
        let named =
            ["heading ", "标题 "].iter().find_map(|words| style.name.strip_prefix(words)?.parse().ok());
        let named = named.map(|level: usize| level.saturating_sub(1));
        found.level = found.level.or(style.level).or(named);
        found.number = found.number.or(style.number.clone());
        next = style.based_on.as_ref();
    }
    found
}
