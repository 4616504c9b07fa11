//! What no writer means to enter: texts of a million characters, marks without end, numbers that no
//! decimal holds. The checks neither panic nor take longer than the text is long.

use nianbao_core::diagnostic::Diagnostic;
use nianbao_core::input::Format;
use nianbao_core::report::{FieldPath, Report};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::desk::{Beside, findings_beside, minimal, read};

/// What the checks look at: marks of every kind and their halves, numbers too long and divided by
/// nothing, dates that no calendar has, and the words that make a check look closer.
const PIECES: [&str; 72] = [
    "“",
    "”",
    "‘",
    "’",
    "《",
    "》",
    "〈",
    "〉",
    "（",
    "）",
    "〔",
    "〕",
    "【",
    "】",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "'",
    "，",
    "。",
    "；",
    "：",
    "、",
    "！",
    "？",
    "……",
    "——",
    ",",
    ":",
    ";",
    "!",
    "?",
    "%",
    "·",
    " ",
    "\n",
    "0",
    "00",
    "99999999999999999999999999999999999999999999999999",
    "0.0000000000000000000000000000000000000001",
    "受理0件，办结0件，办结率0%",
    "0人中0人合格，合格率达到0%",
    "共0件，其中0件、0件",
    "同比增长0%",
    "0年0月0日",
    "0000年",
    "〔0000〕0号",
    "截至0年0月底",
    "百分之零",
    "百分之",
    "一二三四五六七八九十百千万亿",
    "亿亿亿万万万",
    "百千万件",
    "点零",
    "1599人中1630人合格，合格率98.04%",
    "同比增长130%，上年为0件",
    "共清理文件400件，拟继续有效320件，拟废止73件，拟修改7件",
    "约",
    "余件",
    "近3～5万元",
    "-1件",
    "102%",
    "（一）",
    "一是",
    "第二，",
    "《法治政府建设实施纲要（0—0年）》",
    "请批示",
    "上一年度",
    "13800000000",
    "显着",
];

/// The minimal report with this text wherever sentences stand.
fn with_text(text: &str) -> Value {
    let mut json = serde_json::to_value(read(&minimal())).unwrap();
    json["preface"] = json!([text]);
    json["measures"][0]["body"][0]["text"] = text.into();
    json["problems"][0]["problem"] = text.into();
    json["problems"][0]["cause"] = text.into();
    json["duties"][0]["body"][0]["text"] = text.into();
    json["plans"][0]["body"][0]["text"] = text.into();
    json["other"] = json!([text]);
    json
}

fn found(json: &Value, beside: &Beside) -> Vec<Diagnostic> {
    findings_beside(json.to_string().as_bytes(), Format::Json, beside)
}

/// Where a finding says that words stand, they stand.
fn assert_quotes(report: &Report, found: &[Diagnostic]) {
    let texts = report.texts();
    let text = |path: &FieldPath| texts.iter().find(|(other, _)| other == path).map(|(_, text)| text);
    for (one, span) in found.iter().filter_map(|one| Some((one, one.span.as_ref()?))) {
        let text = text(&one.path).unwrap_or_else(|| panic!("{} speaks of no text: {}", one.code, one.path));
        let words: String = text.chars().skip(span.start).take(span.end - span.start).collect();
        assert!(words.starts_with(span.words.trim_end_matches("……")), "{}: {words} {span:?}", one.code);
    }
}

#[test]
fn whatever_is_written_is_checked_without_a_panic() {
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let piece = prop_oneof![8 => prop::sample::select(&PIECES[..]).prop_map(str::to_owned), 1 => "[ -~]{1,8}", 1 => "[一-龥]{1,8}"];
    let text = prop::collection::vec(piece, 1..40).prop_map(|pieces| format!("甲{}", pieces.concat()));
    TestRunner::new_with_rng(config, random)
        .run(&(text.clone(), text), |(text, other)| {
            let json = with_text(&text);
            let last_year = with_text(&other).to_string();
            let beside = Beside { last_year: Some(last_year.into_bytes()), ..Beside::default() };
            assert_quotes(&read(&json.to_string()), &found(&json, &beside));
            Ok(())
        })
        .unwrap();
}

/// Each piece alone a thousand times over: the shape that a check meets at its worst.
#[test]
fn each_piece_again_and_again_is_checked_without_a_panic() {
    for piece in PIECES {
        let json = with_text(&format!("甲{}", piece.repeat(1_000)));
        assert_quotes(&read(&json.to_string()), &found(&json, &Beside::default()));
    }
}

/// Nested to any depth, and every mark unbalanced.
#[test]
fn marks_without_end_are_told_of_a_few_times() {
    let nested = format!("{}甲{}", "“".repeat(500), "”".repeat(500));
    assert!(found(&with_text(&nested), &Beside::default()).len() < 1_000);
    let halves = "“《（〔".repeat(5_000);
    let told = found(&with_text(&halves), &Beside::default());
    assert!(told.iter().any(|one| one.code == "unpaired-mark"));
    assert!(told.iter().any(|one| one.code == "book-title-marks"));
    assert!(told.len() < 1_000, "{} findings", told.len());
}

/// A million characters are read to their end, whatever they are; how the work grows `make bench`
/// measures.
#[test]
fn a_million_characters_are_checked() {
    for shape in SHAPES {
        let text: String = "甲".chars().chain(shape.chars().cycle()).take(1_000_000).collect();
        let mut json = serde_json::to_value(read(&minimal())).unwrap();
        json["preface"] = json!([text]);
        let last_year = Beside { last_year: Some(json.to_string().into_bytes()), ..Beside::default() };
        let told = found(&json, &last_year);
        assert!(told.len() < 1_000, "{shape}: {} findings", told.len());
    }
}

/// What a text may consist of that some check looks at again and again.
const SHAPES: [&str; 15] = [
    "依法行政建设法治政府",
    "依法行政，建设法治政府。",
    "“《（〔",
    "”》）〕",
    "9",
    "1599人中1630人合格，合格率98.04%，",
    "共清理文件400件，拟继续有效320件、拟废止73件，",
    "同比增长130%。",
    "《中华人民共和国行政复议法》",
    "一是",
    "（一）",
    "XX",
    "A1,",
    " ",
    "、",
];
