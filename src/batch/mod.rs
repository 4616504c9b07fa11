//! Many reports at once, every unit accounted for. What comes in ([`Intake`]), how each unit is made
//! and its result kept ([`run`], [`Spool`]), what goes out ([`Archive`]). A unit that fails is named
//! with its reasons; nothing is quietly left out, and a run that was broken off goes on where it
//! stopped.

mod archive;
mod attendance;
mod brevity;
mod companions;
mod comparison;
mod entry;
mod expectation;
mod harmless;
mod intake;
mod overview;
mod run;
mod sealed;
mod settings;
mod spool;
mod tree;

pub use archive::{Archive, Completeness, Ledger, overview_in};
pub use attendance::AttendanceTally;
pub use companions::{CompanionShelf, Companions};
pub use entry::{ResultCounts, UnitResult};
pub use expectation::{Expectation, MissingReport};
pub use harmless::{as_cell, in_file_name, visible};
pub use intake::{Intake, Unit, UnreadUnit};
pub use run::{Stop, UnitProgress, UnitTask, run};
pub use sealed::{is_sealed, seal};
pub use settings::{BatchSettings, further_papers};
pub use spool::Spool;
pub use tree::{LastReport, UnitTree};

use crate::code;
use crate::diagnostic::Code;
use crate::report::FieldPath;
use crate::workers::UnitRecord;

/// Every code that this room can raise.
pub const CODES: [&Code; 3] = [&NOT_MADE, attendance::CODES[0], attendance::CODES[1]];

code! {
    /// 这份报告没能生成
    ///
    /// 不是报告的内容不对，而是没能把它做出来：它在压缩包里已经损坏，读不出来；或者程序试了几次都没有成功。别的单位不受影响。
    ///
    /// 说是损坏的，请重新打包上传；其余的可以重试，一直不行的，请把原因告诉管理员。
    NOT_MADE = "not-made", Error
}

/// What is told of a unit for which there is no report, though nothing was found in it.
pub fn not_made(reason: impl Into<String>) -> UnitRecord {
    let hint = "说是损坏的，请检查这份文件，重新打包；其余的请重试，一直不行的请告诉管理员";
    UnitRecord { findings: vec![NOT_MADE.at(FieldPath::root(), reason, hint)], ..UnitRecord::default() }
}
