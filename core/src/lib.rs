//! What a report is, what is wrong with one, and how other people's files are read: the rooms of the
//! program that need no typst, no network and no database. Their tests stand beside them and run in
//! seconds. The way of the data and the glossary are told by the program's own crate.

pub mod checks;
pub mod compilation;
pub mod conform;
pub mod diagnostic;
pub mod difference;
pub mod digest;
pub mod faces;
pub mod guide;
pub mod import;
pub mod indicators;
pub mod input;
pub mod intake;
pub mod language;
mod packed;
pub mod pdf;
pub mod report;
pub mod roster;
pub mod system;
