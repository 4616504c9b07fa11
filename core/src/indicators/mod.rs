//! 指标目录: the indicators that recur in these reports, or those that a bureau prescribes: by what they are the
//! same, what they are called, what they are counted in, which of them belong together. The program's own
//! list is `data/indicators.toml`; an office lays its own on top of it.
//!
//! ```toml
//! name = "云州市法治政府建设指标目录"
//! source = "云州市司法局，2026年试行"
//! first = 2026                          # 从哪一年度用起，可以不写
//! [[indicator]]
//! key = "training.sessions"             # 指标代码，各年不变
//! name = "法治培训"
//! aliases = ["法治培训期数"]              # 也这样叫，可以不写
//! units = ["期", "场"]                   # 计量单位，第一个是常用的
//! meaning = "本级组织的法治专题培训"       # 口径
//! source = "依据，以及从何时起施行"
//! optional = true                       # 没有的可以不填；不写就是必填
//! part_of = "training.all"              # 是它的一部分，不会比它多
//! at_most = "training.planned"          # 一般不比它多
//! sum_of = ["training.city", "training.county"]   # 等于这几项相加
//! ```

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use deserr::Deserr;

use crate::input::{Fault, nearest, read_settings};
use crate::language::narrow::narrow;
use crate::report::{FieldPath, Name, Year};

/// The program's own list, as it is stored.
pub const BUILT_IN_TEXT: &str = include_str!("data/indicators.toml");

/// The most that is read of a list, in bytes; and how many indicators it may have.
pub const MAX_BYTES: usize = 256 << 10;
const MAX_INDICATORS: usize = 500;

/// A list of indicators, ready to be asked.
#[derive(Debug)]
pub struct IndicatorList {
    pub name: Name,
    /// Whose it is and since when.
    pub source: Name,
    /// The year from which on it is meant to be used.
    pub first: Option<Year>,
    /// Those that somebody prescribes, then the program's own.
    listed: Vec<ListedIndicator>,
    /// How many of them are prescribed.
    prescribed: usize,
    by_key: HashMap<String, usize>,
    /// By their names and aliases, as [`plain_name`] has them.
    by_name: HashMap<String, usize>,
}

/// An indicator of a list, and what is known about it.
#[derive(Clone, Debug, Deserr)]
#[deserr(deny_unknown_fields)]
pub struct ListedIndicator {
    pub key: Name,
    pub name: Name,
    #[deserr(default)]
    pub aliases: Vec<Name>,
    /// What it may be counted in, the usual one first.
    #[deserr(default)]
    pub units: Vec<Name>,
    /// What is counted, in a sentence.
    #[deserr(default)]
    pub meaning: Option<Name>,
    /// On what it rests, and since when that holds.
    #[deserr(default)]
    pub source: Option<Name>,
    /// Whether a report may do without it.
    #[deserr(default)]
    pub optional: bool,
    /// Words by which a sentence with a figure speaks of it.
    #[deserr(default)]
    pub words: Vec<Name>,
    /// The key of the indicator of which it is a part, so that it can never exceed it.
    #[deserr(default)]
    pub part_of: Option<Name>,
    /// The key of the indicator that it does not exceed as a rule.
    #[deserr(default)]
    pub at_most: Option<Name>,
    /// The keys of those whose sum it is.
    #[deserr(default)]
    pub sum_of: Vec<Name>,
}

/// A list as it is written.
#[derive(Deserr)]
#[deserr(deny_unknown_fields)]
struct WrittenList {
    name: Name,
    source: Name,
    #[deserr(default)]
    first: Option<Year>,
    indicator: Vec<ListedIndicator>,
}

impl IndicatorList {
    /// Reads a list that somebody prescribes; the program's own indicators stay known behind it. The error is for
    /// whoever wrote it: each fault with its place.
    pub fn read(text: &str) -> Result<Self, String> {
        let written = Self::written(text)?;
        let mut list = Self::of(written);
        list.prescribed = list.listed.len();
        for known in &Self::built_in().listed {
            if !list.by_key.contains_key(&*known.key) {
                list.add(known.clone());
            }
        }
        Ok(list)
    }

    /// The program's own.
    pub fn built_in() -> &'static Arc<Self> {
        static OWN: LazyLock<Arc<IndicatorList>> = LazyLock::new(|| {
            let written = IndicatorList::written(BUILT_IN_TEXT);
            Arc::new(IndicatorList::of(written.expect("our own list of indicators is sound")))
        });
        &OWN
    }

    fn written(text: &str) -> Result<WrittenList, String> {
        if text.len() > MAX_BYTES {
            return Err(format!("文件超过 {} KiB，请核对是不是选错了文件", MAX_BYTES >> 10));
        }
        read_settings(text, WrittenList::faults)
    }

    fn of(written: WrittenList) -> Self {
        let WrittenList { name, source, first, indicator } = written;
        let (by_key, by_name) = (HashMap::new(), HashMap::new());
        let mut list = Self { name, source, first, listed: vec![], prescribed: 0, by_key, by_name };
        indicator.into_iter().for_each(|one| list.add(one));
        list
    }

    fn add(&mut self, one: ListedIndicator) {
        let at = self.listed.len();
        for name in std::iter::once(&one.name).chain(&one.aliases) {
            // What is prescribed comes first and keeps its name.
            self.by_name.entry(plain_name(name)).or_insert(at);
        }
        self.by_key.insert(one.key.to_string(), at);
        self.listed.push(one);
    }

    /// All of them, those that are prescribed first.
    pub fn all(&self) -> &[ListedIndicator] {
        &self.listed
    }

    /// Those that somebody prescribes; none of the program's own list.
    pub fn prescribed(&self) -> &[ListedIndicator] {
        &self.listed[..self.prescribed]
    }

    /// Those that are offered where one is to be chosen: what is prescribed, else the program's own.
    pub fn offered(&self) -> &[ListedIndicator] {
        if self.prescribed > 0 { self.prescribed() } else { &self.listed }
    }

    /// The one of this key.
    pub fn of_key(&self, key: &str) -> Option<&ListedIndicator> {
        self.by_key.get(key).map(|at| &self.listed[*at])
    }

    /// The one of this name, or that is also called so.
    pub fn of_name(&self, name: &str) -> Option<&ListedIndicator> {
        self.by_name.get(&plain_name(name)).map(|at| &self.listed[*at])
    }

    /// By what an indicator is the same as another: its key. Where it has none, or only its name stands for it,
    /// the key of that name; of a name that no list has the plain name.
    pub fn key_of<'a>(&'a self, key: &'a str, name: &str) -> Cow<'a, str> {
        let key = key.trim();
        if self.by_key.contains_key(key) || (!key.is_empty() && plain_name(key) != plain_name(name)) {
            return Cow::Borrowed(key);
        }
        match self.of_name(name) {
            Some(known) => Cow::Borrowed(&known.key),
            None => Cow::Owned(plain_name(name)),
        }
    }
}

impl ListedIndicator {
    /// What it is usually counted in.
    pub fn unit(&self) -> Option<&str> {
        self.units.first().map(|unit| &**unit)
    }
}

/// A name without what makes no other of it: white space, the unit of measure in brackets, 数 at its end.
pub fn plain_name(name: &str) -> String {
    let mut plain: String = name.chars().filter(|c| !c.is_whitespace()).map(narrow).collect();
    if plain.ends_with(')')
        && let Some(open) = plain.rfind('(').filter(|open| *open > 0)
    {
        plain.truncate(open);
    }
    for tail in ["总数", "数量", "数"] {
        // 系数 and 指数 are more than the number of something.
        let is_more = ["系", "指", "基", "参"];
        if let Some(rest) = plain.strip_suffix(tail)
            && rest.chars().count() > 2
            && !is_more.iter().any(|word| rest.ends_with(word))
        {
            plain.truncate(rest.len());
            break;
        }
    }
    plain
}

impl WrittenList {
    /// What the form of the file leaves open.
    fn faults(&self) -> Vec<Fault> {
        let list = FieldPath::root().key("indicator");
        let mut faults = Vec::new();
        if self.indicator.is_empty() || self.indicator.len() > MAX_INDICATORS {
            let message = format!("指标有{}项", self.indicator.len());
            faults.push(Fault::unfit(list.clone(), message, format!("应有1至{MAX_INDICATORS}项")));
        }
        let mut keys: HashMap<&str, usize> = HashMap::new();
        let mut names: HashMap<String, usize> = HashMap::new();
        for (at, one) in self.indicator.iter().enumerate() {
            let place = list.index(at);
            if let Some(other) = keys.insert(&one.key, at) {
                let message = format!("代码“{}”与第{}项相同", one.key.escape_debug(), other + 1);
                faults.push(Fault::unfit(place.key("key"), message, "每个指标的代码各不相同，请改正"));
            }
            for name in std::iter::once(&one.name).chain(&one.aliases) {
                if let Some(other) = names.insert(plain_name(name), at).filter(|other| *other != at) {
                    let message = format!("名称“{}”与第{}项相同", name.escape_debug(), other + 1);
                    faults.push(Fault::unfit(place.key("name"), message, "请改名，使人分得清"));
                }
            }
        }
        let own: Vec<&str> = self.indicator.iter().map(|one| &*one.key).collect();
        for (at, one) in self.indicator.iter().enumerate() {
            let place = list.index(at);
            let of = |field: &str, key: &Name| (place.key(field), key.clone());
            let single = one.part_of.iter().map(|key| of("part_of", key));
            let single = single.chain(one.at_most.iter().map(|key| of("at_most", key)));
            for (place, key) in single.chain(one.sum_of.iter().map(|key| of("sum_of", key))) {
                let is_known = own.contains(&&*key) && key != one.key;
                if !is_known {
                    let message = format!(
                        "“{}”说到的代码“{}”不在这份目录里",
                        one.name.escape_debug(),
                        key.escape_debug()
                    );
                    let near =
                        nearest(&key, &own).map(|near| format!("是不是“{near}”？")).unwrap_or_default();
                    faults.push(Fault::unfit(place, message, format!("{near}请写目录里另一个指标的代码")));
                }
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_indicator_is_the_same_by_its_key_and_without_one_by_its_name() {
        let list = IndicatorList::built_in();
        for (key, name, same) in [
            ("reconsideration.accepted", "受理复议数", "reconsideration.accepted"),
            ("a.b", "受理行政复议案件", "a.b"),
            ("", "受理行政复议案件数", "reconsideration.accepted"),
            ("受理行政复议案件", "受理行政复议案件（件）", "reconsideration.accepted"),
            (" 法治体检 ", "法治体检", "法治体检"),
            ("", "法治体检次数 ", "法治体检次"),
            ("", "发展指数", "发展指数"),
        ] {
            assert_eq!(list.key_of(key, name), same, "{key} {name}");
        }
    }

    #[test]
    fn a_prescribed_list_lies_on_the_programs_own() {
        let text =
            "name = '甲'\nsource = '乙'\n[[indicator]]\nkey = 'x.y'\nname = '法律咨询'\nunits = ['次']\n";
        let list = IndicatorList::read(text).unwrap();
        assert_eq!(list.key_of("", "法律咨询数"), "x.y");
        assert_eq!(list.prescribed().len(), 1);
        assert!(list.of_key("legal_aid.consultations").is_some());
    }

    #[test]
    fn a_list_that_contradicts_itself_is_refused_with_each_place() {
        let text = "name = '甲'\nsource = '乙'\n[[indicator]]\nkey = 'a'\nname = '甲数量'\nsum_of = ['b', 'c']\n[[indicator]]\nkey = 'a'\nname = '甲数量数'\nat_most = 'a'\n";
        let told = IndicatorList::read(text).unwrap_err();
        for words in ["第8行", "代码“a”与第1项相同", "代码“b”不在", "代码“a”不在"]
        {
            assert!(told.contains(words), "{words}\n{told}");
        }
    }
}
