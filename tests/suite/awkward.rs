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

#[test]
fn a_short_row_is_not_torn_between_pages() {
    let text = "由区司法局会同有关部门办理并按时报送备案，未收到纠正意见，已按规定向社会公布文本和解读材料";
    let row = |number: usize| vec![number.to_string(), format!("第{number}项"), format!("{text}之{number}。")];
    let rows: Vec<_> = (1..=60).map(row).collect();
    let columns = ["序号", "事项", "说明"].map(String::from);
    let document = pdf(&with_table("事项表", &columns, &rows), None);
    assert!(document.pages.len() > 5);
    for number in 1..=60 {
        let cell = packed(&format!("{text}之{number}。"));
        assert!(document.pages.iter().any(|page| page.text().contains(&cell)), "row {number} is torn");
    }
}

#[test]
fn a_cell_of_5000_characters_goes_on_over_pages() {
    let text: String = "依法行政，建设法治政府。".chars().cycle().take(5_000).collect();
    let columns = ["序号", "说明"].map(String::from);
    let document = pdf(&with_table("事项表", &columns, &[vec!["1".into(), text.clone()]]), None);
    let cell: String = document.text().split("序号说明").skip(1).collect();
    assert_eq!(cell, format!("1{text}"));
    assert_inside(&document);
}

/// Nothing stands outside the text block but page numbers; a sheet across has it turned.
fn assert_inside(document: &Document) {
    for (index, page) in document.pages.iter().enumerate() {
        let (left, right, top, bottom) =
            if page.width < page.height { (28.0, 184.0, 37.0, 262.0) } else { (35.0, 260.0, 28.0, 184.0) };
        for one in page.characters.iter().filter(|one| !one.is_artifact && !one.text.trim().is_empty()) {
            let height = one.size_pt * 25.4 / 72.0;
            let is_inside = one.x > left - 1.0
                && one.right < right + 1.0
                && one.y - 0.88 * height > top - 1.0
                && one.y + 0.12 * height < bottom + 1.0;
            assert!(is_inside, "page {}: {} at {:.1}, {:.1} mm", index + 1, one.text, one.x, one.y);
        }
    }
}
