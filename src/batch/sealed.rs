//! Records that tell whether they came to harm: a JSON object begins with the CRC-32 of all that follows, so
//! that a changed letter is not taken for what was told.

use serde::Serialize;

/// What a record begins with, before the digits and after them.
const HEAD: &[u8] = b"{\"crc32\":\"";
const TAIL: &[u8] = b"\",";
const DIGITS: usize = 8;

/// A record as JSON, sealed. `owner` is whose record it is, so that another's in its place is known.
pub fn seal(owner: &str, record: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let json = serde_json::to_vec(record)?;
    let rest = json.strip_prefix(b"{").expect("a record is an object with fields");
    let digits = format!("{:08x}", crc32(owner, rest));
    Ok([HEAD, digits.as_bytes(), TAIL, rest].concat())
}

/// Whether this is a record of this owner as it was sealed.
pub fn is_sealed(owner: &str, record: &[u8]) -> bool {
    let digits = record.strip_prefix(HEAD).and_then(|after| after.split_at_checked(DIGITS));
    let Some((digits, rest)) = digits else { return false };
    let Some(rest) = rest.strip_prefix(TAIL) else { return false };
    digits == format!("{:08x}", crc32(owner, rest)).as_bytes()
}

fn crc32(owner: &str, rest: &[u8]) -> u32 {
    let mut crc32 = crc32fast::Hasher::new();
    crc32.update(owner.as_bytes());
    crc32.update(rest);
    crc32.finalize()
}
