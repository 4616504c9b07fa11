//! What nobody can guess. A secret is shown once, to whom it is for; what is kept is its SHA-256.
//!
//! Secrets made here are not hashed with argon2 as passwords are: that makes each guess dear, which helps where
//! the guesses are few. Of 128 random bits and more there are too many guesses at any price, and 1,500 units'
//! links and codes would take a minute to make.

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

/// What codes are written in: digits and letters that are not taken for each other (Crockford's).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many characters a code has: 50 bits.
const CODE_LENGTH: usize = 10;

/// How much of what was typed is looked at.
const LONGEST: usize = 100;

/// 256 random bits, for sessions, links and tokens.
pub(super) fn token() -> String {
    hex::encode(random::<32>())
}

/// 128 random bits, short enough to be printed in a letter.
pub(super) fn short_token() -> String {
    random::<26>().map(character).iter().collect::<String>().to_ascii_lowercase()
}

/// A code to be typed, as it is shown: `7K2QF-XM04A`.
pub(super) fn code() -> String {
    let characters = random::<CODE_LENGTH>().map(character);
    let (one, other) = characters.split_at(CODE_LENGTH / 2);
    let half = |half: &[char]| half.iter().collect::<String>();
    format!("{}-{}", half(one), half(other))
}

/// A code as it was typed, in its one form: whatever its case, width, spaces and dashes, and with O taken for 0.
pub(super) fn typed_code(text: &str) -> String {
    let plain = text.chars().take(LONGEST).nfkc().flat_map(char::to_uppercase);
    let meant = plain.filter(|c| c.is_ascii_alphanumeric()).map(|c| match c {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    });
    meant.take(LONGEST).collect()
}

/// What is kept of a secret. `of` says what it is for, so that a secret of one kind is none of another.
pub(super) fn digest(of: &str, secret: &str) -> String {
    hex::encode(Sha256::digest(format!("nianbao {of}\n{secret}")))
}

/// Whether two digests are the same, without telling by its duration how much of them is.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    one.len() == other.len()
        && one.bytes().zip(other.bytes()).fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
}

fn character(byte: u8) -> char {
    char::from(ALPHABET[usize::from(byte % 32)])
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}
