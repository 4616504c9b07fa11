//! Many reports at once: every unit accounted for, none in another's file, and whatever moment the
//! run is broken off at, the same bytes in the end.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use nianbao::batch::Spool;
use nianbao::checks::{self, Peers};
use nianbao::indicators::IndicatorList;
use nianbao::intake::workbook;
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::pdf::Document;
use crate::province;
use crate::workbench::{minimal, of_tests, packed, project, read, sample, sketches};

/// `nianbao batch` in a folder.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nianbao"));
    command.arg("batch").args(arguments).arg("--fonts").arg(project().join("fonts")).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn batch(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

pub fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A folder with so many reports; each says a word of its own in every place, and some share a name.
fn folder_of(count: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("reports")).unwrap();
    for number in 0..count {
        let text = report(number).replace("临江区", if number % 3 == 0 { "同名区" } else { "临江区" });
        fs::write(folder.path().join(format!("reports/{number:03}.yaml")), text).unwrap();
    }
    folder
}

/// What only the report of this number says.
fn secret(number: usize) -> String {
    format!("密语{:05}号", number * 7919 % 100_000)
}

pub fn report(number: usize) -> String {
    let secret = secret(number);
    minimal()
        // Units of one name are told apart by it.
        .replace("issuer:\n", &format!("issuer:\n  code: '{number:06}'\n"))
        .replace("全年办理", &format!("以{secret}为准，全年办理"))
        .replace("考核没有跟上", &format!("考核没有跟上{secret}"))
        .replace("完善学法考核", &format!("完善{secret}学法考核"))
}

/// The files of an archive by name.
pub fn unpacked(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = ZipArchive::new(File::open(path).unwrap()).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

fn manifest(files: &BTreeMap<String, Vec<u8>>) -> Value {
    serde_json::from_slice(&files["manifest.json"]).unwrap()
}

pub fn text_of(pdf: &[u8]) -> String {
    let document = Document::read(pdf.to_vec());
    document.pages.iter().flat_map(|page| &page.characters).map(|one| one.text.as_str()).collect()
}

#[test]
fn an_output_that_will_not_do_is_refused_before_anything_is_made() {
    let folder = folder_of(1);
    let cases = [
        ("reports/out.zip", "在来源文件夹里"),
        ("reports/../reports/out.zip", "在来源文件夹里"),
        ("reports", "是文件夹"),
        ("-", "不能写到标准输出"),
        ("missing/out.zip", "没有这个文件或文件夹"),
    ];
    for (output, complaint) in cases {
        let output = batch(folder.path(), &["reports", "-o", output]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(complaint), "{}", said(&output));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(fs::read_dir(folder.path().join("reports")).unwrap().count(), 1);
}

#[test]
fn every_unit_is_accounted_for() {
    let folder = folder_of(6);
    let reports = folder.path().join("reports");
    fs::write(reports.join("002.yaml"), report(2).replace("cause:", "detail:")).unwrap();
    fs::write(reports.join("004.yaml"), "").unwrap();
    fs::write(reports.join("=HYPERLINK(1).yaml"), report(6).replace("cause:", "reason:")).unwrap();
    fs::write(reports.join("说明.docx"), "no report").unwrap();
    fs::write(reports.join("Thumbs.db"), "").unwrap();
    let output = batch(folder.path(), &["reports", "-o", "out.zip"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("共 8 份，生成 4 份，未生成 4 份"), "{}", said(&output));

    let files = unpacked(&folder.path().join("out.zip"));
    let manifest = manifest(&files);
    assert_eq!(manifest["state"], "completed_with_failures");
    assert_eq!(manifest["counts"]["total"], 8);
    assert_eq!(manifest["counts"]["failed"], 4);
    let units = manifest["units"].as_array().unwrap();
    for unit in units {
        let file = unit["file"].as_str().unwrap();
        assert!(files.contains_key(file), "{file}");
        if unit["result"] == "failed" {
            let reasons = String::from_utf8(files[file].clone()).unwrap();
            let finding = &unit["findings"][0];
            assert!(reasons.contains(finding["message"].as_str().unwrap()), "{reasons}");
            assert!(reasons.contains(unit["source"].as_str().unwrap()), "{reasons}");
        } else {
            assert!(files[file].starts_with(b"%PDF-"), "{file}");
        }
    }
    // Each file of the archive is named in the manifest, and nothing else is there.
    assert_eq!(files.len(), units.len() + 3);
    assert!(files["overview.pdf"].starts_with(b"%PDF-"));
    let list = String::from_utf8(files["清单.csv"].clone()).unwrap();
    assert!(list.starts_with('\u{FEFF}') && list.contains("\r\n"));
    assert_eq!(list.lines().count(), units.len() + 1);
    assert!(list.contains(",'=HYPERLINK(1).yaml,"), "{list}");
    assert!(files.contains_key("002-临江区-2024年法治政府建设年度报告.pdf"), "{:?}", files.keys());

    // Whoever mends the four gets the rest without their being made again.
    fs::remove_file(reports.join("说明.docx")).unwrap();
    fs::write(reports.join("002.yaml"), report(2)).unwrap();
    fs::write(reports.join("004.yaml"), report(4)).unwrap();
    fs::write(reports.join("=HYPERLINK(1).yaml"), report(6)).unwrap();
    let without = batch(folder.path(), &["reports", "-o", "out.zip"]);
    assert_eq!(without.status.code(), Some(2));
    assert!(said(&without).contains("--resume"), "{}", said(&without));
    let output = batch(folder.path(), &["reports", "-o", "out.zip", "--retry-failed"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let files = unpacked(&folder.path().join("out.zip"));
    assert_eq!(self::manifest(&files)["state"], "completed");
    assert!(!folder.path().join("out.zip.未完成").exists());
}

#[test]
fn no_unit_stands_in_anothers_file() {
    const UNITS: usize = 60;
    let folder = folder_of(UNITS);
    let output = batch(folder.path(), &["reports", "-o", "out.zip", "--jobs", "4"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let files = unpacked(&folder.path().join("out.zip"));
    let secrets: Vec<String> = (0..UNITS).map(secret).collect();
    let pdfs: Vec<&Vec<u8>> =
        files.iter().filter(|(name, _)| name.ends_with("报告.pdf")).map(|(_, bytes)| bytes).collect();
    assert_eq!(pdfs.len(), UNITS);
    for (number, pdf) in pdfs.into_iter().enumerate() {
        let text = text_of(pdf);
        let found: Vec<usize> = (0..UNITS).filter(|other| text.contains(&secrets[*other])).collect();
        assert_eq!(found, [number]);
    }
}

#[test]
fn broken_off_at_any_moment_it_ends_in_the_same_bytes() {
    const UNITS: usize = 40;
    let folder = folder_of(UNITS);
    fs::write(folder.path().join("reports/007.yaml"), "year: 31 February").unwrap();
    let undisturbed = batch(folder.path(), &["reports", "-o", "undisturbed.zip", "--jobs", "1"]);
    assert_eq!(undisturbed.status.code(), Some(1), "{}", said(&undisturbed));

    // Each run is killed when it has come a little further than the one before, at some moment.
    let made = || results(&folder.path().join("out.zip.未完成"), "jsonl").concat().lines().count();
    for run in 0..20 {
        let mut child = command(folder.path(), &["reports", "-o", "out.zip", "--jobs", "2", "--resume"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while made() < run * 3 / 2 && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_millis(run as u64 * 7919 % 60));
        child.kill().unwrap();
        assert!(child.wait().unwrap().code().is_none(), "it was killed, and had not ended");
        assert!(!folder.path().join("out.zip").exists(), "nothing half-written");
    }
    let output = batch(folder.path(), &["reports", "-o", "out.zip", "--resume"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let bytes = |name| fs::read(folder.path().join(name)).unwrap();
    assert!(bytes("out.zip") == bytes("undisturbed.zip"), "the same archive");
}

/// The files of this kind in which a run keeps what it has made, in the order of their names.
fn results(folder: &Path, kind: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return vec![] };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let of_kind =
        paths.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == kind));
    of_kind.map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()).collect()
}

/// As a failing disk or power may leave them.
#[test]
fn results_that_came_to_harm_are_made_again() {
    let folder = folder_of(4);
    fs::write(folder.path().join("reports/003.yaml"), "year: 31 February").unwrap();
    let output = batch(folder.path(), &["reports", "-o", "undisturbed.zip", "--jobs", "1"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let kept = folder.path().join("undisturbed.zip.未完成");
    let [lines] = &results(&kept, "jsonl")[..] else { panic!("one lane") };
    let [first, _, third, failed] = lines.lines().collect::<Vec<_>>()[..] else { panic!("{lines}") };
    let file = |line: &str| -> (usize, usize) {
        let line: Value = serde_json::from_str(line).unwrap();
        (line["file"][0].as_u64().unwrap() as usize, line["file"][1].as_u64().unwrap() as usize)
    };
    let path = kept.join("0.pdf");
    let whole = fs::read(&path).unwrap();
    let undisturbed = fs::read(folder.path().join("undisturbed.zip")).unwrap();
    assert_eq!(file(failed).1, 0, "no file of what failed");

    // A byte of the first file is another one; the end of the third is not there; the last line is half there.
    let mut harmed = whole.clone();
    harmed[file(first).0 + file(first).1 / 2] ^= 1;
    harmed.truncate(file(third).0 + file(third).1 / 2);
    fs::write(&path, harmed).unwrap();
    let half = lines.len() - failed.len() / 2;
    fs::write(
        kept.join("0.jsonl"),
        lines.char_indices().filter(|(at, _)| *at < half).map(|(_, c)| c).collect::<String>(),
    )
    .unwrap();
    let output = batch(folder.path(), &["reports", "-o", "undisturbed.zip", "--resume"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(fs::read(folder.path().join("undisturbed.zip")).unwrap() == undisturbed, "the same archive");
    let again: usize = results(&kept, "jsonl")[1..].iter().map(|lines| lines.lines().count()).sum();
    assert_eq!(again, 3, "and only what came to harm was made again");
}

#[test]
fn two_runs_do_not_work_in_one_folder() {
    let folder = folder_of(2);
    let mut spool = Spool::beside(&folder.path().join("out.zip"));
    spool.create().unwrap();
    let leftover = spool.folder().join(".nianbao-broken-off");
    fs::write(&leftover, "half an archive").unwrap();
    for arguments in [&["reports", "-o", "out.zip"][..], &["reports", "-o", "out.zip", "--resume"]] {
        let output = batch(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains("另一个程序正在做这一批"), "{}", said(&output));
        assert!(leftover.exists(), "what another program is writing stays");
    }
    drop(spool);
    let output = batch(folder.path(), &["reports", "-o", "out.zip"]);
    assert!(said(&output).contains("--resume"), "{}", said(&output));
    assert!(!leftover.exists(), "what a broken run has left goes");
    let output = batch(folder.path(), &["reports", "-o", "out.zip", "--resume"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(!folder.path().join("out.zip.未完成").exists());
}

/// The sample has more than ten paragraphs that are long enough to be compared.
#[test]
fn a_report_that_is_a_copy_is_told_in_ten_findings_and_one() {
    let mut peers = Peers::new(&checks::Settings::default());
    let sketches = sketches(&read(sample()));
    assert!(peers.compare("甲区", &sketches).is_empty());
    let found = peers.compare("乙区", &sketches);
    let (last, told) = found.split_last().unwrap();
    assert_eq!(told.len(), 10);
    assert!(told.iter().all(|one| one.message.contains("与甲区的")), "{found:?}");
    let untold = sketches.len() - told.len();
    assert!(last.path.is_root(), "{found:?}");
    assert_eq!(last.message, format!("另有{untold}段也与别的单位几乎相同，没有逐一列出"));
}

#[test]
fn one_poisoned_report_costs_itself_only() {
    let folder = folder_of(3);
    let add = |name: &str, template: &str| {
        let text = format!("template: {template}\n{}", minimal());
        fs::write(folder.path().join("reports").join(name), text).unwrap();
    };
    add("100.yaml", "hanging");
    add("101.yaml", "hungry");
    add("102.yaml", "bottomless");
    let templates = of_tests("cases/batch/templates");
    let output = batch(
        folder.path(),
        &[
            "reports",
            "-o",
            "out.zip",
            "--deadline",
            "8",
            "--memory",
            "700",
            "--templates",
            templates.to_str().unwrap(),
        ],
    );
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let manifest = manifest(&unpacked(&folder.path().join("out.zip")));
    let of = |source: &str| {
        let units = manifest["units"].as_array().unwrap();
        let unit = units.iter().find(|unit| unit["source"] == source).unwrap();
        (unit["result"].clone(), unit["unit"].clone(), unit["findings"][0]["code"].clone())
    };
    for good in ["000.yaml", "001.yaml", "002.yaml"] {
        assert_eq!(of(good).0, "made", "{good}");
    }
    assert_eq!(of("100.yaml"), ("failed".into(), "临江区".into(), "too-slow".into()));
    assert_eq!(of("101.yaml"), ("failed".into(), "临江区".into(), "broke-down".into()));
    assert_eq!(of("102.yaml"), ("failed".into(), "临江区".into(), "broke-down".into()));
    assert!(said(&output).contains("中断或超时 6 次"), "{}", said(&output));
}

#[test]
fn a_paragraph_of_another_unit_is_told() {
    let folder = folder_of(4);
    let long = "深化简政放权，把一百一十项审批事项交给乡镇办理，群众在家门口就能办成；\
                对交出去的事项逐项培训、逐项检查，年中年末各评一次，评议结果在网站上公开，接受群众监督。\
                窗口一次收齐材料，内部流转，限时办结，办不成的当面说明理由和救济的途径，事后有人回访，\
                听到的意见逐条登记，能改的当月改完，一时改不了的说明原因和完成的时间。";
    let write = |number: usize, text: &str| {
        let report = report(number).replace("全年办理行政复议案件386件。", text);
        fs::write(folder.path().join(format!("reports/{number:03}.yaml")), report).unwrap();
    };
    write(1, long);
    write(3, &long.replace("一百一十", "99").replace("乡镇", "街道"));
    let output = batch(folder.path(), &["reports", "-o", "out.zip"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let manifest = manifest(&unpacked(&folder.path().join("out.zip")));
    let codes = |unit: usize| -> Vec<String> {
        let findings = manifest["units"][unit]["findings"].as_array().unwrap();
        findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
    };
    assert!(codes(3).contains(&"copied-from-peer".to_owned()), "{manifest:#}");
    assert_eq!(manifest["units"][3]["result"], "made_with_warnings");
    let findings = manifest["units"][3]["findings"].as_array().unwrap();
    let copied = findings.iter().find(|one| one["code"] == "copied-from-peer").unwrap();
    let message = copied["message"].as_str().unwrap();
    assert!(message.contains("与临江区的“主要举措和成效第1项"), "{message}");
    // The first is not told of those after it, and the others say other things.
    let is_told = |unit: usize| codes(unit).contains(&"copied-from-peer".to_owned());
    assert!(!(0..3).any(is_told), "{manifest:#}");
    assert!(output.status.success());

    let allow = "allow: [{code: copied-from-peer, reason: 全市统一的部署}]\n";
    let report = fs::read_to_string(folder.path().join("reports/003.yaml")).unwrap();
    fs::write(folder.path().join("reports/003.yaml"), format!("{report}{allow}")).unwrap();
    let output = batch(folder.path(), &["reports", "-o", "allowed.zip"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let manifest = self::manifest(&unpacked(&folder.path().join("allowed.zip")));
    let unit = &manifest["units"][3];
    assert_eq!(unit["result"], "made", "{unit:#}");
    let findings = unit["findings"].as_array().unwrap();
    assert!(findings.iter().any(|one| one["allowed"] == "全市统一的部署"), "{unit:#}");
}

#[test]
fn a_zip_and_json_lines_give_what_the_folder_gives() {
    let folder = folder_of(4);
    let mut names: Vec<PathBuf> =
        fs::read_dir(folder.path().join("reports")).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let mut zip = ZipWriter::new(File::create(folder.path().join("in.zip")).unwrap());
    for path in &names {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(&fs::read(path).unwrap()).unwrap();
    }
    zip.finish().unwrap();
    let of_folder = batch(folder.path(), &["reports", "-o", "folder.zip"]);
    assert_eq!(of_folder.status.code(), Some(0), "{}", said(&of_folder));
    let of_zip = batch(folder.path(), &["in.zip", "-o", "zip.zip"]);
    assert_eq!(of_zip.status.code(), Some(0), "{}", said(&of_zip));
    let bytes = |name| fs::read(folder.path().join(name)).unwrap();
    assert!(bytes("folder.zip") == bytes("zip.zip"));

    let line = r#"{"year": 2024, "issuer": {"name": "云州市临江区人民政府"}"#;
    fs::write(folder.path().join("in.jsonl"), format!("{line}\n\n{line}}}\n")).unwrap();
    let of_lines = batch(folder.path(), &["in.jsonl", "-o", "lines.zip"]);
    assert_eq!(of_lines.status.code(), Some(1), "{}", said(&of_lines));
    let manifest = manifest(&unpacked(&folder.path().join("lines.zip")));
    let sources: Vec<&Value> =
        manifest["units"].as_array().unwrap().iter().map(|unit| &unit["source"]).collect();
    assert_eq!(sources, ["第1行", "第3行"]);
}

#[test]
fn a_batch_that_cannot_be_read_is_not_begun() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let zip_of = |name: &str, files: &[(&str, &[u8])]| {
        let mut zip = ZipWriter::new(File::create(path(name)).unwrap());
        for (name, bytes) in files {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
    };
    zip_of("up.zip", &[("../a.yaml", b"year: 2024")]);
    zip_of("root.zip", &[("/etc/a.yaml", b"year: 2024")]);
    zip_of("drive.zip", &[("C:\\a.yaml", b"year: 2024")]);
    zip_of("bomb.zip", &[("a.yaml", &vec![b' '; 32 << 20])]);
    zip_of("none.zip", &[("Thumbs.db", b"")]);
    fs::write(path("torn.zip"), b"PK\x03\x04 torn").unwrap();
    fs::write(path("empty.jsonl"), b"\n\n").unwrap();
    for (input, words) in [
        ("up.zip", "文件名不安全：../a.yaml"),
        ("root.zip", "文件名不安全：/etc/a.yaml"),
        ("drive.zip", "文件名不安全：C:/a.yaml"),
        ("bomb.zip", "解开后大得反常：a.yaml"),
        ("none.zip", "里没有报告"),
        ("torn.zip", "不是完整的 ZIP 文件"),
        ("empty.jsonl", "里没有报告"),
        ("nowhere", "读不了 nowhere"),
    ] {
        let output = batch(folder.path(), &[input, "-o", "out.zip"]);
        assert_eq!(output.status.code(), Some(2), "{input}: {}", said(&output));
        assert!(said(&output).contains(words), "{input}: {}", said(&output));
        assert!(!path("out.zip").exists() && !path("out.zip.未完成").exists(), "{input}");
    }
}

/// How many units the province of the test has; a whole one has 1,200, which `NIANBAO_UNITS` asks for.
#[expect(clippy::disallowed_methods, reason = "how large a province is asked for from outside")]
pub fn province_size() -> usize {
    std::env::var("NIANBAO_UNITS").map_or(120, |count| count.parse().expect("a number of units"))
}

#[test]
fn a_province_is_accounted_for_unit_by_unit() {
    let count = province_size();
    assert!(count >= 100, "room for those that are wrong");
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("reports")).unwrap();
    // The wrong ones stand at equal distances.
    let wrong: BTreeMap<usize, &province::Wrong> =
        province::WRONG.iter().enumerate().map(|(index, way)| (index * count / 20 + 3, way)).collect();
    for number in 0..count {
        let report = province::report(number);
        let bytes = match wrong.get(&number) {
            Some((_, spoil)) => spoil(report),
            None => province::file(report),
        };
        fs::write(folder.path().join(format!("reports/{number:04}.json")), bytes).unwrap();
    }
    let output = batch(folder.path(), &["reports", "-o", "out.zip"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let files = unpacked(&folder.path().join("out.zip"));
    let manifest = manifest(&files);
    let units = manifest["units"].as_array().unwrap();
    assert_eq!(units.len(), count);
    for (number, unit) in units.iter().enumerate() {
        let codes: Vec<&str> =
            unit["findings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
        match wrong.get(&number) {
            Some((code, _)) => {
                assert_eq!(unit["result"], "failed", "{number}: {code}");
                assert!(codes.contains(code), "{number}: {code} is not among {codes:?}");
            }
            None => {
                assert_ne!(unit["result"], "failed", "{unit:#}");
                let report = province::report(number);
                assert_eq!(unit["unit"], report["issuer"]["short_name"]);
                assert_eq!(unit["year"], report["year"]);
            }
        }
    }
    assert_eq!(manifest["counts"]["failed"], 20);
    let text = text_of(&files["overview.pdf"]);
    assert!(text.contains(&format!("{count}个")) && text.contains("20份（全部单位尚未齐全）"), "{text}");
}

#[test]
fn a_workbook_of_ten_districts_gives_what_their_files_give() {
    const DISTRICTS: usize = 10;
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("reports")).unwrap();
    let reports: Vec<_> = (0..DISTRICTS).map(|number| read(&province::report(number).to_string())).collect();
    for number in 0..DISTRICTS {
        let bytes = province::file(province::report(number));
        fs::write(folder.path().join(format!("reports/{number}.json")), bytes).unwrap();
    }
    fs::write(
        folder.path().join("征集表.xlsx"),
        workbook::write(&reports, IndicatorList::built_in()).unwrap(),
    )
    .unwrap();
    let of_files = batch(folder.path(), &["reports", "-o", "files.zip"]);
    assert_eq!(of_files.status.code(), Some(0), "{}", said(&of_files));
    let of_workbook = batch(folder.path(), &["征集表.xlsx", "-o", "workbook.zip"]);
    assert_eq!(of_workbook.status.code(), Some(0), "{}", said(&of_workbook));
    let (files, rows) =
        (unpacked(&folder.path().join("files.zip")), unpacked(&folder.path().join("workbook.zip")));
    assert_eq!(files.keys().collect::<Vec<_>>(), rows.keys().collect::<Vec<_>>());
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".pdf")) {
        assert!(*bytes == rows[name], "{name}");
    }

    // One of them goes wrong in a cell: it is told by sheet, row and column, and the others are made.
    let mut wrong = serde_json::to_value(&reports[4]).unwrap();
    wrong["measures"][0]["body"][0]["text"] = "全年办理行政复议案件XX件。".into();
    let mut reports = reports;
    reports[4] = read(&wrong.to_string());
    fs::write(
        folder.path().join("征集表.xlsx"),
        workbook::write(&reports, IndicatorList::built_in()).unwrap(),
    )
    .unwrap();
    let output = batch(folder.path(), &["征集表.xlsx", "-o", "wrong.zip"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let files = unpacked(&folder.path().join("wrong.zip"));
    let manifest = manifest(&files);
    assert_eq!(manifest["counts"]["failed"], 1);
    let finding = &manifest["units"][4]["findings"][0];
    let place = finding["place"].as_str().unwrap();
    assert!(place.starts_with("工作表“主要举措和成效”第") && place.ends_with("F列“文字”"), "{place}");
    let unit = manifest["units"][4]["unit"].as_str().unwrap();
    let reasons = String::from_utf8(files[&format!("005-{unit}-未生成-问题.txt")].clone()).unwrap();
    assert!(reasons.contains(&format!("位置：{place}")), "{reasons}");
}

#[test]
fn the_overview_compares_what_units_report() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("reports")).unwrap();
    let hostile = "#read(\"/etc/passwd\")*$x$";
    for (number, (name, indicators)) in [
        (
            "甲区",
            "[{key: a.a, name: 受理案件, value: 400, unit: 件}, {key: a.b, name: 培训, value: 无, unit: 期}]",
        ),
        ("乙区", "[{key: a.a, name: 受理案件, value: 100, unit: 件, approximate: true}]"),
        (
            "丙区",
            "[{key: a.a, name: 受理案件, value: 7, unit: 人}, {key: a.b, name: 培训, value: 12, unit: 期}]",
        ),
        (hostile, "[]"),
    ]
    .into_iter()
    .enumerate()
    {
        let text = report(number).replace("short_name: 临江区", &format!("short_name: '{name}'"));
        let path = folder.path().join(format!("reports/{number}.yaml"));
        fs::write(path, format!("{text}\nindicators: {indicators}\n")).unwrap();
    }
    let output = batch(folder.path(), &["reports", "-o", "out.zip"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let files = unpacked(&folder.path().join("out.zip"));
    assert_eq!(manifest(&files)["overview"]["file"], "overview.pdf");
    let text = packed(&text_of(&files["overview.pdf"]));
    for words in [
        "受理案件（件）已报3个单位，中位数250；未报1个：",
        "；计量单位不同，没有放在一起比较：丙区7人。",
        "1甲区4002乙区约100",
        "培训（期）已报2个单位，中位数6；未报2个：乙区、",
        "1丙区122甲区无乙区未报",
        hostile,
    ] {
        assert!(text.contains(&packed(words)), "{words}: {text}");
    }
    assert!(files["指标.xlsx"].starts_with(b"PK"));
}

/// Which unit touches which matter of a guide: few units have a column each, of many those are named that do
/// not; the whole table is a file of its own.
#[test]
fn the_overview_tells_which_unit_touches_which_matter() {
    let folder = tempfile::tempdir().unwrap();
    let guide = of_tests("cases/beside/guide.toml");
    let arguments = |input| [input, "-o", "out.zip", "--guide", guide.to_str().unwrap()];
    fs::create_dir(folder.path().join("few")).unwrap();
    let clearing = report(1).replace("全年办理", "清理规范性文件3件，全年办理");
    let department = report(2).replace("short_name: 临江区", "short_name: 水务局\n  kind: department");
    let unfinished = report(3).replace("cause:", "detail:");
    for (number, text) in [report(0), clearing, department, unfinished].iter().enumerate() {
        fs::write(folder.path().join(format!("few/{number}.yaml")), text).unwrap();
    }
    let output = batch(folder.path(), &arguments("few"));
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let files = unpacked(&folder.path().join("out.zip"));
    let table = String::from_utf8(files["事项.csv"].clone()).unwrap();
    assert_eq!(
        table.trim_start_matches('\u{FEFF}').lines().collect::<Vec<_>>(),
        [
            "序号,报告单位,1.1 规范性文件清理,2.1.1 行政复议,2.1.2 负责人出庭,2.2 执法资格管理",
            "1,临江区,没有写到,写到,没有写到,不适用",
            "2,临江区,写到,写到,没有写到,不适用",
            "3,水务局,没有写到,写到,没有写到,没有写到",
            "4,临江区,,,,",
        ]
    );
    let text = packed(&text_of(&files["overview.pdf"]));
    for words in
        ["事项指引对照", "编号事项123", "1.1规范性文件清理○●○", "2.1.1行政复议●●●", "2.2执法资格管理————○"]
    {
        assert!(text.contains(words), "no {words} in {text}");
    }
    // Done again, with another guide: nothing is taken over from the run before.
    let output = batch(folder.path(), &["few", "-o", "out.zip", "--retry-failed"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let files = unpacked(&folder.path().join("out.zip"));
    assert!(!files.contains_key("事项.csv") && !text_of(&files["overview.pdf"]).contains("事项指引对照"));

    let many: String = (0..13)
        .map(|number| format!("{}\n", serde_json::to_string(&read(&report(number))).unwrap()))
        .collect();
    fs::write(folder.path().join("many.jsonl"), many).unwrap();
    fs::remove_file(folder.path().join("out.zip")).unwrap();
    let _ = fs::remove_dir_all(folder.path().join("out.zip.未完成"));
    let output = batch(folder.path(), &arguments("many.jsonl"));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let text = packed(&text_of(&unpacked(&folder.path().join("out.zip"))["overview.pdf"]));
    let ten = ["临江区"; 10].join("、");
    for words in [format!("1.1规范性文件清理0/13{ten}等13个"), "2.1.1行政复议13/13".into()] {
        assert!(text.contains(&words), "no {words} in {text}");
    }
}

#[test]
fn the_overview_of_very_many_units_lists_those_with_the_most_findings() {
    let folder = tempfile::tempdir().unwrap();
    let right = serde_json::to_string(&read(&minimal())).unwrap();
    let wrong = "{\"year\": 2024, \"issuer\": {\"name\": \"云州市乙区人民政府\"}}\n".repeat(300);
    fs::write(folder.path().join("in.jsonl"), format!("{right}\n{wrong}")).unwrap();
    let output = batch(folder.path(), &["in.jsonl", "-o", "out.zip"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let files = unpacked(&folder.path().join("out.zip"));
    assert_eq!(manifest(&files)["counts"]["failed"], 300);
    let text = packed(&text_of(&files["overview.pdf"]));
    let (_, list) = text.split_once("问题最多的单位").expect("not all are listed");
    assert!(list.starts_with("另有201个单位未列，全部单位见清单.csv。"), "{list}");
    assert!(list.contains("101云州市乙区人民政府未生成"), "a unit that lacks a date has a name: {list}");
    assert!(!list.contains("已生成"), "what has the fewest is not listed: {list}");
}
