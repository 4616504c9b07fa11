//! Where the objects of a PDF stand (ISO 32000-1, 7.5), and the objects themselves, each read once.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::filter::{self, Rows};
use super::lexer::{Lexer, Token, is_space, whole};
use super::object::{Dict, Object, Stream};
use super::{MAX_BYTES, MAX_OBJECTS, MAX_PARTS, MAX_READ, MAX_UNPACKED, Refused, is_pdf};

/// How many older tables a file may point to.
const MAX_TABLES: usize = 256;

/// How far a reference may lead to nothing but another.
const MAX_REFERENCES: usize = 32;

/// Where an object stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    At(usize),
    /// In a stream of objects, and at which place there.
    In(u32, usize),
}

/// A PDF whose objects can be asked for. Everything that is read is counted; what is too much ends in
/// [`Refused::TooMuch`], however the file asks for it.
pub struct File<'a> {
    bytes: &'a [u8],
    places: RefCell<HashMap<u32, Place>>,
    is_mended: Cell<bool>,
    root: Object,
    known: RefCell<HashMap<u32, Object>>,
    packed: RefCell<HashMap<u32, Rc<Packed>>>,
    parts: Cell<usize>,
    read: Cell<usize>,
    unpacked: Cell<usize>,
}

/// A stream of objects, unpacked: where each begins.
#[derive(Default)]
struct Packed {
    bytes: Vec<u8>,
    starts: Vec<(u32, usize)>,
}

/// What a table of the file, or the last ones of all, says.
#[derive(Default)]
struct Trailer {
    root: Option<Object>,
    is_encrypted: bool,
}

impl<'a> File<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Self, Refused> {
        if bytes.len() > MAX_BYTES {
            return Err(Refused::TooMuch);
        }
        if !is_pdf(bytes) {
            return Err(Refused::NotPdf);
        }
        let mut file = Self {
            bytes,
            places: RefCell::default(),
            is_mended: Cell::new(false),
            root: Object::Null,
            known: RefCell::default(),
            packed: RefCell::default(),
            parts: Cell::new(MAX_PARTS),
            read: Cell::new(MAX_READ),
            unpacked: Cell::new(MAX_UNPACKED),
        };
        let mut trailer = file.tables()?;
        let has_root = |trailer: &Trailer| -> Result<bool, Refused> {
            let Some(root) = &trailer.root else { return Ok(false) };
            Ok(file.resolved(root)?.dict().is_some_and(|root| root.get("Pages").is_some()))
        };
        if !trailer.is_encrypted && !has_root(&trailer)? {
            trailer = file.mend()?;
        }
        if trailer.is_encrypted {
            return Err(Refused::Encrypted);
        }
        if !has_root(&trailer)? {
            return Err(Refused::Damaged);
        }
        file.root = trailer.root.unwrap_or(Object::Null);
        Ok(file)
    }

    /// The catalogue, from which everything is reached.
    pub fn catalog(&self) -> Result<Dict, Refused> {
        Ok(self.resolved(&self.root)?.dict().cloned().unwrap_or_default())
    }

    /// What a reference leads to; any other object is itself. What is missing is nothing.
    pub fn resolved(&self, object: &Object) -> Result<Object, Refused> {
        let mut object = object.clone();
        for _ in 0..MAX_REFERENCES {
            let Object::Reference(number) = object else { return Ok(object) };
            object = self.load(number)?;
        }
        Ok(Object::Null)
    }

    /// The entry of a dictionary, resolved.
    pub fn get(&self, dict: &Dict, name: &str) -> Result<Object, Refused> {
        dict.get(name).map_or(Ok(Object::Null), |object| self.resolved(object))
    }

    /// The objects of the file, in the order of their numbers.
    pub fn numbers(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = self.places.borrow().keys().copied().collect();
        numbers.sort_unstable();
        numbers
    }

    /// A stream without its filters; nothing where one of them cannot be taken away.
    pub fn unpacked(&self, stream: &Stream) -> Result<Option<Vec<u8>>, Refused> {
        let filters = self.get(&stream.dict, "Filter")?;
        let parameters = match stream.dict.get("DecodeParms") {
            Some(object) => self.resolved(object)?,
            None => self.get(&stream.dict, "DP")?,
        };
        let list = |object: Object| match object {
            Object::Array(items) => items.to_vec(),
            Object::Null => vec![],
            one => vec![one],
        };
        let (filters, parameters) = (list(filters), list(parameters));
        let raw = &self.bytes[stream.start..stream.end];
        if filters.is_empty() {
            self.count_unpacked(raw.len())?;
            return Ok(Some(raw.to_vec()));
        }
        let mut bytes: Option<Vec<u8>> = None;
        for (at, filter) in filters.iter().enumerate() {
            let filter = self.resolved(filter)?;
            let rows = parameters.get(at).map_or(Ok(Object::Null), |one| self.resolved(one))?;
            let rows = self.rows(rows.dict())?;
            let packed = bytes.as_deref().unwrap_or(raw);
            let name = filter.name().unwrap_or_default();
            let Some(out) = filter::apply(name, packed, rows, self.unpacked.get())? else { return Ok(None) };
            self.count_unpacked(out.len())?;
            bytes = Some(out);
        }
        Ok(bytes)
    }

    fn rows(&self, parameters: Option<&Dict>) -> Result<Rows, Refused> {
        let Some(parameters) = parameters else { return Ok(Rows::default()) };
        let usual = Rows::default();
        let value = |name: &str| self.get(parameters, name).map(|object| object.whole());
        Ok(Rows {
            predictor: value("Predictor")?.unwrap_or(usual.predictor),
            colours: value("Colors")?.unwrap_or(usual.colours),
            bits: value("BitsPerComponent")?.unwrap_or(usual.bits),
            columns: value("Columns")?.unwrap_or(usual.columns),
            is_early: value("EarlyChange")? != Some(0),
        })
    }

    fn count_unpacked(&self, length: usize) -> Result<(), Refused> {
        self.unpacked.set(self.unpacked.get().checked_sub(length).ok_or(Refused::TooMuch)?);
        Ok(())
    }

    fn count_read(&self, length: usize) -> Result<(), Refused> {
        self.read.set(self.read.get().checked_sub(length).ok_or(Refused::TooMuch)?);
        Ok(())
    }

    /// The object at which a reader stands.
    fn object(&self, lexer: &mut Lexer<'_>) -> Result<Option<Object>, Refused> {
        let before = lexer.at;
        let mut parts = self.parts.get();
        let object = lexer.object(&mut parts);
        self.parts.set(parts);
        self.count_read(lexer.at - before)?;
        object
    }

    fn load(&self, number: u32) -> Result<Object, Refused> {
        if let Some(object) = self.known.borrow().get(&number) {
            return Ok(object.clone());
        }
        // An object that needs itself to be read is nothing.
        self.known.borrow_mut().insert(number, Object::Null);
        let place = self.places.borrow().get(&number).copied();
        let object = match place {
            None => Object::Null,
            Some(Place::In(stream, at)) => self.packed(stream, at)?,
            Some(Place::At(at)) => match self.read_at(number, at)? {
                Some(object) => object,
                None if self.is_mended.get() => Object::Null,
                None => {
                    self.mend()?;
                    match self.places.borrow().get(&number).copied() {
                        Some(Place::At(at)) => self.read_at(number, at)?.unwrap_or(Object::Null),
                        _ => Object::Null,
                    }
                }
            },
        };
        self.known.borrow_mut().insert(number, object.clone());
        Ok(object)
    }

    /// The object of this number at this place.
    fn read_at(&self, number: u32, at: usize) -> Result<Option<Object>, Refused> {
        let mut lexer = Lexer::new(self.bytes, at);
        if lexer.object_head() != Some(number) {
            return Ok(None);
        }
        self.body(number, &mut lexer).map(|object| Some(object.unwrap_or(Object::Null)))
    }

    /// What stands behind `12 0 obj`.
    fn body(&self, number: u32, lexer: &mut Lexer<'a>) -> Result<Option<Object>, Refused> {
        let Some(object) = self.object(lexer)? else { return Ok(None) };
        let Object::Dict(dict) = object else { return Ok(Some(object)) };
        lexer.skip_space();
        if !self.bytes[lexer.at..].starts_with(b"stream") {
            return Ok(Some(Object::Dict(dict)));
        }
        let mut start = lexer.at + b"stream".len();
        match &self.bytes[start.min(self.bytes.len())..] {
            [b'\r', b'\n', ..] => start += 2,
            [b'\n' | b'\r', ..] => start += 1,
            _ => {}
        }
        let length = match dict.get("Length") {
            Some(Object::Number(length)) => Some(*length as usize),
            // Where the length is an object that is not yet known, it may be wrong as well.
            Some(reference @ Object::Reference(_)) => {
                self.resolved(reference)?.whole().map(|length| length as usize)
            }
            _ => None,
        };
        let end = length.and_then(|length| start.checked_add(length)).filter(|end| self.ends_stream(*end));
        let end = match end {
            Some(end) => end,
            None => {
                let rest = &self.bytes[start..];
                let found = find(rest, b"endstream");
                self.count_read(found.unwrap_or(rest.len()))?;
                let Some(found) = found else { return Ok(Some(Object::Dict(dict))) };
                let packed = &rest[..found];
                start + packed.trim_ascii_end().len()
            }
        };
        lexer.at = end;
        Ok(Some(Object::Stream(Stream { dict, number, start, end })))
    }

    fn ends_stream(&self, end: usize) -> bool {
        let Some(rest) = self.bytes.get(end..) else { return false };
        let space = rest.iter().take(16).take_while(|byte| is_space(**byte)).count();
        rest[space..].starts_with(b"endstream")
    }

    /// The object at a place of a stream of objects.
    fn packed(&self, number: u32, at: usize) -> Result<Object, Refused> {
        let known = self.packed.borrow().get(&number).cloned();
        let packed = match known {
            Some(packed) => packed,
            None => {
                let packed = Rc::new(self.unpack(number)?);
                self.packed.borrow_mut().insert(number, packed.clone());
                packed
            }
        };
        let Some((_, start)) = packed.starts.get(at) else { return Ok(Object::Null) };
        Ok(self.object(&mut Lexer::new(&packed.bytes, *start))?.unwrap_or(Object::Null))
    }

    fn unpack(&self, number: u32) -> Result<Packed, Refused> {
        // A stream of objects stands in the file itself.
        if !matches!(self.places.borrow().get(&number), Some(Place::At(_))) {
            return Ok(Packed::default());
        }
        let Object::Stream(stream) = self.load(number)? else { return Ok(Packed::default()) };
        let Some(bytes) = self.unpacked(&stream)? else { return Ok(Packed::default()) };
        let count = self.get(&stream.dict, "N")?.whole().unwrap_or(0) as usize;
        let first = self.get(&stream.dict, "First")?.whole().unwrap_or(0) as usize;
        let mut lexer = Lexer::new(&bytes, 0);
        let mut starts = Vec::new();
        while starts.len() < count {
            let (Some(Token::Number(number)), Some(Token::Number(start))) = (lexer.token(), lexer.token())
            else {
                break;
            };
            let (Some(number), Some(start)) = (whole(number), whole(start)) else { break };
            starts.push((number, first.saturating_add(start as usize)));
        }
        self.count_read(lexer.at)?;
        Ok(Packed { bytes, starts })
    }

    /// Reads the tables from the last one to the first; what a later one says is true.
    fn tables(&self) -> Result<Trailer, Refused> {
        let mut trailer = Trailer::default();
        let Some(last) = rfind(self.bytes, b"startxref") else { return Ok(trailer) };
        let mut lexer = Lexer::new(self.bytes, last + b"startxref".len());
        let Some(Token::Number(start)) = lexer.token() else { return Ok(trailer) };
        let mut open: Vec<usize> = whole(start).map(|start| start as usize).into_iter().collect();
        let mut seen = HashSet::new();
        let mut left = MAX_OBJECTS;
        while let Some(at) = open.pop() {
            if !seen.insert(at) || seen.len() > MAX_TABLES {
                continue;
            }
            let mut lexer = Lexer::new(self.bytes, at);
            lexer.skip_space();
            let dict = if self.bytes[lexer.at..].starts_with(b"xref") {
                lexer.at += b"xref".len();
                self.table(&mut lexer, &mut left)?
            } else {
                self.table_of_stream(&mut lexer, &mut left)?
            };
            let Some(dict) = dict else { return Ok(Trailer::default()) };
            trailer.take(&dict);
            let next = ["Prev", "XRefStm"].iter().filter_map(|name| dict.get(name)?.whole());
            open.extend(next.map(|at| at as usize));
        }
        Ok(trailer)
    }

    fn place(&self, number: u32, place: Place) {
        self.places.borrow_mut().entry(number).or_insert(place);
    }

    fn table(&self, lexer: &mut Lexer<'_>, left: &mut usize) -> Result<Option<Dict>, Refused> {
        let begin = lexer.at;
        loop {
            match lexer.token() {
                Some(Token::Word(b"trailer")) => break,
                Some(Token::Number(first)) => {
                    let Some(Token::Number(count)) = lexer.token() else { return Ok(None) };
                    let (Some(first), Some(count)) = (whole(first), whole(count)) else { return Ok(None) };
                    for at in 0..count {
                        *left = left.checked_sub(1).ok_or(Refused::TooMuch)?;
                        let (Some(Token::Number(offset)), Some(Token::Number(_)), Some(Token::Word(kind))) =
                            (lexer.token(), lexer.token(), lexer.token())
                        else {
                            return Ok(None);
                        };
                        let (Some(offset), Some(number)) = (whole(offset), first.checked_add(at)) else {
                            return Ok(None);
                        };
                        if kind == b"n" {
                            self.place(number, Place::At(offset as usize));
                        }
                    }
                }
                _ => return Ok(None),
            }
        }
        self.count_read(lexer.at - begin)?;
        Ok(self.object(lexer)?.and_then(|object| object.dict().cloned()))
    }

    fn table_of_stream(&self, lexer: &mut Lexer<'a>, left: &mut usize) -> Result<Option<Dict>, Refused> {
        let Some(number) = lexer.object_head() else { return Ok(None) };
        let Some(Object::Stream(stream)) = self.body(number, lexer)? else { return Ok(None) };
        let numbers = |object: Option<&Object>| -> Vec<u64> {
            let items = object.and_then(Object::array).unwrap_or_default();
            items.iter().map(|item| item.whole().unwrap_or(0)).collect()
        };
        let widths = numbers(stream.dict.get("W"));
        let [kind, first, second] = widths[..] else { return Ok(None) };
        if [kind, first, second].iter().any(|width| *width > 8) || kind + first + second == 0 {
            return Ok(None);
        }
        let (kind, first, second) = (kind as usize, first as usize, second as usize);
        let size = stream.dict.get("Size").and_then(Object::whole).unwrap_or(0);
        let mut sections = numbers(stream.dict.get("Index"));
        if sections.is_empty() {
            sections = vec![0, size];
        }
        let Some(bytes) = self.unpacked(&stream)? else { return Ok(None) };
        let mut rows = bytes.chunks_exact(kind + first + second);
        let value = |bytes: &[u8]| bytes.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
        for section in sections.chunks_exact(2) {
            for number in section[0]..section[0].saturating_add(section[1]) {
                let Some(row) = rows.next() else { break };
                *left = left.checked_sub(1).ok_or(Refused::TooMuch)?;
                let is = if kind == 0 { 1 } else { value(&row[..kind]) };
                let (offset, more) = (value(&row[kind..kind + first]), value(&row[kind + first..]));
                let Ok(number) = u32::try_from(number) else { continue };
                match is {
                    1 => self.place(number, Place::At(usize::try_from(offset).unwrap_or(usize::MAX))),
                    2 => self.place(number, Place::In(offset as u32, more as usize)),
                    _ => {}
                }
            }
        }
        Ok(Some(stream.dict))
    }

    /// Looks for the objects themselves where the tables are wrong.
    fn mend(&self) -> Result<Trailer, Refused> {
        self.is_mended.set(true);
        self.places.borrow_mut().clear();
        self.known.borrow_mut().clear();
        self.packed.borrow_mut().clear();
        self.count_read(self.bytes.len())?;
        let mut trailer = Trailer::default();
        let mut catalog = None;
        let mut found: Vec<(u32, usize)> = Vec::new();
        let mut at = 0;
        while let Some(next) = find(&self.bytes[at..], b"obj").map(|next| at + next) {
            at = next + b"obj".len();
            let Some((number, start)) = self.head_before(next) else { continue };
            if found.len() >= MAX_OBJECTS {
                return Err(Refused::TooMuch);
            }
            found.push((number, start));
            self.places.borrow_mut().insert(number, Place::At(start));
        }
        for (number, start) in found {
            let mut lexer = Lexer::new(self.bytes, start);
            lexer.object_head();
            let Some(object) = self.body(number, &mut lexer)? else { continue };
            let Some(dict) = object.dict() else { continue };
            if dict.is_of_type("Catalog") {
                catalog = Some(Object::Reference(number));
            }
            if dict.is_of_type("XRef") {
                trailer.renew(dict);
            }
            if dict.is_of_type("ObjStm") {
                for (at, (inner, _)) in self.unpack(number)?.starts.iter().enumerate() {
                    self.place(*inner, Place::In(number, at));
                }
            }
        }
        let mut at = 0;
        while let Some(next) = find(&self.bytes[at..], b"trailer").map(|next| at + next) {
            at = next + b"trailer".len();
            let mut lexer = Lexer::new(self.bytes, at);
            if let Some(object) = self.object(&mut lexer)?
                && let Some(dict) = object.dict()
            {
                trailer.renew(dict);
            }
        }
        trailer.root = trailer.root.or(catalog);
        self.known.borrow_mut().clear();
        Ok(trailer)
    }

    /// The number of the object whose `obj` stands here, and where it begins.
    fn head_before(&self, at: usize) -> Option<(u32, usize)> {
        let mut end = at;
        let mut back = |is: fn(u8) -> bool, most: usize| {
            let from = end.saturating_sub(most);
            let count = self.bytes[from..end].iter().rev().take_while(|byte| is(**byte)).count();
            end -= count;
            (count > 0).then_some(end)
        };
        back(is_space, 16)?;
        back(|byte| byte.is_ascii_digit(), 5)?;
        let number_end = back(is_space, 16)?;
        let start = back(|byte| byte.is_ascii_digit(), 10)?;
        let number_end = number_end + self.bytes[number_end..].iter().take_while(|b| is_space(**b)).count();
        let digits = self.bytes[start..number_end].trim_ascii_end();
        Some((whole(digits)?, start))
    }
}

impl Trailer {
    /// Adds what an older table says.
    fn take(&mut self, dict: &Dict) {
        if self.root.is_none() {
            self.root = dict.get("Root").cloned();
            self.is_encrypted |= dict.get("Encrypt").is_some_and(|object| !matches!(object, Object::Null));
        }
    }

    /// Puts what a later table says in the place of what was known.
    fn renew(&mut self, dict: &Dict) {
        if let Some(root) = dict.get("Root") {
            self.root = Some(root.clone());
            self.is_encrypted = dict.get("Encrypt").is_some_and(|object| !matches!(object, Object::Null));
        }
    }
}

pub fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

fn rfind(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).rposition(|window| window == needle)
}
