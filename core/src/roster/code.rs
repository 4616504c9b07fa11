//! The code of a unit.

use std::fmt;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::report::Unfit;

/// The most characters of a code. The longest in use has 18 (统一社会信用代码).
const MAX_CODE: usize = 64;

/// What tells a unit from all others, in addresses and file names too: 1 to 64 letters, digits, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnitCode(String);

impl UnitCode {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The code of a unit that came without one: `U0012`.
    pub fn of_number(number: usize) -> Self {
        Self(format!("U{number:04}"))
    }

    /// Whether it is such a one, which nobody else knows.
    pub fn is_of_number(&self) -> bool {
        self.0
            .strip_prefix('U')
            .is_some_and(|rest| rest.len() >= 4 && rest.bytes().all(|b| b.is_ascii_digit()))
    }
}

impl FromStr for UnitCode {
    type Err = Unfit;

    fn from_str(written: &str) -> Result<Self, Unfit> {
        let is_fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if written.is_empty() || written.len() > MAX_CODE || !written.chars().all(is_fit) {
            let message = format!("单位代码应为 1 至 {MAX_CODE} 个字母、数字、“-”或“_”，请改正");
            return Err(Unfit(message));
        }
        Ok(Self(written.to_owned()))
    }
}

impl fmt::Display for UnitCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for UnitCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for UnitCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(|unfit: Unfit| D::Error::custom(unfit.0))
    }
}
