//! What can be done, one word each: a code that never changes, for programs and the record, and Chinese for
//! people.

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident $code:literal $words:literal,)*) => {
        /// Something that was done and stands in the record.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Act {
            $($(#[$doc])* $name,)*
        }

        impl Act {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in the record and the interface.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// What people call it.
            pub fn words(self) -> &'static str {
                match self {
                    $(Self::$name => $words,)*
                }
            }
        }
    };
}

acts! {
    // Coming and going.
    Login "login" "登录",
    LoginRefusal "login_refused" "登录被拒绝",
    Logout "logout" "退出",
    /// All sessions of somebody at once.
    SessionsEnd "sessions_ended" "结束全部会话",
    Password "password_set" "设置密码",

    // Accounts and their rights.
    AccountMaking "account_made" "建立账号",
    AccountChange "account_changed" "修改账号",
    AccountDisabling "account_disabled" "停用账号",
    AccountEnabling "account_enabled" "恢复账号",
    RoleChange "role_changed" "改变角色",
    IdentityLinking "identity_linked" "关联统一登录",
    IdentityUnlinking "identity_unlinked" "解除统一登录",
    TokenMaking "token_made" "建立访问令牌",
    TokenRevocation "token_revoked" "吊销访问令牌",

    // Links of one use, and the ways in of units.
    LinkMaking "link_made" "发出链接",
    LinkUse "link_used" "使用链接",
    LinkReplacement "link_replaced" "更换链接",
    LinkRevocation "link_revoked" "吊销链接",
    EntranceMaking "entrance_made" "发出单位入口",
    EntranceUse "entrance_used" "由单位入口进入",
    EntranceReplacement "entrance_replaced" "更换单位入口",
    EntranceRevocation "entrance_revoked" "关闭单位入口",

    // The roster.
    RosterChange "roster_changed" "修改名录",
    UnitMerger "unit_merged" "单位合并",
    UnitRenaming "unit_renamed" "单位更名",

    // A collection.
    CollectionOpening "collection_opened" "开始征集",
    CollectionChange "collection_changed" "修改征集",
    CollectionClosing "collection_closed" "结束征集",
    CollectionReopening "collection_reopened" "重新开始征集",
    Reminder "reminded" "催报",
    EntranceMailing "entrances_mailed" "邮寄单位入口",

    // A submission.
    DraftBeginning "draft_begun" "开始填写",
    DraftIntake "draft_taken" "由文件填写",
    Submission "submitted" "报送",
    Withdrawal "withdrawn" "撤回",
    SignOff "signed_off" "审签同意",
    SignOffRefusal "sign_off_refused" "审签不同意",
    ReviewBeginning "review_begun" "开始审核",
    ReviewRelease "review_released" "放回待审核",
    Comment "commented" "批注",
    Return "returned" "退回",
    Acceptance "accepted" "通过",
    Reopening "reopened" "重新打开",
    Extension "extended" "延期",
    NilReturn "nil_returned" "改为无需报送",
    Publication "published" "公开",

    // What goes out.
    WebhookChange "webhook_changed" "修改通知接口",
    Download "downloaded" "下载",
    Export "exported" "导出",
    BatchMaking "batch_made" "批量生成",
    /// How a batch ended by itself: told to other programs, and noted nowhere, for nobody did it.
    BatchCompletion "batch_completed" "批量生成完毕",
    BatchFailures "batch_completed_with_failures" "批量生成完毕，有没有成的",
    Backup "backed_up" "备份",
    Restoration "restored" "由备份恢复",
}

impl Act {
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|act| act.code() == code)
    }
}
