//! What crosses the pipes between a worker and its master: a head in JSON and a body of bytes, each
//! with its length before it.

use std::io::{self, ErrorKind, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// No head and no body is longer, in bytes: whatever says so is no frame of ours.
const LONGEST: u64 = 1 << 30;

/// Room for as much is made at once, in bytes; what is longer proves it by coming.
const ORDINARY: u64 = 4 << 20;

pub(super) fn write(out: &mut impl Write, head: &impl Serialize, body: &[u8]) -> io::Result<()> {
    let head = serde_json::to_vec(head)?;
    out.write_all(&(head.len() as u64).to_le_bytes())?;
    out.write_all(&(body.len() as u64).to_le_bytes())?;
    out.write_all(&head)?;
    out.write_all(body)?;
    out.flush()
}

/// The next frame, or nothing where the other side has closed its end between two of them.
pub(super) fn read<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<(T, Vec<u8>)>> {
    let mut lengths = [0; 16];
    match from.read_exact(&mut lengths) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        outcome => outcome?,
    }
    let (head, body) = lengths.split_at(8);
    let length = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    let head = serde_json::from_slice(&part(from, length(head))?)?;
    Ok(Some((head, part(from, length(body))?)))
}

fn part(from: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    if length > LONGEST {
        return Err(io::Error::new(ErrorKind::InvalidData, "no frame is that long"));
    }
    let mut bytes = Vec::with_capacity(length.min(ORDINARY) as usize);
    from.take(length).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}
