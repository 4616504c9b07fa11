//! The XML of a part, written in the order in which it is read.

use quick_xml::Writer;
use quick_xml::escape::escape;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// The namespace of GB/T 33190-2016.
const NAMESPACE: &str = "http://www.ofdspec.org/2016";

/// Elements of the standard's namespace; their names are written without its prefix.
pub(super) struct Xml(Writer<Vec<u8>>);

/// The attributes of an element.
pub(super) type Attributes<'a> = &'a [(&'a str, &'a str)];

impl Xml {
    /// A whole part whose root has this name.
    pub(super) fn part(root: &str, attributes: Attributes, content: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut xml = Self(Writer::new(Vec::new()));
        xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        let attributes = [&[("xmlns:ofd", NAMESPACE)], attributes].concat();
        xml.element(root, &attributes, content);
        xml.0.into_inner()
    }

    pub(super) fn element(&mut self, name: &str, attributes: Attributes, content: impl FnOnce(&mut Self)) {
        let name = format!("ofd:{name}");
        self.event(Event::Start(start(&name, attributes)));
        content(self);
        self.event(Event::End(BytesEnd::new(name)));
    }

    pub(super) fn empty(&mut self, name: &str, attributes: Attributes) {
        self.event(Event::Empty(start(&format!("ofd:{name}"), attributes)));
    }

    pub(super) fn text(&mut self, name: &str, attributes: Attributes, text: &str) {
        self.element(name, attributes, |xml| xml.event(Event::Text(BytesText::from_escaped(guarded(text)))));
    }

    fn event(&mut self, event: Event) {
        self.0.write_event(event).expect("a vector takes all that is written");
    }
}

/// The same attributes, borrowed.
pub(super) fn borrowed<'a>(attributes: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
    attributes.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

fn start<'a>(name: &'a str, attributes: Attributes<'a>) -> BytesStart<'a> {
    let mut start = BytesStart::new(name);
    for (name, value) in attributes {
        start.push_attribute((*name, admitted(value).as_str()));
    }
    start
}

/// A text whose spaces at its ends are as good as its other characters: there are readers that cut them off.
fn guarded(text: &str) -> String {
    let text = admitted(text);
    let within = text.trim_matches(' ');
    let leading = text.len() - text.trim_start_matches(' ').len();
    let trailing = text.len() - within.len() - leading;
    let spaces = |count: usize| "&#32;".repeat(count);
    format!("{}{}{}", spaces(leading), escape(within), spaces(trailing))
}

/// What XML has no way to write is replaced.
fn admitted(text: &str) -> String {
    let is_admitted = |character: &char| !matches!(character, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}');
    text.chars().map(|one| if is_admitted(&one) { one } else { char::REPLACEMENT_CHARACTER }).collect()
}
