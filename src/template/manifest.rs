//! What a template says of itself, in `manifest.toml`.

use deserr::Deserr;
use serde::Serialize;

use crate::checks::Settings;
use crate::faces::ROLES;
use crate::input::{Dictionary, Fault, read_settings};
use crate::report::{DocumentKind, FieldPath, HeadingLayout, PointLayout};

/// The manifest of a template.
#[derive(Clone, Debug, Serialize, Deserr)]
#[deserr(deny_unknown_fields)]
pub struct Manifest {
    /// What a report's `template` field calls it.
    pub name: String,
    /// What people call it, in Chinese.
    pub title: String,
    /// What it is for, in Chinese.
    pub description: String,
    /// What kind of document it sets.
    #[deserr(default)]
    pub document: DocumentKind,
    /// The minijinja file, beside the manifest.
    pub source: String,
    /// The minijinja file of the same document for Word; a template need not have one.
    #[deserr(default)]
    pub word: Option<String>,
    /// The minijinja file of the same document as HTML; a template need not have one.
    #[deserr(default)]
    pub html: Option<String>,
    /// A full document, beside the manifest.
    pub sample: String,
    #[deserr(default)]
    pub layout: LayoutDefaults,
    /// The role of the face that sets a field, by the field's pattern (`measures.heading`).
    /// Every other field is set in `other`.
    pub faces: Dictionary<String>,
    /// What the template changes about the checks.
    #[deserr(default)]
    pub checks: Settings,
}

/// How headings and points are set where a report does not say. A plan has neither.
#[derive(Clone, Debug, Default, Serialize, Deserr)]
#[deserr(deny_unknown_fields)]
pub struct LayoutDefaults {
    pub headings: HeadingLayout,
    pub points: PointLayout,
}

/// What the manifest calls every field that it does not name.
const OTHER: &str = "other";

impl Manifest {
    /// Reads `manifest.toml`. The error is for its author: each fault with its place.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        read_settings(text, Self::faults)
    }

    /// What is named there and does not exist.
    fn faults(&self) -> Vec<Fault> {
        let roles: Vec<&str> = ROLES.iter().map(|role| role.name).collect();
        let mut faults = self.checks.faults(&crate::path!["checks"]);
        for (field, _) in self.faces.iter().filter(|(_, role)| !roles.contains(&role.as_str())) {
            let message = format!("“faces › {}”没有这种用途的字体", field.escape_debug());
            let path = crate::path!["faces"].key(field);
            faults.push(Fault::unfit(path, message, format!("可以是：{}", roles.join("、"))));
        }
        if !self.faces.contains_key(OTHER) {
            let message = format!("“faces”里缺少 {OTHER}");
            let hint = "请用它指明其他字段的字体，如 other = \"仿宋\"";
            faults.push(Fault::unfit(crate::path!["faces"], message, hint));
        }
        faults
    }

    /// The role of the face that sets the field at `path`.
    pub fn face(&self, path: &FieldPath) -> &str {
        self.faces.get(&path.pattern()).unwrap_or(&self.faces[OTHER])
    }
}
