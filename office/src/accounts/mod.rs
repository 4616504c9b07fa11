//! Who may come in, and what they may do: accounts with passwords, what another service calls their owners,
//! sessions, links of one use, the ways in of units, tokens of programs, and the table of rights. Knows nothing
//! of reports.
//!
//! A unit comes in by a link and a code of its own, several persons each with a name that they say; accounts
//! are for the bureau, and for units that want them. Whatever changes here is noted in the record, in the same
//! transaction. Who may change it is asked by whoever calls ([`may`]); what this room holds by itself is that
//! the last administrator stays one.
//!
//! # How guesses are limited
//! - Wrong passwords and codes are counted by what is guessed at together with the network they come from (of
//!   the newer addresses the first 64 bits). Beyond the fifth there is a wait, twice as long each time, to five
//!   minutes. Within it nothing is tried, the right one neither: else the wait would slow nobody down.
//! - Nobody elsewhere can lock an account so: a wait is for one network alone. Where many guess at one account,
//!   or one network at many, answers are put off by some seconds ([`Accounts::pause`]), and nothing is refused.
//! - Behind a proxy that does not tell addresses all come from one network. Then whoever guesses at an account
//!   keeps its owner waiting too, five minutes at most. So let the proxy tell them.
//! - A guess is counted before it is tried and taken back if it was right, so that a thousand at once are
//!   counted as well as one after the other.

mod entrances;
mod guesses;
mod identities;
mod links;
mod logins;
mod names;
mod passwords;
mod people;
mod rights;
mod secrets;
mod sessions;
mod tokens;

use std::fmt::Display;
use std::net::IpAddr;

use sqlx::AnyPool;

use crate::audit::Doer;
use crate::database;
use passwords::Hasher;

pub use entrances::{EntranceUnit, NewEntrance, UnitEntrance};
pub use identities::{IdentityProof, LinkedIdentity};
pub use links::{Invitation, LinkPurpose, NewLink, Newcomer, OpenLink};
pub use names::{LONGEST_CODE, LONGEST_LOGIN_NAME, LONGEST_PERSON_NAME, NameFault};
pub use passwords::{LONGEST_PASSWORD, PasswordFault, SHORTEST_PASSWORD};
pub use people::{AccountEdit, NewAccount, UserAccount};
pub use rights::{Right, Role, Scope, UnitReach, scope};
pub use sessions::{IDLE_SECONDS, NewSession, OpenSession, WHOLE_SECONDS};
pub use tokens::{ApiToken, NewApiToken};

/// All accounts, and the ways in.
#[derive(Clone)]
pub struct Accounts {
    pool: AnyPool,
    hasher: Hasher,
}

/// Who has come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// As people read it: 王某, or of a unit's entrance 王某（临江区司法局）.
    pub name: String,
    /// The account's id; none of who came by a unit's entrance.
    pub account: Option<String>,
    pub role: Role,
    pub units: UnitReach,
    /// The collection that a unit's entrance is for; whoever has an account may see all.
    pub collection: Option<String>,
    /// The id of the session; none of a program with a token, nor at the single desk.
    pub session: Option<String>,
}

/// What is wrong with what was written for an account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountFault {
    #[error(transparent)]
    Name(#[from] NameFault),
    #[error(transparent)]
    Password(#[from] PasswordFault),
    #[error("登录名已经有人用，请换一个")]
    LoginName,
    #[error("没有选单位：{}是单位的角色，请至少选一个单位", .0.words())]
    NoUnits(Role),
    #[error("{}管全部单位，不用选单位，请去掉", .0.words())]
    NeedlessUnits(Role),
    #[error("单位太多，一个账号请不超过{}个", people::MOST_UNITS)]
    ManyUnits,
    #[error("有效期不对，请选以后的时间，并且不超过{}天", .0 / 86_400)]
    End(i64),
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum AccountFailure {
    /// All that is wrong at once.
    #[error("{}", all_of(.0))]
    Faults(Vec<AccountFault>),
    #[error("登录名或密码不对，请核对后再试；忘了密码的，请管理员发一个重设密码的链接")]
    WrongPassword,
    #[error("验证码不对，请照通知上的输入；找不到的，请征集单位重新发")]
    WrongCode,
    /// For how many seconds nothing is tried.
    #[error("不对的次数太多，请{0}秒以后再试")]
    Wait(i64),
    #[error("同时登录的人太多，请过几秒再试")]
    Busy,
    #[error("没有这个账号，它可能已经被别人改动；请刷新页面")]
    NoAccount,
    #[error("账号已经停用，请联系管理员")]
    DisabledAccount,
    #[error("这是最后一个管理员，不能停用，也不能改成别的角色；请先让另一个设了密码的人成为管理员")]
    LastAdministrator,
    #[error("链接已经用过、已经被新的代替，或者过了期；请向发给您的人再要一个")]
    DeadLink,
    #[error("单位入口不存在、已经更换，或者过了期；请用最近一次通知里的链接，或请征集单位重新发")]
    DeadEntrance,
    #[error(
        "这个登录还没有关联账号；请管理员发一个邀请链接，已经有账号的，先用登录名和密码登录，再在“我的账号”里关联"
    )]
    UnknownIdentity,
    #[error("登录服务给的编号不合规范，不能使用；请联系管理员")]
    UnfitIdentity,
    #[error("这一次登录已经用过，请重新登录")]
    UsedProof,
    #[error("这个登录已经关联了别的账号；要换账号的，请先解除原来的关联，或请管理员解除")]
    TakenIdentity,
    #[error("这个账号已经关联了另一个登录，请先解除，再重新关联")]
    SecondIdentity,
    #[error("这个账号没有密码，解除关联以后就不能登录了；请先请管理员发一个设密码的链接")]
    LastWayIn,
    #[error("访问令牌太多，请先吊销不用的；一个账号最多{}个", tokens::MOST_TOKENS)]
    ManyTokens,
    #[error("数据库出了问题：{0}")]
    Database(#[from] sqlx::Error),
}

/// Whether a visitor may do something to a unit; `None` for what concerns no single unit (opening a
/// collection, the roster), which is allowed only to whom all units are.
///
/// Whatever is of a collection asks [`may_in`].
pub fn may(visitor: &Visitor, right: Right, unit: Option<&str>) -> bool {
    match scope(visitor.role, right) {
        Scope::Nothing => false,
        Scope::All => unit.is_none_or(|unit| visitor.units.has(unit)),
        Scope::Own => unit.is_some_and(|unit| visitor.units.has(unit)),
    }
}

/// Whether a visitor may do something to a unit's part in a collection: who came by a unit's entrance may in
/// the collection that it is for, and in no other.
pub fn may_in(visitor: &Visitor, right: Right, collection: &str, unit: Option<&str>) -> bool {
    visitor.collection.as_deref().is_none_or(|own| own == collection) && may(visitor, right, unit)
}

impl Visitor {
    /// Whoever sits at a service without accounts: one account that may do everything.
    pub fn at_the_desk() -> Self {
        Self {
            name: "本机".into(),
            account: None,
            role: Role::Administrator,
            units: UnitReach::All,
            collection: None,
            session: None,
        }
    }

    /// As whom the visitor stands in the record.
    pub fn doer(&self, from: IpAddr) -> Doer {
        Doer {
            name: self.name.clone(),
            account: self.account.clone(),
            on_behalf: None,
            from: from.to_string(),
        }
    }
}

impl Accounts {
    /// Brings its tables to today's form. The record must have been opened.
    pub async fn open(pool: &AnyPool) -> Result<Self, sqlx::Error> {
        let changes =
            [("accounts", include_str!("tables.sql")), ("identities", include_str!("identities.sql"))];
        database::migrate(pool, "nianbao_migrations_accounts", &changes).await?;
        Ok(Self { pool: pool.clone(), hasher: Hasher::new().await })
    }

    /// Takes away what has ended: sessions, links, counted guesses. To be called now and then.
    pub async fn sweep(&self, now: i64) -> Result<(), sqlx::Error> {
        sessions::sweep(&self.pool, now).await?;
        links::sweep(&self.pool, now).await?;
        identities::sweep(&self.pool, now).await?;
        guesses::sweep(&self.pool, now).await
    }
}

impl From<AccountFault> for AccountFailure {
    fn from(fault: AccountFault) -> Self {
        Self::Faults(vec![fault])
    }
}

impl From<NameFault> for AccountFailure {
    fn from(fault: NameFault) -> Self {
        Self::Faults(vec![fault.into()])
    }
}

impl From<passwords::TooMany> for AccountFailure {
    fn from(_: passwords::TooMany) -> Self {
        Self::Busy
    }
}

fn all_of(faults: &[impl Display]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("；\n")
}
