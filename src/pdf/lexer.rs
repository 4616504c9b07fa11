//! Bytes as tokens, and tokens as objects (ISO 32000-1, 7.2 and 7.3).

use std::borrow::Cow;
use std::rc::Rc;

use super::object::{Dict, Object};
use super::{MAX_NESTING, Refused};

/// A token as it stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Token<'a> {
    /// A number, or what begins as one.
    Number(&'a [u8]),
    Name(Cow<'a, [u8]>),
    Text(Cow<'a, [u8]>),
    /// An operator, `obj`, `true`, …
    Word(&'a [u8]),
    ArrayStart,
    ArrayEnd,
    DictStart,
    DictEnd,
    /// What cannot stand here: a bracket without another, a text without end.
    Stray,
}

/// Where a reader of tokens stands.
#[derive(Clone, Debug)]
pub struct Lexer<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
}

impl<'a> Lexer<'a> {
    pub fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at: at.min(bytes.len()) }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Goes over white space and comments.
    pub fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'%' => {
                    let rest = &self.bytes[self.at..];
                    self.at += rest.iter().position(|byte| is_line_end(*byte)).unwrap_or(rest.len());
                }
                byte if is_space(byte) => self.at += 1,
                _ => break,
            }
        }
    }

    /// The bytes up to the next delimiter or space.
    fn regular(&mut self) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|byte| !is_regular(*byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    pub fn token(&mut self) -> Option<Token<'a>> {
        self.skip_space();
        let token = match self.peek()? {
            b'/' => {
                self.at += 1;
                Token::Name(unescaped_name(self.regular()))
            }
            b'(' => self.literal(),
            b'<' if self.bytes.get(self.at + 1) == Some(&b'<') => {
                self.at += 2;
                Token::DictStart
            }
            b'<' => self.hexadecimal(),
            b'>' if self.bytes.get(self.at + 1) == Some(&b'>') => {
                self.at += 2;
                Token::DictEnd
            }
            b'[' => {
                self.at += 1;
                Token::ArrayStart
            }
            b']' => {
                self.at += 1;
                Token::ArrayEnd
            }
            b'0'..=b'9' | b'+' | b'-' | b'.' => Token::Number(self.regular()),
            byte if is_regular(byte) => Token::Word(self.regular()),
            _ => {
                self.at += 1;
                Token::Stray
            }
        };
        Some(token)
    }

    fn literal(&mut self) -> Token<'a> {
        let start = self.at + 1;
        let (mut depth, mut at, mut is_plain) = (1usize, start, true);
        while depth > 0 {
            match self.bytes.get(at) {
                Some(b'\\') => {
                    at += 1;
                    is_plain = false;
                }
                Some(b'\r') => is_plain = false,
                Some(b'(') => depth += 1,
                Some(b')') => depth -= 1,
                Some(_) => {}
                None => {
                    self.at = self.bytes.len();
                    return Token::Stray;
                }
            }
            at += 1;
        }
        self.at = at;
        let inner = &self.bytes[start..at - 1];
        Token::Text(if is_plain { inner.into() } else { unescaped_text(inner).into() })
    }

    fn hexadecimal(&mut self) -> Token<'a> {
        let rest = &self.bytes[self.at + 1..];
        let is_digit = |byte: &u8| byte.is_ascii_hexdigit() || is_space(*byte);
        let length = rest.iter().position(|byte| !is_digit(byte)).unwrap_or(rest.len());
        if rest.get(length) != Some(&b'>') {
            self.at += 1;
            return Token::Stray;
        }
        self.at += length + 2;
        let digits: Vec<u8> = rest[..length].iter().filter_map(|byte| hex_digit(*byte)).collect();
        let pairs = digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0));
        Token::Text(pairs.collect::<Vec<u8>>().into())
    }

    /// The object that begins here; nothing where none does. `parts` is how many parts it may still
    /// have.
    pub fn object(&mut self, parts: &mut usize) -> Result<Option<Object>, Refused> {
        let Some(token) = self.token() else { return Ok(None) };
        self.object_of(token, 0, parts)
    }

    fn object_of(
        &mut self,
        token: Token<'a>,
        depth: usize,
        parts: &mut usize,
    ) -> Result<Option<Object>, Refused> {
        if depth > MAX_NESTING {
            return Err(Refused::TooMuch);
        }
        *parts = parts.checked_sub(1).ok_or(Refused::TooMuch)?;
        let object = match token {
            Token::Number(digits) => self.reference(digits).unwrap_or(Object::Number(number(digits))),
            Token::Name(name) => Object::Name(name.as_ref().into()),
            Token::Text(text) => Object::Text(text.as_ref().into()),
            Token::Word(b"true") => Object::Boolean(true),
            Token::Word(b"false") => Object::Boolean(false),
            Token::Word(b"null") => Object::Null,
            Token::ArrayStart => {
                let mut items = Vec::new();
                loop {
                    match self.token() {
                        Some(Token::ArrayEnd) => break Object::Array(items.into()),
                        // Readers go over a word that has no place in an array.
                        Some(Token::Word(word)) if !is_constant(word) => {
                            if matches!(word, b"endobj" | b"endstream" | b"stream" | b"obj") {
                                return Ok(None);
                            }
                        }
                        Some(token) => match self.object_of(token, depth + 1, parts)? {
                            Some(item) => items.push(item),
                            None => return Ok(None),
                        },
                        None => return Ok(None),
                    }
                }
            }
            Token::DictStart => return self.dict(depth, parts),
            Token::Word(_) | Token::ArrayEnd | Token::DictEnd | Token::Stray => return Ok(None),
        };
        Ok(Some(object))
    }

    fn dict(&mut self, depth: usize, parts: &mut usize) -> Result<Option<Object>, Refused> {
        let mut entries: Vec<(Rc<[u8]>, Object)> = Vec::new();
        loop {
            let name = match self.token() {
                Some(Token::DictEnd) => return Ok(Some(Object::Dict(Dict(entries.into())))),
                Some(Token::Name(name)) => name,
                // Readers go over what stands where a name should.
                Some(Token::Word(b"endobj" | b"endstream" | b"stream")) | None => return Ok(None),
                Some(Token::Word(_)) => continue,
                Some(token) => match self.object_of(token, depth + 1, parts)? {
                    Some(_) => continue,
                    None => return Ok(None),
                },
            };
            // A name without a value at the end.
            let before = self.at;
            let value = match self.token() {
                Some(Token::DictEnd) => {
                    self.at = before;
                    continue;
                }
                Some(token) => self.object_of(token, depth + 1, parts)?,
                None => None,
            };
            let Some(value) = value else { return Ok(None) };
            entries.push((name.as_ref().into(), value));
        }
    }

    /// `12 0 R`, of which the first number was read.
    fn reference(&mut self, digits: &[u8]) -> Option<Object> {
        let number = whole(digits)?;
        let mut ahead = self.clone();
        let Some(Token::Number(generation)) = ahead.token() else { return None };
        whole(generation)?;
        let Some(Token::Word(b"R")) = ahead.token() else { return None };
        self.at = ahead.at;
        Some(Object::Reference(number))
    }

    /// `12 0 obj`: the number of the object that begins here.
    pub fn object_head(&mut self) -> Option<u32> {
        let Some(Token::Number(digits)) = self.token() else { return None };
        let number = whole(digits)?;
        let Some(Token::Number(generation)) = self.token() else { return None };
        whole(generation)?;
        self.skip_space();
        if !self.bytes[self.at..].starts_with(b"obj") {
            return None;
        }
        self.at += 3;
        Some(number)
    }
}

fn is_constant(word: &[u8]) -> bool {
    matches!(word, b"true" | b"false" | b"null")
}

pub fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

pub fn is_regular(byte: u8) -> bool {
    let is_delimiter =
        matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%');
    !is_space(byte) && !is_delimiter
}

pub fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

/// A whole number without a sign.
pub fn whole(digits: &[u8]) -> Option<u32> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The value of a number as readers take it: what makes no sense in it ends it.
pub fn number(digits: &[u8]) -> f64 {
    let (is_negative, rest) = match digits {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    // Some write -- for -.
    let rest = rest.strip_prefix(b"-").unwrap_or(rest);
    let mut seen_point = false;
    let length = rest
        .iter()
        .position(|byte| match byte {
            b'.' => std::mem::replace(&mut seen_point, true),
            byte => !byte.is_ascii_digit(),
        })
        .unwrap_or(rest.len());
    let text = std::str::from_utf8(&rest[..length]).unwrap_or_default();
    let value: f64 = text.parse().unwrap_or(0.0);
    let value = if value.is_finite() { value } else { 0.0 };
    if is_negative { -value } else { value }
}

fn unescaped_name(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.contains(&b'#') {
        return bytes.into();
    }
    let mut name = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |place: usize| bytes.get(place).and_then(|byte| hex_digit(*byte));
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'#', Some(high), Some(low)) => {
                name.push(high << 4 | low);
                at += 3;
            }
            (byte, ..) => {
                name.push(byte);
                at += 1;
            }
        }
    }
    name.into()
}

fn unescaped_text(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        at += 1;
        match (byte, bytes.get(at).copied()) {
            (b'\r', Some(b'\n')) => {}
            (b'\r', _) => text.push(b'\n'),
            (b'\\', Some(escaped)) => {
                at += 1;
                match escaped {
                    b'n' => text.push(b'\n'),
                    b'r' => text.push(b'\r'),
                    b't' => text.push(b'\t'),
                    b'b' => text.push(8),
                    b'f' => text.push(12),
                    b'\r' | b'\n' => {
                        if escaped == b'\r' && bytes.get(at) == Some(&b'\n') {
                            at += 1;
                        }
                    }
                    b'0'..=b'7' => {
                        let mut value = u32::from(escaped - b'0');
                        for _ in 0..2 {
                            let Some(digit @ b'0'..=b'7') = bytes.get(at) else { break };
                            value = value * 8 + u32::from(digit - b'0');
                            at += 1;
                        }
                        text.push(value as u8);
                    }
                    other => text.push(other),
                }
            }
            (other, _) => text.push(other),
        }
    }
    text
}
