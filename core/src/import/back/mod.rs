//! The way back from Word. A document of ours bears the report that it was made of, and how each of its
//! paragraphs was made of fields ([`part`]); whatever somebody then does to it, what the fields say now is read
//! from it.

mod part;

pub use part::source_part;
