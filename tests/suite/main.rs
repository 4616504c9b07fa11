//! Everything that must hold, in one binary: each one that links typst costs minutes.
//! How to add a case without Rust stands in `tests/README.md`.

mod bench;
mod command_line;
mod pdf;
mod real_reports;
mod same_bytes;
