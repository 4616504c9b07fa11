//! Two reports, or three, held against each other as trees: what one says that the other does not, field by
//! field, and what comes of two people writing in the same one. A tree is the document as the form gives it
//! ([`normal`]); what is merged is therefore still writing, and may lack what a report must have.
//!
//! All of it ends in a time that grows with the length of the trees and not with its square, and is the same
//! however fast the machine is: where exactness would cost more, coarser parts are held against each other.

mod alignment;
mod alterations;
mod merge;
mod normal;
mod place;
mod sequence;
mod stretches;

pub(crate) use alignment::Bag;
pub use alterations::{Alteration, FieldDifference, differences, differences_of, shown};
pub use merge::{Conflict, Merge, merge};
pub use normal::normal;
pub use place::{at, put};
pub(crate) use sequence::compared_if;
pub use stretches::{Stretch, StretchKind, stretches};
