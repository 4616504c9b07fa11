//! The roster (名录): which units are expected to report. Reads a list of them from whatever a bureau keeps
//! one in, tells names that are probably one unit's, and finds the unit that somebody meant.
//!
//! Whoever sent a workbook may mean ill, so [`read`] of one is a worker's work.

mod belonging;
mod code;
mod columns;
mod file_name;
mod index;
mod lines;
mod near;
mod nearest;
mod read;
mod refusal;
mod returned;
mod shape;
mod table;
mod unit;

pub use belonging::{CODES, foreign_code, own_likeness, strangeness};
pub use code::UnitCode;
pub use file_name::unit_in_file_name;
pub use index::RosterIndex;
pub use near::{Likeness, NearPair, near};
pub use nearest::{NameIndex, NearName};
pub use read::{RosterFault, RosterSheet, read};
pub use refusal::RosterRefusal;
pub use returned::own_row;
pub use shape::bare_name;
pub use table::{TableColumn, table_workbook};
pub use unit::{Contact, RosterUnit, unit_name};

/// The most units of a roster. A province has about 3,000.
pub const MAX_ROSTER: usize = 20_000;

/// The largest file of a roster, in bytes.
pub const MAX_ROSTER_BYTES: usize = 16 << 20;

/// The most characters of a unit's name.
pub const MAX_NAME: usize = 100;
