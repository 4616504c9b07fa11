//! What people are called: the name that is typed to log in, and the one that others see. Both are text that
//! others wrote, whatever is in it; what nobody sees is no part of a name.

use nianbao_core::language::invisible::is_invisible;
use unicode_normalization::UnicodeNormalization;

/// How many characters each has at most.
pub const LONGEST_LOGIN_NAME: usize = 64;
pub const LONGEST_PERSON_NAME: usize = 50;

/// How long a code of a unit or a collection may be.
pub const LONGEST_CODE: usize = 100;

/// What is wrong with a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    #[error("没有写登录名，请写一个，例如姓名的拼音或工号")]
    NoLoginName,
    #[error("登录名太长，请不超过{LONGEST_LOGIN_NAME}个字")]
    LongLoginName,
    #[error("登录名里有看不见的字符，请重新输入，不要粘贴")]
    InvisibleLoginName,
    #[error("没有写姓名，请写真实姓名，别人凭它知道是谁做的")]
    NoName,
    #[error("姓名太长，请不超过{LONGEST_PERSON_NAME}个字")]
    LongName,
    #[error("单位代码是空的，或者太长，或者有看不见的字符；请从名录里选单位")]
    UnitCode,
}

/// A login name in its one form: of one width and case, without spaces at its ends. `ＷＡＮＧ` typed with an
/// input method is `wang`.
pub(super) fn login_name(text: &str) -> Result<String, NameFault> {
    let name = folded(text);
    if name.is_empty() {
        return Err(NameFault::NoLoginName);
    }
    if name.chars().any(is_invisible) {
        return Err(NameFault::InvisibleLoginName);
    }
    match LONGEST_LOGIN_NAME < name.chars().count() {
        true => Err(NameFault::LongLoginName),
        false => Ok(name),
    }
}

/// The one form of a text for comparing, of no more characters than are looked at.
pub(super) fn folded(text: &str) -> String {
    // No name is long; what is longer need not be read to its end.
    let text = text.chars().take(1000);
    let plain = text.nfkc().flat_map(char::to_lowercase).nfkc().collect::<String>();
    plain.trim().to_owned()
}

/// A person's name as others see it.
pub(super) fn person_name(text: &str) -> Result<String, NameFault> {
    let name = shown(text);
    match name.chars().count() {
        0 => Err(NameFault::NoName),
        1..=LONGEST_PERSON_NAME => Ok(name),
        _ => Err(NameFault::LongName),
    }
}

/// A text of one line, without what nobody sees; spaces are one each.
pub(super) fn shown(text: &str) -> String {
    let seen: String = text
        .chars()
        .take(1000)
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !is_invisible(*c))
        .nfc()
        .collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A code of a unit or a collection, as it is in the roster.
pub(super) fn is_code(code: &str) -> bool {
    !code.is_empty() && code.chars().count() <= LONGEST_CODE && !code.chars().any(is_invisible)
}
