//! What the name of a unit tells of it.

use schemars::JsonSchema;
use serde::Serialize;

use super::{IssuerKind, Level};

/// What kind of unit a name names, and the level it stands on, as far as the name tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(description = "从单位名称看出来的")]
pub struct IssuerRank {
    #[schemars(description = "单位性质，看得出时才有")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<IssuerKind>,
    #[schemars(description = "层级，看得出时才有")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
}

impl IssuerRank {
    pub fn of(name: &str) -> Self {
        let place = name.trim_end_matches("人民政府");
        let is_township = place.ends_with(['镇', '乡']) || name.ends_with("街道办事处");
        let kind = match name {
            _ if is_township => IssuerKind::Township,
            _ if name.contains("中共") && name.contains("人民政府") => IssuerKind::PartyAndGovernment,
            _ if name.ends_with("人民政府") || place.ends_with(['省', '市', '州', '区', '县', '旗']) => {
                IssuerKind::Government
            }
            _ if name.ends_with(['局', '厅', '委', '办', '会', '室']) => IssuerKind::Department,
            _ => return Self::default(),
        };
        let level = match kind {
            IssuerKind::Township => Some(Level::Township),
            IssuerKind::Department => None,
            _ if place.ends_with('省') || place.ends_with("自治区") => Some(Level::Province),
            _ if place.ends_with(['区', '县', '旗']) => Some(Level::County),
            _ if place.ends_with(['市', '州']) => Some(Level::City),
            _ => None,
        };
        Self { kind: Some(kind), level }
    }
}
