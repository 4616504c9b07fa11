//! The objects of a PDF (ISO 32000-1, 7.3).

use std::rc::Rc;

/// An object. What is large is shared, not copied.
#[derive(Clone, Debug)]
pub enum Object {
    Null,
    Boolean(bool),
    Number(f64),
    Name(Rc<[u8]>),
    Text(Rc<[u8]>),
    Array(Rc<[Object]>),
    Dict(Dict),
    Stream(Stream),
    /// Another object, by its number.
    Reference(u32),
}

/// Entries by their names. Of two of one name the last is meant.
#[derive(Clone, Debug, Default)]
pub struct Dict(pub Rc<[(Rc<[u8]>, Object)]>);

/// A stream: its dictionary, and where its packed bytes stand in the file.
#[derive(Clone, Debug)]
pub struct Stream {
    pub dict: Dict,
    /// The object's number.
    pub number: u32,
    pub start: usize,
    pub end: usize,
}

impl Object {
    pub fn number(&self) -> Option<f64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    /// A number that counts or refers, without its fraction.
    pub fn whole(&self) -> Option<u64> {
        self.number().filter(|number| *number >= 0.0).map(|number| number as u64)
    }

    pub fn name(&self) -> Option<&[u8]> {
        if let Self::Name(name) = self { Some(name) } else { None }
    }

    pub fn text(&self) -> Option<&[u8]> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub fn array(&self) -> Option<&[Object]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    /// A dictionary, or that of a stream.
    pub fn dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(dict) => Some(dict),
            Self::Stream(stream) => Some(&stream.dict),
            _ => None,
        }
    }
}

impl Dict {
    /// The entry as it stands, which may be a reference.
    pub fn get(&self, name: &str) -> Option<&Object> {
        self.entry(name.as_bytes())
    }

    pub fn entry(&self, name: &[u8]) -> Option<&Object> {
        self.0.iter().rev().find(|(key, _)| &**key == name).map(|(_, value)| value)
    }

    pub fn is_of_type(&self, name: &str) -> bool {
        self.get("Type").and_then(Object::name) == Some(name.as_bytes())
    }
}
