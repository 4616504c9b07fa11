//! Whose report a text is, though nobody can tell what it says as a whole: what is damaged or miswritten is still
//! somebody's, who is to be named.

use std::sync::LazyLock;

use regex::Regex;

use super::encoding;
use crate::language::lists;
use crate::report::Year;

/// What a text names somewhere.
#[derive(Debug, Default, PartialEq)]
pub struct GlimpsedIssuer {
    /// The unit; by its code where it has no name.
    pub unit: Option<String>,
    pub code: Option<String>,
    pub year: Option<Year>,
}

/// The unit and the year that a text names somewhere.
pub fn glimpse(bytes: &[u8]) -> GlimpsedIssuer {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        lists::pattern(r#"(?m)(?:^|[\s{,])["']?(short_name|name)["']?\s*[:=：]\s*([^\r\n]{1,200})"#)
    });
    static CODE: LazyLock<Regex> = LazyLock::new(|| {
        lists::pattern(r#"(?m)(?:^|[\s{,])["']?code["']?\s*[:=：]\s*["']?([0-9A-Za-z]{2,30})"#)
    });
    static YEAR: LazyLock<Regex> =
        LazyLock::new(|| lists::pattern(r#"(?m)(?:^|[\s{,])["']?year["']?\s*[:=：]\s*["']?([0-9]{4})"#));
    let Ok(text) = encoding::decode(&bytes[..bytes.len().min(MAX_LOOKED_AT)]) else {
        return GlimpsedIssuer::default();
    };
    let text = text.value;
    let year = YEAR.captures(&text).and_then(|year| year[1].parse().ok());
    let Some((_, issuer)) = text.split_once("issuer") else {
        return GlimpsedIssuer { year, ..GlimpsedIssuer::default() };
    };
    // What follows soon: names stand at other places too.
    let issuer = &issuer[..issuer.floor_char_boundary(MAX_AWAY.min(issuer.len()))];
    let mut names: Vec<(bool, String)> = NAME
        .captures_iter(issuer)
        .map(|name| (&name[1] == "name", bare(&name[2])))
        .filter(|(_, name)| !name.is_empty())
        .take(2)
        .collect();
    names.sort();
    let name = names.into_iter().next().map(|(_, name)| name);
    let code = CODE.captures(issuer).map(|code| code[1].to_owned());
    GlimpsedIssuer { unit: name.or_else(|| code.as_deref().map(of_code)), code, year }
}

/// How much of a text is looked at, and how far behind the issuer its name may stand, in bytes.
const MAX_LOOKED_AT: usize = 64 << 10;
const MAX_AWAY: usize = 600;

/// A unit of which only the code is known.
pub(super) fn of_code(code: &str) -> String {
    format!("单位代码{code}")
}

/// A value without what stands around it in one format or another.
fn bare(written: &str) -> String {
    let written = match written.trim().strip_prefix(['"', '\'']) {
        Some(quoted) => quoted.split(['"', '\'']).next().unwrap_or_default(),
        None => written.split([',', '}', '#']).next().unwrap_or_default(),
    };
    plain(written)
}

/// A name as one line without what cannot be seen, no longer than one reads.
pub(super) fn plain(name: &str) -> String {
    let kept = name.chars().filter(|c| !crate::language::invisible::is_invisible(*c) && !c.is_control());
    kept.take(60).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_wrote_it_is_seen_though_it_cannot_be_read() {
        for (text, unit) in [
            ("year:2024\nissuer:\n  name: 云州市东阳区人民政府\n  short_name: 东阳区\n", Some("东阳区")),
            ("{\"year\": 2024, \"issuer\": {\"name\": \"东阳区\", \"kind\": }", Some("东阳区")),
            ("year = 2024\n[issuer]\nname = '东阳区\n", Some("东阳区")),
            ("issuer:\n  code: \"990102\"\n\tname 甲", Some("单位代码990102")),
            ("issuer: {", None),
            ("indicators:\n  - name: 受理", None),
            ("", None),
        ] {
            assert_eq!(glimpse(text.as_bytes()).unit.as_deref(), unit, "{text}");
        }
        assert_eq!(glimpse(b"year: 2024\nissuer").year.map(Year::number), Some(2024));
        assert_eq!(glimpse(&[0xFF, 0xFE, 0, 0]), GlimpsedIssuer::default());
    }
}
