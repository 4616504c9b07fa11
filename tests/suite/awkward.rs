//! What strains the layout: it stands all the same, or a finding says what to change.

use crate::pdf::Document;
use crate::workbench::{minimal, packed, pdf};

/// The smallest report with an attachment of this title and this table.
fn with_table(title: &str, columns: &[String], rows: &[Vec<String>]) -> String {
    let table = serde_json::json!([{"title": title, "table": {"columns": columns, "rows": rows}}]);
    format!("{}attachments: {table}\n", minimal())
}

/// The text of each line of 2号 on a page.
fn display_lines(document: &Document, page: usize) -> Vec<String> {
    let lines = document.pages[page].lines();
    let is_display = |line: &&crate::pdf::Line| line.characters.iter().all(|one| one.size_pt > 21.0);
    lines.iter().filter(is_display).map(crate::pdf::Line::text).collect()
}

#[test]
fn the_title_of_an_attachment_breaks_as_the_main_title_does() {
    let title = "2024年临江区重大行政决策合法性审查和行政规范性文件备案情况表";
    let document = pdf(&with_table(title, &["列".into()], &[vec!["格".into()]]), None);
    let page = document.pages.iter().position(|page| page.text().starts_with("附件")).unwrap();
    let lines = display_lines(&document, page);
    assert!(lines.len() > 1, "{lines:?}");
    assert_eq!(lines, nianbao::template::title::lines(title));
    assert!(document.bookmarks.iter().any(|(_, bookmark)| bookmark == title), "its bookmark is whole");
    assert!(packed(&document.text()).contains(title));
}
