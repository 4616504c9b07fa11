//! Text is text: whatever a writer enters comes out of the PDF as it went in, and nothing in it
//! is executed.

use nianbao::export::Target;
use nianbao::input::Format;
use nianbao::pipeline::make;
use nianbao::report::{Edition, Report};
use nianbao::template::Purpose;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;

use crate::pdf::Document;
use crate::workbench::{
    assert_says_all, deeply, findings, minimal, packed, pdf, press, read, sample, sample_pdf, told,
};

/// Code of typst and of minijinja, ends of every literal and comment, and a path worth stealing.
pub const HOSTILE: &str = r###"#read("/etc/passwd")]$x$//*b*@ref<label>\u{41}'"/*c*/\\{{ 7*7 }}{% if %}{# d #}#{1+1}_e_`f`~=-+^|&;\n"###;

/// The same for a narrow column.
const HOSTILE_CELL: &str = r##"#x]$*<a>\n"/*"##;

/// How many hostile reports the property is tried on.
const CASES: u32 = 24;

/// Makes a report without asking the checks: they have no say in what is text.
fn made(report: &Report) -> Document {
    let made = deeply(|| make(&report.clone().into(), Purpose::Issue, Target::Pdf, press()));
    Document::read(made.unwrap_or_else(|failed| panic!("{}", told(&failed))).value.artifact.bytes)
}

/// The report that this JSON writes down.
fn report(json: &Value) -> Report {
    read(&json.to_string())
}

#[test]
fn every_text_field_comes_out_verbatim() {
    for edition in ["public", "formal"] {
        let report = hostile_sample(edition);
        let document = made(&report);
        assert_says_all(&document.text(), &report, report.edition);
        assert!(!document.text().contains("root:"), "a file was read");
        assert!(document.title.contains(HOSTILE.trim()), "the title among the metadata: {}", document.title);
    }
}

/// The sample in this edition, with hostile text in every field that takes text.
pub fn hostile_sample(edition: &str) -> Report {
    let mut json = serde_json::to_value(read(sample())).unwrap();
    let sample = report(&json);
    let mut count = 0;
    for (path, _) in sample.texts() {
        let field = path.pattern();
        // Days and figures are not text; a template's name picks it.
        let is_text = !matches!(
            field.as_str(),
            "template" | "signature.date" | "printed_on" | "indicators.value" | "indicators.previous"
        );
        if is_text {
            let text = if field.contains("table") { HOSTILE_CELL } else { HOSTILE };
            *at(&mut json, &path.to_string()) = Value::String(format!("{text}{count}号"));
            count += 1;
        }
    }
    assert!(count > 100, "the sample has all kinds of fields");
    json["edition"] = edition.into();
    report(&json)
}

#[test]
fn what_goes_in_comes_out() {
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let texts = prop::collection::vec(text(), FIELDS.len());
    TestRunner::new_with_rng(config, random)
        .run(&texts, |texts| {
            let mut json = serde_json::to_value(read(&minimal())).unwrap();
            json["attachments"] =
                serde_json::json!([{"title": "表", "table": {"columns": ["列"], "rows": [["格"]]}}]);
            for (path, text) in FIELDS.iter().zip(&texts) {
                *at(&mut json, path) = Value::String(text.clone());
            }
            let document = made(&report(&json)).text();
            for (path, text) in FIELDS.iter().zip(&texts) {
                prop_assert!(document.contains(&packed(text)), "{path} is not in the PDF: {text:?}");
            }
            Ok(())
        })
        .unwrap();
}

/// One field of each kind, and of each face.
const FIELDS: [&str; 11] = [
    "title",
    "preface[0]",
    "measures[0].heading",
    "measures[0].body[0].lead",
    "measures[0].body[0].text",
    "problems[0].problem",
    "problems[0].cause",
    "signature.names[0]",
    "notes",
    "attachments[0].title",
    "attachments[0].table.rows[0][0]",
];

/// One line of what some face can draw in every role: words of both languages, code, marks.
fn text() -> impl Strategy<Value = String> {
    let drawable = |c: &char| {
        !c.is_whitespace()
            && ["小标宋", "仿宋", "楷体", "黑体"]
                .iter()
                .all(|role| press().fonts.undrawable(role, &c.to_string()).is_empty())
    };
    let piece = prop_oneof![
        4 => prop::sample::select(&["#read(\"/etc/passwd\")", "]", "[", "$x$", "//", "/*", "*/", "*b*", "_e_", "@ref",
            "<label>", "\\u{41}", "\\", "\"", "'", "`", "{{ 7*7 }}", "{% if %}", "#{", "}", "#let x = 1;", "= 一",
            "- 二", "https://example.cn/", "--", "...", "~", ".at(0)", "；", "“”", "——", "……", "（", "）", "《", "》"][..])
            .prop_map(str::to_owned),
        4 => "[一-龥]{1,12}",
        2 => "[ -~]{1,12}",
        1 => "[0-9]{1,8}(\\.[0-9]{1,2}%)?",
        1 => prop::char::range('\u{4E00}', '\u{9FFF}').prop_filter("no face has it", drawable).prop_map(String::from),
    ];
    prop::collection::vec(piece, 1..8).prop_map(|pieces| format!("甲{}", pieces.concat()))
}

/// The value at `measures[0].heading`.
pub fn at<'a>(json: &'a mut Value, path: &str) -> &'a mut Value {
    let pointer: String =
        path.split(['.', '[']).map(|step| format!("/{}", step.trim_end_matches(']'))).collect();
    json.pointer_mut(&pointer).unwrap_or_else(|| panic!("no {path}"))
}

#[test]
fn the_sample_says_all_that_was_written() {
    for edition in [Edition::Public, Edition::Formal] {
        assert_says_all(&sample_pdf(edition).text(), &read(sample()), edition);
    }
}

#[test]
fn the_sample_uses_the_whole_contract_and_has_no_finding() {
    let found = findings(sample().as_bytes(), Format::Yaml);
    assert!(found.is_empty(), "{found:#?}");
    let length: usize = read(sample()).texts().iter().map(|(_, text)| text.chars().count()).sum();
    assert!(length > 5_000, "{length} characters");
}

#[test]
fn a_paragraph_of_a_hundred_thousand_characters_renders() {
    let paragraph: String = "依法行政，建设法治政府。".chars().cycle().take(100_000).collect();
    let yaml = minimal().replace("2024年，临江区依法行政。", &paragraph);
    let text = pdf(&yaml, None).text();
    assert!(text.contains(&paragraph));
}

#[test]
fn rare_characters_are_drawn_by_the_faces_that_fill_gaps() {
    let yaml = minimal()
        .replace("规范行政执法", "䶮湖𬀩家湾喆苑规范行政执法")
        .replace("临江区依法行政", "䶮湖镇𬀩家湾喆苑社区依法行政");
    let document = pdf(&yaml, None);
    assert!(document.text().contains("䶮湖镇𬀩家湾喆苑社区依法行政"));
    assert!(document.text().contains("（一）䶮湖𬀩家湾喆苑规范行政执法"));
    let characters = document.pages.iter().flat_map(|page| &page.characters);
    let rare: Vec<_> = characters.filter(|one| matches!(one.text.as_str(), "䶮" | "𬀩")).collect();
    assert_eq!(rare.len(), 4, "each in a heading and in a body");
    for character in rare {
        assert!(!character.face.contains("Fandol"), "{} is drawn by {}", character.text, character.face);
    }
    assert!(document.faces.iter().any(|face| !face.contains("Fandol") && !face.contains("Liberation")));
}
