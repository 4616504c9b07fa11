//! A whole province on its day of return: a roster, of which not all report, files in every form, and forty mistakes
//! at known places. Everyone of the roster is accounted for, and each mistake named where it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use nianbao::indicators::IndicatorList;
use nianbao::intake::workbook;
use nianbao::roster;
use regex::Regex;
use serde_json::{Value, json};
use zip::ZipArchive;

use crate::batch::{batch, province_size, said, unpacked};
use crate::province::{self, WRONG, city, name, report_of};
use crate::returned::{as_page, as_word, zip_of};
use crate::workbench::read;

/// In what form a unit returns its report: a tenth each as a workbook, as Word and as a saved page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ReturnForm {
    Workbook,
    Word,
    Page,
    File,
}

fn form(number: usize) -> ReturnForm {
    match number % 10 {
        0 => ReturnForm::Workbook,
        1 => ReturnForm::Word,
        2 => ReturnForm::Page,
        _ => ReturnForm::File,
    }
}

/// A mistake, and where it must be named.
struct Mistake {
    /// The unit that made it.
    unit: usize,
    /// Its code and words of its message, at the file that bears the unit's number.
    code: &'static str,
    words: String,
    /// Whether its report is made all the same.
    is_made: bool,
    /// Whether nobody came as this unit of the roster.
    is_missing: bool,
}

/// The parts of a workbook by name.
type Parts = BTreeMap<String, String>;

/// A slip of a hand in a workbook: what somebody did to it, the code and words that tell of it, and whether a report
/// is made.
type Slip = (fn(&mut Parts), &'static str, &'static str, bool);

const SLIPS: [Slip; 10] = [
    (|parts| typed(parts, "１６０４"), "read-as", "按 1604 读入", true),
    (|parts| typed(parts, "1600余"), "read-as", "记作约数", true),
    (|parts| typed(parts, "-"), "unfit-cell", "不知道是没有", false),
    (|parts| typed(parts, "1604项"), "unfit-cell", "“计量单位”却是", false),
    (|parts| typed(parts, "按季通报"), "unfit-cell", "不是一个数", false),
    (hide_sheet, "left-out", "工作表“指标”是隐藏的", true),
    (|parts| add_row(parts, "合计"), "left-out", "“合计”", true),
    (|parts| add_row(parts, "备注：以此表为准"), "left-out", "以此表为准", true),
    (hide_row, "left-out", "这一行是隐藏的", true),
    (sort_rows, "rows-out-of-order", "这张表可能排过序", false),
];

/// What stands in the cell that is typed over.
const TYPED_OVER: u32 = 987_654;

fn typed(parts: &mut Parts, words: &str) {
    let strings = parts.get_mut("xl/sharedStrings.xml").unwrap();
    let before = format!(">{TYPED_OVER}<");
    assert!(strings.contains(&before), "the last indicator");
    *strings = strings.replace(&before, &format!(">{words}<"));
}

fn hide_sheet(parts: &mut Parts) {
    let book = parts.get_mut("xl/workbook.xml").unwrap();
    assert!(book.contains("<sheet name=\"指标\""), "{book}");
    *book = book.replace("<sheet name=\"指标\"", "<sheet state=\"hidden\" name=\"指标\"");
}

/// The sheet that is called so.
fn sheet<'a>(parts: &'a mut Parts, name: &str) -> &'a mut String {
    let name = format!("\"{name}\"");
    let names = parts["xl/workbook.xml"].split("<sheet ").skip(1).map(|sheet| sheet.contains(&name));
    let at = names.into_iter().position(|is_it| is_it).unwrap();
    parts.get_mut(&format!("xl/worksheets/sheet{}.xml", at + 1)).unwrap()
}

fn indicators(parts: &mut Parts) -> &mut String {
    sheet(parts, "指标")
}

/// Sorts the rows of the measures the other way round, and empties the column that keeps their order.
fn sort_rows(parts: &mut Parts) {
    let sheet = sheet(parts, "主要举措和成效");
    let row = Regex::new(r#"(?s)<row r="(\d+)"([^>]*)>(.*?)</row>"#).unwrap();
    let orders = Regex::new(r#"(?s)<c r="G\d+"[^>]*?(?:/>|>.*?</c>)"#).unwrap();
    let cell = Regex::new(r#" r="([A-Z]+)\d+""#).unwrap();
    let whole: Vec<String> = row.find_iter(sheet).map(|found| found.as_str().to_owned()).collect();
    // Headings and hints stay above them.
    let rows = &whole[2..];
    assert!(rows.len() > 2, "rows to sort");
    let turned = rows.iter().rev().enumerate().map(|(at, one)| {
        let (number, captured) = (at + 3, row.captures(one).unwrap());
        let cells = orders.replace_all(&captured[3], "");
        let cells = cell.replace_all(&cells, format!(" r=\"${{1}}{number}\""));
        format!("<row r=\"{number}\"{}>{cells}</row>", &captured[2])
    });
    let turned: String = turned.collect();
    *sheet = sheet.replace(&rows.concat(), &turned);
}

/// Puts the sheets in the other order, which matters nothing.
fn turn_sheets(parts: &mut Parts) {
    let book = parts.get_mut("xl/workbook.xml").unwrap();
    let sheets = Regex::new("<sheet [^>]*/>").unwrap();
    let all: Vec<String> = sheets.find_iter(book).map(|found| found.as_str().to_owned()).collect();
    assert!(all.len() > 5, "{book}");
    let turned: Vec<String> = all.iter().rev().cloned().collect();
    *book = book.replace(&all.concat(), &turned.concat());
}

fn add_row(parts: &mut Parts, words: &str) {
    let sheet = indicators(parts);
    let row =
        format!("<row r=\"900\"><c r=\"A900\" t=\"inlineStr\"><is><t>{words}</t></is></c></row></sheetData>");
    *sheet = sheet.replacen("</sheetData>", &row, 1);
}

fn hide_row(parts: &mut Parts) {
    let sheet = indicators(parts);
    let last = sheet.rfind("<row r=").unwrap();
    sheet.insert_str(last + "<row".len(), " hidden=\"1\"");
}

/// The workbook of one unit, with something done to it.
fn as_workbook(report: &Value, slip: Option<fn(&mut Parts)>) -> Vec<u8> {
    let mut report = report.clone();
    if slip.is_some() {
        let walks = json!({ "key": "river.walks", "name": "巡河里程", "value": TYPED_OVER, "unit": "公里" });
        report["indicators"].as_array_mut().unwrap().push(walks);
    }
    let written = workbook::write(&[read(&report.to_string())], IndicatorList::built_in()).unwrap();
    let Some(slip) = slip else { return written };
    let mut archive = ZipArchive::new(Cursor::new(written)).unwrap();
    let mut parts = Parts::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        parts.insert(part.name().unwrap().into_owned(), text);
    }
    slip(&mut parts);
    let parts: Vec<(String, Vec<u8>)> =
        parts.into_iter().map(|(name, text)| (name, text.into_bytes())).collect();
    zip_of(&parts)
}

/// A report as somebody types it, paragraph by paragraph.
fn as_text(report: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines = vec![text(&report["title"])];
    lines.extend(report["preface"].as_array().unwrap().iter().map(text));
    let ordinals = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
    let items = |heading: &str, list: &Value, lines: &mut Vec<String>| {
        lines.push(heading.to_owned());
        for (ordinal, item) in ordinals.iter().zip(list.as_array().unwrap()) {
            lines.push(format!("（{ordinal}）{}。", text(&item["heading"])));
            for paragraph in item["body"].as_array().unwrap() {
                lines.push(match paragraph.as_str() {
                    Some(words) => words.to_owned(),
                    None => format!("{}{}", text(&paragraph["lead"]), text(&paragraph["text"])),
                });
            }
        }
    };
    items("一、主要举措和成效", &report["measures"], &mut lines);
    lines.push("二、存在的不足和原因".into());
    for problem in report["problems"].as_array().unwrap() {
        lines.push(format!("{}，原因是{}。", text(&problem["problem"]), text(&problem["cause"])));
    }
    items("三、党政主要负责人履行推进法治建设第一责任人职责情况", &report["duties"], &mut lines);
    items("四、下一年度推进法治政府建设的主要安排", &report["plans"], &mut lines);
    lines.push(text(&report["issuer"]["name"]));
    let date = text(&report["signature"]["date"]);
    let [year, month, day] = date.split('-').collect::<Vec<_>>()[..] else { panic!("{date}") };
    let number = |digits: &str| digits.trim_start_matches('0').to_owned();
    lines.push(format!("{year}年{}月{}日", number(month), number(day)));
    lines.join("\n")
}

/// What a unit sends, and what its file is called.
fn returned(number: usize, report: &Value) -> (&'static str, Vec<u8>) {
    match form(number) {
        ReturnForm::Workbook => {
            let slip: Option<fn(&mut Parts)> = if number % 20 == 10 { Some(turn_sheets) } else { None };
            ("xlsx", as_workbook(report, slip))
        }
        ReturnForm::Word => ("docx", as_word(&as_text(report))),
        ReturnForm::Page => ("html", as_page(&as_text(report))),
        ReturnForm::File => ("json", province::file(report.clone())),
    }
}

fn full_name(number: usize) -> String {
    format!("{}{}人民政府", city(number), name(number))
}

fn code(number: usize) -> String {
    format!("{:06}", 100_000 + number)
}

/// The next unit from `from` on of whom nothing is wrong yet, that returns in this form and of which this holds.
fn next(taken: &mut BTreeSet<usize>, from: usize, of: ReturnForm, holds: impl Fn(usize) -> bool) -> usize {
    let found = (from..).find(|at| form(*at) == of && holds(*at) && !taken.contains(at)).unwrap();
    taken.insert(found);
    found
}

/// Puts the files of the province into a folder, and says what is wrong with them.
fn put(folder: &Path, count: usize) -> Vec<Mistake> {
    let write = |number: usize, extension: &str, bytes: &[u8]| {
        fs::write(folder.join(format!("{number:04}-{}.{extension}", full_name(number))), bytes).unwrap();
    };
    let mut taken = BTreeSet::new();
    let mut mistakes = Vec::new();
    let mut mistake = |unit, code, words: String, is_made, is_missing| {
        mistakes.push(Mistake { unit, code, words, is_made, is_missing });
    };
    // Mistakes stand at equal distances, as far as their forms allow.
    let step = count / 12;
    for (at, (slip, code, words, is_made)) in SLIPS.into_iter().enumerate() {
        let unit = next(&mut taken, at * step, ReturnForm::Workbook, |_| true);
        write(unit, "xlsx", &as_workbook(&report_of(unit, 2024), Some(slip)));
        mistake(unit, code, words.to_owned(), is_made, false);
    }
    for (at, (expected, spoil)) in WRONG[9..19].iter().enumerate() {
        let unit = next(&mut taken, at * step, ReturnForm::File, |_| true);
        write(unit, "json", &spoil(report_of(unit, 2024)));
        mistake(unit, expected, String::new(), false, false);
    }
    let unreadable: [(ReturnForm, &str, &[u8], &str, &str); 6] = [
        (ReturnForm::Word, "docx", b"PK\x03\x04 torn", "broken-source", "不完整"),
        (ReturnForm::Word, "jpg", b"\xFF\xD8\xFF", "not-made", "是图片"),
        (ReturnForm::Page, "mht", b"MIME-Version: 1.0", "not-made", "是网页存档"),
        (ReturnForm::Page, "rar", b"Rar!", "not-made", "请先解开"),
        (ReturnForm::File, "json", b"{\"year\":", "syntax", ""),
        (ReturnForm::Workbook, "xlsx", b"PK\x03\x04 torn", "not-made", "不是完整的 .xlsx"),
    ];
    for (at, (of, extension, bytes, code, words)) in unreadable.into_iter().enumerate() {
        let unit = next(&mut taken, at * step, of, |_| true);
        write(unit, extension, bytes);
        mistake(unit, code, words.to_owned(), false, false);
    }
    // 阳 is the eighth of the characters.
    for at in 0..4 {
        let unit = next(&mut taken, at * step, ReturnForm::File, |unit| unit % 12 == 7);
        let text = report_of(unit, 2024).to_string().replace('阳', "杨");
        let mut report: Value = serde_json::from_str(&text).unwrap();
        report["issuer"].as_object_mut().unwrap().remove("code");
        write(unit, "json", &province::file(report));
        mistake(unit, "not-on-roster", format!("最接近的是“{}”", full_name(unit)), true, true);
    }
    for at in 0..3 {
        let unit = next(&mut taken, at * step, ReturnForm::File, |_| true);
        write(unit, "json", &province::file(report_of(unit, 2023)));
        mistake(unit, "", String::new(), true, true);
    }
    for at in 0..3 {
        let unit = next(&mut taken, at * step, ReturnForm::File, |_| true);
        let mut report = report_of(unit, 2024);
        report["issuer"]["code"] = code(count + at).into();
        write(unit, "json", &province::file(report));
        mistake(unit, "not-on-roster", "与名录对不上".into(), true, true);
    }
    for number in (0..count).filter(|number| !taken.contains(number)) {
        let (extension, bytes) = returned(number, &report_of(number, 2024));
        write(number, extension, &bytes);
    }
    // Four send theirs again, in another form.
    for (at, of) in
        [ReturnForm::File, ReturnForm::Word, ReturnForm::Page, ReturnForm::Workbook].into_iter().enumerate()
    {
        let unit = next(&mut taken, at * step, of, |_| true);
        let again = match of {
            ReturnForm::File => as_workbook(&report_of(unit, 2024), None),
            _ => province::file(report_of(unit, 2024)),
        };
        let extension = if of == ReturnForm::File { "xlsx" } else { "json" };
        fs::write(folder.join(format!("{unit:04}-{}再报.{extension}", full_name(unit))), again).unwrap();
        mistake(unit, "same-unit-twice", "是同一个单位、同一年度的报告".into(), true, false);
    }
    mistakes
}

#[test]
fn a_province_with_a_roster_is_accounted_for_unit_by_unit() {
    let count = province_size();
    assert!(count >= 120, "room for forty mistakes");
    let expected = count + count / 40;
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("报来")).unwrap();
    let mistakes = put(&folder.path().join("报来"), count);
    assert_eq!(mistakes.len(), 40);
    let rows = (0..expected).map(|number| format!("{},{}\n", code(number), full_name(number)));
    fs::write(folder.path().join("名录.csv"), format!("单位代码,单位名称\n{}", rows.collect::<String>()))
        .unwrap();
    let output = batch(folder.path(), &["报来", "--roster", "名录.csv", "-o", "年报.zip"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let files = unpacked(&folder.path().join("年报.zip"));
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    let units = manifest["units"].as_array().unwrap();
    assert_eq!(units.len(), count + 4);

    // Each mistake is named where it is.
    let of_unit = |number: usize| -> Vec<&Value> {
        let stem = format!("{number:04}-");
        units.iter().filter(|unit| unit["source"].as_str().unwrap().starts_with(&stem)).collect()
    };
    let mut wrong = Vec::new();
    for Mistake { unit, code, words, is_made, .. } in &mistakes {
        let is_it = |finding: &Value| {
            finding["code"] == *code && finding["message"].as_str().unwrap().contains(words.as_str())
        };
        let all = of_unit(*unit);
        let findings = all.iter().flat_map(|unit| unit["findings"].as_array().unwrap());
        let is_told = code.is_empty() || findings.into_iter().any(is_it);
        let was_made = all.iter().all(|unit| unit["result"] != "failed");
        if !is_told || was_made != *is_made {
            wrong.push(format!("{unit} {code} {words}: {all:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of 40: {}", wrong.len(), wrong.join("\n"));

    // And everyone else's report is made.
    let with_mistakes: BTreeSet<usize> = mistakes.iter().map(|one| one.unit).collect();
    for number in (0..count).filter(|number| !with_mistakes.contains(number)) {
        let all = of_unit(number);
        let is_made = all.len() == 1 && all[0]["result"] != "failed";
        let strange = ["not-on-roster", "same-unit-twice"];
        let is_strange = all
            .iter()
            .flat_map(|unit| unit["findings"].as_array().unwrap())
            .any(|one| strange.contains(&one["code"].as_str().unwrap()));
        assert!(is_made && !is_strange, "{number} {:?}: {all:#?}", form(number));
        assert!(all[0]["year"] == 2024 && files.contains_key(all[0]["file"].as_str().unwrap()));
    }

    // Whoever is not there is missing, by name; nobody else is.
    let missing: BTreeSet<&str> =
        manifest["missing"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    let absent: BTreeSet<usize> =
        mistakes.iter().filter(|one| one.is_missing).map(|one| one.unit).chain(count..expected).collect();
    let names: Vec<String> = absent.iter().map(|number| full_name(*number)).collect();
    assert_eq!(missing, names.iter().map(String::as_str).collect());
    let calls = roster::read(&files["催报名单.xlsx"], &[]).unwrap();
    let to_call: BTreeSet<&str> = calls.units.iter().map(|unit| unit.name.as_str()).collect();
    let failed = mistakes.iter().filter(|one| !one.is_made).map(|one| one.unit);
    let all: Vec<String> = absent.iter().copied().chain(failed).map(full_name).collect();
    assert_eq!(to_call, all.iter().map(String::as_str).collect());
    assert_eq!((&manifest["repeated"], &manifest["unlisted"]), (&4.into(), &7.into()));
}
