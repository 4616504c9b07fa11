//! A document for Word: it says what the report says, comes back as it went out, and is laid out as the standard
//! asks where LibreOffice sets it. Word itself is not at hand here.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use nianbao::conform::{ClauseFinding, Strictness, Verdict, conform};
use nianbao::export::Target;
use nianbao::import::{Import, Particulars, TrackedChanges, import};
use nianbao::input::Format;
use nianbao::pipeline::{Job, Paper, make, render};
use nianbao::report::{Document, Edition, Report, WorkPlan};
use nianbao::template::{Purpose, WordFaces};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::conform::Case;
use crate::hostile::{HOSTILE, at, hostile_sample};
use crate::workbench::{minimal, of_tests, press, project, read, sample, told};

/// How many random reports go out and come back.
const REPORTS: u32 = 300;

fn word(report: &Report, purpose: Purpose, faces: WordFaces) -> Vec<u8> {
    word_of(&report.clone().into(), purpose, faces)
}

fn word_of(document: &Document, purpose: Purpose, faces: WordFaces) -> Vec<u8> {
    let made = make(document, purpose, Target::Word(faces), press());
    made.unwrap_or_else(|failed| panic!("{}", told(&failed))).value.artifact.bytes
}

fn issued(report: &Report) -> Vec<u8> {
    word(report, Purpose::Issue, WordFaces::Official)
}

fn report(json: &Value) -> Report {
    read(&json.to_string())
}

fn in_edition(report: Report, edition: Edition) -> Report {
    Report { edition, ..report }
}

/// The parts of a package, each with its path.
pub fn parts(docx: &[u8]) -> Vec<(String, String)> {
    let mut archive = ZipArchive::new(Cursor::new(docx)).unwrap();
    let mut parts = Vec::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let path = file.name().unwrap().into_owned();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        parts.push((path, text));
    }
    parts
}

/// The document with its parts, each by its path, as `change` has them.
pub fn rewritten(docx: &[u8], change: impl Fn(&str, String) -> String) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, part) in parts(docx) {
        archive.start_file(&path, SimpleFileOptions::default()).unwrap();
        archive.write_all(change(&path, part).as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// What comes back of a document, as the contract has it.
fn returned(docx: &[u8]) -> Value {
    let made = import(docx, &Particulars::default());
    serde_json::to_value(read(
        &made.unwrap_or_else(|failed| panic!("{}", told(&failed))).document.to_string(),
    ))
    .unwrap()
}

fn assert_comes_back(report: &Report) {
    let shown = serde_json::to_value(report.as_shown()).unwrap();
    assert_eq!(returned(&issued(report)), shown);
}

#[test]
fn the_sample_comes_back_as_it_was() {
    for edition in [Edition::Public, Edition::Formal] {
        assert_comes_back(&in_edition(read(sample()), edition));
    }
    // A draft as well, with what it lacks pointed out and what has no place yet.
    let mut json = serde_json::to_value(read(&minimal())).unwrap();
    json["plans"] = json!([]);
    json["problems"][0]["cause"] = Value::Null;
    json["unplaced"] = json!([{"text": "一段不知道归到哪里的话。"}]);
    let draft = report(&json);
    let back = returned(&word(&draft, Purpose::Draft, WordFaces::Official));
    assert_eq!(back, serde_json::to_value(draft.as_shown()).unwrap());
}

/// 7.2.6: names of two characters are as wide as those of three, and come back as they were.
#[test]
fn names_of_two_characters_are_spread_to_three() {
    let written = |names: &str| {
        let header = format!("edition: formal\nheader: {{suffix: 文件, signatories: [{names}]}}\n");
        issued(&read(&format!("{}{header}", minimal())))
    };
    let spread = |docx: &[u8]| {
        parts(docx)[..].iter().any(|(_, part)| part.contains("w:val=\"310\"/></w:rPr><w:t>张</w:t>"))
    };
    let two = written("李明远, 张三");
    assert!(spread(&two));
    assert_eq!(returned(&two)["header"]["signatories"], json!(["李明远", "张三"]));
    assert!(!spread(&written("李明远, 张三丰")));
}

/// What stands in for a missing date, name or year is seen on the pages of a draft, and is no part of the report.
#[test]
fn nothing_that_stood_in_comes_back() {
    let lacking = minimal().replace("date: 2025-02-18", "names: []");
    let beside = &nianbao::pipeline::Beside::default();
    let job = Job {
        paper: Paper { bytes: lacking.as_bytes(), format: Format::Yaml },
        beside,
        edition: None,
        purpose: Purpose::Draft,
        target: Target::Word(WordFaces::Official),
    };
    let made = render(&job, press()).unwrap_or_else(|failed| panic!("{}", told(&failed)));
    let back = import(&made.value.made.artifact.bytes, &Particulars::default()).unwrap().document;
    assert!(back["signature"].get("date").is_none(), "{back:#}");
    assert_eq!(back["year"], 2024);
}

/// Somebody who types a problem into the document types its number, too.
#[test]
fn a_problem_that_bears_its_number_is_not_numbered_again() {
    let mut json = serde_json::to_value(read(sample())).unwrap();
    let problems = json["problems"].as_array_mut().unwrap();
    problems.push(json!({"problem": "五是法治人才储备不足。", "cause": "待遇偏低"}));
    let docx = issued(&report(&json));
    let body = parts(&docx).into_iter().find(|(path, _)| path == "word/document.xml").unwrap().1;
    let texts: String =
        body.split("<w:t").filter_map(|run| run.split_once('>')?.1.split('<').next()).collect();
    assert!(
        texts.contains("四是行政争议") && texts.contains("五是法治人才储备不足。主要原因是待遇偏低。"),
        "{texts}"
    );
    assert!(!texts.contains("五是五是"));
    assert_comes_back(&report(&json));
}

#[test]
fn hostile_text_is_text() {
    for edition in ["public", "formal"] {
        let report = hostile_sample(edition);
        let docx = issued(&report);
        let shown = serde_json::to_value(report.as_shown()).unwrap();
        assert_eq!(returned(&docx), shown, "{edition}");
        for (path, part) in parts(&docx) {
            assert!(!part.contains("root:") && !part.contains("TargetMode=\"External\""), "{path}");
            assert!(!part.contains("7 * 7") && !part.contains("<label>"), "{path}");
        }
        assert!(
            parts(&docx)
                .iter()
                .any(|(path, part)| path == "docProps/core.xml" && part.contains("#read(&quot;"))
        );
    }
    assert!(HOSTILE.contains("<label>"));
}

/// Reports of every shape: with and without headings, leads, causes, attachments; texts of several lines.
#[test]
fn what_goes_out_comes_back() {
    let config = Config { cases: REPORTS, failure_persistence: None, ..Config::default() };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, random)
        .run(&any_report(), |json| {
            let report = report(&json);
            let shown = serde_json::to_value(report.as_shown()).unwrap();
            prop_assert_eq!(returned(&issued(&report)), shown);
            Ok(())
        })
        .unwrap();
}

fn plan(yaml: &str) -> WorkPlan {
    let read = nianbao::input::read(yaml.as_bytes(), Format::Yaml);
    read.unwrap_or_else(|failed| panic!("{}", told(&failed))).value
}

fn returned_plan(plan: &WorkPlan) -> Import {
    let docx = word_of(&plan.clone().into(), Purpose::Issue, WordFaces::Official);
    import(&docx, &Particulars::default()).unwrap_or_else(|failed| panic!("{}", told(&failed)))
}

/// Plans of work as well: the sample, and some of every shape.
#[test]
fn a_plan_comes_back_as_it_was() {
    let sample = plan(&press().templates.find("work-plan").unwrap().sample);
    let back = returned_plan(&sample);
    assert_eq!(plan(&back.document.to_string()), sample);
    assert!(back.account.doubts.is_empty() && back.account.word.unwrap().differences.is_empty());
    let config = Config { cases: REPORTS / 3, failure_persistence: None, ..Config::default() };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, random)
        .run(&any_plan(), |json| {
            let given = plan(&json.to_string());
            prop_assert_eq!(plan(&returned_plan(&given).document.to_string()), given);
            Ok(())
        })
        .unwrap();
}

fn any_plan() -> impl Strategy<Value = Value> {
    let name = || "[一-龥]{2,9}";
    let task = (any_text(), prop::option::of(name()), prop::collection::vec(name(), 0..4))
        .prop_map(|(text, lead, support)| json!({"text": text, "lead": lead, "support": support}));
    let section = (prop::option::of(any_line()), prop::collection::vec(task, 1..4))
        .prop_map(|(heading, tasks)| json!({"heading": heading, "tasks": tasks}));
    (
        prop::option::of(any_line()),
        prop::collection::vec(any_text(), 0..3),
        prop::collection::vec(section, 0..4),
        prop::option::of(any_line()),
        prop::option::of(name()),
    )
        .prop_map(|(title, preface, sections, closing, issuer)| {
            json!({
                "template": "work-plan", "year": 2025, "title": title, "preface": preface,
                "sections": sections, "closing": closing, "issuer": issuer.map(|name| json!({"name": name})),
            })
        })
}

fn any_line() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[一-龥]{1,12}",
        1 => "[0-9]{1,5}(\\.[0-9]{1,2}%)?",
        1 => prop::sample::select(&["<w:p/>", "&amp;", "]]>", "“", "”", "——", "……", "（一）", "一是", "、", "。", "；",
            "主要原因是", "{{ 7*7 }}", "\"", "'", " ", "　", "2025年3月1日", "附件：1.", "A", "𬀩"][..]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 1..6).prop_map(|pieces| format!("甲{}乙", pieces.concat()))
}

fn any_text() -> impl Strategy<Value = String> {
    prop::collection::vec(any_line(), 1..3).prop_map(|lines| lines.join("\n"))
}

fn any_body() -> impl Strategy<Value = Value> {
    let paragraph = (prop::option::of(any_line()), any_text())
        .prop_map(|(lead, text)| json!({"lead": lead, "text": text}));
    prop::collection::vec(paragraph, 1..4).prop_map(Value::from)
}

fn any_part() -> impl Strategy<Value = Value> {
    (prop::option::of(any_line()), any_body())
        .prop_map(|(heading, body)| json!({"heading": heading, "body": body}))
}

fn any_parts() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(any_part(), 1..4)
}

pub fn any_report() -> impl Strategy<Value = Value> {
    let problem = (any_text(), prop::option::of(any_text()), prop::option::of(any_text()))
        .prop_map(|(problem, cause, detail)| json!({"problem": problem, "cause": cause, "detail": detail}));
    let table = (1usize..10, 0usize..4).prop_flat_map(|(width, height)| {
        let row = move || prop::collection::vec(any_line(), width);
        (row(), prop::collection::vec(row(), height))
            .prop_map(|(columns, rows)| json!({"columns": columns, "rows": rows}))
    });
    let attachment = (any_line(), prop::option::of(any_body()), prop::option::of(table)).prop_map(
        |(title, body, table)| json!({"title": title, "body": body.unwrap_or(json!([])), "table": table}),
    );
    let lists = (any_parts(), prop::collection::vec(problem, 1..4), any_parts(), any_parts());
    let others = (
        prop::collection::vec(any_text(), 0..3),
        prop::collection::vec(any_text(), 0..2),
        prop::collection::vec(attachment, 0..3),
        prop::collection::vec(any_line(), 1..4),
    );
    let choices = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), prop::option::of(any_line()));
    (lists, others, choices).prop_map(
        |((measures, problems, duties, plans), (preface, other, attachments, names), choices)| {
            let (is_formal, is_sealed, runs_in, is_together, title) = choices;
            let base = if is_formal { sample().to_owned() } else { minimal() };
            let mut json = serde_json::to_value(read(&base)).unwrap();
            for (key, value) in [
                ("measures", json!(measures)),
                ("problems", json!(problems)),
                ("duties", json!(duties)),
                ("plans", json!(plans)),
                ("preface", json!(preface)),
                ("other", json!(other)),
                ("attachments", json!(attachments)),
                ("title", json!(title)),
                ("edition", json!(if is_formal { "formal" } else { "public" })),
                (
                    "layout",
                    json!({
                        "headings": if runs_in { "run-in" } else { "own-line" },
                        "points": if is_together { "together" } else { "apart" },
                    }),
                ),
            ] {
                json[key] = value;
            }
            *at(&mut json, "signature.names") = json!(names);
            *at(&mut json, "signature.seal") = json!(if is_sealed { "space" } else { "none" });
            json
        },
    )
}

#[test]
fn the_same_report_makes_the_same_word_file() {
    let report = read(sample());
    assert!(issued(&report) == issued(&report));
    // The faces of the standard, and not those that stand in for them here.
    let styles = |faces| {
        let parts = parts(&word(&report, Purpose::Issue, faces));
        parts.into_iter().find(|(path, _)| path == "word/styles.xml").unwrap().1
    };
    let official = styles(WordFaces::Official);
    for face in ["方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体", "Times New Roman"]
    {
        assert!(official.contains(&format!("\"{face}\"")), "{face}");
    }
    assert!(!official.contains("Fandol") && styles(WordFaces::AtHand).contains("FandolFang"));
}

/// Whether the schema admits it, and whether a reader of its own reads all of it.
#[test]
fn others_find_nothing_wrong_with_the_package() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, docx: Vec<u8>| fs::write(folder.path().join(name), docx).unwrap();
    for case in Case::all() {
        let name = format!("{}-{:?}.docx", case.name, case.edition);
        let report = in_edition(read(&case.report), case.edition);
        put(&name, word(&report, case.purpose, WordFaces::Official));
    }
    put("hostile.docx", issued(&hostile_sample("formal")));
    put("draft.docx", word(&read(sample()), Purpose::Draft, WordFaces::Official));
    let counts = judged(folder.path());
    assert!(counts.len() > 10 && counts.iter().all(|count| *count > 5), "{counts:?}");
}

/// How many paragraphs the documents of a folder have, all of which the judges must find right.
pub fn judged(folder: &Path) -> Vec<usize> {
    let judges = of_tests("judges/bin");
    let judge = |program: &str, arguments: &[&str]| {
        let output = Command::new(judges.join(program)).args(arguments).arg(folder).output();
        let output = output.expect("make word-judges installs what is wanted");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{program}: {said}{}", String::from_utf8_lossy(&output.stderr));
        said
    };
    judge("openxml-audit", &["--recursive"]);
    let counted = judge(
        "python",
        &[
            "-c",
            "import docx, pathlib, sys\nfor path in sorted(pathlib.Path(sys.argv[1]).glob('*.docx')):\n    document = docx.Document(str(path))\n    assert document.core_properties.title and document.core_properties.language == 'zh-CN', path\n    print(len(document.paragraphs))",
        ],
    );
    counted.lines().map(|count| count.parse().unwrap()).collect()
}

/// The copy of a document for the judge. It takes one setting the other way round; to the edges of a control, and to
/// the characters of a bold that a face does not have, it gives a width that they have nowhere else.
fn for_libreoffice(docx: &[u8]) -> Vec<u8> {
    rewritten(docx, |_, part| {
        let part = part.replace("<w:overflowPunct w:val=\"0\"/>", "<w:overflowPunct w:val=\"1\"/>");
        without_controls(&part.replace("<w:rPr><w:b/><w:bCs/></w:rPr></w:style>", "</w:style>"))
    })
}

fn without_controls(part: &str) -> String {
    let mut rest = part.split("<w:sdt>");
    let mut bare = rest.next().unwrap().to_owned();
    for control in rest {
        bare += control.split_once("<w:sdtContent>").unwrap().1;
    }
    bare.replace("</w:sdtContent></w:sdt>", "")
}

/// The documents as LibreOffice prints them with the faces of this project.
pub fn printed(documents: &[(String, Vec<u8>)]) -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let faces = folder.path().join("fonts.conf");
    let fonts = project().join("fonts");
    let configuration = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE fontconfig SYSTEM \"fonts.dtd\"><fontconfig><dir>{}</dir><cachedir>{}</cachedir></fontconfig>",
        fonts.display(),
        folder.path().join("cache").display()
    );
    fs::write(&faces, configuration).unwrap();
    let before = documents.iter().map(|(name, docx)| {
        let path = folder.path().join(format!("{name}.docx"));
        fs::write(&path, for_libreoffice(docx)).unwrap();
        path
    });
    let before: Vec<_> = before.collect();
    let output = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", folder.path().join("profile").display()))
        .args(["--headless", "--norestore", "--convert-to"])
        // Blank pages are pages.
        .arg("pdf:writer_pdf_Export:{\"IsSkipEmptyPages\":{\"type\":\"boolean\",\"value\":\"false\"}}")
        .arg("--outdir")
        .arg(folder.path())
        .args(&before)
        .env("FONTCONFIG_FILE", &faces)
        .output()
        .expect("make office-suite installs what is wanted");
    let said = String::from_utf8_lossy(&output.stderr);
    let pdf = |(name, _): &(String, Vec<u8>)| {
        fs::read(folder.path().join(format!("{name}.pdf")))
            .unwrap_or_else(|_| panic!("{name} was not printed: {said}"))
    };
    documents.iter().map(pdf).collect()
}

/// What LibreOffice alone does to a layout: between figures and characters it leaves a fifth of a character, whatever
/// a document says, so that a line with quotation marks is stretched otherwise and a date is wider than it is. Pages
/// with a watermark begin for it where their header does, and so does what is measured from there.
const OF_LIBREOFFICE: [(&str, &str); 4] = [
    ("", "每行字数"),
    ("joint", "署名（加盖印章）"),
    ("jinan-2020", "署名（不加盖印章）"),
    ("jinan-2020", "版记的位置"),
];

/// What the ruler says of them: the same as of our own PDF.
#[test]
fn libreoffice_sets_it_as_the_standard_asks() {
    let cases = Case::all();
    let document = |case: &Case| {
        let report = in_edition(read(&case.report), case.edition);
        let edition = if case.edition == Edition::Formal { "formal" } else { "public" };
        (format!("{}-{edition}", case.name), word(&report, case.purpose, WordFaces::AtHand))
    };
    let documents: Vec<_> = cases.iter().map(document).collect();
    let mut wrong = String::new();
    for ((case, (name, _)), pdf) in cases.iter().zip(&documents).zip(printed(&documents)) {
        let found = conform(&pdf, Strictness::Usual).unwrap();
        // A draft may show that it is one.
        let own = case.measure();
        let is_own = |one: &ClauseFinding| {
            own.findings
                .iter()
                .any(|of_pdf| of_pdf.verdict == Verdict::Fails && of_pdf.element == one.element)
        };
        let is_wrong = |one: &&ClauseFinding| {
            matches!(one.verdict, Verdict::Fails | Verdict::Undecided)
                && !OF_LIBREOFFICE
                    .iter()
                    .any(|(of, element)| case.name.contains(of) && *element == one.element)
                && !is_own(one)
        };
        for finding in found.findings.iter().filter(is_wrong) {
            wrong += &format!("{name}: {} {}: {}\n", finding.clause, finding.element, finding.measured);
        }
        if found.pages.abs_diff(own.pages) > own.pages.div_ceil(15) {
            wrong += &format!("{name}: {} pages, and {} as PDF\n", found.pages, own.pages);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What LibreOffice saves of a document after somebody has worked in it.
fn edited(docx: &[u8], done: &Value) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (before, after) = (folder.path().join("送审.docx"), folder.path().join("改过.docx"));
    fs::write(&before, docx).unwrap();
    // Debian's python: another one does not know Debian's packages.
    let mut office = Command::new("/usr/bin/python3")
        .arg(of_tests("office-suite.py"))
        .args([&before, &after])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    office.stdin.take().unwrap().write_all(done.to_string().as_bytes()).unwrap();
    let output = office.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "make office-suite installs what is wanted: {said}");
    fs::read(after).unwrap()
}

/// What a leader does, done in LibreOffice and saved by it; what must come of it, stated by hand. Its comments are
/// left to the edits that are made on the XML (`units`, `word::`).
#[test]
fn edits_in_libreoffice_come_back() {
    let report = in_edition(read(sample()), Edition::Formal);
    let (struck, added) =
        ("二是增强普法实效。", "四是推行容缺受理。全年容缺受理事项312件，群众少跑腿1200余次。");
    let (of_party, of_both) = ("主持区委理论学习中心组专题学法", "全年研究法治议题");
    let docx = edited(
        &issued(&report),
        &json!([
            ["replace", "坚持少而精、可执行", "坚持务实管用"],
            ["strike", struck],
            ["split", "清单与实施依据同步向社会公布。"],
            ["add_below", "三是稳定市场预期。", added],
            [
                "move_above",
                "规范执法行为，以公正监管守护公平竞争",
                "三是抓好队伍管理。",
                "严把制度建设和行政决策关口"
            ],
            ["fill_cell", "序号", "E4", "8"],
            ["track", format!("{of_party}4次"), format!("{of_party}5次")],
            ["track", format!("{of_both}19次"), format!("{of_both}21次")],
            ["accept", of_party],
            ["replace", "2025年2月18日", "2025年3月1日"],
            ["strike_from", "其他需要报告的情况", "本报告通过区政府门户网站"],
        ]),
    );
    let mut expected = serde_json::to_value(report.as_shown()).unwrap();
    let replace = |place: &mut Value, old: &str, new: &str| {
        let text = place.as_str().unwrap();
        assert!(text.contains(old), "{text}");
        *place = text.replace(old, new).into();
    };
    let measures = expected["measures"].as_array_mut().unwrap();
    replace(&mut measures[1]["body"][0]["text"], "坚持少而精、可执行", "坚持务实管用");
    measures.swap(1, 2);
    measures[7]["body"].as_array_mut().unwrap().remove(1);
    let body = measures[0]["body"].as_array_mut().unwrap();
    let (lead, text) = added.split_at("四是推行容缺受理。".len());
    body.push(json!({"lead": lead, "text": text}));
    let text = body[0]["text"].as_str().unwrap();
    let (one, other) = text.split_at(text.find("在望渡街道").unwrap());
    let (one, other) = (one.to_owned(), other.to_owned());
    body[0]["text"] = one.into();
    body.insert(1, json!({"lead": null, "text": other}));
    expected["attachments"][0]["table"]["rows"][2][4] = "8".into();
    replace(&mut expected["duties"][1]["body"][0]["text"], "专题学法4次", "专题学法5次");
    expected["signature"]["date"] = "2025-03-01".into();
    expected["other"] = json!([]);
    for tracked_changes in [TrackedChanges::Reject, TrackedChanges::Accept] {
        if tracked_changes == TrackedChanges::Accept {
            replace(&mut expected["duties"][0]["body"][0]["text"], "议题19次", "议题21次");
        }
        let given = Particulars { tracked_changes, ..Particulars::default() };
        let found = import(&docx, &given).unwrap_or_else(|failed| panic!("{}", told(&failed)));
        let account = found.account.text();
        let made = serde_json::to_value(read(&found.document.to_string())).unwrap();
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(made[key], *value, "{tracked_changes:?} {key}\n{account}");
        }
        assert_eq!(found.account.sentences.kept, found.account.sentences.all, "{account}");
    }
}
