//! What is made about reports: the sheet of one review, the overview of a batch, the letters that ask for them; and
//! of one the digest.

mod digest;

pub use digest::{DigestForm, digest_offer, report_digest};

use crate::code;
use crate::diagnostic::{Code, Diagnostic, Failed};
use crate::export::{self, Artifact};
use crate::file_name::file_name;
use crate::pipeline::{Press, Product};
use crate::report::{Choice, Document};
use crate::template::{Letters, Overview, fill_letters, fill_overview, fill_review_sheet};
use crate::typeset::typeset;

/// Every code that this room can raise.
pub const CODES: [&Code; 4] =
    [&NO_REVIEW_SHEET, &digest::NO_DIGEST, &digest::DIGEST_TEXT_FULL, &digest::DIGEST_PICTURE_TOO_LONG];

code! {
    /// 没有审核意见表
    ///
    /// 审核意见表供审核年度报告用，有报告单位、年度和版本。工作计划没有这样的表。
    ///
    /// 工作计划的检查结果，可以用 `nianbao check` 直接查看，加 `--format json` 得到 JSON。
    NO_REVIEW_SHEET = "no-review-sheet", Error
}

/// The role of the face that sets what a review sheet or an overview quotes.
const SHEET_ROLE: &str = "仿宋";

/// Makes the sheet that tells a reviewer what was found in a report. There is none for a plan of work.
pub fn review_sheet(document: &Document, found: &[Diagnostic], press: &Press) -> Result<Product, Failed> {
    let Some(report) = document.report() else {
        let message = format!("审核意见表只用于年度报告，这是一份{}", document.kind().label());
        let hint = "请直接查看检查结果，不要审核意见表";
        return Err(NO_REVIEW_SHEET.at(crate::path!["template"], message, hint).into());
    };
    let filled =
        fill_review_sheet(&press.templates, report, found, press.coverage(document).as_ref(), &|text| {
            drawable(text, press)
        })?;
    let artifact = export::pdf(&typeset(&filled, &press.fonts, press.pace)?)?;
    Ok(Product {
        name: file_name(Some(report.short_name()), report.year, "审核意见表", artifact.extension),
        artifact,
    })
}

/// Makes the overview of a batch.
pub fn overview(overview: &Overview, press: &Press) -> Result<Artifact, Failed> {
    let filled = fill_overview(&press.templates, overview, &|text| drawable(text, press))?;
    export::pdf(&typeset(&filled, &press.fonts, press.pace)?)
}

/// Makes letters to units, one behind the other.
pub fn letters(letters: &Letters, press: &Press) -> Result<Artifact, Failed> {
    let filled = fill_letters(&press.templates, letters, &|text| drawable(text, press))?;
    export::pdf(&typeset(&filled, &press.fonts, press.pace)?)
}

/// A text that a sheet can quote: what no face can draw is told by its number, for it may be the very
/// thing that was found.
fn drawable(text: &str, press: &Press) -> String {
    press.fonts.undrawable(SHEET_ROLE, text).into_iter().fold(text.to_owned(), |text, character| {
        text.replace(character, &format!("〔U+{:04X}〕", character as u32))
    })
}
