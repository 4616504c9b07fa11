//! Collections (征集): one year's asking. A bureau asks, units write, sign and submit, the bureau returns or
//! accepts, and nobody is missing: a submission (报送) exists for every unit from the opening on.
//!
//! Every change is one transaction: the row that changes (its WHERE names what it comes from), the number and
//! the row of the event, the entry of the record, in this order. So of two who want the same change one makes
//! it, the other is told what is the case now, and none of them waits for ever. A time only says when
//! something was done; what may be done follows from states and numbers, so a clock that is set back breaks
//! nothing. Of closing and due days alone the clock decides, and its day and time come from the caller.

mod arrivals;
mod board;
mod collection;
mod comments;
mod deadlines;
pub mod drafts;
mod events;
mod faults;
mod ledger;
mod opening;
mod outcome;
mod states;
mod submissions;
mod texts;
mod units;
mod versions;

use nianbao_core::report::Date;
use sqlx::AnyPool;

use crate::audit::Doer;
use crate::database;

pub use arrivals::{ArrivalLot, AttachmentKind, GivenMaterials, MAX_ARRIVALS, MaterialArrival};
pub use board::{Board, BoardOrder, BoardRow, BoardWish, StateCounts};
pub use collection::{Collection, CollectionPlan, CollectionState, MAX_INSTRUCTIONS};
pub use comments::{Comment, MAX_COMMENT, NewComment};
pub use deadlines::{DueReminder, REMINDER_DAYS, Straggler};
pub use events::CollectionEvent;
pub use faults::CollectionRefusal;
pub use opening::{AttachedFile, Attachments};
pub use outcome::{AcceptedVersion, AcceptedVersions, MissingUnit};
pub use states::{MOVES, MoveRule, SubmissionMove, SubmissionState};
pub use submissions::{MAX_REASON, MoveWish, Submission};
pub use units::{FormerName, KnownUnit, UnitNow};
pub use versions::{NewVersion, SignOff, StoredFile, Version, VersionArrival, VersionFiles, VersionWay};

/// The roster and the collections of a service.
#[derive(Clone, Debug)]
pub struct Collections {
    pool: AnyPool,
    /// The last event of which whoever changes something has read.
    read_until: Option<i64>,
}

/// Who does something, and when.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    pub doer: &'a Doer,
    /// Seconds since 1970.
    pub at: i64,
    /// The day that the bureau has then.
    pub today: Date,
}

/// Which submission: its collection's id and its unit's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubmissionPlace<'a> {
    pub collection: &'a str,
    pub unit: &'a str,
}

impl Collections {
    /// Brings the tables to today's form. The record's must be there.
    pub async fn open(pool: &AnyPool) -> Result<Self, sqlx::Error> {
        let changes = [
            ("collections", include_str!("tables.sql")),
            ("arrivals", include_str!("arrivals.sql")),
            ("board", include_str!("board.sql")),
            ("names", include_str!("names.sql")),
        ];
        database::migrate(pool, "nianbao_migrations_collections", &changes).await?;
        Ok(Self { pool: pool.clone(), read_until: None })
    }

    /// The same for whoever has read what he changes, and knows of no event behind this one: where something
    /// happened to it since, the change is refused as [`CollectionRefusal::ReadEarlier`], in its own transaction.
    pub fn as_read(&self, event: i64) -> Self {
        Self { read_until: Some(event), ..self.clone() }
    }
}
