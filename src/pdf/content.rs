//! What a page or a form draws, operator by operator (ISO 32000-1, annex A), written anew: what shows,
//! without what only looks.

use std::collections::HashMap;

use super::lexer::{Lexer, Token, is_regular, is_space, number};
use super::{MAX_OPERATORS, Refused};

/// How deep arrays and dictionaries may stand in one another between operators.
const MAX_NESTING: usize = 8;

/// The most operands of an operator; readers stop at more.
const MAX_OPERANDS: usize = 10;

/// The name under which a page's resources hold a picture in place of each that stands in the text.
pub const PICTURE: &str = "Nianbao-Picture";

/// A content stream, written anew, and what was counted in it.
#[derive(Debug, Default)]
pub struct Content {
    pub bytes: Vec<u8>,
    /// Operators, characters and what else takes time.
    pub work: u64,
    /// The most graphics states that are saved at once.
    pub saved: usize,
    /// The names that are drawn (`Do`), and how often.
    pub drawn: Names,
    /// The names of all else that is asked for: graphics states, fonts, colours, marked content.
    pub asked: Names,
}

pub type Names = HashMap<Vec<u8>, u32>;

/// The operands of the operator that comes next.
#[derive(Default)]
struct Operands {
    written: Vec<u8>,
    count: usize,
    /// The last name among them.
    name: Option<Vec<u8>>,
    /// The last number.
    number: Option<f64>,
    /// How many bytes of text.
    characters: usize,
}

/// Reads a content stream. It ends where readers stop: at what cannot be an operator.
pub fn read(bytes: &[u8]) -> Result<Content, Refused> {
    let mut content = Content::default();
    let mut lexer = Lexer::new(bytes, 0);
    let mut operands = Operands::default();
    let mut saved = 0usize;
    while let Some(token) = lexer.token() {
        if let Token::Word(word) = token {
            match word {
                b"q" => saved += 1,
                b"Q" => saved = saved.saturating_sub(1),
                b"BI" if !inline_picture(&mut lexer, &mut content) => break,
                _ => {}
            }
            content.saved = content.saved.max(saved);
            content.work += 1 + operands.characters as u64 + operands.written.len() as u64 / 32;
            content.add(word, &operands);
            operands = Operands { written: std::mem::take(&mut operands.written), ..Operands::default() };
            operands.written.clear();
        } else if operands.count >= MAX_OPERANDS || !operand(token, &mut lexer, 0, &mut operands)? {
            break;
        }
        if content.work > MAX_OPERATORS {
            return Err(Refused::TooMuch);
        }
    }
    Ok(content)
}

impl Content {
    /// Writes an operator, if it shows.
    fn add(&mut self, word: &[u8], operands: &Operands) {
        let counted = match word {
            b"Do" => Some(&mut self.drawn),
            b"gs" | b"Tf" | b"BDC" | b"CS" | b"cs" | b"SCN" | b"scn" => Some(&mut self.asked),
            _ => None,
        };
        if let Some(names) = counted
            && let Some(name) = &operands.name
        {
            *names.entry(name.clone()).or_default() += 1;
        }
        match word {
            // Text that clips is set as it would be without.
            b"Tr" => {
                let mode = match operands.number.unwrap_or(0.0) as i64 {
                    mode @ 4..=7 => mode - 4,
                    mode => mode,
                };
                self.bytes.extend_from_slice(format!("{mode} Tr\n").as_bytes());
            }
            b"q" | b"Q" | b"cm" | b"w" | b"gs" | b"m" | b"l" | b"c" | b"v" | b"y" | b"h" | b"re" | b"S"
            | b"s" | b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*" | b"n" | b"BT" | b"ET" | b"Tc"
            | b"Tw" | b"Tz" | b"TL" | b"Tf" | b"Ts" | b"Td" | b"TD" | b"Tm" | b"T*" | b"Tj" | b"TJ"
            | b"'" | b"\"" | b"CS" | b"cs" | b"SC" | b"SCN" | b"sc" | b"scn" | b"G" | b"g" | b"RG"
            | b"rg" | b"K" | b"k" | b"Do" | b"BDC" | b"BMC" | b"EMC" => {
                self.bytes.extend_from_slice(&operands.written);
                self.bytes.extend_from_slice(word);
                self.bytes.push(b'\n');
            }
            _ => {}
        }
    }
}

/// Takes an operand in; false where it is none, and readers stop.
fn operand(token: Token, lexer: &mut Lexer, depth: usize, operands: &mut Operands) -> Result<bool, Refused> {
    if depth > MAX_NESTING {
        return Err(Refused::TooMuch);
    }
    if depth == 0 {
        operands.count += 1;
    }
    let out = &mut operands.written;
    match token {
        Token::Number(digits) => {
            if depth == 0 {
                operands.number = Some(number(digits));
            }
            out.extend_from_slice(digits);
        }
        Token::Name(name) => {
            write_name(&name, out);
            if depth == 0 {
                operands.name = Some(name.into_owned());
            }
        }
        Token::Text(text) => {
            operands.characters += text.len();
            write_text(&text, out);
        }
        // A constant; what else stands in an array is gone over.
        Token::Word(word @ (b"true" | b"false" | b"null")) => out.extend_from_slice(word),
        Token::Word(_) => return Ok(true),
        Token::ArrayStart | Token::DictStart => {
            let (start, end, last): (&[u8], &[u8], _) = match token {
                Token::ArrayStart => (b"[", b"]", Token::ArrayEnd),
                _ => (b"<<", b">>", Token::DictEnd),
            };
            out.extend_from_slice(start);
            loop {
                match lexer.token() {
                    Some(token) if token == last => break,
                    Some(token) => {
                        if !operand(token, lexer, depth + 1, operands)? {
                            return Ok(false);
                        }
                    }
                    None => return Ok(false),
                }
            }
            operands.written.extend_from_slice(end);
        }
        Token::ArrayEnd | Token::DictEnd | Token::Stray => return Ok(false),
    }
    operands.written.push(b' ');
    Ok(true)
}

/// Goes over a picture that stands in the text, from behind its `BI`, and draws one in its place;
/// false where it has no end.
fn inline_picture(lexer: &mut Lexer, content: &mut Content) -> bool {
    let mut sides = [0.0, 0.0];
    let mut side: Option<usize> = None;
    loop {
        match lexer.token() {
            Some(Token::Word(b"ID")) => break,
            Some(Token::Name(name)) => {
                side = match &*name {
                    b"W" | b"Width" => Some(0),
                    b"H" | b"Height" => Some(1),
                    _ => None,
                };
            }
            Some(Token::Number(digits)) => {
                if let Some(side) = side.take() {
                    sides[side] = number(digits);
                }
            }
            Some(_) => {}
            None => return false,
        }
    }
    // The end stands between spaces, and text follows.
    let start = lexer.at;
    let bytes = lexer.bytes;
    let mut from = start;
    let end = loop {
        let Some(found) = super::file::find(&bytes[from..], b"EI").map(|at| from + at) else { return false };
        let behind = &bytes[found + 2..];
        let is_word = bytes[..found].last().is_none_or(|byte| is_space(*byte))
            && behind.first().is_none_or(|byte| !is_regular(*byte));
        let is_text = behind.iter().take(16).all(|byte| (0x20..0x7f).contains(byte) || is_space(*byte));
        if is_word && is_text {
            break found;
        }
        from = found + 2;
    };
    lexer.at = end + 2;
    if sides.iter().all(|side| *side >= 1.0) {
        content.bytes.extend_from_slice(format!("/{PICTURE} Do\n").as_bytes());
        content.work += 1;
    }
    true
}

pub fn write_name(name: &[u8], out: &mut Vec<u8>) {
    out.push(b'/');
    for byte in name {
        if is_regular(*byte) && *byte != b'#' && (0x21..0x7f).contains(byte) {
            out.push(*byte);
        } else {
            out.extend_from_slice(format!("#{byte:02X}").as_bytes());
        }
    }
}

pub fn write_text(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'<');
    out.extend_from_slice(hex::encode(text).as_bytes());
    out.push(b'>');
}
