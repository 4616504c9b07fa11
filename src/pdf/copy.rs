//! Objects copied into a PDF that is written anew: each once, its streams unpacked, without what leads
//! back to where it came from.

use std::collections::HashMap;

use super::content::{write_name, write_text};
use super::file::File;
use super::object::{Dict, Object, Stream};
use super::{MAX_UNPACKED, Refused, colour, font};

/// How far objects may refer to others.
const MAX_DEPTH: usize = 32;

/// The names of entries that are not copied: what leads to a parent, what draws, and how a stream was
/// packed.
const LEFT_OUT: [&str; 13] = [
    "Parent",
    "Resources",
    "CharProcs",
    "Metadata",
    "StructParent",
    "StructParents",
    "PieceInfo",
    "Length",
    "Filter",
    "DecodeParms",
    "DP",
    "F",
    "FFilter",
];

/// The PDF that is written.
#[derive(Default)]
pub struct Written {
    bytes: Vec<u8>,
    /// Where each object begins, nowhere if it was never written, and how long it is.
    places: Vec<(usize, usize)>,
}

impl Written {
    /// The number of an object that is written later.
    pub fn reserve(&mut self) -> u32 {
        self.places.push((0, 0));
        self.places.len() as u32
    }

    pub fn put(&mut self, number: u32, body: &[u8]) -> Result<(), Refused> {
        if self.bytes.is_empty() {
            self.bytes.extend_from_slice(b"%PDF-1.7\n");
        }
        if self.bytes.len() + body.len() > 2 * MAX_UNPACKED {
            return Err(Refused::TooMuch);
        }
        self.places[number as usize - 1] = (self.bytes.len(), body.len());
        self.bytes.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        self.bytes.extend_from_slice(body);
        self.bytes.extend_from_slice(b"\nendobj\n");
        Ok(())
    }

    /// How long an object is that was written, in bytes.
    pub fn length(&self, number: u32) -> u64 {
        self.places[number as usize - 1].1 as u64
    }

    /// Writes a stream; `entries` are those of its dictionary.
    pub fn put_stream(&mut self, number: u32, entries: &[u8], data: &[u8]) -> Result<(), Refused> {
        let mut body = Vec::with_capacity(entries.len() + data.len() + 64);
        body.extend_from_slice(b"<<");
        body.extend_from_slice(entries);
        body.extend_from_slice(format!("/Length {}>>\nstream\n", data.len()).as_bytes());
        body.extend_from_slice(data);
        body.extend_from_slice(b"\nendstream");
        self.put(number, &body)
    }

    /// The whole file, whose catalogue is `root`.
    pub fn finish(mut self, root: u32) -> Vec<u8> {
        let table = self.bytes.len();
        let size = self.places.len() + 1;
        self.bytes.extend_from_slice(format!("xref\n0 {size}\n0000000000 65535 f \n").as_bytes());
        for (place, _) in &self.places {
            let kind = if *place == 0 { 'f' } else { 'n' };
            self.bytes.extend_from_slice(format!("{place:010} 00000 {kind} \n").as_bytes());
        }
        let trailer = format!("trailer\n<</Size {size}/Root {root} 0 R>>\nstartxref\n{table}\n%%EOF\n");
        self.bytes.extend_from_slice(trailer.as_bytes());
        self.bytes
    }
}

/// What a stream is used for, and so what its bytes must not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Use {
    Any,
    /// From codes to characters.
    Map,
    Font,
}

/// How far the copy of an object came.
#[derive(Clone, Copy)]
enum Copied {
    Begun,
    Done { number: u32, weight: u64 },
}

/// Copies objects of one file.
pub struct Copier<'f, 'a> {
    pub file: &'f File<'a>,
    pub written: Written,
    copied: HashMap<(u32, Use), Copied>,
    /// What the function takes that costs most to work out.
    pub heaviest: u64,
}

/// The body of a copy as it grows, and what it weighs with all that it refers to.
#[derive(Default)]
pub struct Body {
    pub bytes: Vec<u8>,
    pub weight: u64,
}

impl<'f, 'a> Copier<'f, 'a> {
    pub fn new(file: &'f File<'a>) -> Self {
        Self { file, written: Written::default(), copied: HashMap::new(), heaviest: 0 }
    }

    /// Copies an object as one of its own: its number, and its weight.
    pub fn alone(&mut self, object: &Object) -> Result<(u32, u64), Refused> {
        if let Object::Reference(number) = object {
            return Ok(match self.reference(*number, Use::Any, 0)? {
                Some(copied) => copied,
                None => (self.nothing()?, 0),
            });
        }
        let number = self.written.reserve();
        let weight = self.object(number, object, Use::Any, 0)?;
        Ok((number, weight))
    }

    fn nothing(&mut self) -> Result<u32, Refused> {
        let number = self.written.reserve();
        self.written.put(number, b"null")?;
        Ok(number)
    }

    /// Writes an object below the number that is reserved for it.
    fn object(&mut self, number: u32, object: &Object, what_for: Use, depth: usize) -> Result<u64, Refused> {
        let mut body = Body::default();
        if let Object::Stream(stream) = object {
            self.stream(number, stream, what_for, depth, &mut body)?;
        } else {
            self.value(object, Use::Any, depth, &mut body)?;
            self.written.put(number, &body.bytes)?;
            body.weight += body.bytes.len() as u64;
        }
        Ok(body.weight)
    }

    /// The copy of another object; nothing where it is being copied, for a circle has no end.
    fn reference(&mut self, number: u32, what_for: Use, depth: usize) -> Result<Option<(u32, u64)>, Refused> {
        match self.copied.get(&(number, what_for)) {
            Some(Copied::Begun) => return Ok(None),
            Some(Copied::Done { number, weight }) => return Ok(Some((*number, *weight))),
            None => {}
        }
        self.copied.insert((number, what_for), Copied::Begun);
        let object = self.file.resolved(&Object::Reference(number))?;
        let copy = self.written.reserve();
        let weight = self.object(copy, &object, what_for, depth + 1)?;
        self.copied.insert((number, what_for), Copied::Done { number: copy, weight });
        Ok(Some((copy, weight)))
    }

    fn stream(
        &mut self,
        number: u32,
        stream: &Stream,
        what_for: Use,
        depth: usize,
        body: &mut Body,
    ) -> Result<(), Refused> {
        self.entries(&stream.dict, depth, body)?;
        let data = self.file.unpacked(stream)?;
        match &data {
            Some(data) => {
                match what_for {
                    Use::Map => font::check_map(data)?,
                    Use::Font => font::check(data)?,
                    Use::Any => {}
                }
                if stream.dict.get("FunctionType").is_some() {
                    let cost = colour::check_function(self.file, &stream.dict, data)?;
                    body.weight = body.weight.saturating_add(cost.built);
                    self.heaviest = self.heaviest.max(cost.worked_out);
                }
                body.weight = body.weight.saturating_add(data.len() as u64);
                self.written.put_stream(number, &body.bytes, data)?;
            }
            // No reader takes this filter away, as none could the one that was there.
            None => {
                body.bytes.extend_from_slice(b"/Filter/Crypt");
                self.written.put_stream(number, &body.bytes, b"")?;
            }
        }
        body.weight = body.weight.saturating_add(body.bytes.len() as u64);
        Ok(())
    }

    /// Writes an object where it stands.
    pub fn value(
        &mut self,
        object: &Object,
        what_for: Use,
        depth: usize,
        body: &mut Body,
    ) -> Result<(), Refused> {
        if depth > MAX_DEPTH {
            return Err(Refused::TooMuch);
        }
        let out = &mut body.bytes;
        match object {
            Object::Null => out.extend_from_slice(b"null"),
            Object::Boolean(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Object::Number(value) => out.extend_from_slice(value.to_string().as_bytes()),
            Object::Name(name) => write_name(name, out),
            Object::Text(text) => write_text(text, out),
            Object::Reference(number) => match self.reference(*number, what_for, depth)? {
                Some((copy, weight)) => {
                    body.bytes.extend_from_slice(format!("{copy} 0 R").as_bytes());
                    body.weight = body.weight.saturating_add(weight);
                }
                None => body.bytes.extend_from_slice(b"null"),
            },
            Object::Array(items) => {
                out.push(b'[');
                for item in items.iter() {
                    self.value(item, Use::Any, depth + 1, body)?;
                    body.bytes.push(b' ');
                }
                body.bytes.push(b']');
            }
            Object::Dict(dict) => {
                out.extend_from_slice(b"<<");
                self.entries(dict, depth, body)?;
                body.bytes.extend_from_slice(b">>");
            }
            // A stream stands alone and is referred to.
            Object::Stream(_) => out.extend_from_slice(b"null"),
        }
        Ok(())
    }

    fn entries(&mut self, dict: &Dict, depth: usize, body: &mut Body) -> Result<(), Refused> {
        if dict.get("FunctionType").is_some() {
            let cost = colour::check_function(self.file, dict, &[])?;
            self.heaviest = self.heaviest.max(cost.worked_out);
        }
        for (name, value) in dict.0.iter() {
            if LEFT_OUT.iter().any(|left| left.as_bytes() == &**name) {
                continue;
            }
            let what_for = match &**name {
                b"ToUnicode" | b"Encoding" => Use::Map,
                b"FontFile" | b"FontFile2" | b"FontFile3" => Use::Font,
                b"W" | b"W2" => {
                    let range = if name.len() == 1 { 3 } else { 5 };
                    let weight = font::check_widths(self.file, value, range)?;
                    body.weight = body.weight.saturating_add(weight);
                    Use::Any
                }
                b"FirstChar" => {
                    font::check_first(self.file, value)?;
                    Use::Any
                }
                _ => Use::Any,
            };
            write_name(name, &mut body.bytes);
            body.bytes.push(b' ');
            self.value(value, what_for, depth + 1, body)?;
        }
        Ok(())
    }
}
