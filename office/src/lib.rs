//! The life around a report: the rooms of the program that need a database, and neither typst nor a network.
//! Their tests run on both databases and in seconds. The way of the data and the glossary are told by the
//! program's own crate.

pub mod collections;
pub mod database;
