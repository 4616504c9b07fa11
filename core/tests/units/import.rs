//! Documents become input: made-up ones as files in `cases/import/` with what must become of them, the
//! real ones with their structure as counted by hand, ways there and back, and what is no document.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use docx_rs::{
    AbstractNumbering, Docx, IndentLevel, Level, LevelJc, LevelText, NumberFormat, Numbering, NumberingId,
    Paragraph, Run, Start, Style, StyleType, Table, TableCell, TableRow,
};
use nianbao_core::diagnostic::Failed;
use nianbao_core::import::{
    Confidence, Debris, Import, MAX_BYTES, Particulars, SourceKind, StatedIndicator, carry, import,
    stated_indicators, write_yaml,
};
use nianbao_core::input::{self, Format, Manuscript};
use nianbao_core::report::{Report, WorkPlan};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

use crate::desk::{files_in, imported, of_tests, read, real_reports, refused, sample, seed, told, words};

#[test]
fn each_document_becomes_what_is_stated() {
    let mut count = 0;
    let mut wrong = String::new();
    for path in files_in(&of_tests("cases/import")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".expected.json") {
            continue;
        }
        count += 1;
        let expected = path.with_extension("expected.json");
        let expected = fs::read_to_string(&expected).unwrap_or_else(|_| panic!("{name} states nothing"));
        let expected: Value = serde_json::from_str(&expected).unwrap();
        let found = imported(&fs::read(&path).unwrap());
        if found.document != expected {
            wrong += &format!("{name} becomes\n{}", write_yaml(&found.document, ""));
        }
        let sentences = found.account.sentences;
        assert_eq!(sentences.kept, sentences.all, "{name} keeps every sentence");
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count >= 9, "the cases are found: {count}");
}

/// The form offers of a text what an import would take from it, each with where it stands.
#[test]
fn a_report_states_the_indicators_that_an_import_of_it_finds() {
    let report = r#"{"year": "2025", "issuer": {"name": "云州市临江区人民政府"},
        "preface": ["全年受理行政复议案件128件。"],
        "measures": [{"heading": "甲", "body": [{"text": "一审行政诉讼案件20件；受理行政复议案件130件。"}]}],
        "plans": [{"heading": "乙", "body": [{"text": "制定行政规范性文件9件。"}]}]}"#;
    let stated = |report: &str| stated_indicators(&unfinished(report));
    let keys = |all: &[StatedIndicator]| all.iter().map(|one| one.key.clone()).collect::<Vec<_>>();
    // Two figures of one thing are for a person to choose, and what is planned is not done.
    assert_eq!(keys(&stated(report)), ["litigation.first_instance"]);
    let agreed = report.replace("130件", "128件");
    let found = stated(&agreed);
    let one = found.iter().find(|one| one.name.contains("复议")).unwrap();
    assert_eq!((one.value.as_str(), one.unit.as_str()), ("128", "件"));
    assert_eq!(one.path.to_string(), "preface[0]");
    assert!(one.sentence.contains("受理行政复议案件128件"));
}

fn unfinished(report: &str) -> Report {
    Manuscript::parse(report.as_bytes(), Format::Json).unwrap().unfinished().unwrap().report
}

#[test]
fn what_is_written_as_yaml_is_read_again() {
    let whole = of_tests("cases/import/1-own-line-then-points.txt");
    let found = imported(&fs::read(whole).unwrap());
    let from_yaml = input::read::<Report>(write_yaml(&found.document, "由测试写成").as_bytes(), Format::Yaml);
    let from_json = input::read::<Report>(found.document.to_string().as_bytes(), Format::Json);
    let (from_yaml, from_json) = (from_yaml.unwrap().value, from_json.unwrap().value);
    assert_eq!(from_yaml, from_json);
    assert_eq!(from_yaml.signature.date.to_string(), "2025-02-18");
    let plan = imported(&fs::read(of_tests("cases/import/plan.txt")).unwrap());
    assert_eq!(plan.account.kind, SourceKind::WorkPlan);
    let plan =
        input::read::<WorkPlan>(write_yaml(&plan.document, "").as_bytes(), Format::Yaml).unwrap().value;
    assert_eq!(plan.sections[0].tasks.len(), 2);
}

#[test]
fn every_character_that_a_report_can_hold_survives_yaml() {
    let mut report = json!({
        "year": 2024,
        "issuer": { "name": "甲: [乙] #丙", "code": "0370214" },
        "preface": ["- 破折", "null", "~", "true", "'", "\"\\", "  前后有空格  ", "两\n行", "# 注", "{a: b}", "1.50", ""],
        "signature": { "date": "2025-02-18" },
    });
    report["attachments"] =
        json!([{ "title": "表", "table": { "columns": ["", "二"], "rows": [["", ""], ["a", "b"]] } }]);
    let yaml = write_yaml(&report, "第一行\n第二行");
    let from_yaml = input::read::<Report>(yaml.as_bytes(), Format::Yaml)
        .unwrap_or_else(|failed| panic!("{}\n{yaml}", told(&failed)));
    let from_json = input::read::<Report>(report.to_string().as_bytes(), Format::Json).unwrap();
    assert_eq!(from_yaml.value, from_json.value);
}

#[test]
fn what_is_missing_is_told_and_can_be_given() {
    let text = fs::read(of_tests("cases/import/4-run-in-only.txt")).unwrap();
    let found = imported(&text);
    let doubts: Vec<&str> = found.account.doubts.iter().map(|doubt| doubt.message.as_str()).collect();
    assert!(doubts.iter().any(|doubt| doubt.contains("成文日期")), "{doubts:?}");
    assert!(doubts.iter().any(|doubt| doubt.contains("可能是“芦湾区人民政府”")), "{doubts:?}");
    let Err(Failed::Report(missing)) =
        input::read::<Report>(found.document.to_string().as_bytes(), Format::Json)
    else {
        panic!("a report without a date is read")
    };
    let missing: Vec<String> = missing.iter().map(|one| format!("{} {}", one.code, one.path)).collect();
    assert_eq!(missing, ["missing-field signature", "missing-field issuer.name"]);

    let given = Particulars {
        year: Some("2023".parse().unwrap()),
        issuer: Some("芦湾区人民政府".parse().unwrap()),
        date: Some("2025-02-01".parse().unwrap()),
        ..Particulars::default()
    };
    let found = import(&text, &given).unwrap();
    let report = input::read::<Report>(found.document.to_string().as_bytes(), Format::Json).unwrap().value;
    assert_eq!((report.year.number(), &*report.issuer.name), (2023, "芦湾区人民政府"));
    assert_eq!(report.signature.date.to_string(), "2025-02-01");
}

/// What the account of this text asks about.
fn doubts(text: &str) -> Vec<String> {
    imported(text.as_bytes()).account.doubts.into_iter().map(|doubt| doubt.message).collect()
}

#[test]
fn nothing_is_replaced_in_silence() {
    let text = "临江街道办事处2025年法治政府建设年度报告\n一、2024年法治政府建设基本情况\n办理事项12件。\n\
                二、2025年推进法治政府建设存在的不足和原因\n人少，原因是编制少。\n三、2025年工作安排\n增配人员。\n\
                临江街道办事处\n2025年6月20日\n";
    let doubts = doubts(text);
    let of = |heading: &str| doubts.iter().filter(|doubt| doubt.contains(heading)).collect::<Vec<_>>();
    assert!(of("2024年法治政府建设基本情况")[0].contains("应当是2025年"), "{doubts:#?}");
    assert!(of("2025年工作安排")[0].contains("应当是2026年"), "{doubts:#?}");
    assert!(of("存在的不足和原因").is_empty(), "what is set as it is written: {doubts:#?}");
    assert!(of("2025-06-20")[0].contains("对不上"), "{doubts:#?}");
}

#[test]
fn an_indicator_that_is_unsure_is_asked_about_and_not_taken() {
    let report = |sentence: &str| {
        format!("临江区2024年法治政府建设年度报告\n一、主要举措和成效\n{sentence}\n二、存在的不足\n人少。\n")
    };
    for (sentence, taken, asked) in [
        ("共收到行政复议申请103宗，不受理12宗，受理91宗。", &["91"][..], 0),
        ("收到行政复议申请103宗。", &[], 1),
        ("办理人大代表建议147件，政协提案109件。", &["147", "109"], 0),
        ("办理建议提案256件，其中人大代表建议147件、政协提案109件。", &["256", "147", "109"], 0),
        ("收到检察建议12件。", &[], 0),
        ("涉及行政诉讼案件80宗，其中二审31宗。", &[], 1),
        ("行政诉讼案件80宗，其中一审49宗、二审31宗。", &["49"], 0),
        ("从宽处理1173件，其中不予处罚518件、从轻处罚655件。", &["1173"], 0),
        ("对轻微违法行为不予处罚518件。", &[], 1),
        ("不予、从轻、减轻处罚案件317件。", &["317"], 0),
        ("近三年受理行政复议案件300件。", &[], 1),
        ("上半年受理行政复议案件30件。", &[], 1),
        ("2023年受理行政复议案件80件，2024年受理行政复议案件91件。", &["91"], 0),
        ("受理行政复议案件91件。全区受理行政复议案件95件。", &[], 1),
        ("制定规范性文件11件，其中以政府办名义制定规范性文件5件。", &["11"], 0),
        ("制定、修改规范性文件11件。", &[], 1),
        ("负责人出庭应诉率同比提高5%。", &[], 0),
        ("负责人出庭应诉率达到100%。", &["100"], 0),
        ("聘请法律顾问和公职律师30人。", &[], 1),
        ("成功化解矛盾纠纷490件。", &["490"], 0),
    ] {
        let found = imported(report(sentence).as_bytes());
        let values: Vec<&str> = found.account.indicators.iter().map(|one| one.value.as_str()).collect();
        assert_eq!(values, taken, "{sentence}");
        let questions = found.account.doubts.iter().filter(|doubt| doubt.message.contains("没有列为指标"));
        assert_eq!(questions.count(), asked, "{sentence}\n{}", found.account.text());
    }
}

#[test]
fn what_a_site_says_in_a_sentence_is_counted_and_told() {
    let page = fs::read_to_string(of_tests("cases/import/page-in-two-blocks.html")).unwrap();
    let page =
        page.replace("<div class=\"foot\">", "<div class=\"foot\"><p>未经许可，不得转载本网站的内容。</p>");
    let found = imported(page.as_bytes());
    let sentences = found.account.sentences;
    assert_eq!(sentences.kept + 1, sentences.all, "{}", found.account.text());
    assert!(found.account.text().contains("不得转载"), "{}", found.account.text());
}

#[test]
fn traditional_characters_are_told_and_one_of_a_name_stays() {
    let found = imported(&fs::read(of_tests("cases/import/traditional-characters.txt")).unwrap());
    assert!(cleaned(&found, Debris::TraditionalCharacter) > 5);
    assert!(found.account.text().contains("繁体字"));
    let name =
        "云州市2024年法治政府建设年度报告\n一、主要做法\n局长李喆陞主持学法4次。\n二、存在的问题\n人少。\n";
    assert!(imported(name.as_bytes()).document.to_string().contains("李喆陞"));
}

#[test]
fn a_file_may_say_in_its_name_what_its_text_does_not() {
    let text = "一、加强学习\n学法4次，推进法治建设。\n二、规范执法\n办案12件。\n";
    let given = Particulars {
        file_name: Some("临江区2024年法治政府建设年度报告.txt".into()),
        ..Particulars::default()
    };
    let found = import(text.as_bytes(), &given).unwrap();
    assert_eq!(found.account.kind, SourceKind::Report);
    assert_eq!(found.document["title"], "临江区2024年法治政府建设年度报告");
    assert_eq!(found.document["year"], 2024);
    assert!(found.account.text().contains("取自文件名"));
    let odd = Particulars { file_name: Some("\u{202e}\n.报告.".into()), ..Particulars::default() };
    import(text.as_bytes(), &odd).unwrap();
}

#[test]
fn cleaning_tells_each_change_with_its_place() {
    let found = imported(&fs::read(of_tests("cases/import/topics-and-debris.txt")).unwrap());
    let changes = |kind| {
        let changes = found.account.cleaned.iter().filter(|change| change.kind == kind);
        changes
            .map(|change| (change.line, change.original.as_str(), change.replacement.as_str()))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        changes(Debris::SiteText),
        [
            (1, "云州市人民政府 通知公告", ""),
            (3, "发布日期：2022-03-01 来源：市司法局", ""),
            (15, "上一篇:某某通知", ""),
        ]
    );
    assert_eq!(changes(Debris::DoubledTitle), [(2, "云州市2021年法治政府建设情况报告", "")]);
    assert_eq!(changes(Debris::PaginationCode), [(8, "#p#分页标题#e#", "")]);
    assert_eq!(changes(Debris::FullWidthDigit).len(), 4);
    assert_eq!(changes(Debris::OddSpace), [(8, " ", "")]);
    assert_eq!(changes(Debris::PageNumber), [(14, "- 3 -", "")]);
    assert_eq!(changes(Debris::BrokenLine).len(), 1);
    let string = "bet365体育在线备用";
    assert_eq!(changes(Debris::Spam), [(4, string, "青溪市"), (8, string, "青溪市"), (10, string, "")]);
    let text = found.account.text();
    for words in ["文件性质：年度报告", "广告和博彩文字 3 处", "把握：低", "推定为“青溪市”", "请核对"]
    {
        assert!(text.contains(words), "no “{words}” in\n{text}");
    }
}

#[test]
fn marks_of_numbers_and_addresses_stay() {
    let text = "云州市2024年法治政府建设年度报告\n一、主要做法\n办案1,234件,用时9:30,见 http://a.cn/b?c=1,2 (共2页)。\
                完成率(98.5%)达标!用 Open Office 软件 ,说\"好\"。\n二、存在的问题\n无。\n";
    let found = imported(text.as_bytes());
    assert_eq!(
        found.document["measures"][0]["body"][0],
        "办案1,234件，用时9:30，见http://a.cn/b?c=1,2（共2页）。完成率（98.5%）达标！用Open Office软件，说“好”。"
    );
}

fn lengths(document: &Value, field: &str) -> usize {
    document[field].as_array().map_or(0, Vec::len)
}

/// The number of paragraphs with a lead in each part of section 1.
fn points(document: &Value) -> Vec<usize> {
    let parts = document["measures"].as_array().unwrap();
    let of_part =
        |part: &Value| part["body"].as_array().unwrap().iter().filter(|one| one["lead"].is_string()).count();
    parts.iter().map(of_part).collect()
}

fn keys(document: &Value) -> Vec<String> {
    let written = |one: &Value| {
        format!(
            "{} {}{}",
            one["key"].as_str().unwrap(),
            one["value"].as_str().unwrap(),
            one["unit"].as_str().unwrap()
        )
    };
    document["indicators"].as_array().unwrap().iter().map(written).collect()
}

/// How often the account tells of a kind of cleaning.
fn cleaned(found: &Import, kind: Debris) -> usize {
    found.account.cleaned.iter().filter(|change| change.kind == kind).count()
}

#[test]
fn jinan_is_recognised() {
    let Some(folder) = real_reports("济南 imported") else { return };
    let found = imported(seed(&folder, "002_").as_bytes());
    let document = &found.document;
    assert_eq!(
        (document["year"].as_u64(), document["title"].as_str()),
        (Some(2020), Some("济南市2020年法治政府建设情况报告"))
    );
    assert_eq!(document["issuer"]["name"], "济南市人民政府");
    assert_eq!(document["issuer"]["level"], "city");
    assert_eq!(lengths(document, "preface"), 1);
    assert_eq!(points(document), [3, 3, 3, 3, 3, 4, 4]);
    // 「2020年承诺的23件为民实事全部完成。」 before the first point.
    assert_eq!(lengths(&document["measures"][2], "body"), 4);
    assert_eq!(lengths(document, "problems"), 3);
    assert!(
        document["problems"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["detail"].is_string() && one["cause"].is_null())
    );
    assert_eq!(
        (lengths(document, "duties"), lengths(document, "plans"), lengths(document, "unplaced")),
        (0, 5, 0)
    );
    assert!(document["plans"][0]["heading"].is_null(), "the paragraph before the first plan has no heading");
    assert_eq!(
        keys(document),
        [
            "enforcement.leniency 25954件",
            "supervision.suggestions 412件",
            "supervision.motions 736件",
            "audit.projects 109项",
            "reconsideration.corrected_rate 32.42%",
            "litigation.first_instance 3155件",
            "litigation.lost_rate 19.86%",
            "litigation.attendance_rate 80.86%",
        ]
    );
    assert_eq!(cleaned(&found, Debris::PaginationCode), 2);
    // The site and its column before the title; an address and a date before the first sentence.
    assert_eq!(cleaned(&found, Debris::SiteText), 2);
    // 「主题广场， 21万」.
    assert_eq!(cleaned(&found, Debris::OddSpace), 1);
    assert_eq!(document["layout"], json!({ "headings": "run-in", "points": "together" }));
}

#[test]
fn dandong_is_recognised() {
    let Some(folder) = real_reports("丹东 imported") else { return };
    let found = imported(seed(&folder, "003_").as_bytes());
    let document = &found.document;
    assert_eq!(document["year"], 2021);
    assert_eq!(document["title"], "关于2021年法治政府建设情况的报告");
    assert_eq!(document["issuer"], json!({ "short_name": "丹东市", "kind": "government", "level": "city" }));
    // Six topics: the first on the first responsible person, four of measures, the last in two.
    assert_eq!(points(document), [4, 3, 3, 3]);
    assert_eq!((lengths(document, "duties"), lengths(&document["duties"][0], "body")), (1, 4));
    assert_eq!(
        (lengths(document, "problems"), lengths(document, "plans"), lengths(document, "unplaced")),
        (1, 1, 0)
    );
    let topics = found.account.placed.iter().filter(|placed| placed.path.to_string().ends_with("heading"));
    let sure: Vec<Confidence> = topics.map(|placed| placed.confidence).collect();
    let medium = Confidence::Medium;
    assert_eq!(sure, [Confidence::Low, medium, medium, medium, medium]);
    // The city's name fourteen times over: once in the preface … and once behind the last sentence of a paragraph.
    assert_eq!(cleaned(&found, Debris::Spam), dandong_spam(&folder));
    let spam = found.account.cleaned.iter().filter(|change| change.kind == Debris::Spam);
    let (names, removed): (Vec<_>, Vec<_>) = spam.partition(|change| change.replacement == "丹东市");
    assert_eq!((names.len(), removed.len()), (dandong_spam(&folder) - 1, 1));
    assert!(!document.to_string().contains("365"));
    assert_eq!(
        keys(document),
        [
            "legal_aid.consultations 500人次",
            "review.legality 89件",
            "reconsideration.accepted 220件",
            "reconsideration.concluded 203件",
            "mediation.accepted 6336件",
            "mediation.succeeded 6299件",
        ]
    );
}

/// How often the foreign string stands in the source.
fn dandong_spam(folder: &Path) -> usize {
    seed(folder, "003_").matches("365bet").count()
}

#[test]
fn chengyang_is_recognised() {
    let Some(folder) = real_reports("城阳 imported") else { return };
    let found = imported(seed(&folder, "004_").as_bytes());
    let document = &found.document;
    assert_eq!(document["year"], 2024);
    assert_eq!(
        document["issuer"],
        json!({ "short_name": "城阳区", "kind": "government", "level": "county" })
    );
    assert!(document["title"].is_null(), "the source has none");
    assert_eq!(points(document), [3, 3, 3, 4]);
    assert_eq!(
        (lengths(document, "problems"), lengths(document, "duties"), lengths(document, "plans")),
        (1, 3, 1)
    );
    let problem = &document["problems"][0];
    assert!(problem["problem"].as_str().unwrap().ends_with("职责争议等"));
    assert!(problem["cause"].as_str().unwrap().starts_with("主要原因在于"));
    // The heading has lost half its number in the source, and keeps what is left.
    assert_eq!(document["duties"][2]["heading"], "是注重督促考核");
    assert_eq!(cleaned(&found, Debris::BrokenLine), 1);
    assert_eq!(lengths(document, "unplaced"), 0);
    assert_eq!(
        keys(document),
        [
            "service.items 1521项",
            "decisions.major 13件",
            "documents.made 2件",
            "documents.repealed 4件",
            "enforcement.leniency 317件",
            "disclosure.published 23000条",
            "audit.projects 26项",
            "reconsideration.accepted 666件",
            "reconsideration.concluded 594件",
        ]
    );
    // As it was entered by hand, but for section 2, which that has divided.
    let by_hand = fs::read_to_string(folder.join("samples/chengyang-2024.yaml")).unwrap();
    let by_hand = serde_json::to_value(read(&by_hand)).unwrap();
    let areas = |mut measures: Value| {
        measures.as_array_mut().unwrap().iter_mut().for_each(|one| one["area"] = Value::Null);
        measures
    };
    let given = Particulars {
        issuer: "青岛市城阳区人民政府".parse().ok(),
        date: "2025-02-20".parse().ok(),
        ..Particulars::default()
    };
    let whole = import(seed(&folder, "004_").as_bytes(), &given).unwrap().document.to_string();
    let whole = serde_json::to_value(read(&whole)).unwrap();
    assert_eq!(whole["measures"], areas(by_hand["measures"].clone()));
    assert_eq!(whole["preface"], by_hand["preface"]);
    // Which problems a plan answers the source does not say.
    assert_eq!(whole["plans"][0]["body"], by_hand["plans"][0]["body"]);
}

#[test]
fn the_plan_of_jimo_is_recognised_with_every_unit() {
    let Some(folder) = real_reports("即墨 imported") else { return };
    let source = seed(&folder, "001_");
    let found = imported(source.as_bytes());
    assert_eq!(found.account.kind, SourceKind::WorkPlan);
    let document = &found.document;
    assert_eq!(document["title"], "2020年青岛市即墨区法治政府建设工作计划");
    assert_eq!(document["issuer"]["name"], "中共青岛市即墨区委全面依法治区委员会办公室");
    assert_eq!(document["year"], 2020);
    let plan = input::read::<WorkPlan>(document.to_string().as_bytes(), Format::Json).unwrap().value;
    let tasks: Vec<usize> = plan.sections.iter().map(|section| section.tasks.len()).collect();
    assert_eq!(tasks, [6, 2, 4, 5, 6, 5, 3, 3]);
    let all: Vec<_> = plan.sections.iter().flat_map(|section| &section.tasks).collect();
    // Only the first names no lead; all name who supports.
    assert_eq!(all.iter().filter(|task| task.lead.is_none()).count(), 1);
    assert!(all[0].lead.is_none() && all.iter().all(|task| !task.support.is_empty()));
    assert_eq!(all[0].support.len(), 7);
    assert_eq!(&**all[4].lead.as_ref().unwrap(), "区民政局、发展改革局");
    // Each lead, and the last of who supports, as they stand in the source.
    let leads: Vec<&str> =
        source.split("牵头单位:").skip(1).map(|rest| &rest[..rest.find(';').unwrap()]).collect();
    let found_leads: Vec<&str> = all.iter().filter_map(|task| task.lead.as_deref()).collect();
    assert_eq!(found_leads, leads);
    let supports: Vec<String> =
        source.split("责任单位:").skip(2).map(|rest| words(&rest[..rest.find(')').unwrap()])).collect();
    let found_supports: Vec<String> =
        all[1..].iter().map(|task| task.support.iter().map(|name| words(name)).collect()).collect();
    assert_eq!(found_supports, supports);
    assert!(plan.closing.unwrap().starts_with("本计划确定的工作任务"));
    assert_eq!((cleaned(&found, Debris::BrokenLine), cleaned(&found, Debris::PageNumber)), (3, 1));
    assert_eq!(plan.unplaced.len(), 1, "only the line of its date has no field");
}

#[test]
fn the_digest_of_qingdao_is_no_report() {
    let Some(folder) = real_reports("青岛 imported") else { return };
    let found = imported(seed(&folder, "000_").as_bytes());
    assert_eq!(found.account.kind, SourceKind::Digest);
    assert!(found.account.text().contains("这不是年度报告"));
    let document = &found.document;
    assert_eq!(document["title"], "青岛法治政府建设亮出“2020成绩单”");
    // Twenty-two paragraphs and headings below the title; three lines of the site are gone.
    assert_eq!((lengths(document, "unplaced"), cleaned(&found, Debris::SiteText)), (22, 3));
    let stated = keys(document);
    // As counted by hand in the text, 3184家 twice, each of the others once: all but 9300多项 of the ten
    // districts, 110万 downloads and 19大项, whose words tell no name or no unit.
    assert_eq!(stated.len(), 49);
    for indicator in [
        "enforcement.leniency 4172起",
        "litigation.first_instance 1986件",
        "litigation.attendance_rate 100%",
        "legal_aid.cases 15000件",
        "新设立社会组织人民调解委员会 129个",
        "新增执法人员证件 2817个",
        "偿还中小企业欠款 3036000000元",
        "清偿率 100%",
    ] {
        assert!(stated.iter().any(|one| one == indicator), "no {indicator} in {stated:#?}");
    }
    for (indicator, sentence) in found.account.indicators.iter().map(|one| (&one.value, &one.sentence)) {
        assert!(!sentence.is_empty(), "{indicator} tells where it comes from");
    }
}

/// The sample as a person would have typed it, in the mandated order.
fn typed(report: &Report) -> Vec<(usize, String)> {
    let year = report.year.number();
    let mut lines = vec![(0, report.title.as_deref().unwrap().replace('\n', ""))];
    let addressees: Vec<&str> = report.addressees.iter().map(|name| &**name).collect();
    lines.push((9, format!("{}：", addressees.join("，"))));
    lines.extend(report.preface.iter().map(|text| (9, text.to_string())));
    let part = |lines: &mut Vec<(usize, String)>,
                heading: Option<&str>,
                body: &[nianbao_core::report::Paragraph]| {
        lines.extend(heading.map(|heading| (2, heading.to_owned())));
        lines.extend(
            body.iter().map(|one| (9, format!("{}{}", one.lead.as_deref().unwrap_or_default(), &*one.text))),
        );
    };
    lines.push((1, format!("{year}年推进法治政府建设的主要举措和成效")));
    for one in &report.measures {
        part(&mut lines, one.heading.as_deref(), &one.body);
    }
    lines.push((1, "存在的不足和原因".into()));
    for one in &report.problems {
        lines.push((2, one.problem.to_string()));
        let detail = one.detail.as_deref().unwrap_or_default();
        let cause = one.cause.as_deref().unwrap_or_default();
        lines.push((9, format!("{detail}。主要原因是{cause}。")));
    }
    lines.push((1, "党政主要负责人履行推进法治建设第一责任人职责情况".into()));
    for one in &report.duties {
        part(&mut lines, one.heading.as_deref(), &one.body);
    }
    lines.push((1, format!("{}年主要安排", report.year.next())));
    for one in &report.plans {
        part(&mut lines, one.heading.as_deref(), &one.body);
    }
    if !report.other.is_empty() {
        lines.push((1, "其他需要报告的情况".into()));
        lines.extend(report.other.iter().map(|text| (9, text.to_string())));
    }
    lines.push((9, report.closing.to_string()));
    lines.extend(report.signature.names.iter().map(|name| (9, name.to_string())));
    let date = report.signature.date;
    lines.push((9, format!("{}年{}月{}日", date.year(), date.month(), date.day())));
    lines
}

/// The same lines with their numbers.
fn numbered(lines: &[(usize, String)]) -> String {
    const NUMERALS: [&str; 12] = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"];
    let (mut chapter, mut section) = (0, 0);
    let mut text = String::new();
    for (level, line) in lines {
        match level {
            1 => {
                (chapter, section) = (chapter + 1, 0);
                text += &format!("{}、{line}\n", NUMERALS[chapter - 1]);
            }
            2 => {
                section += 1;
                text += &format!("（{}）{line}\n", NUMERALS[section - 1]);
            }
            _ => text += &format!("{line}\n"),
        }
    }
    text
}

/// What the sample must be after it was typed and imported.
fn assert_is_sample(found: &Import, sample: &Report) {
    let sentences = found.account.sentences;
    assert_eq!(
        (sentences.kept, sentences.placed),
        (sentences.all, sentences.all),
        "{:#?}",
        found.account.placed
    );
    let report = read(&found.document.to_string());
    assert_eq!(report.year, sample.year);
    assert_eq!(report.addressees, sample.addressees);
    assert_eq!(report.preface, sample.preface);
    let headings = |report: &Report| {
        let measures = report.measures.iter().map(|one| one.heading.clone());
        let duties = report.duties.iter().map(|one| one.heading.clone());
        measures.chain(duties).chain(report.plans.iter().map(|one| one.heading.clone())).collect::<Vec<_>>()
    };
    assert_eq!(headings(&report), headings(sample));
    let bodies = |report: &Report| report.measures.iter().map(|one| one.body.len()).collect::<Vec<_>>();
    assert_eq!(bodies(&report), bodies(sample));
    assert_eq!(report.problems.len(), sample.problems.len());
    assert!(report.problems.iter().all(|one| one.cause.is_some()));
    assert_eq!((report.other, report.closing), (sample.other.clone(), sample.closing.clone()));
    assert_eq!(report.signature.date, sample.signature.date);
    assert_eq!(report.signature.names, sample.signature.names);
}

#[test]
fn the_sample_comes_back_from_text_in_both_encodings() {
    let sample = read(sample());
    let text = numbered(&typed(&sample));
    assert_is_sample(&imported(text.as_bytes()), &sample);
    let (gb18030, _, _) = encoding_rs::GB18030.encode(&text);
    assert_is_sample(&imported(&gb18030), &sample);
}

/// What is taken for an indicator is what a person entered as that indicator.
#[test]
fn the_indicators_of_the_sample_are_those_entered_by_hand() {
    let sample = read(sample());
    let found = imported(numbered(&typed(&sample)).as_bytes());
    let by_hand = |key: &str| sample.indicators.iter().find(|one| one.key() == key);
    for one in &found.account.indicators {
        if let Some(entered) = by_hand(&one.key) {
            assert_eq!(one.value, entered.value.to_string(), "{} in {}", one.name, one.sentence);
        }
    }
    let entered = found.account.indicators.iter().filter(|one| by_hand(&one.key).is_some()).count();
    assert!(entered > 8, "{}", found.account.text());
}

fn packed(docx: Docx) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    docx.build().pack(&mut bytes).unwrap();
    bytes.into_inner()
}

fn said(text: &str) -> Paragraph {
    Paragraph::new().add_run(Run::new().add_text(text))
}

#[test]
fn the_sample_comes_back_from_word_with_numbers_typed_by_hand() {
    let sample = read(sample());
    let text = numbered(&typed(&sample));
    let docx = text.lines().fold(Docx::new(), |docx, line| docx.add_paragraph(said(line)));
    assert_is_sample(&imported(&packed(docx)), &sample);
}

#[test]
fn the_sample_comes_back_from_word_with_styles() {
    let sample = read(sample());
    let mut docx = Docx::new();
    for (id, name, level) in [("a", "heading 1", 0), ("b", "heading 2", 1)] {
        docx = docx.add_style(Style::new(id, StyleType::Paragraph).name(name).outline_lvl(level));
    }
    docx = docx.add_style(Style::new("t", StyleType::Paragraph).name("Title"));
    for (level, line) in typed(&sample) {
        let style = match level {
            0 => "t",
            1 => "a",
            2 => "b",
            _ => "Normal",
        };
        docx = docx.add_paragraph(said(&line).style(style));
    }
    assert_is_sample(&imported(&packed(docx)), &sample);
}

#[test]
fn the_sample_comes_back_from_word_with_automatic_numbers() {
    let sample = read(sample());
    let level = |at: usize, text: &str| {
        Level::new(
            at,
            Start::new(1),
            NumberFormat::new("chineseCounting"),
            LevelText::new(text),
            LevelJc::new("left"),
        )
    };
    let mut docx = Docx::new()
        .add_abstract_numbering(
            AbstractNumbering::new(2).add_level(level(0, "%1、")).add_level(level(1, "（%2）")),
        )
        .add_numbering(Numbering::new(2, 2));
    for (level, line) in typed(&sample) {
        let paragraph = match level {
            1 | 2 => said(&line).numbering(NumberingId::new(2), IndentLevel::new(level - 1)),
            _ => said(&line),
        };
        docx = docx.add_paragraph(paragraph);
    }
    assert_is_sample(&imported(&packed(docx)), &sample);
}

#[test]
fn tables_of_word_become_attachments() {
    let row = |cells: [&str; 2]| {
        TableRow::new(cells.map(|cell| TableCell::new().add_paragraph(said(cell))).to_vec())
    };
    let table = Table::new(vec![row(["指标", "数值"]), row(["受理复议", "52件"])]);
    let text = fs::read_to_string(of_tests("cases/import/4-run-in-only.txt")).unwrap();
    let mut docx = Docx::new();
    for line in text.lines() {
        docx = docx.add_paragraph(said(line));
        if line.starts_with("（二）") {
            docx = docx.add_paragraph(said("主要指标表")).add_table(table.clone());
        }
    }
    let found = imported(&packed(docx));
    assert_eq!(
        found.document["attachments"],
        json!([{ "title": "主要指标表", "table": { "columns": ["指标", "数值"], "rows": [["受理复议", "52件"]] } }])
    );
    let sentences = found.account.sentences;
    assert_eq!(sentences.kept, sentences.all);
}

#[test]
fn this_year_begins_with_what_stays_of_last_year() {
    let last = read(sample());
    let carried = carry(&last, "2025".parse().unwrap());
    let report = &carried.report;
    assert_eq!(report["year"], 2025);
    assert_eq!(report["title"], last.title.as_deref().unwrap().replace("2024", "2025"));
    assert_eq!(report["issuer"]["name"], *last.issuer.name);
    for empty in ["preface", "measures", "problems", "duties", "plans", "other", "attachments", "printed_on"]
    {
        assert!(report[empty].is_null(), "{empty} must be written anew");
    }
    assert!(report["signature"]["date"].is_null());
    let indicators = report["indicators"].as_array().unwrap();
    assert_eq!(indicators.len(), last.indicators.len());
    for (new, old) in indicators.iter().zip(&last.indicators) {
        assert_eq!(
            (new["key"].as_str(), new["previous"].as_str()),
            (Some(old.key()), Some(&*old.value.to_string()))
        );
        assert!(new["value"].is_null());
    }
    let tasks =
        input::read::<WorkPlan>(write_yaml(&carried.plan(), "").as_bytes(), Format::Yaml).unwrap().value;
    assert_eq!(tasks.year.number(), 2025);
    let count: usize = tasks.sections.iter().map(|section| section.tasks.len()).sum();
    assert_eq!(count, last.plans.iter().map(|plan| plan.body.len()).sum::<usize>());
    // What is missing is told, field by field.
    let Err(Failed::Report(missing)) = input::read::<Report>(report.to_string().as_bytes(), Format::Json)
    else {
        panic!("it cannot be issued as it is")
    };
    assert!(missing.iter().all(|one| one.code == "missing-field"), "{missing:#?}");
    assert_eq!(missing.len(), last.indicators.len() + 1);
}

/// A ZIP archive of these files.
fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn what_is_no_document_is_refused_with_its_reason() {
    assert_eq!(refused(b""), ["empty-file"]);
    assert_eq!(refused(b" \n\t "), ["empty-file"]);
    assert_eq!(refused("白菜两斤\n萝卜三斤\n".as_bytes()), ["not-a-report"]);
    assert_eq!(refused(&vec![b'a'; MAX_BYTES + 1]), ["source-too-large"]);
    let page = [b"<html><body>".as_slice(), &vec![b'a'; 17 << 20]].concat();
    assert_eq!(refused(&page), ["source-too-large"]);
    // Neither UTF-8 nor GB18030, and both in one.
    assert_eq!(refused(b"\x00\x01\x02 \xfd\xff"), ["not-text"]);
    let mixed = ["法治政府建设".as_bytes(), b"\xb7\xa8\xff\xff"].concat();
    assert_eq!(refused(&mixed), ["not-text"]);
    // A file whose name lies: its bytes tell what it is.
    assert_eq!(refused(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), ["not-text"]);
    assert_eq!(refused(&zipped(&[("a.txt", b"a")])), ["broken-source"]);
    assert_eq!(refused(b"PK\x03\x04 and no more"), ["broken-source"]);
    assert_eq!(refused(b"%PDF-1.7 and no more"), ["broken-source"]);
    let ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    assert_eq!(refused(&ole), ["old-word"]);
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(refused(&[ole, vec![0; 500], name].concat()), ["encrypted-source"]);
}

#[test]
fn a_bomb_is_not_unpacked_and_nothing_is_fetched() {
    assert_eq!(refused(&zipped(&[("word/document.xml", &vec![b' '; 80 << 20])])), ["source-bomb"]);
    assert_eq!(refused(&zipped(&[("word/document.xml", &vec![b' '; 8 << 20])])), ["source-bomb"]);
    let outside = br#"<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>
        <w:document><w:body><w:p><w:r><w:t>&e;</w:t></w:r></w:p></w:body></w:document>"#;
    assert_eq!(refused(&zipped(&[("word/document.xml", outside)])), ["broken-source"]);
    let unknown = b"<w:document><w:body><w:p><w:r><w:t>&e;</w:t></w:r></w:p></w:body></w:document>";
    assert_eq!(refused(&zipped(&[("word/document.xml", unknown)])), ["broken-source"]);
    let deep = ["<html><body>", &"<div>".repeat(100_000), "法治政府"].concat();
    assert_eq!(refused(deep.as_bytes()), ["broken-source"]);
}

#[test]
fn boxes_and_deleted_text_of_word_are_told_or_left_out() {
    let xml = "<w:document xmlns:w='w'><w:body>\
        <w:p><w:r><w:t>望渡县2024年法治政府建设年度报告</w:t></w:r></w:p>\
        <w:p><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>框里的字</w:t></w:r></w:p></w:txbxContent></w:pict></w:r></w:p>\
        <w:p><w:r><w:t>一、主要做法</w:t></w:r></w:p>\
        <w:p><w:del><w:r><w:delText>删去的字</w:delText></w:r></w:del><w:ins><w:r><w:t>执法</w:t></w:r></w:ins><w:r><w:t>公正&amp;文明&#x3002;</w:t></w:r></w:p>\
        <w:p><w:r><w:t>二、存在的问题</w:t><w:br/><w:t>学法不够。</w:t></w:r></w:p></w:body></w:document>";
    let found = imported(&zipped(&[("word/document.xml", xml.as_bytes())]));
    assert_eq!(found.document["measures"][0]["body"][0], "执法公正&文明。");
    assert_eq!(found.document["problems"][0]["problem"], "学法不够。");
    let text = found.account.text();
    assert!(text.contains("文本框1个") && !found.document.to_string().contains("框里"), "{text}");
    assert!(!found.document.to_string().contains("删去"));
}

/// The texts of a document that the source must have said.
fn texts(document: &Value) -> Vec<&str> {
    const OWN_WORDS: [&str; 10] =
        ["note", "template", "indicators", "kind", "level", "layout", "area", "holder", "year", "date"];
    match document {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => {
            let said = fields.iter().filter(|(key, _)| !OWN_WORDS.contains(&key.as_str()));
            said.flat_map(|(_, value)| texts(value)).collect()
        }
        _ => vec![],
    }
}

/// Letters and figures only; full-width figures as the others.
fn marks_aside(text: &str) -> Vec<char> {
    let plain = |c: char| match c {
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32).unwrap(),
        c => c,
    };
    text.chars().filter(|c| c.is_alphanumeric()).map(plain).collect()
}

/// Whether these stand there in this order, with other things (debris, numbers) between them or not.
fn is_within(said: &[char], source: &[char]) -> bool {
    let mut source = source.iter();
    said.iter().all(|c| source.any(|other| other == c))
}

/// Pieces of which documents are made, in any order, and what breaks them.
fn documents() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("一、主要举措和成效\n".to_owned()),
        Just("二、存在的不足和原因\n".to_owned()),
        Just("三、第一责任人履职情况\n".to_owned()),
        Just("四、2025年主要安排\n".to_owned()),
        Just("（一）规范执法。".to_owned()),
        Just("(二)\n".to_owned()),
        Just("1.抓培训。\n".to_owned()),
        Just("一是学法。二是用法。".to_owned()),
        Just("，主要原因是考核不够。\n".to_owned()),
        Just("云州市2024年法治政府建设年度报告\n".to_owned()),
        Just("云州市人民政府：\n".to_owned()),
        Just("云州市人民政府\n2025年2月30日\n".to_owned()),
        Just("2025年2月8日\n（此件公开发布）\n附件：甲\n".to_owned()),
        Just("特此报告。\n".to_owned()),
        Just("（牵头单位：；责任单位：、）\n".to_owned()),
        Just("#p#分页标题#e#bt365体育在线".to_owned()),
        Just("\n\n　　\t\u{200b}\u{feff}\u{a0}".to_owned()),
        Just("受理行政复议案件12,345余件(含结转),".to_owned()),
        "[\\PC\\n]{0,12}",
        "[一二三十（）()、.。：，；“”0-9年月日是第部分\\n ]{0,16}",
    ];
    proptest::collection::vec(piece, 0..40)
        .prop_map(|pieces| format!("法治政府建设情况报告\n{}", pieces.concat()))
}

#[test]
fn no_sentence_is_dropped_whatever_the_text() {
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    runner
        .run(&documents(), |text| {
            let Ok(found) = import(text.as_bytes(), &Particulars::default()) else { return Ok(()) };
            let sentences = found.account.sentences;
            prop_assert_eq!(sentences.kept, sentences.all, "{}\n{}", text, write_yaml(&found.document, ""));
            // None is invented either.
            let source = marks_aside(&text);
            for said in texts(&found.document) {
                prop_assert!(is_within(&marks_aside(said), &source), "{} is not in {}", said, text);
            }
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}
