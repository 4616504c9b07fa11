//! What units send back: whatever it is, it is taken or named with its reason; and of those who were expected,
//! nobody who is missing goes unnoticed.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::process::Command;

use nianbao::export::Target;
use nianbao::indicators::IndicatorList;
use nianbao::intake::workbook;
use nianbao::pipeline::make;
use nianbao::roster;
use nianbao::template::Purpose;
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::batch::{batch, said, text_of, unpacked};
use crate::workbench::{deeply, minimal, packed, press, project, read, told};

/// The report of a unit called so, with its code.
pub fn of_unit(name: &str, code: &str) -> Value {
    let full = format!("云州市{name}人民政府");
    let mut tree = serde_json::to_value(read(&minimal())).unwrap();
    tree["issuer"] = json!({ "name": full, "short_name": name, "code": code });
    tree["title"] = format!("{name}2024年法治政府建设年度报告").into();
    tree["preface"] = json!([format!("2024年，{name}依法行政。")]);
    tree["signature"]["names"] = json!([full]);
    tree
}

/// The same as a text, as somebody writes it without any program.
fn as_text(name: &str) -> String {
    format!(
        "{name}2024年法治政府建设年度报告\n\n2024年，{name}依法行政。\n\n一、主要举措和成效\n\n（一）规范行政执法。\
         全年办理行政复议案件386件。\n\n二、存在的不足和原因\n\n部分单位学法用法不够经常，原因是考核没有跟上。\n\n\
         三、党政主要负责人履行推进法治建设第一责任人职责情况\n\n（一）带头学法。主要负责人主持学法4次。\n\n\
         四、下一年度推进法治政府建设的主要安排\n\n（一）抓学用结合。2025年，完善学法考核。\n\n\
         云州市{name}人民政府\n\n2025年2月18日\n"
    )
}

/// A text as a document of Word.
pub fn as_word(text: &str) -> Vec<u8> {
    let paragraph = |line: &str| format!("<w:p><w:r><w:t>{line}</w:t></w:r></w:p>");
    let body: String = text.lines().filter(|line| !line.is_empty()).map(paragraph).collect();
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:document \
         xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{body}</w:body>\
         </w:document>"
    );
    zip_of(&[("word/document.xml".into(), document.into_bytes())])
}

/// A report as the pages of its OFD.
pub fn as_ofd(report: &Value, target: Target) -> Vec<u8> {
    let document = read(&report.to_string()).into();
    let made = deeply(|| make(&document, Purpose::Issue, target, press()));
    made.unwrap_or_else(|failed| panic!("{}", told(&failed))).value.artifact.bytes
}

pub fn as_page(text: &str) -> Vec<u8> {
    let body: String =
        text.lines().filter(|line| !line.is_empty()).map(|line| format!("<p>{line}</p>")).collect();
    format!("<!DOCTYPE html><html><head><meta charset=\"utf-8\"></head><body>{body}</body></html>").into()
}

pub fn zip_of(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(vec![]));
    for (name, bytes) in files {
        zip.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn put(folder: &Path, files: &[(String, Vec<u8>)]) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn manifest(files: &BTreeMap<String, Vec<u8>>) -> Value {
    serde_json::from_slice(&files["manifest.json"]).unwrap()
}

/// What came of each source: the unit and the result.
fn results(manifest: &Value) -> BTreeMap<String, (String, String)> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of = |unit: &Value| (word(&unit["source"]), (word(&unit["unit"]), word(&unit["result"])));
    manifest["units"].as_array().unwrap().iter().map(of).collect()
}

/// What twelve districts might send, each in its own way.
fn returned() -> Vec<(String, Vec<u8>)> {
    let row = |names: &[(&str, &str)]| {
        let units: Vec<_> = names.iter().map(|(name, code)| read(&of_unit(name, code).to_string())).collect();
        workbook::write(&units, IndicatorList::built_in()).unwrap()
    };
    let file = |name: &str, bytes: Vec<u8>| (name.to_owned(), bytes);
    vec![
        file("东阳区/报告.json", of_unit("东阳区", "100001").to_string().into()),
        file("云山区.xlsx", row(&[("云山区", "100002")])),
        file("两个单位.xlsx", row(&[("西岭县", "100003"), ("=北河县", "100004")])),
        file("南湾区.docx", as_word(&as_text("南湾区"))),
        file("清溪县.html", as_page(&as_text("清溪县"))),
        file("平泉县.txt", as_text("平泉县").into()),
        file("每行一份.jsonl", format!("{}\n", of_unit("永城区", "100008")).into()),
        file("长桥区.docx.zip", as_word(&as_text("长桥区"))),
        file("河口区.ofd", as_ofd(&of_unit("河口区", "100009"), Target::OfdWithSource)),
        file("石桥县.ofd", as_ofd(&of_unit("石桥县", "100011"), Target::Ofd)),
        file("宁山区.xlsm", row(&[("宁山区", "100010")])),
        file("清溪县_files/国徽.png", b"\x89PNG".to_vec()),
        file("清溪县_files/style.css", b"p {}".to_vec()),
        file("和平区.mht", b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n".to_vec()),
        file("扫描件.jpg", b"\xFF\xD8\xFF".to_vec()),
        file("安桥区.rar", b"Rar!".to_vec()),
        file("坏的.docx", b"PK\x03\x04xx".to_vec()),
        file("花名册.xlsx", roster::table_workbook("花名册", &[], [vec!["甲".to_owned()]]).unwrap()),
        file("通知.txt", "请各单位于周五前交会议材料。".into()),
        file("~$云山区.xlsx", b"x".to_vec()),
        file(".DS_Store", b"x".to_vec()),
    ]
}

#[test]
fn anything_returned_is_taken_or_named_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    put(&folder.path().join("报来"), &returned());
    fs::write(folder.path().join("报来.zip"), zip_of(&returned())).unwrap();
    for source in ["报来", "报来.zip"] {
        let output = batch(folder.path(), &[source, "-o", "年报.zip"]);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        let files = unpacked(&folder.path().join("年报.zip"));
        let manifest = manifest(&files);
        let results = results(&manifest);
        assert_eq!(results.len(), 18, "{results:#?}");
        let made = |source: &str| {
            let (unit, result) = &results[source];
            assert!(result.starts_with("made"), "{source}: {manifest:#}");
            unit.as_str()
        };
        assert_eq!(made("东阳区/报告.json"), "东阳区");
        assert_eq!(made("云山区.xlsx 工作表“报告单位”第3行（云山区）"), "云山区");
        assert_eq!(made("两个单位.xlsx 工作表“报告单位”第4行（=北河县）"), "=北河县");
        assert_eq!(made("南湾区.docx"), "南湾区");
        assert_eq!(made("清溪县.html"), "清溪县");
        assert_eq!(made("平泉县.txt"), "平泉县");
        assert_eq!(made("长桥区.docx.zip"), "长桥区");
        assert_eq!(made("河口区.ofd"), "河口区");
        assert_eq!(made("宁山区.xlsm 工作表“报告单位”第3行（宁山区）"), "宁山区");
        assert_eq!(made("每行一份.jsonl 第1行"), "永城区");
        for (source, why) in [
            ("和平区.mht", "另存为网页"),
            ("扫描件.jpg", "是图片"),
            ("安桥区.rar", "请先解开"),
            ("石桥县.ofd", "没有附带报告的内容"),
            ("坏的.docx", "不完整"),
            ("花名册.xlsx", "没有工作表"),
            ("通知.txt", "认不出"),
        ] {
            let unit = manifest["units"].as_array().unwrap().iter().find(|unit| unit["source"] == source);
            let unit = unit.unwrap_or_else(|| panic!("{source}"));
            assert_eq!(unit["result"], "failed", "{source}");
            let message = unit["findings"][0]["message"].as_str().unwrap();
            assert!(message.contains(why), "{source}: {message}");
            let reasons = String::from_utf8(files[unit["file"].as_str().unwrap()].clone()).unwrap();
            assert!(reasons.contains(message), "{reasons}");
        }
        // What was imported says so, and where it is not sure.
        let word = manifest["units"].as_array().unwrap().iter().find(|unit| unit["source"] == "南湾区.docx");
        let codes: Vec<&str> = word.unwrap()["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["code"].as_str().unwrap())
            .collect();
        assert!(codes.contains(&"imported"), "{codes:?}");
        let _ = fs::remove_file(folder.path().join("年报.zip"));
        let _ = fs::remove_dir_all(folder.path().join("年报.zip.未完成"));
    }
}

#[test]
fn who_is_missing_who_came_twice_and_who_is_not_expected_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let report = |name: &str, code: &str| of_unit(name, code).to_string().into_bytes();
    let mut typo = of_unit("东杨区", "");
    typo["issuer"].as_object_mut().unwrap().remove("code");
    let mut wrong = of_unit("西岭县", "100004");
    wrong["problems"][0].as_object_mut().unwrap().remove("cause");
    let twice = workbook::write(&[read(&of_unit("云山区", "100002").to_string())], IndicatorList::built_in())
        .unwrap();
    put(
        &folder.path().join("报来"),
        &[
            ("01.json".into(), report("云山区", "100002")),
            ("02.xlsx".into(), twice),
            ("03.json".into(), typo.to_string().into()),
            ("04.json".into(), wrong.to_string().into()),
            ("平泉县人民政府.docx".into(), b"PK\x03\x04xx".to_vec()),
            (
                "名录.csv".into(),
                "单位代码,单位名称,联系人,电话\n100001,东阳区,甲某,0532-1\n100002,云山区,,\n100003,东川区,=1+1,\n\
                 100004,西岭县,,\n100005,平泉县,,\n"
                    .into(),
            ),
        ],
    );
    let output = batch(folder.path(), &["报来", "--roster", "报来/名录.csv", "-o", "年报.zip"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    for words in ["有 2 个单位没有报来", "有 1 份是已经报过的单位又报的", "有 1 份的单位不在名录里"]
    {
        assert!(said(&output).contains(words), "{}", said(&output));
    }
    let files = unpacked(&folder.path().join("年报.zip"));
    let manifest = manifest(&files);
    let units = manifest["units"].as_array().unwrap();
    assert_eq!(units.len(), 5, "the roster is no report: {manifest:#}");
    let message = |at: usize, code: &str| {
        let findings = units[at]["findings"].as_array().unwrap();
        let found = findings.iter().find(|one| one["code"] == code);
        found.unwrap_or_else(|| panic!("{code}: {findings:#?}"))["message"].as_str().unwrap().to_owned()
    };
    assert_eq!(message(1, "same-unit-twice"), "与第1份是同一个单位、同一年度的报告，汇总里只算第1份");
    assert_eq!(message(2, "not-on-roster"), "名录里没有“云州市东杨区人民政府”，最接近的是“东阳区”");
    let missing: Vec<&str> =
        manifest["missing"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(missing, ["东阳区", "东川区"]);
    let calls = roster::read(&files["催报名单.xlsx"], &[]).unwrap();
    let calls: Vec<&str> = calls.units.iter().map(|unit| unit.name.as_str()).collect();
    assert_eq!(calls, ["东阳区", "东川区", "西岭县", "平泉县"], "also those whose report was not made");

    let text = packed(&text_of(&files["overview.pdf"]));
    for words in [
        "5份，4个单位，应报5个",
        "重复的和名录外的报告",
        "与第1份是同一个单位、同一年度的报告",
        "最接近的是“东阳区”",
    ] {
        assert!(text.contains(&packed(words)), "{words}: {text}");
    }

    // All are there: nothing to be told.
    let folder = tempfile::tempdir().unwrap();
    put(&folder.path().join("报来"), &[("01.json".into(), report("云山区", "100002"))]);
    fs::write(folder.path().join("名录.csv"), "单位名称\n云山区\n").unwrap();
    let output = batch(folder.path(), &["报来", "--roster", "名录.csv", "-o", "年报.zip"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(!unpacked(&folder.path().join("年报.zip")).contains_key("催报名单.xlsx"));

    // A roster that is none, and one with faults, are told before anything is made.
    for (roster, words) in [("单位代码,电话\n1,2\n", "名录"), ("单位名称,邮箱\n云山区,不是\n", "邮箱")]
    {
        fs::write(folder.path().join("名录.csv"), roster).unwrap();
        let output = batch(folder.path(), &["报来", "--roster", "名录.csv", "-o", "另.zip"]);
        assert_ne!(output.status.code(), Some(0), "{}", said(&output));
        assert!(said(&output).contains(words), "{}", said(&output));
        assert!(!folder.path().join("另.zip").exists());
    }
}

#[test]
fn each_report_is_held_against_its_own_of_the_year_before() {
    let folder = tempfile::tempdir().unwrap();
    let long = "全年围绕行政执法规范化开展专项行动，组织案卷评查和业务培训，推动各执法部门落实三项制度，逐案回访当事人，对发现的问题限期整改并通报结果，办理行政复议案件386件。";
    let of = |name: &str, code: &str, year: u16, text: &str| {
        let mut tree = of_unit(name, code);
        tree["year"] = year.into();
        tree["title"] = format!("{name}{year}年法治政府建设年度报告").into();
        tree["measures"][0]["body"] = json!([{ "text": text }]);
        tree["plans"][0]["body"] = json!([{ "text": format!("{}年，完善学法考核。", year + 1) }]);
        tree["preface"] = json!([format!("{year}年，{name}依法行政。")]);
        tree["signature"]["date"] = format!("{}-02-18", year + 1).into();
        tree.to_string().into_bytes()
    };
    put(
        folder.path(),
        &[
            ("今年/a.json".into(), of("云山区", "100002", 2024, long)),
            ("今年/b.json".into(), of("东阳区", "100001", 2024, "全年办理行政复议案件12件。")),
            ("今年/c.json".into(), of("平泉县", "100005", 2024, "全年办理行政复议案件13件。")),
            ("上年/x.json".into(), of("云山区", "100002", 2023, long)),
            ("上年/y.json".into(), of("东阳区", "100001", 2023, long)),
            ("上年/z.json".into(), {
                let last = String::from_utf8(of("平泉县", "100005", 2023, long)).unwrap();
                last.replace("cause", "reason").into()
            }),
        ],
    );
    let output = batch(folder.path(), &["今年", "--last-year", "上年", "-o", "年报.zip"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let manifest = manifest(&unpacked(&folder.path().join("年报.zip")));
    let of_code = |at: usize, code: &str| {
        manifest["units"][at]["findings"].as_array().unwrap().iter().any(|one| one["code"] == code)
    };
    assert!(of_code(0, "copied-from-last-year"), "{manifest:#}");
    assert!(!of_code(1, "copied-from-last-year") && !of_code(1, "not-compared"), "{manifest:#}");
    assert!(of_code(2, "not-compared"), "{manifest:#}");
}

#[test]
fn all_papers_of_a_unit_are_made_in_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut wrong = of_unit("西岭县", "100004");
    wrong["measures"][0]["body"][0]["text"] = "全年办理行政复议案件XX件。".into();
    put(
        &folder.path().join("报来"),
        &[
            ("01.json".into(), of_unit("云山区", "100002").to_string().into()),
            ("02.json".into(), wrong.to_string().into()),
            ("03.json".into(), b"{".to_vec()),
        ],
    );
    let also = "formal,public,review-sheet,draft";
    let output = batch(folder.path(), &["报来", "--edition", "public", "--also", also, "-o", "年报.zip"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let files = unpacked(&folder.path().join("年报.zip"));
    let of = |number: &str| -> Vec<&str> {
        let is_of = |name: &&str| name.split_once('/').is_some_and(|(_, file)| file.starts_with(number));
        files.keys().map(String::as_str).filter(is_of).collect()
    };
    let name = "云山区-2024年法治政府建设年度报告.pdf";
    assert_eq!(
        of("001-"),
        [
            format!("公开版/001-{name}"),
            "审核意见表/001-云山区-2024年审核意见表.pdf".into(),
            format!("报送版/001-{name}"),
        ]
    );
    let failed = of("002-");
    assert!(failed.iter().any(|name| name.starts_with("草稿/")), "{failed:?}");
    assert!(failed.contains(&"未生成/002-西岭县-未生成-问题.txt"), "{failed:?}");
    assert!(failed.iter().any(|name| name.starts_with("审核意见表/")), "{failed:?}");
    assert_eq!(failed.len(), 3, "{failed:?}");
    assert_eq!(of("003-"), ["未生成/003-未生成-问题.txt"]);
    // Each file is named with its digest, and is a document.
    let manifest = manifest(&files);
    let papers = manifest["units"][0]["papers"].as_array().unwrap();
    assert_eq!(papers.len(), 2, "{manifest:#}");
    for paper in papers {
        let file = &files[paper["file"].as_str().unwrap()];
        assert!(file.starts_with(b"%PDF-"), "{paper}");
        assert_eq!(paper["sha256"], sha256(file));
    }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(bytes))
}

/// The operator's year with twelve districts: a blank workbook goes out, whatever comes back is taken, nobody on the
/// roster is missing from the account, and next year begins from it.
#[test]
fn twelve_districts_from_the_blank_workbook_to_next_year() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nianbao"));
        command.args(arguments).arg("--fonts").arg(project().join("fonts")).current_dir(folder.path());
        command.output().unwrap()
    };
    let blank = run(&["workbook", "-o", "征集表.xlsx"]);
    assert_eq!(blank.status.code(), Some(0), "{}", said(&blank));

    let names = [
        "东阳区",
        "云山区",
        "西岭县",
        "北河县",
        "南湾区",
        "清溪县",
        "平泉县",
        "永城区",
        "安桥区",
        "长渡县",
        "新泉区",
        "和川县",
    ];
    let tree = |at: usize| {
        let mut tree = of_unit(names[at], &format!("{:06}", 100_001 + at));
        tree["indicators"] = json!([
            { "key": "reconsideration.accepted", "name": "行政复议受理案件", "value": 380 + at, "unit": "件" }
        ]);
        tree
    };
    let rows = |places: &[usize]| {
        let reports: Vec<_> = places.iter().map(|at| read(&tree(*at).to_string())).collect();
        workbook::write(&reports, IndicatorList::built_in()).unwrap()
    };
    let mut wrong = tree(10);
    wrong["problems"][0].as_object_mut().unwrap().remove("cause");
    put(
        &at("报来"),
        &[
            ("东阳区.json".into(), tree(0).to_string().into()),
            ("云山区.xlsx".into(), rows(&[1])),
            ("三个县.xlsx".into(), rows(&[2, 3, 5])),
            ("南湾区.docx".into(), as_word(&as_text(names[4]))),
            ("平泉县.html".into(), as_page(&as_text(names[6]))),
            ("永城区.txt".into(), as_text(names[7]).into()),
            ("安桥区.json".into(), tree(8).to_string().into()),
            ("长渡县.xlsx".into(), rows(&[9])),
            ("新泉区.json".into(), wrong.to_string().into()),
        ],
    );
    let roster: String =
        names.iter().enumerate().map(|(at, name)| format!("{},{name}\n", 100_001 + at)).collect();
    fs::write(at("名录.csv"), format!("单位代码,单位名称\n{roster}")).unwrap();
    let mut last = tree(0);
    last["year"] = 2023.into();
    last["title"] = "东阳区2023年法治政府建设年度报告".into();
    last["indicators"][0]["value"] = 300.into();
    put(&at("上年"), &[("东阳区.json".into(), last.to_string().into())]);

    let made = run(&[
        "batch",
        "报来",
        "--roster",
        "名录.csv",
        "--last-year",
        "上年",
        "--also",
        "review-sheet,draft",
        "-o",
        "年报.zip",
    ]);
    assert_eq!(made.status.code(), Some(1), "{}", said(&made));
    let files = unpacked(&at("年报.zip"));
    let manifest = manifest(&files);
    let results = results(&manifest);
    // Each of the roster is made, failed or missing, and none twice.
    let told: Vec<String> = results.values().map(|(unit, _)| unit.clone()).collect();
    let missing = manifest["missing"].as_array().unwrap();
    let missing: Vec<String> = missing.iter().map(|one| one["name"].as_str().unwrap().into()).collect();
    let mut all: Vec<String> = told.into_iter().chain(missing.clone()).collect();
    all.sort();
    let mut expected: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    expected.sort();
    assert_eq!(all, expected, "{manifest:#}");
    assert_eq!(missing, ["和川县"]);
    let failed: Vec<&String> =
        results.iter().filter(|(_, (_, result))| result == "failed").map(|(source, _)| source).collect();
    assert_eq!(failed, ["新泉区.json"]);
    for file in ["overview.pdf", "指标.xlsx", "催报名单.xlsx", "清单.csv"] {
        assert!(files.contains_key(file), "{file}: {:?}", files.keys());
    }

    // What came back makes one workbook again, also what is not whole, and next year begins from it.
    fs::remove_file(at("报来/永城区.txt")).unwrap();
    let merged = run(&["workbook", "--from", "报来", "-o", "合并.xlsx"]);
    assert_eq!(merged.status.code(), Some(0), "{}", said(&merged));
    let unasked = run(&["workbook", "--from", "报来", "-o", "合并.xlsx"]);
    assert_eq!(unasked.status.code(), Some(2), "{}", said(&unasked));
    fs::write(at("报来/坏的.json"), "{").unwrap();
    let others = run(&["workbook", "--from", "报来", "-o", "其余的.xlsx"]);
    assert_eq!(others.status.code(), Some(1), "{}", said(&others));
    assert!(said(&others).contains("共 10 份，另有 1 份没有写进去"), "{}", said(&others));
    assert!(at("其余的.xlsx").exists());
    let next = run(&["carry", "报来", "--year", "2025", "-o", "明年", "--tasks", "任务"]);
    assert_eq!(next.status.code(), Some(1), "one was not whole: {}", said(&next));
    assert!(said(&next).contains("没有开头：坏的.json"), "{}", said(&next));
    assert_eq!(fs::read_dir(at("明年")).unwrap().count(), 10);
    assert_eq!(fs::read_dir(at("任务")).unwrap().count(), 10);
    let begun = run(&["workbook", "--from", "明年", "-o", "明年的征集表.xlsx"]);
    assert_eq!(begun.status.code(), Some(0), "{}", said(&begun));
    let text = fs::read_to_string(at("明年/004-东阳区-报告.yaml")).unwrap();
    assert!(text.contains("previous: '380'") || text.contains("previous: \"380\""), "{text}");
}

#[test]
fn a_roster_is_not_satisfied_by_another_unit_or_another_year() {
    let folder = tempfile::tempdir().unwrap();
    let without_code = |name: &str| {
        let mut tree = of_unit(name, "");
        tree["issuer"].as_object_mut().unwrap().remove("code");
        tree
    };
    let mut long = without_code("东城区");
    long["issuer"].as_object_mut().unwrap().remove("short_name");
    let mut old = of_unit("西岭县", "100004");
    old["year"] = 2023.into();
    old["title"] = "西岭县2023年法治政府建设年度报告".into();
    let bytes = |tree: Value| tree.to_string().into_bytes();
    put(
        &folder.path().join("报来"),
        &[
            ("a.json".into(), bytes(of_unit("东阳区", "100001"))),
            ("b.json".into(), bytes(of_unit("云山区", "999999"))),
            ("c.json".into(), bytes(long)),
            ("d.json".into(), bytes(without_code("东城区"))),
            ("e.json".into(), bytes(old)),
            ("f-龙山区扫描件.jpg".into(), b"\xFF\xD8\xFF".to_vec()),
        ],
    );
    fs::write(
        folder.path().join("名录.csv"),
        "单位代码,应报单位\n100001,东阳区\n100002,云山区\n,东城区\n100004,西岭县\n,龙山区\n",
    )
    .unwrap();
    let output = batch(folder.path(), &["报来", "--roster", "名录.csv", "-o", "年报.zip"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let files = unpacked(&folder.path().join("年报.zip"));
    let manifest = manifest(&files);
    let missing: Vec<(&str, &str)> = manifest["missing"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["reason"].as_str().unwrap()))
        .collect();
    let perhaps = "第2份可能是它的，名称或代码与名录不一致";
    assert_eq!(missing, [("云山区", perhaps), ("西岭县", "第5份是别的年度的")]);
    assert_eq!((&manifest["repeated"], &manifest["unlisted"]), (&json!(1), &json!(1)), "{manifest:#}");
    // Whose a picture is its name says: it came, and is to be asked for in another form.
    let calls = roster::read(&files["催报名单.xlsx"], &[]).unwrap();
    let calls: Vec<&str> = calls.units.iter().map(|unit| unit.name.as_str()).collect();
    assert_eq!(calls, ["云山区", "西岭县", "龙山区"]);
    // The list that people open says it, too.
    let list = String::from_utf8(files["清单.csv"].clone()).unwrap();
    assert!(list.contains("与第3份是同一个单位、同一年度的报告"), "{list}");
    assert!(list.contains("单位代码是 999999，与名录对不上"), "{list}");
}
