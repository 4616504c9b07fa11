//! The cases that are files: inputs with what must be said of them, and reports with what the
//! checks must find in them. `tests/README.md` says how to add one.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use nianbao_core::checks;
use nianbao_core::diagnostic::Diagnostic;
use nianbao_core::input::{self, Format, MAX_BYTES, Manuscript};
use serde_json::Value;

use crate::desk::{
    Beside, beside, check_cases, files_in, findings_beside, format_of, inputs, laid_over, minimal, of_tests,
    sketches,
};

/// A finding as a case states it.
#[derive(Debug)]
struct Expected {
    /// `code line:column path`, or `code path` where the place in the file is not stated.
    what: String,
    /// What the message or the hint must contain.
    words: Vec<String>,
}

fn findings(bytes: &[u8], format: Format) -> Vec<Diagnostic> {
    findings_beside(bytes, format, &Beside::default())
}

#[test]
fn each_input_is_told_as_stated() {
    let mut wrong = String::new();
    for input in inputs() {
        let expected = stated(&input);
        let found = findings(&fs::read(&input).unwrap(), format_of(&input));
        let said: Vec<String> = found.iter().map(with_position).collect();
        wrong += &difference(&input, &found, &said, &expected);
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_code_of_reading_has_a_case() {
    let mut raised: BTreeSet<String> = inputs()
        .iter()
        .flat_map(|input| findings(&fs::read(input).unwrap(), format_of(input)))
        .map(|finding| finding.code.to_string())
        .collect();
    // Too big to be stored.
    raised.extend(findings(&vec![b' '; MAX_BYTES + 1], Format::Json).iter().map(|one| one.code.to_string()));
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    raised.extend(findings(deep.as_bytes(), Format::Json).iter().map(|one| one.code.to_string()));
    for code in input::CODES {
        assert!(raised.contains(code.name), "no case raises {}", code.name);
    }
}

#[test]
fn the_minimal_report_has_no_finding() {
    let found = findings(minimal().as_bytes(), Format::Yaml);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn each_check_finds_what_its_cases_state_and_nothing_else() {
    let mut wrong = String::new();
    for (code, case) in check_cases() {
        let overlay = fs::read_to_string(&case).unwrap();
        let found =
            findings_beside(laid_over(&minimal(), &overlay).as_bytes(), Format::Yaml, &beside(&overlay));
        let said = found.iter().map(|one| format!("{} {}", one.code, one.path).trim_end().to_owned());
        let said: Vec<String> = said.collect();
        wrong += &difference(&case, &found, &said, &expected_of_check(&overlay));
        let is_found = found.iter().any(|one| one.code == code);
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let is_flagged = name.starts_with("flagged");
        assert!(is_flagged || name.starts_with("near-miss"), "{name}: flagged-… or near-miss-…");
        if is_found != is_flagged {
            wrong += &format!("{}: {code} was found: {is_found}\n", case.display());
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Whoever takes what a finding says would be right is not told of it again, nor of anything new.
#[test]
fn what_a_finding_offers_mends_it() {
    let (mut wrong, mut mended) = (String::new(), BTreeSet::new());
    for (_, case) in check_cases() {
        let overlay = fs::read_to_string(&case).unwrap();
        let report = laid_over(&minimal(), &overlay);
        let tree = Manuscript::parse(report.as_bytes(), Format::Yaml).unwrap().tree().unwrap();
        let found =
            |tree: &Value| findings_beside(tree.to_string().as_bytes(), Format::Yaml, &beside(&overlay));
        let before = found(&tree);
        for one in before.iter().filter(|one| !one.remedy.is_empty() && one.allowed.is_none()) {
            let mut tree = tree.clone();
            let text = text_at(&mut tree, &one.path.to_string());
            let mut characters: Vec<char> = text.as_str().unwrap().chars().collect();
            for change in one.remedy.iter().rev() {
                let replaced: String = characters[change.start..change.end].iter().collect();
                assert_eq!(replaced, change.words, "{}", case.display());
                characters.splice(change.start..change.end, change.replacement.chars());
            }
            *text = characters.into_iter().collect::<String>().into();
            let after = found(&tree);
            let count = |all: &[Diagnostic]| all.iter().filter(|other| other.code == one.code).count();
            if after.len() >= before.len() || count(&after) >= count(&before) {
                wrong += &format!("{}: {} {}\n{after:#?}\n", case.display(), one.code, one.path);
            }
            mended.insert(one.code.to_string());
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    for code in ["duplicate-text", "half-width-mark", "misquoted-title", "typo"] {
        assert!(mended.contains(code), "no case of {code} offers what would be right: {mended:?}");
    }
}

/// The text at a path of a report; a bare text is a paragraph without a lead.
fn text_at<'a>(tree: &'a mut Value, path: &str) -> &'a mut Value {
    let pointer = format!("/{}", path.replace(['.', '['], "/").replace(']', ""));
    let outer = pointer.strip_suffix("/text").unwrap_or(&pointer);
    let place = if tree.pointer(&pointer).is_some() { &pointer } else { outer };
    tree.pointer_mut(place).unwrap_or_else(|| panic!("nothing at {path}"))
}

/// The units of a batch, in the order of their files; each states what is found against those
/// before it.
#[test]
fn each_batch_finds_what_its_cases_state() {
    let mut wrong = String::new();
    let mut was_flagged = BTreeSet::new();
    for folder in files_in(&of_tests("cases/batch/peers")) {
        let mut peers = checks::Peers::new(&checks::Settings::default());
        for case in files_in(&folder) {
            let overlay = fs::read_to_string(&case).unwrap();
            let report = input::read(laid_over(&minimal(), &overlay).as_bytes(), Format::Yaml).unwrap().value;
            let unit = case.file_stem().unwrap().to_string_lossy().into_owned();
            let found = peers.compare(&unit, &sketches(&report));
            let said: Vec<String> = found.iter().map(|one| format!("{} {}", one.code, one.path)).collect();
            wrong += &difference(&case, &found, &said, &expected_of_check(&overlay));
            was_flagged.insert(!found.is_empty());
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert_eq!(was_flagged.len(), 2, "a flagged case and a near miss");
}

#[test]
fn every_check_has_a_flagged_case_and_a_near_miss() {
    let folders: BTreeSet<String> = check_cases().into_iter().map(|(code, _)| code).collect();
    let codes: BTreeSet<String> = checks::ALL.iter().map(|check| check.code.name.to_owned()).collect();
    assert_eq!(folders, codes, "one folder a check");
    for code in codes {
        for kind in ["flagged", "near-miss"] {
            let is_there = check_cases().iter().any(|(of, case)| {
                *of == code && case.file_name().unwrap().to_string_lossy().starts_with(kind)
            });
            assert!(is_there, "{code} has no {kind} case");
        }
    }
}

fn stated(input: &Path) -> Vec<Expected> {
    let path = PathBuf::from(format!("{}.expected", input.display()));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut expected: Vec<Expected> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix("    ") {
            Some(word) => expected.last_mut().expect("a finding before its words").words.push(word.into()),
            None if line == "nothing" => {}
            None => expected.push(Expected { what: line.trim().into(), words: vec![] }),
        }
    }
    expected
}

/// `# expect: placeholder preface[0] | XX件`, one a line, or `# expect: nothing`.
fn expected_of_check(overlay: &str) -> Vec<Expected> {
    let lines: Vec<&str> = overlay.lines().filter_map(|line| line.strip_prefix("# expect: ")).collect();
    assert!(!lines.is_empty(), "a case says what it expects");
    let finding = |line: &&str| {
        let (what, words) = line.split_once(" | ").unwrap_or((line, ""));
        Expected { what: what.trim().into(), words: words.split_whitespace().map(str::to_owned).collect() }
    };
    lines.iter().filter(|line| **line != "nothing").map(finding).collect()
}

fn with_position(finding: &Diagnostic) -> String {
    let place = finding.position.map_or("-".into(), |at| format!("{}:{}", at.line, at.column));
    let path = finding.path.to_string().escape_debug().to_string();
    let path = if path.is_empty() { "-" } else { &path };
    format!("{} {place} {path}", finding.code)
}

/// What of a case does not hold, for people.
fn difference(case: &Path, found: &[Diagnostic], said: &[String], expected: &[Expected]) -> String {
    let wanted: Vec<&String> = expected.iter().map(|one| &one.what).collect();
    let name = case.display();
    if said.iter().collect::<Vec<_>>() != wanted {
        let lines = |all: &[&String]| all.iter().map(|one| format!("\n      {one}")).collect::<String>();
        let told: String =
            found.iter().map(|one| format!("\n      {} | {}", one.message, one.hint)).collect();
        return format!(
            "{name}\n    found:{}\n    expected:{}\n    told:{told}\n",
            lines(&said.iter().collect::<Vec<_>>()),
            lines(&wanted)
        );
    }
    let mut wrong = String::new();
    for (finding, expected) in found.iter().zip(expected) {
        for word in &expected.words {
            if !finding.message.contains(word.as_str()) && !finding.hint.contains(word.as_str()) {
                wrong += &format!("{name}: no “{word}” in “{}” or “{}”\n", finding.message, finding.hint);
            }
        }
    }
    wrong
}
