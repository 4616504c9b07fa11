//! Units that must have their report signed and have nobody for it: they would wait without end, so everybody who
//! looks is told, and what to do.

use nianbao_office::Office;

use crate::accounts::{Right, Scope, Visitor, scope};
use crate::collections::{Board, Collection, Submission, SubmissionState};
use crate::web::answer::Refusal;

/// Whether nobody can sign for a unit that needs it.
pub(super) async fn lacks_signer(
    office: &Office,
    collection: &Collection,
    submission: &Submission,
) -> Result<bool, Refusal> {
    let needs = collection.plan.needs_sign_off && submission.state.is_owing();
    Ok(needs && !office.accounts.signed_units().await?.contains(&submission.unit))
}

/// The same of each unit on a board.
pub(super) async fn mark(office: &Office, collection: &str, board: &mut Board) -> Result<(), Refusal> {
    if !office.collections.collection(collection).await?.plan.needs_sign_off {
        return Ok(());
    }
    let signed = office.accounts.signed_units().await?;
    for row in &mut board.rows {
        row.lacks_signer = row.state.is_owing() && !signed.contains(&row.unit);
    }
    Ok(())
}

/// What is said of it, and what whoever looks can do.
pub(super) fn words(state: SubmissionState, visitor: &Visitor) -> String {
    let stand = match state {
        SubmissionState::AwaitingSignOff => "没有审签人：现在没有人能审签，报告一直等着",
        _ => "没有审签人：这次征集报送前要审签，报送以后没有人能审签",
    };
    let next = if scope(visitor.role, Right::ManageAccounts) == Scope::All {
        "请在“账号”里邀请这个单位的负责人作审签人"
    } else if visitor.role.is_of_units() {
        "请联系征集单位，给本单位负责人开一个审签人的账号"
    } else {
        "请管理员在“账号”里邀请这个单位的负责人作审签人"
    };
    format!("{stand}。{next}")
}
