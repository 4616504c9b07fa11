//! The workbook as it comes back from LibreOffice, which writes an `.xlsx` of its own: styles, strings, types of
//! cells and merged areas are all others than ours.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use nianbao_core::intake::workbook;
use serde_json::{Value, json};

use crate::desk::{project, read, sample};
use crate::workbook::{full, read_workbook, reports};

/// What LibreOffice makes of a workbook when this is typed into it.
fn returned(workbook: &[u8], typed: &Value) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (before, after) = (folder.path().join("发出.xlsx"), folder.path().join("收回.xlsx"));
    fs::write(&before, workbook).unwrap();
    // Debian's python: another one does not know Debian's packages.
    let mut office = Command::new("/usr/bin/python3")
        .arg(project().join("tests/office-suite.py"))
        .args([&before, &after])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    office.stdin.take().unwrap().write_all(typed.to_string().as_bytes()).unwrap();
    let output = office.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "make office-suite installs what is wanted: {said}");
    fs::read(after).unwrap()
}

#[test]
fn a_full_workbook_comes_back_equal() {
    let written = vec![full(), read(sample())];
    let bytes = returned(&workbook::write(&written).unwrap(), &json!({}));
    assert_eq!(reports(&bytes), written);
    let findings: Vec<_> =
        read_workbook(&bytes).unwrap().into_iter().flat_map(|unit| unit.findings).collect();
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn a_blank_workbook_is_filled_in_and_comes_back() {
    let blank = workbook::blank(&read(sample()));
    let untouched = read_workbook(&returned(&blank, &json!({}))).unwrap_err();
    assert_eq!(untouched.lines().count(), 1, "no unit, and no other fault: {untouched}");
    // Far below the rows of the example, as whoever leaves them there writes.
    let typed = json!({
        "报告单位": [[20, [
            "临江区", "云州市临江区人民政府", "", "政府", "区级", "990102", "2024年", "公开版", "",
            "云州市人民政府", "", "云州市临江区人民政府", "2025/2/18",
        ]]],
        "主要举措和成效": [
            [20, ["临江区", "1", "规范行政执法", "", "一是减少检查。", "合并检查。"]],
            [21, ["临江区", "1", "", "", "", "=1+1 不是公式。"]],
        ],
        "指标": [
            [20, ["临江区", "a.b", "甲", "1604", "项", "1,533"]],
            [21, ["临江区", "a.c", "乙", "95.48%", "%"]],
            [22, ["临江区", "a.d", "丙", "约1600", "项"]],
        ],
    });
    let units = read_workbook(&returned(&blank, &typed)).unwrap();
    let [unit] = &units[..] else { panic!("{units:#?}") };
    let report =
        serde_json::to_value(unit.report.as_ref().unwrap_or_else(|| panic!("{:#?}", unit.findings))).unwrap();
    for (pointer, value) in [
        ("/year", json!(2024)),
        ("/issuer/code", json!("990102")),
        ("/issuer/level", json!("county")),
        ("/signature/date", json!("2025-02-18")),
        ("/measures/0/body/0/lead", json!("一是减少检查。")),
        ("/measures/0/body/1/text", json!("=1+1 不是公式。")),
        ("/indicators/0/value", json!("1604")),
        ("/indicators/0/previous", json!("1533")),
        ("/indicators/1/value", json!("95.48")),
        ("/indicators/2/value", json!("1600")),
        ("/indicators/2/approximate", json!(true)),
    ] {
        assert_eq!(report.pointer(pointer), Some(&value), "{pointer}: {report:#}");
    }
    assert!(unit.findings.iter().all(|finding| finding.is(&workbook::READ_AS)), "{:#?}", unit.findings);
}
