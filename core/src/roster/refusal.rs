//! Why a list is not read.

use super::{MAX_ROSTER, MAX_ROSTER_BYTES};

/// Why a list is not read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RosterRefusal {
    #[error("名录文件最大 {} MiB，这个文件超过了。请核对是不是选错了文件", MAX_ROSTER_BYTES >> 20)]
    TooLarge,
    #[error("名录最多 {MAX_ROSTER} 个单位，这里超过了。请分成几次添加")]
    TooMany,
    #[error("名录里没有内容。请每行写一个单位，第一行写表头：单位名称、单位代码、联系人、联系电话等")]
    Empty,
    #[error("名录文件不是文本，也不是工作簿。请另存为“Excel 工作簿（.xlsx）”或者 CSV 后再试")]
    NotText,
    #[error("名录文件{0}")]
    Workbook(String),
    #[error("名录的表头里没有“单位名称”一列，不知道各行是哪个单位。请改正表头")]
    NoName,
}
