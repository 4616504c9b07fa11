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
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::diagnostic::Severity;
use crate::report::IssuerKind;

/// Changes to the checks. What is absent stays as the program has it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The most characters that the paragraphs of a report may have.
    pub characters: Option<usize>,
    /// More titles of instruments that are right as they stand.
    pub titles: Vec<String>,
    /// The keys of the indicators that a report is expected to have, instead of the program's.
    pub expected: Option<Vec<String>>,
    /// Codes with another severity, or switched off.
    pub severity: BTreeMap<String, Level>,
    /// More confusions: what is written, and what is meant.
    pub typos: BTreeMap<String, String>,
    /// The units that the indicator of a key may have, instead of the program's.
    pub units: BTreeMap<String, Vec<String>>,
    /// What holds for one kind of issuer only, by its name in the contract.
    pub kinds: BTreeMap<String, Settings>,
}

/// How much a code shall matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Off,
    Note,
    Warning,
    Error,
}

impl Settings {
    /// Reads a file of settings. The error is a sentence for whoever wrote it.
    pub fn read(text: &str) -> Result<Self, String> {
        let settings: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        settings.verify()?;
        Ok(settings)
    }

    /// Whether every code and kind that the settings name exists.
    pub fn verify(&self) -> Result<(), String> {
        if let Some(unknown) = self.severity.keys().find(|name| !is_code(name)) {
            return Err(format!("[severity] 里没有叫“{unknown}”的代码，全部代码见 nianbao explain"));
        }
        if self.typos.keys().any(String::is_empty) {
            return Err("[typos] 里有空的词".into());
        }
        for (kind, settings) in &self.kinds {
            if !KINDS.iter().any(|known| name_of(*known) == *kind) {
                let known: Vec<String> = KINDS.iter().map(|kind| name_of(*kind)).collect();
                return Err(format!("[kinds] 里没有“{kind}”，可以是：{}", known.join("、")));
            }
            settings.verify()?;
        }
        Ok(())
    }

    /// These settings with `more` on top.
    pub fn with(mut self, more: &Self) -> Self {
        self.characters = more.characters.or(self.characters);
        self.expected = more.expected.clone().or(self.expected);
        self.titles.extend(more.titles.iter().cloned());
        self.severity.extend(more.severity.clone());
        self.typos.extend(more.typos.clone());
        self.units.extend(more.units.clone());
        for (kind, settings) in &more.kinds {
            let own = self.kinds.remove(kind).unwrap_or_default();
            self.kinds.insert(kind.clone(), own.with(settings));
        }
        self
    }

    /// These settings as they hold for one kind of issuer.
    pub fn for_kind(&self, kind: IssuerKind) -> Self {
        match self.kinds.get(&name_of(kind)) {
            Some(own) => self.clone().with(own),
            None => self.clone(),
        }
    }

    /// The severity of what a check found, or nothing if it is switched off.
    pub fn severity(&self, code: &str, own: Severity) -> Option<Severity> {
        match self.severity.get(code) {
            None => Some(own),
            Some(Level::Off) => None,
            Some(Level::Note) => Some(Severity::Note),
            Some(Level::Warning) => Some(Severity::Warning),
            Some(Level::Error) => Some(Severity::Error),
        }
    }
}

const KINDS: [IssuerKind; 4] =
    [IssuerKind::Government, IssuerKind::Department, IssuerKind::Township, IssuerKind::PartyAndGovernment];

/// The kind as the contract writes it.
fn name_of(kind: IssuerKind) -> String {
    serde_json::to_value(kind).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

fn is_code(name: &str) -> bool {
    super::codes().any(|code| code.name == name)
}
