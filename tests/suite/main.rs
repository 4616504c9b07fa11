//! Everything that must hold, in one binary: each one that links typst costs minutes.
//! How to add a case without Rust stands in `tests/README.md`.

#![allow(unreachable_pub, reason = "what a test says is nobody's interface")]

mod accessible;
mod accounts;
mod attack;
mod awkward;
mod bad_days;
mod batch;
mod batches;
mod boundary;
mod bounds;
mod browser;
mod bucket;
mod cases;
mod collections;
mod command_line;
mod conform;
mod contract;
mod daily_round;
#[path = "../../core/tests/units/desk.rs"]
mod desk;
mod digest;
mod door;
mod drafts;
mod enclosures;
mod faults;
#[path = "../../core/tests/units/files.rs"]
mod files;
mod form;
mod full_roster;
mod grid;
mod hostile;
mod house;
mod html;
mod http;
mod import;
mod inputs;
#[path = "../../core/tests/units/json_schema.rs"]
mod json_schema;
mod keeping;
mod ofd;
mod oldest_browser;
mod openid;
mod operator;
mod own_faces;
mod packages;
mod papers;
mod pdf;
mod people;
mod pictures;
mod post;
mod postgres;
mod programs;
mod province;
mod reads;
mod real_reports;
mod renewal;
mod returned;
mod review_sheet;
mod rights;
mod round_by_programs;
mod routes;
mod ruler;
mod same_bytes;
mod shells;
mod traces;
mod version_pages;
mod watched;
mod weight;
mod word;
mod word_counts;
mod workbench;

/// The project's folder.
const PROJECT: &str = env!("CARGO_MANIFEST_DIR");
