//! Letters, digits and marks of full width as those of half width.

/// １ as 1, ＠ as @, an ideographic or unbroken space as a space.
pub(crate) fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{3000}' | '\u{00A0}' | '\u{202F}' => ' ',
        _ => c,
    }
}
