//! Whether two texts say nearly the same: they share the short runs of characters that they are made of.

/// So many characters in a row make a shingle: long enough that two texts rarely share one by chance.
const SHINGLE: usize = 8;

/// The shingles of a text, its marks left out and its digits all alike: a hash of each, which rolls
/// from one to the next (Karp and Rabin, 1987).
pub(crate) fn shingles(text: &str) -> Vec<u64> {
    const BASE: u64 = 0x9E37_79B9_7F4A_7C15;
    // What the first character of a shingle weighs.
    const WEIGHT: u64 = BASE.wrapping_pow(SHINGLE as u32 - 1);
    // Nearly all are 汉字, for which no table of all writing has to be searched.
    let letter = |c: char| match c {
        '\u{4E00}'..='\u{9FFF}' => Some(u64::from(c)),
        _ if c.is_numeric() => Some(u64::from('0')),
        _ => c.is_alphabetic().then(|| u64::from(c)),
    };
    let letters: Vec<u64> = text.chars().filter_map(letter).collect();
    let mut rolling = 0u64;
    let mut shingles = Vec::with_capacity(letters.len().saturating_sub(SHINGLE - 1));
    for (index, letter) in letters.iter().enumerate() {
        if let Some(gone) = index.checked_sub(SHINGLE) {
            rolling = rolling.wrapping_sub(letters[gone].wrapping_mul(WEIGHT));
        }
        rolling = rolling.wrapping_mul(BASE).wrapping_add(*letter);
        if index + 1 >= SHINGLE {
            // Neighbours must not be neighbours as numbers, for the least stand for a text.
            let mixed = (rolling ^ (rolling >> 32)).wrapping_mul(BASE);
            shingles.push(mixed ^ (mixed >> 29));
        }
    }
    shingles
}
