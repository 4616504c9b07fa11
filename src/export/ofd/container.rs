//! The file itself (GB/T 33190-2016, clause 6): a ZIP of parts. It is put together here, for faces are packed in a way of
//! their own.

use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use rayon::prelude::*;
use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Status, Strategy};

/// A part of a file, by its path.
#[derive(Hash)]
pub(super) struct OfdPart {
    pub(super) path: String,
    pub(super) bytes: Vec<u8>,
}

impl OfdPart {
    pub(super) fn new(path: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { path: path.into(), bytes }
    }
}

/// A file that would be longer than the places in it can say.
#[derive(Debug, thiserror::Error)]
#[error("文件会超过 4 GiB")]
pub(super) struct ContainerFull;

/// Names are UTF-8; deflated; on the first day that there is, so that the same parts make the same bytes.
const MADE_SO: [u16; 5] = [VERSION, 0x0800, 8, 0, 0x0021];

/// Which version of the format a reader must know: 2.0.
const VERSION: u16 = 20;

/// A part as it stands in the file.
struct PackedPart<'a> {
    path: &'a str,
    crc32: u32,
    length: u32,
    packed: Vec<u8>,
}

/// The parts in their order.
pub(super) fn pack(parts: &[OfdPart]) -> Result<Vec<u8>, ContainerFull> {
    let packed = parts.par_iter().map(PackedPart::of).collect::<Result<Vec<_>, _>>()?;
    let mut file = Vec::with_capacity(packed.iter().map(|part| part.packed.len() + 256).sum());
    let mut list = Vec::new();
    for part in &packed {
        let at = short(file.len())?;
        part.write_entry(&mut list, at);
        part.write(&mut file);
    }
    let (count, at) = (u16::try_from(packed.len()).map_err(|_| ContainerFull)?, short(file.len())?);
    file.extend(&list);
    file.extend(b"PK\x05\x06\0\0\0\0");
    [count, count].iter().for_each(|number| file.extend(number.to_le_bytes()));
    [short(list.len())?, at].iter().for_each(|number| file.extend(number.to_le_bytes()));
    file.extend([0; 2]);
    Ok(file)
}

fn short(length: usize) -> Result<u32, ContainerFull> {
    u32::try_from(length).map_err(|_| ContainerFull)
}

impl<'a> PackedPart<'a> {
    fn of(part: &'a OfdPart) -> Result<Self, ContainerFull> {
        let OfdPart { path, bytes } = part;
        let packed = if path.ends_with(".ttf") { coded(bytes) } else { searched(bytes) };
        short(packed.len())?;
        Ok(Self { path, crc32: crc32fast::hash(bytes), length: short(bytes.len())?, packed })
    }

    /// The part, behind what is said of it.
    fn write(&self, file: &mut Vec<u8>) {
        file.extend(b"PK\x03\x04");
        self.write_facts(file);
        file.extend(self.path.as_bytes());
        file.extend(&self.packed);
    }

    /// Where the part is, for the list at the end of the file.
    fn write_entry(&self, list: &mut Vec<u8>, at: u32) {
        list.extend(b"PK\x01\x02");
        list.extend(VERSION.to_le_bytes());
        self.write_facts(list);
        list.extend([0; 10]);
        list.extend(at.to_le_bytes());
        list.extend(self.path.as_bytes());
    }

    fn write_facts(&self, out: &mut Vec<u8>) {
        MADE_SO.iter().for_each(|number| out.extend(number.to_le_bytes()));
        let packed = self.packed.len() as u32;
        [self.crc32, packed, self.length].iter().for_each(|number| out.extend(number.to_le_bytes()));
        let name = self.path.len() as u16;
        [name, 0].iter().for_each(|number| out.extend(number.to_le_bytes()));
    }
}

/// Packed by the least effort that looks for what comes again: the usual one takes three times as long and saves a
/// tenth.
fn searched(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("a vector takes all that is written")
}

/// Each byte by a code of its own, for the outlines of a face: they hardly repeat themselves, and the quickest search for
/// what comes again finds so little that its result is larger by a seventh.
fn coded(bytes: &[u8]) -> Vec<u8> {
    // Below zero: the stream alone, as a ZIP has it, without head and sum.
    let config =
        DeflateConfig { strategy: Strategy::HuffmanOnly, window_bits: -15, ..DeflateConfig::default() };
    let mut stream = Deflate::new_with_config(config);
    // What no code makes shorter is stored, a few bytes for each 16 KiB of it.
    let mut packed = vec![0; bytes.len() + bytes.len() / 1024 + 64];
    let status = stream.compress(bytes, &mut packed, DeflateFlush::Finish);
    assert!(matches!(status, Ok(Status::StreamEnd)), "there is room for all: {status:?}");
    packed.truncate(stream.total_out() as usize);
    packed
}
