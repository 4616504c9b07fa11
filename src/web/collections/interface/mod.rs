//! Collections for programs: what the pages do, with the tokens of accounts. A file for each kind of thing that a
//! program asks about.

pub(in crate::web) mod board;
pub(in crate::web) mod collection;
pub(in crate::web) mod comment;
pub(in crate::web) mod events;
pub(super) mod faults;
pub(in crate::web) mod outcome;
pub(super) mod paging;
pub(in crate::web) mod roster;
pub(in crate::web) mod submission;
pub(in crate::web) mod version;
