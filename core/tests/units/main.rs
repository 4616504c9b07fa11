//! What the pure rooms must hold, in one binary that links no typst: `make units` answers in seconds.
//! How to add a case without Rust stands in `tests/README.md`.

#![allow(unreachable_pub, reason = "what a test says is nobody's interface")]

mod bad_input;
mod bounds;
mod cases;
mod compilation;
mod contract;
mod desk;
mod digest;
mod files;
mod form;
mod guide;
mod html;
mod import;
mod indicators;
mod json_schema;
mod office_suite;
mod quality;
mod reviewed;
mod roster;
mod ruler;
mod seasons;
mod settings;
mod word;
mod workbook;

/// The project's folder.
const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
