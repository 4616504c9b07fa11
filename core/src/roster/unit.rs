//! What is known of a unit, each part checked on its way in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{MAX_NAME, UnitCode};
use crate::language::{invisible, narrow};
use crate::report::{IssuerKind, IssuerRank, Level, Unfit};

/// A unit of the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RosterUnit {
    #[schemars(with = "String")]
    pub code: UnitCode,
    pub name: String,
    /// County, township, department: as the bureau calls it; may be empty, like all below.
    pub kind: String,
    pub level: String,
    #[schemars(with = "Option<String>")]
    pub superior: Option<UnitCode>,
    pub contact: Contact,
}

/// Whom to ask at a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Contact {
    pub name: String,
    pub phone: String,
    pub mail: String,
}

impl RosterUnit {
    /// A unit of which only this is known.
    pub fn new(code: UnitCode, name: &str) -> Self {
        Self {
            code,
            name: name.into(),
            kind: String::new(),
            level: String::new(),
            superior: None,
            contact: Contact::default(),
        }
    }

    /// What kind of unit it is, and the level it stands on: as the bureau says, and where it says nothing that can be
    /// told, as the name does.
    pub fn rank(&self) -> IssuerRank {
        let IssuerRank { kind, level } = IssuerRank::of(&self.name);
        IssuerRank { kind: told(KINDS, &self.kind).or(kind), level: told(LEVELS, &self.level).or(level) }
    }

    /// What is wrong with what is known of it: for units that were typed, or came over the interface.
    pub fn faults(&self) -> Vec<Unfit> {
        let Contact { name, phone, mail } = &self.contact;
        let own = (self.superior.as_ref() == Some(&self.code)).then(|| Unfit("上级单位不能是它自己".into()));
        let parts = [
            unit_name(&self.name).err(),
            short(&self.kind, "单位类别").err(),
            short(&self.level, "层级").err(),
            short(name, "联系人").err(),
            telephone(phone).err(),
            address(mail).err(),
            own,
        ];
        parts.into_iter().flatten().collect()
    }
}

/// What bureaus write of a unit's kind, and what it says. The first that is found holds: 政府部门 is a department.
const KINDS: &[(&[&str], IssuerKind)] = &[
    (&["党政", "党委和政府", "党委政府", "党委、政府"], IssuerKind::PartyAndGovernment),
    (&["部门", "直属", "机构", "派出"], IssuerKind::Department),
    (&["乡", "镇", "街道"], IssuerKind::Township),
    (&["政府", "区县", "县区", "市县", "市区", "县市", "区市", "旗县"], IssuerKind::Government),
];

/// The same of its level: 县级市 and 市辖区 are of a county's, 设区的市 is not.
const LEVELS: &[(&[&str], Level)] = &[
    (&["省", "自治区", "直辖市"], Level::Province),
    (&["乡", "镇", "街道"], Level::Township),
    (&["设区"], Level::City),
    (&["县", "区", "旗"], Level::County),
    (&["市", "地", "州", "盟"], Level::City),
];

fn told<T: Copy>(table: &[(&[&str], T)], written: &str) -> Option<T> {
    let says = |words: &[&str]| words.iter().any(|word| written.contains(word));
    table.iter().find(|(words, _)| says(words)).map(|(_, told)| *told)
}

/// The name of a unit: one line that says something, without what nobody sees.
pub fn unit_name(written: &str) -> Result<String, Unfit> {
    let name = line(written, "单位名称", MAX_NAME)?;
    match name.chars().any(char::is_alphanumeric) {
        true => Ok(name),
        false => Err(Unfit("没有填单位名称，请填写，或者删除这一行".into())),
    }
}

/// A text of a few words, which may be empty.
pub(super) fn short(written: &str, what: &str) -> Result<String, Unfit> {
    line(written, what, 40)
}

/// A telephone number, or several: digits, and what people write between and beside them.
pub(super) fn telephone(written: &str) -> Result<String, Unfit> {
    let phone = line(&narrow(written), "电话", 60)?;
    let is_fit = |c: char| c.is_ascii_digit() || " +-()/,;、，；.转分机*#".contains(c);
    match phone.is_empty() || (phone.chars().all(is_fit) && phone.bytes().any(|b| b.is_ascii_digit())) {
        true => Ok(phone),
        false => Err(Unfit("不是电话号码，请填数字，如 0532-87868000、13800000000".into())),
    }
}

/// An address of mail.
pub(super) fn address(written: &str) -> Result<String, Unfit> {
    let mail = line(&narrow(written), "邮箱", 254)?;
    let is_fit = |c: char| c.is_ascii_graphic() && !"\"'(),:;<>[\\]".contains(c);
    let parts = mail.rsplit_once('@');
    let is_address = parts.is_some_and(|(user, host)| {
        let labels = host
            .split('.')
            .all(|label| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
        !user.is_empty() && !user.contains('@') && host.contains('.') && labels
    });
    match mail.is_empty() || (is_address && mail.chars().all(is_fit)) {
        true => Ok(mail),
        false => Err(Unfit("不是一个邮箱地址，请核对，如 fazhi@example.gov.cn".into())),
    }
}

/// Letters, digits and marks of full width as those of half width: １ as 1, ＠ as @.
pub(super) fn narrow(written: &str) -> String {
    written.chars().map(narrow::narrow).collect()
}

fn line(written: &str, what: &str, max: usize) -> Result<String, Unfit> {
    let text = written.trim();
    if text.contains(['\n', '\r']) {
        let message = format!("{what}里有换行，只能写一行；没有换行的，请看前面是不是少了一个引号");
        return Err(Unfit(message));
    }
    if let Some(c) = text.chars().find(|c| invisible::is_invisible(*c)) {
        return Err(Unfit(format!(
            "{what}里有看不见的字符 U+{:04X}（{}），请删除后重新输入",
            c as u32,
            invisible::name(c)
        )));
    }
    match text.chars().count() {
        count if count > max => Err(Unfit(format!("{what}最多 {max} 个字，现在有 {count} 个，请缩短"))),
        _ => Ok(text.to_owned()),
    }
}
