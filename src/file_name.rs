//! What finished files are called: in Chinese, and safe as a file name everywhere.

use crate::report::Year;

/// 临江区-2024年法治政府建设年度报告.pdf. A plan may come without a unit.
pub fn file_name(unit: Option<&str>, year: Year, title: &str, extension: &str) -> String {
    let unit = unit.map(|unit| as_file_name(unit) + "-").unwrap_or_default();
    format!("{unit}{}年{title}.{extension}", year.number())
}

/// A text without what some system takes for more than a name.
fn as_file_name(text: &str) -> String {
    let is_harmless =
        |c: char| !c.is_control() && !matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
    let name: String = text.chars().map(|c| if is_harmless(c) { c } else { '_' }).take(60).collect();
    name.trim_matches(['.', ' ']).to_owned()
}
