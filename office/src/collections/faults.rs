//! Why something is not done.

use nianbao_core::report::Choice;
use nianbao_core::roster::MAX_ROSTER;

use super::states::SubmissionState;

/// Why something is not done, for whoever wanted it.
#[derive(Debug, thiserror::Error)]
pub enum CollectionRefusal {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// Also of what belongs to others.
    #[error("没有找到：{0}")]
    Unknown(&'static str),
    /// What was written, each fault on its own.
    #[error("{}", .0.join("；"))]
    Unfit(Vec<String>),
    #[error("这个单位的报送现在是“{}”，不能“{wanted}”。请刷新页面，看现在能办的", .state.label())]
    NotNow { state: SubmissionState, wanted: &'static str },
    #[error("您看的是第 {base} 稿，现在已经是第 {newest} 稿。请打开新的一稿，核对后再办")]
    Stale { base: i64, newest: i64 },
    #[error("征集还没有开始，不能{0}")]
    NotOpen(&'static str),
    #[error("征集已经截止，不能{0}。确实要办的，请联系征集单位延期")]
    Closed(&'static str),
    #[error("征集已经开始或者结束，不能再{0}")]
    Begun(&'static str),
    /// Where, in words.
    #[error("没有报送：有 {} 处两人写得不同的内容还没有选定：{}", .0.len(), listed(.0))]
    Unsettled(Vec<String>),
    #[error("还有 {errors} 处错误，不能报送。请逐处改正")]
    Errors { errors: i64 },
    #[error("有 {warnings} 处警告，请核对。核对无误的，请写明原因后再报送")]
    Unexplained { warnings: i64 },
    #[error("还有 {} 个单位没有报送：{}。可以催报；要现在结束，请写明原因", .0.len(), listed(.0))]
    Missing(Vec<String>),
    #[error("退回要写明原因，或者至少有一条批注")]
    Unreasoned,
    #[error("还没有选择单位，不能开始征集。请先从名录中选择")]
    NoUnits,
    #[error("别人刚刚改了这个征集，请重新打开后再改")]
    Changed,
    #[error("您读过以后，它已经改了")]
    ReadEarlier,
    #[error("名录最多 {MAX_ROSTER} 个单位，现在超过了")]
    TooManyUnits,
}

/// The first few of many names or places.
fn listed(names: &[String]) -> String {
    let first = names.iter().take(10).map(String::as_str).collect::<Vec<_>>().join("、");
    if names.len() > 10 { format!("{first}等") } else { first }
}
