//! Streams unpacked (ISO 32000-1, 7.4), and no further than the bounds.

use flate2::{Decompress, FlushDecompress, Status};

use super::lexer::{hex_digit, is_space};
use super::{MAX_STREAM, Refused};

/// What a filter is told of the rows that its bytes make.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    pub predictor: u64,
    pub colours: u64,
    pub bits: u64,
    pub columns: u64,
    /// Of LZW alone: whether codes grow one early.
    pub is_early: bool,
}

impl Default for Rows {
    fn default() -> Self {
        Self { predictor: 1, colours: 1, bits: 8, columns: 1, is_early: true }
    }
}

/// Applies one filter. Nothing where it is none that unpacks bytes, or the bytes are not what it
/// expects; `left` is how many bytes may still come out.
pub fn apply(name: &[u8], bytes: &[u8], rows: Rows, left: usize) -> Result<Option<Vec<u8>>, Refused> {
    let mut out = Out { bytes: Vec::new(), left: left.min(MAX_STREAM) };
    let is_whole = match name {
        b"FlateDecode" | b"Fl" => flate(bytes, &mut out)?,
        b"LZWDecode" | b"LZW" => lzw(bytes, rows.is_early, &mut out)?,
        b"RunLengthDecode" | b"RL" => run_length(bytes, &mut out)?,
        b"ASCIIHexDecode" | b"AHx" => hexadecimal(bytes, &mut out)?,
        b"ASCII85Decode" | b"A85" => base_85(bytes, &mut out)?,
        _ => return Ok(None),
    };
    let is_of_rows = matches!(name, b"FlateDecode" | b"Fl" | b"LZWDecode" | b"LZW");
    Ok(match (is_whole, is_of_rows && rows.predictor > 1) {
        (false, _) => None,
        (true, false) => Some(out.bytes),
        (true, true) => unpredicted(out.bytes, rows),
    })
}

/// What comes out, and how much more may.
struct Out {
    bytes: Vec<u8>,
    left: usize,
}

impl Out {
    fn add(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        self.left = self.left.checked_sub(bytes.len()).ok_or(Refused::TooMuch)?;
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
}

/// Of a stream that breaks off, what came before.
fn flate(bytes: &[u8], out: &mut Out) -> Result<bool, Refused> {
    let has_head = matches!(bytes, [method, flags, ..]
        if method & 0x0f == 8 && (u16::from(*method) << 8 | u16::from(*flags)) % 31 == 0 && flags & 0x20 == 0);
    let bytes = if has_head { &bytes[2..] } else { bytes };
    let mut inflater = Decompress::new(false);
    let mut buffer = vec![0; 32 << 10];
    loop {
        let (read, written) = (inflater.total_in(), inflater.total_out());
        let status = inflater.decompress(&bytes[read as usize..], &mut buffer, FlushDecompress::None);
        let fresh = (inflater.total_out() - written) as usize;
        out.add(&buffer[..fresh])?;
        let has_moved = fresh > 0 || inflater.total_in() > read;
        match status {
            Ok(Status::Ok | Status::BufError) if has_moved => {}
            _ => return Ok(true),
        }
    }
}

fn lzw(bytes: &[u8], is_early: bool, out: &mut Out) -> Result<bool, Refused> {
    const CLEAR: usize = 256;
    const END: usize = 257;
    // Each entry is an earlier one and a byte, with its length.
    let mut table: Vec<(u16, u8, u16)> = Vec::with_capacity(4096);
    let fresh = |table: &mut Vec<(u16, u8, u16)>| {
        table.clear();
        table.extend((0..258u16).map(|code| (code, code as u8, 1)));
    };
    fresh(&mut table);
    let (mut bits, mut count, mut width) = (0u32, 0u32, 9u32);
    let mut previous: Option<usize> = None;
    let mut entry = Vec::new();
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        count += 8;
        if count < width {
            continue;
        }
        count -= width;
        let code = (bits >> count) as usize & ((1 << width) - 1);
        match code {
            CLEAR => {
                fresh(&mut table);
                (width, previous) = (9, None);
                continue;
            }
            END => return Ok(true),
            _ => {}
        }
        let known = if code < table.len() { code } else { previous.unwrap_or(usize::MAX) };
        if known >= table.len() || code > table.len() {
            return Ok(false);
        }
        entry.clear();
        let mut at = known;
        for _ in 0..table[known].2 {
            entry.push(table[at].1);
            at = usize::from(table[at].0);
        }
        entry.reverse();
        if code == table.len() {
            entry.push(entry[0]);
        }
        out.add(&entry)?;
        if let Some(previous) = previous
            && table.len() < 4096
        {
            table.push((previous as u16, entry[0], table[previous].2 + 1));
        }
        previous = Some(code);
        width = match table.len() + usize::from(is_early) {
            0..512 => 9,
            512..1024 => 10,
            1024..2048 => 11,
            _ => 12,
        };
    }
    Ok(true)
}

fn run_length(bytes: &[u8], out: &mut Out) -> Result<bool, Refused> {
    let mut at = 0;
    while let Some(length) = bytes.get(at).copied() {
        at += 1;
        match usize::from(length) {
            128 => break,
            length @ 0..128 => {
                let end = (at + length + 1).min(bytes.len());
                out.add(&bytes[at..end])?;
                at = end;
            }
            length => {
                let Some(byte) = bytes.get(at) else { return Ok(false) };
                out.add(&[*byte; 128][..257 - length])?;
                at += 1;
            }
        }
    }
    Ok(true)
}

fn hexadecimal(bytes: &[u8], out: &mut Out) -> Result<bool, Refused> {
    let bytes = bytes.split(|byte| *byte == b'>').next().unwrap_or_default();
    let written = || bytes.iter().filter(|byte| !is_space(**byte));
    if written().any(|byte| hex_digit(*byte).is_none()) {
        return Ok(false);
    }
    let digits: Vec<u8> = written().filter_map(|byte| hex_digit(*byte)).collect();
    let pairs = digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0));
    out.add(&pairs.collect::<Vec<u8>>())?;
    Ok(true)
}

fn base_85(bytes: &[u8], out: &mut Out) -> Result<bool, Refused> {
    let bytes = bytes.strip_prefix(b"<~").unwrap_or(bytes);
    let mut group: Vec<u8> = Vec::with_capacity(5);
    let flush = |group: &mut Vec<u8>, out: &mut Out| -> Result<bool, Refused> {
        let length = group.len();
        if length == 1 {
            return Ok(false);
        }
        group.resize(5, 84);
        let value = group.iter().fold(0u64, |value, digit| value * 85 + u64::from(*digit));
        let is_right = value <= u64::from(u32::MAX);
        out.add(&(value as u32).to_be_bytes()[..length.saturating_sub(1)])?;
        group.clear();
        Ok(is_right)
    };
    for byte in bytes.iter().copied().filter(|byte| !is_space(*byte)) {
        match byte {
            b'~' => break,
            b'z' if group.is_empty() => out.add(&[0; 4])?,
            b'!'..=b'u' => {
                group.push(byte - b'!');
                if group.len() == 5 && !flush(&mut group, out)? {
                    return Ok(false);
                }
            }
            _ => return Ok(false),
        }
    }
    if group.is_empty() { Ok(true) } else { flush(&mut group, out) }
}

/// Rows as they were before each byte was written as its difference from another.
fn unpredicted(mut bytes: Vec<u8>, rows: Rows) -> Option<Vec<u8>> {
    let pixel = rows.colours.checked_mul(rows.bits)?;
    let length = usize::try_from(pixel.checked_mul(rows.columns)?.div_ceil(8)).ok()?;
    let pixel = usize::try_from(pixel.div_ceil(8)).ok()?.max(1);
    if length == 0 || length > MAX_STREAM {
        return None;
    }
    if rows.predictor == 2 {
        if rows.bits != 8 {
            return None;
        }
        for row in bytes.chunks_mut(length) {
            for at in pixel..row.len() {
                row[at] = row[at].wrapping_add(row[at - pixel]);
            }
        }
        return Some(bytes);
    }
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    for row in bytes.chunks(length + 1) {
        let above = out.len().checked_sub(length);
        let start = out.len();
        for (at, byte) in row[1..].iter().enumerate() {
            let left = if at >= pixel { out[start + at - pixel] } else { 0 };
            let up = above.map_or(0, |above| out[above + at]);
            let corner = above.filter(|_| at >= pixel).map_or(0, |above| out[above + at - pixel]);
            let guess = match row[0] {
                1 => left,
                2 => up,
                3 => ((u16::from(left) + u16::from(up)) / 2) as u8,
                4 => paeth(left, up, corner),
                _ => 0,
            };
            out.push(byte.wrapping_add(guess));
        }
        // The last row may be cut off.
        if out.len() - start < length {
            break;
        }
    }
    Some(out)
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(up) - i16::from(corner);
    let off = |value: u8| (guess - i16::from(value)).abs();
    if off(left) <= off(up) && off(left) <= off(corner) {
        left
    } else if off(up) <= off(corner) {
        up
    } else {
        corner
    }
}
