//! Many reports at once, every unit accounted for. What comes in ([`Intake`]; a [`workbook`]
//! is a way to write many down), how each unit is made
//! and its result kept ([`run`], [`Spool`]), what goes out ([`Archive`]). A unit that fails is named
//! with its reasons; nothing is quietly left out, and a run that was broken off goes on where it
//! stopped.

mod archive;
mod intake;
mod overview;
mod run;
mod spool;
pub mod workbook;

pub use archive::{Archive, Counts, Ledger, Result, State};
pub use intake::{Intake, Refused, Unit};
pub use run::{Progress, Settings, Stopped, run, task};
pub use spool::Spool;

use crate::diagnostic::Code;

/// Every code that this room can raise.
pub const CODES: [&Code; 2] = workbook::CODES;

/// The most units of one batch. A province has about 3,000.
pub const MAX_UNITS: usize = 20_000;

/// The largest folder, archive or file of a batch that is read, in bytes, unpacked.
pub const MAX_INPUT_BYTES: u64 = 2 << 30;

/// How many times its packed size a file of an archive may have; text packs ten to one at most.
pub const MAX_RATIO: u64 = 200;
