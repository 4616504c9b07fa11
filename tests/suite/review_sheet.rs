//! The sheet that tells a reviewer what was found.

use nianbao::diagnostic::{Diagnostic, Warned};
use nianbao::guide::Guide;
use nianbao::input::Format;
use nianbao::pipeline::{Paper, Product, review};
use nianbao::report::Document as Written;
use nianbao::sheets::review_sheet;
use serde_json::json;

use crate::pdf::Document;
use crate::workbench::{deeply, minimal, open_press, packed, press, read, sample, told};

/// Code of typst and of minijinja, within the words that a finding quotes.
const HOSTILE: &str = r##"#read("/etc/passwd")XX件$x$//*b*@r<l>\u{41}"##;

fn reviewed(yaml: &str) -> Warned<Written> {
    review(&Paper { bytes: yaml.as_bytes(), format: Format::Yaml }.alone(), None, press())
        .unwrap_or_else(|failed| panic!("{}", told(&failed)))
}

fn made(report: &Written, found: &[Diagnostic]) -> Product {
    let made = deeply(|| review_sheet(report, found, press()));
    made.unwrap_or_else(|failed| panic!("{}", told(&failed)))
}

/// The findings of a report, and the text of its sheet.
fn sheet(yaml: &str) -> (Vec<Diagnostic>, Document) {
    let Warned { value: report, warnings: found } = reviewed(yaml);
    let made = made(&report, &found);
    (found, Document::read(made.artifact.bytes))
}

#[test]
fn the_sheet_tells_every_finding() {
    let yaml = minimal()
        .replace("cause:", "detail:")
        .replace("2024年，临江区依法行政。", "取得显着成效，办理XX件，建全制度。")
        + "allow: [{code: typo, path: measures, reason: 没有用处}, {code: placeholder, reason: 引用原文}]\n";
    let (found, document) = sheet(&yaml);
    assert_eq!(found.len(), 5, "{found:#?}");
    let text = document.text();
    for words in ["审核意见表", "云州市临江区人民政府", "2024年（公开版）", "错误1处，警告2处，提示1处"]
    {
        assert!(text.contains(words), "no {words} in {text}");
    }
    assert!(text.contains("报告说明了理由的例外1处") && text.contains("引用原文"), "{text}");
    assert!(text.ends_with("日期：年月日"), "left to the reviewer's hand: {text}");
    for one in &found {
        let spot = one.span.as_ref().map(|span| span.quotation().concat()).unwrap_or_default();
        for words in [&one.label(), &one.message, &spot, one.severity.label(), &one.code] {
            assert!(text.contains(&packed(words)), "no {words} in {text}");
        }
        assert!(one.allowed.is_some() || text.contains(&packed(&one.hint)), "no {} in {text}", one.hint);
    }
    assert_eq!(document.title, "审核意见表");
    assert!(document.is_marked && document.metadata.contains("pdfaid"), "the same PDF/A as a report");
}

#[test]
fn a_report_without_a_fault_has_a_sheet_that_says_so() {
    let (_, document) = sheet(&minimal());
    let text = document.text();
    assert_eq!(document.pages.len(), 1);
    assert!(text.contains("没有发现问题。") && !text.contains("序号"), "{text}");
}

#[test]
fn what_a_finding_quotes_is_text() {
    let mut json = serde_json::to_value(read(&minimal())).unwrap();
    json["preface"] = json!([HOSTILE]);
    json["measures"][0]["body"][0]["text"] = json!(format!("办理386件{HOSTILE}"));
    json["issuer"]["name"] = json!(HOSTILE);
    json["allow"] = json!([{ "code": "placeholder", "path": "measures", "reason": HOSTILE }]);
    let (found, document) = sheet(&json.to_string());
    let text = document.text();
    assert!(found.iter().any(|one| one.code == "placeholder" && one.allowed.is_none()), "{found:#?}");
    for one in &found {
        let spot = one.span.as_ref().map(|span| span.quotation().concat()).unwrap_or_default();
        for words in [&spot, &one.message] {
            assert!(text.contains(&packed(words)), "no {words} in {text}");
        }
    }
    assert!(text.matches(&packed(HOSTILE)).count() >= 2, "the unit and the reason, whole: {text}");
    assert!(!text.contains("root:"), "a file was read");
}

/// What no face can draw is a finding, which must not keep the sheet from being made.
#[test]
fn what_cannot_be_drawn_is_told_by_its_number() {
    let (found, document) = sheet(&minimal().replace("临江区依法行政", "临江区\u{10FFFD}依法行政"));
    assert!(found.iter().any(|one| one.code == "unsupported-character"), "{found:#?}");
    assert!(document.text().contains("临江区〔U+10FFFD〕依法行政"), "{}", document.text());
}

/// Where a guide was chosen the sheet lists its matters, each with where the report touches it.
#[test]
fn the_sheet_lists_the_matters_of_a_guide_with_their_places() {
    let mut own = open_press();
    own.settings.guide = Some(Guide::built_in());
    let paper = Paper { bytes: sample().as_bytes(), format: Format::Yaml };
    let reviewed = review(&paper.alone(), None, &own).unwrap_or_else(|failed| panic!("{}", told(&failed)));
    let made = deeply(|| review_sheet(&reviewed.value, &reviewed.warnings, &own));
    let document = Document::read(made.unwrap_or_else(|failed| panic!("{}", told(&failed))).artifact.bytes);
    let text = document.text();
    for words in [
        "事项指引对照",
        "适用的35项，1项没有写到。",
        "4.3行政执法程序和裁量基准没有写到",
        "6.3行政复议",
        "主要举措和成效第5项›正文第2项（行政复议）",
    ] {
        assert!(text.contains(&packed(words)), "no {words} in {text}");
    }
    assert_eq!(text.matches("没有写到").count(), 3, "in the finding, the remark and the row: {text}");
    let alone = sheet(sample()).1.text();
    assert!(!alone.contains("事项指引"), "nobody asked for it: {alone}");
}

#[test]
fn a_long_sheet_goes_on_over_pages_within_the_text_block() {
    let preface: String = (0..80).map(|n| format!("  - 第{n}项办理XX件，{}。\n", "A".repeat(300))).collect();
    let reason = "理由".repeat(3_000);
    let yaml = minimal().replace("  - 2024年，临江区依法行政。\n", &preface);
    let yaml = format!("{yaml}allow: [{{code: placeholder, path: 'preface[3]', reason: {reason}}}]\n");
    let (_, document) = sheet(&yaml);
    assert!(document.pages.len() > 5);
    assert!(document.text().contains("第79项") && document.text().matches("理由").count() >= 3_000);
    for page in &document.pages {
        let right = page.characters.iter().map(|one| one.right).fold(0.0, f64::max);
        assert!(right < 184.5, "{right} mm: beyond the text block");
    }
}
