//! A PDF of anyone, taken apart within bounds. What a PDF says of itself is never believed: how far
//! it unpacks, how deep it nests, how often it draws one thing in another are counted before anything
//! is drawn, and [`plain`] writes what is left as a PDF that holds no surprise.
//!
//! ```text
//!  bytes ──▶ file ──▶ pages ──▶ content ──▶ written anew
//!            objects   fonts     operators
//! ```
//!
//! What shows on a page comes out as it went in: characters, rules, the places of pictures, the
//! colours of both. What only looks, such as clipping, shadings, masks and the pictures themselves, is
//! left out.

mod colour;
mod content;
mod copy;
mod drawing;
mod file;
mod filter;
mod font;
mod lexer;
mod object;
mod pages;

pub use file::File;
pub use object::{Dict, Object};
pub use pages::plain;

/// The largest PDF that is taken apart, in bytes.
pub const MAX_BYTES: usize = 64 << 20;
/// The most pages.
pub const MAX_PAGES: usize = 1000;
/// How far one stream may unpack, and all of them together, in bytes.
pub const MAX_STREAM: usize = 64 << 20;
pub const MAX_UNPACKED: usize = 128 << 20;
/// How deep arrays and dictionaries may stand in one another, and objects refer to others.
pub const MAX_NESTING: usize = 64;
/// How often forms may be drawn, and how deep one in another.
pub const MAX_DRAWINGS: usize = 100_000;
pub const MAX_DRAWN_IN: usize = 28;
/// How many operators and characters may be drawn, each as often as it is drawn.
pub const MAX_OPERATORS: u64 = 20_000_000;

/// The most objects that a file may list.
const MAX_OBJECTS: usize = 1_000_000;
/// How many parts objects may have together: numbers, names, entries.
const MAX_PARTS: usize = 2_000_000;
/// How many bytes may be gone through in search of objects; a sound file needs its own length.
const MAX_READ: usize = 256 << 20;
/// How many sets of saved graphics states may be open at once.
const MAX_SAVED: usize = 10_000;
/// The fonts that are used, in bytes, each as often as another font refers to its file.
const MAX_FONTS: u64 = 160 << 20;
/// The colour spaces and functions, in bytes, each as often as it is referred to.
const MAX_COLOURS: u64 = 32 << 20;

/// Why a PDF is not taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    NotPdf,
    Encrypted,
    Damaged,
    TooMuch,
}

/// Whether these bytes begin as a PDF does.
pub fn is_pdf(bytes: &[u8]) -> bool {
    bytes[..bytes.len().min(1024)].windows(5).any(|window| window == b"%PDF-")
}
