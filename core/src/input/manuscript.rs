//! A document as it was written: parsed once, whatever is asked of it afterwards.

use std::collections::HashSet;

use deserr::Deserr;
use serde_json::Value;

use super::fault::{self, Fault, Faults};
use super::node::{MapEntry, Node, NodeContent};
use super::{Format, encoding, form, glimpse, json, toml, yaml};
use crate::diagnostic::{Diagnostic, Failed, Warned};
use crate::report::path::Segment;
use crate::report::{Name, Report, Year};

/// The text as a tree of values, each with its place.
pub struct Manuscript {
    text: String,
    pub(super) root: Node,
    /// The faults that leave a tree: keys that stand twice.
    repeated: Faults,
    /// What is to be said of the encoding, and of what was filled in.
    remarks: Vec<Diagnostic>,
}

impl Manuscript {
    /// Fails where nobody can tell what was written.
    pub fn parse(bytes: &[u8], format: Format) -> Result<Self, Failed> {
        if bytes.len() > super::MAX_BYTES {
            return Err(fault::too_large().into());
        }
        let Warned { value: text, warnings: mut remarks } = encoding::decode(bytes)?;
        if text.trim().is_empty() {
            return Err(fault::empty().into());
        }
        let manuscript = Self::of_text(text, format).map_err(Failed::Report)?;
        remarks.extend(manuscript.remarks.iter().cloned());
        Ok(Self { remarks, ..manuscript })
    }

    pub(super) fn of_text(text: String, format: Format) -> Result<Self, Vec<Diagnostic>> {
        let parsed = match format {
            Format::Json => json::parse(&text),
            Format::Yaml => yaml::parse(&text),
            Format::Toml => toml::parse(&text),
            Format::Form => form::parse(&text),
        };
        let root = parsed.map_err(|syntax| syntax.into_diagnostics(&Node::nothing(), &text))?;
        if matches!(root.content, NodeContent::Null) {
            return Err(vec![fault::empty()]);
        }
        let mut repeated = Faults::default();
        find_repeated(&root, &mut vec![], &mut repeated);
        Ok(Self { text, root, repeated, remarks: vec![] })
    }

    /// The name of the template that it asks for, whatever else is wrong.
    pub fn template(&self) -> Option<&str> {
        self.root.get("template").and_then(Node::characters)
    }

    /// The unit whose document it is, as running text calls it, as far as it is written; by its code where it has
    /// no name.
    pub fn unit(&self) -> Option<Name> {
        let issuer = self.root.get("issuer")?;
        let characters = |key| issuer.get(key).and_then(Node::characters);
        let named = |key| characters(key).and_then(|name| glimpse::plain(name).parse().ok());
        let is_name = || issuer.characters().and_then(|name| glimpse::plain(name).parse().ok());
        let coded = || {
            let code = characters("code").map(glimpse::plain).filter(|code| !code.is_empty())?;
            glimpse::of_code(&code).parse().ok()
        };
        named("short_name").or_else(|| named("name")).or_else(is_name).or_else(coded)
    }

    /// The full name of that unit, as far as it is written.
    pub fn full_name(&self) -> Option<Name> {
        self.root.get("issuer")?.get("name")?.characters()?.parse().ok()
    }

    /// The code of that unit, as far as it is written.
    pub fn code(&self) -> Option<Name> {
        self.root.get("issuer")?.get("code")?.characters()?.parse().ok()
    }

    /// The year of the document, as far as it is written.
    pub fn year(&self) -> Option<Year> {
        self.root.get("year")?.characters()?.parse().ok()
    }

    /// What it says as a `T`, or every fault of it as one.
    pub fn read<T: Deserr<Faults>>(&self) -> Result<Warned<T>, Failed> {
        let value = self.build(|_| vec![]).map_err(Failed::Report)?;
        Ok(Warned { value, warnings: self.remarks.clone() })
    }

    /// The same; `verify` finds what the form of a `T` leaves open.
    pub(super) fn build<T: Deserr<Faults>>(
        &self,
        verify: fn(&T) -> Vec<Fault>,
    ) -> Result<T, Vec<Diagnostic>> {
        let built = self.faultless::<T>().and_then(|value| match Faults::from_iter(verify(&value)) {
            faults if faults.is_empty() => Ok(value),
            faults => Err(faults),
        });
        built.map_err(|faults| self.told(faults))
    }

    pub(super) fn faultless<T: Deserr<Faults>>(&self) -> Result<T, Faults> {
        let mut faults = self.repeated.clone();
        match deserr::deserialize::<T, _, Faults>(&self.root) {
            Ok(value) if faults.is_empty() => return Ok(value),
            Ok(_) => {}
            Err(more) => faults.extend(more),
        }
        Err(faults)
    }

    /// Faults with their places, in the order in which they stand in the text.
    pub(super) fn told(&self, faults: Faults) -> Vec<Diagnostic> {
        faults.into_diagnostics(&self.root, &self.text)
    }

    /// Findings with the line and column of each.
    pub fn located(&self, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
        for diagnostic in found.iter_mut().filter(|diagnostic| !diagnostic.path.is_root()) {
            diagnostic.position = Some(self.root.locate(&diagnostic.path, false).position(&self.text));
        }
        found
    }

    /// The tree that was written, whatever it means: text, lists and maps. What has no fields is no
    /// document, and reading it as a report says so.
    pub fn tree(&self) -> Result<Value, Failed> {
        match Value::from(&self.root) {
            tree if tree.is_object() => Ok(tree),
            _ => Err(self.read::<Report>().err().unwrap_or_else(|| fault::empty().into())),
        }
    }
}

/// Reports each key that a map has more than once. `trail` leads here.
fn find_repeated(node: &Node, trail: &mut Vec<Segment>, faults: &mut Faults) {
    match &node.content {
        NodeContent::Map(entries) => {
            let mut seen = HashSet::new();
            for MapEntry { key, value, .. } in entries {
                trail.push(Segment::Key(key.into()));
                if !seen.insert(key) {
                    faults.push(|| Fault::duplicate(trail.iter().cloned().collect()));
                }
                find_repeated(value, trail, faults);
                trail.pop();
            }
        }
        NodeContent::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                trail.push(Segment::Index(index));
                find_repeated(item, trail, faults);
                trail.pop();
            }
        }
        _ => {}
    }
}
