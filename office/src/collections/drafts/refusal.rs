//! Why something could not be done to a draft, in words for whoever wanted it.

use super::{MAX_CONFLICTS, MAX_KEY, MAX_NAME};

/// Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    #[error("没有这份草稿。请从征集的页面重新打开")]
    Unknown,
    #[error("草稿没有第{revision}次修订，现在是第{last}次。请重新打开草稿，您的文字会与它合并")]
    UnknownRevision { revision: i64, last: i64 },
    #[error("草稿太大：最多{most}字节，这一份有{found}字节。请删除一些内容，或者把大表格改为附件")]
    TooLarge { found: usize, most: usize },
    #[error("草稿里的内容嵌套太深：最多{most}层。请按填报表的栏目填写")]
    TooDeep { most: usize },
    #[error("请填写姓名：1到{MAX_NAME}个字，不含换行等控制字符")]
    BadName,
    #[error("保存请求的标识应当是1到{MAX_KEY}个字母、数字、“-”或“_”。请刷新页面后再保存")]
    BadKey,
    #[error("保存请求的标识已经用于另一次保存，这一次没有保存。请用新的标识再保存一次")]
    UsedKey,
    #[error("征集或单位的标识应当是1到{MAX_KEY}个字，不含控制字符")]
    BadPlace,
    #[error("这份草稿有{MAX_CONFLICTS}处两人写得不同的内容还没有选定，这一次没有保存。请先选定，再保存")]
    TooManyConflicts,
    #[error("没有这一处写得不同的内容。请刷新页面")]
    UnknownConflict,
    #[error("这一处已经由{by}选定。请刷新页面，看现在的文字；还要改，直接在栏目里改")]
    Settled { by: String },
    #[error("您读过以后，草稿已经改了，没有保存")]
    ReadEarlier,
    #[error("刚刚有人报送、撤回或者退回了这份报告，这一次写的没有保存。请刷新页面，看现在的状态")]
    Elsewhere,
    #[error("草稿的存储内容损坏（第{revision}次修订）。请告诉管理员从备份恢复")]
    Broken { revision: i64 },
    #[error("数据库出错，没有保存：{0}。请稍后再试")]
    Database(#[from] sqlx::Error),
}
