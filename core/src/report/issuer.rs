//! The unit whose report it is.

use deserr::Deserr;
use schemars::JsonSchema;
use serde::Serialize;

use super::{IssuerKind, Level, Name};

/// The unit whose report it is.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema, Deserr)]
#[deserr(deny_unknown_fields)]
#[schemars(description = "报告单位", deny_unknown_fields)]
pub struct Issuer {
    #[schemars(title = "单位全称", description = "用于标题和落款，如：青岛市城阳区人民政府")]
    pub name: Name,
    #[deserr(default)]
    #[schemars(title = "单位简称", description = "用于行文、文件名和汇总，如：城阳区")]
    pub short_name: Option<Name>,
    #[deserr(default)]
    #[schemars(default, title = "单位性质")]
    pub kind: IssuerKind,
    #[deserr(default)]
    #[schemars(default, title = "层级")]
    pub level: Level,
    #[deserr(default)]
    #[schemars(title = "单位代码", description = "批量办理时区分各单位，如：370214")]
    pub code: Option<Name>,
}

impl Issuer {
    /// Its short name, else its full one.
    pub fn short_name(&self) -> &str {
        self.short_name.as_deref().unwrap_or(&self.name)
    }
}
