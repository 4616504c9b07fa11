//! What stands beside the text of a document: comments, footnotes and endnotes, each part a list of short texts;
//! and a part that is no Word's.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::super::super::fault;
use super::super::{MAX_PARTS, MAX_TEXT};
use super::xml::{attribute, next, referred};
use crate::diagnostic::Failed;

/// A comment or a note.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::import) struct WordNote {
    pub id: String,
    pub author: String,
    /// The day, as the file writes it: 2025-02-20.
    pub day: Option<String>,
    pub text: String,
}

/// The comments or notes of a part, each an element of this name.
pub(super) fn notes(xml: &str, element: &str) -> Result<Vec<WordNote>, Failed> {
    let mut reader = Reader::from_str(xml);
    let mut found: Vec<WordNote> = vec![];
    let mut current: Option<WordNote> = None;
    let (mut in_text, mut length) = (false, 0);
    loop {
        if found.len() > MAX_PARTS || length > MAX_TEXT {
            return Err(fault::too_much_text().into());
        }
        let mut say = |text: &str| {
            if let Some(note) = &mut current {
                length += text.len();
                note.text.push_str(text);
            }
        };
        match next(&mut reader)? {
            Event::Start(start) | Event::Empty(start) => match start.local_name().as_ref() {
                // The line above notes is one, too, of a type of its own.
                name if name == element && attribute(&start, "type").is_none() => {
                    current = Some(begun(&start));
                }
                "t" => in_text = true,
                "tab" => say(" "),
                "br" | "cr" => say("\n"),
                _ => {}
            },
            Event::End(end) => match end.local_name().as_ref() {
                name if name == element => found.extend(
                    current.take().map(|note| WordNote { text: note.text.trim().to_owned(), ..note }),
                ),
                "p" => say("\n"),
                _ => in_text = false,
            },
            Event::Text(text) if in_text => say(&text.xml10_content()),
            Event::CData(text) if in_text => say(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let character = referred(&reference)?;
                if in_text {
                    say(character.encode_utf8(&mut [0; 4]));
                }
            }
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

fn begun(element: &BytesStart) -> WordNote {
    let of = |name: &str| attribute(element, name);
    let day = of("date").and_then(|date| date.get(.."2025-02-20".len()).map(str::to_owned));
    WordNote {
        id: of("id").unwrap_or_default(),
        author: of("author").unwrap_or_default(),
        day,
        text: String::new(),
    }
}

/// What the root of a part says, if it is the element `name` of this namespace.
pub(super) fn root_text(xml: &str, name: &str, namespace: &str) -> Result<Option<String>, Failed> {
    let mut reader = Reader::from_str(xml);
    let mut text: Option<String> = None;
    loop {
        match next(&mut reader)? {
            Event::Start(start) if text.is_none() => {
                let is_ours = start.local_name().as_ref() == name
                    && start.attributes().with_checks(false).flatten().any(|one| *one.value == *namespace);
                if !is_ours {
                    return Ok(None);
                }
                text = Some(String::new());
            }
            Event::Text(more) => {
                if let Some(text) = &mut text {
                    text.push_str(&more.xml10_content());
                }
            }
            Event::CData(more) => {
                if let Some(text) = &mut text {
                    text.push_str(&more.xml10_content());
                }
            }
            Event::GeneralRef(reference) => {
                let character = referred(&reference)?;
                text.as_mut().into_iter().for_each(|text| text.push(character));
            }
            Event::Eof => return Ok(text),
            _ => {}
        }
    }
}
