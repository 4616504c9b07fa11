//! The XML of a part, written in the order in which it is read.

use std::borrow::Cow;

use quick_xml::escape::escape;
use quick_xml::events::attributes::Attribute;

/// The namespace of GB/T 33190-2016.
const NAMESPACE: &str = "http://www.ofdspec.org/2016";

/// A space that is seen as one.
const SPACE: &str = "&#32;";

/// Elements of the standard's namespace; their names are written without its prefix.
pub(super) struct Xml(String);

/// The attributes of an element.
pub(super) type Attributes<'a> = &'a [(&'a str, &'a str)];

impl Xml {
    /// A whole part whose root has this name.
    pub(super) fn part(root: &str, attributes: Attributes, content: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut xml = Self("<?xml version=\"1.0\" encoding=\"UTF-8\"?>".into());
        let attributes = [&[("xmlns:ofd", NAMESPACE)], attributes].concat();
        xml.element(root, &attributes, content);
        xml.0.into_bytes()
    }

    pub(super) fn element(&mut self, name: &str, attributes: Attributes, content: impl FnOnce(&mut Self)) {
        self.start(name, attributes);
        self.0.push('>');
        content(self);
        self.end(name);
    }

    pub(super) fn empty(&mut self, name: &str, attributes: Attributes) {
        self.start(name, attributes);
        self.0.push_str("/>");
    }

    pub(super) fn text(&mut self, name: &str, attributes: Attributes, text: &str) {
        self.element(name, attributes, |xml| xml.guarded(text));
    }

    fn start(&mut self, name: &str, attributes: Attributes) {
        self.0.push_str("<ofd:");
        self.0.push_str(name);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            self.0.push_str(&Attribute::from((*name, &*admitted(value))).value);
            self.0.push('"');
        }
    }

    fn end(&mut self, name: &str) {
        self.0.push_str("</ofd:");
        self.0.push_str(name);
        self.0.push('>');
    }

    /// A text whose spaces at its ends are as good as its other characters: there are readers that cut them off.
    fn guarded(&mut self, text: &str) {
        let text = admitted(text);
        let within = text.trim_matches(' ');
        let leading = text.len() - text.trim_start_matches(' ').len();
        let trailing = text.len() - within.len() - leading;
        self.0.extend((0..leading).map(|_| SPACE));
        self.0.push_str(&escape(within));
        self.0.extend((0..trailing).map(|_| SPACE));
    }
}

/// The same attributes, borrowed.
pub(super) fn borrowed<'a>(attributes: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
    attributes.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

/// What XML has no way to write is replaced.
fn admitted(text: &str) -> Cow<'_, str> {
    let is_strange = |character: char| matches!(character, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}');
    match text.contains(is_strange) {
        true => text.replace(is_strange, "\u{FFFD}").into(),
        false => text.into(),
    }
}
