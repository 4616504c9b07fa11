//! What the name of the unit tells of its kind and level, where no script takes it over as one types: with the
//! form as it is posted, told in the page that answers, and left to whoever has seen it and chooses otherwise.

use std::collections::BTreeMap;

use axum::body::Bytes;

use super::{own, value_of};
use crate::report::fields::{self, Entry};
use crate::report::{Choice, FieldPath, IssuerRank};

/// The control that bears the name that was there when the page was made.
const SEEN: &str = "_named";
const NAME: &str = "issuer.name";

/// A posted form, and what was taken over from the unit's name: by control, in words.
pub(super) struct PostedForm {
    pub bytes: Bytes,
    pub taken: BTreeMap<String, String>,
}

impl PostedForm {
    pub(super) fn of(bytes: Bytes) -> Self {
        let (mut bytes, mut taken) = (bytes, BTreeMap::new());
        let name = own(&bytes, NAME);
        let name = name.trim();
        if name.is_empty() || name == own(&bytes, SEEN).trim() {
            return Self { bytes, taken };
        }
        let IssuerRank { kind, level } = IssuerRank::of(name);
        let told = [("issuer.kind", kind.map(Choice::word)), ("issuer.level", level.map(Choice::word))];
        for (path, word) in told {
            let Some(field) = fields::find(&FieldPath::from(path)) else { continue };
            let (Some(word), Entry::Choice(choices)) = (word, &field.entry) else { continue };
            let chosen = own(&bytes, path);
            // What is not as it stands there anyway was chosen.
            if chosen == word || chosen != field.default {
                continue;
            }
            let label = choices.iter().find(|(known, _)| *known == word).map_or(word, |(_, label)| *label);
            taken.insert(path.to_owned(), format!("按单位全称选了“{label}”，不对的请改选。"));
            bytes = with(&bytes, path, word);
        }
        Self { bytes, taken }
    }
}

/// The same form where another word stands in a control.
fn with(body: &[u8], path: &str, word: &str) -> Bytes {
    let is_other = |pair: &&[u8]| value_of(pair, path).is_none();
    let chosen = format!("{path}={word}");
    let pairs = body.split(|byte| *byte == b'&').filter(is_other).chain([chosen.as_bytes()]);
    pairs.collect::<Vec<_>>().join(&b'&').into()
}
