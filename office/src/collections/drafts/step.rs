//! How revisions are kept small: each as the step back to the one before it.

use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

/// Shorter texts than this many bytes only grow by being packed.
const SHORT: usize = 200;

/// What turns a text into the one before it: what both begin and end with stays.
pub(super) fn step_back(text: &str, before: &str) -> String {
    let is_same = |(one, other): &(char, char)| one == other;
    let length = |(one, _): (char, char)| one.len_utf8();
    let start: usize = text.chars().zip(before.chars()).take_while(is_same).map(length).sum();
    let (rest, rest_before) = (&text[start..], &before[start..]);
    let end: usize = rest.chars().rev().zip(rest_before.chars().rev()).take_while(is_same).map(length).sum();
    format!("{start} {end} {}", pack(&rest_before[..rest_before.len() - end]))
}

/// The text before, or nothing where the step is not one of this text.
pub(super) fn stepped_back(text: &str, step: &str) -> Option<String> {
    let mut parts = step.splitn(3, ' ');
    let start: usize = parts.next()?.parse().ok()?;
    let end: usize = parts.next()?.parse().ok()?;
    let middle = unpack(parts.next()?)?;
    let tail = text.get(start..)?;
    let tail = tail.get(tail.len().checked_sub(end)?..)?;
    Some([&text[..start], &middle, tail].concat())
}

/// A text in fewer characters, if it can be; the first tells which.
pub(super) fn pack(text: &str) -> String {
    if text.len() >= SHORT {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        let packed = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
        let packed = BASE64.encode(packed.expect("memory takes all that is written to it"));
        if packed.len() < text.len() {
            return format!("d{packed}");
        }
    }
    format!("t{text}")
}

pub(super) fn unpack(packed: &str) -> Option<String> {
    if let Some(text) = packed.strip_prefix('t') {
        return Some(text.to_owned());
    }
    let bytes = BASE64.decode(packed.strip_prefix('d')?).ok()?;
    let mut text = String::new();
    DeflateDecoder::new(bytes.as_slice()).read_to_string(&mut text).ok()?;
    Some(text)
}
