//! Many reports at once, every unit accounted for. What comes in ([`Intake`]), how each unit is made
//! and its result kept ([`run`], [`Spool`]), what goes out ([`Archive`]). A unit that fails is named
//! with its reasons; nothing is quietly left out, and a run that was broken off goes on where it
//! stopped.

mod archive;
mod intake;
mod overview;
mod run;
mod spool;

pub use archive::{Archive, Counts, Ledger, Result, State};
pub use intake::{Intake, Unit};
pub use run::{Progress, Settings, Stopped, run, task};
pub use spool::Spool;
