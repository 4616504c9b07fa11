//! What the Word templates reckon beforehand, tried by itself. The library has no test binary of its own, for each that
//! links typst costs minutes: so its files are taken in here, with the tests that stand in them.

#![allow(dead_code, reason = "what only the templates ask for is asked for by nobody here")]

#[path = "../../src/template/word/extent.rs"]
mod extent;
#[path = "../../src/template/word/letterhead.rs"]
mod letterhead;
#[path = "../../src/template/word/pieces.rs"]
mod pieces;
