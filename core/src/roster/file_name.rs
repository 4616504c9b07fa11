//! Whose a file is, by what it is called.

/// The unit that a file's name begins with, behind a number: of 03-东阳区2024年….docx 东阳区.
pub fn unit_in_file_name(name: &str) -> &str {
    let own = name.rsplit('/').next().unwrap_or_default();
    let stem = own.rsplit_once('.').map_or(own, |(stem, _)| stem);
    let stem = stem.trim_start_matches(|c: char| c.is_ascii_digit() || "-_. 、".contains(c));
    let end = stem.find(|c: char| c.is_ascii_digit()).into_iter().chain(stem.find("法治政府")).min();
    &stem[..end.unwrap_or(stem.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_by_its_unit() {
        for (name, unit) in [
            ("东阳区2024年法治政府建设年度报告.docx", "东阳区"),
            ("各区/03-东阳区法治政府报告.yaml", "东阳区"),
            ("1、东阳区.xlsx", "东阳区"),
            ("2024.docx", ""),
            ("东阳区", "东阳区"),
        ] {
            assert_eq!(unit_in_file_name(name), unit, "{name}");
        }
    }
}
