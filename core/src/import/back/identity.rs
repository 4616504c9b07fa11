//! Whether a document is that of the unit and year whose report it bears. Districts copy from one another, and a
//! report is begun from last year's: nearly all words may agree, and what is not printed would be another's.

use super::arrangement::WalkedParagraph;
use super::printed::PrintedDocument;
use crate::report::{DocumentKind, FieldPath};

/// Whether the document says by its title and who signs it that it is of another unit, or by its title, headings and
/// date that it is of another year.
pub(super) fn is_of_another(printed: &PrintedDocument, walked: &[WalkedParagraph]) -> bool {
    let body = IdentifiedBody { printed, walked };
    body.is_of_another_unit() || body.is_of_another_year()
}

struct IdentifiedBody<'a, 'b> {
    printed: &'a PrintedDocument,
    walked: &'a [WalkedParagraph<'b, 'b>],
}

impl IdentifiedBody<'_, '_> {
    /// What two places say counts; what one says alone does where the unit is named nowhere at all.
    fn is_of_another_unit(&self) -> bool {
        let names = self.names();
        let is_other = |was: Vec<String>, now: Vec<String>| -> Option<bool> {
            let name_it =
                |texts: &[String]| texts.iter().any(|text| names.iter().any(|name| is_named(text, name)));
            let is_kept = || now.iter().any(|text| was.contains(text)) || name_it(&now);
            (!now.is_empty() && name_it(&was)).then(|| !is_kept())
        };
        let title = is_other(self.was("title"), self.now("title"));
        let signed = match self.printed.kind {
            DocumentKind::Report => "signature.names",
            DocumentKind::WorkPlan => "issuer.name",
        };
        let signature = is_other(self.was(signed), self.now(signed));
        match (title, signature) {
            (Some(true), Some(true)) => true,
            (Some(true), None) | (None, Some(true)) => {
                let mut texts = self.walked.iter().map(|one| &one.source.text);
                !texts.any(|text| names.iter().any(|name| text.contains(name.as_str())))
            }
            _ => false,
        }
    }

    fn is_of_another_year(&self) -> bool {
        let Some(year) = self.printed.report["year"].as_u64().map(|year| year.to_string()) else {
            return false;
        };
        let is_other = |texts: &[String]| -> Option<bool> {
            let years: Vec<&str> = texts.iter().flat_map(|text| years(text)).collect();
            (!years.is_empty()).then(|| !years.contains(&&*year))
        };
        let title = is_other(&self.now("title"));
        if self.printed.kind == DocumentKind::WorkPlan {
            return title == Some(true);
        }
        let headings = self.walked.iter().filter(|one| {
            let home = one.source.home.map(|home| &self.printed.paragraphs[home]);
            home.is_some_and(|home| {
                home.text.contains(&year) && home.pieces.iter().all(|run| run.field.is_none())
            })
        });
        let headings: Vec<String> = headings.map(|one| one.source.text.clone()).collect();
        let of_date =
            |texts: Vec<String>| texts.first().and_then(|text| years(text).next().map(str::to_owned));
        let (was, now) = (of_date(self.was("signature.date")), of_date(self.now("signature.date")));
        let votes = [title, is_other(&headings), now.is_some().then(|| was != now)];
        votes.iter().filter(|vote| **vote == Some(true)).count() > 1 && title != Some(false)
    }

    /// What the unit is called: its full name, without what it lies in, and in short.
    fn names(&self) -> Vec<String> {
        let issuer = &self.printed.report["issuer"];
        let of = |key: &str| issuer[key].as_str().unwrap_or_default();
        let (full, short) = (of("name"), of("short_name"));
        let within = full.find(short).map_or(full, |start| &full[start..]);
        let mut names: Vec<String> = [full, within, short].map(plain).into_iter().collect();
        names.retain(|name| !name.is_empty());
        names
    }

    /// What a field, or the items of a list, said when it was printed.
    fn was(&self, field: &str) -> Vec<String> {
        let fields = self.printed.fields.iter().filter(|(path, _)| is_of(path, field));
        fields.flat_map(|(_, homes)| homes.texts.first()).map(|(text, _)| plain(text)).collect()
    }

    /// What it says now.
    fn now(&self, field: &str) -> Vec<String> {
        let entries = self.walked.iter().filter_map(|one| one.read.as_ref()).flat_map(|read| &read.entries);
        let said = entries.filter(|entry| is_of(&entry.field, field)).map(|entry| plain(&entry.text));
        said.filter(|text| !text.is_empty()).collect()
    }
}

fn is_of(path: &FieldPath, field: &str) -> bool {
    path.pattern() == field
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Whether a title or a signature names a unit: behind its name stands nothing that makes another of it, as 办公室.
fn is_named(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let rest = &text[at + name.len()..];
        !rest.starts_with(char::is_alphabetic)
            || ["关于", "和", "与", "法治"].iter().any(|word| rest.starts_with(word))
    })
}

/// The years that a text names: 2024.
fn years(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("20").filter_map(|(at, _)| {
        let year = text.get(at..at + "2024".len())?;
        let is_alone = !text[..at].ends_with(|c: char| c.is_ascii_digit());
        (is_alone && year.bytes().all(|byte| byte.is_ascii_digit())).then_some(year)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_named_by_all_of_its_name() {
        for (text, is_it) in [
            ("临江区人民政府2024年法治政府建设年度报告", true),
            ("临江区人民政府关于2024年法治政府建设情况的报告", true),
            ("中共临江区委员会临江区人民政府", true),
            ("临江区人民政府办公室2024年法治政府建设年度报告", false),
            ("望渡区人民政府2024年法治政府建设年度报告", false),
        ] {
            assert_eq!(is_named(text, "临江区人民政府"), is_it, "{text}");
        }
    }

    #[test]
    fn years_stand_alone() {
        assert_eq!(
            years("截至2024年12月，120241件，2025—2026年").collect::<Vec<_>>(),
            ["2024", "2025", "2026"]
        );
    }
}
