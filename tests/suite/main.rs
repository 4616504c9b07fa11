//! Everything that must hold, in one binary: each one that links typst costs minutes.
//! How to add a case without Rust stands in `tests/README.md`.

#![allow(unreachable_pub, reason = "what a test says is nobody's interface")]

mod attack;
mod awkward;
mod bad_input;
mod batch;
mod batches;
mod boundary;
mod bounds;
mod browser;
mod bucket;
mod cases;
mod command_line;
mod conform;
mod contract;
mod door;
mod faults;
mod form;
mod grid;
mod hostile;
mod house;
mod http;
mod import;
mod json_schema;
mod papers;
mod pdf;
mod pictures;
mod postgres;
mod province;
mod real_reports;
mod review_sheet;
mod reviewed;
mod routes;
mod same_bytes;
mod seasons;
mod settings;
mod shells;
mod workbench;
mod workbook;
