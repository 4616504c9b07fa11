//! A face of U+2028, behind which typst begins another line of a paragraph and spreads the one before. Faces that set a
//! role's text have none, so typst would go on to those behind, which are for rare characters: to be read from end to end,
//! 50 MB of 仿宋 and 19 of 黑体, in every process that sets a page. Where the faces before it have each their own characters,
//! typst also takes from it the box for what no face has.

use std::sync::LazyLock;

use typst::foundations::Bytes;
use typst::text::Font;

/// What templates know it by.
pub(super) const FAMILY: &str = "换行";

/// The tables of a TrueType face, in words of two bytes, as OpenType 1.9 has them.
const TABLES: [(&[u8; 4], &[i32]); 8] = [
    // One map, of Unicode's first plane (3, 1), in segments (4): U+2028 is glyph 1.
    (
        b"cmap",
        &[0, 1, 3, 1, 0, 12, 4, 32, 0, 4, 4, 1, 0, 0x2028, 0xFFFF, 0, 0x2028, 0xFFFF, 1 - 0x2028, 1, 0, 0],
    ),
    // Glyph 0: two contours of four points, all on the curve; what each adds to x, and then what each adds to y.
    (
        b"glyf",
        &[
            2, 60, -60, 940, 820, 3, 7, 0, 0x0101, 0x0101, 0x0101, 0x0101, 60, 0, 880, 0, -50, 0, -780, 0,
            -60, 880, 0, -880, 50, 780, 0, -780,
        ],
    ),
    // 1,000 units to the em.
    (
        b"head",
        &[
            1, 0, 1, 0, 0, 0, 0x5F0F, 0x3CF5, 3, 1000, 0, 0, 0, 0, 0, 0, 0, 0, 60, -60, 940, 820, 0, 8, 2, 0,
            0,
        ],
    ),
    (b"hhea", &[1, 0, 880, -120, 0, 1000, 60, 60, 940, 1, 0, 0, 0, 0, 0, 0, 0, 2]),
    // The box is as wide as a character, the break nothing.
    (b"hmtx", &[1000, 60, 0, 0]),
    // Where each glyph begins and the last one ends, in words.
    (b"loca", &[0, 28, 28]),
    (b"maxp", &[1, 0, 2, 8, 2, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]),
    // The family in English: "Line".
    (b"name", &[0, 1, 18, 3, 1, 0x409, 1, 8, 0, 0x4C, 0x69, 0x6E, 0x65]),
];

pub(super) fn font() -> &'static Font {
    static FONT: LazyLock<Font> =
        LazyLock::new(|| Font::new(Bytes::new(face()), 0).expect("our own face is sound"));
    &FONT
}

/// The file: a directory of the tables, and the tables.
fn face() -> Vec<u8> {
    let tables = TABLES.map(|(tag, words)| {
        let mut table: Vec<u8> = words.iter().flat_map(|word| (*word as u16).to_be_bytes()).collect();
        let length = table.len() as u32;
        table.resize(table.len().next_multiple_of(4), 0);
        (tag, length, table)
    });
    let mut directory: Vec<u8> = [1u16, 0, 8, 128, 3, 0].into_iter().flat_map(u16::to_be_bytes).collect();
    let mut offset = (directory.len() + 16 * tables.len()) as u32;
    for (tag, length, table) in &tables {
        let quads = table.chunks(4).map(|quad| u32::from_be_bytes([quad[0], quad[1], quad[2], quad[3]]));
        let sum = quads.fold(0, u32::wrapping_add);
        directory.extend_from_slice(*tag);
        directory.extend([sum, offset, *length].into_iter().flat_map(u32::to_be_bytes));
        offset += table.len() as u32;
    }
    directory.into_iter().chain(tables.into_iter().flat_map(|(_, _, table)| table)).collect()
}
