//! Who may do what: one table, read by pages and interface alike.
//!
//! In each row `all` means for every unit, and for what concerns no single unit; `own` for the units that one
//! belongs to; `-` not at all.

use std::collections::BTreeSet;

/// What somebody is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    Administrator,
    Reviewer,
    Writer,
    Signer,
    Observer,
}

/// For which units somebody may do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Nothing,
    Own,
    All,
}

/// The units that somebody belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnitReach {
    All,
    /// By their codes.
    Only(BTreeSet<String>),
}

macro_rules! scope {
    (all) => {
        Scope::All
    };
    (own) => {
        Scope::Own
    };
    (-) => {
        Scope::Nothing
    };
}

macro_rules! rights {
    ($($(#[$doc:meta])* $name:ident $code:literal $words:literal
        $administrator:tt $reviewer:tt $writer:tt $signer:tt $observer:tt)*) => {
        /// Something that one may be allowed to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Right {
            $($(#[$doc])* $name,)*
        }

        impl Right {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

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

        /// For which units a role may do it.
        pub fn scope(role: Role, right: Right) -> Scope {
            let row = match right {
                $(Right::$name => [
                    scope!($administrator),
                    scope!($reviewer),
                    scope!($writer),
                    scope!($signer),
                    scope!($observer),
                ],)*
            };
            row[role as usize]
        }
    };
}

rights! {
    // Right            code                 中文               管理员 审核人 填报人 审签人 查看人

    // The service.
    ManageAccounts      "manage_accounts"    "管理账号和权限"     all    -     -     -     -
    ReadRecord          "read_record"        "查看操作记录"       all    -     -     -     -
    ManageWebhooks      "manage_webhooks"    "管理通知接口"       all    -     -     -     -
    BackUp              "back_up"            "备份"              all    -     -     -     -
    /// Tokens of one's own account.
    UseTokens           "use_tokens"         "使用访问令牌"       all    all   all   all   all

    // What needs no collection: documents made of what one brings oneself.
    MakeDocuments       "make_documents"     "填写报告"          all    all   all   all   -
    MakeBatches         "make_batches"       "成批生成"          all    all   -     -     -

    // The round.
    EditRoster          "edit_roster"        "修改名录"          all    all   -     -     -
    OpenCollection      "open_collection"    "开始征集"          all    all   -     -     -
    ChangeCollection    "change_collection"  "修改征集"          all    all   -     -     -
    CloseCollection     "close_collection"   "结束征集"          all    all   -     -     -
    GiveEntrances       "give_entrances"     "发放单位入口"       all    all   -     -     -
    Extend              "extend"             "延期"              all    all   -     -     -
    Remind              "remind"             "催报"              all    all   -     -     -
    Export              "export"             "导出"              all    all   -     -     -

    // A submission. Whoever is not of the unit does these in its stead (代填、代报).
    ReadBoard           "read_board"         "查看进度"          all    all   own   own   own
    ReadSubmission      "read_submission"    "查看报送"          all    all   own   own   own
    WriteDraft          "write_draft"        "填写"              all    all   own   -     -
    Submit              "submit"             "报送"              all    all   own   -     -
    Withdraw            "withdraw"           "撤回"              all    all   own   -     -
    ReturnNil           "return_nil"         "无需报送"          all    all   own   -     -
    Comment             "comment"            "批注和答复"         all    all   own   own   -

    // A unit's leader, and nobody in his stead.
    SignOff             "sign_off"           "审签"              -      -     -     own   -

    // Review: never by the unit itself.
    BeginReview         "begin_review"       "开始审核"          all    all   -     -     -
    Return              "return"             "退回"              all    all   -     -     -
    Accept              "accept"             "通过"              all    all   -     -     -
    Reopen              "reopen"             "重新打开"          all    all   -     -     -
    Publish             "publish"            "公开"              all    all   -     -     -
}

impl Role {
    pub const ALL: [Self; 5] =
        [Self::Administrator, Self::Reviewer, Self::Writer, Self::Signer, Self::Observer];

    pub fn code(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Reviewer => "reviewer",
            Self::Writer => "writer",
            Self::Signer => "signer",
            Self::Observer => "observer",
        }
    }

    /// What people call it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Administrator => "管理员",
            Self::Reviewer => "审核人",
            Self::Writer => "填报人",
            Self::Signer => "审签人",
            Self::Observer => "查看人",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// Whether it is of units; the others are the bureau's, for all units.
    pub fn is_of_units(self) -> bool {
        !matches!(self, Self::Administrator | Self::Reviewer)
    }
}

impl UnitReach {
    pub fn has(&self, unit: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(units) => units.contains(unit),
        }
    }
}
