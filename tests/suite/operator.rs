//! What an operator finds on the desk: a unit that came three times counts once, what nobody can read is of its unit and
//! not missing, what people left in Word files is told, and one file for all stops nobody.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::{Command, Output};

use calamine::{Reader, Xlsx};
use nianbao::roster;
use serde_json::{Value, json};

use crate::batch::{batch, said, text_of, unpacked};
use crate::returned::{as_page, as_word, of_unit, zip_of};
use crate::workbench::{packed, project};

type Files = BTreeMap<String, Vec<u8>>;

fn put(folder: &Path, files: &[(&str, Vec<u8>)]) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nianbao"));
    command.args(arguments).arg("--fonts").arg(project().join("fonts")).current_dir(folder).output().unwrap()
}

fn manifest(files: &Files) -> Value {
    serde_json::from_slice(&files["manifest.json"]).unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// The findings of this code of the unit that came from here, and those of others.
fn messages(manifest: &Value, source: &str, code: &str) -> Vec<String> {
    let units = manifest["units"].as_array().unwrap();
    let unit = units.iter().find(|unit| unit["source"] == source).unwrap_or_else(|| panic!("{source}"));
    let found = unit["findings"].as_array().unwrap().iter().filter(|one| one["code"] == code);
    found.map(|one| text(one, "message").to_owned()).collect()
}

/// A report with a figure, and a problem that others state, too.
fn reporting(name: &str, code: &str, year: u16, figure: u32) -> Value {
    let mut tree = of_unit(name, code);
    tree["year"] = year.into();
    tree["title"] = format!("{name}{year}年法治政府建设年度报告").into();
    tree["preface"] = json!([format!("{year}年，{name}依法行政。")]);
    tree["plans"][0]["body"] = json!([format!("{}年，完善学法考核。", year + 1)]);
    tree["signature"]["date"] = format!("{}-02-18", year + 1).into();
    tree["problems"] = json!([{ "problem": "基层执法力量不足", "cause": "编制没有调剂到位" }]);
    tree["indicators"] = json!([
        { "key": "reconsideration.accepted", "name": "行政复议受理案件", "value": figure, "unit": "件" }
    ]);
    tree
}

fn opened(book: &[u8]) -> Xlsx<Cursor<&[u8]>> {
    Xlsx::new(Cursor::new(book)).unwrap()
}

/// The rows of a sheet, each cell as its text.
fn rows(book: &[u8], sheet: &str) -> Vec<Vec<String>> {
    let range = opened(book).worksheet_range(sheet).unwrap();
    range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

#[test]
fn a_unit_that_came_three_times_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = |tree: Value| tree.to_string().into_bytes();
    let mut broken = reporting("东阳区", "100001", 2024, 7_000);
    broken["measures"][0]["body"] = json!(["全年办理行政复议案件XX件。"]);
    put(
        &folder.path().join("报来"),
        &[
            ("1-东阳区.json", bytes(broken)),
            ("2-东阳区.json", bytes(reporting("东阳区", "100001", 2024, 100))),
            ("3-东阳区再报.json", bytes(reporting("东阳区", "100001", 2024, 100))),
            // By its name only, and of the year before.
            ("4-东阳区.docx", as_word("东阳区2024年法治政府建设年度报告\n\n2024年，东阳区依法行政。")),
            ("5-东阳区.json", bytes(reporting("东阳区", "100001", 2023, 9_000))),
            ("6-云山区.json", bytes(reporting("云山区", "100002", 2024, 40))),
            ("7-西岭县.json", bytes(reporting("西岭县", "100003", 2024, 10))),
        ],
    );
    fs::write(
        folder.path().join("名录.csv"),
        "单位代码,单位名称\n100001,东阳区\n100002,云山区\n100003,西岭县\n100004,平泉县\n",
    )
    .unwrap();
    for roster in [true, false] {
        let mut arguments = vec!["报来", "--guide", "内置", "-o", "年报.zip"];
        if roster {
            arguments.extend(["--roster", "名录.csv"]);
        }
        let guide = run(folder.path(), &["guide"]);
        fs::write(folder.path().join("内置"), guide.stdout).unwrap();
        let output = batch(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        let files = unpacked(&folder.path().join("年报.zip"));
        let manifest = manifest(&files);
        let units = manifest["units"].as_array().unwrap();
        let counted: Vec<u64> = units
            .iter()
            .filter(|unit| unit["counted"] == true)
            .map(|unit| unit["number"].as_u64().unwrap())
            .collect();
        assert_eq!(counted, [2, 6, 7], "{manifest:#}");
        let twice = |source: &str| messages(&manifest, source, "same-unit-twice").concat();
        assert_eq!(
            twice("2-东阳区.json"),
            "与第1份是同一个单位、同一年度的报告，第1份没有生成，汇总里算的是这一份"
        );
        assert_eq!(twice("3-东阳区再报.json"), "与第1份是同一个单位、同一年度的报告，汇总里只算第2份");
        assert_eq!(twice("5-东阳区.json"), "", "another year is another report");
        assert_eq!(twice("6-云山区.json"), "");
        let copied = messages(&manifest, "3-东阳区再报.json", "copied-from-peer");
        assert_eq!(copied, Vec::<String>::new(), "a unit is no peer of its own");

        // The total, the median and the ranks of three units.
        let sheet = rows(&files["指标.xlsx"], "汇总");
        let line = sheet.iter().find(|row| row[0].contains("行政复议")).unwrap();
        assert_eq!(
            (line[2].as_str(), line[3].as_str(), line[4].as_str(), line[9].as_str()),
            ("3", "0", "150", "40"),
            "{sheet:?}"
        );
        let order = rows(&files["指标.xlsx"], "本年");
        assert_eq!(
            order.iter().filter(|row| row.iter().any(|cell| cell == "东阳区")).count(),
            1,
            "{order:?}"
        );
        let overview = packed(&text_of(&files["overview.pdf"]));
        let said = |words: &str| assert!(overview.contains(&packed(words)), "{words}: {overview}");
        said(if roster { "3/4" } else { "3/3" });
        said("不计入汇总");
        said("同一单位报了几份的，只算年度最新的里面先到的一份");
        // That a report does not count is told, and nothing else of it.
        said("同一单位报了不止一份");
        // Three units state the problem, and not five reports.
        said("东阳区、云山区、西岭县");
        assert!(!overview.contains("东阳区、东阳区"), "{overview}");
        let matters = String::from_utf8(files["事项.csv"].clone()).unwrap();
        let of = |number: &str| matters.lines().find(|line| line.starts_with(number)).unwrap().to_owned();
        assert!(of("3,").contains("不计入") && !of("2,").contains("不计入"), "{matters}");
        let list = String::from_utf8(files["清单.csv"].clone()).unwrap();
        let mut reader = csv::Reader::from_reader(list.trim_start_matches('\u{FEFF}').as_bytes());
        let at = reader.headers().unwrap().iter().position(|head| head == "计入汇总").unwrap();
        let told: Vec<String> = reader.records().map(|row| row.unwrap()[at].to_owned()).collect();
        assert_eq!(told[..7], ["否", "是", "否", "否", "否", "是", "是"]);
        fs::remove_file(folder.path().join("年报.zip")).unwrap();
        fs::remove_dir_all(folder.path().join("年报.zip.未完成")).unwrap();
    }
}

#[test]
fn what_nobody_can_read_is_of_the_unit_that_its_file_is_called_by() {
    let folder = tempfile::tempdir().unwrap();
    let torn = || b"PK\x03\x04 torn".to_vec();
    put(
        &folder.path().join("报来"),
        &[
            ("云州市东城区.json", of_unit("东城区", "100001").to_string().into()),
            ("03 西城区司法局年报（2025年最终版）.docx", torn()),
            ("城东区2025.xlsx", torn()),
            ("南城区/扫描件 (1).jpg", b"\xFF\xD8\xFF".to_vec()),
            ("南城区/扫描件 (2).jpg", b"\xFF\xD8\xFF".to_vec()),
            ("市财政局-定稿.docx.zip", b"PK\x03\x04 torn".to_vec()),
            ("扫描全能王.jpg", b"\xFF\xD8\xFF".to_vec()),
        ],
    );
    fs::write(
        folder.path().join("名录.csv"),
        "单位代码,单位名称,联系人\n100001,云州市东城区人民政府,\n100002,云州市西城区司法局,甲\n\
         100003,云州市城东区人民政府,\n100004,云州市南城区人民政府,\n100005,云州市财政局,\n100006,云州市水务局,乙\n",
    )
    .unwrap();
    let output = batch(folder.path(), &["报来", "--roster", "名录.csv", "-o", "年报.zip"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    for words in [
        "有 1 个单位没有报来",
        "有 4 个单位报来的文件读不了，不算没有报来",
        "有 1 份读不了，也认不出是哪个单位的",
    ] {
        assert!(said(&output).contains(words), "{words}: {}", said(&output));
    }
    assert!(!said(&output).contains("又报的"), "two pictures of one report: {}", said(&output));
    let files = unpacked(&folder.path().join("年报.zip"));
    let manifest = manifest(&files);
    let names = |list: &str| -> Vec<&str> {
        manifest[list].as_array().unwrap().iter().map(|one| text(one, "name")).collect()
    };
    assert_eq!(names("missing"), ["云州市水务局"]);
    assert_eq!(
        names("unmade"),
        ["云州市西城区司法局", "云州市城东区人民政府", "云州市南城区人民政府", "云州市财政局"]
    );
    assert!(manifest["unmade"].as_array().unwrap().iter().all(|one| one["state"] == "报来但读不了"));
    // Each file of reasons names its unit, in its name and in it.
    for name in ["云州市西城区司法局", "云州市城东区人民政府", "云州市南城区人民政府", "云州市财政局"]
    {
        let of = files.iter().find(|(file, _)| file.contains(name));
        let (_, reasons) = of.unwrap_or_else(|| panic!("{name}: {:?}", files.keys()));
        assert!(String::from_utf8_lossy(reasons).contains(&format!("报告单位：{name}")), "{name}");
    }
    let calls = roster::read(&files["催报名单.xlsx"], &[]).unwrap();
    assert_eq!(calls.units.len(), 5);
    let states: Vec<String> =
        rows(&files["催报名单.xlsx"], "催报名单").into_iter().skip(1).map(|row| row[2].clone()).collect();
    assert_eq!(states, ["报来但读不了", "报来但读不了", "报来但读不了", "报来但读不了", "未报送"]);
    let overview = packed(&text_of(&files["overview.pdf"]));
    for words in ["4个单位报来的文件，在未生成的里面，不算没有报", "有1份认不出是哪个单位的"]
    {
        assert!(overview.contains(&packed(words)), "{words}: {overview}");
    }
    // Without a roster the file's name is all that there is.
    let output = batch(folder.path(), &["报来", "-o", "另.zip"]);
    assert_eq!(output.status.code(), Some(1));
    let files = unpacked(&folder.path().join("另.zip"));
    for name in ["西城区司法局-未生成-问题.txt", "城东区-未生成-问题.txt", "南城区-未生成-问题.txt"]
    {
        assert!(files.keys().any(|file| file.ends_with(name)), "{name}: {:?}", files.keys());
    }
}

/// A document of Word with comments and tracked changes, as a leader leaves it.
fn reviewed(text: &str) -> Vec<u8> {
    let paragraph = |line: &str| {
        let marked = line.replace(
            "386",
            "</w:t></w:r><w:del w:id=\"8\" w:author=\"李主任\"><w:r><w:delText>386</w:delText></w:r></w:del>\
             <w:ins w:id=\"9\" w:author=\"李主任\"><w:r><w:t>391</w:t></w:r></w:ins>\
             <w:commentRangeStart w:id=\"0\"/><w:r><w:t>件</w:t></w:r><w:commentRangeEnd w:id=\"0\"/><w:r><w:t>",
        );
        format!("<w:p><w:r><w:t>{marked}</w:t></w:r></w:p>")
    };
    let body: String = text.lines().filter(|line| !line.is_empty()).map(paragraph).collect();
    let namespace = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";
    let comment = |id: usize, words: &str| {
        format!(
            "<w:comment w:id=\"{id}\" w:author=\"李主任\" w:date=\"2025-02-20T09:00:00Z\"><w:p><w:r><w:t>{words}\
             </w:t></w:r></w:p></w:comment>"
        )
    };
    let comments: String = ["核对一下数字", "再简短些", "=1+1", "第四条意见"]
        .iter()
        .enumerate()
        .map(|(id, words)| comment(id, words))
        .collect();
    zip_of(&[
        (
            "word/document.xml".into(),
            format!("<?xml version=\"1.0\"?><w:document {namespace}><w:body>{body}</w:body></w:document>")
                .into(),
        ),
        ("word/comments.xml".into(), format!("<w:comments {namespace}>{comments}</w:comments>").into()),
    ])
}

/// A report as somebody writes it without any program.
fn as_text(name: &str) -> String {
    format!(
        "{name}2024年法治政府建设年度报告\n\n2024年，{name}依法行政。\n\n一、主要举措和成效\n\n（一）规范行政执法。\
         全年受理行政复议案件386件。\n\n二、存在的不足和原因\n\n部分单位学法用法不够经常，原因是考核没有跟上。\n\n\
         三、党政主要负责人履行推进法治建设第一责任人职责情况\n\n（一）带头学法。主要负责人主持学法4次。\n\n\
         四、下一年度推进法治政府建设的主要安排\n\n（一）抓学用结合。2025年，完善学法考核。\n\n\
         云州市{name}人民政府\n\n2025年2月18日\n"
    )
}

#[test]
fn comments_and_tracked_changes_are_told_of_their_unit() {
    let folder = tempfile::tempdir().unwrap();
    put(
        &folder.path().join("报来"),
        &[("东阳区.docx", reviewed(&as_text("东阳区"))), ("云山区.docx", as_word(&as_text("云山区")))],
    );
    for (way, words, figure) in [("accept", "已全部接受", "391"), ("reject", "已全部拒绝", "386")] {
        let file = format!("{way}.zip");
        let arguments = ["报来", "--edition", "formal", "--changes", way, "-o", &file];
        let output = batch(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        let files = unpacked(&folder.path().join(&file));
        let manifest = manifest(&files);
        let tracked = messages(&manifest, "东阳区.docx", "tracked-edits").concat();
        assert!(tracked.contains("2处修订") && tracked.contains(words), "{tracked}");
        let comments = messages(&manifest, "东阳区.docx", "left-comments").concat();
        for words in ["4条批注", "李主任（2025-02-20）", "“件”", "核对一下数字", "再简短些", "等等"]
        {
            assert!(comments.contains(words), "{words}: {comments}");
        }
        assert!(!comments.contains("第四条意见"), "the first few: {comments}");
        for code in ["tracked-edits", "left-comments"] {
            assert_eq!(messages(&manifest, "云山区.docx", code), Vec::<String>::new());
        }
        let list = String::from_utf8(files["清单.csv"].clone()).unwrap();
        assert!(list.contains("批注和修订") && list.contains(words) && list.contains("4条批注"), "{list}");
        let report = files.iter().find(|(name, _)| name.starts_with("001-")).unwrap().1;
        assert!(packed(&text_of(report)).contains(&format!("受理行政复议案件{figure}件")));
        // What a formal edition needs stands in no public Word file.
        for code in ["letterhead-incomplete", "addressee-missing"] {
            assert_eq!(messages(&manifest, "云山区.docx", code).len(), 1, "{code}: {manifest:#}");
        }
    }
}

#[test]
fn what_an_import_found_no_field_for_stops_no_workbook() {
    let folder = tempfile::tempdir().unwrap();
    let mut stray = of_unit("云山区", "100002");
    stray["unplaced"] =
        json!([{ "text": "下面汇报几点体会。\n其一。", "note": "第9行" }, { "text": "=1+1" }]);
    let mut long = of_unit("西岭县", "100003");
    long["measures"][0]["body"] = json!(["长".repeat(40_000)]);
    put(
        &folder.path().join("报来"),
        &[
            ("东阳区.docx", as_word(&as_text("东阳区"))),
            ("云山区.json", stray.to_string().into()),
            ("西岭县.json", long.to_string().into()),
            ("坏的.docx", b"PK\x03\x04 torn".to_vec()),
        ],
    );
    let output = run(folder.path(), &["workbook", "--from", "报来", "-o", "合并.xlsx"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    for words in [
        "云山区.json：有 2 段文字没有归到任何部分，写在工作表“未归类的文字”里",
        "没有写进去：西岭县.json（西岭县）：“主要举措和成效”表“文字”一格有 40000 字",
        "坏的.docx：",
        "共 2 份，另有 2 份没有写进去",
    ] {
        assert!(said(&output).contains(words), "{words}: {}", said(&output));
    }
    let book = fs::read(folder.path().join("合并.xlsx")).unwrap();
    let left = rows(&book, "未归类的文字");
    assert!(
        left.iter().any(|row| row[0] == "云山区" && row[1].contains("几点体会") && row[2] == "第9行"),
        "{left:?}"
    );
    // It comes back as what it is: an error of this unit, at its cell.
    let output = batch(folder.path(), &["合并.xlsx", "-o", "年报.zip"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let manifest = manifest(&unpacked(&folder.path().join("年报.zip")));
    let units = manifest["units"].as_array().unwrap();
    assert_eq!((text(&units[0], "unit"), &units[0]["result"]), ("东阳区", &json!("made")), "{manifest:#}");
    let found = units[1]["findings"].as_array().unwrap();
    let of_text: Vec<&Value> = found.iter().filter(|one| one["code"] == "unplaced-text").collect();
    assert_eq!(of_text.len(), 2, "{found:#?}");
    assert_eq!(text(of_text[0], "place"), "工作表“未归类的文字”第3行B列“文字”");
    // Nobody is asked for it.
    let output = run(folder.path(), &["workbook", "-o", "空白.xlsx"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let blank = fs::read(folder.path().join("空白.xlsx")).unwrap();
    let names = opened(&blank).sheet_names();
    assert!(!names.iter().any(|name| name == "未归类的文字"), "{names:?}");
}

#[test]
fn one_file_is_taken_as_many_are() {
    let folder = tempfile::tempdir().unwrap();
    let last = as_text("东阳区");
    let unsigned = last.replace("云州市东阳区人民政府\n\n2025年2月18日", "");
    put(
        folder.path(),
        &[
            ("东阳区.docx", as_word(&last)),
            ("东阳区.html", as_page(&last)),
            ("东阳区.txt", last.clone().into()),
            ("没有落款.docx", as_word(&unsigned)),
            ("照片.jpg", b"\xFF\xD8\xFF".to_vec()),
        ],
    );
    assert_eq!(
        run(folder.path(), &["workbook", "--from", "东阳区.docx", "-o", "东阳区.xlsx"]).status.code(),
        Some(0)
    );
    for source in ["东阳区.docx", "东阳区.html", "东阳区.txt", "东阳区.xlsx", "没有落款.docx"]
    {
        let output = run(folder.path(), &["carry", source, "--year", "2025"]);
        assert_eq!(output.status.code(), Some(0), "{source}: {}", said(&output));
        let begun = String::from_utf8(output.stdout).unwrap();
        let unit =
            if source.starts_with("没有") { "short_name:" } else { "云州市东阳区人民政府" };
        assert!(!begun.contains('〔'), "{source}: {begun}");
        for words in ["year: 2025", unit, "完善学法考核"] {
            assert!(begun.contains(words), "{source} {words}: {begun}");
        }
        assert!(!begun.contains("386件"), "texts must be new: {begun}");
        let into: [&[&str]; 3] = [
            &["-o", "今年.yaml", "--tasks", "任务.yaml"],
            &["-o", "今年.xlsx"],
            &["-o", "今年", "--tasks", "任务"],
        ];
        for into in into {
            let arguments = [&["carry", source, "--year", "2025"], into].concat();
            let output = run(folder.path(), &arguments);
            assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", said(&output));
            for path in into.iter().filter(|one| !one.starts_with('-')).map(|one| folder.path().join(one)) {
                assert!(path.exists(), "{}", path.display());
                if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
            }
        }
    }
    let output = run(folder.path(), &["carry", "照片.jpg", "--year", "2025"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("是图片"), "{}", said(&output));
    let output = batch(folder.path(), &["东阳区.docx", "-o", "年报.zip"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let manifest = manifest(&unpacked(&folder.path().join("年报.zip")));
    assert_eq!(text(&manifest["units"][0], "unit"), "东阳区", "{manifest:#}");
}
