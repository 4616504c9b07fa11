//! What a province, a city or a template changes about the checks: a TOML file, or the `[checks]`
//! of a template's manifest.
//!
//! ```toml
//! characters = 8000                    # 正文的字数上限
//! titles = ["临江区行政执法监督办法"]      # 也算正确的文件名称
//! [severity]                           # 某一种问题改为 error、warning、note，或者 off 不查
//! rate-without-base = "off"
//! [typos]                              # 增补的错别字
//! "云洲市" = "云州市"
//! [units]                              # 指标代码与可用的计量单位
//! "reconsideration.accepted" = ["件", "宗"]
//! [kinds.department]                   # 只用于部门的报告
//! expected = ["reconsideration.accepted"]
//! [[outlines]]                         # 新印发的纲要、规划，以及它的年限和出处
//! title = "法治政府建设实施纲要"
//! first = 2026
//! last = 2030
//! source = "印发机关和时间"
//! ```

use std::sync::{Arc, LazyLock};

use deserr::Deserr;
use serde::{Deserialize, Serialize};

use crate::diagnostic::Severity;
use crate::guide::Guide;
use crate::indicators::IndicatorList;
use crate::input::{Dictionary, Fault, nearest, read_settings};
use crate::report::{Choice, FieldPath, IssuerKind, Name, Ordinal, Year};

/// Changes to the checks. What is absent stays as the program has it.
#[derive(Clone, Debug, Default, Serialize, Deserr)]
#[deserr(deny_unknown_fields)]
pub struct Settings {
    /// The most characters that the paragraphs of a report may have.
    #[deserr(default)]
    pub characters: Option<Ordinal>,
    /// More titles of instruments that are right as they stand.
    #[deserr(default)]
    pub titles: Vec<String>,
    /// More outlines and plans of several years, or more periods of known ones.
    #[deserr(default)]
    pub outlines: Vec<Outline>,
    /// The keys of the indicators that a report is expected to have, instead of the program's.
    #[deserr(default)]
    pub expected: Option<Vec<String>>,
    /// Codes with another severity, or switched off.
    #[deserr(default)]
    pub severity: Dictionary<Weight>,
    /// More confusions: what is written, and what is meant.
    #[deserr(default)]
    pub typos: Dictionary<String>,
    /// The units that the indicator of a key may have, instead of the program's.
    #[deserr(default)]
    pub units: Dictionary<Vec<String>>,
    /// What holds for one kind of issuer only, by its name in the contract.
    #[deserr(default)]
    pub kinds: Dictionary<Settings>,
    /// The guide that reports are held against, if one was chosen. It is a file of its own.
    #[serde(skip)]
    #[deserr(skip)]
    pub guide: Option<Arc<Guide>>,
    /// The indicators that somebody prescribes, if anybody does. They are a file of their own, too.
    #[serde(skip)]
    #[deserr(skip)]
    pub indicators: Option<Arc<IndicatorList>>,
}

/// An outline or plan of several years, as it was issued for one period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserr)]
#[deserr(deny_unknown_fields)]
pub struct Outline {
    /// Without its years.
    pub title: Name,
    pub first: Year,
    pub last: Year,
    /// Who issued it and when.
    pub source: Name,
}

/// Settings of somebody's own, as they are written: on top of the program's they change its checks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenSettings {
    /// In TOML; empty for none.
    pub settings: String,
    /// The list of the indicators that are prescribed, in TOML; empty for none.
    #[serde(default)]
    pub indicators: String,
}

impl WrittenSettings {
    /// What changes nothing.
    pub const NONE: Self = Self { settings: String::new(), indicators: String::new() };

    /// These settings on top of others. The error is for whoever wrote them.
    pub fn on_top_of(&self, settings: &Settings) -> Result<Settings, String> {
        let mut all = settings.clone();
        if !self.settings.is_empty() {
            all = all.with(&Settings::read(&self.settings)?);
        }
        if !self.indicators.is_empty() {
            all.indicators = Some(Arc::new(IndicatorList::read(&self.indicators)?));
        }
        Ok(all)
    }
}

impl From<String> for WrittenSettings {
    fn from(settings: String) -> Self {
        Self { settings, indicators: String::new() }
    }
}

/// The outlines that the program knows, from `data/outlines.toml`.
pub(super) fn outlines() -> &'static [Outline] {
    static KNOWN: LazyLock<Settings> = LazyLock::new(|| {
        Settings::read(include_str!("data/outlines.toml")).expect("our own list of outlines is sound")
    });
    &KNOWN.outlines
}

/// How much a code shall matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserr)]
#[serde(rename_all = "lowercase")]
#[deserr(rename_all = lowercase)]
pub enum Weight {
    Off,
    Note,
    Warning,
    Error,
}

impl Settings {
    /// Reads a file of settings. The error is for whoever wrote it: each fault with its place.
    pub fn read(text: &str) -> Result<Self, String> {
        read_settings(text, |settings: &Self| settings.faults(&FieldPath::root()))
    }

    /// The codes and kinds that do not exist though the settings, which stand at `path`, name them.
    pub fn faults(&self, path: &FieldPath) -> Vec<Fault> {
        let codes: Vec<&str> = super::codes().map(|code| code.name).collect();
        let mut faults = Vec::new();
        for name in self.severity.keys().filter(|name| !codes.contains(&name.as_str())) {
            let message = format!("没有叫“{}”的代码", name.escape_debug());
            let place = path.key("severity");
            faults.push(Fault::unknown(&place, name, message, &codes, "全部代码见 nianbao explain"));
        }
        for (index, outline) in self.outlines.iter().enumerate().filter(|(_, one)| one.last < one.first) {
            let message = format!("“{}”的年限前后颠倒", outline.title.escape_debug());
            faults.push(Fault::unfit(
                path.key("outlines").index(index),
                message,
                "first 是起始年，last 是期满年",
            ));
        }
        if self.typos.contains_key("") {
            let path = path.key("typos").key("");
            faults.push(Fault::unfit(path, "错别字是空的".into(), "请填写，或者删除这一行"));
        }
        let list = IndicatorList::built_in();
        let indicators: Vec<&str> = list.all().iter().map(|known| &*known.key).collect();
        for (index, key) in self.expected.iter().flatten().enumerate() {
            if !indicators.contains(&key.as_str()) {
                let message = format!("没有代码叫“{}”的指标", key.escape_debug());
                let hint = nearest(key, &indicators).map(|near| format!("是不是“{near}”？"));
                let hint = hint.unwrap_or_else(|| format!("可以是：{}", indicators.join("、")));
                faults.push(Fault::unfit(path.key("expected").index(index), message, hint));
            }
        }
        let known: Vec<&str> = IssuerKind::ALL.iter().map(|kind| kind.word()).collect();
        for (kind, settings) in self.kinds.iter() {
            let place = path.key("kinds");
            if !known.contains(&kind.as_str()) {
                let message = format!("没有“{}”这类单位", kind.escape_debug());
                let otherwise = format!("可以是：{}", known.join("、"));
                faults.push(Fault::unknown(&place, kind, message, &known, &otherwise));
            }
            faults.extend(settings.faults(&place.key(kind)));
        }
        faults
    }

    /// These settings with `more` on top.
    pub fn with(mut self, more: &Self) -> Self {
        self.characters = more.characters.or(self.characters);
        self.expected = more.expected.clone().or(self.expected);
        self.guide = more.guide.clone().or(self.guide);
        self.indicators = more.indicators.clone().or(self.indicators);
        self.outlines.extend(more.outlines.iter().cloned());
        self.titles.extend(more.titles.iter().cloned());
        self.severity.extend(more.severity.iter().map(|(code, level)| (code.clone(), *level)));
        self.typos.extend(more.typos.iter().map(|(wrong, right)| (wrong.clone(), right.clone())));
        self.units.extend(more.units.iter().map(|(key, units)| (key.clone(), units.clone())));
        for (kind, settings) in more.kinds.iter() {
            let own = self.kinds.remove(kind).unwrap_or_default();
            self.kinds.insert(kind.clone(), own.with(settings));
        }
        self
    }

    /// The indicators that are known: what is prescribed on top of the program's own.
    pub fn list(&self) -> &IndicatorList {
        self.indicators.as_deref().unwrap_or(IndicatorList::built_in())
    }

    /// These settings as they hold for one kind of issuer.
    pub fn for_kind(&self, kind: IssuerKind) -> Self {
        match self.kinds.get(kind.word()) {
            Some(own) => self.clone().with(own),
            None => self.clone(),
        }
    }

    /// The severity of what a check found, or nothing if it is switched off.
    pub fn severity(&self, code: &str, own: Severity) -> Option<Severity> {
        match self.severity.get(code) {
            None => Some(own),
            Some(Weight::Off) => None,
            Some(Weight::Note) => Some(Severity::Note),
            Some(Weight::Warning) => Some(Severity::Warning),
            Some(Weight::Error) => Some(Severity::Error),
        }
    }
}
