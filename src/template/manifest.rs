//! What a template says of itself, in `manifest.toml`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::checks::Settings;
use crate::report::{FieldPath, HeadingLayout, PointLayout};

/// The manifest of a template.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// What a report's `template` field calls it.
    pub name: String,
    /// What people call it, in Chinese.
    pub title: String,
    /// What it is for, in Chinese.
    pub description: String,
    /// The minijinja file, beside the manifest.
    pub source: String,
    /// A full report, beside the manifest.
    pub sample: String,
    pub layout: LayoutDefaults,
    /// The role of the face that sets a field, by the field's pattern (`measures.heading`).
    /// Every other field is set in `other`.
    pub faces: Faces,
    /// What the template changes about the checks.
    #[serde(default)]
    pub checks: Settings,
}

/// How headings and points are set where a report does not say.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LayoutDefaults {
    pub headings: HeadingLayout,
    pub points: PointLayout,
}

/// Which role of face sets which field.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Faces {
    other: String,
    #[serde(flatten)]
    by_field: BTreeMap<String, String>,
}

impl Manifest {
    /// Reads `manifest.toml`. The error is the parser's message with line and column.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let manifest: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        manifest.checks.verify().map_err(|fault| format!("[checks] {fault}"))?;
        Ok(manifest)
    }

    /// The role of the face that sets the field at `path`.
    pub fn face(&self, path: &FieldPath) -> &str {
        self.faces.by_field.get(&path.pattern()).unwrap_or(&self.faces.other)
    }
}
