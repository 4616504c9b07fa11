//! Deflate (RFC 1951) of what hardly repeats itself: each byte by a code of its own, none by reference to others. Looking
//! for repetitions in the outlines of a face takes ten times as long, and the quickest search finds so few that its
//! result is larger. The usual libraries have no such mode that would be any faster than their search.

use std::cmp::Reverse;

/// The bytes, and the mark of their end.
const SYMBOLS: usize = 257;
const END: usize = 256;

/// How long a code may be in bits: four of them fit into a word beside seven bits that wait.
const LONGEST: u8 = 12;

/// In which order a block states how long the codes of lengths are.
const LENGTH_ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// A code for each symbol.
struct CodeTable {
    lengths: [u8; SYMBOLS],
    /// From their lowest bit on.
    codes: [u16; SYMBOLS],
}

/// The stream of these bytes: one block, of codes that are made for it.
pub(super) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let table = CodeTable::of(bytes);
    let mut bits = BitWriter { bytes: Vec::with_capacity(bytes.len() + SYMBOLS), word: 0, count: 0 };
    table.write_head(&mut bits);
    let mut fours = bytes.chunks_exact(4);
    for four in &mut fours {
        four.iter().for_each(|byte| table.write(usize::from(*byte), &mut bits));
        bits.flush();
    }
    for byte in fours.remainder() {
        table.write(usize::from(*byte), &mut bits);
        bits.flush();
    }
    table.write(END, &mut bits);
    bits.finish()
}

impl CodeTable {
    fn of(bytes: &[u8]) -> Self {
        let mut counts = [0u32; SYMBOLS];
        bytes.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
        counts[END] = 1;
        let lengths = lengths(&counts);
        Self { lengths, codes: codes(&lengths) }
    }

    fn write(&self, symbol: usize, bits: &mut BitWriter) {
        bits.put(self.codes[symbol].into(), self.lengths[symbol]);
    }

    /// The last block; so many codes of bytes and of the end, one that refers to nothing; then how long each is, as a
    /// number of four bits.
    fn write_head(&self, bits: &mut BitWriter) {
        for (value, width) in [(1, 1), (2, 2), (0, 5), (0, 5), (15, 4)] {
            bits.put(value, width);
        }
        bits.flush();
        for length in LENGTH_ORDER {
            bits.put(if length < 16 { 4 } else { 0 }, 3);
            bits.flush();
        }
        for length in self.lengths.iter().chain(&[0]) {
            bits.put((length.reverse_bits() >> 4).into(), 4);
            bits.flush();
        }
    }
}

/// How long the code of each symbol is that comes so often: the lengths of Huffman's code, none of them too long.
fn lengths(counts: &[u32; SYMBOLS]) -> [u8; SYMBOLS] {
    let mut met: Vec<(u32, usize)> =
        counts.iter().copied().zip(0..).filter(|(count, _)| *count > 0).collect();
    met.sort_unstable();
    let mut depths = depths(met.iter().map(|(count, _)| u64::from(*count)).collect());
    if depths.iter().any(|depth| *depth > LONGEST) {
        cut_short(&mut depths);
    }
    // The end alone has a code, too.
    depths.iter_mut().for_each(|depth| *depth = (*depth).max(1));
    let mut lengths = [0; SYMBOLS];
    met.iter().zip(depths).for_each(|((_, symbol), depth)| lengths[*symbol] = depth);
    lengths
}

/// Has none lie too deep: others go down to make room for those that are lifted, and what room is then left over is
/// filled, for readers refuse codes that leave some.
fn cut_short(depths: &mut [u8]) {
    depths.iter_mut().for_each(|depth| *depth = (*depth).min(LONGEST));
    let room = |depth: u8| 1u32 << (LONGEST - depth);
    let mut taken: u32 = depths.iter().map(|depth| room(*depth)).sum();
    while taken > room(0) {
        let others = (0..depths.len()).filter(|at| depths[*at] < LONGEST);
        let at = others.max_by_key(|at| (depths[*at], Reverse(*at))).expect("all of the longest have room");
        depths[at] += 1;
        taken -= room(depths[at]);
    }
    while taken < room(0) {
        let fitting = (0..depths.len()).filter(|at| room(depths[*at]) <= room(0) - taken);
        let at = fitting.max().expect("what is as deep as may be fits into any room");
        taken += room(depths[at]);
        depths[at] -= 1;
    }
}

/// How deep each of these, from the rarest on, lies in Huffman's tree.
fn depths(mut weights: Vec<u64>) -> Vec<u8> {
    let leaves = weights.len();
    let mut parents = vec![0; 2 * leaves - 1];
    let (mut leaf, mut branch) = (0, leaves);
    for parent in leaves..2 * leaves - 1 {
        let mut weight = 0;
        for _ in 0..2 {
            // Branches come about from the lightest on, too.
            let is_leaf = leaf < leaves && (branch >= parent || weights[leaf] <= weights[branch]);
            let next = if is_leaf { &mut leaf } else { &mut branch };
            weight += weights[*next];
            parents[*next] = parent;
            *next += 1;
        }
        weights.push(weight);
    }
    let mut depths = vec![0u8; parents.len()];
    for node in (0..parents.len() - 1).rev() {
        depths[node] = depths[parents[node]].saturating_add(1);
    }
    depths.truncate(leaves);
    depths
}

/// The codes of these lengths, as RFC 1951, 3.2.2 numbers them.
fn codes(lengths: &[u8; SYMBOLS]) -> [u16; SYMBOLS] {
    let mut codes = [0; SYMBOLS];
    let mut next = 0u16;
    for length in 1..=LONGEST {
        next <<= 1;
        for symbol in (0..SYMBOLS).filter(|symbol| lengths[*symbol] == length) {
            codes[symbol] = next.reverse_bits() >> (u16::BITS - u32::from(length));
            next += 1;
        }
    }
    codes
}

/// Bits, from the lowest of each byte on.
struct BitWriter {
    bytes: Vec<u8>,
    word: u64,
    count: u32,
}

impl BitWriter {
    fn put(&mut self, value: u64, width: u8) {
        self.word |= value << self.count;
        self.count += u32::from(width);
    }

    /// Writes the whole bytes that wait.
    fn flush(&mut self) {
        let whole = self.count / 8;
        self.bytes.extend_from_slice(&self.word.to_le_bytes());
        self.bytes.truncate(self.bytes.len() - 8 + whole as usize);
        self.word >>= whole * 8;
        self.count %= 8;
    }

    fn finish(mut self) -> Vec<u8> {
        self.flush();
        if self.count > 0 {
            self.bytes.push(self.word as u8);
        }
        self.bytes
    }
}
