//! `FieldPath`: the one way to name a place in a report.

use std::borrow::Cow;
use std::fmt;

use ecow::{EcoString, EcoVec};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A place in a report, from the root inward: `measures[0].body[2].lead`.
///
/// Indices count from 0, as they do in the input; the words for people
/// ([`super::contract::label`]) count from 1. The empty path is the whole report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldPath(EcoVec<Segment>);

/// One step of a [`FieldPath`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    Key(EcoString),
    Index(usize),
}

impl Segment {
    /// The index, if it is one.
    pub fn index(&self) -> Option<usize> {
        match self {
            Self::Index(index) => Some(*index),
            Self::Key(_) => None,
        }
    }
}

impl FieldPath {
    /// The whole report.
    pub fn root() -> Self {
        Self::default()
    }

    /// The report's own field that this place is in: `measures`. Empty for the whole report.
    pub fn first_key(&self) -> &str {
        match self.0.first() {
            Some(Segment::Key(key)) => key,
            _ => "",
        }
    }

    /// Whether `other` is this place or lies within it.
    pub fn holds(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }

    /// The path of the field `key` of this place.
    pub fn key(&self, key: &str) -> Self {
        self.push(Segment::Key(key.into()))
    }

    /// The path of the item `index` (from 0) of this place.
    pub fn index(&self, index: usize) -> Self {
        self.push(Segment::Index(index))
    }

    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The path without its indices: `measures.body.lead`. All items of a list share it, so a
    /// template's manifest can speak of them all at once.
    pub fn pattern(&self) -> String {
        let mut pattern = String::new();
        for segment in &self.0 {
            if let Segment::Key(key) = segment {
                if !pattern.is_empty() {
                    pattern.push('.');
                }
                pattern.push_str(key);
            }
        }
        pattern
    }

    fn push(&self, segment: Segment) -> Self {
        let mut segments = self.0.clone();
        segments.push(segment);
        Self(segments)
    }
}

impl FromIterator<Segment> for FieldPath {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Self {
        Self(segments.into_iter().collect())
    }
}

impl From<&str> for FieldPath {
    /// Reads a path as `Display` prints it.
    fn from(printed: &str) -> Self {
        let steps = printed.split(['.', '[']).filter(|step| !step.is_empty());
        let segment = |step: &str| match step.strip_suffix(']').and_then(|index| index.parse().ok()) {
            Some(index) => Segment::Index(index),
            None => Segment::Key(step.into()),
        };
        steps.map(segment).collect()
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(key) if position == 0 => f.write_str(key)?,
                Segment::Key(key) => write!(f, ".{key}")?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

impl Serialize for FieldPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FieldPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from(&*Cow::<str>::deserialize(deserializer)?))
    }
}

/// `path!["measures", 0, "heading"]`: a path written out in code.
#[macro_export]
macro_rules! path {
    ($($step:expr),* $(,)?) => {
        [$($crate::report::path::Segment::from($step)),*]
            .into_iter()
            .collect::<$crate::report::FieldPath>()
    };
}

impl From<&str> for Segment {
    fn from(key: &str) -> Self {
        Self::Key(key.into())
    }
}

impl From<usize> for Segment {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_path_is_read_as_it_is_printed() {
        let path = path!["measures", 0usize, "body", 12usize, "lead"];
        assert_eq!(path.to_string(), "measures[0].body[12].lead");
        assert_eq!(FieldPath::from("measures[0].body[12].lead"), path);
        assert_eq!((path.first_key(), path.pattern().as_str()), ("measures", "measures.body.lead"));
        assert!(FieldPath::from("").is_root());
        assert_eq!(FieldPath::root().first_key(), "");
    }

    #[test]
    fn a_place_holds_what_lies_within_it() {
        let measure = path!["measures", 1usize];
        assert!(FieldPath::root().holds(&measure) && measure.holds(&measure));
        assert!(measure.holds(&measure.key("heading")));
        assert!(!measure.holds(&path!["measures", 10usize]));
        assert!(!measure.key("heading").holds(&measure));
    }

    #[test]
    fn what_is_no_path_is_read_as_a_name() {
        for printed in
            ["[", "]", "[x]", "a[", "a]", "..", "[18446744073709551616]", "[-1]", "a[0][1]", "\u{202E}"]
        {
            let _ = FieldPath::from(printed).to_string();
        }
        assert_eq!(FieldPath::from("[18446744073709551616]").segments()[0].index(), None);
    }

    proptest! {
        /// Whatever crosses a worker's pipe is the same on the other side.
        #[test]
        fn steps_of_the_contract_come_back(
            steps in prop::collection::vec(prop_oneof![
                "[a-z_]{1,8}".prop_map(|key| Segment::Key(key.into())),
                any::<usize>().prop_map(Segment::Index),
            ], 0..8),
        ) {
            let path: FieldPath = steps.into_iter().collect();
            let json = serde_json::to_string(&path).unwrap();
            prop_assert_eq!(serde_json::from_str::<FieldPath>(&json).unwrap(), path);
        }
    }
}
