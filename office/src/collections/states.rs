//! The states of a submission, and which of them follows which: the one table of it.

use SubmissionState::{
    Accepted, AwaitingReview, AwaitingSignOff, InReview, Nil, NotStarted, Published, Returned, Writing,
};
use nianbao_core::report::Choice;

use crate::audit::Act;

/// How far a unit's submission is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SubmissionState {
    NotStarted,
    Writing,
    AwaitingSignOff,
    AwaitingReview,
    InReview,
    Returned,
    Accepted,
    Published,
    Nil,
}

impl Choice for SubmissionState {
    const ALL: &'static [Self] =
        &[NotStarted, Writing, AwaitingSignOff, AwaitingReview, InReview, Returned, Accepted, Published, Nil];

    fn word(self) -> &'static str {
        match self {
            NotStarted => "not_started",
            Writing => "writing",
            AwaitingSignOff => "awaiting_sign_off",
            AwaitingReview => "awaiting_review",
            InReview => "in_review",
            Returned => "returned",
            Accepted => "accepted",
            Published => "published",
            Nil => "nil",
        }
    }

    fn label(self) -> &'static str {
        match self {
            NotStarted => "未开始",
            Writing => "填写中",
            AwaitingSignOff => "待审签",
            AwaitingReview => "待审核",
            InReview => "审核中",
            Returned => "已退回",
            Accepted => "已通过",
            Published => "已公开",
            Nil => "无需报送",
        }
    }
}

impl SubmissionState {
    /// Those in which the unit still owes its report: the missing ones.
    pub const OWING: &'static [Self] = &[NotStarted, Writing, AwaitingSignOff, Returned];

    pub fn is_owing(self) -> bool {
        Self::OWING.contains(&self)
    }
}

/// What takes a submission from one state to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubmissionMove {
    Begin,
    Submit,
    Sign,
    Decline,
    Withdraw,
    Take,
    Release,
    Return,
    Accept,
    Publish,
    Reopen,
    Waive,
    Revive,
}

/// When a move is possible and what it comes to.
#[derive(Debug)]
pub struct MoveRule {
    pub step: SubmissionMove,
    /// As people call it.
    pub label: &'static str,
    pub from: &'static [SubmissionState],
    pub to: SubmissionState,
    /// Whether it must say why.
    pub needs_reason: bool,
    /// Whether it must name the version that it is about, so that nobody signs or accepts what he has not seen.
    pub needs_version: bool,
    /// Whether it is the unit's and so possible only while the collection is open, or the unit has an extension.
    pub is_units: bool,
    pub act: Act,
}

/// Each move. Of a submission that needs no sign-off, `Submit` comes to `AwaitingReview`.
pub const MOVES: [MoveRule; 13] = [
    rule(SubmissionMove::Begin, "开始填写", &[NotStarted], Writing, Act::DraftBeginning).of_unit(),
    rule(SubmissionMove::Submit, "报送", &[NotStarted, Writing, Returned], AwaitingSignOff, Act::Submission)
        .of_unit(),
    rule(SubmissionMove::Sign, "审签同意", &[AwaitingSignOff], AwaitingReview, Act::SignOff)
        .of_unit()
        .of_version(),
    rule(SubmissionMove::Decline, "审签不同意", &[AwaitingSignOff], Writing, Act::SignOffRefusal)
        .with_reason(),
    rule(SubmissionMove::Withdraw, "撤回", &[AwaitingSignOff, AwaitingReview], Writing, Act::Withdrawal)
        .with_reason()
        .of_unit(),
    rule(SubmissionMove::Take, "开始审核", &[AwaitingReview], InReview, Act::ReviewBeginning),
    // Of who opened it by mistake, or will not come to it: the unit may withdraw it again.
    rule(SubmissionMove::Release, "放回待审核", &[InReview], AwaitingReview, Act::ReviewRelease)
        .with_reason(),
    rule(SubmissionMove::Return, "退回", &[AwaitingReview, InReview], Returned, Act::Return).of_version(),
    rule(SubmissionMove::Accept, "通过", &[AwaitingReview, InReview], Accepted, Act::Acceptance).of_version(),
    rule(SubmissionMove::Publish, "公开", &[Accepted], Published, Act::Publication),
    rule(SubmissionMove::Reopen, "重新打开", &[Accepted, Published], InReview, Act::Reopening).with_reason(),
    rule(SubmissionMove::Waive, "无需报送", &[NotStarted, Writing, Returned], Nil, Act::NilReturn)
        .with_reason()
        .of_unit(),
    rule(SubmissionMove::Revive, "恢复报送", &[Nil], Writing, Act::Reopening).with_reason().of_unit(),
];

impl SubmissionMove {
    pub fn rule(self) -> &'static MoveRule {
        MOVES.iter().find(|rule| rule.step == self).expect("each move stands in the table")
    }

    /// What can be done in this state.
    pub fn of(state: SubmissionState) -> impl Iterator<Item = &'static MoveRule> {
        MOVES.iter().filter(move |rule| rule.from.contains(&state))
    }
}

const fn rule(
    step: SubmissionMove,
    label: &'static str,
    from: &'static [SubmissionState],
    to: SubmissionState,
    act: Act,
) -> MoveRule {
    MoveRule { step, label, from, to, needs_reason: false, needs_version: false, is_units: false, act }
}

impl MoveRule {
    const fn with_reason(self) -> Self {
        Self { needs_reason: true, ..self }
    }

    const fn of_version(self) -> Self {
        Self { needs_version: true, ..self }
    }

    const fn of_unit(self) -> Self {
        Self { is_units: true, ..self }
    }
}
